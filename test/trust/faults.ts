/**
 * What goes wrong around a review costs what it goes wrong on, and nothing else: rules and handlers that throw, reviews
 * that never end, files that come, go and turn into pipes while they are read, full and read-only disks, damaged caches,
 * several runs and editors on one folder, runs that are killed. All by the real processes; what is broken on purpose is
 * built from the sources with one line changed. Every review is compared with a fresh one, byte for byte.
 *
 *   npm run trust -- faults [--rounds 400] [--seed 1] [--only WORD]
 */
import assert from 'node:assert/strict';
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import {
  chmodSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { pathToFileURL } from 'node:url';
import { build } from 'esbuild';
import type { WorkspaceResult } from '../../server/protocol.ts';
import { ROOT } from '../harness.ts';
import { processClient } from '../lsp.ts';
import { EXAMPLES, seeded } from './hostile.ts';
import { numberOption } from './options.ts';

const CLI = join(ROOT, 'dist/cli.js');
const choose = seeded(numberOption('seed', 1));
const rounds = numberOption('rounds', 400);
const scratch = realpathSync(mkdtempSync(join(tmpdir(), 'attest-faults-')));
/** A run that is not done by then hangs. */
const PATIENCE_MS = 60_000;
const isRoot = process.getuid?.() === 0;

/** What a proof counted; or why it cannot be had here. */
type Outcome = string | { readonly skipped: string };

// ------------------------------------------------------------------------------------------- workspaces

let folders = 0;
function newFolder(files: Readonly<Record<string, string | Uint8Array>> = {}): string {
  folders += 1;
  const folder = join(scratch, `folder-${folders}`);
  mkdirSync(folder);
  write(folder, files);
  return folder;
}

function write(folder: string, files: Readonly<Record<string, string | Uint8Array>>): void {
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), text);
  }
}

const HELPERS = {
  'pyproject.toml': '',
  'tests/__init__.py': '',
  'tests/base.py': 'import unittest\n\n\nclass Base(unittest.TestCase):\n    def setUp(self):\n        self.address = "https://tides.harbour-shipping.com"\n',
};
const UNVERIFIED = `import requests

from tests.base import Base


class TidesTest(Base):
    def test_tides(self):
        self.assertTrue(requests.get(self.address, timeout=5, verify=False).ok)
`;

/** Test files that show what rules find, each padded by as many bytes. */
function workspace(count: number, padding = 0): Record<string, string> {
  const files: Record<string, string> = { ...HELPERS, 'tests/test_tides.py': UNVERIFIED };
  for (let index = 0; index < count; index++)
    files[`tests/part_${index % 4}/test_${index}.py`] =
      `${EXAMPLES[(index * 7) % EXAMPLES.length] ?? ''}\n${`# ${'-'.repeat(77)}\n`.repeat(Math.ceil(padding / 80))}`;
  return files;
}

// ------------------------------------------------------------------------------------------------- runs

interface Run {
  readonly code: number | string;
  readonly out: string;
  readonly err: string;
}

interface RunOptions {
  readonly cwd: string;
  readonly cache?: string;
  readonly cli?: string;
  readonly env?: Readonly<Record<string, string>>;
  /** In front of the command. */
  readonly as?: readonly string[];
  started?(child: ChildProcess): void;
}

