/**
 * From raw findings to placed ones: offsets and lines of this revision, one finding per spot and per
 * idiom, suppressions, fixes.
 */

import { withoutSecrets } from '../../rules/python/masking.ts';
import { masked } from '../../rules/python/secrets.ts';
import { fingerprintsOf } from './fingerprint.ts';
import { placeFix } from './fixes.ts';
import type { LineIndex } from './line-index.ts';
import type { PlacedFinding, PlacedFix, Span, TrailStep, UnusedSuppression } from './review.ts';
import type { Anchor, RawFinding } from './run.ts';
import { namesNothing, type SilencingUnit, speaksOf, suppressionsOf, takesResponsibility, unusedIn } from './suppress.ts';

export interface PlacingFile {
  readonly lines: LineIndex;
  /** Where a unit starts now; undefined when the file has no such unit any more. */
  startOf(key: string): number | undefined;
}

/** What the findings of a review are placed into. */
export interface Placing {
  readonly path: string;
  readonly text: string;
  readonly lines: LineIndex;
  readonly fileAt: (path: string) => PlacingFile | undefined;
  /** The file's units, in order. */
  readonly units: readonly SilencingUnit[];
}

/** A finding in this revision. Its fix is worked out when somebody asks: most never do. */
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
  kind: PlacedFinding['kind'];
  level: PlacedFinding['level'];
  readonly confidence: PlacedFinding['confidence'];
  message: string;
  trail: readonly TrailStep[];
  readonly within: string;
  suppressed: PlacedFinding['suppressed'] = undefined;
  readonly #raw: RawFinding;
  #fingerprint: () => string = () => '';
  #fix: (() => PlacedFix | undefined) | undefined;
  #isMasked = false;

  constructor(raw: RawFinding, span: Span, trail: readonly TrailStep[], fix: (() => PlacedFix | undefined) | undefined) {
    this.start = span.start;
    this.end = span.end;
    this.line = span.line;
    this.column = span.column;
    this.endLine = span.endLine;
    this.endColumn = span.endColumn;
    this.rule = raw.id;
    this.code = raw.rule.code;
    this.category = raw.rule.category;
    this.kind = raw.kind;
    this.level = raw.level;
    this.confidence = raw.confidence;
    this.message = raw.message;
    this.trail = trail;
    this.within = raw.within;
    this.#raw = raw;
    this.#fix = fix;
  }

  get raw(): RawFinding {
    return this.#raw;
  }

  get fix(): PlacedFix | undefined {
    const fix = this.#fix?.();
    this.#fix = fix === undefined ? undefined : () => fix;
    return fix;
  }

  hide(secrets: ReadonlySet<string>): void {
    this.message = without(this.message, secrets);
    if (this.trail.length > 0) this.trail = this.trail.map((it) => ({ ...it, note: without(it.note, secrets) }));
  }

  /** Secrets of any form, once all that quotes code is said. Most findings are merged into another before that. */
  mask(): void {
    if (this.#isMasked) return;
    this.#isMasked = true;
    const raw = this.#raw;
    if (this.message !== raw.message) this.message = withoutSecrets(this.message);
    else {
      raw.masked ??= withoutSecrets(raw.message);
      this.message = raw.masked;
    }
  }

  becomeNote(because: string): void {
    this.kind = 'informational';
    this.level = 'none';
    this.message = `${this.message} (${because})`;
  }

  get fingerprint(): string {
    return this.#fingerprint();
  }

  /** Fingerprints are worked out together, when somebody asks for one. */
  identify(fingerprint: () => string): void {
    this.#fingerprint = fingerprint;
  }

  /** Stands for several of its kind: then no single fix ends it. */
  standFor(message: string): void {
    this.message = message;
    this.#fix = undefined;
  }
}

