/** Which files a run reviews: what the command line names, less what configuration and Git leave out. */
import { type Configuration, decidingPattern } from './configuration.ts';
import { pythonFiles, type Target } from './discover.ts';
import { isInside } from './paths.ts';
import { refuse, remark, shown } from './terminal.ts';
import type { Asked } from './tree.ts';
import type { WorkspaceFiles } from './workspace-files.ts';

export interface SelectionOptions {
  readonly allFiles?: boolean;
  readonly quiet?: boolean;
  readonly gitignore: boolean;
}

/** Each file once, by path; says what cannot be reviewed. */
export function selectFiles(files: WorkspaceFiles, targets: readonly Target[], configuration: Configuration, options: SelectionOptions): Asked[] {
  const asked = new Map<string, Asked>();
  const take = (absolute: string, named: boolean) => {
    const path = files.pathOf(absolute);
    if (path === undefined) return refuse(outside(absolute, files));
    if (configuration.excludes(path)) {
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
  return [...asked.values()].sort((a, b) => (a.path < b.path ? -1 : 1));
}

/** Which pattern keeps the file out, for whoever named it. */
function exclusionOf(path: string, configuration: Configuration): string {
  const by = decidingPattern(configuration.exclude, path);
  return by === undefined ? 'excluded by configuration' : `excluded by \`${by.value}\` (${by.from}:${by.line})`;
}

export function outside(absolute: string, files: WorkspaceFiles): string {
  return `${shown(absolute)}: outside of the root ${files.root} (\`--root\` chooses another)`;
}
