/**
 * Offsets and editor positions of one text.
 *
 * Offsets are UTF-16 code units from the start. Positions are the Language Server Protocol's: lines end with
 * `\n`, `\r\n` or `\r` and count from 0; characters count from 0 in the encoding that was agreed on, UTF-16
 * code units or UTF-8 bytes. Every conversion is total: what lies outside the text is moved to its nearest edge.
 */
import type { Position, Range } from 'vscode-languageserver-types';
import { lineAt, lineStarts, type Replaced, startsAfter, type Text } from '../review/line-index.ts';

export type Encoding = 'utf-16' | 'utf-8';

export interface Positions {
  at(offset: number): Position;
  offset(position: Position): number;
  range(span: { readonly start: number; readonly end: number }): Range;
  /** Offsets of a line's text without its end-of-line; `undefined` for a line that does not exist. */
  line(line: number): { readonly start: number; readonly end: number } | undefined;
  /** Those of the text that an edit made of this one: `length` new characters stand for those from `start` to `end`. */
  after(text: Text, edit: Replaced): Positions;
}

export function positionsOf(text: Text, encoding: Encoding): Positions {
  return positionsIn(text, encoding, lineStarts(text));
}

function positionsIn(text: Text, encoding: Encoding, starts: Int32Array): Positions {
  const startOf = (line: number) => starts[line] ?? text.length;
  const endOf = (line: number) => {
    let end = startOf(line + 1);
    if (end > startOf(line) && text.charCodeAt(end - 1) === LF) end -= 1;
    if (end > startOf(line) && text.charCodeAt(end - 1) === CR) end -= 1;
    return end;
  };
  const at = (offset: number): Position => {
    const inside = Math.max(0, Math.min(offset, text.length));
    const line = lineAt(starts, inside);
    const start = startOf(line);
    return { line, character: encoding === 'utf-16' ? inside - start : bytes(text.slice(start, inside + 1), inside - start) };
  };
  return {
    at,
    offset({ line, character }) {
      if (line < 0) return 0;
      if (line >= starts.length) return text.length;
      const start = startOf(line);
      const end = endOf(line);
      return encoding === 'utf-16' ? Math.min(start + Math.max(0, character), end) : start + afterBytes(text.slice(start, end), character);
    },
    range: (span) => ({ start: at(span.start), end: at(span.end) }),
    line: (line) => (line < 0 || line >= starts.length ? undefined : { start: startOf(line), end: endOf(line) }),
    after: (next, edit) => positionsIn(next, encoding, startsAfter(starts, next, edit)),
  };
}

const LF = 10;
const CR = 13;

/** How many UTF-8 bytes the code point at an offset takes, and how many code units. A lone surrogate is sent as U+FFFD. */
function size(text: string, offset: number): { readonly bytes: number; readonly units: number } {
  const point = text.codePointAt(offset) ?? 0;
  if (point < 0x80) return { bytes: 1, units: 1 };
  if (point < 0x800) return { bytes: 2, units: 1 };
  return point < 0x10000 ? { bytes: 3, units: 1 } : { bytes: 4, units: 2 };
}

function bytes(text: string, end: number): number {
  let count = 0;
  for (let i = 0; i < end; ) {
    const point = size(text, i);
    count += point.bytes;
    i += point.units;
  }
  return count;
}

function afterBytes(text: string, count: number): number {
  let left = count;
  let offset = 0;
  while (offset < text.length && left > 0) {
    const point = size(text, offset);
    left -= point.bytes;
    if (left < 0) break;
    offset += point.units;
  }
  return offset;
}
