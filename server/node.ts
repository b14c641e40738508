/**
 * The language server as a Node process: `--stdio` for any editor, IPC for VS Code. Brings disk, clock and the
 * parser's two binary files; everything else is the session's.
 */
import { Console } from 'node:console';
import { readFile } from 'node:fs/promises';
import { basename, dirname, join, relative } from 'node:path';
import { performance } from 'node:perf_hooks';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { setFlagsFromString } from 'node:v8';
import { createConnection } from 'vscode-languageserver/node';
import { RULES } from '../rules/index.ts';
import { createBackground } from './background.ts';
import { projectAround, pythonFiles, rootOf } from './discover.ts';
import { editorFiles } from './editor-files.ts';
import type { Host } from './host.ts';
import { isInside, slashed } from './paths.ts';
import { inTime } from './patience.ts';
import { createEngine } from './review/engine.ts';
import { startSession } from './session.ts';
import { defaultJobs } from './tree-review.ts';
import { wholeMessages } from './whole-messages.ts';
import { type WorkspaceFiles, workspaceFiles } from './workspace-files.ts';
import { keepYoung } from './young-generation.ts';

declare const ATTEST_VERSION: string;

// V8 lets a heap grow to several times of what is in use before it looks for garbage: a third less memory, and no slower typing.
setFlagsFromString('--heap-growing-percent=20');
keepYoung();

// Standard output is the conversation; whatever a library prints there would end it.
globalThis.console = new Console(process.stderr);

/** Nobody waits longer for an editor. */
const STUCK_MS = 20_000;

const connection = process.argv.includes('--stdio') ? createConnection(process.stdin, wholeMessages(process.stdout)) : createConnection();
const folders = new Map<string, WorkspaceFiles>();
/** For what is not on this disk: a virtual workspace. */
const elsewhere = editorFiles(connection);

const host: Host = {
  async engine(root, rules, guarantees) {
    const [runtime, grammar] = await Promise.all(['tree-sitter.wasm', 'tree-sitter-python.wasm'].map((it) => readFile(join(__dirname, it))));
    if (runtime === undefined || grammar === undefined) throw new Error('the parser is missing');
    const files = isOnDisk(root) ? filesOf(root) : undefined;
    return createEngine({ runtime, grammar, rules, guarantees, ...(files === undefined ? {} : { hasFolder: files.hasFolder }) });
  },
  read: async (root, path) => (isOnDisk(root) ? attempt(() => filesOf(root)?.read(path), undefined) : elsewhere.read(root, path)),
  async list(folder) {
    if (!isOnDisk(folder)) return elsewhere.list(folder);
    const start = pathOf(folder);
    return start === undefined ? [] : attempt(() => pythonFiles(start, start).files.map((it) => slashed(relative(start, it))), []);
  },
  async root(uri, ceiling) {
    if (!isOnDisk(uri)) return elsewhere.root(uri, ceiling);
    const path = pathOf(uri);
    if (path === undefined) return ceiling ?? uri.slice(0, Math.max(uri.lastIndexOf('/'), uri.indexOf(':')));
    const top = ceiling === undefined ? undefined : pathOf(ceiling);
    const target = { kind: 'file', path: join(dirname(path), basename(path)) } as const;
    if (top === undefined) return pathToFileURL(attempt(() => rootOf([target], dirname(path)), dirname(path))).toString();
    // Without a project file what was opened is the project.
    const found = attempt(() => projectAround(dirname(path)), undefined);
    return found === undefined || !isInside(found, top) ? (ceiling ?? top) : pathToFileURL(found).toString();
  },
  // One core stays for whoever types.
  background: (storage) =>
    createBackground({
      threads: Math.max(1, defaultJobs() - 1),
      bundle: __filename,
      cache: storage,
      version: ATTEST_VERSION,
      folderOf: (root) => filesOf(root)?.root,
    }),
  inTime: (work) => inTime(work, STUCK_MS),
  forget: () => elsewhere.forget(),
  now: () => performance.now(),
  wait: (milliseconds) => new Promise((resolve) => (milliseconds === 0 ? setImmediate(resolve) : setTimeout(resolve, milliseconds))),
  pid: process.pid,
};

process.on('uncaughtException', (error) => leave('Uncaught exception', error));
process.on('unhandledRejection', (error) => leave('Unhandled rejection', error));

startSession(connection, host, RULES, ATTEST_VERSION);
connection.listen();

/** The editor starts a new server; what this one knew may be wrong. */
function leave(what: string, error: unknown): void {
  process.stderr.write(`${what}: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`, () => process.exit(1));
}

function isOnDisk(uri: string): boolean {
  return uri.startsWith('file:');
}

function pathOf(uri: string): string | undefined {
  return attempt(() => (isOnDisk(uri) ? fileURLToPath(uri) : undefined), undefined);
}

function filesOf(root: string): WorkspaceFiles | undefined {
  const known = folders.get(root);
  if (known !== undefined) return known;
  const path = pathOf(root);
  if (path === undefined) return undefined;
  const files = workspaceFiles(path);
  folders.set(root, files);
  return files;
}

function attempt<T>(action: () => T, otherwise: T): T {
  try {
    return action();
  } catch {
    return otherwise;
  }
}
