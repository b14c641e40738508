/**
 * Cuts the text of a Python file into units: top-level statements, the header of each top-level class, and
 * the direct members of its body (with their decorators). A cheap scan over characters that knows strings,
 * comments, brackets and backslashes, and nothing else of Python.
 *
 * Blank lines and comment lines between units belong to no unit: adding one moves units, and changes none.
 *
 *     import os                    # statement
 *     class TestA(Base):           # class header
 *         x = 1                    # member
 *         @decorated               # member (both lines and the body)
 *         def test_a(self): ...
 *
 * Offsets are UTF-16 code units, half-open. A unit starts at the first character of its first line
 * (indentation included) and ends behind its last logical line's newline. Never throws; broken text gives
 * some cut, and a bracket left open is given up where a line starts with `def`, `class` or `@`.
 */

import { differenceOf, type Replaced, type Text } from './text.ts';

export interface Unit {
  readonly kind: 'statement' | 'class header' | 'member';
  readonly start: number;
  readonly end: number;
  /** For members: index in the result of the class header that owns it; else -1. */
  readonly header: number;
  /** For members: the indentation of the class body (`indentOf`); else -1. */
  readonly indent: number;
}

/** A cut made from an earlier one: the first `prefix` and the last `suffix` units have the same text as there. */
export interface Recut {
  readonly units: Unit[];
  readonly prefix: number;
  readonly suffix: number;
  readonly replaced: Replaced;
}

const NEWLINE = 10;
const RETURN = 13;
const SPACE = 32;
const TAB = 9;
const FORM_FEED = 12;
const HASH = 35;
const QUOTE = 34;
const APOSTROPHE = 39;
const BACKSLASH = 92;
const AT = 64;

/** The units of a text, in order, not overlapping. */
export function split(text: string): Unit[] {
  const units: Unit[] = [];
  cut(text, textStart(text), 0, units, -1, -1, () => false);
  return units;
}

/** Units behind an edit that are read with it at first: one to go on with, and one that it may become. */
const READ_BEHIND = 2;

/**
 * The units of a text that was `beforeText`, cut into `before`: scans from the unit before the first change
 * until a unit starts where one started before and only equal text follows. Equal to `split(text)`.
 */
export function resplit(text: Text, beforeText: Text, before: readonly Unit[]): Recut {
  const replaced = differenceOf(text, beforeText);
  const sameFrom = replaced.start + replaced.length;
  // A line after a unit can still join it (`else:`), so the last unit that ends before the change is cut again.
  let kept = 0;
  while (kept < before.length && (before[kept]?.end ?? 0) <= replaced.start) kept += 1;
  kept = Math.max(0, kept - 1);
  const first = before[kept];
  if (first === undefined) return { units: split(text.toString()), prefix: 0, suffix: 0, replaced };
  const from = kept === 0 ? textStart(text) : first.start;
  const shift = beforeText.length - text.length;
  let behind = kept;
  while (behind < before.length && (before[behind]?.start ?? 0) < replaced.end) behind += 1;
  for (let read = READ_BEHIND; ; read *= 8) {
    const units = before.slice(0, kept);
    let old = kept;
    let suffix = 0;
    const resumed = (at: number, header: number, indent: number): boolean => {
      if (at < sameFrom) return false;
      while (old < before.length && (before[old]?.start ?? 0) < at + shift) old += 1;
      const same = before[old];
      if (same === undefined || same.start !== at + shift) return false;
      if (same.kind === 'member' ? same.header !== header || same.indent !== indent : header >= 0) return false;
      suffix = before.length - old;
      return true;
    };
    // All of it, or up to the end of a unit, so that no word that a unit starts with is cut in two.
    const last = before[behind + read - 1];
    const until = last === undefined ? text.length : last.end - shift;
    const isMember = first.kind === 'member';
    const isDone = cut(text.slice(from, until), 0, from, units, isMember ? first.header : -1, isMember ? first.indent : -1, resumed);
    if (!isDone && until < text.length) continue;
    const moved = units.length - (before.length - suffix);
    for (let index = before.length - suffix; index < before.length; index++) {
      const it = before[index];
      if (it === undefined) continue;
      const header = it.header >= before.length - suffix ? it.header + moved : it.header;
      units.push({ kind: it.kind, start: it.start - shift, end: it.end - shift, header, indent: it.indent });
    }
    return { units, prefix: kept, suffix, replaced };
  }
}

