/**
 * Threads that review files. Whoever is free takes the next job, so that nobody waits for the longest one. A thread
 * that dies takes one job with it: that one fails, the others are done by the thread that follows.
 */
import { Worker } from 'node:worker_threads';
import type { Dependency, Look } from './looks.ts';
import type { ThreadAnswer, ThreadMessage } from './review-thread.ts';
import { failedOutcome, type Job, type Outcome, type ReviewStart } from './thread-reviewer.ts';

export interface ThreadPool {
  /** Jobs that go on at the same time, with those that wait for them. */
  readonly width: number;
  /** Jobs with the same `start` share what a thread knows. */
  run(start: ReviewStart, job: Job): Promise<Outcome>;
  /** Ends all threads at once; what was not done fails. */
  close(): void;
}

interface Task {
  readonly start: ReviewStart;
  readonly job: Job;
  readonly done: (outcome: Outcome) => void;
}

/** Jobs that a thread holds: the one it does, and the one it goes on with. */
const AHEAD = 2;
/**
 * In megabytes. The old generation needs a tenth of this: what V8 lets it grow to before it looks for garbage hangs on
 * its limit, and with that of a whole machine a thread holds four times of what it uses. The young one is as
 * fast as with the usual 48.
 */
const LIMITS = { maxOldGenerationSizeMb: 1024, maxYoungGenerationSizeMb: 12 };

/** `script` is a built file that runs `review-thread.ts` when it finds itself in a thread. */
export function createThreadPool(size: number, script: string): ThreadPool {
  const waiting: Task[] = [];
  const threads = new Map<Worker, { readonly tasks: Task[]; feed(): void }>();
  let closed = false;

  function add(): void {
    // What a library prints there would end up in standard output, which may be a conversation.
    const worker = new Worker(script, { workerData: 'attest', stdout: true, resourceLimits: LIMITS });
    const tasks: Task[] = [];
    const starts = new Map<ReviewStart, number>();
    const known: Dependency[] = [];
    let reason: unknown = 'a thread ended';
    const send = (message: ThreadMessage) => worker.postMessage(message);
    const feed = () => {
      while (tasks.length < AHEAD) {
        const task = waiting.shift();
        if (task === undefined) return;
        tasks.push(task);
        const number = starts.get(task.start) ?? starts.size;
        if (!starts.has(task.start)) send({ number, start: task.start });
        starts.set(task.start, number);
        send({ number, job: task.job });
      }
    };
    worker.on('message', (answer: ThreadAnswer) => {
      tasks.shift()?.done(outcomeOf(answer, known));
      feed();
    });
    worker.on('error', (error) => {
      reason = error;
    });
    worker.on('exit', () => {
      threads.delete(worker);
      if (closed) return;
      const [lost, ...others] = tasks;
      if (lost !== undefined) lost.done(failedOutcome(lost.job.path, reason));
      waiting.unshift(...others);
      if (waiting.length > 0) add();
    });
    threads.set(worker, { tasks, feed });
    feed();
  }

  return {
    width: size * AHEAD,
    run: (start, job) =>
      new Promise((done) => {
        waiting.push({ start, job, done });
        if (threads.size < size) add();
        else for (const it of threads.values()) it.feed();
      }),
    close() {
      closed = true;
      const open = [...[...threads.values()].flatMap((it) => it.tasks), ...waiting.splice(0)];
      for (const it of threads.keys()) void it.terminate();
      for (const it of open) it.done(failedOutcome(it.job.path, 'the review was stopped'));
    },
  };
}

function outcomeOf(answer: ThreadAnswer, known: Dependency[]): Outcome {
  if (!('looks' in answer)) return answer;
  const { fresh, looks: numbers, ...rest } = answer;
  for (const it of fresh) known.push(it);
  const looks: Look[] = [];
  for (let at = 0; at < numbers.length; ) {
    const from = known[numbers[at] ?? 0];
    const into = at + 2;
    at = into + (numbers[at + 1] ?? 0);
    if (from !== undefined) looks.push({ from, into: Array.from(numbers.subarray(into, at), (it) => known[it]).filter((it) => it !== undefined) });
  }
  return { ...rest, looks };
}
