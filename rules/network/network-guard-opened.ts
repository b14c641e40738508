import { type Call, constantText, type Expression, type FunctionDefinition, type FunctionSubject, type TestFile, walk } from '../model.ts';
import { isLoopback } from '../python/hosts.ts';
import { addressOf, isEveryInterface } from '../python/servers.ts';
import { passage } from '../python/stub-libraries.ts';
import { defineRule, type Finding, py, replace } from '../rule.ts';

export const rule = defineRule({
  id: 'network-guard-opened',
  code: 'NET017',
  category: 'network',
  title: 'Network guard opened',
  kind: 'review',
  kinds: ['review', 'informational'],
  confidence: 'high',
  cwe: [923],
  why: 'A request that no stub knows goes out to the network instead of failing the test.',
  instead: 'Keep the guard closed, and stub the one request.',
  limits:
    'Speaks of pytest-socket, responses, requests-mock, httpretty and vcrpy. A recorder that is made to read one of its attributes is silent. Where another stub is in force around it, or what sends is replaced, it is a note; so is a test that starts a server on this machine where a plug-in lets connections go to this machine alone.',
  links: ['https://pypi.org/project/pytest-socket/', 'https://requests-mock.readthedocs.io/en/latest/mocker.html#real-http-requests'],
  on: ['call', 'function'],
  calls: (callee) => /^(?:requests_mock|httpretty|vcr|pytest_socket|responses)\./.test(callee),
  wants: (it) => it.type === 'call' || it.node.decorators.length > 0 || it.parameters.includes('socket_enabled'),
  *check(subject, file) {
    const found: Finding[] = [];
    if (subject.type === 'function subject') {
      for (const it of subject.node.decorators) {
        if (opensTo(it)) found.push({ at: it.place, message: '`allow_hosts` opens the network for this test, to hosts beyond this machine' });
        if (/^pytest\.mark\.enable_socket$/.test(it.refersTo ?? '')) found.push({ at: it.place, message: '`enable_socket` opens the network for this test' });
      }
      const opened = subject.node.parameters.find((it) => it.name === 'socket_enabled');
      if (opened !== undefined && subject.role === 'test') found.push({ at: opened.place, message: '`socket_enabled` opens the network for this test' });
    } else {
      const it = passage(subject);
      if (it !== undefined && !isOnlyRead(subject)) {
        const closed = it.keyword === 'record_mode' ? "'none'" : it.keyword === 'passthrough' ? '[]' : 'False';
        found.push({
          at: it.place,
          ...(isStubbedAround(subject, file) ? { kind: 'informational' } : {}),
          message: `\`${it.keyword ?? ''}=${it.value.text}\` lets requests that no stub knows out to the network`,
          fix: { title: `Set \`${it.keyword ?? ''}\` to \`${closed}\``, safety: 'suggest', edits: [replace(it.value, closed)] },
        });
      } else if (/^respx\..*\.pass_through$/.test(subject.callee ?? '') && subject.arguments[0]?.value.text !== 'False') {
        found.push({ at: subject.place, message: '`pass_through` lets requests out to the network' });
      } else if (subject.callee === 'pytest_socket.enable_socket') found.push({ at: subject.place, message: '`enable_socket` opens the network' });
      else if (/^responses\.(?:mock\.)?add_passthru$/.test(subject.callee ?? '')) {
        const to = subject.arguments[0]?.value;
        const host = to === undefined ? undefined : /^\w+:\/\/([^/:]+)/.exec(constantText(to.value) ?? '')?.[1];
        // An address that is known only when the test runs is mostly that of a service beside it.
        if (host === undefined || !isLoopback(host))
          found.push({
            at: subject.place,
            ...(host === undefined ? { kind: 'informational' } : {}),
            message: '`add_passthru` lets requests out to the network',
          });
      }
    }
    if (found.length === 0) return;
    const isHere = file.tier === 'integration' || (subject.type === 'function subject' && asksItself(subject, file));
    for (const it of found) yield isHere ? { ...it, kind: 'informational' } : it;
  },
  examples: [
    {
      name: 'a stub that lets requests through',
      bad: py`
        import requests_mock

        def test_tides():
            with requests_mock.Mocker(real_http=True) as stub:
                #                     ^^^^^^^^^^^^^^ lets requests that no stub knows out
                stub.get("https://tides.example.com/today", json={})
      `,
      fixed: py`
        import requests_mock

        def test_tides():
            with requests_mock.Mocker(real_http=False) as stub:
                stub.get("https://tides.example.com/today", json={})
      `,
    },
    {
      name: 'behind it another stub, or nothing that sends: a note',
      bad: py`
        from unittest import mock
        import requests_mock

        def test_nested(tides):
            with requests_mock.Mocker() as outer:
                outer.get("https://tides.example.com/today", json={})
                with requests_mock.Mocker(real_http=True):  #! lets requests that no stub knows out
                    assert tides.today() == {}

        @mock.patch("requests.adapters.HTTPAdapter.send")
        def test_sent(send, tides):
            with requests_mock.Mocker(real_http=True):  #! lets requests that no stub knows out
                assert tides.today()
            send.assert_called_once()
      `,
    },
    {
      name: 'a mark for hosts',
      bad: py`
        import pytest

        @pytest.mark.allow_hosts(["tides.harbour-shipping.com"])  #! opens the network for this test
        def test_tides(tides):
            assert tides.today()

        @pytest.mark.allow_hosts(["127.0.0.1"])
        def test_here(tides):
            assert tides.today()
      `,
    },
    {
      name: 'a mark',
      bad: py`
        import pytest

        @pytest.mark.enable_socket  #! opens the network for this test
        def test_tides(tides):
            assert tides.today()
      `,
    },
    {
      name: 'a recorder that asks the network, and one that is only looked at',
      bad: py`
        import vcr

        def test_tides(tides):
            with vcr.VCR(record_mode="all").use_cassette("tides.yaml"):  #! lets requests that no stub knows out
                tides.today()

        def test_mode():
            assert vcr.VCR(record_mode="all").record_mode == "all"
      `,
    },
    {
      name: 'a server on this machine where a plug-in lets connections go nowhere else: a note',
      bad: {
        'tests/test_guides.py': py`
          import pytest
          from tests.live import live_harbour

          @pytest.mark.enable_socket  #! opens the network for this test
          def test_guide():
              with live_harbour() as harbour:
                  assert harbour.guide()
        `,
        'tests/test_tides.py': py`
          import pytest

          @pytest.mark.enable_socket  #! opens the network for this test
          def test_tides(tides):
              assert tides.today()
        `,
        'tests/live.py': py`
          import contextlib
          import socket

          def free_port():
              with socket.socket() as taken:
                  taken.bind(("127.0.0.1", 0))
                  return taken.getsockname()[1]

          @contextlib.contextmanager
          def live_harbour():
              yield start(free_port())
        `,
        'requirements.txt': 'pytest-homeassistant-custom-component\n',
      },
    },
    {
      name: 'closed, or open to this machine only',
      good: py`
        import requests_mock
        import responses

        @responses.activate
        def test_tides():
            responses.add_passthru("http://localhost:8080")
            with requests_mock.Mocker() as stub:
                stub.get("https://tides.example.com/today", json={})
      `,
    },
  ],
});

