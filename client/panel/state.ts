/**
 * What the panel and its page say to each other. The page is told everything that it draws and knows nothing else;
 * it names places by key, and the extension looks up what the key means. Types only.
 */

export interface PanelState {
  readonly scope: Scope;
  /** Which scopes there is something to show for. */
  readonly scopes: readonly Scope[];
  /** The file's path, or the reviewed folder's name. */
  readonly subject: string;
  /** One line below: lines, files, what was skipped. */
  readonly about: string;
  /** `undefined`: nothing was reviewed yet; `conclusion` says what to do. */
  readonly verdict: PanelVerdict | undefined;
  readonly conclusion: string;
  /** "Out of date: 2 files changed since", "2 rules are turned off in the settings". */
  readonly notes: readonly string[];
  readonly counts: readonly PanelCount[];
  /** Seven, or none without a verdict. */
  readonly categories: readonly PanelCategory[];
  /** "12 of 80: test_x.py" while folders are reviewed. */
  readonly busy: string | undefined;
  /** Which buttons make sense now. */
  readonly actions: readonly PanelAction[];
}

export type Scope = 'file' | 'workspace';
export type PanelVerdict = 'clear' | 'review' | 'defects';
export type PanelAction = 'review' | 'reviewWorkspace' | 'cancel' | 'report' | 'restart';
/** What a line is; decides its symbol and colour. */
export type Mark = 'error' | 'warning' | 'review' | 'note' | 'open' | 'pass' | 'suppressed';

export interface PanelCount {
  readonly mark: Mark;
  readonly count: number;
  readonly word: string;
}

export interface PanelCategory {
  readonly id: string;
  readonly title: string;
  readonly question: string;
  readonly verdict: PanelVerdict | 'not-applicable';
  readonly summary: string;
  /** Defects, what to decide, open questions: always shown. */
  readonly concerns: readonly PanelLine[];
  /** Evidence, notes and suppressed findings: shown on demand. */
  readonly evidence: readonly PanelLine[];
  /** How many lines are left out. */
  readonly more: number;
}

export interface PanelLine {
  readonly key: string;
  readonly mark: Mark;
  /** The mark in a word, for those who do not see it. */
  readonly word: string;
  /** Code in backticks. */
  readonly message: string;
  /** "line 12" or "tests/test_x.py:12". */
  readonly where: string;
}

/** From the page. */
export type PanelMessage =
  | { readonly type: 'ready' }
  | { readonly type: 'open'; readonly key: string }
  | { readonly type: 'scope'; readonly scope: Scope }
  | { readonly type: 'action'; readonly action: PanelAction };
