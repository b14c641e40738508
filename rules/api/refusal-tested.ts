import { type Argument, argument, constantText, type Expression, type FunctionDefinition, type Value, walk } from '../model.ts';
import { demandsStatus, isRefusal, isRefusalClass, refusalDemanded } from '../python/api.ts';
import { securityCheck } from '../python/security-words.ts';
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
    'Refusals are told by the status (401, 403) or the name of the exception; a 404 that hides is not counted, nor is a status that the test itself tells a stub to answer with, or a refusal that it tells one to raise that is no security check.',
  links: ['https://owasp.org/www-project-web-security-testing-guide/'],
  once: 'file',
  on: ['raises', 'call', 'statement'],
  calls: (_, method) => demandsStatus(method),
  statements: ['assert'],
  wants: (it) => it.type === 'raises' || refusalDemanded(it) !== undefined,
  *check(subject, file) {
    if (subject.type === 'raises') {
      const expected = subject.exceptions.find(isRefusalClass);
      if (expected !== undefined && subject.what === 'raises' && !isToldToRefuse(subject.owner?.node))
        yield { at: expected.place, message: `a refusal is expected: \`${expected.text}\`` };
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
    {
      name: 'a refusal that the test makes another service answer with',
      good: py`
        import pytest
        from unittest import mock
        from botocore.exceptions import ClientError
        from harbour import AccessDeniedQueueException

        def test_refusal_is_handed_on(queue):
            answer = {"Error": {"Code": "AccessDenied", "Message": "no"}}
            queue.service.delete.side_effect = ClientError(error_response=answer, operation_name="Delete")
            with pytest.raises(AccessDeniedQueueException):
                queue.acknowledge(2)

        def test_refusal_is_raised_again(queue):
            with mock.patch("harbour.queue.send", side_effect=AccessDeniedQueueException("no")):
                with pytest.raises(AccessDeniedQueueException):
                    queue.acknowledge(2)
      `,
    },
    {
      name: 'a check that is told to refuse is asked all the same',
      bad: py`
        import pytest
        from unittest import mock
        from harbour import exception, policy

        @mock.patch.object(policy, "authorize", autospec=True)
        def test_asks(authorize, queue):
            authorize.side_effect = exception.HTTPForbidden(resource="queue")
            with pytest.raises(exception.HTTPForbidden):  #! a refusal is expected
                queue.acknowledge(2)
      `,
    },
    {
      name: 'who is not found is refused',
      bad: py`
        import pytest
        from harbour import exception

        def test_unknown_berth(api):
            api.berths.find.side_effect = exception.NotFound()
            with pytest.raises(exception.NotAuthorized):  #! a refusal is expected
                api.enter(2)
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

/**
 * Does the test have a stub raise a refusal, by its class or by what it is made with? Then the code hands it on and refuses nobody;
 * but where the stub is a security check, that one is asked.
 */
function isToldToRefuse(node: FunctionDefinition | undefined): boolean {
  if (node === undefined) return false;
  const nodes = walk(node);
  const raised = nodes.flatMap((it) =>
    it.type === 'assignment' && it.value !== undefined && it.targets.some((each) => each.type === 'attribute' && each.name === 'side_effect')
      ? [it.value]
      : it.type === 'call'
        ? (argument(it, 'side_effect') ?? [])
        : [],
  );
  return raised.some(saysRefusal) && !nodes.some((it) => it.type === 'call' && /\bpatch\b|^setattr$/.test(it.function.text) && it.arguments.some(namesCheck));
}

function saysRefusal(it: Expression): boolean {
  if (it.type !== 'call') return isRefusalClass(it);
  return isRefusalClass(it.function) || it.arguments.some(({ value }) => textsIn(value.value).some(isRefusal));
}

function textsIn(it: Value): readonly string[] {
  if (it.kind === 'dict') return it.entries.flatMap(([, value]) => textsIn(value));
  return it.kind === 'list' ? it.items.flatMap(textsIn) : [constantText(it) ?? ''];
}

function namesCheck({ value }: Argument): boolean {
  return securityCheck(constantText(value.value) ?? '') !== undefined;
}
