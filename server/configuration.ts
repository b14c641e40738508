/**
 * The repository's configuration: `attest.toml`, or `[tool.attest]` in `pyproject.toml`, at the root. Read by the
 * command line and the language server alike. Pure: texts in, configuration and mistakes out; nothing throws, and
 * what is not understood is left out and reported with its place.
 *
 * Configuration says how much a finding counts and what must be proven. It names no program, and no file outside
 * of the root.
 */
import type { Guarantee } from '../rules/model.ts';
import { CATEGORIES, type Rule } from '../rules/rule.ts';
import { CONFIGURATION, LEVELS, PRESET_NAMES, type PresetName, type Shape, type Threshold } from './configuration-keys.ts';
import { heaviness, matcher } from './globs.ts';
import type { Guarantees } from './model/classes.ts';
import { PRESETS } from './presets.ts';
import type { PlacedRequirement } from './required-evidence.ts';
import type { ConfiguredLevel } from './review/judge.ts';
import { readToml, type TomlPlace, type TomlTable, type TomlValue } from './toml.ts';
import { fullId, nearest, ruleNamed, similarRules } from './views/named.ts';

export const CONFIGURATION_FILES = ['attest.toml', 'pyproject.toml'] as const;
export type ConfigurationFile = (typeof CONFIGURATION_FILES)[number];

/** A mistake in a configuration file. */
export interface ConfigurationProblem extends TomlPlace {
  readonly file: string;
  /** A sentence without its full stop. */
  readonly message: string;
}

/** Where a setting comes from. */
export interface Origin {
  /** `pyproject.toml`, ``preset `strict` ``, an option of the command line, or `default`. */
  readonly from: string;
  /** From 1; 0 where there are no lines. */
  readonly line: number;
}

export interface Setting<T> extends Origin {
  readonly value: T;
}

/** A level by what it is for: the full id of a rule, a category, or `*`. */
export interface LevelSetting extends Setting<ConfiguredLevel> {
  readonly name: string;
}

/** Levels that hold for some files, or (without `paths`) for all. */
export interface Layer {
  readonly paths: readonly string[] | undefined;
  applies(path: string): boolean;
  readonly levels: ReadonlyMap<string, LevelSetting>;
}

export interface GuaranteeSetting extends Setting<readonly Guarantee[]> {
  readonly class: string;
}

export interface Configuration {
  /** The file that was read; undefined when there is none. */
  readonly file: ConfigurationFile | undefined;
  readonly presets: readonly Setting<PresetName>[];
  readonly include: readonly Setting<string>[];
  readonly exclude: readonly Setting<string>[];
  /** Files that are reviewed although they do not look like tests. */
  includes(path: string): boolean;
  /** Files that are never reviewed. */
  excludes(path: string): boolean;
  /** Presets first, the file's overrides last; a later one goes first. */
  readonly layers: readonly Layer[];
  readonly guarantees: readonly GuaranteeSetting[];
  readonly requirements: readonly PlacedRequirement[];
  readonly baseline: Setting<string>;
  readonly failOn: Setting<Threshold>;
}

export interface ConfigurationReading {
  readonly configuration: Configuration;
  readonly problems: readonly ConfigurationProblem[];
}

export const DEFAULT: Origin = { from: 'default', line: 0 };
export const DEFAULT_BASELINE = 'attest-baseline.json';

/** From the texts of the files at the root; those that do not exist are left out. */
export function configurationOf(texts: Partial<Readonly<Record<ConfigurationFile, string>>>, rules: readonly Rule[]): ConfigurationReading {
  const problems: ConfigurationProblem[] = [];
  const builder = new Builder(rules, problems);
  const found = CONFIGURATION_FILES.flatMap((file) => {
    const text = texts[file];
    const table = text === undefined ? undefined : tableOf(file, text, problems);
    return table === undefined ? [] : [{ file, table }];
  });
  const [own, other] = found;
  if (own !== undefined && other !== undefined)
    problems.push({ file: other.file, ...other.table.at, message: `\`attest.toml\` configures Attest already; keep one of the two` });
  return { configuration: builder.build(own), problems };
}

/** Which of the patterns of `include` or `exclude` fits a path, if any. */
export function decidingPattern(patterns: readonly Setting<string>[], path: string): Setting<string> | undefined {
  return patterns.find((it) => matcher([it.value])(path));
}

/** Does a file with this text say anything to Attest, if only by mistake? Any `attest.toml` does. */
export function configures(file: ConfigurationFile, text: string): boolean {
  if (file === 'attest.toml') return true;
  if (!text.includes('attest')) return false;
  const reading = readToml(text);
  if ('error' in reading) return true;
  const tool = reading.table.entries.get('tool')?.value;
  return tool?.is === 'table' && tool.entries.has('attest');
}

