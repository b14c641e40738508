/**
 * Safe fixes: what they leave alone, since a passing test would not pass after them; and on real suites, where each is applied to the file it was found in. The file parses as before, the
 * finding is gone, and nothing new appears. The suites come from Debian packages; elsewhere this is skipped by name.
 */
import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import type { Engine } from '../server/review/engine.ts';
import { findingsOf, type PlacedFinding, type Review } from '../server/review/review.ts';
import { attest, folder } from './command-line.ts';
import { corpus } from './corpus.mjs';
import { applyFix, newEngine } from './harness.ts';

/** Files as they stay, but for the lines that are said to become others. */
function fixes(files: Readonly<Record<string, string>>, changed: Readonly<Record<string, readonly (readonly [from: string, to: string])[]>> = {}): void {
  const root = folder(files);
  for (const run of ['first', 'second']) {
    attest(root, 'review', '--fix', '--no-cache');
    for (const [path, text] of Object.entries(files)) {
      const wanted = (changed[path] ?? []).reduce((all, [from, to]) => all.replace(from, to), text);
      assert.equal(readFileSync(join(root, path), 'utf8'), wanted, `${path}, after the ${run} run`);
    }
  }
}

const HEAD = 'import os\nimport shutil\nimport tempfile\nimport unittest\nfrom unittest import mock\nimport pytest\n\n\n';
const REMOVED = ['mkdtemp()\n', 'mkdtemp()\n        self.addCleanup(shutil.rmtree, spool, ignore_errors=True)\n'] as const;

test('a cleanup is registered only where the class is seen to have one', () => {
  const body = '    def test_a(self):\n        spool = tempfile.mkdtemp()\n        assert os.listdir(spool) == []\n';
  fixes(
    {
      'tests/compat.py': 'class TestCase(object):\n    pass\n',
      'tests/test_plain.py': `${HEAD}class TestPlain:\n${body}`,
      'tests/test_object.py': `${HEAD}class TestPlain(object):\n${body}`,
      'tests/test_compat.py': `${HEAD}from tests.compat import TestCase\n\n\nclass TestShip(TestCase):\n${body}`,
      'tests/test_unknown.py': `${HEAD}from harbour.testing import HarbourTestCase\n\n\nclass TestShip(HarbourTestCase):\n${body}`,
      'tests/test_case.py': `${HEAD}class TestShip(unittest.TestCase):\n${body}`,
      'tests/test_calls.py': `${HEAD}from harbour.testing import HarbourTestCase\n\n\nclass TestShip(HarbourTestCase):\n    def setUp(self):\n        self.addCleanup(print)\n\n${body}`,
    },
    { 'tests/test_case.py': [REMOVED], 'tests/test_calls.py': [REMOVED] },
  );
});

test('a `self` of its own has no cleanup', () => {
  const spool = 'spool = tempfile.mkdtemp()\n';
  fixes(
    {
      'tests/test_a.py': `${HEAD}class TestShip(unittest.TestCase):
    def test_fake(self):
        class Fake:
            def __init__(self):
                mock.patch("os.path.exists").start()
        Fake()

    def test_given(self):
        def make(self):
            ${spool}            return os.listdir(spool)
        make(self)

    def test_inside(self):
        def make():
            ${spool}            return os.listdir(spool)
        make()

    def __init__(self):
        ${spool}        print(spool)
`,
    },
    {
      'tests/test_a.py': [
        [
          'make():\n            spool = tempfile.mkdtemp()\n',
          'make():\n            spool = tempfile.mkdtemp()\n            self.addCleanup(shutil.rmtree, spool, ignore_errors=True)\n',
        ],
      ],
    },
  );
});

test('a plain class of pytest gets what pytest has, where the test asks for it already', () => {
  const body = (asked: string) => `    def test_a(self${asked}):\n        os.chdir("/")\n        assert os.listdir()\n`;
  fixes(
    { 'tests/test_a.py': `${HEAD}class TestA:\n${body('')}`, 'tests/test_b.py': `${HEAD}class TestB:\n${body(', monkeypatch')}` },
    { 'tests/test_b.py': [['os.chdir', 'monkeypatch.chdir']] },
  );
});

test('no line goes beside a statement that shares its own', () => {
  fixes({
    'tests/test_lines.py': `${HEAD}class TestLines(unittest.TestCase):
    def test_env(self): os.environ["HOME"] = "/x"
    def test_patch(self): mock.patch("os.path.exists").start()
    def test_folder(self): spool = tempfile.mkdtemp(); print(spool)
    def test_cwd(self): os.chdir("/")

    def test_two(self):
        mock.patch("os.path.exists").start(); mock.patch("os.path.isdir").start()

    def test_condition(self):
        if os.name: spool = tempfile.mkdtemp()

    def test_loop(self):
        for it in ("/", "/tmp"): os.chdir(it)

    def test_raises(self):
        with self.assertRaises(OSError) as caught: os.stat("/x"); self.assertEqual(2, caught.exception.errno)

    def test_each(self):
        return [mock.patch(it).start() for it in ("os.path.exists", "os.path.isdir")]
`,
  });
});

