import type { Call, FunctionDefinition, FunctionSubject, TestFile } from '../model.ts';
import { argumentFor, constantText, walk } from '../model.ts';
import { assertsOrDelegates, running } from '../python/failures.ts';
import { remarksOn } from '../python/remarks.ts';
import { defineRule, py } from '../rule.ts';

export const rule = defineRule({
  id: 'negative-test-without-assertion',
  code: 'ERR017',
  category: 'errors',
  title: 'a test named after a refusal asserts nothing',
  kind: 'review',
  confidence: 'medium',
  cwe: [1164],
  why: 'It passes whether the guard refuses or not.',
  instead: 'Assert the refusal: the exception, the status code, the untouched state.',
  limits:
    'Silent when the test calls anything of its class that was not read or that may assert, or a function that does, itself or by others within three calls, where it is never run, where a comment says that nothing should be raised, where the refusal is a word that it gives to what records or counts, and where the file itself calls it with what no fixture gives. An argument for a parameter that says which status is expected is an assertion.',
  links: [],
  on: 'function',
  wants: ({ role, name }) => role === 'test' && REFUSAL.test(name),
  *check(subject, file) {
    if (subject.role !== 'test' || !REFUSAL.test(subject.name) || SMOKE.test(subject.name) || subject.generator) return;
    if (subject.node.decorators.some((it) => /raises|expect|xfail|skip|fail|data|provide/i.test(it.text))) return;
    if (assertsOrDelegates(subject.node.body) || file.skipped(subject.node) || !callsSomething(subject, file)) return;
    if (file.isOfScript(subject) || [...remarksOn(subject.node, subject)].some((it) => SMOKE_REMARK.test(it)) || isOnlyRecorded(subject)) return;
    yield { at: subject.namePlace, message: `\`${subject.name}\` is named after a refusal and asserts nothing: it passes without one` };
  },
  examples: [
    {
      name: 'the reply is not looked at',
      bad: py`
        def test_delete_without_token(client):  #! asserts nothing
            client.delete("/berths/1")
      `,
    },
    {
      name: 'asserted here, or by a helper',
      good: py`
        import pytest
        import unittest

        def test_delete_without_token(client):
            assert client.delete("/berths/1").status_code == 401

        def test_listing_does_not_raise_if_denied(client):
            client.list("/berths")

        def test_shown_denied(app):
            app.get("/berths", status=403)

        def test_berth_forbidden(app):
            app.get("/berths/1", _expected_status=403)

        def test_plan_forbidden(app):
            app.get("/plan", expect=403)

        def make(verb):
            def send(path, status=None):
                assert call(verb, path) == status
            return send

        @pytest.fixture
        def put():
            return make("put")

        def test_put_forbidden(put):
            put("/plan", 403)

        def test_sink_not_allowed(client):
            client.delete("/berths/1", assert_status_code=405)

        def test_forbidden_page_allows_other_rules(pages):
            pages.add("/forbidden", rule="any")

        def test_csrf_of_nobody(request):
            csrf(request)

        class TestShop(unittest.TestCase):
            def _delete(self, code):
                self.assertEqual(code, self.client.delete("/berths/1").status_code)

            def test_delete_denied(self):
                self._delete(403)
      `,
    },
    {
      name: 'a comment says that nothing should be raised; the refusal is what is recorded',
      good: py`
        from harbour import metrics

        def test_audit_denied(audit):
            # Should not raise
            audit.forward("denied", 1)

        def test_record_check_denied():
            metrics.record_check(result="denied", what="berth")

        def test_count_rejected():
            metrics.count(metrics.Result.REJECTED)
      `,
    },
    {
      name: 'a function of a script, and a test that calls another one',
      good: py`
        import sys
        import requests

        def test_berth_without_token(path, berth):
            return requests.post("http://localhost:8080" + path, json=berth, timeout=5).status_code == 403

        def main():
            sys.exit(0 if test_berth_without_token("/berths", {"number": 1}) else 1)
      `,
    },
    {
      name: 'called by another test with what is a fixture',
      bad: py`
        import pytest

        @pytest.fixture
        def harbour():
            return Harbour()

        def test_delete_without_token(harbour):  #! asserts nothing
            harbour.delete("/berths/1")

        def test_twice(harbour):
            test_delete_without_token(harbour)
            assert harbour.berths == []
      `,
    },
    {
      name: 'what is sent is the word of the refusal, and its comment says nothing',
      bad: py`
        def test_berth_forbidden(client):  #! asserts nothing
            # Raise the flag first
            client.get("forbidden")
      `,
    },
    {
      name: 'taken out of the run',
      good: py`
        from nose.tools import nottest

        class TestBerths:
            @nottest
            def test_delete_unauthenticated(self):
                self.client.delete("/berths/1")

        class TestShips:
            __test__ = False

            def test_sink_without_token(self, client):
                client.delete("/ships/1")
      `,
    },
    {
      name: 'asserted by what is called later',
      good: {
        'tests/test_shop.py': py`
          from shop.testing import ShouldFail

          class TestShop(ShouldFail):
              def test_delete_denied(self):
                  d = self.login("guest")
                  d.addCallback(lambda _: self.should_fail(self.delete, 3))
                  return d
        `,
        'shop/testing.py': py`
          import unittest

          class ShouldFail(unittest.TestCase):
              def should_fail(self, function, *arguments):
                  with self.assertRaises(PermissionError):
                      function(*arguments)

              def delete(self, number):
                  self.shop.delete(number)

              def login(self, name):
                  return self.shop.login(name)
        `,
      },
    },
    {
      name: 'asserted by a helper of a helper, or by one that is told which status is expected',
      good: {
        'tests/test_shop.py': py`
          from shop.testing import ask, demand

          def test_delete_denied(client):
              ask(client, "/berths/1")

          class TestShips:
              def test_sink_denied(self, client):
                  demand(client, "/ships/1", 403)
        `,
        'shop/testing.py': py`
          from shop.replies import status_of, Demand

          def ask(client, path):
              return status_of(client, path)

          def demand(client, path, expected_code=200):
              return Demand(client, path, expected_code).reply
        `,
        'shop/replies.py': py`
          def status_of(client, path):
              reply = client.delete(path)
              assert reply.status_code == 403
              return reply

          class Demand:
              pass
        `,
      },
    },
    {
      name: 'a helper that asserts nothing, read to its end',
      bad: {
        'tests/test_shop.py': py`
          from shop.testing import ask

          def test_delete_denied(client):  #! asserts nothing
              ask(client, "/berths/1")
        `,
        'shop/testing.py': py`
          from shop.replies import status_of

          def ask(client, path, expected_code=200):
              return status_of(client, path)
        `,
        'shop/replies.py': py`
          def status_of(client, path):
              return client.delete(path).status_code
        `,
      },
    },
    {
      name: 'a helper that was not found',
      good: py`
        from shop.testing import ShopTest

        class TestShop(ShopTest):
            def test_delete_denied(self):
                self.delete_with(403)
      `,
    },
  ],
});