/**
 * Scans from `from`, where a unit starts, and adds to `units`. `header` and `indent` tell the class body that
 * `from` lies in, if any. Stops where a new unit starts and `resumed` says that the rest is known, and says so. What is
 * told to it and added lies `base` further on than in `text`.
 */
function cut(
  text: string,
  from: number,
  base: number,
  units: Unit[],
  inHeader: number,
  inIndent: number,
  resumed: (at: number, header: number, indent: number) => boolean,
): boolean {
  const length = text.length;
  let at = from;
  let start = -1; // of the unit being collected
  let end = -1;
  let decorated = false; // only decorators so far
  let header = inHeader; // index of the class whose body we are in
  let memberIndent = inIndent; // of that body
  let pendingClass = false; // the unit being collected is a class header without a body yet

  const close = () => {
    if (start < 0) return;
    if (pendingClass || header < 0) units.push({ kind: 'statement', start: base + start, end: base + end, header: -1, indent: -1 });
    else units.push({ kind: 'member', start: base + start, end: base + end, header, indent: memberIndent });
    pendingClass = false;
    start = -1;
  };

  while (at < length) {
    // One physical line.
    let first = at;
    for (; first < length; first++) {
      const code = text.charCodeAt(first);
      if (code !== SPACE && code !== TAB && code !== FORM_FEED) break;
    }
    const code = first < length ? text.charCodeAt(first) : NEWLINE;
    if (code === NEWLINE || code === RETURN || code === HASH) {
      at = lineEnd(text, first);
      continue;
    }

    const indent = indentOf(text, at, first);
    if (indent === 0) {
      const glued = start >= 0 && header < 0 && (decorated || (!pendingClass && continuesCompound(text, first)));
      if (!glued) {
        close();
        header = -1;
        memberIndent = -1;
        if (resumed(base + at, header, memberIndent)) return true;
        start = at;
      }
      decorated = code === AT;
      if (!decorated) pendingClass = startsWithWord(text, first, 'class');
    } else if (pendingClass && !decorated) {
      // The first line of a class body: what was collected so far is the header.
      units.push({ kind: 'class header', start: base + start, end: base + end, header: -1, indent: -1 });
      header = units.length - 1;
      memberIndent = indent;
      pendingClass = false;
      start = at;
      decorated = code === AT;
    } else if (header >= 0 && columnOf(indent) <= columnOf(memberIndent)) {
      if (!(start >= 0 && (decorated || continuesCompound(text, first)))) {
        close();
        if (resumed(base + at, header, memberIndent)) return true;
        start = at;
      }
      decorated = code === AT;
    } else if (start < 0) start = at;
    at = logicalLineEnd(text, first);
    end = at;
  }
  close();
  return false;
}

const COLUMN = 4096;

/**
 * The indentation between two offsets. Python counts it twice, and both must agree: as a column, with tabs up to the next
 * multiple of eight, and as characters. Here the first is `columnOf` it, and the second the rest.
 */
export function indentOf(text: string, start: number, end: number): number {
  let column = 0;
  let from = start;
  for (let index = start; index < end; index++) {
    const code = text.charCodeAt(index);
    if (code === FORM_FEED) {
      column = 0;
      from = index + 1;
    } else column += code === TAB ? 8 - (column % 8) : 1;
  }
  return column * COLUMN + ((end - from) % COLUMN);
}

export function columnOf(indent: number): number {
  return Math.floor(indent / COLUMN);
}

/** Is the first further in, by both counts? */
export function isDeeper(indent: number, than: number): boolean {
  return columnOf(indent) > columnOf(than) && indent % COLUMN > than % COLUMN;
}

