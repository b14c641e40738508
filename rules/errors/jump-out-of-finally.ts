import type { Expression, FunctionSubject, SimpleStatement, Statement, TryStatement } from '../model.ts';
import { argument, isConstant } from '../model.ts';
import { innerBlocks } from '../python/blocks.ts';
import { asserts, innermostFunction, isBroadHandler, mayRaise } from '../python/failures.ts';
import { defineRule, py } from '../rule.ts';

export const rule = defineRule({
  id: 'jump-out-of-finally',
  code: 'ERR013',
  category: 'errors',
  title: 'leaving a finally block drops the failure that is on its way',
  kind: 'fail',
  kinds: ['fail', 'review', 'informational'],
  confidence: 'high',
  cwe: [584],
  peers: { ruff: ['B012', 'SIM107'], bugbear: ['B012'], pylint: ['W0134', 'W0150'], sonar: ['S1143'] },
  why: '`return`, `break` and `continue` in `finally` end the exception that was being raised, a failed assertion included.',
  instead: 'Leave after the `try` statement.',
  limits:
    'In a helper that asserts nothing in its `try` it is a point to decide: perhaps any error is to be dropped there. Silent around the `yield` alone of a fixture, or of a hook with `hookwrapper=True`: nothing is raised there. Functions defined inside a test are not looked at: they are often the subject of the test.',
  links: ['https://docs.python.org/3/reference/compound_stmts.html#finally-clause', 'https://peps.python.org/pep-0765/'],
  on: 'statement',
  statements: ['try'],
  *check(statement, file) {
    if (statement.type !== 'try' || statement.final.length === 0 || !(statement.body.some(mayRaise) || asserts(statement.body))) return;
    const owner = file.ownerOf(statement);
    if (owner === undefined || innermostFunction(statement) !== owner.node || givesOnly(statement, owner)) return;
    if (isGivenResult(statement, owner)) return;
    const handled = isHandled(statement);
    const fails = asserts(statement.body) || owner.role !== 'helper';
    const lost = fails ? ', a failed assertion too' : `: who calls \`${owner.name}\` never sees it`;
    for (const it of jumps(statement.final, false)) {
      yield {
        at: it.place,
        ...(handled ? { kind: 'informational' as const } : fails ? {} : { kind: 'review' as const }),
        message: handled
          ? `\`${it.type}\` in \`finally\` drops what the handlers let pass: Ctrl-C, and their own errors`
          : `\`${it.type}\` in \`finally\` drops the exception that is on its way${lost}`,
        trail: [{ at: statement.place, note: 'the `try` statement' }],
      };
    }
  },
  examples: [
    {
      name: 'return',
      bad: py`
        def test_price(shop):
            try:
                assert shop.price() == 3
            finally:
                shop.close()
                return  #! drops the exception
      `,
    },
    {
      name: 'continue in a loop around it',
      bad: py`
        def test_prices(shops):
            for shop in shops:
                try:
                    assert shop.price() == 3
                finally:
                    continue  #! drops the exception
      `,
    },
    {
      name: 'the handler has kept whatever was raised',
      bad: py`
        def test_price(shop):
            assert attempt(shop.price) is None

        def attempt(call):
            caught = None
            try:
                call()
            except Exception as error:
                caught = error
            finally:
                return caught  #! drops what the handlers let pass
      `,
    },
    {
      name: 'a helper that asserts nothing',
      bad: py`
        def test_price(shop):
            assert rows(shop) == []

        def rows(shop):
            try:
                return shop.rows()
            except KeyError:
                pass
            finally:
                return []  #! never sees it
      `,
    },
    {
      name: 'after the `yield` of a fixture',
      good: py`
        import pytest

        @pytest.fixture
        def shop(shops):
            try:
                yield shops.first
            finally:
                if not shops.opened:
                    return
                shops.close()
      `,
    },
    {
      name: 'a hook that is given a result at its `yield`',
      good: {
        'conftest.py': py`
          import pytest

          @pytest.hookimpl(hookwrapper=True)
          def pytest_runtest_teardown(item):
              try:
                  yield
              finally:
                  if item.quay is None:
                      return
                  item.quay.close()

          @pytest.hookimpl(hookwrapper=True)
          def pytest_runtest_setup(item):
              try:
                  outcome = yield
              finally:
                  return
        `,
      },
    },
    {
      name: 'a hook that what is raised goes through, or that raises it itself',
      bad: {
        'conftest.py': py`
          import pytest

          @pytest.hookimpl(wrapper=True)
          def pytest_runtest_teardown(item):
              try:
                  return (yield)
              finally:
                  if item.quay is None:
                      return  #! drops the exception

          @pytest.hookimpl(hookwrapper=True)
          def pytest_runtest_setup(item):
              try:
                  outcome = yield
                  outcome.get_result()
              finally:
                  return  #! drops the exception
        `,
      },
    },
    {
      name: 'a loop or a function of its own',
      good: py`
        def test_price(shop):
            try:
                assert shop.price() == 3
            finally:
                for it in shop.tills:
                    if it.closed:
                        continue
                    it.close()
      `,
    },
  ],
});

/** Around the `yield` of a fixture alone: pytest never raises there what the test has raised. */
function givesOnly({ body }: TryStatement, { fixture }: FunctionSubject): boolean {
  const [only] = body;
  return fixture !== undefined && body.length === 1 && only?.type === 'expression' && only.expression.type === 'yield';
}

/** Around the `yield` of a `hookwrapper=True` alone: pluggy gives it a result there, of which an error is a part, and raises nothing; `wrapper=True` raises. */
function isGivenResult({ body }: TryStatement, { node }: FunctionSubject): boolean {
  const [only] = body;
  const given = only?.type === 'expression' ? only.expression : only?.type === 'assignment' ? only.value : undefined;
  return body.length === 1 && given?.type === 'yield' && node.decorators.some(isOldWrapper);
}

function isOldWrapper(it: Expression): boolean {
  if (it.type !== 'call') return it.refersTo === 'pytest.mark.hookwrapper';
  const given = argument(it, 'hookwrapper');
  return given !== undefined && isConstant(given.value, true);
}

/** Does a handler take every failure, and raise none of its own? */
function isHandled({ handlers, otherwise }: TryStatement): boolean {
  return otherwise.length === 0 && handlers.some(isBroadHandler) && !handlers.some((it) => asserts(it.body));
}

function* jumps(block: readonly Statement[], inLoop: boolean): Iterable<SimpleStatement> {
  for (const it of block) {
    if (it.type === 'return' || (!inLoop && (it.type === 'break' || it.type === 'continue'))) yield it as SimpleStatement;
    const loop = inLoop || it.type === 'for' || it.type === 'while';
    for (const inner of innerBlocks(it)) yield* jumps(inner, loop);
  }
}
