import { ancestors, type Call, type Expression, type FunctionSubject, type Node, type Statement, type TestFile, walk } from '../model.ts';
import { isBroadHandler, isSilent } from '../python/failures.ts';
import { destinationArgument, destinationOf, destinationOfUrl, proxyOf } from '../python/hosts.ts';
import { isIsolated, isMeantToLeave, isOfAws } from '../python/isolation.ts';
import { NETWORK_SINKS } from '../python/network.ts';
import { defineRule, type Fix, py, replace } from '../rule.ts';

export const rule = defineRule({
  id: 'public-host-contacted',
  code: 'NET001',
  category: 'network',
  title: 'Unit test contacts a public host',
  kind: 'fail',
  kinds: ['fail', 'review', 'informational'],
  confidence: 'high',
  cwe: [923],
  why: 'The test fails when somebody else is down, tells them what is tested, and takes what they answer for the truth.',
  instead: 'Stub the request, or serve the answer from this machine.',
  limits:
    'A host that exists only at run time is not judged, nor is a script that other code runs. In a module without tests it is a note, whatever its name. Where three tests or more continue one base address, a constant of their class or module, and the file imports nothing of the workspace, they are taken for tests of a deployment: one point to decide. A test that says by its folder, a mark or a skip that it asks for a network is a note, and so is a file that drives a browser; one that expects to be refused or goes on where it is, and a branch that another environment takes, are notes too. One that is skipped for another reason, or is functional, is for a person to decide; so is what goes through a proxy (a note, on this machine), and what a fixture or a helper fetches; one that only answers whether there is a network is a note. What a stub in force lets through (`HTTMock`, of what no handler of it matches) is not seen.',
  links: ['https://www.rfc-editor.org/rfc/rfc2606', 'https://pypi.org/project/responses/'],
  on: 'call',
  calls: (callee) => NETWORK_SINKS.has(callee),
  *check(call, file) {
    const destination = destinationOf(call);
    if (destination === undefined || (destination.kind !== 'public' && destination.kind !== 'made up')) return;
    if (isIsolated(call, file)) return;
    if (file.ownProcess && file.ownerOf(call)?.role !== 'test') return;
    const written = destinationArgument(call);
    const at = written !== undefined && isInside(written, call) ? written.place : call.place;
    const { host } = destination;
    const name = call.method;
    const base = sharedBase(call, host, file);
    const proxy = proxyOf(call, destination.scheme, file);
    const fix = fixOf(call, host);
    const more = {
      at,
      ...(fix === undefined ? {} : { fix }),
      ...(destination.at.place === at ? {} : { trail: [{ at: destination.at.place, note: 'the address' }] }),
    };
    // A module beside the tests may be anything; who imports it is not known.
    if (file.kind === 'helper')
      yield { ...more, kind: 'informational', message: `\`${name}\` contacts the public host \`${host}\`, in a module that holds no test` };
    else if (file.asksForNetwork(call) || drivesBrowser(file))
      yield { ...more, kind: 'informational', message: `\`${name}\` contacts the public host \`${host}\`, as the test says` };
    else if (file.rejected(call)) yield { ...more, kind: 'informational', message: `\`${name}\` tries the public host \`${host}\`, and expects to fail` };
    else if (goesOn(call)) yield { ...more, kind: 'informational', message: `\`${name}\` tries the public host \`${host}\`, and goes on without an answer` };
    else if (proxy === 'here')
      yield { ...more, kind: 'informational', message: `\`${name}\` contacts the public host \`${host}\` through a proxy on this machine` };
    else if (destination.oneOf === true)
      yield { ...more, kind: 'informational', message: `\`${name}\` contacts the public host \`${host}\` in one of several branches` };
    else if (isProbe(file.ownerOf(call)))
      yield { ...more, kind: 'informational', message: `\`${name}\` asks the public host \`${host}\` whether there is a network` };
    else if (destination.kind === 'made up')
      yield { ...more, kind: 'review', message: `\`${name}\` contacts \`${host}\`, which is no reserved name: whoever owns it is asked` };
    else if (base !== undefined)
      yield {
        at: base.place,
        kind: 'review',
        message: `tests ask the public host \`${host}\` by this base address: are they of a deployment?`,
        trail: [{ at: call.place, note: 'a request to it' }],
      };
    else if (
      file.ownerOf(call)?.role !== 'test' ||
      isMeantToLeave(call, file) ||
      proxy !== undefined ||
      call.arguments.some((it) => it.unpack === '**') ||
      (isOfAws(host) && file.imports('moto'))
    )
      yield { ...more, kind: 'review', message: `\`${name}\` contacts the public host \`${host}\`` };
    else yield { ...more, message: `\`${name}\` contacts the public host \`${host}\`: the test leaves this machine` };
  },
  examples: [
    {
      name: 'a request in a unit test',
      bad: py`
        import requests

        def test_tides():
            reply = requests.get("https://tides.harbour-shipping.com/today", timeout=5)
            #                    ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ ${'contacts the public host `tides.harbour-shipping.com`'}
            assert reply.ok
      `,
      fixed: py`
        import requests

        def test_tides():
            reply = requests.get("https://example.test/today", timeout=5)
            assert reply.ok
      `,
    },
    {
      name: 'a helper that answers whether there is a network: a note',
      bad: py`
        import socket
        import unittest

        def is_connected():
            try:
                socket.create_connection(("www.harbour-shipping.com", 80), timeout=5).close()  #! whether there is a network
                return True
            except OSError:
                return False

        @unittest.skipUnless(is_connected(), "tides are asked for")
        class TestTides(unittest.TestCase):
            def test_tides(self):
                self.assertTrue(tides())
      `,
    },
    {
      name: 'a session, a connection object, and a name that only looks made up',
      bad: py`
        import http.client
        import requests

        TIDES = "https://tides.harbour-shipping.com"

        def test_tides():
            session = requests.Session()
            session.get(f"{TIDES}/today", timeout=5)  #! contacts the public host
            connection = http.client.HTTPSConnection("tides.harbour-shipping.com", timeout=5)
            connection.request("GET", "/")  #! contacts the public host
            requests.get("https://fakeserver.io/today", timeout=5)  #! whoever owns it is asked
      `,
    },
    {
      name: 'a test that expects to be refused, and a branch for another environment',
      bad: py`
        import pytest
        import requests

        def test_sandbox():
            with pytest.raises(requests.ConnectionError):
                requests.get("https://tides.harbour-shipping.com", timeout=5)  #! and expects to fail

        def test_names(recorder):
            try:
                requests.get("https://no.harbour-shipping.com", timeout=5)  #! and goes on without an answer
            except Exception:
                pass
            assert recorder.last == "no.harbour-shipping.com"

        def test_tides(deployed, server):
            url = "https://tides.harbour-shipping.com" if deployed else server.url
            requests.get(url, timeout=5)  #! in one of several branches
      `,
    },
    {
      name: 'only where a network is asked for',
      bad: py`
        import os
        import pytest
        import unittest
        import requests
        from nose.plugins.attrib import attr

        @attr("slow", "integration")
        def test_marked():
            requests.get("https://tides.harbour-shipping.com/today", timeout=5)  #! as the test says

        @pytest.mark.remote_data
        def test_remote():
            requests.get("https://tides.harbour-shipping.com/today", timeout=5)  #! contacts the public host

        class TestTides(unittest.TestCase):
            @unittest.skipUnless(os.environ.get("NETWORK"), "no network")
            def test_tides(self):
                requests.get("https://tides.harbour-shipping.com/today", timeout=5)  #! contacts the public host
      `,
    },
    {
      name: 'a suite of one deployment: one point to decide for its base address',
      bad: py`
        import unittest
        import requests

        class TestDeployed(unittest.TestCase):
            base = "https://stage.harbour-shipping.com"  #! by this base address: are they of a deployment

            @classmethod
            def setUpClass(cls):
                cls.token = requests.post(f"{cls.base}/login", timeout=5).json()["token"]

            def test_berths(self):
                self.assertEqual(200, requests.get(f"{self.base}/berths", timeout=5).status_code)

            def test_ships(self):
                url = self.base + "/ships/" + "1"
                self.assertEqual(200, requests.get(url, timeout=5).status_code)

            def test_tides(self):
                self.assertEqual(200, requests.get(self.base + "/tides", timeout=5).status_code)
                requests.get("https://tides.harbour-shipping.com/today", timeout=5)  #! the test leaves this machine
      `,
    },
    {
      name: 'an address that three tests ask for as it is',
      bad: py`
        import requests

        TIDES = "https://tides.harbour-shipping.com/today"

        def test_height():
            assert requests.get(TIDES, timeout=5).json()["height"]  #! the test leaves this machine

        def test_time():
            assert requests.get(TIDES, timeout=5).json()["time"]  #! the test leaves this machine

        def test_place():
            assert requests.get(TIDES, timeout=5).json()["place"]  #! the test leaves this machine
      `,
    },
    {
      name: 'a module of the product with the name of a test: a note',
      bad: {
        'harbour/hooks/tides_test.py': py`
          import requests

          class TidesHook:
              def today(self):
                  return requests.get("https://tides.harbour-shipping.com/today", timeout=5).json()  #! in a module that holds no test
        `,
      },
    },
    {
      name: 'what drives a browser: a note',
      bad: py`
        import requests
        from playwright.sync_api import Page

        def test_login(page: Page):
            requests.post("https://stage.harbour-shipping.com/users", timeout=5)  #! as the test says
            page.goto("https://stage.harbour-shipping.com/")
      `,
    },
    {
      name: 'a mark of which the project says what it is for',
      bad: {
        'tests/test_tides.py': py`
          import pytest
          import requests

          @pytest.mark.harbour
          def test_real():
              requests.get("https://tides.harbour-shipping.com/today", timeout=5)  #! as the test says
        `,
        'pyproject.toml': '[tool.pytest.ini_options]\nmarkers = ["harbour: runs against the production service", "slow"]\n',
      },
    },
    {
      name: 'through a proxy, and what moto answers',
      bad: py`
        import moto
        import requests

        TIDES = "https://tides.harbour-shipping.com"

        def test_proxy(proxy, options):
            requests.get(TIDES, proxies={"https": proxy}, timeout=5)  #! contacts the public host
            requests.get(TIDES, **options)  #! contacts the public host
            requests.get("http://motoapi.amazonaws.com/moto-api/data.json", timeout=5)  #! contacts the public host

        @moto.mock_aws
        def test_sms():
            requests.get("http://motoapi.amazonaws.com/moto-api/data.json", timeout=5)
      `,
    },
    {
      name: 'through a proxy on this machine, and what stands behind a skip: notes',
      bad: {
        'tests/test_tides.py': py`
          import os
          from unittest import SkipTest, TestCase
          import pytest
          import requests
          from harbour import settings

          TIDES = "https://tides.harbour-shipping.com"

          def test_proxy():
              proxy = settings.proxy()
              proxies = {"http": proxy, "https": proxy}
              requests.get(TIDES, proxies=proxies, timeout=5)  #! through a proxy on this machine; 2 times, also line 13
              requests.get(TIDES, proxies={"http": None, "all": "http://localhost:5005"}, timeout=5)
              requests.get(TIDES, proxies={"http": "http://localhost:5005"}, timeout=5)  #! leaves this machine
              requests.get(TIDES, proxies={"https": "socks5h://localhost:9050"}, timeout=5)  #! contacts the public host
              requests.get(TIDES, proxies={"https": os.getenv("PROXY", "http://proxy.harbour-shipping.com")}, timeout=5)  #! contacts the public host

          def test_slow():
              raise SkipTest("slow")
              requests.get(TIDES, timeout=5)  #! leaves this machine (behind a skip)

          def test_far(far):
              if far:
                  pytest.skip("far")
              requests.get(TIDES, timeout=5)  #! contacts the public host

          class TestTides(TestCase):
              def test_slow(self):
                  self.skipTest("slow")
                  requests.get(TIDES, timeout=5)  #! (behind a skip)

          class TestNoted(TestCase):
              def skipTest(self, reason):
                  self.reason = reason

              def test_slow(self):
                  self.skipTest("slow")
                  requests.get(TIDES, timeout=5)  #! contacts the public host
        `,
        'harbour/settings.py': py`
          import os

          def proxy() -> str:
              return os.environ.get("PROXY", f"http://localhost:{port()}")

          def port() -> str:
              return os.environ.get("PORT", "5005")
        `,
      },
    },
    {
      name: 'the project lets pytest refuse every connection',
      good: {
        'tests/test_tides.py': py`
          import requests

          def test_refused():
              requests.get("https://tides.harbour-shipping.com/today", timeout=5)
        `,
        'pyproject.toml': '[tool.pytest.ini_options]\naddopts = "-q --disable-socket"\n',
      },
    },
    {
      name: 'stubbed, reserved, registered or only compared',
      good: py`
        from unittest import mock
        import httpx
        import requests
        import responses
        from httmock import HTTMock, all_requests, with_httmock

        @all_requests
        def high(url, request):
            return "high"

        def test_in_block():
            with HTTMock(high):
                requests.get("https://tides.harbour-shipping.com/today", timeout=5)

        @with_httmock(high)
        def test_decorated():
            requests.get("https://tides.harbour-shipping.com/today", timeout=5)

        @responses.activate
        def test_stubbed():
            responses.add(responses.GET, "https://tides.harbour-shipping.com/today", json={})
            requests.get("https://tides.harbour-shipping.com/today", timeout=5)

        @mock.patch("requests.get")
        def test_patched(get):
            requests.get("https://tides.harbour-shipping.com/today", timeout=5)
            get.assert_called_with("https://tides.harbour-shipping.com/today", timeout=5)

        def test_nested():
            @responses.activate(assert_all_requests_are_fired=True)
            def run():
                responses.add(responses.GET, "https://tides.harbour-shipping.com/today", json={})
                requests.get("https://tides.harbour-shipping.com/today", timeout=5)

            run()

        def test_reserved(server):
            requests.get("https://tides.example.com/today", timeout=5)
            requests.get("https://tides.lan/today", timeout=5)
            requests.get("https://localhost.harbour-shipping.com/today", timeout=5)
            requests.get(f"https://dev.harbour-shipping.com:{server.port}/today", timeout=5)
            requests.get("http://127.0.0.1:8080/today", timeout=5)
            requests.get("http://0.1.2.3/today", timeout=5)
            requests.get("http://100.64.0.1/today", timeout=5)
            requests.get("http://240.0.0.1/today", timeout=5)
            requests.get("http://299.0.0.1/today", timeout=5)

        def test_in_process(app):
            client = httpx.Client(transport=httpx.WSGITransport(app=app), base_url="https://tides.harbour-shipping.com")
            assert client.get("/today").status_code == 200
      `,
    },
    {
      name: 'a recording that a method of the test plays back',
      good: py`
        import unittest
        import requests
        from harbour.recordings import recorder_of

        class TestLogin(unittest.TestCase):
            def setUp(self):
                self.session = requests.Session()
                self.recorder = recorder_of(self.session)

            def cassette(self, name):
                return self.recorder.use_cassette("login_" + name)

            def test_basic(self):
                with self.cassette("basic"):
                    self.assertTrue(self.session.get("http://harbour.com/login", timeout=5).ok)
      `,
    },
    {
      name: 'decorators that do not run the test under their stub, or not always',
      bad: py`
        import contextlib
        from unittest import mock
        import requests

        def maybe(func):
            def run(*args):
                if args:
                    return func(*args)
                with mock.patch("requests.get"):
                    return func()
            return run

        def prepared(prepare):
            def decorator(func):
                def run():
                    with mock.patch("requests.get"):
                        prepare()
                    func()
                return run
            return decorator

        def noted(func):
            @contextlib.contextmanager
            def stubbed():
                with mock.patch("requests.get"):
                    yield
            def run():
                with stubbed():
                    print(func)
                func()
            return run

        def kept(func):
            def run():
                with mock.patch("requests.get"):
                    func()
            func.stubbed = run
            return func

        @maybe
        def test_maybe():
            assert requests.get("https://harbour-shipping.com", timeout=5)  #! contacts the public host

        @prepared(print)
        def test_prepared():
            assert requests.get("https://harbour-shipping.com", timeout=5)  #! contacts the public host

        @noted
        def test_noted():
            assert requests.get("https://harbour-shipping.com", timeout=5)  #! contacts the public host

        @kept
        def test_kept():
            assert requests.get("https://harbour-shipping.com", timeout=5)  #! contacts the public host
      `,
    },
    {
      name: 'helpers that are named under a stub, and run without it',
      bad: py`
        import sys
        import unittest
        from unittest import mock
        import requests

        def load(*given):
            return requests.get("https://harbour-shipping.com", timeout=5)  #! contacts the public host

        @mock.patch("requests.get")
        def test_default(get, loaded=load()):
            assert loaded

        def connected(func):
            def run():
                requests.get("https://harbour-shipping.com", timeout=5)  #! contacts the public host
                return func()
            return run

        @connected
        @mock.patch("requests.get")
        def test_connected(get):
            assert get.called

        def later():
            return requests.get("https://harbour-shipping.com", timeout=5)  #! contacts the public host

        def test_later():
            with mock.patch("requests.get"):
                run = later
            assert run()

        def named():
            return requests.get("https://harbour-shipping.com", timeout=5)  #! contacts the public host

        @mock.patch("requests.get")
        def test_named(get):
            assert named()

        def test_by_name():
            assert sys.modules[__name__].named()

        def early():
            return requests.get("https://harbour-shipping.com", timeout=5)  #! contacts the public host

        class TestEarly(unittest.TestCase):
            @classmethod
            def setUpClass(cls):
                cls.found = early()

            def setUp(self):
                get = mock.patch("requests.get")
                get.start()
                self.addCleanup(get.stop)

            def test_found(self):
                self.assertTrue(self.found)
      `,
    },
  ],
});

