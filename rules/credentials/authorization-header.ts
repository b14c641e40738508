import type { Literal } from '../model.ts';
import { publicHostAround } from '../python/credential-values.ts';
import { decodeBase64 } from '../python/encodings.ts';
import { instead, isAssembled } from '../python/literals.ts';
import { entropy, isPlaceholder, looksRandom, masked } from '../python/secrets.ts';
import { liveToken } from '../python/tokens.ts';
import { defineRule, py } from '../rule.ts';

const HEADERS = /^(?:http_)?(?:authorization|proxy[-_]authorization|x[-_]auth[-_]token|x[-_]subject[-_]token|x[-_]api[-_]key|cookie)$/i;
const SCHEME = /^(?:Bearer|Basic|Token|ApiKey|Negotiate)\s+/i;

/** The secret part of a header's value. */
function secretIn(header: string, value: string): { readonly what: string; readonly secret: string } | undefined {
  if (/cookie/i.test(header)) {
    const session = /(?:^|;\s*)[\w.-]{0,30}(?:session|sid|auth|token)[\w.-]{0,30}=([^;\s]{16,512})/i.exec(value)?.[1];
    return session === undefined ? undefined : { what: 'session cookie', secret: session };
  }
  const basic = /^Basic\s+([A-Za-z0-9+/]{8,400}=*)$/i.exec(value)?.[1];
  if (basic !== undefined) {
    const pair = decodeBase64(basic) ?? '';
    const colon = pair.indexOf(':');
    return colon < 0 ? undefined : { what: 'user name and password', secret: pair.slice(colon + 1) };
  }
  return { what: 'token', secret: value.replace(SCHEME, '') };
}

/** The same header with a token that says what it is. */
function placeholderFor(literal: Literal, secret: string) {
  const { content } = literal;
  const scheme = SCHEME.exec(content)?.[0] ?? '';
  const text = /^Basic/i.test(scheme) ? `${scheme}${NOT_REAL_PAIR}` : content.replace(secret, 'not-a-real-token');
  return /["\\]/.test(text) ? {} : instead(literal, text, 'Use a value that says what it is');
}

/** `user:not-a-real-password` in base64. */
const NOT_REAL_PAIR = 'dXNlcjpub3QtYS1yZWFsLXBhc3N3b3Jk';

const TOKEN = ['q7Rk2mZx', '9LpVw4Ty', 'Hs6Nd1Bf'].join('');
/** `loader:Vq81zKdW3m7r` in base64. */
const BASIC = ['bG9hZGVy', 'OlZxODF6S2RXM203cg=='].join('');

export const rule = defineRule({
  id: 'authorization-header',
  code: 'SEC020',
  category: 'credentials',
  title: 'Credentials in a literal request header',
  kind: 'informational',
  kinds: ['review', 'informational'],
  confidence: 'medium',
  cwe: [522],
  peers: { gitleaks: ['curl-auth-header'], 'detect-secrets': ['BasicAuthDetector'], sonar: ['S6418'] },
  why: 'A header copied from a browser or a log carries a login that may still be open.',
  instead: 'Use a value that cannot be real (`"Bearer not-a-real-token"`), or one that the test got by logging in.',
  limits:
    'Values that are put together from variables are not judged. One that the same call sends to a public host is for a person to decide, any other is a note.',
  links: ['https://cwe.mitre.org/data/definitions/522.html'],
  yieldsTo: ['vendor-token', 'json-web-token'],
  atRest: true,
  on: 'literal',
  literals: (boundTo) => HEADERS.test(boundTo),
  shortest: 12,
  *check(literal, file) {
    const { boundTo, content } = literal;
    if (boundTo === undefined || content.length < 12 || !HEADERS.test(boundTo) || isAssembled(literal) || file.expected(literal.node)) return;
    const found = secretIn(boundTo, content);
    if (found === undefined || isPlaceholder(found.secret) || liveToken(found.secret) !== undefined) return;
    const strong = found.what === 'user name and password' ? found.secret.length >= 8 && entropy(found.secret) >= 2.8 : looksRandom(found.secret);
    if (!strong) return;
    const host = publicHostAround(literal);
    yield {
      at: literal.place,
      ...(host === undefined ? {} : { kind: 'review' }),
      message: `\`${boundTo}\` carries a ${found.what} (\`${masked(found.secret)}\`) that looks real${host === undefined ? '' : ` to \`${host}\``}: is it in use?`,
      ...placeholderFor(literal, found.secret),
    };
  },
  examples: [
    {
      name: 'a bearer token and a Basic pair',
      bad: py`
        def test_list(client):
            client.get("/", headers={"Authorization": "Bearer ${TOKEN}"})  #! carries a token
            client.get("/", headers={"Authorization": "Basic ${BASIC}"})  #! carries a user name and password
      `,
      fixed: py`
        def test_list(client):
            client.get("/", headers={"Authorization": "Bearer not-a-real-token"})
            client.get("/", headers={"Authorization": "Basic dXNlcjpub3QtYS1yZWFsLXBhc3N3b3Jk"})
      `,
    },
    {
      name: 'a token that goes to a public host',
      bad: py`
        import requests

        def test_list():
            requests.get("https://tides.harbour-shipping.com", headers={"Authorization": "Bearer ${TOKEN}"}, timeout=5)  #! looks real to
      `,
      alsoFinds: ['NET001'],
    },
    {
      name: 'placeholders, a UUID, user:pass',
      good: py`
        def test_list(client):
            client.get("/", headers={"Authorization": "Bearer not-a-real-token-12345"})
            client.get("/", headers={"X-Auth-Token": "155d900f-4e14-4e4c-a73d-069cbf4541e6"})
            client.get("/", headers={"Authorization": "Basic dXNlcjpwYXNzd29yZA=="})
      `,
    },
    {
      name: 'what is expected',
      good: py`
        def test_header(self):
            self.assertEqual({"Authorization": "Bearer ${TOKEN}"}, self.sent)
      `,
    },
  ],
});
