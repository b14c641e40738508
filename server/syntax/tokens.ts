/**
 * Python text → tokens, one at a time, for `descent.ts`. Knows ordinary Python 3; everything else is `refuse`d, and then
 * tree-sitter reads the text.
 */

export const END = 0;
export const NEWLINE = 1;
export const NAME = 2;
export const INTEGER = 3;
export const FLOAT = 4;
/** The token is the string's start alone: its letters and quotes. */
export const STRING = 5;

// Operators of one character are their own code; longer ones stand between those and the keywords.
export const POWER = 128;
export const FLOOR = 129;
export const SHIFT_LEFT = 130;
export const SHIFT_RIGHT = 131;
export const EQUAL = 132;
export const UNEQUAL = 133;
export const AT_MOST = 134;
export const AT_LEAST = 135;
export const ARROW = 136;
export const WALRUS = 137;
export const AUGMENTED = 138;
export const DOTS = 139;

const KEYWORD_WORDS = [
  ...['and', 'as', 'assert', 'async', 'await', 'break', 'class', 'continue', 'def', 'del', 'elif', 'else', 'except', 'finally', 'for', 'from'],
  ...['global', 'if', 'import', 'in', 'is', 'lambda', 'nonlocal', 'not', 'or', 'pass', 'raise', 'return', 'try', 'while', 'with', 'yield'],
  ...['True', 'False', 'None'],
] as const;
const FIRST_KEYWORD = 150;

export const KEYWORD = Object.fromEntries(KEYWORD_WORDS.map((it, index) => [it, FIRST_KEYWORD + index])) as Record<(typeof KEYWORD_WORDS)[number], number>;

const LONGEST_KEYWORD = 8;
/** By length and first character. */
const KEYWORDS: (readonly string[] | undefined)[] = new Array((LONGEST_KEYWORD + 1) * 128).fill(undefined);
for (const it of KEYWORD_WORDS) {
  const slot = it.length * 128 + it.charCodeAt(0);
  KEYWORDS[slot] = [...(KEYWORDS[slot] ?? []), it];
}

const NAME_START = 1;
const NAME_PART = 2;
const DIGIT = 4;
const HEX = 8;
/** What a character can be part of. */
const CLASSES = new Uint8Array(128);
for (let code = 0; code < 128; code++) {
  const it = String.fromCharCode(code);
  CLASSES[code] = (/[A-Za-z_]/.test(it) ? NAME_START : 0) | (/\w/.test(it) ? NAME_PART : 0) | (/\d/.test(it) ? DIGIT : 0) | (/[\dA-Fa-f]/.test(it) ? HEX : 0);
}

const isPart = (code: number) => code < 128 && ((CLASSES[code] ?? 0) & NAME_PART) !== 0;
const isDigit = (code: number) => code >= 48 && code <= 57;

const LINE = 10;
const RETURN = 13;
const SPACE = 32;
const TAB = 9;
const HASH = 35;
const BACKSLASH = 92;
const QUOTE = 34;
const APOSTROPHE = 39;
const EQUALS = 61;
const UNDERSCORE = 95;
const POINT = 46;
/** Letters in lower case. */
const E = 101;
const J = 106;
/** What a tab is worth to tree-sitter's scanner, wherever it stands. */
const TAB_WIDTH = 8;

/** Thrown for text that is not surely understood; it holds nothing, so that it costs nothing. */
export class Refusal {}
const REFUSAL = new Refusal();

export function refuse(): never {
  throw REFUSAL;
}

export class Tokens {
  text = '';
  /** The token looked at. Of a NEWLINE both are where the token before, or the comment behind it, ends. */
  kind = END;
  start = 0;
  stop = 0;
  /** Where the token before it ends. */
  last = 0;
  /** How many brackets are open: inside, the end of a line is a blank. */
  depth = 0;
  /** The indentation of the block that is read, as the scanner of tree-sitter counts it. */
  indent = 0;
  /** The indentation of the line that `line` went to. */
  lineIndent = 0;
  /** Between this and the token looked at there are blanks, comments and line ends only. */
  behind = 0;

  begin(text: string): void {
    this.text = text;
    this.depth = 0;
    this.indent = 0;
    this.lineIndent = 0;
    this.behind = 0;
    this.kind = NEWLINE;
    this.last = 0;
    this.stop = 0;
  }

  /** Where the text's first token or comment stands. */
  firstMark(): number {
    return this.lineFrom(0, true);
  }

  /** Goes to the next token. */
  advance(): void {
    this.last = this.stop;
    this.scan(this.stop);
  }

  /** Asked instead of comparing, which TypeScript would believe to hold on behind the next token. */
  is(kind: number): boolean {
    return this.kind === kind;
  }

  /** Takes the token if it is this one. */
  take(kind: number): boolean {
    if (this.kind !== kind) return false;
    this.advance();
    return true;
  }

