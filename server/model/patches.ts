/**
 * Patches and stubs: what a call to `mock.patch`, `monkeypatch`, `stub_out` and relatives replaces, how it
 * is put in force, and for which code. The STUBBED context of `rules.md` B.0.2.
 */
import type { Call, Expression, FunctionDefinition, FunctionSubject, Node, Patch, Place, QualifiedName, Value } from '../../rules/model.ts';
import { ancestors, argument, constantText, statementOf, walk } from '../../rules/model.ts';
import { PATCH_CALLEES } from '../../rules/python/mock.ts';
import { canonical } from '../../rules/python/names.ts';
import { CLEANUP_METHODS, ENTER_METHODS } from '../../rules/python/resources.ts';
import { listHolding, loopsIn } from './items.ts';
import type { Surroundings } from './resources.ts';
import { isDecorator, runsIn } from './runs.ts';
import { isForgottenStack } from './stacks.ts';
import { spotOf } from './tree.ts';

export interface Stub {
  readonly target: QualifiedName;
  readonly by: string;
  readonly place: Place;
  /** Is it taken back without anybody's doing: by a fixture, a registered stop, the end of a block? */
  readonly undone: boolean;
  /** The call in the body of a function that puts it in force; undefined where it holds for all of the body. */
  readonly from?: Call;
}

/** The form of a stub installer, or undefined when the call is none. */
export function patchForm(call: Call): string | undefined {
  const callee = call.callee;
  const known = callee === undefined ? undefined : PATCH_CALLEES.get(callee);
  if (known !== undefined) return known;
  const method = call.method;
  if (method === 'stub_out' || method === 'stub_with') return 'stub_out';
  if (method === 'mock_object' && call.function.type === 'attribute') return 'mock_object';
  if (method === 'patch' && callee?.endsWith('().patch') === true && call.arguments[0]?.value.type === 'string') return 'TestCase.patch';
  return undefined;
}

/** Can a call of this name be a stub installer? */
export function canPatch(callee: string, method: string): boolean {
  return PATCH_CALLEES.has(callee) || method === 'stub_out' || method === 'stub_with' || method === 'mock_object' || method === 'patch';
}

/** Everything that a call may replace: one thing, one for each keyword, or one for each value of a loop. */
function targetsOf(call: Call, form: string): readonly QualifiedName[] {
  const first = call.arguments[0]?.value;
  if (first === undefined) return [];
  const texts = textsOf(first.value);
  if (form === 'patch.multiple' || call.method === 'MockPatchMultiple') {
    const objects = texts.length > 0 ? texts.map(canonical) : first.refersTo === undefined ? [] : [first.refersTo];
    const names = call.arguments.flatMap((it) => (it.keyword === undefined || PATCH_OPTIONS.has(it.keyword) ? [] : it.keyword));
    return objects.flatMap((object) => names.map((name) => canonical(`${object.replace(/\(\)$/, '')}.${name}`)));
  }
  const objectForm =
    form === 'patch.object' ||
    form === 'mock_object' ||
    (form === 'MockPatch' && call.method === 'MockPatchObject') ||
    call.method === 'spy' ||
    ((form === 'monkeypatch' || form === 'mocker' || form === 'TestCase.patch') && texts.length === 0);
  if (call.method === 'setenv' || call.method === 'delenv') return ['os.environ'];
  if (form === 'patch.dict' || call.method === 'setitem' || call.method === 'delitem')
    return texts.length > 0 ? texts.map(canonical) : first.refersTo === undefined ? [] : [first.refersTo];
  if (!objectForm) return texts.map(canonical);
  const object = first.refersTo;
  if (object === undefined) return [];
  const name = argument(call, 'attribute', 1) ?? argument(call, 'name', 1);
  const names = name === undefined ? [] : textsOf(name.value);
  return names.length === 0 ? [object] : names.map((it) => canonical(`${object.replace(/\(\)$/, '')}.${it}`));
}

