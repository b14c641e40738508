/**
 * Files of a workspace as text, and the loop that brings the engine what it asks for. Shared by the command
 * line and the language server. Never reads outside the root, whatever links say; never throws for what is
 * on disk.
 */
import { readFileSync, realpathSync, type Stats, statSync } from 'node:fs';
import { join, relative } from 'node:path';
import { CATEGORIES } from '../rules/rule.ts';
import { decoded, type Reading, unread } from './decode.ts';
import { isInside, slashed } from './discover.ts';
import type { Engine, ReviewOptions } from './review/engine.ts';
import { type Blind, NO_COUNTS, type Review } from './review/review.ts';

export interface WorkspaceFiles {
  /** Absolute and real. */
  readonly root: string;
  /** The path of the absolute path relative to the root, with `/`; undefined outside of the root. */
  pathOf(absolute: string): string | undefined;
  /** Reads a file that was named by its path relative to the root; links are followed wherever they lead. */
  open(path: string): Reading;
  /** The text of a file that the engine asked for; undefined when there is none inside the root. */
  read(path: string): string | undefined;
}

/** In bytes. A Python file beyond this is data; reading it would only take memory. */
const LARGEST = 32 * 1024 * 1024;

export function workspaceFiles(root: string): WorkspaceFiles {
  const real = realpathSync(root);
  return {
    root: real,
    pathOf: (absolute) => (isInside(absolute, real) && absolute !== real ? slashed(relative(real, absolute)) : undefined),
    open: (path) => readingOf(join(real, path)),
    read(path) {
      const absolute = join(real, path);
      if (statsOf(absolute)?.isFile() !== true || !leadsInside(absolute, real)) return undefined;
      const reading = readingOf(absolute);
      return 'text' in reading ? reading.text : undefined;
    },
  };
}

function leadsInside(absolute: string, root: string): boolean {
  try {
    return isInside(realpathSync(absolute), root);
  } catch {
    return false;
  }
}

function readingOf(absolute: string): Reading {
  const stats = statsOf(absolute);
  if (stats?.isFile() !== true) return unread('unreadable', 'it is not a file');
  if (stats.size > LARGEST) return unread('too-large', `it has ${Math.round(stats.size / 1024 / 1024)} MB, which is more than ${LARGEST / 1024 / 1024} MB`);
  try {
    return decoded(readFileSync(absolute));
  } catch (error) {
    return unread('unreadable', `it cannot be read (${error instanceof Error && 'code' in error ? String(error.code) : 'unknown error'})`);
  }
}

function statsOf(path: string): Stats | undefined {
  try {
    return statSync(path, { throwIfNoEntry: false });
  } catch {
    return undefined;
  }
}

/** A review that says why the file was not reviewed. */
export function refusal(path: string, blind: Blind): Review {
  return {
    path,
    isTest: true,
    lines: 0,
    verdict: 'clear',
    conclusion: `Not reviewed: ${blind.message}.`,
    categories: CATEGORIES.map(({ id, title }) => ({ id, title, verdict: 'not-applicable', looked: '', summary: 'Not reviewed.', findings: [] })),
    counts: NO_COUNTS,
    faults: [],
    blind: [blind],
    notes: [],
  };
}

/** Brings the text of a path that the engine asked for; undefined when there is none. */
export type Read = (path: string) => string | undefined;

/**
 * Reviews the file, bringing what the engine asks for, until the review needs nothing more. Ends, since the
 * engine asks for each path once. Other files that this made outdated are left to the caller.
 */
export function settle(engine: Engine, path: string, read: Read, options: ReviewOptions = {}): Review {
  for (;;) {
    const review = engine.review(path, options);
    const wanted = engine.wanted();
    if (wanted.length === 0) return review;
    for (const it of wanted) engine.put(it, read(it));
  }
}

/** Reviews the files one after the other, then again those that a later file's reading has changed; in the order given. */
export function settleAll(engine: Engine, paths: readonly string[], read: Read, options: ReviewOptions = {}): Review[] {
  const asked = new Set(paths);
  const reviews = new Map(paths.map((it) => [it, attempt(engine, it, read, options)]));
  for (;;) {
    const again = engine.outdated().filter((it) => asked.has(it));
    if (again.length === 0) return [...reviews.values()];
    for (const it of again) reviews.set(it, attempt(engine, it, read, options));
  }
}

/** The engine promises not to throw; should it ever, one file is lost and not the report. */
function attempt(engine: Engine, path: string, read: Read, options: ReviewOptions): Review {
  try {
    const review = settle(engine, path, read, options);
    engine.rest(path);
    return review;
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    return { ...refusal(path, { what: 'unreadable', message: 'Attest failed on it', line: 1 }), faults: [{ rule: 'engine', message }] };
  }
}
