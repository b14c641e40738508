/**
 * unittest, testtools, pytest and the `fixtures` library: their names and what they mean.
 * Sources: docs.python.org/3/library/unittest.html (3.13), testtools 2.7, fixtures 4.1, docs.pytest.org 8.
 */

import type { ClassFacts, FunctionDefinition, FunctionSubject, QualifiedName, TestFile } from '../model.ts';

/** Methods that every test case has; `self.<name>` refers to `unittest.TestCase().<name>` unless the workspace overrides it. */
export const TEST_CASE_METHODS: ReadonlySet<string> = new Set([
  'addCleanup',
  'addClassCleanup',
  'addAsyncCleanup',
  'enterContext',
  'enterClassContext',
  'enterAsyncContext',
  'doCleanups',
  'useFixture',
  'addDetail',
  'addDetailUniqueName',
  'patch',
  'skipTest',
  'fail',
  'subTest',
  'id',
  'shortDescription',
  'assertEqual',
  'assertNotEqual',
  'assertTrue',
  'assertFalse',
  'assertIs',
  'assertIsNot',
  'assertIsNone',
  'assertIsNotNone',
  'assertIn',
  'assertNotIn',
  'assertIsInstance',
  'assertNotIsInstance',
  'assertAlmostEqual',
  'assertNotAlmostEqual',
  'assertGreater',
  'assertGreaterEqual',
  'assertLess',
  'assertLessEqual',
  'assertRegex',
  'assertNotRegex',
  'assertCountEqual',
  'assertMultiLineEqual',
  'assertSequenceEqual',
  'assertListEqual',
  'assertTupleEqual',
  'assertSetEqual',
  'assertDictEqual',
  'assertRaises',
  'assertRaisesRegex',
  'assertRaisesRegexp',
  'assertWarns',
  'assertWarnsRegex',
  'assertLogs',
  'assertNoLogs',
  'assertThat',
  'expectThat',
  'assertItemsEqual',
  'assertDictContainsSubset',
  'getUniqueString',
  'getUniqueInteger',
  'expectFailure',
  'assertEquals',
  'assertRaisesHttp',
  'assertRegexpMatches',
  'onException',
  'setUp',
  'tearDown',
  'setUpClass',
  'tearDownClass',
  'failUnless',
  'failIf',
  'failUnlessEqual',
  'failUnlessRaises',
  'assert_',
]);

/** Test-case bases that are known without reading them, with the methods of the test protocol that they define. */
export const TEST_CASE_BASES: ReadonlySet<string> = new Set([
  'unittest.TestCase',
  'unittest.case.TestCase',
  'unittest.IsolatedAsyncioTestCase',
  'unittest.async_case.IsolatedAsyncioTestCase',
  'unittest2.TestCase',
  'testtools.TestCase',
  'testtools.testcase.TestCase',
  'oslotest.base.BaseTestCase',
  'tempest.test.BaseTestCase',
  'tempest.lib.base.BaseTestCase',
  'tempest.lib.cli.base.ClientTestBase',
  'djblets.testing.testcases.TestCase',
  'djblets.webapi.testing.testcases.WebAPITestCaseMixin',
  'fixtures.TestWithFixtures',
  'fixtures.testcase.TestWithFixtures',
  'django.test.TestCase',
  'django.test.SimpleTestCase',
  'django.test.TransactionTestCase',
  'django.test.LiveServerTestCase',
  'django.contrib.staticfiles.testing.StaticLiveServerTestCase',
  'django.test.testcases.TestCase',
  'django.test.testcases.SimpleTestCase',
  'django.test.testcases.TransactionTestCase',
  'django.test.testcases.LiveServerTestCase',
  'rest_framework.test.APITestCase',
  'rest_framework.test.APISimpleTestCase',
  'rest_framework.test.APITransactionTestCase',
  'rest_framework.test.APILiveServerTestCase',
  'twisted.trial.unittest.TestCase',
  'twisted.trial.unittest.SynchronousTestCase',
  'tornado.testing.AsyncTestCase',
  'tornado.testing.AsyncHTTPTestCase',
  'tornado.testing.AsyncHTTPSTestCase',
  'aiohttp.test_utils.AioHTTPTestCase',
  'flask_testing.TestCase',
  'django_webtest.WebTest',
  'absl.testing.absltest.TestCase',
  'absl.testing.parameterized.TestCase',
  'aiounittest.AsyncTestCase',
  'pyfakefs.fake_filesystem_unittest.TestCase',
  'vcr.unittest.VCRTestCase',
  'vcr_unittest.VCRTestCase',
  'tensorflow.test.TestCase',
  'tensorflow.compat.v1.test.TestCase',
  'tensorflow.compat.v2.test.TestCase',
]);

