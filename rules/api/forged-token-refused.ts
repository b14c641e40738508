import type { Expression } from '../model.ts';
import { demandsStatus, lastName, refusalDemanded } from '../python/api.ts';
import { defineRule, py } from '../rule.ts';

export const rule = defineRule({
  id: 'forged-token-refused',
  code: 'API-S04',
  category: 'api',
  title: 'a forged or expired token is refused in a test',
  kind: 'pass',
  confidence: 'high',
  cwe: [],
  why: 'Only a test that shows a forged or expired token notices that nobody looks at its signature or age any more.',
  limits:
    'Knows the exceptions of PyJWT, python-jose, Authlib, itsdangerous, cryptography and Django; a status counts when the name of the test speaks of the token.',
  links: ['https://pyjwt.readthedocs.io/en/stable/api.html#exceptions', 'https://itsdangerous.palletsprojects.com/en/stable/exceptions/'],
  once: 'file',
  on: ['raises', 'call', 'statement'],
  calls: (_, method) => demandsStatus(method),
  statements: ['assert'],
  wants: (it) => it.type === 'raises' || refusalDemanded(it) !== undefined,
  *check(subject, file) {
    if (subject.type === 'raises') {
      const expected = subject.what === 'raises' ? subject.exceptions.find(speaksOfToken) : undefined;
      if (expected !== undefined) yield { at: expected.place, message: `a bad token must be refused: \`${expected.text}\` is expected` };
      return;
    }
    if (subject.type !== 'call' && subject.type !== 'assert') return;
    const status = refusalDemanded(subject);
    const owner = file.ownerOf(subject);
    if (status !== undefined && owner !== undefined && isAboutForged(owner.name))
      yield { at: subject.place, message: `a bad token must be refused: the status must be \`${status.text}\`` };
  },
  examples: [
    {
      name: 'exceptions of PyJWT',
      bad: py`
        import jwt
        import pytest

        def test_expired(token):
            with pytest.raises(jwt.ExpiredSignatureError):
                #              ^^^^^^^^^^^^^^^^^^^^^^^^^ a bad token must be refused
                jwt.decode(token, "key", algorithms=["HS256"])
      `,
    },
    {
      name: 'the status for a forged token',
      bad: py`
        def test_tampered_token(client):
            reply = client.get("/berths", headers={"Authorization": "Bearer forged"})
            assert reply.status_code == 401  #! a bad token must be refused
      `,
    },
    {
      name: 'other refusals, other exceptions, a comment',
      good: py`
        import jwt
        import pytest

        def test_visitor(client):
            # with pytest.raises(jwt.ExpiredSignatureError): pass
            assert client.get("/berths").status_code == 401

        def test_login_with_invalid_credentials(client):
            assert client.post("/login", json={"password": "wrong"}).status_code == 401

        def test_keys(client):
            with pytest.raises(jwt.PyJWKClientError):
                client.keys()
      `,
    },
  ],
});

const LIBRARY = /^(?:jwt|jose|authlib|itsdangerous|cryptography\.(?:exceptions|fernet)|django\.core\.signing|nacl|google\.auth|josepy|jwcrypto)\b/;
const BAD =
  /^(?:ExpiredSignature(?:Error)?|InvalidSignature(?:Error)?|InvalidToken(?:Error)?|InvalidAudience(?:Error)?|InvalidIssuer(?:Error)?|ImmatureSignatureError|InvalidAlgorithmError|DecodeError|BadSignature(?:Error)?|BadTimeSignature|SignatureExpired|ExpiredTokenError|JWTClaimsError|JWTError|InvalidJWSSignature|TokenExpired|TokenInvalid)$/;
const BAD_WORD = /(?:^|_)(?:expired|tampered|forged|stale|revoked|invalid|bad|wrong|altered|modified|unsigned)_/;
const BEARER = /(?:^|_)(?:token|signature|jwt|cookie|session)/;
const BEARER_IS_BAD = /(?:token|signature|jwt)_(?:is_)?(?:expired|tampered|forged|revoked|invalid)/;

/** The name of a test says `expired_token`, `forged_session_cookie`, `token_is_revoked`. */
function isAboutForged(name: string): boolean {
  const bad = BAD_WORD.exec(name);
  return BEARER_IS_BAD.test(name) || (bad !== null && BEARER.test(name.slice(bad.index + bad[0].length)));
}

/** Says of a token or signature that it is not good, or old. */
function speaksOfToken(it: Expression): boolean {
  return it.refersTo !== undefined && LIBRARY.test(it.refersTo) && BAD.test(lastName(it));
}
