import type { Call } from '../model.ts';
import { destinationOf } from '../python/hosts.ts';
import { isIsolated } from '../python/isolation.ts';
import { defineRule, type Fix, py, replace } from '../rule.ts';

/** Client → what speaks the same protocol under TLS. */
const CLEAR: ReadonlyMap<string, string> = new Map([
  ['ftplib.FTP', 'ftplib.FTP_TLS'],
  ['telnetlib.Telnet', 'SSH'],
  ['poplib.POP3', 'poplib.POP3_SSL'],
  ['imaplib.IMAP4', 'imaplib.IMAP4_SSL'],
  ['nntplib.NNTP', 'nntplib.NNTP_SSL'],
]);

export const rule = defineRule({
  id: 'clear-text-protocol',
  code: 'NET013',
  category: 'network',
  title: 'Clear-text protocol client',
  kind: 'review',
  confidence: 'high',
  cwe: [319],
  peers: { bandit: ['B312', 'B321'], ruff: ['S312', 'S321'], semgrep: ['ftplib', 'telnetlib', 'use-ftp-tls'], sonar: ['S5332', 'S4433'] },
  why: 'User, password and content can be read by whoever sits between.',
  instead: 'Use the form of the protocol that runs over TLS.',
  limits: 'Only where the host is known and is not this machine; a mail server that upgrades with STARTTLS is not followed.',
  links: ['https://cwe.mitre.org/data/definitions/319.html'],
  on: 'call',
  calls: (callee) => CLEAR.has(callee),
  *check(call, file) {
    const better = CLEAR.get(call.callee ?? '');
    if (better === undefined) return;
    const destination = destinationOf(call);
    if (destination === undefined || destination.host === '' || destination.kind === 'reserved' || destination.kind === 'unknown' || isIsolated(call, file))
      return;
    yield {
      at: call.function.place,
      message: `\`${call.method}\` speaks to \`${destination.host}\` in clear text; \`${better}\` does not`,
      ...fixOf(call, better),
    };
  },
  examples: [
    {
      name: 'FTP to another machine',
      bad: py`
        import ftplib

        def test_charts():
            with ftplib.FTP("charts.lan.harbour", timeout=5) as charts:
        #        ^^^^^^^^^^ in clear text
                charts.retrlines("LIST", print)
      `,
      alsoFinds: ['NET001'],
    },
    {
      name: 'this machine, an unknown host, a stub, TLS',
      good: py`
        from unittest import mock
        import ftplib

        def test_charts(server):
            with ftplib.FTP("localhost", timeout=5) as local, ftplib.FTP(server.host, timeout=5) as other:
                assert local and other

        @mock.patch("ftplib.FTP")
        def test_stubbed(made):
            ftplib.FTP("charts.lan.harbour")

        def test_tls():
            with ftplib.FTP_TLS("localhost", timeout=5) as charts:
                assert charts
      `,
    },
  ],
});

/** Where the better class is in the same module: `ftplib.FTP_TLS`. */
function fixOf(call: Call, better: string): { fix?: Fix } {
  const { function: called, callee } = call;
  const dot = better.lastIndexOf('.');
  const same = called.type === 'attribute' && callee?.startsWith(`${better.slice(0, dot)}.`) === true;
  if (!same) return {};
  return { fix: { title: `Use \`${better}\``, safety: 'suggest', edits: [replace(called, `${called.object.text}.${better.slice(dot + 1)}`)] } };
}
