/** A server that lives long: its memory after many files, how fast a review of the workspace stops, and the soak. */
import { readFileSync } from 'node:fs';
import { pathToFileURL } from 'node:url';
import { CancellationTokenSource, ProgressType } from 'vscode-languageserver/node';
import { RULES } from '../../rules/index.ts';
import type { Engine } from '../../server/review/engine.ts';
import { createEngine } from '../../server/review/engine.ts';
import type { Context } from './context.ts';
import { startEditor } from './language-client.ts';
import { type Row, spreadOf } from './measure.ts';
import { residentMb } from './processes.ts';
import { middleOf, readIn, TYPED, testFiles } from './texts.ts';

/** What is needed of a global that Node has and its types do not. */
interface WasmMemory {
  readonly buffer: ArrayBuffer;
}
declare const WebAssembly: { Memory: new (...description: unknown[]) => WasmMemory };

const only = (value: number) => spreadOf([value]);

export async function memory({ root, tests, server, quick }: Context): Promise<Row[]> {
  // As the extension starts it: `client/server-process.ts`.
  const editor = await startEditor(process.execPath, ['--max-semi-space-size=4', server, '--stdio'], root, {});
  const files = spread(testFiles(tests), quick ? 100 : 500);
  const begin = residentMb(editor.pid);
  for (const it of files) {
    const uri = pathToFileURL(it).toString();
    await editor.open(uri, readFileSync(it, 'utf8'));
    await editor.diagnostics(uri);
    await editor.close(uri);
  }
  const end = residentMb(editor.pid);
  await editor.end();
  if (begin === undefined || end === undefined) return [];
  const common = { group: 'memory', unit: 'MB' };
  return [
    {
      ...common,
      what: `live server after ${files.length} files were opened, reviewed and closed`,
      attest: only(end),
      goal: { hold: 150, stretch: 120 },
      note: `${begin.toFixed(0)} MB before`,
    },
  ];
}

/** Evenly over the list, so that small and large folders are in. */
function spread<T>(items: readonly T[], count: number): T[] {
  return items.length <= count ? [...items] : Array.from({ length: count }, (_, index) => items[Math.floor((index * items.length) / count)] as T);
}

export async function cancel({ root, tests, server, quick }: Context): Promise<Row[]> {
  const editor = await startEditor(process.execPath, [server, '--stdio'], root, { commands: true });
  const times: number[] = [];
  for (let round = 0; round < (quick ? 2 : 5); round++) {
    const source = new CancellationTokenSource();
    let asked = 0;
    const listening = editor.connection.onProgress(new ProgressType<readonly unknown[]>(), `parts-${round}`, () => {
      if (asked > 0) return;
      asked = performance.now();
      source.cancel();
    });
    const params = { folders: [pathToFileURL(tests).toString()], partialResultToken: `parts-${round}` };
    await editor.connection.sendRequest('attest/reviewWorkspace', params, source.token);
    times.push(performance.now() - asked);
    listening.dispose();
  }
  await editor.end();
  return [{ group: 'live', what: 'review of the workspace: from stop to its end', unit: 'ms', attest: spreadOf(times), goal: { hold: 300, stretch: 300 } }];
}

/** 10,000 edits over 50 open files: what is held at the end beside what was held when all were open. */
export async function soak({ root, tests, project, quick }: Context): Promise<Row[]> {
  const [runtime, grammar] = ['tree-sitter.wasm', 'tree-sitter-python.wasm'].map((it) => readFileSync(`${project}/dist/${it}`)) as [Buffer, Buffer];
  const before = WebAssembly.Memory;
  const memories: WasmMemory[] = [];
  WebAssembly.Memory = class extends before {
    constructor(...description: unknown[]) {
      super(...description);
      memories.push(this);
    }
  };
  const engine = await createEngine({ runtime, grammar, rules: RULES, read: readIn(root) });
  WebAssembly.Memory = before;
  const files = spread(testFiles(tests), 50).map((path) => ({ path: path.slice(root.length + 1), text: readFileSync(path, 'utf8') }));
  for (const it of files) {
    engine.put(it.path, it.text);
    engine.review(it.path);
  }
  const held = () => {
    globalThis.gc?.();
    globalThis.gc?.();
    const { heapUsed, rss } = process.memoryUsage();
    return { heap: heapUsed / 2 ** 20, rss: rss / 2 ** 20, wasm: memories.reduce((sum, it) => sum + it.buffer.byteLength, 0) / 2 ** 20 };
  };
  const edits = quick ? 1000 : 10_000;
  const marks = [held()];
  for (let edit = 1; edit <= edits; edit++) {
    const it = files[edit % files.length];
    if (it !== undefined) typeOne(engine, it.path, it.text, edit);
    if (edit % (edits / 10) === 0) {
      const now = held();
      marks.push(now);
      console.log(`soak: ${edit} edits, heap ${now.heap.toFixed(1)} MB, RSS ${now.rss.toFixed(0)} MB, wasm ${now.wasm.toFixed(1)} MB`);
    }
  }
  for (const it of files) {
    engine.put(it.path, it.text);
    engine.review(it.path);
  }
  const [middle, end] = [marks[5], held()];
  const common = { group: 'soak', unit: 'MB' };
  const row = (what: string, key: 'heap' | 'rss' | 'wasm'): Row => ({
    ...common,
    what: `${edits.toLocaleString('en')} edits over ${files.length} open files: ${what}`,
    attest: only(end[key]),
    ...(middle === undefined
      ? {}
      : {
          peer: { name: 'after half of them', value: only(middle[key]) },
          ratio: only(middle[key] === 0 ? 1 : end[key] / middle[key]),
          goal: { hold: 1.1, stretch: 1.02 },
        }),
    note: `${marks[0]?.[key].toFixed(0)} MB before the first edit`,
  });
  return [row('JavaScript heap', 'heap'), row('resident memory', 'rss'), row('WebAssembly memory', 'wasm')];
}

/** One more key of the method, somewhere else each time it begins anew. */
function typeOne(engine: Engine, path: string, text: string, edit: number): void {
  const length = (edit * 7) % TYPED.length;
  const at = middleOf(text.slice(0, Math.max(1, Math.floor(text.length * ((edit % 17) / 17)))));
  engine.put(path, text.slice(0, at) + TYPED.slice(0, length) + text.slice(at));
  engine.review(path);
}
