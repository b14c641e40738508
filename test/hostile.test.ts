/** Hostile text, made smaller by fast-check when it breaks something. The long run is `npm run trust -- fuzz`. */
import assert from 'node:assert/strict';
import { before, test } from 'node:test';
import fc from 'fast-check';
import pico from 'picocolors';
import type { Engine } from '../server/review/engine.ts';
import { findingsOf } from '../server/review/review.ts';
import { json } from '../server/views/json.ts';
import { markdown } from '../server/views/markdown.ts';
import { text as terminal } from '../server/views/text.ts';
import { newEngine } from './harness.ts';
import { EXAMPLES, hostile, listed } from './trust/hostile.ts';

const PATH = 'tests/unit/test_hostile.py';
let engine: Engine;
before(async () => {
  engine = await newEngine();
});

/** Reviews and shows the text; throws where something of it is wrong. */
function survive(text: string): void {
  engine.put(PATH, text);
  const review = engine.review(PATH);
  assert.deepEqual(review.faults, []);
  for (const it of findingsOf(review)) {
    assert.ok(it.start >= 0 && it.start <= it.end && it.end <= text.length, `${it.rule} lies in the text`);
    for (const edit of it.fix?.edits ?? [])
      assert.ok(edit.start >= 0 && edit.start <= edit.end && edit.end <= text.length, `the fix of ${it.rule} lies in the text`);
  }
  JSON.parse(json([review], { version: '0' }));
  markdown([review]);
  terminal([review], { colors: pico.createColors(false) });
}

test('cut, spliced and stained examples are reviewed without a fault', () => {
  fc.assert(
    fc.property(fc.array(fc.nat(1_000_000), { minLength: 1, maxLength: 24 }), (numbers) => survive(hostile(listed(numbers), EXAMPLES))),
    { numRuns: 1_500, seed: 20261125 },
  );
});

test('any text at all is reviewed without a fault', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary', maxLength: 200 }), (text) => survive(text)),
    { numRuns: 500, seed: 20261125 },
  );
});

test('a test cut off at every character is reviewed without a fault', () => {
  const text = EXAMPLES.find((it) => it.includes('addCleanup') && it.includes('with ') && it.length > 300) ?? '';
  assert.ok(text.length > 300);
  for (let end = 0; end <= text.length; end++) survive(text.slice(0, end));
});
