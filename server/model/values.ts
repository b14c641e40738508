/**
 * Constant folding: strings (`+`, `%`, `.format`, f-strings, `join`, `os.path.join`, `Path /`), numbers,
 * containers. What depends on anything but the text is unknown, or the result of a named call.
 */
import type { Call, Expression, Operation, Value } from '../../rules/model.ts';
import { constantText } from '../../rules/model.ts';
import { spotOf, UNKNOWN } from './tree.ts';

/** The value of an expression; `lookUp` gives that of a name or attribute. */
export function foldValue(it: Expression, lookUp: (name: Expression) => Value): Value {
  switch (it.type) {
    case 'string':
      return it.bytes ? { kind: 'constant', value: it.content, bytes: true } : { kind: 'constant', value: it.content };
    case 'number':
      return Number.isNaN(it.number) ? UNKNOWN : { kind: 'constant', value: it.number };
    case 'constant':
      return it.constant === '...' ? UNKNOWN : { kind: 'constant', value: it.constant === 'None' ? null : it.constant === 'True' };
    case 'fstring':
      return joined(it.parts.map((part) => (typeof part === 'string' ? text(part) : isPlainField(part) ? part.value : UNKNOWN)));
    case 'list':
    case 'tuple':
    case 'set':
      return { kind: 'list', items: it.items.map((item) => (item.type === 'star' ? UNKNOWN : item.value)) };
    case 'dict':
      return { kind: 'dict', entries: it.entries.map(({ key, value }) => [key === undefined ? UNKNOWN : key.value, value.value] as const) };
    case 'name':
    case 'attribute':
      return lookUp(it);
    case 'conditional':
      return { kind: 'oneOf', choices: [it.then.value, it.otherwise.value] };
    case 'walrus':
      return it.assigned.value;
    case 'await':
      return it.operand?.value ?? UNKNOWN;
    case 'operation':
      return foldOperation(it, it.left?.value, it.right.value);
    case 'subscript':
      return foldSubscript(it.object.value, it.index);
    case 'call':
      return foldCall(it);
    default:
      return UNKNOWN;
  }
}

/** `{name}` alone: a conversion or a format changes the text. */
function isPlainField(part: Expression): boolean {
  const { page, end } = spotOf(part.place);
  return /^\s*\}/.test(page.text.slice(end, end + 40));
}

/** `'abc'[0]`, `{'a': 1}['a']`, `['x', 'y'][1]` */
function foldSubscript(object: Value, index: readonly Expression[]): Value {
  const [only] = index;
  const key = only === undefined || index.length > 1 ? undefined : only.value;
  if (key?.kind !== 'constant') return UNKNOWN;
  if (object.kind === 'dict') {
    // A later entry wins, and what is merged in (`**other`) may be one.
    for (const [name, value] of [...object.entries].reverse()) {
      if (name.kind !== 'constant') return UNKNOWN;
      if (name.value === key.value) return value;
    }
    return UNKNOWN;
  }
  if (typeof key.value !== 'number' || !Number.isInteger(key.value)) return UNKNOWN;
  if (object.kind === 'list') return object.items.some((it) => it.kind === 'unknown') && key.value !== 0 ? UNKNOWN : (object.items.at(key.value) ?? UNKNOWN);
  const letter = object.kind === 'constant' && typeof object.value === 'string' && object.bytes === undefined ? [...object.value].at(key.value) : undefined;
  return letter === undefined ? UNKNOWN : text(letter);
}

function text(value: string): Value {
  return { kind: 'constant', value };
}

/** Adjacent known parts become one; a single known part is a constant. */
function joined(parts: readonly Value[]): Value {
  const flat: Value[] = [];
  const bytes = parts.length > 0 && parts.every((it) => it.kind === 'constant' && it.bytes === true);
  const part = (value: string): Value => (bytes ? { kind: 'constant', value, bytes } : text(value));
  for (const it of parts.flatMap((each) => (each.kind === 'joined' ? each.parts : [each]))) {
    if (it.kind === 'constant' && it.value === '') continue;
    const last = flat.at(-1);
    if (it.kind === 'constant' && last?.kind === 'constant') flat[flat.length - 1] = part(written(last.value) + written(it.value));
    else flat.push(it.kind === 'constant' ? part(written(it.value)) : it);
  }
  if (flat.length === 0) return part('');
  const [only] = flat;
  return flat.length === 1 && only?.kind === 'constant' ? only : { kind: 'joined', parts: flat };
}

