/**
 * Reviews kept on disk, one file (a *pack*) for a root, a build of Attest and its settings. A kept review counts only
 * while the file and all that its review looked into are what they were, paths without a file included.
 *
 *     attest-reviews/2\n          format
 *     <length> <hash>\n           of the index
 *     {"looks":[[path, hash, end], …], "check":hash, "files":[[path, hash, anyFile, start, end, hash], …]}
 *     for each path: numbers of those that it looks into
 *     for each file: its review as JSON
 *
 * Packs that are damaged or of another make are as good as none.
 */
import { join } from 'node:path';
import { keep, readKept } from './cache-folder.ts';
import type { Dependency, Look, Looks } from './looks.ts';
import { isStored, type StoredReview } from './review/stored.ts';
import { hashOf } from './thread-reviewer.ts';

export interface ResultCache {
  /** The kept review of a file with this content, as long as nothing that it depends on has changed. */
  find(path: string, hash: string, anyFile: boolean): StoredReview | undefined;
  /** Keeps a review as JSON; what it looks into is in `looks`. */
  keep(path: string, hash: string, anyFile: boolean, review: string): void;
  /** As `Looks.reaches`, for kept reviews that were found. */
  reaches(path: string, wanted: ReadonlySet<string>): boolean;
  /** Writes what was kept, if anything was. */
  save(): void;
}

export interface CacheOptions {
  readonly folder: string;
  /** What makes reviews differ beside the files: equal keys, equal reviews. */
  readonly key: readonly unknown[];
  /** The hash of what is at a path now; empty for no file. */
  hashNow(path: string): string;
  /** What is known of new reviews. */
  readonly looks: Looks;
}

interface Kept {
  readonly hash: string;
  readonly anyFile: boolean;
  readonly review: string | Uint8Array;
}

/** As it is found in a pack. */
type FileRow = readonly [path: string, hash: string, anyFile: 0 | 1, start: number, end: number, check: string];
/** `end` of its numbers, which begin where the ones before end. */
type LookRow = readonly [path: string, hash: string, end: number];

interface Pack {
  readonly body: Uint8Array;
  readonly looks: readonly LookRow[];
  readonly numbers: Uint8Array;
  readonly files: ReadonlyMap<string, FileRow>;
}

const FORMAT = 'attest-reviews/2\n';
const SUFFIX = '.reviews';

export function openResultCache({ folder, key, hashNow, looks }: CacheOptions): ResultCache {
  const file = join(folder, `${hashOf(Buffer.from(JSON.stringify(key)))}${SUFFIX}`);
  const pack = readPack(file);
  const before = new LooksBefore(pack, hashNow);
  const kept = new Map<string, Kept>();
  return {
    find(path, hash, anyFile) {
      const row = pack.files.get(path);
      if (row === undefined || row[1] !== hash || row[2] !== (anyFile ? 1 : 0)) return undefined;
      const bytes = before.holds(path) ? checked(pack, row) : undefined;
      return bytes === undefined ? undefined : parsed(bytes, path);
    },
    keep(path, hash, anyFile, review) {
      kept.set(path, { hash, anyFile, review });
    },
    reaches: (path, wanted) => before.reaches(path, wanted),
    save() {
      if (kept.size === 0) return;
      const still: string[] = [];
      for (const [path, row] of pack.files) {
        if (kept.has(path) || hashNow(path) !== row[1] || !before.holds(path)) continue;
        const bytes = checked(pack, row);
        if (bytes === undefined) continue;
        still.push(path);
        kept.set(path, { hash: row[1], anyFile: row[2] === 1, review: bytes });
      }
      for (const it of before.looksFrom(still)) looks.add(it);
      attempt(() => keep(file, packed(kept, looks.reachedFrom(kept.keys()) ?? []), SUFFIX));
    },
  };
}

const HOLDS = 1;
const CHANGED = 2;

/** What a pack says of who looks into whom, and what of it is still so. Each path is asked for once. */
class LooksBefore {
  private readonly pack: Pack;
  private readonly hashNow: (path: string) => string;
  /** By number: whether all that can be reached is as it was; 0 where nobody asked yet. */
  private readonly states: Uint8Array;
  private readonly numberOf: ReadonlyMap<string, number>;
  private users: readonly number[][] | undefined;

  constructor(pack: Pack, hashNow: (path: string) => string) {
    this.pack = pack;
    this.hashNow = hashNow;
    this.states = new Uint8Array(pack.looks.length);
    this.numberOf = new Map(pack.looks.map(([path], number) => [path, number]));
  }

  /** Is everything as it was that a review of the file depends on? */
  holds(path: string): boolean {
    const start = this.numberOf.get(path);
    if (start === undefined) return false;
    const state = this.states[start];
    if (state !== 0) return state === HOLDS;
    const reached = new Set([start]);
    for (const number of reached) {
      const [name, hash] = this.pack.looks[number] ?? [];
      if (name === undefined || this.states[number] === CHANGED || this.hashNow(name) !== hash) {
        this.spread(number);
        return false;
      }
      for (const it of this.into(number)) if (this.states[it] !== HOLDS) reached.add(it);
    }
    for (const it of reached) this.states[it] = HOLDS;
    return true;
  }

  reaches(path: string, wanted: ReadonlySet<string>): boolean {
    for (const it of this.reached([path])) if (wanted.has(this.dependency(it).path)) return true;
    return false;
  }

