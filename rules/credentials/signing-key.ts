import { argument, type Literal } from '../model.ts';
import { instead, isAssembled } from '../python/literals.ts';
import { entropy, isPlaceholder, masked } from '../python/secrets.ts';
import { isPublishedSample } from '../python/tokens.ts';
import { defineRule, py } from '../rule.ts';

const NAMES = /^(?:SECRET_KEY|JWT_SECRET\w{0,10}|FERNET_KEY|SESSION_SECRET|COOKIE_SECRET|secret_key|SECURITY_PASSWORD_SALT)$/;

/** In parts, so that scanners find nothing here. */
const KEY = ['q7Rk2mZx9LpVw4Ty', 'Hs6Nd1BfQ8eCj3uG', '5aXo0rKtYbM'].join('');

/** The function that is given the key: `Fernet(b'…')`, `jwt.encode(claims, '…')`. */
function signs(literal: Literal): string | undefined {
  const { parent } = literal.node;
  if (parent?.type !== 'call') return undefined;
  if (parent.callee === 'cryptography.fernet.Fernet' && parent.arguments[0]?.value === literal.node) return 'Fernet';
  return /^(?:jwt|jose\.jwt)\.(?:encode|decode)$/.test(parent.callee ?? '') && (argument(parent, 'key', 1) ?? undefined) === literal.node
    ? 'jwt key'
    : undefined;
}

export const rule = defineRule({
  id: 'signing-key',
  code: 'SEC018',
  category: 'credentials',
  title: "Framework's signing key looks like one in use",
  kind: 'review',
  kinds: ['review', 'informational'],
  confidence: 'low',
  cwe: [321],
  peers: {
    sonar: ['S6779', 'S6781', 'S6437'],
    semgrep: ['avoid_hardcoded_config_SECRET_KEY', 'jwt-python-hardcoded-secret'],
    ruff: ['S105'],
    codeql: ['py/hardcoded-credentials'],
  },
  why: 'Who has the key that signs sessions can log in as anybody; settings of tests are often copied from the real ones.',
  instead: 'Make one when the tests run: `secrets.token_hex(32)`, or say what it is: `"test-key"`.',
  limits: 'A key that a single test signs and checks with is a note.',
  links: ['https://docs.djangoproject.com/en/stable/ref/settings/#secret-key', 'https://flask.palletsprojects.com/en/stable/config/#SECRET_KEY'],
  yieldsTo: ['private-key', 'cloud-access-key', 'vendor-token', 'vendor-test-mode-key', 'json-web-token', 'random-secret'],
  atRest: true,
  on: 'literal',
  shortest: 32,
  wants: ({ content }) => content.length <= 200,
  *check(literal, file) {
    const { boundTo, content, owner } = literal;
    if (content.length < 32 || content.length > 200 || isAssembled(literal)) return;
    const name = boundTo !== undefined && NAMES.test(boundTo) ? boundTo : signs(literal);
    if (name === undefined) return;
    if (isPlaceholder(content) || isPublishedSample(content) || entropy(content) < 3.5 || file.expected(literal.node)) return;
    yield {
      at: literal.place,
      ...(owner?.role === 'test' ? { kind: 'informational' } : {}),
      ...instead(literal, 'test-key', 'Use `"test-key"`'),
      message: `\`${name}\` is \`${masked(content)}\`, which looks generated: does it sign anything outside the tests?`,
    };
  },
  examples: [
    {
      name: 'a signing key whose name SEC007 leaves out',
      bad: py`
        SECURITY_PASSWORD_SALT = "${KEY}"  #! does it sign anything outside the tests
      `,
    },
    {
      name: 'a key that a function is given',
      bad: py`
        from cryptography.fernet import Fernet

        BOX = Fernet(b"${KEY}Z=")  #! does it sign anything outside the tests
      `,
      fixed: py`
        from cryptography.fernet import Fernet

        BOX = Fernet(b"test-key")
      `,
    },
    {
      name: 'placeholders',
      good: py`
        SECURITY_PASSWORD_SALT = "not-a-real-key-for-tests-only-000000"
        SECRET_KEY = "django-insecure-q7Rk2mZx9LpVw4TyHs6Nd1BfQ8eCj3uG"
      `,
    },
  ],
});
