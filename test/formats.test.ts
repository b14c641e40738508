/** Reports for machines and for sites: valid by their own schemas, and never broken by text from the repository. */
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import sarifSchema from '@microsoft/jest-sarif/lib/schemas/sarif-2.1.0-rtm.5.json';
import Ajv from 'ajv-draft-04';
import addFormats from 'ajv-formats';
import { type DefaultTreeAdapterTypes, parse } from 'parse5';
import pico from 'picocolors';
import { SaxesParser } from 'saxes';
import { RULES } from '../rules/index.ts';
import { CATEGORIES, type Kind } from '../rules/rule.ts';
import { countsOf, findingsOf, type PlacedFinding, type Review, worst } from '../server/review/review.ts';
import { type Shard, shardNamed, shardOf } from '../server/shard.ts';
import { github } from '../server/views/github.ts';
import { gitlab } from '../server/views/gitlab.ts';
import { html } from '../server/views/html.ts';
import { json } from '../server/views/json.ts';
import { junit } from '../server/views/junit.ts';
import { markdown } from '../server/views/markdown.ts';
import { merge } from '../server/views/merge.ts';
import { fullId } from '../server/views/named.ts';
import { SARIF_KINDS, type SarifKind, sarif } from '../server/views/sarif.ts';
import { text } from '../server/views/text.ts';
import { ROOT, reviewsUnder } from './harness.ts';

const WHO = { version: '1.2.3', rules: RULES };
const sample = reviewsUnder(join(ROOT, 'test/sample'));

// ------------------------------------------------------------------------------------ hostile reviews

/** Numbers that are the same in every run. */
function random(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state * 1664525 + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
}

const NASTY = [
  '<script>alert(1)</script>',
  '"><img src=x onerror=alert(1)>',
  "' onmouseover='x",
  ']]>',
  '<!--',
  '&lt;',
  '&#0;',
  '::error file=x::y',
  '\n::set-output name=a::b',
  '\r\n',
  '%0A::warning::',
  ',title=x',
  '\u001b[2J\u001b]8;;http://evil.example\u0007',
  '\u0000',
  '\u0008',
  '\u009b31m',
  '\u202e',
  '\u2066',
  '\u200b',
  '\ufeff',
  '\u2028',
  '\ud800',
  '\udc00',
  '\ufffe',
  '\uffff',
  '\u{1ffff}',
  '\u{e0041}',
  '`',
  '``` ',
  '[link](http://evil.example)',
  '![x](http://evil.example/x.png)',
  '| a | b |',
  '\\',
  '{0}',
  '@someone',
  'é🔒',
  'plain words',
  '</style>',
  '</title>',
  '# head',
];

function hostileReviews(seed: number): Review[] {
  const next = random(seed);
  const pick = <T>(from: readonly T[]): T => from[Math.floor(next() * from.length)] as T;
  const words = () => Array.from({ length: 1 + Math.floor(next() * 4) }, () => pick(NASTY)).join(pick(['', ' ', '`']));
  const kinds: readonly Kind[] = ['fail', 'review', 'informational', 'open', 'pass'];
  const finding = (category: PlacedFinding['category'], index: number): PlacedFinding => {
    const kind = pick(kinds);
    const line = 1 + Math.floor(next() * 50);
    const span = { start: line * 10, end: line * 10 + 3, line, column: 4, endLine: line + Math.floor(next() * 2), endColumn: 7 };
    return {
      ...span,
      rule: fullId(pick(RULES.filter((it) => it.category === category))),
      code: 'XXX001',
      category,
      kind,
      level: kind === 'fail' ? pick(['error', 'warning'] as const) : 'none',
      confidence: 'high',
      message: words(),
      trail: next() < 0.5 ? [] : [{ path: words(), line: 3, column: 1, note: words() }],
      fix: next() < 0.7 ? undefined : { title: words(), safety: 'safe', edits: [{ ...span, text: words() }] },
      fingerprint: `${index}`.padStart(16, '0'),
      others: [],
      within: words(),
      suppressed: next() < 0.8 ? undefined : next() < 0.5 ? { by: words(), reason: words(), line } : { by: words(), reason: words(), line: 0, baseline: true },
    };
  };
  return Array.from({ length: 3 }, (_, number) => {
    const categories = CATEGORIES.map(({ id, title }, index) => {
      const findings = Array.from({ length: Math.floor(next() * 4) }, (_, each) => finding(id, number * 100 + index * 10 + each));
      const active = findings.filter((it) => it.suppressed === undefined).map((it) => it.kind);
      const verdict = active.includes('fail') ? 'defects' : active.includes('review') ? 'review' : findings.length === 0 ? 'not-applicable' : 'clear';
      return { id, title, verdict, looked: words(), summary: words(), findings } as const;
    });
    return {
      path: `tests/${number}${words().replaceAll('/', '_')}.py`,
      isTest: true,
      lines: number === 0 ? 0 : 60,
      verdict: worst(categories.flatMap((it) => (it.verdict === 'not-applicable' ? [] : [it.verdict]))),
      conclusion: words(),
      categories,
      counts: countsOf(categories.flatMap((it) => it.findings)),
      faults: next() < 0.7 ? [] : [{ rule: 'api/x', message: words() }],
      blind: number > 0 && next() < 0.5 ? [] : [{ what: 'unreadable', message: words(), line: 1 }],
      notes: next() < 0.5 ? [] : [words()],
      unused: next() < 0.5 ? [] : [{ start: 1, end: 9, line: 1, column: 2, endLine: 1, endColumn: 10, text: words(), names: [words()] }],
    };
  });
}

