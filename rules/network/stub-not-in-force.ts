import type { Call, FunctionSubject, TestFile } from '../model.ts';
import { defineRule, type Fix, insertBefore, py } from '../rule.ts';

/** Calls that prepare an answer of a stub for the whole module, and what of it must be in force. */
const PREPARES: readonly { readonly callee: RegExp; readonly library: string; readonly stubs: string; readonly activate: string | undefined }[] = [
  {
    callee: /^responses\.(?:mock\.)?(?:add|add_callback|get|post|put|patch|delete|head|options|upsert|replace)$/,
    library: 'responses',
    stubs: 'requests',
    activate: '@responses.activate',
  },
  { callee: /^httpretty\.register_uri$/, library: 'httpretty', stubs: 'socket', activate: '@httpretty.activate(allow_net_connect=False)' },
  { callee: /^respx\.(?:get|post|put|patch|delete|head|options|route|request)$/, library: 'respx', stubs: 'httpx', activate: '@respx.mock' },
  { callee: /^pook\.(?:get|post|put|patch|delete|head|mock)$/, library: 'pook', stubs: 'requests', activate: '@pook.on' },
];
/** Objects that do nothing until they are entered, started or used as a decorator. */
const LAZY =
  /^(?:requests_mock\.(?:Mocker|mock)|aioresponses\.aioresponses|moto\.mock_\w+|vcr\.(?:VCR\(\)\.)?use_cassette|responses\.RequestsMock|respx\.MockRouter|wsgi_intercept\.interceptor\.\w+)$/;

export const rule = defineRule({
  id: 'stub-not-in-force',
  code: 'NET018',
  category: 'network',
  title: 'Stub is prepared but not in force',
  kind: 'fail',
  confidence: 'high',
  cwe: [923],
  why: 'The answers are registered with a stub that nobody switched on: the request goes to the real host, or the test never makes it.',
  instead: 'Switch it on: `@responses.activate`, `with requests_mock.Mocker() as m:`, a fixture.',
  limits:
    'A stub that a parameter, a base class that was not found, or a caller of a helper may switch on is given the benefit of the doubt, and so is `responses` where the settings or requirements of the project name `pytest-responses`.',
  links: ['https://github.com/getsentry/responses#basics', 'https://requests-mock.readthedocs.io/en/latest/mocker.html'],
  on: 'call',
  calls: (callee) => LAZY.test(callee) || PREPARES.some((it) => it.callee.test(callee)),
  *check(call, file) {
    const owner = file.ownerOf(call);
    if (owner?.role !== 'test') return;
    const prepared = PREPARES.find((it) => it.callee.test(call.callee ?? ''));
    if (prepared !== undefined) {
      if (isPerhapsInForce(call, owner, prepared, file)) return;
      yield {
        at: call.place,
        message: `\`${call.function.text}\` prepares an answer, but \`${prepared.library}\` is not in force: it answers no request`,
        ...(prepared.activate === undefined ? {} : fixOf(owner, prepared.activate)),
      };
      return;
    }
    if (LAZY.test(call.callee ?? '') && call.parent?.type === 'expression')
      yield { at: call.place, message: `\`${call.function.text}\` is made and thrown away: it answers nothing` };
  },
  examples: [
    {
      name: 'answers without the stub',
      bad: py`
        import requests
        import responses

        def test_tides():
            responses.add(responses.GET, "https://tides.example.com/today", json={})
        #   ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ ${'`responses` is not in force'}
            assert requests.get("https://tides.example.com/today", timeout=5).json() == {}
      `,
      fixed: py`
        import requests
        import responses

        @responses.activate
        def test_tides():
            responses.add(responses.GET, "https://tides.example.com/today", json={})
            assert requests.get("https://tides.example.com/today", timeout=5).json() == {}
      `,
    },
    {
      name: 'in a method',
      bad: py`
        import unittest
        import httpretty

        class TestTides(unittest.TestCase):
            def test_today(self):
                httpretty.register_uri(httpretty.GET, "https://tides.example.com/today", body="high")  #! is not in force
                self.assertEqual("high", today())
      `,
      fixed: py`
        import unittest
        import httpretty

        class TestTides(unittest.TestCase):
            @httpretty.activate(allow_net_connect=False)
            def test_today(self):
                httpretty.register_uri(httpretty.GET, "https://tides.example.com/today", body="high")
                self.assertEqual("high", today())
      `,
    },
    {
      name: 'an object that nobody enters',
      bad: py`
        import moto

        def test_charts():
            moto.mock_aws()  #! is made and thrown away
            assert charts() == []
      `,
    },
    {
      name: 'in force by a plug-in of pytest',
      good: {
        'tests/test_tides.py': py`
          import requests
          import responses

          def test_tides():
              responses.add(responses.GET, "https://tides.example.com/today", json={})
              assert requests.get("https://tides.example.com/today", timeout=5).json() == {}
        `,
        'requirements/test.in': 'pytest\npytest-responses\n',
      },
    },
    {
      name: 'in force by a decorator, a block, set-up, a fixture, a parameter; in a helper',
      good: py`
        import unittest
        import pytest
        import httpretty
        import requests_mock
        import responses
        import respx

        @responses.activate
        def test_decorated():
            responses.add(responses.GET, "https://tides.example.com/today", json={})

        def test_block():
            with responses.RequestsMock() as stub:
                stub.add(responses.GET, "https://tides.example.com/today", json={})
            with requests_mock.Mocker() as stub:
                stub.get("https://tides.example.com/today", json={})

        class TestTides(unittest.TestCase):
            def setUp(self):
                httpretty.enable(allow_net_connect=False)
                self.addCleanup(httpretty.disable)

            def test_today(self):
                httpretty.register_uri(httpretty.GET, "https://tides.example.com/today", body="high")

        def test_fixture(responses):
            responses.add("GET", "https://tides.example.com/today", json={})

        @respx.mock
        def test_router():
            respx.get("https://tides.example.com/today")

        def test_parameter(answers):
            responses.add(responses.GET, "https://tides.example.com/today", json={})

        def prepare():
            responses.add(responses.GET, "https://tides.example.com/today", json={})
      `,
    },
  ],
});

