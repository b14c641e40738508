/**
 * What is said to the editor without being asked. Saying something never fails: when the other side has gone, there
 * is nobody to tell.
 */
import { type Connection, type Diagnostic, LogMessageNotification, MessageType, ShowMessageNotification } from 'vscode-languageserver';
import type { Notifications } from './protocol.ts';

export interface Speaker {
  /** Attest's own messages; silent towards editors that do not know them. */
  tell<M extends keyof Notifications>(method: M, params: Notifications[M]): void;
  /** What hinders the review: to Attest's own extension as its state, to other editors as a message. */
  status(params: Notifications['attest/status']): void;
  publish(uri: string, diagnostics: Diagnostic[], version?: number): Promise<void>;
  /** Asks the editor to pull again. */
  refresh(): void;
  log(message: string): void;
  /** What is left of a rejected or thrown error, in the log; the same once. */
  failed(what: string, error: unknown): void;
}

const MOST_REMEMBERED = 100;

export function createSpeaker(connection: Connection, isOwn: () => boolean): Speaker {
  const say = (sending: () => Promise<void>): Promise<void> =>
    Promise.resolve()
      .then(sending)
      .catch(() => undefined);
  const log = (message: string) => void say(() => connection.sendNotification(LogMessageNotification.type, { type: MessageType.Error, message }));
  const said = new Set<string>();
  const tell: Speaker['tell'] = (method, params) => {
    if (isOwn()) void say(() => connection.sendNotification(method, params));
  };
  return {
    log,
    tell,
    status(params) {
      tell('attest/status', params);
      if (params.state === 'problem' && !isOwn())
        void say(() => connection.sendNotification(ShowMessageNotification.type, { type: MessageType.Warning, message: `Attest: ${params.message}` }));
    },
    publish: (uri, diagnostics, version) => say(() => connection.sendDiagnostics({ uri, diagnostics, ...(version === undefined ? {} : { version }) })),
    refresh: () => void say(() => connection.languages.diagnostics.refresh()),
    failed(what, error) {
      const message = `${what} failed: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`;
      if (said.has(message)) return;
      if (said.size >= MOST_REMEMBERED) said.clear();
      said.add(message);
      log(message);
    },
  };
}
