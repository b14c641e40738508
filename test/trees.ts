/** The arenas that tree-sitter gives, read in two ways, and Python to try on. */
import assert from 'node:assert/strict';
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { Language, Parser, type Tree } from 'web-tree-sitter';
import type { Arena } from '../server/syntax/arena.ts';
import { lower, vocabularyOf } from '../server/syntax/lower.ts';
import { memoryReader } from '../server/syntax/memory.ts';
import { ROOT } from './harness.ts';

export const started = (async () => {
  const module = { wasmBinary: readFileSync(join(ROOT, 'dist/tree-sitter.wasm')) };
  await Parser.init(module);
  const language = await Language.load(readFileSync(join(ROOT, 'dist/tree-sitter-python.wasm')));
  const parser = new Parser();
  parser.setLanguage(language);
  const vocabulary = vocabularyOf(language);
  const tree = (text: string): Tree => {
    const result = parser.parse(text);
    assert.ok(result !== null);
    return result;
  };
  const byMemory = memoryReader(module, language, vocabulary);
  const arena = (text: string): Arena => {
    const it = tree(text);
    const result = byMemory(it);
    it.delete();
    return result;
  };
  return { tree, arena, byMemory, byCursor: (it: Tree) => lower(it, vocabulary) };
})();

export function pythonBelow(folder: string): string[] {
  return readdirSync(folder).flatMap((it) => {
    const path = join(folder, it);
    return statSync(path).isDirectory() ? pythonBelow(path) : it.endsWith('.py') ? [path] : [];
  });
}
