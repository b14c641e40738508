import type { Literal, Node, TestFile } from '../model.ts';
import { ancestors, constantText, walk } from '../model.ts';
import { decodeBase64 } from '../python/encodings.ts';
import { hostKind } from '../python/host-names.ts';
import { isAssembled } from '../python/literals.ts';
import { valuesOf } from '../python/parametrize.ts';
import { defineRule, py } from '../rule.ts';

/** Header and claims of the first token in a text. */
function tokenIn(text: string): readonly [head: string, claims: string] | undefined {
  const parts = text.split('.');
  for (let at = 1; at < parts.length - 1; at++) {
    const claims = parts[at] ?? '';
    if (!/^eyJ[\w-]{2,}$/.test(claims)) continue;
    const before = (parts[at - 1] ?? '').split(/[^\w-]/).at(-1) ?? '';
    const start = before.search(/\beyJ[\w-]{10}/);
    const isSigned = /^[\w-]{20}/.test(parts[at + 1] ?? '');
    if (start >= 0 && isSigned) return [before.slice(start), claims];
  }
  return undefined;
}

/** A text member of a JSON object; enough for the header and claims of a token. */
function member(json: string, name: string): string | undefined {
  return new RegExp(`"${name}"\\s{0,4}:\\s{0,4}"?([^",}\\]]{1,300})`).exec(json)?.[1];
}

/** The token of jwt.io and of RFC 7515 and 7519, by their claims. */
const SAMPLES = /"sub":\s?"1234567890"|"iss":\s?"joe"|John Doe|example/i;

/** Says whose it is: who only knows the address of its issuer, for whom and until when it is, has nothing to go by. */
function namesSomebody(claims: string): boolean {
  const issuer = member(claims, 'iss');
  if (issuer !== undefined && !/^https?:\/\/[^@]*$/.test(issuer)) return true;
  return /"(?:sub|azp|client_?id|user(?:_?(?:id|name))?|uid|email|account(?:_?id)?|upn|oid|jti|sid|roles?|scopes?|scp)"/i.test(claims);
}

/** Given for longer than a month; one for an hour ran out before anybody read it here. */
function isLongLived(claims: string): boolean {
  const given = Number(member(claims, 'iat') ?? member(claims, 'nbf'));
  return Number(member(claims, 'exp')) - given > 31 * 24 * 3600;
}

/** The last day on which it counts. */
function limitOf(claims: string): string {
  const day = new Date(Number(member(claims, 'exp')) * 1000);
  return Number.isNaN(day.getTime()) ? 'with a time limit: has it run out?' : `valid until ${day.toISOString().slice(0, 10)}`;
}

/** Expected to be refused, or given to an assertion under its name, be it that of its column: `self.assert_fails(token, …)`. */
function isLookedAt({ node, content }: Literal, file: TestFile): boolean {
  if (file.rejected(node)) return true;
  const owner = file.ownerOf(node);
  if (owner === undefined) return false;
  const isColumn = (name: string) => valuesOf(name, owner.node.decorators).some((it) => constantText(it) === content);
  const names = node.parent?.type === 'assignment' ? node.parent.targets.map((it) => it.text) : owner.parameters.filter(isColumn);
  return walk(owner.node).some((it) => {
    if (it.type === 'assert') return walk(it).some((each) => each.type === 'name' && names.includes(each.id) && !isGivenAway(each));
    return it.type === 'call' && it.method.startsWith('assert') && it.arguments.some(({ value }) => names.includes(value.text));
  });
}

/** Does a call take it: one that no expectation tells of, as `mock.call(token)` does? */
function isGivenAway(name: Node): boolean {
  for (const it of ancestors(name)) {
    if (it.type === 'assert') return false;
    if (it.type === 'call' && it.method !== 'call') return true;
  }
  return false;
}

/** Parts of a token, made when the example is: base64url of a header and of claims, and a signature of no key. */
const HEADER = 'eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9';
const SIGNATURE = 'q7Rk2mZx9LpVw4TyHs6Nd1BfQ8eCj3uG5aXo0rKtYbM';
const FOREVER = [HEADER, 'eyJpc3MiOiJodHRwczovL2xvZ2luLmhhcmJvdXItc2hpcHBpbmcuY29tIiwic3ViIjoiOTEifQ', SIGNATURE].join('.');
const LIMITED = [HEADER, 'eyJzdWIiOiI5MSIsImV4cCI6MTcwMDAwMDAwMH0', SIGNATURE].join('.');
/** For `login.harbour-shipping.com`: for ten years, and for an hour. */
const YEARS = [
  HEADER,
  'eyJpc3MiOiJodHRwczovL2xvZ2luLmhhcmJvdXItc2hpcHBpbmcuY29tIiwic3ViIjoiOTEiLCJpYXQiOjE2MDAwMDAwMDAsImV4cCI6MTkxNTYwMDAwMH0',
  SIGNATURE,
].join('.');
const HOUR = [HEADER, 'eyJpc3MiOiJodHRwczovL2xvZ2luLmhhcmJvdXItc2hpcHBpbmcuY29tIiwiaWF0IjoxNjAwMDAwMDAwLCJleHAiOjE2MDAwMDM2MDB9', SIGNATURE].join('.');
const NOBODY = [HEADER, 'eyJoYXJib3VyIjoibm9ydGgifQ', SIGNATURE].join('.');
/** From the same, with the day on which it was made. */
const ISSUED = [HEADER, 'eyJpc3MiOiJodHRwczovL2xvZ2luLmhhcmJvdXItc2hpcHBpbmcuY29tIiwiaWF0IjoxNjAwMDAwMDAwfQ', SIGNATURE].join('.');
const SAMPLE = [HEADER, 'eyJzdWIiOiIxMjM0NTY3ODkwIn0', SIGNATURE].join('.');

