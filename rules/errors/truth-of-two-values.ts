import type { Expression, SimpleStatement } from '../model.ts';
import { argument, argumentsKnown, children } from '../model.ts';
import { isOfTestCase } from '../python/failures.ts';
import { short } from '../python/inspection.ts';
import { defineRule, type Finding, py } from '../rule.ts';

const TRUTH = /^assert(?:True|False|_)$/;

export const rule = defineRule({
  id: 'truth-of-two-values',
  code: 'ERR015',
  category: 'errors',
  title: 'an assertion of truth is given two values to compare',
  kind: 'fail',
  kinds: ['fail', 'informational'],
  confidence: 'medium',
  cwe: [697],
  peers: { ruff: ['RUF040'], sonar: ['S5906'], hacking: ['N365'] },
  why: '`assertTrue`, `assertFalse` and `assert` look at the first value alone; the second is the message.',
  instead: 'Use `assertEqual`, or `==`.',
  limits:
    'Only literals that are no text as the second value, and behind `assert` what a comparison is a part of: a name, or a tuple with names, may be meant as the message. Silent where the first value is a comparison, or another that is true or false by itself: it says all.',
  links: ['https://docs.python.org/3/library/unittest.html#unittest.TestCase.assertTrue'],
  yieldsTo: ['assertion-always-true'],
  on: ['call', 'statement'],
  calls: (_, method) => TRUTH.test(method),
  statements: ['assert'],
  *check(call, file) {
    if (call.type === 'assert') yield* judgeStatement(call);
    if (call.type !== 'call') return;
    if (!TRUTH.test(call.method) || call.function.type !== 'attribute' || !argumentsKnown(call) || !isOfTestCase(call, file)) return;
    const second = argument(call, undefined, 1);
    if (second === undefined || !isLiteral(second)) return;
    // A third argument is the message of an own assertion method.
    if (call.arguments.length !== 2 || isTruth(argument(call, undefined, 0))) return;
    const equal = call.method !== 'assertFalse';
    // `assertTrue(x, True)` and `assertFalse(x, None)` compare what they were meant to, but for values that are only as good.
    const same = equal ? second.text === 'True' : /^(?:False|None|0|\[\]|\(\)|\{\})$/.test(second.text);
    yield {
      at: second.place,
      ...(same ? { kind: 'informational' as const } : {}),
      message: `\`${second.text.length > 30 ? '…' : second.text}\` is taken as the message: \`${call.method}\` compares nothing with it`,
      ...(equal
        ? {
            fix: {
              title: 'Use `assertEqual`',
              safety: 'suggest' as const,
              edits: [{ do: 'replace' as const, at: call.function.place, with: `${call.function.object.text}.assertEqual` }],
            },
          }
        : {}),
    };
  },
  examples: [
    {
      name: 'behind a statement',
      bad: py`
        def test_price(shop, price):
            assert shop.price(), 3  #! is taken as the message
      `,
      fixed: py`
        def test_price(shop, price):
            assert shop.price() == 3
      `,
    },
    {
      name: 'a comparison that is a part of the message',
      bad: py`
        def test_price(shop, price):
            assert shop.prices, [1, 2 == price]  #! is taken as the message
            assert shop.prices, list(range(1, 4)) + ["x" == price]  #! is taken as the message
            assert shop.open, shop.price() == 3  #! is taken as the message
      `,
    },
    {
      name: 'the message of a statement',
      good: py`
        def test_price(shop, price):
            assert shop.open, (shop, price)
            assert shop.open, f"closed: {price == 3}"
            assert shop.price() == 3, 3
            assert shop.open, [it for it in shop.prices if it == 3]
            assert shop.open, "cheap" if price == 3 else "dear"
            assert shop.open, describe(cheap=price == 3)
            assert False, 3
            assert shop.open, None
      `,
    },
    {
      name: 'a number',
      bad: py`
        import unittest

        class TestShop(unittest.TestCase):
            def test_price(self):
                self.assertTrue(self.shop.price(), 3)
                #                                  ^ is taken as the message
      `,
      fixed: py`
        import unittest

        class TestShop(unittest.TestCase):
            def test_price(self):
                self.assertEqual(self.shop.price(), 3)
      `,
    },
    {
      name: 'a message',
      good: py`
        import unittest

        class TestShop(unittest.TestCase):
            def test_price(self):
                self.assertTrue(self.shop.open, "closed on %s" % self.day)
                self.assertTrue(self.shop.open, self.day)
                self.assertTrue(self.shop.open, (self.shop, self.day))
                self.assertFalse(self.shop.sold, msg=None)
                self.assertTrue(self.shop.price() == 3, 3)
                self.assertTrue(isinstance(self.shop.price(), int), [3])
                self.assertTrue(self.shop.name().startswith("quay"), 0)
                self.assertTrue(self.shop.is_open(), 200)
      `,
    },
    {
      name: 'the method of something else than a test case, and the truth that is looked at anyway',
      bad: py`
        import unittest

        class TestShop(unittest.TestCase):
            def test_open(self):
                self.assertTrue(self.shop.open, True)  #! compares nothing with it
                self.assertFalse(self.shop.find("tide"), None)  #! compares nothing with it
                self.shop.checks.assertTrue(self.shop.open, 1)
      `,
    },
    {
      name: 'the values of a pair',
      bad: py`
        import unittest

        class TestShop(unittest.TestCase):
            def test_pair(self):
                self.assertTrue(self.shop.cipher()[:2], ("ECDHE", "ECDSA"))  #! compares nothing with it
      `,
    },
  ],
});

