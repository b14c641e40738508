import type { Argument, Call, Expression, FunctionDefinition, FunctionSubject, Handler, Node, Raises, Statement, TestFile } from '../model.ts';
import { ancestors, argument, argumentText, isConstant, walk } from '../model.ts';
import {
  calledBy,
  caughtBy,
  expectsRefusal,
  following,
  innermostFunction,
  isAssertion,
  isBroadClass,
  isBroadHandler,
  isTidying,
  mayRaise,
} from '../python/failures.ts';
import { isInspected } from '../python/inspection.ts';
import { isMockAssertion } from '../python/mock-assertions.ts';
import { valuesOf } from '../python/parametrize.ts';
import { watchesNothing } from '../python/raises.ts';
import { remarksOn } from '../python/remarks.ts';
import { remembered } from '../remembered.ts';
import { defineRule, py } from '../rule.ts';

export const rule = defineRule({
  id: 'expected-exception-too-broad',
  code: 'ERR001',
  category: 'errors',
  title: 'any exception at all is accepted as the expected one',
  kind: 'review',
  kinds: ['review', 'informational'],
  confidence: 'high',
  cwe: [396],
  peers: { ruff: ['B017'], bugbear: ['B017'], hacking: ['H202'], sonar: ['S5958'] },
  why: 'A typing error, a changed signature or a missing module passes such a test as well as the refusal that it means to prove.',
  instead: 'Name the class that the code promises, or compare the message with `match=` or `assertRaisesRegex`.',
  limits:
    'What a helper does with the captured exception is not followed; any use of it after the block counts as a check. Where the next line asserts something else than another answer of what was called, or what that line asks of an object that was there before, it is a note; lines that only write down what is expected, or remove something else, are passed over. Nothing is said of a block that holds only `pass`, which fails always, nor of one below a column of the table of the test that no row lets run; an assignment to a frozen dataclass of the workspace alone is a note. Nothing is said where the next statement tries the same call once more and asserts something of what it catches, or a later one tries the same for one class. Written by hand it is seen where the handler only returns and a failure follows the `try`. The class of a stand-in is named where it is the only one that the test makes it raise up to the block, in a function only where the block names that; whether the block reaches it is not followed.',
  links: ['https://docs.astral.sh/ruff/rules/assert-raises-exception/'],
  once: 'test',
  on: ['raises', 'handler'],
  *check(raises, file) {
    const broad = raises.type === 'handler' ? expectedByHand(raises, file) : expected(raises);
    if (broad === undefined) return;
    const name = broad.text;
    const owner = raises.type === 'handler' ? file.ownerOf(raises) : raises.owner;
    if (owner !== undefined && neverRuns(broad, owner)) return;
    const literal = owner === undefined ? undefined : raisedLiterally(owner.node, broad.refersTo ?? '', file);
    if (literal !== undefined) {
      yield {
        at: broad.place,
        kind: 'informational',
        message: `\`${name}\` is expected, as the test's own stand-in raises it; any other error passes the block too`,
        trail: [{ at: literal.place, note: 'raised here' }],
      };
      return;
    }
    const tried = raises.type === 'raises' ? raises.body : raises.parent?.type === 'try' ? raises.parent.body : [];
    if (isOfFrozen(tried, file)) {
      yield {
        at: broad.place,
        kind: 'informational',
        message: `\`${name}\` is expected of an assignment to a frozen dataclass: nothing else of the block can fail`,
      };
      return;
    }
    if (raises.type === 'handler') {
      yield { at: broad.place, message: `any error passes: \`${name}\` is caught, and nothing is checked of what was raised` };
      return;
    }
    if (isTriedAgain(raises)) return;
    const told = toldBelow(raises);
    if (told !== undefined) {
      yield {
        at: broad.place,
        kind: 'informational',
        message: `\`${name}\` is expected, any error: only what is compared below tells which one it was`,
        trail: [{ at: told.place, note: 'compared here' }],
      };
      return;
    }
    if (raises.owner !== undefined && raises.statement !== undefined) {
      const remark = [...remarksOn(raises.statement, raises.owner)].find((it) => ANY.test(it));
      if (remark !== undefined || isGivenByCaller(raises.owner)) {
        yield {
          at: broad.place,
          kind: 'informational',
          message:
            remark === undefined
              ? `\`${name}\` is expected, any error: which one it is, the caller says`
              : `\`${name}\` is expected, any error: a comment says why none is named`,
        };
        return;
      }
    }
    const raised = raisedByDouble(raises);
    yield {
      at: broad.place,
      message: `any error passes: \`${name}\` is expected, and nothing else is checked of what was raised`,
      ...(raised === undefined
        ? {}
        : {
            trail: [{ at: raised.place, note: `the stand-in raises \`${raised.text}\`` }],
            fix: {
              title: `Expect \`${classOf(raised)}\`, which the stand-in raises`,
              safety: 'suggest',
              edits: [{ do: 'replace', at: broad.place, with: classOf(raised) }],
            },
          }),
    };
  },
  examples: [
    {
      name: 'with a block',
      bad: py`
        import unittest

        class TestShop(unittest.TestCase):
            def test_refuses(self):
                with self.assertRaises(Exception):
                    #                  ^^^^^^^^^ any error passes
                    buy(-1)
      `,
    },
    {
      name: 'in a tuple, by keyword, in call form',
      bad: py`
        import pytest

        def test_refuses():
            with pytest.raises((ValueError, Exception)):
                #                           ^^^^^^^^^ any error passes
                buy(-1)
            with pytest.raises(expected_exception=BaseException):
                #                                 ^^^^^^^^^^^^^ any error passes
                buy(-1)

        def test_refuses_too():
            pytest.raises(Exception, buy, -1)  #! any error passes
      `,
    },
    {
      name: 'written by hand',
      bad: py`
        import unittest

        class TestShop(unittest.TestCase):
            def test_refuses(self):
                try:
                    buy(-1)
                except Exception:
                    #  ^^^^^^^^^ any error passes
                    return
                self.fail("not refused")
      `,
    },
    {
      name: 'several times in one test',
      bad: py`
        import unittest

        class TestShop(unittest.TestCase):
            def test_amounts(self):
                self.assertRaises(Exception, self.shop.amount, "100")  #! any error passes
                self.assertRaises(Exception, self.shop.amount, "100%%")
      `,
    },
    {
      name: 'a function of the file raises the same class',
      bad: py`
        import pytest

        def founder(text):
            raise Exception(text)

        def test_passes_on(harbour):
            with pytest.raises(Exception):  #! stand-in raises it
                harbour.every([lambda: founder("aground")])
      `,
    },
    {
      name: 'a method of the file raises the same class',
      bad: py`
        import unittest

        class Broken:
            def pay(self, amount):
                raise Exception("the till is empty")

        class TestShop(unittest.TestCase):
            def setUp(self):
                self.broken = Broken()

            def _refuse(self, amount):
                raise Exception(amount)

            def test_passes_on(self):
                with self.assertRaises(Exception):  #! stand-in raises it
                    buy(Broken(), -1)

            def test_passes_on_what_is_kept(self):
                with self.assertRaises(Exception):  #! stand-in raises it
                    buy(self.broken, -1)

            def test_passes_on_what_is_called(self):
                with self.assertRaises(Exception):  #! stand-in raises it
                    buy(self._refuse, -1)
      `,
    },
    {
      name: 'a helper of the test raises the same class for a reason of its own',
      bad: py`
        import unittest

        class TestShop(unittest.TestCase):
            def _shop(self):
                if not self.quay:
                    raise Exception("no quay")
                return self.quay.shop

            def test_refuses(self):
                with self.assertRaises(Exception):  #! any error passes
                    self._shop().buy(-1)
      `,
    },
    {
      name: 'the test makes one and gives it away',
      bad: py`
        import pytest

        async def test_keeps_failures(loader):
            loader.prime(1, Exception("gone"))
            with pytest.raises(Exception):  #! stand-in raises it
                await loader.load(1)
      `,
    },
    {
      name: 'a comment, or the caller, says which',
      bad: py`
        import pytest
        from unittest import mock

        def test_twice(loop, quay):
            loop.add(quay)
            with pytest.raises(Exception):  #! a comment says
                # The exact error is unspecified: some loops raise OSError
                loop.add(quay)

        def test_reads(quay):
            with pytest.raises(Exception):  #! a comment says
                # Exception is overly broad, but which one it is has no meaning as long
                # as the text itself is asked for its copy
                quay.read("a")

        def test_closes(quay):
            with pytest.raises(Exception):  # Not important which exception  #! a comment says
                quay.read("a")

        def check_passes_on(error):
            till = mock.Mock(side_effect=error)
            with pytest.raises(Exception):  #! the caller says
                buy(till)

        def test_passes_on():
            check_passes_on(ValueError)
      `,
    },
    {
      name: 'what is compared is what the program has said',
      bad: py`
        import os
        import pytest
        from unittest import mock

        def test_login(client):
            with pytest.raises(Exception):  #! only what is compared below
                client.run("login nobody")
            assert "no such user" in client.out

        def test_reports(client, events):
            with pytest.raises(Exception):  #! only what is compared below
                client.get("/broken")
            assert len(events) == 1

        def test_counts(worker, loader, metrics):
            with pytest.raises(Exception):  #! only what is compared below
                worker.decode(b"no text")
            seen = metrics.snapshot()
            assert seen["errors"] == 1
            with pytest.raises(Exception):  #! any error passes
                loader.decode(b"no text")
            other = make(7)
            assert other.number == 7

        def test_expected(ships):
            with pytest.raises(Exception):  #! only what is compared below
                ships.moor("12")
            expected = [mock.call("list"), mock.call("moor 12")]
            ships.cli.run.assert_has_calls(expected)

        def test_logged(builder, caplog, path):
            with pytest.raises(Exception):  #! only what is compared below
                builder.build(path)
            os.remove("plan.txt")
            assert "FileNotFoundError" in caplog.text

        def test_removed(builder, path):
            with pytest.raises(Exception):  #! any error passes
                builder.build(path)
            os.remove("plan.txt")
            assert not os.path.exists("plan.txt")

        def test_unchanged(session, store):
            stats = store.statistics()
            assert stats.files == 2
            with pytest.raises(Exception):  #! any error passes
                session.save()
            stats = store.statistics()
            assert stats.files == 2

        def test_goes_on(parse):
            with pytest.raises(Exception):  #! any error passes
                parse("")
            assert parse("7") == 7
      `,
    },
    {
      name: 'the stand-in raises the same class',
      bad: py`
        import unittest
        from unittest import mock

        class TestShop(unittest.TestCase):
            def test_passes_on(self):
                till = mock.Mock(side_effect=Exception("empty"))
                self.assertRaises(Exception, buy, till)  #! stand-in raises it
      `,
    },
    {
      name: 'the stand-in raises another class',
      bad: py`
        from unittest import mock
        import pytest

        def test_passes_on():
            till = mock.Mock(side_effect=ConnectionError("gone"))
            with pytest.raises(Exception):  #! any error passes
                buy(till)
      `,
      fixed: py`
        from unittest import mock
        import pytest

        def test_passes_on():
            till = mock.Mock(side_effect=ConnectionError("gone"))
            with pytest.raises(ConnectionError):
                buy(till)
      `,
    },
    {
      name: 'the function that raises is not what the block names',
      bad: py`
        from unittest import mock
        import pytest

        def test_passes_on(worker):
            def refuse(number):
                raise KeyError(number)

            worker.handler = refuse
            till = mock.Mock(side_effect=ConnectionError("gone"))
            with pytest.raises(Exception):  #! any error passes
                buy(till)
            till.pay.side_effect = TimeoutError("late")
            assert worker.goes_on
      `,
      fixed: py`
        from unittest import mock
        import pytest

        def test_passes_on(worker):
            def refuse(number):
                raise KeyError(number)

            worker.handler = refuse
            till = mock.Mock(side_effect=ConnectionError("gone"))
            with pytest.raises(ConnectionError):
                buy(till)
            till.pay.side_effect = TimeoutError("late")
            assert worker.goes_on
      `,
    },
    {
      name: 'the very class that was caught before',
      good: py`
        import pytest

        def test_same_refusal(shop, item):
            try:
                price = shop.price(item)
            except Exception as error:
                with pytest.raises(type(error)):
                    shop.buy(item)
                known = error.__class__
                with pytest.raises(known):
                    shop.buy(item)
            else:
                assert shop.buy(item) == price

        def test_same_as_int(shop, amount):
            try:
                int(amount)
            except Exception as error:
                known = type(error)
            with pytest.raises(known):
                shop.count(amount)
      `,
    },
    {
      name: 'the next lines try it once more, and compare what is caught',
      good: py`
        import unittest

        class TestShop(unittest.TestCase):
            def test_refuses(self):
                self.assertRaises(Exception, buy, -1, what="tea")
                try:
                    buy(-1, what="tea")
                except Exception as error:
                    self.assertEqual(("negative",), error.args)

            def test_refuses_a_block(self):
                with self.assertRaises(Exception):
                    buy(-1)
                try:
                    buy(-1)
                except Exception as error:
                    self.assertTrue(error.args == ("negative",))
      `,
    },
    {
      name: 'a later line tries it until one class is raised',
      good: py`
        import pytest

        async def test_learns_of_it(harbour):
            report = harbour.ask()
            with pytest.raises(Exception):
                await report
            while True:
                try:
                    await report
                except ZeroDivisionError:
                    break
                except Exception:
                    harbour.wait()
      `,
    },
    {
      name: 'what was written, taken into two names',
      bad: py`
        import pytest

        def test_tells(capsys):
            with pytest.raises(Exception):  #! only what is compared below
                refuse_all()
            out, err = capsys.readouterr()
            assert "negative" in out + err
      `,
    },
    {
      name: 'the next lines try something else',
      bad: py`
        import unittest

        class TestShop(unittest.TestCase):
            def test_refuses(self):
                self.assertRaises(Exception, buy, -1)  #! any error passes
                try:
                    buy(-2)
                except Exception as error:
                    self.assertEqual(("negative",), error.args)
      `,
    },
    {
      name: 'a block that tries nothing, and fails always',
      good: py`
        import pytest

        def test_tide(harbour):
            with pytest.raises(Exception):  # clear what is left
                pass
            with pytest.raises(Exception):
                ...
      `,
    },
    {
      name: 'a frozen dataclass of the workspace alone refuses an assignment: a note; what else may fail is not',
      bad: {
        'tests/test_ship.py': py`
          import pytest
          from harbour.ships import Berth, Ship, draught, flagship

          def test_frozen():
              ship = Ship(name="Ada")
              with pytest.raises(Exception):  #! nothing else of the block can fail
                  ship.name = "Grace"

          def test_made_elsewhere():
              ship = flagship("Ada")
              with pytest.raises(Exception):  #! nothing else of the block can fail
                  ship.name = "Grace"

          def test_frozen_by_hand():
              ship = Ship(name="Ada")
              try:
                  ship.name = "Grace"
              except Exception:  #! nothing else of the block can fail
                  return
              raise AssertionError("not frozen")

          def test_open():
              berth = Berth(number=1)
              with pytest.raises(Exception):  #! any error passes
                  berth.number = -1

          def test_value():
              ship = Ship(name="Ada")
              with pytest.raises(Exception):  #! any error passes
                  ship.name = draught(ship)
        `,
        'harbour/__init__.py': '',
        'harbour/ships.py': py`
          from dataclasses import dataclass

          @dataclass(frozen=True)
          class Ship:
              name: str

          @dataclass
          class Berth:
              number: int

          def draught(ship):
              return len(ship.name)

          FLEET = {"Ada": Ship("Ada")}

          def flagship(name) -> Ship:
              return FLEET[name]
        `,
      },
    },
    {
      name: 'below a condition that no row of the table meets',
      good: py`
        import pytest

        @pytest.mark.parametrize("\n  berth,\n  throws,\n", [("Ada", False), pytest.param("Grace", False, id="second")])
        def test_count(berth, throws, shop):
            if throws:
                with pytest.raises(Exception):
                    shop.count(berth)
            else:
                assert shop.count(berth) == 1
      `,
    },
    {
      name: 'below a condition that one row of the table meets',
      bad: py`
        import pytest

        @pytest.mark.parametrize("berth, throws", [("Ada", False), pytest.param("", True, id="empty")])
        def test_count(berth, throws, shop):
            if throws:
                with pytest.raises(Exception):  #! any error passes
                    shop.count(berth)
            else:
                assert shop.count(berth) == 1
      `,
    },
    {
      name: 'a class that is raised to see whose child it is',
      good: py`
        import pytest
        from harbour import Aground

        def test_aground():
            with pytest.raises(Exception):
                raise Aground
      `,
    },
    {
      name: 'nothing is watched, so nothing is expected',
      good: py`
        import unittest

        class TestShop(unittest.TestCase):
            def test_refuses(self):
                try:
                    self.shop.buy(-1)
                except ValueError:
                    self.assertRaises(Exception)
      `,
      alsoFinds: ['ERR006'],
    },
    {
      name: 'the message or the type is checked',
      good: py`
        import unittest
        import pytest

        class TestShop(unittest.TestCase):
            def test_refuses(self):
                with self.assertRaisesRegex(Exception, "negative"):
                    buy(-1)
                with self.assertRaises(Exception) as caught:
                    buy(-2)
                self.assertIn("negative", str(caught.exception))

            def test_type(self):
                error = self.assertRaises(Exception, buy, -1)
                self.assertIs(type(error), ValueError)

        def test_match():
            with pytest.raises(Exception, match="negative"):
                buy(-1)
      `,
    },
  ],
});

