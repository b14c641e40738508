import { type FunctionSubject, type Parameter, walk } from '../model.ts';
import { defineRule, py } from '../rule.ts';

/** Modules that tests load as plug-ins. */
const SPOOLS = py`
  import pytest

  @pytest.fixture
  def spool_server():
      yield object()
`;
const QUAYS = py`
  import pytest

  @pytest.fixture
  def quay_server():
      yield object()
`;

export const rule = defineRule({
  id: 'fixture-not-found',
  code: 'RES-U03',
  category: 'resources',
  title: 'Fixture of a test was not found',
  kind: 'open',
  confidence: 'medium',
  cwe: [772],
  why: 'Whether it gives back what it acquires is written where it is defined.',
  instead: 'Open the folder that holds its `conftest.py` or plug-in, or give it with `--root`.',
  limits:
    'Speaks of fixtures whose names say that they hold something: a server, a database, a session; one called a file or folder mostly gives a path, and one that is annotated as a text or number is none. Not of those that take it away, nor of what is only entered by `with`. Fixtures of well-known plug-ins are taken to clean up, a class that is not collected leaves its fixtures to its subclasses, and what a module of fixtures asks for is left to those who use it. A function that the file itself calls with arguments is no test.',
  links: ['https://docs.pytest.org/en/stable/reference/fixtures.html#conftest-py-sharing-fixtures-across-multiple-files'],
  once: 'file',
  on: 'function',
  wants: ({ node }) => node.parameters.some((it) => HOLDS.test(it.name)),
  *check(subject, file) {
    // What a module of fixtures asks for besides, those who use it provide; nobody collects tests of a helper, nor of an application that has a `test_login` too.
    if (file.kind !== 'test' && file.kind !== 'conftest') return;
    if (!COLLECTED.test(file.path) && !file.imports('pytest')) return;
    if (subject.role !== 'test' && subject.role !== 'fixture') return;
    // A function of the product may be called `test_…`: no collector looks for tests here.
    if (subject.role === 'test' && !/test/i.test(file.path)) return;
    // Tests of unittest get no fixtures; those of a class that nobody collects, its subclasses define.
    if (subject.class !== undefined && (subject.class.ancestors.length > 0 || !/^test/i.test(subject.class.name))) return;
    if (subject.node.parent !== undefined && subject.node.parent.type !== 'class') return;
    if (file.isOfScript(subject)) return;
    const given = givenOtherwise(subject);
    for (const it of subject.node.parameters) {
      if (it.star !== '' || it.default !== undefined || !HOLDS.test(it.name) || EMPTIES.test(it.name) || given.has(it.name) || isPlain(it)) continue;
      const isOfClass = subject.class !== undefined && file.exists(`${subject.class.qualified}.${it.name}`) === 'yes';
      if (!isOfClass && file.fixtureFrom(it.name) === 'not found' && !isOnlyEntered(it.name, subject))
        yield { at: it.place, message: `whether \`${it.name}\` is given back when the test ends is not known: the fixture was not found` };
    }
  },
  examples: [
    {
      name: 'a fixture from somewhere else',
      bad: py`
        def test_spool(spool_server):
            #          ^^^^^^^^^^^^ the fixture was not found
            assert spool_server.save()
      `,
    },
    {
      name: 'one that makes something when it is called',
      bad: py`
        def test_spool(make_spool_server):
            #          ^^^^^^^^^^^^^^^^^ the fixture was not found
            make_spool_server()
      `,
    },
    {
      name: 'a verb that holds nothing, a block that gives it back, an application that has a test',
      good: {
        'tests/unit/test_spool.py': py`
          def test_spool(reset_db, project_session, spool_folder, task_queue: str):
              reset_db()
              with project_session(spool_folder) as session:
                  assert session
        `,
        'tests/unit/test_quays.py': py`
          from elsewhere import made_server

          class SharedQuayTests:
              def test_quay(self, quay_server):
                  assert quay_server.ready()

          class TestMade:
              spool_server = made_server(quays=3)

              def test_quay(self, spool_server):
                  assert spool_server.ready()
        `,
        'quays/app.py': py`
          def test_procedure(session):
              return session.sql("select 1")

          def test_function(session):
              return 1
        `,
      },
    },
    {
      name: 'in the file, in conftest, of pytest, of a plug-in, from a table, by a mock',
      good: {
        'tests/unit/test_spool.py': py`
          import pytest
          from unittest import mock

          @pytest.fixture
          def spool_file(tmp_path):
              return tmp_path / "spool"

          def test_spool(spool_file, spool_server, tmp_path, live_server, session_browser):
              assert spool_server.save(spool_file)

          @pytest.mark.parametrize("database, server", [(1, 2)])
          def test_table(database, server):
              assert database

          def pytest_generate_tests(metafunc):
              metafunc.parametrize("spool_process, copies_db", [("a", 1), ("b", 2)])

          def test_given(spool_process, copies_db):
              assert spool_process

          @mock.patch("harbour.connect")
          def test_stub(connection):
              connection.assert_not_called()

          @mock.patch("harbour.connect")
          class TestStubs:
              def test_stub(self, connection):
                  connection.assert_not_called()
        `,
        'tests/conftest.py': py`
          import pytest

          @pytest.fixture
          def spool_server():
              yield object()
        `,
        'tests/handlers/upload.py': py`
          async def test_upload(file):
              return await file.read()
        `,
      },
    },
    {
      name: 'a function of the product',
      good: {
        'harbour/driver.py': py`
          import unittest

          def test_suite(loader, test_directory):
              return unittest.TestSuite(loader.discover(test_directory))

          def test_load(loader, test_directory):
              return loader.discover(test_directory)
        `,
      },
    },
    {
      name: 'of plug-ins that the settings of pytest name',
      good: {
        'tests/unit/test_spool.py': py`
          def test_spool(spool_server, quay_server):
              assert spool_server.save(quay_server)
        `,
        'pytest.ini': '[pytest]\naddopts = -p no:cacheprovider -p tests.spools -ptests.quays\n',
        'tests/spools.py': SPOOLS,
        'tests/quays.py': QUAYS,
      },
    },
    {
      name: 'of plug-ins that a statement adds',
      good: {
        'tests/unit/test_spool.py': py`
          def test_spool(spool_server, quay_server):
              assert spool_server.save(quay_server)
        `,
        'tests/conftest.py': py`
          pytest_plugins = []
          pytest_plugins += ["tests.spools"]
          for name, module in {"quays": "tests.quays"}.items():
              pytest_plugins.append(module)
        `,
        'tests/spools.py': SPOOLS,
        'tests/quays.py': QUAYS,
      },
    },
    {
      name: 'a function of a script, which the file itself calls',
      good: py`
        from harbour import start_server

        def test_quays(quay_server):
            return quay_server.ask("/quays")

        def main():
            print(test_quays(start_server()))
      `,
    },
  ],
});

