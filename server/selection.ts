/** Which files a run reviews: what the command line names, less what configuration and Git leave out. */
import { type Configuration, decidingPattern } from './configuration.ts';
import { pythonFiles, type Target } from './discover.ts';
import { isTestPath } from './model/frameworks.ts';
import { isInside } from './paths.ts';
import { counted, fewOf, inCode, listed } from './review/prose.ts';
import { refuse, remark, shown } from './terminal.ts';
import type { Asked } from './tree.ts';
import type { WorkspaceFiles } from './workspace-files.ts';

export interface SelectionOptions {
  readonly allFiles?: boolean;
  readonly quiet?: boolean;
  readonly gitignore: boolean;
}

/** What a run reviews, and what configuration keeps out of it. */
export interface Selection {
  readonly asked: readonly Asked[];
  readonly excluded: readonly string[];
}

/** Each file once, by path; says what cannot be reviewed. */
export function selectFiles(files: WorkspaceFiles, targets: readonly Target[], configuration: Configuration, options: SelectionOptions): Selection {
  const asked = new Map<string, Asked>();
  const excluded = new Set<string>();
  const take = (absolute: string, named: boolean) => {
    const path = files.pathOf(absolute);
    if (path === undefined) return refuse(outside(absolute, files));
    if (configuration.excludes(path)) {
      excluded.add(path);
      if (named && options.quiet !== true) remark(`${shown(absolute)}: not reviewed: ${exclusionOf(path, configuration)}`);
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
      const walk = pythonFiles(start, files.root, { gitIgnore: options.gitignore });
      const found = target.kind === 'glob' ? walk.files.filter(target.keeps) : walk.files;
      for (const it of walk.closed) refuse(`${shown(it)}: the folder cannot be read`);
      if (target.kind === 'glob' && found.length === 0) refuse(`${target.written}: no Python file matches the pattern`);
      for (const it of found) take(it, target.kind === 'glob');
    }
  }
  return { asked: [...asked.values()].sort((a, b) => (a.path < b.path ? -1 : 1)), excluded: [...excluded].sort() };
}

/** What the report says of files that configuration keeps out. */
export function exclusionSays(excluded: readonly string[]): string {
  const tests = excluded.filter(isTestPath);
  const all = `Configuration excludes ${counted(excluded.length, 'Python file')}`;
  if (tests.length === 0) return `${all}, none of them named like a test`;
  const named = listed(fewOf(tests.map(inCode), MOST_NAMED));
  return tests.length === excluded.length
    ? `Configuration excludes ${counted(tests.length, 'test file')}: ${named}`
    : `${all}, ${counted(tests.length, 'test file')} among them: ${named}`;
}

const MOST_NAMED = 4;

/** Which pattern keeps the file out, for whoever named it. */
function exclusionOf(path: string, configuration: Configuration): string {
  const by = decidingPattern(configuration.exclude, path);
  return by === undefined ? 'excluded by configuration' : `excluded by \`${by.value}\` (${by.from}:${by.line})`;
}

export function outside(absolute: string, files: WorkspaceFiles): string {
  return `${shown(absolute)}: outside of the root ${files.root} (\`--root\` chooses another)`;
}
