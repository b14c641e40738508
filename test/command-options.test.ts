/** The habits of a good command: what Git ignores, standard input, fixes, changed files, completion, and what goes wrong. */
import assert from 'node:assert/strict';
import { execFileSync, type SpawnSyncReturns, spawn, spawnSync } from 'node:child_process';
import { chmodSync, existsSync, linkSync, mkdirSync, readdirSync, readFileSync, statSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { attest, attestAsUser, attestWith, CLEAN, CLI, folder, isRoot, reportOf } from './command-line.ts';
import { ROOT } from './harness.ts';

const SAFE = `from unittest import mock


@mock.patch("bank.audit.record")
def test_transfer(record):
    record.called_once_with("transfer", 10)


@mock.patch("bank.audit.record")
def test_refusal(record):
    record.called_once_with("refusal", 10)
`;
const FIXED = SAFE.replaceAll('record.called_once', 'record.assert_called_once');

function paths(cwd: string, ...words: readonly string[]): string[] {
  return reportOf(attest(cwd, 'review', '--format', 'json', '--fail-on', 'never', ...words).out).files.map((it) => it.path);
}

function git(cwd: string, ...words: readonly string[]): void {
  execFileSync('git', ['-c', 'user.name=a', '-c', 'user.email=a@example.org', '-c', 'commit.gpgsign=false', '-c', 'init.defaultBranch=main', ...words], {
    cwd,
    stdio: 'pipe',
  });
}

const hasGit = spawnSync('git', ['--version']).status === 0;

// -------------------------------------------------------------------------------------------- .gitignore

test('what Git ignores is left out of a walk, unless it is asked for', () => {
  const root = folder({
    '.gitignore': 'build/\n*_generated.py\n/out\n!keep_generated.py\n',
    '.git/info/exclude': 'mine\n',
    'tests/.gitignore': '!special_generated.py\ntest_local.py\n',
    'tests/test_a.py': CLEAN,
    'tests/test_local.py': CLEAN,
    'tests/test_x_generated.py': CLEAN,
    'tests/keep_generated.py': CLEAN,
    'tests/special_generated.py': CLEAN,
    'tests/out/test_b.py': CLEAN,
    'out/tests/test_c.py': CLEAN,
    'mine/tests/test_d.py': CLEAN,
    'pkg/build/tests/test_e.py': CLEAN,
    'Build/tests/test_f.py': CLEAN,
  });
  assert.deepEqual(paths(root), ['Build/tests/test_f.py', 'tests/keep_generated.py', 'tests/out/test_b.py', 'tests/special_generated.py', 'tests/test_a.py']);
  assert.equal(paths(root, '--no-gitignore').length, 10);
  assert.deepEqual(paths(root, 'pkg/build'), ['pkg/build/tests/test_e.py'], 'a folder that is named is walked');
  assert.deepEqual(paths(root, 'tests/test_local.py'), ['tests/test_local.py'], 'a file that is named is reviewed');
  assert.deepEqual(paths(root, 'pkg'), []);
});

const TRACKING: Record<string, { readonly init?: readonly string[]; readonly last?: readonly string[] }> = {
  'with an index of version 2': {},
  'with one of version 3': { last: ['add', '--intent-to-add', '-f', 'tests/test_later.py'] },
  'with one of version 4': { last: ['update-index', '--index-version', '4'] },
  'in a repository of SHA-256': { init: ['--object-format=sha256'] },
};

for (const [how, { init = [], last }] of Object.entries(TRACKING)) {
  test(`what Git tracks is not ignored, ${how}`, { skip: hasGit ? false : 'there is no git' }, () => {
    const root = folder({
      '.gitignore': 'test_*\nbuild/\n',
      'tests/test_kept.py': CLEAN,
      'tests/test_later.py': CLEAN,
      'tests/test_loose.py': CLEAN,
      'tests/unit/deep/test_deep.py': CLEAN,
      'build/tests/kept_test.py': CLEAN,
      'build/tests/loose_test.py': CLEAN,
    });
    const tracked = ['build/tests/kept_test.py', 'tests/test_kept.py', 'tests/unit/deep/test_deep.py'];
    git(root, 'init', '-q', ...init);
    git(root, 'add', '-f', ...tracked);
    if (last !== undefined) git(root, ...last);
    const wanted = last?.includes('--intent-to-add') === true ? [...tracked, 'tests/test_later.py'].sort() : tracked;
    assert.deepEqual(paths(root), wanted);
    writeFileSync(join(root, '.git/index'), readFileSync(join(root, '.git/index')).subarray(0, 60));
    assert.deepEqual(paths(root), [], 'a damaged index holds on to nothing');
  });
}

test('what a further working tree tracks is not ignored there', { skip: hasGit ? false : 'there is no git' }, () => {
  const root = folder({ '.gitignore': 'test_*\n/further\n', 'tests/test_a.py': CLEAN });
  git(root, 'init', '-q');
  git(root, 'add', '-f', 'tests/test_a.py');
  git(root, 'commit', '-qm', 'first');
  git(root, 'worktree', 'add', '-q', 'further');
  assert.deepEqual(paths(join(root, 'further')), ['tests/test_a.py']);
});

// ----------------------------------------------------------------------------------------- standard input

test('`-` reviews standard input as the file that it is said to be', () => {
  const root = folder({ 'tests/test_a.py': CLEAN });
  const named = attestWith({ input: SAFE }, root, 'review', '-', '--stdin-filename', 'tests/test_a.py', '--format', 'json', '--fail-on', 'never');
  const [file] = reportOf(named.out).files;
  assert.equal(file?.path, 'tests/test_a.py');
  assert.ok(file.categories.some((it) => it.findings.some((found) => found.rule === 'mocking/misspelt-assertion')));
  assert.equal(readFileSync(join(root, 'tests/test_a.py'), 'utf8'), CLEAN);
  const anonymous = attestWith({ input: 'x = eval(input())\n' }, root, 'review', '-', '--format', 'json', '--fail-on', 'never');
  assert.equal(reportOf(anonymous.out).files[0]?.path, 'stdin.py');
  assert.equal(attestWith({ input: CLEAN }, root, 'review', '-', '--stdin-filename', 'new/folder/test_b.py').code, 0, 'the file need not exist');
  assert.match(attestWith({ input: CLEAN }, root, 'review', '-', '--root', 'tests', '--stdin-filename', 'x.py').err, /x\.py: outside of the root/);
  assert.match(attestWith({ input: '\0' }, root, 'review', '-').err, /^attest: standard input: not reviewed: it has a NUL byte/);
  assert.match(attestWith({ input: '' }, root, 'review', '-', 'tests').err, /^attest: `-` \(standard input\) stands alone\n$/);
  assert.match(attest(root, 'review', '--stdin-filename', 'x.py').err, /needs `-`/);
});

// -------------------------------------------------------------------------------------------------- fixes

test('--diff shows what --fix does, as git takes it; --fix does it and reports what is left', () => {
  const root = folder({ 'tests/test_a.py': SAFE, 'tests/test_b.py': CLEAN });
  const shown = attest(root, 'review', '--diff');
  assert.match(shown.out, /^--- a\/tests\/test_a\.py\n\+\+\+ b\/tests\/test_a\.py\n@@ -\d+,\d+ \+\d+,\d+ @@\n/);
  assert.equal(shown.code, 1);
  assert.equal(readFileSync(join(root, 'tests/test_a.py'), 'utf8'), SAFE);
  const patched = folder({ 'tests/test_a.py': SAFE, 'p.patch': shown.out });
  if (hasGit) git(patched, 'apply', 'p.patch');
  const fixed = attest(root, 'review', '--fix');
  assert.equal(fixed.code, 0, fixed.out);
  assert.match(fixed.err, /^attest: 2 fixes made in 1 file\n/);
  assert.equal(readFileSync(join(root, 'tests/test_a.py'), 'utf8'), FIXED);
  if (hasGit) assert.equal(readFileSync(join(patched, 'tests/test_a.py'), 'utf8'), FIXED);
  const nothing = attest(root, 'review', '--diff');
  assert.deepEqual([nothing.out, nothing.code, attest(root, 'review', '--fix').code], ['', 0, 0]);
  assert.match(nothing.err, /^attest: nothing to fix safely/);
  assert.equal(attest(root, 'review', '--diff', '--quiet').err, '');
});

test('a patch of a project in a folder of a repository applies at the top and in the project', { skip: hasGit ? false : 'there is no git' }, () => {
  const root = folder({ 'service/pyproject.toml': '', 'service/tests/test_a.py': SAFE });
  git(root, 'init', '-q');
  git(root, 'add', '-A');
  git(root, 'commit', '-qm', 'first');
  for (const [from, path] of [
    ['.', 'service'],
    ['service', '.'],
    ['service/tests', '..'],
  ] as const) {
    writeFileSync(join(root, 'p.patch'), attest(join(root, from), 'review', '--diff', path).out);
    git(join(root, from), 'apply', join(root, 'p.patch'));
    assert.equal(readFileSync(join(root, 'service/tests/test_a.py'), 'utf8'), FIXED, from);
    git(root, 'checkout', '-q', '.');
  }
});

test('a fix changes nothing else: line ends, byte order mark, encoding, mode, the last line', () => {
  const windows = SAFE.replaceAll('\n', '\r\n');
  const latin = `# -*- coding: latin-1 -*-\nNAME = "caf\u00e9"\n${SAFE}`;
  const root = folder({
    'tests/test_crlf.py': windows,
    'tests/test_mark.py': `\ufeff${SAFE}`,
    'tests/test_latin.py': Buffer.from(latin, 'latin1'),
    'tests/test_koi.py': Buffer.concat([Buffer.from('# coding: koi8-r\nNAME = "'), Buffer.of(0xc1), Buffer.from(`"\n${SAFE}`)]),
    'tests/test_end.py': SAFE.trimEnd(),
  });
  chmodSync(join(root, 'tests/test_crlf.py'), 0o750);
  const { code, err } = attest(root, 'review', '--fix');
  assert.equal(code, 2);
  assert.match(err, /^attest: tests\/test_koi\.py: not fixed: its encoding cannot be written$/m);
  const now = (name: string) => readFileSync(join(root, 'tests', name));
  assert.equal(now('test_crlf.py').toString(), FIXED.replaceAll('\n', '\r\n'));
  assert.equal(statSync(join(root, 'tests/test_crlf.py')).mode & 0o777, 0o750);
  assert.equal(now('test_mark.py').toString(), `\ufeff${FIXED}`);
  assert.deepEqual(now('test_latin.py'), Buffer.from(latin.replace(SAFE, FIXED), 'latin1'));
  assert.equal(now('test_end.py').toString(), FIXED.trimEnd());
  assert.deepEqual(
    readdirSync(join(root, 'tests')).filter((it) => it.includes('.tmp')),
    [],
  );
});

test('fixes leave alone what is suppressed, in the baseline, or outside of the root', () => {
  const outside = folder({ 'test_away.py': SAFE });
  const root = folder({ 'tests/test_a.py': SAFE.replace('10)\n', '10)  # attest: ignore[mocking/misspelt-assertion] kept for the tutorial\n') });
  symlinkSync(join(outside, 'test_away.py'), join(root, 'tests/test_link.py'));
  const linked = attest(root, 'review', '--fix', 'tests/test_link.py');
  assert.match(linked.err, /^attest: tests\/test_link\.py: not fixed: it leads out of the root$/m);
  assert.equal(readFileSync(join(outside, 'test_away.py'), 'utf8'), SAFE);
  attest(root, 'review', '--fix', 'tests/test_a.py');
  assert.equal(readFileSync(join(root, 'tests/test_a.py'), 'utf8').match(/\.assert_called_once/g)?.length, 1);
  const known = folder({ 'tests/test_a.py': SAFE });
  attest(known, 'review', '--update-baseline');
  attest(known, 'review', '--fix');
  assert.equal(readFileSync(join(known, 'tests/test_a.py'), 'utf8'), SAFE);
  const piped = attestWith({ input: SAFE }, root, 'review', '-', '--fix', '--stdin-filename', 'tests/test_a.py');
  assert.equal(piped.out, FIXED);
});

test('a file that may not be written is said, and stays', {
  skip: isRoot && spawnSync('setpriv', ['--version']).error !== undefined ? 'root may write everything' : false,
}, () => {
  const root = folder({ 'tests/test_a.py': SAFE });
  chmodSync(join(root, 'tests/test_a.py'), 0o444);
  const { code, err } = attestAsUser(root, 'review', '--fix', '--no-cache');
  assert.equal(code, 2);
  assert.match(err, /tests\/test_a\.py: not fixed: it cannot be written \(permission denied\)/);
  assert.equal(readFileSync(join(root, 'tests/test_a.py'), 'utf8'), SAFE);
});

// ------------------------------------------------------------------------------------------ changed files

test('--changed-since takes what differs from where the branch began, new files included', { skip: hasGit ? false : 'there is no git' }, () => {
  const root = folder({ 'tests/test_same.py': CLEAN, 'tests/test_changed.py': CLEAN, 'tests/test_gone.py': CLEAN, '.gitignore': 'test_ignored.py\n' });
  git(root, 'init', '-q');
  git(root, 'add', '-A');
  git(root, 'commit', '-qm', 'first');
  git(root, 'checkout', '-qb', 'topic');
  writeFileSync(join(root, 'tests/test_changed.py'), `${CLEAN}# more\n`);
  writeFileSync(join(root, 'tests/test_new.py'), CLEAN);
  writeFileSync(join(root, 'tests/test_ignored.py'), CLEAN);
  writeFileSync(join(root, 'tests/test_café.py'), CLEAN);
  git(root, 'rm', '-q', 'tests/test_gone.py');
  const wanted = ['tests/test_café.py', 'tests/test_changed.py', 'tests/test_new.py'];
  assert.deepEqual(paths(root, '--changed-since', 'main'), wanted);
  assert.deepEqual(paths(join(root, 'tests'), '--changed-since', 'main'), wanted);
  git(root, 'add', '-A');
  git(root, 'commit', '-qm', 'second');
  git(root, 'checkout', '-q', 'main');
  writeFileSync(join(root, 'tests/test_same.py'), `${CLEAN}# on main\n`);
  git(root, 'commit', '-qam', 'third');
  git(root, 'checkout', '-q', 'topic');
  assert.deepEqual(paths(root, '--changed-since', 'main'), wanted, 'what main did since is not a change of this branch');
  assert.match(attest(root, 'review', '--changed-since', 'HEAD').err, /^attest: no test file changed since HEAD\n/);
  assert.equal(attest(root, 'review', '--changed-since', 'HEAD').code, 0);
});

test('--changed-since takes tests whose review looks into what changed: a helper, one that is new, one that is gone', {
  skip: hasGit ? false : 'there is no git',
}, () => {
  const uses = (name: string) => `from tests.${name} import Base\n\n\nclass ATest(Base):\n    def test_sum(self):\n        self.assertEqual(2, 1 + 1)\n`;
  const base = 'import unittest\n\n\nclass Base(unittest.TestCase):\n    pass\n';
  const root = folder({
    'tests/__init__.py': '',
    'tests/base.py': base,
    'tests/middle.py': 'from tests.base import Base\n',
    'tests/gone.py': base,
    'tests/test_uses.py': uses('base'),
    'tests/test_uses_far.py': uses('middle'),
    'tests/test_uses_gone.py': uses('gone'),
    'tests/test_uses_new.py': uses('later'),
    'tests/test_alone.py': CLEAN,
    'README.md': '',
  });
  git(root, 'init', '-q');
  git(root, 'add', '-A');
  git(root, 'commit', '-qm', 'first');
  writeFileSync(join(root, 'README.md'), 'more');
  assert.deepEqual(paths(root, '--changed-since', 'HEAD'), [], 'no Python changed');
  writeFileSync(join(root, 'tests/base.py'), `${base}# more\n`);
  assert.deepEqual(paths(root, '--changed-since', 'HEAD'), ['tests/base.py', 'tests/middle.py', 'tests/test_uses.py', 'tests/test_uses_far.py']);
  const again = attest(root, 'review', '--changed-since', 'HEAD');
  assert.match(again.err, /^attest: 3 of the files did not change, but their reviews look into one that did$/m);
  git(root, 'checkout', '-q', 'tests/base.py');
  git(root, 'rm', '-q', 'tests/gone.py');
  assert.deepEqual(paths(root, '--changed-since', 'HEAD'), ['tests/test_uses_gone.py']);
  git(root, 'reset', '-q', '--hard');
  writeFileSync(join(root, 'tests/later.py'), base);
  assert.deepEqual(paths(root, '--changed-since', 'HEAD'), ['tests/later.py', 'tests/test_uses_new.py']);
  assert.deepEqual(paths(root, '--changed-since', 'HEAD', '--no-cache'), ['tests/later.py', 'tests/test_uses_new.py']);
});

test('--changed-since says what is missing, and starts nothing that a repository names', { skip: hasGit ? false : 'there is no git' }, () => {
  const plain = folder({ 'tests/test_a.py': CLEAN });
  assert.deepEqual(attest(plain, 'review', '--changed-since', 'main'), {
    code: 2,
    out: '',
    err: `attest: --changed-since main: ${plain} is not in a Git repository\n`,
  });
  const root = folder({ 'tests/test_a.py': CLEAN, 'hook.sh': '#!/bin/sh\ntouch "$(dirname "$0")/started"\n' });
  const moment = new Date();
  utimesSync(join(root, 'tests/test_a.py'), moment, moment);
  git(root, 'init', '-q');
  git(root, 'add', '-A');
  git(root, 'commit', '-qm', 'first');
  chmodSync(join(root, 'hook.sh'), 0o755);
  git(root, 'config', 'core.fsmonitor', join(root, 'hook.sh'));
  git(root, 'config', 'diff.external', join(root, 'hook.sh'));
  writeFileSync(join(root, '.gitattributes'), '*.py filter=named diff=named\n');
  for (const it of ['filter.named.clean', 'filter.named.process', 'diff.named.textconv', 'diff.named.command', 'core.sshCommand', 'remote.origin.uploadpack'])
    git(root, 'config', it, join(root, 'hook.sh'));
  writeFileSync(join(root, 'tests/test_a.py'), `${CLEAN}# more\n`);
  assert.deepEqual(paths(root, '--changed-since', 'HEAD'), ['tests/test_a.py']);
  assert.ok(!existsSync(join(root, 'started')));
  writeFileSync(join(root, 'tests/test_a.py'), CLEAN);
  assert.deepEqual(paths(root, '--changed-since', 'HEAD'), [], 'touched is not changed');
  // As young as the index, so that Git reads it to be sure.
  git(root, 'config', 'core.trustctime', 'false');
  for (const it of ['tests/test_a.py', '.git/index']) utimesSync(join(root, it), moment, moment);
  assert.deepEqual(paths(root, '--changed-since', 'HEAD'), []);
  assert.ok(!existsSync(join(root, 'started')), 'no filter');
  // A clone that leaves objects with its remote: nothing is fetched.
  for (const [key, value] of [
    ['extensions.partialClone', 'origin'],
    ['remote.origin.promisor', 'true'],
    ['remote.origin.url', `ext::${join(root, 'hook.sh')}`],
    ['protocol.ext.allow', 'always'],
  ] as const)
    git(root, 'config', key, value);
  assert.match(attest(root, 'review', `--changed-since=${'1'.repeat(40)}`).err, /Git knows no commit/);
  assert.ok(!existsSync(join(root, 'started')));
  const foreign = attestWith({ env: { GIT_TEST_ASSUME_DIFFERENT_OWNER: '1' } }, root, 'review', '--changed-since', 'HEAD');
  assert.equal(foreign.code, 2);
  assert.match(
    foreign.err,
    /^attest: --changed-since HEAD: Git does not trust \S+, which belongs to another user \(`git config --global --add safe\.directory /,
  );
  for (const reference of ['no-such', '--output=x', 'HEAD:tests']) {
    const { code, err } = attest(root, 'review', `--changed-since=${reference}`);
    assert.equal(code, 2, reference);
    assert.equal(err, `attest: --changed-since ${reference}: Git knows no commit \`${reference}\`\n`);
  }
});

// ------------------------------------------------------------------------------------------------ words

test('a misspelt option, value or command is one line with what was probably meant', () => {
  const root = folder({});
  for (const [words, line] of [
    [['review', '--formt', 'json'], "unknown option '--formt' (Did you mean --format?)"],
    [['review', '--format', 'jsn'], "option '--format <format>' argument 'jsn' is invalid. Allowed choices are .* Did you mean json\\?"],
    [['reveiw'], "unknown command 'reveiw' (Did you mean review?)"],
    [['review', '--fix', '--diff'], '--fix and --diff exclude each other'],
    [['review', '--update-baseline', '--no-baseline'], 'exclude each other'],
    [
      ['review', '--output', 'a.json', '--output', 'b.json'],
      "option '--output <file>' argument 'b.json' is invalid. It was given before, as 'a.json', and one run writes one report.",
    ],
    [['review', '--shard', '3/2'], 'A part is written `2/16`'],
    [['review', '--sarif-kinds', 'pas'], 'There is no kind "pas".'],
    [['review', '--root', 'nowhere'], 'nowhere: --root must be a folder'],
    [['merge', 'nowhere.json'], 'nowhere.json: cannot be read (ENOENT)'],
    [['explain', 'certificate-chek-off'], 'there is no rule "certificate-chek-off"; did you mean network/certificate-check-off or '],
    [['completion', 'tcsh'], 'there is no completion for "tcsh"; shells are bash, zsh, fish'],
  ] as const) {
    const { code, out, err } = attest(root, ...words);
    assert.deepEqual([code, out], [2, ''], words.join(' '));
    assert.ok(err.startsWith('attest: ') && err.endsWith('\n') && err.indexOf('\n') === err.length - 1, err);
    assert.match(err, new RegExp(line.includes('\\') || line.includes('.*') ? line : line.replace(/[()?]/g, '\\$&')));
  }
});

test('a pattern that nothing matches is shown as it was written', () => {
  const root = folder({ 'tests/test_a.py': CLEAN });
  const { code, err } = attest(root, 'review', '--quiet', 'tests/*_b.py');
  assert.deepEqual([code, err], [2, 'attest: tests/*_b.py: no Python file matches the pattern\n']);
});

test('each command shows examples', () => {
  const root = folder({});
  const [, commands = ''] = attest(root, '--help').out.split('\nCommands:\n');
  const names = [...commands.matchAll(/^ {2}(\w+)/gm)].map(([, name = '']) => name).filter((it) => it !== 'help');
  assert.ok(names.includes('review') && names.includes('mcp'), names.join());
  for (const name of names) assert.match(attest(root, name, '--help').out, /Examples:\n {2}\S/, name);
});

/** What each shell offers after the words, asked in the shell's own way. */
const SHELLS: Readonly<Record<string, (script: string, root: string, words: readonly string[]) => SpawnSyncReturns<string>>> = {
  bash: (script, root, words) => {
    const typed = `COMP_WORDS=(attest ${words.map((it) => `'${it}'`).join(' ')}); COMP_CWORD=${words.length}`;
    return spawnSync('bash', ['--norc', '-c', `source ${script}; ${typed}; _attest; printf '%s\\n' "\${COMPREPLY[@]}"`], { cwd: root, encoding: 'utf8' });
  },
  zsh: (script, root, words) => spawnSync('zsh', ['-f', ZSH_ASKED, script, `attest ${words.join(' ')}`], { cwd: root, encoding: 'utf8', timeout: 30_000 }),
  fish: (script, root, words) => {
    const env = { PATH: process.env['PATH'], HOME: root };
    return spawnSync('fish', ['--no-config', '-c', `source ${script}; complete -C 'attest ${words.join(' ')}'`], { cwd: root, encoding: 'utf8', env });
  },
};
const ZSH_ASKED = join(ROOT, 'test/completion.zsh');

for (const [shell, ask] of Object.entries(SHELLS)) {
  test(`completion in ${shell} knows commands, options, values and files`, {
    skip: spawnSync(shell, ['--version']).error === undefined ? false : `there is no ${shell}`,
  }, () => {
    const root = folder({ 'tests/test_a.py': CLEAN, [`attest.${shell}`]: attest(folder({}), 'completion', shell).out });
    const complete = (...words: readonly string[]) => {
      const { stdout, stderr } = ask(join(root, `attest.${shell}`), root, words);
      assert.equal(stderr, '');
      // fish says behind a tab what each is.
      return stdout
        .split('\n')
        .flatMap((it) => (it === '' ? [] : [it.replace(/\t.*$/, '')]))
        .sort();
    };
    assert.deepEqual(complete('rev'), ['review']);
    assert.deepEqual(complete('review', '--format', 's'), ['sarif']);
    assert.deepEqual(complete('review', '--upd'), ['--update-baseline']);
    assert.deepEqual(
      complete('review', 'te').map((it) => it.replace(/\/$/, '')),
      ['tests'],
    );
    assert.deepEqual(complete('completion', ''), ['bash', 'fish', 'zsh']);
    assert.deepEqual(complete('cache', ''), ['clear']);
  });
}

test('colour only where it is wanted', () => {
  const root = folder({ 'tests/test_a.py': SAFE });
  const colored = (env: Readonly<Record<string, string>>) => attestWith({ env }, root, 'review').out.includes('\u001b[');
  assert.equal(colored({}), false);
  assert.equal(colored({ FORCE_COLOR: '1' }), true);
  assert.equal(colored({ FORCE_COLOR: '1', NO_COLOR: '1' }), false);
  assert.equal(colored({ FORCE_COLOR: '0' }), false);
});

// -------------------------------------------------------------------------------------------- bad endings

test('the report never goes over a file of the run', () => {
  const root = folder({ 'tests/test_a.py': SAFE, 'attest.toml': 'fail-on = "never"\n' });
  attest(root, 'review', '--update-baseline');
  linkSync(join(root, 'tests/test_a.py'), join(root, 'same.txt'));
  symlinkSync('attest-baseline.json', join(root, 'link.json'));
  const before = ['tests/test_a.py', 'attest.toml', 'attest-baseline.json'].map((it) => readFileSync(join(root, it), 'utf8'));
  for (const output of ['tests/test_a.py', 'same.txt', 'attest.toml', 'attest-baseline.json', 'link.json', './tests/../attest.toml']) {
    const { code, err } = attest(root, 'review', '--output', output);
    assert.equal(code, 2, output);
    assert.match(err, /^attest: .*: the report would overwrite (?:a file that is reviewed|the configuration|the baseline)\n$/);
  }
  assert.deepEqual(
    ['tests/test_a.py', 'attest.toml', 'attest-baseline.json'].map((it) => readFileSync(join(root, it), 'utf8')),
    before,
  );
});

test('a merged report never goes over one of its parts', () => {
  const root = folder({ 'tests/test_a.py': SAFE });
  for (const it of ['1/2', '2/2']) attest(root, 'review', '--shard', it, '--format', 'json', '--output', `${it[0]}.json`);
  symlinkSync('2.json', join(root, 'link.json'));
  const before = readFileSync(join(root, '2.json'), 'utf8');
  for (const output of ['2.json', './2.json', 'link.json']) {
    const { code, err } = attest(root, 'merge', '1.json', '2.json', '--output', output);
    assert.deepEqual([code, err], [2, `attest: ${output}: the report would overwrite 2.json, which is a part of it\n`]);
  }
  assert.equal(readFileSync(join(root, '2.json'), 'utf8'), before);
  assert.equal(attest(root, 'merge', '1.json', '2.json', '--output', 'all.json').code, 0);
});

test('a full disk is one clear line, exit code 2, and leaves no half of a file', { skip: existsSync('/dev/full') ? false : 'there is no /dev/full' }, () => {
  const root = folder({ 'tests/test_a.py': SAFE });
  const named = attest(root, 'review', '--output', '/dev/full', '--fail-on', 'never');
  assert.equal(named.code, 2);
  assert.match(named.err, /^attest: \/dev\/full: cannot be written \(the disk is full\)\n/);
  const script = (line: string) => spawnSync('bash', ['-c', line], { cwd: root, encoding: 'utf8' });
  const piped = script(`'${process.execPath}' '${CLI}' review --no-cache > /dev/full`);
  assert.deepEqual([piped.status, /^attest: the report cannot be written \(the disk is full\)\n/m.test(piped.stderr)], [2, true], piped.stderr);
  const limited = script(`ulimit -f 1; '${process.execPath}' '${CLI}' review --no-cache --format html --output big.html`);
  assert.equal(limited.status, 2, limited.stderr);
  assert.match(limited.stderr, /big\.html: cannot be written \(EFBIG\)/);
  assert.deepEqual(readdirSync(root).sort(), ['pyproject.toml', 'tests']);
});

test('^C ends it with 130 and nothing half-written', { skip: process.platform === 'win32' ? 'no signals' : false }, async () => {
  const many = Object.fromEntries(Array.from({ length: 400 }, (_, index) => [`tests/test_${index}.py`, SAFE.repeat(30)]));
  const root = folder(many);
  mkdirSync(join(root, 'out'));
  const child = spawn(process.execPath, [CLI, 'review', '--no-cache', '--jobs', '2', '--output', 'out/report.json', '--format', 'json'], {
    cwd: root,
    stdio: 'pipe',
  });
  const ended = new Promise((resolve) => child.on('close', (code, signal) => resolve(code ?? signal)));
  await new Promise((resolve) => setTimeout(resolve, 900));
  child.kill('SIGINT');
  // Before it listens, the signal itself ends it, which a shell calls 130 too.
  assert.ok([130, 'SIGINT'].includes((await ended) as string | number));
  assert.deepEqual(readdirSync(join(root, 'out')), []);
});
