/**
 * Threads that review files. Whoever is free takes the next job, so that nobody waits for the longest one. A thread
 * that dies takes one job with it: that one fails, the others are done by the thread that follows. One that does not come
 * to an end with its job is ended.
 */
import { Worker } from 'node:worker_threads';
import type { Dependency, Look } from './looks.ts';
import { LONGEST_MS, OutOfPatience } from './patience.ts';
import type { ThreadAnswer, ThreadMessage } from './review-thread.ts';
import { failedOutcome, type Job, type Outcome, type ReviewStart } from './thread-reviewer.ts';

export interface ThreadPool {
  /** Jobs that go on at the same time, with those that wait for them. */
  readonly width: number;
  /** Jobs with the same `start` share what a thread knows. */
  run(start: ReviewStart, job: Job): Promise<Outcome>;
  /** Does jobs that wait, the last first, in this thread too, until there are none. In between it hears what the others say. */
  help(review: (start: ReviewStart, job: Job) => Promise<Outcome>): Promise<void>;
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

interface Thread {
  readonly tasks: Task[];
  feed(): void;
  /** Ends the thread when the job that it is at takes too long. */
  watch(): void;
}

/**
 * `script` is a built file that runs `review-thread.ts` when it finds itself in a thread; `patience` is how long a job may
 * take, in milliseconds.
 */
export function createThreadPool(size: number, script: string, patience = LONGEST_MS): ThreadPool {
  const waiting: Task[] = [];
  const threads = new Map<Worker, Thread>();
  let closed = false;
  const watching = setInterval(() => {
    for (const it of threads.values()) it.watch();
  }, patience / 20).unref();

  function add(): void {
    // What a library prints there would end up in standard output, which may be a conversation.
    const worker = new Worker(script, { workerData: 'attest', stdout: true, resourceLimits: LIMITS });
    const tasks: Task[] = [];
    const starts = new Map<ReviewStart, number>();
    const known: Dependency[] = [];
    let since = performance.now();
    let reason: unknown = 'a thread ended';
    const send = (message: ThreadMessage) => worker.postMessage(message);
    const feed = () => {
      while (tasks.length < AHEAD) {
        const task = waiting.shift();
        if (task === undefined) return;
        if (tasks.length === 0) since = performance.now();
        tasks.push(task);
        const number = starts.get(task.start) ?? starts.size;
        if (!starts.has(task.start)) send({ number, start: task.start });
        starts.set(task.start, number);
        send({ number, job: task.job });
      }
    };
    worker.on('message', (answer: ThreadAnswer) => {
      since = performance.now();
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
    const watch = () => {
      const late = tasks[0];
      if (late === undefined || performance.now() - since < patience) return;
      // The answer may have come while this thread was at work itself: it is heard first.
      setImmediate(() => {
        if (tasks[0] !== late) return;
        reason = new OutOfPatience(patience);
        void worker.terminate();
      });
    };
    threads.set(worker, { tasks, feed, watch });
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
    async help(review) {
      for (let task = waiting.pop(); task !== undefined; task = waiting.pop()) {
        task.done(await review(task.start, task.job));
        await new Promise(setImmediate);
      }
    },
    close() {
      closed = true;
      clearInterval(watching);
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
