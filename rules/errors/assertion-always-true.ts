import type { Call, Expression } from '../model.ts';
import { argument, argumentsKnown, constantText } from '../model.ts';
import { isOfTestCase } from '../python/failures.ts';
import { short } from '../python/inspection.ts';
import { defineRule, type Finding, py } from '../rule.ts';

const JUDGED = /^assert(?:True|_|IsNone|IsNotNone|Equals?)$/;

export const rule = defineRule({
  id: 'assertion-always-true',
  code: 'ERR014',
  category: 'errors',
  title: 'an assertion that cannot fail',
  kind: 'fail',
  kinds: ['fail', 'informational'],
  confidence: 'high',
  cwe: [571],
  peers: {
    ruff: ['F631', 'PLR0124'],
    pylint: ['W0129', 'W0199', 'W1503'],
    sonar: ['S5914', 'S5905', 'S5863'],
    codeql: ['py/asserts-tuple'],
    hacking: ['N365'],
  },
  why: 'A tuple and a text are true whatever they hold: the value that was meant is never looked at.',
  instead: 'Write `assert value, "message"`, or compare with `assertEqual`.',
  limits: '`assertTrue(True)` and `assert True` are taken as marks that say "reached". Names are not followed.',
  links: ['https://docs.astral.sh/ruff/rules/assert-tuple/'],
  on: ['statement', 'call'],
  calls: (_, method) => JUDGED.test(method),
  statements: ['assert'],
  *check(subject, file) {
    // No test, but what one reads: the samples of a linter.
    if (file.kind === 'helper' && file.ownerOf(subject) === undefined) return;
    if (subject.type === 'call') {
      if (JUDGED.test(subject.method) && isOfTestCase(subject, file)) yield* judgeCall(subject);
      return;
    }
    if (subject.type !== 'assert') return;
    const [test] = subject.operands;
    if (test === undefined) return;
    if (test.type === 'tuple' && test.items.length > 0) {
      const [value, message] = test.items;
      const plain =
        test.items.length === 2 &&
        subject.operands.length === 1 &&
        value !== undefined &&
        (message?.type === 'string' || message?.type === 'fstring') &&
        !test.text.includes('\n') &&
        !/^[a-z]*"""/i.test(message.text);
      yield {
        at: test.place,
        message: `a tuple is always true: \`${short(value?.text ?? '')}\` is not asserted`,
        ...(plain
          ? {
              fix: {
                title: 'Assert the value, with the message',
                safety: 'safe' as const,
                edits: [{ do: 'replace' as const, at: test.place, with: `${value.text}, ${message.text}` }],
              },
            }
          : {}),
      };
    } else if ((test.type === 'string' && test.content !== '') || (test.type === 'fstring' && test.parts.some((it) => typeof it === 'string' && it !== ''))) {
      yield { at: test.place, message: 'a text is always true: nothing is asserted' };
    } else if (test.type === 'operation' && test.operator === 'or' && isTrue(test.right)) {
      yield { at: test.place, message: `\`or ${short(test.right.text)}\` makes the whole always true: nothing is asserted` };
    } else if (
      test.type === 'comparison' &&
      test.operators.join() === '==' &&
      test.operands.every((it) => it.text === test.operands[0]?.text && isLength(it))
    ) {
      yield { at: test.place, message: `\`${short(test.operands[0]?.text ?? '')}\` is compared with itself: nothing is asserted` };
    }
  },
  examples: [
    {
      name: 'the sample of a linter',
      good: {
        'tests/functional/assert_on_tuple.py': py`
          assert (1 == 1, "no error")  # [assert-on-tuple]
        `,
      },
    },
    {
      name: 'a tuple',
      bad: py`
        def test_price(shop):
            assert (shop.price() == 3, "wrong price")
            #      ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ a tuple is always true
      `,
      fixed: py`
        def test_price(shop):
            assert shop.price() == 3, "wrong price"
      `,
    },
    {
      name: 'a text, and what holds in any case',
      bad: py`
        import unittest

        class TestShop(unittest.TestCase):
            def test_name(self):
                self.assertTrue("Calypso", self.shop.name)
                #               ^^^^^^^^^ looks at its first argument only
                self.assertTrue("Calypso")  #! a text is always true: nothing is asserted
                assert self.shop.name == "x" or "y"  #! makes the whole always true
                self.assertIsNone(None, self.shop.owner)  #! is always true
                self.assertTrue(True, self.shop.open)  #! is always true
                assert f"{self.shop.count} ships"  #! a text is always true
                assert len(self.shop.ships) == len(self.shop.ships)  #! is compared with itself
      `,
    },
    {
      name: 'a value compared with itself',
      bad: py`
        import unittest

        class TestShop(unittest.TestCase):
            def test_equality(self):
                self.assertEqual(self.shop, self.shop)  #! compared with itself
      `,
    },
    {
      name: 'the method of something else than a test case',
      good: py`
        import unittest
        from harbour.testing import recorded

        class Checks:
            def assertTrue(self, *texts):
                assert self.log == list(texts)

        class TestLog(Checks, unittest.TestCase):
            def test_log(self):
                self.assertTrue("ship came", "ship left")

        def test_statements(harbour):
            context = recorded(harbour)
            context.assert_("CREATE TABLE ships (id INTEGER)")
      `,
    },
    {
      name: 'a message, a mark, a comparison that can fail',
      good: py`
        import unittest

        class TestShop(unittest.TestCase):
            def test_name(self):
                self.assertTrue(self.shop.open, "closed")
                self.assertTrue(True)
                assert (self.shop.name == "x" or
                        self.shop.name == "y")
                self.assertEqual(next(self.ids), next(self.ids))
                assert f"{self.shop.name}"
                assert self.shop == self.shop
                assert len(self.shop.sold()) == len(self.shop.sold())
      `,
    },
  ],
});

/** `len(ships)`: no class of its own has a say in what it is equal to. */
function isLength(it: Expression): boolean {
  return it.type === 'call' && it.callee === 'builtins.len' && !it.arguments.some(({ value }) => calls(value));
}

function* judgeCall(call: Call): Iterable<Finding> {
  if (!argumentsKnown(call)) return;
  const first = argument(call, undefined, 0);
  const second = argument(call, undefined, 1);
  if (first === undefined) return;
  switch (call.method) {
    case 'assertTrue':
    case 'assert_':
      if (first.type === 'string' && first.content !== '')
        yield {
          at: first.place,
          message: `a text is always true: ${second === undefined ? 'nothing is asserted' : '`assertTrue` looks at its first argument only'}`,
        };
      else if (first.type === 'number' && first.number > 1 && second !== undefined)
        yield { at: first.place, message: `\`${first.text}\` is always true: \`assertTrue\` looks at its first argument only` };
      else if (first.text === 'True' && second !== undefined && isNoMessage(second))
        yield { at: first.place, message: '`True` is always true: `assertTrue` looks at its first argument only' };
      else if (first.type === 'tuple' && first.items.length > 1 && first.items.at(-1)?.type === 'string')
        yield { at: first.place, message: 'a tuple is always true: nothing is asserted' };
      return;
    case 'assertIsNone':
      if (first.text === 'None' && second !== undefined && constantText(second.value) === undefined)
        yield { at: first.place, message: '`None` is always true to `assertIsNone`, which looks at its first argument only' };
      return;
    case 'assertIsNotNone':
      if ((first.type === 'string' || first.type === 'number') && second !== undefined)
        yield { at: first.place, message: `\`${short(first.text)}\` is never \`None\`: nothing is asserted` };
      return;
    default:
      if (second !== undefined && first.text === second.text && !calls(first))
        yield { at: call.place, kind: 'informational', message: `\`${short(first.text)}\` is compared with itself` };
  }
}

function isTrue(it: Expression): boolean {
  return (it.type === 'constant' && it.constant === 'True') || (it.type === 'string' && it.content !== '') || (it.type === 'number' && it.number > 0);
}

/** A name that does not say that it holds a text: the value that was meant. */
function isNoMessage(it: Expression): boolean {
  return (
    (it.type === 'name' || it.type === 'attribute') && constantText(it.value) === undefined && !/msg|mess|text|reason|err|info|desc|detail|note/i.test(it.text)
  );
}

/** Two calls of the same text may give two values. */
function calls(it: Expression): boolean {
  return it.text.includes('(');
}
