/** Which files and units an edit touches when facts come from other files, and that hard cases end, in `unknown`. */
import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { test } from 'node:test';
import type { Engine } from '../server/review/engine.ts';
import { findingsOf, type Review } from '../server/review/review.ts';
import { workspaceFiles } from '../server/workspace-files.ts';
import { attest, folder } from './command-line.ts';
import { newEngine } from './harness.ts';

/** Brings what the engine wants until it wants nothing more. */
function settleFiles(engine: Engine, path: string, read: (path: string) => string | undefined): Review {
  for (;;) {
    const result = engine.review(path);
    const wanted = engine.wanted();
    if (wanted.length === 0) return result;
    for (const it of wanted) engine.put(it, read(it));
  }
}

type Files = Readonly<Record<string, string>>;

async function engineOver(files: Files): Promise<Engine> {
  const engine = await newEngine();
  for (const [path, text] of Object.entries(files)) engine.put(path, text);
  return engine;
}

function review(engine: Engine, path: string, files: Files): Review {
  return settleFiles(engine, path, (it) => files[it]);
}

/** What happened since, in units parsed and shown. */
function costOf(engine: Engine, act: () => void): { parsed: number; shown: number } {
  const before = { ...engine.work };
  act();
  return { parsed: engine.work.parsed - before.parsed, shown: engine.work.shown - before.shown };
}

const kinds = (it: Review) => findingsOf(it).map((each) => `${each.code} ${each.kind} ${each.line}`);

// ------------------------------------------------------------------------------------------- recompute

const BASE = `import unittest
from unittest import mock


class Base(unittest.TestCase):
    def setUp(self):
        super().setUp()
        self.addCleanup(mock.patch.stopall)

    def test_of_its_own(self):
        self.assertTrue(self.id())
`;

const HELPERS = `import os


def command(name):
    return 'sync ' + name


def test_of_helpers():
    assert command('a')
`;

const WORKSPACE: Files = {
  'tests/base.py': BASE,
  'tests/helpers.py': HELPERS,
  'tests/test_patch.py': `from unittest import mock
from tests import base


class TestPatch(base.Base):
    def test_one(self):
        mock.patch('app.run').start()

    def test_two(self):
        self.assertEqual(1, 1 + 0)
`,
  'tests/test_command.py': `import subprocess
from tests.helpers import command


def test_sync():
    subprocess.run(command('x'), shell=True)
`,
  'tests/test_alone.py': 'def test_alone():\n    assert open\n',
};

const TESTS = Object.keys(WORKSPACE).filter((it) => /test_\w+\.py$/.test(it));

test('a body of a test in a helper changes nobody else', async () => {
  const engine = await engineOver(WORKSPACE);
  for (const it of TESTS) review(engine, it, WORKSPACE);
  engine.outdated();
  const cost = costOf(engine, () => {
    engine.put('tests/base.py', BASE.replace('self.assertTrue(self.id())', 'self.assertFalse(self.id())'));
    assert.deepEqual(engine.outdated(), []);
    for (const it of TESTS) review(engine, it, WORKSPACE);
  });
  assert.deepEqual(cost, { parsed: 0, shown: 0 });
});

test('an edited base class changes the findings of the tests that use it, and of no others', async () => {
  const engine = await engineOver(WORKSPACE);
  const before = Object.fromEntries(TESTS.map((it) => [it, review(engine, it, WORKSPACE)]));
  engine.outdated();
  const files = { ...WORKSPACE, 'tests/base.py': BASE.replace('        self.addCleanup(mock.patch.stopall)\n', '') };
  const cost = costOf(engine, () => {
    engine.put('tests/base.py', files['tests/base.py']);
    assert.deepEqual(engine.outdated(), ['tests/test_patch.py']);
    const after = review(engine, 'tests/test_patch.py', files);
    assert.ok(kinds(before['tests/test_patch.py'] as Review).includes('MCK001 informational 7'), 'the base stops patches');
    assert.ok(kinds(after).includes('MCK001 review 7') || kinds(after).includes('MCK001 fail 7'), kinds(after).join('\n'));
    for (const it of ['tests/test_command.py', 'tests/test_alone.py']) assert.equal(review(engine, it, files), before[it], `${it} is not done again`);
  });
  // The set-up of the base is new text; the units of the test are shown again from what was parsed before.
  assert.ok(cost.parsed <= 2, `${cost.parsed} units parsed`);
  assert.ok(cost.shown <= 6, `${cost.shown} units shown`);
});

