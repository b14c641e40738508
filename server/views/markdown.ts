/**
 * The review as a document, written as a thoughtful person would: numbered categories, each with what was
 * seen and where; defects and decisions as a list; what could not be judged; a conclusion. For several files
 * the overall picture comes first, then the files, defects first.
 *
 * What came from the repository (paths, names, strings in messages) cannot become markup: see `marks.ts`.
 */
import type { Rule } from '../../rules/rule.ts';
import {
  capital,
  counted,
  hasNothing,
  isRefused,
  linesOf,
  listed,
  notesAcross,
  type Statement,
  sentence,
  statements,
  stopped,
  unusedSays,
  worstFirst,
} from '../review/prose.ts';
import { addCounts, type CategoryReview, NO_COUNTS, type PlacedFinding, type Review, worst } from '../review/review.ts';
import { code, inline } from './marks.ts';
import { fullId } from './named.ts';

export interface MarkdownOptions {
  /** When given, defects carry the rule's cure and CWE. */
  readonly rules?: readonly Rule[];
}

const MOST_EVIDENCE = 4;

/** A Markdown document (GitHub's dialect) that ends with a line break. */
export function markdown(reviews: readonly Review[], options: MarkdownOptions = {}): string {
  const rules = new Map((options.rules ?? []).map((it) => [fullId(it), it]));
  const [only] = reviews;
  const blocks = only !== undefined && reviews.length === 1 ? fileBlocks(only, '#', rules) : severalFiles(reviews, rules);
  return `${blocks.join('\n\n')}\n`;
}

type Rules = ReadonlyMap<string, Rule>;

// --------------------------------------------------------------------------------------- several files

function severalFiles(reviews: readonly Review[], rules: Rules): string[] {
  if (reviews.length === 0) return ['# Security review', '**Conclusion.** There was no test code to review.'];
  const judged = worstFirst(reviews.filter((it) => it.isTest && !isRefused(it) && !hasNothing(it)));
  const refused = worstFirst(reviews.filter((it) => it.isTest && isRefused(it)));
  const nothing = worstFirst(reviews.filter((it) => it.isTest && hasNothing(it)));
  const others = worstFirst(reviews.filter((it) => !it.isTest));
  return [
    `# Security review of ${counted(reviews.length - others.length, 'test file')}`,
    ...overall(judged, refused.length),
    ...judged.flatMap((it) => fileBlocks(it, '##', rules)),
    ...refused.flatMap((it) => fileBlocks(it, '##', rules)),
    ...paths('Nothing to review in these files', nothing),
    ...paths('Not test code, so not reviewed', others),
  ];
}

function overall(judged: readonly Review[], refused: number): string[] {
  const noteworthy = judged.filter((it) => it.verdict !== 'clear');
  const clear = judged.length - noteworthy.length;
  const sentences = [
    ...conclusionOf(judged),
    ...(clear > 0 && noteworthy.length > 0 ? [`${capital(counted(clear, 'file'))} ${clear === 1 ? 'is' : 'are'} clear.`] : []),
    ...notesOf(judged),
    ...(refused > 0 ? [`${capital(counted(refused, 'file'))} could not be read.`] : []),
  ];
  return [`**Conclusion.** ${sentences.join(' ')}`, ...fileTable(noteworthy), categoryTable(judged)];
}

function conclusionOf(judged: readonly Review[]): string[] {
  const counts = judged.map((it) => it.counts).reduce(addCounts, NO_COUNTS);
  const inFiles = (verdict: (it: Review) => boolean) => `in ${counted(judged.filter(verdict).length, 'file')}`;
  const first = counts.fail > 0 ? sentence(`${counted(counts.fail, 'defect')} ${inFiles((it) => it.counts.fail > 0)}`) : 'No security defects detected.';
  return [
    first,
    ...(counts.review > 0 ? [sentence(`${counted(counts.review, 'point')} to decide ${inFiles((it) => it.counts.review > 0)}`)] : []),
    ...remainder(counts.open, counts.suppressed, counts.baseline),
  ];
}

function fileTable(reviews: readonly Review[]): string[] {
  if (reviews.length === 0) return [];
  const rows = reviews.map((it) => `| ${cell(it.path)} | ${it.counts.fail} | ${it.counts.review} | ${it.counts.open} |`);
  return [['| File | Defects | To decide | Open |', '|---|--:|--:|--:|', ...rows].join('\n')];
}

