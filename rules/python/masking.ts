/**
 * What may be said of code that is quoted in a message: a secret in it is never shown in full, whichever rule speaks and
 * whether or not the rule that looks for secrets is on.
 */
import { isCredentialName, isHumanPassword, isPlaceholder, looksRandom, masked, saysPlaceholder } from './secrets.ts';
import { tokensIn } from './tokens.ts';

/** The text with its secrets masked; the same string where there is none. Cuts of a longer text (`…`) are understood. */
export function withoutSecrets(text: string): string {
  if (text.length < 8 || !/['"@]|\w{20}/.test(text)) return text;
  let result = text;
  for (const it of tokensIn(text)) result = result.replaceAll(it, masked(it));
  return withoutRandom(withoutPasswords(result));
}

/** `https://user:pass@host` */
function withoutPasswords(text: string): string {
  if (!text.includes('://')) return text;
  return text.replace(/:\/\/([^\s:@/'"`]{0,80}):([^\s@/'"`…]{1,128})(?=[@…])/g, (whole, user: string, password: string) =>
    saysPlaceholder(password) ? whole : `://${user}:${masked(password)}`,
  );
}

/** String literals that look random, or that are bound to the name of a credential. */
function withoutRandom(text: string): string {
  let result = '';
  let at = 0;
  for (;;) {
    const start = nextQuote(text, at);
    if (start < 0) return result + text.slice(at);
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
  if (looksRandom(content)) return !isPlaceholder(content);
  if (isHumanPassword(content)) return true;
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
