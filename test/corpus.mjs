// Real test suites from Debian packages, fetched into the ignored folder `.corpus` and never committed.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const store = join(dirname(fileURLToPath(import.meta.url)), '..', '.corpus');

const SITE = 'usr/lib/python3/dist-packages';

/** Root folders by name, below the unpacked package. `version` is what `test/corpora/` was written from; it is asked for first. */
const CORPORA = {
  nova: { package: 'python3-nova', version: '2:26.2.2-1~deb12u4', root: SITE, tests: 'nova/tests' },
  neutron: { package: 'python3-neutron', root: SITE, tests: 'neutron/tests' },
  numpy: { package: 'python3-numpy', root: SITE, tests: 'numpy' },
  twisted: { package: 'python3-twisted', version: '22.4.0-4+deb12u1', root: SITE, tests: 'twisted' },
  distributed: { package: 'python3-distributed', version: '2022.12.1+ds.1-3', root: SITE, tests: 'distributed' },
  pandas: { package: 'python3-pandas', version: '1.5.3+dfsg-2', root: SITE, tests: 'pandas' },
  cpython: { package: 'libpython3.11-testsuite', version: '3.11.2-6+deb12u8', root: 'usr/lib/python3.11', tests: 'test' },
};

/** Fetches a corpus once; gives `{ root, tests, package, version }`, or `{ skipped: why }` on a system without apt. */
export function corpus(name) {
  const { package: packageName, version: pinned, root, tests } = CORPORA[name];
  const folder = join(store, packageName);
  const record = join(folder, 'VERSION');
  if (!existsSync(folder)) {
    mkdirSync(store, { recursive: true });
    const draft = mkdtempSync(join(store, 'draft-'));
    const fetched = (wanted) => spawnSync('apt-get', ['download', wanted], { cwd: draft, stdio: 'ignore' }).status === 0;
    const any = () => (pinned !== undefined && fetched(`${packageName}=${pinned}`)) || fetched(packageName);
    if (!any() && spawnSync('apt-get', ['update'], { stdio: 'ignore' }).status === 0) any();
    const archive = readdirSync(draft).find((it) => it.endsWith('.deb'));
    const unpacked = archive === undefined ? undefined : spawnSync('dpkg', ['-x', archive, 'tree'], { cwd: draft, encoding: 'utf8' });
    if (unpacked === undefined || unpacked.status !== 0) {
      rmSync(draft, { recursive: true, force: true });
      return { skipped: `the Debian package ${packageName} cannot be had here` };
    }
    writeFileSync(join(draft, 'tree', 'VERSION'), spawnSync('dpkg-deb', ['-f', archive, 'Version'], { cwd: draft }).stdout);
    try {
      renameSync(join(draft, 'tree'), folder);
    } catch {
      // another run was faster
    }
    rmSync(draft, { recursive: true, force: true });
  }
  const version = existsSync(record) ? readFileSync(record, 'utf8').trim() : 'of unknown version';
  return { root: join(folder, root), tests: join(folder, root, tests), package: packageName, version };
}
