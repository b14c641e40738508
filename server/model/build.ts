/**
 * Arena → nodes, for one unit. A plain recursive descent that turns the grammar's shapes into Python's:
 * parentheses and wrappers vanish, `elif` becomes `if` inside `else`, adjacent strings become one.
 * Never throws: what is missing in broken text becomes an empty `other` expression.
 */
import type * as M from '../../rules/model.ts';
import { eachPart } from '../../rules/model.ts';
import type { Arena } from '../syntax/arena.ts';
import * as K from '../syntax/kinds.ts';
import { nameIn } from '../syntax/names.ts';
import { decodeString, prefixOf } from './literals.ts';
import type { Page } from './page.ts';
import * as T from './tree.ts';

/** Deeper nesting than this is read as `other`: nobody writes it, and recursion has an end. */
const MAX_DEPTH = 400;

/** Fills a page with the nodes of its arena. */
export function buildPage(page: Page, arena: Arena): void {
  const around: T.Around = { page, outermost: undefined, scope: undefined };
  page.statements = new Builder(around, arena).block(0);
  page.nodes = adopted(page.statements, around);
}

/** Tells nodes and all inside them what is around them, and writes them down in order. */
function adopted(statements: readonly M.Statement[], outside: T.Around): readonly M.Node[] {
  const { page } = outside;
  const from = PENDING.length;
  let around = outside;
  const adopt = (it: M.Node, parent: M.Node | undefined): void => {
    const node = T.relationsOf(it);
    const before = around;
    node.parent = parent;
    node.around = around;
    node.order = PENDING.length - from;
    PENDING.push(it);
    switch (it.type) {
      case 'function': {
        // Decorators and defaults are read outside the function.
        const outermost = around.outermost ?? it;
        if (around.outermost === undefined) around = { page, outermost, scope: around.scope };
        for (const each of it.decorators) adopt(each, it);
        for (const each of it.parameters) if (each.default !== undefined) adopt(each.default, it);
        around = { page, outermost, scope: it };
        for (const each of it.body) adopt(each, it);
        break;
      }
      case 'comprehension':
        for (const loop of (it as unknown as T.ComprehensionNode).loops) T.relationsOf(loop.target).parent = it;
        around = { page, outermost: around.outermost, scope: it };
        eachPart(it, adopt);
        break;
      case 'lambda':
      case 'class':
        around = { page, outermost: around.outermost, scope: it };
        eachPart(it, adopt);
        break;
      default:
        eachPart(it, adopt);
    }
    around = before;
    node.after = PENDING.length - from;
  };
  for (const it of statements) adopt(it, undefined);
  return cut(from);
}

/**
 * Lists that are being made, one behind the other: each is cut off when it is whole, with room for no more than it has, where V8
 * gives room for sixteen to what is pushed into. Never empty, since V8 would let go of the room that it has.
 */
const PENDING: unknown[] = [undefined];
const NONE: readonly never[] = [];

function cut<T>(from: number): readonly T[] {
  return from === PENDING.length ? NONE : (PENDING.splice(from) as T[]);
}

class Builder {
  private readonly page: Page;
  private readonly around: T.Around;
  private readonly arena: Arena;
  private depth = 0;

  constructor(around: T.Around, arena: Arena) {
    this.page = around.page;
    this.around = around;
    this.arena = arena;
  }

  private kindOf(index: number): number {
    return this.arena.kindOf(index);
  }
  private fieldOf(index: number): number {
    return this.arena.fieldOf(index);
  }
  private startOf(index: number): number {
    return this.arena.startOf(index);
  }
  private endOf(index: number): number {
    return this.arena.endOf(index);
  }
  private nextOf(index: number): number {
    return this.arena.nextOf(index);
  }
  private textOf(index: number): string {
    return this.page.text.slice(this.startOf(index), this.endOf(index));
  }
  private nameOf(index: number): string {
    return nameIn(this.page.text, this.startOf(index), this.endOf(index));
  }

  private childrenOf(index: number): number[] {
    const result: number[] = [];
    for (let child = index + 1, behind = this.nextOf(index); child < behind; child = this.nextOf(child)) result.push(child);
    return result;
  }

