/** Where a value comes from: follows what is known of it back to the outside. */
import type { Expression, Origin, Value } from '../../rules/model.ts';

const ENVIRONMENT = /^os\.(?:environ(?:\[\]|\.get|\.pop|\.setdefault|\.copy)?|getenv)/;
const NETWORK = /^(?:requests|httpx|urllib|urllib3|aiohttp|http\.client|boto3|socket)\b/;

/** The origins of an expression's value, each once; `unknown` where it cannot be told. */
export function originsOf(expression: Expression): readonly Origin[] {
  const found = new Map<string, Origin>();
  const add = (sort: Origin['sort'], name: string) => {
    found.set(`${sort} ${name}`, { sort, name, place: expression.place });
  };
  const byName = (name: string): boolean => {
    if (ENVIRONMENT.test(name)) add('environment', name);
    else if (name.startsWith('sys.argv') || name.endsWith('.getoption')) add('command line', name);
    else if (NETWORK.test(name)) add('network', name);
    else if (name === 'builtins.open().read' || name.endsWith('.read_text') || name.endsWith('.read_bytes')) add('file', name);
    else return false;
    return true;
  };
  const visit = (value: Value, depth: number) => {
    if (depth > 12) return add('unknown', '');
    switch (value.kind) {
      case 'constant': return add('constant', '');
      case 'joined': for (const it of value.parts) visit(it, depth + 1); return;
      case 'list': for (const it of value.items) visit(it, depth + 1); return;
      case 'dict': for (const [, it] of value.entries) visit(it, depth + 1); return;
      case 'oneOf': for (const it of value.choices) visit(it, depth + 1); return;
      case 'parameter': return add('parameter', value.name);
      case 'result': if (!byName(value.name)) add('call', value.name); return;
      case 'unknown': return add('unknown', '');
    }
  };
  const name = expression.refersTo;
  if (name !== undefined && byName(name)) return [...found.values()];
  visit(expression.value, 0);
  if (found.has('unknown ') && found.size === 1 && (expression.type === 'attribute' || expression.type === 'name') && name !== undefined) {
    found.clear();
    add('attribute', name);
  }
  return [...found.values()];
}