/** The kind of what is said of a folder that a file leaves, after each of the texts that it has in turn; they are those of a fresh engine. */
async function kindsOfSpool(engine: Awaited<ReturnType<typeof newEngine>>, texts: readonly string[]): Promise<string[]> {
  const said: string[] = [];
  for (const it of texts) {
    engine.put('tests/test_spool.py', it);
    const found = engine.review('tests/test_spool.py');
    const fresh = await newEngine();
    fresh.put('tests/test_spool.py', it);
    assert.deepEqual(found, fresh.review('tests/test_spool.py'), it);
    said.push(findingsOf(found).find((each) => each.code === 'RES025')?.kind ?? '');
  }
  return said;
}

test('who uses a function is known whichever test is typed in, and costs its unit only', async () => {
  const text = (first: string, second: string, loose = '') => `import os
import unittest
${loose}

def spool():
    os.mkdir('/tmp/spool')


def outer():
    spool()


class TestSpool(unittest.TestCase):
    ${first}

    ${second}
`;
  const [idle, calls, passes] = ['def test_a(self):\n        self.id()', 'def test_a(self):\n        outer()', 'def test_a(self):\n        self.id(outer)'];
  const [other, skipped] = ['def test_b(self):\n        assert open', "@unittest.skip('flaky')\n    def test_b(self):\n        spool()"];
  const run = skipped.replace("@unittest.skip('flaky')\n    ", '');
  const texts = [
    text(idle, other),
    text(calls, other),
    text(passes, other),
    text(idle, other),
    text(idle, run),
    text(idle, skipped),
    text(idle, skipped.replace('spool()', '"typed')),
    text(idle, skipped),
    text(idle, skipped, 'TABLE = [outer]'),
    text(idle, other, 'TABLE = [id]'),
    text(idle, other, 'import'),
    text(calls, other, 'import'),
    text(calls, `def test_b(self):\n        getattr(self, 'test_' + 'a')`),
    text(idle, `def test_b(self):\n        getattr(self, 'test_' + 'a')`),
    text(idle, other),
  ];
  const engine = await newEngine();
  const said = await kindsOfSpool(engine, [...texts, ...[...texts].reverse(), ...texts.filter((_, index) => index % 3 === 0)]);
  assert.deepEqual(said.slice(0, 9), [
    'informational',
    'review',
    'review',
    'informational',
    'review',
    'informational',
    'informational',
    'informational',
    'review',
  ]);
  engine.put('tests/test_spool.py', text(idle, other));
  engine.review('tests/test_spool.py');
  const cost = (it: string) =>
    costOf(engine, () => {
      engine.put('tests/test_spool.py', it);
      engine.review('tests/test_spool.py');
    });
  const named = text(idle, other.replace('open', 'print'));
  assert.equal(cost(named).shown, 1, 'a test that says nothing of it');
  assert.equal(cost(text(calls, other.replace('open', 'print'))).shown, 2, 'the test, and the function that is used now');
});

test('who asks for a fixture is known whichever test is typed in', async () => {
  const text = (test: string, autouse = '') => `import os
import pytest


@pytest.fixture(name='spool')
def fixture_of_spool():
    os.mkdir('/tmp/spool')


@pytest.fixture${autouse}
def always(spool):
    assert spool is None


${test}


@pytest.mark.skip('flaky')
def test_skipped(spool):
    assert spool is None
`;
  const [asks, other, skipped] = ['def test_a(spool):\n    assert open', 'def test_a():\n    assert open', '@pytest.mark.skip\ndef test_a():\n    assert open'];
  const computed = 'def test_a(request):\n    request.getfixturevalue("spo" + "ol")';
  const bodies = [
    other,
    asks,
    skipped,
    computed,
    other,
    'class TestA(Other):\n    pass',
    other,
    '@pytest.mark.usefixtures("spool")\ndef test_a():\n    assert open',
    skipped,
  ];
  const texts = bodies.flatMap((it) => [text(it), text(it, '(autouse=True)')]);
  texts.push(...bodies.map((it) => text(`pytestmark = pytest.mark.usefixtures("spool")\n\n\n${it}`)));
  const engine = await newEngine();
  const said = await kindsOfSpool(engine, [
    ...texts,
    ...[...texts].reverse(),
    ...bodies.map((body) => text(body)),
    ...bodies.map((body) => text(body, '(autouse=True)')),
  ]);
  assert.deepEqual(said.slice(0, 8), ['informational', 'review', 'review', 'review', 'informational', 'informational', 'review', 'review']);
});

