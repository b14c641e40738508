/** Overrides that test code puts on an application that others share, and what takes them back. Source: FastAPI 0.115 documentation. */
import type { Assignment, Expression, FunctionDefinition, Node, Place, Statement, TestFile } from '../model.ts';
import { ancestors, walk } from '../model.ts';

/** `app.dependency_overrides` of `app.dependency_overrides[x] = y`. */
export function overridesOf(assignment: Assignment): Expression | undefined {
  for (const it of assignment.targets) {
    if (it.type === 'subscript' && it.object.type === 'attribute' && it.object.name === 'dependency_overrides') return it.object;
  }
  return undefined;
}

/** How the overrides are taken back, and by what. */
export interface Undoing {
  /** `at the end`: in the last lines only, which a failure skips. */
  readonly how: 'always' | 'at the end';
  readonly node: Node;
}

/** Does the node take the overrides back: `….clear()`, `….pop(x)`, `del …[x]`, `… = {}`, `….update(saved)`? */
function takesBack(it: Node, overrides: string): boolean {
  if (it.type === 'attribute') return /^(?:clear|pop|update)$/.test(it.name) && it.object.text === overrides;
  if (it.type === 'delete') return it.operands.some((each) => each.text.startsWith(overrides));
  return it.type === 'assignment' && it.targets.some((each) => each.text === overrides);
}

export function undoneIn(body: FunctionDefinition, overrides: string): Undoing | undefined {
  let seenYield = false;
  let inline: Node | undefined;
  for (const it of walk(body)) {
    if (it.type === 'yield') seenYield = true;
    if (!takesBack(it, overrides)) continue;
    if (seenYield || inCleanup(it)) return { how: 'always', node: it };
    inline = it;
  }
  return inline === undefined ? undefined : { how: 'at the end', node: inline };
}

/** In a `finally`, or given to `addCleanup` and the like. */
function inCleanup(node: Node): boolean {
  let inner: Node = node;
  for (const it of ancestors(node)) {
    if (it.type === 'try' && it.final.includes(inner as Statement)) return true;
    if (it.type === 'call' && /^(?:add\w*Cleanup|addfinalizer|callback|push)$/i.test(it.method)) return true;
    inner = it;
  }
  return false;
}

/** By a tear-down of the class; `'perhaps'` where a base that was not found may do it. */
export function undoneByClass(overrides: string, file: TestFile): Place | 'perhaps' | undefined {
  const around = file.class;
  if (around === undefined) return undefined;
  if (around.unresolved.length > 0) return 'perhaps';
  for (const name of around.methods.keys()) {
    const node = /tear_?down|clean|reset|clear/i.test(name) ? file.definition(`${around.qualified}().${name}`)?.node : undefined;
    if (node === undefined) continue;
    for (const it of walk(node)) if (takesBack(it, overrides)) return it.place;
  }
  return undefined;
}
