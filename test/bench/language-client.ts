/** A bare editor for any language server over standard input and output. */
import { spawn } from 'node:child_process';
import { pathToFileURL } from 'node:url';
import { createProtocolConnection, type ProtocolConnection, StreamMessageReader, StreamMessageWriter } from 'vscode-languageserver/node';

export interface Editor {
  readonly pid: number | undefined;
  readonly connection: ProtocolConnection;
  open(uri: string, text: string): Promise<void>;
  /** Puts a text in at an offset that is at this position. */
  insert(uri: string, position: Position, text: string): Promise<void>;
  replaceAll(uri: string, text: string): Promise<void>;
  close(uri: string): Promise<void>;
  /** Resolves when the answer is here; gives how many diagnostics it has. */
  diagnostics(uri: string): Promise<number>;
  end(): Promise<void>;
}

export interface Position {
  readonly line: number;
  readonly character: number;
}

export async function startEditor(command: string, args: readonly string[], folder: string, initializationOptions: unknown): Promise<Editor> {
  const process = spawn(command, args, { stdio: ['pipe', 'pipe', 'ignore'], cwd: folder });
  const connection = createProtocolConnection(new StreamMessageReader(process.stdout), new StreamMessageWriter(process.stdin));
  let version = 0;
  connection.onRequest('client/registerCapability', () => null);
  connection.onRequest('workspace/configuration', ({ items }: { items: unknown[] }) => items.map(() => null));
  connection.onRequest('workspace/diagnostic/refresh', () => null);
  connection.listen();
  const uri = pathToFileURL(folder).toString();
  await connection.sendRequest('initialize', {
    processId: null,
    rootUri: uri,
    workspaceFolders: [{ uri, name: 'bench' }],
    capabilities: {
      general: { positionEncodings: ['utf-16'] },
      workspace: { workspaceFolders: true, diagnostics: { refreshSupport: true } },
      textDocument: { diagnostic: { relatedInformation: true }, publishDiagnostics: {} },
    },
    initializationOptions,
  });
  await connection.sendNotification('initialized', {});
  const change = (uri: string, contentChanges: readonly unknown[]) => {
    version += 1;
    return connection.sendNotification('textDocument/didChange', { textDocument: { uri, version }, contentChanges });
  };
  return {
    pid: process.pid,
    connection,
    open(uri, text) {
      version += 1;
      return connection.sendNotification('textDocument/didOpen', { textDocument: { uri, languageId: 'python', version, text } });
    },
    insert: (uri, position, text) => change(uri, [{ range: { start: position, end: position }, text }]),
    replaceAll: (uri, text) => change(uri, [{ text }]),
    close: (uri) => connection.sendNotification('textDocument/didClose', { textDocument: { uri } }),
    async diagnostics(uri) {
      const report = await connection.sendRequest<{ readonly items?: readonly unknown[] }>('textDocument/diagnostic', { textDocument: { uri } });
      return report.items?.length ?? 0;
    },
    async end() {
      await connection.sendRequest('shutdown');
      await connection.sendNotification('exit');
      connection.dispose();
      process.kill();
    },
  };
}
