/**
 * Test frameworks: which files are tests, which functions are tests, set-up, fixtures; and their tier.
 * File kinds and tiers as in `rules.md` B.0.1.
 */
import type { Expression, FunctionDefinition, FunctionFacts, Node, Place, PytestFixture, Role, TestFile, Tier } from '../../rules/model.ts';
import { constantText } from '../../rules/model.ts';
import { ROLES } from '../../rules/python/unittest.ts';
import { remembered } from '../../rules/remembered.ts';
import type { Frame } from './frame.ts';

const TEST_FILE = /(?:^|\/)(?:test_[^/]*|[^/]*_tests?|tests?|conftest)\.py$/;
const TEST_FOLDER = /(?:^|\/)(?:tests?|testing|functional_tests|testsuite)\//;
/** A name that `import` takes. */
const MODULE = /(?:^|\/)[^\W\d]\w*\.py$/;
const TEST_IMPORT =
  /^[ \t]*(?:import|from)[ \t]+(?:unittest|pytest|testtools|fixtures|oslotest|nose|hypothesis|twisted\.trial|django\.test|requests_mock|responses|respx|httpretty|moto|testcontainers|freezegun|pytest_mock)\b/m;
const FUNCTIONAL = /(?:^|\/)functional(?:_tests?)?\//;
const INTEGRATION_MARK = /^(?:integration|e2e|live|tempest|scenario|contract|acceptance|system)$/;
/** `test_integration.py`, `test_docker_integration.py`, `integration_test.py` */
const INTEGRATION_FILE = /(?:^|[/_])(?:integration|e2e)(?:_tests?)?\.py$/;
const INTEGRATION = /(?:^|\/)(?:integration|e2e|live|tempest|scenario|contract|acceptance|system)(?:_tests?)?\//;

/** Is the file test code by its path? */
export function isTestPath(path: string): boolean {
  return TEST_FILE.test(path) || (TEST_FOLDER.test(path) && MODULE.test(path));
}

/** Is the file test code by its path, or by what its text, if that is known, imports and declares? */
export function isTestFile(path: string, text: string | undefined): boolean {
  if (isTestPath(path)) return true;
  return text !== undefined && (isTestModule(text) || isMostlyTests(text) || (TEST_FOLDER.test(path) && mayRunAlone(text)));
}

/** A file that no module can import is data of the tests (`download-executable.py`), unless it says that it is run. */
function mayRunAlone(text: string): boolean {
  return text.startsWith('#!') || text.includes('__main__') || /^[ \t]*(?:async[ \t]+)?def[ \t]+test/m.test(text);
}

function isTestModule(text: string): boolean {
  return TEST_IMPORT.test(text) && declaresTests(text);
}

