import { argument, constantText, type Patch, type TestFile } from '../model.ts';
import { BUILTINS } from '../python/names.ts';
import { NETWORK_CALLS } from '../python/network.ts';
import { code } from '../python/patchers.ts';
import { securityCheck } from '../python/security-words.ts';
import { nearest } from '../python/spelling.ts';
import { defineRule, type Fix, py, replace } from '../rule.ts';

export const rule = defineRule({
  id: 'patch-target-missing',
  code: 'MCK019',
  category: 'mocking',
  title: 'Patch target does not exist',
  kind: 'informational',
  kinds: ['review', 'informational'],
  confidence: 'medium',
  cwe: [628],
  why: 'A stub on a name that the product does not have isolates nothing; with `create=True` nobody notices.',
  instead: 'Correct the name, and leave `create=True` out.',
  limits: 'Modules that make names as they run, and members that ancestors or instances define, are not judged.',
  links: ['https://docs.python.org/3/library/unittest.mock.html#unittest.mock.patch'],
  on: 'patch',
  patches: (target, form) => target !== '' && !target.includes('(') && (form === 'patch' || form === 'mocker' || form === 'MockPatch'),
  *check(patch, file) {
    const { target, call } = patch;
    if (target === undefined || (patch.form !== 'patch' && patch.form !== 'mocker' && patch.form !== 'MockPatch') || target.includes('(')) return;
    if (constantText(call.arguments[0]?.value.value) === undefined) return;
    const created = argument(call, 'create')?.text === 'True';
    if (created && (securityCheck(target) !== undefined || NETWORK_CALLS.has(target))) {
      yield { at: patch.place, kind: 'review', message: `\`create=True\` stubs ${code(target, 60)} even where the product has no such name` };
    } else if (!created && !isBuiltin(target) && file.exists(target) === 'no') {
      const fix = fixOf(patch, target, file);
      yield { at: patch.place, ...(fix === undefined ? {} : { fix }), message: `${code(target, 70)} does not exist in the workspace: the patch fails` };
    }
  },
  examples: [
    {
      name: 'a name that was changed, and a check that is made up',
      bad: {
        'tests/test_transfer.py': py`
          from unittest import mock

          @mock.patch("bank.client.send_out", autospec=True)  #! does not exist
          @mock.patch("bank.client.verify_token", create=True, return_value=False)  #! has no such name
          def test_transfer(a, b):
              pass
        `,
        'bank/client.py': py`
          def send(amount):
              return amount
        `,
      },
    },
    {
      name: 'a name that is near',
      bad: {
        'tests/test_transfer.py': py`
          from unittest import mock

          @mock.patch("bank.client.send_mony", autospec=True)  #! does not exist
          def test_transfer(send_money):
              pass
        `,
        'bank/client.py': py`
          def send_money(amount):
              return amount

          def audit(amount):
              return amount
        `,
      },
      fixed: py`
        from unittest import mock

        @mock.patch("bank.client.send_money", autospec=True)
        def test_transfer(send_money):
            pass
      `,
    },
    {
      name: 'names that are there, or may be',
      good: {
        'tests/test_transfer.py': py`
          from unittest import mock

          @mock.patch("bank.client.send", autospec=True)
          @mock.patch("bank.client.Client.open", autospec=True)
          @mock.patch("bank.client.json", autospec=True)
          @mock.patch("elsewhere.thing", autospec=True)
          @mock.patch("bank.client.open", autospec=True)
          def test_transfer(a, b, c, d, e):
              pass
        `,
        'bank/client.py': py`
          import json

          def send(amount):
              return amount

          class Client(Base):
              pass
        `,
      },
    },
  ],
});

/** `mock.patch` makes a built-in in the module that it is patched in. */
function isBuiltin(target: string): boolean {
  return BUILTINS.has(target.slice(target.lastIndexOf('.') + 1));
}

/** The nearest name that the module or class has. */
function fixOf({ call }: Patch, target: string, file: TestFile): Fix | undefined {
  const written = call.arguments[0]?.value;
  const cut = target.lastIndexOf('.');
  const name = nearest(target.slice(cut + 1), file.membersOf(target.slice(0, cut)));
  if (name === undefined || written?.type !== 'string' || written.content !== target) return undefined;
  const missing = target.slice(cut + 1);
  const at = written.text.lastIndexOf(missing);
  const text = `${written.text.slice(0, at)}${name}${written.text.slice(at + missing.length)}`;
  return { title: `Patch \`${name}\``, safety: 'suggest', edits: [replace(written, text)] };
}
