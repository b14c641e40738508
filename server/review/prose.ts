/**
 * How findings become sentences: line ranges, counted words, and several findings of one rule merged into
 * one statement. Knows nothing of Markdown or terminals but the backticks that messages carry around code.
 */
import type { Kind } from '../../rules/rule.ts';
import type { PlacedFinding, Review, UnusedSuppression } from './review.ts';

/** A stretch of lines, both ends included. */
export interface Lines {
  readonly line: number;
  readonly endLine: number;
}

/** What several findings of one rule say together. */
export interface Statement {
  readonly rule: string;
  readonly code: string;
  readonly kind: Kind;
  readonly level: PlacedFinding['level'];
  /** The message, with what the other findings say differently: "`a` is undone; likewise `b` and `c`". */
  readonly message: string;
  /** By place, never empty. */
  readonly findings: readonly PlacedFinding[];
}

const MOST_NAMED = 5;
const CODE_SPAN = /`([^`]+)`/g;

/** "45-47, 51": sorted, overlapping and neighbouring stretches joined. */
export function lineRanges(spans: Iterable<Lines>): string {
  const sorted = [...spans].sort((a, b) => a.line - b.line || a.endLine - b.endLine);
  const ranges: { from: number; to: number }[] = [];
  for (const it of sorted) {
    const last = ranges.at(-1);
    if (last !== undefined && it.line <= last.to + 1) last.to = Math.max(last.to, it.endLine);
    else ranges.push({ from: it.line, to: it.endLine });
  }
  return ranges.map(({ from, to }) => (from === to ? `${from}` : `${from}-${to}`)).join(', ');
}

/** "line 51" or "lines 45-47, 51". */
export function linesOf(spans: Iterable<Lines>): string {
  const ranges = lineRanges(spans);
  return /^\d+$/.test(ranges) ? `line ${ranges}` : `lines ${ranges}`;
}

const WORDS = ['no', 'one', 'two', 'three', 'four', 'five', 'six', 'seven', 'eight', 'nine', 'ten'];

/** "one defect", "two defects", "14 defects". */
export function counted(count: number, one: string, several = `${one}s`): string {
  return `${WORDS[count] ?? count} ${count === 1 ? one : several}`;
}

/** "a", "a and b", "a, b and c". */
export function listed(items: readonly string[], word = 'and'): string {
  const last = items.at(-1);
  if (last === undefined || items.length === 1) return last ?? '';
  return `${items.slice(0, -1).join(', ')} ${word} ${last}`;
}

/** First letter large (code in backticks stays as it is). */
export function capital(text: string): string {
  return /^\p{Ll}/u.test(text) ? text.charAt(0).toUpperCase() + text.slice(1) : text;
}

/** First letter large, full stop at the end. */
export function sentence(text: string): string {
  return stopped(capital(text));
}

/** Full stop at the end. */
export function stopped(text: string): string {
  return /[.!?]$/.test(text) ? text : `${text}.`;
}

/**
 * The findings as statements, one for each rule and way of saying it, by the place of their first finding.
 *
 * Messages of one rule that differ in one code span only are one statement:
 *
 *     `NeutronFixture` is undone by `useFixture`      line 46
 *     `GlanceFixture` is undone by `useFixture`       line 47
 *     → `NeutronFixture` is undone by `useFixture`; likewise `GlanceFixture`      lines 46-47
 */
export function statements(findings: Iterable<PlacedFinding>): Statement[] {
  const groups = new Map<string, PlacedFinding[]>();
  for (const finding of findings) {
    const key = JSON.stringify([finding.kind, finding.level, finding.rule, finding.message.replace(CODE_SPAN, '``')]);
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [finding]);
    else group.push(finding);
  }
  return [...groups.values()]
    .flatMap((group) => (differences(group) <= 1 ? [group] : byMessage(group)))
    .flatMap(stated)
    .sort(byPlace);
}

/** How many of the code spans are not the same in all messages (which have equally many). */
function differences(group: readonly PlacedFinding[]): number {
  const rows = group.map((it) => codeSpans(it.message));
  return (rows[0] ?? []).filter((first, column) => rows.some((row) => row[column] !== first)).length;
}

function byMessage(group: readonly PlacedFinding[]): PlacedFinding[][] {
  const result = new Map<string, PlacedFinding[]>();
  for (const it of group) result.set(it.message, [...(result.get(it.message) ?? []), it]);
  return [...result.values()];
}

function stated(group: readonly PlacedFinding[]): Statement[] {
  const [first] = group;
  if (first === undefined) return [];
  const said = codeSpans(first.message);
  const others = new Set(group.flatMap((it) => codeSpans(it.message).filter((span, column) => span !== said[column])));
  const { rule, code, kind, level, message } = first;
  return [{ rule, code, kind, level, message: others.size === 0 ? message : `${message}; likewise ${named([...others])}`, findings: group }];
}

function named(spans: readonly string[]): string {
  return listed(
    fewOf(
      spans.map((it) => `\`${it}\``),
      MOST_NAMED,
    ),
  );
}

function codeSpans(message: string): string[] {
  return [...message.matchAll(CODE_SPAN)].map((it) => it[1] ?? '');
}

function byPlace(a: Statement, b: Statement): number {
  return (a.findings[0]?.start ?? 0) - (b.findings[0]?.start ?? 0);
}

/** "`# attest: ignore[a]` suppresses nothing", or which of its names do not. */
export function unusedSays({ text, names, hint }: UnusedSuppression): string {
  const what = names.length === 0 ? `\`${text.replaceAll('`', "'")}\`` : listed(names.map((it) => `\`${it}\``));
  return `${what} ${names.length > 1 ? 'suppress' : 'suppresses'} nothing${names.length === 0 ? '' : ' here'}${hint === undefined ? '' : `: ${hint}`}`;
}

const MOST_FILES = 4;

/** What is to be said of the files as a whole, each sentence once; with their names where it does not hold for all. */
export function notesAcross(reviews: readonly Review[]): string[] {
  const files = new Map<string, string[]>();
  for (const { path, notes } of reviews) for (const it of notes) files.set(it, [...(files.get(it) ?? []), path]);
  return [...files].map(([note, paths]) => (paths.length === reviews.length ? note : `${note} (in ${listed(fewOf(paths, MOST_FILES))})`));
}

/** The first of them, and how many more there are. */
function fewOf(items: readonly string[], most: number): string[] {
  const shown = items.length > most ? items.slice(0, most - 1) : items;
  return shown.length === items.length ? [...shown] : [...shown, `${items.length - shown.length} more`];
}

/** Nothing of the file could be read, so its categories say nothing. */
export function isRefused(review: Review): boolean {
  return review.lines === 0 && review.blind.length > 0;
}

/** Reviewed, but none of the seven categories had anything to look at. */
export function hasNothing(review: Review): boolean {
  return (
    review.blind.length === 0 && review.faults.length === 0 && review.categories.every((it) => it.verdict === 'not-applicable' && it.findings.length === 0)
  );
}

/** In order of their paths (code units, so the same on every machine). */
export function byPath(reviews: readonly Review[]): Review[] {
  return [...reviews].sort((a, b) => (a.path < b.path ? -1 : 1));
}

/** Defects first, then what a person must decide, then clear; each by path. */
export function worstFirst(reviews: readonly Review[]): Review[] {
  const rank = { defects: 0, review: 1, clear: 2 };
  return byPath(reviews).sort((a, b) => rank[a.verdict] - rank[b.verdict]);
}
