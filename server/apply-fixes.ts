/**
 * Safe fixes on disk: applied again and again until none is left, since one may make room for the next, and
 * written so that nothing else about the file changes. A fix that makes Python harder to read for the parser is not
 * taken, nor one whose finding is there again after it.
 */
import { accessSync, chmodSync, constants, readFileSync, realpathSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { createTwoFilesPatch } from 'diff';
import { decoded } from './decode.ts';
import { isInside } from './paths.ts';
import type { Judge } from './policy.ts';
import { hindrance } from './report-file.ts';
import { fixesTogether } from './review/fixes.ts';
import { findingsOf, type PlacedEdit, type PlacedFix, type Review } from './review/review.ts';
import { restored } from './review/stored.ts';
import { createThreadReviewer, type ReviewStart, type ThreadReviewer } from './thread-reviewer.ts';

/** In bytes, so that encoding and byte order mark stay what they are. */
export interface FixedFile {
  readonly path: string;
  readonly before: Buffer;
  /** Undefined where the file's encoding cannot be written exactly. */
  readonly after: Buffer | undefined;
  /** How many fixes were made. */
  readonly count: number;
  /** Of the text after them. */
  readonly review: Review;
}

export interface Fixing {
  readonly start: ReviewStart;
  /** Folder of the parser's files. */
  readonly parser: string;
  readonly judge: Judge;
  anyFile(path: string): boolean;
  bytesOf(path: string): Uint8Array | undefined;
}

/** Why there is no `after`. */
export const UNWRITABLE = 'its encoding cannot be written';

/** Fixes that bring each other back end here. */
const MOST_ROUNDS = 10;

/** What safe fixes make of the reviewed files; files without any are left out. */
export async function fixedFiles(reviews: readonly Review[], fixing: Fixing): Promise<FixedFile[]> {
  const fixable = reviews.filter((it) => safeFixes(it).length > 0);
  if (fixable.length === 0) return [];
  const shown = new Map<string, string>();
  let reviewer: ThreadReviewer | undefined = await createThreadReviewer({ ...fixing.start, shown }, fixing.parser);
  const again = (path: string, text: string): Review | undefined => {
    shown.set(path, text);
    try {
      const outcome = reviewer?.review({ path, anyFile: fixing.anyFile(path) });
      return outcome === undefined || 'blind' in outcome ? undefined : fixing.judge(restored(JSON.parse(outcome.review), () => text));
    } catch {
      // A text that takes for ever is no fix, and the reviewer is of no use any more.
      reviewer = undefined;
      return undefined;
    } finally {
      shown.delete(path);
    }
  };
  return fixable.flatMap((it) => fixedFile(it, fixing.bytesOf(it.path), again) ?? []);
}

function fixedFile(first: Review, bytes: Uint8Array | undefined, again: (path: string, text: string) => Review | undefined): FixedFile | undefined {
  const reading = bytes === undefined ? undefined : decoded(bytes);
  if (bytes === undefined || reading === undefined || 'blind' in reading) return undefined;
  const { path } = first;
  const before = reading.text;
  let [after, review, count] = [before, first, 0];
  // Those whose finding was there again after them.
  let vain: readonly Spot[] = [];
  for (let round = 0; round < MOST_ROUNDS; round += 1) {
    const { edits, made } = fixesTogether(safeFixes(review).filter((it) => !stands(vain, it)));
    if (made.length === 0) break;
    let text = after;
    for (const it of [...edits].reverse()) text = text.slice(0, it.start) + it.text + text.slice(it.end);
    const next = again(path, text);
    if (next === undefined || broken(next) > broken(review)) break;
    const left = safeFixes(next);
    const back = made.filter((it) => stands(left, moved(it, edits)));
    if (back.length > 0) vain = [...vain, ...back];
    else [after, review, count, vain] = [text, next, count + made.length, vain.map((it) => moved(it, edits))];
  }
  const original = Buffer.from(bytes);
  return after === before ? undefined : { path, before: original, after: encodedLike(original, before, after), count, review };
}

/** Where a rule found something. */
interface Spot {
  readonly rule: string;
  readonly at: number;
}

function safeFixes(review: Review): (PlacedFix & Spot)[] {
  return findingsOf(review).flatMap((it) =>
    it.suppressed === undefined && it.kind !== 'pass' && it.fix?.safety === 'safe' ? [{ ...it.fix, rule: it.rule, at: it.start }] : [],
  );
}

function stands(among: readonly Spot[], { rule, at }: Spot): boolean {
  return among.some((it) => it.rule === rule && it.at === at);
}

/** The spot in the text after the edits. */
function moved({ rule, at }: Spot, edits: readonly PlacedEdit[]): Spot {
  let by = 0;
  for (const it of edits) {
    if (it.end > at) return { rule, at: Math.min(at, it.start) + by };
    by += it.text.length - (it.end - it.start);
  }
  return { rule, at: at + by };
}

function broken(review: Review): number {
  return review.blind.filter((it) => it.what === 'syntax-error').length;
}

/**
 * As `git apply` takes it anywhere in a repository, and `patch -p1` at its top; `prefix` is the root's path in it. A patch is
 * bytes, each a character here, since one may hold files of several encodings.
 */
export function patchOf({ path, before, after }: FixedFile & { readonly after: Buffer }, prefix: string): Buffer {
  const name = prefix + path;
  const patch = createTwoFilesPatch(`a/${name}`, `b/${name}`, before.toString('latin1'), after.toString('latin1'), undefined, undefined, { context: 3 });
  return Buffer.from(patch.replace(/^={10,}\n/, ''), 'latin1');
}

/** Writes the file if it still is what was fixed; else says in a sentence why not. */
export function writeFixed(file: FixedFile, root: string): string | undefined {
  try {
    const real = realpathSync(join(root, file.path));
    if (!isInside(real, root)) return 'it leads out of the root';
    if (!readFileSync(real).equals(file.before)) return 'it has changed meanwhile';
    if (file.after === undefined) return UNWRITABLE;
    accessSync(real, constants.W_OK);
    const { mode } = statSync(real);
    const beside = join(dirname(real), `.${file.path.slice(file.path.lastIndexOf('/') + 1)}.${process.pid}.tmp`);
    try {
      writeFileSync(beside, file.after, { flag: 'wx' });
      chmodSync(beside, mode & 0o7777);
      renameSync(beside, real);
    } catch (error) {
      rmSync(beside, { force: true });
      throw error;
    }
    return undefined;
  } catch (error) {
    return `it cannot be written (${hindrance(error)})`;
  }
}

/** The fixed text in the file's own encoding, with its byte order mark; undefined where that cannot be done exactly. */
function encodedLike(bytes: Buffer, before: string, after: string): Buffer | undefined {
  const mark = Buffer.of(0xef, 0xbb, 0xbf);
  const utf8 = bytes.subarray(0, 3).equals(mark) ? (text: string) => Buffer.concat([mark, Buffer.from(text)]) : (text: string) => Buffer.from(text);
  const latin1 = (text: string) => Buffer.from(text, 'latin1');
  return [utf8, latin1].find((encode) => encode(before).equals(bytes) && decodesTo(encode(after), after))?.(after);
}

function decodesTo(bytes: Buffer, text: string): boolean {
  const reading = decoded(bytes);
  return 'text' in reading && reading.text === text;
}
