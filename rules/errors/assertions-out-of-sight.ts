import { assertsOrDelegates, isAssertionCall, isDelegatedCheck, running } from '../python/failures.ts';
import { short } from '../python/inspection.ts';
import { missingBases, TEST_CASE_METHODS } from '../python/unittest.ts';
import { defineRule, py } from '../rule.ts';

export const rule = defineRule({
  id: 'assertions-out-of-sight',
  code: 'ERR-U01',
  category: 'errors',
  title: 'whether the test asserts anything depends on a helper that was not found',
  kind: 'open',
  confidence: 'medium',
  cwe: [],
  why: 'A test without an assertion of its own is as strict as the helper that it calls.',
  instead: 'Open the workspace that holds the base class.',
  limits: 'Asked only where the test itself asserts nothing and calls a method of a class whose base was not found, but not one that is called `assert…`.',
  links: [],
  once: 'file',
  on: 'function',
  wants: (it) => it.role === 'test' && it.class !== undefined && it.class.unresolved.length > 0,
  *check(subject, file) {
    const { class: around } = subject;
    if (subject.role !== 'test' || around === undefined || around.unresolved.length === 0) return;
    for (const it of running(subject.node.body)) {
      if (it.type === 'assert' || it.type === 'raise') return;
      if (it.type !== 'call') continue;
      const own = it.function.type === 'attribute' && it.function.object.text === 'self';
      if (!own && (isAssertionCall(it) || /^(?:raises|warns|ExpectedException)$/.test(it.method))) return;
      // Whoever wrote it: what is called so asserts.
      if (own && /^assert(?:[A-Z_\d]|$)/.test(it.method)) return;
      if (own && TEST_CASE_METHODS.has(it.method) && isAssertionCall(it)) return;
      const body = own && it.callee !== undefined ? file.definition(it.callee)?.node?.body : undefined;
      if (body !== undefined && assertsOrDelegates(body)) return;
    }
    const [missing] = missingBases(around, file);
    if (missing === undefined) return;
    for (const it of running(subject.node.body)) {
      if (it.type !== 'call' || it.function.type !== 'attribute' || it.function.object.text !== 'self') continue;
      if (!isDelegatedCheck(it) && !/^_?(?:do_)?test_/.test(it.method)) continue;
      if (it.callee !== undefined && (file.definition(it.callee) !== undefined || file.exists(`${around.qualified}.${it.method}`) === 'yes')) continue;
      yield {
        at: it.function.place,
        message: `what inherited checks such as \`self.${it.method}\` assert: the base \`${short(missing, 40)}\` was not found`,
      };
      return;
    }
  },
  examples: [
    {
      name: 'a check of a base class that was not found',
      bad: py`
        from shop.testing import ShopTest

        class TestShop(ShopTest):
            def test_delete(self):
                self.client.delete("1")
                self.check_gone("1")  #! what inherited checks such as
      `,
    },
    {
      name: 'the base class is there, or the test asserts by itself',
      good: {
        'tests/test_shop.py': py`
          import testtools
          from shop.testing import ShopTest, made
          from other.testing import OtherTest

          class TestShop(ShopTest):
              def test_delete(self):
                  self.check_gone("1")

          class TestMade(made("shop")):
              def test_delete(self):
                  self.check_gone("1")

          class TestOther(OtherTest):
              def test_delete(self):
                  self.check_gone("1")
                  self.assertEqual(0, self.count())

              def test_add(self):
                  self.add("1")
                  self.assertHolds("1")

              def test_twice(self):
                  order = self.check_order("1")
                  with testtools.ExpectedException(ValueError):
                      self.add(order)
        `,
        'shop/__init__.py': '',
        'shop/testing.py': py`
          import unittest

          class ShopTest(unittest.TestCase):
              def check_gone(self, key):
                  self.assertNotIn(key, self.shop)

          def made(name):
              return type(name, (ShopTest,), {})
        `,
      },
    },
  ],
});
