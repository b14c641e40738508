/** Editors other than VS Code: Neovim itself, and the least that a client may be able to do. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { pathToFileURL } from 'node:url';
import type { CodeAction, Range, TextEdit } from 'vscode-languageserver/node';
import { ROOT } from './harness.ts';
import { processClient, SIMPLE } from './lsp.ts';

const OFF = 'network/certificate-check-off';
const LINE = '    page = requests.get("https://é🔒.example.com", verify=False)';
const PAGE = `import requests\n\n\ndef test_page():\n${LINE}\n    assert page.ok\n`;

async function project(body: (folder: string, file: string) => void | Promise<void>): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'attest-editors-'));
  try {
    mkdirSync(join(folder, 'tests'));
    writeFileSync(join(folder, 'pyproject.toml'), '');
    writeFileSync(join(folder, 'tests/test_page.py'), PAGE);
    await body(folder, join(folder, 'tests/test_page.py'));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

// ---------------------------------------------------------------------------------------------- Neovim

/** Why there is no Neovim here, after an attempt to get it. */
function noNeovim(): string | false {
  const runs = () => spawnSync('nvim', ['--version']).status === 0;
  if (runs()) return false;
  if (process.getuid?.() !== 0) return 'Neovim is not installed';
  const install = () => spawnSync('apt-get', ['install', '-y', '--no-install-recommends', '-o', 'DPkg::Lock::Timeout=300', 'neovim'], { stdio: 'ignore' });
  if (install().status !== 0) {
    spawnSync('apt-get', ['update'], { stdio: 'ignore' });
    install();
  }
  return runs() ? false : 'Neovim cannot be had here';
}

interface Seen {
  readonly error?: string;
  readonly version: string;
  readonly encoding: string;
  readonly opened: { readonly line: number; readonly source: string };
  readonly underlined: string;
  readonly moved: { readonly line: number };
  readonly hover: string;
  readonly actions: readonly string[];
  readonly suppressed: string;
}

const missing = noNeovim();

test('Neovim: diagnostics follow what is typed, hover explains, a code action suppresses', { skip: missing }, () =>
  project((folder, file) => {
    const seenFile = join(folder, 'seen.json');
    const words = ['--headless', '-u', 'NONE', '-i', 'NONE', '-n', '-c', `luafile ${join(ROOT, 'test/neovim.lua')}`];
    const { stderr } = spawnSync('nvim', [...words, process.execPath, join(ROOT, 'dist/server.js'), file], {
      cwd: folder,
      encoding: 'utf8',
      env: { ...process.env, ATTEST_SEEN: seenFile, HOME: folder, XDG_STATE_HOME: folder },
      timeout: 180_000,
    });
    const seen: Seen = JSON.parse(readFileSync(seenFile, 'utf8'));
    assert.equal(seen.error, undefined, `${seen.error}\n${stderr}`);
    assert.deepEqual([seen.opened.line, seen.opened.source, seen.underlined], [4, 'attest', 'verify=False']);
    assert.equal(seen.moved.line, 5);
    assert.match(seen.hover, /`network\/certificate-check-off`/);
    assert.ok(seen.actions.includes('Remove verify=False'), seen.actions.join(', '));
    assert.equal(seen.suppressed, `${LINE}  # attest: ignore[${OFF}] reason`);
  }),
);

// ------------------------------------------------------------- no pull, nothing to resolve, only UTF-8

/** The text after an action, as a client would that counts bytes. */
function appliedInBytes(text: string, action: CodeAction | undefined): string {
  const edits: readonly TextEdit[] = Object.values(action?.edit?.changes ?? {}).flat();
  assert.ok(edits.length > 0, 'the action carries its edit');
  const lines = text.split('\n').map((it) => Buffer.from(it));
  const offset = ({ line, character }: Range['start']) => lines.slice(0, line).reduce((sum, it) => sum + it.length + 1, 0) + character;
  let bytes = Buffer.from(text);
  for (const it of [...edits].sort((a, b) => offset(b.range.start) - offset(a.range.start)))
    bytes = Buffer.concat([bytes.subarray(0, offset(it.range.start)), Buffer.from(it.newText), bytes.subarray(offset(it.range.end))]);
  return bytes.toString();
}

