/** Questions about paths that need no disk. */
import { sep } from 'node:path';

/** Is the path the folder, or below it? Both absolute; links are not followed here. */
export function isInside(path: string, folder: string): boolean {
  return path === folder || path.startsWith(folder.endsWith(sep) ? folder : folder + sep);
}

/** With `/` on every system. */
export function slashed(path: string): string {
  return path.split(sep).join('/');
}
