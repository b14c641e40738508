/**
 * From raw findings to placed ones: offsets and lines of this revision, one finding per spot and per
 * idiom, suppressions, fixes.
 */

import { withoutSecrets } from '../../rules/python/masking.ts';
import { masked } from '../../rules/python/secrets.ts';
import type { FrameUnit } from '../model/frame.ts';
import type { Text } from '../syntax/text.ts';
import { fingerprintsOf } from './fingerprint.ts';
import { placeFix } from './fixes.ts';
import type { LineIndex } from './line-index.ts';
import { capital, counted, listed, linesOf as rangesOf } from './prose.ts';
import type { PlacedFinding, PlacedFix, Span, TrailStep, UnusedSuppression } from './review.ts';
import { type Anchor, asNote, type RawFinding } from './run.ts';
import { namesNothing, type Suppression, speaksOf, suppressionsOf, takesResponsibility, unusedIn } from './suppress.ts';

export interface PlacingFile {
  readonly lines: LineIndex;
  /** Where a unit starts now; undefined when the file has no such unit any more. */
  startOf(key: string): number | undefined;
}

/** What the findings of a review are placed into. */
export interface Placing {
  readonly path: string;
  readonly text: Text;
  readonly lines: LineIndex;
  readonly fileAt: (path: string) => PlacingFile | undefined;
  /** The file's units, in order. */
  readonly units: readonly FrameUnit[];
}

/** A finding where it stands in this revision. Most are merged into another, so what is shown is worked out last. */
class Located {
  readonly raw: RawFinding;
  readonly start: number;
  readonly end: number;
  kind: PlacedFinding['kind'];
  level: PlacedFinding['level'];
  message: string;
  suppressed: PlacedFinding['suppressed'] = undefined;
  /** Stands for several of its kind: what it then says, and the others. */
  forMany: string | undefined = undefined;
  others: readonly Located[] = NO_OTHERS;
  #trail: readonly TrailStep[] | undefined;
  readonly #lines: LineIndex;

  constructor(raw: RawFinding, start: number, lines: LineIndex) {
    this.raw = raw;
    this.start = start + raw.at.start;
    this.end = start + raw.at.end;
    this.kind = raw.kind;
    this.level = raw.level;
    this.message = raw.message;
    this.#lines = lines;
  }

  get line(): number {
    return this.#lines.lineAt(this.start);
  }

  get endLine(): number {
    return this.#lines.lineAt(this.end);
  }

  get span(): Span {
    return this.#lines.span(this.start, this.end);
  }

  trail(stepOf: StepOf): readonly TrailStep[] {
    if (this.raw.trail.length === 0) return NO_TRAIL;
    this.#trail ??= this.raw.trail.map(stepOf).filter((it) => it !== undefined);
    return this.#trail;
  }

  /** What is said, with secrets of any form masked. */
  get masked(): string {
    const { raw, message, forMany } = this;
    if (forMany !== undefined) return forMany;
    if (message !== raw.message) return withoutSecrets(message);
    raw.masked ??= withoutSecrets(message);
    return raw.masked;
  }

  becomeNote(because: string): void {
    this.kind = 'informational';
    this.level = 'none';
    this.message = `${this.message} (${because})`;
  }
}

type StepOf = (step: RawFinding['trail'][number]) => TrailStep | undefined;

const NO_OTHERS: readonly Located[] = [];
const NO_TRAIL: readonly TrailStep[] = [];
const NO_PRINTS: readonly string[] = [];

/** A finding as it is shown. Its fix and fingerprint are worked out when somebody asks: most never do. */
class Placed implements PlacedFinding {
  readonly start: number;
  readonly end: number;
  readonly line: number;
  readonly column: number;
  readonly endLine: number;
  readonly endColumn: number;
  readonly rule: string;
  readonly code: string;
  readonly category: PlacedFinding['category'];
  readonly kind: PlacedFinding['kind'];
  readonly level: PlacedFinding['level'];
  readonly confidence: PlacedFinding['confidence'];
  readonly message: string;
  readonly trail: readonly TrailStep[];
  readonly within: string;
  readonly suppressed: PlacedFinding['suppressed'];
  readonly #prints: () => readonly string[];
  #fix: (() => PlacedFix | undefined) | undefined;

