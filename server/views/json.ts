/**
 * The review as JSON, schema `attest-review/1` (the shape is a promise: keys only get added). Equal reviews
 * give equal bytes: nothing here depends on time, machine or the order of the reviews.
 */
import { CATEGORIES } from '../../rules/rule.ts';
import { byPath } from '../review/prose.ts';
import { addCounts, type CategoryReview, NO_COUNTS, type PlacedFinding, type Review, worst } from '../review/review.ts';
import { visibleJson } from './visible.ts';

/** One object and a line break; files by path, hidden characters escaped. */
export function json(reviews: readonly Review[], options: { readonly version: string }): string {
  const sorted = byPath(reviews);
  const { fail, review, informational, open, pass, suppressed, baseline } = sorted.map((it) => it.counts).reduce(addCounts, NO_COUNTS);
  const report = {
    schema: 'attest-review/1',
    tool: { name: 'attest', version: options.version },
    files: sorted.map(fileOf),
    summary: {
      verdict: worst(sorted.map((it) => it.verdict)),
      files: sorted.length,
      lines: sorted.reduce((sum, it) => sum + it.lines, 0),
      fail,
      review,
      informational,
      open,
      pass,
      suppressed,
      baseline,
    },
  };
  return `${visibleJson(JSON.stringify(report, undefined, 2))}\n`;
}

function fileOf(review: Review) {
  const order = new Map(CATEGORIES.map((it, index) => [it.id, index]));
  const position = (it: CategoryReview) => order.get(it.id) ?? order.size;
  return {
    path: review.path,
    verdict: review.verdict,
    categories: [...review.categories]
      .sort((a, b) => position(a) - position(b))
      .map((it) => ({ id: it.id, verdict: it.verdict, summary: it.summary, findings: it.findings.map(findingOf) })),
    faults: review.faults.map(({ rule, message }) => ({ rule, message })),
    blind: review.blind.map(({ what, message, line }) => ({ what, message, line })),
    notes: [...review.notes],
  };
}

function findingOf(finding: PlacedFinding) {
  const { rule, code, kind, level, confidence, message, line, column, endLine, endColumn } = finding;
  return {
    rule,
    code,
    kind,
    level,
    confidence,
    message,
    line,
    column,
    endLine,
    endColumn,
    trail: finding.trail.map((it) => ({ path: it.path, line: it.line, column: it.column, note: it.note })),
    suppressed: finding.suppressed !== undefined,
    baseline: finding.suppressed?.baseline === true,
    fingerprint: finding.fingerprint,
  };
}
