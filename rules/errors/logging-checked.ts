import { ancestors, type Expression, type FunctionDefinition, walk } from '../model.ts';
import { defineRule, py } from '../rule.ts';

export const rule = defineRule({
  id: 'logging-checked',
  code: 'ERR-S05',
  category: 'errors',
  title: 'what is logged about an event is checked',
  kind: 'pass',
  confidence: 'high',
  cwe: [],
  why: 'An error that nobody hears of is an error that nobody can act on.',
  limits:
    'A captured log that is handed to a helper is not followed; that something is not logged, or nothing at all, tells of no event, and neither does what the test itself logs.',
  links: ['https://docs.python.org/3/library/unittest.html#unittest.TestCase.assertLogs', 'https://docs.pytest.org/en/stable/how-to/logging.html'],
  on: ['call', 'statement'],
  calls: (callee, method) => /^assert/.test(method) || /\.assert(?:No)?Logs$/.test(callee),
  statements: ['assert'],
  wants: (it) => (it.type === 'call' && /Logs$/.test(it.method)) || /text|records|messages|record_tuples|output/.test(it.text),
  *check(subject, file) {
    if (subject.type === 'call') {
      if (subject.callee === 'unittest.TestCase().assertLogs' || subject.callee === 'unittest.TestCase().assertNoLogs') {
        const what = subject.method === 'assertLogs' ? 'that something is logged' : 'that nothing is logged';
        yield { at: subject.place, message: `\`${subject.method}\` checks ${what} in its block` };
      }
      if (!/^assert/.test(subject.method)) return;
    } else if (subject.type !== 'assert') return;
    for (const it of walk(subject)) {
      if (it.type !== 'attribute' || !/^(?:text|records|messages|record_tuples|output)$/.test(it.name)) continue;
      const source = it.object.refersTo;
      if (source !== 'pytest.LogCaptureFixture()' && source !== 'fixtures.FakeLogger()') continue;
      // What must not be logged, an empty log does not have either.
      if (isAbsence(it) || logsItself(file.ownerOf(subject)?.node)) return;
      // An `assert` inside the arguments of another one is the same check.
      for (const around of ancestors(subject)) if (around.type === 'assert') return;
      yield { at: it.place, message: `\`${it.text}\`, what was logged, is compared by an assertion` };
      return;
    }
  },
  examples: [
    {
      name: 'unittest and pytest',
      bad: py`
        import unittest

        class TestShop(unittest.TestCase):
            def test_login(self):
                with self.assertLogs("shop", level="WARNING"):  #! checks that something is logged
                    self.shop.login("guest")

        def test_login(caplog, shop):
            shop.login("guest")
            assert "guest" in caplog.text
            #                 ^^^^^^^^^^^ is compared
      `,
    },
    {
      name: 'captured and not looked at',
      good: py`
        import logging
        import unittest

        def test_secret(caplog, shop):
            shop.login("guest", "made-up")
            assert "made-up" not in caplog.text
            assert not any("made-up" in it.message for it in caplog.records)
            unittest.TestCase().assertNotIn("made-up", caplog.text)

        def test_quiet(caplog, shop):
            shop.look()
            assert caplog.text == ""
            assert len(caplog.records) == 0
            unittest.TestCase().assertEqual([], caplog.records)

        def test_login(caplog, shop):
            caplog.set_level("INFO")
            shop.login("guest")
            print(caplog.text)

        def test_order(caplog, shop):
            log = logging.getLogger("steps")
            shop.serve(first=lambda: log.info("first"), second=lambda: log.info("second"))
            assert caplog.messages == ["first", "second"]
      `,
    },
    {
      name: 'the log of a fixture',
      bad: py`
        import fixtures
        import unittest

        class TestShop(unittest.TestCase):
            def test_login(self):
                log = self.useFixture(fixtures.FakeLogger())
                self.shop.login("guest")
                self.assertIn("guest", log.output)
                #                      ^^^^^^^^^^ is compared
      `,
    },
  ],
});

/** A test that writes into the log, too, compares its own words: an order of steps, or how the log is set up. */
function logsItself(node: FunctionDefinition | undefined): boolean {
  return node !== undefined && walk(node).some((it) => it.type === 'call' && LOGS.test(it.callee ?? ''));
}

const LOGS = /^logging\.(?:getLogger\(\)\.)?(?:debug|info|warning|warn|error|critical|exception|log)$/;

/** `"x" not in caplog.text`, `not any(… for it in caplog.records)`, `assertNotIn`, `caplog.text == ""` */
function isAbsence(log: Expression): boolean {
  for (const it of ancestors(log)) {
    if (it.type === 'comparison') return it.operators.includes('not in') || (it.operators.includes('==') && it.operands.some(isEmpty));
    if (it.type === 'operation' && it.operator === 'not') return true;
    if (it.type === 'call' && /^assert/.test(it.method))
      return /^assert(?:Not|False)/.test(it.method) || (/Equals?$/.test(it.method) && it.arguments.some((each) => isEmpty(each.value)));
    if (it.type === 'assert') return false;
  }
  return false;
}

/** `""`, `[]`, or `0` as their number */
function isEmpty(it: Expression): boolean {
  if (it.type === 'list' || it.type === 'tuple') return it.items.length === 0;
  return it.value.kind === 'constant' && (it.value.value === '' || it.value.value === 0);
}
