/** Patchers and what they start, for the rules of the category `mocking`. Source: docs.python.org/3/library/unittest.mock.html (3.13). */
import {
  argument,
  type Call,
  type Expression,
  type FunctionDefinition,
  type FunctionSubject,
  type Patch,
  type Statement,
  statementOf,
  type TestFile,
  walk,
} from '../model.ts';
import type { Edit, Fix } from '../rule.ts';
import { insertAfter, insertBefore, replace } from '../rule.ts';
import { cleanupMethod, enterMethod } from './cleanups.ts';
import { isPatcherName, PATCH_CALLEES } from './mock.ts';
import { CLEANUP_METHODS } from './resources.ts';

/** A call `patcher.start()`, and the call that made the patcher when it can be told. */
export interface Started {
  readonly start: Call;
  readonly patcher: Expression;
  readonly patch: Call | undefined;
}

/** The `start()` that an expression's value comes from: `m` after `m = p.start()`. */
export function startedAs(it: Expression): Started | undefined {
  const { value } = it;
  return value.kind === 'result' ? startCall(value.call) : undefined;
}

/** The call as the start of a patcher. */
export function startCall(call: Call): Started | undefined {
  if (call.method !== 'start' || call.function.type !== 'attribute') return undefined;
  const patcher = call.function.object;
  if (!isPatcherName(patcher.refersTo)) return undefined;
  const made = patcher.value;
  return { start: call, patcher, patch: made.kind === 'result' ? made.call : undefined };
}

/** Does starting the patcher give a fresh mock, not an object that somebody passed? */
export function givesMock(patch: Call): boolean {
  const callee = patch.callee;
  if (callee !== 'unittest.mock.patch' && callee !== 'unittest.mock.patch.object') return false;
  if (argument(patch, 'new_callable') !== undefined) return false;
  return argument(patch, 'new', callee === 'unittest.mock.patch' ? 1 : 2) === undefined;
}

/** `addCleanup(x.stop)` and relatives, where `x` is what a patcher's start gave and not the patcher. */
export function stoppedMock(call: Call): (Started & { readonly mock: Expression; readonly stop: Expression }) | undefined {
  let stop: Expression | undefined;
  if (CLEANUP_METHODS.has(call.method)) stop = call.arguments[0]?.value;
  else if (call.method === 'stop') stop = call.function;
  if (stop?.type !== 'attribute' || stop.name !== 'stop') return undefined;
  const started = startedAs(stop.object);
  if (started === undefined || started.patch === undefined || !givesMock(started.patch)) return undefined;
  return { ...started, mock: stop.object, stop };
}

/**
 * Enters the patcher where the project's Python can do that. Else keeps the patcher in a local name and registers its `stop` after the start. `old` is a place where the
 * stop of the wrong thing is registered now, to be corrected instead of adding a line.
 */
export function registerStop(started: Started, owner: FunctionSubject | undefined, file: TestFile, old?: Expression): Fix | undefined {
  const method = cleanupMethod(started.start, owner, file);
  const statement = statementOf(started.start);
  if (method === undefined || owner === undefined || statement === undefined) return undefined;
  if ((statement.type !== 'expression' && statement.type !== 'assignment') || !runsOnce(started.start, statement)) return undefined;
  const { patcher } = started;
  const edits: Edit[] = [];
  let name: string;
  if (patcher.type === 'call') {
    const enter = old === undefined ? enterMethod(started.start, owner, file) : undefined;
    if (enter !== undefined) return { title: `Use \`${enter}\``, safety: 'safe', edits: [replace(started.start, `${enter}(${patcher.text})`)] };
    if (patcher.text.includes('\n')) return undefined;
    name = nameFor(patcher, owner);
    edits.push(insertBefore(statement, `${name} = ${patcher.text}`), replace(patcher, name));
  } else {
    name = patcher.text;
    if (old !== undefined && boundBetween(name, started.start, old, owner)) return undefined;
  }
  if (old === undefined) edits.push(insertAfter(statement, `${method}(${name}.stop)`));
  else edits.push(replace(old, `${name}.stop`));
  return { title: `Register \`${name}.stop\` as a cleanup`, safety: 'safe', edits };
}

/** Does the statement run the call once, whatever it finds, and what the call is made of can stand before it? */
function runsOnce(call: Call, statement: Statement): boolean {
  for (let it = call.parent; it !== undefined && it !== statement; it = it.parent)
    if (it.type === 'comprehension' || it.type === 'lambda' || it.type === 'conditional' || (it.type === 'operation' && /^(?:and|or)$/.test(it.operator)))
      return false;
  return true;
}

