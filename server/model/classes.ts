/**
 * Classes with their bases: ancestors in resolution order across files, who defines a method, what an
 * attribute of `self` refers to, and what a base guarantees, known from the table or derived from its body.
 */
import type { Expression, FunctionDefinition, Guarantee, Node, QualifiedName } from '../../rules/model.ts';
import { constantText, walk } from '../../rules/model.ts';
import { canonical } from '../../rules/python/names.ts';
import { BASE_GUARANTEES, EMPTY_SETUP_BASES, PROTOCOL_OF_BASES, ROLES, TEST_CASE_BASES, TEST_CASE_METHODS } from '../../rules/python/unittest.ts';
import type { ClassShape } from './frame.ts';
import { upcallsOf } from './frameworks.ts';
import { localsOf } from './locals.ts';
import type { Workspace } from './workspace.ts';

interface Method {
  readonly node: FunctionDefinition;
  readonly owner: ClassShape;
}

export interface Ancestry {
  /** Classes of the workspace, the class itself first, nearest first. */
  readonly known: readonly ClassShape[];
  /** Every ancestor by name, nearest first, known or not. */
  readonly names: readonly QualifiedName[];
  /** Ancestors found neither in the workspace nor in the vocabulary. */
  readonly unresolved: readonly QualifiedName[];
}

const MAX_ANCESTORS = 60;
const MAX_DEPTH = 40;

/** One class in the order of resolution. */
interface Entry {
  readonly key: string;
  /** The class, when the workspace has it. */
  readonly shape: ClassShape | undefined;
  /** As it is written in the list of bases, and where it is defined. */
  readonly names: readonly QualifiedName[];
  /** Found neither in the workspace nor in the vocabulary. */
  readonly missing: QualifiedName | undefined;
}

function entryOf(name: QualifiedName | undefined, text: string): Entry {
  if (name === undefined) return { key: text, shape: undefined, names: [], missing: text };
  return { key: name, shape: undefined, names: [name], missing: isCatalogued(name) ? undefined : name };
}

/** `try: from … import TestCase`, `except ImportError: from … import TestCase`: what else the file imports by the name. */
function importedElse(text: string, { frame }: ClassShape): readonly QualifiedName[] {
  const [first = '', ...rest] = text.split('.');
  return frame.bindings(first).flatMap((it) => (it.kind === 'import' ? [[it.qualified, ...rest].join('.')] : []));
}

/** C3: the first head that stands in no other tail, again and again; undefined when there is none. */
function merged(orders: readonly (readonly Entry[])[]): Entry[] | undefined {
  let rest = orders.filter((it) => it.length > 0);
  const result: Entry[] = [];
  while (rest.length > 0) {
    const next = rest.map((it) => it[0]).find((head) => head !== undefined && rest.every((it) => !it.slice(1).some((each) => each.key === head.key)));
    if (next === undefined) return undefined;
    result.push(next);
    rest = rest.map((it) => (it[0]?.key === next.key ? it.slice(1) : it)).filter((it) => it.length > 0);
  }
  return result;
}

function depthFirst(orders: readonly (readonly Entry[])[]): Entry[] {
  const seen = new Set<string>();
  return orders.flat().filter((it) => {
    if (seen.has(it.key)) return false;
    seen.add(it.key);
    return true;
  });
}
const SETUPS: ReadonlySet<string> = new Set(['setUp', 'asyncSetUp', 'setUpClass', '__init__', 'setup_method', 'setup_class', '_setUp', 'setUpTestData']);

/** By the full name of a class: what it promises, beyond what is known and what can be read. */
export type Guarantees = Readonly<Record<QualifiedName, readonly Guarantee[]>>;

export class Classes {
  private readonly workspace: Workspace;
  /** By name; null: looked for and not there. */
  private readonly methods = new Map<ClassShape, Map<string, Method | null>>();
  private readonly ancestries = new Map<ClassShape, Ancestry>();
  private readonly attributes = new Map<ClassShape, Map<string, Expression | undefined>>();
  private cycles = 0;
  private readonly orders = new Map<ClassShape, readonly Entry[]>();
  private readonly derived = new Map<ClassShape, ReadonlyMap<Guarantee, string>>();
  private readonly guarantors = new Map<ClassShape, Map<Guarantee, QualifiedName | null>>();

