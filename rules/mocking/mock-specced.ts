import { argument, type Call, type Expression } from '../model.ts';
import { makesMock } from '../python/mock.ts';
import { code } from '../python/patchers.ts';
import { defineRule, py } from '../rule.ts';

export const rule = defineRule({
  id: 'mock-specced',
  code: 'MCK-S01',
  category: 'mocking',
  title: 'Mock held to what it replaces',
  kind: 'pass',
  confidence: 'high',
  cwe: [],
  why: 'A mock with a specification refuses calls that the real thing would refuse, so tests notice when the two part ways.',
  limits: 'A specification that is passed through `**kwargs` is not seen.',
  links: ['https://docs.python.org/3/library/unittest.mock.html#autospeccing'],
  once: 'file',
  on: ['call', 'patch'],
  calls: (callee) => makesMock(callee),
  *check(subject) {
    if (subject.type === 'patch') {
      const { owner } = subject;
      const base = owner?.class?.guarantor('autospec');
      const given = ['autospec', 'spec', 'spec_set'].find((it) => {
        const value = argument(subject.call, it);
        return value !== undefined && value.text !== 'False' && value.text !== 'None';
      });
      if (given !== undefined)
        yield { at: subject.place, message: `\`${given}\` holds the stub of ${code(subject.target ?? subject.call, 50)} to the real thing` };
      else if (base !== undefined && subject.replacement === undefined && /^patch(?:\.object)?$/.test(subject.form)) {
        yield {
          at: subject.place,
          message: `the stub of ${code(subject.target ?? subject.call, 44)} is autospecced by \`${base.split('.').slice(-2).join('.')}\``,
        };
      }
      return;
    }
    if (!makesMock(subject.callee)) return;
    const spec =
      subject.method === 'create_autospec'
        ? subject.arguments[0]?.value
        : (argument(subject, 'spec') ??
          argument(subject, 'spec_set') ??
          (/^(?:NonCallable)?(?:Magic|Async)?Mock$/.test(subject.method) ? argument(subject, undefined, 0) : undefined));
    if (spec === undefined || spec.text === 'None' || standsInForAnother(subject, spec)) return;
    yield { at: subject.place, message: `${code(subject, 50)} is held to ${code(spec, 40)}` };
  },
  examples: [
    {
      name: 'autospec, spec and create_autospec',
      bad: py`
        from unittest import mock
        from bank import Client

        @mock.patch("bank.audit.record", autospec=True)  #! holds the stub of
        def test_transfer(record):
            client = mock.create_autospec(Client)  #!; 1 more of its kind: line 7
            other = mock.Mock(spec=Client)
      `,
    },
    {
      name: 'a mock that takes anything',
      good: py`
        from unittest import mock

        @mock.patch("bank.audit.record", autospec=False)
        def test_transfer(record):
            client = mock.Mock()
            other = mock.Mock(spec=None)
      `,
    },
    {
      name: 'what stands in for something, and is held to something else',
      good: py`
        from unittest import mock
        from bank import Client

        def test_transfer():
            with mock.patch("bank.audit.record", new=mock.MagicMock(Client())):
                assert Client().transfer(10)
      `,
    },
  ],
});

/** `patch('lib.Session.connect', new=Mock(Stream()))`: what is replaced is held to something else. */
function standsInForAnother(made: Call, spec: Expression): boolean {
  const { parent } = made;
  if (parent?.type !== 'call' || !/\bpatch(?:\.object)?$/.test(parent.callee ?? '')) return false;
  const name = (spec.type === 'call' ? spec.function : spec).text;
  const last = name.slice(name.lastIndexOf('.') + 1);
  return !parent.arguments.some((it) => it.value !== made && it.value.text.includes(last));
}
