import { argument, isConstant } from '../model.ts';
import { NETWORK_CALLS } from '../python/network.ts';
import { defineRule, py } from '../rule.ts';

export const rule = defineRule({
  id: 'certificate-check-off',
  code: 'NET006',
  category: 'network',
  title: 'TLS verification switched off',
  kind: 'review',
  kinds: ['fail', 'review', 'informational'],
  confidence: 'high',
  cwe: [295],
  peers: { bandit: ['B501', 'B323'], ruff: ['S501', 'S323'] },
  why: 'A test that accepts any certificate passes against an impostor, and is copied into product code.',
  instead: 'Trust the test server by name: pass its CA file as `verify`.',
  limits: 'A value that exists only at run time is not judged.',
  links: ['https://requests.readthedocs.io/en/latest/user/advanced/#ssl-cert-verification'],
  on: 'call',
  *check(call, file) {
    if (call.callee === undefined || !NETWORK_CALLS.has(call.callee)) return;
    const verify = argument(call, 'verify');
    if (verify === undefined || !isConstant(verify.value, false)) return;
    if (file.stubbed(call.callee, call) !== undefined || file.expected(call)) return;
    yield { at: verify.place, message: `\`${call.callee}\` accepts any certificate` };
  },
  examples: [
    {
      name: 'a request through an alias',
      bad: py`
        import requests as http

        def test_health():
            http.get("https://localhost:8443", verify=False)
            #                                         ^^^^^ accepts any certificate
      `,
    },
    {
      name: 'a private certificate authority',
      good: py`
        import requests

        def test_health(ca):
            requests.get("https://localhost:8443", verify=ca)
      `,
    },
  ],
});
