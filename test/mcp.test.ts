/** The door for agents, met with the protocol's own client over standard input and output. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StdioClientTransport } from '@modelcontextprotocol/sdk/client/stdio.js';
import { ROOT } from './harness.ts';

const CLI = join(ROOT, 'dist/cli.js');
const SAMPLE = join(ROOT, 'test/sample');

interface Answer {
  readonly texts: readonly string[];
  readonly isError: boolean;
}

async function agent(
  root: string,
  body: (call: (name: string, input: Record<string, unknown>) => Promise<Answer>, client: Client) => Promise<void>,
): Promise<void> {
  const client = new Client({ name: 'test', version: '1' });
  await client.connect(new StdioClientTransport({ command: process.execPath, args: [CLI, 'mcp', '--root', root], stderr: 'inherit' }));
  try {
    await body(async (name, input) => {
      const { content, isError } = await client.callTool({ name, arguments: input });
      return { texts: (content as { text: string }[]).map((it) => it.text), isError: isError === true };
    }, client);
  } finally {
    await client.close();
  }
}

function attest(...words: readonly string[]): string {
  return spawnSync(process.execPath, [CLI, ...words], { cwd: SAMPLE, encoding: 'utf8' }).stdout;
}

test('an agent is told which tools there are, and that all of them only read', () =>
  agent(SAMPLE, async (_call, client) => {
    const { tools } = await client.listTools();
    assert.deepEqual(
      tools.map((it) => it.name),
      ['review_files', 'list_findings', 'explain_rule'],
    );
    for (const it of tools) assert.deepEqual([it.annotations?.readOnlyHint, it.annotations?.destructiveHint], [true, false]);
    assert.equal(client.getServerVersion()?.name, 'attest');
    assert.match(client.getInstructions() ?? '', /Python test code/);
  }));

test('a review is byte for byte what the command line writes', () =>
  agent(SAMPLE, async (call) => {
    assert.deepEqual(await call('review_files', { paths: ['tests'] }), { texts: [attest('review', '--format', 'json', 'tests')], isError: false });
    const one = 'tests/unit/test_client.py';
    assert.deepEqual((await call('review_files', { paths: [one], format: 'markdown' })).texts, [attest('review', '--format', 'markdown', one)]);
  }));

test('a project file further up does not let a review out of the folder that was named', async () => {
  const project = mkdtempSync(join(tmpdir(), 'attest-mcp-'));
  try {
    mkdirSync(join(project, 'service/tests'), { recursive: true });
    writeFileSync(join(project, 'pyproject.toml'), '');
    writeFileSync(join(project, 'service/tests/test_a.py'), 'def test_a():\n    assert 1 + 1 == 2\n');
    await agent(join(project, 'service'), async (call) => {
      const { texts } = await call('review_files', { paths: ['tests'] });
      assert.equal(JSON.parse(texts[0] ?? '').files[0].path, 'tests/test_a.py');
    });
  } finally {
    rmSync(project, { recursive: true, force: true });
  }
});

test('findings come worst first, of the kinds that are asked for, and counted when there are more', () =>
  agent(SAMPLE, async (call) => {
    const [text = ''] = (await call('list_findings', { paths: ['.'] })).texts;
    const lines = text.split('\n');
    assert.match(lines[0] ?? '', /^tests\/[\w/.]+:\d+:\d+: error: /);
    const { summary } = JSON.parse(attest('review', '--format', 'json'));
    assert.equal(lines.length - 1, summary.fail + summary.review);
    assert.match(lines.at(-1) ?? '', /^\d+ in all; \d+ files reviewed\.$/);
    assert.match((await call('list_findings', { paths: ['.'], limit: 1 })).texts[0] ?? '', /\n… and \d+ more\n/);
    assert.doesNotMatch((await call('list_findings', { paths: ['.'], kinds: ['open'] })).texts[0] ?? '', /: (?:error|warning|review): /);
    assert.match((await call('list_findings', { paths: ['tests/base.py'] })).texts[0] ?? '', /^No findings of the kinds fail, review; 1 file reviewed\.$/);
  }));

test('a rule is explained by any of its names; an unknown one is an error that suggests', () =>
  agent(SAMPLE, async (call) => {
    assert.deepEqual((await call('explain_rule', { rule: 'NET006' })).texts, [attest('explain', 'network/certificate-check-off')]);
    const { texts, isError } = await call('explain_rule', { rule: 'certificate-chek-off' });
    assert.deepEqual([isError, /did you mean network\/certificate-check-off/.test(texts[0] ?? '')], [true, true]);
    assert.equal((await call('explain_rule', { rule: '--help' })).isError, true, 'a name is never an option');
  }));

test('nothing outside of the root is read, whatever links say, and nothing is written', async () => {
  const top = mkdtempSync(join(tmpdir(), 'attest-mcp-'));
  try {
    mkdirSync(join(top, 'work/tests'), { recursive: true });
    writeFileSync(join(top, 'work/pyproject.toml'), '');
    writeFileSync(join(top, 'work/tests/test_a.py'), 'def test_a():\n    assert 1 + 1 == 2\n');
    writeFileSync(join(top, 'test_secret.py'), 'def test_secret():\n    pass\n');
    symlinkSync(join(top, 'test_secret.py'), join(top, 'work/tests/test_link.py'));
    const state = () => readdirSync(join(top, 'work'), { recursive: true }).map((it) => [it, statSync(join(top, 'work', String(it))).mtimeMs]);
    const before = state();
    await agent(join(top, 'work'), async (call) => {
      for (const path of ['../test_secret.py', join(top, 'test_secret.py'), '..', 'tests/test_link.py', '/etc']) {
        const { texts, isError } = await call('review_files', { paths: ['tests/test_a.py', path] });
        assert.ok(isError && (texts[0] ?? '').startsWith('not below the workspace'), `${path}: ${texts[0]}`);
      }
      const missing = await call('review_files', { paths: ['tests/test_a.py', 'tests/nix.py'] });
      assert.equal(JSON.parse(missing.texts[0] ?? '').summary.files, 1);
      assert.match(missing.texts[1] ?? '', /nix\.py: no such file or folder/);
      assert.equal(missing.isError, true, 'what there is, and that it is not all');
      const none = await call('list_findings', { paths: ['-x.py'] });
      assert.deepEqual([none.texts[0], none.isError], ['No findings of the kinds fail, review; 0 files reviewed.', true]);
      assert.equal((await call('review_files', { paths: [] })).isError, true);
      assert.equal((await call('list_findings', { paths: ['tests'], kinds: ['nonsense'] })).isError, true);
    });
    assert.deepEqual(state(), before);
  } finally {
    rmSync(top, { recursive: true, force: true });
  }
});
