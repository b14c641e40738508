/**
 * Where an ignore comment goes: `# attest: ignore[category/rule] reason`.
 *
 *     requests.get(url, verify=False)  # noqa: S501  # attest: ignore[network/certificate-check-off] own authority
 *
 * At the end of the finding's first line, behind a comment that is there already; into the brackets of an ignore
 * comment that is there already; on a line of its own above where a line cannot end in a comment, since it ends
 * inside a string of several lines or in a backslash:
 *
 *     # attest: ignore[credentials/private-key] generated for this test
 *     KEY = """-----BEGIN PRIVATE KEY-----
 */
import type { Positions } from './positions.ts';

/** Text to insert; `reason` stands at the very end of `text`, or is absent where an ignore comment only grows. */
export interface Suppression {
  readonly offset: number;
  readonly before: string;
  readonly reason: string;
  readonly after: string;
}

/** `undefined` where no comment can reach the line: it begins inside a string, or behind a backslash. */
export function suppressionOf(text: string, positions: Positions, offset: number, rule: string): Suppression | undefined {
  const line = positions.line(positions.at(offset).line);
  if (line === undefined) return undefined;
  const { comment, startsInside, endsInside } = factsOf(text, line.start, line.end);

  if (!endsInside) {
    const written = comment === undefined ? null : IGNORE.exec(text.slice(comment, line.end));
    if (comment !== undefined && written !== null) {
      return { offset: comment + written.index + written[0].length, before: written[1] === '' ? rule : `, ${rule}`, reason: '', after: '' };
    }
    const end = line.start + text.slice(line.start, line.end).trimEnd().length;
    return { offset: end, before: `  # attest: ignore[${rule}] `, reason: REASON, after: '' };
  }
  if (startsInside) return undefined;
  const indent = /^[ \t\f]*/.exec(text.slice(line.start, line.end))?.[0] ?? '';
  const ending = /\r\n|\n|\r/.exec(text)?.[0] ?? '\n';
  return { offset: line.start, before: `${indent}# attest: ignore[${rule}] `, reason: REASON, after: ending };
}

/** For the whole file: above everything but what must come first, a byte order mark, `#!` and the encoding. */
export function fileSuppressionOf(text: string, rule: string): Suppression {
  const head = /^\ufeff?(?:#![^\r\n]*(?:\r\n|\n|\r))?(?:[ \t\f]*#(?=[^\r\n]*coding[:=])[^\r\n]*(?:\r\n|\n|\r))?/.exec(text)?.[0] ?? '';
  return { offset: head.length, before: `# attest: ignore-file[${rule}] `, reason: REASON, after: /\r\n|\n|\r/.exec(text)?.[0] ?? '\n' };
}

/** Holds the place: a reason it is not (`reasonIn` in `suppress.ts`). */
const REASON = 'reason';
const IGNORE = /#\s*attest:\s*ignore\[([^[\]\n]*)(?=\])/i;

interface LineFacts {
  /** Offset of the line's `#`. */
  readonly comment: number | undefined;
  /** The line goes on from the one before: inside a string, or behind a backslash. */
  readonly startsInside: boolean;
  /** It goes on in the next one, so that it cannot end in a comment. */
  readonly endsInside: boolean;
}

/** What a line may begin or end inside of: comments, strings (long ones first), backslashes at the end of a line. */
const TOKENS = new RegExp(
  [
    String.raw`#[^\r\n]*`,
    String.raw`"""[^"\\]*(?:(?:\\[^]|"(?!""))[^"\\]*)*(?:"""|\\?$)`,
    String.raw`'''[^'\\]*(?:(?:\\[^]|'(?!''))[^'\\]*)*(?:'''|\\?$)`,
    String.raw`"[^"\\\r\n]*(?:\\(?:\r\n|[^])[^"\\\r\n]*)*"?`,
    String.raw`'[^'\\\r\n]*(?:\\(?:\r\n|[^])[^'\\\r\n]*)*'?`,
    String.raw`\\(?:\r\n|\n|\r)`,
  ].join('|'),
  'g',
);

function factsOf(text: string, start: number, end: number): LineFacts {
  let comment: number | undefined;
  let startsInside = false;
  let endsInside = false;
  for (const { 0: token, index } of text.matchAll(TOKENS)) {
    if (index >= end) break;
    const after = index + token.length;
    if (token.startsWith('#')) {
      if (index >= start) comment = index;
    } else {
      startsInside ||= index < start && (after > start || (after === start && token.startsWith('\\')));
      endsInside ||= after > end;
    }
  }
  return { comment, startsInside, endsInside };
}
