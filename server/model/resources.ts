/**
 * Resources: what a call acquires, what holds it, and everything that gives it back, on which paths.
 * Lexical within a function, and across the methods of a class for what `self` holds.
 */
import type { Attribute, Call, Expression, FunctionDefinition, FunctionSubject, Name, Node, Release, Resource, Statement } from '../../rules/model.ts';
import { argument, argumentFor, constantText, isConstant, isStatement, walk } from '../../rules/model.ts';
import { boundIn } from '../../rules/python/bindings.ts';
import { blocksOf } from '../../rules/python/blocks.ts';
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
import { Notes } from '../../rules/remembered.ts';
import type { ClassShape } from './frame.ts';
import { type Loop, listHolding, loopAround, loopsIn } from './items.ts';
import { localsOf } from './locals.ts';
import { returnedExpressions } from './names.ts';
import { functionAround, mentions, pathOf, releasesIn, short, speakingOf } from './releases.ts';
import { isForgottenStack } from './stacks.ts';
import { spotOf } from './tree.ts';

/** What a resource's owner can look at beyond its own body. */
export interface Surroundings {
  /** Methods of the class and its known ancestors that belong to the frame, with their roles. */
  readonly methods: readonly { readonly node: FunctionDefinition; readonly role: string }[];
  readonly shape: ClassShape | undefined;
  /** Statements at module level that are neither imports nor definitions. */
  looseStatements(): Iterable<Statement>;
  /** Methods of the fixtures of the workspace that set-up methods use. */
  fixtureMethods(): Surroundings['methods'];
  /** The pytest fixtures of the workspace that run for a test or fixture. */
  pytestFixtures(owner: FunctionDefinition): Iterable<FunctionDefinition>;
  guarantor(what: 'stopall' | 'nested-temp' | 'environment' | 'config-reset'): string | undefined;
  /** The sibling function that sets back what a function of the workspace keeps in its module. */
  reverseOf(name: string): string | undefined;
  /** The function or method of the workspace that a call means. */
  functionCalled(callee: string): FunctionDefinition | undefined;
  /** What the end of a `with` over an object of the class runs: its `__exit__`, and those of its bases that are called on. */
  exitsOf(name: string): readonly FunctionDefinition[];
  readonly unresolvedBase: boolean;
}

/** Can a call of this name acquire something? */
export function canAcquire(callee: string, method: string): boolean {
  return method === 'start' || PARTS.has(callee) || ACQUISITIONS.has(callee);
}

/** What a call acquires: nothing, one thing, or several (`mkstemp` opens a descriptor and makes a file). */
export function acquisitionsOf(call: Call, around?: Surroundings): readonly Acquisition[] {
  const callee = call.callee;
  if (callee === undefined) return [];
  const parts = PARTS.get(callee);
  if (parts !== undefined) return parts;
  const known = ACQUISITIONS.get(callee);
  if (known !== undefined) {
    if (known.sort === 'file' && belongsToAnother(call)) return [];
    if (known.sort === 'database' && (connectsLater(call) || (known.lazy === true && isNeverAsked(call)))) return [];
    const kept = callee === 'tempfile.NamedTemporaryFile' && isConstant((argument(call, 'delete') ?? call).value, false);
    return kept ? [known, { ...TEMPORARY_PATH, attribute: 'name' }] : [known];
  }
  const made = around?.functionCalled(callee);
  if (made !== undefined) return givenTo(call, made);
  if (call.method !== 'start') return [];
  const object = callee.slice(0, -'.start'.length);
  if (isPatcherName(object)) return [PATCHER];
  if (object === 'threading.Thread()') return [THREAD];
  if (object === 'multiprocessing.Process()') return [MULTIPROCESSING];
  return object === 'threading.Timer()' ? [{ ...THREAD, sort: 'timer' }] : [];
}

/** What a call of a function of the workspace acquires: nothing over a file object that it is given. */
export function givenTo(call: Call, made: FunctionDefinition): readonly Acquisition[] {
  return argument(call, 'fileobj') === undefined ? givenAway(made) : [];
}

const given = new Notes<FunctionDefinition, readonly Acquisition[]>();

/** What a function of the workspace acquires and returns to its caller, with nobody else told to release it. */
function givenAway(node: FunctionDefinition): readonly Acquisition[] {
  const known = given.of(node);
  if (known !== undefined) return known;
  given.note(node, []);
  if (/\byield\b|[cC]leanup|addfinalizer|atexit|useFixture|enter_?[cC]ontext/.test(node.text)) return [];
  const returned = returnedExpressions(node);
  const [only] = returned;
  if (only === undefined || returned.length !== 1) return [];
  let result: readonly Acquisition[] = [];
  if (only.type === 'call') result = acquisitionsOf(only);
  else if (only.type === 'name' && only.value.kind === 'result') {
    const { call } = only.value;
    const [acquired, ...others] = acquisitionsOf(call);
    const isOnlyUsed = [...walk(node)].every(
      (it) =>
        it.type !== 'name' ||
        it.id !== only.id ||
        it === only ||
        it.parent?.type === 'attribute' ||
        (it.parent?.type === 'assignment' && it.parent.value === call),
    );
    if (acquired !== undefined && others.length === 0 && isOnlyUsed && [...releasesIn(node, only.id, acquired, 'helper', call)].length === 0)
      result = [acquired];
  }
  // A path is data; who makes it for others says so by its name. What opens nothing yet is opened by the caller, or never.
  if (result.some((it) => it.plain === true || it.element !== undefined || it.lazy === true)) result = [];
  given.note(node, result);
  return result;
}