/**
 * Which methods of the test protocol a known base really defines, so that overriding them without an upcall
 * loses something. Read in testtools 2.7, fixtures 4.1, Django 5.1, tornado 6.4, aiohttp 3.10, absl-py 2.1, aiounittest 1.5, pyfakefs 5, vcrpy 7, vcrpy-unittest 0.1, TensorFlow 2, tempest 39, kgb 7, Djblets 5, django-webtest 1.9.
 */
export const PROTOCOL_OF_BASES: Readonly<Record<string, readonly string[]>> = {
  'testtools.TestCase': ['setUp', 'tearDown'],
  'testtools.testcase.TestCase': ['setUp', 'tearDown'],
  'oslotest.base.BaseTestCase': ['setUp', 'tearDown'],
  'tempest.test.BaseTestCase': ['setUp', 'tearDown', 'setUpClass', 'tearDownClass'],
  'tempest.lib.base.BaseTestCase': ['setUp', 'tearDown', 'setUpClass', 'tearDownClass'],
  'tempest.lib.cli.base.ClientTestBase': ['setUp', 'tearDown', 'setUpClass', 'tearDownClass'],
  'nova.test.TestCase': ['setUp', 'tearDown'],
  'nova.test.NoDBTestCase': ['setUp', 'tearDown'],
  'neutron.tests.base.DietTestCase': ['setUp', 'tearDown'],
  'neutron.tests.base.BaseTestCase': ['setUp', 'tearDown'],
  'cinder.tests.unit.test.TestCase': ['setUp', 'tearDown'],
  'keystone.tests.unit.core.BaseTestCase': ['setUp', 'tearDown'],
  'fixtures.Fixture': ['setUp', 'cleanUp'],
  'fixtures.fixture.Fixture': ['setUp', 'cleanUp'],
  'django.test.TestCase': ['setUpClass', 'tearDownClass'],
  'django.test.SimpleTestCase': ['setUpClass'],
  'django.test.TransactionTestCase': ['setUpClass'],
  'django.test.LiveServerTestCase': ['setUpClass', 'tearDownClass'],
  'django.contrib.staticfiles.testing.StaticLiveServerTestCase': ['setUpClass', 'tearDownClass'],
  'django_webtest.WebTest': ['setUpClass', 'tearDownClass'],
  'django.test.testcases.TestCase': ['setUpClass', 'tearDownClass'],
  'django.test.testcases.SimpleTestCase': ['setUpClass'],
  'django.test.testcases.TransactionTestCase': ['setUpClass'],
  'django.test.testcases.LiveServerTestCase': ['setUpClass', 'tearDownClass'],
  'djblets.testing.testcases.TestCase': ['setUpClass', 'tearDownClass'],
  'djblets.webapi.testing.testcases.WebAPITestCaseMixin': ['setUpClass', 'tearDownClass'],
  'kgb.SpyAgency': ['tearDown'],
  'kgb.agency.SpyAgency': ['tearDown'],
  'rest_framework.test.APITestCase': ['setUpClass', 'tearDownClass'],
  'rest_framework.test.APISimpleTestCase': ['setUpClass'],
  'tornado.testing.AsyncTestCase': ['setUp', 'tearDown'],
  'tornado.testing.AsyncHTTPTestCase': ['setUp', 'tearDown'],
  'aiohttp.test_utils.AioHTTPTestCase': ['asyncSetUp', 'asyncTearDown'],
  'vcr.unittest.VCRTestCase': ['setUp'],
  'vcr_unittest.VCRTestCase': ['setUp'],
  'aiounittest.AsyncTestCase': [],
  'pyfakefs.fake_filesystem_unittest.TestCase': [],
  // Theirs only makes the stack of `enter_context`, which a test that enters something misses at once.
  'absl.testing.absltest.TestCase': [],
  'absl.testing.parameterized.TestCase': [],
  // Theirs begins with new seeds and an empty graph, and ends with threads that the test has checked.
  'tensorflow.test.TestCase': [],
  'tensorflow.compat.v1.test.TestCase': [],
  'tensorflow.compat.v2.test.TestCase': [],
};

