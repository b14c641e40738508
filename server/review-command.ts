/**
 * `attest review`: select → review → judge → fix → report → exit code.
 *
 * Whatever could be reviewed is printed, whatever else happened; see `terminal.ts` for what the exit code says.
 */
import { basename, dirname, join, resolve } from 'node:path';
import pico from 'picocolors';
import { RULES } from '../rules/index.ts';
import type { Kind } from '../rules/rule.ts';
import { type FixedFile, fixedFiles, patchOf, UNWRITABLE, writeFixed } from './apply-fixes.ts';
import { userCacheFolder } from './cache-folder.ts';
import { changedSince } from './changed.ts';
import { type Configuration, promisesOf } from './configuration.ts';
import type { Threshold } from './configuration-keys.ts';
import { decoded } from './decode.ts';
import { configurationsBelow, placeInRepository, rootOf, type Target, targetOf } from './discover.ts';
import { FORMATS, type Format } from './formats.ts';
import { isTestPath } from './model/frameworks.ts';
import { progressBar } from './progress-bar.ts';
import { deliver, isSameFile } from './report-file.ts';
import { openRepository, type Repository } from './repository.ts';
import { rulesOf } from './required-evidence.ts';
import { fewOf, inCode, listed, notesAcross, sentence } from './review/prose.ts';
import { findingsOf, type Review } from './review/review.ts';
import { exclusionSays, outside, selectFiles } from './selection.ts';
import { type Shard, shardOf } from './shard.ts';
import { onInterrupt, raiseExitCode, refuse, refuseAll, remark, shown, wantsColor } from './terminal.ts';
import type { ReviewStart } from './thread-reviewer.ts';
import type { Asked, TreeResult } from './tree.ts';
import { reviewTree } from './tree-review.ts';
import type { SarifKind } from './views/sarif.ts';
import { realFolder, refusal, type WorkspaceFiles, workspaceFiles } from './workspace-files.ts';

declare const ATTEST_VERSION: string;

const FAILING: Readonly<Record<Threshold, readonly Kind[]>> = { fail: ['fail'], review: ['fail', 'review'], open: ['fail', 'review', 'open'], never: [] };

export interface ReviewOptions {
  readonly format: Format;
  readonly failOn?: Threshold;
  readonly output?: string;
  readonly root?: string;
  readonly allFiles?: boolean;
  readonly gitignore: boolean;
  readonly changedSince?: string;
  readonly stdinFilename?: string;
  readonly fix?: boolean;
  readonly diff?: boolean;
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
  const clash = clashOf(words, options);
  if (clash !== undefined) return refuse(clash);
  const isStdin = words.includes('-');
  const targets = isStdin ? [stdinTarget(options)] : (words.length === 0 ? ['.'] : words).map((it) => targetOf(it, process.cwd()));
  const files = workspaceOf(targets, options);
  if (files === undefined) return;
  const repository = openRepository(files, RULES, { ...options, updating: options.updateBaseline === true });
  if ('mistakes' in repository) return refuseAll(repository.mistakes);
  const input = isStdin ? await stdinInput(targets, files, options) : select(targets, files, repository.configuration, options);
  if (input === undefined) return;
  const overwritten = overwrittenBy(options.output, input, files, repository);
  if (overwritten !== undefined) return refuse(`${options.output}: the report would overwrite ${overwritten}`);

  const found = await reviewAll(input, files, repository, options);
  let reviews = found.map(repository.judge);
  if (options.fix === true || options.diff === true) {
    const fixed = await fixedFiles(reviews, fixingOf(input, files, repository));
    if (options.diff === true) showPatch(fixed, files.root, options);
    else if (input.typed !== undefined) deliver(writable(fixed, files.root)[0]?.after ?? input.typed.bytes, options.output);
    else reviews = afterFixes(reviews, fixed, files.root, options.quiet === true);
  }
  if (options.updateBaseline === true) reviews = found.map(repository.updateBaseline(reviews));
  report(reviews, { root: files.root, repository, options, isStdin, notes: notesOf(input, repository.configuration, files.root, options) });
  if (options.quiet !== true) remark(`${reviews.length} ${reviews.length === 1 ? 'file' : 'files'} in ${((performance.now() - start) / 1000).toFixed(2)} s`);
}

