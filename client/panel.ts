/**
 * The summary view: the verdict and its evidence in seven categories. The page is set once and told what to draw;
 * while hidden it is told nothing. What comes from it is checked: a key that was handed out, a word of a fixed list.
 */
import * as vscode from 'vscode';
import type { Filter } from './filter.ts';
import type { Counted, PanelAction, PanelMessage, PanelState, Scope } from './panel/state.ts';
import { type Place, panelState } from './panel-state.ts';
import { type Reviews, reveal } from './reviews.ts';

export interface PanelActions {
  run(action: PanelAction): void;
}

const ACTIONS: readonly PanelAction[] = ['review', 'reviewWorkspace', 'cancel', 'report', 'export', 'restart', 'clearFilter'];
const KINDS: readonly Counted[] = ['fail', 'review', 'open', 'informational', 'pass', 'suppressed', 'baseline'];

export class Panel implements vscode.WebviewViewProvider, vscode.Disposable {
  readonly #extension: vscode.Uri;
  readonly #reviews: Reviews;
  readonly #filter: Filter;
  readonly #run: (action: PanelAction) => void;
  readonly #subscriptions: vscode.Disposable[];
  #view: vscode.WebviewView | undefined;
  #scope: Scope = 'file';
  #active: vscode.TextDocument | undefined = vscode.window.activeTextEditor?.document;
  #places: ReadonlyMap<string, Place> = new Map();
  #folders: ReadonlyMap<string, readonly string[]> = new Map();

  constructor(extension: vscode.Uri, reviews: Reviews, filter: Filter, actions: PanelActions) {
    this.#extension = extension;
    this.#reviews = reviews;
    this.#filter = filter;
    this.#run = actions.run;
    this.#subscriptions = [
      vscode.window.registerWebviewViewProvider('attest.summary', this),
      reviews.onDidChange(() => this.#draw()),
      filter.onDidChange(() => this.#draw()),
      vscode.window.onDidChangeActiveTextEditor((editor) => this.#follow(editor?.document)),
      vscode.workspace.onDidCloseTextDocument(() => this.#follow(vscode.window.activeTextEditor?.document)),
    ];
  }

  /** Shows the view without taking the focus away, and what was just asked for in it. */
  async show(scope: Scope): Promise<void> {
    this.#scope = scope;
    if (this.#view === undefined) await vscode.commands.executeCommand('attest.summary.focus', { preserveFocus: true });
    else this.#view.show(true);
    this.#draw();
  }

  resolveWebviewView(view: vscode.WebviewView): void {
    const files = vscode.Uri.joinPath(this.#extension, 'dist', 'panel');
    this.#view = view;
    view.webview.options = { enableScripts: true, enableForms: false, enableCommandUris: false, localResourceRoots: [files] };
    view.webview.onDidReceiveMessage((message: unknown) => this.#receive(message));
    view.onDidChangeVisibility(() => this.#draw());
    view.onDidDispose(() => {
      this.#view = undefined;
    });
    view.webview.html = page(view.webview, files);
  }

  dispose(): void {
    for (const it of this.#subscriptions) it.dispose();
  }

  /** The last Python file stays as long as it is open: a preview, the output or a view in front is no other file. */
  #follow(document: vscode.TextDocument | undefined): void {
    if (document?.languageId !== 'python' && this.#active?.isClosed === false) return;
    this.#active = document;
    this.#draw();
  }

  #draw(): void {
    if (this.#view?.visible !== true) return;
    const file = this.#active === undefined ? undefined : this.#reviews.get(this.#active.uri);
    const { state, places, folders } = panelState(this.#reviews, this.#filter, this.#scope, file, this.#active?.languageId === 'python');
    this.#places = places;
    this.#folders = folders;
    void this.#view.webview.postMessage(state satisfies PanelState);
  }

  #receive(message: unknown): void {
    if (!isMessage(message)) return;
    switch (message.type) {
      case 'ready':
        this.#draw();
        break;
      case 'scope':
        this.#scope = message.scope === 'workspace' ? 'workspace' : 'file';
        this.#draw();
        break;
      case 'action':
        if (ACTIONS.includes(message.action)) this.#run(message.action);
        break;
      case 'kind':
        if (KINDS.includes(message.kind)) this.#filter.narrow({ kind: message.kind });
        break;
      case 'cell': {
        const files = this.#folders.get(message.folder);
        const category = typeof message.category === 'string' && message.category !== '' ? { category: message.category } : {};
        if (files !== undefined) this.#filter.narrow({ folder: message.folder, files, ...category });
        break;
      }
      case 'open': {
        const place = this.#places.get(message.key);
        if (place !== undefined) void reveal(vscode.Uri.parse(place.file.uri), place.finding);
      }
    }
  }
}

function isMessage(message: unknown): message is PanelMessage {
  return typeof message === 'object' && message !== null && 'type' in message;
}

function page(webview: vscode.Webview, files: vscode.Uri): string {
  const nonce = Array.from(crypto.getRandomValues(new Uint8Array(16)), (it) => it.toString(16).padStart(2, '0')).join('');
  const style = webview.asWebviewUri(vscode.Uri.joinPath(files, 'page.css')).toString();
  const script = webview.asWebviewUri(vscode.Uri.joinPath(files, 'page.js')).toString();
  const policy = `default-src 'none'; style-src ${webview.cspSource}; script-src 'nonce-${nonce}'`;
  return `<!DOCTYPE html>
<html lang="${vscode.env.language}">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<meta name="viewport" content="width=device-width">
<title>${vscode.l10n.t('Attest: security review')}</title>
<link rel="stylesheet" href="${style}">
</head>
<body>
<main></main>
<script nonce="${nonce}" src="${script}"></script>
</body>
</html>`;
}
