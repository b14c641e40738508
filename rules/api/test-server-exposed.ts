import type { Call, Expression, TestFile } from '../model.ts';
import { argument, constantText, walk } from '../model.ts';
import { isOutward } from '../python/bind.ts';
import { isNeverServing, isNeverStarted } from '../python/servers.ts';
import { defineRule, py, replace } from '../rule.ts';

export const rule = defineRule({
  id: 'test-server-exposed',
  code: 'API004',
  category: 'api',
  title: 'test server reachable from outside the machine',
  kind: 'fail',
  kinds: ['fail', 'review', 'informational'],
  confidence: 'high',
  cwe: [668],
  peers: { bandit: ['B104', 'B411'], ruff: ['S104'], sonar: ['S8392'] },
  why: 'While the test runs, everybody on the network can call an API that asks nobody who they are.',
  instead: 'Listen on `127.0.0.1`.',
  limits:
    'Only servers of the table and addresses that are constants; one that a function makes and has never serve only takes its port. A handler of the workspace that mentions credentials, or a function of the test that makes one, counts as checking them. What listens only when a script is started by hand is a note; a module without tests is for a person to decide, and so is a server of the product by its own address and handler.',
  links: ['https://cwe.mitre.org/data/definitions/668.html'],
  on: 'call',
  calls: (callee, method) => method === 'run' || SERVERS.has(callee),
  *check(call, file) {
    const host = hostOf(call);
    // A server class that the test passes may listen or not.
    if (
      host === undefined ||
      isNeverStarted(call) ||
      isNeverServing(call) ||
      argument(call, 'server_class', call.method === 'make_server' ? 3 : undefined) !== undefined
    )
      return;
    const address = addressOf(call, host);
    if (
      address === undefined ||
      file.expected(call) ||
      file.rejected(call) ||
      file.stubbed(call.callee ?? '', call) !== undefined ||
      checksCredentials(call, file)
    )
      return;
    const shown = address === '' ? 'all addresses' : `\`${address}\``;
    const wait = isOfProduct(host, call, file) || file.kind === 'helper' || file.guarded(call) || file.tier === 'integration';
    const fix =
      host.type === 'string' && !/^grpc\./.test(call.callee ?? '')
        ? { fix: { title: 'Listen on `127.0.0.1`', safety: 'suggest', edits: [replace(host, "'127.0.0.1'")] } as const }
        : {};
    yield {
      at: host.place,
      message: `\`${call.function.text}\` listens on ${shown}: others can call this server while the test runs`,
      // A script is started by hand, often in a container of its own, and told where to listen.
      ...(file.ownProcess ? { kind: 'informational' } : wait ? { kind: 'review' } : {}),
      ...fix,
    };
  },
  examples: [
    {
      name: 'a stand-in for a service, on all addresses',
      bad: py`
        import http.server

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self):
                self.send_response(200)

        def serve():
            with http.server.HTTPServer(("", 0), Handler) as server:
                #                        ^^ listens on all addresses
                server.handle_request()
      `,
      fixed: py`
        import http.server

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self):
                self.send_response(200)

        def serve():
            with http.server.HTTPServer(('127.0.0.1', 0), Handler) as server:
                server.handle_request()
      `,
      alsoFinds: ['NET010'],
    },
    {
      name: 'by keyword, and for gRPC',
      bad: py`
        import grpc
        import uvicorn
        from concurrent import futures
        from harbour import app

        def serve(port):
            uvicorn.run(app, host="0.0.0.0", port=port)
            #                     ^^^^^^^^^ listens on ${'`0.0.0.0`'}

        def serve_rpc(pool):
            server = grpc.server(pool)
            server.add_insecure_port("[::]:50051")  #! listens on
            return server
      `,
      alsoFinds: ['NET010'],
    },
    {
      name: 'address and handler of the product; a script that is told the port is a note',
      bad: {
        'tests/test_health.py': py`
          from http.server import HTTPServer
          from harbour.health import ADDRESS, Handler

          def test_health():
              with HTTPServer((ADDRESS, 0), Handler) as server:  #! others can call this server
                  server.handle_request()
        `,
        'harbour/health.py': py`
          from http.server import BaseHTTPRequestHandler, HTTPServer

          ADDRESS = "0.0.0.0"

          class Handler(BaseHTTPRequestHandler):
              def do_GET(self):
                  self.send_response(200)

          def run_server():
              HTTPServer((ADDRESS, 8080), Handler).serve_forever()
        `,
        'tests/test_fake.py': py`
          from http.server import HTTPServer
          from tests.fake import ADDRESS, Handler

          def test_fake():
              with HTTPServer((ADDRESS, 0), Handler) as server:  #! others can call this server
                  server.handle_request()
        `,
        'tests/fake.py': py`
          from http.server import BaseHTTPRequestHandler, HTTPServer

          ADDRESS = "0.0.0.0"

          class Handler(BaseHTTPRequestHandler):
              def do_GET(self):
                  self.send_response(200)

          def run_server(port):
              HTTPServer((ADDRESS, port), Handler).serve_forever()  #! others can call this server
        `,
        'tests/performance/varied.py': py`
          import sys
          from sanic import Sanic

          app = Sanic("test")

          @app.route("/")
          async def test(request):
              return None

          app.run(host="0.0.0.0", port=sys.argv[1])  #! others can call this server
        `,
      },
      alsoFinds: ['NET010'],
    },
    {
      name: 'a script of the tests is a note, a module without tests for a person to decide',
      bad: {
        'tests/serve.py': py`
          import uvicorn

          if __name__ == "__main__":
              uvicorn.run("harbour:app", host="0.0.0.0")  #! others can call this server
        `,
        'tests/fake_harbour.py': py`
          import uvicorn

          def start(app, port):
              uvicorn.run(app, host="0.0.0.0", port=port)  #! others can call this server
        `,
      },
      alsoFinds: ['NET010'],
    },
    {
      name: 'this machine only, an address that is not known, a handler that asks for a token',
      good: py`
        import http.server

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self):
                if self.headers["Authorization"] != "Bearer test":
                    return self.send_error(401)
                self.send_response(200)

        def serve(address):
            with http.server.HTTPServer(("127.0.0.1", 0), Handler) as server:
                server.handle_request()
            with http.server.HTTPServer((address, 0), Handler) as server:
                server.handle_request()
            with http.server.HTTPServer(("", 0), Handler) as server:
                server.handle_request()

        def serve_for(user):
            def made(*args):
                return Handler(user, *args)

            class Local(http.server.BaseHTTPRequestHandler):
                def do_GET(self):
                    self.send_error(200 if authenticated(self.headers) else 401)

            with http.server.HTTPServer(("", 0), made) as server:
                server.handle_request()
            with http.server.HTTPServer(("", 0), lambda *args: Handler(user, *args)) as server:
                server.handle_request()
            with http.server.HTTPServer(("", 0), Local) as server:
                server.handle_request()
      `,
      alsoFinds: ['NET010'],
    },
    {
      name: 'a server that only takes its port',
      good: py`
        import pytest
        from wsgiref.simple_server import demo_app, make_server
        from harbour import free_port

        def test_port():
            with make_server("0.0.0.0", 5001, demo_app) as taken:
                assert free_port(5001) == taken.server_port + 1
      `,
      alsoFinds: ['NET010'],
    },
    {
      name: 'a server that another thread has serve',
      bad: py`
        import threading
        from wsgiref.simple_server import demo_app, make_server

        def test_page():
            server = make_server("0.0.0.0", 5001, demo_app)  #! others can call this server
            threading.Thread(target=server.serve_forever, daemon=True).start()
      `,
      alsoFinds: ['NET010', 'RES006'],
    },
  ],
});

