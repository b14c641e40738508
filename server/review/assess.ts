/**
 * From findings to a verdict: categories with their summaries, counts, the conclusion. Pure.
 */
import { CATEGORIES, type Category } from '../../rules/rule.ts';
import { type Blind, type CategoryReview, type CategoryVerdict, countsOf, type Fault, type PlacedFinding, type Review, type Verdict, worst } from './review.ts';

/** What was looked at, by the names of `showPage`. */
export type Seen = ReadonlyMap<string, number>;

const SUBJECTS: Readonly<Record<Category, readonly { readonly key: string; readonly one: string; readonly many: string }[]>> = {
  credentials: [{ key: 'literal', one: 'literal', many: 'literals' }],
  resources: [{ key: 'resource', one: 'acquired resource', many: 'acquired resources' }, { key: 'change', one: 'change of shared state', many: 'changes of shared state' }, { key: 'cleanup', one: 'registered cleanup', many: 'registered cleanups' }],
  input: [{ key: 'sink', one: 'call that could be dangerous', many: 'calls that could be dangerous' }],
  errors: [{ key: 'raises', one: 'expected exception', many: 'expected exceptions' }, { key: 'handler', one: 'handler', many: 'handlers' }, { key: 'assertion', one: 'assertion', many: 'assertions' }],
  network: [{ key: 'network', one: 'network call', many: 'network calls' }],
  api: [{ key: 'api', one: 'API call', many: 'API calls' }],
  mocking: [{ key: 'patch', one: 'patch', many: 'patches' }, { key: 'mock', one: 'mock', many: 'mocks' }],
};

const NOTHING_WRONG: Readonly<Record<Category, string>> = {
  credentials: 'none secret-like',
  resources: 'all released or harmless',
  input: 'none fed from outside',
  errors: 'none too broad or swallowed',
  network: 'none to a public host',
  api: 'none open to abuse',
  mocking: 'none leaking or misspelt',
};

export function categoriesOf(findings: readonly PlacedFinding[], seen: Seen): CategoryReview[] {
  return CATEGORIES.map(({ id, title }) => {
    const own = findings.filter((it) => it.category === id);
    const active = own.filter((it) => it.suppressed === undefined);
    const verdict = verdictOf(active, own.length > 0 || SUBJECTS[id].some((it) => (seen.get(it.key) ?? 0) > 0));
    return { id, title, verdict, summary: summaryOf(id, verdict, active, own.length - active.length, seen), findings: own };
  });
}

function verdictOf(active: readonly PlacedFinding[], applicable: boolean): CategoryVerdict {
  if (active.some((it) => it.kind === 'fail')) return 'defects';
  if (active.some((it) => it.kind === 'review')) return 'review';
  return applicable ? 'clear' : 'not-applicable';
}

function summaryOf(id: Category, verdict: CategoryVerdict, active: readonly PlacedFinding[], suppressed: number, seen: Seen): string {
  if (verdict === 'not-applicable') return 'Nothing of this kind in the file.';
  const sentences: string[] = [];
  for (const kind of ['fail', 'review', 'informational', 'pass', 'open'] as const) {
    for (const group of groupsOf(active.filter((it) => it.kind === kind))) {
      const [first] = group;
      if (first === undefined) continue;
      const lines = linesOf(group);
      const lead = kind === 'open' ? 'Not judged: ' : '';
      const more = group.length > 1 ? `, and ${group.length - 1} more like it` : '';
      const sentence = `${lead}${first.message}${more}`;
      sentences.push(`${sentence[0]?.toUpperCase() ?? ''}${sentence.slice(1)} (${lines}).`);
    }
  }
  if (!active.some((it) => it.kind !== 'open')) {
    const looked = SUBJECTS[id].flatMap(({ key, one, many }) => {
      const count = seen.get(key) ?? 0;
      return count === 0 ? [] : [`${count} ${count === 1 ? one : many}`];
    });
    if (looked.length > 0) sentences.unshift(`${list(looked)} looked at, ${NOTHING_WRONG[id]}.`);
  }
  if (suppressed > 0) sentences.push(`${suppressed} suppressed with a comment.`);
  return sentences.join(' ');
}

/** Findings of one rule, in order of their first place. */
export function groupsOf(findings: readonly PlacedFinding[]): PlacedFinding[][] {
  const groups = new Map<string, PlacedFinding[]>();
  for (const it of findings) {
    const group = groups.get(it.rule);
    if (group === undefined) groups.set(it.rule, [it]);
    else group.push(it);
  }
  return [...groups.values()];
}

/** "line 4", "lines 4-6, 9". */
export function linesOf(findings: readonly PlacedFinding[]): string {
  const lines = [...new Set(findings.map((it) => it.line))].sort((a, b) => a - b);
  const ranges: string[] = [];
  for (let index = 0; index < lines.length; index++) {
    const from = lines[index] ?? 0;
    let to = from;
    while (lines[index + 1] === to + 1) {
      to += 1;
      index += 1;
    }
    ranges.push(from === to ? `${from}` : `${from}-${to}`);
  }
  return `${lines.length === 1 ? 'line' : 'lines'} ${ranges.join(', ')}`;
}

function list(parts: readonly string[]): string {
  return parts.length < 2 ? (parts[0] ?? '') : `${parts.slice(0, -1).join(', ')} and ${parts.at(-1) ?? ''}`;
}

export function reviewOf(path: string, isTest: boolean, lines: number, findings: readonly PlacedFinding[], seen: Seen, faults: readonly Fault[], blind: readonly Blind[]): Review {
  const categories = categoriesOf(findings, seen);
  const verdict = worst(categories.map((it): Verdict => (it.verdict === 'not-applicable' ? 'clear' : it.verdict)));
  const counts = countsOf(findings);
  return { path, isTest, lines, verdict, conclusion: conclusionOf(verdict, counts.fail, counts.review, counts.open, isTest), categories, counts, faults, blind };
}

function conclusionOf(verdict: Verdict, fail: number, review: number, open: number, isTest: boolean): string {
  if (!isTest) return 'Not test code: not reviewed.';
  const unjudged = open === 0 ? '' : ` ${open} ${open === 1 ? 'thing' : 'things'} could not be judged from what was read.`;
  switch (verdict) {
    case 'clear':
      return `No security defects detected.${unjudged}`;
    case 'review':
      return `No security defects detected; ${review} ${review === 1 ? 'spot needs' : 'spots need'} a person's decision.${unjudged}`;
    case 'defects':
      return `${fail} security ${fail === 1 ? 'defect' : 'defects'} detected${review === 0 ? '' : `, and ${review} ${review === 1 ? 'spot' : 'spots'} for a person to decide`}.${unjudged}`;
  }
}
