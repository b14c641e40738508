/** The two ways from tree to arena say the same, and the fast one is dropped where they do not. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { Arena } from '../server/syntax/arena.ts';
import { fasterReader, sameArena } from '../server/syntax/parser.ts';
import { corpus } from './corpus.mjs';
import { pythonBelow, started } from './trees.ts';

const BROKEN = [
  '',
  '\n\n   # only a comment',
  '   x',
  '\ufeff',
  'def f(:\n  x = [1, \n\nclass A(\n',
  '"""open',
  "f'{a!r:{b}}' f\"{",
  'a.b.',
  'x = y \\\nz = 1\n',
  'return (1, [2)]\n',
  'class A[T = str](B): pass\n',
  'class A[T = str](B): pass \\\nx\n',
  'x = (((((',
  'class A\n  def\n',
  '@\ndef f(): pass',
  'if x:\nelse:\n',
  'é😀 = "𝔘" + b"\\x00"\n',
  '\u00a0x\u2028y\n',
  'a\\\n.b\\\r\n.c\r\n',
  `x = ${'['.repeat(500)}`,
  `x = a${'.b()'.repeat(2000)}\n`,
  'print "a", b\nexec "c" in d\nexcept E, e:\n',
  'match x:\n  case [1, *_]: pass\n  case\n',
  'import\nfrom . import\nfrom .a import (b,\n',
];

test('reading the memory gives what the cursor gives: broken text', async () => {
  const { tree, byMemory, byCursor } = await started;
  for (const text of BROKEN) {
    const it = tree(text);
    assert.ok(sameArena(byMemory(it), byCursor(it)), JSON.stringify(text.slice(0, 60)));
    it.delete();
  }
});

test('reading the memory gives what the cursor gives: a large suite', async (t) => {
  const nova = corpus('nova');
  if ('skipped' in nova) return t.skip(nova.skipped);
  const { tree, byMemory, byCursor } = await started;
  let nodes = 0;
  for (const path of pythonBelow(nova.tests)) {
    const it = tree(readFileSync(path, 'utf8'));
    const arena = byMemory(it);
    assert.ok(sameArena(arena, byCursor(it)), path);
    nodes += arena.size;
    it.delete();
  }
  assert.ok(nodes > 1_000_000, `${nodes} nodes compared`);
});

test('a reader that says something else, or throws, is not used', async () => {
  const { tree, byCursor } = await started;
  const sample = tree('x = f(1)\n');
  const other = tree('y = g(2, 3)\n');
  const right = byCursor(other);
  const lies: readonly ((it: Arena) => Arena)[] = [
    (it) => new Arena(it.nodes.slice(4), it.broken),
    (it) => new Arena(it.nodes, !it.broken),
    (it) =>
      new Arena(
        it.nodes.map((number, index) => (index === (it.size - 1) * 4 ? number + 1 : number)),
        it.broken,
      ),
    ...[0, 1, 2, 3].map(
      (which) => (it: Arena) =>
        new Arena(
          it.nodes.map((number, index) => (index % 4 === which ? number + 1 : number)),
          it.broken,
        ),
    ),
    (it) =>
      new Arena(
        it.nodes.map((number, index) => (index % 4 === 0 ? number + 256 : number)),
        it.broken,
      ),
  ];
  for (const lie of lies) {
    const read = fasterReader(() => (it) => lie(byCursor(it)), byCursor, sample);
    assert.ok(sameArena(read(other), right), String(lie));
  }
  const unmade = fasterReader(
    () => {
      throw new Error('no memory');
    },
    byCursor,
    sample,
  );
  assert.ok(sameArena(unmade(other), right));
  let asked = 0;
  const failing = fasterReader(
    () => (it) => {
      asked += 1;
      if (asked > 1) throw new Error('another layout');
      return byCursor(it);
    },
    byCursor,
    sample,
  );
  assert.ok(sameArena(failing(other), right), 'throws later');
  assert.ok(sameArena(failing(other), right), 'and is not asked again');
  assert.equal(asked, 2);
});