function categoryTable(reviews: readonly Review[]): string {
  const rows = (reviews[0]?.categories ?? []).map((column, index) => {
    const all = reviews.flatMap((it) => it.categories[index] ?? []);
    const active = all.flatMap((it) => it.findings.filter((finding) => finding.suppressed === undefined));
    const count = (kind: PlacedFinding['kind']) => active.filter((it) => it.kind === kind).length;
    const exercised = all.filter((it) => it.verdict !== 'not-applicable');
    const verdict =
      exercised.length === 0 ? 'not applicable' : VERDICTS[worst(exercised.map((it) => (it.verdict === 'not-applicable' ? 'clear' : it.verdict)))];
    return `| ${index + 1}. ${column.title} | ${verdict} | ${count('fail')} | ${count('review')} | ${count('open')} | ${count('pass')} |`;
  });
  return ['| Category | Verdict | Defects | To decide | Open | Good practices |', '|---|---|--:|--:|--:|--:|', ...rows].join('\n');
}

const VERDICTS = { clear: 'clear', review: 'to decide', defects: 'defects' };

function paths(title: string, reviews: readonly Review[]): string[] {
  return reviews.length === 0 ? [] : [`## ${title}`, reviews.map((it) => `- ${code(it.path)}`).join('\n')];
}

function cell(path: string): string {
  return code(path).replaceAll('|', '\\|');
}

// -------------------------------------------------------------------------------------------- one file

function fileBlocks(review: Review, heading: '#' | '##', rules: Rules): string[] {
  const title = heading === '#' ? `# Security review of ${code(review.path)}` : `## ${code(review.path)}`;
  if (!review.isTest) return [title, '**Conclusion.** This is not test code; nothing was reviewed.'];
  if (isRefused(review))
    return [title, ...faults(review), `**Conclusion.** Nothing could be reviewed: ${inline(review.blind.map((it) => it.message).join('; '))}.`];
  return [
    title,
    ...review.categories.map((it, index) => categoryBlock(it, index + 1, review.path, rules)),
    ...unseen(review),
    ...faults(review),
    `**Conclusion.** ${conclusion(review)}`,
  ];
}

/** `1. **Title** — clear. Evidence (lines 4-5).` and, below it, a list of what is wrong or to decide. */
function categoryBlock(category: CategoryReview, number: number, path: string, rules: Rules): string {
  const active = category.findings.filter((it) => it.suppressed === undefined);
  const of = (...kinds: readonly PlacedFinding['kind'][]) => statements(active.filter((it) => kinds.includes(it.kind)));
  const points = of('fail', 'review').sort((a, b) => Number(a.kind === 'review') - Number(b.kind === 'review'));
  const evidence = evidenceSentences([...of('pass'), ...of('informational')], path);
  const text = [
    `${verdictWords(category, active)}.`,
    ...(evidence.length === 0 && points.length === 0 ? lookedAt(category) : evidence),
    ...of('open').map((it) => `Open: ${withLines(it, path)}`),
    ...setAside(category.findings.filter((it) => it.suppressed !== undefined)),
  ].join(' ');
  const indent = ' '.repeat(`${number}. `.length);
  return [`${number}. **${category.title}** — ${text}`, ...points.flatMap((it) => point(it, path, rules)).map((it) => `${indent}${it}`)].join('\n');
}

function verdictWords(category: CategoryReview, active: readonly PlacedFinding[]): string {
  if (category.verdict === 'not-applicable') return 'not applicable';
  const count = (kind: PlacedFinding['kind']) => active.filter((it) => it.kind === kind).length;
  const [fail, review, open] = [count('fail'), count('review'), count('open')];
  const points = [...(fail > 0 ? [counted(fail, 'defect')] : []), ...(review > 0 ? [`${counted(review, 'point')} to decide`] : [])];
  const questions = open > 0 ? [counted(open, 'open question')] : [];
  if (points.length > 0) return listed([...points, ...questions]);
  return open > 0 ? `clear, with ${questions.join('')}` : 'clear';
}

function lookedAt(category: CategoryReview): string[] {
  if (category.findings.some((it) => it.suppressed === undefined && it.kind !== 'open')) return [];
  if (category.verdict !== 'not-applicable' && category.looked !== '') return [inline(sentence(category.looked))];
  if (category.summary !== '') return [inline(sentence(category.summary))];
  return category.verdict === 'not-applicable' ? ['The file has nothing of this kind.'] : [];
}

function evidenceSentences(evidence: readonly Statement[], path: string): string[] {
  const shown = evidence.length > MOST_EVIDENCE ? evidence.slice(0, MOST_EVIDENCE - 1) : evidence;
  const rest = evidence.slice(shown.length).flatMap((it) => it.findings);
  return [
    ...shown.map((it) => capital(withLines(it, path))),
    ...(rest.length === 0 ? [] : [`${capital(counted(rest.length, 'more observation'))} (${linesOf(rest)}).`]),
  ];
}

