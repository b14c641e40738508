// `npm run pictures`: takes the README's pictures from a real VS Code on the sample workspace, into docs/pictures/.
import { mkdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { firstTest, LITERAL_TYPING, makeProfile, startCodeServer, THEMES } from './workbench.mjs';

const root = dirname(dirname(dirname(fileURLToPath(import.meta.url))));
const folder = join(root, 'docs', 'pictures');
mkdirSync(folder, { recursive: true });

const profile = makeProfile(join(root, 'test', 'sample'), { ...LITERAL_TYPING, 'editor.minimap.enabled': false, 'explorer.decorations.badges': false });
try {
  const vscode = await startCodeServer(profile, {});
  try {
    const window = await vscode.window({ extension: root, file: firstTest(profile.folder) });
    await window.verdict();
    const shoot = (name) => window.page.screenshot({ path: join(folder, `${name}.png`) });
    const testFile = (name) => join(profile.folder, 'tests', 'unit', name);

    const overview = async (theme, name) => {
      await window.wear(THEMES[theme]);
      await window.openFile(testFile('test_client.py'));
      await window.verdict(/Attest: defects/);
      await window.press('ControlOrMeta+G');
      await window.type('50');
      await window.press('Enter');
      await window.command('Attest: Focus on Summary View');
      await window.webview.getByRole('heading', { level: 1, name: 'Defects' }).waitFor();
      await window.page.mouse.move(5, 5);
      await shoot(name);
    };
    await overview('dark', 'overview-dark');
    await overview('high-contrast', 'overview-high-contrast');

    await window.wear(THEMES.light);
    await window.command('Attest: Run Security Review of the Workspace');
    await window.webview
      .getByText(/14 files|files/)
      .first()
      .waitFor();
    await window.command('Attest: Focus on Summary View');
    await window.page.mouse.move(5, 5);
    await shoot('workspace-light');

    await window.command('View: Hide Panel');
    await window.openFile(testFile('test_client.py'));
    await window.hoverOver(window.squiggles.first());
    await shoot('hover-light');
  } finally {
    await vscode.close();
  }
} finally {
  profile.remove();
}
