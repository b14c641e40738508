/**
 * The catalogue of rules: the text of `rules/README.md`, the category table of the project's `README.md`, and
 * what `attest rules` prints. All of it comes from the rules themselves.
 */
import { CATEGORIES, type Category, type Rule } from '../../rules/rule.ts';
import { explain, KIND_WORDS } from './explain.ts';
import { fullId } from './named.ts';

/** `rules/README.md`: the categories, a list of each one's rules, then a section for each rule. */
export function catalogue(rules: readonly Rule[]): string {
  const sections = CATEGORIES.flatMap((category, index) => {
    const own = rulesOf(rules, category.id);
    if (own.length === 0) return [];
    const rows = own.map((it) => `| [\`${bareName(it)}\`](#${anchor(fullId(it))}) | ${it.code} | ${KIND_WORDS[it.kind]} | ${cell(it.title)} |`);
    return [
      `## ${index + 1}. ${category.title}`,
      category.question,
      ['| Rule | Code | Kind | What it says |', '|---|---|---|---|', ...rows].join('\n'),
      ...own.map((it) => explain(it, { heading: 3 }).trimEnd()),
    ];
  });
  return `${[
    '<!-- Generated from the rules in this folder. Do not edit. -->',
    '# The rules',
    `${rules.length} rules answer seven questions. Each section is written in the rule's own file, \`rules/<category>/<name>.ts\`; its examples are tests, and the first of them stand here.`,
    ...sections,
  ].join('\n\n')}\n`;
}

/** The table of the seven categories with the number of their rules by kind. */
export function categoryTable(rules: readonly Rule[]): string {
  const rows = CATEGORIES.map((category, index) => {
    const own = rulesOf(rules, category.id);
    const good = own.filter((it) => it.kind === 'pass').length;
    return `| ${index + 1} | \`${category.id}\` | ${category.title} | ${category.question} | ${own.length - good} | ${good} |`;
  });
  return ['| | Category | Title | Question | Looks for | Good practices |', '|--:|---|---|---|--:|--:|', ...rows].join('\n');
}

/** One line for each rule, aligned, by category and name: code, id, kind, title. */
export function ruleList(rules: readonly Rule[]): string {
  const sorted = CATEGORIES.flatMap((it) => rulesOf(rules, it.id));
  const width = (column: (rule: Rule) => string) => Math.max(0, ...sorted.map((it) => column(it).length));
  const [codes, ids, kinds] = [width((it) => it.code), width(fullId), width((it) => KIND_WORDS[it.kind])];
  return sorted.map((it) => `${it.code.padEnd(codes)}  ${fullId(it).padEnd(ids)}  ${KIND_WORDS[it.kind].padEnd(kinds)}  ${it.title}\n`).join('');
}

/** Schema `attest-rules/1`: what each rule says about itself, without its examples. */
export function ruleListJson(rules: readonly Rule[], options: { readonly version: string }): string {
  const listing = {
    schema: 'attest-rules/1',
    tool: { name: 'attest', version: options.version },
    rules: CATEGORIES.flatMap((category) => rulesOf(rules, category.id)).map((it) => ({
      id: fullId(it),
      code: it.code,
      category: it.category,
      title: it.title,
      kind: it.kind,
      kinds: it.kinds ?? [it.kind],
      confidence: it.confidence,
      cwe: it.cwe,
      peers: it.peers ?? {},
      why: it.why,
      ...(it.instead !== undefined && { instead: it.instead }),
      limits: it.limits,
      links: it.links,
      aliases: it.aliases ?? [],
    })),
  };
  return `${JSON.stringify(listing, undefined, 2)}\n`;
}

function rulesOf(rules: readonly Rule[], category: Category): Rule[] {
  return rules.filter((it) => it.category === category).sort((a, b) => (fullId(a) < fullId(b) ? -1 : 1));
}

function bareName(rule: Rule): string {
  const id = fullId(rule);
  return id.slice(id.indexOf('/') + 1);
}

/** The anchor that GitHub and VS Code give a heading of one code span. */
function anchor(heading: string): string {
  return heading
    .toLowerCase()
    .replace(/[^\p{L}\p{N} _-]/gu, '')
    .replaceAll(' ', '-');
}

function cell(text: string): string {
  return text.replaceAll('|', '\\|');
}
