/**
 * What a rule may ask about Python code.
 *
 * A rule sees plain Python words (call, keyword argument, decorator, fixture, patch), never a parser's
 * nodes, and never an offset: a `Place` is opaque, so that findings can move with the text while it is
 * typed. Everything here is computed lazily by `server/model`; nothing here ever throws; what is not
 * known is `undefined` or `{ kind: 'unknown' }`.
 */

declare const placeBrand: unique symbol;

/** A stretch of source text. Opaque: passed on, never computed with. */
export interface Place {
  readonly [placeBrand]: true;
}

/**
 * What an expression refers to, written with the full dotted path and never with the local alias:
 * `requests.get`, `builtins.open`, `unittest.mock.patch`.
 *
 * The result of a call is written with `()`, so that a method of an instance can be named too:
 *
 *     p = mock.patch('a.b')     # p            refers to  unittest.mock.patch()
 *     p.start()                 # p.start      refers to  unittest.mock.patch().start
 *     self.useFixture(F())      # the result   refers to  pkg.F()
 *
 * `self` refers to `pkg.module.Class()`, and `self.x` to what was assigned to `self.x` when that is known,
 * else to `pkg.module.Class().x`.
 */
export type QualifiedName = string;

/** What is known of a value without running the file. */
export type Value =
  | { readonly kind: 'constant'; readonly value: string | number | boolean | null; readonly bytes?: true }
  /** f-string, `+`, `%`, `.format`, `join`, `os.path.join`, `Path /`: known and unknown parts in order. */
  | { readonly kind: 'joined'; readonly parts: readonly Value[] }
  | { readonly kind: 'list'; readonly items: readonly Value[] }
  | { readonly kind: 'dict'; readonly entries: readonly (readonly [Value, Value])[] }
  /** One of several (branches of an `if`, several assignments). */
  | { readonly kind: 'oneOf'; readonly choices: readonly Value[] }
  /** What a call gives back; `name` is the callee's qualified name. */
  | { readonly kind: 'result'; readonly name: QualifiedName; readonly call: Call }
  /** A function's own parameter (for a test: a fixture or an injected mock). */
  | { readonly kind: 'parameter'; readonly name: string }
  | { readonly kind: 'unknown' };

// ---------------------------------------------------------------------------------------------- nodes

interface NodeBase {
  readonly place: Place;
  /** The node around this one; a unit's outermost nodes have none. */
  readonly parent: Node | undefined;
  /** The first of its parts, in order of writing. */
  readonly firstChild: Node | undefined;
  /** The part behind it, of the node around both. */
  readonly nextSibling: Node | undefined;
  /** The source text of the node, as written. */
  readonly text: string;
  /** The comment that is all that stands behind it on its last line; `''` for none. */
  readonly remark: string;
}

interface ExpressionBase extends NodeBase {
  /** What this expression refers to; `undefined` when it cannot be told. */
  readonly refersTo: QualifiedName | undefined;
  /** What the value is known to be. */
  readonly value: Value;
}

export interface Name extends ExpressionBase {
  readonly type: 'name';
  readonly id: string;
}
/** `object.name` */
export interface Attribute extends ExpressionBase {
  readonly type: 'attribute';
  readonly object: Expression;
  readonly name: string;
}
export interface Argument {
  /** `undefined` for a positional argument. */
  readonly keyword: string | undefined;
  readonly value: Expression;
  /** `*args` or `**kwargs` at the call. */
  readonly unpack: '*' | '**' | undefined;
  readonly place: Place;
}
export interface Call extends ExpressionBase {
  readonly type: 'call';
  readonly function: Expression;
  readonly arguments: readonly Argument[];
  /** What is called: `function.refersTo`. */
  readonly callee: QualifiedName | undefined;
  /** The last segment of what is called as written: `start` in `a.b.start()`, `''` when it has no name. */
  readonly method: string;
}
/** A string or bytes literal; adjacent literals are one node. f-strings are `FormattedString`. */
export interface StringLiteral extends ExpressionBase {
  readonly type: 'string';
  /** The text the program sees (escapes decoded). */
  readonly content: string;
  readonly bytes: boolean;
  readonly raw: boolean;
}
export interface FormattedString extends ExpressionBase {
  readonly type: 'fstring';
  readonly parts: readonly (string | Expression)[];
}
export interface NumberLiteral extends ExpressionBase {
  readonly type: 'number';
  readonly number: number;
}
/** `True`, `False`, `None`, `...` */
export interface Constant extends ExpressionBase {
  readonly type: 'constant';
  readonly constant: 'True' | 'False' | 'None' | '...';
}
export interface Sequence extends ExpressionBase {
  readonly type: 'list' | 'tuple' | 'set';
  readonly items: readonly Expression[];
}
export interface Dictionary extends ExpressionBase {
  readonly type: 'dict';
  /** `key` is undefined for `**other`. */
  readonly entries: readonly { readonly key: Expression | undefined; readonly value: Expression }[];
}
/** Arithmetic, `and`/`or`/`not` and unary operators; `left` is undefined for unary ones. */
export interface Operation extends ExpressionBase {
  readonly type: 'operation';
  readonly operator: string;
  readonly left: Expression | undefined;
  readonly right: Expression;
}
export interface Comparison extends ExpressionBase {
  readonly type: 'comparison';
  readonly operands: readonly Expression[];
  /** One fewer than the operands: `==`, `not in`, `is not`, ... */
  readonly operators: readonly string[];
}
export interface Conditional extends ExpressionBase {
  readonly type: 'conditional';
  readonly then: Expression;
  readonly test: Expression;
  readonly otherwise: Expression;
}
export interface Lambda extends ExpressionBase {
  readonly type: 'lambda';
  readonly parameters: readonly Parameter[];
  readonly body: Expression;
}
export interface Subscript extends ExpressionBase {
  readonly type: 'subscript';
  readonly object: Expression;
  readonly index: readonly Expression[];
}
/** `await x`, `*x`, `yield x`, `yield from x` */
export interface Prefixed extends ExpressionBase {
  readonly type: 'await' | 'star' | 'yield' | 'yield from';
  readonly operand: Expression | undefined;
}
export interface Walrus extends ExpressionBase {
  readonly type: 'walrus';
  readonly target: Expression;
  readonly assigned: Expression;
}
export interface Comprehension extends ExpressionBase {
  readonly type: 'comprehension';
  readonly form: 'list' | 'set' | 'dict' | 'generator';
  readonly element: Expression;
  /** The iterables and conditions, in order of writing. */
  readonly clauses: readonly Expression[];
}
/** Anything else (slices, broken code); its parts can still be walked. */
export interface OtherExpression extends ExpressionBase {
  readonly type: 'other';
  readonly parts: readonly Expression[];
}

