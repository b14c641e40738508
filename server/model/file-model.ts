/**
 * The model of one file under review: answers what `TestFile` promises to rules, from its frame, the page
 * that is being shown, and other files through the workspace.
 */
import type {
  Asker,
  Call,
  ClassDefinition,
  ClassFacts,
  DataFile,
  Definition,
  Expression,
  FunctionDefinition,
  FunctionSubject,
  Guarantee,
  Node,
  Origin,
  Place,
  PytestFixture,
  QualifiedName,
  Reached,
  Statement,
  TestFile,
  Tier,
} from '../../rules/model.ts';
import { ancestors, argument, constantText, walk } from '../../rules/model.ts';
import type { Acquisition } from '../../rules/python/resources.ts';
import { reverses, reversible } from '../../rules/python/reverses.ts';
import { LIBRARY_FIXTURES, ROLES, TEST_CASE_METHODS } from '../../rules/python/unittest.ts';
import { Notes } from '../../rules/remembered.ts';
import type { Text } from '../syntax/text.ts';
import { keepsState } from './changes.ts';
import type { Classes } from './classes.ts';
import { ignoredIn, type LeftOut } from './collected.ts';
import { Guards, isExpected, isParametrized, isRejected } from './contexts.ts';
import { writtenPath } from './data-files.ts';
import { OfClass, OfFunction } from './definitions.ts';
import { FileSubjects } from './file-subject.ts';
import { Fixtures } from './fixtures.ts';
import { namesOutside, originsOf, reachedBy } from './flow.ts';
import { type ClassShape, type Frame, type FrameUnit, makesNames } from './frame.ts';
import { standsIn } from './frame-change.ts';
import { Facts, fileKind, fixtureOf, isGenerated, isTestPath, marksOf, roleOf, tierOf, upcallsOf } from './frameworks.ts';
import type { Page } from './page.ts';
import {
  covers,
  inForce,
  type Stub,
  stubsAround,
  stubsLeft,
  stubsOfDecorators,
  stubsOfExpression,
  stubsOfFunction,
  stubsOfHead,
  stubsOfTables,
  stubsWhileGiven,
} from './patches.ts';
import type { ProjectFacts } from './project.ts';
import { givenTo, type Surroundings } from './resources.ts';
import { describe } from './summary.ts';
import { outermostOf, spotOf } from './tree.ts';
import { Uses } from './uses.ts';
import { MAX_HOPS, type Workspace } from './workspace.ts';

/** A function or method of the workspace. */
interface Called {
  readonly node: FunctionDefinition;
  readonly frame: Frame;
  readonly qualified: QualifiedName;
}

class Subject extends Facts implements FunctionSubject {
  readonly type = 'function subject';
  readonly class: ClassFacts | undefined;
  readonly fixture: PytestFixture | undefined;

  constructor(node: FunctionDefinition, inClass: boolean, around: ClassFacts | undefined) {
    super(node, inClass);
    this.class = around;
    this.fixture = fixtureOf(node);
  }

  get place(): Place {
    return this.node.place;
  }
}

/** A place that names a function, and what is in force there; for one in a helper of the module, its name. */
interface Mention {
  readonly stubs: readonly Stub[];
  readonly by: string | undefined;
}

/** Nobody knows when it runs, or it runs before anything is replaced. */
const UNSTUBBED: Mention = { stubs: [], by: undefined };

/** The strings of a list that the module gives to the name whatever happens. */
function wordsBoundTo(name: string, frame: Frame): readonly string[] {
  return [...frame.looseStatements()].flatMap((it) => {
    if (it.type !== 'assignment' || it.value?.type !== 'list' || !it.targets.some((each) => each.text === name)) return [];
    return it.value.items.flatMap((each) => constantText(each.value) ?? []);
  });
}

/** In characters. Reading more would be felt. */
const MAX_DATA = 4_000_000;

const SETUP_ROLES: ReadonlySet<string> = new Set(['setup', 'class-setup', 'module-setup']);

const stubsNoted = new Notes<FunctionDefinition, { readonly by: FileModel; readonly stubs: readonly Stub[] }>();

export class FileModel implements TestFile {
  readonly path: string;
  readonly kind: TestFile['kind'];
  readonly tier: Tier;
  readonly project: ProjectFacts;
  /** A copy of another project's file, as git is told or its folder says: it is mended there. */
  readonly vendored: boolean;
  /** A file that a program wrote, by its head: it is mended there. */
  readonly generated: boolean;
  /** What keeps each run of the tests from collecting the file, which holds some. */
  readonly unrun: string | undefined;
  readonly frame: Frame;
  readonly subjects: FileSubjects;
  readonly uses: Uses;
  private readonly workspace: Workspace;
  private readonly classes: Classes;
  /** Class that the page under review belongs to. */
  private current: ClassFacts | undefined;
  // By shape and not by name: of two classes of one name, what is said must not hang on which was asked of first.
  private readonly facts = new Map<ClassShape, ClassFacts>();
  /** Most who ask are in the function of those who asked before. */
  private lastSubject: FunctionSubject | undefined;
  private readonly around = new Map<ClassShape | undefined, Surroundings>();
  private readonly reverses = new Map<QualifiedName, string | undefined>();
  private readonly classStubs = new Map<ClassShape, readonly Stub[]>();
  private readonly called = new Map<QualifiedName, Called | null>();
  private namesOfImports: Map<QualifiedName, { module: QualifiedName; as: string; frame: Frame }> | undefined;
  private fixtureStubs: readonly Stub[] | undefined;
  private runAlone: boolean | undefined;
  private leftOutBy: LeftOut | null | undefined;
  private importedModules: ReadonlySet<string> | undefined;
  private readonly fixtures: Fixtures;
  private readonly guards: Guards;

  private readonly heedsOrigin: boolean;

  constructor(frame: Frame, text: Text, workspace: Workspace, classes: Classes, heedsOrigin: boolean) {
    this.heedsOrigin = heedsOrigin;
    this.path = frame.path;
    this.project = workspace.project;
    this.vendored = heedsOrigin && this.project.vendored(this.path);
    this.generated = this.isOfProgram(text);
    this.kind = this.kindOf(text);
    this.tier = tierOf(frame.path, marksOf(frame));
    this.frame = frame;
    this.subjects = new FileSubjects(frame);
    this.workspace = workspace;
    this.classes = classes;
    this.fixtures = new Fixtures(frame, workspace, classes);
    this.guards = new Guards(frame, this.tier, workspace, classes);
    this.uses = new Uses(frame.units, (it) => this.isSkippedUnit(it));
    this.unrun = this.unrunBy(text);
  }

  /** Is the file with this text what it is here? */
  isStill(text: Text): boolean {
    return this.kindOf(text) === this.kind && this.isOfProgram(text) === this.generated && this.unrunBy(text) === this.unrun;
  }

  private isOfProgram(text: Text): boolean {
    return this.heedsOrigin && isGenerated(text);
  }

  private kindOf(text: Text): TestFile['kind'] {
    return this.project.passedOver(this.path) ? 'helper' : fileKind(this.path, text);
  }

  /** Modules that only help, and those whose names or what they hold tell of no tests, may be imported by what does run. */
  private unrunBy(text: Text): string | undefined {
    const by = COLLECTED.test(this.path) ? this.leftOut?.by : undefined;
    return by !== undefined && TEST.test(text.toString()) && fileKind(this.path, text) === 'test' ? by : undefined;
  }

  /** To be called before a page is shown, with its class and its key. */
  enter(owner: string | undefined, key = ''): void {
    this.uses.asker = key;
    const shape = owner === undefined ? undefined : this.frame.classNamed(owner);
    this.current = shape === undefined ? undefined : this.classFacts(shape);
  }

  /** Classes whose guarantees, added by the user, this file's answers are founded on. */
  get trusted(): readonly QualifiedName[] {
    return [...this.classes.trusted].sort();
  }

  get class(): ClassFacts | undefined {
    return this.current;
  }

  // ------------------------------------------------------------------------------------- files and imports

  /** Modules that somebody asked for: an import of another one changes nothing for those who were told. */
  private readonly askedFor = new Set<string>();

  /** Would an import of the name have told somebody something else? */
  minds(imported: QualifiedName): boolean {
    const segments = imported.split('.');
    for (let length = 1; length <= segments.length; length++) if (this.askedFor.has(segments.slice(0, length).join('.'))) return true;
    return this.namesOfImports !== undefined && this.workspace.symbol(imported, this.frame) !== undefined;
  }

  /** Goes on for a model whose answers are still used. */
  succeed(before: FileModel): void {
    for (const it of before.askedFor) this.askedFor.add(it);
    if (before.namesOfImports !== undefined) this.namesOfImports = this.readNamesOfImports();
    this.uses.succeed(before.uses);
  }

  imports(module: string): boolean {
    this.askedFor.add(module);
    if (this.importedModules === undefined) {
      const modules = new Set<string>();
      for (const name of this.frame.boundNames) {
        for (const it of this.frame.bindings(name)) {
          if (it.kind !== 'import') continue;
          const segments = it.qualified.split('.');
          for (let length = 1; length <= segments.length; length++) modules.add(segments.slice(0, length).join('.'));
        }
      }
      for (const it of this.frame.starImports) modules.add(it);
      this.importedModules = modules;
    }
    return this.importedModules.has(module);
  }

