/** Which rules to show a subject to: those that want its kind and did not say that it is none of theirs. */
import type { Call, Literal, Patch, Statement } from '../../rules/model.ts';
import type { Rule } from '../../rules/rule.ts';
import { ByName } from '../model/by-name.ts';
import { CALL, LITERAL, PATCH, SHOWN, STATEMENT } from '../model/subjects.ts';

/** A rule with what is asked of it for every subject. */
export interface Entry {
  readonly rule: Rule;
  readonly id: string;
  // All entries have one shape, while every rule has its own.
  readonly check: Rule['check'];
  readonly wants: Rule['wants'];
  readonly shortest: number;
}

/** The rules for contents of each length, shortest first. */
type Growth = readonly { readonly from: number; readonly entries: readonly Entry[] }[];

/** What rules said of names is asked once for every name. */
export class Dispatch {
  private readonly byKind: readonly Entry[][] = SHOWN.map(() => []);
  readonly rulesForFiles: readonly Entry[];
  readonly rulesForClasses: readonly Entry[];
  private readonly byStatement = new ByName((type) => this.chosen(STATEMENT, ({ statements }) => statements?.includes(type as Statement['type']) ?? true));
  private readonly byCall = new ByName((callee, method) => this.chosen(CALL, (rule) => rule.calls?.(callee, method) ?? rule.keywords === undefined));
  private readonly byKeyword = new ByName((keyword) => this.chosen(CALL, (rule) => rule.keywords?.(keyword) === true));
  private readonly byLiteral = new ByName((name) => this.growing(this.chosen(LITERAL, (rule) => rule.literals?.(name) ?? true)));
  private readonly byPatch = new ByName((target, form) => this.chosen(PATCH, (rule) => rule.patches?.(target, form) ?? true));
  /** By the ids of its rules: many names have the same. */
  private readonly lists = new Map<string, readonly Entry[]>();
  private readonly mergers = new Map<readonly Entry[], Map<readonly Entry[], readonly Entry[]>>();
  private readonly growths = new Map<readonly Entry[], Growth>();

  constructor(rules: readonly Rule[]) {
    const files: Entry[] = [];
    const classes: Entry[] = [];
    for (const rule of rules) {
      const { category, id, check, wants, shortest = 0 } = rule;
      const entry: Entry = { rule, id: `${category}/${id}`, check, wants, shortest };
      const kinds: readonly string[] = Array.isArray(rule.on) ? rule.on : [rule.on];
      for (const kind of kinds) {
        if (kind === 'file') files.push(entry);
        else if (kind === 'class') classes.push(entry);
        else this.byKind[(SHOWN as readonly string[]).indexOf(kind)]?.push(entry);
      }
    }
    this.rulesForFiles = files;
    this.rulesForClasses = classes;
  }

  /** The rules that can have something to say of a subject. */
  rulesFor(kind: number, subject: unknown): readonly Entry[] {
    switch (kind) {
      case CALL:
        return this.rulesForCall(subject as Call);
      case STATEMENT:
        return this.byStatement.of((subject as Statement).type);
      case LITERAL:
        return this.rulesForLiteral(subject as Literal);
      case PATCH:
        return this.byPatch.of((subject as Patch).target ?? '', (subject as Patch).form);
      default:
        return this.of(kind);
    }
  }

  private of(kind: number): readonly Entry[] {
    return this.byKind[kind] ?? NONE;
  }

  private chosen(kind: number, fits: (rule: Rule) => boolean): readonly Entry[] {
    return this.only(this.of(kind).filter((it) => fits(it.rule)));
  }

  /** The one list that has these entries. */
  private only(entries: readonly Entry[]): readonly Entry[] {
    const ids = entries.map((it) => it.id).join();
    const same = this.lists.get(ids) ?? entries;
    this.lists.set(ids, same);
    return same;
  }

  private growing(rules: readonly Entry[]): Growth {
    const known = this.growths.get(rules);
    if (known !== undefined) return known;
    const lengths = [...new Set(rules.map((it) => it.shortest))].sort((a, b) => a - b);
    const growth = lengths.map((from) => ({ from, entries: rules.filter((it) => it.shortest <= from) }));
    this.growths.set(rules, growth);
    return growth;
  }

  private rulesForCall(call: Call): readonly Entry[] {
    const named = this.byCall.of(call.callee ?? '', call.method);
    let result = named;
    for (const { keyword } of call.arguments) {
      const more = keyword === undefined ? NONE : this.byKeyword.of(keyword);
      if (more.length > 0) result = this.merged(result, more);
    }
    return result;
  }

  /** Both lists, what is in the second alone behind the first; of lists there are few. */
  private merged(some: readonly Entry[], more: readonly Entry[]): readonly Entry[] {
    let known = this.mergers.get(some);
    if (known === undefined) {
      known = new Map();
      this.mergers.set(some, known);
    }
    let result = known.get(more);
    if (result === undefined) {
      const added = more.filter((it) => !some.includes(it));
      result = added.length === 0 ? some : this.only([...some, ...added]);
      known.set(more, result);
    }
    return result;
  }

  private rulesForLiteral(literal: Literal): readonly Entry[] {
    const { length } = literal.content;
    let result = NONE;
    for (const { from, entries } of this.byLiteral.of(literal.boundTo ?? '')) {
      if (from > length) break;
      result = entries;
    }
    return result;
  }
}

const NONE: readonly Entry[] = [];