test('what is around a place that names a helper is known whichever line of it is typed in', async () => {
  const load = "import requests\n\n\ndef load():\n    return requests.get('https://api.bigcorp.com/x', verify=False)\n\n\ndef test_a():\n";
  const patch = "    with mock.patch('requests.get'):\n";
  const inner = (what: string) => `    @mock.patch(\n        '${what}',\n    )\n    def inner(get):\n        return load()\n    assert inner()\n`;
  const two = (what: string) => `    with mock.patch('os.getcwd', lambda: 1), \\\n            mock.patch('${what}'):\n        assert load()\n`;
  const edits = [
    [`${patch}        print(1)\n        assert load()\n`, `${patch}        print(1)\n    if True:\n        assert load()\n`],
    ['get', 'post'].map((it) => `    target = 'requests.${it}'\n    with mock.patch(target):\n        assert load()\n`),
    [two('requests.get'), two('requests.post')],
    [inner('requests.get'), inner('requests.post')],
  ];
  for (const [before = '', after = ''] of edits) {
    const engine = await newEngine();
    const said = [before, after, before].map((body) => {
      engine.put('tests/unit/test_a.py', `from unittest import mock\n${load}${body}`);
      return kinds(review(engine, 'tests/unit/test_a.py', {})).some((it) => it.startsWith('NET006 fail'));
    });
    assert.deepEqual(said, [false, true, false], after);
  }
  const engine = await newEngine();
  const said = ['mock', 'stub as mock'].map((it) => {
    engine.put('tests/unit/test_a.py', `${load}    from unittest import ${it}\n${patch}        assert load()\n`);
    return kinds(review(engine, 'tests/unit/test_a.py', {})).some((each) => each.startsWith('NET006 fail'));
  });
  assert.deepEqual(said, [false, true]);
});

test('what another test gives back, and who reads a variable, is known whichever test is typed in', async () => {
  const text = (above: string, below: string, script = 'print(os.environ["STAGE"])') => `import os
from unittest import mock
from harbour import settings


def test_above():
    ${above}


def test_changed(stage):
    settings.Account.owner = mock.Mock()
    os.environ['STAGE'] = str(stage)


def test_below(stage):
    ${below}


if __name__ == '__main__':
    ${script}
`;
  const back = 'settings.Account.owner = None';
  const texts = [
    text('pass', back),
    text('pass', 'settings.Account.owner = 1'),
    text('pass', back),
    text(back, 'pass'),
    text(back, back),
    text(back, `${back}\n    print(os.environ['STAGE'])`),
    text(back, `${back}\n    os.environ['STAGE'] = str(stage)`),
    text(back, back, 'print(os)'),
    text(back, 'settings.Account.owner = None.x'),
  ];
  const files: Files = { 'harbour/settings.py': 'class Account:\n    owner = None\n' };
  const engine = await newEngine();
  const said: string[] = [];
  for (const it of [...texts, ...[...texts].reverse(), ...texts.filter((_, index) => index % 2 === 0)]) {
    engine.put('tests/test_crane.py', it);
    const found = review(engine, 'tests/test_crane.py', files);
    const fresh = await newEngine();
    fresh.put('tests/test_crane.py', it);
    assert.deepEqual(found, review(fresh, 'tests/test_crane.py', files), it);
    said.push(['MCK005', 'MCK006'].map((code) => findingsOf(found).find((each) => each.code === code)?.kind ?? '').join());
  }
  assert.deepEqual(said.slice(0, 8), [
    'review,informational',
    'fail,informational',
    'review,informational',
    'fail,informational',
    'review,informational',
    'review,review',
    'review,informational',
    'review,review',
  ]);
});

