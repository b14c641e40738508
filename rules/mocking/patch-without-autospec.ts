import { argument, type Patch, type TestFile } from '../model.ts';
import { MOCK_TYPES } from '../python/mock.ts';
import { addArgument, defineRule, type Fix, py } from '../rule.ts';

/** Modules that autospec every patch of the process once they are imported. Source: oslotest 5.0, nova/test.py. */
const AUTOSPECCING = ['oslotest.mock_fixture', 'nova.test', 'nova.tests.fixtures'];

export const rule = defineRule({
  id: 'patch-without-autospec',
  code: 'MCK010',
  category: 'mocking',
  title: 'Patch without autospec',
  kind: 'informational',
  confidence: 'high',
  cwe: [628],
  peers: { hacking: ['H210'], sonar: ['S9137'] },
  why: 'A plain mock accepts any call: the test goes on passing after the real function has changed its parameters.',
  instead: 'Pass `autospec=True` (not for properties and static methods), or a `spec`.',
  limits: 'Whether the target is a function at all is not looked up.',
  links: ['https://docs.python.org/3/library/unittest.mock.html#autospeccing'],
  once: 'file',
  on: 'patch',
  patches: (_, form) => form === 'patch' || form === 'patch.object' || form === 'mocker',
  *check(patch, file) {
    if (patch.form !== 'patch' && patch.form !== 'patch.object' && !(patch.form === 'mocker' && /^(?:patch|object)$/.test(patch.call.method))) return;
    if (patch.specced || patch.replacement !== undefined || patch.call.arguments.some((it) => it.unpack !== undefined)) return;
    // What another class than a mock makes refuses what that refuses; an attribute is not called.
    const made = argument(patch.call, 'new_callable');
    if (made !== undefined && !MOCK_TYPES.has(made.refersTo ?? '')) return;
    // A base class (or one that was not found, or that a mixin will be given) may turn autospec on for all.
    if (file.kind !== 'test' && file.kind !== 'conftest') return;
    const around = patch.owner?.class;
    if (around !== undefined && (!around.isTest || around.guarantees('autospec') !== 'no' || around.ancestors.some((it) => it.startsWith('oslotest.')))) return;
    if (patch.call.parent?.type === 'class' || AUTOSPECCING.some((it) => file.imports(it))) return;
    const fix = fixOf(patch, file);
    yield { at: patch.place, ...(fix === undefined ? {} : { fix }), message: 'patched without `autospec`: the stub accepts calls that the real thing refuses' };
  },
  examples: [
    {
      name: 'plain patches, counted once',
      bad: py`
        from unittest import mock

        @mock.patch("bank.client.send")  #! patched without
        def test_transfer(send):
            with mock.patch("bank.audit.record"):
                transfer(10)
      `,
    },
    {
      name: 'a function of the project',
      bad: {
        'tests/test_transfer.py': py`
          from unittest import mock

          @mock.patch("bank.client.send", return_value=3)  #! patched without
          def test_transfer(send):
              transfer(10)
        `,
        'bank/client.py': 'def send(amount):\n    return amount\n',
      },
      fixed: py`
        from unittest import mock

        @mock.patch("bank.client.send", return_value=3, autospec=True)
        def test_transfer(send):
            transfer(10)
      `,
    },
    {
      name: 'a property, and a class of the test',
      good: py`
        from unittest import mock

        class Record:
            pass

        @mock.patch("bank.client.Client.limit", new_callable=mock.PropertyMock)
        @mock.patch("bank.audit.record", new_callable=Record)
        def test_transfer(limit, record):
            transfer(10)
      `,
    },
    {
      name: 'specified, replaced, or autospecced by the base',
      good: py`
        from unittest import mock
        from nova import test

        @mock.patch("bank.client.send", autospec=True)
        @mock.patch("bank.client.TIMEOUT", 5)
        def test_transfer(send):
            transfer(10)

        class TestBoot(test.NoDBTestCase):
            @mock.patch("nova.utils.execute")
            def test_boot(self, execute):
                boot()
      `,
    },
  ],
});

/** `autospec=True` where what is replaced is known to be a function or class of the project; an instance or property would take it otherwise. */
function fixOf({ call, target }: Patch, file: TestFile): Fix | undefined {
  const definition = target === undefined || argument(call, 'new_callable') !== undefined ? undefined : file.definition(target);
  // A method would be given its object too, and assertions about its arguments would have to say so.
  if (definition === undefined || file.membersOf(definition.qualified.replace(/\.\w+$/, '')).length === 0) return undefined;
  if (definition.node !== undefined && (definition.node.decorators.length > 0 || definition.node.parameters[0]?.name === 'self')) return undefined;
  return { title: 'Add `autospec=True`', safety: 'suggest', edits: [addArgument(call, 'autospec=True')] };
}