/** How many tests make a constant the base address of a suite. */
const SEVERAL = 3;

/**
 * The constant of the class or module that the address is continued from, where several tests do so: they are of what is deployed
 * there. Not where a unit test may be of the workspace and only fetch what it needs.
 */
function sharedBase(call: Call, host: string, file: TestFile): Expression | undefined {
  if (file.tier === 'unit' && file.importsWorkspace) return undefined;
  const written = destinationArgument(call);
  const base = written === undefined ? undefined : continuedFrom(written, file.ownerOf(call));
  const of = base?.type === 'attribute' ? 'class' : 'file';
  const name = base?.type === 'attribute' && /^(?:self|cls)$/.test(base.object.text) ? base.name : base?.type === 'name' ? base.id : undefined;
  if (name === undefined || file.testsNaming(name, of) < SEVERAL) return undefined;
  const constant = file.constantHere(name, of);
  return constant !== undefined && destinationOfUrl(constant)?.host === host ? constant : undefined;
}

/** `BASE` of `f"{BASE}/tides"`, `BASE + "/tides"`, `urljoin(BASE, "tides")`, or of a variable that is given one of these. */
function continuedFrom(address: Expression, owner: FunctionSubject | undefined): Expression | undefined {
  if (address.type === 'fstring') {
    const [first] = address.parts;
    return typeof first === 'string' ? undefined : first;
  }
  if (address.type === 'operation' && address.operator === '+') {
    let { left } = address;
    while (left?.type === 'operation' && left.operator === '+') left = left.left;
    return left?.type === 'fstring' ? continuedFrom(left, undefined) : left;
  }
  if (address.type === 'call') return address.method === 'urljoin' ? address.arguments[0]?.value : undefined;
  if (address.type !== 'name' || owner === undefined) return undefined;
  const given = walk(owner.node).filter((it) => it.type === 'assignment' && it.targets.some((each) => each.text === address.id));
  const [only] = given;
  return given.length === 1 && only?.type === 'assignment' && only.value !== undefined ? continuedFrom(only.value, undefined) : undefined;
}

