import { argument } from '../model.ts';
import { destinationArgument, destinationOf, destinationOfUrl, proxyOf } from '../python/hosts.ts';
import { isIsolated } from '../python/isolation.ts';
import { CLIENT_MAKERS, NETWORK_SINKS } from '../python/network.ts';
import { defineRule, py, replace } from '../rule.ts';

export const rule = defineRule({
  id: 'clear-text-http',
  code: 'NET012',
  category: 'network',
  title: 'Clear-text HTTP to a host that is not local',
  kind: 'review',
  kinds: ['review', 'informational'],
  confidence: 'high',
  cwe: [319],
  peers: { semgrep: ['request-with-http', 'request-session-with-http'], sonar: ['S5332'] },
  why: 'Whoever sits between can read the request and choose the answer that the test believes.',
  instead: 'Use `https://`, or a stub.',
  limits:
    'Speaks where no rule on public hosts does: of clients set up for such a host. Private addresses, single-label names and reserved names are taken for local; an address known only at run time is not judged. Through a proxy on this machine it is a note.',
  links: ['https://cwe.mitre.org/data/definitions/319.html'],
  yieldsTo: ['public-host-contacted'],
  on: 'call',
  calls: (callee) => CLIENT_MAKERS.has(callee) || NETWORK_SINKS.has(callee),
  *check(call, file) {
    const made = CLIENT_MAKERS.has(call.callee ?? '');
    const written = made ? argument(call, 'base_url') : destinationArgument(call);
    const destination = written === undefined ? undefined : made ? destinationOfUrl(written) : destinationOf(call);
    if (written === undefined || destination === undefined || !/^(?:http|ws)$/.test(destination.scheme)) return;
    if (destination.kind !== 'public' && destination.kind !== 'made up') return;
    if (isIsolated(call, file)) return;
    const text = written.type === 'string' ? written.text.replace(/\b(http|ws):\/\//, '$1s://') : undefined;
    yield {
      at: written.place,
      ...(proxyOf(call, destination.scheme, file) === 'here' ? { kind: 'informational' } : {}),
      message: `\`${call.method}\` ${made ? 'is set up to speak' : 'speaks'} to \`${destination.host}\` in clear text`,
      ...(text === undefined ? {} : { fix: { title: `Use \`${destination.scheme}s://\``, safety: 'suggest', edits: [replace(written, text)] } }),
    };
  },
  examples: [
    {
      name: 'a client that is told where to go',
      bad: py`
        import httpx

        def test_tides():
            with httpx.Client(base_url="http://tides.harbour-shipping.com") as client:
                #                      ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ is set up to speak to
                assert client
      `,
      fixed: py`
        import httpx

        def test_tides():
            with httpx.Client(base_url="https://tides.harbour-shipping.com") as client:
                assert client
      `,
    },
    {
      name: 'through a proxy on this machine: a note',
      bad: py`
        import httpx

        def test_tides():
            with httpx.Client(base_url="http://tides.harbour-shipping.com", proxy="http://localhost:5005") as client:  #! in clear text
                assert client
      `,
    },
    {
      name: 'local, reserved, a service beside this one, stubbed',
      good: py`
        import requests

        def test_tides(requests_mock):
            requests.get("http://tides.harbour-shipping.com/today", timeout=5)

        def test_local():
            requests.get("http://localhost:8080/today", timeout=5)
            requests.get("http://tides.example.com/today", timeout=5)
            requests.get("http://tides:8080/today", timeout=5)
            requests.get("http://192.168.1.4/today", timeout=5)
            namespace = "http://www.w3.org/1999/xhtml"
            assert namespace
      `,
    },
  ],
});