/** As `str()` writes a constant. */
function written(value: string | number | boolean | null): string {
  return value === null ? 'None' : value === true ? 'True' : value === false ? 'False' : String(value);
}

function isText(value: Value | undefined): boolean {
  return (value?.kind === 'constant' && typeof value.value === 'string') || value?.kind === 'joined';
}

function foldOperation(it: Operation, left: Value | undefined, right: Value): Value {
  const { operator, right: rightNode } = it;
  if (left === undefined) {
    if (operator === '-' && right.kind === 'constant' && typeof right.value === 'number') return { kind: 'constant', value: -right.value };
    if (operator === 'not' && right.kind === 'constant') return { kind: 'constant', value: !right.value };
    return UNKNOWN;
  }
  if (operator === '+') {
    if (left.kind === 'constant' && right.kind === 'constant' && typeof left.value === 'number' && typeof right.value === 'number')
      return { kind: 'constant', value: left.value + right.value };
    if (left.kind === 'list' && right.kind === 'list') return { kind: 'list', items: [...left.items, ...right.items] };
    return isText(left) || isText(right) ? joined([left, right]) : UNKNOWN;
  }
  if (operator === '%' && left.kind === 'constant' && typeof left.value === 'string') {
    return percent(left.value, rightNode.type === 'tuple' && right.kind === 'list' ? right.items : [right]);
  }
  if (operator === '*' && left.kind === 'constant' && right.kind === 'constant') return repeated(left, right) ?? repeated(right, left) ?? product(left, right);
  if (operator === '/' && it.refersTo !== undefined && isText(right)) return pathOf([left, right]);
  if (operator === 'or') return { kind: 'oneOf', choices: [left, right] };
  if (left.kind !== 'constant' || right.kind !== 'constant' || typeof left.value !== 'number' || typeof right.value !== 'number') return UNKNOWN;
  switch (operator) {
    case '-':
      return { kind: 'constant', value: left.value - right.value };
    case '|':
      return { kind: 'constant', value: left.value | right.value };
    case '&':
      return { kind: 'constant', value: left.value & right.value };
    case '<<':
      return { kind: 'constant', value: left.value << right.value };
    default:
      return UNKNOWN;
  }
}

type ConstantValue = Value & { readonly kind: 'constant' };

const MAX_REPEATED = 10_000;

function repeated(what: ConstantValue, times: ConstantValue): Value | undefined {
  if (typeof what.value !== 'string' || typeof times.value !== 'number') return undefined;
  const count = Math.max(0, times.value);
  return what.value.length * count > MAX_REPEATED ? UNKNOWN : { ...what, value: what.value.repeat(count) };
}

function product(a: ConstantValue, b: ConstantValue): Value {
  return typeof a.value === 'number' && typeof b.value === 'number' ? { kind: 'constant', value: a.value * b.value } : UNKNOWN;
}

/** `os.path.join` and `/` of paths: an absolute part begins anew. */
function pathOf(parts: readonly Value[]): Value {
  const start = parts.reduce((last, it, index) => (beginsWith(it, '/') ? index : last), 0);
  // What is `None` until somebody sets it is no part of a path.
  const kept = parts.slice(start).map((it) => (it.kind === 'constant' && it.value === null ? UNKNOWN : it));
  return joined(kept.flatMap((part, index) => (index === 0 || endsInSlash(kept[index - 1]) ? [part] : [text('/'), part])));
}

function beginsWith(it: Value, start: string): boolean {
  if (it.kind === 'joined') return it.parts[0] !== undefined && beginsWith(it.parts[0], start);
  return it.kind === 'constant' && typeof it.value === 'string' && it.value.startsWith(start);
}

function endsInSlash(it: Value | undefined): boolean {
  if (it?.kind === 'joined') return endsInSlash(it.parts.at(-1));
  return it?.kind === 'constant' && typeof it.value === 'string' && it.value.endsWith('/');
}

