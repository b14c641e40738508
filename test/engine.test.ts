/** What an edit costs, that the answer never depends on how the text came about, and that nothing brings the engine down. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { RULES } from '../rules/index.ts';
import type { Call } from '../rules/model.ts';
import type { Rule } from '../rules/rule.ts';
import { findingsOf } from '../server/review/review.ts';
import { corpus } from './corpus.mjs';
import { newEngine, pythonFiles, ROOT, reviewFiles, settle } from './harness.ts';

const SAMPLE = join(ROOT, 'test/sample');

/** Short ones of a real suite, with imports, constants, bases in other files, decorators and set-ups. */
const SMALL_TESTS = [
  'nova/tests/functional/test_json_filter.py',
  'nova/tests/functional/regressions/test_bug_1689692.py',
  'nova/tests/unit/virt/test_netutils.py',
  'nova/tests/functional/regressions/test_bug_1718455.py',
  'nova/tests/unit/test_cache.py',
];

function seeded(start: number): (below: number) => number {
  let seed = start;
  return (below) => {
    seed = (seed * 1103515245 + 12345) & 0x7fffffff;
    return (seed >> 8) % below;
  };
}

const PYTHON = `import os
import requests
from unittest import mock


class TestA(Base):
    def setUp(self):
        super().setUp()
        self.p = mock.patch('a.b')

    def test_one(self):
        self.p.start()

    def test_two(self):
        requests.get('https://host.corp.net/', verify=False)
`;

test('of two classes of one name the review does not hang on who was asked first', async () => {
  const text = (above: string) =>
    `${above}from oslotest import base\n\n\nclass TestA:\n    pass\n\n\nclass TestA(base.BaseTestCase):\n    def test_a(self):\n        self.assertTrue(self.id())\n`;
  const engine = await newEngine();
  for (const above of ['', 'import sys\n', 'import sys\nimport os\n']) {
    engine.put('tests/test_a.py', text(above));
    const fresh = await newEngine();
    fresh.put('tests/test_a.py', text(above));
    assert.deepEqual(engine.review('tests/test_a.py'), fresh.review('tests/test_a.py'), above);
  }
});

test('typing inside a test parses one unit and shows one unit', async () => {
  const engine = await newEngine();
  engine.put('tests/test_a.py', PYTHON);
  engine.review('tests/test_a.py');
  const before = { ...engine.work };
  engine.put('tests/test_a.py', PYTHON.replace('verify=False', 'verify=True'));
  engine.review('tests/test_a.py');
  assert.deepEqual({ parsed: engine.work.parsed - before.parsed, shown: engine.work.shown - before.shown }, { parsed: 1, shown: 1 });
});

test('a line above moves findings and costs nothing', async () => {
  const engine = await newEngine();
  engine.put('tests/test_a.py', PYTHON);
  const first = findingsOf(engine.review('tests/test_a.py')).map((it) => `${it.rule} ${it.line}`);
  assert.ok(first.length > 0, 'the text has findings');
  const before = { ...engine.work };
  engine.put('tests/test_a.py', `# one more line\n${PYTHON}`);
  const moved = findingsOf(engine.review('tests/test_a.py')).map((it) => `${it.rule} ${it.line - 1}`);
  assert.deepEqual(moved, first);
  assert.deepEqual(engine.work, before);
});

test('undo is free', async () => {
  const engine = await newEngine();
  engine.put('tests/test_a.py', PYTHON);
  const first = engine.review('tests/test_a.py');
  engine.put('tests/test_a.py', PYTHON.replace('self.p.start()', 'self.p.start(1)'));
  engine.review('tests/test_a.py');
  const before = { ...engine.work };
  engine.put('tests/test_a.py', PYTHON);
  assert.deepEqual(engine.review('tests/test_a.py'), first);
  assert.deepEqual(engine.work, before);
});

test('a changed import shows every unit again, and parses one', async () => {
  const engine = await newEngine();
  engine.put('tests/test_a.py', PYTHON);
  engine.review('tests/test_a.py');
  const before = { ...engine.work };
  engine.put('tests/test_a.py', PYTHON.replace('import requests', 'import httpx'));
  engine.review('tests/test_a.py');
  assert.equal(engine.work.parsed - before.parsed, 1);
  assert.ok(engine.work.shown - before.shown > 3);
});