test('a client that is sent everything and counts bytes: squiggle, hover and edits are where they belong', () =>
  project(async (folder, file) => {
    const client = await processClient({ folders: [pathToFileURL(folder).toString()], capabilities: SIMPLE, own: false });
    try {
      assert.equal(client.initialized.capabilities.positionEncoding, 'utf-8');
      assert.equal(client.initialized.capabilities.diagnosticProvider, undefined);
      const uri = pathToFileURL(file).toString();
      await client.open(uri, PAGE);
      const found = async (version: number) => {
        const { diagnostics } = await client.until(() => client.published.find((it) => it.uri === uri && it.version === version));
        return diagnostics.find((it) => it.code === OFF);
      };
      const { range } = (await found(1)) ?? assert.fail('nothing was found');
      assert.equal(Buffer.from(LINE).subarray(range.start.character, range.end.character).toString(), 'verify=False');
      assert.match(JSON.stringify(await client.hover(uri, 4, range.start.character)), /certificate-check-off/);
      assert.doesNotMatch(JSON.stringify(await client.hover(uri, 4, range.start.character - 4)), /certificate-check-off/);
      const actions = await client.actions(uri, range);
      assert.equal(
        appliedInBytes(
          PAGE,
          actions.find((it) => it.title === 'Remove verify=False'),
        ),
        PAGE.replace(', verify=False', ''),
      );
      const suppressed = appliedInBytes(
        PAGE,
        actions.find((it) => it.title === `Suppress ${OFF} on this line, with a reason`),
      );
      assert.equal(suppressed, PAGE.replace(LINE, `${LINE}  # attest: ignore[${OFF}] reason`));
      // An edit in bytes, behind the characters that take several.
      const end = Buffer.byteLength(LINE);
      await client.change(uri, 2, '  # attest: ignore[NET006] ours', { start: { line: 4, character: end }, end: { line: 4, character: end } });
      assert.equal(await found(2), undefined);
    } finally {
      await client.end();
    }
  }));

test('a file in a folder that is not there, in no project, is reviewed like any other', () =>
  project(async (folder) => {
    const client = await processClient({ capabilities: SIMPLE, own: false });
    try {
      rmSync(join(folder, 'pyproject.toml'));
      const uri = pathToFileURL(join(folder, 'new/tests/test_page.py')).toString();
      await client.open(uri, PAGE);
      const { diagnostics } = await client.until(() => client.published.find((it) => it.uri === uri));
      assert.ok(diagnostics.some((it) => it.code === OFF));
      const reviewed = await client.connection.sendRequest<unknown[]>('workspace/executeCommand', { command: 'attest.runReview' });
      assert.ok(reviewed.length === 1 && reviewed[0] !== null);
      assert.deepEqual(client.log, []);
    } finally {
      await client.end();
    }
  }));

test('an editor that tells nothing of the disk: a helper in a folder that is new is seen when a file is saved', () =>
  project(async (folder, file) => {
    const client = await processClient({ folders: [pathToFileURL(folder).toString()], capabilities: SIMPLE, own: false });
    try {
      const uri = pathToFileURL(file).toString();
      await client.open(
        uri,
        'import requests\nfrom shared.options import CHECK\n\n\ndef test_page():\n    requests.get("https://harbour-shipping.com", verify=CHECK)\n',
      );
      const newest = (finds: boolean) => () => {
        const last = client.published.filter((it) => it.uri === uri).at(-1);
        return last !== undefined && last.diagnostics.some((it) => it.code === OFF) === finds;
      };
      await client.until(newest(false));
      mkdirSync(join(folder, 'shared'));
      writeFileSync(join(folder, 'shared/options.py'), 'CHECK = False\n');
      await client.save(uri);
      await client.until(newest(true));
      writeFileSync(join(folder, 'shared/options.py'), 'CHECK = True\n');
      await client.save(uri);
      await client.until(newest(false));
    } finally {
      await client.end();
    }
  }));

test('who starts the server by hand is told its version, its usage, or how an editor does', () => {
  const server = (...words: readonly string[]) => {
    const { status, stdout, stderr } = spawnSync(process.execPath, [join(ROOT, 'dist/server.js'), ...words], { encoding: 'utf8' });
    return [status, stdout, stderr];
  };
  assert.deepEqual(server('--version'), [0, `${JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')).version}\n`, '']);
  assert.match(String(server('--help')[1]), /^Usage: attest-language-server --stdio\n/);
  assert.deepEqual(server(), [2, '', 'attest-language-server: an editor speaks with it: use `--stdio` (`--help` says more)\n']);
});