  private readonly definitions = new Map<QualifiedName, Definition | null>();

  definition(name: QualifiedName): Definition | undefined {
    const known = this.definitions.get(name);
    if (known !== undefined) return known === null ? undefined : known;
    const found = this.findDefinition(name);
    this.definitions.set(name, found ?? null);
    return found;
  }

  private findDefinition(name: QualifiedName): Definition | undefined {
    const called = this.functionCalled(name);
    if (called !== undefined) return this.functionDefinition(called.node, called.frame, called.qualified);
    const symbol = this.workspace.symbol(name.replace(/\(\)$/, ''), this.frame);
    if (symbol?.kind !== 'class') return undefined;
    const place = symbol.class.namePlace();
    return {
      path: symbol.frame.path,
      place,
      qualified: symbol.qualified,
      kind: 'class',
      does: undefined,
      parameters: [],
      decorators: symbol.class.decorators(),
      node: undefined,
      returns: true,
    };
  }

  private functionDefinition(node: FunctionDefinition, frame: Frame, qualified: QualifiedName): Definition {
    return new OfFunction(node, frame.path, qualified, (it) => this.describe(it));
  }

  private readonly described = new WeakMap<FunctionDefinition, string | undefined>();

  private describe(node: FunctionDefinition): string | undefined {
    if (!this.described.has(node))
      this.described.set(
        node,
        describe(node, (callee) => this.functionCalled(callee)?.node),
      );
    return this.described.get(node);
  }

  private functionCalled(callee: QualifiedName): Called | undefined {
    const known = this.called.get(callee);
    if (known !== undefined) return known ?? undefined;
    this.called.set(callee, null); // asked again while being asked: unknown
    const found = this.findFunction(callee);
    this.called.set(callee, found ?? null);
    return found;
  }

  private exitsOf(name: QualifiedName): readonly FunctionDefinition[] {
    const shape = this.workspace.classOf(name, this.frame);
    return shape === undefined ? [] : this.runAs(shape, '__exit__');
  }

  /** What runs where the method is called: that of the class, and those above as long as each calls the next. */
  private runAs(shape: ClassShape, name: string): readonly FunctionDefinition[] {
    const all = this.classes.ancestry(shape).known.flatMap((it) => it.method(name) ?? []);
    const last = all.findIndex((it) => !upcallsOf(it).includes(name));
    return last < 0 ? all : all.slice(0, last + 1);
  }

  private findFunction(callee: QualifiedName): Called | undefined {
    const instance = callee.includes('().') ? /^(.*)\(\)\.(\w+)$/.exec(callee) : null;
    if (instance?.[1] !== undefined && instance[2] !== undefined) {
      const shape = this.workspace.classOf(instance[1], this.frame);
      const method = shape === undefined ? undefined : this.classes.method(shape, instance[2]);
      return method === undefined ? undefined : { node: method.node, frame: method.owner.frame, qualified: `${method.owner.qualified}.${instance[2]}` };
    }
    const symbol = this.workspace.symbol(callee.replace(/\(\)$/, ''), this.frame);
    return symbol?.kind === 'function' ? symbol : undefined;
  }

  fixture(name: string): FunctionDefinition | undefined {
    return this.fixtures.anywhere(name);
  }

  fixturesFor({ node }: FunctionSubject): ReadonlySet<FunctionDefinition> {
    return this.fixtures.runFor(node, this.shapeAround(node));
  }

  askersOf({ node: asked, name, fixture }: FunctionSubject): readonly Asker[] {
    const tests = this.uses
      .that('what tests ask for', (it) => (TEST.test(it) ? requestsOf(it) : ''))
      .filter((it) => it.head.isTest)
      .flatMap((it) => {
        const [node] = this.frame.pageNow(it).statements;
        const shape = it.owner === undefined ? undefined : this.frame.classNamed(it.owner);
        return node?.type === 'function' ? { node, role: 'test' as const, fixtures: this.fixtures.runFor(node, shape) } : [];
      });
    const fixtures = this.fixtures.ofFile().map(({ node, shape }) => ({ node, role: 'fixture' as const, fixtures: this.fixtures.requestedBy(node, shape) }));
    const isLate = ({ text }: FunctionDefinition) => text.includes(LATE) && standsIn(text, fixture?.name ?? name);
    return [...tests, ...fixtures].filter((it) => it.fixtures.has(asked) || (it.node !== asked && isLate(it.node)));
  }

  fixtureFrom(name: string): 'found' | 'library' | 'not found' {
    return this.fixtures.origin(name);
  }

  /** What a function of the workspace acquires for who calls it. */
  givenBy(call: Call): readonly Acquisition[] {
    const node = call.callee === undefined ? undefined : this.functionCalled(call.callee)?.node;
    return node === undefined ? [] : givenTo(call, node);
  }

  origins(expression: Expression): readonly Origin[] {
    return originsOf(expression, (callee) => this.functionCalled(callee)?.node);
  }

  reaches(call: Call): readonly Reached[] {
    return reachedBy(call, (callee) => this.functionCalled(callee)?.node);
  }

  dataFile(path: Expression): readonly DataFile[] | 'missing' | 'too large' | 'unknown' {
    const written = writtenPath(path, {
      sources: (it) => {
        const { page } = spotOf(it.place);
        const sources = page.resolver.sourcesOf(it);
        const value = sources.length > 0 || it.refersTo === undefined ? undefined : this.workspace.valueOf(it.refersTo, this.frame);
        return value === undefined ? sources : [value];
      },
      functionCalled: (callee) => this.functionCalled(callee)?.node,
    });
    const found = written === undefined ? [] : this.workspace.dataFiles(written, this.frame);
    if (found.length === 0) return written === undefined || written.from === 'somewhere' || this.workspace.ignores(written, this.frame) ? 'unknown' : 'missing';
    return found.every((it) => it.text.length <= MAX_DATA) ? found : 'too large';
  }

  private frameNamesOutside: boolean | undefined;
  private lastPage: { readonly page: Page; readonly namesOutside: boolean } | undefined;

  namesOutside(at: Node): boolean {
    const { page } = spotOf(at.place);
    if (this.lastPage?.page !== page) this.lastPage = { page, namesOutside: namesOutside(page.text) };
    if (this.lastPage.namesOutside) return true;
    this.frameNamesOutside ??= this.frame.units.some((it) => !it.head.isTest && namesOutside(it.text));
    return this.frameNamesOutside;
  }

  // ------------------------------------------------------------------------------------------ functions

  ownerOf(node: Node): FunctionSubject | undefined {
    const outermost = outermostOf(node);
    return outermost === undefined ? undefined : this.subjectOf(outermost);
  }

  subjectOf(node: FunctionDefinition): FunctionSubject {
    if (this.lastSubject?.node === node) return this.lastSubject;
    const kept = node as { subject?: { readonly of: FileModel; readonly it: FunctionSubject } | undefined };
    if (kept.subject?.of === this) {
      this.lastSubject = kept.subject.it;
      return kept.subject.it;
    }
    const shape = this.shapeAround(node);
    const subject = new Subject(node, shape !== undefined, shape === undefined ? undefined : this.classFacts(shape));
    kept.subject = { of: this, it: subject };
    this.lastSubject = subject;
    return subject;
  }

  private shapeAround(node: FunctionDefinition): ClassShape | undefined {
    const owner = spotOf(node.place).page.owner;
    if (node.parent === undefined) return owner === undefined ? undefined : this.frame.classNamed(owner);
    if (node.parent.type === 'class' && node.parent.parent === undefined) {
      return owner === undefined ? this.frame.classNamed(node.parent.name) : this.frame.classNamed(owner)?.nested(node.parent.name);
    }
    if (node.parent.type === 'class' && owner === undefined) return this.shapeInBlock(node.parent);
    return node.parent.type === 'if' && owner !== undefined ? this.frame.classNamed(owner) : undefined;
  }

  /** The class that a block of the module makes, where it makes only one of that name: `if HAS_SSL:`. */
  private shapeInBlock(node: ClassDefinition): ClassShape | undefined {
    for (let it = node.parent; it !== undefined; it = it.parent) if (it.type === 'class' || it.type === 'function') return undefined;
    return this.frame.bindings(node.name).length === 1 ? this.frame.classNamed(node.name) : undefined;
  }

  classFacts(shape: ClassShape): ClassFacts {
    const known = this.facts.get(shape);
    if (known !== undefined) return known;
    const facts = new OfClass(shape, this.classes);
    this.facts.set(shape, facts);
    return facts;
  }

