/**
 * The squiggles of a review. A defect is an error (high confidence) or a warning, what a person must decide is
 * information, notes and open questions are hints; evidence (`pass`) and suppressed findings show no squiggle.
 */
import type { Diagnostic, DiagnosticRelatedInformation } from 'vscode-languageserver-types';
import { capital, unusedSays } from '../review/prose.ts';
import { findingsOf, type PlacedFinding, type Review, type TrailStep } from '../review/review.ts';
import type { Positions } from './positions.ts';
import { visible } from './visible.ts';

/** What a setting may say instead of the usual severity. */
export type Shown = 'off' | 'hint' | 'information' | 'warning' | 'error';

export interface DiagnosticOptions {
  readonly positions: Positions;
  /** The client's name for a path of the review. */
  uriOf(path: string): string;
  /** What settings say about a finding; `undefined` when they say nothing. */
  severityOf(finding: PlacedFinding): Shown | undefined;
  /** Does the client show related places? If not, they are told in the message. */
  readonly related: boolean;
  /** The address of the catalogue of rules; the public one when left out. */
  readonly catalogue?: string;
  /** The rest is counted in one last entry. */
  readonly most?: number;
}

/** The name under which findings stand in the list of problems. */
export const SOURCE = 'attest';

export const CATALOGUE = 'https://github.com/attest-review/attest/blob/main/rules/README.md';
const MOST_STEPS = 10;
const SEVERITY = { error: 1, warning: 2, information: 3, hint: 4 } as const;

/** Where a rule is explained online: its section of the catalogue, wherever that is. */
export function rulePage(rule: string, catalogue = CATALOGUE): string {
  return `${catalogue}#${rule.replace('/', '')}`;
}

/** How a finding is shown without settings; evidence is `off`. */
export function shownAs(finding: PlacedFinding): Shown {
  if (finding.suppressed !== undefined || finding.kind === 'pass') return 'off';
  if (finding.kind === 'fail') return finding.level === 'error' ? 'error' : 'warning';
  return finding.kind === 'review' ? 'information' : 'hint';
}

/** By place; severity is always given, since a client may read a missing one as an error. */
export function diagnosticsOf(review: Review, options: DiagnosticOptions): Diagnostic[] {
  const shown = findingsOf(review).flatMap((finding) => {
    const usual = shownAs(finding);
    const severity = usual === 'off' ? 'off' : (options.severityOf(finding) ?? usual);
    return severity === 'off' ? [] : [{ finding, severity }];
  });
  const { most = shown.length } = options;
  const result = shown.slice(0, most).map(({ finding, severity }) => diagnostic(review, finding, SEVERITY[severity], options));
  const rest = shown.length - most;
  if (rest > 0) {
    const start = { line: 0, character: 0 };
    result.push({
      range: { start, end: start },
      severity: SEVERITY.information,
      source: SOURCE,
      message: `${rest} more findings in this file: the panel of Attest shows all`,
    });
  }
  for (const it of review.unused) {
    const range = options.positions.range(it);
    result.push({ range, severity: SEVERITY.hint, code: UNUSED, source: SOURCE, message: capital(visible(unusedSays(it))), tags: [UNNECESSARY] });
  }
  return result;
}

const UNUSED = 'suppression/unused';
/** `DiagnosticTag.Unnecessary`: shown faded. */
const UNNECESSARY = 1;

function diagnostic(review: Review, finding: PlacedFinding, severity: 1 | 2 | 3 | 4, options: DiagnosticOptions): Diagnostic {
  const trail = finding.trail.slice(0, MOST_STEPS);
  const told = options.related || trail.length === 0 ? '' : ` (${trail.map((it) => stepText(review, it)).join('; ')})`;
  return {
    range: options.positions.range(finding),
    severity,
    code: finding.rule,
    codeDescription: { href: rulePage(finding.rule, options.catalogue) },
    source: SOURCE,
    message: capital(visible(finding.message)) + told,
    ...(options.related && trail.length > 0 ? { relatedInformation: trail.map((it) => related(it, options)) } : {}),
  };
}

function stepText(review: Review, step: TrailStep): string {
  return `${step.path === review.path ? '' : `${visible(step.path)} `}line ${step.line}: ${visible(step.note)}`;
}

function related(step: TrailStep, options: DiagnosticOptions): DiagnosticRelatedInformation {
  const start = { line: Math.max(0, step.line - 1), character: Math.max(0, step.column - 1) };
  return { location: { uri: options.uriOf(step.path), range: { start, end: start } }, message: visible(step.note) };
}
