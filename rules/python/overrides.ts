/** Overrides that test code puts on an application that others share, and what takes them back. Sources: FastAPI 0.115 and pytest 8 documentation. */
import type { Assignment, Expression, FunctionDefinition, FunctionSubject, Node, Place, Statement, TestFile } from '../model.ts';
import { ancestors, walk } from '../model.ts';
import { lastName } from './api.ts';
import { makes } from './bindings.ts';
import { isNoWider } from './session.ts';

/** Of `app.dependency_overrides[x] = y`: `app.dependency_overrides`, and `x`. */
export function overriddenBy(assignment: Assignment): { readonly overrides: Expression; readonly key: Expression | undefined } | undefined {
  for (const it of assignment.targets) if (it.type === 'subscript' && isOverrides(it.object)) return { overrides: it.object, key: it.index[0] };
  return undefined;
}

/** `app.dependency_overrides` of `app.dependency_overrides[x] = y`. */
export function overridesOf(assignment: Assignment): Expression | undefined {
  return overriddenBy(assignment)?.overrides;
}

function isOverrides(it: Expression): boolean {
  return it.type === 'attribute' && it.name === 'dependency_overrides';
}

/** How overrides are taken back, and by what. */
export type Undoing =
  /** `at the end`: in the last lines only, which a failure skips. */
  | { readonly how: 'always' | 'at the end'; readonly place: Place }
  /** By a fixture that asks for the one that overrides: not where that is asked for alone. */
  | { readonly how: 'by an asker'; readonly by: string; readonly place: Place }
  /** Perhaps, by a base that was not found. */
  | { readonly how: 'perhaps' };

/** What takes back what the assignment overrides: its function, its class, or a fixture that runs around it. */
export function undoingOf(assignment: Assignment, owner: FunctionSubject, file: TestFile): Undoing | undefined {
  const set = overriddenBy(assignment);
  if (set === undefined) return undefined;
  const own = undoneIn(owner.node, assignment, set);
  return own?.how === 'always' ? own : (undoneByClass(set, file) ?? undoneByFixtures(set.key, owner, file) ?? own);
}

interface Override {
  readonly overrides: Expression;
  readonly key: Expression | undefined;
}

function undoneIn(body: FunctionDefinition, assignment: Assignment, { overrides, key }: Override): Undoing | undefined {
  let isBehind = false;
  let seenYield = false;
  let inline: Node | undefined;
  for (const it of walk(body)) {
    if (it === assignment) isBehind = true;
    if (it.type === 'yield' && isIn(body, it)) seenYield = true;
    if (takenBackAt(it, key)?.text !== overrides.text) continue;
    if (seenYield || isInCleanup(it, body)) return { how: 'always', place: it.place };
    if (isBehind) inline = it;
  }
  return inline === undefined ? undefined : { how: 'at the end', place: inline.place };
}

/** The overrides that a node takes back, with what stands there for the key: `….clear()`, `….pop(x)`, `del …[x]`, `… = {}`, `….update(saved)`. */
export function takenBackAt(it: Node, key?: Expression): Expression | undefined {
  if (it.type === 'attribute') return isOverrides(it.object) && empties(it.name, givenTo(it), key) ? it.object : undefined;
  if (it.type === 'delete') {
    for (const each of it.operands) {
      const of = each.type === 'subscript' && isKey(each.index[0], key) ? each.object : each;
      if (isOverrides(of)) return of;
    }
    return undefined;
  }
  if (it.type !== 'assignment' || it.operator !== undefined || givesSome(it.value)) return undefined;
  return it.targets.find(isOverrides);
}

function empties(method: string, given: Expression | undefined, key: Expression | undefined): boolean {
  return method === 'clear' || (method === 'pop' && isKey(given, key)) || (method === 'update' && !givesSome(given));
}

/** `x` of `overrides.pop(x)` and of `addCleanup(overrides.pop, x)` */
function givenTo(method: Node): Expression | undefined {
  const call = method.parent;
  if (call?.type !== 'call') return undefined;
  return call.arguments[call.function === method ? 0 : 1]?.value;
}

/** A dictionary that is written out and not empty overrides, and takes nothing back. */
function givesSome(it: Expression | undefined): boolean {
  return it?.type === 'dict' && it.entries.length > 0;
}

