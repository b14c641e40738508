/** Names that are remembered: more than the largest suites have at a time. */
const MAX_NAMES = 20_000;

/** What is worked out once for every pair of names, and forgotten when there are too many. */
export class ByName<T> {
  private readonly known = new Map<string, Map<string, T>>();
  private readonly find: (first: string, second: string) => T;
  private size = 0;

  constructor(find: (first: string, second: string) => T) {
    this.find = find;
  }

  of(first: string, second = ''): T {
    const known = this.known.get(first)?.get(second);
    if (known !== undefined) return known;
    if (this.size >= MAX_NAMES) {
      this.known.clear();
      this.size = 0;
    }
    const result = this.find(first, second);
    const seconds = this.known.get(first);
    if (seconds === undefined) this.known.set(first, new Map([[second, result]]));
    else seconds.set(second, result);
    this.size += 1;
    return result;
  }
}