test('the review of a text does not depend on how it was typed', async () => {
  const files = pythonFiles(SAMPLE);
  const typed = await newEngine();
  const fresh = await newEngine();
  let seed = 20240;
  const random = (below: number) => {
    seed = (seed * 1103515245 + 12345) & 0x7fffffff;
    return seed % below;
  };
  const pieces = [
    '(',
    ')',
    '"',
    "'",
    '"""',
    '\n',
    '    ',
    '#',
    'def x(self):\n',
    'class A:\n',
    '@dec\n',
    ':',
    '\\',
    'self.',
    'import os\n',
    '\t',
    '[',
    '{',
    ',',
    '=',
    'f"{',
    'é😀',
    '\r\n',
    'try:\n',
    'else:\n',
  ];
  let edits = 0;
  for (const path of Object.keys(files).filter((it) => /test_[^/]*\.py$/.test(it))) {
    let text = files[path] ?? '';
    typed.put(path, text);
    settle(typed, path, SAMPLE);
    for (let round = 0; round < 60; round++) {
      const at = random(text.length + 1);
      const removed = random(3) === 0 ? random(40) : 0;
      text = text.slice(0, at) + (removed === 0 || random(2) === 0 ? pieces[random(pieces.length)] : '') + text.slice(at + removed);
      if (random(8) === 0) text = files[path] ?? '';
      typed.put(path, text);
      const one = settle(typed, path, SAMPLE);
      fresh.drop(path);
      fresh.put(path, text);
      const other = settle(fresh, path, SAMPLE);
      assert.deepEqual(one, other, `${path} after edit ${round}`);
      assert.deepEqual(one.faults, []);
      edits += 1;
    }
  }
  assert.ok(edits >= 300, `${edits} edits`);
});

/** What is typed where it cannot matter to anybody: it costs itself. */
for (const [what, typed] of Object.entries({
  'the beginning of a method': '\n    def help',
  'an expression': '\n    self.some.thing',
  'an import that nobody uses': '\nimport zoneinfo',
  'a constant that nobody uses': '\nUNUSED_LIMIT = 12',
})) {
  test(`typing ${what} shows no other unit`, async () => {
    const engine = await newEngine();
    const at = typed.startsWith('\n ') ? PYTHON.indexOf('\n    def test_two') : PYTHON.indexOf('\n\n\nclass');
    engine.put('tests/test_a.py', PYTHON);
    engine.review('tests/test_a.py');
    const before = { ...engine.work };
    for (let length = 2; length <= typed.length; length++) {
      const text = PYTHON.slice(0, at) + typed.slice(0, length) + PYTHON.slice(at);
      engine.put('tests/test_a.py', text);
      const fresh = await newEngine();
      fresh.put('tests/test_a.py', text);
      assert.deepEqual(engine.review('tests/test_a.py'), fresh.review('tests/test_a.py'), typed.slice(0, length));
    }
    assert.ok(engine.work.shown - before.shown <= typed.length, `${engine.work.shown - before.shown} shown for ${typed.length} keys`);
  });
}

test('a name that is used changes those who use it, wherever it is bound', async () => {
  const engine = await newEngine();
  const check = (text: string) => {
    engine.put('tests/test_a.py', text);
    return findingsOf(engine.review('tests/test_a.py')).some((it) => it.rule === 'network/certificate-check-off');
  };
  assert.equal(check(PYTHON), true);
  assert.equal(check(PYTHON.replace('import requests\n', '')), false);
  assert.equal(check(PYTHON), true);
  assert.equal(check(PYTHON.replace('import requests\n', 'import requests\nrequests = None\n')), true);
  assert.equal(check(PYTHON.replace('import requests\n', 'import mine as requests\n')), false);
});

