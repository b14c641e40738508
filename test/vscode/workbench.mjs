// Opens a real VS Code on a folder and drives it: a server for the browser (code-server), or a window on the desktop.
// Every VS Code gets its own new profile, so nothing of the user's is seen or changed, and no two runs meet.
import { spawn } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { createServer as createHttpServer } from 'node:http';
import { createRequire } from 'node:module';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { basename, extname, join, normalize } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { chromium, codeServer, rootFlags, run } from './install.mjs';

/** Themes by what they are for: the name in VS Code's list, and the class the workbench then wears. */
export const THEMES = {
  light: { label: 'Light Modern', mark: 'vs' },
  dark: { label: 'Dark Modern', mark: 'vs-dark' },
  'high-contrast': { label: 'Dark High Contrast', mark: 'hc-black' },
  'high-contrast-light': { label: 'Light High Contrast', mark: 'hc-light' },
};

const SUITE_LIMIT = 5 * 60_000;

// However this process ends, what it started ends too, and its profiles are removed.
const started = new Set();
const profiles = new Set();
process.on('exit', () => {
  for (const leader of started) signalGroup(leader, 'SIGKILL');
  for (const folder of profiles) removeFolder(folder);
});
for (const [signal, code] of [
  ['SIGINT', 130],
  ['SIGTERM', 143],
])
  process.once(signal, () => process.exit(code));

const removeFolder = (folder) => rmSync(folder, { recursive: true, force: true, maxRetries: 5 });

// A profile that asks nothing, fetches nothing and saves nothing by itself: only what a test does may change the window.
const QUIET = {
  'workbench.startupEditor': 'none',
  'workbench.welcomePage.experimentalOnboarding': false,
  'workbench.tips.enabled': false,
  'workbench.reduceMotion': 'on',
  'workbench.secondarySideBar.defaultVisibility': 'hidden',
  'window.restoreWindows': 'none',
  'files.autoSave': 'off',
  'files.hotExit': 'off',
  'telemetry.telemetryLevel': 'off',
  'update.mode': 'none',
  'extensions.autoUpdate': false,
  'extensions.autoCheckUpdates': false,
  'extensions.ignoreRecommendations': true,
  'chat.disableAIFeatures': true,
  'git.openRepositoryInParentFolders': 'never',
  'security.workspace.trust.enabled': false,
};

// What is typed must be what arrives: no closing brackets, no indentation, no completion accepted by Enter.
export const LITERAL_TYPING = {
  'editor.autoClosingBrackets': 'never',
  'editor.autoClosingQuotes': 'never',
  'editor.autoIndent': 'none',
  'editor.quickSuggestions': { other: 'off', comments: 'off', strings: 'off' },
  'editor.suggestOnTriggerCharacters': false,
  'editor.parameterHints.enabled': false,
};

// A workspace that nobody trusts yet: Restricted Mode, without a dialog that asks.
export const RESTRICTED = { 'security.workspace.trust.enabled': true, 'security.workspace.trust.startupPrompt': 'never' };

/** A copy of a folder that may be edited freely (of none: an empty one), in a profile folder that `remove` takes away. */
export function makeProfile(sample, settings = {}) {
  const home = mkdtempSync(join(tmpdir(), 'attest-'));
  const profile = { home, folder: join(home, 'workspace'), data: join(home, 'data'), extensions: join(home, 'extensions') };
  if (sample === undefined) mkdirSync(profile.folder);
  else cpSync(sample, profile.folder, { recursive: true });
  mkdirSync(join(profile.data, 'User'), { recursive: true });
  mkdirSync(profile.extensions);
  writeFileSync(join(profile.data, 'User', 'settings.json'), JSON.stringify({ ...QUIET, ...settings }, null, 2));
  profiles.add(home);
  const remove = () => {
    removeFolder(home);
    profiles.delete(home);
  };
  return { ...profile, remove };
}

/** What a window opens: the folder, or the file of a workspace of several. */
const opened = ({ folder, workspace }) => workspace ?? folder;

/** Makes the profile open its folder and another one beside it. */
export function withSecondFolder(profile, name) {
  mkdirSync(join(profile.home, name));
  const workspace = join(profile.home, 'both.code-workspace');
  writeFileSync(workspace, JSON.stringify({ folders: [{ path: basename(profile.folder) }, { path: name }] }));
  return { ...profile, workspace };
}

