/**
 * The review of many files at once: what is kept from before, and the rest by threads, largest first. The same files
 * give the same reviews in the same order, whoever did them.
 */
import { availableParallelism } from 'node:os';
import { dirname } from 'node:path';
import type { Sized } from './shard.ts';
import { createThreadPool } from './thread-pool.ts';
import { createThreadReviewer, failedOutcome, NotOrdinary, type Outcome, type ReviewStart } from './thread-reviewer.ts';
import { type Asked, type Found, openTree, type TreeOptions, type TreeResult } from './tree.ts';

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
  const keep = (it: TreeResult) => results.set(it.path, concerns?.(it) === false ? { path: it.path } : it);
  const jobs: Found[] = [];
  for (const it of found) {
    if (own !== undefined && !own.has(it.path)) continue;
    const known = tree.known(it);
    if (known === undefined) jobs.push(it);
    else keep(known);
  }
  const total = results.size + jobs.length;
  await runAll(inOrder(jobs), options, (job, outcome) => {
    keep(tree.done(job, outcome));
    progress?.(results.size, total, job.path);
  });
  tree.save();
  return asked.map((it) => results.get(it.path) ?? { path: it.path });
}

async function runAll(jobs: readonly Found[], { start, bundle, jobs: most }: TreeReviewOptions, done: (job: Found, outcome: Outcome) => void): Promise<void> {
  if (jobs.length === 0) return;
  const size = jobs.reduce((sum, it) => sum + it.size, 0);
  const worth = Math.ceil(size / WORTH_A_THREAD);
  if (worth <= 1) return runHere(jobs, start, dirname(bundle), done);
  // One is a thread too, since the memory of a thread can be limited.
  const threads = Math.min(most, jobs.length, worth);
  const pool = createThreadPool(threads, bundle);
  try {
    await Promise.all(jobs.map(async (it) => done(it, await pool.run(start, { path: it.path, anyFile: it.anyFile }))));
  } finally {
    pool.close();
  }
}

/** Most files are ordinary Python: tree-sitter, which takes as long to load as a small file to review, waits for the first that is not. */
async function runHere(jobs: readonly Found[], start: ReviewStart, parser: string, done: (job: Found, outcome: Outcome) => void): Promise<void> {
  let reviewer = await createThreadReviewer(start, undefined);
  for (const it of jobs) {
    let outcome: Outcome | undefined;
    while (outcome === undefined) {
      try {
        outcome = reviewer.review(it);
      } catch (error) {
        if (!(error instanceof NotOrdinary)) outcome = failedOutcome(it.path, error);
        reviewer = await createThreadReviewer(start, parser);
      }
    }
    done(it, outcome);
  }
}

/** The largest first, so that none is left over at the end; the others by folder, where they look into the same files. */
function inOrder(jobs: readonly Found[]): Found[] {
  const large = jobs.reduce((sum, it) => sum + it.size, 0) * LARGE_PART;
  const weight = ({ size }: Found) => (size < large ? 0 : size);
  return [...jobs].sort((a, b) => weight(b) - weight(a) || (a.path < b.path ? -1 : 1));
}
