// `node test/reproducible.mjs`: the packages built twice, in two folders, with other rights, time zones and languages,
// are the same bytes. Needs `cp` and `git` as they are on Linux.
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
// Beside the source, so that dependencies can be linked instead of copied.
const scratch = mkdtempSync(join(root, 'dist', 'reproducible-'));

function sh(line, cwd, env = {}) {
  const { status, stderr } = spawnSync('bash', ['-euo', 'pipefail', '-c', line], { cwd, encoding: 'utf8', env: { ...process.env, ...env } });
  if (status !== 0) throw new Error(`${line}: ${stderr}`);
}

/** Packages by name with their hash. */
function build(name, umask, env) {
  const folder = join(scratch, name);
  sh(`umask ${umask}; mkdir ${folder}; git ls-files -z | xargs -0 cp --parents -t ${folder}; cp -al node_modules ${folder}/`, root);
  sh(`umask ${umask}; npm run package`, folder, { SOURCE_DATE_EPOCH: '1700000000', ...env });
  const packages = join(folder, 'dist', 'packages');
  return readdirSync(packages)
    .sort()
    .map(
      (it) =>
        `${createHash('sha256')
          .update(readFileSync(join(packages, it)))
          .digest('hex')}  ${it}`,
    );
}

try {
  const first = build('a', '022', { TZ: 'UTC', LANG: 'C' });
  const second = build('another', '077', { TZ: 'Asia/Tokyo', LANG: 'de_DE.UTF-8' });
  console.log(first.join('\n'));
  const different = second.filter((it) => !first.includes(it));
  for (const it of different) console.error(`DIFFERENT ${it}`);
  console.log(`${first.length - different.length} passed, ${different.length} failed`);
  process.exitCode = different.length === 0 && first.length === 3 ? 0 : 1;
} finally {
  rmSync(scratch, { recursive: true, force: true });
}
