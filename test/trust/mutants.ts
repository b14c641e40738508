/**
 * Mutants of assurance: in real, well-kept tests one thing that a `pass` cites is taken out. The `pass` must go, and
 * where the catalogue has a rule for what is now missing, a finding must come.
 *
 *   npm run trust -- mutants [--count 2000] [--seed 1] [--show 0|1]
 */
import { relative } from 'node:path';
import { RULES } from '../../rules/index.ts';
import { CATEGORIES, type Category, type Rule } from '../../rules/rule.ts';
import { findingsOf, type PlacedFinding } from '../../server/review/review.ts';
import { logicalLineEnd, split } from '../../server/syntax/split.ts';
import { corpus } from '../corpus.mjs';
import { newEngine, pythonFiles, settle } from '../harness.ts';
import { seeded } from './hostile.ts';
import { numberOption } from './options.ts';

/** How a piece of evidence is broken, and which finding must come then; where nothing is named, it is taken out and nothing is owed. */
interface Break {
  readonly mutate: (statement: string, pass: PlacedFinding, cited: string) => string | undefined;
  /** Where what proves the evidence stands, when that is not where it is cited. */
  readonly at?: (text: string, pass: PlacedFinding) => number;
  readonly owed: (pass: PlacedFinding) => RegExp | undefined;
}

/** A local temporary object goes when the test ends: the catalogue wants nothing said of it. */
const isCollected = (it: PlacedFinding) => /`tempfile\.(?:NamedTemporaryFile|TemporaryFile|SpooledTemporaryFile|TemporaryDirectory)`/.test(it.message);

/** `threading_setup`, `modules_setup`: they only note what is there, to be compared at the end. */
const isSnapshot = (it: PlacedFinding) => /undoes `[\w.]*_setup`/.test(it.message);

const removed = (statement: string) => takenOut(statement);
/** `with X as y:` → `y = X`, so that nothing ends it. */
const unmanaged = (started: string) => (statement: string) => {
  const match = /^with ([^\n]+?)(?: as (\w+))?:\s*(?:#.*)?\n$/.exec(statement);
  if (match === null || /\)\s*,|\bas\b.*\bas\b/.test(match[1] ?? '')) return undefined;
  const made = match[1]?.replace(/^(?:contextlib\.)?a?closing\((.*)\)$/, '$1');
  return `${match[2] === undefined ? '' : `${match[2]} = `}${made}${started}; assert True\n`;
};

