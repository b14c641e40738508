/**
 * What the editor shows when the pointer rests on a finding, on cited evidence, or on the rule in an ignore comment.
 *
 * VS Code itself prints the message of a squiggle above this, so it is not said again; evidence has no squiggle
 * and says its message here. Everything that comes from the code under review is escaped: it is whoever wrote
 * that code who speaks there.
 */
import type { Hover } from 'vscode-languageserver-types';
import { CATEGORIES, type Rule } from '../../rules/rule.ts';
import { capital, sentence } from '../review/prose.ts';
import { findingsOf, type PlacedFinding, type Review, type Suppressed, type TrailStep } from '../review/review.ts';
import { rulePage, shownAs } from './diagnostics.ts';
import { inline } from './marks.ts';
import type { Positions } from './positions.ts';

export interface HoverOptions {
  readonly positions: Positions;
  readonly detail: 'full' | 'short';
  /** `plain` for clients that cannot show Markdown. */
  readonly format: 'markdown' | 'plain';
  /** May the text carry links to the client's own `attest.explainRule`? */
  readonly commands: boolean;
  ruleOf(name: string): Rule | undefined;
  /** The editor shows a squiggle's related places above, the steps of its trail. */
  readonly related: boolean;
  /** The address of the catalogue of rules; the public one when left out. */
  readonly catalogue?: string;
  /** The client's name for a path of the review. */
  uriOf(path: string): string;
}

const MOST = 3;
const MOST_STEPS = 4;
const IGNORE = /#\s*attest:\s*ignore\[([^[\]\n]*)\]/gi;

/** `undefined` where there is nothing to say. `text` is the one that was reviewed. */
export function hoverOf(review: Review, text: string, offset: number, options: HoverOptions): Hover | undefined {
  const named = ruleInComment(text, offset, options);
  if (named !== undefined) return hover([aboutRule(named.rule, options)], named, options);

  const here = findingsOf(review)
    .filter((it) => isAt(it, offset, text))
    .sort(bySeverity);
  const shown = here.slice(0, MOST);
  const [first] = shown;
  if (first === undefined) return undefined;
  const blocks = shown.map((it) => aboutFinding(it, review.path, options));
  if (here.length > MOST) blocks.push(`${here.length - MOST} more`);
  const smallest = shown.reduce((a, b) => (b.end - b.start < a.end - a.start ? b : a), first);
  return hover(blocks, smallest, options);
}

/** A rule that is named in a comment. */
function aboutRule(rule: Rule, options: HoverOptions): string {
  return [heading(rule.title, rule.id, rule.category, ''), ...reasons(rule, options), links(rule.id, options)].join('\n\n');
}

function hover(blocks: readonly string[], span: { readonly start: number; readonly end: number }, options: HoverOptions): Hover {
  const value = blocks.join('\n\n---\n\n');
  const range = options.positions.range(span);
  if (options.format === 'markdown') return { contents: { kind: 'markdown', value }, range };
  return { contents: { kind: 'plaintext', value: plain(value) }, range };
}

function aboutFinding(finding: PlacedFinding, path: string, options: HoverOptions): string {
  const rule = options.ruleOf(finding.rule);
  const isEvidence = finding.kind === 'pass';
  const lines = [heading(rule?.title ?? finding.rule, finding.rule, finding.category, standing(finding))];
  if (isEvidence || finding.suppressed !== undefined) lines.push(sentence(inline(finding.message)));
  if (finding.suppressed !== undefined) lines.push(setAside(finding.suppressed));
  if (rule !== undefined) lines.push(...reasons(rule, options, isEvidence));
  const isTold = options.related && !isEvidence && finding.suppressed === undefined;
  if (finding.trail.length > 0 && !isTold) lines.push(trailOf(finding.trail, path, options));
  lines.push(links(finding.rule, options, isEvidence || finding.suppressed !== undefined ? undefined : finding));
  return lines.join('\n\n');
}

/** Who takes responsibility for it. */
function setAside({ by, reason, line, baseline }: Suppressed): string {
  return baseline === true ? `Known in ${inline(by)}` : `Suppressed on line ${line}: ${inline(reason) || 'no reason given'}`;
}

