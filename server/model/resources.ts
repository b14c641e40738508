/**
 * Resources: what a call acquires, what holds it, and everything that gives it back, on which paths.
 * Lexical within a function, and across the methods of a class for what `self` holds.
 */
import type { Call, Expression, FunctionDefinition, FunctionSubject, Node, Release, Resource, Statement } from '../../rules/model.ts';
import { argument, isConstant, walk } from '../../rules/model.ts';
import { isPatcherName } from '../../rules/python/mock.ts';
import {
  ACQUISITIONS,
  type Acquisition,
  BORROWERS,
  ENTER_METHODS,
  MULTIPROCESSING,
  PARTS,
  PATCHER,
  TEMPORARY_PATH,
  THREAD,
} from '../../rules/python/resources.ts';
import type { ClassShape } from './frame.ts';
import { functionAround, pathOf, releasesIn, short } from './releases.ts';

/** What a resource's owner can look at beyond its own body. */
export interface Surroundings {
  /** Methods of the class and its known ancestors that belong to the frame, with their roles. */
  readonly methods: readonly { readonly node: FunctionDefinition; readonly role: string }[];
  readonly shape: ClassShape | undefined;
  /** Statements at module level that are neither imports nor definitions. */
  looseStatements(): Iterable<Statement>;
  /** Methods of the fixtures of the workspace that set-up methods use. */
  fixtureMethods(): readonly FunctionDefinition[];
  guarantor(what: 'stopall' | 'nested-temp' | 'environment' | 'config-reset'): string | undefined;
  /** The sibling function that sets back what a function of the workspace keeps in its module. */
  reverseOf(name: string): string | undefined;
  readonly unresolvedBase: boolean;
}

/** Can a call of this name acquire something? */
export function canAcquire(callee: string, method: string): boolean {
  return method === 'start' || PARTS.has(callee) || ACQUISITIONS.has(callee);
}

/** What a call acquires: nothing, one thing, or several (`mkstemp` opens a descriptor and makes a file). */
export function acquisitionsOf(call: Call): readonly Acquisition[] {
  const callee = call.callee;
  if (callee === undefined) return [];
  const parts = PARTS.get(callee);
  if (parts !== undefined) return parts;
  const known = ACQUISITIONS.get(callee);
  if (known !== undefined) {
    if (known.sort === 'file' && belongsToAnother(call)) return [];
    const kept = callee === 'tempfile.NamedTemporaryFile' && isConstant((argument(call, 'delete') ?? call).value, false);
    return kept ? [known, { ...TEMPORARY_PATH, attribute: 'name' }] : [known];
  }
  if (call.method !== 'start') return [];
  const object = callee.slice(0, -'.start'.length);
  if (isPatcherName(object)) return [PATCHER];
  if (object === 'threading.Thread()') return [THREAD];
  if (object === 'multiprocessing.Process()') return [MULTIPROCESSING];
  return object === 'threading.Timer()' ? [{ ...THREAD, sort: 'timer' }] : [];
}

/** Opened over what somebody else holds: a descriptor that stays open, a file object, a buffer in memory. */
function belongsToAnother(call: Call): boolean {
  if (argument(call, 'fileobj') !== undefined) return true;
  const closefd = argument(call, 'closefd', call.callee === 'io.FileIO' ? 2 : undefined);
  if (closefd !== undefined && !isConstant(closefd.value, true)) return true;
  return /^io\.(?:BytesIO|StringIO)\(\)/.test(call.arguments[0]?.value.refersTo ?? '');
}

