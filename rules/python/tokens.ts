/**
 * Tokens that can be told by their form. Sources: each vendor's documentation as collected in gitleaks
 * 8.30 (`config/gitleaks.toml`); GitHub's and npm's checksum: github.blog, "Behind GitHub's new
 * authentication token formats" (2021).
 */
import { base62, crc32, decodeBase64 } from './encodings.ts';
import { entropy } from './secrets.ts';

interface TokenForm {
  readonly vendor: string;
  /** Must be in the text, else the pattern is not tried. */
  readonly keyword: string;
  readonly pattern: RegExp;
  /** What of the token is random; the whole token when left out. */
  readonly prefix?: RegExp;
  /** Can the token be one at all? */
  readonly valid?: (token: string) => boolean;
}

/** The last six characters are the CRC-32 of the rest, in base 62. */
function checksummed(token: string): boolean {
  const body = token.slice(token.indexOf('_') + 1, -6);
  return base62(crc32(body), 6) === token.slice(-6);
}

const LIVE: readonly TokenForm[] = [
  { vendor: 'GitHub', keyword: 'gh', pattern: /\bgh[pousr]_[A-Za-z0-9]{36}\b/, prefix: /^gh\w_/, valid: checksummed },
  { vendor: 'GitHub', keyword: 'github_pat_', pattern: /\bgithub_pat_[A-Za-z0-9]{22}_[A-Za-z0-9]{59}\b/, prefix: /^github_pat_/ },
  { vendor: 'GitLab', keyword: 'glpat-', pattern: /\bglpat-[\w-]{20,64}/, prefix: /^glpat-/ },
  { vendor: 'Slack', keyword: 'xox', pattern: /\bxox[abeprs]-\d{9,13}-[0-9A-Za-z-]{20,100}/, prefix: /^xox\w-/ },
  { vendor: 'Stripe', keyword: '_live_', pattern: /\b[sr]k_live_[A-Za-z0-9]{20,99}\b/, prefix: /^\wk_live_/ },
  { vendor: 'SendGrid', keyword: 'SG.', pattern: /\bSG\.[\w-]{22}\.[\w-]{43}(?![\w-])/, prefix: /^SG\./ },
  { vendor: 'Twilio', keyword: 'SK', pattern: /\bSK[0-9a-f]{32}\b/, prefix: /^SK/ },
  { vendor: 'npm', keyword: 'npm_', pattern: /\bnpm_[A-Za-z0-9]{36}\b/, prefix: /^npm_/, valid: checksummed },
  { vendor: 'PyPI', keyword: 'pypi-AgEI', pattern: /\bpypi-AgEI[\w-]{60,400}/, prefix: /^pypi-AgEI/ },
  { vendor: 'OpenAI', keyword: 'T3BlbkFJ', pattern: /\bsk-[\w-]{20,90}T3BlbkFJ[\w-]{20,90}/, prefix: /^sk-/ },
  { vendor: 'Anthropic', keyword: 'sk-ant-', pattern: /\bsk-ant-[a-z]{3,6}\d\d-[\w-]{80,120}/, prefix: /^sk-ant-\w+-/ },
  { vendor: 'Hugging Face', keyword: 'hf_', pattern: /\bhf_[A-Za-z]{34}\b/, prefix: /^hf_/ },
  { vendor: 'Google', keyword: 'AIza', pattern: /\bAIza[\w-]{35}(?![\w-])/, prefix: /^AIza/ },
  { vendor: 'Vault', keyword: 'hvs.', pattern: /\bhvs\.[\w-]{24,200}/, prefix: /^hvs\./ },
  { vendor: 'DigitalOcean', keyword: '_v1_', pattern: /\bdo[opr]_v1_[a-f0-9]{64}\b/, prefix: /^\w+_v1_/ },
  { vendor: 'Atlassian', keyword: 'ATATT3', pattern: /\bATATT3[\w=-]{160,220}/, prefix: /^ATATT3/ },
  { vendor: 'Shopify', keyword: 'shp', pattern: /\bshp(?:at|ca|pa|ss)_[a-fA-F0-9]{32}\b/, prefix: /^shp\w\w_/ },
  { vendor: 'Databricks', keyword: 'dapi', pattern: /\bdapi[a-f0-9]{32}(?:-\d)?\b/, prefix: /^dapi/ },
  { vendor: 'Telegram', keyword: ':A', pattern: /\b\d{8,10}:A[\w-]{34}(?![\w-])/, prefix: /^\d+:/ },
  {
    vendor: 'Discord',
    keyword: '.',
    pattern: /^[MNO][\w-]{23,25}\.[\w-]{6}\.[\w-]{27,38}$/,
    valid: (it) => /^\d{17,20}$/.test(decodeBase64(it.split('.')[0] ?? '') ?? ''),
  },
];

