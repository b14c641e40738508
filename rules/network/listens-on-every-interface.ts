import { type Call, type Expression, type Node, statementOf, type TestFile, walk } from '../model.ts';
import { blockAround } from '../python/blocks.ts';
import { addressOf, isEveryInterface, isNeverServing, LISTENERS } from '../python/servers.ts';
import { defineRule, type Fix, py, replace } from '../rule.ts';

export const rule = defineRule({
  id: 'listens-on-every-interface',
  code: 'NET010',
  category: 'network',
  title: 'Server bound to all interfaces',
  kind: 'review',
  kinds: ['review', 'informational'],
  confidence: 'high',
  cwe: [605],
  peers: {
    bandit: ['B104'],
    ruff: ['S104'],
    semgrep: ['avoid-bind-to-all-interfaces', 'avoid_app_run_with_bad_host'],
    sonar: ['S8392'],
    codeql: ['py/bind-socket-all-network-interfaces'],
  },
  why: 'While the test runs, everybody on the same network can speak to what it started.',
  instead: 'Listen on `127.0.0.1`.',
  limits:
    'Only where something listens: an address in a route, a netmask or an expectation is none. A server class of the project is not known as one, and a datagram socket that its function sends from first, or only sends from, is a client.',
  links: ['https://cwe.mitre.org/data/definitions/605.html'],
  yieldsTo: ['test-server-exposed'],
  on: 'call',
  calls: (callee) => LISTENERS.has(callee),
  *check(call, file) {
    const address = addressOf(call);
    if (address === undefined || !isEveryInterface(address.host)) return;
    if (file.stubbed(call.callee ?? '', call) !== undefined || file.rejected(call) || file.skipped(call)) return;
    const fix = fixOf(address.written, address.host);
    const at = address.written?.place ?? call.place;
    if (isSender(call, file)) return;
    if (onlyAsksForPort(call, file) || isNeverRead(call, file))
      yield {
        at,
        kind: 'informational',
        message: `\`${call.method}\` takes a port on every interface, and lets nobody in`,
        ...(fix === undefined ? {} : { fix }),
      };
    else
      yield { at, message: `\`${call.method}\` listens on every interface: whoever reaches this machine can connect`, ...(fix === undefined ? {} : { fix }) };
  },
  examples: [
    {
      name: 'a datagram socket that nobody reads from takes the port only',
      bad: py`
        import socket
        import pytest
        from harbour import ports

        @pytest.fixture
        def taken():
            sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
            try:
                sock.bind(("", 0))  #! lets nobody in
                yield sock.getsockname()[1], sock
            finally:
                sock.close()

        def test_taken(taken):
            port, sock = taken
            assert not ports.is_free(port)
      `,
    },
    {
      name: 'a datagram socket that a test reads from',
      bad: py`
        import socket
        import pytest
        from harbour import ports

        @pytest.fixture
        def pilot():
            sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
            sock.bind(("", 0))  #! listens on every interface
            yield sock.getsockname()[1], sock
            sock.close()

        def test_pilot(pilot):
            port, sock = pilot
            ports.call(port)
            assert sock.recvfrom(64)
      `,
    },
    {
      name: 'a socket',
      bad: py`
        import socket

        def test_socket():
            with socket.socket() as listener:
                listener.bind(("0.0.0.0", 8080))
                #              ^^^^^^^^^ listens on every interface
                listener.listen()
      `,
      fixed: py`
        import socket

        def test_socket():
            with socket.socket() as listener:
                listener.bind(("127.0.0.1", 8080))
                listener.listen()
      `,
    },
    {
      name: 'only to learn a free port',
      bad: py`
        import socket

        def free_port():
            with socket.socket() as probe:
                probe.bind(("", 0))  #! lets nobody in
                return probe.getsockname()[1]

        class Ports:
            def free(self):
                with socket.socket() as probe:
                    probe.bind(("", 0))  #! lets nobody in
                    probe.listen(1)
                    self.taken.add(probe.getsockname()[1])

        def has_ipv6():
            serv = cli = None
            try:
                serv = socket.socket(socket.AF_INET6, socket.SOCK_STREAM)
                serv.bind(("::", 0))  #! lets nobody in
                serv.listen(5)
                cli = socket.create_connection(serv.getsockname()[:2])
                return True
            except OSError:
                return False
            finally:
                if cli is not None:
                    cli.close()
                if serv is not None:
                    serv.close()

        def served(harbour):
            with socket.socket() as listener:
                listener.bind(("", 0))  #! listens on every interface
                listener.listen(1)
                harbour.steer(listener.getsockname()[1])
      `,
    },
    {
      name: 'datagrams that are waited for',
      bad: py`
        import socket

        def test_beacon():
            with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as beacon:
                beacon.bind(("", 8080))  #! listens on every interface
                asked, ship = beacon.recvfrom(64)
                beacon.sendto(b"here", ship)
      `,
    },
    {
      name: 'an address that nobody listens on, loopback, and a test that is never run',
      good: py`
        import socket
        import socketserver
        import unittest
        from unittest import mock

        def test_route(network):
            network.add_route("0.0.0.0", "0.0.0.0", gateway="192.0.2.1")
            network.bind(("0.0.0.0", 80))
            assert network.routes == [("0.0.0.0", 0)]

        def test_loopback():
            with socket.socket() as listener:
                listener.bind(("127.0.0.1", 0))

        @mock.patch("socket.socket")
        def test_stubbed(made):
            socket.socket().bind(("0.0.0.0", 80))

        @unittest.skip("needs a network")
        class TestServer(unittest.TestCase):
            def test_server(self):
                with socketserver.TCPServer(("", 0), None) as server:
                    server.handle_request()
      `,
    },
    {
      name: 'a client that chooses the port it sends from',
      good: py`
        import socket

        def test_asks(harbour, port):
            ship = socket.socket(harbour.family, socket.SOCK_DGRAM)
            try:
                ship.bind(("", port))
                ship.sendto(b"where", harbour.address)
                assert ship.recvfrom(64)[0] == b"here"
            finally:
                ship.close()

        def test_tells(harbour, port):
            with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as ship:
                ship.bind(("", port))
                ship.sendto(b"here", harbour.address)
            assert harbour.heard()
      `,
    },
  ],
});

