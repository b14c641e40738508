/** The server as a Node process, beside VS Code on the desktop or on a remote machine. */
import type * as vscode from 'vscode';
import { LanguageClient, TransportKind } from 'vscode-languageclient/node';
import { connect, type Events, type Server } from './connection.ts';

export function start(module: string, storage: string, output: vscode.LogOutputChannel, events: Events): Promise<Server> {
  // The young generation takes 48 MB otherwise, and is no faster.
  const run = { module, transport: TransportKind.ipc, options: { execArgv: ['--max-semi-space-size=4'] } };
  return connect((options) => new LanguageClient('attest', 'Attest', { run, debug: run }, options), output, events, storage);
}
