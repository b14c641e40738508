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

test('a project is installed with those that its projects are installed with, however many', async () => {
  const files: Record<string, string> = { 'lib/p0/tests/test_end.py': 'from end import Base\n\n\nclass TestEnd(Base):\n    pass\n' };
  for (let at = 0; at < 60; at++) {
    const next = at === 59 ? '' : `p${at + 1} = { path = "../p${at + 1}" }\n`;
    files[`lib/p${at}/pyproject.toml`] = `[tool.poetry.dependencies]\n${next}`;
  }
  files['lib/p59/end/__init__.py'] = 'import unittest\n\n\nclass Base(unittest.TestCase):\n    pass\n';
  const facts = await factsOf(files);
  assert.match(facts, /lib\/p59\/end/);
});
