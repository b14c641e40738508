/**
 * The baseline: findings that a repository knows and has not mended yet. A file of fingerprints, so that it holds
 * no code and stays true while findings move; sorted, one to a line, so that two people's changes merge.
 *
 *     { "schema": "attest-baseline/1",
 *       "files": { "tests/test_a.py": { "network/certificate-check-off": ["5d41402abc4b2a76"] } } }
 */
import { findingsOf, type PlacedFinding, type Review } from './review.ts';

/** Fingerprints by path and rule. */
export type Baseline = ReadonlyMap<string, ReadonlyMap<string, readonly string[]>>;

const SCHEMA = 'attest-baseline/1';

/** The baseline of a file's text, or in a sentence what is wrong with it. */
export function readBaseline(text: string): Baseline | { readonly wrong: string } {
  const conflict = /^(?:<{7}|={7}|>{7})(?: |$)/m.exec(text);
  if (conflict !== null) return { wrong: `line ${text.slice(0, conflict.index).split('\n').length} is the mark of a merge conflict` };
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return { wrong: 'it is no JSON' };
  }
  if (!isRecord(value) || typeof value['schema'] !== 'string') return { wrong: 'it has no `schema`, so it is no baseline of Attest' };
  if (value['schema'] !== SCHEMA) return { wrong: `its schema is \`${value['schema'].slice(0, 40)}\`, and this version of Attest knows \`${SCHEMA}\`` };
  const { files } = value;
  if (!isRecord(files)) return { wrong: '`files` is missing' };
  const result = new Map<string, Map<string, string[]>>();
  for (const [path, rules] of Object.entries(files)) {
    if (!isRecord(rules)) return { wrong: `\`files\` of \`${path}\` is no object` };
    const byRule = new Map<string, string[]>();
    for (const [rule, prints] of Object.entries(rules)) {
      if (!Array.isArray(prints) || !prints.every((it) => typeof it === 'string' && /^[0-9a-f]{16}$/.test(it)))
        return { wrong: `\`${rule}\` of \`${path}\` is no list of fingerprints` };
      byRule.set(rule, prints);
    }
    result.set(path, byRule);
  }
  return result;
}

/** What a baseline is written as; equal baselines give equal text. */
export function baselineText(baseline: Baseline): string {
  const byName = <T>(entries: ReadonlyMap<string, T>) => [...entries].sort(([a], [b]) => (a < b ? -1 : 1));
  const files = Object.fromEntries(
    byName(baseline).map(([path, rules]) => [path, Object.fromEntries(byName(rules).map(([rule, prints]) => [rule, [...prints].sort()]))]),
  );
  return `${JSON.stringify({ schema: SCHEMA, files }, undefined, 2)}\n`;
}

/** Of the findings that somebody must act on or decide, and of what could not be judged. */
function counts(finding: PlacedFinding): boolean {
  const isOpen = finding.suppressed === undefined || finding.suppressed.baseline === true;
  return isOpen && (finding.kind === 'fail' || finding.kind === 'review' || finding.kind === 'open');
}

/** A baseline that knows all that these reviews found; other files keep what they have while `exists` says so. */
export function baselineOf(reviews: readonly Review[], before: Baseline, exists: (path: string) => boolean): Baseline {
  const result = new Map<string, ReadonlyMap<string, readonly string[]>>();
  for (const [path, rules] of before) if (exists(path)) result.set(path, rules);
  for (const review of reviews) {
    const byRule = new Map<string, string[]>();
    for (const it of findingsOf(review).filter(counts)) byRule.set(it.rule, [...(byRule.get(it.rule) ?? []), it.fingerprint, ...it.others]);
    if (byRule.size === 0) result.delete(review.path);
    else result.set(review.path, byRule);
  }
  return result;
}

/** All fingerprints that are known of a file. */
export function knownIn(baseline: Baseline, path: string): ReadonlySet<string> {
  return new Set([...(baseline.get(path)?.values() ?? [])].flat());
}

/** How many entries no longer fit any finding: of the reviewed files, and of files that are gone. */
export function staleEntries(baseline: Baseline, reviews: readonly Review[], exists: (path: string) => boolean): number {
  const reviewed = new Set(reviews.map((it) => it.path));
  let stale = 0;
  for (const path of baseline.keys()) if (!reviewed.has(path) && !exists(path)) stale += knownIn(baseline, path).size;
  for (const review of reviews) {
    const known = knownIn(baseline, review.path);
    if (known.size === 0) continue;
    const found = new Set(findingsOf(review).flatMap((it) => (it.kind === 'pass' ? [] : [it.fingerprint, ...it.others])));
    for (const it of known) if (!found.has(it)) stale += 1;
  }
  return stale;
}

export function sizeOf(baseline: Baseline): number {
  return [...baseline.values()].reduce((sum, rules) => sum + [...rules.values()].reduce((total, it) => total + it.length, 0), 0);
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
