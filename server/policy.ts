/** Configuration and baseline as what holds for one file. Used by every door, so that all come to the same verdict. */
import { CATEGORIES, type Kind, type Rule } from '../rules/rule.ts';
import type { Configuration, LevelSetting } from './configuration.ts';
import { type Baseline, knownIn } from './review/baseline.ts';
import { type ConfiguredLevel, judged, type Policy } from './review/judge.ts';
import { listed } from './review/prose.ts';
import type { PlacedFinding, Review, Suppressed, UnusedSuppression } from './review/review.ts';
import { fullId, nearest, ruleNamed, similarRules } from './views/named.ts';

/** A baseline and the name to speak of it by. */
export interface NamedBaseline {
  readonly name: string;
  readonly entries: Baseline;
}

/** Gives the review under the repository's configuration and baseline; the same object where they change nothing. */
export type Judge = (review: Review) => Review;

const NO_FINGERPRINTS: ReadonlySet<string> = new Set();

export function createJudge(configuration: Configuration, rules: readonly Rule[], baseline: NamedBaseline | undefined): Judge {
  const byId = new Map(rules.map((it) => [fullId(it), it]));
  const known: Suppressed = { by: baseline?.name ?? '', reason: 'known when the baseline was made', line: 0, baseline: true };
  return (review) => {
    const levels = configuration.layers.filter((it) => it.applies(review.path)).map((it) => it.levels);
    const prints = baseline === undefined ? NO_FINGERPRINTS : knownIn(baseline.entries, review.path);
    const policy: Policy = {
      levelOf: (finding) => levelOf(finding, levels, byId),
      isOff: (category) => settingFor([category, '*'], levels)?.value === 'off',
      added: [],
      // Of an idiom that is said once, all are known, or it is shown.
      baselined: (finding) => (prints.size > 0 && prints.has(finding.fingerprint) && finding.others.every((it) => prints.has(it)) ? known : undefined),
      notes: notesOf(levels, byId),
    };
    return withHints(judged(review, policy), rules);
  };
}

/** Says of names in ignore comments that no rule has what was probably meant. */
function withHints(review: Review, rules: readonly Rule[]): Review {
  if (review.unused.length === 0) return review;
  const unused = review.unused.map((it) => {
    const hint = unknownIn(namesIn(it), rules);
    return hint === undefined ? it : { ...it, hint };
  });
  return unused.every((it, index) => it === review.unused[index]) ? review : { ...review, unused };
}

function namesIn({ names, text }: UnusedSuppression): readonly string[] {
  return names.length > 0 ? names : (/\[([^[\]]*)\]/.exec(text)?.[1] ?? '').split(/[,\s]+/).filter((it) => it !== '');
}

function unknownIn(names: readonly string[], rules: readonly Rule[]): string | undefined {
  const unknown = names.filter((it) => ruleNamed(rules, it) === undefined && !CATEGORIES.some(({ id }) => id === it));
  if (unknown.length === 0) return undefined;
  const similar = unknown.flatMap(
    (it) =>
      similarRules(rules, it)[0] ??
      nearest(
        it,
        CATEGORIES.map(({ id }) => id),
      )[0] ??
      [],
  );
  const meant = similar.length === 0 ? '' : `; did you mean ${listed(similar.map((it) => `\`${it}\``))}?`;
  return `there ${unknown.length === 1 ? 'is no rule' : 'are no rules'} ${listed(unknown.map((it) => `\`${it}\``))}${meant}`;
}

type Levels = readonly ReadonlyMap<string, LevelSetting>[];

/** The settings that are in force, by name: a rule's own counts only where no later layer speaks of its category. */
export function settingsIn(levels: Levels): LevelSetting[] {
  const names = [...new Set(levels.flatMap((it) => [...it.keys()]))].sort();
  return names.flatMap((name): readonly LevelSetting[] => {
    const setting = settingFor([...new Set([name, name.split('/')[0] ?? name, '*'])], levels);
    return setting?.name === name ? [setting] : [];
  });
}

/** The last layer that speaks of one of the names; within it the first name. */
function settingFor(names: readonly string[], levels: Levels): LevelSetting | undefined {
  for (const layer of [...levels].reverse()) {
    const found = names.map((it) => layer.get(it)).find((it) => it !== undefined);
    if (found !== undefined) return found;
  }
  return undefined;
}

/** Whether the configuration has a level for a rule; with a path, in that file. */
export function decides({ layers }: Configuration, path?: string): (rule: string, category: string) => boolean {
  const levels = layers.filter((it) => it.paths === undefined || (path !== undefined && it.applies(path))).map((it) => it.levels);
  return (rule, category) => settingFor([rule, category, '*'], levels) !== undefined;
}

const WEIGHT: Readonly<Record<Kind, number>> = { fail: 3, review: 2, informational: 1, open: 0, pass: 0 };

/**
 * A level is for what the rule ordinarily finds, and for what is worse: a note of a rule that looks for defects says
 * why there is none, and stays a note. A category's level is for its defects and points to decide. `off` is for all.
 */
function levelOf(finding: PlacedFinding, levels: Levels, rules: ReadonlyMap<string, Rule>): ConfiguredLevel | undefined {
  if (levels.length === 0) return undefined;
  const setting = settingFor([finding.rule, finding.category, '*'], levels);
  if (setting === undefined || setting.value === 'off') return setting?.value;
  if (finding.kind === 'pass') return undefined;
  const least = setting.name === finding.rule ? (rules.get(finding.rule)?.kind ?? 'review') : 'review';
  return WEIGHT[finding.kind] >= WEIGHT[least] ? setting.value : undefined;
}

const MOST_NAMED = 5;

function notesOf(levels: Levels, rules: ReadonlyMap<string, Rule>): string[] {
  const settings = settingsIn(levels);
  const off = settings.filter((it) => it.value === 'off');
  const lower = settings.filter((it) => isLower(it, rules));
  return [
    ...(off.length === 0 ? [] : [`Configuration turns off ${named(off.map((it) => it.name))}`]),
    ...(lower.length === 0 ? [] : [`Configuration lowers ${named(lower.map((it) => it.name))}`]),
  ];
}

/** Does it make less of a finding than the rule does? */
function isLower({ name, value }: LevelSetting, rules: ReadonlyMap<string, Rule>): boolean {
  if (value === 'off') return false;
  const kind = rules.get(name)?.kind ?? 'fail';
  const weight = value === 'note' ? WEIGHT.informational : value === 'review' ? WEIGHT.review : WEIGHT.fail;
  return weight < WEIGHT[kind];
}

function named(names: readonly string[]): string {
  const shown = names.length > MOST_NAMED ? names.slice(0, MOST_NAMED - 1) : names;
  const rest = names.length - shown.length;
  return listed([...shown.map((it) => (it === '*' ? 'all rules' : `\`${it}\``)), ...(rest === 0 ? [] : [`${rest} more`])]);
}