  private childWith(index: number, field: number): number {
    for (let child = index + 1, behind = this.nextOf(index); child < behind; child = this.nextOf(child)) if (this.fieldOf(child) === field) return child;
    return -1;
  }

  private childOf(index: number, kind: number): number {
    for (let child = index + 1, behind = this.nextOf(index); child < behind; child = this.nextOf(child)) if (this.kindOf(child) === kind) return child;
    return -1;
  }

  private firstChild(index: number): number {
    return index + 1 < this.nextOf(index) ? index + 1 : -1;
  }

  // ------------------------------------------------------------------------------------------ statements

  /** The statements that are children of a module, block or clause. */
  block(index: number): readonly M.Statement[] {
    const from = PENDING.length;
    if (index >= 0) this.addStatements(index);
    return cut(from);
  }

  private addStatements(index: number): void {
    for (let child = index + 1, behind = this.nextOf(index); child < behind; child = this.nextOf(child)) {
      if (this.kindOf(child) === K.BLOCK) this.addStatements(child);
      else PENDING.push(this.statement(child));
    }
  }

  private body(index: number): readonly M.Statement[] {
    let body = this.childWith(index, K.F_BODY);
    if (body < 0) body = this.childWith(index, K.F_CONSEQUENCE);
    if (body < 0) body = this.childOf(index, K.BLOCK);
    if (body < 0) return NONE;
    return this.kindOf(body) === K.BLOCK ? this.block(body) : [this.statement(body)];
  }

  private statement(index: number): M.Statement {
    if (this.depth > MAX_DEPTH) return new T.BrokenNode(this.around, this.startOf(index), this.endOf(index), []) as M.Statement;
    this.depth += 1;
    const result = this.statementInside(index);
    this.depth -= 1;
    return result;
  }

