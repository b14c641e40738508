/** unittest.mock and relatives. Source: docs.python.org/3/library/unittest.mock.html (3.13), pytest-mock 3.14, fixtures 4.1. */

const MOCK_CLASSES = 'Mock|MagicMock|NonCallableMock|NonCallableMagicMock|AsyncMock|PropertyMock|create_autospec|mock_open';
const PATCH = 'unittest\\.mock\\.patch(?:\\.object|\\.multiple)?';
const MOCKER = 'pytest_mock\\.MockerFixture\\(\\)\\.(?:patch(?:\\.object|\\.multiple)?|spy|stub|async_stub|Mock|MagicMock|AsyncMock|create_autospec)';

const MOCK_RESULT = new RegExp(
  `^(?:unittest\\.mock\\.(?:${MOCK_CLASSES})\\(\\)|${PATCH}\\(\\)\\.start\\(\\)|${MOCKER}\\(\\)|fixtures\\.MockPatch(?:Object)?\\(\\)\\.mock)(?![\\w])`,
);
const PATCHER = new RegExp(`^(?:${PATCH}|unittest\\.mock\\.patch\\.dict)\\(\\)$`);

/** Does the name refer to a mock, or to an attribute or result of one? */
export function isMockName(name: string | undefined): boolean {
  return name !== undefined && MOCK_RESULT.test(name);
}

/** Does the name refer to what `mock.patch(...)` gives, not yet started? */
export function isPatcherName(name: string | undefined): boolean {
  return name !== undefined && PATCHER.test(name);
}

const CONSTRUCTOR = new RegExp(
  `^(?:unittest\\.mock\\.(?:${MOCK_CLASSES})|pytest_mock\\.MockerFixture\\(\\)\\.(?:stub|async_stub|Mock|MagicMock|NonCallableMock|AsyncMock|create_autospec|mock_open))$`,
);

/** Does a call of this name make a mock? */
export function makesMock(callee: string | undefined): boolean {
  return callee !== undefined && CONSTRUCTOR.test(callee);
}

/** The mock classes whose instances take any attribute and any call. */
export const MOCK_TYPES: ReadonlySet<string> = new Set([
  'unittest.mock.Mock',
  'unittest.mock.MagicMock',
  'unittest.mock.NonCallableMock',
  'unittest.mock.NonCallableMagicMock',
  'unittest.mock.AsyncMock',
]);

/** `unittest.mock.patch` and its forms; the callee of a patch. */
export const PATCH_CALLEES: ReadonlyMap<string, string> = new Map([
  ['unittest.mock.patch', 'patch'],
  ['unittest.mock.patch.object', 'patch.object'],
  ['unittest.mock.patch.dict', 'patch.dict'],
  ['unittest.mock.patch.multiple', 'patch.multiple'],
  ['pytest_mock.MockerFixture().patch', 'mocker'],
  ['pytest_mock.MockerFixture().patch.object', 'mocker'],
  ['pytest_mock.MockerFixture().patch.dict', 'mocker'],
  ['pytest_mock.MockerFixture().patch.multiple', 'mocker'],
  ['pytest_mock.MockerFixture().spy', 'mocker'],
  ['pytest.MonkeyPatch().setattr', 'monkeypatch'],
  ['pytest.MonkeyPatch().setitem', 'monkeypatch'],
  ['pytest.MonkeyPatch().setenv', 'monkeypatch'],
  ['pytest.MonkeyPatch().delattr', 'monkeypatch'],
  ['fixtures.MonkeyPatch', 'MonkeyPatch'],
  ['fixtures.MockPatch', 'MockPatch'],
  ['fixtures.MockPatchObject', 'MockPatch'],
  ['fixtures.MockPatchMultiple', 'MockPatch'],
  ['unittest.TestCase().patch', 'TestCase.patch'],
]);

/** The real assertion methods of a mock. */
export const MOCK_ASSERTIONS: readonly string[] = [
  'assert_called',
  'assert_called_once',
  'assert_called_with',
  'assert_called_once_with',
  'assert_any_call',
  'assert_has_calls',
  'assert_not_called',
  'assert_awaited',
  'assert_awaited_once',
  'assert_awaited_with',
  'assert_awaited_once_with',
  'assert_any_await',
  'assert_has_awaits',
  'assert_not_awaited',
];
