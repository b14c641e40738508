/**
 * Process-wide state that test code changes by hand: `os.environ`, `sys.modules`, `sys.path`, attributes of
 * imported modules and classes, the working directory; and everything that sets it back.
 */
import type {
  Assignment,
  Call,
  Change,
  ChangeSort,
  Expression,
  FunctionDefinition,
  FunctionSubject,
  Name,
  Node,
  QualifiedName,
  Release,
  SimpleStatement,
  Statement,
  Value,
} from '../../rules/model.ts';
import { ancestors, constantText, walk } from '../../rules/model.ts';
import { blocksOf, excludes } from '../../rules/python/blocks.ts';
import { isMockName } from '../../rules/python/mock.ts';
import { CLEANUP_METHODS, PROCESS_GETTERS, PROCESS_REVERSES, PROCESS_STATE } from '../../rules/python/resources.ts';
import { reverses, reversesBare, reversible } from '../../rules/python/reverses.ts';
import { passesName } from '../../rules/python/set-by-name.ts';
import { remembered } from '../../rules/remembered.ts';
import { variableSet } from './flow.ts';
import type { Frame } from './frame.ts';
import { BEFORE_EACH, fixtureOf, runsBeforeEach } from './frameworks.ts';
import { loopAround } from './items.ts';
import { localsOf } from './locals.ts';
import { functionAround, isLong, pathOf, short } from './releases.ts';
import type { Surroundings } from './resources.ts';
import { isDecorator, runsIn } from './runs.ts';
import { spotOf } from './tree.ts';

interface Target {
  readonly sort: ChangeSort;
  readonly target: QualifiedName;
  readonly key: string | undefined;
  /** `os.putenv('A', 'b')` tells the system alone, and so does `os.unsetenv('A')`, which leaves `os.environ` as it is. */
  readonly pastMapping?: boolean;
}

const MAPPINGS: Readonly<Record<string, ChangeSort>> = { 'os.environ': 'environment', 'sys.modules': 'sys.modules' };
const CHANGING_METHODS: ReadonlySet<string> = new Set(['update', 'setdefault', 'pop', 'clear', 'popitem', '__setitem__', '__delitem__']);
const PATH_METHODS: ReadonlySet<string> = new Set(['insert', 'append', 'extend', 'remove', 'pop', 'clear']);

/** Stand for something of the request or application context that is current, and go with it. */
const CONTEXT_LOCAL = /^(?:(?:flask|quart)\.(?:globals\.)?(?:g|session|request|websocket)|streamlit\.session_state|bottle\.(?:request|response))$/;

/** What an assignment or `del` target changes beyond the test. */
function targetOf(it: Expression, frame: Frame): Target | undefined {
  if (it.type === 'subscript') {
    const name = it.object.refersTo;
    const sort = name === undefined || !Object.hasOwn(MAPPINGS, name) ? undefined : MAPPINGS[name];
    if (it.index[0]?.text === '__name__') return undefined; // the module puts something in its own place
    if (name !== undefined && sort !== undefined) return { sort, target: name, key: constantText(it.index[0]?.value) };
    return undefined;
  }
  if (it.type !== 'attribute') return undefined;
  const object = it.object.refersTo;
  if (object === undefined || object.includes('(') || object.includes('[') || object.includes('<')) return undefined;
  if (CONTEXT_LOCAL.test(object)) return undefined;
  if (/(?:^|\.)CONF(?:\.\w+)?$/.test(object)) return { sort: 'configuration', target: object, key: it.name };
  if (object === 'os' && it.name === 'environ') return { sort: 'environment', target: 'os.environ', key: undefined };
  if (object === 'sys' && it.name === 'path') return { sort: 'sys.path', target: 'sys.path', key: undefined };
  if (object === 'sys' && it.name === 'modules') return { sort: 'sys.modules', target: 'sys.modules', key: undefined };
  if (object === 'builtins') return { sort: 'builtins', target: `builtins.${it.name}`, key: undefined };
  const root = rootOf(it.object);
  if (root === undefined || root.id === 'self' || root.id === 'cls') return undefined;
  // Only what was imported is shared by the process.
  if (!isImported(root, frame) || isMockName(object)) return undefined;
  // What is kept inside a module or class under a private name is an object of its own.
  if (/\._[^.]*(?:\.|$)/.test(object.slice(object.indexOf('.') + 1)) && it.object.type === 'attribute') return undefined;
  const last = object.slice(object.lastIndexOf('.') + 1);
  return { sort: /^[A-Z]/.test(last) && last !== last.toUpperCase() ? 'class attribute' : 'module attribute', target: `${object}.${it.name}`, key: undefined };
}

function rootOf(it: Expression): Name | undefined {
  let node: Expression = it;
  while (node.type === 'attribute') node = node.object;
  return node.type === 'name' ? node : undefined;
}

/** At the top of the module, or in the function itself. */
function isImported(root: Name, frame: Frame): boolean {
  if (frame.bindings(root.id).some((each) => each.kind === 'import')) return true;
  const around = functionAround(root);
  return (
    around !== undefined &&
    localsOf(around)
      .bindings.get(root.id)
      ?.some((each) => each.kind === 'import') === true
  );
}

/** Does a module-level function keep something in its module (`global x`), with nobody registered to set it back? */
export function keepsState(node: FunctionDefinition): boolean {
  if (/\.(?:addCleanup|useFixture|stub_out|setattr|addfinalizer|patch)\b/.test(node.text)) return false;
  for (const it of node.body) {
    for (const each of walk(it)) {
      if (each.type === 'function' || each.type === 'class') break;
      if (each.type === 'global' && !each.operands.every((name) => isLatch(name.text, node))) return true;
    }
  }
  return false;
}

/** `if not DONE:` … `DONE = True`: made once, for all who ask. */
function isLatch(name: string, { body }: FunctionDefinition): boolean {
  const all = body.flatMap((it) => walk(it));
  const given = all.filter((it) => it.type === 'assignment' && it.targets.some((each) => each.text === name));
  const asked = all.filter((it) => it.type === 'if' && it.test.text === `not ${name}`);
  return given.length > 0 && given.every((it) => it.type === 'assignment' && it.value?.text === 'True' && asked.some((each) => walk(each).includes(it)));
}

/** The changes that a node makes. */
export function changesOf(node: Node, frame: Frame, owner: FunctionSubject | undefined, around: Surroundings): readonly Change[] {
  let changes = NONE;
  const add = (of: Assignment | Call | SimpleStatement, target: Target | undefined, value: Expression | undefined) => {
    const change = target === undefined ? undefined : changeOf(of, target, value, owner, around);
    if (change !== undefined) changes = [...changes, change];
  };
  if (node.type === 'assignment') {
    if (node.value !== undefined || node.operator !== undefined) for (const it of node.targets) add(node, targetOf(it, frame), node.value);
  } else if (node.type === 'delete') {
    for (const it of node.operands) add(node, targetOf(it, frame), undefined);
  } else if (node.type === 'call') add(node, targetOfCall(node, frame, around), node.arguments.at(-1)?.value);
  return changes;
}

/** Most nodes change nothing. */
const NONE: readonly Change[] = [];