  private statementInside(index: number): M.Statement {
    const { around } = this;
    const start = this.startOf(index);
    const end = this.endOf(index);
    switch (this.kindOf(index)) {
      case K.EXPRESSION_STATEMENT: {
        const first = this.firstChild(index);
        if (first < 0) return new T.BrokenNode(around, start, end, []) as M.Statement;
        if (this.nextOf(first) < this.nextOf(index)) return new T.ExpressionStatementNode(around, start, end, this.tuple(index)) as M.Statement;
        if (this.kindOf(first) === K.ASSIGNMENT || this.kindOf(first) === K.AUGMENTED_ASSIGNMENT) return this.assignment(first);
        return new T.ExpressionStatementNode(around, start, end, this.expression(first)) as M.Statement;
      }
      case K.ASSIGNMENT:
      case K.AUGMENTED_ASSIGNMENT:
        return this.assignment(index);
      case K.RETURN:
        return this.simple(index, 'return');
      case K.RAISE:
        return this.simple(index, 'raise');
      case K.ASSERT:
        return this.simple(index, 'assert');
      case K.DELETE:
        return this.simple(index, 'delete');
      case K.PASS:
        return this.simple(index, 'pass');
      case K.BREAK:
        return this.simple(index, 'break');
      case K.CONTINUE:
        return this.simple(index, 'continue');
      case K.GLOBAL:
        return this.simple(index, 'global');
      case K.NONLOCAL:
        return this.simple(index, 'nonlocal');
      case K.IMPORT:
      case K.IMPORT_FROM:
      case K.FUTURE_IMPORT:
        return this.importStatement(index);
      case K.IF:
        return this.ifStatement(index);
      case K.WHILE:
        return new T.IfNode(around, start, end, 'while', this.expressionAt(index, K.F_CONDITION), this.body(index), this.elseOf(index)) as M.Statement;
      case K.FOR:
        return new T.ForNode(
          around,
          start,
          end,
          this.expressionAt(index, K.F_LEFT),
          this.expressionAt(index, K.F_RIGHT),
          this.body(index),
          this.elseOf(index),
          this.isAsync(index),
        ) as M.Statement;
      case K.TRY:
        return this.tryStatement(index);
      case K.WITH:
        return this.withStatement(index);
      case K.FUNCTION:
        return this.functionDefinition(index, index, NONE);
      case K.CLASS:
        return this.classDefinition(index, index, NONE);
      case K.DECORATED: {
        const from = PENDING.length;
        for (let child = index + 1, behind = this.nextOf(index); child < behind; child = this.nextOf(child)) {
          if (this.kindOf(child) !== K.DECORATOR) continue;
          const first = this.firstChild(child);
          if (first >= 0) PENDING.push(this.expression(first));
        }
        const decorators = cut<M.Expression>(from);
        const definition = this.childWith(index, K.F_DEFINITION);
        if (this.kindOf(definition) === K.FUNCTION) return this.functionDefinition(definition, index, decorators);
        if (this.kindOf(definition) === K.CLASS) return this.classDefinition(definition, index, decorators);
        return new T.BrokenNode(around, start, end, decorators) as M.Statement;
      }
      case K.MATCH: {
        const cases: (readonly M.Statement[])[] = [];
        const block = this.childWith(index, K.F_BODY);
        if (block >= 0)
          for (let child = block + 1, behind = this.nextOf(block); child < behind; child = this.nextOf(child))
            if (this.kindOf(child) === K.CASE) cases.push(this.body(child));
        return new T.MatchNode(around, start, end, this.expressionAt(index, K.F_SUBJECT), cases) as M.Statement;
      }
      case K.TYPE_ALIAS: {
        // Also what the grammar makes of `type(x).name = value`: the target is not followed.
        const left = this.childWith(index, K.F_LEFT);
        const right = this.childWith(index, K.F_RIGHT);
        const targets = left < 0 ? [] : [new T.OtherExpressionNode(around, this.startOf(left), this.endOf(left), [this.expression(left)]) as M.Expression];
        return new T.AssignmentNode(around, start, end, targets, right < 0 ? undefined : this.expression(right), undefined, undefined) as M.Statement;
      }
      case K.ERROR:
      case K.OLD_PRINT:
      case K.OTHER_STATEMENT: {
        const parts: (M.Expression | M.Statement)[] = [];
        for (let child = index + 1, behind = this.nextOf(index); child < behind; child = this.nextOf(child))
          parts.push(isStatementKind(this.kindOf(child)) ? this.statement(child) : this.expression(child));
        return new T.BrokenNode(around, start, end, parts) as M.Statement;
      }
      default:
        return new T.ExpressionStatementNode(around, start, end, this.expression(index)) as M.Statement;
    }
  }

  private isAsync(index: number): boolean {
    return this.page.text.startsWith('async', this.startOf(index));
  }

  private simple(index: number, type: M.SimpleStatement['type']): M.Statement {
    const from = PENDING.length;
    for (let child = index + 1, behind = this.nextOf(index); child < behind; child = this.nextOf(child)) {
      if (type === 'delete' && this.kindOf(child) === K.TUPLE) this.addExpressions(child);
      else PENDING.push(this.expression(child));
    }
    return new T.SimpleStatementNode(this.around, this.startOf(index), this.endOf(index), type, cut(from)) as M.Statement;
  }

  private assignment(index: number): M.Statement {
    const from = PENDING.length;
    let annotation: M.Expression | undefined;
    let current = index;
    let value = -1;
    let operator: string | undefined;
    for (;;) {
      const left = this.childWith(current, K.F_LEFT);
      const type = this.childWith(current, K.F_TYPE);
      const right = this.childWith(current, K.F_RIGHT);
      if (left >= 0) PENDING.push(this.expression(left));
      if (type >= 0) annotation = this.expression(type);
      if (this.kindOf(current) === K.AUGMENTED_ASSIGNMENT && left >= 0 && right >= 0) {
        operator = this.page.text
          .slice(this.endOf(left), this.startOf(right))
          .replace(/[\s\\]+/g, '')
          .replace(/=$/, '');
      }
      value = right;
      if (right < 0 || this.kindOf(right) !== K.ASSIGNMENT) break;
      current = right;
    }
    return new T.AssignmentNode(
      this.around,
      this.startOf(index),
      this.endOf(index),
      cut(from),
      value < 0 ? undefined : this.expression(value),
      operator,
      annotation,
    ) as M.Statement;
  }

