/**
 * The conversation with an editor: the only file that registers handlers.
 *
 * A handler never fails. VS Code stops asking for a document whose request failed, so what goes wrong is logged
 * and the answer is neutral; only a cancelled request is answered as such, one out of turn, and a command that names
 * what is not there. Nothing is shown of another text than the one it was found in.
 */
import {
  type CancellationToken,
  type CodeAction,
  CodeActionKind,
  CodeActionTriggerKind,
  type Connection,
  type DiagnosticServerCancellationData,
  DidChangeConfigurationNotification,
  DidChangeWatchedFilesNotification,
  type DocumentDiagnosticReport,
  ErrorCodes,
  type Hover,
  type InitializeError,
  type InitializeResult,
  LSPErrorCodes,
  ProgressType,
  ResponseError,
  TextDocumentSyncKind,
  WatchKind,
} from 'vscode-languageserver';
import type { Rule } from '../rules/rule.ts';
import { type ClientNeeds, folderName, needsOf, ownSettings } from './client-needs.ts';
import { CONFIGURATION_FILES, type ConfigurationFile } from './configuration.ts';
import { createDocuments, spelled } from './documents.ts';
import { effective, effectiveText } from './effective.ts';
import type { Host } from './host.ts';
import { Mistakes } from './mistakes.ts';
import type { BaselineFile, ExportFormat, Requests, ReviewedFile, WorkspaceParams, WorkspacePart, WorkspaceResult } from './protocol.ts';
import { everyRule, rulesIn } from './required-evidence.ts';
import { baselineOf, baselineText, sizeOf } from './review/baseline.ts';
import type { Review } from './review/review.ts';
import { type Reviewed, uriIn } from './reviewer.ts';
import { type Settings, settingsOf } from './settings.ts';
import { Showing } from './showing.ts';
import { createSpeaker } from './speaker.ts';
import { isSameText } from './syntax/text.ts';
import { tour } from './tour.ts';
import { actionsOf, FIX_ALL, type Offer } from './views/actions.ts';
import { explain } from './views/explain.ts';
import { hoverOf } from './views/hover.ts';
import { html } from './views/html.ts';
import { json } from './views/json.ts';
import { markdown } from './views/markdown.ts';
import { ruleNamed } from './views/named.ts';
import { SARIF_KINDS, sarif } from './views/sarif.ts';

const COMMANDS = ['attest.runReview', 'attest.explainRule'];
/** Sources, settings, and what tests read. */
const WATCHED = ['**/*.py', '**/*.{json,yaml,yml,txt,csv,xml,sql,ini,cfg,env,toml,har,html,pem,key}'];
/** Of a folder that goes nothing is told but the folder itself. */
const ANYTHING_GONE = { globPattern: '**/*', kind: WatchKind.Delete };
const SOURCE_FILE = /\.py$/;
const SETTLING = new Set(['setup.cfg', 'tox.ini', 'pytest.ini', 'attest.toml', 'pyproject.toml']);
const PARTS_MS = 150;
/** Lists of actions whose edits can still be asked for. */
const OFFERS_KEPT = 8;
const NOTHING: WorkspaceResult = { files: [], reviewed: 0, skipped: 0, complete: false };

