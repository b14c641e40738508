import { type Literal, statementOf, type TestFile, walk } from '../model.ts';
import { publicHostAround } from '../python/credential-values.ts';
import { destinationOf } from '../python/hosts.ts';
import { wholeText } from '../python/literals.ts';
import { defineRule, py } from '../rule.ts';

const ARMOUR = /-----BEGIN (?:[A-Z0-9]{2,12} ){0,2}PRIVATE KEY(?: BLOCK)?-----/;
/** Lines of the old format that are not part of the key: `Proc-Type: 4,ENCRYPTED`. */
const HEADER = /^[A-Za-z-]{3,20}:.*$/gm;

/** A key that never existed, for the examples: base64 characters in no order that means anything. */
const TAIL = ['OgIBAAJBAKj34GkxFhD90vcNLYLInFEX6Ppy1tPf9Cnzj4p4WGeKLs1Pt8Qu', 'KUpRKfFLfRYC9AIKjbJTWit'].join('+');
const BODY = `MIIE${TAIL}`;
const SHORT = `MIIC${TAIL}`;

/** What stands between the armour, or behind its first line when the text ends there. */
function bodyIn(text: string): string | undefined {
  const begin = ARMOUR.exec(text);
  if (begin === null) return undefined;
  const start = begin.index + begin[0].length;
  const end = text.indexOf('-----END', start);
  return text.slice(start, end < 0 ? undefined : end);
}

/** The public host that the key is used at: in the same call, or by its name in the same function. */
function usedAt(literal: Literal): string | undefined {
  const direct = publicHostAround(literal);
  if (direct !== undefined || literal.boundTo === undefined || literal.owner === undefined) return direct;
  for (const it of walk(literal.owner.node)) {
    if (it.type !== 'call' || !it.arguments.some((each) => each.value.type === 'name' && each.value.id === literal.boundTo)) continue;
    const to = destinationOf(it);
    if (to?.kind === 'public') return to.host;
  }
  return undefined;
}

/** Words for what is made for a test. */
const MADE_UP = /fake|dummy|mock|sample|example|stub|snake_?oil|throw_?away|self_?signed|expired|invalid|bad|wrong|insecure|unsafe|test/i;

/**
 * A key for RSA or DSA of 1024 bits or fewer, by the length that DER (X.690) begins with: fewer than 768 bytes. Nothing
 * has taken such keys since 2013 (NIST SP 800-131A), so that it was made for its shortness.
 */
function isShort(key: string): boolean {
  return /^MII[BC]/.test(key);
}

/** Is it for tests by its name, or by that of its function, or does it stand in a file of keys for tests? */
function saysTest({ boundTo, node, owner }: Literal, file: TestFile): boolean {
  const statement = statementOf(node);
  if (statement?.type === 'assignment' && statement.targets.some((it) => MADE_UP.test(it.text))) return true;
  if (MADE_UP.test(boundTo ?? '') || (owner !== undefined && owner.role !== 'test' && MADE_UP.test(owner.name))) return true;
  const name = file.path.slice(file.path.lastIndexOf('/') + 1);
  return /keydata|key_data|fake|sample|dummy|vectors|test_?keys|test_?certs|test_?data|^(?:settings_?)?test(?:s|ing)?(?:_settings)?\.py$/i.test(name);
}

