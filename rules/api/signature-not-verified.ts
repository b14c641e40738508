import type { Call, FunctionDefinition, TestFile } from '../model.ts';
import { argument, argumentsKnown, constantText, isConstant, statementOf, walk } from '../model.ts';
import { defineRule, type Fix, py, replace } from '../rule.ts';

export const rule = defineRule({
  id: 'signature-not-verified',
  code: 'API008',
  category: 'api',
  title: 'token accepted without verifying its signature',
  kind: 'review',
  kinds: ['review', 'informational'],
  confidence: 'medium',
  cwe: [347],
  peers: { semgrep: ['unverified-jwt-decode', 'jwt-python-none-alg'], sonar: ['S5659'], dlint: ['DUO137'] },
  why: 'A stand-in that believes every token lets in what the real service refuses, so a forged token goes unnoticed.',
  instead: 'Verify with the test key: `jwt.decode(token, key, algorithms=["HS256"])`.',
  limits: 'A decision is an `if`, a comparison or an `assert` about the claims in the same function; elsewhere the claims count as only looked at.',
  links: ['https://pyjwt.readthedocs.io/en/stable/usage.html', 'https://cwe.mitre.org/data/definitions/347.html'],
  on: 'call',
  calls: (callee, method) => method === 'loads_unsafe' || DECODERS.has(callee) || UNVERIFIED.has(callee),
  *check(call, file) {
    const how = unverified(call);
    if (how === undefined || file.expected(call) || file.stubbed(call.callee ?? '', call) !== undefined || file.rejected(call)) return;
    const fix = fixOf(call, file);
    const rest = fix === undefined ? {} : { fix };
    if (decides(call, file))
      yield { at: call.place, ...rest, message: `\`${call.function.text}\` believes a token without its signature (${how}), and access is decided on it` };
    else yield { at: call.place, ...rest, kind: 'informational', message: `\`${call.function.text}\` reads a token without verifying its signature (${how})` };
  },
  examples: [
    {
      name: 'a stand-in that lets in by an unverified claim',
      bad: py`
        import fixtures
        import jwt

        class GateFixture(fixtures.Fixture):
            def admits(self, badge):
                claims = jwt.decode(badge, options={"verify_signature": False})
        #                ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ access is decided on it
                if claims.get("role") != "pilot":
                    return False
                return True
      `,
    },
    {
      name: 'no algorithm at all',
      bad: py`
        import jwt

        def is_admin(token):
            claims = jwt.decode(token, "", algorithms=["none"])  #! access is decided on it
            return claims["role"] == "admin"
      `,
    },
    {
      name: 'a test that looks at what the application issued',
      bad: py`
        import jwt

        def test_token_names_the_user(client):
            reply = client.post("/login", json={"user": "anna"})
            claims = jwt.decode(reply.json()["token"], options={"verify_signature": False})  #! reads a token without verifying
            assert claims["sub"] == "anna"
      `,
    },
    {
      name: 'the key is at hand',
      bad: py`
        import jwt

        def test_token_names_the_user(issuer):
            badge = jwt.encode({"sub": "anna"}, issuer.key, algorithm="ES256")
            claims = jwt.decode(badge, options={"verify_signature": False})  #! without verifying
            assert claims["sub"] == "anna"
      `,
      fixed: py`
        import jwt

        def test_token_names_the_user(issuer):
            badge = jwt.encode({"sub": "anna"}, issuer.key, algorithm="ES256")
            claims = jwt.decode(badge, issuer.key, algorithms=["ES256"])
            assert claims["sub"] == "anna"
      `,
    },
    {
      name: 'the key is given and not used',
      bad: py`
        import jwt

        def test_token(issuer, badge):
            claims = jwt.decode(badge, issuer.key, algorithms=["HS256"], options={"verify_signature": False})  #! without verifying
            assert claims["sub"] == "anna"
      `,
      fixed: py`
        import jwt

        def test_token(issuer, badge):
            claims = jwt.decode(badge, issuer.key, algorithms=["HS256"])
            assert claims["sub"] == "anna"
      `,
    },
    {
      name: 'verified, and a test that expects the refusal',
      good: py`
        import jwt
        import pytest

        KEY = "test-signing-key-of-thirty-two-by"

        def admits(badge):
            claims = jwt.decode(badge, KEY, algorithms=["HS256"])
            return claims["role"] == "pilot"

        def test_rejects_unsigned():
            with pytest.raises(jwt.InvalidAlgorithmError):
                jwt.decode("abc", KEY, algorithms=["none"])
      `,
    },
  ],
});