/** Options that make no sense together. */
function clashOf(words: readonly string[], options: ReviewOptions): string | undefined {
  const isStdin = words.includes('-');
  if (isStdin && words.length > 1) return '`-` (standard input) stands alone';
  if (!isStdin && options.stdinFilename !== undefined) return '--stdin-filename needs `-` (standard input) as the path';
  if (isStdin && (options.changedSince !== undefined || options.updateBaseline === true || options.shard !== undefined))
    return '`-` (standard input) does not go with --changed-since, --update-baseline or --shard';
  if (options.fix === true && options.diff === true) return '--fix and --diff exclude each other: --diff shows what --fix would write';
  if (options.updateBaseline === true && (options.fix === true || options.diff === true)) return '--update-baseline does not go with --fix or --diff';
  if (options.updateBaseline === true && options.baseline === false) return '--update-baseline and --no-baseline exclude each other';
  return undefined;
}

function workspaceOf(targets: readonly Target[], options: ReviewOptions): WorkspaceFiles | undefined {
  if (options.root === undefined) return workspaceFiles(rootOf(targets, process.cwd()));
  const target = targetOf(options.root, process.cwd());
  if (target.kind === 'folder') return workspaceFiles(target.path);
  refuse(`${options.root}: --root must be a folder`);
  return undefined;
}

// ----------------------------------------------------------------------------------------------- input

interface Input {
  readonly asked: readonly Asked[];
  /** Standard input: it goes before what the disk has at that path. */
  readonly typed?: { readonly path: string; readonly bytes: Uint8Array; readonly text: string };
  /** Python files that configuration keeps out. */
  readonly excluded: readonly string[];
  /** Python files that changed, removed ones included: only these count, and those whose review looked into one. */
  readonly changed?: ReadonlySet<string>;
}

function select(targets: readonly Target[], files: WorkspaceFiles, configuration: Configuration, options: ReviewOptions): Input | undefined {
  const { changedSince: reference } = options;
  const changed = reference === undefined ? undefined : changedSince(reference, files.root);
  if (changed !== undefined && 'wrong' in changed) {
    refuse(`--changed-since ${reference}: ${changed.wrong}`);
    return undefined;
  }
  const python = changed === undefined ? undefined : new Set([...changed.files].flatMap((it) => (it.endsWith('.py') ? (files.pathOf(it) ?? []) : [])));
  const selection = python?.size === 0 ? { asked: [], excluded: [] } : selectFiles(files, targets, configuration, options);
  return { ...selection, ...(python === undefined ? {} : { changed: python }) };
}

const STDIN = 'stdin.py';

function stdinTarget({ stdinFilename = STDIN }: ReviewOptions): Target {
  const target = targetOf(stdinFilename, process.cwd());
  const path = resolve(stdinFilename);
  // Neither the file nor its folder need exist; the folder says where imports begin.
  return target.kind === 'file' ? target : { kind: 'file', path: join(realFolder(dirname(path)), basename(path)) };
}

async function stdinInput(targets: readonly Target[], files: WorkspaceFiles, options: ReviewOptions): Promise<Input | undefined> {
  const [target] = targets;
  const path = target?.kind === 'file' ? files.pathOf(target.path) : undefined;
  if (path === undefined) {
    refuse(target?.kind === 'file' ? outside(target.path, files) : 'standard input cannot be placed in the workspace');
    return undefined;
  }
  const chunks: Uint8Array[] = [];
  for await (const it of process.stdin) chunks.push(it);
  const bytes = Buffer.concat(chunks);
  const reading = decoded(bytes);
  if ('blind' in reading) {
    refuse(`standard input: not reviewed: ${reading.blind.message}`);
    return undefined;
  }
  // Without a name nothing says that it is no test.
  const anyFile = options.allFiles === true || options.stdinFilename === undefined;
  return { asked: [{ path, anyFile, named: true }], excluded: [], typed: { path, bytes, text: reading.text } };
}

/** What of the run's own files the report would be written over, in words. */
function overwrittenBy(output: string | undefined, input: Input, files: WorkspaceFiles, repository: Repository): string | undefined {
  if (output === undefined) return undefined;
  const target = resolve(output);
  if (repository.baselinePath !== undefined && isSameFile(target, repository.baselinePath)) return 'the baseline';
  const { file } = repository.configuration;
  if (file !== undefined && isSameFile(target, join(files.root, file))) return 'the configuration';
  return input.asked.some((it) => isSameFile(target, join(files.root, it.path))) ? 'a file that is reviewed' : undefined;
}

