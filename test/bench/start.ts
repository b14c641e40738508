/** From the start of a process to the findings of one file of 1,000 lines. */
import { join } from 'node:path';
import type { Context } from './context.ts';
import { type Row, rounds, spreadOf, versus } from './measure.ts';
import { type Cost, costOf } from './processes.ts';
import { samples } from './texts.ts';

export async function start(context: Context): Promise<Row[]> {
  const { root, tests, cli, peers, quick } = context;
  const [sample] = samples(root, tests, [1000]);
  if (sample === undefined) return [];
  const file = join(root, sample.path);
  const kept = context.scratch();
  const costs = new Map<string, Cost[]>();
  const noted = (name: string, cost: Cost) => {
    costs.set(name, [...(costs.get(name) ?? []), cost]);
    return cost.wall;
  };
  const attest = (words: readonly string[]) =>
    costOf(process.execPath, [cli, 'review', '--root', root, '--fail-on', 'never', ...words, file], { cwd: root, env: { XDG_CACHE_HOME: kept } });
  attest([]);
  const { bandit } = peers;
  const values = await rounds(quick ? 5 : 15, {
    fresh: () => noted('fresh', attest(['--no-cache'])),
    kept: () => noted('kept', attest([])),
    node: () => costOf(process.execPath, ['-e', '0'], { cwd: root }).wall,
    bandit: () =>
      bandit === undefined ? Number.NaN : noted('bandit', costOf(bandit.command, [...bandit.args, '-q', file], { cwd: root, env: bandit.env ?? {} })),
  });
  const what = `process start → findings, ${sample.lines.toLocaleString('en')} lines`;
  const common = { group: 'start', unit: 'ms', what };
  const node = versus({ ...common, what: `${what}: Node alone` }, values.node, 'the whole', values.fresh);
  if (bandit === undefined) return [{ ...common, attest: spreadOf(values.fresh) }, node];
  const busy = (name: string) => costs.get(name)?.flatMap((it) => it.cpu ?? []) ?? [];
  return [
    versus({ ...common, goal: { hold: 0.5, stretch: 0.35 } }, values.fresh, bandit.name, values.bandit),
    versus({ ...common, what: `${what}, time of all cores` }, busy('fresh'), bandit.name, busy('bandit')),
    versus({ ...common, what: `${what}, kept from before` }, values.kept, bandit.name, values.bandit),
    node,
  ];
}
