import { startCall } from '../python/patchers.ts';
import { defineRule, py } from '../rule.ts';

export const rule = defineRule({
  id: 'patch-owner-unknown',
  code: 'MCK-U02',
  category: 'mocking',
  title: 'A base class that was not found may stop the patches',
  kind: 'open',
  confidence: 'high',
  cwe: [459],
  why: 'Whether a started patch leaks depends on the base class: some stop all patches after each test.',
  instead: 'Open the folder that holds the base class, or register the stop in the test itself.',
  limits: 'Of several such bases the first that is not called a mixin is named. Helpers of classes that are no tests are not judged.',
  links: ['https://docs.python.org/3/library/unittest.mock.html#unittest.mock.patch.stopall'],
  once: 'class',
  on: 'resource',
  *check(resource) {
    if (resource.sort !== 'patcher' || startCall(resource.call) === undefined) return;
    const around = resource.owner?.class;
    // A stand-in that is no test may have a process of its own.
    if (
      around === undefined ||
      (resource.owner?.role === 'helper' && !around.isTest) ||
      around.guarantees('stopall') !== 'unknown' ||
      resource.releases.length > 0
    )
      return;
    const base = around.unresolved.find((it) => !/mixin$/i.test(it)) ?? around.unresolved[0];
    if (base === undefined) return;
    yield { at: resource.place, message: `whether \`${base}\` stops the patches that \`${around.name}\` starts: its definition was not found` };
  },
  examples: [
    {
      name: 'a base from a package that is not there',
      bad: py`
        from unittest import mock
        from bank.testing import AccountMixin, BankCase

        class TestTransfer(AccountMixin, BankCase):
            def setUp(self):
                super().setUp()
                mock.patch("bank.client.send").start()  #! ${'whether `bank.testing.BankCase` stops'}
      `,
      alsoFinds: ['MCK001'],
    },
    {
      name: 'a base that is known, or a stop of its own',
      good: py`
        import unittest
        from unittest import mock
        from bank.testing import BankCase
        from oslotest import base

        class TestTransfer(BankCase):
            def setUp(self):
                super().setUp()
                patcher = mock.patch("bank.client.send")
                patcher.start()
                self.addCleanup(patcher.stop)

        class TestOther(base.BaseTestCase):
            def setUp(self):
                super().setUp()
                mock.patch("bank.client.send").start()
      `,
    },
    {
      name: 'a service of the tests that runs as a process of its own',
      good: py`
        from unittest import mock
        from bank.teller import Teller

        class TellerForTest(Teller):
            def __init__(self, branch):
                super().__init__(branch)
                mock.patch("bank.client.send").start()
      `,
      alsoFinds: ['MCK001'],
    },
  ],
});
