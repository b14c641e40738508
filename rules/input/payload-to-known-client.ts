import { payloadOf, sendsPayload } from '../python/sinks.ts';
import { defineRule, py } from '../rule.ts';

export const rule = defineRule({
  id: 'payload-to-known-client',
  code: 'INP-S07',
  category: 'input',
  title: 'Request payload goes to a client of this workspace',
  kind: 'pass',
  kinds: ['pass', 'informational'],
  confidence: 'high',
  cwe: [],
  why: 'The client that gets the payload can be read: it is part of the tests, or of the code under test.',
  limits:
    'A client of the code under test is a note, where it is seen to end in a call that sends. Says where the client is defined and what it calls; that the server behind it runs in the same process is for the API category to show.',
  links: ['https://cwe.mitre.org/data/definitions/20.html'],
  on: 'call',
  calls: (_, method) => sendsPayload(method),
  *check(call, file) {
    const payload = payloadOf(call);
    if (payload === undefined || call.callee === undefined) return;
    const found = file.definition(call.callee);
    if (found === undefined || found.kind !== 'function') return;
    const segments = found.qualified.split('.');
    const name = segments.slice(-2).join('.');
    const ofTests = /(?:^|\/)(?:tests?|testing|functional_tests)\//.test(found.path);
    const whose = ofTests ? "the tests' own" : "the workspace's";
    // What the client of the code under test calls is a reader's matter only where it is known to send.
    if (!ofTests && found.does?.includes('which ends in') !== true) return;
    yield {
      at: call.place,
      ...(ofTests ? {} : { kind: 'informational' }),
      message: `\`${call.function.text}\` is ${whose} \`${name}\`${found.does === undefined ? '' : `: it ${found.does}`}`,
      trail: [{ at: found.place, note: `\`${found.qualified}\` is defined here` }],
    };
  },
  examples: [
    {
      name: 'a client of the tests',
      bad: {
        'tests/functional/test_booking.py': py`
          from tests.functional import client

          def test_booking():
              api = client.BookingClient()
              api.post_booking({"ship": "Calypso"})  #! ${"is the tests' own `BookingClient.post_booking`: it calls `post_json('/bookings', …)`, which ends in `requests.post`"}
        `,
        'tests/functional/client.py': py`
          import requests

          class BookingClient:
              def post_booking(self, booking):
                  return self.post_json('/bookings', booking)

              def post_json(self, path, body):
                  return requests.post("http://localhost" + path, json=body)
        `,
      },
    },
    {
      name: 'a client that is nowhere to be found',
      good: py`
        from elsewhere import client

        def test_booking():
            api = client.BookingClient()
            api.post_booking({"ship": "Calypso"})
      `,
    },
    {
      name: 'the request is a comment',
      good: {
        'tests/functional/test_booking.py': py`
          from tests.functional import client

          def test_booking():
              api = client.BookingClient()
              # api.post_booking({"ship": "Calypso"})
              assert api
        `,
        'tests/functional/client.py': py`
          class BookingClient:
              def post_booking(self, booking):
                  return self.post_json('/bookings', booking)
        `,
      },
    },
  ],
});
