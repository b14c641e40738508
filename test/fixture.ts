/**
 * The mark language: Python with the expected findings written into it. Marks are removed before analysis.
 *
 *     import telnetlib  #! unencrypted          a finding starts on this line; its message contains the text
 *     requests.get(url, verify=False)
 *     #                 ^^^^^^^^^^^^ any cert    the exact span in the line above; several such lines may follow
 *
 * A caret line may stand at any indentation; carets align with the line above by column.
 */

export interface Expectation {
  /** From 1, in the clean text. */
  readonly line: number;
  /** Exact columns (from 1, end exclusive) for caret marks; undefined for `#!`. */
  readonly column: number | undefined;
  readonly endColumn: number | undefined;
  readonly message: string;
}

export interface Marked {
  readonly clean: string;
  readonly expected: readonly Expectation[];
}

export function readMarks(source: string): Marked {
  const clean: string[] = [];
  const expected: Expectation[] = [];
  for (const line of source.split('\n')) {
    const caret = /^(\s*#[ ]*)(\^+)[ ]?(.*)$/.exec(line);
    if (caret !== null) {
      const column = (caret[1] ?? '').length + 1;
      expected.push({ line: clean.length, column, endColumn: column + (caret[2] ?? '').length, message: (caret[3] ?? '').trim() });
      continue;
    }
    const mark = /^(.*?)[ ]*#![ ]?(.*)$/.exec(line);
    if (mark !== null) {
      clean.push(mark[1] ?? '');
      expected.push({ line: clean.length, column: undefined, endColumn: undefined, message: (mark[2] ?? '').trim() });
    } else clean.push(line);
  }
  return { clean: clean.join('\n'), expected };
}

/** The source without its marks. */
export function withoutMarks(source: string): string {
  return readMarks(source).clean;
}
