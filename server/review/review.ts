/**
 * A `Review`: what one revision of one file came out as. Plain data, frozen in spirit, serialisable;
 * views turn it into everything that is shown. This file also orders, merges and judges.
 *
 * Offsets are UTF-16 code units from the start of the file, half-open. Lines and columns count from 1,
 * columns in UTF-16 code units.
 */
import type { Category, Confidence, Kind, Level } from '../../rules/rule.ts';

export type CategoryVerdict = 'clear' | 'review' | 'defects' | 'not-applicable';
/** Of a file or several: `not-applicable` where there is no test code, `not-reviewed` where nothing of it could be read. */
export type Verdict = CategoryVerdict | 'not-reviewed';

export interface Span {
  /** Offsets in the file's text. */
  readonly start: number;
  readonly end: number;
  readonly line: number;
  readonly column: number;
  readonly endLine: number;
  readonly endColumn: number;
}

export interface TrailStep {
  readonly path: string;
  readonly line: number;
  readonly column: number;
  readonly note: string;
}

/** A fix as text edits against the text of the review's own revision; sorted, not overlapping. */
export interface PlacedFix {
  readonly title: string;
  readonly safety: 'safe' | 'suggest';
  readonly edits: readonly PlacedEdit[];
}

/** The text that takes the place of a span; nothing is replaced where the span is empty. */
export interface PlacedEdit extends Span {
  readonly text: string;
}

/** By a comment; or by the baseline, which says that it was known before. */
export interface Suppressed {
  /** The comment, or the baseline's name. */
  readonly by: string;
  readonly reason: string;
  /** Of the comment; 0 for the baseline. */
  readonly line: number;
  readonly baseline?: true;
}

export interface PlacedFinding extends Span {
  /** `network/certificate-check-off` */
  readonly rule: string;
  readonly code: string;
  readonly category: Category;
  readonly kind: Kind;
  /** `error` or `warning` for `fail`, else `none`. */
  readonly level: Level;
  readonly confidence: Confidence;
  readonly message: string;
  readonly trail: readonly TrailStep[];
  readonly fix: PlacedFix | undefined;
  /** Stays the same while the finding moves; see `fingerprint.ts`. */
  readonly fingerprint: string;
  /** Fingerprints of the others that it stands for, where the rule says a repeated idiom once; none for good practice. */
  readonly others: readonly string[];
  /** The definition that it stands in: `TestA.test_a`, `TestA` in the class's own lines; empty at module level. */
  readonly within: string;
  /** Set when somebody takes responsibility for it; such findings count nowhere but under `suppressed` and `baseline`. */
  readonly suppressed: Suppressed | undefined;
}

/** An `attest: ignore` comment, or some of the names in it, that no finding needs. */
export interface UnusedSuppression extends Span {
  readonly text: string;
  /** Those that are not needed; empty for the whole comment. */
  readonly names: readonly string[];
  /** Which of its names no rule has, as a sentence without its full stop. */
  readonly hint?: string;
}

export interface CategoryReview {
  readonly id: Category;
  readonly title: string;
  readonly verdict: CategoryVerdict;
  /** What there was to judge, for when nothing else is said: "14 literals looked at, none secret-like"; empty when there was nothing. */
  readonly looked: string;
  /** One to three sentences with line references: what was seen, what could not be. */
  readonly summary: string;
  /** All findings of the category, suppressed ones included, by place. */
  readonly findings: readonly PlacedFinding[];
}

export interface Fault {
  readonly rule: string;
  readonly message: string;
}

/** What the review could not see, and why. */
export interface Blind {
  readonly what: 'missing-import' | 'too-large' | 'not-utf8' | 'syntax-error' | 'unreadable';
  readonly message: string;
  readonly line: number;
}

export interface Counts {
  readonly fail: number;
  readonly review: number;
  readonly informational: number;
  readonly open: number;
  readonly pass: number;
  /** By a comment. */
  readonly suppressed: number;
  /** Known before, and not counted anywhere else. */
  readonly baseline: number;
}

export const NO_COUNTS: Counts = { fail: 0, review: 0, informational: 0, open: 0, pass: 0, suppressed: 0, baseline: 0 };

export interface Review {
  readonly path: string;
  /** False when the file is not test code: then nothing is reviewed and `categories` are all not-applicable. */
  readonly isTest: boolean;
  readonly lines: number;
  readonly verdict: Verdict;
  /** One sentence: "No security defects detected." */
  readonly conclusion: string;
  /** All seven, in the order of `CATEGORIES`. */
  readonly categories: readonly CategoryReview[];
  readonly counts: Counts;
  readonly faults: readonly Fault[];
  readonly blind: readonly Blind[];
  /** Comments that suppress nothing; none where a part could not be reviewed. */
  readonly unused: readonly UnusedSuppression[];
  /** What configuration changed about the review, in sentences without their full stops: "2 rules are turned off". */
  readonly notes: readonly string[];
}

export function findingsOf(review: Review): PlacedFinding[] {
  return review.categories.flatMap((it) => it.findings).sort((a, b) => a.start - b.start || a.end - b.end || (a.rule < b.rule ? -1 : 1));
}

const RANK: Record<Verdict, number> = { 'not-applicable': 0, clear: 1, 'not-reviewed': 2, review: 3, defects: 4 };

/** What is to be said of all together: of nothing, `not-applicable`. */
export function worst<T extends Verdict>(verdicts: Iterable<T>): T | 'not-applicable' {
  let result: T | 'not-applicable' = 'not-applicable';
  for (const it of verdicts) if (RANK[it] > RANK[result]) result = it;
  return result;
}

export function countsOf(findings: Iterable<{ readonly kind: Kind; readonly suppressed: { readonly baseline?: boolean } | undefined }>): Counts {
  const counts = { ...NO_COUNTS };
  for (const it of findings) counts[it.suppressed === undefined ? it.kind : it.suppressed.baseline === true ? 'baseline' : 'suppressed'] += 1;
  return counts;
}

export function addCounts(a: Counts, b: Counts): Counts {
  return {
    fail: a.fail + b.fail,
    review: a.review + b.review,
    informational: a.informational + b.informational,
    open: a.open + b.open,
    pass: a.pass + b.pass,
    suppressed: a.suppressed + b.suppressed,
    baseline: a.baseline + b.baseline,
  };
}