/** Bases whose set-up and tear-down do nothing: overriding them without an upcall loses nothing. */
export const EMPTY_SETUP_BASES: ReadonlySet<string> = new Set([
  'object',
  'builtins.object',
  'unittest.TestCase',
  'unittest.case.TestCase',
  'unittest.IsolatedAsyncioTestCase',
  'unittest.async_case.IsolatedAsyncioTestCase',
  'abc.ABC',
  'typing.Generic',
]);

/** What known bases promise (see `Guarantee` in `rules/model.ts`). Source: `rules.md` B.0.4, read in oslotest 5.0. */
export const BASE_GUARANTEES: Readonly<Record<string, readonly string[]>> = {
  'oslotest.base.BaseTestCase': ['stopall', 'nested-temp', 'home'],
  'nova.test.TestCase': ['stopall', 'nested-temp', 'home', 'config-reset', 'autospec', 'poison'],
  'nova.test.NoDBTestCase': ['stopall', 'nested-temp', 'home', 'config-reset', 'autospec', 'poison'],
  'neutron.tests.base.DietTestCase': ['stopall', 'nested-temp', 'home', 'config-reset'],
  'neutron.tests.base.BaseTestCase': ['stopall', 'nested-temp', 'home', 'config-reset'],
  'cinder.tests.unit.test.TestCase': ['nested-temp', 'home', 'config-reset'],
  'keystone.tests.unit.core.BaseTestCase': ['nested-temp', 'home', 'config-reset'],
  'django.test.TestCase': ['rollback'],
  'django_webtest.WebTest': ['rollback'],
  'djblets.testing.testcases.TestCase': ['rollback'],
  'djblets.webapi.testing.testcases.WebAPITestCaseMixin': ['rollback'],
};

const DJANGO: Readonly<Record<string, string>> = { client: 'django.test.Client()', async_client: 'django.test.AsyncClient()' };
const WEBTEST: Readonly<Record<string, string>> = { ...DJANGO, app: 'django_webtest.DjangoTestApp()' };
const DRF: Readonly<Record<string, string>> = { ...DJANGO, client: 'rest_framework.test.APIClient()' };

/** What known bases give their instances: attributes that no set-up of the workspace assigns. Same sources. */
export const ATTRIBUTES_OF_BASES: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  'django.test.TestCase': DJANGO,
  'django.test.testcases.TestCase': DJANGO,
  'djblets.testing.testcases.TestCase': DJANGO,
  'djblets.webapi.testing.testcases.WebAPITestCaseMixin': DJANGO,
  'django.test.testcases.SimpleTestCase': DJANGO,
  'django.test.testcases.TransactionTestCase': DJANGO,
  'django.test.testcases.LiveServerTestCase': DJANGO,
  'django.test.SimpleTestCase': DJANGO,
  'django.test.TransactionTestCase': DJANGO,
  'django.test.LiveServerTestCase': DJANGO,
  'django.contrib.staticfiles.testing.StaticLiveServerTestCase': DJANGO,
  'django_webtest.WebTest': WEBTEST,
  'rest_framework.test.APITestCase': DRF,
  'rest_framework.test.APISimpleTestCase': DRF,
  'rest_framework.test.APITransactionTestCase': DRF,
  'rest_framework.test.APILiveServerTestCase': DRF,
  'aiohttp.test_utils.AioHTTPTestCase': { client: 'aiohttp.test_utils.TestClient()', server: 'aiohttp.test_utils.TestServer()' },
  'flask_testing.TestCase': { client: 'flask.testing.FlaskClient()' },
  'tornado.testing.AsyncHTTPTestCase': { http_client: 'tornado.httpclient.AsyncHTTPClient()' },
  'tornado.testing.AsyncHTTPSTestCase': { http_client: 'tornado.httpclient.AsyncHTTPClient()' },
};

