import { inProcess, makesInProcess, runsInProcess } from '../python/api.ts';
import { defineRule, py } from '../rule.ts';

export const rule = defineRule({
  id: 'api-in-process',
  code: 'API-S09',
  category: 'api',
  title: 'the API under test runs in the process of the test',
  kind: 'pass',
  confidence: 'high',
  cwe: [],
  why: 'Nobody else can reach an API that is called directly: no port is opened, and nothing runs on after the test.',
  limits: 'Fixtures of the workspace are read two steps deep; says nothing of what the application itself calls, nor of what else the test opens.',
  links: ['https://flask.palletsprojects.com/en/stable/testing/', 'https://wsgi-intercept.readthedocs.io/'],
  on: 'call',
  calls: (callee, method) => method === 'useFixture' || makesInProcess(callee, method),
  *check(call, file) {
    if (call.method === 'useFixture') {
      const instance = call.arguments[0]?.value.refersTo;
      const runs = instance === undefined ? undefined : runsInProcess(instance, file);
      if (runs === undefined) return;
      const what = runs.what ?? 'an API';
      const how = runs.proof === undefined ? '' : `: \`${runs.proof.function.text}\` answers the requests`;
      const trail = runs.proof === undefined ? [] : [{ at: runs.proof.place, note: 'answers requests in this process' }];
      yield { at: call.place, message: `\`${runs.fixture}\` runs ${what} in this process${how}`, trail };
      return;
    }
    const made = inProcess(call);
    if (made === undefined || /RequestFactory$/.test(made) || file.stubbed(call.callee ?? '', call) !== undefined) return;
    yield { at: call.place, message: `\`${made}\` calls the application in this process: no port is opened by it` };
  },
  examples: [
    {
      name: 'a fixture that is known',
      bad: py`
        from nova import test
        from nova.tests import fixtures as nova_fixtures

        class TestServers(test.TestCase):
            def setUp(self):
                super().setUp()
                api = self.useFixture(nova_fixtures.OSAPIFixture(api_version="v2.1"))  #! runs the compute API in this process
                self.api = api.api
      `,
    },
    {
      name: 'a fixture of the workspace that is read',
      bad: {
        'tests/functional/test_berths.py': py`
          import testtools
          from tests import fixtures

          class TestBerths(testtools.TestCase):
              def setUp(self):
                  super().setUp()
                  self.api = self.useFixture(fixtures.BerthAPI()).api  #! ${'`BerthAPI` runs an API in this process'}
        `,
        'tests/fixtures.py': py`
          import fixtures
          from harbour import create_app

          class Client:
              def __init__(self, app):
                  self.http = app.test_client()

          class BerthAPI(fixtures.Fixture):
              def _setUp(self):
                  self.api = Client(create_app())
        `,
      },
    },
    {
      name: 'a test client',
      bad: py`
        import pytest
        from fastapi.testclient import TestClient
        from harbour import create_app

        @pytest.fixture
        def client():
            return TestClient(create_app())
            #      ^^^^^^^^^^^^^^^^^^^^^^^^ calls the application in this process
      `,
    },
    {
      name: 'a fixture that only remembers, a client that goes over the network, a comment',
      good: {
        'tests/functional/test_berths.py': py`
          import httpx
          import testtools
          from tests import fixtures

          class TestBerths(testtools.TestCase):
              def setUp(self):
                  super().setUp()
                  # self.client = app.test_client()
                  self.api = self.useFixture(fixtures.BerthAPI()).api
                  self.client = httpx.Client(base_url="http://127.0.0.1:8080")
                  self.addCleanup(self.client.close)
        `,
        'tests/fixtures.py': py`
          import fixtures

          class BerthAPI(fixtures.Fixture):
              def _setUp(self):
                  self.api = {}
        `,
      },
    },
  ],
});