export type Expression =
  | Name
  | Attribute
  | Call
  | StringLiteral
  | FormattedString
  | NumberLiteral
  | Constant
  | Sequence
  | Dictionary
  | Operation
  | Comparison
  | Conditional
  | Lambda
  | Subscript
  | Prefixed
  | Walrus
  | Comprehension
  | OtherExpression;

export interface Parameter {
  readonly name: string;
  readonly star: '' | '*' | '**';
  readonly default: Expression | undefined;
  readonly annotation: Expression | undefined;
  readonly place: Place;
}

export interface ExpressionStatement extends NodeBase {
  readonly type: 'expression';
  readonly expression: Expression;
}
/** `a = b = value`, `a: T = value`, `a += value` (then `operator` is `+`). */
export interface Assignment extends NodeBase {
  readonly type: 'assignment';
  readonly targets: readonly Expression[];
  /** Undefined for a bare annotation `a: T`. */
  readonly value: Expression | undefined;
  readonly operator: string | undefined;
  readonly annotation: Expression | undefined;
}
export interface SimpleStatement extends NodeBase {
  readonly type: 'return' | 'raise' | 'delete' | 'assert' | 'pass' | 'break' | 'continue' | 'global' | 'nonlocal';
  /** `return x`; `raise x from y`; `del a, b`; `assert test, message`; names of global/nonlocal. */
  readonly operands: readonly Expression[];
}
export interface ImportStatement extends NodeBase {
  readonly type: 'import';
  /** Undefined for `import a`; the module of `from m import a`, with its leading dots. */
  readonly from: string | undefined;
  /** `*` for a star import. */
  readonly names: readonly { readonly name: string; readonly as: string | undefined; readonly place: Place }[];
}
export interface IfStatement extends NodeBase {
  readonly type: 'if' | 'while';
  readonly test: Expression;
  readonly body: readonly Statement[];
  /** `else`; an `elif` is an `if` alone in here. */
  readonly otherwise: readonly Statement[];
}
export interface ForStatement extends NodeBase {
  readonly type: 'for';
  readonly target: Expression;
  readonly iterable: Expression;
  readonly body: readonly Statement[];
  readonly otherwise: readonly Statement[];
  readonly async: boolean;
}
export interface Handler extends NodeBase {
  readonly type: 'handler';
  /** `except X as e`, without the body. */
  readonly headPlace: Place;
  /** Undefined for a bare `except:`. */
  readonly exception: Expression | undefined;
  readonly name: string | undefined;
  readonly body: readonly Statement[];
}
export interface TryStatement extends NodeBase {
  readonly type: 'try';
  readonly body: readonly Statement[];
  readonly handlers: readonly Handler[];
  readonly otherwise: readonly Statement[];
  readonly final: readonly Statement[];
}
export interface WithStatement extends NodeBase {
  readonly type: 'with';
  readonly items: readonly { readonly context: Expression; readonly target: Expression | undefined }[];
  readonly body: readonly Statement[];
  readonly async: boolean;
}
export interface FunctionDefinition extends NodeBase {
  readonly type: 'function';
  readonly name: string;
  readonly namePlace: Place;
  readonly parameters: readonly Parameter[];
  readonly decorators: readonly Expression[];
  /** What it says that it gives back: `-> Ship`. */
  readonly result: Expression | undefined;
  readonly body: readonly Statement[];
  readonly async: boolean;
}
export interface ClassDefinition extends NodeBase {
  readonly type: 'class';
  readonly name: string;
  readonly namePlace: Place;
  readonly bases: readonly Argument[];
  readonly decorators: readonly Expression[];
  readonly body: readonly Statement[];
}
export interface MatchStatement extends NodeBase {
  readonly type: 'match';
  readonly subject: Expression;
  readonly cases: readonly (readonly Statement[])[];
}
/** What could not be parsed. */
export interface BrokenStatement extends NodeBase {
  readonly type: 'broken';
  readonly parts: readonly (Expression | Statement)[];
}