test('the review of a real test does not depend on how its imports, headers, constants and decorators were typed', async (t) => {
  const nova = corpus('nova');
  if ('skipped' in nova) return t.skip(nova.skipped);
  const typed = await newEngine();
  const fresh = await newEngine();
  const random = seeded(4711);
  const pick = <T>(all: readonly T[]): T => all[random(all.length)] as T;
  const lines = [
    'import requests',
    'from unittest import mock',
    'from nova import exception, utils',
    'from nova.tests import fixtures as nova_fixtures',
    'LIMIT = 3',
    'PASSWORD = "hunter2hunter2"',
    'CONF.set_override("a", 1)',
    'x',
    'def',
    'def helper(self):',
    'class TestOther(test.TestCase):',
    'class Mixin(object): pass',
    '@mock.patch("nova.utils.execute")',
    '@ddt.ddt',
    'pytestmark = pytest.mark.skip',
    'if True:',
    'from nova.tests import *',
    '"""',
  ];
  const inside = [
    '    x = 1',
    '    USES_NEUTRON = True',
    '    @mock.patch.object(utils, "execute")',
    '    @staticmethod',
    '    def setUp(self):',
    '    def tearDown(self):',
    '    def helper(self):',
    '    de',
    '    def test_new(self):',
    '        self.api = mock.Mock()',
    '        self.addCleanup(self.api.stop)',
    '    self.stub_out',
    '    """doc"""',
  ];
  let edits = 0;
  for (const path of SMALL_TESTS) {
    const original = readFileSync(join(nova.root, path), 'utf8');
    let text = original;
    for (let round = 0; round < 2000 / SMALL_TESTS.length; round++) {
      const rows = text.split('\n');
      const at = random(rows.length);
      const row = rows[at] ?? '';
      const heads = rows.flatMap((it, index) => (/^(?:import|from|class|[A-Z_]+ =|\s*@|\s*def )/.test(it) ? [index] : []));
      switch (random(7)) {
        case 0:
          rows.splice(at, 0, pick(/^\s/.test(row) ? inside : lines));
          break;
        case 1:
          rows.splice(pick(heads) ?? at, 0, pick(lines));
          break;
        case 2:
          rows.splice(pick(heads) ?? at, 0, pick(inside));
          break;
        case 3:
          rows.splice(pick(heads) ?? at, 1);
          break;
        case 4: {
          // A head is typed on, or a piece of it is taken away.
          const head = pick(heads) ?? at;
          const old = rows[head] ?? '';
          const cut = random(old.length + 1);
          rows[head] = old.slice(0, cut) + pick(['', 'x', '(', ')', ':', ', B', '.y', ' = ']) + old.slice(cut + random(3));
          break;
        }
        case 5: {
          const word = /[A-Za-z_]{4,}/.exec(row)?.[0];
          if (word !== undefined) rows[at] = row.replace(word, pick(['LIMIT', 'requests', 'mock', 'helper', word.slice(0, -1)]));
          break;
        }
        default:
          rows.splice(at, 1);
      }
      text = random(12) === 0 ? original : rows.join('\n');
      typed.put(path, text);
      const one = settle(typed, path, nova.root);
      fresh.drop(path);
      fresh.put(path, text);
      const other = settle(fresh, path, nova.root);
      assert.deepEqual(one, other, `${path} after edit ${round}`);
      assert.deepEqual(one.faults, []);
      edits += 1;
    }
  }
  assert.ok(edits >= 1900, `${edits} edits`);
});

test('a comment above a helper moves what cites it in other files', async () => {
  const engine = await newEngine();
  const helper = 'import requests\n\n\nclass Client:\n    def post_thing(self, body):\n        return requests.post("http://localhost/x", json=body)\n';
  const use = 'from tests import client\n\n\ndef test_post():\n    api = client.Client()\n    api.post_thing({"a": 1})\n';
  engine.put('tests/client.py', helper);
  engine.put('tests/test_use.py', use);
  const cited = () => findingsOf(settle(engine, 'tests/test_use.py', SAMPLE)).flatMap((it) => it.trail.map((step) => `${step.path}:${step.line}`));
  assert.ok(cited().includes('tests/client.py:5'), cited().join());
  engine.outdated();
  engine.put('tests/client.py', helper.replace('    def', '    # one more line\n    def'));
  assert.deepEqual(engine.outdated(), ['tests/test_use.py']);
  assert.ok(cited().includes('tests/client.py:6'), cited().join());
});

