/**
 * tree-sitter → arena by reading the parser's memory: no call crosses the border to WebAssembly, which makes it
 * about fifteen times faster than the public cursor of `lower.ts`.
 *
 * It knows how web-tree-sitter 0.27 lays out its trees (`subtree.h`, `language.h`), which nobody promises. So it is
 * used only where it gave the same arenas as the cursor on a sample (`builderOf` in `parser.ts`), and given up for
 * good when it throws.
 */
import type { Language, Tree } from 'web-tree-sitter';
import { type Arena, ArenaBuilder } from './arena.ts';
import * as K from './kinds.ts';
import { isLeaf, type Vocabulary } from './lower.ts';

/** What emscripten makes of the options it is started with; the view is made anew when the memory grows. */
interface Module {
  readonly HEAPU8?: Uint8Array;
}

const ERROR = 65535;
const ERROR_REPEAT = 65534;
/** In the table of fields: says nothing, the parent's word counts. */
const NO_FIELD = 255;

/** `TSLanguage`: offsets of what is read. */
const LANGUAGE = { abi: 0, symbols: 4, aliases: 8, productions: 28, maxAlias: 36, fieldSlices: 64, fieldEntries: 68, publicSymbols: 76, aliasSequences: 84 };
const FIRST_KNOWN_ABI = 14;
const LAST_KNOWN_ABI = 15;

