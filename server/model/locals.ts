/**
 * Names inside one function: who bound them, and which of those bindings a use can see. Attributes of
 * `self` that the same function assigns are treated alike, under the name `self.x`.
 *
 *     p = mock.patch('a')       # binds p
 *     if slow:
 *         p = mock.patch('b')   # may bind p
 *     p.start()                 # sees both
 */
import type { Expression, FunctionDefinition, Lambda, Node, Parameter, QualifiedName, Statement } from '../../rules/model.ts';
import type { ComprehensionNode } from './tree.ts';
import { relationsOf, scopeOf, spotOf } from './tree.ts';

export interface LocalBinding {
  readonly kind: 'value' | 'with' | 'item' | 'import' | 'parameter' | 'function' | 'class' | 'exception' | 'deleted';
  /** `value`: the right side; `with`: the context expression; `item`: the iterable. */
  readonly expression: Expression | undefined;
  /** Leads into a tuple on the right: `a, (b, c) = …` binds c with [1, 1]. */
  readonly path: readonly number[];
  readonly node: Node | undefined;
  readonly statement: Statement | undefined;
  readonly parameter: Parameter | undefined;
  readonly async: boolean;
}

export interface Locals {
  readonly bindings: ReadonlyMap<string, readonly LocalBinding[]>;
  /** Names declared `global` or `nonlocal`. */
  readonly outer: ReadonlySet<string>;
  /** Names that a function inside declares `nonlocal`, and so may give another value at any time. */
  readonly reassigned: ReadonlySet<string>;
  /** Are there any of `self`? */
  readonly attributes: boolean;
  /** What parameters refer to, as far as that was asked. */
  parameterNames: Map<string, QualifiedName | undefined> | undefined;
}

export function localsOf(owner: FunctionDefinition | Lambda): Locals {
  const kept = owner as { locals?: Locals | undefined };
  if (kept.locals !== undefined) return kept.locals;
  const collector = new Collector();
  for (const it of owner.parameters)
    collector.add(it.name, { kind: 'parameter', expression: it.default, path: NO_PATH, node: undefined, statement: undefined, parameter: it, async: false });
  if (owner.type === 'lambda') collector.visit(owner.body, undefined);
  else for (const it of owner.body) collector.visit(it, it);
  const { bindings, outer } = collector;
  let reassigned: Set<string> | undefined;
  for (const it of collector.functions) {
    for (const name of localsOf(it).outer) {
      if (!bindings.has(name)) continue;
      reassigned ??= new Set();
      reassigned.add(name);
    }
  }
  let attributes = false;
  for (const name of bindings.keys()) if (name.startsWith('self.')) attributes = true;
  kept.locals = { bindings, outer: outer ?? NO_NAMES, reassigned: reassigned ?? NO_NAMES, attributes, parameterNames: undefined };
  return kept.locals;
}

/** Most functions have none. */
const NO_NAMES: ReadonlySet<string> = new Set();
const NO_PATH: readonly number[] = [];

class Collector {
  readonly bindings = new Map<string, LocalBinding[]>();
  outer: Set<string> | undefined;
  readonly functions: FunctionDefinition[] = [];

  add(name: string, binding: LocalBinding): void {
    const list = this.bindings.get(name);
    if (list === undefined) this.bindings.set(name, [binding]);
    else list.push(binding);
  }

  private bind(
    target: Expression,
    kind: LocalBinding['kind'],
    expression: Expression | undefined,
    path: readonly number[],
    statement: Statement | undefined,
    isAsync = false,
  ): void {
    switch (target.type) {
      case 'name':
        this.add(target.id, { kind, expression, path, node: target, statement, parameter: undefined, async: isAsync });
        break;
      case 'attribute':
        if (target.object.type === 'name' && (target.object.id === 'self' || target.object.id === 'cls')) {
          this.add(`self.${target.name}`, { kind, expression, path, node: target, statement, parameter: undefined, async: isAsync });
        }
        break;
      case 'tuple':
      case 'list':
        target.items.forEach((it, index) => {
          this.bind(it, kind, expression, [...path, index], statement, isAsync);
        });
        break;
      case 'star':
        if (target.operand !== undefined) this.bind(target.operand, kind, undefined, path, statement, isAsync);
        break;
      default:
    }
  }

