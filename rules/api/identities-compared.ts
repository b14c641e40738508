import { constantText, type Expression, walk } from '../model.ts';
import { defineRule, py } from '../rule.ts';

const COMPARES = /^common_policy_(?:auth|check)$/;

export const rule = defineRule({
  id: 'identities-compared',
  code: 'API-S02',
  category: 'api',
  title: 'one request is tried as several identities',
  kind: 'pass',
  confidence: 'medium',
  cwe: [],
  why: 'A table of who may and who may not shows both a check that is gone and one that is too strict.',
  limits: "Knows Nova's policy helpers, and `parametrize` whose names hold a role or user and an outcome, where the test asks a client.",
  links: ['https://docs.openstack.org/nova/latest/configuration/policy-concepts.html'],
  once: 'file',
  on: 'call',
  calls: (callee, method) => callee === 'pytest.mark.parametrize' || COMPARES.test(method),
  *check(call) {
    if (COMPARES.test(call.method) && call.function.type === 'attribute' && call.arguments.length >= 2) {
      yield { at: call.place, message: `\`${call.method}\` tries the request as every identity, allowed or not` };
      return;
    }
    if (call.callee !== 'pytest.mark.parametrize') return;
    const names = constantText(call.arguments[0]?.value.value);
    const rows = call.arguments[1]?.value;
    if (names === undefined || (rows?.type !== 'list' && rows?.type !== 'tuple') || rows.items.length < 2) return;
    const columns = names.split(/[\s,]+/);
    const column = columns.findIndex((it) => IDENTITY.test(it));
    if (column < 0 || !columns.some((it) => OUTCOME.test(it))) return;
    const identities = new Set(rows.items.map((it) => cellOf(it, column)?.text));
    if (identities.size > 1 && call.parent?.type === 'function' && walk(call.parent).some((it) => it.type === 'call' && ASKS.test(it.function.text)))
      yield { at: call.place, message: `the test is run for ${identities.size} identities, each with its outcome (\`${names}\`)` };
  },
  examples: [
    {
      name: 'roles and the status that each must get',
      bad: py`
        import pytest

        @pytest.mark.parametrize("role, status", [("master", 200), ("agent", 403)])  #! run for 2 identities
        def test_close(client_as, role, status):
            assert client_as(role).post("/berths/1/close").status_code == status
      `,
    },
    {
      name: 'helpers of the policy tests of Nova',
      bad: py`
        from nova.tests.unit.policies import base

        class PausePolicyTest(base.BasePolicyTest):
            def test_pause(self):
                self.common_policy_auth(self.project_action_authorized_contexts, "os:pause", self.controller._pause)  #! as every identity
      `,
    },
    {
      name: 'other tables, and a comment',
      good: py`
        import pytest

        # @pytest.mark.parametrize("role, status", [("master", 200), ("agent", 403)])
        @pytest.mark.parametrize("ship, status", [("Calypso", 200), ("", 400)])
        def test_book(client, ship, status):
            assert client.post("/bookings", json={"ship": ship}).status_code == status

        @pytest.mark.parametrize("service, expected_role", [("ships", "Pilot"), ("cranes", "Porter")])
        def test_role(client, service, expected_role):
            assert client.get(service).json()["role"] == expected_role

        @pytest.mark.parametrize("role, sudo, status", [("master", True, 200), ("master", False, 403)])
        def test_sudo(client_as, role, sudo, status):
            assert client_as(role, sudo).post("/berths/1/close").status_code == status

        @pytest.mark.parametrize("user, expected", [("a", [1]), ("b", [2])])
        def test_parse(parse, user, expected):
            assert parse("a:1 b:2", user) == expected

        @pytest.mark.parametrize("scope, name, result", [("user", "a", 1), ("group", "b", 2)])
        def test_scope(client, scope, name, result):
            assert client.count(scope, name) == result
      `,
    },
  ],
});

/** `("master", 200)`, `pytest.param("master", 200, id="master")` */
function cellOf(row: Expression, column: number): Expression | undefined {
  return row.type === 'call' ? row.arguments[column]?.value : row.type === 'tuple' || row.type === 'list' ? row.items[column] : undefined;
}

/** A client, a request, or somebody who logs in or is let in. */
const ASKS = /client|request|login|auth|session|perm|polic|access|fetch|(?:^|[._])api(?:$|[._])|user$|^(?:get|post|put|patch|delete)$/i;

/** Who asks; what a table calls a scope or a permission is as often an object of the test. */
const IDENTITY = /^(?:(?:user_|test_)?roles?|(?:test_|request_)?user|username|identity|persona|actor|client_fixture|user_type)$/;
const OUTCOME = /(?:^|_)(?:status|status_code|code|expected|allowed|outcome|authorized|result|can|permitted)(?:$|_)/;
