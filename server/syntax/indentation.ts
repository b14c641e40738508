/**
 * Where Python refuses the indentation of a unit. The grammar that units are read with takes every depth: what is deeper than the
 * statement before it stands beside that, a block may be empty, and a `try` without what follows it.
 */
import type { Arena } from './arena.ts';
import * as K from './kinds.ts';
import { indentOf, isDeeper } from './split.ts';

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
const MATCHES = [K.MATCH, K.CASE];
/** Decorators and what they stand before are one below the other as statements are. */
const LISTS = [K.MODULE, K.BLOCK, K.DECORATED];
for (const it of [...COMPOUND, ...CLAUSES, ...LISTS, ...MATCHES]) HOLDS[it] = 1;
const IS_LIST = new Uint8Array(256);
for (const it of LISTS) IS_LIST[it] = 1;
const IS_CLAUSE = new Uint8Array(256);
for (const it of CLAUSES) IS_CLAUSE[it] = 1;
const NEEDS_BODY = new Uint8Array(256);
for (const it of [...COMPOUND, ...CLAUSES, ...MATCHES]) NEEDS_BODY[it] = 1;
const IS_BODY = new Uint8Array(256);
for (const it of [K.F_BODY, K.F_CONSEQUENCE]) IS_BODY[it] = 1;

/** The offset of the first such place; `indent` is that of the statements of the unit itself (`indentOf`). Looks at statements only. */
export function misindentedAt(text: string, arena: Arena, indent: number): number | undefined {
  let index = 0;
  while (index < arena.size) {
    const kind = arena.kindOf(index);
    if (HOLDS[kind] !== 1) {
      index = arena.nextOf(index);
      continue;
    }
    const found = wrongIn(text, arena, index, kind === K.MODULE ? indent : undefined);
    if (found !== undefined) return found;
    index += 1;
  }
  return undefined;
}

/**
 * Among what a node holds itself. Statements of a list stand where its first one does, clauses where what they belong to does,
 * and the first statement of a block further in.
 */
function wrongIn(text: string, arena: Arena, index: number, indent: number | undefined): number | undefined {
  const kind = arena.kindOf(index);
  const isList = IS_LIST[kind] === 1;
  let expected = isList ? indent : indentAt(text, arena.startOf(index));
  let hasBody = NEEDS_BODY[kind] !== 1;
  let hasClause = kind !== K.TRY;
  for (let child = index + 1, behind = arena.nextOf(index); child < behind; child = arena.nextOf(child)) {
    const what = arena.kindOf(child);
    const isBlock = what === K.BLOCK;
    hasClause ||= what === K.EXCEPT || what === K.FINALLY;
    if (isBlock && arena.nextOf(child) === child + 1) continue;
    hasBody ||= isBlock || IS_BODY[arena.fieldOf(child)] === 1;
    if (!isList && !isBlock && IS_CLAUSE[what] !== 1) continue;
    // A block may start with comments, which stand anywhere.
    const at = arena.startOf(isBlock ? child + 1 : child);
    const found = indentAt(text, at);
    if (found === undefined) continue;
    if (!isBlock) expected ??= found;
    if (isBlock ? expected !== undefined && !isDeeper(found, expected) : found !== expected) return at;
  }
  return hasBody && hasClause ? undefined : arena.startOf(index);
}

/** How far in something stands; undefined where it is not the first of its line. */
function indentAt(text: string, at: number): number | undefined {
  let start = at;
  for (let code = text.charCodeAt(start - 1); start > 0 && (code === SPACE || code === TAB || code === FORM_FEED); code = text.charCodeAt(start - 1))
    start -= 1;
  const before = start === 0 ? NEWLINE : text.charCodeAt(start - 1);
  if (before !== NEWLINE) return undefined;
  const ending = text.charCodeAt(start - 2) === RETURN ? start - 3 : start - 2;
  if (ending >= 0 && text.charCodeAt(ending) === BACKSLASH) return undefined;
  return indentOf(text, start, at);
}
