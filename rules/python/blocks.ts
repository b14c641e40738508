/** The blocks of statements that a node has. */
import { ancestors, type Node, type Statement } from '../model.ts';

type Blocks = readonly (readonly Statement[])[];
const NONE: Blocks = [];

/** Those of the node itself: not of its handlers, which are nodes of their own. */
export function blocksOf(node: Node | undefined): Blocks {
  switch (node?.type) {
    case 'function':
    case 'with':
    case 'handler':
    case 'class':
      return [node.body];
    case 'if':
    case 'while':
    case 'for':
      return [node.body, node.otherwise];
    case 'try':
      return [node.body, node.otherwise, node.final];
    case 'match':
      return node.cases;
    default:
      return NONE;
  }
}

/** The block that a statement stands in; empty where there is none. */
export function blockAround(statement: Statement | undefined): readonly Statement[] {
  return (statement === undefined ? undefined : blocksOf(statement.parent).find((it) => it.includes(statement))) ?? [];
}

/** All that run as part of a statement, in order of writing: handlers too, functions and classes not. */
export function innerBlocks(statement: Statement): Blocks {
  switch (statement.type) {
    case 'function':
    case 'class':
      return NONE;
    case 'try':
      return [statement.body, ...statement.handlers.map((it) => it.body), statement.otherwise, statement.final];
    default:
      return blocksOf(statement);
  }
}

/** Is `one` in a branch that does not run where the one with `other` does, as in `if … else`? In a loop both may, one after the other. */
export function excludes(one: Node, other: Node): boolean {
  const toOther: ReadonlySet<Node> = new Set([other, ...ancestors(other)]);
  let isApart = false;
  let inner = one;
  for (const it of ancestors(one)) {
    if (it.type === 'for' || it.type === 'while') isApart = false;
    if (it.type === 'function') return isApart;
    const branches: readonly (readonly Node[])[] =
      it.type === 'conditional' ? [[it.then], [it.otherwise]] : it.type === 'if' || it.type === 'match' ? blocksOf(it) : [];
    if (branches.some((each) => each.includes(inner))) isApart ||= branches.some((each) => !each.includes(inner) && each.some((step) => toOther.has(step)));
    inner = it;
  }
  return isApart;
}