function expected(raises: Raises): Expression | undefined {
  if (raises.what !== 'raises' || raises.match !== undefined || watchesNothing(raises)) return undefined;
  const broad = raises.exceptions.find(isBroadClass);
  if (broad === undefined || isInspected(raises)) return undefined;
  // Nothing is tried: the block fails always, whatever is expected of it.
  if (raises.body.length > 0 && raises.body.every(doesNothing)) return undefined;
  // That one class is another's child is all that is said.
  return raises.body.length > 0 && raises.body.every((it) => it.type === 'raise') ? undefined : broad;
}

/** Below `if throws:`, where every row of the test's table gives `False`. */
function neverRuns(at: Node, { node }: FunctionSubject): boolean {
  let inner = at;
  for (const it of ancestors(at)) {
    if (it.type === 'if' && it.test.type === 'name' && it.test !== inner) {
      const rows = valuesOf(it.test.id, node.decorators);
      const taken = it.body.includes(inner as Statement);
      if (rows.length > 0 && rows.every((value) => isConstant(value, !taken))) return true;
    }
    inner = it;
  }
  return false;
}

/** `pass`, `...`, a text. */
function doesNothing(it: Statement): boolean {
  return it.type === 'pass' || (it.type === 'expression' && (it.expression.type === 'constant' || it.expression.type === 'string'));
}

