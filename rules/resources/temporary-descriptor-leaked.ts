import { claimOf, givenBack, isGiven, leakOf, plainStatement, registration, removal, shown } from '../python/leaks.ts';
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
  limits: 'A pair that is kept whole (`pair = mkstemp()`) is not followed.',
  links: ['https://docs.python.org/3/library/tempfile.html#tempfile.mkstemp'],
  yieldsTo: ['class-set-up-never-undone', 'fixture-returns-live-resource'],
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
    if (kind === 'informational') {
      const by = resource.releases.find((it) => it.how === 'guarantee')?.by ?? '';
      if (by === file.class?.qualified) return; // its set-up stands here
      yield { at: call.place, kind, message: `the removal of the file that \`${shown(call)}\` makes is left to \`${by}\`` };
      return;
    }
    const statement = plainStatement(call);
    const line =
      holder === undefined || holder === '_' ? undefined : registration(owner, sort === 'temporary descriptor' ? `os.close, ${holder}` : removal(holder));
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
