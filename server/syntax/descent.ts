/**
 * Python text → arena by recursive descent: five times faster than the general parser, and nothing has to be loaded for it.
 *
 * It reads ordinary Python 3 and gives exactly the arena that tree-sitter gives, wrappers and odd corners included (`test/descent.test.ts`
 * compares them on real suites and on broken text). Where it is not sure (broken text, `match`, `with (`, names beyond ASCII, what
 * Python 2 wrote) it refuses, and tree-sitter reads the text. So it holds no recovery from mistakes at all.
 *
 * Nodes are written when they end, behind their children, since an operator is seen only behind its left side; `finish` brings
 * them into the arena's order.
 */
import { Arena } from './arena.ts';
import * as K from './kinds.ts';
import * as T from './tokens.ts';
import { KEYWORD, Refusal, refuse, Tokens } from './tokens.ts';

/** Deeper nesting is left to tree-sitter, which does not recurse. */
const MAX_DEPTH = 100;

const AMPERSAND = 38;
const OPEN = 40;
const CLOSE = 41;
const STAR = 42;
const PLUS = 43;
const COMMA = 44;
const MINUS = 45;
const DOT = 46;
const SLASH = 47;
const COLON = 58;
const SEMICOLON = 59;
const LESS = 60;
const EQUALS = 61;
const MORE = 62;
const AT = 64;
const OPEN_SQUARE = 91;
const CLOSE_SQUARE = 93;
const CARET = 94;
const OPEN_BRACE = 123;
const BAR = 124;
const CLOSE_BRACE = 125;
const TILDE = 126;
const PERCENT = 37;
const EXCLAMATION = 33;
const BACKSLASH = 92;
const LINE = 10;

/** How tightly a binary operator binds, by token; 0 for what is none. As in the grammar, where `^` is tighter than `&`. */
const BINDING = new Uint8Array(256);
BINDING[BAR] = 1;
BINDING[AMPERSAND] = 2;
BINDING[CARET] = 3;
BINDING[T.SHIFT_LEFT] = BINDING[T.SHIFT_RIGHT] = 4;
BINDING[PLUS] = BINDING[MINUS] = 5;
for (const it of [STAR, AT, SLASH, PERCENT, T.FLOOR]) BINDING[it] = 6;

const COMPARES = new Uint8Array(256);
for (const it of [LESS, MORE, T.EQUAL, T.UNEQUAL, T.AT_MOST, T.AT_LEAST, KEYWORD.in, KEYWORD.is, KEYWORD.not]) COMPARES[it] = 1;

/** Words that the grammar takes for statements of their own, here and there. */
const SOFT = new Set(['print', 'exec', 'match', 'type', 'case']);

/** The arena that tree-sitter gives for the text, or undefined where that is not certain. */
export function descent(text: string): Arena | undefined {
  try {
    return reader.read(text);
  } catch (it) {
    if (it instanceof Refusal) return undefined;
    throw it;
  }
}

class Descent extends Tokens {
  /** As in an arena, children first; the last number counts the nodes of the subtree. */
  private nodes = new Int32Array(16_384);
  private count = 0;
  private nesting = 0;
  /** Where the last statement ends. */
  private closed = 0;
  /** The statement begins with a word that makes the grammar think of a statement of its own. */
  private soft = false;

  read(text: string): Arena {
    this.begin(text);
    this.count = 0;
    this.nesting = 0;
    this.line();
    if (this.is(T.END)) refuse();
    const start = this.firstMark();
    while (!this.is(T.END)) this.statement();
    this.node(K.MODULE, 0, start, text.length, 0);
    return this.finish();
  }

  // ----------------------------------------------------------------------------------------------- nodes

  /** Writes a node whose children are those written since `mark`. */
  private node(kind: number, field: number, start: number, end: number, mark: number): void {
    const at = this.count << 2;
    if (at === this.nodes.length) this.grow();
    const { nodes } = this;
    nodes[at] = kind | (field << 8);
    nodes[at + 1] = start;
    nodes[at + 2] = end;
    this.count += 1;
    nodes[at + 3] = this.count - mark;
  }

  private leaf(kind: number, field = 0): void {
    this.node(kind, field, this.start, this.stop, this.count);
  }

  /** Says what the node written last is to its parent. */
  private role(field: number): void {
    const at = (this.count - 1) << 2;
    this.nodes[at] = ((this.nodes[at] ?? 0) & 0xff) | (field << 8);
  }

  private get lastKind(): number {
    return this.kindAt(this.count - 1);
  }
  private kindAt(index: number): number {
    return (this.nodes[index << 2] ?? 0) & 0xff;
  }
  private sizeAt(index: number): number {
    return this.nodes[(index << 2) + 3] ?? 1;
  }

  private grow(): void {
    const grown = new Int32Array(this.nodes.length * 2);
    grown.set(this.nodes);
    this.nodes = grown;
  }

  /** Before a node stand the nodes around it and all that ended before its subtree begins. */
  private finish(): Arena {
    const { nodes, count } = this;
    const result = new Int32Array(count << 2);
    const open: number[] = []; // where the subtrees around begin
    let depth = 0;
    for (let index = count - 1; index >= 0; index--) {
      const at = index << 2;
      const size = nodes[at + 3] ?? 1;
      const first = index - size + 1;
      while (depth > 0 && (open[depth - 1] ?? 0) > index) depth -= 1;
      const place = depth + first;
      open[depth++] = first;
      const to = place << 2;
      result[to] = nodes[at] ?? 0;
      result[to + 1] = nodes[at + 1] ?? 0;
      result[to + 2] = nodes[at + 2] ?? 0;
      result[to + 3] = place + size;
    }
    return new Arena(result, false);
  }

