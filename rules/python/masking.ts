/** What a finding says may be read by many: secrets in the code that it quotes are masked. */
import { isCredentialName, isHumanPassword, isPlaceholder, looksRandom, masked, saysPlaceholder } from './secrets.ts';
import { liveToken, TOKEN_PREFIX, testModeKey } from './tokens.ts';

const WORTH_A_LOOK = /["'@]|[\w.:+/=~$-]{20}/;
const USER_INFO = /(:\/\/[^\s:@/]{0,80}:)([^\s@/'"`]{6,128})@/g;
const JSON_WEB_TOKEN = /(?<![\w-])(?=[\w-]*?\beyJ[\w-]{10})[\w-]+\.eyJ[\w-]{2,}(?:\.[\w-]*)?/g;
const AWS_BEGINNING = /A(?:KI|SI|BI|CC)A/;
const AWS_ID = /(?<![A-Za-z0-9])(?:AKIA|ASIA|ABIA|ACCA)[A-Z0-9]{16}(?![A-Za-z0-9])/g;

/** The text with every secret in it cut to its beginning. */
export function withoutSecrets(text: string): string {
  if (text.length < 10 || !WORTH_A_LOOK.test(text)) return text;
  let shown = text;
  if (shown.includes('eyJ'))
    shown = shown.replace(JSON_WEB_TOKEN, (it) => {
      const start = it.search(/\beyJ[\w-]{10}/);
      return it.slice(0, start) + masked(it.slice(start));
    });
  if (AWS_BEGINNING.test(shown)) shown = shown.replace(AWS_ID, (it) => masked(it));
  if (shown.includes('://'))
    shown = shown.replace(USER_INFO, (_, start: string, password: string) => `${start}${isPlaceholder(password) ? password : masked(password)}@`);
  shown = withoutRandom(shown);
  for (let round = 0; round < 8; round++) {
    const found = liveToken(shown) ?? testModeKey(shown);
    if (found === undefined) return shown;
    shown = shown.replaceAll(found.token, masked(found.token));
  }
  return shown;
}

/** String literals that look random, or that are bound to the name of a credential. */
function withoutRandom(text: string): string {
  let result = '';
  let at = 0;
  for (;;) {
    const start = nextQuote(text, at);
    if (start < 0) return at === 0 ? text : result + text.slice(at);
    const end = endOfLiteral(text, start);
    const content = text.slice(start + 1, end);
    result += text.slice(at, start + 1) + (isSecret(content, nameBefore(text, start), text[end] === '…') ? masked(content) : content);
    at = end;
    if (text[end] === text[start]) {
      result += text[end] ?? '';
      at = end + 1;
    }
  }
}

function isSecret(content: string, bound: string, cut: boolean): boolean {
  if (content.length < 6 || /\s/.test(content)) return false;
  if (isCredentialName(bound)) return !saysPlaceholder(content);
  if (TOKEN_PREFIX.test(content) || isHumanPassword(content)) return true;
  if (looksRandom(content)) return !isPlaceholder(content);
  return cut && content.length >= 8 && /\d/.test(content) && /[A-Z]/.test(content) && /[a-z]/.test(content) && !isPlaceholder(content);
}

/** The name that a literal at `at` is given to: `password=`, `"token": `, `["key"] = `; empty when there is none. */
function nameBefore(text: string, at: number): string {
  let end = at;
  const back = (signs: RegExp, most: number) => {
    for (let count = 0; count < most && end > 0 && signs.test(text[end - 1] ?? ''); count++) end -= 1;
  };
  back(/[bruf]/i, 2);
  back(/\s/, 2);
  if (!/[=:]/.test(text[end - 1] ?? '')) return '';
  back(/[=:]/, 2);
  back(/\s/, 2);
  back(/[\]'"]/, 2);
  const last = end;
  back(/\w/, 80);
  return text.slice(end, last);
}

function nextQuote(text: string, from: number): number {
  for (let at = from; at < text.length; at++) if (text[at] === "'" || text[at] === '"') return at;
  return -1;
}

/** Where a literal's content ends: at its quote, where the text was cut, or where it stops being code. */
function endOfLiteral(text: string, start: number): number {
  for (let at = start + 1; at < text.length; at++) {
    const sign = text[at];
    if (sign === text[start] || sign === '…' || sign === '`') return at;
    if (sign === '\\') at += 1;
  }
  return text.length;
}
