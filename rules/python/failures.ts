/**
 * How Python test code fails, and how it hides a failure: assertions, handlers, what may raise.
 * Sources: docs.python.org/3/library/unittest.html and /exceptions.html (3.13), docs.pytest.org 8.
 */
import type { Call, Expression, FunctionSubject, Handler, Node, Statement, TestFile, TryStatement } from '../model.ts';
import { isConstant, walk } from '../model.ts';
import { blocksOf } from './blocks.ts';

const SECRET = 'pass_?(?:word|phrase|wd)|token|credentials?|certificate|permissions?|api_?key|login|authentication|authorization';
const WRONG = 'bad|wrong|invalid|no|not|without|missing|expired|forged|tampered|unsupported|unknown|revoked';
const REFUSED = 'refused?s?|reject(?:s|ed)?|required|denied|invalid|wrong|mismatch|expired|missing|twice';
/** What may come behind a secret for it to be the secret that is wrong: not `login_timeout`. */
const THEN = `${REFUSED}|raises?|fails?|errors?|throws?|is|are|was|for|in|on|with|from|to|should|must|forbidden|unauthori[sz]ed|\\d`;
const WORDS = '(?:[a-z\\d]+_){0,4}';
/** A test of something that must not let anybody in: `test_bad_password`, `test_token_expired`, `test_unauthorized`. */
const REFUSES = new RegExp(
  `(?:^|_)(?:un_?(?:authenticated|authori[sz]ed)|(?:access|permission)_denied|csrf|(?:path|dir|directory|file|tar|zip|archive)_${WORDS}traversal|(?:sql|command|shell|code|header|crlf|template|html|script)_injection|(?:${WRONG})_${WORDS}(?:${SECRET})(?=$|_(?:${THEN}))|(?:${SECRET})_${WORDS}(?:${REFUSED}))(?:_|$)`,
  'i',
);

export function isNamedAfterRefusal(name: string): boolean {
  return REFUSES.test(name.replace(/([a-z0-9])([A-Z])/g, '$1_$2'));
}

// ------------------------------------------------------------------------------------------- walking

/** The nodes and everything inside them that runs when they run: not the bodies of nested functions and classes. */
export function running(nodes: readonly Node[]): readonly Node[] {
  const result: Node[] = [];
  for (const it of nodes) collectRunning(it, result);
  return result;
}

function collectRunning(it: Node, into: Node[]): void {
  into.push(it);
  if (it.type === 'class' || it.type === 'lambda') return;
  if (it.type === 'function') for (const each of it.decorators) collectRunning(each, into);
  else for (let child = it.firstChild; child !== undefined; child = child.nextSibling) collectRunning(child, into);
}

/** The first call that fits among what runs when the node runs. */
export function callRunning(it: Node, fits: (call: Call) => boolean): Call | undefined {
  if (it.type === 'call' && fits(it)) return it;
  if (it.type === 'function' || it.type === 'class' || it.type === 'lambda') return undefined;
  for (let child = it.firstChild; child !== undefined; child = child.nextSibling) {
    const found = callRunning(child, fits);
    if (found !== undefined) return found;
  }
  return undefined;
}

/** The statements that run after this one in the same function, nearest first; those of loops and branches around it too. */
export function* following(statement: Statement): Iterable<Statement> {
  let inner: Node = statement;
  for (let parent: Node | undefined = statement.parent; ; inner = parent, parent = parent.parent) {
    if (parent === undefined) return;
    for (const list of blocksOf(parent)) {
      const at = list.indexOf(inner as Statement);
      if (at >= 0) yield* list.slice(at + 1);
    }
    if (parent.type === 'for' || parent.type === 'while') {
      if (!parent.otherwise.includes(inner as Statement)) yield* parent.otherwise;
    } else if (parent.type === 'try') {
      if (parent.body.includes(inner as Statement)) yield* parent.otherwise;
      if (!parent.final.includes(inner as Statement)) yield* parent.final;
    } else if (parent.type === 'function' || parent.type === 'class') return;
  }
}

// ---------------------------------------------------------------------------------------- assertions

const ASSERTION_METHOD = /^_?assert(?:[A-Z_]\w*)?$|^fail(?:Unless|If)\w*$/;
/** Functions of nose.tools and sqlalchemy.testing; columns of SQLAlchemy and `operator` have the like, which assert nothing. */
const ASSERTION_FUNCTION = /^(?:(?:eq|ne|neq|ok|nok|in|is|is_not|not_in|le|lt|ge|gt)_|is_(?:true|false|none|not_none|instance_of)|eq_ignore_whitespace)$/;
const ASSERTION_MODULE = /(?:^|\.)(?:nose\.tools|testing|assertions|asserts)$/;
const FAIL_CALLEE = /^(?:pytest\.fail|pytest\.xfail|nose\.tools\.fail|unittest\.TestCase\(\)\.fail)$/;

