/**
 * tree-sitter → arena. The only file that knows the grammar's names (tree-sitter-python 0.25.0). Keeps
 * named nodes, drops comments, punctuation and keywords; operators are read from the text between operands.
 */
import type { Language, Node, Tree, TreeCursor } from 'web-tree-sitter';
import { type Arena, ArenaBuilder } from './arena.ts';
import * as K from './kinds.ts';

const KINDS: Readonly<Record<string, number>> = {
  module: K.MODULE,
  block: K.BLOCK,
  expression_statement: K.EXPRESSION_STATEMENT,
  assignment: K.ASSIGNMENT,
  augmented_assignment: K.AUGMENTED_ASSIGNMENT,
  return_statement: K.RETURN,
  raise_statement: K.RAISE,
  assert_statement: K.ASSERT,
  delete_statement: K.DELETE,
  pass_statement: K.PASS,
  break_statement: K.BREAK,
  continue_statement: K.CONTINUE,
  global_statement: K.GLOBAL,
  nonlocal_statement: K.NONLOCAL,
  import_statement: K.IMPORT,
  import_from_statement: K.IMPORT_FROM,
  future_import_statement: K.FUTURE_IMPORT,
  aliased_import: K.ALIASED_IMPORT,
  wildcard_import: K.WILDCARD,
  relative_import: K.RELATIVE_IMPORT,
  dotted_name: K.DOTTED_NAME,
  if_statement: K.IF,
  elif_clause: K.ELIF,
  else_clause: K.ELSE,
  while_statement: K.WHILE,
  for_statement: K.FOR,
  try_statement: K.TRY,
  except_clause: K.EXCEPT,
  finally_clause: K.FINALLY,
  with_statement: K.WITH,
  with_clause: K.WITH_CLAUSE,
  with_item: K.WITH_ITEM,
  as_pattern: K.AS_PATTERN,
  as_pattern_target: K.AS_TARGET,
  function_definition: K.FUNCTION,
  class_definition: K.CLASS,
  decorated_definition: K.DECORATED,
  decorator: K.DECORATOR,
  parameters: K.PARAMETERS,
  lambda_parameters: K.PARAMETERS,
  default_parameter: K.DEFAULT_PARAMETER,
  typed_parameter: K.TYPED_PARAMETER,
  typed_default_parameter: K.TYPED_DEFAULT_PARAMETER,
  list_splat_pattern: K.SPLAT_PATTERN,
  dictionary_splat_pattern: K.DICT_SPLAT_PATTERN,
  match_statement: K.MATCH,
  case_clause: K.CASE,
  case_pattern: K.CASE_PATTERN,
  print_statement: K.OLD_PRINT,
  exec_statement: K.OTHER_STATEMENT,
  type_alias_statement: K.TYPE_ALIAS,
  identifier: K.IDENTIFIER,
  attribute: K.ATTRIBUTE,
  call: K.CALL,
  argument_list: K.ARGUMENTS,
  keyword_argument: K.KEYWORD_ARGUMENT,
  list_splat: K.LIST_SPLAT,
  parenthesized_list_splat: K.LIST_SPLAT,
  dictionary_splat: K.DICT_SPLAT,
  string: K.STRING,
  string_start: K.STRING_START,
  string_content: K.STRING_CONTENT,
  interpolation: K.INTERPOLATION,
  concatenated_string: K.CONCATENATED_STRING,
  integer: K.INTEGER,
  float: K.FLOAT,
  true: K.TRUE,
  false: K.FALSE,
  none: K.NONE,
  ellipsis: K.ELLIPSIS,
  list: K.LIST,
  tuple: K.TUPLE,
  set: K.SET,
  dictionary: K.DICTIONARY,
  pair: K.PAIR,
  list_comprehension: K.LIST_COMPREHENSION,
  set_comprehension: K.SET_COMPREHENSION,
  dictionary_comprehension: K.DICT_COMPREHENSION,
  generator_expression: K.GENERATOR,
  for_in_clause: K.FOR_CLAUSE,
  if_clause: K.IF_CLAUSE,
  binary_operator: K.BINARY,
  unary_operator: K.UNARY,
  not_operator: K.NOT,
  boolean_operator: K.BOOLEAN,
  comparison_operator: K.COMPARISON,
  lambda: K.LAMBDA,
  conditional_expression: K.CONDITIONAL,
  named_expression: K.WALRUS,
  await: K.AWAIT,
  yield: K.YIELD,
  parenthesized_expression: K.PARENTHESIZED,
  expression_list: K.TUPLE,
  pattern_list: K.TUPLE,
  tuple_pattern: K.TUPLE,
  list_pattern: K.LIST,
  subscript: K.SUBSCRIPT,
  slice: K.SLICE,
  type: K.TYPE,
  format_specifier: K.FORMAT_SPECIFIER,
  format_expression: K.OTHER_EXPRESSION,
};

