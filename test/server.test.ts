/** The language server: whole conversations, in memory with a fake engine, and with the built server as a process. */
import assert from 'node:assert/strict';
import type { ChildProcess } from 'node:child_process';
import { resolve } from 'node:path';
import { test } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import { pathToFileURL } from 'node:url';
import {
  CancellationTokenSource,
  type CodeAction,
  type Diagnostic,
  type DocumentDiagnosticReport,
  LSPErrorCodes,
  ProgressType,
  ResponseError,
} from 'vscode-languageserver/node';
import type { WorkspacePart, WorkspaceResult } from '../server/protocol.ts';
import { FAKE_RULES, fakeEngine, fakeHost } from './fake-engine.ts';
import { applied, type Client, type ClientOptions, FULL, memoryClient, processClient, SIMPLE } from './lsp.ts';

const ROOT = 'file:///w';
const A = `${ROOT}/test_a.py`;
const DEFECT = 'from requests import get\n\nrequests.get(url, verify=False)\n';
const OFF = 'network/certificate-check-off';

/** A conversation in memory, ended whatever happens. */
async function conversation(
  files: Record<string, string>,
  body: (client: Client) => Promise<void>,
  options: ClientOptions & { host?: Parameters<typeof fakeHost>[1] } = {},
): Promise<void> {
  const client = await memoryClient(fakeHost(files, options.host), FAKE_RULES, { folders: [ROOT], ...options });
  try {
    await body(client);
  } finally {
    await client.end();
  }
}

// ---------------------------------------------------------------------------------------- diagnostics

test('a client that pulls gets diagnostics, and "unchanged" while nothing changed', () =>
  conversation({}, async (client) => {
    assert.deepEqual(client.initialized.capabilities.diagnosticProvider, { identifier: 'attest', interFileDependencies: true, workspaceDiagnostics: false });
    await client.open(A, DEFECT);
    const first = await client.pull(A);
    assert.equal(first.kind, 'full');
    const [defect] = first.kind === 'full' ? first.items : [];
    assert.deepEqual(defect?.range, { start: { line: 2, character: 18 }, end: { line: 2, character: 30 } });
    assert.equal(defect?.severity, 1);
    assert.equal(defect?.code, OFF);
    assert.equal(defect?.source, 'attest');
    assert.match(String(defect?.codeDescription?.href), /^https:.*certificate-check-off$/);
    assert.deepEqual(
      defect?.relatedInformation?.map((it) => [it.location.uri, it.message]),
      [[A, 'imported here']],
    );
    assert.deepEqual(await client.pull(A, first.resultId), { kind: 'unchanged', resultId: first.resultId });

    await client.change(A, 2, '', { start: { line: 2, character: 16 }, end: { line: 2, character: 30 } });
    assert.deepEqual(await client.items(A), []);
    await client.close(A);
    assert.deepEqual(await client.items(A), []);
    assert.deepEqual(client.published, []);
  }));

test('a client that cannot pull is sent diagnostics with their version, and none at the end', () =>
  conversation(
    {},
    async (client) => {
      assert.equal(client.initialized.capabilities.diagnosticProvider, undefined);
      await client.open(A, DEFECT);
      const first = await client.until(() => client.published.at(-1));
      assert.equal(first.version, 1);
      assert.match(String(first.diagnostics[0]?.message), /Any certificate is accepted \(line 1: imported here\)/);
      for (let version = 2; version <= 30; version += 1) await client.change(A, version, DEFECT.repeat(version));
      const last = await client.until(() => client.published.find((it) => it.version === 30));
      assert.equal(last.diagnostics.length, 30);
      for (const it of client.published) assert.equal(it.diagnostics.length, it.version, 'diagnostics belong to the version they are sent for');
      await client.close(A);
      assert.deepEqual((await client.until(() => client.published.find((it) => it.version === undefined))).diagnostics, []);
    },
    { capabilities: SIMPLE, own: false },
  ));

test('kinds become severities; evidence has no squiggle; settings can say otherwise', async () => {
  const text = 'verify=False\nself.addCleanup(x)\nCHECK(1)\nimport nothing\n';
  const seen = async (settings: unknown) => {
    let result: unknown;
    await conversation(
      {},
      async (client) => {
        await client.open(A, text);
        result = Object.fromEntries((await client.items(A)).map((it) => [it.code, it.severity]));
      },
      { settings: () => settings },
    );
    return result;
  };
  assert.deepEqual(await seen({}), { [OFF]: 1, 'input/look-at-this': 3, 'input/helper-unknown': 4 });
  assert.deepEqual(await seen({ severityOverrides: { '*': 'hint', input: 'warning', NET006: 'off' } }), { 'input/look-at-this': 2, 'input/helper-unknown': 2 });
  assert.deepEqual(await seen({ enable: false }), {});
  assert.deepEqual(await seen({ files: { exclude: ['test_*.py'] } }), {});
});