/** Keywords of `patch.multiple` that name no attribute. */
const PATCH_OPTIONS: ReadonlySet<string> = new Set(['target', 'spec', 'create', 'spec_set', 'autospec', 'new_callable', 'unsafe']);

const MAX_TEXTS = 24;

/** The texts that a value can be; empty when it cannot be told, or is one of very many. */
function textsOf(value: Value): readonly string[] {
  const text = constantText(value);
  if (text !== undefined) return [text];
  if (value.kind === 'oneOf') {
    const choices = value.choices.map(textsOf);
    return choices.some((it) => it.length === 0) ? [] : few(choices.flat());
  }
  if (value.kind !== 'joined') return [];
  let texts: readonly string[] = [''];
  for (const part of value.parts) {
    const ends = textsOf(part);
    texts = few(texts.flatMap((start) => ends.map((end) => start + end)));
  }
  return texts;
}

function few(texts: readonly string[]): readonly string[] {
  return texts.length > MAX_TEXTS ? [] : texts;
}

/** Where the replacement stands among the arguments: after what names the target. */
function replacementAt(call: Call, form: string): number {
  if (form === 'patch.object' || form === 'mock_object' || call.method === 'MockPatchObject' || call.method === 'setitem') return 2;
  if (form === 'monkeypatch' || form === 'TestCase.patch') return call.arguments.length >= 3 ? 2 : 1;
  return form === 'mocker' && call.function.text.endsWith('.object') ? 2 : 1;
}

export function patchOf(call: Call, form: string, owner: FunctionSubject | undefined, around: Surroundings): Patch {
  const keywords = new Set(call.arguments.map((it) => it.keyword));
  const at = replacementAt(call, form);
  const targets = targetsOf(call, form);
  const given =
    form === 'patch.multiple' || call.method === 'spy' || call.method === 'delattr'
      ? undefined
      : (argument(call, 'new', at) ?? argument(call, 'new_value') ?? argument(call, 'value', at) ?? argument(call, 'new_callable'));
  return {
    type: 'patch',
    call,
    place: call.place,
    form,
    target: targets.length === 1 ? targets[0] : undefined,
    targets,
    applied: appliedBy(call, form, around),
    specced: ['autospec', 'spec', 'spec_set', 'wraps'].some((it) => keywords.has(it)),
    replacement: given,
    owner,
  };
}

function appliedBy(call: Call, form: string, around?: Surroundings): Patch['applied'] {
  const parent = call.parent;
  if (form === 'mocker' || form === 'monkeypatch' || form === 'stub_out' || form === 'mock_object' || form === 'TestCase.patch') return 'immediate';
  if (parent === undefined) return 'held';
  if (parent.type === 'function' || parent.type === 'class') return 'decorator';
  if (parent.type === 'with') return 'with';
  const list = listHolding(call);
  if (list !== undefined) return startedInLoop(list, call) ? 'started' : 'held';
  if (parent.type === 'call') {
    const given = parent.arguments.some((it) => it.value === call);
    if (!given || !(ENTER_METHODS.has(parent.method) || CLEANUP_METHODS.has(parent.method))) return 'held';
    return isForgottenStack(parent, around) ? 'started' : 'registered';
  }
  if (parent.type === 'attribute') return parent.name === 'start' ? 'started' : 'held';
  if (parent.type === 'expression') return 'unused';
  if (parent.type === 'assignment') {
    const [target] = parent.targets;
    if (parent.targets.length !== 1 || target === undefined) return 'held';
    if (target.type === 'name') return usedLater(target.id, parent) ? (startedLater(target.text, parent) ? 'started' : 'held') : 'unused';
    return startedLater(target.text, parent) ? 'started' : 'held';
  }
  return 'held';
}

function functionAround(node: Node): Node {
  let result: Node = node;
  for (let it: Node | undefined = node; it !== undefined; it = it.parent) {
    result = it;
    if (it.type === 'function') return it;
  }
  return result;
}

