/**
 * From findings to a verdict: categories with their summaries, counts, the conclusion. Pure.
 */
import { CATEGORIES, type Category } from '../../rules/rule.ts';
import { counted, linesOf, listed, sentence, statements } from './prose.ts';
import { type Blind, type CategoryReview, type CategoryVerdict, countsOf, type Fault, type PlacedFinding, type Review, type Verdict, worst } from './review.ts';

/** What was looked at, by the names of `showPage`. */
export type Seen = ReadonlyMap<string, number>;

const SUBJECTS: Readonly<Record<Category, readonly { readonly key: string; readonly one: string; readonly many: string }[]>> = {
  credentials: [{ key: 'literal', one: 'literal', many: 'literals' }],
  resources: [
    { key: 'resource', one: 'acquired resource', many: 'acquired resources' },
    { key: 'change', one: 'change of shared state', many: 'changes of shared state' },
    { key: 'cleanup', one: 'registered cleanup', many: 'registered cleanups' },
  ],
  input: [{ key: 'sink', one: 'call that could be dangerous', many: 'calls that could be dangerous' }],
  errors: [
    { key: 'raises', one: 'expected exception', many: 'expected exceptions' },
    { key: 'handler', one: 'handler', many: 'handlers' },
    { key: 'assertion', one: 'assertion', many: 'assertions' },
  ],
  network: [{ key: 'network', one: 'network call', many: 'network calls' }],
  api: [{ key: 'api', one: 'API call', many: 'API calls' }],
  mocking: [
    { key: 'patch', one: 'patch', many: 'patches' },
    { key: 'mock', one: 'mock', many: 'mocks' },
  ],
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
    const looked = lookedAt(id, seen);
    const verdict = verdictOf(active, own.length > 0 || looked !== '');
    let summary: string | undefined;
    return {
      id,
      title,
      verdict,
      looked,
      // Sentences cost more than the rest of a key's work, and most reviews while typing are never read.
      get summary() {
        summary ??= summaryOf(verdict, active, own.length - active.length, looked);
        return summary;
      },
      findings: own,
    };
  });
}

function verdictOf(active: readonly PlacedFinding[], applicable: boolean): CategoryVerdict {
  if (active.some((it) => it.kind === 'fail')) return 'defects';
  if (active.some((it) => it.kind === 'review')) return 'review';
  return applicable ? 'clear' : 'not-applicable';
}

/** "14 literals looked at, none secret-like", or nothing; true where nothing else was said. */
function lookedAt(id: Category, seen: Seen): string {
  const subjects = SUBJECTS[id].flatMap(({ key, one, many }) => {
    const count = seen.get(key) ?? 0;
    return count === 0 ? [] : [counted(count, one, many)];
  });
  return subjects.length === 0 ? '' : `${listed(subjects)} looked at, ${NOTHING_WRONG[id]}`;
}

function summaryOf(verdict: CategoryVerdict, active: readonly PlacedFinding[], suppressed: number, looked: string): string {
  if (verdict === 'not-applicable') return 'Nothing of this kind in the file.';
  const said = (['fail', 'review', 'informational', 'pass', 'open'] as const).flatMap((kind) =>
    statements(active.filter((it) => it.kind === kind)).map((it) =>
      sentence(`${kind === 'open' ? 'Not judged: ' : ''}${it.message} (${linesOf(it.findings)})`),
    ),
  );
  if (looked !== '' && active.every((it) => it.kind === 'open')) said.unshift(sentence(looked));
  if (suppressed > 0) said.push(sentence(`${counted(suppressed, 'finding')} suppressed with a comment`));
  return said.join(' ');
}

export function reviewOf(
  path: string,
  isTest: boolean,
  lines: number,
  findings: readonly PlacedFinding[],
  seen: Seen,
  faults: readonly Fault[],
  blind: readonly Blind[],
  trusted: readonly string[] = [],
): Review {
  const categories = categoriesOf(findings, seen);
  const verdict = worst(categories.map((it): Verdict => (it.verdict === 'not-applicable' ? 'clear' : it.verdict)));
  const counts = countsOf(findings);
  return {
    path,
    isTest,
    lines,
    verdict,
    conclusion: `${conclusionOf(verdict, counts.fail, counts.review, counts.open, isTest)}${founded(trusted)}`,
    categories,
    counts,
    faults,
    blind,
  };
}

/** A verdict that rests on what the user says of base classes tells so. */
function founded(trusted: readonly string[]): string {
  return trusted.length === 0 ? '' : ` This rests on guarantees added by configuration, of ${listed(trusted.map((it) => `\`${it}\``))}.`;
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
