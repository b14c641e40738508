/**
 * How much of what other tools find in their own test data Attest finds too, wrapped into test functions, and how
 * much it says where they are silent. Prints one line for each of their rules, and what is missed without a reason
 * in `deviations.md`.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { RULES } from '../../rules/index.ts';
import type { Rule } from '../../rules/rule.ts';
import type { Engine } from '../../server/review/engine.ts';
import { findingsOf, type PlacedFinding } from '../../server/review/review.ts';
import { newEngine, ROOT, reviewFiles } from '../harness.ts';
import { detectSecretsSamples } from './detect-secrets.ts';
import { gitleaksSamples } from './gitleaks.ts';
import { hackingSamples, novaSamples } from './hacking.ts';
import { alone, asTests, busy, hasLooseCode, inTest, type Sample } from './peer.ts';
import { banditSamples, bugbearSamples, pygrepSamples, ruffSamples } from './python-tools.ts';

interface Score {
  positives: number;
  missed: number;
  explained: number;
  negatives: number;
  reported: number;
  /** Of these, listed as wanted. */
  wanted: number;
}

const flags = process.argv.slice(2);
const given = (flag: string): string | undefined => (flags.includes(flag) ? flags[flags.indexOf(flag) + 1] : undefined);

/** `- bandit B602 subprocess_shell.py:12: reason`; without a line it speaks of the whole file. */
const DEVIATIONS = readFileSync(join(ROOT, 'test/parity/deviations.md'), 'utf8')
  .split('\n')
  .flatMap((line) => {
    const match = /^- ([\w-]+) ([\w-]+) ([^:]+?)(?::([\d, -]+))?: \S/.exec(line);
    return match === null ? [] : [{ peer: match[1], id: match[2], name: match[3], lines: match[4] === undefined ? undefined : numbers(match[4]) }];
  });

/** `3, 7-9` as numbers. */
function numbers(text: string): Set<number> {
  const result = new Set<number>();
  for (const part of text.split(',')) {
    const [from = 0, to = from] = part.split('-').map(Number);
    for (let it = from; it <= to; it++) result.add(it);
  }
  return result;
}

function explains(sample: Sample, id: string, line: number): boolean {
  return DEVIATIONS.some(
    (it) =>
      it.peer === sample.peer &&
      it.id === id &&
      (it.name?.endsWith('*') === true ? sample.name.startsWith(it.name.slice(0, -1)) : it.name === sample.name) &&
      (it.lines === undefined || it.lines.has(line)),
  );
}

/** Every finding for itself: no merging, no precedence between rules. */
const rules = RULES.map(({ once: _once, yieldsTo: _yieldsTo, ...rule }): Rule => rule);
const byName = new Map(rules.map((it) => [`${it.category}/${it.id}`, it]));

type Lined = Pick<PlacedFinding, 'rule' | 'kind' | 'line' | 'endLine'>;

/** What is said of the code in a test function, and of its own functions as tests; with the lines of the code. */
function findingsIn(engine: Engine, code: string): readonly Lined[] {
  const review = (text: string) => findingsOf(reviewFiles(engine, { 'tests/unit/test_peer.py': text }));
  const own = asTests(code);
  // Tests inside another test would be functions that nobody calls.
  if (own !== undefined && !hasLooseCode(code)) return review(own);
  const inside = review(inTest(code)).map(({ rule, kind, line, endLine }): Lined => ({ rule, kind, line: line - 1, endLine: endLine - 1 }));
  return own === undefined ? inside : [...inside, ...review(own)];
}

function isFoundAlone(engine: Engine, { code, peer }: Sample, id: string, line: number): boolean {
  const only = alone(code, line);
  if (only === undefined) return false;
  const findings = findingsOf(reviewFiles(engine, { 'tests/unit/test_peer.py': only.code }));
  return findings.some((it) => it.line <= only.line && it.endLine >= only.line && speaksOf(it, peer, id));
}

function speaksOf(it: Lined, peer: Sample['peer'], id: string): boolean {
  return it.kind !== 'pass' && byName.get(it.rule)?.peers?.[peer]?.includes(id) === true;
}

