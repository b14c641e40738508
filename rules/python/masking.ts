/** What a finding says may be read by many: secrets in the code that it quotes are masked. */
import { isHumanPassword, isPlaceholder, looksRandom, masked } from './secrets.ts';
import { liveToken, TOKEN_PREFIX, testModeKey } from './tokens.ts';

const WORTH_A_LOOK = /["'@]|[\w.:+/=~$-]{20}/;
/** A text in quotes; quoted code may be cut off before the closing one. */
const QUOTED = /(["'])([^"'\\`…]{6,400})/g;
const USER_INFO = /(:\/\/[^\s:@/]{0,80}:)([^\s@/'"`]{6,128})@/g;
const JSON_WEB_TOKEN = /\beyJ[\w-]{10,2000}\.eyJ[\w-]{2,4000}(?:\.[\w-]{0,1000})?/g;
const AWS_ID = /(?<![A-Za-z0-9])(?:AKIA|ASIA|ABIA|ACCA)[A-Z0-9]{16}(?![A-Za-z0-9])/g;

function isSecretLike(text: string): boolean {
  return (looksRandom(text) || isHumanPassword(text)) && !isPlaceholder(text);
}

/** The text with every secret in it cut to its beginning. */
export function withoutSecrets(text: string): string {
  if (text.length < 10 || !WORTH_A_LOOK.test(text)) return text;
  let shown = text
    .replace(JSON_WEB_TOKEN, (it) => masked(it))
    .replace(AWS_ID, (it) => masked(it))
    .replace(USER_INFO, (_, start: string, password: string) => `${start}${isPlaceholder(password) ? password : masked(password)}@`)
    .replace(QUOTED, (all, quote: string, value: string) => (isSecretLike(value) || TOKEN_PREFIX.test(value) ? quote + masked(value) : all));
  for (let round = 0; round < 8; round++) {
    const found = liveToken(shown) ?? testModeKey(shown);
    if (found === undefined) return shown;
    shown = shown.replaceAll(found.token, masked(found.token));
  }
  return shown;
}