  /** What resources and changes of a function may be released by, beyond its own body. */
  surroundings(owner: FunctionSubject | undefined): Surroundings {
    const shape = owner === undefined ? undefined : this.shapeAround(owner.node);
    const known = this.around.get(shape);
    if (known !== undefined) return known;
    const { classes } = this;
    const methods =
      shape === undefined
        ? [...this.frame.functions()]
            .filter((it) => /teardown|tear_down|^(?:tearDownModule|setUpModule|setup_module|setup_function|_?clean|_?restore|_?stop|_?close)/.test(it.name))
            .map((node) => ({ node, role: roleOf(node, false) as string }))
        : classes.ancestry(shape).known.flatMap((each) =>
            each.methodNames.flatMap((name) => {
              const node = each.method(name);
              return node === undefined ? [] : [{ node, role: roleOf(node, true) as string }];
            }),
          );
    let fixtureMethods: Surroundings['methods'] | undefined;
    const result: Surroundings = {
      methods,
      looseStatements: () => this.frame.looseStatements(),
      fixtureMethods: () => {
        fixtureMethods ??= this.methodsOfFixtures(methods);
        return fixtureMethods;
      },
      pytestFixtures: (of) => this.fixtures.runFor(of, shape),
      shape,
      guarantor: (what) => (shape === undefined ? undefined : (classes.guarantor(shape, what) ?? this.guarantorOfMixin(shape, what))),
      reverseOf: (name) => this.reverseOf(name),
      functionCalled: (callee) => this.functionCalled(callee)?.node,
      exitsOf: (name) => this.exitsOf(name),
      unresolvedBase: shape !== undefined && classes.ancestry(shape).unresolved.length > 0,
    };
    this.around.set(shape, result);
    return result;
  }

  /** What every class of the file that mixes `shape` into its bases is promised by another of them. */
  private guarantorOfMixin(shape: ClassShape, what: Guarantee): QualifiedName | undefined {
    const guarantors = this.frame.shapes
      .filter((it) => it !== shape && this.classes.ancestry(it).known.includes(shape))
      .map((it) => this.classes.guarantor(it, what));
    return guarantors.every((it) => it !== undefined) ? guarantors[0] : undefined;
  }

  /** `fake.restore_nodes` for `fake.set_nodes`, when the one keeps something in its module and the other is beside it. */
  private reverseOf(name: QualifiedName): string | undefined {
    if (!reversible(name)) return undefined;
    const known = this.reverses.get(name);
    if (known !== undefined || this.reverses.has(name)) return known;
    const symbol = this.workspace.symbol(name, this.frame);
    let result: string | undefined;
    if (symbol?.kind === 'function' && symbol.owner === undefined && keepsState(symbol.node)) {
      result = [...symbol.frame.functions()].find((it) => reverses(it.name, symbol.node.name) && keepsState(it))?.name;
    }
    this.reverses.set(name, result);
    return result;
  }

  private methodsOfFixtures(methods: Surroundings['methods']): Surroundings['methods'] {
    const result: { node: FunctionDefinition; role: string }[] = [];
    for (const { node, role } of methods) {
      if (role !== 'setup') continue;
      for (const it of walk(node)) {
        if (it.type !== 'call' || it.method !== 'useFixture') continue;
        const name = it.arguments[0]?.value.refersTo;
        const shape = name?.endsWith('()') === true ? this.workspace.classOf(name.slice(0, -2), this.frame) : undefined;
        for (const method of shape?.methodNames ?? []) {
          const found = method === '__init__' ? undefined : shape?.method(method);
          // Of its set-up what it registers counts, of the others all that they do.
          if (found !== undefined) result.push({ node: found, role: method === 'setUp' || method === '_setUp' ? 'setup' : 'teardown' });
        }
      }
    }
    return result;
  }

  // ------------------------------------------------------------------------------------------- contexts

  get uncollected(): boolean {
    if (this.project.otherRunner) return false;
    // A folder that is named after tests may have a call of pytest to itself.
    const isNamed = /test/i.test(this.path.slice(0, this.path.lastIndexOf('/') + 1));
    return this.project.namedOtherwise(this.path) || (isNamed ? this.leftOut : this.leftOutBySettings) !== undefined;
  }

  get aside(): boolean {
    return this.kind === 'helper' && (this.ownProcess || this.project.passedOver(this.path) || this.leftOut !== undefined);
  }

  /** What keeps the file from being collected, where nobody is seen to have it collected all the same. */
  private get leftOut(): LeftOut | undefined {
    if (this.leftOutBy === undefined) {
      const found = this.leftOutBySettings;
      this.leftOutBy = found === undefined || this.project.mayCall(this.path, found) ? null : found;
    }
    return this.leftOutBy ?? undefined;
  }

  private get leftOutBySettings(): LeftOut | undefined {
    return this.project.otherRunner ? undefined : (this.project.leftOut(this.path) ?? this.leftOutByConftest());
  }

  private leftOutByConftest(): LeftOut | undefined {
    for (const it of this.workspace.conftests(this.frame)) {
      for (const name of ['collect_ignore', 'collect_ignore_glob']) {
        const words = it.bindings(name).length === 1 ? wordsBoundTo(name, it) : [];
        const home = it.path.slice(0, it.path.lastIndexOf('/') + 1);
        const from = name === 'collect_ignore' ? ignoredIn(this.path, home, words, []) : ignoredIn(this.path, home, [], words);
        if (from !== undefined) return { by: `\`${name}\` of \`${it.path}\``, from };
      }
    }
    return undefined;
  }

  get ownProcess(): boolean {
    this.runAlone ??=
      !isTestPath(this.path.slice(this.path.lastIndexOf('/') + 1)) &&
      [...this.frame.looseStatements()].some((it) => isMain(it) || takesArguments(it) || this.runsTest(it));
    return this.runAlone;
  }

  /** `test(colorize=True)`: tests of the file are no names of its frame, others are. */
  private runsTest(it: Statement): boolean {
    const call = it.type === 'expression' && it.expression.type === 'call' ? it.expression : undefined;
    return call?.function.type === 'name' && call.method.startsWith('test') && this.frame.bindings(call.method).length === 0;
  }

  stubbed(name: QualifiedName, at: Node): { readonly by: string; readonly place: Place | undefined } | undefined {
    if (name === '') return undefined;
    const around = covering(stubsAround(at), name) ?? covering(this.stubsOfManagers(at), name);
    if (around !== undefined) return around;
    const owner = this.ownerOf(at)?.node;
    const own =
      owner === undefined
        ? undefined
        : covering(
            this.stubsIn(owner).filter((it) => it.from !== undefined && inForce(it, at, owner)),
            name,
          );
    return own ?? this.stubbedThroughout(name, owner) ?? (owner !== undefined && this.isHelper(owner) ? this.stubOfCallers(name, owner.name) : undefined);
  }

  /** A function of the module that somebody of the file calls. */
  private isHelper(node: FunctionDefinition): boolean {
    return this.kind === 'test' && this.subjectOf(node).role === 'helper' && this.shapeAround(node) === undefined;
  }

  private readonly mentions = new Map<
    string,
    { readonly asked: (text: string) => string; readonly users: readonly FrameUnit[]; readonly found: readonly Mention[] }
  >();

  /** Of a helper of the module, where each place of the file that names it has one; the first of these. One that calls itself has none. */
  private stubOfCallers(name: QualifiedName, own: string, known = new Map<string, Stub | undefined>()): Stub | undefined {
    if (known.has(own)) return known.get(own);
    known.set(own, undefined);
    let first: Stub | undefined;
    for (const { stubs, by } of this.mentionsOf(own)) {
      const found = covering(stubs, name) ?? (by === undefined ? undefined : this.stubOfCallers(name, by, known));
      if (found === undefined) return undefined;
      first ??= found;
    }
    known.set(own, first);
    return first;
  }

  private mentionsOf(own: string): readonly Mention[] {
    let known = this.mentions.get(own);
    const asked = known?.asked ?? asksForStubsAround(own);
    const users = this.uses.that(`stubs around ${own}`, asked);
    if (known?.users !== users) {
      known = { asked, users, found: this.mentionsIn(users, own) };
      this.mentions.set(own, known);
    }
    return known.found;
  }

  /** Up to the first that cannot be under a stub. */
  private mentionsIn(users: readonly FrameUnit[], word: string): readonly Mention[] {
    const result: Mention[] = [];
    for (const unit of users) {
      const [node] = this.frame.pageNow(unit).statements;
      const names = node === undefined ? [] : walk(node).filter((it) => it.type === 'name' && it.id === word);
      const body = node?.type === 'function' ? node : undefined;
      // In a string, `sys.modules[__name__].word()`; in what runs where the function is made; kept for later.
      const isElsewhere = names.length === 0 || names.some((it) => !isRunHere(it) || (body !== undefined && isOfHead(it, body)));
      if (isElsewhere) return [UNSTUBBED];
      const shape = unit.owner === undefined ? undefined : this.frame.classNamed(unit.owner);
      const head = body === undefined ? [] : [...stubsOfHead(body), ...this.stubsOfRequested(body, shape), ...this.stubsOfClassAround(body, shape)];
      const by = !unit.head.isTest && unit.owner === undefined && body !== undefined && this.isHelper(body) ? body.name : undefined;
      for (const it of names) {
        const stubs = [...stubsAround(it), ...this.stubsOfManagers(it), ...head];
        if (stubs.length === 0 && by === undefined) return [UNSTUBBED];
        result.push({ stubs, by });
      }
    }
    return result;
  }

