/**
 * What `.gitignore` files leave out of a walk: those on the way from the top of the repository down, and
 * `.git/info/exclude`. As with Git itself they speak of nothing that is tracked. A folder that is ignored itself but was
 * asked for is walked as if nothing above spoke of it.
 */
import { existsSync, lstatSync, readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import ignore, { type Ignore } from 'ignore';
import { type Tracked, trackedPython } from './git-index.ts';
import { isInside, slashed } from './paths.ts';

/** The rules of a folder and of those around it, nearest first. */
interface Chain {
  readonly folder: string;
  readonly rules: Ignore;
  readonly outer: Chain | undefined;
}

export interface GitIgnore {
  /** `folder` is the one that the entry stands in. */
  ignores(path: string, isFolder: boolean, folder: string): boolean;
}

/** Larger ones are no lists of patterns. In bytes. */
const LARGEST = 1024 * 1024;

export function gitIgnore(start: string, root: string): GitIgnore {
  const top = topOf(start, root);
  const chains = new Map<string, Chain | undefined>();
  const outer = start === top ? undefined : chainOf(dirname(start));
  if (outer !== undefined && isIgnored(start, outer)) chains.set(dirname(start), undefined);

  function chainOf(folder: string): Chain | undefined {
    if (!isInside(folder, top)) return undefined;
    if (chains.has(folder)) return chains.get(folder);
    const above = folder === top ? undefined : chainOf(dirname(folder));
    const text = `${folder === top ? textOf(join(folder, '.git', 'info', 'exclude')) : ''}\n${textOf(join(folder, '.gitignore'))}`;
    const chain = text.trim() === '' ? above : { folder, rules: ignore({ ignorecase: false }).add(text), outer: above };
    chains.set(folder, chain);
    return chain;
  }

  /** Is the folder, or one that it lies in? */
  function isIgnored(folder: string, chain: Chain | undefined): boolean {
    for (let it = folder; it !== top && isInside(it, top); it = dirname(it)) if (decides(chain, it, true)) return true;
    return false;
  }

  let tracked: Tracked | undefined;
  const isTracked = (path: string, isFolder: boolean) => {
    tracked ??= trackedPython(top);
    return tracked[isFolder ? 'folders' : 'files'].has(slashed(relative(top, path)));
  };

  return { ignores: (path, isFolder, folder) => decides(chainOf(folder), path, isFolder) && !isTracked(path, isFolder) };
}

/** The nearest rules that speak of the path. */
function decides(chain: Chain | undefined, path: string, isFolder: boolean): boolean {
  for (let it = chain; it !== undefined; it = it.outer) {
    if (!isInside(path, it.folder) || path === it.folder) continue;
    const { ignored, unignored } = it.rules.test(`${slashed(relative(it.folder, path))}${isFolder ? '/' : ''}`);
    if (ignored || unignored) return ignored;
  }
  return false;
}

/** Of the repository around the folder; without one, of the project. */
function topOf(start: string, root: string): string {
  for (let it = start; ; it = dirname(it)) {
    if (existsSync(join(it, '.git'))) return it;
    if (dirname(it) === it) return isInside(start, root) ? root : start;
  }
}

function textOf(path: string): string {
  try {
    const stats = lstatSync(path);
    // Git follows no link here either.
    return stats.isFile() && stats.size <= LARGEST ? readFileSync(path, 'utf8') : '';
  } catch {
    return '';
  }
}