/** The findings in this revision of the file, by place, and the comments that none of them needs. */
export function place(raw: readonly RawFinding[], into: Placing): { readonly findings: PlacedFinding[]; readonly unused: readonly UnusedSuppression[] } {
  const { path, text, lines } = into;
  const files = new Map<string, PlacingFile | undefined>();
  const file = (it: string) => {
    if (!files.has(it)) files.set(it, into.fileAt(it));
    return files.get(it);
  };
  // Most of them follow each other in one unit.
  let last: Anchor | undefined;
  let lastStart: number | undefined;
  const offsets = (it: Anchor) => {
    if (last === undefined || it.key !== last.key || it.path !== last.path) lastStart = file(it.path)?.startOf(it.key);
    last = it;
    const start = lastStart;
    return start === undefined ? undefined : { start: start + it.start, end: start + it.end };
  };
  const step = ({ at, note }: RawFinding['trail'][number]): TrailStep | undefined => {
    const where = offsets(at);
    if (where === undefined) return undefined;
    const span = file(at.path)?.lines.span(where.start, where.start);
    return span === undefined ? undefined : { path: at.path, line: span.line, column: span.column, note };
  };
  const placed: Placed[] = [];
  for (const it of standing(raw)) {
    const at = it.at.path === path ? offsets(it.at) : undefined;
    if (at === undefined) continue;
    const trail = it.trail.length === 0 ? NO_TRAIL : it.trail.map(step).filter((each) => each !== undefined);
    const { fix } = it;
    const placeIt =
      fix === undefined
        ? undefined
        : () => placeFix(fix, text, lines, (each) => ((each as unknown as Anchor).path === path ? offsets(each as unknown as Anchor) : undefined));
    placed.push(new Placed(it, lines.span(at.start, at.end), trail, placeIt));
  }
  placed.sort((a, b) => a.start - b.start || a.end - b.end || (a.rule < b.rule ? -1 : a.rule > b.rule ? 1 : 0));
  hide(placed, text);
  const specific = moreSpecific(placed, path);
  const unused = suppress(specific, into);
  const findings = [...once(specific)];
  for (const it of findings) it.mask();
  identify(findings, text);
  return { findings, unused };
}

/** What one rule takes for a secret, no other may quote. */
function hide(placed: readonly Placed[], text: string): void {
  const secrets = new Set<string>();
  for (const it of placed) {
    if (it.category !== 'credentials' || it.kind === 'pass' || it.kind === 'open') continue;
    const content = /^[bruf]{0,2}(?:'([^']{8,})'|"([^"]{8,})")$/i.exec(text.slice(it.start, it.end));
    const secret = content?.[1] ?? content?.[2] ?? '';
    if (secret !== '' && !/\s|:\/\//.test(secret)) secrets.add(secret);
  }
  if (secrets.size === 0) return;
  for (const it of placed) it.hide(secrets);
}

/** The text without the secrets, also where it shows the beginning of one only. */
function without(said: string, secrets: ReadonlySet<string>): string {
  let result = said;
  for (const secret of secrets) {
    let from = 0;
    for (let at = result.indexOf(secret.slice(0, 6)); at >= 0; at = result.indexOf(secret.slice(0, 6), from)) {
      let length = 6;
      while (length < secret.length && result[at + length] === secret[length]) length += 1;
      result = `${result.slice(0, at)}${masked(secret)}${result.slice(at + length).replace(/^\u2026/, '')}`;
      from = at + 1;
    }
  }
  return result;
}

function identify(placed: readonly Placed[], text: string): void {
  let known: readonly string[] | undefined;
  const all = () => {
    known ??= fingerprintsOf(placed.map(({ code, start, end, within }) => ({ code, snippet: text.slice(start, end), within })));
    return known;
  };
  for (const [index, it] of placed.entries()) it.identify(() => all()[index] ?? '');
}

const NO_TRAIL: readonly TrailStep[] = [];

/** Without the claims about the file that another part of it disproves, and those that are made too seldom. */
function standing(raw: readonly RawFinding[]): readonly RawFinding[] {
  let result = raw;
  if (raw.some((it) => it.disproves)) {
    const claimOf = (it: RawFinding) => `${it.id}\0${it.claim}`;
    const disproved = new Set(raw.filter((it) => it.disproves).map(claimOf));
    result = raw.filter((it) => !disproved.has(claimOf(it)));
  }
  if (!result.some((it) => it.rule.atLeast !== undefined)) return result;
  const counts = new Map<string, number>();
  for (const it of result) counts.set(it.id, (counts.get(it.id) ?? 0) + 1);
  return result.filter((it) => (counts.get(it.id) ?? 0) >= (it.rule.atLeast ?? 0));
}

