/**
 * Text from the repository inside Markdown: shown, never obeyed. Code spans are fenced longer than any run of
 * backticks inside; outside of them every character with a meaning is escaped, and what a site would turn
 * into a link or a mention (addresses, `@name`) is shown as code.
 */
import { visible } from './visible.ts';

/** Any text as one code span. */
export function code(text: string): string {
  const shown = visible(text);
  const longest = Math.max(0, ...[...shown.matchAll(/`+/g)].map((it) => it[0].length));
  const fence = '`'.repeat(longest + 1);
  const padding = longest > 0 || shown === '' || /^ .* $/.test(shown) ? ' ' : '';
  return `${fence}${padding}${shown}${padding}${fence}`;
}

/** A message: code spans stay code, the rest is plain text. */
export function inline(message: string): string {
  return joined(message.split(/(`[^`]+`)/).map((part, index) => (index % 2 === 1 ? code(part.slice(1, -1)) : plain(part))));
}

/** Two code spans that touch would read as one: a blank keeps them apart. */
function joined(parts: readonly string[]): string {
  return parts.reduce((before, part) => (before.endsWith('`') && part.startsWith('`') ? `${before} ${part}` : before + part), '');
}

function plain(text: string): string {
  const parts = text.split(/((?<!\S)\S*(?:@|:\/\/|www\.)[^\s"'\u201c\u201d,;)]*)/i);
  return joined(parts.map((part, index) => (index % 2 === 1 ? code(part) : visible(part).replace(/[\\`*_{}[\]<>#|~!&]/g, escaped))));
}

function escaped(character: string): string {
  if (character === '<') return '&lt;';
  if (character === '>') return '&gt;';
  if (character === '&') return '&amp;';
  return `\\${character}`;
}