  private deeper(): void {
    this.nesting += 1;
    if (this.nesting > MAX_DEPTH) refuse();
  }

  // ------------------------------------------------------------------------------------------ statements

  private statement(): void {
    switch (this.kind) {
      case KEYWORD.if:
        return this.ifStatement();
      case KEYWORD.for:
        return this.forStatement(this.start);
      case KEYWORD.while:
        return this.whileStatement();
      case KEYWORD.try:
        return this.tryStatement();
      case KEYWORD.with:
        return this.withStatement(this.start);
      case KEYWORD.def:
        return this.definition(this.start, 0);
      case KEYWORD.class:
        return this.classDefinition(0);
      case KEYWORD.async:
        return this.asyncStatement(0);
      case AT:
        return this.decorated();
      default:
        this.simpleStatements();
        this.line();
    }
  }

  /** Up to the end of the line. */
  private simpleStatements(): void {
    do {
      if (this.is(T.NEWLINE)) break;
      this.simpleStatement();
    } while (this.take(SEMICOLON));
    if (!this.is(T.NEWLINE)) refuse();
    this.closed = this.stop;
  }

  private simpleStatement(): void {
    const { start, count: mark } = this;
    switch (this.kind) {
      case KEYWORD.return:
        this.advance();
        if (!this.ends()) this.expressions();
        return this.node(K.RETURN, 0, start, this.last, mark);
      case KEYWORD.assert:
        this.advance();
        this.expression();
        while (this.take(COMMA)) this.expression();
        return this.node(K.ASSERT, 0, start, this.last, mark);
      case KEYWORD.raise:
        this.advance();
        if (!this.ends()) {
          this.expression();
          if (this.take(KEYWORD.from)) {
            this.expression();
            this.role(K.F_CAUSE);
          }
        }
        return this.node(K.RAISE, 0, start, this.last, mark);
      case KEYWORD.del:
        this.advance();
        this.expressions();
        return this.node(K.DELETE, 0, start, this.last, mark);
      case KEYWORD.pass:
        return this.single(K.PASS);
      case KEYWORD.break:
        return this.single(K.BREAK);
      case KEYWORD.continue:
        return this.single(K.CONTINUE);
      case KEYWORD.global:
      case KEYWORD.nonlocal: {
        const kind = this.is(KEYWORD.global) ? K.GLOBAL : K.NONLOCAL;
        this.advance();
        do this.identifier(0);
        while (this.take(COMMA));
        return this.node(kind, 0, start, this.last, mark);
      }
      case KEYWORD.import:
        this.advance();
        this.imported(false);
        return this.node(K.IMPORT, 0, start, this.last, mark);
      case KEYWORD.from:
        return this.importFrom();
      default:
        return this.expressionStatement();
    }
  }

  private ends(): boolean {
    return this.is(T.NEWLINE) || this.is(SEMICOLON);
  }

  /** A statement of one word, or a name: a leaf. */
  private single(kind: number): void {
    this.leaf(kind);
    this.advance();
  }

  private identifier(field: number): void {
    if (!this.is(T.NAME)) refuse();
    this.leaf(K.IDENTIFIER, field);
    this.advance();
  }

  private dottedName(field: number): void {
    const { start, count } = this;
    if (!this.is(T.NAME)) refuse();
    this.advance();
    while (this.take(DOT)) this.expect(T.NAME);
    this.node(K.DOTTED_NAME, field, start, this.last, count);
  }

  /** Names that are imported, up to the end or the closing bracket. */
  private imported(bracketed: boolean): void {
    for (;;) {
      const { start, count: mark } = this;
      this.dottedName(K.F_NAME);
      if (this.take(KEYWORD.as)) {
        this.identifier(K.F_ALIAS);
        this.node(K.ALIASED_IMPORT, K.F_NAME, start, this.last, mark);
      }
      if (!this.take(COMMA)) return;
      if (bracketed && this.is(CLOSE)) return;
    }
  }

  private importFrom(): void {
    const { start, count: mark } = this;
    this.advance();
    const from = this.start;
    let future = false;
    if (this.is(DOT) || this.is(T.DOTS)) {
      while (this.is(DOT) || this.is(T.DOTS)) this.advance();
      const inner = this.count;
      if (this.is(T.NAME)) this.dottedName(0);
      this.count = inner;
      this.node(K.RELATIVE_IMPORT, K.F_MODULE, from, this.last, inner);
    } else {
      future = this.text.startsWith('__future__', from) && this.stop - from === 10;
      this.dottedName(K.F_MODULE);
      if (future) {
        if (this.last - from !== 10) refuse();
        this.count = mark;
      }
    }
    this.expect(KEYWORD.import);
    if (this.is(STAR)) {
      if (future) refuse();
      this.single(K.WILDCARD);
    } else if (this.is(OPEN)) {
      this.open();
      this.imported(true);
      this.close(CLOSE);
    } else this.imported(false);
    this.node(future ? K.FUTURE_IMPORT : K.IMPORT_FROM, 0, start, this.last, mark);
  }

