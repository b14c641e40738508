/**
 * What an edit of a file's frame can mean for the units that were not edited. Typing begins as something that says nothing
 * to anybody (`d`, `de`, `import o`, `LIMIT =`), and most new names are not used yet: then what is known stays.
 *
 *     none    bodies of tests
 *     inert   units that bind nothing and are asked by nobody: expressions, broken text
 *     quiet   imports and constants whose names stand nowhere else in the file
 *     loud    anything else, and what asks for the arguments of the process, which makes a script of the file
 */
import type { QualifiedName } from '../../rules/model.ts';
import type { Arena } from '../syntax/arena.ts';
import * as K from '../syntax/kinds.ts';
import { type FrameUnit, makesNames } from './frame.ts';
import { plainTarget } from './plain.ts';

export type FrameChange = 'none' | 'inert' | 'quiet' | 'loud';

export interface FrameChangeQuestions {
  readonly arenaOf: (unit: FrameUnit) => Arena;
  /** Did somebody ask whether the file imports the module, or would the name lead into the workspace? */
  readonly minds: (imported: QualifiedName) => boolean;
}

/** Asked for by name, whoever writes them. */
const SPECIAL = /^(?:__\w+__|pytest\w*)$/;

export function frameChange(before: readonly FrameUnit[], after: readonly FrameUnit[], ask: FrameChangeQuestions): FrameChange {
  if (isWithinTests(before, after)) return 'none';
  if (tracesOfTests(before) !== tracesOfTests(after)) return 'loud';
  const [removed, added] = difference(
    before.filter((it) => !it.head.isTest),
    after.filter((it) => !it.head.isTest),
  );
  if (removed.length === 0 && added.length === 0) return 'none';
  const names = new Set<string>();
  for (const it of [...removed, ...added]) {
    if (it.head.kind === 'function' || it.head.kind === 'class' || makesNames(it) || it.text.includes('argv[')) return 'loud';
    if (!collect(it, ask.arenaOf(it), names, ask.minds)) return 'loud';
  }
  if (names.size === 0) return 'inert';
  const changed = new Set([...removed, ...added]);
  for (const name of names) {
    if (SPECIAL.test(name)) return 'loud';
    for (const units of [before, after]) for (const it of units) if (!changed.has(it) && standsIn(it.text, name)) return 'loud';
  }
  return 'quiet';
}

/** As with most keys: the same units, but for what stands in bodies of tests. A head stays while its text does. */
function isWithinTests(before: readonly FrameUnit[], after: readonly FrameUnit[]): boolean {
  if (before.length !== after.length) return false;
  for (let index = 0; index < before.length; index++) {
    const was = before[index];
    const is = after[index];
    if (was === is) continue;
    if (was === undefined || is === undefined || was.key !== is.key || was.owner !== is.owner || was.unit.kind !== is.unit.kind) return false;
    if (was.head !== is.head && !(was.head.isTest && is.head.isTest && makesNames(was) === makesNames(is))) return false;
  }
  return true;
}

/** Is the name in the text, and not only as a part of a longer one? Broken text can bind what is no name at all. */
export function standsIn(text: string, name: string): boolean {
  if (name === '') return false;
  for (let at = text.indexOf(name); at >= 0; at = text.indexOf(name, at + 1)) {
    if (!isOfName(text.charCodeAt(at - 1)) && !isOfName(text.charCodeAt(at + name.length))) return true;
  }
  return false;
}

/** Letter, digit, `_`, or beyond ASCII; not for what lies outside of the text. */
function isOfName(code: number): boolean {
  return code >= 128 || code === 95 || (code >= 48 && code <= 57) || (code >= 65 && code <= 90) || (code >= 97 && code <= 122);
}

/** All that tests are to the frame: the classes that have some, by name, and whether one may bind names of the module. */
function tracesOfTests(units: readonly FrameUnit[]): string {
  const owners = new Set<string>();
  let made = '';
  for (const it of units) {
    if (!it.head.isTest) continue;
    owners.add(it.owner ?? '\0');
    if (makesNames(it)) made = '\0\0';
  }
  return [...owners].join() + made;
}

