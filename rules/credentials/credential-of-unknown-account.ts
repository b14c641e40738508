import { ancestors, type Call, type FunctionSubject, type Node, type TestFile, walk } from '../model.ts';
import { credentialFromEnvironment, readsEnvironment } from '../python/secrets.ts';
import { defineRule, py } from '../rule.ts';

/** Compared with a text, or a condition: it opens nothing. */
function isAsked(call: Call): boolean {
  let it: Node = call;
  while (it.parent?.type === 'operation') it = it.parent;
  const { parent } = it;
  if (parent?.type === 'comparison' || (parent?.type === 'call' && /^assert/.test(parent.method))) return true;
  return (parent?.type === 'if' || parent?.type === 'while' || parent?.type === 'conditional') && parent.test === it;
}

const SKIP = /skip_?(?:if|unless)\(/i;

function namesAsked({ node }: FunctionSubject): ReadonlySet<string> {
  const conditions = node.decorators.flatMap((it) => (it.type === 'call' && SKIP.test(it.text) ? it.arguments.slice(0, 1) : []));
  return new Set(conditions.flatMap(({ value }) => walk(value).flatMap((it) => (it.type === 'name' ? [it.id] : []))));
}

/** The name of the module that holds it. */
function claimOf(call: Call, file: TestFile): { readonly claim?: string } {
  if (file.ownerOf(call) !== undefined) return {};
  for (const it of ancestors(call)) {
    const target = it.type === 'assignment' ? it.targets[0] : undefined;
    if (target?.type === 'name') return { claim: target.id };
  }
  return {};
}

export const rule = defineRule({
  id: 'credential-of-unknown-account',
  code: 'SEC-U05',
  category: 'credentials',
  title: 'Credential from the environment: whose account is it?',
  kind: 'open',
  confidence: 'high',
  cwe: [],
  why: 'Whether the credential opens a test account or a real one decides how much the test can break.',
  instead: 'Skip the test when the variable is absent, and say in the reason which account is meant.',
  limits:
    'Names of variables are judged, not their values. What `tox.ini`, pytest-env, a workflow of a usual name or the compose file gives one a value is read there.',
  links: ['https://docs.python.org/3/library/unittest.html#skipping-tests-and-expected-failures'],
  once: 'file',
  on: ['call', 'function'],
  calls: (callee) => readsEnvironment(callee),
  wants: (it) => it.type !== 'function subject' || it.node.decorators.some((each) => SKIP.test(each.text)),
  *check(call, file) {
    if (call.type === 'function subject') {
      // The test is not run without what a name of the module holds.
      for (const claim of namesAsked(call)) yield { at: call.namePlace, message: `\`${claim}\` is asked`, claim, disproves: true };
      return;
    }
    const name = credentialFromEnvironment(call);
    if (name !== undefined && !isAsked(call) && !file.guarded(call) && !file.project.gives(name))
      yield { at: call.place, message: `\`${name}\` comes from the environment: whose account it opens cannot be seen`, ...claimOf(call, file) };
  },
  examples: [
    {
      name: 'with a guard',
      good: py`
        import os
        import pytest

        @pytest.mark.skipif("HARBOUR_TOKEN" not in os.environ, reason="no token")
        def test_login(client):
            client.login(os.environ.get("HARBOUR_TOKEN"))
      `,
    },
    {
      name: 'with a guard that asks a name of the module',
      good: py`
        import os
        import pytest

        api_key = os.environ.get("HARBOUR_API_KEY")

        @pytest.mark.skipif(not api_key, reason="no key")
        def test_login(client):
            client.login(api_key)
      `,
    },
    {
      name: 'without a guard',
      bad: py`
        import os

        def test_login(client):
            client.login(os.environ.get("HARBOUR_TOKEN"))  #! cannot be seen
      `,
    },
    {
      name: 'one that the settings of the project give a value',
      good: {
        'tests/settings.py': py`
          import os

          PASSWORD = os.getenv("DB_PASSWORD")
          SECRET = os.getenv("STORE_SECRET_KEY")
        `,
        '.github/workflows/ci.yml': 'jobs:\n  test:\n    env:\n      STORE_SECRET_KEY: made-up\n      BANK_TOKEN: ${{ secrets.BANK_TOKEN }}\n',
        'tox.ini': '[testenv]\nsetenv =\n    PYTHONPATH = {toxinidir}\n    postgres: DB_PASSWORD = {env:DB_PASSWORD:harbour}\n',
      },
    },
    {
      name: 'no credential, one that is asked or compared only, a switch',
      good: py`
        import os

        def test_login(client):
            client.login(os.environ.get("HARBOUR_URL"))
            if os.environ.get("HARBOUR_TOKEN"):
                assert os.environ.get("HARBOUR_TOKEN") == "made up"
                client.assertEqual(os.environ.get("HARBOUR_TOKEN"), "made up")
            client.use(os.environ.get("USE_TOKEN"))
      `,
    },
  ],
});
