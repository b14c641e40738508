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
  limits: 'Told by the words that are looked for, and by the name of what they are looked for in.',
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
    // Pages that show it on purpose.
    const owner = file.ownerOf(subject);
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

        def test_debug_page(client):
            response = client.get("/ships/broken")
            assert "Traceback" in response.text
      `,
    },
  ],
});
