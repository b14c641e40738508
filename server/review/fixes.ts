/** Fixes: from edits said in places to edits of the file's text, with Python's indentation kept. */

import type { Place } from '../../rules/model.ts';
import type { Edit, Fix } from '../../rules/rule.ts';
import type { LineIndex } from './line-index.ts';
import type { PlacedEdit, PlacedFix } from './review.ts';

export type Locate = (place: Place) => { readonly start: number; readonly end: number } | undefined;

interface TextEdit {
  readonly start: number;
  readonly end: number;
  readonly text: string;
}

/** The fix against the file's text; undefined when a part of it lies in another file or overlaps another part. */
export function placeFix(fix: Fix, text: string, lines: LineIndex, locate: Locate): PlacedFix | undefined {
  const edits: TextEdit[] = [];
  for (const it of fix.edits) {
    const placed = placeEdit(it, text, locate);
    if (placed === undefined) return undefined;
    edits.push(...placed);
  }
  edits.sort((a, b) => a.start - b.start || a.end - b.end);
  for (let index = 1; index < edits.length; index++) if ((edits[index]?.start ?? 0) < (edits[index - 1]?.end ?? 0)) return undefined;
  return { title: fix.title, safety: fix.safety, edits: edits.map((it) => ({ ...lines.span(it.start, it.end), text: it.text })) };
}

function placeEdit(edit: Edit, text: string, locate: Locate): TextEdit[] | undefined {
  switch (edit.do) {
    case 'replace': {
      const at = locate(edit.at);
      return at === undefined ? undefined : [{ ...at, text: edit.with.replaceAll('\n', newlineOf(text)) }];
    }
    case 'insert': {
      const at = locate(edit.at);
      if (at === undefined) return undefined;
      const newline = newlineOf(text);
      const indent = indentAt(text, at.start);
      const lines = edit.lines.map((it) => `${indent}${it}${newline}`).join('');
      if (edit.where === 'before') {
        const start = lineStart(text, at.start);
        return [{ start, end: start, text: lines }];
      }
      const end = lineEnd(text, at.end);
      return [{ start: end, end, text: end === text.length && !text.endsWith('\n') ? newline + lines.slice(0, -newline.length) : lines }];
    }
    case 'delete statement': {
      const at = locate(edit.at);
      if (at === undefined) return undefined;
      return [{ start: lineStart(text, at.start), end: lineEnd(text, at.end), text: '' }];
    }
    case 'move after': {
      const at = locate(edit.at);
      const after = locate(edit.after);
      if (at === undefined || after === undefined) return undefined;
      const start = lineStart(text, at.start);
      const end = lineEnd(text, at.end);
      const from = indentAt(text, at.start);
      const to = indentAt(text, after.start);
      const target = Math.max(end, lineEnd(text, after.end));
      let moved = text.slice(start, end);
      if (!moved.endsWith('\n')) moved += newlineOf(text);
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
      const start = lineStart(text, at.start);
      const end = lineEnd(text, until.end);
      const indent = indentAt(text, at.start);
      const inner = text.slice(start, end);
      // What stands in a text over several lines must not move.
      if (start + indent.length !== at.start || /"""|'''|\\\r?\n/.test(inner)) return undefined;
      const body = inner.replaceAll(/^(?=[^\r\n])/gm, '    ');
      return [{ start, end, text: `${indent}${edit.head}${newlineOf(text)}${body}` }];
    }
    case 'add parameter': {
      const name = locate(edit.name);
      const after = edit.after === undefined ? undefined : locate(edit.after);
      if (name === undefined || (edit.after !== undefined && after === undefined)) return undefined;
      if (after !== undefined) return [{ start: after.end, end: after.end, text: `, ${edit.text}` }];
      const open = name.end + 1;
      if (text[name.end] !== '(') return undefined;
      return [{ start: open, end: open, text: text[open] === ')' ? edit.text : `${edit.text}, ` }];
    }
    case 'add argument': {
      const at = locate(edit.call);
      if (at === undefined) return undefined;
      const close = at.end - 1;
      if (text[close] !== ')') return undefined;
      let last = close;
      while (last > at.start && /\s/.test(text[last - 1] ?? '')) last -= 1;
      const before = text[last - 1];
      const separator = before === '(' ? '' : before === ',' ? ' ' : ', ';
      return [{ start: last, end: last, text: separator + edit.text }];
    }
    case 'remove argument': {
      const at = locate(edit.at);
      if (at === undefined) return undefined;
      const after = /^\s*,[ \t]*/.exec(text.slice(at.end))?.[0] ?? '';
      const before = /(?:,\s*)?$/.exec(text.slice(Math.max(0, at.start - 400), at.start))?.[0] ?? '';
      // The last one takes the comma before it, any other the one behind it.
      const last = after === '' || /^\s*\)/.test(text.slice(at.end + after.length));
      return [last ? { start: at.start - before.length, end: at.end, text: '' } : { start: at.start, end: at.end + after.length, text: '' }];
    }
    case 'import': {
      const statement = edit.name === undefined ? `import ${edit.module}` : `from ${edit.module} import ${edit.name}`;
      if (new RegExp(`^${statement.replaceAll('.', '\\.')}\\b`, 'm').test(text)) return [];
      const at = importPosition(text);
      const newline = newlineOf(text);
      // Two blank lines part it from a definition that follows.
      const apart = /^(?:async def|def|class|@)/.test(text.slice(at, at + 10)) ? newline + newline : '';
      return [{ start: at, end: at, text: `${statement}${newline}${apart}` }];
    }
  }
}

function newlineOf(text: string): string {
  return text.includes('\r\n') ? '\r\n' : '\n';
}

function lineStart(text: string, at: number): number {
  return text.lastIndexOf('\n', at - 1) + 1;
}

function lineEnd(text: string, at: number): number {
  if (at > 0 && text[at - 1] === '\n') return at;
  const newline = text.indexOf('\n', at);
  return newline < 0 ? text.length : newline + 1;
}

function indentAt(text: string, at: number): string {
  return /^[ \t]*/.exec(text.slice(lineStart(text, at), at))?.[0] ?? '';
}

/** Before the first import that is not from `__future__`, else behind the module's docstring and comments. */
function importPosition(text: string): number {
  const match = /^(?:import|from)[ \t]+(?!__future__)/m.exec(text);
  if (match !== null) return match.index;
  const header = /^(?:\s*(?:#[^\n]*)?\n|[rR]?"""(?:(?!""")[\s\S])*"""[^\n]*\n|[rR]?'''(?:(?!''')[\s\S])*'''[^\n]*\n|from __future__[^\n]*\n)*/.exec(text);
  return header?.[0].length ?? 0;
}

/** The changes of several fixes that can be made at once, sorted: of two that touch the same text, the first; and of how many fixes they are. */
export function fixesTogether(fixes: readonly PlacedFix[]): { readonly edits: readonly PlacedEdit[]; readonly count: number } {
  const taken: PlacedEdit[] = [];
  let count = 0;
  for (const fix of fixes) {
    const fresh = fix.edits.filter((it) => !taken.some((other) => isSame(it, other)));
    if (fresh.some((it) => taken.some((other) => overlaps(it, other)))) continue;
    taken.push(...fresh);
    count += 1;
  }
  return { edits: taken.sort((a, b) => a.start - b.start || a.end - b.end), count };
}

function isSame(a: PlacedEdit, b: PlacedEdit): boolean {
  return a.start === b.start && a.end === b.end && a.text === b.text;
}

function overlaps(a: PlacedEdit, b: PlacedEdit): boolean {
  return a.start < b.end && b.start < a.end;
}
