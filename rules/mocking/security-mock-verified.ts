import { code } from '../python/patchers.ts';
import { replacedCheck, securityStub } from '../python/security-mocks.ts';
import { securityCheck } from '../python/security-words.ts';
import { defineRule, py } from '../rule.ts';

export const rule = defineRule({
  id: 'security-mock-verified',
  code: 'MCK-S05',
  category: 'mocking',
  title: 'Stub of a security check refuses, or is asked afterwards',
  kind: 'pass',
  confidence: 'high',
  cwe: [],
  why: 'A test that makes the check refuse, or verifies that it was asked, notices when the product forgets it.',
  limits: 'Checks are known by their names.',
  links: ['https://docs.python.org/3/library/unittest.mock.html#unittest.mock.Mock.side_effect'],
  once: 'file',
  on: 'patch',
  patches: (target) => securityCheck(target) !== undefined,
  *check(patch, file) {
    const check = replacedCheck(patch, file);
    if (check === undefined) return;
    const stub = securityStub(patch);
    if (stub.verified !== undefined)
      yield {
        at: patch.place,
        message: `${code(stub.verified, 60)} verifies that \`${check}\` was asked`,
        trail: [{ at: stub.verified.place, note: 'verifies the stub' }],
      };
    else if (stub.answer === 'refuses') yield { at: patch.place, message: `\`${check}\` is mocked to refuse: the test sees what happens then` };
  },
  examples: [
    {
      name: 'verified, and refusing',
      bad: py`
        from unittest import mock

        @mock.patch("bank.policy.authorize")  #! verifies that
        def test_transfer_asks(authorize):
            transfer(10)
            authorize.assert_called_once_with("transfer")
      `,
    },
    {
      name: 'refusing',
      bad: py`
        from unittest import mock

        @mock.patch("bank.policy.authorize", side_effect=PermissionError)  #! is mocked to refuse
        def test_transfer_is_refused(authorize):
            transfer(10)
      `,
    },
    {
      name: 'a refusal after an answer, and a count that is asserted',
      bad: py`
        from unittest import mock

        @mock.patch("bank.policy.authorize")  #! is mocked to refuse
        def test_second_transfer(authorize):
            authorize.side_effect = [None, PermissionError("no")]
            transfer(10)
      `,
    },
    {
      name: 'a count in an assertion',
      bad: py`
        from unittest import mock

        @mock.patch("bank.policy.authorize")  #! verifies that
        def test_transfer_asks_once(authorize):
            transfer(10)
            assert authorize.call_count == 1
      `,
    },
    {
      name: 'neither: nothing asserted, a record that is only read, an effect that allows, that it was not asked',
      good: py`
        from unittest import mock

        @mock.patch("bank.policy.authorize", side_effect=lambda *args: True)
        def test_lambda(authorize):
            transfer(10)

        @mock.patch("bank.policy.authorize", side_effect=[True, True])
        def test_in_turn(authorize):
            transfer(10)

        @mock.patch("bank.policy.authorize")
        def test_log(authorize):
            transfer(10)
            print(authorize.called)

        @mock.patch("bank.policy.authorize")
        def test_not_asked(authorize):
            transfer(0)
            authorize.assert_not_called()
            assert not authorize.called

        @mock.patch("bank.policy.authorize")
        def test_transfer(authorize):
            transfer(10)
            # authorize.assert_called_once_with("transfer")
      `,
    },
    {
      name: 'a check that breaks down',
      good: py`
        from unittest import mock
        from django.db import DatabaseError

        @mock.patch("bank.auth.check_permission", side_effect=DatabaseError)
        def test_broken(check, client):
            assert client.get("/").status_code == 500

        def test_switched_off(client):
            with mock.patch.object(client.auth, "enforce", False):
                assert client.get("/").status_code == 200

        def test_broken_later(client):
            with mock.patch("bank.auth.check_permission") as check:
                check.side_effect = DatabaseError("no table")
                assert client.get("/").status_code == 500
      `,
    },
  ],
});
