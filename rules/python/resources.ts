/**
 * What acquires a resource, and what gives it back. Sources: docs.python.org 3.13 (each module's page),
 * `rules.md` B.2.
 */
import type { ResourceSort } from '../model.ts';

export interface Acquisition {
  readonly sort: ResourceSort;
  /** Methods of the held object that release it. */
  readonly methods: readonly string[];
  /** Functions that release it when it is their argument. */
  readonly functions?: readonly string[];
  /** The held thing is plain data (a path, a descriptor): handing it to a call hands on no duty. */
  readonly plain?: boolean;
  /** Where in a returned tuple it stands: `mkstemp` gives (descriptor, path). */
  readonly element?: number;
  /** The attribute of the returned object that names it: the file behind `NamedTemporaryFile().name`. */
  readonly attribute?: string;
  /** `false`: a `with` block does not release it. */
  readonly entering?: false;
  /** Acquired by a call of `start` on what was made before. */
  readonly started?: true;
  /** It opens nothing until it is asked to. */
  readonly lazy?: true;
}

const CLOSE = ['close', '__exit__'];
const FILE: Acquisition = { sort: 'file', methods: CLOSE, functions: ['os.close'] };
const SOCKET: Acquisition = { sort: 'socket', methods: ['close', 'shutdown', 'detach', '__exit__'] };
const SERVER: Acquisition = { sort: 'server', methods: ['server_close', 'shutdown', 'stop', 'close', 'terminate', 'kill', 'wait_closed'] };
const EXECUTOR: Acquisition = { sort: 'executor', methods: ['shutdown', 'terminate', 'close', 'join'] };
const DATABASE: Acquisition = { sort: 'database', methods: ['close', 'dispose', 'disconnect', 'aclose', 'remove'] };
const PROCESS: Acquisition = {
  sort: 'process',
  methods: ['wait', 'communicate', 'terminate', 'kill', '__enter__', '__exit__'],
  functions: ['os.waitpid', 'os.kill', 'os.killpg', 'test.support.wait_process'],
};
const STUB: Acquisition = { sort: 'stub', methods: ['stop', 'reset', '__exit__'], started: true };

