import { type Assignment, type Call, constantText, type Expression, type TestFile, type Value } from '../model.ts';
import { isLoopback, proxyOf } from '../python/hosts.ts';
import { isIsolated } from '../python/isolation.ts';
import { isCredentialName } from '../python/secrets.ts';
import {
  checksCertificates,
  destinationAround,
  isOnlyLookedAt,
  isServerOrRepeated,
  type Off,
  SWITCHES,
  switchedOffByAssignment,
  switchedOffByCall,
} from '../python/tls.ts';
import { defineRule, type Finding, type Fix, py, removeArgument } from '../rule.ts';

export const rule = defineRule({
  id: 'certificate-check-off',
  code: 'NET006',
  category: 'network',
  title: 'TLS verification switched off',
  kind: 'review',
  kinds: ['fail', 'review', 'informational'],
  confidence: 'high',
  cwe: [295],
  peers: {
    bandit: ['B501', 'B323'],
    ruff: ['S501', 'S323'],
    semgrep: ['disabled-cert-validation', 'unverified-ssl-context'],
    sonar: ['S4830', 'S5527'],
    codeql: ['py/request-without-cert-validation'],
    dlint: ['DUO123', 'DUO132'],
  },
  why: 'A test that accepts any certificate passes against an impostor, and is copied into product code.',
  instead: 'Trust the test server by name: pass its CA file as `verify`.',
  limits:
    'A value that exists only at run time is not judged. The host is read off the call, or for a context, or a client without an address of its own, off the function around it; through a proxy on this machine it is a note; where neither names one, a person must decide if the call sends a login along, and it is a note if not. A login that the session or the client was given before is not seen.',
  links: [
    'https://requests.readthedocs.io/en/latest/user/advanced/#ssl-cert-verification',
    'https://docs.python.org/3/library/ssl.html#ssl.SSLContext.check_hostname',
  ],
  on: ['call', 'assignment'],
  calls: (callee) => checksCertificates(callee),
  wants: (it) => it.type === 'call' || (it.targets[0]?.type === 'attribute' && SWITCHES.has(it.targets[0].name)),
  *check(subject, file) {
    const off = subject.type === 'call' ? switchedOffByCall(subject) : switchedOffByAssignment(subject);
    if (off === undefined || (subject.type === 'call' ? isIsolated(subject, file) : isOnlyLookedAt(subject, file) || isServerOrRepeated(subject, file))) return;
    yield judged(off, subject, file);
  },
  examples: [
    {
      name: 'a request through an alias, to a public host',
      bad: py`
        import requests as http

        def test_health():
            http.get("https://harbour-shipping.com:8443", timeout=5, verify=False)
            #                                                        ^^^^^^^^^^^^ so anyone can answer for
      `,
      fixed: py`
        import requests as http

        def test_health():
            http.get("https://harbour-shipping.com:8443", timeout=5)
      `,
      alsoFinds: ['NET001'],
    },
    {
      name: 'a host that is not known, and one that is this machine',
      bad: py`
        import requests

        def test_health(url):
            requests.get(url, verify=False, timeout=5)  #! accepts any certificate: whoever is in between can answer

        def test_local_health():
            requests.get("https://localhost:8443", timeout=5, verify=False)  #! accepts any certificate of this machine
      `,
      fixed: py`
        import requests

        def test_health(url):
            requests.get(url, timeout=5)

        def test_local_health():
            requests.get("https://localhost:8443", timeout=5)
      `,
    },
    {
      name: 'a login sent to a host that is not known',
      bad: py`
        import requests

        def test_close(url, admin):
            requests.post(f"{url}/berths/1/close", auth=(admin.name, admin.password), verify=False, timeout=5)
            #                                                                         ^^^^^^^^^^^^ gets the login that is sent along
            requests.post(f"{url}/berths/2/close", headers={"Authorization": "not-a-real-token"}, verify=False, timeout=5)  #! whoever is in between can answer
      `,
    },
    {
      name: 'whom another call speaks to says nothing of one with an address of its own',
      bad: py`
        import ssl
        import boto3
        import ldap3
        import requests
        from botocore.config import Config

        def test_query(url):
            requests.post("https://api.harbour-shipping.com/reset", timeout=5)
            requests.get(url, verify=False, timeout=5)  #! any certificate: whoever is in between
            boto3.client("athena", verify=False)  #! any certificate: whoever is in between
            boto3.client("athena", config=Config(proxies={"https": "localhost:5005"}), verify=False)  #! through a proxy on this machine

        def test_directory():
            checks = ldap3.Tls(validate=ssl.CERT_NONE)  #! any certificate: whoever is in between
            ldap3.Server(DIRECTORY, use_ssl=True, tls=checks)

        def test_close(url, admin):
            requests.get("http://localhost:8080/health", timeout=5)
            requests.post(url, auth=(admin.name, admin.password), verify=False, timeout=5)  #! gets the login
      `,
      alsoFinds: ['NET001'],
    },
    {
      name: 'sessions, contexts and clients',
      bad: py`
        import ssl
        import urllib.request
        import aiohttp
        import requests

        def client():
            session = requests.Session()
            session.verify = False  #! accepts any certificate of whoever is asked with it; 2 more of its kind: lines 11, 15
            context = ssl.create_default_context()
            context.check_hostname = False
            context.verify_mode = ssl.CERT_NONE
            return session, context

        def test_tides(url):
            context = ssl._create_unverified_context()
            urllib.request.urlopen(url, timeout=5, context=context)

        def test_names(ca):
            context = ssl.create_default_context(cafile=ca)
            context.check_hostname = False  #! leaves the name in the certificate of whoever is asked with it unchecked
            connect(context)

        async def test_quay(url):
            async with aiohttp.ClientSession() as session:
                await session.get(url, ssl=False)
                #                      ^^^^^^^^^ accepts any certificate
      `,
    },
    {
      name: 'a session that is asked',
      bad: py`
        import requests

        def test_health():
            session = requests.Session()
            session.verify = False  #! so anyone can answer for
            session.get("https://intranet.harbour-shipping.com", timeout=5)
      `,
      alsoFinds: ['NET001'],
    },
    {
      name: 'a session that is stubbed, or only looked at',
      good: py`
        import requests

        def test_health(requests_mock):
            session = requests.Session()
            session.verify = False
            session.get("https://intranet.harbour-shipping.com", timeout=5)

        def test_flag():
            session = requests.Session()
            session.verify = False
            assert not session.verify
            session.close()
      `,
    },
    {
      name: 'curl',
      bad: py`
        import subprocess

        def test_health():
            subprocess.run(["curl", "-sk", "https://harbour-shipping.com/health"], check=True)
            #                       ^^^^^ so anyone can answer for
      `,
    },
    {
      name: 'a private certificate authority, a stub, an expectation, a context that is only looked at',
      good: py`
        import ssl
        from unittest import mock
        import requests

        def test_health(ca):
            requests.get("https://localhost:8443", verify=ca, timeout=5)

        @mock.patch("requests.get")
        def test_stubbed(get):
            requests.get("https://harbour-shipping.com", verify=False)
            get.assert_called_once_with("https://harbour-shipping.com", verify=False)

        def test_flag():
            context = ssl.create_default_context()
            context.check_hostname = False
            assert not context.check_hostname

        def test_config(config):
            config.set(verify=False, insecure=True)
      `,
    },
  ],
});

