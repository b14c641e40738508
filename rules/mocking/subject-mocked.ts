import { argument, type Call, constantText, type FunctionDefinition, type Patch, type TestFile, walk } from '../model.ts';
import { isMockName, makesMock, PATCH_CALLEES } from '../python/mock.ts';
import { isMockAssertion } from '../python/mock-assertions.ts';
import { code } from '../python/patchers.ts';
import { remembered } from '../remembered.ts';
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
  limits:
    'Only functions of the workspace, and tests whose every other call is an assertion, are judged. Silent where a set-up or fixture replaces the same attribute: that it can be replaced once more is what is tested.',
  links: ['https://docs.python.org/3/library/unittest.mock-examples.html'],
  on: 'patch',
  patches: (target, form) => target !== '' && (form === 'patch' || form === 'patch.object' || form === 'mocker'),
  wants: isPlainStub,
  *check(patch, file) {
    const { target, owner, call } = patch;
    if (target === undefined || owner === undefined || !isPlainStub(patch)) return;
    if (file.definition(target) === undefined) return; // not the product's
    const made = callsIn(owner.node).filter((it) => it !== call);
    const own = made.filter((it) => it.callee?.replace(/\(\)/g, '') === target);
    const [first] = own;
    if (first === undefined || own.length !== made.length || isReplacedBefore(patch, target, file)) return;
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
    {
      name: 'what the set-up replaces is replaced once more',
      good: {
        'tests/test_send.py': py`
          from unittest import mock
          from bank import client
          from tests import base

          class TestBlocked(base.BankTest):
              @mock.patch.object(client, "send", autospec=True)
              def test_can_mock_send(self, send):
                  client.send(10)
                  self.assertEqual(1, send.call_count)
        `,
        'tests/base.py': py`
          import testtools
          from bank import client

          def do_not_call(*args):
              raise Exception("no real money")

          class BankTest(testtools.TestCase):
              def setUp(self):
                  super().setUp()
                  self.patch(client, "send", do_not_call)
        `,
        'bank/client.py': CLIENT,
      },
    },
  ],
});

/** Stands for what the test would call, and answers for it by what it is told: `spy` and `wraps` let through. */
function isPlainStub({ form, owner, call, replacement, applied }: Patch): boolean {
  if (owner?.role !== 'test' || replacement !== undefined || (form !== 'patch' && form !== 'patch.object' && form !== 'mocker')) return false;
  if (applied === 'unused' || call.method === 'spy') return false; // `mocking/patch-unused` speaks of the one
  return argument(call, 'wraps') === undefined && argument(call, 'side_effect') === undefined;
}

/** `self.patch(utils, "execute", refuse)` in a set-up of its class, or in a fixture that runs for it. */
function isReplacedBefore({ owner }: Patch, target: string, file: TestFile): boolean {
  if (owner === undefined) return false;
  const classes = owner.class === undefined ? [] : [owner.class.qualified, ...owner.class.ancestors];
  const setups = classes.flatMap((it) => file.definition(`${it}().setUp`)?.node ?? []);
  return [...setups, ...file.fixturesFor(owner)].some((node) => walk(node).some((it) => it.type === 'call' && names(it, target)));
}

/** Is the call given the attribute: by its path, or by its owner and its name? */
function names({ arguments: given }: Call, target: string): boolean {
  return given.some(({ value }, index) => {
    const text = constantText(value.value);
    const owner = given[index - 1]?.value.refersTo;
    return text !== undefined && (text === target || (owner !== undefined && `${owner}.${text}` === target));
  });
}

/** The calls of a test, without assertions, mocks and what installs them. Asked for each of its patches. */
const callsIn = remembered(({ body }: FunctionDefinition): readonly Call[] => {
  const result: Call[] = [];
  for (const statement of body) {
    for (const it of walk(statement)) {
      if (it.type !== 'call') continue;
      if (/^(?:assert|fail$|skip|subTest$)/.test(it.method) || isMockAssertion(it.method)) continue;
      if (makesMock(it.callee) || PATCH_CALLEES.has(it.callee ?? '') || isMockName(it.callee) || it.callee === 'unittest.mock.call') continue;
      result.push(it);
    }
  }
  return result;
});
