/**
 * The verdict of the active file, else of the reviewed folders, in the status bar, and the server's state where VS
 * Code shows the state of languages. No colour of our own, unless it is asked for: a word says it.
 */
import * as vscode from 'vscode';
import type { FileSnapshot } from '../server/protocol.ts';
import type { Reviews } from './reviews.ts';
import { conclusionText, kindWord, verdictText, workspaceConclusion, worstOf } from './words.ts';

const { t } = vscode.l10n;

export function showStatus(reviews: Reviews): vscode.Disposable {
  const verdict = vscode.window.createStatusBarItem('attest.verdict', vscode.StatusBarAlignment.Left, 10);
  verdict.name = t('Attest verdict');
  const language = vscode.languages.createLanguageStatusItem('attest.status', { language: 'python' });
  language.name = 'Attest';

  const update = () => {
    showVerdict(verdict, reviews);
    showServer(language, reviews);
    const document = vscode.window.activeTextEditor?.document;
    void vscode.commands.executeCommand('setContext', 'attest.isTestFile', document !== undefined && reviews.get(document.uri) !== undefined);
  };
  update();
  return vscode.Disposable.from(
    verdict,
    language,
    reviews.onDidChange(update),
    vscode.window.onDidChangeActiveTextEditor(update),
    vscode.workspace.onDidChangeConfiguration((it) => {
      if (it.affectsConfiguration('attest.statusBar')) update();
    }),
  );
}

function showVerdict(item: vscode.StatusBarItem, reviews: Reviews): void {
  const document = vscode.window.activeTextEditor?.document;
  const settings = vscode.workspace.getConfiguration('attest', document?.uri);
  const judged = judgedFor(document, reviews);
  const isStopped = reviews.server.state === 'stopped';
  const isConcerned = judged !== undefined || reviews.busy !== undefined || (isStopped && document?.languageId === 'python');
  if (!settings.get('statusBar.enabled', true) || !isConcerned) {
    item.hide();
    return;
  }

  const isLoud = settings.get('statusBar.highlight', false) && judged?.verdict === 'defects' && !isStopped;
  item.backgroundColor = isLoud ? new vscode.ThemeColor('statusBarItem.errorBackground') : undefined;
  if (isStopped) {
    item.text = `$(shield) Attest: ${t('stopped')}`;
    item.tooltip = t('{0}. Click to restart.', reviews.server.problem);
    item.accessibilityInformation = { label: t('Attest is stopped. Restart'), role: 'button' };
    item.command = 'attest.restartServer';
    item.show();
    return;
  }
  const text = judged === undefined ? t('reviewing') : verdictText(judged) + judged.of;
  item.text = `${reviews.busy === undefined ? '$(shield)' : '$(loading~spin)'} Attest: ${text}`;
  item.tooltip = [
    ...(judged === undefined ? [] : [judged.conclusion, countsText(judged)]),
    ...(reviews.busy === undefined ? [] : [t('Reviewing {0}', reviews.busy.text)]),
  ].join('\n');
  item.accessibilityInformation = { label: t('Attest, security review: {0}. {1}', text, judged?.conclusion ?? ''), role: 'button' };
  item.command = 'attest.summary.focus';
  item.show();
}

interface Judged extends Pick<FileSnapshot, 'verdict' | 'counts' | 'conclusion'> {
  /** " · harbour" where it is not the file in front that is spoken of. */
  readonly of: string;
}

/** The file in front, or where that has no review, all that was reviewed by the last review of folders. */
function judgedFor(document: vscode.TextDocument | undefined, reviews: Reviews): Judged | undefined {
  const file = document === undefined ? undefined : reviews.get(document.uri);
  if (file !== undefined) return { ...file.snapshot, conclusion: conclusionText(file.snapshot), of: '' };
  const files = reviews.all();
  if (reviews.workspace === undefined || files.length === 0) return undefined;
  return {
    verdict: worstOf(files.map((it) => it.snapshot.verdict)),
    counts: files.map((it) => it.snapshot.counts).reduce(sum),
    conclusion: workspaceConclusion(files),
    of: ` · ${reviews.workspace.name}`,
  };
}

function sum(a: FileSnapshot['counts'], b: FileSnapshot['counts']): FileSnapshot['counts'] {
  const { fail, review, informational, open, pass, suppressed, baseline } = b;
  return {
    fail: a.fail + fail,
    review: a.review + review,
    informational: a.informational + informational,
    open: a.open + open,
    pass: a.pass + pass,
    suppressed: a.suppressed + suppressed,
    baseline: a.baseline + baseline,
  };
}

function showServer(item: vscode.LanguageStatusItem, { server }: Reviews): void {
  item.busy = server.state === 'starting';
  item.severity =
    server.state === 'stopped'
      ? vscode.LanguageStatusSeverity.Error
      : server.problem === ''
        ? vscode.LanguageStatusSeverity.Information
        : vscode.LanguageStatusSeverity.Warning;
  item.text = { starting: t('Attest is starting'), ready: t('Attest is ready'), stopped: t('Attest is stopped') }[server.state];
  item.detail = server.problem;
  item.command =
    server.state === 'stopped' ? { title: t('Restart'), command: 'attest.restartServer' } : { title: t('Show Output'), command: 'attest.showOutput' };
}

function countsText({ counts }: Pick<FileSnapshot, 'counts'>): string {
  const kinds = ['fail', 'review', 'open', 'pass', 'suppressed', 'baseline'] as const;
  return kinds.map((it) => `${counts[it]} ${kindWord(it, counts[it])}`).join(' · ');
}
