/** The windows: what a hand-built review looks like as Markdown, text and JSON, and a rule as a page. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import pico from 'picocolors';
import type { Subject } from '../rules/model.ts';
import { CATEGORIES, type Category, defineRule, type Kind, py, type Rule } from '../rules/rule.ts';
import { counted, lineRanges, listed, statements } from '../server/review/prose.ts';
import { type CategoryVerdict, countsOf, type PlacedFinding, type Review, worst } from '../server/review/review.ts';
import { catalogue, categoryTable, ruleList, ruleListJson } from '../server/views/catalogue.ts';
import { explain, withoutMarks } from '../server/views/explain.ts';
import { json } from '../server/views/json.ts';
import { markdown } from '../server/views/markdown.ts';
import { ruleNamed, similarRules } from '../server/views/named.ts';
import { text } from '../server/views/text.ts';
import { visible, visibleJson } from '../server/views/visible.ts';

const colors = pico.createColors(false);

function finding(rule: string, kind: Kind, line: number, message: string, more: Partial<PlacedFinding> = {}): PlacedFinding {
  return {
    rule,
    code: 'XXX001',
    category: 'network',
    kind,
    level: kind === 'fail' ? 'error' : 'none',
    confidence: 'high',
    message,
    start: line * 100,
    end: line * 100 + 10,
    line,
    column: 9,
    endLine: line,
    endColumn: 19,
    trail: [],
    fix: undefined,
    fingerprint: 'f00d',
    others: [],
    within: 'TlsTest.test_get',
    suppressed: undefined,
    ...more,
  };
}

function verdictOf(findings: readonly PlacedFinding[], summary: string): CategoryVerdict {
  const active = findings.filter((it) => it.suppressed === undefined);
  if (active.some((it) => it.kind === 'fail')) return 'defects';
  if (active.some((it) => it.kind === 'review')) return 'review';
  return findings.length === 0 && summary === '' ? 'not-applicable' : 'clear';
}

type Found = Partial<Record<Category, { readonly findings?: readonly PlacedFinding[]; readonly summary?: string }>>;

function review(path: string, found: Found, more: Partial<Review> = {}): Review {
  const categories = CATEGORIES.map(({ id, title }) => {
    const { findings = [], summary = '' } = found[id] ?? {};
    return { id, title, looked: summary, summary, findings, verdict: verdictOf(findings, summary) };
  });
  const verdict = worst(categories.map((it) => (it.verdict === 'not-applicable' ? 'clear' : it.verdict)));
  const conclusion = verdict === 'clear' ? 'No security defects detected.' : 'There is something to look at.';
  const counts = countsOf(categories.flatMap((it) => it.findings));
  return { path, isTest: true, lines: 126, verdict, conclusion, categories, counts, faults: [], blind: [], notes: [], unused: [], ...more };
}

const MIGRATION = review('nova/tests/functional/test_migrate.py', {
  credentials: { summary: '14 literals, none secret-like' },
  resources: {
    findings: [
      finding('resources/fixture-releases', 'pass', 45, '`RealPolicyFixture` is released by `useFixture`'),
      finding('resources/fixture-releases', 'pass', 46, '`NeutronFixture` is released by `useFixture`'),
      finding('resources/fixture-releases', 'pass', 47, '`GlanceFixture` is released by `useFixture`'),
      finding('resources/fixture-releases', 'pass', 50, '`OSAPIFixture` is released by `useFixture`', { endLine: 51 }),
    ],
  },
  input: {
    findings: [
      finding('input/body-not-followed', 'open', 70, 'what `self.api.post_server` does with the request body cannot be told: its class was not found'),
    ],
  },
  errors: {
    findings: [
      finding('errors/wait-ends-in-failure', 'pass', 93, 'waiting ends in `self.fail` with the state seen', { endLine: 95 }),
      finding('errors/outcome-asserted', 'pass', 120, 'the outcome is asserted'),
      finding('errors/outcome-asserted', 'pass', 126, 'the outcome is asserted'),
    ],
  },
  network: {
    findings: [
      finding('network/service-stubbed', 'pass', 62, '`fake_network.set_stub_network_methods(self)` stubs the network', {
        trail: [{ path: 'nova/tests/unit/fake_network.py', line: 96, column: 1, note: 'defined here' }],
      }),
    ],
  },
  api: { findings: [finding('api/admin-client', 'informational', 54, 'the client used is the admin one')] },
});

test('Markdown of one file reads like a person wrote it', () => {
  assert.equal(
    markdown([MIGRATION]),
    `# Security review of \`nova/tests/functional/test_migrate.py\`

1. **Hardcoded credentials and sensitive data** — clear. 14 literals, none secret-like.

2. **Resource handling** — clear. \`RealPolicyFixture\` is released by \`useFixture\`; likewise \`NeutronFixture\`, \`GlanceFixture\` and \`OSAPIFixture\` (lines 45-47, 50-51).

3. **Input validation** — clear, with one open question. Open: what \`self.api.post_server\` does with the request body cannot be told: its class was not found (line 70).

4. **Error handling** — clear. Waiting ends in \`self.fail\` with the state seen (lines 93-95). The outcome is asserted (lines 120, 126).

5. **Network security** — clear. \`fake_network.set_stub_network_methods(self)\` stubs the network (line 62; see \`nova/tests/unit/fake_network.py:96\`).

6. **API security** — clear. The client used is the admin one (line 54).

7. **Mocking and stubbing** — not applicable. The file has nothing of this kind.

**Conclusion.** No security defects detected.
`,
  );
});

const ACCEPTS_ANY = finding('network/certificate-check-off', 'fail', 12, '`requests.get` accepts any certificate', {
  trail: [
    { path: 'tests/conf.py', line: 3, column: 1, note: '`VERIFY` is `False`' },
    { path: 'tests/test_tls.py', line: 10, column: 5, note: 'passed on' },
  ],
});
const DEFECTS = review(
  'tests/test_tls.py',
  {
    credentials: {
      findings: [
        finding('credentials/private-key', 'fail', 3, 'a private key', { suppressed: { by: '# attest: ignore', reason: 'made for this test', line: 3 } }),
      ],
    },
    network: {
      findings: [
        ACCEPTS_ANY,
        finding('network/certificate-check-off', 'fail', 20, '`requests.post` accepts any certificate'),
        finding('network/public-host', 'review', 30, 'the test speaks to `api.example.dev`'),
        finding('network/clock', 'fail', 40, 'a retry never ends', { level: 'warning' }),
      ],
    },
  },
  {
    conclusion: 'Three defects.',
    blind: [
      { what: 'missing-import', message: '`lost` was not found', line: 2 },
      { what: 'missing-import', message: '`lost` was not found', line: 8 },
    ],
    faults: [{ rule: 'api/open-door', message: 'x is not a function' }],
  },
);

const RULE = defineRule({
  id: 'network/certificate-check-off',
  code: 'NET006',
  category: 'network',
  title: 'HTTPS certificate checks are switched off',
  kind: 'fail',
  kinds: ['fail', 'review'],
  confidence: 'high',
  cwe: [295],
  peers: { bandit: ['B501'], ruff: ['S501', 'S323'] },
  why: 'A test that accepts any certificate passes against an impostor.',
  instead: 'Trust the test server by name: pass its CA file as `verify`',
  limits: 'A value that exists only at run time is not judged.',
  links: ['https://docs.python.org/3/library/ssl.html'],
  aliases: ['network/tls-off'],
  on: 'call',
  *check() {},
  examples: [
    {
      name: 'a request through an alias',
      bad: py`
        import requests as http

        http.get("https://localhost", verify=False)  #! any certificate
        #                             ^^^^^^^^^^^^ accepts any certificate
      `,
      fixed: 'import requests as http\n',
    },
    { name: 'a private authority', good: { 'test_a.py': 'import b\n', 'b.py': 'CA = "ca.pem"\n' } },
  ],
});
const GOOD = defineRule({
  ...RULE,
  id: 'resources/cleanup-registered',
  code: 'RES-S01',
  category: 'resources',
  title: 'a cleanup is registered',
  kind: 'pass',
  kinds: ['pass'],
  aliases: [],
  peers: {},
  cwe: [],
});
// Rules of all subjects stand in one list, as in the generated index.
const RULES = [RULE, GOOD] as unknown as readonly Rule<Subject>[];

test('Markdown lists defects and decisions with cure, CWE and trail, and says what was not seen', () => {
  const report = markdown([DEFECTS], { rules: RULES });
  assert.ok(
    report.includes('1. **Hardcoded credentials and sensitive data** — clear. One finding is suppressed by comment (line 3: “made for this test”).\n'),
    report,
  );
  assert.ok(
    report.includes(`5. **Network security** — three defects and one point to decide.
   - **Defect**, lines 12, 20: \`requests.get\` accepts any certificate; likewise \`requests.post\`. Instead: trust the test server by name: pass its CA file as \`verify\`. (\`network/certificate-check-off\`, [CWE-295](https://cwe.mitre.org/data/definitions/295.html))
     - \`tests/conf.py:3\`: \`VERIFY\` is \`False\`
     - line 10: passed on
   - **Likely defect**, line 40: a retry never ends. (\`network/clock\`)
   - **To decide**, line 30: the test speaks to \`api.example.dev\`. (\`network/public-host\`)
`),
    report,
  );
  assert.ok(report.includes('**What could not be seen.**\n\n- `lost` was not found (lines 2, 8).\n'), report);
  assert.ok(report.includes('What these rules would have found is missing.\n\n- `api/open-door`: x is not a function\n'), report);
  assert.ok(report.endsWith('**Conclusion.** Three defects. One finding is suppressed.\n'), report);
});

test('Markdown names four pieces of evidence and counts the rest with their lines', () => {
  const many = Array.from({ length: 6 }, (_, index) => finding(`mocking/kind-${index}`, 'pass', 10 + index, `practice number ${index} is kept`));
  const paragraph = markdown([review('tests/test_many.py', { mocking: { findings: many } })]).split('\n\n')[7];
  assert.equal(
    paragraph,
    '7. **Mocking and stubbing** — clear. Practice number 0 is kept (line 10). Practice number 1 is kept (line 11). Practice number 2 is kept (line 12). Three more observations (lines 13-15).',
  );
});

test('Markdown of several files begins with the whole and shows defects first', () => {
  const empty = review('tests/__init__.py', {});
  const product = review('src/app.py', {}, { isTest: false });
  const refused = review('tests/test_bytes.py', {}, { lines: 0, blind: [{ what: 'not-utf8', message: 'it is not UTF-8', line: 1 }] });
  const report = markdown([MIGRATION, product, empty, refused, DEFECTS]);
  assert.ok(
    report.startsWith(
      '# Security review of four test files\n\n**Conclusion.** Three defects in one file. One point to decide in one file. One question stays open. One finding is suppressed. One file is clear. One file could not be read.\n',
    ),
    report,
  );
  assert.ok(report.includes('| File | Defects | To decide | Open |\n|---|--:|--:|--:|\n| `tests/test_tls.py` | 3 | 1 | 0 |\n\n'), report);
  assert.ok(report.includes('| 5. Network security | defects | 3 | 1 | 0 | 1 |\n'), report);
  assert.deepEqual(report.match(/^## .*/gm), [
    '## `tests/test_tls.py`',
    '## `nova/tests/functional/test_migrate.py`',
    '## `tests/test_bytes.py`',
    '## Nothing to review in these files',
    '## Not test code, so not reviewed',
  ]);
  assert.ok(report.includes('**Conclusion.** Nothing could be reviewed: it is not UTF-8.'));
  assert.equal(markdown([]), '# Security review\n\n**Conclusion.** There was no test code to review.\n');
});

