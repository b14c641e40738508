/** A finding's fingerprint stays while the finding moves, and differs where the finding does. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { py } from '../rules/rule.ts';
import { findingsOf } from '../server/review/review.ts';
import { newEngine, reviewFiles } from './harness.ts';

const SOURCE = py`
  import unittest

  import requests


  class FirstTest(unittest.TestCase):
      def test_a(self):
          self.assertTrue(requests.get('https://localhost/a', verify=False))
          self.assertTrue(requests.get('https://localhost/b', verify=False))

      def test_b(self):
          self.assertTrue(requests.get('https://localhost/c', verify=False))


  class OtherTest(unittest.TestCase):
      def test_a(self):
          self.assertTrue(requests.get('https://localhost/d', verify=False))
`;

const engine = newEngine();

async function prints(source: string): Promise<string[]> {
  const review = reviewFiles(await engine, { 'tests/unit/test_it.py': source });
  return findingsOf(review)
    .filter((it) => it.rule === 'network/certificate-check-off')
    .map((it) => it.fingerprint);
}

test('equal code in other tests, classes and repetitions is told apart', async () => {
  const found = await prints(SOURCE);
  assert.equal(found.length, 4);
  assert.equal(new Set(found).size, 4);
  for (const it of found) assert.match(it, /^[0-9a-f]{16}$/);
});

test('lines above, a formatter, and other names changed nearby leave it alone', async () => {
  const found = await prints(SOURCE);
  assert.deepEqual(await prints(`${'# a line\n'.repeat(50)}${SOURCE}`), found);
  assert.deepEqual(await prints(SOURCE.replaceAll("', verify=False)", "',\n            verify = False,\n        )")), found);
  assert.deepEqual(
    await prints(SOURCE.replace('class FirstTest', 'def helper_test():\n    pass\n\n\nclass FirstTest').replaceAll('localhost', '127.0.0.1')),
    found,
  );
});

test('what is new in a test has a new one, and the others keep theirs', async () => {
  const found = await prints(SOURCE);
  const more = await prints(
    SOURCE.replace("'https://localhost/c', verify=False))", "'https://localhost/c', verify=False))\n        requests.put('https://localhost', verify=False)"),
  );
  assert.deepEqual(more.filter((it) => !found.includes(it)).length, 1);
  assert.deepEqual(
    found.filter((it) => !more.includes(it)),
    [],
  );
  const renamed = await prints(SOURCE.replace('def test_b', 'def test_c'));
  assert.deepEqual(renamed.filter((it) => !found.includes(it)).length, 1);
});
