import { constantText } from '../model.ts';
import { code } from '../python/patchers.ts';
import { securityCheck } from '../python/security-words.ts';
import { defineRule, py } from '../rule.ts';

export const rule = defineRule({
  id: 'target-unknown',
  code: 'MCK-U01',
  category: 'mocking',
  title: 'Module of a mocked security check was not found',
  kind: 'open',
  confidence: 'high',
  cwe: [1164],
  why: 'Whether the stub is on the name that the product really asks can only be told with the product at hand.',
  instead: 'Open the folder that holds the module.',
  limits: 'Asked only where a function that checks is mocked, and not of Django itself: a method stands on its class, wherever it is called.',
  links: ['https://docs.python.org/3/library/unittest.mock.html#where-to-patch'],
  once: 'file',
  on: 'patch',
  patches: (target) => securityCheck(target) !== undefined,
  *check(patch, file) {
    const { target } = patch;
    // Django is known; which of its functions the product asks, the product says.
    if (target === undefined || target.startsWith('django.') || securityCheck(target) === undefined || target.includes('(') || patch.form === 'patch.dict')
      return;
    if (constantText(patch.call.arguments[0]?.value.value) === undefined || file.exists(target) !== 'unknown') return;
    const owner = target.split('.').slice(0, -1);
    // A method stands on its class wherever it is called; what a module of the workspace calls by that name is the one it asks.
    if (/^[A-Z]/.test(owner.at(-1) ?? '') || owner.some((_, index) => file.exists(owner.slice(0, index + 1).join('.')) === 'yes')) return;
    yield { at: patch.place, message: `whether the product asks ${code(target, 60)}: its module was not found` };
  },
  examples: [
    {
      name: 'a check of a module that is not there',
      bad: py`
        from unittest import mock

        @mock.patch("bank.policy.authorize", side_effect=PermissionError)  #! its module was not found
        def test_refused(authorize):
            transfer(10)
      `,
    },
    {
      name: 'a module that is there, and stubs of other things',
      good: {
        'tests/test_policy.py': py`
          from unittest import mock

          @mock.patch("bank.policy.authorize", side_effect=PermissionError)
          @mock.patch("elsewhere.send", autospec=True)
          @mock.patch("bank.policy.auth.authenticate")
          @mock.patch("django.contrib.auth.authenticate")
          @mock.patch("django.contrib.auth.models.User.check_password")
          def test_refused(check, asked, authenticate, send, authorize):
              transfer(10)
        `,
        'bank/policy.py': py`
          from django.contrib import auth

          def authorize(action):
              return True
        `,
      },
    },
  ],
});
