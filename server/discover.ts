/**
 * Which files a command speaks of, and where their workspace begins. Walks folders in a fixed order, so that
 * equal trees give equal lists; follows symbolic links only inside the root, each target once, so that a
 * loop of links ends.
 */
import { existsSync, lstatSync, readdirSync, realpathSync, type Stats, statSync } from 'node:fs';
import { basename, dirname, join, posix, relative, resolve, sep } from 'node:path';
import picomatch from 'picomatch';
import { CONFIGURATION_FILES, configures, DEFAULT_BASELINE } from './configuration.ts';
import { gitIgnore } from './git-ignore.ts';
import { isInside, slashed } from './paths.ts';
import { isPassedOver, MARKERS } from './project.ts';
import { readRegular } from './regular-file.ts';

/** What one PATH of the command line stands for. Absolute paths, with the real folder in front. */
export type Target =
  | { readonly kind: 'file'; readonly path: string }
  | { readonly kind: 'folder'; readonly path: string }
  /** A pattern that the shell left alone: the folder to start in and what to keep. */
  | { readonly kind: 'glob'; readonly path: string; readonly written: string; readonly keeps: (path: string) => boolean }
  | { readonly kind: 'refused'; readonly why: string };

/** Reads what the argument is on disk; never throws. */
export function targetOf(argument: string, from: string): Target {
  if (argument === '') return { kind: 'refused', why: 'an empty path' };
  const path = resolve(from, argument);
  const stats = statsOf(path);
  const folder = realOf(stats?.isDirectory() === true ? path : dirname(path));
  if (stats === undefined || folder === undefined) return globOf(argument, from) ?? { kind: 'refused', why: `${argument}: no such file or folder` };
  if (stats.isDirectory()) return { kind: 'folder', path: folder };
  if (!stats.isFile()) return { kind: 'refused', why: `${argument}: not a regular file` };
  return { kind: 'file', path: join(folder, basename(path)) };
}

function globOf(argument: string, from: string): Target | undefined {
  const { base, glob } = picomatch.scan(argument.split(sep).join('/'));
  const folder = resolve(from, base === '' ? '.' : base);
  const start = realOf(folder);
  if (glob === '' || start === undefined || statsOf(start)?.isDirectory() !== true) return undefined;
  const matches = picomatch(glob);
  return { kind: 'glob', path: start, written: argument, keeps: (path) => matches(slashed(relative(start, path))) };
}

/**
 * Where imports begin and whose configuration holds: the nearest folder upwards of all the targets that configures
 * Attest, as far as the repository goes; else the nearest with a project file; without one, the folder around the
 * topmost package; else the folder itself. Absolute.
 */
export function rootOf(targets: readonly Target[], from: string): string {
  const folders = targets.flatMap((it) => (it.kind === 'refused' ? [] : [it.kind === 'file' ? dirname(it.path) : it.path]));
  const start = folders.length === 0 ? realpathSync(from) : folders.reduce(sharedFolder);
  const project = projectAround(start);
  if (project !== undefined) return project;
  for (const folder of upwards(start)) if (!existsSync(join(folder, '__init__.py'))) return folder;
  return start;
}

/**
 * The nearest folder upwards that configures Attest, or else one with a project file: what holds for a file of a
 * sub-project is the same, whether it is reviewed alone or with others.
 */
export function projectAround(start: string): string | undefined {
  const folders = [...upwards(start)];
  const top = folders.findIndex((it) => existsSync(join(it, '.git')));
  const configured = folders.slice(0, top + 1).find((it) => configurationIn(it) !== undefined);
  if (configured !== undefined) return configured;
  for (const folder of folders) if (MARKERS.some((it) => existsSync(join(folder, it)))) return folder;
  return undefined;
}

/** The file in the folder by which Attest is configured, or that it takes for a baseline. */
export function configurationIn(folder: string): string | undefined {
  const file = CONFIGURATION_FILES.find((it) => {
    const text = textOf(join(folder, it));
    return text !== undefined && configures(it, text);
  });
  return file ?? (existsSync(join(folder, DEFAULT_BASELINE)) ? DEFAULT_BASELINE : undefined);
}

