/** How far a long run is, on a terminal: one line that is written over and gone at the end. */
import { visible } from './views/visible.ts';

export interface ProgressBar {
  show(done: number, total: number, path: string): void;
  end(): void;
}

interface Terminal {
  readonly isTTY?: boolean;
  readonly columns?: number;
  write(text: string): unknown;
}

/** Shorter runs need none, and faster changes nobody sees. In milliseconds. */
const AFTER = 500;
const EVERY = 80;
const WIDTH = 24;

export function progressBar(terminal: Terminal, quiet: boolean, now: () => number = () => performance.now()): ProgressBar {
  const start = now();
  let last = 0;
  const isShown = terminal.isTTY === true && !quiet && process.env['TERM'] !== 'dumb';
  return {
    show(done, total, path) {
      const time = now();
      if (!isShown || time - start < AFTER || time - last < EVERY) return;
      last = time;
      const full = Math.round((WIDTH * done) / total);
      const line = `${'█'.repeat(full)}${'░'.repeat(WIDTH - full)} ${done} of ${total} ${path}`;
      terminal.write(`\r\u001b[K${visible(line).slice(0, (terminal.columns ?? 80) - 1)}`);
    },
    end() {
      if (last > 0) terminal.write('\r\u001b[K');
    },
  };
}
