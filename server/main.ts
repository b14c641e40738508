/**
 * The language server's one file, `dist/server.js`: a Node process or a web worker. What the other one would load is
 * not even looked at, so that the engine and its rules are shipped once.
 */
declare const WorkerGlobalScope: unknown;

void (typeof WorkerGlobalScope === 'undefined' ? import('./node.ts') : import('./worker.ts'));
