/** A literal and what it is part of. */
import { constantText, type Expression, type Literal, type TestFile } from '../model.ts';
import type { Fix } from '../rule.ts';
import { isAboutSecrets } from './secrets.ts';

/** All of `'a' + 'b' + …` when the literal is its first part; the literal itself otherwise. */
export function outermostSum(literal: Literal): Expression {
  let outer: Expression = literal.node;
  for (let parent = outer.parent; parent?.type === 'operation' && parent.operator === '+'; parent = parent.parent) {
    if (parent.left !== outer) return literal.node;
    outer = parent;
  }
  return outer;
}

/** The text that `'a' + 'b' + …` makes when the literal is its first part; the literal's own text otherwise. */
export function wholeText(literal: Literal): string {
  const outer = outermostSum(literal);
  return outer === literal.node ? literal.content : (constantText(outer.value) ?? literal.content);
}

/** `text` as a literal of the same kind, in double quotes: bytes stay bytes. */
export function quotedLike(literal: Literal, text: string): string {
  return `${literal.node.type === 'string' && literal.node.bytes ? 'b' : ''}"${text}"`;
}

/** A fix that puts another text in the place of the literal; none for texts over several lines or in parts. */
export function instead(literal: Literal, text: string, title: string): { readonly fix?: Fix } {
  return literal.node.type === 'string' && !/\n/.test(literal.node.text)
    ? { fix: { title, safety: 'suggest', edits: [{ do: 'replace', at: literal.place, with: quotedLike(literal, text) }] } }
    : {};
}

/** Built from parts while the test runs, so that no whole secret stands in the source. */
export function isAssembled(literal: Literal): boolean {
  const { parent } = literal.node;
  return literal.node.type === 'fstring' || (parent?.type === 'operation' && (parent.operator === '+' || parent.operator === '*' || parent.operator === '%'));
}

/** Is finding or hiding secrets what the test is about? */
export function aboutSecrets(literal: Literal, file: TestFile): boolean {
  return (
    isAboutSecrets(literal.owner?.name ?? '') ||
    isAboutSecrets(literal.owner?.class?.name ?? '') ||
    isAboutSecrets(file.path.slice(file.path.lastIndexOf('/') + 1))
  );
}
