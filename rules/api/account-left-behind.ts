import { argument, type Call, constantText, type Expression, type FunctionSubject, statementOf, type TestFile, walk } from '../model.ts';
import { registration } from '../python/cleanups.ts';
import { mayBeAnsweredHere } from '../python/http-stubs.ts';
import { defineRule, type Fix, insertAfter, py } from '../rule.ts';

/** Calls that make an account or give it rights, on clients that speak to a real system. Sources: boto3 1.40, keystoneclient 5.6, openstacksdk 4, kubernetes 33. */
const GRANTS: readonly (readonly [RegExp, string])[] = [
  [/^keystoneclient(?:\.v3)?\.client\.Client\(\)\.users\.create$|^openstack\.connect\(\)\.(?:identity\.)?create_user$/, 'an account'],
  [/^keystoneclient(?:\.v3)?\.client\.Client\(\)\.roles\.grant$|^openstack\.connect\(\)\.grant_role$/, 'a role'],
  [/^kubernetes\.client\.RbacAuthorizationV1Api\(\)\.create_(?:cluster|namespaced)_role_binding$/, 'a role binding'],
];
const IAM: ReadonlyMap<string, string> = new Map([
  ['create_user', 'an account'],
  ['create_access_key', 'an access key'],
  ['create_login_profile', 'a password'],
  ['attach_user_policy', 'rights'],
]);
const DATABASE = /^(?:psycopg2?|pymysql|MySQLdb|mysql\.connector)\.connect\(\)(?:\.cursor\(\))?\.execute$/;
const UNDOES = /delete|remove|revoke|detach|drop|destroy|clean_?up|tear_?down/i;

export const rule = defineRule({
  id: 'account-left-behind',
  code: 'API019',
  category: 'api',
  title: 'Privileged account made and left behind',
  kind: 'review',
  confidence: 'medium',
  cwe: [459],
  why: 'The account, its key or its rights outlive the test on a system that others use.',
  instead: 'Register its removal right after it is made: `self.addCleanup(client.users.delete, user)`.',
  limits:
    'Only clients of the table are known. Any call in the function that deletes or revokes something, and any tear-down of the class, counts as the removal.',
  links: ['https://cwe.mitre.org/data/definitions/459.html'],
  on: 'call',
  calls: (callee, method) => callee === `boto3.client().${method}` || DATABASE.test(callee) || GRANTS.some(([pattern]) => pattern.test(callee)),
  *check(call, file) {
    const what = madeBy(call);
    const owner = file.ownerOf(call);
    if (what === undefined || owner === undefined || mayBeAnsweredHere(file) || file.expected(call) || file.rejected(call)) return;
    if (file.stubbed(call.callee ?? '', call) !== undefined || undone(owner)) return;
    yield { at: call.place, message: `\`${call.method}\` makes ${what} that nothing here takes away again`, ...fixOf(call, owner, file) };
  },
  examples: [
    {
      name: 'a user, a key, a role in a database',
      bad: py`
        import boto3
        import psycopg2

        def make_key():
            identity = boto3.client("iam")
            return identity.create_access_key(UserName="pilot")  #! an access key

        def make_role(dsn):
            cursor = psycopg2.connect(dsn).cursor()
            cursor.execute("CREATE ROLE pilot SUPERUSER")  #! a role
      `,
      alsoFinds: ['NET004', 'RES012', 'RES013', 'RES010'],
    },
    {
      name: 'a user of a test case',
      bad: py`
        import unittest
        from keystoneclient.v3 import client

        class TestUsers(unittest.TestCase):
            def test_user(self, session=None):
                keystone = client.Client(session=session)
                user = keystone.users.create(name="pilot")  #! that nothing here takes away
                self.assertEqual("pilot", user.name)
      `,
      fixed: py`
        import unittest
        from keystoneclient.v3 import client

        class TestUsers(unittest.TestCase):
            def test_user(self, session=None):
                keystone = client.Client(session=session)
                user = keystone.users.create(name="pilot")
                self.addCleanup(keystone.users.delete, user)
                self.assertEqual("pilot", user.name)
      `,
    },
    {
      name: 'taken away again, or another service',
      good: py`
        import unittest
        import boto3
        from keystoneclient.v3 import client

        class TestUsers(unittest.TestCase):
            def test_user(self, session=None):
                keystone = client.Client(session=session)
                user = keystone.users.create(name="pilot")
                self.addCleanup(keystone.users.delete, user)

            def test_queue(self):
                queues = boto3.client("sqs", endpoint_url="http://localhost:4566")
                queues.create_queue(QueueName="tides")
      `,
    },
  ],
});

function madeBy(call: Call): string | undefined {
  const { callee } = call;
  if (callee === undefined) return undefined;
  if (DATABASE.test(callee)) {
    const statement = constantText(argument(call, undefined, 0)?.value);
    return statement !== undefined && /^\s*CREATE\s+(?:ROLE|USER)\b/i.test(statement) ? 'a role' : undefined;
  }
  if (callee === `boto3.client().${call.method}`) return isIdentityClient(call) ? IAM.get(call.method) : undefined;
  return GRANTS.find(([pattern]) => pattern.test(callee))?.[1];
}

function isIdentityClient(call: Call): boolean {
  const maker: Expression | undefined = call.function.type === 'attribute' ? call.function.object : undefined;
  if (maker?.value.kind !== 'result') return false;
  const service = argument(maker.value.call, 'service_name', 0);
  return service !== undefined && constantText(service.value) === 'iam' && argument(maker.value.call, 'endpoint_url') === undefined;
}

function undone(owner: FunctionSubject): boolean {
  for (const it of owner.class?.methods.values() ?? []) if (it.role === 'teardown' || it.role === 'class-teardown') return true;
  for (const it of walk(owner.node)) {
    if ((it.type === 'attribute' && UNDOES.test(it.name)) || (it.type === 'name' && UNDOES.test(it.id))) return true;
    if (it.type === 'string' && /^\s*(?:DROP|REVOKE)\b/i.test(it.content)) return true;
  }
  return false;
}

/** What `users.create(…)` gave is given to `users.delete` when the test ends. */
function fixOf(call: Call, owner: FunctionSubject, file: TestFile): { fix?: Fix } {
  const statement = statementOf(call);
  const [target] = statement?.type === 'assignment' && statement.value === call ? statement.targets : [];
  if (call.method !== 'create' || call.function.type !== 'attribute' || target?.type !== 'name' || statement === undefined) return {};
  const undo = `${call.function.object.text}.delete`;
  const line = registration(call, owner, `${undo}, ${target.id}`, file);
  if (line === undefined) return {};
  return { fix: { title: `Register \`${undo}\` as a cleanup`, safety: 'suggest', edits: [insertAfter(statement, line)] } };
}
