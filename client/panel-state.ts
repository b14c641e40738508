/**
 * From the store to what the panel draws: the active file's review, or all reviews together. Each line gets a key;
 * `places` says what the keys mean.
 */
import * as vscode from 'vscode';
import type { CategorySnapshot, FindingLine, ReviewedFile } from '../server/protocol.ts';
import { countedAs, type Filter } from './filter.ts';
import { type FolderMap, mapOf } from './map.ts';
import type { Counted, FilePicture, Mark, PanelAction, PanelCategory, PanelCount, PanelLine, PanelState, Scope } from './panel/state.ts';
import { type Reviews, shownPath } from './reviews.ts';
import { conclusionText, counted, kindWord, questionOf, shortTitle, summaryText, titleOf, verdictWord, wordOf, workspaceConclusion, worstOf } from './words.ts';

export interface Place {
  readonly file: ReviewedFile;
  readonly finding: FindingLine;
}

export interface Drawn {
  readonly state: PanelState;
  readonly places: ReadonlyMap<string, Place>;
  /** What a row of the map stands for. */
  readonly folders: FolderMap['paths'];
}

const NO_FOLDERS: FolderMap['paths'] = new Map();

/** Shown of a category without being asked. */
const AT_ONCE = 3;
const MOST = 60;
const { t } = vscode.l10n;

/** `active` is the file in front, `undefined` when it has no review; `isPython` tells whether it could have one. */
export function panelState(reviews: Reviews, filter: Filter, scope: Scope, active: ReviewedFile | undefined, isPython: boolean): Drawn {
  const hasWorkspace = reviews.workspace !== undefined || reviews.busy !== undefined;
  const shown: Scope = scope === 'workspace' && hasWorkspace ? 'workspace' : 'file';
  const files = shown === 'workspace' ? reviews.all() : active === undefined ? [] : [active];
  const places = new Map<string, Place>();
  const common = {
    scope: shown,
    scopes: hasWorkspace
      ? [
          { scope: 'file' as const, label: t('This file') },
          { scope: 'workspace' as const, label: t('Workspace') },
        ]
      : [],
    busy: reviews.busy,
    actions: actionsNow(reviews, filter, shown, active !== undefined, isPython),
    words: {
      language: vscode.env.language,
      scopes: t('What is shown'),
      counts: t('Show only'),
      picture: shown === 'file' ? t('Where it lies in the file') : t('Folders and categories'),
      stop: t('Stop'),
    },
  };
  if (reviews.server.state === 'stopped')
    return { places, folders: NO_FOLDERS, state: { ...common, ...nothing(t('Attest is stopped'), `${reviews.server.problem}.`) } };
  if (files.length === 0) return { places, folders: NO_FOLDERS, state: { ...common, ...nothing(...noReview(reviews, shown, isPython)) } };

  const verdict = worstOf(files.map((it) => it.snapshot.verdict));
  const map = shown === 'workspace' ? mapOf(files, filter.only) : undefined;
  const state: PanelState = {
    ...common,
    ...(shown === 'workspace' ? ofWorkspace(reviews, files) : ofFile(files)),
    verdict,
    verdictWord: verdictWord(verdict),
    notes: notesOf(reviews, shown, files),
    counts: countsOf(files, filter),
    categories: categoriesOf(files, filter, shown, places),
    picture: map?.picture ?? lanesOf(files, places),
  };
  return { state, places, folders: map?.paths ?? NO_FOLDERS };
}

function nothing(subject: string, conclusion: string) {
  return { subject, conclusion, about: '', verdict: undefined, verdictWord: '', notes: [], counts: [], categories: [], picture: undefined };
}

function noReview(reviews: Reviews, scope: Scope, isPython: boolean): [string, string] {
  if (scope === 'workspace') {
    if (reviews.busy !== undefined) return [t('Reviewing'), t('The first files are being reviewed.')];
    return [
      t('No tests found'),
      t('A test file is named `test_*.py` or `*_test.py`, or uses a test framework. The setting `attest.files.include` names others.'),
    ];
  }
  if (reviews.server.state === 'starting') return [t('Attest is starting'), t('The review appears in a moment.')];
  if (isPython)
    return [t('Nothing to review here'), t('This file is not test code, or its review is turned off. Open a Python test, or review the workspace.')];
  return [t('No review yet'), t('Open a Python test to see its review, or review all tests of the workspace.')];
}

