import { detached } from '../syntax/names.ts';

/** Names that are remembered: more than the largest suites have at a time. */
const MAX_NAMES = 20_000;
/** From so many on, a table is worth its memory. */
const MANY = 8;

/** Answers for one first name; most have a single one. */
class Answers<T> {
  private readonly second: string;
  private readonly value: T;
  private others: Answers<T> | undefined = undefined;
  private table: Map<string, T> | undefined = undefined;
  private size = 1;

  constructor(second: string, value: T) {
    this.second = second;
    this.value = value;
  }

  of(second: string): T | undefined {
    if (this.second === second) return this.value;
    if (this.table !== undefined) return this.table.get(second);
    for (let it = this.others; it !== undefined; it = it.others) if (it.second === second) return it.value;
    return undefined;
  }

  add(second: string, value: T): void {
    this.size += 1;
    if (this.table !== undefined) this.table.set(second, value);
    else if (this.size <= MANY) {
      const { others } = this;
      this.others = new Answers(second, value);
      this.others.others = others;
    } else {
      this.table = new Map([[second, value]]);
      for (let it = this.others; it !== undefined; it = it.others) this.table.set(it.second, it.value);
      this.others = undefined;
    }
  }
}

/** What is worked out once for every pair of names, and forgotten when there are too many. */
export class ByName<T extends object> {
  private readonly known = new Map<string, Answers<T>>();
  private readonly find: (first: string, second: string) => T;
  private size = 0;

  constructor(find: (first: string, second: string) => T) {
    this.find = find;
  }

  of(first: string, second = ''): T {
    const known = this.known.get(first)?.of(second);
    if (known !== undefined) return known;
    const value = this.find(first, second);
    // A name may be cut out of a text, that must not stay for it.
    this.keep(detached(first), detached(second), value);
    return value;
  }

  private keep(first: string, second: string, value: T): void {
    if (this.size >= MAX_NAMES) {
      this.known.clear();
      this.size = 0;
    }
    this.size += 1;
    const answers = this.known.get(first);
    if (answers === undefined) this.known.set(first, new Answers(second, value));
    else answers.add(second, value);
  }
}
