/**
 * Bytes to text, as Python does it. No Node here: a web worker decodes with it too.
 */
import type { Blind } from './review/review.ts';

/** A file's text, or why there is none. */
export type Reading = { readonly text: string } | { readonly blind: Blind };

export function unread(what: Blind['what'], message: string): { readonly blind: Blind } {
  return { blind: { what, message, line: 1 } };
}

/**
 * The bytes of a Python file as text: UTF-8, with or without a byte order mark, unless a comment in the first
 * two lines names another encoding (https://peps.python.org/pep-0263/). Never guesses: bytes that do not fit
 * make the file unread.
 */
export function decoded(bytes: Uint8Array): Reading {
  const named = encodingOf(bytes);
  const decoder = decoderOf(named);
  if (decoder === undefined) return unread('not-utf8', `its encoding \`${named}\` is not known`);
  let text: string;
  try {
    text = decoder.decode(bytes);
  } catch {
    return unread('not-utf8', named === 'utf-8' ? 'it is not UTF-8' : `it is not \`${named}\`, the encoding that it names`);
  }
  const zero = text.indexOf('\0');
  if (zero < 0) return { text };
  const line = text.slice(0, zero).split('\n').length;
  return { blind: { what: 'unreadable', message: `it has a NUL byte (line ${line}), which Python refuses`, line } };
}

function encodingOf(bytes: Uint8Array): string {
  const head = new TextDecoder('latin1').decode(bytes.subarray(0, 400));
  const [first = '', second = ''] = head.split(/\r\n|\r|\n/, 2);
  const named = cookie(first) ?? (/^[ \t\f]*(?:#|$)/.test(first) || first.startsWith('\u00ef\u00bb\u00bf') ? cookie(second) : undefined);
  return (named ?? 'utf-8').toLowerCase().replaceAll('_', '-');
}

function cookie(line: string): string | undefined {
  return /^(?:\u00ef\u00bb\u00bf)?[ \t\f]*#.*?coding[:=][ \t]*([-\w.]+)/.exec(line)?.[1];
}

function decoderOf(label: string): InstanceType<typeof TextDecoder> | undefined {
  const known = /^utf-?8(?:-|$)/.test(label) ? 'utf-8' : /^(?:latin-?1|l1|iso-?latin-?1)(?:-|$)/.test(label) ? 'iso-8859-1' : label;
  try {
    return new TextDecoder(known, { fatal: true });
  } catch {
    return undefined;
  }
}
