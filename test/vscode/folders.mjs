// Two folders in one window: the sample, and one without any project file.
import assert from 'node:assert/strict';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';

const HELPER = 'from unittest import mock\n\n\ndef sender():\n    return mock.Mock()\n';
const MISSPELT = 'from lib.doubles import sender\n\n\ndef test_page():\n    send = sender()\n    send("a page")\n    send.called_once_with("a page")\n';

export const tests = [];
const test = (name, body) => tests.push([name, body]);

test('each file is shown with the name of its folder, and what is opened is its project', async ({ window, folder, write }) => {
  for (const it of ['lib', 'tests']) mkdirSync(join(folder, '..', 'plain', it));
  write('../plain/lib/doubles.py', HELPER);
  // That `send` is a mock stands in another folder of the same project.
  await window.openFile(write('../plain/tests/test_plain.py', MISSPELT));
  await window.verdict('Attest: defects 1');
  await window.command('Attest: Run Security Review of the Workspace');
  const { webview } = window;
  await webview.getByRole('button', { name: 'Review workspace again' }).waitFor();
  const rows = window.tree('Findings').locator('.monaco-list-row');
  await rows.filter({ hasText: 'test_plain.py' }).filter({ hasText: 'plain/tests' }).waitFor();
  await rows.filter({ hasText: 'test_live_server.py' }).filter({ hasText: 'workspace/tests/functional' }).waitFor();
  await webview.getByRole('button', { name: /^Mocking and stubbing, plain\/tests: Defects/ }).click();
  await rows.filter({ hasText: 'test_live_server.py' }).waitFor({ state: 'detached' });
  assert.equal(await rows.filter({ hasText: 'test_plain.py' }).count(), 1);
  assert.deepEqual(await window.accessibilityFaults(), []);
  await window.command('Attest: Clear Filter');
});

test('the configuration of a folder holds in it alone', async ({ window, write }) => {
  write('../plain/attest.toml', '[rules]\nmocking = "note"\n');
  await window.openFile(write('../plain/tests/test_configured.py', MISSPELT));
  await window.verdict('Attest: clear');
  await window.openFile(write('tests/unit/test_here.py', MISSPELT.replace('from lib.doubles import sender', 'from unittest.mock import Mock as sender')));
  await window.verdict('Attest: defects 1');
});