/** Can a call of this name change something? */
export function canChange(callee: string, method: string): boolean {
  if (PROCESS_STATE.has(callee) || /^(?:os\.(?:putenv|unsetenv)|builtins\.(?:setattr|delattr))$/.test(callee)) return true;
  return CHANGING_METHODS.has(method) || PATH_METHODS.has(method) || method === 'set_override' || method === 'set_default' || reversible(callee);
}

function targetOfCall(it: Call, frame: Frame, around: Surroundings): Target | undefined {
  const callee = it.callee;
  if (callee === undefined) return undefined;
  if (callee === 'os.putenv' || callee === 'os.unsetenv')
    return { sort: 'environment', target: 'os.environ', key: constantText(it.arguments[0]?.value.value), pastMapping: true };
  if (callee === 'builtins.setattr' || callee === 'builtins.delattr') {
    const [object, name] = it.arguments.map((each) => each.value);
    const text = constantText(name?.value);
    const root = object === undefined ? undefined : rootOf(object);
    if (object?.refersTo === undefined || text === undefined || root === undefined || object.refersTo.includes('(')) return undefined;
    if (!isImported(root, frame)) return undefined;
    return { sort: 'module attribute', target: `${object.refersTo}.${text}`, key: undefined };
  }
  const state = PROCESS_STATE.get(callee);
  if (state !== undefined && (isQuery(it) || setsBack(it))) return undefined;
  if (state !== undefined)
    return {
      sort: state === 'working directory' ? 'working directory' : 'process state',
      target: callee,
      key: callee === 'signal.signal' ? it.arguments[0]?.value.text : undefined,
    };
  if (it.function.type !== 'attribute') return undefined;
  const object = callee.slice(0, callee.lastIndexOf('.'));
  if (Object.hasOwn(MAPPINGS, object) && CHANGING_METHODS.has(it.method)) {
    return {
      sort: MAPPINGS[object] ?? 'environment',
      target: object,
      key: it.method === 'pop' || it.method === 'setdefault' ? constantText(it.arguments[0]?.value.value) : undefined,
    };
  }
  if (object === 'sys.path' && PATH_METHODS.has(it.method)) return { sort: 'sys.path', target: object, key: undefined };
  if (/(?:^|\.)CONF$/.test(object) && (it.method === 'set_override' || it.method === 'set_default'))
    return { sort: 'configuration', target: object, key: constantText(it.arguments[0]?.value.value) };
  const reverse = around.reverseOf(callee);
  return reverse === undefined ? undefined : { sort: 'module state', target: callee, key: reverse };
}

/** `locale.setlocale(locale.LC_ALL)` only asks. */
function isQuery(it: Call): boolean {
  return it.callee === 'locale.setlocale' && it.arguments.length < 2;
}

/** Sets a default, or what an earlier call of it (or of its getter) gave. */
function setsBack(it: Call): boolean {
  const last = it.arguments.at(-1)?.value;
  if (last === undefined) return isRepeated(it);
  if (/^(?:None|(?:\w+\.)?(?:NOTSET|SIG_DFL|default_int_handler))$/.test(last.text)) return true;
  if (it.parent?.type === 'call' && it.parent.callee === it.callee) return true; // `signal(s, signal(s, handler))`
  const callee = it.callee ?? '';
  const sources = [callee, ...(PROCESS_GETTERS[callee] ?? [])].map((each) => `${each}()`);
  const given = it.arguments.flatMap((each) => (each.value.type === 'tuple' ? each.value.items : [each.value]));
  return given.some(
    (each) =>
      sources.some((source) => each.refersTo === source || each.refersTo?.startsWith(`${source}[`) === true) ||
      /(?:^|[._])_?(?:old|orig|saved?|prev|before|cwd)/i.test(each.text),
  );
}

/** `time.tzset()` once more in a function: what it reads has been set back. */
function isRepeated(it: Call): boolean {
  const around = functionAround(it);
  const { start } = spotOf(it.place);
  return around !== undefined && walk(around).some((each) => each.type === 'call' && each.callee === it.callee && spotOf(each.place).start < start);
}

function changeOf(
  node: Assignment | Call | SimpleStatement,
  target: Target,
  newValue: Expression | undefined,
  owner: FunctionSubject | undefined,
  around: Surroundings,
): Change | undefined {
  if (isOfReplaced(node, owner, around) || isRestore(node, owner) || isReverse(owner, around)) return undefined;
  if (takesBack(node, target, owner) || isSaved(newValue, target, owner, around) || isOtherRestore(node, target, owner, around)) return undefined;
  if (owner !== undefined && (isOriginal(node, target, owner.node) || isPutBack(node, target, owner.node, owner.role))) return undefined;
  if (owner?.role === 'test' && owner.node.body.at(-1) === node && isAsAtImport(node, target, around)) return undefined;
  const releases: Release[] = [];
  protection(node, target, around, releases);
  // A decorator of the class is in force in its tests, not in its set-up.
  if (owner?.role === 'test')
    for (const it of around.shape?.decorators() ?? [])
      if (it.type === 'call' && guards(it, target)) releases.push({ how: 'with', place: it.place, by: short(it.text) });
  if (owner !== undefined) {
    restores(owner.node, owner.role, node, target, releases);
    if (releases.length === 0) releases.push(...setBackByFunctions(owner, target, around));
    const roles =
      owner.role === 'setup' || owner.role === 'class-setup' || owner.role === 'module-setup'
        ? undefined
        : ['teardown', 'class-teardown', 'module-teardown', 'setup'];
    for (const it of around.methods) {
      if (it.node === owner.node) continue;
      // `run` of a test case is around its set-up, test and tear-down.
      const isPair =
        RESTORING.test(it.node.name) || undoes(it.node.name, owner.name) || (owner.name === '__init__' && givesKept(it.node, target, owner, around));
      const pairs = owner.role === 'helper' && isPair;
      const ends = it.role === 'helper' && (it.node.name === 'run' || isRegistered(it.node.name, owner, around) || pairs);
      restores(it.node, ends ? 'teardown' : it.role, node, target, releases, roles);
    }
    if (releases.length === 0) for (const it of around.methods) if (it.role.endsWith('teardown')) releases.push(...setBackByFunctions(it, target, around));
    if (releases.length === 0) for (const it of around.methods) if (it.role === 'helper') patchedBy(it.node, target, around, releases);
    if (releases.length === 0 && target.sort.endsWith('attribute'))
      for (const it of [owner, ...around.methods]) keptByHelper(it.node, target, around, releases);
    if (releases.length === 0) for (const it of around.fixtureMethods()) restores(it.node, it.role, node, target, releases);
    // Whatever a helper leaves in the environment goes with the test that has called it.
    const isHelper = owner.role === 'helper' && target.sort === 'environment';
    if (isHelper && releases.every((it) => it.how === 'inline'))
      for (const it of around.pytestFixtures(owner.node)) if (fixtureOf(it)?.scope === 'function') holds(it, node, target, around, releases);
    if (releases.every((it) => it.how === 'inline') && (owner.role === 'test' || owner.role === 'fixture' || owner.role === 'setup')) {
      // Around a set-up is only what runs for each test whoever asks; around `setup_method` nothing of its class.
      const isAround = (it: FunctionDefinition) => runsBeforeEach(it) && (owner.name === 'setUp' || !around.methods.some(({ node: each }) => each === it));
      const fixtures = [...around.pytestFixtures(owner.node)].filter((it) => owner.role !== 'setup' || isAround(it));
      for (const it of fixtures) {
        holds(it, node, target, around, releases);
        // What a test sets back itself matters to those after it in its file, for which a hook may do nothing.
        if ((target.sort.endsWith('attribute') || target.sort === 'environment') && (it.name !== BEFORE_EACH || releases.length === 0))
          givenAnew(it, target, around, releases);
      }
      if (target.sort === 'environment') {
        for (const it of [owner.node, ...fixtures]) keptByMonkeypatch(it, node, target, releases);
      }
      if (OF_PYTESTER.has(target.sort)) for (const it of [owner.node, ...fixtures]) byPytester(it, releases);
    }
  }
  if (owner !== undefined && releases.length === 0) cared(owner, target, around, releases);
  if (owner === undefined) {
    // At import: what a later line of the module puts back, and that line itself.
    if (node.type === 'assignment' && looksLikeRestore(node)) return undefined;
    for (const it of restoringAtImport(around))
      if (it.targets.some((each) => sameTarget(each, target))) releases.push({ how: 'inline', place: it.place, by: short(it.text) });
  }
  const guarantor =
    target.sort === 'environment' ? around.guarantor('environment') : target.sort === 'configuration' ? around.guarantor('config-reset') : undefined;
  if (guarantor !== undefined) releases.push({ how: 'guarantee', place: undefined, by: guarantor });
  return { type: 'change', sort: target.sort, node, place: node.place, target: target.target, key: target.key, newValue, releases, owner };
}

