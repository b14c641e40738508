import { ancestors, type Expression, type FunctionSubject, type Handler, type Node, type Statement, statementOf, type TryStatement, walk } from '../model.ts';
import {
  asserts,
  calledBy,
  catchesAssertions,
  following,
  innermostFunction,
  isAssertionCall,
  isAttempt,
  isFailure,
  isSilent,
  running,
} from '../python/failures.ts';
import { remarksBehind, remarksOn } from '../python/remarks.ts';
import { defineRule, py } from '../rule.ts';

export const rule = defineRule({
  id: 'assertion-failure-swallowed',
  code: 'ERR010',
  category: 'errors',
  title: 'a failing assertion is caught and forgotten',
  kind: 'fail',
  kinds: ['fail', 'review', 'informational'],
  confidence: 'high',
  cwe: [390],
  peers: { sonar: ['S5779'], ruff: ['PT017'] },
  why: 'An assertion fails by raising `AssertionError`: a handler that catches it and says nothing makes the test pass.',
  instead: 'Catch the one exception that is meant, or move the assertion behind the `try`.',
  limits:
    'A handler that stores the exception or calls something with it is trusted. Functions of a script that runs as a process of its own are left alone. Where a comment in the handler or right behind it says why, in any language, it is a point to decide, and so is what stands in a helper, or in a function that is given to a thread: who waits for it may notice, and where a helper sets an event or a flag behind the assertion, or prints the traceback in a file without tests that is no helper of others, it is a note, as it is in a branch that a parameter of the helper opens.',
  links: ['https://rules.sonarsource.com/python/RSPEC-5779/'],
  on: ['statement', 'file'],
  statements: ['try'],
  *check(statement, file) {
    if (statement.type === 'file subject') {
      // Of a module beside tests, their runner may be told.
      if (statement.tests.length === 0 && (file.ownProcess || file.kind === 'test'))
        yield { at: statement.place, claim: SHOWN, disproves: 'weight', message: 'there is no test here, and who runs it is shown the failure' };
      return;
    }
    if (statement.type !== 'try' || asserts(statement.otherwise)) return;
    const owner = file.ownerOf(statement);
    // What a script shows of a failing assertion, others look at.
    if (owner === undefined || (file.ownProcess && owner.class === undefined)) return;
    const handler = statement.handlers.find(catchesAssertions);
    if (handler === undefined || !isSilent(handler.body)) return;
    // A failing assertion is what is wanted: the handler leaves, and what comes behind the block fails.
    if (failsUnlessCaught(statement, handler)) return;
    // `pytest.fail` is no `Exception`: where it ends the block, a failing assertion is what the test wants.
    if (endsInPytestFail(statement) && handler.exception !== undefined && !handler.exception.text.includes('BaseException')) return;
    const assertion = assertionIn(statement);
    if (
      assertion === undefined ||
      isRaisedOnly(statement) ||
      isAttempt(statement) ||
      isRepeated(statement, handler) ||
      isPredicate(statement, handler, owner.node)
    )
      return;
    const caught = handler.exception === undefined ? '`except:`' : `\`except ${handler.exception.text}\``;
    const trail = [{ at: assertion.place, note: 'this failure is lost' }];
    const counted = statement.otherwise.length > 0 && asserts([...following(statement)]);
    if (counted || answersLater(statement, handler)) {
      yield {
        at: handler.headPlace,
        kind: 'informational',
        message: `${caught} also catches the failing assertion above; only what follows can still notice`,
        trail,
      };
      return;
    }
    if (isAskedFor(statement, owner)) {
      yield {
        at: handler.headPlace,
        kind: 'informational',
        message: `${caught} swallows the assertion in its \`try\`, where the caller has asked for that`,
        trail,
      };
      return;
    }
    // Somebody has decided, perhaps not of the assertion.
    if (saysWhy(handler, statement, owner)) {
      yield { at: handler.headPlace, kind: 'review', message: `${caught} swallows the assertion in its \`try\` too: does the comment mean that?`, trail };
      return;
    }
    if (goesOn(assertion, statement) && asserts([...following(statement)])) {
      yield { at: handler.headPlace, kind: 'review', message: `the failure is hidden: ${caught} catches the assertion too, and the test goes on`, trail };
      return;
    }
    if (isForCaller(statement, owner)) {
      const told = owner.role === 'helper' ? toldBehind(assertion, statement) : undefined;
      if (told !== undefined) {
        yield {
          at: handler.headPlace,
          kind: 'informational',
          message: `${caught} also catches the failing assertion above; only who asks for \`${told.text}\` can still notice`,
          trail,
        };
        return;
      }
      const isShown = running(handler.body).some((it) => it.type === 'call' && it.callee === 'traceback.print_exc');
      yield {
        at: handler.headPlace,
        kind: 'review',
        ...(isShown ? { claim: SHOWN } : {}),
        message: `${caught} swallows the assertion in its \`try\`: does whoever runs this notice?`,
        trail,
      };
      return;
    }
    yield { at: handler.headPlace, message: `${caught} swallows the assertion in its \`try\`: the test passes when it fails`, trail };
  },
  examples: [
    {
      name: 'a script that shows what is written of a failure',
      good: {
        'tests/source/ownership.py': py`
          from harbour import logger

          def test(colorize):
              logger.add(colorize)
              try:
                  a, b = 1, 2
                  assert a == b
              except AssertionError:
                  logger.exception("")

          test(True)
          test(False)
        `,
      },
    },
    {
      name: 'a helper that fails unless the assertion does; one that its caller tells to show differences only',
      bad: py`
        def assert_no_hits(client):
            hits = client.search()
            try:
                assert_hits(hits)
            except Exception as error:
                print("as expected", error)
                return
            raise AssertionError("found before there is an index")

        def compare(page, level):
            if level == 0:
                try:
                    assert page.tags == page.baseline
                except Exception as error:  #! where the caller has asked for that
                    print(error)
            elif level == 1:
                assert page.tags == page.baseline
      `,
    },
    {
      name: 'again and again until it holds',
      good: py`
        import time

        def test_open(harbour):
            while True:
                try:
                    assert harbour.open
                    break
                except AssertionError:
                    time.sleep(1)
      `,
    },
    {
      name: 'an assertion that must fail',
      good: py`
        import pytest

        def test_not_equal(a, b):
            try:
                assert_equal(a, b)
                pytest.fail("equal, and should not be")
            except AssertionError:
                pass
      `,
    },
    {
      name: 'a function that tells which of many fits',
      good: py`
        import unittest

        class TestNotices(unittest.TestCase):
            def contains(self, calls, state):
                for call in calls:
                    try:
                        self.assertLessEqual(state.items(), call.items())
                        return True
                    except AssertionError:
                        continue
                return False

            def test_sent(self):
                self.assertTrue(self.contains(sent(), {"quay": 4}))
      `,
    },
    {
      name: 'a failure that is raised to be caught',
      good: py`
        def test_keeps_the_first(filtered):
            try:
                raise RuntimeError
            except RuntimeError as first:
                try:
                    assert False, "another one"
                except Exception:
                    pass
                assert filtered(first) is first
      `,
    },
    {
      name: 'an assertion under a broad handler',
      bad: py`
        import unittest

        class TestShop(unittest.TestCase):
            def test_price(self):
                try:
                    self.assertEqual(3, price())
                except Exception:  #! swallows the assertion
                    pass
      `,
    },
    {
      name: 'a helper, and a function for a thread',
      bad: py`
        import threading
        import unittest

        class TestShop(unittest.TestCase):
            def setUp(self):
                self.ready = threading.Event()

                def run():
                    try:
                        assert self.shop is None
                        self.ready.set()
                    except Exception as error:  #! does whoever runs this notice
                        print(error)

                threading.Thread(target=run).start()

            def open(self):
                try:
                    self.assertTrue(self.ready.wait(3))
                except Exception:  #! does whoever runs this notice
                    pass

            def serve(self):
                try:
                    with self.shop:
                        self.assertTrue(self.ready.wait(3))
                        self.served.set()
                except Exception:  #! only who asks for ${'`self.served`'} can still notice
                    pass
      `,
    },
    {
      name: 'more follows it in the body, and is checked behind',
      bad: py`
        def test_restores(session, stock):
            try:
                with session:
                    assert stock.locked
                    stock.count = 0
                    raise ValueError("leaves the block")
            except:  #! the failure is hidden
                pass
            assert stock.count == 0
            assert not stock.locked
      `,
    },
    {
      name: 'fail() under a handler for what fail() raises',
      bad: py`
        import unittest

        class TestShop(unittest.TestCase):
            def test_refuses(self):
                try:
                    buy(-1)
                    self.fail("not refused")
                except:  #! swallows the assertion
                    pass
      `,
    },
    {
      name: 'the handler fails, stores, or is meant; one attempt of several',
      good: py`
        import time
        import unittest

        class TestShop(unittest.TestCase):
            def test_price(self):
                try:
                    self.assertEqual(3, price())
                except Exception as error:
                    self.fail("no price: %s" % error)

            def test_collects(self):
                errors = []
                for item in stock():
                    try:
                        self.assertEqual(3, price(item))
                    except AssertionError as error:
                        errors.append(error)
                self.assertEqual([], errors)

            def test_own_assertion(self):
                try:
                    self.assertPrice(3)
                except AssertionError:
                    pass
                else:
                    self.fail("assertPrice accepts all")

            def test_patient(self):
                for _ in range(9):
                    try:
                        self.assertEqual(3, price())
                        break
                    except AssertionError:
                        time.sleep(1)
                else:
                    self.fail("never became 3")
      `,
    },
    {
      name: 'a narrow handler',
      good: py`
        def test_price(shop):
            try:
                assert shop.price() == 3
            except ConnectionError:
                pass
      `,
    },
    {
      name: 'a comment in the handler',
      bad: py`
        def test_sensor(sensor):
            try:
                assert isinstance(sensor.read(), list)
            except Exception:  #! does the comment mean that
                # May fail on machines without one
                pass

        def test_tide(sensor):
            try:
                assert sensor.tide() is None
            except Exception:  #! does the comment mean that
                # 没有传感器时抛出异常也可以接受
                pass

        def test_moon(sensor):
            try:
                assert sensor.moon() is None
            except Exception:  #! does the comment mean that
                # Без датчика возможна ошибка
                pass

        def test_wind(sensor):
            try:
                assert sensor.wind() is None
            except Exception:  #! swallows the assertion
                # 跳过
                pass
      `,
    },
    {
      name: 'an application that people start: it prints what is wrong; beside a test nobody need see that',
      bad: py`
        import traceback

        class Client(Application):
            def validate(self, tree):
                try:
                    schema().assertValid(tree)
                except:  #! there is no test here
                    traceback.print_exc()
      `,
    },
    {
      name: 'a helper of tests that prints what is wrong',
      bad: py`
        import traceback

        def validate(tree):
            try:
                schema().assertValid(tree)
            except:  #! does whoever runs this notice?
                traceback.print_exc()

        def test_tree():
            validate(read("tree.xml"))
      `,
    },
    {
      name: 'one beside the tests',
      bad: {
        'tests/helpers.py': py`
          import traceback

          def validate(tree):
              try:
                  schema().assertValid(tree)
              except Exception:  #! does whoever runs this notice?
                  traceback.print_exc()
        `,
      },
    },
    {
      name: 'a comment right behind the handler, and one that speaks of what comes next',
      bad: py`
        def test_sensors(sensor):
            try:
                assert isinstance(sensor.list(), list)
            except Exception as error:  #! does the comment mean that
                print(error)
            # Passes on machines without one: only that it can be called
            assert True

        def test_depths(sensor):
            try:
                assert sensor.depth() > 0
            except Exception as error:  #! does the comment mean that
                print(error)
                # May fail on machines without one
            sensor.close()

        def test_sensor(sensor):
            try:
                assert isinstance(sensor.read(), list)
            except Exception as error:  #! swallows the assertion
                print(error)
            # Ask for the depth of the harbour
            sensor.depth()
      `,
    },
  ],
});

