import { risky } from '../python/failures.ts';
import { unpatched } from '../python/inspection.ts';
import { defineRule, py } from '../rule.ts';

export const rule = defineRule({
  id: 'one-statement-per-raises-block',
  code: 'ERR-S03',
  category: 'errors',
  title: 'every block that expects an exception holds one statement that can raise',
  kind: 'pass',
  confidence: 'high',
  cwe: [],
  why: 'With one statement in the block, the exception can only come from where it is meant to come from.',
  limits: 'Said only where it holds for all such blocks of the file.',
  links: ['https://docs.astral.sh/ruff/rules/pytest-raises-with-multiple-statements/'],
  once: 'file',
  on: 'raises',
  *check(raises) {
    if (raises.what !== 'raises' || raises.form !== 'with') return;
    const asserts = raises.body.length > 1 && raises.body.some((it) => it.type === 'assert');
    const disproves = asserts || raises.body.some((it) => it.type === 'broken') || risky(unpatched(raises.body)).length > 1;
    yield { at: raises.place, message: 'the block holds one statement that can raise, as every such block here', ...(disproves ? { disproves } : {}) };
  },
  examples: [
    {
      name: 'each block with one statement',
      bad: py`
        import pytest

        def test_buy(shop):
            basket = shop.basket()
            with pytest.raises(shop.Refused):  #! as every such block here
                basket.buy(-1)

        def test_sell(shop):
            with pytest.raises(shop.Refused):
                shop.sell(-1)
      `,
    },
    {
      name: 'an assertion behind it',
      good: py`
        import pytest

        def test_sell(shop):
            with pytest.raises(shop.Refused) as refusal:
                shop.sell(-1)
                assert refusal.value.code == 409
      `,
      alsoFinds: ['ERR004'],
    },
    {
      name: 'one block with two',
      good: py`
        import pytest

        def test_buy(shop):
            with pytest.raises(shop.Refused):
                shop.buy(-1)

        def test_sell(shop):
            with pytest.raises(shop.Refused):
                basket = shop.basket()
                basket.sell(-1)
      `,
      alsoFinds: ['ERR003'],
    },
  ],
});
