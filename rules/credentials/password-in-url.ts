import type { Literal } from '../model.ts';
import { type HostKind, hostKind } from '../python/host-names.ts';
import { aboutSecrets, instead } from '../python/literals.ts';
import { isHumanPassword, isPlaceholder, looksRandom } from '../python/secrets.ts';
import { isPublishedSample } from '../python/tokens.ts';
import { defineRule, py } from '../rule.ts';

const SCHEME = /[a-z][a-z0-9+.-]{1,30}$/i;
const USER_INFO = /^([^\s:@/?#'"<>]{0,80}):([^\s@/'"<>]{1,128})@(\[[0-9a-fA-F:]{2,45}\]|[^\s/?#'":,;<>]{1,253})/i;
const PAIRS = /(?:^|[;\s])(?:password|pwd)\s{0,3}=\s{0,3}'?([^\s;']{1,128})/i;
const PAIR_HOST = /(?:^|[;\s])(?:host|server|data source|address)\s{0,3}=\s{0,3}'?(?:tcp:)?([^\s;',:]{1,253})/i;
const PAIR_USER = /(?:^|[;\s])(?:user|uid|user id|username)\s{0,3}=\s{0,3}'?([^\s;',]{1,128})/i;

interface Found {
  readonly user: string;
  readonly password: string;
  readonly host: string;
}

/** User, password and host behind the first `scheme://` that has them. */
function userInfoIn(text: string): RegExpExecArray | undefined {
  const parts = text.split('://');
  for (let at = 1; at < parts.length; at++) {
    const match = SCHEME.test((parts[at - 1] ?? '').slice(-31)) ? USER_INFO.exec(parts[at] ?? '') : null;
    if (match !== null) return match;
  }
  return undefined;
}

function passwordIn(text: string): Found | undefined {
  if (text.length < 12 || text.length > 4000) return undefined;
  if (text.includes('://') && text.includes('@')) {
    const match = userInfoIn(text);
    if (match !== undefined) return { user: match[1] ?? '', password: decoded(match[2] ?? ''), host: match[3] ?? '' };
  }
  const password = text.includes('=') ? PAIRS.exec(text)?.[1] : undefined;
  const host = password === undefined ? undefined : PAIR_HOST.exec(text)?.[1];
  return password === undefined || host === undefined ? undefined : { user: PAIR_USER.exec(text)?.[1] ?? '', password, host };
}

function decoded(text: string): string {
  return text.replace(/%([0-9a-f]{2})/gi, (_, code: string) => String.fromCharCode(Number.parseInt(code, 16)));
}

/** The same address with a placeholder and a host that nobody can own. */
function placeholderFor(literal: Literal) {
  const match = userInfoIn(literal.content);
  if (match === undefined) return {};
  const [whole, , , host = ''] = match;
  const text = literal.content.replace(`://${whole}`, `://user:pass@${host.includes('.') ? 'host.example.test' : host}`);
  return /["\\]/.test(text) ? {} : instead(literal, text, 'Use `user:pass` and a reserved host');
}

const WHERE: Readonly<Record<HostKind, string>> = {
  reserved: '',
  'made up': '',
  unknown: '',
  public: 'the public host',
  private: 'the private address',
  alias: 'the service',
};

export const rule = defineRule({
  id: 'password-in-url',
  code: 'SEC006',
  category: 'credentials',
  title: 'Password inside a URL or connection string',
  kind: 'fail',
  kinds: ['fail', 'review', 'informational'],
  confidence: 'high',
  cwe: [522, 798],
  peers: { 'detect-secrets': ['BasicAuthDetector'], semgrep: ['detected-username-and-password-in-uri'], sonar: ['S2068'], gitleaks: ['curl-auth-user'] },
  why: 'A connection string with host, user and password is everything that is needed to log in; URLs also end up in logs and tracebacks.',
  instead: 'Use a placeholder and a reserved host (`user:pass@db.example.test`), or read the string from the environment and skip when it is absent.',
  limits:
    'A connection string that is put together from variables is not judged. One whose password a person would hardly choose for anything, as tables of addresses for a parser have them, is a note, as is a row of a parametrized test.',
  links: ['https://www.rfc-editor.org/rfc/rfc2606', 'https://cwe.mitre.org/data/definitions/522.html'],
  atRest: true,
  on: 'literal',
  shortest: 12,
  wants: ({ content }) => passwordIn(content) !== undefined,
  *check(literal, file) {
    if (literal.node.type === 'fstring') return;
    const found = passwordIn(literal.content);
    if (found === undefined) return;
    const { user, password, host } = found;
    const kind = hostKind(host);
    if (kind === 'reserved' || kind === 'made up' || kind === 'unknown') return;
    if (password === user || password === host || isPlaceholder(password) || isPublishedSample(password) || password.length < 6) return;
    const strong = looksRandom(password) || isHumanPassword(password);
    const note = !strong || file.expected(literal.node) || file.parametrized(literal.node) || aboutSecrets(literal, file);
    yield {
      at: literal.place,
      ...placeholderFor(literal),
      message: `a password for ${WHERE[kind]} \`${host}\` stands in this connection string`,
      ...(note ? { kind: 'informational' } : kind === 'public' ? {} : { kind: 'review', confidence: 'medium' }),
    };
  },
  examples: [
    {
      name: 'a public database',
      bad: py`
        DATABASE = "postgresql://harbour:ZsQOBdPM40VgFL@db1.harbour-shipping.com:5432/berths"  #! the public host ${'`db1.harbour-shipping.com`'}
      `,
      fixed: py`
        DATABASE = "postgresql://user:pass@host.example.test:5432/berths"
      `,
    },
    {
      name: 'a service on the same network, as key and value pairs',
      bad: py`
        def test_connect(connect):
            connect("host=warehouse user=loader password=Vq81zKdW3m dbname=x")  #! the service ${'`warehouse`'}
      `,
    },
    {
      name: 'a row for a parser',
      bad: py`
        ADDRESSES = [("https://quay:b%C3%B6lle@harbour-shipping.com/", "harbour-shipping.com")]  #! the public host
      `,
    },
    {
      name: 'reserved hosts, placeholders, and what a service publishes',
      good: py`
        A = "postgresql://user:Vq81zKdW3m@db.example.com/x"
        B = "amqp://guest:guest@rabbit:5672/"
        C = "https://user:password@www.python.org/"
        D = "mysql+pymysql://%s:%s@controller/nova"
        E = "https://harbour-shipping.com/@user"
        F = "s3://Q3AM3UQ867SPQQA43P2F:zuf+tfteSlswRu7BJ86wekitnifILbZam1KYY3TG@play.min.io:9000@harbour/x"
      `,
    },
    {
      name: 'the password hidden in what is expected',
      good: py`
        def test_masked(self):
            self.assertEqual("amqp://nova:***@rabbit.harbour-shipping.com", self.shown)
      `,
    },
  ],
});
