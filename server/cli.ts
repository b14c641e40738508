/**
 * The door for the command line: paths in, a report out, an exit code from the verdict.
 *
 *     0  nothing at or above the threshold        2  wrong usage, or an input that cannot be read
 *     1  something is                             3  a fault in Attest itself
 *
 * The highest wins, and whatever could be reviewed is printed in any case. Reports go to standard output (or
 * to the file of `--output`), all remarks and timing to standard error.
 */
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { Command, CommanderError, Option } from 'commander';
import pico from 'picocolors';
import { RULES } from '../rules/index.ts';
import { isInside, pythonFiles, rootOf, type Target, targetOf } from './discover.ts';
import { writeReport } from './report-file.ts';
import { createEngine, type Engine } from './review/engine.ts';
import { findingsOf, type Review } from './review/review.ts';
import { ruleList, ruleListJson } from './views/catalogue.ts';
import { explain } from './views/explain.ts';
import { json } from './views/json.ts';
import { markdown } from './views/markdown.ts';
import { ruleNamed, similarRules } from './views/named.ts';
import { text } from './views/text.ts';
import { visible } from './views/visible.ts';
import { refusal, settleAll, type WorkspaceFiles, workspaceFiles } from './workspace-files.ts';

declare const ATTEST_VERSION: string;

type Threshold = 'fail' | 'review' | 'open' | 'never';

interface ReviewOptions {
  readonly format: 'text' | 'markdown' | 'json';
  readonly failOn: Threshold;
  readonly output?: string;
  readonly root?: string;
  readonly allFiles?: boolean;
  readonly quiet?: boolean;
}

const EXIT_CODES = `
Exit codes: 0 nothing at or above the threshold, 1 something is, 2 wrong usage or an input that cannot be
read (the rest is reviewed and printed), 3 a fault in Attest itself (the rest is printed).`;

void run(process.argv.slice(2));

async function run(words: readonly string[]): Promise<void> {
  process.stdout.on('error', leaveWhenClosed);
  process.stderr.on('error', leaveWhenClosed);
  try {
    if (isForgottenCommand(words)) return refuse(`${words[0]} is a path; did you mean \`attest review ${words.join(' ')}\`?`);
    await program().parseAsync([...words], { from: 'user' });
  } catch (error) {
    if (error instanceof CommanderError) {
      raiseExitCode(error.exitCode === 0 ? 0 : 2);
      return;
    }
    process.stderr.write(`attest: a fault in Attest itself: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`);
    raiseExitCode(3);
  }
}

function program(): Command {
  const attest = new Command('attest')
    .description('A live, evidence-based security review of Python test code.')
    .version(ATTEST_VERSION)
    .showSuggestionAfterError()
    .exitOverride();
  attest
    .command('review')
    .description('Review the test files among the paths (default: all below the current folder).')
    .argument('[PATH...]', 'files, folders or globs; a file that is named is always looked at')
    .addOption(new Option('--format <format>', 'how the report is written').choices(['text', 'markdown', 'json']).default('text'))
    .option('--output <file>', 'write the report to a file')
    .addOption(
      new Option('--fail-on <threshold>', 'what makes the exit code 1: a defect; also a point to decide; also what could not be judged; nothing')
        .choices(['fail', 'review', 'open', 'never'])
        .default('fail'),
    )
    .option('--all-files', 'review any Python file, not only tests')
    .option('--root <dir>', 'the folder that imports start from (default: the nearest project folder)')
    .option('--quiet', 'only defects, points to decide and errors')
    .addHelpText('after', EXIT_CODES)
    .action(review);
  attest
    .command('rules')
    .description('List the rules.')
    .addOption(new Option('--format <format>', 'how the list is written').choices(['text', 'json']).default('text'))
    .action((options: { readonly format: 'text' | 'json' }) => {
      process.stdout.write(options.format === 'json' ? ruleListJson(RULES, { version: ATTEST_VERSION }) : ruleList(RULES));
    });
  attest
    .command('explain')
    .description('Explain a rule: what it means, why it matters, what to do instead.')
    .argument('<RULE>', 'full id, bare name or code: `network/certificate-check-off`, `certificate-check-off`, `NET006`')
    .action((name: string) => {
      const rule = ruleNamed(RULES, name);
      if (rule !== undefined) {
        process.stdout.write(explain(rule));
        return;
      }
      const similar = similarRules(RULES, name);
      refuse(`there is no rule ${JSON.stringify(name)}${similar.length === 0 ? '; `attest rules` lists them all' : `; did you mean ${similar.join(' or ')}?`}`);
    });
  return attest;
}

