import type { Call } from '../model.ts';
import { walk } from '../model.ts';
import { isMockName } from '../python/mock.ts';
import { addressOf, LISTENERS } from '../python/servers.ts';
import { defineRule, type Fix, py, replace } from '../rule.ts';

export const rule = defineRule({
  id: 'fixed-port',
  code: 'NET011',
  category: 'network',
  title: 'Fixed listening port',
  kind: 'informational',
  confidence: 'medium',
  cwe: [1188],
  why: "Two runs at a time get into each other's way, and another program can sit on the port first and answer in the server's place.",
  instead: 'Listen on port 0 and ask the socket which port it got.',
  limits: 'A port that is not a number in the source is not judged.',
  links: ['https://docs.python.org/3/library/socketserver.html#socketserver.BaseServer.server_address'],
  on: 'call',
  calls: (callee) => LISTENERS.has(callee),
  *check(call, file) {
    const address = addressOf(call);
    if (address?.port === undefined || address.port === 0 || file.stubbed(call.callee ?? '', call) !== undefined || file.rejected(call)) return;
    if (call.arguments.some((it) => isMockName(it.value.refersTo))) return; // who serves a mock serves nothing
    yield {
      at: call.place,
      message: `\`${call.method}\` ${call.method === 'Config' ? 'is given' : 'listens on'} port ${address.port}, which another program may hold`,
      ...fixOf(call, address.port),
    };
  },
  examples: [
    {
      name: 'a port in the source',
      bad: py`
        import http.server

        def test_server(handler):
            with http.server.HTTPServer(("127.0.0.1", 8080), handler) as server:  #! listens on port 8080
                server.handle_request()
      `,
      fixed: py`
        import http.server

        def test_server(handler):
            with http.server.HTTPServer(("127.0.0.1", 0), handler) as server:
                server.handle_request()
      `,
    },
    {
      name: 'a port that the system chooses, or somebody else found free',
      good: py`
        import http.server
        import uvicorn
        from unittest import mock
        import harbour

        def test_server(handler, unused_tcp_port):
            with http.server.HTTPServer(("127.0.0.1", 0), handler) as server:
                server.handle_request()
            with http.server.HTTPServer(("127.0.0.1", unused_tcp_port), handler) as server:
                server.handle_request()

        def test_configured():
            assert harbour.Server(uvicorn.Config(mock.Mock(), port=8080)).started is False
      `,
    },
  ],
});

/** The number of the port where it stands in the call; whoever connects must then ask the server for it. */
function fixOf(call: Call, port: number): { fix?: Fix } {
  for (const it of walk(call)) {
    if (it.type === 'number' && it.number === port) return { fix: { title: 'Let the system choose a port', safety: 'suggest', edits: [replace(it, '0')] } };
  }
  return {};
}
