/**
 * One page, shown once: every node in order, and the facts that grow on it (raises, patches, resources,
 * changes, literals), each made at the moment it is reached.
 */
import type { Call, Expression, Literal } from '../../rules/model.ts';
import { isApiCall } from '../../rules/python/api.ts';
import { isInputSink } from '../../rules/python/sinks.ts';
import { changesOf } from './changes.ts';
import { cleanupForm, undoneBy } from './cleanups.ts';
import type { FileModel } from './file-model.ts';
import type { Page } from './page.ts';
import { patchForm, patchOf } from './patches.ts';
import { raisesForm, raisesKept, raisesOf } from './raises.ts';
import { acquisitionsOf, resourceOf } from './resources.ts';
import { traitsOf } from './traits.ts';
import { relationsOf, spotOf } from './tree.ts';

export type Show = (kind: string, subject: unknown) => void;

/** Shows everything in a page to `show`, by the names of `Subjects`. */
export function showPage(page: Page, file: FileModel, show: Show, onBroken: (at: number) => void): void {
  const { nodes } = page;
  for (let index = 0; index < nodes.length; index++) {
    const node = nodes[index];
    if (node === undefined) break;
    switch (node.type) {
      case 'function': {
        show('statement', node);
        const subject = file.subjectOf(node);
        show('function', subject);
        break;
      }
      case 'call':
        showCall(node, file, show);
        break;
      case 'string':
      case 'fstring': {
        const literal = literalOf(node, file);
        if (literal !== undefined) show('literal', literal);
        break;
      }
      case 'handler':
        show('handler', node);
        break;
      case 'assignment':
        show('assignment', node);
        show('statement', node);
        for (const it of changesOf(node, file.frame, file.ownerOf(node), file.surroundings(file.ownerOf(node)))) show('change', it);
        break;
      case 'delete':
        show('statement', node);
        for (const it of changesOf(node, file.frame, file.ownerOf(node), file.surroundings(file.ownerOf(node)))) show('change', it);
        break;
      case 'broken':
        // What could not be parsed is not judged; what is around it is.
        onBroken(spotOf(node.place).start);
        index = relationsOf(node).after - 1;
        break;
      case 'assert':
        show('assertion', node);
        show('statement', node);
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
        show('statement', node);
        break;
      case 'with':
        show('statement', node);
        for (const it of raisesKept(node, file)) show('raises', it);
        break;
      default:
    }
  }
}

function showCall(node: Call, file: FileModel, show: Show): void {
  const traits = traitsOf(node.callee ?? '', node.method);
  show('call', node);
  if ((traits.sink || givesKeyword(node, 'shell')) && isInputSink(node)) show('sink', node);
  if (traits.network) show('network', node);
  if (traits.api && isApiCall(node)) show('api', node);
  const expects = traits.raises ? raisesForm(node) : undefined;
  if (expects !== undefined) {
    const raises = raisesOf(node, expects, file);
    if (raises !== undefined) show('raises', raises);
    return;
  }
  if (traits.assertion) show('assertion', node);
  if (traits.mock) show('mock', node);
  const form = traits.patch ? patchForm(node) : undefined;
  if (form !== undefined) show('patch', patchOf(node, form, file.ownerOf(node)));
  const acquisitions = traits.acquires ? acquisitionsOf(node) : [];
  const cleanup = traits.cleanup ? cleanupForm(node) : undefined;
  if (acquisitions.length === 0 && !traits.changes && cleanup === undefined) return;
  const owner = file.ownerOf(node);
  const around = file.surroundings(owner);
  if (acquisitions.length > 0 && file.stubbed(node.callee ?? '', node) === undefined) {
    for (const it of acquisitions) show('resource', resourceOf(node, it, owner, around));
  }
  if (traits.changes) for (const it of changesOf(node, file.frame, owner, around)) show('change', it);
  if (cleanup !== undefined) {
    const undoes = cleanup === 'function' ? undoneBy(node, owner, around, file.frame) : undefined;
    show('cleanup', { type: 'cleanup', form: cleanup, call: node, place: node.place, undoes, owner });
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

function boundTo(node: Expression): string | undefined {
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