/** The Python test of a folder that is opened first. */
export function firstTest(folder) {
  const test = readdirSync(folder, { recursive: true })
    .filter((path) => /(^|[/\\])test_\w+\.py$/.test(path))
    .sort()[0];
  return test ? join(folder, test) : fail(`${folder} has no Python test`);
}

// ---------------------------------------------------------------- a VS Code
// Two kinds with one face: `window(what)` opens a window, `suite(what)` runs a test suite in an extension host, `close()` ends it all.
// `what` is { extension, file, suite }: an extension under development, a file to open, a suite's path.

/** VS Code for the browser. `vsix` is installed first; `env` reaches the extension host. `address(what)` is for a browser of one's own. */
export async function startCodeServer(profile, { vsix, env, isTrusted = true } = {}) {
  const [node, entry] = await codeServer();
  const config = join(profile.home, 'code-server.yaml');
  writeFileSync(config, '{}\n'); // keeps the user's own configuration out
  const common = [entry, '--config', config, '--user-data-dir', profile.data, '--extensions-dir', profile.extensions];
  // In a terminal of VS Code this variable is set, and code-server would open the folder in that VS Code.
  const environment = { ...process.env, ...env, VSCODE_IPC_HOOK_CLI: '' };
  if (vsix) await run(node, [...common, '--install-extension', vsix], { env: environment });

  const quiet = ['--disable-telemetry', '--disable-update-check', '--disable-getting-started-override', ...trusting(isTrusted)];
  // Port 0: the system chooses a free one, so runs side by side cannot clash.
  const place = ['--auth', 'none', '--bind-addr', '127.0.0.1:0', '--session-socket', join(profile.home, 's.sock')];
  // Without the smoke-test flag VS Code ignores an extension under development.
  const server = spawn(node, [...common, ...quiet, ...place, '--vscode-option', 'enable-smoke-test-driver', opened(profile)], {
    env: environment,
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: true,
  });
  started.add(server);
  const host = await listeningOn(server).catch(async (error) => {
    await endGroup(server);
    throw error;
  });
  const remote = (path) => `vscode-remote://${host}${path}`;
  const address = ({ extension, suite, file }) => {
    const payload = Object.entries({ extensionDevelopmentPath: extension, extensionTestsPath: suite, openFile: file }).filter(([, path]) => path);
    const query = new URLSearchParams({
      [profile.workspace === undefined ? 'folder' : 'workspace']: opened(profile),
      payload: JSON.stringify(payload.map(([key, path]) => [key, remote(path)])),
    });
    return `http://${host}/?${query}`;
  };

  let browser;
  let files;
  const page = async (viewport = { width: 1400, height: 900 }, deviceScaleFactor = 1) => {
    browser ??= await launchChromium();
    return browser.newPage({ viewport, deviceScaleFactor });
  };
  return {
    address,
    async window({ language, ...what }, viewport, scale) {
      const window = await page(viewport, scale);
      if (language) await window.addInitScript(speak, language);
      await window.goto(address(what));
      return new Workbench(window);
    },
    async suite({ kind, ...what }) {
      if (kind !== 'web') return runSuite(await page(), address(what));
      const { suite, extension } = what;
      files = await serveExtension(extension, suite);
      const window = await page();
      await developInBrowser(window, host, files.port);
      await runSuite(window, address({}));
    },
    async close() {
      await browser?.close();
      files?.server.close();
      await endGroup(server);
    },
  };
}

/** In a page before its scripts: the workbench believes that its own texts are in this language, and extensions follow it. */
function speak(language) {
  Object.defineProperty(globalThis, '_VSCODE_NLS_LANGUAGE', { get: () => language, set() {} });
}

const trusting = (isTrusted) => (isTrusted ? ['--disable-workspace-trust'] : []);

/** A page that a test has changed is no local one to Chromium, and would not reach the server on this machine. */
const LOCAL_DOCUMENT = '--disable-features=LocalNetworkAccessChecks,LocalNetworkAccessChecksWebSockets';