const BREAKS: Readonly<Record<string, Break>> = {
  'resources/cleanup-registered': {
    mutate: removed,
    owed: (it) => (it.message.includes(' undoes ') && !isCollected(it) && !isSnapshot(it) ? /^(?:resources|mocking)\// : undefined),
  },
  'resources/fixture-used': {
    mutate: (statement) => (/^self\.useFixture\([\s\S]*\)\s*$/.test(statement) ? statement.replace('self.useFixture(', '(') : takenOut(statement)),
    owed: () => undefined,
  },
  'mocking/patch-stop-registered': {
    mutate: removed,
    at: (text, pass) => text.indexOf(/^`([^`…]+)/.exec(pass.message)?.[1] ?? '', pass.start),
    owed: () => /^mocking\//,
  },
  'mocking/mock-specced': {
    mutate: (statement) => {
      const bare = statement.replace(/,\s*(?:autospec|spec|spec_set)\s*=\s*[\w.]+/, '').replace(/create_autospec\([^)]*\)/, 'Mock()');
      return bare === statement ? undefined : bare;
    },
    owed: () => undefined,
  },
  'mocking/interaction-verified': {
    mutate: (statement) =>
      statement.includes('.assert_called_once_with(') ? statement.replace('.assert_called_once_with(', '.assert_called_onec_with(') : takenOut(statement),
    owed: (it) => (it.message.includes('assert_called_once_with') ? /^mocking\/misspelt-assertion$/ : undefined),
  },
  'errors/specific-exception-expected': {
    mutate: (statement) =>
      /^\w+\s*=|\bas \w+:/.test(statement) ? undefined : statement.replace(/((?:assertRaises(?:Regex)?|raises)\(\s*)[\w.]+/, '$1Exception'),
    owed: () => /^errors\/(?:expected-exception-too-broad|wide-exception-expected)$/,
  },
  'credentials/placeholder-credential': {
    mutate: (statement, _pass, cited) =>
      /^(['"])[^'"\n]*\1$/.test(cited) ? statement.replace(cited, `'${['kX9v2LqP', '7zR4tW8m', 'B3nC6yHd'].join('')}'`) : undefined,
    owed: () => /^credentials\//,
  },
  'mocking/patch-scoped': {
    mutate: (statement) => (statement.startsWith('with ') ? unmanaged('.start()')(statement) : takenOut(statement)),
    owed: (it) => (it.message.includes('`with`') ? /^mocking\// : undefined),
  },
  'resources/context-manager-used': { mutate: unmanaged(''), owed: (it) => (isCollected(it) ? undefined : /^(?:resources|errors|mocking)\//) },
};

/** The logical line around an offset. */
function statementAround(text: string, offset: number): { readonly start: number; readonly end: number } | undefined {
  const unit = split(text).find((it) => it.start <= offset && offset < it.end);
  for (let at = unit?.start ?? text.length; unit !== undefined && at < unit.end; ) {
    let first = at;
    while (first < unit.end && /[ \t\f\r\n]/.test(text[first] ?? '')) first += 1;
    const end = text[first] === '#' ? text.indexOf('\n', first) + 1 || text.length : logicalLineEnd(text, first);
    if (offset < end) return { start: first, end };
    at = end;
  }
  return undefined;
}

/** A statement that does nothing in place of one; undefined where its body would be lost. */
function takenOut(statement: string): string | undefined {
  if (/^(?:async\s+)?(?:def|class)\b/.test(statement)) return undefined;
  if (statement.startsWith('@')) return '\n';
  const opens = /:\s*(?:#.*)?\s*$/.test(statement);
  if (/^(?:async\s+)?with\b/.test(statement)) return opens ? 'if True:\n' : undefined;
  return opens ? undefined : 'pass\n';
}

/** The text with what the finding cites broken; undefined where it cannot be broken alone. */
function mutant(text: string, finding: PlacedFinding): string | undefined {
  const at = BREAKS[finding.rule]?.at?.(text, finding) ?? finding.start;
  const place = at < 0 ? undefined : statementAround(text, at);
  if (place === undefined) return undefined;
  const statement = text.slice(place.start, place.end);
  const changed = (BREAKS[finding.rule]?.mutate ?? removed)(statement, finding, text.slice(finding.start, finding.end));
  if (changed === undefined || changed === statement) return undefined;
  // What was a block after `with` goes on as one.
  const asBlock = changed.endsWith('; assert True\n')
    ? changed.replace('; assert True\n', `\n${' '.repeat(place.start - text.lastIndexOf('\n', place.start - 1) - 1)}if True:\n`)
    : changed;
  return text.slice(0, place.start) + asBlock + text.slice(place.end);
}

function keyOf(text: string, it: PlacedFinding): string {
  return `${it.rule} ${text.slice(it.start, it.end)}`;
}

interface Tally {
  mutants: number;
  gone: number;
  owed: number;
  came: number;
}

async function main(): Promise<number> {
  const suites = (['nova', 'cpython'] as const).flatMap((name) => {
    const found = corpus(name);
    if ('skipped' in found) {
      console.log(`skipped: ${found.skipped}`);
      return [];
    }
    const below = relative(found.root, found.tests);
    return Object.entries(pythonFiles(found.tests)).flatMap(([path, text]) =>
      /(?:^|\/)test_[^/]*\.py$/.test(path) && text.length < 60_000 ? [{ root: found.root, path: `${below}/${path}`, text }] : [],
    );
  });
  if (suites.length === 0) return 0;
  const count = numberOption('count', 500);
  const show = numberOption('show', 0) === 1;
  const choose = seeded(numberOption('seed', 1));
  // Without `once`, so that each piece of evidence is seen for itself.
  const engine = await newEngine(RULES.map(({ once: _, ...rule }): Rule => rule));
  const tallies = new Map<string, Tally>();
  let made = 0;
  for (let tries = 0; made < count && tries < count * 20; tries++) {
    const { root, path, text } = suites[choose(suites.length)] ?? { root: '', path: '', text: '' };
    engine.put(path, text);
    const before = findingsOf(settle(engine, path, root));
    const byRule = new Map<string, PlacedFinding[]>();
    for (const it of before) if (it.kind === 'pass') byRule.set(it.rule, [...(byRule.get(it.rule) ?? []), it]);
    // One of each rule, so that rare evidence is tried as often as common evidence.
    for (const [rule, passes] of byRule) {
      const pass = passes[choose(passes.length)];
      const changed = pass === undefined ? undefined : mutant(text, pass);
      if (pass === undefined || changed === undefined) continue;
      engine.put(path, changed);
      const review = settle(engine, path, root);
      if (review.blind.some((it) => it.what === 'syntax-error')) continue;
      const after = findingsOf(review);
      const tally = tallies.get(rule) ?? { mutants: 0, gone: 0, owed: 0, came: 0 };
      tallies.set(rule, tally);
      tally.mutants += 1;
      made += 1;
      const same = (list: readonly PlacedFinding[], of: string) => list.filter((it) => it.rule === pass.rule && keyOf(of, it) === keyOf(text, pass)).length;
      const gone = same(after, changed) < same(before, text) || after.filter((it) => it.rule === rule).length < passes.length;
      if (gone) tally.gone += 1;
      else if (show) console.log(`stays: ${path}:${pass.line} ${rule}: ${pass.message}`);
      const owed = BREAKS[rule]?.owed(pass);
      if (owed === undefined) continue;
      tally.owed += 1;
      const count = (list: readonly PlacedFinding[]) => list.filter((it) => owed.test(it.rule) && it.kind !== 'pass').length;
      const messages = (list: readonly PlacedFinding[]) =>
        new Set(list.filter((it) => owed.test(it.rule) && it.kind !== 'pass').map((it) => `${it.rule} ${it.message}`));
      const known = messages(before);
      if (count(after) > count(before) || [...messages(after)].some((it) => !known.has(it))) tally.came += 1;
      else if (show) console.log(`silent: ${path}:${pass.line} ${rule}: ${pass.message}`);
    }
    engine.drop(path);
  }
  const share = (part: number, whole: number) => (whole === 0 ? '-' : `${((100 * part) / whole).toFixed(1)} %`);
  const line = (name: string, it: Tally) =>
    console.log(
      `${name.padEnd(44)} ${String(it.mutants).padStart(6)} ${share(it.gone, it.mutants).padStart(9)} ${String(it.owed).padStart(6)} ${share(it.came, it.owed).padStart(9)}`,
    );
  console.log(`${'evidence taken out'.padEnd(44)} ${'mutants'.padStart(6)} ${'gone'.padStart(8)} ${'owed'.padStart(6)} ${'came'.padStart(9)}`);
  for (const [rule, it] of [...tallies].sort(([a], [b]) => (a < b ? -1 : 1))) line(rule, it);
  const sum = (of: (category: string) => boolean) =>
    [...tallies]
      .filter(([rule]) => of(rule.split('/')[0] ?? ''))
      .reduce(
        (total, [, it]) => ({ mutants: total.mutants + it.mutants, gone: total.gone + it.gone, owed: total.owed + it.owed, came: total.came + it.came }),
        { mutants: 0, gone: 0, owed: 0, came: 0 },
      );
  console.log('');
  for (const { id } of CATEGORIES as readonly { readonly id: Category }[])
    line(
      id,
      sum((it) => it === id),
    );
  const all = sum(() => true);
  line('all', all);
  const enough = all.gone >= 0.95 * all.mutants && all.came >= 0.85 * all.owed;
  console.log(enough ? '1 passed, 0 failed' : '0 passed, 1 failed');
  return enough ? 0 : 1;
}

main().then(
  (code) => process.exit(code),
  (error) => {
    console.error(error);
    process.exit(1);
  },
);