export function resourceOf(call: Call, acquisition: Acquisition, owner: FunctionSubject | undefined, around: Surroundings): Resource {
  const releases: Release[] = [];
  const started = call.method === 'start' && acquisition.started === true;
  const entered = started || acquisition.entering === false ? undefined : enteredBy(call);
  let holder: string | undefined;
  let fate: Resource['fate'] | undefined;
  let handedTo: Call | undefined;
  if (entered !== undefined) releases.push(entered);
  else {
    const immediate = started ? undefined : releasedAtOnce(call, acquisition, owner);
    const held = started ? heldText(call.function.type === 'attribute' ? call.function.object : call) : holderOf(call, acquisition);
    holder = held;
    if (immediate !== undefined) releases.push(immediate);
    else if (holder !== undefined) collect(holder, acquisition, call, owner, around, releases);
    else if (!started) ({ fate, handedTo } = escapesAt(call, acquisition));
    if (holder !== undefined && releases.every((it) => it.how === 'inline'))
      ({ fate, handedTo } = handedOn(holder, acquisition, call, owner, around, releases));
  }
  const guarantee =
    acquisition.sort === 'patcher'
      ? 'stopall'
      : acquisition.sort.startsWith('temporary') && acquisition.sort !== 'temporary descriptor'
        ? 'nested-temp'
        : undefined;
  const guarantor = guarantee === undefined || (owner !== undefined && owner.class === undefined) ? undefined : around.guarantor(guarantee);
  if (guarantor !== undefined) releases.push({ how: 'guarantee', place: undefined, by: guarantor });
  if (releases.length > 0) fate = 'released';
  fate ??= keptElsewhere(holder, call, owner, around);
  return {
    type: 'resource',
    sort: acquisition.sort,
    call,
    place: call.place,
    holder,
    handedTo: fate === 'handed on' ? handedTo : undefined,
    releases,
    fate,
    owner,
  };
}

/** Who answers for what is kept beyond the function: an object for itself, a module for what we do not follow. */
function keptElsewhere(holder: string | undefined, call: Call, owner: FunctionSubject | undefined, around: Surroundings): Resource['fate'] {
  if (holder === undefined) return 'leaks';
  if (owner === undefined) return 'unknown';
  if (holder.includes('.') && !/^(?:self|cls)\.\w+(?:\.name)?$|^\w+\.name$/.test(holder)) return 'handed on';
  if (holder.startsWith('self.') || holder.startsWith('cls.')) {
    if (owner.class?.isTest !== true || isOfInnerClass(call, owner)) return 'handed on';
    return around.unresolvedBase ? 'unknown' : 'leaks';
  }
  return isGlobal(holder, owner.node) ? 'unknown' : 'leaks';
}

/** In a method of a class that is written inside a function: `self` is another one. */
function isOfInnerClass(call: Call, owner: FunctionSubject): boolean {
  const inner = functionAround(call);
  return inner !== undefined && inner !== owner.node && inner.parameters[0]?.name === 'self';
}

function isGlobal(holder: string, owner: FunctionDefinition): boolean {
  for (const it of walk(owner)) if ((it.type === 'global' || it.type === 'nonlocal') && it.operands.some((each) => each.text === holder)) return true;
  return false;
}

/** `with call`, `enterContext(call)`, `closing(call)`, a decorator. */
function enteredBy(call: Call): Release | undefined {
  let inner: Node = call;
  for (let it = call.parent; it !== undefined; inner = it, it = it.parent) {
    if (it.type === 'with')
      return it.items.some((item) => item.context === inner) ? { how: 'with', place: inner.place, by: `with ${short(inner.text)}` } : undefined;
    if (it.type === 'function' || it.type === 'class')
      return it.body.includes(inner as never) ? undefined : { how: 'with', place: inner.place, by: `@${short(inner.text)}` };
    if (it.type === 'call') {
      if (!ENTER_METHODS.has(it.method) || !it.arguments.some((each) => each.value === inner)) return undefined;
      if (it.method !== 'closing' && it.method !== 'aclosing')
        return { how: it.method === 'useFixture' ? 'fixture' : 'with', place: it.place, by: short(it.text) };
    } else if (it.type !== 'await') return undefined;
  }
  return undefined;
}

/** `open(p, 'w').close()`, `os.close(open(p).fileno())`, `Popen(c).wait()`. */
function releasedAtOnce(call: Call, acquisition: Acquisition, owner: FunctionSubject | undefined): Release | undefined {
  const { parent } = call;
  if (parent?.type !== 'attribute' || parent.parent?.type !== 'call' || parent.parent.function !== parent || !acquisition.methods.includes(parent.name))
    return undefined;
  return { how: pathOf(call, owner?.role ?? 'helper') === 'finally' ? 'finally' : 'with', place: parent.parent.place, by: short(parent.parent.text) };
}