/** Serves an extension as a browser gets it: without `main`, so that no Node host takes it. The suite is its `/suite.js`. */
async function serveExtension(extension, suite) {
  const { main, ...manifest } = JSON.parse(readFileSync(join(extension, 'package.json'), 'utf8'));
  const server = createHttpServer((request, response) => {
    const path = normalize(decodeURIComponent(new URL(request.url, 'http://x').pathname));
    const send = (type, body) => response.writeHead(200, { 'Content-Type': type, 'Access-Control-Allow-Origin': '*' }).end(body);
    const file = path === '/suite.js' ? suite : join(extension, path);
    if (path === '/package.json') send('application/json', JSON.stringify(manifest));
    else if (existsSync(file) && statSync(file).isFile()) send(TYPES[extname(file)] ?? 'application/octet-stream', readFileSync(file));
    else response.writeHead(404).end();
  });
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  return { server, port: server.address().port };
}

const TYPES = { '.js': 'text/javascript', '.json': 'application/json', '.css': 'text/css', '.svg': 'image/svg+xml', '.wasm': 'application/wasm' };

/** Makes the window develop an extension in the browser's worker: code-server hands it on from its own origin. */
async function developInBrowser(page, host, port) {
  const place = (path) => ({ scheme: 'http', authority: host, path: `/proxy/${port}${path}` });
  await page.route(
    (url) => url.host === host && url.pathname === '/',
    async (route) => {
      const response = await route.fetch();
      const body = (await response.text()).replace(/(id="vscode-workbench-web-configuration" data-settings=")([^"]*)"/, (_, before, settings) => {
        const configuration = JSON.parse(settings.replaceAll('&quot;', '"').replaceAll('&amp;', '&'));
        configuration.developmentOptions = { ...configuration.developmentOptions, extensions: [place('/')], extensionTestsPath: place('/suite.js') };
        return `${before}${JSON.stringify(configuration).replaceAll('&', '&amp;').replaceAll('"', '&quot;')}"`;
      });
      await route.fulfill({ response, body });
    },
  );
}

async function launchChromium() {
  const executablePath = await chromium();
  const playwright = await import('playwright-core');
  return playwright.chromium.launch({ executablePath, args: [...rootFlags(), '--disable-gpu', '--disable-quic', LOCAL_DOCUMENT] });
}

function listeningOn(server) {
  return new Promise((resolve, reject) => {
    let log = '';
    const giveUp = (reason) => reject(new Error(`code-server ${reason}\n${log}`));
    const timer = setTimeout(giveUp, 60_000, 'did not start within a minute');
    const read = (data) => {
      log += data;
      const host = /listening on https?:\/\/([\w.:]+)/.exec(log)?.[1];
      if (!host) return;
      clearTimeout(timer);
      resolve(host);
    };
    server.stdout.on('data', read);
    server.stderr.on('data', read);
    server.once('error', reject);
    server.once('exit', (code) => giveUp(`ended with ${code}`));
  });
}

/** The workbench calls these two functions of the page, if it has them, for every line it logs and when the suite has ended. */
async function runSuite(page, address) {
  const log = [];
  let ended;
  const exit = new Promise((resolve) => (ended = resolve));
  await page.exposeFunction('codeAutomationLog', (level, args) => void log.push(`${level} ${args.join(' ')}`.slice(0, 300)));
  await page.exposeFunction('codeAutomationExit', (code) => void ended(code));
  await page.goto(address);
  const code = await Promise.race([exit, sleep(SUITE_LIMIT, 'no answer in time', { ref: false })]);
  if (code !== 0) throw new Error([`the suite ended with ${code}; the window's last words:`, ...log.slice(-20)].join('\n  '));
}

