import type { Call } from '../model.ts';
import { insideRaises, meantAssertion, mockLike } from '../python/mock-assertions.ts';
import { defineRule, py, replace } from '../rule.ts';

export const rule = defineRule({
  id: 'misspelt-assertion',
  code: 'MCK012',
  category: 'mocking',
  title: 'Misspelt mock assertion',
  kind: 'fail',
  confidence: 'high',
  cwe: [561],
  peers: { ruff: ['PGH005'], sonar: ['S9136'], hacking: ['N364'], 'pygrep-hooks': ['python-check-mock-methods'] },
  why: 'A mock answers a name that it does not know with another mock, so a misspelt assertion passes whatever the code under test did; where the mock refuses the name, the test ends with AttributeError.',
  instead: 'Call the assertion by its name: `assert_called_once_with`, `assert_has_calls`, `assert_not_called`.',
  limits:
    'Receivers that neither are known to be mocks nor are named like one are not judged. A mock refuses names that begin with `assert` or like it, unless made with `unsafe=True`; which more depends on the Python and on `spec`.',
  links: ['https://docs.python.org/3/library/unittest.mock.html#unittest.mock.Mock.assert_called_with'],
  on: 'call',
  calls: (_, method) => meantAssertion(method) !== undefined,
  *check(call) {
    if (call.function.type !== 'attribute') return;
    const { object, name } = call.function;
    const meant = meantAssertion(name);
    if (meant === undefined) return;
    const mock = mockLike(object);
    // No other object has a `mock_assert_…`; a test case may have an `assert_called…` of its own, what it keeps has none.
    const isKept = object.type === 'attribute' && (object.refersTo === undefined || object.refersTo.includes('()'));
    const sure = (name.startsWith('mock_assert_') && object.refersTo === undefined) || (isKept && name.startsWith('as') && /called|awaited/.test(meant));
    if ((mock === 'no' && !sure) || insideRaises(call)) return;
    // `assert m.called_once()` is wrong in another way, and mended in another.
    const whole = call.parent?.type === 'await' ? call.parent : call;
    const { parent } = whole;
    if (parent?.type === 'assert' || (parent?.type === 'call' && /^assert/.test(parent.method))) return;
    const title = `Change to \`${meant}\``;
    const checked = `${object.text}.${meant}`;
    yield {
      at: call.function.place,
      message: `\`${name}\` is no assertion of a mock: it checks nothing or raises AttributeError; \`${meant}\` is meant`,
      ...(mock === 'yes' ? {} : { level: 'warning', confidence: 'medium' }),
      // An assertion gives nothing, to be awaited or kept.
      ...(parent?.type === 'expression'
        ? { fix: { title, safety: 'safe', edits: [whole === call ? replace(call.function, checked) : replace(whole, checked + argumentsOf(call))] } }
        : {}),
    };
  },
  examples: [
    {
      name: 'the name without assert',
      bad: py`
        from unittest import mock

        @mock.patch("bank.audit.record")
        def test_transfer_is_audited(record):
            transfer(10)
            record.called_once_with("transfer", 10)  #! is no assertion of a mock
      `,
      fixed: py`
        from unittest import mock

        @mock.patch("bank.audit.record")
        def test_transfer_is_audited(record):
            transfer(10)
            record.assert_called_once_with("transfer", 10)
      `,
    },
    {
      name: 'a letter too few, and a mock that the class keeps',
      bad: py`
        import unittest
        from unittest import mock

        class TestAudit(unittest.TestCase):
            def setUp(self):
                self.audit = mock.Mock()

            def test_refusal(self):
                refuse(self.audit)
                self.audit.record.assert_has_call([mock.call("refused")])
        #       ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ it checks nothing or raises AttributeError
      `,
    },
    {
      name: 'of something that the test keeps, whatever it is',
      bad: py`
        import unittest

        class TestAudit(unittest.TestCase):
            def test_refusal(self):
                refuse(self.bank)
                self.bank._audit.record.assert_called_onec_with("refused")  #! \`assert_called_once_with\` is meant
      `.replaceAll('\\`', '`'),
    },
    {
      name: 'an assertion gives nothing to await',
      bad: py`
        from unittest import mock

        async def test_transfer_is_audited():
            record = mock.AsyncMock()
            await transfer(record)
            await record.awaited_once_with("transfer")  #! ${'`assert_awaited_once_with`'} is meant
      `,
      fixed: py`
        from unittest import mock

        async def test_transfer_is_audited():
            record = mock.AsyncMock()
            await transfer(record)
            record.assert_awaited_once_with("transfer")
      `,
    },
    {
      name: 'an assertion of the test case itself',
      good: py`
        import unittest

        class TestAudit(unittest.TestCase):
            def test_refusal(self):
                self.assert_called_once_wit("refused")
      `,
    },
    {
      name: 'the real names, and names of other things',
      good: py`
        from unittest import mock

        class Register:
            def has_calls(self):
                return True

        def test_transfer(self):
            audit = mock.Mock()
            transfer(audit)
            audit.assert_called_once_with("transfer")
            audit.assert_has_calls([mock.call("transfer")])
            register = Register()
            register.has_calls()
      `,
    },
    {
      name: 'a test of the mock itself',
      good: py`
        import pytest
        from unittest import mock

        def test_typo_is_refused():
            with pytest.raises(AttributeError):
                mock.Mock().assert_called_onec_with(1)
      `,
    },
  ],
});

function argumentsOf(call: Call): string {
  return call.text.slice(call.function.text.length);
}