const REFUSAL =
  /(?:^|_)(?:unauth\w*|forbidden|denied|rejected|tampered|(?:path|dir|directory)_traversal|(?:without|no|missing|invalid|bad|wrong)_(?:token|csrf)|csrf_(?:\w{1,30}_)?(?:missing|invalid|required|failure|fails)|not_allowed|not_permitted)(?=_|$)/i;

/** Named after what must not go wrong: that it runs is what is tested. */
const SMOKE = /(?:not|never)_(?:raise|fail|crash|error)|no_(?:error|exception|crash)|(?:^|_)(?:ok|works|ignored|tolerated)(?:_|$)|(?<!not_)allows?_/;

/** "Should not raise", "must not fail", "does not throw". */
const SMOKE_REMARK = /\b(?:should|shall|must|do|does|will|may)(?:n't| not) (?:raise|fail|throw|crash|error|break)/i;

const RECORDS = /^(?:record|count|log|emit|track|observe|increment|report)(?=_|$)/;

/** `metrics.record_check(result="denied")`: the refusal is no more than what is written down. */
function isOnlyRecorded({ name, node }: FunctionSubject): boolean {
  const word = REFUSAL.exec(name)?.[0].replace(/^_/, '').toLowerCase();
  return walk(node).some(
    (it) =>
      it.type === 'call' &&
      RECORDS.test(it.method) &&
      it.arguments.some(({ value }) => (value.type === 'attribute' ? value.name : (constantText(value.value) ?? '')).toLowerCase() === word),
  );
}

/** WebTest's `app.get(path, status=403)` demands it, as does a client that is told `assert_status_code=403`. */
function isStatus(name: string | undefined): boolean {
  return (
    name !== undefined && /^(?:status|(?:status_)?code|expect(?:ed)?|_?expect(?:ed|s)?_\w+|_?(?:assert|expect)\w{0,20}(?:status|code)\w{0,20})$/i.test(name)
  );
}

/** By position too: `conduct_call(client, "/berths/1", 403)`, whose last parameter is `expected_code`. */
function demandsStatus(call: Call, node: FunctionDefinition | undefined): boolean {
  if (call.arguments.some((it) => isStatus(it.keyword))) return true;
  return node?.parameters.some((it) => isStatus(it.name) && argumentFor(call, node, it.name) !== it.default) === true;
}

/** How many functions of the workspace that call one another are read. */
const HOPS = 3;

/** Does the function assert, or one that it calls; or does it end in one that was not read? */
function mayAssert({ body }: FunctionDefinition, file: TestFile, hops = HOPS): boolean {
  if (assertsOrDelegates(body) || body.some((it) => it.type === 'function' && mayAssert(it, file, hops))) return true; // one that it may give
  return running(body).some((it) => {
    if (it.type !== 'call') return false;
    if (it.function.type === 'attribute') return it.function.object.text === 'self';
    if (it.function.type !== 'name' || it.callee?.startsWith('builtins.') === true) return false;
    const called = it.callee === undefined ? undefined : file.definition(it.callee);
    if (called?.node !== undefined && hops > 1) return mayAssert(called.node, file, hops - 1);
    return called?.kind !== 'class' && (it.parent?.type === 'return' || it.parent?.type === 'expression');
  });
}

/** Is there a call at all, and none that may assert out of sight? */
function callsSomething(subject: FunctionSubject, file: TestFile): boolean {
  let calls = 0;
  // What is handed on to be called later too: `d.addCallback(lambda _: self.shouldFail(...))`.
  for (const it of walk(subject.node)) {
    if (it.type !== 'call') continue;
    calls += 1;
    const own = it.function.type === 'attribute' && (it.function.object.text === 'self' || it.function.object.text.startsWith('super('));
    const bare = it.function.type === 'name';
    const node = it.callee === undefined ? undefined : file.definition(it.callee)?.node;
    if (/skip|expect|_test|^test|^do_|^run/i.test(it.method) || demandsStatus(it, node)) return false;
    if (!own && !bare) continue;
    if (node === undefined ? own || it.callee?.startsWith('builtins.') !== true : mayAssert(node, file)) return false;
  }
  return calls > 0;
}
