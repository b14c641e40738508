/**
 * What V8 compiled of the program, kept in the user's cache folder. A file counts for the same bytes of the program,
 * version, flags and processor only, when its own bytes are what was written, and when nobody else could have written
 * it: V8 runs what it reads there. Any other is as good as none. A folder inside a repository is not this user's own in
 * that sense, since a clone brings its files under the user's name; and what a CI restores may come from anybody.
 *
 *     <sha256 of the file's name and the data, 32 bytes><data>
 */
import { createHash } from 'node:crypto';
import { existsSync, statSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { cachedDataVersionTag } from 'node:v8';
import { keep, readKept, userCacheFolder } from './cache-folder.ts';

export interface CodeCache {
  read(): Uint8Array | undefined;
  /** Never throws. */
  write(data: Uint8Array): void;
}

const SUFFIX = '.code';
const HASH_LENGTH = 32;
const OTHERS_WRITE = 0o022;
const REPOSITORIES = ['.git', '.hg', '.svn', '.jj'];

/** Undefined where nothing is to be kept, as Node's own variable says, or where nothing can be trusted. */
export function codeCacheOf(program: Uint8Array, { NODE_DISABLE_COMPILE_CACHE: disabled, CI: automatic = '' } = process.env): CodeCache | undefined {
  const folder = userCacheFolder();
  if (disabled !== undefined || automatic !== '' || isInRepository(folder)) return undefined;
  const name = `${hashOf(program).toString('hex').slice(0, 32)}-${process.version}-${process.arch}-${cachedDataVersionTag().toString(16)}${SUFFIX}`;
  const file = join(folder, name);
  const hashIn = (data: Uint8Array) => hashOf(Buffer.from(name), data);
  return {
    read() {
      const kept = isOurs(folder) && isOurs(file) ? readKept(file) : undefined;
      const data = kept?.subarray(HASH_LENGTH);
      return data !== undefined && kept?.subarray(0, HASH_LENGTH).equals(hashIn(data)) === true ? data : undefined;
    },
    write(data) {
      if (!existsSync(folder) || isOurs(folder)) keep(file, [hashIn(data), data], SUFFIX);
    },
  };
}

function isInRepository(folder: string): boolean {
  for (let it = resolve(folder); ; it = dirname(it)) {
    if (REPOSITORIES.some((name) => existsSync(join(it, name)))) return true;
    if (dirname(it) === it) return false;
  }
}

/** Windows has no such rights: there the folder is below the user's own. */
function isOurs(path: string): boolean {
  try {
    const { uid, mode } = statSync(path);
    return process.getuid === undefined || (uid === process.getuid() && (mode & OTHERS_WRITE) === 0);
  } catch {
    // Nothing there, or nothing for us.
    return false;
  }
}

function hashOf(...parts: readonly Uint8Array[]): Buffer {
  const hash = createHash('sha256');
  for (const it of parts) hash.update(it);
  return hash.digest();
}
