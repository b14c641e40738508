/**
 * A syntax tree without objects: parallel arrays in pre-order. Node 0 is the root; the first child of `i`
 * is `i + 1` when `i + 1 < next[i]`; the sibling after `i` is `next[i]` while that lies inside the parent.
 *
 * `start` and `end` are UTF-16 code units relative to the start of the parsed text. About 14 bytes a node,
 * no references: cheap to keep, cheap to drop.
 */
export interface Arena {
  readonly size: number;
  /** One of `kinds.ts`. */
  readonly kind: Uint8Array;
  /** One of `kinds.ts` (`F_…`): the role in the parent. */
  readonly field: Uint8Array;
  readonly start: Int32Array;
  readonly end: Int32Array;
  /** Index behind the node's subtree. */
  readonly next: Int32Array;
  /** The tree holds an error node, or something that the parser made up. */
  readonly broken: boolean;
}

/** Grows while a tree is written, and is used again for the next one. */
export class ArenaBuilder {
  private kind = new Uint8Array(4096);
  private field = new Uint8Array(4096);
  private start = new Int32Array(4096);
  private end = new Int32Array(4096);
  private next = new Int32Array(4096);
  private size = 0;
  broken = false;

  reset(): void {
    this.size = 0;
    this.broken = false;
  }

  /** Opens a node and gives its index; `close` must follow when its children are written. */
  open(kind: number, field: number, start: number, end: number): number {
    const index = this.size++;
    if (index === this.kind.length) this.grow();
    this.kind[index] = kind;
    this.field[index] = field;
    this.start[index] = start;
    this.end[index] = end;
    return index;
  }

  close(index: number): void {
    this.next[index] = this.size;
  }

  finish(): Arena {
    const { size } = this;
    return {
      size,
      kind: this.kind.slice(0, size),
      field: this.field.slice(0, size),
      start: this.start.slice(0, size),
      end: this.end.slice(0, size),
      next: this.next.slice(0, size),
      broken: this.broken,
    };
  }

  private grow(): void {
    const length = this.kind.length * 2;
    const bytes = (old: Uint8Array) => {
      const grown = new Uint8Array(length);
      grown.set(old);
      return grown;
    };
    const words = (old: Int32Array) => {
      const grown = new Int32Array(length);
      grown.set(old);
      return grown;
    };
    this.kind = bytes(this.kind);
    this.field = bytes(this.field);
    this.start = words(this.start);
    this.end = words(this.end);
    this.next = words(this.next);
  }
}