  /** What is in force in the whole function, by name: rule after rule asks for the same few. */
  private readonly outside = new Map<QualifiedName, Stub | null>();
  private lastThroughout: { readonly owner: FunctionDefinition | undefined; readonly names: Map<QualifiedName, Stub | null> } | undefined;

  private stubbedThroughout(name: QualifiedName, owner: FunctionDefinition | undefined): Stub | undefined {
    let last = this.lastThroughout;
    if (last === undefined || last.owner !== owner) {
      last = { owner, names: owner === undefined ? this.outside : new Map() };
      this.lastThroughout = last;
    }
    const known = last.names.get(name);
    if (known !== undefined) return known === null ? undefined : known;
    const found = this.findStub(name, owner);
    last.names.set(name, found ?? null);
    return found;
  }

  private findStub(name: QualifiedName, owner: FunctionDefinition | undefined): Stub | undefined {
    if (owner !== undefined) {
      const found = covering(
        this.stubsIn(owner).filter((it) => it.from === undefined),
        name,
      );
      if (found !== undefined) return found;
      const shape = this.shapeAround(owner);
      const inherited = shape === undefined ? undefined : covering(this.stubsOfClass(shape), name);
      if (inherited !== undefined) return inherited;
    }
    return covering(this.stubsOfFixtures(), name);
  }

  private stubsIn(owner: FunctionDefinition): readonly Stub[] {
    const known = stubsNoted.of(owner);
    let own = known?.by === this ? known.stubs : undefined;
    if (own === undefined) {
      own = [...stubsOfFunction(owner), ...this.stubsOfHelpers(owner), ...this.stubsOfRequested(owner)];
      stubsNoted.note(owner, { by: this, stubs: own });
    }
    return own;
  }

  exists(name: QualifiedName, hops = 0): 'yes' | 'no' | 'unknown' {
    if (this.workspace.symbol(name, this.frame) !== undefined) return 'yes';
    const segments = name.split('.');
    for (let length = segments.length - 1; length >= 1; length--) {
      const frame = this.workspace.module(segments.slice(0, length).join('.'), this.frame);
      if (frame === undefined) continue;
      const [first, ...rest] = segments.slice(length);
      if (first === undefined || frame.starImports.length > 0 || frame.bindings('__getattr__').length > 0) return 'unknown';
      const bindings = frame.bindings(first);
      // A package may have modules that are not seen here; what it imports may be one of them.
      if (frame.isPackage && bindings.every((it) => it.kind === 'import')) return 'unknown';
      if (bindings.length === 0) return frame.units.some(makesNames) ? 'unknown' : 'no';
      const [only] = bindings;
      const [member] = rest;
      // What the module has imported in turn: `fakes.utils`.
      if (only?.kind === 'import' && bindings.length === 1 && rest.length > 0 && hops < MAX_HOPS) {
        const there = this.exists([only.qualified, ...rest].join('.'), hops + 1);
        return there === 'yes' || this.workspace.classOf(only.qualified, frame) !== undefined ? there : 'unknown';
      }
      if (bindings.length !== 1 || only?.kind !== 'class' || member === undefined || rest.length > 1) return rest.length === 0 ? 'yes' : 'unknown';
      const { known, unresolved } = this.classes.ancestry(only.class);
      if (
        known.some(
          (it) => it.methodNames.includes(member) || it.testNames.includes(member) || it.attribute(member) !== undefined || it.nested(member) !== undefined,
        )
      )
        return 'yes';
      const others = this.classes.ancestry(only.class).names.some((it) => it !== 'builtins.object' && known.every((each) => each.qualified !== it));
      return unresolved.length > 0 || others || known.some((it) => mayHave(it, member)) ? 'unknown' : 'no';
    }
    return 'unknown';
  }

  isOfInstances(name: QualifiedName): boolean {
    const at = name.lastIndexOf('.');
    const shape = this.workspace.classOf(name.slice(0, at), this.frame);
    if (shape === undefined || this.exists(name) === 'yes' || this.initially(name) !== undefined) return false;
    return this.classes.ancestry(shape).known.some((it) => it.frame.classes.assignedIn(it, name.slice(at + 1)) !== undefined);
  }

  isMade(name: QualifiedName): boolean {
    return this.workspace.symbol(name, this.frame)?.kind === 'value';
  }

  initially(name: QualifiedName): Expression | undefined {
    const at = name.lastIndexOf('.');
    const given = this.givenByConftests(name.slice(0, at), name.slice(at + 1));
    if (given !== undefined) return given;
    const shape = this.classAt(name.slice(0, at));
    if (shape === undefined) return this.workspace.valueOf(name, this.frame);
    return this.attributeOf(shape, name.slice(at + 1));
  }

  /** What a `conftest.py` above gives an attribute as it is imported, before any test: `Server.test_mode = True`. */
  private givenByConftests(owner: QualifiedName, name: string): Expression | undefined {
    for (const frame of this.workspace.conftests(this.frame)) {
      for (const it of frame.looseStatements(`.${name} = `)) {
        const isGiven = (each: Expression) => each.type === 'attribute' && each.name === name && each.object.refersTo === owner;
        if (it.type === 'assignment' && it.targets.some(isGiven)) return it.value;
      }
    }
    return undefined;
  }

  isSlot(name: QualifiedName): boolean {
    const at = name.lastIndexOf('.');
    const [owner, last] = [name.slice(0, at), name.slice(at + 1)];
    const shape = this.classAt(owner);
    if (shape === undefined) {
      const bindings = this.workspace.module(owner, this.frame)?.bindings(last) ?? [];
      return bindings.some((it) => it.kind === 'import') && bindings.some((it) => it.kind === 'value' && isNone(it.value));
    }
    if (!isNone(this.attributeOf(shape, last))) return false;
    const written = `${shape.name}.${last}`;
    const units = shape.frame.units.filter((it) => !it.head.isTest && it.text.includes(`.${last}`));
    const given = new RegExp(`(?<![\\w.])${literally(written)} = (?!None\\b)`);
    // What is made where there is none yet is kept for all.
    const made = new RegExp(`(?<!\\w)(?:not (?:${literally(shape.name)}|cls|self)\\.${last}\\b|(?:${literally(shape.name)}|cls|self)\\.${last} is None)`);
    return units.some((it) => it.owner !== shape.name && given.test(it.text)) && !units.some((it) => made.test(it.text));
  }

  private attributeOf(shape: ClassShape, name: string): Expression | undefined {
    for (const it of this.classes.ancestry(shape).known) {
      const value = it.attribute(name);
      if (value !== undefined) return value;
    }
    return undefined;
  }

  /** A class, also one that another has in an attribute: `Driver.connection_class`. */
  private classAt(name: QualifiedName): ClassShape | undefined {
    const own = this.workspace.classOf(name, this.frame);
    const around = own === undefined ? this.workspace.classOf(name.slice(0, name.lastIndexOf('.')), this.frame) : undefined;
    if (around === undefined) return own;
    const kept = this.attributeOf(around, name.slice(name.lastIndexOf('.') + 1))?.refersTo;
    return kept === undefined ? undefined : this.workspace.classOf(kept, this.frame);
  }

  membersOf(name: QualifiedName): readonly string[] {
    const symbol = this.workspace.symbol(name, this.frame);
    if (symbol?.kind === 'module') return [...symbol.frame.boundNames];
    return symbol?.kind === 'class' ? this.classes.ancestry(symbol.class).known.flatMap((it) => it.methodNames) : [];
  }

  importedBy(name: QualifiedName): ReturnType<TestFile['importedBy']> {
    const found = this.mindImports().get(name);
    if (found === undefined || name.startsWith(`${found.module}.`)) return undefined;
    const { module, as, frame } = found;
    return importsLater(frame, name) || isForTypes(frame, as) ? undefined : { module, as, injected: isInjected(frame, as), taken: () => this.takenOf(frame) };
  }

  /** What the file names of a module that it imports at its top; undefined where it takes all of it, or imports it once more where it runs. */
  private takenOf({ module, path }: Frame): readonly string[] | undefined {
    const taken = new Set<string>();
    const at = module.lastIndexOf('.');
    const [around, last] = [literally(module.slice(0, Math.max(0, at))), literally(module.slice(at + 1))];
    const inPackage = at < 0 ? '' : `|\\bfrom\\s+${around}\\s+import\\b[^\\n]{0,200}\\b${last}\\b`;
    const late = new RegExp(`\\b(?:from|import)\\s+${literally(module)}\\b${inPackage}`);
    if (this.frame.starImports.includes(module) || this.uses.that(`late ${module}`, (it) => (!IS_IMPORT.test(it) && late.test(it) ? '.' : '')).length > 0)
      return undefined;
    for (const local of this.frame.boundNames) {
      for (const it of this.frame.bindings(local)) {
        const symbol = it.kind === 'import' ? this.workspace.symbol(it.qualified, this.frame) : undefined;
        if (it.kind !== 'import' || symbol === undefined) continue;
        if (symbol.kind !== 'module' && symbol.frame.path === path) taken.add(symbol.qualified.slice(module.length + 1));
        // `bank.transfer.run` of `import bank.transfer`, `transfer.run`
        const written = symbol.kind === 'module' && `${module}.`.startsWith(`${it.qualified}.`) ? local + module.slice(it.qualified.length) : undefined;
        for (const name of written === undefined ? [] : this.namedBehind(written)) taken.add(name);
      }
    }
    return taken.has('') ? undefined : [...taken];
  }

