/**
 * The review of many files: what is kept from before, and the rest by threads, largest first. The same files give
 * the same reviews in the same order, whoever did them.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { dirname, join } from 'node:path';
import { decoded } from './decode.ts';
import { openResultCache, type ResultCache } from './result-cache.ts';
import { isTestFile } from './review/engine.ts';
import type { Blind, Review } from './review/review.ts';
import { restored, type StoredReview } from './review/stored.ts';
import type { Sized } from './shard.ts';
import { createThreadPool } from './thread-pool.ts';
import { createThreadReviewer, hashOf, helperBytes, type Job, type Outcome, PARSER_FILES, type ReviewSetting, type Shown } from './thread-reviewer.ts';
import { type WorkspaceFiles, workspaceFiles } from './workspace-files.ts';

export interface TreeOptions {
  readonly setting: ReviewSetting;
  /** The built file that this runs in: threads run it too, and the parser's files are beside it. */
  readonly bundle: string;
  /** Threads at most. */
  readonly jobs: number;
  /** Folder of kept reviews; without one nothing is kept. */
  readonly cache: string | undefined;
  readonly version: string;
  readonly shown?: Shown;
  /** Which of the files to review are for this run. */
  part?(files: readonly Sized[]): ReadonlySet<string>;
  /** After each file. */
  progress?(done: number, total: number, path: string): void;
}

export type TreeResult =
  | { readonly path: string; readonly review: Review }
  /** It could not be read, and was named or is test code by its own name. */
  | { readonly path: string; readonly blind: Blind }
  /** No test code, or left to others. */
  | { readonly path: string };

/** A file to review; one that was `named` is answered with a review even when it is no test code. */
export interface Asked extends Job {
  readonly named: boolean;
}

/** As many threads as the machine has cores, within reason. */
export function defaultJobs(): number {
  return Math.min(8, availableParallelism());
}

/** Text that a thread more is worth starting for, in bytes: its start costs about as much as this. */
const WORTH_A_THREAD = 150_000;

/** Results in the order asked. Never rejects for what is on the disk. */
export async function reviewTree(asked: readonly Asked[], options: TreeOptions): Promise<TreeResult[]> {
  const { setting, shown = new Map(), part, progress } = options;
  const files = workspaceFiles(setting.root);
  const disk = diskNow(files, shown);
  const found = asked.map((it): Found => foundAt(it, disk)).filter((it) => it.isTest);
  const own = part?.(found.map(({ path, size }) => ({ path, size })));
  const cache = cacheOf(options, disk.hash);
  const results = new Map<string, TreeResult>();
  const jobs: Found[] = [];
  for (const it of found) {
    if (own !== undefined && !own.has(it.path)) continue;
    const kept = it.blind === undefined ? cache?.find(it.path, it.hash, it.anyFile) : undefined;
    if (it.blind !== undefined) results.set(it.path, { path: it.path, blind: it.blind });
    else if (kept !== undefined) results.set(it.path, resultOf(it, kept, it.hash, disk));
    else jobs.push(it);
  }

  const total = results.size + jobs.length;
  let done = results.size;
  const take = (job: Asked, outcome: Outcome) => {
    done += 1;
    progress?.(done, total, job.path);
    if ('blind' in outcome) {
      results.set(job.path, { path: job.path, blind: outcome.blind });
      return;
    }
    const { review, hash, looked, faulty } = outcome;
    if (!faulty) cache?.keep(job.path, hash, job.anyFile, review, looked);
    results.set(job.path, resultOf(job, JSON.parse(review), hash, disk));
  };
  await runAll(inOrder(jobs), take, options);
  cache?.save();
  return asked.map((it) => results.get(it.path) ?? { path: it.path });
}

async function runAll(jobs: readonly Found[], take: (job: Asked, outcome: Outcome) => void, options: TreeOptions): Promise<void> {
  if (jobs.length === 0) return;
  const { setting, bundle, shown = new Map() } = options;
  const size = jobs.reduce((sum, it) => sum + it.size, 0);
  const threads = Math.min(options.jobs, jobs.length, Math.ceil(size / WORTH_A_THREAD));
  if (threads <= 1) {
    const reviewer = await createThreadReviewer(setting, dirname(bundle), shown);
    for (const it of jobs) take(it, reviewer.review(it));
    return;
  }
  const pool = createThreadPool(threads, bundle, { setting, shown: [...shown] });
  try {
    await Promise.all(jobs.map(async (it) => take(it, await pool.run({ path: it.path, anyFile: it.anyFile }))));
  } finally {
    pool.close();
  }
}

