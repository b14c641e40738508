import { PROCESS_CALLS, SHELL_CALLS } from '../python/sinks.ts';
import { defineRule, py } from '../rule.ts';

/** Fixtures that answer for every program that the code under test would start. */
const FIXTURES: ReadonlyMap<string, string> = new Map([
  ['fixtures.FakePopen', 'answers for every program'],
  ['nova.tests.fixtures.nova.PrivsepNoHelperFixture', 'keeps the privileged helper from being started'],
  ['nova.tests.fixtures.PrivsepNoHelperFixture', 'keeps the privileged helper from being started'],
]);

function startsProcess(target: string): boolean {
  return (
    PROCESS_CALLS.has(target) ||
    SHELL_CALLS.has(target) ||
    /(?:^|\.)(?:subprocess(?:\.(?:run|call|Popen|check_call|check_output|getoutput))?|processutils\.execute|os\.(?:system|popen))$/.test(target)
  );
}

export const rule = defineRule({
  id: 'process-stubbed',
  code: 'INP-S04',
  category: 'input',
  title: 'Starting programs is stubbed',
  kind: 'pass',
  confidence: 'high',
  cwe: [],
  why: 'Where no program is started, no input can reach one.',
  limits: 'Says that the named function is replaced where the patch holds, not that no other way to start a program exists.',
  links: ['https://docs.python.org/3/library/unittest.mock.html#patch'],
  once: 'file',
  on: ['patch', 'call'],
  calls: (callee) => FIXTURES.has(callee),
  patches: startsProcess,
  *check(subject) {
    if (subject.type === 'call') {
      const what = FIXTURES.get(subject.callee ?? '');
      if (what !== undefined && subject.parent?.type === 'call' && subject.parent.method === 'useFixture')
        yield { at: subject.place, message: `\`${subject.method}\` ${what}` };
      return;
    }
    const { target, applied } = subject;
    if (target === undefined || applied === 'unused' || applied === 'held' || !startsProcess(target)) return;
    yield { at: subject.place, message: `\`${target}\` is replaced: nothing is started through it` };
  },
  examples: [
    {
      name: 'a patched function',
      bad: py`
        from unittest import mock

        @mock.patch("subprocess.run")  #! is replaced: nothing is started
        def test_tool(run):
            run.return_value = None
      `,
    },
    {
      name: 'a fixture',
      bad: py`
        import fixtures
        import testtools

        class TestTools(testtools.TestCase):
            def setUp(self):
                super().setUp()
                self.useFixture(fixtures.FakePopen())  #! answers for every program
      `,
    },
    {
      name: 'something else is replaced',
      good: py`
        from unittest import mock

        @mock.patch("harbour.tides.today")
        def test_tool(today):
            today.return_value = None
      `,
    },
  ],
});
