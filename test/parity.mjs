// `npm run parity -- --bandit DIR --bandit-results FILE --ruff DIR --bugbear DIR --pygrep-hooks DIR --hacking DIR --nova DIR --gitleaks DIR --detect-secrets DIR [--missed]`:
// bundles and runs test/parity/main.ts on clones of other tools' own test data.
import { spawnSync } from 'node:child_process';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
if (spawnSync(process.execPath, ['esbuild.mjs'], { cwd: root, stdio: ['ignore', 'ignore', 'inherit'] }).status !== 0) process.exit(1);
await build({
  absWorkingDir: root,
  entryPoints: ['test/parity/main.ts'],
  outfile: 'dist/test/parity.cjs',
  bundle: true,
  platform: 'node',
  target: 'node20',
  format: 'cjs',
  logLevel: 'warning',
  alias: { 'web-tree-sitter': join(root, 'node_modules/web-tree-sitter/web-tree-sitter.cjs') },
  define: { __dirname: JSON.stringify(join(root, 'dist/test')), 'import.meta.url': JSON.stringify(`file://${root}/test/parity/main.ts`) },
});
process.exit(spawnSync(process.execPath, [join(root, 'dist/test/parity.cjs'), ...process.argv.slice(2)], { stdio: 'inherit' }).status ?? 1);
