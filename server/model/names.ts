/**
 * What an expression refers to, and what it is worth. `nameOf` gives dotted paths as `QualifiedName`
 * explains; `valueOf` folds constants. Both answer `undefined` / unknown rather than guess.
 */
import type { Attribute, Call, ClassDefinition, Expression, FunctionDefinition, Lambda, Name, Node, QualifiedName, Value } from '../../rules/model.ts';
import { argument, constantText } from '../../rules/model.ts';
import { isMockName, PATCH_CALLEES } from '../../rules/python/mock.ts';
import { BUILTINS, canonical } from '../../rules/python/names.ts';
import { firstInjected } from '../../rules/python/patchers.ts';
import { ATTRIBUTES_OF_BASES, MADE_BY_FIXTURES, TEST_CASE_BASES, TEST_CASE_METHODS, WELL_KNOWN_FIXTURES } from '../../rules/python/unittest.ts';
import type { Classes } from './classes.ts';
import { Fixtures, givenBy, paramsOf } from './fixtures.ts';
import { type ClassShape, type Frame, importedNames } from './frame.ts';
import { fixtureOf, marksOf } from './frameworks.ts';
import { itemsOf } from './items.ts';
import { comprehensionLoop, type LocalBinding, localsOf, reaching } from './locals.ts';
import type { Resolver } from './page.ts';
import { outermostOf, relationsOf, scopeOf, spotOf, UNKNOWN } from './tree.ts';
import { foldValue } from './values.ts';
import { MAX_STARS, type Workspace } from './workspace.ts';

/** Calls whose result is their (first) argument, or what entering it gives. */
const GIVES_ARGUMENT: ReadonlySet<string> = new Set([
  'unittest.TestCase().useFixture',
  'unittest.TestCase().enterContext',
  'unittest.TestCase().enterClassContext',
  'unittest.TestCase().enterAsyncContext',
  'contextlib.ExitStack().enter_context',
  'contextlib.AsyncExitStack().enter_context',
  'contextlib.AsyncExitStack().enter_async_context',
  'contextlib.closing',
  'contextlib.aclosing',
  'fixtures.Fixture().useFixture',
  'copy.copy',
  'copy.deepcopy',
]);

const PATHS = /^pathlib\.(?:Posix|Windows)?Path(?:\.cwd|\.home)?\(\)$/;
const GIVES_PATH = /^(?:joinpath|resolve|absolute|expanduser|with_name|with_suffix|with_stem|relative_to)$/;

/** Calls that give the module that their first argument names. */
const IMPORTS_MODULE: ReadonlySet<string> = new Set([
  'pytest.importorskip',
  'importlib.import_module',
  'test.support.import_module',
  'test.support.import_helper.import_module',
]);

/** The names of the parameters that patch decorators of a function and of its class pass mocks to. */
function injectedInto(owner: FunctionDefinition, shape: ClassShape | undefined): readonly string[] {
  let count = 0;
  for (const it of [...owner.decorators, ...(shape?.decorators() ?? [])]) {
    if (it.type !== 'call') continue;
    const form = PATCH_CALLEES.get(it.callee ?? '');
    // A replacement that is given is passed to nobody.
    if ((form === 'patch' || form === 'patch.object') && argument(it, 'new', form === 'patch' ? 1 : 2) === undefined) count += 1;
  }
  if (count === 0) return NONE;
  const first = firstInjected(owner, count);
  return owner.parameters
    .filter((it) => it.star === '')
    .map((it) => it.name)
    .slice(first, first + count);
}

const NONE: readonly string[] = [];

export class NameResolver implements Resolver {
  private readonly frame: Frame;
  private readonly workspace: Workspace;
  private readonly classes: Classes;
  private readonly fixtures: Fixtures;

  constructor(frame: Frame, workspace: Workspace, classes: Classes) {
    this.frame = frame;
    this.workspace = workspace;
    this.classes = classes;
    this.fixtures = new Fixtures(frame, workspace, classes);
  }

  nameOf(it: Expression): QualifiedName | undefined {
    switch (it.type) {
      case 'name':
        return this.nameOfName(it);
      case 'attribute': {
        const object = it.object.refersTo;
        if (it.object.type === 'name' && (it.object.id === 'self' || it.object.id === 'cls')) return this.attributeOfSelf(it, it.name, object);
        if (object === undefined) return undefined;
        return this.attributeOf(object, it.name);
      }
      case 'call':
        return this.nameOfCall(it);
      case 'await':
        return it.operand?.refersTo;
      case 'walrus':
        return it.assigned.refersTo;
      case 'conditional': {
        const name = it.then.refersTo;
        return name !== undefined && name === it.otherwise.refersTo ? name : undefined;
      }
      case 'operation': {
        // `Path('a') / 'b'` is a path like the one before it.
        const left = it.operator === '/' ? it.left?.refersTo : undefined;
        if (left === undefined || left === 'pytest.tmp_path()') return left;
        return PATHS.test(left) ? 'pathlib.Path()' : undefined;
      }
      case 'subscript': {
        const object = it.object.refersTo;
        return object === undefined ? undefined : `${object}[]`;
      }
      default:
        return undefined;
    }
  }

