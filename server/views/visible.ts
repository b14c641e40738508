/**
 * Text from the repository, made safe to look at.
 *
 * Paths, messages and reasons carry names and strings of the code under review: whoever wrote that code
 * could put terminal commands, line breaks or direction marks there. A view shows each such character as a
 * Python escape, so that it does nothing and can still be seen.
 */

/** Controls, formats (bidi marks and zero-width characters among them), lone surrogates, line separators, code points that are no characters. */
const HIDDEN = /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}\p{Noncharacter_Code_Point}]/gu;

const SHORT: Readonly<Record<string, string>> = { '\n': '\\n', '\r': '\\r', '\t': '\\t' };

/** The text on one line, with every hidden character written as Python would: `\n`, `\x1b`, `\u202e`. */
export function visible(text: string): string {
  return text.replace(HIDDEN, (it) => SHORT[it] ?? escapeOf(it.codePointAt(0) ?? 0));
}

/** JSON text with its hidden characters as `\u` escapes: the same value, harmless on a terminal. */
export function visibleJson(json: string): string {
  return json.replace(HIDDEN, (it) =>
    it === '\n'
      ? it
      : it
          .split('')
          .map((unit) => `\\u${hex(unit.charCodeAt(0), 4)}`)
          .join(''),
  );
}

function escapeOf(codePoint: number): string {
  if (codePoint <= 0xff) return `\\x${hex(codePoint, 2)}`;
  return codePoint <= 0xffff ? `\\u${hex(codePoint, 4)}` : `\\U${hex(codePoint, 8)}`;
}

function hex(value: number, width: number): string {
  return value.toString(16).padStart(width, '0');
}
