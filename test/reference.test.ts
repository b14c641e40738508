/**
 * The reference case: Nova's functional regression test for bug 1718455 (Nova 26.2, Debian's python3-nova),
 * inside its tree and alone. What must be said, with the lines that must be cited; and that every piece of
 * evidence goes when its line goes.
 */
import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { CATEGORIES, type Category } from '../rules/rule.ts';
import type { Engine } from '../server/review/engine.ts';
import { findingsOf, type Review } from '../server/review/review.ts';
import { corpus } from './corpus.mjs';
import { newEngine } from './harness.ts';

const PATH = 'nova/tests/functional/regressions/test_bug_1718455.py';
const nova = corpus('nova');
const skip = 'skipped' in nova ? nova.skipped : false;
const root = 'root' in nova ? nova.root : '';
const source = skip === false ? readFileSync(join(root, PATH), 'utf8') : '';

function reviewed(engine: Engine, text: string, alone: boolean): Review {
  engine.put(PATH, text);
  let review = engine.review(PATH);
  for (let wanted = engine.wanted(); wanted.length > 0; wanted = engine.wanted()) {
    for (const it of wanted) {
      const file = join(root, it);
      engine.put(it, !alone && existsSync(file) ? readFileSync(file, 'utf8') : undefined);
    }
    review = engine.review(PATH);
  }
  return review;
}

/** Lines of a category's evidence. */
function cited(review: Review, category: Category, kind = 'pass'): Set<number> {
  return new Set(
    findingsOf(review)
      .filter((it) => it.category === category && it.kind === kind)
      .flatMap((it) => Array.from({ length: it.endLine - it.line + 1 }, (_, index) => it.line + index)),
  );
}

describe('the reference case', { skip }, () => {
  test('is clear in its tree, with nothing left open and no fault', async () => {
    const review = reviewed(await newEngine(), source, false);
    assert.equal(review.verdict, 'clear');
    assert.deepEqual(review.faults, []);
    assert.deepEqual(review.blind, []);
    for (const it of review.categories) assert.equal(it.verdict, 'clear', `${it.id}: ${it.summary}`);
    assert.deepEqual(
      findingsOf(review)
        .filter((it) => it.kind === 'open')
        .map((it) => `${it.line} ${it.message}`),
      [],
    );
    assert.match(review.conclusion, /^No security defects detected\./);
  });

  test('cites the lines that prove it', async () => {
    const review = reviewed(await newEngine(), source, false);
    const must: [Category, number[]][] = [
      ['resources', [45, 46, 47, 48, 50]],
      ['errors', [93, 120, 121, 126]],
      ['network', [46, 62]],
      ['api', [45, 50]],
      ['mocking', [47, 48]],
    ];
    for (const [category, lines] of must) {
      const found = cited(review, category);
      for (const line of lines) assert.ok(found.has(line), `${category} cites line ${line}; it cites ${[...found].join(', ')}`);
    }
    assert.ok(cited(review, 'api', 'informational').size > 0, 'the admin client is mentioned');
    const payload = findingsOf(review).filter((it) => it.category === 'input' && (it.line === 70 || it.line === 115));
    assert.deepEqual([...new Set(payload.map((it) => it.line))], [70, 115]);
    assert.ok(
      payload.every((it) => it.kind !== 'open' && it.trail.some((step) => step.path === 'nova/tests/functional/api/client.py')),
      'says where the method is',
    );
  });

  test('seen alone, it asks about the call that it cannot follow', async () => {
    const review = reviewed(await newEngine(), source, true);
    assert.equal(review.verdict, 'clear');
    const open = findingsOf(review).filter((it) => it.kind === 'open');
    assert.ok(
      open.some((it) => it.category === 'input' && it.message.includes('post_server')),
      open.map((it) => it.message).join('\n'),
    );
    assert.ok(
      open.some((it) => it.category === 'resources'),
      'the base classes that could not be found',
    );
    assert.match(review.conclusion, /could not be judged/);
  });

  test('claims no exception handling because of a name in a comment', async () => {
    const review = reviewed(await newEngine(), source, false);
    for (const it of findingsOf(review)) assert.doesNotMatch(it.message, /NoValidHost/);
  });

  test('each piece of evidence goes when its line goes', async () => {
    const engine = await newEngine();
    const before = findingsOf(reviewed(engine, source, false)).filter((it) => it.kind === 'pass');
    assert.ok(before.length >= 10, `${before.length} pieces of evidence`);
    const lines = source.split('\n');
    const last = lines.length;
    for (const evidence of before) {
      const changed = lines.map((line, index) =>
        index + 1 < evidence.line || index + 1 > evidence.endLine ? line : line.replace(/^(\s*)\S.*$/, index + 1 === evidence.line ? '$1pass' : ''),
      );
      const after = findingsOf(reviewed(engine, changed.join('\n'), false));
      assert.ok(
        !after.some((it) => it.kind === 'pass' && it.rule === evidence.rule && it.line === evidence.line && it.message === evidence.message),
        `line ${evidence.line} of ${last}: ${evidence.message}`,
      );
    }
  });

  test('answers in the order of the seven questions', async () => {
    const review = reviewed(await newEngine(), source, false);
    assert.deepEqual(
      review.categories.map((it) => it.id),
      CATEGORIES.map((it) => it.id),
    );
  });
});
