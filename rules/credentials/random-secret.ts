import { publicHostAround } from '../python/credential-values.ts';
import { instead, isAssembled } from '../python/literals.ts';
import { isCredentialName, isDigestName, isPlaceholder, looksRandom, masked } from '../python/secrets.ts';
import { isPublishedSample } from '../python/tokens.ts';
import { defineRule, py } from '../rule.ts';

/** In parts, so that scanners find nothing here. */
const SECRET = ['q7Rk2mZx', '9LpVw4Ty', 'Hs6Nd1Bf'].join('');

/** `password`, `token`, `key` or `secret`, by the name. */
function kindOf(name: string): string {
  return /passw|pwd|pass$|phrase/i.test(name) ? 'password' : /token/i.test(name) ? 'token' : /key/i.test(name) ? 'key' : 'secret';
}

/** The address of an account on a block chain, which is public. */
const ADDRESS = /^0x[\da-f]{40}$/i;

export const rule = defineRule({
  id: 'random-secret',
  code: 'SEC007',
  category: 'credentials',
  title: 'Random-looking value under the name of a credential',
  kind: 'informational',
  kinds: ['review', 'informational'],
  confidence: 'medium',
  cwe: [798],
  peers: {
    bandit: ['B105', 'B106', 'B107'],
    ruff: ['S105', 'S106', 'S107'],
    sonar: ['S6418'],
    gitleaks: ['generic-api-key'],
    'detect-secrets': ['Base64HighEntropyString', 'HexHighEntropyString'],
    codeql: ['py/hardcoded-credentials'],
  },
  why: 'A value that looks generated and is called a password or token may be one that works somewhere; a reader cannot tell.',
  instead: 'Use a value that says what it is (`"not-a-real-token"`), or make one when the test runs: `secrets.token_hex()`, `uuidsentinel.token`.',
  limits:
    'A value that only looks generated is a note: most are made up, vectors of a standard, or identifiers. One that the same call sends to a public host is for a person to decide. Shorter ones than 16 characters, and values bound to a name that does not sound like a credential, are not judged.',
  links: ['https://cwe.mitre.org/data/definitions/798.html'],
  yieldsTo: [
    'private-key',
    'cloud-access-key',
    'vendor-token',
    'vendor-test-mode-key',
    'password-in-url',
    'json-web-token',
    'authorization-header',
    'secret-as-default',
  ],
  once: 'file',
  atRest: true,
  on: 'literal',
  literals: isCredentialName,
  shortest: 16,
  *check(literal, file) {
    const { boundTo, content } = literal;
    if (boundTo === undefined || content.length < 16 || isAssembled(literal)) return;
    if (!isCredentialName(boundTo) || isDigestName(boundTo) || !looksRandom(content) || isPlaceholder(content) || isPublishedSample(content)) return;
    if (ADDRESS.test(content)) return;
    if (literal.node.parent?.type === 'comparison' || file.expected(literal.node)) return;
    const host = publicHostAround(literal);
    yield {
      at: literal.place,
      ...(host === undefined ? {} : { kind: 'review' }),
      message:
        host === undefined
          ? `\`${boundTo}\` is \`${masked(content)}\`, which looks generated: is it in use anywhere?`
          : `\`${boundTo}\` is \`${masked(content)}\`, which looks generated, and goes to \`${host}\`: does it open anything there?`,
      ...instead(literal, `not-a-real-${kindOf(boundTo)}`, 'Use a value that says what it is'),
    };
  },
  examples: [
    {
      name: 'a keyword argument',
      bad: py`
        def test_login(client):
            client.login(user="harbour", password="${SECRET}")
            #                                     ^^^^^^^^^^^^^^^^^^^^^^^^^^ looks generated
      `,
      fixed: py`
        def test_login(client):
            client.login(user="harbour", password="not-a-real-password")
      `,
    },
    {
      name: 'a pair for logging in',
      bad: py`
        import requests

        def test_berths(url):
            assert requests.get(url, auth=("harbour", "${SECRET}"), timeout=9).ok
            #                                         ^^^^^^^^^^^^^^^^^^^^^^^^^^ \`password\` is
      `.replaceAll('\\`', '`'),
    },
    {
      name: 'sent to a public host',
      bad: py`
        import requests

        def test_berths():
            assert requests.get("https://tides.harbour-shipping.com", params=dict(token="${SECRET}"), timeout=9).ok  #! does it open anything there
      `,
      alsoFinds: ['NET001'],
    },
    {
      name: 'identifiers, digests, and names that are about credentials',
      good: py`
        token = "155d900f-4e14-4e4c-a73d-069cbf4541e6"
        paid_token = "0x7d3a91c05be84f62a0d9e3b17c6f2584ad90be31"
        access_token = "2YotnFZFEjr1zCsicMWpAA"
        client_secret = "ZJYCqe3GGRvdrudKyZS0XhGv_Z45DuKhCUk0gBR1vZk"
        token_hash = "${SECRET}"
        next_token = "${SECRET}"
        password_path = "/var/lib/q7Rk2mZx9LpVw4Ty"
        hashed_password = "5e884898da28047151d0e56f8dc6292773603d0d6aabbdd62a11ef721d1542d8"
      `,
    },
    {
      name: 'placeholders, readable base64, hashers and regular expressions',
      good: py`
        PASSWORD = "correct-horse-battery-staple"
        TOKEN = "not-a-real-token-1234567890"
        API_KEY = "dGhpcyBpcyBub3QgYSBzZWNyZXQ="
        SECRET_KEY = "pbkdf2_sha256_q7Rk2mZx9L"
        password = "^(?=.*[0-9])[a-zA-Z]{7,}$"
      `,
    },
    {
      name: 'what is expected',
      good: py`
        def test_token(self):
            self.assertEqual(dict(token="${SECRET}"), self.reply)
      `,
    },
  ],
});