test('what kind of file it is follows the text', async () => {
  const kinds: string[] = [];
  const [first] = RULES;
  assert.ok(first !== undefined);
  const { calls: _calls, wants: _wants, ...unfiltered } = first;
  const spying: Rule = {
    ...unfiltered,
    id: 'says-the-kind',
    on: 'file',
    check: (_subject, file) => {
      kinds.push(file.kind);
      return [];
    },
  };
  const engine = await newEngine([spying]);
  const helper = 'def help_a():\n    pass\n\n\ndef test_a():\n    x = 1\n';
  engine.put('tests/support.py', helper);
  engine.review('tests/support.py', { anyFile: true });
  engine.put('tests/support.py', helper.replace('x = 1', 'import unittest'));
  engine.review('tests/support.py', { anyFile: true });
  assert.deepEqual(kinds, ['helper', 'test']);
});

test('a test at module level and one in a class without a name are not taken for each other', async () => {
  const engine = await newEngine();
  const texts = ['class TestA(Base):\n    def test_a(self):\n        pass\n', 'def test_a():\n    pass\n'];
  for (const text of [...texts, ...texts]) {
    engine.put('tests/test_a.py', text);
    const fresh = await newEngine();
    fresh.put('tests/test_a.py', text);
    assert.deepEqual(engine.review('tests/test_a.py'), fresh.review('tests/test_a.py'));
  }
});

test('a helper that changes makes the tests that use it out of date, and no others', async () => {
  const engine = await newEngine();
  engine.put('tests/test_a.py', 'from tests import base\n\nclass TestA(base.Base):\n    def test_a(self):\n        pass\n');
  engine.put('tests/test_b.py', 'def test_b():\n    pass\n');
  engine.put('tests/base.py', 'import unittest\n\nclass Base(unittest.TestCase):\n    pass\n');
  for (const path of ['tests/test_a.py', 'tests/test_b.py']) settle(engine, path, SAMPLE);
  engine.outdated();
  engine.put('tests/base.py', 'import testtools\n\nclass Base(testtools.TestCase):\n    pass\n');
  assert.deepEqual(engine.outdated(), ['tests/test_a.py']);
});

test('a data file that changes makes the tests that read it out of date', async () => {
  const engine = await newEngine();
  const said = () => findingsOf(engine.review('tests/test_use.py')).flatMap((it) => (/data-file/.test(it.rule) ? [`${it.kind} ${it.message}`] : []));
  engine.put('tests/test_use.py', 'def test_use(parse):\n    with open("tests/data/reply.json") as stored:\n        parse(stored.read())\n');
  engine.review('tests/test_use.py');
  assert.ok(engine.wanted().includes('tests/data/reply.json'));
  engine.put('tests/data/reply.json', '{}');
  assert.deepEqual(engine.outdated(), ['tests/test_use.py']);
  assert.deepEqual(said(), []);
  engine.put('tests/data/reply.json', `{"key": "${['sk_', 'live_', 'Tz5mQw8LrN2vXb7KcY4jHs9D'].join('')}"}`);
  assert.deepEqual(engine.outdated(), ['tests/test_use.py']);
  assert.match(said().join(), /^review line 1 of `reply\.json` holds `sk_l…`/);
});

test('that a file is never collected is told anew when the settings, or what calls pytest, change', async () => {
  const engine = await newEngine();
  const path = 'tests/manual/test_a.py';
  const kinds = () => findingsOf(engine.review(path)).map((it) => it.kind);
  engine.put(path, PYTHON);
  const before = kinds();
  assert.ok(before.some((it) => it === 'fail' || it === 'review'));
  engine.put('pytest.ini', '[pytest]\nnorecursedirs = tests/manual\n');
  assert.deepEqual(engine.outdated(), [path]);
  assert.ok(kinds().every((it) => it === 'informational'));
  assert.match(engine.review(path).notes.join(), /by `norecursedirs` of `pytest\.ini`/);
  engine.put('Makefile', 'manual:\n\tpytest tests/manual\n');
  assert.deepEqual(engine.outdated(), [path]);
  assert.ok(kinds().some((it) => it === 'fail' || it === 'review'));
  assert.deepEqual(engine.review(path).notes, []);
});

