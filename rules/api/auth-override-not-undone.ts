import type { Assignment, FunctionSubject, TestFile } from '../model.ts';
import { isImportedObject } from '../python/api.ts';
import { registration } from '../python/cleanups.ts';
import { overridesOf, undoneByClass, undoneIn } from '../python/overrides.ts';
import { defineRule, type Fix, insertAfter, py } from '../rule.ts';

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
  limits: 'Fixtures of other files that clear the overrides are not seen; a test without any class or fixture around it is therefore a question, not a defect.',
  links: ['https://fastapi.tiangolo.com/advanced/testing-dependencies/', 'https://cwe.mitre.org/data/definitions/459.html'],
  on: 'assignment',
  wants: (it) => overridesOf(it) !== undefined,
  *check(assignment, file) {
    const overrides = overridesOf(assignment);
    const owner = file.ownerOf(assignment);
    if (overrides === undefined || owner === undefined || !isImportedObject(overrides, file)) return;
    const undone = undoneIn(owner.node, overrides.text);
    if (undone?.how === 'always' || undoneByClass(overrides.text, file) !== undefined) return;
    const message = `\`${assignment.targets[0]?.text ?? ''}\` stays overridden for the tests that follow`;
    if (undone !== undefined)
      yield { at: assignment.place, kind: 'informational', message: `${message} when this one fails: it is cleared in its last lines only` };
    else if (owner.role === 'test' && owner.class === undefined) yield { at: assignment.place, kind: 'review', message };
    else yield { at: assignment.place, message, ...fixOf(assignment, overrides.text, owner, file) };
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

        def test_list(client):
            app.dependency_overrides[get_current_user] = lambda: "master"  #! when this one fails
            assert client.get("/berths").status_code == 200
            app.dependency_overrides.clear()
      `,
      alsoFinds: ['API002', 'API016'],
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
  ],
});

/** A cleanup of the test case, or a line behind the `yield` of the fixture. */
function fixOf(assignment: Assignment, overrides: string, owner: FunctionSubject, file: TestFile): { fix?: Fix } {
  const title = `Clear \`${overrides}\` when the test ends`;
  const line = registration(assignment, owner, `${overrides}.clear`, file);
  if (line !== undefined) return { fix: { title, safety: 'safe', edits: [insertAfter(assignment, line)] } };
  const last = owner.node.body.at(-1);
  const yields = last?.type === 'expression' && last.expression.type === 'yield';
  return owner.fixture !== undefined && yields ? { fix: { title, safety: 'safe', edits: [insertAfter(last, `${overrides}.clear()`)] } } : {};
}
