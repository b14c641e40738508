/** Offsets ↔ lines and columns of one text. Lines end with `\n`, `\r\n` or `\r`, as for Python and for editors. */
import type { Replaced, Text } from '../syntax/text.ts';
import type { Span } from './review.ts';

export type { Replaced, Text };

/** Offsets of line starts. Lines and columns count from 1. */
export class LineIndex {
  private readonly starts: Int32Array;
  private readonly length: number;
  /** Offset of the first `\r` that no `\n` follows, which splits lines here and nowhere else; undefined without one. */
  readonly loneReturn: number | undefined;

  constructor(text: Text, starts = lineStarts(text), lone = loneReturnIn(text, 0, text.length)) {
    this.length = text.length;
    this.starts = starts;
    this.loneReturn = lone < text.length ? lone : undefined;
  }

  /** The index of the text that an edit made of this one: where it has no lone `\r`, only the edit can bring one. */
  after(text: Text, edit: Replaced): LineIndex {
    return new LineIndex(text, startsAfter(this.starts, text, edit), this.loneReturnAfter(text, edit));
  }

  private loneReturnAfter(text: Text, { start, length }: Replaced): number {
    if (this.loneReturn !== undefined) return this.loneReturn < start - 1 ? this.loneReturn : loneReturnIn(text, 0, text.length);
    const to = Math.min(text.length, start + length + 1);
    const lone = loneReturnIn(text, Math.max(0, start - 1), to);
    return lone === to ? text.length : lone;
  }

  /** Lines as an editor counts them, without the empty one behind a last newline. */
  get count(): number {
    return this.starts.at(-1) === this.length ? this.starts.length - 1 : this.starts.length;
  }

  lineAt(offset: number): number {
    return lineAt(this.starts, offset) + 1;
  }

  /** Offsets of a line (from 1), without its `\n`. */
  boundsOf(line: number): { readonly start: number; readonly end: number } {
    const next = this.starts[line];
    return { start: this.starts[line - 1] ?? this.length, end: next === undefined ? this.length : next - 1 };
  }

  span(start: number, end: number): Span {
    const line = this.lineAt(start);
    const endLine = this.lineAt(end);
    return { start, end, line, column: start - (this.starts[line - 1] ?? 0) + 1, endLine, endColumn: end - (this.starts[endLine - 1] ?? 0) + 1 };
  }
}

const LF = 10;

/** Where the lines of a text start. */
export function lineStarts(text: Text): Int32Array {
  const behindFirst = startsIn(text, 0, text.length);
  const starts = new Int32Array(behindFirst.length + 1);
  starts.set(behindFirst, 1);
  return starts;
}

/** Only the lines around an edit are read; the others stay, or move. `\r` and `\n` that come together or apart are around it. */
export function startsAfter(before: Int32Array, text: Text, { start, end, length }: Replaced): Int32Array {
  const first = lineAt(before, Math.max(0, start - 1));
  let behind = lineAt(before, end) + 1;
  while ((before[behind] ?? Number.POSITIVE_INFINITY) <= end + 1) behind += 1;
  const moved = start + length - end;
  const next = before[behind];
  const around = startsIn(text, before[first] ?? 0, next === undefined ? text.length : next + moved - 1);
  const added = first + 1 + around.length - behind;
  const starts = new Int32Array(before.length + added);
  starts.set(before.subarray(0, first + 1));
  starts.set(around, first + 1);
  for (let line = behind; line < before.length; line += 1) starts[line + added] = (before[line] ?? 0) + moved;
  return starts;
}

/** The line of an offset, from 0. */
export function lineAt(starts: Int32Array, offset: number): number {
  let low = 0;
  let high = starts.length - 1;
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if ((starts[middle] ?? 0) <= offset) low = middle;
    else high = middle - 1;
  }
  return low;
}

/** Where lines start behind the ends of lines in a stretch. */
function startsIn(text: Text, from: number, to: number): number[] {
  const starts: number[] = [];
  // A lone `\r` is told by what follows.
  const part = text.slice(from, to + 1);
  const length = to - from;
  let lone = loneReturn(part, 0, length);
  for (let at = part.indexOf('\n'); at >= 0 && at < length; at = part.indexOf('\n', at + 1)) {
    for (; lone < at; lone = loneReturn(part, lone + 1, length)) starts.push(from + lone + 1);
    starts.push(from + at + 1);
  }
  for (; lone < length; lone = loneReturn(part, lone + 1, length)) starts.push(from + lone + 1);
  return starts;
}

/** The offset of the next one in a stretch; `to` when there is none. */
function loneReturnIn(text: Text, from: number, to: number): number {
  return from + loneReturn(text.slice(from, to + 1), 0, to - from);
}

/** The next `\r` that no `\n` follows; `to` when there is none. */
function loneReturn(text: string, from: number, to: number): number {
  let at = text.indexOf('\r', from);
  while (at >= 0 && at < to && text.charCodeAt(at + 1) === LF) at = text.indexOf('\r', at + 1);
  return at >= 0 && at < to ? at : to;
}
