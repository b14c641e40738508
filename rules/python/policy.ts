/** Access policies of OpenStack: rules and fixtures. Sources: oslo.policy 4 documentation, nova/tests/fixtures/policy.py (2014 to 2024). */
import type { Call, Expression } from '../model.ts';
import { constantText } from '../model.ts';

/** The entries of a policy that a call puts in force: `policy.set_rules({…})`, `Rules.from_dict({…})`. */
export function rulesSet(call: Call): readonly { readonly key: Expression; readonly value: Expression }[] {
  if (!setsRules(call.method)) return [];
  if (call.method === 'from_dict' && !/(?:^|\.)Rules\.from_dict$/.test(call.callee ?? call.function.text)) return [];
  const given = call.arguments[0]?.value;
  return given?.type === 'dict' ? given.entries.flatMap((it) => (it.key === undefined ? [] : [{ key: it.key, value: it.value }])) : [];
}

/** Can a call of this name set rules? */
export function setsRules(method: string): boolean {
  return /^(?:set_rules|from_dict|add_policy_rules|set_policy_rules|override_rules)$/.test(method);
}

/** Does the rule let everybody pass: `@`, or nothing at all? */
export function isOpenRule(value: Expression): boolean {
  const text = constantText(value.value);
  return text !== undefined && (text.trim() === '' || text.trim() === '@');
}