/** `ship.name = "Ada"` alone, of what a frozen dataclass of the workspace has made: it is refused whatever the name, and without `frozen` nothing is. */
function isOfFrozen(body: readonly Statement[], file: TestFile): boolean {
  const [only] = body;
  if (body.length !== 1 || only?.type !== 'assignment' || only.value === undefined || walk(only.value).some((it) => it.type === 'call')) return false;
  const [target, ...others] = only.targets;
  if (target?.type !== 'attribute' || target.object.type !== 'name' || others.length > 0) return false;
  const made = /^(.+)\(\)$/.exec(target.object.refersTo ?? '')?.[1];
  const maker = made === undefined ? undefined : file.definition(made);
  // What a function says that it gives back: `def flagship() -> Ship`.
  const found = maker?.kind === 'function' ? file.definition(maker.node?.result?.refersTo ?? '') : maker;
  return found?.kind === 'class' && found.decorators.some((it) => it.type === 'call' && it.callee === 'dataclasses.dataclass' && isFrozen(it));
}

function isFrozen(decorator: Call): boolean {
  const given = argument(decorator, 'frozen');
  return given !== undefined && isConstant(given.value, true);
}

/** `except Exception: return`, of a `try` that is followed by a failure. */
function expectedByHand(handler: Handler, file: TestFile): Expression | undefined {
  const around = handler.parent;
  if (around?.type !== 'try' || !expectsRefusal(around, handler) || file.ownerOf(handler)?.role !== 'test') return undefined;
  return caughtBy(handler).find(isBroadClass);
}

