/**
 * Which Python files Git tracks: what it holds on to is never ignored, whatever `.gitignore` says. Read from the index
 * itself, versions 2 to 4 (https://git-scm.com/docs/index-format); what is none, or is split in two, tracks nothing.
 */
import { lstatSync, readFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';

export interface Tracked {
  /** Relative to the top of the repository, with `/`. */
  readonly files: ReadonlySet<string>;
  /** Those that hold one of the files, at any depth. */
  readonly folders: ReadonlySet<string>;
}

/** In bytes: some hundred thousand files. */
const LARGEST = 64 * 1024 * 1024;
const HEADER = 12;
/** Times, place on the disk, mode, owner and size of an entry; the object's name follows, then its flags. */
const BEFORE_NAME = 40;
const IS_EXTENDED = 0x4000;
const NOTHING = Buffer.alloc(0);

/** `top` is the folder with `.git`. */
export function trackedPython(top: string): Tracked {
  const files = new Set<string>();
  const folders = new Set<string>();
  for (const path of pathsIn(indexOf(top))) {
    files.add(path);
    for (let folder = dirname(path); folder !== '.' && !folders.has(folder); folder = dirname(folder)) folders.add(folder);
  }
  return { files, folders };
}

function* pathsIn(index: Buffer): Iterable<string> {
  if (index.length < HEADER || index.toString('latin1', 0, 4) !== 'DIRC') return;
  const version = index.readUInt32BE(4);
  const entries = index.readUInt32BE(8);
  if (version < 2 || version > 4) return;
  const hash = hashLength(index, version);
  let path: Buffer = NOTHING;
  let at = HEADER;
  for (let entry = 0; entry < entries; entry++) {
    const flags = at + BEFORE_NAME + hash;
    if (flags + 2 > index.length) return;
    let from = flags + (version > 2 && (index.readUInt16BE(flags) & IS_EXTENDED) !== 0 ? 4 : 2);
    let kept = 0;
    if (version === 4) {
      const shorter = varint(index, from);
      kept = path.length - shorter.value;
      from = shorter.end;
    }
    const end = index.indexOf(0, from);
    if (end < 0 || kept < 0) return;
    path = kept === 0 ? index.subarray(from, end) : Buffer.concat([path.subarray(0, kept), index.subarray(from, end)]);
    if (path.length > 3 && path.toString('latin1', path.length - 3) === '.py') yield path.toString('utf8');
    // Filled up to a multiple of eight, with one zero at least.
    at = version === 4 ? end + 1 : at + ((end - at + 8) & ~7);
  }
}

/** 20 bytes, or 32 in a repository of SHA-256: where the first entry's path, which is no empty one, then ends as its flags say. */
function hashLength(index: Buffer, version: number): 20 | 32 {
  if (version === 4) return isAt(index, 32, 1) && !isAt(index, 20, 1) ? 32 : 20;
  return isAt(index, 32, 0) && !isAt(index, 20, 0) ? 32 : 20;
}

function isAt(index: Buffer, hash: number, prefix: number): boolean {
  const flags = HEADER + BEFORE_NAME + hash;
  if (flags + 4 > index.length) return false;
  const said = index.readUInt16BE(flags);
  const from = flags + ((said & IS_EXTENDED) === 0 ? 2 : 4) + prefix;
  const length = said & 0xfff;
  return length > 0 && index.indexOf(0, from) === from + length;
}

/** Seven bits a byte, the first ones first, and one more for each byte that follows. */
function varint(bytes: Buffer, from: number): { readonly value: number; readonly end: number } {
  let at = from;
  let byte = bytes[at++] ?? 0;
  let value = byte & 0x7f;
  while ((byte & 0x80) !== 0 && at < bytes.length) {
    byte = bytes[at++] ?? 0;
    value = (value + 1) * 128 + (byte & 0x7f);
  }
  return { value, end: at };
}

function indexOf(top: string): Buffer {
  try {
    const path = join(gitFolder(join(top, '.git')), 'index');
    const stats = lstatSync(path);
    return stats.isFile() && stats.size <= LARGEST ? readFileSync(path) : NOTHING;
  } catch {
    return NOTHING;
  }
}

/** A further working tree and a submodule have a file there that names the folder. */
function gitFolder(path: string): string {
  const stats = lstatSync(path);
  if (!stats.isFile() || stats.size > 4096) return path;
  const named = /^gitdir: *(.+)/.exec(readFileSync(path, 'utf8'))?.[1]?.trim();
  return named === undefined ? path : resolve(dirname(path), named);
}
