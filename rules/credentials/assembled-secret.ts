import { constantText, type Operation, type Value } from '../model.ts';
import { outermostSum } from '../python/literals.ts';
import { looksRandom } from '../python/secrets.ts';
import { isPublishedSample, liveToken, TOKEN_PREFIX, testModeKey } from '../python/tokens.ts';
import { defineRule, py } from '../rule.ts';

/** In parts, so that scanners find nothing here. */
const REST = ['Tz5mQw8LrN2v', 'Xb7KcY4jHs9D'].join('');

export const rule = defineRule({
  id: 'assembled-secret',
  code: 'SEC-S05',
  category: 'credentials',
  title: 'Secret-shaped input is put together when the test runs',
  kind: 'pass',
  confidence: 'high',
  cwe: [],
  why: 'No whole secret stands in the source, so scanners stay quiet and nobody has to wonder.',
  limits: 'Told by the beginnings of well-known tokens only; silent where the rest is random and stands in the source too.',
  links: ['https://github.com/gitleaks/gitleaks'],
  once: 'file',
  on: 'literal',
  wants: ({ node }) => node.parent?.type === 'operation',
  *check(literal) {
    const { parent } = literal.node;
    if (parent?.type !== 'operation' || parent.operator !== '+' || parent.left !== literal.node || !isBeginning(literal.content) || literal.content.length > 40)
      return;
    if (liveToken(literal.content) !== undefined || testModeKey(literal.content) !== undefined || isPublishedSample(literal.content)) return;
    if (literal.content.startsWith('-----') && !repeats(parent)) return;
    if (isReal(known(outermostSum(literal).value), literal.content)) return;
    yield { at: parent.place, message: `\`${literal.content}…\` is put together when the test runs: no whole secret stands here` };
  },
  examples: [
    {
      name: 'a prefix and a repeated letter',
      bad: py`
        def test_scanner(scan):
            found = scan("ghp_" + "a" * 36)  #! is put together when the test runs
      `,
    },
    {
      name: 'a random rest that stands in the source too',
      good: py`
        def test_pay(pay, suffix):
            pay("sk_live_" + "${REST}")
            pay("sk_live_" + "${REST}" + suffix)
      `,
      alsoFinds: ['SEC003'],
    },
    {
      name: 'other texts',
      good: py`
        def test_name(name):
            name("harbour_" + "a" * 36)
      `,
    },
  ],
});

function isBeginning(text: string): boolean {
  return TOKEN_PREFIX.test(text) || text.startsWith('-----BEGIN ');
}

/** What of the value stands in the source. */
function known(value: Value): string {
  return value.kind === 'joined' ? value.parts.map(known).join('') : (constantText(value) ?? '');
}

/** Is what makes a token secret there, only in two parts? */
function isReal(text: string, beginning: string): boolean {
  return liveToken(text) !== undefined || testModeKey(text) !== undefined || looksRandom(text.slice(beginning.length));
}

function repeats(it: Operation): boolean {
  return it.right.type === 'operation' && it.right.operator === '*' && constantText(it.value) !== undefined;
}
