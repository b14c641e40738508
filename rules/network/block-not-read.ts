import { destinationOf, isLoopback, isNoNetworkAddress } from '../python/hosts.ts';
import { isIsolated } from '../python/isolation.ts';
import { NETWORK_SINKS } from '../python/network.ts';
import { defineRule, py } from '../rule.ts';

export const rule = defineRule({
  id: 'block-not-read',
  code: 'NET-U03',
  category: 'network',
  title: 'Whether the project blocks the network is not known',
  kind: 'open',
  confidence: 'high',
  cwe: [923],
  why: 'With `--disable-socket` in the settings of pytest, or a plug-in, the call would be refused instead of made.',
  instead: 'Block connections where it can be seen: an autouse fixture in `conftest.py` that calls `disable_socket()`.',
  limits:
    'Asked where the project installs pytest-socket; what pytest is told on the command line is not read. Speaks once per file, of calls of a test that leave this machine and that nothing in sight answers.',
  links: ['https://pypi.org/project/pytest-socket/'],
  once: 'file',
  on: 'call',
  calls: (callee) => NETWORK_SINKS.has(callee),
  *check(call, file) {
    if (!NETWORK_SINKS.has(call.callee ?? '') || isNoNetworkAddress(call) || isIsolated(call, file)) return;
    // The settings do not block it, or nothing is installed that could.
    if (file.project.pytest !== undefined || !['pytest-socket', 'pytest_socket'].some(file.project.requires)) return;
    const destination = destinationOf(call);
    if (destination === undefined || isLoopback(destination.host) || (destination.kind !== 'public' && destination.kind !== 'made up')) return;
    const owner = file.ownerOf(call);
    // Only pytest has such settings; a test case of unittest is run by it too, but need not be.
    if (owner === undefined || file.ownProcess || owner.role === 'helper' || (owner.class?.ancestors.length ?? 0) > 0) return;
    yield { at: call.place, message: `pytest's settings, which may block \`${call.method}\` (\`--disable-socket\`), were not found` };
  },
  examples: [
    {
      name: 'a request that leaves this machine',
      bad: {
        'tests/test_tides.py': py`
          import requests

          def test_tides():
              assert requests.get("https://tides.harbour-shipping.com", timeout=5).ok  #! were not found
        `,
        'requirements-test.txt': 'pytest-socket==0.7.0\n',
      },
      alsoFinds: ['NET001'],
    },
    {
      name: 'the settings are there, and do not block it',
      good: {
        'tests/test_tides.py': py`
          import requests

          def test_tides():
              assert requests.get("https://tides.harbour-shipping.com", timeout=5).ok
        `,
        'pytest.ini': '[pytest]\naddopts = -q\n',
      },
      alsoFinds: ['NET001'],
    },
    {
      name: 'nothing is installed that could block it',
      good: py`
        import requests

        def test_tides():
            assert requests.get("https://tides.harbour-shipping.com", timeout=5).ok
      `,
      alsoFinds: ['NET001'],
    },
    {
      name: 'a stub, this machine, a test case of unittest',
      good: py`
        import unittest
        import requests

        def test_stubbed(requests_mock):
            assert requests.get("https://tides.harbour-shipping.com", timeout=5).ok

        def test_here():
            assert requests.get("http://localhost:8080", timeout=5).ok

        class TestTides(unittest.TestCase):
            def test_today(self):
                self.assertTrue(requests.get("http://localhost:8080", timeout=5).ok)
      `,
    },
  ],
});