const DECODERS: ReadonlySet<string> = new Set(['jwt.decode', 'jwt.api_jwt.decode', 'jwt.PyJWT().decode', 'jose.jwt.decode', 'jwt.decode_complete']);
const UNVERIFIED: ReadonlySet<string> = new Set(['jose.jwt.get_unverified_claims', 'jose.jws.get_unverified_claims']);

/** How the call leaves out the check, as written; undefined when it does not. */
function unverified(call: Call): string | undefined {
  const callee = call.callee ?? '';
  if (UNVERIFIED.has(callee)) return '`get_unverified_claims`';
  if (call.method === 'loads_unsafe' && callee.startsWith('itsdangerous.')) return '`loads_unsafe`';
  if (!DECODERS.has(callee)) return undefined;
  const verify = argument(call, 'verify');
  if (verify !== undefined && isConstant(verify.value, false)) return '`verify=False`';
  const options = argument(call, 'options');
  if (options?.value.kind === 'dict') {
    for (const [key, value] of options.value.entries)
      if (constantText(key) === 'verify_signature' && isConstant(value, false)) return '`verify_signature` is off';
  }
  const algorithms = argument(call, 'algorithms', 2)?.value;
  if (algorithms?.kind === 'list' && algorithms.items.some((it) => /^none$/i.test(constantText(it) ?? ''))) return 'algorithm `none`';
  return undefined;
}

/** Is something decided on the claims, outside of the tests themselves? */
function decides(call: Call, file: TestFile): boolean {
  const owner = file.ownerOf(call);
  if (owner === undefined || owner.role === 'test') return false;
  const statement = statementOf(call);
  if (statement?.type !== 'assignment') return statement?.type === 'if' || (statement?.type === 'return' && statement.operands[0]?.type === 'comparison');
  const [target] = statement.targets;
  return target?.type === 'name' && decidesOn(owner.node, target.id);
}

function decidesOn(body: FunctionDefinition, name: string): boolean {
  for (const it of walk(body)) {
    const tested =
      it.type === 'if' || it.type === 'conditional' ? it.test : it.type === 'return' && it.operands[0]?.type === 'comparison' ? it.operands[0] : undefined;
    if (tested === undefined) continue;
    for (const each of walk(tested)) if (each.type === 'name' && each.id === name) return true;
  }
  return false;
}

/** Verifies with the key that the call is given, or that the same function signs with; there is none to be made up. */
function fixOf(call: Call, file: TestFile): Fix | undefined {
  const [token] = call.arguments;
  if (!JWT_DECODE.test(call.callee ?? '') || token === undefined || token.keyword !== undefined || !argumentsKnown(call)) return undefined;
  // Other options than the one that turns the check off are wanted.
  const options = argument(call, 'options');
  if (options !== undefined && !(options.type === 'dict' && options.entries.length === 1)) return undefined;
  const given = argument(call, 'key', 1);
  const isGiven = given !== undefined && constantText(given.value) !== '' && given.text !== 'None';
  const signing = isGiven ? undefined : signingIn(call, file);
  const key = isGiven ? given : signing === undefined ? undefined : argument(signing, 'key', 1);
  if (key === undefined) return undefined;
  const named = argument(call, 'algorithms', 2);
  const algorithm = signing === undefined ? undefined : argument(signing, 'algorithm', 2);
  const algorithms = named !== undefined && !/none/i.test(named.text) ? named.text : `[${algorithm?.text ?? '"HS256"'}]`;
  const others = call.arguments.filter((it) => it.keyword !== undefined && !REWRITTEN.has(it.keyword)).map((it) => `${it.keyword}=${it.value.text}`);
  const text = `${call.function.text}(${[token.value.text, key.text, `algorithms=${algorithms}`, ...others].join(', ')})`;
  return { title: 'Verify the signature', safety: 'suggest', edits: [replace(call, text)] };
}

const JWT_DECODE = /^(?:jwt|jose\.jwt)\b.*\.decode$/;
const REWRITTEN: ReadonlySet<string> = new Set(['key', 'algorithms', 'options', 'verify']);

/** The only call of the same function that signs a token. */
function signingIn(call: Call, file: TestFile): Call | undefined {
  const owner = file.ownerOf(call);
  if (owner === undefined) return undefined;
  const found = walk(owner.node).filter((it): it is Call => it.type === 'call' && /^(?:jwt|jose\.jwt)\b.*\.encode$/.test(it.callee ?? ''));
  return found.length === 1 ? found[0] : undefined;
}
