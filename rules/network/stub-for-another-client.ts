import { argument, type Call, constantText } from '../model.ts';
import { hostKind } from '../python/host-names.ts';
import { activeStubs, STUBBED_TRANSPORT } from '../python/http-stubs.ts';
import { NETWORK_CALLS } from '../python/network.ts';
import { defineRule, py } from '../rule.ts';

const CLIENTS: ReadonlySet<string> = new Set(['requests', 'httpx', 'aiohttp', 'urllib', 'urllib3', 'http']);

export const rule = defineRule({
  id: 'stub-for-another-client',
  code: 'NET020',
  category: 'network',
  title: 'Stub for a different client than the one used',
  kind: 'review',
  confidence: 'medium',
  cwe: [923],
  why: 'A stub answers the calls of one library. A call through another one goes out, and the test still looks stubbed.',
  instead: 'Use the stub of the library that makes the call: `respx` for httpx, `responses` for requests, `aioresponses` for aiohttp.',
  limits: 'Only calls in the test itself are seen, not those of the code under test.',
  links: ['https://github.com/getsentry/responses', 'https://lundberg.github.io/respx/'],
  on: 'call',
  calls: (callee) => NETWORK_CALLS.has(callee),
  *check(call, file) {
    const { callee } = call;
    if (callee === undefined || !NETWORK_CALLS.has(callee)) return;
    const library = callee.slice(0, callee.indexOf('.'));
    const owner = file.ownerOf(call);
    if (!CLIENTS.has(library) || owner === undefined || staysHome(call) || file.stubbed(callee, call) !== undefined || file.expected(call)) return;
    const stubs = activeStubs(call, owner);
    const [first] = stubs;
    if (first === undefined || stubs.some((it) => STUBBED_TRANSPORT.get(it.library) === library)) return;
    yield {
      at: call.place,
      message: `\`${callee.replaceAll('()', '')}\` is not answered by \`${first.library}\`, which stubs ${STUBBED_TRANSPORT.get(first.library) ?? 'another client'} only`,
      trail: [{ at: first.place, note: 'the stub' }],
    };
  },
  examples: [
    {
      name: 'responses and httpx',
      bad: py`
        import httpx
        import responses

        @responses.activate
        def test_tide():
            responses.add(responses.GET, "https://tides.example.org/today", json={})
            assert httpx.get("https://tides.example.net/today").status_code == 200  #! not answered by ${'`responses`'}
      `,
    },
    {
      name: 'a fixture of requests_mock and urllib',
      bad: py`
        import urllib.request

        def test_tide(requests_mock, url):
            requests_mock.get(url, text="high")
            urllib.request.urlopen(url)
        #   ^^^^^^^^^^^^^^^^^^^^^^^^^^^ stubs requests only
      `,
    },
    {
      name: 'the same client, both stubs, or a server of the test',
      good: py`
        import httpx
        import requests
        import responses

        @responses.activate
        def test_same():
            requests.get("https://tides.example.org/today", timeout=5)

        @responses.activate
        def test_both(respx_mock):
            httpx.get("https://tides.example.org/today")

        @responses.activate
        def test_own_server():
            httpx.get("http://localhost:8000/today")
      `,
    },
  ],
});

/** A server on this machine, or an application in this process, needs no stub. */
function staysHome(call: Call): boolean {
  const maker = call.function.type === 'attribute' && call.function.object.value.kind === 'result' ? call.function.object.value.call : call;
  if (maker.arguments.some((it) => it.keyword === 'transport' || it.keyword === 'app' || it.keyword === 'base_url')) return true;
  const url = argument(call, 'url', call.method === 'request' ? 1 : 0);
  const text = constantText(url?.value);
  const host = text === undefined ? undefined : /^[a-z]+:\/\/(?:[^/@]*@)?(\[[^\]]*\]|[^/:?#]*)/i.exec(text)?.[1];
  return host !== undefined && (/^(?:localhost|127\.|\[::1\]|0\.0\.0\.0)/.test(host) || hostKind(host) === 'alias');
}