export function isAssertionCall(call: Call): boolean {
  return ASSERTION_METHOD.test(call.method) || isAssertionFunction(call) || isFailCall(call);
}

function isAssertionFunction({ method, function: called }: Call): boolean {
  if (!ASSERTION_FUNCTION.test(method)) return false;
  return called.type !== 'attribute' || ASSERTION_MODULE.test(called.object.refersTo ?? called.object.text);
}

const TEST_CASE = /^(?:self|cls|test|testcase|test_case|tc|case)$/;

/** `self.fail(...)`, `pytest.fail(...)`. */
export function isFailCall(call: Call): boolean {
  if (call.callee !== undefined && FAIL_CALLEE.test(call.callee)) return true;
  return call.method === 'fail' && call.function.type === 'attribute' && TEST_CASE.test(call.function.object.text);
}

/** Is it unittest's method of this name: called on a test case, by all that is known, that defines none of its own without a message? */
export function isOfTestCase(call: Call, file: TestFile): boolean {
  if (call.function.type !== 'attribute' || !TEST_CASE.test(call.function.object.text)) return false;
  const around = call.function.object.text === 'self' || call.function.object.text === 'cls' ? file.class : undefined;
  if (around === undefined) return true;
  const own = around.methods.get(call.method) ?? file.definition(call.callee ?? '');
  return own === undefined || own.parameters.some((it) => /^(?:msg|message|reason)$/.test(it));
}

/** Does the statement as a whole compare or demand something? */
export function isAssertion(statement: Statement): boolean {
  if (statement.type === 'assert') return true;
  const call = calledBy(statement);
  return call !== undefined && isAssertionCall(call);
}

/** `self.skipTest(…)`, but for a method of that name that the class has of its own, and `pytest.skip(…)`. */
export const SKIPPING_CALL = /^(?:unittest\.TestCase\(\)\.skipTest|pytest\.skip)$/;

/** The call that the statement consists of, `await` looked through. */
export function calledBy(statement: Statement): Call | undefined {
  if (statement.type !== 'expression') return undefined;
  const { expression } = statement;
  const inner = expression.type === 'await' ? expression.operand : expression;
  return inner?.type === 'call' ? inner : undefined;
}

/** Never goes on: `raise`, `self.fail(...)`, `assert False`, `pytest.fail(...)`. */
export function isFailure(statement: Statement): boolean {
  if (statement.type === 'raise') return true;
  if (statement.type === 'assert') return statement.operands[0]?.text === 'False' || statement.operands[0]?.text === '0';
  const call = calledBy(statement);
  if (call === undefined) return false;
  if (isFailCall(call)) return true;
  const first = call.arguments[0]?.value.text;
  return ((call.method === 'assertTrue' || call.method === 'assert_') && first === 'False') || (call.method === 'assertFalse' && first === 'True');
}

/** Does anything that runs inside assert, fail or raise, or expect an exception? */
export function asserts(nodes: readonly Node[]): boolean {
  for (const it of running(nodes)) {
    if (it.type === 'raise' || (it.type === 'assert' && !isTrue(it.operands[0]))) return true;
    if (
      it.type === 'call' &&
      ((isAssertionCall(it) && !isTrueAssertion(it)) || /^(?:raises|warns|assertRaises\w*|ExpectedException|fail|fails)$/.test(it.method))
    )
      return true;
  }
  return false;
}

function isTrue(it: Expression | undefined): boolean {
  return it?.type === 'constant' && it.constant === 'True';
}

/** `self.assertTrue(True)`: says nothing, whatever happens. */
function isTrueAssertion(call: Call): boolean {
  return (call.method === 'assertTrue' || call.method === 'assert_') && isTrue(call.arguments[0]?.value);
}

/** Is a test with this decorator expected to fail, wherever it runs: `unittest.expectedFailure`, `pytest.mark.xfail`? `strictly`: must it? */
export function marksFailure(decorator: Expression, strictly = false): boolean {
  const given = decorator.type === 'call' ? decorator.arguments : [];
  const name = decorator.type === 'call' ? decorator.callee : decorator.refersTo;
  if (name !== 'pytest.mark.xfail') return name === 'unittest.expectedFailure';
  if (given.some((it) => it.keyword === undefined || it.keyword === 'condition')) return false;
  return !strictly || given.some((it) => it.keyword === 'strict' && isConstant(it.value.value, true));
}

// ----------------------------------------------------------------------------------------- what raises

