import { credentialFromEnvironment, readsEnvironment } from '../python/secrets.ts';
import { defineRule, py } from '../rule.ts';

export const rule = defineRule({
  id: 'credentials-from-environment',
  code: 'SEC-S02',
  category: 'credentials',
  title: 'Credential read from the environment',
  kind: 'pass',
  confidence: 'high',
  cwe: [],
  why: 'A credential that is not in the repository cannot leak from it, and a test that is skipped without one runs everywhere.',
  instead: 'Skip the test when the variable is absent.',
  limits: 'Whether what guards the test asks for this very variable is not compared. Whether the credential belongs to a test account cannot be known.',
  links: ['https://docs.python.org/3/library/unittest.html#skipping-tests-and-expected-failures'],
  once: 'file',
  on: 'call',
  calls: (callee) => readsEnvironment(callee),
  *check(call, file) {
    const name = credentialFromEnvironment(call);
    if (name !== undefined && file.guarded(call) && !file.skipped(call))
      yield { at: call.place, message: `\`${name}\` comes from the environment, in a test that is not run everywhere` };
  },
  examples: [
    {
      name: 'with a guard',
      bad: py`
        import os
        import pytest

        @pytest.mark.skipif("HARBOUR_TOKEN" not in os.environ, reason="no token")
        def test_login(client):
            client.login(os.environ.get("HARBOUR_TOKEN"))  #! in a test that is not run everywhere
      `,
    },
    {
      name: 'skipped with the variable as without it',
      good: py`
        import os
        import pytest

        @pytest.mark.skip(reason="the harbour is rebuilt")
        def test_leave(client):
            client.login(os.environ.get("HARBOUR_TOKEN"))

        @pytest.mark.skipif(condition=True, reason="asks the harbour")
        def test_return(client):
            client.login(os.environ.get("HARBOUR_TOKEN"))
      `,
    },
    {
      name: 'without a guard',
      good: py`
        import os

        def test_login(client):
            client.login(os.environ.get("HARBOUR_TOKEN"))
      `,
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
