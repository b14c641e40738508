/**
 * The tree of findings: file, category, finding, and below a finding the steps that prove it. Evidence of good
 * practice and notes can be switched on; the files that are clear stand there in any case.
 */
import * as vscode from 'vscode';
import type { CategorySnapshot, FindingLine, ReviewedFile } from '../server/protocol.ts';
import { type Reviews, uriIn } from './reviews.ts';
import { verdictText } from './status.ts';

export type Item =
  | { readonly type: 'file'; readonly file: ReviewedFile }
  | { readonly type: 'category'; readonly file: ReviewedFile; readonly category: CategorySnapshot; readonly parent: Item }
  | { readonly type: 'finding'; readonly file: ReviewedFile; readonly finding: FindingLine; readonly parent: Item }
  | { readonly type: 'step'; readonly file: ReviewedFile; readonly step: FindingLine['trail'][number]; readonly parent: Item };

const RANK = { defects: 0, review: 1, clear: 2 };
const EVIDENCE = 'attest.evidence';
/** With more files than these, each one is opened by hand. */
const MOST_OPEN = 12;
const COLLAPSIBLE = {
  leaf: vscode.TreeItemCollapsibleState.None,
  closed: vscode.TreeItemCollapsibleState.Collapsed,
  open: vscode.TreeItemCollapsibleState.Expanded,
};

export class Findings implements vscode.TreeDataProvider<Item>, vscode.Disposable {
  readonly #reviews: Reviews;
  readonly #state: vscode.Memento;
  readonly #changed = new vscode.EventEmitter<void>();
  readonly #view: vscode.TreeView<Item>;
  readonly #subscription: vscode.Disposable;
  readonly onDidChangeTreeData = this.#changed.event;

  constructor(reviews: Reviews, state: vscode.Memento) {
    this.#reviews = reviews;
    this.#state = state;
    this.#view = vscode.window.createTreeView('attest.findings', { treeDataProvider: this, showCollapseAll: true });
    this.#subscription = reviews.onDidChange(() => this.#update());
    this.showEvidence(this.#hasEvidence);
  }

  get #hasEvidence(): boolean {
    return this.#state.get(EVIDENCE, false);
  }

  showEvidence(on: boolean): void {
    void this.#state.update(EVIDENCE, on);
    void vscode.commands.executeCommand('setContext', EVIDENCE, on);
    this.#update();
  }

