/**
 * When to review. While reviews take less than a frame there is no wait at all; slower files wait in proportion,
 * so that typing is never behind. The newest wish for a file replaces older ones, and open files go before the
 * background.
 */
import type { Host } from './host.ts';

export interface Schedule {
  /**
   * Waits until the file has settled. False when a newer wish for the same file replaced this one meanwhile.
   * `now` for what should not wait: a file just opened or saved, a command.
   */
  settle(key: string, options: { readonly now: boolean; readonly debounceMs: number }): Promise<boolean>;
  /** Runs the work and remembers how long it took. */
  timed<T>(key: string, work: () => T): T;
  /** Resolves when nothing open is waiting or was asked for since the last turn; for background work. */
  idle(): Promise<void>;
  /** Does something after a while; asked again meanwhile, it is still done once. */
  soon(key: string, milliseconds: number, action: () => void): void;
  forget(key: string): void;
}

const FRAME = 16;
const LONGEST = 400;
const TIMES_COST = 3;

export function createSchedule(host: Pick<Host, 'now' | 'wait'>): Schedule {
  const newest = new Map<string, number>();
  const cost = new Map<string, number>();
  const planned = new Set<string>();
  let serial = 0;
  let waiting = 0;
  return {
    async settle(key, { now, debounceMs }) {
      serial += 1;
      const mine = serial;
      newest.set(key, mine);
      waiting += 1;
      await host.wait(now ? 0 : debounceMs || adaptive(cost.get(key) ?? 0));
      waiting -= 1;
      return newest.get(key) === mine;
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
      newest.delete(key);
      cost.delete(key);
    },
  };
}

function adaptive(cost: number): number {
  return cost <= FRAME ? 0 : Math.min(LONGEST, cost * TIMES_COST);
}
