/** The extension in a browser: `browser` in the manifest. The server is a web worker. */
import * as vscode from 'vscode';
import { BrowserMessageReader, BrowserMessageWriter, LanguageClient } from 'vscode-languageclient/browser';
import type { ParserFiles } from '../server/protocol.ts';
import { connect } from './connection.ts';
import { begin, end } from './extension.ts';

/** What is needed of a browser's workers; its library's types would bring all of it into Node's rooms. */
declare const Worker: new (
  url: string,
) => ConstructorParameters<typeof BrowserMessageReader>[0] & {
  onerror: ((event: { readonly message: string }) => void) | null;
  postMessage(message: ParserFiles): void;
  terminate(): void;
};

export function activate(context: vscode.ExtensionContext): void {
  const dist = (name: string) => vscode.Uri.joinPath(context.extensionUri, 'dist', name);
  begin(context, (output, events) =>
    connect(
      (options) =>
        new LanguageClient(
          'attest',
          'Attest',
          async () => {
            const read = (name: string) => vscode.workspace.fs.readFile(dist(name));
            const [runtime, grammar] = await Promise.all([read('tree-sitter.wasm'), read('tree-sitter-python.wasm')]);
            const worker = new Worker(dist('server.js').toString(true));
            worker.postMessage({ runtime, grammar });
            const reader = new WorkerReader(worker);
            worker.onerror = ({ message }: { readonly message: string }) => {
              output.error(`The server failed: ${message}`);
              worker.terminate();
              reader.end();
            };
            return { reader, writer: new BrowserMessageWriter(worker) };
          },
          options,
        ),
      output,
      events,
    ),
  );
}

export const deactivate = end;

/** A worker does not tell that it ended; whoever sees it does. */
class WorkerReader extends BrowserMessageReader {
  end(): void {
    this.fireClose();
  }
}
