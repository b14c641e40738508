/**
 * The review as one HTML page, for a person who was sent it: the verdict, the seven categories, a map of files and
 * categories, then every file with what was found, what is proven and what stays open. No script, no address is
 * loaded, dark where the reader's system is dark, and whole on paper.
 *
 * What came from the repository is text: it passes through `content` or `attribute` on its way, always.
 */
import type { Rule } from '../../rules/rule.ts';
import { CATEGORIES } from '../../rules/rule.ts';
import { capital, counted, hasNothing, isRefused, linesOf, notesAcross, type Statement, sentence, statements, stopped, worstFirst } from '../review/prose.ts';
import { addCounts, type CategoryReview, type CategoryVerdict, type Counts, NO_COUNTS, type PlacedFinding, type Review, worst } from '../review/review.ts';
import { rulePage } from './diagnostics.ts';
import { STYLE } from './html-style.ts';
import { fullId } from './named.ts';
import { attribute, content } from './xml.ts';

export interface HtmlOptions {
  readonly version: string;
  readonly rules: readonly Rule[];
}

/** A whole document that ends with a line break. */
export function html(reviews: readonly Review[], options: HtmlOptions): string {
  const page = pageOf(reviews, new Map(options.rules.map((it) => [fullId(it), it])));
  return `${[
    '<!doctype html>',
    '<html lang="en">',
    '<head>',
    '<meta charset="utf-8">',
    '<meta name="viewport" content="width=device-width, initial-scale=1">',
    `<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'">`,
    '<meta name="referrer" content="no-referrer">',
    '<meta name="color-scheme" content="light dark">',
    `<title>${content(page.title)}</title>`,
    `<style>${STYLE}</style>`,
    '</head>',
    '<body>',
    ...page.body,
    `<footer>Written by <a href="https://github.com/attest-review/attest" rel="noreferrer">Attest</a> ${content(options.version)}. It read the code and ran none of it.</footer>`,
    '</body>',
    '</html>',
  ].join('\n')}\n`;
}

type Rules = ReadonlyMap<string, Rule>;
type Lines = readonly string[];

const WORD: Readonly<Record<CategoryVerdict, string>> = { clear: 'Clear', review: 'To decide', defects: 'Defects', 'not-applicable': 'Not applicable' };
/** Never by colour alone. */
const SIGN: Readonly<Record<CategoryVerdict, string>> = { clear: '✓', review: '?', defects: '✕', 'not-applicable': '–' };

function pageOf(reviews: readonly Review[], rules: Rules): { readonly title: string; readonly body: Lines } {
  const tests = reviews.filter((it) => it.isTest);
  const judged = worstFirst(tests.filter((it) => !isRefused(it) && !hasNothing(it)));
  const refused = worstFirst(tests.filter(isRefused));
  const [only] = reviews;
  const single = only !== undefined && reviews.length === 1 ? only : undefined;
  const title = single === undefined ? `Security review of ${counted(tests.length, 'test file')}` : `Security review of ${single.path}`;
  const ids = new Map(judged.map((it, index) => [it, `file-${index + 1}`]));
  return {
    title,
    body: [
      ...header(title, single, judged, refused, tests.length - judged.length - refused.length),
      '<main>',
      ...cards(judged),
      ...(single === undefined ? map(judged, ids) : []),
      ...(judged.length + refused.length === 0 ? [] : [`<h2>${single === undefined ? 'The files' : 'The seven questions'}</h2>`]),
      ...[...judged, ...refused].flatMap((it) => fileSection(it, ids.get(it), single === undefined, rules)),
      ...pathList('Nothing to review in these files', worstFirst(tests.filter(hasNothing))),
      ...pathList('Not test code, so not reviewed', worstFirst(reviews.filter((it) => !it.isTest))),
      '</main>',
    ],
  };
}

// ---------------------------------------------------------------------------------------------- the top

function header(title: string, single: Review | undefined, judged: readonly Review[], refused: readonly Review[], empty: number): Lines {
  const counts = judged.map((it) => it.counts).reduce(addCounts, NO_COUNTS);
  const verdict = judged.length === 0 ? 'not-applicable' : worst(judged.map((it) => it.verdict));
  const lines = judged.reduce((sum, it) => sum + it.lines, 0);
  const figures: readonly (readonly [number, string, string])[] = [
    [counts.fail, counts.fail === 1 ? 'defect' : 'defects', 'defects'],
    [counts.review, 'to decide', 'review'],
    [counts.open, counts.open === 1 ? 'open question' : 'open questions', 'open'],
    [counts.pass, counts.pass === 1 ? 'good practice' : 'good practices', 'clear'],
    ...(counts.suppressed === 0 ? [] : ([[counts.suppressed, 'suppressed', 'open']] as const)),
    ...(counts.baseline === 0 ? [] : ([[counts.baseline, 'in the baseline', 'open']] as const)),
  ];
  return [
    `<header class="${verdict}">`,
    '<p class="what">Security review</p>',
    single === undefined ? `<h1>${content(title.replace('Security review of ', ''))}</h1>` : `<h1 class="path">${content(single.path)}</h1>`,
    `<p class="verdict"><span class="sign" aria-hidden="true">${SIGN[verdict]}</span> <strong>${WORD[verdict]}</strong> ${content(said(single, judged, counts, refused.length))}</p>`,
    '<ul class="figures">',
    ...figures.map(([count, word, kind]) => `<li class="${count === 0 ? 'zero' : kind}"><b>${count}</b> ${word}</li>`),
    '</ul>',
    `<p class="scope">${content(scope(judged.length, lines, refused.length, empty))}</p>`,
    ...notesAcross(judged).map((it) => `<p class="scope">${content(sentence(it))}</p>`),
    '</header>',
  ];
}

function said(single: Review | undefined, judged: readonly Review[], counts: Counts, refused: number): string {
  if (single !== undefined && (single.isTest || refused > 0)) return sentence(single.conclusion);
  if (judged.length === 0) return refused === 0 ? 'There was no test code to review.' : 'Nothing could be reviewed.';
  const inFiles = (has: (it: Review) => boolean) => `in ${counted(judged.filter(has).length, 'file')}`;
  const first = counts.fail === 0 ? 'No security defects detected.' : sentence(`${counted(counts.fail, 'defect')} ${inFiles((it) => it.counts.fail > 0)}`);
  return counts.review === 0 ? first : `${first} ${sentence(`${counted(counts.review, 'point')} to decide ${inFiles((it) => it.counts.review > 0)}`)}`;
}

function scope(files: number, lines: number, refused: number, empty: number): string {
  return [
    `${files} ${files === 1 ? 'file' : 'files'} reviewed, ${lines} ${lines === 1 ? 'line' : 'lines'}`,
    ...(refused === 0 ? [] : [`${refused} could not be read`]),
    ...(empty === 0 ? [] : [`${empty} with nothing to review`]),
  ].join(' · ');
}

function cards(judged: readonly Review[]): Lines {
  if (judged.length === 0) return [];
  return ['<h2 class="quiet">By category</h2>', '<ol class="cards">', ...CATEGORIES.flatMap((it, index) => card(it, index, judged)), '</ol>'];
}

function card(category: (typeof CATEGORIES)[number], index: number, judged: readonly Review[]): Lines {
  const own = judged.flatMap((it) => it.categories.filter((one) => one.id === category.id));
  const verdict = overall(own);
  const active = own.flatMap((it) => it.findings).filter((it) => it.suppressed === undefined);
  const count = (kind: PlacedFinding['kind']) => active.filter((it) => it.kind === kind).length;
  const parts = [
    ...(count('fail') === 0 ? [] : [`<b class="defects">${count('fail')}</b> ${count('fail') === 1 ? 'defect' : 'defects'}`]),
    ...(count('review') === 0 ? [] : [`<b class="review">${count('review')}</b> to decide`]),
    ...(count('open') === 0 ? [] : [`<b>${count('open')}</b> open`]),
    ...(count('pass') === 0 ? [] : [`<b class="clear">${count('pass')}</b> good`]),
  ];
  const [first] = own;
  const looked = judged.length === 1 && first !== undefined && verdict === 'clear' ? content(sentence(first.looked)) : '';
  return [
    `<li class="card ${verdict}">`,
    `<p class="mark"><span class="sign" aria-hidden="true">${SIGN[verdict]}</span> ${WORD[verdict]}</p>`,
    `<h3><span class="number">${index + 1}</span> ${content(category.title)}</h3>`,
    `<p class="question">${content(category.question)}</p>`,
    `<p class="tally">${parts.length > 0 ? parts.join(' · ') : verdict === 'not-applicable' ? 'Nothing of this kind here.' : looked || 'Nothing to report.'}</p>`,
    '</li>',
  ];
}

function overall(categories: readonly CategoryReview[]): CategoryVerdict {
  const verdicts = categories.flatMap((it) => (it.verdict === 'not-applicable' ? [] : [it.verdict]));
  return verdicts.length === 0 ? 'not-applicable' : worst(verdicts);
}

// --------------------------------------------------------------------------------------------- the map

/** Folders with more files than this are closed at first. */
const FEW = 40;

/** Files × categories, by folder; the folder's own row is the worst of its files. */
function map(judged: readonly Review[], ids: ReadonlyMap<Review, string>): Lines {
  if (judged.length < 2) return [];
  const folders = new Map<string, Review[]>();
  for (const it of [...judged].sort((a, b) => (a.path < b.path ? -1 : 1))) {
    const folder = it.path.slice(0, it.path.lastIndexOf('/') + 1);
    folders.set(folder, [...(folders.get(folder) ?? []), it]);
  }
  return [
    '<h2 id="map">The map</h2>',
    '<p class="legend">',
    ...(['defects', 'review', 'clear', 'not-applicable'] as const).map(
      (it) => `<span class="key"><span class="cell ${it}" aria-hidden="true">${SIGN[it]}</span> ${WORD[it].toLowerCase()}</span>`,
    ),
    '<span class="key">a number counts defects and points to decide</span></p>',
    '<div class="map">',
    `<div class="row head" aria-hidden="true"><span>File</span>${CATEGORIES.map((it) => `<span>${it.id}</span>`).join('')}</div>`,
    ...[...folders].flatMap(([folder, files]) => [
      `<details${judged.length <= FEW || files.some((it) => it.verdict === 'defects') ? ' open' : ''}>`,
      `<summary class="row folder"><span class="path">${content(folder === '' ? './' : folder)} <small>${files.length}</small></span>${CATEGORIES.map((it) => cell(it.id, categoriesOf(files, it.id))).join('')}</summary>`,
      ...files.map(
        (it) =>
          `<div class="row"><span class="path"><a href="#${ids.get(it) ?? ''}">${content(it.path.slice(folder.length))}</a></span>${it.categories.map((one) => cell(one.id, [one])).join('')}</div>`,
      ),
      '</details>',
    ]),
    '</div>',
  ];
}

function categoriesOf(files: readonly Review[], id: string): CategoryReview[] {
  return files.flatMap((it) => it.categories.filter((one) => one.id === id));
}

function cell(id: string, categories: readonly CategoryReview[]): string {
  const verdict = overall(categories);
  const points = categories.flatMap((it) => it.findings).filter((it) => it.suppressed === undefined && (it.kind === 'fail' || it.kind === 'review')).length;
  return `<span class="cell ${verdict}"><span class="unseen">${id}: ${WORD[verdict]} </span>${points > 0 ? points : `<span aria-hidden="true">${SIGN[verdict]}</span>`}</span>`;
}

// -------------------------------------------------------------------------------------------- one file

function fileSection(review: Review, id: string | undefined, several: boolean, rules: Rules): Lines {
  const at = id === undefined ? '' : ` id="${id}"`;
  const title = several
    ? [`<h3 class="path"><span class="sign ${review.verdict}" aria-hidden="true">${SIGN[review.verdict]}</span> ${content(review.path)}</h3>`]
    : [];
  if (isRefused(review))
    return [
      `<section class="file"${at}>`,
      ...title,
      ...review.blind.map((it) => `<p>Not reviewed: ${rich(stopped(it.message))}</p>`),
      ...faults(review),
      '</section>',
    ];
  return [
    `<section class="file"${at}>`,
    ...title,
    ...(several ? [`<p class="said">${rich(sentence(review.conclusion))}</p>`] : []),
    ...strip(review),
    ...(several
      ? [
          '<ol class="points">',
          ...points(
            review.categories.flatMap((it) => it.findings),
            review.path,
            rules,
          ),
          '</ol>',
        ].filter((_, __, all) => all.length > 2)
      : []),
    ...(several ? proven(review) : ['<ol class="answers">', ...review.categories.flatMap((it) => answer(it, review.path, rules)), '</ol>']),
    ...unseen(review),
    ...faults(review),
    '</section>',
  ];
}

/** One of the seven answers, in full. */
function answer(category: CategoryReview, path: string, rules: Rules): Lines {
  const list = points(category.findings, path, rules);
  return [
    `<li class="answer ${category.verdict}">`,
    `<h3>${content(category.title)} <span class="mark"><span class="sign" aria-hidden="true">${SIGN[category.verdict]}</span> ${WORD[category.verdict]}</span></h3>`,
    ...(list.length === 0 ? [] : ['<ol class="points">', ...list, '</ol>']),
    ...notes(category, path),
    '</li>',
  ];
}

/** What is good, known, open or set aside in a category, as sentences. */
function notes(category: CategoryReview, path: string): Lines {
  const active = category.findings.filter((it) => it.suppressed === undefined);
  const of = (kind: PlacedFinding['kind']) => statements(active.filter((it) => it.kind === kind));
  const set = category.findings.filter((it) => it.suppressed !== undefined);
  const rows = [
    ...of('pass').map((it) => row('clear', '✓', 'Good practice', it, path)),
    ...of('informational').map((it) => row('note', 'i', 'Note', it, path)),
    ...of('open').map((it) => row('open', '…', 'Open', it, path)),
    ...statements(set).map((it) => row('open', '#', `Suppressed${reasons(it)}`, it, path)),
  ];
  if (rows.length > 0) return ['<ul class="notes">', ...rows, '</ul>'];
  if (active.length > 0) return [];
  const looked = category.verdict === 'not-applicable' ? category.summary || 'The file has nothing of this kind' : category.looked || category.summary;
  return looked === '' ? [] : [`<p class="looked">${rich(sentence(looked))}</p>`];
}

function reasons(it: Statement): string {
  const said = [
    ...new Set(it.findings.map((one) => (one.suppressed?.baseline === true ? 'in the baseline' : (one.suppressed?.reason ?? ''))).filter((one) => one !== '')),
  ];
  return said.length === 0 ? '' : ` (${said.join('; ')})`;
}

function row(kind: string, sign: string, word: string, it: Statement, path: string): string {
  const elsewhere = [...new Set(it.findings.flatMap((one) => one.trail.filter((step) => step.path !== path).map((step) => `${step.path}:${step.line}`)))].slice(
    0,
    3,
  );
  const see = elsewhere.length === 0 ? '' : `; see ${elsewhere.map((one) => `<code>${content(one)}</code>`).join(', ')}`;
  return `<li class="${kind}"><span class="sign" aria-hidden="true">${sign}</span> <span class="unseen">${content(word)}: </span>${word.startsWith('Suppressed') ? `<i>${content(word)}</i> ` : ''}${rich(capital(it.message))} <span class="where">${linesOf(it.findings)}${see}</span></li>`;
}

/** In a report of several files, what is proven and open stands below each file, folded. */
function proven(review: Review): Lines {
  const some = review.categories.filter((it) => it.findings.some((one) => one.suppressed !== undefined || !['fail', 'review'].includes(one.kind)));
  if (some.length === 0) return [];
  const all = some.flatMap((it) => it.findings);
  const count = (has: (it: PlacedFinding) => boolean) => all.filter(has).length;
  const words = [
    [count((it) => it.suppressed === undefined && it.kind === 'pass'), 'good practice', 'good practices'],
    [count((it) => it.suppressed === undefined && it.kind === 'open'), 'open question', 'open questions'],
    [count((it) => it.suppressed === undefined && it.kind === 'informational'), 'note', 'notes'],
    [count((it) => it.suppressed !== undefined), 'suppressed', 'suppressed'],
  ] as const;
  const label = words.flatMap(([many, one, several]) => (many === 0 ? [] : [`${many} ${many === 1 ? one : several}`])).join(', ');
  return [
    `<details class="more"><summary>${label}</summary>`,
    ...some.flatMap((it) => [`<h4>${content(it.title)}</h4>`, ...notes(it, review.path)]),
    '</details>',
  ];
}

/** Defects, then what a person must decide. */
function points(findings: readonly PlacedFinding[], path: string, rules: Rules): Lines {
  const active = findings.filter((it) => it.suppressed === undefined && (it.kind === 'fail' || it.kind === 'review'));
  return statements(active)
    .sort((a, b) => Number(a.kind === 'review') - Number(b.kind === 'review'))
    .flatMap((it) => point(it, path, rules));
}

function point(it: Statement, path: string, rules: Rules): Lines {
  const rule = rules.get(it.rule);
  const kind = it.kind === 'review' ? 'review' : 'defects';
  const label = it.kind === 'review' ? 'To decide' : it.level === 'warning' ? 'Likely defect' : 'Defect';
  const steps = it.findings.flatMap((one) => one.trail).filter(isFirst);
  const cwe = (rule?.cwe ?? []).map((id) => `<a href="https://cwe.mitre.org/data/definitions/${id}.html" rel="noreferrer">CWE-${id}</a>`);
  return [
    `<li class="point ${kind}">`,
    `<p class="message"><span class="tag">${label}</span> ${rich(sentence(it.message))} <span class="where">${linesOf(it.findings)}</span></p>`,
    ...(steps.length === 0
      ? []
      : [
          '<ol class="trail">',
          ...steps.map((step) => `<li><code>${step.path === path ? `line ${step.line}` : content(`${step.path}:${step.line}`)}</code> ${rich(step.note)}</li>`),
          '</ol>',
        ]),
    ...(rule === undefined ? [] : [`<p class="cure"><b>Why</b> ${rich(sentence(rule.why.trim()))} <b>Instead</b> ${rich(sentence(rule.instead.trim()))}</p>`]),
    `<p class="rule">${[`<a href="${attribute(rulePage(it.rule))}" rel="noreferrer"><code>${content(it.rule)}</code></a>`, content(it.code), ...cwe].join(' · ')}</p>`,
    '</li>',
  ];
}

function isFirst(step: PlacedFinding['trail'][number], index: number, all: PlacedFinding['trail']): boolean {
  return all.findIndex((it) => it.path === step.path && it.line === step.line && it.note === step.note) === index;
}

const WIDTH = 1000;

/** The file as a strip from its first line to its last, with a tick where something was seen. */
function strip(review: Review): Lines {
  const ticks = review.categories.flatMap((it) => it.findings).filter((it) => it.suppressed === undefined && it.kind !== 'informational');
  if (ticks.length === 0 || review.lines === 0) return [];
  const unit = WIDTH / review.lines;
  const order: readonly PlacedFinding['kind'][] = ['pass', 'open', 'review', 'fail'];
  const drawn = new Map(
    order.flatMap((kind) =>
      ticks.filter((it) => it.kind === kind).map((it) => [it.line, { kind, x: (it.line - 1) * unit, width: Math.max(2.5, (it.endLine - it.line + 1) * unit) }]),
    ),
  );
  const shape = ({ kind, x, width }: { kind: string; x: number; width: number }) =>
    `<rect class="${kind}" x="${Math.min(x, WIDTH - width).toFixed(1)}" width="${width.toFixed(1)}" y="${kind === 'fail' || kind === 'review' ? 0 : 5}" height="${kind === 'fail' || kind === 'review' ? 20 : 10}"/>`;
  return [
    `<svg class="strip" viewBox="0 0 ${WIDTH} 20" preserveAspectRatio="none" role="img" aria-label="Where in the file's ${review.lines} lines something was seen"><rect class="ground" width="${WIDTH}" height="20"/>${[...drawn.values()].map(shape).join('')}</svg>`,
  ];
}

function unseen(review: Review): Lines {
  if (review.blind.length === 0) return [];
  const byMessage = new Map<string, number[]>();
  for (const it of review.blind) byMessage.set(it.message, [...(byMessage.get(it.message) ?? []), it.line]);
  return [
    '<details class="more"><summary>What could not be seen</summary>',
    '<ul class="notes">',
    ...[...byMessage].map(
      ([message, lines]) =>
        `<li class="open"><span class="sign" aria-hidden="true">…</span> ${rich(capital(message))} <span class="where">${linesOf(lines.map((line) => ({ line, endLine: line })))}</span></li>`,
    ),
    '</ul>',
    '</details>',
  ];
}

function faults(review: Review): Lines {
  if (review.faults.length === 0) return [];
  return [
    '<p class="fault"><b>Faults in Attest itself.</b> What these rules would have found is missing:</p>',
    '<ul class="notes">',
    ...review.faults.map((it) => `<li><code>${content(it.rule)}</code> ${content(it.message)}</li>`),
    '</ul>',
  ];
}

function pathList(title: string, reviews: readonly Review[]): Lines {
  if (reviews.length === 0) return [];
  return [
    `<details class="more"><summary>${title} (${reviews.length})</summary>`,
    `<ul class="paths">${reviews.map((it) => `<li class="path">${content(it.path)}</li>`).join('')}</ul>`,
    '</details>',
  ];
}

/** A message: what stands in backticks is code. */
function rich(message: string): string {
  return message
    .split(/`([^`]+)`/)
    .map((part, index) => (index % 2 === 1 ? `<code>${content(part)}</code>` : content(part)))
    .join('');
}
