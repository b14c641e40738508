/** Shows subjects to rules and collects what they yield, with places turned into plain data. */
import type { Place } from '../../rules/model.ts';
import { withoutSecrets } from '../../rules/python/masking.ts';
import type { Confidence, Edit, Finding, Fix, Kind, Level, Rule } from '../../rules/rule.ts';
import { behindSkips, givenAwayTo } from '../model/contexts.ts';
import type { FileModel } from '../model/file-model.ts';
import type { Page } from '../model/page.ts';
import { withinOf } from '../model/reach.ts';
import { SHOWN, type Show, showPage } from '../model/subjects.ts';
import { spotOf } from '../model/tree.ts';
import type { Dispatch, Entry } from './dispatch.ts';
import type { Fault } from './review.ts';

/** A place that survives its page: file, unit, and offsets within the unit's text. */
export interface Anchor {
  readonly path: string;
  readonly key: string;
  readonly start: number;
  readonly end: number;
}

/** A finding before it is placed in a revision of the file. */
export interface RawFinding {
  readonly rule: Rule;
  /** `network/certificate-check-off` */
  readonly id: string;
  readonly kind: Kind;
  readonly level: Level;
  readonly confidence: Confidence;
  /** With the secrets that it quotes: `place.ts` masks what is shown. */
  readonly message: string;
  readonly at: Anchor;
  /** The definition that it lies in: `TestA.test_b`, or nothing. */
  readonly within: string;
  readonly trail: readonly { readonly at: Anchor; readonly note: string }[];
  /** Its places are anchors, so that it holds on to no node. */
  readonly fix: Fix | undefined;
  /** Class that the unit belongs to, for `once: 'class'`. */
  readonly scope: string;
  readonly claim: string;
  readonly disproves: Finding['disproves'];
  /** Both kept by `place.ts`. */
  idiom: string | undefined;
  masked: string | undefined;
}

export interface UnitResult {
  readonly findings: readonly RawFinding[];
  readonly faults: readonly Fault[];
  /** How many subjects of each kind were shown, by the numbers of `SHOWN`: for "what was looked at". */
  readonly seen: readonly number[];
  /** Offset in the unit of what could not be parsed. */
  readonly brokenAt: number | undefined;
  /** Python takes none of it, so that nothing is said of it. */
  readonly isRefused: boolean;
}

/** Of a unit that Python refuses for what stands at the offset. */
export function refusedUnit(brokenAt: number): UnitResult {
  return { findings: [], faults: [], seen: [], brokenAt, isRefused: true };
}

export function anchorOf(place: Place): Anchor {
  const { page, start, end } = spotOf(place);
  return { path: page.path, key: page.key, start, end };
}

export function runPage(page: Page, file: FileModel, dispatch: Dispatch, broken: boolean): UnitResult {
  const findings: RawFinding[] = [];
  const faults: Fault[] = [];
  const counts = SHOWN.map(() => 0);
  const scope = page.owner ?? '';
  file.enter(page.owner, page.key);
  let brokenAt: number | undefined = broken ? 0 : undefined;
  const show: Show = (kind, subject) => {
    counts[kind] = (counts[kind] ?? 0) + 1;
    const rules = dispatch.rulesFor(kind, subject);
    for (let index = 0; index < rules.length; index++) runRule(rules[index] as Entry, subject, file, scope, findings, faults);
  };
  try {
    showPage(page, file, show, (at) => {
      if (brokenAt === undefined || brokenAt === 0) brokenAt = at;
    });
  } catch (error) {
    faults.push({ rule: 'model', message: messageOf(error) });
  }
  return { findings: distinct(withoutIdle(findings, page, file)), faults, seen: counts, brokenAt, isRefused: false };
}

/** What is said of code that does not run: it proves nothing, and is nobody's to mend but for what holds as it is written. */
function asUnrun(it: RawFinding, because: string): RawFinding {
  return isToAct(it) ? asNote(it, because) : it;
}

export function asNote(it: RawFinding, because: string): RawFinding {
  return { ...it, kind: 'informational', level: 'none', message: `${it.message} (${because})` };
}

