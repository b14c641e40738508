/**
 * Activation: commands, views, status. Nothing is read and nothing waited for here; the client library is loaded
 * when activation is over.
 */
import * as vscode from 'vscode';
import type { ExportFormat, WorkspaceResult } from '../server/protocol.ts';
import type { Events, Server } from './connection.ts';
import { Filter, type Grouping } from './filter.ts';
import { Findings, findingText, type Item } from './findings.ts';
import { showLenses } from './lens.ts';
import { Pages } from './pages.ts';
import type { PanelAction } from './panel/state.ts';
import { Panel } from './panel.ts';
import { Reports } from './reports.ts';
import { Reviews, reveal, uriIn } from './reviews.ts';
import { showStatus } from './status.ts';
import { registerTools } from './tools.ts';

const { t } = vscode.l10n;

const SWITCHES = [
  ['evidence', 'attest.showEvidence', 'attest.hideEvidence'],
  ['suppressed', 'attest.showSuppressed', 'attest.hideSuppressed'],
  ['activeFile', 'attest.showActiveFile', 'attest.showAllFiles'],
] as const;
const GROUPINGS: readonly (readonly [command: string, by: Grouping])[] = [
  ['attest.groupByFile', 'file'],
  ['attest.groupByCategory', 'category'],
  ['attest.groupBySeverity', 'severity'],
];

/** How the server is started here. */
type Start = (output: vscode.LogOutputChannel, events: Events) => Promise<Server>;

let server: Promise<Server> | undefined;

