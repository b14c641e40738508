/**
 * Numbers that hold on a busy machine: contenders take turns within a round, and what counts is the ratio within each
 * round, summed up as median and the middle half of all rounds.
 */
import { cpus, loadavg, type as systemType, totalmem } from 'node:os';

export interface Spread {
  readonly median: number;
  /** Ends of the middle half. */
  readonly low: number;
  readonly high: number;
  readonly count: number;
}

export function quantile(values: readonly number[], part: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  const at = (sorted.length - 1) * part;
  const [below, above] = [sorted[Math.floor(at)] ?? Number.NaN, sorted[Math.ceil(at)] ?? Number.NaN];
  return below + (above - below) * (at - Math.floor(at));
}

export function spreadOf(values: readonly number[]): Spread {
  return { median: quantile(values, 0.5), low: quantile(values, 0.25), high: quantile(values, 0.75), count: values.length };
}

export interface Goal {
  readonly hold: number;
  readonly stretch: number;
}

/** One line of the results. */
export interface Row {
  readonly group: string;
  readonly what: string;
  readonly unit: string;
  readonly attest: Spread;
  /** What it is measured against, by name. */
  readonly peer?: { readonly name: string; readonly value: Spread };
  /** Attest's value through the peer's, round by round. */
  readonly ratio?: Spread;
  /** For the ratio where there is one, else for the value. */
  readonly goal?: Goal;
  readonly note?: string;
}

/** Values of one contender and of another, taken in the same rounds. */
export function versus(row: Omit<Row, 'attest' | 'peer' | 'ratio'>, attest: readonly number[], peer: string, values: readonly number[]): Row {
  const ratios = attest.map((it, round) => it / (values[round] ?? values.at(-1) ?? Number.NaN));
  return { ...row, attest: spreadOf(attest), peer: { name: peer, value: spreadOf(values) }, ratio: spreadOf(ratios) };
}

/** No further round begins after this long: a busy machine gets fewer, not an endless run. */
const BUDGET_MS = 120_000;

/** Runs every contender once a round, each round in another order; values by contender. */
export async function rounds<Name extends string>(
  count: number,
  contenders: Readonly<Record<Name, (round: number) => number | Promise<number>>>,
): Promise<Record<Name, number[]>> {
  const end = performance.now() + BUDGET_MS;
  const names = Object.keys(contenders) as Name[];
  const values = Object.fromEntries(names.map((it) => [it, []])) as unknown as Record<Name, number[]>;
  for (let round = 0; round < count && (round === 0 || performance.now() < end); round++) {
    for (let turn = 0; turn < names.length; turn++) {
      const name = names[(turn + round) % names.length] as Name;
      values[name].push(await contenders[name](round));
    }
  }
  return values;
}

export function timed(work: () => void): number {
  const start = performance.now();
  work();
  return performance.now() - start;
}

export async function timedAsync(work: () => Promise<unknown>): Promise<number> {
  const start = performance.now();
  await work();
  return performance.now() - start;
}

export interface Machine {
  readonly processor: string;
  readonly cores: number;
  readonly memoryGb: number;
  readonly system: string;
  readonly node: string;
  readonly loadAtStart: readonly number[];
  readonly loadAtEnd: readonly number[];
}

export function machine(loadAtStart: readonly number[]): Machine {
  return {
    processor: cpus()[0]?.model.trim() ?? 'unknown',
    cores: cpus().length,
    memoryGb: Math.round(totalmem() / 2 ** 30),
    system: `${systemType()} ${process.arch}`,
    node: process.version,
    loadAtStart: loadAtStart.map(round1),
    loadAtEnd: loadavg().map(round1),
  };
}

function round1(value: number): number {
  return Math.round(value * 10) / 10;
}
