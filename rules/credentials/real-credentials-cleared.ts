import { argument, constantText } from '../model.ts';
import { isCredentialVariable } from '../python/secrets.ts';
import { defineRule, py } from '../rule.ts';

/** Variables that lead to credentials without saying so. */
const LEADS =
  /^(?:AWS_(?:PROFILE|ACCESS_KEY_ID|DEFAULT_PROFILE)|GOOGLE_APPLICATION_CREDENTIALS|OS_CLOUD|KUBECONFIG|NETRC|AZURE_CLIENT_ID|GH_TOKEN|DOCKER_CONFIG)$/;

export const rule = defineRule({
  id: 'real-credentials-cleared',
  code: 'SEC-S09',
  category: 'credentials',
  title: 'Real credentials are taken out of the environment',
  kind: 'pass',
  confidence: 'high',
  cwe: [],
  why: 'Whoever runs the tests keeps their own login: nothing of it reaches the code under test.',
  limits: 'Speaks of the variables it cites.',
  links: ['https://docs.pytest.org/en/stable/how-to/monkeypatch.html'],
  once: 'file',
  on: 'call',
  calls: (callee) => callee === 'pytest.MonkeyPatch().delenv' || callee === 'fixtures.EnvironmentVariable',
  *check(call) {
    const clears =
      call.callee === 'pytest.MonkeyPatch().delenv' ||
      (call.callee === 'fixtures.EnvironmentVariable' && (call.arguments[1] === undefined || argument(call, 'newvalue', 1)?.text === 'None'));
    if (!clears) return;
    const first = call.arguments[0]?.value;
    const name = constantText(first?.value);
    if (name === undefined || !(isCredentialVariable(name) || LEADS.test(name))) return;
    yield { at: call.place, message: `\`${name}\` is taken out of the environment for the test` };
  },
  examples: [
    {
      name: 'pytest',
      bad: py`
        def test_list(monkeypatch, client):
            monkeypatch.delenv("HARBOUR_TOKEN", raising=False)  #! is taken out of the environment
            client.list()
      `,
    },
    {
      name: 'fixtures',
      bad: py`
        import fixtures
        import testtools

        class TestLogin(testtools.TestCase):
            def setUp(self):
                super().setUp()
                self.useFixture(fixtures.EnvironmentVariable("OS_PASSWORD"))  #! ${'`OS_PASSWORD` is taken out'}
      `,
    },
    {
      name: 'another variable, one that is set',
      good: py`
        import fixtures
        import testtools

        class TestLogin(testtools.TestCase):
            def setUp(self):
                super().setUp()
                self.useFixture(fixtures.EnvironmentVariable("OS_PASSWORD", "not-a-password"))

        def test_colour(monkeypatch):
            monkeypatch.delenv("NO_COLOR", raising=False)
            monkeypatch.delenv("PWD")
      `,
    },
  ],
});