/** VS Code on the desktop. `cli` is the command line of its command-line tool, for `vsix`. */
export async function startDesktop(profile, { executable, cli = [executable] }, { vsix, env, isTrusted = true } = {}) {
  const folders = [`--user-data-dir=${profile.data}`, `--extensions-dir=${profile.extensions}`, ...rootFlags()];
  if (vsix) await run(cli[0], [...cli.slice(1), ...folders, '--install-extension', vsix]);
  const apps = [];
  let driver;
  const start = ({ extension, suite, file }, flags = []) => {
    const quiet = ['--skip-welcome', '--skip-release-notes', '--disable-updates', '--disable-telemetry', ...trusting(isTrusted)];
    const development = [extension && `--extensionDevelopmentPath=${extension}`, suite && `--extensionTestsPath=${suite}`];
    const args = ['--wait', '--new-window', ...quiet, ...folders, ...development, ...flags, opened(profile), file].filter(Boolean);
    const windows = process.platform === 'win32';
    const app = spawn(executable, args, { env: { ...process.env, ...env }, stdio: 'ignore', shell: windows, detached: !windows });
    apps.push(app);
    started.add(app);
    return new Promise((resolve, reject) => {
      app.once('error', reject);
      app.once('exit', resolve);
    });
  };
  return {
    /** Opens a window for a person; ends when the person closes it. */
    show: (what) => start(what),
    async window(what) {
      const port = await freePort();
      const end = start(what, [`--remote-debugging-port=${port}`]).then((code) => fail(`VS Code ended with ${code}`));
      const { chromium: playwright } = await import('playwright-core');
      const workbench = (browser) =>
        browser
          .contexts()
          .flatMap((it) => it.pages())
          .find((it) => /workbench[\w-]*\.html/.test(it.url()));
      const open = retry(60_000, async () => {
        driver ??= await playwright.connectOverCDP(`http://127.0.0.1:${port}`);
        return workbench(driver) ?? fail('VS Code opened no window');
      });
      end.catch(() => {}); // after the window is there, its end is no news
      return new Workbench(await Promise.race([open, end]));
    },
    async suite(what) {
      const code = await Promise.race([start(what), sleep(SUITE_LIMIT, 'no answer in time', { ref: false })]);
      if (code !== 0) fail(`the suite ended with ${code}`);
    },
    async close() {
      // The command-line tool starts VS Code as nobody's child; only VS Code itself can then end it.
      await driver
        ?.newBrowserCDPSession()
        .then((session) => session.send('Browser.close'))
        .catch(() => {});
      await Promise.all(apps.map(endGroup));
    },
  };
}

/** Ends a process that leads its own group, with all it started. */
async function endGroup(leader) {
  signalGroup(leader, 'SIGTERM');
  for (let waited = 0; signalGroup(leader, 0) && waited < 5000; waited += 50) await sleep(50);
  signalGroup(leader, 'SIGKILL');
  started.delete(leader);
}

/** Whether somebody of the group was there to get the signal. */
function signalGroup(leader, signal) {
  try {
    return process.platform === 'win32' ? leader.kill(signal) : process.kill(-leader.pid, signal);
  } catch {
    return false;
  }
}

const freePort = () =>
  new Promise((resolve) => {
    const probe = createServer().listen(0, '127.0.0.1', () => {
      const { port } = probe.address();
      probe.close(() => resolve(port));
    });
  });

const fail = (message) => {
  throw new Error(message);
};

/** Tries until it does not throw. */
async function retry(limit, attempt) {
  const end = Date.now() + limit;
  for (;;) {
    try {
      return await attempt();
    } catch (error) {
      if (Date.now() > end) throw error;
      await sleep(100);
    }
  }
}

// ---------------------------------------------------------------- a window

const AXE = () => readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

/** What a person does in a window of VS Code, and what they see there. */
export class Workbench {
  constructor(page) {
    this.page = page;
    page.setDefaultTimeout(20_000);
  }

  // --- doing

  /** Runs a command by its title, from the command palette. */
  async command(title) {
    // What else comes into the window at that moment may take the palette away again.
    await retry(20_000, async () => {
      await this.palette();
      await this.quickInput.fill(`>${title}`, { timeout: 2000 });
    });
    await this.row(title).click();
    await this.picked(title);
  }

  /** Opens the command palette; a key that comes while the window is busy with another editor can get lost. */
  async palette() {
    await retry(20_000, async () => {
      await this.page.keyboard.press('F1');
      await this.quickInput.waitFor({ timeout: 2000 });
    });
  }

  /** Types into the open quick pick and chooses the row with exactly this label; then the pick is gone. */
  async pick(text, label) {
    await this.choose(text, label);
    await this.picked(label);
  }

  async picked(label) {
    await this.page.locator('.quick-input-widget').filter({ hasText: label }).waitFor({ state: 'hidden' });
  }

  /** The same where another pick follows. */
  async choose(text, label) {
    await this.quickInput.fill(text);
    await this.row(label).click();
  }