test('positions are right after an emoji, for clients that count UTF-8 bytes too', () =>
  conversation(
    {},
    async (client) => {
      assert.equal(client.initialized.capabilities.positionEncoding, 'utf-8');
      await client.open(A, 'x = "🔒é"\r\ny = 1\r\n');
      // Ten bytes in: behind the closing quote of `x = "🔒é"`, which takes 4 + 1 + 4 + 2 + 1 bytes.
      await client.change(A, 2, ', verify=False', { start: { line: 0, character: 12 }, end: { line: 0, character: 12 } });
      const { diagnostics } = await client.until(() => client.published.find((it) => it.version === 2));
      assert.deepEqual(diagnostics[0]?.range, { start: { line: 0, character: 14 }, end: { line: 0, character: 26 } });
      await client.change(A, 3, '', { start: { line: 0, character: 12 }, end: { line: 0, character: 26 } });
      assert.deepEqual((await client.until(() => client.published.find((it) => it.version === 3))).diagnostics, []);
    },
    { capabilities: SIMPLE, own: false },
  ));

test('a pull that is cancelled is answered as cancelled', () =>
  conversation(
    {},
    async (client) => {
      await client.open(A, DEFECT);
      await client.items(A);
      await client.change(A, 2, `${DEFECT}\n`);
      const source = new CancellationTokenSource();
      const pull = client.connection.sendRequest('textDocument/diagnostic', { textDocument: { uri: A } }, source.token);
      source.cancel();
      await assert.rejects(pull, (error: unknown) => error instanceof ResponseError && error.code === LSPErrorCodes.RequestCancelled);
      assert.equal((await client.items(A)).length, 1);
    },
    { settings: () => ({ debounceMs: 200 }) },
  ));

test('who types without a pause, in a file that takes long, is answered all the same', () => {
  let spent = 0;
  const engine = fakeEngine();
  const slow: typeof engine = {
    ...engine,
    review(path, options) {
      spent += 100;
      return engine.review(path, options);
    },
  };
  return conversation(
    {},
    async (client) => {
      await client.open(A, DEFECT);
      for (const version of [2, 3]) {
        await client.items(A);
        await client.change(A, version, DEFECT.repeat(version));
      }
      const started = performance.now();
      let version = 4;
      let answer: DocumentDiagnosticReport | undefined;
      for (; answer === undefined && performance.now() - started < 5_000; version += 1) {
        await client.change(A, version, DEFECT.repeat(version));
        const source = new CancellationTokenSource();
        const pull = client.connection.sendRequest<DocumentDiagnosticReport>('textDocument/diagnostic', { textDocument: { uri: A } }, source.token);
        await pause(20);
        source.cancel();
        answer = await pull.catch(() => undefined);
      }
      assert.ok(version > 6, 'not every key is answered');
      assert.equal(answer?.kind === 'full' && answer.items.length, version - 1);
    },
    { host: { engine: () => slow, now: () => performance.now() + spent, wait: (milliseconds) => pause(milliseconds) } },
  );
});

test('a file that the engine breaks on is answered neutrally, and is fine once it changes', () =>
  conversation({}, async (client) => {
    await client.open(A, `${DEFECT}raise SystemError\n`);
    assert.deepEqual(await client.items(A), []);
    assert.equal(await client.hover(A, 2, 20), null);
    assert.deepEqual(await client.actions(A, { start: { line: 2, character: 0 }, end: { line: 2, character: 30 } }), []);
    assert.equal(client.log.filter((it) => it.includes('the engine is broken')).length, 1, 'said once, not at every request');
    const other = `${ROOT}/test_other.py`;
    await client.open(other, DEFECT);
    assert.equal((await client.items(other)).length, 1);
    await client.change(A, 2, DEFECT);
    assert.equal((await client.items(A)).length, 1);
  }));

test('an engine that cannot be made is a neutral answer and a line in the log', () =>
  conversation(
    {},
    async (client) => {
      await client.open(A, DEFECT);
      assert.deepEqual(await client.items(A), []);
      assert.match(client.log.join('\n'), /no parser/);
    },
    {
      host: {
        engine: () => {
          throw new Error('no parser');
        },
      },
    },
  ));

// --------------------------------------------------------------------------------------- other files

