// Runs tests in a window of VS Code, in their order. Each starts from its own file, so one failure stays one.
import { readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

/** All of them, or those whose names have certain words; gives their results. */
export async function runInWindow(tests, window, profile, screenshots, only = '') {
  const { folder } = profile;
  const write = (path, text) => {
    writeFileSync(join(folder, path), text);
    return join(folder, path);
  };
  const file = (name, text) => write(join('tests', 'unit', name), text);
  const remove = (path) => rmSync(join(folder, path), { recursive: true });
  const results = [];
  await window.verdict();
  for (const [name, body] of tests.filter(([it]) => it.includes(only))) {
    const start = performance.now();
    const result = { name, status: 'passed' };
    try {
      await body({ window, folder, file, write, remove, endServer, screenshots });
    } catch (error) {
      const path = join(screenshots, `failed-${results.length + 1}.png`);
      await window.screenshot(path).catch(() => {});
      Object.assign(result, { status: 'failed', error: `${error.stack}\n  screenshot: ${path}` });
    }
    results.push({ ...result, milliseconds: Math.round(performance.now() - start) });
    await window.closeFile().catch(() => {});
  }
  return results;
}

const ended = new Set();

/** Ends the language server of the window, as a crash would; waits until there is one. */
async function endServer() {
  for (let waited = 0; waited < 20_000; waited += 50) {
    const [pid] = serversBelow(process.pid).filter((it) => !ended.has(it));
    if (pid !== undefined) {
      ended.add(pid);
      process.kill(pid, 'SIGKILL');
      return;
    }
    await sleep(50);
  }
  throw new Error('no language server runs, or processes cannot be listed here');
}

/** Language servers among all that a process has started. */
function serversBelow(ancestor) {
  const processes = readdirSync('/proc')
    .filter((it) => /^\d+$/.test(it))
    .map((pid) => ({
      pid: Number(pid),
      parent: Number(
        read(`/proc/${pid}/stat`)
          .replace(/^.*\) \S /s, '')
          .split(' ')[0],
      ),
    }));
  const below = new Set([ancestor]);
  for (let size = 0; size !== below.size; ) {
    size = below.size;
    for (const { pid, parent } of processes) if (below.has(parent)) below.add(pid);
  }
  return [...below].filter((pid) => read(`/proc/${pid}/cmdline`).includes('/dist/server.js'));
}

function read(path) {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return ''; // it has ended meanwhile
  }
}
