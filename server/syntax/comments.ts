/**
 * Where comments stand, and which logical line each belongs to: what is inside a string is no comment, and a
 * statement may go on over many lines.
 */
import { logicalLineEnd } from './split.ts';
import type { Text } from './text.ts';

const SPACE = 32;
const TAB = 9;
const FORM_FEED = 12;

export interface Comment {
  /** Offset of its `#`. */
  readonly at: number;
  /** The logical line that it stands in, half-open; undefined for a comment between logical lines. */
  readonly line: { readonly start: number; readonly end: number } | undefined;
}

/** The comments of a text that starts where a logical line starts, such as a unit's. */
export function commentsOf(text: string): Comment[] {
  const result: Comment[] = [];
  const end = text.length;
  for (let at = 0; at < end; ) {
    const first = firstOfLine(text, at, end);
    const code = text[first];
    if (code === '#' || code === '\n' || code === '\r' || first >= end) {
      if (code === '#') result.push({ at: first, line: undefined });
      const newline = text.indexOf('\n', first);
      at = newline < 0 ? end : newline + 1;
      continue;
    }
    const inside: number[] = [];
    const next = logicalLineEnd(text, first, (comment) => inside.push(comment));
    const line = { start: first, end: next };
    for (const it of inside) result.push({ at: it, line });
    at = next;
  }
  return result;
}

/** The offset of the first character of a line that is no white space. */
export function firstOfLine(text: Text, lineStart: number, end: number): number {
  for (let at = lineStart; at < end; at++) {
    const code = text.charCodeAt(at);
    if (code !== SPACE && code !== TAB && code !== FORM_FEED) return at;
  }
  return Math.max(lineStart, end);
}
