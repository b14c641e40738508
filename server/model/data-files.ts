/**
 * Which file a path in the source means: what Python would open, as far as that is written.
 *
 *     os.path.join(os.path.dirname(__file__), 'data', 'x.json')   # beside the file that says so
 *     open('tests/data/x.json')                                   # below the folder that tests are run in
 *     settings.DATA_DIR / 'data' / 'x.json'                       # somewhere, with this end
 */
import type { Call, Expression, FunctionDefinition, QualifiedName } from '../../rules/model.ts';
import { ancestors, constantText, walk } from '../../rules/model.ts';
import { returnedExpressions } from './names.ts';
import { spotOf } from './tree.ts';

export interface WrittenPath {
  /** What it is seen from: the root of the workspace, the folder that tests are run in, or something that is not known. */
  readonly from: 'root' | 'working folder' | 'somewhere';
  readonly path: string;
}

export interface Lookup {
  /** What a name or attribute was given. */
  readonly sources: (it: Expression) => readonly Expression[];
  readonly functionCalled: (callee: QualifiedName) => FunctionDefinition | undefined;
}

/** A path as it is put together, with `*` for what is not known. */
interface Draft {
  readonly isPlaced: boolean;
  readonly path: string;
}

const MAX_DEPTH = 12;
const UNKNOWN: Draft = { isPlaced: false, path: '*' };
/** Calls that give the path that they are given, in another form. */
const SAME = /^(?:os\.path|posixpath)\.(?:abspath|realpath|normpath)$|^os\.fspath$|^builtins\.str$/;
const SAME_METHODS: ReadonlySet<string> = new Set(['resolve', 'absolute', 'as_posix']);
const JOINS: ReadonlySet<string> = new Set(['os.path.join', 'posixpath.join', 'pathlib.Path', 'pathlib.PurePath', 'pathlib.PosixPath']);

/** The path that an expression is; undefined where its last part is not written, or it leads out of the workspace. */
export function writtenPath(it: Expression, lookup: Lookup): WrittenPath | undefined {
  const { isPlaced, path } = draftOf(it, lookup, 0);
  if (!isPlaced && path.startsWith('/')) return undefined; // of the machine
  let from: WrittenPath['from'] = isPlaced ? 'root' : 'working folder';
  let parts: string[] = [];
  for (const part of path.split('/')) {
    if (part === '' || part === '.') continue;
    const last = parts.at(-1);
    if (part !== '..') parts.push(part);
    else if (last === undefined) {
      if (from === 'root') return undefined;
      from = 'somewhere';
    } else if (!last.includes('*')) parts.pop();
  }
  const known = parts.reduce((behind, part, index) => (part.includes('*') ? index + 1 : behind), 0);
  if (known > 0) {
    from = 'somewhere';
    parts = parts.slice(known);
  }
  return parts.length === 0 ? undefined : { from, path: parts.join('/') };
}

function draftOf(it: Expression, lookup: Lookup, depth: number): Draft {
  if (depth > MAX_DEPTH) return UNKNOWN;
  const inside = (each: Expression) => draftOf(each, lookup, depth + 1);
  switch (it.type) {
    case 'string':
      return written(it.content);
    case 'fstring':
      return it.parts.map((part) => (typeof part === 'string' ? written(part) : inside(part))).reduce(followed, written(''));
    case 'operation':
      if (it.left !== undefined && it.operator === '/') return joined(inside(it.left), inside(it.right));
      return it.left !== undefined && it.operator === '+' ? followed(inside(it.left), inside(it.right)) : plain(it);
    case 'subscript': {
      const [index] = it.index;
      if (it.object.type !== 'attribute' || it.object.name !== 'parents' || index?.type !== 'number') return plain(it);
      return { ...inside(it.object.object), path: inside(it.object.object).path + '/..'.repeat(index.number + 1) };
    }
    case 'attribute':
      return it.name === 'parent' ? above(inside(it.object)) : named(it, inside, lookup);
    case 'name':
      return it.id === '__file__' ? { isPlaced: true, path: spotOf(it.place).page.path } : named(it, inside, lookup);
    case 'call':
      return draftOfCall(it, inside, lookup);
    default:
      return plain(it);
  }
}

type Inside = (it: Expression) => Draft;

function written(path: string): Draft {
  return { isPlaced: false, path };
}

function plain(it: Expression): Draft {
  const text = constantText(it.value);
  return text === undefined ? UNKNOWN : written(text);
}

function named(it: Expression, inside: Inside, lookup: Lookup): Draft {
  const [source, ...others] = constantText(it.value) === undefined ? lookup.sources(it) : [];
  return source === undefined || others.length > 0 || isCarried(it, source) ? plain(it) : inside(source);
}

/** May a loop around the use have given it something else in the round before: `current = current.parent`? */
function isCarried(it: Expression, source: Expression): boolean {
  for (const loop of ancestors(it)) {
    if (loop.type !== 'while' && loop.type !== 'for') continue;
    const inside = walk(loop);
    if (!inside.includes(source) && inside.some((each) => each.type === 'assignment' && each.targets.some(({ text }) => text === it.text))) return true;
  }
  return false;
}

function draftOfCall(it: Call, inside: Inside, lookup: Lookup): Draft {
  const { callee = '' } = it;
  const given = it.arguments.flatMap((each) => (each.keyword === undefined && each.unpack === undefined ? [each.value] : []));
  const [first] = given;
  if (first !== undefined && given.length === it.arguments.length) {
    if (JOINS.has(callee)) return given.map(inside).reduce(joined);
    if (callee === 'os.path.dirname') return above(inside(first));
    if (SAME.test(callee)) return inside(first);
  }
  if (callee === 'os.getcwd' || callee === 'pathlib.Path.cwd') return written('');
  if (it.function.type === 'attribute') {
    if (SAME_METHODS.has(it.method)) return inside(it.function.object);
    if (it.method === 'joinpath') return [it.function.object, ...given].map(inside).reduce(joined);
  }
  const called = lookup.functionCalled(callee);
  const [returned, ...others] = called === undefined ? [] : returnedExpressions(called);
  return returned === undefined || others.length > 0 ? plain(it) : inside(returned);
}

/** `a + b` */
function followed(left: Draft, right: Draft): Draft {
  if (left.path === '') return right;
  return right.isPlaced ? UNKNOWN : { ...left, path: left.path + right.path };
}

/** `a / b`: an absolute path begins anew. */
function joined(left: Draft, right: Draft): Draft {
  return right.isPlaced || right.path.startsWith('/') ? right : { ...left, path: `${left.path === '' ? '.' : left.path}/${right.path}` };
}

function above(it: Draft): Draft {
  return { ...it, path: `${it.path === '' ? '.' : it.path}/..` };
}
