/**
 * What panel, tree and status bar show of one file: plain data, sent to the editor with each review. Lines and
 * columns count from 1, in UTF-16 code units. Suppressed findings stay visible, with the reason that was given.
 */
import type { Category, Confidence, Kind, Level, Rule } from '../../rules/rule.ts';
import { capital } from '../review/prose.ts';
import type { Blind, CategoryVerdict, Counts, PlacedFinding, Review, Verdict } from '../review/review.ts';
import { visible } from './visible.ts';

export interface FileSnapshot {
  /** Relative to the root, with `/`. */
  readonly path: string;
  readonly isTest: boolean;
  readonly lines: number;
  readonly verdict: Verdict;
  /** One sentence. */
  readonly conclusion: string;
  readonly counts: Counts;
  /** All seven, in the order in which a review answers. */
  readonly categories: readonly CategorySnapshot[];
  /** What the review could not see. */
  readonly blind: readonly Blind[];
  /** Rules that failed, each one a bug of Attest. */
  readonly faults: readonly string[];
  /** What settings changed about the review: "2 rules are turned off". */
  readonly notes: readonly string[];
}

export interface CategorySnapshot {
  readonly id: Category;
  readonly title: string;
  readonly verdict: CategoryVerdict;
  readonly summary: string;
  /** By place. */
  readonly findings: readonly FindingLine[];
}

export interface FindingLine {
  readonly rule: string;
  /** The rule's title. */
  readonly title: string;
  readonly kind: Kind;
  readonly level: Level;
  readonly confidence: Confidence;
  readonly message: string;
  readonly line: number;
  readonly column: number;
  readonly endLine: number;
  readonly endColumn: number;
  readonly trail: readonly { readonly path: string; readonly line: number; readonly column: number; readonly note: string }[];
  readonly hasFix: boolean;
  /** The reason of the comment that takes responsibility, or what the baseline says. */
  readonly suppressed?: string;
  /** It is the baseline that does. */
  readonly baseline?: true;
}

export function snapshotOf(review: Review, ruleOf: (id: string) => Rule | undefined, notes: readonly string[] = []): FileSnapshot {
  const { path, isTest, lines, verdict, conclusion, counts, blind } = review;
  return {
    path,
    isTest,
    lines,
    verdict,
    conclusion,
    counts,
    blind,
    notes: [...review.notes.map(visible), ...notes],
    faults: review.faults.map((it) => `${it.rule}: ${it.message}`),
    categories: review.categories.map((it) => ({
      id: it.id,
      title: it.title,
      verdict: it.verdict,
      summary: it.summary,
      findings: it.findings.map((finding) => lineOf(finding, ruleOf)),
    })),
  };
}

function lineOf(finding: PlacedFinding, ruleOf: (id: string) => Rule | undefined): FindingLine {
  const { rule, kind, level, confidence, line, column, endLine, endColumn } = finding;
  return {
    rule,
    kind,
    level,
    confidence,
    line,
    column,
    endLine,
    endColumn,
    title: ruleOf(rule)?.title ?? rule,
    message: capital(visible(finding.message)),
    trail: finding.trail.map((it) => ({ path: it.path, line: it.line, column: it.column, note: visible(it.note) })),
    hasFix: finding.fix !== undefined,
    ...(finding.suppressed === undefined ? {} : { suppressed: visible(finding.suppressed.reason) }),
    ...(finding.suppressed?.baseline === true ? { baseline: true } : {}),
  };
}
