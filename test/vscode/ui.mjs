// UI tests: what a person sees and does in the window, in this order.
import assert from 'node:assert/strict';
import { mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { THEMES } from './workbench.mjs';

const REQUEST = 'requests.get("https://intranet.corp.net", verify=False)';
const PLAIN = 'import requests\n\n\ndef test_page():\n    page = "a page"\n    assert page\n';

// A defect with a safe fix on line 7, evidence on line 8.
const TYPO = 'mocking/misspelt-assertion';
const MISSPELT = 'send.called_once_with("a page")';
const VERIFIED =
  'from unittest import mock\nfrom pages import publish\n\ndef test_page():\n    send = mock.Mock()\n    publish("a page", send)\n    send.assert_called_once_with("a page")\n';
const NEVER_STOPPED = `import unittest
from unittest import mock


class TestPage(unittest.TestCase):
    def setUp(self):
        clock = mock.patch("bank.time")
        self.clock = clock.start()
        self.addCleanup(self.clock.stop)

    def test_page(self):
        self.clock.assert_not_called()
`;
const DEFECTIVE = VERIFIED.replace('    send.assert', `    ${MISSPELT}\n    send.assert`);

export const tests = [];
const test = (name, body) => tests.push([name, body]);

test('the sample opens with its verdict in the status bar', async ({ window }) => {
  assert.equal(await window.verdict(), 'Attest: clear');
});

test('a defect is underlined as it is typed, and no longer when it is undone', async ({ window, file }) => {
  await window.openFile(file('test_ui_type.py', PLAIN));
  await window.verdict('Attest: clear');
  assert.equal(await window.squiggles.count(), 0);
  await window.press('ControlOrMeta+End');
  await window.type(`    ${REQUEST}`);
  await window.squiggles.first().waitFor();
  await window.verdict('Attest: defects 2'); // a public host, and any certificate
  while (await window.editor.getByText('intranet').count()) await window.press('ControlOrMeta+Z');
  await window.squiggles.first().waitFor({ state: 'detached' });
  await window.verdict('Attest: clear');
});

test('the hover says why it matters, what to do instead, the rule and its weakness', async ({ window, file }) => {
  await window.openFile(file('test_ui_hover.py', DEFECTIVE));
  const text = await window.hoverOver(window.squiggles.first());
  for (const expected of [TYPO, 'is no assertion of a mock', 'passes whatever', 'Instead:', 'Rule page', 'CWE-561']) {
    assert.ok(text.includes(expected), `${expected} is not in: ${text}`);
  }
});

test('the hover over evidence says what it proves', async ({ window, file }) => {
  await window.openFile(file('test_ui_evidence.py', VERIFIED));
  await window.verdict('Attest: clear');
  const text = await window.hoverOver(window.editor.getByText('assert_called_once_with').last());
  assert.match(text, /verifies how the stub was used/);
  assert.match(text, /mocking\/interaction-verified/);
});

test('the light bulb offers a fix, and the fix works', async ({ window, file }) => {
  await window.openFile(file('test_ui_fix.py', DEFECTIVE));
  await window.verdict('Attest: defects 1');
  await window.fixSquiggle(/Change to .?assert_called_once_with/);
  await window.squiggles.first().waitFor({ state: 'detached' });
  await window.verdict('Attest: clear');
  assert.doesNotMatch(await window.text(), /send\.called_once_with/);
});

test('the light bulb silences a finding with a reason that is typed', async ({ window, file }) => {
  await window.openFile(file('test_ui_suppress.py', DEFECTIVE));
  await window.verdict('Attest: defects 1');
  await window.fixSquiggle(/^Suppress/);
  await window.editor.getByText(/attest:\signore/).waitFor();
  await window.type('the typo is what is tested'); // over the reason that is proposed
  await window.squiggles.first().waitFor({ state: 'detached' });
  await window.verdict('Attest: clear');
  await window.shows(`# attest: ignore[${TYPO}] the typo is what is tested`);
});

test('the light bulb silences a rule in a whole test, with one reason for all its lines', async ({ window, file }) => {
  await window.openFile(file('test_ui_suppress_test.py', DEFECTIVE.replace(MISSPELT, `${MISSPELT}\n    ${MISSPELT}`)));
  await window.verdict('Attest: defects 2');
  await window.fixSquiggle(/^Suppress .* on 2 lines of test_page/);
  await window.editor
    .getByText(/attest:\signore/)
    .first()
    .waitFor();
  await window.type('the typo is what is tested');
  await window.verdict('Attest: clear');
  const said = `${MISSPELT}  # attest: ignore[${TYPO}] the typo is what is tested`;
  await window.shows(`    ${said}\n    ${said}`);
});

test('the Problems panel names source and rule', async ({ window, file }) => {
  await window.openFile(file('test_ui_problems.py', DEFECTIVE));
  await window.command('Problems: Focus on Problems View');
  await window.problem('attest', TYPO).first().waitFor();
});

test('Run Security Review shows the verdict in the panel, and its evidence leads to the code', async ({ window, file }) => {
  await window.openFile(file('test_ui_review.py', DEFECTIVE));
  await window.command('Attest: Run Security Review');
  const { webview } = window;
  await webview.getByRole('heading', { level: 1, name: 'Defects' }).waitFor();
  await webview.getByText('tests/unit/test_ui_review.py').waitFor();
  assert.equal(await webview.getByRole('heading', { level: 2 }).count(), 7);

  const mocking = webview.getByRole('region', { name: /Mocking/ });
  await mocking.getByRole('button', { name: /is no assertion of a mock/ }).click();
  await window.cursorAt(7);
  await mocking.getByText(/^\d+ evidence$/).click();
  await mocking.getByRole('button', { name: /verifies how the stub was used/ }).click();
  await window.cursorAt(8);
});

test('panel and tree can be used by keyboard alone', async ({ window, file }) => {
  await window.openFile(file('test_ui_keyboard.py', DEFECTIVE));
  await window.verdict('Attest: defects 1');
  await window.command('Attest: Focus on Summary View');
  const { webview } = window;
  await webview.getByRole('heading', { level: 1, name: 'Defects' }).waitFor();
  const focused = webview.locator(':focus');
  const finding = focused.and(webview.getByRole('button', { name: /is no assertion of a mock/ }));
  for (let keys = 0; keys < 30 && !(await finding.count()); keys++) await window.press('Tab');
  assert.notEqual(await focused.evaluate((it) => getComputedStyle(it).outlineStyle), 'none', 'the focus cannot be seen');
  await window.press('Enter');
  await window.cursorAt(7);

  await window.press('ControlOrMeta+End');
  await window.cursorAt(9);
  await window.command('Attest: Focus on Findings View');
  const chosen = window.tree('Findings').locator('.monaco-list-row.focused');
  for (let keys = 0; keys < 10 && !(await chosen.filter({ hasText: 'is no assertion' }).count()); keys++) await window.press('ArrowDown');
  await window.press('Enter');
  await window.cursorAt(7);
});

test('a count leaves only its kind to be seen, in the panel and in the tree, until it is pressed again', async ({ window, file }) => {
  await window.openFile(file('test_ui_filter.py', DEFECTIVE));
  await window.verdict('Attest: defects 1');
  await window.command('Attest: Focus on Summary View');
  const { webview } = window;
  const count = webview.getByRole('button', { name: /good practice/ });
  await count.click();
  await webview.locator('.count[aria-pressed=true]').waitFor();
  await window.page.getByText('only good practices').waitFor();
  await window.tree('Findings').locator('.monaco-list-row').filter({ hasText: 'verifies how the stub was used' }).waitFor();
  assert.equal(await webview.getByRole('button', { name: /is no assertion of a mock/ }).count(), 0);
  await count.click();
  await webview.getByRole('button', { name: /is no assertion of a mock/ }).waitFor();
});

test('a finding of the tree has a menu: it explains the rule, and prepares a masked report of a false alarm', async ({ window, file }) => {
  await window.openFile(file('test_ui_menu.py', DEFECTIVE));
  await window.verdict('Attest: defects 1');
  await window.command('Attest: Focus on Findings View');
  const row = window.tree('Findings').locator('.monaco-list-row').filter({ hasText: 'is no assertion of a mock' }).first();
  await row.click({ button: 'right' });
  for (const label of ['Explain Rule', 'Suppress…', 'Copy Finding', 'Report a False Alarm']) await window.menuItem(label).waitFor();
  await window.chooseFromMenu('Report a False Alarm');
  await window.shows('# A false alarm of Attest?');
  const text = await window.text();
  assert.match(text, /send\.called_once_with\("…"\)/);
  assert.doesNotMatch(text, /a page/);
});

test('the light bulb explains the rule on a page', async ({ window, file }) => {
  await window.openFile(file('test_ui_explain.py', DEFECTIVE));
  await window.verdict('Attest: defects 1');
  await window.fixSquiggle(/^Explain/);
  await window.page.getByRole('tab', { name: /misspelt-assertion/ }).waitFor();
  await window.command('View: Close All Editors');
});

test('the trail of a finding opens in a peek', async ({ window, file }) => {
  await window.openFile(file('test_ui_trail.py', NEVER_STOPPED));
  await window.verdict('Attest: defects 1');
  await window.fixSquiggle(/^Show the trail/);
  await window.page.locator('.peekview-widget').waitFor();
});

test('the tree groups by category and by severity', async ({ window, file }) => {
  await window.openFile(file('test_ui_group.py', DEFECTIVE));
  await window.verdict('Attest: defects 1');
  await window.command('Attest: Focus on Findings View');
  await window.command('Attest: Group by Severity');
  const rows = window.tree('Findings').locator('.monaco-list-row');
  await rows.filter({ hasText: /^Defects/ }).waitFor();
  await window.command('Attest: Group by Category');
  await rows.filter({ hasText: /^Mocking and stubbing/ }).waitFor();
  await window.command('Attest: Group by File');
  await rows.filter({ hasText: 'test_ui_group.py' }).waitFor();
});

test('the map of the workspace narrows the tree to a folder and a category', async ({ window, file, screenshots }) => {
  await window.openFile(file('test_ui_map.py', DEFECTIVE));
  await window.command('Attest: Run Security Review of the Workspace');
  const { webview } = window;
  await webview.getByRole('button', { name: 'Review workspace again' }).waitFor();
  assert.deepEqual(await window.accessibilityFaults(), []);
  await window.screenshot(join(screenshots, 'workspace.png'));
  await webview.getByRole('button', { name: /^Network security, tests\/unit: Defects/ }).click();
  await window.page.getByText('only Network security · tests/unit').waitFor();
  await window.command('Attest: Clear Filter');
  await webview.getByRole('button', { name: 'This file' }).click();
  await webview.getByText('tests/unit/test_ui_map.py').waitFor();
});

test('what the baseline knows is counted apart, in the panel and in the tree', async ({ window, file, remove }) => {
  await window.openFile(file('test_ui_baseline.py', DEFECTIVE));
  await window.verdict('Attest: defects 1');
  await window.command('Attest: Create Baseline of the Workspace');
  try {
    await window.verdict('Attest: clear');
    const { webview } = window;
    await webview.getByRole('button', { name: 'This file' }).click();
    const count = webview.getByRole('button', { name: '1 in the baseline' });
    await count.click();
    await window.command('Attest: Group by Severity');
    const rows = window.tree('Findings').locator('.monaco-list-row');
    await rows.filter({ hasText: /^In the baseline/ }).waitFor();
    await rows.filter({ hasText: 'is no assertion of a mock' }).waitFor();
    await count.click();
    await window.command('Attest: Group by File');
  } finally {
    remove('attest-baseline.json');
  }
  await window.verdict('Attest: defects 1');
});

test('a review of folders shows how far it is; stopped, it says that it is a part', async ({ window, folder, write, remove }) => {
  await window.command('Attest: Focus on Summary View');
  mkdirSync(join(folder, 'many'));
  const text = readFileSync(join(folder, 'tests', 'unit', 'test_notices.py'), 'utf8');
  for (let it = 0; it < 1500; it++) write(join('many', `test_${it}.py`), `${text}# ${it}\n`);
  try {
    await window.command('Attest: Run Security Review of the Workspace');
    const { webview } = window;
    await webview.locator('progress').waitFor();
    assert.deepEqual(await window.accessibilityFaults(), []);
    await webview.getByRole('button', { name: 'Stop', exact: true }).click();
    await webview.getByText('Partial: the review was stopped before its end').waitFor();
    await window.page.getByText('The review of workspace was stopped').waitFor();
  } finally {
    remove('many');
  }
});

test('what was said of the workspace may be out of date after a change, and says so', async ({ window, file }) => {
  await window.openFile(file('test_ui_stale.py', DEFECTIVE));
  await window.command('Attest: Run Security Review of the Workspace');
  const { webview } = window;
  await webview.getByRole('button', { name: 'Review workspace again' }).waitFor();
  // The review before was stopped: typed into while that is still shown, this one would not know of a change.
  await webview.getByText('Partial: the review was stopped before its end').waitFor({ state: 'hidden', timeout: 60_000 });
  await window.press('ControlOrMeta+End');
  await window.type('# more');
  await webview.getByText('Maybe out of date: 1 file changed since').waitFor();
  await webview.getByRole('button', { name: 'This file' }).click();
});

test('without a review the panel says what to do, and the status bar speaks of the workspace', async ({ window, folder }) => {
  await window.command('View: Close All Editors');
  await window.command('Attest: Run Security Review of the Workspace');
  await window.verdict(/Attest: defects \d+ · workspace/);
  await window.webview.getByRole('button', { name: 'This file', exact: true }).click();
  await window.openFile(join(folder, 'harbour', 'notices.py'));
  await window.command('Attest: Focus on Summary View');
  const { webview } = window;
  await webview.getByRole('heading', { level: 1, name: 'Nothing to review here' }).waitFor();
  await webview.getByRole('button', { name: 'Review this file' }).waitFor();
  assert.deepEqual(await window.accessibilityFaults(), []);
});

test('the summary can be moved to the side bar, keeps what it shows, and nothing is cut off', async ({ window, file, screenshots }) => {
  await window.openFile(file('test_ui_move.py', DEFECTIVE));
  await window.command('Attest: Focus on Summary View');
  const { webview } = window;
  await webview.getByRole('heading', { level: 1, name: 'Defects' }).waitFor();
  await window.moveView('Summary', 'New Secondary Side Bar Entry');
  await webview.getByRole('heading', { level: 1, name: 'Defects' }).waitFor();
  assert.ok((await webview.evaluate((it) => it.clientWidth)) < 400, 'it is not narrow');
  assert.deepEqual(await window.cutOff(), []);
  await window.screenshot(join(screenshots, 'side-bar.png'));
  await window.command('View: Reset View Locations');
  await webview.getByRole('heading', { level: 1, name: 'Defects' }).waitFor();
});

test('at twice the size nothing is cut off', async ({ window, file, screenshots }) => {
  await window.openFile(file('test_ui_zoom.py', DEFECTIVE));
  await window.command('Attest: Focus on Summary View');
  await window.webview.getByRole('heading', { level: 1, name: 'Defects' }).waitFor();
  const usual = window.page.viewportSize();
  // What a browser's zoom of 200 % leaves of the window.
  await window.page.setViewportSize({ width: usual.width / 2, height: usual.height / 2 });
  try {
    await window.webview.locator('.card').first().waitFor();
    assert.deepEqual(await window.cutOff(), []);
    await window.screenshot(join(screenshots, 'zoom.png'));
  } finally {
    await window.page.setViewportSize(usual);
  }
});

test('the walkthrough has four steps, each with something to do', async ({ window }) => {
  await window.palette();
  await window.pick('>Welcome: Open Walkthrough', 'Welcome: Open Walkthrough...');
  await window.pick('Attest', 'Get Started with Attest');
  const steps = window.page.locator('.getting-started-step');
  await steps.nth(3).waitFor();
  assert.equal(await steps.count(), 4);
  for (const [index, action] of ['Open a File', 'Show the Summary', 'Review the Workspace', 'Show the Findings'].entries()) {
    await steps.nth(index).click();
    await steps.nth(index).getByRole('button', { name: action }).waitFor();
  }
  await window.command('View: Close All Editors');
});

test('the panel fits into 200 pixels', async ({ window, file, screenshots }) => {
  await window.openFile(file('test_ui_narrow.py', DEFECTIVE));
  await window.command('Attest: Focus on Summary View');
  await window.webview.getByRole('heading', { level: 1, name: 'Defects' }).waitFor();
  const wide = await window.narrowPanel(200, join(screenshots, 'narrow.png'));
  assert.deepEqual(wide, [], 'these are cut off');
});

for (const theme of Object.keys(THEMES)) {
  test(`the window in ${theme} (a screenshot to look at) has no faults of accessibility`, async ({ window, file, screenshots }) => {
    await window.wear(THEMES[theme]);
    await window.openFile(file('test_ui_theme.py', DEFECTIVE));
    await window.squiggles.first().waitFor();
    await window.command('Attest: Focus on Summary View');
    await window.webview.getByRole('heading', { level: 1, name: 'Defects' }).waitFor();
    await window.screenshot(join(screenshots, `${theme}.png`));
    assert.deepEqual(await window.accessibilityFaults(), []);
  });
}

test('a server that ends again and again is told of once, and a press brings it back', async ({ window, file, endServer }) => {
  await window.openFile(file('test_ui_server.py', DEFECTIVE));
  await window.command('Attest: Focus on Summary View');
  for (let times = 0; times < 6; times++) {
    await window.verdict('Attest: defects 1');
    await endServer();
  }
  await window.verdict('Attest: stopped');
  await window.webview.getByRole('heading', { level: 1, name: 'Attest is stopped' }).waitFor();
  assert.equal(await window.squiggles.count(), 0);
  assert.deepEqual(await window.accessibilityFaults(), []);
  await window.command('Notifications: Show Notifications');
  const notifications = window.page.locator('.notification-list-item');
  await notifications.filter({ hasText: 'The server ended 6 times within three minutes and stays down' }).waitFor();
  assert.deepEqual(
    (await notifications.allInnerTexts()).filter((it) => !it.includes('The server ended 6 times')),
    [],
  );
  await notifications.getByRole('button', { name: 'Restart' }).click();
  await window.verdict('Attest: defects 1');
  await window.squiggles.first().waitFor();
});

test('after a reload of the window the panel is there again', async ({ window, file }) => {
  await window.openFile(file('test_ui_reload.py', DEFECTIVE));
  await window.command('Attest: Focus on Summary View');
  await window.webview.getByRole('heading', { level: 1, name: 'Defects' }).waitFor();
  await window.page.reload(); // it opens the first file again
  await window.verdict('Attest: clear');
  await window.webview.getByRole('heading', { level: 1, name: 'Clear' }).waitFor();
});
