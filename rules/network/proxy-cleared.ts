import { type Call, constantText, type Expression, type TestFile, walk } from '../model.ts';
import { defineRule, py } from '../rule.ts';

export const rule = defineRule({
  id: 'proxy-cleared',
  code: 'NET-S07',
  category: 'network',
  title: 'Proxy of the environment is kept out',
  kind: 'pass',
  confidence: 'high',
  cwe: [],
  why: 'Requests do not take the way through a proxy of the machine, which would see them and could answer.',
  limits: 'Speaks of variables of the environment, not of settings of the system.',
  links: ['https://requests.readthedocs.io/en/latest/user/advanced/#proxies'],
  once: 'class',
  on: 'call',
  calls: (callee) => callee === 'fixtures.EnvironmentVariable' || callee.startsWith('pytest.MonkeyPatch().'),
  *check(call, file) {
    const name = clearedVariable(call);
    if (name !== undefined && PROXY.test(name) && !setsAnother(call, file))
      yield { at: call.place, message: `\`${name}\` is taken out of the environment: a proxy that it names sees no requests` };
  },
  examples: [
    {
      name: 'a fixture of the fixtures library',
      bad: py`
        import fixtures
        import testtools

        class TestTides(testtools.TestCase):
            def setUp(self):
                super().setUp()
                self.useFixture(fixtures.EnvironmentVariable("http_proxy"))  #! sees no requests
      `,
    },
    {
      name: 'monkeypatch',
      bad: py`
        def test_tides(monkeypatch):
            monkeypatch.delenv("HTTPS_PROXY", raising=False)  #! sees no requests
            assert tides()
      `,
    },
    {
      name: 'a proxy that is set, another variable, a comment',
      good: py`
        import fixtures

        def test_tides(monkeypatch, case):
            # monkeypatch.delenv("HTTPS_PROXY", raising=False)
            monkeypatch.setenv("HTTPS_PROXY", "http://localhost:3128")
            monkeypatch.delenv("HOME")
            case.useFixture(fixtures.EnvironmentVariable("http_proxy", "http://localhost:3128"))
      `,
    },
    {
      name: 'another one is set',
      good: py`
        def test_through_proxy(monkeypatch, client):
            monkeypatch.setenv("HTTPS_PROXY", "https://proxy.test")
            monkeypatch.delenv("HTTP_PROXY", raising=False)
            assert client.get("/")
      `,
    },
  ],
});

const PROXY = /^(?:https?|all|ftp)_proxy$/i;

function clearedVariable(call: Call): string | undefined {
  const [name, value] = call.arguments.filter((it) => it.keyword === undefined).map((it) => it.value);
  if (name === undefined) return undefined;
  if (call.callee === 'fixtures.EnvironmentVariable') return value === undefined || isNothing(value) ? constantText(name.value) : undefined;
  if (call.callee === 'pytest.MonkeyPatch().delenv') return constantText(name.value);
  return call.callee === 'pytest.MonkeyPatch().setenv' && value !== undefined && isNothing(value) ? constantText(name.value) : undefined;
}

/** Another proxy is set in the same function: it is what the test is about. */
function setsAnother(call: Call, file: TestFile): boolean {
  const owner = file.ownerOf(call);
  return (
    owner !== undefined &&
    walk(owner.node).some((it) => {
      const [name, value] = it.type === 'call' && /^(?:setenv|EnvironmentVariable)$/.test(it.method) ? it.arguments.map((each) => each.value) : [];
      return name !== undefined && value !== undefined && PROXY.test(constantText(name.value) ?? '') && !isNothing(value);
    })
  );
}

function isNothing(it: Expression): boolean {
  return it.value.kind === 'constant' && (it.value.value === null || it.value.value === '');
}
