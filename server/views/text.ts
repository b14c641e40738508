/**
 * The review on a terminal: what needs a look, by file and place; the seven categories in one table; one line
 * that concludes. One file is shown with its notes and open questions; of several files only defects and
 * points to decide are, and the rest is counted.
 */
import type { Colors } from 'picocolors/types';
import { CATEGORIES, type Kind } from '../../rules/rule.ts';
import { byPath, hasNothing, isRefused, linesOf, notesAcross, unusedSays } from '../review/prose.ts';
import { addCounts, type CategoryReview, type Counts, findingsOf, NO_COUNTS, type PlacedFinding, type Review, worst } from '../review/review.ts';
import { visible } from './visible.ts';

export interface TextOptions {
  readonly colors: Colors;
  /** Kinds that make the run fail: always shown. */
  readonly failing?: readonly Kind[];
  /** Defects and points to decide only: no table, no conclusion, nothing at all when there are none. */
  readonly quiet?: boolean;
}

type Paint = (text: string) => string;

/** Lines for a terminal, each ended by a line break; empty when there is nothing to say. */
export function text(reviews: readonly Review[], options: TextOptions): string {
  const several = reviews.length !== 1;
  const blocks = byPath(reviews)
    .map((it) => fileBlock(it, several, options))
    .filter((it) => it.length > 0);
  if (options.quiet !== true) blocks.push(several ? overallTable(reviews, options.colors) : [], conclusionLines(reviews, options.colors));
  return blocks
    .filter((it) => it.length > 0)
    .map((it) => `${it.join('\n')}\n`)
    .join('\n');
}

// -------------------------------------------------------------------------------------------- one file

function fileBlock(review: Review, several: boolean, options: TextOptions): string[] {
  const { colors } = options;
  const heading = colors.underline(visible(review.path));
  if (!review.isTest) return options.quiet === true ? [] : [heading, '  not test code; nothing was reviewed'];
  if (isRefused(review))
    return [heading, ...review.blind.map((it) => `  ${colors.yellow('not reviewed')}  ${visible(it.message)}`), ...faultRows(review, colors)];
  const short = several || options.quiet === true;
  const kinds: readonly Kind[] = short ? ['fail', 'review', ...(options.failing ?? [])] : ['fail', 'review', 'open', 'informational'];
  const shown = findingsOf(review).filter((it) => it.suppressed === undefined && kinds.includes(it.kind));
  const rows = [
    ...findingRows(shown, review.path, colors),
    ...(options.quiet === true ? [] : unusedRows(review, colors)),
    ...blindRows(review, several, colors),
    ...faultRows(review, colors),
  ];
  if (short) return rows.length === 0 ? [] : [heading, ...rows];
  return [heading, ...rows, ...(rows.length === 0 ? [] : ['']), ...categoryRows(review, colors)];
}

function findingRows(findings: readonly PlacedFinding[], path: string, colors: Colors): string[] {
  const cells = findings.map((it) => ({ it, at: `${it.line}:${it.column}`, word: wordOf(it) }));
  const [places, words, rules] = [widest(cells.map((it) => it.at)), widest(cells.map((it) => it.word)), widest(findings.map((it) => it.rule))];
  return cells.flatMap(({ it, at, word }) => [
    `  ${colors.dim(at.padStart(places))}  ${paintOf(it, colors)(word.padEnd(words))}  ${colors.dim(it.rule.padEnd(rules))}  ${visible(it.message)}`,
    ...it.trail.map((step) =>
      colors.dim(`  ${' '.repeat(places)}    ${step.path === path ? '' : `${visible(step.path)}:`}${step.line}:${step.column} ${visible(step.note)}`),
    ),
  ]);
}

function wordOf(finding: PlacedFinding): string {
  if (finding.kind === 'fail') return finding.level;
  return finding.kind === 'informational' ? 'note' : finding.kind;
}

function paintOf(finding: PlacedFinding, colors: Colors): Paint {
  if (finding.kind === 'fail') return finding.level === 'error' ? colors.red : colors.yellow;
  if (finding.kind === 'review') return colors.cyan;
  return finding.kind === 'pass' ? colors.green : colors.dim;
}

function blindRows(review: Review, several: boolean, colors: Colors): string[] {
  return review.blind
    .filter((it) => !several || it.what !== 'missing-import')
    .map((it) => `  ${colors.dim(`${it.line}`)}  ${colors.yellow('unseen')}  ${visible(it.message)}`);
}

function unusedRows(review: Review, colors: Colors): string[] {
  return review.unused.map((it) => `  ${colors.dim(`${it.line}:${it.column}`)}  ${colors.dim('note')}  ${visible(unusedSays(it))}`);
}

function faultRows(review: Review, colors: Colors): string[] {
  return review.faults.map((it) => `  ${colors.red('fault in Attest')}  ${visible(it.rule)}  ${visible(it.message)}`);
}

