import { isAssembled } from '../python/literals.ts';
import { masked } from '../python/secrets.ts';
import { testModeKey } from '../python/tokens.ts';
import { defineRule, py } from '../rule.ts';

/** In parts, so that scanners find nothing here. */
const KEY = ['sk_', 'test_', 'Tz5mQw8LrN2vXb7KcY4jHs9D'].join('');

export const rule = defineRule({
  id: 'vendor-test-mode-key',
  code: 'SEC004',
  category: 'credentials',
  title: "Key of a vendor's test mode",
  kind: 'informational',
  confidence: 'high',
  cwe: [798],
  peers: {
    gitleaks: [
      'stripe-access-token',
      'duffel-api-token',
      'easypost-test-api-token',
      'flutterwave-encryption-key',
      'flutterwave-public-key',
      'flutterwave-secret-key',
      'shippo-api-token',
    ],
    'detect-secrets': ['StripeDetector'],
  },
  why: 'A test-mode key moves no money, but it opens the test data of a real account to whoever reads it.',
  instead: 'Read it from the environment and skip when it is absent, or stub the service.',
  limits: 'Stripe, Square, Braintree, Duffel, EasyPost, Flutterwave and Shippo only.',
  links: ['https://docs.stripe.com/keys'],
  on: 'literal',
  shortest: 20,
  wants: ({ content }) => testModeKey(content) !== undefined,
  *check(literal) {
    if (isAssembled(literal)) return;
    const found = testModeKey(literal.content);
    if (found !== undefined) yield { at: literal.place, message: `\`${masked(found.token)}\` is a test-mode key of a ${found.vendor} account` };
  },
  examples: [
    {
      name: 'a key of the test mode',
      bad: py`
        KEY = "${KEY}"  #! test-mode key of a Stripe account
      `,
    },
    {
      name: 'the key of the documentation, and a made-up one',
      good: py`
        KEY = "sk_test_" "4eC39HqLyjWDarjtT1zdp7dc"
        OTHER = "sk_test_000000000000000000000000"
      `,
    },
  ],
});