/** `try: requests.get(url)`, `except Exception: pass`: whatever comes of it. */
function goesOn(call: Call): boolean {
  let inner: Node = call;
  for (const it of ancestors(call)) {
    if (it.type === 'function') return false;
    if (it.type === 'try' && it.body.includes(inner as Statement) && it.handlers.some((each) => isBroadHandler(each) && isSilent(each.body))) return true;
    inner = it;
  }
  return false;
}

/** What drives a browser tests a service that is running. */
function drivesBrowser(file: TestFile): boolean {
  return file.imports('playwright') || file.imports('selenium') || file.imports('seleniumbase');
}

/** A helper that tries to connect, and answers yes or no. */
function isProbe(owner: FunctionSubject | undefined): boolean {
  if (owner?.role !== 'helper') return false;
  const answers = walk(owner.node).flatMap((it) => (it.type === 'return' ? (it.operands[0]?.text ?? '') : []));
  return answers.includes('True') && answers.includes('False') && answers.every((it) => /^(?:True|False)$/.test(it));
}

function isInside(inner: Parameters<typeof ancestors>[0], call: Call): boolean {
  for (const it of ancestors(inner)) if (it === call) return true;
  return false;
}

/** Only where the address stands in the call itself. */
function fixOf(call: Call, host: string): Fix | undefined {
  const written = destinationArgument(call);
  if (written?.type !== 'string' || !isInside(written, call)) return undefined;
  const parts = written.text.split(host);
  if (parts.length !== 2) return undefined;
  return { title: 'Use `example.test`, which nobody can own', safety: 'suggest', edits: [replace(written, parts.join('example.test'))] };
}
