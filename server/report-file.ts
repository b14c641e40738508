/** A report written to a file: all of it or nothing, so that whoever watches the file never reads a half. */
import { realpathSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';

/** Throws the file system's error when it cannot be written; nothing is left behind then. */
export function writeReport(target: string, text: string): void {
  const stats = statSync(target, { throwIfNoEntry: false });
  // A device or a pipe (`/dev/stdout`) must be written to, not replaced.
  if (stats !== undefined && !stats.isFile()) {
    writeFileSync(target, text);
    return;
  }
  const real = stats === undefined ? target : realpathSync(target);
  const temporary = `${real}.${process.pid}.tmp`;
  try {
    writeFileSync(temporary, text, { flag: 'wx' });
    renameSync(temporary, real);
  } catch (error) {
    rmSync(temporary, { force: true });
    throw error;
  }
}