  private expressionStatement(): void {
    const { start, count: mark } = this;
    this.soft = this.is(T.NAME) && SOFT.has(this.text.slice(start, this.stop));
    const soft = this.soft;
    const softEnd = this.stop;
    if (this.is(KEYWORD.yield)) {
      this.yieldExpression();
      if (!this.ends()) refuse();
    } else this.starredExpression();
    if (soft) this.checkSoft(softEnd);
    let many = false;
    while (this.is(COMMA)) {
      many = true;
      this.advance();
      if (this.is(EQUALS)) break;
      this.starredExpression();
    }
    switch (this.kind) {
      case EQUALS:
        if (many) this.node(K.TUPLE, 0, start, this.last, mark);
        this.becomesTarget(this.count - 1);
        this.role(K.F_LEFT);
        this.advance();
        this.rightSide();
        this.node(K.ASSIGNMENT, 0, start, this.last, mark);
        break;
      case T.AUGMENTED:
        if (many) refuse();
        this.simpleTarget(this.count - 1);
        this.role(K.F_LEFT);
        this.advance();
        this.rightSide();
        this.node(K.AUGMENTED_ASSIGNMENT, 0, start, this.last, mark);
        break;
      case COLON:
        if (many || soft) refuse();
        this.simpleTarget(this.count - 1);
        this.role(K.F_LEFT);
        this.advance();
        this.annotation(K.F_TYPE);
        if (this.take(EQUALS)) this.rightSide();
        this.node(K.ASSIGNMENT, 0, start, this.last, mark);
        break;
      default:
        this.noStars(mark);
    }
    this.soft = false;
    this.node(K.EXPRESSION_STATEMENT, 0, start, this.last, mark);
  }

  /** A name that may begin a statement of its own is surely a name only where a bracket, a dot or `=` follows. */
  private checkSoft(end: number): void {
    const code = this.text.charCodeAt(end);
    const plain = this.last === end;
    if (plain ? !this.is(EQUALS) && !this.is(COMMA) && !this.is(T.NEWLINE) : code !== OPEN && code !== DOT) refuse();
    // `type(x).y = z` is an alias of a type, to the grammar.
    if (!plain && (this.is(EQUALS) || this.is(COLON) || this.is(T.AUGMENTED) || this.is(COMMA))) refuse();
  }

  /** What stands left of `=` is no expression: brackets are patterns there. */
  private becomesTarget(index: number): void {
    const kind = this.kindAt(index);
    switch (kind) {
      case K.IDENTIFIER:
      case K.ATTRIBUTE:
      case K.SUBSCRIPT:
        return;
      case K.PARENTHESIZED:
      case K.LIST_SPLAT:
        this.nodes[index << 2] = ((this.nodes[index << 2] ?? 0) & ~0xff) | (kind === K.LIST_SPLAT ? K.SPLAT_PATTERN : K.TUPLE);
        if (kind === K.LIST_SPLAT) return this.simpleTarget(index - 1);
        break;
      case K.TUPLE:
      case K.LIST:
        break;
      default:
        refuse();
    }
    for (let child = index - 1, first = index - this.sizeAt(index); child > first; child -= this.sizeAt(child)) this.becomesTarget(child);
  }

  private simpleTarget(index: number): void {
    const kind = this.kindAt(index);
    if (kind !== K.IDENTIFIER && kind !== K.ATTRIBUTE && kind !== K.SUBSCRIPT) refuse();
  }

  /** Among the nodes that are children of a statement. */
  private noStars(mark: number): void {
    for (let child = this.count - 1; child >= mark; child -= this.sizeAt(child)) if (this.kindAt(child) === K.LIST_SPLAT) refuse();
  }

  private rightSide(): void {
    this.deeper();
    const { start, count: mark } = this;
    if (this.is(KEYWORD.yield)) this.yieldExpression();
    else {
      let many = false;
      this.expression();
      while (this.take(COMMA)) {
        many = true;
        if (this.is(EQUALS)) break;
        this.expression();
      }
      if (many) this.node(K.TUPLE, 0, start, this.last, mark);
      if (this.is(EQUALS)) {
        this.becomesTarget(this.count - 1);
        this.role(K.F_LEFT);
        this.advance();
        this.rightSide();
        this.node(K.ASSIGNMENT, 0, start, this.last, mark);
      }
    }
    this.role(K.F_RIGHT);
    this.nesting -= 1;
  }

  /** One expression, or several without brackets as a tuple. */
  private expressions(): void {
    const { start, count: mark } = this;
    this.expression();
    if (!this.is(COMMA)) return;
    while (this.take(COMMA)) this.expression();
    this.node(K.TUPLE, 0, start, this.last, mark);
  }

  /** Outside brackets, where a star can stand before a name. */
  private starredExpression(): void {
    if (!this.is(STAR)) return this.expression();
    const { start, count: mark } = this;
    this.advance();
    this.identifier(0);
    if (!this.is(COMMA) && !this.is(EQUALS)) refuse();
    this.node(K.LIST_SPLAT, 0, start, this.last, mark);
  }

  private yieldExpression(): void {
    const { start, count: mark } = this;
    this.advance();
    if (this.take(KEYWORD.from)) this.expression();
    else if (!this.ends() && !this.is(CLOSE)) this.expressions();
    this.node(K.YIELD, 0, start, this.last, mark);
  }

  // ----------------------------------------------------------------------------------- compound statements

  /** From the colon to the end of the block. */
  private suite(field: number): void {
    this.expect(COLON);
    const mark = this.count;
    if (!this.is(T.NEWLINE)) {
      const { start } = this;
      this.simpleStatements();
      this.node(K.BLOCK, field, start, this.closed, mark);
      return this.line();
    }
    const end = this.stop;
    this.line();
    if (this.is(T.END) || this.lineIndent <= this.indent) {
      this.closed = end;
      return this.node(K.BLOCK, field, end, end, mark);
    }
    this.deeper();
    const around = this.indent;
    this.indent = this.lineIndent;
    const { start } = this;
    do {
      if (this.lineIndent > this.indent) refuse();
      this.statement();
    } while (this.lineIndent >= this.indent);
    if (this.lineIndent > around && around > 0) refuse();
    this.closeBlock();
    this.closed = this.behind;
    this.indent = around;
    this.nesting -= 1;
    this.node(K.BLOCK, field, start, this.closed, mark);
  }

  /** Whether the next line goes on with the statement whose block was read. */
  private goesOn(keyword: number): boolean {
    return this.is(keyword) && (this.indent === 0 || this.lineIndent === this.indent);
  }

