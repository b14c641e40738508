/**
 * Values that real suites call passwords and tokens are made up nearly all: a tool that speaks of each teaches people
 * not to listen. The values come from the corpus and are written as assignments and arguments; nothing of them is kept here.
 */
import assert from 'node:assert/strict';
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { RULES } from '../rules/index.ts';
import { findingsOf } from '../server/review/review.ts';
import { corpus } from './corpus.mjs';
import { newEngine, reviewFiles } from './harness.ts';

const nova = corpus('nova');
const skip = 'skipped' in nova ? nova.skipped : false;

/** Names that Bandit's B105 to B107 take for credentials, and the text that they are given. */
const GIVEN = /\w*(?:pass|pwd|token|secret)\w*['"]?\]?\s*[=:]\s*[bru]?'([^'\\\n]{1,400})'/gi;

function valuesBelow(folder: string, values = new Set<string>()): Set<string> {
  for (const it of readdirSync(folder)) {
    const path = join(folder, it);
    if (statSync(path).isDirectory()) valuesBelow(path, values);
    else if (it.endsWith('.py')) for (const [, value = ''] of readFileSync(path, 'utf8').matchAll(GIVEN)) values.add(value);
  }
  return values;
}

describe('placeholders', { skip }, () => {
  test("of Nova's own passwords and tokens hardly any is spoken of, and none as more than a note", async () => {
    const values = 'root' in nova ? [...valuesBelow(nova.tests)].sort() : [];
    assert.ok(values.length > 50, `only ${values.length} values were read`);
    const code = values.flatMap((it) => [`password = '${it}'`, `connect(token='${it}')`]).join('\n');
    const rules = RULES.filter((it) => it.peers?.bandit?.some((id) => /^B10[567]$/.test(id)) === true);
    const review = reviewFiles(await newEngine(rules), { 'tests/unit/test_values.py': `${code}\n` });
    const spoken = findingsOf(review).filter((it) => it.kind !== 'pass');
    assert.deepEqual(
      spoken.filter((it) => it.kind !== 'informational').map((it) => it.message),
      [],
    );
    assert.ok(new Set(spoken.map((it) => Math.ceil(it.line / 2))).size <= 5, spoken.map((it) => it.message).join('\n'));
  });
});