function usedLater(name: string, definition: Node): boolean {
  const around = functionAround(definition);
  if (around.type !== 'function') return true;
  for (const it of walk(around)) if (it.type === 'name' && it.id === name && it.parent !== definition) return true;
  return false;
}

function startedLater(holder: string, definition: Node): boolean {
  for (const it of walk(functionAround(definition))) {
    if (it.type === 'call' && it.method === 'start' && it.function.type === 'attribute' && it.function.object.text === holder) return true;
  }
  return false;
}

function startedInLoop(list: string, patch: Node): boolean {
  for (const { variable, list: over, node } of loopsIn(functionAround(patch))) {
    if (over !== list) continue;
    for (const it of walk(node))
      if (it.type === 'call' && it.method === 'start' && it.function.type === 'attribute' && it.function.object.text === variable) return true;
  }
  return false;
}

/** What pyfakefs 5 keeps in memory instead; the rest of `os` is Python's own. */
const FILE_SYSTEM: readonly string[] = [
  'builtins.open',
  'io.open',
  'shutil',
  'pathlib',
  'tempfile',
  ...'access chdir chmod chown fdopen getcwd link listdir lstat makedirs mkdir open path readlink remove removedirs rename replace rmdir scandir stat symlink truncate umask unlink utime walk write'
    .split(' ')
    .map((it) => `os.${it}`),
];

/** Stubs that a fixture of a stub library stands for, by parameter or decorator name. */
const LIBRARY_STUBS: Readonly<Record<string, readonly string[]>> = {
  requests_mock: ['requests', 'urllib3'],
  responses: ['requests', 'urllib3'],
  httmock: ['requests'],
  httpretty: ['socket', 'requests', 'urllib', 'urllib3', 'http.client', 'httpx'],
  httpx_mock: ['httpx'],
  httpx2_mock: ['httpx'],
  respx: ['httpx', 'httpcore'],
  respx_mock: ['httpx', 'httpcore'],
  aioresponses: ['aiohttp'],
  moto: ['boto3', 'botocore'],
  vcr: ['requests', 'urllib3', 'httpx', 'aiohttp', 'http.client'],
  fp: ['subprocess'],
  fake_process: ['subprocess'],
  fs: FILE_SYSTEM,
  Patcher: FILE_SYSTEM,
  patchfs: FILE_SYSTEM,
  setUpPyfakefs: FILE_SYSTEM,
  setUpClassPyfakefs: FILE_SYSTEM,
  use_cassette: ['requests', 'urllib3', 'httpx', 'aiohttp', 'http.client'],
  pook: ['requests', 'urllib3', 'httpx', 'aiohttp'],
  FakePopen: ['subprocess'],
  socket_disabled: ['socket'],
  betamax: ['requests'],
  wsgi_intercept: ['requests', 'urllib3', 'http.client'],
  mongomock: ['pymongo'],
};

/** What a fixture of a library, by its name, puts a stub on. */
function* stubsOfLibrary(name: string, place: Place): Iterable<Stub> {
  for (const target of Object.hasOwn(LIBRARY_STUBS, name) ? (LIBRARY_STUBS[name] ?? []) : []) yield { target, by: `fixture ${name}`, place, undone: true };
}

/** What a decorator, with item, parameter or call puts a stub on. */
export function* stubsOfExpression(it: Expression): Iterable<Stub> {
  if (it.type === 'call') {
    if (it.callee === 'pytest.mark.usefixtures') for (const each of it.arguments) yield* stubsOfLibrary(constantText(each.value.value) ?? '', it.place);
    const form = patchForm(it);
    if (form !== undefined) {
      if (form !== 'patch.dict') for (const target of targetsOf(it, form)) yield { target, by: short(it), place: it.place, undone: true };
      return;
    }
  }
  const name = it.type === 'call' ? (it.callee ?? it.method) : it.refersTo;
  const library = name?.split('.')[0]?.replace(/\(\).*/, '');
  const last = name?.replace(/\(\)/g, '').split('.').at(-1);
  for (const key of [library, last]) {
    if (key === undefined || !Object.hasOwn(LIBRARY_STUBS, key)) continue;
    if (key === 'fp' || key === 'fs' || (key === 'Patcher' && library !== 'pyfakefs')) continue;
    for (const target of LIBRARY_STUBS[key] ?? []) yield { target, by: short(it), place: it.place, undone: true };
  }
}

