/**
 * Expected exceptions and warnings, in all their spellings:
 *
 *     with self.assertRaises(X) as cm:        # form `with`
 *     self.assertRaises(X, f, 1)              # form `call`
 *     expected = pytest.raises(X)             # nothing yet
 *     with expected:                          # form `with`, the call is the one above
 */
import type { Call, Expression, Node, Raises, Statement, WithStatement } from '../../rules/model.ts';
import { argument, isConstant, isStatement } from '../../rules/model.ts';
import { CALLABLE_KEYWORDS, EXPECTED_KEYWORDS, PATTERN_KEYWORDS, RAISES_CALLEES, RAISES_METHODS, type RaisesForm } from '../../rules/python/raises.ts';
import type { FileModel } from './file-model.ts';

/** How the call expects something to be raised; undefined when it does not. */
export function raisesForm(call: Call): RaisesForm | undefined {
  const { method } = call;
  // A method of that name means it, also on a mixin's `self` that is no test case by itself.
  if (call.function.type === 'attribute' && RAISES_METHODS.has(method)) return RAISES_METHODS.get(method);
  const { callee } = call;
  return callee === undefined ? undefined : RAISES_CALLEES.get(callee);
}

/** Can a call of this name expect something? */
export function canExpect(callee: string, method: string): boolean {
  return RAISES_METHODS.has(method) || RAISES_CALLEES.has(callee);
}

/** The `raises` subject that grows on the call itself. */
export function raisesOf(call: Call, form: RaisesForm, file: FileModel): Raises | undefined {
  const shared = sharedOf(call, form, file);
  const parent = call.parent;
  if (parent?.type === 'with' && parent.items.some((it) => it.context === call)) return withForm(call, call, parent, shared);
  const statement = statementAround(call);
  const isCall = form.calls && (positional(call) > (form.pattern ?? 0) + 1 || CALLABLE_KEYWORDS.some((it) => argument(call, it) !== undefined));
  // Kept for later (`expected = self.assertRaises(X)`) or handed on: shown where it is entered.
  if (!isCall && (statement?.type !== 'expression' || statement.expression !== call)) return undefined;
  const captured = statement?.type === 'assignment' && statement.value === call && statement.targets[0]?.type === 'name' ? statement.targets[0].id : undefined;
  return { ...shared, place: call.place, form: 'call', captured, body: [], statement };
}

/** `raises` subjects of a `with` whose context was made before: `with expected:`. */
export function* raisesKept(node: WithStatement, file: FileModel): Iterable<Raises> {
  for (const { context } of node.items) {
    if (context.type !== 'name' && context.type !== 'attribute') continue;
    const { value } = context;
    if (value.kind !== 'result') continue;
    const form = raisesForm(value.call);
    if (form !== undefined) yield withForm(value.call, context, node, sharedOf(value.call, form, file));
  }
}

type Shared = Pick<Raises, 'type' | 'call' | 'what' | 'exceptions' | 'match' | 'owner'>;

function sharedOf(call: Call, form: RaisesForm, file: FileModel): Shared {
  const expected = argument(call, undefined, 0) ?? first(EXPECTED_KEYWORDS.map((it) => argument(call, it)));
  const exceptions = expected === undefined ? [] : expected.type === 'tuple' ? [...expected.items] : [expected];
  const pattern = form.pattern === undefined ? undefined : argument(call, undefined, form.pattern);
  const match = [...PATTERN_KEYWORDS.map((it) => argument(call, it)), pattern].find((it) => it !== undefined && compares(it));
  return { type: 'raises', call, what: form.what, exceptions, match, owner: file.ownerOf(call) };
}

/** `match=""` and `match=None` take any message. */
function compares(it: Expression): boolean {
  return !(it.type === 'fstring' && it.parts.length === 0) && !isConstant(it.value, '') && !isConstant(it.value, null);
}

function withForm(call: Call, context: Expression, node: WithStatement, shared: Shared): Raises {
  const target = node.items.find((it) => it.context === context)?.target;
  return { ...shared, call, place: context.place, form: 'with', captured: target?.type === 'name' ? target.id : undefined, body: node.body, statement: node };
}

function positional(call: Call): number {
  return call.arguments.filter((it) => it.keyword === undefined).length;
}

function statementAround(call: Call): Statement | undefined {
  for (let it: Node | undefined = call; it !== undefined; it = it.parent) if (isStatement(it)) return it;
  return undefined;
}

function first<T>(values: readonly (T | undefined)[]): T | undefined {
  return values.find((it) => it !== undefined);
}
