// What a real VS Code needs on this machine: found, fetched once into the user's cache, or unavailable with a reason.
// Nothing here is imported from npm at load time, so `npm start` can use it in a fresh clone.
import { spawn } from 'node:child_process';
import {
  accessSync,
  constants,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { homedir, tmpdir } from 'node:os';
import { basename, delimiter, dirname, join } from 'node:path';

const CODE_SERVER = '4.139.1';
const NODE = '24.21.0'; // code-server runs on Node 24 only; npm carries it as a plain package for each platform
const HOUR = 60 * 60 * 1000;

/** This machine cannot do it, and that is nobody's mistake: whoever asked is skipped, not failed. */
export class Unavailable extends Error {}

const cacheHome = () => {
  if (process.platform === 'win32') return process.env.LOCALAPPDATA ?? join(homedir(), 'AppData', 'Local');
  if (process.platform === 'darwin') return join(homedir(), 'Library', 'Caches');
  return process.env.XDG_CACHE_HOME || join(homedir(), '.cache');
};
export const cache = join(cacheHome(), 'attest-review');

/** A command of the PATH, as a full path. */
export function which(command) {
  const endings = process.platform === 'win32' ? ['.cmd', '.exe', '.bat'] : [''];
  const paths = (process.env.PATH ?? '').split(delimiter).filter(Boolean);
  return paths.flatMap((folder) => endings.map((ending) => join(folder, command + ending))).find(isExecutable);
}

function isExecutable(path) {
  try {
    accessSync(path, constants.X_OK);
    return statSync(path).isFile();
  } catch {
    return false;
  }
}

/** Runs a command to its end and gives what it printed; a failure carries the end of that. */
export function run(command, args, options) {
  return new Promise((resolve, reject) => {
    // Windows starts npm's and code's .cmd files only through a shell.
    const child = spawn(command, args, { shell: process.platform === 'win32', stdio: ['ignore', 'pipe', 'pipe'], ...options });
    let output = '';
    for (const stream of [child.stdout, child.stderr]) stream.on('data', (data) => (output += data));
    child.once('error', reject);
    child.once('close', (code, signal) => {
      if (code === 0) resolve(output);
      else reject(new Error([`${basename(command)} ${args.join(' ')}: ended with ${signal ?? code}`, ...output.trim().split('\n').slice(-15)].join('\n  ')));
    });
  });
}

/** Packs the extension; gives the path of its .vsix. */
export async function packed(root) {
  const output = await run('npm', ['run', '--silent', 'package'], { cwd: root });
  const path = output.split('\n').find((it) => it.endsWith('.vsix'));
  if (path === undefined) throw new Error(`no .vsix was packed:\n${output}`);
  return join(root, path);
}

// ---------------------------------------------------------------- code-server: VS Code for a browser, from npm

/** The command line that starts code-server: `[node, entry]`. The first call installs it (about a minute, 700 MB). */
export async function codeServer() {
  const nodePackage = `node-${process.platform === 'win32' ? 'win' : process.platform}-${process.arch}`;
  if (process.platform === 'win32') throw new Unavailable('code-server does not run on Windows');
  const home = join(cache, `code-server-${CODE_SERVER}-node-${NODE}`);
  if (!existsSync(home)) await installOnce(home, (draft) => installCodeServer(draft, nodePackage));
  return [join(home, 'node_modules', nodePackage, 'bin', 'node'), join(home, 'node_modules', 'code-server', 'out', 'node', 'entry.js')];
}

/** Fills a draft and moves it in place whole: neither an interrupted install nor two at once can leave a broken one. */
async function installOnce(home, fill) {
  mkdirSync(dirname(home), { recursive: true });
  removeAbandonedDrafts();
  const draft = mkdtempSync(`${home}.draft-`);
  try {
    await fill(draft);
    renameSync(draft, home);
  } catch (error) {
    if (!existsSync(home)) throw error; // otherwise another run was faster, and its install is as good
  } finally {
    rmSync(draft, { recursive: true, force: true });
  }
}

function removeAbandonedDrafts() {
  for (const name of readdirSync(cache)) {
    const path = join(cache, name);
    if (name.includes('.draft-') && Date.now() - statSync(path).ctimeMs > HOUR) rmSync(path, { recursive: true, force: true });
  }
}

async function installCodeServer(folder, nodePackage) {
  console.log(`Installing code-server ${CODE_SERVER} into ${cache} (once, about a minute) …`);
  await needTools({ python3: 'python3', make: 'make', 'g++': 'g++' });
  writeFileSync(join(folder, 'package.json'), '{ "private": true }\n');
  // Install scripts stay off: code-server's own refuses any Node but 24, and of all others just one is needed (below).
  await run('npm', ['install', '--ignore-scripts', '--no-audit', '--no-fund', '--save-exact', `${nodePackage}@${NODE}`, `code-server@${CODE_SERVER}`], {
    cwd: folder,
  });

  const node = join(folder, 'node_modules', nodePackage);
  const vscode = join(folder, 'node_modules', 'code-server', 'lib', 'vscode');
  const env = { ...process.env, PATH: [join(node, 'bin'), process.env.PATH].join(delimiter), npm_config_nodedir: node };
  await run('npm', ['install', '--omit=dev', '--ignore-scripts', '--no-audit', '--no-fund'], { cwd: vscode, env });

  // The extension host does not start without spdlog, the one native module that comes without a built binary.
  const manifest = join(vscode, 'package.json');
  writeFileSync(manifest, JSON.stringify({ ...JSON.parse(readFileSync(manifest, 'utf8')), allowScripts: { '@vscode/spdlog': true } }));
  await run('npm', ['rebuild', '@vscode/spdlog', '--foreground-scripts', '--ignore-scripts=false'], { cwd: vscode, env });
  if (!existsSync(join(vscode, 'node_modules', '@vscode', 'spdlog', 'build', 'Release', 'spdlog.node')))
    throw new Error('code-server: its native module @vscode/spdlog was not built');
}

// ---------------------------------------------------------------- Chromium

const CHROMIUM_COMMANDS = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable', 'microsoft-edge'];
const CHROMIUM_APPS = ['Google Chrome', 'Chromium', 'Microsoft Edge'].map((name) => `/Applications/${name}.app/Contents/MacOS/${name}`);

/** A browser of the Chromium family: the one that is here, else Debian's. */
export async function chromium() {
  const named = process.env.ATTEST_CHROMIUM;
  if (named) return named;
  const found = () => CHROMIUM_COMMANDS.map(which).find(Boolean) ?? CHROMIUM_APPS.find(isExecutable);
  if (!found()) await needTools({ chromium: 'chromium' });
  return found();
}

/** Installs what is missing of `{ command: Debian package }`. */
async function needTools(tools) {
  const missing = Object.keys(tools).filter((command) => !which(command));
  if (missing.length === 0) return;
  const names = missing.join(', ');
  if (process.getuid?.() !== 0 || !which('apt-get')) throw new Unavailable(`${names}: not installed, and only root on Debian can install it from here`);
  console.log(`Installing ${names} …`);
  const install = () =>
    run('apt-get', ['install', '-y', '--no-install-recommends', '-o', 'DPkg::Lock::Timeout=300', ...missing.map((command) => tools[command])], {
      env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' },
    });
  await install().catch(async () => {
    await run('apt-get', ['update']); // a new machine has no package lists yet
    await install();
  });
  if (!missing.every(which)) throw new Error(`${names}: installed, but not on the PATH`);
}

// ---------------------------------------------------------------- VS Code on the desktop

/** The first VS Code that one of these ways gives (`installedVSCode`, `downloadedVSCode`), or none, saying why. */
export async function desktopVSCode(ways) {
  const noDisplay = process.platform === 'linux' && !process.env.DISPLAY && !process.env.WAYLAND_DISPLAY;
  for (const way of noDisplay ? [async () => Promise.reject(new Unavailable('there is no display'))] : ways) {
    try {
      return await way();
    } catch (error) {
      if (!(error instanceof Unavailable)) throw error;
      console.log(`No VS Code on the desktop: ${error.message}`);
    }
  }
  return undefined;
}

/** The user's own `code` or `codium`. */
export async function installedVSCode() {
  const command = ['code', 'codium'].map(which).find(Boolean);
  if (!command) throw new Unavailable('no code or codium on the PATH');
  // In the terminal of a remote window `code` only talks to that window, and code-server brings a `code` of its own.
  if (/remote-cli|code-server|vscode-server/.test(realpathSync(command))) throw new Unavailable(`${command} belongs to a remote window`);
  const version = await run(command, ['--version', '--user-data-dir', join(tmpdir(), 'attest-version'), ...rootFlags()]).catch((error) => error.message);
  if (!/^\d+\.\d+\.\d+\S*\r?\n[0-9a-f]{40}\r?\n/m.test(version)) throw new Unavailable(`${command} is something else`);
  return { executable: command };
}

/** VS Code as its makers publish it, downloaded into the cache. */
export async function downloadedVSCode() {
  const { default: electron } = await import('@vscode/test-electron');
  console.log('Looking for VS Code to download …');
  const executable = await electron
    .downloadAndUnzipVSCode({ version: 'stable', cachePath: join(cache, 'vscode'), reporter: new electron.SilentReporter() })
    .catch((error) => Promise.reject(new Unavailable(`it cannot be downloaded (${error.message})`)));
  const [tool, ...args] = electron.resolveCliArgsFromVSCodeExecutablePath(executable);
  return { executable, cli: [tool, ...args.filter((it) => !/^--(extensions|user-data)-dir/.test(it))] }; // whoever starts it brings a profile
}

/** VS Code and Chromium refuse to start as root with their sandbox on. */
export const rootFlags = () => (process.getuid?.() === 0 ? ['--no-sandbox'] : []);
