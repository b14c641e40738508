import type { Call, Expression, FunctionDefinition, FunctionSubject, Handler, Node, Statement, TestFile, TryStatement } from '../model.ts';
import { ancestors, walk } from '../model.ts';
import { lastName } from '../python/api.ts';
import {
  asserts,
  assertsOrDelegates,
  calledBy,
  caughtBy,
  following,
  innermostFunction,
  isAfterwards,
  isAssertionCall,
  isBroadHandler,
  isDelegatedCheck,
  isFailure,
  marksFailure,
  mayRaise,
  running,
} from '../python/failures.ts';
import { STANDARD_LIBRARY } from '../python/names.ts';
import { RAISES_CALLEES, RAISES_METHODS } from '../python/raises.ts';
import { remarksOn } from '../python/remarks.ts';
import { isLiteral, isMadeByPython } from '../python/specimens.ts';
import { defineRule, type Edit, type Fix, insertAfter, py } from '../rule.ts';

export const rule = defineRule({
  id: 'passes-when-nothing-raised',
  code: 'ERR011',
  category: 'errors',
  title: 'the only assertion stands in an except block',
  kind: 'fail',
  kinds: ['fail', 'review', 'informational'],
  confidence: 'high',
  cwe: [754],
  peers: { ruff: ['PT017'], sonar: ['S8714'] },
  why: 'When the refusal is lost, nothing is raised, the handler never runs, and the test passes.',
  instead: 'Use `with self.assertRaises(X) as caught:` or `pytest.raises`, and inspect the exception below the block.',
  limits:
    'Silent when the try body, its `else`, or anything after it asserts too, where the handler says only that nothing must be raised (`assertIsNone(error)`), when the body calls a function that raises on every way, or that goes through what it is given as `None`, under a decorator that expects the test to fail, and where the body ends in a misspelt `self.Fail`, whose `AttributeError` is no match for what the handler compares. In a loop or a property, and where the test asserts something before, or a function of its tests that it calls may, or a method of it may assert or raise another error, it is a point to decide, as where the handler takes any of several codes or a module that is not there, where a comment says that it may not be raised or the name that nothing goes wrong, and where any error at all is caught, of which nothing is compared word for word and neither the name nor the docstring speaks. A program that ends with code 0 has done what it should: silent. Where a comment inside says that success is fine too it is a note. Where the body only makes an error that the handler gives to the code under test, nothing is said of calls of Python itself with literals, and what another library raises is a point to decide.',
  links: ['https://docs.astral.sh/ruff/rules/pytest-assert-in-except/'],
  on: 'statement',
  statements: ['try'],
  *check(statement, file) {
    if (statement.type !== 'try' || statement.handlers.length === 0 || !statement.body.some(mayRaise)) return;
    const owner = file.ownerOf(statement);
    if (owner?.role !== 'test' || innermostFunction(statement) !== owner.node) return;
    // Anything else that can fail the test, or leave it, is trusted.
    if (statement.otherwise.length > 0 || asserts(statement.body) || asserts(statement.final) || leavesBody(statement) || isCancelling(statement.body)) return;
    if (assertsOrDelegates([...following(statement)]) || isAfterwards(statement) || isPolled(statement)) return;
    if (endsInNoMethod(statement, owner, file) && statement.handlers.every((it) => !isBroadHandler(it) || running(it.body).some(isComparison))) return;
    if (!statement.handlers.every((it) => it.exception !== undefined && inspects(it))) return;
    const [handler] = statement.handlers;
    if (handler === undefined || setsWhatIsRead(statement) || isExpectedElsewhere(statement, owner)) return;
    if (statement.body.some((it) => isEndless(it) || raisesForSure(it, owner, file)) || owner.node.decorators.some((it) => expectsFailure(it, file))) return;
    const given = statement.handlers.every(givesOn);
    if (given && isMadeByPython(statement.body)) return;
    const alone = isAlone(statement, owner);
    const helper = assertingHelper(statement, file);
    const isFine = saysFine(statement, owner);
    const decided = alone && helper === undefined && !isOneOfSeveral(handler) && !isOptional(statement) && isMeant(statement, owner);
    const others = running(owner.node.body).some((it) => it.type === 'handler' && it !== handler && asserts(it.body));
    const only = others ? 'only handlers look at it' : 'only this handler looks at it';
    yield {
      at: handler.headPlace,
      ...(isFine ? { kind: 'informational' as const } : decided && !(given && isMadeByLibrary(statement, owner, file)) ? {} : { kind: 'review' as const }),
      message: `\`${owner.name}\` passes when \`${handler.exception?.text.split('\n')[0] ?? ''}\` is not raised${isFine ? ', which a comment says is fine' : helper === undefined ? `: ${only}` : `, unless \`${helper}\` notices`}`,
      ...(isFine ? {} : fixOf(statement, handler, owner)),
    };
  },
  examples: [
    {
      name: 'a failure that may come, for another reason',
      good: py`
        import unittest

        class TestServer(unittest.TestCase):
            def test_create(self):
                try:
                    self.run("server create quay")
                except CommandFailed as error:
                    self.assertNotIn("nics are required", error.stderr)

            def test_lock(self):
                try:
                    self.run("server lock quay")
                except CommandFailed as error:
                    assert "could not be obtained" not in str(error)

            def test_wait(self):
                try:
                    self.run("server wait quay")
                except CommandFailed as error:
                    assert not isinstance(error, Timeout)
      `,
    },
    {
      name: 'a misspelt failure ends in another error, which what the handler compares tells',
      good: py`
        import unittest

        class TestServer(unittest.TestCase):
            def test_lock(self):
                try:
                    Server().lock()
                    self.Fail("nothing was raised")
                except Exception as error:
                    self.assertEqual(error.args[0], "locked")
      `,
    },
    {
      name: 'a misspelt failure ends in another error, which the handler takes as well',
      bad: py`
        import unittest

        class TestServer(unittest.TestCase):
            def test_lock_fails(self):
                try:
                    Server().lock()
                    self.Fail("nothing was raised")
                except Exception as error:  #! is not raised
                    self.assertIsInstance(error, Exception)
      `,
    },
    {
      name: 'a handler that can only fail says that nothing must be raised',
      good: py`
        import unittest

        class TestServer(unittest.TestCase):
            def test_starts(self):
                try:
                    Server()
                except Exception as error:
                    self.assertIsNone(error)

            def test_stops(self):
                try:
                    Server().stop()
                except OSError as error:
                    assert not error
      `,
    },
    {
      name: 'a program that ends well, and nothing to complain of',
      good: py`
        import click
        import unittest

        class TestProgram(unittest.TestCase):
            def test_lists(self):
                try:
                    main(["list"])
                except SystemExit as error:
                    self.assertEqual(error.code, 0)

            def test_shows(self):
                try:
                    main(["show"])
                except (SystemExit, click.exceptions.Exit) as error:
                    assert error.exit_code in (0, None)

            def test_stops(self):
                try:
                    main(["stop"])
                except SystemExit as error:
                    assert error.code == 0

            def test_waits(self):
                try:
                    main(["wait"])
                except SystemExit as error:
                    assert not error.code

            def test_clean(self):
                expected = []
                try:
                    Berth("12").clean()
                except ValidationError as error:
                    assert sorted(error.messages) == sorted(expected)
      `,
    },
    {
      name: 'what may be raised or not, by a comment or by all that is known: points to decide',
      bad: py`
        def test_twice(harbour):
            # the first harbour allows a second ship of the name,
            # all others refuse it
            ship = name()
            harbour.moor(ship)
            try:
                harbour.moor(ship)
            except Refused as error:  #! is not raised
                assert error.code == 409

        def test_start_with_tides(harbour):
            # this should not raise anything
            try:
                harbour.add("tides")
            except ValueError as error:  #! is not raised
                assert "tides" in str(error)

        def test_start_with_moon(harbour):
            try:
                harbour.add("moon")
            except Exception as error:  #! is not raised
                assert "moon" in str(error)

        def test_lists_without_errors(harbour):
            try:
                harbour.main(["list"])
            except SystemExit as error:  #! is not raised
                assert error.code % 2 == 0

        def test_plot(harbour):
            try:
                import charts
                harbour.plot(charts)
            except ImportError as error:  #! is not raised
                assert "charts" in str(error)
      `,
    },
    {
      name: 'a comment inside says that success is fine too: notes; that it would be none: not',
      bad: py`
        def test_empty(harbour):
            try:
                harbour.read("")
                # If it succeeds, that's fine for a harbour without ships
            except ReadError as error:  #! which a comment says is fine
                assert str(error)

        def test_long(harbour):
            try:
                harbour.read("ship" * 1000)  # may or may not raise
            except ReadError as error:
                assert str(error)

        def test_short(harbour):
            try:
                harbour.read("s")
            except ReadError as error:
                # If it fails, the message must not be empty
                assert str(error)

        def test_wrong(harbour):
            try:
                # If it succeeds, the berth is taken twice
                harbour.read("mast")
            except ReadError as error:  #! only this handler looks at it
                assert str(error)
      `,
    },
    {
      name: 'Python makes the error that the code under test is given',
      good: py`
        import json

        def test_status_of_broken_text(reporter):
            text = "{mast"
            try:
                json.loads(text)
            except json.JSONDecodeError as error:
                assert reporter.status(error) == 400

        def test_status_of_broken_bytes(reporter):
            try:
                b"\xff".decode("ascii")
            except UnicodeDecodeError as error:
                status = reporter.status(error)
                assert (status, str(error) != "") == (400, True)
      `,
    },
    {
      name: 'another library makes the error that the code under test is given: a point to decide',
      bad: {
        'tests/test_status.py': py`
          import json
          import subprocess
          import yaml
          from harbour.books import Book, read

          def test_status_of_ship(reporter):
              from pydantic import BaseModel

              class Ship(BaseModel):
                  length: int

              try:
                  Ship(length="long")
              except ValueError as error:  #! only this handler looks at it
                  assert reporter.status(error) == 422

          def test_status_of_list(reporter):
              try:
                  yaml.safe_load("[ship")
              except yaml.YAMLError as error:  #! only this handler looks at it
                  assert reporter.status(error) == 400

          def test_status_of_book(reporter):
              class Log(Book):
                  pages: int

              try:
                  Log(pages="many")
              except ValueError as error:  #! only this handler looks at it
                  assert reporter.status(error) == 422

          def test_status_of_program(reporter):
              try:
                  subprocess.run(["harbour", "--moon"], check=True)
              except subprocess.CalledProcessError as error:  #! only this handler looks at it
                  assert reporter.status(error) == 500

          def test_position(reporter):
              try:
                  json.loads(read("log"))
              except json.JSONDecodeError as error:  #! only this handler looks at it
                  assert reporter.status(error) == 400
        `,
        'harbour/__init__.py': '',
        'harbour/books.py': py`
          class Book:
              def __init__(self, pages):
                  self.pages = int(pages)

          def read(name):
              return "{}"
        `,
      },
    },
    {
      name: 'any error is caught, and the test speaks of it or compares all of it',
      bad: py`
        def test_start_fails(harbour):
            try:
                harbour.add("moon")
            except Exception as error:  #! is not raised
                assert "moon" in str(error)

        def test_start_with_moon(harbour):
            """Ensure that an exception names the moon."""
            try:
                harbour.add("moon")
            except Exception as error:  #! is not raised
                assert "moon" in str(error)

        def test_no_moon(harbour):
            try:
                harbour.add("moon")
            except Exception as error:  #! is not raised
                assert error.args[0] == "there is no moon"
      `,
    },
    {
      name: 'what the test gives back may be gone already',
      good: py`
        def test_export(logs):
            task = logs.export()
            assert task.started
            try:
                logs.cancel_export(task)
            except LogsError as error:
                assert error.message == "the export has finished"
      `,
    },
    {
      name: 'a helper that goes through what it is not given',
      good: py`
        import unittest

        class TestServer(unittest.TestCase):
            def create(self, line, expected):
                reply = self.run(line)
                for key, value in expected:
                    self.assertEqual(value, reply[key])

            def test_unknown(self):
                try:
                    self.create("--unknown", None)
                except ParserError as error:
                    self.assertEqual("cannot be parsed", str(error))
      `,
    },
    {
      name: 'a function of the test that raises whatever happens',
      good: py`
        def test_report(reporter):
            def fail():
                raise KeyError("tide")

            try:
                fail()
            except KeyError as error:
                reporter.record(error)
                assert reporter.last is error
      `,
    },
    {
      name: 'a method of the test that raises whatever happens',
      good: py`
        import unittest

        class TestGone(unittest.TestCase):
            def run_aground(self):
                raise Aground("quay")

            def test_place(self):
                try:
                    self.run_aground()
                except Aground as error:
                    self.assertEqual("quay", error.place)
      `,
    },
    {
      name: 'a coroutine of the test that raises, and a module that is not there',
      good: py`
        async def test_context(harbour):
            async def founder():
                raise KeyError("tide")

            try:
                await founder()
            except KeyError as error:
                assert error.__context__ is None

        def test_missing():
            try:
                import nonexistent_module
            except ImportError as error:
                assert report(error).reason == "nonexistent_module"

        def test_report(reporter):
            try:
                int("tide")
            except ValueError as error:
                assert reporter.told(error) == "tide"
      `,
    },
    {
      name: 'a function of the workspace that raises whatever happens, and a loop that only an exception ends',
      good: {
        'tests/test_report.py': py`
          from .harbour import founders

          def test_report(reporter):
              try:
                  founders(1)
              except Exception as error:
                  assert repr(error) in reporter.text

          def test_limit(client):
              try:
                  while True:
                      client.tides()
              except LimitReached as error:
                  assert error.headers["Retry-After"]
        `,
        'tests/harbour.py': 'def founders(ship):\n    raise RuntimeError(ship)\n',
      },
    },
    {
      name: 'a function that raises on every way',
      good: py`
        def test_cause(reporter):
            def founder():
                try:
                    raise KeyError("tide")
                except KeyError as error:
                    raise RuntimeError("aground") from error

            try:
                founder()
            except RuntimeError as error:
                assert reporter.causes(error) == ["tide"]
      `,
    },
    {
      name: 'a function that raises on one way of two',
      bad: py`
        def test_cause(reporter):
            def sail():
                try:
                    raise KeyError("tide")
                except KeyError as error:
                    reporter.record(error)

            try:
                sail()
            except RuntimeError as error:  #! is not raised
                assert reporter.causes(error) == ["tide"]
      `,
    },
    {
      name: 'decorators that expect the test to raise',
      good: {
        'tests/test_shop.py': py`
          import pytest
          import unittest
          from .expecting import fails, must_fail

          @must_fail
          def test_refuses(shop):
              try:
                  shop.buy(-1)
              except ValueError as error:
                  assert "till" in str(error)

          @fails(AssertionError)
          def test_refuses_too(shop):
              try:
                  shop.buy(-2)
              except ValueError as error:
                  assert "till" in str(error)

          class TestShop(unittest.TestCase):
              @unittest.expectedFailure
              def test_refuses(self):
                  try:
                      self.shop.buy(-1)
                  except ValueError as error:
                      self.assertIn("till", str(error))

          @pytest.mark.xfail(strict=True, reason="sold all the same")
          def test_refuses_still(shop):
              try:
                  shop.buy(-3)
              except ValueError as error:
                  assert "till" in str(error)
        `,
        'tests/expecting.py': py`
          import functools
          import pytest

          def must_fail(function):
              @functools.wraps(function)
              def run(*args, **kwargs):
                  try:
                      function(*args, **kwargs)
                  except AssertionError:
                      return
                  raise AssertionError("nothing was raised")
              return run

          def fails(expected):
              def decorate(function):
                  @functools.wraps(function)
                  def run(*args, **kwargs):
                      with pytest.raises(expected):
                          function(*args, **kwargs)
                  return run
              return decorate
        `,
      },
    },
    {
      name: 'a decorator that expects nothing',
      bad: {
        'tests/test_shop.py': py`
          from .repeating import twice

          @twice
          def test_refuses(shop):
              try:
                  shop.buy(-1)
              except ValueError as error:  #! is not raised
                  assert "till" in str(error)
        `,
        'tests/repeating.py': py`
          def twice(function):
              def run(*args):
                  function(*args)
                  function(*args)
              return run
        `,
      },
    },
    {
      name: 'the same call must raise a few lines before',
      good: py`
        import pytest

        def test_message(index):
            with pytest.raises(KeyError):
                index.find("2012")
            try:
                index.find("2012")
            except KeyError as error:
                assert error.args == ("2012",)
      `,
    },
    {
      name: 'the same function must raise in the call form of a few lines before',
      good: py`
        import unittest
        import pytest

        class TestIndex(unittest.TestCase):
            def test_message(self):
                self.assertRaises(KeyError, self.index.find, "2012")
                try:
                    self.index.find("2012")
                except KeyError as error:
                    self.assertIn("2012", str(error))

            def test_message_of_lambda(self):
                self.assertRaises(KeyError, lambda: self.index.find("2012"))
                try:
                    found = self.index.find("2012")
                except KeyError as error:
                    self.assertIn("2012", str(error))

        def test_year(index):
            pytest.raises(KeyError, index.find, "2012")
            try:
                index.find("2013")
            except (KeyError, LookupError) as error:
                assert "2013" in str(error)
      `,
    },
    {
      name: 'another exception, or another function, must be raised before',
      bad: py`
        import unittest

        class TestIndex(unittest.TestCase):
            def test_message(self):
                self.assertRaises(TypeError, self.index.find, None)
                self.assertRaises(KeyError, self.index.remove, "2012")
                try:
                    self.index.find("2012")
                except KeyError as error:  #! is not raised
                    self.assertIn("2012", str(error))
      `,
    },
    {
      name: 'the handler alone asserts',
      bad: py`
        import unittest

        class TestShop(unittest.TestCase):
            def test_refuses(self):
                try:
                    self.shop.buy(-1)
                except ValueError as error:  #! passes when ${'`ValueError`'} is not raised
                    self.assertIn("negative", str(error))
      `,
      fixed: py`
        import unittest

        class TestShop(unittest.TestCase):
            def test_refuses(self):
                try:
                    self.shop.buy(-1)
                except ValueError as error:
                    self.assertIn("negative", str(error))
                else:
                    self.fail("ValueError was not raised")
      `,
    },
    {
      name: 'in a function of pytest',
      bad: py`
        def test_refuses(shop):
            try:
                shop.buy(-1)
            except ValueError as error:  #! is not raised
                assert "negative" in str(error)
      `,
      fixed: py`
        import pytest


        def test_refuses(shop):
            try:
                shop.buy(-1)
            except ValueError as error:
                assert "negative" in str(error)
            else:
                pytest.fail("ValueError was not raised")
      `,
    },
    {
      name: 'any of several codes',
      bad: py`
        def test_reset(key):
            try:
                key.reset()
            except KeyFailed as error:  #! is not raised
                assert error.code in [NOT_ALLOWED, NOT_NOW]
      `,
    },
    {
      name: 'with an else, a fail, or an assertion after it',
      good: py`
        import unittest

        class TestShop(unittest.TestCase):
            def test_refuses(self):
                try:
                    self.shop.buy(-1)
                except ValueError as error:
                    self.assertIn("negative", str(error))
                else:
                    self.fail("not refused")

            def test_refuses_too(self):
                try:
                    self.shop.buy(-1)
                    self.fail("not refused")
                except ValueError as error:
                    self.assertIn("negative", str(error))

            def test_never_raises(self):
                try:
                    self.shop.buy(1)
                except ValueError:
                    self.fail("refused")

            def test_state(self):
                try:
                    self.shop.buy(-1)
                except ValueError as error:
                    self.assertIn("negative", str(error))
                self.assertEqual([], self.shop.sold)

            def test_system(self):
                try:
                    self.shop.make_node()
                except OSError as error:
                    self.assertIn(error.errno, (1, 13))
      `,
    },
    {
      name: 'one round of many, and after another assertion',
      bad: py`
        import hypothesis
        from hypothesis.strategies import binary

        def test_busy(futures):
            for future in futures:
                try:
                    future.result()
                except HostError as error:  #! is not raised
                    assert "busy" in str(error)

        @hypothesis.given(binary())
        def test_any(data):
            try:
                load(data)
            except ValueError as error:  #! only this handler looks at it
                assert "tide" in str(error)

        def test_second(shop):
            assert shop.buy(1) == 1
            try:
                shop.buy(-1)
            except ValueError as error:  #! only this handler looks at it
                assert "negative" in str(error)
      `,
    },
    {
      name: 'a helper that asserts what came back',
      bad: py`
        import unittest

        class TestShop(unittest.TestCase):
            def run_shop(self, line, code):
                self.assertEqual(code, self.shop.run(line))

            def test_refuses(self):
                try:
                    self.run_shop("buy -1", code=2)
                except Refused as error:  #! unless ${'`run_shop`'} notices
                    self.assertIn("-1", str(error))
      `,
    },
    {
      name: 'a helper of the file that asserts, and its failure is caught and compared',
      bad: py`
        def upload(blob, broken):
            answer = blob.upload(broken)
            assert answer == blob.answer

        def test_broken(blob):
            try:
                upload(blob, broken=True)
            except Exception as error:  #! unless ${'`upload`'} notices
                assert isinstance(error, DataCorruption)
      `,
    },
    {
      name: 'a helper of its own class that raises another error when nothing was refused; and one that raises only this one',
      bad: {
        'tests/functional/test_berths.py': py`
          from harbour import errors
          from tests.functional import base

          class TestBerths(base.FunctionalTest):
              def test_no_name(self):
                  try:
                      self.create(None, expected_status="FAILED")
                  except errors.Refused as error:  #! is not raised, unless ${'`create`'} notices
                      self.assertIn("name", str(error))

              def test_no_ship(self):
                  try:
                      self.moor(None)
                  except errors.Refused as error:  #! only this handler looks at it
                      self.assertIn("ship", str(error))
        `,
        'tests/functional/base.py': py`
          import unittest
          from harbour import errors

          class FunctionalTest(unittest.TestCase):
              def create(self, name, expected_status=None):
                  berth = self.client.create(name)
                  if expected_status:
                      self._wait_for(berth, expected_status)
                  return berth

              def _wait_for(self, berth, status):
                  for _ in range(60):
                      if self.client.get(berth).status == status:
                          return
                  raise errors.TimedOut(berth)

              def moor(self, ship):
                  if ship is None:
                      raise errors.Refused("no ship")
                  try:
                      return self.client.moor(ship)
                  except OSError as error:
                      raise errors.Unreachable() from error
        `,
      },
    },
    {
      name: 'a helper of another file of tests that asserts, before and in the body',
      bad: {
        'tests/test_shop.py': py`
          from .helping import Helping, upload

          def test_broken(blob):
              try:
                  upload(blob, broken=True)
              except DataCorruption as error:  #! unless ${'`upload`'} notices
                  assert error.blob is blob

          def test_second(shop):
              Helping.check_sold(shop, 1)
              try:
                  shop.buy(-1)
              except ValueError as error:  #! only this handler looks at it
                  assert "negative" in str(error)
        `,
        'tests/helping.py': py`
          def upload(blob, broken):
              assert blob.upload(broken) == blob.answer

          class Helping:
              @staticmethod
              def check_sold(shop, count):
                  assert shop.sold == count
        `,
      },
    },
    {
      name: 'two of a kind',
      bad: py`
        def test_names(shop):
            try:
                shop.find("quay")
            except LookupError as error:
                assert error.name == "quay"
            try:
                shop.find("pier")
            except LookupError as error:  #! is not raised
                assert error.name == "pier"
      `,
    },
    {
      name: 'two handlers, both assert',
      bad: py`
        import unittest

        class TestShop(unittest.TestCase):
            def test_refuses(self):
                try:
                    self.shop.buy(-1)
                except ValueError as error:  #! is not raised: only handlers look at it
                    self.assertIn("negative", str(error))
                except TypeError as error:
                    self.assertIn("number", str(error))
      `,
    },
  ],
});

/** An `else` that fails: the smallest change that notices that nothing was raised. */
function fixOf(statement: TryStatement, { exception }: Handler, owner: FunctionSubject): { fix?: Fix } {
  if (statement.final.length > 0 || exception === undefined || exception.text.includes('\n')) return {};
  const said = `${exception.text.replaceAll('"', "'")} was not raised`;
  const inCase = owner.class !== undefined && owner.class.ancestors.length > 0 && owner.parameters[0] === 'self';
  const edits: Edit[] = [insertAfter(statement, 'else:', `    ${inCase ? 'self' : 'pytest'}.fail("${said}")`)];
  if (!inCase) edits.push({ do: 'import', module: 'pytest' });
  return { fix: { title: 'Fail when nothing is raised', safety: 'suggest', edits } };
}

/** Does the handler compare what it caught, without ending in a failure whatever it is? */
function inspects(handler: Handler): boolean {
  const { body, name } = handler;
  if (name === undefined) return false;
  const ends = caughtBy(handler).every(isExit);
  for (const it of running(body)) {
    if (it.type === 'raise' || (it.type === 'expression' && isFailure(it)) || (it.type === 'assert' && isFailure(it))) return false;
    if (it.type === 'call' && /^skip/i.test(it.method)) return false;
    if (isRefuted(it, name) || isEmptyExpected(it) || (ends && isSuccess(it))) return false;
  }
  for (const it of running(body)) {
    if ((it.type !== 'assert' && !(it.type === 'call' && isAssertionCall(it))) || isExclusion(it)) continue;
    for (const each of walk(it)) {
      // `errno` tells which of several systems it is: both outcomes are right.
      if (each.type === 'name' && each.id === name && !(each.parent?.type === 'attribute' && /^(?:errno|winerror)$/.test(each.parent.name))) return true;
    }
  }
  return false;
}

/** `assertIsNone(error)`, `assert not error`: it never holds of what was caught, so nothing must be raised. */
function isRefuted(it: Node, name: string): boolean {
  if (it.type === 'call') return /^assert(?:IsNone|False)$/.test(it.method) && it.arguments[0]?.value.text === name;
  return it.type === 'assert' && (it.operands[0]?.text === `not ${name}` || it.operands[0]?.text === `${name} is None`);
}

/** `SystemExit`, `click.exceptions.Exit`, `typer.Exit`. */
function isExit({ refersTo, text }: Expression): boolean {
  return refersTo === 'builtins.SystemExit' || /(?:^|\.)Exit$/.test(refersTo ?? text);
}

/** `assert error.code == 0`, `assert not error.code`: where the program returns instead, it has done the same. */
function isSuccess(it: Node): boolean {
  const denied = it.type === 'call' && it.method === 'assertFalse' ? it.arguments[0]?.value : it.type === 'assert' ? it.operands[0] : undefined;
  if (/^(?:not )?\w+\.(?:exit_)?code$/.test(denied?.text ?? '') && (it.type === 'call' || denied?.type === 'operation')) return true;
  const compared = comparedBy(it);
  if (!compared.some((each) => each.type === 'attribute' && /^(?:exit_)?code$/.test(each.name))) return false;
  return compared.some(({ text }) => text === '0' || text === 'None' || /^[([]0, None[)\]]$/.test(text));
}

/** `assert error.messages == []`, by a name too: nothing is expected. */
function isEmptyExpected(it: Node): boolean {
  const lists = (each: Expression): boolean =>
    (each.value.kind === 'list' && each.value.items.length === 0) ||
    (each.type === 'call' && each.callee === 'builtins.sorted' && each.arguments.some((argument) => lists(argument.value)));
  return comparedBy(it).some(lists);
}

/** `self.Fail(…)` at the end of the body, of a class that has no such method: `self.fail` is meant, and `AttributeError` comes instead. */
function endsInNoMethod({ body }: TryStatement, owner: FunctionSubject, file: TestFile): boolean {
  const last = body.at(-1);
  const call = last === undefined ? undefined : calledBy(last);
  if (call?.function.type !== 'attribute' || call.function.object.text !== 'self' || !/^fail(?:s|ed|ure)?$/i.test(call.method)) return false;
  return owner.class?.unresolved.length === 0 && file.definition(call.callee ?? '') === undefined && !file.mayGive(owner.class, call.method);
}

function isComparison(it: Node): boolean {
  return comparedBy(it).length > 0;
}

/** What an assertion says to be equal. */
function comparedBy(it: Node): readonly Expression[] {
  if (it.type === 'call') return /^assert\w*Equals?$|^assertIn$/.test(it.method) ? it.arguments.slice(0, 2).map((each) => each.value) : [];
  const [only] = it.type === 'assert' ? it.operands : [];
  return only?.type === 'comparison' && /^(?:==|is|in)$/.test(only.operators[0] ?? '') ? only.operands : [];
}

/** Comments that leave open whether anything is raised. */
const OPEN = /\b(?:may|might|either|sometimes|depend\w*)\b|(?<!not )\ballows?\b|(?:\bnot|\bnever|n't) (?:raise|throw)/i;

/** Words for what goes wrong, in the name or the docstring of a test. */
const TROUBLE = /err|fail|invalid|illegal|malformed|rais|except|negative|refus|reject|bad|wrong|not_?exist|non_?exist|den(?:y|ied)/i;

/** `test_primer_no_crash`, `test_does_not_raise`: nothing must go wrong. */
const SMOOTH = /(?:^|_)(?:no|not|never|without)_(?:any_)?(?:crash|err|exception|rais|throw|fail)/i;

/** Is it told by something that the exception must come? */
function isMeant(statement: TryStatement, owner: FunctionSubject): boolean {
  const { body } = owner.node;
  const first = body[0]?.type === 'expression' && body[0].expression.type === 'string' ? body[1] : body[0];
  const remarks = [...remarksOn(statement, owner), ...(first === undefined || first === statement ? [] : remarksOn(first, owner))];
  if (SMOOTH.test(owner.name) || remarks.some((it) => OPEN.test(it))) return false;
  const docstring = first === body[0] ? '' : (body[0]?.text ?? '');
  if (!statement.handlers.some(isBroadHandler) || TROUBLE.test(owner.name) || TROUBLE.test(docstring)) return true;
  return statement.handlers.some((it) => running(it.body).some((each) => isComparison(each) && !isMembership(each)));
}

/** Success is as good: `# If it succeeds, that's fine`, `# may or may not raise`. */
const FINE =
  /\b(?:succe(?:ss|eds?|eding)|pass(?:es|ing)?|works?|no (?:error|exception)s?|not (?:raise|raising|fail))\b[^.]{0,60}\b(?:fine|ok(?:ay)?|acceptable|all right)\b|\b(may|might|can|could) or \1 not\b|\b(?:either|both) (?:outcomes?|ways?|results?|is|are)\b[^.]{0,30}\b(?:fine|ok(?:ay)?|acceptable|valid|all right)\b/i;
const NOT_FINE = /\bnot (?:fine|ok(?:ay)?|acceptable)\b/i;
/** At the handler: what holds where it comes to that. */
const IF_FAILS = /\bif (?:it|this|that|(?:the )?\w+)(?: does)? (?:fails?|raises?|throws?|errors?)\b/i;

/** Does a comment of the body, behind its call, or at the head of the handler leave it open for certain? */
function saysFine(statement: TryStatement, owner: FunctionSubject): boolean {
  const [handler] = statement.handlers;
  const heads = handler === undefined ? '' : handler.text.slice(0, Math.max(0, handler.text.indexOf(handler.body[0]?.text ?? '')));
  return [...remarksOn(statement, owner)].some(
    (it) => statement.text.includes(it) && !NOT_FINE.test(it) && (FINE.test(it) || (heads.includes(it) && IF_FAILS.test(it))),
  );
}

/** `handler.status(error)`: the handler gives what it caught to something that is neither Python nor an assertion. */
function givesOn({ body, name }: Handler): boolean {
  return running(body).some(
    (it) =>
      it.type === 'call' && !isAssertionCall(it) && !isOfPython(it.callee) && it.arguments.some(({ value }) => value.type === 'name' && value.id === name),
  );
}

function isOfPython(callee: string | undefined): boolean {
  const root = callee?.split(/[.(]/, 1)[0];
  return root === 'builtins' || (root !== undefined && STANDARD_LIBRARY.has(root));
}

/** Literals given to a library that the workspace does not hold, or to a class that the test has made of one. */
function isMadeByLibrary({ body }: TryStatement, owner: FunctionSubject, file: TestFile): boolean {
  return body.every((it) => {
    const call = calledBy(it) ?? (it.type === 'assignment' && it.value?.type === 'call' ? it.value : undefined);
    if (call === undefined || !call.arguments.every(({ value }) => isLiteral(value))) return false;
    if (isForeign(call.callee, owner, file)) return true;
    const own = walk(owner.node).find((each) => each.type === 'class' && each.name === call.function.text);
    return (
      own?.type === 'class' && own.bases.length > 0 && own.bases.every(({ value }) => isForeign(value.refersTo, owner, file)) && !own.body.some(isFunction)
    );
  });
}

/** Of a library, imported at the head of the file or in the test, that is no part of the workspace. */
function isForeign(name: string | undefined, owner: FunctionSubject, file: TestFile): boolean {
  const [root] = /^\w+(?=\.)/.exec(name ?? '') ?? [];
  if (root === undefined || STANDARD_LIBRARY.has(root) || file.exists(root) === 'yes' || file.exists(name ?? '') === 'yes') return false;
  return file.imports(root) || walk(owner.node).some((it) => it.type === 'import' && (it.from ?? it.names[0]?.name)?.split('.', 1)[0] === root);
}

function isFunction({ type }: Statement): boolean {
  return type === 'function';
}

/** `"moon" in str(error)`. */
function isMembership(it: Node): boolean {
  return it.type === 'call' ? it.method === 'assertIn' : it.type === 'assert' && it.operands[0]?.type === 'comparison' && it.operands[0].operators[0] === 'in';
}

/** `assertNotIn(text, str(error))`, `assert not isinstance(error, Timeout)`: what it must not be, where it comes at all. */
function isExclusion(it: Node): boolean {
  if (it.type === 'call') return /^assertNot(?:In|Regex|IsInstance|Equals?)$/.test(it.method);
  const [only] = it.type === 'assert' ? it.operands : [];
  if (only?.type === 'operation') return only.operator === 'not' && only.right.type === 'call' && only.right.callee === 'builtins.isinstance';
  return only?.type === 'comparison' && /^(?:not in|!=)$/.test(only.operators[0] ?? '');
}

/** `assert error.code in (400, 404)`: where any of several is right, that none comes may be right too. */
function isOneOfSeveral({ body }: Handler): boolean {
  const [only, ...others] = body;
  const compared = only?.type === 'assert' && others.length === 0 ? only.operands[0] : undefined;
  if (compared?.type !== 'comparison' || compared.operators[0] !== 'in') return false;
  const given = compared.operands[1];
  return (given?.type === 'list' || given?.type === 'tuple' || given?.type === 'set') && given.items.length > 1;
}

/** `import numpy` in the body, and a handler for where it is not installed: both are right. */
function isOptional({ body, handlers }: TryStatement): boolean {
  return (
    body.some((it) => it.type === 'import') &&
    handlers.some((it) => caughtBy(it).some((each) => /^builtins\.(?:Import|ModuleNotFound)Error$/.test(each.refersTo ?? '')))
  );
}

/** No round of a loop, of which some may raise, and nothing before it asserts, or says that it does: the test is about the refusal. */
function isAlone(statement: TryStatement, owner: FunctionSubject): boolean {
  if ([...ancestors(statement)].some((it) => it.type === 'for' || it.type === 'while')) return false;
  // So is one example of a property.
  if (owner.node.decorators.some((it) => (it.type === 'call' ? it.callee : it.refersTo) === 'hypothesis.given')) return false;
  // What another handler asserts says as little.
  const isSpared = (it: Node) => [...ancestors(it)].some((each) => each === statement || each.type === 'handler');
  return !running(owner.node.body).some(
    (it) => (it.type === 'assert' || (it.type === 'call' && (isAssertionCall(it) || isDelegatedCheck(it) || mayExpect(it)))) && !isSpared(it),
  );
}

/**
 * A helper of the test that asserts too, when it comes so far: `self.run_cmd(line, expected_rc=255)`. Caught or not, its failure
 * reaches the assertions. One of the test's own class may raise another error instead, and leave both to a further one.
 */
function assertingHelper({ body, handlers }: TryStatement, file: TestFile): string | undefined {
  for (const it of running(body)) {
    if (it.type !== 'call' || it.callee === undefined) continue;
    const own = it.function.type === 'attribute' && it.function.object.text === 'self';
    const helper = own || it.function.type === 'name' ? file.definition(it.callee) : undefined;
    // What the code under test asserts is no assertion of the test.
    if (helper?.node === undefined || !(own || /test/i.test(helper.path))) continue;
    if (notices(helper.node, own ? handlers : undefined, file, MAX_HELPERS)) return it.method;
  }
  return undefined;
}

const MAX_HELPERS = 3;

/** Does a helper assert, or raise what the handlers do not name, itself or by a further method of the class? What it raises in a handler says that something was raised. */
function notices({ body }: FunctionDefinition, handlers: readonly Handler[] | undefined, file: TestFile, depth: number): boolean {
  return running(body).some((it) => {
    if (it.type === 'assert' || (it.type === 'call' && isAssertionCall(it))) return true;
    if (handlers === undefined) return false;
    if (it.type === 'raise') {
      const [raised] = it.operands;
      const name = raised === undefined ? '' : lastName(raised.type === 'call' ? raised.function : raised);
      const isCaught = handlers.some((each) => caughtBy(each).some((one) => lastName(one) === name));
      return name !== '' && !isCaught && ![...ancestors(it)].some((each) => each.type === 'handler');
    }
    if (depth === 0 || it.type !== 'call' || it.function.type !== 'attribute' || it.function.object.text !== 'self') return false;
    const further = file.definition(it.callee ?? '')?.node;
    return further !== undefined && notices(further, handlers, file, depth - 1);
  });
}

/** In a `while`: the exception is one outcome of many rounds. */
function isPolled(statement: TryStatement): boolean {
  for (const it of ancestors(statement)) if (it.type === 'while') return true;
  return false;
}

function leavesBody(statement: TryStatement): boolean {
  for (const it of running(statement.body)) {
    if (it.type === 'return' || it.type === 'break' || it.type === 'continue') return true;
    if (it.type === 'call' && /^(?:skip\w*|_?check\w*|_?verify\w*|_?expect\w*|_?test\w*|_?do_test\w*|validate\w*)$/i.test(it.method)) return true;
  }
  return false;
}

/** The same statement, or the same function, is expected to raise elsewhere in the test: here only its details are compared. */
function isExpectedElsewhere({ body, handlers }: TryStatement, owner: FunctionSubject): boolean {
  const [only] = body;
  if (only === undefined || body.length > 1) return false;
  const called = callOf(only)?.function.text;
  for (const it of walk(owner.node)) {
    if (it.type === 'with') {
      if (it.items.some((each) => each.context.type === 'call' && /raises/i.test(each.context.method)) && it.body.some((each) => each.text === only.text))
        return true;
    } else if (it.type === 'call' && called !== undefined && mustRaise(it, called, handlers)) return true;
  }
  return false;
}

/** What the test has started may have ended by itself: `logs.cancel_export(task)`. */
function isCancelling(body: readonly Statement[]): boolean {
  return body.every((it) => /^cancel/.test(callOf(it)?.method ?? ''));
}

/** `while True`, which only an exception ends: what leaves the body otherwise was looked for before. */
function isEndless(statement: Statement): boolean {
  return statement.type === 'while' && (statement.test.text === 'True' || statement.test.text === '1');
}

const RUNS = /^(?:exec|eval|compile|__import__)$/;

/** A call of a function that raises whatever happens, of the test or of the workspace. */
function raisesForSure(statement: Statement, owner: FunctionSubject, file: TestFile): boolean {
  if (statement.type === 'import') return statement.names.some((it) => isMissing(it.name)) || isMissing(statement.from ?? '');
  const call = callOf(statement);
  const called = call?.function;
  if (call === undefined) return false;
  // `int("tide")`: Python itself is not what is tested.
  if (call.callee?.startsWith('builtins.') && call.arguments.length > 0 && call.arguments.every((it) => it.value.type === 'string'))
    return !RUNS.test(call.method);
  // A method of another object is what is tested.
  if (called?.type !== 'name' && !(called?.type === 'attribute' && called.object.text === 'self')) return false;
  if (called.type === 'name' && walk(owner.node).some((it) => it.type === 'function' && it.name === called.id && onlyRaises(it))) return true;
  const found = file.definition(call.callee ?? '')?.node;
  return found !== undefined && !found.async && found.decorators.length === 0 && (onlyRaises(found) || runsThroughNone(found, call));
}

/** `self.create(None, line)`, where `create` goes through its first parameter: if nothing was raised before, `TypeError` is. */
function runsThroughNone({ body, parameters }: FunctionDefinition, call: Call): boolean {
  const own = call.function.type === 'attribute' ? 1 : 0;
  const none = new Set(call.arguments.flatMap((it, index) => (it.value.text === 'None' ? (it.keyword ?? parameters[index + own]?.name ?? []) : [])));
  return body.some((it) => it.type === 'for' && none.has(it.iterable.text));
}

/** A module that says by its name that there is none. */
function isMissing(name: string): boolean {
  return /non_?existe?[na]t|not_exist|no_such|missing|never_exist/i.test(name);
}

function onlyRaises({ body }: FunctionDefinition): boolean {
  return endsInRaise(body) && !running(body).some((it) => it.type === 'return' || it.type === 'yield');
}

/** On every way: of a `try`, the body and each handler. */
function endsInRaise(body: readonly Statement[]): boolean {
  const last = body.at(-1);
  if (last?.type === 'if') return endsInRaise(last.body) && endsInRaise(last.otherwise);
  if (last?.type !== 'try') return last?.type === 'raise';
  return endsInRaise(last.final) || (endsInRaise(last.body) && last.handlers.every((it) => endsInRaise(it.body)));
}

/** A mark that the test fails, or a decorator of the workspace that fails when the function it is given raises nothing. */
function expectsFailure(decorator: Expression, file: TestFile): boolean {
  const name = decorator.type === 'call' ? decorator.callee : decorator.refersTo;
  if (name === undefined) return false;
  if (marksFailure(decorator, true)) return true;
  const around = file.definition(name)?.node;
  if (around === undefined) return false;
  const parts = walk(around);
  const given = new Set(parts.flatMap((it) => (it.type === 'function' && it.parameters[0] !== undefined ? [it.parameters[0].name] : [])));
  const runsGiven = (it: Node) => it.type === 'call' && it.function.type === 'name' && given.has(it.function.id);
  return parts.some((it) => {
    if (it.type === 'with') return it.items.some(({ context }) => context.type === 'call' && mayExpect(context)) && running(it.body).some(runsGiven);
    if (it.type === 'call') return mayExpect(it) && it.arguments.some(({ value }) => value.type === 'name' && given.has(value.id));
    if (it.type !== 'try' || !running(it.body).some(runsGiven)) return false;
    return [...it.body, ...it.otherwise, ...following(it)].some(isFailure);
  });
}

function mayExpect(call: Call): boolean {
  return (RAISES_METHODS.get(call.method) ?? RAISES_CALLEES.get(call.callee ?? ''))?.what === 'raises';
}

/** The call that a statement consists of, waited for or not, or whose result it keeps. */
function callOf(statement: Statement): Call | undefined {
  const whole = statement.type === 'expression' ? statement.expression : statement.type === 'assignment' ? statement.value : undefined;
  const it = whole?.type === 'await' || whole?.type === 'yield' ? whole.operand : whole;
  return it?.type === 'call' ? it : undefined;
}

/** `self.assertRaises(ValueError, f, 1)` and `pytest.raises(ValueError, lambda: f(1))`, for `f` and an exception that is handled. */
function mustRaise(it: Call, called: string, handlers: readonly Handler[]): boolean {
  const form = RAISES_METHODS.get(it.method) ?? RAISES_CALLEES.get(it.callee ?? '');
  if (form?.what !== 'raises' || !form.calls) return false;
  const expected = it.arguments[0]?.value.text;
  const given = it.arguments[(form.pattern ?? 0) + 1]?.value;
  const runs = given?.type === 'lambda' ? (given.body.type === 'call' ? given.body.function : undefined) : given;
  return runs?.text === called && handlers.some((handler) => caughtBy(handler).some((each) => each.text === expected));
}

/** A flag or result of the body that later statements read. */
function setsWhatIsRead(statement: TryStatement): boolean {
  const set = new Set<string>();
  for (const it of running([statement])) if (it.type === 'assignment') for (const each of it.targets) set.add(each.text);
  for (const it of running([...following(statement)])) if ((it.type === 'name' || it.type === 'attribute') && set.has(it.text)) return true;
  return false;
}
