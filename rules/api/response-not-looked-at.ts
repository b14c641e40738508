import type { Call, Statement } from '../model.ts';
import { argument, statementOf } from '../model.ts';
import { inProcess, isRequest } from '../python/api.ts';
import { asserts, assertsOrDelegates, calledBy, following, running } from '../python/failures.ts';
import { defineRule, py } from '../rule.ts';

const CHANGES = /^(?:post|put|patch|delete|simulate_(?:post|put|patch|delete))$/;

export const rule = defineRule({
  id: 'response-not-looked-at',
  code: 'API016',
  category: 'api',
  title: 'response to a change is not looked at',
  kind: 'informational',
  confidence: 'medium',
  cwe: [252],
  peers: { semgrep: ['use-raise-for-status'] },
  why: 'The test passes when the request is refused or fails: it shows that the client returns, not that the API does what it should.',
  instead: 'Assert the status, or look at what the request has changed.',
  limits: 'Only clients whose making is seen, in tests that assert nothing after the request.',
  links: ['https://cwe.mitre.org/data/definitions/252.html'],
  once: 'class',
  on: 'call',
  calls: (_, method) => CHANGES.test(method),
  *check(call, file) {
    if (!CHANGES.test(call.method) || !isRequest(call)) return;
    const statement = statementOf(call);
    const owner = file.ownerOf(call);
    if (owner?.role !== 'test' || statement === undefined || calledBy(statement) !== call || !isMadeHere(call)) return;
    // WebTest checks the status itself; a block or loop around may be what asserts.
    if (argument(call, 'status') !== undefined || file.rejected(call) || !isPlain(statement)) return;
    if (assertsOrDelegates([...following(statement)]) || asserts([statement])) return;
    // A request that comes after may be looked at inside the client, or by the fixture.
    if ([...running([...following(statement)])].some((it) => it.type === 'call' && isRequest(it) && calledBy(statementOf(it) ?? statement) !== it)) return;
    yield { at: call.place, message: `\`${call.function.text}\` changes something, and the test does not look at what comes back` };
  },
  examples: [
    {
      name: 'a change that nobody looks at',
      bad: py`
        from fastapi.testclient import TestClient
        from harbour.main import app

        def test_close():
            client = TestClient(app)
            client.post("/berths/1/close")
        #   ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ does not look at what comes back
      `,
    },
    {
      name: 'the status, a later request, a helper that checks, a client that is not seen',
      good: py`
        from fastapi.testclient import TestClient
        from harbour.main import app

        def test_close(other_client):
            client = TestClient(app)
            client.post("/berths/1/close")
            assert client.get("/berths/1").json()["state"] == "closed"
            other_client.post("/berths/1/close")

        def test_open():
            client = TestClient(app)
            client.post("/berths/1/open")
            check_open(1)

        def test_status():
            client = TestClient(app)
            response = client.post("/berths/1/open")
            assert response.status_code == 200
      `,
    },
  ],
});

/** A client whose making is seen: `TestClient(app)`, `app.test_client()`, Django's own. */
function isMadeHere(call: Call): boolean {
  if (call.function.type !== 'attribute') return false;
  const { value } = call.function.object;
  return (value.kind === 'result' && inProcess(value.call) !== undefined) || call.callee?.startsWith('django.test.') === true;
}

/** Stands in the body of the test itself. */
function isPlain(statement: Statement): boolean {
  return statement.parent?.type === 'function';
}
