/** Offsets ↔ lines and columns of one text. */
import type { Span } from './review.ts';

/** Offsets of line starts. Lines and columns count from 1. */
export class LineIndex {
  private readonly starts: Int32Array;
  private readonly length: number;

  constructor(text: string) {
    this.length = text.length;
    this.starts = startsIn(text);
  }

  /** Lines as an editor counts them, without the empty one behind a last newline. */
  get count(): number {
    return this.starts.at(-1) === this.length ? this.starts.length - 1 : this.starts.length;
  }

  lineAt(offset: number): number {
    let low = 0;
    let high = this.starts.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if ((this.starts[middle] ?? 0) <= offset) low = middle;
      else high = middle - 1;
    }
    return low + 1;
  }

  /** Offsets of a line (from 1), its newline left out. */
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

/** Made with every key: written where there is room, and copied in one piece. */
let room = new Int32Array(2_048);

function startsIn(text: string): Int32Array {
  let count = 1;
  for (let at = text.indexOf('\n'); at >= 0; at = text.indexOf('\n', at + 1)) {
    if (count === room.length) {
      const wider = new Int32Array(2 * count);
      wider.set(room);
      room = wider;
    }
    room[count] = at + 1;
    count += 1;
  }
  return room.slice(0, count);
}
