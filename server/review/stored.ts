/**
 * A review as plain data and back: what crosses from one thread to another and what is kept on disk. What can be
 * computed (summaries, counts, the verdict) is not part of it. The text of fixes is kept without the lines that
 * it takes from the file, so that no secret of a source is ever written elsewhere.
 */
import { CATEGORIES } from '../../rules/rule.ts';
import { categoriesOf, reviewFrom } from './assess.ts';
import type { Blind, Fault, PlacedEdit, PlacedFinding, PlacedFix, Review, UnusedSuppression } from './review.ts';

/** JSON-safe. A finding is its values in the order of `FIELDS`, `null` for undefined. */
export interface StoredReview {
  readonly path: string;
  readonly isTest: boolean;
  readonly lines: number;
  /** By category, in the order of `CATEGORIES`. */
  readonly looked: readonly string[];
  readonly findings: readonly (readonly unknown[])[];
  readonly faults: readonly Fault[];
  readonly blind: readonly Blind[];
  /** What the engine itself notes. */
  readonly notes: readonly string[];
  readonly unused: readonly UnusedSuppression[];
}

/** A text, or from where to where the file's own text holds it. */
type Piece = string | readonly [number, number];

interface StoredFix {
  readonly title: string;
  readonly safety: PlacedFix['safety'];
  readonly edits: readonly (Omit<PlacedEdit, 'text'> & { readonly pieces: readonly Piece[] })[];
}

/** Every key of a finding: a new one that is forgotten here does not compile. */
const KEYS: Readonly<Record<keyof PlacedFinding, 'string' | 'number' | 'list' | 'object'>> = {
  start: 'number',
  end: 'number',
  line: 'number',
  column: 'number',
  endLine: 'number',
  endColumn: 'number',
  rule: 'string',
  code: 'string',
  category: 'string',
  kind: 'string',
  level: 'string',
  confidence: 'string',
  message: 'string',
  fingerprint: 'string',
  others: 'list',
  within: 'string',
  trail: 'list',
  suppressed: 'object',
  fix: 'object',
};
const FIELDS = Object.keys(KEYS) as (keyof PlacedFinding)[];

/** `text` is what the review is of. */
export function stored(review: Review, text: string): StoredReview {
  const findings = review.categories
    .flatMap((it) => it.findings)
    .map((it) => FIELDS.map((key) => (key === 'fix' ? storedFix(it.fix, text) : (it[key] ?? null))));
  const looked = review.categories.map((it) => it.looked);
  return {
    path: review.path,
    isTest: review.isTest,
    lines: review.lines,
    looked,
    findings,
    faults: review.faults,
    blind: review.blind,
    unused: review.unused,
    notes: review.notes,
  };
}

/** `textOf` is asked for the text that the review is of when somebody asks for a fix; without it there is none. */
export function restored(review: StoredReview, textOf: () => string | undefined): Review {
  const findings = review.findings.map((values) => finding(values, textOf));
  const order = CATEGORIES.map((it) => it.id);
  const categories = categoriesOf(findings, (id) => review.looked[order.indexOf(id)] ?? '');
  return reviewFrom(review.path, review.isTest, review.lines, categories, review.faults, review.blind, review.unused, review.notes);
}

function finding(values: readonly unknown[], textOf: () => string | undefined): PlacedFinding {
  const result: Partial<Record<keyof PlacedFinding, unknown>> = {};
  for (const [index, key] of FIELDS.entries()) {
    const value = values[index] ?? undefined;
    if (key !== 'fix' || value === undefined) result[key] = value;
    else Object.defineProperty(result, key, { enumerable: true, get: () => placedFix(value as StoredFix, textOf()) });
  }
  return result as PlacedFinding;
}

/** Is it what `stored` gives? For data that may have been damaged or made by somebody else. */
export function isStored(value: unknown): value is StoredReview {
  if (!isRecord(value)) return false;
  const { path, isTest, lines, looked, findings, faults, blind, unused } = value;
  return (
    typeof path === 'string' &&
    typeof isTest === 'boolean' &&
    typeof lines === 'number' &&
    isListOf(looked, (it) => typeof it === 'string') &&
    isListOf(findings, isFinding) &&
    isListOf(faults, (it) => isRecord(it) && typeof it['rule'] === 'string' && typeof it['message'] === 'string') &&
    isListOf(blind, (it) => isRecord(it) && typeof it['message'] === 'string' && typeof it['line'] === 'number') &&
    isListOf(
      unused,
      (it) => isRecord(it) && typeof it['text'] === 'string' && typeof it['line'] === 'number' && isListOf(it['names'], (name) => typeof name === 'string'),
    )
  );
}

function isFinding(value: unknown): boolean {
  return (
    Array.isArray(value) &&
    value.length === FIELDS.length &&
    FIELDS.every((key, index) => {
      const [kind, it] = [KEYS[key], value[index]];
      if (kind === 'list') return Array.isArray(it);
      return kind === 'object' ? it === null || isRecord(it) : typeof it === kind;
    })
  );
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null;
}

function isListOf(value: unknown, fits: (item: unknown) => boolean): boolean {
  return Array.isArray(value) && value.every(fits);
}

// ------------------------------------------------------------------------------------------------ fixes

function storedFix(fix: PlacedFix | undefined, text: string): StoredFix | null {
  if (fix === undefined) return null;
  return { title: fix.title, safety: fix.safety, edits: fix.edits.map(({ text: inserted, ...at }) => ({ ...at, pieces: piecesOf(inserted, text) })) };
}

/** Shorter than any secret: written as it is. */
const SHORT = 6;

/** Words of the file are said by where they are. */
function piecesOf(inserted: string, text: string): Piece[] {
  const pieces: Piece[] = [];
  let plain = '';
  for (const part of inserted.split(/(\s+)/)) {
    const at = part.length < SHORT ? -1 : text.indexOf(part);
    if (at < 0) {
      plain += part;
      continue;
    }
    if (plain !== '') pieces.push(plain);
    plain = '';
    pieces.push([at, at + part.length]);
  }
  return plain === '' ? pieces : [...pieces, plain];
}

function placedFix(fix: StoredFix, text: string | undefined): PlacedFix | undefined {
  if (text === undefined) return undefined;
  const whole = (it: Piece) => (typeof it === 'string' ? it : text.slice(it[0], it[1]));
  return { title: fix.title, safety: fix.safety, edits: fix.edits.map(({ pieces, ...at }) => ({ ...at, text: pieces.map(whole).join('') })) };
}
