/**
 * Where comments stand, and which logical line each belongs to: what is inside a string is no comment, and a
 * statement may go on over many lines.
 */
import { logicalLineEnd } from './split.ts';

export interface Comment {
  /** Offset of its `#`. */
  readonly at: number;
  /** The logical line that it stands in, half-open; undefined for a comment between logical lines. */
  readonly line: { readonly start: number; readonly end: number } | undefined;
}

/** The comments of a stretch of text that starts where a logical line starts, such as a unit. */
export function commentsOf(text: string, start: number, end: number): Comment[] {
  const result: Comment[] = [];
  for (let at = start; at < end; ) {
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
export function firstOfLine(text: string, lineStart: number, end: number): number {
  let at = lineStart;
  while (at < end && (text[at] === ' ' || text[at] === '\t' || text[at] === '\f')) at += 1;
  return at;
}
