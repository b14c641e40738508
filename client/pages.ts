/**
 * Documents that the server writes: the report of a file (`attest-report:`) and the pages of rules (`attest-docs:`),
 * shown with VS Code's own Markdown preview. They need no network.
 */
import * as vscode from 'vscode';
import type { Server } from './connection.ts';
import type { Reviews } from './reviews.ts';

const { t } = vscode.l10n;
const REPORT = 'attest-report';
const DOCS = 'attest-docs';
/** An open report follows the text it is of, at a reader's pace. */
const FOLLOW_MS = 400;

export class Pages implements vscode.TextDocumentContentProvider, vscode.Disposable {
  readonly #connected: () => Promise<Server>;
  readonly #changed = new vscode.EventEmitter<vscode.Uri>();
  readonly #registered: vscode.Disposable;
  readonly onDidChange = this.#changed.event;

  #following: ReturnType<typeof setTimeout> | undefined;

  constructor(connected: () => Promise<Server>, reviews: Reviews) {
    this.#connected = connected;
    this.#registered = vscode.Disposable.from(
      reviews.onDidChange(() => this.#follow()),
      vscode.workspace.registerTextDocumentContentProvider(REPORT, this),
      vscode.workspace.registerTextDocumentContentProvider(DOCS, this),
    );
  }

  async provideTextDocumentContent({ scheme, query }: vscode.Uri): Promise<string> {
    const server = await this.#connected();
    const page = scheme === REPORT ? await server.request('attest/report', { uri: query }) : await server.request('attest/explain', { rule: query });
    return (
      page?.markdown ??
      `${scheme === REPORT ? t('This file is not test code, or its review is turned off.') : t('There is no rule `{0}`.', query.replaceAll('`', ''))}\n`
    );
  }

  /** The report of a file; of the active one without an argument. */
  async openReport(target?: vscode.Uri): Promise<void> {
    const uri = target instanceof vscode.Uri ? target : vscode.window.activeTextEditor?.document.uri;
    if (uri === undefined) return void vscode.window.setStatusBarMessage(t('Attest: open a Python test first'), 5000);
    const name = uri.path.slice(uri.path.lastIndexOf('/') + 1);
    await this.#preview(vscode.Uri.from({ scheme: REPORT, path: `/${t('Review of {0}', name)}.md`, query: uri.toString() }));
  }

  async openRule(rule: string): Promise<void> {
    await this.#preview(vscode.Uri.from({ scheme: DOCS, path: `/${rule.replace('/', ' · ')}.md`, query: rule }));
  }

  dispose(): void {
    clearTimeout(this.#following);
    this.#registered.dispose();
    this.#changed.dispose();
  }

  #follow(): void {
    clearTimeout(this.#following);
    this.#following = setTimeout(() => {
      for (const { uri } of vscode.workspace.textDocuments) if (uri.scheme === REPORT) this.#changed.fire(uri);
    }, FOLLOW_MS);
  }

  async #preview(uri: vscode.Uri): Promise<void> {
    this.#changed.fire(uri);
    await vscode.commands.executeCommand('markdown.showPreview', uri);
  }
}