/** `assert ships, 3`: what was meant to be compared is shown where nothing is there. */
function* judgeStatement({ operands: [test, second], place }: SimpleStatement): Iterable<Finding> {
  if (test === undefined || second === undefined || isTruth(test) || /^(?:constant|number|string|fstring)$/.test(test.type) || second.text === 'None') return;
  if (!isLiteral(second) && !isComparedInPart(second)) return;
  const isPlain = /^(?:name|attribute|call|subscript)$/.test(test.type) && isLiteral(second);
  yield {
    at: second.place,
    ...(second.text === 'True' ? { kind: 'informational' as const } : {}),
    message: `\`${short(second.text)}\` is taken as the message: \`assert\` compares nothing with it`,
    ...(isPlain
      ? {
          fix: {
            title: 'Compare them',
            safety: 'suggest' as const,
            edits: [{ do: 'replace' as const, at: place, with: `assert ${test.text} == ${second.text}` }],
          },
        }
      : {}),
  };
}

/** A comparison, or a list, call or sum that has one as a part; what only chooses by one may be a message. */
function isComparedInPart(it: Expression): boolean {
  if (it.type === 'comparison') return it.operators.join() === '==';
  if (it.type === 'operation')
    return !/^(?:and|or|not|%)$/.test(it.operator) && [it.left, it.right].some((each) => each !== undefined && isComparedInPart(each));
  if (it.type === 'call') return it.arguments.some(({ keyword, value }) => keyword === undefined && isComparedInPart(value));
  return (it.type === 'list' || it.type === 'tuple' || it.type === 'set') && it.items.some(isComparedInPart);
}

const TRUTHS: ReadonlySet<string> = new Set(['isinstance', 'issubclass', 'hasattr', 'callable', 'any', 'all', 'bool'].map((it) => `builtins.${it}`));

/** Methods that say by their names that they answer yes or no: `startswith`, `is_open`, `exists`. */
const ANSWERS = /^(?:(?:is|has)_\w+|is[a-z]+|(?:starts|ends)with|exists)$/;

/** True or false by itself: there is nothing else to compare it with. */
function isTruth(it: Expression | undefined): boolean {
  if (it?.type === 'call') return TRUTHS.has(it.callee ?? '') || ANSWERS.test(it.method);
  return it?.type === 'comparison' || (it?.type === 'operation' && it.operator === 'not');
}

/** A literal value that is no text, all the way down. */
function isLiteral(it: Expression): boolean {
  if (it.type === 'number') return true;
  if (it.type === 'constant') return it.constant !== '...';
  if (it.type !== 'list' && it.type !== 'tuple' && it.type !== 'dict' && it.type !== 'set') return false;
  return children(it).every((each) => each.type === 'string' || isLiteral(each as Expression));
}
