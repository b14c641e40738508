/**
 * The verdict of the active file in the status bar, and the server's state where VS Code shows the state of
 * languages. No colour of our own: a word says it.
 */
import * as vscode from 'vscode';
import type { FileSnapshot } from '../server/protocol.ts';
import type { Reviews } from './reviews.ts';

export function showStatus(reviews: Reviews): vscode.Disposable {
  const verdict = vscode.window.createStatusBarItem('attest.verdict', vscode.StatusBarAlignment.Left, 10);
  verdict.name = 'Attest verdict';
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
  const isOn = vscode.workspace.getConfiguration('attest', document?.uri).get('statusBar.enabled', true);
  if (!isOn || (file === undefined && reviews.busy === undefined)) {
    item.hide();
    return;
  }

  if (reviews.server.state === 'stopped') {
    item.text = '$(shield) Attest: stopped';
    item.tooltip = `${reviews.server.problem}. Click to restart.`;
    item.accessibilityInformation = { label: 'Attest is stopped. Restart', role: 'button' };
    item.command = 'attest.restartServer';
    item.show();
    return;
  }
  const text = file === undefined ? 'reviewing' : verdictText(file.snapshot);
  item.text = `${reviews.busy === undefined ? '$(shield)' : '$(loading~spin)'} Attest: ${text}`;
  item.tooltip = [
    ...(file === undefined ? [] : [file.snapshot.conclusion, countsText(file.snapshot)]),
    ...(reviews.busy === undefined ? [] : [`Reviewing ${reviews.busy}`]),
  ].join('\n');
  item.accessibilityInformation = { label: `Attest, security review: ${text}. ${file?.snapshot.conclusion ?? ''}`, role: 'button' };
  item.command = 'attest.summary.focus';
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
  item.text = { starting: 'Attest is starting', ready: 'Attest is ready', stopped: 'Attest is stopped' }[server.state];
  if (server.problem === '') delete item.detail;
  else item.detail = server.problem;
  item.command = server.state === 'stopped' ? { title: 'Restart', command: 'attest.restartServer' } : { title: 'Show Output', command: 'attest.showOutput' };
}

/** "clear", "review 3", "defects 1". */
export function verdictText({ verdict, counts }: FileSnapshot): string {
  if (verdict === 'defects') return `defects ${counts.fail}`;
  return verdict === 'review' ? `review ${counts.review}` : 'clear';
}

function countsText({ counts }: FileSnapshot): string {
  const words = [`${counts.fail} defects`, `${counts.review} to review`, `${counts.open} open`, `${counts.pass} evidence`, `${counts.suppressed} suppressed`];
  return words.join(' · ');
}
