/** From a key to the diagnostics, over the Language Server Protocol, beside `ruff server` on the same file. */
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Context } from './context.ts';
import { type Editor, startEditor } from './language-client.ts';
import { type Goal, quantile, type Row, rounds, spreadOf, timedAsync, versus } from './measure.ts';
import { middleOf, type Sample, samples, TYPED } from './texts.ts';

const RUFF = { settings: { lint: { select: ['S', 'PT', 'B'] }, configurationPreference: 'editorOnly' } };
const GOALS: Readonly<Record<number, Goal>> = { 1000: { hold: 1, stretch: 0.7 }, 10000: { hold: 0.4, stretch: 0.3 } };

export async function typing(context: Context): Promise<Row[]> {
  const { root, tests, server, peers, quick } = context;
  const rows: Row[] = [];
  for (const sample of samples(root, tests, quick ? [300, 1000, 5000] : [300, 1000, 5000, 10_000, 33_000])) {
    const editors: { readonly name: string; readonly editor: Editor }[] = [
      { name: 'Attest', editor: await startEditor(process.execPath, [server, '--stdio'], root, {}) },
    ];
    if (peers.ruff !== undefined) {
      const editor = await startEditor(peers.ruff.command, ['server'], root, RUFF);
      editors.push({ name: `${peers.ruff.name} server`, editor });
    }
    const brief = quick || sample.size > 10_000;
    const warm = brief ? TYPED.slice(0, 200) : TYPED;
    for (const { editor } of editors) await typed(editor, context, sample, warm);
    const traces = editors.map((): number[][] => []);
    const taken = await rounds(
      brief ? 1 : 3,
      Object.fromEntries(
        editors.map(({ editor }, index) => [
          `${index}`,
          async () => {
            const trace = await typed(editor, context, sample, TYPED);
            traces[index]?.push(trace);
            return quantile(trace, 0.5);
          },
        ]),
      ),
    );
    console.log(`typing: ${sample.lines} lines, p50 by round ${JSON.stringify(taken)}`);
    for (const { editor } of editors) await editor.end();
    rows.push(...rowsOf(sample, traces, editors[1]?.name));
  }
  return rows;
}

function rowsOf({ size, lines }: Sample, [own = [], peer = []]: readonly number[][][], name: string | undefined): Row[] {
  const goal = GOALS[size];
  const row = (what: string, part: number): Row => {
    const common = { group: 'typing', what: `key → diagnostics, ${lines.toLocaleString('en')} lines, ${what}`, unit: 'ms' };
    const values = own.map((it) => quantile(it, part));
    if (name === undefined) return { ...common, attest: spreadOf(values) };
    const theirs = peer.map((it) => quantile(it, part));
    return versus({ ...common, ...(goal === undefined || part === 1 ? {} : { goal }) }, values, name, theirs);
  };
  return [row('p50', 0.5), row('p95', 0.95), row('worst', 1)];
}

/** No trace is typed for longer: what it has by then is enough. */
const LONGEST = 120_000;

/** Types the keys into the middle, key by key; milliseconds from each key to its diagnostics. */
async function typed(editor: Editor, { root }: Context, { path, text }: Sample, keys: string): Promise<number[]> {
  const uri = pathToFileURL(join(root, path)).toString();
  await editor.open(uri, text);
  await editor.diagnostics(uri);
  // Helpers were read meanwhile: from here on it is like any other file in work.
  await editor.diagnostics(uri);
  const before = text.slice(0, middleOf(text));
  let line = before.split('\n').length - 1;
  let character = before.length - before.lastIndexOf('\n') - 1;
  const times: number[] = [];
  const until = performance.now() + LONGEST;
  for (const key of keys) {
    if (performance.now() > until) {
      console.log(`typing: ${path}: after ${times.length} of ${keys.length} keys it was late`);
      break;
    }
    const position = { line, character };
    times.push(
      await timedAsync(async () => {
        await editor.insert(uri, position, key);
        await editor.diagnostics(uri);
      }),
    );
    if (key === '\n') {
      line += 1;
      character = 0;
    } else character += 1;
  }
  await editor.close(uri);
  return times;
}