export type Statement =
  | ExpressionStatement
  | Assignment
  | SimpleStatement
  | ImportStatement
  | IfStatement
  | ForStatement
  | TryStatement
  | WithStatement
  | FunctionDefinition
  | ClassDefinition
  | MatchStatement
  | BrokenStatement;

export type Node = Expression | Statement | Handler;

// ---------------------------------------------------------------------------------------------- facts

/** Where the tests of a file stand between a function call and a deployed system. */
export type Tier = 'unit' | 'functional' | 'integration';

/** What a base class promises to undo or keep out; see `rules/python.ts` for the table of known bases. */
export type Guarantee =
  | 'stopall' // `mock.patch.stopall` runs after each test
  | 'nested-temp' // temporary files are made in a folder that is removed
  | 'home' // HOME is a temporary folder
  | 'config-reset' // oslo.config overrides are undone
  | 'autospec' // mock.patch is autospecced by default
  | 'poison' // reaching a live service fails the test
  | 'rollback' // database changes are rolled back
  | 'environment'; // os.environ is restored

/** A class in the file under review, with what its bases say. */
export interface ClassFacts {
  readonly name: string;
  readonly qualified: QualifiedName;
  readonly namePlace: Place;
  /** Its bases as written. */
  readonly bases: readonly Expression[];
  readonly decorators: readonly Expression[];
  /** Every base that could be named, nearest first, `unittest.TestCase` and the like included. */
  readonly ancestors: readonly QualifiedName[];
  /** Direct or indirect bases that were not found in the workspace nor in the vocabulary. */
  readonly unresolved: readonly QualifiedName[];
  /** A class of tests: has a test-case ancestor or is collected by pytest. */
  readonly isTest: boolean;
  readonly methods: ReadonlyMap<string, FunctionFacts>;
  /** Does it have tests of its own? Others derive from a class of tests that has none. */
  readonly hasTests: boolean;
  /** Has a base that can be read tests, or is one a test case? */
  readonly inheritsTests: boolean;
  /** `yes`, `no`, or `unknown` when a base could not be resolved. */
  guarantees(what: Guarantee): 'yes' | 'no' | 'unknown';
  /** Who gives the guarantee, for the message: `oslotest.base.BaseTestCase`. */
  guarantor(what: Guarantee): QualifiedName | undefined;
  /** Does an ancestor (not this class) define the method? `unknown` when a base could not be resolved. */
  inherits(method: string): 'yes' | 'no' | 'unknown';
  /** Is it seen to have this method of a test case: by a base that is known, by a definition, or since one of its methods calls it? */
  registers(method: 'addCleanup' | 'addClassCleanup'): boolean;
}

export type Role =
  | 'test'
  | 'setup'
  | 'teardown'
  | 'class-setup'
  | 'class-teardown'
  | 'module-setup'
  | 'module-teardown'
  | 'fixture' // pytest fixture
  | 'helper';

/** What is known of one function or method without reading its body again. */
export interface FunctionFacts {
  readonly name: string;
  readonly namePlace: Place;
  readonly role: Role;
  readonly parameters: readonly string[];
  readonly decorators: readonly (QualifiedName | undefined)[];
  readonly async: boolean;
  readonly generator: boolean;
  /** Method names called through `super()` (or `Base.method(self)`). */
  readonly upcalls: readonly string[];
}

/** The function that is being shown to rules; subject `function`, and `owner` of most other subjects. */
export interface FunctionSubject extends FunctionFacts {
  readonly type: 'function subject';
  readonly node: FunctionDefinition;
  readonly class: ClassFacts | undefined;
  readonly place: Place;
  /** How a cleanup is registered here; undefined outside a test case class. */
  readonly fixture: PytestFixture | undefined;
}

export interface PytestFixture {
  readonly name: string;
  readonly scope: 'function' | 'class' | 'module' | 'package' | 'session';
  readonly autouse: boolean;
}

/** How a resource or a change is undone. */
export interface Release {
  readonly how:
    | 'with' // context manager, ExitStack, enterContext
    | 'cleanup' // addCleanup, addfinalizer, callback
    | 'teardown' // tearDown and the like, after setUp succeeded
    | 'finally'
    | 'fixture' // after the yield of a pytest fixture; useFixture
    | 'guarantee' // a base class does it
    | 'inline'; // at the end of the same body: skipped when something fails before
  readonly place: Place | undefined;
  /** What does it, for the message: `addCleanup(p.stop)`, `oslotest.base.BaseTestCase`. */
  readonly by: string;
}