/** `MongoClient(connect=False)`, `pymysql.connect(defer_connect=True)` */
function connectsLater(call: Call): boolean {
  const [now, later] = [argument(call, 'connect'), argument(call, 'defer_connect')];
  return (now !== undefined && isConstant(now.value, false)) || (later !== undefined && isConstant(later.value, true));
}

/** An engine of which only attributes are read, or that is used only where it is expected to be refused. */
function isNeverAsked(call: Call): boolean {
  if (isOnlyRead(call)) return true;
  const target = call.parent?.type === 'assignment' ? call.parent.targets[0] : undefined;
  const around = target?.type === 'name' ? functionAround(call) : undefined;
  if (around === undefined || target?.type !== 'name') return false;
  const uses = walk(around).filter((it) => it.type === 'name' && it.id === target.id && it !== target);
  return uses.length > 0 && uses.every((it) => isOnlyRead(it) || (it.parent?.type === 'call' && expectsRefusal(it.parent)));
}

/** `engine.url`, `engine.dialect.name`: what is called on neither asks for a connection. */
function isOnlyRead({ parent }: Node): boolean {
  return parent?.type === 'attribute' && !(parent.parent?.type === 'call' && parent.parent.function === parent);
}

function expectsRefusal({ method }: Call): boolean {
  return /raises/i.test(method);
}

/** Opened over what somebody else holds: a descriptor that stays open, a file object, a buffer in memory. */
function belongsToAnother(call: Call): boolean {
  if (argument(call, 'fileobj') !== undefined) return true;
  const closefd = argument(call, 'closefd', call.callee === 'io.FileIO' ? 2 : undefined);
  if (closefd !== undefined && !isConstant(closefd.value, true)) return true;
  const first = call.arguments[0]?.value;
  if (/^io\.(?:BytesIO|StringIO)\(\)/.test(first?.refersTo ?? '')) return true;
  // `with open(path, 'rb') as f: gzip.open(f)`
  if (first?.type !== 'name' || call.callee === 'builtins.open' || call.parent?.type === 'with') return false;
  for (let it: Node | undefined = call.parent; it !== undefined && it.type !== 'function'; it = it.parent)
    if (it.type === 'with' && it.items.some((item) => item.target?.text === first.id)) return true;
  return false;
}

export function resourceOf(call: Call, acquired: Acquisition, owner: FunctionSubject | undefined, around: Surroundings): Resource {
  const { from, of: acquisition } = pathTaken(call, acquired);
  const releases: Release[] = [];
  const started = call.method === 'start' && acquisition.started === true;
  const entered = started || acquisition.entering === false ? undefined : enteredBy(call, around);
  let holder: string | undefined;
  let fate: Resource['fate'] | undefined;
  let handedTo: Call | undefined;
  if (entered !== undefined) releases.push(entered);
  else {
    const immediate = started ? undefined : releasedAtOnce(call, acquisition, owner);
    const held = started ? heldText(call.function.type === 'attribute' ? call.function.object : call) : holderOf(from, acquisition);
    holder = held;
    if (immediate !== undefined) releases.push(immediate);
    else if (holder !== undefined) {
      for (const name of [holder, ...otherHolders(call, acquisition)]) collect(name, acquisition, call, owner, around, releases);
      const loop = loopAround(holder, call);
      if (loop !== undefined) {
        collectFromLoops(loop, acquisition, owner, around, releases);
        if (releases.length === 0 && /^[\w.]+$/.test(loop.list)) {
          holder = loop.list;
          if (isUsedBeyondLoops(loop.list, owner)) fate = 'handed on';
        }
      }
    } else if (!started) ({ fate, handedTo } = escapesAt(call, acquisition, owner, around, releases));
    if (fate === undefined && holder !== undefined && releases.every((it) => it.how === 'inline'))
      ({ fate, handedTo } = handedOn(holder, acquisition, call, owner, around, releases));
  }
  if (acquisition.sort === 'thread' && releases.length === 0) stopsOfLoop(call, owner, around, releases);
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
  return isSaidOuter(holder, call) ? 'unknown' : 'leaks';
}

/** In a method of a class that is written inside a function: `self` is another one. */
function isOfInnerClass(call: Call, owner: FunctionSubject): boolean {
  const inner = functionAround(call);
  return inner !== undefined && inner !== owner.node && inner.parameters[0]?.name === 'self';
}

/** By `global` or `nonlocal`, in a function around the call. */
function isSaidOuter(holder: string, call: Node): boolean {
  const around = functionAround(call);
  return around !== undefined && (localsOf(around).outer.has(holder) || isSaidOuter(holder, around));
}

/** Does a function around it, or itself, bind what the name begins with? What none of them binds is the module's. */
function isOwn(holder: string, it: Node): boolean {
  const around = it.type === 'function' ? it : functionAround(it);
  if (around === undefined) return false;
  const { outer, bindings } = localsOf(around);
  const [root = holder] = holder.split('.');
  return !outer.has(root) && (bindings.has(root) || (around.parent !== undefined && isOwn(holder, around.parent)));
}

