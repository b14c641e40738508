// `npm run pictures`: draws the README's pictures in a real VS Code, on a copy of the sample, with the packaged extension.
import { mkdirSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { run } from './install.mjs';
import { firstTest, makeProfile, startCodeServer, THEMES } from './workbench.mjs';

const root = dirname(dirname(dirname(fileURLToPath(import.meta.url))));
const folder = join(root, 'docs', 'pictures');
const MOST_KB = 400;

// As a person has it, less what distracts from what is shown.
const CALM = {
  'editor.minimap.enabled': false,
  'editor.fontSize': 13,
  'breadcrumbs.enabled': false,
  'window.commandCenter': false,
  'workbench.layoutControl.enabled': false,
};

const SIZES = { 'hover-light': { width: 1000, height: 600 } };

const pictures = {
  async 'overview-dark'(window) {
    await overview(window, THEMES.dark);
  },

  async 'overview-high-contrast'(window) {
    await overview(window, THEMES['high-contrast']);
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
    await webview.getByRole('button', { name: 'Review workspace' }).waitFor();
    await window.panelHeight(0.62);
    await webview.locator('.conclusion', { hasText: /^\d+ files? (has|have) defects/ }).waitFor();
  },
};

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

await run('npm', ['run', 'package'], { cwd: root });
mkdirSync(folder, { recursive: true });
const asked = process.argv.slice(2);
for (const [name, draw] of Object.entries(pictures)) {
  if (asked.length > 0 && !asked.includes(name)) continue;
  const profile = makeProfile(join(root, 'test', 'sample'), CALM);
  try {
    const vscode = await startCodeServer(profile, { vsix: join(root, 'dist', 'attest-review.vsix') });
    try {
      const window = await vscode.window({ file: firstTest(profile.folder) }, SIZES[name] ?? { width: 1280, height: 800 }, 1.5);
      window.folder = profile.folder;
      await window.verdict();
      await window.command('View: Close Primary Side Bar');
      const path = join(folder, `${name}.png`);
      const { keepPointer } =
        (await draw(window).catch(async (error) => {
          await window.screenshot(join(root, 'dist', 'test', 'vscode', `${name}-failed.png`));
          throw error;
        })) ?? {};
      await window.screenshot(path, keepPointer);
      const size = Math.round(statSync(path).size / 1024);
      console.log(`${path} (${size} kB)`);
      if (size > MOST_KB) throw new Error(`it is larger than ${MOST_KB} kB`);
    } finally {
      await vscode.close();
    }
  } finally {
    profile.remove();
  }
}
