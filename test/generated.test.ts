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

interface SettingSchema {
  readonly type: string;
  readonly enum?: readonly string[];
  readonly minimum?: number;
  readonly maximum?: number;
  readonly default: unknown;
  readonly additionalProperties?: { readonly enum: readonly string[] };
  readonly description?: string;
  readonly markdownDescription?: string;
}

/** The settings of VS Code that the server reads, for editors that have no page of them. */
function settingsTable(): string {
  const json = (path: string) => JSON.parse(readFileSync(join(ROOT, path), 'utf8'));
  const words: Readonly<Record<string, string>> = json('package.nls.json');
  const groups: readonly { readonly properties: Readonly<Record<string, SettingSchema>> }[] = [json('package.json').contributes.configuration].flat();
  const choices = (all: readonly string[]) => all.map((it) => `\`${it}\``).join(', ');
  const rows = groups
    .flatMap((it) => Object.entries(it.properties))
    .filter(([name]) => !/^attest\.(?:statusBar|codeLens|trace)\./.test(name))
    .map(([name, it]) => {
      const values =
        it.enum !== undefined
          ? choices(it.enum)
          : it.additionalProperties !== undefined
            ? `object of ${choices(it.additionalProperties.enum)}`
            : it.type === 'array'
              ? 'list of strings'
              : it.minimum === undefined
                ? it.type
                : `${it.minimum} to ${it.maximum}`;
      const means = words[(it.markdownDescription ?? it.description ?? '').replaceAll('%', '')]?.replaceAll(/`#attest\.([^`]*)#`/g, '`$1`');
      return `| \`${name.replace('attest.', '')}\` | ${values} | \`${JSON.stringify(it.default)}\` | ${means} |`;
    });
  return ['| setting | values | default | meaning |', '|---|---|---|---|', ...rows].join('\n');
}

test('docs/editors.md has all settings that the server reads', () => {
  const [before, rest] = readFileSync(join(ROOT, 'docs/editors.md'), 'utf8').split('<!-- settings:begin -->');
  const after = rest?.split('<!-- settings:end -->')[1];
  assert.ok(before !== undefined && after !== undefined, 'docs/editors.md has no place for the table');
  agrees('docs/editors.md', `${before}<!-- settings:begin -->\n${settingsTable()}\n<!-- settings:end -->${after}`);
});

test('attest.schema.json is what configuration may say', () => {
  agrees('attest.schema.json', `${JSON.stringify(configurationSchema(), undefined, 2)}\n`);
});
