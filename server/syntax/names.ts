/**
 * Names are few and come again and again: one string for each, so that they are compared and looked up without being
 * read, and none of them keeps the text alive that it was cut out of.
 */

const SLOTS = 1 << 15;
/** By a hash of its characters; a newcomer takes the slot of who was there. */
const NAMES: (string | undefined)[] = new Array(SLOTS).fill(undefined);
/** Longer ones are no names. */
const LONGEST = 80;

/** The characters from `start` to `end`, as the same string each time. */
export function nameIn(text: string, start: number, end: number): string {
  if (end - start > LONGEST) return detached(text.slice(start, end));
  let hash = end - start;
  for (let at = start; at < end; at++) hash = (Math.imul(hash, 31) + text.charCodeAt(at)) | 0;
  const slot = (hash ^ (hash >>> 15)) & (SLOTS - 1);
  const known = NAMES[slot];
  if (known !== undefined && known.length === end - start && text.startsWith(known, start)) return known;
  const name = detached(text.slice(start, end));
  NAMES[slot] = name;
  return name;
}

/** The same text on its own: a part of a long text keeps all of it in memory, in V8. */
export function detached(part: string): string {
  return ` ${part}`.slice(1);
}
