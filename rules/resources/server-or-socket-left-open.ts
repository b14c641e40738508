import type { Resource } from '../model.ts';
import { argument, walk } from '../model.ts';
import { registration } from '../python/cleanups.ts';
import { isCollected, isErrorToLeave, leakOf, plainStatement, shown } from '../python/leaks.ts';
import { defineRule, insertAfter, py } from '../rule.ts';

const SERVERS = /^(?:http\.server|socketserver|xmlrpc\.server|wsgiref\.simple_server)\./;

export const rule = defineRule({
  id: 'server-or-socket-left-open',
  code: 'RES006',
  category: 'resources',
  title: 'Socket or in-process server not shut down',
  kind: 'review',
  kinds: ['review', 'informational'],
  confidence: 'high',
  cwe: [404],
  peers: { pylint: ['R1732'] },
  why: 'The port stays taken and reachable while other tests run, and a late connection reaches a test that is over.',
  instead: 'Register `close`, or `shutdown` and `server_close`, directly after making it, or use `with`.',
  limits:
    'A socket or server given to another function is taken to be its business. A socket that only a local name holds is a note: CPython closes it as the function ends; not where the settings of pytest make a ResourceWarning an error.',
  links: ['https://docs.python.org/3/library/socketserver.html#socketserver.BaseServer.server_close'],
  yieldsTo: ['class-set-up-never-undone', 'fixture-returns-live-resource'],
  once: 'file',
  alike: true,
  on: 'resource',
  *check(resource, file) {
    const { sort, call, holder, owner } = resource;
    if ((sort !== 'socket' && sort !== 'server') || file.ownProcess) return;
    if (call.method === 'make_server' && argument(call, 'server_class', 3) !== undefined) return;
    const kind = leakOf(resource);
    if (kind !== 'review') {
      const missing = sort === 'server' ? missingHalf(resource) : undefined;
      if (missing !== undefined) yield { at: call.place, message: `\`${shown(call)}\` is stopped but keeps its socket: \`${missing}\` is never called` };
      return;
    }
    // One that nobody holds Python closes at once.
    if (holder === undefined && sort === 'socket') return;
    const statement = plainStatement(call);
    const line =
      holder === undefined || (sort !== 'socket' && !SERVERS.test(call.callee ?? ''))
        ? undefined
        : registration(call, owner, `${holder}.${sort === 'socket' ? 'close' : 'server_close'}`, file);
    yield {
      at: call.place,
      ...(isCollected(resource) && !isKeptByClosure(resource) && !isErrorToLeave(file.project) ? { kind: 'informational' } : {}),
      message: `nothing closes what \`${shown(call)}\` opens`,
      ...(statement === undefined || line === undefined
        ? {}
        : { fix: { title: `Register \`${line}\``, safety: 'safe', edits: [insertAfter(statement, line)] } }),
    };
  },
  examples: [
    {
      name: 'a socket that stays bound',
      bad: py`
        import socket
        import unittest

        class TestPort(unittest.TestCase):
            def setUp(self):
                self.listener = socket.socket()
                #               ^^^^^^^^^^^^^^^ nothing closes
                self.listener.bind(('127.0.0.1', 0))
      `,
      fixed: py`
        import socket
        import unittest

        class TestPort(unittest.TestCase):
            def setUp(self):
                self.listener = socket.socket()
                self.addCleanup(self.listener.close)
                self.listener.bind(('127.0.0.1', 0))
      `,
    },
    {
      name: 'by a local name it is a note',
      bad: py`
        import socket

        def test_port():
            listener = socket.socket()  #! nothing closes
            listener.bind(('127.0.0.1', 0))
            assert listener.getsockname()
      `,
    },
    {
      name: 'where Python must not be left to close it',
      bad: {
        'tests/test_port.py': py`
          import socket

          def test_port():
              listener = socket.socket()  #! nothing closes
              listener.bind(('127.0.0.1', 0))
              assert listener.getsockname()
        `,
        'pytest.ini': '[pytest]\nfilterwarnings =\n    error\n    ignore::DeprecationWarning\n',
      },
    },
    {
      name: 'a server that is stopped but not closed',
      bad: py`
        import http.server
        import unittest

        class TestServer(unittest.TestCase):
            def setUp(self):
                self.server = http.server.HTTPServer(('127.0.0.1', 0), None)  #! keeps its socket
                self.addCleanup(self.server.shutdown)
      `,
    },
    {
      name: 'closed, one way or another',
      good: py`
        import http.server
        import socket
        import unittest
        from unittest import mock

        def listening():
            return socket.socket()

        class TestServer(unittest.TestCase):
            def setUp(self):
                self.server = http.server.HTTPServer(('127.0.0.1', 0), None)
                self.addCleanup(self.server.server_close)
                self.addCleanup(self.server.shutdown)

            def serve(self, ports):
                server = http.server.HTTPServer(('127.0.0.1', 0), None)
                ports.put(server.server_port)
                server.serve_forever()

            def run(self, application):
                import uvicorn
                server = uvicorn.Server(uvicorn.Config(application))
                server.run()

            def accept(self, factory, **options):
                return harbour.listen(factory, **options)

            def test_given(self):
                listener = socket.socket()
                self.assertTrue(self.accept(print, sock=listener))

            @mock.patch('socket.socket')
            def test_replaced(self, made):
                listener = listening()
                self.assertIs(listener, made.return_value)

            def test_told_to_end(self):
                import uvicorn
                server = uvicorn.Server(harbour.config)
                self.assertTrue(harbour.runs(server.run))
                server.should_exit = True

            def test_pair(self):
                ours, theirs = socket.socketpair()
                with ours, theirs:
                    self.assertTrue(ours)

            def test_port(self):
                with socket.socket() as listener:
                    self.assertTrue(listener)
      `,
    },
    {
      name: 'closed by name, one after the other',
      bad: py`
        import socket
        import unittest

        OTHERS = ("theirs",)

        class TestPort(unittest.TestCase):
            def setUp(self):
                self.ours = socket.socket()
                self.theirs = socket.socket()
                self.forgotten = socket.socket()  #! nothing closes

            def tearDown(self):
                for name in "ours peer".split():
                    if hasattr(self, name):
                        getattr(self, name).close()
                for name in OTHERS:
                    listener = getattr(self, name, None)
                    if listener is not None:
                        listener.close()

            def test_port(self):
                self.assertTrue(self.ours)

        class TestCurrent(unittest.TestCase):
            def setUp(self):
                self.current = socket.socket()
                self.other = socket.socket()

            def tearDown(self):
                for name in ("current", "other"):
                    self.current = getattr(self, name)
                    self.current.close()

            def test_loop(self):
                ours = socket.socket()
                theirs = socket.socket()
                for ours in (ours, theirs):
                    ours.close()
      `,
    },
  ],
});

/** A socketserver needs `server_close` besides `shutdown`. */
function missingHalf(resource: Resource): string | undefined {
  if (!SERVERS.test(resource.call.callee ?? '') || resource.holder === undefined || resource.releases.length === 0) return undefined;
  const all = resource.releases.map((it) => it.by).join(' ');
  return /server_close|with |enter|closing/.test(all) || !/shutdown/.test(all) || /lambda|cleanup\(self|handle/.test(all) ? undefined : 'server_close';
}

/** A function inside names it, and may run on when the one around has ended. */
function isKeptByClosure({ holder, owner }: Resource): boolean {
  return (
    owner !== undefined &&
    walk(owner.node).some(
      (it) => it !== owner.node && (it.type === 'function' || it.type === 'lambda') && walk(it).some((each) => each.type === 'name' && each.id === holder),
    )
  );
}
