import { type Expression, type Resource, type TestFile, walk } from '../model.ts';
import { registration, removal } from '../python/cleanups.ts';
import { claimOf, givenBack, isGiven, leakOf, leftTo, plainStatement, shown } from '../python/leaks.ts';
import { defineRule, insertAfter, py } from '../rule.ts';

const GIVES_BACK: ReadonlySet<string> = new Set(['os.close', 'os.fdopen', 'os.remove', 'os.unlink']);

export const rule = defineRule({
  id: 'temporary-descriptor-leaked',
  code: 'RES002',
  category: 'resources',
  title: 'mkstemp descriptor or file leaked',
  kind: 'review',
  kinds: ['review', 'informational'],
  confidence: 'high',
  cwe: [775, 459],
  why: '`mkstemp` opens a descriptor and makes a file, and leaves both to the caller: descriptors run out, files stay readable on the machine.',
  instead: 'Close the descriptor and remove the file in cleanups, or use `tempfile.NamedTemporaryFile` in a `with`, or `tmp_path`.',
  limits:
    'A pair that is kept whole (`pair = mkstemp()`) is not followed. The file is a note where its path is given to an object of the workspace that the function tears down, or that a fixture gives to tests and that has a way to: what that removes is not read.',
  links: ['https://docs.python.org/3/library/tempfile.html#tempfile.mkstemp'],
  yieldsTo: ['class-set-up-never-undone', 'fixture-returns-live-resource'],
  once: 'file',
  on: ['resource', 'call'],
  calls: (callee) => GIVES_BACK.has(callee),
  *check(subject, file) {
    if (subject.type === 'call') {
      if (GIVES_BACK.has(subject.callee ?? '')) yield* givenBack(subject, file);
      return;
    }
    const resource = subject;
    const { call, holder, owner, sort } = resource;
    if (sort !== 'temporary descriptor' && sort !== 'temporary file') return;
    if (call.callee !== 'tempfile.mkstemp') return;
    const kind = leakOf(resource);
    if (kind === undefined) return;
    const what = sort === 'temporary descriptor' ? 'closes the descriptor' : 'removes the file';
    const keeper = kind === 'informational' ? leftTo(resource, file) : sort === 'temporary file' ? keeperOf(resource, file) : undefined;
    if (keeper !== undefined)
      yield { at: call.place, kind: 'informational', message: `the removal of the file that \`${shown(call)}\` makes is left to \`${keeper}\`` };
    if (keeper !== undefined || kind === 'informational') return;
    const statement = plainStatement(call);
    const line =
      holder === undefined || holder === '_'
        ? undefined
        : registration(call, owner, sort === 'temporary descriptor' ? `os.close, ${holder}` : removal(holder, file), file);
    yield {
      at: call.place,
      ...claimOf(resource),
      message: `nothing ${what} that \`${shown(call)}\` gives`,
      ...(statement === undefined || line === undefined
        ? {}
        : {
            fix: {
              title: `Register \`${line}\``,
              safety: sort === 'temporary descriptor' && isGiven(holder ?? '', owner) ? 'suggest' : 'safe',
              edits: [insertAfter(statement, line), { do: 'import', module: sort === 'temporary descriptor' ? 'os' : 'pathlib' }],
            },
          }),
    };
  },
  examples: [
    {
      name: 'neither closed nor removed',
      bad: py`
        import tempfile
        import unittest

        class TestSpool(unittest.TestCase):
            def test_save(self):
                handle, path = tempfile.mkstemp()  #! nothing
                self.assertTrue(path)
      `,
      fixed: py`
        import pathlib
        import os
        import tempfile
        import unittest

        class TestSpool(unittest.TestCase):
            def test_save(self):
                handle, path = tempfile.mkstemp()
                self.addCleanup(pathlib.Path(path).unlink, missing_ok=True)
                self.addCleanup(os.close, handle)
                self.assertTrue(path)
      `,
    },
    {
      name: 'the descriptor is dropped',
      bad: py`
        import os
        import tempfile

        def test_save():
            path = tempfile.mkstemp()[1]
            #      ^^^^^^^^^^^^^^^^^^ nothing closes the descriptor
            try:
                assert path
            finally:
                os.remove(path)
      `,
    },
    {
      name: 'both given back',
      good: py`
        import os
        import pathlib
        import tempfile
        import unittest

        class TestSpool(unittest.TestCase):
            def test_save(self):
                handle, path = tempfile.mkstemp()
                self.addCleanup(os.remove, path)
                with os.fdopen(handle, 'w') as spool:
                    spool.write('wheat')

            def test_is_taken_away(self):
                handle, path = tempfile.mkstemp()
                os.close(handle)
                harbour.burn(path)
                self.assertFalse(os.path.exists(path))

        class TestKept(unittest.TestCase):
            def setUp(self):
                handle, path = tempfile.mkstemp()
                self.path = pathlib.Path(path)
                os.close(handle)

            def tearDown(self):
                self.path.unlink()

        class TestReader(unittest.TestCase):
            def test_read(self):
                handle, path = tempfile.mkstemp()
                os.unlink(path)
                self.assertEqual(harbour.Reader(handle).read(), b'')

        class TestReport(unittest.TestCase):
            def setUp(self):
                self.handle, self.path = tempfile.mkstemp()

            def tearDown(self):
                take_away(self.path)

            def test_report(self):
                with os.fdopen(self.handle) as report:
                    self.assertEqual(report.read(), '')

        def take_away(path):
            try:
                os.unlink(path)
            except OSError:
                pass

        class TestCargo(unittest.TestCase):
            def setUp(self):
                handle, path = tempfile.mkstemp()
                os.close(handle)
                self.cargo = harbour.Cargo({'path': os.path.normcase(path), 'name': 'wheat'})

            def tearDown(self):
                os.unlink(self.cargo['path'])

        class TestLower(unittest.TestCase):
            def setUp(self):
                handle, name = tempfile.mkstemp('.py')
                self.name = name.lower()
                os.close(handle)

            def tearDown(self):
                os.remove(self.name)
      `,
    },
    {
      name: 'an object of the workspace that is given the path may remove the file: a note',
      bad: {
        'tests/test_berths.py': py`
          import os
          import tempfile
          import pytest
          from harbour.berths import Berths, Settings

          @pytest.fixture
          def berths():
              handle, path = tempfile.mkstemp()  #! is left to \`Berths\`; 2 times, also line 13
              os.close(handle)
              return Berths(Settings(path))

          def test_add():
              handle, path = tempfile.mkstemp()
              os.close(handle)
              settings = Settings(path)
              berths = Berths(settings)
              assert berths.add('east')
              berths.teardown()

          def test_list():
              handle, path = tempfile.mkstemp()  #! nothing removes
              os.close(handle)
              berths = Berths(Settings(path))
              assert not berths.all()
        `.replaceAll('\\`', '`'),
        'harbour/berths.py': py`
          import os

          class Settings:
              def __init__(self, path):
                  self.path = path

          class Berths:
              def __init__(self, settings):
                  self.settings = settings

              def teardown(self):
                  os.unlink(self.settings.path)
        `,
      },
    },
    {
      name: 'the set-up of the class nests temporary files',
      good: py`
        import fixtures
        import os
        import tempfile
        import testtools

        class TestSpool(testtools.TestCase):
            def setUp(self):
                super().setUp()
                self.useFixture(fixtures.NestedTempfile())

            def test_save(self):
                handle, path = tempfile.mkstemp()
                os.close(handle)
                save(path)
      `,
    },
  ],
});