/** Servers of HTTP and RPC, and where their address stands. Sources: docs.python.org 3.13; each library's documentation (2026). */
interface Server {
  readonly keyword: string;
  readonly index?: number;
  /** The address is a pair of host and port. */
  readonly pair?: true;
  /** Where the handler class stands. */
  readonly handler?: number;
}
const SERVERS: ReadonlyMap<string, Server> = new Map<string, Server>([
  ...['http.server.HTTPServer', 'http.server.ThreadingHTTPServer', 'xmlrpc.server.SimpleXMLRPCServer', 'xmlrpc.server.DocXMLRPCServer'].map(
    (it): [string, Server] => [it, { keyword: it.startsWith('xmlrpc') ? 'addr' : 'server_address', index: 0, pair: true, handler: 1 }],
  ),
  ['wsgiref.simple_server.make_server', { keyword: 'host', index: 0 }],
  ['werkzeug.serving.make_server', { keyword: 'host', index: 0 }],
  ['werkzeug.serving.run_simple', { keyword: 'hostname', index: 0 }],
  ['uvicorn.run', { keyword: 'host' }],
  ['aiohttp.web.run_app', { keyword: 'host' }],
  ['aiohttp.web.TCPSite', { keyword: 'host', index: 1 }],
  ['flask.Flask().run', { keyword: 'host', index: 0 }],
  ['quart.Quart().run', { keyword: 'host', index: 0 }],
  ['bottle.run', { keyword: 'host' }],
  ['websockets.serve', { keyword: 'host', index: 1 }],
  ['grpc.server().add_insecure_port', { keyword: 'address', index: 0 }],
]);

