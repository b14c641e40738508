import type { Call } from '../model.ts';
import { isTestClient } from '../python/api.ts';
import { defineRule, py } from '../rule.ts';

export const rule = defineRule({
  id: 'helper-may-send',
  code: 'NET-U01',
  category: 'network',
  title: 'Helper that may send requests was not found',
  kind: 'open',
  confidence: 'medium',
  cwe: [923],
  why: 'Whether it speaks to a network, and to whom, is written in it.',
  instead: 'Open the folder that holds the helper or the base class, or give it with `--root`.',
  limits:
    'Speaks of methods of a class of tests that are called after sending or fetching, where a base class was not found, and of imported functions called so.',
  links: ['https://cwe.mitre.org/data/definitions/923.html'],
  once: 'file',
  on: 'call',
  calls: (_, method) => SENDS.test(method),
  *check(call, file) {
    const name = sendsByName(call);
    if (name === undefined || file.expected(call) || call.callee?.includes('<locals>') === true) return;
    const { callee } = call;
    if (callee !== undefined && (file.definition(callee) !== undefined || file.stubbed(callee, call) !== undefined)) return;
    if (call.function.type === 'attribute') {
      const around = file.class;
      if (around?.isTest !== true || around.unresolved.length === 0 || around.methods.has(name) || around.ancestors.some(isTestClient)) return;
      // An attribute that the test or its set-up assigns is no method.
      if (callee !== undefined && !callee.endsWith(`().${name}`)) return;
      yield { at: call.place, message: `whether \`self.${name}\` sends requests is written in \`${around.unresolved[0] ?? ''}\`, which was not found` };
    } else if (file.kind !== 'helper' && callee?.includes('.') && isTestCode(callee) && file.exists(callee) === 'unknown')
      yield {
        at: call.place,
        message: `whether \`${name}\` sends requests is written in \`${callee.slice(0, callee.lastIndexOf('.'))}\`, which was not found`,
      };
  },
  examples: [
    {
      name: 'a method of a base class that is not there',
      bad: py`
        from harbour.testing import HarbourCase

        class TestTides(HarbourCase):
            def test_today(self):
                self.assertEqual("high", self._fetch("/tides"))  #! is written in
      `,
    },
    {
      name: 'a function of a module of helpers',
      bad: py`
        from tests.helpers import send_request

        def test_today():
            assert send_request("/tides") == "high"
        #          ^^^^^^^^^^^^^^^^^^^^^^ is written in
      `,
    },
    {
      name: 'a client that calls the application',
      good: py`
        import webtest

        class Client(webtest.TestApp):
            def rpc(self, path, *arguments):
                return self.post(path, list(arguments))
      `,
    },
    {
      name: 'a client that tests use',
      good: py`
        from elsewhere import BaseClient

        class Client(BaseClient):
            def tides(self):
                return self._http_request("GET", "/tides")
      `,
    },
    {
      name: 'a method that can be read, another name, a function under test',
      good: {
        'tests/unit/test_tides.py': py`
          from harbour import fetch
          from harbour.testing import HarbourCase
          from tests.helpers import send_request

          class TestTides(HarbourCase):
              def test_today(self):
                  self.assertEqual("high", self._post("/tides"))
                  self.assertEqual("high", self.describe("/tides"))

              def _post(self, path):
                  return "high"

          def test_today():
              assert send_request("/tides") == fetch("/tides")
        `,
        'tests/helpers.py': py`
          def send_request(path):
              return "high"
        `,
      },
    },
  ],
});

const SENDS =
  /^_*(?:do_|send_|make_|api_|http_|rest_)?(?:post|fetch|request|api_call|http_(?:get|post|put|delete)|send_request|do_request|api_(?:get|post|put|delete)|call_api|download|upload|sync_\w+)$/;

function sendsByName(call: Call): string | undefined {
  if (!SENDS.test(call.method)) return undefined;
  if (call.function.type === 'name') return call.method;
  return call.function.type === 'attribute' && call.function.object.text === 'self' ? call.method : undefined;
}

/** By its module a helper of tests, not what they are about. */
function isTestCode(callee: string): boolean {
  return /(?:^|\.)_?(?:tests?|testing|test_\w+|helpers?|conftest|fixtures?)\./.test(callee);
}