/** Each with reviews whose every string wants to break the format. */
async function hostile(check: (reviews: readonly Review[]) => void | Promise<void>): Promise<void> {
  for (let seed = 1; seed <= 60; seed += 1) await check(hostileReviews(seed));
}

// biome-ignore lint/suspicious/noControlCharactersInRegex: these are what must not come through
const HARMFUL = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u200b-\u200f\u2028-\u202e\u2066-\u2069\ufeff\ufffe\uffff]|\p{Cs}/u;

test('no format lets a control, a direction mark or half a character through', () =>
  hostile((reviews) => {
    const written = [
      text(reviews, { colors: pico.createColors(false) }),
      markdown(reviews, WHO),
      json(reviews, WHO),
      sarif(reviews, { ...WHO, kinds: SARIF_KINDS }),
      html(reviews, WHO),
      junit(reviews, { failing: ['fail'] }),
      github(reviews, { prefix: '' }),
      gitlab(reviews, { prefix: '' }),
    ];
    for (const it of written) assert.doesNotMatch(it, HARMFUL);
  }));

// ----------------------------------------------------------------------------------------------- SARIF

const ajv = new Ajv({ allErrors: true, strict: false, unicodeRegExp: false });
addFormats(ajv);
const isSarif = ajv.compile(sarifSchema);

interface Result {
  readonly ruleId: string;
  readonly ruleIndex: number;
  readonly kind: string;
  readonly level: string;
  readonly message: { readonly text: string };
  readonly locations: readonly {
    readonly physicalLocation: { readonly artifactLocation: { readonly uri: string; readonly uriBaseId: string }; readonly region: object };
  }[];
  readonly codeFlows?: readonly { readonly threadFlows: readonly { readonly locations: readonly unknown[] }[] }[];
  readonly fixes?: readonly unknown[];
  readonly suppressions?: readonly { readonly kind: string; readonly justification?: string }[];
  readonly partialFingerprints: Readonly<Record<string, string>>;
}
interface Run {
  readonly tool: {
    readonly driver: {
      readonly rules: readonly {
        readonly id: string;
        readonly help: { readonly text: string; readonly markdown: string };
        readonly helpUri: string;
        readonly defaultConfiguration: { readonly level: string };
        readonly relationships?: readonly { readonly target: { readonly id: string; readonly index: number } }[];
        readonly properties: Readonly<Record<string, unknown>>;
      }[];
    };
  };
  readonly taxonomies: readonly { readonly taxa: readonly { readonly id: string }[] }[];
  readonly invocations: readonly { readonly executionSuccessful: boolean; readonly toolExecutionNotifications: readonly { readonly level: string }[] }[];
  readonly results: readonly Result[];
}

function runOf(log: string): Run {
  const parsed: { readonly runs: readonly [Run] } = JSON.parse(log);
  assert.ok(isSarif(parsed), ajv.errorsText(isSarif.errors?.slice(0, 5)));
  return parsed.runs[0];
}

const sarifOf = (reviews: readonly Review[], kinds: readonly SarifKind[] = ['fail', 'review']) => runOf(sarif(reviews, { ...WHO, kinds }));

test('SARIF is valid by the official schema, whatever the repository holds', async () => {
  sarifOf([]);
  sarifOf(await sample);
  sarifOf(await sample, SARIF_KINDS);
  await hostile((reviews) => void sarifOf(reviews, SARIF_KINDS));
});

