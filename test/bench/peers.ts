/**
 * The tools that Attest is measured against, each fetched once into the user's cache folder and never into the
 * project. One that cannot be had is skipped by name.
 */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { userCacheFolder } from '../../server/cache-folder.ts';

/** How a process of the tool is started. */
export interface Peer {
  readonly name: string;
  readonly command: string;
  readonly args: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
}

export interface Peers {
  readonly ruff: Peer | undefined;
  readonly bandit: Peer | undefined;
  /** Folder of the package. */
  readonly ruffWasm: { readonly name: string; readonly folder: string } | undefined;
}

const STORE = join(userCacheFolder(), 'bench');
const RUFF_WASM = '@astral-sh/ruff-wasm-nodejs@0.17.3';
/** Debian's Bandit and what it needs beside Python itself. */
const BANDIT = ['bandit', 'python3-bandit', 'python3-git', 'python3-gitdb', 'python3-smmap', 'python3-six', 'python3-stevedore', 'python3-pbr', 'python3-yaml'];

export function peers(): Peers {
  mkdirSync(STORE, { recursive: true });
  return { ruff: ruff(), bandit: bandit(), ruffWasm: ruffWasm() };
}

function ruff(): Peer | undefined {
  const own = join(STORE, 'ruff', 'bin', 'ruff');
  fetched('ruff', (folder) => run('python3', ['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check', '--target', folder, 'ruff']));
  const command = [own, 'ruff'].find((it) => run(it, ['--version']));
  return command === undefined ? skipped('ruff', 'pip does not give it') : { name: output(command, ['--version']), command, args: [] };
}

function bandit(): Peer | undefined {
  fetched('bandit', (folder) => {
    if (!run('apt-get', ['download', ...BANDIT], folder)) return false;
    return readdirSync(folder)
      .filter((it) => it.endsWith('.deb'))
      .every((it) => run('dpkg', ['-x', it, '.'], folder));
  });
  const unpacked = { command: '/usr/bin/python3', args: ['-m', 'bandit'], env: { PYTHONPATH: join(STORE, 'bandit/usr/lib/python3/dist-packages') } };
  const found = [unpacked, { command: 'bandit', args: [], env: {} }].find((it) => run(it.command, [...it.args, '--version'], undefined, it.env));
  if (found === undefined) return skipped('bandit', 'apt does not give it');
  const version = output(found.command, [...found.args, '--version'], found.env);
  return { name: version.replace(/^.*?(\d)/, 'bandit $1'), ...found };
}

function ruffWasm(): Peers['ruffWasm'] {
  fetched('ruff-wasm', (folder) => run('npm', ['install', '--silent', '--no-audit', '--no-fund', '--prefix', folder, RUFF_WASM]));
  const folder = join(STORE, 'ruff-wasm/node_modules/@astral-sh/ruff-wasm-nodejs');
  return existsSync(folder) ? { name: RUFF_WASM.replace(/^.*\/(.*)@/, '$1 '), folder } : skipped('ruff-wasm', 'npm does not give it');
}

function skipped(name: string, why: string): undefined {
  console.log(`skipped: ${name}: ${why}`);
  return undefined;
}

/** Fills the folder of that name once; half a fetch leaves nothing. */
function fetched(name: string, fill: (folder: string) => boolean): void {
  if (existsSync(join(STORE, name))) return;
  const draft = mkdtempSync(join(STORE, 'draft-'));
  if (fill(draft)) renameSync(draft, join(STORE, name));
  else rmSync(draft, { recursive: true, force: true });
}

function run(command: string, args: readonly string[], cwd?: string, env: Readonly<Record<string, string>> = {}): boolean {
  return spawnSync(command, args, { cwd, stdio: 'ignore', env: { ...process.env, ...env } }).status === 0;
}

function output(command: string, args: readonly string[], env: Readonly<Record<string, string>> = {}): string {
  return (
    spawnSync(command, args, { encoding: 'utf8', env: { ...process.env, ...env } })
      .stdout.split('\n')[0]
      ?.trim() ?? command
  );
}
