import type { Expression, Node, Statement } from '../model.ts';
import { statementOf, walk } from '../model.ts';
import { asserts, calledBy, following } from '../python/failures.ts';
import { short } from '../python/inspection.ts';
import { defineRule, py } from '../rule.ts';

export const rule = defineRule({
  id: 'failure-path-exercised',
  code: 'ERR-S04',
  category: 'errors',
  title: 'a stand-in is made to fail, and what follows is asserted',
  kind: 'pass',
  confidence: 'high',
  cwe: [],
  why: 'The way through an error is code too, and is where leaks and open doors are.',
  limits:
    'Classes are told by a name that ends in `Error`, `Exception`, `Exit` or `Interrupt`, or by where they are defined. Nothing is said where the test asserts that the stand-in was not called.',
  links: ['https://docs.python.org/3/library/unittest.mock.html#unittest.mock.Mock.side_effect'],
  on: 'assignment',
  wants: ({ targets: [target] }) => target?.type === 'attribute' && target.name === 'side_effect',
  *check(assignment, file) {
    const [target] = assignment.targets;
    if (target?.type !== 'attribute' || target.name !== 'side_effect' || assignment.value === undefined || !isException(assignment.value)) return;
    const owner = file.ownerOf(assignment);
    const statement: Statement | undefined = statementOf(assignment);
    if (owner?.role !== 'test' || statement === undefined || !asserts([...following(statement)])) return;
    // It never fails, and the test says so, of this call and any later one.
    const mock = target.object.text;
    const said = [...following(statement)].filter((it) => walk(it).some((each) => asksOfCalls(each, mock)));
    if (said.length > 0 && said.every((it) => saysNotCalled(it, mock))) return;
    yield {
      at: assignment.place,
      message: `\`${short(target.object.text)}\` is made to raise \`${short(assignment.value.text, 40)}\`, and the test asserts after it`,
    };
  },
  examples: [
    {
      name: 'set, then asserted',
      bad: py`
        from unittest import mock

        def test_rolls_back(shop):
            till = mock.Mock()
            till.pay.side_effect = ConnectionError("gone")  #! is made to raise
            shop.buy(till)
            shop.undo.assert_called_once_with()

        def test_rolls_back_once(shop):
            till = mock.Mock()
            till.pay.side_effect = ConnectionError("gone")  #! is made to raise
            shop.buy(till)
            assert till.pay.called
            till.pay.reset_mock()
            shop.give(till)
            till.pay.assert_not_called()
      `,
    },
    {
      name: 'no exception, or nothing asserted',
      good: py`
        from unittest import mock

        def test_counts(shop):
            till = mock.Mock()
            till.pay.side_effect = [1, 2]
            shop.buy(till)
            assert shop.sold == 2

        def test_silent(shop):
            till = mock.Mock()
            till.pay.side_effect = ConnectionError("gone")
            shop.sold = 2
      `,
    },
    {
      name: 'asserted not to be called',
      good: py`
        import unittest
        from unittest import mock

        class TestShop(unittest.TestCase):
            def test_pays_nothing(self):
                till = mock.Mock()
                till.pay.side_effect = ConnectionError("gone")
                self.shop.give(till)
                self.assertFalse(till.pay.called)
                self.assertEqual(1, self.shop.given)

        def test_pays_nothing(shop):
            till = mock.Mock()
            till.pay.side_effect = ConnectionError("gone")
            shop.give(till)
            assert not till.pay.called
            till.pay.assert_not_called()
            assert till.pay.call_count == 0
      `,
    },
    {
      name: 'the assertion stands before it',
      good: py`
        from unittest import mock

        def test_rolls_back(shop):
            till = mock.Mock()
            shop.open.assert_called_once_with()
            till.pay.side_effect = ConnectionError("gone")
            shop.buy(till)
      `,
    },
  ],
});

/** `m.called`, `m.assert_called_once`, `m.reset_mock`. */
function asksOfCalls(it: Node, mock: string): boolean {
  return it.type === 'attribute' && /^(?:assert_|called$|call_|await|mock_calls|reset_mock)/.test(it.name) && it.object.text === mock;
}

/** `m.assert_not_called()`, `assertFalse(m.called)`, `assert not m.called`, `assertEqual(0, m.call_count)`. */
function saysNotCalled(it: Statement, mock: string): boolean {
  const call = calledBy(it);
  const given = call?.arguments.map(({ value }) => value.text) ?? [];
  if (call?.method === 'assertFalse') return given[0] === `${mock}.called`;
  if (/^assertEquals?$/.test(call?.method ?? '')) return given.includes('0') && given.includes(`${mock}.call_count`);
  if (call !== undefined) return call.function.text === `${mock}.assert_not_called`;
  return it.type === 'assert' && (it.operands[0]?.text === `not ${mock}.called` || it.operands[0]?.text === `${mock}.call_count == 0`);
}

function isException(it: Expression): boolean {
  const name = it.type === 'call' ? it.callee : it.refersTo;
  return name !== undefined && /(?:Error|Exception|Exit|Interrupt)$/.test(name) && !name.startsWith('unittest.mock.');
}