  /** The names that stand in the file behind a prefix: `run` in `transfer.run`; an empty one where the prefix stands alone. */
  private namedBehind(prefix: string): readonly string[] {
    const pattern = new RegExp(`\\b${literally(prefix)}\\b(?:\\.(\\w+))?`, 'g');
    const named = (text: string) => (IS_IMPORT.test(text) ? [] : [...text.matchAll(pattern)].map((it) => it[1] ?? ''));
    return this.uses.that(`behind ${prefix}`, (it) => (named(it).length === 0 ? '' : `=${named(it).join()}`)).flatMap(({ text }) => named(text));
  }

  overridesDependency(name: QualifiedName): boolean {
    const last = name.slice(name.lastIndexOf('.') + 1);
    const speaks = (text: string) => standsIn(text, 'dependency_overrides') && standsIn(text, last);
    const own = this.uses.that(`dependency_overrides ${last}`, (it) => (speaks(it) ? '.' : ''));
    const conftests = this.workspace.conftests(this.frame);
    return (
      own.some((it) => it.key === this.uses.asker || (!it.head.isTest && this.mayBeAsked(it, this.frame.pageNow(it), []))) ||
      conftests.some((frame) => frame.units.some((it) => speaks(it.text) && this.mayBeAsked(it, frame.page(it), conftests)))
    );
  }

  /** Is the unit no fixture, one for every test, or one that something else of the file or of the `conftest.py` above names? */
  private mayBeAsked(unit: FrameUnit, { statements: [node] }: Page, conftests: readonly Frame[]): boolean {
    const fixture = node?.type === 'function' ? fixtureOf(node) : undefined;
    if (fixture === undefined || fixture.autouse) return true;
    const { name } = fixture;
    return (
      this.uses.named(name).some((it) => it !== unit && it.key !== unit.key) ||
      conftests.some((frame) => frame.units.some((it) => it !== unit && standsIn(it.text, name)))
    );
  }

  isOfScript({ class: around, name, node, role }: FunctionSubject): boolean {
    if (around !== undefined || role !== 'test' || node.decorators.length > 0 || node.parent !== undefined) return false;
    const asksForMore = node.parameters.some((it) => it.star === '' && it.default === undefined && this.fixtureFrom(it.name) === 'not found');
    return asksForMore
      ? this.callersOf(name, `(?<![\\w.])${name}\\(\\s{0,80}[^\\s)]`).some((it) => !it.head.isTest)
      : this.uncollected && this.callsElsewhere(name);
  }

  /** The units of other functions that call one of this name, in the way that a pattern tells. */
  private callersOf(name: string, way: string): readonly FrameUnit[] {
    // Broken text can bind what is no name at all.
    if (!/^\w+$/.test(name)) return [];
    const call = new RegExp(way);
    return this.uses.that(`calls ${way}`, (it) => (call.test(it) ? '=' : '')).filter((it) => it.head.name !== name);
  }

  callsElsewhere(name: string): boolean {
    return this.callersOf(name, `\\b${name}\\(`).length > 0;
  }

  runsInChild(name: string): boolean {
    const given = `(?:initializer ?= ?|target ?= ?|,\\s{1,40})${name}\\b(?!\\()`;
    const children = this.callersOf(name, `\\b(?:Pool|ProcessPoolExecutor|Process)\\((?:[^();]|\\(\\)){0,120}?${given}`);
    return children.length > 0 && !this.callsElsewhere(name);
  }

  namedElsewhere(word: string): boolean {
    return this.uses.named(word).some((it) => it.key !== this.uses.asker);
  }

  testsNaming(word: string, of: 'class' | 'file'): number {
    const own = of === 'class' ? this.current?.name : undefined;
    const users = this.uses.named(word).filter((it) => it.head.isTest && (of === 'file' || it.owner === own));
    return users.length;
  }

  setsAnew(target: string): boolean {
    if (target === '') return false; // by a call: `setattr(Driver, 'connection', Fake)`
    const [root = ''] = target.split('.');
    const sets = `${target} = `;
    const users = this.uses.that(`${sets} anew`, (it) => (standsIn(it, root) ? (it.includes(sets) ? '=' : '.') : '')).filter((it) => it.head.isTest);
    return users.length > 1 && users.every((it) => it.text.includes(sets) || this.setUpsAround(it).some(({ text }) => text.includes(sets)));
  }

  /** What runs before a test by its class, and by those that this derives from and calls. */
  private setUpsAround({ owner }: FrameUnit): readonly FunctionDefinition[] {
    const shape = owner === undefined ? undefined : this.frame.classNamed(owner);
    return shape === undefined ? [] : Object.keys(ROLES).flatMap((name) => (ROLES[name] === 'setup' ? this.runAs(shape, name) : []));
  }

  constantHere(name: string, of: 'class' | 'file'): Expression | undefined {
    const [only, ...others] = of === 'file' ? this.frame.bindings(name) : [];
    if (only !== undefined) return only.kind === 'value' && others.length === 0 && only.path.length === 0 ? only.value : undefined;
    return of === 'class' && this.current !== undefined ? this.frame.classNamed(this.current.name)?.attribute(name) : undefined;
  }

  get importsWorkspace(): boolean {
    this.mindImports();
    return this.importedFrames().length > 0;
  }

  importsKnow(word: string, otherwise?: string): boolean {
    return this.isNear((it) => quotes(it, word) && (otherwise === undefined || it.units.some(({ text }) => asksOtherwise(text, word, otherwise))));
  }

  importsName(name: string): boolean {
    return this.isNear((it) => !isTestPath(it.path) && it.units.some(({ text }) => uses(text, name) || text.includes(`.${name}`)));
  }

  importsSet(variable: string): boolean {
    return this.isNear((it) => quotes(it, variable) && it.units.some(({ text }) => setsVariable(text, variable)));
  }

  /** Of the modules that the file imports, and of those that these import. */
  private isNear(asked: (it: Frame) => boolean): boolean {
    this.mindImports();
    const near = this.framesImportedBy(this.frame);
    return near.some(asked) || near.some((it) => this.framesImportedBy(it).some((each) => each !== this.frame && asked(each)));
  }

  usedAtHome(name: QualifiedName): boolean {
    const last = name.slice(name.lastIndexOf('.') + 1);
    const home = this.workspace.symbol(name, this.frame)?.frame;
    // What is not there may use it.
    if (home === undefined || home.units.some(({ text }) => uses(text, last))) return true;
    return this.importedFrames().some((it) => it !== home && importsLater(it, name));
  }

  /** The modules of the workspace that the file imports, or imports something of. */
  private importedFrames(): readonly Frame[] {
    return this.framesImportedBy(this.frame).filter((it) => !it.isPackage);
  }

  private framesImportedBy(importer: Frame): readonly Frame[] {
    const frames = new Set<Frame>();
    for (const local of importer.boundNames) {
      for (const it of importer.bindings(local)) {
        const frame = it.kind === 'import' ? this.workspace.symbol(it.qualified, importer)?.frame : undefined;
        if (frame !== undefined) frames.add(frame);
      }
    }
    return [...frames];
  }

  /** What the modules that the file imports have imported by name themselves: original name → who has it. */
  /** Whoever asks for what is imported must be asked again when the file imports one more. */
  private mindImports(): ReadonlyMap<QualifiedName, { module: QualifiedName; as: string; frame: Frame }> {
    this.namesOfImports ??= this.readNamesOfImports();
    return this.namesOfImports;
  }

  private readNamesOfImports(): Map<QualifiedName, { module: QualifiedName; as: string; frame: Frame }> {
    const result = new Map<QualifiedName, { module: QualifiedName; as: string; frame: Frame }>();
    for (const frame of this.importedFrames()) {
      for (const bound of frame.boundNames) {
        for (const each of frame.bindings(bound))
          if (each.kind === 'import' && !result.has(each.qualified)) result.set(each.qualified, { module: frame.module, as: bound, frame });
      }
    }
    return result;
  }

  replacements(name: QualifiedName): readonly Stub[] {
    const symbol = this.workspace.symbol(name.replace(/\(\)$/, ''), this.frame);
    if (symbol?.kind === 'function') return stubsLeft(symbol.node);
    if (symbol?.kind !== 'class') return [];
    const setups = this.classes.ancestry(symbol.class).known.flatMap((it) => [it.method('setUp'), it.method('_setUp'), it.method('__enter__')]);
    return setups.flatMap((it) => (it === undefined ? [] : [...stubsOfFunction(it)]));
  }

