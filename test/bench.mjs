// `npm run bench`: bundles and runs test/bench.ts.
import { spawnSync } from 'node:child_process';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
if (spawnSync(process.execPath, ['esbuild.mjs'], { cwd: root, stdio: 'inherit' }).status !== 0) process.exit(1);
await build({
  absWorkingDir: root,
  entryPoints: ['test/bench.ts'],
  outfile: 'dist/test/bench.cjs',
  bundle: true,
  platform: 'node',
  target: 'node20',
  format: 'cjs',
  logLevel: 'warning',
  alias: { 'web-tree-sitter': join(root, 'node_modules/web-tree-sitter/web-tree-sitter.cjs') },
  define: { __dirname: JSON.stringify(join(root, 'dist/test')), 'import.meta.url': JSON.stringify(`file://${root}/test/bench.ts`) },
});
process.exit(spawnSync(process.execPath, [join(root, 'dist/test/bench.cjs')], { cwd: root, stdio: 'inherit' }).status ?? 1);