function judged(off: Off, subject: Call | Assignment, file: TestFile): Finding {
  const around = off.destination ?? destinationAround(subject, file);
  const fix = fixOf(off);
  const more = { at: off.at.place, ...(fix === undefined ? {} : { fix }) };
  const said = `\`${short(off.written)}\``;
  // Where the names alone go unchecked, somebody the client trusts must still have signed it.
  const namesAlone = /\b(?:check|assert)_hostname\b/.test(off.written);
  const accepts = (of = '') => (namesAlone ? `leaves the name in the certificate${of} unchecked` : `accepts any certificate${of}`);
  if (subject.type === 'call' && proxyOf(subject, 'https', file) === 'here')
    return { ...more, kind: 'informational', message: `${said} ${accepts()}, through a proxy on this machine` };
  if (around === 'loopback' || (around !== undefined && isLoopback(around.host)))
    return { ...more, kind: 'informational', message: `${said} ${accepts(' of this machine')}` };
  // A context speaks to nobody yet, and who is asked with it is not known.
  if (around === undefined && (subject.type === 'assignment' || subject.callee?.startsWith('ssl.') === true))
    return { ...more, kind: 'informational', message: `${said} ${accepts(' of whoever is asked with it')}` };
  if (around === undefined && subject.type === 'call' && sendsLogin(subject))
    return { ...more, message: `${said} ${accepts()}: whoever is in between gets the login that is sent along` };
  if (around === undefined) return { ...more, kind: 'informational', message: `${said} ${accepts()}: whoever is in between can answer` };
  const { host, kind } = around;
  if (kind === 'reserved' || kind === 'alias') return { ...more, kind: 'informational', message: `${said} ${accepts(` of \`${host}\``)}` };
  const isOwn = off.destination !== undefined || subject.type === 'assignment';
  if (kind === 'public' && isOwn) return { ...more, kind: 'fail', message: `${said} ${accepts()}, so anyone can answer for \`${host}\`` };
  return {
    ...more,
    ...(!isOwn && (file.guarded(subject) || file.asksForNetwork(subject)) ? { kind: 'informational' } : {}),
    message: `${said} ${accepts(` of \`${host}\``)}`,
  };
}

/** Arguments and headers that carry a login by their name, where it is not written in the test itself: that one opens nothing. */
function sendsLogin(call: Call): boolean {
  return call.arguments.some(({ keyword, value }) => {
    if (keyword === undefined) return false;
    if (keyword !== 'headers') return (/^(?:(?:http_|basic_)?auth|cookies|cert)$/.test(keyword) || isCredentialName(keyword)) && !isWritten(value);
    if (value.type !== 'dict') return /auth|token|cookie|api_?key/i.test(value.text);
    return value.entries.some((it) => LOGIN_HEADER.test(constantText(it.key?.value) ?? '') && !isWritten(it.value));
  });
}

const LOGIN_HEADER = /^(?:authorization|cookie|x[-_](?:auth[-_]token|api[-_]key|vault[-_]token))$/i;

/** A constant, or a pair, list or mapping of constants. */
function isWritten({ value }: Expression): boolean {
  const isConstant = (it: Value): boolean =>
    it.kind === 'constant' || (it.kind === 'list' && it.items.every(isConstant)) || (it.kind === 'dict' && it.entries.every(([, each]) => isConstant(each)));
  return isConstant(value);
}

function fixOf(off: Off): Fix | undefined {
  if (!off.removable || !('keyword' in off.at)) return undefined;
  return { title: `Remove \`${short(off.written)}\``, safety: 'suggest', edits: [removeArgument(off.at)] };
}

function short(text: string): string {
  const line = text.replace(/\s+/g, ' ');
  return line.length > 44 ? `${line.slice(0, 43)}…` : line;
}
