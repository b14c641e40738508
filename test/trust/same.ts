/**
 * The review after any edits is the review of the text: real files, edited at random, each step compared with an engine
 * that never saw another text. Files that others look into are edited too.
 *
 *   npm run trust -- same [--count 100000] [--seed 1]
 */
import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Engine } from '../../server/review/engine.ts';
import type { Review } from '../../server/review/review.ts';
import { corpus } from '../corpus.mjs';
import { newEngine, pythonFiles } from '../harness.ts';
import { hostile, seeded } from './hostile.ts';
import { numberOption } from './options.ts';

const LONGEST = 12_000;
const STEPS = 40;

/** Reviews with what it wants: from the edited texts, else from disk. */
function settled(engine: Engine, path: string, root: string, edited: ReadonlyMap<string, string>): Review {
  let review = engine.review(path);
  for (let wanted = engine.wanted(); wanted.length > 0; wanted = engine.wanted()) {
    for (const it of wanted) engine.put(it, edited.get(it) ?? (existsSync(join(root, it)) ? readFileSync(join(root, it), 'utf8') : undefined));
    review = engine.review(path);
  }
  return review;
}

async function main(): Promise<number> {
  const found = corpus('nova');
  if ('skipped' in found) {
    console.log(`skipped: ${found.skipped}`);
    return 0;
  }
  const count = numberOption('count', 2_000);
  const choose = seeded(numberOption('seed', 1));
  const files = Object.entries(pythonFiles(found.tests))
    .map(([path, text]) => [`nova/tests/${path}`, text] as const)
    .filter(([path, text]) => text.length < LONGEST && /\/test_[^/]*\.py$/.test(path));
  const helpers = ['nova/tests/functional/integrated_helpers.py', 'nova/tests/unit/fake_network.py', 'nova/tests/unit/api/openstack/fakes.py', 'nova/test.py'];
  const pieces = files.map(([, text]) => text.slice(0, 4_000));
  const typed = await newEngine();
  let edits = 0;
  let different = 0;
  const started = performance.now();
  while (edits < count) {
    const [path, original] = files[choose(files.length)] ?? ['', ''];
    const edited = new Map<string, string>([[path, original]]);
    typed.put(path, original);
    settled(typed, path, found.root, edited);
    for (let step = 0; step < STEPS && edits < count; step++) {
      const helper = choose(6) === 0 ? (helpers[choose(helpers.length)] ?? path) : path;
      const target = existsSync(join(found.root, helper)) ? helper : path;
      const before = edited.get(target) ?? readFileSync(join(found.root, target), 'utf8');
      const after =
        choose(7) === 0
          ? target === path
            ? original
            : readFileSync(join(found.root, target), 'utf8')
          : hostile(choose, [before, before, before, pieces[choose(pieces.length)] ?? '']);
      edited.set(target, after);
      typed.put(target, after);
      const one = settled(typed, path, found.root, edited);
      const fresh = await freshReview(path, found.root, edited);
      edits += 1;
      try {
        assert.deepEqual(plain(one), plain(fresh));
      } catch (error) {
        different += 1;
        if (different <= 5) console.log(`${path}, step ${step}, edited ${target}\n${error instanceof Error ? error.message.slice(0, 2_000) : String(error)}`);
        break;
      }
      if (edits % 1_000 === 0)
        console.log(
          `${edits} edits, ${different} differences, rss ${Math.round(process.memoryUsage().rss / 1e6)} MB, ${Math.round((performance.now() - started) / 1000)} s`,
        );
    }
    for (const it of edited.keys()) typed.drop(it);
  }
  console.log(`${edits} edits, ${different} differences`);
  console.log(`${edits - different} passed, ${different} failed`);
  return different === 0 ? 0 : 1;
}

let engine: Engine | undefined;
let told: readonly string[] = [];

/** An engine that is told the texts once, and forgets them afterwards; the files on disk it may keep. */
async function freshReview(path: string, root: string, edited: ReadonlyMap<string, string>): Promise<Review> {
  engine ??= await newEngine();
  for (const it of [...told, ...edited.keys()]) engine.drop(it);
  told = [...edited.keys()];
  for (const [it, text] of edited) engine.put(it, text);
  return settled(engine, path, root, edited);
}

/** With what is worked out on demand. */
function plain(review: Review): unknown {
  return JSON.parse(
    JSON.stringify(review, (key, value) =>
      key === 'categories'
        ? (value as Review['categories']).map((it) => ({ ...it, summary: it.summary, findings: it.findings.map((one) => ({ ...one, fix: one.fix })) }))
        : value,
    ),
  );
}

main().then(
  (code) => process.exit(code),
  (error) => {
    console.error(error);
    process.exit(1);
  },
);
