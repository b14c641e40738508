import { argument } from '../model.ts';
import { code } from '../python/patchers.ts';
import { defineRule, py } from '../rule.ts';

/** The module of Python, or its names where another module has it as `ssl`: a package may have an `ssl` of its own. */
const PRIMITIVE =
  /^(?=[\w.]+$)(?:ssl\.\w+$|(?:.+\.)?ssl\.(?:SSL\w+|MemoryBIO|_?create_\w+context|wrap_socket|match_hostname|get_server_certificate)$|(?:.+\.)?(?:hmac\.(?:new|compare_digest|digest)$|hashlib\.\w+$|secrets\.\w+$|os\.urandom$|jwt\.decode$|cryptography\.[\w.]))/;

export const rule = defineRule({
  id: 'crypto-mocked',
  code: 'MCK009',
  category: 'mocking',
  title: 'TLS or cryptography replaced by a mock',
  kind: 'informational',
  kinds: ['review', 'informational'],
  confidence: 'medium',
  cwe: [295],
  why: 'With the primitive replaced the test cannot notice that it is used wrongly, or not at all.',
  instead: 'Use real keys made for the test, and make the refusals real ones.',
  limits: 'Primitives are known by their modules.',
  links: ['https://cwe.mitre.org/data/definitions/295.html'],
  once: 'file',
  yieldsTo: ['security-check-mocked'],
  on: 'patch',
  patches: (target) => PRIMITIVE.test(target),
  *check(patch, file) {
    const { target, call } = patch;
    if (target === undefined || patch.form === 'patch.dict' || patch.applied === 'unused' || !PRIMITIVE.test(target) || target.endsWith('Error')) return;
    // A refusal is tested, the real thing is kept, or a nonce is made repeatable.
    if (argument(call, 'side_effect') !== undefined || argument(call, 'wraps') !== undefined || /urandom|secrets\.|\.hazmat\./.test(target)) return;
    if (file.kind === 'conftest' || patch.owner?.fixture?.autouse === true)
      yield { at: patch.place, kind: 'review', message: `${code(target, 60)} is replaced by a stub for every test that the file serves` };
    else yield { at: patch.place, message: `${code(target, 60)} is replaced by a stub` };
  },
  examples: [
    {
      name: 'verification that always succeeds',
      bad: py`
        from unittest import mock

        @mock.patch("bank.tokens.jwt.decode", return_value={"sub": "alice"})  #! is replaced by a stub
        def test_login(decode):
            login("token")
      `,
    },
    {
      name: 'a refusal, a repeatable nonce',
      good: py`
        from unittest import mock

        @mock.patch("bank.tokens.jwt.decode", side_effect=ValueError)
        def test_refused(decode):
            login("token")

        @mock.patch("os.urandom", return_value=b"0" * 16)
        def test_nonce(urandom):
            login("token")

        @mock.patch("bank.ssl.looks_like_http", return_value=False)
        def test_plain_text(looks):
            login("token")
      `,
    },
  ],
});