test('a file may be collected where a call says more than is known, and is far from the tests only where somebody calls them', async () => {
  const engine = await newEngine();
  const path = 'examples/test_a.py';
  engine.put(path, PYTHON);
  for (const [settings, call, isLeftOut] of [
    ['testpaths = tests', 'pytest -v --cov $(PACKAGE) -n $CORES $(PYTEST_ARGS) "$@"', true],
    ['testpaths = tests', 'pip install pytest && pytest', true],
    ['testpaths = tests', '', false],
    ['testpaths = tests\\unit', 'pytest', false],
    ['testpaths = tests', 'pip install pytest\n\ttox', false],
    ['testpaths = tests', 'pytest -v $(TESTS)', false],
    ['testpaths = tests', 'pytest ${{ matrix.path }}', false],
    ['testpaths = tests', 'pytest --pyargs harbour', false],
    ['addopts = --ignore=examples', 'pytest', true],
    ['addopts = --ignore=examples', 'pytest -o addopts=""', false],
    ['addopts = --ignore=examples', 'pytest -o log_cli=true', true],
    ['addopts = --ignore=examples', 'pytest -c pytest.all.ini', false],
  ] as const) {
    engine.put('pytest.ini', `[pytest]\n${settings}\n`);
    engine.put('Makefile', `test:\n\t${call}\n`);
    assert.equal(engine.review(path).notes.length, isLeftOut ? 1 : 0, `${settings}: ${call}`);
  }
});

test('what is found in a file that git or its folder calls vendored is a note, and the review says so', async () => {
  const engine = await newEngine();
  engine.put(
    '.gitattributes',
    '* text=auto\n/ext/** linguist-vendored\nlib/* text linguist-vendored=true\next/own/**  -linguist-vendored\n*.py linguist-vendored\nvendor/own/** -linguist-vendored\n',
  );
  const paths = [
    'ext/tests/test_a.py',
    'ext/own/test_a.py',
    'lib/test_a.py',
    'lib/tests/test_a.py',
    'tests/test_a.py',
    'vendor/test_a.py',
    'vendor/own/test_a.py',
    'a/_vendored/test_a.py',
    'a/_vendor/test_a.py',
    'ThirdParty/tide-3.5/tests/test_a.py',
    'tests/third_party/test_a.py',
  ];
  const vendored = paths.filter((path) => {
    engine.put(path, PYTHON);
    const review = settle(engine, path, SAMPLE);
    const notes = findingsOf(review).every((it) => it.kind !== 'fail' && it.kind !== 'review');
    assert.equal(
      review.notes.some((it) => it.includes('vendored')),
      notes,
      path,
    );
    return notes;
  });
  assert.deepEqual(vendored, ['ext/tests/test_a.py', 'lib/test_a.py', 'vendor/test_a.py', ...paths.filter((it) => /_vendor|Third/.test(it))]);
});

test('what is found in a file whose head says that it is generated is a note, while it says so', async () => {
  const engine = await newEngine();
  const kindsOf = (text: string) => {
    engine.put('tests/test_a.py', text);
    const review = settle(engine, 'tests/test_a.py', SAMPLE);
    return [review.notes.some((it) => it.includes('generated')), findingsOf(review).some((it) => it.kind === 'fail' || it.kind === 'review')];
  };
  assert.deepEqual(kindsOf(PYTHON), [false, true]);
  assert.deepEqual(kindsOf(`# Code generated from databases. DO NOT EDIT.\n${PYTHON}`), [true, false]);
  assert.deepEqual(kindsOf(`# Code generated from databases.\n${PYTHON}`), [false, true]);
  assert.deepEqual(kindsOf(`# auto-generated from test_databases.py\n# DO NOT CHANGE! Change the original file instead.\n${PYTHON}`), [true, false]);
});

test('of closed files only those are known that others look into, and what was computed for the rest is let go', async () => {
  const engine = await newEngine();
  engine.put('tests/base.py', 'import unittest\n\nclass Base(unittest.TestCase):\n    def test_own(self):\n        pass\n');
  engine.put('tests/test_a.py', 'from tests import base\n\nclass TestA(base.Base):\n    def test_a(self):\n        pass\n');
  const reviewed = (path: string) => new WeakRef(settle(engine, path, SAMPLE));
  const reviews = ['tests/base.py', 'tests/test_a.py'].map(reviewed);
  engine.rest('tests/base.py');
  engine.rest('tests/test_a.py');
  assert.deepEqual([engine.known.has('tests/base.py'), engine.known.has('tests/test_a.py')], [true, false]);
  await collectGarbage();
  assert.deepEqual(
    reviews.map((it) => it.deref()),
    [undefined, undefined],
  );
  assert.equal(engine.review('tests/test_a.py').blind[0]?.what, 'unreadable');
  assert.deepEqual(engine.review('tests/base.py').blind, []);
  engine.rest('tests/base.py');
  assert.equal(engine.known.has('tests/base.py'), false, 'nobody looks into it any more');
});