/** Where the function, or one of its file that it names, makes a stand-in raise exactly this class: `side_effect=Exception`, `raise Exception`. */
function raisedLiterally(node: FunctionDefinition, name: string, file: TestFile): Node | undefined {
  for (const it of raisedBy(node)) if (it.refersTo === name || it.refersTo === `${name}()`) return it;
  for (const it of walk(node)) {
    // One that is made here is given to something that raises it: `future.set_exception(Exception("gone"))`.
    if (it.type === 'call' && it.callee === name) return it;
    for (const given of standIns(it, file)) for (const each of raisedBy(given)) if (each.refersTo === name || each.refersTo === `${name}()`) return it;
  }
  return undefined;
}

/** The functions of the file that a name or attribute stands for: itself, or the methods of its class. */
function standIns(it: Node, file: TestFile): readonly FunctionDefinition[] {
  if ((it.type !== 'name' && it.type !== 'attribute') || it.refersTo === undefined) return [];
  const found = file.definition(it.refersTo);
  if (found === undefined || found.path !== file.path) return [];
  // A method that the test calls may be a helper of it; one that it hands on is not.
  if (found.node !== undefined) return it.type === 'attribute' && it.parent?.type === 'call' && it.parent.function === it ? [] : [found.node];
  if (found.kind !== 'class' || found.qualified === file.class?.qualified) return [];
  return file.membersOf(found.qualified).flatMap((method) => {
    const each = file.definition(`${found.qualified}().${method}`);
    return each?.node === undefined || each.path !== file.path ? [] : [each.node];
  });
}

