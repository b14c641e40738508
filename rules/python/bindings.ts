/** Which names a function gives a value to, and who made it. */
import type { Expression, FunctionDefinition } from '../model.ts';
import { walk } from '../model.ts';

/** Does the function bind the name: as a parameter, by an assignment, `with` or `for`? What it imports is the module's own matter. */
export function boundIn(owner: FunctionDefinition, name: string): boolean {
  for (const it of walk(owner)) {
    if (it.type === 'function' && it.parameters.some((each) => each.name === name)) return true;
    if (it.type === 'assignment' && it.targets.some((each) => binds(each, name))) return true;
    if (it.type === 'with' && it.items.some((each) => binds(each.target, name))) return true;
    if (it.type === 'import' && it.names.some((each) => (each.as ?? each.name) === name)) return false;
    if ((it.type === 'for' || it.type === 'walrus') && binds(it.target, name)) return true;
  }
  return false;
}

function binds(target: Expression | undefined, name: string): boolean {
  if (target?.type === 'tuple' || target?.type === 'list') return target.items.some((it) => binds(it.type === 'star' ? it.operand : it, name));
  return target?.type === 'name' && target.id === name;
}

/** Does a fixture call somebody for what it holds under the name, or for what it gives those who know it by its own? */
export function makes(fixture: FunctionDefinition, app: string): boolean {
  const steps = walk(fixture);
  const given = steps.flatMap((it) => (it.type === 'yield' ? (it.operand ?? []) : it.type === 'return' ? (it.operands[0] ?? []) : []));
  const names = fixture.name === app ? given.map((it) => it.text) : [app];
  return (
    (fixture.name === app && given.some((it) => it.type === 'call')) ||
    steps.some((it) => it.type === 'assignment' && it.value?.type === 'call' && it.targets.some((each) => names.includes(each.text)))
  );
}
