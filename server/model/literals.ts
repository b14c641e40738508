/** String literals: prefixes and escapes (Python 3.12 language reference, section 2.4.1). */

export interface Prefix {
  readonly bytes: boolean;
  readonly raw: boolean;
  readonly formatted: boolean;
}

/** The prefix letters of the literal that starts at `at`. */
export function prefixOf(text: string, at: number): Prefix {
  let bytes = false;
  let raw = false;
  let formatted = false;
  for (let index = at; index < at + 3; index++) {
    const letter = text[index]?.toLowerCase();
    if (letter === 'b') bytes = true;
    else if (letter === 'r') raw = true;
    else if (letter === 'f' || letter === 't') formatted = true;
    else if (letter !== 'u') break;
  }
  return { bytes, raw, formatted };
}

const SIMPLE: Readonly<Record<string, string>> = {
  n: '\n',
  r: '\r',
  t: '\t',
  a: '\x07',
  b: '\b',
  f: '\f',
  v: '\v',
  '\\': '\\',
  "'": "'",
  '"': '"',
  '\n': '',
};

/** The text that a literal's inside stands for; escapes that Python would refuse stay as written. */
export function decodeString(inside: string, prefix: Prefix): string {
  let text = inside;
  if (prefix.formatted) text = text.replaceAll('{{', '{').replaceAll('}}', '}');
  if (prefix.raw || !text.includes('\\')) return text;
  return text.replace(/\\(\r\n|x[0-9a-fA-F]{2}|u[0-9a-fA-F]{4}|U[0-9a-fA-F]{8}|N\{[^}]*\}|[0-7]{1,3}|[\s\S])/g, (whole, escaped: string) => {
    const simple = SIMPLE[escaped];
    if (simple !== undefined) return simple;
    if (escaped === '\r\n') return '';
    const letter = escaped[0] ?? '';
    if (escaped.length > 1 && (letter === 'x' || ((letter === 'u' || letter === 'U') && !prefix.bytes)))
      return character(Number.parseInt(escaped.slice(1), 16), whole);
    if (letter >= '0' && letter <= '7') return character(Number.parseInt(escaped, 8), whole);
    return whole;
  });
}

function character(code: number, otherwise: string): string {
  return code <= 0x10ffff ? String.fromCodePoint(code) : otherwise;
}
