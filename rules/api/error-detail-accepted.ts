import type { Expression, FunctionSubject } from '../model.ts';
import { walk } from '../model.ts';
import { containment, innerDetail, isResponseText, statesContent } from '../python/responses.ts';
import { defineRule, py } from '../rule.ts';

export const rule = defineRule({
  id: 'error-detail-accepted',
  code: 'API017',
  category: 'api',
  title: 'response is expected to show the inside of the server',
  kind: 'review',
  confidence: 'medium',
  cwe: [209],
  peers: { codeql: ['py/stack-trace-exposure'] },
  why: 'A test that wants a traceback or SQL in a response keeps the leak alive: it shows strangers how the server is built.',
  instead: 'Expect a message that is meant for the caller, and that the detail is not there.',
  limits:
    'Told by the words that are looked for, and by the name of what they are looked for in. What a mock was called with, and the body of a request, is no response.',
  links: ['https://cwe.mitre.org/data/definitions/209.html', 'https://owasp.org/www-community/Improper_Error_Handling'],
  on: ['call', 'statement'],
  calls: (_, method) => statesContent(method),
  statements: ['assert'],
  *check(subject, file) {
    if (subject.type !== 'call' && subject.type !== 'assert') return;
    const found = containment(subject);
    if (found === undefined || !found.wanted || !isResponseText(found.haystack)) return;
    const detail = innerDetail(found.text);
    if (detail === undefined) return;
    const owner = file.ownerOf(subject);
    if (owner !== undefined && isSent(found.haystack, owner)) return;
    // Pages that show it on purpose.
    if (/debug|traceback|propagat|developer/i.test(`${owner?.name ?? ''} ${owner?.class?.name ?? ''}`)) return;
    yield { at: subject.place, message: `the response is expected to hold ${detail}: callers learn how the server is built` };
  },
  examples: [
    {
      name: 'a traceback, and SQL',
      bad: py`
        import unittest

        def test_broken_ship(client):
            response = client.get("/ships/broken")
            assert "Traceback (most recent call last)" in response.text
        #   ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ expected to hold a traceback

        class TestShips(unittest.TestCase):
            def test_quote(self):
                resp = self.client.get("/ships?name='")
                self.assertIn("SELECT name FROM ships", resp.body)  #! expected to hold SQL
      `,
    },
    {
      name: 'the detail must not be there, a log, a page for developers',
      good: py`
        def test_broken_ship(client, caplog):
            response = client.get("/ships/broken")
            assert "Traceback" not in response.text
            assert "Traceback" in caplog.text
            assert "no such ship" in response.text

        def test_asks(mocker, client):
            mock_post = mocker.patch("requests.post")
            client.ask("ship")
            body = mock_post.call_args[1]["data"]
            assert "SELECT name FROM ships" in body
            payload, options = client.sent(mock_post)
            assert "SELECT name FROM ships" in payload

        def test_debug_page(client):
            response = client.get("/ships/broken")
            assert "Traceback" in response.text
      `,
    },
  ],
});

/** `body = mock_post.call_args[1]['data']`, `body, options = sent(mock_post)`, `body = stub.calls[0].request.body`. */
function isSent(haystack: Expression, { node }: FunctionSubject): boolean {
  const [name] = haystack.text.split(/[.[]/);
  return walk(node).some(
    (it) =>
      it.type === 'assignment' &&
      it.value !== undefined &&
      /mock|call_args|\.request\./i.test(it.value.text) &&
      it.targets.some((each) => each.text === name || (each.type === 'tuple' && each.items.some((item) => item.text === name))),
  );
}
