/** What an edit costs, that the answer never depends on how the text came about, and that nothing brings the engine down. */
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import { RULES } from '../rules/index.ts';
import type { Rule } from '../rules/rule.ts';
import { findingsOf } from '../server/review/review.ts';
import { newEngine, pythonFiles, ROOT, settle } from './harness.ts';

const SAMPLE = join(ROOT, 'test/sample');

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

test('a rule that throws is a fault; the other rules go on', async () => {
  const [first, ...others] = RULES;
  assert.ok(first !== undefined);
  const broken: Rule = {
    ...first,
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
  'names that mean each other': 'a = b\nb = a\ndef f():\n    return g()\ndef g():\n    return f()\n',
};

for (const [name, text] of Object.entries(HOSTILE)) {
  test(`survives ${name}`, async () => {
    const engine = await newEngine();
    engine.put('tests/test_hostile.py', text);
    assert.deepEqual(engine.review('tests/test_hostile.py').faults, []);
  });
}

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
