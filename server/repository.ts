/**
 * What a repository says of its own reviews, as its root holds it: the configuration and the baseline. Reads and
 * writes nothing outside of the root but what the command line names.
 */
import { existsSync, lstatSync, readFileSync, realpathSync, statSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import type { Rule } from '../rules/rule.ts';
import { CONFIGURATION_FILES, type Configuration, type ConfigurationProblem, configurationOf, DEFAULT } from './configuration.ts';
import { isInside } from './paths.ts';
import { createJudge, type Judge } from './policy.ts';
import { writeWhole } from './report-file.ts';
import { type Baseline, baselineOf, baselineText, readBaseline, sizeOf, staleEntries } from './review/baseline.ts';
import type { Review } from './review/review.ts';
import { mistakeLine, remark } from './terminal.ts';
import type { WorkspaceFiles } from './workspace-files.ts';

export interface RepositoryOptions {
  /** A file; `false` for none, whatever configuration says. */
  readonly baseline?: string | false;
  /** False: as if there were no configuration. */
  readonly config?: boolean;
  /** Says only what goes wrong. */
  readonly quiet?: boolean;
  /** The baseline is about to be written, so it need not be there. */
  readonly updating?: boolean;
}

export interface Repository {
  readonly configuration: Configuration;
  /** Do files of others count less, where the repository says that they are? Not without its configuration. */
  readonly heedsOrigin: boolean;
  readonly judge: Judge;
  /** Where the baseline is, or would be; absolute. */
  readonly baselinePath: string | undefined;
  /** Writes what the reviews found into the baseline, says what was done, and gives the judge that knows it. */
  updateBaseline(reviews: readonly Review[]): Judge;
  /** How many entries of the baseline no longer fit. */
  staleEntries(reviews: readonly Review[]): number;
}

/** Why a repository cannot be reviewed: whole lines, one for each mistake. */
export interface Mistaken {
  readonly mistakes: readonly string[];
}

export function openRepository(files: WorkspaceFiles, rules: readonly Rule[], options: RepositoryOptions): Repository | Mistaken {
  const { configuration, problems } = options.config === false ? configurationOf({}, rules) : readConfiguration(files, rules);
  if (problems.length > 0) return { mistakes: problems.map((it) => mistakeLine(it, files.root)) };
  const file = baselineFile(files.root, configuration, options);
  if (file !== undefined && 'mistakes' in file) return file;
  const entries: Baseline | { readonly wrong: string } = file?.text === undefined ? new Map() : readBaseline(file.text);
  if ('wrong' in entries)
    return { mistakes: [`attest: ${file?.name}: the baseline is damaged: ${entries.wrong}; mend it, or remove it and run with \`--update-baseline\``] };
  const judgeWith = (known: Baseline) => createJudge(configuration, rules, file === undefined ? undefined : { name: file.name, entries: known });
  const judge = judgeWith(entries);
  const exists = (path: string) => existsSync(join(files.root, path));
  return {
    configuration,
    heedsOrigin: options.config !== false,
    judge,
    baselinePath: file?.path,
    staleEntries: (reviews) => staleEntries(entries, reviews, exists),
    updateBaseline(reviews) {
      if (file === undefined) return judge;
      const updated = baselineOf(reviews, entries, exists);
      const size = sizeOf(updated);
      if (!writeWhole(file.path, baselineText(updated), file.name)) return judge;
      if (options.quiet !== true) remark(`${file.name}: ${size} ${size === 1 ? 'finding is' : 'findings are'} known now`);
      return judgeWith(updated);
    },
  };
}

/** The configuration at the root; a file that is there but cannot be read is a mistake. */
export function readConfiguration(files: WorkspaceFiles, rules: readonly Rule[]): ReturnType<typeof configurationOf> {
  const texts: Record<string, string> = {};
  const unreadable: ConfigurationProblem[] = [];
  for (const file of CONFIGURATION_FILES) {
    const text = files.read(file);
    if (text !== undefined) texts[file] = text;
    else if (lstatSync(join(files.root, file), { throwIfNoEntry: false }) !== undefined)
      unreadable.push({ file, line: 1, column: 1, endLine: 1, endColumn: 1, message: hindranceOf(file, files) });
  }
  const reading = configurationOf(texts, rules);
  return { ...reading, problems: [...unreadable, ...reading.problems] };
}

/** Why a file that is there has no text. */
function hindranceOf(file: string, files: WorkspaceFiles): string {
  try {
    if (!isInside(realpathSync(join(files.root, file)), files.root)) return 'it leads out of the root, so it is not read';
  } catch {
    return 'it is a link to nothing that can be found';
  }
  const reading = files.open(file);
  return 'blind' in reading ? reading.blind.message : 'it cannot be read';
}

interface BaselineFile {
  readonly path: string;
  /** As a person would write it. */
  readonly name: string;
  /** Undefined while there is no such file. */
  readonly text: string | undefined;
}

/** What the command line names may lie anywhere; what configuration names, and where links lead from there, only inside the root. */
function baselineFile(root: string, { baseline }: Configuration, { baseline: named, updating }: RepositoryOptions): BaselineFile | Mistaken | undefined {
  if (named === false) return undefined;
  const name = named ?? baseline.value;
  const path = named === undefined ? join(root, name) : resolve(named);
  if (named === undefined && !staysInside(path, root)) return { mistakes: [`attest: ${name}: the baseline leads out of the root ${root}`] };
  if (lstatSync(path, { throwIfNoEntry: false }) === undefined) {
    const isMissed = updating !== true && (named !== undefined || baseline.from !== DEFAULT.from);
    return isMissed ? { mistakes: [`attest: ${name}: there is no such baseline (\`--update-baseline\` makes it)`] } : { path, name, text: undefined };
  }
  try {
    if (!statSync(path).isFile()) return { mistakes: [`attest: ${name}: the baseline is not a regular file`] };
    return { path, name, text: readFileSync(path, 'utf8') };
  } catch (error) {
    return { mistakes: [`attest: ${name}: the baseline cannot be read (${reasonOf(error)})`] };
  }
}

/** Does the path, or where a link at its end or on its way leads, lie below the root? */
function staysInside(path: string, root: string): boolean {
  for (let it = path; ; it = dirname(it)) {
    try {
      return isInside(realpathSync(it), root);
    } catch {
      // Text from standard input may have a root that is not there yet.
      if (it === root) return true;
      // Does not exist: what matters is the folder that it would be made in. A dangling link could lead anywhere.
      if (dirname(it) === it || lstatSync(it, { throwIfNoEntry: false }) !== undefined) return false;
    }
  }
}

function reasonOf(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : String(error);
}
