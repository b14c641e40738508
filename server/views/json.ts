/**
 * The review as JSON, schema `attest-review/1` (the shape is a promise: keys only get added). Equal reviews
 * give equal bytes: nothing here depends on time, machine or the order of the reviews.
 */
import { CATEGORIES } from '../../rules/rule.ts';
import { byPath } from '../review/prose.ts';
import { type CategoryReview, countsOf, type PlacedFinding, type Review, worst } from '../review/review.ts';
import { visibleJson } from './visible.ts';

/** One object and a line break; files by path, hidden characters escaped. */
export function json(reviews: readonly Review[], options: { readonly version: string; readonly notes?: readonly string[] }): string {
  return jsonText({ schema: SCHEMA, tool: { name: 'attest', version: options.version }, notes: options.notes ?? [] }, byPath(reviews).map(fileOf));
}

export const SCHEMA = 'attest-review/1';

/** A file as it stands in the report. */
export type FileReport = ReturnType<typeof fileOf>;

/** The report of files that are sorted by path. */
export function jsonText(head: object, files: readonly FileReport[]): string {
  return `${visibleJson(JSON.stringify({ ...head, files, summary: summaryOf(files) }, undefined, 2))}\n`;
}

function summaryOf(files: readonly FileReport[]) {
  const findings = files.flatMap((file) => file.categories.flatMap((it) => it.findings));
  const { fail, review, informational, open, pass, suppressed, baseline } = countsOf(
    findings.map((it) => ({ kind: it.kind, suppressed: it.suppressed ? { baseline: it.baseline } : undefined })),
  );
  const lines = files.reduce((sum, it) => sum + it.lines, 0);
  return { verdict: worst(files.map((it) => it.verdict)), files: files.length, lines, fail, review, informational, open, pass, suppressed, baseline };
}

function fileOf(review: Review) {
  const order = new Map(CATEGORIES.map((it, index) => [it.id, index]));
  const position = (it: CategoryReview) => order.get(it.id) ?? order.size;
  return {
    path: review.path,
    verdict: review.verdict,
    lines: review.lines,
    categories: [...review.categories]
      .sort((a, b) => position(a) - position(b))
      .map((it) => ({ id: it.id, verdict: it.verdict, summary: it.summary, findings: it.findings.map(findingOf) })),
    faults: review.faults.map(({ rule, message }) => ({ rule, message })),
    blind: review.blind.map(({ what, message, line }) => ({ what, message, line })),
    notes: [...review.notes],
    unused: review.unused.map(({ text, names, line, column, endLine, endColumn }) => ({ text, names, line, column, endLine, endColumn })),
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
