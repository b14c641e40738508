import type { FunctionSubject, Node, TestFile } from '../model.ts';
import { constantText, walk } from '../model.ts';
import { PATCH_CALLEES } from '../python/mock.ts';
import { defineRule, type Finding, py } from '../rule.ts';

export const rule = defineRule({
  id: 'stub-never-used',
  code: 'MCK023',
  category: 'mocking',
  title: 'Stub helper or fixture is never used',
  kind: 'review',
  confidence: 'medium',
  cwe: [561],
  why: 'The file looks as if the network were replaced, but nothing puts the stub in force: the tests reach the real thing.',
  instead: 'Request the fixture, make it `autouse`, or call the helper; else remove it.',
  limits:
    'Looks at module-level functions of test modules that pytest collects by their names, and that import a client of a network. A module that imports the helper from here is not seen.',
  links: ['https://docs.pytest.org/en/stable/how-to/fixtures.html#autouse-fixtures-fixtures-you-don-t-have-to-request'],
  on: ['function', 'statement'],
  wants: (it) => it.type === 'function subject' || it.type === 'class' || (it.type !== 'function' && it.type !== 'import' && it.parent === undefined),
  *check(subject, file) {
    if (file.kind !== 'test' || !NETWORK.some((it) => file.imports(it)) || !COLLECTED.test(file.path) || HELPERS.test(file.path)) return;
    if (subject.type === 'function subject') {
      if (subject.node.parent !== undefined && subject.node.parent.type !== 'class') return;
      yield* usesIn(subject.node, subject.name);
      const name = subject.fixture?.name ?? subject.name;
      if (isUnusedStub(subject, file))
        yield { at: subject.namePlace, claim: name, message: `\`${name}\` puts a stub in force, but nothing in this file asks for it` };
    } else if (subject.type !== 'function' && subject.type !== 'class' && subject.type !== 'import' && subject.parent === undefined) yield* usesIn(subject, '');
    else if (subject.type === 'class') for (const it of subject.decorators) yield* usesIn(it, '');
  },
  examples: [
    {
      name: 'a fixture that nobody asks for',
      bad: py`
        import pytest
        import requests

        @pytest.fixture
        def no_requests(monkeypatch):  #! nothing in this file asks for it
            monkeypatch.setattr(requests.Session, "request", None)

        def test_tides():
            assert requests.get("http://localhost:8080", timeout=5).ok
      `,
    },
    {
      name: 'asked for by a parameter, a mark, for every test, by a call; no stub at all',
      good: py`
        import pytest
        import requests
        from unittest import mock

        @pytest.fixture
        def fake_send(monkeypatch):
            monkeypatch.setattr("harbour.send", print)

        @pytest.fixture
        def stub_tides(monkeypatch):
            monkeypatch.setattr("harbour.tides", print)

        @pytest.fixture
        def stub_two(monkeypatch):
            monkeypatch.setattr("harbour.two", print)

        @pytest.fixture
        def mock_three(monkeypatch):
            monkeypatch.setattr("harbour.three", print)

        @pytest.fixture(autouse=True)
        def no_requests(monkeypatch):
            monkeypatch.setattr(requests.Session, "request", None)

        def patch_quay():
            return mock.patch("harbour.quay")

        def patch_settings(values):
            return mock.patch.dict("harbour.settings", values)

        def fake_ship():
            return {"name": "Calypso"}

        @pytest.mark.usefixtures("stub_tides")
        def test_tides(fake_send, stub_two, mock_three):
            with patch_quay():
                assert requests.get("http://localhost:8080", timeout=5).ok
      `,
    },
    {
      name: 'a module that other modules take helpers from',
      good: {
        'harbour/tests.py': py`
          import requests
          from unittest import mock

          def mock_clock(test):
              patcher = mock.patch("harbour.clock.now")
              patcher.start()
              test.addCleanup(patcher.stop)
        `,
      },
    },
  ],
});

const NETWORK: readonly string[] = [
  'requests',
  'httpx',
  'aiohttp',
  'urllib.request',
  'urllib3',
  'http.client',
  'socket',
  'boto3',
  'smtplib',
  'paramiko',
  'websockets',
];
/** What holds tests by pytest's rules; a `tests.py` or `__init__.py` may be there for others. */
const COLLECTED = /(?:^|\/)(?:test_[^/]*|[^/]*_tests?)\.py$/;
/** Modules beside the tests that are there to be imported. */
const HELPERS = /(?:^|[/_])(?:helpers?|util(?:s|ities)?|common|support|base|fixtures?|mocks?|fakes?|stubs?)\.py$/;
const STUB = /(?:^|_)(?:stubs?|fakes?|mocks?|patch(?:ed|es)?|stub_out|disable_network|no_requests|no_network)(?=_|$)/;

function isUnusedStub(subject: FunctionSubject, file: TestFile): boolean {
  const { fixture, node, role } = subject;
  if (!STUB.test(subject.name) || subject.class !== undefined || node.parent !== undefined || fixture?.autouse === true) return false;
  if (role !== 'helper' && role !== 'fixture') return false;
  if (/^pytest_/.test(subject.name) || file.ownerOf(node) !== subject) return false;
  // Whoever is given the patcher puts it in force.
  if (
    fixture === undefined &&
    walk(node).some((it) => it.type === 'return' && it.operands[0]?.type === 'call' && PATCH_CALLEES.has(it.operands[0].callee ?? ''))
  )
    return false;
  for (const it of walk(node))
    if (it.type === 'call' && (PATCH_CALLEES.has(it.callee ?? '') || /^(?:stub_out|MonkeyPatch|MockPatch\w*)$/.test(it.method))) return true;
  return false;
}

/** The names of stubs that a piece of the file mentions: each is in use then. */
function* usesIn(node: Node, own: string): Iterable<Finding> {
  if (!/stub|fake|mock|patch|no_network|disable_network|no_requests/.test(node.text)) return;
  const used = (at: Node, name: string): Finding => ({ at: at.place, claim: name, disproves: true, message: '' });
  for (const it of walk(node)) {
    if (it.type === 'name' && it.id !== own && STUB.test(it.id)) yield used(it, it.id);
    else if (it.type === 'function') {
      for (const each of it.parameters) if (STUB.test(each.name)) yield { at: each.place, claim: each.name, disproves: true, message: '' };
    } else if (it.type === 'string') {
      const text = constantText(it.value);
      if (text !== undefined && /^\w+$/.test(text) && STUB.test(text)) yield used(it, text);
    }
  }
}
