import { aboutSecrets, instead, isAssembled } from '../python/literals.ts';
import { entropy, isPlaceholder, masked } from '../python/secrets.ts';
import { isPublishedSample } from '../python/tokens.ts';
import { defineRule, py } from '../rule.ts';

const AWS_ID = /(?<![A-Za-z0-9])(?:A3T[A-Z0-9]|AKIA|ASIA|ABIA|ACCA)[A-Z2-7]{16}(?![A-Za-z0-9])/;
const AWS_ID_ANY_DIGIT = /(?<![A-Za-z0-9])(?:AKIA|ASIA|ABIA|ACCA)[A-Z0-9]{16}(?![A-Za-z0-9])/;
const AZURE = /AccountKey=([A-Za-z0-9+/]{86}==)/;
const GOOGLE = /"private_key_id":\s{0,4}"([0-9a-f]{40})"/;

/** Of the first guides to Amazon S3; in parts, so that scanners find nothing here. */
const PUBLISHED_SECRET = ['uV3F3YluFJax1cknvbcGw', 'gjvx4QpvB+leU8dUj2o'].join('');

/** Of the emulator of Azure Storage. */
const EMULATOR = ['Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6', 'IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw=='].join('');

/** Runs that nobody's key has. */
const RUN = /([A-Z0-9])\1{5}|ABCDEF|123456|EXAMPLE|TEST|FAKE|DUMMY|SAMPLE|MOCK/;

const ID_OF_KEY = 'an AWS access key id';

function keyIn(text: string, name: string): { what: string; secret: string; certain: boolean } | undefined {
  const id = AWS_ID.exec(text)?.[0] ?? (text.length === 20 ? AWS_ID_ANY_DIGIT.exec(text)?.[0] : undefined);
  if (id !== undefined && !RUN.test(id) && entropy(id) > 3) return { what: ID_OF_KEY, secret: id, certain: AWS_ID.test(id) };
  if (
    text.length === 40 &&
    /^[A-Za-z0-9+/]{40}$/.test(text) &&
    /aws.{0,20}secret|secret_?access_?key/i.test(name) &&
    !isPlaceholder(text) &&
    entropy(text) > 4
  ) {
    return { what: 'an AWS secret access key', secret: text, certain: true };
  }
  const azure = AZURE.exec(text)?.[1];
  if (azure !== undefined && entropy(azure) > 4) return { what: 'an Azure storage account key', secret: azure, certain: true };
  const google = GOOGLE.exec(text)?.[1];
  if (google !== undefined && text.includes('PRIVATE KEY') && entropy(google) > 3) return { what: 'a Google service account', secret: google, certain: true };
  return undefined;
}

/** In parts, so that scanners find nothing here. */
const ID = ['AKIA', 'S5M644LGV7', '4EVHL5'].join('');
const KEY = ['hQ7kWzPp2vN8sYtR', 'c4Lm9XbJ6gDf3TqAeU5iVoZ1'].join('');

export const rule = defineRule({
  id: 'cloud-access-key',
  code: 'SEC002',
  category: 'credentials',
  title: 'Access key of a cloud account',
  kind: 'fail',
  kinds: ['fail', 'review', 'informational'],
  confidence: 'high',
  cwe: [798],
  peers: {
    gitleaks: ['aws-access-token'],
    'detect-secrets': ['AWSKeyDetector', 'AzureStorageKeyDetector'],
    semgrep: ['hardcoded-token', 'detected-aws-access-key-id-value'],
    sonar: ['S6418', 'S7625'],
    ruff: ['S105', 'S106'],
    bandit: ['B105', 'B106'],
  },
  why: 'Keys of this form open a cloud account to whoever reads the repository; they are searched for and tried within minutes.',
  instead: 'Use `"testing"` with moto, or read the key from the environment and skip when it is absent.',
  limits:
    'Whether the key is still in force cannot be known. The id of a key alone is a point to decide. The published `…EXAMPLE` pair, the keys of emulators, and keys with obvious runs are left out, as are the ids in presigned addresses.',
  links: ['https://docs.aws.amazon.com/IAM/latest/UserGuide/id_credentials_access-keys.html', 'https://docs.getmoto.org/en/latest/docs/getting_started.html'],
  atRest: true,
  on: 'literal',
  shortest: 20,
  wants: ({ content }) => /A3T[A-Z0-9]|A(?:KI|SI|BI|CC)A|AccountKey=|private_key_id/.test(content) || content.length === 40,
  *check(literal, file) {
    const { content } = literal;
    if (content.length < 20 || isPublishedSample(content) || isAssembled(literal)) return;
    const found = keyIn(content, literal.boundTo ?? '');
    if (found === undefined) return;
    // A presigned address names the key that signed it, to whoever is given the address.
    if (/(?:AWSAccessKeyId=|X-Amz-Credential=)(?:A3T[A-Z0-9]|AKIA|ASIA)/.test(content) && found.secret.length === 20) return;
    const note = aboutSecrets(literal, file) || file.expected(literal.node);
    // The id names the account, and opens nothing alone.
    const isId = found.what === ID_OF_KEY;
    yield {
      at: literal.place,
      message: `\`${masked(found.secret)}\` has the form of ${found.what}: ${isId ? 'with its secret, ' : ''}whoever reads the repository can use it`,
      ...(content === found.secret ? instead(literal, 'testing', 'Use `"testing"`') : {}),
      ...(note ? { kind: 'informational' } : isId ? { kind: 'review' } : {}),
      ...(note || found.certain ? {} : { level: 'warning', confidence: 'medium' }),
    };
  },
  examples: [
    {
      name: 'an id and its secret',
      bad: py`
        def test_upload(store):
            store.connect(
                aws_access_key_id="${ID}",  #! an AWS access key id
                aws_secret_access_key="${KEY}",  #! an AWS secret access key
            )
      `,
      fixed: py`
        def test_upload(store):
            store.connect(
                aws_access_key_id="testing",
                aws_secret_access_key="testing",
            )
      `,
    },
    {
      name: 'the published pair, an emulator, and what moto wants',
      good: py`
        import boto3

        def test_upload():
            boto3.client("s3", aws_access_key_id="testing", aws_secret_access_key="testing")
            boto3.client("s3", aws_access_key_id="AKIAIOSFODNN7EXAMPLE")
            boto3.client("s3", aws_access_key_id="AKIAAAAAAAAAAAAAAAAA")
            boto3.client("s3", aws_access_key_id="0PN5J17HBGZHT7JJ3X82", aws_secret_access_key="${PUBLISHED_SECRET}")
            harbour.connect("AccountName=devstoreaccount1;AccountKey=${EMULATOR};")
      `,
    },
    {
      name: 'the id in a presigned address',
      good: py`
        PICTURE = "https://harbour.s3.amazonaws.com/quay.png?AWSAccessKeyId=${ID}&Expires=1647925525&Signature=aGFyYm91cg%3D%3D"
      `,
    },
    {
      name: 'an id put together when the test runs',
      good: py`
        def test_scanner(scan):
            assert scan("AKIA" + "Q" * 16)
      `,
    },
    {
      name: 'a test of a redactor',
      bad: py`
        def test_mask_key(mask):
            masked = mask("id=${ID}")  #! an AWS access key id
      `,
    },
  ],
});
