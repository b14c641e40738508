/**
 * Hostile Python: real text and the rules' own examples, cut, spliced and stained. Every choice comes from one list of
 * numbers, so that fast-check can make it smaller and a seed makes it again.
 */
import { RULES } from '../../rules/index.ts';
import { withoutMarks } from '../fixture.ts';
import { filesOf } from '../harness.ts';

/** A source of whole numbers below a bound. */
export type Choose = (below: number) => number;

export function seeded(seed: number): Choose {
  let state = seed >>> 0 || 1;
  return (below) => {
    state ^= state << 13;
    state >>>= 0;
    state ^= state >>> 17;
    state ^= state << 5;
    state >>>= 0;
    return state % below;
  };
}

/** From a list of numbers, over and over: what fast-check gives. */
export function listed(numbers: readonly number[]): Choose {
  let at = 0;
  return (below) => (numbers.length === 0 ? 0 : (numbers[at++ % numbers.length] ?? 0) % below);
}

export const EXAMPLES: readonly string[] = RULES.flatMap((rule) =>
  rule.examples.flatMap((it) => Object.values(filesOf('bad' in it ? it.bad : it.good)).map(withoutMarks)),
);

const STAINS: readonly string[] = [
  '(',
  ')',
  '[',
  ']',
  '{',
  '}',
  '"',
  "'",
  '"""',
  "'''",
  '\\',
  '\\\n',
  '#',
  ':',
  ',',
  '.',
  '=',
  ':=',
  '->',
  '@',
  '*',
  '**',
  ';',
  '`',
  '$',
  '?',
  '!',
  '\0',
  '\ufeff',
  '\r\n',
  '\r',
  '\f',
  '\t',
  '\v',
  '\u2028',
  '\u2029',
  '\u0085',
  '\ud800',
  '\udfff',
  '\u202e',
  '\u2066',
  '\u200b',
  'é',
  '😀',
  '\u0301',
  'ﬁ',
  '𝐱',
  'f"{',
  '}"',
  'f"{x!r:{y}}"',
  'f"{f"{a["b"]}"}"',
  'rb"',
  'u"',
  't"{x}"',
  '0x',
  '1e',
  '1_000',
  '0b2',
  '1j',
  '...',
  'def ',
  'class ',
  'async ',
  'await ',
  'lambda: ',
  'yield ',
  'yield from ',
  'return ',
  'raise ',
  'with ',
  'as ',
  'if ',
  'else:',
  'elif x:',
  'try:\n',
  'except ',
  'except* E:\n',
  'finally:\n',
  'for x in ',
  'while True:\n',
  'match x:\n  case {"a": [1, *_]} if y:\n    pass\n',
  'type X[T: int = str, *Ts, **P] = list[T]\n',
  'def f[T](x: T, /, y, *, z) -> T: ...\n',
  'class A[T](B, metaclass=C): ...\n',
  'print "a"\n',
  'exec "b" in c\n',
  'except E, e:\n',
  'raise E, "m"\n',
  '0777L',
  'ur"x"',
  '<>',
  'print >>f, x\n',
  'from . import *\n',
  'from .a import (b as c,)\n',
  'import a.b.c as d\n',
  'global x\n',
  'nonlocal y\n',
  'del x[0]\n',
  'assert (x, "y")\n',
  '@mock.patch("a.b")\n',
  'self.',
  'self.addCleanup(',
  'mock.patch(',
  '.start()',
  '.stop()',
  'with pytest.raises(Exception):\n',
  'os.environ["A"] = "b"\n',
  'requests.get("https://h.corp.net", verify=False)\n',
  '# attest: ignore[',
  '# attest: ignore-file[mocking] r\n',
  '# nosec',
  '# noqa: S501',
  'yaml.load(x)\n',
  'pickle.loads(',
  'eval(',
  'subprocess.run(f"a {b}", shell=True)\n',
  '\n',
  '\n\n',
  '    ',
  '  ',
  '\t\t',
  ' '.repeat(40),
  '\n\n\nclass T(T):\n',
  'x = x\n',
  'x = y = x.z\n',
];

const OPENERS = '([{';

/** One hostile text, made from some of `seeds`. */
export function hostile(choose: Choose, seeds: readonly string[]): string {
  const pick = () => seeds[choose(seeds.length)] ?? '';
  let text = pick();
  const rounds = 1 + choose(4);
  for (let round = 0; round < rounds; round++) {
    const at = choose(text.length + 1);
    switch (choose(14)) {
      case 0:
        text = text.slice(0, at);
        break;
      case 1:
        text = text.slice(at);
        break;
      case 2: {
        const other = pick();
        text = text.slice(0, at) + other.slice(choose(other.length + 1));
        break;
      }
      case 3:
        text = text.slice(0, at) + text.slice(at + 1 + choose(30));
        break;
      case 4: {
        const lines = text.split('\n');
        const line = choose(lines.length);
        lines.splice(line, 1, ...(choose(2) === 0 ? [] : [lines[line] ?? '', lines[line] ?? '']));
        text = lines.join('\n');
        break;
      }
      case 5: {
        const lines = text.split('\n');
        const line = choose(lines.length);
        lines[line] = (choose(2) === 0 ? ' '.repeat(choose(9)) : '\t') + (lines[line] ?? '').trimStart();
        text = lines.join('\n');
        break;
      }
      case 6:
        text = text.replaceAll('\n', choose(2) === 0 ? '\r\n' : '\r');
        break;
      case 7: {
        const opener = OPENERS[choose(3)] ?? '(';
        text = text.slice(0, at) + opener.repeat(1 + choose(60)) + text.slice(at);
        break;
      }
      case 8: {
        const from = choose(text.length + 1);
        const piece = text.slice(from, from + choose(80));
        text = text.slice(0, at) + piece + text.slice(at);
        break;
      }
      default:
        text = text.slice(0, at) + (STAINS[choose(STAINS.length)] ?? '') + text.slice(at);
    }
  }
  return text;
}
