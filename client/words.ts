/** Words for what reviews say, in the user's language, wherever they stand: status bar, tree, panel. */
import * as vscode from 'vscode';
import type { CategorySnapshot, FileSnapshot, FindingLine, ReviewedFile } from '../server/protocol.ts';
import type { Counted, PanelVerdict } from './panel/state.ts';

const { t } = vscode.l10n;

export function verdictWord(verdict: PanelVerdict): string {
  return {
    clear: t('Clear'),
    review: t('Review'),
    defects: t('Defects'),
    'not-applicable': t('Nothing to judge'),
    'not-reviewed': t('Not reviewed'),
  }[verdict];
}

/** What a finding is, in a word that stands beside its icon for those who do not see it. */
export function wordOf({ kind, level, suppressed, baseline }: FindingLine): string {
  if (suppressed !== undefined) return baseline === true ? t('Known') : t('Suppressed');
  if (kind === 'fail') return level === 'error' ? t('Defect') : t('Probable defect');
  return { review: t('To decide'), informational: t('Note'), open: t('Open question'), pass: t('Evidence') }[kind];
}

/** After a number. */
export function kindWord(kind: Counted, count: number): string {
  const one = count === 1;
  return {
    fail: one ? t('defect') : t('defects'),
    review: t('to decide'),
    open: one ? t('open question') : t('open questions'),
    informational: one ? t('note') : t('notes'),
    pass: one ? t('good practice') : t('good practices'),
    suppressed: t('suppressed'),
    baseline: t('in the baseline'),
  }[kind];
}

/** Who takes responsibility for a finding that is set aside. */
export function setAsideText({ suppressed = '', baseline }: FindingLine): string {
  if (baseline === true) return t('In the baseline');
  return suppressed === '' ? t('Suppressed') : t('Suppressed: {0}', suppressed);
}

/** "clear", "review 3", "defects 1". */
export function verdictText({ verdict, counts }: Pick<FileSnapshot, 'verdict' | 'counts'>): string {
  if (verdict === 'defects') return t('defects {0}', counts.fail);
  if (verdict === 'not-reviewed') return t('not reviewed');
  return verdict === 'review' ? t('review {0}', counts.review) : t('clear');
}

/** Of all files together, in a sentence. */
export function workspaceConclusion(files: readonly ReviewedFile[]): string {
  const having = (it: PanelVerdict) => files.filter(({ snapshot }) => snapshot.verdict === it).length;
  const toDecide = having('review');
  switch (worstOf(files.map((it) => it.snapshot.verdict))) {
    case 'review':
      return t('No security defects detected; a person must decide in {0}.', counted(toDecide, t('file'), t('files')));
    case 'defects': {
      const defects = t('Defects in {0}.', counted(having('defects'), t('file'), t('files')));
      return toDecide === 0 ? defects : `${defects} ${t('A person must decide in {0} more.', toDecide)}`;
    }
    case 'not-reviewed':
      return t('No security defects detected; {0} could not be read.', counted(having('not-reviewed'), t('file'), t('files')));
    default:
      return t('No security defects detected.');
  }
}

/** The server's sentence is English; another language makes its own of the same counts. */
export function conclusionText({ verdict, counts, blind, conclusion }: FileSnapshot): string {
  if (blind.length > 0 || verdict === 'not-applicable' || verdict === 'not-reviewed' || vscode.env.language.startsWith('en')) return conclusion;
  const spots = counted(counts.review, t('spot'), t('spots'));
  const said = {
    clear: t('No security defects detected.'),
    review: t('No security defects detected; a person must decide on {0}.', spots),
    defects:
      counts.review === 0
        ? t('{0} detected.', counted(counts.fail, t('security defect'), t('security defects')))
        : t('{0} detected, and {1} for a person to decide.', counted(counts.fail, t('security defect'), t('security defects')), spots),
  }[verdict];
  return counts.open === 0 ? said : `${said} ${t('{0} could not be judged from what was read.', counted(counts.open, t('thing'), t('things')))}`;
}

/** What a category says where there is nothing to cite, as far as it is no report on the code. */
export function summaryText({ summary }: CategorySnapshot): string {
  switch (summary) {
    case 'Nothing of this kind in the file.':
      return t('Nothing of this kind in the file.');
    case 'Turned off by configuration.':
      return t('Turned off by configuration.');
    default:
      return summary;
  }
}

export function counted(count: number, one: string, several: string): string {
  return `${count} ${count === 1 ? one : several}`;
}

const RANK: Record<PanelVerdict, number> = { 'not-applicable': 0, clear: 1, 'not-reviewed': 2, review: 3, defects: 4 };

export function worstOf<T extends PanelVerdict>(verdicts: readonly T[]): T {
  return verdicts.reduce((a, b) => (RANK[b] > RANK[a] ? b : a));
}

/** A category where there is little room. */
export function shortTitle(id: CategorySnapshot['id']): string {
  return {
    credentials: t('Secrets'),
    resources: t('Resources'),
    input: t('Input'),
    errors: t('Errors'),
    network: t('Network'),
    api: t('API'),
    mocking: t('Mocks'),
  }[id];
}

/** What a category asks. */
export function questionOf(id: CategorySnapshot['id']): string {
  return {
    credentials: t('Does the test expose a secret that could be real?'),
    resources: t('Is all that the test acquires or changes released, on every path?'),
    input: t('Does anything from outside reach a dangerous operation unchecked?'),
    errors: t('Are failures expected precisely, and never swallowed?'),
    network: t('Is the test isolated from real networks, and its transport honest?'),
    api: t('Could a test API, fixture or server be reached or abused from where it should not?'),
    mocking: t('Do mocks isolate live services, match what they replace, and get undone?'),
  }[id];
}

/** A category's title in the user's language; what its findings say is English. */
export function titleOf(id: CategorySnapshot['id']): string {
  return {
    credentials: t('Hardcoded credentials and sensitive data'),
    resources: t('Resource handling'),
    input: t('Input validation'),
    errors: t('Error handling'),
    network: t('Network security'),
    api: t('API security'),
    mocking: t('Mocking and stubbing'),
  }[id];
}
