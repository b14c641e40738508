/**
 * Where a value comes from: follows it back, through names, text building and calls that pass their
 * input on, to the outside or to a constant.
 *
 *     name = os.environ['IMAGE']            # environment
 *     run(f'qemu-img info {name.strip()}')  # so does this, in part
 */
import type { Call, Expression, Origin } from '../../rules/model.ts';
import { constantText } from '../../rules/model.ts';
import { PASSING_FUNCTIONS, PASSING_METHODS } from '../../rules/python/flow.ts';
import { spotOf } from './tree.ts';

const ENVIRONMENT = /^os\.(?:environb?(?:\[\]|\.get|\.pop|\.setdefault|\.copy)?|getenvb?)(?:\(\))?$/;
const NETWORK = /^(?:requests|httpx|urllib\.request|urllib2|urllib3|aiohttp|http\.client|boto3|socket)\b.*\(\)/;
const COMMAND_LINE = /^sys\.argv\b|^builtins\.input\(\)$|^pytest\.FixtureRequest\(\)\.config\.getoption|\.getoption\(\)$/;
const READS_FILE = /(?:^pathlib\.Path\(\)|\.)\.?(?:read_text|read_bytes)$/;

const MAX_STEPS = 60;

/** The origins of an expression's value, each once; `unknown` where it cannot be told. */
export function originsOf(expression: Expression): readonly Origin[] {
  const found = new Map<string, Origin>();
  const seen = new Set<Expression>();
  const add = (sort: Origin['sort'], name: string, at: Expression) => {
    const key = `${sort} ${name}`;
    if (!found.has(key)) found.set(key, { sort, name, place: at.place });
  };
  const outside = (it: Expression): boolean => {
    const name = it.refersTo;
    if (name === undefined) return false;
    if (ENVIRONMENT.test(name)) add('environment', name, it);
    else if (COMMAND_LINE.test(name)) add('command line', name, it);
    else if (NETWORK.test(name)) add('network', name, it);
    else return false;
    return true;
  };
  const visit = (it: Expression): void => {
    if (seen.has(it)) return;
    seen.add(it);
    if (seen.size > MAX_STEPS) return add('unknown', '', it);
    if (outside(it)) return;
    switch (it.type) {
      case 'string':
      case 'number':
      case 'constant':
        return add('constant', '', it);
      case 'fstring': {
        add('constant', '', it);
        for (const part of it.parts) if (typeof part !== 'string') visit(part);
        return;
      }
      case 'list':
      case 'tuple':
      case 'set':
        for (const item of it.items) visit(item);
        return;
      case 'dict':
        for (const entry of it.entries) visit(entry.value);
        return;
      case 'operation': {
        if (it.left !== undefined) visit(it.left);
        return visit(it.right);
      }
      case 'conditional':
        visit(it.then);
        return visit(it.otherwise);
      case 'subscript':
        return visit(it.object);
      case 'await':
      case 'star':
        return it.operand === undefined ? add('unknown', '', it) : visit(it.operand);
      case 'walrus':
        return visit(it.assigned);
      case 'comprehension':
        return visit(it.element);
      case 'call':
        return visitCall(it);
      case 'name':
      case 'attribute':
        return visitName(it);
      default:
        return add('unknown', '', it);
    }
  };
  const visitName = (it: Expression & { type: 'name' | 'attribute' }): void => {
    const { value } = it;
    if (value.kind === 'parameter') return add('parameter', value.name, it);
    const sources = spotOf(it.place).page.resolver.sourcesOf(it);
    if (sources.length > 0) {
      for (const each of sources) visit(each);
      return;
    }
    if (constantText(value) !== undefined || value.kind === 'constant') return add('constant', '', it);
    if (it.type === 'attribute' && /^(?:text|content|body|data|stdout|args|name|value|headers)$/.test(it.name)) return visit(it.object);
    const name = it.refersTo;
    return name === undefined ? add('unknown', '', it) : add('attribute', name, it);
  };
  const visitCall = (it: Call): void => {
    const callee = it.callee ?? '';
    if (NETWORK.test(`${callee}()`) && it.function.type === 'attribute' && outside(it)) return;
    if (callee === 'builtins.open') {
      // What is in a file is named by who names the file.
      add('file', callee, it);
      const path = it.arguments[0]?.value;
      if (path !== undefined) for (const each of originsOf(path)) if (each.sort !== 'constant') found.set(`${each.sort} ${each.name}`, each);
      return;
    }
    if (READS_FILE.test(callee) || /^(?:read_text|read_bytes)$/.test(it.method)) {
      add('file', callee, it);
      if (it.function.type === 'attribute') visit(it.function.object);
      return;
    }
    if (it.function.type === 'attribute' && PASSING_METHODS.has(it.method)) {
      visit(it.function.object);
      for (const each of it.arguments) visit(each.value);
      return;
    }
    if (PASSING_FUNCTIONS.has(callee)) {
      for (const each of it.arguments) visit(each.value);
      return;
    }
    add('call', callee === '' ? it.method : callee, it);
  };
  visit(expression);
  return [...found.values()];
}
