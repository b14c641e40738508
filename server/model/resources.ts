/**
 * Resources: what a call acquires, what holds it, and everything that gives it back, on which paths.
 * Lexical within a function, and across the methods of a class for what `self` holds.
 */
import type { Call, Expression, FunctionDefinition, FunctionSubject, Node, Release, Resource } from '../../rules/model.ts';
import { walk } from '../../rules/model.ts';
import { isPatcherName } from '../../rules/python/mock.ts';
import { ACQUISITIONS, type Acquisition, BORROWERS, CLEANUP_METHODS, ENTER_METHODS, PATCHER, THREAD } from '../../rules/python/resources.ts';
import type { ClassShape } from './frame.ts';

/** What a resource's owner can look at beyond its own body. */
export interface Surroundings {
  /** Methods of the class and its known ancestors that belong to the frame, with their roles. */
  readonly methods: readonly { readonly node: FunctionDefinition; readonly role: string }[];
  readonly shape: ClassShape | undefined;
  /** Methods of the fixtures of the workspace that set-up methods use. */
  fixtureMethods(): readonly FunctionDefinition[];
  guarantor(what: 'stopall' | 'nested-temp' | 'environment' | 'config-reset'): string | undefined;
  readonly unresolvedBase: boolean;
}

/** The acquisition that a call is, if it is one. */
export function acquisitionOf(call: Call): Acquisition | undefined {
  const callee = call.callee;
  if (callee === undefined) return undefined;
  const known = ACQUISITIONS.get(callee);
  if (known !== undefined) return known;
  if (call.method === 'start') {
    const object = callee.slice(0, -'.start'.length);
    if (isPatcherName(object)) return PATCHER;
    if (object === 'threading.Thread()' || object === 'multiprocessing.Process()') return THREAD;
    if (object === 'threading.Timer()') return { ...THREAD, sort: 'timer' };
  }
  return undefined;
}

export function resourceOf(call: Call, acquisition: Acquisition, owner: FunctionSubject | undefined, around: Surroundings): Resource {
  const releases: Release[] = [];
  const started = call.method === 'start' && (acquisition.sort === 'patcher' || acquisition.sort === 'thread' || acquisition.sort === 'timer');
  const holderNode = started ? holderOfStarted(call) : call;
  const entered = started ? undefined : enteredBy(call);
  let holder: string | undefined;
  let fate: Resource['fate'] | undefined;
  if (entered !== undefined) releases.push(entered);
  else {
    const held = started ? heldText(holderNode) : holderOf(call);
    holder = held?.name;
    if (holder !== undefined) collect(holder, acquisition, call, owner, around, releases);
    if (held === undefined && !started) fate = escapesAt(call, acquisition);
    else if (holder !== undefined && releases.every((it) => it.how === 'inline')) {
      const handed = handedOn(holder, acquisition, call, owner, around, releases);
      if (handed !== undefined) fate = handed;
    }
  }
  const guarantee = acquisition.sort === 'patcher' ? 'stopall' : acquisition.sort.startsWith('temporary') ? 'nested-temp' : undefined;
  const guarantor = guarantee === undefined || (owner !== undefined && owner.class === undefined) ? undefined : around.guarantor(guarantee);
  if (guarantor !== undefined) releases.push({ how: 'guarantee', place: undefined, by: guarantor });
  if (releases.length > 0) fate = 'released';
  fate ??= holder?.startsWith('self.') === true && around.unresolvedBase ? 'unknown' : 'leaks';
  return { type: 'resource', sort: acquisition.sort, call, place: call.place, holder, releases, fate, owner };
}

/** `with call`, `enterContext(call)`, `closing(call)`, a decorator. */
function enteredBy(call: Call): Release | undefined {
  let inner: Node = call;
  for (let it = call.parent; it !== undefined; inner = it, it = it.parent) {
    if (it.type === 'with') return it.items.some((item) => item.context === inner) ? { how: 'with', place: inner.place, by: `with ${short(inner.text)}` } : undefined;
    if (it.type === 'function' || it.type === 'class') return it.body.includes(inner as never) ? undefined : { how: 'with', place: inner.place, by: `@${short(inner.text)}` };
    if (it.type === 'call' && it.arguments.some((each) => each.value === inner) && ENTER_METHODS.has(it.method)) {
      if (it.method !== 'closing' && it.method !== 'aclosing') return { how: it.method === 'useFixture' ? 'fixture' : 'with', place: it.place, by: short(it.text) };
    } else if (it.type !== 'await' && it.type !== 'call') return undefined;
    else if (it.type === 'call') return undefined;
  }
  return undefined;
}