/** A name for the patcher that nothing in the function has, and that the other patchers of the function are not given either. */
function nameFor(patcher: Call, owner: FunctionSubject): string {
  const calls = walk(owner.node)
    .flatMap((it) => (it.type === 'call' ? (startCall(it)?.patcher ?? []) : []))
    .filter((it) => it.type === 'call');
  const { text } = owner.node;
  if (calls.length === 1 && !text.includes('patcher')) return 'patcher';
  const own = `${lastName(patcher)}_patcher`;
  let before = calls.slice(0, calls.indexOf(patcher)).filter((it) => `${lastName(it)}_patcher` === own).length;
  for (let count = 1; ; count++) {
    const name = count === 1 ? own : `${own}_${count}`;
    if (!text.includes(name) && before-- === 0) return name;
  }
}

/** The last part of what a patch replaces, as a variable name. */
function lastName(patch: Call): string {
  const text = /\b(\w+)['"]?\s*(?:,|\)|$)/.exec(
    patch.arguments
      .filter((it) => it.keyword === undefined)
      .map((it) => it.value.text)
      .slice(0, 2)
      .reverse()
      .join(','),
  )?.[1];
  return text === undefined || !/^[a-z_]/.test(text) ? 'the' : text;
}

/** Is the name given another value between two places of one function? */
function boundBetween(name: string, from: Call, to: Expression, owner: FunctionSubject): boolean {
  let inside = false;
  for (const it of walk(owner.node)) {
    if (it === from || it.text === from.text) inside = true;
    else if (it === to) return !inside;
    else if (inside && it.type === 'assignment' && it.targets.some((each) => each.text === name)) inside = false;
  }
  return true;
}

/** White space other than a single blank, or one behind a bracket: most code has none. */
const SPREAD = /[^\S ]| {2}|[([] /;

/** Code for a message: on one line, and not longer than `limit`. */
export function code(it: { readonly text: string } | string, limit = 48): string {
  const written = typeof it === 'string' ? it : it.text;
  const text = SPREAD.test(written) ? written.replace(/\s+/g, ' ').replace(/([([]) /g, '$1') : written;
  return `\`${text.length > limit ? `${text.slice(0, limit - 1)}…` : text}\``;
}

/** The name under which the test gets the mock of a patch: a parameter, the name after `as`, or what `start()` is kept in. */
export function nameOfMock(patch: Patch): string | undefined {
  const { call } = patch;
  let { parent } = call;
  if (parent?.type === 'function') return injected(parent).find((it) => it.call === call)?.parameter;
  if (parent?.type === 'with') return parent.items.find((it) => it.context === call)?.target?.text;
  if (parent?.type === 'attribute' && parent.name === 'start') parent = parent.parent?.parent;
  if (parent?.type !== 'assignment') return undefined;
  return patch.applied === 'immediate' || parent.value !== call ? parent.targets[0]?.text : startedFrom(parent.targets, patch.owner);
}

/** `self.send = patcher.start()` */
function startedFrom(patchers: readonly Expression[], owner: FunctionSubject | undefined): string | undefined {
  for (const it of owner === undefined ? [] : walk(owner.node)) {
    if (it.type !== 'assignment' || it.value?.type !== 'call' || it.value.method !== 'start') continue;
    const { function: started } = it.value;
    if (started.type === 'attribute' && patchers.some((each) => each.text === started.object.text)) return it.targets[0]?.text;
  }
  return undefined;
}

/** The parameters that stacked patch decorators pass, bottom decorator first. */
export function injected(node: FunctionDefinition): readonly { readonly call: Call; readonly parameter: string | undefined }[] {
  const calls: Call[] = [];
  for (const it of [...node.decorators].reverse()) {
    if (it.type !== 'call') continue;
    const form = PATCH_CALLEES.get(it.callee ?? '');
    if (form !== 'patch' && form !== 'patch.object') continue;
    if (argument(it, 'new', form === 'patch' ? 1 : 2) === undefined) calls.push(it);
  }
  const names = node.parameters.filter((it) => it.star === '').map((it) => it.name);
  const first = firstInjected(node, calls.length);
  return calls.map((call, index) => ({ call, parameter: names[first + index] }));
}

/**
 * Where the `count` mocks that decorators pass begin among a function's positional parameters. They are appended to
 * what the caller passes by position (a helper's arguments, a row of a table); pytest passes fixtures by name.
 */
export function firstInjected(node: FunctionDefinition, count: number): number {
  const names = node.parameters.filter((it) => it.star === '').map((it) => it.name);
  const bound = names[0] === 'self' || names[0] === 'cls' ? 1 : 0;
  const isGivenRows = node.decorators.some((it) => it.type === 'call' && /^(?:data|idata|file_data|expand|parameters|named_parameters)$/.test(it.method));
  return node.name.startsWith('test') && !isGivenRows ? bound : Math.max(bound, names.length - count);
}

/** The functions of the workspace that a test calls itself. */
export function calledFunctions(owner: FunctionSubject | undefined, file: TestFile): readonly FunctionDefinition[] {
  if (owner === undefined) return [];
  return walk(owner.node).flatMap((it) => (it.type === 'call' && it.callee !== undefined ? (file.definition(it.callee)?.node ?? []) : []));
}
