import type { Call, Expression, SimpleStatement, TestFile } from '../model.ts';
import { credentialFromOutside, shownIn } from '../python/credential-values.ts';
import { trailOf } from '../python/outside.ts';
import { defineRule, type Edit, py, removeArgument } from '../rule.ts';

interface Shown {
  readonly at: Expression;
  readonly what: string;
  readonly edits: readonly Edit[];
}

/** Everything of a call that ends up in the log: `msg=`, `ids=`, sub-test parameters, parametrized values. */
function* shownBy(call: Call): Iterable<Shown> {
  if (/^assert[A-Z]\w*$|^fail$/.test(call.method)) {
    for (const it of call.arguments) {
      if (it.keyword !== 'msg' && !(call.method === 'fail' && it.keyword === undefined)) continue;
      for (const at of shownIn(it.value)) yield { at, what: 'the message of the assertion', edits: it.keyword === 'msg' ? [removeArgument(it)] : [] };
    }
  } else if (call.method === 'subTest' || call.method === 'test') {
    if (call.callee === 'unittest.TestCase().subTest' || call.method === 'subTest')
      for (const it of call.arguments)
        for (const at of shownIn(it.value)) yield { at, what: 'the name of the sub-test', edits: it.keyword === undefined ? [] : [removeArgument(it)] };
  } else if (call.callee === 'pytest.mark.parametrize' || call.callee === 'pytest.param') {
    for (const it of call.arguments) {
      if (it.keyword !== undefined && it.keyword !== 'ids' && it.keyword !== 'id' && it.keyword !== 'argvalues') continue;
      for (const at of shownIn(it.value)) yield { at, what: 'the id of the test', edits: [] };
    }
  }
}

/** `assert x, f"… {token}"`. */
function* shownByAssert(statement: SimpleStatement): Iterable<Shown> {
  const [test, message] = statement.operands;
  if (test === undefined || message === undefined) return;
  const edits: readonly Edit[] = [{ do: 'replace', at: statement.place, with: `assert ${test.text}` }];
  for (const at of shownIn(message)) yield { at, what: 'the message of the assertion', edits };
}

function* found(shown: Iterable<Shown>, file: TestFile) {
  for (const { at, what, edits } of shown) {
    const credential = credentialFromOutside(at, file);
    if (credential === undefined || credential.from === 'the network') continue;
    yield {
      at: at.place,
      message: `\`${credential.name}\` from ${credential.from} becomes part of ${what}, and so of the log`,
      trail: trailOf(credential.origin, credential.from),
      ...(edits.length === 0 ? {} : { fix: { title: 'Leave it out of the log', safety: 'suggest' as const, edits } }),
    };
    return;
  }
}

export const rule = defineRule({
  id: 'secret-in-test-id',
  code: 'SEC012',
  category: 'credentials',
  title: 'Real credential in an assertion message or a test id',
  kind: 'informational',
  confidence: 'medium',
  cwe: [209, 532],
  why: 'Messages of failed assertions and ids of parametrized tests are printed, collected and kept; a parametrized value becomes the id by itself.',
  instead: 'Leave the value out, or give the parameter an id of its own: `pytest.param(token, id="token")`.',
  limits: 'Only values from the environment or the command line, under the name of a credential.',
  links: ['https://docs.pytest.org/en/stable/how-to/parametrize.html', 'https://cwe.mitre.org/data/definitions/209.html'],
  on: ['call', 'statement'],
  calls: (callee, method) => /^(?:fail|subTest|test|parametrize|param)$/.test(method) || /\.(?:parametrize|param)$/.test(callee),
  keywords: (keyword) => keyword === 'msg',
  statements: ['assert'],
  wants: (it) => it.type === 'call' || (it.type === 'assert' && it.operands.length > 1),
  *check(subject, file) {
    if (subject.type === 'call') yield* found(shownBy(subject), file);
    else if (subject.type === 'assert') yield* found(shownByAssert(subject), file);
  },
  examples: [
    {
      name: 'messages of assertions',
      bad: py`
        import os
        import unittest

        class TestLogin(unittest.TestCase):
            def test_login(self):
                token = os.environ["HARBOUR_TOKEN"]
                self.assertTrue(self.client.login(token), msg=f"refused {token}")  #! becomes part of the message
                assert self.client.name == "harbour", "not with %s" % token  #! becomes part of the message
      `,
      fixed: py`
        import os
        import unittest

        class TestLogin(unittest.TestCase):
            def test_login(self):
                token = os.environ["HARBOUR_TOKEN"]
                self.assertTrue(self.client.login(token))
                assert self.client.name == "harbour"
      `,
    },
    {
      name: 'a sub-test',
      bad: py`
        import os
        import unittest

        class TestLogin(unittest.TestCase):
            def test_login(self):
                api_key = os.environ["HARBOUR_API_KEY"]
                with self.subTest(key=api_key, case=1):  #! becomes part of the name of the sub-test
                    self.assertTrue(self.client.login(api_key))
      `,
      fixed: py`
        import os
        import unittest

        class TestLogin(unittest.TestCase):
            def test_login(self):
                api_key = os.environ["HARBOUR_API_KEY"]
                with self.subTest(case=1):
                    self.assertTrue(self.client.login(api_key))
      `,
    },
    {
      name: 'a parametrized value',
      bad: py`
        import os
        import pytest

        @pytest.mark.parametrize("token", [os.environ["HARBOUR_TOKEN"], "not-a-real-token"])  #! becomes part of the id of the test
        def test_login(client, token):
            client.login(token)
      `,
    },
    {
      name: 'a literal, another variable, the value itself',
      good: py`
        import os
        import pytest

        @pytest.mark.parametrize("token", ["not-a-real-token"])
        def test_login(client, token):
            assert client.login(token), token

        def test_url(client):
            url = os.environ["HARBOUR_URL"]
            assert client.get(url), f"no answer from {url}"

        def test_real(client):
            token = os.environ["HARBOUR_TOKEN"]
            assert client.login(token) == token, "refused"
      `,
    },
  ],
});
