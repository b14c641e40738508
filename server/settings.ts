/**
 * The editor's settings below `attest`, parsed once into what the server works with. Nothing here throws: what is
 * not understood keeps its default and is reported in a sentence.
 */
import { CATEGORIES, type Confidence, type Rule } from '../rules/rule.ts';
import { heaviness, matcher } from './globs.ts';
import type { PlacedFinding } from './review/review.ts';
import { CATALOGUE, type Shown } from './views/diagnostics.ts';
import { fullId, ruleNamed } from './views/named.ts';

export interface Settings {
  readonly enable: boolean;
  readonly run: 'onType' | 'onSave' | 'manual';
  /** 0: as long as reviews are fast there is no wait at all. */
  readonly debounceMs: number;
  /** Files that are reviewed although they do not look like tests. */
  includes(path: string): boolean;
  /** Files and folders that are never reviewed. */
  excludes(path: string): boolean;
  readonly maxFileSizeKb: number;
  /** Full ids of rules that are off; `decides` tells on which rules the repository decides. */
  disabled(decides: Decides): readonly string[];
  severityOf(finding: PlacedFinding, decides: Decides): Shown | undefined;
  /** Squiggles in one file. */
  readonly most: number;
  /** Which files have entries in the list of problems. */
  readonly scope: 'reviewed' | 'openFiles';
  readonly hover: 'full' | 'short' | 'off';
  /** The address of the catalogue of rules. */
  readonly catalogue: string;
}

/** Does the repository's own configuration say how much a rule of a category counts? */
export type Decides = (rule: string, category: string) => boolean;

export interface ParsedSettings {
  readonly settings: Settings;
  /** What was not understood, one sentence each. */
  readonly problems: readonly string[];
}

const KNOWN = [
  'enable',
  'run',
  'debounceMs',
  'files.include',
  'files.exclude',
  'maxFileSizeKb',
  'rules.disabled',
  'severityOverrides',
  'minConfidence',
  'configurationPreference',
  'maxFindingsPerFile',
  'diagnostics.scope',
  'statusBar.enabled',
  'statusBar.highlight',
  'hover.detail',
  'docs.baseUrl',
  'codeLens.enabled',
  'trace.server',
] as const;
type Key = (typeof KNOWN)[number];

