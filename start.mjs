// `npm start`: builds Attest and opens it in a real VS Code, on a copy of the sample workspace.
//   npm start               until the window is closed, or Ctrl-C
//   npm start -- FOLDER     on a folder of yours, as it is
//   npm start -- --smoke    without a person: waits for the sample's verdict in the status bar, then ends (0: seen)
// It works in a fresh clone: nothing is imported from npm before `npm ci` has run.
import { existsSync, mkdirSync, statSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { desktopVSCode, downloadedVSCode, installedVSCode, run, Unavailable } from './test/vscode/install.mjs';
import { firstTest, makeProfile, startCodeServer, startDesktop } from './test/vscode/workbench.mjs';

const root = dirname(fileURLToPath(import.meta.url));

async function prepare() {
  const installed = join(root, 'node_modules', '.package-lock.json'); // npm writes it last
  const changed = (path) => statSync(path).mtimeMs;
  if (!existsSync(installed) || changed(installed) < changed(join(root, 'package-lock.json'))) {
    console.log('Installing packages, and building …');
    const before = Date.now();
    await run('npm', ['ci'], { cwd: root });
    const built = join(root, 'dist', 'extension.js');
    if (existsSync(built) && changed(built) >= before) return; // by `prepare`, unless npm is told to run no scripts
  }
  console.log('Building …');
  await run('npm', ['run', 'build'], { cwd: root });
}

/** The best VS Code that can be had here: the user's, a downloaded one, one for the browser. */
async function startVSCode(profile) {
  const desktop = await desktopVSCode([installedVSCode, downloadedVSCode]);
  return desktop ? startDesktop(profile, desktop) : startCodeServer(profile);
}

async function smoke(vscode, what) {
  const window = await vscode.window(what);
  try {
    console.log(`seen in VS Code: ${await window.verdict()}`);
  } catch (error) {
    const folder = join(root, 'dist', 'test', 'vscode', 'screenshots');
    mkdirSync(folder, { recursive: true });
    throw new Error(`${error.message}; screenshot: ${await window.screenshot(join(folder, 'smoke.png'))}`);
  }
}

/** For a person: ends when they close the window, which a browser never tells. */
function show(vscode, what) {
  if (vscode.show) return vscode.show(what);
  console.log(`\nVS Code with Attest is at\n\n  ${vscode.address(what)}\n\nCtrl-C ends it.`);
  process.prependOnceListener('SIGINT', () => process.exit(0)); // here Ctrl-C is no failure
  return new Promise(() => {});
}

async function main() {
  const [own] = process.argv.slice(2).filter((it) => !it.startsWith('-'));
  if (own !== undefined && !statSync(own, { throwIfNoEntry: false })?.isDirectory()) throw new Error(`${own} is no folder`);
  await prepare();
  const profile = own === undefined ? makeProfile(join(root, 'test', 'sample')) : { ...makeProfile(undefined), folder: resolve(own) };
  try {
    const vscode = await startVSCode(profile);
    try {
      const what = { extension: root, file: own === undefined ? firstTest(profile.folder) : undefined };
      await (process.argv.includes('--smoke') ? smoke(vscode, what) : show(vscode, what));
    } finally {
      await vscode.close();
    }
  } finally {
    profile.remove();
  }
}

await main().catch((error) => {
  if (error instanceof Unavailable) return console.log(`skipped: opening VS Code: ${error.message}`);
  console.error(`npm start: ${error.message}`);
  process.exitCode = 1;
});
