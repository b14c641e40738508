/**
 * Where a value comes from: follows it back, through names, attributes of `self`, text building, calls that
 * pass their input on, and functions of the workspace, to the outside or to a constant.
 *
 *     name = os.environ['IMAGE']            # environment
 *     run(f'qemu-img info {name.strip()}')  # so does this, in part
 *
 * And the other way: which dangerous call an argument ends in, inside the function that is given it.
 */
import type {
  Assignment,
  Call,
  Expression,
  FunctionDefinition,
  Node,
  Origin,
  QualifiedName,
  Reached,
  SimpleStatement,
  Statement,
  TrailPoint,
} from '../../rules/model.ts';
import { ancestors, argumentFor, constantText, isStatement, walk } from '../../rules/model.ts';
import { blockAround } from '../../rules/python/blocks.ts';
import { calledBy } from '../../rules/python/failures.ts';
import { PASSING_FUNCTIONS, PASSING_METHODS } from '../../rules/python/flow.ts';
import { dangerousArgument } from '../../rules/python/sinks.ts';
import { Notes, remembered } from '../../rules/remembered.ts';
import { isTestPath } from './frameworks.ts';
import { returnedExpressions } from './names.ts';
import { functionAround } from './releases.ts';
import { spotOf } from './tree.ts';

const ENVIRONMENT = /^os\.(?:environb?(?:\[\]|\.get|\.pop|\.setdefault|\.copy)?|getenvb?)(?:\(\))?$/;
const NETWORK = /^(?:requests|httpx|urllib\.request|urllib2|urllib3|aiohttp(?!\.test_utils)|http\.client|boto3|socket)\b.*\(\)/;
/** What a network library gives that nobody on the network decides on, or that has only so few letters that it carries nothing: `127.0.0.1`. */
const OWN =
  /^(?:urllib\.request|requests|httpx)\.Request\b|^socket\.(?:gethostbyname(?:_ex)?|inet_(?:aton|ntoa|pton|ntop)|[hn]to[hn][sl]|getservby(?:name|port)|getprotobyname|if_\w+)\b|^urllib\.request\.(?:pathname2url|url2pathname|quote|unquote|getproxies\w*|parse_\w+)\b|\.(?:getsockname|fileno|gethostname|getfqdn|status_code|getcode|family|timeout|generate_presigned_\w+)\b/;
const COMMAND_LINE = /^sys\.argv\b|^builtins\.input\(\)$|^pytest\.FixtureRequest\(\)\.config\.getoption|\.getoption\(\)$/;
const READS_FILE = /(?:^pathlib\.Path\(\)|\.)\.?(?:read_text|read_bytes)$/;

/**
 * What has to be written where a value comes from outside, whatever it is imported as: an import alone gives none, but where it
 * gives another name.
 */
const NAMES_OUTSIDE = new RegExp(
  ['requests|httpx|urllib[23]?|aiohttp|boto3|socket', 'http\\.client']
    .flatMap((it) => [`\\bfrom (?:${it})\\b`, `\\bimport (?:${it})[\\w.]* as\\b`, `(?<!\\bimport )\\b(?:${it})\\.\\w`])
    .concat('\\bhttp import client\\b', '\\bgetenvb?\\b', '(?<!\\breq\\.|\\brequest\\.)\\benvironb?\\b', '\\bargv\\b', '\\binput\\(', '\\bgetoption\\b')
    .join('|'),
);

/** Can a value that a text mentions come from outside? */
export function namesOutside(text: string): boolean {
  return NAMES_OUTSIDE.test(text);
}

const MAX_STEPS = 120;
/** Functions inside functions that a value is followed through. */
const MAX_DEPTH = 5;

/** Gives the definition of what is called, when the workspace has it. */
export type FindFunction = (callee: QualifiedName) => FunctionDefinition | undefined;

/** A function of the workspace that a value is followed into, with what it was called with. */
interface Frame {
  readonly node: FunctionDefinition;
  readonly call: Call;
  readonly outer: Frame | undefined;
  readonly depth: number;
  readonly seen: Set<Expression>;
}

/** The origins of an expression's value, each once; `unknown` where it cannot be told. */
export function originsOf(expression: Expression, find: FindFunction): readonly Origin[] {
  return new Tracer(find, spotOf(expression.place).page.path).trace(expression);
}

