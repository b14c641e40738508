/** Exit stacks: what is entered into one ends only when somebody closes it. */
import type { Call, FunctionDefinition } from '../../rules/model.ts';
import { walk } from '../../rules/model.ts';
import { functionAround } from './releases.ts';
import type { Surroundings } from './resources.ts';

/** `stack.enter_context(…)` on a stack of the same function or class that nobody closes, enters or hands on. */
export function isForgottenStack(enter: Call, around: Surroundings | undefined): boolean {
  const stack = enter.function.type === 'attribute' ? enter.function.object : undefined;
  const home = functionAround(enter);
  if (home === undefined || !/^contextlib\.(?:Async)?ExitStack\(\)$/.test(stack?.refersTo ?? '')) return false;
  if (stack?.type === 'name') return !home.parameters.some((it) => it.name === stack.id) && !canClose(home, stack.id);
  if (stack?.type !== 'attribute' || stack.object.text !== 'self' || around?.shape === undefined || around.unresolvedBase) return false;
  return !canClose(home, stack.text) && !around.methods.some((it) => it.node.text.includes(stack.text) && canClose(it.node, stack.text));
}

/** Does a function do anything with a stack but make it and enter into it once more? */
function canClose(body: FunctionDefinition, stack: string): boolean {
  for (const it of walk(body)) {
    if ((it.type !== 'name' && it.type !== 'attribute') || it.text !== stack) continue;
    const { parent } = it;
    // Under a second name it is somebody's already.
    const isMade = parent?.type === 'assignment' && parent.targets.includes(it) && parent.value?.type === 'call';
    const isEntered = parent?.type === 'attribute' && /^(?:enter_(?:async_)?context|callback|push\w*)$/.test(parent.name);
    if (!isMade && !isEntered) return true;
  }
  return false;
}