  /** `prints` are its own fingerprint and those of the others that it stands for. */
  constructor(located: Located, trail: readonly TrailStep[], fix: (() => PlacedFix | undefined) | undefined, prints: () => readonly string[]) {
    const { raw, span } = located;
    this.start = span.start;
    this.end = span.end;
    this.line = span.line;
    this.column = span.column;
    this.endLine = span.endLine;
    this.endColumn = span.endColumn;
    this.rule = raw.id;
    this.code = raw.rule.code;
    this.category = raw.rule.category;
    this.kind = located.kind;
    this.level = located.level;
    this.confidence = raw.confidence;
    this.message = located.masked;
    this.trail = trail;
    this.within = raw.within;
    this.suppressed = located.suppressed;
    this.#fix = fix;
    this.#prints = prints;
  }

  get fix(): PlacedFix | undefined {
    const fix = this.#fix?.();
    this.#fix = fix === undefined ? undefined : () => fix;
    return fix;
  }

  get fingerprint(): string {
    return this.#prints()[0] ?? '';
  }

  get others(): readonly string[] {
    const prints = this.#prints();
    return prints.length > 1 ? prints.slice(1) : NO_PRINTS;
  }
}

/** The findings in this revision of the file, by place, and what is to be said of the comments that suppress. */
export function place(raw: readonly RawFinding[], into: Placing): { readonly findings: PlacedFinding[] } & Silenced {
  const { path, text, lines, units } = into;
  const files = new Map<string, PlacingFile | undefined>();
  const file = (it: string) => {
    if (!files.has(it)) files.set(it, into.fileAt(it));
    return files.get(it);
  };
  // Most of them follow each other in one unit.
  let last: Anchor | undefined;
  let lastStart: number | undefined;
  const startOf = (it: Anchor) => {
    if (last === undefined || it.key !== last.key || it.path !== last.path) lastStart = file(it.path)?.startOf(it.key);
    last = it;
    return lastStart;
  };
  const all: Located[] = [];
  for (const it of standing(raw)) {
    const start = it.at.path === path ? startOf(it.at) : undefined;
    if (start !== undefined) all.push(new Located(it, start, lines));
  }
  all.sort((a, b) => a.start - b.start || a.end - b.end || (a.raw.id < b.raw.id ? -1 : a.raw.id > b.raw.id ? 1 : 0));
  const located = all.filter((it, index) => !isRepeated(it, index, all));
  const secrets = secretsIn(located, text);
  if (secrets.size > 0) for (const it of located) it.message = without(it.message, secrets);
  const stepOf: StepOf = ({ at, note }) => {
    const start = startOf(at);
    const span = start === undefined ? undefined : file(at.path)?.lines.span(start + at.start, start + at.start);
    return span === undefined ? undefined : { path: at.path, line: span.line, column: span.column, note: without(note, secrets) };
  };
  const specific = moreSpecific(located, path, stepOf);
  const silenced = suppress(specific, into, (it) => withoutSecrets(without(it, secrets)));
  const shown = once(specific);
  let prints: ReadonlyMap<Located, string> | undefined;
  const printsOf = (it: Located) => {
    prints ??= fingerprints(shown.flatMap(membersOf), text);
    const known = prints;
    return membersOf(it).map((each) => known.get(each) ?? '');
  };
  const spotOf = (it: unknown) => {
    const at = it as Anchor;
    const start = at.path === path ? startOf(at) : undefined;
    return start === undefined ? undefined : { start: start + at.start, end: start + at.end };
  };
  const findings = shown.map((it) => {
    // No single fix ends what stands for many.
    const fix = it.forMany === undefined ? it.raw.fix : undefined;
    return new Placed(it, it.trail(stepOf), fix === undefined ? undefined : () => placeFix(fix, text, lines, units, spotOf), () => printsOf(it));
  });
  return { findings, ...silenced };
}

/** Itself and the others that it stands for; good practice is in no baseline. */
function membersOf(it: Located): readonly Located[] {
  return it.kind === 'pass' ? [it] : [it, ...it.others];
}

function fingerprints(located: readonly Located[], text: Text): ReadonlyMap<Located, string> {
  const prints = fingerprintsOf(located.map(({ raw, start, end }) => ({ code: raw.rule.code, snippet: text.slice(start, end), within: raw.within })));
  return new Map(located.map((it, index) => [it, prints[index] ?? '']));
}

/** What one rule takes for a secret: no other may quote it. */
function secretsIn(located: readonly Located[], text: Text): ReadonlySet<string> {
  let secrets: Set<string> | undefined;
  for (const { raw, kind, start, end } of located) {
    if (raw.rule.category !== 'credentials' || kind === 'pass' || kind === 'open') continue;
    const content = /^[bruf]{0,2}(?:'([^']{8,})'|"([^"]{8,})")$/i.exec(text.slice(start, end));
    const secret = content?.[1] ?? content?.[2] ?? '';
    if (secret === '' || /\s|:\/\//.test(secret)) continue;
    secrets ??= new Set();
    secrets.add(secret);
  }
  return secrets ?? NO_SECRETS;
}

