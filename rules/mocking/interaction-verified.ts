import { type Call, type Expression, statementOf, type TestFile, walk } from '../model.ts';
import { makesMock } from '../python/mock.ts';
import { insideRaises, isMockAssertion, mockLike } from '../python/mock-assertions.ts';
import { code } from '../python/patchers.ts';
import { defineRule, py } from '../rule.ts';

export const rule = defineRule({
  id: 'interaction-verified',
  code: 'MCK-S04',
  category: 'mocking',
  title: 'Use of a mock verified',
  kind: 'pass',
  confidence: 'high',
  cwe: [],
  why: 'A stub that nobody asks afterwards hides whether the code under test used it, and how.',
  limits: 'Comparisons of `call_args` are not counted.',
  links: ['https://docs.python.org/3/library/unittest.mock.html#unittest.mock.Mock.assert_called_with'],
  once: 'file',
  on: 'call',
  calls: (_, method) => isMockAssertion(method),
  *check(call, file) {
    if (call.function.type !== 'attribute' || !isMockAssertion(call.function.name)) return;
    if (call.parent?.type !== 'expression' || insideRaises(call)) return;
    if (mockLike(call.function.object) === 'no' && call.function.object.refersTo !== undefined && !call.function.object.refersTo.includes('()')) return;
    if (isOnlyCalledHere(call.function.object, file) || isOfNoCalls(call)) return;
    yield { at: call.place, message: `${code(`${call.function.text}(${call.arguments.length === 0 ? '' : '…'})`, 70)} verifies how the stub was used` };
  },
  examples: [
    {
      name: 'a mock that nothing but the test itself has',
      good: py`
        from unittest import mock

        def test_mock():
            send = mock.Mock(return_value=3)
            assert send() == 3
            send.assert_called_once_with()
      `,
    },
    {
      name: 'an assertion on the mock',
      bad: py`
        from unittest import mock

        @mock.patch("bank.audit.record")
        def test_transfer_is_audited(record):
            transfer(10)
            record.assert_called_once_with("transfer", 10)
        #   ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ verifies how the stub was used
      `,
    },
    {
      name: 'without the assertion, or in a comment, nothing is claimed',
      good: py`
        from unittest import mock

        @mock.patch("bank.audit.record")
        def test_transfer_is_audited(record):
            transfer(10)
            # record.assert_called_once_with("transfer", 10)
            assert record.called
      `,
    },
    {
      name: 'calls that are none',
      good: py`
        from unittest import mock

        @mock.patch("bank.audit.record")
        def test_transfer_is_audited(record):
            transfer(10)
            record.assert_has_calls([])
      `,
    },
    {
      name: 'a test that never runs proves nothing',
      good: py`
        import pytest
        from unittest import mock

        @pytest.mark.skip(reason="the bank moves")
        @mock.patch("bank.audit.record")
        def test_transfer_is_audited(record):
            transfer(10)
            record.assert_called_once_with("transfer", 10)
      `,
    },
  ],
});

/** `assert_has_calls([])` is met whatever was called. */
function isOfNoCalls({ method, arguments: given }: Call): boolean {
  const [first] = given;
  return /^assert_has_(?:calls|awaits)$/.test(method) && first?.value.type === 'list' && first.value.items.length === 0;
}

/** A mock that the function makes and calls itself, and gives to nobody: its assertion says nothing of the code. */
function isOnlyCalledHere(mock: Expression, file: TestFile): boolean {
  const made = mock.value;
  const owner = file.ownerOf(mock);
  if (mock.type !== 'name' || owner === undefined || made.kind !== 'result' || !makesMock(made.call.callee)) return false;
  if (made.call.arguments.some((it) => it.keyword === 'wraps' || it.keyword === 'side_effect')) return false;
  const around = statementOf(made.call);
  if (around?.type !== 'assignment' || around.value !== made.call || around.targets[0]?.type !== 'name') return false;
  let called = false;
  for (const it of walk(owner.node)) {
    if (it.type !== 'name' || it.id !== mock.id || around.targets.includes(it)) continue;
    const { parent } = it;
    if (parent?.type === 'call' && parent.function === it) called = true;
    else if (parent?.type !== 'attribute' || parent.object !== it) return false;
  }
  return called;
}