  /** Classes that configuration promises something of. */
  private readonly added: Guarantees;
  /** Those of them that an answer was founded on. */
  readonly trusted = new Set<QualifiedName>();

  constructor(workspace: Workspace, added: Guarantees = {}) {
    this.workspace = workspace;
    this.added = added;
  }

  // What a class of another file is, that file's own `Classes` say: once for all who ask.

  ancestry(shape: ClassShape): Ancestry {
    const home = shape.frame.classes;
    if (home !== this) return home.ancestry(shape);
    const known = this.ancestries.get(shape);
    if (known !== undefined) return known;
    const result = this.collect(shape);
    this.ancestries.set(shape, result);
    return result;
  }

  private collect(shape: ClassShape): Ancestry {
    const order = this.linearized(shape, new Set());
    const known: ClassShape[] = [];
    const names: QualifiedName[] = [];
    const unresolved: QualifiedName[] = [];
    const note = (list: QualifiedName[], name: QualifiedName) => {
      if (!list.includes(name)) list.push(name);
    };
    for (const it of order.slice(0, MAX_ANCESTORS)) {
      if (it.shape !== undefined) known.push(it.shape);
      if (it.shape !== shape) for (const name of it.names) note(names, name);
      if (it.missing !== undefined) note(unresolved, it.missing);
    }
    return { known, names, unresolved };
  }

  /**
   * The class and its bases in the order in which Python looks an attribute up (C3,
   * https://docs.python.org/3/howto/mro.html). Bases that Python would refuse to order come depth first.
   */
  private linearized(shape: ClassShape, around: ReadonlySet<QualifiedName>): readonly Entry[] {
    const home = shape.frame.classes;
    if (home !== this) return home.linearized(shape, around);
    const known = this.orders.get(shape);
    if (known !== undefined) return known;
    const { cycles } = this;
    const own: Entry = { key: shape.qualified, shape, names: [shape.qualified], missing: undefined };
    if (around.size > MAX_DEPTH) return [own];
    const inside = new Set(around).add(shape.qualified);
    const bases: Entry[] = [];
    const orders: (readonly Entry[])[] = [];
    for (const base of shape.bases()) {
      const written = base.type === 'subscript' ? base.object : base;
      const name = written.refersTo;
      const found = name === undefined ? this.beside(written, shape) : (this.workspace.classOf(name, shape.frame) ?? this.madeByMetaclass(name, shape));
      // A class that is its own base has none there.
      if (found !== undefined && inside.has(found.qualified)) {
        this.cycles += 1;
        continue;
      }
      const order = found === undefined ? [this.outside(name, written.text, shape)] : this.linearized(found, inside);
      const [first, ...others] = order;
      if (first === undefined || bases.some((it) => it.key === first.key)) continue;
      const entry = name === undefined || first.names.includes(name) ? first : { ...first, names: [name, ...first.names] };
      bases.push(entry);
      orders.push([entry, ...others]);
    }
    const result = [own, ...(merged([...orders, bases]) ?? depthFirst(orders))];
    // Inside a cycle the answer depends on where it was entered.
    if (around.size === 0 || cycles === this.cycles) this.orders.set(shape, result);
    return result;
  }

  /** A base that is no class of the workspace. */
  private outside(name: QualifiedName | undefined, text: string, shape: ClassShape): Entry {
    const entry = entryOf(name, text);
    if (name === undefined || entry.missing === undefined) return entry;
    const known = [...this.workspace.imported(name, shape.frame), ...importedElse(text, shape)].map(canonical).find(isCatalogued);
    return known === undefined ? entry : { key: known, shape: undefined, names: [name, known], missing: undefined };
  }

  /** In the body of a class a base may be one that stands above in the same body. */
  private beside(base: Expression, shape: ClassShape): ClassShape | undefined {
    const owner = shape.qualified.slice(0, shape.qualified.lastIndexOf('.'));
    return base.type === 'name' ? this.workspace.classOf(`${owner}.${base.id}`, shape.frame) : undefined;
  }

