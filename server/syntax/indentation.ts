/**
 * Where Python refuses the indentation of a unit. The grammar that units are read with takes every depth: what is deeper than the
 * statement before it stands beside that, and a block may be empty.
 */
import type { Arena } from './arena.ts';
import * as K from './kinds.ts';

const NEWLINE = 10;
const RETURN = 13;
const SPACE = 32;
const TAB = 9;
const FORM_FEED = 12;
const BACKSLASH = 92;

/** What statements can be in, by kind; all else holds expressions. */
const HOLDS = new Uint8Array(256);
const COMPOUND = [K.FUNCTION, K.CLASS, K.IF, K.WHILE, K.FOR, K.TRY, K.WITH];
const CLAUSES = [K.ELIF, K.ELSE, K.EXCEPT, K.FINALLY];
const LISTS = [K.MODULE, K.BLOCK];
for (const it of [...COMPOUND, ...CLAUSES, ...LISTS, K.DECORATED, K.MATCH, K.CASE]) HOLDS[it] = 1;
const IS_LIST = new Uint8Array(256);
for (const it of LISTS) IS_LIST[it] = 1;
const IS_CLAUSE = new Uint8Array(256);
for (const it of CLAUSES) IS_CLAUSE[it] = 1;
const NEEDS_BODY = new Uint8Array(256);
for (const it of [...COMPOUND, ...CLAUSES]) NEEDS_BODY[it] = 1;
const IS_BODY = new Uint8Array(256);
for (const it of [K.F_BODY, K.F_CONSEQUENCE]) IS_BODY[it] = 1;

/** The offset of the first such place; `column` is where the statements of the unit itself stand. Looks at statements only. */
export function misindentedAt(text: string, arena: Arena, column: number): number | undefined {
  let index = 0;
  while (index < arena.size) {
    const kind = arena.kindOf(index);
    if (HOLDS[kind] !== 1) {
      index = arena.nextOf(index);
      continue;
    }
    const found = wrongIn(text, arena, index, kind === K.MODULE ? column : undefined);
    if (found !== undefined) return found;
    index += 1;
  }
  return undefined;
}

/** Among what a node holds itself. Statements of a list stand where its first one does, clauses where what they belong to does. */
function wrongIn(text: string, arena: Arena, index: number, column: number | undefined): number | undefined {
  const kind = arena.kindOf(index);
  const isList = IS_LIST[kind] === 1;
  let expected = isList ? column : columnOf(text, arena.startOf(index));
  let hasBody = NEEDS_BODY[kind] !== 1;
  for (let child = index + 1, behind = arena.nextOf(index); child < behind; child = arena.nextOf(child)) {
    const what = arena.kindOf(child);
    hasBody ||= what === K.BLOCK ? arena.nextOf(child) > child + 1 : IS_BODY[arena.fieldOf(child)] === 1;
    if (!isList && IS_CLAUSE[what] !== 1) continue;
    const found = columnOf(text, arena.startOf(child));
    if (found === undefined) continue;
    expected ??= found;
    if (found !== expected) return arena.startOf(child);
  }
  return hasBody ? undefined : arena.startOf(index);
}

/** How far in something stands, by Python's count; undefined where it is not the first of its line. */
function columnOf(text: string, at: number): number | undefined {
  let start = at;
  for (let code = text.charCodeAt(start - 1); start > 0 && (code === SPACE || code === TAB || code === FORM_FEED); code = text.charCodeAt(start - 1))
    start -= 1;
  const before = start === 0 ? NEWLINE : text.charCodeAt(start - 1);
  if (before !== NEWLINE) return undefined;
  const ending = text.charCodeAt(start - 2) === RETURN ? start - 3 : start - 2;
  if (ending >= 0 && text.charCodeAt(ending) === BACKSLASH) return undefined;
  let column = 0;
  for (let index = start; index < at; index++) {
    const code = text.charCodeAt(index);
    if (code === TAB) column += 8 - (column % 8);
    else column = code === FORM_FEED ? 0 : column + 1;
  }
  return column;
}