/** "`a` is undone by `b` (line 4; see `tests/base.py:12`)." */
function withLines(statement: Statement, path: string): string {
  const elsewhere = new Set(
    statement.findings
      .flatMap((it) => it.trail)
      .filter((it) => it.path !== path)
      .map((it) => `${it.path}:${it.line}`),
  );
  const steps = [...elsewhere].slice(0, 3).map(code);
  const see = steps.length === 0 ? '' : `; see ${listed(steps)}`;
  return stopped(`${inline(statement.message)} (${linesOf(statement.findings)}${see})`);
}

/** `- **Defect**, line 3: what. Instead: how. (rule, CWE)` and the way that the value took. */
function point(statement: Statement, path: string, rules: Rules): string[] {
  const rule = rules.get(statement.rule);
  const label = statement.kind === 'review' ? 'To decide' : statement.level === 'warning' ? 'Likely defect' : 'Defect';
  const cure = rule === undefined ? '' : ` Instead: ${afterColon(rule.instead.trim())}`;
  const weaknesses = (rule?.cwe ?? []).map((it) => `[CWE-${it}](https://cwe.mitre.org/data/definitions/${it}.html)`);
  const source = [code(statement.rule), ...weaknesses].join(', ');
  return [
    `- **${label}**, ${linesOf(statement.findings)}: ${stopped(inline(statement.message))}${cure} (${source})`,
    ...statement.findings
      .flatMap((it) => it.trail)
      .filter(isFirst)
      .map((it) => `  - ${it.path === path ? `line ${it.line}` : code(`${it.path}:${it.line}`)}: ${inline(it.note)}`),
  ];
}

function isFirst(step: PlacedFinding['trail'][number], index: number, all: PlacedFinding['trail']): boolean {
  return all.findIndex((it) => it.path === step.path && it.line === step.line && it.note === step.note) === index;
}

function setAside(findings: readonly PlacedFinding[]): string[] {
  const known = findings.filter((it) => it.suppressed?.baseline === true);
  const inBaseline =
    known.length === 0 ? [] : [sentence(`${counted(known.length, 'finding')} ${known.length === 1 ? 'is' : 'are'} in the baseline (${linesOf(known)})`)];
  const suppressed = findings.filter((it) => it.suppressed?.baseline !== true);
  if (suppressed.length === 0) return inBaseline;
  const reasons = [...new Set(suppressed.map((it) => it.suppressed?.reason ?? '').filter((it) => it !== ''))];
  const why = reasons.length === 0 ? 'no reason given' : reasons.map((it) => `“${inline(it)}”`).join(', ');
  return [
    `${capital(counted(suppressed.length, 'finding'))} ${suppressed.length === 1 ? 'is' : 'are'} suppressed by comment (${linesOf(suppressed)}: ${why}).`,
    ...inBaseline,
  ];
}

function unseen(review: Review): string[] {
  if (review.blind.length === 0) return [];
  const byMessage = new Map<string, number[]>();
  for (const it of review.blind) byMessage.set(it.message, [...(byMessage.get(it.message) ?? []), it.line]);
  const rows = [...byMessage].map(
    ([message, lines]) => `- ${sentence(`${inline(capital(message))} (${linesOf(lines.map((line) => ({ line, endLine: line })))})`)}`,
  );
  return [`**What could not be seen.**`, rows.join('\n')];
}

function faults(review: Review): string[] {
  if (review.faults.length === 0) return [];
  const rows = review.faults.map((it) => `- ${code(it.rule)}: ${inline(it.message)}`);
  return ['**Faults in Attest itself.** What these rules would have found is missing.', rows.join('\n')];
}

function conclusion(review: Review): string {
  return [
    inline(sentence(review.conclusion)),
    ...remainder(0, review.counts.suppressed, review.counts.baseline),
    ...review.unused.map((it) => inline(sentence(`${unusedSays(it)} (line ${it.line})`))),
    ...notesOf([review]),
  ].join(' ');
}

/** What configuration changed: each sentence once. */
function notesOf(reviews: readonly Review[]): string[] {
  return notesAcross(reviews).map((it) => inline(sentence(it)));
}

function remainder(open: number, suppressed: number, baseline: number): string[] {
  return [
    ...(open > 0 ? [sentence(`${counted(open, 'question')} ${open === 1 ? 'stays' : 'stay'} open`)] : []),
    ...(suppressed > 0 ? [sentence(`${counted(suppressed, 'finding')} ${suppressed === 1 ? 'is' : 'are'} suppressed`)] : []),
    ...(baseline > 0 ? [sentence(`${counted(baseline, 'finding')} ${baseline === 1 ? 'is' : 'are'} in the baseline`)] : []),
  ];
}

/** "Pass the file." as it stands after a colon; `TLS` and `NetworkFixture` keep their first letter. */
function afterColon(text: string): string {
  return stopped(/^\p{Lu}\p{Ll}*(?!\S)/u.test(text) ? text.charAt(0).toLowerCase() + text.slice(1) : text);
}
