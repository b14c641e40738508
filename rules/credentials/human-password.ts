import type { Literal, TestFile } from '../model.ts';
import { publicHostAround } from '../python/credential-values.ts';
import { instead, isAssembled } from '../python/literals.ts';
import { isCredentialName, isHumanPassword, masked } from '../python/secrets.ts';
import { isPublishedSample } from '../python/tokens.ts';
import { defineRule, py } from '../rule.ts';

/** In parts, so that scanners find nothing here. */
const PASSWORD = ['Vq81', 'zKd', 'W3m'].join('');

const POLICY = /polic|valid|strength|complex|strong|weak|hash|encrypt|encod|escap|quot|pars|mask|redact/i;

/** Is the password what the test is about, or one that the same test both sets and uses? */
function isOwn(literal: Literal, file: TestFile): boolean {
  const { owner, content } = literal;
  if (owner === undefined) return false;
  if (POLICY.test(owner.name) || file.rejected(literal.node)) return true;
  return owner.node.text.split(content).length > 2;
}

export const rule = defineRule({
  id: 'human-password',
  code: 'SEC008',
  category: 'credentials',
  title: 'Password that a person could have chosen',
  kind: 'informational',
  kinds: ['review', 'informational'],
  confidence: 'medium',
  cwe: [259],
  peers: {
    bandit: ['B105', 'B106', 'B107'],
    ruff: ['S105', 'S106', 'S107'],
    sonar: ['S2068', 'S6437'],
    semgrep: ['hardcoded-password-default-argument'],
    'detect-secrets': ['KeywordDetector'],
  },
  why: 'People use one password in several places: one that does not say it is made up may open something else.',
  instead: 'Use a value that says what it is: `"not-a-real-password"`.',
  limits:
    'Judged by length, kinds of characters and the absence of words. A password that the same test writes twice is taken for one that it sets and then uses; across methods of a class that is not seen.',
  links: ['https://cwe.mitre.org/data/definitions/259.html', 'https://pages.nist.gov/800-63-4/sp800-63b.html'],
  yieldsTo: [
    'random-secret',
    'account-with-password',
    'password-in-url',
    'vendor-token',
    'cloud-access-key',
    'json-web-token',
    'vendor-test-mode-key',
    'authorization-header',
    'signing-key',
    'secret-as-default',
  ],
  once: 'file',
  atRest: true,
  on: 'literal',
  literals: isCredentialName,
  shortest: 8,
  wants: ({ content }) => isHumanPassword(content),
  *check(literal, file) {
    const { boundTo, content, node } = literal;
    if (boundTo === undefined || !isHumanPassword(content) || !isCredentialName(boundTo) || isAssembled(literal) || isPublishedSample(content)) return;
    if (node.parent?.type === 'comparison' || file.expected(node)) return;
    const host = publicHostAround(literal);
    if (host === undefined && isOwn(literal, file)) return;
    yield {
      at: literal.place,
      ...(host === undefined ? {} : { kind: 'review' }),
      message:
        host === undefined
          ? `\`${boundTo}\` is \`${masked(content)}\`, which does not say that it is made up: is it used anywhere else?`
          : `\`${boundTo}\` is \`${masked(content)}\` and goes to \`${host}\`: does it open an account there?`,
      ...instead(literal, 'not-a-real-password', 'Use `"not-a-real-password"`'),
    };
  },
  examples: [
    {
      name: 'a keyword argument',
      bad: py`
        def test_connect(client):
            client.connect(password="${PASSWORD}")  #! does not say that it is made up
      `,
      fixed: py`
        def test_connect(client):
            client.connect(password="not-a-real-password")
      `,
    },
    {
      name: 'set-up of a test case, bytes',
      bad: py`
        import unittest

        class TestLogin(unittest.TestCase):
            def setUp(self):
                self.password = b"${PASSWORD}"  #! is it used anywhere else
      `,
      fixed: py`
        import unittest

        class TestLogin(unittest.TestCase):
            def setUp(self):
                self.password = b"not-a-real-password"
      `,
    },
    {
      name: 'sent to a public host',
      bad: py`
        import requests

        def test_login():
            requests.post("https://login.harbour-shipping.com/", json={"password": "${PASSWORD}"}, timeout=5)
            #                                                                      ^^^^^^^^^^^^ goes to ${'`login.harbour-shipping.com`'}
      `,
      alsoFinds: ['NET001', 'API014'],
    },
    {
      name: 'placeholders, names of algorithms, short or plain texts',
      good: py`
        def test_connect(client):
            client.connect(password="not-a-real-password")
            client.connect(password="S3cret!pass")
            client.connect(password="bcrypt")
            client.connect(password="Ab1!")
            client.connect(password="harbourmaster")
            client.register({"id_token_enc": "Xq128KvwZ-9", "token_cipher": "A128CBC-HS256"})
      `,
    },
    {
      name: 'set and then used, a rule for passwords, what is expected',
      good: py`
        def test_login(client):
            client.create_user("loader", password="${PASSWORD}")
            assert client.login("loader", password="${PASSWORD}")

        def test_password_policy(check):
            check(password="${PASSWORD}")

        def test_reply(self):
            self.assertEqual({"password": "${PASSWORD}"}, self.reply)
      `,
    },
  ],
});
