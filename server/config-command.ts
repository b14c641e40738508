/** `attest config`: what holds, and which line says so. */
import { RULES } from '../rules/index.ts';
import { rootOf, targetOf } from './discover.ts';
import { effective, effectiveText } from './effective.ts';
import { readConfiguration } from './repository.ts';
import { mistakeLine, refuse, refuseAll } from './terminal.ts';
import { workspaceFiles } from './workspace-files.ts';

export interface ConfigOptions {
  readonly format: 'text' | 'json';
  readonly root?: string;
}

export function configCommand(path: string | undefined, options: ConfigOptions): void {
  const target = targetOf(path ?? '.', process.cwd());
  const root = options.root === undefined ? undefined : targetOf(options.root, process.cwd());
  if (target.kind === 'refused') return refuse(target.why);
  if (root !== undefined && root.kind !== 'folder') return refuse(`${options.root}: --root must be a folder`);
  const files = workspaceFiles(root?.path ?? rootOf([target], process.cwd()));
  const { configuration, problems } = readConfiguration(files, RULES);
  if (problems.length > 0) return refuseAll(problems.map((it) => mistakeLine(it, files.root)));
  const about = target.kind === 'file' ? files.pathOf(target.path) : undefined;
  if (target.kind === 'file' && about === undefined) return refuse(`${path}: outside of the root ${files.root} (\`--root\` chooses another)`);
  const rows = effective(configuration, about);
  const head = { root: files.root, file: configuration.file ?? null, ...(about === undefined ? {} : { path: about }) };
  if (options.format === 'json') process.stdout.write(`${JSON.stringify({ ...head, settings: rows }, undefined, 2)}\n`);
  else process.stdout.write(effectiveText(head, rows));
}
