/** Which files changed since a commit, as Git says it. */
import { spawnSync } from 'node:child_process';
import { realpathSync } from 'node:fs';
import { join } from 'node:path';

/** Absolute paths, those of removed files included; or in a sentence why that cannot be said. */
export type Changed = { readonly files: ReadonlySet<string> } | { readonly wrong: string };

/**
 * Everything that differs from where the branch left `reference`: commits, the index, the working tree and new
 * files that are not ignored. `folder` may be anywhere in the repository.
 */
export function changedSince(reference: string, folder: string): Changed {
  const top = git(folder, ['rev-parse', '--show-toplevel']);
  if (top.missing) return { wrong: 'git is not installed' };
  if (!top.ok) return { wrong: `${folder} is not in a Git repository` };
  const commit = git(folder, ['rev-parse', '--verify', '--quiet', '--end-of-options', `${reference}^{commit}`]);
  if (!commit.ok) return { wrong: `Git knows no commit \`${reference}\`` };
  const since = commit.text.trim();
  const base = git(folder, ['merge-base', since, 'HEAD']);
  const listed = [
    git(folder, ['diff', '--name-only', '--no-renames', '--no-ext-diff', '--no-textconv', '-z', base.ok ? base.text.trim() : since, '--']),
    git(join(top.text.replace(/\r?\n$/, '')), ['ls-files', '--others', '--exclude-standard', '-z']),
  ];
  const failed = listed.find((it) => !it.ok);
  if (failed !== undefined) return { wrong: `Git failed: ${failed.error}` };
  const root = realpathSync(top.text.replace(/\r?\n$/, ''));
  const names = listed.flatMap((it) => it.text.split('\0')).filter((it) => it !== '');
  return { files: new Set(names.map((it) => join(root, it))) };
}

/** Runs Git with nothing that the repository's own settings could start. */
function git(folder: string, words: readonly string[]) {
  const { status, stdout, stderr, error } = spawnSync('git', ['-c', 'core.fsmonitor=false', '-c', 'core.hooksPath=/dev/null', ...words], {
    cwd: folder,
    encoding: 'utf8',
    maxBuffer: 256 * 1024 * 1024,
    env: { ...process.env, GIT_OPTIONAL_LOCKS: '0', LC_ALL: 'C' },
  });
  const missing = error !== undefined && 'code' in error && error.code === 'ENOENT';
  return { ok: error === undefined && status === 0, missing, text: stdout ?? '', error: error?.message ?? (stderr ?? '').trim().split('\n')[0] ?? '' };
}