function short(it: Expression): string {
  const text = it.text.replace(/\s+/g, ' ');
  return text.length > 60 ? `${text.slice(0, 57)}...` : text;
}

/** Stubs in force in the whole body of a function: decorators, parameters, and what it installs itself. */
export function* stubsOfFunction(node: FunctionDefinition): Iterable<Stub> {
  yield* stubsOfHead(node);
  yield* stubsInside(node);
}

export function* stubsOfHead(node: FunctionDefinition): Iterable<Stub> {
  for (const it of node.decorators) yield* stubsOfExpression(it);
  // In a helper, a parameter of that name is what it is given.
  const injected = node.name.startsWith('test') || node.decorators.some((it) => it.text.includes('fixture')) ? node.parameters : [];
  for (const it of injected) yield* stubsOfLibrary(it.name, it.place);
}

/** Stubs that calls inside a function install until the end of the test (started, registered, immediate). */
function* stubsInside(node: FunctionDefinition, counts: (call: Call) => boolean = () => true): Iterable<Stub> {
  if (!/patch|stub|mock|Fake|respons|pretty|MonkeyPatch|moto|respx/i.test(node.text)) return;
  for (const it of walk(node).filter((each) => each.type === 'call')) {
    if (!counts(it)) continue;
    const form = patchForm(it);
    if (form !== undefined) {
      const applied = appliedBy(it, form);
      if (form === 'patch.dict' || applied === 'with' || applied === 'unused' || applied === 'decorator') continue;
      const undone = applied === 'registered' || applied === 'immediate' || stopRegistered(it, node);
      for (const target of targetsOf(it, form)) yield { target, by: short(it), place: it.place, undone, from: it };
    } else if (
      it.method === 'FakePopen' ||
      (it.method === 'enable' && it.callee?.startsWith('httpretty.') === true) ||
      it.callee === 'responses.start' ||
      it.method === 'setUpPyfakefs' ||
      it.method === 'setUpClassPyfakefs' ||
      it.method === 'mock_aws'
    )
      yield* stubsOfExpression(it);
    else if ((ENTER_METHODS.has(it.method) || it.method === 'start') && it.function.type === 'attribute') {
      // `useFixture(requests_mock.contrib.fixture.Fixture())`, `mock_aws().start()`
      const what = it.method === 'start' ? it.function.object : it.arguments[0]?.value;
      if (what?.type === 'call') yield* stubsOfExpression(what);
    } else if (it.method === 'Mocker' && it.callee === 'requests_mock.Mocker') yield* stubsOfExpression(it);
  }
}

/** Stubs that a function leaves in force for the test which it is given, whatever happens. */
export function stubsLeft(node: FunctionDefinition): readonly Stub[] {
  const isSure = (call: Call): boolean => {
    for (const it of ancestors(call)) {
      if (it === node) return true;
      if (MAY_NOT_RUN.has(it.type)) return false;
    }
    return false;
  };
  return [...stubsInside(node, isSure)].filter((it) => it.undone);
}

const MAY_NOT_RUN: ReadonlySet<Node['type']> = new Set(['function', 'lambda', 'class', 'if', 'while', 'for', 'try', 'match']);

/**
 * `for module, names in TABLE.items():`, and in it `mocker.patch.object(module, name, fake)` for each of the names: what the table of the
 * module lists, which `initially` finds. Every text in its lists is taken for a name, and every key of a `dict`.
 */
