import type { Expression } from '../model.ts';
import { constantText } from '../model.ts';
import { inspection, short } from '../python/inspection.ts';
import { defineRule, py } from '../rule.ts';

export const rule = defineRule({
  id: 'error-details-checked',
  code: 'ERR-S02',
  category: 'errors',
  title: 'the message or code of the expected exception is checked',
  kind: 'pass',
  confidence: 'high',
  cwe: [],
  why: 'The right class for the wrong reason does not pass.',
  limits: 'A captured exception that is handed to a helper counts only when the helper is an assertion.',
  links: ['https://docs.pytest.org/en/stable/how-to/assert.html#matching-exception-messages'],
  on: 'raises',
  *check(raises) {
    if (raises.what !== 'raises') return;
    const expected = raises.exceptions[0]?.text ?? 'the exception';
    if (raises.match !== undefined) {
      if (!isEmpty(raises.match)) yield { at: raises.match.place, message: `what \`${short(expected)}\` says is compared, not only its class` };
      return;
    }
    const proof = inspection(raises);
    if (proof !== undefined)
      yield {
        at: proof.place,
        message: `the raised \`${short(expected)}\` is itself inspected by an assertion`,
        trail: [{ at: raises.place, note: 'caught here' }],
      };
  },
  examples: [
    {
      name: 'a pattern, the code, the returned exception',
      bad: py`
        import pytest
        import unittest

        def test_refuses(shop):
            with pytest.raises(ValueError, match="negative"):  #! what ${'`ValueError`'} says is compared
                shop.buy(-1)
      `,
    },
    {
      name: 'the captured exception is inspected',
      bad: py`
        import unittest

        class TestShop(unittest.TestCase):
            def test_code(self):
                with self.assertRaises(ApiError) as caught:
                    self.shop.buy(-1)
                self.assertEqual(403, caught.exception.code)
                #                     ^^^^^^ is itself inspected
      `,
    },
    {
      name: 'a pattern that fits everything, an exception that is only named',
      good: py`
        import pytest

        def test_refuses(shop):
            with pytest.raises(ValueError, match=""):
                shop.buy(-1)
            with pytest.raises(ValueError) as caught:
                shop.buy(-1)
            print(caught.value)
      `,
    },
    {
      name: 'an expectation kept in a variable',
      bad: py`
        import pytest

        def test_refuses(shop):
            refused = pytest.raises(ValueError, match="negative")  #! what ${'`ValueError`'} says is compared
            with refused:
                shop.buy(-1)
      `,
    },
  ],
});

function isEmpty(pattern: Expression): boolean {
  const text = constantText(pattern.value);
  return text === '' || text === '.*' || text === '.+' || text === '.' || pattern.text === 'None';
}
