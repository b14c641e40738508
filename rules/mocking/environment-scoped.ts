import { argument, constantText } from '../model.ts';
import { code } from '../python/patchers.ts';
import { defineRule, py } from '../rule.ts';

export const rule = defineRule({
  id: 'environment-scoped',
  code: 'MCK-S07',
  category: 'mocking',
  title: 'Environment of the test is its own',
  kind: 'pass',
  confidence: 'high',
  cwe: [],
  why: 'Variables of the developer or the build server do not reach the test, and those of the test do not stay.',
  limits: 'None known.',
  links: ['https://docs.python.org/3/library/unittest.mock.html#patch-dict'],
  once: 'file',
  on: ['patch', 'call'],
  calls: (callee) => callee === 'fixtures.EnvironmentVariable',
  patches: (_, form) => form === 'monkeypatch' || form === 'patch.dict',
  *check(subject) {
    if (subject.type === 'call') {
      if (subject.method !== 'EnvironmentVariable' || subject.callee !== 'fixtures.EnvironmentVariable' || subject.parent?.type !== 'call') return;
      yield { at: subject.place, message: `${code(subject, 60)} sets the variable back when the test ends` };
      return;
    }
    const { call } = subject;
    if (subject.form === 'monkeypatch' && /^(?:setenv|delenv)$/.test(call.method)) {
      const key = constantText(argument(call, 'name', 0)?.value);
      yield { at: subject.place, message: `\`${call.method}\` sets ${key === undefined ? 'the variable' : `\`${key}\``} back when the test ends` };
    } else if (subject.form === 'patch.dict' && subject.target === 'os.environ' && argument(call, 'clear')?.text === 'True' && subject.applied !== 'unused') {
      yield { at: subject.place, message: '`clear=True` keeps the variables of the developer out of the test' };
    }
  },
  examples: [
    {
      name: 'an environment of its own',
      bad: py`
        import os
        from unittest import mock

        @mock.patch.dict(os.environ, {"API_URL": "https://api.example.test"}, clear=True)  #! keeps the variables
        def test_url():
            load()

        def test_other(monkeypatch):
            monkeypatch.setenv("API_URL", "https://api.example.test")  #! back when the test ends
      `,
    },
    {
      name: 'on top of what is there',
      good: py`
        import os
        from unittest import mock

        @mock.patch.dict(os.environ, {"LANGUAGE": "en"})
        def test_language():
            load()
      `,
    },
  ],
});