test('nothing from the repository becomes markup', () => {
  const nasty = review('tests/`<b>`\u202e|.py', {
    network: { findings: [finding('network/x', 'fail', 1, '`a``<img src=x>` *bold* [x](http://evil.example/) <script> @someone\n# head')] },
  });
  const report = markdown([nasty, MIGRATION]);
  assert.ok(report.includes('| `` tests/`<b>`\\u202e\\|.py `` |'), report);
  const line = report.split('\n').find((it) => it.includes('**Defect**')) ?? '';
  const outside = line.replace(/(?<!`)(`+)(?!`).*?(?<!`)\1(?!`)/g, '');
  assert.doesNotMatch(outside, /<|http:|@|[^\\][[\]]/);
  assert.ok(line.includes('\\*bold\\*'), line);
  assert.ok(line.includes('\\n'), line);
});

test('hidden characters are shown as Python escapes, and JSON keeps its value', () => {
  assert.equal(visible('a\u001b[31m\u202eb\n\u{e0041}\ud800'), 'a\\x1b[31m\\u202eb\\n\\U000e0041\\ud800');
  assert.equal(visible('größe “quoted” 例'), 'größe “quoted” 例');
  const value = { text: '\u202e \u{e0041} \u0085 é' };
  const shown = visibleJson(JSON.stringify(value, undefined, 2));
  assert.doesNotMatch(shown.replaceAll('\n', ''), /[\p{Cc}\p{Cf}]/u);
  assert.deepEqual(JSON.parse(shown), value);
});

test('JSON has the promised keys in the promised order, and equal bytes for any order of reviews', () => {
  const report = json([MIGRATION, DEFECTS], { version: '1.2.3' });
  assert.equal(report, json([DEFECTS, MIGRATION], { version: '1.2.3' }));
  const parsed = JSON.parse(report);
  assert.deepEqual(Object.keys(parsed), ['schema', 'tool', 'notes', 'files', 'summary']);
  assert.equal(parsed.schema, 'attest-review/1');
  assert.deepEqual(parsed.tool, { name: 'attest', version: '1.2.3' });
  assert.deepEqual(
    parsed.files.map((it: { path: string }) => it.path),
    ['nova/tests/functional/test_migrate.py', 'tests/test_tls.py'],
  );
  const [, file] = parsed.files;
  assert.deepEqual(Object.keys(file), ['path', 'verdict', 'lines', 'categories', 'faults', 'blind', 'notes', 'unused']);
  assert.deepEqual(
    file.categories.map((it: { id: string }) => it.id),
    CATEGORIES.map((it) => it.id),
  );
  assert.deepEqual(Object.keys(file.categories[4]), ['id', 'verdict', 'summary', 'findings']);
  assert.equal(
    JSON.stringify(file.categories[4].findings[0]),
    '{"rule":"network/certificate-check-off","code":"XXX001","kind":"fail","level":"error","confidence":"high","message":"`requests.get` accepts any certificate","line":12,"column":9,"endLine":12,"endColumn":19,' +
      '"trail":[{"path":"tests/conf.py","line":3,"column":1,"note":"`VERIFY` is `False`"},{"path":"tests/test_tls.py","line":10,"column":5,"note":"passed on"}],"suppressed":false,"baseline":false,"fingerprint":"f00d"}',
  );
  assert.equal(file.categories[0].findings[0].suppressed, true);
  assert.equal(
    JSON.stringify(parsed.summary),
    '{"verdict":"defects","files":2,"lines":252,"fail":3,"review":1,"informational":1,"open":1,"pass":8,"suppressed":1,"baseline":0}',
  );
});

test('text of one file: findings, categories, conclusion', () => {
  assert.equal(
    text([MIGRATION], { colors }),
    `nova/tests/functional/test_migrate.py
  54:9  note  api/admin-client         the client used is the admin one
  70:9  open  input/body-not-followed  what \`self.api.post_server\` does with the request body cannot be told: its class was not found

  credentials  clear  14 literals, none secret-like
  resources    clear  4 good practices (lines 45-47, 50-51)
  input        clear  1 open (line 70)
  errors       clear  3 good practices (lines 93-95, 120, 126)
  network      clear  1 good practice (line 62)
  api          clear  1 note (line 54)
  mocking      -

No security defects detected.
1 file, 126 lines: 0 defects, 0 to decide, 1 open, 8 good practices
`,
  );
});

test('text of several files shows what needs a look and counts the rest; quiet says only that', () => {
  const report = text([DEFECTS, MIGRATION], { colors });
  assert.ok(
    report.startsWith(
      'tests/test_tls.py\n  12:9  error    network/certificate-check-off  `requests.get` accepts any certificate\n          tests/conf.py:3:1 `VERIFY` is `False`\n          10:5 passed on\n',
    ),
    report,
  );
  assert.match(report, /^network +3 +1 +0 +1 +2$/m);
  assert.ok(report.endsWith('\n3 security defects detected.\n2 files, 252 lines: 3 defects, 1 to decide, 1 open, 8 good practices, 1 suppressed\n'), report);
  assert.ok(report.includes('fault in Attest  api/open-door'));
  assert.equal(text([MIGRATION], { colors, quiet: true }), '');
  assert.equal(text([DEFECTS], { colors, quiet: true }).split('\n')[0], 'tests/test_tls.py');
  const named = text([DEFECTS], { colors, quiet: true, nameOf: (it) => `/w/${it}` });
  assert.match(named, /^\/w\/tests\/test_tls\.py\n/);
  assert.match(named, / \/w\/tests\/conf\.py:3:1 /, 'files on the way too');
});

test('a terminal gets colour when asked for, and never an escape from the repository', () => {
  const painted = text([review('tests/\u001b]0;title\u0007.py', { network: { findings: [ACCEPTS_ANY] } })], { colors: pico.createColors(true) });
  assert.ok(painted.includes('\u001b[31m'));
  assert.ok(painted.includes('tests/\\x1b]0;title\\x07.py'));
  assert.ok(!painted.includes('\u001b]'));
});

test('a rule explains itself, without marks', () => {
  const page = explain(RULES[0] ?? assert.fail());
  assert.ok(
    page.startsWith(
      '# `network/certificate-check-off`\n\n**HTTPS certificate checks are switched off**\n\nNET006 · Network security · defect or point to decide · confidence high · [CWE-295]',
    ),
    page,
  );
  assert.ok(
    page.includes(
      '**Found**: a request through an alias\n\n```python\nimport requests as http\n\nhttp.get("https://localhost", verify=False)\n```\n\nAfter the fix:',
    ),
    page,
  );
  assert.ok(page.includes('**Silent**: a private authority\n\n`test_a.py`\n\n```python\nimport b\n```\n\n`b.py`'), page);
  assert.ok(page.includes('**Elsewhere.** Bandit B501; Ruff S501, S323.'), page);
  assert.ok(!explain(RULES[0] ?? assert.fail(), { examples: false }).includes('```'));
  assert.equal(withoutMarks('#!/usr/bin/env python\nx = "#! no"  # note\n    #   ^^^ text\n'), '#!/usr/bin/env python\nx = "#! no"  # note\n');
});

test('the catalogue groups rules by category and links to each', () => {
  const text = catalogue(RULES);
  assert.ok(text.includes('| [`certificate-check-off`](#networkcertificate-check-off) | NET006 | defect |'), text);
  assert.ok(text.indexOf('## 2. Resource handling') < text.indexOf('## 5. Network security'));
  assert.ok(text.includes('### `network/certificate-check-off`'));
  assert.ok(
    categoryTable(RULES).includes('| 2 | `resources` | Resource handling | Is all that the test acquires or changes released, on every path? | 0 | 1 |'),
  );
  assert.equal(ruleList(RULES).split('\n')[0], 'RES-S01  resources/cleanup-registered   good practice  a cleanup is registered');
  assert.deepEqual(
    JSON.parse(ruleListJson(RULES, { version: '1' })).rules.map((it: { id: string }) => it.id),
    ['resources/cleanup-registered', 'network/certificate-check-off'],
  );
});

test('rules are found by id, name, code and earlier name; others are suggested', () => {
  for (const name of ['network/certificate-check-off', 'certificate-check-off', 'net006', 'tls-off', 'NETWORK/TLS-OFF']) {
    assert.equal(ruleNamed(RULES, name)?.code, 'NET006', name);
  }
  assert.equal(ruleNamed(RULES, 'certificate'), undefined);
  assert.deepEqual(similarRules(RULES, 'certificate'), ['network/certificate-check-off']);
  assert.deepEqual(similarRules(RULES, 'clenup-registred'), ['resources/cleanup-registered']);
  assert.deepEqual(similarRules(RULES, 'zzzzzzzz'), []);
});

test('lines, numbers and lists as words', () => {
  const at = (line: number, endLine = line) => ({ line, endLine });
  assert.equal(lineRanges([at(51), at(45), at(46, 47), at(46)]), '45-47, 51');
  assert.equal(counted(1, 'defect'), 'one defect');
  assert.equal(counted(11, 'defect'), '11 defects');
  assert.equal(listed(['a', 'b', 'c']), 'a, b and c');
});

test('messages that differ in more than one piece of code stay separate statements', () => {
  const made = statements([
    finding('x/y', 'pass', 9, '`a` undoes `b`'),
    finding('x/y', 'pass', 4, '`c` undoes `d`'),
    finding('x/y', 'pass', 6, '`a` undoes `b`'),
  ]);
  assert.deepEqual(
    made.map((it) => [it.message, lineRanges(it.findings)]),
    [
      ['`c` undoes `d`', '4'],
      ['`a` undoes `b`', '6, 9'],
    ],
  );
});
