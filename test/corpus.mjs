// Real test suites from Debian packages, fetched into the ignored folder `.corpus` and never committed.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, renameSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const store = join(dirname(fileURLToPath(import.meta.url)), '..', '.corpus');

/** Root folders by name, below the unpacked package. */
const CORPORA = {
  nova: { package: 'python3-nova', root: 'usr/lib/python3/dist-packages', tests: 'nova/tests' },
  neutron: { package: 'python3-neutron', root: 'usr/lib/python3/dist-packages', tests: 'neutron/tests' },
  numpy: { package: 'python3-numpy', root: 'usr/lib/python3/dist-packages', tests: 'numpy' },
  twisted: { package: 'python3-twisted', root: 'usr/lib/python3/dist-packages', tests: 'twisted' },
  cpython: { package: 'libpython3.11-testsuite', root: 'usr/lib/python3.11', tests: 'test' },
};

/** Fetches a corpus once; gives `{ root, tests }`, or `{ skipped: why }` on a system without apt. */
export function corpus(name) {
  const { package: packageName, root, tests } = CORPORA[name];
  const folder = join(store, packageName);
  if (!existsSync(folder)) {
    mkdirSync(store, { recursive: true });
    const draft = mkdtempSync(join(store, 'draft-'));
    const fetch = () => spawnSync('apt-get', ['download', packageName], { cwd: draft, encoding: 'utf8' });
    let fetched = fetch();
    if (fetched.error === undefined && fetched.status !== 0) {
      spawnSync('apt-get', ['update'], { stdio: 'ignore' });
      fetched = fetch();
    }
    const archive = readdirSync(draft).find((it) => it.endsWith('.deb'));
    const unpacked = archive === undefined ? undefined : spawnSync('dpkg', ['-x', archive, 'tree'], { cwd: draft, encoding: 'utf8' });
    if (unpacked === undefined || unpacked.status !== 0) {
      rmSync(draft, { recursive: true, force: true });
      return { skipped: `the Debian package ${packageName} cannot be had here` };
    }
    try {
      renameSync(join(draft, 'tree'), folder);
    } catch {
      // another run was faster
    }
    rmSync(draft, { recursive: true, force: true });
  }
  return { root: join(folder, root), tests: join(folder, root, tests) };
}