export const rule = defineRule({
  id: 'json-web-token',
  code: 'SEC005',
  category: 'credentials',
  title: 'Signed JSON Web Token in test source',
  kind: 'informational',
  kinds: ['review', 'informational'],
  confidence: 'high',
  cwe: [522],
  peers: { gitleaks: ['jwt'], 'detect-secrets': ['JwtTokenDetector'], semgrep: ['detected-jwt-token', 'jwt-python-exposed-credentials'] },
  why: 'A signed token logs its bearer in until it expires, and some never do.',
  instead: 'Sign one when the test runs: `jwt.encode({...}, "test-key", algorithm="HS256")`.',
  limits:
    'Whether the signature is right is not checked. A token with a time limit is not judged by the clock, so that a review does not depend on the day: one that a public host gave for longer than a month, or for ever, is for a person to decide. Any other is a note, and so is one for ever that the test expects to be refused or gives to an assertion, be it by the table that it stands in: mostly that it never expires is what is tested. One for ever that names nobody, as one that tells the address of its issuer alone, or that is what the test expects, is left out.',
  links: ['https://www.rfc-editor.org/rfc/rfc7519', 'https://www.rfc-editor.org/rfc/rfc8725'],
  atRest: true,
  on: 'literal',
  shortest: 60,
  wants: ({ content }) => content.includes('eyJ'),
  *check(literal, file) {
    const { content } = literal;
    if (content.length < 60 || !content.includes('eyJ') || isAssembled(literal)) return;
    const token = tokenIn(content);
    if (token === undefined) return;
    const [head, body] = token;
    const header = decodeBase64(head) ?? '';
    const claims = decodeBase64(body) ?? '';
    const algorithm = member(header, 'alg');
    if (algorithm === undefined || /^none$/i.test(algorithm) || SAMPLES.test(claims)) return;
    if (file.expected(literal.node)) return;
    const host = [member(claims, 'iss'), member(claims, 'aud')]
      .map((it) => it?.replace(/^[a-z]+:\/\//, '').split('/')[0] ?? '')
      .find((it) => hostKind(it) === 'public');
    const forever = member(claims, 'exp') === undefined;
    const somebody = namesSomebody(claims);
    if (forever && !somebody) return;
    if (host !== undefined && forever)
      yield {
        at: literal.place,
        kind: isLookedAt(literal, file) ? 'informational' : 'review',
        message: `a signed token for \`${host}\` that never expires: is whoever reads it logged in?`,
      };
    else if (forever) yield { at: literal.place, message: `a signed token (\`${algorithm}\`) that never expires: does any service accept it?` };
    else
      yield {
        at: literal.place,
        ...(host !== undefined && somebody && isLongLived(claims) ? { kind: 'review' } : {}),
        message: `a signed token (\`${algorithm}\`)${host === undefined ? '' : ` for \`${host}\``} ${limitOf(claims)}`,
      };
  },
  examples: [
    {
      name: 'a token that never expires',
      bad: py`
        def test_me(client):
            client.login("${FOREVER}")  #! that never expires
      `,
    },
    {
      name: 'a token with a time limit',
      bad: py`
        def test_me(client):
            client.login("${LIMITED}")  #! ${'a signed token (`HS256`) valid until 2023-11-14'}
      `,
    },
    {
      name: 'a token of a public host for ten years, and one for an hour',
      bad: py`
        def test_me(client):
            client.login("${YEARS}")  #! for ${'`login.harbour-shipping.com`'} valid until 20
            client.login("${HOUR}")  #! for ${'`login.harbour-shipping.com`'} valid until 20
      `,
    },
    {
      name: 'a token of a public host for ever, and one of which an assertion says that it is refused',
      bad: py`
        def test_me(client):
            client.login("${FOREVER}")  #! for ${'`login.harbour-shipping.com`'} that never expires

        class TestVerifier:
            def test_never_expires(self):
                token = "${FOREVER}"  #! is whoever reads it logged in
                self.assert_refused(token, "exp is missing")
      `,
    },
    {
      name: 'in a table of the test, which compares what became of it',
      bad: py`
        import pytest

        @pytest.mark.parametrize(("token", "harbour"), [
            ("${FOREVER}", "north"),  #! is whoever reads it logged in
        ])
        def test_minted(mint, token, harbour):
            mint.login(token)
            assert mint.calls == [(token, harbour)]
      `,
    },
    {
      name: 'the token of jwt.io, one that names nobody, what is expected, and one signed here',
      good: py`
        import jwt

        def test_me(client):
            client.login("${SAMPLE}")
            client.login("${NOBODY}")
            client.login("${ISSUED}")
            assert client.token == "${FOREVER}"
            client.login(jwt.encode({"sub": "91"}, "test-key", algorithm="HS256"))
      `,
    },
  ],
});