function holderOfStarted(call: Call): Expression {
  return call.function.type === 'attribute' ? call.function.object : call;
}

function heldText(it: Expression): { name: string } | undefined {
  return it.type === 'name' || it.type === 'attribute' ? { name: it.text } : undefined;
}

/** The name or attribute that a call's result is kept in. */
function holderOf(call: Call): { name: string } | undefined {
  let inner: Node = call;
  let parent = call.parent;
  if (parent?.type === 'await') {
    inner = parent;
    parent = parent.parent;
  }
  if (parent?.type === 'walrus' && parent.assigned === inner) return heldText(parent.target);
  if (parent?.type !== 'assignment' || parent.value !== inner) return undefined;
  const [target] = parent.targets;
  if (target === undefined) return undefined;
  if (target.type === 'tuple' || target.type === 'list') {
    const first = target.items[0];
    return first === undefined ? undefined : heldText(first);
  }
  return heldText(target);
}

/** What becomes of a result that nobody names. */
function escapesAt(call: Call, acquisition: Acquisition): Resource['fate'] | undefined {
  let inner: Node = call;
  let parent = call.parent;
  while (parent?.type === 'await') {
    inner = parent;
    parent = parent.parent;
  }
  if (parent === undefined) return undefined;
  switch (parent.type) {
    case 'return': case 'yield': case 'yield from': case 'lambda':
      return 'handed on';
    case 'call':
      if (!parent.arguments.some((it) => it.value === inner)) return undefined;
      return isBorrower(parent.callee) && acquisition.sort === 'file' ? undefined : 'handed on';
    case 'list': case 'tuple': case 'set': case 'dict': case 'comprehension': case 'conditional': case 'operation': case 'subscript': case 'star':
      return 'handed on';
    case 'assignment':
      return 'handed on'; // a subscript or an attribute of something else
    default:
      return undefined;
  }
}

function isBorrower(callee: string | undefined): boolean {
  return callee !== undefined && BORROWERS.some((it) => callee.startsWith(it));
}

/** Finds what releases `holder`: in the body of the owner, and for `self.x` in the methods of the class. */
function collect(holder: string, acquisition: Acquisition, call: Call, owner: FunctionSubject | undefined, around: Surroundings, releases: Release[]): void {
  const body = owner?.node;
  if (body !== undefined) collectIn(body, holder, acquisition, owner?.role ?? 'helper', call, releases);
  else {
    let root: Node = call;
    while (root.parent !== undefined) root = root.parent;
    collectIn(root, holder, acquisition, 'module', call, releases);
  }
  if (!holder.startsWith('self.') && !holder.startsWith('cls.')) return;
  const attribute = holder.slice(holder.indexOf('.'));
  for (const { node, role } of around.methods) {
    if (node === body || !node.text.includes(attribute)) continue;
    for (const spelled of [`self${attribute}`, `cls${attribute}`]) collectIn(node, spelled, acquisition, role, call, releases);
  }
}

function collectIn(body: Node, holder: string, acquisition: Acquisition, role: string, call: Call, releases: Release[]): void {
  for (const it of walk(body)) {
    if (it.type === 'with') {
      for (const item of it.items) if (item.context.text === holder) releases.push({ how: 'with', place: item.context.place, by: `with ${holder}` });
    } else if (it.type === 'call' && it !== call) {
      const found = releaseAt(it, holder, acquisition, role);
      if (found !== undefined) releases.push(found);
    } else if (it.type === 'attribute' && it.object.text === holder && acquisition.methods.includes(it.name) && it.parent?.type !== 'call') {
      // `stop = p.stop`, `return p.close`: somebody else will call it
      releases.push({ how: 'cleanup', place: it.place, by: it.text });
    }
  }
}

