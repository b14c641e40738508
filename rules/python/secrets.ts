/**
 * What is a credential by its name, what is a placeholder by its text. Every pattern is linear in the
 * length of the text. Sources: `rules.md` B.0.3; Bandit 1.9 (B105-B107), gitleaks 8.30 (stop words) and
 * detect-secrets 1.5 (limits), each calibrated on OpenStack's tests.
 */
import { type Call, constantText } from '../model.ts';
import { decodeBase64 } from './encodings.ts';
import { snake } from './spelling.ts';

const CREDENTIAL =
  /(?:^|_)(?:password|passwd|pwd|passphrase|secret|token|api_?key|access_?key|private_?key|client_secret|auth_?key|signing_key|encryption_key|credentials?|connection_string|secret_key)(?:$|_)|(?:^|_)pass$/;

/** The last word says that the value is about a credential, and is none. */
const ABOUT =
  /_(?:id|ids|url|uri|urls|path|file|filename|dir|name|names|type|types|subtype|field|header|headers|length|len|ttl|format|policy|regex|pattern|hash|uuid|ref|expiry|expires|at|size|count|prefix|suffix|class|method|methods|endpoint|issuer|scope|label|status|state|version|algorithm|provider|strategy|backend|kind|mode|error|message|msg|re|rule|info|hint|driver|plugin|exp|group|groups|request|req|resp|response|alg|enc)$/;
const DIGEST = /(?:^|_)(?:sha\d*|hash|hashes|digest|etag|checksum|fingerprint|signature|nonce|salt|csrf|crc|md5)(?:_|$)/;
/** API vocabulary: names a place in a list or a kind of token. */
const VOCABULARY =
  /(?:next|continuation|page|sync|cancel|cancellation|progress|resume|start|end|pagination|shift|first|last|marker|lex|parser|grammar|string|delimiter|separator|job)_tokens?$|^tokens$/;

/** Does the name say that its value is a secret? */
export function isCredentialName(name: string): boolean {
  if (name.length > 80) return false;
  let known = CREDENTIAL_NAMES.get(name);
  if (known === undefined) {
    if (CREDENTIAL_NAMES.size >= MAX_NAMES) CREDENTIAL_NAMES.clear();
    known = saysCredential(snake(name));
    CREDENTIAL_NAMES.set(name, known);
  }
  return known;
}

/** The same few names are asked for again and again. */
const CREDENTIAL_NAMES = new Map<string, boolean>();
const MAX_NAMES = 10_000;

function saysCredential(plain: string): boolean {
  return CREDENTIAL.test(plain) && !ABOUT.test(plain) && !DIGEST.test(plain) && !VOCABULARY.test(plain);
}

/** Is the name that of a digest, whose value looks random and is public? */
export function isDigestName(name: string): boolean {
  return DIGEST.test(snake(name));
}