  private stubsOfClass(shape: ClassShape): readonly Stub[] {
    let known = this.classStubs.get(shape);
    if (known === undefined) {
      known = [...this.readStubsOfClass(shape, false)];
      this.classStubs.set(shape, known);
    }
    return known;
  }

  private stubsOfClassAround(body: FunctionDefinition, shape: ClassShape | undefined): Iterable<Stub> {
    if (shape === undefined) return [];
    return roleOf(body, true) === 'class-setup' ? this.readStubsOfClass(shape, true) : this.stubsOfClass(shape);
  }

  /** Around the set-up of the class stands only what its own kind replaces. */
  private *readStubsOfClass(shape: ClassShape, isOfSetUp: boolean): Iterable<Stub> {
    for (const it of this.classes.ancestry(shape).known) {
      if (!isOfSetUp) yield* stubsOfDecorators(it.decorators());
      for (const name of it.methodNames) {
        const node = it.method(name);
        if (node === undefined) continue;
        const role = roleOf(node, true);
        const counts = isOfSetUp
          ? role === 'class-setup'
          : SETUP_ROLES.has(role) || fixtureOf(node)?.autouse === true || /^_?(?:setup|set_up|stub|mock|patch)/i.test(name);
        if (counts) {
          yield* this.stubsOfFixture(node);
          yield* this.stubsOfRequested(node, shape);
        }
      }
    }
  }

  /** Of the fixtures that a test asks for, and of the decorators of the workspace that call it. */
  private stubsOfRequested(owner: FunctionDefinition, shape = this.shapeAround(owner)): readonly Stub[] {
    if (owner.parameters.length === 0 && owner.decorators.length === 0) return [];
    return [...this.fixtures.requestedBy(owner, shape)].flatMap((it) => this.stubsOfFixture(it));
  }

  private stubsWhileGiven(node: FunctionDefinition): readonly Stub[] {
    return stubsWhileGiven(node, (name) => this.functionCalled(name)?.node);
  }

  private stubsOfFixture(node: FunctionDefinition): readonly Stub[] {
    return [...this.stubsWhileGiven(node), ...this.stubsOfHelpers(node), ...stubsOfTables(node, (name) => this.workspace.valueOf(name, this.frame))];
  }

  /** Of functions of the workspace that are given the test, from then on: `test_utils.set_up_pyfakefs(self)`. */
  private *stubsOfHelpers(node: FunctionDefinition): Iterable<Stub> {
    if (!GIVES_TEST.test(node.text)) return;
    for (const it of walk(node)) {
      if (it.type !== 'call' || it.callee === undefined || !it.arguments.some(({ value }) => value.type === 'name' && value.id === 'self')) continue;
      const symbol = this.workspace.symbol(it.callee, this.frame);
      for (const stub of symbol?.kind === 'function' ? stubsLeft(symbol.node) : []) yield { ...stub, from: it };
    }
  }

  /** Of `with` blocks around a node that enter a context manager of the workspace: what it replaces until it ends. */
  private *stubsOfManagers(at: Node): Iterable<Stub> {
    for (const it of ancestors(at)) {
      if (it.type !== 'with') continue;
      for (const { context } of it.items) {
        const callee = context.type === 'call' ? context.callee : undefined;
        if (callee === undefined || spotOf(at.place).start < spotOf(context.place).end) continue;
        const manager = this.functionCalled(callee)?.node;
        if (manager === undefined) yield* this.replacements(callee);
        else if (manager.decorators.some((each) => /contextmanager$/.test(each.text))) yield* this.stubsWhileGiven(manager);
        else for (const each of walk(manager)) if (each.type === 'return' && each.operands[0] !== undefined) yield* stubsOfExpression(each.operands[0]);
      }
    }
  }

  /** Autouse fixtures of the file and of its chain of `conftest.py`. */
  private stubsOfFixtures(): readonly Stub[] {
    if (this.fixtureStubs === undefined) {
      const stubs: Stub[] = [];
      for (const frame of [this.frame, ...this.workspace.conftests(this.frame)]) {
        for (const node of frame.functions()) {
          if (fixtureOf(node)?.autouse === true || node.name === 'setUpModule' || node.name === 'setup_module')
            stubs.push(...this.stubsOfFixture(node), ...this.stubsOfRequested(node));
        }
      }
      this.fixtureStubs = stubs;
    }
    return this.fixtureStubs;
  }

  expected(node: Node): boolean {
    return isExpected(node);
  }

  rejected(node: Node): boolean {
    return isRejected(node, this.ownerOf(node));
  }

  parametrized(node: Node): boolean {
    return isParametrized(node);
  }

  asksForNetwork(node: Node): boolean {
    return this.guards.askForNetwork(this.ownerOf(node), this.shapeAt(node));
  }

  guarded(node: Node): boolean {
    return this.guards.guard(node, this.ownerOf(node), this.shapeAt(node));
  }

  skipped(node: Node): boolean {
    return this.guards.skip(this.ownerOf(node), this.shapeAt(node));
  }

  /** Is the page a test that is skipped whatever happens, or a member of a class that is? */
  isSkipped(page: Page): boolean {
    return this.isOfSkippedClass(page) || this.isSkippedTest(page);
  }

  private isOfSkippedClass({ owner }: Page): boolean {
    const shape = this.kind !== 'test' || owner === undefined ? undefined : this.frame.classNamed(owner);
    return shape !== undefined && this.guards.skipClass(shape);
  }

  private isSkippedTest({ owner, statements: [node] }: Page): boolean {
    if (this.kind !== 'test' || node?.type !== 'function') return false;
    const shape = owner === undefined ? undefined : this.frame.classNamed(owner);
    return roleOf(node, shape !== undefined) === 'test' && this.guards.skip(this.subjectOf(node), shape);
  }

  /** Why the body of the function that a page is does not run, as far as can be told; undefined where it may. */
  idle(page: Page): string | undefined {
    const { key, owner, statements } = page;
    const [node] = statements;
    if (node?.type !== 'function') return undefined;
    if (this.kind !== 'test') return this.isLeftOver(node, page) ? `nothing of this script uses \`${node.name}\`` : undefined;
    if (roleOf(node, owner !== undefined) === 'test') return this.isSkippedTest(page) ? 'the test is skipped' : undefined;
    if (this.guards.skipFile()) return 'the file is skipped';
    if (this.isOfSkippedClass(page)) return 'the class is skipped';
    const unit = this.frame.units.find((it) => it.key === key);
    if (unit === undefined || !this.frame.units.some((it) => it.head.isTest)) return undefined;
    if (owner !== undefined && this.isWithoutTests(owner)) return `\`${owner}\` has no tests here`;
    return this.mayRun(unit, new Set()) || this.uses.that('', (it) => (namesAtRunTime(it) ? '.' : '')).length > 0
      ? undefined
      : `nothing that runs here ${fixtureOf(node) === undefined ? 'uses' : 'asks for'} \`${fixtureOf(node)?.name ?? node.name}\``;
  }

  /** A class that is named like one of tests and holds nothing but set-up and tear-down: no test of its own or inherited, nothing for others to use, and nobody here names it. Whether a class of another file derives from it is not looked for: that one's tests would run its set-up. */
  private isWithoutTests(owner: string): boolean {
    const shape = /^Test(?!.*(?:Base|Mixin|Case)$)/.test(owner) ? this.frame.classNamed(owner) : undefined;
    if (shape === undefined) return false;
    const { known, names, unresolved } = this.classes.ancestry(shape);
    const isAround = ({ head }: FrameUnit) => head.kind === 'function' && Object.hasOwn(ROLES, head.name);
    return (
      unresolved.length === 0 &&
      known.every((it) => it.testNames.length === 0 && !isMadeElse(it)) &&
      names.every((it) => PLAIN_BASE.test(it) || this.workspace.classOf(it, this.frame) !== undefined) &&
      this.frame.units.every((it) => it.owner !== owner || it.unit.kind !== 'member' || isAround(it)) &&
      this.inCode(owner).every((it) => it.owner === owner)
    );
  }

  /** A private function of a script that only itself, a comment or a docstring names. */
  private isLeftOver({ name, decorators }: FunctionDefinition, { key, owner }: Page): boolean {
    if (!/^_(?!_)\w+$/.test(name) || decorators.length > 0 || !this.ownProcess) return false;
    const shape = owner === undefined ? undefined : this.frame.classNamed(owner);
    if (owner !== undefined && (shape === undefined || !this.isOfPlainBases(shape))) return false;
    return !this.inCode(name).some((it) => it.key !== key) && this.uses.that('_', (it) => (namesPrivateAtRunTime(it) ? '.' : '')).length === 0;
  }

  private isOfPlainBases(shape: ClassShape): boolean {
    const { known, names, unresolved } = this.classes.ancestry(shape);
    return unresolved.length === 0 && known.every((it) => it.frame === this.frame) && names.every((it) => PLAIN_BASE.test(it));
  }

  /** The units that name the word, not only in a comment or a docstring. */
  private inCode(word: string): readonly FrameUnit[] {
    return this.uses.that(`code ${word}`, (it) => (standsIn(it, word) && standsIn(it.replace(SPOKEN, ''), word) ? '.' : ''));
  }

