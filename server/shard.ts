/**
 * One part of many, for machines that each review a part: every machine sees the same files, so each works out the
 * same parts and takes its own, without talking to the others.
 */

/** `index` counts from 1 to `count`. */
export interface Shard {
  readonly index: number;
  readonly count: number;
}

export interface Sized {
  readonly path: string;
  /** In any unit: only proportions matter. */
  readonly size: number;
}

/** `2/16`; undefined when it is nothing of that form. */
export function shardNamed(text: string): Shard | undefined {
  const parts = /^([1-9]\d{0,4})\/([1-9]\d{0,4})$/.exec(text);
  if (parts === null) return undefined;
  const [index, count] = [Number(parts[1]), Number(parts[2])];
  return index <= count ? { index, count } : undefined;
}

/** The paths of a part, sorted. The largest file first, each into the part that is smallest so far. */
export function shardOf(files: readonly Sized[], { index, count }: Shard): string[] {
  const loads = Array.from({ length: count }, () => 0);
  const own: string[] = [];
  for (const it of [...files].sort((a, b) => b.size - a.size || (a.path < b.path ? -1 : 1))) {
    const least = loads.indexOf(Math.min(...loads));
    loads[least] = (loads[least] ?? 0) + it.size;
    if (least === index - 1) own.push(it.path);
  }
  return own.sort();
}