/** What a fixture brings back behind the test, itself, by a function of the workspace or by a context manager of it around its `yield`. */
function holds(fixture: FunctionDefinition, change: Node, target: Target, around: Surroundings, releases: Release[]): void {
  restores(fixture, 'fixture', change, target, releases);
  if (releases.length === 0) releases.push(...setBackByFunctions({ node: fixture, role: 'fixture' }, target, around));
  for (const it of walk(fixture)) {
    const keeper = it.type === 'with' && holdsRun(it, fixture) ? it.items.find(({ context }) => setsBackBehind(context, change, target, around)) : undefined;
    if (keeper !== undefined) releases.push({ how: 'with', place: keeper.context.place, by: short(keeper.context.text) });
  }
}

/** Does the module of the test give the attribute the very same when it is imported: `harbour.berths = BERTHS.copy()`? */
function isAsAtImport(node: Node, target: Target, around: Surroundings): boolean {
  if (node.type !== 'assignment' || node.operator !== undefined || node.value === undefined || !target.sort.endsWith('attribute')) return false;
  const { text } = node.value;
  return givenAtImport(around).some((it) => it.value?.text === text && it.targets.some((each) => sameTarget(each, target)));
}

const givenAtImport = remembered((around: Surroundings): readonly Assignment[] =>
  [...around.looseStatements()].flatMap((it) => (it.type === 'assignment' && it.targets.some((each) => each.type === 'attribute') ? [it] : [])),
);

const restoringAtImport = remembered((around: Surroundings): readonly Assignment[] =>
  [...around.looseStatements()].flatMap((it) => (it.type === 'assignment' && looksLikeRestore(it) ? [it] : [])),
);

/**
 * What the whole suite takes care of: a base class or a fixture that moves to a directory, and back behind the test, by whatever name;
 * a base class that keeps the same in the module for every test.
 */
function cared(owner: FunctionSubject, target: Target, around: Surroundings, releases: Release[]): void {
  const others = around.methods.filter((it) => it.node !== owner.node && owner.class !== undefined);
  if (target.sort === 'working directory') {
    const fixtures = owner.role === 'test' || owner.role === 'fixture' ? [...around.pytestFixtures(owner.node)] : [];
    const mover = [...others.map((it) => it.node), ...fixtures].find((it) => MOVES.test(it.text));
    if (mover !== undefined) releases.push({ how: 'guarantee', place: undefined, by: mover.name });
  } else if (target.sort === 'module state') {
    const same = others.find(({ node }) => walk(node).some((it) => it.type === 'call' && it.callee === target.target));
    if (same !== undefined) releases.push({ how: 'guarantee', place: undefined, by: same.node.name });
  }
}

/** `os.chdir(…)`, `with change_dir(…)`, `chpwd(…)` */
const MOVES = /chdir|change_?dir|chpwd|pushd|_cwd\b/i;

/**
 * `module.client = Fake` … `module.client.error = Fake.error`, also deeper in, or in a test whose set-up has the first: the second is the
 * stand-in's own.
 */
function isOfReplaced(node: Node, owner: FunctionSubject | undefined, around: Surroundings): boolean {
  const target = node.type === 'assignment' ? node.targets[0] : undefined;
  if (owner === undefined || target?.type !== 'attribute' || target.object.type !== 'attribute') return false;
  const object = `${target.object.text}.`;
  const { start } = spotOf(node.place);
  // What a name of the test itself is given may be the very module.
  const isAround = (it: Expression) => it.type === 'attribute' && it.object.text !== 'self' && object.startsWith(`${it.text}.`);
  const replaces = (it: Node) => it.type === 'assignment' && it.targets.some(isAround);
  return (
    walk(owner.node).some((it) => replaces(it) && spotOf(it.place).start < start) ||
    (owner.role === 'test' && around.methods.some((each) => each.role === 'setup' && walk(each.node).some(replaces)))
  );
}

/** Is the new value what was kept of the old one: `saved = os.name` … `os.name = saved`? */
function isSaved(value: Expression | undefined, target: Target, owner: FunctionSubject | undefined, around: Surroundings): boolean {
  if (owner === undefined || value === undefined) return false;
  const source = sourceOf(value);
  if (source === undefined) return false;
  for (const { node } of [owner, ...around.methods])
    if ((node.text.includes(`${source} =`) || node.text.includes(`${source}[`)) && keeps(node, source, target)) return true;
  return false;
}

/** Does it give the target what was kept of it, under one of the names if there are some? */
function givesKept(body: Node, target: Target, owner: FunctionSubject | undefined, around: Surroundings, names?: ReadonlySet<string>): boolean {
  return walk(body).some(
    (it) =>
      it.type === 'assignment' &&
      (names === undefined || names.has(it.value?.text ?? '')) &&
      it.targets.some((each) => sameTarget(each, target)) &&
      isSaved(it.value, target, owner, around),
  );
}

/** `if saved is None: del os.environ['A']`, the other branch of which gives `saved` back: both are one restore. */
function isOtherRestore(node: Node, target: Target, owner: FunctionSubject | undefined, around: Surroundings): boolean {
  if (node.type !== 'delete' && (node.type !== 'call' || !/^(?:pop|unsetenv|delenv|delattr)$/.test(node.method))) return false;
  let inner: Node = node;
  for (let it: Node | undefined = node.parent; it !== undefined && it.type !== 'function'; inner = it, it = it.parent) {
    if (it.type !== 'if') continue;
    const asked = new Set(walk(it.test).map((each) => each.text));
    const others = blocksOf(it).filter((each) => !each.includes(inner as Statement));
    if (others.length === 1 && others[0]?.some((each) => givesKept(each, target, owner, around, asked)) === true) return true;
  }
  return false;
}