async function main(): Promise<void> {
  const samples: Sample[] = [];
  const bandit = given('--bandit');
  const results = given('--bandit-results');
  if (bandit !== undefined && results !== undefined) samples.push(...banditSamples(bandit, results));
  const ruff = given('--ruff');
  if (ruff !== undefined) samples.push(...ruffSamples(ruff));
  const gitleaks = given('--gitleaks');
  if (gitleaks !== undefined) samples.push(...gitleaksSamples(gitleaks));
  const detectSecrets = given('--detect-secrets');
  if (detectSecrets !== undefined) samples.push(...(await detectSecretsSamples(detectSecrets)));
  const bugbear = given('--bugbear');
  if (bugbear !== undefined) samples.push(...bugbearSamples(bugbear));
  const hacking = given('--hacking');
  if (hacking !== undefined) samples.push(...hackingSamples(hacking));
  const nova = given('--nova');
  if (nova !== undefined) samples.push(...novaSamples(nova));
  const pygrep = given('--pygrep-hooks');
  if (pygrep !== undefined) samples.push(...pygrepSamples(pygrep));
  if (samples.length === 0) {
    console.error(
      'Nothing to compare with. Give one or more of --bandit DIR --bandit-results FILE, --ruff DIR, --bugbear DIR, --pygrep-hooks DIR, --hacking DIR, --nova DIR, --gitleaks DIR, --detect-secrets DIR.',
    );
    process.exit(2);
  }

  const covered = new Set(rules.flatMap((it) => Object.entries(it.peers ?? {}).flatMap(([peer, ids]) => (ids ?? []).map((id) => `${peer} ${id}`))));
  const engine = await newEngine(rules);
  const scores = new Map<string, Score>();
  const unexplained: string[] = [];
  const loud: string[] = [];
  for (const sample of samples) {
    const ids = sample.about.filter((it) => covered.has(`${sample.peer} ${it}`));
    if (ids.length === 0) continue;
    const findings = findingsIn(engine, sample.code);
    // A handler or a jump hides nothing where nothing was tried, which many examples leave out.
    const busier = busy(sample.code);
    const more = busier === sample.code ? [] : findingsIn(engine, busier);
    for (const id of ids) {
      const key = `${sample.peer} ${id}`;
      const score = scores.get(key) ?? { positives: 0, missed: 0, explained: 0, negatives: 0, reported: 0, wanted: 0 };
      scores.set(key, score);
      const own = findings.filter((it) => speaksOf(it, sample.peer, id));
      const positives = sample.found.filter((it) => it.id === id);
      for (const it of positives) {
        score.positives += 1;
        if ([...own, ...more.filter((each) => speaksOf(each, sample.peer, id))].some((each) => each.line <= it.endLine && each.endLine >= it.line)) continue;
        if (isFoundAlone(engine, sample, id, it.line)) continue;
        score.missed += 1;
        if (explains(sample, id, it.line)) score.explained += 1;
        else unexplained.push(`${key} ${sample.name}:${it.line}`);
      }
      const quiet = new Set(own.map((it) => it.line).filter((line) => !sample.found.some((it) => line >= it.line && line <= it.endLine)));
      score.negatives += sample.code
        .split('\n')
        .filter((line, index) => line.trim() !== '' && !positives.some((it) => index + 1 >= it.line && index + 1 <= it.endLine)).length;
      for (const line of quiet) {
        score.reported += 1;
        if (explains(sample, id, line)) score.wanted += 1;
        else loud.push(`${key} ${sample.name}:${line}`);
      }
    }
  }
  print(scores);
  if (flags.includes('--missed')) for (const it of unexplained) console.log(`missed ${it}`);
  if (flags.includes('--missed')) for (const it of loud) console.log(`reported ${it}`);
}

function print(scores: ReadonlyMap<string, Score>): void {
  const percent = (part: number, whole: number) => (whole === 0 ? '-' : `${((100 * part) / whole).toFixed(1)} %`);
  const totals = new Map<string, Score>();
  for (const [key, it] of [...scores].sort(([a], [b]) => (a < b ? -1 : 1))) {
    const peer = key.slice(0, key.indexOf(' '));
    const total = totals.get(peer) ?? { positives: 0, missed: 0, explained: 0, negatives: 0, reported: 0, wanted: 0 };
    for (const name of ['positives', 'missed', 'explained', 'negatives', 'reported', 'wanted'] as const) total[name] += it[name];
    totals.set(peer, total);
    console.log(`${key}: ${line(it)}`);
  }
  for (const [peer, it] of totals) console.log(`all of ${peer}: ${line(it)}`);

  function line(it: Score): string {
    const kept = it.positives - it.explained;
    return `${it.positives - it.missed} of ${it.positives} found (${percent(it.positives - it.missed, it.positives)}; without listed deviations ${percent(it.positives - it.missed, kept)}), ${it.reported} of ${it.negatives} other lines reported (${percent(it.reported, it.negatives)}; without listed deviations ${percent(it.reported - it.wanted, it.negatives)})`;
  }
}

main();
