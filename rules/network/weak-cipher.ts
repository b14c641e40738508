import { argument, constantText } from '../model.ts';
import { defineRule, py } from '../rule.ts';

/** Tokens of OpenSSL's cipher list that let in suites without protection. Source: openssl-ciphers(1), 3.5. */
const WEAK = /^(?:[ae]?NULL|COMPLEMENTOFDEFAULT|EXP(?:ORT(?:40|56)?)?|LOW|RC4|RC2|DES|3DES|MD5|ADH|AECDH|@SECLEVEL=0)$/i;
const TLS_CONTEXT =
  /^(?:ssl\.(?:SSLContext|create_default_context|_create_unverified_context)\(\)|OpenSSL\.SSL\.Context\(\))\.(?:set_ciphers|set_cipher_list)$/;
const TLS_CALLS: ReadonlySet<string> = new Set([
  'ssl.wrap_socket',
  'urllib3.util.ssl_.create_urllib3_context',
  'urllib3.util.create_urllib3_context',
  'uvicorn.run',
]);

export const rule = defineRule({
  id: 'weak-cipher',
  code: 'NET009',
  category: 'network',
  title: 'Weak cipher let in',
  kind: 'informational',
  confidence: 'medium',
  cwe: [326],
  peers: { sonar: ['S5547'], semgrep: ['no-set-ciphers'] },
  why: 'A connection that the test makes with such a suite proves nothing about the one that the product makes.',
  instead: 'Leave the list to Python, or test that a weak suite is refused.',
  limits: 'The list must be a constant and the context be made in the file.',
  links: ['https://docs.openssl.org/master/man1/openssl-ciphers/'],
  on: 'call',
  calls: (callee) => TLS_CONTEXT.test(callee) || TLS_CALLS.has(callee),
  *check(call, file) {
    const { callee } = call;
    if (callee === undefined) return;
    const list = TLS_CONTEXT.test(callee)
      ? argument(call, 'cipherlist', 0)
      : TLS_CALLS.has(callee)
        ? (argument(call, 'ciphers') ?? argument(call, 'ssl_ciphers'))
        : undefined;
    if (list === undefined || file.expected(call) || file.rejected(call) || file.stubbed(callee, call) !== undefined) return;
    const text = constantText(list.value);
    // `ALL:!aNULL:-RC4`: what is taken out again is not let in, nor is what is only moved to the end (`+RC4`).
    const weak = text?.split(/[:, ]/).find((it) => WEAK.test(it));
    if (weak !== undefined) yield { at: list.place, message: `\`${weak}\` lets in connections that anybody can read or change` };
  },
  examples: [
    {
      name: 'no encryption, and the lowest level',
      bad: py`
        import ssl

        def test_link():
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
            context.set_ciphers("HIGH:aNULL")
        #                       ^^^^^^^^^^^^ ${'`aNULL` lets in'}
            context.set_ciphers("DEFAULT:@SECLEVEL=0")
      `,
    },
    {
      name: 'taken out, expected to be refused, or a setting that is handed on',
      good: py`
        import ssl
        import pytest

        def test_link():
            context = ssl.create_default_context()
            context.set_ciphers("ALL:!aNULL:-RC4:+MD5")

        def test_refused():
            context = ssl.create_default_context()
            with pytest.raises(ssl.SSLError):
                context.set_ciphers("EXPORT")

        def test_setting(settings):
            settings.apply(ssl_ciphers="aNULL")
      `,
    },
  ],
});
