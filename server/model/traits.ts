/**
 * What a call can be, by its names alone: the first question of `subjects.ts`, answered once for every name, so that most
 * calls are nothing without being looked at. Each answer is `false` only where the function that decides says so too.
 */
import { canBeApiCall } from '../../rules/python/api.ts';
import { MOCK_ASSERTIONS, makesMock } from '../../rules/python/mock.ts';
import { isNetworkName } from '../../rules/python/network.ts';
import { canBeInputSink } from '../../rules/python/sinks.ts';
import { ByName } from './by-name.ts';
import { canChange } from './changes.ts';
import { canRegister } from './cleanups.ts';
import { canPatch } from './patches.ts';
import { canExpect } from './raises.ts';
import { canAcquire } from './resources.ts';

export interface Traits {
  readonly sink: boolean;
  readonly network: boolean;
  readonly api: boolean;
  readonly raises: boolean;
  readonly assertion: boolean;
  readonly mock: boolean;
  readonly patch: boolean;
  readonly acquires: boolean;
  readonly changes: boolean;
  readonly cleanup: boolean;
}

/** `assert*` and `fail*` methods of test cases and mocks, and functions named alike; for the tally only. */
const ASSERTION = /^(?:assert\w*|fail(?:Unless\w*|If\w*)?)$/;

/** `callee` is the qualified name, `''` when it is not known; `method` the last segment as written. */
const TRAITS = new ByName(
  (callee, method): Traits => ({
    sink: canBeInputSink(callee, method),
    network: isNetworkName(callee),
    api: canBeApiCall(callee, method),
    raises: canExpect(callee, method),
    assertion: ASSERTION.test(method),
    mock: makesMock(callee) || MOCK_ASSERTIONS.includes(method),
    patch: canPatch(callee, method),
    acquires: canAcquire(callee, method),
    changes: canChange(callee, method),
    cleanup: canRegister(method),
  }),
);

export function traitsOf(callee: string, method: string): Traits {
  return TRAITS.of(callee, method);
}