test('patchers of one function get names of their own', () => {
  fixes(
    {
      'tests/test_a.py': `${HEAD}class TestNames(unittest.TestCase):
    def test_two(self):
        one = mock.patch("os.path.exists").start()
        other, third = mock.patch("shutil.rmtree").start(), mock.patch("ntpath.exists").start()
        self.assertIsNot(one, other, third)

    def test_wrong(self):
        wrong = mock.patch("os.path.exists").start()
        worse = mock.patch("os.path.isdir").start()
        self.addCleanup(wrong.stop)
        self.addCleanup(worse.stop)
`,
    },
    {
      'tests/test_a.py': [
        [
          'one = mock.patch("os.path.exists").start()\n',
          'exists_patcher = mock.patch("os.path.exists")\n        one = exists_patcher.start()\n        self.addCleanup(exists_patcher.stop)\n',
        ],
        [
          'other, third = mock.patch("shutil.rmtree").start(), mock.patch("ntpath.exists").start()\n',
          'rmtree_patcher = mock.patch("shutil.rmtree")\n        exists_patcher_2 = mock.patch("ntpath.exists")\n        other, third = rmtree_patcher.start(), exists_patcher_2.start()\n        self.addCleanup(rmtree_patcher.stop)\n        self.addCleanup(exists_patcher_2.stop)\n',
        ],
        ['wrong = mock.patch("os.path.exists").start()', 'exists_patcher = mock.patch("os.path.exists")\n        wrong = exists_patcher.start()'],
        ['worse = mock.patch("os.path.isdir").start()', 'isdir_patcher = mock.patch("os.path.isdir")\n        worse = isdir_patcher.start()'],
        ['wrong.stop', 'exists_patcher.stop'],
        ['worse.stop', 'isdir_patcher.stop'],
      ],
    },
  );
});

test('an assertion stays in its block where it needs what the block would bind, where what follows may raise, and where it may never have held', () => {
  fixes({
    'tests/test_a.py': `${HEAD}def test_number():
    with pytest.raises(ValueError):
        number = int("x")
        assert number is not None


def test_report(report):
    with pytest.raises(LookupError) as caught:
        report.send("harbour")
        report.confirm()
        assert caught.value.code == 3


def test_refusal(report, audit):
    with pytest.raises(LookupError):
        report.send("harbour")
        audit.assert_called_once_with("harbour")


def test_text(report):
    with pytest.raises(LookupError) as caught:
        report.send("harbour")
        assert "harbour" in caught
`,
  });
});

test('an assertion of a mock is no value', () => {
  fixes({
    'tests/test_a.py': `${HEAD}def test_order():
    record = mock.Mock()
    seen = record.called_with(1)
    assert record.called_with(1) is seen
`,
  });
});

test('a class of mocks that may stand for a class stays one', () => {
  fixes({
    'tests/test_a.py': `${HEAD}class TestShip(unittest.TestCase):
    @mock.patch("harbour.Ship", mock.Mock)
    def setUp(self):
        self.ship = make()

    def test_a(self):
        self.ship.load.assert_called_once_with()
`,
  });
});

test('nothing newer than the lowest Python of the project', () => {
  const text = `${HEAD}class TestOld(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        mock.patch("os.path.exists").start()

    def test_a(self):
        with tempfile.NamedTemporaryFile(delete=False) as spool:
            spool.write(b"wheat")
`;
  const project = (python: string) => `[project]\nname = "harbour"\nrequires-python = "${python}"\n`;
  fixes({ 'pyproject.toml': project('>=3.6'), 'tests/test_a.py': text });
  fixes(
    { 'pyproject.toml': project('>=3.8'), 'tests/test_a.py': text },
    {
      'tests/test_a.py': [
        ['import os\n', 'import pathlib\nimport os\n'],
        ['mock.patch("os.path.exists").start()', 'patcher = mock.patch("os.path.exists")\n        patcher.start()\n        cls.addClassCleanup(patcher.stop)'],
        ['as spool:\n', 'as spool:\n            self.addCleanup(pathlib.Path(spool.name).unlink, missing_ok=True)\n'],
      ],
    },
  );
});