/** `with call`, `enterContext(call)`, `closing(call)`, a decorator. */
function enteredBy(call: Call, around: Surroundings): Release | undefined {
  let inner: Node = call;
  for (let it = call.parent; it !== undefined; inner = it, it = it.parent) {
    if (it.type === 'with')
      return it.items.some((item) => item.context === inner) ? { how: 'with', place: inner.place, by: `with ${short(inner.text)}` } : undefined;
    if (it.type === 'function' || it.type === 'class')
      return it.body.includes(inner as never) ? undefined : { how: 'with', place: inner.place, by: `@${short(inner.text)}` };
    if (it.type === 'call') {
      if (!ENTER_METHODS.has(it.method) || !it.arguments.some((each) => each.value === inner) || isForgottenStack(it, around)) return undefined;
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

/** With nothing to join, `os.path.join` gives the path itself. */
function keepsPath({ callee = '', arguments: given }: Call): boolean {
  return KEEPS_PATH.has(callee) || (callee === 'os.path.join' && given.length === 1);
}

/** `Path(path).resolve()`: the outermost of the calls that only spell a path otherwise. */
function spelledBy(it: Call): Call {
  const again = it.parent?.type === 'attribute' && /^(?:resolve|absolute|expanduser|as_posix)$/.test(it.parent.name) ? it.parent.parent : undefined;
  return again?.type === 'call' && again.function === it.parent ? spelledBy(again) : it;
}

/** `NamedTemporaryFile(delete=False).name`: the path, and what is known of it; else the call itself. */
function pathTaken(call: Call, acquisition: Acquisition): { readonly from: Node; readonly of: Acquisition } {
  const { attribute, ...of } = acquisition;
  const { parent } = call;
  return parent?.type === 'attribute' && parent.name === attribute ? { from: parent, of } : { from: call, of: acquisition };
}

/** The name or attribute that a call's result, or a part of it, is kept in. */
function holderOf(call: Node, acquisition: Acquisition): string | undefined {
  let inner: Node = call;
  let parent = call.parent;
  if (parent?.type === 'await') {
    inner = parent;
    parent = parent.parent;
  }
  while (acquisition.plain === true && parent?.type === 'call' && keepsPath(parent) && parent.arguments[0]?.value === inner) {
    inner = spelledBy(parent);
    parent = inner.parent;
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

/** `folder = self.folder = mkdtemp()`: the other names. */
function otherHolders(call: Call, { element, attribute }: Acquisition): readonly string[] {
  if (call.parent?.type !== 'assignment' || element !== undefined || attribute !== undefined) return [];
  return call.parent.targets.slice(1).flatMap((it) => heldText(it) ?? []);
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
function escapesAt(call: Call, acquisition: Acquisition, owner: FunctionSubject | undefined, around: Surroundings, releases: Release[]): Fate {
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
    case 'attribute':
      // `ThreadPoolExecutor().submit(…)`: its thread ends with the task, since nothing keeps the executor.
      if (acquisition.sort === 'executor' && parent.name === 'submit') return GIVEN;
      if (isServedForEver(parent, acquisition)) return GIVEN;
      // `decoded(mkdtemp().encode())` is about the same path.
      return acquisition.plain === true && parent.parent?.type === 'call' && parent.parent.parent?.type === 'call' ? GIVEN : KEPT;
    case 'call':
      if (!parent.arguments.some((it) => it.value === inner)) return KEPT;
      // `Repo(os.path.join(mkdtemp(), 'target'))`: who has the path below knows the folder.
      if (acquisition.plain === true && parent.callee === 'os.path.join' && parent.parent?.type !== 'assignment')
        return escapesAt(parent, acquisition, owner, around, releases);
      collectAbove(parent, acquisition, owner, around, releases);
      if (acquisition.plain === true && parent.callee !== 'os.path.join' && parent.parent?.type === 'assignment')
        for (const it of parent.parent.targets) if (isOwnName(it)) collect(it.text, acquisition, parent, owner, around, releases);
      if (releases.length > 0) return { fate: 'released', handedTo: undefined };
      if (KEEPS_PATH.has(parent.callee ?? '') && acquisition.plain === true) return GIVEN;
      if (ENTER_METHODS.has(parent.method) && isForgottenStack(parent, around)) return KEPT;
      switch (takenBy(parent, inner, acquisition, owner, around, releases)) {
        case 'released':
          return { fate: 'released', handedTo: undefined };
        case 'borrowed':
          return KEPT;
      }
      return isBorrower(parent.callee) && (acquisition.sort === 'file' || acquisition.plain === true) ? KEPT : { fate: 'handed on', handedTo: parent };
    default:
      return KEPT;
  }
}

const MAX_DEPTH = 3;

/** What a function of the workspace does with what a call gives it; `kept` also when that cannot be told. */
function takenBy(
  call: Call,
  given: Node,
  acquisition: Acquisition,
  owner: FunctionSubject | undefined,
  around: Surroundings,
  releases: Release[],
  depth = 0,
): 'released' | 'borrowed' | 'kept' {
  const node = call.callee === undefined || depth > MAX_DEPTH ? undefined : around.functionCalled(call.callee);
  const parameter = node?.parameters.find((it) => argumentFor(call, node, it.name) === given)?.name;
  if (node === undefined || parameter === undefined) return 'kept';
  const inside = [...releasesIn(node, parameter, acquisition, 'helper', undefined)];
  const [first] = inside;
  if (first !== undefined) {
    const how = inside.find((it) => it.how === 'cleanup')?.how ?? pathOf(call, owner?.role ?? 'helper');
    releases.push({ how, place: call.place, by: short(call.text) });
    return 'released';
  }
  for (const it of walk(node)) {
    if (it.type !== 'name' || it.id !== parameter || it.parent === undefined) continue;
    const { parent } = it;
    if (parent.type === 'attribute' && acquisition.sort === 'process' && isPolled(parent, call)) return 'kept';
    if (parent.type === 'call' && parent.function !== it && !isBorrower(parent.callee)) {
      const taken = takenBy(parent, it, acquisition, owner, around, releases, depth + 1);
      if (taken !== 'borrowed') return taken;
    } else if (!LOOKS_AT.has(parent.type) && !(parent.type === 'call' && isBorrower(parent.callee))) return 'kept';
  }
  return 'borrowed';
}

/** Nodes that look at a name's value without keeping it. */
const LOOKS_AT: ReadonlySet<string> = new Set([
  'attribute',
  'comparison',
  'subscript',
  'for',
  'if',
  'while',
  'assert',
  'fstring',
  'expression',
  'comprehension',
]);

function isBorrower(callee: string | undefined): boolean {
  return callee !== undefined && BORROWERS.some((it) => callee.startsWith(it));
}

/** Statements of a block that are not gone through for every name. */
const MANY = 200;

/** Between where the name was given what the call is about and where it is given something else, in the same block. */
function heldFor(holder: string, call: Node): { readonly since: number; readonly until: number } {
  let statement: Node = call;
  while (statement.parent !== undefined && !isStatement(statement)) statement = statement.parent;
  const { start } = spotOf(statement.place);
  let since = Number.NEGATIVE_INFINITY;
  for (const block of blocksOf(statement.parent)) {
    if (!block.includes(statement as Statement)) continue;
    for (const it of statement.parent === undefined || block.length < MANY ? block : speakingOf(holder, statement.parent)) {
      if (it.parent !== statement.parent || it.type !== 'assignment' || it.value?.type !== 'call' || !it.targets.some((each) => each.text === holder)) continue;
      const spot = spotOf(it.place);
      if (spot.start > start) return { since, until: spot.end };
      since = spot.start;
    }
  }
  return { since, until: Number.POSITIVE_INFINITY };
}

/** Is the release about what this call acquires, and not about what the name held before or later? */
function isOfThis(release: Release, call: Node, { since, until }: { readonly since: number; readonly until: number }): boolean {
  if (release.place === undefined) return true;
  const at = spotOf(release.place);
  const from = spotOf(call.place);
  if (at.page !== from.page || release.by.includes('lambda')) return true;
  if (at.start >= until) return release.how === 'finally';
  return at.start > from.start || (release.how === 'cleanup' && at.start > since) || isRepeated(call);
}

/** In a function beside the call that sees its name: it runs when it is called, wherever it is written. */
function isInClosure({ place }: Release, holder: string, call: Call, body: FunctionDefinition): boolean {
  if (place === undefined) return false;
  const spot = spotOf(place);
  return walk(body).some((it) => {
    if (it.type !== 'function' || it === body || functionAround(it) !== functionAround(call)) return false;
    const { start, end } = spotOf(it.place);
    return start < spot.start && spot.end <= end && !boundIn(it, holder);
  });
}

/** In a loop a release before the acquisition may end what the round before acquired. */
function isRepeated(call: Node): boolean {
  for (let it: Node | undefined = call.parent; it !== undefined && it.type !== 'function'; it = it.parent)
    if (it.type === 'for' || it.type === 'while') return true;
  return false;
}

/** Finds what releases `holder`: in the body of the owner, and for `self.x` in the methods of the class. */
function collect(holder: string, acquisition: Acquisition, call: Call, owner: FunctionSubject | undefined, around: Surroundings, releases: Release[]): void {
  const body = owner?.node;
  if (body !== undefined) {
    const held = heldFor(holder, call);
    for (const it of releasesIn(body, holder, acquisition, owner?.role ?? 'helper', call))
      if (isOfThis(it, call, held) || isInClosure(it, holder, call, body)) releases.push(it);
  } else {
    let root: Node = call;
    while (root.parent !== undefined) root = root.parent;
    releases.push(...releasesIn(root, holder, acquisition, 'module', call));
    // At import: what a later line of the module gives back.
    for (const it of around.looseStatements()) if (it.text.includes(holder)) releases.push(...releasesIn(it, holder, acquisition, 'module', call));
  }
  const isAttribute = holder.startsWith('self.') || holder.startsWith('cls.');
  if (!isAttribute && isOwn(holder, call)) return;
  const tail = isAttribute ? holder.slice(holder.indexOf('.')) : holder;
  const spellings = isAttribute ? [`self${tail}`, `cls${tail}`] : [holder];
  const { attribute } = acquisition;
  // A loop names the object, and what is released is an attribute of what it names.
  const named = attribute !== undefined && tail.endsWith(`.${attribute}`) ? tail.slice(0, -attribute.length - 1) : tail;
  for (const { node, role } of around.methods) {
    // `getattr(self, name)` names it in a list.
    if (node === body || !(node.text.includes(named) || (isAttribute && node.text.includes('getattr('))) || (!isAttribute && isOwn(holder, node))) continue;
    // A helper counts as what calls or registers it.
    const as = role === 'helper' && around.methods.some((it) => it.role.endsWith('teardown') && it.node.text.includes(`.${node.name}(`)) ? 'teardown' : role;
    const registered = role === 'helper' && around.methods.some((it) => new RegExp(`[cC]leanup\\((?:self|cls)\\.${node.name}\\b`).test(it.node.text));
    for (const spelled of spellings) {
      for (const it of releasesIn(node, spelled, acquisition, as, undefined)) {
        // Who calls the helper, and when, is not followed: the benefit of the doubt.
        releases.push(it.how !== 'inline' ? it : { ...it, how: registered ? 'cleanup' : 'teardown' });
      }
      // `killfile(self.file, self.name)` in a tear-down
      if (releases.length === 0 && as.endsWith('teardown')) takenIn(node, spelled, acquisition, owner, around, releases);
    }
  }
}

/** `self.shelf = os.path.join(folder, 'shelf')` … `rmtree(os.path.dirname(self.shelf))`: above a path of one more part is the folder. */
function collectAbove(below: Expression, acquisition: Acquisition, owner: FunctionSubject | undefined, around: Surroundings, releases: Release[]): boolean {
  const [, part, more] = below.type === 'call' && below.callee === 'os.path.join' ? below.arguments.map((it) => it.value) : [];
  const last = below.type === 'operation' && below.operator === '/' ? below.right : more === undefined ? part : undefined;
  const { parent } = below;
  if (acquisition.sort !== 'temporary directory' || owner === undefined || parent?.type !== 'assignment') return false;
  if (last === undefined || !/^[^/\\]+$/.test(constantText(last.value) ?? '')) return false;
  for (const target of parent.targets.filter(isOwnName)) {
    const held = heldFor(target.text, below);
    const tail = target.type === 'attribute' ? `.${target.name}` : undefined;
    const isOfIt = (it: Expression | undefined) =>
      it?.text === target.text || (tail !== undefined && (it?.text === `self${tail}` || it?.text === `cls${tail}`));
    for (const { node, role } of tail === undefined ? [owner] : [owner, ...around.methods.filter((it) => it.node !== owner.node)])
      for (const it of walk(node)) {
        const isAbove =
          it.type === 'call'
            ? it.callee === 'os.path.dirname' && isOfIt(it.arguments[0]?.value)
            : it.type === 'attribute' && it.name === 'parent' && isOfIt(it.object);
        if (!isAbove) continue;
        for (const release of releasesIn(node, it.text, acquisition, role, undefined))
          if (tail !== undefined || isOfThis(release, below, held)) releases.push(release);
      }
  }
  return releases.length > 0;
}

/** What functions of the workspace that a tear-down calls do with what it holds. */
function takenIn(
  tearDown: FunctionDefinition,
  holder: string,
  acquisition: Acquisition,
  owner: FunctionSubject | undefined,
  around: Surroundings,
  releases: Release[],
): void {
  for (const it of walk(tearDown)) {
    const given = it.type === 'call' ? it.arguments.find((each) => each.value.text === holder)?.value : undefined;
    if (it.type !== 'call' || given === undefined) continue;
    const inside: Release[] = [];
    if (takenBy(it, given, acquisition, owner, around, inside) === 'released') releases.push(...inside.map((each): Release => ({ ...each, how: 'teardown' })));
  }
}

/** What ends the loop that a thread runs: `server.shutdown()` of `Thread(target=server.serve_forever)`. */
const LOOP_ENDS: Acquisition = { sort: 'thread', methods: ['stop', 'shutdown', 'close', 'quit', 'terminate', 'cancel', 'server_close', 'disconnect'] };

function stopsOfLoop(start: Call, owner: FunctionSubject | undefined, around: Surroundings, releases: Release[]): void {
  const thread = start.function.type === 'attribute' ? start.function.object : undefined;
  const made = thread?.type === 'call' ? thread : thread?.value.kind === 'result' ? thread.value.call : undefined;
  if (made === undefined || owner === undefined) return;
  const [given, named] = [argument(made, 'args', 3), argument(made, 'kwargs', 4)];
  const taken = [...(given?.type === 'tuple' ? given.items : []), ...(named?.type === 'dict' ? named.entries.map((it) => it.value) : [])];
  for (const it of [...loopsOf(made), ...taken])
    for (const holder of otherNames(it.text, owner.node)) {
      if (holder === 'self') continue;
      collect(holder, LOOP_ENDS, start, owner, around, releases);
      if (releases.length === 0) stoppedByMethod(holder.slice(holder.lastIndexOf('.')), it.refersTo, around, releases);
      if (releases.length > 0 || !taken.includes(it) || it.refersTo?.endsWith('Event()') !== true) continue;
      // An event that the thread was given: not where the test sets it for the thread to go on.
      const set: Release[] = [];
      collect(holder, { sort: 'thread', methods: ['set'] }, start, owner, around, set);
      releases.push(...set.filter(({ how }) => how !== 'inline'));
    }
  if (releases.length === 0) metAtEnd(argument(made, 'target', 1), around, releases);
}

/** A method that once waits for somebody (`self.listener.accept()`), and a tear-down that connects before it closes what is listened on. */
function metAtEnd(target: Expression | undefined, around: Surroundings, releases: Release[]): void {
  const run = target?.type === 'attribute' && target.object.text === 'self' ? around.methods.find((it) => it.node.name === target.name)?.node : undefined;
  const inside = run === undefined ? [] : walk(run);
  if (inside.some((it) => it.type === 'while')) return;
  const waits = inside.flatMap((it) => (it.type === 'call' && it.method === 'accept' && it.function.type === 'attribute' ? [it.function.object.text] : []));
  const ends = around.methods.filter(({ node, role }) => role === 'teardown' && waits.some((it) => node.text.includes(`${it}.close`)));
  if (ends.length === 0) return;
  const told = addressesOf(waits, around);
  for (const { node } of ends) {
    const meets = walk(node).find(
      (it) =>
        it.type === 'call' &&
        /^socket\.(?:socket\(\)\.connect|create_connection)$/.test(it.callee ?? '') &&
        it.arguments.some(({ value }) => walk(value).some((each) => told.has(each.text))),
    );
    if (meets !== undefined) releases.push({ how: 'teardown', place: meets.place, by: short(meets.text) });
  }
}

/** How the address is written that listeners tell themselves: `self.addr, self.port = self.listener.getsockname()`. */
function addressesOf(listeners: readonly string[], around: Surroundings): ReadonlySet<string> {
  const told = new Set(listeners.map((it) => `${it}.getsockname`));
  for (const it of around.methods.flatMap((each) => walk(each.node)))
    if (it.type === 'assignment' && it.value !== undefined && [...told].some((each) => it.value?.text.startsWith(`${each}(`)))
      for (const each of it.targets.flatMap((one) => (one.type === 'tuple' ? one.items : [one]))) told.add(each.text);
  return told;
}

/** `cls.server.close_server()` in a tear-down, a method that calls `self.server.shutdown()`. */
function stoppedByMethod(attribute: string, of: string | undefined, around: Surroundings, releases: Release[]): void {
  for (const { node, role } of around.methods) {
    if (!role.endsWith('teardown') || !node.text.includes(`${attribute}.`)) continue;
    for (const it of walk(node)) {
      if (it.type !== 'call' || it.function.type !== 'attribute' || !/^(?:self|cls)$/.test(it.function.object.text.slice(0, -attribute.length))) continue;
      if (!it.function.object.text.endsWith(attribute)) continue;
      const called = around.functionCalled(`${of}.${it.method}`);
      if (called !== undefined && walk(called).some((each) => each.type === 'call' && LOOP_ENDS.methods.includes(each.method)))
        releases.push({ how: 'teardown', place: it.place, by: short(it.text) });
    }
  }
}

/** The objects whose method a thread runs: by name, in a lambda, or through a function of the workspace that makes the thread. */
function loopsOf(made: Call): readonly Expression[] {
  const target = made.callee === 'threading.Thread' ? argument(made, 'target', 1) : undefined;
  const targets = target !== undefined ? [target] : made.callee === 'threading.Thread' ? [] : made.arguments.map((it) => it.value);
  return targets.flatMap((it) => {
    const run = it.type === 'lambda' && it.body.type === 'call' ? it.body.function : it;
    return run.type === 'attribute' ? [run.object] : [];
  });
}

/** The names of one thing in a function: `self.patchers = patchers = […]`, `test.server = server`. */
function otherNames(name: string, body: FunctionDefinition): readonly string[] {
  const names = [name];
  for (const it of walk(body)) {
    if (it.type !== 'assignment') continue;
    if (it.value?.text === name || it.targets.some((each) => each.text === name)) names.push(...it.targets.map((each) => each.text));
  }
  return names;
}

/** Other loops over the same list: `for p in self.patchers: p.stop()` in a tear-down. */
function collectFromLoops(loop: Loop, acquisition: Acquisition, owner: FunctionSubject | undefined, around: Surroundings, releases: Release[]): void {
  const bodies: { readonly node: Node; readonly role: string }[] = owner === undefined ? [] : [owner];
  const lists = owner === undefined ? [loop.list] : otherNames(loop.list, owner.node);
  if (lists.some((it) => /^(?:self|cls)\./.test(it))) bodies.push(...around.methods.filter((it) => it.node !== owner?.node));
  for (const { node, role } of bodies) {
    for (const other of loopsIn(node)) {
      if (other.node === loop.node || !lists.includes(other.list)) continue;
      for (const it of releasesIn(other.node, other.variable, acquisition, role, undefined))
        if (!releases.some((each) => each.place === it.place)) releases.push(it);
    }
  }
}

/** Is a list of resources given to somebody, or looked into in a way that we do not follow? */
function isUsedBeyondLoops(list: string, owner: FunctionSubject | undefined): boolean {
  if (owner === undefined) return true;
  for (const it of walk(owner.node)) {
    if ((it.type !== 'name' && it.type !== 'attribute') || it.text !== list || it.parent === undefined) continue;
    const { parent } = it;
    const isMade = parent.type === 'assignment' && parent.targets.includes(it);
    const isFilled = parent.type === 'attribute' && parent.name === 'append';
    if (!isMade && !isFilled && parent.type !== 'for' && parent.type !== 'comprehension') return true;
  }
  return false;
}

/** `with NamedTemporaryFile(delete=False) as f: write(f)`, then `os.remove` of a name that tells the same file. */
function isRemovedByOtherName(holder: string, acquisition: Acquisition, call: Call, owner: FunctionSubject): boolean {
  const { attribute, functions } = acquisition;
  if (attribute === undefined) return false;
  const object = holder.slice(0, -attribute.length - 1);
  const inside = walk(owner.node);
  const isGiven = inside.some((it) => it.type === 'call' && !isBorrower(it.callee) && it.arguments.some((each) => each.value.text === object));
  const { start } = spotOf(call.place);
  return isGiven && inside.some((it) => it.type === 'call' && functions?.includes(it.callee ?? '') === true && spotOf(it.place).start > start);
}

/** `os.chdir(folder)`, and a removal of what then tells the same folder: `os.path.abspath('.')`. */
function isRemovedFromInside(holder: string, { sort, functions }: Acquisition, owner: FunctionSubject): boolean {
  if (sort !== 'temporary directory' || !owner.node.text.includes('chdir')) return false;
  const calls = walk(owner.node).filter((it) => it.type === 'call');
  return (
    calls.some((it) => it.callee === 'os.chdir' && it.arguments.some((each) => mentions(each.value, holder))) &&
    calls.some((it) => functions?.includes(it.callee ?? '') === true)
  );
}

/** `self.files.append(f)`, and a method of the class with `for f in self.files: os.unlink(f.name)`. */
function isRemovedWithList(holder: string, acquisition: Acquisition, owner: FunctionSubject, around: Surroundings, releases: Release[]): boolean {
  const { attribute } = acquisition;
  if (attribute === undefined || owner.class === undefined) return false;
  const object = holder.slice(0, -attribute.length - 1);
  for (const it of walk(owner.node)) {
    const list = it.type === 'name' && it.id === object ? listHolding(it) : undefined;
    if (list === undefined || !/^(?:self|cls)\.\w+$/.test(list)) continue;
    for (const { node } of around.methods) {
      if (!node.text.includes(list)) continue;
      for (const loop of loopsIn(node))
        if (loop.list === list)
          for (const each of releasesIn(loop.node, `${loop.variable}.${attribute}`, acquisition, 'teardown', undefined)) releases.push(each);
    }
  }
  return releases.length > 0;
}

/** Has somebody else been made responsible for what `holder` holds? */
function handedOn(holder: string, acquisition: Acquisition, call: Call, owner: FunctionSubject | undefined, around: Surroundings, releases: Release[]): Fate {
  if (owner === undefined) return KEPT;
  for (const it of speakingOf(holder, owner.node)) {
    if ((it.type !== 'name' && it.type !== 'attribute') || it.text !== holder || it.parent === undefined) continue;
    const found = handedOnAt(it, it.parent, holder, acquisition, call, owner, around, releases);
    if (found !== undefined) return found;
  }
  if (isRemovedWithList(holder, acquisition, owner, around, releases)) return { fate: 'released', handedTo: undefined };
  return isRemovedByOtherName(holder, acquisition, call, owner) || isRemovedFromInside(holder, acquisition, owner) ? GIVEN : KEPT;
}

/** `return path`, `return Store(path)`: who has the object knows the folder. */
function isReturnedIn(name: string, body: FunctionDefinition): boolean {
  const isGiven = (it: Expression): boolean =>
    it.text === name ||
    (it.type === 'tuple' && it.items.some(isGiven)) ||
    (it.type === 'call' && /^[A-Z]/.test(it.method) && it.arguments.some((each) => each.value.text === name));
  return walk(body).some((it) => it.type === 'return' && it.operands.some(isGiven));
}

/** A name of the function, or of its object: `f`, `self.f`. */
function isOwnName(target: Expression): target is Name | Attribute {
  return target.type === 'name' || (target.type === 'attribute' && (target.object.text === 'self' || target.object.text === 'cls'));
}

/** Is the number of a process put where others find it? */
function givesNumber(it: Attribute): boolean {
  const { parent } = it;
  if (it.name !== 'pid') return false;
  if (parent?.type === 'assignment') return parent.value === it && !parent.targets.every(isOwnName);
  return parent?.type === 'return' || parent?.type === 'yield' || parent?.type === 'dict';
}

/** A child whose input is closed or whose output is read to its end has ended, and the event loop reaps it by itself. */
function isAtEnd({ name, parent }: Attribute): boolean {
  if (parent?.type !== 'attribute' || parent.parent?.type !== 'call') return false;
  if (name === 'stdin') return parent.name === 'write_eof' || parent.name === 'close';
  return parent.name === 'read' && (parent.parent.arguments.length === 0 || isRepeated(parent.parent));
}

/**
 * `while child.poll() is None:` reaps the child that has ended; so does a function within that is called again and again,
 * and a loop that asks in its body, unless it raises then: that one waits for something else.
 */
function isPolled(it: Attribute, started: Call): boolean {
  if ((it.name !== 'poll' && it.name !== 'is_alive') || it.parent?.type !== 'call') return false;
  if (functionAround(it) !== functionAround(started)) return true;
  for (let node: Node | undefined = it.parent; node !== undefined && node.type !== 'function'; node = node.parent) {
    if (node.type === 'if' && node.body.some((each) => each.type === 'raise')) return false;
    if (node.type === 'while' || node.type === 'for') return !walk(node).includes(started);
  }
  return false;
}

/** `self.fd = f.fileno()`: who has the descriptor closes it. */
function keepsDescriptor({ name, parent }: Attribute): boolean {
  if (name !== 'fileno' || parent?.type !== 'call' || parent.parent?.type !== 'assignment') return false;
  return parent.parent.value === parent && parent.parent.targets.some((it) => it.type === 'attribute');
}

/** It never comes back: whoever ends the thread or process ends the server. */
function isServedForEver({ name, parent }: Attribute, { sort }: Acquisition): boolean {
  return sort === 'server' && (name === 'serve_forever' || name === 'run') && parent?.type === 'call';
}

/** `Shelf({'path': normal(path)})`: the outermost call that is given what is made of it. */
function madeOf(call: Call): Call {
  let made = call;
  for (let it = call.parent; it?.type === 'call' || it?.type === 'dict' || it?.type === 'list' || it?.type === 'tuple'; it = it.parent)
    if (it.type === 'call') made = it;
  return made;
}

/** `files.append(path)`, `self.parts[key] = [path, size]`: whoever goes through them later knows it. */
function isKeptAmong(name: string, body: FunctionDefinition): boolean {
  return walk(body).some((it) => {
    if (it.type !== 'name' || it.id !== name) return false;
    const { parent } = it;
    if (parent?.type === 'call') return parent.function !== it && FILLS.test(parent.method);
    if (parent?.type !== 'list' && parent?.type !== 'tuple') return false;
    return parent.parent?.type === 'assignment' && parent.parent.value === parent && parent.parent.targets.some((each) => each.type === 'subscript');
  });
}

const FILLS = /^(?:append|add|insert|extend|put|push|register\w*|setdefault)$/;

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
    case 'attribute':
      if (acquisition.sort === 'process')
        return givesNumber(parent) || isPolled(parent, call) || (call.callee?.startsWith('asyncio.') === true && isAtEnd(parent)) ? GIVEN : undefined;
      if (acquisition.sort === 'file') return keepsDescriptor(parent) ? GIVEN : undefined;
      // `self.path = path.lower()`
      if (acquisition.plain === true && parent.parent?.type === 'call' && parent.parent.parent?.type === 'assignment')
        return handedOnAt(parent.parent, parent.parent.parent, holder, acquisition, call, owner, around, releases);
      // uvicorn's server is told to end by an attribute.
      if (parent.name === 'should_exit' && parent.parent?.type === 'assignment') return GIVEN;
      return isServedForEver(parent, acquisition) ? GIVEN : undefined;
    case 'operation':
      return collectAbove(parent, acquisition, owner, around, releases) ? { fate: 'released', handedTo: undefined } : undefined;
    case 'list':
    case 'tuple':
    case 'dict':
    case 'set':
    case 'conditional':
      if (parent.parent?.type === 'assignment' && parent.parent.targets.includes(parent)) return undefined;
      return acquisition.plain === true && parent.type !== 'tuple' ? undefined : GIVEN;
    case 'assignment': {
      if (parent.value?.type === 'constant' && parent.targets.includes(it)) return GIVEN; // `f = None` drops it
      if (parent.value !== it) return parent.targets.includes(it) && !parent.targets.every(isOwnName) ? GIVEN : undefined; // `kept[key] = it = …`
      const [target] = parent.targets;
      if (target === undefined || !isOwnName(target)) return GIVEN;
      const count = releases.length;
      if (target.text !== holder) collect(target.text, acquisition, it.type === 'call' ? it : call, owner, around, releases);
      if (releases.length > count) return { fate: 'released', handedTo: undefined };
      if (acquisition.plain === true && target.type === 'name' && (isReturnedIn(target.id, owner.node) || isKeptAmong(target.id, owner.node))) return GIVEN;
      if (target.type === 'attribute' && (around.unresolvedBase || owner.class?.isTest !== true)) return { fate: 'unknown', handedTo: undefined };
      return undefined;
    }
    case 'call': {
      const given = parent.arguments.some((each) => each.value === it);
      if (!given) return undefined;
      if (acquisition.plain === true) {
        const spelled = spelledBy(parent);
        const user = spelled.parent;
        if (KEEPS_PATH.has(parent.callee ?? '') && (user?.type === 'assignment' || user?.type === 'return' || user?.type === 'operation'))
          return handedOnAt(spelled, user, holder, acquisition, call, owner, around, releases);
        // `return Store(path)`: who has the object knows the folder.
        if (parent.parent?.type === 'return' && /^[A-Z]/.test(parent.method)) return GIVEN;
        const count = releases.length;
        collectAbove(parent, acquisition, owner, around, releases);
        // `self.shelf = Shelf(path)` … `rmtree(self.shelf.path)`
        const made = madeOf(parent);
        if (made.parent?.type === 'assignment' && made.parent.value === made && !isBorrower(made.callee))
          for (const each of made.parent.targets) if (isOwnName(each)) collect(each.text, acquisition, made, owner, around, releases);
        if (releases.length > count) return { fate: 'released', handedTo: undefined };
        // `archive = join(path, name)` … `return key, archive`: who has the path below knows the folder.
        if (
          parent.callee === 'os.path.join' &&
          parent.parent?.type === 'assignment' &&
          parent.parent.targets.some((each) => isReturnedIn(each.text, owner.node))
        )
          return GIVEN;
        // `set_temp_cache(path, delete=True)`
        if (parent.arguments.some((each) => /^(?:delete|remove|cleanup)$/.test(each.keyword ?? '') && isConstant(each.value.value, true))) return GIVEN;
      }
      switch (takenBy(parent, it, acquisition, owner, around, releases)) {
        case 'released':
          return { fate: 'released', handedTo: undefined };
        case 'borrowed':
          return undefined;
      }
      // `Reader(fd)` has the descriptor then; `Popen(stdout=fd)` has its own.
      const isHis = acquisition.plain !== true || (acquisition.sort === 'temporary descriptor' && parent.callee?.startsWith('subprocess.') !== true);
      if (isHis && acquisition.sort !== 'patcher' && !isBorrower(parent.callee)) return { fate: 'handed on', handedTo: parent };
      return FILLS.test(parent.method) ? GIVEN : undefined;
    }
    default:
      return undefined;
  }
}