export function* stubsOfTables(node: FunctionDefinition, initially: (name: QualifiedName) => Expression | undefined): Iterable<Stub> {
  if (!/\.items\(\)/.test(node.text) || !/patch|setattr/.test(node.text)) return;
  for (const it of walk(node)) {
    const object = it.type === 'call' && it.arguments.length > 1 && patchForm(it) !== undefined ? it.arguments[0]?.value : undefined;
    if (it.type !== 'call' || object?.type !== 'name' || object.refersTo !== undefined) continue;
    for (const loop of ancestors(it)) {
      if (loop.type !== 'for' || loop.target.type !== 'tuple' || loop.target.items[0]?.text !== object.id) continue;
      const { iterable } = loop;
      const table = iterable.type === 'call' && iterable.method === 'items' && iterable.function.type === 'attribute' ? iterable.function.object : undefined;
      const listed = initially(table?.refersTo ?? '');
      for (const { key, value } of listed?.type === 'dict' ? listed.entries : [])
        for (const each of key?.refersTo === undefined ? [] : namesListed(value))
          yield { target: canonical(`${key?.refersTo}.${each}`), by: short(it), place: it.place, undone: true, from: it };
    }
  }
}

function namesListed(it: Expression | undefined): readonly string[] {
  if (it?.type === 'string') return [it.content];
  if (it?.type === 'dict') return it.entries.flatMap(({ key }) => namesListed(key));
  return it?.type === 'list' || it?.type === 'tuple' || it?.type === 'set' ? it.items.flatMap(namesListed) : [];
}

/** Does the function register the stop of the patcher that the call makes? */
function stopRegistered(patch: Call, body: FunctionDefinition): boolean {
  const { parent } = patch;
  const list = listHolding(patch);
  const holders: ReadonlySet<string | undefined> =
    list === undefined
      ? new Set(parent?.type === 'assignment' ? [parent.targets[0]?.text] : [])
      : new Set([...loopsIn(body)].flatMap((it) => (it.list === list ? it.variable : [])));
  if (holders.size === 0) return false;
  for (const it of walk(body)) {
    if (it.type !== 'call' || !CLEANUP_METHODS.has(it.method)) continue;
    const first = it.arguments[0]?.value;
    if (first?.type === 'attribute' && first.name === 'stop' && holders.has(first.object.text)) return true;
  }
  return false;
}

/**
 * Is a stub that the body of a function puts in force so at `at`: after its start, and not after its stop? Code in
 * functions inside runs when somebody calls it.
 */
export function inForce(stub: Stub, at: Node, body: Node): boolean {
  const { from } = stub;
  if (from === undefined || functionAround(from) !== body || functionAround(at) !== body) return true;
  const { start } = spotOf(at.place);
  const loop = (it: Node): boolean => it.type === 'for' || it.type === 'while';
  if (spotOf(from.place).start > start) return [...ancestors(from)].some((it) => loop(it) && contains(it, at));
  const holder = from.parent?.type === 'assignment' ? from.parent.targets[0]?.text : undefined;
  if (holder === undefined) return true;
  for (const it of walk(body)) {
    if (it.type !== 'call' || it.method !== 'stop' || it.function.type !== 'attribute' || it.function.object.text !== holder) continue;
    // Only a stop that every way to `at` has passed.
    const block = statementOf(it)?.parent;
    if (spotOf(it.place).end <= start && spotOf(it.place).start > spotOf(from.place).start && block !== undefined && contains(block, at)) return false;
  }
  return true;
}

function contains(outer: Node, inner: Node): boolean {
  const [a, b] = [spotOf(outer.place), spotOf(inner.place)];
  return a.start <= b.start && b.end <= a.end;
}