/** Switched on here, or by somebody who cannot be read. */
function isPerhapsInForce(
  call: Call,
  owner: FunctionSubject,
  { library, stubs }: { readonly library: string; readonly stubs: string },
  file: TestFile,
): boolean {
  if (file.stubbed(stubs, call) !== undefined || (owner.class?.unresolved.length ?? 0) > 0) return true;
  // The plug-in switches the stub on for every test.
  if (library === 'responses' && file.project.requires('pytest-responses')) return true;
  if (owner.parameters.some((it) => it !== 'self' && it !== 'cls')) return true;
  if (new RegExp(`\\b${library}\\.(?:start|enable|activate|enabled|mock\\b|on|use|RequestsMock)|useFixture|enter_?[cC]ontext`).test(owner.node.text))
    return true;
  const around = owner.class;
  for (const name of around === undefined ? [] : around.methods.keys()) {
    const text = file.definition(`${around?.qualified ?? ''}().${name}`)?.node?.text ?? '';
    if (new RegExp(`\\b${library}\\.(?:start|enable|activate|mock|on|use)`).test(text)) return true;
  }
  return owner.node.decorators.some((it) => it.refersTo === undefined || it.text.includes(library)) || usesMarkedFixtures(owner);
}

/** `@pytest.mark.usefixtures('stub')` */
function usesMarkedFixtures(owner: FunctionSubject): boolean {
  return owner.node.decorators.some((it) => it.text.includes('usefixtures'));
}

function fixOf(owner: FunctionSubject, decorator: string): { fix?: Fix } {
  if (owner.async) return {};
  return { fix: { title: `Switch it on with \`${decorator}\``, safety: 'suggest', edits: [insertBefore(owner.node, decorator)] } };
}
