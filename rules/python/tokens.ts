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
  /** What of the token is not random: its length, or what matches; nothing when left out. */
  readonly fixed?: number | RegExp;
  /** Can the token be one at all? Without a checksum: it is none otherwise. */
  readonly valid?: (token: string) => boolean;
  readonly checksum?: true;
}

const WORD = '[\\w-]';
const HEX = '[0-9a-f]';
const ALNUM = '[A-Za-z0-9]';

/** A token that begins with `prefix` and goes on with `body`, alone between other characters. */
function form(vendor: string, prefix: string, body: string, more?: Pick<TokenForm, 'valid' | 'checksum'>): TokenForm {
  const pattern = new RegExp(`(?<![A-Za-z0-9.])${prefix.replace(/[.$/]/g, '\\$&')}${body}(?!${body.includes(WORD) ? WORD : ALNUM})`);
  return { vendor, keyword: prefix, pattern, fixed: prefix.length, ...more };
}

/** The last six characters are the CRC-32 of the rest, in base 62. */
const CHECKSUM: Pick<TokenForm, 'valid' | 'checksum'> = {
  checksum: true,
  valid(token) {
    const body = token.slice(token.indexOf('_') + 1, -6);
    return base62(crc32(body), 6) === token.slice(-6);
  },
};

/** The server of PyPI for trying out: its macaroons say `test.pypi.org`. */
export const TRIALS = 'TestPyPI';

