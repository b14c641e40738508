# file: tests/test_frameworks.py
import unittest

import ddt
import fixtures
import pytest
import testscenarios
from absl.testing import absltest, parameterized
from aiohttp import web
from aiohttp.test_utils import AioHTTPTestCase, TestClient as AioClient, TestServer
from django.test import Client, LiveServerTestCase, RequestFactory, SimpleTestCase, TestCase as DjangoCase, TransactionTestCase, override_settings
from fastapi import FastAPI
from fastapi.testclient import TestClient
from flask import Flask
from flask_testing import TestCase as FlaskCase
from hypothesis import given, strategies as st
from oslotest import base
from parameterized import parameterized as expand
from rest_framework.test import APIClient, APITestCase, APIRequestFactory
from starlette.testclient import TestClient as StarletteClient
from tornado.testing import AsyncHTTPTestCase, gen_test
from twisted.trial import unittest as trial

app = FastAPI()
flask_app = Flask(__name__)


class TestDjango(DjangoCase):
    @classmethod
    def setUpTestData(cls):
        cls.user = object()

    def test_d(self):
        self.client.get('/')  #? self.client ; self.client.get
        self.async_client.get('/')  #? self.async_client.get
        Client().post('/')  #? Client().post
        RequestFactory().get('/')  #? RequestFactory().get
        with self.settings(DEBUG=True):  #? self.settings
            pass
        self.assertContains(1, 'x')  #? self.assertContains
        self.assertRedirects(1, '/x')  #? '/x'


class TestLive(LiveServerTestCase):
    def test_l(self):
        self.live_server_url  #? self.live_server_url


class TestSimple(SimpleTestCase):
    databases = '__all__'


class TestTransactions(TransactionTestCase):
    pass


class TestDrf(APITestCase):
    def setUp(self):
        self.api = APIClient()

    def test_r(self):
        self.client.get('/')  #? self.client
        self.api.post('/')  #? self.api.post
        APIRequestFactory().get('/')  #? APIRequestFactory().get


class TestFlask(FlaskCase):
    def create_app(self):
        return flask_app

    def test_f(self):
        self.client.get('/')  #? self.client


def test_fast():
    client = TestClient(app)
    client.get('/')  #? client.get
    with StarletteClient(app) as other:
        other.get('/')  #? other.get


@pytest.fixture
def http():
    with flask_app.test_client() as client:
        yield client


def test_flask(http):
    http.get('/')  #? http.get


class TestAio(AioHTTPTestCase):
    async def get_application(self):
        return web.Application()

    async def test_a(self):
        await self.client.get('/')  #? self.client.get


class TestTornado(AsyncHTTPTestCase):
    def get_app(self):
        return None

    @gen_test
    def test_t(self):
        self.fetch('/')  #? self.fetch
        self.http_client.fetch('/')  #? self.http_client


class TestTrial(trial.TestCase):
    def test_t(self):
        self.mktemp()  #? self.mktemp
        self.patch(unittest, 'x', 1)  #? self.patch
        self.assertFailure(1, ValueError)  #? self.assertFailure


@ddt.ddt
class TestDdt(unittest.TestCase):
    @ddt.data(('a', 1), ('b', 2))
    @ddt.unpack
    def test_u(self, name, number):
        name  #? name
        number  #? number

    @ddt.data('x', 'y')
    def test_v(self, value):
        value  #? value


class TestExpand(unittest.TestCase):
    @expand.expand([('a', 1), ('b', 2)])
    def test_e(self, name, number):
        number  #? number


class TestAbsl(parameterized.TestCase):
    @parameterized.parameters(('a', 1), ('b', 2))
    def test_p(self, name, number):
        name  #? name

    @parameterized.named_parameters(('one', 'p'), ('two', 'q'))
    def test_n(self, letter):
        letter  #? letter


class TestScenarios(testscenarios.WithScenarios, unittest.TestCase):
    scenarios = [('one', {'path': '/x', 'n': 1}), ('two', {'path': '/y', 'n': 2})]

    def test_s(self):
        self.path  #? self.path


class TestHypothesis(unittest.TestCase):
    @given(st.text(), st.integers())
    def test_h(self, text, number):
        text  #? text


class TestOslo(base.BaseTestCase):
    def test_o(self):
        home = self.useFixture(fixtures.TempHomeDir())
        home.path  #? home.path
        self.create_tempfiles([])  #? self.create_tempfiles


class PytestStyle:
    def test_not_collected(self):
        pass


class TestPytestStyle:
    @classmethod
    def setup_class(cls):
        cls.shared = 1

    def setup_method(self):
        self.own = Client()

    def teardown_method(self):
        pass

    def test_p(self):
        self.own.get('/')  #? self.own.get


def setup_module(module):
    pass


def teardown_module():
    pass


@override_settings(DEBUG=True)
def test_function():
    pass