test('what bodies of tests say to other units is asked again as they are edited', async () => {
  const tells = (body: string) =>
    `def test_moor(quay):\n    try:\n        quay.moor()\n        return True\n    except Exception as error:\n        print(error)\n    return False\n\ndef test_all(quay):\n    ${body}\n    assert quay\n`;
  const pool = (body: string) =>
    `import concurrent.futures\nimport pytest\n\n@pytest.fixture\ndef pool():\n    return concurrent.futures.ThreadPoolExecutor()\n\ndef test_load(pool, quay):\n    ${body}\n`;
  const rogue = (body: string) =>
    `import sys\nimport types\n\ndef test_rogue(run):\n    sys.modules['rogue'] = types.ModuleType('rogue')\n    assert run()\n\ndef test_other(run):\n    ${body}\n`;
  const override = (asked: string) =>
    `import pytest\nfrom harbour.auth import get_current_user\nfrom harbour.main import app\n\n@pytest.fixture\ndef master():\n    app.dependency_overrides[get_current_user] = lambda: 'ada'\n\n@pytest.fixture\ndef clean():\n    yield\n    app.dependency_overrides.clear()\n\ndef test_list(${asked}):\n    assert app\n`;
  const engine = await newEngine();
  for (const it of [
    ...['master', 'master, clean', 'master', '\n    master,  # one():\n    clean,\n', '\n    master,  # one():\n    cleen,\n'].map(override),
    ...['run = test_moor', 'test_moor(quay)', 'run = test_moor'].map(tells),
    ...['assert quay', 'assert quay.load(pool)', 'assert quay'].map(pool),
    ...['assert run()', "assert run('rogue')", 'assert run()'].map(rogue),
  ]) {
    engine.put('tests/test_quay.py', it);
    const fresh = await newEngine();
    fresh.put('tests/test_quay.py', it);
    assert.deepEqual(engine.review('tests/test_quay.py'), fresh.review('tests/test_quay.py'), it);
  }
});

test('what a helper returns decides a finding elsewhere, and the trail leads there', async () => {
  const engine = await engineOver(WORKSPACE);
  const harmless = review(engine, 'tests/test_command.py', WORKSPACE);
  assert.ok(!findingsOf(harmless).some((it) => it.message.includes('from the environment')), kinds(harmless).join('\n'));
  const files = { ...WORKSPACE, 'tests/helpers.py': HELPERS.replace("'sync ' + name", "'sync ' + os.environ['TARGET']") };
  engine.put('tests/helpers.py', files['tests/helpers.py']);
  assert.deepEqual(engine.outdated(), ['tests/test_command.py']);
  const found = findingsOf(review(engine, 'tests/test_command.py', files)).find((it) => it.message.includes('from the environment'));
  assert.ok(found !== undefined, 'a value from the environment reaches a shell');
  assert.deepEqual(
    found.trail.map((it) => `${it.path}:${it.line} ${it.note}`),
    ['tests/helpers.py:5 comes from the environment', 'tests/test_command.py:6 through `command`'],
  );
});

test('a conftest that comes later is used, and what it stubs is known', async () => {
  const files: Files = {
    'tests/unit/test_net.py': `import requests


def test_get(http):
    http.get('https://tides.corp.net/', verify=False)
`,
  };
  const engine = await engineOver(files);
  const without = kinds(review(engine, 'tests/unit/test_net.py', files));
  const later = { ...files, 'tests/conftest.py': 'import pytest\nimport requests\n\n\n@pytest.fixture\ndef http():\n    return requests.Session()\n' };
  engine.put('tests/conftest.py', later['tests/conftest.py']);
  assert.deepEqual(engine.outdated(), ['tests/unit/test_net.py']);
  const found = kinds(review(engine, 'tests/unit/test_net.py', later));
  assert.ok(!without.some((it) => it.startsWith('NET006')) && found.some((it) => it.startsWith('NET006')), found.join('\n'));
  const stubbing = {
    ...later,
    'tests/conftest.py': `${later['tests/conftest.py'] ?? ''}\n\n@pytest.fixture(autouse=True)\ndef offline(monkeypatch):\n    monkeypatch.setattr(requests.Session, 'get', print)\n`,
  };
  engine.put('tests/conftest.py', stubbing['tests/conftest.py']);
  const stubbed = kinds(review(engine, 'tests/unit/test_net.py', stubbing));
  assert.ok(!stubbed.some((it) => /^NET006 (?:fail|review)/.test(it)), stubbed.join('\n'));
});

