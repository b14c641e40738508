/** What a process costs from its start to its end: wall time, time on all cores, the most memory that it held. */
import { spawnSync } from 'node:child_process';
import { readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export interface Cost {
  /** In milliseconds. */
  readonly wall: number;
  readonly cpu: number | undefined;
  /** In megabytes. */
  readonly rss: number | undefined;
}

/** Waits for one child and asks the system about that one; wall time without its own start. */
const WAITER = `
import json, os, sys, time
start = time.perf_counter()
pid = os.fork()
if pid == 0:
    null = os.open(os.devnull, os.O_WRONLY)
    os.dup2(null, 1)
    os.dup2(null, 2)
    os.execvp(sys.argv[2], sys.argv[2:])
_, status, usage = os.wait4(pid, 0)
wall = time.perf_counter() - start
with open(sys.argv[1], 'w') as file:
    json.dump({'wall': wall * 1000, 'cpu': (usage.ru_utime + usage.ru_stime) * 1000, 'rss': usage.ru_maxrss / (2**20 if sys.platform == 'darwin' else 2**10), 'status': status}, file)
`;

/** What a machine tells every Node to do at its start, such as reading certificates, is no cost of what is measured. */
const { NODE_EXTRA_CA_CERTS: _certificates, NODE_OPTIONS: _options, ...ENVIRONMENT } = process.env;

export function costOf(command: string, args: readonly string[], options: { readonly cwd: string; readonly env?: Readonly<Record<string, string>> }): Cost {
  const environment = { ...ENVIRONMENT, ...options.env };
  const file = join(tmpdir(), `attest-bench-${process.pid}.json`);
  if (process.platform !== 'win32') {
    const { status } = spawnSync('python3', ['-c', WAITER, file, command, ...args], { cwd: options.cwd, env: environment, stdio: 'inherit' });
    if (status === 0) {
      const cost: Cost = JSON.parse(readFileSync(file, 'utf8'));
      rmSync(file);
      return cost;
    }
  }
  const start = performance.now();
  spawnSync(command, args, { cwd: options.cwd, env: environment, stdio: 'ignore' });
  return { wall: performance.now() - start, cpu: undefined, rss: undefined };
}

/** Of a running process, in megabytes; undefined where the system does not say. */
export function residentMb(pid: number | undefined): number | undefined {
  try {
    const [, kilobytes] = /^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8')) ?? [];
    return kilobytes === undefined ? undefined : Number(kilobytes) / 1024;
  } catch {
    return undefined;
  }
}
