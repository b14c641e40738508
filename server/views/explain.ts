/**
 * A rule's page, made from what the rule says about itself: what it means, why it matters, what to do
 * instead, its limits, examples, and what others call it. Used by `attest explain`, by hover and
 * for the catalogue. Rules are our own text, so nothing is escaped here.
 */
import { CATEGORIES, type Example, type Kind, type Rule, type Source } from '../../rules/rule.ts';
import { capital, listed, sentence } from '../review/prose.ts';
import { fullId } from './named.ts';

export interface ExplainOptions {
  /** Level of the page's heading, 1 to 4; sections below it are bold words, not headings. */
  readonly heading?: 1 | 2 | 3 | 4;
  readonly examples?: boolean;
}

export const KIND_WORDS: Readonly<Record<Kind, string>> = {
  fail: 'defect',
  review: 'point to decide',
  informational: 'note',
  open: 'open question',
  pass: 'good practice',
};

const PEERS: Readonly<Record<string, string>> = {
  bandit: 'Bandit',
  ruff: 'Ruff',
  bugbear: 'flake8-bugbear',
  dlint: 'dlint',
  semgrep: 'Semgrep',
  sonar: 'Sonar',
  codeql: 'CodeQL',
  pylint: 'Pylint',
  hacking: 'hacking',
  'pygrep-hooks': 'pygrep-hooks',
  gitleaks: 'gitleaks',
  'detect-secrets': 'detect-secrets',
};

/** The page as Markdown; ends with a line break. */
export function explain(rule: Rule, options: ExplainOptions = {}): string {
  const category = CATEGORIES.find((it) => it.id === rule.category)?.title ?? rule.category;
  const possible: readonly string[] = [rule.kind, ...(rule.kinds ?? [])];
  const kinds = Object.entries(KIND_WORDS)
    .filter(([kind]) => possible.includes(kind))
    .map(([, words]) => words);
  const cwe = rule.cwe.map(weakness);
  const peers = Object.entries(rule.peers ?? {})
    .filter(([, ids]) => ids.length > 0)
    .map(([name, ids]) => `${PEERS[name] ?? name} ${ids.join(', ')}`);
  return `${[
    `${'#'.repeat(options.heading ?? 1)} \`${fullId(rule)}\``,
    `**${capital(rule.title)}**`,
    [rule.code, category, listed(kinds, 'or'), `confidence ${rule.confidence}`, ...cwe].join(' · '),
    `**Why it matters.** ${sentence(rule.why.trim())}`,
    ...(rule.instead === undefined ? [] : [`**${rule.kind === 'pass' ? 'How' : 'Instead'}.** ${sentence(rule.instead.trim())}`]),
    `**Limits.** ${sentence(rule.limits.trim())}`,
    ...(options.examples === false ? [] : shown(rule.examples).map((it) => exampleBlock(it, rule.kind))),
    ...(peers.length > 0 ? [`**Elsewhere.** ${peers.join('; ')}.`] : []),
    ...(rule.aliases !== undefined && rule.aliases.length > 0
      ? [`**Earlier ${rule.aliases.length === 1 ? 'name' : 'names'}.** ${listed(rule.aliases.map((it) => `\`${it}\``))}.`]
      : []),
    ...(rule.links.length > 0 ? [`**Read more.**\n\n${rule.links.map((it) => `- <${it}>`).join('\n')}`] : []),
  ].join('\n\n')}\n`;
}

const MOST_SHOWN = { bad: 2, good: 1 };

/** The first of the examples: the others are tests of corners. The build leaves them out, by the same numbers. */
function shown(examples: readonly Example[]): readonly Example[] {
  const left = { ...MOST_SHOWN };
  return examples.filter((it) => {
    const sort = 'bad' in it ? 'bad' : 'good';
    left[sort] -= 1;
    return left[sort] >= 0;
  });
}

/** The Python of an example without the marks that say where findings are. */
export function withoutMarks(source: string): string {
  return source
    .split('\n')
    .filter((it) => !/^\s*#\s*\^+(?:\s.*)?$/.test(it))
    .map((it) => it.replace(/(\S)\s+#!(?:\s.*|$)/, '$1'))
    .join('\n');
}

function weakness(id: number): string {
  return `[CWE-${id}](https://cwe.mitre.org/data/definitions/${id}.html)`;
}

function exampleBlock(example: Example, kind: Kind): string {
  if (!('bad' in example)) return `**Silent**: ${example.name}\n\n${sourceBlock(example.good)}`;
  const found = `**${kind === 'pass' ? 'Cited' : 'Found'}**: ${example.name}\n\n${sourceBlock(example.bad)}`;
  return example.fixed === undefined ? found : `${found}\n\nAfter the fix:\n\n${sourceBlock(example.fixed)}`;
}

function sourceBlock(source: Source): string {
  if (typeof source === 'string') return fenced(source);
  return Object.entries(source)
    .map(([path, text]) => `\`${path}\`\n\n${fenced(text, path.endsWith('.py') ? 'python' : '')}`)
    .join('\n\n');
}

function fenced(source: string, language = 'python'): string {
  const text = withoutMarks(source).replace(/(?<!\n)\n+$/, '');
  const fence = '`'.repeat(Math.max(3, ...[...text.matchAll(/`+/g)].map((it) => it[0].length + 1)));
  return `${fence}${language}\n${text}\n${fence}`;
}
