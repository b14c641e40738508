/**
 * Facts from other files. The engine reads nothing: what is missing is noted in `wanted`, the door reads
 * it, and the review is done again. Libraries are never looked for; their meaning is in `rules/python/`.
 */
import type { DataFile, Expression, FunctionDefinition, QualifiedName } from '../../rules/model.ts';
import { STANDARD_LIBRARY } from '../../rules/python/names.ts';
import { detached } from '../syntax/names.ts';
import { isIgnoredBy } from './collected.ts';
import type { WrittenPath } from './data-files.ts';
import type { Binding, ClassShape, Frame } from './frame.ts';
import { type ProjectFacts, packagedIn, projectOf } from './project.ts';

/** The files that are known, and the ones that somebody would like to know. */
export interface Shelf {
  /** The frame of a file; `undefined` when there is none, or when it is not known yet (then it is noted as wanted). */
  frameAt(path: string): Frame | undefined;
  /** The text of a file that is not Python; `undefined` as above. */
  textAt(path: string): string | undefined;
  /** The same as a thing that stays as long as the text does. */
  dataAt(path: string): DataFile | undefined;
  /** May there be files in a folder (with `/` at its end)? One that is not there spares a look for each of them. */
  hasFolder(path: string): boolean;
}

export type Symbol =
  | { readonly kind: 'class'; readonly class: ClassShape; readonly frame: Frame; readonly qualified: QualifiedName }
  | {
      readonly kind: 'function';
      readonly node: FunctionDefinition;
      readonly owner: ClassShape | undefined;
      readonly frame: Frame;
      readonly qualified: QualifiedName;
    }
  | { readonly kind: 'module'; readonly frame: Frame; readonly qualified: QualifiedName }
  | { readonly kind: 'value'; readonly frame: Frame; readonly name: string; readonly qualified: QualifiedName };

export const MAX_HOPS = 12;
const MODULE_NAME = /^[^\s./\\]+(?:\.[^\s./\\]+)*$/;
/** The package that Ansible puts collections into, wherever their folders are (docs.ansible.com, collection structure). */
const COLLECTIONS = 'ansible_collections';
const MAX_STAR_HOPS = 3;
/** Star imports of one file that a name is looked for in. */
export const MAX_STARS = 12;

/** Where a module would be, below a folder that imports begin in. */
interface ModulePlace {
  /** The folder that it would be in. */
  readonly around: string;
  readonly file: string;
  /** Its own, as a package. */
  readonly folder: string;
}

/** By root, then by name. All files of a suite look for much the same modules: the paths are put together once, and hashed once. */
const PLACES = new Map<string, Map<string, ModulePlace>>();
/** Of one root: more than the largest suites look for there. */
const MAX_PLACES = 8_000;

function placeOf(root: string, name: string): ModulePlace {
  let places = PLACES.get(root);
  if (places === undefined || places.size >= MAX_PLACES) {
    places = new Map();
    if (PLACES.size >= MAX_ROOTS) PLACES.clear();
    PLACES.set(detached(root), places);
  }
  const known = places.get(name);
  if (known !== undefined) return known;
  // A name may be cut out of a text, that must not stay for it.
  const own = detached(name);
  const path = `${root}${own.replaceAll('.', '/')}`;
  const place = { around: path.slice(0, path.lastIndexOf('/') + 1), file: `${path}.py`, folder: `${path}/` };
  places.set(own, place);
  return place;
}

const MAX_ROOTS = 200;

interface Collection {
  /** What its modules' names begin with. */
  readonly prefix: string;
  /** The folder that they are in. */
  readonly folder: string;
}

export class Workspace {
  private readonly shelf: Shelf;
  /** Of the file that asks. */
  readonly project: ProjectFacts;
  /** What was found from this frame; null: looked for and not there. Other frames have their own workspace. */
  private readonly found = new Map<QualifiedName, Symbol | null>();
  private readonly asked = new Set<QualifiedName>();
  private readonly modules = new Map<string, Frame | null>();
  private readonly rootsByFirst = new Map<string, readonly string[]>();
  private bases: readonly string[] | undefined;
  private readonly conftestsOf = new Map<Frame, readonly Frame[]>();
  private collection: Collection | null | undefined;

  constructor(shelf: Shelf, path: string) {
    this.shelf = shelf;
    this.project = projectOf(foldersAround(path), (it) => shelf.textAt(it));
  }

  /** `nova/tests/unit/test_x.py` → `nova.tests.unit.test_x`, from the innermost folder that imports begin in. */
  moduleOf(path: string): string {
    return path
      .slice(rootAround(path, this.project.roots).length)
      .replace(/(?:\/__init__)?\.py$/, '')
      .replaceAll('/', '.');
  }