test('in a folder that is not there nothing is looked for, until a file comes into it', async () => {
  const asked: string[] = [];
  const looks: string[] = [];
  const hasFolder = (path: string) => asked.push(path) > 0 && path !== 'tests/far' && path !== 'far';
  const engine = await newEngine(undefined, { hasFolder, onLook: (_, into) => looks.push(into) });
  engine.put(
    'tests/test_a.py',
    'from far.off import base\nfrom far.off.more import other\n\n\nclass TestA(base.Base, other.B):\n    def test_a(self):\n        pass\n',
  );
  engine.review('tests/test_a.py');
  assert.ok(!engine.wanted().some((it) => it.startsWith('far/') || it.startsWith('tests/far/')));
  assert.deepEqual(asked.filter((it) => /^(?:tests\/)?far/.test(it)).sort(), ['far', 'tests/far'], 'and each is asked for once');
  assert.ok(looks.includes('far/') && !looks.includes('far/off/'));
  assert.deepEqual([engine.known.has('far/off/base.py'), engine.known.has('near/base.py')], [true, false]);
  engine.put('far/off/base.py', 'import unittest\n\n\nclass Base(unittest.TestCase):\n    pass\n');
  assert.deepEqual(engine.outdated(), ['tests/test_a.py']);
  engine.review('tests/test_a.py');
  assert.ok(engine.wanted().includes('far/off/more/other.py'));
  assert.ok(!asked.includes('far/off'), 'folders around a file are known to be there');
});

test('units are remembered by their text, but not more than some thousand small ones', async () => {
  const engine = await newEngine();
  const parsedFor = (text: string): number => {
    const before = engine.work.parsed;
    engine.put('tests/test_a.py', text);
    engine.review('tests/test_a.py');
    return engine.work.parsed - before;
  };
  const lines = (from: number, count: number) => Array.from({ length: count }, (_, index) => `x${from + index} = 1\n`).join('');
  assert.equal(parsedFor(lines(0, 10)), 10);
  assert.equal(parsedFor(lines(100, 1000)), 1000);
  assert.equal(parsedFor(lines(0, 10)), 0, 'undone');
  for (let part = 1; part <= 20; part++) parsedFor(lines(part * 10_000, 1500));
  assert.equal(parsedFor(lines(0, 10)), 10, 'too long ago');
});

/** What nothing holds is gone afterwards. */
async function collectGarbage(): Promise<void> {
  // References that a task made last until its end.
  await new Promise((done) => setImmediate(done));
  setFlagsFromString('--expose-gc');
  runInNewContext('gc')();
}

test('a rule that throws is a fault; the other rules go on', async () => {
  const [first, ...others] = RULES;
  assert.ok(first !== undefined);
  const { calls: _calls, wants: _wants, ...unfiltered } = first;
  const broken: Rule = {
    ...unfiltered,
    id: 'always-throws',
    on: 'call',
    check: () => {
      throw new Error('on purpose');
    },
  };
  const engine = await newEngine([broken, first, ...others]);
  engine.put('tests/test_a.py', PYTHON);
  const review = engine.review('tests/test_a.py');
  assert.deepEqual(review.faults, [{ rule: `${first.category}/always-throws`, message: 'Error: on purpose' }]);
  assert.ok(findingsOf(review).length > 0);
});

test('what takes a claim away goes before what makes it weigh less, in whatever order they stand', async () => {
  const rule: Rule = {
    ...(RULES[0] as Rule),
    id: 'claims',
    on: 'call',
    calls: () => true,
    wants: () => true,
    *check({ method, place }: Call) {
      yield { at: place, claim: 'it', message: method, ...(method === 'claimed' ? {} : { disproves: method === 'untrue' || 'weight' }) };
    },
  } as Rule;
  const engine = await newEngine([rule]);
  const said = [['light'], ['untrue', 'light'], ['light', 'untrue']].map((names) => {
    engine.put('tests/test_a.py', ['claimed', ...names].map((it) => `def test_${it}():\n    ${it}()\n`).join('\n\n'));
    return findingsOf(engine.review('tests/test_a.py')).map(({ kind }) => kind);
  });
  assert.deepEqual(said, [['informational'], [], []]);
});

