/** Whose a thing is that a test replaces: whom it hurts where it stays replaced. */

import type { TestFile } from '../model.ts';
import { STANDARD_LIBRARY } from './names.ts';

/** `nowhere`: its module or class does not have it, so that nothing is hidden. `elsewhere`: of a package that is not read. */
export function homeOf(target: string, file: TestFile): 'workspace' | 'python' | 'nowhere' | 'elsewhere' {
  if (STANDARD_LIBRARY.has(target.slice(0, target.indexOf('.')))) return 'python';
  const there = file.exists(target);
  if (there === 'no') return 'nowhere';
  return there === 'yes' || file.exists(target.slice(0, target.lastIndexOf('.'))) === 'yes' ? 'workspace' : 'elsewhere';
}
