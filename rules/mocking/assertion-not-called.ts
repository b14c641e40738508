import type { Expression, Statement, TestFile } from '../model.ts';
import { insideRaises, isMockAssertion, meantAssertion, mockLike } from '../python/mock-assertions.ts';
import { code } from '../python/patchers.ts';
import { defineRule, py, replace } from '../rule.ts';

/** Takes a condition. */
const CONDITION = /^assert(?:True|_)$/;

export const rule = defineRule({
  id: 'assertion-not-called',
  code: 'MCK013',
  category: 'mocking',
  title: 'Mock assertion not called',
  kind: 'fail',
  confidence: 'high',
  cwe: [561],
  peers: { ruff: ['PGH005', 'B018'], bugbear: ['B018'], hacking: ['N366'], 'pygrep-hooks': ['python-check-mock-methods'] },
  why: 'A method that is only named checks nothing, and as a condition it is always true: the test passes whatever happened.',
  instead: 'Call it as a statement of its own: `m.assert_called_once_with(…)`.',
  limits:
    'Assertions that are looked up by a computed name are not seen. `called_once` is a fact of the answers of `requests_mock`: where that is imported, or made the answer, only known mocks are judged by it.',
  links: ['https://docs.python.org/3/library/unittest.mock.html#unittest.mock.Mock.assert_called'],
  on: 'statement',
  statements: ['assert', 'expression', 'assignment'],
  wants: (it) =>
    it.type === 'assert' ||
    (it.type === 'expression'
      ? it.expression.type === 'attribute' || (it.expression.type === 'call' && CONDITION.test(it.expression.method))
      : it.type === 'assignment' && it.targets[0]?.type === 'attribute' && isMockAssertion(it.targets[0].name)),
  *check(statement, file) {
    if (insideRaises(statement)) return;
    switch (statement.type) {
      case 'expression': {
        const it = statement.expression;
        if (it.type === 'attribute' && named(it, file) !== undefined) {
          const { name } = it;
          const fix =
            isMockAssertion(name) && !/_with$|_has_|_any_/.test(name)
              ? { fix: { title: 'Call it', safety: 'safe' as const, edits: [replace(it, `${it.text}()`)] } }
              : {};
          yield { at: it.place, message: `${code(it)} is named but not called, so this line checks nothing`, ...fix };
        } else if (it.type === 'call' && CONDITION.test(it.method)) yield* asCondition(it.arguments[0]?.value, statement, it.arguments.length === 1, file);
        return;
      }
      case 'assert':
        yield* asCondition(statement.operands[0], statement, statement.operands.length === 1, file);
        return;
      case 'assignment': {
        const [target] = statement.targets;
        if (target?.type !== 'attribute' || !isMockAssertion(target.name) || statement.value === undefined || !isGiven(statement.value)) return;
        const mock = mockLike(target.object);
        // A double of one's own may keep what it likes; no function has such an attribute, which another test stubs.
        if (mock === 'no' && file.definition(target.object.refersTo ?? '')?.kind !== 'function') return;
        yield {
          at: target.place,
          message: `${code(target)} is assigned, not called: this line checks nothing`,
          ...(mock === 'no'
            ? {}
            : { fix: { title: 'Call it', safety: 'safe' as const, edits: [replace(statement, `${target.text}(${statement.value.text})`)] } }),
        };
        return;
      }
      default:
    }
  },
  examples: [
    {
      name: 'named, not called',
      bad: py`
        from unittest import mock

        @mock.patch("bank.audit.record")
        def test_transfer_is_audited(record):
            transfer(10)
            record.assert_called_once
        #   ^^^^^^^^^^^^^^^^^^^^^^^^^ checks nothing
      `,
      fixed: py`
        from unittest import mock

        @mock.patch("bank.audit.record")
        def test_transfer_is_audited(record):
            transfer(10)
            record.assert_called_once()
      `,
    },
    {
      name: 'as a condition that is always true',
      bad: py`
        from unittest import mock

        @mock.patch("bank.audit.record")
        def test_transfer_is_audited(record):
            transfer(10)
            assert record.called_once_with("transfer", 10)  #! always true
            assert record.assert_called  #! always true

        async def test_transfer_is_awaited():
            record = mock.AsyncMock()
            await transfer(record)
            assert await record.awaited_once_with("transfer")  #! always true
      `,
      fixed: py`
        from unittest import mock

        @mock.patch("bank.audit.record")
        def test_transfer_is_audited(record):
            transfer(10)
            record.assert_called_once_with("transfer", 10)
            record.assert_called()

        async def test_transfer_is_awaited():
            record = mock.AsyncMock()
            await transfer(record)
            record.assert_awaited_once_with("transfer")
      `,
    },
    {
      name: 'assigned instead of called',
      bad: py`
        from unittest import mock

        @mock.patch("bank.audit.record")
        def test_transfer_is_audited(record):
            transfer(10)
            record.assert_has_calls = [mock.call("transfer")]  #! assigned, not called
      `,
      fixed: py`
        from unittest import mock

        @mock.patch("bank.audit.record")
        def test_transfer_is_audited(record):
            transfer(10)
            record.assert_has_calls([mock.call("transfer")])
      `,
    },
    {
      name: 'assigned, of a function that another test stubs',
      bad: {
        'tests/test_folder.py': py`
          from bank import files

          def test_folder():
              path = "/bank/ledger"
              transfer(10)
              files.mkdir.assert_called_once_with = path  #! assigned, not called
        `,
        'bank/files.py': 'def mkdir(path):\n    pass\n',
      },
    },
    {
      name: 'a double of its own keeps what it likes',
      good: py`
        class FakeRecorder:
            assert_called = False

        def test_transfer(transfer):
            FakeRecorder.assert_called = True
            transfer(10)
      `,
    },
    {
      name: 'what a stub of requests knows of itself',
      good: py`
        import requests
        import requests_mock

        @requests_mock.Mocker()
        def test_tides(stub):
            mock_answer = stub.get("https://tides.example.com/today")
            requests.get("https://tides.example.com/today", timeout=5)
            assert mock_answer.called_once
      `,
    },
    {
      name: 'also where the base class made the stub',
      good: {
        'tests/test_tides.py': py`
          from tests.base import TestCase

          class TestTides(TestCase):
              def setUp(self):
                  super().setUp()
                  self.today_mock = self.stub.get("https://tides.example.com/today")

              def test_tides(self):
                  tides()
                  self.assertTrue(self.today_mock.called_once)
        `,
        'tests/base.py': py`
          import testtools
          from requests_mock.contrib import fixture

          class TestCase(testtools.TestCase):
              def setUp(self):
                  super().setUp()
                  self.stub = self.useFixture(fixture.Fixture())
        `,
      },
    },
    {
      name: 'a double of its own; another way to check',
      good: py`
        from unittest import mock

        class Double:
            def __init__(self):
                self.assert_called = False

        def test_transfer():
            record = mock.Mock()
            record.assert_called_with = lambda amount: None
            transfer(record)
      `,
    },
    {
      name: 'handed to somebody who calls it; facts that are attributes',
      good: py`
        import unittest
        from unittest import mock

        class TestAudit(unittest.TestCase):
            def test_audit(self):
                record = mock.Mock()
                self.addCleanup(record.assert_called_once)
                record()
                assert record.called
                self.assertTrue(record.called)
                assert record.call_count == 1
      `,
    },
  ],
});

