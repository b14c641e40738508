/** Random edits of real files: after each one the review must be the one of a fresh engine. */
import { readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { RULES } from '../../rules/index.ts';
import { createEngine } from '../../server/review/engine.ts';
import type { Context } from './context.ts';
import { type Row, spreadOf } from './measure.ts';
import { lineCount, readIn, testFiles } from './texts.ts';

const PIECES = [
  '(',
  ')',
  '[',
  '{',
  '"',
  "'",
  '"""',
  '\\',
  '\n',
  '    ',
  '\n    def test_x(self):\n        pass\n',
  'class A:\n',
  '#',
  ':',
  'x',
  'self.',
  ' = ',
  'import os\n',
  '@mock.patch("a.b")\n',
  '\t',
  '\r\n',
];

export async function edits({ project, root, tests, quick }: Context): Promise<Row[]> {
  const options = {
    runtime: readFileSync(join(project, 'dist/tree-sitter.wasm')),
    grammar: readFileSync(join(project, 'dist/tree-sitter-python.wasm')),
    rules: RULES,
    read: readIn(root),
  };
  const [live, scratch] = [await createEngine(options), await createEngine(options)];
  const random = numbers(20_261_125);
  const files = testFiles(tests)
    .map((path) => ({ path: relative(root, path), text: readFileSync(path, 'utf8') }))
    .filter(({ text }) => lineCount(text) < 400);
  const until = performance.now() + (quick ? 20_000 : 300_000);
  let [done, different] = [0, 0];
  while (performance.now() < until && done < 100_000) {
    const { path, text } = files[Math.floor(random() * files.length)] as { path: string; text: string };
    let current = text;
    for (let edit = 0; edit < 40; edit++) {
      const start = Math.floor(random() * current.length);
      const end = random() < 0.5 ? start : Math.min(current.length, start + Math.floor(random() * 40));
      const piece = random() < 0.2 ? '' : (PIECES[Math.floor(random() * PIECES.length)] ?? '');
      current = current.slice(0, start) + piece + current.slice(end);
      live.put(path, current);
      const typed = plain(live.review(path));
      scratch.drop(path);
      scratch.put(path, current);
      if (typed !== plain(scratch.review(path))) different += 1;
      done += 1;
    }
    live.drop(path);
    scratch.drop(path);
  }
  const goal = { hold: 0, stretch: 0 };
  return [
    {
      group: 'edits',
      what: `reviews that differ from scratch, of ${done.toLocaleString('en')} random edits`,
      unit: 'reviews',
      attest: spreadOf([different]),
      goal,
    },
  ];
}

function plain(review: unknown): string {
  return JSON.stringify(review);
}

/** Equal seeds, equal edits (mulberry32). */
function numbers(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let it = Math.imul(state ^ (state >>> 15), 1 | state);
    it = (it + Math.imul(it ^ (it >>> 7), 61 | it)) ^ it;
    return ((it ^ (it >>> 14)) >>> 0) / 2 ** 32;
  };
}
