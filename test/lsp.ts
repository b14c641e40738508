/**
 * A language client for tests: in memory against a session with a fake engine, over standard input and output against
 * the built server, or by messages against it as a web worker. What the server sends is kept; `until` waits for it
 * without sleeping.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { fileURLToPath } from 'node:url';
import { Worker } from 'node:worker_threads';
import {
  AbstractMessageReader,
  AbstractMessageWriter,
  type ClientCapabilities,
  type CodeAction,
  createConnection,
  createProtocolConnection,
  type Diagnostic,
  type Disposable,
  type DocumentDiagnosticReport,
  type Hover,
  type InitializeResult,
  type Message,
  type ProtocolConnection,
  type PublishDiagnosticsParams,
  type Range,
  StreamMessageReader,
  StreamMessageWriter,
  type TextEdit,
} from 'vscode-languageserver/node';
import type { Rule } from '../rules/rule.ts';
import type { Host } from '../server/host.ts';
import type { Notifications } from '../server/protocol.ts';
import { startSession } from '../server/session.ts';

export interface Client {
  readonly connection: ProtocolConnection;
  readonly initialized: InitializeResult;
  readonly published: PublishDiagnosticsParams[];
  readonly reviewed: Notifications['attest/reviewed'][];
  readonly status: Notifications['attest/status'][];
  /** What the server wrote to the log. */
  readonly log: string[];
  /** What it asked to be shown. */
  readonly shown: string[];
  /** How often the server asked to pull again. */
  refreshes(): number;
  open(uri: string, text: string): Promise<void>;
  /** Replaces a range, or all of the text. */
  change(uri: string, version: number, text: string, range?: Range): Promise<void>;
  close(uri: string): Promise<void>;
  save(uri: string): Promise<void>;
  pull(uri: string, previousResultId?: string): Promise<DocumentDiagnosticReport>;
  items(uri: string): Promise<Diagnostic[]>;
  hover(uri: string, line: number, character: number): Promise<Hover | null>;
  actions(uri: string, range: Range, only?: string[]): Promise<CodeAction[]>;
  until<T>(look: () => T | undefined | false): Promise<T>;
  end(): Promise<void>;
}

export interface ClientOptions {
  readonly capabilities?: ClientCapabilities;
  /** Attest's own extension, or another editor. */
  readonly own?: boolean;
  readonly settings?: () => unknown;
  /** Settings that are given once, at the start; of an editor that cannot be asked, `settings` are. */
  readonly initial?: unknown;
  readonly folders?: readonly string[];
  /** Folder for what the server may keep. */
  readonly storage?: string;
  /** Another build of the server. */
  readonly server?: string;
}

/** What VS Code can do, as far as it matters here. */
export const FULL: ClientCapabilities = {
  general: { positionEncodings: ['utf-16'] },
  workspace: {
    configuration: true,
    workspaceFolders: true,
    didChangeConfiguration: { dynamicRegistration: true },
    didChangeWatchedFiles: { dynamicRegistration: true },
    diagnostics: { refreshSupport: true },
    workspaceEdit: { documentChanges: true },
  },
  textDocument: { diagnostic: { relatedInformation: true }, hover: { contentFormat: ['markdown', 'plaintext'] } },
};

/** An editor that knows little: no pull, no Markdown, no configuration, UTF-8 only. */
export const SIMPLE: ClientCapabilities = { general: { positionEncodings: ['utf-8'] }, textDocument: { hover: { contentFormat: ['plaintext'] } } };

/** A session in this process; `host` is the test's. */
export function memoryClient(host: Host, rules: readonly Rule[], options: ClientOptions = {}): Promise<Client> {
  const [up, down] = [new PassThrough(), new PassThrough()];
  const server = createConnection(new StreamMessageReader(up), new StreamMessageWriter(down));
  startSession(server, host, rules, '0.0.0');
  server.listen();
  return client(createProtocolConnection(new StreamMessageReader(down), new StreamMessageWriter(up)), options, () => server.dispose());
}

/** The built server in a process of its own. */
export async function processClient(options: ClientOptions = {}): Promise<Client & { readonly process: ChildProcess }> {
  const process = spawn(globalThis.process.execPath, [options.server ?? 'dist/server.js', '--stdio'], { stdio: ['pipe', 'pipe', 'inherit'] });
  const connection = createProtocolConnection(new StreamMessageReader(process.stdout), new StreamMessageWriter(process.stdin));
  const started = await client(connection, options, () => void process.kill());
  return Object.assign(started, { process });
}

/** What a browser's worker has and Node's has not. */
const WEB_WORKER = `
const { parentPort, workerData } = require('node:worker_threads');
globalThis.WorkerGlobalScope = class {};
globalThis.self = globalThis;
globalThis.addEventListener = () => {};
globalThis.postMessage = (message) => parentPort.postMessage(message);
parentPort.on('message', (data) => globalThis.onmessage({ data }));
require(workerData);
`;

