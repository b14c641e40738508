import type { Call, Expression } from '../model.ts';
import { constantText } from '../model.ts';
import { hostKind } from '../python/host-names.ts';
import { mayBeAnsweredHere } from '../python/http-stubs.ts';
import { isMockName } from '../python/mock.ts';
import { defineRule, py } from '../rule.ts';

const ENDPOINT: ReadonlySet<string> = new Set([
  'auth_url',
  'base_url',
  'endpoint',
  'endpoint_url',
  'endpoint_override',
  'api_url',
  'server_url',
  'url',
  'host',
  'server',
]);
const USER: ReadonlySet<string> = new Set(['username', 'user', 'user_name', 'login', 'auth_user']);
const ADMIN = /^(?:admin|administrator|root|superuser|sysadmin)$/i;
const CHANGES = /^(?:create|delete|update|post|put|patch|grant|revoke|add|remove|set|reset|disable|enable)(?:_|$)/;

export const rule = defineRule({
  id: 'admin-on-real-endpoint',
  code: 'API014',
  category: 'api',
  title: 'Change made as administrator on a real endpoint',
  kind: 'fail',
  kinds: ['fail', 'review'],
  confidence: 'medium',
  cwe: [250],
  why: 'The test changes a system that others use, with all rights on it.',
  instead: 'Point the client at a server of the test, and give it an account that may do only what the test needs.',
  limits: 'Client, endpoint and user name must be written as constants in one call, and the client be used where it is made or be kept on `self`.',
  links: ['https://cwe.mitre.org/data/definitions/250.html'],
  on: 'call',
  calls: (_, method) => CHANGES.test(method),
  wants: (it) => clientOf(it) !== undefined,
  *check(call, file) {
    if (!CHANGES.test(call.method)) return;
    const maker = clientOf(call);
    if (maker === undefined || isMockName(maker.callee) || mayBeAnsweredHere(file)) return;
    if (file.stubbed(maker.callee ?? '', call) !== undefined || file.stubbed(call.callee ?? '', call) !== undefined || file.expected(call)) return;
    const admin = maker.arguments.find((it) => it.keyword !== undefined && USER.has(it.keyword) && ADMIN.test(constantText(it.value.value) ?? ''));
    const host = maker.arguments.flatMap((it) => (it.keyword !== undefined && ENDPOINT.has(it.keyword) ? publicHost(it.value) : []))[0];
    if (admin === undefined || host === undefined) return;
    const kind = file.tier === 'unit' && !file.guarded(call) ? 'fail' : 'review';
    yield {
      at: call.place,
      kind,
      message: `\`${call.method}\` changes \`${host}\` with an administrator's rights`,
      trail: [{ at: maker.place, note: 'the client' }],
    };
  },
  examples: [
    {
      name: 'a user made in a cloud',
      bad: py`
        from harbour.client import Client

        def test_user(password):
            client = Client(username="admin", password=password, auth_url="https://identity.harbourmaster.org/v3")
            client.users.create(name="pilot")  #! with an administrator's rights
      `,
      alsoFinds: ['NET003', 'SEC007'],
    },
    {
      name: 'a reserved host, a reader, a client that only reads',
      good: py`
        from harbour.client import Client

        def test_reserved(password):
            client = Client(username="admin", password=password, auth_url="https://identity.example.test/v3")
            client.users.create(name="pilot")

        def test_reader(password):
            client = Client(username="pilot", password=password, auth_url="https://identity.harbourmaster.org/v3")
            client.users.create(name="pilot")

        def test_list(password):
            client = Client(username="admin", password=password, auth_url="https://identity.harbourmaster.org/v3")
            client.users.list()
      `,
      alsoFinds: ['NET003', 'SEC007'],
    },
  ],
});

/** The call that made the client of `client.users.create(…)`. */
function clientOf(call: Call): Call | undefined {
  if (call.function.type !== 'attribute') return undefined;
  let object: Expression = call.function.object;
  while (object.type === 'attribute' && object.value.kind !== 'result') object = object.object;
  return object.value.kind === 'result' ? object.value.call : undefined;
}

function publicHost(it: Expression): string[] {
  const text = constantText(it.value);
  if (text === undefined) return [];
  const host = /^(?:[a-z][a-z+]*:\/\/(?:[^/@]*@)?)?([^/:?#]+)/i.exec(text)?.[1];
  return host !== undefined && hostKind(host) === 'public' ? [host] : [];
}
