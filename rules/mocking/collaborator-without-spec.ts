import { isMockName, makesMock, PATCH_CALLEES } from '../python/mock.ts';
import { code } from '../python/patchers.ts';
import { defineRule, py } from '../rule.ts';

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
    yield { at: call.place, message: `${code(`${parent.function.text}(…)`)} is given a mock without a specification: it has every attribute` };
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
