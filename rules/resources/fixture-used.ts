import type { Call } from '../model.ts';
import { defineRule, py } from '../rule.ts';

export const rule = defineRule({
  id: 'fixture-used',
  code: 'RES-S02',
  category: 'resources',
  title: 'Fixture released with the test',
  kind: 'pass',
  confidence: 'high',
  cwe: [],
  why: "`useFixture` registers the fixture's own cleanup before anything else can fail.",
  instead: 'Keep using fixtures for what must be given back.',
  limits: 'What the fixture itself releases is its own business; it is not read here.',
  links: ['https://testtools.readthedocs.io/en/latest/for-test-authors.html#fixtures'],
  on: 'cleanup',
  *check({ form, call }) {
    if (form !== 'fixture') return;
    const name = nameOf(call);
    if (name !== undefined) yield { at: call.place, message: `\`useFixture\` cleans up \`${name}\` when the test ends` };
  },
  examples: [
    {
      name: 'fixtures by their names, also when kept',
      bad: py`
        import testtools
        from nova.tests import fixtures as nova_fixtures

        class TestServers(testtools.TestCase):
            def setUp(self):
                super().setUp()
                self.useFixture(nova_fixtures.RealPolicyFixture())  #! RealPolicyFixture
                neutron = nova_fixtures.NeutronFixture(self)
                self.useFixture(neutron)  #! NeutronFixture
      `,
    },
    {
      name: 'made but not used, and commented out',
      good: py`
        import testtools
        from nova.tests import fixtures as nova_fixtures

        class TestServers(testtools.TestCase):
            def setUp(self):
                super().setUp()
                self.policy = nova_fixtures.RealPolicyFixture()
                # self.useFixture(self.policy)
      `,
      alsoFinds: ['RES016'],
    },
  ],
});

function nameOf(call: Call): string | undefined {
  const given = call.arguments[0]?.value;
  if (given === undefined) return undefined;
  if (given.type === 'call' && given.method !== '') return given.method;
  const known = /\b(\w+)\(\)$/.exec(given.refersTo ?? '')?.[1];
  return known ?? (given.text.length < 50 ? given.text : undefined);
}