/** The largest first, so that none is left over at the end; the others by folder, where they look into the same files. */
function inOrder<T extends { readonly path: string; readonly size: number }>(jobs: readonly T[]): T[] {
  const large = jobs.reduce((sum, it) => sum + it.size, 0) / LARGE_PART;
  const size = (it: T) => (it.size < large ? 0 : it.size);
  return [...jobs].sort((a, b) => size(b) - size(a) || (a.path < b.path ? -1 : 1));
}
const LARGE_PART = 200;

function resultOf({ path, named }: Asked, review: StoredReview, hash: string, disk: Disk): TreeResult {
  if (!review.isTest && !named) return { path };
  return { path, review: restored(review, () => disk.text(path, hash)) };
}

/** A file as it is found. */
interface Found extends Asked {
  /** Test code, or to be answered whatever it is. */
  readonly isTest: boolean;
  readonly size: number;
  readonly hash: string;
  readonly blind: Blind | undefined;
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

function cacheOf({ setting, bundle, cache, version }: TreeOptions, hashNow: (path: string) => string): ResultCache | undefined {
  if (cache === undefined) return undefined;
  const built = [bundle, ...PARSER_FILES.map((it) => join(dirname(bundle), it))].map((it) => hashOf(readFileSync(it)));
  return openResultCache({ folder: cache, key: [version, built, setting], hashNow });
}

// ----------------------------------------------------------------------------------------- the disk now

/** What paths hold now, each asked of the disk once. */
interface Disk {
  /** A file that is to be reviewed. */
  open(path: string): { readonly bytes: Uint8Array; readonly hash: string } | { readonly blind: Blind };
  /** Of what a review that looks into the path would see; empty for no file. */
  hash(path: string): string;
  /** The text, as long as it has this hash. */
  text(path: string, hash: string): string | undefined;
}

function diskNow(files: WorkspaceFiles, shown: Shown): Disk {
  const hashes = new Map<string, string>();
  const folders = new Map<string, ReadonlySet<string> | undefined>();
  let last: { readonly path: string; readonly hash: string; readonly text: string } | undefined;

  // Most paths that reviews look into do not exist; a listed folder says so without another look at the disk.
  function isListed(path: string): boolean {
    const slash = path.lastIndexOf('/');
    const folder = path.slice(0, Math.max(slash, 0));
    if (!folders.has(folder)) folders.set(folder, folder === '' || isListed(folder) ? namesIn(join(files.root, folder)) : undefined);
    return folders.get(folder)?.has(path.slice(slash + 1)) === true;
  }

  function open(path: string): ReturnType<Disk['open']> {
    const visible = helperBytes(files, shown, path);
    const found = visible === undefined ? files.bytes(path) : { bytes: visible };
    if ('blind' in found) return found;
    const hash = hashOf(found.bytes);
    hashes.set(path, visible === undefined ? '' : hash);
    return { bytes: found.bytes, hash };
  }

  return {
    open,
    hash(path) {
      const known = hashes.get(path);
      if (known !== undefined) return known;
      const bytes = shown.has(path) || isListed(path) ? helperBytes(files, shown, path) : undefined;
      const hash = bytes === undefined ? '' : hashOf(bytes);
      hashes.set(path, hash);
      return hash;
    },
    text(path, hash) {
      if (last?.path === path && last.hash === hash) return last.text;
      const found = open(path);
      if ('blind' in found || found.hash !== hash) return undefined;
      const reading = decoded(found.bytes);
      if ('blind' in reading) return undefined;
      last = { path, hash, text: reading.text };
      return reading.text;
    },
  };
}

function namesIn(folder: string): ReadonlySet<string> | undefined {
  try {
    return new Set(readdirSync(folder));
  } catch {
    return undefined;
  }
}