  setBelow(target: string, value: string): boolean {
    const [sets, gives] = [`${target} =`, `${target} = ${value}\n`];
    const users = this.uses.that(gives, (it) => (`${it}\n`.includes(gives) ? '=' : it.includes(sets) ? '.' : ''));
    const own = users.findIndex((it) => it.key === this.uses.asker);
    return own >= 0 && users.some((it, index) => index > own && it.head.isTest && `${it.text}\n`.includes(gives));
  }

  mayGive({ name }: ClassFacts, attribute: string): boolean {
    const shape = this.frame.classNamed(name);
    const { known, unresolved } = shape === undefined ? { known: [], unresolved: [name] } : this.classes.ancestry(shape);
    if (unresolved.length > 0 || !/^\w+$/.test(attribute)) return true;
    const frames = new Set([this.frame, ...known.map((it) => it.frame)]);
    const naming = (word: string) =>
      [...frames].flatMap((it) => (it === this.frame ? this.uses.named(word) : it.units.filter(({ text }) => standsIn(text, word))));
    const gives = new RegExp(`\\b${attribute}\\b[^=\\n(]{0,80}=(?!=)`);
    return naming(attribute).some((it) => {
      if (!gives.test(it.text)) return false;
      return it.head.kind !== 'function' || it.head.isTest || HOOK.test(it.head.name) || naming(it.head.name).some((user) => user !== it);
    });
  }

  readsAsScript(variable: string): boolean {
    const users = this.uses.that(`environ ${variable}`, (it) =>
      !it.includes(`'${variable}'`) && !it.includes(`"${variable}"`) ? '' : setsVariable(it, variable) ? '=' : IS_SCRIPT.test(it) ? '_' : '.',
    );
    return users.some((it) => IS_SCRIPT.test(it.text)) && users.every((it) => IS_SCRIPT.test(it.text) || (it.head.isTest && setsVariable(it.text, variable)));
  }

  private mayRun(unit: FrameUnit, asked: Set<FrameUnit>): boolean {
    if (unit.head.isTest) return !this.isSkippedUnit(unit);
    if (!this.isOnlyCalled(unit)) return true;
    asked.add(unit);
    const [node] = this.frame.page(unit).statements;
    const fixture = node?.type === 'function' ? fixtureOf(node) : undefined;
    if (fixture?.autouse === true && this.mayTestRun()) return true;
    const names = new Set([unit.head.name, fixture?.name ?? unit.head.name]);
    const mayAsk = (it: FrameUnit) => (fixture !== undefined && OF_MARKS.test(it.text) ? this.mayTestRun() : this.mayRun(it, asked));
    return [...names].some((name) => this.inCode(name).some((it) => it.key !== unit.key && !asked.has(it) && mayAsk(it)));
  }

  /** Is there a test that is not skipped? */
  private mayTestRun(): boolean {
    return this.uses.that('def test', (it) => (TEST.test(it) ? '.' : '')).some((it) => !it.head.isTest || !this.isSkippedUnit(it));
  }

  /** A function that no framework calls, and no class of another file is known to: of the module, or of a class of tests; a fixture of theirs too. */
  private isOnlyCalled(unit: FrameUnit): boolean {
    const { owner } = unit;
    const { kind, name } = unit.head;
    if (kind !== 'function' || TEST_CASE_METHODS.has(name) || Object.hasOwn(ROLES, name)) return false;
    const [node] = this.frame.page(unit).statements;
    if (node?.type !== 'function') return false;
    if (fixtureOf(node) !== undefined) return this.isOwnFixture(node, owner);
    if (HOOK.test(name) || !node.decorators.every((it) => KEEPING.test((it.type === 'call' ? it.callee : it.refersTo) ?? ''))) return false;
    if (owner === undefined) return true;
    const shape = this.frame.classNamed(owner);
    if (shape === undefined || shape.testNames.length === 0) return false;
    const { known, names, unresolved } = this.classes.ancestry(shape);
    const calls = (it: FrameUnit) => standsIn(it.text, name) || namesAtRunTime(it.text);
    return (
      unresolved.length === 0 &&
      names.every((it) => PLAIN_BASE.test(it) || this.workspace.classOf(it, this.frame) !== undefined) &&
      !known.some((it) => it.frame !== this.frame && it.frame.units.some(calls))
    );
  }

  /**
   * A fixture of the module that only what stands in it asks for, as far as can be told: it takes no other's place, no class of
   * another file brings tests, no name of a fixture is put together, and no `conftest.py` speaks of it.
   */
  private isOwnFixture(node: FunctionDefinition, owner: string | undefined): boolean {
    const name = fixtureOf(node)?.name ?? node.name;
    if (owner !== undefined || !node.decorators.every(isOfFixture) || LIBRARY_FIXTURES.has(name)) return false;
    if (this.uses.that('getfixturevalue', (it) => (NAMES_FIXTURE.test(it) ? '.' : '')).length > 0) return false;
    const isPlain = (it: ClassShape) => {
      const { known, names, unresolved } = this.classes.ancestry(it);
      return (
        unresolved.length === 0 &&
        known.every(({ frame }) => frame === this.frame) &&
        names.every((each) => PLAIN_BASE.test(each) || this.workspace.classOf(each, this.frame) !== undefined)
      );
    };
    return (
      this.frame.shapes.every(isPlain) &&
      this.fixtures.named(name, node, undefined) === undefined &&
      !this.workspace.conftests(this.frame).some((it) => it.units.some(({ text }) => standsIn(text, name) || NAMES_FIXTURE.test(text)))
    );
  }