test('a docstring that is opened and closed costs the rest of the file once', async () => {
  const members = Array.from({ length: 40 }, (_, it) => `    def test_${it}(self):\n        self.assertEqual(${it}, self.made())\n`);
  const [above, below] = [members.slice(0, 20).join('\n'), members.slice(20).join('\n')];
  const text = (middle: string) =>
    `import unittest\n\n\nclass TestA(unittest.TestCase):\n    def made(self):\n        return 1\n\n${above}\n${middle}\n${below}\n    def helper(self):\n        pass\n`;
  const engine = await newEngine();
  const put = (middle: string) => {
    engine.put('tests/test_a.py', text(middle));
    return engine.review('tests/test_a.py');
  };
  put('    def test_new(self):\n        ');
  assert.ok(costOf(engine, () => put('    def test_new(self):\n        """Typed')).shown > 20, 'what is below is gone');
  const closed = '    def test_new(self):\n        """Typed."""';
  assert.deepEqual(
    costOf(engine, () => put(closed)),
    { parsed: 1, shown: 1 },
  );
  const fresh = await newEngine();
  fresh.put('tests/test_a.py', text(closed));
  assert.deepEqual(put(closed), fresh.review('tests/test_a.py'));
});

test('what a file looked into two changes ago is nothing to it', async () => {
  const text = (module: string) =>
    `import unittest\nfrom pkg.${module} import Base\n\n\nclass TestA(Base):\n    def test_it(self):\n        self.assertTrue(self.x)\n`;
  const files = Object.fromEntries(['a', 'b', 'c'].map((it) => [`pkg/${it}.py`, 'import unittest\nclass Base(unittest.TestCase):\n    pass\n']));
  const engine = await engineOver(files);
  for (const it of ['a', 'b', 'c']) {
    engine.put('tests/test_a.py', text(it));
    review(engine, 'tests/test_a.py', files);
  }
  engine.outdated();
  engine.put('pkg/a.py', 'class Base:\n    x = 1\n');
  assert.deepEqual(engine.outdated(), []);
  engine.put('pkg/c.py', 'class Base:\n    x = 1\n');
  assert.deepEqual(engine.outdated(), ['tests/test_a.py']);
  // And what it looked into before the last change is followed, should that be undone.
  review(engine, 'tests/test_a.py', files);
  engine.put('tests/test_a.py', text('b'));
  review(engine, 'tests/test_a.py', files);
  engine.put('pkg/c.py', files['pkg/c.py']);
  engine.put('tests/test_a.py', text('c'));
  const fresh = await engineOver(files);
  fresh.put('tests/test_a.py', text('c'));
  assert.deepEqual(review(engine, 'tests/test_a.py', files), review(fresh, 'tests/test_a.py', files));
});

test("a project's own file moves the place where imports begin", async () => {
  const files: Files = {
    'tests/test_a.py': 'from pkg.base import Base\n\n\nclass TestA(Base):\n    def test_a(self):\n        self.assertTrue(self.id())\n',
    'python/pkg/base.py': 'import unittest\n\n\nclass Base(unittest.TestCase):\n    pass\n',
  };
  const engine = await engineOver(files);
  assert.ok(
    kinds(review(engine, 'tests/test_a.py', files)).some((it) => it.startsWith('RES-U01')),
    'the base is not found',
  );
  const later = { ...files, 'pyproject.toml': '[tool.setuptools.packages.find]\nwhere = ["python"]\n' };
  engine.put('pyproject.toml', later['pyproject.toml']);
  assert.deepEqual(engine.outdated(), ['tests/test_a.py']);
  assert.ok(!kinds(review(engine, 'tests/test_a.py', later)).some((it) => it.startsWith('RES-U01')));
});

