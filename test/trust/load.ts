/**
 * The language server under load: many open documents, many that are typed in at once, a very large workspace under
 * review while somebody types. Keys fall due by the clock whether or not the server keeps up, and each is timed from when
 * it was due until diagnostics of a text that holds it arrive; a pull is cancelled and sent again as VS Code's client does.
 * Fails where an answer does not come, where keys are slow once the load has gone, or where memory grows past its limit.
 *
 *   npm run trust -- load [--documents 1000] [--editors 50] [--seconds 600] [--files 100000]
 */
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { pathToFileURL } from 'node:url';
import { CancellationTokenSource } from 'vscode-languageserver/node';
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
/** Of 95 of 100 keys, while nothing else happens. Far above what is measured on a machine of its own: others may work there too. */
const FLUID_MS = 250;
const MOST_MEMORY_MB = 1_000;

/** The most memory that the server ever had. */
function peakOf(server: Server): number {
  const status = readFileSync(`/proc/${server.process.pid}/status`, 'utf8');
  return Math.round(Number(/VmHWM:\s*(\d+)/.exec(status)?.[1] ?? 0) / 1024);
}

/** Seconds that the server's processor worked. */
function workOf(server: Server): number {
  const fields = readFileSync(`/proc/${server.process.pid}/stat`, 'utf8').split(') ')[1]?.split(' ') ?? [];
  return (Number(fields[11]) + Number(fields[12])) / 100;
}

function machine(): string {
  return `load average ${loadavg()[0]?.toFixed(1)}`;
}

function part(times: readonly number[], share: number): number {
  const sorted = [...times].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0;
}

function spread(times: readonly number[]): string {
  return `${[0.5, 0.95, 0.99, 1].map((it) => `${it === 1 ? 'worst' : `p${it * 100}`} ${part(times, it).toFixed(1)} ms`).join(', ')} (${times.length} keys)`;
}

/** Somebody who types a line into the middle of a document and takes it out again, over and over. */
class Typist {
  /** From when a key was due until its diagnostics were there. */
  readonly times: number[] = [];
  pulls = 0;
  readonly #server: Server;
  readonly #uri: string;
  readonly #line: number;
  readonly #unanswered: { readonly version: number; readonly due: number }[] = [];
  #version = 1;
  #typed = -1;
  #pull: CancellationTokenSource | undefined;
  #again = false;
  #rest: (() => void) | undefined;

  constructor(server: Server, uri: string, text: string) {
    this.#server = server;
    this.#uri = uri;
    const middle = text.indexOf('\n    def test_', text.length >> 1);
    this.#line = middle < 0 ? 0 : text.slice(0, middle + 1).split('\n').length;
  }

