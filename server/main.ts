/**
 * The language server's one file, `dist/server.js`: a web worker, a Node process, or a thread of that which reviews
 * files. What the others would load is not even looked at, so that the engine and its rules are shipped once.
 */
declare const WorkerGlobalScope: unknown;

void (typeof WorkerGlobalScope === 'undefined' ? node() : import('./worker.ts'));

async function node(): Promise<unknown> {
  const { isMainThread } = await import('node:worker_threads');
  if (!isMainThread) {
    const { reviewInThread } = await import('./review-thread.ts');
    return reviewInThread();
  }
  const { isForEditor } = await import('./server-usage.ts');
  return isForEditor(process.argv.slice(2)) ? import('./node.ts') : undefined;
}