test('SARIF: kinds and levels as they are meant, and by default only what asks for attention', async () => {
  const all = sarifOf(await sample, SARIF_KINDS).results;
  const findings = (await sample).flatMap(findingsOf);
  assert.equal(all.length, findings.length);
  for (const it of all) assert.ok(it.kind === 'fail' ? it.level === 'error' || it.level === 'warning' : it.level === 'none', JSON.stringify(it));
  const { results } = sarifOf(await sample);
  assert.equal(results.length, findings.filter((it) => it.suppressed === undefined && (it.kind === 'fail' || it.kind === 'review')).length);
  assert.ok(results.every((it) => it.suppressions === undefined));
  const [suppressed, ...others] = all.filter((it) => it.suppressions !== undefined);
  assert.equal(others.length, 0);
  assert.equal(suppressed?.suppressions?.[0]?.kind, 'inSource');
  assert.ok((suppressed?.suppressions?.[0]?.justification ?? '').length > 5);
});

test('SARIF: results point at their rule, its weaknesses at the taxonomy; trails are code flows', async () => {
  const run = sarifOf(await sample);
  const { rules } = run.tool.driver;
  const taxa = run.taxonomies[0]?.taxa ?? [];
  for (const it of run.results) assert.equal(rules[it.ruleIndex]?.id, it.ruleId);
  for (const rule of rules) {
    for (const { target } of rule.relationships ?? []) assert.equal(taxa[target.index]?.id, target.id);
    assert.match(rule.helpUri, /^https:/);
    assert.ok(rule.help.text.length > 40 && rule.help.markdown.startsWith('# `'));
    assert.match(String(rule.properties['security-severity']), /^\d\.\d$/);
    assert.match(String(rule.properties['precision']), /^(high|medium|low)$/);
  }
  const broken = run.results.find((it) => it.ruleId === 'mocking/stop-on-mock');
  assert.equal(broken?.codeFlows?.[0]?.threadFlows[0]?.locations.length, 2, 'the trail and the finding at its end');
  assert.ok(run.results.some((it) => it.fixes !== undefined));
  assert.equal(
    new Set(run.results.map((it) => JSON.stringify([it.locations[0]?.physicalLocation.artifactLocation, it.partialFingerprints]))).size,
    run.results.length,
  );
});

test('SARIF: addresses are relative and encoded, messages hold no links, faults and blind spots are told', async () => {
  const [review] = await sample;
  const [finding] = (await sample).flatMap(findingsOf);
  assert.ok(review !== undefined && finding !== undefined);
  const odd: Review = {
    ...review,
    path: 'a b/t:1#%é[x].py',
    categories: [
      {
        ...(review.categories[0] as Review['categories'][number]),
        findings: [{ ...finding, kind: 'fail', level: 'error', message: 'handlers[0](http://evil.example)' }],
      },
    ],
    faults: [{ rule: 'api/x', message: 'boom' }],
    blind: [{ what: 'syntax-error', message: 'line 3 is not Python', line: 3 }],
  };
  const run = sarifOf([odd]);
  assert.equal(run.results[0]?.message.text, 'Handlers[0] (http://evil.example).');
  assert.deepEqual(run.results[0]?.locations[0]?.physicalLocation.artifactLocation, { uri: 'a%20b/t%3A1%23%25%C3%A9%5Bx%5D.py', uriBaseId: '%SRCROOT%' });
  assert.equal(run.invocations[0]?.executionSuccessful, false);
  assert.deepEqual(
    run.invocations[0]?.toolExecutionNotifications.map((it) => it.level),
    ['error', 'warning'],
  );
});

// ------------------------------------------------------------------------------------------------ HTML

const TAGS = new Set(
  'html head meta title style body header main footer section h1 h2 h3 h4 p ol ul li a b i strong small span code div details summary svg rect'.split(' '),
);

/** Every element of a page; fails on what no report of ours has. */
function elements(page: string): { readonly tag: string; readonly attributes: Readonly<Record<string, string>> }[] {
  const errors: string[] = [];
  const document = parse(page, { onParseError: (it) => errors.push(it.code), scriptingEnabled: false });
  assert.deepEqual(errors, []);
  const found: { tag: string; attributes: Record<string, string> }[] = [];
  const visit = (node: DefaultTreeAdapterTypes.Node) => {
    if ('tagName' in node) found.push({ tag: node.tagName, attributes: Object.fromEntries(node.attrs.map((it) => [it.name, it.value])) });
    if ('childNodes' in node) node.childNodes.forEach(visit);
    assert.notEqual(node.nodeName, '#comment');
  };
  visit(document);
  return found;
}

