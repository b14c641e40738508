/** Names of one thing under several spellings, and what Python itself defines. Source: docs.python.org 3.13. */

/** Other spellings → the one used everywhere in the rules. The longest match wins. */
const CANONICAL: Readonly<Record<string, string>> = {
  mock: 'unittest.mock',
  'mock.mock': 'unittest.mock',
  'io.open': 'builtins.open',
  'codecs.open': 'builtins.open',
  'six.moves.builtins': 'builtins',
  'six.moves.urllib': 'urllib',
  'six.moves.cPickle': 'pickle',
  cPickle: 'pickle',
  _pickle: 'pickle',
  __builtin__: 'builtins',
  'unittest.case.TestCase': 'unittest.TestCase',
  'testtools.testcase.TestCase': 'testtools.TestCase',
  'unittest.async_case.IsolatedAsyncioTestCase': 'unittest.IsolatedAsyncioTestCase',
  'oslotest.base': 'oslotest.base',
  '_pytest.monkeypatch.MonkeyPatch': 'pytest.MonkeyPatch',
  'fixtures._fixtures': 'fixtures',
};

/** The canonical spelling of a dotted name. */
export function canonical(name: string): string {
  let prefix = name;
  for (;;) {
    const known = Object.hasOwn(CANONICAL, prefix) ? CANONICAL[prefix] : undefined;
    if (known !== undefined) return known + name.slice(prefix.length);
    const dot = prefix.lastIndexOf('.');
    if (dot < 0) return name;
    prefix = prefix.slice(0, dot);
  }
}

export const BUILTINS: ReadonlySet<string> = new Set([
  'abs', 'all', 'any', 'ascii', 'bin', 'bool', 'breakpoint', 'bytearray', 'bytes', 'callable', 'chr', 'classmethod', 'compile', 'complex',
  'delattr', 'dict', 'dir', 'divmod', 'enumerate', 'eval', 'exec', 'filter', 'float', 'format', 'frozenset', 'getattr', 'globals', 'hasattr',
  'hash', 'help', 'hex', 'id', 'input', 'int', 'isinstance', 'issubclass', 'iter', 'len', 'list', 'locals', 'map', 'max', 'memoryview', 'min',
  'next', 'object', 'oct', 'open', 'ord', 'pow', 'print', 'property', 'range', 'repr', 'reversed', 'round', 'set', 'setattr', 'slice',
  'sorted', 'staticmethod', 'str', 'sum', 'super', 'tuple', 'type', 'vars', 'zip', '__import__', 'execfile', 'unicode', 'basestring', 'reload',
  'BaseException', 'Exception', 'ArithmeticError', 'AssertionError', 'AttributeError', 'BlockingIOError', 'BrokenPipeError', 'BufferError',
  'ChildProcessError', 'ConnectionError', 'ConnectionAbortedError', 'ConnectionRefusedError', 'ConnectionResetError', 'EOFError',
  'EnvironmentError', 'FileExistsError', 'FileNotFoundError', 'FloatingPointError', 'GeneratorExit', 'IOError', 'ImportError', 'IndentationError',
  'IndexError', 'InterruptedError', 'IsADirectoryError', 'KeyError', 'KeyboardInterrupt', 'LookupError', 'MemoryError', 'ModuleNotFoundError',
  'NameError', 'NotADirectoryError', 'NotImplementedError', 'OSError', 'OverflowError', 'PermissionError', 'ProcessLookupError', 'RecursionError',
  'ReferenceError', 'ResourceWarning', 'RuntimeError', 'RuntimeWarning', 'StopAsyncIteration', 'StopIteration', 'SyntaxError', 'SystemError',
  'SystemExit', 'TabError', 'TimeoutError', 'TypeError', 'UnboundLocalError', 'UnicodeDecodeError', 'UnicodeEncodeError', 'UnicodeError',
  'UserWarning', 'ValueError', 'Warning', 'DeprecationWarning', 'FutureWarning', 'PendingDeprecationWarning', 'SyntaxWarning', 'ImportWarning',
  'ZeroDivisionError', 'ExceptionGroup', 'BaseExceptionGroup',
]);

/** Top-level modules of the standard library that tests commonly import: never looked for in the workspace. */
export const STANDARD_LIBRARY: ReadonlySet<string> = new Set([
  '__future__', 'abc', 'argparse', 'array', 'ast', 'asyncio', 'atexit', 'base64', 'binascii', 'bz2', 'calendar', 'codecs', 'collections', 'concurrent',
  'configparser', 'contextlib', 'contextvars', 'copy', 'csv', 'ctypes', 'dataclasses', 'datetime', 'decimal', 'difflib', 'email', 'enum', 'errno', 'faulthandler',
  'fcntl', 'fnmatch', 'fractions', 'ftplib', 'functools', 'gc', 'getpass', 'gettext', 'glob', 'gzip', 'hashlib', 'heapq', 'hmac', 'html', 'http',
  'imaplib', 'importlib', 'inspect', 'io', 'ipaddress', 'itertools', 'json', 'linecache', 'locale', 'logging', 'lzma', 'marshal', 'math', 'mimetypes', 'mmap',
  'multiprocessing', 'netrc', 'numbers', 'operator', 'os', 'pathlib', 'pdb', 'pickle', 'pkgutil', 'platform', 'plistlib', 'poplib', 'pprint', 'pty', 'pwd',
  'queue', 'random', 're', 'resource', 'sched', 'secrets', 'select', 'selectors', 'shelve', 'shlex', 'shutil', 'signal', 'site', 'smtplib', 'socket',
  'socketserver', 'sqlite3', 'ssl', 'stat', 'statistics', 'string', 'struct', 'subprocess', 'sys', 'sysconfig', 'syslog', 'tarfile', 'telnetlib', 'tempfile',
  'textwrap', 'threading', 'time', 'timeit', 'tkinter', 'token', 'tokenize', 'traceback', 'tracemalloc', 'types', 'typing', 'unicodedata', 'unittest', 'urllib',
  'uuid', 'venv', 'warnings', 'weakref', 'wsgiref', 'xml', 'xmlrpc', 'zipfile', 'zipimport', 'zlib', 'zoneinfo', 'builtins', 'winreg', 'msvcrt',
]);
