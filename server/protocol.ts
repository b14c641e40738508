/**
 * What Attest's server and an editor say to each other beside the Language Server Protocol. Types only.
 *
 * Positions in snapshots are lines and columns from 1, in UTF-16 code units, whatever encoding was agreed on.
 */
import type { FileSnapshot } from './views/panel.ts';

export type { CategorySnapshot, FileSnapshot, FindingLine } from './views/panel.ts';

/** Requests of the editor, by method. */
export interface Requests {
  /** Reviews one file now, whatever `attest.run` says. */
  'attest/review': { readonly params: FileParams; readonly result: ReviewedFile | null };
  /** Reviews all test files below the folders; files come as partial results. A second one ends the first. */
  'attest/reviewWorkspace': { readonly params: WorkspaceParams; readonly result: WorkspaceResult };
  /** The review of a file as Markdown. */
  'attest/report': { readonly params: FileParams; readonly result: { readonly markdown: string } | null };
  /** Reviews these files and writes them up; `count` of them could be. */
  'attest/export': { readonly params: ExportParams; readonly result: { readonly text: string; readonly count: number } };
  /** What holds for a file, and which line of which file says so, as TOML. */
  'attest/configuration': { readonly params: FileParams; readonly result: { readonly text: string } };
  /** Reviews these files; gives for each root the baseline that knows all that was found. */
  'attest/baseline': { readonly params: { readonly uris: readonly string[] }; readonly result: readonly BaselineFile[] };
  /** A rule's page as Markdown. */
  'attest/explain': { readonly params: { readonly rule: string }; readonly result: { readonly markdown: string } | null };
  /** For tests that end the server. */
  'attest/debug/pid': { readonly params: Record<string, never>; readonly result: number };
}

/** Requests of the server, by method: files that only the editor can reach. Answered below open folders and documents. */
export interface EditorRequests {
  /** The bytes of a file, each as one character; `null` when there is none. */
  'attest/readFile': { readonly params: FileParams; readonly result: string | null };
  'attest/readFolder': { readonly params: FileParams; readonly result: readonly (readonly [name: string, type: 'file' | 'folder'])[] | null };
}

/** The first message to a web worker: the parser's runtime and the grammar of Python. */
export interface ParserFiles {
  readonly runtime: Uint8Array;
  readonly grammar: Uint8Array;
}

/** Notifications of the server, by method. */
export interface Notifications {
  'attest/reviewed': ReviewedParams;
  'attest/status': StatusParams;
}

/** What the editor may say in `initializationOptions`. */
export interface InitializationOptions {
  /** The editor registers Attest's commands itself, `attest.explainRule` among them. */
  readonly commands?: boolean;
  /** A folder of the editor for reviews that are worth keeping; without one nothing is written. */
  readonly storage?: string;
  /** Settings below `attest`, for editors that cannot be asked for them. */
  readonly settings?: unknown;
}

interface FileParams {
  readonly uri: string;
}

export type ExportFormat = 'markdown' | 'html' | 'sarif' | 'json';

interface ExportParams {
  readonly uris: readonly string[];
  readonly format: ExportFormat;
}

export interface BaselineFile {
  readonly uri: string;
  readonly text: string;
  /** How many findings it knows. */
  readonly findings: number;
}

export interface ReviewedFile {
  readonly uri: string;
  /** Folder to which the snapshot's paths are relative. */
  readonly root: string;
  /** Of the document; `null` for a file that is not open. */
  readonly version: number | null;
  readonly snapshot: FileSnapshot;
}

/** A file was reviewed, or (without a snapshot) is no longer: closed, deleted, switched off. */
interface ReviewedParams {
  readonly uri: string;
  readonly reviewed: ReviewedFile | null;
}

export interface WorkspaceParams {
  /** Folders; all of the workspace when left out. */
  readonly folders?: readonly string[];
  readonly workDoneToken?: string | number;
  readonly partialResultToken?: string | number;
}

/** Value of each `$/progress` for `partialResultToken`. */
export type WorkspacePart = readonly ReviewedFile[];

export interface WorkspaceResult {
  /** Files that were reviewed, sent as parts; all of them here when the editor gave no `partialResultToken`. */
  readonly files: readonly ReviewedFile[];
  readonly reviewed: number;
  /** Files that are no test code, too large, or could not be read. */
  readonly skipped: number;
  /** False when it was stopped before the end. */
  readonly complete: boolean;
}

interface StatusParams {
  readonly state: 'ready' | 'problem';
  /** In one sentence what is wrong: settings that were not understood, a file that could not be reviewed. */
  readonly message: string;
}