function withoutIdle(found: readonly RawFinding[], page: Page, file: FileModel): readonly RawFinding[] {
  if (found.length === 0) return found;
  const stretches = behindSkips(page);
  const isBehindSkip = (it: RawFinding) => stretches.some(({ start, end }) => start <= it.at.start && it.at.start < end) && isOf(page, it);
  const isSkipped = found.some(isPass) && file.isSkipped(page);
  const never = (it: RawFinding) => isPass(it) && (isSkipped || isBehindSkip(it));
  const findings = found.some(never) ? found.filter((it) => !never(it)) : found;
  const [node] = page.statements;
  const body = node?.type === 'function' ? node.body[0] : undefined;
  if (body === undefined || !findings.some(isToAct)) return findings;
  const from = spotOf(body.place).start;
  const unused = file.idle(page);
  return findings.map((it) => {
    if (!isToAct(it) || !isOf(page, it) || it.at.start < from) return it;
    const taker = unused === undefined ? givenAwayTo(page, it.at.start) : undefined;
    const skipped = isBehindSkip(it) ? 'behind a skip' : unused;
    const because = taker === undefined ? skipped : `need not run here: \`${taker}\` is given the function`;
    return because === undefined ? it : asUnrun(it, because);
  });
}

function isOf({ key, path }: Page, { at }: RawFinding): boolean {
  return at.key === key && at.path === path;
}

function isPass({ kind }: RawFinding): boolean {
  return kind === 'pass';
}

function isToAct({ kind, rule, disproves }: RawFinding): boolean {
  return (kind === 'fail' || kind === 'review' || kind === 'open') && rule.atRest !== true && disproves === undefined;
}

/** Sorted by place; what a rule says twice of one place is said once. */
export function distinct(findings: readonly RawFinding[]): readonly RawFinding[] {
  if (findings.length < 2) return findings;
  const sorted = [...findings].sort((a, b) => a.at.start - b.at.start || a.at.end - b.at.end || (a.id < b.id ? -1 : a.id > b.id ? 1 : 0));
  return sorted.filter((it, index) => {
    for (let before = index - 1; before >= 0; before--) {
      const other = sorted[before];
      if (other === undefined || other.at.start !== it.at.start || other.at.end !== it.at.end || other.id !== it.id) return true;
      if (other.message === it.message && other.claim === it.claim && other.at.key === it.at.key) return false;
    }
    return true;
  });
}

/** Runs one rule on one subject; what it throws becomes a fault, and the others go on. */
export function runRule(entry: Entry, subject: unknown, file: FileModel, scope: string, findings: RawFinding[], faults: Fault[]): void {
  try {
    if (entry.wants?.(subject as never, file) === false) return;
    for (const it of entry.check(subject as never, file)) {
      const found = rawOf(it, entry.rule, entry.id, scope, file.vendored || file.generated);
      if (file.unrun === undefined) findings.push(found);
      else if (!isPass(found)) findings.push(asUnrun(found, 'the file is never collected'));
    }
  } catch (error) {
    faults.push({ rule: entry.id, message: messageOf(error) });
  }
}

function rawOf(it: Finding, rule: Rule, id: string, scope: string, isOfOthers: boolean): RawFinding {
  const found = it.kind ?? rule.kind;
  const kind = isOfOthers && (found === 'fail' || found === 'review') ? 'informational' : found;
  const confidence = it.confidence ?? rule.confidence;
  const at = anchorOf(it.at);
  return {
    rule,
    id,
    kind,
    level: kind !== 'fail' ? 'none' : (it.level ?? (confidence === 'high' ? 'error' : 'warning')),
    confidence,
    message: it.message,
    at,
    within: withinOf(at.key),
    trail: it.trail?.map((step) => ({ at: anchorOf(step.at), note: withoutSecrets(step.note) })) ?? [],
    fix: it.fix === undefined ? undefined : { ...it.fix, title: withoutSecrets(it.fix.title), edits: it.fix.edits.map(anchored) },
    scope,
    claim: it.claim ?? '',
    disproves: it.disproves,
    idiom: undefined,
    masked: undefined,
  };
}

function anchored(edit: Edit): Edit {
  const place = (it: Place) => anchorOf(it) as unknown as Place;
  switch (edit.do) {
    case 'import':
      return edit;
    case 'add argument':
      return { ...edit, call: place(edit.call) };
    case 'add parameter':
      return { ...edit, name: place(edit.name), after: edit.after === undefined ? undefined : place(edit.after) };
    case 'move after':
      return { ...edit, at: place(edit.at), after: place(edit.after) };
    case 'enclose':
      return { ...edit, at: place(edit.at), until: place(edit.until) };
    default:
      return { ...edit, at: place(edit.at) };
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? `${error.name}: ${error.message}` : String(error);
}
