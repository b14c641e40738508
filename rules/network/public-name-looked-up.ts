import { argument, constantText } from '../model.ts';
import { hostKind } from '../python/host-names.ts';
import { defineRule, py } from '../rule.ts';

const LOOK_UPS: ReadonlySet<string> = new Set([
  'socket.getaddrinfo',
  'socket.gethostbyname',
  'socket.gethostbyname_ex',
  'socket.gethostbyaddr',
  'socket.getfqdn',
  'dns.resolver.query',
]);

export const rule = defineRule({
  id: 'public-name-looked-up',
  code: 'NET021',
  category: 'network',
  title: 'Public name looked up',
  kind: 'informational',
  confidence: 'medium',
  cwe: [923],
  why: "The question leaves the machine, and the answer is not the test's to decide.",
  instead: 'Patch the look-up, or ask for `localhost`.',
  limits: 'The name must be a constant.',
  links: ['https://docs.python.org/3/library/socket.html#socket.getaddrinfo'],
  on: 'call',
  calls: (callee) => LOOK_UPS.has(callee),
  *check(call, file) {
    const { callee } = call;
    if (callee === undefined || !LOOK_UPS.has(callee)) return;
    const host = argument(call, undefined, 0) ?? argument(call, 'host') ?? argument(call, 'hostname') ?? argument(call, 'name');
    const name = constantText(host?.value);
    // An address needs no question to be asked, but for its name.
    if (host === undefined || name === undefined || hostKind(name) !== 'public') return;
    if (/^[\d.]+$/.test(name) && !/gethostbyaddr|getfqdn/.test(callee)) return;
    if (file.stubbed(callee, call) !== undefined) return;
    yield { at: call.place, message: `\`${name}\` is looked up: the question leaves the machine` };
  },
  examples: [
    {
      name: 'a public name',
      bad: py`
        import socket

        def test_lookup():
            assert socket.gethostbyname("www.python.org")
        #          ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ is looked up
      `,
    },
    {
      name: 'names of this machine, reserved ones, addresses, and a patched look-up',
      good: py`
        import socket
        from unittest import mock

        def test_lookup():
            socket.gethostbyname("localhost")
            socket.getaddrinfo("db.example.test", 5432)
            socket.getaddrinfo("8.8.8.8", 53)

        @mock.patch("socket.getaddrinfo")
        def test_patched(getaddrinfo):
            socket.getaddrinfo("www.python.org", 80)
      `,
    },
  ],
});