test('a helper is read before the first answer, and its changes reach the tests that use it', async () => {
  const files: Record<string, string> = { 'helper.py': 'x = 1\n' };
  await conversation(files, async (client) => {
    await client.open(A, 'import helper\nimport missing\n');
    assert.deepEqual(
      (await client.items(A)).map((it) => it.message),
      ['`missing.py` was not found'],
    );
    files['missing.py'] = 'y = 1\n';
    await client.connection.sendNotification('workspace/didChangeWatchedFiles', { changes: [{ uri: `${ROOT}/missing.py`, type: 1 }] });
    await client.until(() => client.refreshes() > 0);
    assert.deepEqual(await client.items(A), []);
  });
});

test('a data file that appears, and that a test reads, reaches it too', async () => {
  const files: Record<string, string> = {};
  await conversation(files, async (client) => {
    await client.open(A, "open('reply.json')\n");
    assert.equal((await client.items(A)).length, 1);
    files['reply.json'] = '{}';
    await client.connection.sendNotification('workspace/didChangeWatchedFiles', { changes: [{ uri: `${ROOT}/reply.json`, type: 1 }] });
    await client.until(() => client.refreshes() > 0);
    assert.deepEqual(await client.items(A), []);
  });
});

test('only test files are reviewed, and those that settings or a command name', () =>
  conversation(
    {},
    async (client) => {
      const app = `${ROOT}/app.py`;
      const check = `${ROOT}/checks/a.py`;
      await client.open(app, DEFECT);
      await client.open(check, DEFECT);
      assert.deepEqual([(await client.items(app)).length, (await client.items(check)).length], [0, 1]);
      await client.connection.sendRequest('attest/review', { uri: app });
      assert.equal((await client.items(app)).length, 1);
      await client.close(app);
      await client.open(app, DEFECT);
      assert.deepEqual(await client.items(app), []);
      await client.change(app, 2, `from pytest import raises\n${DEFECT}`);
      assert.equal((await client.items(app)).length, 1);
    },
    { settings: () => ({ 'files.include': ['checks/**'] }) },
  ));

// --------------------------------------------------------------------------------------------- hovers

test('hover explains a finding, says what evidence proves, and nothing elsewhere', () =>
  conversation({}, async (client) => {
    await client.open(A, `${DEFECT}self.addCleanup(nodes)\nx = 1  # attest: ignore[NET006, look-at-this] fine\n`);
    const value = async (line: number, character: number) => {
      const contents = (await client.hover(A, line, character))?.contents as { value: string } | undefined;
      return contents?.value;
    };
    assert.match(
      (await value(2, 20)) ?? '',
      /\*\*Certificate check is off\*\* · `network\/certificate-check-off` · Network security · defect, high confidence/,
    );
    assert.match((await value(2, 20)) ?? '', /\*\*Instead:\*\* Leave it on\./);
    assert.match((await value(2, 20)) ?? '', /command:attest\.explainRule\?%5B%22network%2Fcertificate-check-off%22%5D/);
    assert.match((await value(3, 8)) ?? '', /evidence\n\n`addCleanup` undoes `set_nodes` of the line before\./);
    assert.equal(await value(3, 2), undefined);
    assert.match((await value(4, 27)) ?? '', /Certificate check is off/);
    assert.match((await value(4, 36)) ?? '', /Look at this/);
    assert.equal(await value(4, 2), undefined);
  }));

test('a hover in plain text has no marks', () =>
  conversation(
    {},
    async (client) => {
      await client.open(A, DEFECT);
      const { kind, value } = ((await client.hover(A, 2, 20)) as { contents: { kind: string; value: string } }).contents;
      assert.equal(kind, 'plaintext');
      assert.doesNotMatch(value, /\*\*|\]\(|command:/);
    },
    { capabilities: SIMPLE, own: false },
  ));

// -------------------------------------------------------------------------------------------- actions

const LINE = { start: { line: 2, character: 18 }, end: { line: 2, character: 18 } };

test('a safe fix is preferred; applied, the finding is gone', () =>
  conversation({}, async (client) => {
    await client.open(A, DEFECT);
    const actions = await client.actions(A, LINE);
    assert.deepEqual(
      actions.map((it) => it.title),
      [
        'Check certificates',
        `Explain ${OFF}`,
        `Show the trail of ${OFF}`,
        `Suppress ${OFF} on this line, with a reason`,
        `Suppress ${OFF} in this file, with a reason`,
        'Attest: apply all safe fixes',
      ],
    );
    const [fix] = actions;
    assert.equal(fix?.isPreferred, true);
    assert.deepEqual(
      fix?.edit?.documentChanges?.map((it) => 'textDocument' in it && it.textDocument),
      [{ uri: A, version: 1 }],
    );
    const text = applied(DEFECT, fix);
    assert.equal(text, 'from requests import get\n\nrequests.get(url)\n');
    await client.change(A, 2, text);
    assert.deepEqual(await client.items(A), []);
    assert.deepEqual(await client.actions(A, LINE), []);
  }));