function actionsNow(reviews: Reviews, filter: Filter, scope: Scope, hasReview: boolean, isPython: boolean): PanelState['actions'] {
  const label: Record<PanelAction, string> = {
    review: t('Review this file'),
    reviewWorkspace: reviews.workspace === undefined ? t('Review workspace') : t('Review workspace again'),
    cancel: t('Stop'),
    report: t('Open report'),
    export: t('Export…'),
    restart: t('Restart Attest'),
    clearFilter: t('Show everything again'),
  };
  const now = (): PanelAction[] => {
    if (reviews.server.state === 'stopped') return ['restart'];
    const whole: PanelAction[] = reviews.busy === undefined ? ['reviewWorkspace'] : ['cancel'];
    const file: PanelAction[] = hasReview && scope === 'file' ? ['report'] : [];
    const all: PanelAction[] = hasReview || reviews.workspace !== undefined ? ['export'] : [];
    return [...(isPython && !hasReview ? (['review'] as const) : []), ...(filter.isNarrow ? (['clearFilter'] as const) : []), ...whole, ...file, ...all];
  };
  return now().map((action) => ({ action, label: label[action] }));
}

function ofFile(files: readonly ReviewedFile[]) {
  const [file] = files;
  if (file === undefined) return { subject: '', about: '', conclusion: '' };
  return { subject: shownPath(file), about: counted(file.snapshot.lines, t('line'), t('lines')), conclusion: conclusionText(file.snapshot) };
}

function ofWorkspace(reviews: Reviews, files: readonly ReviewedFile[]) {
  const conclusion = workspaceConclusion(files);
  const skipped = reviews.workspace?.result.skipped ?? 0;
  const about = [counted(files.length, t('file'), t('files')), ...(skipped === 0 ? [] : [t('{0} other Python files passed over', skipped)])].join(' · ');
  return {
    subject: reviews.workspace?.name ?? t('Workspace'),
    about,
    conclusion: reviews.busy === undefined ? conclusion : t('So far: {0}', conclusion),
  };
}

function notesOf(reviews: Reviews, scope: Scope, files: readonly ReviewedFile[]): string[] {
  const notes = new Set(files.flatMap((it) => it.snapshot.notes));
  const faults = files.reduce((sum, it) => sum + it.snapshot.faults.length, 0);
  if (faults > 0) notes.add(t('{0} failed here, which is a fault in Attest: the output says more', counted(faults, t('rule'), t('rules'))));
  if (scope === 'file') for (const it of files.flatMap((file) => file.snapshot.blind)) notes.add(it.message);
  if (scope === 'workspace' && reviews.workspace !== undefined) {
    if (!reviews.workspace.result.complete) notes.add(t('Partial: the review was stopped before its end'));
    const changed = reviews.touched;
    if (changed > 0) notes.add(t('Maybe out of date: {0} changed since', counted(changed, t('file'), t('files'))));
  }
  if (reviews.server.problem !== '') notes.add(reviews.server.problem);
  return [...notes];
}

const COUNTS: readonly (readonly [Counted, Mark])[] = [
  ['fail', 'error'],
  ['review', 'review'],
  ['open', 'open'],
  ['informational', 'note'],
  ['pass', 'pass'],
  ['suppressed', 'suppressed'],
  ['baseline', 'baseline'],
];

function countsOf(files: readonly ReviewedFile[], { only }: Filter): PanelCount[] {
  return COUNTS.flatMap(([kind, mark]) => {
    const count = files.reduce((total, it) => total + it.snapshot.counts[kind], 0);
    return count === 0 && only.kind !== kind ? [] : [{ kind, mark, label: `${count} ${kindWord(kind, count)}`, only: only.kind === kind }];
  });
}

// ------------------------------------------------------------------------------------------ categories

function categoriesOf(files: readonly ReviewedFile[], filter: Filter, scope: Scope, places: Map<string, Place>): PanelCategory[] {
  const first = files[0]?.snapshot.categories ?? [];
  return first.map((category) => {
    const inFiles = files.flatMap((file) => file.snapshot.categories.filter((it) => it.id === category.id).map((own) => ({ file, own })));
    const all = inFiles.flatMap(({ file, own }) => own.findings.map((finding) => ({ file, finding })));
    const lines = (some: readonly Place[], part: string) =>
      some.slice(0, MOST).map((place, index) => {
        const key = `${category.id}.${part}${index}`;
        places.set(key, place);
        return lineOf(key, place, scope);
      });
    const of = (...kinds: Counted[]) => all.filter(({ finding }) => kinds.includes(countedAs(finding)));
    const { kind } = filter.only;
    // Open questions of many files would hide what must be done; they are counted.
    const concerns = kind === undefined ? of('fail', 'review', ...(scope === 'file' ? (['open'] as const) : [])) : of(kind);
    concerns.sort((a, b) => weight(a.finding) - weight(b.finding));
    const evidence = kind === undefined && scope === 'file' ? of('pass') : [];
    // Where nothing is wrong the strongest evidence says why.
    const strongest = concerns.length === 0 ? evidence.slice(0, 1) : [];
    const folds = [
      { id: 'more', rest: concerns.slice(AT_ONCE), label: (n: number) => t('{0} more', n) },
      { id: 'pass', rest: evidence.slice(strongest.length), label: (n: number) => (strongest.length > 0 ? t('{0} more evidence', n) : t('{0} evidence', n)) },
      { id: 'note', rest: kind === undefined && scope === 'file' ? of('informational') : [], label: (n: number) => counted(n, t('note'), t('notes')) },
      { id: 'suppressed', rest: kind === undefined && scope === 'file' ? of('suppressed') : [], label: (n: number) => t('{0} suppressed', n) },
      { id: 'baseline', rest: kind === undefined && scope === 'file' ? of('baseline') : [], label: (n: number) => t('{0} in the baseline', n) },
    ];
    const verdict = worstOf(inFiles.map(({ own }) => own.verdict));
    return {
      id: category.id,
      title: titleOf(category.id),
      question: questionOf(category.id),
      verdict,
      verdictWord: verdictWord(verdict),
      // Where there is something to cite it speaks for itself: a summary would say it twice.
      summary: scope === 'workspace' ? workspaceSummary(inFiles.map(({ own }) => own)) : all.length > 0 ? '' : summaryText(category),
      concerns: [...lines(concerns.slice(0, AT_ONCE), 'c'), ...lines(strongest, 's')],
      folds: folds
        .filter(({ rest }) => rest.length > 0)
        .map(({ id, rest, label }) => ({ id: `${category.id}.${id}`, label: label(rest.length), lines: lines(rest, id) })),
    };
  });
}

