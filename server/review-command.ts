/**
 * `attest review`: discover → review → judge → report → exit code.
 *
 * Whatever could be reviewed is printed, whatever else happened; see `terminal.ts` for what the exit code says.
 */
import { join } from 'node:path';
import pico from 'picocolors';
import { RULES } from '../rules/index.ts';
import type { Kind } from '../rules/rule.ts';
import { type Configuration, matcher } from './configuration.ts';
import type { Threshold } from './configuration-keys.ts';
import { isInside, placeInRepository, pythonFiles, rootOf, type Target, targetOf } from './discover.ts';
import { FORMATS, type Format } from './formats.ts';
import { progressBar } from './progress-bar.ts';
import { deliver } from './report-file.ts';
import { openRepository } from './repository.ts';
import { userCacheFolder } from './result-cache.ts';
import { findingsOf, type Review } from './review/review.ts';
import { type Shard, shardOf } from './shard.ts';
import { raiseExitCode, refuse, refuseAll, remark, shown, wantsColor } from './terminal.ts';
import type { ReviewSetting } from './thread-reviewer.ts';
import { type Asked, reviewTree, type TreeResult } from './tree-review.ts';
import type { SarifKind } from './views/sarif.ts';
import { refusal, type WorkspaceFiles, workspaceFiles } from './workspace-files.ts';

declare const ATTEST_VERSION: string;

const FAILING: Readonly<Record<Threshold, readonly Kind[]>> = { fail: ['fail'], review: ['fail', 'review'], open: ['fail', 'review', 'open'], never: [] };

export interface ReviewOptions {
  readonly format: Format;
  readonly failOn?: Threshold;
  readonly output?: string;
  readonly root?: string;
  readonly allFiles?: boolean;
  readonly quiet?: boolean;
  readonly jobs: number;
  readonly cache: boolean;
  readonly sarifKinds: readonly SarifKind[];
  readonly shard?: Shard;
  readonly baseline?: string | false;
  readonly updateBaseline?: boolean;
  readonly config: boolean;
}

export async function reviewCommand(words: readonly string[], options: ReviewOptions): Promise<void> {
  const start = performance.now();
  const targets = (words.length === 0 ? ['.'] : words).map((it) => targetOf(it, process.cwd()));
  const files = workspaceOf(targets, options);
  if (files === undefined) return;
  const repository = openRepository(files, RULES, { ...options, updating: options.updateBaseline === true });
  if ('mistakes' in repository) return refuseAll(repository.mistakes);
  const { configuration } = repository;
  const { shard } = options;
  const asked = discover(files, targets, configuration, options);
  const bar = progressBar(process.stderr, options.quiet === true);
  const results = await reviewTree(asked, {
    setting: settingOf(files),
    bundle: __filename,
    jobs: options.jobs,
    cache: options.cache ? userCacheFolder() : undefined,
    version: ATTEST_VERSION,
    ...(shard === undefined ? {} : { part: (found) => new Set(shardOf(found, shard)) }),
    progress: bar.show,
  });
  bar.end();
  const found = results.flatMap((it) => reviewOf(it, join(files.root, it.path)) ?? []);
  const known = found.map(repository.judge);
  const reviews = options.updateBaseline === true ? found.map(repository.updateBaseline(known)) : known;
  const failOn = options.failOn ?? configuration.failOn.value;
  for (const it of reviews) raiseExitCode(it.faults.length > 0 ? 3 : reaches(it, failOn) ? 1 : 0);
  if (reviews.length === 0 && options.quiet !== true && process.exitCode !== 2) remark('no test files found (`--all-files` takes any Python file)');
  print(reviews, files.root, failOn, options);
  const stale = repository.staleEntries(reviews);
  if (stale > 0 && options.updateBaseline !== true && options.quiet !== true)
    remark(
      `${stale} ${stale === 1 ? 'entry of the baseline no longer applies' : 'entries of the baseline no longer apply'} (\`--update-baseline\` removes ${stale === 1 ? 'it' : 'them'})`,
    );
  if (options.quiet !== true) remark(`${reviews.length} ${reviews.length === 1 ? 'file' : 'files'} in ${((performance.now() - start) / 1000).toFixed(2)} s`);
}

function workspaceOf(targets: readonly Target[], options: ReviewOptions): WorkspaceFiles | undefined {
  if (options.root === undefined) return workspaceFiles(rootOf(targets, process.cwd()));
  const target = targetOf(options.root, process.cwd());
  if (target.kind === 'folder') return workspaceFiles(target.path);
  refuse(`${options.root}: --root must be a folder`);
  return undefined;
}

function settingOf(files: WorkspaceFiles): ReviewSetting {
  return { root: files.root, off: [] };
}

// ------------------------------------------------------------------------------------------- discovery

/** The files that are spoken of, each once, by path. */
function discover(files: WorkspaceFiles, targets: readonly Target[], configuration: Configuration, options: ReviewOptions): Asked[] {
  const asked = new Map<string, Asked>();
  const take = (absolute: string, named: boolean) => {
    const path = files.pathOf(absolute);
    if (path === undefined) return refuse(outside(absolute, files));
    if (configuration.excludes(path)) {
      if (named) remark(`${shown(absolute)}: not reviewed: ${exclusionOf(path, configuration)}`);
      return;
    }
    const anyFile = options.allFiles === true || configuration.includes(path);
    if (named || !asked.has(path)) asked.set(path, { path, anyFile, named });
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
  return [...asked.values()].sort((a, b) => (a.path < b.path ? -1 : 1));
}

/** The review to print of one result, if any. */
function reviewOf(result: TreeResult, absolute: string): Review | undefined {
  if ('review' in result) {
    if (!result.review.isTest) remark(`${shown(absolute)}: not test code, so not reviewed (\`--all-files\` reviews it anyway)`);
    return result.review;
  }
  if (!('blind' in result)) return undefined;
  refuse(`${shown(absolute)}: not reviewed: ${result.blind.message}`);
  return refusal(result.path, result.blind);
}

/** Which pattern keeps the file out, for whoever named it. */
function exclusionOf(path: string, configuration: Configuration): string {
  const by = configuration.exclude.find((it) => matcher([it.value])(path));
  return by === undefined ? 'excluded by configuration' : `excluded by \`${by.value}\` (${by.from}:${by.line})`;
}

function outside(absolute: string, files: WorkspaceFiles): string {
  return `${shown(absolute)}: outside of the root ${files.root} (\`--root\` chooses another)`;
}

// ---------------------------------------------------------------------------------------------- report

/** `open` is the strictest: there, code that could not be seen counts like an open question. */
function reaches(review: Review, threshold: Threshold): boolean {
  if (threshold === 'never') return false;
  const found = findingsOf(review).some((it) => it.suppressed === undefined && FAILING[threshold].includes(it.kind));
  return found || (threshold === 'open' && review.blind.some((it) => it.what !== 'missing-import'));
}

function print(reviews: readonly Review[], root: string, failOn: Threshold, options: ReviewOptions): void {
  const colors = pico.createColors(options.output === undefined && wantsColor());
  const report = FORMATS[options.format](reviews, {
    version: ATTEST_VERSION,
    rules: RULES,
    colors,
    quiet: options.quiet === true,
    failing: FAILING[failOn],
    sarifKinds: options.sarifKinds,
    prefix: placeInRepository(root),
  });
  deliver(report, options.output);
}
