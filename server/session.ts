/**
 * The conversation with an editor: the only file that registers handlers.
 *
 * A handler never fails. VS Code stops asking for a document whose request failed, so what goes wrong is logged
 * and the answer is neutral; only a cancelled request is answered as such. Nothing is shown of another text than
 * the one it was found in.
 */
import {
  type CancellationToken, type CodeAction, type CodeActionParams, CodeActionKind, type Connection, type DiagnosticServerCancellationData, type Diagnostic, DidChangeConfigurationNotification,
  DidChangeWatchedFilesNotification, type DocumentDiagnosticParams, type DocumentDiagnosticReport, type Hover, type HoverParams, type InitializeParams, type InitializeResult,
  LogMessageNotification, LSPErrorCodes, MessageType, ProgressType, ResponseError, TextDocumentSyncKind,
} from 'vscode-languageserver';
import type { Rule } from '../rules/rule.ts';
import { type ClientNeeds, folderName, needsOf } from './client-needs.ts';
import { createDocuments, type Snapshot } from './documents.ts';
import type { Host } from './host.ts';
import type { Notifications, Requests, ReviewedFile, WorkspacePart } from './protocol.ts';
import { Reviewer, type Reviewed, uriIn } from './reviewer.ts';
import { createSchedule } from './schedule.ts';
import { type Settings, settingsOf } from './settings.ts';
import { tour } from './tour.ts';
import { actionsOf, FIX_ALL } from './views/actions.ts';
import { diagnosticsOf } from './views/diagnostics.ts';
import { explain } from './views/explain.ts';
import { hoverOf } from './views/hover.ts';
import { markdown } from './views/markdown.ts';
import { ruleNamed } from './views/named.ts';
import { snapshotOf } from './views/panel.ts';
import { positionsOf } from './views/positions.ts';

const COMMANDS = ['attest.runReview', 'attest.explainRule'];
const PARTS_MS = 150;
const TELL_MS = 40;

