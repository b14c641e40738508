/** A file as a whole, as rules for files see it: what its text shows without being parsed, and its tests by name. */
import type { FileSubject, Place } from '../../rules/model.ts';
import { remembered } from '../../rules/remembered.ts';
import type { Text } from '../syntax/text.ts';
import type { Frame, FrameUnit, Head } from './frame.ts';
import type { Page } from './page.ts';
import { placeAt } from './tree.ts';

/** What can be seen of a unit's text without parsing it. */
interface Look {
  readonly controls: readonly { readonly code: string; readonly at: number; readonly inside: Inside; readonly balanced: boolean }[];
  readonly silencers: readonly { readonly comment: string; readonly code: string; readonly at: number }[];
}

const CONTROLS = /[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/;
const EVERY_CONTROL = new RegExp(CONTROLS, 'g');

function codeOf(control: string): string {
  return `U+${control.charCodeAt(0).toString(16).toUpperCase().padStart(4, '0')}`;
}

/** Comments by which other tools are told to be quiet. */
const SILENCERS = /nosec|noqa|nosemgrep|NOSONAR|allowlist secret|gitleaks:allow/i;
const SILENCER = /#[ \t]*(?:nosec\b|noqa\b|nosemgrep\b|NOSONAR\b|pragma:[ \t]*allowlist secret\b|gitleaks:allow\b)[^\n]*/gi;

/** A test, told of by its text. */
class TestText {
  readonly name: string;
  readonly owner: string | undefined;
  readonly text: string;
  readonly #unit: FrameUnit;
  readonly #placeOf: (unit: FrameUnit) => Place;

  constructor(unit: FrameUnit, placeOf: (unit: FrameUnit) => Place) {
    this.name = unit.head.name;
    this.owner = unit.owner;
    this.text = unit.text;
    this.#unit = unit;
    this.#placeOf = placeOf;
  }

  get place(): Place {
    return this.#placeOf(this.#unit);
  }
}

export class FileSubjects {
  private readonly frame: Frame;
  private readonly tests = new WeakMap<Head, { readonly key: string; readonly test: FileSubject['tests'][number] }>();

  constructor(frame: Frame) {
    this.frame = frame;
  }

  /** `units` are those of the current text, tests included. */
  of(units: readonly FrameUnit[], text: Text): FileSubject {
    const [first] = units;
    let remarks: ReturnType<FileSubject['remarksAbove']> | undefined;
    const silencers: FileSubject['silencers'][number][] = [];
    const tests: FileSubject['tests'][number][] = [];
    for (const it of units) {
      for (const { at, ...rest } of lookAt(it).silencers) silencers.push({ ...rest, place: this.placeIn(it, at, at + rest.comment.length) });
      if (it.head.isTest) tests.push(this.testOf(it));
    }
    return {
      type: 'file subject',
      place: first === undefined ? placeAt(this.pageFor('', ''), 0, 0) : this.headPlace(first),
      controls: this.controlsIn(units, text),
      silencers,
      remarksAbove: () => {
        remarks ??= remarksAbove(units, text);
        return remarks;
      },
      tests,
      duplicates: this.duplicatesIn(units),
    };
  }

  private duplicatesIn(units: readonly FrameUnit[]): FileSubject['duplicates'] {
    // The keys of a unit tell that there is another of its name.
    if (!units.some((it) => it.head.kind === 'function' && !it.key.endsWith('#0'))) return [];
    const seen = new Map<string, FrameUnit>();
    const duplicates: FileSubject['duplicates'][number][] = [];
    for (const [at, it] of units.entries()) {
      if (it.head.name === '' || it.head.kind !== 'function') continue;
      const key = `${it.owner ?? ''}.${it.head.name}`;
      const earlier = seen.get(key);
      // `test_old = test_new` between them keeps the first.
      const isKept = () => units.slice(units.indexOf(earlier ?? it) + 1, at).some((each) => each.head.kind === 'other' && each.text.includes(it.head.name));
      if (earlier !== undefined && !it.head.redefines && !earlier.head.redefines && !isKept()) {
        duplicates.push({
          name: it.head.name,
          scope: it.owner ?? '',
          first: this.headPlace(earlier),
          second: this.headPlace(it),
          equal: it.text.trimEnd() === earlier.text.trimEnd(),
        });
      }
      seen.set(key, it);
    }
    return duplicates;
  }

  /** In units, and in the comments between them, whose places are said relative to a neighbour. */
  private controlsIn(units: readonly FrameUnit[], text: Text): FileSubject['controls'] {
    const found: { code: string; inside: Inside; balanced: boolean; within: string; place: Place }[] = [];
    for (const it of units)
      for (const { at, ...rest } of lookAt(it).controls) found.push({ ...rest, within: it.head.name, place: this.placeIn(it, at, at + 1) });
    const [first] = units;
    if (first === undefined) return found;
    let end = 0;
    let before = first;
    for (const next of [...units, undefined]) {
      const start = next?.unit.start ?? text.length;
      const gap = start - end < 3 ? '' : text.slice(end, start);
      for (const match of CONTROLS.test(gap) ? gap.matchAll(EVERY_CONTROL) : []) {
        const at = end + match.index - before.unit.start;
        found.push({ code: codeOf(match[0]), inside: 'comment', balanced: false, within: '', place: this.placeIn(before, at, at + 1) });
      }
      if (next !== undefined) {
        before = next;
        end = next.unit.end;
      }
    }
    return found;
  }

  private testOf(it: FrameUnit): FileSubject['tests'][number] {
    const known = this.tests.get(it.head);
    if (known?.key === it.key) return known.test;
    const test = new TestText(it, (each) => this.headPlace(each));
    this.tests.set(it.head, { key: it.key, test });
    return test;
  }

  private placeIn(it: FrameUnit, start: number, end: number): Place {
    return placeAt(this.pageFor(it.key, it.text), start, end);
  }

  private headPlace(it: FrameUnit): Place {
    const at = it.head.name === '' ? 0 : it.text.search(new RegExp(`(?:def|class)[ \\t]+${it.head.name}`));
    const start = at < 0 ? 0 : it.text.indexOf(it.head.name, at);
    return placeAt(this.pageFor(it.key, it.text), start, start + it.head.name.length);
  }

  private pageFor(key: string, text: string): Page {
    return { path: this.frame.path, key, text, resolver: this.frame.resolver, owner: undefined, statements: [], nodes: [] };
  }
}

const SHORTEST_REMARK = '#a\n'.length;

function remarksAbove(units: readonly FrameUnit[], text: Text): ReturnType<FileSubject['remarksAbove']> {
  const found: { name: string; remark: string; carried: boolean }[] = [];
  let end = 0;
  let remark = '';
  let carried = false;
  for (const it of units) {
    if (it.unit.start > end) {
      // Most are blank lines.
      const gap = it.unit.start - end < SHORTEST_REMARK ? '' : text.slice(end, it.unit.start);
      const lines = gap.includes('#') ? gap.trimEnd().split('\n') : [];
      let from = lines.length;
      while (lines[from - 1]?.startsWith('#')) from -= 1;
      remark = lines.slice(from).join('\n');
      carried = false;
    }
    end = it.unit.end;
    if (remark === '') continue;
    const name = it.owner === undefined ? /^(\w+)[ \t]*[=:]/.exec(it.text)?.[1] : undefined;
    if (name === undefined) remark = '';
    else found.push({ name, remark, carried });
    carried = true;
  }
  return found;
}

type Inside = FileSubject['controls'][number]['inside'];

const RIGHT_TO_LEFT = /[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufefc]/;

/** Embeddings and isolates that are closed in the order in which they were opened (UAX #9, BD13); overrides are none. */
function isBalanced(text: string): boolean {
  const open: string[] = [];
  for (const [it] of text.matchAll(EVERY_CONTROL)) {
    if (/[\u202d\u202e]/.test(it)) return false;
    if (/[\u202a\u202b]/.test(it)) open.push('\u202c');
    else if (/[\u2066-\u2068]/.test(it)) open.push('\u2069');
    else if (/[\u202c\u2069]/.test(it) && open.pop() !== it) return false;
  }
  return open.length === 0 && RIGHT_TO_LEFT.test(text);
}

/** What an offset of a unit's text stands in. */
function insideAt(text: string, offset: number): { readonly inside: Inside; readonly balanced: boolean } {
  for (let at = 0; at < offset; ) {
    const letter = text[at] ?? '';
    if (letter === '#') {
      const end = text.indexOf('\n', at);
      if (end < 0 || end > offset) return { inside: 'comment', balanced: false };
      at = end;
    } else if (letter === '"' || letter === "'") {
      const quote = text.startsWith(letter.repeat(3), at) ? letter.repeat(3) : letter;
      const raw = /[rR][bBfFtT]?$/.test(text.slice(Math.max(0, at - 2), at));
      let end = at + quote.length;
      while (end < text.length && !text.startsWith(quote, end)) end += text[end] === '\\' ? 2 : 1;
      if (end > offset) return { inside: raw ? 'raw text' : 'text', balanced: isBalanced(text.slice(at, end)) };
      at = end + quote.length;
    } else at += 1;
  }
  return { inside: 'code', balanced: false };
}

function lookAt({ head, text }: FrameUnit): Look {
  return lookOf(head, text);
}

/** What can be seen of a unit without parsing it; its head stays while its text does. */
const lookOf = remembered((_head: Head, text: string): Look => {
  if (!CONTROLS.test(text) && !(text.includes('#') && SILENCERS.test(text))) return NOTHING;
  return {
    controls: [...text.matchAll(EVERY_CONTROL)].map((match) => ({ code: codeOf(match[0]), at: match.index, ...insideAt(text, match.index) })),
    silencers: [...text.matchAll(SILENCER)].map((match) => ({
      comment: match[0].trimEnd(),
      code: text.slice(text.lastIndexOf('\n', match.index) + 1, match.index),
      at: match.index,
    })),
  };
});

const NOTHING: Look = { controls: [], silencers: [] };