  private importStatement(index: number): M.Statement {
    const names = PENDING.length;
    const add = (name: string, as: string | undefined, place: M.Place) => PENDING.push({ name, as, place } satisfies M.ImportStatement['names'][number]);
    let from: string | undefined;
    if (this.kindOf(index) === K.FUTURE_IMPORT) from = '__future__';
    for (let child = index + 1, behind = this.nextOf(index); child < behind; child = this.nextOf(child)) {
      const place = T.placeAt(this.page, this.startOf(child), this.endOf(child));
      if (this.fieldOf(child) === K.F_MODULE) from = this.textOf(child).replace(/[\s\\]+/g, '');
      else if (this.kindOf(child) === K.ALIASED_IMPORT) {
        const name = this.childWith(child, K.F_NAME);
        const alias = this.childWith(child, K.F_ALIAS);
        add(name < 0 ? '' : this.nameOf(name), alias < 0 ? undefined : this.nameOf(alias), place);
      } else if (this.kindOf(child) === K.WILDCARD) add('*', undefined, place);
      else if (this.kindOf(child) === K.DOTTED_NAME) add(this.nameOf(child), undefined, place);
    }
    return new T.ImportNode(this.around, this.startOf(index), this.endOf(index), from, cut(names)) as M.Statement;
  }

  private ifStatement(index: number): M.Statement {
    const alternatives = this.childrenOf(index).filter((it) => this.kindOf(it) === K.ELIF || this.kindOf(it) === K.ELSE);
    let otherwise: readonly M.Statement[] = NONE;
    for (const it of alternatives.reverse()) {
      if (this.kindOf(it) === K.ELSE) otherwise = this.body(it);
      else
        otherwise = [
          new T.IfNode(this.around, this.startOf(it), this.endOf(it), 'if', this.expressionAt(it, K.F_CONDITION), this.body(it), otherwise) as M.Statement,
        ];
    }
    return new T.IfNode(
      this.around,
      this.startOf(index),
      this.endOf(index),
      'if',
      this.expressionAt(index, K.F_CONDITION),
      this.body(index),
      otherwise,
    ) as M.Statement;
  }

  private elseOf(index: number): readonly M.Statement[] {
    const clause = this.childOf(index, K.ELSE);
    return clause < 0 ? NONE : this.body(clause);
  }

  private tryStatement(index: number): M.Statement {
    const handlers: M.Handler[] = [];
    let final: readonly M.Statement[] = NONE;
    for (let child = index + 1, behind = this.nextOf(index); child < behind; child = this.nextOf(child)) {
      if (this.kindOf(child) === K.FINALLY) final = this.body(child);
      if (this.kindOf(child) !== K.EXCEPT) continue;
      let exception: M.Expression | undefined;
      let name: string | undefined;
      for (let part = child + 1, behind = this.nextOf(child); part < behind; part = this.nextOf(part)) {
        if (this.kindOf(part) === K.BLOCK) continue;
        if (this.kindOf(part) === K.AS_PATTERN) {
          const [value, alias] = this.childrenOf(part);
          if (value !== undefined) exception = this.expression(value);
          if (alias !== undefined) name = this.nameOf(alias);
        } else if (this.fieldOf(part) === K.F_ALIAS) name = this.nameOf(part);
        else exception ??= this.expression(part);
      }
      handlers.push(new T.HandlerNode(this.around, this.startOf(child), this.endOf(child), exception, name, this.body(child)) as M.Handler);
    }
    return new T.TryNode(this.around, this.startOf(index), this.endOf(index), this.body(index), handlers, this.elseOf(index), final) as M.Statement;
  }