export type ResourceSort =
  | 'temporary directory'
  | 'temporary file'
  | 'temporary descriptor'
  | 'temporary object'
  | 'file'
  | 'socket'
  | 'server'
  | 'process'
  | 'thread'
  | 'timer'
  | 'executor'
  | 'event loop'
  | 'async client'
  | 'database'
  | 'patcher'
  | 'stub';

/** Something acquired that must be released. */
export interface Resource {
  readonly type: 'resource';
  readonly sort: ResourceSort;
  readonly call: Call;
  readonly place: Place;
  /** What holds it: a local name, `self.x`, a module name, or nothing. */
  readonly holder: string | undefined;
  /** The call that it was given to, where that is why it is `handed on`. */
  readonly handedTo: Call | undefined;
  readonly releases: readonly Release[];
  /** Who is responsible in the end: `leaks` only when nothing else could be. */
  readonly fate: 'released' | 'leaks' | 'handed on' | 'unknown';
  readonly owner: FunctionSubject | undefined;
}

export type ChangeSort =
  | 'environment'
  | 'sys.modules'
  | 'sys.path'
  | 'builtins'
  | 'module attribute'
  | 'class attribute'
  | 'working directory'
  | 'process state'
  | 'configuration'
  /** What a function of the workspace keeps in its module, and a sibling sets back: `fake.set_nodes`, `fake.restore_nodes`. */
  | 'module state';

/** Process-wide state that is changed by hand: `os.environ['A'] = 'b'`, `os.chdir(d)`, `module.name = x`. */
export interface Change {
  readonly type: 'change';
  readonly sort: ChangeSort;
  readonly node: Call | Assignment | SimpleStatement;
  readonly place: Place;
  /** What is changed: `os.environ`, `nova.utils.execute`. */
  readonly target: QualifiedName;
  /** The key of a mapping change, when constant. */
  readonly key: string | undefined;
  readonly newValue: Expression | undefined;
  readonly releases: readonly Release[];
  readonly owner: FunctionSubject | undefined;
}

/** What will run when the test ends, however it ends: `addCleanup(f)`, `useFixture(F())`, `enterContext(c)`. */
export interface Cleanup {
  readonly type: 'cleanup';
  readonly form: 'function' | 'fixture' | 'context';
  readonly call: Call;
  readonly place: Place;
  /** The acquisition or change in the same function that it undoes, as written: `tempfile.mkdtemp`, `fake.set_nodes`. */
  readonly undoes: { readonly name: string; readonly node: Node } | undefined;
  readonly owner: FunctionSubject | undefined;
}

/** A use of `unittest.mock.patch` and its relatives, or of another stub installer. */
export interface Patch {
  readonly type: 'patch';
  readonly call: Call;
  readonly place: Place;
  /** `patch`, `patch.object`, `patch.dict`, `patch.multiple`, `stub_out`, `monkeypatch`, `mocker`, `MonkeyPatch`, `MockPatch`. */
  readonly form: string;
  /** What is replaced, when it is one thing that can be told. */
  readonly target: QualifiedName | undefined;
  /** Everything that is replaced: one for each keyword of `patch.multiple`, or for each value that a loop gives the name. */
  readonly targets: readonly QualifiedName[];
  /** How it is put in force. `unused`: created, never applied. `held`: stored or passed on, not followed. */
  readonly applied: 'decorator' | 'with' | 'started' | 'registered' | 'immediate' | 'unused' | 'held';
  /** autospec / spec / spec_set / wraps given. */
  readonly specced: boolean;
  /** `new`, or the replacement passed to a stub installer. */
  readonly replacement: Expression | undefined;
  readonly owner: FunctionSubject | undefined;
}

/** `assertRaises`, `pytest.raises`, `assertWarns` and relatives. */
export interface Raises {
  readonly type: 'raises';
  readonly call: Call;
  readonly place: Place;
  readonly form: 'with' | 'call';
  readonly what: 'raises' | 'warns';
  readonly exceptions: readonly Expression[];
  /** `match=`, `check=`, the pattern of assertRaisesRegex. */
  readonly match: Expression | undefined;
  /** The name after `as`. */
  readonly captured: string | undefined;
  /** Body of the with form, empty for the call form. */
  readonly body: readonly Statement[];
  readonly statement: Statement | undefined;
  readonly owner: FunctionSubject | undefined;
}

/** A string or bytes literal (f-strings with constant text included), with what it is bound to. */
export interface Literal {
  readonly type: 'literal';
  readonly node: StringLiteral | FormattedString;
  readonly content: string;
  readonly place: Place;
  /** The name it is given to: assignment target, keyword argument, dict key, parameter default, compared name. */
  readonly boundTo: string | undefined;
  readonly owner: FunctionSubject | undefined;
}