/** Methods of the test protocol by role. */
export const ROLES: Readonly<Record<string, 'setup' | 'teardown' | 'class-setup' | 'class-teardown' | 'module-setup' | 'module-teardown'>> = {
  setUp: 'setup',
  asyncSetUp: 'setup',
  setup_method: 'setup',
  setup: 'setup',
  setUpTestData: 'class-setup',
  tearDown: 'teardown',
  cleanUp: 'teardown',
  asyncTearDown: 'teardown',
  teardown_method: 'teardown',
  teardown: 'teardown',
  setUpClass: 'class-setup',
  setup_class: 'class-setup',
  tearDownClass: 'class-teardown',
  teardown_class: 'class-teardown',
  setup_function: 'setup',
  teardown_function: 'teardown',
  setUpModule: 'module-setup',
  setup_module: 'module-setup',
  tearDownModule: 'module-teardown',
  teardown_module: 'module-teardown',
};

/** What calling a function that a fixture gives makes: `await aiohttp_client(app)`. */
export const MADE_BY_FIXTURES: Readonly<Record<string, string>> = {
  'pytest_aiohttp.aiohttp_client': 'aiohttp.test_utils.TestClient()',
  'pytest_aiohttp.aiohttp_server': 'aiohttp.test_utils.TestServer()',
};

/** pytest fixtures that everybody knows, and what they give. Also pytest-django 4.9, pytest-aiohttp 1.0, pytest-subprocess 1.5. */
export const WELL_KNOWN_FIXTURES: Readonly<Record<string, string>> = {
  monkeypatch: 'pytest.MonkeyPatch()',
  mocker: 'pytest_mock.MockerFixture()',
  class_mocker: 'pytest_mock.MockerFixture()',
  module_mocker: 'pytest_mock.MockerFixture()',
  session_mocker: 'pytest_mock.MockerFixture()',
  tmp_path: 'pytest.tmp_path()',
  tmp_path_factory: 'pytest.TempPathFactory()',
  tmpdir: 'pytest.tmpdir()',
  tmpdir_factory: 'pytest.TempdirFactory()',
  capsys: 'pytest.CaptureFixture()',
  capfd: 'pytest.CaptureFixture()',
  caplog: 'pytest.LogCaptureFixture()',
  recwarn: 'pytest.WarningsRecorder()',
  request: 'pytest.FixtureRequest()',
  pytester: 'pytest.Pytester()',
  testdir: 'pytest.Testdir()',
  requests_mock: 'requests_mock.Mocker()',
  httpx_mock: 'pytest_httpx.HTTPXMock()',
  respx_mock: 'respx.MockRouter()',
  responses: 'responses.RequestsMock()',
  aioresponses: 'aioresponses.aioresponses()',
  settings: 'pytest_django.fixtures.SettingsWrapper()',
  db: 'pytest_django.fixtures.db()',
  fs: 'pyfakefs.fake_filesystem.FakeFilesystem()',
  freezer: 'freezegun.api.FrozenDateTimeFactory()',
  httpserver: 'pytest_httpserver.HTTPServer()',
  event_loop: 'pytest_asyncio.event_loop()',
  benchmark: 'pytest_benchmark.fixture.BenchmarkFixture()',
  pytestconfig: 'pytest.Config()',
  capsysbinary: 'pytest.CaptureFixture()',
  capfdbinary: 'pytest.CaptureFixture()',
  admin_client: 'django.test.Client()',
  async_client: 'django.test.AsyncClient()',
  async_admin_client: 'django.test.AsyncClient()',
  rf: 'django.test.RequestFactory()',
  async_rf: 'django.test.AsyncRequestFactory()',
  live_server: 'pytest_django.live_server_helper.LiveServer()',
  transactional_db: 'pytest_django.fixtures.transactional_db()',
  aiohttp_client: 'pytest_aiohttp.aiohttp_client',
  aiohttp_server: 'pytest_aiohttp.aiohttp_server',
  aiohttp_raw_server: 'pytest_aiohttp.aiohttp_server',
  fake_process: 'pytest_subprocess.FakeProcess()',
  fp: 'pytest_subprocess.FakeProcess()',
  faker: 'faker.Faker()',
  page: 'playwright.sync_api.Page()',
  unused_tcp_port: 'pytest_asyncio.unused_tcp_port()',
};