/** Calls that no test expects to raise. */
const HARMLESS = new Set([
  'builtins.len',
  'builtins.repr',
  'builtins.str',
  'builtins.print',
  'builtins.isinstance',
  'builtins.object',
  'builtins.dict',
  'builtins.list',
  'builtins.tuple',
  'builtins.set',
  'builtins.range',
  'builtins.slice',
  'builtins.zip',
  'builtins.enumerate',
  'builtins.frozenset',
  'builtins.super',
  'builtins.id',
  'builtins.type',
  'time.sleep',
  'copy.copy',
  'copy.deepcopy',
  'os.path.join',
  'os.path.basename',
  'os.path.dirname',
  'os.path.abspath',
  'os.getcwd',
  'os.getpid',
  'pathlib.Path',
  'pathlib.PurePath',
  'textwrap.dedent',
  'uuid.uuid4',
  'io.StringIO',
  'io.BytesIO',
  'datetime.date',
  'datetime.datetime',
  'datetime.timedelta',
  'signal.alarm',
  'signal.setitimer',
  'socket.socket',
]);

const HARMLESS_METHODS = new Set(['append', 'copy', 'time', 'monotonic', 'perf_counter', 'simplefilter', 'filterwarnings']);

/** What pytest's `monkeypatch` is told to set before the call that is meant. */
const PATCHING = /^(?:setenv|delenv|setattr|delattr|setitem|delitem|chdir|syspath_prepend)$/;

function isPatching(call: Call): boolean {
  return call.function.type === 'attribute' && call.function.object.text === 'monkeypatch' && PATCHING.test(call.method);
}

/** Does running it call, raise, import or delete: may it be what the test expects to fail? */
export function mayRaise(statement: Statement): boolean {
  for (const it of running([statement])) {
    switch (it.type) {
      case 'raise':
      case 'import':
      case 'delete':
      case 'await':
      case 'yield':
      case 'yield from':
        return true;
      case 'call':
        if (
          HARMLESS_METHODS.has(it.method) ||
          isPatching(it) ||
          (it.callee !== undefined && (HARMLESS.has(it.callee) || it.callee.startsWith('unittest.mock.')))
        )
          break;
        return true;
      default:
    }
  }
  return false;
}

/** The statements of a block that expects an exception which may raise one. What stands last is there to raise, be it a subscript. */
export function risky(body: readonly Statement[]): Statement[] {
  const last = body.at(-1);
  return body.filter((it) => mayRaise(it) || (it === last && raisesByOperator(it)));
}

/** `d[k]`, `a + b`, `d[k] = v`, `x.y = v`, `a += b`; what an object notes for itself is none. */
function raisesByOperator(it: Statement): boolean {
  if (it.type === 'expression') return it.expression.type === 'subscript' || it.expression.type === 'operation';
  if (it.type !== 'assignment') return false;
  return it.operator !== undefined || it.targets.some((each) => each.type === 'subscript' || (each.type === 'attribute' && each.object.text !== 'self'));
}

// ---------------------------------------------------------------------------------- broad exceptions

const BROAD = new Set(['builtins.Exception', 'builtins.BaseException']);
/** Wide built-in classes: raised by many things that go wrong. */
const WIDE_BUILTINS = new Set([
  'builtins.ValueError',
  'builtins.TypeError',
  'builtins.KeyError',
  'builtins.OSError',
  'builtins.IOError',
  'builtins.EnvironmentError',
  'socket.error',
  'select.error',
  'builtins.RuntimeError',
  'builtins.AttributeError',
  'builtins.LookupError',
  'builtins.IndexError',
  'builtins.ArithmeticError',
]);

/** `type(error)` and `error.__class__` are some class of its own at run time, whatever class `error` was caught as. */
export function isBroadClass(it: Expression): boolean {
  return it.type !== 'call' && it.refersTo !== undefined && BROAD.has(it.refersTo) && !isClassOfError(it);
}

function isClassOfError(it: Expression): boolean {
  if (it.type === 'attribute') return it.name === '__class__';
  const around = it.type === 'name' ? innermostFunction(it) : undefined;
  return (
    around !== undefined &&
    walk(around).some(
      (each) =>
        each.type === 'assignment' &&
        ((each.value?.type === 'attribute' && each.value.name === '__class__') || (each.value?.type === 'call' && each.value.callee === 'builtins.type')) &&
        each.targets.some((one) => one.text === it.text),
    )
  );
}

export function isWideClass(it: Expression): boolean {
  return it.type !== 'call' && it.refersTo !== undefined && WIDE_BUILTINS.has(it.refersTo);
}

/** The classes that a handler names; empty for a bare `except:`. */
export function caughtBy(handler: Handler): readonly Expression[] {
  const { exception } = handler;
  if (exception === undefined) return [];
  return exception.type === 'tuple' ? exception.items : [exception];
}

