// `npm test`: sets everything up, builds, bundles each test file and runs them all with Node's own test runner.
// `node test/run.mjs [--update] [--only NAME…]`: rewrites generated files; runs some files only.
import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const run = (command, args, options = {}) => spawnSync(command, args, { cwd: root, stdio: 'inherit', ...options });

if (!existsSync(join(root, 'node_modules/esbuild'))) {
  const installed = run('npm', ['ci', '--no-audit', '--no-fund']);
  if (installed.status !== 0) process.exit(installed.status ?? 1);
}
if (run(process.execPath, ['esbuild.mjs']).status !== 0) process.exit(1);

const only = process.argv.includes('--only') ? process.argv.slice(process.argv.indexOf('--only') + 1) : [];
const names = readdirSync(join(root, 'test'))
  .filter((it) => it.endsWith('.test.ts'))
  .map((it) => it.replace(/\.ts$/, ''))
  .filter((it) => only.length === 0 || only.some((wanted) => it.startsWith(wanted)));
const { build } = await import('esbuild');
rmSync(join(root, 'dist/test/unit'), { recursive: true, force: true });
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
  define: { ATTEST_VERSION: '"0.0.0-test"', 'import.meta.url': JSON.stringify(`file://${root}/test/run.mjs`), __dirname: JSON.stringify(join(root, 'dist/test')) },
});
const files = names.map((it) => join(root, `dist/test/unit/${it}.cjs`));
const tests = run(process.execPath, ['--enable-source-maps', '--test', ...(process.stdout.isTTY ? [] : ['--test-reporter=dot', '--test-reporter-destination=stdout']), ...files], {
  env: { ...process.env, ...(process.argv.includes('--update') ? { UPDATE: '1' } : {}) },
});
process.exit(tests.status ?? 1);