export const ACQUISITIONS: ReadonlyMap<string, Acquisition> = new Map<string, Acquisition>([
  [
    'tempfile.mkdtemp',
    {
      sort: 'temporary directory',
      methods: ['rmdir', 'rmtree'],
      functions: ['shutil.rmtree', 'os.rmdir', 'os.removedirs', 'test.support.rmtree', 'test.support.os_helper.rmtree', 'test.support.os_helper.rmdir'],
      plain: true,
    },
  ],
  ['tempfile.NamedTemporaryFile', { sort: 'temporary object', methods: CLOSE }],
  ['tempfile.TemporaryFile', { sort: 'temporary object', methods: CLOSE }],
  ['tempfile.SpooledTemporaryFile', { sort: 'temporary object', methods: CLOSE }],
  ['tempfile.TemporaryDirectory', { sort: 'temporary object', methods: ['cleanup', '__exit__'] }],
  ...[
    'builtins.open',
    'gzip.open',
    'bz2.open',
    'lzma.open',
    'tarfile.open',
    'zipfile.ZipFile',
    'shelve.open',
    'dbm.open',
    'os.fdopen',
    'pathlib.Path().open',
    'gzip.GzipFile',
    'bz2.BZ2File',
    'io.FileIO',
    'io.open',
    'io.open_code',
    'codecs.open',
    'dbm.gnu.open',
    'dbm.ndbm.open',
    'dbm.dumb.open',
    'dbm.sqlite3.open',
    'lzma.LZMAFile',
    'tarfile.TarFile',
    'tarfile.TarFile.open',
    'tarfile.TarFile.taropen',
    'tokenize.open',
    'wave.open',
    'zipfile.ZipFile().open',
  ].map((it): [string, Acquisition] => [it, FILE]),
  ...['socket.socket', 'socket.create_server', 'socket.create_connection'].map((it): [string, Acquisition] => [it, SOCKET]),
  ...[
    'http.server.HTTPServer',
    'http.server.ThreadingHTTPServer',
    'socketserver.TCPServer',
    'socketserver.UDPServer',
    'socketserver.ThreadingTCPServer',
    'socketserver.ThreadingUDPServer',
    'wsgiref.simple_server.make_server',
    'werkzeug.serving.make_server',
    'xmlrpc.server.SimpleXMLRPCServer',
    'grpc.server',
    'asyncio.start_server',
    'uvicorn.Server',
  ].map((it): [string, Acquisition] => [it, SERVER]),
  ...['subprocess.Popen', 'asyncio.create_subprocess_exec', 'asyncio.create_subprocess_shell'].map((it): [string, Acquisition] => [it, PROCESS]),
  // Closing the terminal of such a child ends it.
  ['pexpect.spawn', { ...PROCESS, methods: [...PROCESS.methods, 'close'] }],
  ['concurrent.futures.ThreadPoolExecutor', EXECUTOR],
  ['concurrent.futures.ProcessPoolExecutor', EXECUTOR],
  ['multiprocessing.Pool', EXECUTOR],
  ['multiprocessing.pool.ThreadPool', EXECUTOR],
  ['asyncio.new_event_loop', { sort: 'event loop', methods: ['close'] }],
  ...['aiohttp.ClientSession', 'httpx.AsyncClient', 'asyncpg.connect', 'asyncpg.create_pool'].map((it): [string, Acquisition] => [
    it,
    { sort: 'async client', methods: ['close', 'aclose'] },
  ]),
  ...['sqlite3.connect', 'psycopg2.connect', 'psycopg.connect', 'pymysql.connect', 'pymongo.MongoClient', 'MySQLdb.connect'].map(
    (it): [string, Acquisition] => [it, DATABASE],
  ),
  ['sqlalchemy.create_engine', { ...DATABASE, lazy: true }],
  ...[
    'requests_mock.Mocker().start',
    'freezegun.freeze_time().start',
    'time_machine.travel().start',
    'responses.RequestsMock().start',
    'aioresponses.aioresponses().start',
    'respx.MockRouter().start',
    ...['aws', 's3', 'ec2', 'sqs', 'sns', 'dynamodb', 'iam', 'lambda', 'ssm', 'secretsmanager', 'kms', 'sts'].map((it) => `moto.mock_${it}().start`),
  ].map((it): [string, Acquisition] => [it, STUB]),
]);

/** A file that stays when its descriptor or object is closed. */
export const TEMPORARY_PATH: Acquisition = {
  sort: 'temporary file',
  methods: ['unlink'],
  functions: ['os.remove', 'os.unlink', 'shutil.move', 'os.rename', 'os.replace'],
  plain: true,
  entering: false,
};

/** Calls that acquire several things at once. */
export const PARTS: ReadonlyMap<string, readonly Acquisition[]> = new Map([
  [
    'tempfile.mkstemp',
    [
      { sort: 'temporary descriptor', methods: [], functions: ['os.close', 'os.fdopen', 'builtins.open'], plain: true, element: 0 },
      { ...TEMPORARY_PATH, element: 1 },
    ],
  ],
  [
    'socket.socketpair',
    [
      { ...SOCKET, element: 0 },
      { ...SOCKET, element: 1 },
    ],
  ],
]);

export const PATCHER: Acquisition = { sort: 'patcher', methods: ['stop', '__exit__'], started: true };
export const THREAD: Acquisition = { sort: 'thread', methods: ['join', 'cancel', 'stop', 'terminate', 'kill'], started: true };
export const MULTIPROCESSING: Acquisition = { sort: 'process', methods: ['join', 'terminate', 'kill'], started: true };

