/** Names that are remembered: more than the largest suites have at a time. */
const MAX_NAMES = 20_000;
/** From so many on, a table is worth its memory. */
const MANY = 8;

/** Answers for one first name; most have a single one. */
interface Answer<T> {
  readonly second: string;
  readonly value: T;
  readonly others: Answer<T> | undefined;
}

/** What is worked out once for every pair of names, and forgotten when there are too many. */
export class ByName<T> {
  private readonly known = new Map<string, Answer<T> | Map<string, T>>();
  private readonly find: (first: string, second: string) => T;
  private size = 0;

  constructor(find: (first: string, second: string) => T) {
    this.find = find;
  }

  of(first: string, second = ''): T {
    const answers = this.known.get(first);
    if (answers instanceof Map) {
      const known = answers.get(second);
      if (known !== undefined) return known;
    } else {
      for (let it = answers; it !== undefined; it = it.others) if (it.second === second) return it.value;
    }
    const value = this.find(first, second);
    this.keep(first, second, value);
    return value;
  }

  private keep(first: string, second: string, value: T): void {
    if (this.size >= MAX_NAMES) {
      this.known.clear();
      this.size = 0;
    }
    this.size += 1;
    const answers = this.known.get(first);
    if (answers instanceof Map) answers.set(second, value);
    else this.known.set(first, lengthOf(answers) < MANY ? { second, value, others: answers } : tableOf(answers).set(second, value));
  }
}

function lengthOf(answers: Answer<unknown> | undefined): number {
  let length = 0;
  for (let it = answers; it !== undefined; it = it.others) length += 1;
  return length;
}

function tableOf<T>(answers: Answer<T> | undefined): Map<string, T> {
  const table = new Map<string, T>();
  for (let it = answers; it !== undefined; it = it.others) table.set(it.second, it.value);
  return table;
}
