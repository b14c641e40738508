/**
 * The tree of findings: by file, by category or by severity, and below a finding the steps that prove it. What is
 * shown is what the filter lets through; with nothing turned on, that is what needs a look.
 */
import * as vscode from 'vscode';
import type { CategorySnapshot, FindingLine, ReviewedFile } from '../server/protocol.ts';
import { countedAs, type Filter, folderOf } from './filter.ts';
import type { Counted } from './panel/state.ts';
import { type Reviews, shownPath, uriIn } from './reviews.ts';
import { conclusionText, counted, kindWord, questionOf, setAsideText, summaryText, titleOf, verdictText, verdictWord, wordOf } from './words.ts';

export interface FindingItem {
  readonly type: 'finding';
  readonly file: ReviewedFile;
  readonly category: CategorySnapshot;
  readonly finding: FindingLine;
  readonly parent: Item | undefined;
}

export type Item =
  | { readonly type: 'file'; readonly file: ReviewedFile; readonly parent: undefined }
  /** A category or a severity; `id` is unique among its siblings. */
  | {
      readonly type: 'group';
      readonly id: string;
      readonly label: string;
      readonly about: string;
      readonly findings: readonly FindingItem[];
      readonly parent: Item | undefined;
    }
  | FindingItem
  | { readonly type: 'step'; readonly file: ReviewedFile; readonly step: FindingLine['trail'][number]; readonly parent: Item };

const RANK = { defects: 0, review: 1, 'not-reviewed': 2, clear: 3, 'not-applicable': 4 };
const KINDS: readonly Counted[] = ['fail', 'review', 'open', 'informational', 'pass', 'suppressed', 'baseline'];
/** With more files than these, each one is opened by hand. */
const MOST_OPEN = 12;
const COLLAPSIBLE = {
  leaf: vscode.TreeItemCollapsibleState.None,
  closed: vscode.TreeItemCollapsibleState.Collapsed,
  open: vscode.TreeItemCollapsibleState.Expanded,
};
const { t } = vscode.l10n;

export class Findings implements vscode.TreeDataProvider<Item>, vscode.Disposable {
  readonly #reviews: Reviews;
  readonly #filter: Filter;
  readonly #changed = new vscode.EventEmitter<void>();
  readonly #view: vscode.TreeView<Item>;
  readonly #subscriptions: vscode.Disposable;
  readonly onDidChangeTreeData = this.#changed.event;

