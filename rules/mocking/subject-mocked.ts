import { argument, type Call, type Patch, walk } from '../model.ts';
import { isMockName, makesMock, PATCH_CALLEES } from '../python/mock.ts';
import { isMockAssertion } from '../python/mock-assertions.ts';
import { code } from '../python/patchers.ts';
import { defineRule, py } from '../rule.ts';

const CLIENT = py`
  def send(amount):
      return amount
`;

export const rule = defineRule({
  id: 'subject-mocked',
  code: 'MCK022',
  category: 'mocking',
  title: 'What the test calls is what it mocked',
  kind: 'review',
  confidence: 'low',
  cwe: [1164],
  why: 'The test calls its own stub and checks what it configured: no line of the product runs.',
  instead: 'Mock what the code under test uses, not the code itself.',
  limits: 'Only functions of the workspace, and tests whose every other call is an assertion, are judged.',
  links: ['https://docs.python.org/3/library/unittest.mock-examples.html'],
  on: 'patch',
  patches: (target, form) => target !== '' && (form === 'patch' || form === 'patch.object' || form === 'mocker'),
  *check(patch, file) {
    const { target, owner, call } = patch;
    if (target === undefined || owner?.role !== 'test' || (patch.form !== 'patch' && patch.form !== 'patch.object' && patch.form !== 'mocker')) return;
    if (argument(call, 'wraps') !== undefined || argument(call, 'side_effect') !== undefined || patch.replacement !== undefined) return;
    if (patch.applied === 'unused') return; // mocking/patch-unused
    if (call.method === 'spy') return; // it lets through
    if (file.definition(target) === undefined) return; // not the product's
    const made = callsOf(patch);
    const own = made.filter((it) => it.callee?.replace(/\(\)/g, '') === target);
    const [first] = own;
    if (first === undefined || own.length !== made.length) return;
    yield {
      at: first.place,
      message: `${code(first.function)} is the stub that this test installed: nothing of the product runs`,
      trail: [{ at: patch.place, note: 'stubs it' }],
    };
  },
  examples: [
    {
      name: 'a stub that is asked for what it was told',
      bad: {
        'tests/test_send.py': py`
          from unittest import mock
          from bank import client

          @mock.patch.object(client, "send", return_value=True, autospec=True)
          def test_send(send):
              assert client.send(10)
          #          ^^^^^^^^^^^^^^^ is the stub that this test installed
        `,
        'bank/client.py': CLIENT,
      },
    },
    {
      name: 'the product runs',
      good: {
        'tests/test_send.py': py`
          from unittest import mock
          from bank import client, transfer

          @mock.patch.object(client, "send", return_value=True, autospec=True)
          def test_transfer(send):
              assert transfer.run(10)
              assert client.send(10)
        `,
        'bank/client.py': CLIENT,
      },
    },
  ],
});

/** The calls of a test, without assertions, mocks and what installs them. */
function callsOf(patch: Patch): Call[] {
  const result: Call[] = [];
  for (const statement of patch.owner?.node.body ?? []) {
    for (const it of walk(statement)) {
      if (it.type !== 'call' || it === patch.call) continue;
      if (/^(?:assert|fail$|skip|subTest$)/.test(it.method) || isMockAssertion(it.method)) continue;
      if (makesMock(it.callee) || PATCH_CALLEES.has(it.callee ?? '') || isMockName(it.callee) || it.callee === 'unittest.mock.call') continue;
      result.push(it);
    }
  }
  return result;
}
