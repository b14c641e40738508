/** Patchers and what they start, for the rules of the category `mocking`. Source: docs.python.org/3/library/unittest.mock.html (3.13). */
import { argument, type Call, type Expression, type FunctionDefinition, type FunctionSubject, type Patch, statementOf, type TestFile, walk } from '../model.ts';
import type { Edit, Fix } from '../rule.ts';
import { insertAfter, insertBefore, replace } from '../rule.ts';
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

/** How a test registers a cleanup at this place; undefined where it has no such method. */
export function cleanupMethod(owner: FunctionSubject | undefined): string | undefined {
  if (owner?.class === undefined || !owner.class.isTest) return undefined;
  const first = owner.parameters[0];
  if (owner.role === 'class-setup') return first === 'cls' ? 'cls.addClassCleanup' : undefined;
  return first === 'self' ? 'self.addCleanup' : undefined;
}

/** How a test enters a context for as long as it runs; undefined where the project's lowest Python has no such method (before 3.11). */
export function enterMethod(owner: FunctionSubject | undefined, file: TestFile): string | undefined {
  const [major, minor] = file.project.python ?? [0, 0];
  if (major < 3 || (major === 3 && minor < 11)) return undefined;
  const cleanup = cleanupMethod(owner);
  return cleanup === undefined ? undefined : cleanup === 'self.addCleanup' ? 'self.enterContext' : 'cls.enterClassContext';
}

/**
 * Enters the patcher where the project's Python can do that. Else keeps the patcher in a local name and registers its `stop` after the start. `old` is a place where the
 * stop of the wrong thing is registered now, to be corrected instead of adding a line.
 */
export function registerStop(started: Started, owner: FunctionSubject | undefined, file: TestFile, old?: Expression): Fix | undefined {
  const method = cleanupMethod(owner);
  const statement = statementOf(started.start);
  if (method === undefined || owner === undefined || statement === undefined) return undefined;
  if (statement.type !== 'expression' && statement.type !== 'assignment') return undefined;
  const { patcher } = started;
  const edits: Edit[] = [];
  let name: string;
  if (patcher.type === 'call') {
    const enter = old === undefined ? enterMethod(owner, file) : undefined;
    if (enter !== undefined) return { title: `Use \`${enter}\``, safety: 'safe', edits: [replace(started.start, `${enter}(${patcher.text})`)] };
    if (patcher.text.includes('\n')) return undefined;
    name = owner.node.text.includes('patcher') ? `${lastName(patcher)}_patcher` : 'patcher';
    if (owner.node.text.includes(`${name} =`)) return undefined;
    edits.push(insertBefore(statement, `${name} = ${patcher.text}`), replace(patcher, name));
  } else {
    name = patcher.text;
    // The variable of a comprehension is not there behind the statement.
    for (let it = started.start.parent; it !== undefined && it !== statement; it = it.parent) if (it.type === 'comprehension') return undefined;
    if (old !== undefined && boundBetween(name, started.start, old, owner)) return undefined;
  }
  if (old === undefined) edits.push(insertAfter(statement, `${method}(${name}.stop)`));
  else edits.push(replace(old, `${name}.stop`));
  return { title: `Register \`${name}.stop\` as a cleanup`, safety: 'safe', edits };
}

/** The last part of what a patch replaces, as a variable name. */
function lastName(patch: Call): string {
  const text = /\b(\w+)['"]?\s*(?:,|\)|$)/.exec(
    patch.arguments
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

/** Code for a message: on one line, and not longer than `limit`. */
export function code(it: { readonly text: string } | string, limit = 48): string {
  const text = (typeof it === 'string' ? it : it.text).replace(/\s+/g, ' ').replace(/([([]) /g, '$1');
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
