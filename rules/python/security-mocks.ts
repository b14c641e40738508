/** What a test does with the stub of a security check: allows, refuses, or asks it afterwards. */
import { argument, type Expression, type Patch, walk } from '../model.ts';
import { isMockAssertion } from './mock-assertions.ts';
import { nameOfMock } from './patchers.ts';

export interface SecurityStub {
  /** `unknown`: the stub is a function or object that is not followed. */
  readonly answer: 'allows' | 'refuses' | 'unknown';
  /** Where the test asks the stub how it was used. */
  readonly verified: Expression | undefined;
}

export function securityStub(patch: Patch): SecurityStub {
  const name = nameOfMock(patch);
  const verified = name === undefined ? undefined : verifiedIn(name, patch);
  return { answer: answerOf(patch, name), verified };
}

function answerOf(patch: Patch, name: string | undefined): SecurityStub['answer'] {
  const { call } = patch;
  if (argument(call, 'wraps') !== undefined) return 'unknown';
  if (argument(call, 'side_effect') !== undefined) return 'refuses';
  const given = patch.replacement;
  if (given !== undefined) {
    if (argument(call, 'new_callable') === given) return 'unknown';
    const body = given.type === 'lambda' ? given.body : given;
    if (body.type === 'constant') return body.constant === 'False' ? 'refuses' : 'allows';
    return /[mM]ock\(\)$/.test(given.text) ? 'allows' : 'unknown';
  }
  const answer = argument(call, 'return_value');
  if (answer !== undefined) return judge(answer);
  for (const it of name === undefined || patch.owner === undefined ? [] : walk(patch.owner.node)) {
    if (it.type !== 'assignment' || it.value === undefined) continue;
    for (const target of it.targets) {
      if (target.text === `${name}.side_effect`) return 'refuses';
      if (target.text === `${name}.return_value`) return judge(it.value);
    }
  }
  return 'allows';
}

function judge(it: Expression): SecurityStub['answer'] {
  if (it.type === 'constant') return it.constant === 'False' ? 'refuses' : 'allows';
  return it.value.kind === 'parameter' || it.value.kind === 'unknown' ? 'unknown' : 'allows';
}

function verifiedIn(name: string, patch: Patch): Expression | undefined {
  if (patch.owner === undefined) return undefined;
  for (const it of walk(patch.owner.node)) {
    if (it.type === 'call' && it.function.type === 'attribute' && it.function.object.text === name && isMockAssertion(it.function.name)) return it;
    if (it.type === 'attribute' && it.object.text === name && /^(?:called|call_count|call_args|call_args_list|mock_calls)$/.test(it.name)) return it;
  }
  return undefined;
}
