import { asksInSight, isMadeInSight } from '../python/api.ts';
import { isMockName } from '../python/mock.ts';
import { payloadOf, sendsPayload } from '../python/sinks.ts';
import { defineRule, py } from '../rule.ts';

/** Clients whose behaviour needs no reading: a framework's own test clients, whoever made the application, and what is judged as a network call. */
const KNOWN =
  /\.test_client\(\)|^(?:requests|httpx|aiohttp|urllib3|webtest|fastapi|starlette|django|rest_framework|flask|werkzeug|falcon|tornado|boto3|botocore|unittest|pytest|responses|requests_mock)\b/;

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
  limits:
    'A request is told by its method (`post_…`, `create_…`), a receiver called `…api` (but `dbapi`) or `…client` (of a `session` only `post`, `put` and `patch`), and a mapping as its payload. A client that something of the workspace makes, or of which its plug-in tells tempest, or a package that the project installs, is known there. What is asked by the verbs of HTTP and called `…client` is taken for a test client, where no address with a host is written.',
  links: ['https://cwe.mitre.org/data/definitions/20.html'],
  once: 'file',
  on: 'call',
  calls: (_, method) => sendsPayload(method),
  *check(call, file) {
    if (payloadOf(call) === undefined) return;
    if (asksInSight(call, file)) return;
    const { callee } = call;
    // What cannot be named at all, nobody learns anything of.
    if (callee === undefined || KNOWN.test(callee) || isMockName(callee) || file.definition(callee) !== undefined) return;
    if (isMadeInSight(callee, file) || file.stubbed(callee, call) !== undefined) return;
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
      name: 'a test client of a base class that is not there, a fixture of the workspace, what a helper is given',
      good: {
        'tests/test_booking.py': py`
          from elsewhere import base
          from harbour import app

          def test_app():
              with app.test_client() as client:
                  client.post("http://127.0.0.1:8080/bookings", data={"ship": "Calypso"})

          class TestBooking(base.TestCase):
              def test_booking(self):
                  self.client.post("/bookings", data={"ship": "Calypso"})
                  dbapi = base.driver()
                  dbapi.create_booking({"ship": "Calypso"})
                  session = self.engine.SessionStore()
                  session.update({"ship": "Calypso"})

          def test_orders(orders_api):
              orders_api.post_order({"ship": "Calypso"})

          def book(booking_api):
              booking_api.post_booking({"ship": "Calypso"})
        `,
        'tests/conftest.py': py`
          import pytest

          @pytest.fixture
          def orders_api(request):
              return request.config.orders
        `,
      },
    },
    {
      name: 'a client of which a plug-in tells tempest',
      good: {
        'harbour_tempest_plugin/tests/test_booking.py': py`
          from tempest import test

          class TestBooking(test.BaseTestCase):
              @classmethod
              def setup_clients(cls):
                  super().setup_clients()
                  cls.client = cls.os_admin.booking.BookingClient()

              def test_booking(self):
                  self.client.post_booking({"ship": "Calypso"})
        `,
        'harbour_tempest_plugin/plugin.py': py`
          from tempest.test_discover import plugins

          class HarbourPlugin(plugins.TempestPlugin):
              def get_service_clients(self):
                  return [{'module_path': 'harbour_tempest_plugin.client', 'client_names': ['BookingClient']}]
        `,
      },
    },
    {
      name: 'clients of which a plug-in tells tempest by all that a module gives',
      bad: {
        'harbour_tempest_plugin/tests/test_booking.py': py`
          from tempest import test

          class TestBooking(test.BaseTestCase):
              @classmethod
              def setup_clients(cls):
                  super().setup_clients()
                  cls.client = cls.os_admin.booking.BookingClient()
                  cls.quay_client = cls.os_admin.booking.QuayClient()

              def test_booking(self):
                  self.client.post_booking({"ship": "Calypso"})
                  self.quay_client.create_quay({"name": "north"})  #! ${'`self.quay_client.create_quay(…)` is sent a payload'}
        `,
        'harbour_tempest_plugin/plugin.py': py`
          from tempest.test_discover import plugins

          from harbour_tempest_plugin.services import booking

          class HarbourPlugin(plugins.TempestPlugin):
              def get_service_clients(self):
                  params = {'module_path': 'harbour_tempest_plugin.services.booking', 'client_names': booking.__all__}
                  return [params]
        `,
        'harbour_tempest_plugin/services/booking/__init__.py': py`
          from harbour_tempest_plugin.services.booking.client import BookingClient

          __all__ = ['BookingClient']
        `,
        'harbour_tempest_plugin/services/booking/client.py': py`
          class BookingClient:
              def post_booking(self, booking):
                  return self.post("/bookings", booking)
        `,
      },
      alsoFinds: ['API-U03'],
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
              own_api.post("https://tides.example.com/bookings", data={"ship": "Calypso"})

          def test_each(made):
              for each_api in [it.api for it in made]:
                  each_api.post_booking({"ship": "Calypso"})
        `,
        'tests/clients.py': py`
          import requests

          class Booking(requests.Session):
              def post_booking(self, booking):
                  return booking
        `,
      },
    },
  ],
});