test('guarantees that configuration adds count, and the verdict says so', async () => {
  const text =
    "from unittest import mock\nfrom corp.testing import Case\n\n\nclass TestA(Case):\n    def test_a(self):\n        mock.patch('app.run').start()\n";
  const plain = await newEngine();
  plain.put('tests/test_a.py', text);
  const without = settleFiles(plain, 'tests/test_a.py', () => undefined);
  const trusting = await newEngine(undefined, { guarantees: { 'corp.testing.Case': ['stopall'] } });
  trusting.put('tests/test_a.py', text);
  const review = settleFiles(trusting, 'tests/test_a.py', () => undefined);
  assert.ok(kinds(without).includes('MCK-U02 open 7'), kinds(without).join('\n'));
  assert.ok(!kinds(review).includes('MCK-U02 open 7'), kinds(review).join('\n'));
  assert.deepEqual(review.notes, ['The verdict rests on guarantees that configuration adds: of `corp.testing.Case`']);
  assert.deepEqual(without.notes, []);
});

test('guarantees of the configuration reach the command line', () => {
  const root = folder({
    'pyproject.toml': '[tool.attest.guarantees]\n"corp.testing.Case" = ["stopall"]\n',
    'tests/test_a.py':
      "from unittest import mock\nfrom corp.testing import Case\n\n\nclass TestA(Case):\n    def test_a(self):\n        mock.patch('app.run').start()\n",
  });
  const { out } = attest(root, 'review', '--format', 'markdown', 'tests');
  assert.match(out, /guarantees that configuration adds: of `corp\.testing\.Case`/);
});

// ------------------------------------------------------------------------------------------ hard cases

test('modules that import each other, and classes that are their own bases, end', async () => {
  const files: Files = {
    'tests/test_cycle.py': 'from tests.a import A, made\n\n\nclass TestC(A):\n    def test_c(self):\n        made().go().go()\n        self.x.y()\n',
    'tests/a.py': 'from tests.b import B, made\nfrom tests.b import *\n\n\nclass A(B):\n    x = made()\n',
    'tests/b.py': 'from tests.a import A\nfrom tests.a import *\n\n\nclass B(A):\n    pass\n\n\ndef made():\n    return made()\n',
  };
  const engine = await engineOver(files);
  const cost = costOf(engine, () => assert.deepEqual(review(engine, 'tests/test_cycle.py', files).faults, []));
  assert.ok(cost.parsed <= 20, `${cost.parsed} units parsed`);
});

test('what a string says in place of a module is no path', async () => {
  const targets = ['.pkg.store.save', '..pkg.store.save', 'pkg..store.save', '/etc/hosts.save', '../../etc/hosts.save', '\\\\host\\share.save', ' .save', '.'];
  const lines = targets.flatMap((it, index) => [
    `    @mock.patch(${JSON.stringify(it)})`,
    `    def test_${index}(self, it):`,
    '        it.assert_called_once_with()',
    '',
  ]);
  const engine = await engineOver({
    'tests/test_a.py': `import unittest\nfrom unittest import mock\n\n\nclass TestA(unittest.TestCase):\n${lines.join('\n')}`,
  });
  const { faults } = engine.review('tests/test_a.py');
  assert.deepEqual(faults, []);
  const wanted = engine.wanted();
  assert.ok(wanted.includes('pkg.py'), wanted.join());
  assert.deepEqual(
    wanted.filter((it) => it.startsWith('/') || it.includes('//') || it.includes('..') || it.includes('\\')),
    [],
  );
});

test('re-exports without end, and a package of star imports, end', async () => {
  const files: Record<string, string> = {
    'tests/test_re.py': 'from pkg.m0 import name\nfrom stars import thing\n\n\ndef test_a():\n    name.go()\n    thing.go()\n',
  };
  for (let index = 0; index < 60; index++) files[`pkg/m${index}.py`] = `from pkg.m${(index + 1) % 60} import name\n`;
  for (let index = 0; index < 40; index++) files[`stars/m${index}.py`] = Array.from({ length: 40 }, (_, it) => `from stars.m${it} import *`).join('\n');
  files['stars/__init__.py'] = Array.from({ length: 40 }, (_, it) => `from stars.m${it} import *`).join('\n');
  const engine = await engineOver({ 'tests/test_re.py': files['tests/test_re.py'] ?? '' });
  const cost = costOf(engine, () => assert.deepEqual(review(engine, 'tests/test_re.py', files).faults, []));
  assert.ok(cost.parsed <= 2_000, `${cost.parsed} units parsed`);
});