/** What a function prints of its failure. */
const SHOWN = 'shown';

function saysWhy(handler: Handler, around: TryStatement, owner: FunctionSubject): boolean {
  if ([...remarksOn(around, owner)].some((it) => handler.text.includes(it))) return true;
  if (handler !== around.handlers.at(-1) || around.otherwise.length > 0 || around.final.length > 0) return false;
  const [next] = following(around);
  return [...remarksBehind(around, owner, next !== undefined && !saysNothing(next))].length > 0;
}

/** `assert True`, `pass`: for a reader only. */
function saysNothing(it: Statement): boolean {
  return it.type === 'pass' || (it.type === 'assert' && !asserts([it]));
}

/** An assertion of the body whose failure reaches the handlers. */
function assertionIn(statement: TryStatement): Node | undefined {
  for (const it of running(statement.body)) {
    if (it.type === 'assert') {
      if (!handledInside(it, statement)) return it;
    } else if (
      it.type === 'call' &&
      isAssertionCall(it) &&
      !/^assert_?(?:raises|warns|logs|no_?logs)/i.test(it.method) &&
      it.parent?.type !== 'with' &&
      !handledInside(it, statement)
    )
      return it;
  }
  return undefined;
}

/** `except Exception: return`, and `raise AssertionError` or `pytest.fail()` as the next step behind the block. */
function failsUnlessCaught(statement: TryStatement, { body }: Handler): boolean {
  const [next] = following(statement);
  return body.at(-1)?.type === 'return' && next !== undefined && isFailure(next);
}