/**
 * A plug-in that calls `socket_allow_hosts(["127.0.0.1"])` before each test, which `enable_socket` does not take back; it does with
 * `--allow-hosts`, that is not set for such a test. Source: pytest-socket 0.7, pytest-homeassistant-custom-component 0.13 (plugins.py).
 */
const KEEPS_TO_THIS_MACHINE = 'pytest-homeassistant-custom-component';

/** Does the test, or a fixture of it, start a server on this machine, and can it come to no other? */
function asksItself(owner: FunctionSubject, file: TestFile): boolean {
  if (!file.project.requires(KEEPS_TO_THIS_MACHINE)) return false;
  const bodies = new Map<FunctionDefinition, number>([owner.node, ...file.fixturesFor(owner)].map((it) => [it, 0]));
  for (const [body, depth] of bodies) {
    for (const it of walk(body)) {
      if (it.type !== 'call') continue;
      const address = addressOf(it);
      if (address !== undefined && isLoopback(address.host) && !isEveryInterface(address.host)) return true;
      const inner = depth < MAX_DEPTH && it.callee !== undefined ? file.definition(it.callee)?.node : undefined;
      if (inner !== undefined && !bodies.has(inner)) bodies.set(inner, depth + 1);
    }
  }
  return false;
}

/** Functions inside functions that a server is looked for in. */
const MAX_DEPTH = 3;

/** Is another stub in force where this one is made, or what sends the requests replaced? */
function isStubbedAround(call: Call, file: TestFile): boolean {
  return file.stubbed('requests', call) !== undefined || file.stubbed('requests.adapters.HTTPAdapter.send', call) !== undefined;
}

/** `VCR(record_mode='all').record_mode`: made, looked at, and put to no use. */
function isOnlyRead(call: Call): boolean {
  const { parent } = call;
  return parent?.type === 'attribute' && !(parent.parent?.type === 'call' && parent.parent.function === parent);
}

/** `@pytest.mark.allow_hosts([…])` with a host that is not this machine. */
function opensTo(it: Expression): boolean {
  if (it.type !== 'call' || it.callee !== 'pytest.mark.allow_hosts') return false;
  return it.arguments.some(({ value }) => (value.type === 'list' ? value.items : [value]).some((each) => !isLoopback(constantText(each.value) ?? 'localhost')));
}
