/**
 * Above a test or a class of tests: how much a review found in it. Off until somebody turns it on, and nothing is
 * registered until then. A press shows what it counts in the tree.
 */
import * as vscode from 'vscode';
import type { FindingLine } from '../server/protocol.ts';
import type { Filter } from './filter.ts';
import { type Reviews, shownPath } from './reviews.ts';
import { counted } from './words.ts';

const { t } = vscode.l10n;
const DEFINITION = /^(\s*)(?:async\s+)?(?:def\s+(test\w*)|class\s+(\w+))/;

export function showLenses(reviews: Reviews, filter: Filter): vscode.Disposable {
  let registered: vscode.Disposable | undefined;
  const update = () => {
    const isOn = vscode.workspace.getConfiguration('attest').get('codeLens.enabled', false);
    if (isOn === (registered !== undefined)) return;
    registered?.dispose();
    registered = isOn ? vscode.languages.registerCodeLensProvider({ language: 'python' }, new Lenses(reviews)) : undefined;
  };
  update();
  return vscode.Disposable.from(
    vscode.workspace.onDidChangeConfiguration((it) => {
      if (it.affectsConfiguration('attest.codeLens')) update();
    }),
    vscode.commands.registerCommand('attest.showInTree', async (path: unknown) => {
      if (typeof path !== 'string') return;
      filter.clear();
      filter.narrow({ folder: path, files: [path] });
      await vscode.commands.executeCommand('attest.findings.focus');
    }),
    { dispose: () => registered?.dispose() },
  );
}

class Lenses implements vscode.CodeLensProvider {
  readonly #reviews: Reviews;
  readonly onDidChangeCodeLenses: vscode.Event<void>;

  constructor(reviews: Reviews) {
    this.#reviews = reviews;
    this.onDidChangeCodeLenses = reviews.onDidChange;
  }

  provideCodeLenses(document: vscode.TextDocument): vscode.CodeLens[] {
    const file = this.#reviews.get(document.uri);
    // A review of another text would stand above the wrong lines.
    if (file === undefined || file.version !== document.version) return [];
    const findings = file.snapshot.categories.flatMap((it) => it.findings).filter(isToLookAt);
    const blocks = blocksOf(document);
    return blocks.flatMap(({ line, end }) => {
      const inside = findings.filter((it) => it.line > line && it.line <= end).length;
      if (inside === 0) return [];
      const title = counted(inside, t('security finding'), t('security findings'));
      return [new vscode.CodeLens(new vscode.Range(line, 0, line, 0), { title, command: 'attest.showInTree', arguments: [shownPath(file)] })];
    });
  }
}

function isToLookAt({ kind, suppressed }: FindingLine): boolean {
  return suppressed === undefined && (kind === 'fail' || kind === 'review');
}

/** Tests and classes: the line of the definition and the last one of its block, both from 0. */
function blocksOf(document: vscode.TextDocument): { line: number; end: number }[] {
  const blocks: { line: number; end: number }[] = [];
  const open: { line: number; indent: number }[] = [];
  const close = (indent: number, end: number) => {
    for (let last = open.at(-1); last !== undefined && last.indent >= indent; last = open.at(-1)) {
      blocks.push({ line: last.line, end });
      open.pop();
    }
  };
  for (let line = 0; line < document.lineCount; line += 1) {
    const { text, isEmptyOrWhitespace, firstNonWhitespaceCharacterIndex: indent } = document.lineAt(line);
    if (isEmptyOrWhitespace || /^\s*[#)\]}]/.test(text)) continue;
    close(indent, line);
    if (DEFINITION.test(text)) open.push({ line, indent });
  }
  close(0, document.lineCount);
  return blocks;
}