  valueOf(it: Expression): Value {
    return foldValue(it, (name) => this.valueOfName(name));
  }

  sourcesOf(it: Expression): readonly Expression[] {
    if (it.type === 'name') {
      const local = this.bindingsOf(it);
      if (local === 'unknown') return [];
      if (local !== undefined) return this.sourcesOfBindings(local.bindings, local.owner);
      return this.frame.bindings(it.id).flatMap((each) => (each.kind === 'value' && each.value !== undefined && each.value !== it ? [each.value] : []));
    }
    if (it.type !== 'attribute') return [];
    const id = it.object.type === 'name' ? it.object.id : undefined;
    if (id === 'request' && it.name === 'param') return this.paramsAround(it) ?? [];
    const own = id === 'self' || id === 'cls';
    for (let node = own ? it.parent : undefined; node !== undefined; node = node.parent) {
      if (node.type !== 'function') continue;
      const all = localsOf(node).bindings.get(`self.${it.name}`);
      const seen = all === undefined ? [] : this.sourcesOfBindings(reaching(all, it), node);
      if (seen.length > 0) return seen;
    }
    const object = it.object.refersTo;
    const shape = object === undefined || !(own || object.endsWith('()')) ? undefined : this.workspace.classOf(object.replace(/\(\)$/, ''), this.frame);
    const value = shape === undefined ? undefined : this.classes.attribute(shape, it.name);
    return value === undefined ? [] : [value];
  }

  private sourcesOfBindings(bindings: readonly LocalBinding[], owner: FunctionDefinition | Lambda): readonly Expression[] {
    return bindings.flatMap((each) => {
      if (each.kind === 'parameter') return owner.type === 'function' && each.parameter !== undefined ? (this.givenTo(owner, each.parameter.name) ?? []) : [];
      if (each.kind !== 'value' && each.kind !== 'with' && each.kind !== 'item') return [];
      if (each.expression === undefined) return [];
      return each.kind === 'value' && each.path.length > 0 ? this.partsOf(each.expression, each.path) : [each.expression];
    });
  }

  /** `path, repo = repository`: a part of what is written, be it in the fixture; all of it where that is not told. */
  private partsOf(whole: Expression, path: readonly number[]): readonly Expression[] {
    const given = whole.type === 'name' ? this.bindingsOf(whole) : undefined;
    const isParameter = given !== undefined && given !== 'unknown' && given.bindings.every((it) => it.kind === 'parameter');
    const parts = (isParameter ? this.sourcesOfBindings(given.bindings, given.owner) : [whole]).map((it) => elementAt(it, path));
    return parts.length > 0 && parts.every((it) => it !== undefined) ? parts : [whole];
  }

  /** What the framework gives a parameter of a test or fixture: rows of a table, or what a fixture of the workspace yields. */
  private givenTo(owner: FunctionDefinition, name: string): readonly Expression[] | undefined {
    return this.fixtures.given(name, owner, this.classAround(owner));
  }

  /** The values of `request.param` in the fixture around a node. */
  private paramsAround(at: Node): readonly Expression[] | undefined {
    for (let node = at.parent; node !== undefined; node = node.parent) if (node.type === 'function' && fixtureOf(node) !== undefined) return paramsOf(node);
    return undefined;
  }

  // -------------------------------------------------------------------------------------------- names

  private nameOfName(it: Name): QualifiedName | undefined {
    const binding = this.bindingsOf(it);
    if (binding === 'unknown') {
      const loop = comprehensionLoop(it.id, it);
      return loop === undefined ? undefined : this.nameOfItem(loop.iterable, loop.path);
    }
    if (binding !== undefined) {
      const { bindings, owner } = binding;
      const [first] = bindings;
      const name = first === undefined ? undefined : this.nameOfBinding(first, it, owner);
      for (let index = 1; index < bindings.length; index++) {
        const other = bindings[index];
        if (other !== undefined && this.nameOfBinding(other, it, owner) !== name) return undefined;
      }
      return name;
    }
    return this.globalName(it.id, it);
  }

