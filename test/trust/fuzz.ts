/**
 * The engine under hostile text: no crash, no fault, no hang, findings inside the text, memory bounded.
 *
 *   npm run trust -- fuzz [--count 1000000] [--seed 1]
 */
import { setFlagsFromString } from 'node:v8';
import pico from 'picocolors';
import { RULES } from '../../rules/index.ts';
import { findingsOf, type Review } from '../../server/review/review.ts';
import { json } from '../../server/views/json.ts';
import { markdown } from '../../server/views/markdown.ts';
import { text as terminal } from '../../server/views/text.ts';
import { corpus } from '../corpus.mjs';
import { newEngine, pythonFiles } from '../harness.ts';
import { EXAMPLES, hostile, seeded } from './hostile.ts';
import { numberOption } from './options.ts';

/** Of the whole process, at any moment. What is alive is a tenth of it: where it is reached, something is never let go. */
const MOST_MEMORY_MB = 500;

// As the language server has it: else V8 lets the heap grow to several times of what is in use.
setFlagsFromString('--heap-growing-percent=20');

/** Stretches of real tests, short enough that a million of them can be reviewed. */
function stretches(): string[] {
  const found = corpus('nova');
  if ('skipped' in found) return [];
  const choose = seeded(7);
  return Object.values(pythonFiles(found.tests)).flatMap((text) => {
    const lines = text.split('\n').filter((it) => !it.startsWith('#'));
    const from = choose(Math.max(1, lines.length - 40));
    return lines.length < 10
      ? []
      : [[...lines.filter((it) => /^(?:from|import) /.test(it)).slice(0, 8), ...lines.slice(from, from + 5 + choose(30))].join('\n')];
  });
}

function wrongIn(review: Review, text: string): string | undefined {
  const [fault] = review.faults;
  if (fault !== undefined) return `fault in ${fault.rule}: ${fault.message}`;
  for (const it of findingsOf(review)) {
    if (!(it.start >= 0 && it.start <= it.end && it.end <= text.length && it.line >= 1 && it.column >= 1)) return `a place outside of the text: ${it.rule}`;
    const { fix } = it;
    if (fix?.edits.some((edit) => edit.start < 0 || edit.end > text.length || edit.start > edit.end)) return `a fix outside of the text: ${it.rule}`;
  }
  return undefined;
}

async function main(): Promise<number> {
  const count = numberOption('count', 20_000);
  const choose = seeded(numberOption('seed', 1));
  const seeds = [...EXAMPLES, ...stretches()];
  const engine = await newEngine(RULES);
  const colors = pico.createColors(false);
  let wrong = 0;
  let slowest = 0;
  let lines = 0;
  const started = performance.now();
  const report = (what: string, text: string) => {
    wrong += 1;
    if (wrong <= 20) console.log(`${what}\n${JSON.stringify(text).slice(0, 600)}\n`);
  };
  for (let index = 0; index < count; index++) {
    const text = hostile(choose, seeds);
    const path = `tests/unit/test_${index % 3}.py`;
    const before = process.cpuUsage();
    try {
      engine.put(path, text);
      const review = engine.review(path);
      engine.wanted();
      const problem = wrongIn(review, text);
      if (problem !== undefined) report(problem, text);
      if (index % 20 === 0) {
        JSON.parse(json([review], { version: '0' }));
        markdown([review]);
        terminal([review], { colors });
      }
    } catch (error) {
      report(`thrown: ${error instanceof Error ? error.stack : String(error)}`, text);
    }
    // Time of the processor: what else the machine does is not counted.
    const { user, system } = process.cpuUsage(before);
    const took = (user + system) / 1000;
    const own = text.split('\n').length;
    lines += own;
    slowest = Math.max(slowest, took);
    if (took > 1000 * Math.max(1, own / 1000)) report(`took ${Math.round(took)} ms for ${own} lines`, text);
    if (index % 10_000 === 9_999 || index === count - 1) {
      console.log(
        `${index + 1} inputs, ${wrong} wrong, rss ${Math.round(process.memoryUsage().rss / 1e6)} MB, ${Math.round((performance.now() - started) / 1000)} s`,
      );
    }
  }
  const peak = Math.round((process.resourceUsage().maxRSS * 1024) / 1e6);
  console.log(`${count} inputs of ${lines} lines, slowest ${Math.round(slowest)} ms, at most ${peak} MB`);
  if (peak > MOST_MEMORY_MB) {
    wrong += 1;
    console.log(`more than ${MOST_MEMORY_MB} MB`);
  }
  console.log(`${count - wrong} passed, ${wrong} failed`);
  return wrong === 0 ? 0 : 1;
}

main().then(
  (code) => process.exit(code),
  (error) => {
    console.error(error);
    process.exit(1);
  },
);