// ---------------------------------------------------------------------------------------------- review

async function reviewAll(input: Input, files: WorkspaceFiles, repository: Repository, options: ReviewOptions): Promise<Review[]> {
  const { shard } = options;
  const { changed } = input;
  const bar = progressBar(process.stderr, options.quiet === true);
  onInterrupt(bar.end);
  const results = await reviewTree(input.asked, {
    start: startOf(files, repository, input),
    bundle: __filename,
    jobs: options.jobs,
    cache: options.cache ? userCacheFolder() : undefined,
    version: ATTEST_VERSION,
    ...(shard === undefined ? {} : { part: (found) => new Set(shardOf(found, shard)) }),
    ...(changed === undefined ? {} : { concerns: (it) => changed.has(it.path) || it.looksInto?.(changed) === true }),
    progress: bar.show,
  });
  bar.end();
  const reviews = results.flatMap((it) => reviewOf(it, join(files.root, it.path), options.quiet === true) ?? []);
  const drawn = changed === undefined ? 0 : reviews.filter((it) => !changed.has(it.path)).length;
  if (drawn > 0 && options.quiet !== true)
    remark(`${drawn} of the files did not change, but ${drawn === 1 ? 'its review looks' : 'their reviews look'} into one that did`);
  return reviews;
}

function startOf(files: WorkspaceFiles, { configuration, heedsOrigin }: Repository, { typed }: Input): ReviewStart {
  const shown = new Map(typed === undefined ? [] : [[typed.path, typed.text]]);
  return { root: files.root, off: [], guarantees: promisesOf(configuration), required: configuration.requirements, heedsOrigin, shown };
}

/** The review to print of one result, if any. */
function reviewOf(result: TreeResult, absolute: string, isQuiet: boolean): Review | undefined {
  const review = result.review?.();
  if (review !== undefined) {
    if (!review.isTest && !isQuiet) remark(`${shown(absolute)}: not test code, so not reviewed (\`--all-files\` reviews it anyway)`);
    return review;
  }
  if (result.blind === undefined) return undefined;
  refuse(`${shown(absolute)}: not reviewed: ${result.blind.message}`);
  return refusal(result.path, result.blind);
}

function fixingOf(input: Input, files: WorkspaceFiles, repository: Repository): Parameters<typeof fixedFiles>[1] {
  const anyFile = new Set(input.asked.flatMap((it) => (it.anyFile ? [it.path] : [])));
  return {
    start: startOf(files, repository, input),
    parser: __dirname,
    judge: repository.judge,
    anyFile: (path) => anyFile.has(path),
    bytesOf: (path) => (path === input.typed?.path ? input.typed.bytes : bytesIn(files, path)),
  };
}

function bytesIn(files: WorkspaceFiles, path: string): Uint8Array | undefined {
  const found = files.bytes(path);
  return 'bytes' in found ? found.bytes : undefined;
}

type WritableFile = FixedFile & { readonly after: Buffer };

/** Those that can be written as bytes; the others are said. */
function writable(fixed: readonly FixedFile[], root: string): WritableFile[] {
  return fixed.filter((it): it is WritableFile => {
    if (it.after === undefined) refuse(`${shown(join(root, it.path))}: not fixed: ${UNWRITABLE}`);
    return it.after !== undefined;
  });
}

function showPatch(fixed: readonly FixedFile[], root: string, { output, quiet }: ReviewOptions): void {
  const prefix = placeInRepository(root);
  deliver(Buffer.concat(writable(fixed, root).map((it) => patchOf(it, prefix))), output);
  if (fixed.length === 0 && quiet !== true) remark('nothing to fix safely: `attest review` without --diff lists what there is');
}

