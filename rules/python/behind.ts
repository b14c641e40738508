/** What a value hangs on inside its function. */
import type { Expression, FunctionDefinition, Node } from '../model.ts';
import { walk } from '../model.ts';

/** What stands in an expression, and in what the function gives the names in it: `path = join(folder, name)`. */
export function behind(it: Expression, body: FunctionDefinition): readonly Node[] {
  const result: Node[] = [...walk(it)];
  const names = new Set(result.flatMap((each) => (each.type === 'name' ? [each.id] : [])));
  for (const each of [...walk(body)].reverse()) {
    if (each.type !== 'assignment' || each.value === undefined || !each.targets.some((target) => target.type === 'name' && names.has(target.id))) continue;
    for (const inner of walk(each.value)) {
      result.push(inner);
      if (inner.type === 'name') names.add(inner.id);
    }
  }
  return result;
}
