/** The command line as a person or a script meets it: `dist/cli.js` in a process of its own, on small folders. */
import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { chmodSync, readdirSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { test } from 'node:test';
import { RULES } from '../rules/index.ts';
import { decoded } from '../server/decode.ts';
import { pythonFiles, rootOf, targetOf } from '../server/discover.ts';
import { fullId } from '../server/views/named.ts';
import { workspaceFiles } from '../server/workspace-files.ts';
import { attest, attestAsUser, CLEAN, CLI, defect, folder, isRoot, reportOf } from './command-line.ts';

// ------------------------------------------------------------------------------------------ exit codes

test('a clean file is clear, and the exit code is 0', () => {
  const root = folder({ 'tests/test_sum.py': CLEAN });
  const { code, out, err } = attest(root, 'review');
  assert.equal(code, 0, err);
  assert.match(out, /^tests\/test_sum\.py\n/);
  assert.match(out, /No security defects detected/);
  assert.match(err, /^attest: 1 file in \d+\.\d\d s\n$/);
});

test('a defect is printed with its rule, and the exit code is 1 unless the threshold is `never`', () => {
  const { rule, source } = defect();
  const root = folder({ 'tests/test_it.py': source });
  const { code, out } = attest(root, 'review', 'tests/test_it.py');
  assert.equal(code, 1);
  assert.ok(out.includes(rule), out);
  assert.equal(attest(root, 'review', '--fail-on', 'never').code, 0);
  const report = reportOf(attest(root, 'review', '--format', 'json').out);
  assert.equal(report.summary.verdict, 'defects');
  assert.ok(report.files[0]?.categories.some((it) => it.findings.some((found) => found.rule === rule)));
});

test('an input that cannot be read gives 2, which wins over 1, and the rest is printed', () => {
  const { rule, source } = defect();
  const root = folder({ 'tests/test_it.py': source });
  const { code, out, err } = attest(root, 'review', 'nowhere.py', 'tests');
  assert.equal(code, 2);
  assert.ok(out.includes(rule));
  assert.equal(err.split('\n')[0], 'attest: nowhere.py: no such file or folder');
});

test('wrong usage gives 2 and one clear line', () => {
  const root = folder({ 'tests/test_sum.py': CLEAN });
  assert.match(attest(root, 'review', '--format', 'xml').err, /Allowed choices are text, markdown, json/);
  for (const words of [
    ['review', '--format', 'xml'],
    ['review', '--fail-on', 'all'],
    ['review', '--nonsense'],
    ['revieww'],
    [],
    ['explain'],
    ['review', '--root', 'pyproject.toml'],
  ]) {
    const { code, out } = attest(root, ...words);
    assert.deepEqual([code, out], [2, ''], words.join(' '));
  }
  assert.equal(attest(root, 'tests').err, 'attest: tests is a path; did you mean `attest review tests`?\n');
});

test('help and version are no errors', () => {
  const root = folder({});
  for (const words of [['--help'], ['review', '--help'], ['--version']]) assert.equal(attest(root, ...words).code, 0);
  assert.match(attest(root, '--version').out, /^\d+\.\d+\.\d+\n$/);
  assert.match(attest(root, 'review', '--help').out, /Exit codes: 0 nothing/);
});

// ---------------------------------------------------------------------------------------------- reports

test('JSON is the same bytes on two runs and in any order of arguments; timing stays out of it', () => {
  const root = folder({ 'tests/test_b.py': CLEAN, 'tests/test_a.py': defect().source, 'tests/unit/test_c.py': CLEAN });
  const first = attest(root, 'review', '--format', 'json');
  assert.equal(first.out, attest(root, 'review', '--format', 'json', 'tests/unit', 'tests/test_b.py', 'tests/test_a.py', 'tests').out);
  const report = reportOf(first.out);
  assert.equal(report.schema, 'attest-review/1');
  assert.deepEqual(
    report.files.map((it) => it.path),
    ['tests/test_a.py', 'tests/test_b.py', 'tests/unit/test_c.py'],
  );
  assert.equal(report.summary.files, 3);
});

test('paths in a report start from the root, wherever the command runs', () => {
  const root = folder({ 'tests/unit/test_c.py': CLEAN });
  const paths = (cwd: string, ...words: readonly string[]) => reportOf(attest(cwd, 'review', '--format', 'json', ...words).out).files.map((it) => it.path);
  assert.deepEqual(paths(join(root, 'tests')), ['tests/unit/test_c.py']);
  assert.deepEqual(paths(tmpdir(), join(root, 'tests')), ['tests/unit/test_c.py']);
  assert.deepEqual(paths(root, '--root', 'tests'), ['unit/test_c.py']);
  assert.deepEqual(paths(root, '--root', 'tests', 'tests/unit'), ['unit/test_c.py']);
  const elsewhere = attest(root, 'review', '--root', 'tests', 'pyproject.toml', 'tests');
  assert.equal(elsewhere.code, 2);
  assert.match(elsewhere.err, /pyproject\.toml: outside of the root .*\/tests \(`--root` chooses another\)\n/);
});

test('`--output` writes the whole report to the file, and says what hinders it', () => {
  const root = folder({ 'tests/test_sum.py': CLEAN, 'report.md': 'old' });
  const { code, out } = attest(root, 'review', '--format', 'markdown', '--output', 'report.md');
  assert.deepEqual([code, out], [0, '']);
  assert.match(readFileSync(join(root, 'report.md'), 'utf8'), /^# Security review of `tests\/test_sum\.py`\n\n1\. \*\*Hardcoded credentials/);
  assert.deepEqual(readdirSync(root).sort(), ['pyproject.toml', 'report.md', 'tests']);
  const missing = attest(root, 'review', '--output', 'no/where.md');
  assert.equal(missing.code, 2);
  assert.ok(missing.err.includes(`no/where.md: the folder ${join(root, 'no')} does not exist`), missing.err);
});

test('quiet says nothing about clean files, nor of what is no test or was done, but what configuration keeps out', () => {
  const typo = 'from unittest import mock\n\n\ndef test_a():\n    m = mock.Mock()\n    m.called_once_with(1)\n';
  const root = folder({
    'tests/test_sum.py': CLEAN,
    'tests/test_typo.py': typo,
    'setup.py': '',
    'tests/gen.py': CLEAN,
    'attest.toml': 'exclude = ["gen.py"]\n',
  });
  for (const words of [['tests/test_sum.py'], ['setup.py'], ['tests/test_typo.py', '--update-baseline'], ['tests/test_typo.py', '--no-baseline', '--fix']]) {
    const { code, out, err } = attest(root, 'review', '--quiet', ...words);
    assert.deepEqual([code, out, err], [0, '', ''], words.join(' '));
  }
  assert.deepEqual(attest(root, 'review', '--quiet', 'tests/gen.py').err, 'attest: Configuration excludes one test file: `tests/gen.py`.\n');
  assert.match(readFileSync(join(root, 'tests/test_typo.py'), 'utf8'), /assert_called_once_with/);
  assert.match(attest(root, 'review', 'setup.py').err, /setup\.py: not test code, so not reviewed/);
});

test('text names files as they open from the current folder, as remarks do; other formats from the root', () => {
  const { source } = defect();
  const root = folder({
    'tests/unit/test_it.py': source,
    'other/note.txt': '',
  });
  assert.match(attest(join(root, 'tests'), 'review').out, /^unit\/test_it\.py\n/);
  assert.match(attest(join(root, 'tests/unit'), 'review', '--quiet').out, /^test_it\.py\n/);
  assert.ok(attest(join(root, 'other'), 'review', '--quiet', '..').out.startsWith(`${join(root, 'tests/unit/test_it.py')}\n`));
  assert.equal(reportOf(attest(join(root, 'other'), 'review', '--format', 'json', '../tests/unit').out).files[0]?.path, 'tests/unit/test_it.py');
});

test('a reader that leaves early is no error', async () => {
  const root = folder(Object.fromEntries(Array.from({ length: 60 }, (_, index) => [`tests/test_${index}.py`, CLEAN])));
  const child = spawn(process.execPath, [CLI, 'review', '--format', 'json'], { cwd: root, stdio: ['ignore', 'pipe', 'pipe'] });
  child.stdout.destroy();
  let err = '';
  child.stderr.setEncoding('utf8').on('data', (it: string) => {
    err += it;
  });
  const code = await new Promise((resolve) => child.on('close', resolve));
  assert.equal(code, 0, err);
  assert.doesNotMatch(err, /EPIPE|fault/);
});

// -------------------------------------------------------------------------------------- which files

test('below a folder only test code is reviewed; what is named is looked at; `--all-files` takes everything', () => {
  const root = folder({
    'app.py': 'x = 1\n',
    'notes.txt': '',
    'tests/test_sum.py': CLEAN,
    // No module can import what is not a name: only what runs alone, or has tests, is no data of theirs.
    'tests/data/steal-files.py': 'import os\n',
    'tests/run-all.py': '#!/usr/bin/env python3\n',
    'node_modules/tests/test_x.py': CLEAN,
    '.cache/tests/test_z.py': CLEAN,
    'env/pyvenv.cfg': '',
    'env/tests/test_y.py': CLEAN,
  });
  const paths = (...words: readonly string[]) => reportOf(attest(root, 'review', '--format', 'json', ...words).out).files.map((it) => it.path);
  assert.deepEqual(paths(), ['tests/run-all.py', 'tests/test_sum.py']);
  assert.deepEqual(paths('--all-files'), ['app.py', 'tests/data/steal-files.py', 'tests/run-all.py', 'tests/test_sum.py']);
  assert.deepEqual(paths('node_modules'), ['node_modules/tests/test_x.py']);
  assert.deepEqual(paths('.cache'), ['.cache/tests/test_z.py']);
  assert.deepEqual(paths('tests/*_sum.py'), ['tests/test_sum.py']);
  const named = attest(root, 'review', 'app.py');
  assert.equal(named.code, 0);
  assert.match(named.out, /^app\.py\n {2}not test code; nothing was reviewed\n/);
  assert.match(named.err, /^attest: app\.py: not test code, so not reviewed \(`--all-files` reviews it anyway\)\n/);
  assert.equal(attest(root, 'review', 'tests/*.txt').code, 2);
});

test('nothing to review is said, and is no error', () => {
  const { code, out, err } = attest(folder({ 'app.py': 'x = 1\n' }), 'review');
  assert.deepEqual([code, out], [0, 'No test code was reviewed.\n']);
  assert.match(err, /no test files found/);
});

test('links may loop and lead outside: each file is found once, inside the root only', () => {
  const outside = folder({ 'tests/test_secret.py': CLEAN });
  const root = folder({ 'tests/test_a.py': CLEAN, 'tests/deep/test_b.py': CLEAN });
  symlinkSync('..', join(root, 'tests/deep/loop'));
  symlinkSync('test_a.py', join(root, 'tests/test_again.py'));
  symlinkSync(join(outside, 'tests'), join(root, 'tests/away'));
  symlinkSync(join(outside, 'tests/test_secret.py'), join(root, 'tests/test_away.py'));
  symlinkSync('nowhere', join(root, 'tests/test_dangling.py'));
  assert.deepEqual(
    pythonFiles(join(root, 'tests'), root).files,
    ['deep/test_b.py', 'test_a.py'].map((it) => join(root, 'tests', it)),
  );
  const files = workspaceFiles(root);
  assert.equal(files.read('tests/test_a.py'), CLEAN);
  assert.equal(files.read('tests/test_away.py'), undefined);
  assert.equal(files.read(`../${outside.split('/').at(-1)}/tests/test_secret.py`), undefined);
  assert.equal(files.read('tests'), undefined);
  assert.equal(files.pathOf(join(outside, 'x.py')), undefined);
});

test('the root is the nearest project folder, else the parent of the topmost package', () => {
  const root = folder({
    'pkg/__init__.py': '',
    'pkg/tests/__init__.py': '',
    'pkg/tests/test_a.py': CLEAN,
    'inner/setup.cfg': '',
    'inner/tests/test_b.py': CLEAN,
  });
  const of = (...paths: readonly string[]) =>
    rootOf(
      paths.map((it) => targetOf(it, root)),
      root,
    );
  assert.equal(of('inner/tests/test_b.py'), join(root, 'inner'));
  assert.equal(of('inner/tests', 'pkg'), root);
  rmSync(join(root, 'pyproject.toml'));
  assert.equal(of('pkg/tests/test_a.py'), root);
  assert.equal(of('pkg/tests'), root);
});

// -------------------------------------------------------------------------------------------- bad input

test('bytes that are no Python text are refused by name; empty and large files are reviewed', () => {
  const root = folder({
    'tests/test_bytes.py': Uint8Array.of(0xff, 0xfe, 0x00),
    'tests/test_empty.py': '',
    'tests/test_large.py': CLEAN + Array.from({ length: 10_000 }, (_, index) => `\n\ndef test_more_${index}():\n    assert sum([${index}, 1]) > 0\n`).join(''),
    'tests/test_mark.py': `\ufeff${CLEAN}`,
    'tests/test_nul.py': `${CLEAN}\0`,
    'tests/test_broken.py': 'def test_x(:\n    assert (\n',
  });
  const { code, out, err } = attest(root, 'review', '--format', 'json');
  assert.equal(code, 2, err);
  assert.match(err, /^attest: tests\/test_bytes\.py: not reviewed: it is not UTF-8\n/m);
  assert.match(err, /^attest: tests\/test_nul\.py: not reviewed: it has a NUL byte \(line 7\), which Python refuses\n/m);
  const report = reportOf(out);
  assert.equal(report.files.length, 6);
  const blind = (path: string) => report.files.find((it) => it.path === path)?.blind.map((it) => it.what);
  assert.deepEqual(blind('tests/test_bytes.py'), ['not-utf8']);
  assert.deepEqual(blind('tests/test_nul.py'), ['unreadable']);
  assert.deepEqual(blind('tests/test_empty.py'), []);
  assert.deepEqual(blind('tests/test_mark.py'), []);
  const verdict = (path: string) => report.files.find((it) => it.path === path)?.verdict;
  assert.deepEqual(
    ['bytes', 'nul', 'broken', 'empty', 'large'].map((it) => verdict(`tests/test_${it}.py`)),
    ['not-reviewed', 'not-reviewed', 'not-reviewed', 'clear', 'clear'],
  );
  assert.equal(report.summary.verdict, 'not-reviewed');
  const issues = JSON.parse(attest(root, 'review', '--format', 'gitlab').out).map((it: { check_name: string; location: object }) => [
    it.check_name,
    it.location,
  ]);
  assert.deepEqual(issues[0], ['attest/not-seen', { path: 'tests/test_broken.py', lines: { begin: 1, end: 1 } }]);
  assert.equal(issues.length, 3);
});

test('what is no test code, and nothing at all, is not called clear', () => {
  const root = folder({ 'src/app.py': 'x = 1\n', 'tests/test_a.py': CLEAN });
  const verdicts = (...words: string[]) => {
    const { files, summary } = reportOf(attest(root, 'review', '--format', 'json', ...words).out);
    return [...files.map((it) => it.verdict), summary.verdict];
  };
  assert.deepEqual(verdicts('src/app.py'), ['not-applicable', 'not-applicable']);
  assert.deepEqual(verdicts('src'), ['not-applicable']);
  assert.deepEqual(verdicts('src/app.py', 'tests'), ['not-applicable', 'clear', 'clear']);
});

test('a folder or file without permission is one clear line', {
  skip: isRoot && spawnSync('setpriv', ['--version']).error !== undefined ? 'root may read everything, and there is no setpriv' : false,
}, () => {
  const root = folder({ 'tests/test_a.py': CLEAN, 'tests/closed/test_b.py': CLEAN, 'tests/listed/test_d.py': CLEAN, 'tests/test_c.py': CLEAN });
  chmodSync(join(root, 'tests/closed'), 0);
  chmodSync(join(root, 'tests/listed'), 0o600);
  chmodSync(join(root, 'tests/test_c.py'), 0);
  const { code, err } = attestAsUser(root, 'review');
  for (const it of ['closed', 'listed']) chmodSync(join(root, 'tests', it), 0o700);
  assert.equal(code, 2);
  assert.match(err, /tests\/listed\/test_d\.py: not reviewed: it cannot be read \(EACCES\)/);
  assert.match(err, /tests\/closed: the folder cannot be read/);
  assert.match(err, /tests\/test_c\.py: not reviewed: it cannot be read \(EACCES\)/);
});

test('names of files cannot speak to the terminal', () => {
  const root = folder({ 'tests/test_\u001b[2J.py': defect().source });
  const { out, err } = attest(root, 'review', 'no\u001b[2J', '.');
  assert.ok(!`${out}${err}`.includes('\u001b'));
  assert.ok(out.includes('tests/test_\\x1b[2J.py'));
});

test('text is decoded as Python does it', () => {
  const bytes = (text: string) => Buffer.from(text, 'latin1');
  const text = (text: string) => {
    const reading = decoded(bytes(text));
    return 'text' in reading ? reading.text : reading.blind.message;
  };
  assert.equal(text('x = 1\n'), 'x = 1\n');
  assert.equal(text('\u00ef\u00bb\u00bfx\n'), 'x\n');
  assert.equal(text('# -*- coding: latin-1 -*-\nx = "\u00e9"\n'), '# -*- coding: latin-1 -*-\nx = "é"\n');
  assert.equal(text('#!/usr/bin/python\n# vim: set fileencoding=koi8-r :\n"\u00c1"\n').at(-3), 'а');
  assert.equal(text('x = 1\n# coding: latin-1\n"\u00e9"\n'), 'it is not UTF-8');
  assert.equal(text('# coding: no-such\n'), 'its encoding `no-such` is not known');
  assert.equal(text('# coding: utf-8\n"\u00e9"\n'), 'it is not UTF-8');
});

// ----------------------------------------------------------------------------------------------- rules

test('rules are listed and explained; a wrong name gets suggestions', () => {
  const root = folder({});
  const listed = attest(root, 'rules');
  assert.equal(listed.code, 0);
  assert.equal(listed.out.trimEnd().split('\n').length, RULES.length);
  const { rules } = JSON.parse(attest(root, 'rules', '--format', 'json').out);
  assert.deepEqual(rules.map((it: { id: string }) => it.id).sort(), RULES.map(fullId).sort());
  const { rule } = defect();
  const page = attest(root, 'explain', rule);
  assert.ok(page.out.startsWith(`# \`${rule}\`\n`), page.out);
  assert.equal(page.out, attest(root, 'explain', rule.slice(rule.indexOf('/') + 1)).out);
  const wrong = attest(root, 'explain', `${rule}x`);
  assert.equal(wrong.code, 2);
  assert.ok(wrong.err.startsWith(`attest: there is no rule "${rule}x"; did you mean ${rule}`), wrong.err);
});

test('the bundles need nothing but the files beside them', () => {
  const needed = (bundle: string) =>
    [...readFileSync(join(dirname(CLI), bundle), 'utf8').matchAll(/\brequire\("([^"]+)"\)/g)]
      .map((it) => it[1]?.replace(/^node:/, ''))
      .filter((it) => !NODE.has(it ?? ''));
  assert.deepEqual(needed('cli.js'), []);
  assert.deepEqual(needed('attest.js'), ['./mcp.js']);
});

const NODE: ReadonlySet<string> = new Set([
  'child_process',
  'crypto',
  'events',
  'fs',
  'fs/promises',
  'module',
  'os',
  'path',
  'process',
  'tty',
  'url',
  'util',
  'v8',
  'worker_threads',
  'vm',
]);