  /** `Case.ForUser`, where `ForUser` is a property of the metaclass that makes a class of `cls`. */
  private madeByMetaclass(name: QualifiedName, shape: ClassShape): ClassShape | undefined {
    const dot = name.lastIndexOf('.');
    const owner = dot < 0 ? undefined : this.workspace.classOf(name.slice(0, dot), shape.frame);
    const metaclass = owner === undefined ? undefined : this.ancestry(owner).known.flatMap((it) => it.frame.classes.metaclassOf(it) ?? [])[0];
    const property = metaclass?.method(name.slice(dot + 1));
    return property?.decorators.some((it) => it.text === 'property') === true && /\bcls\b/.test(property.body.at(-1)?.text ?? '') ? owner : undefined;
  }

  private metaclassOf(shape: ClassShape): ClassShape | undefined {
    const written = shape.definition()?.bases.find((it) => it.keyword === 'metaclass')?.value.refersTo;
    return written === undefined ? undefined : this.workspace.classOf(written, shape.frame);
  }

  /** The definition of a method in the class or its known ancestors. */
  method(shape: ClassShape, name: string): Method | undefined {
    const home = shape.frame.classes;
    if (home !== this) return home.method(shape, name);
    return found(tableOf(this.methods, shape), name, () => this.findMethod(shape, name));
  }

  private findMethod(shape: ClassShape, name: string): Method | undefined {
    for (const it of this.ancestry(shape).known) {
      const node = it.method(name);
      if (node !== undefined) return { node, owner: it };
    }
    return undefined;
  }

  /** Does an ancestor, not the class itself, define the method? */
  inherits(shape: ClassShape, name: string): 'yes' | 'no' | 'unknown' {
    const { known, names, unresolved } = this.ancestry(shape);
    const own = shape.method(name);
    const inProtocol = Object.hasOwn(ROLES, name) || name === 'cleanUp';
    for (const it of known.slice(1)) {
      const method = it.method(name);
      if (inProtocol ? method !== undefined && doesMore(method, own) : method !== undefined || it.methodNames.includes(name)) return 'yes';
    }
    if (inProtocol) {
      if (names.some((it) => Object.hasOwn(PROTOCOL_OF_BASES, it) && PROTOCOL_OF_BASES[it]?.includes(name) === true)) return 'yes';
    } else for (const it of names) if (TEST_CASE_BASES.has(it) && !EMPTY_SETUP_BASES.has(it) && TEST_CASE_METHODS.has(name)) return 'yes';
    return unresolved.length > 0 ? 'unknown' : 'no';
  }

  /** Is it seen to have the method of a test case: by a base that is known, by a definition, or since one of its methods calls it? */
  registers(shape: ClassShape, method: 'addCleanup' | 'addClassCleanup'): boolean {
    const { known, names } = this.ancestry(shape);
    if (names.some((it) => TEST_CASE_BASES.has(it) || Object.hasOwn(BASE_GUARANTEES, it))) return true;
    const call = `.${method}(`;
    return known.some((it) => it.methodNames.includes(method) || it.mentioning(method).some((each) => it.method(each)?.text.includes(call) === true));
  }

  /** The expression that `self.name` was given in set-up methods or the class body, own class first. */
  attribute(shape: ClassShape, name: string): Expression | undefined {
    const home = shape.frame.classes;
    if (home !== this) return home.attribute(shape, name);
    const attributes = tableOf(this.attributes, shape);
    const known = attributes.get(name);
    if (known !== undefined || attributes.has(name)) return known;
    attributes.set(name, undefined); // asked again while being asked: unknown
    let result: Expression | undefined;
    for (const it of this.ancestry(shape).known) {
      result = it.frame.classes.assignedIn(it, name) ?? it.attribute(name);
      if (result !== undefined) break;
    }
    attributes.set(name, result);
    return result;
  }

