import type { FunctionSubject, Handler, Place, SimpleStatement, Statement, TestFile, TryStatement, WithStatement } from '../model.ts';
import { ancestors, argument, statementOf, walk } from '../model.ts';
import { blockAround } from '../python/blocks.ts';
import {
  asserts,
  assertsOrDelegates,
  calledBy,
  expectsRefusal,
  following,
  innermostFunction,
  isAfterwards,
  isAssertion,
  isAttempt,
  isBroadClass,
  isBroadHandler,
  isCleanup,
  isSilent,
  isTidying,
  mayRaise,
  raisesItself,
  running,
} from '../python/failures.ts';
import { remarksOn } from '../python/remarks.ts';
import { defineRule, type Finding, py } from '../rule.ts';

export const rule = defineRule({
  id: 'exception-swallowed',
  code: 'ERR009',
  category: 'errors',
  title: 'any exception of the code under test is ignored',
  kind: 'review',
  kinds: ['review', 'informational'],
  confidence: 'high',
  cwe: [390],
  peers: { bandit: ['B110', 'B112'], ruff: ['S110', 'S112', 'BLE001', 'SIM105'], codeql: ['py/empty-except'], pylint: ['W0718'], bugbear: ['B036'] },
  why: 'The test passes whether the code works or breaks: nothing says which of the two happened.',
  instead: 'Let the exception fail the test, or expect its class with `raises`.',
  limits:
    'To be decided on is only a test that asserts nothing else, not by a decorator either, that leaves before its assertions, or whose name says that nothing is raised. Where assertions or other calls follow, the exception is taken as the stimulus and only noted, and so is what is tried inside a `with` over something of the workspace, and what stands behind them, in a set-up, in a function of a script that is no test, in a function that returns what has happened to whoever of the file calls it, or where a library makes what is compared with further down; clean-up code is ERR021, and nothing is said of waiting for a task that the line before cancels.',
  links: ['https://docs.astral.sh/ruff/rules/try-except-pass/'],
  yieldsTo: ['assertion-failure-swallowed'],
  once: 'test',
  on: ['handler', 'call'],
  calls: (callee) => callee === 'contextlib.suppress',
  *check(subject, file) {
    if (subject.type === 'handler') {
      const around = subject.parent;
      if (around?.type !== 'try' || !isBroadHandler(subject) || !isSilent(subject.body)) return;
      if (!around.body.some(mayRaise) || asserts(around.otherwise) || isAttempt(around) || isAfterwards(around)) return;
      if (isTidying(around.body) || isCancelled(around)) return;
      // The test raises it itself, to see what a context manager does with it.
      if (raisesItself(around.body) || expectsRefusal(around, subject)) return;
      const caught = subject.exception === undefined ? '`except:`' : `\`except ${subject.exception.text}\``;
      yield* judge(around, subject.headPlace, caught, leaves(subject), file);
      return;
    }
    if (subject.callee !== 'contextlib.suppress' || subject.parent?.type !== 'with') return;
    const first = argument(subject, undefined, 0);
    const block = statementOf(subject);
    if (
      first === undefined ||
      block?.type !== 'with' ||
      !isBroadClass(first) ||
      !block.body.some(mayRaise) ||
      isAttempt(block) ||
      isAfterwards(block) ||
      isTidying(block.body) ||
      isCancelled(block)
    )
      return;
    yield* judge(block, subject.place, `\`suppress(${first.text})\``, undefined, file);
  },
  examples: [
    {
      name: 'nothing is asserted at all',
      bad: py`
        def test_publish(shop):
            try:
                shop.publish()
            except Exception:  #! hides every error
                pass
      `,
    },
    {
      name: 'a test that says there is no error',
      bad: py`
        import contextlib
        import unittest

        class TestTask(unittest.TestCase):
            def test_runs_without_exception(self):
                with contextlib.suppress(Exception):  #! only what is asserted below fails the test
                    self.task.execute()
                self.assertFalse(self.rollback.called)
      `,
    },
    {
      name: 'the exception is the stimulus',
      bad: py`
        import unittest

        class TestTask(unittest.TestCase):
            def test_rolls_back(self):
                try:
                    self.task.execute()
                except Exception:  #! only what follows is checked
                    pass
                self.rollback.assert_called_once_with()
      `,
    },
    {
      name: 'a comment says why',
      bad: py`
        def test_audit(harbour, seen):
            # The back end of the tests knows no such request
            try:
                harbour.patch("U1")
            except Exception:  #! for the reason that the comment gives
                pass

        def test_open(shop):
            try:
                shop.open("quay")  # there is no quay in winter
            except Exception:  #! for the reason that the comment gives
                pass

        def test_close(shop):
            try:
                shop.withdraw(2)
            except Exception:  #! for the reason that the comment gives
                pass  # 冬の間は店が閉まっている

        def test_publish(shop):
            try:
                shop.publish()
            except Exception:  #! hides every error
                # TODO: a valid test
                pass
            try:
                shop.withdraw(1)
            except Exception:
                pass

        def test_twice(shop):
            # The first one may find a shop that is closed
            try:
                shop.withdraw(1)
            except Exception:  #! passes all the same
                pass
            try:
                shop.withdraw(1)
            except Exception:
                pass
      `,
    },
    {
      name: 'what follows is a query, or an assertion of a module',
      bad: py`
        from nose import tools
        from sqlalchemy import testing
        from harbour.models import Ship, berths

        def test_sink(session):
            try:
                session.sink("Ada")
            except Exception:  #! hides every error
                pass
            session.query(Ship).filter(Ship.name.in_(["Ada"]), Ship.berth.is_(None)).delete()
            session.execute(berths.delete().where(berths.c.number.is_not_(None)))

        def test_sail(session):
            try:
                session.sail("Ada")
            except Exception:  #! only what follows is checked
                pass
            testing.eq_(session.count(), 0)

        def test_moor(session):
            try:
                session.moor("Ada")
            except Exception:  #! only what follows is checked
                pass
            tools.eq_(session.count(), 1)
      `,
    },
    {
      name: 'behind the assertions, in a set-up, or told by what is returned',
      bad: py`
        import unittest

        class TestTill(unittest.TestCase):
            def setUp(self):
                try:
                    self.shop.withdraw(1)
                except Exception:  #! of what it is around
                    pass

            def test_till(self):
                self.assertEqual(3, self.shop.till)

        def test_client_error(shop):
            assert shop.publish() == 3
            try:
                shop.withdraw(1)
            except Exception:  #! of what it is around
                pass

        def test_prices(shop, snapshot):
            snapshot.match("prices", shop.prices())
            try:
                shop.withdraw(1)
            except Exception:  #! of what it is around
                pass

        @validate_errors(["shop:Closed"])
        def test_errors(shop):
            try:
                shop.publish()
            except Exception:  #! of what it is around
                pass

        def test_endpoint(shop):
            try:
                return shop.publish() == 3
            except Exception:  #! of what it is around
                return False
      `,
    },
    {
      name: 'the file itself asks for the result; nobody does',
      bad: py`
        import sys

        def test_login(shop):
            for name in ("ada", "grace"):
                try:
                    if shop.login(name) == 200:
                        return True
                except Exception as error:  #! of what it is around
                    print(error)
            print("nobody was let in")
            return False

        def test_logout(shop):
            try:
                shop.logout("ada")
                return True
            except Exception as error:  #! passes all the same
                print(error)
            return False

        if __name__ == "__main__":
            sys.exit(0 if test_login(Shop()) else 1)
      `,
    },
    {
      name: 'a script outside the folders of tests, whose `main` calls it',
      bad: {
        'examples/test_ferries.py': py`
          import asyncio
          from harbour import ferry

          async def test_ferries():
              for name in ("ada", "grace"):
                  try:
                      print(await ferry(name).sail())
                  except Exception as error:  #! of what it is around
                      print(error)

          async def test_tugs():
              try:
                  print(await ferry("tug").sail())
              except Exception as error:  #! passes all the same
                  print(error)

          def main():
              asyncio.run(test_ferries())

          if __name__ == "__main__":
              main()
        `,
        'pyproject.toml': '[tool.pytest.ini_options]\ntestpaths = ["tests"]\n',
      },
    },
    {
      name: 'a task that was cancelled is waited for',
      good: py`
        import asyncio
        import contextlib

        async def test_ferry(harbour):
            ferry = await harbour.start()
            ferry.task.cancel()
            try:
                await ferry.task
            except (asyncio.CancelledError, Exception):
                pass

        async def test_pilot(harbour):
            task = asyncio.create_task(harbour.pilot())
            task.cancel()
            with contextlib.suppress(BaseException):
                await asyncio.wait_for(task, 3)
      `,
    },
    {
      name: 'another task than the one that was cancelled',
      bad: py`
        async def test_tug(harbour):
            ferry, tug = await harbour.start()
            ferry.cancel()
            try:
                await tug
            except Exception:  #! passes all the same
                pass
      `,
    },
    {
      name: 'the end of the block around it is what is tested',
      bad: {
        'tests/test_ledger.py': py`
          from harbour import ledger

          def test_refused_entry():
              with ledger.page():
                  try:
                      ledger.enter("tea", -1)
                  except Exception:  #! only the end of the
                      pass
        `,
        'harbour/ledger.py': py`
          import contextlib

          @contextlib.contextmanager
          def page():
              begin()
              yield
              commit()
        `,
      },
    },
    {
      name: 'a library makes what is compared with; the code under test does',
      bad: {
        'tests/test_frames.py': py`
          import operator
          import pandas
          import pytest
          from harbour.frames import Frame

          @pytest.mark.parametrize("op", [operator.add, operator.mul])
          def test_operators(op):
              ships = pandas.DataFrame({"berth": [1, 2]})
              try:
                  expected = op(ships, 2)
              except Exception:  #! where a library refuses
                  return
              assert op(Frame(ships), 2) == expected

          def test_sorted():
              ships = Frame(pandas.DataFrame({"berth": [1, 2]}))
              try:
                  seen = ships.sorted()
              except Exception:  #! hides every error of the code under test
                  return
              assert seen == [1, 2]
        `,
        'harbour/__init__.py': '',
        'harbour/frames.py': py`
          class Frame:
              def __init__(self, frame):
                  self.frame = frame

              def sorted(self):
                  return sorted(self.frame.berth)
        `,
      },
    },
    {
      name: 'narrow, in a polling loop, or handled',
      good: py`
        import time
        import unittest

        class TestTask(unittest.TestCase):
            def test_polls(self):
                for _ in range(9):
                    try:
                        seen = self.task.status()
                    except Exception:
                        continue
                self.assertEqual("done", seen)

            def test_narrow(self):
                try:
                    self.task.remove()
                except FileNotFoundError:
                    pass
                self.assertEqual([], self.task.files())

            def test_fails(self):
                try:
                    self.task.execute()
                except Exception as error:
                    self.fail(str(error))

            def test_rolls_back(self):
                try:
                    with self.task:
                        raise Exception("leaves the block")
                except Exception:
                    pass
      `,
    },
    {
      name: 'in a folder outside of the tests that nobody is seen to call',
      bad: {
        'backend/tests.old/test_shop.py': py`
          def test_publish(shop):
              try:
                  shop.publish()
              except Exception:  #! (the file is never collected)
                  pass
        `,
        'backend/pytest.ini': '[pytest]\ntestpaths = tests\n',
        Makefile: 'test:\n\tcd backend && pytest -v\n',
      },
    },
    {
      name: 'in one that a call names',
      bad: {
        'backend/tests.old/test_shop.py': py`
          def test_publish(shop):
              try:
                  shop.publish()
              except Exception:  #! hides every error
                  pass
        `,
        'backend/pytest.ini': '[pytest]\ntestpaths = tests\n',
        Makefile: 'test:\n\tcd backend && pytest -v\nold:\n\tcd backend && pytest tests.old\n',
      },
    },
    {
      name: 'in a part of the project that has tests of its own',
      bad: {
        'streams/tests/test_shop.py': py`
          def test_publish(shop):
              try:
                  shop.publish()
              except Exception:  #! hides every error
                  pass
        `,
        'pytest.ini': '[pytest]\nnorecursedirs = streams\n',
      },
    },
    {
      name: 'in samples that a nested pytest collects',
      bad: {
        'tests/samples/test_shop.py': py`
          def test_publish(shop):
              try:
                  shop.publish()
              except Exception:  #! hides every error
                  pass
        `,
        'pytest.ini': '[pytest]\nnorecursedirs = tests/samples\npytester_example_dir = tests/samples\n',
      },
    },
    {
      name: 'deselected',
      bad: {
        'tests/test_shop.py': py`
          def test_publish(shop):
              try:
                  shop.publish()
              except Exception:  #! (the file is never collected)
                  pass
        `,
        'pytest.ini': '[pytest]\naddopts = --deselect tests/test_shop.py\n',
      },
    },
  ],
});