export function begin(context: vscode.ExtensionContext, start: Start): void {
  const output = vscode.window.createOutputChannel('Attest', { log: true });
  const reviews = new Reviews();
  const filter = new Filter(context.workspaceState);
  const findings = new Findings(reviews, filter);
  let isAnnounced = false;
  const connected = () => (server ??= connect(start, output, reviews, stopped));
  const pages = new Pages(connected, reviews);
  const reports = new Reports(connected, reviews, String(context.extension.packageJSON.version));
  let running: vscode.CancellationTokenSource | undefined;

  const panel = new Panel(context.extensionUri, reviews, filter, { run: (action) => void runAction(action) });

  async function runReview(target?: vscode.Uri): Promise<void> {
    const active = vscode.window.activeTextEditor?.document;
    const uri = target instanceof vscode.Uri ? target : active?.languageId === 'python' ? active.uri : undefined;
    if (uri === undefined) return reviewFolders(undefined);
    const isFolder = target instanceof vscode.Uri && (await isDirectory(uri));
    if (isFolder) return reviewFolders(uri);
    const reviewed = await (await connected()).request('attest/review', { uri: uri.toString() });
    if (reviewed === null) vscode.window.setStatusBarMessage(t('Attest: this file is not test code, or its review is turned off'), 5000);
    else reviews.put([reviewed]);
    await panel.show('file');
  }

  async function reviewFolders(folder: vscode.Uri | undefined): Promise<void> {
    running?.cancel();
    const mine = new vscode.CancellationTokenSource();
    running = mine;
    const name = folder === undefined ? (vscode.workspace.name ?? t('Workspace')) : vscode.workspace.asRelativePath(folder);
    reviews.begin(t('0 files'));
    await panel.show('workspace');
    let result: WorkspaceResult = { files: [], reviewed: 0, skipped: 0, complete: false };
    try {
      const current = await connected();
      result = await vscode.window.withProgress({ location: { viewId: 'attest.summary' } }, () =>
        current.reviewFolders(folder === undefined ? undefined : [folder.toString()], mine.token, {
          part: (files) => reviews.put(files),
          progress: (text, percent) => running === mine && reviews.set({ busy: { text, percent } }),
        }),
      );
    } catch (error) {
      output.error(`The review of ${name} ended early: ${String(error)}`);
    }
    if (running !== mine) return;
    running = undefined;
    reviews.set({ busy: undefined, workspace: { result, name } });
  }

  async function runAction(action: PanelAction): Promise<void> {
    switch (action) {
      case 'review':
        return runReview();
      case 'reviewWorkspace':
        return reviewFolders(undefined);
      case 'cancel':
        return running?.cancel();
      case 'report':
        return pages.openReport();
      case 'export':
        return reports.exportTo();
      case 'restart':
        return restart();
      case 'clearFilter':
        return filter.clear();
    }
  }

  /** The server will not come back by itself: the one thing that is worth a notification, and only once. */
  function stopped(problem: string): void {
    output.error(problem);
    reviews.set({ server: { state: 'stopped', problem }, busy: undefined });
    if (isAnnounced) return;
    isAnnounced = true;
    const [again, why] = [t('Restart'), t('Show Output')];
    void vscode.window.showErrorMessage(`Attest: ${problem}`, again, why).then((chosen) => {
      if (chosen === again) void restart();
      if (chosen === why) output.show();
    });
  }

  async function restart(): Promise<void> {
    reviews.set({ server: { state: 'starting', problem: '' }, busy: undefined });
    const current = server;
    server = undefined;
    running?.cancel();
    await current?.then((it) => it.stop()).catch((error: unknown) => output.warn(String(error)));
    await connected();
  }

  context.subscriptions.push(
    output,
    reviews,
    filter,
    findings,
    panel,
    pages,
    showStatus(reviews),
    showLenses(reviews, filter),
    registerTools(reviews, { connected, reviewFolders, isFolder: isDirectory }),
    vscode.commands.registerCommand('attest.runReview', runReview),
    vscode.commands.registerCommand('attest.reviewWorkspace', () => reviewFolders(undefined)),
    vscode.commands.registerCommand('attest.cancelReview', () => running?.cancel()),
    vscode.commands.registerCommand('attest.restartServer', restart),
    vscode.commands.registerCommand('attest.showOutput', () => output.show()),
    vscode.commands.registerCommand('attest.openReport', (uri?: vscode.Uri) => pages.openReport(uri)),
    vscode.commands.registerCommand('attest.explainRule', (rule: unknown) => pages.openRule(String(rule))),
    vscode.commands.registerCommand('attest.openPlace', reveal),
    ...SWITCHES.flatMap(([name, show, hide]) => [
      vscode.commands.registerCommand(show, () => filter.turn(name, true)),
      vscode.commands.registerCommand(hide, () => filter.turn(name, false)),
    ]),
    ...GROUPINGS.map(([command, by]) => vscode.commands.registerCommand(command, () => filter.group(by))),
    vscode.commands.registerCommand('attest.clearFilter', () => filter.clear()),
    vscode.commands.registerCommand('attest.copyFinding', (item?: Item, all?: readonly Item[]) =>
      vscode.env.clipboard.writeText(findingText(findings.chosen(item, all))),
    ),
    vscode.commands.registerCommand('attest.exportReport', (format?: unknown, target?: unknown) =>
      reports.exportTo(isFormat(format) ? format : undefined, target instanceof vscode.Uri ? target : undefined),
    ),
    vscode.commands.registerCommand('attest.showConfiguration', () => reports.showConfiguration()),
    vscode.commands.registerCommand('attest.createBaseline', async () => {
      await reviewFolders(undefined);
      await reports.createBaseline();
    }),
    vscode.commands.registerCommand('attest.peekTrail', peekTrail),
    vscode.commands.registerCommand('attest.suppressAt', suppressAt),
    vscode.commands.registerCommand('attest.suppressFinding', async (item?: Item) => {
      if (item?.type !== 'finding') return;
      await reveal(vscode.Uri.parse(item.file.uri), item.finding);
      await suppressAt(item.finding.line - 1, item.finding.column - 1);
    }),
    vscode.commands.registerCommand('attest.showTrail', async (item?: Item) => {
      if (item?.type !== 'finding') return;
      const uri = vscode.Uri.parse(item.file.uri);
      await reveal(uri, item.finding);
      const steps = item.finding.trail.map((it) => new vscode.Location(uriIn(item.file, it.path), new vscode.Position(it.line - 1, it.column - 1)));
      await peek(uri, new vscode.Position(item.finding.line - 1, item.finding.column - 1), steps);
    }),
    vscode.commands.registerCommand('attest.reportFalseAlarm', (item?: Item) => (item?.type === 'finding' ? reports.reportFalseAlarm(item) : undefined)),
    vscode.commands.registerCommand('attest.explainFinding', (item: Item) => (item.type === 'finding' ? pages.openRule(item.finding.rule) : undefined)),
    vscode.workspace.onDidChangeTextDocument(({ document, contentChanges }) => {
      if (document.languageId === 'python' && contentChanges.length > 0) reviews.touch(document.uri);
    }),
  );
  setTimeout(() => void connected().catch(() => undefined), 0);
}

