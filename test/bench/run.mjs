// `npm run bench`: builds Attest, bundles test/bench/main.ts and runs it.
//   --only ROWS  some groups of rows (typing, review, tree, start, memory, growth, edits, cancel, soak), with commas
//   --quick      fewer rounds and sizes     --keep  leaves results.json and README.md as they are
import { spawnSync } from 'node:child_process';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const root = join(dirname(fileURLToPath(import.meta.url)), '..', '..');
if (spawnSync(process.execPath, ['esbuild.mjs'], { cwd: root, stdio: 'inherit' }).status !== 0) process.exit(1);
await build({
  absWorkingDir: root,
  entryPoints: ['test/bench/main.ts'],
  outfile: 'dist/test/bench.cjs',
  bundle: true,
  platform: 'node',
  target: 'node20',
  format: 'cjs',
  logLevel: 'warning',
  alias: { 'web-tree-sitter': join(root, 'node_modules/web-tree-sitter/web-tree-sitter.cjs') },
  define: { __dirname: JSON.stringify(join(root, 'dist/test')), 'import.meta.url': JSON.stringify(`file://${root}/test/run.mjs`) },
});
const { status } = spawnSync(process.execPath, ['--expose-gc', join(root, 'dist/test/bench.cjs'), ...process.argv.slice(2)], { cwd: root, stdio: 'inherit' });
process.exit(status ?? 1);