/** Fixtures of pytest itself and of its common plug-ins, beyond those above. Sources: docs.pytest.org 8 and the plug-ins' own pages, 2025. */
export const LIBRARY_FIXTURES: ReadonlySet<string> = new Set([
  'cache',
  'capsysbinary',
  'capfdbinary',
  'capteesys',
  'doctest_namespace',
  'pytestconfig',
  'record_property',
  'record_testsuite_property',
  'record_xml_attribute',
  'subtests',
  // pytest-django
  'admin_client',
  'admin_user',
  'async_client',
  'async_rf',
  'client',
  'django_assert_max_num_queries',
  'django_assert_num_queries',
  'django_capture_on_commit_callbacks',
  'django_db_blocker',
  'django_db_reset_sequences',
  'django_db_setup',
  'django_user_model',
  'django_username_field',
  'live_server',
  'mailoutbox',
  'rf',
  'transactional_db',
  // pytest-aiohttp, pytest-asyncio, anyio, pytest-tornado
  'aiohttp_client',
  'aiohttp_raw_server',
  'aiohttp_server',
  'aiohttp_unused_port',
  'anyio_backend',
  'anyio_backend_name',
  'anyio_backend_options',
  'loop',
  'test_client',
  'unused_tcp_port',
  'unused_tcp_port_factory',
  'unused_udp_port',
  // pytest-splinter, which quits its browsers itself
  'browser',
  'browser_instance_getter',
  'session_browser',
  // others
  'celery_app',
  'celery_worker',
  'cov',
  'data_regression',
  'docker_client',
  'docker_ip',
  'docker_services',
  'fake_process',
  'faker',
  'fp',
  'free_tcp_port',
  'httpserver',
  'httpbin',
  'httpbin_both',
  'httpbin_ca_bundle',
  'httpbin_secure',
  'httpx2_mock',
  'make_httpserver',
  'mocked_responses',
  'page',
  'postgresql',
  'postgresql_proc',
  'redisdb',
  'smtpserver',
  'snapshot',
  'socket_disabled',
  'socket_enabled',
  'testrun_uid',
  'timeout',
  'vcr',
  'vcr_cassette',
  'vcr_config',
  'worker_id',
]);

/** A test that is a coroutine or a generator, and that a plain `TestCase` calls and drops. */
export function isDropped({ class: around, role, async, generator, decorators }: FunctionSubject, file: TestFile): boolean {
  if (role !== 'test' || around === undefined || !(async || generator) || decorators.length > 0) return false;
  if (!around.ancestors.includes('unittest.TestCase') || around.unresolved.length > 0) return false;
  if (around.ancestors.some((it) => /async|aio|trial|twisted|tornado|trio|django/i.test(it))) return false;
  for (const it of ['run', '_callTestMethod', '__call__', '__init_subclass__', '__getattribute__'])
    if (around.methods.has(it) || around.inherits(it) !== 'no') return false;
  return ![around.qualified, ...around.ancestors].some((it) => isDriver(it, file));
}

/** Has a class of the workspace a method that runs tests in a way of its own? */
function isDriver(base: string, file: TestFile): boolean {
  if (base.startsWith('unittest.')) return false;
  return file.membersOf(base).some((it) => drives(file.definition(`${base}().${it}`)?.node?.text ?? ''));
}

/** Runs coroutines, or takes the test's method by its name to call it. */
function drives(text: string): boolean {
  return /iscoroutine|isawaitable|run_until_complete|asyncio\.run\b|\bRunner\(|async_to_sync|_testMethodName|getattr\(self,/.test(text);
}

/** The bases of a class that cannot be looked into: not what a function of the workspace makes, which is there, nor an exception (`unittest.SkipTest`). */
export function missingBases(around: ClassFacts, file: TestFile): readonly QualifiedName[] {
  return (
    around.unresolved
      .map((it) => it.replace(/\(\)$/, ''))
      // What the workspace has is found, if not followed: `class Case(*bases)`.
      .filter((it) => file.exists(it) !== 'yes' && file.definition(it)?.kind !== 'function' && !/(?:Error|Exception|Warning|\bSkipTest)$/.test(it))
  );
}

/** Methods that run around the tests of a class before each, or before all of them. */
const SET_UPS: readonly string[] = ['setUp', 'asyncSetUp', 'setUpClass', 'setup_method', 'setup_class', 'setup', 'run'];

/** What of the class of a test, or of its bases in the workspace, runs before it. */
export function setUpsOf({ class: around }: FunctionSubject, file: TestFile): readonly FunctionDefinition[] {
  return around === undefined ? [] : SET_UPS.flatMap((it) => file.definition(`${around.qualified}().${it}`)?.node ?? []);
}