  private elseClause(field: number): void {
    if (!this.goesOn(KEYWORD.else)) return;
    const { start, count: mark } = this;
    this.advance();
    this.suite(K.F_BODY);
    this.node(K.ELSE, field, start, this.closed, mark);
  }

  private ifStatement(): void {
    const { start, count: mark } = this;
    this.advance();
    this.expression();
    this.role(K.F_CONDITION);
    this.suite(K.F_CONSEQUENCE);
    while (this.goesOn(KEYWORD.elif)) {
      const { start, count: mark } = this;
      this.advance();
      this.expression();
      this.role(K.F_CONDITION);
      this.suite(K.F_CONSEQUENCE);
      this.node(K.ELIF, K.F_ALTERNATIVE, start, this.closed, mark);
    }
    this.elseClause(K.F_ALTERNATIVE);
    this.node(K.IF, 0, start, this.closed, mark);
  }

  private whileStatement(): void {
    const { start, count: mark } = this;
    this.advance();
    this.expression();
    this.role(K.F_CONDITION);
    this.suite(K.F_BODY);
    this.elseClause(K.F_ALTERNATIVE);
    this.node(K.WHILE, 0, start, this.closed, mark);
  }

  private forStatement(start: number): void {
    const mark = this.count;
    this.advance();
    this.targets();
    this.role(K.F_LEFT);
    this.expect(KEYWORD.in);
    this.expressions();
    this.role(K.F_RIGHT);
    this.suite(K.F_BODY);
    this.elseClause(K.F_ALTERNATIVE);
    this.node(K.FOR, 0, start, this.closed, mark);
  }

  private tryStatement(): void {
    const { start, count: mark } = this;
    this.advance();
    this.suite(K.F_BODY);
    while (this.goesOn(KEYWORD.except)) {
      const { start, count: mark } = this;
      this.advance();
      if (!this.is(COLON)) {
        this.aliased();
        this.role(K.F_VALUE);
      }
      this.suite(0);
      this.node(K.EXCEPT, 0, start, this.closed, mark);
    }
    this.elseClause(0);
    if (this.goesOn(KEYWORD.finally)) {
      const { start, count: mark } = this;
      this.advance();
      this.suite(0);
      this.node(K.FINALLY, 0, start, this.closed, mark);
    }
    this.node(K.TRY, 0, start, this.closed, mark);
  }

  private withStatement(start: number): void {
    const mark = this.count;
    this.advance();
    if (this.is(OPEN)) refuse();
    const first = this.start;
    const inClause = this.count;
    do {
      const { start, count: mark } = this;
      this.aliased();
      this.role(K.F_VALUE);
      this.node(K.WITH_ITEM, 0, start, this.last, mark);
    } while (this.take(COMMA));
    this.node(K.WITH_CLAUSE, 0, first, this.last, inClause);
    this.suite(K.F_BODY);
    this.node(K.WITH, 0, start, this.closed, mark);
  }

  /** An expression, and what it is bound to by `as`. */
  private aliased(): void {
    const { start, count: mark } = this;
    this.expression();
    if (!this.is(KEYWORD.as)) return;
    const kind = this.lastKind;
    if (kind === K.CONDITIONAL || kind === K.LAMBDA || kind === K.WALRUS) refuse();
    this.advance();
    const { start: from, count: inner } = this;
    this.primary();
    this.node(K.AS_TARGET, K.F_ALIAS, from, this.last, inner);
    this.node(K.AS_PATTERN, 0, start, this.last, mark);
  }

  private asyncStatement(field: number): void {
    const { start } = this;
    this.advance();
    switch (this.kind) {
      case KEYWORD.def:
        return this.definition(start, field);
      case KEYWORD.for:
        return this.forStatement(start);
      case KEYWORD.with:
        return this.withStatement(start);
      default:
        refuse();
    }
  }

  private definition(start: number, field: number): void {
    const mark = this.count;
    this.advance();
    this.identifier(K.F_NAME);
    if (!this.is(OPEN)) refuse();
    const { start: from, count: inner } = this;
    this.open();
    this.parameters(CLOSE);
    this.close(CLOSE);
    this.node(K.PARAMETERS, K.F_PARAMETERS, from, this.last, inner);
    if (this.take(T.ARROW)) {
      this.annotation(K.F_RETURN_TYPE);
      // `-> a: b` could be a type with a bound.
      if (!this.is(COLON) || !this.lineEndsAt(this.stop)) refuse();
    }
    this.suite(K.F_BODY);
    this.node(K.FUNCTION, field, start, this.closed, mark);
  }

  private lineEndsAt(from: number): boolean {
    for (let at = from; ; at++) {
      const code = this.text.charCodeAt(at);
      if (code !== 32 && code !== 9 && code !== 13) return code === LINE || code === 35 || at >= this.text.length;
    }
  }

  /** Up to the closing bracket, or the colon of a lambda. */
  private parameters(end: number): void {
    const typed = end === CLOSE;
    while (!this.is(end)) {
      const { start, count: mark } = this;
      let plain = false;
      if (this.is(SLASH)) this.advance();
      else {
        const star = this.is(STAR) || this.is(T.POWER) ? this.kind : 0;
        if (star !== 0) this.advance();
        if (star === STAR && (this.is(COMMA) || this.is(end))) {
          // Only what follows must be named.
        } else {
          this.identifier(0);
          if (star !== 0) this.node(star === STAR ? K.SPLAT_PATTERN : K.DICT_SPLAT_PATTERN, 0, start, this.last, mark);
          else plain = true;
          if (typed && this.take(COLON)) {
            const named = this.count - 1;
            this.annotation(K.F_TYPE);
            if (plain && this.is(EQUALS)) {
              this.nodes[named << 2] = K.IDENTIFIER | (K.F_NAME << 8);
              this.advance();
              this.expression();
              this.role(K.F_VALUE);
              this.node(K.TYPED_DEFAULT_PARAMETER, 0, start, this.last, mark);
            } else this.node(K.TYPED_PARAMETER, 0, start, this.last, mark);
          } else if (plain && this.is(EQUALS)) {
            this.role(K.F_NAME);
            this.advance();
            this.expression();
            this.role(K.F_VALUE);
            this.node(K.DEFAULT_PARAMETER, 0, start, this.last, mark);
          }
        }
      }
      if (!this.is(end)) this.expect(COMMA);
    }
  }

