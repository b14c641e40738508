/**
 * Python text → arena: by `descent.ts` where it is sure, else through web-tree-sitter. That is started from bytes, never
 * from a path or URL: the engine has no file access, and path loading breaks between Node versions and in web workers.
 */
import { Language, Parser, type Tree } from 'web-tree-sitter';
import { Arena } from './arena.ts';
import { descent } from './descent.ts';
import * as K from './kinds.ts';
import { lower, vocabularyOf } from './lower.ts';
import { memoryReader } from './memory.ts';

export interface PythonParser {
  /** The tree of a stretch of Python; never throws, broken text gives error nodes. */
  parse(text: string): Arena;
}

/** Reads a tree into an arena; the tree is left as it was. */
export type ArenaReader = (tree: Tree) => Arena;

/** What the ways from tree to arena are compared on: hidden nodes, aliases, fields, what is made up, signs of two units. */
const SAMPLE = `\ufeff# coding: utf-8
from __future__ import annotations
import os.path as p, sys
from ..a.b import (c as d, e)
@pytest.mark.parametrize("a, b", [(1, 2), (3, *four)], ids=lambda it: f"{it!r:>{w}}😀{{")
async def test_it(self, *args: int, k: "é" = -1, **kw) -> dict[str, int]:
    """Doc \\n string"""
    with open("a" 'b', encoding=b"\\x00") as f, x.y(): pass
    async with (a as b, c as d):
        await g(x for x in y if not z)
    try:
        raise E(1) from None
    except (A, B) as e:
        del a[0], b.c
    except* C: ...
    else:
        x: int = y = z if a and b or c else d[1:2, ::3]
    finally:
        global h; nonlocal i; return (yield from j)
class A(B, metaclass=M):
    x = {**a, 'b': [i for i in j], 'c': {k: v for k, v in w}, 'd': {*e}}
    if a < b <= c != d in e is not f: x += 1
    elif (n := 10) > 5: assert x, "m"
    else:
        while True: continue
        for i, (j, k) in l: break
match x:
    case {"a": [1, *_], **r} if y: print(0x1F, 1.5e3, 1_000j)
type X[T] = list[T]
def broken(a, (b):
    x = [1,
    "open
lambda *a, b=1: (a @ b) ** ~c
exec "a" in b
print >>f, "b"
`;

/** Reads ordinary Python only, and is there at once. `refused` is told of any other text, which comes out empty. */
export function createOrdinaryParser(refused: () => void): PythonParser {
  return {
    parse(text) {
      const ordinary = descent(text);
      if (ordinary === undefined) refused();
      return ordinary ?? EMPTY;
    },
  };
}

const EMPTY = new Arena(Int32Array.of(K.MODULE, 0, 0, 1), true);

let started: Promise<object> | undefined;

/** Loads the runtime once per process, and the grammar. Rejects when the bytes are not what they should be. */
export async function createParser(runtime: Uint8Array, grammar: Uint8Array): Promise<PythonParser> {
  started ??= start(runtime);
  const module = await started;
  const language = await Language.load(grammar);
  const vocabulary = vocabularyOf(language);
  const parser = new Parser();
  parser.setLanguage(language);
  const treeOf = (text: string): Tree => {
    const tree = parser.parse(text);
    if (tree === null) throw new Error('the parser gave no tree');
    return tree;
  };
  const byCursor: ArenaReader = (tree) => lower(tree, vocabulary);
  // Made when first needed, since ordinary text does not get here.
  let read: ArenaReader | undefined;
  const reader = (): ArenaReader => {
    const sample = treeOf(SAMPLE);
    const faster = fasterReader(() => memoryReader(module, language, vocabulary), byCursor, sample);
    sample.delete();
    return faster;
  };
  return {
    parse(text) {
      const ordinary = descent(text);
      if (ordinary !== undefined) return ordinary;
      read ??= reader();
      const tree = treeOf(text);
      try {
        return read(tree);
      } finally {
        tree.delete();
      }
    },
  };
}

async function start(runtime: Uint8Array): Promise<object> {
  const options = { wasmBinary: runtime };
  await Parser.init(options);
  return options; // has become emscripten's module, and holds the memory
}

/**
 * The fast reader where it says the same of a sample as the sure one, else the sure one; and the sure one from then on
 * when the fast one throws. Nobody notices but the clock.
 */
export function fasterReader(makeFast: () => ArenaReader, sure: ArenaReader, sample: Tree): ArenaReader {
  let fast: ArenaReader | undefined;
  try {
    fast = makeFast();
    if (!sameArena(fast(sample), sure(sample))) return sure;
  } catch {
    return sure;
  }
  return (tree) => {
    if (fast !== undefined) {
      try {
        return fast(tree);
      } catch {
        fast = undefined;
      }
    }
    return sure(tree);
  };
}

export function sameArena(a: Arena, b: Arena): boolean {
  if (a.size !== b.size || a.broken !== b.broken) return false;
  return a.nodes.every((it, index) => it === b.nodes[index]);
}