const NO_SECRETS: ReadonlySet<string> = new Set();

/** The text without the secrets, also where it shows the beginning of one only. */
function without(said: string, secrets: ReadonlySet<string>): string {
  let result = said;
  for (const secret of secrets) {
    let from = 0;
    for (let at = result.indexOf(secret.slice(0, 6)); at >= 0; at = result.indexOf(secret.slice(0, 6), from)) {
      let length = 6;
      while (length < secret.length && result[at + length] === secret[length]) length += 1;
      // A word may begin like a secret: it is one where it is whole, is cut short, or goes on for long.
      if (length < secret.length && length < 12 && result[at + length] !== '\u2026') {
        from = at + 1;
        continue;
      }
      result = `${result.slice(0, at)}${masked(secret)}${result.slice(at + length).replace(/^\u2026/, '')}`;
      from = at + 1;
    }
  }
  return result;
}

/** Without the claims about the file that another part of it disproves, and those that are made too seldom. */
function standing(raw: readonly RawFinding[]): readonly RawFinding[] {
  let result = raw;
  const disproving = raw.filter((it) => it.disproves !== undefined);
  if (disproving.length > 0) {
    const claimOf = (it: RawFinding) => `${it.id}\0${it.claim}`;
    const disproved = new Map<string, RawFinding>();
    // What takes the claim away goes before what makes it weigh less.
    for (const it of disproving) if (it.disproves === true || !disproved.has(claimOf(it))) disproved.set(claimOf(it), it);
    result = raw.flatMap((it) => {
      const by = disproved.get(claimOf(it));
      if (by === undefined) return it;
      if (by.disproves === true || it.disproves !== undefined) return [];
      return it.kind === 'fail' || it.kind === 'review' ? asNote(it, by.message) : it;
    });
  }
  const counts = new Map<string, number>();
  for (const it of result) if (it.rule.atLeast !== undefined) counts.set(it.id, (counts.get(it.id) ?? 0) + 1);
  if (counts.size === 0) return result;
  return result.filter(({ id, rule: { atLeast } }) => atLeast === undefined || (counts.get(id) ?? 0) >= atLeast);
}

/** Has another unit said the same of this place: each test of the address that all of them ask? */
function isRepeated(it: Located, index: number, sorted: readonly Located[]): boolean {
  for (let before = index - 1; before >= 0; before--) {
    const other = sorted[before];
    if (other === undefined || other.start !== it.start || other.end !== it.end || other.raw.id !== it.raw.id) return false;
    if (other.raw.message === it.raw.message && other.raw.claim === it.raw.claim && other.kind === it.kind) return true;
  }
  return false;
}

/** Where two rules speak of one spot, or the trail of one begins or passes there, the more specific one. */
function moreSpecific(located: readonly Located[], path: string, stepOf: StepOf): readonly Located[] {
  if (!located.some((it) => it.raw.rule.yieldsTo !== undefined)) return located;
  const byRule = new Map<string, Located[]>();
  for (const it of located) {
    const list = byRule.get(it.raw.rule.id);
    if (list === undefined) byRule.set(it.raw.rule.id, [it]);
    else list.push(it);
  }
  const covers = (winner: Located, it: Located) => {
    if (winner.start < it.end && it.start < winner.end) return true;
    const trail = winner.trail(stepOf);
    if (trail.length === 0) return false;
    const { line, column } = it.span;
    return trail.some((step) => step.path === path && step.line === line && step.column === column);
  };
  return located.filter((it) => !it.raw.rule.yieldsTo?.some((id) => byRule.get(id)?.some((winner) => covers(winner, it)) === true));
}

/**
 * One finding for a repeated idiom, where the rule asks for it or nobody must act on it: for what it says word for word, or but for the
 * code that it quotes. What needs somebody's act or decision is merged only where it says the very same, or where the
 * rule says that its findings are alike.
 */
function once(located: readonly Located[]): readonly Located[] {
  if (!located.some((it) => onceIn(it) !== undefined)) return located;
  const groups = new Map<string, Located[]>();
  const result = located.filter((it) => {
    if (onceIn(it) === undefined || it.suppressed !== undefined || bringsFix(it)) return true;
    const key = idiomOf(it);
    const group = groups.get(key);
    if (group === undefined) {
      groups.set(key, [it]);
      return true;
    }
    group.push(it);
    return false;
  });
  for (const [first, ...others] of groups.values()) {
    if (first === undefined || others.length === 0) continue;
    const same = others.every((it) => it.message === first.message);
    const where = linesOf(others, first.line);
    first.forMany = `${first.masked}; ${same ? `${others.length + 1} times, also ${where}` : `${others.length} more of its kind: ${where}`}`;
    first.others = others;
  }
  return result;
}

