/** Where a report goes. A file gets all of it or nothing, so that whoever watches the file never reads a half. */
import { realpathSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { refuse } from './terminal.ts';

/** To the file, or to standard output when there is none; refuses what cannot be written. */
export function deliver(report: string | Uint8Array, output: string | undefined): void {
  if (output === undefined) {
    process.stdout.write(report);
    return;
  }
  writeWhole(resolve(output), report, output);
}

/** Do two paths lead to one file, by links of any kind? Both absolute; they need not exist. */
export function isSameFile(a: string, b: string): boolean {
  if (a === b) return true;
  const [one, other] = [a, b].map((it) => statSync(it, { throwIfNoEntry: false }));
  return one !== undefined && other !== undefined && one.isFile() && one.dev === other.dev && one.ino === other.ino;
}

/** Writes a file and says whether that went well; `name` is how a person would write it. */
export function writeWhole(target: string, content: string | Uint8Array, name: string): boolean {
  try {
    write(target, content);
    return true;
  } catch (error) {
    const missing = error instanceof Error && 'code' in error && error.code === 'ENOENT';
    refuse(`${name}: ${missing ? `the folder ${dirname(target)} does not exist` : `cannot be written (${hindrance(error)})`}`);
    return false;
  }
}

/** Why something could not be written, in words where there are any. */
export function hindrance(error: unknown): string {
  const why = error instanceof Error && 'code' in error ? String(error.code) : String(error);
  return HINDERED[why] ?? why;
}

const HINDERED: Readonly<Record<string, string>> = {
  ENOSPC: 'the disk is full',
  EISDIR: 'it is a folder',
  EACCES: 'permission denied',
  EPERM: 'permission denied',
  EROFS: 'the disk is read-only',
};

/** Throws the file system's error when it cannot be written; nothing is left behind then. */
function write(target: string, content: string | Uint8Array): void {
  const stats = statSync(target, { throwIfNoEntry: false });
  // A device or a pipe (`/dev/stdout`) must be written to, not replaced.
  if (stats !== undefined && !stats.isFile()) {
    writeFileSync(target, content);
    return;
  }
  const real = stats === undefined ? target : realpathSync(target);
  const temporary = `${real}.${process.pid}.tmp`;
  try {
    writeFileSync(temporary, content, { flag: 'wx' });
    renameSync(temporary, real);
  } catch (error) {
    rmSync(temporary, { force: true });
    throw error;
  }
}