function fixOf(written: (Parameters<typeof replace>[0] & { readonly text: string }) | undefined, host: string): Fix | undefined {
  if (written === undefined || !/^(['"]).*\1$/.test(written.text)) return undefined;
  const quote = written.text.charAt(0);
  const local = host.includes(':') ? '::1' : '127.0.0.1';
  return { title: `Listen on \`${local}\``, safety: 'suggest', edits: [replace(written, `${quote}${local}${quote}`)] };
}

/** A datagram socket that the function sends from before it receives, if it does at all: a client, which chooses the port that it sends from. */
function isSender(call: Call, file: TestFile): boolean {
  const body = file.ownerOf(call)?.node;
  if (body === undefined || call.method !== 'bind' || call.function.type !== 'attribute') return false;
  const { text } = call.function.object;
  const uses = walk(body).filter((it) => it.type === 'call' && it.function.type === 'attribute' && it.function.object.text === text);
  const first = uses.find((it) => it.type === 'call' && /^(?:sendto|listen|accept|recv\w*)$/.test(it.method));
  return first?.type === 'call' && first.method === 'sendto' && isDatagram(text, body);
}

/** Does the function make the socket of that name for datagrams? */
function isDatagram(socket: string, body: Node): boolean {
  const isOne = (it: Expression | undefined) => it?.type === 'call' && it.arguments.some((each) => each.value.refersTo === 'socket.SOCK_DGRAM');
  return walk(body).some(
    (it) =>
      (it.type === 'assignment' && it.targets.some((each) => each.text === socket) && isOne(it.value)) ||
      (it.type === 'with' && it.items.some((each) => each.target?.text === socket && isOne(each.context))),
  );
}

/** A datagram socket that a fixture gives to tests of the same file, none of which receives anything: it only takes the port. */
function isNeverRead(call: Call, file: TestFile): boolean {
  const body = file.ownerOf(call)?.node;
  if (body === undefined || file.kind !== 'test' || call.method !== 'bind' || call.function.type !== 'attribute' || call.function.object.type !== 'name')
    return false;
  const { id } = call.function.object;
  return (
    isDatagram(id, body) &&
    !RECEIVES.some((it) => body.text.includes(it) || file.namedElsewhere(it)) &&
    !walk(body).some((it) => it.type === 'call' && it.arguments.some((each) => each.value.text === id))
  );
}

const RECEIVES: readonly string[] = ['recv', 'recvfrom', 'recv_into', 'recvfrom_into', 'recvmsg', 'serve_forever'];

/** `bind(('', 0))`, and then nothing that lets anybody in, here or where the socket is given to; a server that never serves. */
function onlyAsksForPort(call: Call, file: TestFile): boolean {
  if (isNeverServing(call)) return true;
  const body = file.ownerOf(call)?.node;
  if (body === undefined || call.method !== 'bind' || call.function.type !== 'attribute' || call.function.object.type !== 'name') return false;
  const { id } = call.function.object;
  return walk(body).every((it) =>
    it.type === 'call'
      ? !/^(?:listen|accept|recv\w*|sendto|serve_forever)$/.test(it.method) || isClosedUnasked(it, id)
      : it.type !== 'name' ||
        it.id !== id ||
        it.parent?.type === 'attribute' ||
        it.parent?.type === 'with' ||
        it.parent?.type === 'comparison' ||
        (it.parent?.type === 'assignment' && it.parent.value !== it),
  );
}

/** `probe.listen(1)`, and before its `with` ends or `close` it only says on which port, or the function itself connects to it: nobody is told in the meantime. */
function isClosedUnasked(listen: Call, socket: string): boolean {
  const statement = statementOf(listen);
  const block = blockAround(statement);
  if (statement === undefined || listen.function.text !== `${socket}.listen`) return false;
  const { parent } = statement;
  const rest = block.slice(block.indexOf(statement) + 1);
  const closing = rest.findIndex((it) => it.text === `${socket}.close()`);
  const isClosed =
    closing >= 0 ||
    (parent?.type === 'with' && parent.items.some((it) => it.target?.text === socket)) ||
    (parent?.type === 'try' && parent.final.some((it) => walk(it).some((each) => each.type === 'call' && each.function.text === `${socket}.close`)));
  if (!isClosed) return false;
  const calls = (closing < 0 ? rest : rest.slice(0, closing)).flatMap((it) => walk(it).filter((each) => each.type === 'call' || each.type === 'yield'));
  return (
    calls.length > 0 &&
    calls.every((it) => it.type === 'call' && (it.function.text === `${socket}.getsockname` || /^(?:add|append|connect|create_connection)$/.test(it.method)))
  );
}