/** What it promises for base classes, as an engine takes it. */
export function promisesOf({ guarantees }: Configuration): Guarantees {
  return Object.fromEntries(guarantees.map((it) => [it.class, it.value]));
}

function tableOf(file: ConfigurationFile, text: string, problems: ConfigurationProblem[]): TomlTable | undefined {
  const reading = readToml(text);
  if ('error' in reading) {
    problems.push({ file, ...reading.error.at, message: `this is no TOML: ${reading.error.message}` });
    return undefined;
  }
  if (file === 'attest.toml') return reading.table;
  const tool = reading.table.entries.get('tool')?.value;
  const entry = tool?.is === 'table' ? tool.entries.get('attest') : undefined;
  if (entry === undefined) return undefined;
  if (entry.value.is === 'table') return entry.value;
  problems.push({ file, ...entry.key, message: '`tool.attest` must be a table' });
  return undefined;
}

// ---------------------------------------------------------------------------------------------- checking

/** What the shape allows of a value; the rest is reported. */
class Checker {
  readonly #file: string;
  readonly #rules: readonly Rule[];
  readonly #problems: ConfigurationProblem[];

  constructor(file: string, rules: readonly Rule[], problems: ConfigurationProblem[]) {
    this.#file = file;
    this.#rules = rules;
    this.#problems = problems;
  }

  table(value: TomlTable, shape: Extract<Shape, { readonly is: 'table' }>, of: string): TomlTable {
    const entries: TomlTable['entries'] = new Map();
    for (const [name, entry] of value.entries) {
      const key = Object.hasOwn(shape.keys, name) ? shape.keys[name] : undefined;
      if (key === undefined) {
        this.#wrong(entry.key, `there is no key \`${name}\`${of}${hint(nearest(name, Object.keys(shape.keys)))}`);
        continue;
      }
      const checked = this.#value(entry.value, key.shape, `\`${name}\``);
      if (checked !== undefined) entries.set(name, { key: entry.key, value: checked });
    }
    for (const [name, key] of Object.entries(shape.keys))
      if (key.required === true && !value.entries.has(name)) this.#wrong(value.at, `\`${name}\` is missing${of}`);
    return { is: 'table', at: value.at, entries };
  }

  #value(value: TomlValue, shape: Shape, what: string): TomlValue | undefined {
    switch (shape.is) {
      case 'text':
        if (value.is !== 'text') return this.#wrong(value.at, `${what} must be a text in quotes`);
        return this.#text(value, shape.means, what);
      case 'choice':
        if (value.is === 'text' && shape.of.includes(value.text)) return value;
        return this.#wrong(value.at, `${what} must be ${oneOf(shape.of)}${value.is === 'text' ? hint(nearest(value.text, shape.of)) : ''}`);
      case 'list':
        if (value.is !== 'list') return this.#wrong(value.at, `${what} must be a list: \`[…]\``);
        return { ...value, items: value.items.flatMap((it) => this.#value(it, shape.of, `each item of ${what}`) ?? []) };
      case 'table':
        if (value.is !== 'table') return this.#wrong(value.at, `${what} must be a table: \`{…}\``);
        return this.table(value, shape, ` in ${what}`);
      case 'map':
        if (value.is !== 'table') return this.#wrong(value.at, `${what} must be a table: \`{…}\``);
        return this.#map(value, shape, what);
      case 'either': {
        const kinds = { text: 'a text', choice: 'a text', list: 'a list', table: 'a table', map: 'a table', either: '' };
        const fitting = shape.of.find((it) => kinds[it.is] === `a ${value.is}`);
        if (fitting !== undefined) return this.#value(value, fitting, what);
        return this.#wrong(value.at, `${what} must be ${shape.of.map((it) => (it.is === 'choice' ? oneOf(it.of) : kinds[it.is])).join(', or ')}`);
      }
    }
  }

  #text(value: Extract<TomlValue, { readonly is: 'text' }>, means: Extract<Shape, { readonly is: 'text' }>['means'], what: string): TomlValue | undefined {
    if (value.text.trim() === '') return this.#wrong(value.at, `${what} must not be empty`);
    if (means === 'rule') return this.#isName(value.text, value.at) ? value : undefined;
    if (means === 'reason') return value;
    const path = value.text.replaceAll('\\', '/');
    if (/^\/|^[A-Za-z]:|^~/.test(path)) return this.#wrong(value.at, `${what} must be relative to the root, not \`${value.text}\``);
    if (path.split('/').includes('..')) return this.#wrong(value.at, `${what} must stay below the root: \`..\` is not allowed`);
    const heavy = means === 'glob' ? heaviness(value.text) : undefined;
    if (heavy !== undefined) return this.#wrong(value.at, `${what} ${heavy}`);
    if (value.text.includes('\0')) return this.#wrong(value.at, `${what} must not hold a NUL character`);
    return value;
  }

