/**
 * Files that only the editor can reach: a web worker has no disk, and a virtual workspace is on none. Listings are
 * kept, so that the many files that are not there cost one question a folder; `forget` says that they may be wrong.
 */
import type { Connection } from 'vscode-languageserver';
import { CONFIGURATION_FILES, configures, DEFAULT_BASELINE } from './configuration.ts';
import { decoded } from './decode.ts';
import type { Host } from './host.ts';
import { isPassedOver, MARKERS } from './project.ts';
import type { EditorRequests } from './protocol.ts';

export type EditorFiles = Pick<Host, 'read' | 'list' | 'root'> & { forget(): void };

type Folder = ReadonlyMap<string, 'file' | 'folder'>;

/** In a listing of a folder; far more than a person's project has. */
const MOST_FILES = 50_000;
const NONE: Folder = new Map();

export function editorFiles(connection: Connection): EditorFiles {
  const folders = new Map<string, Promise<Folder>>();

  const ask = <M extends keyof EditorRequests>(method: M, params: EditorRequests[M]['params']): Promise<EditorRequests[M]['result'] | null> =>
    connection.sendRequest<EditorRequests[M]['result']>(method, params).catch(() => null);

  function folderOf(uri: string): Promise<Folder> {
    const known = folders.get(uri);
    if (known !== undefined) return known;
    const asked = ask('attest/readFolder', { uri }).then((it) => (it === null ? NONE : new Map(it)));
    folders.set(uri, asked);
    return asked;
  }

  async function isFile(root: string, path: string): Promise<boolean> {
    const names = path.split('/');
    let folder = root;
    for (const [index, name] of names.entries()) {
      if (name === '' || name === '.' || name === '..') return false;
      const expected = index === names.length - 1 ? 'file' : 'folder';
      if ((await folderOf(folder)).get(name) !== expected) return false;
      folder = `${folder}/${encodeURIComponent(name)}`;
    }
    return true;
  }

  async function read(root: string, path: string): Promise<string | undefined> {
    if (!(await isFile(root, path))) return undefined;
    const bytes = await ask('attest/readFile', { uri: `${root}/${path.split('/').map(encodeURIComponent).join('/')}` });
    if (bytes === null) return undefined;
    const reading = decoded(Uint8Array.from(bytes, (it) => it.charCodeAt(0)));
    return 'text' in reading ? reading.text : undefined;
  }

  async function isConfigured(uri: string, folder: Folder): Promise<boolean> {
    if (folder.has(DEFAULT_BASELINE)) return true;
    const texts = await Promise.all(CONFIGURATION_FILES.map((it) => (folder.has(it) ? read(uri, it) : undefined)));
    return CONFIGURATION_FILES.some((it, index) => texts[index] !== undefined && configures(it, texts[index] ?? ''));
  }

  return {
    read,
    async list(start) {
      const found: string[] = [];
      const waiting: (readonly [uri: string, path: string])[] = [[start, '']];
      for (let next = waiting.pop(); next !== undefined && found.length < MOST_FILES; next = waiting.pop()) {
        const [uri, path] = next;
        const folder = await folderOf(uri);
        if (folder.has('pyvenv.cfg')) continue;
        for (const [name, type] of folder) {
          if (type === 'file' && name.endsWith('.py')) found.push(path + name);
          else if (type === 'folder' && !isPassedOver(name)) waiting.push([`${uri}/${encodeURIComponent(name)}`, `${path}${name}/`]);
        }
      }
      return found.sort();
    },
    async root(uri, ceiling) {
      const upwards = foldersAbove(uri, ceiling);
      const [nearest = ceiling ?? uri.slice(0, Math.max(uri.lastIndexOf('/'), uri.indexOf(':')))] = upwards;
      const listed = await Promise.all(upwards.map(folderOf));
      const configured = (await Promise.all(upwards.map((it, index) => isConfigured(it, listed[index] ?? NONE)))).indexOf(true);
      const marked = configured >= 0 ? configured : listed.findIndex((it) => MARKERS.some((name) => it.has(name)));
      // Without a project file what was opened is the project.
      if (marked < 0 && ceiling !== undefined) return ceiling;
      const outside = listed.findIndex((it) => !it.has('__init__.py'));
      return upwards[marked >= 0 ? marked : Math.max(0, outside)] ?? nearest;
    },
    forget: () => folders.clear(),
  };
}

/** The folder of a file and those around it, up to the opened one; only its own where none is opened. */
function foldersAbove(uri: string, ceiling: string | undefined): string[] {
  const above: string[] = [];
  for (let end = uri.lastIndexOf('/'); end > uri.indexOf(':'); end = uri.lastIndexOf('/', end - 1)) {
    const folder = uri.slice(0, end);
    above.push(folder);
    if (ceiling === undefined || folder.length <= ceiling.length) break;
  }
  return above;
}
