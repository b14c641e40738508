/**
 * What the light bulb offers: the fix of each finding, all fixes of one rule, all safe fixes of the file, the rule's
 * explanation, the trail, and ignore comments with a reason. Nothing is analysed here: a review is looked up, and
 * edits are placed only for the action that is chosen.
 */
import {
  type CodeAction,
  type Diagnostic,
  type Location,
  type SnippetTextEdit,
  TextDocumentEdit,
  type TextEdit,
  type WorkspaceEdit,
} from 'vscode-languageserver-types';
import { fixesTogether } from '../review/fixes.ts';
import type { Text } from '../review/line-index.ts';
import { findingsOf, type PlacedEdit, type PlacedFinding, type Review } from '../review/review.ts';
import { SOURCE, shownAs } from './diagnostics.ts';
import type { Positions } from './positions.ts';
import { fileSuppressionOf, type Suppression, suppressionOf } from './suppression.ts';

export interface ActionRequest {
  /** Offsets of the selection. */
  readonly start: number;
  readonly end: number;
  /** Kinds that were asked for; `undefined` for all. */
  readonly only: readonly string[] | undefined;
  /** The editor's diagnostics here, those of others included. */
  readonly diagnostics: readonly Diagnostic[];
  /** Asked by the editor itself, to see whether to show a bulb. */
  readonly automatic: boolean;
}

/** An action, and the edit that it makes once it is chosen. */
export interface Offer {
  readonly action: CodeAction;
  readonly edit?: () => WorkspaceEdit;
}

export interface ActionOptions {
  readonly positions: Positions;
  readonly uri: string;
  readonly version: number;
  /** What the client understands. */
  readonly can: { readonly documentChanges: boolean; readonly snippets: boolean; readonly explain: boolean };
  /** The client's name for a path of the review. */
  uriOf(path: string): string;
}

export const FIX_ALL = 'source.fixAll.attest';

/** A kind below the quick fixes, so that commands and key bindings can ask for these alone. */
const SUPPRESS = 'quickfix.suppress';

/** `text` is the one that was reviewed. Preferred fixes first, ignore comments last. */
export function actionsOf(review: Review, text: Text, request: ActionRequest, options: ActionOptions): Offer[] {
  const shown = findingsOf(review).filter((it) => shownAs(it) !== 'off');
  const here = shown.filter((it) => it.start <= request.end && it.end >= request.start);
  const rules = firstOfEachRule(here);
  const offers: Offer[] = [];
  if (asks(request, 'quickfix')) {
    const fixes = here.flatMap((it) => fixAction(it, here, request, options));
    offers.push(
      ...fixes.filter((it) => it.action.isPreferred === true),
      ...fixes.filter((it) => it.action.isPreferred !== true),
      ...rules.flatMap((it) => fixRuleAction(it, shown, request, options)),
    );
    // What leads away from the code is no reason to show a bulb.
    if (options.can.explain && !request.automatic) {
      offers.push(...rules.map((it) => explainAction(it, request, options)), ...here.flatMap((it) => trailAction(it, request, options)));
    }
  }
  if (asks(request, SUPPRESS)) {
    offers.push(
      ...rules.flatMap((it) => suppressAction(it, text.toString(), request, options)),
      ...rules.flatMap((it) => suppressInTest(it, shown, text.toString(), request, options)),
      ...rules.map((it) => suppressInFile(it, text.toString(), request, options)),
    );
  }
  if (asks(request, FIX_ALL)) {
    const fixes = shown.flatMap((it) => (it.fix?.safety === 'safe' ? [it.fix] : []));
    if (fixes.length > 0)
      offers.push({ action: { title: 'Attest: apply all safe fixes', kind: FIX_ALL }, edit: () => editOf(fixesTogether(fixes).edits, options) });
  }
  return offers;
}

function asks({ only }: ActionRequest, kind: string): boolean {
  return only === undefined || only.some((it) => it === '' || kind === it || kind.startsWith(`${it}.`));
}

function fixAction(finding: PlacedFinding, here: readonly PlacedFinding[], request: ActionRequest, options: ActionOptions): Offer[] {
  const { fix } = finding;
  if (fix === undefined) return [];
  const isOnly = here.filter((it) => it.fix?.safety === 'safe').length === 1;
  const action = offered(fix.title.replaceAll('`', ''), 'quickfix', finding, request, options);
  return [{ action: { ...action, isPreferred: fix.safety === 'safe' && isOnly }, edit: () => editOf(fix.edits, options) }];
}

