import { detached } from '../syntax/names.ts';

/** Names that are remembered: more than the largest suites have at a time. */
const MAX_NAMES = 20_000;
/** From so many on, a table is worth its memory. */
const MANY = 8;

/** One of the first answers for a first name; most have a single one. */
interface Answer<T> {
  readonly second: string;
  readonly value: T;
  readonly others: Answer<T> | undefined;
}

/** What is worked out once for every pair of names, and forgotten when there are too many. */
export class ByName<T extends object> {
  private readonly known = new Map<string, Answer<T>>();
  /** The answers that come behind the first ones. */
  private readonly tables = new Map<string, Map<string, T>>();
  private readonly find: (first: string, second: string) => T;
  private size = 0;

  constructor(find: (first: string, second: string) => T) {
    this.find = find;
  }

  of(first: string, second = ''): T {
    let length = 0;
    for (let it = this.known.get(first); it !== undefined; it = it.others) {
      if (it.second === second) return it.value;
      length += 1;
    }
    const known = length < MANY ? undefined : this.tables.get(first)?.get(second);
    // A name may be cut out of a text, that must not stay for it.
    return known ?? this.keep(detached(first), detached(second), length);
  }

  private keep(first: string, second: string, length: number): T {
    const value = this.find(first, second);
    if (this.size >= MAX_NAMES) {
      this.known.clear();
      this.tables.clear();
      this.size = 0;
    }
    this.size += 1;
    const table = this.tables.get(first);
    if (length < MANY || !this.known.has(first)) this.known.set(first, { second, value, others: this.known.get(first) });
    else if (table === undefined) this.tables.set(first, new Map([[second, value]]));
    else table.set(second, value);
    return value;
  }
}
