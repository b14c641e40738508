/** The whole suite: cold beside the peers, and again with what is kept. */
import { join } from 'node:path';
import type { Context } from './context.ts';
import { type Goal, type Row, rounds, spreadOf, versus } from './measure.ts';
import type { Peer } from './peers.ts';
import { type Cost, costOf } from './processes.ts';

export async function tree(context: Context): Promise<Row[]> {
  const { root, tests, cli, project, peers, quick } = context;
  const { ruff, bandit, ruffWasm } = peers;
  const kept = context.scratch();
  const attest = (words: readonly string[], cache: string) =>
    costOf(process.execPath, [cli, 'review', '--root', root, '--fail-on', 'never', '--jobs', '2', ...words, tests], {
      cwd: root,
      env: { XDG_CACHE_HOME: cache },
    });
  const peer = ({ command, args, env }: Peer, words: readonly string[]) => costOf(command, [...args, ...words], { cwd: root, env: env ?? {} });
  const lint = (it: Peer, cache: readonly string[]) => peer(it, ['check', '--isolated', '--quiet', '--select', 'S,PT,B', ...cache, tests]);
  const costs = new Map<string, Cost[]>();
  const noted = (name: string, cost: Cost) => {
    costs.set(name, [...(costs.get(name) ?? []), cost]);
    return cost.wall;
  };
  const contenders: Record<string, (round: number) => number> = {
    attest: () => noted('attest', attest(['--no-cache'], context.scratch())),
    ...(ruff === undefined ? {} : { ruff: () => noted('ruff', lint(ruff, ['--no-cache'])) }),
    ...(ruffWasm === undefined
      ? {}
      : { ruffWasm: () => noted('ruffWasm', costOf(process.execPath, [join(project, 'test/bench/ruff-wasm.mjs'), ruffWasm.folder, tests], { cwd: root })) }),
    // The slow one runs once; its ratio is taken with every round of the others.
    ...(bandit === undefined ? {} : { bandit: (round: number) => (round > 0 ? Number.NaN : noted('bandit', peer(bandit, ['-q', '-r', '-f', 'json', tests]))) }),
  };
  const cold = await rounds(quick ? 1 : 3, contenders);
  const own = cold['attest'] ?? [];
  const row = (name: string, peerName: string | undefined, goal: Goal, note?: string): Row[] => {
    const values = (cold[name] ?? []).filter((it) => !Number.isNaN(it));
    if (peerName === undefined || values.length === 0) return [];
    const common = { group: 'tree', what: `cold review of ${suite(tests)}, 2 threads`, unit: 'ms', goal, ...(note === undefined ? {} : { note }) };
    return [versus(common, own, peerName, values)];
  };
  const busy = (name: string) => costs.get(name)?.flatMap((it) => it.cpu ?? []) ?? [];
  const processors = (name: string, peerName: string | undefined): Row[] => {
    if (peerName === undefined || busy(name).length === 0) return [];
    return [versus({ group: 'tree', what: 'the same, time of all cores', unit: 'ms' }, busy('attest'), peerName, busy(name))];
  };
  const rows: Row[] = [
    ...row('bandit', bandit?.name, { hold: 1 / 12, stretch: 1 / 20 }, '`-r`, one process, once'),
    ...processors('bandit', bandit?.name),
    ...row('ruff', ruff && `${ruff.name} S,PT,B`, { hold: 10, stretch: 6 }),
    ...processors('ruff', ruff && `${ruff.name} S,PT,B`),
    ...row('ruffWasm', ruffWasm && `${ruffWasm.name} S`, { hold: 1.2, stretch: 1.2 }, 'two threads'),
    ...memory(costs),
  ];
  return [...rows, ...(await repeated(context, ruff, kept, attest, lint))];
}

async function repeated(
  { quick }: Context,
  ruff: Peer | undefined,
  kept: string,
  attest: (words: readonly string[], cache: string) => Cost,
  lint: (it: Peer, cache: readonly string[]) => Cost,
): Promise<Row[]> {
  attest([], kept);
  const values = await rounds(quick ? 5 : 15, {
    attest: () => attest([], kept).wall,
    ruff: () => (ruff === undefined ? Number.NaN : lint(ruff, ['--no-cache']).wall),
    ruffKept: () => (ruff === undefined ? Number.NaN : lint(ruff, ['--cache-dir', kept]).wall),
  });
  const common = { group: 'tree', what: 'repeat review, nothing changed', unit: 'ms' };
  if (ruff === undefined) return [{ ...common, attest: spreadOf(values.attest) }];
  return [
    versus({ ...common, goal: { hold: 1.5, stretch: 1 } }, values.attest, `${ruff.name} S,PT,B, no cache`, values.ruff),
    versus(common, values.attest, `${ruff.name} S,PT,B, with its cache`, values.ruffKept.slice(1)),
  ];
}

function memory(costs: ReadonlyMap<string, readonly Cost[]>): Row[] {
  const most = (name: string) => costs.get(name)?.flatMap((it) => it.rss ?? []) ?? [];
  const common = { group: 'memory', what: 'most memory of the cold review, 2 threads', unit: 'MB', goal: { hold: 250, stretch: 200 } };
  return most('attest').length === 0
    ? []
    : [
        {
          ...common,
          attest: spreadOf(most('attest')),
          ...(most('ruffWasm').length === 0 ? {} : { note: `ruff-wasm ${Math.max(...most('ruffWasm')).toFixed(0)} MB` }),
        },
      ];
}

function suite(tests: string): string {
  return tests.split('/').slice(-2).join('/');
}
