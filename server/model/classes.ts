/**
 * Classes with their bases: ancestors in resolution order across files, who defines a method, what an
 * attribute of `self` refers to, and what a base guarantees, known from the table or derived from its body.
 */
import type { Expression, FunctionDefinition, Guarantee, QualifiedName } from '../../rules/model.ts';
import { walk } from '../../rules/model.ts';
import { canonical } from '../../rules/python/names.ts';
import { BASE_GUARANTEES, EMPTY_SETUP_BASES, PROTOCOL_OF_BASES, ROLES, TEST_CASE_BASES, TEST_CASE_METHODS } from '../../rules/python/unittest.ts';
import type { ClassShape } from './frame.ts';
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
const SETUPS: ReadonlySet<string> = new Set(['setUp', 'asyncSetUp', 'setUpClass', '__init__', 'setup_method', 'setup_class', '_setUp', 'setUpTestData']);

export class Classes {
  private readonly workspace: Workspace;
  /** By name; null: looked for and not there. */
  private readonly methods = new Map<ClassShape, Map<string, Method | null>>();
  private readonly ancestries = new Map<ClassShape, Ancestry>();
  private readonly attributes = new Map<ClassShape, Map<string, Expression | undefined>>();
  private readonly setUpsFirst = new Map<ClassShape, readonly string[]>();
  private readonly derived = new Map<QualifiedName, ReadonlyMap<Guarantee, QualifiedName>>();

  constructor(workspace: Workspace) {
    this.workspace = workspace;
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

  /** Breadth first, left to right: Python's order for all but diamond shapes, where it differs in no fact we use. */
  private collect(shape: ClassShape): Ancestry {
    const known: ClassShape[] = [];
    const names: QualifiedName[] = [];
    const unresolved: QualifiedName[] = [];
    const seen = new Set<QualifiedName>();
    const queue: ClassShape[] = [shape];
    while (queue.length > 0 && known.length < MAX_ANCESTORS) {
      const it = queue.shift();
      if (it === undefined || seen.has(it.qualified)) continue;
      seen.add(it.qualified);
      known.push(it);
      for (const base of it.bases()) {
        const written = base.type === 'subscript' ? base.object : base;
        const name = written.refersTo;
        if (name === undefined) {
          unresolved.push(written.text);
          continue;
        }
        if (!names.includes(name)) names.push(name);
        const found = this.workspace.classOf(name, it.frame);
        if (found !== undefined) queue.push(found);
        else if (!isCatalogued(name)) unresolved.push(name);
        if (found !== undefined && found.qualified !== name && !names.includes(found.qualified)) names.push(found.qualified);
      }
    }
    return { known, names, unresolved };
  }

  /** The definition of a method in the class or its known ancestors. */
  method(shape: ClassShape, name: string): Method | undefined {
    const home = shape.frame.classes;
    if (home !== this) return home.method(shape, name);
    let methods = this.methods.get(shape);
    if (methods === undefined) {
      methods = new Map();
      this.methods.set(shape, methods);
    }
    const known = methods.get(name);
    if (known !== undefined) return known === null ? undefined : known;
    const found = this.findMethod(shape, name);
    methods.set(name, found ?? null);
    return found;
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

  /** The expression that `self.name` was given in set-up methods or the class body, own class first. */
  attribute(shape: ClassShape, name: string): Expression | undefined {
    const home = shape.frame.classes;
    if (home !== this) return home.attribute(shape, name);
    let attributes = this.attributes.get(shape);
    if (attributes === undefined) {
      attributes = new Map();
      this.attributes.set(shape, attributes);
    }
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
  private assignedIn(shape: ClassShape, name: string): Expression | undefined {
    let methods = this.setUpsFirst.get(shape);
    if (methods === undefined) {
      methods = [...new Set(shape.methodNames)].sort((a, b) => Number(SETUPS.has(b)) - Number(SETUPS.has(a)));
      this.setUpsFirst.set(shape, methods);
    }
    for (const it of methods) {
      const node = shape.mentions(it, name) ? shape.method(it) : undefined;
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
    const { names, known } = this.ancestry(shape);
    for (const name of [shape.qualified, ...names]) {
      if (Object.hasOwn(BASE_GUARANTEES, name) && BASE_GUARANTEES[name]?.includes(what)) return name;
    }
    for (const it of known) if (it.frame.classes.derivedFrom(it).has(what)) return it.qualified;
    return undefined;
  }

  guarantees(shape: ClassShape, what: Guarantee): 'yes' | 'no' | 'unknown' {
    if (this.guarantor(shape, what) !== undefined) return 'yes';
    return this.ancestry(shape).unresolved.length > 0 ? 'unknown' : 'no';
  }

  /** What the body of a class's own set-up promises, whoever wrote it. */
  private derivedFrom(shape: ClassShape): ReadonlyMap<Guarantee, QualifiedName> {
    const known = this.derived.get(shape.qualified);
    if (known !== undefined) return known;
    const result = new Map<Guarantee, QualifiedName>();
    this.derived.set(shape.qualified, result);
    for (const name of ['setUp', 'asyncSetUp', 'tearDown', '__init__', 'setup_method', 'teardown_method', '_setup_cleanups']) {
      const node = shape.method(name);
      if (node === undefined) continue;
      for (const it of walk(node)) {
        if (it.type === 'attribute' && it.name === 'stopall' && it.refersTo === 'unittest.mock.patch.stopall') result.set('stopall', shape.qualified);
        if (it.type !== 'call') continue;
        const last = it.method;
        if (last === 'NestedTempfile') result.set('nested-temp', shape.qualified);
        if (last === 'TempHomeDir') result.set('home', shape.qualified);
        if (last === 'MockAutospecFixture') result.set('autospec', shape.qualified);
        if (last === 'ConfFixture' || last === 'ConfPatcher' || (last === 'Config' && it.callee?.includes('oslo_config') === true))
          result.set('config-reset', shape.qualified);
        if (last.endsWith('PoisonFixture') || last === 'PoisonFunctions') result.set('poison', shape.qualified);
      }
    }
    return result;
  }
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