/** Parts of texts that nobody uses as a secret. Found anywhere: in random text they are too rare to matter. */
const PLACEHOLDER_WORDS = new RegExp(
  [
    'test',
    'fake',
    'dummy',
    'mock',
    'sample',
    'example',
    'placeholder',
    'change',
    'replace',
    'redact',
    'secret',
    'passw',
    'p[a@]ss',
    'pwd',
    's3cr',
    's3kr',
    'sekr',
    'seekr',
    'admin',
    'root',
    'user',
    'guest',
    'default',
    'foo',
    'baz',
    'quux',
    'spam',
    'eggs',
    'bacon',
    'bogus',
    'whatever',
    'qwerty',
    'letmein',
    'hunter2',
    'abc',
    '1234',
    'dead',
    'beef',
    'cafebabe',
    'todo',
    'fixme',
    'your',
    'my_',
    'my-',
    'new_',
    'new-',
    'bad',
    'wrong',
    'invalid',
    'not-',
    'not_',
    'token',
    'credential',
    'xxx',
    '\\*\\*\\*',
    '\\.\\.\\.',
    '0000',
    'aaaa',
    'insecure',
    'development',
    'pass-',
    'key-',
    '-key',
    '_key',
    'value',
    'string',
    'hello',
    'world',
    'nothing',
    'something',
    'none',
    'null',
    'super',
    'openstack',
    'python',
    'keystone',
    'expired',
    'revoked',
    'unknown',
    'random',
    'correct',
    'horse',
  ].join('|'),
  'i',
);
const TEMPLATE = /%[sdr]|%\(\w{1,40}\)s|\{[^{}]{0,60}\}|\$\w|<[\w -]{1,40}>/;
const REFERENCE = /^(?:enc\[|\{cipher\}|arn:aws:|op:\/\/|vault\[|vault:|\$ansible_vault|file:|env:|data:|urn:|https?:|[a-z]{2,12}:\/\/)/i;
const ALGORITHM =
  /^(?:\{?(?:s?sha|ssha)\d*\}?|md5|bcrypt|scrypt|pbkdf2|argon2|aes|rsa|hmac|ecdsa|ed25519|plain|hs\d{3}|rs\d{3}|a\d{3}(?:cbc-hs|gcm|kw)|\$2[aby]\$|\$[156y]\$|\$pbkdf2|\$scrypt|\$argon2|\$bcrypt)/i;
const REGEX_TEXT = /^\^|\$$|\\[dwsSbB]|\(\?|\[[^\]]{1,30}\][*+{]|\.\*|\.\+/;
const VERSION = /^v?\d{1,8}(?:[.:-]\d{1,8}){1,6}/;

/** Is the text one that no attacker could use: made up, masked, templated, public by its form? */
export function isPlaceholder(text: string): boolean {
  const plain = text.trim();
  if (plain.length <= 5 || new Set(plain.toLowerCase()).size <= 4) return true;
  if (/\s/.test(plain) || plain.length > 2000) return true;
  if (PLACEHOLDER_WORDS.test(plain) || TEMPLATE.test(plain) || REFERENCE.test(plain) || ALGORITHM.test(plain) || REGEX_TEXT.test(plain) || VERSION.test(plain))
    return true;
  if (identifierForm(plain) === 'UUID' || isSequential(plain) || isPath(plain) || isWords(plain) || isMadeOfRepeats(plain)) return true;
  const decoded = decodeBase64(plain);
  return decoded !== undefined && decoded.length >= 4 && isReadable(decoded);
}

/** A placeholder that says so itself, or is too short to be anything else. */
export function saysPlaceholder(text: string): boolean {
  const plain = text.trim();
  // Digits at random may be a live token, with or without the form of a UUID, and `dead` or `beef` is in them by chance.
  if (identifierForm(plain) !== undefined && new Set(plain.toLowerCase()).size > 5 && !isSequential(plain) && !isMadeOfRepeats(plain)) return false;
  return PLACEHOLDER_WORDS.test(plain) || (isPlaceholder(plain) && !VERSION.test(plain) && !REFERENCE.test(plain) && !isPath(plain));
}

/** `ABCDEFGH`, `01234567`, also with a step: neighbours follow one another almost everywhere. */
function isSequential(text: string): boolean {
  let near = 0;
  for (let it = 1; it < text.length; it++) if (Math.abs(text.charCodeAt(it) - text.charCodeAt(it - 1)) <= 1) near += 1;
  return near >= (text.length - 1) * 0.7;
}

function isPath(text: string): boolean {
  return /^[~.]?\//.test(text) || text.split('/').length > 3 || text.split('\\').length > 3;
}

/** `fuBAr-one.two`, `InsertedAccountName`: words and small numbers, with separators or capitals between them. */
function isWords(text: string): boolean {
  const words = text
    .replace(/([a-z])([A-Z])/g, '$1 $2')
    .split(/[^A-Za-z0-9]+| /)
    .filter((it) => it !== '');
  if (words.length === 0) return true;
  const wordy = words.filter(
    (it) => /^[A-Za-z]{2,16}\d{0,3}$/.test(it) && /[aeiouy]/i.test(it) && !/[^aeiouy\d]{5}/i.test(it) && /^(?:[a-z]+|[A-Z]+|[A-Z][a-z]+)\d{0,3}$/.test(it),
  );
  const letters = wordy.join('').length;
  const longEnough = words.every((it) => it.length >= 3 || /^\d+$/.test(it)) || wordy.some((it) => it.length >= 5);
  return letters >= text.replace(/[^A-Za-z0-9]/g, '').length * 0.7 && longEnough;
}

/** `dapidapidapidapi`: a short text over and over. */
function isMadeOfRepeats(text: string): boolean {
  for (let period = 1; period <= 10 && period * 2 <= text.length; period++) {
    let same = 0;
    for (let it = period; it < text.length; it++) if (text[it] === text[it - period]) same += 1;
    if (same >= (text.length - period) * 0.9) return true;
  }
  return false;
}

function isReadable(text: string): boolean {
  return /^[\x20-\x7e\n\r\t]+$/.test(text) && /[a-z]/i.test(text);
}

/** The known form of an identifier that looks random: it names something and opens nothing. */
export function identifierForm(text: string): 'UUID' | 'MD5 hash' | 'SHA-1 hash' | 'SHA-256 hash' | undefined {
  if (text.length < 32 || text.length > 64 || !/^[0-9a-fA-F-]+$/.test(text)) return undefined;
  if (/^[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}$/i.test(text)) return 'UUID';
  if (/^[0-9a-f]{12}[1-5][0-9a-f]{3}[89ab][0-9a-f]{15}$/i.test(text)) return 'UUID';
  if (text.includes('-') || new Set(text).size < 8) return undefined;
  return text.length === 32 ? 'MD5 hash' : text.length === 40 ? 'SHA-1 hash' : text.length === 64 ? 'SHA-256 hash' : undefined;
}

/** Shannon entropy in bits per character. */
export function entropy(text: string): number {
  const counts = new Map<string, number>();
  for (const it of text) counts.set(it, (counts.get(it) ?? 0) + 1);
  let bits = 0;
  for (const count of counts.values()) bits -= (count / text.length) * Math.log2(count / text.length);
  return bits;
}

/** How MD5, SHA-1 and SHA-256 of nothing, and of the words `password`, `admin`, `test`, `secret` and `123456`, begin. */
const KNOWN_DIGEST =
  /^(?:d41d8cd98f00|da39a3ee5e6b|e3b0c44298fc|5f4dcc3b5aa7|5baa61e4c9b9|5e884898da28|21232f297a57|d033e22ae348|8c6976e5b541|098f6bcd4621|a94a8fe5ccb1|9f86d081884c|5ebe2294ecd0|e5e9fa1ba31e|2bb80d537b1d|e10adc3949ba|7c4a8d09ca37|8d969eef6eca)[0-9a-f]{20,52}$/i;

/** Random enough to be a secret, by the limits for hexadecimal and for everything else. */
export function looksRandom(text: string): boolean {
  if (text.length < 16 || text.length > 512 || KNOWN_DIGEST.test(text)) return false;
  if (/^[0-9a-fA-F]+$/.test(text)) return text.length >= 32 && entropy(text) >= 3;
  return /\d/.test(text) && /[A-Za-z]/.test(text) && entropy(text) >= 3.5;
}

/** A text with at least three of: capitals, small letters, digits, other signs; and no word that makes it a placeholder. */
export function isHumanPassword(text: string): boolean {
  if (text.length < 8 || text.length > 40 || /[^\x21-\x7e]/.test(text)) return false;
  let held = 0;
  for (const it of CHARACTERS) if (it.test(text)) held += 1;
  return held >= 3 && !isPlaceholder(text) && !isPlaceholder(spelled(text));
}

/** `0ld_p455w0rd`: digits that stand for letters. */
function spelled(text: string): string {
  return text.replace(/[013457@$]/g, (it) => LETTERS[it] ?? it);
}

const LETTERS: Readonly<Record<string, string>> = { 0: 'o', 1: 'i', 3: 'e', 4: 'a', 5: 's', 7: 't', '@': 'a', $: 's' };

const CHARACTERS = [/[a-z]/, /[A-Z]/, /\d/, /[^A-Za-z\d]/];

/** What may be shown of a secret: enough to find it, of a short one less. */
export function masked(text: string): string {
  const shown = text.length >= 20 ? 4 : text.length >= 12 ? 3 : 2;
  return `${text.slice(0, shown).replace(/[\s`]/g, '')}…`;
}

/** Does the name of a test or file say that secrets are its subject: finding, hiding or refusing them? */
export function isAboutSecrets(name: string): boolean {
  return /mask|redact|scrub|sanitiz|obfuscat|secret_?scan|detect_?secret|leak|censor|strip_?password/i.test(name);
}

/** The credential's name in `os.environ.get('NAME')`, which has no value of its own to fall back to. */
export function credentialFromEnvironment(call: Call): string | undefined {
  if (!readsEnvironment(call.callee ?? '') || call.arguments.length > 1) return undefined;
  const first = call.arguments[0]?.value;
  const name = constantText(first?.value);
  return name !== undefined && isCredentialVariable(name) ? name : undefined;
}

/** Does a variable of the environment hold a secret by its name? The folder that a shell is in does not. */
export function isCredentialVariable(name: string): boolean {
  return isCredentialName(name) && !SWITCH.test(name) && !/^(?:OLD)?PWD$/.test(name);
}

/** `NO_CREDENTIALS`, `USE_PASSWORD`: yes or no. */
const SWITCH = /^(?:NO|SKIP|USE|WITHOUT|HAS|ENABLE|DISABLE|ALLOW|REQUIRE)_/i;

export function readsEnvironment(callee: string): boolean {
  return callee === 'os.environ.get' || callee === 'os.getenv';
}