  getChildren(item?: Item): Item[] {
    if (item === undefined) return this.#files().map((file) => ({ type: 'file', file }));
    if (item.type === 'file') {
      const { file } = item;
      return file.snapshot.categories.filter((it) => this.#visible(it).length > 0).map((category) => ({ type: 'category', file, category, parent: item }));
    }
    if (item.type === 'category') return this.#visible(item.category).map((finding) => ({ type: 'finding', file: item.file, finding, parent: item }));
    return item.type === 'finding' ? item.finding.trail.map((step) => ({ type: 'step', file: item.file, step, parent: item })) : [];
  }

  getParent(item: Item): Item | undefined {
    return item.type === 'file' ? undefined : item.parent;
  }

  getTreeItem(item: Item): vscode.TreeItem {
    switch (item.type) {
      case 'file':
        return fileItem(item.file, this.getChildren(item).length === 0 ? 'leaf' : this.#reviews.all().length > MOST_OPEN ? 'closed' : 'open');
      case 'category':
        return categoryItem(item.file, item.category, this.#visible(item.category).length);
      case 'finding':
        return findingItem(item.file, item.finding);
      case 'step':
        return stepItem(item.file, item.step);
    }
  }

  dispose(): void {
    this.#subscription.dispose();
    this.#view.dispose();
    this.#changed.dispose();
  }

  #update(): void {
    const files = this.#reviews.all();
    const count = files.reduce((sum, { snapshot: { counts } }) => sum + counts.fail + counts.review, 0);
    this.#view.badge = count === 0 ? undefined : { value: count, tooltip: `${count} security findings` };
    const { workspace, server } = this.#reviews;
    if (server.state === 'stopped') this.#view.message = 'Attest is stopped: these findings may be out of date.';
    else if (workspace !== undefined && !workspace.result.complete)
      this.#view.message = `The review of ${workspace.name} was stopped: this is what it found so far.`;
    else delete this.#view.message;
    this.#changed.fire();
  }

  #files(): ReviewedFile[] {
    return this.#reviews.all().sort((a, b) => RANK[a.snapshot.verdict] - RANK[b.snapshot.verdict] || (a.snapshot.path < b.snapshot.path ? -1 : 1));
  }

  #visible(category: CategorySnapshot): FindingLine[] {
    return category.findings.filter((it) => this.#hasEvidence || (it.kind !== 'pass' && it.kind !== 'informational' && it.suppressed === undefined));
  }
}

/** A finding on one line, for the clipboard. */
export function findingText(item: Item): string {
  if (item.type !== 'finding') return '';
  const { file, finding } = item;
  return `${file.snapshot.path}:${finding.line}:${finding.column} ${finding.rule} ${finding.message}`;
}

function fileItem(file: ReviewedFile, state: 'leaf' | 'closed' | 'open'): vscode.TreeItem {
  const { path } = file.snapshot;
  const item = new vscode.TreeItem(vscode.Uri.parse(file.uri), COLLAPSIBLE[state]);
  item.id = file.uri;
  item.description = `${verdictText(file.snapshot)} · ${path.slice(0, Math.max(0, path.lastIndexOf('/')))}`;
  item.tooltip = `${path}\n${file.snapshot.conclusion}`;
  item.contextValue = 'file';
  item.iconPath = vscode.ThemeIcon.File;
  item.accessibilityInformation = { label: `${path}, ${verdictText(file.snapshot)}. ${file.snapshot.conclusion}` };
  if (state === 'leaf') item.command = { title: 'Open', command: 'vscode.open', arguments: [vscode.Uri.parse(file.uri)] };
  return item;
}

function categoryItem(file: ReviewedFile, category: CategorySnapshot, count: number): vscode.TreeItem {
  const item = new vscode.TreeItem(category.title, vscode.TreeItemCollapsibleState.Expanded);
  item.id = `${file.uri}#${category.id}`;
  item.description = `${category.verdict} · ${count}`;
  item.tooltip = `${category.question}\n${category.summary.replaceAll('`', '')}`;
  item.contextValue = 'category';
  item.accessibilityInformation = { label: `${category.title}, ${category.verdict}, ${count} entries` };
  return item;
}

function findingItem(file: ReviewedFile, finding: FindingLine): vscode.TreeItem {
  const steps = finding.trail.length > 0 ? vscode.TreeItemCollapsibleState.Collapsed : vscode.TreeItemCollapsibleState.None;
  const message = finding.message.replaceAll('`', '');
  const item = new vscode.TreeItem(`${finding.line}: ${message}`, steps);
  if (finding.suppressed !== undefined) item.description = 'suppressed';
  item.iconPath = iconOf(finding);
  item.tooltip = [
    message,
    `${finding.title} (${finding.rule}), ${finding.confidence} confidence`,
    ...(finding.suppressed === undefined ? [] : [`Suppressed: ${finding.suppressed}`]),
  ].join('\n');
  item.contextValue = 'finding';
  item.accessibilityInformation = { label: `${wordOf(finding)}: ${message}, line ${finding.line}` };
  item.command = openCommand(vscode.Uri.parse(file.uri), finding);
  return item;
}

function stepItem(file: ReviewedFile, step: FindingLine['trail'][number]): vscode.TreeItem {
  const item = new vscode.TreeItem(step.note.replaceAll('`', ''), vscode.TreeItemCollapsibleState.None);
  item.description = step.path === file.snapshot.path ? `line ${step.line}` : `${step.path}:${step.line}`;
  item.iconPath = new vscode.ThemeIcon('debug-stackframe-dot');
  item.contextValue = 'step';
  item.command = openCommand(uriIn(file, step.path), step);
  return item;
}

function openCommand(uri: vscode.Uri, at: object): vscode.Command {
  return { title: 'Open', command: 'attest.openPlace', arguments: [uri, at] };
}

/** What a finding is, in a word that stands beside its icon for those who do not see it. */
export function wordOf({ kind, level }: Pick<FindingLine, 'kind' | 'level'>): string {
  if (kind === 'fail') return level === 'error' ? 'Defect' : 'Probable defect';
  return { review: 'To review', informational: 'Note', open: 'Open question', pass: 'Evidence' }[kind];
}

function iconOf({ kind, level, suppressed }: FindingLine): vscode.ThemeIcon {
  if (suppressed !== undefined) return new vscode.ThemeIcon('circle-slash');
  switch (kind) {
    case 'fail':
      return level === 'error' ? icon('error', 'list.errorForeground') : icon('warning', 'list.warningForeground');
    case 'review':
      return icon('eye', 'editorInfo.foreground');
    case 'informational':
      return icon('info');
    case 'open':
      return icon('question');
    case 'pass':
      return icon('pass', 'testing.iconPassed');
  }
}

function icon(name: string, color?: string): vscode.ThemeIcon {
  return color === undefined ? new vscode.ThemeIcon(name) : new vscode.ThemeIcon(name, new vscode.ThemeColor(color));
}
