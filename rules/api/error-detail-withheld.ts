import { type Call, type Expression, type FunctionDefinition, type SimpleStatement, type TestFile, walk } from '../model.ts';
import { containment, innerDetail, isResponseText, statesContent } from '../python/responses.ts';
import { isCredentialName } from '../python/secrets.ts';
import { defineRule, py } from '../rule.ts';

export const rule = defineRule({
  id: 'error-detail-withheld',
  code: 'API-S08',
  category: 'api',
  title: 'what a response must not show is tested',
  kind: 'pass',
  confidence: 'high',
  cwe: [],
  why: 'Only such a test notices that a traceback or a password begins to appear in what callers get.',
  limits:
    'Told by the words that are looked for, and by the name of what they are looked for in; headers are not looked at, and `in` on a response itself asks for no more than these.',
  links: ['https://owasp.org/www-community/Improper_Error_Handling'],
  once: 'file',
  on: ['call', 'statement'],
  calls: (_, method) => statesContent(method),
  statements: ['assert'],
  *check(subject, file) {
    if (subject.type !== 'call' && subject.type !== 'assert') return;
    const found = containment(subject);
    if (found === undefined || found.wanted || !isResponseText(found.haystack)) return;
    // A field of a form, `grant_type=password`, is what a request holds.
    if (/^\w+=\w/.test(found.text) || /\.headers$/.test(found.haystack.text)) return;
    // `body = token_request(…)`: what is asked, not what is answered.
    if (file.origins(found.haystack).some(({ name }) => /request/i.test(name.slice(name.lastIndexOf('.') + 1)))) return;
    if (isOfRequest(found.haystack, file) || (asksMembership(subject) && asksForHeaders(found.haystack, found.text, file))) return;
    const detail = innerDetail(found.text) ?? (isCredentialName(found.text) ? `\`${found.text}\`` : undefined);
    if (detail !== undefined) yield { at: subject.place, message: `${detail} must not be in the response` };
  },
  examples: [
    {
      name: 'no traceback',
      bad: py`
        def test_broken_ship(client):
            response = client.get("/ships/broken")
            assert "Traceback" not in response.text  #! a traceback must not be in the response
      `,
    },
    {
      name: 'no password',
      bad: py`
        def test_captain(client):
            response = client.get("/captains/1")
            assert "password" not in response.json()  #! must not be in the response
      `,
    },
    {
      name: 'in the body of a response, and in what a function gives as a dictionary',
      bad: py`
        from django.test import TestCase

        class TestCaptain(TestCase):
            def test_captain(self):
                response = self.client.get("/captains/1")
                self.assertNotContains(response, "password")  #! must not be in the response; 2 times

        def test_report(report):
            response = report("captain")
            assert "password" not in response
      `,
    },
    {
      name: 'other words, other texts, a comment',
      good: py`
        def test_ship(client, caplog):
            response = client.get("/ships/1")
            assert "mast" not in response.text
            assert "Traceback" not in caplog.text
            assert "Access-Control-Allow-Credentials" not in response.headers

        def test_headers(self, middleware, request_):
            response = middleware(request_)
            assert "Access-Control-Allow-Credentials" not in response
            response = self.client.post("/ships", {"name": "Ada"})
            self.assertNotIn("password", response)

        def test_assertion(backend):
            body = backend.token_request_body()
            assert "client_secret" not in body

        def form_body(request):
            return dict(parse(request.content.decode()))

        def test_recorded(recorded):
            body = form_body(recorded[0])
            assert "client_secret" not in body

        def test_form(send):
            body = send({"grant_type": "password", "password": "123456"})
            assert "grant_type=password" not in body
            assert "password=123456" not in body
            # assert "Traceback" not in response.text
      `,
    },
  ],
});

/** `assertNotContains` reads the body of a response; `in` and `assertNotIn` ask the object. */
function asksMembership(subject: Call | SimpleStatement): boolean {
  return subject.type !== 'call' || !/Contains$/.test(subject.method);
}

/** A response itself, not its text: of a client, or where the name of a header is looked for. Django's tells there of its headers, others of nothing. */
function asksForHeaders(haystack: Expression, text: string, file: TestFile): boolean {
  if (haystack.type !== 'name' && !(haystack.type === 'attribute' && haystack.object.text === 'self')) return false;
  return HEADER.test(text) || isGivenByClient(haystack, file);
}

/** `Access-Control-Allow-Credentials`, `Set-Cookie`. */
const HEADER = /^(?:[A-Z][A-Za-z]{0,30}-){1,6}[A-Z][A-Za-z]{0,30}$/;

/** `response = self.client.get("/ships")`, waited for or not. */
function isGivenByClient(haystack: Expression, file: TestFile): boolean {
  const owner = file.ownerOf(haystack);
  return (
    owner !== undefined &&
    walk(owner.node).some((it) => {
      if (it.type !== 'assignment' || !it.targets.some((each) => each.text === haystack.text)) return false;
      const made = it.value?.type === 'await' ? it.value.operand : it.value;
      if (made?.type !== 'call' || made.function.type !== 'attribute') return false;
      return /client$/i.test(made.function.object.text) && /^(?:get|post|put|patch|delete|head|options|trace|request|generic|open)$/.test(made.method);
    })
  );
}

/** `body = form_body(request)` */
function isOfRequest(haystack: Expression, file: TestFile): boolean {
  const owner = file.ownerOf(haystack);
  return (
    owner !== undefined &&
    walk(owner.node).some(
      (it) =>
        it.type === 'assignment' &&
        it.value?.type === 'call' &&
        it.targets.some((each) => each.text === haystack.text) &&
        readsRequest(file.definition(it.value.callee ?? '')?.node),
    )
  );
}

/** Takes the body out of a request that it is given. */
function readsRequest(node: FunctionDefinition | undefined): boolean {
  const name = node?.parameters[0]?.name;
  if (node === undefined || name === undefined || !/req(?:uest)?$/.test(name)) return false;
  return walk(node).some((it) => it.type === 'attribute' && it.object.text === name && /^(?:content|body|data|text|form|json|read)$/.test(it.name));
}