/** In the branch of a helper that a parameter of it opens: `if level == 0:`, `if not strict:`. */
function isAskedFor(statement: TryStatement, { role, parameters, node }: FunctionSubject): boolean {
  if (role !== 'helper') return false;
  return [...ancestors(statement)].some(
    (it) => it.type === 'if' && innermostFunction(it) === node && walk(it.test).some((each) => each.type === 'name' && parameters.includes(each.id)),
  );
}

/** In a helper, or in a function that the test gives to a thread: what waits for it may miss what it did not come to. */
function isForCaller(statement: TryStatement, owner: FunctionSubject): boolean {
  if (owner.role === 'helper') return true;
  const around = innermostFunction(statement);
  if (around === owner.node || around?.type !== 'function') return false;
  return walk(owner.node).some(
    (it) =>
      it.type === 'call' &&
      it.arguments.some(({ keyword, value }) => value.text === around.name && (keyword === 'target' || /^(?:submit|start_new_thread)$/.test(it.method))),
  );
}

/** `assert False` before anything else: raised to be caught. */
function isRaisedOnly({ body }: TryStatement): boolean {
  const [first] = body;
  return first?.type === 'assert' && isFailure(first);
}

/** Do statements of the same body follow the assertion, which may be what the handler is for? */
function goesOn(assertion: Node, outer: TryStatement): boolean {
  const own = statementOf(assertion);
  if (own === undefined) return false;
  const behind = new Set<Node>([...outer.handlers, ...outer.otherwise, ...outer.final]);
  for (const it of following(own)) if ([...ancestors(it)].includes(outer) && !behind.has(it)) return true;
  return false;
}

