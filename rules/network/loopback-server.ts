import { isLoopback } from '../python/hosts.ts';
import { addressOf, isEveryInterface, LISTENERS } from '../python/servers.ts';
import { defineRule, py } from '../rule.ts';

export const rule = defineRule({
  id: 'loopback-server',
  code: 'NET-S09',
  category: 'network',
  title: "Server on loopback with a port of the system's choosing",
  kind: 'pass',
  confidence: 'high',
  cwe: [],
  why: 'Nobody outside this machine can speak to the server, and two runs do not meet on one port.',
  limits: 'Says where the server listens, not who on this machine may speak to it.',
  links: ['https://docs.python.org/3/library/socketserver.html'],
  on: 'call',
  calls: (callee) => LISTENERS.has(callee),
  *check(call, file) {
    const address = addressOf(call);
    if (address?.port !== 0 || isEveryInterface(address.host) || !isLoopback(address.host) || file.stubbed(call.callee ?? '', call) !== undefined) return;
    yield { at: call.place, message: `\`${call.method}\` listens on \`${address.host}\` only, on a port that the system chooses` };
  },
  examples: [
    {
      name: 'a server for the length of a block',
      bad: py`
        import http.server

        def test_server(handler):
            with http.server.HTTPServer(("127.0.0.1", 0), handler) as server:
        #        ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ ${'listens on `127.0.0.1` only'}
                server.handle_request()
      `,
    },
    {
      name: 'a fixed port',
      good: py`
        import http.server

        def test_server(handler):
            # http.server.HTTPServer(("127.0.0.1", 0), handler)
            with http.server.HTTPServer(("127.0.0.1", 8080), handler) as server:
                server.handle_request()
      `,
    },
  ],
});
