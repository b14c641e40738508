import { argument, type FunctionSubject, type Patch, type TestFile, walk } from '../model.ts';
import { nameOfMock } from '../python/patchers.ts';
import { isAskedByPath, replacedCheck, securityStub } from '../python/security-mocks.ts';
import { securityCheck } from '../python/security-words.ts';
import { defineRule, py } from '../rule.ts';

export const rule = defineRule({
  id: 'security-check-mocked',
  code: 'MCK008',
  category: 'mocking',
  title: 'Security check mocked to allow',
  kind: 'review',
  kinds: ['fail', 'review', 'informational'],
  confidence: 'medium',
  cwe: [287],
  why: 'While the check is replaced by a stub that allows everything, no test can notice that it is missing or wrong.',
  instead: 'Keep the real check and give the test a user who passes it; where that is not the subject, verify that the check was asked.',
  limits:
    'Checks are known by their names; a function of the workspace that only asks a server, given nobody to decide on, is a log-in and none. What a replacement function of the test answers is not followed. Certain only where a test calls the very function that it replaces; silent where it asserts that somebody is refused.',
  links: ['https://cwe.mitre.org/data/definitions/287.html'],
  on: 'patch',
  patches: (target) => securityCheck(target) !== undefined,
  *check(patch, file) {
    const check = replacedCheck(patch, file);
    if (check === undefined) return;
    const stub = securityStub(patch);
    const { owner } = patch;
    if (stub.answer !== 'allows' || stub.inspected || (owner?.role === 'test' && assertsRefusal(owner))) return;
    const wide = breadth(owner, file);
    if (isGivenToTests(patch)) {
      yield { at: patch.place, kind: 'informational', message: `\`${check}\` is mocked in every test of the class; each decides what it answers` };
    } else if (wide === undefined && (nameOfMock(patch)?.startsWith('self.') === true || isAskedByPath(patch, file))) {
      // Kept where the tests can ask what became of it, or asked by its path.
      yield { at: patch.place, kind: 'informational', message: `\`${check}\` is mocked to allow until a test says otherwise` };
    } else if (wide !== undefined) {
      yield { at: patch.place, message: `\`${check}\` is mocked to allow ${wide}` };
    } else if (owner !== undefined && claims(owner, check)) {
      // Certain where the test calls the very function that it replaces; else its subject may be who asks it.
      const kind = walk(owner.node).some((it) => it.type === 'call' && it.callee === patch.target) ? 'fail' : 'informational';
      yield { at: patch.place, kind, message: `\`${owner.name}\` claims to test \`${check}\`, but replaces it with a stub that allows everything` };
    } else if (
      owner?.role === 'test' ||
      (owner?.role === 'helper' && owner.class?.isTest === true && (patch.applied === 'decorator' || patch.applied === 'with'))
    ) {
      yield { at: patch.place, kind: 'informational', message: `\`${check}\` is mocked to allow in this test` };
    } else {
      // Who asks for a fixture or calls a helper by its name wants what it does.
      const kind = owner?.role === 'setup' || owner?.role === 'class-setup' ? 'review' : 'informational';
      yield { at: patch.place, kind, message: `\`${check}\` is mocked to allow, and nothing verifies that it was asked` };
    }
  },
  examples: [
    {
      name: 'handed to each test, or kept for them',
      bad: py`
        import unittest
        from unittest import mock

        @mock.patch("bank.policy.authorize")  #! each decides what it answers
        class TestTransfer(unittest.TestCase):
            def test_forbidden(self, authorize):
                authorize.return_value = False

        class TestAccount(unittest.TestCase):
            def setUp(self):
                self.authorize = mock.patch("bank.policy.authorize").start()  #! until a test says otherwise; 2 times, also line 20
                self.addCleanup(mock.patch.stopall)

            @mock.patch("bank.policy.authorize", new=mock.Mock())  #! is mocked to allow in this test; 2 times, also line 24
            def _test_duplicate(self, name):
                transfer(10, name)

        class TestLimits(unittest.TestCase):
            def setUp(self):
                patcher = mock.patch("bank.policy.authorize")
                self.authorize = patcher.start()
                self.addCleanup(patcher.stop)

        @mock.patch("bank.policy.authorize")
        def test_authorize_owner(authorize):
            with pytest.raises(WrongOwner):
                transfer(10, owner="bob")
      `,
    },
    {
      name: 'asked by its path',
      bad: py`
        import unittest
        from unittest import mock
        from bank import transfers

        class TestTransfer(unittest.TestCase):
            def setUp(self):
                patcher = mock.patch.object(transfers.policy, "authorize")  #! until a test says otherwise
                patcher.start()
                self.addCleanup(patcher.stop)

            def test_transfer_asks(self):
                transfers.transfer(10)
                transfers.policy.authorize.assert_called_once_with("transfer")
      `,
    },
    {
      name: 'for all tests of a class',
      bad: py`
        import unittest
        from unittest import mock

        class TestAccounts(unittest.TestCase):
            def setUp(self):
                patcher = mock.patch("bank.policy.authorize")  #! nothing verifies
                patcher.start()
                self.addCleanup(patcher.stop)
      `,
    },
    {
      name: 'in a fixture that every test gets, and in the test of the check',
      bad: py`
        import bank.auth
        import pytest
        from unittest import mock

        @pytest.fixture(autouse=True)
        def allow(monkeypatch):
            monkeypatch.setattr("bank.auth.verify_token", lambda token: True)  #! for every test

        @mock.patch("bank.auth.check_password", return_value=True)  #! claims to test
        def test_check_password_accepts(check):
            assert login("alice", "x")

        @mock.patch("bank.auth.check_password", return_value=True)  #! claims to test
        def test_check_password(check):
            assert bank.auth.check_password("alice", "x")
      `,
    },
    {
      name: 'answers that allow in turn, and a record that nothing compares',
      bad: py`
        from unittest import mock

        @mock.patch("bank.policy.authorize", side_effect=[True, True])  #! mocked to allow in this test; 2 times, also line 8
        def test_two_transfers(authorize):
            transfer(10)
            transfer(10)

        @mock.patch("bank.policy.authorize")
        def test_transfer_log(authorize):
            transfer(10)
            print(authorize.called)
      `,
    },
    {
      name: 'a client that logs in to another service, and a patch that nothing puts in force',
      alsoFinds: ['MCK004'],
      good: {
        'tests/test_store.py': py`
          import unittest
          from unittest import mock
          from bank import policy, store

          class TestStore(unittest.TestCase):
              @mock.patch.object(store.Client, "_authenticate_access")
              def setUp(self, authenticate):
                  self.client = store.Client("198.51.100.7")
                  mock.patch.object(policy, "authorize")
        `,
        'bank/store.py': py`
          import requests

          class Client:
              def __init__(self, host):
                  self.host = host
                  self._authenticate_access()

              def _authenticate_access(self):
                  self.session = requests.session()
                  answer = self.session.post(f"https://{self.host}/login", data={"user": self.user, "secret": self.secret}, timeout=5)
                  if answer.status_code != 200:
                      raise PermissionError("refused")
                  self.session.headers["X-Token"] = answer.json()["token"]
        `,
      },
    },
    {
      name: 'refusals, verified stubs, and homonyms',
      good: py`
        from unittest import mock

        @mock.patch("bank.policy.authorize", side_effect=PermissionError)
        def test_forbidden(authorize):
            transfer(10)

        @mock.patch("bank.auth.authenticate")
        def test_authenticate_inactive(authenticate, client):
            authenticate.return_value = User(active=False)
            assert client.post("/login").status_code == 403

        @mock.patch("bank.policy.authorize")
        def test_transfer_asks(authorize):
            transfer(10)
            authorize.assert_called_once_with("transfer")

        def with_payload(payload):
            with mock.patch("bank.policy.authorize", return_value=True) as authorize:
                transfer(10)
                ((given,), _) = authorize.call_args
                assert given == payload

        @mock.patch("bank.policy.authorize")
        def test_transfer_skips(authorize):
            transfer(0)
            authorize.assert_not_called()

        @mock.patch("bank.policy.authorize", side_effect=decide)
        def test_transfer_decides(authorize):
            transfer(10)

        @mock.patch("bank.images.verify_base_size")
        @mock.patch("bank.serial._verify_port")
        @mock.patch("bank.quota.enforce_num_instances")
        def test_sizes(a, b, c):
            transfer(10)
      `,
    },
  ],
});

