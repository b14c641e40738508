/**
 * One thread of a review of many files: jobs come, outcomes go, in order. What reviews depend on is sent once and
 * named by number from then on.
 */
import { dirname } from 'node:path';
import { parentPort, workerData } from 'node:worker_threads';
import { createThreadReviewer, type Dependency, type Job, type Outcome, type ReviewSetting } from './thread-reviewer.ts';

export interface ThreadStart {
  readonly setting: ReviewSetting;
  readonly shown: readonly (readonly [string, string])[];
}

export type ThreadAnswer =
  | Exclude<Outcome, { readonly looked: unknown }>
  | (Omit<Reviewed, 'looked'> & { readonly fresh: Dependency[]; readonly looked: Uint32Array });
type Reviewed = Extract<Outcome, { readonly looked: unknown }>;

const { setting, shown }: ThreadStart = workerData;
const reviewer = createThreadReviewer(setting, dirname(__filename), new Map(shown));
const numbers = new Map<Dependency, number>();

parentPort?.on('message', (job: Job) => {
  // A rejection ends the thread, which the pool notices.
  void reviewer.then((it) => parentPort?.postMessage(answerOf(it.review(job))));
});

function answerOf(outcome: Outcome): ThreadAnswer {
  if ('blind' in outcome) return outcome;
  const fresh: Dependency[] = [];
  const looked = Uint32Array.from(outcome.looked, (it) => {
    const known = numbers.get(it);
    if (known !== undefined) return known;
    fresh.push(it);
    numbers.set(it, numbers.size);
    return numbers.size - 1;
  });
  return { ...outcome, fresh, looked };
}