  /** A name at module level, or Python's own. */
  private globalName(id: string, at: Node): QualifiedName | undefined {
    const bindings = this.frame.bindings(id);
    const imported = bindings.find((it) => it.kind === 'import');
    if (imported?.kind === 'import') return canonical(imported.qualified);
    const last = bindings.at(-1);
    if (last === undefined) {
      if (BUILTINS.has(id)) return canonical(`builtins.${id}`);
      for (const module of this.frame.starImports.slice(0, MAX_STARS)) {
        const symbol = this.workspace.symbol(`${module}.${id}`, this.frame);
        if (symbol !== undefined) return symbol.qualified;
      }
      return undefined;
    }
    if (last.kind === 'class') return last.class.qualified;
    if (last.kind === 'function') return this.frame.module === '' ? id : `${this.frame.module}.${id}`;
    if (last.kind === 'value' && last.path.length === 0 && last.value !== undefined && last.value !== at) {
      const name = last.value.refersTo;
      if (name !== undefined) return name;
    }
    return this.frame.module === '' ? id : `${this.frame.module}.${id}`;
  }

  /** The local bindings that a name can see; `undefined` when it is not local. */
  private bindingsOf(it: Name): { bindings: LocalBinding[]; owner: FunctionDefinition | Lambda } | 'unknown' | undefined {
    if (comprehensionLoop(it.id, it) !== undefined) return 'unknown';
    let nested = false;
    for (let scope = scopeOf(it); scope !== undefined; scope = relationsOf(scope).around.scope) {
      if (scope.type !== 'function' && scope.type !== 'lambda') continue;
      const locals = localsOf(scope);
      if (locals.outer.has(it.id)) {
        nested = true;
        continue;
      }
      if (locals.reassigned.has(it.id)) return 'unknown';
      const all = locals.bindings.get(it.id);
      if (all !== undefined) {
        const seen = nested ? all.filter((each) => each.kind !== 'deleted') : reaching(all, it);
        return seen.length === 0 ? 'unknown' : { bindings: seen, owner: scope };
      }
      nested = true;
    }
    return undefined;
  }

  private nameOfBinding(it: LocalBinding, at: Node, owner: FunctionDefinition | Lambda): QualifiedName | undefined {
    switch (it.kind) {
      case 'value':
        return it.path.length > 0 ? this.nameOfElement(it) : it.expression?.refersTo;
      case 'with':
        return it.path.length === 0 ? this.entered(it.expression?.refersTo, it.expression) : undefined;
      case 'import': {
        if (it.node?.type !== 'import') return undefined;
        const name = at.type === 'name' ? at.id : undefined;
        const found = importedNames(it.node, this.frame).find((each) => each.local === name);
        return found === undefined ? undefined : canonical(found.qualified);
      }
      case 'parameter':
        return owner.type === 'function' && it.parameter !== undefined ? this.nameOfParameter(owner, it.parameter.name) : undefined;
      case 'function':
      case 'class':
        return it.node !== undefined && at.type === 'name' ? `${this.frame.module}.<locals>.${at.id}` : undefined;
      case 'exception':
        return it.expression?.refersTo === undefined ? undefined : `${it.expression.refersTo}()`;
      case 'item':
        return it.expression === undefined ? undefined : this.nameOfItem(it.expression, it.path);
      case 'deleted':
        return undefined;
    }
  }

  /** `for p in [mock.patch('a'), mock.patch('b')]`: what all items refer to, when they agree. */
  private nameOfItem(iterable: Expression, path: readonly number[]): QualifiedName | undefined {
    return agreed(itemsOf(iterable, (it) => this.sourcesOf(it)).map((it) => elementAt(it, path)?.refersTo));
  }

  /** `a, b = f()`: each is `f()[]`. */
  private nameOfElement(it: LocalBinding): QualifiedName | undefined {
    const element = this.elementOf(it);
    if (element !== undefined) return element.refersTo;
    const whole = it.expression?.type === 'call' || it.expression?.type === 'await' ? it.expression.refersTo : undefined;
    return whole === undefined || isMockName(whole) ? undefined : `${whole}${'[]'.repeat(it.path.length)}`;
  }

  private elementOf(it: LocalBinding): Expression | undefined {
    return it.expression === undefined ? undefined : elementAt(it.expression, it.path);
  }

  /** What `with x as y` gives. */
  private entered(name: QualifiedName | undefined, context?: Expression): QualifiedName | undefined {
    if (name === undefined) return undefined;
    const form = name.endsWith('()') ? PATCH_CALLEES.get(name.slice(0, -2)) : undefined;
    if (form?.startsWith('patch') === true) {
      if (form !== 'patch' && form !== 'patch.object') return undefined;
      // A replacement that the test passes is what it gets back.
      const given = context?.type === 'call' && context.refersTo === name ? argument(context, 'new', form === 'patch' ? 1 : 2) : undefined;
      return given === undefined ? 'unittest.mock.MagicMock()' : given.refersTo;
    }
    if (name === 'pytest.MonkeyPatch().context()') return 'pytest.MonkeyPatch()';
    if (name === 'tempfile.TemporaryDirectory()') return 'tempfile.TemporaryDirectory().name';
    return name;
  }