export function startSession(connection: Connection, host: Host, rules: readonly Rule[], version: string): void {
  let needs: ClientNeeds | undefined;
  let folders: readonly string[] = [];
  /** Rises with every change of settings, so that no earlier answer counts as unchanged. */
  let epoch = 0;
  let tours = 0;
  let pushed = '';
  const schedule = createSchedule(host);
  const documents = createDocuments(() => needs?.encoding ?? 'utf-16');
  const settingsOfFolder = new Map<string, Promise<Settings>>();
  /** Last review of each open document. */
  const shown = new Map<string, Reviewed>();
  /** Open documents that were just opened or saved: reviewed without waiting. */
  const due = new Set<string>();
  /** Files that a workspace review found; while they are closed, their diagnostics are sent. */
  const toured = new Set<string>();
  const faults = new Set<string>();
  const reviewer = new Reviewer({
    host, schedule, rules, log,
    folders: () => folders,
    settings: settingsFor,
    open: (uri) => documents.get(uri),
    changed: showAgain,
  });

  // ------------------------------------------------------------------------------------------- beginning

  connection.onInitialize((params: InitializeParams): InitializeResult => {
    needs = needsOf(params);
    folders = needs.folders;
    return {
      serverInfo: { name: 'attest', version },
      capabilities: {
        positionEncoding: needs.encoding,
        textDocumentSync: { openClose: true, change: TextDocumentSyncKind.Incremental, save: true },
        hoverProvider: true,
        codeActionProvider: { codeActionKinds: [CodeActionKind.QuickFix, FIX_ALL] },
        ...(needs.pulls ? { diagnosticProvider: { identifier: 'attest', interFileDependencies: true, workspaceDiagnostics: false } } : {}),
        ...(needs.own ? {} : { executeCommandProvider: { commands: COMMANDS } }),
        workspace: { workspaceFolders: { supported: true, changeNotifications: true } },
      },
    };
  });

  connection.onInitialized(() => void attempt('Start', async () => {
    if (needs?.tellsConfiguration) await connection.client.register(DidChangeConfigurationNotification.type, { section: 'attest' });
    if (needs?.watches) await connection.client.register(DidChangeWatchedFilesNotification.type, { watchers: [{ globPattern: '**/*.py' }] });
    if (needs?.folderChanges) {
      connection.workspace.onDidChangeWorkspaceFolders(({ added, removed }) => {
        const gone = removed.map((it) => folderName(it.uri));
        folders = [...folders.filter((it) => !gone.includes(it)), ...added.map((it) => folderName(it.uri))];
        startOver();
      });
    }
  }, undefined));

  connection.onDidChangeConfiguration(({ settings }) => {
    if (needs !== undefined && !needs.configuration) needs = { ...needs, settings: isRecord(settings) && 'attest' in settings ? settings['attest'] : settings };
    startOver();
  });

  connection.onShutdown(() => void (tours += 1));

  // ------------------------------------------------------------------------------------------- documents

  connection.onDidOpenTextDocument(({ textDocument }) => {
    const { uri } = documents.open(textDocument);
    due.add(uri);
    if (toured.has(uri)) void publish(uri, []);
    push(uri);
  });
  connection.onDidChangeTextDocument((params) => {
    const document = documents.change(params);
    if (document !== undefined) push(document.uri);
  });
  connection.onDidSaveTextDocument(({ textDocument: { uri } }) => {
    due.add(uri);
    push(uri);
  });
  connection.onDidCloseTextDocument(({ textDocument: { uri } }) => void attempt('Closing', async () => {
    documents.close(uri);
    shown.delete(uri);
    due.delete(uri);
    schedule.forget(uri);
    if (needs?.pulls !== true) await publish(uri, []);
    if (toured.has(uri)) await reviewClosed([uri]);
    else tell('attest/reviewed', { uri, reviewed: null });
    await reviewer.unname(uri);
    await reviewer.reread([uri]);
  }, undefined));
  connection.onDidChangeWatchedFiles(({ changes }) => void attempt('Changed files', async () => {
    const uris = changes.map((it) => it.uri);
    await reviewer.reread(uris);
    await reviewClosed(uris.filter((it) => toured.has(it) && documents.get(it) === undefined));
  }, undefined));

  // ----------------------------------------------------------------------------------------------- views

  connection.languages.diagnostics.on(async ({ textDocument: { uri }, previousResultId }: DocumentDiagnosticParams, token: CancellationToken) => {
    const neutral: DocumentDiagnosticReport = { kind: 'full', items: [] };
    return attempt(`Diagnostics of ${uri}`, async (): Promise<DocumentDiagnosticReport | ResponseError<DiagnosticServerCancellationData>> => {
      const reviewed = await current(uri, token);
      if (token.isCancellationRequested) return new ResponseError(LSPErrorCodes.RequestCancelled, 'cancelled');
      // Not due, or typed into since: the editor moves along what it shows.
      if (reviewed === 'as before') return previousResultId === undefined ? neutral : { kind: 'unchanged', resultId: previousResultId };
      if (reviewed === undefined) return neutral;
      const resultId = `${epoch}.${reviewed.serial}`;
      if (resultId === previousResultId) return { kind: 'unchanged', resultId };
      return { kind: 'full', resultId, items: await diagnosticsFor(reviewed) };
    }, neutral);
  });

  connection.onHover(async ({ textDocument: { uri }, position }: HoverParams) => attempt(`Hover in ${uri}`, async (): Promise<Hover | null> => {
    const detail = (await settingsFor(uri)).hover;
    const reviewed = await ofThisText(uri);
    if (detail === 'off' || reviewed === undefined) return null;
    const positions = positionsIn(reviewed);
    return hoverOf(reviewed.review, reviewed.text, positions.offset(position), {
      positions, detail, ruleOf,
      format: needs?.markdown ? 'markdown' : 'plain',
      commands: needs?.own === true,
    }) ?? null;
  }, null));

  connection.onCodeAction(async ({ textDocument: { uri }, range, context }: CodeActionParams) => attempt(`Actions in ${uri}`, async (): Promise<CodeAction[]> => {
    const reviewed = await ofThisText(uri);
    const document = documents.get(uri);
    if (reviewed === undefined || document === undefined || needs === undefined) return [];
    const positions = positionsIn(reviewed);
    const request = { start: positions.offset(range.start), end: positions.offset(range.end), only: context.only, diagnostics: context.diagnostics };
    const can = { documentChanges: needs.documentChanges, snippets: needs.snippets, explain: needs.own };
    return actionsOf(reviewed.review, reviewed.text, request, { positions, uri, version: document.version, can });
  }, []));

  connection.onExecuteCommand(({ command, arguments: words }) => attempt(command, async () => {
    const [word] = words ?? [];
    if (command === 'attest.explainRule') return explained(String(word));
    const uris = typeof word === 'string' ? [word] : documents.all().map((it) => it.uri);
    const files: (ReviewedFile | null)[] = [];
    for (const uri of uris) files.push(await reviewNow(uri));
    return files;
  }, null));

  // --------------------------------------------------------------------------------------- own messages

  answer('attest/review', ({ uri }) => reviewNow(uri), null);
  answer('attest/report', async ({ uri }) => {
    const reviewed = documents.get(uri) === undefined ? await reviewer.reviewClosed(uri) : await reviewer.review(uri);
    return typeof reviewed === 'string' ? null : { markdown: markdown([reviewed.review], { rules }) };
  }, null);
  answer('attest/explain', async ({ rule }) => explained(rule), null);
  answer('attest/debug/pid', async () => host.pid, 0);
  answer('attest/reviewWorkspace', async (params, token) => {
    tours += 1;
    const mine = tours;
    const progress = connection.window.attachWorkDoneProgress(params.workDoneToken);
    const partToken = params.partialResultToken;
    const files: ReviewedFile[] = [];
    let sent = host.now();
    const send = () => {
      if (partToken === undefined || files.length === 0) return;
      const part = files.splice(0);
      void say(() => connection.sendProgress(new ProgressType<WorkspacePart>(), partToken, part));
      sent = host.now();
    };
    progress.begin('Security review', 0, undefined, true);
    const result = await attempt('Workspace review', () => tour({
      host, schedule, reviewer,
      folders: (params.folders ?? folders).map(folderName),
      isOpen: (uri) => documents.get(uri) !== undefined,
      stopped: () => token.isCancellationRequested || mine !== tours,
      progress(done, total, uri) {
        if (host.now() - sent > PARTS_MS) {
          send();
          progress.report(Math.floor((100 * done) / total), `${done} of ${total}: ${decodeURIComponent(uri.slice(uri.lastIndexOf('/') + 1))}`);
        }
      },
      found(reviewed) {
        toured.add(reviewed.uri);
        files.push(fileOf(reviewed));
        if (documents.get(reviewed.uri) === undefined) void publishClosed(reviewed);
      },
    }), { reviewed: 0, skipped: 0, complete: false });
    send();
    progress.done();
    return { ...result, files };
  }, { files: [], reviewed: 0, skipped: 0, complete: false });

  // ------------------------------------------------------------------------------------------- reviewing

  /** The review of what the document says now; `as before` where nothing new is due. */
  async function current(uri: string, token: CancellationToken | undefined): Promise<Reviewed | 'as before' | undefined> {
    const settings = await settingsFor(uri);
    const document = documents.get(uri);
    const last = shown.get(uri);
    if (document === undefined) return undefined;
    // A text that was reviewed by command stays reviewed.
    const isDue = settings.run === 'onType' || (settings.run === 'onSave' && due.has(uri)) || last?.text === document.text;
    if (!isDue) return last === undefined ? undefined : 'as before';
    await schedule.settle(uri, { now: due.has(uri), debounceMs: settings.debounceMs });
    if (token?.isCancellationRequested === true) return undefined;
    return review(uri);
  }

  async function review(uri: string, isNamed = false): Promise<Reviewed | undefined> {
    const result = await reviewer.review(uri, isNamed);
    due.delete(uri);
    if (documents.get(uri) === undefined) return undefined;
    const before = shown.get(uri);
    if (typeof result === 'string') {
      shown.delete(uri);
      if (before !== undefined || result === 'failed') tell('attest/reviewed', { uri, reviewed: null });
      if (result === 'failed') tell('attest/status', { state: 'problem', message: `The review of ${uri} failed. The output of Attest says more.` });
      return undefined;
    }
    shown.set(uri, result);
    reportFaults(result);
    if (before?.serial !== result.serial && needs?.own) {
      schedule.soon(`tell ${uri}`, TELL_MS, () => {
        const latest = shown.get(uri);
        if (latest !== undefined) tell('attest/reviewed', { uri, reviewed: fileOf(latest) });
      });
    }
    return result;
  }

  /** The review of exactly the text in the editor, or nothing. Reviews only where typing would. */
  async function ofThisText(uri: string): Promise<Reviewed | undefined> {
    const last = shown.get(uri);
    if (last !== undefined && last.text === documents.get(uri)?.text) return last;
    return (await settingsFor(uri)).run === 'onType' ? review(uri) : undefined;
  }

  async function reviewNow(uri: string): Promise<ReviewedFile | null> {
    if (documents.get(uri) !== undefined) {
      const reviewed = await review(uri, true);
      showAgain([uri]);
      return reviewed === undefined ? null : fileOf(reviewed);
    }
    const [reviewed] = await reviewClosed([uri], true);
    return reviewed === undefined ? null : fileOf(reviewed);
  }

  /** Reviews files on disk and shows them; those that are gone are no longer shown. */
  async function reviewClosed(uris: readonly string[], isNamed = false): Promise<Reviewed[]> {
    const found: Reviewed[] = [];
    for (const uri of uris) {
      const result = await reviewer.reviewClosed(uri, isNamed);
      if (documents.get(uri) !== undefined) continue;
      if (typeof result === 'string') {
        toured.delete(uri);
        await publish(uri, []);
        tell('attest/reviewed', { uri, reviewed: null });
        continue;
      }
      toured.add(uri);
      found.push(result);
      await publishClosed(result);
      if (needs?.own) tell('attest/reviewed', { uri, reviewed: fileOf(result) });
    }
    return found;
  }

  async function publishClosed(reviewed: Reviewed): Promise<void> {
    reportFaults(reviewed);
    const diagnostics = await diagnosticsFor(reviewed);
    if (documents.get(reviewed.uri) === undefined) await publish(reviewed.uri, diagnostics);
  }

  /** For clients that do not ask: sends the diagnostics once the text has settled. */
  function push(uri: string): void {
    if (needs?.pulls !== false) return;
    void attempt(`Diagnostics of ${uri}`, async () => {
      const settings = await settingsFor(uri);
      if (!(await schedule.settle(`push ${uri}`, { now: due.has(uri), debounceMs: settings.debounceMs }))) return;
      const reviewed = await current(uri, undefined);
      const document = documents.get(uri);
      if (reviewed === 'as before' || document === undefined || (reviewed !== undefined && reviewed.text !== document.text)) return;
      await publish(uri, reviewed === undefined ? [] : await diagnosticsFor(reviewed), document.version);
    }, undefined);
  }

  function showAgain(uris: readonly string[]): void {
    if (needs?.pulls === false) for (const uri of uris) push(uri);
    else if (needs?.refreshes) schedule.soon('refresh', TELL_MS, () => void say(() => connection.languages.diagnostics.refresh()));
  }

  /** Other settings or folders: everything that is shown is made again. */
  function startOver(): void {
    epoch += 1;
    settingsOfFolder.clear();
    reviewer.reset();
    void attempt('Other settings', async () => {
      for (const uri of shown.keys()) await review(uri);
      showAgain(documents.all().map((it) => it.uri));
      await reviewClosed([...toured].filter((it) => documents.get(it) === undefined));
    }, undefined);
  }

  // --------------------------------------------------------------------------------------------- details

  function settingsFor(uri: string): Promise<Settings> {
    const folder = folders.find((it) => uri.startsWith(`${it}/`)) ?? '';
    const known = settingsOfFolder.get(folder);
    if (known !== undefined) return known;
    const raw = needs?.configuration ? connection.workspace.getConfiguration(folder === '' ? { section: 'attest' } : { scopeUri: folder, section: 'attest' }) : Promise.resolve(needs?.settings);
    const parsed = raw.catch(() => undefined).then((it: unknown) => {
      const { settings, problems } = settingsOf(it, rules);
      for (const problem of problems) log(problem);
      const told = problems.join(' ');
      if (told !== pushed) tell('attest/status', problems.length === 0 ? { state: 'ready', message: '' } : { state: 'problem', message: told });
      pushed = told;
      return settings;
    });
    settingsOfFolder.set(folder, parsed);
    return parsed;
  }

  async function diagnosticsFor(reviewed: Reviewed) {
    const { severityOf } = await settingsFor(reviewed.uri);
    const uriOf = (path: string) => (path === reviewed.review.path ? reviewed.uri : documents.get(uriIn(reviewed.root, path))?.uri ?? uriIn(reviewed.root, path));
    return diagnosticsOf(reviewed.review, { positions: positionsIn(reviewed), uriOf, severityOf, related: needs?.related === true });
  }

  function positionsIn(reviewed: Reviewed) {
    const document: Snapshot | undefined = documents.get(reviewed.uri);
    return document?.text === reviewed.text ? document.positions : positionsOf(reviewed.text, needs?.encoding ?? 'utf-16');
  }

  function fileOf(reviewed: Reviewed): ReviewedFile {
    const { uri, root, review: it, off } = reviewed;
    const notes = off === 0 ? [] : [`${off} ${off === 1 ? 'rule is' : 'rules are'} turned off in the settings`];
    return { uri, root, version: documents.get(uri)?.version ?? null, snapshot: snapshotOf(it, ruleOf, notes) };
  }

  function explained(name: string) {
    const rule = ruleOf(name);
    return rule === undefined ? null : { markdown: explain(rule) };
  }

  function ruleOf(name: string): Rule | undefined {
    return ruleNamed(rules, name);
  }

  /** A failed rule is a bug of Attest: said once, never silent. */
  function reportFaults({ uri, review: { faults: all } }: Reviewed): void {
    for (const { rule, message } of all) {
      if (!faults.has(rule)) log(`The rule ${rule} failed on ${uri}: ${message}`);
      faults.add(rule);
    }
  }

  function answer<M extends keyof Requests>(method: M, work: (params: Requests[M]['params'], token: CancellationToken) => Promise<Requests[M]['result']>, neutral: Requests[M]['result']): void {
    connection.onRequest(method, (params: Requests[M]['params'], token: CancellationToken): Promise<unknown> => attempt(method, () => work(params, token), neutral));
  }

  function tell<M extends keyof Notifications>(method: M, params: Notifications[M]): void {
    if (needs?.own) void say(() => connection.sendNotification(method, params));
  }

  async function attempt<T>(what: string, work: () => T | Promise<T>, neutral: T): Promise<T> {
    try {
      return await work();
    } catch (error) {
      log(`${what} failed: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`);
      return neutral;
    }
  }

  function publish(uri: string, diagnostics: Diagnostic[], version?: number): Promise<void> {
    return say(() => connection.sendDiagnostics({ uri, diagnostics, ...(version === undefined ? {} : { version }) }));
  }

  function log(message: string): void {
    void say(() => connection.sendNotification(LogMessageNotification.type, { type: MessageType.Error, message }));
  }
}

/** Says something to the other side; if that has gone, there is nobody to tell. */
async function say(sending: () => Promise<void>): Promise<void> {
  await Promise.resolve().then(sending).catch(() => undefined);
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}
