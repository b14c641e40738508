/** Required evidence for the doors: which requirements are for a file, and the review with what it misses. */
import { RULES } from '../rules/index.ts';
import type { Rule } from '../rules/rule.ts';
import type { Configuration } from './configuration.ts';
import { TIERS } from './configuration-keys.ts';
import { matcher } from './globs.ts';
import { tierOf } from './model/frameworks.ts';
import { reassessed } from './review/assess.ts';
import type { Engine } from './review/engine.ts';
import { missingEvidence, type Requirement, requiredRule } from './review/required.ts';
import { findingsOf, type Review } from './review/review.ts';

/** A requirement with the test files that it is for. */
export interface PlacedRequirement extends Requirement {
  /** Tiers and globs, as written. */
  readonly places: readonly string[];
}

export function appliesTo({ places }: PlacedRequirement, path: string): boolean {
  const tiers = places.filter((it) => TIERS.some((tier) => tier === it));
  return tiers.includes('all') || tiers.includes(tierOf(path)) || matcher(places.filter((it) => !tiers.includes(it)))(path);
}

/** Asks the engine for what else it must look at; the door sees to it that nothing is `wanted()` any more. */
export function withRequired(engine: Engine, review: Review, required: readonly PlacedRequirement[]): Review {
  const own = required.filter((it) => appliesTo(it, review.path));
  if (own.length === 0 || !review.isTest) return review;
  const missing = missingEvidence(review, own, RULES, {
    ...engine.surroundings(review.path),
    reviewOf: (path) => engine.review(path, { anyFile: !engine.isTest(path) }),
  });
  return missing.length === 0 ? review : reassessed(review, [...findingsOf(review), ...missing], NOTHING_ELSE);
}

const NOTHING_ELSE = { notes: [], isOff: () => false };

/** The catalogue with the rules that this configuration makes. */
export function rulesOf(configuration: Configuration, rules: readonly Rule[]): Rule[] {
  return [...rules, ...configuration.requirements.flatMap((it) => requiredRule(it.evidence, rules) ?? [])];
}

/** The catalogue with those of these rules that the reviews speak of. */
export function rulesIn(reviews: readonly Review[], rules: readonly Rule[]): Rule[] {
  const found = new Set(reviews.flatMap((it) => findingsOf(it).map((finding) => finding.rule)));
  return everyRule(rules).filter((it, index) => index < rules.length || found.has(`${it.category}/${it.id}`));
}

/** The catalogue with every rule that some configuration could make. */
export function everyRule(rules: readonly Rule[]): Rule[] {
  const evidence = rules.flatMap((it) => (it.kind === 'pass' ? [`${it.category}/${it.id}`] : []));
  return [...rules, ...[...evidence, ...new Set(rules.map((it) => it.category))].flatMap((it) => requiredRule(it, rules) ?? [])];
}
