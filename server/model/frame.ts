/**
 * A frame is what stays the same in a file while somebody types inside a test: its imports, constants,
 * classes, set-up methods, fixtures and helper functions. Bodies of tests are not part of it. It is made
 * of units that are parsed when somebody asks for them, so that looking one name up in a large helper
 * module costs one unit.
 *
 *     import x                  # frame
 *     class TestA(Base):        # frame
 *         def setUp(self): ...  # frame
 *         def test_a(self): ... # not: only its name
 */
import type { ClassDefinition, Expression, FunctionDefinition, Place, QualifiedName, Statement } from '../../rules/model.ts';
import { remembered } from '../../rules/remembered.ts';
import type { Arena } from '../syntax/arena.ts';
import { detached } from '../syntax/names.ts';
import { resplit, split, type Unit } from '../syntax/split.ts';
import type { Replaced, Text } from '../syntax/text.ts';
import { buildPage } from './build.ts';
import type { Classes } from './classes.ts';
import { Members } from './members.ts';
import type { Page, Resolver } from './page.ts';
import { type PlainImport, plainImport, plainTarget } from './plain.ts';
import { placeAt } from './tree.ts';
import type { Workspace } from './workspace.ts';

/** What a unit declares, read off its first lines without parsing. */
export interface Head {
  readonly kind: 'function' | 'class' | 'import' | 'other';
  readonly name: string;
  /** A test function or method: its body can change nothing for others. */
  readonly isTest: boolean;
  /** Written under a decorator that makes a second definition of the name right (`@x.setter`, `@overload`). */
  readonly redefines: boolean;
  /** Ten digits that stand for the text of a unit without a name, so that its key does not hang on how many are before it. */
  readonly digits: string;
}