/** The file as a whole, for rules that look across its parts. */
export interface FileSubject {
  readonly type: 'file subject';
  readonly place: Place;
  /** Characters that change the order in which the source is shown, comments included: `U+202E`. */
  readonly controls: readonly {
    readonly code: string;
    readonly place: Place;
    /** What it stands in; escapes mean nothing in `raw text`. */
    readonly inside: 'text' | 'raw text' | 'comment' | 'code';
    /** Is all that is opened in its text closed there again, around right-to-left letters: plain writing? */
    readonly balanced: boolean;
    /** Name of the function, class or member around it; `''` for none. */
    readonly within: string;
  }[];
  /** Comments that silence another tool, with the code of their line: `# nosec`, `# noqa: S105`, `# NOSONAR`. */
  readonly silencers: readonly { readonly comment: string; readonly code: string; readonly place: Place }[];
  /** The comments right above the assignments of the module, with the name that is assigned; `carried` to further lines without a gap. */
  remarksAbove(): readonly { readonly name: string; readonly remark: string; readonly carried: boolean }[];
  /** Every test of the file. */
  readonly tests: readonly {
    readonly name: string;
    readonly owner: string | undefined;
    readonly text: string;
    readonly place: Place;
  }[];
  /** Duplicated definitions of a name in one scope: earlier and later place. */
  readonly duplicates: readonly {
    readonly name: string;
    readonly scope: string;
    readonly first: Place;
    readonly second: Place;
    /** Is one written like the other, word by word? */
    readonly equal: boolean;
  }[];
}

/** Where a symbol of another file is defined. */
export interface Definition {
  readonly path: string;
  readonly place: Place;
  readonly qualified: QualifiedName;
  readonly kind: 'function' | 'class' | 'value';
  /** For a function: what it does with its parameters and the world, in a few words; undefined when nothing is known. */
  readonly does: string | undefined;
  readonly parameters: readonly string[];
  /** Of a function or class. */
  readonly decorators: readonly Expression[];
  /** The function itself, for a rule that reads its body. */
  readonly node: FunctionDefinition | undefined;
  /** For a function: does any `return` or `yield` give something back? */
  readonly returns: boolean;
}

/** What the project says of itself in `pyproject.toml`, `setup.cfg`, `tox.ini` or `pytest.ini`. */
export interface Project {
  /** The lowest Python version that it runs on, `[3, 9]`; undefined when nobody says so. */
  readonly python: readonly [major: number, minor: number] | undefined;
  /** The file that pytest takes its settings from; undefined when none was found. */
  readonly pytest: string | undefined;
  /** What pytest is always called with, word by word: `--disable-socket`; and the file that says so. */
  readonly options: readonly { readonly text: string; readonly path: string }[];
  /** Registered marks, with what is said of them: `live: asks the real service`. */
  readonly markers: readonly { readonly name: string; readonly about: string }[];
  /** Filters of warnings: `error::ResourceWarning`. */
  readonly warnings: readonly string[];
  /** Does its runner give each test a process of its own: `--forked`, or that of an Ansible collection? */
  readonly forked: boolean;
  /** Is the file among what is installed with the package; undefined where a package is built and nobody says so. */
  readonly ships: (path: string) => boolean | undefined;
  /** Do `tox.ini`, pytest-env, a Makefile, a workflow or a container give the tests a value for the variable of the environment? */
  readonly gives: (variable: string) => boolean;
  /** The same, or do the README or CONTRIBUTING.md tell people what to set it to? */
  readonly tells: (variable: string) => boolean;
  /** The value that pytest-env or `tox.ini` gives a variable of the environment. */
  readonly given: (variable: string) => string | undefined;
  /** Do its settings, those of a project in a folder of it, or its lists of requirements name the package? */
  readonly requires: (name: string) => boolean;
}

/** A text of the workspace that is no Python. */
export interface DataFile {
  readonly path: string;
  readonly text: string;
}

