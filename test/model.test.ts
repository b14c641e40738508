/** What the model knows of small Python files, beside them: `model/name.py` and `model/name.facts`. */
import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { factsOf, filesIn } from './facts.ts';
import { ROOT } from './harness.ts';

const FOLDER = join(ROOT, 'test/model');

for (const name of readdirSync(FOLDER).filter((it) => it.endsWith('.py'))) {
  test(`the facts of ${name}`, async () => {
    const facts = await factsOf(filesIn(readFileSync(join(FOLDER, name), 'utf8')));
    const file = join(FOLDER, name.replace(/\.py$/, '.facts'));
    if (process.env['UPDATE'] === '1') writeFileSync(file, facts);
    assert.equal(facts, existsSync(file) ? readFileSync(file, 'utf8') : '', `${name}: \`node test/run.mjs --only model --update\`, and read what changes`);
  });
}
