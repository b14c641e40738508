/**
 * The members of a class, by name: of those who ask a class for a name, most ask for one that it does not have. The last definition
 * of a name comes first.
 */
import type { FrameUnit } from './frame.ts';

export class Members {
  /** What is neither a method nor a class. */
  readonly others: readonly FrameUnit[];
  readonly #units: readonly FrameUnit[];
  readonly #functions = new Map<string, FrameUnit[]>();
  readonly #classes = new Map<string, FrameUnit>();
  /** Others with definitions in them: `if` statements. */
  readonly #conditional: readonly FrameUnit[];
  #mentioning: ReadonlyMap<string, readonly string[]> | undefined;

  /** In the order of writing. */
  constructor(units: readonly FrameUnit[]) {
    const others: FrameUnit[] = [];
    for (let index = units.length - 1; index >= 0; index--) {
      const it = units[index];
      if (it === undefined || it.head.isTest) continue;
      const { kind, name } = it.head;
      if (kind === 'other') others.push(it);
      else if (kind === 'class') this.#classes.set(name, this.#classes.get(name) ?? it);
      else this.#functions.set(name, [...(this.#functions.get(name) ?? NONE), it]);
    }
    this.others = others;
    this.#units = units;
    this.#conditional = others.filter((it) => DEFINES.test(it.text));
  }

  /** Where a method of that name may be defined; tests are none of these. */
  functions(name: string): readonly FrameUnit[] {
    const named = this.#functions.get(name) ?? NONE;
    if (this.#conditional.length === 0) return named;
    const conditional = this.#conditional.filter((it) => it.text.includes(name));
    if (conditional.length === 0) return named;
    return [...named, ...conditional].sort((a, b) => b.unit.start - a.unit.start);
  }

  class(name: string): FrameUnit | undefined {
    return this.#classes.get(name);
  }

  /** Methods that may mention an attribute of `self`, each once: all of them where something else in the class does. */
  mentioning(attribute: string): readonly string[] {
    this.#mentioning ??= attributesMentioned(this.#units);
    return this.#mentioning.get(attribute) ?? NONE;
  }
}

const NONE: readonly never[] = [];
const DEFINES = /\bdef\b/;
const ATTRIBUTE = /\b(?:self|cls)[\s\\]*\.[\s\\]*([\w\u0080-\uffff]+)/g;

/** The methods that mention an attribute of `self`, by its name. */
function attributesMentioned(units: readonly FrameUnit[]): ReadonlyMap<string, readonly string[]> {
  const methods = new Set<string>();
  const byAttribute = new Map<string, Set<string>>();
  const byAll = new Set<string>();
  for (const { head, text } of units) {
    if (head.isTest) continue;
    const method = head.kind === 'function' ? head.name : undefined;
    if (method !== undefined) methods.add(method);
    for (const [, name = ''] of text.matchAll(ATTRIBUTE)) {
      if (method === undefined) byAll.add(name);
      else byAttribute.set(name, (byAttribute.get(name) ?? new Set()).add(method));
    }
  }
  const every = [...methods];
  const result = new Map<string, readonly string[]>();
  for (const [name, its] of byAttribute) result.set(name, [...its]);
  for (const name of byAll) result.set(name, every);
  return result;
}
