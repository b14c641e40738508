/** Planted secrets: none of them stands in full in any window, with all rules on and with those for credentials off. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import pico from 'picocolors';
import { RULES } from '../rules/index.ts';
import type { Rule } from '../rules/rule.ts';
import { FORMATS, type ReportContext } from '../server/formats.ts';
import { findingsOf } from '../server/review/review.ts';
import { hoverOf } from '../server/views/hover.ts';
import { ruleNamed } from '../server/views/named.ts';
import { snapshotOf } from '../server/views/panel.ts';
import { positionsOf } from '../server/views/positions.ts';
import { newEngine } from './harness.ts';

// Put together here, so that the repository holds none.
const SECRETS: Record<string, string> = {
  aws: ['AKIA', 'Q7ZN2XW5', 'R4TD6LKB'].join(''),
  stripe: ['sk_live', '_9aKq7ZtRw2', 'XcVb3NmL8pYh4D'].join(''),
  gitlab: ['glpat', '-x7Kq2mVw9R', 'tZ4nBc6Lp8'].join(''),
  random: ['kX9v2LqP', '7zR4tW8m', 'B3nC6yHd'].join(''),
  human: ['Gr7!', 'xQz#', '9Lp2Wv'].join(''),
};

/** Every place where a rule might quote the line it speaks of. */
const PLACES: Record<string, (secret: string) => string> = {
  'a name': (it) => `API_TOKEN = "${it}"\n`,
  'a keyword argument that is patched': (it) => `@mock.patch("bank.login", return_value=dict(password="${it}"))\ndef test_a(login):\n    assert login\n`,
  'a patched dictionary': (it) => `@mock.patch.dict(os.environ, {"API_TOKEN": "${it}"}, clear=True)\ndef test_a():\n    pass\n`,
  'the environment': (it) => `def test_a():\n    os.environ["API_TOKEN"] = "${it}"\n`,
  'a started patch': (it) => `class TestA(unittest.TestCase):\n    def setUp(self):\n        mock.patch("bank.KEY", "${it}").start()\n`,
  'a URL': (it) => `def test_a():\n    requests.get("https://bob:${it}@api.corp.net/x", verify=False)\n`,
  'a header': (it) => `def test_a():\n    requests.get("https://api.corp.net/", headers={"Authorization": "Bearer ${it}"}, verify=False)\n`,
  'a command': (it) => `def test_a():\n    subprocess.run("curl -u bob:${it} https://api.corp.net/", shell=True)\n`,
  'evaluated text': (it) => `def test_a(x):\n    eval("login('${it}')" + x)\n`,
  'a cleanup': (it) => `class TestA(unittest.TestCase):\n    def setUp(self):\n        self.addCleanup(logout, token="${it}")\n`,
  'a comparison': (it) => `def test_a():\n    token == "${it}"\n`,
  'an expected refusal': (it) => `class TestA(unittest.TestCase):\n    def test_a(self):\n        self.assertRaises(Exception, login, password="${it}")\n`,
  'a log': (it) => `def test_a():\n    print("token", "${it}")\n`,
  'a parameter of the test': (it) => `@pytest.mark.parametrize("token", ["${it}"])\ndef test_a(token):\n    assert token\n`,
  'a default': (it) => `TOKEN = os.environ.get("API_TOKEN", "${it}")\n`,
  'a suppressed line': (it) => `API_TOKEN = "${it}"  # attest: ignore[credentials] of the lab\n`,
};

const HEAD = 'import os\nimport subprocess\nimport unittest\nfrom unittest import mock\n\nimport pytest\nimport requests\n\n\n';
const CONTEXT: ReportContext = {
  version: '0',
  rules: RULES,
  colors: pico.createColors(false),
  nameOf: (path: string) => path,
  quiet: false,
  failing: ['fail'],
  sarifKinds: ['fail', 'review', 'informational', 'open', 'pass'],
  prefix: '',
  notes: [],
};

function shownOf(review: Parameters<typeof findingsOf>[0], text: string): Map<string, string> {
  const shown = new Map<string, string>();
  for (const [format, render] of Object.entries(FORMATS)) shown.set(format, render([review], CONTEXT));
  shown.set('panel', JSON.stringify(snapshotOf(review, (id) => ruleNamed(RULES, id))));
  const options = {
    positions: positionsOf(text, 'utf-16'),
    detail: 'full',
    format: 'markdown',
    commands: true,
    related: false,
    uriOf: (it: string) => it,
    ruleOf: (name: string) => ruleNamed(RULES, name),
  } as const;
  shown.set(
    'hover',
    findingsOf(review)
      .map((it) => JSON.stringify(hoverOf(review, text, it.start, options)))
      .join('\n'),
  );
  shown.set(
    'titles of fixes',
    findingsOf(review)
      .map((it) => it.fix?.title ?? '')
      .join('\n'),
  );
  return shown;
}

async function leaks(rules: readonly Rule[]): Promise<{ readonly leaks: string[]; readonly findings: number }> {
  const engine = await newEngine(rules);
  const found: string[] = [];
  let findings = 0;
  for (const [kind, secret] of Object.entries(SECRETS)) {
    for (const [place, code] of Object.entries(PLACES)) {
      const text = HEAD + code(secret);
      engine.put('tests/unit/test_a.py', text);
      const review = engine.review('tests/unit/test_a.py');
      findings += findingsOf(review).length;
      for (const [window, shown] of shownOf(review, text)) if (shown.includes(secret)) found.push(`${kind} in ${place}, shown by ${window}`);
    }
  }
  return { leaks: found, findings };
}

test('no window shows a secret', async () => {
  const { leaks: found, findings } = await leaks(RULES);
  assert.deepEqual(found, []);
  assert.ok(findings > 100, `${findings} findings speak of the places`);
});

test('no window shows a secret in a known form, or bound to a telling name, when the rules for credentials are off', async () => {
  const { leaks: found } = await leaks(RULES.filter((it) => it.category !== 'credentials'));
  assert.deepEqual(
    found.filter((it) => !it.startsWith('human in ')),
    [],
  );
});