/** What is in the one and not in the other; the order of what is in both must be the same, else everything differs. */
export function difference(a: readonly FrameUnit[], b: readonly FrameUnit[]): [readonly FrameUnit[], readonly FrameUnit[]] {
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
  const inModule = unit.unit.kind === 'statement';
  if (unit.unit.kind === 'class header') return false;
  // Read off the text, as the frame does: what is bound must not hang on how broken it is.
  const target = inModule && unit.head.kind === 'other' ? plainTarget(unit.text) : undefined;
  if (target !== undefined && target !== '') names.add(target);
  const textOf = (index: number) => unit.text.slice(arena.startOf(index), arena.endOf(index));
  const statements = (from: number, to: number): boolean => {
    for (let index = from; index < to; index = arena.nextOf(index)) {
      const end = arena.nextOf(index);
      switch (arena.kindOf(index)) {
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
          if (arena.kindOf(first) === K.ASSIGNMENT) {
            if (!assigned(arena, first, inModule, (at) => names.add(textOf(at)))) return false;
          } else if (inModule && (arena.kindOf(first) === K.AUGMENTED_ASSIGNMENT || calls(arena, first, end))) return false;
          break;
        }
        case K.IMPORT:
        case K.IMPORT_FROM:
          if (!inModule || !imported(arena, index, textOf, names, minds)) return false;
          break;
        default:
          // What is left of broken text.
          if (arena.kindOf(index) < K.IDENTIFIER || (inModule && calls(arena, index, end))) return false;
      }
    }
    return true;
  };
  return statements(1, arena.size);
}

/** `support.requires('network')` speaks for the whole file. */
function calls(arena: Arena, from: number, to: number): boolean {
  for (let it = from; it < to; it++) if (arena.kindOf(it) === K.CALL) return true;
  return false;
}

/** `a = b = value`: names, and in a class what is no name of it (`x.y = 1`). */
function assigned(arena: Arena, index: number, inModule: boolean, add: (target: number) => void): boolean {
  for (let child = index + 1; child < arena.nextOf(index); child = arena.nextOf(child)) {
    if (arena.fieldOf(child) === K.F_LEFT) {
      if (arena.kindOf(child) === K.IDENTIFIER) add(child);
      else if (inModule || arena.kindOf(child) === K.TUPLE || arena.kindOf(child) === K.LIST) return false;
    } else if (arena.fieldOf(child) === K.F_RIGHT && arena.kindOf(child) === K.ASSIGNMENT && !assigned(arena, child, inModule, add)) return false;
  }
  return true;
}

function imported(arena: Arena, index: number, textOf: (index: number) => string, names: Set<string>, minds: (name: QualifiedName) => boolean): boolean {
  let module: string | undefined;
  for (let child = index + 1; child < arena.nextOf(index); child = arena.nextOf(child)) {
    if (arena.kindOf(child) === K.ERROR) continue;
    if (arena.fieldOf(child) === K.F_MODULE) {
      if (arena.kindOf(child) !== K.DOTTED_NAME) return false;
      module = textOf(child).replace(/[\s\\]+/g, '');
      continue;
    }
    let name: number = child;
    let alias = -1;
    if (arena.kindOf(child) === K.ALIASED_IMPORT) {
      for (let part = child + 1; part < arena.nextOf(child); part = arena.nextOf(part)) {
        if (arena.fieldOf(part) === K.F_NAME) name = part;
        if (arena.fieldOf(part) === K.F_ALIAS) alias = part;
      }
    }
    if (arena.kindOf(name) !== K.DOTTED_NAME) return false;
    const written = textOf(name).replace(/\s+/g, '');
    if (minds(module === undefined ? written : `${module}.${written}`)) return false;
    names.add(alias >= 0 ? textOf(alias) : module === undefined ? (written.split('.')[0] ?? written) : written);
  }
  return true;
}