const LIVE: readonly TokenForm[] = [
  ...['ghp_', 'gho_', 'ghu_', 'ghs_', 'ghr_'].map((it) => form('GitHub', it, `${ALNUM}{36}`, CHECKSUM)),
  form('GitHub', 'github_pat_', '\\w{82}'),
  form('GitLab', 'glpat-', `${WORD}{20,300}(?:\\.[0-9a-z]{2}\\.?[0-9a-z]{7})?`),
  ...['gldt-', 'glft-', 'glffct-', 'glsoat-'].map((it) => form('GitLab', it, `${WORD}{20,50}`)),
  form('GitLab', 'glrt-', `(?:t\\d_)?${WORD}{20,300}(?:\\.[0-9a-z]{2}\\.?[0-9a-z]{7})?`),
  form('GitLab', 'glcbt-', `[0-9A-Za-z]{1,12}_${WORD}{15,30}`),
  form('GitLab', 'glimt-', `${WORD}{25}`),
  form('GitLab', 'glptt-', `${WORD}{40}`),
  form('GitLab', 'glagent-', `${WORD}{50,1024}`),
  form('GitLab', 'gloas-', `${WORD}{64}`),
  form('GitLab', 'GR1348941', `${WORD}{20,50}`),
  { vendor: 'GitLab', keyword: '_gitlab_session=', pattern: /_gitlab_session=[0-9a-z]{32}(?![0-9a-z])/, fixed: 16 },
  {
    vendor: 'Slack',
    keyword: 'xox',
    pattern: /(?<![A-Za-z0-9])xox[abeoprs]-(?:\d-)?(?:\d{5,14}-){1,3}(?=[\d-]{0,100}[A-Za-z])[0-9A-Za-z-]{16,100}(?![A-Za-z0-9])/,
    fixed: 5,
  },
  { vendor: 'Slack', keyword: 'xox', pattern: /(?<![A-Za-z0-9])xox[ar]-(?:\d-)?[0-9A-Za-z]{8,48}(?![A-Za-z0-9])/, fixed: 5 },
  { vendor: 'Slack', keyword: 'xoxe', pattern: /(?<![A-Za-z0-9])xoxe(?:\.xox[bp])?-\d-[A-Za-z0-9]{140,170}(?![A-Za-z0-9])/, fixed: 5 },
  { vendor: 'Slack', keyword: 'xapp-', pattern: /(?<![A-Za-z0-9])xapp-\d-[A-Z0-9]{5,20}-\d{5,20}-[a-z0-9]{20,100}(?![A-Za-z0-9])/, fixed: 5 },
  {
    vendor: 'Slack',
    keyword: 'hooks.slack.com/',
    pattern: /hooks\.slack\.com\/(?:services|workflows|triggers)\/[A-Za-z0-9+/]{40,60}(?![A-Za-z0-9])/,
    fixed: /^hooks\.slack\.com\/\w+\//,
  },
  ...['sk_live_', 'rk_live_', 'sk_prod_', 'rk_prod_'].map((it) => form('Stripe', it, `${ALNUM}{24,247}`)),
  { vendor: 'SendGrid', keyword: 'SG.', pattern: /(?<![A-Za-z0-9])SG\.(?:[\w-]{22}\.[\w-]{43}|[a-z0-9=_.-]{66})(?![\w-])/, fixed: 3 },
  form('Brevo', 'xkeysib-', `${HEX}{64}-[A-Za-z0-9]{16}`),
  { vendor: 'Twilio', keyword: 'SK', pattern: /(?<![A-Za-z0-9])SK[0-9a-fA-F]{32}(?![A-Za-z0-9])/, fixed: 2 },
  form('npm', 'npm_', `${ALNUM}{36}`, CHECKSUM),
  {
    vendor: 'npm',
    keyword: ':_authToken=',
    pattern: /\/\/[\w.-]{1,100}(?:\/[\w.-]{1,100}){0,6}\/:_authToken=\s{0,3}[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}/,
    fixed: /^.*=\s*/,
  },
  form('PyPI', 'pypi-AgEIcHlwaS5vcmc', `${WORD}{50,1000}`),
  form(TRIALS, 'pypi-AgENdGVzdC5weXBpLm9yZw', `${WORD}{50,1000}`),
  { vendor: 'OpenAI', keyword: 'T3BlbkFJ', pattern: /(?<![A-Za-z0-9])sk-(?:[a-z]{3,10}-)?[\w-]{18,80}T3BlbkFJ[\w-]{20,90}/, fixed: 3 },
  { vendor: 'Anthropic', keyword: 'sk-ant-', pattern: /(?<![A-Za-z0-9])sk-ant-(?:api|admin)\d\d-[\w-]{93}AA(?![\w-])/, fixed: /^sk-ant-\w+-/ },
  form('Hugging Face', 'hf_', '[A-Za-z]{34}'),
  form('Hugging Face', 'api_org_', '[A-Za-z]{34}'),
  form('Groq', 'gsk_', `${ALNUM}{52}`),
  form('Replicate', 'r8_', `${ALNUM}{37}`),
  form('Perplexity', 'pplx-', `${ALNUM}{48}`),
  form('Google', 'AIza', `${WORD}{35}`),
  form('Google', 'GOCSPX-', `${WORD}{28}`),
  form('Google', 'ya29.', `${WORD}{60,400}`),
  { vendor: 'Microsoft Entra', keyword: 'Q~', pattern: /(?<![\w.~-])[A-Za-z0-9_~.]{3}\dQ~[A-Za-z0-9_~.-]{31,34}(?![\w.~-])/ },
  {
    vendor: 'Microsoft Teams',
    keyword: '.webhook.office.com/',
    pattern: /\.webhook\.office\.com\/webhookb2\/[a-z0-9@-]{73}\/IncomingWebhook\/[a-z0-9]{32}\/[a-z0-9-]{36}/,
    fixed: /^.*webhookb2\//,
  },
  form('Amazon Bedrock', 'ABSK', '[A-Za-z0-9+/]{109,269}={0,2}'),
  { vendor: 'Amazon Bedrock', keyword: 'bedrock-api-key-', pattern: /bedrock-api-key-YmVkcm9jay5hbWF6b25hd3MuY29t[\w+/=-]{0,2000}/, fixed: 16 },
  form('Alibaba Cloud', 'LTAI', `${ALNUM}{20}`),
  { vendor: 'Vault', keyword: 'hvs.', pattern: /(?<![A-Za-z0-9])hvs\.[\w-]{24,200}/, fixed: 4 },
  form('Vault', 'hvb.', `${WORD}{138,300}`),
  { vendor: 'Vault', keyword: 's.', pattern: /(?<![\w.-])s\.(?=[A-Za-z]*\d)[A-Za-z0-9]{24}(?![\w.-])/, fixed: 2, valid: (it) => entropy(it.slice(2)) > 3.5 },
  { vendor: 'Terraform', keyword: '.atlasv1.', pattern: /(?<![A-Za-z0-9])[A-Za-z0-9]{14}\.atlasv1\.[\w=-]{60,70}/ },
  ...['dop_v1_', 'doo_v1_', 'dor_v1_'].map((it) => form('DigitalOcean', it, `${HEX}{64}`)),
  form('Atlassian', 'ATATT3', '[\\w=-]{160,220}'),
  form('Bitbucket', 'ATCTT3', '[\\w=-]{160,220}'),
  form('Bitbucket', 'ATBB', `${ALNUM}{32}`),
  ...['shpat_', 'shpca_', 'shppa_', 'shpss_'].map((it) => form('Shopify', it, '[0-9a-fA-F]{32}')),
  form('Databricks', 'dapi', `${HEX}{32}(?:-\\d)?`),
  { vendor: 'Telegram', keyword: ':A', pattern: /(?<![A-Za-z0-9])\d{5,16}:A[\w-]{34}(?![\w-])/, fixed: /^\d+:A/ },
  {
    vendor: 'Discord',
    keyword: '.',
    pattern: /(?<![\w-])[MNO][\w-]{23,25}\.[\w-]{6}\.[\w-]{27,38}(?![\w-])/,
    // The first part is the number of the bot, in base64; older ones are told by the mix of letters alone.
    valid: (it) => /^\d{17,20}$/.test(decodeBase64(it.split('.')[0] ?? '') ?? '') || it.split('.').every((part) => /[a-z]/.test(part) && /[A-Z]/.test(part)),
  },
  { vendor: 'Discord', keyword: '/api/webhooks/', pattern: /discord(?:app)?\.com\/api\/webhooks\/\d{17,20}\/[\w-]{60,80}/, fixed: /^.*webhooks\/\d+\// },
  form('1Password', 'ops_eyJ', '[A-Za-z0-9+/]{250,2000}={0,3}'),
  {
    vendor: '1Password',
    keyword: 'A3-',
    pattern: /(?<![A-Za-z0-9])A3-[A-Z0-9]{6}-(?:[A-Z0-9]{11}|[A-Z0-9]{6}-[A-Z0-9]{5})(?:-[A-Z0-9]{5}){3}(?![A-Za-z0-9])/,
    fixed: 3,
  },
  form('Adobe', 'p8e-', '[A-Za-z0-9]{32}'),
  form('age', 'AGE-SECRET-KEY-1', '[QPZRY9X8GF2TVDW0S3JN54KHCE6MUA7L]{58}'),
  { vendor: 'Airtable', keyword: 'pat', pattern: /(?<![A-Za-z0-9])pat[A-Za-z0-9]{14}\.[a-f0-9]{64}(?![A-Za-z0-9])/, fixed: 3 },
  form('Artifactory', 'AKCp', `${ALNUM}{69}`),
  form('Artifactory', 'cmVmd', `${ALNUM}{59}`),
  {
    vendor: 'Authress',
    keyword: '.acc',
    pattern: /(?<![A-Za-z0-9])(?:sc|ext|scauth|authress)_[a-z0-9]{5,30}\.[a-z0-9]{4,6}\.acc[_-][a-z0-9-]{10,32}\.[a-z0-9+/_=-]{30,120}/i,
  },
  form('Buildkite', 'bkua_', `${HEX}{40}`),
  form('ClickHouse', '4b1d', `${ALNUM}{38}`),
  form('Clojars', 'CLOJARS_', '[A-Za-z0-9]{60}'),
  form('Cloudflare', 'v1.0-', `${HEX}{24}-${HEX}{146}`),
  form('Docker Hub', 'dckr_pat_', `${WORD}{27}`),
  form('Doppler', 'dp.pt.', `${ALNUM}{43}`),
  form('Duffel', 'duffel_live_', '[\\w=-]{43}'),
  form('Dynatrace', 'dt0c01.', `${ALNUM}{24}\\.[A-Za-z0-9]{64}`),
  form('EasyPost', 'EZAK', `${ALNUM}{54}`),
  { vendor: 'Facebook', keyword: 'EAA', pattern: /(?<![A-Za-z0-9])EAA[MC][A-Za-z0-9]{100,400}(?![A-Za-z0-9])/, fixed: 4 },
  { vendor: 'Fly.io', keyword: 'fo1_', pattern: /(?<![A-Za-z0-9])fo1_[\w-]{43}(?![\w-])/, fixed: 4 },
  { vendor: 'Fly.io', keyword: 'fm', pattern: /(?<![A-Za-z0-9])fm(?:1[ar]|2)_[A-Za-z0-9+/]{100,2000}={0,3}(?![\w-])/, fixed: /^f\w+?_/ },
  form('Frame.io', 'fio-u-', '[\\w=-]{64}'),
  form('Grafana', 'eyJrIjoi', '[A-Za-z0-9]{70,400}={0,3}'),
  form('Grafana', 'glc_', '[A-Za-z0-9+/]{32,400}={0,3}'),
  form('Grafana', 'glsa_', `${ALNUM}{32}_[A-Fa-f0-9]{8}`),
  { vendor: 'Harness', keyword: 'at.', pattern: /(?<![A-Za-z0-9])[ps]at\.[\w-]{22}\.[A-Za-z0-9]{24}\.[A-Za-z0-9]{20}(?![A-Za-z0-9])/, fixed: 4 },
  form('Heroku', 'HRKU-AA', `${WORD}{58}`),
  form('Infracost', 'ico-', `${ALNUM}{32}`),
  { vendor: '42', keyword: 's-s4t2', pattern: /(?<![A-Za-z0-9])s-s4t2(?:ud|af)-[a-f0-9]{64}(?![A-Za-z0-9])/, fixed: /^s-s4t2\w\w-/ },
  form('Linear', 'lin_api_', `${ALNUM}{40}`),
  { vendor: 'Mailchimp', keyword: '-us', pattern: /(?<![A-Za-z0-9])[0-9a-f]{32}-us\d{1,2}(?![A-Za-z0-9])/, fixed: /-us\d+$/ },
  { vendor: 'MaxMind', keyword: '_mmk', pattern: /(?<![A-Za-z0-9])[A-Za-z0-9]{6}_[A-Za-z0-9]{29}_mmk(?![A-Za-z0-9])/, fixed: /_mmk$/ },
  form('Netlify', 'nfp_', `${ALNUM}{36}`),
  form('New Relic', 'NRAK-', '[A-Z0-9]{27}'),
  form('Notion', 'ntn_', `\\d{11}${ALNUM}{35}`),
  form('Octopus Deploy', 'API-', '[A-Z0-9]{26}'),
  form('OpenShift', 'sha256~', `${WORD}{43}`),
  ...['pscale_tkn_', 'pscale_oauth_', 'pscale_pw_'].map((it) => form('PlanetScale', it, '[\\w=.-]{32,64}')),
  form('Postman', 'PMAK-', `${HEX}{24}-${HEX}{34}`),
  form('Prefect', 'pnu_', `${ALNUM}{36}`),
  form('Pulumi', 'pul-', `${HEX}{40}`),
  form('ReadMe', 'rdme_', '[a-z0-9]{70}'),
  form('RubyGems', 'rubygems_', `${HEX}{48}`),
  form('Scalingo', 'tk-us-', `${WORD}{48}`),
  form('Sentry', 'sntryu_', `${HEX}{64}`),
  { vendor: 'Sentry', keyword: 'sntrys_', pattern: /(?<![A-Za-z0-9])sntrys_eyJpYXQiO[\w+/]{40,500}={0,2}_[A-Za-z0-9+/]{43}/, fixed: 7 },
  ...['sm_aat_', 'sm_pat_', 'sm_sat_'].map((it) => form('SettleMint', it, `${ALNUM}{16}`)),
  form('Shippo', 'shippo_live_', '[0-9a-fA-F]{40}'),
  { vendor: 'Sourcegraph', keyword: 'sgp_', pattern: /(?<![A-Za-z0-9])sgp_(?:(?:[a-fA-F0-9]{16}|local)_)?[a-fA-F0-9]{40}(?![A-Za-z0-9])/, fixed: 4 },
  { vendor: 'Square', keyword: 'sq0', pattern: /(?<![A-Za-z0-9])sq0(?:atp-[\w-]{22,60}|csp-[\w\\-]{43})(?![\w-])/, fixed: 7 },
  form('Square', 'EAAA', `${WORD}{22,60}`),
  form('Supabase', 'sbp_', `${HEX}{40}`),
  {
    vendor: 'Tailscale',
    keyword: 'tskey-',
    pattern: /(?<![A-Za-z0-9])tskey-[a-z]{3,10}-[A-Za-z0-9]{8,20}-[A-Za-z0-9]{20,60}(?![A-Za-z0-9])/,
    fixed: /^tskey-[a-z]+-/,
  },
];

const TEST_MODE: readonly TokenForm[] = [
  ...['sk_test_', 'rk_test_', 'pk_test_'].map((it) => form('Stripe', it, `${ALNUM}{10,99}`)),
  { vendor: 'Square', keyword: 'sandbox-sq0', pattern: /(?<![A-Za-z0-9])sandbox-sq0[a-z]{3}-[\w-]{22,43}/, fixed: /^sandbox-sq0\w+-/ },
  { vendor: 'Braintree', keyword: 'access_token$sandbox$', pattern: /access_token\$sandbox\$[0-9a-z]{16}\$[0-9a-f]{32}(?![0-9a-f])/, fixed: 21 },
  form('Duffel', 'duffel_test_', '[\\w=-]{43}'),
  form('EasyPost', 'EZTK', `${ALNUM}{54}`),
  {
    vendor: 'Flutterwave',
    keyword: 'K_TEST-',
    pattern: /(?<![A-Za-z0-9])FLW(?:SEC|PUB)K_TEST-(?:[A-Ha-h0-9]{32}-X|[A-Ha-h0-9]{12})(?![A-Za-z0-9])/,
    fixed: 13,
  },
  form('Shippo', 'shippo_test_', '[0-9a-fA-F]{40}'),
];

/** Bodies of tokens that vendors publish in their documentation: Stripe, GitHub, Slack, Google, AWS, Microsoft, MinIO. */
const PUBLISHED: readonly string[] = [
  '4eC39HqLyjWDarjtT1zdp7dc',
  'BQokikJOvBiI2HlWgH4olfQ2',
  '26PHem9AhJZvU623DfE1x4sd',
  'TYooMQauvdEDq54NiTphI7jx',
  '16C7e42F292c6912E7710c838347Ae178B4a',
  'pdFZKVeTuE8sk7oOcHrzzqgy',
  'pdFZKVeTuE8sk7oOcBrzbqgy',
  'SyDaGmWKa4JsXZ-HjGw7ISLn_3namBGewQe',
  'SyD-9tSrke72PouQMnMX-a7eZSW0jkFMBWY',
  'IOSFODNN7EXAMPLE',
  'I44QH8DHBEXAMPLE',
  'K7MDENG/bPxRfiCYEXAMPLEKEY',
  // The pair of the first guides to Amazon S3.
  '0PN5J17HBGZHT7JJ3X82',
  'uV3F3YluFJax1cknvbcGwgjvx4QpvB',
  // The answers of RFC 6749.
  '2YotnFZFEjr1zCsicMWpAA',
  'tGzv3JOkF0XG5Qx2TlKWIA',
  'SplxlOBeZQQYbYS6WxSbIA',
  '7Fjfp0ZBr1KtDRbnfVdmIw',
  // The registered clients of OpenID Connect Dynamic Client Registration and of RFC 7591.
  'ZJYCqe3GGRvdrudKyZS0XhGv_Z45DuKhCUk0gBR1vZk',
  'cf136dc3c1fc93f31185e5885805d',
  // Of the emulators of Azure Storage and Cosmos DB, and of the public server play.min.io.
  'Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq',
  'C2y6yDjf5/R+ob0N8A7Cgv30VRDJIWEHLM+4QDU5DE2nQ9nDuVTqobD4b8mGGyPMbIZnqyMsEcaGQy67XIw',
  'Q3AM3UQ867SPQQA43P2F',
  'zuf+tfteSlswRu7BJ86wekitnifILbZam1KYY3TG',
];

/** Keys that are public on purpose, by the CRC-32 of the whole: of maps and videos that anybody may show (Google). */
const PUBLIC_SUMS: ReadonlySet<number> = new Set([
  137970471, 152739271, 195402426, 523603134, 539969167, 908569220, 1012760538, 1546223926, 1633266832, 1783592992, 1801906344, 1804887032, 2057380053,
  2495321337, 2951282494, 3693304246, 4223955489, 4292727177,
]);

const MADE_UP = /test|fake|dummy|mock|example|sample|placeholder|secret|xxxx|0000|1234567|abcdef|deadbeef|redact|your/i;

export interface FoundToken {
  readonly vendor: string;
  readonly token: string;
  /** What the vendor's tokens begin with; empty where there is no such thing. */
  readonly prefix: string;
  /** The form has a checksum, and it is wrong: nobody issued this token. */
  readonly checksum: 'right' | 'wrong' | 'none';
}

/** Random enough for its length: three bits a character, a little less for the shortest. */
function leastEntropy(body: string): number {
  return Math.min(3, Math.log2(body.length) - 0.8);
}

/** The shortest run that can be a token: most texts have none, and are not looked at any further. */
const SHORTEST = 20;
const OF_RUNS = Uint8Array.from({ length: 128 }, (_, sign) => (/[\w.:+/=~$@-]/.test(String.fromCharCode(sign)) ? 1 : 0));

function hasLongRun(text: string): boolean {
  let length = 0;
  for (let at = 0; at < text.length; at++) {
    length = OF_RUNS[text.charCodeAt(at)] === 1 ? length + 1 : 0;
    if (length === SHORTEST) return true;
  }
  return false;
}

/** Forms by the two signs that their keywords begin with, so that a text is read once and not for each of them. */
class FormTable {
  private readonly forms: readonly TokenForm[];
  private readonly begins = new Uint8Array(SIGNS * SIGNS);
  private readonly byBeginning = new Map<number, TokenForm[]>();
  /** Their keyword is a single sign. */
  private readonly others: readonly TokenForm[];
  /** A list of each alone: most texts that hold any hold one. */
  private readonly alone: ReadonlyMap<TokenForm, readonly TokenForm[]>;

  constructor(forms: readonly TokenForm[]) {
    this.forms = forms;
    this.others = forms.filter((it) => it.keyword.length < 2);
    this.alone = new Map(forms.map((it) => [it, [it]]));
    for (const it of forms) {
      if (it.keyword.length < 2) continue;
      const pair = it.keyword.charCodeAt(0) * SIGNS + it.keyword.charCodeAt(1);
      this.begins[pair] = 1;
      const others = this.byBeginning.get(pair);
      if (others === undefined) this.byBeginning.set(pair, [it]);
      else others.push(it);
    }
  }

  /** The forms whose keyword is in the text, in their order. */
  heldBy(text: string): readonly TokenForm[] {
    let held = NO_FORMS;
    for (const it of this.others) if (text.includes(it.keyword)) held = this.added(it, held);
    let before = text.charCodeAt(0);
    for (let at = 1; at < text.length; at++) {
      const sign = text.charCodeAt(at);
      if (before < SIGNS && sign < SIGNS && this.begins[before * SIGNS + sign] === 1) {
        for (const it of this.byBeginning.get(before * SIGNS + sign) ?? NO_FORMS)
          if (!held.includes(it) && text.startsWith(it.keyword, at - 1)) held = this.added(it, held);
      }
      before = sign;
    }
    return held.length < 2 ? held : [...held].sort((a, b) => this.forms.indexOf(a) - this.forms.indexOf(b));
  }

  private added(it: TokenForm, held: readonly TokenForm[]): readonly TokenForm[] {
    return held.length === 0 ? (this.alone.get(it) ?? [it]) : [...held, it];
  }
}

/** Of ASCII: no keyword has others. */
const SIGNS = 128;
const NO_FORMS: readonly TokenForm[] = [];

const LIVE_FORMS = new FormTable(LIVE);
const TEST_MODE_FORMS = new FormTable(TEST_MODE);

function find(forms: FormTable, text: string): FoundToken | undefined {
  if (!hasLongRun(text)) return undefined;
  for (const it of forms.heldBy(text)) {
    const token = it.pattern.exec(text)?.[0];
    if (token === undefined) continue;
    const { fixed } = it;
    const body = fixed === undefined ? token : typeof fixed === 'number' ? token.slice(fixed) : token.replace(fixed, '');
    if (MADE_UP.test(body) || isPublishedSample(token) || entropy(body) <= leastEntropy(body) || PUBLIC_SUMS.has(crc32(token))) continue;
    const valid = it.valid?.(token);
    if (valid === false && it.checksum !== true) continue;
    return {
      vendor: it.vendor,
      token,
      prefix: token.endsWith(body) ? token.slice(0, -body.length) : '',
      checksum: it.checksum !== true ? 'none' : valid === true ? 'right' : 'wrong',
    };
  }
  return undefined;
}

/** Beginnings of well-known tokens. */
export const TOKEN_PREFIX =
  /^(?:gh[pousr]_|github_pat_|gl[a-z]{1,5}-|xox[abeoprs]-|xapp-|[sr]k_(?:live|test)_|SG\.|npm_|pypi-|hf_|AIza|hv[sb]\.|AKIA|ASIA|sk-|do[opr]_v1_|shp(?:at|ca|pa|ss)_|dapi|eyJ)/;

/** A token of a live service in the text. */
export function liveToken(text: string): FoundToken | undefined {
  return find(LIVE_FORMS, text);
}

/** A key of a vendor's test mode or sandbox in the text. */
export function testModeKey(text: string): FoundToken | undefined {
  return find(TEST_MODE_FORMS, text);
}

/** The private keys that jwt.io shows beside its tokens, by the CRC-32 of how they begin. */
const PUBLISHED_KEYS: ReadonlySet<number> = new Set([3601842092, 3334002099, 4205105390]);

/** Of the base64 text between its armour. */
export function isPublishedKey(key: string): boolean {
  return PUBLISHED_KEYS.has(crc32(key.slice(0, 160)));
}

export function isPublishedSample(text: string): boolean {
  return PUBLISHED.some((it) => text.includes(it));
}