/** The name that a value comes from: itself, `saved` for `saved[key]`, or what the loop around it goes through. */
function sourceOf(value: Expression): string | undefined {
  if (value.type === 'subscript') return value.object.text;
  if (value.type !== 'name' && value.type !== 'attribute') return undefined;
  for (let it = value.parent; it !== undefined && it.type !== 'function'; it = it.parent) {
    const looped = it.type === 'for' ? loopedOver(value.text, it.target, it.iterable) : undefined;
    if (looped !== undefined) return looped.text;
  }
  return value.text;
}

/** What a loop takes a name from: `for key, old in zip(keys, saved)`, `for key, old in saved.items()`, `for old in reversed(saved)`. */
function loopedOver(name: string, target: Expression, iterable: Expression): Expression | undefined {
  if (iterable.type === 'call' && iterable.callee === 'builtins.enumerate') {
    const [, counted] = target.type === 'tuple' ? target.items : [];
    const [over] = iterable.arguments;
    return counted === undefined || over === undefined ? undefined : loopedOver(name, counted, over.value);
  }
  if (iterable.type === 'call' && /^builtins\.(?:reversed|list|sorted)$/.test(iterable.callee ?? '')) {
    const [over] = iterable.arguments;
    return over === undefined ? undefined : loopedOver(name, target, over.value);
  }
  const index = target.type === 'tuple' ? target.items.findIndex((it) => it.text === name) : -1;
  if (target.text !== name && index < 0) return undefined;
  if (iterable.type !== 'call') return iterable;
  if (iterable.callee === 'builtins.zip') return iterable.arguments[index]?.value;
  return iterable.function.type === 'attribute' && (iterable.method === 'items' || iterable.method === 'values') ? iterable.function.object : undefined;
}

/** Does a function give the name the old value, or a collection of old values? */
function keeps(body: Node, name: string, target: Target): boolean {
  for (const it of walk(body)) {
    const given = it.type === 'assignment' ? givenTo(name, it) : it.type === 'call' ? addedTo(name, it) : undefined;
    if (
      given?.type === 'tuple'
        ? given.items.some((each) => isCopy(each, target))
        : given !== undefined && isCopy(given.type === 'comprehension' ? given.element : given, target)
    )
      return true;
  }
  return false;
}

/** What an assignment gives a name: also one of several, `path, saved = None, sys.path`, or under a key, `saved[key] = os.environ[key]`. */
function givenTo(name: string, { targets, value }: Assignment): Expression | undefined {
  for (const it of targets) {
    if (it.text === name || (it.type === 'subscript' && it.object.text === name)) return value;
    if (it.type === 'tuple' && value?.type === 'tuple') {
      const index = it.items.findIndex((each) => each.text === name);
      if (index >= 0) return value.items[index];
    }
  }
  return undefined;
}

/** What a call puts into a collection: `saved.append(os.getenv('A'))`. */
function addedTo(name: string, { method, function: called, arguments: given }: Call): Expression | undefined {
  return method === 'append' && called.type === 'attribute' && called.object.text === name ? given[0]?.value : undefined;
}

