import type { Comparison, Expression, FunctionSubject, Node } from '../model.ts';
import { isConstant, walk } from '../model.ts';
import { refusalDemanded } from '../python/api.ts';
import { defineRule, py } from '../rule.ts';

export const rule = defineRule({
  id: 'refusal-contradicted',
  code: 'API015',
  category: 'api',
  title: 'test of a refusal expects success',
  kind: 'informational',
  confidence: 'medium',
  cwe: [862],
  why: 'The name says that the request must be refused, the assertion says that it must succeed: one of them is wrong, perhaps the access check.',
  instead: 'Expect 401 or 403, or name the test after what it shows.',
  limits:
    'Told by the name of the test, which may speak of a right that is not needed there, or of a part that lets everything pass: hence a note. A test that looks at anything but statuses of success is left alone.',
  links: ['https://cwe.mitre.org/data/definitions/862.html'],
  on: 'function',
  wants: ({ role, name }) => role === 'test' && REFUSED.test(name) && !ALLOWED.test(name),
  *check(subject) {
    if (subject.role !== 'test' || !REFUSED.test(subject.name) || ALLOWED.test(subject.name)) return;
    if (walk(subject.node).some(switchesOff)) return;
    const found = successOnly(subject);
    if (found !== undefined && !/(?:^|_)2\d\d(?:_|$)/.test(subject.name))
      yield {
        at: found.place,
        message: `\`${subject.name}\` is named after a refusal, but expects \`${short(found.text)}\``,
      };
  },
  examples: [
    {
      name: 'a status of success',
      bad: py`
        def test_close_without_token(client):
            response = client.post("/berths/1/close")
            assert response.status_code == 200
            #      ^^^^^^^^^^^^^^^^^^^^^^^^^^^ is named after a refusal, but expects
      `,
    },
    {
      name: 'in a test case',
      bad: py`
        import unittest

        class TestBerths(unittest.TestCase):
            def test_delete_unauthorized(self):
                resp = self.client.delete("/berths/1")
                self.assertEqual(204, resp.status_code)  #! is named after a refusal
      `,
    },
    {
      name: 'a role that need not have any permission',
      bad: py`
        def test_list_no_permissions(client):
            assert client.get("/berths").status_code == 200  #! is named after a refusal
      `,
    },
    {
      name: 'a refusal, a name that allows, a success that comes first, a public page',
      good: py`
        def test_close_without_token(client):
            assert client.post("/berths/1/close").status_code == 401

        def test_close_without_token_is_allowed(client):
            assert client.post("/berths/1/close").status_code == 200

        def test_close_forbidden(client, agent):
            assert client.get("/berths/1").status_code == 200
            assert agent.post("/berths/1/close").status_code == 403

        def test_delete_forbidden(client):
            response = client.delete("/berths/1")
            assert response.status_code == 200
            assert response.json()["error"] == "forbidden"

        def test_returns_200_without_token(client):
            assert client.get("/berths").status_code == 200

        def test_no_auth(monkeypatch, client):
            monkeypatch.setattr("harbour.settings.USE_AUTH", False)
            assert client.get("/berths").status_code == 200

        def test_anonymous_list(client):
            assert client.get("/berths").status_code == 200
      `,
    },
  ],
});

const REFUSED =
  /(?:^|_)(?:unauthori[sz]ed|unauthenticated|forbidden|denied|without_(?:token|auth\w*|login|credentials|permissions?|cookie)|no_(?:token|auth|credentials|permissions?)|not_(?:authori[sz]ed|authenticated|logged_in|permitted)|requires_(?:login|auth\w*|admin|permissions?)|login_required)(?:$|_)/;
const ALLOWED =
  /allow|public|_can_|_ok(?:$|_)|succe|works|optional|not_required|redirect|ignor|bypass|disabled|anonymous|valid_|skip|exempt|page|form|handler|template|view/;

const STATUS = /(?:^|[._])(?:status(?:_code|_int|Code)?|http_status)$/;

/** `mocker.patch('harbour.settings.USE_AUTH', False)`: what the name says is missing is not asked for. */
function switchesOff(it: Node): boolean {
  return (
    it.type === 'call' &&
    it.arguments.length > 1 &&
    /auth|login|permission|token/i.test(it.text) &&
    it.arguments.some((each) => isConstant(each.value.value, false))
  );
}

/** The one thing that the test asserts: a status of success; undefined when it looks at anything else. */
function successOnly(subject: FunctionSubject): Expression | undefined {
  let found: Expression | undefined;
  for (const it of walk(subject.node)) {
    if (it.type === 'raise' || it.type === 'with' || (it.type === 'call' && /raises|raise_for_status/i.test(it.method))) return undefined;
    if (it.type !== 'assert' && !(it.type === 'call' && /^assert/i.test(it.method))) continue;
    if (refusalDemanded(it) !== undefined) return undefined;
    const success = successIn(it);
    if (success === undefined) return undefined;
    found = success;
  }
  return found;
}

/** The assertion as a whole, when it demands a status from 200 to 299 and nothing else. */
function successIn(it: Node): Expression | undefined {
  if (it.type === 'assert') {
    const [test] = it.operands;
    return test?.type === 'comparison' && test.operators.length === 1 && test.operators[0] === '==' && isSuccess(test) ? test : undefined;
  }
  if (it.type !== 'call' || !/^assertEquals?$/.test(it.method)) return undefined;
  const [first, second] = it.arguments.map((each) => each.value);
  return first !== undefined && second !== undefined && compares(first, second) ? it : undefined;
}

function isSuccess(it: Comparison): boolean {
  const [left, right] = it.operands;
  return left !== undefined && right !== undefined && compares(left, right);
}

function compares(a: Expression, b: Expression): boolean {
  return (STATUS.test(a.text) && succeeds(b)) || (STATUS.test(b.text) && succeeds(a));
}

function succeeds(it: Expression): boolean {
  const { value } = it;
  return (
    (value.kind === 'constant' && typeof value.value === 'number' && value.value >= 200 && value.value < 300) ||
    /\.HTTP_20\d_\w+$|\.(?:OK|CREATED|NO_CONTENT)$/.test(it.text)
  );
}

function short(text: string): string {
  const line = text.replace(/\s+/g, ' ');
  return line.length > 50 ? `${line.slice(0, 49)}…` : line;
}