/** The release that a call is or registers, for what `holder` holds. */
function releaseAt(it: Call, holder: string, acquisition: Acquisition, role: string): Release | undefined {
  if (CLEANUP_METHODS.has(it.method) && it.arguments.length > 0) {
    const [first, second] = it.arguments.map((each) => each.value);
    if (first === undefined) return undefined;
    const registered: Release = { how: 'cleanup', place: it.place, by: short(it.text) };
    if (first.type === 'attribute' && first.object.text === holder && acquisition.methods.includes(first.name)) return registered;
    if (second !== undefined && mentions(second, holder) && (first.refersTo === undefined || isReleaseFunction(first.refersTo, acquisition) || !first.refersTo.startsWith('builtins.'))) return registered;
    if (first.type === 'lambda' && [...walk(first.body)].some((each) => each.type === 'call' && releaseAt(each, holder, acquisition, 'helper') !== undefined)) return registered;
    return undefined;
  }
  if (ENTER_METHODS.has(it.method) && it.arguments.some((each) => each.value.text === holder)) return { how: 'with', place: it.place, by: short(it.text) };
  const released =
    (it.function.type === 'attribute' && it.function.object.text === holder && acquisition.methods.includes(it.function.name)) ||
    (it.callee !== undefined && isReleaseFunction(it.callee, acquisition) && it.arguments.some((each) => mentions(each.value, holder)));
  if (!released) return undefined;
  const by = short(it.text);
  return { how: pathOf(it, role), place: it.place, by };
}

function isReleaseFunction(name: string, acquisition: Acquisition): boolean {
  if (acquisition.functions?.includes(name) === true) return true;
  const last = name.slice(name.lastIndexOf('.') + 1);
  return acquisition.plain === true && /^(?:_?rm_?tree|rmdir|unlink|remove|_?clean_?up\w*|delete_path|delete_if_exists|safe_rmpath)$/.test(last);
}

function mentions(it: Expression, holder: string): boolean {
  if (it.text === holder) return true;
  for (const each of walk(it)) if ((each.type === 'name' || each.type === 'attribute') && each.text === holder) return true;
  return false;
}

/** On which paths a releasing call runs, by where it stands. */
export function pathOf(it: Node, role: string): Release['how'] {
  let inner: Node = it;
  let functions = 0;
  for (let node = it.parent; node !== undefined; inner = node, node = node.parent) {
    if (node.type === 'try' && node.final.includes(inner as never)) return 'finally';
    if (node.type === 'function') {
      functions += 1;
      if (role === 'fixture' && yieldsBefore(node, it)) return 'fixture';
    }
    if (node.type === 'lambda') return 'cleanup';
  }
  if (functions > 1) return 'cleanup'; // inside a function of its own: called by whoever registered it
  if (role === 'teardown' || role === 'class-teardown' || role === 'module-teardown') return 'teardown';
  return 'inline';
}

function yieldsBefore(owner: FunctionDefinition, at: Node): boolean {
  const before = (node: Node) => (node.place as unknown as { start: number }).start < (at.place as unknown as { start: number }).start;
  for (const it of walk(owner)) if ((it.type === 'yield' || it.type === 'yield from') && before(it)) return true;
  return false;
}

/** Has somebody else been made responsible for what `holder` holds? */
function handedOn(holder: string, acquisition: Acquisition, call: Call, owner: FunctionSubject | undefined, around: Surroundings, releases: Release[]): Resource['fate'] | undefined {
  const body: Node | undefined = owner?.node;
  if (body === undefined) return undefined;
  for (const it of walk(body)) {
    if ((it.type !== 'name' && it.type !== 'attribute') || it.text !== holder || it.parent === undefined) continue;
    const parent = it.parent;
    switch (parent.type) {
      case 'return': case 'yield': case 'lambda':
        return 'handed on';
      case 'list': case 'tuple': case 'dict': case 'set': case 'conditional':
        if (parent.parent?.type !== 'assignment' || !parent.parent.targets.includes(parent as Expression)) return acquisition.plain === true && parent.type !== 'tuple' ? undefined : 'handed on';
        break;
      case 'assignment':
        if (parent.value === it) {
          const [target] = parent.targets;
          if (target?.type === 'name' || (target?.type === 'attribute' && (target.object.text === 'self' || target.object.text === 'cls'))) {
            const count = releases.length;
            if (target.text !== holder) collect(target.text, acquisition, call, owner, around, releases);
            if (releases.length > count) return 'released';
            if (target.type === 'attribute' && around.unresolvedBase) return 'unknown';
          } else return 'handed on';
        }
        break;
      case 'call':
        if (acquisition.plain !== true && acquisition.sort !== 'patcher' && parent.arguments.some((each) => each.value === it) && !isBorrower(parent.callee)) return 'handed on';
        if (/^(?:append|add|insert|extend|put|push|register\w*|setdefault)$/.test(parent.method) && parent.arguments.some((each) => each.value === it)) return 'handed on';
        break;
      default:
    }
  }
  return undefined;
}

export function short(text: string): string {
  const line = text.replace(/\s+/g, ' ');
  return line.length > 60 ? `${line.slice(0, 57)}...` : line;
}