  private nameOfParameter(owner: FunctionDefinition, name: string): QualifiedName | undefined {
    const locals = localsOf(owner);
    const known = locals.parameterNames?.get(name);
    if (known !== undefined || locals.parameterNames?.has(name) === true) return known;
    const result = this.parameterName(owner, name);
    locals.parameterNames ??= new Map();
    locals.parameterNames.set(name, result);
    return result;
  }

  private parameterName(owner: FunctionDefinition, name: string): QualifiedName | undefined {
    const shape = this.classAround(owner);
    const first = owner.parameters[0];
    const self = shape?.qualified ?? this.nameOfLocalClass(localClassOf(owner));
    if (self !== undefined && first?.name === name && first.star === '') {
      const decorators = owner.decorators.map((it) => it.text);
      if (!decorators.includes('staticmethod')) return decorators.includes('classmethod') || name === 'cls' ? self : `${self}()`;
    }
    if (this.isInjectedMock(owner, name, shape)) return 'unittest.mock.MagicMock()';
    const given = this.givenTo(owner, name);
    if (given !== undefined) return agreed(given.map((it) => it.refersTo));
    if (name === 'client') return this.clientOfPlugin(owner, shape);
    if (Object.hasOwn(WELL_KNOWN_FIXTURES, name) && shape?.name === undefined) return WELL_KNOWN_FIXTURES[name];
    if (Object.hasOwn(WELL_KNOWN_FIXTURES, name) && owner.name.startsWith('test')) return WELL_KNOWN_FIXTURES[name];
    return undefined;
  }

  /** `client` comes with pytest-django to who uses Django, and with pytest-flask to who has a fixture `app` that makes a Flask application. */
  private clientOfPlugin(owner: FunctionDefinition, shape: ClassShape | undefined): QualifiedName | undefined {
    const marks = [...owner.decorators, ...(shape?.decorators() ?? []), ...marksOf(this.frame)];
    if (marks.some((it) => it.text.startsWith('pytest.mark.django_db')) || this.usesDjango()) return 'django.test.Client()';
    const app = this.fixtures.named('app', owner, shape);
    const made = app === undefined ? undefined : agreed(givenBy(app).map((it) => it.refersTo));
    return made === 'flask.Flask()' ? 'flask.Flask().test_client()' : undefined;
  }

  private usesDjango(): boolean {
    for (const name of this.frame.boundNames)
      for (const it of this.frame.bindings(name)) if (it.kind === 'import' && /^django(?:\.|$)/.test(it.qualified)) return true;
    return false;
  }

  /** Is it given one of the mocks that stacked `@mock.patch` decorators pass, bottom decorator first, after `self`? */
  private isInjectedMock(owner: FunctionDefinition, name: string, shape: ClassShape | undefined): boolean {
    if (this.lastInjected?.owner !== owner) this.lastInjected = { owner, names: injectedInto(owner, shape) };
    return this.lastInjected.names.includes(name);
  }

  /** One parameter is asked for after the other. */
  private lastInjected: { readonly owner: FunctionDefinition; readonly names: readonly string[] } | undefined;

  /** The class whose method the function is, also when the class is written inside another function. */
  classAround(owner: FunctionDefinition): ClassShape | undefined {
    const parent = owner.parent;
    if (parent?.type === 'class') {
      const outer = spotOf(owner.place).page.owner;
      if (outer !== undefined && parent.parent === undefined) return this.frame.classNamed(outer)?.nested(parent.name);
      return parent.parent === undefined ? this.frame.classNamed(parent.name) : undefined;
    }
    if (parent !== undefined) return undefined;
    const name = spotOf(owner.place).page.owner;
    return name === undefined ? undefined : this.frame.classNamed(name);
  }

  // --------------------------------------------------------------------------------------- attributes

  private attributeOfSelf(at: Node, name: string, self: QualifiedName | undefined): QualifiedName | undefined {
    // What the same function assigned before.
    for (let node = at.parent; node !== undefined; node = node.parent) {
      if (node.type !== 'function') continue;
      const locals = localsOf(node);
      const all = locals.attributes ? locals.bindings.get(`self.${name}`) : undefined;
      if (all === undefined) continue;
      const seen = reaching(all, at);
      if (seen.length > 0) return agreed(seen.map((it) => this.nameOfBinding(it, at, node)));
    }
    const local = self === undefined || !self.includes('<locals>') ? undefined : localClassAround(at);
    if (local !== undefined && self?.startsWith(this.nameOfLocalClass(local) ?? ' ') === true) return this.memberOfLocal(local, name, self);
    return self === undefined ? undefined : this.attributeOf(self, name);
  }

