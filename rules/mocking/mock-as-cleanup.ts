import { isPatcherName } from '../python/mock.ts';
import { code, givesMock, startedAs } from '../python/patchers.ts';
import { CLEANUP_METHODS } from '../python/resources.ts';
import { defineRule, py, replace } from '../rule.ts';

export const rule = defineRule({
  id: 'mock-as-cleanup',
  code: 'MCK003',
  category: 'mocking',
  title: 'Mock registered as a cleanup',
  kind: 'fail',
  kinds: ['fail', 'informational'],
  confidence: 'high',
  cwe: [459],
  why: 'The cleanup calls the mock, which accepts that silently; the patch that gave it stays in force for all later tests.',
  instead: 'Register `patcher.stop`.',
  limits:
    'Only mocks that a patcher gave are judged: a mock may be a cleanup in a test of cleanups. Where a set-up that runs for the class registers `patch.stopall`, the slip is a note.',
  links: ['https://docs.python.org/3/library/unittest.mock.html#patch-methods-start-and-stop'],
  on: 'call',
  calls: (_, method) => CLEANUP_METHODS.has(method),
  *check(call, file) {
    if (!CLEANUP_METHODS.has(call.method) || call.arguments.length !== 1) return;
    const [given] = call.arguments;
    if (given === undefined) return;
    const it = given.value;
    const around = file.ownerOf(call)?.class;
    const undone = around?.guarantees('stopall') === 'yes' ? ({ kind: 'informational' } as const) : {};
    if (isPatcherName(it.refersTo) && it.type !== 'call') {
      yield {
        at: it.place,
        ...undone,
        message: `${code(it)} is the patcher, and calling it stops nothing; register ${code(`${it.text}.stop`)}`,
        fix: { title: `Register \`${it.text}.stop\``, safety: 'safe', edits: [replace(it, `${it.text}.stop`)] },
      };
      return;
    }
    const started = startedAs(it);
    if (started?.patch === undefined || !givesMock(started.patch)) return;
    const trail = [{ at: started.start.place, note: 'the mock comes from here' }];
    const { patcher } = started;
    yield {
      at: it.place,
      ...undone,
      message: `${code(it)} is the mock, and calling it does not stop its patch`,
      trail,
      ...(patcher.type === 'call' ? {} : { fix: { title: `Register \`${patcher.text}.stop\``, safety: 'safe', edits: [replace(it, `${patcher.text}.stop`)] } }),
    };
  },
  examples: [
    {
      name: 'the mock that start gave',
      bad: py`
        import unittest
        from unittest import mock

        class TestClock(unittest.TestCase):
            def setUp(self):
                patcher = mock.patch("bank.clock.now")
                self.now = patcher.start()
                self.addCleanup(self.now)
        #                       ^^^^^^^^ does not stop its patch
      `,
      fixed: py`
        import unittest
        from unittest import mock

        class TestClock(unittest.TestCase):
            def setUp(self):
                patcher = mock.patch("bank.clock.now")
                self.now = patcher.start()
                self.addCleanup(patcher.stop)
      `,
      alsoFinds: ['MCK001'],
    },
    {
      name: 'the set-up of a base of a base stops all patches',
      bad: py`
        import unittest
        from unittest import mock

        class Fixture(unittest.TestCase):
            def setUp(self):
                self.addCleanup(mock.patch.stopall)

        class Command(Fixture):
            def setUp(self):
                super().setUp()
                self.command = object()

        class TestClock(Command):
            def setUp(self):
                super().setUp()
                patcher = mock.patch("bank.clock.now")
                self.now = patcher.start()
                self.addCleanup(self.now)  #! does not stop its patch
      `,
      alsoFinds: ['MCK001'],
    },
    {
      name: 'the stop of the patcher, and a test of cleanups',
      good: py`
        import unittest
        from unittest import mock

        class TestClock(unittest.TestCase):
            def test_now(self):
                patcher = mock.patch("bank.clock.now")
                patcher.start()
                self.addCleanup(patcher.stop)

            def test_cleanup(self):
                cleanup = mock.Mock()
                self.addCleanup(cleanup)
                self.doCleanups()
                cleanup.assert_called_once_with()
      `,
    },
  ],
});
