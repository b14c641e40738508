/**
 * `npm run bench`: what a review costs, as ratios to the plain parse of the same text in the same run, over
 * real files of growing size; and what a keystroke costs while a test method is typed into their middle.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Language, Parser } from 'web-tree-sitter';
import { RULES } from '../rules/index.ts';
import { createEngine } from '../server/review/engine.ts';
import { corpus } from './corpus.mjs';

const ROOT = join(__dirname, '..', '..');
const FILES = [
  'nova/tests/functional/regressions/test_bug_1718455.py',
  'nova/tests/unit/api/openstack/compute/test_keypairs.py',
  'nova/tests/unit/api/openstack/compute/test_servers.py',
  'nova/tests/unit/virt/libvirt/test_driver.py',
];
const TYPED = `
    @mock.patch.object(objects.Instance, 'save')
    def test_typed_in(self, mock_save):
        """Typed key by key."""
        with mock.patch('nova.utils.execute') as run:
            result = self.driver.spawn(f"{self.context}", [1, 2, (3, 4)])
        self.assertEqual({'a': "b"}, result)
        run.assert_called_once_with('ls', '-l')
`;

function median(values: readonly number[]): number {
  return percentile(values, 0.5);
}

function percentile(values: readonly number[], part: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * part))] ?? 0;
}

function timed(run: () => void): number {
  const start = performance.now();
  run();
  return performance.now() - start;
}

async function main(): Promise<void> {
  const nova = corpus('nova');
  if ('skipped' in nova) {
    console.log(`skipped: ${nova.skipped}`);
    return;
  }
  const runtime = readFileSync(join(ROOT, 'dist/tree-sitter.wasm'));
  const grammar = readFileSync(join(ROOT, 'dist/tree-sitter-python.wasm'));
  const options = { runtime, grammar, rules: RULES };
  const warm = await createEngine(options);
  const parser = new Parser();
  parser.setLanguage(await Language.load(grammar));
  const rows: string[] = [];
  for (const path of FILES) {
    const text = readFileSync(join(nova.root, path), 'utf8');
    const lines = text.split('\n').length;
    const parses: number[] = [];
    const reviews: number[] = [];
    const again: number[] = [];
    const rounds = lines > 5000 ? 3 : 7;
    for (let round = 0; round < rounds; round++) {
      parses.push(timed(() => parser.parse(text)?.delete()));
      const engine = await createEngine(options);
      engine.put(path, text);
      engine.review(path);
      for (let wanted = engine.wanted(); wanted.length > 0; wanted = engine.wanted()) {
        for (const it of wanted) engine.put(it, read(join(nova.root, it)));
        engine.review(path);
      }
      // Helpers are known now: the file itself, from nothing.
      const fresh = `${text}\n# ${round}\nround_${round} = 1\n`;
      engine.put('nova/tests/unit/test_warm_up.py', 'import os\n');
      engine.drop(path);
      engine.put(path, text);
      again.push(timed(() => engine.review(path)));
      engine.put(path, fresh);
      reviews.push(timed(() => engine.review(path)));
    }
    const keys = typing(warm, path, text, nova.root);
    rows.push(
      `| ${path.split('/').at(-1) ?? ''} | ${lines} | ${median(parses).toFixed(1)} | ${(median(again) / median(parses)).toFixed(2)} | ${(median(reviews) / median(parses)).toFixed(2)} | ${percentile(keys, 0.5).toFixed(2)} | ${percentile(keys, 0.95).toFixed(2)} | ${Math.max(...keys).toFixed(1)} |`,
    );
  }
  console.log('| file | lines | parse ms | review from arenas / parse | frame changed / parse | key p50 ms | p95 | max |\n|---|--:|--:|--:|--:|--:|--:|--:|');
  for (const it of rows) console.log(it);
}

function read(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return undefined;
  }
}

/** Types the method into the middle of the file, key by key; milliseconds per key. */
function typing(engine: Awaited<ReturnType<typeof createEngine>>, path: string, text: string, root: string): number[] {
  const middle = text.indexOf('\n    def test', text.length >> 1) + 1 || text.length;
  engine.put(path, text);
  engine.review(path);
  for (let wanted = engine.wanted(); wanted.length > 0; wanted = engine.wanted()) {
    for (const it of wanted) engine.put(it, read(join(root, it)));
    engine.review(path);
  }
  const keys: number[] = [];
  for (let length = 1; length <= TYPED.length; length++) {
    const next = text.slice(0, middle) + TYPED.slice(0, length) + text.slice(middle);
    keys.push(
      timed(() => {
        engine.put(path, next);
        engine.review(path);
      }),
    );
  }
  return keys;
}

main();
