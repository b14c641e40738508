import { argumentsKnown, type Call, type TestFile } from '../model.ts';
import { isMockName, makesMock, PATCH_CALLEES } from '../python/mock.ts';
import { code } from '../python/patchers.ts';
import { addArgument, defineRule, type Fix, py } from '../rule.ts';

export const rule = defineRule({
  id: 'collaborator-without-spec',
  code: 'MCK011',
  category: 'mocking',
  title: 'Mock collaborator without a specification',
  kind: 'informational',
  confidence: 'medium',
  cwe: [628],
  peers: { sonar: ['S9137'] },
  why: 'A mock without a specification has every attribute, also those that the real collaborator lost long ago.',
  instead: 'Pass `mock.create_autospec(Collaborator)` or `mock.Mock(spec=Collaborator)`.',
  limits: 'Only mocks that are made where they are passed are counted.',
  links: ['https://docs.python.org/3/library/unittest.mock.html#unittest.mock.create_autospec'],
  once: 'file',
  on: 'call',
  calls: (callee) => makesMock(callee),
  *check(call, file) {
    if (!makesMock(call.callee) || call.arguments.length > 0 || !/^(?:Magic|Async)?Mock$/.test(call.method)) return;
    const { parent } = call;
    if (parent?.type !== 'call' || parent.function === call) return;
    const callee = parent.callee;
    if (
      callee === undefined ||
      makesMock(callee) ||
      isMockName(callee) ||
      PATCH_CALLEES.has(callee) ||
      callee.startsWith('unittest.') ||
      callee.startsWith('builtins.') ||
      /^(?:assert|call$|stub_out$|patch)/.test(parent.method)
    )
      return;
    const around = file.ownerOf(call)?.class;
    if (around !== undefined && (!around.isTest || around.guarantees('autospec') !== 'no')) return;
    const fix = fixOf(call, parent, file);
    yield {
      at: call.place,
      ...(fix === undefined ? {} : { fix }),
      message: `${code(`${parent.function.text}(…)`)} is given a mock without a specification: it has every attribute`,
    };
  },
  examples: [
    {
      name: 'a mock that has everything',
      bad: py`
        from unittest import mock
        from bank import transfer

        def test_transfer():
            transfer.run(10, client=mock.Mock())
            #                       ^^^^^^^^^^^ is given a mock without a specification
      `,
    },
    {
      name: 'the parameter says what it wants',
      bad: {
        'tests/test_transfer.py': py`
          from unittest import mock
          from bank import transfer

          def test_transfer():
              transfer.run(10, mock.Mock())  #! is given a mock without a specification
        `,
        'bank/transfer.py': py`
          from bank.client import Client

          def run(amount, client: Client):
              client.send(amount)
        `,
        'bank/client.py': py`
          class Client:
              def send(self, amount):
                  return amount
        `,
      },
      fixed: py`
        from bank.client import Client
        from unittest import mock
        from bank import transfer

        def test_transfer():
            transfer.run(10, mock.Mock(spec=Client))
      `,
    },
    {
      name: 'a specification, or a mock for a mock',
      good: py`
        from unittest import mock
        from bank import client, transfer

        def test_transfer():
            transfer.run(10, client=mock.Mock(spec=client.Client))
            other = mock.Mock(return_value=mock.Mock())
      `,
    },
  ],
});

/** The class that the parameter is annotated with, where both are of the workspace. */
function fixOf(mock: Call, parent: Call, file: TestFile): Fix | undefined {
  const callee = parent.callee ?? '';
  const node = file.definition(callee)?.node ?? file.definition(`${callee}().__init__`)?.node;
  const given = parent.arguments.find((it) => it.value === mock);
  if (node === undefined || given === undefined || !argumentsKnown(parent)) return undefined;
  const parameters = node.parameters.filter((it) => it.name !== 'self' && it.name !== 'cls');
  const position = parent.arguments.filter((it) => it.keyword === undefined).indexOf(given);
  const asked = given.keyword === undefined ? parameters[position] : parameters.find((it) => it.name === given.keyword);
  const collaborator = asked?.annotation?.refersTo;
  const definition = collaborator === undefined || asked?.star !== '' ? undefined : file.definition(collaborator);
  if (definition?.kind !== 'class') return undefined;
  const cut = definition.qualified.lastIndexOf('.');
  const name = definition.qualified.slice(cut + 1);
  return {
    title: `Say that it stands for \`${name}\``,
    safety: 'suggest',
    edits: [{ do: 'import', module: definition.qualified.slice(0, cut), name }, addArgument(mock, `spec=${name}`)],
  };
}