class WorkerReader extends AbstractMessageReader {
  readonly #worker: Worker;
  constructor(worker: Worker) {
    super();
    this.#worker = worker;
  }
  listen(callback: Parameters<AbstractMessageReader['listen']>[0]): Disposable {
    this.#worker.on('message', callback);
    return { dispose: () => this.#worker.off('message', callback) };
  }
}

class WorkerWriter extends AbstractMessageWriter {
  readonly #worker: Worker;
  constructor(worker: Worker) {
    super();
    this.#worker = worker;
  }
  async write(message: Message): Promise<void> {
    this.#worker.postMessage(message);
  }
  end(): void {}
}

/** The built server as a web worker of a browser, which reaches files only through its editor: through this client. */
export function workerClient(options: ClientOptions = {}): Promise<Client> {
  const worker = new Worker(WEB_WORKER, { eval: true, workerData: join(process.cwd(), 'dist/server.js') });
  const parser = (name: string) => readFileSync(join('dist', name));
  worker.postMessage({ runtime: parser('tree-sitter.wasm'), grammar: parser('tree-sitter-python.wasm') });
  const connection = createProtocolConnection(new WorkerReader(worker), new WorkerWriter(worker));
  connection.onRequest('attest/readFile', ({ uri }: { uri: string }) => orNull(() => readFileSync(fileURLToPath(uri), 'latin1')));
  connection.onRequest('attest/readFolder', ({ uri }: { uri: string }) =>
    orNull(() => readdirSync(fileURLToPath(uri), { withFileTypes: true }).map((it) => [it.name, it.isDirectory() ? 'folder' : 'file'])),
  );
  return client(connection, options, () => void worker.terminate());
}

function orNull<T>(read: () => T): T | null {
  try {
    return read();
  } catch {
    return null;
  }
}

async function client(connection: ProtocolConnection, options: ClientOptions, dispose: () => void): Promise<Client> {
  const { capabilities = FULL, own = true, settings = () => ({}), folders = [] } = options;
  const published: PublishDiagnosticsParams[] = [];
  const reviewed: Notifications['attest/reviewed'][] = [];
  const status: Notifications['attest/status'][] = [];
  const log: string[] = [];
  const shown: string[] = [];
  const waiting = new Set<() => void>();
  let refreshes = 0;
  const arrived = () => {
    for (const it of waiting) it();
  };
  const keep =
    <T>(into: T[]) =>
    (it: T) => {
      into.push(it);
      arrived();
    };
  connection.onNotification('textDocument/publishDiagnostics', keep(published));
  connection.onNotification('attest/reviewed', keep(reviewed));
  connection.onNotification('attest/status', keep(status));
  connection.onNotification('window/logMessage', ({ message }: { message: string }) => keep(log)(message));
  connection.onNotification('window/showMessage', ({ message }: { message: string }) => keep(shown)(message));
  connection.onRequest('client/registerCapability', () => null);
  connection.onRequest('workspace/configuration', ({ items }: { items: unknown[] }) => items.map(() => settings()));
  connection.onRequest('workspace/diagnostic/refresh', () => {
    refreshes += 1;
    arrived();
    return null;
  });
  connection.listen();

  const initialized: InitializeResult = await connection.sendRequest('initialize', {
    processId: null,
    rootUri: folders[0] ?? null,
    workspaceFolders: folders.map((uri) => ({ uri, name: uri })),
    capabilities,
    initializationOptions: {
      commands: own,
      storage: options.storage,
      settings: options.initial ?? (capabilities.workspace?.configuration === true ? undefined : settings()),
    },
  });
  await connection.sendNotification('initialized', {});

  const pull = (uri: string, previousResultId?: string): Promise<DocumentDiagnosticReport> =>
    connection.sendRequest('textDocument/diagnostic', { textDocument: { uri }, ...(previousResultId === undefined ? {} : { previousResultId }) });
  return {
    connection,
    initialized,
    published,
    reviewed,
    status,
    log,
    shown,
    pull,
    refreshes: () => refreshes,
    open: (uri, text) => connection.sendNotification('textDocument/didOpen', { textDocument: { uri, languageId: 'python', version: 1, text } }),
    change: (uri, version, text, range) =>
      connection.sendNotification('textDocument/didChange', {
        textDocument: { uri, version },
        contentChanges: [range === undefined ? { text } : { range, text }],
      }),
    close: (uri) => connection.sendNotification('textDocument/didClose', { textDocument: { uri } }),
    save: (uri) => connection.sendNotification('textDocument/didSave', { textDocument: { uri } }),
    async items(uri) {
      const report = await pull(uri);
      return report.kind === 'full' ? report.items : [];
    },
    hover: (uri, line, character) => connection.sendRequest('textDocument/hover', { textDocument: { uri }, position: { line, character } }),
    actions: (uri, range, only) =>
      connection.sendRequest('textDocument/codeAction', {
        textDocument: { uri },
        range,
        context: { diagnostics: [], ...(only === undefined ? {} : { only }) },
      }),
    until: (look) =>
      new Promise((resolve) => {
        const check = () => {
          const seen = look();
          if (seen === undefined || seen === false) return;
          waiting.delete(check);
          resolve(seen);
        };
        waiting.add(check);
        check();
      }),
    async end() {
      await connection.sendRequest('shutdown');
      connection.dispose();
      dispose();
    },
  };
}

/** The text after the edits of an action. */
export function applied(text: string, action: CodeAction | undefined): string {
  const change = action?.edit?.documentChanges?.[0];
  const edits = change !== undefined && 'edits' in change ? change.edits : Object.values(action?.edit?.changes ?? {})[0];
  const starts = [0, ...[...text.matchAll(/\n/g)].map((it) => it.index + 1)];
  const at = ({ line, character }: Range['start']) => (starts[line] ?? 0) + character;
  return [...(edits ?? [])]
    .filter((it): it is TextEdit => 'newText' in it)
    .sort((a, b) => at(b.range.start) - at(a.range.start))
    .reduce((result, { range, newText }) => result.slice(0, at(range.start)) + newText + result.slice(at(range.end)), text);
}
