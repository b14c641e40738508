import { code, registerStop, startCall } from '../python/patchers.ts';
import { defineRule, py } from '../rule.ts';

export const rule = defineRule({
  id: 'other-mock-package',
  code: 'MCK024',
  category: 'mocking',
  title: 'Patch of the `mock` package under a base that stops those of `unittest.mock`',
  kind: 'informational',
  confidence: 'medium',
  cwe: [459],
  peers: { hacking: ['H216'] },
  why: 'The two packages keep separate lists of started patches: `unittest.mock.patch.stopall` does not stop what `mock.patch(…).start()` started.',
  instead: 'Import `mock` from `unittest`.',
  limits: 'Versions of `mock` that hand over to the standard library are not told apart.',
  links: ['https://docs.openstack.org/hacking/latest/user/hacking.html'],
  once: 'file',
  on: 'resource',
  *check(resource, file) {
    if (resource.sort !== 'patcher' || !file.imports('mock')) return;
    const started = startCall(resource.call);
    const guarantee = resource.releases.find((it) => it.how === 'guarantee');
    if (started === undefined || guarantee === undefined || resource.releases.some((it) => it.how !== 'guarantee')) return;
    if (guarantee.by.startsWith('neutron.') || file.definition(guarantee.by) !== undefined) return; // stops both, or may import the same package
    const fix = registerStop(started, resource.owner, file);
    yield {
      at: resource.place,
      message: `${code(resource.call, 44)} comes from the package \`mock\`: the \`stopall\` of the base does not stop it`,
      ...(fix === undefined ? {} : { fix }),
    };
  },
  examples: [
    {
      name: 'started, and left to the base',
      bad: py`
        import mock
        from oslotest import base

        class TestTransfer(base.BaseTestCase):
            def setUp(self):
                super().setUp()
                mock.patch("bank.client.send").start()  #! does not stop it
      `,
      fixed: py`
        import mock
        from oslotest import base

        class TestTransfer(base.BaseTestCase):
            def setUp(self):
                super().setUp()
                patcher = mock.patch("bank.client.send")
                patcher.start()
                self.addCleanup(patcher.stop)
      `,
    },
    {
      name: 'from the standard library, or with a stop of its own',
      good: py`
        import mock
        from oslotest import base

        class TestTransfer(base.BaseTestCase):
            def setUp(self):
                super().setUp()
                patcher = mock.patch("bank.client.send")
                patcher.start()
                self.addCleanup(patcher.stop)
      `,
    },
  ],
});
