/** The words of a command that a call starts, as far as they are in the source. */
import { argument, type Call, constantText, type Expression, type Value, walk } from '../model.ts';
import { PROCESS_CALLS, SHELL_CALLS } from './sinks.ts';

/** The words, holes as `?`. */
function words(value: Value): string {
  switch (value.kind) {
    case 'constant':
      return String(value.value);
    case 'joined':
      return value.parts.map(words).join('');
    case 'list':
      return value.items.map(words).join(' ');
    case 'oneOf':
      return value.choices[0] === undefined ? '?' : words(value.choices[0]);
    default:
      return '?';
  }
}

/** The command as one line: of a list, a text, or the positional arguments of `execute('ip', 'link', …)`. */
export function commandOf(call: Call): string | undefined {
  const command = argument(call, 'args', 0) ?? argument(call, 'cmd') ?? argument(call, 'command');
  if (command === undefined) return undefined;
  if (command.value.kind === 'list' || constantText(command.value)?.includes(' ') === true || command.value.kind === 'joined') return words(command.value);
  return call.arguments
    .filter((it) => it.keyword === undefined && it.unpack === undefined)
    .map((it) => words(it.value.value))
    .join(' ');
}

/** What names the program: the first item of a list, the whole text otherwise. */
export function programOf(call: Call): Expression | undefined {
  const command = argument(call, 'args', 0) ?? argument(call, 'cmd');
  return command?.type === 'list' || command?.type === 'tuple' ? command.items[0] : command;
}

/** Can a call of this name start a command? */
export function startsCommand(callee: string): boolean {
  return PROCESS_CALLS.has(callee) || SHELL_CALLS.has(callee);
}

/** The words of the command that are written in the call, each with the literal that holds it; nothing for other calls. */
export function commandWords(call: Call): readonly { readonly word: string; readonly at: Expression }[] {
  const callee = call.callee ?? '';
  if (!startsCommand(callee)) return [];
  const found: { word: string; at: Expression }[] = [];
  for (const { value } of call.arguments) {
    for (const it of walk(value)) {
      if (it.type !== 'string') continue;
      for (const word of constantText(it.value)?.split(/\s+/) ?? []) found.push({ word, at: it });
    }
  }
  return found;
}

/** What a shell gives a meaning of its own. */
const SHELL_MEANS = /[|&;<>()$`\\"'*?[\]#~=%!{}\n]/;

/** A constant command as a list of its words, in Python: `["gzip", "-t"]`; undefined where it needs a shell. */
export function asList(command: Expression): string | undefined {
  const text = constantText(command.value);
  if (text === undefined || command.type !== 'string' || text.trim() === '' || SHELL_MEANS.test(text)) return undefined;
  return `[${text
    .trim()
    .split(/\s+/)
    .map((it) => `"${it}"`)
    .join(', ')}]`;
}

/** `rm -rf {folder}`: where the value has a space in it, the shell removes other things than were meant. */
export function removesUnquoted({ value }: Expression): boolean {
  if (value.kind !== 'joined') return false;
  const text = value.parts.map((it) => (it.kind === 'constant' ? String(it.value) : '\0')).join('');
  const after = text.split(/\s+/);
  while (after.length > 0 && !/^(?:\S*\/)?rm$/.test(after.shift() ?? ''));
  const isOption = (it: string) => it.startsWith('-');
  return after.some((it) => isOption(it) && /r/i.test(it)) && /^[^"']*\0/.test(after.find((it) => !isOption(it)) ?? '');
}

/** Does the text of the command use what only a shell understands, or put its values in quotes: is the shell meant? */
export function wantsShell({ value }: Expression): boolean {
  if (value.kind !== 'joined') return false;
  const written = value.parts.map((it) => (it.kind === 'constant' ? String(it.value) : '\0'));
  return /[|<>;&*`]|\$\(|["']\0/.test(written.join(''));
}
