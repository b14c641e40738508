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
  return [wanted.kind === finding.kind && wanted.level === finding.level ? finding : altered(finding, wanted)];
}

function known(finding: PlacedFinding, policy: Policy): PlacedFinding {
  if (finding.kind === 'pass' || finding.suppressed !== undefined) return finding;
  const suppressed = policy.baselined(finding);
  return suppressed === undefined ? finding : altered(finding, { suppressed });
}

/** The finding with other values; its fix and fingerprints are still worked out when somebody asks. */
function altered(finding: PlacedFinding, change: Partial<PlacedFinding>): PlacedFinding {
  const later = {
    get fix() {
      return finding.fix;
    },
    get fingerprint() {
      return finding.fingerprint;
    },
    get others() {
      return finding.others;
    },
  };
  const copy: PlacedFinding = Object.create({}, { ...Object.getOwnPropertyDescriptors(finding), ...Object.getOwnPropertyDescriptors(later) });
  return Object.assign(copy, change);
}
