/**
 * What a test function is given by its framework: the pytest fixture that a parameter stands for, looked for
 * where pytest looks (class, module, `conftest.py` upwards, plug-ins of the project), and the rows of a table that it runs over.
 */
import type { Call, Expression, FunctionDefinition, Node } from '../../rules/model.ts';
import { argument, constantText, walk } from '../../rules/model.ts';
import { LIBRARY_FIXTURES, TEST_CASE_BASES, WELL_KNOWN_FIXTURES } from '../../rules/python/unittest.ts';
import { remembered } from '../../rules/remembered.ts';
import type { Classes } from './classes.ts';
import type { ClassShape, Frame } from './frame.ts';
import { BEFORE_EACH, fixtureOf, marksOf } from './frameworks.ts';
import { runsIn } from './runs.ts';
import type { Workspace } from './workspace.ts';

const MODULE = /^\w+(?:\.\w+)*$/;

/** The fixtures that a module defines itself, by the name that tests use. */
const fixturesIn = remembered((frame: Frame): ReadonlyMap<string, FunctionDefinition> => {
  const result = new Map<string, FunctionDefinition>();
  for (const it of frame.units) {
    if (it.unit.kind !== 'statement' || it.head.kind !== 'function' || it.head.isTest || !it.text.includes('fixture')) continue;
    const node = frame.page(it).statements[0];
    const fixture = node?.type === 'function' ? fixtureOf(node) : undefined;
    if (node?.type === 'function' && fixture !== undefined) result.set(fixture.name, node);
  }
  return result;
});

interface FixtureMethod {
  readonly name: string;
  readonly node: FunctionDefinition;
}

/** The fixtures that a class defines itself, in order of writing. */
const fixturesOf = remembered((shape: ClassShape): readonly FixtureMethod[] => {
  const result: FixtureMethod[] = [];
  for (const method of shape.methodNames) {
    const node = shape.method(method);
    const fixture = node?.text.includes('fixture') === true ? fixtureOf(node) : undefined;
    if (node !== undefined && fixture !== undefined) result.push({ name: fixture.name, node });
  }
  return result;
});

export class Fixtures {
  private readonly frame: Frame;
  private readonly workspace: Workspace;
  private readonly classes: Classes;
  private givenNames: ReadonlySet<string> | undefined;
  private makesNames: boolean | undefined;
  private readonly answers = new WeakMap<FunctionDefinition, Map<string, readonly Expression[] | undefined>>();

  constructor(frame: Frame, workspace: Workspace, classes: Classes) {
    this.frame = frame;
    this.workspace = workspace;
    this.classes = classes;
  }

  /** The fixture of a name, as seen from a function. A fixture that asks for its own name gets the next one up. */
  named(name: string, from: FunctionDefinition, shape: ClassShape | undefined): FunctionDefinition | undefined {
    const own = shape === undefined ? undefined : this.inClass(name, shape, from);
    if (own !== undefined) return own;
    for (const frame of this.sources()) {
      const found = this.inModule(name, frame);
      if (found !== undefined && found !== from) return found;
    }
    return undefined;
  }

  /** The fixture of a name in the file, in any of its classes, or in the `conftest.py` files above. */
  anywhere(name: string): FunctionDefinition | undefined {
    for (const shape of this.frame.shapes) {
      const found = this.inClass(name, shape);
      if (found !== undefined) return found;
    }
    for (const frame of this.sources()) {
      const found = this.inModule(name, frame);
      if (found !== undefined) return found;
    }
    return undefined;
  }

  /** Where pytest looks, in its order; what is not come to is not read. */
  private *sources(): Iterable<Frame> {
    yield this.frame;
    yield* this.workspace.conftests(this.frame);
    yield* this.workspace.plugins(this.frame);
  }

  /** Where a fixture of that name comes from; `found`: the workspace has it, or something that may be it. */
  origin(name: string): 'found' | 'library' | 'not found' {
    if (this.anywhere(name) !== undefined) return 'found';
    this.givenNames ??= this.readGivenNames();
    if (this.givenNames.has(name)) return 'found';
    if (LIBRARY_FIXTURES.has(name) || Object.hasOwn(WELL_KNOWN_FIXTURES, name)) return 'library';
    this.makesNames ??= [...this.sources()].some(makesNames);
    return this.makesNames ? 'found' : 'not found';
  }

