import { argument, type Call, type TestFile, walk } from '../model.ts';
import { makesMock } from '../python/mock.ts';
import { isMockAssertion, isRecord } from '../python/mock-assertions.ts';
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
  limits:
    'A mock that is later told what to answer, or given attributes, passes those calls on to nobody, and is not counted; nor is one with a name of the function when nothing there asks it for its calls.',
  links: ['https://docs.python.org/3/library/unittest.mock.html#unittest.mock.seal'],
  once: 'file',
  on: ['call', 'patch'],
  calls: (callee) => callee === 'unittest.mock.seal' || makesMock(callee),
  wants: (it) => it.type === 'call' || it.form === 'mocker' || argument(it.call, 'wraps') !== undefined,
  *check(subject, file) {
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
      if (wraps !== undefined && wraps.text !== 'None' && isSpy(subject, file))
        yield { at: subject.place, message: `the mock records the calls and passes them on to ${code(wraps)}` };
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
            client.transfer(10, send)
            send.assert_called_once_with(10)
      `,
    },
    {
      name: 'a plain mock, and one that is told what to answer',
      good: py`
        from unittest import mock
        from bank import client

        def test_transfer():
            send = mock.Mock()

        def test_refusal():
            desk = mock.MagicMock(wraps=client.Desk())
            desk.accepts.return_value = False
            assert not client.send(desk, 10)

        def test_old_files(folder):
            status = mock.MagicMock(wraps=folder.status())
            status.changed = 1e20
            with mock.patch("bank.client.status", return_value=status) as asked:
                assert client.sent(folder) == 0
            asked.assert_called_once_with(folder)

        def test_never_asked(desk):
            watched = mock.Mock(wraps=desk)
            assert client.send(watched, 10)
      `,
    },
  ],
});

/** Does nothing keep it from passing its calls on, such as `validator.check.return_value = True` or `status.size = 0`, and, where it is a name of the function, does that look at them? */
function isSpy(made: Call, file: TestFile): boolean {
  const [target] = made.parent?.type === 'assignment' ? made.parent.targets : [];
  const owner = file.ownerOf(made);
  if (target === undefined || owner === undefined) return true;
  const own = `${target.text}.`;
  const nodes = walk(owner.node);
  if (nodes.some((it) => it.type === 'assignment' && it.targets.some((each) => each.text.startsWith(own)))) return false;
  return target.type !== 'name' || nodes.some((it) => it.type === 'attribute' && it.text.startsWith(own) && (isMockAssertion(it.name) || isRecord(it.name)));
}
