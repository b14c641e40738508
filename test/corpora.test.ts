/** A slice of `npm run corpora`: some files of real suites say what is recorded of them. */
import assert from 'node:assert/strict';
import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { findingsOf } from '../server/review/review.ts';
import { listed, recorded } from './corpora.mjs';
import { corpus } from './corpus.mjs';
import { newEngine, settle } from './harness.ts';

const LARGE = 50_000;

for (const name of ['nova', 'cpython'] as const) {
  const suite = corpus(name);
  const record = recorded(name);
  const missing =
    'skipped' in suite
      ? suite.skipped
      : record?.package !== `${suite.package} ${suite.version}` && `${record?.package} is recorded, ${suite.package} ${suite.version} is here`;
  test(`what is recorded of ${name}`, { skip: missing }, async () => {
    if ('skipped' in suite || record === undefined) return;
    const engine = await newEngine();
    const linesOf = new Map<string, string[]>();
    for (const line of record.lines) {
      const path = /^[^:\s]+(?=:\d)/.exec(line)?.[0];
      if (path !== undefined) linesOf.set(path, [...(linesOf.get(path) ?? []), line]);
    }
    const paths = [...linesOf.keys()].filter((it) => statSync(join(suite.root, it)).size < LARGE).filter((_, index) => index % 6 === 0);
    assert.ok(paths.length >= 10, `${paths.length} files`);
    for (const path of paths) {
      engine.put(path, readFileSync(join(suite.root, path), 'utf8'));
      assert.deepEqual(
        listed(path, findingsOf(settle(engine, path, suite.root))).sort(),
        linesOf.get(path)?.sort(),
        'if that is what you want: npm run corpora -- --update',
      );
      engine.drop(path);
    }
  });
}