  /** Names that the file and its chain of `conftest.py` import or make, and the fixtures of their plug-ins in the workspace. */
  private readGivenNames(): ReadonlySet<string> {
    const names = new Set<string>();
    const seen = new Set<Frame>();
    const read = (frame: Frame) => {
      if (seen.has(frame)) return;
      seen.add(frame);
      for (const bound of frame.boundNames) if (frame.bindings(bound).some((it) => it.kind !== 'class')) names.add(bound);
      for (const it of registered(frame)) names.add(it);
      for (const it of generated(frame)) names.add(it);
      for (const other of [...this.pluginsOf(frame), ...frame.starImports.flatMap((it) => this.workspace.module(it, frame) ?? [])]) {
        for (const name of fixturesIn(other).keys()) names.add(name);
        read(other);
      }
    };
    for (const it of this.sources()) read(it);
    return names;
  }

  private inClass(name: string, shape: ClassShape, from?: FunctionDefinition): FunctionDefinition | undefined {
    for (const it of this.classes.ancestry(shape).known) {
      for (const fixture of fixturesOf(it)) if (fixture.name === name && fixture.node !== from) return fixture.node;
    }
    return undefined;
  }

  private inModule(name: string, frame: Frame, plugins = true): FunctionDefinition | undefined {
    const own = fixturesIn(frame).get(name);
    if (own !== undefined) return own;
    for (const it of frame.bindings(name)) {
      const symbol = it.kind === 'import' ? this.workspace.symbol(it.qualified, frame) : undefined;
      if (symbol?.kind === 'function' && fixtureOf(symbol.node) !== undefined) return symbol.node;
    }
    for (const it of frame.starImports) {
      const symbol = this.workspace.symbol(`${it}.${name}`, frame);
      if (symbol?.kind === 'function' && fixtureOf(symbol.node) !== undefined) return symbol.node;
    }
    for (const it of plugins ? this.pluginsOf(frame) : []) {
      const found = this.inModule(name, it, false);
      if (found !== undefined) return found;
    }
    return undefined;
  }

  /** `pytest_plugins = ['tests.fixtures']`, and every module that the statements which go on with it name. */
  private pluginsOf(frame: Frame): readonly Frame[] {
    const [named] = frame.bindings('pytest_plugins');
    if (named === undefined) return [];
    const value = named.kind === 'value' ? named.value?.value : undefined;
    const items = value?.kind === 'list' ? value.items : value === undefined ? [] : [value];
    const names = new Set(items.flatMap((it) => constantText(it) ?? []));
    for (const statement of frame.looseStatements('pytest_plugins'))
      for (const it of walk(statement)) if (it.type === 'string' && MODULE.test(it.content)) names.add(it.content);
    return [...names].flatMap((it) => this.workspace.module(it, frame) ?? []);
  }

  /** The fixtures that the file defines, those of its classes too. */
  ofFile(): readonly { readonly node: FunctionDefinition; readonly shape: ClassShape | undefined }[] {
    const ofClasses = this.frame.shapes.flatMap((shape) => fixturesOf(shape).map(({ node }) => ({ node, shape })));
    return [...[...fixturesIn(this.frame).values()].map((node) => ({ node, shape: undefined })), ...ofClasses];
  }

  /** Every fixture that runs for a function: its parameters, `usefixtures`, and what those ask for in turn; and the decorators of the workspace that call it. */
  requestedBy(owner: FunctionDefinition, shape: ClassShape | undefined): ReadonlySet<FunctionDefinition> {
    const result = new Set<FunctionDefinition>();
    const add = (name: string, from: FunctionDefinition) => {
      const found = this.named(name, from, shape);
      if (found === undefined || result.has(found)) return;
      result.add(found);
      for (const it of found.parameters) add(it.name, found);
    };
    if (this.takesFixtures(owner, shape)) for (const it of owner.parameters) if (it.star === '') add(it.name, owner);
    // Marks of a class hold for those that derive from it.
    const ofClasses = shape === undefined ? [] : this.classes.ancestry(shape).known.flatMap((it) => it.decorators());
    for (const it of [...owner.decorators, ...ofClasses, ...marksOf(this.frame)]) {
      if (it.type !== 'call' || it.callee !== 'pytest.mark.usefixtures') continue;
      for (const each of it.arguments) add(constantText(each.value.value) ?? '', owner);
    }
    for (const it of owner.decorators) {
      const name = (it.type === 'call' ? it.callee : it.refersTo) ?? '';
      const symbol = /^(?:pytest|builtins)\./.test(name) ? undefined : this.workspace.symbol(name, this.frame);
      if (symbol?.kind === 'function' && runsIn(symbol.node).length > 0) result.add(symbol.node);
    }
    return result;
  }

