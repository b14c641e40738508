/** Reading what a path names only if it is a file: anything may stand there, and may have come while one looked. */
import { closeSync, constants, fstatSync, openSync, readFileSync, statSync } from 'node:fs';

export type RegularFile = { readonly bytes: Buffer } | { readonly isFile: false } | { readonly isFile: true; readonly tooLarge: number };

/** Throws what the file system says; sizes are in bytes. */
export function readRegular(path: string, largest: number): RegularFile {
  if (!statSync(path).isFile()) return { isFile: false };
  // Something else may stand there by now; for the other end of a pipe nobody waits.
  const file = openSync(path, constants.O_RDONLY | (constants.O_NONBLOCK ?? 0));
  try {
    const stats = fstatSync(file);
    if (!stats.isFile()) return { isFile: false };
    return stats.size > largest ? { isFile: true, tooLarge: stats.size } : { bytes: readFileSync(file) };
  } finally {
    closeSync(file);
  }
}
