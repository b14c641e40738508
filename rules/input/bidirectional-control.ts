import { defineRule, type Edit } from '../rule.ts';

/** Such characters are what the test is about. */
const ABOUT = /bidi|trojan|unicode|rtl|direction|control_?char|homoglyph/i;

const CLOSING = /U\+20(?:2C|69)/;
/** What follows runs from right to left, whatever its letters. */
const TURNING = /U\+20(?:2B|2E|67)/;
const OVERRIDE = '\u202e';
const MARK = '\u200e';
const [EMBEDDING, POP] = ['\u202a', '\u202c'];
const SHALOM = '\u05e9\u05dc\u05d5\u05dd';

export const rule = defineRule({
  id: 'bidirectional-control',
  code: 'INP022',
  category: 'input',
  title: 'Invisible character that reorders the source',
  kind: 'fail',
  kinds: ['fail', 'review', 'informational'],
  confidence: 'high',
  cwe: [838, 1007],
  peers: { bandit: ['B613'], ruff: ['PLE2502'], pylint: ['E2502'] },
  why: 'What the editor shows is not what Python runs: code can hide in what looks like a comment or text ("Trojan source").',
  instead: 'Write the character as an escape: `"\\u202e"`.',
  limits:
    'Characters that only look like others (homoglyphs) are not looked for. Direction marks, which are ordinary in texts, are notes, as are embeddings and isolates that one text of right-to-left letters opens and closes, and what turns nothing in a text or comment that runs from left to right. What turns is a point to decide in a text, in a comment or in code a defect.',
  links: ['https://trojansource.codes/', 'https://www.unicode.org/reports/tr9/'],
  atRest: true,
  on: 'file',
  *check(subject, file) {
    const fileIsAbout = ABOUT.test(file.path.slice(file.path.lastIndexOf('/') + 1));
    for (const { code, place, inside, balanced, within } of subject.controls) {
      const mark = code === 'U+200E' || code === 'U+200F' || code === 'U+061C';
      const isText = inside === 'text' || inside === 'raw text';
      const what = `an invisible character (\`${code}\`)`;
      const advice = inside === 'raw text' ? 'write it as an escape, in a text that is not raw' : 'write it as an escape';
      // In a text that escapes mean nothing in, or in code, a person has to see to it.
      const edits: readonly Edit[] = [{ do: 'replace', at: place, with: `\\u${code.slice(2).toLowerCase()}` }];
      const fix = inside === 'text' || inside === 'comment' ? { fix: { title: 'Write it as an escape', safety: 'safe' as const, edits } } : {};
      if (mark) yield { at: place, kind: 'informational', message: `${what} stands here: ${advice}` };
      else if (balanced) {
        // What closes goes with what opens; one of them alone written as an escape would be no better.
        if (!CLOSING.test(code))
          yield { at: place, kind: 'informational', message: `${what} is opened and closed in a text of right-to-left letters: write both as escapes` };
      } else if (isText && (fileIsAbout || ABOUT.test(within)))
        yield { at: place, kind: 'informational', message: `${what} stands in a test about such characters: ${advice}`, ...fix };
      else if (inside !== 'code' && !TURNING.test(code)) yield { at: place, kind: 'informational', message: `${what} stands here: ${advice}`, ...fix };
      else if (isText) yield { at: place, kind: 'review', message: `${what} reorders what is shown: the text is not what it looks like; ${advice}`, ...fix };
      else yield { at: place, message: `${what} reorders what is shown: the code is not what it looks like; ${advice}`, ...fix };
    }
  },
  examples: [
    {
      name: 'in a comment and in a text',
      bad: `def test_access(user):\n    level = "user${OVERRIDE} "  #! reorders what is shown\n    assert user.level == level\n`,
      fixed: `def test_access(user):\n    level = "user\\u202e "\n    assert user.level == level\n`,
    },
    {
      name: 'in a test about them',
      bad: `def test_trojan_source(find):\n    assert find("user${OVERRIDE} ")  #! in a test about such characters\n`,
      fixed: `def test_trojan_source(find):\n    assert find("user\\u202e ")\n`,
    },
    { name: 'in a comment', bad: `# level ${OVERRIDE} user  #! reorders what is shown\nLEVEL = 1\n` },
    {
      name: 'in a raw text',
      bad: `def test_access(user):\n    assert user.level == r"user${OVERRIDE}"  #! the text is not what it looks like; write it as an escape, in a text that is not raw\n`,
    },
    {
      name: 'in a raw text, and in a comment, where it turns nothing',
      bad: `# level ${EMBEDDING}user  #! stands here\nLEVEL = r"user${EMBEDDING}"  #! stands here\n`,
    },
    { name: 'a direction mark', bad: `NAME = "a${MARK}b"  #! write it as an escape\n` },
    {
      name: 'opened and closed in a text that runs from right to left, and not',
      bad: `A = "${SHALOM} ${EMBEDDING}<area>${POP} ${SHALOM}"  #! is opened and closed\nB = "${SHALOM} ${EMBEDDING}<area> ${SHALOM}"  #! stands here: write it as an escape\nC = "user ${EMBEDDING}<area>${POP}"  #! stands here: write it as an escape\n`,
    },
    { name: 'escapes, and letters of every direction', good: 'NAMES = ["\\u202e", "שלום", "سلام"]\n' },
  ],
});
