/** What rules are told of classes and functions, read as late as it is asked for. */
import type { ClassFacts, Definition, Expression, FunctionDefinition, FunctionFacts, Guarantee, Place, QualifiedName } from '../../rules/model.ts';
import { TEST_CASE_BASES } from '../../rules/python/unittest.ts';
import type { Classes } from './classes.ts';
import type { ClassShape } from './frame.ts';
import { Facts } from './frameworks.ts';
import { returnedExpressions } from './names.ts';

/** What is said of a class; its methods are read when somebody asks. */
export class OfClass implements ClassFacts {
  readonly type = 'class facts';
  readonly name: string;
  readonly qualified: QualifiedName;
  readonly ancestors: readonly QualifiedName[];
  readonly unresolved: ClassFacts['unresolved'];
  readonly isTest: boolean;
  readonly hasTests: boolean;
  readonly inheritsTests: boolean;
  readonly #shape: ClassShape;
  readonly #classes: Classes;
  #methods: ReadonlyMap<string, FunctionFacts> | undefined;

  constructor(shape: ClassShape, classes: Classes) {
    const ancestry = classes.ancestry(shape);
    this.name = shape.name;
    this.qualified = shape.qualified;
    this.ancestors = ancestry.names;
    this.unresolved = ancestry.unresolved;
    this.isTest = classes.isTest(shape);
    this.hasTests = shape.testNames.length > 0;
    this.inheritsTests = ancestry.known.some((it) => it !== shape && it.testNames.length > 0) || ancestry.names.some((it) => TEST_CASE_BASES.has(it));
    this.#shape = shape;
    this.#classes = classes;
  }

  guarantees(what: Guarantee): ReturnType<ClassFacts['guarantees']> {
    return this.#classes.guarantees(this.#shape, what);
  }

  guarantor(what: Guarantee): QualifiedName | undefined {
    return this.#classes.guarantor(this.#shape, what);
  }

  inherits(method: string): ReturnType<ClassFacts['inherits']> {
    return this.#classes.inherits(this.#shape, method);
  }

  registers(method: Parameters<ClassFacts['registers']>[0]): boolean {
    return this.#classes.registers(this.#shape, method);
  }

  get namePlace(): Place {
    return this.#shape.namePlace();
  }

  get bases(): readonly Expression[] {
    return this.#shape.bases();
  }

  get decorators(): readonly Expression[] {
    return this.#shape.decorators();
  }

  get methods(): ReadonlyMap<string, FunctionFacts> {
    if (this.#methods === undefined) {
      const methods = new Map<string, FunctionFacts>();
      for (const name of this.#shape.methodNames) {
        const node = this.#shape.method(name);
        if (node !== undefined) methods.set(name, new Facts(node, true));
      }
      this.#methods = methods;
    }
    return this.#methods;
  }
}

/** Reading the body costs; most who ask for a definition want its place. */
export class OfFunction implements Definition {
  readonly kind = 'function';
  readonly path: string;
  readonly place: Place;
  readonly qualified: QualifiedName;
  readonly parameters: readonly string[];
  readonly decorators: readonly Expression[];
  readonly node: FunctionDefinition;
  readonly #describe: (node: FunctionDefinition) => string | undefined;

  constructor(node: FunctionDefinition, path: string, qualified: QualifiedName, describe: (node: FunctionDefinition) => string | undefined) {
    this.path = path;
    this.place = node.namePlace;
    this.qualified = qualified;
    this.parameters = node.parameters.map((it) => it.name);
    this.decorators = node.decorators;
    this.node = node;
    this.#describe = describe;
  }

  get does(): string | undefined {
    return this.#describe(this.node);
  }

  get returns(): boolean {
    return givesBack(this.node);
  }
}

/** Does a `return` or `yield` of the function give something to its caller? */
function givesBack(node: FunctionDefinition): boolean {
  if (node.text.includes('yield')) return true;
  return returnedExpressions(node).some((it) => it.type !== 'constant' || it.constant !== 'None');
}