/** Behind a byte order mark. */
function textStart(text: Text): number {
  return text.charCodeAt(0) === 0xfeff ? 1 : 0;
}

function continuesCompound(text: string, at: number): boolean {
  switch (text.charCodeAt(at)) {
    case 101: // e
      return startsWithWord(text, at, 'else') || startsWithWord(text, at, 'elif') || startsWithWord(text, at, 'except');
    case 102: // f
      return startsWithWord(text, at, 'finally');
    default:
      return false;
  }
}

function startsWithWord(text: string, at: number, word: string): boolean {
  if (!text.startsWith(word, at)) return false;
  const after = text.charCodeAt(at + word.length);
  return !(after === 95 || (after >= 48 && after <= 57) || (after >= 65 && after <= 90) || (after >= 97 && after <= 122) || after > 127);
}

function startsDefinition(text: string, at: number): boolean {
  const code = text.charCodeAt(at);
  if (code === 100) return startsWithWord(text, at, 'def');
  if (code === 99) return startsWithWord(text, at, 'class');
  if (code === 97) return text.startsWith('async def ', at);
  return code === AT;
}

function lineEnd(text: string, at: number): number {
  const newline = text.indexOf('\n', at);
  return newline < 0 ? text.length : newline + 1;
}

const SIGNS = 128;
/** By sign: most tell nothing of where a line ends. */
const MEANS_NOTHING = new Uint8Array(SIGNS).fill(1);
for (const it of '\n#"\'\\([{)]}') MEANS_NOTHING[it.charCodeAt(0)] = 0;

/** The offset behind the newline that ends the logical line which starts at `at`; tells of the comments on the way. */
export function logicalLineEnd(text: string, at: number, onComment?: (at: number) => void): number {
  const length = text.length;
  let depth = 0;
  let index = at;
  while (index < length) {
    const code = text.charCodeAt(index);
    if (code >= SIGNS || MEANS_NOTHING[code] === 1) {
      index += 1;
      continue;
    }
    switch (code) {
      case NEWLINE: {
        if (depth === 0) return index + 1;
        let first = index + 1;
        while (first < length && (text.charCodeAt(first) === SPACE || text.charCodeAt(first) === TAB)) first += 1;
        if (startsDefinition(text, first)) return index + 1;
        index += 1;
        break;
      }
      case HASH:
        onComment?.(index);
        index = text.indexOf('\n', index);
        if (index < 0) return length;
        break;
      case QUOTE:
      case APOSTROPHE:
        index = stringEnd(text, index, code);
        break;
      case BACKSLASH:
        index += text.charCodeAt(index + 1) === RETURN && text.charCodeAt(index + 2) === NEWLINE ? 3 : 2;
        break;
      case 40: // (
      case 91: // [
      case 123: // {
        depth += 1;
        index += 1;
        break;
      case 41:
      case 93:
      case 125:
        if (depth > 0) depth -= 1;
        index += 1;
        break;
      default:
    }
  }
  return length;
}

/** The offset behind the string that starts with the quote at `at`; a one-line string left open ends at the newline. */
export function stringEnd(text: string, at: number, quote: number): number {
  const length = text.length;
  if (text.charCodeAt(at + 1) === quote && text.charCodeAt(at + 2) === quote) {
    for (let index = at + 3; index < length; index++) {
      const code = text.charCodeAt(index);
      if (code === BACKSLASH) index += 1;
      else if (code === quote && text.charCodeAt(index + 1) === quote && text.charCodeAt(index + 2) === quote) return index + 3;
    }
    return length;
  }
  for (let index = at + 1; index < length; index++) {
    const code = text.charCodeAt(index);
    if (code === BACKSLASH) index += text.charCodeAt(index + 1) === RETURN && text.charCodeAt(index + 2) === NEWLINE ? 2 : 1;
    else if (code === quote) return index + 1;
    else if (code === NEWLINE) return index;
  }
  return length;
}
