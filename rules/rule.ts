/**
 * What a rule is: data first, the check last, and the examples that prove it. Adding a rule is adding one
 * file `rules/<category>/<id>.ts` that exports `rule`; the id is the file name, the category the folder.
 */
import type { Call, Place, Statement, Subject, Subjects, TestFile } from './model.ts';

export type Category = 'credentials' | 'resources' | 'input' | 'errors' | 'network' | 'api' | 'mocking';
/** The words are SARIF's (2.1.0, section 3.27.9). */
export type Kind = 'fail' | 'review' | 'informational' | 'open' | 'pass';
export type Level = 'error' | 'warning' | 'note' | 'none';
export type Confidence = 'high' | 'medium' | 'low';

/** The order in which a review answers. */
export const CATEGORIES: readonly { readonly id: Category; readonly title: string; readonly question: string }[] = [
  { id: 'credentials', title: 'Hardcoded credentials and sensitive data', question: 'Does the test expose a secret that could be real?' },
  { id: 'resources', title: 'Resource handling', question: 'Is all that the test acquires or changes released, on every path?' },
  { id: 'input', title: 'Input validation', question: 'Does anything from outside reach a dangerous operation unchecked?' },
  { id: 'errors', title: 'Error handling', question: 'Are failures expected precisely, and never swallowed?' },
  { id: 'network', title: 'Network security', question: 'Is the test isolated from real networks, and its transport honest?' },
  { id: 'api', title: 'API security', question: 'Could a test API, fixture or server be reached or abused from where it should not?' },
  { id: 'mocking', title: 'Mocking and stubbing', question: 'Do mocks isolate live services, match what they replace, and get undone?' },
];

/** One change of text, said in terms of places. Statements are whole logical lines: where one shares its line with others, there is no fix. */
export type Edit =
  | { readonly do: 'replace'; readonly at: Place; readonly with: string }
  /** New lines before or after a statement, at its indentation; `lines` may be indented relative to it. */
  | { readonly do: 'insert'; readonly where: 'before' | 'after'; readonly at: Place; readonly lines: readonly string[] }
  | { readonly do: 'delete statement'; readonly at: Place }
  /** The statement moves out of its block, below it. */
  | { readonly do: 'move after'; readonly at: Place; readonly after: Place }
  /** The lines from one statement to a later one of its block become the body of a compound statement. */
  | { readonly do: 'enclose'; readonly at: Place; readonly until: Place; readonly head: string }
  | { readonly do: 'add argument'; readonly call: Place; readonly text: string }
  /** A function asks for one thing more: behind the parameter at `after`, or as its first. `name` is the place of its name. */
  | { readonly do: 'add parameter'; readonly name: Place; readonly after: Place | undefined; readonly text: string }
  /** The argument goes, with the comma that parts it from its neighbour. */
  | { readonly do: 'remove argument'; readonly at: Place }
  /** Makes sure that `import module` or `from module import name` stands in the file; where the name means something else there, there is no fix. */
  | { readonly do: 'import'; readonly module: string; readonly name?: string };

export interface Fix {
  /** Imperative, as it stands in the editor's menu: ``Register `p.stop` as a cleanup``. */
  readonly title: string;
  /** `safe`: no change of behaviour for a correct, passing test; may be part of fix-all. `suggest`: one by one. */
  readonly safety: 'safe' | 'suggest';
  readonly edits: readonly Edit[];
}

export interface Finding {
  readonly at: Place;
  /** This place, in one plain sentence of at most 120 characters; code in backticks; no full stop at the end. */
  readonly message: string;
  /** Must be among the rule's `kinds`; the rule's `kind` otherwise. */
  readonly kind?: Kind;
  readonly level?: 'error' | 'warning';
  readonly confidence?: Confidence;
  /** How the value got here, or what else proves it: source first. */
  readonly trail?: readonly { readonly at: Place; readonly note: string }[];
  readonly fix?: Fix;
  /** What of the file the finding speaks of, where a rule says something of the file as a whole: a name, or nothing for all of it. */
  readonly claim?: string;
  /** Disproves the claim: no finding of the rule that makes it is shown, nor this one; or only its `weight`: it is a note, which says why. */
  readonly disproves?: true | 'weight';
}

/** Python source with marks (see `CONTRIBUTING.md`), or several files by path; the first is reviewed. */
export type Source = string | Readonly<Record<string, string>>;

export type Example =
  /** `bad` is what the rule speaks about: a defect, or for a `pass` rule the good practice. `fixed`: the text after the fix. */
  | { readonly name: string; readonly bad: Source; readonly fixed?: string; readonly alsoFinds?: readonly string[] }
  | { readonly name: string; readonly good: Source; readonly alsoFinds?: readonly string[] };

