import type { Call, Node, TestFile } from '../model.ts';
import { walk } from '../model.ts';
import { defineRule, py, replace } from '../rule.ts';

const KNOWN =
  /^fixtures\.(?:TempDir|NestedTempfile|TempHomeDir|MonkeyPatch|MockPatch\w*|EnvironmentVariable|FakeLogger|FakePopen|Timeout|PythonPathEntry|PackagePathEntry|StringStream|LogHandler|WarningsCapture|WarningsFilter)$/;

const FIXTURE_CLASS = /^[A-Z]\w*Fixture$/;

export const rule = defineRule({
  id: 'fixture-never-used',
  code: 'RES016',
  category: 'resources',
  title: 'Fixture object created but never used',
  kind: 'fail',
  confidence: 'high',
  cwe: [1164],
  peers: { ruff: ['PT026', 'PT025'] },
  why: 'A fixture does nothing until it is used: the guard or the stub that the test relies on is not in force.',
  instead: 'Wrap it in `self.useFixture(…)`.',
  limits:
    'A fixture that is kept on `self` or passed on is taken to be used later. A class of the workspace counts where it has a `setUp` or can be entered, one of elsewhere where its module is called `fixtures`.',
  links: ['https://pypi.org/project/fixtures/'],
  on: 'call',
  calls: (callee, method) => FIXTURE_CLASS.test(method) || KNOWN.test(callee),
  *check(call, file) {
    const owner = file.ownerOf(call);
    // Tests also stand in a mixin, whose subclasses are the test cases.
    if (owner?.class === undefined || (!owner.class.isTest && owner.role !== 'test') || !isFixture(call, file) || file.rejected(call)) return;
    if (call.arguments.some((it) => it.value.text === 'self')) return;
    const { parent } = call;
    if (parent?.type === 'expression') {
      yield {
        at: call.place,
        message: `\`${call.method}\` is made but never used: it is not in force`,
        fix: { title: 'Use it with `self.useFixture`', safety: 'suggest', edits: [replace(call, `self.useFixture(${call.text})`)] },
      };
    } else if (
      parent?.type === 'assignment' &&
      parent.targets.length === 1 &&
      parent.targets[0]?.type === 'name' &&
      !usedElsewhere(parent.targets[0].id, parent, owner.node)
    ) {
      yield { at: call.place, message: `\`${call.method}\` is kept in \`${parent.targets[0].id}\` but never used: it is not in force` };
    }
  },
  examples: [
    {
      name: 'a statement of its own',
      bad: py`
        import fixtures
        import testtools

        class TestSpool(testtools.TestCase):
            def setUp(self):
                super().setUp()
                fixtures.EnvironmentVariable('http_proxy')  #! not in force
      `,
      fixed: py`
        import fixtures
        import testtools

        class TestSpool(testtools.TestCase):
            def setUp(self):
                super().setUp()
                self.useFixture(fixtures.EnvironmentVariable('http_proxy'))
      `,
    },
    {
      name: 'in the tests of a mixin',
      bad: py`
        from oslo_utils import fixture as utils_fixture

        class _TestAction(object):
            def test_finish(self):
                utils_fixture.TimeFixture(NOW)  #! made but never used
                self.finish()
      `,
    },
    {
      name: 'kept in a name that nobody reads',
      bad: py`
        import testtools
        from nova.tests import fixtures as nova_fixtures

        class TestServers(testtools.TestCase):
            def test_list(self):
                policy = nova_fixtures.RealPolicyFixture()  #! never used
                self.assertTrue(self.api.list())
      `,
    },
    {
      name: 'used, passed on, or a pytest fixture of a like name',
      good: py`
        import fixtures
        import testtools
        from nova.tests import fixtures as nova_fixtures

        class TestServers(testtools.TestCase):
            def test_list(self):
                policy = nova_fixtures.RealPolicyFixture()
                self.useFixture(policy)
                self.start(nova_fixtures.NeutronFixture(self))
                with fixtures.TempDir() as spool:
                    self.assertTrue(spool)

        class HarbourFixture:
            def __init__(self, harbour):
                harbour.open()

        class TestHarbour(testtools.TestCase):
            def test_open(self):
                HarbourFixture(self.harbour)
                self.assertTrue(self.harbour.is_open)

        def clientFixture():
            pass

        def test_client():
            clientFixture()
      `,
    },
  ],
});

function isFixture(call: Call, file: TestFile): boolean {
  const { callee } = call;
  if (callee === undefined) return false;
  if (KNOWN.test(callee)) return true;
  if (!FIXTURE_CLASS.test(call.method)) return false;
  const definition = file.definition(callee);
  // A class that does its work as it is made has nothing to be entered by; of a library its module says what it is.
  if (definition === undefined) return /\.fixtures?\.\w+$/.test(callee) && !callee.includes('(');
  return definition.kind === 'class' && file.membersOf(callee).some((it) => /^(?:_?setUp|__enter__)$/.test(it));
}

function usedElsewhere(name: string, definition: Node, owner: Node): boolean {
  for (const it of walk(owner)) if (it.type === 'name' && it.id === name && it.parent !== definition) return true;
  return false;
}