/** A reader of trees of one language; throws when the memory does not look as expected. */
export function memoryReader(started: object, language: Language, { kindOf, fieldOf }: Vocabulary): (tree: Tree) => Arena {
  const module: Module = started;
  let memory = module.HEAPU8;
  if (memory === undefined) throw new Error('the memory is not to be had');
  const address = addressOf(language);
  let u8 = memory;
  let u16 = new Uint16Array(u8.buffer);
  let u32 = new Uint32Array(u8.buffer);
  const word = (at: number) => u32[at >>> 2] ?? 0;
  const half = (at: number) => u16[at >>> 1] ?? 0;

  const abi = word(address + LANGUAGE.abi);
  if (abi < FIRST_KNOWN_ABI || abi > LAST_KNOWN_ABI) throw new Error(`unknown layout ${abi}`);
  const symbols = word(address + LANGUAGE.symbols) + word(address + LANGUAGE.aliases);
  const productions = word(address + LANGUAGE.productions);
  const maxAlias = half(address + LANGUAGE.maxAlias);
  if (symbols > ERROR_REPEAT || productions > 10_000 || maxAlias > 255) throw new Error('a language of impossible size');

  /** By the grammar's symbol. */
  const kinds = new Uint8Array(ERROR + 1);
  const publicSymbols = word(address + LANGUAGE.publicSymbols);
  for (let it = 0; it < symbols; it++) kinds[it] = kindOf[half(publicSymbols + it * 2)] ?? K.IGNORED;
  kinds[ERROR] = K.ERROR;

  /** By production and index of the child: another symbol that it goes by, or 0. */
  const aliases = new Uint16Array(productions * maxAlias);
  const aliasSequences = word(address + LANGUAGE.aliasSequences);
  for (let it = maxAlias; it < aliases.length; it++) aliases[it] = half(aliasSequences + it * 2);

  /** By production and index of the child: one of our fields, 0 for one that we do not keep, or `NO_FIELD`. */
  const width = 64;
  const fields = new Uint8Array(productions * width).fill(NO_FIELD);
  const slices = word(address + LANGUAGE.fieldSlices);
  const entries = word(address + LANGUAGE.fieldEntries);
  for (let production = 0; production < productions; production++) {
    const first = half(slices + production * 4);
    const count = half(slices + production * 4 + 2);
    for (let it = entries + first * 4; it < entries + (first + count) * 4; it += 4) {
      const child = u8[it + 2] ?? 0;
      const inherited = u8[it + 3] !== 0;
      if (inherited || child >= width || fields[production * width + child] !== NO_FIELD) continue;
      fields[production * width + child] = fieldOf[half(it)] ?? 0;
    }
  }

  const builder = new ArenaBuilder();
  // One entry per node that is open: a stack of numbers, since broken text can nest without limit.
  let size = 256;
  let opened = new Int32Array(size); // index in the arena, or -1 for a node that the grammar hides
  let nextChild = new Int32Array(size);
  let lastChild = new Int32Array(size);
  let position = new Int32Array(size); // bytes, behind the child before
  let structural = new Int32Array(size); // index among the children that count
  let production = new Int32Array(size);
  let ownField = new Uint8Array(size); // what a hidden node is to its parent

  const grow = () => {
    size *= 2;
    const grown = (old: Int32Array) => {
      const it = new Int32Array(size);
      it.set(old);
      return it;
    };
    opened = grown(opened);
    nextChild = grown(nextChild);
    lastChild = grown(lastChild);
    position = grown(position);
    structural = grown(structural);
    production = grown(production);
    const bytes = new Uint8Array(size);
    bytes.set(ownField);
    ownField = bytes;
  };

  return (tree) => {
    memory = module.HEAPU8;
    if (memory !== undefined && memory !== u8) {
      u8 = memory;
      u16 = new Uint16Array(u8.buffer);
      u32 = new Uint32Array(u8.buffer);
    }
    builder.reset();
    const root = addressOf(tree);
    // What it cost to make sense of the text, but for what is dropped: nothing, where nothing was skipped or made up.
    let cost = word(word(root) + 32);
    let top = -1;
    let slot = root; // of the subtree that is looked at
    let padding = true; // of the root alone: it starts behind its own blanks
    let at = 0;
    let field = 0;
    let alias = 0;
    for (;;) {
      // One subtree: an inline leaf of eight bytes, or a pointer.
      const flags = u8[slot] ?? 0;
      const inline = (flags & 1) !== 0;
      const pointer = inline ? 0 : word(slot);
      let symbol: number;
      let bytes: number;
      let count = 0;
      let visible: boolean;
      if (inline) {
        symbol = u8[slot + 1] ?? 0;
        visible = (flags & 2) !== 0;
        bytes = u8[slot + 7] ?? 0;
        if (padding) at = u8[slot + 6] ?? 0;
      } else {
        symbol = half(pointer + 40);
        visible = ((u8[pointer + 44] ?? 0) & 1) !== 0;
        bytes = word(pointer + 16);
        count = word(pointer + 36);
        if (padding) at = word(pointer + 4);
      }
      padding = false;
      const shown = alias !== 0 ? alias : symbol;
      let open = -1;
      let descend: boolean;
      if (visible || alias !== 0 || top < 0) {
        const kind = kinds[shown] ?? K.IGNORED;
        descend = false;
        if (kind !== K.IGNORED) {
          const start = at >>> 1;
          const end = (at + bytes) >>> 1;
          open = builder.open(kind, field, start, end);
          descend = count > 0 && !isLeaf(kind);
          if (!descend) builder.close(open);
        } else if (count > 0) cost -= word(pointer + 32);
      } else descend = count > 0;
      if (descend) {
        top += 1;
        if (top === size) grow();
        opened[top] = open;
        nextChild[top] = pointer - count * 8;
        lastChild[top] = pointer;
        position[top] = at - word(pointer + 4); // the first child's blanks are its parent's too
        structural[top] = 0;
        production[top] = half(pointer + 66);
        ownField[top] = open < 0 ? field : NO_FIELD;
      }
      // The next one: a child, a sibling, or a sibling of somebody around.
      for (;;) {
        if (top < 0) {
          builder.broken = cost > 0;
          return builder.finish();
        }
        if (nextChild[top] !== lastChild[top]) break;
        const done = opened[top] ?? -1;
        if (done >= 0) builder.close(done);
        top -= 1;
      }
      slot = nextChild[top] ?? 0;
      nextChild[top] = slot + 8;
      const childFlags = u8[slot] ?? 0;
      const childInline = (childFlags & 1) !== 0;
      const child = childInline ? 0 : word(slot);
      const extra = childInline ? (childFlags & 8) !== 0 : ((u8[child + 44] ?? 0) & 4) !== 0;
      const before = childInline ? (u8[slot + 6] ?? 0) : word(child + 4);
      const long = childInline ? (u8[slot + 7] ?? 0) : word(child + 16);
      at = (position[top] ?? 0) + before;
      position[top] = at + long;
      alias = 0;
      field = 0;
      if (!extra) {
        const index = structural[top] ?? 0;
        structural[top] = index + 1;
        const rule = production[top] ?? 0;
        if (rule !== 0 && index < maxAlias) alias = aliases[rule * maxAlias + index] ?? 0;
        const own = index < width ? (fields[rule * width + index] ?? NO_FIELD) : NO_FIELD;
        field = own !== NO_FIELD ? own : (ownField[top] ?? NO_FIELD);
        if (field === NO_FIELD) field = 0;
      }
    }
  };
}

/** Where a thing of the library lies in its memory. */
function addressOf(it: Tree | Language): number {
  const address = (it as unknown as { readonly 0: unknown })[0];
  if (typeof address !== 'number' || address <= 0) throw new Error('no address');
  return address;
}