export const rule = defineRule({
  id: 'private-key',
  code: 'SEC001',
  category: 'credentials',
  title: 'Private key in test source',
  kind: 'review',
  kinds: ['fail', 'review', 'informational'],
  confidence: 'high',
  cwe: [321, 798],
  peers: {
    'detect-secrets': ['PrivateKeyDetector'],
    gitleaks: ['private-key'],
    semgrep: ['detected-private-key', 'detected-pgp-private-key-block'],
    codeql: ['py/hardcoded-credentials'],
  },
  why: 'Nobody can see from a key whether it was made for the test or copied from a server. Once committed it can be used by everyone who ever gets the repository.',
  instead: 'Generate the key when the tests run (`rsa.generate_private_key`, `trustme.CA()`), once per session if it is slow.',
  limits:
    'A key in a data file, or one put together from variables, is not seen. One that by its name, or that of its file, was made for tests is a note, as is one of 1024 bits or fewer, and one that is encrypted. Whether the key is in use anywhere cannot be known.',
  links: ['https://cwe.mitre.org/data/definitions/321.html', 'https://trustme.readthedocs.io/'],
  once: 'file',
  on: 'literal',
  shortest: 'PRIVATE KEY'.length,
  wants: ({ content }) => content.includes('PRIVATE KEY'),
  *check(literal, file) {
    if (!literal.content.includes('PRIVATE KEY')) return;
    const body = bodyIn(wholeText(literal));
    if (body === undefined) return;
    const key = body.replace(HEADER, '').replace(/[^A-Za-z0-9+/=]/g, '');
    if (key.length < 64 || /\.\.\.|[*{}[\]]/.test(body.replace(HEADER, '')) || new Set(key).size < 16) return;
    const host = usedAt(literal);
    if (host !== undefined) {
      yield { at: literal.place, kind: 'fail', message: `a whole private key that logs in at \`${host}\`: whoever reads the repository can do so too` };
      return;
    }
    // An encrypted key opens nothing by itself.
    const isEncrypted = /BEGIN ENCRYPTED|4,ENCRYPTED/.test(literal.content);
    const isNote = isEncrypted || isShort(key) || file.expected(literal.node) || saysTest(literal, file);
    yield {
      at: literal.place,
      ...(isNote ? { kind: 'informational' } : {}),
      message: 'a whole private key stands here: was it made for tests only, and is it used nowhere else?',
    };
  },
  examples: [
    {
      name: 'a key as a module constant',
      bad: py`
        KEY = "-----BEGIN RSA PRIVATE KEY-----\n${BODY}\n-----END RSA PRIVATE KEY-----\n"  #! a whole private key stands here
      `,
    },
    {
      name: 'made for tests, by its name: a note',
      bad: py`
        TEST_KEY = "-----BEGIN RSA PRIVATE KEY-----\n${BODY}\n-----END RSA PRIVATE KEY-----\n"  #! a whole private key stands here
      `,
    },
    {
      name: 'too short for anything that is in use, and encrypted: notes',
      bad: py`
        SEALED = "-----BEGIN ENCRYPTED PRIVATE KEY-----\n${BODY}\n-----END ENCRYPTED PRIVATE KEY-----\n"  #! is it used nowhere else?; 2 times, also line 2
        KEY = "-----BEGIN RSA PRIVATE KEY-----\n${SHORT}\n-----END RSA PRIVATE KEY-----\n"
      `,
    },
    {
      name: 'a key that logs in somewhere',
      bad: py`
        import paramiko

        def test_login():
            key = "-----BEGIN RSA PRIVATE KEY-----\n${BODY}\n-----END RSA PRIVATE KEY-----\n"  #! logs in at ${'`berth1.harbour-shipping.com`'}
            client = paramiko.SSHClient()
            client.connect("berth1.harbour-shipping.com", pkey=key)
      `,
      alsoFinds: ['NET001', 'NET014', 'RES005', 'NET003', 'RES009'],
    },
    {
      name: 'a key in several literals',
      bad: py`
        def test_sign(signer):
            signer.load("-----BEGIN PRIVATE KEY-----\n" +  #! a whole private key stands here
                        "${BODY}\n" +
                        "-----END PRIVATE KEY-----\n")
      `,
    },
    {
      name: 'a regular expression for the armour, and a key cut short',
      good: py`
        import re

        PATTERN = re.compile('-----BEGIN RSA PRIVATE KEY-----\n.*')
        SHORT = '''-----BEGIN PRIVATE KEY-----
        MIIBOgIBAAJBAKj34...
        -----END PRIVATE KEY-----'''
      `,
    },
    {
      name: 'a certificate and a public key',
      good: py`
        CERT = '''-----BEGIN CERTIFICATE-----
        ${BODY}
        -----END CERTIFICATE-----'''
        PUBLIC = '''-----BEGIN PUBLIC KEY-----
        ${BODY}
        -----END PUBLIC KEY-----'''
      `,
    },
  ],
});
