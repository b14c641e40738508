/**
 * `attest review`: discover → review → judge → report → exit code.
 *
 * Whatever could be reviewed is printed, whatever else happened; see `terminal.ts` for what the exit code says.
 */
import { readFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import pico from 'picocolors';
import { RULES } from '../rules/index.ts';
import { isInside, pythonFiles, rootOf, type Target, targetOf } from './discover.ts';
import { FORMATS, type Format } from './formats.ts';
import { writeReport } from './report-file.ts';
import { createEngine, type Engine } from './review/engine.ts';
import { findingsOf, type Review } from './review/review.ts';
import { raiseExitCode, refuse, remark, wantsColor } from './terminal.ts';
import { refusal, settleAll, type WorkspaceFiles, workspaceFiles } from './workspace-files.ts';

declare const ATTEST_VERSION: string;

export const THRESHOLDS = ['fail', 'review', 'open', 'never'] as const;
type Threshold = (typeof THRESHOLDS)[number];

export interface ReviewOptions {
  readonly format: Format;
  readonly failOn: Threshold;
  readonly output?: string;
  readonly root?: string;
  readonly allFiles?: boolean;
  readonly quiet?: boolean;
}

/** What a run reviews: files by path relative to the root, and those that could not be read. */
interface Found {
  readonly paths: readonly string[];
  readonly refused: readonly Review[];
}

export async function reviewCommand(words: readonly string[], options: ReviewOptions): Promise<void> {
  const start = performance.now();
  const targets = (words.length === 0 ? ['.'] : words).map((it) => targetOf(it, process.cwd()));
  const files = workspaceOf(targets, options);
  if (files === undefined) return;
  const engine = await newEngine();
  const { paths, refused } = discover(engine, files, targets, options);
  const reviews = [...settleAll(engine, paths, files.read, { anyFile: options.allFiles === true }), ...refused];
  for (const it of reviews) raiseExitCode(it.faults.length > 0 ? 3 : reaches(it, options.failOn) ? 1 : 0);
  if (reviews.length === 0 && options.quiet !== true && process.exitCode !== 2) remark('no test files found (`--all-files` takes any Python file)');
  print(reviews, options);
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
  const asked = new Set<string>();
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
    if (options.allFiles === true || engine.isTest(path)) asked.add(path);
    else if (named) {
      remark(`${shown(absolute)}: not test code, so not reviewed (\`--all-files\` reviews it anyway)`);
      asked.add(path);
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
  return { paths: [...asked].sort(), refused };
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
  const kinds: readonly string[] = { fail: ['fail'], review: ['fail', 'review'], open: ['fail', 'review', 'open'] }[threshold];
  const found = findingsOf(review).some((it) => it.suppressed === undefined && kinds.includes(it.kind));
  return found || (threshold === 'open' && review.blind.some((it) => it.what !== 'missing-import'));
}

function print(reviews: readonly Review[], options: ReviewOptions): void {
  const colors = pico.createColors(options.output === undefined && wantsColor());
  const report = FORMATS[options.format](reviews, { version: ATTEST_VERSION, rules: RULES, colors, quiet: options.quiet === true });
  if (options.output === undefined) {
    process.stdout.write(report);
    return;
  }
  const target = resolve(options.output);
  try {
    writeReport(target, report);
  } catch (error) {
    const why = error instanceof Error && 'code' in error ? String(error.code) : String(error);
    refuse(why === 'ENOENT' ? `${options.output}: the folder ${dirname(target)} does not exist` : `${options.output}: cannot be written (${why})`);
  }
}