  /** In the class's own methods, set-up first. */
  assignedIn(shape: ClassShape, name: string): Expression | undefined {
    const methods = [...shape.mentioning(name)].sort((a, b) => Number(SETUPS.has(b)) - Number(SETUPS.has(a)));
    for (const it of methods) {
      const node = shape.method(it);
      if (node === undefined || !node.text.includes(name)) continue;
      const bindings = localsOf(node).bindings.get(`self.${name}`);
      const last = bindings?.at(-1);
      if (last === undefined) continue;
      if ((last.kind === 'value' || last.kind === 'with') && last.path.length === 0) return last.expression;
    }
    return undefined;
  }

  isTest(shape: ClassShape): boolean {
    const { names, known } = this.ancestry(shape);
    if (names.some((it) => TEST_CASE_BASES.has(it))) return true;
    const bases = known.flatMap((it) => it.bases());
    if (bases.some((it) => /(?:Test(?:Case)?|TestBase|TestMixin)$/.test(it.type === 'attribute' ? it.name : it.text))) return true;
    return /^Test|Tests?$|TestCase$/.test(shape.name) && shape.testNames.length > 0;
  }

  guarantor(shape: ClassShape, what: Guarantee): QualifiedName | undefined {
    return found(tableOf(this.guarantors, shape), what, () => this.findGuarantor(shape, what));
  }

  private findGuarantor(shape: ClassShape, what: Guarantee): QualifiedName | undefined {
    const { names, known } = this.ancestry(shape);
    for (const name of [shape.qualified, ...names]) {
      if (Object.hasOwn(BASE_GUARANTEES, name) && BASE_GUARANTEES[name]?.includes(what)) return name;
    }
    // A method that hides another and does not call it takes away what that one does.
    const hidden = new Set<string>();
    for (const it of known) {
      const method = it.frame.classes.derivedFrom(it).get(what);
      if (method !== undefined && !hidden.has(method)) return it.qualified;
      for (const name of PROMISING) {
        const node = it.method(name);
        if (node !== undefined && !upcallsOf(node).includes(name)) hidden.add(name);
      }
    }
    for (const name of [shape.qualified, ...names]) {
      if (!Object.hasOwn(this.added, name) || this.added[name]?.includes(what) !== true) continue;
      this.trusted.add(name);
      return name;
    }
    return undefined;
  }

  guarantees(shape: ClassShape, what: Guarantee): 'yes' | 'no' | 'unknown' {
    if (this.guarantor(shape, what) !== undefined) return 'yes';
    return this.ancestry(shape).unresolved.length > 0 ? 'unknown' : 'no';
  }

  /** What a class's own set-up promises, whoever wrote it, and the method of the test protocol that does it. */
  private derivedFrom(shape: ClassShape): ReadonlyMap<Guarantee, string> {
    const known = this.derived.get(shape);
    if (known !== undefined) return known;
    const result = new Map<Guarantee, string>();
    this.derived.set(shape, result);
    for (const name of PROMISING) {
      const node = shape.method(name);
      if (node === undefined) continue;
      const note = (what: Guarantee) => {
        if (!result.has(what)) result.set(what, name);
      };
      for (const each of [node, ...this.calledOnSelf(node, shape)])
        for (const it of walk(each)) promisedBy(it, note, (fixture) => this.promisedByFixture(fixture, shape));
    }
    const remover = this.removesTemporaryFiles(shape);
    if (remover !== undefined) result.set('nested-temp', remover);
    return result;
  }

  /** `tempfile.tempdir = self.folder`, by hand or in the function that gives the folder: the method that has the folder removed after the test. */
  private removesTemporaryFiles(shape: ClassShape): string | undefined {
    const setUp = shape.method('setUp');
    const registered = removals(setUp).flatMap(([first, second]) => (first?.refersTo === 'shutil.rmtree' ? (second?.text ?? []) : []));
    const torn = removals(shape.method('tearDown')).flatMap(([first]) => first?.text ?? []);
    if (setUp === undefined || registered.length + torn.length === 0) return undefined;
    const nested = walk(setUp).flatMap((it) =>
      it.type === 'assignment' && (setsTempdir(it) || (it.value?.type === 'call' && this.setsTempdirIn(it.value.callee, shape)))
        ? [...it.targets, ...(it.value === undefined ? [] : [it.value])].map((each) => each.text)
        : [],
    );
    return nested.some((it) => torn.includes(it)) ? 'tearDown' : nested.some((it) => registered.includes(it)) ? 'setUp' : undefined;
  }

