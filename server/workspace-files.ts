/**
 * Files of a workspace as text. Shared by the command line and the language server. Never reads outside the root,
 * whatever links say; never throws for what is on disk.
 */
import { realpathSync, type Stats, statSync } from 'node:fs';
import { basename, dirname, join, relative } from 'node:path';
import { CATEGORIES } from '../rules/rule.ts';
import { decoded, type Reading, unread } from './decode.ts';
import { isInside, slashed } from './paths.ts';
import { readRegular } from './regular-file.ts';
import { type Blind, NO_COUNTS, type Review } from './review/review.ts';

/** What a file holds, or why that cannot be had. */
export type Bytes = { readonly bytes: Uint8Array } | { readonly blind: Blind };

export interface WorkspaceFiles {
  /** Absolute and real. */
  readonly root: string;
  /** The path of the absolute path relative to the root, with `/`; undefined outside of the root. */
  pathOf(absolute: string): string | undefined;
  /** Reads a file that was named by its path relative to the root; links are followed wherever they lead. */
  open(path: string): Reading;
  /** The same, not decoded. */
  bytes(path: string): Bytes;
  /** The text of a file that the engine asked for; undefined when there is none inside the root. */
  read(path: string): string | undefined;
  /** The same, not decoded. */
  helper(path: string): Uint8Array | undefined;
  /** Is there a folder of that name? */
  hasFolder(path: string): boolean;
}

/** In bytes. A Python file beyond this is data; reading it would only take memory. */
const LARGEST = 32 * 1024 * 1024;

export function workspaceFiles(root: string): WorkspaceFiles {
  const real = realFolder(root);
  const bytes = (path: string) => bytesOf(join(real, path));
  const helper = (path: string) => {
    // Not by `join`, since most that is asked for is not there.
    const absolute = `${real}/${path}`;
    if (statsOf(absolute)?.isFile() !== true || !leadsInside(absolute, real)) return undefined;
    const found = bytesOf(absolute);
    return 'bytes' in found ? found.bytes : undefined;
  };
  return {
    root: real,
    pathOf: (absolute) => (isInside(absolute, real) && absolute !== real ? slashed(relative(real, absolute)) : undefined),
    bytes,
    helper,
    hasFolder: (path) => statsOf(`${real}/${path}`)?.isDirectory() === true,
    open(path) {
      const found = bytes(path);
      return 'bytes' in found ? decoded(found.bytes) : found;
    },
    read(path) {
      const found = helper(path);
      const reading = found === undefined ? undefined : decoded(found);
      return reading !== undefined && 'text' in reading ? reading.text : undefined;
    },
  };
}

/** Where a folder is without links; of one that is not there (yet), as far as there is one. Absolute. */
export function realFolder(folder: string): string {
  try {
    return realpathSync.native(folder);
  } catch {
    return dirname(folder) === folder ? folder : join(realFolder(dirname(folder)), basename(folder));
  }
}

export function leadsInside(absolute: string, root: string): boolean {
  try {
    return isInside(realpathSync.native(absolute), root);
  } catch {
    return false;
  }
}

function bytesOf(absolute: string): Bytes {
  try {
    const found = readRegular(absolute, LARGEST);
    if ('bytes' in found) return found;
    if (!found.isFile) return unread('unreadable', 'it is not a file');
    return unread('too-large', `it has ${Math.round(found.tooLarge / 1024 / 1024)} MB, which is more than ${LARGEST / 1024 / 1024} MB`);
  } catch (error) {
    const why = error instanceof Error && 'code' in error ? String(error.code) : 'unknown error';
    return unread('unreadable', why === 'ENOENT' ? 'there is no such file any more' : `it cannot be read (${why})`);
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
    verdict: 'not-reviewed',
    conclusion: `Not reviewed: ${blind.message}.`,
    categories: CATEGORIES.map(({ id, title }) => ({ id, title, verdict: 'not-applicable', looked: '', summary: 'Not reviewed.', findings: [] })),
    counts: NO_COUNTS,
    faults: [],
    blind: [blind],
    unused: [],
    notes: [],
  };
}

/** The review of a file that Attest itself failed on. */
export function failure(path: string, message: string): Review {
  return { ...refusal(path, { what: 'unreadable', message: 'Attest failed on it', line: 1 }), faults: [{ rule: 'engine', message }] };
}
