import { argument } from '../model.ts';
import { addArgument, defineRule, py } from '../rule.ts';

const SENSITIVE = /(?:_TOKEN|_KEY|_SECRET|_PROXY|_PASSWORD)$|^(?:OS|AWS|AZURE|GOOGLE)_|^(?:https?|no|all)_proxy$/i;

export const rule = defineRule({
  id: 'environment-let-through',
  code: 'MCK025',
  category: 'mocking',
  title: 'Environment patch lets the variables of the developer through',
  kind: 'informational',
  confidence: 'medium',
  cwe: [526],
  why: 'What the test resolves (credentials, endpoints, proxies) may come from the machine that it runs on: a real token, a real host.',
  instead: 'Pass `clear=True`, or remove the other variables that the code looks at.',
  limits: 'Judged by the keys of the dictionary.',
  links: ['https://docs.python.org/3/library/unittest.mock.html#patch-dict'],
  once: 'file',
  on: 'patch',
  patches: (_, form) => form === 'patch.dict',
  *check(patch) {
    if (patch.form !== 'patch.dict' || patch.target !== 'os.environ' || argument(patch.call, 'clear') !== undefined) return;
    const values = argument(patch.call, 'values', 1);
    if (values?.type !== 'dict') return;
    const key = values.entries.map((it) => (it.key?.type === 'string' ? it.key.content : '')).find((it) => SENSITIVE.test(it));
    if (key === undefined || /\b(?:pop|delenv|clear)\(/.test(patch.owner?.node.text ?? '')) return;
    yield {
      at: patch.place,
      message: `\`${key}\` is set, but other variables of the developer still reach the test`,
      fix: { title: 'Clear the environment first', safety: 'suggest', edits: [addArgument(patch.call, 'clear=True')] },
    };
  },
  examples: [
    {
      name: 'a token on top of what is there',
      bad: py`
        import os
        from unittest import mock

        @mock.patch.dict(os.environ, {"BANK_TOKEN": "test-token"})  #! still reach the test
        def test_token():
            load()
      `,
      fixed: py`
        import os
        from unittest import mock

        @mock.patch.dict(os.environ, {"BANK_TOKEN": "test-token"}, clear=True)
        def test_token():
            load()
      `,
    },
    {
      name: 'cleared, or nothing sensitive',
      good: py`
        import os
        from unittest import mock

        @mock.patch.dict(os.environ, {"BANK_TOKEN": "test-token"}, clear=True)
        def test_token():
            load()

        @mock.patch.dict(os.environ, {"LANGUAGE": "en"})
        def test_language():
            load()
      `,
    },
  ],
});