/** What a rule may ask about the file and the place of a subject in it. */
export interface TestFile {
  readonly path: string;
  readonly kind: 'test' | 'conftest' | 'fixtures' | 'helper';
  readonly tier: Tier;
  readonly project: Project;
  /** A script that other code runs as a process of its own: no collector knows it by its name, and it ends in `if __name__ == '__main__'`, asks `sys.argv[1]` as it is imported, or calls its own tests. */
  readonly ownProcess: boolean;
  /** Do the settings of pytest, or a `conftest.py` above, keep it from collecting the file, where they name no other runner? */
  readonly uncollected: boolean;
  /** A module without tests that is a script of its own, or in a folder that every call of pytest passes over: what it does, it may never do in a test. */
  readonly aside: boolean;
  /** Top-level packages imported anywhere in the file, aliases resolved: `requests`, `unittest.mock`. */
  imports(module: string): boolean;
  /** Is the name (or its module) replaced by a stub where `at` runs? With the place and name of what does it. */
  stubbed(name: QualifiedName, at: Node): { readonly by: string; readonly place: Place | undefined } | undefined;
  /** Is there such a thing in the workspace? `unknown` where its module is not there, or makes names as it runs. */
  exists(name: QualifiedName): 'yes' | 'no' | 'unknown';
  /** Is it an attribute that a class of the workspace does not have itself: its methods give it to each object (`self.name = …`)? */
  isOfInstances(name: QualifiedName): boolean;
  /** Is it a name of a module of the workspace for something that was made, and for no function, class or module? */
  isMade(name: QualifiedName): boolean;
  /** What a module or class of the workspace gives a name where it is made, or a `conftest.py` above before any test; undefined where that is not one value. */
  initially(name: QualifiedName): Expression | undefined;
  /**
   * Is it an empty place that is meant to be filled: a name for a library that may not be there (`except ImportError: name = None`), or
   * an attribute that its class leaves `None` and its module gives it from outside: `Handler.conf = self.conf`?
   */
  isSlot(name: QualifiedName): boolean;
  /** What a module or class of the workspace has, by name; empty where that is not known. */
  membersOf(name: QualifiedName): readonly string[];
  /**
   * A module of the workspace that the file imports, and that has a name of its own for `name`: `from lib import func`. `injected`:
   * it gives that to FastAPI's `Depends` or `Security` and uses it in no other way. `taken`: what the file takes of the module, by
   * name; undefined where that may be anything.
   */
  importedBy(
    name: QualifiedName,
  ): { readonly module: QualifiedName; readonly as: string; readonly injected: boolean; readonly taken: () => readonly string[] | undefined } | undefined;
  /** Does the function under review, what stands around it, or a `conftest.py` above speak of the name in `app.dependency_overrides`? */
  overridesDependency(name: QualifiedName): boolean;
  /** Does another function of the file, or the module itself, call one by this name? */
  callsElsewhere(name: string): boolean;
  /** Does another part of the file start a process that runs the function of this name: `Pool(4, prepare)`, `Process(target=serve)`? */
  runsInChild(name: string): boolean;
  /** Does another part of the file than the one under review name the word, in whatever way? */
  namedElsewhere(word: string): boolean;
  /** A function of a script that is named like a test: what is no test of the file calls it, and no fixture gives all that it needs, or nobody collects the file. */
  isOfScript(owner: FunctionSubject): boolean;
  /** How many tests of the file name the word: those of the class around for an attribute (`self.word`), else all. */
  testsNaming(word: string, of: 'class' | 'file'): number;
  /** The expression that the module of this file gives the name, and never another one; or that the body of the class around gives it, whatever methods do. */
  constantHere(name: string, of: 'class' | 'file'): Expression | undefined;
  /** Does the file import a module of the workspace, or something of one? */
  readonly importsWorkspace: boolean;
  /** Has a module of the workspace that the file imports, or one that these import, the word in quotes: the name of a variable, of a key? With `otherwise`: in another way than to read the variable with that default. */
  importsKnow(word: string, otherwise?: string): boolean;
  /** Has one of them the name itself, outside of tests: of an attribute, a parameter? */
  importsName(name: string): boolean;
  /** Does one of them give the variable of the environment a value? */
  importsSet(variable: string): boolean;
  /** May what a patch of the name touches run: does its own module use it, one that is not there, or does a module that the file imports take it where it runs? */
  usedAtHome(name: QualifiedName): boolean;
  /** What a fixture class, or a function that is given the test, replaces while the test runs; empty when it cannot be read. */
  replacements(name: QualifiedName): readonly Replacement[];
  /** Inside the arguments of an assertion, `mock.call(...)`, an `expected*` variable or a comparison in an assert. */
  expected(node: Node): boolean;
  /** Inside a block or test that expects the code to refuse. */
  rejected(node: Node): boolean;
  /** Inside parametrize, ddt.data, subTest or a scenarios table. */
  parametrized(node: Node): boolean;
  /** The test is skipped, always or unless an environment is there, or is marked network/integration/slow. */
  guarded(node: Node): boolean;
  /** The test is skipped whatever there is: itself, with its class, or with its file. */
  skipped(node: Node): boolean;
  /** Does a test further down give the value to what is written so: `Account.open`, `True`? */
  setBelow(target: string, value: string): boolean;
  /** Do several tests of the file name the object, and each, or a set-up of its class, give it the attribute, as written: `Account.open`? */
  setsAnew(target: string): boolean;
  /** Does nothing of the file read the variable of the environment but the file itself as a script, and set it every test that names it? */
  readsAsScript(variable: string): boolean;
  /** Does the test say that it asks a real service: by its folder, a mark, or a skip where there is no network or account? */
  asksForNetwork(node: Node): boolean;
  /** May something give the objects of a class the attribute, as far as the file and those of its bases show? */
  mayGive(owner: ClassFacts, attribute: string): boolean;
  /** Definition of a qualified name in the workspace; undefined when it is not there (or not yet read). */
  definition(name: QualifiedName): Definition | undefined;
  /**
   * Who gives a test its parameter of this name: a fixture of the file, its class or its chain of `conftest.py`, a
   * well-known library, or one that was not found.
   */
  fixtureFrom(name: string): 'found' | 'library' | 'not found';
  /**
   * The file of the workspace that a path means: several where its beginning is not written and more than one would fit.
   * `missing`: it is known where it would be, which no `.gitignore` leaves out, and no text that can be read is there; `unknown`: only the running test knows.
   */
  dataFile(path: Expression): readonly DataFile[] | 'missing' | 'too large' | 'unknown';
  /** The function that is around the node, or undefined at module or class level. */
  ownerOf(node: Node): FunctionSubject | undefined;
  /** The class that the unit under review belongs to. */
  readonly class: ClassFacts | undefined;
  /** The pytest fixture of that name in this file or in the `conftest.py` files above it; undefined when it is none of these. */
  fixture(name: string): FunctionDefinition | undefined;
  /** What of the workspace runs around a function: fixtures that it asks for, those that these ask for, and those that run for every test; decorators that call it. */
  fixturesFor(owner: FunctionSubject): ReadonlySet<FunctionDefinition>;
  /** Who of the file has a fixture run for it, whoever asks, or may ask for it late (`getfixturevalue`): its tests, and the fixtures that ask for it. */
  askersOf(fixture: FunctionSubject): readonly Asker[];
  /** Where a value may come from, following assignments: `environment`, `network`, `parameter`, `constant`, ... */
  origins(expression: Expression): readonly Origin[];
  /** Where the arguments of a call to a function of the workspace end in a dangerous call, as `rules/python/sinks.ts` lists them. */
  reaches(call: Call): readonly Reached[];
  /** Can a value that stands here come from outside by what is written in this file? Then it may be worth the cost to follow it. */
  namesOutside(at: Node): boolean;
}