  get quickInput() {
    return this.page.locator('.quick-input-widget input[type=text]');
  }

  /** The row of the open quick pick with exactly this label. */
  row(label) {
    return this.page
      .locator('.quick-input-list .monaco-list-row')
      .filter({ has: this.page.getByText(label, { exact: true }) })
      .first();
  }

  /** Opens a file by its path, and waits until its text can be edited. */
  async openFile(path) {
    await this.page.keyboard.press('ControlOrMeta+P');
    await this.pick(path, basename(path));
    await this.page
      .locator(`.monaco-editor[data-uri$="${basename(path)}"]`)
      .first()
      .waitFor();
    await this.editor.click();
  }

  /** Puts the cursor at the start of a line and shows the line in the middle. */
  async goToLine(line) {
    await this.press('Control+G');
    await this.quickInput.fill(`:${line}`);
    await this.press('Enter');
    await this.cursorAt(line);
  }

  /** Closes the editor and forgets what was typed into it. */
  async closeFile() {
    for (let layer = 0; layer < 3; layer++) await this.page.keyboard.press('Escape'); // hover, menu, palette
    await this.command('View: Revert and Close Editor');
  }

  /** Chooses a color theme, as a person does: its id in the settings differs between versions of VS Code, its name does not. */
  async wear({ label, mark }) {
    await this.command('Preferences: Color Theme');
    await this.pick(label, label);
    await this.page.locator(`.monaco-workbench.${mark}`).waitFor();
  }

  async type(text) {
    await this.page.keyboard.type(text);
  }

  async press(keys) {
    await this.page.keyboard.press(keys);
  }

  /** Points the mouse at something and gives what the hover says. */
  async hoverOver(target) {
    const hover = this.page.locator('.monaco-hover:visible .monaco-hover-content');
    await retry(20_000, async () => {
      await this.page.mouse.move(5, 5);
      await target.hover({ force: true, timeout: 2000 });
      await hover.filter({ hasNotText: 'Loading' }).first().waitFor({ timeout: 2000 });
    });
    return (await hover.allInnerTexts()).join('\n');
  }

  /** Puts the cursor on a squiggle, opens its light bulb and chooses an action. */
  async fixSquiggle(action) {
    await this.squiggles.first().waitFor();
    await this.squiggles.first().click({ force: true });
    await this.lightBulb.first().waitFor();
    const item = this.page.locator('.action-widget .monaco-list-row').filter({ hasText: action }).first();
    await retry(20_000, async () => {
      await this.page.keyboard.press('ControlOrMeta+Period');
      await item.waitFor({ timeout: 10_000 });
    });
    await item.click();
  }

  // --- seeing

  get editor() {
    return this.page.locator('.editor-group-container.active .monaco-editor .view-lines').first();
  }

  /** What the editor shows, with plain spaces. */
  async text() {
    const lines = await this.editor.locator('.view-line').allTextContents();
    return lines.join('\n').replaceAll('\u00a0', ' ');
  }

  /** Waits until the editor shows this. */
  async shows(expected) {
    await retry(20_000, async () => {
      const text = await this.text();
      if (!text.includes(expected)) fail(`the editor does not show ${expected}, but:\n${text}`);
    });
  }

  /** Squiggles of errors, warnings and information. */
  get squiggles() {
    return this.page.locator('.squiggly-error, .squiggly-warning, .squiggly-info');
  }

  /** Waits until the cursor is on a line. */
  async cursorAt(line) {
    const place = this.page.locator('#status\\.editor\\.selection');
    await place
      .filter({ hasText: new RegExp(`Ln ${line},`) })
      .waitFor()
      .catch(async () => fail(`the cursor is not on line ${line}: ${await place.textContent()}`));
  }

  get lightBulb() {
    return this.page.locator(
      '.lightBulbWidget:visible, .codicon-gutter-lightbulb:visible, .codicon-gutter-lightbulb-auto-fix:visible, .codicon-gutter-lightbulb-aifix-auto-fix:visible',
    );
  }

  get statusBarItem() {
    return this.page.locator('.statusbar-item[id$="attest.verdict"]');
  }

