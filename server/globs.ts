/** Patterns of configuration and of the editor's settings. */
import picomatch from 'picomatch';

const LONGEST = 300;
const MOST_GLOBSTARS = 4;
const MOST_STARS = 3;
const MOST_GROUPS = 4;

/** Why a glob could take long to match, in words; undefined for one that cannot. Whoever writes it may also name the files. */
export function heaviness(glob: string): string | undefined {
  const count = (text: string, sign: string) => text.split(sign).length - 1;
  if (glob.length > LONGEST || count(glob, '**') > MOST_GLOBSTARS) return `is longer than ${LONGEST} characters or has more than ${MOST_GLOBSTARS} \`**\``;
  if (glob.split('/').some((it) => it !== '**' && count(it, '*') > MOST_STARS)) return `has more than ${MOST_STARS} \`*\` between two \`/\``;
  if (count(glob, '{') + count(glob, '(') > MOST_GROUPS) return `has more than ${MOST_GROUPS} groups`;
  return undefined;
}

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
