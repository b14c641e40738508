/** Fixes: from edits said in places to edits of the file's text, with Python's indentation kept. */

import type { Place } from '../../rules/model.ts';
import type { Edit, Fix } from '../../rules/rule.ts';
import type { FrameUnit } from '../model/frame.ts';
import { plainImport } from '../model/plain.ts';
import type { Text } from '../syntax/text.ts';
import type { LineIndex } from './line-index.ts';
import type { PlacedEdit, PlacedFix } from './review.ts';

export type Locate = (place: Place) => { readonly start: number; readonly end: number } | undefined;

interface TextEdit {
  readonly start: number;
  readonly end: number;
  readonly text: string;
}

/**
 * The fix against the file's text; undefined when a part of it lies in another file or overlaps another part, when lines would have to
 * go where a statement shares its own with others, and when a name that it imports means something else where it is used.
 */
export function placeFix(fix: Fix, text: Text, lines: LineIndex, units: readonly FrameUnit[], locate: Locate): PlacedFix | undefined {
  const source = { text, lines };
  const edits: TextEdit[] = [];
  const imports: Import[] = [];
  for (const it of fix.edits) {
    if (it.do === 'import') {
      imports.push(it);
      continue;
    }
    const placed = placeEdit(it, source, locate);
    if (placed === undefined) return undefined;
    edits.push(...placed);
  }
  const touched = units.filter(({ unit }) => edits.some((it) => it.start <= unit.end && it.end > unit.start));
  for (const it of imports) {
    const placed = placeImport(it, source, units, touched);
    if (placed === undefined) return undefined;
    edits.push(...placed);
  }
  edits.sort((a, b) => a.start - b.start || a.end - b.end);
  for (let index = 1; index < edits.length; index++) if ((edits[index]?.start ?? 0) < (edits[index - 1]?.end ?? 0)) return undefined;
  return { title: fix.title, safety: fix.safety, edits: edits.map((it) => ({ ...lines.span(it.start, it.end), text: it.text })) };
}

type Import = Extract<Edit, { readonly do: 'import' }>;

