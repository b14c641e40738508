/**
 * What is the same for every way to start the language server: options, restarts, our own messages. Bundled apart
 * from the extension and loaded after activation, since the client library is most of the code.
 */
import * as vscode from 'vscode';
import {
  type BaseLanguageClient,
  CloseAction,
  ErrorAction,
  type LanguageClientOptions,
  ProgressType,
  RevealOutputChannelOn,
  State,
  WorkDoneProgress,
} from 'vscode-languageclient';
import type { EditorRequests, InitializationOptions, Notifications, Requests, WorkspaceParams, WorkspacePart, WorkspaceResult } from '../server/protocol.ts';
import { readFile, readFolder } from './files.ts';

export interface Events {
  reviewed(params: Notifications['attest/reviewed']): void;
  status(params: Notifications['attest/status']): void;
  running(): void;
  /** It crashed too often and stays down. */
  stopped(reason: string): void;
}

export interface Server {
  request<M extends keyof Requests>(method: M, params: Requests[M]['params'], token?: vscode.CancellationToken): Promise<Requests[M]['result']>;
  reviewFolders(
    folders: readonly string[] | undefined,
    token: vscode.CancellationToken,
    on: { part(files: WorkspacePart): void; progress(message: string, percent: number | undefined): void },
  ): Promise<WorkspaceResult>;
  stop(): Promise<void>;
}

type Asked = EditorRequests[keyof EditorRequests]['params'];

/** Of any scheme: on disk, without a file, in a virtual workspace. What only looks like a file (a diff's other side) is read-only and left alone. */
const SELECTOR = [{ language: 'python' }, { pattern: '**/{attest,pyproject}.toml' }];
const MOST_RESTARTS = 5;
const RESTART_WINDOW = 3 * 60 * 1000;

let tokens = 0;

/** Connects with the server that `make` knows how to start, and keeps it running; in `storage` that may keep reviews. */
export async function connect(
  make: (options: LanguageClientOptions) => BaseLanguageClient,
  output: vscode.LogOutputChannel,
  events: Events,
  storage?: string,
): Promise<Server> {
  const initializationOptions: InitializationOptions = { commands: true, ...(storage === undefined ? {} : { storage }) };
  let restarts: number[] = [];
  const options: LanguageClientOptions = {
    documentSelector: SELECTOR,
    outputChannel: output,
    revealOutputChannelOn: RevealOutputChannelOn.Never,
    initializationOptions,
    diagnosticPullOptions: { onChange: true, onSave: true, onFocus: true },
    markdown: { isTrusted: { enabledCommands: ['attest.explainRule', 'attest.suppressAt'] }, supportHtml: false },
    initializationFailedHandler: () => false,
    errorHandler: {
      error: () => ({ action: ErrorAction.Continue, handled: true }),
      closed() {
        const now = Date.now();
        restarts = [...restarts.filter((it) => now - it < RESTART_WINDOW), now];
        if (restarts.length <= MOST_RESTARTS) return { action: CloseAction.Restart, handled: true };
        events.stopped(vscode.l10n.t('The server ended {0} times within three minutes and stays down', restarts.length));
        return { action: CloseAction.DoNotRestart, handled: true };
      },
    },
  };
  const client = make(options);
  // Its own notifications would be one for each attempt to start: the output has them, and `stopped` tells of them once.
  const log = client.error.bind(client);
  client.error = (message, data) => log(message, data, false);
  client.onRequest('attest/readFile', ({ uri }: Asked) => readFile(uri));
  client.onRequest('attest/readFolder', ({ uri }: Asked) => readFolder(uri));
  client.onNotification('attest/reviewed', (params: Notifications['attest/reviewed']) => events.reviewed(params));
  client.onNotification('attest/status', (params: Notifications['attest/status']) => events.status(params));
  client.onDidChangeState(({ newState }) => {
    if (newState === State.Running) events.running();
  });
  await client.start();

  return {
    request: (method, params, token) => client.sendRequest(method, params, token),
    async reviewFolders(folders, token, on) {
      tokens += 1;
      const params: WorkspaceParams = {
        workDoneToken: `attest-progress-${tokens}`,
        partialResultToken: `attest-files-${tokens}`,
        ...(folders === undefined ? {} : { folders }),
      };
      const listening = [
        client.onProgress(new ProgressType<WorkspacePart>(), `attest-files-${tokens}`, (it) => on.part(it)),
        client.onProgress(WorkDoneProgress.type, `attest-progress-${tokens}`, (it) => {
          if (it.kind === 'report' && it.message !== undefined) on.progress(it.message, it.percentage);
        }),
      ];
      try {
        return await client.sendRequest<WorkspaceResult>('attest/reviewWorkspace', params, token);
      } finally {
        for (const it of listening) it.dispose();
      }
    },
    stop: () => client.stop(),
  };
}
