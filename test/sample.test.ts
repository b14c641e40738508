/** The sample workspace: exactly the spots that `expected.txt` names are reported, and nothing else at that level. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { findingsOf, type Review } from '../server/review/review.ts';
import { ROOT, reviewsUnder } from './harness.ts';

const SAMPLE = join(ROOT, 'test/sample');

function spots(reviews: readonly Review[], wanted: (it: ReturnType<typeof findingsOf>[number]) => boolean): string[] {
  return reviews
    .flatMap((review) =>
      findingsOf(review)
        .filter(wanted)
        .map((it) => `${review.path}:${it.line} ${it.code}`),
    )
    .sort();
}

test('every bad spot of the sample is found, and nothing else', async () => {
  const reviews = await reviewsUnder(SAMPLE);
  const expected = readFileSync(join(SAMPLE, 'expected.txt'), 'utf8')
    .split('\n')
    .filter((it) => it !== '')
    .sort();
  assert.deepEqual(
    spots(reviews, (it) => it.kind === 'fail' || it.kind === 'review'),
    expected,
  );
  assert.deepEqual(
    reviews.flatMap((it) => it.faults),
    [],
  );
});

test('the suppressed spot is counted and not lost', async () => {
  const reviews = await reviewsUnder(SAMPLE);
  assert.deepEqual(
    spots(reviews, (it) => it.suppressed !== undefined),
    ['tests/functional/test_live_server.py:95 NET006'],
  );
  assert.equal(
    reviews.reduce((sum, it) => sum + it.counts.suppressed, 0),
    1,
  );
});

test('the sample shows all three verdicts, and good and bad in every category', async () => {
  const reviews = await reviewsUnder(SAMPLE);
  assert.deepEqual([...new Set(reviews.map((it) => it.verdict))].sort(), ['clear', 'defects', 'review']);
  for (const index of [0, 1, 2, 3, 4, 5, 6]) {
    const findings = reviews.flatMap((it) => it.categories[index]?.findings ?? []);
    const title = reviews[0]?.categories[index]?.title;
    assert.ok(
      findings.some((it) => it.kind === 'fail' || it.kind === 'review'),
      `${title}: nothing bad`,
    );
    assert.ok(
      findings.some((it) => it.kind === 'pass'),
      `${title}: nothing good`,
    );
  }
});