function fixRuleAction(finding: PlacedFinding, all: readonly PlacedFinding[], request: ActionRequest, options: ActionOptions): Offer[] {
  const fixes = all.flatMap((it) => (it.rule === finding.rule && it.fix !== undefined ? [it.fix] : []));
  if (finding.fix === undefined || fixes.length < 2) return [];
  return [
    {
      action: offered(`Fix all of ${finding.rule} in this file`, 'quickfix', finding, request, options),
      edit: () => editOf(fixesTogether(fixes).edits, options),
    },
  ];
}

function explainAction(finding: PlacedFinding, request: ActionRequest, options: ActionOptions): Offer {
  const title = `Explain ${finding.rule}`;
  return { action: { ...offered(title, 'quickfix', finding, request, options), command: { title, command: 'attest.explainRule', arguments: [finding.rule] } } };
}

function trailAction(finding: PlacedFinding, request: ActionRequest, options: ActionOptions): Offer[] {
  if (finding.trail.length === 0) return [];
  const title = `Show the trail of ${finding.rule}`;
  const steps = finding.trail.map(({ path, line, column }): Location => {
    const at = { line: Math.max(0, line - 1), character: Math.max(0, column - 1) };
    return { uri: options.uriOf(path), range: { start: at, end: at } };
  });
  const command = { title, command: 'attest.peekTrail', arguments: [options.uri, options.positions.range(finding).start, steps] };
  return [{ action: { ...offered(title, 'quickfix', finding, request, options), command } }];
}

// -------------------------------------------------------------------------------------- ignore comments

function suppressAction(finding: PlacedFinding, text: string, request: ActionRequest, options: ActionOptions): Offer[] {
  const place = suppressionOf(text, options.positions, finding.start, finding.rule);
  if (place === undefined) return [];
  const action = offered(`Suppress ${finding.rule} on this line, with a reason`, SUPPRESS, finding, request, options);
  return [{ action, edit: () => workspaceEdit([commentEdit(place, options)], options) }];
}

/** A comment on each line of the test where the rule found something; offered when there are several. */
function suppressInTest(finding: PlacedFinding, all: readonly PlacedFinding[], text: string, request: ActionRequest, options: ActionOptions): Offer[] {
  const same = all.filter((it) => it.rule === finding.rule && it.within === finding.within);
  const lines = new Set(same.map((it) => it.line));
  if (finding.within === '' || lines.size < 2) return [];
  const name = finding.within.slice(finding.within.lastIndexOf('.') + 1);
  const edit = () => {
    const first = same.filter((it, index) => same.findIndex((other) => other.line === it.line) === index);
    const places = first.flatMap((it) => suppressionOf(text, options.positions, it.start, it.rule) ?? []);
    return workspaceEdit(
      places.map((it) => commentEdit(it, options)),
      options,
    );
  };
  return [{ action: offered(`Suppress ${finding.rule} on ${lines.size} lines of ${name}, with a reason`, SUPPRESS, finding, request, options), edit }];
}

function suppressInFile(finding: PlacedFinding, text: string, request: ActionRequest, options: ActionOptions): Offer {
  const action = offered(`Suppress ${finding.rule} in this file, with a reason`, SUPPRESS, finding, request, options);
  return { action, edit: () => workspaceEdit([commentEdit(fileSuppressionOf(text, finding.rule), options)], options) };
}

function commentEdit({ offset, before, reason, after }: Suppression, options: ActionOptions): TextEdit | SnippetTextEdit {
  const range = options.positions.range({ start: offset, end: offset });
  const isSnippet = options.can.snippets && options.can.documentChanges && reason !== '';
  // The same placeholder everywhere: what is typed into one of several comments goes into all.
  return isSnippet
    ? { range, snippet: { kind: 'snippet', value: `${literal(before)}\${1:${literal(reason)}}${literal(after)}` } }
    : { range, newText: before + reason + after };
}

function offered(title: string, kind: string, finding: PlacedFinding, request: ActionRequest, options: ActionOptions): CodeAction {
  return { title, kind, diagnostics: diagnosticsFor(finding, request, options) };
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
