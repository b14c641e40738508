/**
 * A page is one unit of a file with its nodes: what places point into, and through which nodes resolve
 * what they refer to. Positions inside a page are relative to the unit's text.
 */
import type { Expression, Node, QualifiedName, Statement, Value } from '../../rules/model.ts';

export interface Resolver {
  nameOf(expression: Expression): QualifiedName | undefined;
  valueOf(expression: Expression): Value;
  /** What a name or an attribute of `self` was given, where it is used; empty when that cannot be told. */
  sourcesOf(expression: Expression): readonly Expression[];
}

export interface Page {
  /** Path of the file, relative to the root. */
  readonly path: string;
  /** Names the unit within its file, whatever its position: `TestA.setUp#0`. */
  readonly key: string;
  readonly text: string;
  readonly resolver: Resolver;
  /** Class that the unit is a member of, by its name in the file. */
  readonly owner: string | undefined;
  statements: readonly Statement[];
  /** Every node, outermost first, in order of writing. */
  nodes: readonly Node[];
}
