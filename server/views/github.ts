/**
 * The review as GitHub's workflow commands (`::error file=…::message`), which an Actions job turns into annotations
 * on the lines of a pull request: a defect is an error or a warning, a point to decide a notice.
 */
import { byPath, capital, notesAcross, sentence } from '../review/prose.ts';
import { findingsOf, type PlacedFinding, type Review } from '../review/review.ts';
import { visible } from './visible.ts';

export interface GithubOptions {
  /** The root's path in the repository, `` or ending with `/`: annotations are looked up from the repository's top. */
  readonly prefix: string;
  /** What configuration made of the run as a whole. */
  readonly notes?: readonly string[];
}

/** One command a line; empty when there is nothing to say. */
export function github(reviews: readonly Review[], options: GithubOptions): string {
  const notes = [...(options.notes ?? []), ...notesAcross(reviews)].map((it) => command('notice', { title: 'Attest' }, sentence(it)));
  const own = byPath(reviews).flatMap((review) => [
    ...findingsOf(review)
      .filter((it) => it.suppressed === undefined && (it.kind === 'fail' || it.kind === 'review'))
      .map((it) => findingCommand(it, review.path, options)),
    ...review.blind
      .filter((it) => it.what !== 'missing-import')
      .map((it) => command('warning', { file: options.prefix + review.path, line: it.line, title: 'Attest: not seen' }, capital(it.message))),
    ...review.faults.map((it) => command('error', { file: options.prefix + review.path, title: `Attest: a fault in ${it.rule}` }, it.message)),
  ]);
  return [...notes, ...own].map((it) => `${it}\n`).join('');
}

function findingCommand(it: PlacedFinding, path: string, { prefix }: GithubOptions): string {
  const level = it.kind === 'review' ? 'notice' : it.level === 'error' ? 'error' : 'warning';
  // Columns are only taken where they lie on one line.
  const columns = it.line === it.endLine ? { col: it.column, endColumn: it.endColumn } : {};
  const trail = it.trail.map((step) => `${step.path === path ? 'line ' : `${step.path}:`}${step.line}: ${step.note}`);
  const place = { file: prefix + path, line: it.line, endLine: it.endLine, ...columns, title: `${it.rule} (${it.code})` };
  return command(level, place, [capital(it.message), ...trail].map(visible).join('\n'));
}

function command(level: 'error' | 'warning' | 'notice', place: Readonly<Record<string, string | number>>, message: string): string {
  const properties = Object.entries(place).map(([name, value]) => `${name}=${property(`${value}`)}`);
  return `::${level} ${properties.join(',')}::${data(message)}`;
}

/** Line breaks are ours; everything else that is hidden is shown. */
function data(text: string): string {
  return text.split('\n').map(visible).join('\n').replaceAll('%', '%25').replaceAll('\n', '%0A');
}

function property(text: string): string {
  return data(visible(text)).replaceAll(':', '%3A').replaceAll(',', '%2C');
}
