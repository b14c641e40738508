/** Which files changed since a commit, as Git says it. */
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { realpathSync } from 'node:fs';
import { join } from 'node:path';
import { readRegular } from './regular-file.ts';

/** Absolute paths, those of removed files included; or in a sentence why that cannot be said. */
export type Changed = { readonly files: ReadonlySet<string> } | { readonly wrong: string };

/** In bytes. A larger file counts as changed when Git is not sure. */
const LARGEST = 32 * 1024 * 1024;

/**
 * Everything that differs from where the branch left `reference`: commits, the index, the working tree and new
 * files that are not ignored. `folder` may be anywhere in the repository.
 */
export function changedSince(reference: string, folder: string): Changed {
  const top = git(folder, ['rev-parse', '--show-toplevel']);
  if (top.missing) return { wrong: 'git is not installed' };
  if (!top.ok) return { wrong: top.error.includes('dubious ownership') ? foreign(folder) : `${folder} is not in a Git repository` };
  const commit = git(folder, ['rev-parse', '--verify', '--quiet', '--end-of-options', `${reference}^{commit}`]);
  if (!commit.ok) return { wrong: `Git knows no commit \`${reference}\`` };
  const since = commit.text.trim();
  const base = git(folder, ['merge-base', since, 'HEAD']);
  const root = realpathSync(top.text.replace(/\r?\n$/, ''));
  const differing = git(
    folder,
    ['diff-index', '--raw', '--no-abbrev', '--no-renames', '--ignore-submodules=all', '-z', base.ok ? base.text.trim() : since, '--'],
    withoutFilters(folder),
  );
  const untracked = git(root, ['ls-files', '--others', '--exclude-standard', '-z']);
  const failed = [differing, untracked].find((it) => !it.ok);
  if (failed !== undefined) return { wrong: `Git failed: ${failed.error}` };
  return { files: new Set([...changedIn(differing.text, root), ...untracked.text.split('\0').flatMap((it) => (it === '' ? [] : [join(root, it)]))]) };
}

/**
 * Settings that leave the repository's filters nothing to start. Git reads a file that is as young as its index, through
 * them, whatever it was asked.
 */
function withoutFilters(folder: string): Settings {
  const named = git(folder, ['config', '--null', '--name-only', '--get-regexp', '^filter[.]']);
  const names = new Set(named.text.split('\0').flatMap((it) => /^(filter[.].*)[.][^.]+$/s.exec(it)?.[1] ?? []));
  return [...names].flatMap((it) => [
    [`${it}.clean`, ''],
    [`${it}.process`, ''],
    [`${it}.required`, 'false'],
  ]);
}

type Settings = readonly (readonly [key: string, value: string])[];

function foreign(folder: string): string {
  return `Git does not trust ${folder}, which belongs to another user (\`git config --global --add safe.directory ${folder}\` says that you do)`;
}

/**
 * `:mode mode blob blob status\0path\0`, over and over. Git names no blob for a file that it would have to read; to
 * read it, it would start the filters that the repository names, so that is done here.
 */
function* changedIn(raw: string, root: string): Iterable<string> {
  const fields = raw.split('\0');
  for (let index = 0; index + 1 < fields.length; index += 2) {
    const [, , before = '', now = ''] = (fields[index] ?? '').split(' ');
    const path = join(root, fields[index + 1] ?? '');
    if (!/^0+$/.test(now) || blobOf(path, before.length) !== before) yield path;
  }
}

/** The name that Git gives to what the file holds; undefined for no file. */
function blobOf(path: string, length: number): string | undefined {
  try {
    const found = readRegular(path, LARGEST);
    if (!('bytes' in found)) return undefined;
    return createHash(length === 40 ? 'sha1' : 'sha256')
      .update(`blob ${found.bytes.length}\0`)
      .update(found.bytes)
      .digest('hex');
  } catch {
    return undefined;
  }
}

/** Runs Git with nothing that the repository's own settings could start, and without a way to fetch what is missing. */
function git(folder: string, words: readonly string[], settings: Settings = []) {
  const given = settings.map(([key, value], index) => ({ [`GIT_CONFIG_KEY_${index}`]: key, [`GIT_CONFIG_VALUE_${index}`]: value }));
  const { status, stdout, stderr, error } = spawnSync('git', ['-c', 'core.fsmonitor=false', '-c', 'core.hooksPath=/dev/null', ...words], {
    cwd: folder,
    encoding: 'utf8',
    maxBuffer: 256 * 1024 * 1024,
    env: {
      ...process.env,
      GIT_OPTIONAL_LOCKS: '0',
      GIT_NO_LAZY_FETCH: '1',
      GIT_ALLOW_PROTOCOL: 'none',
      LC_ALL: 'C',
      ...Object.assign({ GIT_CONFIG_COUNT: `${settings.length}` }, ...given),
    },
  });
  const missing = error !== undefined && 'code' in error && error.code === 'ENOENT';
  return { ok: error === undefined && status === 0, missing, text: stdout ?? '', error: error?.message ?? (stderr ?? '').trim().split('\n')[0] ?? '' };
}
