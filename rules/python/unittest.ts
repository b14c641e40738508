/**
 * unittest, testtools, pytest and the `fixtures` library: their names and what they mean.
 * Sources: docs.python.org/3/library/unittest.html (3.13), testtools 2.7, fixtures 4.1, docs.pytest.org 8.
 */

/** Methods that every test case has; `self.<name>` refers to `unittest.TestCase().<name>` unless the workspace overrides it. */
export const TEST_CASE_METHODS: ReadonlySet<string> = new Set([
  'addCleanup', 'addClassCleanup', 'addAsyncCleanup', 'enterContext', 'enterClassContext', 'enterAsyncContext', 'doCleanups',
  'useFixture', 'addDetail', 'addDetailUniqueName', 'patch', 'skipTest', 'fail', 'subTest', 'id', 'shortDescription',
  'assertEqual', 'assertNotEqual', 'assertTrue', 'assertFalse', 'assertIs', 'assertIsNot', 'assertIsNone', 'assertIsNotNone',
  'assertIn', 'assertNotIn', 'assertIsInstance', 'assertNotIsInstance', 'assertAlmostEqual', 'assertNotAlmostEqual',
  'assertGreater', 'assertGreaterEqual', 'assertLess', 'assertLessEqual', 'assertRegex', 'assertNotRegex', 'assertCountEqual',
  'assertMultiLineEqual', 'assertSequenceEqual', 'assertListEqual', 'assertTupleEqual', 'assertSetEqual', 'assertDictEqual',
  'assertRaises', 'assertRaisesRegex', 'assertRaisesRegexp', 'assertWarns', 'assertWarnsRegex', 'assertLogs', 'assertNoLogs',
  'assertThat', 'expectThat', 'assertItemsEqual', 'assertDictContainsSubset', 'getUniqueString', 'getUniqueInteger', 'expectFailure',
  'assertEquals', 'assertRaisesHttp', 'assertRegexpMatches', 'onException', 'setUp', 'tearDown', 'setUpClass', 'tearDownClass',
  'failUnless', 'failIf', 'failUnlessEqual', 'failUnlessRaises', 'assert_',
]);

/** Test-case bases that are known without reading them, with the methods of the test protocol that they define. */
export const TEST_CASE_BASES: ReadonlySet<string> = new Set([
  'unittest.TestCase', 'unittest.case.TestCase', 'unittest.IsolatedAsyncioTestCase', 'unittest.async_case.IsolatedAsyncioTestCase', 'unittest2.TestCase',
  'testtools.TestCase', 'testtools.testcase.TestCase', 'oslotest.base.BaseTestCase', 'tempest.test.BaseTestCase', 'tempest.lib.base.BaseTestCase',
  'django.test.TestCase', 'django.test.SimpleTestCase', 'django.test.TransactionTestCase', 'django.test.LiveServerTestCase',
  'django.test.testcases.TestCase', 'rest_framework.test.APITestCase', 'rest_framework.test.APISimpleTestCase',
  'twisted.trial.unittest.TestCase', 'twisted.trial.unittest.SynchronousTestCase', 'tornado.testing.AsyncTestCase', 'tornado.testing.AsyncHTTPTestCase',
  'aiohttp.test_utils.AioHTTPTestCase', 'flask_testing.TestCase', 'absl.testing.absltest.TestCase', 'absl.testing.parameterized.TestCase',
]);

/**
 * Which methods of the test protocol a known base really defines, so that overriding them without an upcall
 * loses something. Read in testtools 2.7, fixtures 4.1, Django 5.1, tornado 6.4, aiohttp 3.10, absl-py 2.1.
 */
export const PROTOCOL_OF_BASES: Readonly<Record<string, readonly string[]>> = {
  'testtools.TestCase': ['setUp', 'tearDown'], 'testtools.testcase.TestCase': ['setUp', 'tearDown'], 'oslotest.base.BaseTestCase': ['setUp', 'tearDown'],
  'tempest.test.BaseTestCase': ['setUp', 'tearDown', 'setUpClass', 'tearDownClass'], 'tempest.lib.base.BaseTestCase': ['setUp', 'tearDown', 'setUpClass', 'tearDownClass'],
  'nova.test.TestCase': ['setUp', 'tearDown'], 'nova.test.NoDBTestCase': ['setUp', 'tearDown'], 'neutron.tests.base.DietTestCase': ['setUp', 'tearDown'], 'neutron.tests.base.BaseTestCase': ['setUp', 'tearDown'],
  'cinder.tests.unit.test.TestCase': ['setUp', 'tearDown'], 'keystone.tests.unit.core.BaseTestCase': ['setUp', 'tearDown'],
  'fixtures.Fixture': ['setUp', 'cleanUp'], 'fixtures.fixture.Fixture': ['setUp', 'cleanUp'],
  'django.test.TestCase': ['setUpClass', 'tearDownClass'], 'django.test.SimpleTestCase': ['setUpClass'], 'django.test.TransactionTestCase': ['setUpClass'],
  'django.test.LiveServerTestCase': ['setUpClass', 'tearDownClass'], 'django.test.testcases.TestCase': ['setUpClass', 'tearDownClass'],
  'rest_framework.test.APITestCase': ['setUpClass', 'tearDownClass'], 'rest_framework.test.APISimpleTestCase': ['setUpClass'],
  'tornado.testing.AsyncTestCase': ['setUp', 'tearDown'], 'tornado.testing.AsyncHTTPTestCase': ['setUp', 'tearDown'],
  'aiohttp.test_utils.AioHTTPTestCase': ['asyncSetUp', 'asyncTearDown'], 'absl.testing.absltest.TestCase': ['setUp', 'setUpClass'], 'absl.testing.parameterized.TestCase': ['setUp', 'setUpClass'],
};

/** Bases whose set-up and tear-down do nothing: overriding them without an upcall loses nothing. */
export const EMPTY_SETUP_BASES: ReadonlySet<string> = new Set(['object', 'builtins.object', 'unittest.TestCase', 'unittest.case.TestCase', 'unittest.IsolatedAsyncioTestCase', 'unittest.async_case.IsolatedAsyncioTestCase', 'abc.ABC', 'typing.Generic']);

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
};

/** Methods of the test protocol by role. */
export const ROLES: Readonly<Record<string, 'setup' | 'teardown' | 'class-setup' | 'class-teardown' | 'module-setup' | 'module-teardown'>> = {
  setUp: 'setup', asyncSetUp: 'setup', setup_method: 'setup', setup: 'setup', setUpTestData: 'class-setup',
  tearDown: 'teardown', asyncTearDown: 'teardown', teardown_method: 'teardown', teardown: 'teardown',
  setUpClass: 'class-setup', setup_class: 'class-setup', tearDownClass: 'class-teardown', teardown_class: 'class-teardown',
  setUpModule: 'module-setup', setup_module: 'module-setup', tearDownModule: 'module-teardown', teardown_module: 'module-teardown',
};

/** pytest fixtures that everybody knows, and what they give. */
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
};
