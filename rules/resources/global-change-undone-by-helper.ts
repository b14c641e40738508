import { argument, constantText } from '../model.ts';
import { defineRule, py } from '../rule.ts';

const MONKEYPATCH: ReadonlySet<string> = new Set(['setenv', 'delenv', 'setattr', 'delattr', 'setitem', 'delitem', 'chdir', 'syspath_prepend']);

export const rule = defineRule({
  id: 'global-change-undone-by-helper',
  code: 'RES-S06',
  category: 'resources',
  title: 'Global state changed through a helper that sets it back',
  kind: 'pass',
  confidence: 'high',
  cwe: [],
  why: 'The helper remembers what was there and puts it back when the test ends, passed or failed.',
  instead: 'Keep using it instead of assigning.',
  limits: 'Each use is cited; whether other changes of the file are undone is judged where they stand.',
  links: ['https://docs.pytest.org/en/stable/how-to/monkeypatch.html'],
  once: 'class',
  on: 'call',
  calls: (callee) => callee.startsWith('pytest.MonkeyPatch().') || callee === 'unittest.mock.patch.dict',
  *check(call) {
    const callee = call.callee ?? '';
    if (callee.startsWith('pytest.MonkeyPatch().') && MONKEYPATCH.has(call.method)) {
      yield { at: call.place, message: `\`monkeypatch.${call.method}\` is undone when the test ends` };
    } else if (callee === 'unittest.mock.patch.dict') {
      const first = call.arguments[0]?.value ?? argument(call, 'in_dict');
      const name = first === undefined ? undefined : (constantText(first.value) ?? first.text);
      // Made but not entered, it does nothing.
      if (
        name !== undefined &&
        name.length < 50 &&
        call.parent?.type !== 'expression' &&
        (call.parent?.type === 'with' || call.parent?.type === 'function' || call.parent?.type === 'class')
      )
        yield { at: call.place, message: `\`patch.dict\` puts \`${name}\` back as it was` };
    }
  },
  examples: [
    {
      name: 'the environment',
      bad: py`
        def test_proxy(monkeypatch):
            monkeypatch.setenv('HTTP_PROXY', 'http://proxy.example.com')  #! is undone
      `,
    },
    {
      name: 'a mapping',
      bad: py`
        import os
        from unittest import mock

        def test_proxy():
            with mock.patch.dict(os.environ, {'A': 'b'}):  #! puts
                assert os.environ['A']
      `,
    },
    {
      name: 'by hand',
      good: py`
        def test_proxy(environment):
            environment.setenv('HTTP_PROXY', 'http://proxy.example.com')
            # monkeypatch.setenv('A', 'b')
            assert environment
      `,
    },
  ],
});