/** Where two rules speak of one spot, or the trail of one begins or passes there, the more specific one. */
function moreSpecific(placed: readonly Placed[], path: string): readonly Placed[] {
  if (!placed.some((it) => it.raw.rule.yieldsTo !== undefined)) return placed;
  const byRule = new Map<string, Placed[]>();
  for (const it of placed) {
    const list = byRule.get(it.raw.rule.id);
    if (list === undefined) byRule.set(it.raw.rule.id, [it]);
    else list.push(it);
  }
  const covers = (winner: Placed, it: Placed) =>
    (winner.start < it.end && it.start < winner.end) || winner.trail.some((step) => step.path === path && step.line === it.line && step.column === it.column);
  return placed.filter((it) => !it.raw.rule.yieldsTo?.some((id) => byRule.get(id)?.some((winner) => covers(winner, it)) === true));
}

/**
 * One finding for a repeated idiom, where the rule asks for it: for what it says word for word, or but for the
 * code that it quotes. What needs somebody's act or decision is merged only where it says the very same, or where the
 * rule says that its findings are alike.
 */
function once(placed: readonly Placed[]): readonly Placed[] {
  if (!placed.some((it) => it.raw.rule.once !== undefined)) return placed;
  const groups = new Map<string, Placed[]>();
  const result = placed.filter((it) => {
    if (it.raw.rule.once === undefined || it.suppressed !== undefined) return true;
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
    const lines = [...new Set(others.map((it) => it.line))];
    const where = `${lines.length === 1 ? 'line' : 'lines'} ${lines.slice(0, 5).join(', ')}${lines.length > 5 ? ', …' : ''}`;
    const same = others.every((it) => it.message === first.message);
    first.mask();
    first.standFor(`${first.message} (${same ? `${others.length + 1} times; also ${where}` : `and ${others.length} more of its kind: ${where}`})`);
  }
  return result;
}

const CODE_SPAN = /`[^`]+`/g;

/** What is the same of all that are merged; worked out once where nothing changed what is said. */
function idiomOf({ raw, kind, message }: Placed): string {
  const own = message === raw.message;
  if (own && raw.idiom !== undefined) return raw.idiom;
  const literal = (kind === 'fail' || kind === 'review') && raw.rule.alike !== true;
  const said = literal ? message : message.replace(CODE_SPAN, '``');
  const idiom = `${raw.id}\0${kind}\0${raw.rule.once === 'class' ? raw.scope : raw.rule.once === 'test' ? raw.within : ''}\0${said}`;
  if (own) raw.idiom = idiom;
  return idiom;
}

/** Lets comments take responsibility; gives those that are not needed. */
function suppress(placed: readonly Placed[], { text, lines, units }: Placing): readonly UnusedSuppression[] {
  const comments = suppressionsOf(text, lines, units);
  if (comments.length === 0) return NOTHING_UNUSED;
  const unused = unusedIn(
    comments,
    placed.flatMap((it) => (it.kind === 'pass' ? [] : [{ line: it.line, endLine: it.endLine, of: it.raw.rule }])),
    lines,
  );
  for (const it of placed) {
    if (it.kind === 'pass') continue;
    const own = comments.filter((each) => speaksOf(each, it, it.raw.rule));
    const by = own.find((each) => takesResponsibility(each, it, it.raw.rule));
    const [other] = own;
    if (by !== undefined) it.suppressed = { by: by.text, reason: by.reason, line: by.at };
    else if (other !== undefined && namesNothing(other)) {
      if (it.kind === 'fail' || it.kind === 'review') it.becomeNote(`\`${other.text}\` names no rule`);
    } else if (other !== undefined) it.message = `${it.message} (suppressed without a reason, so it stands)`;
  }
  return unused;
}

const NOTHING_UNUSED: readonly UnusedSuppression[] = [];