/** Is it the key, by whatever way it is imported, or a name that stands for several? */
function isKey(it: Expression | undefined, key: Expression | undefined): boolean {
  if (it === undefined || key === undefined || it.text === key.text) return true;
  return it.refersTo === undefined || (lastName(it) !== '' && lastName(it) === lastName(key));
}

/** Does the node run with the body of the function, and not with one inside of it? */
function isIn(body: FunctionDefinition, node: Node): boolean {
  for (const it of ancestors(node)) if (it.type === 'function' || it.type === 'lambda') return it === body;
  return true;
}

/** In a `finally`, given to `addCleanup` and the like, or in a function that is. */
function isInCleanup(node: Node, body: FunctionDefinition): boolean {
  let inner: Node = node;
  for (const it of ancestors(node)) {
    if (it.type === 'try' && it.final.includes(inner as Statement)) return true;
    if (registers(it)) return true;
    if (it.type === 'function' && it !== body && walk(body).some((each) => each.type === 'name' && each.id === it.name && registers(each.parent))) return true;
    inner = it;
  }
  return false;
}

function registers(it: Node | undefined): boolean {
  return it?.type === 'call' && /^(?:add\w*Cleanup|addfinalizer|callback|push)$/i.test(it.method);
}

/** By a tear-down of the class; `perhaps` where a base that was not found may do it. */
function undoneByClass({ overrides, key }: Override, file: TestFile): Undoing | undefined {
  const around = file.class;
  if (around === undefined) return undefined;
  if (around.unresolved.length > 0) return { how: 'perhaps' };
  for (const name of around.methods.keys()) {
    const node = /tear_?down|clean|reset|clear/i.test(name) ? file.definition(`${around.qualified}().${name}`)?.node : undefined;
    if (node === undefined) continue;
    for (const it of walk(node)) if (takenBackAt(it, key)?.text === overrides.text) return { how: 'always', place: it.place };
  }
  return undefined;
}

// -------------------------------------------------------------------------------------------- fixtures

/** By fixtures that run for the function; for a fixture also by those that run wherever it does. */
function undoneByFixtures(key: Expression | undefined, owner: FunctionSubject, file: TestFile): Undoing | undefined {
  const place = undoneAround(key, file.fixturesFor(owner), owner, file);
  if (place !== undefined) return { how: 'always', place };
  if (owner.fixture === undefined) return undefined;
  const askers = file.askersOf(owner);
  const tests = askers.filter((it) => it.role === 'test').map((it) => undoneAround(key, it.fixtures, owner, file));
  // Who else asks for a fixture of a module without tests, nobody can see here.
  if (file.kind === 'test' && tests.length > 0)
    return tests[0] !== undefined && tests.every((it) => it !== undefined) ? { how: 'always', place: tests[0] } : undefined;
  for (const { node, role, fixtures } of askers) {
    const found = role === 'fixture' ? undoneAround(key, new Set([...fixtures, node]), owner, file) : undefined;
    if (found !== undefined) return { how: 'by an asker', by: node.name, place: found };
  }
  return undefined;
}

/** The place where one of the fixtures takes back what the key stands for, no later than the one that overrides ends. */
function undoneAround(key: Expression | undefined, fixtures: ReadonlySet<FunctionDefinition>, owner: FunctionSubject, file: TestFile): Place | undefined {
  for (const it of fixtures) {
    if (!it.text.includes('dependency_overrides') || !isNoWider(it, owner, file)) continue;
    // What runs before each test whoever asks takes back as well before the test.
    const isForAll = it.name === 'pytest_runtest_setup' || file.ownerOf(it)?.fixture?.autouse === true;
    const found = undoneBehind(it, isForAll, key, fixtures);
    if (found !== undefined) return found.place;
  }
  return undefined;
}

/** Of whatever application it is said there, by whatever name: but for one that is made for the tests. */
function undoneBehind(fixture: FunctionDefinition, isForAll: boolean, key: Expression | undefined, around: ReadonlySet<FunctionDefinition>): Node | undefined {
  let isBehind = isForAll;
  return walk(fixture).find((it) => {
    if (it.type === 'yield' && isIn(fixture, it)) isBehind = true;
    const taken = takenBackAt(it, key);
    const app = taken?.type === 'attribute' ? taken.object.text : undefined;
    if (app === undefined || (!isBehind && !isInCleanup(it, fixture))) return false;
    return !makes(fixture, app) && ![...around].some((each) => each.name === app && makes(each, app));
  });
}
