import { defineRule } from '../rule.ts';

const OVERRIDE = '\u202e';
const MARK = '\u200e';

export const rule = defineRule({
  id: 'bidirectional-control',
  code: 'INP022',
  category: 'input',
  title: 'Invisible character that reorders the source',
  kind: 'fail',
  kinds: ['fail', 'informational'],
  confidence: 'high',
  cwe: [838, 1007],
  peers: { bandit: ['B613'], ruff: ['PLE2502'], pylint: ['E2502'] },
  why: 'What the editor shows is not what Python runs: code can hide in what looks like a comment or text ("Trojan source").',
  instead: 'Write the character as an escape: `"\\u202e"`.',
  limits: 'Characters that only look like others (homoglyphs) are not looked for. Direction marks, which are ordinary in texts, are notes.',
  links: ['https://trojansource.codes/', 'https://www.unicode.org/reports/tr9/'],
  on: 'file',
  *check(subject) {
    for (const { code, place } of subject.controls) {
      const mark = code === 'U+200E' || code === 'U+200F' || code === 'U+061C';
      const what = `an invisible character (\`${code}\`)`;
      if (mark) yield { at: place, kind: 'informational', message: `${what} stands here: write it as an escape` };
      else
        yield {
          at: place,
          message: `${what} reorders what is shown: the code is not what it looks like; write it as an escape`,
          fix: { title: 'Write it as an escape', safety: 'suggest', edits: [{ do: 'replace', at: place, with: `\\u${code.slice(2).toLowerCase()}` }] },
        };
    }
  },
  examples: [
    {
      name: 'in a comment and in a text',
      bad: `def test_access(user):\n    level = "user${OVERRIDE} "  #! reorders what is shown\n    assert user.level == level\n`,
      fixed: `def test_access(user):\n    level = "user\\u202e "\n    assert user.level == level\n`,
    },
    { name: 'a direction mark', bad: `NAME = "a${MARK}b"  #! write it as an escape\n` },
    { name: 'escapes, and letters of every direction', good: 'NAMES = ["\\u202e", "שלום", "سلام"]\n' },
  ],
});