  private withStatement(index: number): M.Statement {
    const items: { context: M.Expression; target: M.Expression | undefined }[] = [];
    const clause = this.childOf(index, K.WITH_CLAUSE);
    if (clause >= 0) {
      for (let item = clause + 1, behind = this.nextOf(clause); item < behind; item = this.nextOf(item)) {
        const value = this.kindOf(item) === K.WITH_ITEM ? this.firstChild(item) : item;
        if (value >= 0) this.withItems(value, items);
      }
    }
    return new T.WithNode(this.around, this.startOf(index), this.endOf(index), items, this.body(index), this.isAsync(index)) as M.Statement;
  }

  private withItems(value: number, items: { context: M.Expression; target: M.Expression | undefined }[]): void {
    if (this.kindOf(value) === K.AS_PATTERN) {
      const [context, alias] = this.childrenOf(value);
      if (context === undefined) return;
      const target = alias === undefined ? -1 : this.kindOf(alias) === K.AS_TARGET ? this.firstChild(alias) : alias;
      items.push({ context: this.expression(context), target: target < 0 ? undefined : this.expression(target) });
    } else if (this.kindOf(value) === K.TUPLE && this.page.text.charCodeAt(this.startOf(value)) === 40 && this.hasAsPattern(value)) {
      // `with (a as b, c as d):` is read as a tuple by the grammar
      for (let it = value + 1, behind = this.nextOf(value); it < behind; it = this.nextOf(it)) this.withItems(it, items);
    } else items.push({ context: this.expression(value), target: undefined });
  }

  private hasAsPattern(index: number): boolean {
    return this.childOf(index, K.AS_PATTERN) >= 0;
  }

  private functionDefinition(index: number, outer: number, decorators: readonly M.Expression[]): M.Statement {
    const name = this.childWith(index, K.F_NAME);
    const parameters = this.childWith(index, K.F_PARAMETERS);
    const result = this.childWith(index, K.F_RETURN_TYPE);
    return new T.FunctionNode(
      this.around,
      this.startOf(outer),
      this.endOf(outer),
      name < 0 ? '' : this.nameOf(name),
      this.placeOf(name, index),
      parameters < 0 ? NONE : this.parameters(parameters),
      decorators,
      result < 0 ? undefined : this.expression(result),
      this.body(index),
      this.isAsync(index),
    ) as M.Statement;
  }

  private classDefinition(index: number, outer: number, decorators: readonly M.Expression[]): M.Statement {
    const name = this.childWith(index, K.F_NAME);
    const bases = this.childWith(index, K.F_SUPERCLASSES);
    return new T.ClassNode(
      this.around,
      this.startOf(outer),
      this.endOf(outer),
      name < 0 ? '' : this.nameOf(name),
      this.placeOf(name, index),
      bases < 0 ? NONE : this.arguments(bases),
      decorators,
      this.body(index),
    ) as M.Statement;
  }

  private placeOf(index: number, fallback: number): M.Place {
    const it = index < 0 ? fallback : index;
    return T.placeAt(this.page, this.startOf(it), this.endOf(it));
  }

  private parameters(index: number): readonly M.Parameter[] {
    const from = PENDING.length;
    for (let child = index + 1, behind = this.nextOf(index); child < behind; child = this.nextOf(child)) {
      let node = child;
      let annotation: M.Expression | undefined;
      let value: M.Expression | undefined;
      const type = this.childWith(child, K.F_TYPE);
      if (type >= 0) annotation = this.expression(type);
      const given = this.childWith(child, K.F_VALUE);
      if (given >= 0) value = this.expression(given);
      const kind = this.kindOf(child);
      if (kind === K.DEFAULT_PARAMETER || kind === K.TYPED_DEFAULT_PARAMETER) node = this.childWith(child, K.F_NAME);
      else if (kind === K.TYPED_PARAMETER) node = this.firstChild(child);
      if (node < 0) continue;
      let star: '' | '*' | '**' = '';
      if (this.kindOf(node) === K.SPLAT_PATTERN || this.kindOf(node) === K.DICT_SPLAT_PATTERN) {
        star = this.kindOf(node) === K.SPLAT_PATTERN ? '*' : '**';
        const inner = this.firstChild(node);
        if (inner >= 0) node = inner;
      }
      if (this.kindOf(node) !== K.IDENTIFIER) continue;
      const place = T.placeAt(this.page, this.startOf(child), this.endOf(child));
      PENDING.push({ name: this.nameOf(node), star, default: value, annotation, place } satisfies M.Parameter);
    }
    return cut(from);
  }