/** The steps that prove it, each with a link to its line. */
function trailOf(trail: readonly TrailStep[], path: string, options: HoverOptions): string {
  const steps = trail.slice(0, MOST_STEPS).map((it) => {
    const place = it.path === path ? `line ${it.line}` : `${it.path}:${it.line}`;
    return `- [${inline(place)}](${options.uriOf(it.path)}#L${it.line},${it.column}): ${inline(it.note)}`;
  });
  const more = trail.length - steps.length;
  return [...steps, ...(more > 0 ? [`- ${more} more`] : [])].join('\n');
}

function heading(title: string, rule: string, category: string, standing: string): string {
  const name = CATEGORIES.find((it) => it.id === category)?.title ?? category;
  const parts = [`**${inline(capital(title))}**`, `\`${rule}\``, name];
  return (standing === '' ? parts : [...parts, standing]).join(' · ');
}

function reasons(rule: Rule, options: HoverOptions, isEvidence = false): string[] {
  if (options.detail === 'short') return [firstSentence(rule.why)];
  return isEvidence ? [rule.why] : [rule.why, `**Instead:** ${rule.instead}`];
}

function links(rule: string, options: HoverOptions, open?: PlacedFinding): string {
  const cwe = (options.ruleOf(rule)?.cwe ?? []).map((it) => `[CWE-${it}](https://cwe.mitre.org/data/definitions/${it}.html)`);
  const explain = `[Explain](command:attest.explainRule?${encodeURIComponent(JSON.stringify([rule]))})`;
  const at = open === undefined ? undefined : options.positions.range(open).start;
  const suppress = at === undefined ? [] : [`[Suppress…](command:attest.suppressAt?${encodeURIComponent(JSON.stringify([at.line, at.character]))})`];
  return [...(options.commands ? [explain, ...suppress] : []), `[Rule page](${rulePage(rule, options.catalogue)})`, ...cwe].join(' · ');
}

function standing(finding: PlacedFinding): string {
  if (finding.suppressed !== undefined) return finding.suppressed.baseline === true ? 'in the baseline' : 'suppressed';
  switch (finding.kind) {
    case 'fail':
      return `defect, ${finding.confidence} confidence`;
    case 'review':
      return 'for a person to decide';
    case 'informational':
      return 'worth knowing';
    case 'open':
      return 'open question';
    case 'pass':
      return 'evidence';
  }
}

/** A multi-line finding speaks on its first line only, else half the file would answer. */
function isAt(finding: PlacedFinding, offset: number, text: string): boolean {
  if (offset < finding.start || offset > finding.end) return false;
  const lineEnd = text.slice(finding.start, offset).search(/[\r\n]/);
  return lineEnd === -1;
}

const WEIGHT = { error: 0, warning: 1, information: 2, hint: 3, off: 4 } as const;

function bySeverity(a: PlacedFinding, b: PlacedFinding): number {
  return WEIGHT[shownAs(a)] - WEIGHT[shownAs(b)] || a.end - a.start - (b.end - b.start);
}

function ruleInComment(text: string, offset: number, options: HoverOptions) {
  const start = text.lastIndexOf('\n', offset - 1) + 1;
  const newline = text.indexOf('\n', offset);
  const line = text.slice(start, newline === -1 ? text.length : newline);
  for (const match of line.matchAll(IGNORE)) {
    const names = match[1] ?? '';
    const at = start + match.index + match[0].indexOf('[') + 1;
    for (const name of names.matchAll(/[^\s,]+/g)) {
      const span = { start: at + name.index, end: at + name.index + name[0].length };
      const rule = offset >= span.start && offset <= span.end ? options.ruleOf(name[0]) : undefined;
      if (rule !== undefined) return { rule, ...span };
    }
  }
  return undefined;
}

/** Markdown of this file's own making, without its marks. */
function plain(markdown: string): string {
  return markdown
    .replace(/\[([^[\]]*)\]\(command:[^)[]*\)( · )?/g, '')
    .replace(/\[([^[\]]*)\]\(([^)[]*)\)/g, '$1: $2')
    .replace(/\*\*/g, '')
    .replace(/\\([^\w\s])/g, '$1')
    .replace(/&(lt|gt|amp);/g, (_, name: string) => ({ lt: '<', gt: '>' })[name] ?? '&');
}

function firstSentence(text: string): string {
  return /^.*?[.!?](?=\s|$)/s.exec(text)?.[0] ?? text;
}
