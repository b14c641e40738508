import { constantText, type Operation } from '../model.ts';
import { isPublishedSample, liveToken, TOKEN_PREFIX, testModeKey } from '../python/tokens.ts';
import { defineRule, py } from '../rule.ts';

export const rule = defineRule({
  id: 'assembled-secret',
  code: 'SEC-S05',
  category: 'credentials',
  title: 'Secret-shaped input is put together when the test runs',
  kind: 'pass',
  confidence: 'high',
  cwe: [],
  why: 'No whole secret stands in the source, so scanners stay quiet and nobody has to wonder.',
  instead: 'Keep it so.',
  limits: 'Told by the beginnings of well-known tokens only.',
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

function repeats(it: Operation): boolean {
  return it.right.type === 'operation' && it.right.operator === '*' && constantText(it.value) !== undefined;
}
