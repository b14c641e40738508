/**
 * gitleaks' own true and false positives, which its generator of rules holds as Go code. Only what is needed
 * of Go is read: texts, `+`, lists, and the functions that make samples. Random parts come from a fixed seed.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { passed, type Sample } from './peer.ts';

type GoValue = string | readonly string[] | undefined;

let seed = 1;
function random(below: number): number {
  seed = (seed * 48271) % 2147483647;
  return seed % below;
}

/** The layouts that gitleaks puts a secret into, by what they look like in each language. */
function layouts(name: string, secret: string): string[] {
  const token = `${name}Token`;
  const constant = `${name.toUpperCase()}_TOKEN`;
  return [
    `${token}="${secret}"`,
    `${token} = "${secret}"`,
    `${token}=${secret}`,
    `${token} = ${secret}`,
    `{\n    "${name}_token": "${secret}"\n}`,
    `{"config.ini": "${constant}=${secret}\\nBACKUP_ENABLED=true"}`,
    `<${token}>\n    ${secret}\n</${token}>`,
    `${name}_token: ${secret}`,
    `${name}_token: '${secret}'`,
    `${name}_token: "${secret}"`,
    `string ${token} = "${secret}";`,
    `var ${token} string = "${secret}"`,
    `${token} := "${secret}"`,
    `${token} := \`${secret}\``,
    `String ${token} = "${secret}";`,
    `var ${token} = "${secret}"`,
    `$${token} .= "${secret}"`,
    `${token} = '${secret}'`,
    `System.setProperty("${constant}", "${secret}")`,
    `  "${token}" => "${secret}"`,
    `${name}_TOKEN ?= "${secret}"`,
  ];
}

/** A text that matches a pattern of letters, classes, groups and counts. */
function matching(pattern: string): string {
  let at = 0;
  const alternatives = (): string => {
    const choices = [sequence()];
    while (pattern[at] === '|') {
      at += 1;
      choices.push(sequence());
    }
    return choices[random(choices.length)] ?? '';
  };
  const sequence = (): string => {
    let text = '';
    while (at < pattern.length && pattern[at] !== '|' && pattern[at] !== ')') {
      const start = at;
      let piece = one();
      const end = at;
      const counted = times();
      if (counted !== undefined) {
        const after = at;
        piece = '';
        for (let count = 0; count < counted; count++) {
          at = start;
          piece += one();
        }
        at = Math.max(after, end);
      }
      text += piece;
    }
    return text;
  };
  const times = (): number | undefined => {
    const match = /^(?:\{(\d+)(,?)(\d*)\}|([*+?]))\??/.exec(pattern.slice(at));
    if (match === null) return undefined;
    at += match[0].length;
    if (match[4] !== undefined) return match[4] === '+' ? 1 + random(6) : match[4] === '*' ? random(6) : random(2);
    const from = Number(match[1]);
    const to = match[2] === '' ? from : match[3] === '' ? from + 10 : Number(match[3]);
    return from + random(to - from + 1);
  };
  const one = (): string => {
    const letter = pattern[at] ?? '';
    if (letter === '(') {
      at += 1;
      const flags = /^\?(?:P<\w+>|i?:|[a-z-]+\))/.exec(pattern.slice(at))?.[0] ?? '';
      at += flags.length;
      if (flags.endsWith(')')) return '';
      const text = alternatives();
      at += 1;
      return text;
    }
    if (letter === '[') return fromClass();
    at += 1;
    if (letter !== '\\') return letter === '.' ? 'x' : letter;
    const escaped = pattern[at++] ?? '';
    if (escaped === 'b') return '';
    const letters = CLASSES[escaped];
    return letters === undefined ? escaped : (letters[random(letters.length)] ?? '');
  };
  const fromClass = (): string => {
    at += 1;
    let letters = '';
    while (at < pattern.length && pattern[at] !== ']') {
      let letter = pattern[at++] ?? '';
      if (letter === '\\') {
        letter = pattern[at++] ?? '';
        if (CLASSES[letter] !== undefined) {
          letters += CLASSES[letter];
          continue;
        }
      }
      const last = pattern[at + 1];
      if (pattern[at] === '-' && last !== undefined && last !== ']') {
        for (let code = letter.charCodeAt(0); code <= last.charCodeAt(0); code++) letters += String.fromCharCode(code);
        at += 2;
      } else letters += letter;
    }
    at += 1;
    return letters[random(letters.length)] ?? '';
  };
  return alternatives();
}

const DIGITS = '0123456789';
const SMALL = 'abcdefghijklmnopqrstuvwxyz';
const CLASSES: Readonly<Record<string, string>> = { d: DIGITS, w: `${SMALL}${SMALL.toUpperCase()}${DIGITS}_`, s: ' ' };

