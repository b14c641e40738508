/** One file in one process: a full review beside the plain parse of the same text, and the worst key beside the review. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Language, Parser } from 'web-tree-sitter';
import { RULES } from '../../rules/index.ts';
import { createEngine, type Engine } from '../../server/review/engine.ts';
import { keepYoung } from '../../server/young-generation.ts';
import type { Context } from './context.ts';
import { quantile, type Row, rounds, spreadOf, timed, versus } from './measure.ts';
import { hasFolderIn, middleOf, nearest, readIn, type Sample, samples, TYPED } from './texts.ts';

export async function review(context: Context): Promise<Row[]> {
  const { project, root, tests, quick } = context;
  // As the server and the command line do.
  keepYoung();
  const [runtime, grammar] = ['tree-sitter.wasm', 'tree-sitter-python.wasm'].map((it) => readFileSync(join(project, 'dist', it))) as [Buffer, Buffer];
  const engine = await createEngine({ runtime, grammar, rules: RULES, read: readIn(root), hasFolder: hasFolderIn(root) });
  const parser = new Parser();
  parser.setLanguage(await Language.load(grammar));
  const rows: Row[] = [];
  const perLine = new Map<number, number[]>();
  for (const sample of samples(root, tests, quick ? [300, 1000, 5000] : [300, 1000, 5000, 10_000, 33_000])) {
    const { size, lines, path, text } = sample;
    // Warm: compiled for good, both of them, as after some minutes of work.
    for (const until = performance.now() + WARM_MS; performance.now() < until; ) {
      fresh(engine, path, text);
      parser.parse(text)?.delete();
    }
    const { reviews, parses } = await rounds(size > 5000 ? 9 : 31, {
      reviews: () => fresh(engine, path, text),
      parses: () => timed(() => parser.parse(text)?.delete()),
    });
    const common = { group: 'review', unit: 'ms' };
    const named = `${lines.toLocaleString('en')} lines`;
    rows.push(versus({ ...common, what: `full review, warm, ${named}`, goal: { hold: 2, stretch: 1.25 } }, reviews, 'plain parse', parses));
    const keys = worstKeys(engine, sample, quick ? 2 : 3);
    rows.push(
      versus(
        { ...common, what: `worst key, ${named}`, goal: { hold: 1.25, stretch: 1 }, note: `p95 of all keys ${quantile(keys, 0.95).toFixed(2)} ms` },
        [Math.max(...keys)],
        'full review',
        [quantile(reviews, 0.5)],
      ),
    );
    perLine.set(
      size,
      reviews.map((it) => (it / lines) * 1000),
    );
    engine.drop(path);
  }
  // What files of 1,000 lines cost differs by a half with what stands in them, and the large one is of many kinds: the one above must not decide.
  const base = nearest(root, tests, 1000)
    .slice(0, SHORT_FILES)
    .map(({ path, text, lines }) => {
      for (const until = performance.now() + WARM_MS / SHORT_FILES; performance.now() < until; ) fresh(engine, path, text);
      const costs = Array.from({ length: 15 }, () => fresh(engine, path, text));
      engine.drop(path);
      return (quantile(costs, 0.5) / lines) * 1000;
    });
  const last = [...perLine].at(-1);
  for (const [size, values] of perLine)
    rows.push({ group: 'growth', what: `full review, about ${size.toLocaleString('en')} lines`, unit: 'ms/1,000 lines', attest: spreadOf(values) });
  if (last !== undefined)
    rows.push(
      versus(
        { group: 'growth', what: `1,000 lines in a file of ${last[0].toLocaleString('en')}`, unit: 'ms/1,000 lines', goal: { hold: 1.5, stretch: 1 } },
        [quantile(last[1], 0.5)],
        `in ${SHORT_FILES} files of 1,000`,
        [quantile(base, 0.5)],
      ),
    );
  return rows;
}

/** V8 goes on compiling for about as long, however short the file is. */
const WARM_MS = 3_000;

/** Whose median is the cost of a short file. */
const SHORT_FILES = 9;

/** A review from nothing, with helpers known; in milliseconds. */
function fresh(engine: Engine, path: string, text: string): number {
  engine.drop(path);
  engine.put(path, text);
  return timed(() => engine.review(path));
}

/** What each key costs at best of some rounds, so that what the machine does meanwhile is not counted. */
function worstKeys(engine: Engine, { path, text }: Sample, times: number): number[] {
  const at = middleOf(text);
  const best: number[] = [];
  for (let round = 0; round < times; round++) {
    engine.put(path, text);
    engine.review(path);
    for (let length = 1; length <= TYPED.length; length++) {
      const next = text.slice(0, at) + TYPED.slice(0, length) + text.slice(at);
      const cost = timed(() => {
        engine.put(path, next);
        engine.review(path);
      });
      best[length - 1] = Math.min(best[length - 1] ?? Number.POSITIVE_INFINITY, cost);
    }
    // A new file: what was kept of the first round would make the second one cheaper.
    engine.drop(path);
  }
  return best;
}
