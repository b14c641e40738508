import { argument, argumentsKnown, isConstant } from '../model.ts';
import { isNoNetworkAddress } from '../python/hosts.ts';
import { isIsolated } from '../python/isolation.ts';
import { CLIENT_MAKERS, NETWORK_SINKS } from '../python/network.ts';
import { addArgument, defineRule, py, replace } from '../rule.ts';

export const rule = defineRule({
  id: 'call-without-timeout',
  code: 'NET016',
  category: 'network',
  title: 'Network call without a timeout',
  kind: 'informational',
  confidence: 'high',
  cwe: [400],
  peers: { bandit: ['B113'], ruff: ['S113'], pylint: ['W3101'], semgrep: ['use-timeout'], sonar: ['S7618'] },
  why: 'A server that accepts and does not answer holds the whole test run.',
  instead: 'Give the call a `timeout`.',
  limits:
    'A default that is set elsewhere (`socket.setdefaulttimeout`, an adapter) is not seen. Libraries that wait for a limited time by themselves are left out.',
  links: ['https://requests.readthedocs.io/en/latest/user/advanced/#timeouts'],
  once: 'class',
  on: 'call',
  calls: (callee) => NETWORK_SINKS.has(callee) || CLIENT_MAKERS.has(callee),
  *check(call, file) {
    const callee = call.callee ?? '';
    const sink = NETWORK_SINKS.get(callee);
    const limit = argument(call, sink?.timeout?.keyword ?? 'timeout', sink?.timeout?.index);
    if (limit !== undefined) {
      if (limit.text !== 'None' || !isConstant(limit.value, null) || (sink === undefined && !CLIENT_MAKERS.has(callee))) return;
      if (isNoNetworkAddress(call) || isIsolated(call, file) || file.rejected(call)) return;
      yield {
        at: call.place,
        message: `\`${call.method}\` waits for ever: its \`timeout\` is \`None\``,
        fix: { title: 'Wait ten seconds at most', safety: 'suggest', edits: [replace(limit, '10')] },
      };
      return;
    }
    if (sink?.timeout === undefined || !argumentsKnown(call)) return;
    if (call.arguments.length === 0 || isNoNetworkAddress(call) || isIsolated(call, file) || file.rejected(call)) return;
    yield {
      at: call.place,
      message: `\`${call.method}\` may wait for ever: it is given no \`timeout\``,
      fix: { title: 'Wait ten seconds at most', safety: 'suggest', edits: [addArgument(call, 'timeout=10')] },
    };
  },
  examples: [
    {
      name: 'a request',
      bad: py`
        import requests

        def test_tides(url):
            assert requests.get(url).ok
            #      ^^^^^^^^^^^^^^^^^ may wait for ever
      `,
      fixed: py`
        import requests

        def test_tides(url):
            assert requests.get(url, timeout=10).ok
      `,
    },
    {
      name: 'told to wait for ever',
      bad: py`
        import httpx

        def test_tides(url):
            assert httpx.get(url, timeout=None).is_success  #! its \`timeout\` is \`None\`
      `.replaceAll('\\`', '`'),
      fixed: py`
        import httpx

        def test_tides(url):
            assert httpx.get(url, timeout=10).is_success
      `,
    },
    {
      name: 'a client that is told to',
      bad: py`
        import httpx

        def test_tides(url):
            with httpx.Client(timeout=None) as client:  #! waits for ever
                assert client.get(url).is_success
      `,
    },
    {
      name: 'a limit, a stub, a test client, a library with a limit of its own',
      good: py`
        import httpx
        import requests

        def test_tides(url, client):
            assert requests.get(url, timeout=(3, 5)).ok
            assert httpx.get(url).is_success
            assert client.get("/tides").ok
            httpx.Client(app=client.app, timeout=None)

        def test_stubbed(requests_mock):
            requests.get("https://tides.example.com")
      `,
    },
  ],
});