  /** Is the unit a test that is never run? */
  private isSkippedUnit(unit: FrameUnit): boolean {
    if (!unit.head.isTest) return false;
    const shape = unit.owner === undefined ? undefined : this.frame.classNamed(unit.owner);
    const above = decoratorsOf(unit.text);
    const isDecorated = [...above.matchAll(/^[ \t]*@(?!pytest\b)([\w.]+)[ \t]*(?:#|$)/gm)].some(([, name]) =>
      this.guards.skips(`${this.frame.module}.${name}`),
    );
    if (!isDecorated && !/skip|xfail/i.test(above)) return this.guards.skip(undefined, shape);
    const [node] = this.frame.pageNow(unit).statements;
    return node?.type === 'function' && this.guards.skip(this.subjectOf(node), shape);
  }

  private shapeAt(node: Node): ClassShape | undefined {
    const owner = this.ownerOf(node);
    return owner === undefined ? undefined : this.shapeAround(owner.node);
  }
}

/** `if __name__ == '__main__':` */
const IS_SCRIPT = /^if __name__\b/;

/** A call is given `self`. */
const GIVES_TEST = /[(,]\s{0,40}self\s{0,9}[,)]/;

/** `app.run(port=sys.argv[1])`: whoever imports it without arguments gets no further. Not what is asked on a condition, or later. */
function takesArguments(it: Statement): boolean {
  if ((it.type !== 'expression' && it.type !== 'assignment') || !it.text.includes('argv[')) return false;
  return walk(it).some(
    (each) =>
      each.type === 'subscript' &&
      each.object.refersTo === 'sys.argv' &&
      each.index[0]?.type === 'number' &&
      each.index[0].number > 0 &&
      !(it.type === 'assignment' && it.targets.includes(each)) &&
      ![...ancestors(each)].some(isPerhaps),
  );
}

/** Of what is inside, a part may not run at once, or not at all. */
function isPerhaps(it: Node): boolean {
  return it.type === 'lambda' || it.type === 'conditional' || it.type === 'comprehension' || (it.type === 'operation' && /^(?:and|or)$/.test(it.operator));
}

/** Marks of all tests of the file: `pytestmark = pytest.mark.usefixtures('spool')`. */
const OF_MARKS = /^pytestmark\b/;
/** What runners collect by its name. */
const COLLECTED = /(?:^|\/)(?:test_[^/]*|[^/]*_tests?|tests?)\.py$/;
/** A test is written in it. */
const TEST = /\bdef[ \t]+test/;
/** What may stand above a fixture: marks mean nothing there, and its name is known. */
function isOfFixture(it: Expression): boolean {
  const name = it.type === 'call' ? argument(it, 'name') : undefined;
  return (
    /^pytest\.mark\.\w+$|^pytest(?:_asyncio)?\.(?:yield_)?fixture$/.test((it.type === 'call' ? it.callee : it.refersTo) ?? '') &&
    (name === undefined || name.type === 'string')
  );
}
/** The name of a fixture that is put together as the tests run. */
const NAMES_FIXTURE = /\bgetfixturevalue\(\s{0,40}(?!["'\s])|\bgetfixturevalue\([^)\n]{0,200}["']\s{0,9}[+%]|\bfixturenames\b/;
/** What frameworks call without being told: by these names, whatever else is in them. */
const HOOK = /test|set_?up|tear_?down|^pytest_|^__\w+__$|^(?:run|debug)$/i;
/** Bases that call no method by a name which tests may choose. */
const PLAIN_BASE = /^(?:builtins\.object|abc\.ABC|typing\.Generic|(?:unittest2?|testtools|django\.test|rest_framework\.test)\.(?:\w+\.)?\w*TestCase)$/;

/** Names of functions that are put together, or found, as the program runs: `getattr(self, 'check_' + kind)`. */
function namesAtRunTime(text: string): boolean {
  return /\bgetattr\([^,()]{1,80},\s{0,40}(?!['"])/.test(text) || LISTS_NAMES.test(text);
}

/** Names of private functions: `getattr(self, f'_check_{kind}')`. */
function namesPrivateAtRunTime(text: string): boolean {
  return (text.includes('getattr(') && /["']_(?!_)/.test(text)) || LISTS_NAMES.test(text);
}

const LISTS_NAMES = /\b(?:globals|locals|vars|dir|eval|exec|getmembers|attrgetter|methodcaller)\(|__dict__/;
/** Whole lines of comment, docstrings, and code that is put out of force in one. */
const SPOKEN = /^[ \t]*#.*$|"""[\s\S]*?"""|'''[\s\S]*?'''/gm;

/** Asks for a fixture as the test runs. */
const LATE = 'getfixturevalue';

/** What a function asks fixtures with: all but its body; all of it where that is not told apart, or asks too. */
function requestsOf(text: string): string {
  if (text.includes(LATE)) return text;
  let end = decoratorsOf(text).length;
  for (const line of text.slice(end).split('\n')) {
    end += line.length + 1;
    const code = line.slice(0, line.search(/#|$/)).trimEnd();
    if (code.endsWith(':') && /\)[ \t]{0,9}(?:->|:$)/.test(code)) return text.slice(0, end);
  }
  return text;
}

/** What of a unit tells which stubs are in force where it names the word: what may stand around it is all of it. */
function asksForStubsAround(word: string): (text: string) => string {
  const isOwn = new RegExp(`^(?:async[ \\t]+)?def[ \\t]+${literally(word)}\\b`, 'm');
  return (text) => {
    if (!standsIn(text, word) || isOwn.test(text)) return '';
    if (/^(?:[ \t]+@|[ \t]*(?:async[ \t]+)?with\b)/m.test(text)) return text;
    const lines = text.split('\n').filter((it) => /^\s*(?:async\s+)?def\b/.test(it) || standsIn(it, word));
    return requestsOf(text) + lines.join('\n');
  };
}

/** Is what the name means called there, or given to a call? */
function isRunHere(it: Node): boolean {
  const { parent } = it;
  return parent?.type === 'call' && (parent.function === it || parent.arguments.some(({ value }) => value === it));
}

function isOfHead(it: Node, { decorators, parameters }: FunctionDefinition): boolean {
  const around: ReadonlySet<Node | undefined> = new Set([it, ...ancestors(it)]);
  return decorators.some((each) => around.has(each)) || parameters.some(({ default: given }) => around.has(given));
}

/** The lines above `def`. */
function decoratorsOf(text: string): string {
  return text.slice(0, Math.max(0, text.search(/^[ \t]*(?:async[ \t]+)?def[ \t]/m)));
}

/** Decorators that give the function to nobody else. */
const KEEPING = /^(?:builtins\.(?:staticmethod|classmethod)|(?:contextlib|functools)\.\w+|unittest\.mock\.patch(?:\.\w+)?)$/;

function quotes({ units }: Frame, word: string): boolean {
  return units.some(({ text }) => text.includes(`'${word}'`) || text.includes(`"${word}"`));
}

const IS_IMPORT = /^(?:from|import)\b/;

/** For a pattern: a folder may have any name, as `c++`. */
function literally(text: string): string {
  return text.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&');
}

const SET_TO = /^\] ?= ?(?:"([^"\n]*)"|'([^'\n]*)')$/m;
const READ_WITH = /^,\s*(?:"([^"\n]*)"|'([^'\n]*)')\s*(?:,\s*)?\)/;

/** Has a text the variable in quotes, other than to give it this text, or to read it with it: `getenv("BUILD", "release")`? */
function asksOtherwise(text: string, variable: string, otherwise: string): boolean {
  return [`"${variable}"`, `'${variable}'`].some((key) => {
    const parts = text.split(key);
    return parts.slice(1).some((behind, index) => {
      const before = parts[index]?.trimEnd() ?? '';
      const isSet = before.endsWith('environ[');
      const given = (isSet ? SET_TO : READ_WITH).exec(behind);
      return !(isSet || /(?:getenv|environ\.get)\($/.test(before)) || (given?.[1] ?? given?.[2]) !== otherwise;
    });
  });
}

/** `os.environ["BUILD"] = …`, or of a name, which may be that of a constant. */
function setsVariable(text: string, variable: string): boolean {
  if (text !== lastSetting.text)
    lastSetting = { text, keys: new Set([...text.matchAll(/\benviron\[(?:["']([^"'\n]*)["']|\w+)\] ?=[^=]/g)].map(([, key]) => key)) };
  return lastSetting.keys.has(undefined) || lastSetting.keys.has(variable);
}

/** The text that was looked into last, and the variables that it sets: a long one is asked for each of them. */
let lastSetting: { readonly text: string; readonly keys: ReadonlySet<string | undefined> } = { text: '', keys: new Set() };

/** Does a text use a name of its module, other than to define it or to speak of it in quotes? */
function uses(text: string, name: string): boolean {
  for (let at = text.indexOf(name); at >= 0; at = text.indexOf(name, at + 1)) {
    const end = text[at + name.length] ?? '';
    if (at === 0 || /[\w.'"`]/.test(text[at - 1] ?? '') || /[\w'"`]/.test(end)) continue;
    if (!/(?:def|class)\s$/.test(text.slice(Math.max(0, at - 6), at))) return true;
  }
  return false;
}

/** Does a module, but for its import, name it only where it says of what type something is? */
function isForTypes({ units }: Frame, name: string): boolean {
  return units.every(({ text }) => /^(?:from|import)\s/.test(text) || !uses(text.replace(/(?:->|:)[ \t]*[A-Z]\w*\b(?!\()/g, ''), name));
}

/** Does a module give the name to FastAPI's `Depends` or `Security`, and do nothing else with it? */
function isInjected({ units }: Frame, name: string): boolean {
  // Broken text can bind what is no name at all.
  if (!/^\w+$/.test(name)) return false;
  let isGiven = false;
  const given = new RegExp(`\\b(?:Depends|Security)\\(\\s{0,80}(?:dependency\\s?=\\s?)?${name}\\b`, 'g');
  return (
    units.every(({ text }) => {
      if (/^(?:from|import)\s/.test(text) || !uses(text, name)) return true;
      const rest = text.replace(given, 'Depends(');
      isGiven ||= rest !== text;
      return !uses(rest, name);
    }) && isGiven
  );
}

/** Does the module import the name again inside a function, which sees what is patched, or for types only? */
function importsLater({ units }: Frame, name: QualifiedName): boolean {
  const last = name.slice(name.lastIndexOf('.') + 1);
  return units.some(({ text }) => text.includes(last) && /^[ \t]*(?:async[ \t]+)?def[ \t]|TYPE_CHECKING/m.test(text) && namesImported(text).includes(last));
}

/** What indented lines `from m import a, b` name. */
function namesImported(text: string): string[] {
  return [...text.matchAll(/^[ \t]+from [\w.]+ import /gm)].flatMap((match) => {
    const start = match.index + match[0].length;
    const names = text.slice(start, start + LONGEST_IMPORT);
    const end = names.indexOf(names.startsWith('(') ? ')' : '\n');
    return (end < 0 ? names : names.slice(0, end)).split(/\W+/);
  });
}

const LONGEST_IMPORT = 1_000;

function isNone(it: Expression | undefined): boolean {
  return it?.type === 'constant' && it.constant === 'None';
}

function covering(stubs: Iterable<Stub>, name: QualifiedName): Stub | undefined {
  for (const it of stubs) if (covers(it.target, name)) return it;
  return undefined;
}

/** `if __name__ == '__main__':` */
function isMain(it: Statement): boolean {
  return it.type === 'if' && it.test.text.includes('__name__');
}

/** May a decorator, a metaclass, or what runs as the class is derived from give members that are not written? */
function isMadeElse(shape: ClassShape): boolean {
  return (
    shape.decorators().length > 0 ||
    shape.methodNames.includes('__init_subclass__') ||
    shape.definition()?.bases.some((it) => it.keyword !== undefined && it.value.refersTo !== 'abc.ABCMeta') !== false
  );
}

/** May something of the class bind the member in a way that is not seen: a decorator, a metaclass, what its text calls by that name, but for attributes of other objects. */
function mayHave(shape: ClassShape, member: string): boolean {
  const definition = shape.definition();
  if (definition === undefined || isMadeElse(shape)) return true;
  if (!definition.text.includes(member)) return false;
  return walk(definition).some((it) =>
    it.type === 'attribute'
      ? it.name === member && /^(?:self|cls|super\(.*\))$/.test(it.object.text)
      : it.type !== 'call' && it.firstChild === undefined && it.text.includes(member),
  );
}
