/** Where what is around a test lets it run: a fixture with its `yield`, a decorator of the workspace where it calls what it is given. */
import type { Call, FunctionDefinition, Node } from '../../rules/model.ts';
import { walk } from '../../rules/model.ts';
import { remembered } from '../../rules/remembered.ts';
import { fixtureOf } from './frameworks.ts';
import { functionAround } from './releases.ts';

export const runsIn = remembered((node: FunctionDefinition): readonly Node[] => {
  const yields = node.text.includes('yield') ? walk(node).filter((it) => it.type === 'yield') : [];
  return yields.length > 0 || fixtureOf(node) !== undefined ? yields : callsOfGiven(node);
});

/**
 * Calls of what a decorator is given, in a function inside of it, and of the functions inside that call it in turn:
 *
 *     def verified(func):
 *         def wrapper():
 *             with mock_aws():
 *                 return make_and_run()
 *         def make_and_run():
 *             return func(make())
 *         return wrapper
 */
function callsOfGiven(decorator: FunctionDefinition): readonly Node[] {
  const inside = walk(decorator).some((it) => it.type === 'function' && it !== decorator)
    ? walk(decorator).filter((it): it is Call => it.type === 'call' && it.function.type === 'name')
    : [];
  const runs = new Set(inside.filter((it) => isOfGiven(it, decorator)));
  for (const run of runs) {
    const name = functionAround(run)?.name;
    for (const it of inside) if (it.function.text === name && functionAround(it)?.name !== name) runs.add(it);
  }
  return [...runs];
}

/** Is it called by the first parameter of a function around the one that calls? */
function isOfGiven(call: Call, decorator: FunctionDefinition): boolean {
  const { text: name } = call.function;
  let it = functionAround(call);
  if (it === decorator || it?.parameters.some((each) => each.name === name) === true) return false;
  while (it !== undefined && it !== decorator) {
    it = functionAround(it);
    if (it?.parameters[0]?.name === name && it.parameters[0].star === '') return true;
  }
  return false;
}