/** Writes the fixed files; the reviews then are of what is on disk. */
function afterFixes(reviews: readonly Review[], fixed: readonly FixedFile[], root: string, isQuiet: boolean): Review[] {
  const written = new Map<string, FixedFile>();
  for (const it of fixed) {
    const hindrance = writeFixed(it, root);
    if (hindrance === undefined) written.set(it.path, it);
    else refuse(`${shown(join(root, it.path))}: not fixed: ${hindrance}`);
  }
  const count = [...written.values()].reduce((sum, it) => sum + it.count, 0);
  if (count > 0 && !isQuiet) remark(`${count} ${count === 1 ? 'fix' : 'fixes'} made in ${written.size} ${written.size === 1 ? 'file' : 'files'}`);
  return reviews.map((it) => written.get(it.path)?.review ?? it);
}

// ---------------------------------------------------------------------------------------------- report

const MOST_NAMED = 4;

/** What configuration makes of the run as a whole. */
function notesOf({ asked, excluded }: Input, { failOn }: Configuration, root: string, options: ReviewOptions): string[] {
  const unused = options.config
    ? configurationsBelow(
        root,
        asked.flatMap((it) => (it.named || isTestPath(it.path) ? [it.path] : [])),
      )
    : [];
  return [
    ...(unused.length === 0
      ? []
      : [
          `Configuration comes from the root alone: ${listed(fewOf(unused.map(inCode), MOST_NAMED))} ${unused.length === 1 ? 'is' : 'are'} not read in this run`,
        ]),
    ...(excluded.length === 0 ? [] : [exclusionSays(excluded)]),
    ...(options.failOn === undefined && failOn.value === 'never'
      ? [`Configuration lets no finding fail the run (\`fail-on\`, ${failOn.from}:${failOn.line})`]
      : []),
  ];
}

interface Reporting {
  readonly root: string;
  readonly repository: Repository;
  readonly options: ReviewOptions;
  readonly isStdin: boolean;
  readonly notes: readonly string[];
}

function report(reviews: readonly Review[], { root, repository, options, isStdin, notes }: Reporting): void {
  const failOn = options.failOn ?? repository.configuration.failOn.value;
  for (const it of reviews) raiseExitCode(it.faults.length > 0 ? 3 : reaches(it, failOn) ? 1 : 0);
  const isQuiet = options.quiet === true;
  if (reviews.length === 0 && !isQuiet && process.exitCode !== 2) remark(nothingFound(options));
  // A diff, or the fixed text of standard input, is all that is printed.
  if (options.diff !== true && !(options.fix === true && isStdin)) print(reviews, root, failOn, repository, options, notes);
  const stale = repository.staleEntries(reviews);
  if (stale > 0 && options.updateBaseline !== true && !isQuiet)
    remark(
      `${stale} ${stale === 1 ? 'entry of the baseline no longer applies' : 'entries of the baseline no longer apply'} (\`--update-baseline\` removes ${stale === 1 ? 'it' : 'them'})`,
    );
}

function nothingFound({ changedSince: reference }: ReviewOptions): string {
  return reference === undefined ? 'no test files found (`--all-files` takes any Python file)' : `no test file changed since ${reference}`;
}

/** What has no place in the report. */
function unsaid(reviews: readonly Review[], notes: readonly string[], { format, quiet }: ReviewOptions): readonly string[] {
  if (format === 'gitlab' || (format === 'text' && quiet === true)) return [...notes, ...notesAcross(reviews)];
  return format === 'junit' ? notes : [];
}

/** `open` is the strictest: there, code that could not be seen counts like an open question. */
function reaches(review: Review, threshold: Threshold): boolean {
  if (threshold === 'never') return false;
  const found = findingsOf(review).some((it) => it.suppressed === undefined && FAILING[threshold].includes(it.kind));
  return found || (threshold === 'open' && review.blind.some((it) => it.what !== 'missing-import'));
}

function print(reviews: readonly Review[], root: string, failOn: Threshold, repository: Repository, options: ReviewOptions, notes: readonly string[]): void {
  const colors = pico.createColors(options.output === undefined && wantsColor());
  const text = FORMATS[options.format](reviews, {
    version: ATTEST_VERSION,
    rules: rulesOf(repository.configuration, RULES),
    colors,
    nameOf: (path) => shown(join(root, path)),
    quiet: options.quiet === true,
    failing: FAILING[failOn],
    sarifKinds: options.sarifKinds,
    prefix: placeInRepository(root),
    notes,
  });
  for (const it of unsaid(reviews, notes, options)) remark(sentence(it));
  deliver(text, options.output);
}
