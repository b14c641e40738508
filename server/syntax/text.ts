/**
 * Texts that are read in parts. A string is one. A long text that is being edited is an `EditedText`: what was there
 * before, but for one stretch that is written anew. A key makes a short string then: one of the whole text is memory
 * that was never touched before, which costs more than all else that a key does.
 *
 * Offsets are UTF-16 code units, half-open, none of them negative.
 */

/** What can be asked of every text; whoever needs all of it at once asks for `toString()`. */
export interface Text {
  readonly length: number;
  charCodeAt(at: number): number;
  slice(start: number, end?: number): string;
  toString(): string;
}

/** What an edit did to a text: `length` new characters stand for those from `start` to `end`. */
export interface Replaced {
  readonly start: number;
  readonly end: number;
  readonly length: number;
}

/** A shorter text is cheaper as one string. */
const LONG = 1 << 16;
/** So much is written anew at most, before what is there becomes what was there before. */
const LONGEST_STRETCH = 1 << 14;

/** The text with other characters for those from `start` to `end`. */
export function edited(text: Text, start: number, end: number, inserted: string): Text {
  if (text.length >= LONG) return text instanceof EditedText ? text.edited(start, end, inserted) : new EditedText(text.toString(), start, end, inserted);
  const whole = text.toString();
  return whole.slice(0, start) + inserted + whole.slice(end);
}

class EditedText implements Text {
  readonly length: number;
  /** Up to `from`, and behind `until`, it says what `before` does, and between them what `stretch` does. */
  before: string;
  from: number;
  until: number;
  private stretch: string;

  constructor(before: string, from: number, until: number, stretch: string) {
    this.before = before;
    this.from = from;
    this.until = until;
    this.stretch = stretch;
    this.length = from + stretch.length + before.length - until;
  }

  charCodeAt(at: number): number {
    if (at < this.from) return this.before.charCodeAt(at);
    const inside = at - this.from;
    return inside < this.stretch.length ? this.stretch.charCodeAt(inside) : this.before.charCodeAt(inside - this.stretch.length + this.until);
  }

  slice(start: number, end = this.length): string {
    const { before, from, until, stretch } = this;
    if (end <= start) return '';
    if (end <= from) return before.slice(start, end);
    const behind = from + stretch.length;
    const moved = until - behind;
    if (start >= behind) return before.slice(start + moved, end + moved);
    if (start === 0 && end >= this.length) return this.toString();
    const inside = stretch.slice(Math.max(0, start - from), end - from);
    return before.slice(Math.min(start, from), from) + inside + (end > behind ? before.slice(until, end + moved) : '');
  }

  /** From then on it is this string, so that what was there before can go. */
  toString(): string {
    if (this.isItself) return this.before;
    const whole = this.before.slice(0, this.from) + this.stretch + this.before.slice(this.until);
    this.before = whole;
    this.from = whole.length;
    this.until = whole.length;
    this.stretch = '';
    return whole;
  }

  /** Nothing differs. */
  get isItself(): boolean {
    return this.from === this.length && this.length === this.before.length;
  }

  edited(start: number, end: number, inserted: string): Text {
    const behind = this.from + this.stretch.length;
    const first = Math.min(start, this.from);
    const last = Math.max(end, behind);
    if (last - first + inserted.length > LONGEST_STRETCH) return new EditedText(this.toString(), start, end, inserted);
    return new EditedText(this.before, first, last - behind + this.until, this.slice(first, start) + inserted + this.slice(end, last));
  }
}

/** Do they say the same? Of a text that is edited and taken back only what was written is read. */
export function isSameText(a: Text | undefined, b: Text | undefined): boolean {
  if (a === b || a === undefined || b === undefined || a.length !== b.length) return a === b;
  const { start, end, length } = differenceOf(a, b);
  return start === end && length === 0;
}

/** What was done to `before` that made `text` of it; where one was made of the other, only what was written is read. */
export function differenceOf(text: Text, before: Text): Replaced {
  const { head, tail } = endsInCommon(text, before);
  const now = text.slice(head, text.length - tail);
  const then = before.slice(head, before.length - tail);
  const prefix = commonPrefix(now, then);
  const suffix = commonSuffix(now, then, prefix);
  return { start: head + prefix, end: head + then.length - suffix, length: now.length - prefix - suffix };
}

/** How many characters at both ends are known to be the same, without reading them. */
function endsInCommon(text: Text, before: Text): { readonly head: number; readonly tail: number } {
  const now = madeOf(text);
  const then = madeOf(before);
  if (now.before !== then.before) return { head: 0, tail: 0 };
  const head = Math.min(now.from, then.from);
  return { head, tail: Math.min(now.before.length - Math.max(now.until, then.until), text.length - head, before.length - head) };
}

/** The string that a text differs from in one stretch at most, and where: nowhere from itself. */
function madeOf(text: Text): Pick<EditedText, 'before' | 'from' | 'until'> {
  if (text instanceof EditedText && !text.isItself) return text;
  const whole = text.toString();
  return { before: whole, from: whole.length, until: 0 };
}

const CHUNK = 4096;

/** How many characters two texts have in common at their start. */
function commonPrefix(a: string, b: string): number {
  const most = Math.min(a.length, b.length);
  let at = 0;
  while (at + CHUNK <= most && a.slice(at, at + CHUNK) === b.slice(at, at + CHUNK)) at += CHUNK;
  while (at < most && a.charCodeAt(at) === b.charCodeAt(at)) at += 1;
  return at;
}

/** How many characters two texts have in common at their end, beyond the first `prefix`. */
function commonSuffix(a: string, b: string, prefix: number): number {
  const most = Math.min(a.length, b.length) - prefix;
  let count = 0;
  while (count + CHUNK <= most && a.slice(a.length - count - CHUNK, a.length - count) === b.slice(b.length - count - CHUNK, b.length - count)) count += CHUNK;
  while (count < most && a.charCodeAt(a.length - count - 1) === b.charCodeAt(b.length - count - 1)) count += 1;
  return count;
}
