// Restricted Mode: nobody has said yet that the workspace can be trusted. Attest runs nothing of it, so it works as ever.
import assert from 'node:assert/strict';

const MISSPELT = 'from unittest import mock\n\n\ndef test_page():\n    send = mock.Mock()\n    send("a page")\n    send.called_once_with("a page")\n';

export const tests = [];
const test = (name, body) => tests.push([name, body]);

test('the workspace is not trusted', async ({ window }) => {
  await window.page.locator('.statusbar-item').filter({ hasText: 'Restricted Mode' }).first().waitFor();
});

test('a defect is underlined, explained and mended', async ({ window, file }) => {
  await window.openFile(file('test_restricted.py', MISSPELT));
  await window.verdict('Attest: defects 1');
  assert.match(await window.hoverOver(window.squiggles.first()), /passes whatever/);
  await window.fixSquiggle(/Change to .?assert_called_once_with/);
  await window.verdict('Attest: clear');
});

test('the workspace is reviewed', async ({ window, file }) => {
  await window.openFile(file('test_restricted_all.py', MISSPELT));
  await window.command('Attest: Run Security Review of the Workspace');
  await window.webview.getByText(/^Defects in \d+ files/).waitFor();
});

test('its configuration can make less of a finding, and is told of', async ({ window, file, write }) => {
  await window.openFile(file('test_restricted_configured.py', MISSPELT));
  await window.verdict('Attest: defects 1');
  write('attest.toml', '[rules]\nmocking = "note"\n');
  await window.verdict('Attest: clear');
  await window.webview.getByRole('button', { name: 'This file' }).click();
  await window.webview.getByText('Configuration lowers').waitFor();
});
