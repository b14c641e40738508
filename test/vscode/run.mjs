// Tests Attest in a real VS Code. `node test/vscode/run.mjs [PART …]`, all parts by default:
//   host        the suite in the extension host                              (suite/index.ts)
//   web         the same suite in a browser's worker, with the server as a web worker
//   ui          a window, driven as a person would                           (ui.mjs)
//   package     the same, with the packaged .vsix installed as a user has it
//   restricted  the packaged .vsix in a workspace that nobody trusts         (restricted.mjs)
//   german      a window in German                                           (german.mjs)
//   folders     two folders in one window                                    (folders.mjs)
// ATTEST_ONLY=words runs the tests whose names have them.
// ATTEST_VSCODE=electron|code-server|auto chooses the VS Code: on the desktop (downloaded), in a browser, or what can be had.
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { stripVTControlCharacters } from 'node:util';
import { build } from 'esbuild';
import { corpus } from '../corpus.mjs';
import { tests as folders } from './folders.mjs';
import { tests as german } from './german.mjs';
import { desktopVSCode, downloadedVSCode, packed, run, Unavailable } from './install.mjs';
import { tests as restricted } from './restricted.mjs';
import { tests as ordinary } from './ui.mjs';
import { runInWindow } from './window-tests.mjs';
import { firstTest, LITERAL_TYPING, makeProfile, RESTRICTED, startCodeServer, startDesktop, withSecondFolder } from './workbench.mjs';

const root = dirname(dirname(dirname(fileURLToPath(import.meta.url))));
const output = join(root, 'dist', 'test', 'vscode');

const parts = {
  host: (start) => suite(start, 'host', 'index.js', { platform: 'node', target: 'node20' }),
  web: () => suite(startCodeServer, 'web', 'web.js', { platform: 'browser', target: 'es2022' }),

  ui: (start) => inWindow(start, 'ui', ordinary, { extension: root }),

  async package(start) {
    return inWindow(start, 'package', ordinary, { vsix: await packed(root) });
  },

  // An extension under development is trusted everywhere: only an installed one shows what Restricted Mode does to it.
  async restricted(start) {
    return inWindow(start, 'restricted', restricted, { vsix: await packed(root), settings: RESTRICTED });
  },

  german: () => inWindow(startCodeServer, 'german', german, { extension: root, language: 'de' }),

  folders: (start) => inWindow(start, 'folders', folders, { extension: root, second: 'plain' }),
};

async function suite(start, kind, name, target) {
  const bundled = join(output, name);
  await bundle(join(root, 'test', 'vscode', 'suite', 'index.ts'), bundled, target);
  return inVSCode(start, { settings: LITERAL_TYPING }, async (vscode, profile) => {
    const results = join(profile.home, 'results.json');
    writeFileSync(join(profile.home, 'suite.json'), JSON.stringify({ results, only: process.env.ATTEST_ONLY, ...largeTest() }));
    const failure = await vscode.suite({ extension: root, suite: bundled, kind }).catch((error) => error);
    const { ended, tests } = existsSync(results) ? JSON.parse(readFileSync(results, 'utf8')) : { ended: false, tests: [] };
    const explained = ended && tests.some((it) => it.status === 'failed');
    // A suite that hung, died or never started must not look like one that passed.
    if ((failure || !ended) && !explained) tests.push({ name: 'the suite runs to its end', status: 'failed', error: failure?.stack ?? 'it wrote no results' });
    return tests;
  });
}

/** A real test of about 1,000 lines, to measure typing with. */
function largeTest() {
  const nova = corpus('nova');
  return nova.skipped ? { noLargeTest: nova.skipped } : { largeTest: join(nova.root, 'nova', 'tests', 'unit', 'pci', 'test_stats.py') };
}

function inWindow(start, name, tests, { extension, language, vsix, settings, second }) {
  const screenshots = join(output, 'screenshots', name);
  rmSync(screenshots, { recursive: true, force: true });
  mkdirSync(screenshots, { recursive: true });
  return inVSCode(start, { vsix, second, settings: { ...LITERAL_TYPING, ...settings } }, async (vscode, profile) => {
    const window = await vscode.window({ extension, language, file: firstTest(profile.folder) });
    return runInWindow(tests, window, profile, screenshots, process.env.ATTEST_ONLY);
  });
}

const bundle = (from, to, target) =>
  build({
    ...target,
    entryPoints: [from],
    outfile: to,
    bundle: true,
    format: 'cjs',
    define: { HAS_NODE: String(target.platform === 'node') },
    external: ['vscode'],
    sourcemap: 'inline',
    logLevel: 'warning',
  });

/** A VS Code of its own for one part, on its own copy of the sample. */
async function inVSCode(start, { settings, second, ...options }, use) {
  const made = makeProfile(join(root, 'test', 'sample'), settings);
  const profile = second === undefined ? made : withSecondFolder(made, second);
  const isTrusted = settings['security.workspace.trust.enabled'] !== true;
  try {
    const vscode = await start(profile, { ...options, isTrusted });
    try {
      return await use(vscode, profile);
    } finally {
      await vscode.close();
    }
  } finally {
    profile.remove();
  }
}

/** How to start the VS Code that was asked for. */
async function chooseVSCode(kind = 'auto') {
  const desktop = kind !== 'code-server' && (await desktopVSCode([downloadedVSCode]));
  if (desktop) return (profile, options) => startDesktop(profile, desktop, options);
  if (kind === 'electron') throw new Unavailable('VS Code on the desktop');
  return startCodeServer;
}

// ---------------------------------------------------------------- run

/** What a part that could not give results counts as. */
const noResult = (error) => [
  error instanceof Unavailable ? { name: error.message, status: 'skipped' } : { name: 'it runs to its end', status: 'failed', error: error.stack },
];

function show(part, { name, status, milliseconds, error, note }) {
  const mark = { passed: 'ok     ', failed: 'FAILED ', skipped: 'skipped: ' }[status];
  console.log(
    `${mark}${part}: ${name}${milliseconds === undefined ? '' : ` (${milliseconds} ms)`}${note ? `\n  ${note}` : ''}${error ? `\n${indented(error)}` : ''}`,
  );
}

const indented = (text) => stripVTControlCharacters(text).replaceAll(/^/gm, '  ');

const asked = process.argv.slice(2);
const unknown = asked.filter((it) => !(it in parts));
if (unknown.length) throw new Error(`no such part: ${unknown.join(', ')} (there are ${Object.keys(parts).join(', ')})`);

mkdirSync(output, { recursive: true });
await run('npm', ['run', 'build'], { cwd: root });
const chosen = chooseVSCode(process.env.ATTEST_VSCODE);
const all = [];
for (const part of asked.length ? asked : Object.keys(parts)) {
  for (const result of await chosen.then(parts[part]).catch(noResult)) {
    show(part, result);
    all.push({ part, ...result });
  }
}
writeFileSync(join(output, 'results.json'), `${JSON.stringify(all, null, 2)}\n`);
const count = (status) => all.filter((it) => it.status === status).length;
process.exitCode = count('failed') ? 1 : 0;
console.log(`${count('passed')} passed, ${count('failed')} failed${count('skipped') ? `, ${count('skipped')} skipped` : ''}`);
