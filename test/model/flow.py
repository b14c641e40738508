# file: tests/unit/test_flow.py
import json
import os
import subprocess
import sys
import unittest

import pytest
import requests

from tests.unit.flow_helpers import (
    build,
    echo,
    fetch,
    from_environment,
    run_it,
    twice,
)

LEVEL = os.environ.get('LEVEL', 'unit')


def test_inside(param):
    name = os.environ['NAME']
    command = 'run ' + name.strip()
    subprocess.run(command)  #? command
    LEVEL  #? LEVEL
    body = requests.get('http://x').json()['key']
    body  #? body
    with open('data.json') as f:
        data = json.load(f)
    data['a']  #? data['a']
    sys.argv[1]  #? sys.argv[1]
    param  #? param


def test_through_functions():
    from_environment()  #? from_environment()
    value = echo(os.environ['HOME'])
    value  #? value
    twice('constant')  #? twice('constant')
    build('a')  #? build('a')
    fetch()['x']  #? fetch()['x']
    run_it(os.environ['CMD'])  #? run_it(os.environ['CMD'])
    local_helper(sys.argv)  #? local_helper(sys.argv)
    endless(1)  #? endless(1)


def local_helper(values):
    first = values[0]
    return first.strip()


def endless(x):
    return endless(x)


class TestAttributes(unittest.TestCase):
    def setUp(self):
        self.host = os.environ['HOST']
        self.url = 'https://%s/' % self.host

    def prepare(self, command):
        self.command = command

    def test_attribute(self):
        self.url  #? self.url
        self.command  #? self.command
        self.made()  #? self.made()

    def made(self):
        return self.host


@pytest.fixture
def token():
    return os.environ['TOKEN']


def test_fixture(token):
    token  #? token


@pytest.mark.parametrize('name', ['a', 'b'])
def test_parametrized(name):
    name  #? name
# file: tests/unit/flow_helpers.py
import os
import subprocess
import requests


def from_environment():
    value = os.environ['DEEP']
    return value


def echo(value):
    return value


def twice(value):
    return echo(echo(value))


def build(name):
    return 'prefix-%s-%s' % (name, from_environment())


def fetch():
    return requests.get('http://x').json()


def run_it(command):
    return subprocess.check_output(command, shell=True)
