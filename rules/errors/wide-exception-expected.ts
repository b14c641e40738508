import { isNamedAfterRefusal, isWideClass } from '../python/failures.ts';
import { isInspected } from '../python/inspection.ts';
import { watchesNothing } from '../python/raises.ts';
import { defineRule, py } from '../rule.ts';

export const rule = defineRule({
  id: 'wide-exception-expected',
  code: 'ERR002',
  category: 'errors',
  title: 'a wide built-in exception is expected without its message',
  kind: 'informational',
  kinds: ['informational', 'review'],
  confidence: 'medium',
  cwe: [396],
  peers: { ruff: ['PT011'] },
  why: 'Many mistakes raise `ValueError`, `TypeError` or `OSError`: a test of a refusal passes for the wrong reason.',
  instead: 'Compare the message with `match=` or `assertRaisesRegex`, or let the code raise a class of its own.',
  limits: 'Which tests guard something is read off their names.',
  links: ['https://docs.astral.sh/ruff/rules/pytest-raises-too-broad/'],
  once: 'file',
  on: 'raises',
  *check(raises) {
    if (raises.what !== 'raises' || raises.match !== undefined || raises.exceptions.length !== 1) return;
    if (watchesNothing(raises)) return;
    const [expected] = raises.exceptions;
    if (expected === undefined || !isWideClass(expected) || isInspected(raises)) return;
    const guards = raises.owner !== undefined && raises.owner.role === 'test' && isNamedAfterRefusal(raises.owner.name);
    yield {
      at: expected.place,
      ...(guards ? { kind: 'review' as const } : {}),
      message: guards
        ? `a test of a guard takes any error of a wide class, \`${expected.text}\`: its message is not compared`
        : `any error of a wide class passes, \`${expected.text}\`: its message is not compared`,
    };
  },
  examples: [
    {
      name: 'a test of access, and another one',
      bad: py`
        import pytest

        def test_login_denied(shop):
            with pytest.raises(ValueError):  #! a test of a guard takes any error
                shop.login("guest")

        def test_price(shop):
            with pytest.raises(ValueError):  #! its message is not compared
                shop.price(-1)
      `,
    },
    {
      name: 'tests of other things that sound alike',
      bad: py`
        import pytest

        def test_invalid_login_timeout(shop):
            with pytest.raises(ValueError):  #! any error of a wide class passes
                shop.connect(login_timeout=-1)

        def test_dotted_traversal(settings):
            with pytest.raises(KeyError):
                settings.find("a.b")
      `,
    },
    {
      name: 'a narrow class, or the message compared',
      good: py`
        import pytest

        def test_login_denied(shop):
            with pytest.raises(PermissionError):
                shop.login("guest")
            with pytest.raises(ValueError, match="guest"):
                shop.login("guest")
            with pytest.raises(ValueError) as caught:
                shop.login("guest")
            assert "guest" in str(caught.value)
      `,
    },
    {
      name: 'nothing is watched, so nothing passes either',
      good: py`
        import unittest

        class TestShop(unittest.TestCase):
            def test_price(self):
                self.assertRaises(KeyError)
                self.shop.price("x")
      `,
      alsoFinds: ['ERR006'],
    },
    {
      name: 'two classes named together are a choice',
      good: py`
        import pytest

        def test_refuses(shop):
            with pytest.raises((ValueError, TypeError)):
                shop.buy("x")
      `,
    },
  ],
});