test('a syntax error stays inside its unit', async () => {
  const engine = await newEngine();
  const broken = PYTHON.replace('self.p.start()', 'self.p.start((');
  engine.put('tests/test_a.py', PYTHON);
  const sound = findingsOf(engine.review('tests/test_a.py'))
    .filter((it) => it.line >= 14)
    .map((it) => it.rule);
  engine.put('tests/test_a.py', broken);
  const review = engine.review('tests/test_a.py');
  assert.deepEqual(
    findingsOf(review)
      .filter((it) => it.line >= 14)
      .map((it) => it.rule),
    sound,
  );
  assert.equal(review.blind[0]?.what, 'syntax-error');
});

test('what Python refuses for its indentation is not judged, however it came to stand there', async () => {
  const linesOf = async (before: string, text: string) => {
    const engine = await newEngine();
    engine.put('tests/test_a.py', before);
    engine.review('tests/test_a.py');
    engine.put('tests/test_a.py', text);
    const review = engine.review('tests/test_a.py');
    return { blind: review.blind.map((it) => it.line), found: findingsOf(review).map((it) => it.line) };
  };
  const CALL = 'requests.get("https://harbour.example.com", verify=False, timeout=5)\n';
  const sound = `import requests\nclass TestA:\n    x = 1\n    def test_a(self):\n        ${CALL}`;
  for (const [text, line] of [
    [`import requests\ndef test_a():\n    x = 1\n        y = 2\n    ${CALL}`, 4],
    [`import requests\ndef test_a():\n        x = 1\n    ${CALL}`, 4],
    [`import requests\ndef test_a():\n    if x:\n    ${CALL}`, 3],
    [`import requests\ndef test_a():\n    if x:\n        y\n      else:\n        z\n    ${CALL}`, 5],
    [`import requests\nclass TestA:\n    x = 1\n  def test_a(self):\n        ${CALL}`, 4],
    [sound.replace('    x', '      x'), 4],
    [`import requests\n@x\n  def test_a():\n    ${CALL}`, 3],
    [`import requests\nclass TestA:\n    @x\n   def test_a(self):\n        ${CALL}`, 4],
    [`import requests\nclass TestA:\n\tx = 1\n        def test_a(self):\n\t\t${CALL}`, 4],
    [`import requests\ndef test_a():\n    if x:\n\ty\n        ${CALL}`, 4],
    [`import requests\ndef test_a():\n    if x:\n    \t${CALL}    \ty\n\tz\n`, 6],
    [`import requests\ndef test_a():\n        if x:\n    \t${CALL}`, 4],
    [`import requests\ndef test_a():\n    match x:\n        # none\n    ${CALL}`, 3],
    [`import requests\ndef test_a():\n    try:\n        ${CALL}`, 3],
  ] as const) {
    assert.deepEqual(await linesOf(sound, text), { blind: [line], found: [] }, text);
    assert.deepEqual(await linesOf(text, text), { blind: [line], found: [] }, text);
    assert.deepEqual(await linesOf(text, sound), { blind: [], found: [5] }, text);
  }
  const odd = `import requests\ndef test_a():\n    if x: pass; y = 2\n    elif z: \\\n      pass\n    else:\n      pass\n    ${CALL}`;
  assert.deepEqual(await linesOf('', odd), { blind: [], found: [8] });
  const tabs = `import requests\nclass TestA:\n\tx = 1\n # odd\n\t@y\n\tdef test_a(self):\n\t    if x:\n# odd\n\t    \t${CALL}\t    else: pass\n`;
  assert.deepEqual(await linesOf('', tabs), { blind: [], found: [9] });
});

test('what the parser made up or left out is noted, if it is a line end only', async () => {
  const engine = await newEngine();
  for (const [text, blind] of [
    ['x = 1 \\\ny = 2\n', [1]],
    ['def f():\n    return (1, [2)]\n', [1]],
    ['x = 1 \\\n  + 2\n', []],
    ['class A[T: (str, int) = str](B): pass\n', []],
  ] as const) {
    engine.put('tests/test_a.py', text);
    assert.deepEqual(
      engine.review('tests/test_a.py').blind.map((it) => it.line),
      blind,
      text,
    );
  }
});