/** Stubs in force while a fixture or decorator lets the test run, wherever it does: those of its whole body, and of the blocks that the test runs inside. */
export function stubsWhileGiven(node: FunctionDefinition, functionCalled: (name: QualifiedName) => FunctionDefinition | undefined): readonly Stub[] {
  const runs = runsIn(node);
  const whole = [...(isDecorator(node) ? stubsInside(node) : stubsOfFunction(node))];
  if (runs.length === 0) return whole;
  const homes = new Set(runs.map(functionAround));
  const known = new Map<Node, readonly Stub[]>();
  const within = (home: Node): readonly Stub[] => {
    const before = known.get(home);
    if (before !== undefined) return before;
    known.set(home, []);
    const found = common(runs.filter((it) => functionAround(it) === home));
    known.set(home, found);
    return found;
  };
  /** What each is under, but for those that somebody asks the environment for. */
  const common = (some: readonly Node[]): readonly Stub[] => {
    const found = some.map((it) => [
      ...whole.filter((stub) => inForce(stub, it, functionAround(it))),
      ...stubsAround(it),
      ...[...homes].flatMap((home) => (isCallOf(it, home) ? within(home) : [])),
    ]);
    const [first, ...others] = found.filter((stubs, index) => stubs.length > 0 || !isAskedFor(some[index], functionCalled));
    return first?.filter(({ target }) => others.every((stubs) => stubs.some((it) => covers(it.target, target)))) ?? [];
  };
  return common(runs.filter((it) => !runs.some((each) => isCallOf(each, functionAround(it)))));
}

function isCallOf(it: Node, called: Node): boolean {
  return it.type === 'call' && called.type === 'function' && it.function.text === called.name && functionAround(it) !== called;
}

/** Behind `if os.environ.get('LIVE'):`, a name that was given what the environment says, or a function that asks it. */
function isAskedFor(run: Node | undefined, functionCalled: (name: QualifiedName) => FunctionDefinition | undefined): boolean {
  let inner = run;
  for (const it of run === undefined ? [] : ancestors(run)) {
    if (it.type === 'if') {
      const { test } = it;
      const isNot = test.text.startsWith('not ');
      const name = isNot ? test.text.slice(4) : test.text;
      const given = walk(functionAround(it)).flatMap((each) => (each.type === 'assignment' && each.targets[0]?.text === name ? (each.value ?? []) : []));
      const asks = [test, ...given]
        .flatMap((each) => walk(each))
        .flatMap((each) => [each, each.type === 'call' ? functionCalled(each.callee ?? '') : undefined]);
      if ((isNot ? it.otherwise : it.body).includes(inner as never) && asks.some((each) => /\benviron\b|\bgetenv\b/.test(each?.text ?? ''))) return true;
    }
    inner = it;
  }
  return false;
}

/** Stubs of `with` blocks around a node, and of the decorators of functions that it is in. */
export function* stubsAround(node: Node): Iterable<Stub> {
  for (let it: Node | undefined = node.parent, inner: Node = node; it !== undefined; inner = it, it = it.parent) {
    if ((it.type !== 'with' && it.type !== 'function') || !it.body.includes(inner as never)) continue;
    if (it.type === 'function') yield* stubsOfDecorators(it.decorators);
    else for (const item of it.items) yield* stubsOfExpression(item.context);
  }
}

export function* stubsOfDecorators(decorators: readonly Expression[]): Iterable<Stub> {
  for (const it of decorators) yield* stubsOfExpression(it);
}

/** Does replacing `target` replace what `name` refers to? Also at the module that uses it: `mine.subprocess.run`. */
export function covers(target: QualifiedName, name: QualifiedName): boolean {
  if (name === target || name.startsWith(`${target}.`) || name.startsWith(`${target}(`)) return true;
  const plain = name.replace(/\(\)/g, '');
  if (plain === target || plain.startsWith(`${target}.`)) return true;
  if (target.endsWith(`.${plain}`)) return true;
  // `mine.subprocess` replaces subprocess.run for those who go through `mine`
  const dot = plain.indexOf('.');
  return dot > 0 && target.endsWith(`.${plain.slice(0, dot)}`);
}