function workspaceSummary(categories: readonly CategorySnapshot[]): string {
  const count = (verdict: CategorySnapshot['verdict']) => categories.filter((it) => it.verdict === verdict).length;
  const [defects, toDecide, clear] = [count('defects'), count('review'), count('clear')];
  const open = categories.flatMap((it) => it.findings).filter((it) => countedAs(it) === 'open').length;
  const parts = [
    ...(defects > 0 ? [t('{0} with defects', counted(defects, t('file'), t('files')))] : []),
    ...(toDecide > 0 ? [t('{0} to decide', toDecide)] : []),
    ...(clear > 0 ? [t('{0} clear', clear)] : []),
    ...(open > 0 ? [counted(open, t('open question'), t('open questions'))] : []),
  ];
  return parts.length === 0 ? t('Nothing of this kind in these files.') : parts.join(' · ');
}

function weight({ kind, level }: FindingLine): number {
  if (kind === 'fail') return level === 'error' ? 0 : 1;
  return kind === 'review' ? 2 : 3;
}

function lineOf(key: string, { file, finding }: Place, scope: Scope): PanelLine {
  const where = scope === 'file' ? t('line {0}', finding.line) : `${shownPath(file)}:${finding.line}`;
  const { suppressed, baseline } = finding;
  const reason = suppressed === undefined || baseline === true ? '' : ` (${suppressed === '' ? t('suppressed') : t('suppressed: {0}', suppressed)})`;
  return { key, mark: markOf(finding), word: wordOf(finding), message: finding.message + reason, where };
}

export function markOf({ kind, level, suppressed, baseline }: FindingLine): Mark {
  if (suppressed !== undefined) return baseline === true ? 'baseline' : 'suppressed';
  if (kind === 'fail') return level === 'error' ? 'error' : 'warning';
  return kind === 'informational' ? 'note' : kind;
}

// ------------------------------------------------------------------------------------------- the picture

function lanesOf(files: readonly ReviewedFile[], places: Map<string, Place>): FilePicture | undefined {
  const [file] = files;
  if (file === undefined) return undefined;
  const lanes = file.snapshot.categories.map(({ id, verdict, findings }) => {
    const title = titleOf(id);
    const marks = findings.map((finding, index) => {
      const key = `${id}.m${index}`;
      places.set(key, { file, finding });
      const { line, endLine } = finding;
      return { key, mark: markOf(finding), line, endLine, tip: `${line}: ${finding.message.replaceAll('`', '')}` };
    });
    // Drawn last is seen best: what matters most.
    const ORDER: readonly Mark[] = ['suppressed', 'baseline', 'pass', 'note', 'open', 'review', 'warning', 'error'];
    marks.sort((a, b) => ORDER.indexOf(a.mark) - ORDER.indexOf(b.mark));
    return { title, short: shortTitle(id), verdict, said: laneInWords(title, verdict, findings), marks };
  });
  return { kind: 'file', lines: file.snapshot.lines, lanes };
}

function laneInWords(title: string, verdict: CategorySnapshot['verdict'], findings: readonly FindingLine[]): string {
  const parts = COUNTS.flatMap(([kind]) => {
    const lines = [...new Set(findings.filter((it) => countedAs(it) === kind).map((it) => it.line))];
    return lines.length === 0 ? [] : [t('{0}: line {1}', kindWord(kind, 2), lines.join(', '))];
  });
  return `${title}, ${verdictWord(verdict)}. ${parts.join('; ')}`;
}
