import { GENERATORS } from '../python/generators.ts';
import { defineRule, py } from '../rule.ts';

export const rule = defineRule({
  id: 'generated-value',
  code: 'SEC-S01',
  category: 'credentials',
  title: 'Values are generated when the test runs',
  kind: 'pass',
  confidence: 'high',
  cwe: [],
  why: 'What is made when the test runs and forgotten afterwards cannot leak from the repository.',
  limits: 'Says that the value is generated, not that it is used as a credential.',
  links: ['https://docs.python.org/3/library/secrets.html', 'https://docs.openstack.org/oslo.utils/latest/reference/uuidutils.html'],
  once: 'file',
  on: 'call',
  calls: (callee) => GENERATORS.has(callee) || callee.startsWith('faker.Faker()'),
  *check(call) {
    const { callee } = call;
    if (callee === undefined) return;
    const what = GENERATORS.get(callee) ?? (callee.startsWith('faker.Faker()') ? 'made-up data' : undefined);
    if (what !== undefined) yield { at: call.place, message: `\`${call.function.text}(…)\` makes ${what} when the test runs` };
  },
  examples: [
    {
      name: 'a token and a UUID',
      bad: py`
        import secrets

        def test_login(client):
            client.login(token=secrets.token_hex(16))  #! makes a random token
      `,
    },
    {
      name: 'a key',
      bad: py`
        from cryptography.hazmat.primitives.asymmetric import rsa

        KEY = rsa.generate_private_key(65537, 2048)  #! makes a key
      `,
    },
    {
      name: 'a constant, and a function of the same name',
      good: py`
        def uuid4():
            return "x"

        def test_login(client):
            client.login(token=uuid4())
      `,
    },
  ],
});