class Tracer {
  private readonly find: FindFunction;
  private readonly found = new Map<string, Origin>();
  private readonly seen: Set<Expression>;
  /** Files whose path is the content of another file, and so on. */
  private readonly nesting: number;
  private steps = 0;
  /** The file of the expression that was asked about. */
  private readonly asked: string;
  private frame: Frame | undefined;
  /** From the expression that was asked about towards the source. */
  private readonly path: TrailPoint[] = [];

  constructor(find: FindFunction, asked: string, seen = new Set<Expression>(), nesting = 0) {
    this.find = find;
    this.asked = asked;
    this.seen = seen;
    this.nesting = nesting;
  }

  trace(expression: Expression): readonly Origin[] {
    this.visit(expression);
    return [...this.found.values()];
  }

  private add(sort: Origin['sort'], name: string, at: Expression): void {
    const key = `${sort} ${name}`;
    if (this.found.has(key)) return;
    this.found.set(key, {
      sort,
      name,
      ...(sort === 'environment' ? variableAt(at, this.find) : {}),
      place: at.place,
      here: spotOf(at.place).page.path === this.asked,
      trail: [...this.path].reverse(),
    });
  }

  private outside(it: Expression): boolean {
    const name = it.refersTo;
    if (name === undefined) return false;
    if (ENVIRONMENT.test(name) || COMMAND_LINE.test(name)) {
      // What the code under test asks of its surroundings, its tests have arranged.
      const { frame } = this;
      const set = ENVIRONMENT.test(name) ? setBefore(it, this.find) : undefined;
      if (frame !== undefined && !isTestPath(spotOf(frame.node.place).page.path)) this.add('call', frame.call.callee ?? '', it);
      else if (set?.type === 'call') this.add('call', set.callee ?? '', it);
      else if (set !== undefined) this.visit(set);
      else this.add(ENVIRONMENT.test(name) ? 'environment' : 'command line', name, it);
    } else if (NETWORK.test(name) && !OWN.test(name)) this.add('network', name, it);
    else return false;
    return true;
  }

  private visit(it: Expression): void {
    const seen = this.frame?.seen ?? this.seen;
    if (seen.has(it)) return;
    seen.add(it);
    this.steps += 1;
    if (this.steps > MAX_STEPS) return this.add('unknown', '', it);
    if (this.outside(it)) return;
    switch (it.type) {
      case 'string':
      case 'number':
      case 'constant':
        return this.add('constant', '', it);
      case 'fstring': {
        this.add('constant', '', it);
        for (const part of it.parts) if (typeof part !== 'string') this.visit(part);
        return;
      }
      case 'list':
      case 'tuple':
      case 'set':
        for (const item of it.items) this.visit(item);
        return;
      case 'dict':
        for (const entry of it.entries) this.visit(entry.value);
        return;
      case 'operation': {
        if (it.left !== undefined) this.visit(it.left);
        return this.visit(it.right);
      }
      case 'conditional':
        this.visit(it.then);
        return this.visit(it.otherwise);
      case 'subscript':
        return this.visit(it.object);
      case 'await':
      case 'star':
        return it.operand === undefined ? this.add('unknown', '', it) : this.visit(it.operand);
      case 'walrus':
        return this.visit(it.assigned);
      case 'comprehension':
        return this.visit(it.element);
      case 'call':
        return this.visitCall(it);
      case 'name':
      case 'attribute':
        return this.visitName(it);
      default:
        return this.add('unknown', '', it);
    }
  }

  private visitName(it: Expression & { type: 'name' | 'attribute' }): void {
    const { value } = it;
    if (value.kind === 'parameter') {
      const { frame } = this;
      const given = frame === undefined || functionAround(it) !== frame.node ? undefined : argumentFor(frame.call, frame.node, value.name);
      if (frame !== undefined && given !== undefined) {
        this.frame = frame.outer;
        this.visit(given);
        this.frame = frame;
        return;
      }
    }
    const sources = spotOf(it.place).page.resolver.sourcesOf(it);
    if (value.kind === 'parameter' && sources.length === 0) return this.add('parameter', value.name, it);
    if (sources.length > 0) {
      const here = functionAround(it);
      for (const each of sources) {
        const elsewhere = functionAround(each) !== here;
        if (elsewhere) this.path.push({ at: each.place, note: `\`${it.text}\` is set here` });
        this.visit(each);
        if (elsewhere) this.path.pop();
      }
      return;
    }
    if (constantText(value) !== undefined || value.kind === 'constant') return this.add('constant', '', it);
    if (it.type === 'attribute' && /^(?:text|content|body|data|stdout|args|name|parents?|value|headers)$/.test(it.name)) return this.visit(it.object);
    const name = it.text === '__file__' ? it.text : it.refersTo;
    return name === undefined ? this.add('unknown', '', it) : this.add('attribute', name, it);
  }