const CLAIMS_NO_ERROR =
  /(?<![a-z])no_?(?:exception|error|raise|fail)|not_raise|(?:without|n_t|(?:does|did|do|wo|should|ca)nt)_(?:exception|error|raise|fail)|does_?n(?:o|_)?t_(?:raise|fail)|NoE(?:xception|rror)/;

/** Tests whose point is that the process survives. */
const SURVIVES = /crash|fuzz|segfault|leak|deadlock|(?:issue|bug|bpo)_?\d/i;

function* judge(around: Statement, at: Place, what: string, left: SimpleStatement | undefined, file: TestFile): Iterable<Finding> {
  const owner = file.ownerOf(around);
  if (owner === undefined || isCleanup(owner) || (owner.role === 'fixture' && owner.generator)) return;
  const isOwn = innermostFunction(around) === owner.node && (owner.role === 'test' || owner.role === 'setup' || owner.role === 'class-setup');
  if (!isOwn) return;
  const claims = CLAIMS_NO_ERROR.test(owner.name);
  const goesOn = assertsOrDelegates([...following(around)]);
  if (!claims && ((goesOn && left === undefined) || SURVIVES.test(owner.name))) {
    yield { at, kind: 'informational', message: `${what} accepts success and any error alike: only what follows is checked` };
    return;
  }
  // A comment says why any outcome will do.
  if ([...remarksOn(around, owner)].length > 0) {
    yield { at, kind: 'informational', message: `${what} hides every error of the code under test, for the reason that the comment gives` };
    return;
  }
  if (!claims && left !== undefined && goesOn && isOfLibraries(around, owner, file)) {
    yield { at, kind: 'informational', message: `${what} ends the test where a library refuses: only what it accepts is compared` };
    return;
  }
  // What the code under test does at the end of the block around it is not hidden.
  if (endsWithin(around, file)) {
    yield { at, kind: 'informational', message: `${what} accepts success and any error alike: only the end of the \`with\` around it is checked` };
    return;
  }
  // What others call may tell them by what it returns, and what a test has asserted before is not hidden.
  const decides =
    owner.role === 'test' &&
    !file.isOfScript(owner) &&
    !tellsByResult(around, owner, file) &&
    (left?.operands.length ?? 0) === 0 &&
    (goesOn || (isLast(around) && !(assertsOrDelegates(owner.node.body) || isWrapped(owner))));
  if (claims || decides) {
    const passes =
      claims && goesOn && left === undefined ? 'only what is asserted below fails the test, the exception does not' : `\`${owner.name}\` passes all the same`;
    yield { at, message: `${what} hides every error of the code under test: ${passes}` };
  } else yield { at, kind: 'informational', message: `${what} hides every error of what it is around` };
}

