/**
 * `attest review`: discover → review → judge → report → exit code.
 *
 * Whatever could be reviewed is printed, whatever else happened; see `terminal.ts` for what the exit code says.
 */
import { readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import pico from 'picocolors';
import { RULES } from '../rules/index.ts';
import type { Kind } from '../rules/rule.ts';
import { isInside, placeInRepository, pythonFiles, rootOf, type Target, targetOf } from './discover.ts';
import { FORMATS, type Format } from './formats.ts';
import { deliver } from './report-file.ts';
import { createEngine, type Engine } from './review/engine.ts';
import { findingsOf, type Review } from './review/review.ts';
import { type Shard, type Sized, shardOf } from './shard.ts';
import { raiseExitCode, refuse, remark, wantsColor } from './terminal.ts';
import type { SarifKind } from './views/sarif.ts';
import { refusal, settleAll, type WorkspaceFiles, workspaceFiles } from './workspace-files.ts';

declare const ATTEST_VERSION: string;

export const THRESHOLDS = ['fail', 'review', 'open', 'never'] as const;
type Threshold = (typeof THRESHOLDS)[number];

const FAILING: Readonly<Record<Threshold, readonly Kind[]>> = { fail: ['fail'], review: ['fail', 'review'], open: ['fail', 'review', 'open'], never: [] };

export interface ReviewOptions {
  readonly format: Format;
  readonly failOn: Threshold;
  readonly output?: string;
  readonly root?: string;
  readonly allFiles?: boolean;
  readonly quiet?: boolean;
  readonly sarifKinds: readonly SarifKind[];
  readonly shard?: Shard;
}

/** What a run reviews: files by path relative to the root, and those that could not be read. */
interface Found {
  readonly paths: readonly Sized[];
  readonly refused: readonly Review[];
}

export async function reviewCommand(words: readonly string[], options: ReviewOptions): Promise<void> {
  const start = performance.now();
  const targets = (words.length === 0 ? ['.'] : words).map((it) => targetOf(it, process.cwd()));
  const files = workspaceOf(targets, options);
  if (files === undefined) return;
  const engine = await newEngine();
  const { paths, refused } = part(discover(engine, files, targets, options), options.shard);
  const reviews = [
    ...settleAll(
      engine,
      paths.map((it) => it.path),
      files.read,
      { anyFile: options.allFiles === true },
    ),
    ...refused,
  ];
  for (const it of reviews) raiseExitCode(it.faults.length > 0 ? 3 : reaches(it, options.failOn) ? 1 : 0);
  if (reviews.length === 0 && options.quiet !== true && process.exitCode !== 2) remark('no test files found (`--all-files` takes any Python file)');
  print(reviews, files.root, options);
  if (options.quiet !== true) remark(`${reviews.length} ${reviews.length === 1 ? 'file' : 'files'} in ${((performance.now() - start) / 1000).toFixed(2)} s`);
}

function workspaceOf(targets: readonly Target[], options: ReviewOptions): WorkspaceFiles | undefined {
  if (options.root === undefined) return workspaceFiles(rootOf(targets, process.cwd()));
  const target = targetOf(options.root, process.cwd());
  if (target.kind === 'folder') return workspaceFiles(target.path);
  refuse(`${options.root}: --root must be a folder`);
  return undefined;
}

async function newEngine(): Promise<Engine> {
  const beside = (name: string) => readFileSync(join(__dirname, name));
  return createEngine({ runtime: beside('tree-sitter.wasm'), grammar: beside('tree-sitter-python.wasm'), rules: RULES });
}

// ------------------------------------------------------------------------------------------- discovery

/** Puts the text of every file that is to be reviewed. */
function discover(engine: Engine, files: WorkspaceFiles, targets: readonly Target[], options: ReviewOptions): Found {
  const asked = new Map<string, number>();
  const refused: Review[] = [];
  const take = (absolute: string, named: boolean) => {
    const path = files.pathOf(absolute);
    if (path === undefined) return refuse(outside(absolute, files));
    if (asked.has(path) || refused.some((it) => it.path === path)) return;
    const reading = files.open(path);
    if ('blind' in reading) {
      // Without its text a file is test code by its path or not at all.
      if (!named && options.allFiles !== true && !engine.isTest(path)) return;
      refuse(`${shown(absolute)}: not reviewed: ${reading.blind.message}`);
      refused.push(refusal(path, reading.blind));
      return;
    }
    engine.put(path, reading.text);
    if (options.allFiles === true || engine.isTest(path)) asked.set(path, reading.text.length);
    else if (named) {
      remark(`${shown(absolute)}: not test code, so not reviewed (\`--all-files\` reviews it anyway)`);
      asked.set(path, reading.text.length);
    } else engine.drop(path);
  };
  for (const target of targets) {
    if (target.kind === 'refused') refuse(target.why);
    else if (target.kind === 'file') take(target.path, true);
    else {
      const start = isInside(files.root, target.path) ? files.root : target.path;
      if (!isInside(start, files.root)) {
        refuse(outside(target.path, files));
        continue;
      }
      const walk = pythonFiles(start, files.root);
      const found = target.kind === 'glob' ? walk.files.filter(target.keeps) : walk.files;
      for (const it of walk.closed) refuse(`${shown(it)}: the folder cannot be read`);
      if (target.kind === 'glob' && found.length === 0) refuse(`${shown(target.path)}: no Python file matches the pattern`);
      for (const it of found) take(it, target.kind === 'glob');
    }
  }
  return { paths: [...asked].map(([path, size]) => ({ path, size })).sort((a, b) => (a.path < b.path ? -1 : 1)), refused };
}

/** What of it this machine reviews; a file that could not be read belongs to one part too. */
function part(found: Found, shard: Shard | undefined): Found {
  if (shard === undefined) return found;
  const own = new Set(shardOf([...found.paths, ...found.refused.map(({ path }) => ({ path, size: 0 }))], shard));
  return { paths: found.paths.filter((it) => own.has(it.path)), refused: found.refused.filter((it) => own.has(it.path)) };
}

function outside(absolute: string, files: WorkspaceFiles): string {
  return `${shown(absolute)}: outside of the root ${files.root} (\`--root\` chooses another)`;
}

/** As a person at this folder would write the path. */
function shown(absolute: string): string {
  const path = relative(process.cwd(), absolute);
  return path.startsWith('..') || path === '' ? absolute : path;
}

// ---------------------------------------------------------------------------------------------- report

/** `open` is the strictest: there, code that could not be seen counts like an open question. */
function reaches(review: Review, threshold: Threshold): boolean {
  if (threshold === 'never') return false;
  const found = findingsOf(review).some((it) => it.suppressed === undefined && FAILING[threshold].includes(it.kind));
  return found || (threshold === 'open' && review.blind.some((it) => it.what !== 'missing-import'));
}

function print(reviews: readonly Review[], root: string, options: ReviewOptions): void {
  const colors = pico.createColors(options.output === undefined && wantsColor());
  const report = FORMATS[options.format](reviews, {
    version: ATTEST_VERSION,
    rules: RULES,
    colors,
    quiet: options.quiet === true,
    failing: FAILING[options.failOn],
    sarifKinds: options.sarifKinds,
    prefix: placeInRepository(root),
  });
  deliver(report, options.output);
}
