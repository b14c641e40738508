/**
 * Whoever asks is told the same: command line, language server (files closed and open, as a process and as a web
 * worker), and the door for agents, byte for byte. `ATTEST_SUITE=nova node test/run.mjs --only doors` asks about a whole real suite.
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
import { type Client, processClient, workerClient } from './lsp.ts';

const CLI = join(ROOT, 'dist/cli.js');
/** Opened and compared one by one; the rest is compared as a whole. */
const MOST_OPEN = 40;
const AGENTS_FILES = 25;

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

/** A web worker has neither disk nor threads: all that it knows it asks of its editor. */
async function compareWorker(root: string, tests: string): Promise<void> {
  const client = await workerClient({ folders: [pathToFileURL(root).toString()] });
  try {
    const uris = pythonFiles(join(root, tests), root).files.map((it) => pathToFileURL(it).toString());
    const { text } = await client.connection.sendRequest<{ text: string }>('attest/export', { uris, format: 'json' });
    same(text, attest(root, '--format', 'json', tests), 'a web worker');
  } finally {
    await client.end();
  }
}

/** The answer to an agent is limited, so it asks for some files at a time. */
async function compareAgents(root: string, asked: readonly (readonly string[])[]): Promise<void> {
  const agent = new Agent({ name: 'parity', version: '1' });
  await agent.connect(new StdioClientTransport({ command: process.execPath, args: [CLI, 'mcp', '--root', root], stderr: 'inherit' }));
  try {
    for (const paths of asked) {
      const { content } = await agent.callTool({ name: 'review_files', arguments: { paths } }, undefined, { timeout: 600_000 });
      same((content as { text: string }[])[0]?.text ?? '', attest(root, '--format', 'json', ...paths), paths.join(' '));
    }
  } finally {
    await agent.close();
  }
}

const SAMPLE = join(ROOT, 'test/sample');

test('command line and language server say the same of the sample', () => compare(SAMPLE, 'tests', ['sarif', 'html', 'markdown']));

test('command line and web worker say the same of the sample', () => compareWorker(SAMPLE, 'tests'));

test('command line and agents are told the same of the sample', () =>
  compareAgents(SAMPLE, [['tests'], pythonFiles(join(SAMPLE, 'tests/unit'), SAMPLE).files.map((it) => relative(SAMPLE, it))]));

const name = process.env['ATTEST_SUITE'];
test('every door says the same of a real suite', { skip: name === undefined && 'only with ATTEST_SUITE=nova' }, async (context) => {
  const suite = corpus(name as 'nova');
  if ('skipped' in suite) return context.skip(suite.skipped);
  const tests = relative(suite.root, suite.tests);
  await compare(suite.root, tests, []);
  await compareWorker(suite.root, tests);
  const files = pythonFiles(suite.tests, suite.root).files.map((it) => relative(suite.root, it));
  await compareAgents(
    suite.root,
    Array.from({ length: Math.ceil(files.length / AGENTS_FILES) }, (_, index) => files.slice(index * AGENTS_FILES, (index + 1) * AGENTS_FILES)),
  );
});
