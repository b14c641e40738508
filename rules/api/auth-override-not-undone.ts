import type { Assignment, Expression, FunctionSubject, TestFile } from '../model.ts';
import { walk } from '../model.ts';
import { isImportedObject } from '../python/api.ts';
import { registration } from '../python/cleanups.ts';
import { overridesOf, undoingOf } from '../python/overrides.ts';
import { defineRule, type Finding, type Fix, insertAfter, py } from '../rule.ts';

export const rule = defineRule({
  id: 'auth-override-not-undone',
  code: 'API003',
  category: 'api',
  title: 'override of a shared application is not undone',
  kind: 'fail',
  kinds: ['fail', 'review', 'informational'],
  confidence: 'high',
  cwe: [459],
  why: 'The application is one for all tests of the process: those that run later get the override too, and pass without any check of who asks.',
  instead: 'Clear it when the test ends: after the `yield` of a fixture, or with `addCleanup(app.dependency_overrides.clear)`.',
  limits:
    'What a test outside of classes overrides is a question: what follows may clear it first. A fixture that runs for the test and clears behind its `yield` is seen, in the file, its class or a `conftest.py`; for a fixture that overrides, it must run for every test of the file that asks for it, and who asks for one of a `conftest.py` is not known: where a fixture beside it asks for it and clears, that is a note.',
  links: ['https://fastapi.tiangolo.com/advanced/testing-dependencies/', 'https://cwe.mitre.org/data/definitions/459.html'],
  once: 'test',
  alike: true,
  on: 'assignment',
  wants: (it) => overridesOf(it) !== undefined,
  *check(assignment, file) {
    const overrides = overridesOf(assignment);
    const owner = file.ownerOf(assignment);
    if (overrides === undefined || owner === undefined || !isImportedObject(overrides, file)) return;
    const undoing = undoingOf(assignment, owner, file);
    if (undoing?.how === 'always' || undoing?.how === 'perhaps') return;
    const what = `\`${assignment.targets[0]?.text ?? ''}\` stays overridden`;
    const message = `${what} for the tests that follow`;
    const at = assignment.place;
    if (undoing?.how === 'by an asker')
      yield { at, kind: 'informational', message: `${what} after a test that asks for \`${owner.fixture?.name ?? owner.name}\` without \`${undoing.by}\`` };
    else if (undoing !== undefined) yield { at, kind: 'informational', message: `${message} when this one fails: it is cleared in its last lines only` };
    else if (owner.role === 'test' && owner.class === undefined) yield { at, kind: 'review', message };
    else yield* defect(assignment, overrides, message, owner, file);
  },
  examples: [
    {
      name: 'a fixture that only sets',
      bad: py`
        import pytest
        from harbour.auth import get_current_user
        from harbour.main import app

        @pytest.fixture
        def as_master():
            app.dependency_overrides[get_current_user] = lambda: "master"
        #   ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ stays overridden for the tests that follow
            yield "master"
      `,
      fixed: py`
        import pytest
        from harbour.auth import get_current_user
        from harbour.main import app

        @pytest.fixture
        def as_master():
            app.dependency_overrides[get_current_user] = lambda: "master"
            yield "master"
            app.dependency_overrides.clear()
      `,
      alsoFinds: ['API002'],
    },
    {
      name: 'a test case without tear-down, and a test that clears in its last line',
      bad: py`
        import unittest
        from harbour.auth import get_current_user
        from harbour.main import app

        class TestBerths(unittest.TestCase):
            def setUp(self):
                app.dependency_overrides[get_current_user] = lambda: "master"  #! stays overridden

            def test_count(self):
                self.assertEqual(berths(), 3)

        def test_list(client):
            app.dependency_overrides[get_current_user] = lambda: "master"  #! when this one fails
            assert client.get("/berths").status_code == 200
            app.dependency_overrides.clear()
      `,
      alsoFinds: ['API002', 'API016'],
    },
    {
      name: 'one fixture with several keys is one finding; what another clears is not all',
      bad: py`
        import pytest
        from harbour.auth import get_current_user
        from harbour.database import get_session
        from harbour.main import app

        @pytest.fixture
        def as_master():
            app.dependency_overrides[get_session] = lambda: None  #! 1 more of its kind: line 9
            app.dependency_overrides[get_current_user] = lambda: "master"
            return "master"

        @pytest.fixture
        def as_agent():
            app.dependency_overrides[get_current_user] = lambda: "agent"  #! stays overridden for the tests that follow
            return "agent"

        @pytest.fixture
        def session():
            yield object()
            app.dependency_overrides.pop(get_session)

        @pytest.fixture
        def clean():
            yield
            app.dependency_overrides = {}

        def test_list(as_agent, clean):
            assert as_agent

        def test_close(as_agent, session):
            assert as_agent

        def test_open(as_master):
            assert as_master

        @pytest.fixture(scope="module")
        def later():
            yield
            app.dependency_overrides.clear()

        def test_moor(later):
            app.dependency_overrides[get_current_user] = lambda: "master"  #! stays overridden for the tests that follow
      `,
      alsoFinds: ['API002'],
    },
    {
      name: 'asked for as a test runs, without the one that clears',
      bad: py`
        import pytest
        from harbour.auth import get_current_user
        from harbour.main import app

        @pytest.fixture
        def as_master():
            app.dependency_overrides[get_current_user] = lambda: "master"  #! stays overridden for the tests that follow

        @pytest.fixture
        def clean():
            yield
            app.dependency_overrides.clear()

        def test_list(as_master, clean):
            assert app

        def test_close(request):
            request.getfixturevalue("as_master")
      `,
      alsoFinds: ['API002'],
    },
    {
      name: 'a fixture of no test module that another asks for and clears: a note',
      bad: {
        'tests/conftest.py': py`
          import pytest
          from harbour.auth import get_current_user
          from harbour.main import app as shared

          @pytest.fixture
          def app():
              shared.dependency_overrides[get_current_user] = lambda: "master"  #! stays overridden after a test that asks for
              return shared

          @pytest.fixture
          def client(app):
              yield app
              app.dependency_overrides = {}
        `,
      },
      alsoFinds: ['API002'],
    },
    {
      name: 'cleared after the yield, by cleanup, by tear-down; an application of its own',
      good: py`
        import unittest
        import pytest
        from fastapi import FastAPI
        from harbour.auth import get_current_user
        from harbour.main import app

        @pytest.fixture
        def as_master():
            app.dependency_overrides[get_current_user] = lambda: "master"
            yield
            app.dependency_overrides.clear()

        @pytest.fixture
        def own():
            app = FastAPI()
            app.dependency_overrides[get_current_user] = lambda: "master"
            return app

        class TestBerths(unittest.TestCase):
            def setUp(self):
                app.dependency_overrides[get_current_user] = lambda: "master"

            def tearDown(self):
                app.dependency_overrides = {}

            def test_other(self):
                app.dependency_overrides[get_current_user] = lambda: "agent"
                self.addCleanup(app.dependency_overrides.clear)
      `,
      alsoFinds: ['API002'],
    },
    {
      name: 'a fixture that runs for the test clears, of the file or of a conftest.py',
      good: {
        'tests/test_berths.py': py`
          import pytest
          from harbour.auth import get_current_user
          from harbour.database import get_session
          from harbour.main import app

          @pytest.fixture
          def as_agent():
              app.dependency_overrides[get_current_user] = lambda: "agent"
              return "agent"

          @pytest.fixture
          def session():
              app.dependency_overrides[get_session] = lambda: None
              yield
              app.dependency_overrides = {}

          @pytest.mark.usefixtures("session")
          def test_list(as_agent):
              assert as_agent

          def test_close(session):
              app.dependency_overrides[get_current_user] = lambda: "master"

          def test_open(client):
              app.dependency_overrides[get_current_user] = lambda: "master"

          class TestCranes:
              @pytest.fixture(autouse=True)
              def clean(self):
                  yield
                  app.dependency_overrides.pop(get_current_user, None)

              def test_list(self):
                  app.dependency_overrides[get_current_user] = lambda: "master"
        `,
        'tests/conftest.py': py`
          import pytest
          from harbour import main

          @pytest.fixture
          def app():
              return main.app

          @pytest.fixture
          def client(app, request):
              request.addfinalizer(app.dependency_overrides.clear)
              return app
        `,
      },
      alsoFinds: ['API002'],
    },
  ],
});