  /** The same, and those that run for every test there is: `autouse=True` in the class, the file, or a `conftest.py` above, and the hook of one. */
  runFor(owner: FunctionDefinition, shape: ClassShape | undefined): ReadonlySet<FunctionDefinition> {
    const result = new Set(this.requestedBy(owner, shape));
    const add = (it: FunctionDefinition) => {
      if (it === owner || result.has(it) || fixtureOf(it)?.autouse !== true) return;
      result.add(it);
      for (const each of this.requestedBy(it, shape)) result.add(each);
    };
    for (const it of shape === undefined ? [] : this.classes.ancestry(shape).known) for (const { node } of fixturesOf(it)) add(node);
    for (const frame of [this.frame, ...this.workspace.conftests(this.frame)]) for (const it of fixturesIn(frame).values()) add(it);
    for (const frame of this.workspace.conftests(this.frame)) {
      const hook = this.workspace.symbol(`${frame.module}.${BEFORE_EACH}`, frame);
      if (hook?.kind === 'function') result.add(hook.node);
    }
    return result;
  }

  /** What the parameter of a test or fixture is given; undefined when nobody here gives it anything. */
  given(name: string, owner: FunctionDefinition, shape: ClassShape | undefined): readonly Expression[] | undefined {
    let known = this.answers.get(owner);
    if (known === undefined) {
      known = new Map();
      this.answers.set(owner, known);
    }
    if (known.has(name)) return known.get(name);
    known.set(name, undefined); // asked again while being asked: unknown
    const result = this.find(name, owner, shape);
    known.set(name, result);
    return result;
  }

  /** Tests and fixtures do; the tests of unittest's classes are given nothing. */
  private takesFixtures(owner: FunctionDefinition, shape: ClassShape | undefined): boolean {
    if (fixtureOf(owner) !== undefined) return true;
    return owner.name.startsWith('test') && (shape === undefined || !this.classes.ancestry(shape).names.some((it) => TEST_CASE_BASES.has(it)));
  }

  private find(name: string, owner: FunctionDefinition, shape: ClassShape | undefined): readonly Expression[] | undefined {
    const rows = rowsFor(name, owner, shape);
    if (rows !== undefined && rows !== 'indirect') return rows;
    if (!this.takesFixtures(owner, shape)) return undefined;
    const fixture = this.named(name, owner, shape);
    return fixture === undefined ? undefined : givenBy(fixture);
  }
}

/** What pytest-factoryboy 2 makes fixtures of: `register(TokenVoteFactory)`, also as a decorator, or with a name of one's own. */
function* registered(frame: Frame): Iterable<string> {
  if (!frame.bindings('register').some((it) => it.kind === 'import' && it.qualified === 'pytest_factoryboy.register')) return;
  const factories = frame.shapes.filter((it) => it.decorators().some((each) => each.text.startsWith('register'))).map((it) => it.name);
  for (const statement of frame.looseStatements('register(')) {
    const call = statement.type === 'expression' && statement.expression.type === 'call' ? statement.expression : undefined;
    if (call?.method !== 'register') continue;
    const [factory, name] = call.arguments;
    factories.push(factory?.value.text.split('.').at(-1) ?? '');
    const own = constantText(name?.value.value);
    if (own !== undefined) yield own;
  }
  for (const it of factories) {
    const snake = it.replace(/(?<=[a-z0-9])(?=[A-Z])/g, '_').toLowerCase();
    yield snake;
    yield snake.replace(/_factory$/, '');
  }
}

/** `globals()[f'{name}_token'] = make(name)`, `globals().update(…)`: a module that gives itself names as it is imported has any fixture. */
function makesNames(frame: Frame): boolean {
  for (const statement of frame.looseStatements('globals()')) {
    for (const it of walk(statement)) {
      const written = it.type === 'assignment' ? it.targets : it.type === 'call' && it.function.type === 'attribute' ? [it.function] : [];
      if (written.some((each) => (each.type === 'subscript' || (each.type === 'attribute' && each.name === 'update')) && isGlobals(each.object))) return true;
    }
  }
  return false;
}

function isGlobals(it: Expression): boolean {
  return it.type === 'call' && it.callee === 'builtins.globals';
}

/** The parameters that the hook gives: `metafunc.parametrize('file, version', …)`. */
function generated(frame: Frame): readonly string[] {
  const [hook] = frame.bindings('pytest_generate_tests');
  const node = hook?.kind === 'function' ? hook.node() : undefined;
  return node === undefined ? [] : walk(node).flatMap((it) => (it.type === 'string' ? it.content.split(',').map((each) => each.trim()) : []));
}

