/** A literal and what it is part of. */
import { constantText, type Expression, type Literal, type TestFile } from '../model.ts';
import { isAboutSecrets } from './secrets.ts';

/** The text that `'a' + 'b' + …` makes when the literal is its first part; the literal's own text otherwise. */
export function wholeText(literal: Literal): string {
  let outer: Expression = literal.node;
  for (let parent = outer.parent; parent?.type === 'operation' && parent.operator === '+'; parent = parent.parent) {
    if (parent.left !== outer) return literal.content;
    outer = parent;
  }
  return outer === literal.node ? literal.content : (constantText(outer.value) ?? literal.content);
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
