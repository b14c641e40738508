/**
 * The review of whole folders: one file after the other, open files and typing always first, stopped at any
 * moment with what was found so far.
 */
import type { Host } from './host.ts';
import { type Reviewed, type Reviewer, uriIn } from './reviewer.ts';
import type { Schedule } from './schedule.ts';

export interface TourOptions {
  readonly host: Host;
  readonly schedule: Schedule;
  readonly reviewer: Reviewer;
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
  for (const folder of options.folders) for (const path of await host.list(folder)) uris.add(uriIn(folder, path));

  let done = 0;
  let reviewed = 0;
  for (const uri of uris) {
    await schedule.idle();
    if (stopped()) return { reviewed, skipped: done - reviewed, complete: false };
    await options.progress(done, uris.size, uri);
    const result = await (options.isOpen(uri) ? reviewer.review(uri) : reviewer.reviewClosed(uri));
    done += 1;
    if (typeof result === 'string') continue;
    reviewed += 1;
    await options.found(result);
  }
  return { reviewed, skipped: done - reviewed, complete: true };
}
