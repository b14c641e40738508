import { constantText } from '../model.ts';
import { defineRule, py } from '../rule.ts';

const NAMES =
  /^(?:HOME|XDG_CONFIG_HOME|AWS_SHARED_CREDENTIALS_FILE|AWS_CONFIG_FILE|KUBECONFIG|DOCKER_CONFIG|NETRC|GNUPGHOME|CLOUDSDK_CONFIG|OS_CLIENT_CONFIG_FILE)$/;
const SETTERS: ReadonlySet<string> = new Set(['pytest.MonkeyPatch().setenv', 'fixtures.EnvironmentVariable', 'unittest.TestCase().useFixture']);

export const rule = defineRule({
  id: 'home-redirected',
  code: 'SEC-S06',
  category: 'credentials',
  title: "The developer's own credentials are out of reach",
  kind: 'pass',
  confidence: 'high',
  cwe: [],
  why: 'With HOME somewhere else, no library finds the keys and profiles of whoever runs the tests.',
  limits: 'Speaks of the variables it cites; a path that is written as a text may be that of somebody, and does not count.',
  links: ['https://docs.pytest.org/en/stable/how-to/monkeypatch.html'],
  once: 'file',
  on: 'call',
  calls: (callee) => callee === 'fixtures.TempHomeDir' || SETTERS.has(callee),
  *check(call) {
    if (call.callee === 'fixtures.TempHomeDir' && call.parent?.type === 'call' && call.parent.method === 'useFixture') {
      yield { at: call.place, message: '`TempHomeDir` gives the test a home folder of its own' };
      return;
    }
    if (!SETTERS.has(call.callee ?? '')) return;
    const first = call.arguments[0]?.value;
    const name = constantText(first?.value);
    const folder = call.arguments[1]?.value;
    // A path that is written may be somebody's.
    if (name !== undefined && NAMES.test(name) && folder !== undefined && (constantText(folder.value) ?? '/dev/null') === '/dev/null')
      yield { at: call.place, message: `\`${name}\` is set for the test: personal credentials are not found through it` };
  },
  examples: [
    {
      name: 'pytest',
      bad: py`
        def test_login(monkeypatch, tmp_path):
            monkeypatch.setenv("HOME", str(tmp_path))  #! is set for the test
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
                self.useFixture(fixtures.TempHomeDir())  #! a home folder of its own
      `,
    },
    {
      name: 'another variable, a path that may be there, and a comment',
      good: py`
        def test_login(monkeypatch, tmp_path):
            monkeypatch.setenv("HOME", "/home/harbour")
            # monkeypatch.setenv("HOME", str(tmp_path))
            monkeypatch.setenv("PATH", str(tmp_path))
      `,
    },
  ],
});