/** Named, but of no interest to anybody, with all below them. */
const DROPPED: ReadonlySet<string> = new Set([
  'comment',
  'line_continuation',
  'escape_sequence',
  'escape_interpolation',
  'string_end',
  'type_conversion',
  'import_prefix',
  'positional_separator',
  'keyword_separator',
  'type_parameter',
  'chevron',
]);

const FIELDS: Readonly<Record<string, number>> = {
  name: K.F_NAME,
  value: K.F_VALUE,
  left: K.F_LEFT,
  right: K.F_RIGHT,
  type: K.F_TYPE,
  body: K.F_BODY,
  condition: K.F_CONDITION,
  consequence: K.F_CONSEQUENCE,
  alternative: K.F_ALTERNATIVE,
  function: K.F_FUNCTION,
  arguments: K.F_ARGUMENTS,
  object: K.F_OBJECT,
  attribute: K.F_ATTRIBUTE,
  subscript: K.F_SUBSCRIPT,
  alias: K.F_ALIAS,
  module_name: K.F_MODULE,
  parameters: K.F_PARAMETERS,
  superclasses: K.F_SUPERCLASSES,
  definition: K.F_DEFINITION,
  key: K.F_KEY,
  cause: K.F_CAUSE,
  argument: K.F_ARGUMENT,
  expression: K.F_EXPRESSION,
  subject: K.F_SUBJECT,
  return_type: K.F_RETURN_TYPE,
  guard: K.F_GUARD,
};

const ERROR_TYPE = 65535;

/** The grammar's numbers for its nodes and fields, translated to ours. */
export interface Vocabulary {
  readonly kindOf: Uint8Array;
  readonly fieldOf: Uint8Array;
}

export function vocabularyOf(language: Language): Vocabulary {
  const kindOf = new Uint8Array(ERROR_TYPE + 1);
  for (let type = 0; type < language.nodeTypeCount; type++) {
    const name = language.nodeTypeForId(type);
    if (name === null || !language.nodeTypeIsNamed(type) || DROPPED.has(name)) continue;
    kindOf[type] = KINDS[name] ?? K.OTHER_EXPRESSION;
  }
  kindOf[ERROR_TYPE] = K.ERROR;
  const fieldOf = new Uint8Array(language.fieldCount + 1);
  for (let field = 1; field <= language.fieldCount; field++) fieldOf[field] = FIELDS[language.fieldNameForId(field) ?? ''] ?? 0;
  return { kindOf, fieldOf };
}

const builder = new ArenaBuilder();

/** The arena of a tree, through the public cursor; the tree is left as it was. */
export function lower(tree: Tree, { kindOf, fieldOf }: Vocabulary): Arena {
  builder.reset();
  const cursor = tree.walk();
  lowerNode(cursor, kindOf, fieldOf);
  cursor.delete();
  return builder.finish();
}

/** Iterative, since broken text can nest without limit. */
function lowerNode(cursor: TreeCursor, kindOf: Uint8Array, fieldOf: Uint8Array): void {
  const open: number[] = [];
  const { hasError } = cursor.currentNode;
  for (;;) {
    const kind = kindOf[cursor.nodeTypeId] ?? K.OTHER_EXPRESSION;
    let descend = false;
    if (hasError) builder.broken ||= isWrong(cursor.currentNode, kind);
    if (kind !== K.IGNORED) {
      const start = cursor.startIndex;
      const end = cursor.endIndex;
      const index = builder.open(kind, fieldOf[cursor.currentFieldId] ?? 0, start, end);
      descend = !isLeaf(kind) && cursor.gotoFirstChild();
      if (descend) {
        open.push(index);
        continue;
      }
      builder.close(index);
    }
    while (!cursor.gotoNextSibling()) {
      const parent = open.pop();
      if (parent === undefined) return;
      builder.close(parent);
      cursor.gotoParent();
    }
  }
}

/** Was something skipped or made up here? What the grammar hides counts to what it is in, and what is dropped does not count. */
function isWrong(node: Node, kind: number): boolean {
  if (!node.hasError) return false;
  if (kind === K.IGNORED) return node.childCount === 0;
  return kind === K.ERROR || isLeaf(kind) || !node.children.some((it) => it?.hasError);
}

/** Nothing below these is of interest. */
export function isLeaf(kind: number): boolean {
  return (
    kind === K.IDENTIFIER ||
    kind === K.STRING_CONTENT ||
    kind === K.STRING_START ||
    kind === K.INTEGER ||
    kind === K.FLOAT ||
    kind === K.DOTTED_NAME ||
    kind === K.RELATIVE_IMPORT
  );
}