  // ----------------------------------------------------------------------------------------- expressions

  private expressionAt(index: number, field: number): M.Expression {
    const child = this.childWith(index, field);
    return child < 0 ? this.nothing(this.endOf(index)) : this.expression(child);
  }

  private nothing(at: number): M.Expression {
    return new T.OtherExpressionNode(this.around, at, at, []) as M.Expression;
  }

  private expression(index: number): M.Expression {
    if (this.depth > MAX_DEPTH) return new T.OtherExpressionNode(this.around, this.startOf(index), this.endOf(index), []) as M.Expression;
    this.depth += 1;
    const result = this.expressionInside(index);
    this.depth -= 1;
    return result;
  }

  private expressionInside(index: number): M.Expression {
    const { around, page } = this;
    const start = this.startOf(index);
    const end = this.endOf(index);
    switch (this.kindOf(index)) {
      case K.IDENTIFIER:
        return new T.NameNode(around, start, end) as M.Expression;
      case K.ATTRIBUTE: {
        const name = this.childWith(index, K.F_ATTRIBUTE);
        return new T.AttributeNode(around, start, end, this.expressionAt(index, K.F_OBJECT), name < 0 ? '' : this.nameOf(name)) as M.Expression;
      }
      case K.CALL: {
        const args = this.childWith(index, K.F_ARGUMENTS);
        return new T.CallNode(around, start, end, this.expressionAt(index, K.F_FUNCTION), args < 0 ? NONE : this.arguments(args)) as M.Expression;
      }
      case K.STRING:
      case K.CONCATENATED_STRING:
        return this.string(index);
      case K.INTEGER:
      case K.FLOAT:
        return new T.NumberNode(around, start, end) as M.Expression;
      case K.TRUE:
        return new T.ConstantNode(around, start, end, 'True') as M.Expression;
      case K.FALSE:
        return new T.ConstantNode(around, start, end, 'False') as M.Expression;
      case K.NONE:
        return new T.ConstantNode(around, start, end, 'None') as M.Expression;
      case K.ELLIPSIS:
        return new T.ConstantNode(around, start, end, '...') as M.Expression;
      case K.LIST:
        return new T.SequenceNode(around, start, end, 'list', this.expressions(index)) as M.Expression;
      case K.SET:
        return new T.SequenceNode(around, start, end, 'set', this.expressions(index)) as M.Expression;
      case K.TUPLE:
        return this.tuple(index);
      case K.DICTIONARY:
        return this.dictionary(index);
      case K.BINARY:
      case K.BOOLEAN: {
        const left = this.childWith(index, K.F_LEFT);
        const right = this.childWith(index, K.F_RIGHT);
        if (left < 0 || right < 0) return this.other(index);
        const operator = bare(page.text.slice(this.endOf(left), this.startOf(right)));
        return new T.OperationNode(around, start, end, operator, this.expression(left), this.expression(right)) as M.Expression;
      }
      case K.NOT:
      case K.UNARY: {
        const operand = this.childWith(index, K.F_ARGUMENT);
        if (operand < 0) return this.other(index);
        return new T.OperationNode(
          around,
          start,
          end,
          bare(page.text.slice(start, this.startOf(operand))),
          undefined,
          this.expression(operand),
        ) as M.Expression;
      }
      case K.COMPARISON: {
        const parts = this.childrenOf(index);
        const operators: string[] = [];
        for (let it = 1; it < parts.length; it++) operators.push(bare(page.text.slice(this.endOf(parts[it - 1] ?? 0), this.startOf(parts[it] ?? 0))));
        return new T.ComparisonNode(around, start, end, this.expressions(index), operators) as M.Expression;
      }
      case K.CONDITIONAL: {
        const [then, test, otherwise] = this.expressions(index);
        if (then === undefined || test === undefined || otherwise === undefined) return this.other(index);
        return new T.ConditionalNode(around, start, end, then, test, otherwise) as M.Expression;
      }
      case K.LAMBDA: {
        const parameters = this.childWith(index, K.F_PARAMETERS);
        return new T.LambdaNode(around, start, end, parameters < 0 ? NONE : this.parameters(parameters), this.expressionAt(index, K.F_BODY)) as M.Expression;
      }
      case K.SUBSCRIPT: {
        const object = this.childWith(index, K.F_VALUE);
        const from = PENDING.length;
        for (let child = index + 1, behind = this.nextOf(index); child < behind; child = this.nextOf(child))
          if (child !== object) PENDING.push(this.expression(child));
        const keys = cut<M.Expression>(from);
        return new T.SubscriptNode(around, start, end, object < 0 ? this.nothing(start) : this.expression(object), keys) as M.Expression;
      }
      case K.AWAIT:
        return this.prefixed(index, 'await');
      case K.LIST_SPLAT:
      case K.DICT_SPLAT:
      case K.SPLAT_PATTERN:
      case K.DICT_SPLAT_PATTERN:
        return this.prefixed(index, 'star');
      case K.YIELD:
        return this.prefixed(index, /^yield\s+from\b/.test(page.text.slice(start, end)) ? 'yield from' : 'yield');
      case K.WALRUS: {
        const name = this.childWith(index, K.F_NAME);
        if (name < 0) return this.other(index);
        return new T.WalrusNode(around, start, end, this.expression(name), this.expressionAt(index, K.F_VALUE)) as M.Expression;
      }
      case K.LIST_COMPREHENSION:
        return this.comprehension(index, 'list');
      case K.SET_COMPREHENSION:
        return this.comprehension(index, 'set');
      case K.DICT_COMPREHENSION:
        return this.comprehension(index, 'dict');
      case K.GENERATOR:
        return this.comprehension(index, 'generator');
      case K.PARENTHESIZED:
      case K.TYPE:
      case K.AS_TARGET:
      case K.INTERPOLATION: {
        const inner = this.firstChild(index);
        return inner >= 0 && this.nextOf(inner) === this.nextOf(index) ? this.expression(inner) : inner >= 0 ? this.expression(inner) : this.nothing(start);
      }
      default:
        return this.other(index);
    }
  }

