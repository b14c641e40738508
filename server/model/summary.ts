/** What a function of another file does, in a few words: read off its body, never off its name. */
import type { Call, FunctionDefinition, QualifiedName } from '../../rules/model.ts';
import { walk } from '../../rules/model.ts';
import { BUILTINS } from '../../rules/python/names.ts';
import { NETWORK_CALLS } from '../../rules/python/network.ts';
import type { FindFunction } from './flow.ts';

const MAX_CALLS = 4;
/** Functions that are read for one answer. */
const MAX_FUNCTIONS = 30;

/** One clause, or undefined when the body says nothing that can be put in a few words. */
export function describe(node: FunctionDefinition, find: FindFunction): string | undefined {
  const [last] = [...node.body].reverse();
  const calls = callsIn(node);
  const direct = calls.find((it) => NETWORK_CALLS.has(it.callee ?? ''));
  if (direct !== undefined) return `reaches the network through \`${direct.callee ?? ''}\``;
  const seen = new Set<QualifiedName>();
  for (const it of calls) {
    const library = networkBehind(it.callee, find, 1, seen);
    if (library !== undefined) return `calls \`${shown(it)}\`, which ends in \`${library}\``;
  }
  if (last?.type === 'return' && last.operands[0]?.type === 'call') return `returns what \`${outer(last.operands[0].text)}\` gives`;
  const names = [...new Set(calls.map((it) => it.method))].filter((it) => it !== '' && !BUILTINS.has(it)).slice(0, 3);
  return names.length === 0 ? undefined : `calls ${names.map((it) => `\`${it}\``).join(', ')}`;
}

function callsIn(node: FunctionDefinition): Call[] {
  const calls: Call[] = [];
  for (const statement of node.body) for (const it of walk(statement)) if (it.type === 'call' && it.parent?.type !== 'raise') calls.push(it);
  return calls;
}

/** The network library that a function of the workspace ends in, through others of the workspace. */
function networkBehind(callee: QualifiedName | undefined, find: FindFunction, depth: number, seen: Set<QualifiedName>): QualifiedName | undefined {
  if (callee === undefined || depth > MAX_CALLS || seen.size > MAX_FUNCTIONS || seen.has(callee)) return undefined;
  const node = find(callee);
  if (node === undefined) return undefined;
  seen.add(callee);
  const calls = callsIn(node);
  for (const it of calls) if (it.callee !== undefined && NETWORK_CALLS.has(it.callee)) return it.callee;
  for (const it of calls) {
    const library = networkBehind(it.callee, find, depth + 1, seen);
    if (library !== undefined) return library;
  }
  return undefined;
}

/** `api_post('/servers', …)`: the method, and its first argument where that is a short text. */
function shown(it: Call): string {
  const first = it.arguments[0]?.value;
  if (first?.type !== 'string' || first.text.length > 40) return `${it.method}(…)`;
  return `${it.method}(${first.text}${it.arguments.length > 1 ? ', …' : ''})`;
}

function outer(text: string): string {
  const open = text.indexOf('(');
  return open < 0 ? text : `${text.slice(0, open)}(…)`;
}
