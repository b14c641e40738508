/**
 * Mutants of assurance: in real, well-kept tests one thing that a `pass` cites is taken out. The `pass` must go, and
 * where the catalogue has a rule for what is now missing, a finding must come.
 *
 *   npm run trust -- mutants [--count 2000] [--seed 1] [--show 0|1]
 */
import { relative } from 'node:path';
import { RULES } from '../../rules/index.ts';
import { CATEGORIES, type Category, type Rule } from '../../rules/rule.ts';
import type { Engine } from '../../server/review/engine.ts';
import { findingsOf, type PlacedFinding } from '../../server/review/review.ts';
import { logicalLineEnd, split } from '../../server/syntax/split.ts';
import { corpus } from '../corpus.mjs';
import { newEngine, pythonFiles, settle } from '../harness.ts';
import { seeded } from './hostile.ts';
import { numberOption } from './options.ts';

/** Evidence, and what stands around it. */
interface Site {
  readonly pass: PlacedFinding;
  /** The logical line that is changed, and what comes after it in the file. */
  readonly statement: string;
  readonly after: string;
  /** The text that the evidence cites, and where in the statement it stands. */
  readonly cited: string;
  readonly at: number;
}

/** How a piece of evidence is broken, and which finding must come then; where nothing is named, it is taken out and nothing is owed. */
interface Break {
  readonly mutate: (site: Site) => string | undefined;
  /** Where what proves the evidence stands, when that is not where it is cited. */
  readonly at?: (text: string, pass: PlacedFinding) => number;
  readonly owed?: (site: Site) => RegExp | undefined;
}

/** A local temporary object goes when the test ends: the catalogue wants nothing said of it. */
const isCollected = (it: PlacedFinding) => /`(?:tempfile\.)?(?:NamedTemporaryFile|TemporaryFile|SpooledTemporaryFile|TemporaryDirectory)`/.test(it.message);

/**
 * What the catalogue's rules know to be acquired or changed. Of two methods that only their names pair (`addObserver` and
 * `removeObserver`, `prof.enable` and `prof.disable`) they say nothing, nor of `threading_setup`, which only notes what is there.
 */
