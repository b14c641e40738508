/** Base64 (RFC 4648) and CRC-32 (ISO 3309), which secrets are written in and checked by. */

const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';

/** The bytes of a base64 or base64url text as characters 0-255; undefined when it is none. */
export function decodeBase64(text: string): string | undefined {
  const body = text
    .replace(/(?<!=)=+$/, '')
    .replaceAll('-', '+')
    .replaceAll('_', '/');
  if (body.length < 4 || body.length % 4 === 1 || body.length > 8192) return undefined;
  let bits = 0;
  let held = 0;
  let result = '';
  for (const letter of body) {
    const value = ALPHABET.indexOf(letter);
    if (value < 0) return undefined;
    bits = ((bits << 6) | value) & 0xffffff;
    held += 6;
    if (held >= 8) {
      held -= 8;
      result += String.fromCharCode((bits >> held) & 0xff);
    }
  }
  return result;
}

/** Of characters 0-255. */
export function encodeBase64(bytes: string): string {
  let result = '';
  for (let at = 0; at < bytes.length; at += 3) {
    const group = (bytes.charCodeAt(at) << 16) | (bytes.charCodeAt(at + 1) << 8) | bytes.charCodeAt(at + 2);
    for (let shift = 18; shift >= 0; shift -= 6) result += ALPHABET[(group >> shift) & 63];
  }
  const open = (3 - (bytes.length % 3)) % 3;
  return result.slice(0, result.length - open) + '='.repeat(open);
}

export function crc32(text: string): number {
  let sum = 0xffffffff;
  for (let at = 0; at < text.length; at++) {
    sum ^= text.charCodeAt(at) & 0xff;
    for (let bit = 0; bit < 8; bit++) sum = (sum >>> 1) ^ (sum & 1 ? 0xedb88320 : 0);
  }
  return (sum ^ 0xffffffff) >>> 0;
}

const BASE62 = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';

/** A number in base 62, filled up with zeros: how GitHub and npm write the checksum of their tokens. */
export function base62(value: number, length: number): string {
  let rest = value;
  let text = '';
  while (rest > 0) {
    text = (BASE62[rest % 62] ?? '') + text;
    rest = Math.floor(rest / 62);
  }
  return text.padStart(length, '0');
}