  #map(value: TomlTable, shape: Extract<Shape, { readonly is: 'map' }>, what: string): TomlTable {
    const entries: TomlTable['entries'] = new Map();
    for (const [name, entry] of shape.names === 'class' ? dotted(value) : value.entries) {
      const known = shape.names === 'class' ? this.#isClass(name, entry.key) : this.#isName(name, entry.key, shape.names === 'evidence');
      const checked = this.#value(entry.value, shape.of, `${what} of \`${name}\``);
      if (known && checked !== undefined) entries.set(name, { key: entry.key, value: checked });
    }
    return { is: 'table', at: value.at, entries };
  }

  #isClass(name: string, at: TomlPlace): boolean {
    if (/^[\p{L}_][\p{L}\p{N}_]*(?:\.[\p{L}_][\p{L}\p{N}_]*)+$/u.test(name)) return true;
    this.#wrong(at, `\`${name}\` must be the full name of a class, with its module: \`package.module.Class\``);
    return false;
  }

  #isName(name: string, at: TomlPlace, evidence = false): boolean {
    const isCategory = CATEGORIES.some((it) => it.id === name);
    const rule = ruleNamed(this.#rules, name);
    if (isCategory || (name === '*' && !evidence)) return true;
    if (rule === undefined) {
      const similar = [
        ...nearest(
          name,
          CATEGORIES.map((it) => it.id),
        ),
        ...similarRules(this.#rules, name),
      ];
      this.#wrong(at, `there is no rule or category \`${name}\`${hint(similar.slice(0, 3))}`);
      return false;
    }
    if (!evidence || rule.kind === 'pass') return true;
    this.#wrong(at, `\`${name}\` does not look for good practice, so it cannot be required; \`attest rules\` lists what does (\`pass\`)`);
    return false;
  }

  #wrong(at: TomlPlace, message: string): undefined {
    this.#problems.push({ file: this.#file, line: at.line, column: at.column, endLine: at.endLine, endColumn: at.endColumn, message });
  }
}

/** `nova.test.TestCase = […]`, unquoted, is a table in a table in TOML. */
function dotted(table: TomlTable, before = ''): TomlTable['entries'] {
  const entries: TomlTable['entries'] = new Map();
  for (const [name, entry] of table.entries) {
    if (entry.value.is === 'table') for (const [inner, it] of dotted(entry.value, `${before}${name}.`)) entries.set(inner, it);
    else entries.set(`${before}${name}`, entry);
  }
  return entries;
}

