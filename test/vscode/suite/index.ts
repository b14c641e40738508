// Host tests: they run inside VS Code's extension host, beside Attest, and see what any other extension would see.
// One ordered list, no framework: the JSON file that `run` writes is the truth, also when the window dies half-way.
import * as assert from 'node:assert/strict';
import { rmSync, writeFileSync } from 'node:fs';
import * as vscode from 'vscode';

interface Result {
  name: string;
  status: 'passed' | 'failed';
  milliseconds: number;
  error?: string;
}

const tests: [name: string, body: () => Promise<void>][] = [];
const test = (name: string, body: () => Promise<void>) => tests.push([name, body]);

const TEST_LIMIT = 60_000;
const RULE = 'network/certificate-check-off';
const CALL = 'requests.get("https://intranet.corp.net", verify=False)';
const DEFECT = `import requests\n\n\ndef test_page():\n    assert ${CALL}.ok\n`;

// ---------------------------------------------------------------- tests

test('Attest is there and starts with the first Python test', async () => {
  const attest = vscode.extensions.getExtension('attest.attest-review');
  assert.ok(attest, 'the extension is not installed');
  await open('test_start.py', DEFECT);
  await eventually('Attest is active', () => attest.isActive);
});

test('every command of the manifest can be run', async () => {
  const known = new Set(await vscode.commands.getCommands(true));
  const { commands } = vscode.extensions.getExtension('attest.attest-review')?.packageJSON.contributes as { commands: { command: string }[] };
  const expected = ['attest.runReview', 'attest.restartServer', 'attest.showOutput', 'attest.openReport'];
  for (const command of new Set([...expected, ...commands.map((it) => it.command)])) assert.ok(known.has(command), `${command} is not registered`);
});

test('a defect becomes a diagnostic on the spot, and goes with it', async () => {
  const document = await open('test_defect.py', DEFECT);
  const defect = await diagnostic(document);
  assert.ok(defect.severity <= vscode.DiagnosticSeverity.Warning, `severity ${defect.severity}`);
  assert.equal(defect.range.start.line, 4);
  assert.ok(document.getText(defect.range).includes('verify=False') || CALL.includes(document.getText(defect.range)), `it marks ${document.getText(defect.range)}`);
  await change(document, DEFECT.replace(', verify=False', ''));
  await noDiagnostic(document);
});

test('columns are right after an emoji and a tab', async () => {
  const document = await open('test_columns.py', `import requests\n\n\ndef test_page():\n\tassert "🔒", ${CALL}\n`);
  const { range } = await diagnostic(document);
  assert.ok(document.getText(range).includes('verify') || CALL.includes(document.getText(range)), `it marks ${document.getText(range)}`);
});

test('a file that is no test is left alone', async () => {
  const application = await open('application.py', DEFECT, '');
  await diagnostic(await open('test_beside.py', DEFECT)); // by now Attest has had its chance
  assert.deepEqual(found(application), []);
});

test('a quick fix takes the defect away', async () => {
  const document = await open('test_fix.py', DEFECT);
  const defect = await diagnostic(document);
  const actions = await actionsAt(document, defect.range);
  const fix = actions.find((it) => it.isPreferred && it.edit);
  assert.ok(fix?.edit, `no preferred fix among: ${titles(actions)}`);
  assert.ok(await vscode.workspace.applyEdit(fix.edit));
  await noDiagnostic(document);
});

test('an ignore comment with a reason silences it', async () => {
  const document = await open('test_ignore.py', DEFECT);
  await diagnostic(document);
  await change(document, DEFECT.replace('.ok\n', `.ok  # attest: ignore[${RULE}] the intranet has its own authority\n`));
  await noDiagnostic(document);
});

