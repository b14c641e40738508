/**
 * Safe fixes on real suites: each is applied to the file it was found in. The file parses as before, the
 * finding is gone, and nothing new appears. The suites come from Debian packages; elsewhere this is skipped by name.
 */
import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import type { Engine } from '../server/review/engine.ts';
import { findingsOf, type PlacedFinding, type Review } from '../server/review/review.ts';
import { corpus } from './corpus.mjs';
import { applyFix, newEngine } from './harness.ts';

/** Files of the suites that have findings with safe fixes. */
const FILES = {
  nova: [
    'fixtures/api_paste.py',
    'fixtures/policy.py',
    'functional/libvirt/test_numa_servers.py',
    'functional/test_servers.py',
    'unit/api/openstack/compute/test_availability_zone.py',
    'unit/image/test_glance.py',
    'unit/objects/test_objects.py',
    'unit/policies/test_limits.py',
    'unit/test_conf.py',
    'unit/virt/disk/test_api.py',
  ],
  cpython: [
    'test__xxsubinterpreters.py',
    'test_asyncio/test_sock_lowlevel.py',
    'test_asyncio/test_subprocess.py',
    'test_contextlib_async.py',
    'test_dbm.py',
    'test_interpreters.py',
    'test_kqueue.py',
    'test_mmap.py',
    'test_peg_generator/test_pegen.py',
    'test_shutil.py',
    'test_unicode_file_functions.py',
    'test_urllib2.py',
    'test_winconsoleio.py',
  ],
} as const;

function settled(engine: Engine, path: string, text: string, root: string): Review {
  engine.put(path, text);
  let review = engine.review(path);
  for (let wanted = engine.wanted(); wanted.length > 0; wanted = engine.wanted()) {
    for (const it of wanted) engine.put(it, existsSync(join(root, it)) ? readFileSync(join(root, it), 'utf8') : undefined);
    review = engine.review(path);
  }
  return review;
}

/** Findings by rule, kind and message: lines move. */
function tally(review: Review): Map<string, number> {
  const counts = new Map<string, number>();
  for (const it of findingsOf(review)) {
    if (it.kind === 'pass' || it.kind === 'open') continue;
    const key = `${it.rule} ${it.kind}`;
    counts.set(key, (counts.get(key) ?? 0) + 1);
  }
  return counts;
}

const broken = (review: Review) => review.blind.filter((it) => it.what === 'syntax-error').length;

for (const name of ['nova', 'cpython'] as const) {
  const found = corpus(name);
  const skip = 'skipped' in found ? found.skipped : false;
  test(`safe fixes on the tests of ${name}`, { skip, timeout: 600_000 }, async (context) => {
    if ('skipped' in found) return;
    const { root, tests } = found;
    const engine = await newEngine();
    const prefix = tests.slice(root.length + 1);
    let count = 0;
    for (const inside of FILES[name]) {
      const path = `${prefix}/${inside}`;
      const text = readFileSync(join(root, path), 'utf8');
      const before = settled(engine, path, text, root);
      const counted = tally(before);
      for (const finding of findingsOf(before)) {
        const { fix } = finding;
        if (fix?.safety !== 'safe') continue;
        count += 1;
        checkFix(engine, path, root, finding, before, counted, applyFix(text, fix));
      }
      engine.drop(path);
    }
    assert.ok(count > 0, 'the files have safe fixes');
    context.diagnostic(`${count} safe fixes`);
  });
}

function checkFix(engine: Engine, path: string, root: string, finding: PlacedFinding, before: Review, counted: Map<string, number>, changed: string): void {
  const where = `${path}:${finding.line} ${finding.rule}: ${finding.message}`;
  const after = settled(engine, path, changed, root);
  assert.equal(broken(after), broken(before), `${where}\nthe file does not parse as before`);
  const now = tally(after);
  const own = `${finding.rule} ${finding.kind}`;
  assert.ok((now.get(own) ?? 0) < (counted.get(own) ?? 0), `${where}\nthe finding stays`);
  for (const [key, count] of now) assert.ok(key === own || count <= (counted.get(key) ?? 0), `${where}\nsomething new appears: ${key}`);
}