export async function end(): Promise<void> {
  await server?.then((it) => it.stop()).catch(() => undefined);
}

async function connect(start: Start, output: vscode.LogOutputChannel, reviews: Reviews, stopped: (problem: string) => void): Promise<Server> {
  try {
    return await start(output, {
      reviewed: ({ uri, reviewed }) => (reviewed === null ? reviews.remove(uri) : reviews.put([reviewed])),
      status: ({ state, message }) => reviews.set({ server: { state: 'ready', problem: state === 'ready' ? '' : message } }),
      running() {
        // A new server knows nothing of what an earlier one found.
        reviews.clear();
        reviews.set({ server: { state: 'ready', problem: '' } });
      },
      stopped,
    });
  } catch (error) {
    stopped(t('The server could not be started: {0}', error instanceof Error ? error.message : String(error)));
    throw error;
  }
}

/** From a code action: the file, where the finding is, and the places of its steps. */
async function peekTrail(uri: unknown, at: unknown, steps: unknown): Promise<void> {
  if (typeof uri !== 'string' || !isPlace(at) || !Array.isArray(steps)) return;
  const places = steps.flatMap((it: { uri?: unknown; range?: { start?: unknown } }) =>
    typeof it.uri === 'string' && isPlace(it.range?.start) ? [new vscode.Location(vscode.Uri.parse(it.uri), positionOf(it.range.start))] : [],
  );
  await peek(vscode.Uri.parse(uri), positionOf(at), places);
}

async function peek(uri: vscode.Uri, at: vscode.Position, places: readonly vscode.Location[]): Promise<void> {
  await vscode.commands.executeCommand('editor.action.peekLocations', uri, at, places, 'peek');
}

/** Offers the ways to suppress what is found at a place of the active file. */
async function suppressAt(line: unknown, character: unknown): Promise<void> {
  const editor = vscode.window.activeTextEditor;
  if (editor === undefined || typeof line !== 'number' || typeof character !== 'number') return;
  const at = new vscode.Position(line, character);
  editor.selection = new vscode.Selection(at, at);
  await vscode.commands.executeCommand('editor.action.codeAction', { kind: 'quickfix.suppress', apply: 'ifSingle' });
}

interface Place {
  readonly line: number;
  readonly character: number;
}

function isPlace(value: unknown): value is Place {
  return typeof value === 'object' && value !== null && 'line' in value && 'character' in value;
}

function positionOf({ line, character }: Place): vscode.Position {
  return new vscode.Position(line, character);
}

function isFormat(value: unknown): value is ExportFormat {
  return value === 'markdown' || value === 'html' || value === 'sarif' || value === 'json';
}

async function isDirectory(uri: vscode.Uri): Promise<boolean> {
  try {
    return ((await vscode.workspace.fs.stat(uri)).type & vscode.FileType.Directory) !== 0;
  } catch {
    return false;
  }
}