test('a name that a package takes from its modules by stars is not looked for as a module of each of them', async () => {
  const stars = Array.from({ length: 12 }, (_, it) => `from pkg.m${it} import *\n`).join('');
  const files: Record<string, string> = {
    'tests/test_stars.py':
      'import unittest\nimport pkg\n\n\nclass TestA(pkg.C11):\n    def test_a(self):\n        pkg.missing().go()\n        self.x.go()\n\n\nclass TestB(pkg.C12):\n    def test_b(self):\n        pass\n',
    'pkg/__init__.py': stars,
  };
  for (let index = 0; index < 12; index++)
    files[`pkg/m${index}.py`] = `import unittest\n\n\nclass C${index}(unittest.TestCase):\n    def setUp(self):\n        pass\n`;
  const engine = await newEngine();
  engine.put('tests/test_stars.py', files['tests/test_stars.py']);
  const asked: string[] = [];
  const found = settleFiles(engine, 'tests/test_stars.py', (it) => {
    asked.push(it);
    return files[it];
  });
  assert.deepEqual(
    findingsOf(found).flatMap((it) => (it.kind === 'open' ? it.line : [])),
    [11],
  );
  assert.deepEqual(
    asked.filter((it) => /m\d+\/m\d+/.test(it)),
    [],
  );
});

test('a generated module of 5 MB costs the units that are asked for', async () => {
  const rows = Array.from({ length: 60_000 }, (_, index) => `CONSTANT_${index} = {'key': 'value number ${index}', 'other': [${index}, ${index}]}\n`).join('');
  const classes = Array.from(
    { length: 4_000 },
    (_, index) => `class Generated${index}(Base):\n    def method_${index}(self):\n        return ${index}\n\n\n`,
  ).join('');
  const text = `class Base:\n    def go(self):\n        return 1\n\n\n${classes}${rows}`;
  assert.ok(text.length > 4_500_000, `${text.length} characters`);
  const files: Files = {
    'tests/test_big.py': 'from tests.generated import Generated7\n\n\ndef test_a():\n    Generated7().go()\n',
    'tests/generated.py': text,
  };
  const engine = await engineOver({ 'tests/test_big.py': files['tests/test_big.py'] ?? '' });
  const cost = costOf(engine, () => assert.deepEqual(review(engine, 'tests/test_big.py', files).faults, []));
  assert.ok(cost.shown <= 4, `${cost.shown} units shown`);
});

test('a constant that asks for the arguments of the process makes a script of the file, whoever names it', async () => {
  const text = (first: string) => `import sys\nimport requests\n${first}\n\ndef run():\n    return requests.get('https://api.bigcorp.com/x', timeout=5)\n`;
  const engine = await newEngine();
  const said = ['', 'PORT = sys.argv[1]\n', ''].map((it) => {
    engine.put('tests/server.py', text(it));
    return findingsOf(engine.review('tests/server.py', { anyFile: true })).map(({ rule }) => rule);
  });
  assert.deepEqual(said, [['network/public-host-contacted'], [], ['network/public-host-contacted']]);
});

test('a package without __init__ is found, a missing file is asked for once', async () => {
  const files: Files = {
    'tests/test_ns.py':
      'import unittest\nfrom ns.inner.base import Base\nfrom ns import gone\nfrom nowhere import lost\n\n\nclass TestN(Base):\n    def test_n(self):\n        gone.x(); lost.y()\n',
    'ns/inner/base.py': 'import unittest\n\n\nclass Base(unittest.TestCase):\n    pass\n',
  };
  const engine = await engineOver({ 'tests/test_ns.py': files['tests/test_ns.py'] ?? '' });
  const asked: string[] = [];
  const result = settleFiles(engine, 'tests/test_ns.py', (it) => {
    asked.push(it);
    return files[it];
  });
  assert.ok(!kinds(result).some((it) => it.startsWith('RES-U01')), kinds(result).join('\n'));
  assert.equal(new Set(asked).size, asked.length, 'no path is asked for twice');
  assert.ok(asked.length <= 120, `${asked.length} paths`);
});

