import type { ClassFacts, Value } from '../model.ts';
import { argument, constantText } from '../model.ts';
import { expectedToFail } from '../python/leaks.ts';
import { movedToOwnFolder } from '../python/own-folder.ts';
import { defineRule, py } from '../rule.ts';

const SHARED = /^(?:\/tmp|\/var\/tmp|\/dev\/shm)\/[^/]/;
/** The position of the path that each uses; undefined for a method of the path. */
const USES: ReadonlyMap<string, number | undefined> = new Map([
  ...[
    'builtins.open',
    'os.open',
    'os.mkdir',
    'os.makedirs',
    'os.mkfifo',
    'os.unlink',
    'os.remove',
    'os.rmdir',
    'os.chmod',
    'os.chown',
    'os.truncate',
    'shutil.rmtree',
    'sqlite3.connect',
    'shelve.open',
    'dbm.open',
    'zipfile.ZipFile',
    'tarfile.open',
    'gzip.open',
    'socket.socket().bind',
  ].map((it): [string, number] => [it, 0]),
  ...['os.rename', 'os.replace', 'os.symlink', 'os.link', 'shutil.copy', 'shutil.copy2', 'shutil.copyfile', 'shutil.copytree', 'shutil.move'].map(
    (it): [string, number] => [it, 1],
  ),
  ...['write_text', 'write_bytes', 'mkdir', 'touch', 'unlink', 'open', 'chmod'].map((it): [string, undefined] => [`pathlib.Path().${it}`, undefined]),
]);

