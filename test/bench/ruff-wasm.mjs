// Lints files with ruff's WebAssembly build in two threads, the rules of its group S: node ruff-wasm.mjs PACKAGE FOLDER
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { isMainThread, Worker, workerData } from 'node:worker_threads';

function pythonFiles(folder) {
  return readdirSync(folder).flatMap((it) => {
    const path = join(folder, it);
    if (statSync(path).isDirectory()) return pythonFiles(path);
    return it.endsWith('.py') ? [path] : [];
  });
}

if (isMainThread) {
  const [, , library, folder] = process.argv;
  const files = pythonFiles(folder).sort((a, b) => statSync(b).size - statSync(a).size);
  for (const part of [0, 1]) new Worker(fileURLToPath(import.meta.url), { workerData: { library, files: files.filter((_, index) => index % 2 === part) } });
} else {
  const { Workspace, PositionEncoding } = createRequire(import.meta.url)(workerData.library);
  const workspace = new Workspace({ lint: { select: ['S'] } }, PositionEncoding?.Utf16);
  for (const it of workerData.files) workspace.check(readFileSync(it, 'utf8'));
}
