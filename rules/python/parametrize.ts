/** The names that a table of rows gives to a test. Source: docs.pytest.org 8, "How to parametrize fixtures and test functions". */
import type { Expression, Value } from '../model.ts';

/** `@pytest.mark.parametrize("ship, berths", …)`, `parametrize(("ship", "berths"), …)`: is the name one of its columns? */
export function isColumn(name: string, decorators: readonly Expression[]): boolean {
  return decorators.some((it) => it.type === 'call' && it.method === 'parametrize' && namesIn(it.arguments[0]?.value.value).includes(name));
}

/** What the rows of such a table give the column, one by one: of `pytest.param(…)` too. Empty where they are not all written there. */
export function valuesOf(name: string, decorators: readonly Expression[]): readonly Value[] {
  for (const it of decorators) {
    const [first, second] = it.type === 'call' && it.method === 'parametrize' ? it.arguments : [];
    const names = namesIn(first?.value.value);
    const column = names.indexOf(name);
    const rows = second?.value;
    if (column < 0 || (rows?.type !== 'list' && rows?.type !== 'tuple')) continue;
    return rows.items.map((row) => {
      const cells =
        row.type === 'call' && row.method === 'param' ? row.arguments.flatMap((each) => (each.keyword === undefined ? [each.value] : [])) : cellsOf(row);
      const cell = names.length === 1 && row.type !== 'call' ? row : cells[column];
      return cell === undefined || cells.some((each) => each.type === 'star') ? { kind: 'unknown' } : cell.value;
    });
  }
  return [];
}

function cellsOf(row: Expression): readonly Expression[] {
  return row.type === 'tuple' || row.type === 'list' ? row.items : [];
}

function namesIn(value: Value | undefined): readonly string[] {
  if (value?.kind === 'list') return value.items.flatMap(namesIn);
  return value?.kind === 'constant' ? (String(value.value).match(/[^\s,]+/g) ?? []) : [];
}
