import type { Expression, TestFile } from '../model.ts';
import { short } from '../python/inspection.ts';
import { defineRule, py } from '../rule.ts';

export const rule = defineRule({
  id: 'specific-exception-expected',
  code: 'ERR-S01',
  category: 'errors',
  title: 'the exception expected is a specific class, not a built-in one',
  kind: 'pass',
  confidence: 'high',
  cwe: [],
  why: 'Only the code that is meant raises such a class; an accident raises another one.',
  limits: 'A class of the project that was not found is an open question, not evidence.',
  links: [],
  on: 'raises',
  *check(raises, file) {
    if (raises.what !== 'raises' || raises.exceptions.length === 0) return;
    if (!raises.exceptions.every((it) => isSpecific(it, file))) return;
    const [first] = raises.exceptions;
    if (first === undefined) return;
    yield {
      at: raises.exceptions.length === 1 ? first.place : raises.call.place,
      message: `\`${short(first.text)}\` is expected: a class of its own, not a built-in one that accidents raise too`,
    };
  },
  examples: [
    {
      name: 'a class of the project',
      bad: {
        'tests/test_shop.py': py`
          import pytest
          from shop import errors

          def test_refuses(shop):
              with pytest.raises(errors.SoldOut):
                  #              ^^^^^^^^^^^^^^ a class of its own
                  shop.buy(1)
        `,
        'shop/__init__.py': '',
        'shop/errors.py': 'class SoldOut(Exception):\n    pass\n',
      },
    },
    {
      name: 'built-in classes, and a class held in a variable',
      good: py`
        import pytest

        def test_refuses(shop, kind):
            with pytest.raises(ValueError):
                shop.buy(1)
            with pytest.raises(kind):
                shop.buy(2)
      `,
    },
    {
      name: 'the same class under another name of Python',
      good: py`
        import asyncio
        import pytest

        async def test_waits(shop):
            with pytest.raises(asyncio.TimeoutError):
                await shop.buy(1)
      `,
    },
  ],
});

function isSpecific(it: Expression, file: TestFile): boolean {
  const name = it.refersTo;
  if (name === undefined || name.startsWith('builtins.') || name.includes('(') || !/\.[A-Z][A-Z0-9_]*[a-z]\w*$/.test(name)) return false;
  if (/^(?:asyncio|concurrent\.futures|multiprocessing)\.TimeoutError$/.test(name)) return false; // other names of the built-in class
  const found = file.definition(name);
  if (found !== undefined) return found.kind === 'class';
  // A library's class, not one of the project that could not be read.
  return !isOwn(name, file);
}

/** Does the name belong to the package that the file itself is in? */
function isOwn(name: string, file: TestFile): boolean {
  const top = name.split('.')[0] ?? '';
  return name.startsWith('.') || file.path.split('/').includes(top) || !file.imports(top);
}