  /** What was looked into from these files, and from there. */
  looksFrom(paths: readonly string[]): Look[] {
    const dependency = (it: number) => this.dependency(it);
    return Array.from(this.reached(paths), (it) => ({ from: dependency(it), into: this.into(it).map(dependency) }));
  }

  /** All that is reached from these files, they included. */
  private *reached(paths: readonly string[]): Iterable<number> {
    const reached = new Set(paths.flatMap((it) => this.numberOf.get(it) ?? []));
    for (const number of reached) {
      yield number;
      for (const it of this.into(number)) reached.add(it);
    }
  }

  private dependency(number: number): Dependency {
    const [path = '', hash = ''] = this.pack.looks[number] ?? [];
    return { path, hash };
  }

  private into(number: number): number[] {
    const { looks, numbers } = this.pack;
    return numbersIn(numbers.subarray(looks[number - 1]?.[2] ?? 0, looks[number]?.[2] ?? 0));
  }

  /** What changed makes all changed that look into it. */
  private spread(changed: number): void {
    this.users ??= this.everyUser();
    const found = new Set([changed]);
    for (const number of found) {
      this.states[number] = CHANGED;
      for (const it of this.users[number] ?? []) if (this.states[it] !== CHANGED) found.add(it);
    }
  }

  private everyUser(): number[][] {
    const users: number[][] = this.pack.looks.map(() => []);
    for (const number of this.pack.looks.keys()) for (const it of this.into(number)) users[it]?.push(number);
    return users;
  }
}

// ------------------------------------------------------------------------------------------ the format

function packed(kept: ReadonlyMap<string, Kept>, looks: readonly Look[]): Uint8Array[] {
  const numberOf = new Map(looks.map(({ from }, number) => [from.path, number]));
  const rows: LookRow[] = [];
  const numbers: Uint8Array[] = [];
  let end = 0;
  for (const { from, into } of looks) {
    const bytes = numbersAsBytes(into.flatMap((it) => numberOf.get(it.path) ?? []));
    numbers.push(bytes);
    end += bytes.length;
    rows.push([from.path, from.hash, end]);
  }
  const files: FileRow[] = [];
  const body: Uint8Array[] = [];
  let start = 0;
  for (const [path, it] of kept) {
    const bytes = typeof it.review === 'string' ? Buffer.from(it.review) : it.review;
    files.push([path, it.hash, it.anyFile ? 1 : 0, start, start + bytes.length, hashOf(bytes)]);
    body.push(bytes);
    start += bytes.length;
  }
  const all = Buffer.concat(numbers);
  const index = Buffer.from(JSON.stringify({ looks: rows, check: hashOf(all), files }));
  return [Buffer.from(`${FORMAT}${index.length} ${hashOf(index)}\n`), index, all, ...body];
}

function readPack(file: string): Pack {
  return attempt(() => unpacked(file)) ?? { body: new Uint8Array(), looks: [], numbers: new Uint8Array(), files: new Map() };
}

/** Throws, or is not there, for anything that is not a whole pack. */
function unpacked(file: string): Pack | undefined {
  const bytes = readKept(file);
  if (bytes?.subarray(0, FORMAT.length).toString('latin1') !== FORMAT) return undefined;
  const lineEnd = bytes.indexOf('\n', FORMAT.length);
  const [length, hash] = bytes.subarray(FORMAT.length, lineEnd).toString('latin1').split(' ');
  const start = lineEnd + 1;
  const index = bytes.subarray(start, start + Number(length));
  if (hashOf(index) !== hash) return undefined;
  const { looks, check, files }: { looks: LookRow[]; check: string; files: FileRow[] } = JSON.parse(index.toString('utf8'));
  const behind = start + index.length;
  const numbers = bytes.subarray(behind, behind + (looks.at(-1)?.[2] ?? 0));
  if (hashOf(numbers) !== check) return undefined;
  return { body: bytes.subarray(behind + numbers.length), looks, numbers, files: new Map(files.map((it) => [it[0], it])) };
}

/** The bytes of one file's part, if they are what was written. */
function checked({ body }: Pack, [, , , start, end, check]: FileRow): Uint8Array | undefined {
  const bytes = body.subarray(start, end);
  return hashOf(bytes) === check ? bytes : undefined;
}

function parsed(bytes: Uint8Array, path: string): StoredReview | undefined {
  const value = attempt((): unknown => JSON.parse(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('utf8')));
  return isStored(value) && value.path === path ? value : undefined;
}

function attempt<T>(action: () => T): T | undefined {
  try {
    return action();
  } catch {
    return undefined;
  }
}

/** Rising numbers as differences, seven bits a byte. */
function numbersAsBytes(numbers: readonly number[]): Uint8Array {
  const bytes: number[] = [];
  let last = 0;
  for (const it of [...numbers].sort((a, b) => a - b)) {
    let rest = it - last;
    last = it;
    while (rest > 127) {
      bytes.push((rest & 127) | 128);
      rest >>>= 7;
    }
    bytes.push(rest);
  }
  return Uint8Array.from(bytes);
}

function numbersIn(bytes: Uint8Array): number[] {
  const numbers: number[] = [];
  let last = 0;
  let value = 0;
  let shift = 0;
  for (const it of bytes) {
    value |= (it & 127) << shift;
    shift += 7;
    if (it > 127) continue;
    last += value;
    numbers.push(last);
    value = 0;
    shift = 0;
  }
  return numbers;
}
