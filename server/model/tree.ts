/**
 * The nodes that rules see (`rules/model.ts`), as classes: an unparsed stretch of text costs nothing, and
 * what a node refers to or is worth is computed when somebody asks. Made by `build.ts`, dropped after the
 * review of their unit; only the arena is kept.
 */
import type * as M from '../../rules/model.ts';
import { nameIn } from '../syntax/names.ts';
import type { Page } from './page.ts';

/** A place inside one unit: what is behind the opaque `Place`. Offsets are relative to the unit's text. */
export interface Spot {
  readonly page: Page;
  readonly start: number;
  readonly end: number;
}

export function spotOf(place: M.Place): Spot {
  return place as unknown as Spot;
}

export function placeAt(page: Page, start: number, end: number): M.Place {
  return { page, start, end } as unknown as M.Place;
}

/** What is around a node, the same for all that see the same names. */
export interface Around {
  readonly page: Page;
  /** The function that no other is around. */
  readonly outermost: M.FunctionDefinition | undefined;
  /** The nearest function, lambda, class or comprehension whose names are seen. */
  readonly scope: M.Node | undefined;
}

/** What `build.ts` fills in when the whole unit is there. */
export interface Relations {
  parent: M.Node | undefined;
  around: Around;
  /** Index in the page's nodes; -1 for annotations and loop variables, which are no parts. */
  order: number;
  /** Index behind the last node inside it. */
  after: number;
}

export function relationsOf(node: M.Node): Relations {
  return node as unknown as Relations;
}

/** The nearest function, lambda, class or comprehension whose names a node sees. */
export function scopeOf(node: M.Node): M.Node | undefined {
  for (let it: M.Node | undefined = node; it !== undefined; it = it.parent) {
    const { order, around } = relationsOf(it);
    if (order >= 0) return it === node || it.type !== 'comprehension' ? around.scope : it;
  }
  return undefined;
}

/** The outermost function around a node, or the node itself. */
export function outermostOf(node: M.Node): M.FunctionDefinition | undefined {
  for (let it: M.Node | undefined = node; it !== undefined; it = it.parent) {
    const { order, around } = relationsOf(it);
    if (order >= 0) return around.outermost ?? (it.type === 'function' ? it : undefined);
  }
  return undefined;
}