  private nameOfLocalClass(it: ClassDefinition | undefined): QualifiedName | undefined {
    return it === undefined ? undefined : `${this.frame.module}.<locals>.${it.name}`;
  }

  /** What a class inside a function calls `self.name`: its method, what its body or a method assigned, or its framework's. */
  private memberOfLocal(local: ClassDefinition, name: string, self: QualifiedName): QualifiedName | undefined {
    const methods: FunctionDefinition[] = [];
    for (const it of local.body) {
      if (it.type === 'function') {
        if (it.name === name) return it.decorators.length === 0 ? `${self}.${name}` : undefined;
        methods.push(it);
      } else if (it.type === 'assignment' && it.targets.some((each) => each.type === 'name' && each.id === name)) return it.value?.refersTo;
    }
    for (const it of methods) {
      const last = localsOf(it).bindings.get(`self.${name}`)?.at(-1);
      if (last !== undefined) return last.path.length === 0 && (last.kind === 'value' || last.kind === 'with') ? last.expression?.refersTo : undefined;
    }
    if (TEST_CASE_METHODS.has(name) && local.bases.some((it) => TEST_CASE_BASES.has(it.value.refersTo ?? ''))) return `unittest.TestCase().${name}`;
    return local.bases.length === 0 ? `${self}.${name}` : undefined;
  }

  /** Kept by object and name, where the answer does not depend on how deep we are. */
  private readonly attributes = new Map<QualifiedName, Map<string, QualifiedName | undefined>>();

  private attributeOf(object: QualifiedName, name: string): QualifiedName | undefined {
    if (name === '__class__' && object.endsWith('()')) return object.slice(0, -2);
    let names = this.attributes.get(object);
    const known = names?.get(name);
    if (known !== undefined) return known;
    const result = this.findAttribute(object, name);
    if (this.depth > 0) return result;
    if (names === undefined) {
      names = new Map();
      this.attributes.set(object, names);
    }
    names.set(name, result);
    return result;
  }

  private findAttribute(object: QualifiedName, name: string): QualifiedName | undefined {
    if (object.endsWith('()')) {
      const shape = this.workspace.classOf(object.slice(0, -2), this.frame);
      if (shape !== undefined) return this.memberOf(shape, name);
      if (object === 'super()') return `super().${name}`;
    } else {
      const symbol = object.includes('(') ? undefined : this.classMember(object, name);
      if (symbol !== undefined) return symbol;
    }
    if (name === 'parent' && PATHS.test(object)) return 'pathlib.Path()';
    return canonical(`${object}.${name}`);
  }

  /** `Class.name`, or `module.name` where the module re-exports it. */
  private classMember(object: QualifiedName, name: string): QualifiedName | undefined {
    const shape = this.frame.module !== '' && object.startsWith(`${this.frame.module}.`) ? this.workspace.classOf(object, this.frame) : undefined;
    if (shape === undefined) return undefined;
    const method = this.classes.method(shape, name);
    return method === undefined ? `${shape.qualified}.${name}` : `${method.owner.qualified}.${name}`;
  }

  private memberOf(shape: ClassShape, name: string): QualifiedName | undefined {
    const method = this.classes.method(shape, name);
    if (method !== undefined) {
      if (method.node.decorators.some((it) => it.text === 'property' || it.text.endsWith('.cached_property') || it.text === 'cached_property'))
        return this.returnedBy(method.node) ?? `${method.owner.qualified}().${name}`;
      return `${method.owner.qualified}().${name}`;
    }
    const value = this.classes.attribute(shape, name);
    if (value !== undefined) {
      const known = value.refersTo;
      if (known !== undefined) return known;
    }
    if (TEST_CASE_METHODS.has(name) && value === undefined) {
      if (name === 'useFixture' || name === 'addCleanup') return `unittest.TestCase().${name}`;
      if (this.classes.isTest(shape) || this.classes.ancestry(shape).unresolved.length > 0) return `unittest.TestCase().${name}`;
    }
    if (value === undefined) {
      for (const it of this.classes.ancestry(shape).names) {
        const known = Object.hasOwn(ATTRIBUTES_OF_BASES, it) ? ATTRIBUTES_OF_BASES[it] : undefined;
        if (known !== undefined && Object.hasOwn(known, name)) return known[name];
      }
    }
    return `${shape.qualified}().${name}`;
  }

  // -------------------------------------------------------------------------------------------- calls

