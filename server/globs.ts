/** Patterns of configuration. */
import picomatch from 'picomatch';

/**
 * Globs as Git users write them: without `/` a pattern matches a name anywhere, and what matches a folder matches
 * all that is in it.
 */
export function matcher(globs: readonly string[]): (path: string) => boolean {
  const patterns = globs.map((it) => (it.replace(/(?<!\/)\/+$/, '').includes('/') ? it.replace(/^(?:\.?\/)+/, '') : `**/${it}`).replace(/(?<!\/)\/+$/, ''));
  if (patterns.length === 0) return () => false;
  return picomatch(
    patterns.flatMap((it) => [it, `${it}/**`]),
    { dot: true, noextglob: true, nonegate: true },
  );
}
