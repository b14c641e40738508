import { isNobodys } from '../python/host-names.ts';
import { destinationArgument, destinationOf } from '../python/hosts.ts';
import { isIsolated } from '../python/isolation.ts';
import { NETWORK_SINKS } from '../python/network.ts';
import { defineRule, py } from '../rule.ts';

export const rule = defineRule({
  id: 'reserved-host',
  code: 'NET-S06',
  category: 'network',
  title: 'Speaks to a reserved name or address',
  kind: 'pass',
  confidence: 'high',
  cwe: [],
  why: 'Names and addresses that are set aside for tests and for this machine can belong to nobody else.',
  limits:
    '`example.com` and its like are real servers of IANA: silent there. Speaks of the calls whose address is known, not of addresses elsewhere in the file.',
  links: ['https://www.rfc-editor.org/rfc/rfc2606', 'https://www.rfc-editor.org/rfc/rfc6761'],
  once: 'file',
  on: 'call',
  calls: (callee) => NETWORK_SINKS.has(callee),
  *check(call, file) {
    const destination = destinationOf(call);
    if (destination?.kind !== 'reserved' || !isNobodys(destination.host) || isIsolated(call, file)) return;
    yield {
      at: destinationArgument(call)?.place ?? call.place,
      message: `\`${call.method}\` speaks to \`${destination.host}\`, which is reserved: nobody else's machine`,
    };
  },
  examples: [
    {
      name: 'this machine',
      bad: py`
        import requests

        def test_tides():
            requests.get("http://127.0.0.1:8080/today", timeout=5)
            #            ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ ${'speaks to `127.0.0.1`'}
      `,
    },
    {
      name: 'reserved, and a real server all the same',
      good: py`
        import requests

        def test_tides():
            requests.get("https://example.com/", timeout=5)
            requests.get("http://169.254.169.254/latest", timeout=5)
      `,
    },
    {
      name: "somebody's machine, and one that is not known",
      good: py`
        import requests

        def test_tides(url):
            requests.get("https://tides.harbour-shipping.com/today", timeout=5)
            requests.get(url, timeout=5)
      `,
      alsoFinds: ['NET001'],
    },
  ],
});
