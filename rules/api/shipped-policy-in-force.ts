import type { Call, FunctionDefinition, QualifiedName, TestFile } from '../model.ts';
import { walk } from '../model.ts';
import { defineRule, py } from '../rule.ts';

/** Fixtures that load the policy as it is shipped, known without reading them. Source: nova/tests (2015 to 2024). */
const KNOWN: ReadonlySet<QualifiedName> = new Set([
  'nova.tests.fixtures.RealPolicyFixture',
  'nova.tests.fixtures.policy.RealPolicyFixture',
  'nova.tests.unit.policy_fixture.RealPolicyFixture',
  'nova.tests.policy_fixture.RealPolicyFixture',
]);

export const rule = defineRule({
  id: 'shipped-policy-in-force',
  code: 'API-S03',
  category: 'api',
  title: 'the access policy that is shipped is in force',
  kind: 'pass',
  confidence: 'high',
  cwe: [],
  why: 'A request that the shipped policy would refuse is refused in the test too.',
  limits: 'A fixture named `RealPolicyFixture` of the workspace is read; policy files themselves are not.',
  links: ['https://docs.openstack.org/oslo.policy/latest/'],
  on: 'call',
  calls: (_, method) => method === 'useFixture',
  *check(call, file) {
    if (call.method !== 'useFixture') return;
    const instance = call.arguments[0]?.value.refersTo;
    if (instance === undefined || !/(?:^|\.)RealPolicyFixture\(\)$/.test(instance)) return;
    const name = instance.slice(0, -2);
    const message = '`RealPolicyFixture` keeps the shipped access policy in force';
    if (file.definition(name) === undefined) {
      if (KNOWN.has(name)) yield { at: call.place, message };
      return;
    }
    const loads = loadsPolicy(instance, file);
    if (loads !== undefined) yield { at: call.place, message, trail: [{ at: loads.place, note: 'loads it' }] };
  },
  examples: [
    {
      name: 'the fixture of Nova, known by name',
      bad: py`
        from nova import test
        from nova.tests import fixtures as nova_fixtures

        class TestServers(test.TestCase):
            def setUp(self):
                super().setUp()
                self.useFixture(nova_fixtures.RealPolicyFixture())
        #       ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ keeps the shipped access policy in force
      `,
    },
    {
      name: 'a fixture of the workspace that loads the policy',
      bad: {
        'tests/functional/test_berths.py': py`
          import testtools
          from tests import fixtures

          class TestBerths(testtools.TestCase):
              def setUp(self):
                  super().setUp()
                  self.useFixture(fixtures.RealPolicyFixture())  #! in force
        `,
        'tests/fixtures.py': py`
          import fixtures
          from harbour import policy

          class RealPolicyFixture(fixtures.Fixture):
              def setUp(self):
                  super().setUp()
                  policy.reset()
                  policy.init()
                  self.addCleanup(policy.reset)
        `,
      },
    },
    {
      name: 'a comment, another policy, and a fixture that loads nothing',
      good: {
        'tests/functional/test_berths.py': py`
          import testtools
          from nova.tests import fixtures as nova_fixtures
          from tests import fixtures

          class TestBerths(testtools.TestCase):
              def setUp(self):
                  super().setUp()
                  # self.useFixture(nova_fixtures.RealPolicyFixture())
                  self.useFixture(nova_fixtures.PolicyFixture())
                  self.useFixture(fixtures.RealPolicyFixture())
        `,
        'tests/fixtures.py': py`
          import fixtures

          class RealPolicyFixture(fixtures.Fixture):
              def setUp(self):
                  super().setUp()
                  self.rules = {}
        `,
      },
    },
  ],
});

/** The call that loads the policy, unless the rules are prepared by hand first. */
function loadsPolicy(instance: QualifiedName, file: TestFile): Call | undefined {
  const prepare = file.definition(`${instance}._prepare_policy`)?.node;
  if (prepare !== undefined && !isEmpty(prepare)) return undefined;
  for (const method of ['setUp', '_setUp']) {
    const node = file.definition(`${instance}.${method}`)?.node;
    if (node === undefined) continue;
    for (const it of walk(node)) if (it.type === 'call' && /(?:^|\.)_?policy\.(?:init|setup_policy)$|\.load_rules$/.test(it.function.text)) return it;
  }
  return undefined;
}

function isEmpty(node: FunctionDefinition): boolean {
  return node.body.every((it) => it.type === 'pass' || (it.type === 'expression' && (it.expression.type === 'string' || it.expression.type === 'constant')));
}