  /** The module of a dotted name as seen from a file. */
  module(name: string, from: Frame): Frame | undefined {
    if (from.workspace !== this) return from.workspace.module(name, from);
    const known = this.modules.get(name);
    if (known !== undefined) return known === null ? undefined : known;
    const found = this.findModule(name, from);
    this.modules.set(name, found ?? null);
    return found;
  }

  /** The `conftest.py` files that pytest reads for a test file, nearest first. */
  conftests(of: Frame): readonly Frame[] {
    const known = this.conftestsOf.get(of);
    if (known !== undefined) return known;
    const result: Frame[] = [];
    for (const folder of foldersAround(of.path)) {
      const frame = `${folder}conftest.py` === of.path ? undefined : this.shelf.frameAt(`${folder}conftest.py`);
      if (frame !== undefined) result.push(frame);
    }
    this.conftestsOf.set(of, result);
    return result;
  }

  /** The plug-ins of pytest that the project of a file brings. */
  plugins(of: Frame): readonly Frame[] {
    return this.project.plugins.flatMap((it) => this.module(it, of) ?? []);
  }

  private findModule(name: string, from: Frame): Frame | undefined {
    // What a string says may be no name of a module: `.a`, `a..b`, `../a`.
    if (STANDARD_LIBRARY.has(firstSegment(name)) || !MODULE_NAME.test(name)) return undefined;
    const first = firstSegment(name);
    const collection = first === COLLECTIONS ? this.collectionOf(from.path) : undefined;
    if (collection !== undefined && name.startsWith(collection.prefix)) return this.moduleAt(collection.folder, name.slice(collection.prefix.length));
    for (const root of this.rootsOf(first, from.path)) {
      const frame = this.moduleAt(root, name);
      if (frame !== undefined) return frame;
    }
    return undefined;
  }

  private moduleAt(root: string, name: string): Frame | undefined {
    const { around, file, folder } = placeOf(root, name);
    if (!this.shelf.hasFolder(around)) return undefined;
    return this.shelf.frameAt(file) ?? (this.shelf.hasFolder(folder) ? this.shelf.frameAt(`${folder}__init__.py`) : undefined);
  }