  private nameOfCall(it: Call): QualifiedName | undefined {
    const callee = it.callee;
    if (callee === undefined) return undefined;
    if (callee === 'builtins.super') return 'super()';
    if (callee === 'builtins.type' && it.arguments.length === 1) {
      const object = it.arguments[0]?.value.refersTo;
      if (object?.endsWith('()') === true) return object.slice(0, -2);
    }
    if (IMPORTS_MODULE.has(callee)) {
      const module = constantText(it.arguments[0]?.value.value);
      return module === undefined || module.startsWith('.') ? `${callee}()` : canonical(module);
    }
    if (Object.hasOwn(MADE_BY_FIXTURES, callee)) return MADE_BY_FIXTURES[callee];
    if (callee === 'pytest.FixtureRequest().getfixturevalue') return this.nameOfFixture(it);
    if (it.function.type === 'attribute' && GIVES_PATH.test(it.method) && PATHS.test(it.function.object.refersTo ?? '')) return 'pathlib.Path()';
    if (GIVES_ARGUMENT.has(callee)) {
      const given = it.arguments[0]?.value;
      if (given === undefined) return undefined;
      // A copy of what belongs to the process is not what belongs to it.
      if (callee.startsWith('copy.') && (given.refersTo === 'os.environ' || given.refersTo === 'sys.modules')) return `${callee}()`;
      return callee.includes('enter') ? this.entered(given.refersTo) : given.refersTo;
    }
    if (isMockName(callee)) return callee.length > 200 ? undefined : `${callee}()`;
    const returned = this.returnedByCall(callee);
    if (returned !== undefined) return returned;
    return `${callee}()`;
  }

  /** `request.getfixturevalue('client')` gives what a parameter `client` would. */
  private nameOfFixture(it: Call): QualifiedName | undefined {
    const name = constantText(it.arguments[0]?.value.value);
    if (name === undefined) return undefined;
    for (let node = it.parent; node !== undefined; node = node.parent) {
      if (node.type !== 'function') continue;
      const fixture = this.fixtures.named(name, node, this.classAround(node));
      if (fixture !== undefined) return agreed(givenBy(fixture).map((each) => each.refersTo));
    }
    return Object.hasOwn(WELL_KNOWN_FIXTURES, name) ? WELL_KNOWN_FIXTURES[name] : undefined;
  }

  private depth = 0;

  /** What a function of the workspace returns, when all its returns refer to one thing. */
  private returnedByCall(callee: QualifiedName): QualifiedName | undefined {
    if (this.depth > 4) return undefined;
    this.depth += 1;
    try {
      const instance = /^(.*)\(\)\.(\w+)$/.exec(callee);
      if (instance?.[1] !== undefined && instance[2] !== undefined) {
        const shape = this.workspace.classOf(instance[1], this.frame);
        const method = shape === undefined ? undefined : this.classes.method(shape, instance[2]);
        return method === undefined ? undefined : this.returnedBy(method.node);
      }
      const symbol = this.workspace.symbol(callee, this.frame);
      return symbol?.kind === 'function' ? this.returnedBy(symbol.node) : undefined;
    } finally {
      this.depth -= 1;
    }
  }

  private returnedBy(node: FunctionDefinition): QualifiedName | undefined {
    const names = new Set<QualifiedName | undefined>();
    for (const it of returnedExpressions(node)) names.add(it.refersTo);
    const [only] = names;
    return names.size === 1 && only?.endsWith('()') === true ? only : undefined;
  }

  // ------------------------------------------------------------------------------------------- values

  private valueOfName(it: Expression): Value {
    if (it.type === 'name') {
      const local = this.bindingsOf(it);
      if (local === 'unknown') return UNKNOWN;
      if (local !== undefined) {
        const [only] = local.bindings;
        if (only !== undefined && local.bindings.length === 1) return this.valueOfBinding(only, local.owner);
        const values = local.bindings.map((each) => this.valueOfBinding(each, local.owner));
        return values.length > 8 ? UNKNOWN : { kind: 'oneOf', choices: values };
      }
      const bindings = this.frame.bindings(it.id);
      if (it.id === '__name__' && bindings.length === 0 && this.frame.module !== '') return { kind: 'constant', value: this.frame.module };
      if (bindings.length === 0) return this.ofClassBody(it)?.value ?? UNKNOWN;
      if (this.assignedAsGlobal(it.id)) return UNKNOWN;
      const values: Value[] = [];
      for (const each of bindings) {
        if (each.kind === 'value' && each.path.length === 0 && each.value !== undefined) values.push(each.value.value);
        else if (each.kind === 'import') values.push(this.importedValue(each.qualified));
        else return UNKNOWN;
      }
      return values.length === 1 ? (values[0] ?? UNKNOWN) : values.length === 0 || values.length > 8 ? UNKNOWN : { kind: 'oneOf', choices: values };
    }
    if (it.type !== 'attribute') return UNKNOWN;
    if (it.name === '__name__') return this.ownName(it.object);
    if (it.name === '__module__') return this.ownModule(it.object);
    if (it.object.type === 'name' && it.object.id === 'request' && it.name === 'param') return oneOf((this.paramsAround(it) ?? []).map((each) => each.value));
    if (it.object.type === 'name' && (it.object.id === 'self' || it.object.id === 'cls')) {
      for (let node = it.parent; node !== undefined; node = node.parent) {
        if (node.type !== 'function') continue;
        const all = localsOf(node).bindings.get(`self.${it.name}`);
        if (all === undefined) continue;
        const values = reaching(all, it).map((each) => this.valueOfBinding(each, node));
        if (values.length > 0) return values.length === 1 ? (values[0] ?? UNKNOWN) : { kind: 'oneOf', choices: values };
      }
      const self = it.object.refersTo?.replace(/\(\)$/, '');
      const shape = self === undefined ? undefined : this.workspace.classOf(self, this.frame);
      const value = shape === undefined ? undefined : this.classes.attribute(shape, it.name);
      return value?.value ?? (shape === undefined ? UNKNOWN : this.valueInScenarios(shape, it.name));
    }
    const name = it.refersTo;
    return name === undefined || name.includes('(') ? UNKNOWN : this.importedValue(name);
  }

