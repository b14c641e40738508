/** Whether a test looks at the exception that it expected, beyond its class. */
import type { Node, Raises, Statement } from '../model.ts';
import { walk } from '../model.ts';
import { asserts, following } from './failures.ts';

/** Is the captured exception looked at anywhere else in the function? */
export function isInspected(raises: Raises): boolean {
  const { captured, owner, statement } = raises;
  // `error = self.assertRaises(...)`, `str(self.assertRaises(...))`
  if (raises.form === 'call' && (statement?.type !== 'expression' || raises.call.parent?.type !== 'expression')) return true;
  if (captured === undefined || owner === undefined)
    return statement?.type === 'with' && statement.items.some((it) => it.target !== undefined && it.target.type !== 'name');
  for (const it of walk(owner.node)) if (it.type === 'name' && it.id === captured && it.parent?.type !== 'with') return true;
  return false;
}

/** The name of the captured exception inside a later assertion. */
export function inspection(raises: Raises): Node | undefined {
  const { captured, statement } = raises;
  if (captured === undefined || statement === undefined) return undefined;
  for (const it of following(statement)) {
    // The name is given to something else: what follows speaks of that.
    if (it.type === 'with' && it.items.some((each) => each.target?.text === captured)) return undefined;
    if (it.type === 'assignment' && it.targets.some((each) => each.text === captured)) return undefined;
    if (!asserts([it])) continue;
    for (const each of walk(it)) if (each.type === 'name' && each.id === captured) return each;
  }
  return undefined;
}

/**
 * The statements of a block, those inside a `with` that only patches in its place. Any other context
 * manager may itself be what raises, at its end too, and counts as one statement with its body.
 */
export function unpatched(body: readonly Statement[]): Statement[] {
  return body.flatMap((it) =>
    it.type === 'with' && !it.async && it.items.every(({ context }) => context.type === 'call' && context.callee?.startsWith('unittest.mock.patch') === true)
      ? unpatched(it.body)
      : [it],
  );
}

/** A text for a message: one line, at most `limit` characters. */
export function short(text: string, limit = 50): string {
  const line = text.replace(/\s+/g, ' ');
  return line.length > limit ? `${line.slice(0, limit - 1)}…` : line;
}
