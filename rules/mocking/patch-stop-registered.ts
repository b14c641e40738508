import { constantText } from '../model.ts';
import { code, startCall } from '../python/patchers.ts';
import { defineRule, py } from '../rule.ts';

export const rule = defineRule({
  id: 'patch-stop-registered',
  code: 'MCK-S03',
  category: 'mocking',
  title: 'Started patch is stopped on every path',
  kind: 'pass',
  confidence: 'high',
  cwe: [],
  why: 'A stop that is registered as a cleanup, or stands in a tear-down or `finally`, runs also when the test fails.',
  limits: 'Patchers kept in containers are not followed.',
  links: ['https://docs.python.org/3/library/unittest.mock.html#patch-methods-start-and-stop'],
  once: 'file',
  on: 'resource',
  *check(resource, file) {
    const started = resource.sort === 'patcher' ? startCall(resource.call) : undefined;
    if (started === undefined) return;
    const target = started.patch?.callee === 'unittest.mock.patch' ? constantText(started.patch.arguments[0]?.value.value ?? { kind: 'unknown' }) : undefined;
    // What is not there cannot be patched, nor be brought back.
    if (target !== undefined && file.exists(target) === 'no') return;
    const release =
      resource.releases.find((it) => it.how === 'cleanup' || it.how === 'with' || it.how === 'fixture') ??
      resource.releases.find((it) => it.how === 'finally' || it.how === 'teardown');
    if (release === undefined) return;
    const where = release.how === 'teardown' ? ' in the tear-down' : release.how === 'finally' ? ' in `finally`' : '';
    yield {
      at: resource.place,
      message: `${code(release.by, 60)}${where} stops the patch of ${code(resource.call, 34)}`,
      ...(release.place === undefined ? {} : { trail: [{ at: release.place, note: 'stops it' }] }),
    };
  },
  examples: [
    {
      name: 'of what is not there',
      good: {
        'tests/test_bank.py': py`
          import unittest
          from unittest import mock

          class TestBank(unittest.TestCase):
              def setUp(self):
                  patcher = mock.patch("bank.client.sent")
                  patcher.start()
                  self.addCleanup(patcher.stop)
        `,
        'bank/client.py': 'def send(amount):\n    return amount\n',
      },
    },
    {
      name: 'registered right after the start',
      bad: py`
        import unittest
        from unittest import mock

        class TestTransfer(unittest.TestCase):
            def setUp(self):
                patcher = mock.patch("bank.client.send")
                self.send = patcher.start()  #! stops the patch
                self.addCleanup(patcher.stop)
      `,
    },
    {
      name: 'stopped in the tear-down',
      bad: py`
        import unittest
        from unittest import mock

        class TestTransfer(unittest.TestCase):
            def setUp(self):
                self.patcher = mock.patch("bank.client.send")
                self.patcher.start()  #! in the tear-down stops the patch

            def tearDown(self):
                self.patcher.stop()
      `,
    },
    {
      name: 'a stop at the end of the test does not run when the test fails',
      good: py`
        from unittest import mock

        def test_transfer():
            patcher = mock.patch("bank.client.send")
            patcher.start()
            transfer(10)
            patcher.stop()
      `,
      alsoFinds: ['MCK001'],
    },
  ],
});
