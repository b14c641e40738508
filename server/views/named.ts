/**
 * Rules by what people call them: full id (`network/certificate-check-off`), bare name, catalogue code
 * (`NET006`) or an earlier name; in any case of letters. With suggestions for what was probably meant.
 */
import type { Rule } from '../../rules/rule.ts';

/** `network/certificate-check-off`, whether or not the rule's own id carries the category. */
export function fullId(rule: Pick<Rule, 'id' | 'category'>): string {
  return rule.id.includes('/') ? rule.id : `${rule.category}/${rule.id}`;
}

/** The rule of that name; undefined when there is none. */
export function ruleNamed(rules: readonly Rule[], name: string): Rule | undefined {
  const wanted = name.trim().toLowerCase();
  return rules.find((it) => namesOf(it).includes(wanted)) ?? rules.find((it) => aliasesOf(it).includes(wanted));
}

/** Full ids that are spelled much like the name or contain it; nearest first, at most three, may be empty. */
export function similarRules(rules: readonly Rule[], name: string): string[] {
  const wanted = name.trim().toLowerCase();
  if (wanted === '') return [];
  const limit = Math.max(1, Math.floor(wanted.length / 3));
  return rules
    .map((rule) => ({
      id: fullId(rule),
      distance: Math.min(...[...namesOf(rule), ...aliasesOf(rule)].map((it) => (wanted.length > 2 && it.includes(wanted) ? 1 : distance(it, wanted)))),
    }))
    .filter((it) => it.distance <= limit)
    .sort((a, b) => a.distance - b.distance || (a.id < b.id ? -1 : 1))
    .slice(0, 3)
    .map((it) => it.id);
}

/** The words that are spelled much like one that is not among them; nearest first, at most two, may be empty. */
export function nearest(word: string, words: readonly string[]): string[] {
  const limit = Math.max(1, Math.floor(word.length / 3));
  return words
    .map((it) => ({ it, far: distance(word.toLowerCase(), it.toLowerCase()) }))
    .filter(({ far }) => far <= limit)
    .sort((a, b) => a.far - b.far)
    .slice(0, 2)
    .map(({ it }) => it);
}

function namesOf(rule: Rule): string[] {
  const id = fullId(rule);
  return [id, id.slice(id.indexOf('/') + 1), rule.code].map((it) => it.toLowerCase());
}

function aliasesOf(rule: Rule): string[] {
  return (rule.aliases ?? []).flatMap((it) => [it, it.slice(it.indexOf('/') + 1)]).map((it) => it.toLowerCase());
}

/** How many letters must be put in, taken out or changed (Levenshtein). */
function distance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (let i = 1; i <= a.length; i += 1) {
    const next = [i];
    for (let j = 1; j <= b.length; j += 1) {
      const change = (row[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1);
      next.push(Math.min(change, (row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1));
    }
    row = next;
  }
  return row[b.length] ?? 0;
}