test('fix all takes all safe fixes, only when it is asked for', () =>
  conversation({}, async (client) => {
    const text = `${DEFECT}${DEFECT}`;
    await client.open(A, text);
    const [all, ...others] = await client.actions(A, LINE, ['source.fixAll']);
    assert.deepEqual([all?.kind, others], ['source.fixAll.attest', []]);
    assert.equal(applied(text, all).includes('verify'), false);
    assert.equal(
      (await client.actions(A, LINE, ['quickfix'])).some((it) => it.kind === 'source.fixAll.attest'),
      false,
    );
    assert.ok((await client.actions(A, LINE, ['quickfix'])).some((it) => it.title === `Fix all of ${OFF} in this file`));
    assert.deepEqual(await client.actions(A, LINE, ['refactor']), []);
  }));

const IGNORE = `# attest: ignore[${OFF}] reason`;
const SUPPRESSED: readonly (readonly [name: string, before: string, after: string | undefined])[] = [
  ['at the end of the line', 'get(u, verify=False)\n', `get(u, verify=False)  ${IGNORE}\n`],
  ['of the first line of a call', 'get(u, verify=False,\n    x=1)\n', `get(u, verify=False,  ${IGNORE}\n    x=1)\n`],
  ['behind a comment', 'get(u, verify=False)  # noqa: S501\n', `get(u, verify=False)  # noqa: S501  ${IGNORE}\n`],
  ['into an ignore comment', 'get(u, verify=False)  # attest: ignore[input] why\n', undefined],
  ['a number sign in a string is no comment', 'get("#", verify=False)\n', `get("#", verify=False)  ${IGNORE}\n`],
  ['above a string of several lines', '    get(verify=False, x="""\n    # text\n""")\n', `    ${IGNORE}\n    get(verify=False, x="""\n    # text\n""")\n`],
  ['above a line that a backslash continues', 'if verify=False and \\\n   x: pass\n', `${IGNORE}\nif verify=False and \\\n   x: pass\n`],
  ['nowhere inside a string', 'x = """\nverify=False\n"""\n', undefined],
  ['nowhere behind a backslash that goes on', 'x = 1 + \\\n verify=False + \\\n 2\n', undefined],
  ['with the line ending of the file', 'x = """ verify=False\r\n"""\r\n', `${IGNORE}\r\nx = """ verify=False\r\n"""\r\n`],
  ['without a line ending', 'get(u, verify=False)', `get(u, verify=False)  ${IGNORE}`],
];
for (const [name, before, after] of SUPPRESSED) {
  test(`an ignore comment goes ${name}`, () =>
    conversation({}, async (client) => {
      await client.open(A, before);
      const line = before.slice(0, before.indexOf('verify')).split('\n').length - 1;
      const at = { line, character: (before.split('\n')[line] ?? '').indexOf('verify') };
      const action = (await client.actions(A, { start: at, end: at })).find((it) => it.title.endsWith('on this line, with a reason'));
      if (after === undefined) {
        assert.equal(action, undefined);
        return;
      }
      const text = applied(before, action);
      assert.equal(text, after);
      await client.change(A, 2, text);
      assert.deepEqual(await client.items(A), [], 'the comment is honoured where it stands');
    }));
}

test('the reason is typed into a placeholder where the editor has them', () =>
  conversation(
    {},
    async (client) => {
      await client.open(A, DEFECT);
      const change = (await client.actions(A, LINE)).find((it) => it.title.startsWith('Suppress'))?.edit?.documentChanges?.[0];
      const [edit] = change !== undefined && 'edits' in change ? change.edits : [];
      assert.deepEqual(edit !== undefined && 'snippet' in edit && edit.snippet, { kind: 'snippet', value: `  # attest: ignore[${OFF}] \${1:reason}` });
    },
    { capabilities: { ...FULL, workspace: { ...FULL.workspace, workspaceEdit: { documentChanges: true, snippetEditSupport: true } } } },
  ));

test('an editor without pages is not offered an explanation, but has the command', () =>
  conversation(
    {},
    async (client) => {
      assert.deepEqual(client.initialized.capabilities.executeCommandProvider, { commands: ['attest.runReview', 'attest.explainRule'] });
      await client.open(A, DEFECT);
      assert.equal(
        (await client.actions(A, LINE)).some((it) => it.title.startsWith('Explain')),
        false,
      );
      const page = await client.connection.sendRequest<{ markdown: string }>('workspace/executeCommand', { command: 'attest.explainRule', arguments: [OFF] });
      assert.match(page.markdown, /certificate check is off/i);
      const files = await client.connection.sendRequest<{ snapshot: { verdict: string } }[]>('workspace/executeCommand', {
        command: 'attest.runReview',
        arguments: [A],
      });
      assert.deepEqual(
        files.map((it) => it.snapshot.verdict),
        ['defects'],
      );
    },
    { own: false },
  ));