/** The highest code wins. */
function raiseExitCode(code: 0 | 1 | 2 | 3): void {
  process.exitCode = Math.max(Number(process.exitCode ?? 0), code);
}

/** Somebody read enough (`attest review | head`): that is no error. */
function leaveWhenClosed(error: NodeJS.ErrnoException): void {
  if (error.code === 'EPIPE') process.exit();
  throw error;
}

function remark(message: string): void {
  process.stderr.write(`attest: ${visible(message)}\n`);
}

function refuse(message: string): void {
  remark(message);
  raiseExitCode(2);
}

function isForgottenCommand(words: readonly string[]): boolean {
  const [first] = words;
  return first !== undefined && !first.startsWith('-') && !['review', 'rules', 'explain', 'help'].includes(first) && existsSync(first);
}

// --------------------------------------------------------------------------------------------- review

async function review(paths: readonly string[], options: ReviewOptions): Promise<void> {
  const start = performance.now();
  const files = workspaceOf(paths, options);
  if (files === undefined) return;
  const engine = await newEngine();
  const reviews = reviewsOf(engine, files, targetsOf(paths), options);
  for (const it of reviews) raiseExitCode(it.faults.length > 0 ? 3 : reaches(it, options.failOn) ? 1 : 0);
  if (reviews.length === 0 && options.quiet !== true && process.exitCode !== 2) remark('no test files found (`--all-files` takes any Python file)');
  print(reviews, options);
  if (options.quiet !== true) remark(`${reviews.length} ${reviews.length === 1 ? 'file' : 'files'} in ${((performance.now() - start) / 1000).toFixed(2)} s`);
}

function targetsOf(paths: readonly string[]): Target[] {
  return (paths.length === 0 ? ['.'] : paths).map((it) => targetOf(it, process.cwd()));
}

function workspaceOf(paths: readonly string[], options: ReviewOptions): WorkspaceFiles | undefined {
  if (options.root === undefined) return workspaceFiles(rootOf(targetsOf(paths), process.cwd()));
  const target = targetOf(options.root, process.cwd());
  if (target.kind === 'folder') return workspaceFiles(target.path);
  refuse(`${options.root}: --root must be a folder`);
  return undefined;
}

async function newEngine(): Promise<Engine> {
  const beside = (name: string) => readFileSync(join(__dirname, name));
  return createEngine({ runtime: beside('tree-sitter.wasm'), grammar: beside('tree-sitter-python.wasm'), rules: RULES });
}

function reviewsOf(engine: Engine, files: WorkspaceFiles, targets: readonly Target[], options: ReviewOptions): Review[] {
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
  const reviews = settleAll(engine, [...asked].sort(), files.read, { anyFile: options.allFiles === true });
  return [...reviews, ...refused];
}

function outside(absolute: string, files: WorkspaceFiles): string {
  return `${shown(absolute)}: outside of the root ${files.root} (\`--root\` chooses another)`;
}

/** As a person at this folder would write the path. */
function shown(absolute: string): string {
  const path = relative(process.cwd(), absolute);
  return path.startsWith('..') || path === '' ? absolute : path;
}

/** `open` is the strictest: there, code that could not be seen counts like an open question. */
function reaches(review: Review, threshold: Threshold): boolean {
  if (threshold === 'never') return false;
  const kinds: readonly string[] = { fail: ['fail'], review: ['fail', 'review'], open: ['fail', 'review', 'open'] }[threshold];
  const found = findingsOf(review).some((it) => it.suppressed === undefined && kinds.includes(it.kind));
  return found || (threshold === 'open' && review.blind.some((it) => it.what !== 'missing-import'));
}

function print(reviews: readonly Review[], options: ReviewOptions): void {
  const report = reportOf(reviews, options);
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

function reportOf(reviews: readonly Review[], options: ReviewOptions): string {
  if (options.format === 'json') return json(reviews, { version: ATTEST_VERSION });
  if (options.format === 'markdown') return markdown(reviews, { rules: RULES });
  return text(reviews, { colors: pico.createColors(options.output === undefined && wantsColor()), quiet: options.quiet === true });
}

function wantsColor(): boolean {
  const { NO_COLOR: no, FORCE_COLOR: force, TERM: terminal } = process.env;
  if (no !== undefined && no !== '') return false;
  if (force !== undefined && force !== '') return force !== '0';
  return process.stdout.isTTY && terminal !== 'dumb';
}
