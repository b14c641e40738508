/**
 * Constant folding: strings (`+`, `%`, `.format`, f-strings, `join`, `os.path.join`, `Path /`), numbers,
 * containers. What depends on anything but the text is unknown, or the result of a named call.
 */
import type { Call, Expression, Value } from '../../rules/model.ts';
import { UNKNOWN } from './tree.ts';

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
      return joined(it.parts.map((part) => (typeof part === 'string' ? text(part) : part.value)));
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
      return foldOperation(it.operator, it.left?.value, it.right.value, it.right);
    case 'call':
      return foldCall(it);
    default:
      return UNKNOWN;
  }
}

function text(value: string): Value {
  return { kind: 'constant', value };
}

/** Adjacent known parts become one; a single known part is a constant. */
function joined(parts: readonly Value[]): Value {
  const flat: Value[] = [];
  for (const part of parts.flatMap((it) => (it.kind === 'joined' ? it.parts : [it]))) {
    const last = flat.at(-1);
    if (part.kind === 'constant' && last?.kind === 'constant') flat[flat.length - 1] = text(String(last.value) + String(part.value));
    else flat.push(part.kind === 'constant' ? text(String(part.value)) : part);
  }
  if (flat.length === 0) return text('');
  const [only] = flat;
  return flat.length === 1 && only?.kind === 'constant' ? only : { kind: 'joined', parts: flat };
}

function isText(value: Value | undefined): boolean {
  return (value?.kind === 'constant' && typeof value.value === 'string') || value?.kind === 'joined';
}

function foldOperation(operator: string, left: Value | undefined, right: Value, rightNode: Expression): Value {
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
  if (operator === '*' && left.kind === 'constant' && right.kind === 'constant' && typeof left.value === 'string' && typeof right.value === 'number') {
    return left.value.length * right.value <= 10_000 && right.value >= 0 ? text(left.value.repeat(right.value)) : UNKNOWN;
  }
  if (operator === '/' && (left.kind === 'result' || isText(left)) && isText(right) && isPath(left))
    return joined([left.kind === 'result' ? pathStart(left) : left, text('/'), right]);
  if (operator === 'or') return { kind: 'oneOf', choices: [left, right] };
  if (left.kind !== 'constant' || right.kind !== 'constant' || typeof left.value !== 'number' || typeof right.value !== 'number') return UNKNOWN;
  switch (operator) {
    case '-':
      return { kind: 'constant', value: left.value - right.value };
    case '*':
      return { kind: 'constant', value: left.value * right.value };
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

function isPath(value: Value): boolean {
  return value.kind === 'joined' || (value.kind === 'result' && /(?:^pathlib\.(?:Pure)?(?:Posix|Windows)?Path(?:\.cwd|\.home)?$)|tmp_path/.test(value.name));
}

/** `Path('/a')` as the text '/a' where its only argument is known. */
function pathStart(value: Value & { kind: 'result' }): Value {
  const [first] = value.call.arguments;
  return first !== undefined && value.call.arguments.length === 1 && isText(first.value.value) ? first.value.value : value;
}

function percent(format: string, values: readonly Value[]): Value {
  const parts: Value[] = [];
  let used = 0;
  let last = 0;
  for (const match of format.matchAll(/%(?:\((\w+)\))?[#0\- +]*(?:\*|[1-9]\d*)?(?:\.\d+)?([a-zA-Z%])/g)) {
    parts.push(text(format.slice(last, match.index)));
    last = match.index + match[0].length;
    if (match[2] === '%') parts.push(text('%'));
    else if (match[1] !== undefined) parts.push(entryOf(values[0], match[1]));
    else parts.push(values[used++] ?? UNKNOWN);
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
        case 'decode':
        case 'strip':
          return object.bytes === undefined || it.method !== 'strip' ? text(object.value) : object;
        case 'lower':
          return text(object.value.toLowerCase());
        case 'upper':
          return text(object.value.toUpperCase());
        default:
      }
    } else if (object.kind === 'joined' && (it.method === 'encode' || it.method === 'strip')) return object;
  }
  switch (callee) {
    case undefined:
      return UNKNOWN;
    case 'os.path.join': {
      const parts: Value[] = [];
      it.arguments.forEach((part, index) => {
        if (index > 0) parts.push(text('/'));
        parts.push(part.unpack === undefined ? part.value.value : UNKNOWN);
      });
      return joined(parts);
    }
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
      return parts.length > 0 && parts.every(isText)
        ? joined(parts.flatMap((part, index) => (index > 0 ? [text('/'), part] : [part])))
        : { kind: 'result', name: callee, call: it };
    }
    default:
      return { kind: 'result', name: callee, call: it };
  }
}

function format(pattern: string, call: Call): Value {
  const parts: Value[] = [];
  let next = 0;
  let last = 0;
  for (const match of pattern.matchAll(/\{\{|\}\}|\{(\w*)(?:[^{}\w][^{}]*)?\}/g)) {
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
    parts.push(argument === undefined || argument.unpack !== undefined ? UNKNOWN : argument.value.value);
  }
  parts.push(text(pattern.slice(last)));
  return joined(parts);
}