/** Functions of the generator, by their last name. */
function call(name: string, values: readonly GoValue[]): GoValue {
  const [first, second] = values;
  const size = typeof first === 'string' ? first : '';
  switch (name) {
    case 'Numeric':
      return `[0-9]{${size}}`;
    case 'Hex':
      return `[a-f0-9]{${size}}`;
    case 'AlphaNumeric':
      return `[a-z0-9]{${size}}`;
    case 'AlphaNumericExtendedShort':
      return `[a-z0-9_-]{${size}}`;
    case 'AlphaNumericExtended':
      return `[a-z0-9=_\\-]{${size}}`;
    case 'AlphaNumericExtendedLong':
      return `[a-z0-9\\/=_\\+\\-]{${size}}`;
    case 'Hex8_4_4_4_12':
      return '[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}';
    case 'NewSecret':
      return typeof first === 'string' ? matching(first) : undefined;
    case 'GenerateSampleSecret':
      return typeof first === 'string' && typeof second === 'string' ? `${first}_api_token = "${second}"` : undefined;
    case 'GenerateSampleSecrets':
      return typeof first === 'string' && typeof second === 'string' ? layouts(first, second) : undefined;
    case 'Sprintf': {
      let next = 1;
      return typeof first === 'string' && values.every((it) => typeof it === 'string')
        ? first.replace(/%[sv]/g, () => String(values[next++] ?? ''))
        : undefined;
    }
    case 'ToUpper':
      return typeof first === 'string' ? first.toUpperCase() : undefined;
    case 'append': {
      const lists = values.map((it) => (typeof it === 'string' ? [it] : (it ?? [])));
      return lists.flat();
    }
    default:
      return undefined;
  }
}

/** Reads one expression of Go from `at`. */
class GoReader {
  private readonly text: string;
  private readonly variables: ReadonlyMap<string, GoValue>;
  at: number;

  constructor(text: string, at: number, variables: ReadonlyMap<string, GoValue>) {
    this.text = text;
    this.at = at;
    this.variables = variables;
  }

  expression(): GoValue {
    let value = this.operand();
    for (;;) {
      this.space();
      if (this.text[this.at] !== '+') return value;
      this.at += 1;
      const right = this.operand();
      value = typeof value === 'string' && typeof right === 'string' ? value + right : undefined;
    }
  }

  private space(): void {
    const match = /^(?:\s|\/\/[^\n]*|\/\*[\s\S]*?\*\/)*/.exec(this.text.slice(this.at));
    this.at += match?.[0].length ?? 0;
  }

  private operand(): GoValue {
    this.space();
    const rest = this.text.slice(this.at);
    if (rest.startsWith('`')) {
      const end = this.text.indexOf('`', this.at + 1);
      const value = this.text.slice(this.at + 1, end);
      this.at = end + 1;
      return value;
    }
    const quoted = /^"(?:\\.|[^"\\])*"/.exec(rest)?.[0];
    if (quoted !== undefined) {
      this.at += quoted.length;
      return unquoted(quoted);
    }
    const list = /^(?:\[\]string|map\[string\]string)\s*\{/.exec(rest)?.[0];
    if (list !== undefined) {
      this.at += list.length;
      return this.items('}').flatMap((it) => (typeof it === 'string' ? [it] : []));
    }
    const name = /^[A-Za-z_][\w.]*/.exec(rest)?.[0] ?? '';
    if (name === '') {
      this.at += 1;
      return undefined;
    }
    this.at += name.length;
    if (this.text[this.at] !== '(') return this.variables.get(name);
    this.at += 1;
    return call(name.slice(name.lastIndexOf('.') + 1), this.items(')'));
  }

  /** Values up to a closing bracket; of `key: value` the value. */
  private items(close: string): GoValue[] {
    const values: GoValue[] = [];
    for (;;) {
      this.space();
      if (this.at >= this.text.length) return values;
      if (this.text[this.at] === close) {
        this.at += 1;
        return values;
      }
      let value = this.expression();
      this.space();
      if (this.text[this.at] === ':') {
        this.at += 1;
        value = this.expression();
        this.space();
      }
      values.push(value);
      if (this.text.startsWith('...', this.at)) this.at += 3;
      this.space();
      if (this.text[this.at] === ',') this.at += 1;
    }
  }
}

function unquoted(quoted: string): string {
  return quoted.slice(1, -1).replace(/\\(u[0-9a-fA-F]{4}|x[0-9a-fA-F]{2}|.)/g, (_, it: string) => {
    const plain = { n: '\n', t: '\t', r: '\r' }[it];
    return plain ?? (it.length > 1 ? String.fromCharCode(Number.parseInt(it.slice(1), 16)) : it);
  });
}

/** Each text that gitleaks says it must or must not report, passed to a function. */
export function gitleaksSamples(root: string): Sample[] {
  seed = 1;
  const folder = join(root, 'cmd/generate/config/rules');
  const samples: Sample[] = [];
  for (const file of readdirSync(folder).sort()) {
    if (!file.endsWith('.go')) continue;
    for (const body of readFileSync(join(folder, file), 'utf8')
      .split(/^func /m)
      .slice(1)) {
      const id = /RuleID:\s*"([^"]+)"/.exec(body)?.[1];
      if (id === undefined) continue;
      const variables = new Map<string, GoValue>();
      for (const match of body.matchAll(/^[ \t]*(?:var[ \t]+)?(\w+)[ \t]*:?=[ \t]*(?=[\w"`[])/gm)) {
        const [whole, name = ''] = match;
        variables.set(name, new GoReader(body, match.index + whole.length, variables).expression());
      }
      const add = (name: string, positive: boolean) => {
        const texts = variables.get(name);
        if (!Array.isArray(texts)) return;
        (texts as readonly string[]).forEach((text, index) => {
          const found = positive ? [{ id, line: 1, endLine: 1 }] : [];
          samples.push({ peer: 'gitleaks', name: `${file} ${id} ${positive ? 'positive' : 'negative'} ${index + 1}`, code: passed(text), found, about: [id] });
        });
      };
      add('tps', true);
      add('fps', false);
    }
  }
  return samples;
}
