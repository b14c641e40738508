/**
 * What a repository makes of a review: levels of its own, findings that it knows already, and what it says of
 * both. The review itself stays as it was found.
 */
import type { Category, Kind, Level } from '../../rules/rule.ts';
import { reassessed } from './assess.ts';
import { findingsOf, type PlacedFinding, type Review, type Suppressed } from './review.ts';

export type ConfiguredLevel = 'error' | 'warning' | 'review' | 'note' | 'off';

/** What holds for one file. */
export interface Policy {
  /** Undefined: as it was found. */
  levelOf(finding: PlacedFinding): ConfiguredLevel | undefined;
  /** Is the whole category turned off? */
  isOff(category: Category): boolean;
  /** Findings of the repository's own. */
  readonly added: readonly PlacedFinding[];
  /** What takes responsibility for findings that were known before. */
  baselined(finding: PlacedFinding): Suppressed | undefined;
  /** What configuration changes about the review, one sentence each, without full stops. */
  readonly notes: readonly string[];
}

export function judged(review: Review, policy: Policy): Review {
  if (!review.isTest) return review;
  const found = findingsOf(review);
  const findings = [...found.flatMap((it) => leveled(it, policy.levelOf(it))), ...policy.added].map((it) => known(it, policy));
  const isSame = findings.length === found.length && findings.every((it, index) => it === found[index]);
  return isSame && policy.notes.length === 0 ? review : reassessed(review, findings, policy);
}

const LEVELED: Readonly<Record<Exclude<ConfiguredLevel, 'off'>, { readonly kind: Kind; readonly level: Level }>> = {
  error: { kind: 'fail', level: 'error' },
  warning: { kind: 'fail', level: 'warning' },
  review: { kind: 'review', level: 'none' },
  note: { kind: 'informational', level: 'none' },
};

function leveled(finding: PlacedFinding, level: ConfiguredLevel | undefined): PlacedFinding[] {
  if (level === undefined) return [finding];
  if (level === 'off') return [];
  const wanted = LEVELED[level];
  return [wanted.kind === finding.kind && wanted.level === finding.level ? finding : new Altered(finding, wanted)];
}

function known(finding: PlacedFinding, policy: Policy): PlacedFinding {
  if (finding.kind === 'pass' || finding.suppressed !== undefined) return finding;
  const suppressed = policy.baselined(finding);
  return suppressed === undefined ? finding : new Altered(finding, { suppressed });
}

type Change = Partial<Pick<PlacedFinding, 'kind' | 'level' | 'suppressed'>>;

/** A finding with other values; its fix and fingerprints are still worked out when somebody asks. */
class Altered implements PlacedFinding {
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
  readonly trail: PlacedFinding['trail'];
  readonly within: string;
  readonly suppressed: PlacedFinding['suppressed'];
  readonly #of: PlacedFinding;

  constructor(of: PlacedFinding, { kind = of.kind, level = of.level, suppressed = of.suppressed }: Change) {
    this.start = of.start;
    this.end = of.end;
    this.line = of.line;
    this.column = of.column;
    this.endLine = of.endLine;
    this.endColumn = of.endColumn;
    this.rule = of.rule;
    this.code = of.code;
    this.category = of.category;
    this.kind = kind;
    this.level = level;
    this.confidence = of.confidence;
    this.message = of.message;
    this.trail = of.trail;
    this.within = of.within;
    this.suppressed = suppressed;
    this.#of = of;
  }

  get fix(): PlacedFinding['fix'] {
    return this.#of.fix;
  }

  get fingerprint(): string {
    return this.#of.fingerprint;
  }

  get others(): readonly string[] {
    return this.#of.others;
  }
}
