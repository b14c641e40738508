import { credentialFromEnvironment, readsEnvironment } from '../python/secrets.ts';
import { defineRule, py } from '../rule.ts';

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
    'Names of variables are judged, not their values; what `tox.ini` or pytest-env gives one is read there, what a workflow or a container gives it is not.',
  links: ['https://docs.python.org/3/library/unittest.html#skipping-tests-and-expected-failures'],
  once: 'file',
  on: 'call',
  calls: (callee) => readsEnvironment(callee),
  *check(call, file) {
    const name = credentialFromEnvironment(call);
    if (name !== undefined && !file.guarded(call) && !file.project.environment.has(name))
      yield { at: call.place, message: `\`${name}\` comes from the environment: whose account it opens cannot be seen` };
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
        `,
        'tox.ini': '[testenv]\nsetenv =\n    PYTHONPATH = {toxinidir}\n    postgres: DB_PASSWORD = {env:DB_PASSWORD:harbour}\n',
      },
    },
    {
      name: 'no credential',
      good: py`
        import os

        def test_login(client):
            client.login(os.environ.get("HARBOUR_URL"))
      `,
    },
  ],
});
