/**
 * The language server as a web worker, for VS Code in a browser. The extension's first message brings the parser's
 * two binary files, since a worker cannot read beside itself; what is read of the workspace the editor reads.
 */
import { BrowserMessageReader, BrowserMessageWriter, createConnection } from 'vscode-languageserver/browser';
import { RULES } from '../rules/index.ts';
import { editorFiles } from './editor-files.ts';
import type { ParserFiles } from './protocol.ts';
import { createEngine } from './review/engine.ts';
import { startSession } from './session.ts';

declare const ATTEST_VERSION: string;
/** What is needed of a worker's globals; the library's types would bring all of them into Node's rooms. */
declare const self: ConstructorParameters<typeof BrowserMessageReader>[0] & { onmessage: ((event: { readonly data: ParserFiles }) => void) | null };
declare const MessageChannel: new () => Record<'port1' | 'port2', { onmessage: (() => void) | null; postMessage(message: null): void; close(): void }>;

self.onmessage = ({ data }: { readonly data: ParserFiles }) => {
  const connection = createConnection(new BrowserMessageReader(self), new BrowserMessageWriter(self));
  const files = editorFiles(connection);
  startSession(
    connection,
    {
      ...files,
      engine: (_root, rules, guarantees) => createEngine({ ...data, rules, guarantees }),
      now: () => performance.now(),
      wait: (milliseconds) => new Promise((resolve) => (milliseconds === 0 ? turn(resolve) : setTimeout(resolve, milliseconds))),
      pid: 0,
    },
    RULES,
    ATTEST_VERSION,
  );
  connection.listen();
};

/** After what is waiting in the event loop now; a timer of 0 takes 4 milliseconds here. */
function turn(then: () => void): void {
  const { port1, port2 } = new MessageChannel();
  port1.onmessage = () => {
    port1.close();
    then();
  };
  port2.postMessage(null);
}