const REMARK = /[ \t]*(#[^\n]*)/y;

abstract class BaseNode implements Relations {
  parent: M.Node | undefined = undefined;
  order = -1;
  after = -1;
  around: Around;
  readonly start: number;
  readonly end: number;
  constructor(around: Around, start: number, end: number) {
    this.around = around;
    this.start = start;
    this.end = end;
  }

  get page(): Page {
    return this.around.page;
  }
  /** A node is its own place. */
  get place(): M.Place {
    return this as unknown as M.Place;
  }
  get text(): string {
    return this.page.text.slice(this.start, this.end);
  }
  get remark(): string {
    REMARK.lastIndex = this.end;
    return REMARK.exec(this.page.text)?.[1] ?? '';
  }
  get firstChild(): M.Node | undefined {
    return this.order + 1 < this.after ? this.page.nodes[this.order + 1] : undefined;
  }
  get nextSibling(): M.Node | undefined {
    return this.parent !== undefined && this.after < relationsOf(this.parent).after ? this.page.nodes[this.after] : undefined;
  }
  /** For `walk`. */
  get within(): readonly M.Node[] | undefined {
    const { nodes } = this.page;
    if (this.order < 0) return undefined;
    return this.order === 0 && this.after === nodes.length ? nodes : nodes.slice(this.order, this.after);
  }
}

/** An argument is its own place, too. */
export class ArgumentPart implements M.Argument {
  readonly keyword: string | undefined;
  readonly value: M.Expression;
  readonly unpack: M.Argument['unpack'];
  readonly start: number;
  readonly end: number;
  constructor(start: number, end: number, keyword: string | undefined, value: M.Expression, unpack: M.Argument['unpack']) {
    this.keyword = keyword;
    this.value = value;
    this.unpack = unpack;
    this.start = start;
    this.end = end;
  }
  get page(): Page {
    return spotOf(this.value.place).page;
  }
  get place(): M.Place {
    return this as unknown as M.Place;
  }
}

const UNRESOLVED = Symbol('unresolved');

abstract class BaseExpression extends BaseNode {
  private knownName: M.QualifiedName | undefined | typeof UNRESOLVED = UNRESOLVED;
  private knownValue: M.Value | undefined = undefined;

  get refersTo(): M.QualifiedName | undefined {
    if (this.knownName === UNRESOLVED) {
      this.knownName = undefined; // what refers to itself (`x = x.y`) is unknown while it is being asked
      this.knownName = this.page.resolver.nameOf(this as unknown as M.Expression);
    }
    return this.knownName;
  }

  get value(): M.Value {
    if (this.knownValue === undefined) {
      this.knownValue = UNKNOWN;
      this.knownValue = this.page.resolver.valueOf(this as unknown as M.Expression);
    }
    return this.knownValue;
  }
}

export const UNKNOWN: M.Value = { kind: 'unknown' };

export class NameNode extends BaseExpression {
  readonly type = 'name';
  private known: string | undefined = undefined;
  get id(): string {
    this.known ??= nameIn(this.page.text, this.start, this.end);
    return this.known;
  }
}

export class AttributeNode extends BaseExpression {
  readonly type = 'attribute';
  readonly object: M.Expression;
  readonly name: string;
  constructor(around: Around, start: number, end: number, object: M.Expression, name: string) {
    super(around, start, end);
    this.object = object;
    this.name = name;
  }
}

export class CallNode extends BaseExpression {
  readonly type = 'call';
  readonly function: M.Expression;
  readonly arguments: readonly M.Argument[];
  constructor(around: Around, start: number, end: number, callee: M.Expression, args: readonly M.Argument[]) {
    super(around, start, end);
    this.function = callee;
    this.arguments = args;
  }
  get callee(): M.QualifiedName | undefined {
    return this.function.refersTo;
  }
  get method(): string {
    const callee = this.function;
    return callee.type === 'attribute' ? callee.name : callee.type === 'name' ? callee.id : '';
  }
}

export class StringNode extends BaseExpression {
  readonly type = 'string';
  readonly content: string;
  readonly bytes: boolean;
  readonly raw: boolean;
  constructor(around: Around, start: number, end: number, content: string, bytes: boolean, raw: boolean) {
    super(around, start, end);
    this.content = content;
    this.bytes = bytes;
    this.raw = raw;
  }
}

export class FormattedStringNode extends BaseExpression {
  readonly type = 'fstring';
  readonly parts: readonly (string | M.Expression)[];
  constructor(around: Around, start: number, end: number, parts: readonly (string | M.Expression)[]) {
    super(around, start, end);
    this.parts = parts;
  }
}

export class NumberNode extends BaseExpression {
  readonly type = 'number';
  get number(): number {
    return Number(this.text.replaceAll('_', '').replace(/^0o/i, '0o'));
  }
}

export class ConstantNode extends BaseExpression {
  readonly type = 'constant';
  readonly constant: 'True' | 'False' | 'None' | '...';
  constructor(around: Around, start: number, end: number, constant: 'True' | 'False' | 'None' | '...') {
    super(around, start, end);
    this.constant = constant;
  }
}

export class SequenceNode extends BaseExpression {
  readonly type: 'list' | 'tuple' | 'set';
  readonly items: readonly M.Expression[];
  constructor(around: Around, start: number, end: number, type: 'list' | 'tuple' | 'set', items: readonly M.Expression[]) {
    super(around, start, end);
    this.type = type;
    this.items = items;
  }
}

export class DictionaryNode extends BaseExpression {
  readonly type = 'dict';
  readonly entries: M.Dictionary['entries'];
  constructor(around: Around, start: number, end: number, entries: M.Dictionary['entries']) {
    super(around, start, end);
    this.entries = entries;
  }
}

export class OperationNode extends BaseExpression {
  readonly type = 'operation';
  readonly operator: string;
  readonly left: M.Expression | undefined;
  readonly right: M.Expression;
  constructor(around: Around, start: number, end: number, operator: string, left: M.Expression | undefined, right: M.Expression) {
    super(around, start, end);
    this.operator = operator;
    this.left = left;
    this.right = right;
  }
}

export class ComparisonNode extends BaseExpression {
  readonly type = 'comparison';
  readonly operands: readonly M.Expression[];
  readonly operators: readonly string[];
  constructor(around: Around, start: number, end: number, operands: readonly M.Expression[], operators: readonly string[]) {
    super(around, start, end);
    this.operands = operands;
    this.operators = operators;
  }
}

export class ConditionalNode extends BaseExpression {
  readonly type = 'conditional';
  // biome-ignore lint/suspicious/noThenProperty: Python's word; nothing awaits a node
  readonly then: M.Expression;
  readonly test: M.Expression;
  readonly otherwise: M.Expression;
  constructor(around: Around, start: number, end: number, whenTrue: M.Expression, test: M.Expression, otherwise: M.Expression) {
    super(around, start, end);
    // biome-ignore lint/suspicious/noThenProperty: see above
    this.then = whenTrue;
    this.test = test;
    this.otherwise = otherwise;
  }
}

export class LambdaNode extends BaseExpression {
  readonly type = 'lambda';
  readonly parameters: readonly M.Parameter[];
  readonly body: M.Expression;
  /** Kept by `locals.ts`. */
  locals: unknown = undefined;
  constructor(around: Around, start: number, end: number, parameters: readonly M.Parameter[], body: M.Expression) {
    super(around, start, end);
    this.parameters = parameters;
    this.body = body;
  }
}

export class SubscriptNode extends BaseExpression {
  readonly type = 'subscript';
  readonly object: M.Expression;
  readonly index: readonly M.Expression[];
  constructor(around: Around, start: number, end: number, object: M.Expression, index: readonly M.Expression[]) {
    super(around, start, end);
    this.object = object;
    this.index = index;
  }
}

export class PrefixedNode extends BaseExpression {
  readonly type: 'await' | 'star' | 'yield' | 'yield from';
  readonly operand: M.Expression | undefined;
  constructor(around: Around, start: number, end: number, type: 'await' | 'star' | 'yield' | 'yield from', operand: M.Expression | undefined) {
    super(around, start, end);
    this.type = type;
    this.operand = operand;
  }
}

export class WalrusNode extends BaseExpression {
  readonly type = 'walrus';
  readonly target: M.Expression;
  readonly assigned: M.Expression;
  constructor(around: Around, start: number, end: number, target: M.Expression, assigned: M.Expression) {
    super(around, start, end);
    this.target = target;
    this.assigned = assigned;
  }
}

export class ComprehensionNode extends BaseExpression {
  readonly type = 'comprehension';
  readonly form: M.Comprehension['form'];
  readonly element: M.Expression;
  readonly clauses: readonly M.Expression[];
  /** Loop variables and what they run over, for name resolution. */
  readonly loops: readonly { readonly target: M.Expression; readonly iterable: M.Expression }[];
  constructor(
    around: Around,
    start: number,
    end: number,
    form: M.Comprehension['form'],
    element: M.Expression,
    clauses: readonly M.Expression[],
    loops: ComprehensionNode['loops'],
  ) {
    super(around, start, end);
    this.form = form;
    this.element = element;
    this.clauses = clauses;
    this.loops = loops;
  }
}

export class OtherExpressionNode extends BaseExpression {
  readonly type = 'other';
  readonly parts: readonly M.Expression[];
  constructor(around: Around, start: number, end: number, parts: readonly M.Expression[]) {
    super(around, start, end);
    this.parts = parts;
  }
}

// ------------------------------------------------------------------------------------------ statements

export class ExpressionStatementNode extends BaseNode {
  readonly type = 'expression';
  readonly expression: M.Expression;
  constructor(around: Around, start: number, end: number, expression: M.Expression) {
    super(around, start, end);
    this.expression = expression;
  }
}

export class AssignmentNode extends BaseNode {
  readonly type = 'assignment';
  readonly targets: readonly M.Expression[];
  readonly value: M.Expression | undefined;
  readonly operator: string | undefined;
  readonly annotation: M.Expression | undefined;
  constructor(
    around: Around,
    start: number,
    end: number,
    targets: readonly M.Expression[],
    value: M.Expression | undefined,
    operator: string | undefined,
    annotation: M.Expression | undefined,
  ) {
    super(around, start, end);
    this.targets = targets;
    this.value = value;
    this.operator = operator;
    this.annotation = annotation;
  }
}

export class SimpleStatementNode extends BaseNode {
  readonly type: M.SimpleStatement['type'];
  readonly operands: readonly M.Expression[];
  constructor(around: Around, start: number, end: number, type: M.SimpleStatement['type'], operands: readonly M.Expression[]) {
    super(around, start, end);
    this.type = type;
    this.operands = operands;
  }
}

export class ImportNode extends BaseNode {
  readonly type = 'import';
  readonly from: string | undefined;
  readonly names: M.ImportStatement['names'];
  constructor(around: Around, start: number, end: number, from: string | undefined, names: M.ImportStatement['names']) {
    super(around, start, end);
    this.from = from;
    this.names = names;
  }
}

export class IfNode extends BaseNode {
  readonly type: 'if' | 'while';
  readonly test: M.Expression;
  readonly body: readonly M.Statement[];
  readonly otherwise: readonly M.Statement[];
  constructor(
    around: Around,
    start: number,
    end: number,
    type: 'if' | 'while',
    test: M.Expression,
    body: readonly M.Statement[],
    otherwise: readonly M.Statement[],
  ) {
    super(around, start, end);
    this.type = type;
    this.test = test;
    this.body = body;
    this.otherwise = otherwise;
  }
}

export class ForNode extends BaseNode {
  readonly type = 'for';
  readonly target: M.Expression;
  readonly iterable: M.Expression;
  readonly body: readonly M.Statement[];
  readonly otherwise: readonly M.Statement[];
  readonly async: boolean;
  constructor(
    around: Around,
    start: number,
    end: number,
    target: M.Expression,
    iterable: M.Expression,
    body: readonly M.Statement[],
    otherwise: readonly M.Statement[],
    isAsync: boolean,
  ) {
    super(around, start, end);
    this.target = target;
    this.iterable = iterable;
    this.body = body;
    this.otherwise = otherwise;
    this.async = isAsync;
  }
}

export class HandlerNode extends BaseNode {
  readonly type = 'handler';
  readonly exception: M.Expression | undefined;
  readonly name: string | undefined;
  readonly body: readonly M.Statement[];
  constructor(around: Around, start: number, end: number, exception: M.Expression | undefined, name: string | undefined, body: readonly M.Statement[]) {
    super(around, start, end);
    this.exception = exception;
    this.name = name;
    this.body = body;
  }
  get headPlace(): M.Place {
    const colon = this.exception === undefined ? this.page.text.indexOf(':', this.start) : this.headEnd(this.exception);
    return placeAt(this.page, this.start, colon < 0 ? this.start + 6 : colon);
  }
  /** Behind the exception, or behind `as name` when there is one. */
  private headEnd(exception: M.Expression): number {
    const { end } = spotOf(exception.place);
    const as = this.name === undefined ? null : /^\s*(?:\)\s*)?as\s+\w+/.exec(this.page.text.slice(end, end + 200));
    return as === null ? end : end + as[0].length;
  }
}

