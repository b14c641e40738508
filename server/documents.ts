/**
 * The open documents, kept current from incremental changes in whichever position encoding was agreed on. A
 * `Snapshot` never changes: whoever holds one can compare it with the newest by identity.
 */
import type { DidChangeTextDocumentParams, TextDocumentItem } from 'vscode-languageserver';
import { edited, type Text } from './syntax/text.ts';
import { type Encoding, type Positions, positionsOf } from './views/positions.ts';

export interface Snapshot {
  readonly uri: string;
  readonly version: number;
  readonly text: Text;
  readonly positions: Positions;
}

export interface Documents {
  open(item: TextDocumentItem): Snapshot;
  /** `undefined` for a document that is not open. */
  change(params: DidChangeTextDocumentParams): Snapshot | undefined;
  close(uri: string): void;
  get(uri: string): Snapshot | undefined;
  all(): readonly Snapshot[];
}

export function createDocuments(encoding: () => Encoding): Documents {
  const open = new Map<string, Snapshot>();
  const put = (uri: string, version: number, text: Text, positions = positionsOf(text, encoding())) => {
    const snapshot = { uri, version, text, positions };
    open.set(spelled(uri), snapshot);
    return snapshot;
  };
  return {
    open: ({ uri, version, text }) => put(uri, version, text),
    change({ textDocument: { uri, version }, contentChanges }) {
      const before = open.get(spelled(uri));
      if (before === undefined) return undefined;
      let { text, positions } = before;
      for (const change of contentChanges) {
        if ('range' in change) {
          const start = positions.offset(change.range.start);
          const end = Math.max(start, positions.offset(change.range.end));
          text = edited(text, start, end, change.text);
          positions = positions.after(text, { start, end, length: change.text.length });
        } else {
          text = change.text;
          positions = positionsOf(text, encoding());
        }
      }
      return put(uri, version, text, positions);
    },
    close: (uri) => void open.delete(spelled(uri)),
    get: (uri) => open.get(spelled(uri)),
    all: () => [...open.values()],
  };
}

/** A URI in one spelling, whatever the client escapes. */
export function spelled(uri: string): string {
  try {
    return decodeURIComponent(uri);
  } catch {
    return uri;
  }
}