/** The expression that holds the address. */
function hostOf(call: Call): Expression | undefined {
  const server = SERVERS.get(call.callee ?? '');
  if (server === undefined) return isApplicationRun(call) ? argument(call, 'host') : undefined;
  const given = argument(call, server.keyword, server.index);
  if (server.pair !== true) return given;
  return given?.type === 'tuple' ? given.items[0] : undefined;
}

/** `app.run(host=…)` of an application whose class could not be told. */
function isApplicationRun(call: Call): boolean {
  return (
    call.method === 'run' &&
    call.function.type === 'attribute' &&
    /(?:^|[._])app$/.test(call.function.object.text) &&
    call.function.object.refersTo?.startsWith('unittest.mock.') !== true
  );
}

/** Are address and handler of one module of the product, which serves the one at the other itself? Then the test listens where the product does. */
function isOfProduct(host: Expression, call: Call, file: TestFile): boolean {
  const at = SERVERS.get(call.callee ?? '')?.handler;
  const handler = at === undefined ? undefined : argument(call, 'RequestHandlerClass', at)?.refersTo;
  const home = handler?.slice(0, handler.lastIndexOf('.') + 1);
  const served = handler === undefined || home === '' ? undefined : file.definition(handler);
  return (
    home !== undefined &&
    !OF_TESTS.test(home) &&
    served?.kind === 'class' &&
    host.refersTo?.startsWith(home) === true &&
    file.membersOf(home.slice(0, -1)).some((it) => {
      const { node } = file.definition(`${home}${it}`) ?? {};
      return node !== undefined && walk(node).some((each) => each.type === 'call' && gives(each, host.refersTo) && gives(each, handler));
    })
  );
}

/** Modules that are no product. */
const OF_TESTS = /(?:^|\.)_?(?:tests?|testing|conftest|fixtures?|fakes?|test_\w+|\w+_tests?)\./;

/** Is the call given what a name means, as it is or in a pair? */
function gives(call: Call, name: string | undefined): boolean {
  return call.arguments.some(({ value }) => (value.type === 'tuple' ? value.items : [value]).some((it) => it.refersTo === name));
}

/** The address, when it is outward for certain. */
function addressOf(call: Call, host: Expression): string | undefined {
  const text = constantText(host.value);
  if (text === undefined) return undefined;
  if (call.callee?.startsWith('grpc.') === true) return /^(?:\[::\]|0\.0\.0\.0):\d+$/.test(text) ? text : undefined;
  return isOutward(text) ? text : undefined;
}

const CREDENTIALS = /authori[sz]ation|authenticat|permission_?denied|compare_digest|check_(?:token|password)|x-\w*-?token|api[_-]?key/i;

/** Does the handler class mention credentials, or one that a function of the test makes: `lambda *args: Handler(store, *args)`? */
function checksCredentials(call: Call, file: TestFile): boolean {
  const at = SERVERS.get(call.callee ?? '')?.handler;
  const given = at === undefined ? undefined : argument(call, 'RequestHandlerClass', at);
  const owner = file.ownerOf(call);
  if (given === undefined) return false;
  const local =
    given.type === 'name' && owner !== undefined
      ? walk(owner.node).find((it) => (it.type === 'function' || it.type === 'class') && it !== owner.node && it.name === given.id)
      : undefined;
  if (local?.type === 'class') return CREDENTIALS.test(local.text);
  return walk(local ?? given).some((it) => (it.type === 'name' || it.type === 'attribute') && asksWho(it.refersTo, file));
}

function asksWho(name: string | undefined, file: TestFile): boolean {
  if (name === undefined) return false;
  return ['do_GET', 'do_POST', 'do_PUT', 'do_DELETE', 'parse_request', 'handle', 'handle_one_request', 'authenticate'].some((it) =>
    CREDENTIALS.test(file.definition(`${name}().${it}`)?.node?.text ?? ''),
  );
}
