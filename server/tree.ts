/**
 * The files of one root for a review of many of them: what they hold now, each asked of the disk once, what is kept
 * of earlier reviews of them, and how an outcome becomes a review.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { remembered } from '../rules/remembered.ts';
import { decoded } from './decode.ts';
import { Looks } from './looks.ts';
import { isTestFile } from './model/frameworks.ts';
import { foldersAround } from './model/workspace.ts';
import { openResultCache, type ResultCache } from './result-cache.ts';
import type { Blind, Review } from './review/review.ts';
import { restored, type StoredReview } from './review/stored.ts';
import { hasFolder, hashOf, helperBytes, type Job, type Outcome, PARSER_FILES, type ReviewStart, readingOf } from './thread-reviewer.ts';
import { leadsInside, type WorkspaceFiles, workspaceFiles } from './workspace-files.ts';

export interface TreeOptions {
  readonly start: ReviewStart;
  /** The built file that this runs in; the parser's files are beside it. */
  readonly bundle: string;
  /** Folder of kept reviews; without one nothing is kept. */
  readonly cache: string | undefined;
  readonly version: string;
}

/** A file to review; one that was `named` is answered with a review even when it is no test code. */
export interface Asked extends Job {
  readonly named: boolean;
}

/** A file as it is found. */
export interface Found extends Asked {
  /** Test code, or to be answered whatever it is. */
  readonly isTest: boolean;
  /** In bytes. */
  readonly size: number;
  readonly hash: string;
  readonly blind: Blind | undefined;
}

/** Neither a review nor a reason: no test code, or left to others. */
export interface TreeResult {
  readonly path: string;
  /** Made when somebody asks: until then it is a text, a fifth of its size. */
  review?(): Review | undefined;
  /** It could not be read, and was named or is test code by its own name. */
  readonly blind?: Blind;
  /** Is the file one of these, or does its review look into one, directly or through others? Paths without a file too. */
  looksInto?(paths: ReadonlySet<string>): boolean;
}

/** Nothing here throws for what is on the disk. */
export interface Tree {
  find(asked: Asked): Found;
  /** What is known without a review: one that was kept and still holds, or why there can be none. */
  known(found: Found): TreeResult | undefined;
  /** What a review came to; it is kept. */
  done(job: Asked, outcome: Outcome): TreeResult;
  /** The text of a file, as long as it has this hash. */
  text(path: string, hash: string): string | undefined;
  /** Writes what is to be kept. */
  save(): void;
}

export function openTree({ start, bundle, cache: folder, version }: TreeOptions): Tree {
  const disk = diskNow(start);
  const looks = new Looks();
  const cache = folder === undefined ? undefined : cacheIn(folder, start, bundle, version, disk.hash, looks);
  const resultOf = ({ path, named }: Asked, review: () => StoredReview, hash: string, from: Pick<Looks, 'reaches'>): TreeResult => ({
    path,
    review() {
      const stored = review();
      return stored.isTest || named ? restored(stored, () => disk.text(path, hash)) : undefined;
    },
    looksInto: (paths) => from.reaches(path, withFolders(paths)),
  });
  return {
    find: (asked) => foundAt(asked, disk),
    known(found) {
      if (found.blind !== undefined) return { path: found.path, blind: found.blind };
      const kept = cache?.find(found.path, found.hash, found.anyFile);
      return cache === undefined || kept === undefined ? undefined : resultOf(found, () => kept, found.hash, cache);
    },
    done(job, outcome) {
      if ('blind' in outcome) return { path: job.path, blind: outcome.blind };
      const { review, hash, faulty } = outcome;
      for (const it of outcome.looks) looks.add(it);
      if (!faulty) cache?.keep(job.path, hash, job.anyFile, review);
      return resultOf(job, () => JSON.parse(review), hash, looks);
    },
    text: disk.text,
    save: () => cache?.save(),
  };
}

/** A folder that is not there stands for all that could be in it. */
const withFolders = remembered((paths: ReadonlySet<string>): ReadonlySet<string> => new Set([...paths, ...[...paths].flatMap(foldersAround)]));