/** A comment that says why no class is named. */
const ANY =
  /\b(?:exact|broad(?:er|ly)?|important|irrelevant|platform|unspecified|depend\w*|differ\w*|var(?:y|ies|ious)|whatever|whichever|whether|either|(?:any|some|different|several|other) (?:kinds? of )?(?:error|exception)s?)\b/i;

/** What the stand-in raises is a parameter of the function. */
function isGivenByCaller(owner: FunctionSubject): boolean {
  for (const it of raisedBy(owner.node)) if (it.type === 'name' && owner.parameters.includes(it.id)) return true;
  return false;
}

/**
 * The assertion right below, or of what the lines between ask of an object that was there before: it compares what the failure has
 * left behind, and does not ask the same object once more, for what it does otherwise.
 */
function toldBelow({ statement, body, call, form, owner }: Raises): Statement | undefined {
  const [only] = body;
  const tried = form === 'call' ? call.arguments[1]?.value : only === undefined ? undefined : calledBy(only)?.function;
  const asked = tried === undefined ? undefined : rootOf(tried);
  const made: string[] = [];
  const tidied = new Set<string>();
  for (const next of statement === undefined ? [] : following(statement)) {
    // What a mock of the same object has been asked so far is what the failure has left.
    if (walk(next).some((it) => it.type === 'call' && rootOf(it.function) === asked && !isMockAssertion(it.method))) return undefined;
    const [target] = next.type === 'assignment' ? next.targets : [];
    const names = target?.type === 'name' ? [target.id] : target?.type === 'tuple' ? target.items.flatMap((it) => (it.type === 'name' ? [it.id] : [])) : [];
    if (next.type === 'assignment' && names.length > 0 && next.value !== undefined && isThereBefore(rootOf(next.value), statement, owner)) {
      made.push(...names);
      continue;
    }
    // What is expected, and what the block has left behind: `os.remove(path)`.
    if (next.type === 'assignment' && next.operator === undefined && names.length > 0 && !mayRaise(next)) continue;
    if (isTidying([next])) {
      for (const it of walk(next)) if (it.type === 'name' || it.type === 'string') tidied.add(it.text);
      continue;
    }
    const isAsserted = isAssertion(next) && !/raises/i.test(calledBy(next)?.method ?? '');
    if (!isAsserted || walk(next).some((it) => tidied.has(it.text))) return undefined;
    if (made.length === 0) return next;
    // What was so before as well tells nothing of the error.
    const isNew = owner === undefined || !walk(owner.node).some((it) => it !== next && it.type === next.type && it.text === next.text);
    return isNew && walk(next).some((it) => it.type === 'name' && made.includes(it.id)) ? next : undefined;
  }
  return undefined;
}