/** For how many tests at once a stub in such a place is in force, when for more than the class. */
function breadth(owner: FunctionSubject | undefined, file: TestFile): string | undefined {
  if (owner === undefined) return file.kind === 'test' || file.kind === 'conftest' ? 'for every test of the file' : undefined;
  const { fixture } = owner;
  if (fixture?.autouse === true) return 'for every test that the fixture reaches';
  if (fixture !== undefined && fixture.scope !== 'function') return `for a whole ${fixture.scope}`;
  return owner.role === 'module-setup' ? 'for every test of the file' : undefined;
}

/** Nobody gets in by a stub that lets the test see a refusal: status 401 or 403, or an answer that says so. */
function assertsRefusal(owner: FunctionSubject): boolean {
  return walk(owner.node).some(
    (it) =>
      (it.type === 'assert' || (it.type === 'call' && /^assert(?!Raises)/.test(it.method))) &&
      /\b(?:40[13]|FORBIDDEN|UNAUTHORIZED)\b|["'](?:success|authenticated|allowed|ok)["']: *[fF]alse\b/.test(it.text),
  );
}

/** A decorator of a class that makes the mock itself hands it to each test. */
function isGivenToTests({ owner, applied, replacement, call }: Patch): boolean {
  return owner === undefined && applied === 'decorator' && replacement === undefined && argument(call, 'return_value') === undefined;
}

/** Does the name of the test or its class hold the name of the check? */
function claims(owner: FunctionSubject, check: string): boolean {
  if (owner.role !== 'test' || check === 'can') return false;
  // What is expected to be refused is refused by something else.
  if (walk(owner.node).some((it) => it.type === 'call' && /^(?:assertRaises\w*|raises)$/.test(it.method))) return false;
  const words = check.replace(/^_+/, '');
  return owner.name.includes(words) || (owner.class?.name.toLowerCase().includes(words.replaceAll('_', '')) ?? false);
}
