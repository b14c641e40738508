import type { Expression, TestFile } from '../model.ts';
import { asksInSight, isMadeInSight, runsInProcess } from '../python/api.ts';
import { isMockName } from '../python/mock.ts';
import { payloadOf, sendsPayload } from '../python/sinks.ts';
import { defineRule, py } from '../rule.ts';

export const rule = defineRule({
  id: 'helper-posts-to-unknown-api',
  code: 'API-U03',
  category: 'api',
  title: 'requests go to an API that could not be found',
  kind: 'open',
  confidence: 'medium',
  cwe: [668],
  why: 'Whether the API is part of the test or a deployed one, and as whom it is asked, is written where the client is made.',
  instead: 'Open the folder that holds the client or the fixture that makes it, or give it with `--root`.',
  limits:
    'Only clients called `…api` or `…client` that are sent a payload, and not what is a test client by its name and by the verbs it is asked with, nor one that a class of the workspace makes, of which a plug-in tells tempest, a package that the project installs, or the `test` module of a library.',
  links: ['https://cwe.mitre.org/data/definitions/668.html'],
  once: 'file',
  on: 'call',
  calls: (_, method) => sendsPayload(method),
  *check(call, file) {
    if (payloadOf(call) === undefined || call.function.type !== 'attribute' || asksInSight(call, file)) return;
    const { object } = call.function;
    const { callee } = call;
    // What cannot be named at all, nobody learns anything of.
    if (callee === undefined || isMockName(callee) || LIBRARY.test(callee) || file.definition(callee) !== undefined || isMadeInSight(callee, file)) return;
    if (file.stubbed(callee, call) !== undefined) return;
    const fixture = /^(.*?\(\))/.exec(object.refersTo ?? '')?.[1];
    if (fixture !== undefined && runsInProcess(fixture, file) !== undefined) return;
    if (object.refersTo?.endsWith('.test_client()') === true || isOfTestServer(object, file)) return;
    yield { at: call.place, message: `\`${object.text}\` is sent requests, and which API it speaks to, and as whom, was not found` };
  },
  examples: [
    {
      name: 'the fixture that makes the client is not there',
      bad: py`
        from elsewhere import base, fixtures

        class TestBooking(base.TestCase):
            def setUp(self):
                super().setUp()
                self.api = self.useFixture(fixtures.API()).admin_api

            def test_booking(self):
                self.api.post_booking({"ship": "Calypso"})  #! ${'`self.api` is sent requests'}
      `,
    },
    {
      name: 'a client of a package that the project installs, one that a class of the workspace holds',
      good: {
        'tests/test_booking.py': py`
          import quays
          from lambdas.test import Client
          from harbour.docks import Dock

          def test_booking():
              api = quays.APIClient()
              api.create_booking(booking={"ship": "Calypso"})
              client = Client(api)
              client.http.post("/bookings", body={"ship": "Calypso"})
              dock_client = Dock().client
              dock_client.create_booking(booking={"ship": "Calypso"})
        `,
        'harbour/docks.py': py`
          class Dock:
              @property
              def client(self):
                  return self.made or make()
        `,
        'test-requirements.txt': 'quays>=2.0\n',
      },
    },
    {
      name: 'a known fixture, a test client, a mock, a request in a comment',
      good: py`
        from unittest import mock
        from django.test import Client
        from nova import test
        from nova.tests import fixtures as nova_fixtures

        class TestServers(test.TestCase):
            def setUp(self):
                super().setUp()
                self.api = self.useFixture(nova_fixtures.OSAPIFixture()).api

            def test_boot(self):
                self.api.post_server({"server": {}})
                api = mock.Mock()
                api.post_server({"server": {}})
                client = Client()
                client.post("/bookings", data={"ship": "Calypso"})
                # other_api.post_server({"server": {}})

        def test_each(made):
            for each_api in [it.api for it in made]:
                each_api.post_booking({"ship": "Calypso"})

        def test_plugin(client):
            client.post("/bookings", data={"ship": "Calypso"})

        async def test_server(aiohttp_client, app):
            client = await aiohttp_client(app)
            await client.post("/bookings", data={"ship": "Calypso"})
      `,
    },
  ],
});

/** `await aiohttp_client(app)`, or a fixture that can be read: a client of what the fixture runs. */
function isOfTestServer(it: Expression, file: TestFile): boolean {
  return file
    .origins(it)
    .some(
      (each) =>
        /^(?:aiohttp_client|aiohttp_raw_client|test_client|sanic_client|cli)\b/.test(each.name) ||
        (each.sort === 'parameter' && file.fixtureFrom(each.name) !== 'not found'),
    );
}

/** Clients of libraries: a framework's own test clients, and what other categories judge as network calls. */
const LIBRARY =
  /^(?:requests|httpx|aiohttp|urllib3|webtest|fastapi|starlette|django|rest_framework|flask|quart|werkzeug|falcon|tornado|litestar|boto3|botocore|unittest|pytest|responses|requests_mock)\b/;
