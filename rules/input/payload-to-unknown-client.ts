import { isMockName } from '../python/mock.ts';
import { payloadOf, sendsPayload } from '../python/sinks.ts';
import { defineRule, py } from '../rule.ts';

/** Clients whose behaviour needs no reading: a framework's own test clients, and what is judged as a network call. */
const KNOWN =
  /^(?:requests|httpx|aiohttp|urllib3|webtest|fastapi|starlette|django|rest_framework|flask|werkzeug|falcon|tornado|boto3|botocore|unittest|pytest|responses|requests_mock)\b/;

export const rule = defineRule({
  id: 'payload-to-unknown-client',
  code: 'INP-U02',
  category: 'input',
  title: 'Request payload goes to a client that is not in the workspace',
  kind: 'open',
  confidence: 'high',
  cwe: [20],
  why: 'What the client does with the payload, and what is behind it, decides whether the request is checked and stays inside the test.',
  instead: 'Open the folder that holds the client, or give it with `--root`.',
  limits: 'A request is told by its method (`post_…`, `create_…`), a receiver called `…api` or `…client`, and a mapping as its payload.',
  links: ['https://cwe.mitre.org/data/definitions/20.html'],
  once: 'file',
  on: 'call',
  calls: (_, method) => sendsPayload(method),
  *check(call, file) {
    if (payloadOf(call) === undefined) return;
    const { callee } = call;
    if (callee !== undefined && (KNOWN.test(callee) || isMockName(callee) || file.definition(callee) !== undefined || file.stubbed(callee, call) !== undefined))
      return;
    yield { at: call.place, message: `\`${call.function.text}(…)\` is sent a payload, and where that method is defined was not found` };
  },
  examples: [
    {
      name: 'a client of a module that is not there',
      bad: py`
        from elsewhere import client

        def test_booking():
            api = client.BookingClient()
            api.post_booking({"ship": "Calypso"})  #! ${'`api.post_booking(…)` is sent a payload'}
      `,
    },
    {
      name: 'an attribute of a fixture that is not there, the payload in a variable',
      bad: py`
        from elsewhere import base, fixtures

        class TestBooking(base.TestCase):
            def setUp(self):
                super().setUp()
                self.api = self.useFixture(fixtures.API()).admin_api

            def test_booking(self):
                booking = {"ship": "Calypso"}
                self.api.post_booking(booking)  #! is sent a payload
      `,
    },
    {
      name: 'a mock, a library, and a client of the workspace',
      good: {
        'tests/test_booking.py': py`
          from unittest import mock
          from django.test import Client
          from tests import clients

          def test_booking():
              api = mock.Mock()
              api.post_booking({"ship": "Calypso"})
              client = Client()
              client.post("/bookings", data={"ship": "Calypso"})
              own_api = clients.Booking()
              own_api.post_booking({"ship": "Calypso"})
        `,
        'tests/clients.py': py`
          class Booking:
              def post_booking(self, booking):
                  return booking
        `,
      },
    },
  ],
});
