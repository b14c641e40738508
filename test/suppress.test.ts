/** Comments that take responsibility: where they may stand, what they cover, and what they may not hide. */
import assert from 'node:assert/strict';
import { before, test } from 'node:test';
import type { Engine } from '../server/review/engine.ts';
import { findingsOf } from '../server/review/review.ts';
import { newEngine } from './harness.ts';

let engine: Engine;
before(async () => {
  engine = await newEngine();
});

/** `line rule kind` of the findings on the rule, `suppressed` in place of the kind where a comment covers it. */
function found(text: string, rule = 'certificate-check-off'): string[] {
  engine.put('tests/unit/test_a.py', text);
  return findingsOf(engine.review('tests/unit/test_a.py'))
    .filter((it) => it.rule.endsWith(`/${rule}`))
    .map((it) => `${it.line} ${it.suppressed === undefined ? it.kind : 'suppressed'}`);
}

const CALL = 'requests.get("https://host.corp.net/", verify=False)';
const inTest = (...lines: string[]) => `import requests\n\ndef test_a():\n${lines.map((it) => `    ${it}\n`).join('')}`;

const COVERED: Record<string, string> = {
  'behind the code': inTest(`${CALL}  # attest: ignore[NET006] the lab`),
  'on the line above': inTest('# attest: ignore[network/certificate-check-off] the lab', CALL),
  'above, with comments and blank lines between': inTest('# attest: ignore[NET006] the lab', '', '# more', CALL),
  'behind the first line of a statement': inTest('requests.get(  # attest: ignore[NET006] the lab', '    "https://host.corp.net/",', '    verify=False)'),
  'behind the last line of a statement': inTest('requests.get(', '    "https://host.corp.net/",', '    verify=False', ')  # attest: ignore[NET006] the lab'),
  'inside the brackets, above the argument': inTest(
    'requests.get(',
    '    "https://host.corp.net/",',
    '    # attest: ignore[NET006] the lab',
    '    verify=False)',
  ),
  'behind a closing triple quote': inTest('requests.post("https://host.corp.net/", verify=False, data="""', 'x', '""")  # attest: ignore[NET006] the lab'),
  'for the file, anywhere': `${inTest(CALL)}\n# attest: ignore-file[NET006] the lab\n`,
  'for the file, by category': `# attest: ignore-file[network] the lab\n${inTest(CALL)}`,
  'in capitals': inTest(`${CALL}  # ATTEST: IGNORE[NET006] the lab`),
  "in a peer's words": inTest(`${CALL}  # nosec B501`),
  "in another peer's words": inTest(`${CALL}  # noqa: S501`),
};

for (const [where, text] of Object.entries(COVERED)) {
  test(`a comment ${where} covers the finding`, () => {
    assert.deepEqual(
      found(text).map((it) => it.split(' ')[1]),
      ['suppressed'],
    );
  });
}

const STANDS: Record<string, string> = {
  'in a docstring': inTest('"""', '# attest: ignore-file[NET006] said in words', '"""', CALL),
  'in a string on the same line': inTest(`note = "# attest: ignore[NET006] said"; ${CALL}`),
  'that names another rule': inTest(`${CALL}  # attest: ignore[NET007] the lab`),
  'on the statement before': inTest('x = 1  # attest: ignore[NET006] the lab', CALL),
  'on another entry of a table': inTest('both = [', `    ${CALL},`, '    1,  # attest: ignore[NET006] the lab', '    2,', ']'),
  'that only begins like it': inTest(`${CALL}  # attest: ignored[NET006] the lab`),
};

for (const [where, text] of Object.entries(STANDS)) {
  test(`a comment ${where} covers nothing`, () => {
    assert.deepEqual(
      found(text).map((it) => it.split(' ')[1]),
      ['review'],
    );
  });
}

test('on a line between, it speaks for what touches that line', () => {
  const text = inTest('both = [', `    ${CALL},`, `    ${CALL},  # attest: ignore[NET006] the lab`, `    ${CALL},`, ']');
  assert.deepEqual(found(text), ['5 review', '6 suppressed', '7 review']);
});

