/** Where what is around a test lets it run: a fixture with its `yield`, a decorator of the workspace where it calls what it is given. */
import type { Call, FunctionDefinition, Node } from '../../rules/model.ts';
import { walk } from '../../rules/model.ts';
import { remembered } from '../../rules/remembered.ts';
import { fixtureOf } from './frameworks.ts';
import { functionAround } from './releases.ts';

export const runsIn = remembered((node: FunctionDefinition): readonly Node[] => {
  const yields = node.text.includes('yield') ? walk(node).filter((it) => it.type === 'yield' && functionAround(it) === node) : [];
  return yields.length > 0 || fixtureOf(node) !== undefined ? yields : callsOfGiven(node);
});

/** Is the test run by a call of what the function is given, not by its `yield`? */
export function isDecorator(node: FunctionDefinition): boolean {
  return runsIn(node)[0]?.type === 'call';
}

/**
 * Calls of what a decorator is given, in the function that it returns, and of the functions inside that call it in turn:
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
  const functions = walk(decorator).filter((it) => it.type === 'function');
  const runs = new Set<Node>();
  const known = new Map<FunctionDefinition, boolean>();
  const runsGiven = (body: FunctionDefinition, given: string): boolean => {
    const before = known.get(body);
    if (before !== undefined) return before;
    known.set(body, false);
    const leading = walk(body).filter((it): it is Call => {
      if (it.type !== 'call' || it.function.type !== 'name') return false;
      const { text: name } = it.function;
      if (name === given) return functionAround(it)?.parameters.every((each) => each.name !== name) === true;
      return functions.some((each) => each.name === name && runsGiven(each, given));
    });
    for (const it of leading) runs.add(it);
    known.set(body, leading.length > 0);
    return leading.length > 0;
  };
  for (const it of functions.length < 2 ? [] : functions) {
    const [given] = it.parameters;
    const wrapper = returnedBy(it);
    // A function that returns a decorator is given no test.
    if (given?.star === '' && wrapper !== undefined && returnedBy(wrapper) === undefined) runsGiven(wrapper, given.name);
  }
  return [...runs];
}

/** The function inside that a function returns: `return wrapper`, `return update_wrapper(wrapper, func)`. */
function returnedBy(node: FunctionDefinition): FunctionDefinition | undefined {
  const returned = walk(node).filter((it) => it.type === 'return' && functionAround(it) === node);
  const names = new Set(returned.flatMap((it) => walk(it)).flatMap((it) => (it.type === 'name' && !isCalled(it) ? it.id : [])));
  return walk(node).find((it): it is FunctionDefinition => it.type === 'function' && functionAround(it) === node && names.has(it.name));
}

function isCalled(it: Node): boolean {
  return it.parent?.type === 'call' && it.parent.function === it;
}