  private classDefinition(field: number): void {
    const { start, count: mark } = this;
    this.advance();
    this.identifier(K.F_NAME);
    if (this.is(OPEN)) this.callArguments(K.F_SUPERCLASSES);
    if (this.lastKind === K.GENERATOR) refuse();
    this.suite(K.F_BODY);
    this.node(K.CLASS, field, start, this.closed, mark);
  }

  private decorated(): void {
    const { start, count: mark } = this;
    while (this.is(AT)) {
      const { start, count: mark } = this;
      this.advance();
      this.expression();
      if (!this.is(T.NEWLINE)) refuse();
      const end = this.stop;
      this.node(K.DECORATOR, 0, start, end, mark);
      this.line();
      if (this.indent > 0 && (this.lineIndent !== this.indent || this.text.slice(end, this.start).includes('#'))) refuse();
    }
    if (this.is(KEYWORD.def)) this.definition(this.start, K.F_DEFINITION);
    else if (this.is(KEYWORD.class)) this.classDefinition(K.F_DEFINITION);
    else if (this.is(KEYWORD.async)) {
      this.asyncStatement(K.F_DEFINITION);
      if (this.lastKind !== K.FUNCTION) refuse();
    } else refuse();
    this.node(K.DECORATED, 0, start, this.closed, mark);
  }

  /** A type: what stands in the brackets behind a name is left out, as by the grammar's words for types. */
  private annotation(field: number): void {
    this.deeper();
    const { start, count: mark } = this;
    if (this.is(T.NAME) && this.text.charCodeAt(this.stop) === OPEN_SQUARE) {
      this.identifier(0);
      const inner = this.count;
      this.open();
      do {
        if (this.is(CLOSE_SQUARE)) break;
        this.annotation(0);
      } while (this.take(COMMA));
      this.close(CLOSE_SQUARE);
      this.count = inner;
      this.node(K.OTHER_EXPRESSION, 0, start, this.last, mark);
      switch (this.kind) {
        case COMMA:
        case CLOSE:
        case CLOSE_SQUARE:
        case EQUALS:
        case COLON:
        case T.NEWLINE:
          break;
        default:
          refuse();
      }
    } else {
      this.expression();
      // A name and its brackets with a blank between.
      if (this.nodes[mark << 2] === (K.IDENTIFIER | (K.F_VALUE << 8))) refuse();
    }
    this.node(K.TYPE, field, start, this.last, mark);
    this.nesting -= 1;
  }

  // ----------------------------------------------------------------------------------------- expressions

  private expression(): void {
    this.deeper();
    const { start, count: mark } = this;
    if (this.is(KEYWORD.lambda)) this.lambda();
    else {
      this.disjunction();
      if (this.is(T.WALRUS)) {
        if (this.lastKind !== K.IDENTIFIER || this.count - mark !== 1 || this.depth === 0) refuse();
        this.role(K.F_NAME);
        this.advance();
        this.disjunction();
        if (this.is(KEYWORD.if)) refuse();
        this.role(K.F_VALUE);
        this.node(K.WALRUS, 0, start, this.last, mark);
      } else if (this.is(KEYWORD.if)) {
        this.advance();
        this.disjunction();
        this.expect(KEYWORD.else);
        this.expression();
        this.node(K.CONDITIONAL, 0, start, this.last, mark);
      }
    }
    this.nesting -= 1;
  }

  private lambda(): void {
    const { start, count: mark } = this;
    this.advance();
    if (!this.is(COLON)) {
      const { start: from, count: inner } = this;
      this.parameters(COLON);
      this.node(K.PARAMETERS, K.F_PARAMETERS, from, this.last, inner);
    }
    this.expect(COLON);
    this.expression();
    if (this.lastKind === K.WALRUS) refuse();
    this.role(K.F_BODY);
    this.node(K.LAMBDA, 0, start, this.last, mark);
  }

  private disjunction(): void {
    const { start, count: mark } = this;
    this.conjunction();
    while (this.is(KEYWORD.or)) {
      this.role(K.F_LEFT);
      this.advance();
      this.conjunction();
      this.role(K.F_RIGHT);
      this.node(K.BOOLEAN, 0, start, this.last, mark);
    }
  }

  private conjunction(): void {
    const { start, count: mark } = this;
    this.negation();
    while (this.is(KEYWORD.and)) {
      this.role(K.F_LEFT);
      this.advance();
      this.negation();
      this.role(K.F_RIGHT);
      this.node(K.BOOLEAN, 0, start, this.last, mark);
    }
  }

  private negation(): void {
    if (!this.is(KEYWORD.not)) return this.comparison();
    this.deeper();
    const { start, count: mark } = this;
    this.advance();
    this.negation();
    this.role(K.F_ARGUMENT);
    this.node(K.NOT, 0, start, this.last, mark);
    this.nesting -= 1;
  }

  private comparison(): void {
    const { start, count: mark } = this;
    this.binary(1);
    if (COMPARES[this.kind] === 0) return;
    do {
      const operator = this.kind;
      this.advance();
      if (operator === KEYWORD.not) this.expect(KEYWORD.in);
      else if (operator === KEYWORD.is) this.take(KEYWORD.not);
      this.binary(1);
    } while (COMPARES[this.kind] !== 0);
    this.node(K.COMPARISON, 0, start, this.last, mark);
  }

