/** The repository's configuration and baseline: what is understood, what is refused and where, what it makes of a review. */
import assert from 'node:assert/strict';
import { existsSync, mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import Ajv from 'ajv';
import { RULES } from '../rules/index.ts';
import { configurationOf } from '../server/configuration.ts';
import { CONFIGURATION, configurationSchema, PRESET_NAMES } from '../server/configuration-keys.ts';
import { PRESETS } from '../server/presets.ts';
import { attest, CLEAN, folder, reportOf } from './command-line.ts';
import { ROOT } from './harness.ts';

const UNCHECKED = `import unittest

import requests


class ClientTest(unittest.TestCase):
    def test_get(self):
        self.assertTrue(requests.get('https://harbour-shipping.com', verify=False))
`;
const RULE = 'network/certificate-check-off';

/** Mistakes as `line:column message`. */
function mistakes(text: string): string[] {
  return configurationOf({ 'attest.toml': text }, RULES).problems.map((it) => `${it.line}:${it.column} ${it.message}`);
}

// --------------------------------------------------------------------------------------------- mistakes

test('globs that could take long to match are refused', () => {
  for (const glob of ['**/*a*a*a*a*ab', `${'a'.repeat(301)}`, '**/**/**/**/**/a', '{a,b}{a,b}{a,b}{a,b}{a,b}']) {
    const said = mistakes(`exclude = ["${glob}"]`);
    assert.equal(said.length, 1, glob);
    assert.match(said[0] ?? '', /has more than|is longer than/);
  }
  assert.deepEqual(mistakes('exclude = ["**/gen_*_pb2*.py", "build/**"]'), []);
});

test('a mistake says where it is and what was probably meant', () => {
  assert.deepEqual(mistakes('basline = "x.json"'), ['1:1 there is no key `basline`; did you mean `baseline`?']);
  assert.deepEqual(mistakes('[rules]\n"sockets-bloked" = "off"\nnetwrok = "off"'), [
    '2:1 there is no rule or category `sockets-bloked`; did you mean `network/sockets-blocked`?',
    '3:1 there is no rule or category `netwrok`; did you mean `network`?',
  ]);
  assert.deepEqual(mistakes('rules = { NET006 = "of" }'), [
    '1:20 `rules` of `NET006` must be one of `error`, `warning`, `review`, `note`, `off`; did you mean `off`?',
  ]);
  assert.deepEqual(mistakes('include = "tests"\nexclude = [1]\nfail-on = true'), [
    '1:11 `include` must be a list: `[…]`',
    '2:12 each item of `exclude` must be a text in quotes',
    '3:11 `fail-on` must be one of `fail`, `review`, `open`, `never`',
  ]);
  assert.deepEqual(mistakes('[[overrides]]\nrules = { network = "off" }\npath = ["a"]'), [
    '3:1 there is no key `path` in each item of `overrides`; did you mean `paths`?',
    '1:3 `paths` is missing in each item of `overrides`',
  ]);
  assert.deepEqual(mistakes('[require]\n"network/certificate-check-off" = "unit"\n"*" = "unit"'), [
    '2:1 `network/certificate-check-off` does not look for good practice, so it cannot be required; `attest rules` lists what does (`pass`)',
    '3:1 there is no rule or category `*`',
  ]);
  assert.deepEqual(mistakes('guarantees = { TestCase = ["stopall"], "a.B" = ["stopal"] }'), [
    '1:16 `TestCase` must be the full name of a class, with its module: `package.module.Class`',
    '1:49 each item of `guarantees` of `a.B` must be one of `stopall`, `nested-temp`, `home`, `config-reset`, `autospec`, `poison`, `rollback`, `environment`; did you mean `stopall`?',
  ]);
});

test('what is no TOML is said in words that say what to mend, where the mistake is', () => {
  for (const [text, said] of [
    ['a = 1\na = 2', '2:1 this is no TOML: this key or table is there already'],
    ['[tool.attest\npreset = "strict"\n', '1:13 this is no TOML: the header `[tool.attest` is not closed: `]` is missing'],
    ['[[overrides]\npaths = ["a"]\n', '1:13 this is no TOML: the header `[[overrides]` is not closed: `]` is missing'],
    ['preset = "strict\n', '1:17 this is no TOML: the text is not closed: its quote is missing'],
    ['preset = [\n  "strict",\n', '3:1 this is no TOML: the file ends inside of a list or before a value'],
    ['preset = strict\n', '1:10 this is no TOML: a value is a text in quotes, a number, `true`, `false`, `[…]` or `{…}`'],
    ['preset "strict"\n', '1:8 this is no TOML: `=` is missing after the key'],
    ['exclude = ["a" "b"]\n', '1:16 this is no TOML: a comma is missing'],
    ['baseline = "a\\qb"\n', "1:15 this is no TOML: the text has a backslash that means nothing; write `\\\\`, or the text in '…'"],
  ] as const)
    assert.deepEqual(mistakes(text), [said], text);
});

test('a configuration that cannot be read says why', () => {
  const outside = folder({ 'secret.toml': 'x = 1\n' });
  const said = (make: (path: string) => void) => {
    const root = folder({ 'tests/test_a.py': CLEAN });
    const path = join(root, 'attest.toml');
    make(path);
    const { code, err } = attest(root, 'review');
    assert.equal(code, 2);
    return err;
  };
  assert.match(
    said((it) => writeFileSync(it, Uint8Array.of(0xff, 0xfe))),
    /^attest\.toml:1:1: it is not UTF-8\n$/,
  );
  assert.match(
    said((it) => mkdirSync(it)),
    /^attest\.toml:1:1: it is not a file\n$/,
  );
  assert.match(
    said((it) => symlinkSync(join(outside, 'secret.toml'), it)),
    /^attest\.toml:1:1: it leads out of the root, so it is not read\n$/,
  );
  assert.match(
    said((it) => symlinkSync('nowhere', it)),
    /^attest\.toml:1:1: it is a link to nothing that can be found\n$/,
  );
});

test('configuration stays below the root, and its patterns stay small', () => {
  for (const path of ['/etc/passwd', '../x.json', 'a/../../x', 'C:\\x', '~/x', '\\\\host\\share', 'a\\..\\..\\x', '']) {
    assert.equal(mistakes(`baseline = ${JSON.stringify(path)}`).length, 1, path);
    assert.equal(mistakes(`exclude = [${JSON.stringify(path)}]`).length, 1, path);
  }
  assert.match(mistakes('exclude = ["**/**/**/**/**/x"]')[0] ?? '', /more than 4 `\*\*`/);
  assert.equal(mistakes(`include = ["${'a'.repeat(301)}"]`).length, 1);
});

test('of pyproject.toml only `tool.attest` is looked at; two configurations are one too many', () => {
  assert.deepEqual(configurationOf({ 'pyproject.toml': '[tool.other]\nbasline = 1\n' }, RULES).problems, []);
  const [problem] = configurationOf({ 'pyproject.toml': '[project]\nname = "x"\n\n[tool.attest]\nbasline = 1\n' }, RULES).problems;
  assert.deepEqual([problem?.line, problem?.column, problem?.endColumn], [5, 1, 8]);
  const { problems } = configurationOf({ 'attest.toml': '', 'pyproject.toml': '[tool.attest]\n' }, RULES);
  assert.deepEqual(
    problems.map((it) => [it.file, it.line]),
    [['pyproject.toml', 1]],
  );
});

test('any text at all is answered with places in it, and never with an exception', () => {
  const words = [
    '[',
    ']',
    '[[',
    '=',
    '"',
    "'''",
    'rules',
    'require',
    'overrides',
    '{',
    '}',
    ',',
    '\n',
    '.',
    '1',
    'true',
    '"network"',
    'a',
    '#',
    '\u0000',
    '𝒳',
    '\r\n',
  ];
  let state = 7;
  for (let round = 0; round < 400; round += 1) {
    const text = Array.from({ length: 12 }, () => {
      state = (state * 1664525 + 1013904223) >>> 0;
      return words[state % words.length] ?? '';
    }).join('');
    for (const it of configurationOf({ 'attest.toml': text }, RULES).problems) assert.ok(it.line >= 1 && it.column >= 1 && it.message !== '', text);
  }
  assert.equal(mistakes(`a = ${'['.repeat(50_000)}`).length, 1);
});

// ---------------------------------------------------------------------------------- presets and the schema

test('presets are configurations without mistakes', () => {
  for (const name of PRESET_NAMES) assert.deepEqual(mistakes(PRESETS[name].toml), [], name);
});

test('the schema takes what is understood and refuses what is not', () => {
  const validate = new Ajv().compile(configurationSchema());
  const good = {
    preset: ['strict', 'pytest'],
    include: ['a/**'],
    disable: ['NET006', 'mocking'],
    rules: { '*': 'note', network: 'review', 'network/certificate-check-off': 'error' },
    overrides: [{ paths: ['tests/**'], disable: ['network'] }],
    guarantees: { 'a.B': ['stopall'], c: { D: ['home'] } },
    require: { 'network/sockets-blocked': 'unit', mocking: { in: ['a'], level: 'review', per: 'test', reason: 'x' } },
    baseline: 'known.json',
    'fail-on': 'open',
  };
  assert.ok(validate(good), JSON.stringify(validate.errors));
  for (const bad of [{ basline: 'x' }, { rules: { network: 'loud' } }, { overrides: [{}] }, { require: { mocking: { in: 'everywhere' } } }, { preset: 'nova' }])
    assert.ok(!validate(bad), JSON.stringify(bad));
});

test('the page about configuration names every key', () => {
  const page = readFileSync(join(ROOT, 'docs/configuration.md'), 'utf8');
  for (const name of Object.keys(CONFIGURATION.keys)) assert.ok(page.includes(`\`${name}\``), name);
  for (const name of PRESET_NAMES) assert.ok(page.includes(PRESETS[name].toml.trim()), `the page does not show the preset ${name} as it is`);
});

// ------------------------------------------------------------------------------------------ what it does

function levelsOf(root: string, ...words: readonly string[]): Record<string, string> {
  const { files } = reportOf(attest(root, 'review', '--format', 'json', '--fail-on', 'never', ...words).out);
  return Object.fromEntries(
    files.map((it) => [
      it.path,
      it.categories.flatMap((one) => one.findings.filter((found) => found.rule === RULE).map((found) => `${found.kind}/${found.level}`)).join(),
    ]),
  );
}

test('levels: a rule before its category, a later layer before an earlier one, overrides by path', () => {
  const files = { 'tests/test_a.py': UNCHECKED, 'tests/api/test_b.py': UNCHECKED };
  const of = (toml: string) => levelsOf(folder({ ...files, 'attest.toml': toml }));
  assert.deepEqual(of(''), { 'tests/api/test_b.py': 'fail/error', 'tests/test_a.py': 'fail/error' });
  assert.deepEqual(of('[rules]\nnetwork = "review"'), { 'tests/api/test_b.py': 'review/none', 'tests/test_a.py': 'review/none' });
  assert.deepEqual(of('[rules]\nnetwork = "off"\nNET006 = "warning"'), { 'tests/api/test_b.py': 'fail/warning', 'tests/test_a.py': 'fail/warning' });
  assert.deepEqual(of('disable = ["certificate-check-off"]\n[[overrides]]\npaths = ["tests/api"]\nrules = { "*" = "note" }'), {
    'tests/api/test_b.py': 'informational/none',
    'tests/test_a.py': '',
  });
});

test('a verdict says what configuration turned off; a category that is off is not clear', () => {
  const root = folder({ 'tests/test_a.py': UNCHECKED, 'pyproject.toml': '[tool.attest]\ndisable = ["network"]\n' });
  const { code, out } = attest(root, 'review');
  assert.equal(code, 0);
  assert.match(out, /No security defects detected.*\n.*\nConfiguration turns off `network`\.\n$/);
  assert.match(out, /^ {2}network +- *$/m);
  assert.match(attest(root, 'review', '--format', 'markdown').out, /\*\*Conclusion\.\*\* .*Configuration turns off/);
  const [file] = reportOf(attest(root, 'review', '--format', 'json').out).files;
  assert.deepEqual(file?.notes, ['Configuration turns off `network`']);
  assert.equal(attest(root, 'review', '--no-config').code, 1);
});

test('what configuration promises for a base class holds, and the verdict says so', () => {
  const source = `from unittest import mock

from acme.testing import base


class CwdTest(base.TestCase):
    def setUp(self):
        super().setUp()
        mock.patch('os.getcwd').start()

    def test_it(self):
        self.assertEqual(2, sum([1, 1]))
`;
  const said = (toml: string) => {
    const { files } = reportOf(attest(folder({ 'tests/test_a.py': source, 'attest.toml': toml }), 'review', '--format', 'json', '--fail-on', 'never').out);
    const findings = files.flatMap((it) => it.categories.flatMap((one) => one.findings));
    return { message: findings.find((it) => it.rule === 'mocking/patch-never-stopped')?.message ?? '', notes: files[0]?.notes };
  };
  assert.match(said('').message, /is never stopped here, unless `base\.TestCase` does it/);
  const promised = said('[guarantees]\nacme.testing.base.TestCase = ["stopall"]\n');
  assert.match(promised.message, /is stopped only by the `stopall` of `base\.TestCase`/);
  assert.match(promised.notes?.[0] ?? '', /^The verdict rests on guarantees that configuration adds: of `acme\.testing\.base\.TestCase`$/);
});

test('what is excluded is never reviewed, and whoever names it is told why; what is included is reviewed', () => {
  const root = folder({
    'tests/test_a.py': CLEAN,
    'tests/gen/test_b.py': CLEAN,
    'checks/smoke.py': UNCHECKED,
    'attest.toml': 'exclude = ["gen"]\ninclude = ["checks/*.py"]\n',
  });
  const paths = (...words: readonly string[]) => reportOf(attest(root, 'review', '--format', 'json', ...words).out).files.map((it) => it.path);
  assert.deepEqual(paths(), ['checks/smoke.py', 'tests/test_a.py']);
  assert.equal(levelsOf(root)['checks/smoke.py'], 'fail/error');
  assert.match(attest(root, 'review', 'tests/gen/test_b.py').err, /^attest: tests\/gen\/test_b\.py: not reviewed: excluded by `gen` \(attest\.toml:1\)\n/);
  assert.match(attest(root, 'config', 'tests/gen/test_b.py').out, /^excluded = true +# attest\.toml:1\nincluded = false$/m);
  assert.match(attest(root, 'config', 'checks/smoke.py').out, /^included = true +# attest\.toml:2$/m);
});

const FORMAT_NAMES = ['text', 'markdown', 'json', 'sarif', 'html', 'junit', 'github', 'gitlab'];

/** In each format: what is printed, remarks on standard error included. */
function everywhere(root: string, ...words: readonly string[]): [string, string][] {
  const runs = FORMAT_NAMES.map((it): [string, string[]] => [it, ['--format', it]]);
  return [...runs, ['quiet', ['--quiet']] as const].map(([name, more]) => {
    const { out, err } = attest(root, 'review', ...more, ...words);
    return [name, (out + err).replaceAll('&#10;', ' ').replaceAll('%3A', ':')];
  });
}

test('what configuration, or a file itself, takes out of the count is named in every report, and --no-config counts it', () => {
  const marked = `# Code generated by protoc. DO NOT EDIT.\n${UNCHECKED}`;
  const cases: [files: Record<string, string>, said: RegExp][] = [
    [{ 'attest.toml': 'exclude = ["tests/test_evil.py"]\n' }, /Configuration excludes one test file: .{0,6}tests\/test_evil\.py/],
    [{ 'attest.toml': 'fail-on = "never"\n' }, /Configuration lets no finding fail the run \(.?fail-on.{0,20}, .?attest\.toml:1\)/],
    [{ 'attest.toml': '[rules]\n"*" = "off"\n' }, /Configuration turns off all rules/],
    [{ '.gitattributes': 'tests/** linguist-vendored\n' }, /The file is vendored, by/],
    [{ 'tests/test_evil.py': marked }, /The file is generated, by its head/],
  ];
  for (const [files, said] of cases) {
    const root = folder({ 'tests/test_evil.py': UNCHECKED, 'tests/test_fine.py': CLEAN, ...files });
    assert.equal(attest(root, 'review').code, 0);
    for (const [format, text] of everywhere(root)) assert.match(text, said, format);
    const { code, out } = attest(root, 'review', '--no-config', '--format', 'json');
    assert.equal(code, 1, said.source);
    assert.doesNotMatch(out, said);
  }
});

test('parts of a tree say once what holds for all of it', () => {
  const root = folder({ 'attest.toml': 'exclude = ["tests/test_a.py"]\n', 'tests/test_a.py': CLEAN, 'tests/test_b.py': CLEAN, 'tests/test_c.py': CLEAN });
  for (const format of ['json', 'sarif']) {
    const parts = ['1/2', '2/2'].map((shard) => {
      const part = `${shard[0]}.${format}`;
      attest(root, 'review', '--format', format, '--shard', shard, '--output', part);
      return part;
    });
    const merged = attest(root, 'merge', ...parts).out;
    assert.equal(merged, attest(root, 'review', '--format', format).out);
    assert.equal(merged.split('Configuration excludes').length, 2);
  }
});

test('what holds for a file of a sub-project does not hang on what else is reviewed', () => {
  const files = { '.git/HEAD': '', 'services/shop/setup.py': '', 'services/shop/tests/test_a.py': UNCHECKED, 'tests/test_b.py': CLEAN };
  const [own, other] = ['services/shop/tests/test_a.py', 'tests/test_b.py'];
  const inTop = folder({ ...files, 'attest.toml': '[rules]\nnetwork = "off"\n' });
  for (const words of [[own], [own, other], ['.'], ['services']]) assert.equal(attest(inTop, 'review', ...words).code, 0, words.join(' '));
  assert.equal(attest(join(inTop, 'services/shop'), 'review').code, 0);
  const inPyproject = folder({ ...files, 'pyproject.toml': '[tool.attest.rules]\nnetwork = "off"\n' });
  for (const words of [[own], [own, other]]) assert.equal(attest(inPyproject, 'review', ...words).code, 0, words.join(' '));
  const known = folder(files);
  assert.equal(attest(known, 'review', own).code, 1);
  assert.equal(attest(known, 'review', '--update-baseline').code, 0);
  for (const words of [[own], [own, other]]) assert.equal(attest(known, 'review', ...words).code, 0, words.join(' '));
});

test('a configuration that is not read in a run is named in its report', () => {
  const files = { '.git/HEAD': '', 'shop/pyproject.toml': '[tool.attest]\nbroken = 1\n', 'shop/tests/test_a.py': UNCHECKED, 'tests/test_b.py': CLEAN };
  const root = folder({ ...files, 'other/attest.toml': '', 'other/app.py': '' });
  assert.equal(attest(root, 'review', 'shop').code, 2, 'alone, it is read');
  for (const [format, text] of everywhere(root))
    assert.match(text, /Configuration comes from the root alone: .{0,6}shop\/pyproject\.toml.{0,7} is not read in this run/, format);
  assert.doesNotMatch(attest(root, 'review', 'tests').out, /not read/);
});

test('the threshold comes from the command line, else from the configuration, else from its presets', () => {
  const root = folder({ 'tests/test_a.py': UNCHECKED, 'attest.toml': 'fail-on = "never"\npreset = "strict"\n' });
  assert.equal(attest(root, 'review').code, 0);
  assert.equal(attest(root, 'review', '--fail-on', 'fail').code, 1);
  writeFileSync(join(root, 'attest.toml'), 'preset = "strict"\nrules = { network = "review" }\n');
  assert.equal(attest(root, 'review').code, 1);
});

test('a mistake in the configuration is exit code 2 with its place, and nothing is reviewed', () => {
  const root = folder({ 'tests/test_a.py': CLEAN, 'pyproject.toml': '[tool.attest]\nbasline = "x"\n' });
  assert.deepEqual(attest(root, 'review'), { code: 2, out: '', err: 'pyproject.toml:2:1: there is no key `basline`; did you mean `baseline`?\n' });
  assert.deepEqual(attest(join(root, 'tests'), 'config'), {
    code: 2,
    out: '',
    err: `${join(root, 'pyproject.toml')}:2:1: there is no key \`basline\`; did you mean \`baseline\`?\n`,
  });
  writeFileSync(join(root, 'pyproject.toml'), Uint8Array.of(0xff, 0xfe));
  assert.equal(attest(root, 'review').err, 'pyproject.toml:1:1: it is not UTF-8\n');
});

test('`attest config` shows what holds, from where, and what holds for one file', () => {
  const root = folder({
    'tests/test_a.py': CLEAN,
    'attest.toml': 'preset = "strict"\n\n[rules]\nNET006 = "off"\n\n[[overrides]]\npaths = ["tests/**"]\nrules = { network = "note" }\n',
  });
  const all = attest(root, 'config').out;
  assert.match(all, /^# configuration: attest\.toml$/m);
  assert.match(all, /^rules\."network\/certificate-check-off" = "off" +# attest\.toml:4$/m);
  assert.match(all, /^fail-on = "review" +# preset `strict`:1$/m);
  assert.match(all, /^baseline = "attest-baseline\.json" +# default$/m);
  const { settings } = JSON.parse(attest(root, 'config', 'tests/test_a.py', '--format', 'json').out);
  const own = settings.filter((it: { key: string }) => it.key.startsWith('rules."network'));
  assert.deepEqual(own, [{ key: 'rules."network"', value: 'note', from: 'attest.toml', line: 8 }]);
  assert.match(attest(folder({}), 'config').out, /^# configuration: none$/m);
});

// --------------------------------------------------------------------------------------------- baseline

interface Entry {
  readonly rule: string;
  readonly kind: string;
  readonly baseline?: boolean;
}

function found(root: string, ...words: readonly string[]): readonly Entry[] {
  return reportOf(attest(root, 'review', '--format', 'json', ...words).out).files.flatMap((it) =>
    it.categories.flatMap((one) => one.findings as readonly Entry[]),
  );
}

test('an idiom that is said once is known while all of it is', () => {
  const broad = (...calls: readonly string[]) =>
    [
      'import pytest',
      '',
      'from bank import account',
      '',
      '',
      'def test_refusals():',
      ...calls.flatMap((it) => ['    with pytest.raises(Exception):', `        ${it}`]),
    ]
      .join('\n')
      .concat('\n');
  const root = folder({ 'tests/test_a.py': broad('account.pay(0)', 'account.pay(-1)', 'account.pay(10**9)') });
  const review = () => attest(root, 'review', '--fail-on', 'review');
  assert.match(review().out, /expected-exception-too-broad/);
  assert.equal(review().code, 1);
  attest(root, 'review', '--update-baseline');
  assert.equal(review().code, 0);
  writeFileSync(join(root, 'tests/test_a.py'), broad('account.pay(0)', 'account.pay(-1)'));
  assert.equal(review().code, 0, 'one of them is mended');
  writeFileSync(join(root, 'tests/test_a.py'), broad('account.pay(0)', 'account.pay(-1)', 'account.pay(10**9)', 'account.close()'));
  assert.equal(review().code, 1, 'one has come in below');
});

test('what is in the baseline no longer counts, wherever it moves; what is new does', () => {
  const root = folder({ 'tests/test_a.py': UNCHECKED });
  const updated = attest(root, 'review', '--update-baseline');
  assert.equal(updated.code, 0, updated.err);
  assert.match(updated.err, /^attest: attest-baseline\.json: 2 findings are known now\n/);
  const baseline = readFileSync(join(root, 'attest-baseline.json'), 'utf8');
  assert.ok(!baseline.includes('verify') && !baseline.includes('harbour'), 'it holds no code');

  writeFileSync(join(root, 'tests/test_a.py'), `${'# a line above\n'.repeat(50)}${UNCHECKED}`);
  const moved = attest(root, 'review');
  assert.equal(moved.code, 0);
  assert.match(moved.out, /2 in the baseline/);
  assert.equal(found(root).find((it) => it.rule === RULE)?.baseline, true);

  writeFileSync(
    join(root, 'tests/test_a.py'),
    `${UNCHECKED}\n    def test_put(self):\n        self.assertTrue(requests.put('https://harbour-shipping.com', verify=False))\n`,
  );
  const more = attest(root, 'review');
  assert.equal(more.code, 1);
  assert.match(more.out, /2 defects, .* 2 in the baseline/);
  assert.equal(attest(root, 'review', '--no-baseline', '--quiet').out.match(/certificate-check-off/g)?.length, 2);
});

test('entries that no longer apply are counted, and go with the next update', () => {
  const root = folder({ 'tests/test_a.py': UNCHECKED, 'tests/test_b.py': UNCHECKED, 'tests/test_c.py': UNCHECKED });
  attest(root, 'review', '--update-baseline');
  writeFileSync(join(root, 'tests/test_a.py'), CLEAN);
  rmSync(join(root, 'tests/test_c.py'));
  assert.match(attest(root, 'review').err, /4 entries of the baseline no longer apply/);
  assert.match(attest(root, 'review', 'tests/test_b.py').err, /2 entries of the baseline no longer apply/, 'of the file that is gone');
  attest(root, 'review', 'tests/test_a.py', '--update-baseline');
  const { files } = JSON.parse(readFileSync(join(root, 'attest-baseline.json'), 'utf8'));
  assert.deepEqual(Object.keys(files), ['tests/test_b.py']);
});

test('the baseline is the same bytes in any order, and lies where configuration or command line say', () => {
  const root = folder({ 'tests/test_b.py': UNCHECKED, 'tests/test_a.py': UNCHECKED, 'attest.toml': 'baseline = "known/base.json"\n' });
  mkdirSync(join(root, 'known'));
  assert.match(attest(root, 'review').err, /^attest: known\/base\.json: there is no such baseline/m);
  attest(root, 'review', 'tests/test_b.py', '--update-baseline');
  attest(root, 'review', 'tests/test_a.py', '--update-baseline');
  attest(root, 'review', '--update-baseline', '--baseline', 'other.json');
  assert.equal(readFileSync(join(root, 'known/base.json'), 'utf8'), readFileSync(join(root, 'other.json'), 'utf8'));
});

test('a damaged baseline is one clear line and exit code 2, and is left as it is', () => {
  const root = folder({ 'tests/test_a.py': UNCHECKED });
  for (const [text, why] of [
    ['{', 'it is no JSON'],
    ['[]', 'it has no `schema`'],
    ['{"schema": "attest-baseline/9", "files": {}}', 'its schema is `attest-baseline/9`'],
    ['{"schema": "attest-baseline/1", "files": {"a": {"b": ["nope"]}}}', '`b` of `a` is no list of fingerprints'],
    ['{\n<<<<<<< ours\n', 'line 2 is the mark of a merge conflict'],
  ] as const) {
    writeFileSync(join(root, 'attest-baseline.json'), text);
    for (const words of [['review'], ['review', '--update-baseline']]) {
      const { code, out, err } = attest(root, ...words);
      assert.deepEqual([code, out], [2, ''], text);
      assert.ok(err.startsWith(`attest: attest-baseline.json: the baseline is damaged: ${why}`) && err.trim().split('\n').length === 1, err);
    }
    assert.equal(readFileSync(join(root, 'attest-baseline.json'), 'utf8'), text);
  }
});

test('no baseline is read or written outside of the root because of what the repository says', () => {
  const outside = folder({});
  const root = folder({ 'tests/test_a.py': UNCHECKED, 'attest.toml': 'baseline = "away/base.json"\n' });
  symlinkSync(outside, join(root, 'away'));
  assert.match(attest(root, 'review', '--update-baseline').err, /^attest: away\/base\.json: the baseline leads out of the root/);
  rmSync(join(root, 'attest.toml'));
  symlinkSync(join(outside, 'planted.json'), join(root, 'attest-baseline.json'));
  assert.equal(attest(root, 'review', '--update-baseline').code, 2);
  assert.ok(!existsSync(join(outside, 'planted.json')) && !existsSync(join(outside, 'base.json')));
});
