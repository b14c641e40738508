/** What a file costs among 100 and among 5,000: copies of a part of the suite, none of which knows another. */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import type { Context } from './context.ts';
import { quantile, type Row, spreadOf, versus } from './measure.ts';
import { costOf } from './processes.ts';
import { lineCount, testFiles } from './texts.ts';

const LARGEST = 300;

export async function growth(context: Context): Promise<Row[]> {
  const { tests, cli, quick } = context;
  const texts = testFiles(tests)
    .map((path) => ({ path, text: readFileSync(path, 'utf8') }))
    .filter(({ text }) => lineCount(text) >= 30 && lineCount(text) <= LARGEST)
    .slice(0, 100);
  const perFile = new Map<number, number[]>();
  for (const count of quick ? [100, 500] : [100, 500, 1000, 5000]) {
    const root = context.scratch();
    writeFileSync(join(root, 'pyproject.toml'), '');
    for (let index = 0; index < count; index++) {
      const { path, text } = texts[index % texts.length] as { path: string; text: string };
      const folder = join(root, `part_${Math.floor(index / texts.length)}`, 'tests');
      mkdirSync(folder, { recursive: true });
      writeFileSync(join(folder, basename(path).replace('.py', `_${index % texts.length}.py`)), text);
    }
    const values: number[] = [];
    for (let round = 0; round < (count > 1000 || quick ? 1 : 3); round++) {
      const cost = costOf(process.execPath, [cli, 'review', '--fail-on', 'never', '--no-cache', '--jobs', '2'], { cwd: root });
      // The time of all cores where the system tells it: a busy machine makes the other one longer, not this.
      values.push((cost.cpu ?? cost.wall) / count);
    }
    perFile.set(count, values);
  }
  const rows = [...perFile].map(
    ([count, values]): Row => ({
      group: 'growth',
      what: `one file among ${count.toLocaleString('en')}, time of all cores`,
      unit: 'ms',
      attest: spreadOf(values),
    }),
  );
  const [middle, last] = [perFile.get(500), [...perFile].at(-1)];
  if (middle === undefined || last === undefined) return rows;
  const common = { group: 'growth', what: `one file among ${last[0].toLocaleString('en')}`, unit: 'ms', goal: { hold: 1.25, stretch: 1 } };
  return [...rows, versus(common, [quantile(last[1], 0.5)], 'among 500', [quantile(middle, 0.5)])];
}