export class TryNode extends BaseNode {
  readonly type = 'try';
  readonly body: readonly M.Statement[];
  readonly handlers: readonly M.Handler[];
  readonly otherwise: readonly M.Statement[];
  readonly final: readonly M.Statement[];
  constructor(
    around: Around,
    start: number,
    end: number,
    body: readonly M.Statement[],
    handlers: readonly M.Handler[],
    otherwise: readonly M.Statement[],
    final: readonly M.Statement[],
  ) {
    super(around, start, end);
    this.body = body;
    this.handlers = handlers;
    this.otherwise = otherwise;
    this.final = final;
  }
}

export class WithNode extends BaseNode {
  readonly type = 'with';
  readonly items: M.WithStatement['items'];
  readonly body: readonly M.Statement[];
  readonly async: boolean;
  constructor(around: Around, start: number, end: number, items: M.WithStatement['items'], body: readonly M.Statement[], isAsync: boolean) {
    super(around, start, end);
    this.items = items;
    this.body = body;
    this.async = isAsync;
  }
}

export class FunctionNode extends BaseNode {
  readonly type = 'function';
  readonly name: string;
  readonly namePlace: M.Place;
  readonly parameters: readonly M.Parameter[];
  readonly decorators: readonly M.Expression[];
  readonly result: M.Expression | undefined;
  readonly body: readonly M.Statement[];
  readonly async: boolean;
  /** Kept by `file-model.ts`. */
  subject: unknown = undefined;
  /** Kept by `locals.ts`. */
  locals: unknown = undefined;
  constructor(
    around: Around,
    start: number,
    end: number,
    name: string,
    namePlace: M.Place,
    parameters: readonly M.Parameter[],
    decorators: readonly M.Expression[],
    result: M.Expression | undefined,
    body: readonly M.Statement[],
    isAsync: boolean,
  ) {
    super(around, start, end);
    this.name = name;
    this.namePlace = namePlace;
    this.parameters = parameters;
    this.decorators = decorators;
    this.result = result;
    this.body = body;
    this.async = isAsync;
  }
}

