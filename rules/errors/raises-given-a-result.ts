import type { Call, Expression, FunctionDefinition, Node, Raises, TestFile } from '../model.ts';
import { argument, argumentText, children } from '../model.ts';
import { insideRaises } from '../python/mock-assertions.ts';
import { watchesNothing } from '../python/raises.ts';
import { defineRule, py } from '../rule.ts';

export const rule = defineRule({
  id: 'raises-given-a-result',
  code: 'ERR006',
  category: 'errors',
  title: 'assertRaises has nothing to watch',
  kind: 'fail',
  kinds: ['fail', 'informational'],
  confidence: 'medium',
  cwe: [628],
  why: 'Without a function to call or a `with` around it nothing is watched; with a call instead of a function, the function runs while the arguments are made, and `assertRaises` is given what it returned.',
  instead: 'Give the function and its arguments apart, or use the `with` form.',
  limits:
    'Of calls, only functions whose body was read and that never return something callable. In a test that is skipped whatever there is it is a note. Nothing is said of a class of tests that is no test case, where the line fails for want of the method.',
  links: ['https://docs.python.org/3/library/unittest.html#unittest.TestCase.assertRaises'],
  on: 'raises',
  *check(raises, file) {
    if (raises.form !== 'call' || isOfNoTestCase(raises, file)) return;
    const unrun = () => (file.skipped(raises.call) ? ({ kind: 'informational' } as const) : {});
    if (watchesNothing(raises)) {
      if (insideRaises(raises.call)) return;
      yield {
        ...unrun(),
        at: raises.place,
        confidence: 'high',
        message: `\`${raises.call.method}\` is given nothing to call and stands in no \`with\`: this line checks nothing`,
      };
      return;
    }
    const given = argument(raises.call, undefined, 1);
    if (given?.type !== 'call' || raises.call.arguments.length !== 2 || given.callee === undefined) return;
    const found = file.definition(given.callee);
    if (found?.node === undefined || returnsCallable(found.node) || file.stubbed(given.callee, given) !== undefined) return;
    yield {
      ...unrun(),
      at: given.place,
      message: `\`${given.function.text}(…)\` runs before \`${raises.call.method}\` watches, which is given its result instead of the function`,
      fix: {
        title: `Give \`${given.function.text}\` and its arguments apart`,
        safety: 'suggest',
        edits: [{ do: 'replace', at: given.place, with: apart(given) }],
      },
    };
  },
  examples: [
    {
      name: 'the result is given',
      bad: py`
        import unittest

        def buy(amount):
            if amount < 0:
                raise ValueError(amount)
            return {"sold": amount}

        class TestShop(unittest.TestCase):
            def test_refuses(self):
                self.assertRaises(ValueError, buy(-1))  #! runs before
      `,
      fixed: py`
        import unittest

        def buy(amount):
            if amount < 0:
                raise ValueError(amount)
            return {"sold": amount}

        class TestShop(unittest.TestCase):
            def test_refuses(self):
                self.assertRaises(ValueError, buy, -1)
      `,
    },
    {
      name: 'a line of its own, with nothing to call',
      bad: py`
        import unittest
        import pytest

        class TestShop(unittest.TestCase):
            def test_refuses(self):
                self.assertRaises(KeyError)  #! checks nothing
                self.shop.buy(-1)

        def test_refuses(shop):
            pytest.raises(KeyError)  #! checks nothing
            shop.buy(-1)

        @unittest.skip("of no use")
        class TestOld(unittest.TestCase):
            def test_refuses(self):
                self.assertRaises(KeyError)  #! checks nothing
      `,
    },
    {
      name: 'a test of the assertion itself',
      good: py`
        import unittest

        class TestAssertions(unittest.TestCase):
            def test_wants_a_class(self):
                with self.assertRaises(TypeError):
                    self.assertRaises(1)
      `,
    },
    {
      name: 'a class of pytest, which has no such method',
      good: py`
        def buy(amount):
            raise ValueError(amount)

        class TestShop(object):
            def test_refuses(self):
                self.assertRaises(ValueError, buy(-1))
      `,
    },
    {
      name: 'the function is given, or made',
      good: py`
        import functools
        import unittest

        def buyer(amount):
            def run():
                raise ValueError(amount)
            return run

        class TestShop(unittest.TestCase):
            def test_refuses(self):
                self.assertRaises(ValueError, buyer(-1))
                self.assertRaises(ValueError, functools.partial(max, []))
                self.assertRaises(ValueError, buyer, -1)
      `,
    },
    {
      name: 'a method that may return anything, and one that is watched for a warning',
      good: py`
        import pytest
        import unittest

        def test_old_name(shop):
            pytest.deprecated_call(shop.old_name)

        class TestShop(unittest.TestCase):
            def test_refuses(self):
                self.assertRaises(ValueError, self.shop.buyer(-1))
      `,
    },
  ],
});

/** `self.assertRaises` in a class that pytest collects, whose bases are all known and none of them a test case. */
function isOfNoTestCase({ call, owner }: Raises, file: TestFile): boolean {
  const around = owner?.class;
  if (around === undefined || call.function.type !== 'attribute' || call.function.object.text !== 'self' || !around.isTest) return false;
  return (
    around.unresolved.length === 0 &&
    around.ancestors.every((it) => it === 'builtins.object' || file.definition(it) !== undefined) &&
    !around.methods.has(call.method)
  );
}

function apart(call: Call): string {
  return [call.function.text, ...call.arguments.map(argumentText)].join(', ');
}

/** May what the function returns be called? Certain only for no value, literals and text. */
function returnsCallable(node: FunctionDefinition): boolean {
  if (node.async || node.decorators.length > 0) return true;
  const visit = (it: Node): boolean => {
    if (it.type === 'function' || it.type === 'class' || it.type === 'lambda') return false;
    if (it.type === 'yield' || it.type === 'yield from') return true;
    if (it.type === 'return') return it.operands.some((each) => !isPlain(each));
    return children(it).some(visit);
  };
  // A body that only raises or is abstract says nothing.
  return node.body.some(visit) || node.body.every((it) => it.type === 'raise' || it.type === 'pass' || it.type === 'expression');
}

function isPlain(it: Expression): boolean {
  return (
    it.type === 'dict' ||
    it.type === 'list' ||
    it.type === 'tuple' ||
    it.type === 'set' ||
    it.type === 'string' ||
    it.type === 'fstring' ||
    it.type === 'number' ||
    it.type === 'constant' ||
    it.type === 'comparison'
  );
}
