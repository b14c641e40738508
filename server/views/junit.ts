/**
 * The review as JUnit XML, for the test summaries of CI servers: a suite for each file, in it one case for each of
 * the seven categories that the file has anything of. A case fails by the threshold that also decides the exit code,
 * so that summary and exit code agree; what is left to decide, open or set aside is written below it.
 */
import type { Kind } from '../../rules/rule.ts';
import { byPath } from '../review/prose.ts';
import type { CategoryReview, PlacedFinding, Review } from '../review/review.ts';
import { attribute, content } from './xml.ts';

export interface JunitOptions {
  /** Kinds that fail a case. */
  readonly failing: readonly Kind[];
}

/** An XML document that ends with a line break. */
export function junit(reviews: readonly Review[], { failing }: JunitOptions): string {
  const suites = byPath(reviews)
    .filter((it) => it.isTest)
    .map((it) => suiteOf(it, failing));
  return [
    '<?xml version="1.0" encoding="UTF-8"?>',
    `<testsuites name="attest"${totals(suites.flatMap((it) => it.cases))}>`,
    ...suites.flatMap(({ path, cases, notes }) => [
      `  <testsuite name="${attribute(path)}" file="${attribute(path)}"${totals(cases)}>`,
      ...cases.flatMap((it) => caseLines(it, path)),
      ...(notes.length === 0 ? [] : [`    <system-out>${notes.map(content).join('\n')}</system-out>`]),
      '  </testsuite>',
    ]),
    '</testsuites>',
    '',
  ].join('\n');
}

interface Case {
  readonly name: string;
  readonly outcome: 'passed' | 'failure' | 'error' | 'skipped';
  readonly message: string;
  /** What stands in the outcome's element. */
  readonly lines: readonly string[];
  /** What else there is to say. */
  readonly remarks: readonly string[];
}

function suiteOf(review: Review, failing: readonly Kind[]): { readonly path: string; readonly cases: readonly Case[]; readonly notes: readonly string[] } {
  const { path } = review;
  const broken = [...review.faults.map((it) => `fault in Attest: ${it.rule}: ${it.message}`), ...unread(review)];
  const reading: Case[] = broken.length === 0 ? [] : [{ name: 'Review', outcome: 'error', message: 'not reviewed as a whole', lines: broken, remarks: [] }];
  const refused = review.lines === 0 && review.blind.length > 0;
  return { path, notes: review.notes, cases: refused ? reading : [...review.categories.map((it) => caseOf(it, path, failing)), ...reading] };
}

/** A missing import is ordinary and told by open findings; the rest means that text was not judged. */
function unread(review: Review): string[] {
  return review.blind.filter((it) => it.what !== 'missing-import').map((it) => `${review.path}:${it.line}: ${it.message}`);
}

function caseOf(category: CategoryReview, path: string, failing: readonly Kind[]): Case {
  const name = category.title;
  if (category.verdict === 'not-applicable') return { name, outcome: 'skipped', message: 'not applicable', lines: [], remarks: [] };
  const bad = category.findings.filter((it) => it.suppressed === undefined && failing.includes(it.kind));
  const rest = category.findings.filter((it) => !bad.includes(it) && (it.kind === 'fail' || it.kind === 'review' || it.kind === 'open'));
  const remarks = rest.map((it) => lineOf(it, path));
  if (bad.length === 0) return { name, outcome: 'passed', message: '', lines: [], remarks };
  const message = bad.length === 1 ? (bad[0]?.message ?? '') : `${bad.length} findings`;
  return { name, outcome: 'failure', message, lines: bad.flatMap((it) => [lineOf(it, path), ...trailOf(it)]), remarks };
}

function lineOf(it: PlacedFinding, path: string): string {
  const set = it.suppressed?.baseline === true ? 'in the baseline' : 'suppressed';
  const word = it.suppressed === undefined ? (it.kind === 'fail' ? it.level : it.kind) : set;
  return `${path}:${it.line}:${it.column}: ${word}: ${it.message} (${it.rule})`;
}

function trailOf(it: PlacedFinding): string[] {
  return it.trail.map((step) => `    ${step.path}:${step.line}:${step.column}: ${step.note}`);
}

function totals(cases: readonly Case[]): string {
  const count = (outcome: Case['outcome']) => cases.filter((it) => it.outcome === outcome).length;
  return ` tests="${cases.length}" failures="${count('failure')}" errors="${count('error')}" skipped="${count('skipped')}"`;
}

function caseLines(it: Case, path: string): string[] {
  const head = `    <testcase classname="${attribute(path)}" name="${attribute(it.name)}"`;
  const type = it.outcome === 'skipped' || it.outcome === 'passed' ? '' : ` type="${it.outcome === 'failure' ? 'finding' : 'unseen'}"`;
  const inside = [
    ...(it.outcome === 'passed'
      ? []
      : it.lines.length === 0
        ? [`      <${it.outcome} message="${attribute(it.message)}"/>`]
        : [`      <${it.outcome} message="${attribute(it.message)}"${type}>${it.lines.map(content).join('\n')}</${it.outcome}>`]),
    ...(it.remarks.length === 0 ? [] : [`      <system-out>${it.remarks.map(content).join('\n')}</system-out>`]),
  ];
  return inside.length === 0 ? [`${head}/>`] : [`${head}>`, ...inside, '    </testcase>'];
}
