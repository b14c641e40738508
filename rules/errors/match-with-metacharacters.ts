import { argument } from '../model.ts';
import { defineRule, py } from '../rule.ts';

/** `[…]` with something in it. */
function hasClass(line: string): boolean {
  const open = line.indexOf('[');
  return open >= 0 && line.lastIndexOf(']') > open + 1;
}

export const rule = defineRule({
  id: 'match-with-metacharacters',
  code: 'ERR007',
  category: 'errors',
  title: 'a message given as pattern holds characters of the pattern language',
  kind: 'informational',
  confidence: 'high',
  cwe: [185],
  peers: { ruff: ['RUF043'] },
  why: '`match=` is a regular expression: brackets group, a dot stands for any character, and the message is not the one compared.',
  instead: 'Write `match=re.escape("…")`, or a raw string if a pattern is meant.',
  limits: 'A text with `.*`, a backslash, `|`, `^` or `$` is taken for a pattern that was meant as one; a dot at the end or inside a word is passed over.',
  links: ['https://docs.astral.sh/ruff/rules/pytest-raises-ambiguous-pattern/'],
  once: 'file',
  on: 'raises',
  *check(raises) {
    const pattern = argument(raises.call, 'match');
    if (pattern?.type !== 'string' || pattern.raw) return;
    const text = pattern.content.replace(/\.$|(?<=\w)\.(?=\w)/g, '');
    if (/[\\|^$]|\.[*+?]/.test(text) || text.split('\n').some(hasClass)) return;
    const found = /[().+*?{}[\]]/.exec(text)?.[0];
    if (found === undefined) return;
    yield {
      at: pattern.place,
      message: `\`${found}\` has a meaning in a pattern: this text does not match itself alone`,
      fix: {
        title: 'Escape it',
        safety: 'suggest',
        edits: [
          { do: 'replace', at: pattern.place, with: `re.escape(${pattern.text})` },
          { do: 'import', module: 're' },
        ],
      },
    };
  },
  examples: [
    {
      name: 'brackets in a message',
      bad: py`
        import pytest

        def test_refuses(shop):
            with pytest.raises(ValueError, match="buy(-1) refused"):  #! has a meaning in a pattern
                shop.buy(-1)
      `,
      fixed: py`
        import re
        import pytest

        def test_refuses(shop):
            with pytest.raises(ValueError, match=re.escape("buy(-1) refused")):
                shop.buy(-1)
      `,
    },
    {
      name: 'raw, escaped, plain, or plainly a pattern',
      good: py`
        import re
        import pytest

        def test_refuses(shop):
            with pytest.raises(ValueError, match=r"buy\(-1\)"):
                shop.buy(-1)
            with pytest.raises(ValueError, match=re.escape("buy(-1)")):
                shop.buy(-1)
            with pytest.raises(ValueError, match="buy.*refused"):
                shop.buy(-1)
            with pytest.raises(ValueError, match="refused at 7.5."):
                shop.buy(-1)
      `,
    },
    {
      name: 'a path, a version',
      good: py`
        import pytest

        def test_refuses(shop):
            with pytest.raises(ImportError, match="no harbour.tides in 3.12"):
                shop.load()
      `,
    },
  ],
});