  private visitCall(it: Call): void {
    const callee = it.callee ?? '';
    if (it.function.type === 'attribute' && NETWORK.test(`${callee}()`) && this.outside(it)) return;
    if (callee === 'builtins.open') {
      // What is in a file is named by who names the file.
      this.add('file', callee, it);
      const path = it.arguments[0]?.value;
      if (path === undefined || this.nesting >= MAX_DEPTH) return;
      const inner = new Tracer(this.find, this.asked, this.frame?.seen ?? this.seen, this.nesting + 1);
      for (const each of inner.trace(path)) if (each.sort !== 'constant') this.found.set(`${each.sort} ${each.name}`, each);
      return;
    }
    if (READS_FILE.test(callee) || /^(?:read_text|read_bytes)$/.test(it.method)) {
      this.add('file', callee, it);
      if (it.function.type === 'attribute') this.visit(it.function.object);
      return;
    }
    if (PASSING_FUNCTIONS.has(callee)) {
      for (const each of it.arguments) this.visit(each.value);
      return;
    }
    if (it.function.type === 'attribute' && PASSING_METHODS.has(it.method)) {
      this.visit(it.function.object);
      for (const each of it.arguments) this.visit(each.value);
      return;
    }
    if (!this.enter(it)) this.add('call', callee === '' ? it.method : callee, it);
  }

  /** Follows what a function of the workspace returns; false when there is nothing to follow. */
  private enter(it: Call): boolean {
    const depth = (this.frame?.depth ?? 0) + 1;
    const node = it.callee === undefined || depth > MAX_DEPTH ? undefined : this.find(it.callee);
    const returned = node === undefined ? [] : returnedExpressions(node);
    if (node === undefined || returned.length === 0) return false;
    const outer = this.frame;
    this.frame = { node, call: it, outer, depth, seen: new Set() };
    this.path.push({ at: it.place, note: `through \`${node.name}\`` });
    for (const each of returned) this.visit(each);
    this.path.pop();
    this.frame = outer;
    return true;
  }
}

const NONE: readonly Expression[] = [];

/** What a name holds, where it is given one thing. */
function sourceOf(it: Expression): Expression {
  const sources = it.type === 'name' || it.type === 'attribute' ? spotOf(it.place).page.resolver.sourcesOf(it) : NONE;
  return sources.length === 1 && sources[0] !== undefined ? sources[0] : it;
}

/** What the function itself gives the variable on the way to where it reads it, or the call of a function of the workspace that does. */
function setBefore(it: Expression, find: FindFunction): Expression | undefined {
  const { variable } = variableAt(it, find);
  const source = sourceOf(it);
  if (variable === undefined || functionAround(source) === undefined) return undefined;
  for (const each of [source, ...ancestors(source)]) {
    if (each.type === 'function') return undefined;
    const block = isStatement(each) ? blockAround(each) : [];
    for (const step of block.slice(0, block.indexOf(each as Statement)).reverse()) {
      const call = calledBy(step) ?? (step.type === 'assignment' && step.value?.type === 'call' ? step.value : undefined);
      const called = call?.callee === undefined ? undefined : find(call.callee);
      const [change, ...others] = [step, called].flatMap((inside) => (inside === undefined ? [] : changesIn(inside).filter((it) => isOf(variable, it))));
      if (change === undefined) continue;
      // What has more to say of it, or says it in another way, may leave it with another value.
      if (others.length > 0 || change.type !== 'assignment' || change.operator !== undefined || variableSet(change.targets) !== variable) return undefined;
      if (change === step) return change.value;
      return called !== undefined && comesTo(change, called) ? call : undefined;
    }
  }
  return undefined;
}

type EnvironmentChange = Assignment | SimpleStatement | Call;

/** What changes the environment in a statement or a function. */
const changesIn = remembered((body: Node): readonly EnvironmentChange[] =>
  body.text.includes('env')
    ? walk(body).filter((it): it is EnvironmentChange => {
        if (it.type === 'call') return CHANGING.test(it.callee ?? '') || /^(?:setenv|delenv)$/.test(it.method);
        const changed = it.type === 'assignment' ? it.targets : it.type === 'delete' ? it.operands : NONE;
        return changed.some((each) => (each.type === 'subscript' ? each.object : each).refersTo === 'os.environ');
      })
    : [],
);