  private setsTempdirIn(name: QualifiedName | undefined, { frame }: ClassShape): boolean {
    const called = name === undefined ? undefined : this.workspace.symbol(name, frame);
    return called?.kind === 'function' && called.node.text.includes('tempdir') && walk(called.node).some(setsTempdir);
  }

  /** Methods of the class, or of a base that can be read, that one of its methods calls on itself: `self._setup_temp()`. */
  private calledOnSelf(node: FunctionDefinition, shape: ClassShape): FunctionDefinition[] {
    const result: FunctionDefinition[] = [];
    for (const it of walk(node)) {
      if (it.type !== 'call' || it.function.type !== 'attribute' || it.function.object.text !== 'self') continue;
      const method = PROMISING.includes(it.method) || OF_EVERY_CASE.test(it.method) ? undefined : this.method(shape, it.method)?.node;
      if (method !== undefined && method !== node) result.push(method);
    }
    return result;
  }

  /** What a fixture class of the workspace promises while it is used. */
  private *promisedByFixture(name: QualifiedName, shape: ClassShape): Iterable<Guarantee> {
    const fixture = this.workspace.classOf(name, shape.frame);
    if (fixture === undefined) return;
    yield* fixture.frame.classes.derivedFrom(fixture).keys();
    if (this.ancestry(fixture).names.includes('oslo_config.fixture.Config')) yield 'config-reset';
  }
}

function tableOf<K, V>(tables: Map<ClassShape, Map<K, V>>, shape: ClassShape): Map<K, V> {
  let table = tables.get(shape);
  if (table === undefined) {
    table = new Map();
    tables.set(shape, table);
  }
  return table;
}

/** What a table has by this name, looked for once; null: looked for and not there. */
function found<K, V extends {}>(table: Map<K, V | null>, name: K, find: () => V | undefined): V | undefined {
  const known = table.get(name);
  if (known !== undefined) return known ?? undefined;
  const result = find();
  table.set(name, result ?? null);
  return result;
}

/** `tempfile.tempdir = folder` */
function setsTempdir(it: Node): boolean {
  return it.type === 'assignment' && it.targets.some((each) => each.refersTo === 'tempfile.tempdir');
}

/** What is given to the calls of a method that remove folders, or register that: `shutil.rmtree(folder)`, `self.addCleanup(shutil.rmtree, folder)`. */
function removals(method: FunctionDefinition | undefined): readonly (readonly Expression[])[] {
  if (method?.text.includes('rmtree') !== true) return [];
  return walk(method).flatMap((it) => {
    if (it.type !== 'call') return [];
    const given = it.arguments.map((each) => each.value);
    return it.callee === 'shutil.rmtree' || given[0]?.refersTo === 'shutil.rmtree' ? [given] : [];
  });
}

/** What is called on every test case and promises nothing. */
const OF_EVERY_CASE = /^(?:assert|add|use|enter|skip|patch$|fail)/;

/** Methods that run for every test, whatever the test does. */
const PROMISING: readonly string[] = ['setUp', '_setUp', 'asyncSetUp', 'tearDown', 'asyncTearDown', '__init__', 'setup_method', 'teardown_method'];