test('the ignore comment is offered as an action', async () => {
  const document = await open('test_suppress.py', DEFECT);
  const actions = await actionsAt(document, (await diagnostic(document)).range);
  const suppress = actions.find((it) => /^(Suppress|Ignore)/.test(it.title) && it.edit);
  assert.ok(suppress?.edit, `no action to suppress among: ${titles(actions)}`);
  assert.ok(await vscode.workspace.applyEdit(suppress.edit));
  assert.match(document.getText(), /# attest: ignore\[network\/certificate-check-off\]/);
  await noDiagnostic(document);
});

test('the hover explains the finding', async () => {
  const document = await open('test_hover.py', DEFECT);
  const { range } = await diagnostic(document);
  const hovers = await vscode.commands.executeCommand<vscode.Hover[]>('vscode.executeHoverProvider', document.uri, range.start);
  const text = hovers
    .flatMap((it) => it.contents)
    .map((it) => (typeof it === 'string' ? it : it.value))
    .join('\n');
  assert.ok(text.includes(RULE), `the hover says: ${text}`);
});

test('a restarted server finds the same', async () => {
  const document = await open('test_restart.py', DEFECT);
  await diagnostic(document);
  const before = found(document).map((it) => JSON.stringify([it.range, it.message]));
  await vscode.commands.executeCommand('attest.restartServer');
  await eventually('the same findings again', () => JSON.stringify(found(document).map((it) => JSON.stringify([it.range, it.message]))) === JSON.stringify(before));
  await change(document, 'def test_nothing():\n    pass\n');
  await noDiagnostic(document);
});

test('a review of the workspace ends', async () => {
  await vscode.commands.executeCommand('attest.runReview');
});

// ---------------------------------------------------------------- what tests say

/** A file of the workspace with this text, open in an editor. */
async function open(name: string, text: string, folder = 'tests/unit/'): Promise<vscode.TextDocument> {
  const root = vscode.workspace.workspaceFolders?.[0]?.uri;
  assert.ok(root, 'no folder is open');
  const uri = vscode.Uri.joinPath(root, folder + name);
  await vscode.workspace.fs.writeFile(uri, new TextEncoder().encode(text));
  const document = await vscode.workspace.openTextDocument(uri);
  await vscode.window.showTextDocument(document);
  return document;
}

async function change(document: vscode.TextDocument, text: string): Promise<void> {
  const edit = new vscode.WorkspaceEdit();
  edit.replace(document.uri, new vscode.Range(0, 0, document.lineCount, 0), text);
  assert.ok(await vscode.workspace.applyEdit(edit));
}

const ruleOf = ({ code }: vscode.Diagnostic) => (typeof code === 'object' ? code.value : code);
const found = (document: vscode.TextDocument) => vscode.languages.getDiagnostics(document.uri).filter((it) => it.source === 'attest');
const foundRule = (document: vscode.TextDocument) => found(document).find((it) => ruleOf(it) === RULE);

const diagnostic = (document: vscode.TextDocument) => eventually(`${RULE} is found`, () => foundRule(document));
const noDiagnostic = (document: vscode.TextDocument) => eventually(`${RULE} is gone`, () => !foundRule(document));

/** The code actions of a place. The number makes VS Code resolve them, as it does when one is chosen. */
const actionsAt = (document: vscode.TextDocument, range: vscode.Range) =>
  vscode.commands.executeCommand<vscode.CodeAction[]>('vscode.executeCodeActionProvider', document.uri, range, vscode.CodeActionKind.QuickFix.value, 20);

const titles = (actions: vscode.CodeAction[]) => actions.map((it) => it.title).join(' | ') || 'none';

const sleep = (milliseconds: number) => new Promise<void>((resolve) => setTimeout(resolve, milliseconds));

/** Waits for something to become true, and gives it. */
async function eventually<T>(what: string, look: () => T, limit = 15_000): Promise<NonNullable<T>> {
  const end = Date.now() + limit;
  for (;;) {
    const seen = look();
    if (seen) return seen;
    if (Date.now() > end) assert.fail(`not within ${limit / 1000} s: ${what}`);
    await sleep(25);
  }
}

// ---------------------------------------------------------------- the runner

export async function run(): Promise<void> {
  const path = process.env['ATTEST_RESULTS'];
  if (!path) throw new Error('ATTEST_RESULTS names no file to write the results to');
  const results: Result[] = [];
  const write = (ended: boolean) => writeFileSync(path, JSON.stringify({ ended, tests: results }, null, 2));
  rmSync(path, { force: true });
  for (const [name, body] of tests) {
    results.push(await result(name, body));
    write(false);
  }
  write(true);
  const failed = results.filter((it) => it.status === 'failed').length;
  console.log(`${results.length - failed} passed, ${failed} failed`);
  if (failed) throw new Error(`${failed} of ${results.length} host tests failed`);
}

async function result(name: string, body: () => Promise<void>): Promise<Result> {
  const start = performance.now();
  const milliseconds = () => Math.round(performance.now() - start);
  try {
    await Promise.race([body(), sleep(TEST_LIMIT).then(() => assert.fail(`no end within ${TEST_LIMIT / 1000} s`))]);
    return { name, status: 'passed', milliseconds: milliseconds() };
  } catch (error) {
    return { name, status: 'failed', milliseconds: milliseconds(), error: error instanceof Error ? (error.stack ?? error.message) : String(error) };
  } finally {
    await vscode.commands.executeCommand('workbench.action.revertAndCloseActiveEditor');
  }
}
