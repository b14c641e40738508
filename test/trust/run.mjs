// `npm run trust -- NAME [options]`: one of the long proofs of this folder; not part of `npm test`.
import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const here = dirname(fileURLToPath(import.meta.url));
const root = join(here, '..', '..');
const [name, ...options] = process.argv.slice(2);
/** Not proofs themselves. */
const LIBRARY = new Set(['hostile.ts', 'options.ts', 'patterns.ts']);
const names = readdirSync(here)
  .filter((it) => /^[a-z]+\.(?:ts|mjs)$/.test(it) && it !== 'run.mjs' && !LIBRARY.has(it))
  .map((it) => it.replace(/\.\w+$/, ''))
  .sort();

if (name === undefined || !names.includes(name)) {
  console.error(`usage: npm run trust -- NAME [options]\nNAME: ${names.join(', ')}`);
  process.exit(2);
}
if (spawnSync(process.execPath, ['esbuild.mjs'], { cwd: root, stdio: 'inherit' }).status !== 0) process.exit(1);
let program = join(here, `${name}.mjs`);
if (!existsSync(program)) {
  program = join(root, `dist/test/trust-${name}.cjs`);
  await build({
    absWorkingDir: root,
    entryPoints: [`test/trust/${name}.ts`],
    outfile: program,
    bundle: true,
    platform: 'node',
    target: 'node20',
    format: 'cjs',
    sourcemap: 'inline',
    logLevel: 'warning',
    external: ['esbuild'],
    alias: { 'web-tree-sitter': join(root, 'node_modules/web-tree-sitter/web-tree-sitter.cjs') },
    define: { __dirname: JSON.stringify(join(root, 'dist/test')), 'import.meta.url': JSON.stringify(`file://${root}/test/run.mjs`) },
  });
}
process.exit(spawnSync(process.execPath, ['--enable-source-maps', program, ...options], { cwd: root, stdio: 'inherit' }).status ?? 1);