export function isBroadHandler(handler: Handler): boolean {
  return handler.exception === undefined || caughtBy(handler).some(isBroadClass);
}

/** Would an assertion that fails end up in this handler? */
export function catchesAssertions(handler: Handler): boolean {
  return isBroadHandler(handler) || caughtBy(handler).some((it) => it.refersTo === 'builtins.AssertionError' || /\.failureException$/.test(it.text));
}

/** A call whose name says that it compares: `self.check_events(...)`, and `snapshot.match(...)` where nobody asks for the answer. */
export function isDelegatedCheck(call: Call): boolean {
  return /^_?(?:assert|check|verify|compare|expect|validate|ensure)/i.test(call.method) || (call.method === 'match' && call.parent?.type === 'expression');
}

/** Does anything that runs inside assert, or hand over to something that says it does? */
export function assertsOrDelegates(nodes: readonly Node[]): boolean {
  if (asserts(nodes)) return true;
  for (const it of running(nodes)) if (it.type === 'call' && isDelegatedCheck(it)) return true;
  return false;
}

/** Inside a `finally`, or a handler: clean-up code. */
export function isAfterwards(statement: Statement): boolean {
  let inner: Node = statement;
  for (let it = statement.parent; it !== undefined && it.type !== 'function'; inner = it, it = it.parent) {
    if (it.type === 'handler' || (it.type === 'try' && it.final.includes(inner as Statement))) return true;
  }
  return false;
}

/** Does the block only give back what was taken: `os.unlink(path)`, `sock.close()`? */
export function isTidying(body: readonly Statement[]): boolean {
  return body.every((it) => {
    if (it.type === 'delete') return true;
    const call = calledBy(it);
    return (
      call !== undefined &&
      /^(?:unlink|remove|rmtree|rmdir|close|kill|terminate|stop|shutdown|join|wait|cancel|delete\w*|cleanup|clean_up|destroy|disconnect|release|reset|quit|exit|unregister\w*)$/.test(
        call.method,
      )
    );
  });
}

/** The body raises by hand: the handler, or what is between them, is what is tested. */
export function raisesItself(body: readonly Statement[]): boolean {
  for (const it of running(body)) if (it.type === 'raise') return true;
  return false;
}

const LOGGING = /^(?:print|debug|info|warning|warn|error|exception|log|critical|sleep)$/;

/** Nothing is done with the exception: only `pass`, `continue`, `return`, a log line. */
export function isSilent(body: readonly Statement[]): boolean {
  return body.every((it) => {
    switch (it.type) {
      case 'pass':
      case 'continue':
      case 'break':
        return true;
      case 'return':
        return it.operands.every((each) => each.type === 'constant' || each.type === 'number');
      case 'expression': {
        if (it.expression.type === 'constant' || it.expression.type === 'string') return true;
        const call = calledBy(it);
        return call !== undefined && (LOGGING.test(call.method) || (call.method === 'print_exc' && call.arguments.length === 0));
      }
      default:
        return false;
    }
  });
}

/** Leaves the test where anything is raised, and else comes to a failure: an expected exception, written by hand. */
export function expectsRefusal(around: TryStatement, handler: Handler): boolean {
  const [next] = following(around);
  return next !== undefined && isFailure(next) && isSilent(handler.body) && handler.body.at(-1)?.type === 'return';
}

const CLEANUP_NAME =
  /^_?(?:tear_?down|clean_?up|cleanup|shut_?down|stop|close|reset|restore|remove|delete|kill|terminate|finish|release)|_(?:cleanup|teardown|shutdown)$|^__(?:exit|aexit|del)__$/i;

export function isCleanup(owner: FunctionSubject | undefined): boolean {
  return (
    owner !== undefined && (owner.role === 'teardown' || owner.role === 'class-teardown' || owner.role === 'module-teardown' || CLEANUP_NAME.test(owner.name))
  );
}

// -------------------------------------------------------------------------------------- surroundings

/** The innermost function around a node. */
export function innermostFunction(node: Node): Node | undefined {
  for (let it = node.parent; it !== undefined; it = it.parent) if (it.type === 'function' || it.type === 'lambda') return it;
  return undefined;
}

/** Is the statement in a loop that is followed by a failure or an assertion: one attempt of several? */
export function isAttempt(statement: Statement): boolean {
  for (let it = statement.parent; it !== undefined && it.type !== 'function'; it = it.parent) {
    if (it.type !== 'for' && it.type !== 'while') continue;
    if (asserts(it.otherwise) || asserts([...following(it)])) return true;
  }
  return false;
}