/** Within what a finding is said once: what its rule says, else the file for a note that brings no fix. */
function onceIn({ raw, kind }: Located): RawFinding['rule']['once'] {
  return raw.rule.once ?? (kind === 'informational' && raw.fix === undefined ? 'file' : undefined);
}

/** What somebody must act on or decide stands on its own where it can be mended without looking. */
function bringsFix({ raw, kind }: Located): boolean {
  return raw.fix?.safety === 'safe' && (kind === 'fail' || kind === 'review');
}

const MOST_LINES = 5;

/** "line 3", "lines 3, 5, …": in order, each once, without the one where the finding itself stands. */
function linesOf(located: readonly Located[], own: number): string {
  const lines: number[] = [];
  for (const { line } of located) {
    if (line === (lines.at(-1) ?? own)) continue;
    if (lines.length === MOST_LINES) return `lines ${lines.join(', ')}, …`;
    lines.push(line);
  }
  return lines.length === 0 ? 'on this line' : `${lines.length === 1 ? 'line' : 'lines'} ${lines.join(', ')}`;
}

const CODE_SPAN = /`[^`]+`/g;

/** What is the same of all that are merged; worked out once where nothing changed what is said. */
function idiomOf(located: Located): string {
  const { raw, kind, message } = located;
  const own = message === raw.message;
  if (own && raw.idiom !== undefined) return raw.idiom;
  const literal = (kind === 'fail' || kind === 'review') && raw.rule.alike !== true;
  const said = literal ? message : message.replace(CODE_SPAN, '``');
  const within = onceIn(located);
  const idiom = `${raw.id}\0${kind}\0${within === 'class' ? raw.scope : within === 'test' ? raw.within : ''}\0${said}`;
  if (own) raw.idiom = idiom;
  return idiom;
}

/** What the comments of a file come to. */
interface Silenced {
  /** Those that no finding needs. */
  readonly unused: readonly UnusedSuppression[];
  /** What is said of defects that are set aside without a reason. */
  readonly unreasoned: readonly string[];
}

/** Lets comments take responsibility. */
function suppress(located: readonly Located[], { text, lines, units }: Placing, masked: (said: string) => string): Silenced {
  const comments = suppressionsOf(text, lines, units);
  if (comments.length === 0) return NOTHING_SILENCED;
  const unused = unusedIn(
    comments,
    located.flatMap((it) => (it.kind === 'pass' ? [] : [{ line: it.line, endLine: it.endLine, of: it.raw.rule }])),
    lines,
  );
  const unreasoned: Suppression[] = [];
  for (const it of located) {
    if (it.kind === 'pass') continue;
    const own = comments.filter((each) => speaksOf(each, it, it.raw.rule));
    const by = own.find((each) => takesResponsibility(each, it, it.raw.rule));
    const [other] = own;
    const asides = by ?? (other !== undefined && namesNothing(other) ? other : undefined);
    if (asides?.reason === '' && it.kind === 'fail') unreasoned.push(asides);
    if (by !== undefined) it.suppressed = { by: masked(by.text), reason: masked(by.reason), line: by.at };
    else if (other !== undefined && namesNothing(other)) {
      if (it.kind === 'fail' || it.kind === 'review') it.becomeNote(`\`${other.text}\` names no rule`);
    } else if (other !== undefined) it.message = `${it.message} (suppressed without a reason, so it stands)`;
  }
  return { unused: unused.map((it) => ({ ...it, text: masked(it.text) })), unreasoned: unreasoned.length === 0 ? [] : [withoutReason(unreasoned, masked)] };
}

/** "Two defects are set aside without a reason: by `# nosec B501` (lines 4, 9)". */
function withoutReason(comments: readonly Suppression[], masked: (said: string) => string): string {
  const byText = new Map<string, Set<number>>();
  for (const { text, at } of comments) byText.set(text, (byText.get(text) ?? new Set()).add(at));
  const named = [...byText].slice(0, MOST_LINES).map(([text, at]) => `\`${masked(text)}\` (${rangesOf([...at].map((line) => ({ line, endLine: line })))})`);
  const rest = byText.size > MOST_LINES ? [`${byText.size - MOST_LINES} more`] : [];
  return `${capital(counted(comments.length, 'defect'))} ${comments.length === 1 ? 'is' : 'are'} set aside without a reason: by ${listed([...named, ...rest])}`;
}

const NOTHING_SILENCED: Silenced = { unused: [], unreasoned: [] };
