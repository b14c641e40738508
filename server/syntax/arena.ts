/**
 * A syntax tree without objects: numbers in pre-order. Node 0 is the root; the first child of `i` is `i + 1`
 * when `i + 1 < nextOf(i)`; the sibling after `i` is `nextOf(i)` while that lies inside the parent.
 *
 * Starts and ends are UTF-16 code units relative to the start of the parsed text. 16 bytes a node in one
 * piece, no references: cheap to make, cheap to keep, cheap to drop.
 */
export class Arena {
  /** Four numbers a node: kind and field in the lowest two bytes of the first, start, end, and the index behind its subtree. */
  readonly nodes: Int32Array;
  readonly size: number;
  /** The tree holds an error node, or something that the parser made up. */
  readonly broken: boolean;

  constructor(nodes: Int32Array, broken: boolean) {
    this.nodes = nodes;
    this.size = nodes.length >> 2;
    this.broken = broken;
  }

  /** One of `kinds.ts`; 0 for no node. */
  kindOf(index: number): number {
    return (this.nodes[index << 2] ?? 0) & 0xff;
  }
  /** One of `kinds.ts` (`F_…`): the role in the parent. */
  fieldOf(index: number): number {
    return (this.nodes[index << 2] ?? 0) >> 8;
  }
  startOf(index: number): number {
    return this.nodes[(index << 2) + 1] ?? 0;
  }
  endOf(index: number): number {
    return this.nodes[(index << 2) + 2] ?? 0;
  }
  /** Index behind the node's subtree. */
  nextOf(index: number): number {
    return this.nodes[(index << 2) + 3] ?? index + 1;
  }
}

/** Grows while a tree is written, and is used again for the next one. */
export class ArenaBuilder {
  private nodes = new Int32Array(16_384);
  private size = 0;
  broken = false;

  reset(): void {
    this.size = 0;
    this.broken = false;
  }

  /** Opens a node and gives its index; `close` must follow when its children are written. */
  open(kind: number, field: number, start: number, end: number): number {
    const index = this.size++;
    const at = index << 2;
    if (at === this.nodes.length) this.grow();
    const { nodes } = this;
    nodes[at] = kind | (field << 8);
    nodes[at + 1] = start;
    nodes[at + 2] = end;
    return index;
  }

  close(index: number): void {
    this.nodes[(index << 2) + 3] = this.size;
  }

  finish(): Arena {
    return new Arena(this.nodes.slice(0, this.size << 2), this.broken);
  }

  private grow(): void {
    const grown = new Int32Array(this.nodes.length * 2);
    grown.set(this.nodes);
    this.nodes = grown;
  }
}