function attest({ cwd, cache, cli = CLI, env = {}, as = [], started }: RunOptions, ...words: readonly string[]): Promise<Run> {
  const [command = '', ...args] = [...as, process.execPath, cli, ...words];
  return new Promise((resolve) => {
    const child = spawn(command, args, {
      cwd,
      env: { PATH: process.env['PATH'], ...(cache === undefined ? {} : { XDG_CACHE_HOME: cache }), ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    started?.(child);
    const text = { out: '', err: '' };
    child.stdout?.setEncoding('utf8').on('data', (it: string) => {
      text.out += it;
    });
    child.stderr?.setEncoding('utf8').on('data', (it: string) => {
      text.err += it;
    });
    const timer = setTimeout(() => child.kill('SIGKILL'), PATIENCE_MS);
    child.on('close', (code, signal) => {
      clearTimeout(timer);
      resolve({ code: code ?? signal ?? 'nothing', ...text });
    });
  });
}

const JSON_REPORT = ['review', '--format', 'json', '--fail-on', 'never'];

async function fresh(cwd: string, ...words: readonly string[]): Promise<string> {
  const { code, out, err } = await attest({ cwd }, ...JSON_REPORT, '--no-cache', ...words);
  assert.equal(code, 0, err);
  return out;
}

/** What a run says beside how long it took. */
function messages({ err }: Run): string[] {
  const lines = err.split('\n').filter((it) => it !== '' && !/^attest: \d+ files? in [\d.]+ s$/.test(it));
  for (const it of lines) assert.doesNotMatch(it, /^\s+at |^Error|^node:/, `not a message for people: ${err}`);
  return lines;
}

interface Report {
  readonly files: readonly {
    readonly path: string;
    readonly faults: readonly { readonly rule: string; readonly message: string }[];
    readonly categories: readonly { readonly findings: readonly { readonly rule: string; readonly line: number; readonly message: string }[] }[];
  }[];
}

/** Findings by file. */
function findings(text: string, keeps: (rule: string) => boolean = () => true): Record<string, string[]> {
  const { files }: Report = JSON.parse(text);
  return Object.fromEntries(
    files.map((file) => [
      file.path,
      file.categories.flatMap((it) => it.findings.filter(({ rule }) => keeps(rule)).map(({ rule, line, message }) => `${rule}:${line}: ${message}`)),
    ]),
  );
}

function without<T>(all: Readonly<Record<string, T>>, left: (path: string) => boolean): Record<string, T> {
  return Object.fromEntries(Object.entries(all).filter(([path]) => !left(path)));
}

// ------------------------------------------------------------------------------ builds with a broken line

interface Break {
  readonly file: string;
  readonly line: RegExp;
  readonly becomes: string;
}

/** The command line and the language server from the sources, with some lines changed; gives their folder. */
async function brokenBuild(...breaks: readonly Break[]): Promise<string> {
  const folder = newFolder();
  await build({
    absWorkingDir: ROOT,
    entryPoints: [
      { in: 'server/cli.ts', out: 'cli' },
      { in: 'server/main.ts', out: 'server' },
    ],
    outdir: folder,
    bundle: true,
    platform: 'node',
    format: 'cjs',
    target: 'node20',
    conditions: ['browser'],
    logLevel: 'warning',
    supported: { 'dynamic-import': false },
    alias: { 'web-tree-sitter': join(ROOT, 'node_modules/web-tree-sitter/web-tree-sitter.cjs') },
    define: { ATTEST_VERSION: '"0.0.0-broken"' },
    plugins: [
      {
        name: 'break',
        setup: (it) => {
          it.onResolve({ filter: /^\.\/mcp\.ts$/ }, () => ({ path: './mcp.js', external: true }));
          for (const { file, line, becomes } of breaks)
            it.onLoad({ filter: new RegExp(`${file.replace(/[./]/g, '\\$&')}$`) }, () => {
              const text = readFileSync(join(ROOT, file), 'utf8');
              assert.match(text, line, `${file} has no line to break`);
              return { contents: text.replace(line, becomes), loader: 'ts' };
            });
        },
      },
    ],
  });
  for (const it of ['tree-sitter.wasm', 'tree-sitter-python.wasm']) copyFileSync(join(ROOT, 'dist', it), join(folder, it));
  return folder;
}

const RULE = 'network/certificate-check-off';
const BROKEN = { file: `rules/${RULE}.ts`, line: /\*check\(subject, file\) \{/ };

// ------------------------------------------------------------------------------------------------- proofs

const PROOFS: Readonly<Record<string, () => Promise<Outcome>>> = {
  async 'a rule that throws costs what that rule finds'() {
    const folder = await brokenBuild({ ...BROKEN, becomes: `$& throw new Error('broken on purpose');` });
    const cwd = newFolder(workspace(60));
    const good = await fresh(cwd);
    assert.ok(good.includes(`"${RULE}"`), 'the rule finds something');
    const broken = await attest({ cwd, cli: join(folder, 'cli.js') }, ...JSON_REPORT, '--no-cache');
    assert.equal(broken.code, 3);
    assert.deepEqual(messages(broken), []);
    const others = (rule: string) => rule !== RULE;
    assert.deepEqual(findings(broken.out, others), findings(good, others));
    const faults = (JSON.parse(broken.out) as Report).files.flatMap((it) => it.faults);
    assert.ok(faults.length > 0 && faults.every((it) => it.rule === RULE && it.message === 'Error: broken on purpose'), JSON.stringify(faults.slice(0, 3)));
    const one = await attest({ cwd, cli: join(folder, 'cli.js') }, 'review', 'tests/test_tides.py', '--no-cache');
    assert.equal([...one.out.matchAll(/fault in Attest/g)].length, 1, `said once:\n${one.out}`);
    return `${faults.length} files with a fault, all other findings as ever`;
  },

  async 'a handler that throws is a neutral answer, and the others go on'() {
    const folder = await brokenBuild(
      {
        file: 'server/views/hover.ts',
        line: /(export function hoverOf\([^{]*\{)\n/,
        becomes: `$1 if (text.includes('tides')) throw new Error('broken on purpose');\n`,
      },
      { file: 'server/views/html.ts', line: /(export function html\([^{]*\{)\n/, becomes: `$1 throw new Error('broken on purpose');\n` },
    );
    const cwd = newFolder(workspace(8));
    const uri = pathToFileURL(join(cwd, 'tests/test_tides.py')).href;
    const client = await processClient({ folders: [pathToFileURL(cwd).href], server: join(folder, 'server.js') });
    try {
      await client.open(uri, UNVERIFIED);
      const items = await client.items(uri);
      const item = items.find((it) => it.code === RULE);
      assert.ok(item !== undefined);
      const asked = 20;
      for (let index = 0; index < asked; index++) {
        assert.equal(await client.hover(uri, item.range.start.line, item.range.start.character), null);
        const { text } = (await client.connection.sendRequest<{ text: string } | null>('attest/export', { uris: [uri], format: 'html' })) ?? { text: '' };
        assert.equal(text, '');
      }
      assert.ok((await client.actions(uri, item.range)).length > 0, 'actions are offered');
      assert.deepEqual(await client.items(uri), items);
      const said = client.log.filter((it) => it.includes('broken on purpose'));
      assert.ok(said.length >= 1 && said.length <= 2, `said once for each handler:\n${said.join('\n')}`);
      return `${asked} requests each to two broken handlers, ${said.length} lines in the log`;
    } finally {
      await client.end();
    }
  },

  async 'a review that never ends costs its file'() {
    const folder = await brokenBuild(
      { ...BROKEN, becomes: `$& while (file.path.includes('stuck'));` },
      { file: 'server/patience.ts', line: /LONGEST_MS = [\d_]+/, becomes: 'LONGEST_MS = 700' },
      { file: 'server/node.ts', line: /STUCK_MS = [\d_]+/, becomes: 'STUCK_MS = 700' },
    );
    const isStuck = (path: string) => path.includes('stuck');
    for (const [padding, jobs] of [
      [0, '1'],
      [12_000, '3'],
    ] as const) {
      const files = workspace(40, padding);
      const cwd = newFolder({ ...files, 'tests/part_0/test_stuck.py': UNVERIFIED, 'tests/part_2/test_stuck_too.py': UNVERIFIED });
      const cache = newFolder();
      const good = findings(await fresh(cwd));
      for (const time of ['first', 'second']) {
        const run = await attest({ cwd, cache, cli: join(folder, 'cli.js') }, ...JSON_REPORT, '--jobs', jobs);
        assert.equal(run.code, 3, run.err);
        assert.deepEqual(messages(run), []);
        assert.deepEqual(without(findings(run.out), isStuck), without(good, isStuck), time);
        const faulty = (JSON.parse(run.out) as Report).files.filter((it) => it.faults.length > 0);
        assert.deepEqual(
          faulty.map((it) => [it.path, it.faults.length, it.faults[0]?.message]),
          ['tests/part_0/test_stuck.py', 'tests/part_2/test_stuck_too.py'].map((it) => [it, 1, 'its review was stopped after 1 s']),
        );
      }
    }
    const cwd = newFolder(workspace(0));
    const uri = (name: string) => pathToFileURL(join(cwd, 'tests', name)).href;
    const client = await processClient({ folders: [pathToFileURL(cwd).href], server: join(folder, 'server.js') });
    try {
      await client.open(uri('test_tides.py'), UNVERIFIED);
      const before = await client.items(uri('test_tides.py'));
      await client.open(uri('test_stuck.py'), UNVERIFIED);
      assert.deepEqual(await client.items(uri('test_stuck.py')), []);
      assert.deepEqual(await client.items(uri('test_stuck.py')), []);
      assert.deepEqual(await client.items(uri('test_tides.py')), before);
      await client.change(uri('test_stuck.py'), 2, 'import random\n\n\ndef test_a():\n    token = random.random()\n    assert token\n');
      await client.items(uri('test_stuck.py'));
      await client.change(uri('test_tides.py'), 2, `${UNVERIFIED}\n`);
      assert.equal((await client.items(uri('test_tides.py'))).length, before.length);
      assert.equal(client.log.filter((it) => it.includes('stopped after')).length, 1, client.log.join('\n'));
    } finally {
      await client.end();
    }
    return 'in this process, in threads and in the language server';
  },

  async 'what is no file is not waited for'() {
    if (spawnSync('mkfifo', ['--version']).error !== undefined) return { skipped: 'there is no mkfifo' };
    const cwd = newFolder(workspace(8));
    const good = await fresh(cwd);
    const strange = ['test_pipe.py', 'test_folder.py', 'test_zero.py', 'test_linked_pipe.py', 'test_dangling.py', 'base_pipe.py'];
    spawnSync('mkfifo', [join(cwd, 'tests/test_pipe.py'), join(cwd, 'tests/base_pipe.py')]);
    mkdirSync(join(cwd, 'tests/test_folder.py'));
    symlinkSync('/dev/zero', join(cwd, 'tests/test_zero.py'));
    symlinkSync('test_pipe.py', join(cwd, 'tests/test_linked_pipe.py'));
    symlinkSync('nowhere.py', join(cwd, 'tests/test_dangling.py'));
    assert.equal(await fresh(cwd), good, 'a walk passes over them');
    for (const it of strange.filter((name) => name !== 'test_folder.py')) {
      const named = await attest({ cwd }, ...JSON_REPORT, '--no-cache', `tests/${it}`);
      assert.equal(named.code, 2, it);
      assert.equal(messages(named).length, 1, named.err);
    }
    write(cwd, { 'tests/test_uses.py': UNVERIFIED.replace('tests.base', 'tests.base_pipe') });
    assert.equal((await attest({ cwd }, ...JSON_REPORT, '--no-cache', 'tests/test_uses.py')).code, 0, 'a helper that is a pipe is a helper that is not there');
    return `${strange.length} of them`;
  },

  'files that come, go and turn into something else while they are read': hammered,
  'a full disk leaves what was there': fullDisk,
  'a home or a cache that cannot be written means that nothing is kept': readOnly,

  async 'runs at the same time share a cache'() {
    const cwd = newFolder(workspace(40));
    const cache = newFolder();
    const parts = await Promise.all([0, 1, 2, 3].map((it) => fresh(cwd, `tests/part_${it}`)));
    const all = await fresh(cwd);
    let runs = 0;
    for (let round = 0; round < Math.ceil(rounds / 40); round++) {
      const started = [0, 1, 2, 3].map((it) => attest({ cwd, cache }, ...JSON_REPORT, `tests/part_${it}`));
      const clearing = round % 2 === 0 ? attest({ cwd, cache }, 'cache', 'clear') : undefined;
      for (const [index, it] of (await Promise.all(started)).entries()) {
        assert.deepEqual([it.code, messages(it)], [0, []]);
        assert.ok(it.out === parts[index], `part ${index} differs in round ${round}`);
        runs += 1;
      }
      const cleared = await clearing;
      assert.ok(cleared === undefined || cleared.code === 0, cleared?.err);
      const whole = await attest({ cwd, cache }, ...JSON_REPORT);
      assert.ok(whole.out === all, `the whole differs in round ${round}`);
    }
    assert.deepEqual(
      readdirSync(join(cache, 'attest')).filter((it) => it.endsWith('.tmp')),
      [],
    );
    return `${runs} runs, four at a time`;
  },

  'a cache that is damaged anywhere is as good as none': damagedCache,
  'a run that is killed leaves the old or the new, never a half': killed,

  async 'two editors on one folder, one of them killed five times'() {
    const cwd = newFolder(workspace(60, 4_000));
    const storage = newFolder();
    const options = { folders: [pathToFileURL(cwd).href], storage };
    const expected = findings(await fresh(cwd));
    const uri = pathToFileURL(join(cwd, 'tests/test_tides.py')).href;
    const steady = await processClient(options);
    const review = (client: typeof steady) => client.connection.sendRequest<WorkspaceResult>('attest/reviewWorkspace', {});
    const shown = ({ files }: WorkspaceResult) =>
      Object.fromEntries(
        files
          .map((it) => [it.snapshot.path, it.snapshot.categories.reduce((sum, category) => sum + category.findings.length, 0)] as const)
          .sort(([a], [b]) => (a < b ? -1 : 1)),
      );
    try {
      await steady.open(uri, UNVERIFIED);
      const before = (await steady.items(uri)).map((it) => [it.code, it.range]);
      const first = shown(await review(steady));
      assert.deepEqual(Object.keys(first).sort(), Object.keys(expected).sort());
      let slowest = 0;
      for (let time = 0; time < 5; time++) {
        const other = await processClient(options);
        await other.open(uri, UNVERIFIED);
        assert.deepEqual(
          (await other.items(uri)).map((it) => [it.code, it.range]),
          before,
        );
        const gone = new Promise((resolve) => other.process.once('exit', resolve));
        const asked = review(other).catch(() => undefined);
        await pause(choose(120));
        other.process.kill('SIGKILL');
        await gone;
        other.connection.dispose();
        await Promise.race([asked, pause(100)]);
        const started = performance.now();
        const next = await processClient(options);
        await next.open(uri, UNVERIFIED);
        assert.deepEqual(
          (await next.items(uri)).map((it) => [it.code, it.range]),
          before,
        );
        slowest = Math.max(slowest, performance.now() - started);
        const [mine, theirs] = await Promise.all([review(steady), review(next)]);
        assert.deepEqual([shown(mine), shown(theirs)], [first, first]);
        await next.end();
      }
      assert.deepEqual([steady.log, readdirSync(storage).filter((it) => it.endsWith('.tmp') && !existsSync(join(storage, it)))], [[], []]);
      return `back with the same findings after ${(slowest / 1000).toFixed(1)} s at most`;
    } finally {
      await steady.end();
    }
  },
};

// ---------------------------------------------------------------------------------- files that do not stay

/** In a process of its own, so that it works while reviews read: never leaves a file of `hot` alone. */
const HAMMER = `
const fs = require('node:fs');
const { spawnSync } = require('node:child_process');
const [folder, seed] = process.argv.slice(1);
let state = Number(seed);
const choose = (below) => { state = (state * 1103515245 + 12345) & 0x7fffffff; return (state >> 8) % below; };
const texts = JSON.parse(fs.readFileSync(folder + '/../texts.json', 'utf8'));
const attempt = (action) => { try { action(); } catch {} };
const pipe = folder + '/../pipe';
spawnSync('mkfifo', [pipe]);
for (;;) {
  const path = folder + '/' + (choose(8) === 0 ? 'hot_base.py' : choose(6) === 0 ? 'deep/test_' + choose(4) + '.py' : 'test_' + choose(12) + '.py');
  const text = texts[choose(texts.length)];
  attempt([
    () => fs.writeFileSync(path, text),
    () => fs.writeFileSync(path, text),
    () => fs.writeFileSync(path, text.slice(0, choose(text.length))),
    () => fs.unlinkSync(path),
    () => fs.truncateSync(path, choose(100)),
    () => { fs.writeFileSync(path + '.new', text); fs.renameSync(path + '.new', path); },
    () => fs.rmSync(path, { recursive: true, force: true }),
    () => { fs.rmSync(path, { recursive: true, force: true }); fs.mkdirSync(path); },
    () => { fs.linkSync(pipe, path + '.new'); fs.renameSync(path + '.new', path); },
    () => { fs.symlinkSync('/etc/passwd', path + '.new'); fs.renameSync(path + '.new', path); },
    () => { fs.symlinkSync('test_0.py', path + '.new'); fs.renameSync(path + '.new', path); },
    () => fs.writeFileSync(path, Buffer.from([0xff, 0xfe, 0x00, choose(256)])),
    () => fs.rmSync(folder + '/deep', { recursive: true, force: true }),
    () => fs.mkdirSync(folder + '/deep'),
    () => fs.chmodSync(path, choose(2) * 0o644),
  ][choose(15)]);
}
`;

async function hammered(): Promise<Outcome> {
  const cwd = newFolder(workspace(24, 8_000));
  const cold = findings(await fresh(cwd));
  const hot = join(cwd, 'tests/hot');
  mkdirSync(hot);
  const uses = UNVERIFIED.replace('tests.base', 'tests.hot.hot_base');
  const texts = [
    uses,
    HELPERS['tests/base.py'],
    HELPERS['tests/base.py'].replace('https', 'http'),
    uses.replace('verify=False', 'verify=True'),
    ...EXAMPLES.slice(0, 6),
  ];
  write(cwd, { 'tests/texts.json': JSON.stringify(texts), 'tests/hot/__init__.py': '' });
  const cache = newFolder();
  const hammer = spawn(process.execPath, ['-e', HAMMER, hot, String(choose(1_000_000))], { stdio: 'ignore' });
  const client = await processClient({ folders: [pathToFileURL(cwd).href], storage: newFolder() });
  const isHot = (path: string) => path.includes('/hot/');
  let runs = 0;
  try {
    for (let round = 0; round < Math.ceil(rounds / 10); round++) {
      const run = await attest({ cwd, cache }, ...JSON_REPORT, '--jobs', String(1 + (round % 3)), ...(round % 4 === 3 ? ['--fix'] : []));
      assert.ok(run.code === 0 || run.code === 2, `it ended with ${run.code}: ${run.err}`);
      for (const it of messages(run)) assert.match(it, /tests\/hot/, run.err);
      if (round % 4 !== 3) assert.deepEqual(without(findings(run.out), isHot), cold, `round ${round}`);
      else write(cwd, workspace(24, 8_000));
      const { complete } = await client.connection.sendRequest<WorkspaceResult>('attest/reviewWorkspace', {});
      assert.equal(complete, true);
      runs += 1;
    }
  } finally {
    hammer.kill('SIGKILL');
    await new Promise((resolve) => (hammer.exitCode !== null || hammer.signalCode !== null ? resolve(undefined) : hammer.once('exit', resolve)));
  }
  // What is left of it: no reader may be misled by anything that was kept meanwhile.
  for (let round = 0; round < 4; round++) {
    const { out, code } = await attest({ cwd, cache }, ...JSON_REPORT);
    const anew = await attest({ cwd }, ...JSON_REPORT, '--no-cache');
    assert.deepEqual([code, out], [anew.code, anew.out]);
    rmSync(join(hot, 'hot_base.py'), { recursive: true, force: true });
    write(cwd, { 'tests/hot/hot_base.py': texts[1 + (round % 2)] ?? '' });
  }
  await client.end();
  assert.deepEqual(client.log, []);
  return `${runs} runs and as many reviews by the language server`;
}

// ----------------------------------------------------------------------------------------------- disks

async function fullDisk(): Promise<Outcome> {
  if (!isRoot) return { skipped: 'only root can mount a small disk' };
  const disk = newFolder();
  if (spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=256k,mode=755', 'tmpfs', disk]).status !== 0) return { skipped: 'a small disk cannot be mounted here' };
  const fill = () => {
    for (let size = 65_536; size > 0; size = size >> 1)
      for (let index = 0; ; index++)
        try {
          writeFileSync(join(disk, `filler-${size}-${index}`), Buffer.alloc(size));
        } catch {
          rmSync(join(disk, `filler-${size}-${index}`), { force: true });
          break;
        }
  };
  try {
    const source = `${workspace(0)['tests/test_tides.py']}\n\ndef test_b(mocker):\n    stub = mocker.patch("a.b")\n    stub.assert_called_once\n`;
    write(disk, {
      ...HELPERS,
      'tests/test_a.py': `from unittest import mock\n\n\ndef test_a():\n    stub = mock.Mock()\n    stub(1)\n    stub.called_once_with(1)\n`,
      'tests/test_b.py': source,
    });
    const good = await fresh(disk);
    const before = new Map(
      readdirSync(disk, { recursive: true, encoding: 'utf8' })
        .filter((it) => it.endsWith('.py'))
        .map((it) => [it, readFileSync(join(disk, it), 'utf8')]),
    );
    const fixes = await attest({ cwd: disk }, 'review', '--diff', '--no-cache', '--quiet');
    assert.ok(fixes.out.includes('+++ '), 'there is something to fix');
    fill();
    const names = readdirSync(disk, { recursive: true, encoding: 'utf8' }).sort();
    const unchanged = (what: string) => {
      assert.deepEqual(readdirSync(disk, { recursive: true, encoding: 'utf8' }).sort(), names, `${what} left something`);
      for (const [path, text] of before) assert.equal(readFileSync(join(disk, path), 'utf8'), text, what);
    };
    const cached = await attest({ cwd: disk, cache: disk }, ...JSON_REPORT);
    assert.deepEqual([cached.code, messages(cached), cached.out === good], [0, [], true], 'a cache that is full');
    rmSync(join(disk, 'attest'), { recursive: true, force: true });
    unchanged('the cache');
    const tries = [['--output', 'report.html', '--format', 'html'], ['--update-baseline'], ['--fix']] as const;
    for (const words of tries) {
      const run = await attest({ cwd: disk }, 'review', '--no-cache', '--fail-on', 'never', ...words);
      assert.equal(run.code, 2, `${words}: ${run.err}`);
      const said = messages(run);
      assert.ok(said.length >= 1 && said.length <= before.size && said.every((it) => it.includes('the disk is full')), `${words}: ${run.err}`);
      unchanged(words.join(' '));
    }
    const client = await processClient({ folders: [pathToFileURL(disk).href], storage: join(disk, 'storage') });
    const { complete, reviewed } = await client.connection.sendRequest<WorkspaceResult>('attest/reviewWorkspace', {});
    assert.deepEqual([complete, reviewed > 0, client.log], [true, true, []]);
    await client.end();
    return `cache, ${tries.length} kinds of writing, and an editor's storage`;
  } finally {
    spawnSync('umount', ['-l', disk]);
  }
}

async function readOnly(): Promise<Outcome> {
  const as = isRoot ? ['setpriv', '--reuid=65534', '--regid=65534', '--clear-groups'] : [];
  if (isRoot && spawnSync('setpriv', ['--version']).error !== undefined) return { skipped: 'root may write everything, and there is no setpriv' };
  // Where that user can reach it.
  const product = newFolder();
  for (const it of ['cli.js', 'attest.js', 'tree-sitter.wasm', 'tree-sitter-python.wasm']) copyFileSync(join(ROOT, 'dist', it), join(product, it));
  const cwd = newFolder(workspace(12));
  const home = newFolder({ 'a file': '' });
  const closed = newFolder({ 'attest/x.reviews': '' });
  const linked = newFolder();
  symlinkSync('nowhere', join(linked, 'dangling'));
  chmodSync(scratch, 0o755);
  const good = await fresh(cwd);
  const old = await attest({ cwd, cache: closed }, ...JSON_REPORT);
  assert.equal(old.out, good);
  for (const it of [home, join(closed, 'attest'), closed]) chmodSync(it, it === home ? 0o555 : 0o700);
  if (!isRoot) for (const it of [home, closed]) chmodSync(it, 0o555);
  const places: readonly Readonly<Record<string, string>>[] = [
    { HOME: home },
    { HOME: '/nonexistent' },
    { XDG_CACHE_HOME: closed },
    { XDG_CACHE_HOME: join(home, 'a file') },
    { XDG_CACHE_HOME: '/proc/self/nothing' },
    { XDG_CACHE_HOME: join(linked, 'dangling') },
    { XDG_CACHE_HOME: '/dev/full' },
  ];
  for (const env of places) {
    const run = await attest({ cwd, cli: join(product, 'cli.js'), env, as }, ...JSON_REPORT);
    assert.deepEqual([run.code, messages(run)], [0, []], JSON.stringify(env));
    assert.ok(run.out === good, JSON.stringify(env));
    const cleared = await attest({ cwd, cli: join(product, 'cli.js'), env, as }, 'cache', 'clear');
    assert.ok([0, 2].includes(Number(cleared.code)) && messages(cleared).length === 1, `cache clear: ${cleared.code} ${cleared.err}`);
  }
  for (const it of [home, closed]) chmodSync(it, 0o755);
  return `${places.length} places, as another user`;
}

// ----------------------------------------------------------------------------------------------- caches

const DAMAGES: Readonly<Record<string, (bytes: Buffer) => Buffer>> = {
  'bits flipped': (bytes) => {
    const copy = Buffer.from(bytes);
    for (let times = 1 + choose(4); times > 0; times--) {
      const at = choose(copy.length);
      copy[at] = (copy[at] ?? 0) ^ (1 << choose(8));
    }
    return copy;
  },
  'bytes overwritten': (bytes) => {
    const copy = Buffer.from(bytes);
    const at = choose(copy.length);
    for (let index = at; index < Math.min(copy.length, at + 1 + choose(64)); index++) copy[index] = choose(256);
    return copy;
  },
  'cut short': (bytes) => bytes.subarray(0, choose(bytes.length)),
  'a page of zeros': (bytes) => Buffer.from(bytes).fill(0, choose(bytes.length)),
  'a stretch left out': (bytes) => {
    const at = choose(bytes.length);
    return Buffer.concat([bytes.subarray(0, at), bytes.subarray(at + 1 + choose(500))]);
  },
  'a stretch doubled': (bytes) => {
    const at = choose(bytes.length);
    return Buffer.concat([bytes.subarray(0, at), bytes.subarray(Math.max(0, at - 1 - choose(500)))]);
  },
  'digits changed': (bytes) =>
    Buffer.from(
      bytes.toString('latin1').replace(/\d+/g, (it) => (choose(40) === 0 ? String(choose(10 ** Math.min(9, it.length))) : it)),
      'latin1',
    ),
};

async function damagedCache(): Promise<Outcome> {
  const cwd = newFolder(workspace(10));
  const cache = newFolder();
  const good = await fresh(cwd);
  await attest({ cwd, cache }, ...JSON_REPORT);
  const name = readdirSync(join(cache, 'attest')).find((it) => it.endsWith('.reviews')) ?? '';
  const file = join(cache, 'attest', name);
  const bytes = readFileSync(file);
  let done = 0;
  // Some processes at a time, each with a cache of its own.
  const others = Array.from({ length: 2 }, () => newFolder({ [`attest/${name}`]: bytes }));
  await Promise.all(
    others.map(async (own) => {
      while (done < rounds) {
        done += 1;
        const kinds = Object.keys(DAMAGES);
        const kind = kinds[choose(kinds.length)] ?? '';
        const damaged = DAMAGES[kind]?.(bytes) ?? bytes;
        writeFileSync(join(own, 'attest', name), damaged);
        const run = await attest({ cwd, cache: own }, ...JSON_REPORT);
        assert.deepEqual([run.code, messages(run), run.out === good], [0, [], true], `${kind}, ${damaged.toString('base64').slice(0, 200)}`);
        if (done % 10 > 0) continue;
        const again = await attest({ cwd, cache: own }, ...JSON_REPORT);
        assert.ok(again.out === good && readFileSync(join(own, 'attest', name)).length > bytes.length * 0.9, `${kind}: not mended`);
      }
    }),
  );
  // Something else in its place.
  for (const make of [
    () => mkdirSync(file),
    () => symlinkSync('/dev/zero', file),
    () => symlinkSync(file, file),
    () => spawnSync('mkfifo', [file]),
    () => renameSync(join(newFolder({ x: bytes.subarray(17) }), 'x'), file),
  ]) {
    rmSync(file, { recursive: true, force: true });
    make();
    const run = await attest({ cwd, cache }, ...JSON_REPORT);
    assert.deepEqual([run.code, messages(run), run.out === good], [0, [], true], make.toString());
  }
  return `${done} times`;
}

// ------------------------------------------------------------------------------------------------ killed

async function killed(): Promise<Outcome> {
  const files = workspace(30);
  const fixable = `from unittest import mock\n\n\ndef test_a():\n    stub = mock.Mock()\n    stub(1)\n    stub.called_once_with(1)\n`;
  for (let index = 0; index < 20; index++) files[`tests/fix/test_${index}.py`] = `${fixable}# ${index}\n`;
  const cwd = newFolder(files);
  const cache = newFolder();
  const whole = async (words: readonly string[], path: string) => {
    const started = performance.now();
    await attest({ cwd, cache }, 'review', '--fail-on', 'never', ...words);
    const took = performance.now() - started;
    return { text: readFileSync(join(cwd, path), 'utf8'), took };
  };
  const { text: report, took } = await whole(['--format', 'json', '--output', 'report.json'], 'report.json');
  const { text: baseline } = await whole(['--update-baseline'], 'attest-baseline.json');
  rmSync(join(cwd, 'attest-baseline.json'));
  const fixed = newFolder(files);
  await attest({ cwd: fixed }, 'review', '--fix', '--no-cache', '--fail-on', 'never');
  let halves = 0;
  for (let round = 0; round < Math.ceil(rounds / 8); round++) {
    const words = [['--format', 'json', '--output', 'report.json'], ['--update-baseline'], ['--fix']][round % 3] ?? [];
    let child: ChildProcess | undefined;
    const run = attest({ cwd, cache, started: (it) => (child = it) }, 'review', '--fail-on', 'never', ...(round % 2 === 0 ? ['--no-cache'] : []), ...words);
    await pause(took * (0.2 + choose(80) / 100));
    child?.kill('SIGKILL');
    if ((await run).code === 'SIGKILL') halves += 1;
    for (const [path, text] of [
      ['report.json', report],
      ['attest-baseline.json', baseline],
    ] as const)
      if (words.some((it) => path.includes(it.replace('--update-', ''))) && existsSync(join(cwd, path)))
        assert.equal(readFileSync(join(cwd, path), 'utf8'), text, path);
    for (let index = 0; index < 20; index++) {
      const path = `tests/fix/test_${index}.py`;
      const now = readFileSync(join(cwd, path), 'utf8');
      assert.ok(now === files[path] || now === readFileSync(join(fixed, path), 'utf8'), `${path} is neither what it was nor what it becomes:\n${now}`);
    }
    write(cwd, files);
    for (const it of ['report.json', 'attest-baseline.json']) rmSync(join(cwd, it), { force: true });
  }
  assert.equal((await attest({ cwd, cache }, ...JSON_REPORT)).out, await fresh(cwd));
  return `${halves} runs killed`;
}

// --------------------------------------------------------------------------------------------------- main

async function main(): Promise<number> {
  const counts = { passed: 0, failed: 0, skipped: 0 };
  const at = process.argv.indexOf('--only');
  const only = at < 0 ? '' : (process.argv[at + 1] ?? '');
  for (const [name, proof] of Object.entries(PROOFS)) {
    if (!name.includes(only)) continue;
    const started = performance.now();
    try {
      const outcome = await proof();
      if (typeof outcome === 'string') {
        counts.passed += 1;
        console.log(`ok      ${name}: ${outcome} (${((performance.now() - started) / 1000).toFixed(0)} s)`);
      } else {
        counts.skipped += 1;
        console.log(`skipped: ${name}: ${outcome.skipped}`);
      }
    } catch (error) {
      counts.failed += 1;
      console.log(`FAILED  ${name}\n${error instanceof Error ? error.message.slice(0, 4_000) : String(error)}`);
    }
  }
  rmSync(scratch, { recursive: true, force: true });
  console.log(`${counts.passed} passed, ${counts.failed} failed, ${counts.skipped} skipped`);
  return counts.failed === 0 ? 0 : 1;
}

main().then(
  (code) => process.exit(code),
  (error) => {
    console.error(error);
    process.exit(1);
  },
);