/** Tried is what a library makes of its own, to be compared with further down: no name of the workspace, and of the test only its rows. */
function isOfLibraries(around: Statement, owner: FunctionSubject, file: TestFile): boolean {
  if (around.type !== 'try' || !around.body.every((it) => it.type === 'assignment')) return false;
  const made = new Set(around.body.flatMap((it) => (it.type === 'assignment' ? it.targets.map((each) => each.text) : [])));
  const later = [...following(around)].some((it) => isAssertion(it) && walk(it).some((each) => each.type === 'name' && made.has(each.id)));
  if (!later) return false;
  let ofLibrary = false;
  for (const it of around.body.flatMap((each) => walk(each))) {
    if (it.type !== 'name' || made.has(it.id)) continue;
    if (owner.parameters.includes(it.id)) {
      if (!owner.node.decorators.some((each) => each.type === 'call' && each.method === 'parametrize' && each.text.includes(it.id))) return false;
      continue;
    }
    const [home] = /^\w+/.exec(it.refersTo ?? '') ?? [];
    if (home === undefined || file.exists(home) === 'yes') return false;
    ofLibrary ||= home !== 'builtins';
  }
  return ofLibrary;
}

/** `task.cancel()`, and the next line waits for the task alone: what it was, was asked before. */
function isCancelled(around: TryStatement | WithStatement): boolean {
  const block = blockAround(around);
  const before = block[block.indexOf(around) - 1];
  const cancelled = before === undefined ? undefined : calledBy(before);
  const [only] = around.body;
  const waited = around.body.length === 1 && only?.type === 'expression' && only.expression.type === 'await' ? only.expression.operand : undefined;
  if (cancelled?.method !== 'cancel' || cancelled.function.type !== 'attribute' || waited === undefined) return false;
  const task = waited.type === 'call' && /^(?:wait_for|shield)$/.test(waited.method) ? waited.arguments[0]?.value : waited;
  return task?.text === cancelled.function.object.text;
}

