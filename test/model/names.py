# file: tests/unit/test_names.py
import os.path
import unittest.mock
import xml.etree.ElementTree as ET
from unittest import mock
from unittest.mock import patch as p, call
from . import neighbour
from .neighbour import helper as h, CONSTANT
from ..shared import tools
from pkg import Client
from pkg import exported_late
import pkg.sub.deep
from pkg.sub import deep as deeper
from pkg.stars import *

try:
    import simplejson as json
except ImportError:
    import json

try:
    from lxml import etree
except ImportError:
    etree = None

if os.name == 'nt':
    import winreg as registry
else:
    registry = None

ALIAS = mock.patch
count = 0


def uses():
    os.path.join('a')  #? os.path.join
    unittest.mock.Mock()  #? unittest.mock.Mock()
    ET.parse('x')  #? ET.parse
    mock.call(1)  #? mock.call
    p('a.b')  #? p
    call(2)  #? call
    neighbour.helper()  #? neighbour.helper ; neighbour
    h()  #? h
    CONSTANT  #? CONSTANT
    tools.run()  #? tools.run
    Client()  #? Client ; Client()
    Client().get('/')  #? Client().get
    exported_late()  #? exported_late
    pkg.sub.deep.go()  #? pkg.sub.deep.go
    deeper.go()  #? deeper.go
    from_star()  #? from_star
    json.loads('1')  #? json.loads
    etree.fromstring('x')  #? etree.fromstring
    registry.OpenKey('x')  #? registry.OpenKey
    ALIAS('x')  #? ALIAS
    print('x')  #? print
    nothing_known()  #? nothing_known
    open('a')  #? open


def locals_of_function(flag, *args, **kwargs):
    import subprocess as sp
    sp.run(['a'])  #? sp.run
    a = mock.patch('x.y')
    a.start()  #? a.start
    if flag:
        b = os.getcwd
    else:
        b = os.getpid
    b()  #? b
    c, d = os.getcwd, os.getpid
    d()  #? c ; d
    if (found := sp.Popen('a')) is not None:
        found.wait()  #? found.wait
    with open('f') as f, mock.patch('x') as m:
        f.read()  #? f.read
        m.assert_called()  #? m ; m.assert_called
    squares = [sp.run(item) for item in args]  #? sp.run ; item
    named = {k: v for k, v in kwargs.items()}  #? k ; kwargs.items
    try:
        pass
    except OSError as error:
        error.errno  #? error
    a = 1
    a  #? a
    del a
    a  #? a

    def inner():
        nonlocal b
        b = sp.call
        d()  #? d
        return a

    f2 = lambda x: sp.run(x)  #? sp.run ; x
    flag  #? flag
    for item in (os.getcwd, os.getpid):
        item()  #? item
    t = mock.Mock() if flag else mock.Mock()
    t.x.y()  #? t.x.y


def with_global():
    global count
    count = 2
    count  #? count


class Outer:
    attribute = mock.sentinel.x
    client = Client()

    class Inner:
        def go(self):
            return self  #? self

    def method(self):
        self.client.get('/')  #? self.client ; self.client.get
        self.attribute  #? self.attribute
        Outer.method  #? Outer.method
        Outer.Inner  #? Outer.Inner
        Outer.Inner().go()  #? Outer.Inner().go
        self.later.get('/')  #? self.later.get
        self.made.get('/')  #? self.made.get
        self.closed.get('/')  #? self.closed
        type(self).method  #? type(self).method

    def setUp(self):
        self.later = Client()
        self.made = self.make()
        with Client() as self.closed:
            pass

    def make(self):
        return Client()

    @classmethod
    def build(cls):
        cls  #? cls
        return cls()  #? cls()

    @staticmethod
    def static(self):
        self  #? self

    @property
    def prop(self):
        return Client()

    def reads(self):
        self.prop.get('/')  #? self.prop.get
# file: tests/unit/neighbour.py
CONSTANT = 'value'


def helper():
    pass
# file: tests/shared/tools.py
def run():
    pass
# file: pkg/__init__.py
from pkg.impl import Client
from pkg import sub
from .late import function as exported_late
# file: pkg/impl.py
class Base:
    def get(self, path):
        return path


class Client(Base):
    def __enter__(self):
        return self
# file: pkg/late.py
def function():
    pass
# file: pkg/sub/deep.py
def go():
    pass
# file: pkg/stars.py
from pkg.behind_stars import *
# file: pkg/behind_stars.py
__all__ = ['from_star']


def from_star():
    pass


# file: tests/unit/test_local_classes.py
import os
import subprocess
import unittest


class TestInner(unittest.TestCase):
    def setUp(self):
        self.value = subprocess

    def test_inner(self):
        class Server:
            kind = os

            def __init__(self):
                self.value = os

            def run(self):
                self.value.system('x')  #? self.value.system
                self.kind.system('x')  #? self.kind.system
                self.helper()  #? self.helper
                self.absent()  #? self.absent

                def later():
                    self.value.getcwd()  #? self.value.getcwd

            def helper(self):
                return 1

        class Derived(Server):
            def run(self):
                self.value.kill()  #? self.value.kill

        Server().run()  #? Server().run
        self.value.run('x')  #? self.value.run

    def test_outer(self):
        outer = self

        class Handler:
            def handle(self):
                outer.value.run('x')  #? outer.value.run

    def test_case(self):
        class Inner(unittest.TestCase):
            def test(self):
                self.addCleanup(print)  #? self.addCleanup
