/**
 * From the store to what the panel draws: the active file's review, or all reviews together. Each line gets a key;
 * `places` says what the keys mean.
 */
import type { CategorySnapshot, FindingLine, ReviewedFile } from '../server/protocol.ts';
import { wordOf } from './findings.ts';
import type { Mark, PanelAction, PanelCategory, PanelCount, PanelLine, PanelState, PanelVerdict, Scope } from './panel/state.ts';
import type { Reviews } from './reviews.ts';

export interface Place {
  readonly file: ReviewedFile;
  readonly finding: FindingLine;
}

export interface Drawn {
  readonly state: PanelState;
  readonly places: ReadonlyMap<string, Place>;
}

const MOST_CONCERNS = 60;
const MOST_EVIDENCE = 60;
const RANK: Record<PanelVerdict | 'not-applicable', number> = { 'not-applicable': 0, clear: 1, review: 2, defects: 3 };

/** `active` is the file in front, `undefined` when it has no review; `isPython` tells whether it could have one. */
export function panelState(reviews: Reviews, scope: Scope, active: ReviewedFile | undefined, isPython: boolean): Drawn {
  const scopes: Scope[] = ['file', ...(reviews.workspace === undefined && reviews.busy === undefined ? [] : (['workspace'] as const))];
  const shown: Scope = scope === 'workspace' && scopes.includes('workspace') ? 'workspace' : 'file';
  const files = shown === 'workspace' ? reviews.all() : active === undefined ? [] : [active];
  const places = new Map<string, Place>();
  const common = { scope: shown, scopes, busy: reviews.busy, actions: actionsNow(reviews, active !== undefined, isPython) };
  if (reviews.server.state === 'stopped') return { places, state: { ...common, ...nothing('Attest is stopped', `${reviews.server.problem}.`) } };
  if (files.length === 0) return { places, state: { ...common, ...nothing(...noReview(reviews, shown, isPython)) } };

  const state: PanelState = {
    ...common,
    ...(shown === 'workspace' ? ofWorkspace(reviews, files) : ofFile(files)),
    notes: notesOf(reviews, shown, files),
    counts: countsOf(files),
    categories: categoriesOf(files, shown, places),
  };
  return { state, places };
}

function nothing(subject: string, conclusion: string) {
  return { subject, conclusion, about: '', verdict: undefined, notes: [], counts: [], categories: [] };
}

function noReview(reviews: Reviews, scope: Scope, isPython: boolean): [string, string] {
  if (scope === 'workspace') return ['No review yet', reviews.busy === undefined ? 'No test file was found.' : 'The first files are being reviewed.'];
  if (reviews.server.state === 'starting') return ['Attest is starting', 'The review appears in a moment.'];
  if (isPython) return ['Nothing to review here', 'This file is not test code, or its review is turned off. Open a Python test, or review the workspace.'];
  return ['No review yet', 'Open a Python test to see its review, or review all tests of the workspace.'];
}

function actionsNow(reviews: Reviews, hasReview: boolean, isPython: boolean): PanelAction[] {
  if (reviews.server.state === 'stopped') return ['restart'];
  const whole: PanelAction = reviews.busy === undefined ? 'reviewWorkspace' : 'cancel';
  return [...(isPython && !hasReview ? (['review'] as const) : []), whole, ...(hasReview ? (['report'] as const) : [])];
}

function ofFile(files: readonly ReviewedFile[]) {
  const [file] = files;
  const snapshot = file?.snapshot;
  return { subject: snapshot?.path ?? '', about: `${snapshot?.lines ?? 0} lines`, verdict: snapshot?.verdict, conclusion: snapshot?.conclusion ?? '' };
}

function ofWorkspace(reviews: Reviews, files: readonly ReviewedFile[]) {
  const verdict = worstOf(files.map((it) => it.snapshot.verdict));
  const with_ = (it: PanelVerdict) => files.filter(({ snapshot }) => snapshot.verdict === it).length;
  const conclusion = {
    clear: 'No security defects detected.',
    review: `${counted(with_('review'), 'file has', 'files have')} something that a person must decide.`,
    defects: `${counted(with_('defects'), 'file has', 'files have')} defects${with_('review') === 0 ? '' : `, and ${with_('review')} more something that a person must decide`}.`,
  }[verdict];
  const skipped = reviews.workspace?.result.skipped ?? 0;
  const about = [counted(files.length, 'file', 'files'), ...(skipped === 0 ? [] : [`${skipped} other Python files passed over`])].join(' · ');
  return {
    subject: reviews.workspace?.name ?? 'Workspace',
    about,
    verdict,
    conclusion: reviews.busy === undefined ? conclusion : `So far: ${conclusion.charAt(0).toLowerCase()}${conclusion.slice(1)}`,
  };
}

function notesOf(reviews: Reviews, scope: Scope, files: readonly ReviewedFile[]): string[] {
  const notes = new Set(files.flatMap((it) => it.snapshot.notes));
  const faults = files.reduce((sum, it) => sum + it.snapshot.faults.length, 0);
  if (faults > 0) notes.add(`${counted(faults, 'rule', 'rules')} failed here, which is a fault in Attest: the output says more`);
  if (scope === 'file') for (const it of files.flatMap((file) => file.snapshot.blind)) notes.add(it.message);
  if (scope === 'workspace' && reviews.workspace !== undefined) {
    if (!reviews.workspace.result.complete) notes.add('Partial: the review was stopped before its end');
    const changed = reviews.workspace.changed.size;
    if (changed > 0) notes.add(`Maybe out of date: ${counted(changed, 'file', 'files')} changed since`);
  }
  if (reviews.server.problem !== '') notes.add(reviews.server.problem);
  return [...notes];
}