function partsOf(it: Expression): readonly Expression[] {
  return it.type === 'list' || it.type === 'tuple' ? it.items : [it];
}

/** What a fixture or function gives: the expressions after `yield` and `return`, nested functions left out. */
export function givenBy(node: FunctionDefinition): Expression[] {
  const result: Expression[] = [];
  const visit = (it: Node) => {
    if (it.type === 'function' || it.type === 'class' || it.type === 'lambda') return;
    if (it.type === 'yield' && it.operand !== undefined) result.push(it.operand);
    if (it.type === 'return' && it.operands[0] !== undefined) result.push(it.operands[0]);
    for (let child = it.firstChild; child !== undefined; child = child.nextSibling) visit(child);
  };
  for (const it of node.body) visit(it);
  return result;
}

/** The values of `params=[…]` that `request.param` of a fixture stands for. */
export function paramsOf(fixture: FunctionDefinition): readonly Expression[] | undefined {
  for (const it of fixture.decorators) {
    const params = it.type === 'call' ? argument(it, 'params') : undefined;
    if (params?.type === 'list' || params?.type === 'tuple') return params.items.map(withoutMark);
  }
  return undefined;
}

/** `pytest.param(x, id='y')` stands for x. */
function withoutMark(it: Expression): Expression {
  return it.type === 'call' && it.callee === 'pytest.param' && it.arguments[0] !== undefined ? it.arguments[0].value : it;
}

/** The values of a parameter in the tables that a test runs over; `indirect`: they are for the fixture of that name. */
function rowsFor(name: string, owner: FunctionDefinition, shape: ClassShape | undefined): readonly Expression[] | 'indirect' | undefined {
  const position = owner.parameters.findIndex((it) => it.name === name) - (shape === undefined ? 0 : 1);
  for (const it of [...owner.decorators, ...(shape?.decorators() ?? [])]) {
    if (it.type !== 'call') continue;
    if (it.callee === 'pytest.mark.parametrize') {
      const rows = rowsOfParametrize(it, name);
      if (rows !== undefined) return rows;
    } else if (position >= 0 && ROW_DECORATORS.has(it.callee ?? '')) {
      const [first] = it.arguments;
      const items =
        it.arguments.length === 1 && (first?.value.type === 'list' || first?.value.type === 'tuple')
          ? first.value.items
          : it.arguments.map((each) => each.value);
      // `named_parameters` begin with a name for the row.
      const at = it.method === 'named_parameters' ? position + 1 : position;
      const byName = owner.decorators.some((each) => each.refersTo === 'ddt.unpack');
      const rows = items.flatMap((row) => {
        if (row.type === 'tuple' || row.type === 'list') return row.items[at] ?? [];
        if (row.type === 'dict' && byName) return row.entries.find(({ key }) => key !== undefined && constantText(key.value) === name)?.value ?? [];
        return at === 0 ? row : [];
      });
      if (rows.length === items.length) return rows;
    }
  }
  return undefined;
}

/** Decorators with one row of positional values for each run of the test. */
const ROW_DECORATORS: ReadonlySet<string> = new Set([
  'ddt.data',
  'ddt.idata',
  'parameterized.parameterized',
  'parameterized.parameterized.expand',
  'parameterized.expand',
  'absl.testing.parameterized.parameters',
  'absl.testing.parameterized.named_parameters',
]);

function rowsOfParametrize(call: Call, name: string): readonly Expression[] | 'indirect' | undefined {
  const names = argument(call, 'argnames', 0);
  const values = argument(call, 'argvalues', 1);
  const listed =
    names?.type === 'list' || names?.type === 'tuple'
      ? names.items.map((it) => constantText(it.value) ?? '')
      : (constantText(names?.value) ?? '').split(',').map((it) => it.trim());
  const index = listed.indexOf(name);
  if (index < 0) return undefined;
  const indirect = argument(call, 'indirect', 2);
  if (indirect !== undefined && (indirect.text === 'True' || partsOf(indirect).some((it) => constantText(it.value) === name))) return 'indirect';
  if (values?.type !== 'list' && values?.type !== 'tuple') return [];
  if (listed.length === 1) return values.items.map(withoutMark);
  return values.items.flatMap((it) => {
    if (it.type === 'call' && it.callee === 'pytest.param') return it.arguments[index]?.value ?? [];
    return it.type === 'tuple' || it.type === 'list' ? (it.items[index] ?? []) : [];
  });
}