  constructor(reviews: Reviews, filter: Filter) {
    this.#reviews = reviews;
    this.#filter = filter;
    this.#view = vscode.window.createTreeView('attest.findings', { treeDataProvider: this, showCollapseAll: true, canSelectMany: true });
    this.#subscriptions = vscode.Disposable.from(
      reviews.onDidChange(() => this.#update()),
      filter.onDidChange(() => this.#update()),
      vscode.window.onDidChangeActiveTextEditor(() => filter.isOn('activeFile') && this.#update()),
    );
    this.#update();
  }

  /** What is selected, or the one that a command was called on. */
  chosen(item: Item | undefined, all: readonly Item[] | undefined): readonly Item[] {
    return all !== undefined && all.length > 0 ? all : item === undefined ? this.#view.selection : [item];
  }

  getChildren(item?: Item): Item[] {
    if (item === undefined) return this.#roots();
    switch (item.type) {
      case 'file':
        return this.#byCategory([item.file], item);
      case 'group':
        return item.findings.map((it) => ({ ...it, parent: item }));
      case 'finding':
        return item.finding.trail.map((step) => ({ type: 'step', file: item.file, step, parent: item }));
      case 'step':
        return [];
    }
  }

  getParent(item: Item): Item | undefined {
    return item.parent;
  }

  getTreeItem(item: Item): vscode.TreeItem {
    switch (item.type) {
      case 'file':
        return fileItem(item.file, this.getChildren(item).length === 0 ? 'leaf' : this.#reviews.all().length > MOST_OPEN ? 'closed' : 'open');
      case 'group':
        return groupItem(item);
      case 'finding':
        return findingItem(item, this.#filter.grouping === 'file');
      case 'step':
        return stepItem(item.file, item.step);
    }
  }

  dispose(): void {
    this.#subscriptions.dispose();
    this.#view.dispose();
    this.#changed.dispose();
  }

  #update(): void {
    const files = this.#reviews.all();
    const count = files.reduce((sum, { snapshot: { counts } }) => sum + counts.fail + counts.review, 0);
    this.#view.badge = count === 0 ? undefined : { value: count, tooltip: t('{0} security findings', count) };
    const { workspace, server } = this.#reviews;
    const said = [
      ...(server.state === 'stopped' ? [t('Attest is stopped: these findings may be out of date.')] : []),
      ...(workspace !== undefined && !workspace.result.complete ? [t('The review of {0} was stopped: this is what it found so far.', workspace.name)] : []),
    ];
    // Emptied, never deleted: the property is VS Code's own, and gone it would no longer be heard.
    this.#view.message = said.join(' ');
    this.#view.description = this.#filter.isNarrow ? t('only {0}', this.#narrowedTo()) : '';
    this.#changed.fire();
  }

  #narrowedTo(): string {
    const { kind, category, folder } = this.#filter.only;
    const id = this.#reviews.all()[0]?.snapshot.categories.find((it) => it.id === category)?.id;
    const title = id === undefined ? undefined : titleOf(id);
    const parts = [kind === undefined ? undefined : kindWord(kind, 2), title, folder === '' ? t('the root') : folder];
    return parts.filter((it) => it !== undefined).join(' · ');
  }

  #roots(): Item[] {
    const files = this.#files();
    switch (this.#filter.grouping) {
      case 'category':
        return this.#byCategory(files, undefined);
      case 'severity':
        return this.#bySeverity(files);
      case 'file':
        return files.filter((it) => !this.#filter.isNarrow || this.#findings([it]).length > 0).map((file) => ({ type: 'file', file, parent: undefined }));
    }
  }

  #files(): ReviewedFile[] {
    const active = vscode.window.activeTextEditor?.document.uri;
    const only = this.#filter.isOn('activeFile') && active !== undefined ? this.#reviews.get(active) : undefined;
    const files = only === undefined ? this.#reviews.all() : [only];
    return files.sort((a, b) => RANK[a.snapshot.verdict] - RANK[b.snapshot.verdict] || (shownPath(a) < shownPath(b) ? -1 : 1));
  }

  #findings(files: readonly ReviewedFile[]): FindingItem[] {
    return files.flatMap((file) =>
      file.snapshot.categories.flatMap((category) =>
        category.findings
          .filter((it) => this.#filter.shows(file, category.id, it))
          .map((finding): FindingItem => ({ type: 'finding', file, category, finding, parent: undefined })),
      ),
    );
  }

  #byCategory(files: readonly ReviewedFile[], parent: Item | undefined): Item[] {
    const all = this.#findings(files);
    const [first] = files;
    return (first?.snapshot.categories ?? []).flatMap(({ id }): Item[] => {
      const findings = all.filter((it) => it.category.id === id);
      if (findings.length === 0) return [];
      const verdict = parent === undefined ? '' : `${verdictWord(findings[0]?.category.verdict ?? 'clear')} · `;
      return [{ type: 'group', id, label: titleOf(id), about: `${verdict}${findings.length}`, findings, parent }];
    });
  }

  #bySeverity(files: readonly ReviewedFile[]): Item[] {
    const all = this.#findings(files);
    return KINDS.flatMap((kind): Item[] => {
      const findings = all.filter((it) => countedAs(it.finding) === kind);
      if (findings.length === 0) return [];
      const words = kindWord(kind, 2);
      return [{ type: 'group', id: kind, label: words.charAt(0).toUpperCase() + words.slice(1), about: `${findings.length}`, findings, parent: undefined }];
    });
  }
}

/** A finding on one line, for the clipboard. */
export function findingText(items: readonly Item[]): string {
  return items
    .filter((it) => it.type === 'finding')
    .map(({ file, finding }) => `${shownPath(file)}:${finding.line}:${finding.column} ${finding.rule} ${finding.message}`)
    .join('\n');
}

