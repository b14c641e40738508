import { type Expression, type FunctionDefinition, walk } from '../model.ts';
import { demandsStatus, isRefusalClass, refusalDemanded } from '../python/api.ts';
import { defineRule, py } from '../rule.ts';

export const rule = defineRule({
  id: 'refusal-tested',
  code: 'API-S01',
  category: 'api',
  title: 'a request that must be refused is tested',
  kind: 'pass',
  confidence: 'high',
  cwe: [],
  why: 'Only a test that expects a refusal notices that an access check is gone.',
  limits:
    'Refusals are told by the status (401, 403) or the name of the exception; a 404 that hides is not counted, nor is a status that the test itself tells a stub to answer with.',
  links: ['https://owasp.org/www-project-web-security-testing-guide/'],
  once: 'file',
  on: ['raises', 'call', 'statement'],
  calls: (_, method) => demandsStatus(method),
  statements: ['assert'],
  wants: (it) => it.type === 'raises' || refusalDemanded(it) !== undefined,
  *check(subject, file) {
    if (subject.type === 'raises') {
      const expected = subject.exceptions.find(isRefusalClass);
      if (expected !== undefined && subject.what === 'raises') yield { at: expected.place, message: `a refusal is expected: \`${expected.text}\`` };
      return;
    }
    if (subject.type !== 'call' && subject.type !== 'assert') return;
    const status = refusalDemanded(subject);
    const owner = file.ownerOf(subject);
    if (status !== undefined && owner !== undefined && !isGiven(status, owner.node))
      yield { at: subject.place, message: `a refusal is expected: the status must be \`${status.text}\`` };
  },
  examples: [
    {
      name: 'the status of a response',
      bad: py`
        def test_visitor_is_refused(client):
            reply = client.get("/berths")
            assert reply.status_code == 403
        #   ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ a refusal is expected: the status must be ${'`403`'}
      `,
    },
    {
      name: 'an exception of the API',
      bad: py`
        import testtools
        from nova import exception

        class TestServers(testtools.TestCase):
            def test_delete(self):
                self.assertRaises(exception.PolicyNotAuthorized, self.api.delete, 1)
        #                         ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ a refusal is expected
      `,
    },
    {
      name: 'other statuses, a comment, and what the operating system refuses',
      good: py`
        import pytest

        def test_master(client):
            reply = client.get("/berths")
            assert reply.status_code == 200
            # assert reply.status_code == 403
            assert reply.status_code != 403
            with pytest.raises(PermissionError):
                open("/root/x")
            assert reply.json()["count"] == 403
      `,
      alsoFinds: ['RES005', 'ERR002', 'ERR016'],
    },
    {
      name: 'a status that the test makes its server answer with',
      good: py`
        def test_refusal_is_handed_on(serve, client):
            serve("/berths", first_status=403)
            reply = client.get("/berths")
            assert reply.status_code == 403
      `,
    },
  ],
});

/** `serve(status=403)`: the test says itself what is answered; but `client.get(path, status=403)` of WebTest says what must be. */
function isGiven(status: Expression, node: FunctionDefinition): boolean {
  return walk(node).some(
    (it) =>
      it.type === 'call' &&
      it.arguments.some(({ keyword = '', value }) => /^(?!.*expect).*status_code$|^(?!.*expect).+_status$/.test(keyword) && value.text === status.text),
  );
}
