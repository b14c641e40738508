// Runs tests in a window of VS Code, in their order. Each starts from its own file, so one failure stays one.
import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** All of them, or those whose names have certain words; gives their results. */
export async function runInWindow(tests, window, profile, screenshots, only = '') {
  const { folder } = profile;
  const write = (path, text) => {
    writeFileSync(join(folder, path), text);
    return join(folder, path);
  };
  const file = (name, text) => write(join('tests', 'unit', name), text);
  const remove = (path) => rmSync(join(folder, path));
  const results = [];
  await window.verdict();
  for (const [name, body] of tests.filter(([it]) => it.includes(only))) {
    const start = performance.now();
    const result = { name, status: 'passed' };
    try {
      await body({ window, folder, file, write, remove, screenshots });
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