  private expressions(index: number): readonly M.Expression[] {
    const from = PENDING.length;
    this.addExpressions(index);
    return cut(from);
  }

  private addExpressions(index: number): void {
    for (let child = index + 1, behind = this.nextOf(index); child < behind; child = this.nextOf(child)) PENDING.push(this.expression(child));
  }

  private other(index: number): M.Expression {
    return new T.OtherExpressionNode(this.around, this.startOf(index), this.endOf(index), this.expressions(index)) as M.Expression;
  }

  private tuple(index: number): M.Expression {
    return new T.SequenceNode(this.around, this.startOf(index), this.endOf(index), 'tuple', this.expressions(index)) as M.Expression;
  }

  private prefixed(index: number, type: 'await' | 'star' | 'yield' | 'yield from'): M.Expression {
    const operands = this.expressions(index);
    const operand = operands.length > 1 ? this.tuple(index) : operands[0];
    return new T.PrefixedNode(this.around, this.startOf(index), this.endOf(index), type, operand) as M.Expression;
  }

  private dictionary(index: number): M.Expression {
    const from = PENDING.length;
    for (let child = index + 1, behind = this.nextOf(index); child < behind; child = this.nextOf(child)) {
      if (this.kindOf(child) === K.PAIR) PENDING.push({ key: this.expressionAt(child, K.F_KEY), value: this.expressionAt(child, K.F_VALUE) });
      else {
        const inner = this.firstChild(child);
        PENDING.push({ key: undefined, value: inner < 0 ? this.expression(child) : this.expression(inner) });
      }
    }
    return new T.DictionaryNode(this.around, this.startOf(index), this.endOf(index), cut(from)) as M.Expression;
  }

