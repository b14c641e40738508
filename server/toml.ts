/** TOML with the place of every key and value, so that a mistake can be pointed at. Pure. */
import { type AST, ParseError, parseTOML } from 'toml-eslint-parser';

/** Lines and columns count from 1, columns in UTF-16 code units; the end is exclusive. */
export interface TomlPlace {
  readonly line: number;
  readonly column: number;
  readonly endLine: number;
  readonly endColumn: number;
}

export interface TomlEntry {
  readonly key: TomlPlace;
  readonly value: TomlValue;
}

export type TomlValue =
  | { readonly is: 'table'; readonly at: TomlPlace; readonly entries: Map<string, TomlEntry> }
  | { readonly is: 'list'; readonly at: TomlPlace; readonly items: TomlValue[] }
  | { readonly is: 'text'; readonly at: TomlPlace; readonly text: string }
  | { readonly is: 'number' | 'boolean' | 'date'; readonly at: TomlPlace };
export type TomlTable = Extract<TomlValue, { readonly is: 'table' }>;

export type TomlReading = { readonly table: TomlTable } | { readonly error: { readonly message: string; readonly at: TomlPlace } };

/** Never throws: what is no TOML gives the place where it stops being any. */
export function readToml(text: string): TomlReading {
  try {
    const [top] = parseTOML(text, { tomlVersion: '1.0' }).body;
    const table = tableAt(placeOf(top));
    for (const it of top.body) {
      if (it.type === 'TOMLKeyValue') put(table, it);
      else {
        const own = descend(table, it.resolvedKey, it.key.keys);
        for (const each of it.body) put(own, each);
      }
    }
    return { table };
  } catch (error) {
    const { message, line, column } = error instanceof ParseError ? mistakeIn(text, error) : { message: 'it is nested too deeply', line: 1, column: 1 };
    return { error: { message, at: { line, column, endLine: line, endColumn: column + 1 } } };
  }
}

/** What the parser says in its own terms, in words that say what to mend. */
const WORDS: Readonly<Record<string, string>> = {
  'Defining a key multiple times is invalid': 'this key or table is there already',
  'Expected equal (=) token': '`=` is missing after the key',
  'Expected comma (,) token': 'a comma is missing',
  'Must be a newline': 'the line should end here',
  'Unexpected character': 'a value is a text in quotes, a number, `true`, `false`, `[…]` or `{…}`',
  'Unexpected token': 'this does not belong here',
  'Unspecified values are invalid': 'a value is missing',
  'Unterminated array': 'the list is not closed: `]` is missing',
  'Unterminated inline table': 'the table is not closed: `}` is missing',
  'Unterminated string constant': 'the text is not closed: its quote is missing',
  'Invalid character in escape sequence': "the text has a backslash that means nothing; write `\\\\`, or the text in '…'",
};

function mistakeIn(text: string, error: ParseError): { readonly message: string; readonly line: number; readonly column: number } {
  const lines = text.split(/\r?\n/);
  // The parser looks for the end of an open bracket further down: the mistake is where it was opened.
  const at = Math.min(error.lineNumber, lines.length);
  for (let line = at; line >= Math.max(1, at - 1); line -= 1) {
    const header = lines[line - 1]?.trimEnd() ?? '';
    if (/^\s*\[(?:[^[\]#=,"']*|\[[^\]#=,"']*\]?)$/.test(header))
      return { message: `the header \`${header.trim()}\` is not closed: \`]\` is missing`, line, column: header.length + 1 };
  }
  const atEnd = text.slice(error.index).trim() === '';
  if (error.message === 'Unspecified values are invalid' && atEnd)
    return { message: 'the file ends inside of a list or before a value', line: at, column: error.column + 1 };
  const said = WORDS[error.message] ?? `${error.message.charAt(0).toLowerCase()}${error.message.slice(1)}`;
  return { message: said, line: error.lineNumber, column: error.column + 1 };
}

function tableAt(at: TomlPlace): TomlTable {
  return { is: 'table', at, entries: new Map() };
}

/** The table of a header: `[tool.attest.rules]`, `[[tool.attest.overrides]]`. */
function descend(start: TomlTable, path: readonly (string | number)[], keys: AST.TOMLKey['keys']): TomlTable {
  let current: TomlValue = start;
  let depth = 0;
  for (const [index, step] of path.entries()) {
    const key = placeOf(keys[Math.min(depth, keys.length - 1)] ?? { loc: NOWHERE });
    if (typeof step === 'string') depth += 1;
    const isList = typeof path[index + 1] === 'number';
    const next: () => TomlValue = () => (isList ? { is: 'list', at: key, items: [] } : tableAt(key));
    current = childOf(current, step, key, next);
  }
  return current.is === 'table' ? current : start;
}

function childOf(parent: TomlValue, step: string | number, key: TomlPlace, make: () => TomlValue): TomlValue {
  if (parent.is === 'table' && typeof step === 'string') {
    const known = parent.entries.get(step)?.value;
    if (known !== undefined) return known;
    const value = make();
    parent.entries.set(step, { key, value });
    return value;
  }
  if (parent.is === 'list' && typeof step === 'number') {
    const known = parent.items[step];
    if (known !== undefined) return known;
    const value = make();
    parent.items[step] = value;
    return value;
  }
  return parent;
}

function put(table: TomlTable, pair: AST.TOMLKeyValue): void {
  const { keys } = pair.key;
  const last = keys.at(-1);
  if (last === undefined) return;
  const own = descend(table, keys.slice(0, -1).map(nameOf), keys);
  own.entries.set(nameOf(last), { key: placeOf(last), value: tomlOf(pair.value) });
}

function tomlOf(node: AST.TOMLContentNode): TomlValue {
  const at = placeOf(node);
  switch (node.type) {
    case 'TOMLArray':
      return { is: 'list', at, items: node.elements.map(tomlOf) };
    case 'TOMLInlineTable': {
      const table = tableAt(at);
      for (const it of node.body) put(table, it);
      return table;
    }
    case 'TOMLValue':
      if (node.kind === 'string') return { is: 'text', at, text: node.value };
      return { is: node.kind === 'boolean' ? 'boolean' : node.kind === 'integer' || node.kind === 'float' ? 'number' : 'date', at };
  }
}

function nameOf(key: AST.TOMLBare | AST.TOMLQuoted): string {
  return key.type === 'TOMLBare' ? key.name : key.value;
}

const NOWHERE = { start: { line: 1, column: 0 }, end: { line: 1, column: 0 } };

function placeOf({ loc: { start, end } }: Pick<AST.TOMLNode, 'loc'>): TomlPlace {
  return { line: start.line, column: start.column + 1, endLine: end.line, endColumn: end.column + 1 };
}
