/**
 * Help from outside: reading, listing, time. The session knows nothing else of the machine it runs on, so a disk,
 * a browser's virtual file system and an object literal in a test serve it alike. Folders are URIs here, paths are
 * relative to one of them, with `/`.
 */
import type { Rule } from '../rules/rule.ts';
import type { Guarantees } from './model/classes.ts';
import type { Engine } from './review/engine.ts';
import type { Review } from './review/review.ts';

export interface Host {
  /** A new engine with these rules, for a root whose repository promises this for base classes. */
  engine(root: string, rules: readonly Rule[], guarantees: Guarantees): Promise<Engine>;
  /** The text of a file below a root; `undefined` when there is none or it leads out of the root. Never rejects. */
  read(root: string, path: string): Promise<string | undefined>;
  /** The Python files below a folder, sorted; what tools and installers put there is left out. */
  list(folder: string): Promise<readonly string[]>;
  /**
   * The folder from which a file's imports are resolved: the nearest one up with a project file, never above
   * `ceiling` (the opened folder) when there is one.
   */
  root(uri: string, ceiling: string | undefined): Promise<string>;
  /** Reviews beside the conversation; `storage` is a folder that the editor gives for what is worth keeping. */
  background?(storage: string | undefined): Background;
  /** Does work that must end; what takes far too long is stopped and throws. Where there is none, nothing stops it. */
  inTime?<T>(work: () => T): T;
  /** Files changed: what is kept of how folders look may be wrong. */
  forget(): void;
  /** Milliseconds from some fixed moment. */
  now(): number;
  /** Resolves later; with 0 after what is waiting in the event loop now. */
  wait(milliseconds: number): Promise<void>;
  /** Of this process, for tests that end it. */
  readonly pid: number;
}

export interface Background {
  /** How many files are worth asking for at the same time. */
  readonly width: number;
  review(file: BackgroundFile): Promise<BackgroundReview>;
  /** Ends it at once; what was not done is answered as `unreadable`. */
  close(): void;
}

/** A closed file below a root. */
export interface BackgroundFile {
  readonly root: string;
  readonly path: string;
  readonly anyFile: boolean;
  /** In characters. */
  readonly largest: number;
  /** Full ids of rules that are turned off. */
  readonly off: readonly string[];
  /** What open documents say, by path below the root; asked once for a root. */
  shown(): ReadonlyMap<string, string>;
}

/** `elsewhere`: the root is none that this can read. */
export type BackgroundReview = { readonly text: string; readonly review: Review } | 'not a test' | 'too large' | 'unreadable' | 'elsewhere';
