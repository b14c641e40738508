/**
 * From findings to a verdict: categories with their summaries, counts, the conclusion. Pure.
 */
import { CATEGORIES, type Category } from '../../rules/rule.ts';
import type { FileModel } from '../model/file-model.ts';
import { counted, linesOf, listed, sentence, statements } from './prose.ts';
import {
  type Blind,
  type CategoryReview,
  type CategoryVerdict,
  type Counts,
  countsOf,
  type Fault,
  type PlacedFinding,
  type Review,
  type UnusedSuppression,
  type Verdict,
  worst,
} from './review.ts';

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

/** What the rules of a category would have said; no more than that: another category may speak of the same spot. */
const NOTHING_WRONG: Readonly<Record<Category, string>> = {
  credentials: 'none secret-like',
  resources: 'no leak seen by these rules',
  input: 'none seen to be fed from outside',
  errors: 'none seen to be too broad or swallowed',
  network: 'none seen to reach a public host',
  api: 'none seen to be open to abuse',
  mocking: 'none seen to leak or to be misspelt',
};

/** `lookedOf` says what there was to judge, for a category with nothing suppressed and for one with. */
export function categoriesOf(findings: readonly PlacedFinding[], lookedOf: (id: Category, unsuppressed: boolean) => string): CategoryReview[] {
  return CATEGORIES.map(({ id, title }) => {
    const own = findings.filter((it) => it.category === id);
    const active = own.filter((it) => it.suppressed === undefined);
    const looked = lookedOf(id, own.length === active.length);
    return new Assessed(id, title, verdictOf(active, own.length > 0 || looked !== ''), looked, own);
  });
}

/** A class, since V8 makes a shape of its own for each object that is written with a getter, and keeps it until a full collection. */
class Assessed implements CategoryReview {
  readonly id: Category;
  readonly title: string;
  readonly verdict: CategoryVerdict;
  readonly looked: string;
  readonly findings: readonly PlacedFinding[];
  #summary: string | undefined;

  constructor(id: Category, title: string, verdict: CategoryVerdict, looked: string, findings: readonly PlacedFinding[]) {
    this.id = id;
    this.title = title;
    this.verdict = verdict;
    this.looked = looked;
    this.findings = findings;
  }

  /** Sentences cost more than the rest of a key's work, and most reviews while typing are never read. */
  get summary(): string {
    this.#summary ??= summaryOf(this.verdict, this.findings, this.looked);
    return this.#summary;
  }
}

function verdictOf(active: readonly PlacedFinding[], applicable: boolean): CategoryVerdict {
  if (active.some((it) => it.kind === 'fail')) return 'defects';
  if (active.some((it) => it.kind === 'review')) return 'review';
  return applicable ? 'clear' : 'not-applicable';
}

/** "14 literals looked at, none secret-like", or nothing; true where nothing else was said. Where comments suppress findings it says only what was looked at. */
function lookedAt(id: Category, seen: Seen, unsuppressed: boolean): string {
  const subjects = SUBJECTS[id].flatMap(({ key, one, many }) => {
    const count = seen.get(key) ?? 0;
    return count === 0 ? [] : [counted(count, one, many)];
  });
  return subjects.length === 0 ? '' : `${listed(subjects)} looked at${unsuppressed ? `, ${NOTHING_WRONG[id]}` : ''}`;
}

function summaryOf(verdict: CategoryVerdict, findings: readonly PlacedFinding[], looked: string): string {
  if (verdict === 'not-applicable') return 'Nothing of this kind in the file.';
  const active = findings.filter((it) => it.suppressed === undefined);
  const baseline = findings.filter((it) => it.suppressed?.baseline === true).length;
  const suppressed = findings.length - active.length - baseline;
  const said = (['fail', 'review', 'informational', 'pass', 'open'] as const).flatMap((kind) =>
    statements(active.filter((it) => it.kind === kind)).map((it) =>
      sentence(`${kind === 'open' ? 'Not judged: ' : ''}${it.message} (${linesOf(it.findings)})`),
    ),
  );
  if (looked !== '' && active.every((it) => it.kind === 'open')) said.unshift(sentence(looked));
  if (suppressed > 0) said.push(sentence(`${counted(suppressed, 'finding')} suppressed with a comment`));
  if (baseline > 0) said.push(sentence(`${counted(baseline, 'finding')} in the baseline`));
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
  unused: readonly UnusedSuppression[] = [],
  notes: readonly string[] = [],
): Review {
  return reviewFrom(
    path,
    isTest,
    lines,
    categoriesOf(findings, (id, unsuppressed) => lookedAt(id, seen, unsuppressed)),
    faults,
    blind,
    unused,
    notes,
  );
}

