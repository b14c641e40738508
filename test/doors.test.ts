/**
 * Whoever asks is told the same: command line, language server (files closed and open), and the door for agents, byte
 * for byte. `ATTEST_SUITE=nova node test/run.mjs --only doors` asks about a whole real suite.
 */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { test } from 'node:test';
import { pathToFileURL } from 'node:url';
import { Client as Agent } from '@modelcontextprotocol/sdk/client/index.js';
import { StdioClientTransport } from '@modelcontextprotocol/sdk/client/stdio.js';
import type { Diagnostic } from 'vscode-languageserver/node';
import { pythonFiles } from '../server/discover.ts';
import { corpus } from './corpus.mjs';
import { ROOT } from './harness.ts';
import { type Client, processClient } from './lsp.ts';

const CLI = join(ROOT, 'dist/cli.js');
/** Opened and compared one by one; the rest is compared as a whole. */
const MOST_OPEN = 40;

interface Finding {
  readonly rule: string;
  readonly kind: string;
  readonly line: number;
  readonly column: number;
  readonly endLine: number;
  readonly endColumn: number;
  readonly suppressed: boolean;
}
interface Report {
  readonly files: readonly { readonly path: string; readonly categories: readonly { readonly findings: readonly Finding[] }[] }[];
}

function attest(cwd: string, ...words: readonly string[]): string {
  return spawnSync(process.execPath, [CLI, 'review', '--root', '.', '--quiet', '--no-cache', ...words], { cwd, encoding: 'utf8', maxBuffer: 1e9 }).stdout;
}

/** The findings that a squiggle is drawn for, as both sides put it. */
function squiggles(findings: readonly Finding[]): string[] {
  return findings
    .filter((it) => !it.suppressed && it.kind !== 'pass')
    .map((it) => `${it.rule} ${it.line - 1}:${it.column - 1}-${it.endLine - 1}:${it.endColumn - 1}`)
    .sort();
}

function drawn(diagnostics: readonly Diagnostic[]): string[] {
  return diagnostics.map(({ code, range: { start, end } }) => `${code} ${start.line}:${start.character}-${end.line}:${end.character}`).sort();
}

async function compare(root: string, tests: string, formats: readonly string[]): Promise<void> {
  const expected = attest(root, '--format', 'json', tests);
  const report: Report = JSON.parse(expected);
  assert.ok(report.files.length > 5);
  const uriOf = (path: string) => pathToFileURL(join(root, path)).toString();
  const uris = pythonFiles(join(root, tests), root).files.map((it) => pathToFileURL(it).toString());

  const client = await processClient({ folders: [pathToFileURL(root).toString()] });
  try {
    const asked = async (of: Client, format: string) => (await of.connection.sendRequest<{ text: string }>('attest/export', { uris, format })).text;
    same(await asked(client, 'json'), expected, 'the language server, files closed');
    const opened = report.files.slice(0, MOST_OPEN);
    for (const { path, categories } of opened) {
      await client.open(uriOf(path), readFileSync(join(root, path), 'utf8'));
      assert.deepEqual(drawn(await client.items(uriOf(path))), squiggles(categories.flatMap((it) => it.findings)), path);
    }
    same(await asked(client, 'json'), expected, 'the language server, files open');
    for (const format of formats) same(await asked(client, format), attest(root, '--format', format, '--sarif-kinds', 'all', tests), format);
  } finally {
    await client.end();
  }
}

/** A difference of megabytes is no message. */
function same(actual: string, expected: string, what: string): void {
  if (actual === expected) return;
  const [a, b] = [actual.split('\n'), expected.split('\n')];
  const line = a.findIndex((it, index) => it !== b[index]);
  assert.fail(`${what}: line ${line + 1} is ${JSON.stringify(a[line])}, expected ${JSON.stringify(b[line])}`);
}

test('command line and language server say the same of the sample', () => compare(join(ROOT, 'test/sample'), 'tests', ['sarif', 'html', 'markdown']));

test('command line and agents are told the same of the sample', async () => {
  const root = join(ROOT, 'test/sample');
  const agent = new Agent({ name: 'parity', version: '1' });
  await agent.connect(new StdioClientTransport({ command: process.execPath, args: [CLI, 'mcp', '--root', root], stderr: 'inherit' }));
  try {
    for (const paths of [['tests'], pythonFiles(join(root, 'tests/unit'), root).files.map((it) => relative(root, it))]) {
      const { content } = await agent.callTool({ name: 'review_files', arguments: { paths } });
      same((content as { text: string }[])[0]?.text ?? '', attest(root, '--format', 'json', ...paths), paths.join(' '));
    }
  } finally {
    await agent.close();
  }
});

const name = process.env['ATTEST_SUITE'];
test('command line and language server say the same of a real suite', { skip: name === undefined && 'only with ATTEST_SUITE=nova' }, async (context) => {
  const suite = corpus(name as 'nova');
  if ('skipped' in suite) return context.skip(suite.skipped);
  await compare(suite.root, relative(suite.root, suite.tests), []);
});