const OWES =
  /undoes `(?:(?:[\w.]+\.)?(?:open|socket|socketpair|create_server|create_connection|start_server|mkstemp|mkdtemp|NamedTemporaryFile|TemporaryDirectory|new_event_loop|Popen|ThreadPoolExecutor|chdir|umask|setlocale|signal|Server|HTTPServer)`|[\w.]*_?p(?:atch(?:er)?)?\d?\.start`|.*\b(?:environ|sys\.modules|sys\.path)\b)/;

const removed = ({ statement }: Site) => takenOut(statement);
/** `with X as y:` → `y = X`, so that nothing ends it. */
const unmanaged =
  (started: string) =>
  ({ statement }: Site) => {
    const match = /^with ([^\n]+?)(?: as (\w+))?:\s*(?:#.*)?\n$/.exec(statement);
    if (match === null || /\)\s*,|\bas\b.*\bas\b/.test(match[1] ?? '')) return undefined;
    const made = match[1]?.replace(/^(?:contextlib\.)?a?closing\((.*)\)$/, '$1');
    return `${match[2] === undefined ? '' : `${match[2]} = `}${made}${started}; assert True\n`;
  };

/** Another text in place of the first that fits; undefined where none does. */
function replaced(statement: string, what: RegExp | string, by: string): string | undefined {
  const other = statement.replace(what, by);
  return other === statement ? undefined : other;
}

/** Looks generated, and is: nobody has it. In parts, so that scanners find nothing here. */
const RANDOM = ['kX9v2LqP', '7zR4tW8m', 'B3nC6yHd'].join('');
const CLOUD_ID = ['AKIA', 'S5M644LGV7', '4EVHL5'].join('');
const CLOUD_SECRET = ['hQ7kWzPp2vN8sYtR', 'c4Lm9XbJ6gDf3TqAeU5iVoZ1'].join('');

/**
 * Is the text in an expectation: an argument of an assertion, or compared by one? What the code under test gives back is
 * not chosen by the test, and the catalogue wants nothing said of it. What a call inside the assertion is given is.
 */
function isExpected({ statement, at }: Site): boolean {
  const open: string[] = [];
  const before = statement.slice(0, at).replace(/(['"])(?:(?!\1)[^\\\n]|\\.)*\1/g, 'x');
  for (const [bracket] of before.matchAll(/(?:[\w.]*\()|[)[\]{}]/g)) {
    if (/[)\]}]/.test(bracket)) open.pop();
    else open.push(bracket);
  }
  const call = open.reverse().find((it) => it.endsWith('('));
  return call === undefined ? /^assert\b/.test(statement) : /(?:^|[._])assert\w*\($|^(?:mock\.)?call\($/.test(call);
}

/** `"part" + rest`: no literal of the file is the secret. */
function isAssembled({ statement, cited, at }: Site): boolean {
  return /\+\s*$/.test(statement.slice(0, at)) || /^\s*\+/.test(statement.slice(at + cited.length));
}

/** Of these the standard library's own functions raise at every mistake: what is wide by the catalogue. */
const WIDE = /^what `(?:ValueError|OSError|IOError|EnvironmentError|Exception|BaseException)`/;

/** `monkeypatch.setattr('a.b', x)` and its like as what they do, without what undoes it. */
function byHand({ statement }: Site): string | undefined {
  const match = /^(?:monkeypatch|mp|m)\.(\w+)\(([^\n]*)\)\n$/.exec(statement);
  const words = argumentsIn(match?.[2] ?? '');
  const [first = '', second = ''] = words;
  const dotted = /^(['"])((?:\w+\.)+)(\w+)\1$/.exec(first);
  if (match === null || words.some((it) => /^\w+=[^=]/.test(it))) return undefined;
  if (match[1] === 'setenv' && words.length === 2) return `import os; os.environ[${first}] = ${second}\n`;
  if (match[1] === 'chdir' && words.length === 1) return `import os; os.chdir(${first})\n`;
  if (match[1] === 'setitem' && words.length === 3 && first === 'sys.modules') return `${first}[${second}] = ${words[2]}\n`;
  if (match[1] === 'setattr' && words.length === 2 && dotted !== null) return `import ${dotted[2]?.slice(0, -1)}; ${dotted[2]}${dotted[3]} = ${second}\n`;
  return undefined;
}

/** The arguments of a call, from what stands between its parentheses. */
function argumentsIn(text: string): string[] {
  const found: string[] = [''];
  let depth = 0;
  for (const piece of text.match(/(['"])(?:(?!\1)[^\\]|\\.)*\1|[\s\S]/g) ?? []) {
    if (/^[([{]$/.test(piece)) depth += 1;
    if (/^[)\]}]$/.test(piece)) depth -= 1;
    if (piece === ',' && depth === 0) found.push('');
    else found[found.length - 1] += piece;
  }
  return found.map((it) => it.trim()).filter((it) => it !== '');
}

const BREAKS: Readonly<Record<string, Break>> = {
  'credentials/placeholder-credential': {
    mutate: ({ statement, cited }) => (/^(['"])[^'"\n]*\1$/.test(cited) ? replaced(statement, cited, `'${RANDOM}'`) : undefined),
    owed: (it) => (isExpected(it) || isAssembled(it) ? undefined : /^credentials\//),
  },
  'credentials/generated-value': {
    mutate: ({ statement, cited }) => replaced(statement, cited, `'${RANDOM}'`),
    owed: ({ statement, at }) => (/(?:^|[\s._(])(?:\w+_)?(?:password|secret|token)\s*=\s*$/.test(statement.slice(0, at)) ? /^credentials\// : undefined),
  },
  'credentials/dummy-cloud-credentials': {
    mutate: ({ statement }) => replaced(statement, /(['"])[^'"\n]*\1\)/, `"${statement.includes('SECRET') ? CLOUD_SECRET : CLOUD_ID}")`),
    owed: () => /^credentials\//,
  },
  'errors/error-details-checked': {
    mutate(site) {
      const { statement, cited, at, pass } = site;
      if (!pass.message.startsWith('what ')) return removed(site);
      const start = /,\s*(?:match\s*=\s*|expected_regex\s*=\s*)?$/.exec(statement.slice(0, at));
      if (start === null) return undefined;
      return (statement.slice(0, start.index) + statement.slice(at + cited.length)).replace(/\bassertRaisesRegexp?\(/, 'assertRaises(');
    },
    owed: ({ pass }) => (WIDE.test(pass.message) ? /^errors\/(?:wide-exception-expected|expected-exception-too-broad)$/ : undefined),
  },
  'errors/one-statement-per-raises-block': {
    mutate: ({ statement, after }) =>
      /:\s*(?:#.*)?\n$/.test(statement) ? `${statement}${/^\s*?([ \t]+)\S/m.exec(after)?.[1] ?? ''}prepare_the_store(1)\n` : undefined,
    owed: () => /^errors\/(?:several-calls-in-raises-block|unreachable-assertion)$/,
  },
  'errors/specific-exception-expected': {
    mutate: ({ statement }) =>
      /^\w+\s*=|\bas \w+:/.test(statement) ? undefined : replaced(statement, /((?:assertRaises(?:Regex)?|raises)\(\s*)[\w.]+/, '$1Exception'),
    // Where the message is compared, the catalogue wants nothing said of a broad class.
    owed: ({ statement }) => (/\bmatch\s*=|Regexp?\(/.test(statement) ? undefined : /^errors\/(?:expected-exception-too-broad|wide-exception-expected)$/),
  },
  'input/safe-parser': {
    mutate: ({ statement, cited }) =>
      cited.includes('safe_load')
        ? replaced(statement, 'safe_load', 'unsafe_load')
        : cited.includes('literal_eval')
          ? replaced(statement, /(?:ast\.)?literal_eval\(/, 'eval(')
          : replaced(statement, /shlex\.quote\(/, 'str('),
    owed: ({ cited }) => (cited.includes('shlex') ? undefined : /^input\//),
  },
  'mocking/environment-scoped': {
    mutate: (site) =>
      byHand(site) ??
      replaced(site.statement, /^self\.useFixture\(\w+\.EnvironmentVariable\(('\w+'), ('\w+')\)\)/, 'import os; os.environ[$1] = $2') ??
      replaced(site.statement, /,\s*clear=True/, ''),
    owed: ({ statement }) => (statement.includes('clear=True') ? undefined : /^mocking\//),
  },
  'mocking/interaction-verified': {
    mutate: (site) => replaced(site.statement, '.assert_called_once_with(', '.assert_called_onec_with(') ?? removed(site),
    owed: ({ pass }) => (pass.message.includes('assert_called_once_with') ? /^mocking\/misspelt-assertion$/ : undefined),
  },
  'mocking/mock-specced': {
    mutate: ({ statement }) =>
      replaced(statement, /,\s*(?:autospec|spec|spec_set)\s*=\s*[\w.]+/, '') ?? replaced(statement, /create_autospec\([^)]*\)/, 'Mock()'),
  },
  'mocking/patch-scoped': {
    mutate: (site) => (site.statement.startsWith('with ') ? unmanaged('.start()')(site) : removed(site)),
    owed: ({ pass }) => (pass.message.includes('`with`') ? /^mocking\// : undefined),
  },
  'mocking/patch-stop-registered': {
    mutate: removed,
    at: (text, pass) => text.indexOf(/^`([^`…]+)/.exec(pass.message)?.[1] ?? '', pass.start),
    owed: () => /^mocking\//,
  },
  'mocking/security-mock-verified': {
    mutate: (site) => (site.pass.message.includes('verifies') ? removed(site) : undefined),
    at(text, pass) {
      const at = text.indexOf(/^`([^`(…]+)/.exec(pass.message)?.[1] ?? '', pass.end);
      // What is mocked to refuse is evidence of its own, which stays.
      return text.slice(pass.end, at).includes('side_effect') ? -1 : at;
    },
    owed: () => /^mocking\/security-check-mocked$/,
  },
  'network/certificate-checked': {
    mutate: ({ statement, cited }) => replaced(statement, cited, 'ssl._create_unverified_context()'),
    owed: () => /^network\/certificate-check-off/,
  },
  'network/loopback-server': {
    mutate: ({ statement }) => replaced(statement, /(['"])(?:127\.0\.0\.1|localhost)\1/, "'0.0.0.0'") ?? replaced(statement, /(['"])::1\1/, "'::'"),
    owed: () => /^(?:network\/listens-on-every-interface|api\/test-server-exposed)$/,
  },
  'network/reserved-host': {
    mutate: ({ statement }) => replaced(statement, /(?<=['"/@])(?:127\.0\.0\.1|localhost)(?=['":/])/, 'tides.harbour-shipping.com'),
    owed: () => /^network\//,
  },
  'resources/cleanup-registered': {
    mutate: removed,
    owed: ({ pass }) => (OWES.test(pass.message) && !isCollected(pass) ? /^(?:resources|mocking)\// : undefined),
  },
  'resources/context-manager-used': {
    mutate: unmanaged(''),
    owed: ({ pass }) => (isCollected(pass) ? undefined : /^(?:resources|errors|mocking)\//),
  },
  'resources/fixture-used': {
    mutate: (site) =>
      /^self\.useFixture\([\s\S]*\)\s*$/.test(site.statement)
        ? site.statement.replace('self.useFixture(', '').replace(/\)(\s*)$/, '$1')
        : takenOut(site.statement),
    // What is told which test it belongs to may have set itself up.
    owed: ({ statement }) =>
      /^self\.useFixture\(\s*[\w.]+Fixture\((?!self\b)[\s\S]*\)\s*\)\s*$/.test(statement) ? /^resources\/fixture-never-used$/ : undefined,
  },
  'resources/global-change-undone-by-helper': {
    mutate: (site) => byHand(site) ?? removed(site),
    owed: (it) => (byHand(it) === undefined ? undefined : /^(?:mocking|resources)\//),
  },
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

/** The text with what the finding cites broken, and what is owed then; undefined where it cannot be broken alone. */
function mutant(text: string, pass: PlacedFinding): { readonly text: string; readonly owed: RegExp | undefined; readonly becomes: string } | undefined {
  const { mutate = removed, owed, at } = BREAKS[pass.rule] ?? {};
  const offset = at?.(text, pass) ?? pass.start;
  const place = offset < 0 ? undefined : statementAround(text, offset);
  if (place === undefined) return undefined;
  const cited = text.slice(pass.start, pass.end);
  const site = { pass, statement: text.slice(place.start, place.end), after: text.slice(place.end), cited, at: pass.start - place.start };
  const changed = mutate(site);
  if (changed === undefined || changed === site.statement) return undefined;
  // What was a block after `with` goes on as one.
  const asBlock = changed.endsWith('; assert True\n')
    ? changed.replace('; assert True\n', `\n${' '.repeat(place.start - text.lastIndexOf('\n', place.start - 1) - 1)}if True:\n`)
    : changed;
  return { text: text.slice(0, place.start) + asBlock + site.after, owed: owed?.(site), becomes: asBlock };
}

function keyOf(text: string, it: PlacedFinding): string {
  return `${it.rule} ${text.slice(it.start, it.end)} ${it.message}`;
}

/** Of each category's mutants: whose evidence must be gone, and of those that owe one, whose finding must have come. */
const GONE = 0.95;
const CAME = 0.85;
/** Characters of a file: longer ones are few, and take most of the time. */
const LONGEST = 60_000;

interface Tally {
  mutants: number;
  gone: number;
  owed: number;
  came: number;
}

const SUITES = ['nova', 'cpython', 'twisted', 'pandas', 'distributed'] as const;

interface Evidence {
  readonly suite: Suite;
  readonly path: string;
  readonly text: string;
  /** Of the evidence, among the findings of the file. */
  readonly index: number;
}

interface Suite {
  readonly engine: Engine;
  readonly root: string;
}

function findingsIn({ engine, root }: Suite, path: string, text: string): { readonly findings: readonly PlacedFinding[]; readonly isWhole: boolean } {
  engine.put(path, text);
  const review = settle(engine, path, root);
  engine.drop(path);
  return { findings: findingsOf(review), isWhole: !review.blind.some((it) => it.what === 'syntax-error') };
}

/** Every piece of evidence in the suites, by rule. */
async function evidence(): Promise<Map<string, Evidence[]>> {
  const byRule = new Map<string, Evidence[]>();
  // Without `once`, so that each piece of evidence is seen for itself.
  const rules = RULES.map(({ once: _, ...rule }): Rule => rule);
  for (const name of SUITES) {
    const found = corpus(name);
    if ('skipped' in found) {
      console.log(`skipped: ${found.skipped}`);
      continue;
    }
    const suite = { engine: await newEngine(rules), root: found.root };
    for (const [below, text] of Object.entries(pythonFiles(found.tests))) {
      if (!/(?:^|\/)test_[^/]*\.py$/.test(below) || text.length >= LONGEST) continue;
      const path = `${relative(found.root, found.tests)}/${below}`;
      for (const [index, { kind, rule }] of findingsIn(suite, path, text).findings.entries()) {
        if (kind !== 'pass') continue;
        const all = byRule.get(rule) ?? [];
        byRule.set(rule, all);
        all.push({ suite, path, text, index });
      }
    }
  }
  return byRule;
}

/** So many of each rule, in all as many as asked for: rare evidence is tried wherever it stands, common evidence as often as the rest allows. */
function sampleSize(sizes: readonly number[], count: number): number {
  const enough = (most: number) => sizes.reduce((sum, it) => sum + Math.min(it, most), 0) >= count;
  let most = 1;
  while (!enough(most) && most < Math.max(...sizes, 1)) most += 1;
  return most;
}

async function main(): Promise<number> {
  const count = numberOption('count', 500);
  const show = numberOption('show', 0) === 1;
  const choose = seeded(numberOption('seed', 1));
  const found = await evidence();
  if (found.size === 0) return 0;
  const most = sampleSize(
    [...found.values()].map((it) => it.length),
    count,
  );
  const tallies = new Map<string, Tally>();
  for (const [rule, all] of found) {
    const tally: Tally = { mutants: 0, gone: 0, owed: 0, came: 0 };
    tallies.set(rule, tally);
    for (const left = [...all]; left.length > 0 && tally.mutants < most; ) {
      const [one] = left.splice(choose(left.length), 1);
      if (one === undefined) break;
      const { suite, path, text, index } = one;
      const { findings: before } = findingsIn(suite, path, text);
      const pass = before[index];
      const changed = pass === undefined ? undefined : mutant(text, pass);
      if (pass === undefined || changed === undefined) continue;
      const { findings: after, isWhole } = findingsIn(suite, path, changed.text);
      if (!isWhole) continue;
      tally.mutants += 1;
      const where = `${path}:${pass.line} ${rule}: ${pass.message} → ${changed.becomes.trim().replace(/\s+/g, ' ')}`;
      const same = (list: readonly PlacedFinding[], of: string) => list.filter((it) => it.rule === rule && keyOf(of, it) === keyOf(text, pass)).length;
      const ofRule = (list: readonly PlacedFinding[]) => list.filter((it) => it.rule === rule).length;
      if (same(after, changed.text) < same(before, text) || ofRule(after) < ofRule(before)) tally.gone += 1;
      else if (show) console.log(`stays: ${where}`);
      const { owed } = changed;
      if (owed === undefined) continue;
      tally.owed += 1;
      const owing = (list: readonly PlacedFinding[]) => list.filter((it) => owed.test(it.rule) && it.kind !== 'pass');
      const known = new Set(owing(before).map((it) => `${it.rule} ${it.message}`));
      if (owing(after).length > owing(before).length || owing(after).some((it) => !known.has(`${it.rule} ${it.message}`))) tally.came += 1;
      else if (show) console.log(`silent: ${where}`);
    }
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
  const short = CATEGORIES.filter(({ id }) => {
    const it = sum((category) => category === id);
    return it.gone < GONE * it.mutants || it.came < CAME * it.owed;
  });
  console.log(`${CATEGORIES.length - short.length} passed, ${short.length} failed`);
  return short.length === 0 ? 0 : 1;
}

main().then(
  (code) => process.exit(code),
  (error) => {
    console.error(error);
    process.exit(1);
  },
);