  /** Operators that bind at least so tightly. */
  private binary(least: number): void {
    const { start, count: mark } = this;
    this.unary();
    for (;;) {
      const binding = BINDING[this.kind] ?? 0;
      if (binding < least || binding === 0) return;
      this.role(K.F_LEFT);
      this.advance();
      this.binary(binding + 1);
      this.role(K.F_RIGHT);
      this.node(K.BINARY, 0, start, this.last, mark);
    }
  }

  private unary(): void {
    const { start, count: mark } = this;
    if (this.is(MINUS) || this.is(PLUS) || this.is(TILDE)) {
      this.deeper();
      this.advance();
      this.unary();
      this.role(K.F_ARGUMENT);
      this.node(K.UNARY, 0, start, this.last, mark);
      this.nesting -= 1;
      return;
    }
    if (this.is(KEYWORD.await)) {
      this.advance();
      this.primary();
      if (this.is(T.POWER)) refuse();
      return this.node(K.AWAIT, 0, start, this.last, mark);
    }
    this.primary();
    if (!this.is(T.POWER)) return;
    this.deeper();
    this.role(K.F_LEFT);
    this.advance();
    this.unary();
    this.role(K.F_RIGHT);
    this.node(K.BINARY, 0, start, this.last, mark);
    this.nesting -= 1;
  }

  /** An atom and what is called, asked or taken of it. */
  private primary(): void {
    const { start, count: mark } = this;
    this.atom();
    for (;;) {
      switch (this.kind) {
        case DOT:
          this.role(K.F_OBJECT);
          this.advance();
          this.identifier(K.F_ATTRIBUTE);
          this.node(K.ATTRIBUTE, 0, start, this.last, mark);
          break;
        case OPEN:
          this.role(K.F_FUNCTION);
          this.callArguments(K.F_ARGUMENTS);
          this.node(K.CALL, 0, start, this.last, mark);
          break;
        case OPEN_SQUARE:
          this.role(K.F_VALUE);
          this.subscripts();
          this.node(K.SUBSCRIPT, 0, start, this.last, mark);
          break;
        default:
          return;
      }
    }
  }

  private atom(): void {
    switch (this.kind) {
      case T.NAME:
        return this.single(K.IDENTIFIER);
      case T.INTEGER:
        return this.single(K.INTEGER);
      case T.FLOAT:
        return this.single(K.FLOAT);
      case KEYWORD.True:
        return this.single(K.TRUE);
      case KEYWORD.False:
        return this.single(K.FALSE);
      case KEYWORD.None:
        return this.single(K.NONE);
      case T.DOTS:
        return this.single(K.ELLIPSIS);
      case T.STRING:
        return this.strings();
      case OPEN:
        return this.round();
      case OPEN_SQUARE:
        return this.square();
      case OPEN_BRACE:
        return this.curly();
      default:
        refuse();
    }
  }

  private callArguments(field: number): void {
    const { start, count: mark } = this;
    const soft = this.soft;
    this.soft = false;
    this.open();
    while (!this.is(CLOSE)) {
      const { start: from, count: inner } = this;
      if (this.is(STAR)) this.splat(soft);
      else if (this.is(T.POWER)) this.dictionarySplat();
      else {
        this.expression();
        if (this.is(EQUALS)) {
          if (this.lastKind !== K.IDENTIFIER || this.count - inner !== 1) refuse();
          this.role(K.F_NAME);
          this.advance();
          this.expression();
          this.role(K.F_VALUE);
          this.node(K.KEYWORD_ARGUMENT, 0, from, this.last, inner);
        } else if (this.is(KEYWORD.for) || this.is(KEYWORD.async)) {
          if (inner !== mark) refuse();
          this.role(K.F_BODY);
          this.comprehension();
          this.close(CLOSE);
          return this.node(K.GENERATOR, field, start, this.last, mark);
        }
      }
      if (!this.is(CLOSE)) this.expect(COMMA);
    }
    this.close(CLOSE);
    this.node(K.ARGUMENTS, field, start, this.last, mark);
  }

  /** `*a` in brackets; `plain` where nothing but a name is surely read. */
  private splat(plain: boolean): void {
    const { start, count: mark } = this;
    this.advance();
    this.primary();
    if (!this.is(COMMA) && !this.is(CLOSE) && !this.is(CLOSE_SQUARE) && !this.is(CLOSE_BRACE)) refuse();
    if (plain && this.lastKind !== K.IDENTIFIER) refuse();
    this.node(K.LIST_SPLAT, 0, start, this.last, mark);
  }

  private dictionarySplat(): void {
    const { start, count: mark } = this;
    this.advance();
    this.expression();
    this.node(K.DICT_SPLAT, 0, start, this.last, mark);
  }

  private subscripts(): void {
    this.open();
    for (;;) {
      const { start, count: mark } = this;
      let slice = false;
      if (!this.is(COLON)) {
        this.expression();
        if (this.lastKind === K.WALRUS) refuse();
      }
      for (let colons = 0; this.is(COLON) && colons < 2; colons++) {
        slice = true;
        this.advance();
        if (!this.is(COLON) && !this.is(COMMA) && !this.is(CLOSE_SQUARE)) this.expression();
      }
      if (slice) this.node(K.SLICE, 0, start, this.last, mark);
      this.role(K.F_SUBSCRIPT);
      if (!this.take(COMMA) || this.is(CLOSE_SQUARE)) break;
    }
    this.close(CLOSE_SQUARE);
  }