  /** The verdict in the status bar, as soon as there is one (that matches). */
  async verdict(expected = 'Attest: ', limit = 60_000) {
    const item = this.statusBarItem.filter({ hasText: expected }).first();
    await item.waitFor({ timeout: limit }).catch(() => fail(`no ${expected} in the status bar within ${limit / 1000} s`));
    return (await item.textContent()).trim();
  }

  /** Lays the panel's page out in a width that VS Code allows in its side bars only; gives what is then cut off. */
  async narrowPanel(width, screenshot) {
    const html = await this.webview.evaluate((body) => {
      const styles = [...document.styleSheets].map((it) => [...it.cssRules].map((rule) => rule.cssText).join('\n')).join('\n');
      const { style, className } = document.documentElement;
      return `<html style="${style.cssText.replaceAll('"', "'")}" class="${className}"><style>${styles}</style><body class="${body.className}">${body.querySelector('main').outerHTML}</body></html>`;
    });
    const page = await this.page.context().browser().newPage();
    try {
      await page.setViewportSize({ width, height: 900 });
      await page.setContent(html);
      await page.screenshot({ path: screenshot, fullPage: true });
      return await page
        .locator('main *')
        .evaluateAll((all) => all.filter((it) => it.getBoundingClientRect().right > innerWidth).map((it) => it.className || it.tagName));
    } finally {
      await page.close();
    }
  }

  /** A row of the Problems panel that speaks of all these. */
  problem(...texts) {
    return texts.reduce((rows, text) => rows.filter({ hasText: text }), this.page.locator('.markers-panel .monaco-list-row'));
  }

  /** An entry of the menu that is open. */
  menuItem(label) {
    return this.page.getByRole('menuitem', { name: label, exact: true });
  }

  /** Menus pass over a press that comes right after they opened. */
  async chooseFromMenu(label) {
    const item = this.menuItem(label);
    await retry(20_000, async () => {
      if (await item.isVisible()) await item.click();
      await item.waitFor({ state: 'detached', timeout: 1_000 });
    });
  }

  /** A native tree in the panel, by the name of its view. */
  tree(name) {
    return this.page.getByRole('tree', { name });
  }

  /** What the one visible webview shows. */
  get webview() {
    return this.page.frameLocator('iframe.webview.ready').last().frameLocator('#active-frame').locator('body');
  }

  /** What axe finds wrong with the webview's page, for people who do not see it or use no mouse. */
  async accessibilityFaults() {
    // As an expression: the page's own policy forbids code from text, but not to the debugger.
    await this.webview.evaluate(`(() => { ${AXE()} })()`);
    const { violations } = await this.webview.evaluate(() => {
      // The page lets the panel behind it through, which axe takes for white paper.
      document.documentElement.style.background = 'var(--vscode-panel-background)';
      return globalThis.axe.run(document, { resultTypes: ['violations'] });
    });
    return violations.map(
      ({ id, nodes }) => `${id}: ${nodes.map((it) => `${it.html.slice(0, 160)} (${it.failureSummary?.split('\n')[1]?.trim()})`).join('; ')}`,
    );
  }

  /** Moves a view to another place, by the names that VS Code gives both. */
  async moveView(view, place) {
    await this.palette();
    await this.choose('>View: Move View', 'View: Move View');
    await this.choose(view, view);
    await this.pick(place, place);
  }

  /** What of the panel's page lies outside of its width. */
  cutOff() {
    return this.webview
      .locator('main *')
      .evaluateAll((all) => all.filter((it) => it.getBoundingClientRect().right > innerWidth + 1).map((it) => it.className || it.tagName));
  }

  /** Drags the border between editor and panel, so that the panel gets a part of the window's height. */
  async panelHeight(part) {
    const { height } = this.page.viewportSize();
    const shown = this.page.locator('.part.panel');
    await shown.waitFor(); // a panel that is just opening has no place yet
    const panel = await shown.boundingBox();
    const x = panel.x + panel.width / 2;
    await this.page.mouse.move(x, panel.y - 1);
    await this.page.mouse.down();
    await this.page.mouse.move(x, height * (1 - part), { steps: 4 });
    await this.page.mouse.up();
  }

  async screenshot(path, keepPointer = false) {
    if (!keepPointer) await this.page.mouse.move(5, 5); // no stray hover
    await this.page.screenshot({ path });
    return path;
  }
}