/** A parameter of the test, what it has, or what one of its lines has made up to there. */
function isThereBefore(root: string, statement: Statement | undefined, owner: FunctionSubject | undefined): boolean {
  if (owner === undefined) return false;
  if (root.startsWith('self.') || owner.parameters.includes(root)) return true;
  const nodes = walk(owner.node);
  const until = statement === undefined ? -1 : nodes.indexOf(statement);
  return nodes.slice(0, until).some((it) => it.type === 'assignment' && it.targets.some((each) => each.text === root));
}

/** The next statement tries the same call once more, and asserts something of what it catches; or any later one tries it for one class alone. */
function isTriedAgain(raises: Raises): boolean {
  const { statement, body, call, form } = raises;
  if (isTriedForOneClass(raises)) return true;
  const [next] = statement === undefined ? [] : following(statement);
  if (next?.type !== 'try' || next.body.length !== 1) return false;
  const [again] = next.body;
  const second = again === undefined ? undefined : calledBy(again);
  const [only] = body;
  const first = form === 'call' || body.length !== 1 || only === undefined ? undefined : calledBy(only);
  const [, tried, ...given] = call.arguments;
  const isSame =
    form === 'call'
      ? tried?.value.text === second?.function.text && same(given, second?.arguments)
      : first?.function.text === second?.function.text && same(first?.arguments, second?.arguments);
  return (
    second !== undefined &&
    isSame &&
    next.handlers.some(({ name, body: handled }) =>
      handled.some((it) => isAssertion(it) && name !== undefined && walk(it).some((each) => each.type === 'name' && each.id === name)),
    )
  );
}