function heldText(it: Expression): string | undefined {
  return it.type === 'name' || it.type === 'attribute' ? it.text : undefined;
}

/** What turns a path into another spelling of it. */
const KEEPS_PATH: ReadonlySet<string> = new Set([
  'os.path.realpath',
  'os.path.abspath',
  'os.path.normpath',
  'os.path.normcase',
  'builtins.str',
  'pathlib.Path',
  'os.fspath',
  'os.fsencode',
]);

/** The name or attribute that a call's result, or a part of it, is kept in. */
function holderOf(call: Call, acquisition: Acquisition): string | undefined {
  let inner: Node = call;
  let parent = call.parent;
  if (parent?.type === 'await') {
    inner = parent;
    parent = parent.parent;
  }
  while (acquisition.plain === true && parent?.type === 'call' && KEEPS_PATH.has(parent.callee ?? '') && parent.arguments[0]?.value === inner) {
    inner = parent;
    parent = parent.parent;
  }
  let taken: number | undefined;
  if (parent?.type === 'subscript' && parent.object === inner && parent.index[0]?.type === 'number') {
    taken = parent.index[0].number;
    inner = parent;
    parent = parent.parent;
  }
  const whole = targetOf(inner, parent);
  if (whole === undefined) return undefined;
  const { element } = acquisition;
  const named = (it: Expression | undefined) => {
    const text = it === undefined ? undefined : heldText(it);
    return text === undefined || acquisition.attribute === undefined ? text : `${text}.${acquisition.attribute}`;
  };
  if (taken !== undefined) return taken === element ? named(whole) : undefined;
  if (whole.type === 'tuple' || whole.type === 'list') return named(whole.items[element ?? 0]);
  return element === undefined ? named(whole) : undefined; // a tuple kept whole is not followed
}

function targetOf(value: Node, parent: Node | undefined): Expression | undefined {
  if (parent?.type === 'walrus' && parent.assigned === value) return parent.target;
  if (parent?.type === 'with') return parent.items.find((it) => it.context === value)?.target;
  return parent?.type === 'assignment' && parent.value === value ? parent.targets[0] : undefined;
}

interface Fate {
  readonly fate: Resource['fate'] | undefined;
  readonly handedTo: Call | undefined;
}

const KEPT: Fate = { fate: undefined, handedTo: undefined };
const GIVEN: Fate = { fate: 'handed on', handedTo: undefined };

/** What becomes of a result that nobody names. */
function escapesAt(call: Call, acquisition: Acquisition): Fate {
  let inner: Node = call;
  let parent = call.parent;
  while (parent?.type === 'await') {
    inner = parent;
    parent = parent.parent;
  }
  switch (parent?.type) {
    case 'return':
    case 'yield':
    case 'yield from':
    case 'lambda':
    case 'list':
    case 'tuple':
    case 'set':
    case 'dict':
    case 'comprehension':
    case 'conditional':
    case 'operation':
    case 'star':
    case 'assignment': // to a subscript or an attribute of something else
      return GIVEN;
    case 'subscript':
      // `mkstemp()[1]` drops the descriptor
      return acquisition.sort === 'temporary descriptor' && parent.index[0]?.type === 'number' && parent.index[0].number === 1 ? KEPT : GIVEN;
    case 'call':
      if (!parent.arguments.some((it) => it.value === inner)) return KEPT;
      if (KEEPS_PATH.has(parent.callee ?? '') && acquisition.plain === true) return GIVEN;
      return isBorrower(parent.callee) && (acquisition.sort === 'file' || acquisition.plain === true) ? KEPT : { fate: 'handed on', handedTo: parent };
    default:
      return KEPT;
  }
}

function isBorrower(callee: string | undefined): boolean {
  return callee !== undefined && BORROWERS.some((it) => callee.startsWith(it));
}