/** A test or fixture, with all the fixtures of the workspace that run for it. What the body of a test says is not followed when it is edited: only its head may be read. */
export interface Asker {
  readonly node: FunctionDefinition;
  readonly role: 'test' | 'fixture';
  readonly fixtures: ReadonlySet<FunctionDefinition>;
}

/** An argument that ends in a dangerous call inside the function that is given it. */
export interface Reached {
  readonly argument: Expression;
  readonly sink: Call;
  /** What becomes of it there: `becomes part of a shell command`. */
  readonly what: string;
  /** The calls on the way, the dangerous one last. */
  readonly trail: readonly TrailPoint[];
}

/** Something that a fixture or helper puts a stub on. */
export interface Replacement {
  readonly target: QualifiedName;
  /** The call that installs the stub, shortened. */
  readonly by: string;
  readonly place: Place;
  /** Is it taken back without anybody's doing: by a fixture, a registered stop, the end of a block? */
  readonly undone: boolean;
}

export interface Origin {
  readonly sort: 'constant' | 'parameter' | 'environment' | 'command line' | 'network' | 'file' | 'call' | 'attribute' | 'unknown';
  /** Of the environment: the variable, where the source names it. */
  readonly variable?: string;
  /** Of the environment: the text that stands in where the variable is not set. */
  readonly otherwise?: string;
  readonly place: Place;
  /** Is its place in the file that the expression stands in? */
  readonly here: boolean;
  readonly name: string;
  /** The stations between there and the expression that was asked about, source first. */
  readonly trail: readonly TrailPoint[];
}

/** A station of a value on its way. */
export interface TrailPoint {
  readonly at: Place;
  readonly note: string;
}

/** What rules can look at; `on` names one or several of these. Adding a kind is a reviewed act. */
export interface Subjects {
  file: FileSubject;
  class: ClassFacts & { readonly type: 'class facts' };
  function: FunctionSubject;
  call: Call;
  assignment: Assignment;
  statement: Statement;
  handler: Handler;
  literal: Literal;
  raises: Raises;
  patch: Patch;
  resource: Resource;
  change: Change;
  cleanup: Cleanup;
}
export type Subject = keyof Subjects;

// ------------------------------------------------------------------------------------- pure functions

/** The argument given by keyword, or at a position (from 0) when no `*args` comes before it. */
export function argument(call: Call, keyword: string | undefined, index?: number): Expression | undefined {
  let position = 0;
  for (const it of call.arguments) {
    if (it.keyword !== undefined) {
      if (it.keyword === keyword) return it.value;
    } else if (it.unpack === '*') {
      position = Number.POSITIVE_INFINITY;
    } else if (it.unpack === undefined) {
      if (position === index) return it.value;
      position += 1;
    }
  }
  return undefined;
}

/** The expression that a call gives a parameter of the function: by name, by position, or the default. */
export function argumentFor(call: Call, { parameters }: FunctionDefinition, name: string): Expression | undefined {
  const first = parameters[0]?.name;
  const plain = parameters.filter((it) => it.star === '');
  const bound = call.function.type === 'attribute' && (first === 'self' || first === 'cls') ? 1 : 0;
  const index = plain.findIndex((it) => it.name === name);
  return index < 0 ? undefined : (argument(call, name, index - bound) ?? plain[index]?.default);
}

/** False when `*args` or `**kwargs` may hold what is looked for. */
export function argumentsKnown(call: Call): boolean {
  return call.arguments.every((it) => it.unpack === undefined);
}

/** An argument as it is written: `*args`, `name=value`. */
export function argumentText({ unpack, keyword, value }: Argument): string {
  return `${unpack ?? ''}${keyword === undefined ? '' : `${keyword}=`}${value.text}`;
}

/** Is the value this constant, for certain? */
export function isConstant(value: Value | undefined, expected: string | number | boolean | null): boolean {
  return value?.kind === 'constant' && value.value === expected;
}