export function startSession(connection: Connection, host: Host, rules: readonly Rule[], version: string): void {
  let needs: ClientNeeds | undefined;
  let folders: readonly string[] = [];
  /** Counts the reviews of folders; only the newest goes on. */
  let tours = 0;
  let isShutDown = false;
  let offered = 0;
  const offersMade = new Map<number, readonly Offer[]>();
  const settingsOfFolder = new Map<string, Promise<Settings>>();
  const documents = createDocuments(() => needs?.encoding ?? 'utf-16');
  const speaker = createSpeaker(connection, () => needs?.own === true);
  const every = everyRule(rules);
  const ruleOf = (name: string) => ruleNamed(every, name);
  const mistakes = new Mistakes({ host, rules, documents, speaker, pulls: () => needs?.pulls === true });
  const showing = new Showing({
    host,
    rules,
    documents,
    speaker,
    ruleOf,
    misread: (root, problems) => mistakes.inRoot(root, problems),
    settings: settingsFor,
    needs: () => needs,
    folders: () => folders,
  });

  // ------------------------------------------------------------------------------------------- beginning

  connection.onInitialize((params): InitializeResult | ResponseError<InitializeError> => {
    if (needs !== undefined) return new ResponseError(ErrorCodes.InvalidRequest, 'the server is initialized already');
    needs = needsOf(params);
    folders = needs.folders;
    return {
      serverInfo: { name: 'attest', version },
      capabilities: {
        positionEncoding: needs.encoding,
        textDocumentSync: { openClose: true, change: TextDocumentSyncKind.Incremental, save: true },
        hoverProvider: true,
        codeActionProvider: { codeActionKinds: [CodeActionKind.QuickFix, FIX_ALL], resolveProvider: true },
        ...(needs.pulls ? { diagnosticProvider: { identifier: 'attest', interFileDependencies: true, workspaceDiagnostics: false } } : {}),
        ...(needs.own ? {} : { executeCommandProvider: { commands: COMMANDS } }),
        workspace: { workspaceFolders: { supported: true, changeNotifications: true } },
      },
    };
  });
  connection.onInitialized(() => run('Start', begin));
  connection.onShutdown(() => {
    tours += 1;
    isShutDown = true;
  });
  connection.onDidChangeConfiguration(({ settings }) => {
    if (needs !== undefined && !needs.configuration) needs = { ...needs, settings: ownSettings(settings) };
    startOver();
  });

  async function begin(): Promise<void> {
    if (needs?.tellsConfiguration) await connection.client.register(DidChangeConfigurationNotification.type, { section: 'attest' });
    if (needs?.watches)
      await connection.client.register(DidChangeWatchedFilesNotification.type, {
        watchers: [...WATCHED.map((globPattern) => ({ globPattern })), ANYTHING_GONE],
      });
    if (!needs?.folderChanges) return;
    connection.workspace.onDidChangeWorkspaceFolders(({ added, removed }) => {
      const gone = removed.map((it) => folderName(it.uri));
      folders = [...folders.filter((it) => !gone.includes(it)), ...added.map((it) => folderName(it.uri))];
      startOver();
    });
  }

  // ------------------------------------------------------------------------------------------- documents

  connection.onDidOpenTextDocument(({ textDocument }) => {
    const { uri } = documents.open(textDocument);
    compare();
    const configuration = configurationFile(uri);
    if (configuration === undefined) showing.opened(uri);
    else run(`Mistakes in ${uri}`, () => mistakes.shown(uri, configuration));
  });
  connection.onDidChangeTextDocument((params) => {
    const document = documents.change(params);
    if (document === undefined) return;
    const { uri } = document;
    const configuration = configurationFile(uri);
    if (configuration === undefined) showing.changed(uri);
    else run(`Mistakes in ${uri}`, () => mistakes.shown(uri, configuration));
  });
  connection.onDidSaveTextDocument(({ textDocument: { uri } }) => {
    compare();
    if (configurationFile(uri) === undefined) showing.saved(uri);
  });
  connection.onDidCloseTextDocument(({ textDocument: { uri } }) => {
    documents.close(uri);
    if (configurationFile(uri) === undefined) run(`Closing ${uri}`, () => showing.closed(uri));
    else mistakes.closed(uri);
  });
  connection.onDidChangeWatchedFiles(({ changes }) => {
    host.forget();
    const uris = [...new Set(changes.map((it) => it.uri))];
    if (uris.some(settles)) startOver();
    else {
      const others = uris.filter((it) => !SOURCE_FILE.test(it));
      run('Changed files', () => showing.changedOnDisk(uris, others));
    }
  });

  // ----------------------------------------------------------------------------------------------- views

  connection.languages.diagnostics.on(({ textDocument: { uri }, previousResultId }, token) => {
    const none: DocumentDiagnosticReport = { kind: 'full', items: [] };
    const configuration = configurationFile(uri);
    return request(`Diagnostics of ${uri}`, none, async (): Promise<DocumentDiagnosticReport | ResponseError<DiagnosticServerCancellationData>> => {
      if (configuration !== undefined) return { kind: 'full', items: await mistakes.diagnosticsIn(uri, configuration) };
      const reviewed = await showing.current(uri, token);
      if (reviewed === 'given up') return new ResponseError(LSPErrorCodes.RequestCancelled, 'cancelled');
      // Not due, though typed into: the editor moves along what it shows.
      if (reviewed === 'as before') return previousResultId === undefined ? none : { kind: 'unchanged', resultId: previousResultId };
      if (reviewed === undefined) return none;
      const resultId = showing.resultId(reviewed);
      return resultId === previousResultId ? { kind: 'unchanged', resultId } : { kind: 'full', resultId, items: await showing.diagnosticsOf(reviewed) };
    });
  });

  connection.onHover(({ textDocument: { uri }, position }) =>
    request(`Hover in ${uri}`, null, async (): Promise<Hover | null> => {
      const { hover: detail, catalogue } = await settingsFor(uri);
      const reviewed = await showing.ofThisText(uri);
      if (detail === 'off' || reviewed === undefined) return null;
      const positions = showing.positionsIn(reviewed);
      const uriOf = (path: string) => showing.uriOf(reviewed, path);
      const options = {
        positions,
        detail,
        ruleOf,
        uriOf,
        catalogue,
        format: needs?.markdown ? 'markdown' : 'plain',
        commands: needs?.own === true,
        related: needs?.related === true,
      } as const;
      return hoverOf(reviewed.review, reviewed.text.toString(), positions.offset(position), options) ?? null;
    }),
  );

  connection.onCodeAction(({ textDocument: { uri }, range, context }) =>
    request(`Actions in ${uri}`, [], async (): Promise<CodeAction[]> => {
      const reviewed = await showing.ofThisText(uri);
      const document = documents.get(uri);
      if (reviewed === undefined || document === undefined || !isSameText(document.text, reviewed.text) || needs === undefined) return [];
      const { positions } = document;
      const request = {
        start: positions.offset(range.start),
        end: positions.offset(range.end),
        only: context.only,
        diagnostics: context.diagnostics,
        automatic: context.triggerKind === CodeActionTriggerKind.Automatic,
      };
      const can = { documentChanges: needs.documentChanges, snippets: needs.snippets, explain: needs.own };
      const uriOf = (path: string) => showing.uriOf(reviewed, path);
      const offers = actionsOf(reviewed.review, reviewed.text, request, { positions, uri, version: document.version, can, uriOf });
      if (!needs.resolvesActions) return offers.map(whole);
      offered += 1;
      offersMade.set(offered, offers);
      offersMade.delete(offered - OFFERS_KEPT);
      return offers.map(({ action, edit }, index) => (edit === undefined ? action : { ...action, data: [offered, index] }));
    }),
  );

  connection.onCodeActionResolve((action) =>
    request(action.title, action, async () => {
      const [list, index] = Array.isArray(action.data) ? action.data : [];
      const offer = offersMade.get(list)?.[index];
      return offer === undefined ? action : { ...action, ...whole(offer) };
    }),
  );

  connection.onExecuteCommand(({ command, arguments: words }) =>
    request(command, null, async () => {
      const [word] = words ?? [];
      if (command === 'attest.explainRule') return explained(String(word)) ?? invalid(`There is no rule ${JSON.stringify(word)}.`);
      if (command !== 'attest.runReview') return invalid(`There is no command ${JSON.stringify(command)}.`);
      if (typeof word === 'string') {
        const file = await showing.reviewNamed(word);
        return file === null ? invalid(`${word} could not be reviewed: it cannot be read, or its review is turned off.`) : [file];
      }
      const files: (ReviewedFile | null)[] = [];
      for (const { uri } of documents.all()) files.push(await attempt(`Review of ${uri}`, null, () => showing.reviewNamed(uri)));
      return files;
    }),
  );

  // ---------------------------------------------------------------------------------------- own messages

  answer('attest/review', null, ({ uri }) => showing.reviewNamed(uri));
  answer('attest/report', null, async ({ uri }) => {
    const reviewed = await (documents.get(uri) === undefined ? showing.reviewer.reviewClosed(uri) : showing.reviewer.review(uri));
    return typeof reviewed === 'string' ? null : { markdown: markdown([reviewed.review], { rules: every }) };
  });
  answer('attest/export', { text: '', count: 0 }, async ({ uris, format }) => {
    const reviews = (await reviewsOf(uris)).map((it) => it.review);
    return { text: written(reviews, format), count: reviews.length };
  });
  answer('attest/configuration', { text: '' }, async ({ uri }) => {
    const { root, configuration, problems } = await showing.reviewer.repository(uri);
    if (problems.length > 0) return { text: problems.map((it) => `# ${it.file}:${it.line}:${it.column}: ${it.message}\n`).join('') };
    const path = spelled(uri).slice(spelled(root).length + 1);
    return { text: effectiveText({ root, file: configuration.file ?? null, path }, effective(configuration, path)) };
  });
  answer('attest/baseline', [], async ({ uris }) => {
    const byRoot = new Map<string, Reviewed[]>();
    for (const it of await reviewsOf(uris)) byRoot.set(it.root, [...(byRoot.get(it.root) ?? []), it]);
    const files: BaselineFile[] = [];
    for (const [root, reviewed] of byRoot) {
      const [first] = reviewed;
      if (first === undefined) continue;
      const { baseline } = await showing.reviewer.repository(first.uri);
      const known = baselineOf(
        reviewed.map((it) => it.review),
        baseline.entries,
        () => true,
      );
      files.push({ uri: uriIn(root, baseline.name), text: baselineText(known), findings: sizeOf(known) });
    }
    return files;
  });
  answer('attest/explain', null, async ({ rule }) => explained(rule));
  answer('attest/debug/pid', 0, async () => host.pid);
  connection.onRequest((method) => outOfTurn() ?? new ResponseError(ErrorCodes.MethodNotFound, `there is no method ${method}`));
  answer('attest/reviewWorkspace', NOTHING, reviewFolders);

  async function reviewFolders(params: WorkspaceParams, token: CancellationToken): Promise<WorkspaceResult> {
    tours += 1;
    const mine = tours;
    const progress = connection.window.attachWorkDoneProgress(params.workDoneToken);
    const { partialResultToken } = params;
    const files: ReviewedFile[] = [];
    let sent = host.now();
    const send = async () => {
      sent = host.now();
      if (partialResultToken !== undefined && files.length > 0)
        await connection.sendProgress(new ProgressType<WorkspacePart>(), partialResultToken, files.splice(0));
    };
    progress.begin('Security review', 0, undefined, true);
    const background = host.background?.(needs?.storage);
    const result = await tour({
      host,
      background,
      schedule: showing.schedule,
      reviewer: showing.reviewer,
      folders: (params.folders ?? folders).map(folderName),
      isOpen: (uri) => documents.get(uri) !== undefined,
      stopped: () => token.isCancellationRequested || mine !== tours,
      async progress(done, total, uri) {
        if (host.now() - sent < PARTS_MS) return;
        await send();
        progress.report(Math.floor((100 * done) / total), `${done} of ${total}: ${decodeURIComponent(uri.slice(uri.lastIndexOf('/') + 1))}`);
      },
      async found(reviewed) {
        files.push(showing.fileOf(reviewed));
        await showing.found(reviewed);
      },
    }).finally(() => background?.close());
    await send();
    progress.done();
    return { ...result, files };
  }

  async function reviewsOf(uris: readonly string[]): Promise<Reviewed[]> {
    const { reviewer } = showing;
    const found: Reviewed[] = [];
    for (const uri of uris) {
      await showing.schedule.idle();
      const reviewed = await (documents.get(uri) === undefined ? reviewer.reviewClosed(uri) : reviewer.review(uri));
      if (typeof reviewed !== 'string') found.push(reviewed);
    }
    return found;
  }

  function written(reviews: readonly Review[], format: ExportFormat): string {
    switch (format) {
      case 'markdown':
        return markdown(reviews, { rules: every });
      case 'html':
        return html(reviews, { version, rules: every });
      case 'sarif':
        return sarif(reviews, { version, rules: rulesIn(reviews, rules), kinds: SARIF_KINDS });
      case 'json':
        return json(reviews, { version });
    }
  }

  // --------------------------------------------------------------------------------------------- details

  function compare(): void {
    if (needs?.watches === false) showing.compare();
  }

  function startOver(): void {
    settingsOfFolder.clear();
    run('Other settings', () => showing.startOver());
  }

  function settingsFor(uri: string): Promise<Settings> {
    const folder = folders.find((it) => uri.startsWith(`${it}/`)) ?? '';
    const known = settingsOfFolder.get(folder);
    if (known !== undefined) return known;
    const asked = folder === '' ? { section: 'attest' } : { scopeUri: folder, section: 'attest' };
    const raw: Promise<unknown> = needs?.configuration ? connection.workspace.getConfiguration(asked).catch(() => undefined) : Promise.resolve();
    // An editor that can be asked may have nothing to say but what it said at first.
    const parsed = raw.then((it) => understood(it ?? needs?.settings));
    settingsOfFolder.set(folder, parsed);
    return parsed;
  }

  function understood(raw: unknown): Settings {
    const { settings, problems } = settingsOf(raw, rules);
    mistakes.inSettings(problems);
    return settings;
  }

  function explained(name: string) {
    const rule = ruleOf(name);
    return rule === undefined ? null : { markdown: explain(rule) };
  }

  function answer<M extends keyof Requests>(
    method: M,
    neutral: Requests[M]['result'],
    work: (params: Requests[M]['params'], token: CancellationToken) => Promise<Requests[M]['result']>,
  ): void {
    const handler = (params: Requests[M]['params'], token: CancellationToken): Promise<unknown> => request(method, neutral, () => work(params, token));
    connection.onRequest(method, handler);
  }

  function run(what: string, work: () => Promise<void>): void {
    if (outOfTurn() === undefined) void attempt(what, undefined, work);
  }

  async function request<T>(what: string, neutral: T, work: () => T | Promise<T>): Promise<T | ResponseError<never>> {
    return outOfTurn() ?? attempt(what, neutral, work);
  }

  /** Why nothing can be asked for now. */
  function outOfTurn(): ResponseError<never> | undefined {
    if (isShutDown) return new ResponseError(ErrorCodes.InvalidRequest, 'the server was shut down');
    return needs === undefined ? new ResponseError(ErrorCodes.ServerNotInitialized, 'the server is not initialized yet') : undefined;
  }

  async function attempt<T>(what: string, neutral: T, work: () => T | Promise<T>): Promise<T> {
    try {
      return await work();
    } catch (error) {
      speaker.failed(what, error);
      return neutral;
    }
  }
}

/** Which configuration file a document is, if it is one. */
function configurationFile(uri: string): ConfigurationFile | undefined {
  return CONFIGURATION_FILES.find((it) => uri.endsWith(`/${it}`));
}

function whole({ action, edit }: Offer): CodeAction {
  return edit === undefined ? action : { ...action, edit: edit() };
}

/** What somebody asked for is not there to be asked for. */
function invalid(message: string): ResponseError<never> {
  return new ResponseError(ErrorCodes.InvalidParams, message);
}

/** Does the file say how others are reviewed? */
function settles(uri: string): boolean {
  const name = uri.slice(uri.lastIndexOf('/') + 1);
  return SETTLING.has(name) || (name.endsWith('.json') && name.includes('baseline'));
}