function countsOf(files: readonly ReviewedFile[]): PanelCount[] {
  const sum = (kind: 'fail' | 'review' | 'informational' | 'open' | 'pass' | 'suppressed') => files.reduce((total, it) => total + it.snapshot.counts[kind], 0);
  const words: [Mark, number, string, string][] = [
    ['error', sum('fail'), 'defect', 'defects'],
    ['review', sum('review'), 'to decide', 'to decide'],
    ['open', sum('open'), 'open question', 'open questions'],
    ['note', sum('informational'), 'note', 'notes'],
    ['pass', sum('pass'), 'good practice', 'good practices'],
    ['suppressed', sum('suppressed'), 'suppressed', 'suppressed'],
  ];
  return words.filter(([, count]) => count > 0).map(([mark, count, one, several]) => ({ mark, count, word: count === 1 ? one : several }));
}

function categoriesOf(files: readonly ReviewedFile[], scope: Scope, places: Map<string, Place>): PanelCategory[] {
  const first = files[0]?.snapshot.categories ?? [];
  return first.map((category) => {
    const inFiles = files.flatMap((file) => file.snapshot.categories.filter((it) => it.id === category.id).map((own) => ({ file, own })));
    const all = inFiles.flatMap(({ file, own }) => own.findings.map((finding) => ({ file, finding })));
    // Open questions of many files would hide what must be done; they are counted.
    const concerns = all
      .filter(({ finding }) => isConcern(finding) && (scope === 'file' || finding.kind !== 'open'))
      .sort((a, b) => weight(a.finding) - weight(b.finding));
    const evidence = scope === 'file' ? all.filter(({ finding }) => !isConcern(finding)) : [];
    const line = (place: Place, index: number): PanelLine => {
      const key = `${category.id}.${isConcern(place.finding) ? 'c' : 'e'}${index}`;
      places.set(key, place);
      return lineOf(key, place, scope);
    };
    return {
      id: category.id,
      title: category.title,
      question: category.question,
      verdict: worstOf(inFiles.map(({ own }) => own.verdict)),
      // Where there are concerns they speak for themselves: a file's summary would say them twice.
      summary: scope === 'file' ? (concerns.length > 0 ? '' : category.summary) : workspaceSummary(inFiles.map(({ own }) => own)),
      concerns: concerns.slice(0, MOST_CONCERNS).map(line),
      evidence: evidence.slice(0, MOST_EVIDENCE).map(line),
      more: Math.max(0, concerns.length - MOST_CONCERNS) + Math.max(0, evidence.length - MOST_EVIDENCE),
    };
  });
}

function workspaceSummary(categories: readonly CategorySnapshot[]): string {
  const count = (verdict: CategorySnapshot['verdict']) => categories.filter((it) => it.verdict === verdict).length;
  const parts = [
    ...(count('defects') > 0 ? [`${counted(count('defects'), 'file', 'files')} with defects`] : []),
    ...(count('review') > 0 ? [`${count('review')} to decide`] : []),
    ...(count('clear') > 0 ? [`${counted(count('clear'), 'file', 'files')} clear`] : []),
  ];
  const open = categories.flatMap((it) => it.findings).filter((it) => it.kind === 'open' && it.suppressed === undefined).length;
  if (parts.length === 0) return 'Nothing of this kind in these files.';
  return `${parts.join(', ')}.${open === 0 ? '' : ` ${counted(open, 'open question', 'open questions')}.`}`;
}

function isConcern(finding: FindingLine): boolean {
  return finding.suppressed === undefined && (finding.kind === 'fail' || finding.kind === 'review' || finding.kind === 'open');
}

function weight({ kind, level }: FindingLine): number {
  if (kind === 'fail') return level === 'error' ? 0 : 1;
  return kind === 'review' ? 2 : 3;
}

function lineOf(key: string, { file, finding }: Place, scope: Scope): PanelLine {
  const where = scope === 'file' ? `line ${finding.line}` : `${file.snapshot.path}:${finding.line}`;
  const reason = finding.suppressed === undefined ? '' : finding.suppressed === '' ? ' (suppressed)' : ` (suppressed: ${finding.suppressed})`;
  return { key, mark: markOf(finding), word: finding.suppressed === undefined ? wordOf(finding) : 'Suppressed', message: finding.message + reason, where };
}

function markOf({ kind, level, suppressed }: FindingLine): Mark {
  if (suppressed !== undefined) return 'suppressed';
  if (kind === 'fail') return level === 'error' ? 'error' : 'warning';
  return kind === 'informational' ? 'note' : kind;
}

function worstOf<T extends PanelVerdict | 'not-applicable'>(verdicts: readonly T[]): T {
  return verdicts.reduce((a, b) => (RANK[b] > RANK[a] ? b : a));
}

function counted(count: number, one: string, several: string): string {
  return `${count} ${count === 1 ? one : several}`;
}
