import { constantText } from '../model.ts';
import { defineRule, py } from '../rule.ts';

const SETTERS: ReadonlySet<string> = new Set(['pytest.MonkeyPatch().setenv', 'fixtures.EnvironmentVariable', 'os.environ.setdefault']);
const REMOVERS: ReadonlySet<string> = new Set(['pytest.MonkeyPatch().delenv', 'fixtures.EnvironmentVariable']);

export const rule = defineRule({
  id: 'key-store-disabled',
  code: 'SEC-S10',
  category: 'credentials',
  title: 'Keyring or SSH agent is out of reach',
  kind: 'pass',
  confidence: 'high',
  cwe: [],
  why: 'Libraries ask the keyring and the SSH agent by themselves; turned off, they cannot hand out the keys of whoever runs the tests.',
  limits: 'Speaks of the store it cites, where the call runs.',
  links: ['https://keyring.readthedocs.io/en/latest/#disabling-keyring', 'https://man.openbsd.org/ssh-agent.1'],
  once: 'file',
  on: 'call',
  calls: (callee) => callee === 'keyring.set_keyring' || SETTERS.has(callee) || REMOVERS.has(callee),
  *check(call) {
    const { callee } = call;
    if (callee === undefined) return;
    const first = call.arguments[0]?.value;
    if (callee === 'keyring.set_keyring') {
      const backend = first?.refersTo ?? '';
      if (/keyring\.backends\.(?:null|fail)\.Keyring\(\)$/.test(backend))
        yield { at: call.place, message: 'the keyring is replaced by one that holds nothing' };
      return;
    }
    const name = constantText(first?.value);
    const second = call.arguments[1];
    const value = second === undefined || second.keyword === 'raising' ? undefined : constantText(second.value.value);
    if (name === 'PYTHON_KEYRING_BACKEND' && SETTERS.has(callee) && value !== undefined && /backends\.(?:null|fail)\.Keyring$/.test(value))
      yield { at: call.place, message: 'the keyring is replaced by one that holds nothing' };
    else if (name === 'SSH_AUTH_SOCK' && ((SETTERS.has(callee) && value === '') || (REMOVERS.has(callee) && value === undefined)))
      yield { at: call.place, message: 'the SSH agent of whoever runs the tests is out of reach' };
  },
  examples: [
    {
      name: 'a keyring that holds nothing',
      bad: py`
        import keyring
        from keyring.backends import null

        def setup_module():
            keyring.set_keyring(null.Keyring())  #! replaced by one that holds nothing
      `,
    },
    {
      name: 'variables',
      bad: py`
        def test_login(monkeypatch, client):
            monkeypatch.delenv("SSH_AUTH_SOCK", raising=False)  #! the SSH agent of whoever runs the tests is out of reach
            client.connect()
      `,
    },
    {
      name: 'another keyring, another variable',
      good: py`
        import keyring
        from harbour import backends

        def test_login(monkeypatch, client):
            keyring.set_keyring(backends.Shared())
            monkeypatch.setenv("SSH_AUTH_SOCK", "/run/agent")
            monkeypatch.delenv("SSH_CONNECTION", raising=False)
      `,
    },
  ],
});
