import { isShared } from '../python/api.ts';
import { isOpenRule, rulesSet, setsRules } from '../python/policy.ts';
import { defineRule, py } from '../rule.ts';

export const rule = defineRule({
  id: 'policy-rule-open',
  code: 'API011',
  category: 'api',
  title: 'policy rule is opened to everyone',
  kind: 'informational',
  confidence: 'high',
  cwe: [285],
  why: 'Where the rule lets everybody pass, no test notices that the check behind it is missing or asks for the wrong rule.',
  instead: 'Give the test an identity that the shipped rule lets pass.',
  limits: 'Rules that are read from a file or built by a function are not seen. Policy tests that open one rule to test another are left alone.',
  links: ['https://docs.openstack.org/oslo.policy/latest/reference/api/oslo_policy.policy.html', 'https://cwe.mitre.org/data/definitions/285.html'],
  once: 'class',
  on: 'call',
  calls: (_, method) => setsRules(method),
  *check(call, file) {
    const open = rulesSet(call).find((it) => isOpenRule(it.value));
    const owner = file.ownerOf(call);
    if (open === undefined || owner === undefined) return;
    // `policies/test_x.py` opens a rule in order to ask for another one, as several identities.
    if (/\.common_policy_(?:auth|check)\b|_(?:un)?authorized_contexts\b/.test(owner.node.text) || isPolicyCase(owner.class?.ancestors ?? [])) return;
    const rule = open.key.text.replace(/^['"]|['"]$/g, '');
    // A test class that opens the rule in its set-up says what its own tests are about; a base class or a fixture hides the check from others.
    const own = file.kind === 'test' && owner.role === 'setup' && !/Base(?![a-z])|Mixin|Case$/.test(owner.class?.name ?? '');
    const shared = isShared(call, file) && owner.role !== 'helper' && !own;
    yield {
      at: call.place,
      message: `the policy lets everybody do \`${rule}\`${shared ? ', for every test here' : ' in this test'}`,
    };
  },
  examples: [
    {
      name: 'in a test, and for a whole class',
      bad: py`
        import testtools
        from nova.tests import fixtures

        class BerthsCase(testtools.TestCase):
            def setUp(self):
                super().setUp()
                self.policy = self.useFixture(fixtures.RealPolicyFixture())
                self.policy.set_rules({"os:berths:list": ""})  #! for every test here

        class TestOpenBerths(testtools.TestCase):
            def setUp(self):
                super().setUp()
                self.policy.set_rules({"os:berths:list": ""})  #! in this test

            def test_list(self):
                self.assertTrue(self.client.berths())

        class TestQuays(testtools.TestCase):
            def test_close(self):
                self.policy.set_rules({"os:quays:close": "@"}, overwrite=False)  #! in this test
                self.close()
      `,
    },
    {
      name: 'rules of oslo.policy itself',
      bad: py`
        from oslo_policy import policy

        def test_list(enforcer):
            enforcer.set_rules(policy.Rules.from_dict({"os:berths:list": "@"}))  #! lets everybody do
      `,
    },
    {
      name: 'a rule that refuses, one that names somebody, one opened to test another',
      good: py`
        import testtools
        from nova.tests.unit.policies import base

        class TestBerths(testtools.TestCase):
            def test_close(self):
                self.policy.set_rules({"os:berths:close": "!", "os:berths:list": "role:master"})

        class BerthPolicyTest(base.BasePolicyTest):
            def test_list(self):
                self.policy.set_rules({"os:berths": "@"}, overwrite=False)
                self.common_policy_auth(self.project_reader_authorized_contexts, "os:berths:list", self.controller.list)
      `,
    },
  ],
});

function isPolicyCase(ancestors: readonly string[]): boolean {
  return ancestors.some((it) => /(?:^|\.)policies\.base\./.test(it));
}
