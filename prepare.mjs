// `prepare`: npm runs it after `npm ci` in a clone, and before it packs a clone that it made itself (`npm install --global
// git+https://…`, which is how pre-commit installs hooks). There npm may have left out what the build needs: a global
// install makes the installs inside of it global as well.
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = dirname(fileURLToPath(import.meta.url));
const run = (command, args, env = process.env) => {
  const { status } = spawnSync(command, args, { cwd: root, stdio: 'inherit', env, shell: process.platform === 'win32' });
  if (status !== 0) process.exit(status ?? 1);
};

if (!existsSync(join(root, 'node_modules', 'esbuild'))) {
  run('npm', ['ci', '--ignore-scripts', '--include=dev', '--no-audit', '--no-fund'], {
    ...process.env,
    npm_config_global: 'false',
    npm_config_location: 'project',
  });
}
run(process.execPath, ['esbuild.mjs']);
