import { aboutSecrets, isAssembled } from '../python/literals.ts';
import { masked } from '../python/secrets.ts';
import { liveToken } from '../python/tokens.ts';
import { defineRule, py } from '../rule.ts';

/** In parts, so that scanners find nothing here. The first has a wrong checksum. */
const WRONG = ['ghp_', 'ViBaQ4VCb3ShYPzPyUewesWfBAXNtnubfk9C'].join('');
const RIGHT = ['ghp_', 'ViBaQ4VCb3ShYPzPyUewesWfBAXNtn', '0FxRbT'].join('');
const STRIPE = ['sk_', 'live_', 'Tz5mQw8LrN2vXb7KcY4jHs9D'].join('');

export const rule = defineRule({
  id: 'vendor-token',
  code: 'SEC003',
  category: 'credentials',
  title: 'Token of a known service',
  kind: 'fail',
  kinds: ['fail', 'review', 'informational'],
  confidence: 'high',
  cwe: [798],
  peers: {
    gitleaks: [
      'github-pat',
      'gitlab-pat',
      'slack-bot-token',
      'stripe-access-token',
      'sendgrid-api-token',
      'npm-access-token',
      'pypi-upload-token',
      'openai-api-key',
      'anthropic-api-key',
      'huggingface-access-token',
      'twilio-api-key',
    ],
    'detect-secrets': [
      'GitHubTokenDetector',
      'GitLabTokenDetector',
      'SlackDetector',
      'StripeDetector',
      'SendGridDetector',
      'NpmDetector',
      'PypiTokenDetector',
      'OpenAIDetector',
      'TelegramBotTokenDetector',
      'DiscordBotTokenDetector',
    ],
    sonar: ['S6418'],
    ruff: ['S105', 'S106'],
    bandit: ['B105', 'B106'],
  },
  why: 'A token with the prefix, length and alphabet of a vendor is most likely one that the vendor issued, and works for whoever reads it.',
  instead: 'Withdraw the token, then use one that cannot be real: the prefix and zeros, or parts joined when the test runs.',
  limits: 'Whether the token is still in force cannot be known. Published samples and bodies with obvious words or runs are left out.',
  links: [
    'https://github.blog/engineering/platform-security/behind-githubs-new-authentication-token-formats/',
    'https://github.com/gitleaks/gitleaks/blob/master/config/gitleaks.toml',
  ],
  on: 'literal',
  wants: ({ content }) => liveToken(content) !== undefined,
  *check(literal, file) {
    if (isAssembled(literal)) return;
    const found = liveToken(literal.content);
    if (found === undefined) return;
    const shown = `\`${masked(found.token)}\` has the form of a ${found.vendor} token`;
    if (found.checksum === 'wrong') {
      yield {
        at: literal.place,
        kind: aboutSecrets(literal, file) || file.expected(literal.node) ? 'informational' : 'review',
        confidence: 'medium',
        message: `${shown}, but its checksum is wrong: was it altered, or made up?`,
      };
      return;
    }
    const note = aboutSecrets(literal, file) || file.expected(literal.node);
    const sure = found.checksum === 'right' ? ', checksum included' : '';
    yield { at: literal.place, ...(note ? { kind: 'informational' } : {}), message: `${shown}${sure}: whoever reads the repository can use it` };
  },
  examples: [
    {
      name: 'tokens of two services',
      bad: py`
        def test_publish(publisher):
            publisher.login("${RIGHT}")  #! form of a GitHub token, checksum included
            publisher.pay(key="${STRIPE}")  #! form of a Stripe token
      `,
    },
    {
      name: 'a token that GitHub never issued',
      bad: py`
        TOKEN = "${WRONG}"
        #       ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ but its checksum is wrong
      `,
    },
    {
      name: 'the prefix with a body that cannot be real',
      good: py`
        TOKEN = "ghp_${'0'.repeat(36)}"
        OTHER = "${['ghp', 'abcdefghijklmnopqrstuvwxyz0123456789'].join('_')}"
        THIRD = "ghp_" + "a" * 36
      `,
    },
    {
      name: 'a scanner is what is tested',
      bad: py`
        def test_redacts_tokens(redact):
            text = redact("token ${RIGHT}")  #! form of a GitHub token
      `,
    },
  ],
});
