import { destinationArgument, destinationOf, isMeant } from '../python/hosts.ts';
import { isIsolated } from '../python/isolation.ts';
import { NETWORK_SINKS } from '../python/network.ts';
import { outsideOrigin, trailOf } from '../python/outside.ts';
import { defineRule, py } from '../rule.ts';

export const rule = defineRule({
  id: 'destination-from-outside',
  code: 'NET-U02',
  category: 'network',
  title: 'Address comes from outside the repository',
  kind: 'open',
  confidence: 'high',
  cwe: [923],
  why: 'Whoever sets the variable decides which system the test speaks to; it may be a live one.',
  instead: 'Refuse addresses other than those the test is meant for, before anything is sent.',
  limits:
    'Follows the address inside the file. Where nobody sets the variable and the test speaks to this machine, whoever sets it means to, as does who gives an option of the command line. What `tox.ini` (also by `pifpaf run`), pytest-env, a workflow of a usual name, the compose file, the README or CONTRIBUTING.md gives the variable is read there.',
  links: ['https://cwe.mitre.org/data/definitions/923.html'],
  once: 'file',
  on: 'call',
  calls: (callee) => NETWORK_SINKS.has(callee),
  *check(call, file) {
    const at = destinationArgument(call);
    if (at === undefined || destinationOf(call) !== undefined || isIsolated(call, file)) return;
    const outside = outsideOrigin(at, file);
    if (outside === undefined || outside.from === 'the network' || isMeant(outside.origin, file)) return;
    yield { at: call.place, message: `where \`${call.method}\` goes is decided by ${outside.from}`, trail: trailOf(outside.origin, outside.from) };
  },
  examples: [
    {
      name: 'an address of the environment',
      bad: py`
        import os
        import requests

        TIDES = os.environ["TIDES_URL"]

        def test_tides():
            requests.get(TIDES, timeout=5)  #! is decided by the environment
      `,
    },
    {
      name: 'an option of the command line',
      good: py`
        import pytest
        import requests

        def pytest_addoption(parser):
            parser.addoption("--server", default="http://localhost:8000")

        @pytest.fixture
        def is_there(request):
            return requests.get(request.config.getoption("server") + "/version", timeout=5)
      `,
    },
    {
      name: 'tox lets one in from outside, where it does not start the service',
      bad: {
        'tests/test_store.py': py`
          import os
          import requests

          def test_store():
              requests.get(os.environ["STORE_URL"] + "/v1/sys/mounts", timeout=5)  #! the environment
        `,
        'tox.ini': '[testenv]\npassenv = STORE_*\ncommands = pytest\n\n[testenv:functional]\ncommands = pifpaf -e STORE run vault -- pytest {posargs}\n',
      },
    },
    {
      name: 'one that the project gives, or tells to give',
      good: {
        'tests/test_tides.py': py`
          import os
          import requests

          def test_tides():
              requests.get(os.environ.get("TIDES_URL") + "/tides", timeout=5)
              requests.get(os.environ.get("QUAY_URL") + "/quays", timeout=5)
              requests.get(os.environ["STORE_URL"] + "/v1/sys/mounts", timeout=5)
        `,
        'docker-compose.yml': 'services:\n  tests:\n    environment:\n      TIDES_URL: http://tides.\n',
        'tox.ini': '[testenv:functional]\ncommands =\n    prepare.sh pifpaf -e STORE run vault -- pytest {posargs}\n',
        'CONTRIBUTING.md': '# Tests\n\n    $ export QUAY_URL=http://127.0.0.1/api\n',
      },
    },
    {
      name: 'an address in the source, one of a fixture, and this machine where nothing else is said',
      good: py`
        import os
        import requests

        def address():
            return os.environ.get("TIDES_URL", "http://127.0.0.1:8080")

        def test_address():
            url = f"{address()}/tides"
            requests.get(f"{url}/today", timeout=5)

        class Quay:
            url = os.environ.get("QUAY_URL", "http://localhost:8082")

            def berths(self):
                return requests.get(self.url + "/berths", timeout=5)

        def test_tides(live_server):
            requests.get("http://localhost:8080", timeout=5)
            requests.get(live_server.url, timeout=5)
      `,
    },
  ],
});
