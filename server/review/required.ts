/**
 * Evidence that a repository requires: what the tests of a file cannot show becomes a finding of the evidence's
 * category, under a rule of its own. Evidence counts where it stands in what runs for the test (see `model/reach.ts`).
 */
import { CATEGORIES, type Category, defineRule, type Rule } from '../../rules/rule.ts';
import type { Scope } from '../model/reach.ts';
import { type Fingerprinted, fingerprintsOf } from './fingerprint.ts';
import { listed } from './prose.ts';
import { findingsOf, type PlacedFinding, type Review, type Span } from './review.ts';
import { type Suppression, takesResponsibility } from './suppress.ts';

/** Plain data: it goes to other threads. */
export interface Requirement {
  /** Full id of a rule that finds good practice, or a category. */
  readonly evidence: string;
  readonly category: Category;
  readonly level: 'fail' | 'review';
  readonly per: 'file' | 'test';
  readonly reason: string;
  /** Who requires it: `pyproject.toml`, and the line from 1. */
  readonly from: string;
  readonly line: number;
}

export interface PlacedTest extends Span {
  /** `TestA.test_x` */
  readonly name: string;
  readonly scopes: readonly Scope[];
}

export interface Surroundings {
  readonly tests: readonly PlacedTest[];
  /** Suppress comments of the file. */
  readonly comments: readonly Suppression[];
  /** The review of another file, whatever it is. */
  reviewOf(path: string): Review;
}

/** `network/sockets-blocked` → `network/sockets-blocked-required`; of a category `network/evidence-required`. */
export function requiredRule(evidence: string, rules: readonly Rule[]): Rule | undefined {
  const category = CATEGORIES.find((it) => it.id === evidence);
  const rule = rules.find((it) => `${it.category}/${it.id}` === evidence);
  const base = {
    kind: 'fail',
    kinds: ['fail', 'review'],
    confidence: 'high',
    cwe: [],
    limits: 'Evidence in functions of other modules that a test calls is not followed, beside set-up methods of base classes and fixtures of `conftest.py`.',
    on: 'file',
    *check() {
      // Found when the review is complete, since it is about what other rules found.
    },
    examples: [],
  } as const;
  if (category !== undefined) {
    const code = `${PREFIX[category.id]}-R00`;
    const title = `Required evidence is missing: ${category.title}`;
    const why = 'The repository requires that tests show good practice of this category.';
    return defineRule({
      ...base,
      id: 'evidence-required',
      code,
      category: category.id,
      title,
      why,
      instead: 'See the good practices of the category in the catalogue.',
      links: [],
    });
  }
  if (rule?.kind !== 'pass') return undefined;
  const { id, title, why, links } = rule;
  const code = rule.code.replace('-S', '-R');
  const instead = `Do what \`attest explain ${id}\` shows, in the test, in its set-up or in a fixture that it is given.`;
  return defineRule({ ...base, id: `${id}-required`, code, category: rule.category, title: `Required evidence is missing: ${title}`, why, instead, links });
}

const PREFIX: Readonly<Record<Category, string>> = {
  credentials: 'SEC',
  resources: 'RES',
  input: 'INP',
  errors: 'ERR',
  network: 'NET',
  api: 'API',
  mocking: 'MCK',
};

/** What the requirements miss in a reviewed file, by place. */
export function missingEvidence(review: Review, requirements: readonly Requirement[], rules: readonly Rule[], around: Surroundings): PlacedFinding[] {
  if (!review.isTest || around.tests.length === 0) return [];
  const shown = new Map<string, ReadonlyMap<string, readonly PlacedFinding[]>>();
  const passesIn = ({ path, within }: Scope) => {
    let byName = shown.get(path);
    if (byName === undefined) {
      byName = passesByName(path === review.path ? review : around.reviewOf(path));
      shown.set(path, byName);
    }
    return byName.get(within) ?? [];
  };
  const missing = requirements.flatMap((requirement) => {
    const rule = requiredRule(requirement.evidence, rules);
    if (rule === undefined) return [];
    const proves = (it: PlacedFinding) => it.rule === requirement.evidence || it.category === requirement.evidence;
    const lacking = around.tests.filter((test) => !test.scopes.some((scope) => passesIn(scope).some(proves)));
    if (requirement.per === 'file') return lacking.length < around.tests.length ? [] : [{ requirement, rule, tests: lacking.slice(0, 1), whole: true }];
    return byOwner(lacking).map((tests) => ({ requirement, rule, tests, whole: false }));
  });
  const found = missing.flatMap((it) => findingFor(it, around.comments) ?? []);
  const prints = fingerprintsOf(found.map((it): Fingerprinted => ({ code: it.code, snippet: '', within: it.within })));
  return found.map((it, index) => ({ ...it, fingerprint: prints[index] ?? '' }));
}

function passesByName(review: Review): ReadonlyMap<string, readonly PlacedFinding[]> {
  const result = new Map<string, PlacedFinding[]>();
  for (const it of findingsOf(review)) {
    if (it.kind !== 'pass') continue;
    const list = result.get(it.within);
    if (list === undefined) result.set(it.within, [it]);
    else list.push(it);
  }
  return result;
}

/** The tests of one class make one finding; so do those of the module. */
function byOwner(tests: readonly PlacedTest[]): PlacedTest[][] {
  const result = new Map<string, PlacedTest[]>();
  for (const it of tests) {
    const owner = it.name.includes('.') ? it.name.slice(0, it.name.lastIndexOf('.')) : '';
    result.set(owner, [...(result.get(owner) ?? []), it]);
  }
  return [...result.values()];
}

interface Missing {
  readonly requirement: Requirement;
  readonly rule: Rule;
  readonly tests: readonly PlacedTest[];
  readonly whole: boolean;
}

function findingFor({ requirement, rule, tests, whole }: Missing, comments: readonly Suppression[]): PlacedFinding | undefined {
  const [first] = tests;
  if (first === undefined) return undefined;
  const { evidence, level: kind, reason, from, line } = requirement;
  const who = whole ? 'no test here shows' : tests.length === 1 ? `\`${first.name}\` does not show` : `${listed(named(tests))} do not show`;
  const { name: within, scopes: _scopes, ...span } = first;
  const finding: PlacedFinding = {
    ...span,
    within,
    rule: `${rule.category}/${rule.id}`,
    code: rule.code,
    category: rule.category,
    kind,
    level: kind === 'fail' ? 'error' : 'none',
    confidence: 'high',
    message: `${who} \`${evidence}\`, which ${from} line ${line} requires${reason === '' ? '' : ` (${reason})`}`,
    trail: [],
    fix: undefined,
    fingerprint: '',
    others: [],
    suppressed: undefined,
  };
  const by = comments.find((it) => takesResponsibility(it, finding, rule));
  return by === undefined ? finding : { ...finding, suppressed: { by: by.text, reason: by.reason, line: by.at } };
}

const MOST_NAMED = 3;

function named(tests: readonly PlacedTest[]): string[] {
  const shown = tests.slice(0, MOST_NAMED).map((it) => `\`${it.name}\``);
  return tests.length > MOST_NAMED ? [...shown, `${tests.length - MOST_NAMED} more`] : shown;
}
