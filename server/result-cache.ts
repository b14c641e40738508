/**
 * Reviews kept on disk, one file (a *pack*) for a root, a build of Attest and its settings. A kept review counts only
 * while the file and all that its review looked into are what they were, paths without a file included.
 *
 *     attest-reviews/1\n          format
 *     <length> <hash>\n           of the index
 *     {"looked":[[path, hash], …], "files":[[path, hash, anyFile, start, numbers, end, hash], …]}
 *     for each file: numbers of what it looked into, and its review as JSON
 *
 * Whoever writes last wins; a pack is whole or absent, since it is renamed into place. Packs that are damaged or
 * of another make are as good as none, and a disk that is full or read-only only means that nothing is kept.
 */
import { existsSync, mkdirSync, readdirSync, renameSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';
import { readRegular } from './regular-file.ts';
import { isStored, type StoredReview } from './review/stored.ts';
import { type Dependency, hashOf } from './thread-reviewer.ts';

export interface ResultCache {
  /** The kept review of a file with this content, as long as nothing that it depends on has changed. */
  find(path: string, hash: string, anyFile: boolean): FoundReview | undefined;
  keep(path: string, hash: string, anyFile: boolean, review: string, looked: readonly Dependency[]): void;
  /** Writes what was kept, if anything was. */
  save(): void;
}

export interface FoundReview {
  readonly review: StoredReview;
  /** The paths that it looked into. */
  looked(): readonly string[];
}

export interface CacheOptions {
  readonly folder: string;
  /** What makes reviews differ beside the files: equal keys, equal reviews. */
  readonly key: readonly unknown[];
  /** The hash of what is at a path now; empty for no file. */
  hashNow(path: string): string;
}

interface Kept {
  readonly hash: string;
  readonly anyFile: boolean;
  readonly looked: readonly Dependency[];
  readonly review: string | Uint8Array;
}

/** As it is found in a pack. */
type FileRow = readonly [path: string, hash: string, anyFile: 0 | 1, start: number, numbers: number, end: number, check: string];

interface Pack {
  readonly body: Uint8Array;
  readonly looked: readonly (readonly [string, string])[];
  readonly files: ReadonlyMap<string, FileRow>;
}

const FORMAT = 'attest-reviews/1\n';
const SUFFIX = '.reviews';
const DAY = 24 * 60 * 60 * 1000;
/** Packs that nobody used for so long are removed, and the oldest of the others when all together are too large. */
const OLDEST = 30 * DAY;
const LARGEST = 256 * 1024 * 1024;

export function openResultCache({ folder, key, hashNow }: CacheOptions): ResultCache {
  const file = join(folder, `${hashOf(Buffer.from(JSON.stringify(key)))}${SUFFIX}`);
  const pack = readPack(file);
  const kept = new Map<string, Kept>();
  const holds = pack.looked.map((): boolean | undefined => undefined);
  const isAsBefore = (number: number): boolean => {
    const known = holds[number];
    if (known !== undefined) return known;
    const [path, hash] = pack.looked[number] ?? ['', undefined];
    const now = hash !== undefined && hashNow(path) === hash;
    holds[number] = now;
    return now;
  };
  return {
    find(path, hash, anyFile) {
      const row = pack.files.get(path);
      if (row === undefined || row[1] !== hash || row[2] !== (anyFile ? 1 : 0)) return undefined;
      const bytes = checked(pack, row);
      if (bytes === undefined) return undefined;
      const looked = numbersIn(bytes.subarray(0, row[4]));
      const review = looked.every(isAsBefore) ? parsed(bytes.subarray(row[4]), path) : undefined;
      return review === undefined ? undefined : { review, looked: () => looked.map((it) => pack.looked[it]?.[0] ?? '') };
    },
    keep(path, hash, anyFile, review, looked) {
      kept.set(path, { hash, anyFile, review, looked });
    },
    save() {
      if (kept.size === 0) return;
      for (const [path, row] of pack.files) {
        if (kept.has(path) || hashNow(path) !== row[1]) continue;
        const bytes = checked(pack, row);
        if (bytes === undefined) continue;
        const looked = numbersIn(bytes.subarray(0, row[4])).map((it) => ({ path: pack.looked[it]?.[0] ?? '', hash: pack.looked[it]?.[1] ?? '' }));
        kept.set(path, { hash: row[1], anyFile: row[2] === 1, looked, review: bytes.subarray(row[4]) });
      }
      writePack(folder, file, kept);
    },
  };
}

// ------------------------------------------------------------------------------------------ on the disk

/** Where the system wants caches of this user. */
export function userCacheFolder(environment: Readonly<Record<string, string | undefined>> = process.env, platform: string = process.platform): string {
  const { XDG_CACHE_HOME: xdg, LOCALAPPDATA: local } = environment;
  if (xdg !== undefined && xdg !== '') return join(xdg, 'attest');
  if (platform === 'win32' && local !== undefined && local !== '') return join(local, 'attest', 'cache');
  return platform === 'darwin' ? join(homedir(), 'Library', 'Caches', 'attest') : join(homedir(), '.cache', 'attest');
}

/** Removes every pack; gives how many there were. Throws what the file system says. */
export function clearResultCache(folder: string): number {
  const packs = packsIn(folder);
  for (const it of packs) rmSync(it.file, { force: true });
  return packs.length;
}

function packsIn(folder: string): { readonly file: string; readonly size: number; readonly used: number }[] {
  if (!existsSync(folder)) return [];
  return readdirSync(folder)
    .filter((it) => it.endsWith(SUFFIX) || it.endsWith(`${SUFFIX}.tmp`))
    .map((it) => join(folder, it))
    .flatMap((file) => {
      const stats = statSync(file, { throwIfNoEntry: false });
      return stats === undefined ? [] : [{ file, size: stats.size, used: stats.mtimeMs }];
    });
}

function prune(folder: string, current: string): void {
  let room = LARGEST;
  const now = Date.now();
  for (const { file, size, used } of packsIn(folder).sort((a, b) => b.used - a.used)) {
    room -= size;
    const left = file.endsWith('.tmp') && now - used > DAY;
    if (file !== current && (left || room < 0 || now - used > OLDEST)) rmSync(file, { force: true });
  }
}

function writePack(folder: string, file: string, kept: ReadonlyMap<string, Kept>): void {
  const temporary = `${file}.${process.pid}.${Math.random().toString(36).slice(2)}${SUFFIX}.tmp`;
  try {
    const bytes = packed(kept);
    if (bytes.reduce((sum, it) => sum + it.length, 0) > LARGEST) return;
    makeFolder(folder);
    writeFileSync(temporary, Buffer.concat(bytes), { flag: 'wx', mode: 0o600 });
    renameSync(temporary, file);
    prune(folder, file);
  } catch {
    attempt(() => rmSync(temporary, { force: true }));
  }
}

/** With those above it. Node's own `recursive` never ends below a link to nothing, or in a file system that takes no folders. */
function makeFolder(folder: string): void {
  if (existsSync(folder)) return;
  if (dirname(folder) !== folder) makeFolder(dirname(folder));
  try {
    mkdirSync(folder, { mode: 0o700 });
  } catch (error) {
    // Another run was quicker.
    if (!existsSync(folder)) throw error;
  }
}

function readPack(file: string): Pack {
  return attempt(() => unpacked(file)) ?? { body: new Uint8Array(), looked: [], files: new Map() };
}

function attempt<T>(action: () => T): T | undefined {
  try {
    return action();
  } catch {
    return undefined;
  }
}

// ------------------------------------------------------------------------------------------ the format

function packed(kept: ReadonlyMap<string, Kept>): Uint8Array[] {
  const numbers = new Map<string, number>();
  const looked: [string, string][] = [];
  const numberOf = ({ path, hash }: Dependency) => {
    const key = `${hash} ${path}`;
    const known = numbers.get(key);
    if (known !== undefined) return known;
    looked.push([path, hash]);
    numbers.set(key, numbers.size);
    return numbers.size - 1;
  };
  const files: FileRow[] = [];
  const body: Uint8Array[] = [];
  let start = 0;
  for (const [path, it] of kept) {
    const uses = numbersAsBytes(it.looked.map(numberOf));
    const bytes = Buffer.concat([uses, typeof it.review === 'string' ? Buffer.from(it.review) : it.review]);
    files.push([path, it.hash, it.anyFile ? 1 : 0, start, uses.length, start + bytes.length, hashOf(bytes)]);
    body.push(bytes);
    start += bytes.length;
  }
  const index = Buffer.from(JSON.stringify({ looked, files }));
  return [Buffer.from(`${FORMAT}${index.length} ${hashOf(index)}\n`), index, ...body];
}

/** Throws, or is not there, for anything that is not a whole pack. */
function unpacked(file: string): Pack | undefined {
  const found = readRegular(file, LARGEST);
  if (!('bytes' in found)) return undefined;
  const { bytes } = found;
  if (bytes.subarray(0, FORMAT.length).toString('latin1') !== FORMAT) return undefined;
  const lineEnd = bytes.indexOf('\n', FORMAT.length);
  const [length, hash] = bytes.subarray(FORMAT.length, lineEnd).toString('latin1').split(' ');
  const start = lineEnd + 1;
  const index = bytes.subarray(start, start + Number(length));
  if (hashOf(index) !== hash) return undefined;
  const { looked, files }: { looked: Pack['looked']; files: FileRow[] } = JSON.parse(index.toString('utf8'));
  const { mtimeMs } = statSync(file);
  if (Date.now() - mtimeMs > DAY) attempt(() => utimesSync(file, new Date(), new Date()));
  return { body: bytes.subarray(start + index.length), looked, files: new Map(files.map((it) => [it[0], it])) };
}

/** The bytes of one file's part, if they are what was written. */
function checked({ body }: Pack, [, , , start, , end, check]: FileRow): Uint8Array | undefined {
  const bytes = body.subarray(start, end);
  return hashOf(bytes) === check ? bytes : undefined;
}

function parsed(bytes: Uint8Array, path: string): StoredReview | undefined {
  const value = attempt((): unknown => JSON.parse(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('utf8')));
  return isStored(value) && value.path === path ? value : undefined;
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