const HOSTILE: Record<string, string> = {
  empty: '',
  'a null byte': 'import os\0\nx = 1\n',
  'lone surrogates': 'x = "\ud800"\n',
  'unbalanced brackets': `${'('.repeat(3000)}\n`,
  'deep nesting': `x = ${'('.repeat(5000)}1${')'.repeat(5000)}\n`,
  'deep attribute chain': `x = a${'.b'.repeat(5000)}\n`,
  'deep operations': `x = ${'1 + '.repeat(5000)}1\n`,
  'one long line': `x = "${'a'.repeat(1_000_000)}"\n`,
  'carriage returns alone': 'import os\rx = 1\r',
  'python 2': 'print "a"\nexec "b"\ntry:\n    pass\nexcept E, e:\n    pass\n',
  'newest syntax': 'type X[T] = list[T]\ndef f[T: int](x: T) -> T:\n    match x:\n        case {"a": [1, *_]} if x:\n            return x\n',
  'a name that means itself': 'x = x\ndef f():\n    y = y.z\n    return y()\nclass A(A): pass\n',
  'a file that names itself': 'def test_a():\n    x = open(x / "a")\n    y = open(y)\n    return f()\ndef f():\n    return open(f())\n',
  'names that mean each other': 'a = b\nb = a\ndef f():\n    return g()\ndef g():\n    return f()\n',
};

for (const [name, text] of Object.entries(HOSTILE)) {
  test(`survives ${name}`, async () => {
    const engine = await newEngine();
    engine.put('tests/test_hostile.py', text);
    assert.deepEqual(engine.review('tests/test_hostile.py').faults, []);
  });
}

test('an import that broken text cuts short is typed over', async () => {
  const engine = await newEngine();
  for (const end of ['mock', 'mock).x', 'mock(', 'a[b]', '*', 'mock']) {
    engine.put('tests/test_hostile.py', `from unittest import ${end}\n\ndef test_a():\n    mock.patch("a.b").start()\n`);
    assert.deepEqual(engine.review('tests/test_hostile.py').faults, []);
  }
});

test('a cycle of imports and of bases ends in unknown', async () => {
  const engine = await newEngine();
  const files = {
    'tests/a.py': 'from tests.b import *\nfrom tests.b import X\nclass A(X): pass\n',
    'tests/b.py': 'from tests.a import *\nfrom tests.a import A\nclass X(A): pass\n',
    'tests/test_c.py':
      'from tests.a import A, nothing\nclass TestC(A):\n    def setUp(self):\n        self.x = nothing()\n    def test_c(self):\n        self.x.y()\n',
  };
  for (const [path, text] of Object.entries(files)) engine.put(path, text);
  assert.deepEqual(settle(engine, 'tests/test_c.py', SAMPLE).faults, []);
});

test('a file of 40,000 lines is reviewed', async () => {
  const engine = await newEngine();
  const body = Array.from(
    { length: 8000 },
    (_, index) => `    def test_${index}(self):\n        a = ${index}\n        b = a\n        self.assertEqual(a, b)\n\n`,
  ).join('');
  engine.put('tests/test_big.py', `import unittest\n\nclass TestBig(unittest.TestCase):\n${body}`);
  const review = engine.review('tests/test_big.py');
  assert.deepEqual(review.faults, []);
  assert.ok(review.lines > 40_000);
});

test('a project has what its projects are installed with, however many they are', async () => {
  const engine = await newEngine();
  const files: Record<string, string> = {
    'lib/p0/tests/test_end.py': 'from end import Base\n\n\nclass TestEnd(Base):\n    def test_end(self):\n        pass\n',
  };
  for (let at = 0; at < 60; at++)
    files[`lib/p${at}/pyproject.toml`] = `[tool.poetry.dependencies]\n${at === 59 ? '' : `p${at + 1} = { path = "../p${at + 1}" }\n`}`;
  files['lib/p59/end.py'] = 'import unittest\n\n\nclass Base(unittest.TestCase):\n    pass\n';
  const missing = (it: Record<string, string>) => findingsOf(reviewFiles(engine, it)).filter(({ rule }) => rule === 'resources/base-class-not-found').length;
  assert.equal(missing(files), 0);
  assert.equal(missing({ ...files, 'lib/p40/pyproject.toml': '' }), 1);
});
