import type { Expression, TestFile } from '../model.ts';
import { isConstant } from '../model.ts';
import { defineRule, py } from '../rule.ts';

export const rule = defineRule({
  id: 'admin-client-in-use',
  code: 'API-N01',
  category: 'api',
  title: 'requests are sent as administrator',
  kind: 'informational',
  confidence: 'high',
  cwe: [862],
  why: 'An administrator passes every access rule, so such a test says nothing about who else may do what it does.',
  instead: 'Fine where access is not what the test is about; a test of access asks as an ordinary user too.',
  limits: 'A client is told by its name (`admin_api`, `admin_client`) or by `ADMIN_API = True`; roles given at run time are not seen.',
  links: ['https://cwe.mitre.org/data/definitions/862.html'],
  once: 'file',
  on: 'assignment',
  wants: ({ value, targets: [target] }) =>
    (value?.type === 'attribute' && ADMIN_CLIENT.test(value.name)) || (target?.type === 'name' && target.id === 'ADMIN_API'),
  *check(assignment, file) {
    const { value } = assignment;
    if (value === undefined || assignment.operator !== undefined) return;
    const [target] = assignment.targets;
    if (target?.type === 'name' && target.id === 'ADMIN_API' && file.class !== undefined && file.ownerOf(assignment) === undefined) {
      if (isConstant(value.value, true))
        yield { at: assignment.place, message: '`ADMIN_API = True`: the tests of this class send their requests as administrator' };
      return;
    }
    if (target === undefined || !isAdminClient(value, file)) return;
    yield { at: assignment.place, message: `requests through \`${target.text}\` are sent as administrator: it is \`${value.text}\`` };
  },
  examples: [
    {
      name: 'the client of an API fixture',
      bad: py`
        from nova import test
        from nova.tests import fixtures as nova_fixtures

        class TestServers(test.TestCase):
            def setUp(self):
                super().setUp()
                api_fixture = self.useFixture(nova_fixtures.OSAPIFixture())
                self.api = api_fixture.admin_api
        #       ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ ${'`self.api` are sent as administrator'}
      `,
    },
    {
      name: 'a class that asks its base for it',
      bad: py`
        from nova.tests.functional import integrated_helpers

        class TestServers(integrated_helpers._IntegratedTestBase):
            ADMIN_API = True
        #   ^^^^^^^^^^^^^^^^ send their requests as administrator
      `,
    },
    {
      name: 'an ordinary client, a mock, and a name in a comment',
      good: py`
        from unittest import mock
        from nova import test
        from nova.tests import fixtures as nova_fixtures

        class TestServers(test.TestCase):
            ADMIN_API = False

            def setUp(self):
                super().setUp()
                api_fixture = self.useFixture(nova_fixtures.OSAPIFixture())
                # self.api = api_fixture.admin_api
                self.api = api_fixture.api
                self.cloud = mock.Mock()
                self.other = self.cloud.admin_api
      `,
    },
  ],
});

const ADMIN_CLIENT = /^(?:\w+_)?admin_(?:api|client)$/;

function isAdminClient(value: Expression, file: TestFile): boolean {
  if (value.type !== 'attribute' || !ADMIN_CLIENT.test(value.name)) return false;
  const name = value.refersTo ?? value.object.refersTo;
  return name === undefined ? file.tier !== 'unit' : !name.startsWith('unittest.mock.');
}
