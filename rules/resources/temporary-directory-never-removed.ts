import { type Resource, walk } from '../model.ts';
import { registration } from '../python/cleanups.ts';
import { claimOf, givenBack, leakOf, leftTo, plainStatement, shown } from '../python/leaks.ts';
import { defineRule, insertAfter, py } from '../rule.ts';

const REMOVES: ReadonlySet<string> = new Set(['shutil.rmtree', 'os.rmdir']);

export const rule = defineRule({
  id: 'temporary-directory-never-removed',
  code: 'RES001',
  category: 'resources',
  title: 'Temporary directory never removed',
  kind: 'review',
  kinds: ['review', 'informational'],
  confidence: 'high',
  cwe: [459],
  why: 'What a test writes stays on the machine after it, readable for later runs and other users, and fills the disk of a shared runner.',
  instead: 'Register the removal directly after `mkdtemp`, or use `tempfile.TemporaryDirectory` in a `with`, `tmp_path`, or `fixtures.TempDir`.',
  limits:
    'A directory whose path is kept in a list or returned is not followed. One that an object is given by a keyword is taken as removed where the file removes what stands by this name, `app.instance_path`. Where set-up points `tempfile.tempdir` at a folder that is removed after the test it is a note; `TMPDIR` alone is not looked at.',
  links: ['https://docs.python.org/3/library/tempfile.html#tempfile.mkdtemp'],
  yieldsTo: ['class-set-up-never-undone', 'fixture-returns-live-resource'],
  once: 'file',
  on: ['resource', 'call'],
  calls: (callee) => REMOVES.has(callee),
  *check(subject, file) {
    if (subject.type === 'call') {
      if (!REMOVES.has(subject.callee ?? '')) return;
      yield* givenBack(subject, file);
      const path = subject.arguments[0]?.value;
      if (path?.type === 'attribute') yield { at: subject.place, claim: `.${path.name}`, disproves: true, message: '' };
      return;
    }
    const resource = subject;
    if (resource.sort !== 'temporary directory') return;
    const kind = leakOf(resource);
    const { call, holder, owner } = resource;
    if (kind === 'informational') {
      const by = leftTo(resource, file);
      if (by !== undefined) yield { at: call.place, kind, message: `the removal of the directory that \`${shown(call)}\` makes is left to \`${by}\`` };
    } else if (kind === 'review') {
      const statement = plainStatement(call);
      const line = holder === undefined ? undefined : registration(call, owner, `shutil.rmtree, ${holder}, ignore_errors=True`, file);
      yield {
        at: call.place,
        ...keptByKeyword(resource),
        ...claimOf(resource),
        message: `nothing removes the directory that \`${shown(call)}\` makes`,
        ...(statement === undefined || line === undefined
          ? {}
          : {
              fix: {
                title: `Remove \`${holder ?? ''}\` in a cleanup`,
                safety: 'safe',
                edits: [insertAfter(statement, line), { do: 'import', module: 'shutil' }],
              },
            }),
      };
    }
  },
  examples: [
    {
      name: 'who has a path below the folder may remove it, also among others; what is returned of another is no path to it',
      bad: py`
        import os
        import tempfile

        def archive():
            folder = tempfile.mkdtemp()
            path = os.path.join(folder, "ship.zip")
            write(path)
            return "ship", path

        def count():
            folder = tempfile.mkdtemp()  #! nothing removes
            path = os.path.join(folder, "ship.zip")
            write(path)
            return "ship", folder.count("/")
      `,
    },
    {
      name: 'a directory that a test leaves behind',
      bad: py`
        import tempfile
        import unittest

        class TestSpool(unittest.TestCase):
            def test_save(self):
                spool = tempfile.mkdtemp()
                #       ^^^^^^^^^^^^^^^^^^ nothing removes the directory
                self.assertTrue(spool)
      `,
      fixed: py`
        import shutil
        import tempfile
        import unittest

        class TestSpool(unittest.TestCase):
            def test_save(self):
                spool = tempfile.mkdtemp()
                self.addCleanup(shutil.rmtree, spool, ignore_errors=True)
                self.assertTrue(spool)
      `,
    },
    {
      name: 'a command that is given the directory, and removes something else',
      bad: py`
        import subprocess
        import tempfile

        def test_save():
            spool = tempfile.mkdtemp()  #! nothing removes the directory
            subprocess.check_call(['docker', 'run', '--rm', '-v', spool, 'harbour'])
      `,
    },
    {
      name: 'a base class nests temporary files in a directory that it removes',
      bad: py`
        import tempfile
        from oslotest import base

        class TestSpool(base.BaseTestCase):
            def setUp(self):
                super().setUp()
                self.spool = tempfile.mkdtemp()  #! is left to
      `,
    },
    {
      name: 'a base class of the workspace does so',
      bad: {
        'tests/test_spool.py': py`
          import tempfile
          from tests import base, shelf

          class TestSpool(base.SpoolTestCase):
              def test_save(self):
                  spool = tempfile.mkdtemp()  #! is left to
                  self.assertTrue(spool)

          class TestShelf(shelf.ShelfTestCase):
              def test_save(self):
                  spool = tempfile.mkdtemp()  #! nothing removes the directory
                  self.assertTrue(spool)

          class TestKept(base.SpoolTestCase):
              def tearDown(self):
                  self.show()

              def test_save(self):
                  kept = tempfile.mkdtemp()  #! nothing removes the directory
                  self.assertTrue(kept)
        `,
        'tests/base.py': py`
          import shutil
          import unittest
          from harbour.options import set_folder

          class SpoolTestCase(unittest.TestCase):
              def setUp(self):
                  super().setUp()
                  self.folder = set_folder()

              def tearDown(self):
                  super().tearDown()
                  shutil.rmtree(self.folder)
        `,
        'tests/shelf.py': py`
          import shutil
          import tempfile
          import unittest

          class ShelfTestCase(unittest.TestCase):
              def setUp(self):
                  super().setUp()
                  self.folder = tempfile.mkdtemp()

              def tearDown(self):
                  super().tearDown()
                  shutil.rmtree(self.folder)
        `,
        'harbour/options.py': py`
          import os
          import tempfile

          def set_folder():
              folder = tempfile.mkdtemp()
              os.environ["TMPDIR"] = folder
              tempfile.tempdir = None
              return folder
        `,
      },
      alsoFinds: ['RES011'],
    },
    {
      name: 'removed by a cleanup, in tearDown, in finally',
      good: py`
        import contextlib
        import os
        import shlex
        import shutil
        import subprocess
        import tempfile
        import unittest

        class TestSpool(unittest.TestCase):
            def setUp(self):
                self.spool = tempfile.mkdtemp()

            def tearDown(self):
                shutil.rmtree(self.spool)

            def test_other(self):
                other = tempfile.mkdtemp()
                self.addCleanup(lambda: shutil.rmtree(other))

            def test_kept_in_an_object(self):
                folder = tempfile.mkdtemp()
                self.shelf = Shelf(folder)
                self.addCleanup(shutil.rmtree, self.shelf.path)

            def test_by_another_name(self):
                made = tempfile.mkdtemp()
                self.made = os.path.realpath(made)
                self.addCleanup(shutil.rmtree, self.made)

            def test_by_both_names(self):
                both = self.both = tempfile.mkdtemp()
                self.addCleanup(shutil.rmtree, self.both)
                joined = os.path.join(tempfile.mkdtemp())
                self.addCleanup(shutil.rmtree, joined)

            def test_by_an_object(self):
                stored = tempfile.mkdtemp()
                try:
                    self.assertTrue(harbour.save(stored))
                finally:
                    harbour.Output(stored).delete()

            def test_by_a_command(self):
                shell = tempfile.mkdtemp()
                os.system('rm -rf ' + shell)
                words = tempfile.mkdtemp()
                subprocess.check_call(['rm', '-r', words])
                text = tempfile.mkdtemp()
                subprocess.call(shlex.split('rm -rf %s' % text))
                kept = tempfile.mkdtemp()
                harbour.run_at_the_end('rmdir {}'.format(kept))

            def test_deleted_by_others(self):
                held = tempfile.mkdtemp()
                with harbour.held_in(held, delete=True):
                    self.assertTrue(held)

            def test_two(self):
                two = tempfile.mkdtemp()
                try:
                    self.assertTrue(harbour.copy(two))
                finally:
                    for path in (two, harbour.spool):
                        shutil.rmtree(path)

            def test_by_a_decorated_function(self):
                fourth = tempfile.mkdtemp()

                @self.addCleanup
                def remove(path=fourth):
                    shutil.rmtree(path)

                self.fifth = fifth = tempfile.mkdtemp()

                @self.addCleanup
                def remove_fifth():
                    shutil.rmtree(fifth)

                self.assertTrue(harbour.copy(self.fifth, fourth))

            def test_third(self):
                third = tempfile.mkdtemp()
                try:
                    self.assertTrue(third)
                finally:
                    shutil.rmtree(third)

        class TestShelf(unittest.TestCase):
            def setUp(self):
                self.shelf = tempfile.mkdtemp()

            def test_save(self):
                self.assertTrue(os.listdir(self.shelf))
                shutil.rmtree(self.shelf)

        def spelled(path):
            return os.path.normcase(os.path.normpath(path))

        class TestSpelled(unittest.TestCase):
            def setUp(self):
                self.folder = spelled(tempfile.mkdtemp())

            def tearDown(self):
                shutil.rmtree(self.folder)

        @contextlib.contextmanager
        def moved():
            folder = tempfile.mkdtemp()
            before = os.getcwd()
            os.chdir(folder)
            inside = os.path.abspath('.')
            try:
                yield inside
            finally:
                os.chdir(before)
                shutil.rmtree(inside)

        def test_bytes():
            folder = harbour.decoded(tempfile.mkdtemp().encode())
            try:
                assert os.listdir(folder) == []
            finally:
                shutil.rmtree(folder)
      `,
    },
    {
      name: 'the folder above a path of one more part; of two classes of one name the one that has the tests',
      bad: py`
        import os
        import pathlib
        import shutil
        import tempfile
        import unittest

        class TestShelf(unittest.TestCase):
            def setUp(self):
                self.shelf = os.path.join(tempfile.mkdtemp(), "shelf")
                folder = tempfile.mkdtemp()
                self.spool = pathlib.Path(folder) / "spool"
                deep = tempfile.mkdtemp()  #! nothing removes
                self.deep = os.path.join(deep, "a/b")
                self.kept = os.path.join(tempfile.mkdtemp(), "kept")  #! nothing removes

            def tearDown(self):
                shutil.rmtree(os.path.dirname(self.shelf), ignore_errors=True)
                shutil.rmtree(self.spool.parent)
                shutil.rmtree(os.path.dirname(self.deep))
                shutil.rmtree(self.kept)

            def test_here(self):
                here = os.path.join(tempfile.mkdtemp(), "here")
                self.addCleanup(shutil.rmtree, os.path.dirname(here))
                self.assertTrue(harbour.save(here))

        class TestLocal(unittest.TestCase):
            @classmethod
            def create(self):
                self.key = tempfile.mkdtemp()
                return harbour.Local(self.key)

            def setUp(self):
                self.driver = self.create()

            def tearDown(self):
                shutil.rmtree(self.key)

            def test_open(self):
                self.assertTrue(self.driver.open())

        if not harbour:
            class TestLocal(unittest.TestCase):
                pass
      `,
    },
    {
      name: 'removed by the name that an object has for it',
      good: py`
        import shutil
        import tempfile
        from flask import Flask

        def make_app():
            folder = tempfile.mkdtemp()
            app = Flask('harbour', instance_path=folder)
            app.config.update(TESTING=True)
            return app

        def set_up(request, app):
            request.addfinalizer(lambda: shutil.rmtree(app.instance_path))
      `,
    },
    {
      name: 'handed to the caller, or not made at all',
      good: py`
        import os
        import pathlib
        import tempfile
        import unittest
        from unittest import mock

        def make_spool():
            return tempfile.mkdtemp()

        def make_shelf():
            shelf = tempfile.mkdtemp(prefix='shelf')
            return pathlib.Path(shelf)

        def make_store():
            folder = tempfile.mkdtemp()
            return harbour.Store(folder)

        def open_store(folder):
            own = None
            if folder is None:
                made = tempfile.mkdtemp()
                own = made
            return harbour.Store(folder, own)

        class TestStore(unittest.TestCase):
            def test_open(self):
                store = harbour.Store(os.path.join(tempfile.mkdtemp(), 'store'))
                self.addCleanup(harbour.burn, store)

        @mock.patch('tempfile.mkdtemp')
        def test_save(mkdtemp):
            spool = tempfile.mkdtemp()
            assert spool is mkdtemp.return_value
      `,
    },
    {
      name: 'the set-up of the class nests temporary files',
      good: py`
        import fixtures
        import tempfile
        import testtools

        class TestSpool(testtools.TestCase):
            def setUp(self):
                super().setUp()
                self.useFixture(fixtures.NestedTempfile())

            def test_save(self):
                path = tempfile.mkdtemp()
                save(path)
      `,
    },
  ],
});

/** `Flask('harbour', instance_path=folder)`: whoever removes `app.instance_path` removes it. */
function keptByKeyword({ holder, owner }: Resource): { readonly claim?: string } {
  if (holder === undefined || owner === undefined) return {};
  for (const it of walk(owner.node)) {
    const given = it.type === 'call' ? it.arguments.find((each) => each.keyword !== undefined && each.value.text === holder) : undefined;
    if (given?.keyword !== undefined) return { claim: `.${given.keyword}` };
  }
  return {};
}
