import { defineRule, py, replace } from '../rule.ts';

/** What runners look for, in words of either case: `test_shop.py`, `shop_tests.py`, `tests.py`, `ShopTest.py`. */
const NAMED = /(?:^|\/)(?:[tT]est[^/]*|[^/]*(?:[_.-]t|T)ests?)\.py$/;

const TWICE = py`
  def test_refuses(client):
      assert client.buy(-1).status_code == 403

  def test_refuses(client):
      assert client.buy(None).status_code == 401
`;

export const rule = defineRule({
  id: 'test-hidden-by-namesake',
  code: 'ERR019',
  category: 'errors',
  title: 'a second test of the same name hides the first',
  kind: 'fail',
  kinds: ['fail', 'informational'],
  confidence: 'high',
  cwe: [561],
  peers: { ruff: ['F811'], pylint: ['E0102'] },
  why: 'The later definition replaces the earlier one, which never runs.',
  instead: 'Give each test its own name.',
  limits:
    'Definitions under `if`, and names bound by assignment or import, are not compared. Where a `noqa` for it stands at one of the two, somebody has seen it, and where both are written alike, no test is lost: notes. Silent for a file that the settings of pytest leave out, where they name no other runner.',
  links: ['https://docs.astral.sh/ruff/rules/redefined-while-unused/'],
  on: 'file',
  *check({ duplicates, silencers }, file) {
    // What no runner takes for a test file, such as samples for a formatter, has no tests that could run.
    if (file.kind !== 'test' || !NAMED.test(file.path) || (duplicates.length > 0 && file.uncollected)) return;
    for (const it of duplicates) {
      if (!it.name.startsWith('test')) continue;
      const known = silencers.some(({ comment, code }) => /noqa(?!\s*:)|\bF811\b/i.test(comment) && code.includes(`def ${it.name}(`));
      yield {
        at: it.first,
        ...(known || it.equal ? { kind: 'informational' as const } : {}),
        message: `this \`${it.name}\` never runs: a later one of the same name ${it.equal ? 'and with the same body ' : ''}replaces it`,
        trail: [{ at: it.second, note: 'replaces it' }],
        fix: { title: `Rename it to \`${it.name}_first\``, safety: 'suggest', edits: [replace({ place: it.first }, `${it.name}_first`)] },
      };
    }
  },
  examples: [
    {
      name: 'in a class',
      bad: py`
        import unittest

        class TestShop(unittest.TestCase):
            def test_refuses(self):  #! never runs
                self.assertEqual(403, self.buy(-1))

            def test_refuses(self):
                self.assertEqual(401, self.buy(None))
      `,
    },
    {
      name: 'known to whoever wrote it',
      bad: py`
        class TestShop:
            def test_refuses(self):  #! never runs
                assert self.buy(-1) == 403

            # as long as the till answers otherwise
            def test_refuses(self):  # noqa: F811
                assert self.buy(-1) == 401
      `,
    },
    {
      name: 'written twice',
      bad: py`
        class TestShop:
            def test_refuses(self):  #! and with the same body replaces it
                assert self.buy(-1) == 403

            def test_sells(self):
                assert self.buy(1) == 200

            def test_refuses(self):
                assert self.buy(-1) == 403
      `,
    },
    {
      name: 'kept under another name before it is replaced',
      good: py`
        class TestShop:
            def test_refuses(self):
                assert self.buy(-1) == 403

            test_refuses_debt = test_refuses

            def test_refuses(self):
                assert self.buy(None) == 401
      `,
    },
    {
      name: 'in two classes, and under other names',
      good: py`
        import unittest

        class TestShop(unittest.TestCase):
            def test_refuses(self):
                self.assertEqual(403, self.buy(-1))

            def test_refuses_too(self):
                self.assertEqual(401, self.buy(None))

        class TestTill(unittest.TestCase):
            def test_refuses(self):
                self.assertEqual(401, self.buy(None))
      `,
    },
    {
      name: 'in a module',
      bad: py`
        def test_refuses(client):  #! never runs
            assert client.buy(-1).status_code == 403

        def test_refuses(client):
            assert client.buy(None).status_code == 401
      `,
      fixed: py`
        def test_refuses_first(client):
            assert client.buy(-1).status_code == 403

        def test_refuses(client):
            assert client.buy(None).status_code == 401
      `,
    },
    {
      name: 'in a file that is named like no test file: a sample',
      good: {
        'tests/completion/pytest.py': py`
          import pytest

          def test_x(my_fixture):
              pass

          def test_x(my_other_fixture):
              pass
        `,
      },
    },
    {
      name: 'in a file that is named otherwise than `python_files` asks',
      good: { 'tests/shop_tests.py': TWICE, 'setup.cfg': '[tool:pytest]\npython_files = test_*.py check_*.py\n' },
    },
    {
      name: 'outside the folders that pytest looks into',
      good: { 'docs/test_shop.py': TWICE, 'pyproject.toml': '[tool.pytest.ini_options]\ntestpaths = ["checks"]\n' },
    },
    {
      name: 'in a folder that pytest is told to ignore',
      good: { 'tests/old/test_shop.py': TWICE, 'pytest.ini': '[pytest]\naddopts = -q --ignore=tests/old\n' },
    },
    {
      name: 'in a folder that `conftest.py` ignores',
      good: { 'tests/samples/test_shop.py': TWICE, 'tests/conftest.py': 'collect_ignore = ["samples"]\n' },
    },
    {
      name: 'in a file that `conftest.py` ignores by a pattern',
      good: { 'tests/unit/test_today.py': TWICE, 'tests/conftest.py': 'collect_ignore_glob = ["*_today.py"]\n' },
    },
    {
      name: 'in a file below a folder that `python_files` takes in',
      bad: {
        'tests/unit/test_quay/test_shop.py': py`
          def test_refuses(client):  #! never runs
              assert client.buy(-1).status_code == 403

          def test_refuses(client):
              assert client.buy(None).status_code == 401
        `,
        'setup.cfg': '[tool:pytest]\npython_files = "tests/functional/test_*.py" "tests/unit/test_*.py"\n',
      },
    },
    {
      name: 'in a file that the settings leave to another runner',
      bad: {
        'tests/shop_tests.py': py`
          def test_refuses(client):  #! never runs
              assert client.buy(-1).status_code == 403

          def test_refuses(client):
              assert client.buy(None).status_code == 401
        `,
        'tox.ini': '[pytest]\npython_files = test_*.py\n[testenv]\ncommands = python -m unittest discover\n',
      },
    },
    {
      name: 'in a folder of tests beside the ones that pytest looks into by itself',
      bad: {
        'integration_tests/test_shop.py': py`
          def test_refuses(client):  #! never runs
              assert client.buy(-1).status_code == 403

          def test_refuses(client):
              assert client.buy(None).status_code == 401
        `,
        'pytest.ini': '[pytest]\ntestpaths = tests\n',
      },
    },
    {
      name: 'in a sample that is read and not run',
      good: {
        'tests/data/blank_lines.py': py`
          class A:
              def test_func(self):
                  pass

              def test_func(self):
                  return 1
        `,
      },
    },
  ],
});
