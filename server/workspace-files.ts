/**
 * Files of a workspace as text, and the loop that brings the engine what it asks for. Shared by the command
 * line and the language server. Never reads outside the root, whatever links say; never throws for what is
 * on disk.
 */
import { readFileSync, realpathSync, type Stats, statSync } from 'node:fs';
import { join, relative } from 'node:path';
import { TextDecoder } from 'node:util';
import { CATEGORIES } from '../rules/rule.ts';
import { isInside, slashed } from './discover.ts';
import type { Engine, ReviewOptions } from './review/engine.ts';
import { type Blind, NO_COUNTS, type Review } from './review/review.ts';

/** A file's text, or why there is none. */
export type Reading = { readonly text: string } | { readonly blind: Blind };

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

function unread(what: Blind['what'], message: string): Reading {
  return { blind: { what, message, line: 1 } };
}

function statsOf(path: string): Stats | undefined {
  try {
    return statSync(path, { throwIfNoEntry: false });
  } catch {
    return undefined;
  }
}

/**
 * The bytes of a Python file as text: UTF-8, with or without a byte order mark, unless a comment in the first
 * two lines names another encoding (https://peps.python.org/pep-0263/). Never guesses: bytes that do not fit
 * make the file unread.
 */
export function decoded(bytes: Uint8Array): Reading {
  const named = encodingOf(bytes);
  const decoder = decoderOf(named);
  if (decoder === undefined) return unread('not-utf8', `its encoding \`${named}\` is not known`);
  let text: string;
  try {
    text = decoder.decode(bytes);
  } catch {
    return unread('not-utf8', named === 'utf-8' ? 'it is not UTF-8' : `it is not \`${named}\`, the encoding that it names`);
  }
  const zero = text.indexOf('\0');
  if (zero < 0) return { text };
  const line = text.slice(0, zero).split('\n').length;
  return { blind: { what: 'unreadable', message: `it has a NUL byte (line ${line}), which Python refuses`, line } };
}

function encodingOf(bytes: Uint8Array): string {
  const head = new TextDecoder('latin1').decode(bytes.subarray(0, 400));
  const [first = '', second = ''] = head.split(/\r\n|\r|\n/, 2);
  const named = cookie(first) ?? (/^[ \t\f]*(?:#|$)/.test(first) || first.startsWith('\u00ef\u00bb\u00bf') ? cookie(second) : undefined);
  return (named ?? 'utf-8').toLowerCase().replaceAll('_', '-');
}

function cookie(line: string): string | undefined {
  return /^(?:\u00ef\u00bb\u00bf)?[ \t\f]*#.*?coding[:=][ \t]*([-\w.]+)/.exec(line)?.[1];
}

function decoderOf(label: string): TextDecoder | undefined {
  const known = /^utf-?8(?:-|$)/.test(label) ? 'utf-8' : /^(?:latin-?1|l1|iso-?latin-?1)(?:-|$)/.test(label) ? 'iso-8859-1' : label;
  try {
    return new TextDecoder(known, { fatal: true });
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
