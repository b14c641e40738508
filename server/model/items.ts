/**
 * Lists that are written out, and the loops over them:
 *
 *     patchers = [mock.patch('a'), mock.patch('b')]
 *     for p in patchers:
 *         p.start()
 *         self.addCleanup(p.stop)
 */
import type { Expression, Node } from '../../rules/model.ts';
import { walk } from '../../rules/model.ts';
import type { ComprehensionNode } from './tree.ts';

const MAX_ITEMS = 50;

/** The items of a list that is written out, also under a name that is given nothing else; empty when they cannot be told. */
export function itemsOf(iterable: Expression, sourcesOf: (it: Expression) => readonly Expression[]): readonly Expression[] {
  switch (iterable.type) {
    case 'list':
    case 'tuple':
    case 'set':
      return iterable.items.length > MAX_ITEMS || iterable.items.some((it) => it.type === 'star') ? [] : iterable.items;
    case 'comprehension':
      return iterable.form === 'dict' ? [] : [iterable.element];
    case 'name':
    case 'attribute': {
      const sources = sourcesOf(iterable);
      const [only] = sources;
      if (only === undefined || sources.length > 1 || only.type === 'name' || only.type === 'attribute') return [];
      const items = itemsOf(only, sourcesOf);
      const added = only.type === 'list' ? addedTo(iterable.text, homeOf(only)) : [];
      return added === undefined ? [] : [...items, ...added];
    }
    default:
      return [];
  }
}

/** What is appended to a list in one function; undefined when it grows in another way. */
function addedTo(list: string, home: Node): readonly Expression[] | undefined {
  const result: Expression[] = [];
  if (!home.text.includes(`${list}.`) && !home.text.includes(`${list} +=`)) return result;
  for (const it of walk(home)) {
    if (it.type === 'assignment' && it.operator !== undefined && it.targets.some((each) => each.text === list)) return undefined;
    if (it.type !== 'call' || it.function.type !== 'attribute' || it.function.object.text !== list) continue;
    const [given] = it.arguments;
    if (it.method === 'append' && given !== undefined && given.unpack === undefined) result.push(given.value);
    else if (it.method === 'extend' || it.method === 'insert') return undefined;
  }
  return result;
}

/** The function around a node, or the outermost statement at module level. */
function homeOf(it: Node): Node {
  let result = it;
  for (let node = it.parent; node !== undefined; node = node.parent) {
    result = node;
    if (node.type === 'function') break;
  }
  return result;
}

/** A loop over a list: the variable's name, and the list as it is written. */
export interface Loop {
  readonly variable: string;
  readonly list: string;
  readonly node: Node;
}

/** The loops in a body, comprehensions among them, whose variable is one name. */
export function* loopsIn(body: Node): Iterable<Loop> {
  for (const it of walk(body)) yield* loopsOf(it);
}

function* loopsOf(it: Node): Iterable<Loop> {
  if (it.type === 'for') {
    if (it.target.type === 'name') yield { variable: it.target.id, list: it.iterable.text, node: it };
  } else if (it.type === 'comprehension') {
    for (const { target, iterable } of (it as unknown as ComprehensionNode).loops)
      if (target.type === 'name') yield { variable: target.id, list: iterable.text, node: it };
  }
}

/** The loop around a node whose variable the name is. */
export function loopAround(name: string, at: Node): Loop | undefined {
  for (let node = at.parent; node !== undefined && node.type !== 'function'; node = node.parent)
    for (const it of loopsOf(node)) if (it.variable === name) return it;
  return undefined;
}

/** Under what a list is known that holds a value from the start: the target of its assignment, or what it is appended to. */
export function listHolding(it: Node): string | undefined {
  const { parent } = it;
  switch (parent?.type) {
    case 'list':
    case 'tuple':
    case 'comprehension': {
      const above = parent.parent;
      if (above?.type === 'assignment' && above.value === parent && above.targets.length === 1) return above.targets[0]?.text;
      // `for p in [mock.patch('a'), mock.patch('b')]:`
      return (above?.type === 'for' && above.iterable === parent) || above?.type === 'comprehension' ? parent.text : undefined;
    }
    case 'call':
      return parent.method === 'append' && parent.function.type === 'attribute' && parent.arguments[0]?.value === it ? parent.function.object.text : undefined;
    default:
      return undefined;
  }
}
