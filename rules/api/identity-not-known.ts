import type { Call } from '../model.ts';
import { canBeApiCall, isRequest } from '../python/api.ts';
import { defineRule, py } from '../rule.ts';

export const rule = defineRule({
  id: 'identity-not-known',
  code: 'API-U05',
  category: 'api',
  title: 'as whom a fixture asks is not known',
  kind: 'open',
  confidence: 'high',
  cwe: [863],
  why: 'Whether the test shows what anybody may do, or only what an administrator may, is decided where the fixture logs in.',
  instead: 'Open the folder that holds the fixture, or name the role in the test.',
  limits: 'Speaks of fixtures whose names say that somebody is logged in.',
  links: ['https://docs.pytest.org/en/stable/how-to/fixtures.html'],
  once: 'file',
  on: 'call',
  calls: (callee, method) => canBeApiCall(callee, method),
  wants: (it) => isLoggedIn(receiverOf(it) ?? ''),
  *check(call, file) {
    const owner = file.ownerOf(call);
    const name = receiverOf(call);
    if (owner?.role !== 'test' || name === undefined || !owner.parameters.includes(name) || !isLoggedIn(name)) return;
    if (isRequest(call) && file.fixtureFrom(name) === 'not found' && !file.isOfScript(owner))
      yield { at: call.place, message: `as whom \`${name}\` asks is not known: the fixture was not found` };
  },
  examples: [
    {
      name: 'a client that is logged in somewhere else',
      bad: py`
        def test_close(auth_client):
            assert auth_client.post("/berths/1/close").status_code == 200  #! as whom
      `,
    },
    {
      name: 'a fixture that can be read, a client of a plug-in, one that logs in nobody',
      good: {
        'tests/unit/test_berths.py': py`
          def test_close(auth_client, admin_client, client):
              assert auth_client.post("/berths/1/close").status_code == 200
              assert admin_client.post("/berths/1/close").status_code == 200
              assert client.get("/berths").status_code == 200
        `,
        'tests/conftest.py': py`
          import pytest

          @pytest.fixture
          def auth_client(client):
              client.post("/login", data={"user": "agent"})
              return client
        `,
      },
    },
  ],
});

const ROLE = /(?:^|_)(?:auth|authed|authenticated|authorized|logged_in|login|user|admin|staff|superuser|member|owner|token|api_key)/;
const ROLE_AT_END = new RegExp(`${ROLE.source}$`);

/** `admin_client`, `user_api_client`, `authclient`. */
function isLoggedIn(name: string): boolean {
  if (!name.endsWith('client')) return false;
  const before = name.slice(0, -'client'.length);
  return (before.endsWith('_') ? ROLE : ROLE_AT_END).test(before);
}

function receiverOf(call: Call): string | undefined {
  if (call.function.type !== 'attribute') return undefined;
  const { object } = call.function;
  return object.type === 'name' ? object.id : undefined;
}
