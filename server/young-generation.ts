/** What V8 does with new objects: most are garbage when the review of their file ends, be it after a key or one of a thousand. */
import { getHeapSpaceStatistics, setFlagsFromString } from 'node:v8';

export interface YoungGeneration {
  /** Asked between pieces of work: is it large enough? */
  look(): void;
  /** It may grow again. What V8 compiled counts for the flags alone that it was compiled under. */
  end(): void;
}

/** In bytes, of both halves: what one file needs, and many do as well with. */
const ENOUGH = 4 * 1024 * 1024;

/** Where V8 has no flag of a name, it says so on standard error. */
function hasTheFlags(): boolean {
  return ['20', '22', '24'].includes(process.versions.node.split('.')[0] ?? '');
}

/**
 * Keeps V8 from making objects old at once because earlier ones from the same place in the code lived long: while a file is
 * read for the first time they do, from then on for one key or one review. Only a full collection finds what such an object
 * sees, which may be every text that was typed. To be called before there is much.
 */
export function keepYoung(): void {
  if (hasTheFlags()) setFlagsFromString('--no-allocation-site-pretenuring');
}

/**
 * The memory that new objects of the main thread are given would grow to 48 MB, a fifth of what a review of many files takes;
 * of one file, memory that is touched for the first time costs more than looking for garbage more often. Threads are started
 * with a limit; the thread that is there can only be told to stop.
 */
export function smallYoungGeneration(): YoungGeneration {
  const canStop = hasTheFlags();
  let isStopped = false;
  return {
    look() {
      if (!canStop || isStopped) return;
      const young = getHeapSpaceStatistics().find((it) => it.space_name === 'new_space');
      isStopped = (young?.space_size ?? 0) >= ENOUGH;
      if (isStopped) setFlagsFromString('--semi-space-growth-factor=1');
    },
    end() {
      if (isStopped) setFlagsFromString('--semi-space-growth-factor=2');
      isStopped = false;
    },
  };
}
