/**
 * One page, shown once: every node in order, and the facts that grow on it (raises, patches, resources,
 * changes, literals), each made at the moment it is reached.
 */
import type { Call, Expression, Literal, Resource } from '../../rules/model.ts';
import { isApiCall } from '../../rules/python/api.ts';
import { isInputSink } from '../../rules/python/sinks.ts';
import { changesOf } from './changes.ts';
import { cleanupForm, undoneBy } from './cleanups.ts';
import type { FileModel } from './file-model.ts';
import type { Page } from './page.ts';
import { patchForm, patchOf } from './patches.ts';
import { raisesForm, raisesKept, raisesOf } from './raises.ts';
import { acquisitionsOf, resourceOf } from './resources.ts';
import { isForgottenStack } from './stacks.ts';
import { traitsOf } from './traits.ts';
import { relationsOf, spotOf } from './tree.ts';

/** What is shown, by number; the last four are for the tally alone. */
export const SHOWN = [
  'function',
  'call',
  'statement',
  'literal',
  'handler',
  'assignment',
  'assertion',
  'raises',
  'patch',
  'resource',
  'change',
  'cleanup',
  'sink',
  'network',
  'api',
  'mock',
] as const;
const FUNCTION = 0;
export const CALL = 1;
export const STATEMENT = 2;
export const LITERAL = 3;
const HANDLER = 4;
const ASSIGNMENT = 5;
const ASSERTION = 6;
const RAISES = 7;
export const PATCH = 8;
const RESOURCE = 9;
const CHANGE = 10;
const CLEANUP = 11;
const SINK = 12;
const NETWORK = 13;
const API = 14;
const MOCK = 15;

export type Show = (kind: number, subject: unknown) => void;

/** Shows everything in a page to `show`. */
export function showPage(page: Page, file: FileModel, show: Show, onBroken: (at: number) => void): void {
  const { nodes } = page;
  for (let index = 0; index < nodes.length; index++) {
    const node = nodes[index];
    if (node === undefined) break;
    switch (node.type) {
      case 'function': {
        show(STATEMENT, node);
        const subject = file.subjectOf(node);
        show(FUNCTION, subject);
        break;
      }
      case 'call':
        showCall(node, file, show);
        break;
      case 'string':
      case 'fstring': {
        const literal = literalOf(node, file);
        if (literal !== undefined) show(LITERAL, literal);
        break;
      }
      case 'handler':
        show(HANDLER, node);
        break;
      case 'assignment':
        show(ASSIGNMENT, node);
        show(STATEMENT, node);
        for (const it of changesOf(node, file.frame, file.ownerOf(node), file.surroundings(file.ownerOf(node)))) show(CHANGE, it);
        break;
      case 'delete':
        show(STATEMENT, node);
        for (const it of changesOf(node, file.frame, file.ownerOf(node), file.surroundings(file.ownerOf(node)))) show(CHANGE, it);
        break;
      case 'broken':
        // What could not be parsed is not judged; what is around it is.
        onBroken(spotOf(node.place).start);
        index = relationsOf(node).after - 1;
        break;
      case 'assert':
        show(ASSERTION, node);
        show(STATEMENT, node);
        break;
      case 'expression':
      case 'return':
      case 'raise':
      case 'pass':
      case 'break':
      case 'continue':
      case 'global':
      case 'nonlocal':
      case 'import':
      case 'if':
      case 'while':
      case 'for':
      case 'try':
      case 'class':
      case 'match':
        show(STATEMENT, node);
        break;
      case 'with':
        show(STATEMENT, node);
        for (const it of raisesKept(node, file)) show(RAISES, it);
        break;
      default:
    }
  }
}

/** What a function of the workspace mostly acquires such a thing by: where it is replaced, there is none. */
const MADE_BY: Readonly<Partial<Record<Resource['sort'], readonly string[]>>> = {
  socket: ['socket.socket', 'socket.create_connection', 'socket.create_server'],
  file: ['builtins.open'],
  process: ['subprocess.Popen'],
  database: ['sqlite3.connect', 'psycopg2.connect', 'pymysql.connect', 'sqlalchemy.create_engine'],
};