  /** Takes the token, which must be this one. */
  expect(kind: number): void {
    if (this.kind !== kind) refuse();
    this.advance();
  }

  /** Takes an opening bracket. */
  open(): void {
    this.depth += 1;
    this.advance();
  }

  /** Takes the closing bracket, which must be this one. */
  close(kind: number): void {
    if (this.kind !== kind) refuse();
    this.depth -= 1;
    this.advance();
  }

  /** From a NEWLINE to the first token of the next line that has any, and its indentation. */
  line(): void {
    this.behind = this.stop;
    const at = this.lineFrom(this.stop, false);
    this.last = at;
    this.scan(at);
  }

  /**
   * A block that is read ends before the token looked at: goes behind the comments that still belong to it, which are those
   * up to the first one that is less deep.
   */
  closeBlock(): void {
    for (;;) {
      const at = this.lineFrom(this.behind, true);
      if (this.text.charCodeAt(at) !== HASH || this.commentIndent < this.indent) return;
      this.behind = this.commentEnd(at);
    }
  }

  private commentIndent = 0;

  /** The next line with a token from the end of a line; or with a comment, where those count too. */
  private lineFrom(from: number, comments: boolean): number {
    const { text } = this;
    let indent = 0;
    for (let at = from; ; at++) {
      switch (text.charCodeAt(at)) {
        case LINE:
          indent = 0;
          break;
        case SPACE:
          indent += 1;
          break;
        case TAB:
          indent += TAB_WIDTH;
          break;
        case RETURN:
          if (text.charCodeAt(at + 1) !== LINE) refuse();
          break;
        case HASH:
          if (comments) {
            this.commentIndent = indent;
            return at;
          }
          at = this.commentEnd(at) - 1;
          break;
        case BACKSLASH:
          return refuse();
        default:
          if (at < text.length) {
            if (!comments) this.lineIndent = indent;
            return at;
          }
          if (!comments) this.lineIndent = 0;
          return text.length;
      }
    }
  }

  private commentEnd(at: number): number {
    const end = this.text.indexOf('\n', at);
    return end < 0 ? this.text.length : end;
  }

  /** Reads the token from here. */
  private scan(from: number): void {
    const { text } = this;
    let at = from;
    for (;;) {
      const code = text.charCodeAt(at);
      if (code === SPACE || code === TAB) {
        at += 1;
        continue;
      }
      this.start = at;
      if (code >= 128) return refuse();
      if (((CLASSES[code] ?? 0) & NAME_START) !== 0) return this.word(at);
      switch (code) {
        case RETURN:
          if (text.charCodeAt(at + 1) !== LINE) refuse();
          at += 1;
          continue;
        case LINE:
          if (this.depth === 0) return this.newline(from);
          at = this.lineInBrackets(at);
          continue;
        case HASH: {
          const end = this.commentEnd(at);
          if (this.depth === 0) return this.newline(end);
          at = end;
          continue;
        }
        case BACKSLASH:
          at += text.charCodeAt(at + 1) === RETURN ? 2 : 1;
          if (text.charCodeAt(at) !== LINE) refuse();
          at += 1;
          continue;
        case QUOTE:
        case APOSTROPHE:
          return this.quotes(at, code);
        default:
          if (isDigit(code)) return this.number(at);
          if (at >= text.length) {
            if (this.depth > 0) refuse();
            if (this.kind === NEWLINE) {
              this.kind = END;
              this.stop = at;
              return;
            }
            return this.newline(from);
          }
          return this.operator(at, code);
      }
    }
  }

  private newline(at: number): void {
    this.kind = NEWLINE;
    this.start = at;
    this.stop = at;
  }

  /** Over the end of a line inside brackets. A line less deep than its block would end the block, in tree-sitter. */
  private lineInBrackets(from: number): number {
    if (this.indent === 0) return from + 1;
    const at = this.lineFrom(from, true);
    let indent = 0;
    for (let it = at - 1; it > from; it--) {
      const code = this.text.charCodeAt(it);
      if (code === LINE) break;
      indent += code === TAB ? TAB_WIDTH : 1;
    }
    if (indent < this.indent) refuse();
    return at;
  }

  private word(from: number): void {
    const { text } = this;
    let at = from + 1;
    let code = text.charCodeAt(at);
    while (isPart(code)) {
      at += 1;
      code = text.charCodeAt(at);
    }
    if (code >= 128) refuse(); // letters beyond ASCII; behind the text there is NaN
    if (code === QUOTE || code === APOSTROPHE) {
      for (let it = from; it < at; it++) if (!'fFtTrRbBuU'.includes(text.charAt(it))) refuse();
      if (at - from > 2) refuse();
      return this.quotes(at, code);
    }
    this.stop = at;
    this.kind = NAME;
    const length = at - from;
    if (length < 2 || length > LONGEST_KEYWORD) return;
    const candidates = KEYWORDS[length * 128 + text.charCodeAt(from)];
    if (candidates === undefined) return;
    for (const it of candidates) {
      if (!text.startsWith(it, from)) continue;
      this.kind = KEYWORD[it as keyof typeof KEYWORD];
      return;
    }
  }