  /** What a decorator or a default of a method sees: names of the class body. */
  private ofClassBody(it: Name): Expression | undefined {
    let part: Node = it;
    for (let node = it.parent; node !== undefined; part = node, node = node.parent) {
      if (node.type !== 'function') continue;
      return node.body.some((each) => each === part) ? undefined : this.classAround(node)?.attribute(it.id);
    }
    return undefined;
  }

  /** `module.__name__` and `Class.__name__`. */
  private ownName(it: Expression): Value {
    const name = it.refersTo;
    const symbol = name === undefined || name.includes('(') ? undefined : this.workspace.symbol(name, this.frame);
    if (symbol?.kind === 'module') return { kind: 'constant', value: symbol.frame.module };
    if (symbol?.kind === 'class' || symbol?.kind === 'function')
      return { kind: 'constant', value: symbol.qualified.slice(symbol.qualified.lastIndexOf('.') + 1) };
    return symbol === undefined && name !== undefined && this.isImportedModule(it) ? { kind: 'constant', value: name } : UNKNOWN;
  }

  /** `Class.__module__`, `Class().method.__module__`: where the workspace defines it. */
  private ownModule(it: Expression): Value {
    const symbol = it.refersTo === undefined ? undefined : this.workspace.symbol(it.refersTo.replace('()', ''), this.frame);
    return symbol?.kind === 'class' || symbol?.kind === 'function' ? { kind: 'constant', value: symbol.frame.module } : UNKNOWN;
  }

  /** `x` in `x.__name__ + '.name'`, where it is imported and nothing else: what has names is a module. */
  private isImportedModule(it: Expression): boolean {
    if (it.type !== 'name' || it.parent?.type !== 'attribute' || !isBeforeDot(it.parent)) return false;
    const local = this.bindingsOf(it);
    const kinds = local === 'unknown' ? [] : (local?.bindings ?? this.frame.bindings(it.id)).map((each) => each.kind);
    return kinds.length === 1 && kinds[0] === 'import' && /(?:^|\.)[a-z_][^.]*$/.test(it.refersTo ?? '');
  }

  /** What `scenarios = [('name', {'attribute': value}), …]` gives the tests of a class. */
  private valueInScenarios(shape: ClassShape, name: string): Value {
    const table = this.classes.attribute(shape, 'scenarios')?.value;
    if (table?.kind !== 'list') return UNKNOWN;
    return oneOf(
      table.items.flatMap((it) => {
        const row = it.kind === 'list' ? it.items[1] : undefined;
        return row?.kind === 'dict' ? row.entries.flatMap(([key, value]) => (key.kind === 'constant' && key.value === name ? value : [])) : [];
      }),
    );
  }

  private globals: ReadonlySet<string> | undefined;

  /** Does a function declare the name `global`, and so may give it another value at any time? */
  private assignedAsGlobal(name: string): boolean {
    this.globals ??= new Set(
      this.frame.units.flatMap((unit) =>
        unit.text.includes('global')
          ? [...unit.text.matchAll(/^[ \t]+global[ \t]+(\w+(?:[ \t]*,[ \t]*\w+)*)/gm)].flatMap((it) => (it[1] ?? '').split(/[ \t,]+/))
          : [],
      ),
    );
    return this.globals.has(name);
  }

  private importedValue(name: QualifiedName): Value {
    const dot = name.lastIndexOf('.');
    const shape = dot < 0 ? undefined : this.workspace.classOf(name.slice(0, dot), this.frame);
    if (shape !== undefined) return this.classes.attribute(shape, name.slice(dot + 1))?.value ?? UNKNOWN;
    const symbol = this.workspace.symbol(name, this.frame);
    if (symbol?.kind !== 'value') return UNKNOWN;
    const binding = symbol.frame.bindings(symbol.name);
    const only = binding[0];
    return binding.length === 1 && only?.kind === 'value' && only.path.length === 0 && only.value !== undefined ? only.value.value : UNKNOWN;
  }