function oneOf(words: readonly string[]): string {
  return `one of ${words.map((it) => `\`${it}\``).join(', ')}`;
}

function hint(words: readonly string[]): string {
  return words.length === 0 ? '' : `; did you mean ${words.map((it) => `\`${it}\``).join(' or ')}?`;
}

// ---------------------------------------------------------------------------------------------- building

class Builder {
  readonly #rules: readonly Rule[];
  readonly #problems: ConfigurationProblem[];
  readonly #presets: Setting<PresetName>[] = [];
  readonly #include: Setting<string>[] = [];
  readonly #exclude: Setting<string>[] = [];
  readonly #layers: Layer[] = [];
  readonly #guarantees = new Map<string, GuaranteeSetting>();
  readonly #requirements = new Map<string, PlacedRequirement>();
  #baseline: Setting<string> = { ...DEFAULT, value: DEFAULT_BASELINE };
  #failOn: Setting<Threshold> = { ...DEFAULT, value: 'fail' };

  constructor(rules: readonly Rule[], problems: ConfigurationProblem[]) {
    this.#rules = rules;
    this.#problems = problems;
  }

  build(own: { readonly file: ConfigurationFile; readonly table: TomlTable } | undefined): Configuration {
    if (own !== undefined) {
      const table = new Checker(own.file, this.#rules, this.#problems).table(own.table, CONFIGURATION, '');
      for (const it of textsOf(table.entries.get('preset')?.value)) {
        const name = PRESET_NAMES.find((known) => known === it.text);
        if (name === undefined) continue;
        this.#presets.push({ from: own.file, line: it.at.line, value: name });
        this.#preset(name);
      }
      this.#take(table, own.file);
    }
    const includes = matcher(this.#include.map((it) => it.value));
    const excludes = matcher(this.#exclude.map((it) => it.value));
    return {
      file: own?.file,
      presets: this.#presets,
      include: this.#include,
      exclude: this.#exclude,
      includes,
      excludes,
      layers: this.#layers,
      guarantees: [...this.#guarantees.values()],
      requirements: [...this.#requirements.values()],
      baseline: this.#baseline,
      failOn: this.#failOn,
    };
  }

  #preset(name: PresetName): void {
    const file = `preset \`${name}\``;
    const reading = readToml(PRESETS[name].toml);
    if ('table' in reading) this.#take(new Checker(file, this.#rules, this.#problems).table(reading.table, CONFIGURATION, ''), file);
  }

  #take(table: TomlTable, from: string): void {
    const value = (key: string) => table.entries.get(key)?.value;
    for (const it of textsOf(value('include'))) this.#include.push({ from, line: it.at.line, value: it.text });
    for (const it of textsOf(value('exclude'))) this.#exclude.push({ from, line: it.at.line, value: it.text });
    this.#layer(table, from, undefined);
    for (const it of tablesOf(value('overrides'))) {
      const paths = textsOf(it.entries.get('paths')?.value).map((each) => each.text);
      if (paths.length > 0) this.#layer(it, from, paths);
    }
    for (const [name, entry] of entriesOf(value('guarantees'))) {
      const promised = textsOf(entry.value).map((it) => it.text as Guarantee);
      this.#guarantees.set(name, { from, line: entry.key.line, class: name, value: promised });
    }
    for (const [name, entry] of entriesOf(value('require'))) this.#requirement(name, entry.value, { from, line: entry.key.line });
    for (const it of textsOf(value('baseline'))) this.#baseline = { from, line: it.at.line, value: normalised(it.text) };
    for (const it of textsOf(value('fail-on'))) this.#failOn = { from, line: it.at.line, value: it.text as Threshold };
  }

  #layer(table: TomlTable, from: string, paths: readonly string[] | undefined): void {
    const levels = new Map<string, LevelSetting>();
    const set = (written: string, level: ConfiguredLevel, line: number) => {
      const name = this.#named(written);
      levels.set(name, { from, line, name, value: level });
    };
    for (const it of textsOf(table.entries.get('disable')?.value)) set(it.text, 'off', it.at.line);
    for (const [name, { key, value }] of entriesOf(table.entries.get('rules')?.value)) {
      const level = value.is === 'text' ? LEVELS.find((it) => it === value.text) : undefined;
      if (level !== undefined) set(name, level, key.line);
    }
    if (levels.size > 0) this.#layers.push({ paths, applies: paths === undefined ? () => true : matcher(paths), levels });
  }

  #requirement(written: string, value: TomlValue, origin: Origin): void {
    const evidence = this.#named(written);
    const inner = value.is === 'table' ? value.entries : new Map<string, { readonly value: TomlValue }>();
    const text = (key: string) => textsOf(inner.get(key)?.value)[0]?.text;
    const places = textsOf(value.is === 'table' ? inner.get('in')?.value : value).map((it) => it.text);
    const category = CATEGORIES.find((it) => it.id === evidence.split('/')[0])?.id;
    // An empty list takes back what a preset requires.
    if (places.length === 0) this.#requirements.delete(evidence);
    if (places.length === 0 || category === undefined) return;
    this.#requirements.set(evidence, {
      ...origin,
      evidence,
      category,
      places,
      level: text('level') === 'review' ? 'review' : 'fail',
      per: text('per') === 'test' ? 'test' : 'file',
      reason: text('reason') ?? '',
    });
  }

  /** The name that is used inside, for any name that people may write. */
  #named(written: string): string {
    if (written === '*' || CATEGORIES.some((it) => it.id === written)) return written;
    const rule = ruleNamed(this.#rules, written);
    return rule === undefined ? written : fullId(rule);
  }
}

function textsOf(value: TomlValue | undefined): Extract<TomlValue, { readonly is: 'text' }>[] {
  if (value?.is === 'text') return [value];
  return value?.is === 'list' ? value.items.flatMap((it) => (it.is === 'text' ? [it] : [])) : [];
}

function tablesOf(value: TomlValue | undefined): TomlTable[] {
  return value?.is === 'list' ? value.items.flatMap((it) => (it.is === 'table' ? [it] : [])) : [];
}

function entriesOf(value: TomlValue | undefined): TomlTable['entries'] {
  return value?.is === 'table' ? value.entries : new Map();
}

function normalised(path: string): string {
  return path
    .replaceAll('\\', '/')
    .split('/')
    .filter((it) => it !== '' && it !== '.')
    .join('/');
}