test('a rule can be suppressed in the whole file, below what must come first', () =>
  conversation({}, async (client) => {
    const text = `#!/usr/bin/env python\n# coding: utf-8\n${DEFECT}`;
    await client.open(A, text);
    const at = { line: 4, character: 18 };
    const action = (await client.actions(A, { start: at, end: at }, ['quickfix.suppress'])).find((it) => it.title.includes('in this file'));
    const mended = applied(text, action);
    assert.match(mended, /^#!.*\n# coding: utf-8\n# attest: ignore-file\[network\/certificate-check-off\] reason\n/);
  }));

test('an editor that can ask later gets the edit of the action that it chooses', () =>
  conversation(
    {},
    async (client) => {
      await client.open(A, DEFECT);
      const [fix] = await client.actions(A, LINE);
      assert.ok(fix !== undefined && fix.edit === undefined);
      const chosen = await client.connection.sendRequest<CodeAction>('codeAction/resolve', fix);
      assert.equal(applied(DEFECT, chosen), 'from requests import get\n\nrequests.get(url)\n');
    },
    {
      capabilities: { ...FULL, textDocument: { ...FULL.textDocument, codeAction: { resolveSupport: { properties: ['edit'] } } } },
    },
  ));

// ------------------------------------------------------------------------------------- when it reviews

test('on save: what is typed changes nothing, what is saved is reviewed', () =>
  conversation(
    {},
    async (client) => {
      await client.open(A, DEFECT);
      const first = await client.pull(A);
      assert.equal(first.kind === 'full' && first.items.length, 1);
      await client.change(A, 2, '');
      assert.deepEqual(await client.pull(A, first.resultId), { kind: 'unchanged', resultId: first.resultId });
      assert.equal(await client.hover(A, 0, 0), null);
      await client.save(A);
      assert.deepEqual(await client.items(A), []);
    },
    { settings: () => ({ run: 'onSave' }) },
  ));

test('manual: nothing before the command, then its result', () =>
  conversation(
    {},
    async (client) => {
      await client.open(A, DEFECT);
      assert.deepEqual(await client.items(A), []);
      const file = await client.connection.sendRequest<{ snapshot: { verdict: string } }>('attest/review', { uri: A });
      assert.equal(file.snapshot.verdict, 'defects');
      await client.until(() => client.refreshes() > 0);
      assert.equal((await client.items(A)).length, 1);
    },
    { settings: () => ({ run: 'manual' }) },
  ));

test('settings that are not understood are reported, never thrown', () =>
  conversation(
    {},
    async (client) => {
      await client.open(A, DEFECT);
      assert.equal((await client.items(A)).length, 1);
      const { state, message } = await client.until(() => client.status.at(-1));
      assert.equal(state, 'problem');
      for (const it of [/attest\.run is ignored/, /no setting attest\.colour/, /"no-such-rule", which is no rule/]) assert.match(message, it);
    },
    { settings: () => ({ run: 'sometimes', colour: 'red', rules: { disabled: ['no-such-rule'] } }) },
  ));

test('changed settings act at once', async () => {
  let settings: unknown = {};
  await conversation(
    {},
    async (client) => {
      await client.open(A, DEFECT);
      const first = await client.pull(A);
      settings = { severityOverrides: { network: 'hint' } };
      await client.connection.sendNotification('workspace/didChangeConfiguration', { settings: {} });
      await client.until(() => client.refreshes() > 0);
      const second = await client.pull(A, first.resultId);
      assert.equal(second.kind === 'full' && second.items[0]?.severity, 4);
    },
    { settings: () => settings },
  );
});

// ------------------------------------------------------------------------------------ panel, workspace

test('the configuration of the repository holds, and mistakes in it are shown in its file', () =>
  conversation({ 'pyproject.toml': `[tool.attest.rules]\n"${OFF}" = "off"\n` }, async (client) => {
    await client.open(A, DEFECT);
    assert.deepEqual(await client.items(A), []);
    const file = await client.connection.sendRequest<{ snapshot: { notes: string[] } }>('attest/review', { uri: A });
    assert.match(file.snapshot.notes.join(), /Configuration turns off `network\/certificate-check-off`/);
    const { text } = await client.connection.sendRequest<{ text: string }>('attest/configuration', { uri: A });
    assert.match(text, /"off" {2}.*# pyproject\.toml:2/);

    const configuration = `${ROOT}/pyproject.toml`;
    await client.open(configuration, '[tool.attest.rules]\n"network/certificat-check-off" = "off"\n');
    const [mistake, ...others] = await client.items(configuration);
    assert.deepEqual(others, []);
    assert.equal(mistake?.range.start.line, 1);
    assert.match(String(mistake?.message), /certificat-check-off/);
  }));

test('links to rules lead to the catalogue that the settings name', async () => {
  const hrefs = async (baseUrl: string) => {
    let seen: unknown;
    await conversation(
      {},
      async (client) => {
        await client.open(A, DEFECT);
        seen = (await client.items(A)).map((it) => it.codeDescription?.href);
      },
      { settings: () => ({ docs: { baseUrl } }) },
    );
    return seen;
  };
  assert.deepEqual(await hrefs('https://docs.harbour.test/rules'), ['https://docs.harbour.test/rules#networkcertificate-check-off']);
  const usual = ['https://github.com/attest-review/attest/blob/main/rules/README.md#networkcertificate-check-off'];
  for (const it of ['http://docs.harbour.test', 'command:workbench.action.terminal.new', 'https://a.test/) [x](command:x'])
    assert.deepEqual(await hrefs(it), usual);
});

test('the repository decides on the rules that it names, unless the editor is told otherwise', async () => {
  const shown = async (settings: object, preference?: string) => {
    let seen: unknown;
    const all = preference === undefined ? settings : { ...settings, configurationPreference: preference };
    await conversation(
      { 'attest.toml': `[rules]\n"${OFF}" = "warning"\n` },
      async (client) => {
        await client.open(A, DEFECT);
        const { snapshot } = await client.connection.sendRequest<{ snapshot: { notes: string[] } }>('attest/review', { uri: A });
        seen = [(await client.items(A)).map((it) => it.severity), snapshot.notes.filter((it) => it.includes('in the settings'))];
      },
      { settings: () => all },
    );
    return seen;
  };
  const hint = { severityOverrides: { network: 'hint' } };
  assert.deepEqual(await shown(hint), [[2], []]);
  assert.deepEqual(await shown(hint, 'editorFirst'), [[4], []]);
  assert.deepEqual(await shown(hint, 'repoOnly'), [[2], []]);
  const off = { rules: { disabled: [OFF] } };
  assert.deepEqual(await shown(off), [[2], []]);
  assert.deepEqual(await shown(off, 'editorFirst'), [[2], ['1 rule is turned off in the settings']]);
  assert.deepEqual(await shown({ ...off, minConfidence: 'high' }, 'repoOnly'), [[2], []]);
});

test('a new baseline knows what is found, and what it knows is not shown', async () => {
  let baseline = '';
  await conversation({}, async (client) => {
    await client.open(A, DEFECT);
    assert.equal((await client.items(A)).length, 1);
    const [file] = await client.connection.sendRequest<{ uri: string; text: string; findings: number }[]>('attest/baseline', { uris: [A] });
    assert.deepEqual([file?.uri, file?.findings], [`${ROOT}/attest-baseline.json`, 1]);
    baseline = file?.text ?? '';
  });
  await conversation({ 'attest-baseline.json': baseline }, async (client) => {
    await client.open(A, DEFECT);
    assert.deepEqual(await client.items(A), []);
  });
});

test('a report is written in each format', () =>
  conversation({}, async (client) => {
    await client.open(A, DEFECT);
    const begins = { markdown: '# ', html: '<!doctype html>', sarif: '{', json: '{' };
    for (const [format, begin] of Object.entries(begins)) {
      const { text, count } = await client.connection.sendRequest<{ text: string; count: number }>('attest/export', { uris: [A], format });
      assert.deepEqual([count, text.startsWith(begin)], [1, true], format);
    }
  }));

test('panel and tree are told each new review, and when there is none any more', () =>
  conversation({}, async (client) => {
    await client.open(A, DEFECT);
    await client.items(A);
    const { reviewed } = await client.until(() => client.reviewed.at(-1));
    assert.deepEqual([reviewed?.snapshot.verdict, reviewed?.root, reviewed?.version, reviewed?.snapshot.categories.length], ['defects', ROOT, 1, 7]);
    assert.deepEqual(
      reviewed?.snapshot.categories[4]?.findings.map((it) => [it.line, it.column, it.title, it.hasFix]),
      [[3, 19, 'certificate check is off', true]],
    );
    await client.close(A);
    assert.equal((await client.until(() => client.reviewed.find((it) => it.reviewed === null))).uri, A);
  }));

const MANY = Object.fromEntries(Array.from({ length: 60 }, (_, index) => [`test_${String(index).padStart(2, '0')}.py`, DEFECT]));

test('a workspace review shows closed files, and leaves open ones to the editor', () => {
  const files: Record<string, string> = { 'app.py': DEFECT, 'test_a.py': DEFECT, 'test_b.py': 'pass\n', 'venv/test_c.py': DEFECT };
  return conversation(files, async (client) => {
    await client.open(A, DEFECT);
    const result = await client.connection.sendRequest<WorkspaceResult>('attest/reviewWorkspace', {});
    assert.deepEqual([result.reviewed, result.skipped, result.complete], [2, 2, true]);
    assert.deepEqual(
      result.files.map((it) => [it.uri, it.snapshot.verdict]),
      [
        [A, 'defects'],
        [`${ROOT}/test_b.py`, 'clear'],
      ],
    );
    await client.until(() => client.published.length > 0);
    assert.deepEqual(
      client.published.map((it) => [it.uri, it.diagnostics.length]),
      [[`${ROOT}/test_b.py`, 0]],
    );

    await client.close(A);
    assert.equal((await client.until(() => client.published.find((it) => it.uri === A))).diagnostics.length, 1, 'closed, it stays in the list');
    await client.open(A, DEFECT);
    assert.equal(
      (await client.until(() => client.published.find((it) => it.uri === A && it.diagnostics.length === 0))).diagnostics.length,
      0,
      'open, the editor asks for it',
    );
    files['test_b.py'] = DEFECT;
    await client.connection.sendNotification('workspace/didChangeWatchedFiles', { changes: [{ uri: `${ROOT}/test_b.py`, type: 2 }] });
    await client.until(() => client.published.find((it) => it.uri.endsWith('test_b.py') && it.diagnostics.length === 1));
    delete files['test_b.py'];
    await client.connection.sendNotification('workspace/didChangeWatchedFiles', { changes: [{ uri: `${ROOT}/test_b.py`, type: 3 }] });
    await client.until(() => client.published.at(-1)?.uri.endsWith('test_b.py') && client.published.at(-1)?.diagnostics.length === 0);

    files['deep/down/test_c.py'] = DEFECT;
    await client.connection.sendRequest('attest/reviewWorkspace', {});
    await client.until(() => client.published.find((it) => it.uri.endsWith('test_c.py') && it.diagnostics.length === 1));
    delete files['deep/down/test_c.py'];
    await client.connection.sendNotification('workspace/didChangeWatchedFiles', { changes: [{ uri: `${ROOT}/deep`, type: 3 }] });
    await client.until(() => client.published.find((it) => it.uri.endsWith('test_c.py') && it.diagnostics.length === 0));
  });
});

test('a cancelled workspace review keeps what it found', () =>
  conversation(MANY, async (client) => {
    const source = new CancellationTokenSource();
    const result = client.connection.sendRequest<WorkspaceResult>('attest/reviewWorkspace', {}, source.token);
    await client.until(() => client.published.length >= 3);
    source.cancel();
    const { complete, reviewed, files } = await result;
    assert.equal(complete, false);
    assert.ok(reviewed >= 3 && reviewed < 60, `${reviewed} files`);
    assert.equal(files.length, reviewed);
  }));

test('a second workspace review ends the first; files come in parts', () =>
  conversation(MANY, async (client) => {
    const parts: string[] = [];
    client.connection.onProgress(new ProgressType<WorkspacePart>(), 'parts', (files) => void parts.push(...files.map((it) => it.uri)));
    const first = client.connection.sendRequest<WorkspaceResult>('attest/reviewWorkspace', {});
    await client.until(() => client.published.length >= 2);
    const second = await client.connection.sendRequest<WorkspaceResult>('attest/reviewWorkspace', { partialResultToken: 'parts' });
    assert.equal((await first).complete, false);
    assert.deepEqual([second.complete, second.files.length, new Set(parts).size], [true, 0, 60]);
  }));

test('typing goes before a workspace review', () =>
  conversation(MANY, async (client) => {
    let done = false;
    const review = client.connection.sendRequest<WorkspaceResult>('attest/reviewWorkspace', {}).then(() => {
      done = true;
    });
    await client.open(A, DEFECT);
    assert.equal((await client.items(A)).length, 1);
    assert.equal(done, false, 'the answer did not wait for the whole workspace');
    await review;
  }));

test('one engine per project, a file is reviewed once for all that is asked of it', async () => {
  const calls = new Map<string, number>();
  await conversation(
    {},
    async (client) => {
      await client.open(A, DEFECT);
      await client.items(A);
      await client.items(A);
      await client.hover(A, 2, 20);
      await client.actions(A, LINE);
      assert.equal(calls.get('test_a.py'), 1);
    },
    { host: { engine: () => fakeEngine(calls) } },
  );
});

// ----------------------------------------------------------------------------------- the built server

const SAMPLE = pathToFileURL(resolve('test/sample')).toString();
const TYPED = `${SAMPLE}/tests/unit/test_typed.py`;
const REAL = 'import requests\n\n\ndef test_page():\n    page = requests.get("https://intranet.corp.net", verify=False)\n    assert page.ok\n';

async function realConversation(body: (client: Client & { readonly process: ChildProcess }) => Promise<void>, options: ClientOptions = {}): Promise<void> {
  const client = await processClient({ folders: [SAMPLE], ...options });
  try {
    await body(client);
  } finally {
    await client.end();
  }
}

const isOff = (it: Diagnostic) => it.code === OFF;

test('the built server finds a real defect, explains it, and takes an ignore comment for it', () =>
  realConversation(async (client) => {
    await client.open(TYPED, REAL);
    const found = (await client.items(TYPED)).find(isOff);
    assert.equal(found?.range.start.line, 4);
    const contents = (await client.hover(TYPED, 4, found.range.start.character))?.contents as { value: string };
    assert.match(contents.value, /`network\/certificate-check-off`/);
    const text = applied(
      REAL,
      (await client.actions(TYPED, found.range)).find((it) => it.title.startsWith(`Suppress ${OFF}`)),
    );
    assert.match(text, /verify=False\) {2}# attest: ignore\[network\/certificate-check-off\] reason\n/);
    await client.change(TYPED, 2, text);
    assert.match(String((await client.items(TYPED)).find(isOff)?.message), /suppressed without a reason, so it stands/);
    await client.change(TYPED, 3, text.replace('] reason', '] the lab has its own authority'));
    assert.equal((await client.items(TYPED)).some(isOff), false);
    const page = await client.connection.sendRequest<{ markdown: string }>('attest/explain', { rule: 'NET006' });
    assert.match(page.markdown, /certificate-check-off/);
    const report = await client.connection.sendRequest<{ markdown: string }>('attest/report', { uri: TYPED });
    assert.match(report.markdown, /Network security/);
  }));

test('typed key by key, a file comes out as if it had been opened at once', () =>
  realConversation(async (client) => {
    await client.open(TYPED, '');
    const lines = REAL.split('\n');
    let version = 1;
    for (const [line, content] of lines.entries()) {
      for (const [character, key] of [...`${content}${line < lines.length - 1 ? '\n' : ''}`].entries()) {
        const at = { line, character };
        version += 1;
        await client.change(TYPED, version, key, { start: at, end: at });
        if (version % 7 === 0) await client.items(TYPED);
      }
    }
    const typed = await client.items(TYPED);
    const other = `${SAMPLE}/tests/unit/test_opened.py`;
    await client.open(other, REAL);
    assert.deepEqual(
      typed.map((it) => [it.code, it.range]),
      (await client.items(other)).map((it) => [it.code, it.range]),
    );
    assert.ok(typed.some(isOff));
  }));

test('a whole workspace is reviewed, and nothing in it is a fault', () =>
  realConversation(async (client) => {
    const { complete, files, reviewed } = await client.connection.sendRequest<WorkspaceResult>('attest/reviewWorkspace', {});
    assert.equal(complete, true);
    assert.ok(reviewed >= 8, `${reviewed} files`);
    assert.deepEqual(
      files.flatMap((it) => it.snapshot.faults),
      [],
    );
    assert.deepEqual(client.log, []);
  }));

test('a server that was killed is followed by one that finds the same', async () => {
  const client = await processClient({ folders: [SAMPLE] });
  await client.open(TYPED, REAL);
  const before = (await client.items(TYPED)).map((it) => [it.code, it.range]);
  const pid = await client.connection.sendRequest<number>('attest/debug/pid', {});
  assert.equal(pid, client.process.pid);
  const gone = new Promise((resolve) => client.process.once('exit', resolve));
  process.kill(pid, 'SIGKILL');
  await gone;
  client.connection.dispose();
  await realConversation(async (next) => {
    await next.open(TYPED, REAL);
    assert.deepEqual(
      (await next.items(TYPED)).map((it) => [it.code, it.range]),
      before,
    );
  });
});

test('an editor without pull, Markdown and UTF-16 gets the same from the built server', () =>
  realConversation(
    async (client) => {
      const text = REAL.replace('"https', '"é🔒https');
      await client.open(TYPED, text);
      const { diagnostics } = await client.until(() => client.published.at(-1));
      const defect = diagnostics.find(isOff);
      const line = Buffer.from(text.split('\n')[4] ?? '');
      assert.match(defect === undefined ? '' : line.subarray(defect.range.start.character, defect.range.end.character).toString(), /^(verify=)?False$/);
    },
    { capabilities: SIMPLE, own: false },
  ));
