/** What people have written beside their code. A comment proves nothing, but it says that somebody has decided. */
import type { FunctionSubject, Statement } from '../model.ts';

/** Three words or more behind a `#` that no text holds. */
const REMARK = /^[^#'"]*(#[^\w\n]*\w[^\s#]*\s+\S+\s+\S.*)/;
const TO_DO = /^#\W*(?:todo|fixme|xxx|noqa|nosec|nosonar|pragma|pylint|type:|flake8|ruff)/i;

/**
 * The comments right above a statement and inside it; no note of something to be done, and no word to a tool. Where the
 * same text stands twice in the owner, what is above belongs to either, and is left out.
 */
export function* remarksOn(statement: Statement, owner: FunctionSubject): Iterable<string> {
  const source = owner.node.text;
  const at = source.indexOf(statement.text);
  const above = at === source.lastIndexOf(statement.text) ? source.slice(0, Math.max(at, 0)) : '';
  const lines = above.trimEnd().split('\n');
  let from = lines.length;
  while (from > 0 && /^\s*#/.test(lines[from - 1] ?? '')) from -= 1;
  for (const line of [...lines.slice(from), ...statement.text.split('\n')]) {
    const remark = REMARK.exec(line)?.[1];
    if (remark !== undefined && !TO_DO.test(remark)) yield remark;
  }
}
