import { ancestors } from '../model.ts';
import { defineRule, py, replace } from '../rule.ts';

export const rule = defineRule({
  id: 'synthetic-policy',
  code: 'API012',
  category: 'api',
  title: 'made-up policy in force where the shipped one could be',
  kind: 'informational',
  confidence: 'medium',
  cwe: [285],
  why: 'The made-up policy lets through what the shipped one refuses, so a test of access proves nothing about the product.',
  instead: 'Use `RealPolicyFixture`, which puts the shipped policy in force.',
  limits: 'Knows the policy fixtures of Nova; a policy that a base class sets up is taken as meant.',
  links: ['https://docs.openstack.org/nova/latest/configuration/policy-concepts.html', 'https://cwe.mitre.org/data/definitions/285.html'],
  on: 'call',
  calls: (callee) => callee.endsWith('PolicyFixture'),
  *check(call, file) {
    if (!/(?:^|\.)nova\.tests\.fixtures(?:\.policy)?\.PolicyFixture$/.test(call.callee ?? '') || call.arguments.length > 0) return;
    if (![...ancestors(call)].some((it) => it.type === 'call' && it.method === 'useFixture')) return;
    const owner = file.ownerOf(call);
    // Only where the file is about who may do what.
    if (owner === undefined || !/polic|auth|permission|rbac/i.test(`${file.path} ${owner.class?.name ?? ''} ${owner.name}`)) return;
    const real = call.function.text.replace(/PolicyFixture$/, 'RealPolicyFixture');
    const fix =
      call.function.type === 'attribute' ? { fix: { title: `Use \`${real}\``, safety: 'suggest' as const, edits: [replace(call.function, real)] } } : {};
    yield { at: call.place, message: 'a made-up policy is in force: what it allows says nothing of the shipped one', ...fix };
  },
  examples: [
    {
      name: 'a test of who may do what',
      bad: {
        'nova/tests/unit/test_policy_berths.py': py`
          from nova import test
          from nova.tests import fixtures as nova_fixtures

          class BerthPolicyTest(test.NoDBTestCase):
              def setUp(self):
                  super().setUp()
                  self.policy = self.useFixture(nova_fixtures.PolicyFixture())
                  #                             ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ says nothing of the shipped one
        `,
      },
      fixed: py`
        from nova import test
        from nova.tests import fixtures as nova_fixtures

        class BerthPolicyTest(test.NoDBTestCase):
            def setUp(self):
                super().setUp()
                self.policy = self.useFixture(nova_fixtures.RealPolicyFixture())
      `,
    },
    {
      name: 'the shipped policy, and a test of something else',
      good: {
        'nova/tests/unit/test_berths.py': py`
          from nova import test
          from nova.tests import fixtures as nova_fixtures

          class BerthTest(test.NoDBTestCase):
              def setUp(self):
                  super().setUp()
                  self.useFixture(nova_fixtures.PolicyFixture())

          class BerthPolicyTest(test.NoDBTestCase):
              def setUp(self):
                  super().setUp()
                  self.policy = self.useFixture(nova_fixtures.RealPolicyFixture())
        `,
      },
    },
  ],
});
