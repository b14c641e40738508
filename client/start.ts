/**
 * Starts the language server and keeps it running. Bundled by itself and loaded after activation, since the client
 * library is most of the extension's code.
 */
import type * as vscode from 'vscode';
import {
  CloseAction,
  ErrorAction,
  LanguageClient,
  type LanguageClientOptions,
  ProgressType,
  RevealOutputChannelOn,
  State,
  TransportKind,
  WorkDoneProgress,
} from 'vscode-languageclient/node';
import type { InitializationOptions, Notifications, Requests, WorkspaceParams, WorkspacePart, WorkspaceResult } from '../server/protocol.ts';

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
    on: { part(files: WorkspacePart): void; progress(message: string): void },
  ): Promise<WorkspaceResult>;
  restart(): Promise<void>;
  stop(): Promise<void>;
}

const SCHEMES = ['file', 'untitled', 'vscode-remote', 'vscode-vfs'];
const MOST_RESTARTS = 4;
const RESTART_WINDOW = 3 * 60 * 1000;
const STOPPED = `The server ended ${MOST_RESTARTS + 1} times within three minutes and stays down`;

let tokens = 0;

export async function start(module: string, output: vscode.LogOutputChannel, events: Events): Promise<Server> {
  const initializationOptions: InitializationOptions = { commands: true };
  let restarts: number[] = [];
  const options: LanguageClientOptions = {
    documentSelector: SCHEMES.map((scheme) => ({ language: 'python', scheme })),
    outputChannel: output,
    revealOutputChannelOn: RevealOutputChannelOn.Never,
    initializationOptions,
    diagnosticPullOptions: { onChange: true, onSave: true, onFocus: true },
    markdown: { isTrusted: { enabledCommands: ['attest.explainRule'] }, supportHtml: false },
    initializationFailedHandler: () => false,
    errorHandler: {
      error: () => ({ action: ErrorAction.Continue, handled: true }),
      closed() {
        const now = Date.now();
        restarts = [...restarts.filter((it) => now - it < RESTART_WINDOW), now];
        if (restarts.length <= MOST_RESTARTS) return { action: CloseAction.Restart, handled: true };
        events.stopped(STOPPED);
        return { action: CloseAction.DoNotRestart, handled: true };
      },
    },
  };
  const run = { module, transport: TransportKind.ipc };
  const client = new LanguageClient('attest', 'Attest', { run, debug: run }, options);
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
          if (it.kind === 'report' && it.message !== undefined) on.progress(it.message);
        }),
      ];
      try {
        return await client.sendRequest<WorkspaceResult>('attest/reviewWorkspace', params, token);
      } finally {
        for (const it of listening) it.dispose();
      }
    },
    async restart() {
      restarts = [];
      await client.restart();
    },
    stop: () => client.stop(),
  };
}