const CLASS_OR_TEST = /^[ \t]*(?:class[ \t]+\w.*|(?:async[ \t]+)?def[ \t]+test\w*[ \t]*\(.*)/gm;

/** A class that is called a test and derives from something, or a function of tests: other classes have a `test_connection` too. */
function declaresTests(text: string): boolean {
  let isOfTests = true;
  for (const [line] of text.matchAll(CLASS_OR_TEST)) {
    const isClass = /^[ \t]*class\b/.test(line);
    const [head = '', given] = line.split('(');
    if (isClass ? given !== undefined && head.includes('Test') : isOfTests || !/^\s*(?:self|cls)\b/.test(given ?? '')) return true;
    if (isClass) isOfTests = /Test|Case|Base/.test(line) || !line.includes(':');
  }
  return false;
}

/** Two or more of the top-level definitions are shaped like tests, and they are more than half of all. */
function isMostlyTests(text: string): boolean {
  const names = [...text.matchAll(/^(?:async[ \t]+)?(?:def|class)[ \t]+(\w+)/gm)].map((it) => it[1] ?? '');
  const tests = names.filter((it) => /^test_|^Test[A-Z]|Test(?:s|Case)?$/.test(it));
  return tests.length >= 2 && tests.length * 2 > names.length;
}

export function fileKind(path: string, text: string): TestFile['kind'] {
  const name = path.slice(path.lastIndexOf('/') + 1);
  if (name === 'conftest.py') return 'conftest';
  if (!/^(?:test_|.*_tests?\.py$)/.test(name)) {
    if (/(?:^|\/)fixtures?(?:\/|\.py$|_)/.test(path) || /^class \w+\((?:\w+\.)*Fixture\)/m.test(text)) return 'fixtures';
  }
  // What stands among tests and is not named like one is a script or a helper of theirs.
  return TEST_FILE.test(path) || isTestModule(text) || (!TEST_FOLDER.test(path) && isMostlyTests(text)) ? 'test' : 'helper';
}

/** By the path, or by marks of the whole file: `pytestmark = pytest.mark.integration`. */
export function tierOf(path: string, marks: readonly Expression[] = []): Tier {
  const names = marks.map((it) => (it.type === 'call' ? it.callee : it.refersTo)?.replace(/^pytest\.mark\./, '') ?? '');
  if (INTEGRATION.test(path) || INTEGRATION_FILE.test(path) || names.some((it) => INTEGRATION_MARK.test(it))) return 'integration';
  return FUNCTIONAL.test(path) || names.includes('functional') ? 'functional' : 'unit';
}

/** The marks that hold for every test of a file. */
export function marksOf(frame: Frame): readonly Expression[] {
  return frame.bindings('pytestmark').flatMap((it) => {
    if (it.kind !== 'value' || it.value === undefined) return [];
    return it.value.type === 'list' || it.value.type === 'tuple' ? it.value.items : [it.value];
  });
}

/** The hook of a `conftest.py` that pytest calls before each test. */
export const BEFORE_EACH = 'pytest_runtest_setup';

/** Does it run before each test, whichever that is? */
export function runsBeforeEach(node: FunctionDefinition): boolean {
  return node.name === BEFORE_EACH || (fixtureOf(node)?.autouse === true && !node.decorators.some((it) => /\bscope\s*=/.test(it.text)));
}

/** pytest's view of a function's decorators. */
export function fixtureOf(node: FunctionDefinition): PytestFixture | undefined {
  for (const it of node.decorators) {
    const target = it.type === 'call' ? it.function : it;
    const name = target.refersTo;
    if (name !== 'pytest.fixture' && name !== 'pytest.yield_fixture' && name !== 'pytest_asyncio.fixture') continue;
    const given = (keyword: string): Expression | undefined => (it.type === 'call' ? it.arguments.find((each) => each.keyword === keyword)?.value : undefined);
    const scope = given('scope');
    const known = scope === undefined ? 'function' : constantText(scope.value);
    return {
      name: constantText(given('name')?.value ?? { kind: 'unknown' }) ?? node.name,
      scope: known === 'class' || known === 'module' || known === 'package' || known === 'session' ? known : 'function',
      autouse: given('autouse')?.text === 'True',
    };
  }
  return undefined;
}

export function roleOf(node: FunctionDefinition, inClass: boolean): Role {
  if (Object.hasOwn(ROLES, node.name)) {
    const role = ROLES[node.name];
    // Some are methods, the others functions of the module.
    if (role !== undefined && inClass !== /module|_function$/i.test(node.name)) return role;
  }
  if (fixtureOf(node) !== undefined) return 'fixture';
  return node.name.startsWith('test') ? 'test' : 'helper';
}

/** Facts of a function, each read when it is asked for. */
export class Facts implements FunctionFacts {
  readonly node: FunctionDefinition;
  readonly role: Role;
  private knownParameters: readonly string[] | undefined = undefined;
  private knownDecorators: FunctionFacts['decorators'] | undefined = undefined;
  private knownGenerator: boolean | undefined = undefined;
  private knownUpcalls: readonly string[] | undefined = undefined;

  constructor(node: FunctionDefinition, inClass: boolean) {
    this.node = node;
    this.role = roleOf(node, inClass);
  }

  get name(): string {
    return this.node.name;
  }
  get namePlace(): Place {
    return this.node.namePlace;
  }
  get async(): boolean {
    return this.node.async;
  }
  get parameters(): readonly string[] {
    this.knownParameters ??= this.node.parameters.map((it) => it.name);
    return this.knownParameters;
  }
  get decorators(): FunctionFacts['decorators'] {
    this.knownDecorators ??= this.node.decorators.map((it) => (it.type === 'call' ? it.callee : it.refersTo));
    return this.knownDecorators;
  }
  get generator(): boolean {
    this.knownGenerator ??= this.node.text.includes('yield') && this.node.body.some(yields);
    return this.knownGenerator;
  }
  get upcalls(): readonly string[] {
    this.knownUpcalls ??= upcallsOf(this.node);
    return this.knownUpcalls;
  }
}

function yields(it: Node): boolean {
  if (it.type === 'yield' || it.type === 'yield from') return true;
  if (it.type === 'function' || it.type === 'class' || it.type === 'lambda') return false;
  for (let child = it.firstChild; child !== undefined; child = child.nextSibling) if (yields(child)) return true;
  return false;
}

/** `super().setUp()`, `super(A, self).setUp()`, `Base.setUp(self)`. */
export const upcallsOf = remembered((node: FunctionDefinition): readonly string[] => {
  if (!node.text.includes('super') && !node.text.includes(`.${node.name}(`)) return [];
  const result: string[] = [];
  const visit = (it: Node) => {
    if (it.type === 'call' && it.function.type === 'attribute') {
      const object = it.function.object;
      if (object.type === 'call' && object.function.type === 'name' && object.function.id === 'super') result.push(it.function.name);
      else if (it.arguments[0]?.value.type === 'name' && ['self', 'cls'].includes(it.arguments[0].value.id) && object.type !== 'name')
        result.push(it.function.name);
      else if (it.arguments[0]?.value.type === 'name' && it.arguments[0].value.id === 'self' && object.type === 'name' && object.id !== 'self')
        result.push(it.function.name);
    }
    for (let child = it.firstChild; child !== undefined; child = child.nextSibling) visit(child);
  };
  for (const it of node.body) visit(it);
  return result;
});
