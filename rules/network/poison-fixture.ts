import { defineRule, py } from '../rule.ts';

/** Fixture → what fails the test when it is reached. Source: nova/tests/fixtures/nova.py (26.2). */
const POISONS: ReadonlyMap<string, string> = new Map([
  ['nova.tests.fixtures.PoisonFunctions', 'functions that start threads of the host'],
  ['nova.tests.fixtures.GenericPoisonFixture', 'the identity of the host and its interfaces'],
  ['nova.tests.fixtures.SysFsPoisonFixture', 'files of the running kernel'],
  ['nova.tests.fixtures.ImportModulePoisonFixture', 'modules that must not be imported'],
  ['nova.tests.fixtures.DatabasePoisonFixture', 'a database'],
]);

export const rule = defineRule({
  id: 'poison-fixture',
  code: 'NET-S04',
  category: 'network',
  title: 'Reaching a live service fails the test',
  kind: 'pass',
  confidence: 'high',
  cwe: [],
  why: 'What should have been stubbed and was not shows at once, instead of reaching something real.',
  limits: 'Only the use of the fixture is cited, not what a base class does.',
  links: ['https://docs.openstack.org/nova/latest/contributor/testing.html'],
  on: 'call',
  calls: (_, method) => method === 'useFixture',
  *check(call) {
    if (call.method !== 'useFixture') return;
    const name = call.arguments[0]?.value.refersTo;
    if (name?.endsWith('()') !== true) return;
    const plain = name.slice(0, -2).replace('nova.tests.fixtures.nova.', 'nova.tests.fixtures.');
    const what = POISONS.get(plain);
    if (what !== undefined) yield { at: call.place, message: `\`${plain.slice(plain.lastIndexOf('.') + 1)}\` fails a test that touches ${what}` };
  },
  examples: [
    {
      name: 'a test case without a database',
      bad: py`
        import testtools
        from nova.tests import fixtures as nova_fixtures

        class TestBoot(testtools.TestCase):
            def setUp(self):
                super().setUp()
                self.useFixture(nova_fixtures.DatabasePoisonFixture())
        #       ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ touches a database
      `,
    },
    {
      name: 'made and not used, or in a comment',
      good: py`
        import testtools
        from nova.tests import fixtures as nova_fixtures

        class TestBoot(testtools.TestCase):
            def setUp(self):
                super().setUp()
                # self.useFixture(nova_fixtures.DatabasePoisonFixture())
                self.poison = nova_fixtures.DatabasePoisonFixture()
      `,
    },
  ],
});