  /** One key. */
  type(due: number): void {
    this.#version += 1;
    const line = this.#line;
    const start = { line, character: Math.max(this.#typed, 0) };
    const key =
      this.#typed < 0
        ? ({ text: '\n', range: { start, end: start } } as const)
        : this.#typed < LINE.length
          ? { text: LINE[this.#typed] ?? '', range: { start, end: start } }
          : { text: '', range: { start: { line, character: 0 }, end: { line: line + 1, character: 0 } } };
    this.#typed = this.#typed < LINE.length ? this.#typed + 1 : -1;
    void this.#server.change(this.#uri, this.#version, key.text, key.range);
    this.#unanswered.push({ version: this.#version, due });
    void this.#ask();
  }

  /** Types until then, by the clock. */
  async typeUntil(end: () => boolean, first = performance.now()): Promise<void> {
    for (let due = first; !end(); due += BETWEEN_KEYS_MS) {
      await pause(Math.max(0, due - performance.now()));
      this.type(due);
      this.#complain();
    }
  }

  /** Until every key is answered. */
  async answered(): Promise<void> {
    while (this.#unanswered.length > 0) {
      this.#complain();
      await Promise.race([
        new Promise<void>((resolve) => {
          this.#rest = resolve;
        }),
        pause(BETWEEN_KEYS_MS),
      ]);
    }
  }

  #complain(): void {
    const [oldest] = this.#unanswered;
    if (oldest !== undefined && performance.now() - oldest.due > PATIENCE_MS) throw new Error(`no answer for ${this.#uri} within ${PATIENCE_MS} ms`);
  }

  async #ask(): Promise<void> {
    if (this.#pull !== undefined) {
      this.#again = true;
      this.#pull.cancel();
      return;
    }
    do {
      this.#again = false;
      this.#pull = new CancellationTokenSource();
      const version = this.#version;
      this.pulls += 1;
      try {
        await this.#server.connection.sendRequest('textDocument/diagnostic', { textDocument: { uri: this.#uri } }, this.#pull.token);
        const now = performance.now();
        for (let it = this.#unanswered[0]; it !== undefined && it.version <= version; it = this.#unanswered[0]) {
          this.times.push(now - it.due);
          this.#unanswered.shift();
        }
      } catch {
        this.#again = true;
      }
    } while (this.#again);
    this.#pull = undefined;
    if (this.#unanswered.length === 0) this.#rest?.();
  }
}

/** Opens documents with these texts in turn; gives somebody who types for each. */
async function openDocuments(server: Server, texts: readonly string[], folder: string, count: number): Promise<Typist[]> {
  const typists: Typist[] = [];
  for (let index = 0; index < count; index++) {
    const uri = pathToFileURL(join(folder, `tests/unit/test_open_${index}.py`)).href;
    const text = texts[index % texts.length] ?? '';
    await server.open(uri, text);
    await server.pull(uri);
    typists.push(new Typist(server, uri, text));
  }
  return typists;
}

/** Keys here and there, each after the one before was answered. */
async function keysOneByOne(typists: readonly Typist[], count: number): Promise<number[]> {
  const choose = seeded(3);
  const times: number[] = [];
  for (let index = 0; index < count; index++) {
    const typist = typists[choose(typists.length)];
    typist?.type(performance.now());
    await typist?.answered();
    times.push(typist?.times.pop() ?? 0);
    await pause(BETWEEN_KEYS_MS / 5);
  }
  return times;
}

/** What the server tells unasked is of no use here, and would fill the memory of this process. */
function forgetting(server: Server): () => void {
  const timer = setInterval(() => {
    for (const it of [server.reviewed, server.published, server.status, server.log]) it.length = 0;
  }, 1_000);
  return () => clearInterval(timer);
}

async function manyDocuments(folder: string, texts: readonly string[], wrong: (what: string) => void): Promise<void> {
  const server = await processClient({ folders: [pathToFileURL(folder).href] });
  const stop = forgetting(server);
  const typists = await openDocuments(server, texts, folder, numberOption('documents', 1_000));
  console.log(`${typists.length} open documents: at most ${peakOf(server)} MB`);
  const before = await keysOneByOne(typists, 300);
  console.log(`a key in one of them: ${spread(before)}; ${machine()}`);

  const editors = typists.slice(0, numberOption('editors', 50));
  const seconds = numberOption('seconds', 600);
  const work = workOf(server);
  const own = process.cpuUsage();
  const pulls = editors.map((it) => it.pulls);
  const started = performance.now();
  const end = () => performance.now() - started > seconds * 1_000;
  await Promise.all(editors.map((it, index) => it.typeUntil(end, started + (index * BETWEEN_KEYS_MS) / editors.length)));
  const stopped = performance.now();
  await Promise.all(editors.map((it) => it.answered()));
  const late = performance.now() - stopped;
  const times = editors.flatMap((it) => it.times);
  const length = (stopped - started) / 1_000;
  const { user, system } = process.cpuUsage(own);
  console.log(
    `${editors.length} editors for ${seconds} s, ${(times.length / length).toFixed(0)} keys a second: ${spread(times)}; ` +
      `pulled ${(editors.reduce((sum, it, index) => sum + it.pulls - (pulls[index] ?? 0), 0) / length).toFixed(0)} times a second, ` +
      `server at ${Math.round((100 * (workOf(server) - work)) / length)} % of a core, typists at ${Math.round((user + system) / length / 10_000)} %, ` +
      `at most ${peakOf(server)} MB; ${machine()}`,
  );
  const after = await keysOneByOne(typists, 300);
  console.log(`all answered ${Math.round(late)} ms after the last key; then a key in one of them: ${spread(after)}; ${machine()}`);
  if (part(after, 0.95) > FLUID_MS) wrong('keys stay slow after the load');
  if (peakOf(server) > MOST_MEMORY_MB) wrong('too much memory');
  stop();
  await server.end();
}

async function largeWorkspace(folder: string, texts: readonly string[], wrong: (what: string) => void): Promise<void> {
  const files = numberOption('files', 100_000);
  for (let index = 0; index < files; index++) {
    const below = join(folder, 'tests', `part_${Math.floor(index / 500)}`);
    if (index % 500 === 0) mkdirSync(below, { recursive: true });
    writeFileSync(
      join(below, `test_${index}.py`),
      `import os\nimport unittest\n\n\nclass Test${index}(unittest.TestCase):\n    def test_a(self):\n        os.environ["A_${index}"] = "b"\n        self.assertEqual(${index}, load(${index}))\n`,
    );
  }
  const server = await processClient({ folders: [pathToFileURL(folder).href] });
  const stop = forgetting(server);
  const [typist] = await openDocuments(server, texts, folder, 1);
  if (typist === undefined) throw new Error('nobody types');
  await keysOneByOne([typist], 100);
  const asked = performance.now();
  let isDone = false;
  const review = server.connection.sendRequest<WorkspaceResult>('attest/reviewWorkspace', { partialResultToken: 'parts' }).finally(() => {
    isDone = true;
  });
  await typist.typeUntil(() => isDone);
  await typist.answered();
  const { reviewed, complete } = await review;
  console.log(
    `${files} files: ${reviewed} reviewed${complete ? '' : ', not all'} in ${Math.round((performance.now() - asked) / 1_000)} s, ` +
      `at most ${peakOf(server)} MB; keys meanwhile: ${spread(typist.times)}; ${machine()}`,
  );
  if (!complete || reviewed < files) wrong('not all files were reviewed');
  if (part(typist.times, 0.95) > FLUID_MS) wrong('typing is not fluid during the review of the workspace');
  if (peakOf(server) > MOST_MEMORY_MB) wrong('too much memory');
  stop();
  await server.end();
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
  console.log(machine());
  let failed = 0;
  for (const proof of [manyDocuments, largeWorkspace]) {
    const folder = mkdtempSync(join(tmpdir(), 'attest-load-'));
    const problems: string[] = [];
    await proof(folder, texts, (what) => problems.push(what)).finally(() => rmSync(folder, { recursive: true, force: true }));
    for (const it of problems) console.log(it);
    if (problems.length > 0) failed += 1;
  }
  console.log(`${2 - failed} passed, ${failed} failed`);
  return failed === 0 ? 0 : 1;
}

main().then(
  (code) => process.exit(code),
  (error) => {
    console.error(error);
    process.exit(1);
  },
);
