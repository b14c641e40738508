/**
 * The verdict of the active file in the status bar, and the server's state where VS Code shows the state of
 * languages. No colour of our own, unless it is asked for: a word says it.
 */
import * as vscode from 'vscode';
import type { FileSnapshot } from '../server/protocol.ts';
import type { Reviews } from './reviews.ts';
import { conclusionText, kindWord, verdictText } from './words.ts';

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
  const file = document === undefined ? undefined : reviews.get(document.uri);
  const settings = vscode.workspace.getConfiguration('attest', document?.uri);
  const isOn = settings.get('statusBar.enabled', true);
  const isStopped = reviews.server.state === 'stopped';
  const isConcerned = file !== undefined || reviews.busy !== undefined || (isStopped && document?.languageId === 'python');
  if (!isOn || !isConcerned) {
    item.hide();
    return;
  }

  if (isStopped) {
    item.text = `$(shield) Attest: ${t('stopped')}`;
    item.tooltip = t('{0}. Click to restart.', reviews.server.problem);
    item.accessibilityInformation = { label: t('Attest is stopped. Restart'), role: 'button' };
    item.command = 'attest.restartServer';
    item.show();
    return;
  }
  const text = file === undefined ? t('reviewing') : verdictText(file.snapshot);
  item.text = `${reviews.busy === undefined ? '$(shield)' : '$(loading~spin)'} Attest: ${text}`;
  item.tooltip = [
    ...(file === undefined ? [] : [conclusionText(file.snapshot), countsText(file.snapshot)]),
    ...(reviews.busy === undefined ? [] : [t('Reviewing {0}', reviews.busy.text)]),
  ].join('\n');
  item.accessibilityInformation = {
    label: t('Attest, security review: {0}. {1}', text, file === undefined ? '' : conclusionText(file.snapshot)),
    role: 'button',
  };
  item.command = 'attest.summary.focus';
  const isLoud = settings.get('statusBar.highlight', false) && file?.snapshot.verdict === 'defects';
  item.backgroundColor = isLoud ? new vscode.ThemeColor('statusBarItem.errorBackground') : undefined;
  item.show();
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

function countsText({ counts }: FileSnapshot): string {
  const kinds = ['fail', 'review', 'open', 'pass', 'suppressed', 'baseline'] as const;
  return kinds.map((it) => `${counts[it]} ${kindWord(it, counts[it])}`).join(' · ');
}
