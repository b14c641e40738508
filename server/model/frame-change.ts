/**
 * What an edit of a file's frame can mean for the units that were not edited. Typing begins as something that says nothing
 * to anybody (`d`, `de`, `import o`, `LIMIT =`), and most new names are not used yet: then what is known stays.
 *
 *     none    bodies of tests
 *     inert   units that bind nothing and are asked by nobody: expressions, broken text
 *     quiet   imports and constants whose names stand nowhere else in the file
 *     loud    anything else
 */
import type { QualifiedName } from '../../rules/model.ts';
import type { Arena } from '../syntax/arena.ts';
import * as K from '../syntax/kinds.ts';
import type { FrameUnit } from './frame.ts';

export type FrameChange = 'none' | 'inert' | 'quiet' | 'loud';

export interface FrameChangeQuestions {
  readonly arenaOf: (unit: FrameUnit) => Arena;
  /** Did somebody ask whether the file imports the module, or would the name lead into the workspace? */
  readonly minds: (imported: QualifiedName) => boolean;
}

/** Asked for by name, whoever writes them. */
const SPECIAL = /^(?:__\w+__|pytest\w*)$/;

export function frameChange(before: readonly FrameUnit[], after: readonly FrameUnit[], ask: FrameChangeQuestions): FrameChange {
  if (classesOfTests(before) !== classesOfTests(after)) return 'loud';
  const [removed, added] = difference(
    before.filter((it) => !it.head.isTest),
    after.filter((it) => !it.head.isTest),
  );
  if (removed.length === 0 && added.length === 0) return 'none';
  const names = new Set<string>();
  for (const it of [...removed, ...added]) {
    if (it.head.kind === 'function' || it.head.kind === 'class' || MAKES_NAMES.test(it.text)) return 'loud';
    if (!collect(it, ask.arenaOf(it), names, ask.minds)) return 'loud';
  }
  if (names.size === 0) return 'inert';
  const changed = new Set([...removed, ...added]);
  for (const name of names) {
    if (SPECIAL.test(name)) return 'loud';
    const word = new RegExp(`(?<![\\w\\u0080-\\uffff])${name}(?![\\w\\u0080-\\uffff])`);
    for (const units of [before, after]) for (const it of units) if (!changed.has(it) && it.text.includes(name) && word.test(it.text)) return 'loud';
  }
  return 'quiet';
}

/** What a module that has it in its text may bind without saying so. */
const MAKES_NAMES = /globals\(\)|setattr\(|^[ \t]*global /m;

/** Classes that have tests, by name; the tests themselves are not part of the frame. */
function classesOfTests(units: readonly FrameUnit[]): string {
  const owners = new Set<string>();
  for (const it of units) if (it.head.isTest) owners.add(it.owner === undefined ? '\0' : it.owner);
  return [...owners].join();
}

/** What is in the one and not in the other; the order of what is in both must be the same, else everything differs. */
function difference(a: readonly FrameUnit[], b: readonly FrameUnit[]): [readonly FrameUnit[], readonly FrameUnit[]] {
  const most = Math.min(a.length, b.length);
  let start = 0;
  while (start < most && same(a[start], b[start])) start += 1;
  let end = 0;
  while (end < most - start && same(a[a.length - 1 - end], b[b.length - 1 - end])) end += 1;
  return [a.slice(start, a.length - end), b.slice(start, b.length - end)];
}

function same(a: FrameUnit | undefined, b: FrameUnit | undefined): boolean {
  return a?.key === b?.key && a?.text === b?.text && a?.owner === b?.owner && a?.unit.kind === b?.unit.kind;
}

/** Adds the names that a unit binds; false when it does more than that. */
function collect(unit: FrameUnit, arena: Arena, names: Set<string>, minds: (imported: QualifiedName) => boolean): boolean {
  const { kind, next } = arena;
  const inModule = unit.unit.kind === 'statement';
  if (unit.unit.kind === 'class header') return false;
  const textOf = (index: number) => unit.text.slice(arena.start[index], arena.end[index]);
  const statements = (from: number, to: number): boolean => {
    for (let index = from; index < to; index = next[index] ?? to) {
      const end = next[index] ?? to;
      switch (kind[index]) {
        case K.PASS:
        case K.ERROR:
        case K.DECORATOR:
        case K.PARAMETERS:
          break;
        case K.BLOCK:
          if (!statements(index + 1, end)) return false;
          break;
        case K.EXPRESSION_STATEMENT: {
          const first = index + 1;
          if (kind[first] === K.ASSIGNMENT) {
            if (!assigned(arena, first, inModule, (at) => names.add(textOf(at)))) return false;
          } else if (inModule && (kind[first] === K.AUGMENTED_ASSIGNMENT || calls(arena, first, end))) return false;
          break;
        }
        case K.IMPORT:
        case K.IMPORT_FROM:
          if (!inModule || !imported(arena, index, textOf, names, minds)) return false;
          break;
        default:
          // What is left of broken text.
          if ((kind[index] ?? 0) < K.IDENTIFIER || (inModule && calls(arena, index, end))) return false;
      }
    }
    return true;
  };
  return statements(1, arena.size);
}

/** `support.requires('network')` speaks for the whole file. */
function calls({ kind }: Arena, from: number, to: number): boolean {
  for (let it = from; it < to; it++) if (kind[it] === K.CALL) return true;
  return false;
}

/** `a = b = value`: names, and in a class what is no name of it (`x.y = 1`). */
function assigned(arena: Arena, index: number, inModule: boolean, add: (target: number) => void): boolean {
  const { kind, field, next } = arena;
  for (let child = index + 1; child < (next[index] ?? 0); child = next[child] ?? arena.size) {
    if (field[child] === K.F_LEFT) {
      if (kind[child] === K.IDENTIFIER) add(child);
      else if (inModule || kind[child] === K.TUPLE || kind[child] === K.LIST) return false;
    } else if (field[child] === K.F_RIGHT && kind[child] === K.ASSIGNMENT && !assigned(arena, child, inModule, add)) return false;
  }
  return true;
}

function imported(arena: Arena, index: number, textOf: (index: number) => string, names: Set<string>, minds: (name: QualifiedName) => boolean): boolean {
  const { kind, field, next } = arena;
  let module: string | undefined;
  for (let child = index + 1; child < (next[index] ?? 0); child = next[child] ?? arena.size) {
    if (kind[child] === K.ERROR) continue;
    if (field[child] === K.F_MODULE) {
      if (kind[child] !== K.DOTTED_NAME) return false;
      module = textOf(child).replace(/\s+/g, '');
      continue;
    }
    let name: number = child;
    let alias = -1;
    if (kind[child] === K.ALIASED_IMPORT) {
      for (let part = child + 1; part < (next[child] ?? 0); part = next[part] ?? arena.size) {
        if (field[part] === K.F_NAME) name = part;
        if (field[part] === K.F_ALIAS) alias = part;
      }
    }
    if (kind[name] !== K.DOTTED_NAME) return false;
    const written = textOf(name).replace(/\s+/g, '');
    if (minds(module === undefined ? written : `${module}.${written}`)) return false;
    names.add(alias >= 0 ? textOf(alias) : module === undefined ? (written.split('.')[0] ?? written) : written);
  }
  return true;
}