  /** The collection of Ansible's that a file is in, by the `galaxy.yml` that names it. */
  private collectionOf(path: string): Collection | undefined {
    if (this.collection === undefined) {
      const named = foldersAround(path).flatMap((folder) => {
        const said = this.shelf.textAt(`${folder}galaxy.yml`) ?? '';
        const [namespace, name] = [/^namespace:[ \t]*["']?(\w+)/m, /^name:[ \t]*["']?(\w+)/m].map((it) => it.exec(said)?.[1]);
        return namespace === undefined || name === undefined ? [] : [{ prefix: `${COLLECTIONS}.${namespace}.${name}.`, folder }];
      });
      this.collection = named[0] ?? null;
    }
    return this.collection ?? undefined;
  }

  /** Where modules whose names begin so are looked for from a file. */
  private rootsOf(first: string, path: string): readonly string[] {
    let known = this.rootsByFirst.get(first);
    if (known === undefined) {
      const folder = path.slice(0, path.lastIndexOf('/') + 1);
      const has = (root: string) => this.shelf.hasFolder(`${root}${first}/`) || this.moduleAt(root, first) !== undefined;
      // `quays/quays/`, a project of its own beside the others.
      const own = `${first}/`;
      // Python knows the package of the file by its name before it looks for any other: `tests.common` beside `tests.test_x`.
      const around = rootAround(path, this.project.roots);
      const package_ = path.startsWith(`${around}${first}/`) ? [around] : [];
      known = [...new Set([...package_, ...this.project.roots, folder, ...above(first, path), ...this.basesOf(path), own])].filter(has);
      // `quays/src/quays/`, as that one says: looked for where nobody has a package of the name.
      if (this.shelf.hasFolder(own) && !known.some((it) => this.moduleAt(it, first) !== undefined))
        known = [...new Set([...known, ...packagedIn(own, (it) => this.shelf.textAt(it)).filter(has)])];
      this.rootsByFirst.set(first, known);
    }
    return known;
  }

  /** Where pytest lets imports begin: around the packages that the file and its `conftest.py` files are in (docs.pytest.org, pythonpath: `prepend`). */
  private basesOf(path: string): readonly string[] {
    if (this.bases === undefined) {
      const folders = foldersAround(path);
      const isPackage = (it: string) => it !== '' && this.shelf.textAt(`${it}__init__.py`) !== undefined;
      const starts = folders.filter((it, index) => index === 0 || this.shelf.textAt(`${it}conftest.py`) !== undefined);
      this.bases = starts.map((start) => folders.slice(folders.indexOf(start)).find((it) => !isPackage(it)) ?? '');
    }
    return this.bases;
  }

  /** What a qualified name (without `()`) is, in the workspace; follows re-exports. */
  symbol(name: QualifiedName, from: Frame, hops = 0): Symbol | undefined {
    if (from.workspace !== this) return from.workspace.symbol(name, from, hops);
    const known = this.found.get(name);
    if (known !== undefined) return known === null ? undefined : known;
    if (hops > MAX_HOPS || name.includes('(') || name.includes('[')) return undefined;
    if (this.asked.has(name)) return undefined; // a cycle of re-exports ends here
    this.asked.add(name);
    const result = STANDARD_LIBRARY.has(firstSegment(name)) ? undefined : this.lookUp(name, from, hops);
    this.asked.delete(name);
    // What was not found on the way to something else may be found from here, with more hops or outside of a cycle.
    if (result !== undefined || hops === 0) this.found.set(name, result ?? null);
    return result;
  }

  private lookUp(name: QualifiedName, from: Frame, hops: number): Symbol | undefined {
    if (from.module !== '' && name.startsWith(`${from.module}.`)) {
      const inside = this.inside(from, name.slice(from.module.length + 1).split('.'), hops);
      if (inside !== undefined) return inside;
    }
    const segments = name.split('.');
    for (let length = segments.length - 1; length >= 1; length--) {
      const frame = this.module(segments.slice(0, length).join('.'), from);
      const found = frame === undefined ? undefined : this.inside(frame, segments.slice(length), hops);
      // A package has the modules in its folder too, whether or not it names them.
      if (found !== undefined || (frame !== undefined && length < segments.length - 1)) return found;
      const whole = length === segments.length - 1 ? this.module(name, from) : undefined;
      if (whole !== undefined) return { kind: 'module', frame: whole, qualified: name };
    }
    const only = segments.length === 1 ? this.module(name, from) : undefined;
    return only === undefined ? undefined : { kind: 'module', frame: only, qualified: name };
  }

  private inside(frame: Frame, path: readonly string[], hops: number): Symbol | undefined {
    const [first, ...rest] = path;
    if (first === undefined) return { kind: 'module', frame, qualified: frame.module };
    const bindings = frame.bindings(first);
    for (const it of bindings) {
      switch (it.kind) {
        case 'import': {
          const target = [it.qualified, ...rest].join('.');
          const symbol = this.symbol(target, frame, hops + 1);
          if (symbol !== undefined) return symbol;
          break;
        }
        case 'class':
          return this.insideClass(it.class, rest, hops);
        case 'function': {
          const node = it.node();
          if (node !== undefined && rest.length === 0) return { kind: 'function', node, owner: undefined, frame, qualified: `${frame.module}.${first}` };
          break;
        }
        case 'value': {
          if (rest.length === 0) return { kind: 'value', frame, name: first, qualified: `${frame.module}.${first}` };
          // Another name for a class: `releases = Releases`, of which `releases.old` is asked.
          const other = bindings.length === 1 && it.path.length === 0 ? aliased(it.value) : undefined;
          if (other !== undefined) return this.symbol([other, ...rest].join('.'), frame, hops + 1);
          break;
        }
      }
    }
    if (bindings.length === 0) {
      for (const module of starsFor(first, frame, hops)) {
        const symbol = this.symbol([module, ...path].join('.'), frame, hops + 1);
        if (symbol !== undefined) return symbol;
      }
    }
    return undefined;
  }

  private insideClass(shape: ClassShape, path: readonly string[], hops: number): Symbol | undefined {
    const [first, ...rest] = path;
    if (first === undefined) return { kind: 'class', class: shape, frame: shape.frame, qualified: shape.qualified };
    const nested = shape.nested(first);
    if (nested !== undefined) return this.insideClass(nested, rest, hops);
    const method = rest.length === 0 ? shape.method(first) : undefined;
    if (method !== undefined) return { kind: 'function', node: method, owner: shape, frame: shape.frame, qualified: `${shape.qualified}.${first}` };
    const other = aliased(shape.attribute(first));
    return other === undefined ? undefined : this.symbol([other, ...rest].join('.'), shape.frame, hops + 1);
  }

  /** The files that are there of those that a path may mean, as seen from a file. */
  dataFiles(written: WrittenPath, from: Frame): readonly DataFile[] {
    return pathsOf(written, from).flatMap((it) => this.shelf.dataAt(it) ?? []);
  }

  /** Does a `.gitignore` around the file say of such a path that it is none of the repository? */
  ignores(written: WrittenPath, from: Frame): boolean {
    return foldersAround(from.path).some((folder) => {
      const text = this.shelf.textAt(`${folder}.gitignore`);
      return text !== undefined && pathsOf(written, from).some((it) => it.startsWith(folder) && isIgnoredBy(text, it.slice(folder.length)));
    });
  }

  /** What a module of the workspace has imported from outside of it under this name: `tests.util.unittest.TestCase` is `unittest.TestCase`. */
  imported(name: QualifiedName, from: Frame, hops = 0): readonly QualifiedName[] {
    const segments = name.split('.');
    for (let length = segments.length - 1; length >= 1 && hops < MAX_HOPS; length--) {
      const frame = this.module(segments.slice(0, length).join('.'), from);
      const [first = '', ...rest] = segments.slice(length);
      if (frame === undefined) continue;
      const bindings = frame.bindings(first);
      const targets =
        bindings.length === 0
          ? starsFor(first, frame, hops).map((it) => [it, first, ...rest].join('.'))
          : bindings.flatMap((it) => (it.kind === 'import' ? [[it.qualified, ...rest].join('.')] : []));
      return targets.flatMap((it) => (it === name ? [] : [it, ...frame.workspace.imported(it, frame, hops + 1)]));
    }
    return [];
  }

  /** What a name of the workspace was given, where it was given one value only. */
  valueOf(name: QualifiedName, from: Frame): Expression | undefined {
    const symbol = this.symbol(name, from);
    const [only, ...others]: readonly Binding[] = symbol?.kind === 'value' ? symbol.frame.bindings(symbol.name) : [];
    return only?.kind === 'value' && others.length === 0 && only.path.length === 0 ? only.value : undefined;
  }

  /** The class that a qualified name means, in the workspace. */
  classOf(name: QualifiedName, from: Frame): ClassShape | undefined {
    let symbol = this.symbol(name, from);
    // Another name for a class: `Base = Case`.
    for (let hops = 0; symbol?.kind === 'value' && hops < MAX_HOPS; hops++) {
      const [only, ...others]: readonly Binding[] = symbol.frame.bindings(symbol.name);
      const other = only?.kind === 'value' && others.length === 0 && only.path.length === 0 ? aliased(only.value) : undefined;
      if (other === undefined) return undefined;
      symbol = this.symbol(other, symbol.frame);
    }
    return symbol?.kind === 'class' ? symbol.class : undefined;
  }
}

/**
 * The modules that a file takes all names of, where one of them may bring this name. It may come through a few of them; a package
 * that is made of them is not searched, and a module of the package is no name that another one brings: there would be no end of asking.
 */
function starsFor(name: string, { starImports, module }: Frame, hops: number): readonly string[] {
  return hops < MAX_STAR_HOPS && !starImports.includes(`${module}.${name}`) ? starImports.slice(0, MAX_STARS) : [];
}

/** What an expression is another name for. */
function aliased(it: Expression | undefined): QualifiedName | undefined {
  return it?.type === 'name' || it?.type === 'attribute' ? it.refersTo : undefined;
}

/** Where a path that is written may lead, as seen from a file. */
function pathsOf({ from: start, path }: WrittenPath, from: Frame): readonly string[] {
  const around = foldersAround(from.path);
  const folders = start === 'root' ? [''] : start === 'somewhere' && !path.includes('/') ? around.slice(0, 1) : around;
  return folders.map((it) => `${it}${path}`);
}

/** The folder of a file and those around it, nearest first, each with `/` at its end; the root is ``. */
export function foldersAround(path: string): string[] {
  const result: string[] = [];
  for (let folder = path; folder !== ''; ) {
    folder = folder.slice(0, folder.slice(0, -1).lastIndexOf('/') + 1);
    result.push(folder);
  }
  return result;
}

/** The folder that holds the package of that name which the file is in: what it calls by that name is beside it. */
function above(name: string, path: string): readonly string[] {
  const at = `/${path}`.lastIndexOf(`/${name}/`);
  return at < 0 ? [] : [path.slice(0, at)];
}

/** The innermost folder around a file that imports begin in. */
function rootAround(path: string, roots: readonly string[]): string {
  return roots.reduce((longest, it) => (path.startsWith(it) && it.length > longest.length ? it : longest), '');
}

function firstSegment(name: string): string {
  const dot = name.indexOf('.');
  return dot < 0 ? name : name.slice(0, dot);
}
