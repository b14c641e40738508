/** Which names a function gives a value to. */
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
