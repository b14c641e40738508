/** Nothing that a person reads in the editor is missing in the second language, and nothing is left over. */
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { ROOT } from './harness.ts';

const read = (path: string) => readFileSync(join(ROOT, path), 'utf8');
const dictionary = (path: string) => JSON.parse(read(path)) as Record<string, string>;
const placeholders = (text: string) => [...text.matchAll(/\{\d\}/g)].map(([it]) => it).sort();

test('every text of the extension has a German one', () => {
  const used = new Set<string>();
  for (const file of readdirSync(join(ROOT, 'client')).filter((it) => it.endsWith('.ts'))) {
    for (const [, text] of read(`client/${file}`).matchAll(/\bt\(\s*'((?:[^'\\]|\\.)+)'/g)) used.add((text ?? '').replaceAll("\\'", "'"));
  }
  const german = dictionary('l10n/bundle.l10n.de.json');
  assert.ok(used.size > 100, `only ${used.size} texts were found`);
  assert.deepEqual([...used].filter((it) => !(it in german)).sort(), [], 'without translation');
  assert.deepEqual(
    Object.keys(german).filter((it) => !used.has(it)),
    [],
    'used nowhere',
  );
  for (const [text, translated] of Object.entries(german)) assert.deepEqual(placeholders(translated), placeholders(text), text);
});

test('every text of the manifest has an English and a German one', () => {
  const used = new Set([...read('package.json').matchAll(/"%([\w.-]+)%"/g)].map(([, key]) => key ?? ''));
  assert.ok(used.size > 50, `only ${used.size} keys were found`);
  for (const path of ['package.nls.json', 'package.nls.de.json']) assert.deepEqual(Object.keys(dictionary(path)).sort(), [...used].sort(), path);
});

test('what stands in the manifest as text is meant to: nothing that a person reads', () => {
  const { contributes } = JSON.parse(read('package.json')) as { contributes: unknown };
  const plain: string[] = [];
  const visit = (value: unknown, key: string) => {
    if (typeof value === 'object' && value !== null) for (const [name, it] of Object.entries(value)) visit(it, name);
    else if (/^(?:title|description|markdownDescription|displayName|userDescription|label|contents|altText)$/.test(key) && !/^%.*%$/.test(String(value)))
      plain.push(String(value));
  };
  visit({ ...(contributes as object), languageModelTools: undefined, viewsContainers: undefined }, '');
  assert.deepEqual(plain, []);
});
