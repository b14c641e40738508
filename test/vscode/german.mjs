// A window in German: the extension's own texts are there, and no English is left where there is German.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

const DEFECTIVE = `from unittest import mock


def test_page():
    send = mock.Mock()
    send("a page")
    send.called_once_with("a page")
    send.assert_called_once_with("a page")
`;
const german = JSON.parse(readFileSync(new URL('../../l10n/bundle.l10n.de.json', import.meta.url), 'utf8'));
/** English texts whose German is another. Those that are little more than a placeholder would fit anything. */
const ENGLISH = Object.entries(german).flatMap(([text, translated]) =>
  text === translated || text.replace(/\{\d\}|\W/g, '').length < 4 ? [] : [patternOf(text)],
);
const GERMAN = Object.values(german).map(patternOf);

function patternOf(text) {
  return new RegExp(`^${text.replace(/[.*+?^$()[\]\\|]/g, '\\$&').replace(/\{\d\}/g, '.+')}$`);
}

const isLeft = (text) => ENGLISH.some((it) => it.test(text)) && !GERMAN.some((it) => it.test(text));

export const tests = [];
const test = (name, body) => tests.push([name, body]);

test('status bar, panel and tree are German', async ({ window, file, screenshots }) => {
  await window.openFile(file('test_deutsch.py', DEFECTIVE));
  await window.verdict('Attest: Mängel 1');
  await window.command('Attest: Sicherheitsprüfung des Arbeitsbereichs ausführen');
  const { webview } = window;
  await webview.getByRole('button', { name: 'Arbeitsbereich erneut prüfen' }).waitFor();
  await window.screenshot(join(screenshots, 'workspace.png'));
  const said = [...(await words(webview)), ...(await window.tree('Befunde').locator('.monaco-list-row').allInnerTexts()).flatMap((it) => it.split('\n'))];
  await webview.getByRole('button', { name: 'Diese Datei' }).click();
  await webview.getByRole('heading', { level: 1, name: 'Mängel' }).waitFor();
  await webview.getByText('1 Sicherheitsmangel gefunden.', { exact: true }).waitFor();
  await window.screenshot(join(screenshots, 'file.png'));
  said.push(...(await words(webview)));
  assert.ok(said.length > 80, `only ${said.length} texts were read`);
  assert.deepEqual([...new Set(said.filter(isLeft))], [], 'these are English');
  assert.equal(await webview.evaluate((it) => it.ownerDocument.documentElement.lang), 'de');
  assert.deepEqual(await window.accessibilityFaults(), []);
});

/** The texts of the panel, and what a screen reader or a pointer gets of it. */
function words(webview) {
  return webview.locator('*').evaluateAll((all) =>
    all.flatMap((it) => {
      const own = [...it.childNodes].filter((node) => node.nodeType === 3).map((node) => node.data);
      return [...own, it.title, it.getAttribute('aria-label')].flatMap((text) => (text?.trim() ? [text.trim()] : []));
    }),
  );
}
