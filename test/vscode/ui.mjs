// UI tests: what a person sees and does in the window, in this order. Each starts from its own file, so one failure stays one.
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { THEMES } from './workbench.mjs';

const RULE = 'network/certificate-check-off';
const DEFECT = 'requests.get("https://intranet.corp.net", verify=False)';
const CLEAN = 'import requests\n\n\ndef test_page():\n    page = "a page"\n    assert page\n';
const DEFECTIVE = CLEAN.replace('"a page"', DEFECT);

const tests = [];
const test = (name, body) => tests.push([name, body]);

test('the sample opens with its verdict in the status bar', async ({ window }) => {
  assert.match(await window.verdict(), /^Attest: (clear|review \d+|defects \d+)$/);
});

test('a defect is underlined as it is typed, and no longer when it is undone', async ({ window, file }) => {
  await window.openFile(file('test_ui_type.py', CLEAN));
  assert.equal(await window.squiggles.count(), 0);
  await window.press('ControlOrMeta+End');
  await window.type(`    ${DEFECT}`);
  await window.squiggles.first().waitFor();
  for (let line = 0; line < 3; line++) await window.press('ControlOrMeta+Z');
  await window.squiggles.first().waitFor({ state: 'detached' });
});

test('the status bar follows the text', async ({ window, file }) => {
  await window.openFile(file('test_ui_verdict.py', CLEAN));
  await window.press('ControlOrMeta+End');
  await window.type(`    ${DEFECT}`);
  await window.verdict(/Attest: defects 1/);
});

test('the hover names the rule and says how to fix it', async ({ window, file }) => {
  await window.openFile(file('test_ui_hover.py', DEFECTIVE));
  const text = await window.hoverSquiggle();
  assert.ok(text.includes(RULE), `the hover says: ${text}`);
});

test('the light bulb offers a fix, and the fix works', async ({ window, file }) => {
  await window.openFile(file('test_ui_fix.py', DEFECTIVE));
  await window.fixSquiggle(/verify|certificate/i);
  await window.squiggles.first().waitFor({ state: 'detached' });
  assert.doesNotMatch(await window.editor.textContent(), /verify=False/);
});

test('the Problems panel names source and rule', async ({ window, file }) => {
  await window.openFile(file('test_ui_problems.py', DEFECTIVE));
  await window.command('Problems: Focus on Problems View');
  await window.problem('attest', RULE).first().waitFor();
});

test('Run Security Review shows the verdict in the panel', async ({ window, file }) => {
  await window.openFile(file('test_ui_review.py', DEFECTIVE));
  await window.command('Attest: Run Security Review');
  await window.command('Attest: Focus on Summary View');
  await window.webview.filter({ hasText: /defects/i }).waitFor();
});

test('the findings tree lists the defect', async ({ window, file }) => {
  await window.openFile(file('test_ui_tree.py', DEFECTIVE));
  await window.command('Attest: Focus on Findings View');
  await window.tree('Findings').getByRole('treeitem').first().waitFor();
});

for (const theme of Object.keys(THEMES)) {
  test(`the window in ${theme} (a screenshot to look at)`, async ({ window, file, screenshots }) => {
    await window.wear(THEMES[theme]);
    await window.openFile(file('test_ui_theme.py', DEFECTIVE));
    await window.squiggles.first().waitFor();
    await window.command('Attest: Focus on Summary View');
    await window.webview.filter({ hasText: /defects/i }).waitFor();
    await window.screenshot(join(screenshots, `${theme}.png`));
  });
}

/** Runs the tests in a window; gives their results. */
export async function runUi(window, profile, screenshots) {
  const file = (name, text) => {
    const path = join(profile.folder, 'tests', 'unit', name);
    writeFileSync(path, text);
    return path;
  };
  const results = [];
  for (const [name, body] of tests) {
    const start = performance.now();
    const result = { name, status: 'passed' };
    try {
      await body({ window, file, screenshots });
    } catch (error) {
      const path = join(screenshots, `failed-${results.length + 1}.png`);
      await window.screenshot(path).catch(() => {});
      Object.assign(result, { status: 'failed', error: `${error.stack}\n  screenshot: ${path}` });
    }
    results.push({ ...result, milliseconds: Math.round(performance.now() - start) });
    await window.closeFile().catch(() => {});
  }
  return results;
}
