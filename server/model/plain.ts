/**
 * What a statement of a module binds, read off its text: for the forms that nearly all are written in. Who looks one
 * name up in a large module does not pay for its constants and imports; what is written in another way is parsed.
 *
 *     import os.path as p         # p
 *     from a import (b, c as d)   # b, d
 *     LIMIT = compute(3)          # LIMIT
 *     LOG.info('ready')           # nothing
 */
import { stringEnd } from '../syntax/split.ts';

export interface PlainImport {
  readonly from: string | undefined;
  readonly names: readonly { readonly name: string; readonly as: string | undefined }[];
}

const IMPORT = /^import[ \t]+([A-Za-z_]\w*(?:\.[A-Za-z_]\w*)*)(?:[ \t]+as[ \t]+([A-Za-z_]\w*))?[ \t\r]*(?:#[^\n]*)?\n?$/;
const FROM = /^from[ \t]+(\.+(?:[A-Za-z_]\w*(?:\.[A-Za-z_]\w*)*)?|[A-Za-z_]\w*(?:\.[A-Za-z_]\w*)*)[ \t]+import(?=[ \t(*])/;
const IMPORTED = /^([A-Za-z_]\w*)(?:[ \t]+as[ \t]+([A-Za-z_]\w*))?$/;

/** Of an import that is a unit of its own; undefined for a form that has to be parsed. */
export function plainImport(text: string): PlainImport | undefined {
  const module = IMPORT.exec(text);
  if (module?.[1] !== undefined) return { from: undefined, names: [{ name: module[1], as: module[2] }] };
  const [head = '', from = ''] = FROM.exec(text) ?? [];
  if (from === '') return undefined;
  const rest = text.slice(head.length).trim();
  if (!rest.startsWith('(')) {
    const list = withoutComment(rest).trim();
    return list === '*' ? { from, names: [{ name: '*', as: undefined }] } : namesOf(from, list.split(','));
  }
  const end = rest.indexOf(')');
  if (end < 0 || withoutComment(rest.slice(end + 1)).trim() !== '') return undefined;
  const parts = rest.slice(1, end).split('\n').map(withoutComment).join(' ').split(',');
  if (parts.length > 1 && parts.at(-1)?.trim() === '') parts.pop();
  return namesOf(from, parts);
}

function withoutComment(line: string): string {
  const comment = line.indexOf('#');
  return comment < 0 ? line : line.slice(0, comment);
}

function namesOf(from: string, parts: readonly string[]): PlainImport | undefined {
  const names: { name: string; as: string | undefined }[] = [];
  for (const part of parts) {
    const [, name, as] = IMPORTED.exec(part.trim()) ?? [];
    if (name === undefined) return undefined;
    names.push({ name, as });
  }
  return { from, names };
}

const TARGET = /^([A-Za-z_]\w*)[ \t]*=[ \t]*(?=[^\s=#])/;
/** Statements that bind by themselves, or that hold others. */
const BINDS = /^(?:for|while|if|with|try|match|async|del|type|def|class|import|from|@)/;

/** The one name that a statement gives a value; empty when it binds nothing; undefined when it has to be parsed. */
export function plainTarget(text: string): string | undefined {
  const [written = '', name = ''] = TARGET.exec(text) ?? [];
  if (name === '' && BINDS.test(text)) return undefined;
  let depth = 0;
  for (let at = written.length; at < text.length; ) {
    switch (text.charCodeAt(at)) {
      case 34: // "
      case 39: // '
        at = stringEnd(text, at, text.charCodeAt(at));
        continue;
      case 35: // #
        at = text.indexOf('\n', at);
        if (at < 0) return depth === 0 ? name : undefined;
        continue;
      case 40: // ( [ {
      case 91:
      case 123:
        depth += 1;
        break;
      case 41: // ) ] }
      case 93:
      case 125:
        depth -= 1;
        if (depth < 0) return undefined;
        break;
      case 61: // =
      case 58: // :
      case 59: // ;
        if (depth === 0) return undefined;
        break;
      default:
    }
    at += 1;
  }
  return depth === 0 ? name : undefined;
}