export class ClassNode extends BaseNode {
  readonly type = 'class';
  readonly name: string;
  readonly namePlace: M.Place;
  readonly bases: readonly M.Argument[];
  readonly decorators: readonly M.Expression[];
  readonly body: readonly M.Statement[];
  constructor(
    around: Around,
    start: number,
    end: number,
    name: string,
    namePlace: M.Place,
    bases: readonly M.Argument[],
    decorators: readonly M.Expression[],
    body: readonly M.Statement[],
  ) {
    super(around, start, end);
    this.name = name;
    this.namePlace = namePlace;
    this.bases = bases;
    this.decorators = decorators;
    this.body = body;
  }
}

export class MatchNode extends BaseNode {
  readonly type = 'match';
  readonly subject: M.Expression;
  readonly cases: readonly (readonly M.Statement[])[];
  constructor(around: Around, start: number, end: number, subject: M.Expression, cases: readonly (readonly M.Statement[])[]) {
    super(around, start, end);
    this.subject = subject;
    this.cases = cases;
  }
}

export class BrokenNode extends BaseNode {
  readonly type = 'broken';
  readonly parts: readonly (M.Expression | M.Statement)[];
  constructor(around: Around, start: number, end: number, parts: readonly (M.Expression | M.Statement)[]) {
    super(around, start, end);
    this.parts = parts;
  }
}