test('an import is added where the name is free, and means the module', () => {
  const text = 'class TestShip(unittest.TestCase):\n    def test_a(self):\n        spool = tempfile.mkdtemp()\n        self.assertTrue(spool)\n';
  const added = ['import tempfile', 'import shutil\nimport tempfile'] as const;
  fixes(
    {
      'tests/test_assigned.py': `import tempfile\nimport unittest\n\nshutil = 6\n\n\n${text}`,
      'tests/test_alias.py': `import tempfile\nimport unittest\nimport harbour as shutil\n\n\n${text}`,
      'tests/test_from.py': `import tempfile\nimport unittest\nfrom harbour import (\n    berth,\n    shutil,\n)\n\n\n${text}`,
      'tests/test_local.py': `import tempfile\nimport unittest\n\n\n${text}        import shutil\n`,
      'tests/test_parameter.py': `import tempfile\nimport unittest\n\n\n${text.replace('(self)', '(self, shutil=None)')}`,
      'tests/test_other_name.py': `import tempfile\nimport unittest\nimport shutil as sh\n\n\n${text}`,
      'tests/test_docstring.py': `"""\nimport shutil\nfrom the harbour.\n"""\nimport tempfile, unittest\n\n\n${text}`,
      'tests/test_there.py': `import os, shutil\nimport tempfile\nimport unittest\n\n\n${text}`,
      'tests/test_try.py': `import tempfile\nimport unittest\n\ntry:\n    import shutil\nexcept ImportError:\n    raise\n\n\n${text}`,
    },
    {
      'tests/test_other_name.py': [added, REMOVED],
      'tests/test_docstring.py': [added, REMOVED],
      'tests/test_there.py': [REMOVED],
      'tests/test_try.py': [REMOVED],
    },
  );
});

/** Files of the suites that have findings with safe fixes. */
const FILES = {
  nova: [
    'fixtures/api_paste.py',
    'fixtures/policy.py',
    'functional/libvirt/test_numa_servers.py',
    'functional/test_servers.py',
    'unit/api/openstack/compute/test_availability_zone.py',
    'unit/image/test_glance.py',
    'unit/objects/test_objects.py',
    'unit/policies/test_limits.py',
    'unit/test_conf.py',
    'unit/virt/disk/test_api.py',
  ],
  cpython: [
    'test__xxsubinterpreters.py',
    'test_asyncio/test_sock_lowlevel.py',
    'test_asyncio/test_subprocess.py',
    'test_contextlib_async.py',
    'test_dbm.py',
    'test_interpreters.py',
    'test_kqueue.py',
    'test_mmap.py',
    'test_peg_generator/test_pegen.py',
    'test_shutil.py',
    'test_unicode_file_functions.py',
    'test_urllib2.py',
    'test_winconsoleio.py',
  ],
} as const;

function settled(engine: Engine, path: string, text: string, root: string): Review {
  engine.put(path, text);
  let review = engine.review(path);
  for (let wanted = engine.wanted(); wanted.length > 0; wanted = engine.wanted()) {
    for (const it of wanted) engine.put(it, existsSync(join(root, it)) ? readFileSync(join(root, it), 'utf8') : undefined);
    review = engine.review(path);
  }
  return review;
}

/** Findings by rule, kind and message: lines move. */
function tally(review: Review): Map<string, number> {
  const counts = new Map<string, number>();
  for (const it of findingsOf(review)) {
    if (it.kind === 'pass' || it.kind === 'open') continue;
    const key = `${it.rule} ${it.kind}`;
    counts.set(key, (counts.get(key) ?? 0) + 1);
  }
  return counts;
}

const broken = (review: Review) => review.blind.filter((it) => it.what === 'syntax-error').length;

for (const name of ['nova', 'cpython'] as const) {
  const found = corpus(name);
  const skip = 'skipped' in found ? found.skipped : false;
  test(`safe fixes on the tests of ${name}`, { skip, timeout: 600_000 }, async (context) => {
    if ('skipped' in found) return;
    const { root, tests } = found;
    const engine = await newEngine();
    const prefix = tests.slice(root.length + 1);
    let count = 0;
    for (const inside of FILES[name]) {
      const path = `${prefix}/${inside}`;
      const text = readFileSync(join(root, path), 'utf8');
      const before = settled(engine, path, text, root);
      const counted = tally(before);
      for (const finding of findingsOf(before)) {
        const { fix } = finding;
        if (fix?.safety !== 'safe') continue;
        count += 1;
        checkFix(engine, path, root, finding, before, counted, applyFix(text, fix));
      }
      engine.drop(path);
    }
    assert.ok(count > 0, 'the files have safe fixes');
    context.diagnostic(`${count} safe fixes`);
  });
}

function checkFix(engine: Engine, path: string, root: string, finding: PlacedFinding, before: Review, counted: Map<string, number>, changed: string): void {
  const where = `${path}:${finding.line} ${finding.rule}: ${finding.message}`;
  const after = settled(engine, path, changed, root);
  assert.equal(broken(after), broken(before), `${where}\nthe file does not parse as before`);
  const now = tally(after);
  const own = `${finding.rule} ${finding.kind}`;
  assert.ok((now.get(own) ?? 0) < (counted.get(own) ?? 0), `${where}\nthe finding stays`);
  for (const [key, count] of now) assert.ok(key === own || count <= (counted.get(key) ?? 0), `${where}\nsomething new appears: ${key}`);
}