export const rule = defineRule({
  id: 'predictable-temporary-path',
  code: 'RES025',
  category: 'resources',
  title: 'Predictable path in a shared temp directory is really used',
  kind: 'review',
  kinds: ['review', 'informational'],
  confidence: 'high',
  cwe: [377],
  peers: { bandit: ['B108'], ruff: ['S108'], sonar: ['S5443'], semgrep: ['hardcoded-tmp-path'] },
  why: 'Anybody on the machine can put a file or a link there first, and two runs at a time disturb each other.',
  instead: 'Use `tmp_path / "name"` or `fixtures.TempDir`.',
  limits:
    'Only calls of the standard library that reach the disk here are judged, not paths handed to the code under test. What nothing else in the file uses, but for what is skipped, is a note in a class of tests or a module of tests. In a module without tests, which may run in a container of its own, it is a note, and so it is in a class of tests with an `__init__`, which pytest does not collect.',
  links: ['https://docs.python.org/3/library/tempfile.html'],
  once: 'file',
  alike: true,
  on: 'call',
  calls: (callee) => USES.has(callee),
  *check(call, file) {
    const { callee } = call;
    if (callee === undefined || !USES.has(callee)) return;
    const at = USES.get(callee);
    const path =
      at === undefined
        ? call.function.type === 'attribute'
          ? call.function.object
          : undefined
        : argument(call, callee === 'builtins.open' ? 'file' : undefined, at);
    if (path === undefined) return;
    const text = startOf(path.value);
    if (text === undefined || !SHARED.test(text)) return;
    if (file.parametrized(call) || file.expected(call) || expectedToFail(call) || file.stubbed(callee, call) !== undefined) return;
    const written = path.type === 'call' ? path.arguments[0]?.value : path;
    const fix = movedToOwnFolder(written, call, file, /^(?:shelve|dbm|socket)\./.test(callee));
    yield {
      at: path.place,
      ...(fix === undefined ? {} : { fix }),
      // A class of tests that pytest does not collect, for its `__init__`: only who makes it runs this.
      ...(file.kind === 'helper' || isNotCollected(file.class) ? { kind: 'informational' } : {}),
      message: `\`${text.length > 40 ? `${text.slice(0, 38)}…` : text}\` is used on the disk, a path that everybody on the machine can take first`,
    };
  },
  examples: [
    {
      name: 'written where everybody can write',
      bad: py`
        import os

        SPOOL = '/tmp/harbour-spool'

        def test_save():
            os.makedirs(SPOOL)
            #           ^^^^^ a path that everybody on the machine can take first; 1 more of its kind: line 7
            with open('/tmp/harbour.txt', 'w') as report:
                report.write('wheat')
      `,
    },
    {
      name: 'each path once in a file; a note in a module without tests',
      bad: {
        'tests/test_spool.py': py`
          import os

          def test_spool(harbour):
              os.mkdir('/tmp/spool')  #! can take first; 2 times, also line 5
              os.rmdir('/tmp/spool')
        `,
        'tests/plugin/tasks.py': py`
          def tell(pid):
              with open('/tmp/pid.txt', 'w') as told:  #! everybody on the machine
                  told.write(pid)
        `,
      },
    },
    {
      name: 'a note in a class that pytest does not collect',
      bad: py`
        import shutil

        class TestSpool:
            def __init__(self):
                self.spool = '/tmp/spool'

            def test_save(self):
                assert save(self.spool)

            def __del__(self):
                shutil.rmtree('/tmp/spool')  #! everybody on the machine
      `,
    },
    {
      name: 'a note in a function that nothing which runs here uses',
      bad: py`
        import os
        import unittest
        from unittest import mock

        class TestSpool(unittest.TestCase):
            @mock.patch("harbour.spool")
            def document(self, spool):
                os.mkdir("/tmp/spool")  #! take first (nothing that runs here uses ${'`document`'}); 1 more of its kind: line 14

            def _save(self):
                self._make()

            def _make(self):
                os.mkdir("/tmp/saved")

            @unittest.skip("flaky")
            def test_save(self):
                os.mkdir("/tmp/skipped")  #! take first (the test is skipped)
                self._save()

            def used(self):
                os.mkdir("/tmp/used")  #! everybody on the machine can take first

            def test_used(self):
                self.used()
      `,
    },
    {
      name: 'a note in a fixture that nothing which runs here asks for',
      bad: {
        'tests/test_spool.py': py`
          import os
          import pytest
          from pytest import fixture

          @pytest.fixture(scope="module")
          def unasked():
              os.mkdir("/tmp/unasked")  #! take first (nothing that runs here asks for ${'`unasked`'}); 1 more of its kind: line 11

          @pytest.fixture(name="spool")
          def fixture_of_spool():
              os.mkdir("/tmp/spool")

          @pytest.mark.skip
          def test_skipped(spool):
              assert spool is None

          @fixture
          def asked():
              os.mkdir("/tmp/asked")  #! everybody on the machine can take first; 2 more of its kind: lines 23, 27

          @pytest.fixture(autouse=True)
          def always():
              os.mkdir("/tmp/always")

          @pytest.fixture
          def settings():
              os.mkdir("/tmp/settings")

          def test_asked(asked):
              assert asked is None
        `,
        'tests/conftest.py': py`
          import pytest

          @pytest.fixture
          def settings():
              return None
        `,
      },
    },
    {
      name: 'a note in a fixture for every test, of which none runs',
      bad: py`
        import os
        import pytest

        pytestmark = [pytest.mark.usefixtures("spool")]

        @pytest.fixture
        def spool():
            os.mkdir("/tmp/spool")  #! take first (nothing that runs here asks for ${'`spool`'}); 1 more of its kind: line 12

        @pytest.fixture(autouse=True)
        def always(spool):
            os.mkdir("/tmp/always")

        @pytest.mark.skip
        def test_skipped():
            assert True
      `,
    },
    {
      name: 'a name of a fixture that is put together',
      bad: py`
        import os
        import pytest

        @pytest.fixture
        def spool_of_north():
            os.mkdir("/tmp/spool")  #! everybody on the machine can take first

        def test_spool(request):
            request.getfixturevalue("spool_of_" + place())
      `,
    },
    {
      name: 'a class of the workspace calls it, a decorator gives it away',
      bad: {
        'tests/test_spool.py': py`
          import os
          from harbour import quays
          from tests.base import SpoolCase

          @quays.on_arrival
          def arrive():
              os.mkdir("/tmp/arrived")  #! can take first; 2 times, also line 11

          class TestSpool(SpoolCase):
              def make(self):
                  os.mkdir("/tmp/arrived")

              def test_spool(self):
                  assert self.spool
        `,
        'tests/base.py': py`
          import unittest

          class SpoolCase(unittest.TestCase):
              def setUp(self):
                  self.spool = self.make()
        `,
      },
    },
    {
      name: 'in the folder that pytest gives a test',
      bad: py`
        def test_save(harbour):
            with open('/tmp/harbour.txt', 'w') as report:  #! everybody on the machine
                report.write('wheat')
      `,
      fixed: py`
        def test_save(harbour, tmp_path):
            with open(tmp_path / "harbour.txt", 'w') as report:
                report.write('wheat')
      `,
    },
    {
      name: 'in a test case',
      bad: py`
        import pathlib
        import unittest

        class TestReport(unittest.TestCase):
            def test_save(self):
                pathlib.Path('/tmp/harbour.txt').write_text('wheat')  #! everybody on the machine
      `,
      fixed: py`
        import os
        import tempfile
        import shutil
        import pathlib
        import unittest

        class TestReport(unittest.TestCase):
            def test_save(self):
                folder = tempfile.mkdtemp()
                self.addCleanup(shutil.rmtree, folder)
                pathlib.Path(os.path.join(folder, "harbour.txt")).write_text('wheat')
      `,
    },
    {
      name: 'with the fixtures of testtools',
      bad: py`
        import os
        import testtools

        class TestSpool(testtools.TestCase):
            def test_save(self):
                os.mkdir('/dev/shm/spool')  #! everybody on the machine
      `,
      fixed: py`
        import fixtures
        import os
        import testtools

        class TestSpool(testtools.TestCase):
            def test_save(self):
                os.mkdir(self.useFixture(fixtures.TempDir()).join("spool"))
      `,
    },
    {
      name: 'only named, stubbed, or in a directory of its own',
      good: py`
        import os
        import tempfile
        from unittest import mock

        def test_path(client):
            assert client.path('/tmp/harbour.txt') == '/tmp/harbour.txt'

        @mock.patch('builtins.open')
        def test_stubbed(opened):
            open('/tmp/harbour.txt')

        def test_memory():
            with tempfile.TemporaryDirectory(dir='/dev/shm') as spool:
                os.mkdir(os.path.join(spool, 'a'))
      `,
    },
    {
      name: 'in a file system that a helper fakes for the test, or for a class above',
      bad: {
        'tests/test_spool.py': py`
          import os
          from tests import base

          class TestSpool(base.SpoolCase):
              def setUp(self):
                  super().setUp()
                  os.mkdir('/tmp/spool')

              def test_save(self):
                  os.mkdir('/tmp/spool/north')

          class TestReal(base.Case):
              def test_save(self):
                  os.mkdir('/tmp/real')  #! everybody on the machine
                  base.fake_disk(self)
                  os.mkdir('/tmp/faked')
        `,
        'tests/base.py': py`
          from pyfakefs import fake_filesystem_unittest
          from tests import helpers
          from tests.helpers import fake_disk

          class Case(fake_filesystem_unittest.TestCase):
              pass

          class SpoolCase(Case):
              def setUp(self):
                  helpers.fake_disk(self)
        `,
        'tests/helpers.py': py`
          def fake_disk(case):
              case.setUpPyfakefs(allow_root_user=True)
        `,
      },
    },
  ],
});

/** A class of tests with an `__init__`, which is no test case. */
function isNotCollected(around: ClassFacts | undefined): boolean {
  return around?.hasTests === true && around.methods.has('__init__') && around.unresolved.length === 0 && !around.ancestors.includes('unittest.TestCase');
}

/** The constant text that a path begins with; undefined when the name that follows is made up at run time. */
function startOf(value: Value): string | undefined {
  if (value.kind === 'joined')
    return value.parts.every((it) => it.kind === 'constant') ? value.parts.map((it) => (it.kind === 'constant' ? String(it.value) : '')).join('') : undefined;
  if (value.kind === 'result' && value.name === 'pathlib.Path') {
    const [first] = value.call.arguments;
    return value.call.arguments.length === 1 && first !== undefined ? constantText(first.value.value) : undefined;
  }
  return constantText(value);
}
