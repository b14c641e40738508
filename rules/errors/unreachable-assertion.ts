import type { Call, Expression, Raises, Statement, TestFile } from '../model.ts';
import { ancestors, walk } from '../model.ts';
import { calledBy, isAssertion, isBroadClass, isFailure, marksFailure, mayRaise } from '../python/failures.ts';
import { isInspected, short, unpatched } from '../python/inspection.ts';
import { isMockAssertion } from '../python/mock-assertions.ts';
import { defineRule, type Fix, py } from '../rule.ts';

export const rule = defineRule({
  id: 'unreachable-assertion',
  code: 'ERR004',
  category: 'errors',
  title: 'an assertion inside a raises block never runs',
  kind: 'fail',
  kinds: ['fail', 'review', 'informational'],
  confidence: 'high',
  cwe: [561],
  peers: { sonar: ['S5915'] },
  why: 'The expected exception leaves the block before the assertion is reached: a wrong status code or message goes unnoticed.',
  instead: 'Move the assertion below the block.',
  limits:
    'An assertion that itself calls code under test, asks whether an object is true, or looks into what the block has just made, is shown for review only: it may be what raises; where the line before only prepares, or the class of the object that is asked says in the workspace how it is found true, it is a note. Blocks that expect `AssertionError` are left alone, and in a test that is skipped whatever there is, or expected to fail, it is a note, as where a comment beside the `with` or behind the assertion says that it is dead. Which of several statements raises is not followed, and the message says so; where an assertion uses a name that they bind, there is no fix, and one that looks at something else than what was caught is moved by hand only, since it may never have held.',
  links: ['https://rules.sonarsource.com/python/RSPEC-5915/'],
  on: 'raises',
  *check(raises, file) {
    if (raises.what !== 'raises' || raises.form !== 'with') return;
    if (raises.exceptions.some((it) => it.refersTo === 'builtins.AssertionError' || it.text.endsWith('failureException'))) return;
    if (mayExpectAssertion(raises)) return;
    const body = unpatched(raises.body);
    let from = body.length;
    // What only names something between two of them is as dead.
    const made = new Set(body.flatMap((it) => (it.type === 'assignment' && mayRaise(it) ? namesBound([it]) : [])));
    const mayLeave = (it: Statement) => mayRaise(it) || setsElsewhere(it) || asks(it, made);
    while (from > 0 && isCheck(body.at(-1)) && isDead(body[from - 1], mayLeave)) from -= 1;
    const unreachable = body.slice(from).filter(isCheck);
    // What leaves under a condition is seldom what is meant.
    const risky = body.slice(0, from).filter((it) => it.type !== 'if' && mayLeave(it));
    if (!risky.some(mayRaise)) return;
    const [head] = risky;
    // A block that begins with a call alone begins with what is meant; where it assigns, it prepares.
    const begins = head !== undefined && head === body[0] && calledBy(innermost(head)) !== undefined;
    const before = begins ? head : risky.at(-1);
    const [first] = unreachable;
    if (first === undefined || before === undefined) return;
    const raising = innermost(before);
    const named = raises.captured !== undefined && unreachable.some((it) => mentions(it, raises.captured ?? ''));
    const mayItself = unreachable.some((it) => callsCode(it, file)) || asksAlone(unreachable) || looksInto(risky, unreachable);
    // That nothing raises may be just what is expected to fail.
    const failing = [...(raises.owner?.node.decorators ?? []), ...(raises.owner?.class?.decorators ?? [])].some((it) => marksFailure(it));
    // Whether an `if` raises is not certain, nor what a handler leaves of it, nor whether it is the end of another context.
    const certain =
      !failing && (named || (!body.some((it) => it.type === 'if' || (it.type === 'try' && it.handlers.length > 0)) && !mayItself && !endsInside(raises)));
    const isNote = failing || file.skipped(raises.call) || isKnown(raises, unreachable) || asksTruth(unreachable, file);
    const many = unreachable.length === 1 ? 'this assertion never runs' : `these ${unreachable.length} assertions never run`;
    if (!certain || raises.exceptions.some(isBroadClass)) {
      // What a line prepares and the assertion calls: most likely it is the call that raises, and only its comparison is dead.
      const prepares = preparesFor(raising, made, file) && !certain && unreachable.length === 1 && mayItself;
      if (prepares && isInspected(raises)) return; // which of them it was, what was raised tells
      yield {
        at: first.place,
        kind: prepares || isNote ? 'informational' : 'review',
        confidence: 'medium',
        message: `${many} once \`${short(before.text, 40)}\` raises; which of them is meant to raise?`,
        trail: [{ at: raises.place, note: 'the block that expects it' }],
      };
      return;
    }
    const alone = risky.length === 1;
    // With what it looks at: the names must not be left behind.
    const moved = body.slice(body.indexOf(before) + 1);
    const isUnsafe = moved.some((it) => (isCheck(it) ? callsCode(it, file) && !mentions(it, raises.captured ?? '') : mayLeave(it) && !readsOutput(it)));
    const fix =
      isUnsafe || moved.some((it) => failsOn(it, raises.captured ?? '')) ? undefined : fixFor(raises, moved, risky.slice(0, risky.indexOf(before) + 1));
    yield {
      at: first.place,
      ...(isNote ? { kind: 'informational' as const } : {}),
      message: unreachable.some((it) => asksBlock(it, raises.captured ?? ''))
        ? `${many}, and \`${raises.captured}\` is not the error itself${exceptionOf(raises)}`
        : alone || begins
          ? `${many}: \`${short(before.text, 40)}\`${alone ? '' : ', or what follows it,'} raises and leaves the block before`
          : `${many}: one of the ${risky.length} statements before raises and leaves the block`,
      trail: [{ at: raises.place, note: 'the block that expects it' }, ...(alone || begins ? [{ at: before.place, note: 'leaves the block here' }] : [])],
      ...(fix === undefined ? {} : { fix }),
    };
  },
  examples: [
    {
      name: 'the status code of a refusal',
      bad: py`
        import unittest

        class TestServer(unittest.TestCase):
            def test_forbidden(self):
                with self.assertRaises(ApiError) as cm:
                    self.api.delete("1")
                    self.assertEqual(403, cm.exception.status)  #! this assertion never runs
                self.api.close()
      `,
      fixed: py`
        import unittest

        class TestServer(unittest.TestCase):
            def test_forbidden(self):
                with self.assertRaises(ApiError) as cm:
                    self.api.delete("1")
                self.assertEqual(403, cm.exception.status)
                self.api.close()
      `,
    },
    {
      name: 'a test that is skipped',
      bad: py`
        import pytest

        @pytest.mark.skip(reason="the api is rebuilt")
        def test_forbidden(api, audit):
            with pytest.raises(Forbidden) as caught:
                api.delete("1")
                assert caught.value.status == 403  #! this assertion never runs: ${'`api.delete("1")`'} raises

        @pytest.mark.skip(reason="the api is rebuilt")
        def test_versions():
            with pytest.raises(TypeError):
                left = Version("1")
                assert compare(left, 1) == 0  #! this assertion never runs once
      `,
    },
    {
      name: 'a test that is expected to fail: that nothing is raised may be why',
      bad: py`
        import pytest

        @pytest.mark.xfail(strict=True, reason="#334")
        def test_chained():
            with pytest.raises(IsADirectoryError):
                found = open_files("zip://*.txt::file://tides.zip")
                assert len(found) == 2  #! once ${'`found = open_files'}
      `,
    },
    {
      name: 'a test that fails in some places only',
      bad: py`
        import pytest
        import sys

        @pytest.mark.xfail(sys.platform == "win32", reason="#335")
        def test_chained():
            with pytest.raises(IsADirectoryError):
                found = open_files("zip://*.txt::file://tides.zip")
                assert len(found) == 2  #! never runs
      `,
    },
    {
      name: 'an object whose class says when it is true',
      bad: {
        'tests/test_order.py': py`
          import pytest
          from tests.playbook import Playbook

          @pytest.fixture
          def playbook():
              return Playbook()

          def test_order(playbook):
              with pytest.raises(TypeError, match="expected str"):
                  playbook >> Event(42)
                  playbook << Command("close")
                  assert playbook  #! once ${'`playbook << Command("close")`'} raises
        `,
        'tests/playbook.py': py`
          class Playbook:
              def __bool__(self):
                  return self.run()
        `,
      },
    },
    {
      name: 'several statements may be what raises',
      bad: py`
        import os
        import shutil
        import pytest
        from pathlib import Path

        def test_format(target, path):
            with pytest.raises(Exit):
                done = format_file(target)
                Path(target).unlink()
                os.rmdir(path)
                assert done is None  #! one of the 3 statements before raises

        def test_format_folder(path):
            with pytest.raises(Exit):
                done = format_file(path)
                shutil.rmtree(path)
                assert done is None  #! one of the 2 statements before raises

        def test_create():
            with pytest.raises(Unsupported) as caught:
                domain = Domain()
                domain.create("quay")
                assert caught.value.code == 3  #! one of the 2 statements before raises

        def test_wrong_length(series, native):
            with pytest.raises(ValueError, match="length"):
                native[[1, 2]] = [3]
                series[[1, 2]] = Row([3])
                assert series == native  #! one of the 2 statements before raises
      `,
    },
    {
      name: 'a property may raise, be it asked for its own sake or kept',
      bad: py`
        import unittest

        class TestAdapter(unittest.TestCase):
            def test_no_region(self):
                with self.assertRaises(FailedToConnect):
                    connection = self.adapter.acquire("dummy")
                    connection.handle
                    self.connect.assert_called_once_with("dummy")  #! one of the 2 statements before raises

            def test_no_host(self):
                with self.assertRaises(FailedToConnect) as caught:
                    connection = self.adapter.acquire("dummy")
                    handle = connection.handle
                    self.assertEqual(caught.exception.code, 3)  #! one of the 2 statements before raises
      `,
      fixed: py`
        import unittest

        class TestAdapter(unittest.TestCase):
            def test_no_region(self):
                with self.assertRaises(FailedToConnect):
                    connection = self.adapter.acquire("dummy")
                    connection.handle
                self.connect.assert_called_once_with("dummy")

            def test_no_host(self):
                with self.assertRaises(FailedToConnect) as caught:
                    connection = self.adapter.acquire("dummy")
                    handle = connection.handle
                self.assertEqual(caught.exception.code, 3)
      `,
    },
    {
      name: 'a comment says that it is dead',
      bad: py`
        import pytest

        def test_forbidden(api):
            with pytest.raises(Forbidden) as caught:  # noqa: PT012  # the assertion is dead code today
                api.delete("1")
                assert caught.value.status == 403  #! this assertion never runs

        def test_forbidden_now(api):
            with pytest.raises(Forbidden) as caught:
                api.delete("1")
                assert caught.value.status == 403  # not reached  #! this assertion never runs

        def test_forbidden_too(api):
            with pytest.raises(Forbidden) as caught:  # noqa: PT012
                api.delete("1")
                assert caught.value.status == 403  #! this assertion never runs
      `,
    },
    {
      name: 'a table of what is expected, an assertion that fails among it',
      good: py`
        import pytest

        @pytest.mark.parametrize("encoding, expected", [("latin-1", AssertionError), ("utf-8", UnicodeDecodeError)])
        def test_encoding(path, encoding, expected):
            with pytest.raises(expected):
                text = read(path, encoding)
                assert text == "tide"
      `,
    },
    {
      name: 'several of them',
      bad: py`
        import pytest

        def test_forbidden(api, audit):
            with pytest.raises(Forbidden) as caught:
                api.delete("1")
                assert caught.value.status == 403  #! these 2 assertions never run
                audit.assert_called_once_with("1")
      `,
      fixed: py`
        import pytest

        def test_forbidden(api, audit):
            with pytest.raises(Forbidden) as caught:
                api.delete("1")
            assert caught.value.status == 403
            audit.assert_called_once_with("1")
      `,
    },
    {
      name: 'the last line of a block inside',
      bad: py`
        import unittest

        class TestServer(unittest.TestCase):
            def test_lists(self):
                with self.assertRaises(Exit) as result:
                    with arguments(token="x"):
                        self.module.main()
                    self.assertEqual(1, self.asked.call_count)  #! these 2 assertions never run: ${'`with arguments(token="x"): self.module.'}
                    reply = result.exception.args[0]
                    self.assertEqual(0, len(reply["servers"]))
      `,
      fixed: py`
        import unittest

        class TestServer(unittest.TestCase):
            def test_lists(self):
                with self.assertRaises(Exit) as result:
                    with arguments(token="x"):
                        self.module.main()
                self.assertEqual(1, self.asked.call_count)
                reply = result.exception.args[0]
                self.assertEqual(0, len(reply["servers"]))
      `,
    },
    {
      name: 'an assertion that may be what raises',
      bad: py`
        import pytest

        def test_order():
            with pytest.raises(TypeError):
                left = Version("1")
                assert compare(left, 1)  #! which of them is meant to raise?; 1 more of its kind: line 11

        def test_path():
            with pytest.raises(InvalidSchema):
                schema = load("7")
                assert schema.path
      `,
    },
    {
      name: 'what is made may refuse to be looked into, or to be gone through',
      bad: py`
        import unittest
        import pytest

        def test_total():
            with pytest.raises(Unweighed):
                ship = Ship()
                assert ship.draught == 3  #! which of them is meant to raise?; 3 more of its kind

        class TestTides(unittest.TestCase):
            def test_no_ebb(self):
                with self.assertRaises(KeyError):
                    tides = load()
                    self.assertEqual(tides["ebb"], 1)

        def test_late(client):
            with pytest.raises(Failed):
                run = client.start()
                client.wait(run)
                assert run.outputs["tide"] == 1  #! which of them is meant to raise

        def test_stream(client):
            with pytest.raises(ConnectionError):
                found = client.stream()
                assert list(found) == []

        def test_sum():
            with pytest.raises(TypeError):
                left = Weight(1)
                right = Length(1)
                assert left + right == 2

        def test_handled(api):
            with pytest.raises(Refused):
                try:
                    api.delete("1")
                except Refused:
                    api.close()
                assert api.closed is True  #! which of them is meant to raise
      `,
    },
    {
      name: 'what the block has made is given an attribute: a note, unless its class has a say in it',
      bad: py`
        from dataclasses import dataclass

        import pytest

        @dataclass(frozen=True)
        class Berth:
            name: str

        class Ship:
            @property
            def length(self):
                return self._length

            @length.setter
            def length(self, value):
                self._length = int(value)

        def test_wrong_key(settings):
            with pytest.raises(ValueError):
                login = Login(**settings)
                login.password = "wrong"
                assert login.resolve() is not None  #! once ${'`login.password = "wrong"`'} raises

        def test_length():
            with pytest.raises(ValueError):
                ship = Ship()
                ship.length = "long"
                assert weigh(ship) == 3  #! which of them is meant to raise

        def test_frozen():
            with pytest.raises(AttributeError):
                berth = Berth("12")
                berth.name = "13"
                assert weigh(berth) == 3  #! which of them is meant to raise
      `,
    },
    {
      name: 'what may leave the block, and may not',
      bad: py`
        import unittest

        class TestServer(unittest.TestCase):
            def test_close(self):
                with self.assertRaises((ClientError, unittest.SkipTest)):
                    reply = self.fetch("/")
                    if reply.body == b"old":
                        self.skipTest("old protocol")
                    self.assertEqual(reply.code, 599)  #! once ${'`reply = self.fetch("/")`'} raises; which of them is meant to raise
      `,
    },
    {
      name: 'a helper with the name of an assertion may be it as well',
      bad: py`
        import pytest
        from tests import helpers

        def test_unknown_cargo(tmp_path):
            with pytest.raises(TypeError):
                crate = {"cargo": load(3)}
                helpers.assert_roundtrip(crate, tmp_path)  #! which of them is meant to raise
      `,
    },
    {
      name: 'a helper of the test may be it as well, and the end of what is entered behind the expectation',
      bad: py`
        import unittest
        import pytest

        class TestSync(unittest.TestCase):
            def assert_actions(self, source, target):
                assert list(sync(source, target)) == []

            def test_illegal(self):
                with self.assertRaises(ValueError):
                    source = folder("a")
                    target = folder("a")
                    self.assert_actions(source, target)  #! which of them is meant to raise

        def test_unique(ship):
            with pytest.raises(IntegrityError), transaction.atomic():
                ship.save()
                assert ship.key == 3  #! which of them is meant to raise
      `,
    },
    {
      name: 'the first call of the block is the one that raises',
      bad: py`
        import pytest

        def test_refuses(capsys):
            with pytest.raises(SystemExit):
                main()
                out, _ = capsys.readouterr()
                assert "refused" in out  #! this assertion never runs once
      `,
    },
    {
      name: 'of what holds the error, where the error is meant: below the block it would still be wrong',
      bad: py`
        import pytest
        import unittest
        from testtools import ExpectedException

        def test_cookie():
            with pytest.raises(KeyError) as e:
                Cookie("domain")
                assert e.message == "reserved"  #! never runs, and ${'`e` is not the error itself, `e.value` is'}

        def test_cookies(cookies):
            with pytest.raises(ExceptionGroup) as e:
                Cookie("domain")
                assert e.group_contains(KeyError)  #! raises and leaves the block
            with pytest.raises(KeyError) as e:
                Cookie("domain")
                assert all(e == "name" for e in cookies)  #! raises and leaves the block

        class TestPair(unittest.TestCase):
            def test_two(self):
                with ExpectedException(CommandError) as e:
                    self.cmd.take_action("1")
                    self.assertEqual("too many", str(e))  #! ${'`e` is not the error itself'}
      `,
    },
    {
      name: 'what the assertion looks at is read inside the block too',
      bad: py`
        import pytest

        def test_refuses(capsys):
            with pytest.raises(SystemExit):
                main()
                out, _ = capsys.readouterr()
                assert out == "refused"  #! or what follows it, raises
      `,
      fixed: py`
        import pytest

        def test_refuses(capsys):
            with pytest.raises(SystemExit):
                main()
            out, _ = capsys.readouterr()
            assert out == "refused"
      `,
    },
    {
      name: 'below the block, or meant to fail itself',
      good: py`
        import pytest
        import unittest

        class TestServer(unittest.TestCase):
            def test_forbidden(self):
                with self.assertRaises(ApiError) as cm:
                    self.api.delete("1")
                self.assertEqual(403, cm.exception.status)

            def test_own_assertion(self):
                with self.assertRaises(AssertionError):
                    self.api.delete("1")
                    self.api_mock.assert_not_called()

        def test_only_statement(version):
            with pytest.raises(TypeError):
                assert version < 1

        def test_unknown_berth():
            with pytest.raises(KeyError) as caught:
                harbour = Harbour("north")
                assert not harbour.berth("12")
            assert "12" in str(caught.value)
      `,
    },
  ],
});

/** The class comes from a table of the test, in which `AssertionError` stands. */
function mayExpectAssertion({ exceptions, owner }: Raises): boolean {
  if (owner === undefined || !exceptions.some((it) => owner.parameters.includes(it.text))) return false;
  return owner.node.decorators.some((it) => /\bAssertionError\b/.test(it.text));
}

const DEAD = /\b(?:dead|unreachable|(?:never|not) (?:runs?|reached))\b/i;

/** Does a comment in the head of the block, or behind one of the assertions, say that what stands in it is dead? */
function isKnown({ statement, body }: Raises, unreachable: readonly Statement[]): boolean {
  if (unreachable.some((it) => DEAD.test(it.remark))) return true;
  const [first] = body;
  if (statement?.type !== 'with' || first === undefined) return false;
  const head = statement.text.slice(0, statement.text.indexOf(first.text));
  return head.includes('#') && DEAD.test(head.slice(head.indexOf('#')));
}

const FRAMEWORKS = /^(?:unittest|testtools|oslotest|nose|twisted\.trial|django\.test|numpy\.testing|pandas\._?testing|pytest)\b/;

/** A method of the test case or of a mock, a function of a library of assertions, or one whose name says what it compares; none that the workspace defines. */
function isFrameworkAssertion({ callee, method, function: called }: Call, file: TestFile): boolean {
  if (isMockAssertion(method) || FRAMEWORKS.test(callee ?? '')) return true;
  if (callee !== undefined && file.definition(callee) !== undefined) return false;
  if (called.type === 'attribute' && /^(?:self|cls)$/.test(called.object.text)) return true;
  return /(?:eq|equal|close|true|false|in|is|none|less|greater|same)$/i.test(method);
}

/** `series[key] = item`, `server.port = -1`: what is set may refuse it, unless it is a mock that is told what to answer. */
function setsElsewhere(it: Statement): boolean {
  if (it.type !== 'assignment') return false;
  return it.targets.some((each) => each.type === 'subscript' || (each.type === 'attribute' && !/^(?:return_value|side_effect)$/.test(each.name)));
}

/** `with raises(Refused), transaction(): …`: the end of what is entered behind it is inside the block too. */
function endsInside({ statement, call }: Raises): boolean {
  if (statement?.type !== 'with') return false;
  const at = statement.items.findIndex((it) => it.context === call);
  return at >= 0 && statement.items.slice(at + 1).some(({ context }) => context.type !== 'call' || context.callee?.startsWith('unittest.mock.patch') !== true);
}

/** It names something, or gives what the block has made an attribute, for which its class has no method of its own that may refuse it. */
function preparesFor(it: Statement, made: ReadonlySet<string>, file: TestFile): boolean {
  const [target] = it.type === 'assignment' ? it.targets : [];
  if (target?.type !== 'attribute') return target?.type === 'name';
  const frozen = file.definition(target.object.refersTo?.replace(/\(\)$/, '') ?? '')?.decorators.some((each) => each.text.includes('frozen')) === true;
  return made.has(target.object.text) && !frozen && file.definition(target.refersTo ?? '')?.kind !== 'function';
}

function isCheck(it: Statement | undefined): boolean {
  // `self.fail(...)` as the last statement says "did not raise": it is meant not to be reached.
  return it !== undefined && isAssertion(it) && !isFailure(it) && !/^assertRaises|^assertWarns|^assertLogs/.test(calledBy(it)?.method ?? '');
}

function isDead(it: Statement | undefined, mayLeave: (it: Statement) => boolean): boolean {
  return isCheck(it) || (it?.type === 'assignment' && !mayLeave(it));
}

/**
 * `connection.handle`, `tides["ebb"]`, `left < right`: written for what it does, which is to raise; and what looks into something that the
 * block has made, which may be a property that does.
 */
function asks(it: Statement, made: ReadonlySet<string>): boolean {
  if (it.type === 'expression') return /^(?:attribute|subscript|operation|comparison)$/.test(it.expression.type);
  if (it.type !== 'assignment' || it.value === undefined) return false;
  return walk(it.value).some((each) => (each.type === 'attribute' || each.type === 'subscript') && made.has(each.object.text));
}

/** `out, _ = capsys.readouterr()` */
function readsOutput(it: Statement): boolean {
  return it.type === 'assignment' && it.value?.type === 'call' && it.value.method === 'readouterr' && it.value.arguments.length === 0;
}

/** What the statements give a value to, in whatever is inside them. */
function namesBound(statements: readonly Statement[]): readonly string[] {
  const targets = statements.flatMap(walk).flatMap((it) => {
    if (it.type === 'assignment') return it.targets;
    if (it.type === 'with') return it.items.flatMap(({ target }) => target ?? []);
    return it.type === 'for' || it.type === 'walrus' ? [it.target] : [];
  });
  return targets.flatMap(walk).flatMap((it) => (it.type === 'name' ? [it.id] : []));
}

/** What a block comes to: its last statement, of a `with` in a `with` too. */
function innermost(it: Statement): Statement {
  const last = it.type === 'with' ? it.body.at(-1) : undefined;
  return last === undefined || !mayRaise(last) ? it : innermost(last);
}

function mentions(it: Statement, name: string): boolean {
  for (const each of walk(it)) if (each.type === 'name' && each.id === name) return true;
  return false;
}

const READING = new Set(['len', 'str', 'repr', 'isinstance', 'type', 'int', 'dict', 'list', 'set', 'sorted', 'tuple'].map((it) => `builtins.${it}`));

/** Does the assertion call more than itself and plain readers? */
function callsCode(it: Statement, file: TestFile): boolean {
  const own = calledBy(it);
  // `assert playbook` asks an object, which may be what raises.
  if (it.type === 'assert' && it.operands[0]?.type === 'name') return true;
  // A helper that is only named like an assertion does work of its own.
  if (own !== undefined && !isFrameworkAssertion(own, file)) return true;
  for (const each of walk(it)) {
    if (each.type === 'comparison' && own === undefined && each.operators.some((operator) => operator !== 'is' && operator !== 'is not' && operator !== '=='))
      return true;
    if (each.type !== 'call' || each === own) continue;
    if (each.callee === undefined || !(READING.has(each.callee) || each.callee.startsWith('unittest.mock.'))) return true;
  }
  return false;
}

/** `assert schema.path` and nothing else: its property may be what is meant to raise. */
function asksAlone([only, ...others]: readonly Statement[]): boolean {
  return others.length === 0 && only?.type === 'assert' && only.operands[0]?.type === 'attribute';
}

/** `assert playbook` and nothing else, where the class of the object says how it is found true: that may be what runs it. */
function asksTruth([only, ...others]: readonly Statement[], file: TestFile): boolean {
  const asked = others.length === 0 && only?.type === 'assert' && only.operands[0]?.type === 'name' ? only.operands[0].refersTo : undefined;
  return asked !== undefined && ['__bool__', '__len__'].some((it) => file.definition(`${asked}.${it}`) !== undefined);
}

/** `schema = Schema("7")` and then `schema.path`, `tides = load()` and then `tides["ebb"]` or `list(tides)`: what is made may refuse to be looked into. */
function looksInto(risky: readonly Statement[], unreachable: readonly Statement[]): boolean {
  const made = new Map<string | undefined, Expression | undefined>(
    risky.flatMap((it) => (it.type === 'assignment' && it.targets[0]?.type === 'name' ? [[it.targets[0].text, it.value] as const] : [])),
  );
  return unreachable.flatMap(walk).some((it) => {
    if (it.type === 'attribute') {
      const value = made.get(it.object.text);
      return value?.type === 'call' && /^_*[A-Z]/.test(value.method);
    }
    if (it.type === 'subscript') return made.has(/^\w+/.exec(it.object.text)?.[0]);
    if (it.type === 'operation') return !/^(?:and|or|not)$/.test(it.operator) && made.has(it.left?.text);
    // `len` and `str` ask little; the others go through the whole.
    return it.type === 'call' && /^builtins\.(?:int|dict|list|set|sorted|tuple)$/.test(it.callee ?? '') && made.has(it.arguments[0]?.value.text);
  });
}

/** What the objects of `assertRaises` and `pytest.raises` have. */
const OF_CAUGHT = /^(?:exception|expected|value|type|tb|typename|traceback|match|exconly|getrepr|errisinstance|group_contains)$/;

/** `"refused" in caught`, `caught.message`, `"refused" in caught.value`: of the wrong object, so that it fails as soon as it runs, and only who reads it knows what is meant. */
function failsOn(it: Statement, captured: string): boolean {
  if (asksBlock(it, captured)) return true;
  return walk(it).some((each) => {
    const parent = each.type === 'name' && each.id === captured ? each.parent : undefined;
    const around = parent?.parent;
    return around?.type === 'comparison' && around.operators.some((operator, index) => /in$/.test(operator) && around.operands[index + 1] === parent);
  });
}

/** `str(caught)`, `caught.message`: of what holds the error, where something of the error is meant. */
function asksBlock(it: Statement, captured: string): boolean {
  return walk(it).some((each) => {
    const parent = each.type === 'name' && each.id === captured ? each.parent : undefined;
    // A comprehension may have a name of its own.
    if (parent === undefined || [...ancestors(each)].some(({ type }) => type === 'comprehension' || type === 'lambda')) return false;
    if (parent.type === 'attribute') return !OF_CAUGHT.test(parent.name);
    return (
      parent.type === 'comparison' || (parent.type === 'call' && (parent.callee === 'builtins.str' || /^assert(?:Not)?(?:In|Equals?)$/.test(parent.method)))
    );
  });
}

/** Where it is found: `, caught.value is`; testtools' `ExpectedException` gives nothing away. */
function exceptionOf({ call, captured }: Raises): string {
  const name = /^assertRaises/.test(call.method) ? 'exception' : call.callee === 'pytest.raises' ? 'value' : undefined;
  return name === undefined ? '' : `, \`${captured}.${name}\` is`;
}

/** Does each assertion look at what was caught? It was written to run below the block; another may never have held. */
function looksAtCaught(moved: readonly Statement[], captured: string | undefined): boolean {
  const names = new Set(captured === undefined ? [] : [captured]);
  return moved.every((it) => {
    const looks = [...names].some((name) => mentions(it, name));
    if (looks) for (const name of namesBound([it])) names.add(name);
    return looks || !isCheck(it);
  });
}

/** The lines behind what raises, `left`, go out of the block; not where they use a name that is not bound then. */
function fixFor(raises: Raises, moved: readonly Statement[], left: readonly Statement[]): Fix | undefined {
  const block = raises.statement;
  // Only where the block is the plain `with` of one item, so that its line gives the indentation to move to.
  if (block?.type !== 'with' || moved.some((it) => !raises.body.includes(it)) || block.items.length !== 1) return undefined;
  if (moved.some((it) => !isAssertion(it) && it.type !== 'expression' && it.type !== 'assignment')) return undefined;
  if (moved.some((it) => /"""|'''|\\\n/.test(it.text))) return undefined;
  if (namesBound(left).some((name) => moved.some((it) => mentions(it, name)))) return undefined;
  return {
    title:
      moved.length === 1 ? 'Move the assertion below the block' : `Move ${moved.every(isAssertion) ? 'the assertions' : 'what never runs'} below the block`,
    safety: looksAtCaught(moved, raises.captured) ? 'safe' : 'suggest',
    edits: moved.map((it) => ({ do: 'move after', at: it.place, after: raises.place })),
  };
}