test('deep chains of attributes, calls and bases end', async () => {
  const bases = Array.from({ length: 300 }, (_, index) => `class C${index + 1}(C${index}):\n    pass\n\n\n`).join('');
  const functions = Array.from({ length: 300 }, (_, index) => `def f${index + 1}(x):\n    return f${index}(x)\n\n\n`).join('');
  const text = `import os\nimport subprocess\n\n\nclass C0:\n    pass\n\n\n${bases}def f0(x):\n    return x\n\n\n${functions}def test_deep():\n    C300()${'.a'.repeat(800)}()\n    subprocess.run(f300(os.environ['A']), shell=True)\n    x = os${'.b()'.repeat(800)}\n    x.go()\n`;
  const engine = await newEngine();
  engine.put('tests/test_deep.py', text);
  assert.deepEqual(settleFiles(engine, 'tests/test_deep.py', () => undefined).faults, []);
});

test('diamonds of classes are put in order once each', async () => {
  const layers = Array.from(
    { length: 24 },
    (_, index) =>
      `class L${index + 1}(A${index}, B${index}):\n    pass\n\n\nclass A${index + 1}(L${index + 1}):\n    pass\n\n\nclass B${index + 1}(L${index + 1}):\n    pass\n\n\n`,
  ).join('');
  const text = `import unittest\n\n\nclass A0(unittest.TestCase):\n    pass\n\n\nclass B0(unittest.TestCase):\n    def go(self):\n        pass\n\n\n${layers}class TestD(L24):\n    def test_d(self):\n        self.go()\n`;
  const engine = await newEngine();
  engine.put('tests/test_diamond.py', text);
  const cost = costOf(engine, () => assert.deepEqual(settleFiles(engine, 'tests/test_diamond.py', () => undefined).faults, []));
  assert.ok(cost.shown <= 200, `${cost.shown} units shown`);
});

test('helpers that call each other, two by two, are asked once each', async () => {
  const layers = Array.from({ length: 40 }, (_, at) => ['a', 'b'].map((it) => `def ${it}${at + 1}():\n    a${at}()\n    b${at}()\n\n\n`))
    .flat()
    .join('');
  const text = `import requests\nfrom unittest import mock\n\n\ndef a0():\n    return requests.get('https://api.bigcorp.com/x')\n\n\ndef b0():\n    return a0()\n\n\n${layers}def test_a():\n    with mock.patch('requests.get'):\n        a40()\n        b40()\n`;
  const engine = await newEngine();
  engine.put('tests/unit/test_diamond.py', text);
  const result = settleFiles(engine, 'tests/unit/test_diamond.py', () => undefined);
  assert.ok(!kinds(result).some((it) => it.startsWith('NET')));
});

test('links that lead in circles or out of the root are no files', async (context) => {
  const folder = mkdtempSync(join(tmpdir(), 'attest-links-'));
  context.after(() => rmSync(folder, { recursive: true, force: true }));
  const write = (path: string, text: string) => {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), text);
  };
  write('root/tests/test_a.py', 'from tests.loop import x\nfrom tests.out import y\nfrom tests.around.test_a import z\n\n\ndef test_a():\n    x(); y(); z()\n');
  write('outside.py', 'def y():\n    pass\n');
  symlinkSync('loop.py', join(folder, 'root/tests/loop.py'));
  symlinkSync('../../outside.py', join(folder, 'root/tests/out.py'));
  symlinkSync('.', join(folder, 'root/tests/around'));
  const files = workspaceFiles(join(folder, 'root'));
  assert.equal(files.read('tests/loop.py'), undefined);
  assert.equal(files.read('tests/out.py'), undefined);
  const opened = files.open('tests/test_a.py');
  assert.ok('text' in opened);
  const engine = await newEngine();
  engine.put('tests/test_a.py', opened.text);
  assert.deepEqual(settleFiles(engine, 'tests/test_a.py', files.read).faults, []);
});