export interface Rule<K extends Subject = Subject> {
  readonly id: string;
  /** The catalogue's code: `MCK002`, `RES-S01`, `API-U03`. Never reused. */
  readonly code: string;
  readonly category: Category;
  /** Names the bad (or good) thing: "stop is registered on the mock instead of the patcher". */
  readonly title: string;
  readonly kind: Kind;
  /** Every kind that the check may yield; `[kind]` when left out. */
  readonly kinds?: readonly Kind[];
  readonly confidence: Confidence;
  readonly cwe: readonly number[];
  /** Equivalent ids elsewhere: `bandit: ['B501']`. Their suppress comments are honoured. */
  readonly peers?: Partial<
    Record<
      'bandit' | 'ruff' | 'bugbear' | 'dlint' | 'semgrep' | 'sonar' | 'codeql' | 'pylint' | 'hacking' | 'pygrep-hooks' | 'gitleaks' | 'detect-secrets',
      readonly string[]
    >
  >;
  readonly why: string;
  /** What to write, or for good practice how to; left out where the good practice says it all. */
  readonly instead?: string;
  /** What it knows and what it does not see. "None known" is an allowed answer. */
  readonly limits: string;
  readonly links: readonly string[];
  /** Earlier names of this rule. */
  readonly aliases?: readonly string[];
  /** Ids of more specific rules: where one of them speaks of the same spot, or its trail names it, this one is silent. */
  readonly yieldsTo?: readonly string[];
  /**
   * One finding per test, class (outside of classes: file) or file however often it happens; the message gets the lines. A defect
   * or point to decide that has a safe fix stands on its own. Without it a note that brings no fix is said once for the file.
   */
  readonly once?: 'test' | 'class' | 'file';
  /** With `once`: also what needs somebody's act is one idiom where nothing but the code that it quotes differs, as variables that one set-up sets. */
  readonly alike?: true;
  /** It speaks of what is written, whether or not that runs: a secret is in the repository. What others say of code that never runs is a note. */
  readonly atRest?: true;
  /** Silent where it would speak fewer times in the file. */
  readonly atLeast?: number;
  /** What it wants to be shown. */
  readonly on: K | readonly K[];
  /**
   * For speed alone, on `call`: can a call of this name be one to speak of? `callee` is its qualified name, `''` when that is not
   * known; `method` the last segment as written. It is asked once for every name, as are the next ones, so that a subject reaches
   * few rules; `check` must find the same without them.
   */
  readonly calls?: (callee: string, method: string) => boolean;
  /**
   * For speed alone, on `call`: can one that is given an argument by this keyword be one to speak of, whatever its name? Where
   * there is no `calls` beside it, no other call is.
   */
  readonly keywords?: (keyword: string) => boolean;
  /** For speed alone, on `statement`: the types that it can speak of. */
  readonly statements?: readonly Statement['type'][];
  /** For speed alone, on `literal`: can one that is bound to this name, `''` for none, be one to speak of? */
  readonly literals?: (boundTo: string) => boolean;
  /** For speed alone, on `literal`: the length of the shortest content that it can speak of. */
  readonly shortest?: number;
  /** For speed alone, on `patch`: can one of this target, `''` where it is not one that is known, be one to speak of? */
  readonly patches?: (target: string, form: string) => boolean;
  /** For speed alone, cheap and pure: `false` for what `check` would certainly say nothing of. */
  wants?(subject: Subjects[K], file: TestFile): boolean;
  /** Pure; yields what it finds. `file` answers questions about the surroundings. */
  check(subject: Subjects[K], file: TestFile): Iterable<Finding>;
  readonly examples: readonly Example[];
}

export function defineRule<const K extends Subject>(rule: Rule<K>): Rule<K> {
  return rule;
}

/** Marks a template as Python: removes the common indentation and the first and last empty line. */
export function py(strings: TemplateStringsArray, ...values: readonly string[]): string {
  const text = String.raw(strings, ...values);
  const lines = text
    .replace(/^\n/, '')
    .replace(/\n[ ]*$/, '\n')
    .split('\n');
  const indents = lines.filter((it) => it.trim() !== '').map((it) => it.length - it.trimStart().length);
  const common = indents.length === 0 ? 0 : Math.min(...indents);
  return lines.map((it) => it.slice(common)).join('\n');
}

// ------------------------------------------------------------------------------------------------ fixes

export function replace(node: { readonly place: Place }, text: string): Edit {
  return { do: 'replace', at: node.place, with: text };
}
export function insertAfter(statement: Statement, ...lines: readonly string[]): Edit {
  return { do: 'insert', where: 'after', at: statement.place, lines };
}
export function insertBefore(statement: Statement, ...lines: readonly string[]): Edit {
  return { do: 'insert', where: 'before', at: statement.place, lines };
}
export function addArgument(call: Call, text: string): Edit {
  return { do: 'add argument', call: call.place, text };
}
export function removeArgument(argument: { readonly place: Place }): Edit {
  return { do: 'remove argument', at: argument.place };
}
export function deleteStatement(statement: Statement): Edit {
  return { do: 'delete statement', at: statement.place };
}