/** What a call would be given; a function or a mock is put there to be called instead. */
function isGiven(it: Expression): boolean {
  if (it.type === 'call') return it.callee === 'unittest.mock.call';
  return it.type === 'list' || it.type === 'tuple' || it.type === 'dict' || /^(?:constant|joined|list|dict)$/.test(it.value.kind);
}

/** The assertion that the attribute names or means, on something that is not known to be no mock. */
function named(it: Expression & { type: 'attribute' }, file: TestFile): string | undefined {
  if (isMockAssertion(it.name)) return it.name;
  const meant = meantAssertion(it.name);
  if (meant === undefined) return undefined;
  const mock = mockLike(it.object);
  if (mock === 'no' || (mock === 'likely' && it.name === 'called_once' && mayBeOfRequests(it.object, file))) return undefined;
  return meant;
}

/** An answer of `requests_mock`, which knows whether it was `called_once`, also where the base class of the test made it. */
function mayBeOfRequests({ refersTo }: Expression, file: TestFile): boolean {
  return refersTo?.startsWith('requests_mock.') === true || file.imports('requests_mock');
}

function* asCondition(given: Expression | undefined, statement: Statement, alone: boolean, file: TestFile) {
  const condition = given?.type === 'await' ? given.operand : given;
  if (condition === undefined) return;
  const attribute = condition.type === 'call' ? condition.function : condition;
  if (attribute.type !== 'attribute' || mockLike(attribute.object) === 'no') return;
  const meant = named(attribute, file);
  if (meant === undefined) return;
  if (condition.type === 'call' && isMockAssertion(attribute.name)) return; // gives None: the test fails, loudly
  const call = `${attribute.object.text}.${meant}${condition.type === 'call' ? condition.text.slice(condition.function.text.length) : '()'}`;
  const mended = alone && (condition.type === 'call' || !/_with$|_has_|_any_/.test(meant));
  yield {
    at: condition.place,
    message: `${code(attribute)} is always true as a condition: the mock is not checked`,
    ...(mended ? { fix: { title: `Call \`${meant}\``, safety: 'safe' as const, edits: [replace(statement, call)] } } : {}),
  };
}
