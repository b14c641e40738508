import type { Call } from '../model.ts';
import { isMockName } from '../python/mock.ts';
import { defineRule, py } from '../rule.ts';

export const rule = defineRule({
  id: 'cleanup-registered',
  code: 'RES-S01',
  category: 'resources',
  title: 'Cleanup registered',
  kind: 'pass',
  confidence: 'high',
  cwe: [],
  why: 'A registered cleanup runs when the test passes, fails or is interrupted, and also when `setUp` fails after it.',
  instead: 'Keep it next to what it undoes.',
  limits: 'What is undone is named only when it stands in the same function.',
  links: ['https://docs.python.org/3/library/unittest.html#unittest.TestCase.addCleanup'],
  on: 'cleanup',
  *check({ form, call, undoes }) {
    if (form !== 'function') return;
    // A call as first argument runs now and registers what it gives back, if anything.
    if (call.arguments[0]?.value.type === 'call' && undoes === undefined) return;
    const [first] = call.arguments;
    // A line in the log undoes nothing.
    if (LOGS.test(first?.value.refersTo ?? '')) return;
    // `stop` of a mock, not of its patcher, is a call that the mock records.
    if (first?.value.type === 'attribute' && isMockName(first.value.object.refersTo)) return;
    yield {
      at: call.place,
      message: undoes === undefined ? `\`${registered(call)}\` runs however the test ends from here on` : `\`${registered(call)}\` undoes \`${undoes.name}\``,
      ...(undoes === undefined ? {} : { trail: [{ at: undoes.node.place, note: 'what it undoes' }] }),
    };
  },
  examples: [
    {
      name: 'what was acquired, what was changed by a function with a reverse',
      bad: py`
        import tempfile
        import shutil
        import unittest
        from nova.virt import fake

        class TestSpool(unittest.TestCase):
            def test_save(self):
                spool = tempfile.mkdtemp()
                self.addCleanup(shutil.rmtree, spool)  #! undoes \`tempfile.mkdtemp\`
                fake.set_nodes(['host1'])
                self.addCleanup(fake.restore_nodes)  #! undoes \`fake.set_nodes\`
      `.replaceAll('\\`', '`'),
    },
    {
      name: 'a stub and its reset with another name',
      bad: py`
        import unittest
        import nova.tests.unit.image.fake

        class TestImage(unittest.TestCase):
            def setUp(self):
                nova.tests.unit.image.fake.stub_out_image_service(self)
                self.addCleanup(nova.tests.unit.image.fake.FakeImageService_reset)  #! undoes
      `,
    },
    {
      name: 'what it undoes stands elsewhere',
      bad: py`
        import unittest

        class TestSpool(unittest.TestCase):
            def test_save(self):
                self.addCleanup(self.spool.close)  #! runs however the test ends from here on
      `,
    },
    {
      name: 'without the line there is no evidence, and none in a line of the log',
      good: py`
        import logging
        import unittest
        from nova.virt import fake

        class TestSpool(unittest.TestCase):
            def test_save(self):
                fake.set_nodes(['host1'])
                # self.addCleanup(fake.restore_nodes)
                self.addCleanup(logging.debug, "done")
      `,
    },
    {
      name: 'a mock that only looks like a test',
      good: py`
        from unittest import mock

        def test_save():
            case = mock.Mock()
            case.addCleanup(print)
      `,
    },
  ],
});

const LOGS = /^(?:logging\b.*\.(?:debug|info|warn|warning|error|exception|critical|log)|builtins\.print|warnings\.warn)$/;

function registered(call: Call): string {
  const text = `${call.method}(${call.arguments.map((it) => it.value.text).join(', ')})`.replace(/\s+/g, ' ');
  return text.length > 60 ? `${text.slice(0, 58)}…)` : text;
}