/** `return True` where it went well, nothing but `return False` behind, and something of the file calls it: whoever does is told. */
function tellsByResult(around: Statement, owner: FunctionSubject, file: TestFile): boolean {
  const behind = returned([...following(around)]);
  return behind.includes('False') && !behind.includes('True') && returned(owner.node.body).includes('True') && file.callsElsewhere(owner.name);
}

function returned(nodes: readonly Statement[]): readonly string[] {
  return running(nodes).flatMap((it) => (it.type === 'return' ? [it.operands[0]?.text ?? 'None'] : []));
}

/** Inside a `with` over something of the workspace that is no double: its end comes behind the handler. */
function endsWithin(around: Statement, file: TestFile): boolean {
  return [...ancestors(around)].some(
    (it) =>
      it.type === 'with' &&
      it.items.some(
        ({ context }) => context.type === 'call' && context.callee !== undefined && !OF_TESTS.test(context.callee) && file.exists(context.callee) === 'yes',
      ),
  );
}

const OF_TESTS = /(?:^|\.)(?:tests?|testing|conftest|fixtures?|test_\w+)\./;

/** Only more of the kind stands behind it: else what fails there tells of it. */
function isLast(around: Statement): boolean {
  return [...following(around)].every((it) => it.type === 'try' || !mayRaise(it));
}

/** A decorator of the workspace may assert what the test has left: `@validate_errors(["shop:Closed"])`. */
function isWrapped({ node }: FunctionSubject): boolean {
  return node.decorators.some((it) => !/^(?:pytest|unittest|mock)\./.test((it.type === 'call' ? it.callee : it.refersTo) ?? ''));
}

/** How the handler ends the test. */
function leaves(handler: Handler): SimpleStatement | undefined {
  for (const it of handler.body) if (it.type === 'return') return it;
  return undefined;
}
