/** Required evidence: proven where it runs for the test, and nowhere else. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { RULES } from '../rules/index.ts';
import { configurationOf } from '../server/configuration.ts';
import { withRequired } from '../server/required-evidence.ts';
import { findingsOf } from '../server/review/review.ts';
import { attest, folder, reportOf } from './command-line.ts';
import { newEngine } from './harness.ts';

const BLOCKED = 'network/sockets-blocked';
const MISSING = `${BLOCKED}-required`;

const requirement = (value = '"unit"') => `[require]\n"${BLOCKED}" = ${value}\n`;

interface Found {
  readonly rule: string;
  readonly kind: string;
  readonly line: number;
  readonly message: string;
  readonly suppressed: boolean;
}

/** What is missing, by file. */
function missing(files: Readonly<Record<string, string>>, toml = requirement()): Record<string, readonly Found[]> {
  const root = folder({ ...files, 'attest.toml': toml });
  const { out, err } = attest(root, 'review', '--format', 'json', '--fail-on', 'never');
  assert.ok(out !== '', err);
  return Object.fromEntries(
    reportOf(out).files.map((it) => [
      it.path,
      it.categories.flatMap((one) => one.findings as unknown as readonly Found[]).filter((found) => found.rule === MISSING),
    ]),
  );
}

const count = (files: Readonly<Record<string, string>>, toml?: string) =>
  Object.fromEntries(Object.entries(missing(files, toml)).map(([path, found]) => [path, found.length]));

const PLAIN = 'def test_a():\n    assert sum([1]) == 1\n\n\ndef test_b():\n    assert sum([2]) == 2\n';

test('a file without the evidence gets a finding that says who requires it', () => {
  const found = missing({ 'tests/unit/test_a.py': PLAIN, 'tests/functional/test_b.py': PLAIN, 'tests/unit/helper.py': 'X = 1\n' });
  assert.deepEqual(found['tests/functional/test_b.py'], []);
  assert.deepEqual(found['tests/unit/helper.py'], []);
  const [one, ...others] = found['tests/unit/test_a.py'] ?? [];
  assert.equal(others.length, 0);
  assert.deepEqual([one?.kind, one?.line], ['fail', 1]);
  assert.equal(one?.message, `no test here shows \`${BLOCKED}\`, which attest.toml line 2 requires`);
});

test('the places, the level and the reason are those of the requirement', () => {
  const files = { 'tests/unit/test_a.py': PLAIN, 'tests/functional/test_b.py': PLAIN, 'tests/integration/test_c.py': PLAIN };
  assert.deepEqual(count(files, requirement('"all"')), { 'tests/functional/test_b.py': 1, 'tests/integration/test_c.py': 1, 'tests/unit/test_a.py': 1 });
  assert.deepEqual(count(files, requirement('["integration", "tests/func*/**"]')), {
    'tests/functional/test_b.py': 1,
    'tests/integration/test_c.py': 1,
    'tests/unit/test_a.py': 0,
  });
  const [one] = missing(files, requirement('{ in = "unit", level = "review", reason = "no network in CI" }'))['tests/unit/test_a.py'] ?? [];
  assert.equal(one?.kind, 'review');
  assert.match(one?.message ?? '', /requires \(no network in CI\)$/);
});

test('evidence in a fixture counts where the fixture reaches', () => {
  const fixture = (line: string) => `import pytest\nimport pytest_socket\n\n\n${line}\ndef no_network():\n    pytest_socket.disable_socket()\n`;
  const autouse = fixture('@pytest.fixture(autouse=True)');
  const named = fixture('@pytest.fixture');
  assert.deepEqual(count({ 'tests/conftest.py': autouse, 'tests/unit/test_a.py': PLAIN, 'other/test_b.py': PLAIN }), {
    'other/test_b.py': 1,
    'tests/conftest.py': 0,
    'tests/unit/test_a.py': 0,
  });
  const asked = PLAIN.replace('test_b()', 'test_b(no_network)');
  const marked = `import pytest\n\n\n@pytest.mark.usefixtures("no_network")\n${PLAIN}`;
  const spoken = PLAIN.replace('    assert', '    # no_network\n    """no_network"""\n    assert');
  assert.deepEqual(
    count({
      'tests/conftest.py': named,
      'tests/unit/test_a.py': PLAIN,
      'tests/unit/test_asked.py': asked,
      'tests/unit/test_marked.py': marked,
      'tests/unit/test_spoken.py': spoken,
    }),
    { 'tests/conftest.py': 0, 'tests/unit/test_a.py': 1, 'tests/unit/test_asked.py': 0, 'tests/unit/test_marked.py': 0, 'tests/unit/test_spoken.py': 1 },
  );
});