/** What runs before each test assigns it, imports its module once more, or takes it out of the environment, itself or by a function that it calls. */
function givenAnew(fixture: FunctionDefinition, target: Target, around: Surroundings, releases: Release[]): void {
  if (!runsBeforeEach(fixture)) return;
  const called = walk(fixture).flatMap((it) => (it.type === 'call' && it.callee !== undefined ? (around.functionCalled(it.callee) ?? []) : []));
  for (const body of [fixture, ...called]) {
    if (target.sort === 'environment') clears(body, target, releases);
    if (!/\breload\(/.test(body.text) && !body.text.includes(target.key ?? lastSegment(target.target))) continue;
    for (const it of walk(body))
      if (it.type === 'assignment' ? it.operator === undefined && it.targets.some((each) => isOf(each, target)) : it.type === 'call' && reloads(it, target))
        releases.push({ how: 'guarantee', place: it.place, by: short(it.text) });
  }
}

/** The attribute, or the very key: one that is worked out may be any. */
function isOf(it: Expression, target: Target): boolean {
  return sameTarget(it, target) && (it.type !== 'subscript' || (target.key !== undefined && constantText(it.index[0]?.value) === target.key));
}

/** `importlib.reload(module)`, `importlib.reload(sys.modules['module'])` of the module that has it. */
function reloads({ callee, arguments: given }: Call, target: Target): boolean {
  const module = given[0]?.value;
  if (callee !== 'importlib.reload' || module === undefined) return false;
  const name = module.type === 'subscript' && module.object.refersTo === 'sys.modules' ? module.index.map((it) => constantText(it.value))[0] : module.refersTo;
  return name !== undefined && name === ownerOf(target);
}

function clears(body: FunctionDefinition, target: Target, releases: Release[]): void {
  if (!/delenv|environ/.test(body.text)) return;
  for (const it of walk(body)) {
    const taken = takenOut(it);
    if (taken.length === 0) continue;
    const keys = taken.flatMap(valuesOf).map(constantText);
    // A fixture that goes through the whole environment is one for it.
    if (keys.includes(target.key) || (fixtureOf(body) !== undefined && keys.every((key) => key === undefined) && /\bos\.environ\b/.test(body.text)))
      releases.push({ how: 'guarantee', place: it.place, by: short(it.text) });
  }
}

/** Names that a node takes out of the environment: `monkeypatch.delenv('A')`, `os.environ.pop('A', None)`, `del os.environ['A']`. */
function takenOut(it: Node): readonly Expression[] {
  if (it.type === 'delete') return it.operands.flatMap((each) => (each.type === 'subscript' && each.object.refersTo === 'os.environ' ? each.index : []));
  const takes = it.type === 'call' && (it.callee === 'pytest.MonkeyPatch().delenv' || it.callee === 'os.environ.pop');
  return takes ? it.arguments.slice(0, 1).map(({ value }) => value) : [];
}

/** What an expression is worth, or all that the loop around it gives its name: `for key in ('A', 'B'):`. */
function valuesOf(it: Expression): readonly Value[] {
  const loop = it.type === 'name' ? loopAround(it.id, it)?.node : undefined;
  if (loop?.type !== 'for') return [it.value];
  const over = loop.iterable.value;
  return over.kind === 'list' ? over.items : [];
}

/** `monkeypatch.setenv('A', …)` before it: whatever the variable is given then, the value from before comes back. */
function keptByMonkeypatch(body: FunctionDefinition, change: Node, target: Target, releases: Release[]): void {
  const written = onlyKeyOf(change);
  if ((target.key === undefined && written === undefined) || !/(?:set|del)env\(/.test(body.text)) return;
  const { page, start } = spotOf(change.place);
  for (const it of walk(body)) {
    const kept = it.type === 'call' && /^(?:set|del)env$/.test(it.method) ? it.arguments[0]?.value : undefined;
    if (kept === undefined || (target.key === undefined ? kept.text !== written : constantText(kept.value) !== target.key)) continue;
    const at = spotOf(it.place);
    if (at.page !== page || at.start < start) releases.push({ how: 'with', place: it.place, by: short(it.text) });
  }
}

/** `NAME` of `os.environ.update({NAME: value})` */
function onlyKeyOf(change: Node): string | undefined {
  const [given, ...others] = change.type === 'call' && change.method === 'update' ? change.arguments : [];
  const [entry, ...more] = given?.value.type === 'dict' && others.length === 0 ? given.value.entries : [];
  return more.length === 0 ? entry?.key?.text : undefined;
}

/** The value itself, or a copy: `list(os.path)`, `os.environ.copy()`; one variable: `os.getenv('A')`. */
function isCopy(value: Expression, target: Target): boolean {
  if (value.type !== 'call') return sameTarget(value, target);
  const { callee } = value;
  if (callee === undefined || !(callee.startsWith(`${target.target}.`) || READERS[callee] === target.target))
    return value.arguments.some((it) => sameTarget(it.value, target));
  const key = constantText(value.arguments[0]?.value.value);
  return key === undefined || target.key === undefined || key === target.key;
}

/** Functions that read one entry of a mapping. */
const READERS: Readonly<Record<string, QualifiedName>> = { 'os.getenv': 'os.environ' };

/** `del os.environ['A']` after `os.environ['A'] = 'b'` in the same function ends the change and is none. */
function takesBack(node: Node, target: Target, owner: FunctionSubject | undefined): boolean {
  if (owner === undefined || (node.type !== 'delete' && !(node.type === 'call' && /^(?:pop|remove|delattr|unsetenv)$/.test(node.method)))) return false;
  const end = spotOf(node.place).start;
  for (const it of walk(owner.node)) {
    if (it === node || spotOf(it.place).start >= end) continue;
    if (it.type === 'call' && target.sort === 'sys.path' && (it.callee === 'sys.path.insert' || it.callee === 'sys.path.append')) return true;
    // `setattr(module, 'name', …)` … `delattr(module, 'name')`
    if (it.type === 'call' && it.callee === 'builtins.setattr' && node.type === 'call' && node.method === 'delattr' && restoringCall(it, target)) return true;
    if (it.type !== 'assignment') continue;
    if (it.targets.some((each) => sameTarget(each, target) && (each.type !== 'subscript' || constantText(each.index[0]?.value) === target.key))) return true;
  }
  return false;
}

/** Is the method registered as a cleanup where the change is made, or called by a tear-down? */
function isRegistered(method: string, owner: FunctionSubject, around: Surroundings): boolean {
  return registers(owner, method) || around.methods.some((it) => registers(it, method));
}

function registers({ node, role }: { readonly node: FunctionDefinition; readonly role: string }, method: string): boolean {
  return registeredBy(node, role).has(method);
}

const registeredBy = remembered((node: FunctionDefinition, role: string): ReadonlySet<string> => {
  const isTeardown = role.endsWith('teardown');
  if (!isTeardown && !NAMES_CLEANUP.test(node.text)) return NOTHING;
  const methods = new Set<string>();
  for (const it of walk(node)) {
    if (it.type !== 'call') continue;
    const method = CLEANUP_METHODS.has(it.method) ? it.arguments[0]?.value : isTeardown ? it.function : undefined;
    if (method?.type === 'attribute') methods.add(method.name);
  }
  return methods;
});

const NAMES_CLEANUP = new RegExp([...CLEANUP_METHODS].join('|'));
const NOTHING: ReadonlySet<string> = new Set();

/** Names of functions that set something back. */
const RESTORING =
  /clean|restore|reset|teardown|undo|unstub|unpatch|^_*un_?(?:set|mock|fake|register|install|load|mount|link|lock|hook|wrap|freeze|bind|swap|monkey|override|configure|init|prepare|block|shadow|mask)|^__exit__$|^_*remove$/i;

/** Is the node itself what sets the state back? */
function isRestore(node: Node, owner: FunctionSubject | undefined): boolean {
  if (owner?.role === 'teardown' || owner?.role === 'class-teardown' || owner?.role === 'module-teardown') return true;
  if (owner !== undefined && RESTORING.test(owner.name)) return true;
  const how = pathOf(node, owner?.role ?? 'helper');
  return how === 'finally' || how === 'fixture' || (how === 'cleanup' && owner !== undefined && owner.node !== enclosing(node));
}

/** `disable`, of a class that has `enable`: what an object does and undoes. */
function isReverse(owner: FunctionSubject | undefined, around: Surroundings): boolean {
  return owner?.role === 'helper' && owner.class !== undefined && around.methods.some((it) => undoes(owner.name, it.node.name));
}

/** `stop` and `start`, `stop_fixture` and `start_fixture`. */
function undoes(undo: string, done: string): boolean {
  return reversesBare(undo, done) || reverses(undo, done);
}

function enclosing(node: Node): Node | undefined {
  for (let it = node.parent; it !== undefined; it = it.parent) if (it.type === 'function') return it;
  return undefined;
}

/** `with mock.patch.dict(os.environ)`, decorators, `monkeypatch`: the mapping is restored around the change. */
function protection(node: Node, target: Target, around: Surroundings, releases: Release[]): void {
  let inner: Node = node;
  for (let it = node.parent; it !== undefined; inner = it, it = it.parent) {
    const expressions =
      it.type === 'with' && it.body.includes(inner as never)
        ? it.items.map((item) => item.context)
        : it.type === 'function' && it.body.includes(inner as never)
          ? it.decorators
          : [];
    for (const each of expressions) {
      if (each.type === 'call' && (guards(each, target) || renewsModules(each, target)))
        releases.push({ how: 'with', place: each.place, by: short(each.text) });
      else if (each.type === 'name' && /environ|restore|protect|EnvironmentVarGuard|swap/i.test(each.id))
        releases.push({ how: 'with', place: each.place, by: each.text });
      else if (setsBackBehind(each, node, target, around)) releases.push({ how: 'with', place: each.place, by: short(each.text) });
    }
  }
}

/** `with reset_modules('bank.client')`, `@pytest.mark.patched_module('bank.client')`: the module is another one outside of it. */
function renewsModules({ method, arguments: given }: Call, { sort }: Target): boolean {
  return sort.endsWith(' attribute') && given.length > 0 && /module/i.test(method);
}

/** A context manager or decorator of the workspace that sets the target back, whatever happens in between. */
function setsBackBehind(it: Expression, change: Node, target: Target, around: Surroundings): boolean {
  const name = it.type === 'call' ? it.callee : it.type === 'name' || it.type === 'attribute' ? it.refersTo : undefined;
  if (name === undefined) return false;
  const body = around.functionCalled(name);
  const found: Release[] = [];
  if (body !== undefined) restores(body, 'fixture', change, target, found);
  else for (const exit of around.exitsOf(name)) restores(exit, 'teardown', change, target, found);
  return found.some((each) => each.how !== 'inline');
}

/** Does a context manager or fixture bring the target back when it ends? */
function guards(it: Call, target: Target): boolean {
  const [first] = it.arguments;
  if (it.callee?.endsWith('.patch.dict') === true)
    return first !== undefined && (first.value.refersTo === target.target || `.${constantText(first.value.value) ?? ''}`.endsWith(`.${target.target}`));
  if (it.callee?.endsWith('.patch.object') === true)
    return `${first?.value.refersTo ?? ''}.${constantText(it.arguments[1]?.value.value) ?? ''}` === target.target;
  if (it.callee === 'unittest.mock.patch') return constantText(first?.value.value) === target.target;
  const name = it.method;
  if (name === 'swap_item' && first?.value.refersTo === target.target) return true;
  if (/^sys\.(?:stdin|stdout|stderr)$/.test(target.target) && /captur|redirect/i.test(name)) return true;
  switch (target.sort) {
    case 'environment':
      if (/^EnvironmentVariable/.test(name)) return isOfKey(first, target);
      return /EnvironmentVar|environ|^run_with_tz$|^Env\w*Fixture$/i.test(name);
    case 'sys.modules':
      return /CleanImport|import_fresh|modules|uncache/i.test(name);
    case 'sys.path':
      // `namespace_tree_context(path=…)`, `import_state(path=…)`
      return (
        /PythonPathEntry|DirsOnSysPath|sys_path|syspath/i.test(name) ||
        (/context|state/i.test(name) && it.arguments.some((each) => /^(?:sys_?)?path$/.test(each.keyword ?? '')))
      );
    case 'working directory':
      return /chdir|_cwd(?:_|$)|temp_dir|isolated_filesystem/i.test(name);
    case 'module attribute':
    case 'class attribute':
    case 'builtins': {
      const [object, attribute] = it.arguments.map((each) => each.value);
      if (name === 'MonkeyPatch' && constantText(object?.value) === target.target) return true;
      return (name === 'MonkeyPatch' || name === 'swap_attr') && `${object?.refersTo ?? ''}.${constantText(attribute?.value) ?? ''}` === target.target;
    }
    case 'process state':
      return /catch_warnings|umask|temp_umask|switched|restor|preserv|^run_with_(?:tz|locale)$/i.test(name);
    case 'configuration':
    case 'module state':
      return false;
  }
}

/** Names the variable that was changed, or one that cannot be told. */
function isOfKey(it: Call['arguments'][number] | undefined, { key }: Target): boolean {
  const named = constantText(it?.value.value);
  return named === undefined || key === undefined || named === key;
}

/** What the fixture `pytester` brings back at the end. Source: docs.pytest.org 8, `Pytester`. */
const OF_PYTESTER: ReadonlySet<ChangeSort> = new Set(['working directory', 'sys.modules', 'sys.path']);

/** Has the function asked for `pytester`, or for `testdir` as it was called before? */
function byPytester({ parameters }: FunctionDefinition, releases: Release[]): void {
  for (const it of parameters) if (it.name === 'pytester' || it.name === 'testdir') releases.push({ how: 'with', place: it.place, by: it.name });
}

/** What may set something: but for what sets other variables of the environment by name, of which a long body can have thousands. */
function settersIn(body: Node, { target, key }: Target): readonly Node[] {
  if (target !== 'os.environ' || key === undefined || !isLong(body)) return walk(body);
  const { named, others } = settersOf(body);
  return [...others, ...(named.get(key) ?? [])].sort((a, b) => spotOf(a.place).start - spotOf(b.place).start);
}

const settersOf = remembered((body: Node) => {
  const named = new Map<string, Node[]>();
  const others: Node[] = [];
  for (const it of walk(body)) {
    if (it.type !== 'call' && it.type !== 'assignment' && it.type !== 'delete') continue;
    const key = it.type === 'assignment' ? variableSet(it.targets) : undefined;
    const same = key === undefined ? others : named.get(key);
    if (same !== undefined) same.push(it);
    else if (key !== undefined) named.set(key, [it]);
  }
  return { named, others };
});

/** Finds what sets `target` back, in one function. */
function restores(body: Node & { type: 'function' }, role: string, change: Node, target: Target, releases: Release[], roles?: readonly string[]): void {
  if (roles !== undefined && !roles.includes(role)) return;
  const last = target.sort === 'module state' ? (target.key ?? '') : lastSegment(target.target);
  const isNamed = [last, ...(PROCESS_REVERSES[target.target] ?? []).map(lastSegment)].some((it) => body.text.includes(it));
  if (
    !isNamed &&
    !/CONF|[eE]nviron|unsetenv|\benv\b|enable|disable|resetwarnings|chdir|_cwd|isolated_filesystem|reset\w{0,40}\(|restore_\w{0,40}\(|reload\(|setattr\(|sys\.modules/.test(
      body.text,
    )
  )
    return;
  for (const it of settersIn(body, target)) {
    if (it === change) continue;
    if (it.type === 'call') {
      if (target.target === 'signal.signal' && target.key !== undefined && !it.text.includes(target.key) && !givesBack(it, change)) continue;
      if (CLEANUP_METHODS.has(it.method) && !setsAnother(it, target) && it.arguments.some((each) => speaksOf(each.value, target)))
        releases.push({ how: 'cleanup', place: it.place, by: short(it.text) });
      else if (guards(it, target) && (it.parent?.type !== 'with' || (role === 'fixture' && holdsRun(it.parent, body))))
        releases.push({ how: 'with', place: it.place, by: short(it.text) });
      else if (restoringCall(it, target)) addPath(it, body, role, releases, change, it.method === 'update' && fillsAgain(it, body, target));
    } else if (it.type === 'assignment') {
      for (const each of it.targets) {
        // The stand-in itself, which was written before it, gives the original back when it is called.
        if (sameTarget(each, target) && enclosing(it) !== body && !isAroundTest(body, role) && isKept(it.value, body, target))
          releases.push({ how: 'cleanup', place: it.place, by: short(it.text) });
        else if (sameTarget(each, target))
          addPath(it, body, role, releases, change, isKept(it.value, body, target) || isOriginal(it, target, body) || isPutBack(it, target, body, role));
        else if (each.type === 'tuple' && each.items.some((one) => sameTarget(one, target))) addPath(it, body, role, releases, change);
      }
    } else if (it.type === 'delete' && it.operands.some((each) => sameTarget(each, target) || unloads(each, target))) addPath(it, body, role, releases, change);
  }
}

/** `del sys.modules['module']` of the module that has the attribute: who imports it next has a new one. */
function unloads(it: Expression, target: Target): boolean {
  if (it.type !== 'subscript' || it.object.refersTo !== 'sys.modules' || !target.sort.endsWith('attribute')) return false;
  return constantText(it.index[0]?.value) === ownerOf(target);
}

/** `os.environ.update(kept)` of a copy that was made before, or behind `os.environ.clear()`; of anything else it is one more change. */
function fillsAgain(it: Call, body: Node, target: Target): boolean {
  if (isKept(it.arguments[0]?.value, body, target)) return true;
  const block = blocksOf(it.parent?.parent).find((each) => each.some((one) => one === it.parent)) ?? [];
  const before = block[block.indexOf(it.parent as Statement) - 1];
  return before?.type === 'expression' && before.expression.type === 'call' && before.expression.callee === `${target.target}.clear`;
}

/** `handler = signal.signal(which, …)` … `addCleanup(signal.signal, SIGUSR1, handler)`: what was there before goes back. */
function givesBack(it: Call, change: Node): boolean {
  const kept = change.parent?.type === 'assignment' ? change.parent.targets[0]?.text : undefined;
  return kept !== undefined && it.arguments.some((each) => each.value.text === kept);
}

/** A helper of the class starts `self.patcher = patch.dict(os.environ)`, and another one stops it. */
function patchedBy(helper: FunctionDefinition, target: Target, around: Surroundings, releases: Release[]): void {
  if (!helper.text.includes('patch.dict')) return;
  for (const it of walk(helper)) {
    const kept = it.type === 'call' && guards(it, target) && it.parent?.type === 'assignment' ? it.parent.targets[0]?.text : undefined;
    if (kept?.startsWith('self.') === true && around.methods.some((each) => each.node.text.includes(`${kept}.stop(`)))
      releases.push({ how: 'teardown', place: it.place, by: short(it.text) });
  }
}

/** `self.override(module, 'name')`, of a class whose `override` registers the `setattr` of what it finds there: the old value comes back, whoever gave another. */
function keptByHelper(body: FunctionDefinition, target: Target, around: Surroundings, releases: Release[]): void {
  const last = lastSegment(target.target);
  if (!body.text.includes(last)) return;
  for (const it of walk(body)) {
    if (it.type !== 'call' || it.function.type !== 'attribute' || it.function.object.text !== 'self' || it.arguments.length < 2) continue;
    const [object, name] = it.arguments.map((each) => each.value);
    if (name === undefined || constantText(name.value) !== last || `${object?.refersTo ?? ''}.${last}` !== target.target) continue;
    const { method } = it;
    if (around.methods.some((each) => each.node.name === method && walk(each.node).some(registersSetattr)))
      releases.push({ how: 'cleanup', place: it.place, by: short(it.text) });
  }
}

/** `self.addCleanup(setattr, module, 'timeout', 10)` is about that attribute alone. */
function setsAnother(it: Call, target: Target): boolean {
  const name = registersSetattr(it) ? constantText(it.arguments[2]?.value.value) : undefined;
  return name !== undefined && name !== lastSegment(target.target);
}

/** `self.addCleanup(setattr, object, name, value)` */
function registersSetattr(it: Node): it is Call {
  return it.type === 'call' && CLEANUP_METHODS.has(it.method) && it.arguments[0]?.value.refersTo === 'builtins.setattr';
}

/** Does the test run inside: `with mock.patch.dict(os.environ): yield`, or `func()` in a decorator? */
function holdsRun(block: Node, body: FunctionDefinition): boolean {
  const runs = runsIn(body);
  return runs.length > 0 && walk(block).some((it) => runs.includes(it));
}

/** Where a function of the workspace sets the target back: `self.addCleanup(reset_limits)`, or on the way out, `finally: reset_limits()`. */
function setBackByFunctions(
  { node: body, role }: { readonly node: FunctionDefinition; readonly role: string },
  target: Target,
  around: Surroundings,
): Release[] {
  if (!role.endsWith('teardown') && !/[cC]leanup|finalizer|\bfinally\b|\byield\b/.test(body.text)) return [];
  return walk(body).flatMap((it): Release[] => {
    if (it.type !== 'call') return [];
    const isRegistered = CLEANUP_METHODS.has(it.method);
    const how = isRegistered ? 'cleanup' : pathIn(body, it, role);
    const called = isRegistered ? it.arguments[0]?.value.refersTo : how === 'inline' ? undefined : it.callee;
    const node = called === undefined ? undefined : around.functionCalled(called);
    const isSet = node !== undefined && walk(node).some((each) => each.type === 'assignment' && each.targets.some((one) => sameTarget(one, target)));
    const isSetByName =
      node !== undefined && !isRegistered && target.sort.endsWith('attribute') && passesName(it, node, ownerOf(target), lastSegment(target.target));
    return isSet || isSetByName ? [{ how, place: it.place, by: short(it.text) }] : [];
  });
}

/** The module or class that has the attribute. */
function ownerOf({ target }: Target): QualifiedName {
  return target.slice(0, target.lastIndexOf('.'));
}

function lastSegment(name: string): string {
  return name.slice(name.lastIndexOf('.') + 1);
}

/** Is it what the same function kept of the old value: `os_name = os.name` … `os.name = os_name`? */
function isKept(value: Expression | undefined, body: Node, target: Target): boolean {
  const source = value === undefined ? undefined : sourceOf(value);
  return source !== undefined && keeps(body, source, target);
}

/** The last write of an attribute gives it what its own package has, after what the function made itself: the original, by its name. */
function isOriginal(node: Node, target: Target, body: Node): boolean {
  if (node.type !== 'assignment' || !target.sort.endsWith('attribute') || !isOfPackage(node.value, target)) return false;
  const at = spotOf(node.place).start;
  let replaced = false;
  for (const it of walk(body)) {
    if (it === node || it.type !== 'assignment' || !it.targets.some((each) => sameTarget(each, target))) continue;
    if (spotOf(it.place).start > at) return false;
    replaced ||=
      isOfPackage(it.value, target) || it.value?.type === 'lambda' || it.value?.refersTo?.includes('<locals>') === true || isMockName(it.value?.refersTo);
  }
  return replaced;
}

/**
 * A later write that only puts back: by the name of what it gives, `module.send = old_send`, `module.send = send`, or the last line of a
 * test, which nothing comes after.
 */
function isPutBack(node: Node, target: Target, body: FunctionDefinition, role: string): boolean {
  if (node.type !== 'assignment' || node.operator !== undefined || target.sort === 'configuration') return false;
  if (target.sort === 'environment' && target.key === undefined) return false;
  const ends = role === 'test' && body.body.at(-1) === node;
  if (!ends && node.value?.text !== lastSegment(target.target) && !looksLikeRestore(node)) return false;
  const { start } = spotOf(node.place);
  return walk(body).some(
    (it) =>
      spotOf(it.place).start < start &&
      ((it.type === 'assignment' && it.targets.some((each) => sameTarget(each, target))) ||
        (it.type === 'delete' && it.operands.some((each) => sameTarget(each, target)))),
  );
}

/** A name of the package that the target belongs to, and no double that it offers. */
function isOfPackage(value: Expression | undefined, { target }: Target): boolean {
  if (value?.type !== 'name' && value?.type !== 'attribute') return false;
  const name = value.refersTo ?? '';
  return name.startsWith(target.slice(0, target.indexOf('.') + 1)) && !name.includes('<') && !/(?:^|[._])(?:tests?|testing|fake|mock|stub|dummy)/i.test(name);
}

/** A write to the same target counts as a restore only where it can come later. */
function addPath(it: Node, body: FunctionDefinition, role: string, releases: Release[], change: Node, kept = false): void {
  const how = pathIn(body, it, role);
  const changeAt = spotOf(change.place);
  const at = spotOf(it.place);
  const resets = it.type === 'call' && /^_*reset(?:_\w+)?$/.test(it.method);
  const renews =
    resets ||
    (it.type === 'assignment' && it.targets.some((each) => each.type === 'attribute')) ||
    (it.type === 'call' && (it.method === 'reload' || it.method === 'setattr'));
  if (how === 'inline' && role === 'setup' && (at.page === changeAt.page ? resets && at.start < changeAt.start : renews)) {
    // Every test of the class, or of the module, begins with a fresh value.
    releases.push({ how: 'guarantee', place: it.place, by: short(it.text) });
    return;
  }
  if (how === 'inline') {
    const isBehind = at.page === changeAt.page ? at.start > changeAt.start : isAroundTest(body, role) && isBehindRun(it, body);
    if (isBehind && (kept || looksLikeRestore(it)) && !excludes(it, change)) releases.push({ how, place: it.place, by: short(it.text) });
    return;
  }
  if (at.page === changeAt.page && how === 'cleanup' && at.start < changeAt.start && !looksLikeRestore(it)) return;
  releases.push({ how, place: it.place, by: short(it.text) });
}

/** A decorator that calls the test; what runs around one is asked in the role of a fixture. */
function isAroundTest(body: FunctionDefinition, role: string): boolean {
  return role === 'fixture' && isDecorator(body);
}

/** Behind the test, a decorator has only what stands in a `finally` around its call, and what nothing keeps from being come to. */
function pathIn(body: FunctionDefinition, it: Node, role: string): Release['how'] {
  if (!isAroundTest(body, role)) return pathOf(it, role);
  let inner = it;
  for (const each of ancestors(it)) {
    if (each.type === 'try' && each.final.includes(inner as Statement) && each.body.some((step) => holdsRun(step, body))) return 'finally';
    inner = each;
  }
  return 'inline';
}

function isBehindRun(it: Node, body: FunctionDefinition): boolean {
  return runsIn(body).some((run) => enclosing(run) === enclosing(it) && spotOf(run.place).end <= spotOf(it.place).start && !excludes(it, run));
}

/** What does nothing but set back: `timeutils.clear_time_override`. */
const REVERSES: ReadonlySet<string> = new Set(Object.values(PROCESS_REVERSES).flat());

function looksLikeRestore(it: Node): boolean {
  if (it.type === 'delete') return true;
  if (it.type === 'assignment')
    return (
      it.value !== undefined &&
      /^(?:None|False|\[\]|\{\})$|^sys\.__\w+__$|(?:^|[._])(?:_?old|orig|saved?|prev|before|real|backup|former|initial|cwd)/i.test(it.value.text)
    );
  if (it.type === 'call' && PROCESS_STATE.has(it.callee ?? '')) return setsBack(it);
  if (it.type === 'call' && REVERSES.has(it.callee ?? '')) return true;
  if (it.type === 'call')
    return (
      /^(?:pop|remove|clear|delattr|reset|reload|unsetenv)$/.test(it.method) ||
      it.arguments.some((each) => /(?:old|orig|saved?|prev|before|cwd)/i.test(each.value.text))
    );
  return false;
}

function sameTarget(it: Expression, target: Target): boolean {
  if (it.type === 'subscript') {
    if (it.object.refersTo !== target.target) return false;
    const key = constantText(it.index[0]?.value);
    return key === undefined || target.key === undefined || key === target.key;
  }
  if (it.type !== 'attribute') return false;
  const object = it.object.refersTo;
  return object !== undefined && `${object}.${it.name}` === (target.sort === 'configuration' ? `${target.target}.${target.key ?? ''}` : target.target);
}

function restoringCall(it: Call, target: Target): boolean {
  const callee = it.callee;
  if (target.sort === 'module state') return it.method === target.key;
  if (callee === undefined) return false;
  if (target.pastMapping === true && callee === 'os.unsetenv') return constantText(it.arguments[0]?.value.value) === target.key;
  if (callee === target.target || PROCESS_REVERSES[target.target]?.includes(callee) === true) return true;
  if (callee.startsWith(`${target.target}.`)) {
    // `module.client.params.update(…)` leaves `module.client` what it is, and `os.environ.copy().update(…)` the environment.
    if (callee.includes('.', target.target.length + 1) || (target.sort.endsWith('attribute') && it.method === 'update')) return false;
    // `os.environ.pop('A')` takes nothing else back.
    const key = it.method === 'pop' ? constantText(it.arguments[0]?.value.value) : undefined;
    return key === undefined || target.key === undefined || key === target.key;
  }
  if (callee === 'builtins.setattr' || callee === 'builtins.delattr') {
    const [object, name] = it.arguments.map((each) => each.value);
    const named = name === undefined ? '' : constantText(name.value);
    // `for name, old in saved: setattr(module, name, old)`
    return `${object?.refersTo ?? ''}.${named ?? lastSegment(target.target)}` === target.target;
  }
  if (target.sort.endsWith('attribute')) {
    const object = ownerOf(target);
    const [first] = it.arguments;
    // `conf.reset('use_memmap')`, `importlib.reload(warnings)`
    if (callee === 'importlib.reload') return first?.value.refersTo === object;
    if (callee === 'sys.modules.pop') return first !== undefined && constantText(first.value.value) === object;
    // `metrics.reset_collector()` for `metrics._collector`
    const name = callee.startsWith(`${object}.`) ? callee.slice(object.length + 1) : '';
    return (name === 'reset' && isNameOf(first?.value, target)) || (first === undefined && /^_*(?:reset|restore)_\w+$/.test(name));
  }
  return (
    target.sort === 'configuration' &&
    it.function.type === 'attribute' &&
    /^(?:clear_override|clear_default|reset|clear|unset_override)$/.test(it.method) &&
    isConfiguration(it.function.object)
  );
}

/** The name of the attribute as a text; nothing speaks of all. */
function isNameOf(it: Expression | undefined, target: Target): boolean {
  return it === undefined || constantText(it.value) === lastSegment(target.target);
}

function isConfiguration(it: Expression): boolean {
  return /(?:^|\.)_?(?:CONF|conf|cfg|config)$/.test(it.text);
}

function speaksOf(it: Expression, target: Target): boolean {
  for (const each of walk(it)) {
    if (each.type !== 'attribute' && each.type !== 'name') continue;
    const name = each.refersTo;
    if (target.sort === 'module state' && (each.type === 'attribute' ? each.name : each.id) === target.key) return true;
    if (name !== undefined && PROCESS_REVERSES[target.target]?.includes(name) === true) return true;
    if (name === target.target || name?.startsWith(`${target.target}.`) === true) return true;
    // `addCleanup(os.unsetenv, 'A')`
    if (target.pastMapping === true && name === 'os.unsetenv') return true;
    if ((name === 'builtins.setattr' || name === 'builtins.delattr') && target.sort.endsWith('attribute')) return true;
    // `addCleanup(unload, name)`; `addCleanup(module.reset)` for what the module keeps
    if (target.sort === 'sys.modules' && /(?:^|\.)(?:unload|forget)$/.test(name ?? '')) return true;
    if (
      target.sort.endsWith('attribute') &&
      name !== undefined &&
      /^_*(?:reset|restore|clean)/.test(name.slice(name.lastIndexOf('.') + 1)) &&
      target.target.startsWith(name.slice(0, name.lastIndexOf('.') + 1))
    )
      return true;
    if (
      target.sort === 'configuration' &&
      each.type === 'attribute' &&
      /^(?:clear_override|clear_default|reset|clear)$/.test(each.name) &&
      isConfiguration(each.object)
    )
      return true;
  }
  return false;
}
