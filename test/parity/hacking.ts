/** OpenStack's checks of style, on what they say of themselves: the docstrings of `hacking`, and the tests of nova's own checks. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Found, Sample } from './peer.ts';

/** The checks go by words, so their samples import nothing. */
const PRELUDE = 'from unittest import mock\n';

function sample(name: string, code: string, found: readonly Omit<Found, 'endLine'>[], about: readonly string[]): Sample {
  return { peer: 'hacking', name, code: `${PRELUDE}${code}\n`, found: found.map(({ id, line }) => ({ id, line: line + 1, endLine: line + 1 })), about };
}

/** `H201: try:\n    pass\nexcept:\n    pass`, or `Okay: …`, one on a line; where in it the check speaks is not said. */
export function hackingSamples(root: string): Sample[] {
  const folder = join(root, 'hacking/checks');
  return readdirSync(folder)
    .filter((it) => it.endsWith('.py'))
    .sort()
    .flatMap((file) =>
      readFileSync(join(folder, file), 'utf8')
        .split('"""')
        .flatMap((docstring) => {
          const cases = [...docstring.matchAll(/^ *(Okay|H\d{3}): (.*)$/gm)];
          const about = [...new Set(cases.flatMap(([, verdict = '']) => (verdict === 'Okay' ? [] : [verdict])))];
          return cases.map(([, verdict = '', text = ''], index): Sample => {
            const code = `${PRELUDE}${text.replaceAll('\\n', '\n').replaceAll('\\t', '\t')}\n`;
            const found = verdict === 'Okay' ? [] : [{ id: verdict, line: 2, endLine: code.split('\n').length }];
            return { peer: 'hacking', name: `${file} ${about.join(' ')} ${index + 1}`, code, found, about };
          });
        }),
    );
}

/** `code = """…"""`, then `_assert_has_errors(code, …)` with places like `[(1, 0, 'N366')]` or one for each line of a range. */
export function novaSamples(root: string): Sample[] {
  const text = readFileSync(join(root, 'nova/tests/unit/test_hacking.py'), 'utf8');
  return text.split(/^ {4}def /m).flatMap((test) => {
    const about = [...new Set([...test.matchAll(/'(N\d{3})'/g)].map(([, id = '']) => id))];
    const samples: Sample[] = [];
    let code = '';
    let errors = '';
    for (const [whole, block, listed] of test.matchAll(/\bcode = """([\s\S]*?)"""|\berrors = (.*)|_assert_has_(?:no_)?errors\([\s\S]*?\)$/gm)) {
      if (block !== undefined) code = dedented(block);
      else if (listed !== undefined) errors = listed;
      else if (!whole.includes('filename="nova/compute')) {
        const found = whole.includes('_no_') ? [] : placesIn(whole.includes('=errors') ? errors : whole);
        samples.push(sample(`test_hacking.py ${about.join(' ')} ${samples.length + 1}`, code, found, about));
      }
    }
    return samples;
  });
}

function placesIn(text: string): Omit<Found, 'endLine'>[] {
  const each = [...text.matchAll(/\((\d+), \d+, '(N\d{3})'\)/g)].map(([, line, id = '']) => ({ id, line: Number(line) }));
  const range = /\(x \+ 1, \d+, '(N\d{3})'\) for x in range\((\d+)\)/.exec(text);
  return range === null ? each : [...Array.from({ length: Number(range[2]) }, (_, index) => ({ id: range[1] ?? '', line: index + 1 })), ...each];
}

function dedented(block: string): string {
  const lines = block.replace(/^\n/, '').trimEnd().split('\n');
  const indent = /^ */.exec(lines[0] ?? '')?.[0].length ?? 0;
  return lines.map((it) => it.slice(indent)).join('\n');
}
