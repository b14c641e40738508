import { isImportedObject } from '../python/api.ts';
import { overridesOf, undoingOf } from '../python/overrides.ts';
import { defineRule, py } from '../rule.ts';

export const rule = defineRule({
  id: 'overrides-cleared',
  code: 'API-S10',
  category: 'api',
  title: 'override of a shared application is taken back',
  kind: 'pass',
  confidence: 'high',
  cwe: [],
  why: 'The tests that run later get the application with its real checks.',
  limits: 'Speaks of `dependency_overrides` of FastAPI.',
  links: ['https://fastapi.tiangolo.com/advanced/testing-dependencies/'],
  once: 'file',
  on: 'assignment',
  wants: (it) => overridesOf(it) !== undefined,
  *check(assignment, file) {
    const overrides = overridesOf(assignment);
    const owner = file.ownerOf(assignment);
    if (overrides === undefined || owner === undefined || !isImportedObject(overrides, file)) return;
    const undoing = undoingOf(assignment, owner, file);
    if (undoing?.how !== 'always') return;
    yield {
      at: assignment.place,
      message: `\`${overrides.text}\` is set for the test and cleared after it`,
      trail: [{ at: undoing.place, note: 'takes it back' }],
    };
  },
  examples: [
    {
      name: 'after the yield of a fixture',
      bad: py`
        import pytest
        from harbour.auth import get_current_user
        from harbour.main import app

        @pytest.fixture
        def as_master():
            app.dependency_overrides[get_current_user] = lambda: "master"  #! and cleared after it
            yield "master"
            app.dependency_overrides.clear()
      `,
      alsoFinds: ['API002'],
    },
    {
      name: 'by a cleanup, and by tear-down',
      bad: py`
        import unittest
        from harbour.auth import get_current_user
        from harbour.main import app

        class TestBerths(unittest.TestCase):
            def setUp(self):
                app.dependency_overrides[get_current_user] = lambda: "master"  #! and cleared after it
                self.addCleanup(app.dependency_overrides.clear)
      `,
      alsoFinds: ['API002'],
    },
    {
      name: 'only set, or cleared where a failure skips it',
      good: py`
        from harbour.auth import get_current_user
        from harbour.main import app

        def test_list(client):
            app.dependency_overrides[get_current_user] = lambda: "master"
            # app.dependency_overrides.clear()
            assert client.get("/berths").status_code == 200
            app.dependency_overrides.clear()
      `,
      alsoFinds: ['API002'],
    },
  ],
});
