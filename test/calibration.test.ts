/**
 * Spots of Nova's own tests (26.2, Debian's python3-nova) where a reader knows what is right: what must be said
 * there and how loudly, and where nothing may be said. They depend on base classes in other files and on the
 * surroundings of a call, so they show whether the model understood both. A spot is named by its code.
 */
import assert from 'node:assert/strict';
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { before, describe, test } from 'node:test';
import type { Engine } from '../server/review/engine.ts';
import { findingsOf, type PlacedFinding } from '../server/review/review.ts';
import { corpus } from './corpus.mjs';
import { newEngine, settle } from './harness.ts';

const nova = corpus('nova');
const skip = 'skipped' in nova ? nova.skipped : false;
const root = 'root' in nova ? nova.root : '';

interface Spot {
  readonly code: string;
  readonly file: string;
  /** Part of one or more lines. */
  readonly at: string;
  readonly why: string;
}

const REPORTED: readonly (Spot & { readonly kind: PlacedFinding['kind']; readonly times: number })[] = [
  { code: 'MCK002', file: 'unit/test_conf.py', at: 'config_mock.stop)', kind: 'review', times: 2, why: 'oslotest stops it all the same' },
  {
    code: 'MCK002',
    file: 'unit/api/openstack/compute/test_availability_zone.py',
    at: 'mock_service_get_all.stop)',
    kind: 'review',
    times: 1,
    why: 'oslotest stops it all the same',
  },
  {
    code: 'MCK001',
    file: 'unit/policies/test_limits.py',
    at: 'mock_get_project_quotas.start()',
    kind: 'informational',
    times: 1,
    why: 'stopall of the base',
  },
  {
    code: 'ERR004',
    file: 'functional/test_servers.py',
    at: 'self.assertEqual(400, cm.exception.response.status_code)',
    kind: 'fail',
    times: 3,
    why: 'the line before raises',
  },
  {
    code: 'MCK005',
    file: 'functional/test_middleware.py',
    at: '.GroupAttr.__getattr__ = _mock_getattr',
    kind: 'informational',
    times: 1,
    why: 'tearDown puts it back',
  },
  {
    code: 'INP001',
    file: 'unit/api/openstack/compute/test_aggregates.py',
    at: 'eval(self.add_host), self.req, "1", body=body)',
    kind: 'informational',
    times: 1,
    why: 'an idiom, told once',
  },
  { code: 'SEC001', file: 'unit/test_crypto.py', at: '-----BEGIN RSA PRIVATE KEY-----', kind: 'review', times: 1, why: 'whole keys, told once' },
  {
    code: 'RES012',
    file: 'unit/virt/libvirt/test_imagebackend.py',
    at: "tempfile.mkdtemp(suffix='instances')",
    kind: 'informational',
    times: 1,
    why: 'tearDown removes it, and the base nests temporary files',
  },
];

const SILENT: readonly Spot[] = [
  { code: 'NET006', file: 'unit/virt/zvm/test_utils.py', at: 'verify=False', why: 'an expectation' },
  { code: 'NET006', file: 'unit/test_cinder.py', at: 'insecure=True', why: 'configuration that is looked at' },
  { code: 'RES024', file: 'unit/privsep/test_path.py', at: "chmod('/fake/path', 0x666)", why: 'os.chmod is stubbed' },
  { code: 'INP010', file: 'unit/db/main/test_api.py', at: 'execute(', why: 'identifiers from metadata' },
  { code: 'MCK007', file: 'unit/virt/test_virt_drivers.py', at: "sys.modules['libvirt'] = self.saved_libvirt", why: 'puts it back' },
  {
    code: 'ERR001',
    file: 'unit/virt/vmwareapi/test_driver_api.py',
    at: 'assertRaises(Exception, driver.VMwareVCDriver, None)',
    why: 'the type is asserted after it',
  },
  { code: 'SEC001', file: 'functional/api_samples_test_base.py', at: 'BEGIN RSA PRIVATE KEY', why: 'part of a pattern' },
  { code: 'NET009', file: 'unit/cmd/test_baseproxy.py', at: 'ALL:!aNULL', why: 'a negated token' },
  { code: 'MCK008', file: 'unit/virt/libvirt/test_imagebackend.py', at: 'verify_base_size', why: 'verifies a size' },
  { code: 'MCK008', file: 'unit/console/test_serial.py', at: '_verify_port', why: 'verifies a port' },
];

/** In bytes: a test alone would take longer than all the others. */
const LARGE = 500_000;

describe('calibration on nova/tests', { skip }, () => {
  let engine: Engine;
  const reviews = new Map<string, readonly PlacedFinding[]>();

  function findingsIn(file: string): readonly PlacedFinding[] {
    const path = `nova/tests/${file}`;
    const known = reviews.get(path);
    if (known !== undefined) return known;
    engine.put(path, readFileSync(join(root, path), 'utf8'));
    const review = settle(engine, path, root);
    assert.deepEqual(review.faults, []);
    const findings = findingsOf(review);
    engine.rest(path);
    reviews.set(path, findings);
    return findings;
  }

  /** The lines that hold the code, from 1. */
  function linesOf({ file, at }: Spot): number[] {
    const lines = readFileSync(join(root, 'nova/tests', file), 'utf8').split('\n');
    const found = lines.flatMap((line, index) => (line.includes(at) ? [index + 1] : []));
    assert.ok(found.length > 0, `${file} has no ${at}`);
    return found;
  }

  before(async () => {
    engine = await newEngine();
  });

  for (const spot of REPORTED) {
    test(`${spot.code} in ${spot.file} is ${spot.kind}: ${spot.why}`, () => {
      const lines = new Set(linesOf(spot));
      const found = findingsIn(spot.file).filter((it) => it.code === spot.code && lines.has(it.line));
      assert.deepEqual(
        found.map((it) => it.kind),
        Array.from({ length: spot.times }, () => spot.kind),
      );
    });
  }

  for (const spot of SILENT) {
    test(`no ${spot.code} in ${spot.file}: ${spot.why}`, () => {
      const lines = linesOf(spot);
      const found = findingsIn(spot.file).filter((it) => it.code === spot.code && lines.some((line) => it.line <= line && line <= it.endLine));
      assert.deepEqual(
        found.map((it) => `${it.line}: ${it.message}`),
        [],
      );
    });
  }

  test('addresses and paths that are data, expected or given to stubs are no findings, in any file that has them', () => {
    const files = readdirSync(join(root, 'nova/tests'), { recursive: true, encoding: 'utf8' })
      .map((it) => it.replaceAll('\\', '/'))
      .filter((it) => /(?:^|\/)test_[^/]*\.py$/.test(it))
      .filter((it) => /['"]0\.0\.0\.0['"]|['"]\/tmp/.test(readFileSync(join(root, 'nova/tests', it), 'utf8')))
      .filter((it) => statSync(join(root, 'nova/tests', it)).size < LARGE);
    assert.ok(files.length >= 10, `${files.length} files`);
    for (const file of [...files, ...new Set([...REPORTED, ...SILENT].map((it) => it.file))]) {
      const loud = findingsIn(file).filter((it) => ['NET010', 'RES025', 'MCK010'].includes(it.code) && it.kind !== 'pass');
      assert.deepEqual(
        loud.map((it) => `${file}:${it.line} ${it.code} ${it.message}`),
        [],
      );
    }
  });
});
