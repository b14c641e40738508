/** What is generated from the rules says what the rules say. `npm run update` rewrites it. */
import assert from 'node:assert/strict';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { RULES } from '../rules/index.ts';
import { configurationSchema } from '../server/configuration-keys.ts';
import { catalogue, categoryTable } from '../server/views/catalogue.ts';
import { explain } from '../server/views/explain.ts';
import { fullId } from '../server/views/named.ts';
import { ROOT } from './harness.ts';
import { processClient } from './lsp.ts';

function agrees(path: string, wanted: string): void {
  const file = join(ROOT, path);
  if (process.env['UPDATE'] === '1') writeFileSync(file, wanted);
  assert.equal(existsSync(file) ? readFileSync(file, 'utf8') : '', wanted, `${path} is out of date: npm run update`);
}

test('rules/README.md is the catalogue', () => {
  agrees('rules/README.md', catalogue(RULES));
});

test('the build leaves out only what no page shows', async () => {
  const client = await processClient();
  try {
    for (const rule of RULES) {
      const page = await client.connection.sendRequest<{ readonly markdown: string }>('attest/explain', { rule: fullId(rule) });
      assert.equal(page.markdown, explain(rule));
    }
  } finally {
    await client.end();
  }
});

test('the table in README.md is the catalogue', () => {
  const readme = readFileSync(join(ROOT, 'README.md'), 'utf8');
  const [before, rest] = readme.split('<!-- rules:begin -->');
  const after = rest?.split('<!-- rules:end -->')[1];
  assert.ok(before !== undefined && after !== undefined, 'README.md has no place for the table');
  agrees('README.md', `${before}<!-- rules:begin -->\n${categoryTable(RULES).trim()}\n<!-- rules:end -->${after}`);
});

test('attest.schema.json is what configuration may say', () => {
  agrees('attest.schema.json', `${JSON.stringify(configurationSchema(), undefined, 2)}\n`);
});