/** Written as far as its bracket or colon: until then it is no definition to anybody. */
const DEFINITION = /^[ \t]*(?:async[ \t]+def|def|class)[ \t]+([A-Za-z_\u0080-\uffff][\w\u0080-\uffff]*)[ \t\\\r\n]*[([:]/m;
const REDEFINITION = /^[ \t]*@[\w.]*(?:setter|getter|deleter|overload|register|singledispatch\w*|fixture)\b/m;
/** A fixture named `test_client` is no test. */
const FIXTURE = /^[ \t]*@[\w.]*fixture\b/m;

export function headOf(text: string): Head {
  const match = /^[ \t]*(?:@|async[ \t]|def[ \t]|class[ \t])/.test(text) ? DEFINITION.exec(text) : null;
  if (match === null) {
    const isImport = /^[ \t]*(?:import|from)[ \t]/.test(text);
    return { kind: isImport ? 'import' : 'other', name: '', isTest: false, redefines: false, digits: digitsOf(text) };
  }
  const name = match[1] ?? '';
  const isClass = /^[ \t]*class/.test(match[0]);
  const decorators = text.slice(0, match.index + match[0].length);
  return {
    kind: isClass ? 'class' : 'function',
    name,
    isTest: !isClass && name.startsWith('test') && !FIXTURE.test(decorators),
    redefines: REDEFINITION.test(decorators),
    digits: '',
  };
}

/** FNV-1a, in decimal. */
function digitsOf(text: string): string {
  let hash = 0x811c9dc5;
  for (let index = 0; index < text.length; index++) hash = Math.imul(hash ^ text.charCodeAt(index), 0x01000193);
  return String(hash >>> 0).padStart(10, '0');
}

/** One unit of a file, with its position and its name. Pages are made on demand. */
export interface FrameUnit {
  readonly unit: Unit;
  readonly text: string;
  readonly key: string;
  readonly head: Head;
  /** Name of the top-level class that the unit is the header or a member of. */
  readonly owner: string | undefined;
}

/**
 * Cuts and names the units of a text. Keys are unique in the file. They are slices of the text, which its file keeps anyhow; only
 * what is typed later stands on its own, so that a file keeps two texts at most: the one that was cut, and the one that is.
 */
export function unitsOf(text: Text): FrameUnit[] {
  const whole = text.toString();
  return named(split(whole), (unit) => pieceIn(whole.slice(unit.start, unit.end)));
}

/** The units of a text that was `beforeText`, and where it differs. Units that did not change keep their text (the same string) and head. */
export function unitsAfter(text: Text, beforeText: Text, before: readonly FrameUnit[]): { readonly units: FrameUnit[]; readonly replaced: Replaced } {
  const { units, prefix, suffix, replaced } = resplit(
    text,
    beforeText,
    before.map((it) => it.unit),
  );
  const shift = before.length - units.length;
  const oldOf = (index: number) => (index < prefix ? before[index] : index >= units.length - suffix ? before[index + shift] : undefined);
  const pieceOf: PieceOf = (unit, index) => oldOf(index) ?? pieceIn(detached(text.slice(unit.start, unit.end)));
  return { units: (shift === 0 ? namedAlike(units, pieceOf, before) : undefined) ?? named(units, pieceOf), replaced };
}

/** May the unit bind names of the module without saying so? Asked with every key, of all units; a head stays while its text does. */
export function makesNames({ head, text }: FrameUnit): boolean {
  return madeIn(head, text);
}

const madeIn = remembered((_head: Head, text: string) => /globals\(\)|setattr\(|^[ \t]*global /m.test(text));

/** What is told of a unit by its text alone, or all that was said of it where it was there before. */
type Piece = FrameUnit | Pick<FrameUnit, 'text' | 'head'>;
type PieceOf = (unit: Unit, index: number) => Piece;

function pieceIn(text: string): Piece {
  return { text, head: headOf(text) };
}

/** As `named`, for units of the same kinds and names as before, as they are with most keys: undefined for any others. */
function namedAlike(units: readonly Unit[], pieceOf: PieceOf, before: readonly FrameUnit[]): FrameUnit[] | undefined {
  const result: FrameUnit[] = [];
  for (let index = 0; index < units.length; index++) {
    const unit = units[index];
    const alike = before[index];
    if (unit === undefined || alike === undefined) return undefined;
    if (unit === alike.unit) {
      result.push(alike);
      continue;
    }
    const { text, head } = pieceOf(unit, index);
    if (unit.kind !== alike.unit.kind || head.name !== alike.head.name || head.digits !== alike.head.digits) return undefined;
    result.push({ unit, text, key: alike.key, head, owner: alike.owner });
  }
  return result;
}

function named(units: readonly Unit[], pieceOf: PieceOf): FrameUnit[] {
  const seen = new Map<string, number>();
  let owner: string | undefined;
  return units.map((unit, index) => {
    const piece = pieceOf(unit, index);
    const { text, head } = piece;
    if (unit.kind !== 'member') owner = unit.kind === 'class header' ? head.name : undefined;
    const base = unit.kind === 'member' ? `${owner ?? ''}.${head.name}` : head.name === '' ? '@' : head.name;
    const counted = base + head.digits;
    const ordinal = seen.get(counted) ?? 0;
    seen.set(counted, ordinal + 1);
    const key = `${base}#${head.digits}${ordinal}`;
    return 'unit' in piece && piece.unit === unit && piece.key === key && piece.owner === owner ? piece : { unit, text, key, head, owner };
  });
}

/** A name bound at module level. */
export type Binding =
  | { readonly kind: 'import'; readonly qualified: QualifiedName }
  | { readonly kind: 'function'; readonly node: () => FunctionDefinition | undefined }
  | { readonly kind: 'class'; readonly class: ClassShape }
  | { readonly kind: 'value'; readonly value: Expression | undefined; readonly path: readonly number[] };

/** `NAME = value`: parsed when somebody asks for the value. */
class PlainValue {
  readonly kind = 'value';
  readonly path: readonly number[] = [];
  readonly #frame: Frame;
  readonly #unit: FrameUnit;

  constructor(frame: Frame, unit: FrameUnit) {
    this.#frame = frame;
    this.#unit = unit;
  }

  get value(): Expression | undefined {
    const [first] = this.#frame.page(this.#unit).statements;
    return first?.type === 'assignment' ? first.value : undefined;
  }
}

/** A class as it is written: bases, and members by name. */
export interface ClassShape {
  readonly name: string;
  readonly qualified: QualifiedName;
  readonly frame: Frame;
  readonly namePlace: () => Place;
  readonly definition: () => ClassDefinition | undefined;
  readonly bases: () => readonly Expression[];
  readonly decorators: () => readonly Expression[];
  /** Methods that belong to the frame (not tests), the last definition of a name. */
  readonly method: (name: string) => FunctionDefinition | undefined;
  readonly methodNames: readonly string[];
  readonly testNames: readonly string[];
  /** Methods that may mention an attribute of `self`, in the order of writing. Told from their texts, without parsing them. */
  readonly mentioning: (name: string) => readonly string[];
  /** Class attributes `name = value`. */
  readonly attribute: (name: string) => Expression | undefined;
  readonly nested: (name: string) => ClassShape | undefined;
}

export type Parse = (text: string) => Arena;
/** What is known of a file beyond its own text: kept with its frame, and asked there by everybody else. */
export interface Surrounding {
  readonly workspace: Workspace;
  readonly classes: Classes;
  readonly resolver: Resolver;
}
export type SurroundingFor = (frame: Frame) => Surrounding;

export class Frame {
  readonly path: string;
  /** Dotted module name: `nova.tests.unit.test_x`; of a package's `__init__.py` the package. */
  readonly module: string;
  readonly isPackage: boolean;
  readonly units: readonly FrameUnit[];
  readonly resolver: Resolver;
  readonly workspace: Workspace;
  readonly classes: Classes;
  private readonly parse: Parse;
  private readonly pages = new Map<string, Page>();
  private texts: ReadonlyMap<string, string> | undefined;
  private bound: Map<string, Binding[]> | undefined;
  private readonly shapesByName = new Map<string, ClassShape>();
  /** Modules of `from m import *`. */
  readonly starImports: QualifiedName[] = [];

  constructor(path: string, module: string, units: readonly FrameUnit[], parse: Parse, surroundingFor: SurroundingFor) {
    this.path = path;
    this.module = module;
    this.isPackage = /(?:^|\/)__init__\.py$/.test(path);
    this.units = units;
    this.parse = parse;
    const { workspace, classes, resolver } = surroundingFor(this);
    this.workspace = workspace;
    this.classes = classes;
    this.resolver = resolver;
  }

  /** How many units are held as nodes. */
  get pageCount(): number {
    return this.pages.size;
  }

  /** Is the unit, as it is written, one of those that others may ask for? Tests, and what was typed since, are not. */
  holds(it: FrameUnit): boolean {
    if (it.head.isTest) return false;
    this.texts ??= new Map(this.units.map((each) => [each.key, each.text]));
    return this.texts.get(it.key) === it.text;
  }

  /** The page of a unit of this frame, parsed once. */
  page(it: FrameUnit): Page {
    const known = this.pages.get(it.key);
    if (known !== undefined) return known;
    const page = makePage(this, it, this.parse(parsable(it)));
    this.pages.set(it.key, page);
    return page;
  }

  /** The page of any unit of the file as it is now: of a test, or of what was typed since, made anew. */
  pageNow(it: FrameUnit): Page {
    return this.holds(it) ? this.page(it) : makePage(this, it, this.parse(parsable(it)));
  }

  /** What a module-level name is bound to, in order of writing. */
  bindings(name: string): readonly Binding[] {
    this.bound ??= this.bindAll();
    return this.bound.get(name) ?? [];
  }

  get boundNames(): Iterable<string> {
    this.bound ??= this.bindAll();
    return this.bound.keys();
  }

  classNamed(name: string): ClassShape | undefined {
    this.bound ??= this.bindAll();
    return this.shapesByName.get(name);
  }

  get shapes(): ClassShape[] {
    this.bound ??= this.bindAll();
    return [...this.shapesByName.values()];
  }

  /** Statements at module level that are neither imports nor definitions (assignments, `if`, `try`, calls), and say the word. */
  *looseStatements(word = ''): Iterable<Statement> {
    for (const it of this.units) {
      if (it.unit.kind === 'statement' && it.head.kind === 'other' && it.text.includes(word)) yield* this.page(it).statements;
    }
  }

  /** Module-level functions that belong to the frame. */
  *functions(): Iterable<FunctionDefinition> {
    for (const it of this.units) {
      if (it.unit.kind !== 'statement' || it.head.kind !== 'function' || it.head.isTest) continue;
      const node = this.page(it).statements[0];
      if (node?.type === 'function') yield node;
    }
  }

  private bindAll(): Map<string, Binding[]> {
    const bound = new Map<string, Binding[]>();
    this.bound = bound; // seen by resolvers that ask while we are at it
    const add = (name: string, binding: Binding) => {
      const list = bound.get(name);
      if (list === undefined) bound.set(name, [binding]);
      else list.push(binding);
    };
    for (const it of this.units) {
      if (it.unit.kind === 'member') continue;
      if (it.head.kind === 'class') {
        const shape = it.unit.kind === 'class header' ? this.shapeOfUnits(it) : new WrittenClass(this, it.head.name, () => this.definitionIn(it));
        this.shapesByName.set(it.head.name, shape);
        add(it.head.name, { kind: 'class', class: shape });
      } else if (it.head.kind === 'function') {
        if (!it.head.isTest) {
          const node = () => {
            const first = this.page(it).statements[0];
            return first?.type === 'function' ? first : undefined;
          };
          add(it.head.name, { kind: 'function', node });
        }
      } else this.bindLoose(it, add);
    }
    return bound;
  }

  private bindLoose(it: FrameUnit, add: (name: string, binding: Binding) => void): void {
    if (it.head.kind === 'import') {
      const plain = plainImport(it.text);
      if (plain === undefined) this.bindStatements(this.page(it).statements, add);
      else this.bindImport(plain, add);
      return;
    }
    const name = plainTarget(it.text);
    if (name === undefined) this.bindStatements(this.page(it).statements, add);
    else if (name !== '') add(name, new PlainValue(this, it));
  }

  private bindImport(it: PlainImport, add: (name: string, binding: Binding) => void): void {
    for (const name of importedNames(it, this)) {
      if (name.local === '*') this.starImports.push(name.qualified);
      else add(name.local, { kind: 'import', qualified: name.qualified });
    }
  }

  private bindStatements(statements: readonly Statement[], add: (name: string, binding: Binding) => void): void {
    for (const it of statements) {
      switch (it.type) {
        case 'import':
          this.bindImport(it, add);
          break;
        case 'assignment':
          for (const target of it.targets) bindTarget(target, it.value, [], add);
          break;
        case 'function':
          add(it.name, { kind: 'function', node: () => it });
          break;
        case 'class': {
          const shape = new WrittenClass(this, it.name, () => it);
          // What a block makes in its place, `class T: pass` where a library is missing, has no unit of its own.
          if (!this.shapesByName.has(it.name)) this.shapesByName.set(it.name, shape);
          add(it.name, { kind: 'class', class: shape });
          break;
        }
        case 'if':
        case 'while':
        case 'for':
          this.bindStatements(it.body, add);
          this.bindStatements(it.otherwise, add);
          break;
        case 'with':
          for (const item of it.items) if (item.target !== undefined) bindTarget(item.target, undefined, [], add);
          this.bindStatements(it.body, add);
          break;
        case 'try':
          this.bindStatements(it.body, add);
          for (const handler of it.handlers) this.bindStatements(handler.body, add);
          this.bindStatements(it.otherwise, add);
          this.bindStatements(it.final, add);
          break;
        default:
      }
    }
  }

  private definitionIn(it: FrameUnit): ClassDefinition | undefined {
    const first = this.page(it).statements[0];
    return first?.type === 'class' ? first : undefined;
  }

  private shapeOfUnits(header: FrameUnit): ClassShape {
    const index = this.units.indexOf(header);
    const members: FrameUnit[] = [];
    for (let it = index + 1; it < this.units.length; it++) {
      const member = this.units[it];
      if (member === undefined || member.unit.kind !== 'member') break;
      members.push(member);
    }
    const definition = () => this.definitionIn(header);
    let read: Members | undefined;
    const byName = () => {
      read ??= new Members(members);
      return read;
    };
    const name = header.head.name;
    return {
      name,
      qualified: `${this.module}.${name}`,
      frame: this,
      definition,
      namePlace: () => definition()?.namePlace ?? placeAt(this.page(header), 0, 0),
      bases: () => basesOf(definition()),
      decorators: () => definition()?.decorators ?? [],
      mentioning: (wanted) => byName().mentioning(wanted),
      methodNames: members.filter((it) => it.head.kind === 'function' && !it.head.isTest).map((it) => it.head.name),
      testNames: members.filter((it) => it.head.isTest).map((it) => it.head.name),
      method: (wanted) => firstOf(byName().functions(wanted), (it) => functionNamed(this.page(it).statements, wanted)),
      attribute: remembering((wanted) =>
        firstOf(byName().others, (it) => (it.text.includes(wanted) ? assignedIn(this.page(it).statements, wanted) : undefined)),
      ),
      nested: remembering((wanted) => {
        const unit = byName().class(wanted);
        return unit === undefined ? undefined : new WrittenClass(this, `${name}.${wanted}`, () => this.definitionIn(unit));
      }),
    };
  }
}

/**
 * A class by its definition: one in a block, in another class, or put together. No literal with getters: V8 gives each such
 * literal a hidden class of its own, which is old from the start and holds on to all that its getters see.
 */
class WrittenClass implements ClassShape {
  readonly name: string;
  readonly qualified: QualifiedName;
  readonly frame: Frame;
  readonly definition: () => ClassDefinition | undefined;

  constructor(frame: Frame, name: string, definition: () => ClassDefinition | undefined) {
    this.name = name;
    this.qualified = `${frame.module}.${name}`;
    this.frame = frame;
    this.definition = definition;
  }

  namePlace(): Place {
    const { path, resolver } = this.frame;
    return this.definition()?.namePlace ?? placeAt({ path, key: '', text: '', resolver, owner: undefined, statements: [], nodes: [] }, 0, 0);
  }

  bases(): readonly Expression[] {
    return basesOf(this.definition());
  }

  decorators(): readonly Expression[] {
    return this.definition()?.decorators ?? [];
  }

  get methodNames(): readonly string[] {
    return this.functions(false);
  }

  get testNames(): readonly string[] {
    return this.functions(true);
  }

  mentioning(): readonly string[] {
    return this.methodNames;
  }

  method(name: string): FunctionDefinition | undefined {
    return functionNamed(this.body, name);
  }

  attribute(name: string): Expression | undefined {
    return assignedIn(this.body, name);
  }

  nested(name: string): ClassShape | undefined {
    const inner = this.body.find((it): it is ClassDefinition => it.type === 'class' && it.name === name);
    return inner === undefined ? undefined : new WrittenClass(this.frame, `${this.name}.${name}`, () => inner);
  }

  private get body(): readonly Statement[] {
    return this.definition()?.body ?? [];
  }

  private functions(areTests: boolean): readonly string[] {
    return this.body.flatMap((it) => (it.type === 'function' && it.name.startsWith('test') === areTests ? it.name : []));
  }
}

/** Answers by name, each worked out once. */
function remembering<T>(find: (name: string) => T | undefined): (name: string) => T | undefined {
  let known: Map<string, T | undefined> | undefined;
  return (name) => {
    const found = known?.get(name);
    if (found !== undefined || known?.has(name) === true) return found;
    const result = find(name);
    known ??= new Map();
    known.set(name, result);
    return result;
  };
}

function firstOf<T>(units: readonly FrameUnit[], find: (it: FrameUnit) => T | undefined): T | undefined {
  for (const it of units) {
    const found = find(it);
    if (found !== undefined) return found;
  }
  return undefined;
}

/** The text that is given to the parser: a class header needs a body to be one. */
export function parsable(it: FrameUnit): string {
  return it.unit.kind === 'class header' ? `${it.text} pass` : it.text;
}

/** A page outside the frame's own store, for the body of a test. */
export function makePage(frame: Frame, it: FrameUnit, arena: Arena): Page {
  const page: Page = { path: frame.path, key: it.key, text: it.text, resolver: frame.resolver, owner: it.owner, statements: [], nodes: [] };
  buildPage(page, arena);
  return page;
}

/** Those of `with_metaclass(Meta, Base)` are what it is given after the metaclass. Sources: six 1.17, future 1.0, and copies of them. */
function basesOf(definition: ClassDefinition | undefined): readonly Expression[] {
  return (definition?.bases ?? []).flatMap((it) => {
    if (it.keyword !== undefined) return [];
    const { value } = it;
    if (value.type !== 'call' || value.method !== 'with_metaclass') return [value];
    return value.arguments.slice(1).flatMap((each) => (each.keyword === undefined ? [each.value] : []));
  });
}

function functionNamed(statements: readonly Statement[], name: string): FunctionDefinition | undefined {
  for (let it = statements.length - 1; it >= 0; it--) {
    const statement = statements[it];
    if (statement?.type === 'function' && statement.name === name) return statement;
    if (statement?.type === 'if') {
      const inside = functionNamed(statement.body, name) ?? functionNamed(statement.otherwise, name);
      if (inside !== undefined) return inside;
    }
  }
  return undefined;
}

function assignedIn(statements: readonly Statement[], name: string): Expression | undefined {
  for (const it of statements) {
    if (it.type === 'assignment' && it.operator === undefined && it.targets.some((target) => target.type === 'name' && target.id === name)) return it.value;
  }
  return undefined;
}

/** Binds the names of an assignment target; `path` leads into a tuple on the right. */
export function bindTarget(target: Expression, value: Expression | undefined, path: readonly number[], add: (name: string, binding: Binding) => void): void {
  if (target.type === 'name') add(target.id, { kind: 'value', value, path });
  else if (target.type === 'list' || target.type === 'tuple') {
    target.items.forEach((it, index) => {
      bindTarget(it, value, [...path, index], add);
    });
  } else if (target.type === 'star' && target.operand !== undefined) bindTarget(target.operand, undefined, path, add);
}

/** The local names that an import makes, and what they refer to. */
export function importedNames(it: PlainImport, frame: Frame): { local: string; qualified: QualifiedName }[] {
  if (it.from === undefined) {
    return it.names.map((name) => {
      if (name.as !== undefined) return { local: name.as, qualified: name.name };
      const top = name.name.split('.')[0] ?? name.name;
      return { local: top, qualified: top };
    });
  }
  const module = absoluteModule(it.from, frame);
  return it.names.map((name) =>
    name.name === '*' ? { local: '*', qualified: module } : { local: name.as ?? name.name, qualified: module === '' ? name.name : `${module}.${name.name}` },
  );
}

/** `..a.b` in `pkg.sub.test_x` is `pkg.a.b`. */
export function absoluteModule(written: string, frame: Frame): string {
  const dots = /^\.*/.exec(written)?.[0].length ?? 0;
  if (dots === 0) return written;
  const segments = frame.module === '' ? [] : frame.module.split('.');
  const up = frame.isPackage ? dots - 1 : dots;
  const base = segments.slice(0, Math.max(0, segments.length - up));
  const rest = written.slice(dots);
  return [...base, ...(rest === '' ? [] : [rest])].join('.');
}