/** What the body tells others once the assertion has held: the event of `done.set()`, the flag of `self.done = True`. */
function toldBehind(assertion: Node, outer: TryStatement): Expression | undefined {
  const own = statementOf(assertion);
  for (const it of own === undefined ? [] : following(own)) {
    if (!running(outer.body).includes(it)) continue;
    if (it.type === 'assignment' && it.value?.text === 'True') return it.targets[0];
    const call = calledBy(it);
    if (call?.method === 'set' && call.arguments.length === 0 && call.function.type === 'attribute') return call.function.object;
  }
  return undefined;
}

/** Does a `try` in between, or a block that expects something to be raised, take it first? */
function handledInside(node: Node, outer: TryStatement): boolean {
  let inner: Node = node;
  for (let it = node.parent; it !== undefined && it !== outer; inner = it, it = it.parent) {
    if (it.type === 'try' && it.body.includes(inner as never) && it.handlers.some(catchesAssertions)) return true;
    if (it.type === 'with' && it.items.some((each) => each.context.type === 'call' && /raises/i.test(each.context.method))) return true;
  }
  return false;
}

/** `return True` behind the assertion, or `return False` for its failure, of a function that tells its caller. */
function isPredicate({ body }: TryStatement, handler: Handler, owner: Node | undefined): boolean {
  const returns = [...body, ...handler.body].some((it) => it.type === 'return' && it.operands.length > 0);
  const around = innermostFunction(handler);
  return returns && (around !== owner || (around?.type === 'function' && !around.name.startsWith('test')));
}

/** `while True: try: assert …; break`: goes on until it holds. */
function isRepeated(statement: TryStatement, { body }: Handler): boolean {
  for (const it of ancestors(statement)) {
    if (it.type === 'for' || it.type === 'function') return false;
    if (it.type === 'while') return /^(?:True|1)$/.test(it.test.text) && !running(body).some((each) => each.type === 'break' || each.type === 'return');
  }
  return false;
}

function endsInPytestFail({ body }: TryStatement): boolean {
  const last = body.at(-1);
  return last !== undefined && calledBy(last)?.callee === 'pytest.fail';
}

/** A handler for AssertionError alone, with assertions behind it: another way of being right. */
function answersLater(statement: TryStatement, handler: Handler): boolean {
  const { exception } = handler;
  const isFailure = exception?.refersTo === 'builtins.AssertionError' || (exception?.type === 'attribute' && exception.name === 'failureException');
  return isFailure && asserts([...following(statement)]);
}
