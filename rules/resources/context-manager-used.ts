import { argument, type Call } from '../model.ts';
import { shown } from '../python/leaks.ts';
import { defineRule, py } from '../rule.ts';

export const rule = defineRule({
  id: 'context-manager-used',
  code: 'RES-S03',
  category: 'resources',
  title: 'Context manager gives the resource back',
  kind: 'pass',
  confidence: 'high',
  cwe: [],
  why: 'A context manager is left on every path, also when the test fails inside it.',
  instead: 'Keep using `with`, `enterContext` and `ExitStack`.',
  limits: 'Only resources of the vocabulary, and what a test or exit stack enters, are named.',
  links: ['https://docs.python.org/3/library/unittest.html#unittest.TestCase.enterContext'],
  once: 'class',
  on: ['resource', 'cleanup'],
  *check(subject) {
    if (subject.type === 'cleanup') {
      if (subject.form === 'context')
        yield { at: subject.call.place, message: `\`${subject.call.method}\` leaves \`${entered(subject.call)}\` however the test ends` };
      return;
    }
    const release = subject.releases.find((it) => it.how === 'with' && it.by.startsWith('with '));
    // `NamedTemporaryFile(delete=False)` is closed, and stays.
    if (release?.place === undefined || argument(subject.call, 'delete')?.text === 'False') return;
    yield { at: release.place, message: `\`with\` gives back what \`${shown(subject.call)}\` acquires, on every path` };
  },
  examples: [
    {
      name: 'with, and a context that a test enters',
      bad: py`
        import tempfile
        import unittest

        class TestReport(unittest.TestCase):
            def test_report(self):
                with open('report.txt') as report:  #! gives back what \`open\` acquires
                    self.assertTrue(report.read())
      `.replaceAll('\\`', '`'),
    },
    {
      name: 'entered for the rest of the test',
      bad: py`
        import tempfile
        import unittest

        class TestReport(unittest.TestCase):
            def test_report(self):
                spool = self.enterContext(tempfile.TemporaryDirectory())  #! leaves
                self.assertTrue(spool)
      `,
    },
    {
      name: 'opened and closed by hand',
      good: py`
        def read(name):
            report = open(name)
            try:
                return report.read()
            finally:
                report.close()
      `,
    },
  ],
});

function entered(call: Call): string {
  const given = call.arguments[0]?.value;
  if (given === undefined) return 'it';
  if (given.type === 'call') return shown(given);
  return given.text.length < 40 ? given.text : 'it';
}
