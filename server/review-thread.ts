/**
 * One thread of a review of many files: jobs come, outcomes go, in order. What reviews depend on is sent once and
 * named by number from then on.
 */
import { dirname } from 'node:path';
import { parentPort, workerData } from 'node:worker_threads';
import type { Dependency } from './looks.ts';
import { createThreadReviewer, type Job, type Outcome, type ReviewStart, type ThreadReviewer } from './thread-reviewer.ts';

/** Jobs say by number which `start` they belong to. */
export type ThreadMessage = { readonly number: number; readonly start: ReviewStart } | { readonly number: number; readonly job: Job };

type Reviewed = Extract<Outcome, { readonly looks: unknown }>;
/** Looks as numbers: the file, how many it looks into, and those. */
export type ThreadAnswer = Exclude<Outcome, Reviewed> | (Omit<Reviewed, 'looks'> & { readonly fresh: Dependency[]; readonly looks: Uint32Array });

const reviewers = new Map<number, Promise<ThreadReviewer>>();
const numbers = new Map<Dependency, number>();
let last: Promise<void> = Promise.resolve();

/** A thread that some other library started finds nothing to do here. */
export function reviewInThread(): void {
  if (workerData === 'attest') parentPort?.on('message', take);
}

function take(message: ThreadMessage): void {
  const { number } = message;
  if ('start' in message) reviewers.set(number, createThreadReviewer(message.start, dirname(__filename)));
  // A rejection ends the thread, which the pool notices.
  else
    last = last.then(async () => {
      const reviewer = await reviewers.get(number);
      if (reviewer !== undefined) parentPort?.postMessage(answerOf(reviewer.review(message.job)));
    });
}

function answerOf(outcome: Outcome): ThreadAnswer {
  if ('blind' in outcome) return outcome;
  const fresh: Dependency[] = [];
  const numberOf = (it: Dependency) => {
    const known = numbers.get(it);
    if (known !== undefined) return known;
    fresh.push(it);
    numbers.set(it, numbers.size);
    return numbers.size - 1;
  };
  const looks = outcome.looks.flatMap(({ from, into }) => [numberOf(from), into.length, ...into.map(numberOf)]);
  return { ...outcome, fresh, looks: Uint32Array.from(looks) };
}