function cacheIn(
  folder: string,
  { shown: _, ...same }: ReviewStart,
  bundle: string,
  version: string,
  hashNow: (path: string) => string,
  looks: Looks,
): ResultCache {
  const build = [bundle, ...PARSER_FILES.map((it) => join(dirname(bundle), it))].map((it) => hashOf(readFileSync(it)));
  return openResultCache({ folder, key: [version, build, same], hashNow, looks });
}

function foundAt(asked: Asked, disk: Disk): Found {
  const { path } = asked;
  const wanted = asked.named || asked.anyFile || isTestFile(path, undefined);
  const opened = disk.open(path);
  if ('blind' in opened) return { ...asked, isTest: wanted, size: 0, hash: '', blind: opened.blind };
  const { bytes, hash } = opened;
  const reading = wanted ? undefined : decoded(bytes);
  // Bytes that are no text are no test code, unless somebody says so.
  const isTest = wanted || (reading !== undefined && 'text' in reading && isTestFile(path, reading.text));
  return { ...asked, isTest, size: bytes.length, hash, blind: undefined };
}

// ----------------------------------------------------------------------------------------- the disk now

interface Disk {
  /** A file that is to be reviewed. */
  open(path: string): { readonly bytes: Uint8Array; readonly hash: string } | { readonly blind: Blind };
  /** Of what a review that looks into the path would see; empty for no file, and for no folder (`a/b/`). */
  hash(path: string): string;
  text(path: string, hash: string): string | undefined;
}

function diskNow({ root, shown }: ReviewStart): Disk {
  const files = workspaceFiles(root);
  const hashes = new Map<string, string>();
  const isListed = listing(files);
  let last: { readonly path: string; readonly hash: string; readonly text: string } | undefined;

  function open(path: string): ReturnType<Disk['open']> {
    const visible = helperBytes(files, shown, path);
    const found = visible === undefined ? files.bytes(path) : { bytes: visible };
    if ('blind' in found) return found;
    const hash = hashOf(found.bytes);
    hashes.set(path, visible === undefined ? '' : hash);
    return { bytes: found.bytes, hash };
  }

  function fileHash(path: string): string {
    const bytes = shown.has(path) || isListed(path) ? helperBytes(files, shown, path) : undefined;
    return bytes === undefined ? '' : hashOf(bytes);
  }

  const folderHash = (path: string) => (hasFolder(files, shown, path) ? 'folder' : '');

  return {
    open,
    hash(path) {
      const known = hashes.get(path);
      if (known !== undefined) return known;
      const hash = path.endsWith('/') ? folderHash(path.slice(0, -1)) : fileHash(path);
      hashes.set(path, hash);
      return hash;
    },
    text(path, hash) {
      if (last?.path === path && last.hash === hash) return last.text;
      const found = open(path);
      if ('blind' in found || found.hash !== hash) return undefined;
      const reading = readingOf(found.bytes, shown, path);
      if ('blind' in reading) return undefined;
      last = { path, hash, text: reading.text };
      return reading.text;
    },
  };
}

/** Is a path in its folder's list? Most that reviews look into are not there, and a list says so of all of them. Folders outside of the root have none. */
function listing({ root }: WorkspaceFiles): (path: string) => boolean {
  const folders = new Map<string, ReadonlySet<string> | undefined>();
  return function isListed(path: string): boolean {
    const slash = path.lastIndexOf('/');
    const folder = path.slice(0, Math.max(slash, 0));
    if (!folders.has(folder)) folders.set(folder, folder === '' || isListed(folder) ? namesIn(join(root, folder), root) : undefined);
    return folders.get(folder)?.has(path.slice(slash + 1)) === true;
  };
}

function namesIn(folder: string, root: string): ReadonlySet<string> | undefined {
  try {
    return leadsInside(folder, root) ? new Set(readdirSync(folder)) : undefined;
  } catch {
    return undefined;
  }
}