test('it covers a statement to its end, whatever the lines begin with and however long they are', () => {
  for (let length = 0; length < 150; length++) {
    const lines = [
      `requests.get("https://host.corp.net/${'x'.repeat(length)}",`,
      '    definitions=1,',
      '    default=2,',
      '    classes=3,',
      '    verify=False)',
    ];
    assert.deepEqual(found(inTest('# attest: ignore[NET006] the lab', ...lines)), ['9 suppressed'], `${length}`);
  }
});

test('a comment of another tool that names no rule makes a note', () => {
  assert.deepEqual(found(inTest(`${CALL}  # nosec`)), ['4 informational']);
  assert.deepEqual(found(inTest(`${CALL}  # NOSONAR`)), ['4 informational']);
});

test('a defect is suppressed only with a reason', () => {
  const text = (reason: string) =>
    `from unittest import mock\n\ndef test_a():\n    m = mock.Mock()\n    m.assert_called_onec()  # attest: ignore[MCK012]${reason}\n`;
  assert.deepEqual(found(text(' the name is meant'), 'misspelt-assertion'), ['5 suppressed']);
  for (const none of ['', ' reason', ' <Reason>', ' .', ' -', ' 42', ' x']) assert.deepEqual(found(text(none), 'misspelt-assertion'), ['5 fail'], none);
  for (const some of [' reason: the name is meant', ' ok for 42', ' 意図的', ' #', ' OK']) {
    const kind = some === ' #' ? 'fail' : 'suppressed';
    assert.deepEqual(found(text(some), 'misspelt-assertion'), [`5 ${kind}`], some);
  }
});

const DEFECT = 'requests.get("https://harbour-shipping.com:8443", timeout=5, verify=False)';

test('the comment of another tool sets a defect aside without a reason, and the review names it', () => {
  const notes = (...lines: string[]) => {
    engine.put('tests/unit/test_n.py', inTest(...lines));
    return engine.review('tests/unit/test_n.py').notes;
  };
  assert.deepEqual(found(inTest(DEFECT)), ['4 fail']);
  assert.deepEqual(notes(`${DEFECT}  # nosec B501`), ['One defect is set aside without a reason: by `# nosec B501` (line 4)']);
  assert.deepEqual(notes(`${DEFECT}  # NOSONAR`, `${DEFECT}  # noqa: S501`, `${DEFECT}  # noqa: S501`), [
    'Three defects are set aside without a reason: by `# NOSONAR` (line 4) and `# noqa: S501` (lines 5-6)',
  ]);
  assert.deepEqual(notes(`${DEFECT}  # noqa: S501 the lab's own authority`, `${DEFECT}  # attest: ignore[NET006] the lab`), []);
  assert.deepEqual(notes(`${CALL}  # nosec B501`), [], 'a point to decide needs no reason');
});

test('the repeated idiom that is left is reported when one of its places is suppressed', () => {
  const patch = (it: string, comment = '') => `@mock.patch("bank.${it}")${comment}\ndef test_${it}(it):\n    pass\n\n`;
  const text = `from unittest import mock\n\n${patch('a', '  # attest: ignore[MCK010] on purpose')}${patch('b')}${patch('c')}`;
  assert.deepEqual(found(text, 'patch-without-autospec'), ['3 suppressed', '7 informational']);
});

test('what differs is never said in one word with another', () => {
  engine.put('tests/unit/test_b.py', 'import shutil\nimport time\nfrom unittest import mock\n\nshutil.which = mock.Mock()\ntime.sleep = mock.Mock()\n');
  const messages = findingsOf(engine.review('tests/unit/test_b.py'))
    .filter((it) => it.kind === 'review')
    .map((it) => it.message);
  assert.ok(messages.length >= 2, messages.join('\n'));
  assert.ok(messages.some((it) => it.includes('time.sleep')));
});

test('a file of which nothing can be parsed is not called free of defects', () => {
  engine.put('tests/unit/test_c.py', '((((\n');
  assert.equal(engine.review('tests/unit/test_c.py').conclusion, 'Nothing was reviewed: 1 part could not be parsed, and nothing else holds anything to judge.');
  engine.put('tests/unit/test_c.py', `${inTest(CALL)}\ndef test_b():\n    f((\n`);
  assert.match(engine.review('tests/unit/test_c.py').conclusion, /1 part could not be parsed and was not reviewed/);
});
