import { argument } from '../model.ts';
import { makesMock } from '../python/mock.ts';
import { code } from '../python/patchers.ts';
import { defineRule, py } from '../rule.ts';

export const rule = defineRule({
  id: 'spy',
  code: 'MCK-S06',
  category: 'mocking',
  title: 'Real thing watched, or mock sealed',
  kind: 'pass',
  confidence: 'high',
  cwe: [],
  why: 'A spy keeps the real behaviour and records the calls; a sealed mock refuses every attribute that the test did not give it.',
  instead: 'This is the good way.',
  limits: 'None known.',
  links: ['https://docs.python.org/3/library/unittest.mock.html#unittest.mock.seal'],
  once: 'file',
  on: ['call', 'patch'],
  calls: (callee) => callee === 'unittest.mock.seal' || makesMock(callee),
  wants: (it) => it.type === 'call' || it.form === 'mocker' || argument(it.call, 'wraps') !== undefined,
  *check(subject) {
    if (subject.type === 'patch') {
      const wraps = argument(subject.call, 'wraps');
      if (wraps !== undefined && wraps.text !== 'None') yield { at: subject.place, message: `the stub records the calls and passes them on to ${code(wraps)}` };
      else if (subject.form === 'mocker' && subject.call.method === 'spy')
        yield { at: subject.place, message: `${code(subject.call)} records the calls and keeps the real behaviour` };
      return;
    }
    if (subject.callee === 'unittest.mock.seal') yield { at: subject.place, message: `${code(subject)}: the mock refuses what the test did not give it` };
    else if (makesMock(subject.callee)) {
      const wraps = argument(subject, 'wraps');
      if (wraps !== undefined && wraps.text !== 'None') yield { at: subject.place, message: `the mock records the calls and passes them on to ${code(wraps)}` };
    }
  },
  examples: [
    {
      name: 'a spy and a sealed mock',
      bad: py`
        from unittest import mock
        from bank import client

        def test_transfer():
            send = mock.Mock(wraps=client.send)  #! passes them on to
            mock.seal(send)  #! refuses what the test did not give it
      `,
    },
    {
      name: 'a plain mock',
      good: py`
        from unittest import mock

        def test_transfer():
            send = mock.Mock()
      `,
    },
  ],
});
