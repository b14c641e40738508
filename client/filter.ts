/**
 * What is shown of all findings, in the tree and in the panel alike: what switches turned on, and what a press on a
 * count or on a field of the map narrowed it to. Switches are remembered.
 */
import * as vscode from 'vscode';
import type { FindingLine, ReviewedFile } from '../server/protocol.ts';
import type { Counted } from './panel/state.ts';
import { shownPath } from './reviews.ts';

export type Grouping = 'file' | 'category' | 'severity';
type Switch = 'evidence' | 'suppressed' | 'activeFile';

/** Absent: no matter which. */
export interface Only {
  readonly kind?: Counted;
  readonly category?: string;
  /** A row of the map, and the paths of the files in it. */
  readonly folder?: string;
  readonly files?: readonly string[];
}

const GROUPINGS: readonly Grouping[] = ['file', 'category', 'severity'];

export class Filter implements vscode.Disposable {
  readonly #state: vscode.Memento;
  readonly #changed = new vscode.EventEmitter<void>();
  readonly onDidChange = this.#changed.event;
  #only: Only = {};

  constructor(state: vscode.Memento) {
    this.#state = state;
    this.#tell();
  }

  get only(): Only {
    return this.#only;
  }

  get isNarrow(): boolean {
    return Object.keys(this.#only).length > 0;
  }

  get grouping(): Grouping {
    const kept = this.#state.get<string>('attest.grouping');
    return GROUPINGS.find((it) => it === kept) ?? 'file';
  }

  group(by: Grouping): void {
    void this.#state.update('attest.grouping', by);
    this.#tell();
  }

  isOn(name: Switch): boolean {
    return this.#state.get(`attest.${name}`, false);
  }

  turn(name: Switch, on: boolean): void {
    void this.#state.update(`attest.${name}`, on);
    this.#tell();
  }

  /** The same thing once more takes it back. */
  narrow(only: Only): void {
    const isSame = JSON.stringify(only) === JSON.stringify(this.#only);
    this.#only = isSame ? {} : only;
    this.#tell();
  }

  clear(): void {
    this.#only = {};
    this.#tell();
  }

  shows(file: ReviewedFile, category: string, finding: FindingLine): boolean {
    const { kind, files } = this.#only;
    if (this.#only.category !== undefined && this.#only.category !== category) return false;
    if (files !== undefined && !files.includes(shownPath(file))) return false;
    const own = countedAs(finding);
    if (kind !== undefined) return own === kind;
    if (own === 'suppressed' || own === 'baseline') return this.isOn('suppressed');
    return this.isOn('evidence') || (own !== 'pass' && own !== 'informational');
  }

  dispose(): void {
    this.#changed.dispose();
  }

  #tell(): void {
    const context = (key: string, value: unknown) => void vscode.commands.executeCommand('setContext', `attest.${key}`, value);
    for (const it of ['evidence', 'suppressed', 'activeFile'] as const) context(it, this.isOn(it));
    context('grouping', this.grouping);
    context('filtered', this.isNarrow);
    this.#changed.fire();
  }
}

export function countedAs({ kind, suppressed, baseline }: FindingLine): Counted {
  if (suppressed === undefined) return kind;
  return baseline === true ? 'baseline' : 'suppressed';
}

export function folderOf(path: string): string {
  return path.slice(0, Math.max(0, path.lastIndexOf('/')));
}

export function isBelow(path: string, folder: string): boolean {
  return folder === '' || path.startsWith(`${folder}/`);
}