/** `await future` in the block, and below it `try: await future`, `except ZeroDivisionError`. */
function isTriedForOneClass({ statement, body, owner }: Raises): boolean {
  const [only] = body;
  const asked = only === undefined ? undefined : (calledBy(only)?.function ?? (only.type === 'expression' ? only.expression : undefined));
  if (owner === undefined || statement === undefined || body.length !== 1 || asked === undefined || !/\bexcept\b/.test(owner.node.text)) return false;
  const root = rootOf(asked.type === 'await' ? (asked.operand ?? asked) : asked);
  for (const next of following(statement)) {
    if (next.type === 'assignment' && next.targets.some((it) => rootOf(it) === root)) return false;
    for (const it of walk(next))
      if (it.type === 'try' && it.body.some((each) => each.text === only?.text) && it.handlers.some((each) => !isBroadHandler(each))) return true;
  }
  return false;
}

function same(some: readonly Argument[] | undefined, others: readonly Argument[] | undefined): boolean {
  return some?.length === others?.length && some?.every((it, at) => argumentText(it) === (others?.[at] === undefined ? '' : argumentText(others[at]))) === true;
}

/** `client` of `client.session.get`; what a test has is told by all of its name. */
function rootOf({ text }: Expression): string {
  return /^(?:self|cls)\./.test(text) ? text : (text.split(/[.([]/)[0] ?? text);
}

/** The one class that a stand-in raises, told before the block: of a function, where the block names it. */
function raisedByDouble({ statement, owner }: Raises): Expression | undefined {
  if (owner === undefined || statement === undefined) return undefined;
  const raised = raisedBy(owner.node);
  if (raised.length === 0) return undefined;
  const nodes = walk(owner.node);
  const inBlock = walk(statement);
  const told = new Set(nodes.slice(0, nodes.indexOf(statement) + inBlock.length + 1));
  const found = raised.filter((it) => {
    if (!/^[\w.]*(?:Error|Exception)$/.test(classOf(it)) || !told.has(it)) return false;
    if (it.parent?.type !== 'raise' || inBlock.includes(it)) return true;
    const around = innermostFunction(it);
    return around?.type === 'function' && inBlock.some((each) => each.type === 'name' && each.id === around.name);
  });
  const [first] = found;
  return first !== undefined && found.every((it) => classOf(it) === classOf(first)) ? first : undefined;
}

function classOf(it: Expression): string {
  return it.type === 'call' ? it.function.text : it.text;
}

/** What a function raises, or has a stand-in raise. */
const raisedBy = remembered((node: FunctionDefinition): readonly Expression[] => [...raisedIn(node)]);

function* raisedIn(node: FunctionDefinition) {
  for (const it of walk(node)) {
    if (it.type === 'call') {
      const effect = it.arguments.find((each) => each.keyword === 'side_effect');
      if (effect !== undefined) yield* choices(effect.value);
    } else if (it.type === 'assignment' && it.value !== undefined && it.targets.some((each) => each.type === 'attribute' && each.name === 'side_effect'))
      yield* choices(it.value);
    else if (it.type === 'raise' && it.operands[0] !== undefined) yield it.operands[0];
  }
}

function choices(it: Expression): readonly Expression[] {
  if (it.type === 'operation' && it.operator === '*' && it.left !== undefined) return choices(it.left);
  return it.type === 'list' || it.type === 'tuple' ? it.items : [it];
}