const TEST_MODE: readonly TokenForm[] = [
  { vendor: 'Stripe', keyword: '_test_', pattern: /\b[srp]k_test_[A-Za-z0-9]{20,99}\b/, prefix: /^\wk_test_/ },
  { vendor: 'Square', keyword: 'sandbox-sq0', pattern: /\bsandbox-sq0[a-z]{3}-[\w-]{22,43}/, prefix: /^sandbox-sq0\w+-/ },
  {
    vendor: 'Braintree',
    keyword: 'access_token$sandbox$',
    pattern: /\baccess_token\$sandbox\$[0-9a-z]{16}\$[0-9a-f]{32}\b/,
    prefix: /^access_token\$sandbox\$/,
  },
];

/** Bodies of tokens that vendors publish in their documentation: Stripe, GitHub, Slack, Google. */
const PUBLISHED: readonly string[] = [
  '4eC39HqLyjWDarjtT1zdp7dc',
  'BQokikJOvBiI2HlWgH4olfQ2',
  '26PHem9AhJZvU623DfE1x4sd',
  'TYooMQauvdEDq54NiTphI7jx',
  '16C7e42F292c6912E7710c838347Ae178B4a',
  'pdFZKVeTuE8sk7oOcHrzzqgy',
  'SyDaGmWKa4JsXZ-HjGw7ISLn_3namBGewQe',
  'SyD-9tSrke72PouQMnMX-a7eZSW0jkFMBWY',
  'IOSFODNN7EXAMPLE',
  'I44QH8DHBEXAMPLE',
  'K7MDENG/bPxRfiCYEXAMPLEKEY',
];

const MADE_UP = /test|fake|dummy|mock|example|sample|placeholder|secret|xxxx|0000|1234567|abcdef|deadbeef|redact|your/i;

export interface FoundToken {
  readonly vendor: string;
  readonly token: string;
  /** The form has a checksum, and it is wrong: nobody issued this token. */
  readonly checksum: 'right' | 'wrong' | 'none';
}

function find(forms: readonly TokenForm[], text: string): FoundToken | undefined {
  for (const it of forms) {
    if (!text.includes(it.keyword)) continue;
    const token = it.pattern.exec(text)?.[0];
    if (token === undefined) continue;
    const body = it.prefix === undefined ? token : token.replace(it.prefix, '');
    if (MADE_UP.test(body) || isPublishedSample(token) || entropy(body) <= 3) continue;
    if (it.vendor === 'Discord' && it.valid?.(token) !== true) continue;
    return { vendor: it.vendor, token, checksum: it.valid === undefined ? 'none' : it.valid(token) ? 'right' : 'wrong' };
  }
  return undefined;
}

/** A token of a live service in the text. */
export function liveToken(text: string): FoundToken | undefined {
  return text.length < 20 ? undefined : find(LIVE, text);
}

/** A key of a vendor's test mode or sandbox in the text. */
export function testModeKey(text: string): FoundToken | undefined {
  return text.length < 20 ? undefined : find(TEST_MODE, text);
}

/** Every stretch of the text that has the form of a token, real or made up. */
export function tokensIn(text: string): string[] {
  if (text.length < 20) return [];
  return [...LIVE, ...TEST_MODE].flatMap((it) => {
    const token = text.includes(it.keyword) ? it.pattern.exec(text)?.[0] : undefined;
    return token === undefined ? [] : [token];
  });
}

export function isPublishedSample(text: string): boolean {
  return PUBLISHED.some((it) => text.includes(it));
}
