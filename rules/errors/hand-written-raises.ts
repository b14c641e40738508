import { type TryStatement, walk } from '../model.ts';
import { calledBy, catchesAssertions, isFailCall } from '../python/failures.ts';
import { defineRule, type Fix, py } from '../rule.ts';

export const rule = defineRule({
  id: 'hand-written-raises',
  code: 'ERR012',
  category: 'errors',
  title: 'an expected exception written by hand',
  kind: 'informational',
  confidence: 'high',
  cwe: [],
  peers: { sonar: ['S8714'] },
  why: 'It works as long as the handler does not catch what `fail` raises and nobody forgets the `fail`.',
  instead: 'Use `assertRaises` or `pytest.raises`.',
  limits: 'Only the form with `fail` as the last statement of the `try` body or alone in its `else`.',
  links: [],
  once: 'file',
  yieldsTo: ['assertion-failure-swallowed'],
  on: 'statement',
  statements: ['try'],
  *check(statement) {
    if (statement.type !== 'try' || statement.handlers.length !== 1) return;
    const [handler] = statement.handlers;
    if (handler?.exception === undefined || catchesAssertions(handler) || statement.body.some((it) => it.type === 'for' || it.type === 'while')) return;
    const last = statement.otherwise.length === 0 ? statement.body.at(-1) : statement.otherwise[0];
    const call = last === undefined ? undefined : calledBy(last);
    if (call === undefined || !isFailCall(call) || (statement.otherwise.length === 0 && statement.body.length < 2) || statement.otherwise.length > 1) return;
    // A context manager that is itself what `pytest.raises` is.
    if (statement.body.some((each) => walk(each).some((it) => it.type === 'yield'))) return;
    const fix = plainFix(statement);
    yield {
      at: handler.headPlace,
      message: 'an expected exception written by hand: `assertRaises` or `pytest.raises` says the same',
      ...(fix === undefined ? {} : { fix }),
    };
  },
  examples: [
    {
      name: 'with fail',
      bad: py`
        import unittest

        class TestShop(unittest.TestCase):
            def test_refuses(self):
                try:
                    self.shop.buy(-1)
                    self.fail("not refused")
                except ValueError:  #! written by hand
                    pass
                self.assertEqual([], self.shop.sold)
      `,
      fixed: py`
        import unittest

        class TestShop(unittest.TestCase):
            def test_refuses(self):
                with self.assertRaises(ValueError):
                    self.shop.buy(-1)
                self.assertEqual([], self.shop.sold)
      `,
    },
    {
      name: 'a test that nothing is raised',
      good: py`
        import contextlib
        import unittest

        @contextlib.contextmanager
        def refused(code):
            try:
                yield
            except PermissionError as error:
                assert error.errno == code
            else:
                pytest.fail("not refused")

        class TestShop(unittest.TestCase):
            def test_accepts(self):
                try:
                    self.shop.buy(1)
                except ValueError:
                    self.fail("refused")
      `,
    },
    {
      name: 'with an else',
      bad: py`
        import unittest

        class TestShop(unittest.TestCase):
            def test_refuses(self):
                try:
                    self.shop.buy(-1)
                except ValueError as error:  #! written by hand
                    self.assertIn("negative", str(error))
                else:
                    self.fail("not refused")
      `,
    },
  ],
});

/** For the plainest form only: one call on one line, `self.fail`, a handler that does nothing. */
function plainFix(statement: TryStatement): Fix | undefined {
  const [handler] = statement.handlers;
  const [first, second] = statement.body;
  if (handler?.exception === undefined || handler.name !== undefined || handler.body.length !== 1 || handler.body[0]?.type !== 'pass') return undefined;
  if (statement.body.length !== 2 || statement.otherwise.length > 0 || statement.final.length > 0 || first === undefined || second === undefined)
    return undefined;
  if (first.type !== 'expression' || first.text.includes('\n') || !second.text.startsWith('self.fail(')) return undefined;
  return {
    title: 'Use `assertRaises`',
    safety: 'suggest',
    edits: [
      { do: 'insert', where: 'before', at: statement.place, lines: [`with self.assertRaises(${handler.exception.text}):`, `    ${first.text}`] },
      { do: 'delete statement', at: statement.place },
    ],
  };
}
