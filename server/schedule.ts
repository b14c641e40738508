/**
 * When to review. While reviews take less than a frame there is no wait at all; slower files wait in proportion,
 * so that typing is never behind. The newest wish for a file replaces older ones, but who types without a pause is
 * answered all the same, now and then. Open files go before the background.
 */
import type { CancellationToken } from 'vscode-languageserver';
import type { Host } from './host.ts';

export interface Schedule {
  /**
   * Waits until the file has settled. False when the wish was given up meanwhile: by its `token`, where there is one, else
   * by a newer wish for the same file. What was given up again and again is due in the end: true, so that it is answered.
   * `now` for what should not wait: a file just opened or saved, a command.
   */
  settle(key: string, options: Wish): Promise<boolean>;
  /** Runs the work and remembers how long it took. */
  timed<T>(key: string, work: () => T): T;
  /** Resolves when nothing open is waiting or was asked for since the last turn; for background work. */
  idle(): Promise<void>;
  /** Does something after a while; asked again meanwhile, it is still done once. */
  soon(key: string, milliseconds: number, action: () => void): void;
  forget(key: string): void;
}

interface Wish {
  readonly now: boolean;
  /** What somebody set; then nothing is due before. */
  readonly debounceMs: number;
  readonly token?: CancellationToken | undefined;
}

const FRAME = 16;
const LONGEST = 400;
const TIMES_COST = 3;

export function createSchedule(host: Pick<Host, 'now' | 'wait'>): Schedule {
  const newest = new Map<string, number>();
  const cost = new Map<string, number>();
  /** Since when a file is wished for in vain. */
  const unmet = new Map<string, number>();
  const planned = new Set<string>();
  let serial = 0;
  let waiting = 0;
  return {
    async settle(key, { now, debounceMs, token }) {
      serial += 1;
      const mine = serial;
      newest.set(key, mine);
      const took = cost.get(key) ?? 0;
      const since = unmet.get(key) ?? host.now();
      unmet.set(key, since);
      // In proportion as well: a file that takes long is not reviewed all the time.
      const due = debounceMs > 0 ? Number.POSITIVE_INFINITY : since + Math.max(LONGEST, TIMES_COST * took);
      waiting += 1;
      const settled = host.wait(now ? 0 : debounceMs || Math.max(0, Math.min(adaptive(took), due - host.now())));
      // An editor asks again only when it was told that it need not wait.
      await (token === undefined ? settled : Promise.race([settled, new Promise<void>((resolve) => token.onCancellationRequested(() => resolve()))]));
      waiting -= 1;
      const isGivenUp = token?.isCancellationRequested ?? newest.get(key) !== mine;
      if (isGivenUp && host.now() < due) return false;
      unmet.delete(key);
      return true;
    },
    timed(key, work) {
      const start = host.now();
      const result = work();
      // The first one also paid for what is kept; it says nothing about the next key.
      cost.set(key, cost.has(key) ? host.now() - start : 0);
      return result;
    },
    async idle() {
      do await host.wait(0);
      while (waiting > 0);
    },
    soon(key, milliseconds, action) {
      if (planned.has(key)) return;
      planned.add(key);
      void host.wait(milliseconds).then(() => {
        planned.delete(key);
        action();
      });
    },
    forget(key) {
      for (const it of [newest, cost, unmet]) it.delete(key);
    },
  };
}

function adaptive(cost: number): number {
  return cost <= FRAME ? 0 : Math.min(LONGEST, cost * TIMES_COST);
}
