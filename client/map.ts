/**
 * The map of a workspace: folders by categories. A press on a field leaves what lies there to be seen. Small folders
 * join their neighbours until the map is small enough to be looked at.
 */
import * as vscode from 'vscode';
import type { CategorySnapshot, ReviewedFile } from '../server/protocol.ts';
import { folderOf, isBelow, type Only } from './filter.ts';
import type { WorkspacePicture } from './panel/state.ts';
import { shownPath } from './reviews.ts';
import { counted, shortTitle, titleOf, verdictWord, worstOf } from './words.ts';

const MOST_ROWS = 14;
const { t } = vscode.l10n;

export interface FolderMap {
  readonly picture: WorkspacePicture;
  /** Paths of the files of each row. */
  readonly paths: ReadonlyMap<string, readonly string[]>;
}

export function mapOf(files: readonly ReviewedFile[], only: Only): FolderMap {
  const categories = files[0]?.snapshot.categories ?? [];
  const groups = byFolder(files);
  const rows = [...groups].map(([folder, inside]) => {
    const cells = categories.map(({ id }) => {
      const own = inside.flatMap((it) => it.snapshot.categories.filter((category) => category.id === id));
      const verdict = worstOf(own.map((it) => it.verdict));
      const count = own.reduce((sum, it) => sum + concernsOf(it), 0);
      const said = `${titleOf(id)}, ${folder === '' ? t('the root') : folder}: ${verdictWord(verdict)}${count === 0 ? '' : `, ${count}`}`;
      return { category: id, verdict, count, said, only: only.folder === folder && only.category === id };
    });
    const about = counted(inside.length, t('file'), t('files'));
    return { folder, label: folder === '' ? '.' : folder, about, only: only.folder === folder && only.category === undefined, cells };
  });
  const weight = (row: (typeof rows)[number]) => row.cells.reduce((sum, it) => sum + it.count + (it.verdict === 'defects' ? 1000 : 0), 0);
  rows.sort((a, b) => weight(b) - weight(a) || (a.folder < b.folder ? -1 : 1));
  const left = rows.length - MOST_ROWS;
  const picture: WorkspacePicture = {
    kind: 'workspace',
    head: t('Folder'),
    columns: categories.map(({ id }) => ({ id, title: titleOf(id), short: shortTitle(id) })),
    rows: rows.slice(0, MOST_ROWS),
    more: left > 0 ? t('{0} in the tree of findings', counted(left, t('more folder'), t('more folders'))) : '',
  };
  return { picture, paths: new Map([...groups].map(([folder, inside]) => [folder, inside.map(shownPath)])) };
}

function concernsOf({ findings }: CategorySnapshot): number {
  return findings.filter((it) => it.suppressed === undefined && (it.kind === 'fail' || it.kind === 'review')).length;
}

/** The deepest folders are taken together with what lies around them, as long as there are too many. */
function byFolder(files: readonly ReviewedFile[]): Map<string, ReviewedFile[]> {
  let folders = [...new Set(files.map((it) => folderOf(shownPath(it))))];
  for (let deepest = depthOf(folders); folders.length > MOST_ROWS && deepest > 1; deepest = depthOf(folders)) {
    const shorter = [...new Set(folders.map((it) => (it.split('/').length === deepest ? folderOf(it) : it)))];
    if (shorter.length < Math.min(4, folders.length)) break;
    folders = shorter;
  }
  folders.sort((a, b) => b.length - a.length);
  const groups = new Map<string, ReviewedFile[]>();
  for (const file of files) {
    const folder = folders.find((it) => isBelow(shownPath(file), it)) ?? '';
    groups.set(folder, [...(groups.get(folder) ?? []), file]);
  }
  return groups;
}

function depthOf(folders: readonly string[]): number {
  return folders.reduce((most, it) => Math.max(most, it.split('/').length), 0);
}