test('HTML has no script, loads nothing, and text of the repository is only ever text', () =>
  hostile((reviews) => {
    for (const page of [html(reviews, WHO), html(reviews.slice(1, 2), WHO)]) {
      for (const { tag, attributes } of elements(page)) {
        assert.ok(TAGS.has(tag), tag);
        for (const [name, value] of Object.entries(attributes)) {
          assert.doesNotMatch(name, /^on|^style$|^src/);
          if (name === 'href') assert.match(value, /^(?:#file-\d+|https:\/\/(?:cwe\.mitre\.org|github\.com\/attest-review)\/[\w./#-]*)$/);
        }
      }
    }
  }));

test('HTML says verdict, seven categories, the map and every point', async () => {
  const page = html(await sample, WHO);
  const found = elements(page);
  assert.equal(found.filter((it) => it.tag === 'h1').length, 1);
  assert.equal(found.filter((it) => it.attributes['class']?.startsWith('card ')).length, 7);
  const points = (await sample).flatMap(findingsOf).filter((it) => it.suppressed === undefined && (it.kind === 'fail' || it.kind === 'review'));
  const shown = found.filter((it) => it.attributes['class']?.startsWith('point ')).length;
  assert.ok(shown > 0 && shown <= points.length, 'equal findings of one rule stand together');
  for (const { attributes } of found)
    if (attributes['href']?.startsWith('#')) assert.ok(found.some((it) => it.attributes['id'] === attributes['href']?.slice(1)));
  assert.match(page, /prefers-color-scheme:dark/);
  assert.match(page, /@media print/);
  assert.equal(page, html([...(await sample)].reverse(), WHO));
  assert.match(html([], WHO), /There was no test code to review/);
});

// ------------------------------------------------------------------------------------------ CI servers

interface Suites {
  readonly [path: string]: readonly { readonly name: string; readonly inside: readonly string[] }[];
}

/** Strict XML; gives the cases by suite. */
function suitesOf(xml: string): Suites {
  const suites: Record<string, { name: string; inside: string[] }[]> = {};
  let cases: { name: string; inside: string[] }[] = [];
  const parser = new SaxesParser();
  parser.on('error', (error) => {
    throw error;
  });
  parser.on('opentag', ({ name, attributes }) => {
    if (name === 'testsuite') {
      cases = [];
      suites[attributes['name'] ?? ''] = cases;
    } else if (name === 'testcase') cases.push({ name: attributes['name'] ?? '', inside: [] });
    else cases.at(-1)?.inside.push(name);
  });
  parser.write(xml).close();
  return suites;
}

test('JUnit is XML whatever the repository holds; a case fails by the threshold', async () => {
  await hostile((reviews) => assert.equal(Object.keys(suitesOf(junit(reviews, { failing: ['fail', 'review'] }))).length, 3));
  const failing = async (kinds: readonly Kind[]) =>
    Object.entries(suitesOf(junit(await sample, { failing: kinds }))).flatMap(([path, cases]) =>
      cases.filter((it) => it.inside.includes('failure')).map((it) => `${path} ${it.name}`),
    );
  const expected = (await sample).flatMap((review) => review.categories.filter((it) => it.verdict === 'defects').map((it) => `${review.path} ${it.title}`));
  assert.deepEqual(await failing(['fail']), expected);
  assert.deepEqual(await failing([]), []);
  assert.match(junit(await sample, { failing: ['fail'] }), /<skipped message="not applicable"\/>/);
});

test('GitHub: one command a line and no other, wherever line breaks and colons come from', async () => {
  await hostile((reviews) => {
    for (const line of github(reviews, { prefix: 'sub/' }).trimEnd().split('\n')) {
      const [, properties = '', message = ''] = /^::(?:error|warning|notice) ([^:]*)::(.*)$/.exec(line) ?? assert.fail(line);
      const names = properties.split(',').map((it) => it.slice(0, it.indexOf('=')));
      assert.deepEqual(
        names,
        ['file', 'line', 'endLine', 'col', 'endColumn', 'title'].filter((it) => names.includes(it)),
      );
      assert.doesNotMatch(`${properties}${message}`, /%(?!25|0A|3A|2C)/);
    }
  });
  const lines = github(await sample, { prefix: 'apps/harbour/' }).split('\n');
  assert.ok(
    lines.includes(
      '::error file=apps/harbour/tests/unit/test_notices.py,line=77,endLine=77,col=25,endColumn=40,title=mocking/stop-on-mock (MCK002)::`self.clock.stop` is a call on the mock, not the patcher: it does nothing and the patch stays%0Aline 76: `self.clock` is the mock that `start()` gives',
    ),
    lines.join('\n'),
  );
});

test('GitLab: an array of issues, no two with one fingerprint', async () => {
  await hostile((reviews) => assert.ok(Array.isArray(JSON.parse(gitlab(reviews, { prefix: '' })))));
  const issues: { fingerprint: string; severity: string; location: { path: string; lines: { begin: number } } }[] = JSON.parse(
    gitlab(await sample, { prefix: 'apps/' }),
  );
  assert.equal(new Set(issues.map((it) => it.fingerprint)).size, issues.length);
  assert.ok(issues.every((it) => it.location.path.startsWith('apps/tests/') && ['critical', 'major', 'minor'].includes(it.severity)));
});

// ---------------------------------------------------------------------------------------------- shards

test('parts are disjoint, whole, and even: none is larger than the mean and the largest file together', () => {
  const next = random(7);
  const files = Array.from({ length: 500 }, (_, index) => ({ path: `t/${index}.py`, size: Math.floor(next() ** 4 * 100_000) }));
  const size = new Map(files.map((it) => [it.path, it.size]));
  for (const count of [1, 4, 16, 700]) {
    const parts = Array.from({ length: count }, (_, index) => shardOf([...files].reverse(), { index: index + 1, count }));
    assert.deepEqual(parts.flat().sort(), files.map((it) => it.path).sort());
    const loads = parts.map((part) => part.reduce((sum, it) => sum + (size.get(it) ?? 0), 0));
    const mean = loads.reduce((sum, it) => sum + it, 0) / count;
    assert.ok(Math.max(...loads) <= mean + Math.max(...size.values()));
    if (count <= 16) assert.ok(Math.max(...loads) <= 1.05 * mean, `${Math.max(...loads)} of ${mean}`);
    assert.deepEqual(shardOf(files, { index: 1, count }), parts[0], 'the order of the files does not matter');
  }
  assert.deepEqual(['2/16', '1/1'].map(shardNamed), [
    { index: 2, count: 16 },
    { index: 1, count: 1 },
  ] satisfies Shard[]);
  for (const it of ['0/4', '5/4', '1', '1/0', 'a/b', '1/4x', '-1/4', '1.5/4', '']) assert.equal(shardNamed(it), undefined, it);
});

test('merged, the reports of parts are the report of the whole, in any order and with one of them twice', async () => {
  const render: Readonly<Record<string, (reviews: readonly Review[]) => string>> = {
    json: (it) => json(it, WHO),
    sarif: (it) => sarif(it, { ...WHO, kinds: ['fail', 'review'] }),
    'sarif, all kinds': (it) => sarif(it, { ...WHO, kinds: SARIF_KINDS }),
  };
  for (const reviews of [await sample, ...Array.from({ length: 10 }, (_, index) => hostileReviews(100 + index))]) {
    for (const [format, report] of Object.entries(render)) {
      const parts = [2, 0, 1].map((part) => ({ name: `${part}`, text: report(reviews.filter((_, index) => index % 3 === part)) }));
      const empty = { name: 'empty', text: report([]) };
      assert.deepEqual(merge([...parts, empty, ...parts.slice(0, 1)]), { text: report(reviews) }, format);
    }
  }
});

test('what cannot be merged honestly is refused, by name', async () => {
  const whole = json(await sample, WHO);
  const why = (...texts: readonly string[]) => {
    const merged = merge(texts.map((it, index) => ({ name: `part-${index}`, text: it })));
    return 'why' in merged ? merged.why : 'merged';
  };
  assert.match(why(whole.slice(0, 999)), /^part-0: not JSON/);
  assert.match(why('[]'), /^part-0: neither/);
  assert.match(why('{"version": "2.1.0", "runs": []}'), /^part-0: not one run/);
  assert.match(why(whole, sarif(await sample, { ...WHO, kinds: ['fail'] })), /not of one format/);
  assert.match(why(whole, json(await sample, { version: '9.9.9' })), /different versions/);
  assert.match(why(whole, whole.replace('"line": 36', '"line": 37')), /tests\/conftest\.py is in part-0 and in part-1, and they differ/);
  assert.match(why('{"schema": "attest-review/1", "files": 3}'), /damaged/);
});
