/**
 * An engine that knows three rules by their spelling, so that tests of the conversation need no parser:
 *
 *     verify=False          a defect with a safe fix         CHECK(x)      a point to decide
 *     addCleanup(…)         evidence                         import x      wants x.py; open while there is none
 *     raise SystemError     the engine itself throws
 */
import { CATEGORIES, defineRule, type Rule } from '../rules/rule.ts';
import type { Host } from '../server/host.ts';
import type { Engine } from '../server/review/engine.ts';
import { countsOf, type PlacedFinding, type Review, worst } from '../server/review/review.ts';

const base = {
  confidence: 'high',
  cwe: [295],
  why: 'Any certificate is accepted. So anyone may answer.',
  instead: 'Leave it on.',
  limits: 'None known.',
  links: [],
  on: 'file',
  check: () => [],
  examples: [],
} as const;

export const FAKE_RULES: readonly Rule[] = [
  defineRule({ ...base, id: 'certificate-check-off', code: 'NET006', category: 'network', title: 'certificate check is off', kind: 'fail' }) as unknown as Rule,
  defineRule({ ...base, id: 'cleanup-registered', code: 'RES-S01', category: 'resources', title: 'cleanup is registered', kind: 'pass' }) as unknown as Rule,
  defineRule({ ...base, id: 'look-at-this', code: 'INP001', category: 'input', title: 'look at this', kind: 'review' }) as unknown as Rule,
  defineRule({ ...base, id: 'helper-unknown', code: 'INP-U02', category: 'input', title: 'helper is not known', kind: 'open' }) as unknown as Rule,
];

const PATTERNS: readonly (readonly [RegExp, Rule['id'], PlacedFinding['category'], PlacedFinding['kind'], string])[] = [
  [/verify=False/g, 'network/certificate-check-off', 'network', 'fail', 'any certificate is accepted'],
  [/addCleanup\([^)]*\)/g, 'resources/cleanup-registered', 'resources', 'pass', '`addCleanup` undoes `set_nodes` of the line before'],
  [/CHECK\([^)]*\)/g, 'input/look-at-this', 'input', 'review', 'somebody must look'],
];

/** `calls` counts the reviews by path. */
export function fakeEngine(calls: Map<string, number> = new Map()): Engine {
  const texts = new Map<string, string | undefined>();
  const reviews = new Map<string, Review>();
  const wanted = new Set<string>();
  const stale = new Set<string>();
  const uses = (path: string) => [...(texts.get(path) ?? '').matchAll(/^import (\w+)$|^open\('([\w.]+)'\)$/gm)].map((it) => it[2] ?? `${it[1]}.py`);
  return {
    put(path, given) {
      const text = given?.toString();
      if (texts.get(path) !== text) reviews.delete(path);
      for (const it of texts.keys()) if (uses(it).includes(path) && (!texts.has(path) || texts.get(path) !== text)) stale.add(it);
      texts.set(path, text);
    },
    drop(path) {
      texts.delete(path);
      reviews.delete(path);
    },
    review(path) {
      const text = texts.get(path) ?? '';
      if (text.includes('raise SystemError')) throw new Error('the engine is broken');
      for (const it of uses(path)) if (!texts.has(it)) wanted.add(it);
      const known = reviews.get(path);
      if (known !== undefined && !stale.has(path)) return known;
      stale.delete(path);
      calls.set(path, (calls.get(path) ?? 0) + 1);
      const review = reviewOf(
        path,
        text,
        uses(path).filter((it) => texts.get(it) === undefined),
      );
      reviews.set(path, review);
      return review;
    },
    wanted() {
      const result = [...wanted];
      wanted.clear();
      return result;
    },
    get isSettled() {
      return wanted.size === 0 && stale.size === 0;
    },
    rest: () => {},
    known: texts,
    missingFolders: () => [],
    parse: () => undefined,
    surroundings: () => ({ tests: [], comments: [] }),
    outdated: () => [...stale].filter((it) => reviews.has(it)),
    isTest: (path) => /(^|\/)test_[^/]*$/.test(path) || (texts.get(path) ?? '').includes('from pytest'),
    work: { parsed: 0, shown: 0 },
  };
}

