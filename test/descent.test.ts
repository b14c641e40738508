/** The reader of ordinary Python gives exactly the arenas that tree-sitter gives, or none. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { descent } from '../server/syntax/descent.ts';
import { sameArena } from '../server/syntax/parser.ts';
import { split } from '../server/syntax/split.ts';
import { corpus } from './corpus.mjs';
import { ROOT } from './harness.ts';
import { pythonBelow, started } from './trees.ts';

/** One a line, or a block; each is read. */
const READ = [
  'import os, sys as s, a.b.c as d',
  'from . import a',
  'from ...b.c import (d as e, f,)',
  'from .... import *',
  'from __future__ import annotations, division as d',
  'x',
  'x; y = 1; z',
  'x  # why',
  'a, b = b, a',
  'a, = b',
  'a, *b = c = d, e',
  '(a, [b, *c]), (d) = e',
  'a.b[c] = yield d',
  'x: int',
  'x: dict[str, list[int]] = {}',
  'x: a.b[c] | None = 1',
  'x += 1',
  'x **= y or z',
  'del a, b[0]',
  'return',
  'return a, b',
  'raise A from b',
  'assert a, "b"',
  'global a, b',
  'await a.b()',
  'yield from a',
  'f(a, *b, c=d, **e)',
  'f(x for x in y if z if w for v in u)',
  'f()(a)[b].c(*d.e(), *[1])',
  'x = [a for a, (b, *c) in d async for e in f]',
  'x = {a: b, **c, "d": e if f else g}',
  'x = {a: b for a in c}',
  'x = {*a, b}, {a}, {a for a in b}, {}, [], (), (a,), (a), [*a, b]',
  'x = a[1:2, ::3, :, ...]',
  'x = a or b and not c in d is not e not in f < g <= h != i == j',
  'x = -a ** -b * ~c // d % e @ f + g << h & i ^ j | k >> l - m / n',
  'x = lambda: 0, lambda a, *b, c=1, **d: (yield)',
  'x = (y := z)',
  'if (n := f(x)) is not None: pass',
  "x = 'a' \"b\" r'\\d' b'\\x00' u'é' '''a\n'b'\n''' f''",
  'x = f"{a}{{b}}{c!r:>{d}} {e=} {f, g} {h:%Y-%m} 😀 {i[\'j\']}"',
  "x = r'\\\\' r'\\'a' rb'' '\\\n'",
  'x = 0x1F, 0o17, 0b01, 1_000, 1.5e-3, .5, 5., 1j, 2.5J, 0777',
  'print(a, file=b)',
  'match = type(x)',
  'x = print',
  'a = b \\\n  + c',
  'x = (\n  a  # why\n  ,\n\n  b)',
  'if a:\n  b\nelif c: d\nelse:\n\n  # why\n  e\n',
  'for a, b in c, d:\n    pass\nelse:\n    pass',
  'async def f():\n    async for a in b: pass\n    async with c as d: pass',
  'while True:\n\tbreak',
  'try:\n    a\nexcept A:\n    b\nexcept (B, C) as e:\n    raise\nexcept:\n    c\nelse:\n    d\nfinally:\n    e',
  'with a as b, c.d(e) as f[0], g: pass',
  'def f(a, /, b=1, *, c: int = 2, **d: str) -> list[int]:\n    """Doc."""\n    return a',
  'def f(*args: int, k, **kw): ...',
  '@a\n@b.c(d)\nclass E(F, metaclass=G):\n    x = 1\n\n    def f(self): pass\n',
  'class A:\n',
  'class A:  # why\n  # and why\n',
  'def f():\n    if a:\n        b\n        # deep\n    # less deep\n# not deep\nx',
  'def f():\r\n    a  # why\r\n    # more\r\n\r\nb\r\n',
  '    def f(self):\n        a\n',
  '    if a:\n        b\n    else:\n        c',
  'if a:\n        b\n    c\n  d',
];

/** What is left to tree-sitter: broken, of Python 2, or of a shape that it reads in its own way. */
const REFUSED = [
  ...['', '# only a comment', 'x = (', 'x = "a', 'x = ', 'a b', 'def f(:', 'f(a=', 'x = [1\n', '"""a', 'x = f"{a', 'x = f"{a b}"', 'if a\n  b', ' x = )'],
  ...['print "a"', 'print a, b', 'exec a in b', 'x = 0L', 'x <> y', '`a`', 'raise A, b', 'except A, e: pass', 'def f((a, b)): pass'],
  ...[
    'match x:\n  case 1: pass',
    'type X = int',
    'with (a as b): pass',
    'try: pass\nexcept* A: pass',
    'def f[T](): pass',
    'é = 1',
    'x\u00a0= 1',
    '\ufeffx = 1',
  ],
  ...['x = 1,', 'x = *a, b', '*a.b', 'x = [*a()]', 'lambda: (yield)\f', 'if a:\n  if b:\n      c\n    d', 'x = f"{a\n}"'],
];

test('ordinary Python is read, as tree-sitter reads it', async () => {
  const { arena } = await started;
  for (const text of READ.flatMap((it) => [it, `${it}\n`])) {
    const own = descent(text);
    assert.ok(own !== undefined, `refused: ${text}`);
    assert.ok(sameArena(own, arena(text)), text);
  }
});

test('what is not surely read is refused', () => {
  assert.deepEqual(
    REFUSED.filter((it) => descent(it) !== undefined),
    [],
  );
});

/** The units of files, as the engine parses them. */
function unitsOf(paths: readonly string[]): string[] {
  return paths.flatMap((path) => {
    const text = readFileSync(path, 'utf8');
    return split(text).map((it) => text.slice(it.start, it.end));
  });
}

test('every unit of a large suite', async (t) => {
  const nova = corpus('nova');
  if ('skipped' in nova) return t.skip(nova.skipped);
  const { arena } = await started;
  const units = unitsOf(pythonBelow(nova.tests));
  let refused = 0;
  for (const text of units) {
    const own = descent(text);
    if (own === undefined) refused += 1;
    else assert.ok(sameArena(own, arena(text)), text);
  }
  assert.ok(units.length > 10_000 && refused < units.length / 500, `${refused} of ${units.length} refused`);
});

test('text that somebody is just changing is read as tree-sitter reads it, or refused', async () => {
  const { arena } = await started;
  const units = unitsOf([...pythonBelow(join(ROOT, 'test/model')), ...pythonBelow(join(ROOT, 'test/sample'))]);
  const pieces = [...READ, ...REFUSED].flatMap((it) => it.match(/\w+|\s+|[^\w\s]+/g) ?? []);
  let seed = 1;
  const below = (limit: number) => {
    seed = (Math.imul(seed, 1_664_525) + 1_013_904_223) | 0;
    return Math.floor(((seed >>> 8) / 2 ** 24) * limit);
  };
  const one = <T>(list: readonly T[]) => list[below(list.length)] as T;
  let read = 0;
  for (let round = 0; round < 20_000; round++) {
    let text = one(units);
    for (let changes = below(3); changes >= 0; changes--) {
      const at = below(text.length + 1);
      const to = below(3) === 0 ? at : Math.min(text.length, at + below(6));
      text = text.slice(0, at) + (below(4) === 0 ? '' : one(pieces)) + text.slice(to);
    }
    const own = descent(text);
    if (own === undefined) continue;
    read += 1;
    assert.ok(sameArena(own, arena(text)), JSON.stringify(text));
  }
  assert.ok(read > 2_000, `${read} read`);
});
