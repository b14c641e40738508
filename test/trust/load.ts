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

const LINE = '        value = self.api.get("x", timeout=5)';
/** Each editor's, as people type who type fast. */
const BETWEEN_KEYS_MS = 50;
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

/** Somebody who types a line into the middle of a document and takes it out again, over and over; each call is one key, until its diagnostics are there. */
function typist(server: Server, uri: string, text: string): () => Promise<number> {
  const middle = text.indexOf('\n    def test_', text.length >> 1);
  const line = middle < 0 ? 0 : text.slice(0, middle + 1).split('\n').length;
  let version = 1;
  let typed = -1;
  return async () => {
    version += 1;
    const start = { line, character: Math.max(typed, 0) };
    const started = performance.now();
    if (typed < 0) await server.change(uri, version, '\n', { start, end: start });
    else if (typed < LINE.length) await server.change(uri, version, LINE[typed] ?? '', { start, end: start });
    else await server.change(uri, version, '', { start: { line, character: 0 }, end: { line: line + 1, character: 0 } });
    typed = typed < LINE.length ? typed + 1 : -1;
    await Promise.race([
      server.pull(uri),
      pause(PATIENCE_MS, undefined, { ref: false }).then(() => {
        throw new Error(`no answer for ${uri} within ${PATIENCE_MS} ms`);
      }),
    ]);
    return performance.now() - started;
  };
}

/** Opens documents with these texts in turn; gives somebody who types for each. */
async function openDocuments(server: Server, texts: readonly string[], folder: string, count: number): Promise<(() => Promise<number>)[]> {
  const typists: (() => Promise<number>)[] = [];
  for (let index = 0; index < count; index++) {
    const uri = pathToFileURL(join(folder, `tests/unit/test_open_${index}.py`)).href;
    const text = texts[index % texts.length] ?? '';
    await server.open(uri, text);
    await server.pull(uri);
    typists.push(typist(server, uri, text));
  }
  return typists;
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
    const typists = await openDocuments(server, texts, folder, numberOption('documents', 1_000));
    console.log(`${typists.length} open documents: ${memoryOf(server)} MB`);
    const one: number[] = [];
    for (let index = 0; index < 300; index++) one.push((await typists[choose(typists.length)]?.()) ?? 0);
    console.log(`a key in one of them: ${spread(one)}`);

    const editors = typists.slice(0, numberOption('editors', 50));
    const seconds = numberOption('seconds', 600);
    const started = performance.now();
    const many: number[] = [];
    while (performance.now() - started < seconds * 1_000) {
      const until = performance.now() + BETWEEN_KEYS_MS;
      many.push(...(await Promise.all(editors.map((it) => it()))));
      await pause(Math.max(0, until - performance.now()));
    }
    const rate = many.length / editors.length / ((performance.now() - started) / 1_000);
    console.log(`${editors.length} editors, each ${rate.toFixed(1)} keys a second for ${seconds} s: ${spread(many)}, ${memoryOf(server)} MB`);
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
    const [type] = await openDocuments(large, texts, folder, 1);
    const asked = performance.now();
    let done = false;
    const review = large.connection.sendRequest<WorkspaceResult>('attest/reviewWorkspace', { partialResultToken: 'parts' }).finally(() => {
      done = true;
    });
    const meanwhile: number[] = [];
    while (!done) {
      meanwhile.push((await type?.()) ?? 0);
      await pause(BETWEEN_KEYS_MS);
    }
    const { reviewed, complete } = await review;
    console.log(
      `${files} files: ${reviewed} reviewed${complete ? '' : ', not all'} in ${Math.round((performance.now() - asked) / 1_000)} s, ${memoryOf(large)} MB; keys meanwhile: ${spread(meanwhile)}`,
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