function reviewOf(path: string, text: string, unknown: readonly string[]): Review {
  const found = PATTERNS.flatMap(([pattern, rule, category, kind, message]) =>
    [...text.matchAll(pattern)].map((it): PlacedFinding => place(path, text, it.index, it[0].length, { rule, category, kind, message })),
  );
  const open = unknown.map((it) =>
    place(path, text, 0, 6, { rule: 'input/helper-unknown', category: 'input', kind: 'open', message: `\`${it}\` was not found` }),
  );
  const findings = [...found, ...open];
  const categories = CATEGORIES.map(({ id, title }) => {
    const own = findings.filter((it) => it.category === id);
    const active = own.filter((it) => it.suppressed === undefined);
    const verdict = active.some((it) => it.kind === 'fail')
      ? 'defects'
      : active.some((it) => it.kind === 'review')
        ? 'review'
        : own.length > 0
          ? 'clear'
          : 'not-applicable';
    return { id, title, verdict, looked: '', summary: '', findings: own } as const;
  });
  const verdict = worst(categories.map((it) => (it.verdict === 'not-applicable' ? 'clear' : it.verdict)));
  return {
    path,
    isTest: true,
    lines: text.split('\n').length,
    verdict,
    conclusion: `It is ${verdict}.`,
    categories,
    counts: countsOf(findings),
    faults: [],
    blind: [],
    notes: [],
    unused: [],
  };
}

function place(path: string, text: string, start: number, length: number, it: Pick<PlacedFinding, 'rule' | 'category' | 'kind' | 'message'>): PlacedFinding {
  const before = text.slice(0, start).split('\n');
  const line = before.length;
  const column = (before.at(-1) ?? '').length + 1;
  const end = start + length;
  const comma = text.slice(0, start).search(/,\s*$/);
  const from = comma < 0 ? start : comma;
  const reason = /# attest: ignore\[[^\]]*\] *(.*)/.exec(`${text.split('\n')[line - 2]?.match(/^\s*#.*/)?.[0] ?? ''}\n${text.split('\n')[line - 1]}`);
  return {
    ...it,
    start,
    end,
    line,
    column,
    endLine: line,
    endColumn: column + length,
    code: 'X001',
    level: it.kind === 'fail' ? 'error' : 'none',
    confidence: 'high',
    trail: it.kind === 'fail' ? [{ path, line: 1, column: 1, note: 'imported here' }] : [],
    fix:
      it.kind === 'fail'
        ? {
            title: 'Check certificates',
            safety: 'safe',
            edits: [{ start: from, end, line, column: column - (start - from), endLine: line, endColumn: column + length, text: '' }],
          }
        : undefined,
    fingerprint: start.toString(16).padStart(16, '0'),
    others: [],
    within: '',
    suppressed: reason === null ? undefined : { by: 'attest', reason: reason[1] ?? '', line },
  };
}

/** A workspace that is an object: paths below `file:///w` and their texts. */
export function fakeHost(
  files: Record<string, string> = {},
  options: { readonly engine?: () => Engine; readonly wait?: Host['wait']; readonly now?: Host['now'] } = {},
): Host {
  return {
    engine: async () => (options.engine ?? fakeEngine)(),
    read: async (_root, path) => files[path],
    list: async () =>
      Object.keys(files)
        .filter((it) => it.endsWith('.py'))
        .sort(),
    root: async (_uri, ceiling) => ceiling ?? 'file:///w',
    now: options.now ?? (() => 0),
    wait:
      options.wait ??
      ((milliseconds) => new Promise((resolve) => (milliseconds === 0 ? setImmediate(resolve) : setTimeout(resolve, Math.min(milliseconds, 5))))),
    forget: () => undefined,
    pid: 1,
  };
}