const HOLDS =
  /(?:^|_)(?:server|servers|db|database|connection|conn|engine|session|socket|sock|process|proc|daemon|container|broker|queue|cluster|driver|browser)$/;

/** Named after what it takes away: `reset_db`, `clean_database`. */
const EMPTIES = /^(?:reset|clean|clear|drop|delete|remove|flush|truncate|empty|wipe|purge|close|stop)_/;

/** `task_queue: str`: a name or a number gives nothing back. */
function isPlain({ annotation }: Parameter): boolean {
  return /^builtins\.(?:str|int|float|bool|bytes)$/.test(annotation?.refersTo ?? '');
}

/** By the names that pytest collects where nobody says otherwise. */
const COLLECTED = /(?:^|\/)(?:test_[^/]*|[^/]*_tests?|tests?|conftest)\.py$/;

/** Does it give what is only entered, and so left where its block ends: `with project_session("quays"):`? */
function isOnlyEntered(name: string, { node }: FunctionSubject): boolean {
  const uses = node.body.flatMap((it) => walk(it)).filter((it) => it.type === 'name' && it.id === name);
  return uses.length > 0 && uses.every(({ parent }) => parent?.type === 'call' && parent.function.text === name && parent.parent?.type === 'with');
}

/** Parameters that a table or a patch gives. */
function givenOtherwise(subject: FunctionSubject): ReadonlySet<string> {
  const names = new Set<string>();
  const { parent } = subject.node;
  const around = parent?.type === 'class' ? parent.decorators : (subject.class?.decorators ?? []);
  for (const it of [...subject.node.decorators, ...around]) {
    for (const word of it.text.matchAll(/\w+/g)) names.add(word[0]);
    // A patch, or a decorator that is not known, may pass anything.
    if (!/^pytest\.|mark\.|^asyncio|parametrize/.test(it.refersTo ?? it.text)) for (const each of subject.parameters) names.add(each);
  }
  return names;
}
