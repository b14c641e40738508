/**
 * Python text → arena, through web-tree-sitter. Started from bytes, never from a path or URL: the engine
 * has no file access, and path loading breaks between Node versions and in web workers.
 */
import { Language, Parser } from 'web-tree-sitter';
import type { Arena } from './arena.ts';
import { lower, vocabularyOf } from './lower.ts';

export interface PythonParser {
  /** The tree of a stretch of Python; never throws, broken text gives error nodes. */
  parse(text: string): Arena;
}

let started: Promise<void> | undefined;

/** Loads the runtime once per process, and the grammar. Rejects when the bytes are not what they should be. */
export async function createParser(runtime: Uint8Array, grammar: Uint8Array): Promise<PythonParser> {
  started ??= Parser.init({ wasmBinary: runtime });
  await started;
  const language = await Language.load(grammar);
  const vocabulary = vocabularyOf(language);
  const parser = new Parser();
  parser.setLanguage(language);
  return {
    parse(text) {
      const tree = parser.parse(text);
      if (tree === null) throw new Error('the parser gave no tree');
      try {
        return lower(tree, vocabulary);
      } finally {
        tree.delete();
      }
    },
  };
}