function placeEdit(edit: Exclude<Edit, Import>, source: Source, locate: Locate): TextEdit[] | undefined {
  const { text } = source;
  switch (edit.do) {
    case 'replace': {
      const at = locate(edit.at);
      return at === undefined ? undefined : [{ ...at, text: edit.with.replaceAll('\n', newlineOf(source)) }];
    }
    case 'insert': {
      const at = locate(edit.at);
      if (at === undefined || !startsLine(source, at.start) || (edit.where === 'after' && !endsLine(source, at.end))) return undefined;
      const newline = newlineOf(source);
      const indent = indentAt(source, at.start);
      const lines = edit.lines.map((it) => `${indent}${it}${newline}`).join('');
      if (edit.where === 'before') {
        const start = lineStart(source, at.start);
        return [{ start, end: start, text: lines }];
      }
      const end = lineEnd(source, at.end);
      return [{ start: end, end, text: end === text.length && charAt(text, end - 1) !== '\n' ? newline + lines.slice(0, -newline.length) : lines }];
    }
    case 'delete statement': {
      const at = locate(edit.at);
      if (at === undefined || !hasOwnLines(source, at)) return undefined;
      return [{ start: lineStart(source, at.start), end: lineEnd(source, at.end), text: '' }];
    }
    case 'move after': {
      const at = locate(edit.at);
      const after = locate(edit.after);
      if (at === undefined || after === undefined || !hasOwnLines(source, at)) return undefined;
      const start = lineStart(source, at.start);
      const end = lineEnd(source, at.end);
      const from = indentAt(source, at.start);
      const to = indentAt(source, after.start);
      const target = Math.max(end, lineEnd(source, after.end));
      let moved = text.slice(start, end);
      if (!moved.endsWith('\n')) moved += newlineOf(source);
      const shifted = moved
        .split('\n')
        .map((line) => (line.startsWith(from) ? to + line.slice(from.length) : line))
        .join('\n');
      if (target === end) return [{ start, end, text: shifted }];
      return [
        { start, end, text: '' },
        { start: target, end: target, text: shifted },
      ];
    }
    case 'enclose': {
      const at = locate(edit.at);
      const until = locate(edit.until);
      if (at === undefined || until === undefined) return undefined;
      const start = lineStart(source, at.start);
      const end = lineEnd(source, until.end);
      const indent = indentAt(source, at.start);
      const inner = text.slice(start, end);
      if (!startsLine(source, at.start) || !endsLine(source, until.end)) return undefined;
      // What stands in a text over several lines must not move.
      if (/"""|'''|\\\r?\n/.test(inner)) return undefined;
      const body = inner.replaceAll(/^(?=[^\r\n])/gm, '    ');
      return [{ start, end, text: `${indent}${edit.head}${newlineOf(source)}${body}` }];
    }
    case 'add parameter': {
      const name = locate(edit.name);
      const after = edit.after === undefined ? undefined : locate(edit.after);
      if (name === undefined || (edit.after !== undefined && after === undefined)) return undefined;
      if (after !== undefined) return [{ start: after.end, end: after.end, text: `, ${edit.text}` }];
      const open = name.end + 1;
      if (charAt(text, name.end) !== '(') return undefined;
      return [{ start: open, end: open, text: charAt(text, open) === ')' ? edit.text : `${edit.text}, ` }];
    }
    case 'add argument': {
      const at = locate(edit.call);
      if (at === undefined) return undefined;
      const close = at.end - 1;
      if (charAt(text, close) !== ')') return undefined;
      let last = close;
      while (last > at.start && /\s/.test(charAt(text, last - 1))) last -= 1;
      const before = charAt(text, last - 1);
      const separator = before === '(' ? '' : before === ',' ? ' ' : ', ';
      return [{ start: last, end: last, text: separator + edit.text }];
    }
    case 'remove argument': {
      const at = locate(edit.at);
      if (at === undefined) return undefined;
      const behind = text.slice(at.end, at.end + NEAR);
      const after = /^\s*,[ \t]*/.exec(behind)?.[0] ?? '';
      const before = /(?:,\s*)?$/.exec(text.slice(Math.max(0, at.start - NEAR), at.start))?.[0] ?? '';
      // The last one takes the comma before it, any other the one behind it.
      const last = after === '' || /^\s*\)/.test(behind.slice(after.length));
      return [last ? { start: at.start - before.length, end: at.end, text: '' } : { start: at.start, end: at.end + after.length, text: '' }];
    }
  }
}

/** A text and its lines. */
interface Source {
  readonly text: Text;
  readonly lines: LineIndex;
}

/** What stands between two arguments is no longer than this. */
const NEAR = 400;

/** Nothing outside of the text. */
function charAt(text: Text, at: number): string {
  return at < 0 ? '' : text.slice(at, at + 1);
}

/** As the first line ends. */
function newlineOf({ text, lines }: Source): string {
  return charAt(text, lines.boundsOf(1).end - 1) === '\r' ? '\r\n' : '\n';
}

function lineStart({ lines }: Source, at: number): number {
  return lines.boundsOf(lines.lineAt(at)).start;
}

/** Behind the line's newline; an offset where a line starts is behind the one before. */
function lineEnd({ text, lines }: Source, at: number): number {
  const { start, end } = lines.boundsOf(lines.lineAt(at));
  return at === start && at > 0 ? at : Math.min(end + 1, text.length);
}

function indentAt(source: Source, at: number): string {
  return /^[ \t]*/.exec(source.text.slice(lineStart(source, at), at))?.[0] ?? '';
}

/** Does nothing but its indentation stand before it on its line? */
function startsLine(source: Source, at: number): boolean {
  return lineStart(source, at) + indentAt(source, at).length === at;
}

/** Does nothing but a comment stand behind it on its line? */
function endsLine(source: Source, at: number): boolean {
  return (at > 0 && lineStart(source, at) === at) || /^[ \t]*(?:#|\r?$)/.test(source.text.slice(at, lineEnd(source, at)).replace(/\n$/, ''));
}

function hasOwnLines(source: Source, at: { readonly start: number; readonly end: number }): boolean {
  return startsLine(source, at.start) && endsLine(source, at.end);
}

// ---------------------------------------------------------------------------------------------- imports

/** Undefined where the name is bound to something else, at module level or in what the fix touches. */
function placeImport(edit: Import, source: Source, units: readonly FrameUnit[], touched: readonly FrameUnit[]): TextEdit[] | undefined {
  const name = edit.name ?? edit.module.split('.', 1)[0] ?? '';
  if (touched.some((it) => it.text.includes(name) && binds(it.text, name))) return undefined;
  let isThere = false;
  for (const { unit, head, text: code } of units) {
    if (unit.kind === 'member' || !code.includes(name)) continue;
    if (head.kind === 'function' || head.kind === 'class') {
      if (head.name === name) return undefined;
      continue;
    }
    if (head.kind === 'other' && !/^(?:try|if|with|for|while)\b/.test(code)) {
      if (binds(code, name, isTarget)) return undefined;
      continue;
    }
    // In a `try` or an `if` each way may import it from where it is.
    const rest = code.replace(/^[ \t]*(?:import|from)[ \t][^\n(]*(?:\([^)]*\))?/gm, (statement) => {
      const imported = importsOf(statement.trim());
      const found = imported.filter((it) => it.bound === name);
      if (imported.length === 0 || !found.every((it) => meansSame(it, edit))) return statement;
      isThere ||=
        !code.includes('TYPE_CHECKING') && found.some((it) => it.from !== undefined || it.name === 'mock' || `${it.name}.`.startsWith(`${edit.module}.`));
      return '';
    });
    if (binds(rest, name)) return undefined;
  }
  if (isThere) return [];
  const { text } = source;
  const at = importPosition(source, units);
  const newline = newlineOf(source);
  // Two blank lines part it from a definition that follows.
  const apart = /^(?:async def|def|class|@)/.test(text.slice(at, at + 10)) ? newline + newline : '';
  return [{ start: at, end: at, text: `${edit.name === undefined ? `import ${edit.module}` : `from ${edit.module} import ${edit.name}`}${newline}${apart}` }];
}

interface Imported {
  readonly from: string | undefined;
  readonly name: string;
  readonly bound: string;
}

function importsOf(statement: string): Imported[] {
  // `import a, b as c`
  const parts = statement.startsWith('import') ? (statement.split('#', 1)[0] ?? '').slice('import'.length).split(',') : undefined;
  const found = parts === undefined ? [plainImport(statement)] : parts.map((it) => plainImport(`import ${it.trim()}`));
  return found.flatMap((it) =>
    it === undefined
      ? []
      : it.names.map(({ name, as }) => ({ from: it.from, name, bound: as ?? (it.from === undefined ? (name.split('.', 1)[0] ?? '') : name) })),
  );
}

/** The package `mock` is `unittest.mock` for older Pythons. */
function meansSame({ from, name, bound }: Imported, edit: Import): boolean {
  if (edit.name === undefined) return from === undefined && (name === edit.module || name.split('.', 1)[0] === bound);
  return name === edit.name && (from === edit.module || (edit.module === 'unittest' && edit.name === 'mock' && (from === undefined || from === 'mock')));
}

/** Does the code give the name a value of its own: a variable, a parameter, a definition, an import? Where it only looks like it, a fix is lost. */
function binds(code: string, name: string, asBound = isBound): boolean {
  for (let at = code.indexOf(name); at >= 0; at = code.indexOf(name, at + 1)) {
    const end = at + name.length;
    if (!/\w/.test(code.charAt(at - 1)) && !/\w/.test(code.charAt(end)) && asBound(code, at, end)) return true;
  }
  return false;
}

function isBound(code: string, at: number, end: number): boolean {
  const [before, after] = lineAround(code, at, end);
  if (after.trimStart().startsWith(':=') || /\b(?:as|def|class|global|nonlocal|del)$/.test(before.trimEnd())) return true;
  const open = enclosing(code, at);
  const head = open === undefined ? before : lineAround(code, open, open)[0];
  if (/\bimport\b/.test(head)) return true;
  // A parameter, and no default value.
  if (/\bdef\b/.test(head)) return /[(,*]$/.test((open === undefined ? before : code.slice(open, at)).trimEnd());
  const loop = before.lastIndexOf('for ');
  return isTarget(code, at, end) || (loop >= 0 && !/\bin\b/.test(before.slice(loop)) && /\bin\b/.test(after));
}

/** `name = …`, `other, name = …`, `name: int = …` */
function isTarget(code: string, at: number, end: number): boolean {
  const [before, after] = lineAround(code, at, end);
  const next = after.trimStart();
  if (enclosing(code, at) !== undefined || !/^[\w., \t=*]*$/.test(before)) return false;
  return /^=(?!=)/.test(next) || (/^[,:]/.test(next) && /[^=!<>]=(?!=)/.test(next));
}

function lineAround(code: string, at: number, end: number): readonly [before: string, after: string] {
  const [after = ''] = code.slice(end).split('\n', 1);
  return [code.slice(code.lastIndexOf('\n', at - 1) + 1, at), after];
}

/** Where the parenthesis around a place opens. */
function enclosing(code: string, at: number): number | undefined {
  const open = code.lastIndexOf('(', at);
  return open > code.lastIndexOf(')', at) ? open : undefined;
}

/** Before the first import that is not from `__future__`, else behind the module's docstring and comments. */
function importPosition(source: Source, units: readonly FrameUnit[]): number {
  const first = units.find(({ head, text: code }) => head.kind === 'import' && !/^from[ \t]+__future__\b/.test(code));
  if (first !== undefined) return lineStart(source, first.unit.start);
  const header = /^(?:\s*(?:#[^\n]*)?\n|[rR]?"""(?:(?!""")[\s\S])*"""[^\n]*\n|[rR]?'''(?:(?!''')[\s\S])*'''[^\n]*\n|from __future__[^\n]*\n)*/.exec(
    source.text.toString(),
  );
  return header?.[0].length ?? 0;
}

/** The changes of several fixes that can be made at once, sorted: of two that touch the same text, the first; and which of them these are. */
export function fixesTogether<T extends PlacedFix>(fixes: readonly T[]): { readonly edits: readonly PlacedEdit[]; readonly made: readonly T[] } {
  const taken: PlacedEdit[] = [];
  const made: T[] = [];
  for (const fix of fixes) {
    const fresh = fix.edits.filter((it) => !taken.some((other) => isSame(it, other)));
    if (fresh.some((it) => taken.some((other) => overlaps(it, other)))) continue;
    taken.push(...fresh);
    made.push(fix);
  }
  return { edits: taken.sort((a, b) => a.start - b.start || a.end - b.end), made };
}

function isSame(a: PlacedEdit, b: PlacedEdit): boolean {
  return a.start === b.start && a.end === b.end && a.text === b.text;
}

function overlaps(a: PlacedEdit, b: PlacedEdit): boolean {
  return a.start < b.end && b.start < a.end;
}
