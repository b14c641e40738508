/**
 * The review of whole folders: by others where the host has such, else one file after the other; open files and
 * typing always first, stopped at any moment with what was found so far.
 */
import type { Background, Host } from './host.ts';
import { type Reviewed, type Reviewer, uriIn } from './reviewer.ts';
import type { Schedule } from './schedule.ts';

export interface TourOptions {
  readonly host: Host;
  readonly schedule: Schedule;
  readonly reviewer: Reviewer;
  readonly background: Background | undefined;
  /** URIs, without `/` at their ends. */
  readonly folders: readonly string[];
  isOpen(uri: string): boolean;
  stopped(): boolean;
  /** Before each file; `done` of `total` are behind. */
  progress(done: number, total: number, uri: string): Promise<void>;
  found(reviewed: Reviewed): Promise<void>;
}

export interface TourResult {
  readonly reviewed: number;
  readonly skipped: number;
  /** False when it was stopped before the end. */
  readonly complete: boolean;
}

export async function tour(options: TourOptions): Promise<TourResult> {
  const { host, schedule, reviewer, stopped } = options;
  const uris = new Set<string>();
  // What somebody asks for is as it is now, whether or not the editor has told of a change yet.
  host.forget();
  for (const folder of options.folders) for (const path of await host.list(folder)) uris.add(uriIn(folder, path));

  const { background, isOpen } = options;
  const queue = [...uris];
  const running = new Set<Promise<void>>();
  let done = 0;
  let reviewed = 0;
  const review = async (uri: string) => {
    const result = await (isOpen(uri) ? reviewer.review(uri) : background === undefined ? reviewer.reviewClosed(uri) : reviewer.reviewApart(uri, background));
    if (stopped()) return;
    done += 1;
    if (typeof result === 'string') return;
    reviewed += 1;
    await options.found(result);
  };
  for (;;) {
    await schedule.idle();
    if (stopped()) return { reviewed, skipped: done - reviewed, complete: false };
    const uri = running.size < (background?.width ?? 1) ? queue.shift() : undefined;
    if (uri !== undefined) {
      await options.progress(done, uris.size, uri);
      const work = review(uri).finally(() => running.delete(work));
      running.add(work);
      // The first failure ends the review; the others are not worth a word.
      work.catch(() => undefined);
    } else if (running.size === 0) return { reviewed, skipped: done - reviewed, complete: true };
    // Looks up now and then, so that it can be stopped while a large file is reviewed.
    else await Promise.race([...running, host.wait(LOOK_UP_MS)]);
  }
}

const LOOK_UP_MS = 100;
