/**
 * What the server has said, for everything that shows it: status bar, tree and panel all read this one store, so
 * they cannot disagree.
 */
import * as vscode from 'vscode';
import type { ReviewedFile, WorkspaceResult } from '../server/protocol.ts';

/** The server's state as people see it. */
export interface ServerState {
  readonly state: 'starting' | 'ready' | 'stopped';
  /** In one sentence what is wrong, or `''`. */
  readonly problem: string;
}

/** The last review of folders. */
export interface WorkspaceReview {
  readonly result: WorkspaceResult;
  /** "the workspace" or the folder's name. */
  readonly name: string;
}

export class Reviews implements vscode.Disposable {
  readonly #changed = new vscode.EventEmitter<void>();
  readonly #files = new Map<string, ReviewedFile>();
  readonly #touched = new Set<string>();
  readonly onDidChange = this.#changed.event;
  server: ServerState = { state: 'starting', problem: '' };
  workspace: WorkspaceReview | undefined;
  /** What a running review of folders is at: "12 of 80: test_x.py", and how much that is in percent. */
  busy: { readonly text: string; readonly percent: number | undefined } | undefined;

  /** The review of a file, however its URI is written. */
  get(uri: vscode.Uri): ReviewedFile | undefined {
    return this.#files.get(uri.toString());
  }

  all(): ReviewedFile[] {
    return [...this.#files.values()];
  }

  put(files: readonly ReviewedFile[]): void {
    for (const it of files) this.#files.set(keyOf(it.uri), it);
    if (files.length > 0) this.#changed.fire();
  }

  remove(uri: string): void {
    if (this.#files.delete(keyOf(uri))) this.#changed.fire();
  }

  clear(): void {
    this.#files.clear();
    this.workspace = undefined;
    this.#changed.fire();
  }

  set(change: Partial<Pick<Reviews, 'server' | 'workspace' | 'busy'>>): void {
    Object.assign(this, change);
    this.#changed.fire();
  }

  /** A review of folders begins; what was said of others before no longer counts. */
  begin(text: string): void {
    this.#touched.clear();
    this.set({ busy: { text, percent: undefined }, workspace: undefined });
  }

  /** A Python file was changed: what is said of the workspace may no longer hold. */
  touch(uri: vscode.Uri): void {
    if ((this.workspace === undefined && this.busy === undefined) || this.#touched.has(uri.toString())) return;
    this.#touched.add(uri.toString());
    this.#changed.fire();
  }

  /** How many files changed since the last review of folders began. */
  get touched(): number {
    return this.#touched.size;
  }

  dispose(): void {
    this.#changed.dispose();
  }
}

/** The path of a file as people know it: where several folders are open, with the name of its own. */
export function shownPath(file: ReviewedFile): string {
  const isOneOfMany = (vscode.workspace.workspaceFolders?.length ?? 0) > 1;
  return isOneOfMany ? vscode.workspace.asRelativePath(vscode.Uri.parse(file.uri), true) : file.snapshot.path;
}

/** The file that a path of a review means. */
export function uriIn(file: ReviewedFile, path: string): vscode.Uri {
  return path === file.snapshot.path ? vscode.Uri.parse(file.uri) : vscode.Uri.joinPath(vscode.Uri.parse(file.root), path);
}

/** Opens a file at lines and columns from 1. */
export async function reveal(
  uri: vscode.Uri,
  at: { readonly line: number; readonly column: number; readonly endLine?: number; readonly endColumn?: number },
): Promise<void> {
  const start = new vscode.Position(Math.max(0, at.line - 1), Math.max(0, at.column - 1));
  const end = at.endLine === undefined || at.endColumn === undefined ? start : new vscode.Position(Math.max(0, at.endLine - 1), Math.max(0, at.endColumn - 1));
  await vscode.window.showTextDocument(uri, { selection: new vscode.Range(start, end) });
}

function keyOf(uri: string): string {
  return vscode.Uri.parse(uri).toString();
}
