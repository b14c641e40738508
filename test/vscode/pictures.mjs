// `npm run pictures`: draws the README's pictures in a real VS Code, on a copy of the sample, with the packaged extension.
import { mkdirSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { animated } from './animation.mjs';
import { packed } from './install.mjs';
import { firstTest, LITERAL_TYPING, makeProfile, startCodeServer, THEMES } from './workbench.mjs';

const root = dirname(dirname(dirname(fileURLToPath(import.meta.url))));
const folder = join(root, 'docs', 'pictures');
const MOST_KB = 400;
const MOST_ANIMATED_KB = 1200;

// As a person has it, less what distracts from what is shown.
const CALM = {
  'editor.minimap.enabled': false,
  'editor.fontSize': 13,
  'breadcrumbs.enabled': false,
  'window.commandCenter': false,
  'workbench.layoutControl.enabled': false,
};

const SIZES = { 'hover-light': { width: 1000, height: 600 }, typing: { width: 1000, height: 640 } };

const pictures = {
  async 'overview-dark'(window) {
    await overview(window, THEMES.dark);
  },

  async 'overview-high-contrast'(window) {
    await overview(window, THEMES['high-contrast']);
  },

  async 'overview-high-contrast-light'(window) {
    await overview(window, THEMES['high-contrast-light']);
  },

  async 'hover-light'(window) {
    await window.wear(THEMES.light);
    await goTo(window, 'test_notices.py', 80);
    const line = window.editor.locator('.view-line').filter({ hasText: 'addCleanup(self.clock.stop)' });
    await window.hoverOver(line.getByText('stop'));
    return { keepPointer: true };
  },

  async 'workspace-light'(window) {
    await window.wear(THEMES.light);
    await goTo(window, 'test_notices.py', 86);
    await window.command('Attest: Run Security Review of the Workspace');
    const { webview } = window;
    await webview.getByRole('button', { name: 'Review workspace again' }).waitFor();
    await window.panelHeight(0.62);
    await webview.locator('.conclusion', { hasText: /^Defects in \d+ files/ }).waitFor();
  },
};

/** A defect is typed, seen at once, mended by the light bulb, and the verdict follows. */
async function typing(window) {
  await window.wear(THEMES.dark);
  const path = join(window.folder, 'tests', 'unit', 'test_receipts.py');
  writeFileSync(path, RECEIPTS);
  await window.openFile(path);
  await window.command('Attest: Focus on Summary View');
  await window.webview.getByRole('heading', { level: 1, name: 'Clear' }).waitFor();
  await window.panelHeight(0.52);
  await window.editor.click();
  await window.press('ControlOrMeta+End');
  const frames = [];
  const show = async (milliseconds) => frames.push({ png: await window.page.screenshot({ caret: 'initial' }), milliseconds });
  await show(1200);
  const line = '    send.called_once_with("a receipt")';
  for (let i = 0; i < line.length; i += 5) {
    await window.type(line.slice(i, i + 5));
    await sleep(150);
    await show(140);
  }
  await window.squiggles.first().waitFor();
  await window.webview.getByRole('heading', { level: 1, name: 'Defects' }).waitFor();
  await show(2000);
  await window.squiggles.first().click({ force: true });
  const menu = window.page.locator('.action-widget .monaco-list-row').filter({ hasText: 'assert_called_once_with' }).first();
  await window.lightBulb.first().waitFor();
  await window.press('ControlOrMeta+Period');
  await menu.waitFor();
  await show(1800);
  await menu.click();
  await window.squiggles.first().waitFor({ state: 'detached' });
  await window.webview.getByRole('heading', { level: 1, name: 'Clear' }).waitFor();
  await show(2600);
  return animated(frames);
}

const RECEIPTS = `from unittest import mock

from harbour import receipts


def test_receipt_is_sent_once():
    send = mock.create_autospec(receipts.send)
    send("a receipt")
`;

async function overview(window, theme) {
  await window.wear(theme);
  await goTo(window, 'test_notices.py', 86);
  await window.command('Attest: Run Security Review');
  await window.panelHeight(0.5);
  await window.webview.getByRole('heading', { level: 1, name: 'Defects' }).waitFor();
}

/** Shows a file of the sample around a line. */
async function goTo(window, name, line) {
  await window.openFile(join(window.folder, 'tests', 'unit', name));
  await window.verdict();
  await window.goToLine(line);
  await window.squiggles.first().waitFor();
}

const vsix = await packed(root);
mkdirSync(folder, { recursive: true });
const asked = process.argv.slice(2);
for (const [name, draw] of Object.entries({ ...pictures, typing })) {
  if (asked.length > 0 && !asked.includes(name)) continue;
  const profile = makeProfile(join(root, 'test', 'sample'), name === 'typing' ? { ...CALM, ...LITERAL_TYPING } : CALM);
  try {
    const vscode = await startCodeServer(profile, { vsix });
    try {
      const window = await vscode.window({ file: firstTest(profile.folder) }, SIZES[name] ?? { width: 1280, height: 800 }, name === 'typing' ? 1 : 1.5);
      window.folder = profile.folder;
      await window.verdict();
      await window.command('View: Close Primary Side Bar');
      const path = join(folder, `${name}.png`);
      const drawn =
        (await draw(window).catch(async (error) => {
          await window.screenshot(join(root, 'dist', 'test', 'vscode', `${name}-failed.png`));
          throw error;
        })) ?? {};
      if (drawn instanceof Uint8Array) writeFileSync(path, drawn);
      else await window.screenshot(path, drawn.keepPointer);
      const size = Math.round(statSync(path).size / 1024);
      console.log(`${path} (${size} kB)`);
      const most = name === 'typing' ? MOST_ANIMATED_KB : MOST_KB;
      if (size > most) throw new Error(`it is larger than ${most} kB`);
    } finally {
      await vscode.close();
    }
  } finally {
    profile.remove();
  }
}
