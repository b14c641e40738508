/**
 * The review of many files at once: what is kept from before, and the rest by threads, largest first. The same files
 * give the same reviews in the same order, whoever did them.
 */
import { availableParallelism } from 'node:os';
import { dirname } from 'node:path';
import { inTime } from './patience.ts';
import type { Sized } from './shard.ts';
import { createThreadPool } from './thread-pool.ts';
import { createThreadReviewer, failedOutcome, type Job, NotOrdinary, type Outcome, type ReviewStart, type ThreadReviewer } from './thread-reviewer.ts';
import { type Asked, type Found, openTree, type TreeOptions, type TreeResult } from './tree.ts';
import { smallYoungGeneration } from './young-generation.ts';

export interface TreeReviewOptions extends TreeOptions {
  /** Threads at most. */
  readonly jobs: number;
  /** Which of the files to review are for this run. */
  part?(files: readonly Sized[]): ReadonlySet<string>;
  /** Is a review wanted that turned out so? One that is not is as if its file had not been asked for. */
  concerns?(result: TreeResult): boolean;
  /** After each file. */
  progress?(done: number, total: number, path: string): void;
}

/** As many threads as the machine has cores, within reason. */
export function defaultJobs(): number {
  return Math.min(8, availableParallelism());
}

/** Text that a thread more is worth starting for, in bytes: its start costs about as much as this. */
const WORTH_A_THREAD = 150_000;
/** A file that is more than this part of all is large. */
const LARGE_PART = 1 / 200;

/** Results in the order asked. Never rejects for what is on the disk. */
export async function reviewTree(asked: readonly Asked[], options: TreeReviewOptions): Promise<TreeResult[]> {
  const { part, concerns, progress } = options;
  const tree = openTree(options);
  const found = asked.map((it) => tree.find(it)).filter((it) => it.isTest);
  const own = part?.(found.map(({ path, size }) => ({ path, size })));
  const results = new Map<string, TreeResult>();
  const keep = (it: TreeResult) => results.set(it.path, it);
  const jobs: Found[] = [];
  for (const it of found) {
    if (own !== undefined && !own.has(it.path)) continue;
    const known = tree.known(it);
    if (known === undefined) jobs.push(it);
    else keep(known);
  }
  const total = results.size + jobs.length;
  const young = smallYoungGeneration();
  young.look();
  await runAll(inOrder(jobs), options, (job, outcome) => {
    young.look();
    keep(tree.done(job, outcome));
    progress?.(results.size, total, job.path);
  });
  young.end();
  tree.save();
  // Only now is it known of every file what it looks into.
  const concerning = (it: TreeResult | undefined) => (it === undefined || concerns?.(it) === false ? undefined : it);
  return asked.map((it) => concerning(results.get(it.path)) ?? { path: it.path });
}

/** By threads, of which this one is the last: it begins with the small files, and hears in between what the others have done. */
async function runAll(jobs: readonly Found[], { start, bundle, jobs: most }: TreeReviewOptions, done: (job: Found, outcome: Outcome) => void): Promise<void> {
  const size = jobs.reduce((sum, it) => sum + it.size, 0);
  const threads = Math.min(most, jobs.length, Math.ceil(size / WORTH_A_THREAD));
  const pool = createThreadPool(Math.max(0, threads - 1), bundle);
  try {
    const all = jobs.map(async (it) => done(it, await pool.run(start, { path: it.path, anyFile: it.anyFile })));
    await pool.help(reviewingHere(dirname(bundle)));
    await Promise.all(all);
  } finally {
    pool.close();
  }
}

/** Most files are ordinary Python: tree-sitter, which takes as long to load as a small file to review, waits for the first that is not. */
function reviewingHere(parser: string): (start: ReviewStart, job: Job) => Promise<Outcome> {
  let reviewer: ThreadReviewer | undefined;
  return async function review(start, job) {
    for (;;) {
      reviewer ??= await createThreadReviewer(start, undefined);
      const current = reviewer;
      try {
        return inTime(() => current.review(job));
      } catch (error) {
        reviewer = await createThreadReviewer(start, parser);
        if (!(error instanceof NotOrdinary)) return failedOutcome(job.path, error);
      }
    }
  };
}

/** The largest first, so that none is left over at the end; the others by folder, where they look into the same files. */
function inOrder(jobs: readonly Found[]): Found[] {
  const large = jobs.reduce((sum, it) => sum + it.size, 0) * LARGE_PART;
  const weight = ({ size }: Found) => (size < large ? 0 : size);
  return [...jobs].sort((a, b) => weight(b) - weight(a) || (a.path < b.path ? -1 : 1));
}