/** What a node in such a method promises. */
function promisedBy(it: Node, note: (what: Guarantee) => void, ofFixture: (name: QualifiedName) => Iterable<Guarantee>): void {
  if (it.type === 'attribute' && it.name === 'stopall' && it.refersTo === 'unittest.mock.patch.stopall') note('stopall');
  if (it.type === 'attribute' && it.name === 'reset' && /(?:^|\.)CONF$/.test(it.object.text)) note('config-reset');
  if (it.type !== 'call') return;
  const last = it.method;
  if (last === 'NestedTempfile') note('nested-temp');
  if (last === 'TempHomeDir') note('home');
  if (last === 'MockAutospecFixture') note('autospec');
  if (last === 'ConfFixture' || last === 'ConfPatcher' || (last === 'Config' && it.callee?.includes('oslo_config') === true)) note('config-reset');
  if (last.endsWith('PoisonFixture') || last === 'PoisonFunctions') note('poison');
  const [first] = it.arguments;
  const replaced = first === undefined ? undefined : (constantText(first.value.value) ?? first.value.refersTo);
  if (it.callee === 'unittest.mock.patch.dict' && replaced === 'os.environ') {
    const keeps = it.parent?.type === 'call' && /^enter(?:Async)?Context$/.test(it.parent.method);
    if (keeps) note('environment');
  }
  if (last === 'useFixture' && first?.value.type === 'call' && first.value.callee !== undefined) for (const what of ofFixture(first.value.callee)) note(what);
}

/** A base whose whole behaviour is in the tables, or that has none. */
function isCatalogued(name: QualifiedName): boolean {
  const known = canonical(name);
  return (
    TEST_CASE_BASES.has(known) ||
    EMPTY_SETUP_BASES.has(known) ||
    known.startsWith('builtins.') ||
    Object.hasOwn(BASE_GUARANTEES, known) ||
    KNOWN_PLAIN.has(known)
  );
}

const KNOWN_PLAIN: ReadonlySet<string> = new Set([
  'fixtures.Fixture',
  'fixtures.fixture.Fixture',
  'fixtures.FunctionFixture',
  'fixtures.MethodFixture',
  'fixtures.CompoundFixture',
  'threading.Thread',
  'enum.Enum',
  'enum.IntEnum',
  'typing.NamedTuple',
  'typing.Protocol',
  'typing.TypedDict',
  'http.server.BaseHTTPRequestHandler',
  'http.server.HTTPServer',
  'socketserver.BaseRequestHandler',
  'socketserver.StreamRequestHandler',
  'collections.abc.Mapping',
  'collections.OrderedDict',
  'json.JSONEncoder',
  'logging.Handler',
  'io.StringIO',
  'io.BytesIO',
  'unittest.mock.MagicMock',
  'unittest.mock.Mock',
  'testscenarios.WithScenarios',
  'testscenarios.TestWithScenarios',
  'testscenarios.testcase.WithScenarios',
  'testresources.ResourcedTestCase',
  'ddt.DDTBase',
  'kgb.SpyAgency',
  'kgb.agency.SpyAgency',
  'djblets.testing.testcases.FixturesCompilerMixin',
  'django.contrib.messages.test.MessagesTestMixin',
  // Its set-up provides a database, and registers that it goes.
  'oslo_db.sqlalchemy.test_fixtures.OpportunisticDBTestMixin',
  'testtools.testcase.WithAttributes',
  'testtools.runtest.RunTest',
  'testtools.deferredruntest.AsynchronousDeferredRunTest',
]);

/** Does a base's method do something, and something that the method which hides it does not do itself? */
function doesMore(base: FunctionDefinition, own: FunctionDefinition | undefined): boolean {
  const does = base.body.filter(
    (it) => it.type !== 'pass' && it.type !== 'raise' && !(it.type === 'expression' && (it.expression.type === 'string' || it.expression.type === 'constant')),
  );
  if (own === undefined) return does.length > 0;
  for (const statement of does) {
    for (const it of walk(statement)) {
      if (
        it.type === 'attribute' &&
        it.object.text === 'self' &&
        it.parent?.type === 'assignment' &&
        it.parent.targets.includes(it) &&
        !new RegExp(`self\\.${it.name}\\b`).test(own.text)
      )
        return true;
      // A class of another name may stand for the same thing (`TLSServer` for `Server`), a function does not.
      if (it.type === 'call' && it.method !== base.name && it.method !== 'super' && !/^_*[A-Z]/.test(it.method) && !own.text.includes(`${it.method}(`))
        return true;
    }
  }
  return false;
}