/** The text of a string constant, else undefined. */
export function constantText(value: Value | undefined): string | undefined {
  return value?.kind === 'constant' && typeof value.value === 'string' ? value.value : undefined;
}

/** Nodes from the one around `node` outwards. */
export function* ancestors(node: Node): Iterable<Node> {
  for (let it = node.parent; it !== undefined; it = it.parent) yield it;
}

/** The statement that `node` is or is part of. */
export function statementOf(node: Node): Statement | undefined {
  for (let it: Node | undefined = node; it !== undefined; it = it.parent) {
    if (isStatement(it)) return it;
  }
  return undefined;
}

const STATEMENTS: ReadonlySet<string> = new Set([
  'expression',
  'assignment',
  'return',
  'raise',
  'delete',
  'assert',
  'pass',
  'break',
  'continue',
  'global',
  'nonlocal',
  'import',
  'if',
  'while',
  'for',
  'try',
  'with',
  'function',
  'class',
  'match',
  'broken',
]);

export function isStatement(node: Node): node is Statement {
  return STATEMENTS.has(node.type);
}

/** The parts of a node, in order of writing. */
export function children(node: Node): readonly Node[] {
  const parts: Node[] = [];
  eachPart(node, (it) => parts.push(it));
  return parts;
}

/** Shows the parts of a node, in order of writing, to who gathers nothing of them. */
export function eachPart(node: Node, see: (part: Node, of: Node) => void): void {
  switch (node.type) {
    case 'name':
    case 'string':
    case 'number':
    case 'constant':
    case 'import':
      return;
    case 'attribute':
      see(node.object, node);
      return;
    case 'call':
      see(node.function, node);
      for (const it of node.arguments) see(it.value, node);
      return;
    case 'fstring':
      for (const it of node.parts) if (typeof it !== 'string') see(it, node);
      return;
    case 'list':
    case 'tuple':
    case 'set':
      for (const it of node.items) see(it, node);
      return;
    case 'dict':
      for (const it of node.entries) {
        if (it.key !== undefined) see(it.key, node);
        see(it.value, node);
      }
      return;
    case 'operation':
      if (node.left !== undefined) see(node.left, node);
      see(node.right, node);
      return;
    case 'conditional':
      see(node.then, node);
      see(node.test, node);
      see(node.otherwise, node);
      return;
    case 'lambda':
      for (const it of node.parameters) if (it.default !== undefined) see(it.default, node);
      see(node.body, node);
      return;
    case 'subscript':
      see(node.object, node);
      for (const it of node.index) see(it, node);
      return;
    case 'await':
    case 'star':
    case 'yield':
    case 'yield from':
      if (node.operand !== undefined) see(node.operand, node);
      return;
    case 'walrus':
      see(node.target, node);
      see(node.assigned, node);
      return;
    case 'comprehension':
      see(node.element, node);
      for (const it of node.clauses) see(it, node);
      return;
    case 'expression':
      see(node.expression, node);
      return;
    case 'assignment':
      for (const it of node.targets) see(it, node);
      if (node.value !== undefined) see(node.value, node);
      return;
    case 'comparison':
    case 'return':
    case 'raise':
    case 'delete':
    case 'assert':
    case 'pass':
    case 'break':
    case 'continue':
    case 'global':
    case 'nonlocal':
      for (const it of node.operands) see(it, node);
      return;
    case 'if':
    case 'while':
      see(node.test, node);
      for (const it of node.body) see(it, node);
      for (const it of node.otherwise) see(it, node);
      return;
    case 'for':
      see(node.target, node);
      see(node.iterable, node);
      for (const it of node.body) see(it, node);
      for (const it of node.otherwise) see(it, node);
      return;
    case 'handler':
      if (node.exception !== undefined) see(node.exception, node);
      for (const it of node.body) see(it, node);
      return;
    case 'try':
      for (const it of node.body) see(it, node);
      for (const it of node.handlers) see(it, node);
      for (const it of node.otherwise) see(it, node);
      for (const it of node.final) see(it, node);
      return;
    case 'with':
      for (const it of node.items) {
        see(it.context, node);
        if (it.target !== undefined) see(it.target, node);
      }
      for (const it of node.body) see(it, node);
      return;
    case 'function':
      for (const it of node.decorators) see(it, node);
      for (const it of node.parameters) if (it.default !== undefined) see(it.default, node);
      for (const it of node.body) see(it, node);
      return;
    case 'class':
      for (const it of node.decorators) see(it, node);
      for (const it of node.bases) see(it.value, node);
      for (const it of node.body) see(it, node);
      return;
    case 'match':
      see(node.subject, node);
      for (const block of node.cases) for (const it of block) see(it, node);
      return;
    case 'other':
    case 'broken':
      for (const it of node.parts) see(it, node);
      return;
  }
}

/** The node and everything inside it, outermost first. */
export function walk(node: Node): readonly Node[] {
  return (node as { readonly within?: readonly Node[] | undefined }).within ?? collected(node, []);
}

function collected(node: Node, into: Node[]): Node[] {
  into.push(node);
  eachPart(node, (it) => collected(it, into));
  return into;
}