/** Other configurations between the root and the files that are reviewed: none of them is read. */
export function configurationsBelow(root: string, paths: Iterable<string>): string[] {
  const folders = new Set<string>();
  for (const path of paths) for (let it = posix.dirname(path); it !== '.' && !folders.has(it); it = posix.dirname(it)) folders.add(it);
  return [...folders].sort().flatMap((folder) => {
    const file = configurationIn(join(root, folder));
    return file === undefined ? [] : [`${folder}/${file}`];
  });
}

function textOf(path: string): string | undefined {
  try {
    const found = readRegular(path, LARGEST_CONFIGURATION);
    return 'bytes' in found ? Buffer.from(found.bytes).toString() : undefined;
  } catch {
    return undefined;
  }
}

/** In bytes. */
const LARGEST_CONFIGURATION = 1024 * 1024;

/** The folder's path in the repository around it, empty or ending with `/`; empty too where there is no repository. */
export function placeInRepository(folder: string): string {
  for (const it of upwards(folder)) if (existsSync(join(it, '.git'))) return it === folder ? '' : `${slashed(relative(it, folder))}/`;
  return '';
}

function* upwards(folder: string): Iterable<string> {
  for (let it = folder; ; it = dirname(it)) {
    yield it;
    if (dirname(it) === it) return;
  }
}

function sharedFolder(a: string, b: string): string {
  for (const folder of upwards(a)) if (isInside(b, folder)) return folder;
  return a;
}

/** What a walk found: absolute paths, sorted. */
export interface Walk {
  readonly files: readonly string[];
  /** Folders that could not be listed. */
  readonly closed: readonly string[];
}

/** The Python files below a folder; links that lead out of the root are left alone, and so is what Git ignores. */
export function pythonFiles(start: string, root: string, options: { readonly gitIgnore?: boolean } = {}): Walk {
  const ignored = options.gitIgnore === false ? undefined : gitIgnore(start, root);
  const found = new Map<string, string>();
  const visited = new Set<string>();
  const links: string[] = [];
  const closed: string[] = [];
  const folders = [start];
  for (;;) {
    const folder = folders.pop();
    if (folder !== undefined) {
      visit(folder);
      continue;
    }
    // Links come last, so that a file is known by its own path where it has one in reach.
    const link = links.sort().shift();
    if (link === undefined) return { files: [...found.values()].sort(), closed: closed.sort() };
    follow(link);
  }

  function visit(folder: string): void {
    const real = realOf(folder) ?? folder;
    if (visited.has(real)) return;
    visited.add(real);
    const entries = entriesOf(folder);
    // One that went meanwhile is no folder that should have been seen.
    if (entries === undefined && !isGone(folder)) closed.push(folder);
    for (const entry of entries ?? []) {
      const path = join(folder, entry.name);
      const isPython = entry.name.endsWith('.py');
      // Anything else is not worth asking for.
      if (!isPython && !entry.isDirectory() && !entry.isSymbolicLink()) continue;
      if (entry.isDirectory() && isPassedOver(entry.name)) continue;
      if (ignored?.ignores(path, entry.isDirectory(), folder) === true) continue;
      if (entry.isSymbolicLink()) links.push(path);
      else if (entry.isDirectory()) enter(path);
      else if (entry.isFile() && isPython) found.set(path, path);
    }
  }

  function enter(path: string): void {
    if (!isPassedOver(basename(path)) && !existsSync(join(path, 'pyvenv.cfg'))) folders.push(path);
  }

  function follow(link: string): void {
    const stats = statsOf(link);
    const target = realOf(link);
    if (stats === undefined || target === undefined || !isInside(target, root)) return;
    if (stats.isDirectory()) enter(link);
    else if (stats.isFile() && link.endsWith('.py') && !found.has(target)) found.set(target, link);
  }
}

function entriesOf(folder: string) {
  try {
    return readdirSync(folder, { withFileTypes: true });
  } catch {
    return undefined;
  }
}

/** Where a path leads, by links of any kind; undefined when nothing is there. */
function realOf(path: string): string | undefined {
  try {
    return realpathSync(path);
  } catch {
    return undefined;
  }
}

function isGone(path: string): boolean {
  try {
    return lstatSync(path, { throwIfNoEntry: false }) === undefined;
  } catch {
    return false;
  }
}

function statsOf(path: string): Stats | undefined {
  try {
    return statSync(path);
  } catch {
    return undefined;
  }
}
