import { constantText, type Literal } from '../model.ts';
import { aboutSecrets, instead, isAssembled, outermostSum } from '../python/literals.ts';
import { constantOf, OF_SECRETS, remarksAt, saysMadeUp } from '../python/remarks.ts';
import { masked } from '../python/secrets.ts';
import { type FoundToken, liveToken, TRIALS } from '../python/tokens.ts';
import { defineRule, py } from '../rule.ts';

/** In parts, so that scanners find nothing here. The first has a wrong checksum. */
const WRONG = ['ghp_', 'ViBaQ4VCb3ShYPzPyUewesWfBAXNtnubfk9C'].join('');
const RIGHT = ['ghp_', 'ViBaQ4VCb3ShYPzPyUewesWfBAXNtn', '0FxRbT'].join('');
const TRIAL = `pypi-AgENdGVzdC5weXBpLm9yZw${'IkNDgzYTFhMjEtMzEwYi00NTkzLTkwMzYt'.repeat(2)}`;
const STRIPE = ['sk_', 'live_', 'Tz5mQw8LrN2vXb7KcY4jHs9D'].join('');

/** `"py" "pi-…"`: nobody splits a prefix inside itself but for scanners not to find it. */
function splitsPrefix(source: string, text: string, { token, prefix }: FoundToken): boolean {
  const first = /^[a-z]{0,2}(['"])([^'"\\\n]{1,40})\1/i.exec(source)?.[2]?.length ?? 0;
  const begin = text.indexOf(token);
  return first > begin && first < begin + prefix.length && first < text.length;
}

/** Is the literal the first part of `'a' + 'b'`? */
function beginsSum({ node }: Literal): boolean {
  const { parent } = node;
  return node.type === 'string' && parent?.type === 'operation' && parent.operator === '+' && parent.left === node;
}

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
      '1password-secret-key',
      '1password-service-account-token',
      'adobe-client-secret',
      'age-secret-key',
      'airtable-personnal-access-token',
      'alibaba-access-key-id',
      'anthropic-admin-api-key',
      'anthropic-api-key',
      'artifactory-api-key',
      'artifactory-reference-token',
      'authress-service-client-access-key',
      'aws-amazon-bedrock-api-key-long-lived',
      'aws-amazon-bedrock-api-key-short-lived',
      'azure-ad-client-secret',
      'clickhouse-cloud-api-secret-key',
      'clojars-api-token',
      'cloudflare-origin-ca-key',
      'databricks-api-token',
      'digitalocean-access-token',
      'digitalocean-pat',
      'digitalocean-refresh-token',
      'doppler-api-token',
      'duffel-api-token',
      'dynatrace-api-token',
      'easypost-api-token',
      'facebook-page-access-token',
      'flyio-access-token',
      'frameio-api-token',
      'gcp-api-key',
      'github-app-token',
      'github-fine-grained-pat',
      'github-oauth',
      'github-pat',
      'github-refresh-token',
      'gitlab-cicd-job-token',
      'gitlab-deploy-token',
      'gitlab-feature-flag-client-token',
      'gitlab-feed-token',
      'gitlab-incoming-mail-token',
      'gitlab-kubernetes-agent-token',
      'gitlab-oauth-app-secret',
      'gitlab-pat',
      'gitlab-pat-routable',
      'gitlab-ptt',
      'gitlab-rrt',
      'gitlab-runner-authentication-token',
      'gitlab-runner-authentication-token-routable',
      'gitlab-scim-token',
      'gitlab-session-cookie',
      'grafana-api-key',
      'grafana-cloud-api-token',
      'grafana-service-account-token',
      'harness-api-key',
      'hashicorp-tf-api-token',
      'heroku-api-key-v2',
      'huggingface-access-token',
      'huggingface-organization-api-token',
      'infracost-api-token',
      'intra42-client-secret',
      'linear-api-key',
      'mailchimp-api-key',
      'maxmind-license-key',
      'microsoft-teams-webhook',
      'notion-api-token',
      'npm-access-token',
      'octopus-deploy-api-key',
      'openai-api-key',
      'openshift-user-token',
      'perplexity-api-key',
      'planetscale-api-token',
      'planetscale-oauth-token',
      'planetscale-password',
      'postman-api-token',
      'prefect-api-token',
      'pulumi-api-token',
      'pypi-upload-token',
      'readme-api-token',
      'rubygems-api-token',
      'scalingo-api-token',
      'sendgrid-api-token',
      'sendinblue-api-token',
      'sentry-org-token',
      'sentry-user-token',
      'settlemint-application-access-token',
      'settlemint-personal-access-token',
      'settlemint-service-access-token',
      'shippo-api-token',
      'shopify-access-token',
      'shopify-custom-access-token',
      'shopify-private-app-access-token',
      'shopify-shared-secret',
      'slack-app-token',
      'slack-bot-token',
      'slack-config-access-token',
      'slack-config-refresh-token',
      'slack-legacy-bot-token',
      'slack-legacy-token',
      'slack-legacy-workspace-token',
      'slack-user-token',
      'slack-webhook-url',
      'sourcegraph-access-token',
      'square-access-token',
      'stripe-access-token',
      'telegram-bot-api-token',
      'twilio-api-key',
      'vault-batch-token',
      'vault-service-token',
    ],
    'detect-secrets': [
      'ArtifactoryDetector',
      'DiscordBotTokenDetector',
      'GitHubTokenDetector',
      'GitLabTokenDetector',
      'MailchimpDetector',
      'NpmDetector',
      'OpenAIDetector',
      'PypiTokenDetector',
      'SendGridDetector',
      'SlackDetector',
      'SquareOAuthDetector',
      'StripeDetector',
      'TelegramBotTokenDetector',
      'TwilioKeyDetector',
    ],
    sonar: ['S6418'],
    ruff: ['S105', 'S106'],
    bandit: ['B105', 'B106'],
  },
  why: 'A token with the prefix, length and alphabet of a vendor is most likely one that the vendor issued, and works for whoever reads it.',
  instead: 'Withdraw the token, then use one that cannot be real: the prefix and zeros, or parts joined when the test runs.',
  limits:
    'Knows the forms of about eighty services by their prefixes; a token without a form of its own is for the rule on random values. Whether it is still in force cannot be known. Published samples and bodies with obvious words or runs are left out. Where a comment at it in a function, or the docstring of the function that gives it, says that it is none in use, is known to everybody or was split on purpose, it is a note, with a right checksum a point to decide; above a constant of the module such a comment counts for a token without a checksum, and for further lines where it names a secret. One of TestPyPI is a point to decide, as is one whose prefix is split inside itself and nothing is said.',
  links: [
    'https://github.blog/engineering/platform-security/behind-githubs-new-authentication-token-formats/',
    'https://github.com/gitleaks/gitleaks/blob/master/config/gitleaks.toml',
  ],
  atRest: true,
  on: ['literal', 'file'],
  wants: (it) => it.type === 'file subject' || beginsSum(it) || liveToken(it.content) !== undefined,
  *check(literal, file) {
    if (literal.type === 'file subject') {
      for (const { name, remark, carried } of literal.remarksAbove())
        if (saysMadeUp(remark) && (!carried || OF_SECRETS.test(remark)))
          yield { at: literal.place, claim: name, disproves: 'weight', message: 'what is written above says that it opens nothing' };
      return;
    }
    if (isAssembled(literal) && !beginsSum(literal)) return;
    const at = outermostSum(literal);
    // Put together of constants, it is as readable as in one piece.
    const text = at === literal.node ? literal.content : constantText(at.value);
    const found = text === undefined ? undefined : liveToken(text);
    if (found === undefined) return;
    const dummy =
      at === literal.node && text === found.token
        ? instead(literal, `${found.prefix}${'0'.repeat(found.token.length - found.prefix.length)}`, 'Use zeros instead')
        : {};
    const shown = `\`${masked(found.token)}\` has the form of ${/^[AEIO8]/.test(found.vendor) ? 'an' : 'a'} ${found.vendor} token`;
    const note = aboutSecrets(literal, file) || file.expected(literal.node);
    const isDenied = [...remarksAt(literal)].some(saysMadeUp);
    if (found.checksum === 'wrong') {
      yield {
        at: at.place,
        kind: note || isDenied ? 'informational' : 'review',
        confidence: 'medium',
        message: `${shown}, but its checksum is wrong: was it altered, or made up?`,
        ...dummy,
      };
      return;
    }
    // A right checksum says that it was issued, whatever else is said.
    if (!note && isDenied) {
      yield {
        at: at.place,
        kind: found.checksum === 'right' ? 'review' : 'informational',
        message: `${shown}, and what is written beside it says that it opens nothing`,
        ...dummy,
      };
      return;
    }
    if (!note && text !== undefined && splitsPrefix(at.text, text, found)) {
      yield { at: at.place, kind: 'review', message: `${shown}, split inside its prefix: was it made up, or is it kept from scanners?`, ...dummy };
      return;
    }
    if (!note && found.vendor === TRIALS) {
      yield { at: at.place, kind: 'review', message: `${shown}, for a server that is there for trials: may everybody use it?`, ...dummy };
      return;
    }
    const sure = found.checksum === 'right' ? ', checksum included' : '';
    // A right checksum says more than what is above a constant of the module.
    const claim = found.checksum === 'none' ? constantOf(literal, file) : undefined;
    yield {
      at: at.place,
      ...(note ? { kind: 'informational' } : {}),
      ...(claim === undefined ? {} : { claim }),
      message: `${shown}${sure}: whoever reads the repository can use it`,
      ...dummy,
    };
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
      name: 'in two parts that both stand in the source',
      bad: py`
        REST = "${STRIPE.slice(8)}"

        def test_publish(publisher):
            publisher.pay(key="sk_live_" + "${STRIPE.slice(8)}")
            #                 ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ form of a Stripe token
            publisher.pay(key="sk_live_" + REST)  #! form of a Stripe token
      `,
    },
    {
      name: 'in a file that pytest never collects',
      bad: {
        'tests/manual/test_publish.py': py`
          def test_publish(publisher):
              publisher.pay(key="${STRIPE}")  #! form of a Stripe token
        `,
        'pytest.ini': '[pytest]\nnorecursedirs = tests/manual\n',
      },
    },
    {
      name: 'a token with a fix',
      bad: py`
        TOKEN = "${STRIPE}"  #! form of a Stripe token
      `,
      fixed: py`
        TOKEN = "sk_live_${'0'.repeat(24)}"
      `,
    },
    {
      name: 'split on purpose, by what is written beside it or by its prefix; a comment on what it is for says nothing',
      bad: py`
        import pytest

        @pytest.fixture
        def key():
            '''
            Split across lines to prevent detection by scanners, as it's only
            used for testing.
            '''
            return ("${STRIPE}")  #! it opens nothing

        @pytest.mark.parametrize("key", [
            "none",
            # Well-formed. The string is purposely
            # cut for scanners.
            "sk_" "${STRIPE.slice(3).replace('T', 'Y')}",  #! it opens nothing
            "sk_" "${STRIPE.slice(3).replace('T', 'X')}",  #! kept from scanners
        ])
        def test_pay(publisher, key):
            publisher.pay(key)

        def test_pay_again(publisher):
            # the key of the bot, for testing
            publisher.pay("${STRIPE.replace('T', 'V')}")  #! whoever reads the repository can use it
            # not a real one
            publisher.login("${RIGHT}")  #! it opens nothing
      `,
    },
    {
      name: 'what says the contrary, or speaks of something else',
      bad: py`
        def publisher(clock):
            '''A client that keeps a fake clock.'''
            return Publisher("${STRIPE.replace('T', 'W')}", clock)  #! whoever reads the repository can use it

        def test_pay(publisher):
            # FIXME: has not been revoked yet
            publisher.pay("${STRIPE.replace('T', 'U')}")  #! whoever reads the repository can use it
            # A late ship is not critical
            publisher.pay("${STRIPE.replace('T', 'P')}")  #! whoever reads the repository can use it

        # A made up harbour
        HOST = "harbour"
        TOKEN = "${STRIPE.replace('T', 'N')}"  #! whoever reads the repository can use it
        # dummy
        token = "x"

        CONFIG = {"token": "${STRIPE.replace('T', 'M')}"}  #! whoever reads the repository can use it
      `,
    },
    {
      name: 'what is written above constants of the module, and what has a gap below it; a server for trials',
      bad: py`
        # Token is not critical. Also public in https://github.com/harbour/tides
        USER = "Ada"
        TOKEN = "${STRIPE.replace('T', 'R')}"  #! what is written above says that it opens nothing

        KEY = "${STRIPE.replace('T', 'Q')}"  #! whoever reads the repository can use it

        UPLOADS = "${TRIAL}"  #! may everybody use it
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
      name: 'the prefix with a body that cannot be real, and what a vendor publishes',
      good: py`
        TOKEN = "ghp_${'0'.repeat(36)}"
        OTHER = "${['ghp', 'abcdefghijklmnopqrstuvwxyz0123456789'].join('_')}"
        THIRD = "ghp_" + "a" * 36
        FOURTH = "${['xoxb', '17653672481', '19874698323', 'pdFZKVeTuE8sk7oOcBrzbqgy'].join('-')}"
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