/** Calls that register a release: the callable comes first, its arguments after it. */
export const CLEANUP_METHODS: ReadonlySet<string> = new Set([
  'addCleanup',
  'addClassCleanup',
  'addAsyncCleanup',
  'addModuleCleanup',
  'addfinalizer',
  'callback',
  'push_async_callback',
  'addCleanUp',
  'add_cleanup',
  'register',
  'push',
  'defer',
  'addSetUpCleanup',
]);

/** Those of them that only test frameworks have. */
export const CLEANUP_REGISTRARS: ReadonlySet<string> = new Set([
  'addCleanup',
  'addClassCleanup',
  'addAsyncCleanup',
  'addModuleCleanup',
  'addfinalizer',
  'addCleanUp',
  'add_cleanup',
  'addSetUpCleanup',
]);

/** Methods of a test or an exit stack that enter a context manager now and leave it at the end. */
export const CONTEXT_ENTERERS: ReadonlySet<string> = new Set([
  'enterContext',
  'enterClassContext',
  'enterModuleContext',
  'enterAsyncContext',
  'enter_context',
  'enter_async_context',
]);

/** Calls that enter a context manager and leave it later. */
export const ENTER_METHODS: ReadonlySet<string> = new Set([
  'enterContext',
  'enterClassContext',
  'enterModuleContext',
  'enterAsyncContext',
  'enter_context',
  'enter_async_context',
  'useFixture',
  'push_async_exit',
  'closing',
  'aclosing',
  'ensure_closed',
]);

/** Functions that only look at what they are given, whatever the module that their name starts with. */
export const BORROWERS: readonly string[] = [
  'builtins.',
  'json.',
  'pickle.',
  'csv.',
  'shutil.copyfileobj',
  'os.',
  'select.',
  'struct.',
  'marshal.',
  'plistlib.',
  'hashlib.',
  'logging.',
  'unittest.TestCase().assert',
  'yaml.',
  'stat.',
  'ast.',
  'tokenize.',
  'email.',
  'configparser.',
  'io.StringIO',
  'asyncio.set_event_loop',
  'fcntl.',
  'mmap.mmap',
  'termios.',
  'tty.',
  'xml.',
];

/** What changes the whole process when called, and what sets it back. */
export const PROCESS_STATE: ReadonlyMap<string, string> = new Map([
  ['os.chdir', 'working directory'],
  ['os.fchdir', 'working directory'],
  ['os.umask', 'process state'],
  ['locale.setlocale', 'process state'],
  ['signal.signal', 'process state'],
  ['socket.setdefaulttimeout', 'process state'],
  ['logging.disable', 'process state'],
  ['sys.setrecursionlimit', 'process state'],
  ['oslo_utils.timeutils.set_time_override', 'process state'],
  ['time.tzset', 'process state'],
  ['resource.setrlimit', 'process state'],
  ['sys.settrace', 'process state'],
  ['sys.setprofile', 'process state'],
]);

/** What tells the state that such a call changes: a call with its result sets the state back. */
export const PROCESS_GETTERS: Readonly<Record<string, readonly string[]>> = {
  'os.chdir': ['os.getcwd'],
  'signal.signal': ['signal.getsignal'],
  'locale.setlocale': ['locale.getlocale'],
  'socket.setdefaulttimeout': ['socket.getdefaulttimeout'],
  'sys.setrecursionlimit': ['sys.getrecursionlimit'],
  'sys.settrace': ['sys.gettrace'],
  'sys.setprofile': ['sys.getprofile'],
  'resource.setrlimit': ['resource.getrlimit'],
};

/** Those that another function sets back. */
export const PROCESS_REVERSES: Readonly<Record<string, readonly string[]>> = {
  'os.chdir': ['os.fchdir'],
  'os.fchdir': ['os.chdir'],
  'oslo_utils.timeutils.set_time_override': ['oslo_utils.timeutils.clear_time_override'],
};
