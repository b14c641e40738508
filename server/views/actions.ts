/**
 * What the light bulb offers: the fix of each finding, all fixes of one rule, all safe fixes of the file, the rule's
 * explanation, and an ignore comment with a reason. Nothing is analysed here: a review is looked up, edits are placed.
 */
import { type CodeAction, type Diagnostic, type SnippetTextEdit, TextDocumentEdit, type TextEdit, type WorkspaceEdit } from 'vscode-languageserver-types';
import { fixesTogether } from '../review/fixes.ts';
import { findingsOf, type PlacedEdit, type PlacedFinding, type Review } from '../review/review.ts';
import { SOURCE, shownAs } from './diagnostics.ts';
import type { Positions } from './positions.ts';
import { suppressionOf } from './suppression.ts';

export interface ActionRequest {
  /** Offsets of the selection. */
  readonly start: number;
  readonly end: number;
  /** Kinds that were asked for; `undefined` for all. */
  readonly only: readonly string[] | undefined;
  /** The editor's diagnostics here, those of others included. */
  readonly diagnostics: readonly Diagnostic[];
}

export interface ActionOptions {
  readonly positions: Positions;
  readonly uri: string;
  readonly version: number;
  /** What the client understands. */
  readonly can: { readonly documentChanges: boolean; readonly snippets: boolean; readonly explain: boolean };
}

export const FIX_ALL = 'source.fixAll.attest';

/** `text` is the one that was reviewed. Preferred fixes first, the ignore comment last. */
export function actionsOf(review: Review, text: string, request: ActionRequest, options: ActionOptions): CodeAction[] {
  const shown = findingsOf(review).filter((it) => shownAs(it) !== 'off');
  const actions: CodeAction[] = [];
  if (asks(request, 'quickfix')) {
    const here = shown.filter((it) => it.start <= request.end && it.end >= request.start);
    const fixes = here.flatMap((it) => fixAction(it, here, request, options));
    actions.push(
      ...fixes.filter((it) => it.isPreferred === true),
      ...fixes.filter((it) => it.isPreferred !== true),
      ...firstOfEachRule(here).flatMap((it) => fixRuleAction(it, shown, request, options)),
      ...firstOfEachRule(here).flatMap((it) => explainAction(it, request, options)),
      ...firstOfEachRule(here).flatMap((it) => suppressAction(it, text, request, options)),
    );
  }
  if (asks(request, FIX_ALL)) {
    const { edits: changes } = fixesTogether(shown.flatMap((it) => (it.fix?.safety === 'safe' ? [it.fix] : [])));
    if (changes.length > 0) actions.push({ title: 'Attest: apply all safe fixes', kind: FIX_ALL, edit: editOf(changes, options) });
  }
  return actions;
}

function asks({ only }: ActionRequest, kind: string): boolean {
  return only === undefined || only.some((it) => it === '' || kind === it || kind.startsWith(`${it}.`));
}

function fixAction(finding: PlacedFinding, here: readonly PlacedFinding[], request: ActionRequest, options: ActionOptions): CodeAction[] {
  if (finding.fix === undefined) return [];
  const isOnly = here.filter((it) => it.fix !== undefined && it.fix.safety === 'safe').length === 1;
  return [
    {
      title: finding.fix.title,
      kind: 'quickfix',
      diagnostics: diagnosticsFor(finding, request, options),
      isPreferred: finding.fix.safety === 'safe' && isOnly,
      edit: editOf(finding.fix.edits, options),
    },
  ];
}

function fixRuleAction(finding: PlacedFinding, all: readonly PlacedFinding[], request: ActionRequest, options: ActionOptions): CodeAction[] {
  const fixes = all.flatMap((it) => (it.rule === finding.rule && it.fix !== undefined ? [it.fix] : []));
  if (finding.fix === undefined || fixes.length < 2) return [];
  return [
    {
      title: `Fix all of ${finding.rule} in this file`,
      kind: 'quickfix',
      diagnostics: diagnosticsFor(finding, request, options),
      edit: editOf(fixesTogether(fixes).edits, options),
    },
  ];
}

function explainAction(finding: PlacedFinding, request: ActionRequest, options: ActionOptions): CodeAction[] {
  if (!options.can.explain) return [];
  const title = `Explain ${finding.rule}`;
  return [
    {
      title,
      kind: 'quickfix',
      diagnostics: diagnosticsFor(finding, request, options),
      command: { title, command: 'attest.explainRule', arguments: [finding.rule] },
    },
  ];
}

function suppressAction(finding: PlacedFinding, text: string, request: ActionRequest, options: ActionOptions): CodeAction[] {
  const place = suppressionOf(text, options.positions, finding.start, finding.rule);
  if (place === undefined) return [];
  const { offset, before, reason, after } = place;
  const range = options.positions.range({ start: offset, end: offset });
  const isSnippet = options.can.snippets && options.can.documentChanges && reason !== '';
  const edit: TextEdit | SnippetTextEdit = isSnippet
    ? { range, snippet: { kind: 'snippet', value: `${literal(before)}\${1:${literal(reason)}}${literal(after)}` } }
    : { range, newText: before + reason + after };
  return [
    {
      title: `Suppress ${finding.rule} on this line, with a reason`,
      kind: 'quickfix',
      diagnostics: diagnosticsFor(finding, request, options),
      edit: workspaceEdit([edit], options),
    },
  ];
}

function firstOfEachRule(findings: readonly PlacedFinding[]): PlacedFinding[] {
  return findings.filter((it, index) => findings.findIndex((other) => other.rule === it.rule) === index);
}

function diagnosticsFor(finding: PlacedFinding, request: ActionRequest, options: ActionOptions): Diagnostic[] {
  const { start } = options.positions.range(finding);
  return request.diagnostics.filter(
    (it) => it.source === SOURCE && it.code === finding.rule && it.range.start.line === start.line && it.range.start.character === start.character,
  );
}

function editOf(changes: readonly PlacedEdit[], options: ActionOptions): WorkspaceEdit {
  return workspaceEdit(
    changes.map((it) => ({ range: options.positions.range(it), newText: it.text })),
    options,
  );
}

function workspaceEdit(edits: (TextEdit | SnippetTextEdit)[], { uri, version, can }: ActionOptions): WorkspaceEdit {
  if (can.documentChanges) return { documentChanges: [TextDocumentEdit.create({ uri, version }, edits)] };
  return { changes: { [uri]: edits.filter((it): it is TextEdit => 'newText' in it) } };
}

function literal(text: string): string {
  return text.replace(/[\\$}]/g, '\\$&');
}