test('evidence in set-up counts for the classes below, in other files too, unless one does not call it', () => {
  const base =
    'import unittest\n\nimport pytest_socket\n\n\nclass Base(unittest.TestCase):\n    def setUp(self):\n        super().setUp()\n        self._block()\n\n    def _block(self):\n        pytest_socket.disable_socket()\n\n    def _unblock(self):\n        pass\n';
  const below = (more: string) => `from tests import base\n\n\nclass A(base.Base):\n${more}    def test_a(self):\n        self.assertEqual(1, sum([1]))\n`;
  assert.deepEqual(
    count({
      'tests/base.py': base,
      'tests/unit/test_a.py': below(''),
      'tests/unit/test_up.py': below('    def setUp(self):\n        super().setUp()\n\n'),
      'tests/unit/test_not_up.py': below('    def setUp(self):\n        pass\n\n'),
      'tests/unit/test_other.py': 'import unittest\n\n\nclass B(unittest.TestCase):\n    def test_a(self):\n        self.assertEqual(1, sum([1]))\n',
    }),
    { 'tests/base.py': 0, 'tests/unit/test_a.py': 0, 'tests/unit/test_not_up.py': 1, 'tests/unit/test_other.py': 1, 'tests/unit/test_up.py': 0 },
  );
  assert.deepEqual(count({ 'tests/base.py': base.replace('self._block()', 'pass  # self._block()'), 'tests/unit/test_a.py': below('') }), {
    'tests/base.py': 0,
    'tests/unit/test_a.py': 1,
  });
});

test('per test: each that lacks it, one finding to a class', () => {
  const source = `import unittest
from unittest import mock


class A(unittest.TestCase):
    @mock.patch("socket.socket")
    def test_a(self, made):
        self.assertEqual(1, sum([1]))

    def test_b(self):
        self.assertEqual(2, sum([2]))

    def test_c(self):
        self.assertEqual(3, sum([3]))


class B(unittest.TestCase):
    def test_d(self):
        self.assertEqual(4, sum([4]))
`;
  const files = { 'tests/unit/test_a.py': source };
  assert.deepEqual(count(files), { 'tests/unit/test_a.py': 0 });
  const found = missing(files, requirement('{ in = "unit", per = "test" }'))['tests/unit/test_a.py'] ?? [];
  assert.deepEqual(
    found.map((it) => [it.line, it.message.split(',')[0]]),
    [
      [10, `\`A.test_b\` and \`A.test_c\` do not show \`${BLOCKED}\``],
      [18, `\`B.test_d\` does not show \`${BLOCKED}\``],
    ],
  );
});

test('it is suppressed and baselined like any finding, and explained', () => {
  const suppressed = `# attest: ignore-file[${MISSING}] reaches a device of the lab\n${PLAIN}`;
  const found = missing({ 'tests/unit/test_a.py': suppressed, 'tests/unit/test_b.py': `# attest: ignore-file[${MISSING}]\n${PLAIN}` });
  assert.equal(found['tests/unit/test_a.py']?.[0]?.suppressed, true);
  assert.equal(found['tests/unit/test_b.py']?.[0]?.suppressed, false, 'a defect needs a reason');
  const root = folder({ 'tests/unit/test_a.py': PLAIN, 'attest.toml': requirement() });
  assert.equal(attest(root, 'review').code, 1);
  attest(root, 'review', '--update-baseline');
  assert.equal(attest(root, 'review').code, 0);
  const page = attest(root, 'explain', MISSING).out;
  assert.match(page, /^# `network\/sockets-blocked-required`\n/);
  for (const format of ['sarif', 'html', 'markdown', 'junit', 'gitlab', 'github'])
    assert.equal(attest(root, 'review', '--no-baseline', '--format', format).code, 1, format);
  const sarif = JSON.parse(attest(root, 'review', '--no-baseline', '--format', 'sarif').out);
  assert.ok(sarif.runs[0].tool.driver.rules.some((it: { id: string }) => it.id === MISSING));
});

test('a category is shown by any evidence of it, and an empty list takes a requirement back', () => {
  const files = { 'tests/unit/test_a.py': PLAIN };
  const of = (toml: string) =>
    reportOf(attest(folder({ ...files, 'attest.toml': toml }), 'review', '--format', 'json', '--fail-on', 'never').out).files[0]?.categories.flatMap((it) =>
      it.findings.map((found) => found.rule),
    );
  assert.ok(of('[require]\nmocking = "unit"\n')?.includes('mocking/evidence-required'));
  assert.ok(!of('[require]\nmocking = []\n')?.includes('mocking/evidence-required'));
});

test('while somebody types, evidence in another file comes and goes', async () => {
  const engine = await newEngine();
  const required = configurationOf({ 'attest.toml': requirement() }, RULES).configuration.requirements;
  const path = 'tests/unit/test_a.py';
  const conftest = (line: string) => `import pytest\nimport pytest_socket\n\n\n@pytest.fixture(autouse=True)\ndef no_network():\n    ${line}\n`;
  const missed = () => findingsOf(withRequired(engine, engine.review(path), required)).filter((it) => it.rule === MISSING).length;
  engine.put(path, PLAIN);
  assert.equal(missed(), 1);
  assert.ok(engine.wanted().includes('tests/conftest.py'), 'it asks for what evidence could stand in');
  engine.put('tests/conftest.py', conftest('pytest_socket.disable_socket()'));
  assert.deepEqual(engine.outdated(), [path]);
  assert.equal(missed(), 0);
  engine.put('tests/conftest.py', conftest('pass'));
  assert.deepEqual(engine.outdated(), [path]);
  assert.equal(missed(), 1);
  engine.put(path, PLAIN.replace('def test_a', 'import pytest_socket\n\npytest_socket.disable_socket()\n\n\ndef test_a'));
  assert.equal(missed(), 0);
});
