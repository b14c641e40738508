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

/** The code with each of its own functions and classes as a test: the same lines. Undefined where it has none. */
export function asTests(code: string): string | undefined {
  const renamed = code
    .replace(/^((?:async )?def )(?!test)(?=\w)/gm, '$1test_')
    .replace(/^class (?!Test)(?=\w)/gm, 'class Test')
    .replace(/^( +(?:async )?def )(?!test|__|setUp|tearDown)(\w+\((?:self|cls)\b)/gm, '$1test_$2');
  return /^(?:async def|def|class) /m.test(code) ? renamed : undefined;
}

/** Does anything but imports and definitions stand at module level? */
export function hasLooseCode(code: string): boolean {
  return /^(?!(?:async def|def|class|import|from) |[@#"')\]}])\S/m.test(code);
}

/** The same lines, with a call where the code of `try` does nothing at all. */
export function busy(code: string): string {
  return code.replace(/^( *try: *\n\s+)(?:pass|\w+ = \w+)$/gm, '$1use()');
}

/** One statement at module level alone in a test function, below the imports of the code; and the line that it stands on. Undefined for others. */
export function alone(code: string, line: number): { readonly code: string; readonly line: number } | undefined {
  const lines = code.split('\n');
  const first = lines[line - 1] ?? '';
  if (!/^\S/.test(first) || /^(?:async |def |class |@|import |from |[#)\]}]|else|except|finally)/.test(first)) return undefined;
  let end = line;
  while (end < lines.length && (/^\s+\S/.test(lines[end] ?? '') || /^(?:[)\]}]|except|finally|else)/.test(lines[end] ?? ''))) end += 1;
  const imports = lines.filter((it) => /^(?:import|from) .*[^(\\]$/.test(it));
  const body = lines.slice(line - 1, end).map((it) => `    ${it}`);
  return { code: [...imports, 'def test_peer():', ...body, '    pass', ''].join('\n'), line: imports.length + 2 };
}

/** A text as a Python literal that is passed to something. */
export function passed(text: string): string {
  return `use(${JSON.stringify(text).replace(/[\u007f-\uffff]/g, (it) => `\\u${it.charCodeAt(0).toString(16).padStart(4, '0')}`)})\n`;
}