function percent(format: string, values: readonly Value[]): Value {
  const parts: Value[] = [];
  let used = 0;
  let last = 0;
  for (const match of format.matchAll(/%(?:\((\w+)\))?([#0\- +]*(?:\*|[1-9]\d*)?(?:\.\d+)?)([a-zA-Z%])/g)) {
    parts.push(text(format.slice(last, match.index)));
    last = match.index + match[0].length;
    const [, key, shape, letter] = match;
    if (letter === '%') parts.push(text('%'));
    else {
      const value = key === undefined ? values[used++] : entryOf(values[0], key);
      // Other letters, and widths, write the value in another shape.
      parts.push(value === undefined || shape !== '' || !'sdi'.includes(letter ?? '') ? UNKNOWN : value);
    }
  }
  parts.push(text(format.slice(last)));
  return joined(parts);
}

function entryOf(value: Value | undefined, key: string): Value {
  if (value?.kind !== 'dict') return UNKNOWN;
  for (const [name, entry] of value.entries) if (name.kind === 'constant' && name.value === key) return entry;
  return UNKNOWN;
}

function foldCall(it: Call): Value {
  const callee = it.callee;
  if (it.function.type === 'attribute') {
    const object = it.function.object.value;
    if (object.kind === 'constant' && typeof object.value === 'string') {
      switch (it.method) {
        case 'format':
          return format(object.value, it);
        case 'join': {
          const items = it.arguments[0]?.value.value;
          if (items?.kind !== 'list') return { kind: 'joined', parts: [UNKNOWN] };
          const parts: Value[] = [];
          items.items.forEach((part, index) => {
            if (index > 0) parts.push(text(String(object.value)));
            parts.push(part);
          });
          return joined(parts);
        }
        case 'encode':
          return { kind: 'constant', value: object.value, bytes: true };
        case 'decode':
          return text(object.value);
        case 'strip':
          return it.arguments.length === 0 ? { ...object, value: object.value.trim() } : UNKNOWN;
        case 'replace': {
          const [from, to] = it.arguments.map((each) => constantText(each.value.value));
          return from === undefined || to === undefined || it.arguments.length > 2 ? UNKNOWN : { ...object, value: object.value.replaceAll(from, to) };
        }
        case 'lower':
          return { ...object, value: object.value.toLowerCase() };
        case 'upper':
          return { ...object, value: object.value.toUpperCase() };
        default:
      }
    } else if (object.kind === 'dict' && it.arguments.length === 0) {
      switch (it.method) {
        case 'items':
          return { kind: 'list', items: object.entries.map((items) => ({ kind: 'list', items })) };
        case 'keys':
          return { kind: 'list', items: object.entries.map(([key]) => key) };
        case 'values':
          return { kind: 'list', items: object.entries.map(([, value]) => value) };
        default:
      }
    } else if (object.kind === 'joined' && (it.method === 'encode' || it.method === 'strip')) return object;
  }
  switch (callee) {
    case undefined:
      return UNKNOWN;
    case 'os.path.join':
    case 'posixpath.join':
      return pathOf(it.arguments.map((part) => (part.unpack === undefined ? part.value.value : UNKNOWN)));
    case 'pathlib.Path().joinpath':
    case 'pathlib.Path.home().joinpath':
    case 'pathlib.Path.cwd().joinpath':
      return it.function.type !== 'attribute' || !isText(it.function.object.value)
        ? { kind: 'result', name: callee, call: it }
        : pathOf([it.function.object.value, ...it.arguments.map((part) => (part.unpack === undefined ? part.value.value : UNKNOWN))]);
    case 'os.fspath':
    case 'builtins.str': {
      const value = it.arguments[0]?.value.value;
      return value === undefined
        ? text('')
        : isText(value)
          ? value
          : value.kind === 'constant'
            ? text(String(value.value))
            : { kind: 'joined', parts: [value] };
    }
    case 'pathlib.Path':
    case 'pathlib.PurePath': {
      const parts = it.arguments.map((part) => part.value.value);
      return parts.length > 0 && parts.every(isText) ? pathOf(parts) : { kind: 'result', name: callee, call: it };
    }
    default:
      return { kind: 'result', name: callee, call: it };
  }
}

function format(pattern: string, call: Call): Value {
  const parts: Value[] = [];
  let next = 0;
  let last = 0;
  for (const match of pattern.matchAll(/\{\{|\}\}|\{(\w*)((?:[^{}\w][^{}]*)?)\}/g)) {
    parts.push(text(pattern.slice(last, match.index)));
    last = match.index + match[0].length;
    if (match[0] === '{{' || match[0] === '}}') {
      parts.push(text(match[0][0] ?? ''));
      continue;
    }
    const name = match[1] ?? '';
    const argument = /^\d*$/.test(name)
      ? call.arguments.filter((it) => it.keyword === undefined)[name === '' ? next++ : Number(name)]
      : call.arguments.find((it) => it.keyword === name);
    // `{0.name}`, `{0[key]}`, `{0!r}` and `{0:>8}` write something else than the argument.
    parts.push(argument === undefined || argument.unpack !== undefined || match[2] !== '' ? UNKNOWN : argument.value.value);
  }
  parts.push(text(pattern.slice(last)));
  return joined(parts);
}