const TEAR_DOWN = /^(?:tear_?down|close|clean_?up)$/i;

/** Who may remove the file: an object that is given its path, directly or in another, and is torn down here, or given to tests by a fixture. */
function keeperOf({ holder, owner }: Resource, file: TestFile): string | undefined {
  if (holder === undefined || owner === undefined) return undefined;
  const has = new Set([holder]);
  const isGivenIt = (it: Expression): boolean => walk(it).some((each) => (each.type === 'name' || each.type === 'attribute') && has.has(each.text));
  const keeper = (it: Expression | undefined): string | undefined => {
    const name = it?.type === 'call' && isGivenIt(it) ? it.callee : undefined;
    return name !== undefined && file.membersOf(name).some((each) => TEAR_DOWN.test(each)) ? name.slice(name.lastIndexOf('.') + 1) : undefined;
  };
  const keepers = new Map<string, string>();
  for (const it of walk(owner.node)) {
    if (it.type === 'assignment' && it.value?.type === 'call' && isGivenIt(it.value)) {
      const found = keeper(it.value);
      for (const { text } of it.targets) {
        has.add(text);
        if (found !== undefined) keepers.set(text, found);
      }
    } else if (it.type === 'call' && it.function.type === 'attribute' && TEAR_DOWN.test(it.method)) {
      const found = keepers.get(it.function.object.text);
      if (found !== undefined) return found;
    } else if (owner.role === 'fixture' && (it.type === 'return' || it.type === 'yield')) {
      const given = 'operands' in it ? it.operands[0] : it.operand;
      const found = given === undefined ? undefined : (keeper(given) ?? keepers.get(given.text));
      if (found !== undefined) return found;
    }
  }
  return undefined;
}
