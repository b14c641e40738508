/** What is taken from another tool's test data: code, and what that tool finds in it. */
import type { Rule } from '../../rules/rule.ts';

export type PeerName = keyof NonNullable<Rule['peers']>;

export interface Found {
  /** The tool's id of the rule. */
  readonly id: string;
  /** Lines of the sample, from 1, both included. */
  readonly line: number;
  readonly endLine: number;
}

export interface Sample {
  readonly peer: PeerName;
  /** File, and which of its samples: what `deviations.md` refers to. */
  readonly name: string;
  /** Python, at module level. */
  readonly code: string;
  readonly found: readonly Found[];
  /** Rules that the sample is about: what they find elsewhere in it, the tool does not. */
  readonly about: readonly string[];
}

/** The code inside a test function: the same lines, one further down. Lines inside longer texts stay as they are. */
export function inTest(code: string): string {
  let open: string | undefined;
  const lines = code.split('\n').map((line) => {
    const inside = open !== undefined;
    for (const [quote] of line.replace(/\\./g, '  ').matchAll(/"""|'''/g)) {
      if (open === undefined) open = quote;
      else if (open === quote) open = undefined;
    }
    return inside || line.trim() === '' ? line : `    ${line}`;
  });
  return `def test_peer():\n${lines.join('\n')}\n    pass\n`;
}

/** A text as a Python literal that is passed to something. */
export function passed(text: string): string {
  return `use(${JSON.stringify(text).replace(/[\u007f-\uffff]/g, (it) => `\\u${it.charCodeAt(0).toString(16).padStart(4, '0')}`)})\n`;
}
