/** The names that a table of rows gives to a test. Source: docs.pytest.org 8, "How to parametrize fixtures and test functions". */
import type { Expression, Value } from '../model.ts';

/** `@pytest.mark.parametrize("ship, berths", …)`, `parametrize(("ship", "berths"), …)`: is the name one of its columns? */
export function isColumn(name: string, decorators: readonly Expression[]): boolean {
  return decorators.some((it) => it.type === 'call' && it.method === 'parametrize' && namesIn(it.arguments[0]?.value.value).includes(name));
}

function namesIn(value: Value | undefined): readonly string[] {
  if (value?.kind === 'list') return value.items.flatMap(namesIn);
  return value?.kind === 'constant' ? String(value.value).split(/[\s,]+/) : [];
}
