/**
 * What the panel and its page say to each other. The page is told everything that it draws, words included, and knows
 * nothing else; it names places by key, and the extension looks up what the key means. Types only.
 */

export interface PanelState {
  readonly scope: Scope;
  /** Which scopes there is something to show for. */
  readonly scopes: readonly { readonly scope: Scope; readonly label: string }[];
  /** The file's path, or the reviewed folder's name. */
  readonly subject: string;
  /** One line below: lines, files, what was skipped. */
  readonly about: string;
  /** `undefined`: nothing was reviewed yet; `conclusion` says what to do. */
  readonly verdict: PanelVerdict | undefined;
  readonly verdictWord: string;
  readonly conclusion: string;
  /** "Maybe out of date: 2 files changed since", "2 rules are turned off in the settings". */
  readonly notes: readonly string[];
  readonly counts: readonly PanelCount[];
  readonly picture: FilePicture | WorkspacePicture | undefined;
  /** Seven, or none without a verdict. */
  readonly categories: readonly PanelCategory[];
  /** What a running review of folders is at. */
  readonly busy: { readonly text: string; readonly percent: number | undefined } | undefined;
  /** Which buttons make sense now; the first is the one to press where there is no verdict. */
  readonly actions: readonly { readonly action: PanelAction; readonly label: string }[];
  readonly words: PanelWords;
}

export interface PanelWords {
  readonly language: string;
  readonly scopes: string;
  readonly counts: string;
  readonly picture: string;
  readonly stop: string;
}

export type Scope = 'file' | 'workspace';
export type CategoryVerdict = 'clear' | 'review' | 'defects' | 'not-applicable';
export type PanelVerdict = CategoryVerdict | 'not-reviewed';
export type PanelAction = 'review' | 'reviewWorkspace' | 'cancel' | 'report' | 'export' | 'restart' | 'clearFilter';
/** What a line is; decides its symbol and colour. */
export type Mark = 'error' | 'warning' | 'review' | 'note' | 'open' | 'pass' | 'suppressed' | 'baseline';
/** What a count counts, and what a press on it leaves to be seen. */
export type Counted = 'fail' | 'review' | 'open' | 'informational' | 'pass' | 'suppressed' | 'baseline';

export interface PanelCount {
  readonly kind: Counted;
  readonly mark: Mark;
  readonly label: string;
  /** Only these are shown now. */
  readonly only: boolean;
}

export interface PanelCategory {
  readonly id: string;
  readonly title: string;
  readonly question: string;
  readonly verdict: CategoryVerdict;
  readonly verdictWord: string;
  /** What is there besides what is shown: "2 good practices". */
  readonly summary: string;
  /** The first are always shown. */
  readonly concerns: readonly PanelLine[];
  /** "3 more", with what they are. */
  readonly folds: readonly { readonly id: string; readonly label: string; readonly lines: readonly PanelLine[] }[];
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

/** Where in the file findings and evidence lie: a lane for each category, the first line at the left. */
export interface FilePicture {
  readonly kind: 'file';
  readonly lines: number;
  readonly lanes: readonly {
    readonly title: string;
    readonly short: string;
    readonly verdict: CategoryVerdict;
    /** The lane in words. */
    readonly said: string;
    readonly marks: readonly { readonly key: string; readonly mark: Mark; readonly line: number; readonly endLine: number; readonly tip: string }[];
  }[];
}

/** Folders by categories. */
export interface WorkspacePicture {
  readonly kind: 'workspace';
  readonly head: string;
  readonly columns: readonly { readonly id: string; readonly short: string; readonly title: string }[];
  readonly rows: readonly {
    readonly folder: string;
    readonly label: string;
    readonly about: string;
    readonly only: boolean;
    readonly cells: readonly {
      readonly category: string;
      readonly verdict: CategoryVerdict;
      readonly count: number;
      readonly said: string;
      readonly only: boolean;
    }[];
  }[];
  /** "5 more folders". */
  readonly more: string;
}

/** From the page. */
export type PanelMessage =
  | { readonly type: 'ready' }
  | { readonly type: 'open'; readonly key: string }
  | { readonly type: 'scope'; readonly scope: Scope }
  | { readonly type: 'kind'; readonly kind: Counted }
  | { readonly type: 'cell'; readonly folder: string; readonly category: string }
  | { readonly type: 'action'; readonly action: PanelAction };
