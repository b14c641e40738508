/** The review of a workspace by threads, asked of the built server: the same as file by file, and it knows what is typed. */
import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, readdirSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { after, test } from 'node:test';
import { pathToFileURL } from 'node:url';
import { CancellationTokenSource, ProgressType } from 'vscode-languageserver/node';
import type { ReviewedFile, WorkspacePart, WorkspaceResult } from '../server/protocol.ts';
import { type Client, type ClientOptions, processClient } from './lsp.ts';

const folders: string[] = [];
after(() => {
  for (const it of folders) rmSync(it, { recursive: true, force: true });
});

function folder(files: Readonly<Record<string, string>> = {}): string {
  const root = realpathSync(mkdtempSync(join(tmpdir(), 'attest-background-')));
  folders.push(root);
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), text);
  }
  return root;
}

const BASE = 'import unittest\n\nCHECKED = False\n\n\nclass Base(unittest.TestCase):\n    pass\n';
const FILES: Readonly<Record<string, string>> = {
  'pyproject.toml': '',
  'tests/__init__.py': '',
  'tests/base.py': BASE,
  'app.py': 'x = 1\n',
  ...Object.fromEntries(
    Array.from({ length: 12 }, (_, index) => [
      `tests/test_${index}.py`,
      `import requests\n\nfrom tests.base import CHECKED, Base\n\n\nclass Test${index}(Base):\n    def test_it(self):\n        requests.get("https://host.corp.net/${index}", verify=CHECKED)\n`,
    ]),
  ),
};

async function conversation(root: string, work: (client: Client, uri: (path: string) => string) => Promise<void>, options: ClientOptions = {}): Promise<void> {
  const client = await processClient({ folders: [pathToFileURL(root).toString()], ...options });
  try {
    await work(client, (path) => pathToFileURL(join(root, path)).toString());
  } finally {
    await client.end();
  }
}

const workspace = (client: Client) => client.connection.sendRequest<WorkspaceResult>('attest/reviewWorkspace', {});
const byUri = (files: readonly ReviewedFile[]) => [...files].sort((a, b) => (a.uri < b.uri ? -1 : 1)).map(({ version: _, ...it }) => it);

test('a helper that comes in a folder which was not there reaches the open test', async () => {
  const test =
    'from unittest import mock\n\nfrom far.off import base\n\n\nclass TestA(base.Case):\n    def setUp(self):\n        super().setUp()\n        mock.patch("os.getcwd").start()\n\n    def test_a(self):\n        self.assertEqual(1, f())\n';
  const helper =
    'import unittest\nfrom unittest import mock\n\n\nclass Case(unittest.TestCase):\n    def setUp(self):\n        super().setUp()\n        self.addCleanup(mock.patch.stopall)\n';
  const root = folder({ 'setup.py': '', 'tests/test_a.py': test });
  await conversation(root, async (client, uri) => {
    await client.open(uri('tests/test_a.py'), test);
    const found = async () => (await client.items(uri('tests/test_a.py'))).map((it) => it.message).join();
    assert.match(await found(), /is never stopped here, unless `base.Case` does it/);
    mkdirSync(join(root, 'far/off'), { recursive: true });
    writeFileSync(join(root, 'far/off/base.py'), helper);
    await client.connection.sendNotification('workspace/didChangeWatchedFiles', { changes: [{ uri: uri('far/off/base.py'), type: 1 }] });
    await client.until(() => client.refreshes() > 0);
    assert.match(await found(), /is stopped only by the `stopall` of `base.Case`/);
  });
});

test('threads and the conversation itself give the same reviews, fresh and kept', async () => {
  const root = folder(FILES);
  const storage = folder();
  let first: WorkspaceResult | undefined;
  await conversation(
    root,
    async (client) => {
      first = await workspace(client);
      assert.deepEqual([first.complete, first.reviewed, first.skipped], [true, 14, 1]);
      const one: ReviewedFile[] = [];
      for (const { uri } of first.files) {
        const reviewed = await client.connection.sendRequest<ReviewedFile | null>('attest/review', { uri });
        if (reviewed !== null) one.push(reviewed);
      }
      assert.deepEqual(byUri(first.files), byUri(one));
      assert.ok(first.files.some((it) => it.snapshot.verdict !== 'clear'));
      assert.deepEqual(client.log, []);
    },
    { storage },
  );
  assert.equal(readdirSync(storage).length, 1);
  await conversation(root, async (client) => assert.deepEqual(byUri((await workspace(client)).files), byUri(first?.files ?? [])), { storage });
});

test('a test file that cannot be read is told of, and is not clear', async () => {
  const root = folder({ 'setup.py': '', 'tests/test_sum.py': 'def test_sum():\n    assert sum([1, 2]) == 3\n' });
  const bytes = Buffer.from('x = "\xff"\n', 'latin1');
  for (const it of ['tests/test_latin.py', 'app.py']) writeFileSync(join(root, it), bytes);
  await conversation(root, async (client) => {
    const { files, reviewed, skipped } = await workspace(client);
    assert.deepEqual([reviewed, skipped], [2, 2]);
    const found = files.find((it) => it.uri.endsWith('test_latin.py'))?.snapshot;
    assert.deepEqual([found?.verdict, found?.conclusion], ['not-reviewed', 'Not reviewed: it is not UTF-8.']);
  });
});

test('what is typed into a helper and not saved is what the review of the workspace sees', async () => {
  const root = folder(FILES);
  const findings = (result: WorkspaceResult) =>
    JSON.stringify(result.files.find((it) => it.uri.endsWith('/test_3.py'))?.snapshot.categories.find((it) => it.id === 'network'));
  await conversation(root, async (client, uri) => {
    const before = findings(await workspace(client));
    await client.open(uri('tests/base.py'), BASE);
    assert.equal(findings(await workspace(client)), before);
    await client.change(uri('tests/base.py'), 2, BASE.replace('False', 'True'));
    assert.notEqual(findings(await workspace(client)), before);
  });
});

test('stopped, it keeps what was found, and the next one is whole', async () => {
  const many = Object.fromEntries(
    Array.from({ length: 300 }, (_, index) => [`tests/more/test_more_${index}.py`, (FILES['tests/test_1.py'] ?? '').replaceAll('Test1', `More${index}`)]),
  );
  const root = folder({ ...FILES, ...many });
  await conversation(root, async (client) => {
    const source = new CancellationTokenSource();
    const parts: string[] = [];
    client.connection.onProgress(new ProgressType<WorkspacePart>(), 'parts', (files) => {
      parts.push(...files.map((it) => it.uri));
      source.cancel();
    });
    const stopped = await client.connection.sendRequest<WorkspaceResult>('attest/reviewWorkspace', { partialResultToken: 'parts' }, source.token);
    assert.equal(stopped.complete, false);
    assert.ok(stopped.reviewed > 0 && stopped.reviewed < 300, `${stopped.reviewed}`);
    assert.equal(new Set(parts).size, stopped.reviewed);
    const whole = await workspace(client);
    assert.deepEqual([whole.complete, whole.reviewed], [true, 314]);
  });
});