  private quotes(at: number, quote: number): void {
    this.kind = STRING;
    this.stop = this.text.charCodeAt(at + 1) === quote && this.text.charCodeAt(at + 2) === quote ? at + 3 : at + 1;
  }

  private number(from: number): void {
    const { text } = this;
    const marker = text.charCodeAt(from + 1) | 32;
    this.kind = INTEGER;
    if (text.charCodeAt(from) === 48 && (marker === 120 || marker === 111 || marker === 98)) return this.based(from + 2, marker);
    let at = this.digits(from);
    if (text.charCodeAt(at) === POINT) {
      this.kind = FLOAT;
      at += 1;
      if (isDigit(text.charCodeAt(at))) at = this.digits(at);
    }
    if ((text.charCodeAt(at) | 32) === E) {
      this.kind = FLOAT;
      at = this.exponent(at);
    }
    this.endNumber((text.charCodeAt(at) | 32) === J ? at + 1 : at);
  }

  /** Behind `0x`, `0o` or `0b`. */
  private based(from: number, marker: number): void {
    const { text } = this;
    const allowed = (code: number) => (marker === 120 ? code < 128 && ((CLASSES[code] ?? 0) & HEX) !== 0 : code >= 48 && code <= (marker === 111 ? 55 : 49));
    let at = from;
    while (allowed(text.charCodeAt(at)) || (text.charCodeAt(at) === UNDERSCORE && allowed(text.charCodeAt(at + 1)))) at += 1;
    if (at === from) refuse();
    this.endNumber(at);
  }

  /** `.5`, from the point on. */
  private fraction(from: number): void {
    const at = this.digits(from + 1);
    this.kind = FLOAT;
    const end = (this.text.charCodeAt(at) | 32) === E ? this.exponent(at) : at;
    this.endNumber((this.text.charCodeAt(end) | 32) === J ? end + 1 : end);
  }

  /** Behind `e-10`. */
  private exponent(from: number): number {
    const { text } = this;
    const sign = text.charCodeAt(from + 1);
    const at = sign === 43 || sign === 45 ? from + 2 : from + 1;
    return isDigit(text.charCodeAt(at)) ? this.digits(at) : refuse();
  }

  /** What follows at once is no part of ordinary Python. */
  private endNumber(at: number): void {
    const code = this.text.charCodeAt(at);
    if (isPart(code) || code >= 128 || (code === POINT && this.kind === FLOAT)) refuse();
    this.stop = at;
  }

  private digits(from: number): number {
    const { text } = this;
    let at = from;
    for (;;) {
      const code = text.charCodeAt(at);
      if (!isDigit(code) && !(code === UNDERSCORE && isDigit(text.charCodeAt(at + 1)))) return at;
      at += 1;
    }
  }

  private operator(at: number, code: number): void {
    const { text } = this;
    const second = text.charCodeAt(at + 1);
    this.kind = code;
    this.stop = at + 1;
    switch (code) {
      case 40: // (
      case 41: // )
      case 44: // ,
      case 59: // ;
      case 91: // [
      case 93: // ]
      case 123: // {
      case 125: // }
      case 126: // ~
        return;
      case 46: // .
        if (isDigit(second)) return this.fraction(at);
        if (second === 46 && text.charCodeAt(at + 2) === 46) return this.longer(DOTS, at + 3);
        return;
      case 58: // :
        return second === EQUALS ? this.longer(WALRUS, at + 2) : undefined;
      case EQUALS:
        return second === EQUALS ? this.longer(EQUAL, at + 2) : undefined;
      case 33: // !
        return second === EQUALS ? this.longer(UNEQUAL, at + 2) : undefined;
      case 45: // -
        if (second === 62) return this.longer(ARROW, at + 2);
        break;
      case 60: // <
      case 62: // >
        if (second === EQUALS) return this.longer(code === 60 ? AT_MOST : AT_LEAST, at + 2);
        if (code === 60 && second === 62) refuse();
        if (second === code) return this.doubled(at, code === 60 ? SHIFT_LEFT : SHIFT_RIGHT);
        return;
      case 42: // *
      case 47: // /
        if (second === code) return this.doubled(at, code === 42 ? POWER : FLOOR);
        break;
      case 37: // %
      case 38: // &
      case 43: // +
      case 64: // @
      case 94: // ^
      case 124: // |
        break;
      default:
        refuse();
    }
    if (second === EQUALS) this.longer(AUGMENTED, at + 2);
  }

  private longer(kind: number, stop: number): void {
    this.kind = kind;
    this.stop = stop;
  }

  private doubled(at: number, kind: number): void {
    if (this.text.charCodeAt(at + 2) === EQUALS) this.longer(AUGMENTED, at + 3);
    else this.longer(kind, at + 2);
  }
}
