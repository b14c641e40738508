// `npm test`: sets everything up, builds, and runs every test: Node's own runner over the bundled test files, the
// check of every regular expression, what docs/ci tells people to do, Attest in a real VS Code, then the smoke run of
// `npm start`. Its last line counts them all.
//   --only NAME…  some test files alone     --update  rewrites generated files
import { spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const flags = process.argv.slice(2);
const only = flags.includes('--only') ? flags.slice(flags.indexOf('--only') + 1).filter((it) => !it.startsWith('--')) : [];

const run = (command, args, options = {}) => spawnSync(command, args, { cwd: root, stdio: 'inherit', ...options });

function prepare() {
  if (!existsSync(join(root, 'node_modules/esbuild')) && run('npm', ['ci', '--no-audit', '--no-fund']).status !== 0) process.exit(1);
  if (run(process.execPath, ['esbuild.mjs']).status !== 0) process.exit(1);
}

/** Bundles the test files, each for itself; gives the bundles. */
async function bundle() {
  const names = readdirSync(join(root, 'test'))
    .filter((it) => it.endsWith('.test.ts'))
    .map((it) => it.replace(/\.ts$/, ''))
    .filter((it) => only.length === 0 || only.some((wanted) => it.startsWith(wanted)));
  const { build } = await import('esbuild');
  rmSync(join(root, 'dist/test/unit'), { recursive: true, force: true });
  mkdirSync(join(root, 'dist/test/unit'), { recursive: true });
  await build({
    absWorkingDir: root,
    entryPoints: names.map((it) => ({ in: `test/${it}.ts`, out: `unit/${it}` })),
    outdir: 'dist/test',
    outExtension: { '.js': '.cjs' },
    bundle: true,
    alias: { 'web-tree-sitter': join(root, 'node_modules/web-tree-sitter/web-tree-sitter.cjs') },
    platform: 'node',
    target: 'node20',
    format: 'cjs',
    sourcemap: 'inline',
    logLevel: 'warning',
    external: ['vscode', 'esbuild'],
    define: {
      ATTEST_VERSION: '"0.0.0-test"',
      'import.meta.url': JSON.stringify(`file://${root}/test/run.mjs`),
      __dirname: JSON.stringify(join(root, 'dist/test')),
    },
  });
  return names.map((it) => join(root, `dist/test/unit/${it}.cjs`));
}

/** What measures has the machine for itself. */
const MEASURES = 'speed.test.cjs';
/** Left alone, Node runs one file fewer at a time than there are processors; older ones cannot be told (20.10 can). */
const [major, minor] = process.versions.node.split('.').map(Number);
const ON_ALL = major > 20 || minor >= 10 ? [`--test-concurrency=${availableParallelism()}`] : [];

/** Dots while it runs, failures in full; counts read from a second report. */
function nodeTests(files) {
  if (files.length === 0) return { passed: 0, failed: 0, skipped: 0 };
  const tap = join(root, 'dist/test/unit/results.tap');
  const reporters = ['--test-reporter=dot', '--test-reporter-destination=stdout', '--test-reporter=tap', `--test-reporter-destination=${tap}`];
  const { status } = run(process.execPath, ['--enable-source-maps', '--test', ...ON_ALL, ...reporters, ...files], {
    env: { ...process.env, ...(flags.includes('--update') ? { UPDATE: '1' } : {}) },
  });
  const report = existsSync(tap) ? readFileSync(tap, 'utf8') : '';
  for (const [, name, why] of report.matchAll(/^\s*ok \d+ - (.*) # SKIP ?(.*)$/gm)) console.log(`skipped: ${name}${why === '' ? '' : `: ${why}`}`);
  const count = (what) => Number(new RegExp(`^# ${what} (\\d+)$`, 'm').exec(report)?.[1] ?? 0);
  const failed = count('fail') + count('cancelled');
  return { passed: count('pass'), failed: failed === 0 && status !== 0 ? 1 : failed, skipped: count('skipped') };
}

/** Runs a part that closes on `N passed, N failed[, N skipped]`, and shows what it says. */
function part(args) {
  return new Promise((resolve) => {
    const child = spawn(process.execPath, args, { cwd: root, stdio: ['ignore', 'pipe', 'inherit'] });
    let output = '';
    child.stdout.on('data', (it) => {
      output += it;
      process.stdout.write(it);
    });
    child.on('close', (status) => {
      const last = [...output.matchAll(/^(\d+) passed, (\d+) failed(?:, (\d+) skipped)?$/gm)].at(-1);
      if (last === undefined) return resolve({ passed: 0, failed: 1, skipped: 0 });
      const failed = Number(last[2]);
      resolve({ passed: Number(last[1]), failed: failed === 0 && status !== 0 ? 1 : failed, skipped: Number(last[3] ?? 0) });
    });
  });
}

async function smoke() {
  const { status, output } = await new Promise((resolve) => {
    const child = spawn(process.execPath, ['start.mjs', '--smoke'], { cwd: root, stdio: ['ignore', 'pipe', 'inherit'] });
    let text = '';
    child.stdout.on('data', (it) => {
      text += it;
      process.stdout.write(it);
    });
    child.on('close', (code) => resolve({ status: code, output: text }));
  });
  const skipped = /^skipped: /m.test(output);
  return { passed: status === 0 && !skipped ? 1 : 0, failed: status === 0 ? 0 : 1, skipped: status === 0 && skipped ? 1 : 0 };
}

prepare();
const files = await bundle();
const measures = (it) => basename(it) === MEASURES;
const counts = [nodeTests(files.filter((it) => !measures(it))), nodeTests(files.filter(measures))];
if (only.length === 0 && !flags.includes('--update')) {
  counts.push(await part([join('test', 'trust', 'redos.mjs')]));
  counts.push(await part([join('test', 'recipes.mjs')]));
  counts.push(await part([join('test', 'vscode', 'run.mjs')]));
  counts.push(await smoke());
}
const sum = (what) => counts.reduce((total, it) => total + it[what], 0);
console.log(`${sum('passed')} passed, ${sum('failed')} failed, ${sum('skipped')} skipped`);
process.exit(sum('failed') === 0 ? 0 : 1);