function showCall(node: Call, file: FileModel, show: Show): void {
  const traits = traitsOf(node.callee ?? '', node.method);
  show(CALL, node);
  if ((traits.sink || givesKeyword(node, 'shell')) && isInputSink(node)) show(SINK, node);
  if (traits.network) show(NETWORK, node);
  if (traits.api && isApiCall(node)) show(API, node);
  const expects = traits.raises ? raisesForm(node) : undefined;
  if (expects !== undefined) {
    const raises = raisesOf(node, expects, file);
    if (raises !== undefined) show(RAISES, raises);
    return;
  }
  if (traits.assertion) show(ASSERTION, node);
  if (traits.mock) show(MOCK, node);
  const form = traits.patch ? patchForm(node) : undefined;
  if (form !== undefined) show(PATCH, patchOf(node, form, file.ownerOf(node), file.surroundings(file.ownerOf(node))));
  const acquisitions = traits.acquires ? acquisitionsOf(node) : file.givenBy(node);
  const cleanup = traits.cleanup ? cleanupForm(node) : undefined;
  if (acquisitions.length === 0 && !traits.changes && cleanup === undefined) return;
  const owner = file.ownerOf(node);
  const around = file.surroundings(owner);
  if (acquisitions.length > 0 && file.stubbed(node.callee ?? '', node) === undefined) {
    const inside = traits.acquires ? [] : acquisitions.flatMap((it) => MADE_BY[it.sort] ?? []);
    if (!inside.some((it) => file.stubbed(it, node) !== undefined)) for (const it of acquisitions) show(RESOURCE, resourceOf(node, it, owner, around));
  }
  // `os.chdir` in a file system of the test alone.
  for (const it of traits.changes ? changesOf(node, file.frame, owner, around) : [])
    if (it.sort !== 'working directory' || file.stubbed(node.callee ?? '', node) === undefined) show(CHANGE, it);
  if (cleanup !== undefined && !isForgottenStack(node, around)) {
    const undoes = cleanup === 'function' ? undoneBy(node, owner, around, file.frame) : undefined;
    show(CLEANUP, { type: 'cleanup', form: cleanup, call: node, place: node.place, undoes, owner });
  }
}

function givesKeyword(call: Call, keyword: string): boolean {
  for (const it of call.arguments) if (it.keyword === keyword) return true;
  return false;
}

/** A literal with what it is bound to; docstrings and bare strings are none. */
function literalOf(node: Expression & { type: 'string' | 'fstring' }, file: FileModel): Literal | undefined {
  const parent = node.parent;
  if (parent === undefined || parent.type === 'expression') return undefined;
  const content = node.type === 'string' ? node.content : node.parts.map((it) => (typeof it === 'string' ? it : '{}')).join('');
  return { type: 'literal', node, content, place: node.place, boundTo: boundTo(node), owner: file.ownerOf(node) };
}

/** Who logs in and with what: `auth=('anna', '…')`, `HTTPBasicAuth('anna', '…')`. */
const LOGIN = /^(?:http_?|basic_?|proxy_?)*auth$/i;

function boundTo(node: Expression): string | undefined {
  const pair = node.parent;
  const items =
    pair?.type === 'tuple'
      ? pair.items
      : pair?.type === 'call' && /^(?:HTTP)?(?:Basic|Digest|Proxy)Auth$/.test(pair.method)
        ? pair.arguments.map((it) => it.value)
        : [];
  if (items.length === 2 && items.includes(node) && (pair?.type === 'call' || (pair?.type === 'tuple' && LOGIN.test(nameFor(pair) ?? ''))))
    return items[0] === node ? 'username' : 'password';
  return nameFor(node);
}

/** The name that an expression is given to. */
function nameFor(node: Expression | undefined): string | undefined {
  if (node === undefined) return undefined;
  let inner: Expression = node;
  let parent = node.parent;
  // `x = 'a' + 'b'`, `x = ('a', 'b')`, `x = y or 'a'`, `x = 'a'.encode()` still give the literal to x
  while (
    parent !== undefined &&
    (parent.type === 'operation' ||
      parent.type === 'conditional' ||
      parent.type === 'list' ||
      parent.type === 'tuple' ||
      parent.type === 'set' ||
      (parent.type === 'attribute' && parent.parent?.type === 'call'))
  ) {
    inner = parent.type === 'attribute' ? (parent.parent as Expression) : parent;
    parent = inner.parent;
  }
  if (parent === undefined) return undefined;
  switch (parent.type) {
    case 'assignment': {
      if (parent.value !== inner) return undefined;
      const [target] = parent.targets;
      if (target?.type === 'subscript') return keyOf(target);
      return target?.type === 'name' ? target.id : target?.type === 'attribute' ? target.name : undefined;
    }
    case 'call':
      return parent.arguments.find((it) => it.value === inner)?.keyword ?? keyArgument(parent, inner);
    case 'dict': {
      const entry = parent.entries.find((it) => it.value === inner);
      return entry?.key?.type === 'string' ? entry.key.content : entry?.key?.type === 'name' ? entry.key.id : undefined;
    }
    case 'comparison': {
      const other = parent.operands.find((it) => it !== inner);
      return other?.type === 'name' ? other.id : other?.type === 'attribute' ? other.name : other?.type === 'subscript' ? keyOf(other) : undefined;
    }
    case 'function':
    case 'lambda':
      return parent.parameters.find((it) => it.default === inner)?.name;
    case 'walrus':
      return parent.target.type === 'name' ? parent.target.id : undefined;
    default:
      return undefined;
  }
}

function keyOf(it: Expression & { type: 'subscript' }): string | undefined {
  const [key] = it.index;
  return key?.type === 'string' ? key.content : undefined;
}

/** `setenv('NAME', 'value')`, `dict.setdefault('name', 'value')`: the literal is bound to the first one. */
function keyArgument(call: Call, value: Expression): string | undefined {
  if (call.arguments[1]?.value !== value) return undefined;
  const first = call.arguments[0]?.value;
  return first?.type === 'string' && /^(?:setenv|setdefault|set|setitem|EnvironmentVariable|putenv|get|getenv|set_override|set_default)$/.test(call.method)
    ? first.content
    : undefined;
}