  /** `for x in ('a', 'b')`: x is one of them. */
  private valueOfItem(it: LocalBinding): Value {
    const iterable = it.expression?.value;
    if (iterable?.kind !== 'list' || iterable.items.length === 0 || iterable.items.length > 50) return UNKNOWN;
    const choices = iterable.items.map((item) =>
      it.path.reduce((value: Value, index) => (value.kind === 'list' ? (value.items[index] ?? UNKNOWN) : UNKNOWN), item),
    );
    return choices.length === 1 ? (choices[0] ?? UNKNOWN) : { kind: 'oneOf', choices };
  }

  private valueOfBinding(it: LocalBinding, owner: FunctionDefinition | Lambda): Value {
    if (it.kind === 'parameter') {
      const name = it.parameter?.name ?? '';
      const given = owner.type === 'function' ? this.givenTo(owner, name) : undefined;
      const values = given?.map((each) => each.value) ?? [];
      return values.every((each) => each.kind === 'unknown') ? { kind: 'parameter', name } : oneOf(values);
    }
    if (it.kind === 'item') return this.valueOfItem(it);
    // What gives itself on entering is worth what was entered: `with Client(…) as client`.
    if (
      it.kind === 'with' &&
      it.path.length === 0 &&
      it.expression?.type === 'call' &&
      this.entered(it.expression.refersTo, it.expression) === it.expression.refersTo
    )
      return it.expression.value;
    if (it.kind !== 'value') return UNKNOWN;
    const value = it.path.length > 0 ? this.elementOf(it) : it.expression;
    return value === undefined ? UNKNOWN : value.value;
  }
}

/** The class inside a function whose method the function is. */
function localClassOf(owner: FunctionDefinition): ClassDefinition | undefined {
  return owner.parent?.type === 'class' && outermostOf(owner.parent) !== undefined ? owner.parent : undefined;
}

/** The class inside a function that `self` at this place is an object of. */
function localClassAround(at: Node): ClassDefinition | undefined {
  for (let it = at.parent; it !== undefined; it = it.parent) {
    const first = it.type === 'function' ? it.parameters[0]?.name : undefined;
    if (it.type === 'function' && (first === 'self' || first === 'cls')) return localClassOf(it);
  }
  return undefined;
}

/** A part of a tuple that is written out. */
function elementAt(whole: Expression, path: readonly number[]): Expression | undefined {
  let value: Expression | undefined = whole;
  for (const index of path) {
    if (value === undefined || (value.type !== 'tuple' && value.type !== 'list')) return undefined;
    value = value.items[index];
  }
  return value;
}

/** Is what comes behind it, in a text that is put together, a dot? */
function isBeforeDot(it: Attribute): boolean {
  const { parent } = it;
  if (parent?.type === 'operation') return parent.operator === '+' && parent.left === it && constantText(parent.right.value)?.startsWith('.') === true;
  const next = parent?.type === 'fstring' ? parent.parts[parent.parts.indexOf(it) + 1] : undefined;
  return typeof next === 'string' && next.startsWith('.');
}

/** The one name that all agree on. */
function agreed(names: readonly (QualifiedName | undefined)[]): QualifiedName | undefined {
  const [only] = names;
  return names.every((it) => it === only) ? only : undefined;
}

const MAX_CHOICES = 50;

function oneOf(values: readonly Value[]): Value {
  const [only] = values;
  if (only === undefined || values.length > MAX_CHOICES) return UNKNOWN;
  return values.length === 1 ? only : { kind: 'oneOf', choices: values };
}

/** The expressions after `return`, nested functions left out. */
export function returnedExpressions(node: FunctionDefinition): Expression[] {
  const result: Expression[] = [];
  const visit = (it: Node) => {
    if (it.type === 'function' || it.type === 'class' || it.type === 'lambda') return;
    if (it.type === 'return') {
      const [value] = it.operands;
      if (value !== undefined) result.push(value);
      return;
    }
    for (const child of statementsInside(it)) visit(child);
  };
  for (const it of node.body) visit(it);
  return result;
}

function statementsInside(it: Node): readonly Node[] {
  switch (it.type) {
    case 'if':
    case 'while':
    case 'for':
      return [...it.body, ...it.otherwise];
    case 'try':
      return [...it.body, ...it.handlers, ...it.otherwise, ...it.final];
    case 'handler':
    case 'with':
      return it.body;
    case 'match':
      return it.cases.flat();
    default:
      return [];
  }
}