  private round(): void {
    const { start, count: mark } = this;
    const soft = this.soft;
    this.soft = false;
    this.open();
    if (this.is(KEYWORD.yield)) {
      this.yieldExpression();
      this.close(CLOSE);
      return this.node(K.PARENTHESIZED, 0, start, this.last, mark);
    }
    let commas = 0;
    let elements = 0;
    while (!this.is(CLOSE)) {
      elements += 1;
      if (this.is(STAR)) this.splat(soft);
      else {
        this.expression();
        if (elements === 1 && (this.is(KEYWORD.for) || this.is(KEYWORD.async))) {
          this.role(K.F_BODY);
          this.comprehension();
          this.close(CLOSE);
          return this.node(K.GENERATOR, 0, start, this.last, mark);
        }
      }
      if (!this.is(CLOSE)) {
        this.expect(COMMA);
        commas += 1;
      }
    }
    if (elements === 1 && commas === 0 && this.lastKind === K.LIST_SPLAT) refuse();
    this.close(CLOSE);
    this.node(elements === 1 && commas === 0 ? K.PARENTHESIZED : K.TUPLE, 0, start, this.last, mark);
  }

  private square(): void {
    const { start, count: mark } = this;
    this.open();
    if (this.elements(CLOSE_SQUARE)) return this.node(K.LIST_COMPREHENSION, 0, start, this.last, mark);
    this.node(K.LIST, 0, start, this.last, mark);
  }

  /** To the closing bracket, which is taken; whether it was a comprehension. */
  private elements(end: number): boolean {
    const mark = this.count;
    let elements = 0;
    while (!this.is(end)) {
      elements += 1;
      if (this.is(STAR)) this.splat(false);
      else {
        this.expression();
        if (elements === 1 && (this.is(KEYWORD.for) || this.is(KEYWORD.async))) {
          this.role(K.F_BODY);
          this.comprehension();
          this.close(end);
          return true;
        }
      }
      if (!this.is(end)) this.expect(COMMA);
    }
    if (elements === 1 && this.lastKind === K.LIST_SPLAT && this.count - mark > 2) refuse();
    this.close(end);
    return false;
  }

  private curly(): void {
    const { start, count: mark } = this;
    this.open();
    let first = true;
    while (!this.is(CLOSE_BRACE)) {
      const { start: from, count: inner } = this;
      if (this.is(T.POWER)) this.dictionarySplat();
      else {
        if (this.is(STAR)) {
          if (!first) refuse();
          return this.set(start, mark);
        }
        this.expression();
        if (!this.is(COLON)) {
          if (!first) refuse();
          return this.set(start, mark);
        }
        this.role(K.F_KEY);
        this.advance();
        this.expression();
        this.role(K.F_VALUE);
        this.node(K.PAIR, 0, from, this.last, inner);
        if (first && (this.is(KEYWORD.for) || this.is(KEYWORD.async))) {
          this.role(K.F_BODY);
          this.comprehension();
          this.close(CLOSE_BRACE);
          return this.node(K.DICT_COMPREHENSION, 0, start, this.last, mark);
        }
      }
      first = false;
      if (!this.is(CLOSE_BRACE)) this.expect(COMMA);
    }
    this.close(CLOSE_BRACE);
    this.node(K.DICTIONARY, 0, start, this.last, mark);
  }

  /** What began as a dictionary, at its first element or behind it. */
  private set(start: number, mark: number): void {
    if (this.count > mark) {
      if (this.is(KEYWORD.for) || this.is(KEYWORD.async)) {
        this.role(K.F_BODY);
        this.comprehension();
        this.close(CLOSE_BRACE);
        return this.node(K.SET_COMPREHENSION, 0, start, this.last, mark);
      }
      if (this.take(COMMA)) {
        while (!this.is(CLOSE_BRACE)) {
          if (this.is(STAR)) this.splat(false);
          else this.expression();
          if (!this.is(CLOSE_BRACE)) this.expect(COMMA);
        }
      }
      this.close(CLOSE_BRACE);
    } else if (this.elements(CLOSE_BRACE)) refuse();
    this.node(K.SET, 0, start, this.last, mark);
  }

  /** The clauses behind the element. */
  private comprehension(): void {
    do {
      const { start, count: mark } = this;
      if (this.take(KEYWORD.if)) {
        this.disjunction();
        this.node(K.IF_CLAUSE, 0, start, this.last, mark);
      } else {
        this.take(KEYWORD.async);
        this.expect(KEYWORD.for);
        this.targets();
        this.role(K.F_LEFT);
        this.expect(KEYWORD.in);
        this.disjunction();
        this.role(K.F_RIGHT);
        this.node(K.FOR_CLAUSE, 0, start, this.last, mark);
      }
    } while (this.is(KEYWORD.for) || this.is(KEYWORD.if) || this.is(KEYWORD.async));
  }

  /** What a loop assigns to. */
  private targets(): void {
    const { start, count: mark } = this;
    this.target();
    if (!this.is(COMMA)) return;
    while (this.take(COMMA)) {
      if (this.is(KEYWORD.in)) break;
      this.target();
    }
    this.node(K.TUPLE, 0, start, this.last, mark);
  }

  private target(): void {
    const { start, count: mark } = this;
    const star = this.take(STAR);
    this.primary();
    if (star) {
      this.simpleTarget(this.count - 1);
      this.node(K.SPLAT_PATTERN, 0, start, this.last, mark);
    } else this.becomesTarget(this.count - 1);
  }

  // --------------------------------------------------------------------------------------------- strings

  /** A string, or several side by side. */
  private strings(): void {
    const { start, count: mark } = this;
    this.string();
    if (!this.is(T.STRING)) return;
    while (this.is(T.STRING)) this.string();
    this.node(K.CONCATENATED_STRING, 0, start, this.last, mark);
  }

