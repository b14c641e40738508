import type { Expression } from '../model.ts';
import { isCredentialName, saysPlaceholder } from '../python/secrets.ts';
import { defineRule, py } from '../rule.ts';

/** The text that must not appear: a literal next to a redaction, or a variable called a secret. */
function secret(it: Expression): string | undefined {
  if (it.type === 'string')
    return /passw|secret|token|cred/i.test(it.content) && saysPlaceholder(it.content) && !/\s/.test(it.content) && it.content.length > 5 ? it.text : undefined;
  const name = it.type === 'name' ? it.id : it.type === 'attribute' ? it.name : undefined;
  return name !== undefined && isCredentialName(name) ? it.text : undefined;
}

/** The last word of what is looked through. */
function lastWord(text: string): string {
  const call = /\([^()]{0,80}\)$/.exec(text);
  return (call === null ? text : text.slice(0, call.index)).split(/\W/).at(-1) ?? '';
}

const OUTPUT = /out|log|text|message|repr|str|body|content|masked|line|stream|url|result|record/i;

export const rule = defineRule({
  id: 'secret-hidden',
  code: 'SEC-S08',
  category: 'credentials',
  title: 'A secret is tested to stay out of the output',
  kind: 'pass',
  confidence: 'medium',
  cwe: [],
  why: 'Only such a test keeps a password out of the logs for good.',
  instead: 'Keep it so.',
  limits: 'Told by the names of the secret and of what is looked through.',
  links: ['https://cwe.mitre.org/data/definitions/532.html'],
  once: 'file',
  on: ['call', 'statement'],
  calls: (_, method) => method === 'assertNotIn',
  statements: ['assert'],
  *check(subject) {
    if (subject.type === 'call') {
      if (subject.method !== 'assertNotIn') return;
      const [needle, hay] = subject.arguments;
      const what = needle === undefined ? undefined : secret(needle.value);
      if (what !== undefined && hay !== undefined && OUTPUT.test(lastWord(hay.value.text)))
        yield { at: subject.place, message: `\`${what}\` must not appear in \`${hay.value.text.slice(0, 40)}\`` };
      return;
    }
    if (subject.type !== 'assert') return;
    const [test] = subject.operands;
    if (test?.type !== 'comparison' || test.operators[0] !== 'not in') return;
    const [needle, hay] = test.operands;
    const what = needle === undefined ? undefined : secret(needle);
    if (what !== undefined && hay !== undefined && OUTPUT.test(lastWord(hay.text)))
      yield { at: subject.place, message: `\`${what}\` must not appear in \`${hay.text.slice(0, 40)}\`` };
  },
  examples: [
    {
      name: 'both styles',
      bad: py`
        def test_log(self, caplog, password):
            assert password not in caplog.text  #! must not appear in ${'`caplog.text`'}
      `,
    },
    {
      name: 'something else is absent',
      good: py`
        def test_log(caplog):
            assert "harbour" not in caplog.text
            assert "password" not in caplog.names
      `,
    },
  ],
});