const CHANGING = /^os\.(?:environ\.(?:update|pop|popitem|clear|setdefault)|putenv|unsetenv)$/;

/** May it be the variable that is changed? */
function isOf(variable: string, it: EnvironmentChange): boolean {
  const named = it.type === 'call' ? constantText(it.arguments[0]?.value.value) : variableSet(it.type === 'assignment' ? it.targets : it.operands);
  return named === undefined || named === variable;
}

/** Whoever calls the function comes there: nothing above leaves it but to say that it failed (`return False`), and it is no generator. */
function comesTo(step: Statement, { body, text }: FunctionDefinition): boolean {
  const at = body.indexOf(step);
  return (
    at >= 0 &&
    !/\byield\b/.test(text) &&
    !body
      .slice(0, at)
      .flatMap(walk)
      .some((it) => it.type === 'return' && it.operands[0]?.text !== 'False')
  );
}

/** `A` of `os.environ['A'] = value` */
export function variableSet([target, ...others]: readonly Expression[]): string | undefined {
  if (target?.type !== 'subscript' || others.length > 0 || target.object.refersTo !== 'os.environ') return undefined;
  return constantText(target.index[0]?.value);
}

/** `PREFIX` in `os.environ['PREFIX']` and `os.getenv('PREFIX')`, and what `os.getenv('PREFIX', '/usr')` gives without it. */
function variableAt(it: Expression, find: FindFunction): Pick<Origin, 'variable' | 'otherwise'> {
  const source = sourceOf(it);
  // What a function gives at once is the call in it.
  const called = source.type === 'call' && source.callee !== undefined ? find(source.callee) : undefined;
  const returned = called === undefined ? NONE : returnedExpressions(called);
  const at = returned.length === 1 && returned[0] !== undefined ? returned[0] : source;
  const [named, without] = at.type === 'subscript' ? at.index : at.type === 'call' ? at.arguments.map((each) => each.value) : [];
  const variable = constantText(named?.value);
  const otherwise = constantText(without?.value);
  return { ...(variable === undefined ? {} : { variable }), ...(otherwise === undefined ? {} : { otherwise }) };
}

/** What a function does with one of its parameters. */
interface Ending {
  readonly parameter: string;
  readonly sink: Call;
  readonly what: string;
  readonly trail: readonly TrailPoint[];
}

const endings = new Notes<FunctionDefinition, readonly Ending[]>();

/** The dangerous calls that the arguments of a call end in. */
export function reachedBy(call: Call, find: FindFunction): readonly Reached[] {
  const node = call.callee === undefined ? undefined : find(call.callee);
  if (node === undefined) return [];
  return endingsOf(node, find, 1).flatMap(({ parameter, sink, what, trail }) => {
    const given = argumentFor(call, node, parameter);
    return given === undefined || !call.arguments.some((it) => it.value === given) ? [] : [{ argument: given, sink, what, trail }];
  });
}

function endingsOf(node: FunctionDefinition, find: FindFunction, depth: number): readonly Ending[] {
  const known = endings.of(node);
  if (known !== undefined) return known;
  endings.note(node, []); // a function that calls itself
  const names = new Set(node.parameters.map((it) => it.name));
  const result: Ending[] = [];
  const note = (at: Expression, sink: Call, what: string, trail: readonly TrailPoint[]) => {
    for (const origin of originsOf(at, find)) {
      if (origin.sort === 'parameter' && names.has(origin.name)) result.push({ parameter: origin.name, sink, what, trail });
    }
  };
  for (const it of walk(node)) {
    if (it.type !== 'call' || functionAround(it) !== node) continue;
    const danger = dangerousArgument(it);
    if (danger !== undefined) note(danger.at, it, danger.what, [{ at: it.place, note: danger.what }]);
    else if (depth < MAX_DEPTH && it.callee !== undefined) {
      const inner = find(it.callee);
      for (const each of inner === undefined || inner === node ? [] : endingsOf(inner, find, depth + 1)) {
        const given = argumentFor(it, inner as FunctionDefinition, each.parameter);
        if (given !== undefined) note(given, each.sink, each.what, [{ at: it.place, note: `through \`${it.method}\`` }, ...each.trail]);
      }
    }
  }
  endings.note(node, result);
  return result;
}
