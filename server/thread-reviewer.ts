/**
 * Reviews one file after the other with an engine of its own, and says what each review depended on. One of these
 * runs in every thread of a review of many files.
 */
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { RULES } from '../rules/index.ts';
import { decoded, type Reading } from './decode.ts';
import type { Dependency, Look } from './looks.ts';
import type { Guarantees } from './model/classes.ts';
import { type PlacedRequirement, withRequired } from './required-evidence.ts';
import { createEngine, createOrdinaryEngine, type EngineOptions, type OrdinaryEngineOptions } from './review/engine.ts';
import type { Blind } from './review/review.ts';
import { stored } from './review/stored.ts';
import { fullId } from './views/named.ts';
import { failure, type WorkspaceFiles, workspaceFiles } from './workspace-files.ts';

/** All that reviews of one root depend on beside the disk; goes to other threads as it is. */
export interface ReviewStart {
  /** Absolute and real. */
  readonly root: string;
  /** Full ids of rules that are turned off, sorted. */
  readonly off: readonly string[];
  /** What configuration promises of base classes. */
  readonly guarantees?: Guarantees;
  /** What tests must show, and where. */
  readonly required: readonly PlacedRequirement[];
  /** See `EngineOptions`. */
  readonly heedsOrigin?: boolean;
  /** Texts of files that an editor shows, by path: they go before the disk's. */
  readonly shown: Shown;
}

export type Shown = ReadonlyMap<string, string>;

export interface Job {
  /** Relative to the root, with `/`. */
  readonly path: string;
  /** Review it even when it is no test code. */
  readonly anyFile: boolean;
}

export type Outcome =
  | { readonly blind: Blind }
  | {
      /** Of the file's bytes. */
      readonly hash: string;
      /** A `StoredReview` as JSON. */
      readonly review: string;
      /** Has the review faults? Then it is not worth keeping. */
      readonly faulty: boolean;
      /** What files began to look into, this one and others. */
      readonly looks: readonly Look[];
    };

export const PARSER_FILES = ['tree-sitter.wasm', 'tree-sitter-python.wasm'] as const;

export interface ThreadReviewer {
  /** Throws nothing but `NotOrdinary`, and is of no use after that. Whoever calls it watches over its time. */
  review(job: Job): Outcome;
}

/** A review came upon text that only tree-sitter reads. */
export class NotOrdinary extends Error {}

/** `parser` is the folder with the parser's two binary files; without it the reviewer reads ordinary Python only. */
export async function createThreadReviewer(
  { root, off, guarantees = {}, required, shown, heedsOrigin = true }: ReviewStart,
  parser: string | undefined,
): Promise<ThreadReviewer> {
  const files = workspaceFiles(root);
  const known = new Map<string, Dependency>();
  const note = (path: string, bytes: Uint8Array | undefined) => {
    const hash = bytes === undefined ? '' : hashOf(bytes);
    const before = known.get(path);
    if (before?.hash !== hash) known.set(path, { path, hash });
    return hash;
  };
  const helper = (path: string): string | undefined => {
    const bytes = helperBytes(files, shown, path);
    note(path, bytes);
    const reading = bytes === undefined ? undefined : readingOf(bytes, shown, path);
    return reading !== undefined && 'text' in reading ? reading.text : undefined;
  };
  let began: { readonly from: string; readonly into: string[] }[] = [];
  const noted = (path: string): Dependency => {
    const it = known.get(path) ?? { path, hash: '' };
    known.set(path, it);
    return it;
  };
  const options: OrdinaryEngineOptions = {
    rules: RULES.filter((it) => !off.includes(fullId(it))),
    read: helper,
    hasFolder: (path) => hasFolder(files, shown, path),
    guarantees,
    heedsOrigin,
    onLook(from, into) {
      const last = began.at(-1);
      if (last?.from === from) last.into.push(into);
      else began.push({ from, into: [into] });
    },
  };
  let isOrdinary = true;
  const refused = () => {
    isOrdinary = false;
  };
  const engine = parser === undefined ? createOrdinaryEngine(options, refused) : await createEngine({ ...options, ...parserFiles(parser) });

  function reviewFile({ path, anyFile }: Job): Outcome {
    const visible = helperBytes(files, shown, path);
    const found = visible === undefined ? files.bytes(path) : { bytes: visible };
    if ('blind' in found) return found;
    const reading = readingOf(found.bytes, shown, path);
    if ('blind' in reading) return reading;
    const hash = note(path, found.bytes);
    engine.put(path, reading.text);
    if (parser === undefined) engine.parse(path);
    if (!isOrdinary) throw new NotOrdinary();
    const review = withRequired(engine, engine.review(path, { anyFile }), required);
    const result = stored(review, reading.text);
    engine.rest(path);
    // Named through a link that leads out of the root: other files do not see it.
    if (visible === undefined) {
      engine.put(path, undefined);
      note(path, undefined);
    }
    const looks = [{ from: noted(path), into: [] }, ...began.map(({ from, into }) => ({ from: noted(from), into: into.map(noted) }))];
    began = [];
    return { hash, review: JSON.stringify(result), faulty: review.faults.length > 0, looks };
  }

  return {
    review(job) {
      let outcome: Outcome;
      try {
        outcome = reviewFile(job);
      } catch (error) {
        outcome = failedOutcome(job.path, error);
      }
      if (!isOrdinary) throw new NotOrdinary();
      return outcome;
    },
  };
}

function parserFiles(folder: string): Pick<EngineOptions, 'runtime' | 'grammar'> {
  const [runtime, grammar] = PARSER_FILES.map((it) => readFileSync(join(folder, it)));
  if (runtime === undefined || grammar === undefined) throw new Error('the parser is missing');
  return { runtime, grammar };
}

/** The engine promises not to throw; should it ever, one file is lost and not the report. */
export function failedOutcome(path: string, error: unknown): Outcome {
  const review = failure(path, error instanceof Error ? error.message : String(error));
  return { hash: '', review: JSON.stringify(stored(review, '')), faulty: true, looks: [] };
}

/** What a file that a review looks into holds; undefined for no file inside the root. */
export function helperBytes(files: WorkspaceFiles, shown: Shown, path: string): Uint8Array | undefined {
  const text = shown.get(path);
  return text === undefined ? files.helper(path) : Buffer.from(text);
}

/** Those bytes as text. What an editor shows is text already, whatever encoding its comment names. */
export function readingOf(bytes: Uint8Array, shown: Shown, path: string): Reading {
  const text = shown.get(path);
  return text === undefined ? decoded(bytes) : { text };
}

/** Is there a folder that reviews can look for files in? */
export function hasFolder(files: WorkspaceFiles, shown: Shown, path: string): boolean {
  if (files.hasFolder(path)) return true;
  for (const it of shown.keys()) if (it.startsWith(`${path}/`)) return true;
  return false;
}

export function hashOf(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('base64url').slice(0, 27);
}
