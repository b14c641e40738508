import type { Call, Expression, SimpleStatement } from '../model.ts';
import { constantText } from '../model.ts';
import { lastName } from '../python/api.ts';
import { containment, statesContent } from '../python/responses.ts';
import { defineRule, py } from '../rule.ts';

export const rule = defineRule({
  id: 'foreign-request-refused',
  code: 'API-S06',
  category: 'api',
  title: 'a foreign origin, host or method is refused in a test',
  kind: 'pass',
  confidence: 'high',
  cwe: [],
  why: 'Only such a test notices that the application begins to answer pages, hosts or methods that it should not.',
  limits: 'Told by the header of the answer, the status 405, or the exception.',
  links: ['https://developer.mozilla.org/en-US/docs/Web/HTTP/Guides/CORS'],
  once: 'file',
  on: ['raises', 'call', 'statement'],
  calls: (_, method) => statesContent(method) || /^assertEquals?$/.test(method),
  statements: ['assert'],
  wants: (it) => it.type === 'raises' || ((it.type === 'call' || it.type === 'assert') && (headerWithheld(it) !== undefined || methodRefused(it))),
  *check(subject) {
    if (subject.type === 'raises') {
      const expected = subject.what === 'raises' ? subject.exceptions.find((it) => REFUSED.test(lastName(it))) : undefined;
      if (expected !== undefined) yield { at: expected.place, message: `what the application must not answer is refused: \`${expected.text}\` is expected` };
      return;
    }
    if (subject.type !== 'call' && subject.type !== 'assert') return;
    const header = headerWithheld(subject);
    if (header !== undefined) yield { at: subject.place, message: `a foreign origin is refused: \`${header}\` must not be in the answer` };
    else if (methodRefused(subject)) yield { at: subject.place, message: 'a method that is not meant is refused: the status must be `405`' };
  },
  examples: [
    {
      name: 'the header for a foreign origin',
      bad: py`
        import unittest

        class TestOrigins(unittest.TestCase):
            def test_foreign(self):
                response = self.client.get("/", headers={"Origin": "https://pirate.example"})
                self.assertNotIn("Access-Control-Allow-Origin", response.headers)  #! a foreign origin is refused
      `,
    },
    {
      name: 'a method',
      bad: py`
        def test_delete(client):
            assert client.delete("/berths").status_code == 405  #! a method that is not meant is refused
      `,
    },
    {
      name: 'the header that is there, other statuses, a comment',
      good: py`
        def test_origin(client):
            response = client.get("/", headers={"Origin": "https://harbour.example"})
            assert "Access-Control-Allow-Origin" in response.headers
            # assert "Access-Control-Allow-Origin" not in response.headers
            assert response.status_code == 200
            assert len(response.text) == 405
      `,
    },
  ],
});

const REFUSED = /^(?:HTTPMethodNotAllowed|MethodNotAllowed|DisallowedHost|DisallowedRedirect)$/;

function headerWithheld(it: Call | SimpleStatement): string | undefined {
  const found = containment(it);
  return found !== undefined && !found.wanted && /^access-control-allow-origin$/i.test(found.text) ? found.text : undefined;
}

function methodRefused(it: Call | SimpleStatement): boolean {
  let pair: readonly (Expression | undefined)[] = [];
  if (it.type === 'assert') {
    const [test] = it.operands;
    if (test?.type === 'comparison' && test.operators.length === 1 && test.operators[0] === '==') pair = test.operands;
  } else if (it.type === 'call' && /^assertEquals?$/.test(it.method)) pair = it.arguments.map((each) => each.value);
  const [a, b] = pair;
  return a !== undefined && b !== undefined && ((isStatus(a) && isRefusal(b)) || (isStatus(b) && isRefusal(a)));
}

function isStatus(it: Expression): boolean {
  return /(?:^|[._])(?:status(?:_code|_int|Code)?|http_status)$/.test(it.text);
}

function isRefusal(it: Expression): boolean {
  return (it.value.kind === 'constant' && it.value.value === 405) || /\bHTTP_405_\w+$|\.METHOD_NOT_ALLOWED$/.test(it.text) || constantText(it.value) === '405';
}
