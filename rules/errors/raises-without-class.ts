import type { Node } from '../model.ts';
import { ancestors } from '../model.ts';
import { defineRule, py } from '../rule.ts';

export const rule = defineRule({
  id: 'raises-without-class',
  code: 'ERR005',
  category: 'errors',
  title: 'an exception is expected, but no class is named',
  kind: 'fail',
  kinds: ['fail', 'informational'],
  confidence: 'high',
  cwe: [396],
  peers: { ruff: ['PT010', 'PT029'], hacking: ['H202'] },
  why: 'Without a class the call itself raises `TypeError`, or, for warnings, any warning at all will do.',
  instead: 'Name the class that the code promises.',
  limits: 'Calls with `*args` or `**kwargs` are not judged.',
  links: ['https://docs.astral.sh/ruff/rules/pytest-raises-without-exception/'],
  on: 'raises',
  *check(raises) {
    if (raises.call.arguments.length > 0 || raises.call.method === 'deprecated_call' || isSubject(raises.call)) return;
    if (raises.what === 'warns')
      yield { at: raises.call.place, kind: 'informational', message: `\`${raises.call.method}()\` names no class: any warning will do` };
    else yield { at: raises.call.place, message: `\`${raises.call.method}()\` names no exception: nothing definite is expected` };
  },
  examples: [
    {
      name: 'no class',
      bad: py`
        import pytest

        def test_refuses(shop):
            with pytest.raises():  #! names no exception
                shop.buy(-1)
      `,
    },
    {
      name: 'any deprecation, or a pattern alone',
      good: py`
        import pytest

        def test_refuses(shop):
            with pytest.deprecated_call():
                shop.old()
            with pytest.raises(match="negative"):
                shop.buy(-1)
            with pytest.raises(TypeError):
                pytest.raises()
      `,
    },
    {
      name: 'a warning of any class',
      bad: py`
        import pytest

        def test_warns(shop):
            with pytest.warns():  #! any warning will do
                shop.old()
      `,
    },
  ],
});

/** Inside a block that expects the empty call itself to fail. */
function isSubject(call: Node): boolean {
  for (const it of ancestors(call)) {
    if (it.type === 'with' && it.items.some(({ context }) => context.type === 'call' && context !== call && /raises/i.test(context.method))) return true;
  }
  return false;
}
