/**
 * Every Python file of large real trees, tests or not: no fault, and no file whose time for 1,000 lines is far from the
 * others'. A failing time is taken again, since machines pause.
 *
 *   npm run trust -- world [--libraries 1]
 */
import { existsSync } from 'node:fs';
import { relative } from 'node:path';
import { corpus } from '../corpus.mjs';
import { newEngine, pythonFiles } from '../harness.ts';
import { numberOption } from './options.ts';

/** Where installed Python keeps its libraries; read only with `--libraries 1`. */
const LIBRARIES = ['/usr/lib/python3.11', '/usr/lib/python3/dist-packages'];
const SHORTEST = 100;
const FAR = 5;
const RETAKES = 6;

async function main(): Promise<number> {
  const roots = (['nova', 'cpython'] as const).flatMap((name) => {
    const found = corpus(name);
    if ('skipped' in found) console.log(`skipped: ${found.skipped}`);
    return 'skipped' in found ? [] : [found.root];
  });
  if (numberOption('libraries', 0) === 1) roots.push(...LIBRARIES.filter((it) => existsSync(it)));
  const engine = await newEngine();
  const times: { readonly path: string; readonly perThousand: number; readonly again: () => number }[] = [];
  let files = 0;
  let lines = 0;
  let wrong = 0;
  for (const root of roots) {
    const texts = pythonFiles(root);
    for (const [path, text] of Object.entries(texts)) {
      const once = () => {
        engine.drop(path);
        engine.put(path, text);
        const started = performance.now();
        let review = engine.review(path, { anyFile: true });
        for (let wanted = engine.wanted(), rounds = 0; wanted.length > 0 && rounds < 50; wanted = engine.wanted(), rounds++) {
          for (const it of wanted) engine.put(it, texts[it]);
          review = engine.review(path, { anyFile: true });
        }
        const took = performance.now() - started;
        engine.rest(path);
        return { review, took };
      };
      const { review, took } = once();
      files += 1;
      lines += review.lines;
      for (const it of review.faults) {
        wrong += 1;
        console.log(`fault: ${path}: ${it.rule}: ${it.message}`);
      }
      if (review.lines >= SHORTEST)
        times.push({ path: relative('/', `${root}/${path}`), perThousand: (took / review.lines) * 1000, again: () => (once().took / review.lines) * 1000 });
    }
    for (const path of Object.keys(texts)) engine.drop(path);
  }
  const sorted = times.map((it) => it.perThousand).sort((a, b) => a - b);
  const median = sorted[sorted.length >> 1] ?? 0;
  for (const it of times) {
    if (it.perThousand <= FAR * median) continue;
    const least = Math.min(...Array.from({ length: RETAKES }, it.again));
    if (least <= FAR * median) continue;
    wrong += 1;
    console.log(`slow: ${it.path}: ${least.toFixed(1)} ms per 1,000 lines, ${(least / median).toFixed(1)} times the median`);
  }
  console.log(
    `${files} files, ${lines} lines; per 1,000 lines: median ${median.toFixed(1)} ms, 95 % below ${(sorted[Math.floor(sorted.length * 0.95)] ?? 0).toFixed(1)} ms`,
  );
  console.log(`${files - wrong} passed, ${wrong} failed`);
  return wrong === 0 ? 0 : 1;
}

main().then(
  (code) => process.exit(code),
  (error) => {
    console.error(error);
    process.exit(1);
  },
);
