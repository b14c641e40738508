# file: tests/unit/test_values.py
import os
import posixpath
from pathlib import Path

from tests.unit.settings import HOST, PORT, nested

NAME = 'db'
URL = 'https://' + HOST + ':' + str(PORT)
BOTH = 'a'
BOTH = 'b'


def folds(param, tmp_path):
    'a' 'b'  #? 'a' 'b'
    b'raw' + b'more'  #? b'raw' + b'more'
    URL  #? URL
    BOTH  #? BOTH
    f'{NAME}-{param}!'  #? f'{NAME}-{param}!'
    f'{NAME!r:>10}'  #? f'{NAME!r:>10}'
    '%s:%d' % (NAME, 5432)  #? '%s:%d' % (NAME, 5432)
    '%(a)s' % {'a': NAME}  #? '%(a)s' % {'a': NAME}
    '%s' % NAME  #? '%s' % NAME
    '{}/{1}/{x}'.format(NAME, 'one', x='two')  #? '{}/{1}/{x}'.format(NAME, 'one', x='two')
    '{0.name}'.format(NAME)  #? '{0.name}'.format(NAME)
    '{{}}'.format()  #? '{{}}'.format()
    ','.join(['a', NAME])  #? ','.join(['a', NAME])
    os.path.join('/srv', NAME, 'x')  #? os.path.join('/srv', NAME, 'x')
    os.path.join('a', '/abs')  #? os.path.join('a', '/abs')
    posixpath.join('a', NAME)  #? posixpath.join('a', NAME)
    Path('/srv') / NAME / 'x.txt'  #? Path('/srv') / NAME / 'x.txt'
    Path('/srv', 'a').joinpath(NAME)  #? Path('/srv', 'a').joinpath(NAME)
    tmp_path / 'x'  #? tmp_path / 'x'
    str(Path('a') / 'b')  #? str(Path('a') / 'b')
    'x' * 3  #? 'x' * 3
    3 * 'x'  #? 3 * 'x'
    1 + 2 * 3  #? 1 + 2 * 3
    0x1F  #? 0x1F
    1_000  #? 1_000
    -1.5  #? -1.5
    0o755 | 0o20  #? 0o755 | 0o20
    not True  #? not True
    [1, *param]  #? [1, *param]
    ['a'] + ['b']  #? ['a'] + ['b']
    {'k': NAME, **param}  #? {'k': NAME, **param}
    NAME if param else 'other'  #? NAME if param else 'other'
    param or 'default'  #? param or 'default'
    'abc'[0]  #? 'abc'[0]
    {'a': 1}['a']  #? {'a': 1}['a']
    ['x', 'y'][1]  #? ['x', 'y'][1]
    nested['key']  #? nested['key']
    'A'.lower()  #? 'A'.lower()
    'a'.encode()  #? 'a'.encode()
    b'a'.decode()  #? b'a'.decode()
    'a.b'.replace('.', '/')  #? 'a.b'.replace('.', '/')
    ' a '.strip()  #? ' a '.strip()
    'é\n\x41\N{BULLET}'  #? 'é\n\x41\N{BULLET}'
    r'\d'  #? r'\d'
    None  #? None
    ...  #? ...
    os.environ['HOME']  #? os.environ['HOME']
    Exception('x')  #? Exception('x')
    total = 0
    total += 1
    total  #? total
    for user in ('ann', 'bob'):
        user  #? user
    for user, secret in [('ann', 'pw1'), ('bob', 'pw2')]:
        secret  #? secret
    for user, secret in {'ann': 'pw1', 'bob': 'pw2'}.items():
        user + secret  #? user ; secret
    for user in {'ann': 'pw1', 'bob': 'pw2'}.keys():
        user  #? user
    for secret in {'ann': 'pw1'}.values():
        secret  #? secret
    text = 'one'
    if param:
        text = 'two'
    text  #? text
    text = text + '!'
    text  #? text
    a, (b, c) = 1, (2, 3)
    c  #? c


class Settings:
    host = 'class.example'

    def setUp(self):
        self.url = 'http://%s/' % self.host

    def reads(self):
        self.url  #? self.url
        Settings.host  #? Settings.host
# file: tests/unit/settings.py
HOST = 'db.example'
PORT = 5432
nested = {'key': 'inner'}
