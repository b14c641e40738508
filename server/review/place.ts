/**
 * From raw findings to placed ones: offsets and lines of this revision, one finding per spot and per
 * idiom, suppressions, fixes.
 */
import type { PlacedFinding, Span, TrailStep } from './review.ts';
import { placeFix } from './fixes.ts';
import type { Anchor, RawFinding } from './run.ts';
import { suppresses, suppressionsOf } from './suppress.ts';

/** Offsets of line starts. Lines and columns count from 1. */
export class LineIndex {
  private readonly starts: number[] = [0];
  private readonly length: number;

  constructor(text: string) {
    this.length = text.length;
    for (let at = text.indexOf('\n'); at >= 0; at = text.indexOf('\n', at + 1)) this.starts.push(at + 1);
  }

  /** Lines as an editor counts them, without the empty one behind a last newline. */
  get count(): number {
    return this.starts.at(-1) === this.length ? this.starts.length - 1 : this.starts.length;
  }

  lineAt(offset: number): number {
    let low = 0;
    let high = this.starts.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if ((this.starts[middle] ?? 0) <= offset) low = middle;
      else high = middle - 1;
    }
    return low + 1;
  }

  span(start: number, end: number): Span {
    const line = this.lineAt(start);
    const endLine = this.lineAt(end);
    return { start, end, line, column: start - (this.starts[line - 1] ?? 0) + 1, endLine, endColumn: end - (this.starts[endLine - 1] ?? 0) + 1 };
  }
}

export interface PlacingFile {
  readonly lines: LineIndex;
  /** Where a unit starts now; undefined when the file has no such unit any more. */
  startOf(key: string): number | undefined;
}

export function place(raw: readonly RawFinding[], text: string, lines: LineIndex, path: string, fileAt: (path: string) => PlacingFile | undefined): PlacedFinding[] {
  const files = new Map<string, PlacingFile | undefined>();
  const file = (it: string) => {
    if (!files.has(it)) files.set(it, fileAt(it));
    return files.get(it);
  };
  const offsets = (it: Anchor) => {
    const start = file(it.path)?.startOf(it.key);
    return start === undefined ? undefined : { start: start + it.start, end: start + it.end };
  };
  const placed: { finding: PlacedFinding; raw: RawFinding }[] = [];
  const spots = new Set<string>();
  for (const it of raw) {
    const at = it.at.path === path ? offsets(it.at) : undefined;
    if (at === undefined) continue;
    const id = `${it.rule.category}/${it.rule.id}`;
    const spot = `${id}\0${at.start}\0${at.end}\0${it.message}`;
    if (spots.has(spot)) continue;
    spots.add(spot);
    const trail: TrailStep[] = [];
    for (const step of it.trail) {
      const where = offsets(step.at);
      const there = file(step.at.path);
      if (where === undefined || there === undefined) continue;
      const { line, column } = there.lines.span(where.start, where.end);
      trail.push({ path: step.at.path, line, column, note: step.note });
    }
    const { fix } = it;
    placed.push({
      raw: it,
      finding: {
        ...lines.span(at.start, at.end),
        rule: id,
        code: it.rule.code,
        category: it.rule.category,
        kind: it.kind,
        level: it.level,
        confidence: it.confidence,
        message: it.message,
        trail,
        fix: fix === undefined ? undefined : placeFix(fix.fix, text, (each) => {
          const anchor = fix.anchors.get(each);
          return anchor === undefined || anchor.path !== path ? undefined : offsets(anchor);
        }),
        suppressed: undefined,
      },
    });
  }
  placed.sort((a, b) => a.finding.start - b.finding.start || a.finding.end - b.finding.end || compare(a.finding.rule, b.finding.rule));
  return suppress(once(moreSpecific(placed)), text);
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

type Pair = { readonly finding: PlacedFinding; readonly raw: RawFinding };

/** Where two rules speak of one spot, the more specific one. */
function moreSpecific(pairs: readonly Pair[]): Pair[] {
  const byRule = new Map<string, PlacedFinding[]>();
  for (const { finding, raw } of pairs) {
    const list = byRule.get(raw.rule.id);
    if (list === undefined) byRule.set(raw.rule.id, [finding]);
    else list.push(finding);
  }
  return pairs.filter(({ finding, raw }) => {
    const winners = raw.rule.yieldsTo ?? [];
    return !winners.some((id) => byRule.get(id)?.some((it) => it.start < finding.end && finding.start < it.end) === true);
  });
}

/** One finding for a repeated idiom, where the rule asks for it. */
function once(pairs: readonly Pair[]): Pair[] {
  const groups = new Map<string, Pair[]>();
  const result: Pair[] = [];
  for (const it of pairs) {
    const { rule, scope, kind } = it.raw;
    if (rule.once === undefined) {
      result.push(it);
      continue;
    }
    const key = `${rule.category}/${rule.id}\0${kind}\0${rule.once === 'class' ? scope : ''}`;
    const group = groups.get(key);
    if (group !== undefined) group.push(it);
    else {
      const list = [it];
      groups.set(key, list);
      result.push(it);
    }
  }
  return result.map((it) => {
    const { rule, scope, kind } = it.raw;
    if (rule.once === undefined) return it;
    const group = groups.get(`${rule.category}/${rule.id}\0${kind}\0${rule.once === 'class' ? scope : ''}`) ?? [];
    if (group.length < 2) return it;
    const lines = [...new Set(group.slice(1).map((each) => each.finding.line))];
    const shown = lines.slice(0, 5).join(', ');
    const more = `${it.finding.message} (${group.length} times; also ${lines.length === 1 ? 'line' : 'lines'} ${shown}${lines.length > 5 ? ', …' : ''})`;
    return { raw: it.raw, finding: { ...it.finding, message: more, fix: undefined } };
  });
}

function suppress(pairs: readonly Pair[], text: string): PlacedFinding[] {
  const comments = suppressionsOf(text);
  if (comments.length === 0) return pairs.map((it) => it.finding);
  return pairs.map(({ finding, raw }) => {
    if (finding.kind === 'pass') return finding;
    const by = comments.find((it) => (it.line === 0 || (it.line >= finding.line && it.line <= finding.endLine)) && suppresses(it, raw.rule));
    return by === undefined ? finding : { ...finding, suppressed: { by: by.text, reason: by.reason, line: by.at } };
  });
}
