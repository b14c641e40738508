/** What a function of another file does, in a few words: read off its body, never off its name. */
import type { FunctionDefinition } from '../../rules/model.ts';
import { walk } from '../../rules/model.ts';
import { NETWORK_CALLS } from '../../rules/python/network.ts';

/** One clause, or undefined when the body says nothing that can be put in a few words. */
export function describe(node: FunctionDefinition): string | undefined {
  const [last] = [...node.body].reverse();
  const calls: string[] = [];
  for (const it of walk(node)) {
    if (it.type !== 'call') continue;
    const callee = it.callee;
    if (callee !== undefined && NETWORK_CALLS.has(callee)) return `reaches the network through \`${callee}\``;
    if (it.method !== '' && calls.length < 3 && !calls.includes(it.method)) calls.push(it.method);
  }
  if (last?.type === 'return' && last.operands[0]?.type === 'call') return `returns what \`${outer(last.operands[0].text)}\` gives`;
  if (calls.length === 0) return undefined;
  return `calls ${calls.map((it) => `\`${it}\``).join(', ')}`;
}

function outer(text: string): string {
  const open = text.indexOf('(');
  return open < 0 ? text : `${text.slice(0, open)}(…)`;
}