function categoryRows(review: Review, colors: Colors): string[] {
  const ids = widest(review.categories.map((it) => it.id));
  const verdicts = widest(review.categories.map((it) => verdictWord(it.verdict)));
  return review.categories.map((it) => {
    const word = verdictPaint(it.verdict, colors)(verdictWord(it.verdict).padEnd(verdicts));
    return `  ${it.id.padEnd(ids)}  ${word}  ${it.verdict === 'not-applicable' ? '' : evidence(it)}`.trimEnd();
  });
}

function evidence(category: CategoryReview): string {
  const active = category.findings.filter((it) => it.suppressed === undefined);
  const baseline = category.findings.filter((it) => it.suppressed?.baseline === true).length;
  const suppressed = category.findings.length - active.length - baseline;
  const part = (kind: PlacedFinding['kind'], one: string, several: string) => {
    const own = active.filter((it) => it.kind === kind);
    return own.length === 0 ? [] : [`${own.length} ${own.length === 1 ? one : several} (${linesOf(own)})`];
  };
  const parts = [
    ...part('fail', 'defect', 'defects'),
    ...part('review', 'to decide', 'to decide'),
    ...part('pass', 'good practice', 'good practices'),
    ...part('open', 'open', 'open'),
    ...part('informational', 'note', 'notes'),
    ...(suppressed === 0 ? [] : [`${suppressed} suppressed`]),
    ...(baseline === 0 ? [] : [`${baseline} in the baseline`]),
  ];
  return parts.length === 0 ? visible(category.summary) : parts.join(', ');
}

// --------------------------------------------------------------------------------------- several files

function overallTable(reviews: readonly Review[], colors: Colors): string[] {
  const judged = reviews.filter((it) => it.isTest && !isRefused(it) && !hasNothing(it));
  if (judged.length === 0) return [];
  const header = ['', 'defects', 'to decide', 'open', 'good', 'files'];
  const rows = CATEGORIES.map((category) => {
    const own = judged.flatMap((it) => it.categories.filter((one) => one.id === category.id));
    const active = own.flatMap((it) => it.findings).filter((it) => it.suppressed === undefined);
    const count = (kind: PlacedFinding['kind']) => active.filter((it) => it.kind === kind).length;
    const exercised = own.filter((it) => it.verdict !== 'not-applicable').length;
    return [category.id, ...[count('fail'), count('review'), count('open'), count('pass'), exercised].map((it) => `${it}`)];
  });
  const widths = header.map((title, column) => widest([title, ...rows.map((it) => it[column] ?? '')]));
  const line = (cells: readonly string[]) =>
    cells.map((it, column) => (column === 0 ? it.padEnd(widths[0] ?? 0) : it.padStart(widths[column] ?? 0))).join('  ');
  return [colors.dim(line(header)), ...rows.map(line)];
}

function conclusionLines(reviews: readonly Review[], colors: Colors): string[] {
  const tests = reviews.filter((it) => it.isTest && !isRefused(it));
  if (tests.length === 0) return ['No test code was reviewed.'];
  const counts = tests.map((it) => it.counts).reduce(addCounts, NO_COUNTS);
  const verdict = worst(tests.map((it) => it.verdict));
  const [only] = tests;
  const said = only !== undefined && tests.length === 1 ? visible(only.conclusion) : overallConclusion(counts);
  const lines = tests.reduce((sum, it) => sum + it.lines, 0);
  const unused = tests.reduce((sum, it) => sum + it.unused.length, 0);
  const parts = [
    plural(counts.fail, 'defect', 'defects'),
    `${counts.review} to decide`,
    `${counts.open} open`,
    plural(counts.pass, 'good practice', 'good practices'),
    ...(counts.suppressed === 0 ? [] : [`${counts.suppressed} suppressed`]),
    ...(counts.baseline === 0 ? [] : [`${counts.baseline} in the baseline`]),
    ...(unused === 0 ? [] : [`${plural(unused, 'comment suppresses', 'comments suppress')} nothing`]),
  ];
  return [
    colors.bold(verdictPaint(verdict, colors)(said)),
    colors.dim(`${plural(tests.length, 'file', 'files')}, ${plural(lines, 'line', 'lines')}: ${parts.join(', ')}`),
    ...notesAcross(tests).map((it) => colors.dim(`${visible(it)}.`)),
  ];
}

function overallConclusion(counts: Counts): string {
  if (counts.fail > 0) return `${plural(counts.fail, 'security defect', 'security defects')} detected.`;
  return counts.review > 0 ? `No security defects detected; ${plural(counts.review, 'point', 'points')} to decide.` : 'No security defects detected.';
}

function verdictWord(verdict: CategoryReview['verdict']): string {
  if (verdict === 'not-applicable') return '-';
  return verdict === 'review' ? 'to decide' : verdict;
}

function verdictPaint(verdict: CategoryReview['verdict'], colors: Colors): Paint {
  if (verdict === 'defects') return colors.red;
  if (verdict === 'review') return colors.cyan;
  return verdict === 'clear' ? colors.green : colors.dim;
}

function plural(count: number, one: string, several: string): string {
  return `${count} ${count === 1 ? one : several}`;
}

function widest(cells: readonly string[]): number {
  return cells.reduce((width, it) => Math.max(width, it.length), 0);
}