/** Finds what releases `holder`: in the body of the owner, and for `self.x` in the methods of the class. */
function collect(holder: string, acquisition: Acquisition, call: Call, owner: FunctionSubject | undefined, around: Surroundings, releases: Release[]): void {
  const body = owner?.node;
  if (body !== undefined) releases.push(...releasesIn(body, holder, acquisition, owner?.role ?? 'helper', call));
  else {
    let root: Node = call;
    while (root.parent !== undefined) root = root.parent;
    releases.push(...releasesIn(root, holder, acquisition, 'module', call));
  }
  const isAttribute = holder.startsWith('self.') || holder.startsWith('cls.');
  if (!isAttribute && body !== undefined && !isGlobal(holder, body)) return;
  const tail = isAttribute ? holder.slice(holder.indexOf('.')) : holder;
  const spellings = isAttribute ? [`self${tail}`, `cls${tail}`] : [holder];
  for (const { node, role } of around.methods) {
    if (node === body || !node.text.includes(tail)) continue;
    // A helper counts as what calls or registers it.
    const as = role === 'helper' && around.methods.some((it) => it.role.endsWith('teardown') && it.node.text.includes(`.${node.name}(`)) ? 'teardown' : role;
    const registered = role === 'helper' && around.methods.some((it) => new RegExp(`[cC]leanup\\((?:self|cls)\\.${node.name}\\b`).test(it.node.text));
    for (const spelled of spellings) {
      for (const it of releasesIn(node, spelled, acquisition, as, undefined)) {
        // Who calls the helper, and when, is not followed: the benefit of the doubt.
        releases.push(it.how !== 'inline' ? it : { ...it, how: registered ? 'cleanup' : 'teardown' });
      }
    }
  }
}

/** Has somebody else been made responsible for what `holder` holds? */
function handedOn(holder: string, acquisition: Acquisition, call: Call, owner: FunctionSubject | undefined, around: Surroundings, releases: Release[]): Fate {
  if (owner === undefined) return KEPT;
  for (const it of walk(owner.node)) {
    if ((it.type !== 'name' && it.type !== 'attribute') || it.text !== holder || it.parent === undefined) continue;
    const found = handedOnAt(it, it.parent, holder, acquisition, call, owner, around, releases);
    if (found !== undefined) return found;
  }
  return KEPT;
}

function handedOnAt(
  it: Expression,
  parent: Node,
  holder: string,
  acquisition: Acquisition,
  call: Call,
  owner: FunctionSubject,
  around: Surroundings,
  releases: Release[],
): Fate | undefined {
  switch (parent.type) {
    case 'return':
    case 'yield':
    case 'lambda':
    case 'delete':
      return GIVEN;
    case 'list':
    case 'tuple':
    case 'dict':
    case 'set':
    case 'conditional':
      if (parent.parent?.type === 'assignment' && parent.parent.targets.includes(parent)) return undefined;
      return acquisition.plain === true && parent.type !== 'tuple' ? undefined : GIVEN;
    case 'assignment': {
      if (parent.value?.type === 'constant' && parent.targets.includes(it)) return GIVEN; // `f = None` drops it
      if (parent.value !== it) return undefined;
      const [target] = parent.targets;
      const known = target?.type === 'name' || (target?.type === 'attribute' && (target.object.text === 'self' || target.object.text === 'cls'));
      if (!known) return GIVEN;
      const count = releases.length;
      if (target.text !== holder) collect(target.text, acquisition, call, owner, around, releases);
      if (releases.length > count) return { fate: 'released', handedTo: undefined };
      if (target.type === 'attribute' && (around.unresolvedBase || owner.class?.isTest !== true)) return { fate: 'unknown', handedTo: undefined };
      return undefined;
    }
    case 'call': {
      const given = parent.arguments.some((each) => each.value === it);
      if (!given) return undefined;
      if (acquisition.plain !== true && acquisition.sort !== 'patcher' && !isBorrower(parent.callee)) return { fate: 'handed on', handedTo: parent };
      return /^(?:append|add|insert|extend|put|push|register\w*|setdefault)$/.test(parent.method) ? GIVEN : undefined;
    }
    default:
      return undefined;
  }
}
