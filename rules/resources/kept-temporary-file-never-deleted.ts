import { statementOf } from '../model.ts';
import { registration, removal } from '../python/cleanups.ts';
import { leakOf, shown } from '../python/leaks.ts';
import { defineRule, insertAfter, insertBefore, py } from '../rule.ts';

export const rule = defineRule({
  id: 'kept-temporary-file-never-deleted',
  code: 'RES003',
  category: 'resources',
  title: 'NamedTemporaryFile(delete=False) not deleted',
  kind: 'review',
  kinds: ['review', 'informational'],
  confidence: 'high',
  cwe: [459],
  why: 'With `delete=False` the file outlives the test, with whatever was written to it.',
  instead: 'Register `os.unlink` of its name as a cleanup, or write below `tmp_path`.',
  limits: 'A name that is passed on before the file is deleted is followed through plain assignments only.',
  links: ['https://docs.python.org/3/library/tempfile.html#tempfile.NamedTemporaryFile'],
  yieldsTo: ['class-set-up-never-undone', 'fixture-returns-live-resource'],
  once: 'file',
  on: 'resource',
  *check(resource, file) {
    const { call, holder, owner } = resource;
    if (resource.sort !== 'temporary file' || call.callee !== 'tempfile.NamedTemporaryFile') return;
    const kind = leakOf(resource);
    if (kind === undefined) return;
    if (kind === 'informational') {
      const by = resource.releases.find((it) => it.how === 'guarantee')?.by ?? '';
      yield { at: call.place, kind, message: `the removal of the file that \`${shown(call)}\` keeps is left to \`${by}\`` };
      return;
    }
    const statement = statementOf(call);
    const line = holder === undefined ? undefined : registration(call, owner, removal(holder, file), file);
    const first = statement?.type === 'with' ? statement.body[0] : undefined;
    const edit =
      line === undefined || statement === undefined
        ? undefined
        : first !== undefined
          ? insertBefore(first, line)
          : statement.type === 'assignment'
            ? insertAfter(statement, line)
            : undefined;
    yield {
      at: call.place,
      message: '`delete=False` keeps the file, and nothing deletes it',
      ...(edit === undefined
        ? {}
        : { fix: { title: `Delete \`${holder ?? ''}\` in a cleanup`, safety: 'safe', edits: [edit, { do: 'import', module: 'pathlib' }] } }),
    };
  },
  examples: [
    {
      name: 'in the file system of pyfakefs nothing is left: of the class, of a block; before the block it is',
      bad: py`
        import os
        import tempfile
        from pyfakefs import fake_filesystem_unittest
        from pyfakefs.fake_filesystem_unittest import Patcher

        class TestFake(fake_filesystem_unittest.TestCase):
            def setUp(self):
                self.setUpPyfakefs()

            def test_spool(self):
                spool = tempfile.NamedTemporaryFile(delete=False)
                spool.close()
                os.chdir('/home/anna')

        def test_block():
            spool = tempfile.NamedTemporaryFile(delete=False)  #! nothing deletes it
            spool.close()
            with Patcher():
                other = tempfile.NamedTemporaryFile(delete=False)
                other.close()
      `,
    },
    {
      name: 'closed but kept',
      bad: py`
        import tempfile
        import unittest

        class TestSpool(unittest.TestCase):
            def test_save(self):
                with tempfile.NamedTemporaryFile(delete=False) as spool:  #! keeps the file
                    spool.write(b'wheat')
      `,
      fixed: py`
        import pathlib
        import tempfile
        import unittest

        class TestSpool(unittest.TestCase):
            def test_save(self):
                with tempfile.NamedTemporaryFile(delete=False) as spool:
                    self.addCleanup(pathlib.Path(spool.name).unlink, missing_ok=True)
                    spool.write(b'wheat')
      `,
    },
    {
      name: 'kept in a list that nobody empties',
      bad: py`
        import tempfile
        import unittest

        class TestSpool(unittest.TestCase):
            kept = []

            def tearDown(self):
                for file in self.kept:
                    file.close()

            def test_save(self):
                file = tempfile.NamedTemporaryFile(delete=False)  #! keeps the file
                self.kept.append(file)
      `,
    },
    {
      name: 'deleted by name, also by another name',
      good: py`
        import os
        import pathlib
        import tempfile
        import unittest

        class TestSpool(unittest.TestCase):
            def test_save(self):
                with tempfile.NamedTemporaryFile(delete=False) as spool:
                    self.addCleanup(os.unlink, spool.name)

            def setUp(self):
                self.kept = []

            def tearDown(self):
                self.clear()

            def clear(self):
                for file in self.kept:
                    if os.path.isfile(file.name):
                        os.unlink(file.name)

            def kept_file(self):
                file = tempfile.NamedTemporaryFile(delete=False)
                self.kept.append(file)
                return file

            def test_several(self):
                with tempfile.NamedTemporaryFile(delete=False) as spool:
                    path = spool.name
                self.assertTrue(path)
                for each in {path, self.other}:
                    os.remove(each)

            def test_below(self):
                prefix = self.folder + '/' + self.name
                self.file = tempfile.NamedTemporaryFile(prefix=prefix, delete=False).name

            def test_pages(self):
                with tempfile.NamedTemporaryFile(delete=False) as spool:
                    pages = Pages(spool)
                os.remove(pages.path)

            def test_path(self):
                path = tempfile.NamedTemporaryFile(delete=False).name
                os.remove(path)

            def test_resolved(self):
                with tempfile.NamedTemporaryFile(delete=False) as spool:
                    path = pathlib.Path(spool.name).resolve()
                try:
                    self.assertTrue(path)
                finally:
                    path.unlink()

            def test_other(self):
                with tempfile.NamedTemporaryFile(delete=False) as spool:
                    path = spool.name
                try:
                    self.assertTrue(path)
                finally:
                    os.remove(path)

        class Upload:
            def __init__(self):
                self.parts = {}
                self.files = []

            def save(self, number, content):
                with tempfile.NamedTemporaryFile(delete=False) as file:
                    path = file.name
                self.parts[number] = [path, len(content)]

            def keep(self, content):
                with tempfile.NamedTemporaryFile(delete=False) as file:
                    path = pathlib.Path(file.name)
                    self.files.append(path)

            def forget(self):
                for path, _ in self.parts.values():
                    os.remove(path)
                for path in self.files:
                    path.unlink()
      `,
    },
  ],
});