/** Keys that only the editor's own side looks at. */
const GROUPS = ['files', 'rules', 'diagnostics', 'statusBar', 'hover', 'docs', 'codeLens', 'trace'];
/** No white space, and nothing that would end a link in Markdown. */
const ADDRESS = /^https:\/\/[^\s()<>[\]#]+$/;
const CONFIDENCES: readonly Confidence[] = ['low', 'medium', 'high'];
const SHOWN: readonly Shown[] = ['off', 'hint', 'information', 'warning', 'error'];
const NEVER = ['**/.venv/**', '**/venv/**', '**/node_modules/**', '**/site-packages/**', '**/.tox/**', '**/.nox/**'];

/** `raw` is what the editor sent: nested (`{ files: { include } }`) or with dots in its keys. */
export function settingsOf(raw: unknown, rules: readonly Rule[]): ParsedSettings {
  const problems: string[] = [];
  const values = flat(raw, problems);
  const wrong = (key: Key, expected: string) => problems.push(`The setting attest.${key} is ignored: it must be ${expected}.`);

  const boolean = (key: Key, fallback: boolean) =>
    pick(
      values.get(key),
      fallback,
      (it) => typeof it === 'boolean',
      () => wrong(key, 'true or false'),
    );
  const number = (key: Key, fallback: number, low: number, high: number) =>
    pick(
      values.get(key),
      fallback,
      (it) => typeof it === 'number' && it >= low && it <= high,
      () => wrong(key, `a number from ${low} to ${high}`),
    );
  const oneOf = <const T extends string>(key: Key, choices: readonly T[], fallback: NoInfer<T>): T =>
    pick(
      values.get(key),
      fallback,
      (it) => choices.some((choice) => choice === it),
      () => wrong(key, `one of ${choices.join(', ')}`),
    );
  const strings = (key: Key, fallback: readonly string[]): readonly string[] =>
    pick(
      values.get(key),
      fallback,
      (it) => Array.isArray(it) && it.every((item) => typeof item === 'string'),
      () => wrong(key, 'a list of strings'),
    );

  /** Those that could take long to match are left out: a workspace may bring them. */
  const globs = (key: Key, fallback: readonly string[]) =>
    strings(key, fallback).filter((it) => {
      const why = heaviness(it);
      if (why !== undefined) problems.push(`attest.${key}: the pattern ${JSON.stringify(it)} is ignored: it ${why}.`);
      return why === undefined;
    });

  const least = CONFIDENCES.indexOf(oneOf('minConfidence', CONFIDENCES, 'low'));
  const disabled = disabledRules(strings('rules.disabled', []), rules, problems);
  const preference = oneOf('configurationPreference', ['repoFirst', 'editorFirst', 'repoOnly'], 'repoFirst');
  /** Has the editor a say on a rule? */
  const isHeard = (decides: Decides, rule: string, category: string) =>
    preference === 'editorFirst' || (preference === 'repoFirst' && !decides(rule, category));
  const overridden = severities(values.get('severityOverrides'), rules, problems);
  const settings: Settings = {
    enable: boolean('enable', true),
    run: oneOf('run', ['onType', 'onSave', 'manual'], 'onType'),
    debounceMs: number('debounceMs', 0, 0, 5000),
    includes: matcher(globs('files.include', [])),
    excludes: matcher(globs('files.exclude', NEVER)),
    maxFileSizeKb: number('maxFileSizeKb', 8192, 1, 1_000_000),
    disabled: (decides) => disabled.filter((it) => isHeard(decides, it, it.split('/')[0] ?? '')),
    severityOf(finding, decides) {
      if (preference !== 'repoOnly' && CONFIDENCES.indexOf(finding.confidence) < least) return 'off';
      return isHeard(decides, finding.rule, finding.category) ? overridden(finding) : undefined;
    },
    most: number('maxFindingsPerFile', 200, 1, 10_000),
    scope: oneOf('diagnostics.scope', ['reviewed', 'openFiles'], 'reviewed'),
    hover: oneOf('hover.detail', ['full', 'short', 'off'], 'full'),
    catalogue: pick(
      values.get('docs.baseUrl'),
      CATALOGUE,
      (it) => typeof it === 'string' && ADDRESS.test(it),
      () => wrong('docs.baseUrl', 'an address that begins with https://'),
    ),
  };
  return { settings, problems };
}

function pick<T>(value: unknown, fallback: T, fits: (value: unknown) => boolean, wrong: () => void): T {
  if (value === undefined || value === null) return fallback;
  if (fits(value)) return value as T;
  wrong();
  return fallback;
}

function flat(raw: unknown, problems: string[]): Map<Key, unknown> {
  const values = new Map<Key, unknown>();
  const add = (key: string, value: unknown) => {
    const known = KNOWN.find((it) => it === key);
    if (known !== undefined) values.set(known, value);
    else problems.push(`There is no setting attest.${key}.`);
  };
  for (const [key, value] of entriesOf(raw)) {
    if (GROUPS.includes(key)) for (const [inner, it] of entriesOf(value)) add(`${key}.${inner}`, it);
    else add(key, value);
  }
  return values;
}

function entriesOf(value: unknown): [string, unknown][] {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? Object.entries(value) : [];
}

function disabledRules(names: readonly string[], rules: readonly Rule[], problems: string[]): string[] {
  return names.flatMap((name) => {
    const rule = ruleNamed(rules, name);
    if (rule === undefined) problems.push(`attest.rules.disabled names ${JSON.stringify(name)}, which is no rule.`);
    return rule === undefined ? [] : [fullId(rule)];
  });
}

/** A rule (by any of its names) goes before its category, and that before `*`. */
function severities(value: unknown, rules: readonly Rule[], problems: string[]): (finding: PlacedFinding) => Shown | undefined {
  const byName = new Map<string, Shown>();
  for (const [name, wanted] of entriesOf(value)) {
    const shown = SHOWN.find((it) => it === wanted);
    const rule = ruleNamed(rules, name);
    const isGroup = name === '*' || CATEGORIES.some((it) => it.id === name);
    if (shown === undefined) problems.push(`attest.severityOverrides: ${JSON.stringify(name)} must be one of ${SHOWN.join(', ')}.`);
    else if (isGroup) byName.set(name, shown);
    else if (rule !== undefined) byName.set(fullId(rule), shown);
    else problems.push(`attest.severityOverrides names ${JSON.stringify(name)}, which is neither a rule nor a category.`);
  }
  return (finding) => byName.get(finding.rule) ?? byName.get(finding.category) ?? byName.get('*');
}
