/**
 * Threads that review files. Whoever is free takes the next job, so that nobody waits for the longest one. A thread
 * that dies takes one job with it: that one fails, the others are done by the thread that follows.
 */
import { Worker } from 'node:worker_threads';
import type { ThreadAnswer, ThreadStart } from './review-thread.ts';
import { type Dependency, failedOutcome, type Job, type Outcome } from './thread-reviewer.ts';

export interface ThreadPool {
  run(job: Job): Promise<Outcome>;
  /** Ends all threads at once; what was not done is never answered. */
  close(): void;
}

interface Task {
  readonly job: Job;
  readonly done: (outcome: Outcome) => void;
}

/** Jobs that a thread holds: the one it does, and the one it goes on with. */
const AHEAD = 2;

/** `script` is a built file that runs `review-thread.ts` when it finds itself in a thread. */
export function createThreadPool(size: number, script: string, start: ThreadStart): ThreadPool {
  const waiting: Task[] = [];
  const threads = new Set<Worker>();
  let closed = false;

  function add(): void {
    const thread = new Worker(script, { workerData: start });
    const tasks: Task[] = [];
    const known: Dependency[] = [];
    threads.add(thread);
    const feed = () => {
      while (tasks.length < AHEAD) {
        const task = waiting.shift();
        if (task === undefined) return;
        tasks.push(task);
        thread.postMessage(task.job);
      }
    };
    let reason: unknown = 'a thread ended';
    thread.on('message', (answer: ThreadAnswer) => {
      tasks.shift()?.done(outcomeOf(answer, known));
      feed();
    });
    thread.on('error', (error) => {
      reason = error;
    });
    thread.on('exit', () => {
      threads.delete(thread);
      feeds.delete(feed);
      if (closed) return;
      const [lost, ...others] = tasks;
      if (lost !== undefined) lost.done(failedOutcome(lost.job.path, reason));
      waiting.unshift(...others);
      if (waiting.length > 0) add();
    });
    feeds.add(feed);
    feed();
  }

  const feeds = new Set<() => void>();
  return {
    run: (job) =>
      new Promise((done) => {
        waiting.push({ job, done });
        if (threads.size < size) add();
        else for (const feed of feeds) feed();
      }),
    close() {
      closed = true;
      for (const it of threads) void it.terminate();
    },
  };
}

function outcomeOf(answer: ThreadAnswer, known: Dependency[]): Outcome {
  if (!('looked' in answer)) return answer;
  const { fresh, ...rest } = answer;
  known.push(...fresh);
  return { ...rest, looked: Array.from(answer.looked, (it) => known[it]).filter((it) => it !== undefined) };
}