/** One fix clears all that the function overrides: it is said of the first. */
function* defect(assignment: Assignment, overrides: Expression, message: string, owner: FunctionSubject, file: TestFile): Iterable<Finding> {
  const fix = fixOf(assignment, overrides.text, owner, file);
  if (fix === undefined) yield { at: assignment.place, message };
  else {
    const [first, ...others] = walk(owner.node).filter((it) => it.type === 'assignment' && overridesOf(it)?.text === overrides.text);
    const trail = others.map((it) => ({ at: it.place, note: 'stays too' }));
    if (first === assignment) yield { at: assignment.place, message, fix, trail };
  }
}

/** A cleanup of the test case, or a line behind the `yield` of the fixture. */
function fixOf(assignment: Assignment, overrides: string, owner: FunctionSubject, file: TestFile): Fix | undefined {
  const title = `Clear \`${overrides}\` when the test ends`;
  const line = registration(assignment, owner, `${overrides}.clear`, file);
  if (line !== undefined) return { title, safety: 'safe', edits: [insertAfter(assignment, line)] };
  const last = owner.node.body.at(-1);
  const yields = last?.type === 'expression' && last.expression.type === 'yield';
  return owner.fixture !== undefined && yields ? { title, safety: 'safe', edits: [insertAfter(last, `${overrides}.clear()`)] } : undefined;
}