  private string(): void {
    const { text, start, stop, count: mark } = this;
    this.leaf(K.STRING_START);
    const quote = text.charCodeAt(stop - 1);
    let raw = false;
    let formatted = false;
    let bytes = false;
    let at = start;
    for (; text.charCodeAt(at) !== quote; at++) {
      const letter = text.charCodeAt(at) | 32;
      if (letter === 114) raw = true;
      else if (letter === 102 || letter === 116) formatted = true;
      else if (letter === 98) bytes = true;
    }
    const triple = stop - at === 3;
    if (formatted) this.formatted(quote, triple, raw);
    else this.plain(quote, triple, raw, bytes);
    this.node(K.STRING, 0, start, this.stop, mark);
    this.advance();
  }

  /** From behind the opening quotes to behind the closing ones. */
  private plain(quote: number, triple: boolean, raw: boolean, bytes: boolean): void {
    const { text, stop: from } = this;
    let content = false; // Raw escapes alone do not count as content.
    for (let at = from; ; at++) {
      const code = text.charCodeAt(at);
      if (code === quote) {
        if (triple && !(text.charCodeAt(at + 1) === quote && text.charCodeAt(at + 2) === quote)) {
          content = true;
          continue;
        }
        if (content) this.node(K.STRING_CONTENT, 0, from, at, this.count);
        this.stop = at + (triple ? 3 : 1);
        return;
      }
      if (code === BACKSLASH) {
        at += 1;
        const escaped = text.charCodeAt(at);
        if (raw) {
          // A quote or a backslash is stepped over, then the end of a line; anything else is looked at as it is.
          if (escaped === quote || escaped === BACKSLASH) at += 1;
          if (text.charCodeAt(at) === 13) at += 1;
          if (text.charCodeAt(at) !== LINE) at -= 1;
        } else {
          if (bytes && (escaped === 78 || escaped === 117 || escaped === 85)) refuse();
          if (escaped === 78 && text.charCodeAt(at + 1) === OPEN_BRACE) this.character(at + 2, quote);
          if (escaped === 13 && text.charCodeAt(at + 1) === LINE) at += 1;
          content = true;
        }
        if (at >= text.length) refuse();
        continue;
      }
      if (code === LINE && !triple) refuse();
      if (code === 0 || at >= text.length) refuse();
      content = true;
    }
  }

  /** A character by its name, which must end inside the string. */
  private character(from: number, quote: number): void {
    for (let at = from; ; at++) {
      const code = this.text.charCodeAt(at);
      if (code === CLOSE_BRACE && at > from) return;
      if (code === quote || code === LINE || code === BACKSLASH || code === CLOSE_BRACE || at >= this.text.length) refuse();
    }
  }

  private formatted(quote: number, triple: boolean, raw: boolean): void {
    const { text } = this;
    let from = this.stop;
    for (let at = from; ; at++) {
      const code = text.charCodeAt(at);
      if (code === quote) {
        if (triple && !(text.charCodeAt(at + 1) === quote && text.charCodeAt(at + 2) === quote)) continue;
        if (at > from) this.node(K.STRING_CONTENT, 0, from, at, this.count);
        this.stop = at + (triple ? 3 : 1);
        return;
      }
      if (code === BACKSLASH) {
        if (raw) refuse();
        const escaped = text.charCodeAt(at + 1);
        if (escaped === 78 || escaped === OPEN_BRACE || escaped === CLOSE_BRACE) refuse();
        at += escaped === 13 ? 2 : 1;
        if (at >= text.length) refuse();
        continue;
      }
      if (code === OPEN_BRACE || code === CLOSE_BRACE) {
        if (text.charCodeAt(at + 1) === code) {
          at += 1;
          continue;
        }
        if (code === CLOSE_BRACE) refuse();
        if (at > from) this.node(K.STRING_CONTENT, 0, from, at, this.count);
        at = this.interpolation(at, K.INTERPOLATION);
        from = at;
        at -= 1;
        continue;
      }
      if (code === LINE && !triple) refuse();
      if (code === 0 || at >= text.length) refuse();
    }
  }

  /** From the opening brace; gives where the closing one ends. */
  private interpolation(start: number, kind: number): number {
    this.deeper();
    const { text, count: mark, depth } = this;
    this.depth += 1;
    this.stop = start + 1;
    this.advance();
    this.expressions();
    this.role(K.F_EXPRESSION);
    if (this.lastKind === K.LAMBDA) refuse();
    this.take(EQUALS);
    if (this.is(EXCLAMATION)) {
      const letter = text.charCodeAt(this.stop);
      if (letter < 97 || letter > 122) refuse();
      this.stop += 1;
      this.advance();
    }
    if (this.is(COLON)) this.specifier();
    if (!this.is(CLOSE_BRACE)) refuse();
    const end = this.stop;
    const line = text.indexOf('\n', start);
    if (line >= 0 && line < end) refuse();
    this.node(kind, 0, start, end, mark);
    this.depth = depth;
    this.nesting -= 1;
    return end;
  }

  /** From the colon to the closing brace, which becomes the token looked at. */
  private specifier(): void {
    const { text, start, count: mark } = this;
    let at = this.stop;
    for (;;) {
      const code = text.charCodeAt(at);
      if (code === CLOSE_BRACE) break;
      if (code === OPEN_BRACE) {
        at = this.interpolation(at, K.OTHER_EXPRESSION);
        continue;
      }
      if (code === 34 || code === 39 || code === 35 || code === BACKSLASH || code === LINE || at >= text.length) refuse();
      at += 1;
    }
    this.node(K.FORMAT_SPECIFIER, 0, start, at, mark);
    this.kind = CLOSE_BRACE;
    this.start = at;
    this.stop = at + 1;
  }
}

const reader = new Descent();
