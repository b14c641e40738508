/** Cleanups that are registered to run however the test ends, and what in the same function each of them undoes. */
import type { Call, Cleanup, Expression, FunctionDefinition, FunctionSubject, Node } from '../../rules/model.ts';
import { walk } from '../../rules/model.ts';
import { isMockName } from '../../rules/python/mock.ts';
import { CLEANUP_REGISTRARS, CONTEXT_ENTERERS } from '../../rules/python/resources.ts';
import { reverses, reversesBare } from '../../rules/python/reverses.ts';
import { Notes } from '../../rules/remembered.ts';
import { changesOf } from './changes.ts';
import type { Frame } from './frame.ts';
import { short } from './releases.ts';
import { acquisitionsOf, resourceOf, type Surroundings } from './resources.ts';
import { spotOf } from './tree.ts';

const RECEIVERS: ReadonlySet<string> = new Set(['self', 'cls', 'klass', 'test', 'testcase', 'test_case', 'case', 'request', 'unittest']);

/** Can a call of this name register something? */
export function canRegister(method: string): boolean {
  return method === 'useFixture' || CONTEXT_ENTERERS.has(method) || CLEANUP_REGISTRARS.has(method);
}

/** How a call registers something for the end of the test; undefined when it does not. */
export function cleanupForm(call: Call): Cleanup['form'] | undefined {
  const { method } = call;
  const form = method === 'useFixture' ? 'fixture' : CONTEXT_ENTERERS.has(method) ? 'context' : CLEANUP_REGISTRARS.has(method) ? 'function' : undefined;
  if (form === undefined || call.arguments.length === 0 || call.function.type !== 'attribute' || isMockName(call.callee)) return undefined;
  const { object } = call.function;
  if (object.type === 'name' && RECEIVERS.has(object.id)) return form;
  return /^contextlib\.(?:Async)?ExitStack\(\)$/.test(object.refersTo ?? '') ? form : undefined;
}

type Undone = NonNullable<Cleanup['undoes']>;

const known = new Notes<FunctionDefinition, ReadonlyMap<unknown, Undone>>();

/** What a registered cleanup undoes: an acquisition, a change, or the call with the reverse name. */
export function undoneBy(call: Call, owner: FunctionSubject | undefined, around: Surroundings, frame: Frame): Undone | undefined {
  if (owner === undefined) return undefined;
  let pairs = known.of(owner.node);
  if (pairs === undefined) {
    pairs = pairsIn(owner, around, frame);
    known.note(owner.node, pairs);
  }
  return pairs.get(call.place) ?? byName(call, owner.node);
}

/** By the place of the cleanup. */
function pairsIn(owner: FunctionSubject, around: Surroundings, frame: Frame): ReadonlyMap<unknown, Undone> {
  const result = new Map<unknown, Undone>();
  for (const it of walk(owner.node)) {
    const releases = it.type === 'call' ? acquisitionsOf(it, around).flatMap((each) => resourceOf(it, each, owner, around).releases) : [];
    const restores =
      it.type === 'call' || it.type === 'assignment' || it.type === 'delete' ? changesOf(it, frame, owner, around).flatMap((each) => each.releases) : [];
    for (const each of [...releases, ...restores]) {
      if (each.how === 'cleanup' && each.place !== undefined && !result.has(each.place)) result.set(each.place, { name: nameOf(it), node: it });
    }
  }
  return result;
}

function nameOf(it: Node): string {
  if (it.type === 'call') return short(it.function.text);
  return it.type === 'assignment' ? short(it.targets[0]?.text ?? it.text) : short(it.text);
}

/** The nearest earlier call, else the nearest later one, whose name the registered function reverses. */
function byName(call: Call, owner: FunctionDefinition): Undone | undefined {
  const registered = call.arguments[0]?.value;
  const undo = registered === undefined ? undefined : lastName(registered);
  if (registered === undefined || undo === undefined) return undefined;
  let result: Call | undefined;
  for (const it of walk(owner)) {
    if (it.type !== 'call' || it === call) continue;
    const done = lastName(it.function);
    if (done === undefined) continue;
    const pair = reverses(undo, done)
      ? sameHome(registered, it.function)
      : reversesBare(undo, done) && call.arguments.length === 1 && sameObject(registered, it.function);
    if (!pair) continue;
    if (result !== undefined && spotOf(it.place).start > spotOf(call.place).start) break;
    result = it;
  }
  return result === undefined ? undefined : { name: short(result.function.text), node: result };
}

function lastName(it: Expression): string | undefined {
  return it.type === 'attribute' ? it.name : it.type === 'name' ? it.id : undefined;
}

function sameObject(a: Expression, b: Expression): boolean {
  return a.type === 'attribute' && b.type === 'attribute' && a.object.text === b.object.text;
}

/** Two functions of one object or one module. */
function sameHome(a: Expression, b: Expression): boolean {
  if (sameObject(a, b)) return true;
  const home = (it: Expression) => it.refersTo?.slice(0, Math.max(0, it.refersTo.lastIndexOf('.')));
  const [one, other] = [home(a), home(b)];
  return one !== undefined && one !== '' && one === other;
}