function fileItem(file: ReviewedFile, state: 'leaf' | 'closed' | 'open'): vscode.TreeItem {
  const path = shownPath(file);
  const item = new vscode.TreeItem(vscode.Uri.parse(file.uri), COLLAPSIBLE[state]);
  // Another item than the leaf it was: VS Code opens only what it has not seen yet.
  item.id = state === 'leaf' ? `${file.uri}#` : file.uri;
  item.description = [verdictText(file.snapshot), folderOf(path)].filter((it) => it !== '').join(' · ');
  item.tooltip = `${path}\n${conclusionText(file.snapshot)}`;
  item.contextValue = 'file';
  item.iconPath = vscode.ThemeIcon.File;
  item.accessibilityInformation = { label: `${path}, ${verdictText(file.snapshot)}. ${conclusionText(file.snapshot)}` };
  if (state === 'leaf') item.command = { title: t('Open'), command: 'vscode.open', arguments: [vscode.Uri.parse(file.uri)] };
  return item;
}

function groupItem({ id, label, about, findings, parent }: Item & { readonly type: 'group' }): vscode.TreeItem {
  const item = new vscode.TreeItem(label, parent !== undefined || findings.length <= 50 ? COLLAPSIBLE.open : COLLAPSIBLE.closed);
  item.id = `${parent?.type === 'file' ? parent.file.uri : ''}#${id}`;
  item.description = about;
  const [first] = findings;
  if (parent?.type === 'file' && first !== undefined) item.tooltip = `${questionOf(first.category.id)}\n${summaryText(first.category).replaceAll('`', '')}`;
  item.contextValue = 'group';
  item.accessibilityInformation = { label: `${label}, ${counted(findings.length, t('entry'), t('entries'))}` };
  return item;
}

function findingItem({ file, finding }: FindingItem, isBelowFile: boolean): vscode.TreeItem {
  const steps = finding.trail.length > 0 ? COLLAPSIBLE.closed : COLLAPSIBLE.leaf;
  const message = finding.message.replaceAll('`', '');
  const path = shownPath(file);
  const name = path.slice(path.lastIndexOf('/') + 1);
  const item = new vscode.TreeItem(isBelowFile ? `${finding.line}: ${message}` : message, steps);
  const own = countedAs(finding);
  const isSetAside = own === 'suppressed' || own === 'baseline';
  const parts = [...(isBelowFile ? [] : [`${name}:${finding.line}`]), ...(isSetAside ? [kindWord(own, 1)] : [])];
  if (parts.length > 0) item.description = parts.join(' · ');
  item.iconPath = iconOf(finding);
  item.tooltip = [
    message,
    t('{0} ({1}), confidence {2}', finding.title, finding.rule, finding.confidence),
    ...(isBelowFile ? [] : [path]),
    ...(isSetAside ? [setAsideText(finding)] : []),
  ].join('\n');
  const isOpen = !isSetAside && finding.kind !== 'pass';
  item.contextValue = ['finding', ...(isOpen ? ['open'] : []), ...(finding.trail.length > 0 ? ['trail'] : [])].join(' ');
  item.accessibilityInformation = { label: `${wordOf(finding)}: ${message}, ${isBelowFile ? '' : `${name}, `}${t('line {0}', finding.line)}` };
  item.command = openCommand(vscode.Uri.parse(file.uri), finding);
  return item;
}

function stepItem(file: ReviewedFile, step: FindingLine['trail'][number]): vscode.TreeItem {
  const item = new vscode.TreeItem(step.note.replaceAll('`', ''), COLLAPSIBLE.leaf);
  item.description = step.path === file.snapshot.path ? t('line {0}', step.line) : `${step.path}:${step.line}`;
  item.iconPath = new vscode.ThemeIcon('debug-stackframe-dot');
  item.contextValue = 'step';
  item.command = openCommand(uriIn(file, step.path), step);
  return item;
}

function openCommand(uri: vscode.Uri, at: object): vscode.Command {
  return { title: t('Open'), command: 'attest.openPlace', arguments: [uri, at] };
}

function iconOf({ kind, level, suppressed, baseline }: FindingLine): vscode.ThemeIcon {
  if (suppressed !== undefined) return new vscode.ThemeIcon(baseline === true ? 'history' : 'circle-slash');
  switch (kind) {
    case 'fail':
      return level === 'error' ? icon('error', 'list.errorForeground') : icon('warning', 'list.warningForeground');
    case 'review':
      return icon('eye', 'editorInfo.foreground');
    case 'informational':
      return new vscode.ThemeIcon('info');
    case 'open':
      return new vscode.ThemeIcon('question');
    case 'pass':
      return icon('pass', 'charts.green');
  }
}

function icon(id: string, color: string): vscode.ThemeIcon {
  return new vscode.ThemeIcon(id, new vscode.ThemeColor(color));
}
