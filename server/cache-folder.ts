/**
 * A folder of what is kept between runs: whose files are whole or absent, since they are renamed into place, and
 * whoever writes last wins. A disk that is full or read-only only means that nothing is kept.
 */
import { existsSync, mkdirSync, readdirSync, renameSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';
import { readRegular } from './regular-file.ts';

/** How kept files end: reviews (`result-cache.ts`), and the program as it was compiled (`code-cache.ts`). */
export type Suffix = '.reviews' | '.code';

const ENDS = ['.reviews', '.code', '.reviews.tmp', '.code.tmp'];
const DAY = 24 * 60 * 60 * 1000;
/** Files that nobody used for so long are removed, and the oldest of the others when all together are too large. */
const OLDEST = 30 * DAY;
const LARGEST = 256 * 1024 * 1024;

/** Where the system wants caches of this user. */
export function userCacheFolder(environment: Readonly<Record<string, string | undefined>> = process.env, platform: string = process.platform): string {
  const { XDG_CACHE_HOME: xdg, LOCALAPPDATA: local } = environment;
  if (xdg !== undefined && xdg !== '') return join(xdg, 'attest');
  if (platform === 'win32' && local !== undefined && local !== '') return join(local, 'attest', 'cache');
  return platform === 'darwin' ? join(home(), 'Library', 'Caches', 'attest') : join(home(), '.cache', 'attest');
}

/** Of a user that the system does not know there is none, as in a container; then nothing can be kept. */
function home(): string {
  return attempt(homedir) ?? '/dev/null';
}

/** What was kept there, if anything can be read; says on the disk that it is in use. */
export function readKept(file: string): Buffer | undefined {
  return attempt(() => {
    const found = readRegular(file, LARGEST);
    if (!('bytes' in found)) return undefined;
    const { mtimeMs } = statSync(file);
    if (Date.now() - mtimeMs > DAY) attempt(() => utimesSync(file, new Date(), new Date()));
    return found.bytes;
  });
}

/** For this user alone; what has become old goes. Never throws. */
export function keep(file: string, bytes: readonly Uint8Array[], suffix: Suffix): void {
  const folder = dirname(file);
  const temporary = `${file}.${process.pid}.${Math.random().toString(36).slice(2)}${suffix}.tmp`;
  try {
    if (bytes.reduce((sum, it) => sum + it.length, 0) > LARGEST) return;
    makeFolder(folder);
    writeFileSync(temporary, Buffer.concat(bytes), { flag: 'wx', mode: 0o600 });
    renameSync(temporary, file);
    prune(folder, file);
  } catch {
    attempt(() => rmSync(temporary, { force: true }));
  }
}

/** Removes all that is kept; gives how many files there were. Throws what the file system says. */
export function clearCache(folder: string): number {
  const files = keptIn(folder);
  for (const it of files) rmSync(it.file, { force: true });
  return files.length;
}

function keptIn(folder: string): { readonly file: string; readonly size: number; readonly used: number }[] {
  if (!existsSync(folder)) return [];
  return readdirSync(folder)
    .filter((it) => ENDS.some((end) => it.endsWith(end)))
    .map((it) => join(folder, it))
    .flatMap((file) => {
      const stats = statSync(file, { throwIfNoEntry: false });
      return stats === undefined ? [] : [{ file, size: stats.size, used: stats.mtimeMs }];
    });
}

function prune(folder: string, current: string): void {
  let room = LARGEST;
  const now = Date.now();
  for (const { file, size, used } of keptIn(folder).sort((a, b) => b.used - a.used)) {
    room -= size;
    const left = file.endsWith('.tmp') && now - used > DAY;
    if (file !== current && (left || room < 0 || now - used > OLDEST)) rmSync(file, { force: true });
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

function attempt<T>(action: () => T): T | undefined {
  try {
    return action();
  } catch {
    return undefined;
  }
}