  visit(node: Node, statement: Statement | undefined): void {
    switch (node.type) {
      case 'assignment':
        for (const it of node.targets) {
          if (node.value !== undefined || node.operator !== undefined)
            this.bind(it, 'value', node.operator === undefined ? node.value : undefined, NO_PATH, node);
        }
        break;
      case 'with':
        for (const it of node.items) if (it.target !== undefined) this.bind(it.target, 'with', it.context, NO_PATH, node, node.async);
        break;
      case 'for':
        this.bind(node.target, 'item', node.iterable, NO_PATH, node);
        break;
      case 'walrus':
        this.bind(node.target, 'value', node.assigned, NO_PATH, statement);
        break;
      case 'import':
        for (const it of node.names) {
          const local = it.as ?? (node.from === undefined ? (it.name.split('.')[0] ?? '') : it.name);
          this.add(local, { kind: 'import', expression: undefined, path: NO_PATH, node, statement: node, parameter: undefined, async: false });
        }
        return;
      case 'handler':
        if (node.name !== undefined)
          this.add(node.name, { kind: 'exception', expression: node.exception, path: NO_PATH, node, statement, parameter: undefined, async: false });
        break;
      case 'delete':
        for (const it of node.operands) this.bind(it, 'deleted', undefined, NO_PATH, node);
        break;
      case 'global':
      case 'nonlocal':
        this.outer ??= new Set();
        for (const it of node.operands) if (it.type === 'name') this.outer.add(it.id);
        return;
      case 'function':
        this.add(node.name, { kind: 'function', expression: undefined, path: NO_PATH, node, statement: node, parameter: undefined, async: false });
        this.functions.push(node);
        for (const it of node.decorators) this.visit(it, node);
        return;
      case 'class':
        this.add(node.name, { kind: 'class', expression: undefined, path: NO_PATH, node, statement: node, parameter: undefined, async: false });
        return;
      case 'lambda':
        return;
      default:
    }
    for (let it = node.firstChild; it !== undefined; it = it.nextSibling) this.visit(it, isStatementLike(it) ? it : statement);
  }
}

function isStatementLike(node: Node): node is Statement {
  switch (node.type) {
    case 'expression':
    case 'assignment':
    case 'return':
    case 'raise':
    case 'delete':
    case 'assert':
    case 'if':
    case 'while':
    case 'for':
    case 'try':
    case 'with':
    case 'match':
    case 'import':
      return true;
    default:
      return false;
  }
}

/** The bindings that a use at `at` can see, nearest first; empty when it sees none of them for certain. */
export function reaching(bindings: readonly LocalBinding[], at: Node): LocalBinding[] {
  const { start } = spotOf(at.place);
  let result: LocalBinding[] | undefined;
  for (let index = bindings.length - 1; index >= 0; index--) {
    const it = bindings[index];
    if (it === undefined) continue;
    if (it.node !== undefined && spotOf(it.node.place).start > start) continue;
    if (it.statement !== undefined && it.kind !== 'with' && it.kind !== 'item' && contains(it.statement, at) && it.statement.type === 'assignment') continue;
    if ((it.kind === 'with' || it.kind === 'item') && it.node !== undefined && it.expression !== undefined && contains(it.expression, at)) continue;
    const relation = relationOf(it, at);
    if (relation === 'never') continue;
    if (result === undefined) result = [it];
    else result.push(it);
    if (relation === 'always') break;
  }
  return result ?? [];
}

function contains(outer: Node, inner: Node): boolean {
  const a = spotOf(outer.place);
  const b = spotOf(inner.place);
  return a.start <= b.start && b.end <= a.end;
}

/** Is a binding in force at `at`: on every path that gets there, on some, or on none? */
function relationOf(binding: LocalBinding, at: Node): 'always' | 'sometimes' | 'never' {
  const { statement } = binding;
  if (statement === undefined) return 'always';
  if ((binding.kind === 'with' || binding.kind === 'item') && contains(statement, at)) return 'always';
  const parent = binding.kind === 'exception' ? (binding.node as Node) : statement.parent;
  if (binding.kind === 'exception') return contains(parent as Node, at) ? 'always' : 'never';
  if (parent === undefined) return 'always';
  if (!contains(parent, at)) return 'sometimes';
  switch (parent.type) {
    case 'if': {
      const inBody = parent.body.includes(statement);
      const there = (inBody ? parent.body : parent.otherwise).some((it) => contains(it, at));
      return there ? 'always' : 'never';
    }
    case 'try': {
      if (parent.body.includes(statement)) {
        if (parent.body.some((it) => contains(it, at)) || parent.otherwise.some((it) => contains(it, at))) return 'always';
        return 'sometimes';
      }
      for (const block of [parent.otherwise, parent.final]) if (block.includes(statement)) return block.some((it) => contains(it, at)) ? 'always' : 'sometimes';
      return 'sometimes';
    }
    default:
      return 'always';
  }
}

/** The loop of a comprehension around `at` whose variable the name is, and the way to it inside the loop's target. */
export function comprehensionLoop(name: string, at: Node): { readonly iterable: Expression; readonly path: readonly number[] } | undefined {
  for (let it = scopeOf(at); it !== undefined; it = relationsOf(it).around.scope) {
    if (it.type === 'function' || it.type === 'class') return undefined;
    if (it.type !== 'comprehension') continue;
    for (const { target, iterable } of (it as unknown as ComprehensionNode).loops) {
      const path = pathTo(target, name);
      if (path !== undefined) return { iterable, path };
    }
  }
  return undefined;
}

/** Where a name stands in a target: `[1, 0]` for c in `a, (c, d)`. */
function pathTo(target: Expression, name: string): readonly number[] | undefined {
  if (target.type === 'name') return target.id === name ? [] : undefined;
  if (target.type !== 'tuple' && target.type !== 'list') return undefined;
  for (let index = 0; index < target.items.length; index++) {
    const item = target.items[index];
    const inside = item === undefined ? undefined : pathTo(item, name);
    if (inside !== undefined) return [index, ...inside];
  }
  return undefined;
}