/** What else is to be said of a review with other findings. */
interface Change {
  readonly notes: readonly string[];
  isOff(category: Category): boolean;
}

/** The same review with other findings. */
export function reassessed(review: Review, findings: readonly PlacedFinding[], { notes, isOff }: Change): Review {
  const before = new Map(review.categories.map((it) => [it.id, it]));
  const categories = categoriesOf(findings, (id, unsuppressed) => {
    const category = before.get(id);
    const gone = category?.findings.some(
      (it) => it.suppressed === undefined && !findings.some((other) => other.category === id && other.start === it.start && other.rule === it.rule),
    );
    const looked = category?.looked ?? '';
    // Nobody can say that nothing was wrong where findings are left out.
    return unsuppressed && gone !== true ? looked : looked.replace(/ looked at, .*/, ' looked at');
  }).map(
    (it): CategoryReview =>
      isOff(it.id) && it.findings.length === 0 ? { ...it, verdict: 'not-applicable', looked: '', summary: 'Turned off by configuration.' } : it,
  );
  const { path, isTest, lines, faults, blind, unused } = review;
  return { ...reviewFrom(path, isTest, lines, categories, faults, blind, unused), notes: [...review.notes, ...notes] };
}

/** The review that these categories make. */
export function reviewFrom(
  path: string,
  isTest: boolean,
  lines: number,
  categories: readonly CategoryReview[],
  faults: readonly Fault[],
  blind: readonly Blind[],
  unused: readonly UnusedSuppression[],
  notes: readonly string[] = [],
): Review {
  const said = worst(categories.map((it) => it.verdict));
  const nothing: Verdict = !isTest ? 'not-applicable' : blind.length > 0 ? 'not-reviewed' : 'clear';
  const verdict = said === 'not-applicable' ? nothing : said;
  const counts = countsOf(categories.flatMap((it) => it.findings));
  return {
    path,
    isTest,
    lines,
    verdict,
    conclusion: isTest ? conclusionOf(verdict, counts, blind) : 'Not test code: not reviewed.',
    categories,
    counts,
    faults,
    blind,
    unused,
    notes,
  };
}

/** What is to be said of a file as a whole. */
export function notesOn(of: Pick<FileModel, 'trusted' | 'vendored' | 'generated' | 'unrun'>): readonly string[] {
  const { trusted, vendored, generated, unrun } = of;
  const notes: string[] = [];
  if (trusted.length > 0) notes.push(`The verdict rests on guarantees that configuration adds: of ${listed(trusted.map((it) => `\`${it}\``))}`);
  if (vendored) notes.push('The file is vendored, by `.gitattributes` or its folder: what is found in it is a note');
  else if (generated) notes.push('The file is generated, by its head: what is found in it is a note');
  if (unrun !== undefined)
    notes.push(
      `No run of the tests collects the file, by ${unrun}, and nothing seen calls it: what matters only where it runs is a note, and nothing is proven`,
    );
  return notes;
}

function conclusionOf(verdict: Verdict, { fail, review, open }: Counts, blind: readonly Blind[]): string {
  const broken = blind.filter((it) => it.what === 'syntax-error').length;
  const refused = blind.find((it) => it.what !== 'syntax-error');
  if (verdict === 'not-reviewed') {
    const why = refused?.message ?? `${broken} ${broken === 1 ? 'part' : 'parts'} could not be parsed, and nothing else holds anything to judge`;
    return `Nothing was reviewed: ${why}.`;
  }
  const unjudged = [
    ...(open === 0 ? [] : [` ${open} ${open === 1 ? 'thing' : 'things'} could not be judged from what was read.`]),
    ...(broken === 0 ? [] : [` ${broken} ${broken === 1 ? 'part' : 'parts'} could not be parsed and ${broken === 1 ? 'was' : 'were'} not reviewed.`]),
  ].join('');
  switch (verdict) {
    case 'review':
      return `No security defects detected; ${review} ${review === 1 ? 'spot needs' : 'spots need'} a person's decision.${unjudged}`;
    case 'defects':
      return `${fail} security ${fail === 1 ? 'defect' : 'defects'} detected${review === 0 ? '' : `, and ${review} ${review === 1 ? 'spot' : 'spots'} for a person to decide`}.${unjudged}`;
    default:
      return `No security defects detected.${unjudged}`;
  }
}
