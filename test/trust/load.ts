/**
 * The language server under load: many open documents, many documents that are typed in at once, a very large workspace
 * under review while somebody types. Prints latencies and memory; fails only where answers stop coming.
 *
 *   npm run trust -- load [--documents 1000] [--editors 50] [--seconds 600] [--files 100000]
 */
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { pathToFileURL } from 'node:url';
import type { WorkspaceResult } from '../../server/protocol.ts';
import { corpus } from '../corpus.mjs';
import { pythonFiles } from '../harness.ts';
import { processClient } from '../lsp.ts';
import { seeded } from './hostile.ts';
import { numberOption } from './options.ts';

type Server = Awaited<ReturnType<typeof processClient>>;

/** An answer that takes longer than this did not come. */
const PATIENCE_MS = 30_000;

function memoryOf(server: Server): number {
  const status = readFileSync(`/proc/${server.process.pid}/status`, 'utf8');
  return Math.round(Number(/VmRSS:\s*(\d+)/.exec(status)?.[1] ?? 0) / 1024);
}

function spread(times: readonly number[]): string {
  const sorted = [...times].sort((a, b) => a - b);
  const at = (share: number) => (sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0).toFixed(1);
  return `p50 ${at(0.5)} ms, p95 ${at(0.95)} ms, worst ${at(1)} ms (${times.length} keys)`;
}

/** One key typed into the middle of a document, until its diagnostics are there. */
async function key(server: Server, uri: string, version: number, text: string): Promise<number> {
  const started = performance.now();
  await server.change(uri, version, text);
  await Promise.race([
    server.pull(uri),
    pause(PATIENCE_MS).then(() => {
      throw new Error(`no answer for ${uri} within ${PATIENCE_MS} ms`);
    }),
  ]);
  return performance.now() - started;
}

/** A line typed key by key behind the first statement of the text's middle. */
function typed(text: string, keys: number): string {
  const middle = text.indexOf('\n    def test_', text.length >> 1);
  const at = middle < 0 ? text.length : text.indexOf('\n', middle + 1) + 1;
  return text.slice(0, at) + '        value = self.api.get("x")\n'.slice(0, 8 + (keys % 22)) + (keys % 22 === 21 ? '' : '\n') + text.slice(at);
}

async function openDocuments(server: Server, texts: readonly string[], folder: string, count: number): Promise<string[]> {
  const uris: string[] = [];
  for (let index = 0; index < count; index++) {
    const uri = pathToFileURL(join(folder, `tests/unit/test_open_${index}.py`)).href;
    uris.push(uri);
    await server.open(uri, texts[index % texts.length] ?? '');
    await server.pull(uri);
  }
  return uris;
}

async function main(): Promise<number> {
  const found = corpus('nova');
  if ('skipped' in found) {
    console.log(`skipped: ${found.skipped}`);
    return 0;
  }
  const texts = Object.entries(pythonFiles(found.tests))
    .filter(([path, text]) => /test_[^/]*\.py$/.test(path) && text.length > 4_000 && text.length < 40_000)
    .map(([, text]) => text);
  const choose = seeded(3);
  const folder = mkdtempSync(join(tmpdir(), 'attest-load-'));
  try {
    const server = await processClient({ folders: [pathToFileURL(folder).href] });
    const uris = await openDocuments(server, texts, folder, numberOption('documents', 1_000));
    console.log(`${uris.length} open documents: ${memoryOf(server)} MB`);
    const one: number[] = [];
    for (let version = 2; version < 302; version++) {
      const index = choose(uris.length);
      one.push(await key(server, uris[index] ?? '', version, typed(texts[index % texts.length] ?? '', version)));
    }
    console.log(`a key in one of them: ${spread(one)}`);

    const editors = numberOption('editors', 50);
    const seconds = numberOption('seconds', 600);
    const until = performance.now() + seconds * 1_000;
    const many: number[] = [];
    let version = 1_000;
    while (performance.now() < until) {
      const started = performance.now();
      version += 1;
      // Every editor sends its key; one of them is waited for, as a person would.
      for (let index = 1; index < editors; index++) await server.change(uris[index] ?? '', version, typed(texts[index % texts.length] ?? '', version));
      many.push(await key(server, uris[0] ?? '', version, typed(texts[0] ?? '', version)));
      await pause(Math.max(0, 50 - (performance.now() - started)));
    }
    console.log(`${editors} editors at up to 20 keys a second for ${seconds} s: ${spread(many)}, ${memoryOf(server)} MB`);
    await server.end();

    const files = numberOption('files', 100_000);
    for (let index = 0; index < files; index++) {
      const below = join(folder, 'tests', `part_${Math.floor(index / 500)}`);
      if (index % 500 === 0) mkdirSync(below, { recursive: true });
      writeFileSync(
        join(below, `test_${index}.py`),
        `import os\nimport unittest\n\n\nclass Test${index}(unittest.TestCase):\n    def test_a(self):\n        os.environ["A_${index}"] = "b"\n        self.assertEqual(${index}, load(${index}))\n`,
      );
    }
    const large = await processClient({ folders: [pathToFileURL(folder).href] });
    const [uri = ''] = await openDocuments(large, texts, folder, 1);
    const started = performance.now();
    let done = false;
    const review = large.connection.sendRequest<WorkspaceResult>('attest/reviewWorkspace', { partialResultToken: 'parts' }).finally(() => {
      done = true;
    });
    const meanwhile: number[] = [];
    for (let at = 2; !done; at++) {
      meanwhile.push(await key(large, uri, at, typed(texts[0] ?? '', at)));
      await pause(50);
    }
    const { reviewed, complete } = await review;
    console.log(
      `${files} files: ${reviewed} reviewed${complete ? '' : ', not all'} in ${Math.round((performance.now() - started) / 1_000)} s, ${memoryOf(large)} MB; keys meanwhile: ${spread(meanwhile)}`,
    );
    await large.end();
    const good = complete && reviewed >= files;
    console.log(good ? '1 passed, 0 failed' : '0 passed, 1 failed');
    return good ? 0 : 1;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

main().then(
  (code) => process.exit(code),
  (error) => {
    console.error(error);
    process.exit(1);
  },
);