  private comprehension(index: number, form: M.Comprehension['form']): M.Expression {
    const body = this.childWith(index, K.F_BODY);
    let element = body < 0 ? this.nothing(this.startOf(index)) : this.expression(body);
    if (body >= 0 && this.kindOf(body) === K.PAIR) {
      element = new T.SequenceNode(this.around, this.startOf(body), this.endOf(body), 'tuple', this.expressions(body)) as M.Expression;
    }
    const clauses: M.Expression[] = [];
    const loops: { target: M.Expression; iterable: M.Expression }[] = [];
    for (let child = index + 1, behind = this.nextOf(index); child < behind; child = this.nextOf(child)) {
      if (this.kindOf(child) === K.FOR_CLAUSE) {
        const iterable = this.expressionAt(child, K.F_RIGHT);
        clauses.push(iterable);
        loops.push({ target: this.expressionAt(child, K.F_LEFT), iterable });
      } else if (this.kindOf(child) === K.IF_CLAUSE) clauses.push(...this.expressions(child));
    }
    return new T.ComprehensionNode(this.around, this.startOf(index), this.endOf(index), form, element, clauses, loops) as M.Expression;
  }

  private arguments(index: number): readonly M.Argument[] {
    if (this.kindOf(index) === K.GENERATOR) return [this.argument(index)];
    const from = PENDING.length;
    for (let child = index + 1, behind = this.nextOf(index); child < behind; child = this.nextOf(child)) PENDING.push(this.argument(child));
    return cut(from);
  }

  private argument(index: number): M.Argument {
    const start = this.startOf(index);
    const end = this.endOf(index);
    switch (this.kindOf(index)) {
      case K.KEYWORD_ARGUMENT: {
        const name = this.childWith(index, K.F_NAME);
        return new T.ArgumentPart(start, end, name < 0 ? '' : this.nameOf(name), this.expressionAt(index, K.F_VALUE), undefined);
      }
      case K.LIST_SPLAT:
      case K.DICT_SPLAT: {
        const inner = this.firstChild(index);
        const value = inner < 0 ? this.nothing(end) : this.expression(inner);
        return new T.ArgumentPart(start, end, undefined, value, this.kindOf(index) === K.LIST_SPLAT ? '*' : '**');
      }
      default:
        return new T.ArgumentPart(start, end, undefined, this.expression(index), undefined);
    }
  }

  private string(index: number): M.Expression {
    const from = PENDING.length;
    const isOne = this.kindOf(index) === K.STRING;
    let formatted = false;
    let bytes = false;
    let raw = false;
    let text: string | undefined;
    for (let piece = isOne ? index : index + 1, behind = this.nextOf(index); piece < behind; piece = this.nextOf(piece)) {
      const prefix = prefixOf(this.page.text, this.startOf(piece));
      formatted ||= prefix.formatted;
      bytes ||= prefix.bytes;
      raw ||= prefix.raw;
      for (let child = piece + 1, behind = this.nextOf(piece); child < behind; child = this.nextOf(child)) {
        if (this.kindOf(child) === K.STRING_CONTENT) text = (text ?? '') + decodeString(this.textOf(child), prefix);
        else if (this.kindOf(child) === K.INTERPOLATION) {
          if (text !== undefined) PENDING.push(text);
          text = undefined;
          PENDING.push(this.expression(child));
        }
      }
    }
    const start = this.startOf(index);
    const end = this.endOf(index);
    if (!formatted && from === PENDING.length) return new T.StringNode(this.around, start, end, text ?? '', bytes, raw) as M.Expression;
    if (text !== undefined) PENDING.push(text);
    return new T.FormattedStringNode(this.around, start, end, cut(from)) as M.Expression;
  }
}

/** An operator as written between its operands, without blanks, line breaks, brackets and comments. */
function bare(between: string): string {
  return between
    .replace(/#[^\n]*/g, '')
    .replace(/[()\\]/g, ' ')
    .trim()
    .replace(/\s+/g, ' ');
}

function isStatementKind(kind: number): boolean {
  return kind >= K.BLOCK && kind < K.IDENTIFIER;
}
