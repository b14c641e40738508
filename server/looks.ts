/**
 * Which files look into which. A review depends on its own file and on all that can be reached from there, so that it is
 * enough to tell once what a file looks into, however many reviews get there.
 */

/** A path that a review looked into, and the hash of what was there; empty for no file. */
export interface Dependency {
  readonly path: string;
  readonly hash: string;
}

/** What a file began to look into. */
export interface Look {
  readonly from: Dependency;
  readonly into: readonly Dependency[];
}

/** No content has this hash: two reviews saw different ones, so that neither can be told to hold. */
const DIFFERENT = 'different';

interface LookNode {
  readonly path: string;
  hash: string;
  /** Most paths have no file that could look anywhere. */
  into: Set<number> | undefined;
}

const NOTHING: ReadonlySet<number> = new Set();

export class Looks {
  private readonly numbers = new Map<string, number>();
  private readonly nodes: LookNode[] = [];
  private readonly known = new Map<Dependency, number>();

  note(it: Dependency): number {
    const noted = this.known.get(it);
    if (noted !== undefined) return noted;
    const before = this.numbers.get(it.path);
    const number = before ?? this.nodes.length;
    const node = this.nodes[number];
    if (node === undefined) {
      this.numbers.set(it.path, number);
      this.nodes.push({ path: it.path, hash: it.hash, into: undefined });
    } else if (node.hash !== it.hash) node.hash = DIFFERENT;
    this.known.set(it, number);
    return number;
  }

  add({ from, into }: Look): void {
    const node = this.nodes[this.note(from)];
    if (node === undefined || into.length === 0) return;
    node.into ??= new Set();
    for (const it of into) node.into.add(this.note(it));
  }

  /** Does a file reach one of these paths, or is it one? */
  reaches(path: string, wanted: ReadonlySet<string>): boolean {
    return this.reachedFrom([path], (it) => wanted.has(it)) === undefined;
  }

  /** All that can be reached from these paths, they included; undefined as soon as one is `enough`. */
  reachedFrom(paths: Iterable<string>, enough: (path: string) => boolean = () => false): Look[] | undefined {
    const reached = new Set<number>();
    for (const it of paths) {
      const number = this.numbers.get(it);
      if (number !== undefined) reached.add(number);
    }
    const looks: Look[] = [];
    // A set that grows is walked to its new end.
    for (const number of reached) {
      const node = this.nodes[number];
      if (node === undefined) continue;
      if (enough(node.path)) return undefined;
      const { into = NOTHING } = node;
      for (const it of into) reached.add(it);
      looks.push({ from: node, into: Array.from(into, (it) => this.nodes[it]).filter((it) => it !== undefined) });
    }
    return looks;
  }
}
