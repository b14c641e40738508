/**
 * What a project says of itself: where imports begin, what pytest is always called with, which Python it needs, which
 * plug-ins of pytest it brings, what it installs; told from its own files (`project-files.ts`), nearest first.
 *
 * Sources: docs.pytest.org 8, setuptools 80, pytest-forked 1.6, docs.ansible.com (ansible-test).
 */
import type { Project } from '../../rules/model.ts';
import {
  CALLERS,
  CALLERS_AT_ROOT,
  isLike,
  isNamedOtherwise,
  type LeftOut,
  leftOutBy,
  leftOutByCalls,
  mayBeNamed,
  type PytestSettings,
  passedOverIn,
} from './collected.ts';
import { FILES, folderOf, namesOtherRunner, type Packages, type Said, saidIn, type Vendored, vendoredIn } from './project-files.ts';

/** Where an Ansible collection has its unit tests. */
const UNITS = 'tests/unit/';

/** Folders that imports begin in without anybody saying so. */
const USUAL = ['', 'src/', 'lib/'];

export interface ProjectFacts extends Project {
  /** Does pytest pass the file over, by what it is told: one of its folders is among `norecursedirs`? Then it is what tests read. */
  readonly passedOver: (path: string) => boolean;
  /** Does `.gitattributes` call it `linguist-vendored`, or, where that says nothing, the folder that it is in? */
  readonly vendored: (path: string) => boolean;
  /** What of its settings keeps pytest from collecting the file, where they are those of its own project. */
  readonly leftOut: (path: string) => LeftOut | undefined;
  /** Does its name keep it from being collected? */
  readonly namedOtherwise: (path: string) => boolean;
  /** Is a runner of tests named in the settings that does not ask for those of pytest? */
  readonly otherRunner: boolean;
  /** May somebody have the file collected all the same: by another runner, or by its name? */
  readonly mayCall: (path: string, leftOut: LeftOut) => boolean;
  /** Folders that imports begin in, with `/` at their ends, nearest project first; the root is ``. */
  readonly roots: readonly string[];
  /** Modules that pytest loads as plug-ins wherever the project is installed. */
  readonly plugins: readonly string[];
}

const FINDS_NAMESPACES = /\bfind_namespace_packages\(/;
const NAMES_FOLDERS = /\bfind_packages\(|\bpackage_dir\b/;

/** The project that a file belongs to; `folders` are those around it, nearest first. */
export function projectOf(folders: readonly string[], textAt: (path: string) => string | undefined): ProjectFacts {
  const roots: string[] = [];
  const members: string[] = [];
  const plugins = new Set<string>();
  let python: Project['python'];
  let packages: Packages | undefined;
  let setup: string | undefined;
  let isPackaged = false;
  const environment = new Map<string, string>();
  let otherRunner = false;
  const ignored: string[] = [];
  const beside: string[] = [];
  const used = new Set<string>();
  let pytest: PytestSettings | undefined;
  let own: string | undefined;
  const vendored: Vendored[] = [];
  for (const folder of folders) {
    vendored.unshift(...vendoredIn(folder, textAt(`${folder}.gitattributes`)));
    let found = folder === '';
    for (const name of FILES) {
      const path = `${folder}${name}`;
      const text = textAt(path);
      // A package may have a `setup.py` too, that only its project's own asks; it looks for no packages of its own, nor says where they are.
      if (text === undefined || (name === 'setup.py' && !NAMES_FOLDERS.test(text) && textAt(`${folder}__init__.py`) !== undefined)) continue;
      found = true;
      own ??= folder;
      const said = saidIn(name, text);
      for (const it of said.roots) roots.push(`${folder}${it}`);
      members.push(...membersOf(folder, said));
      for (const it of said.plugins) plugins.add(it);
      beside.push(...besideOf(folder, said, used));
      python ??= said.python;
      isPackaged ||= said.isPackage;
      packages ??= said.packages === undefined ? undefined : { ...said.packages, where: `${folder}${said.packages.where}` };
      if (name === 'setup.py' && !FINDS_NAMESPACES.test(text)) setup ??= folder;
      for (const [name, value] of said.environment) {
        environment.set(name, environment.get(name) ?? value);
        if (name === 'PYTHONPATH') roots.push(...pathsIn(folder, value));
      }
      otherRunner ||= said.otherRunner;
      for (const it of said.ignored) ignored.push(`${folder}${it}`);
      if (said.pytest !== undefined) pytest ??= { path, said: said.pytest };
    }
    if (found) {
      for (const it of USUAL) roots.push(`${folder}${it}`);
      for (const [, written = ''] of (textAt(`${folder}Makefile`) ?? '').matchAll(PATHS)) roots.push(...pathsIn(folder, written));
    }
  }
  // `ansible-test units` forks for each test, and knows a collection by its `galaxy.yml`.
  const collection = folders.find((it) => it.endsWith(UNITS))?.slice(0, -UNITS.length);
  const home = pytest?.path.slice(0, pytest.path.lastIndexOf('/') + 1) ?? own ?? '';
  // A project inside of another one, or one of Django's, is called from its own folder.
  const isOwn = () => own === home && !folders.some((it) => it.length > home.length && OWN_CALLERS.some((name) => textAt(`${it}${name}`) !== undefined));
  const normalTexts = new Map<string, string>();
  const normalTextAt = (path: string) => {
    const text = normalTexts.get(path) ?? normal(textAt(path) ?? '');
    normalTexts.set(path, text);
    return text;
  };
  const required = new Map<string, boolean>();
  const requires = (name: string) => {
    const known = required.get(name);
    if (known !== undefined) return known;
    const wanted = normal(name);
    const isNamed = [...folders.flatMap((it) => FILES.map((each) => it + each)), ...REQUIREMENTS].some((it) => normalTextAt(it).includes(wanted));
    required.set(name, isNamed);
    return isNamed;
  };
  const others = broughtBy(beside, textAt);
  const gives = (variable: string) => environment.has(variable) || RUNNERS.some((it) => isGivenIn(textAt(it) ?? '', variable));
  return {
    // What the file's own project has comes first: each member may have a package `tests`.
    roots: [...new Set([...roots, ...members, ...others.roots])],
    plugins: [...new Set([...plugins, ...others.plugins])],
    python,
    pytest: pytest?.path,
    options: pytest?.said.options.map((text) => ({ text, path: pytest.path })) ?? [],
    markers: pytest?.said.markers ?? [],
    warnings: pytest?.said.warnings ?? [],
    forked: pytest?.said.options.includes('--forked') === true || (collection !== undefined && textAt(`${collection}galaxy.yml`) !== undefined),
    passedOver: (path) => pytest !== undefined && passedOverIn(path, home, pytest.said.passedOver) !== undefined,
    vendored: (path) => vendored.filter((it) => isWithin(path, it)).at(-1)?.is ?? VENDORED.test(path),
    leftOut(path) {
      const found = leftOutByCalls(path, ignored) ?? (pytest === undefined ? undefined : leftOutBy(path, pytest));
      return found !== undefined && isOwn() ? found : undefined;
    },
    namedOtherwise: (path) => pytest !== undefined && isNamedOtherwise(path, pytest),
    otherRunner,
    mayCall(path, leftOut) {
      const names = folders.flatMap((folder) => [...FILES, ...CALLERS, ...(folder === '' ? CALLERS_AT_ROOT : [])].map((it) => `${folder}${it}`));
      const texts = names.flatMap((it) => {
        const text = textAt(it);
        return text === undefined ? [] : [[it, text] as const];
      });
      return texts.some(namesOtherRunner) || mayBeNamed(path, leftOut, texts);
    },
    ships: (path) => {
      if (packages !== undefined) return isAmong(packages, path);
      if (!isPackaged) return false;
      // Whatever packages a `setup.py` computes, what is in a folder without an `__init__.py` is in none.
      const outside = setup !== undefined && folders.some((it) => it.length > setup.length && path.startsWith(it) && textAt(`${it}__init__.py`) === undefined);
      return outside ? false : undefined;
    },
    gives,
    tells: (variable) => gives(variable) || INSTRUCTIONS.some((it) => isGivenIn(textAt(it) ?? '', variable, EXPORTED)),
    given: (variable) => environment.get(variable),
    requires,
  };
}

/** Beside the files of a project, what tests may be run from. */
const OWN_CALLERS = ['manage.py', 'noxfile.py'];

/** `PYTHONPATH=src/apps` in a Makefile. */
const PATHS = /\bPYTHONPATH[ ]{0,3}[:?]?=[ ]{0,3}['"]?([^\s'"]{1,300})/g;

/** Of a list of folders those that are told: `.:src/apps`, `{toxinidir}/src`, `$(PWD)/src`. */
function pathsIn(folder: string, written: string): string[] {
  const plain = written.replace(/\{(?:toxinidir|tox_root)\}\/|\$[({]?(?:PWD|CURDIR)[)}]?\//g, './');
  return plain.split(':').flatMap((it) => (it === '' || /[^\w./-]/.test(it) ? [] : (within(folder, it) ?? [])));
}

/** The folders of projects that one in a folder is installed with; of those that a workspace has, `used` are asked for by name. */
function besideOf(folder: string, { beside, workspace }: Said, used: Set<string>): readonly string[] {
  for (const it of workspace.uses) used.add(it);
  const named = workspace.members.flatMap((it) => {
    const around = /^([^*?[]*)\*$/.exec(it)?.[1];
    return around === undefined ? [] : [...used].flatMap((name) => foldersNamed(name).map((each) => `${around}${each}`));
  });
  return [...beside, ...named].flatMap((it) => within(folder, it) ?? []);
}

/** A project's own name, or the last parts of it, as its folder is called: `quays-north.tides` may be in `packages/tides`. */
function foldersNamed(name: string): readonly string[] {
  const parts = name.split(/[-_.]/);
  const ends = parts.flatMap((_, from) => (from === 0 ? [] : [parts.slice(from).join('-'), parts.slice(from).join('_')]));
  return [...new Set([name, name.replaceAll(/[-.]/g, '_'), ...ends.slice(0, MAX_ENDS)])].filter((it) => it !== '');
}

const MAX_ENDS = 8;

/** Where imports begin in the members that uv's workspace of a project has by their folders. */
function membersOf(folder: string, { workspace }: Said): readonly string[] {
  const folders = workspace.members.flatMap((it) => (/[*?[]/.test(it) ? [] : folderOf(it)));
  return folders.flatMap((it) => [`${folder}${it}`, `${folder}${it}src/`]);
}

/** More projects than one repository has that install each other. */
const MAX_BESIDE = 200;

/** Where imports begin in projects, and in those that they are installed with in turn; and the plug-ins of pytest that they bring. */
function broughtBy(
  folders: readonly string[],
  textAt: (path: string) => string | undefined,
  files: readonly (typeof FILES)[number][] = FILES,
): Pick<ProjectFacts, 'roots' | 'plugins'> {
  const roots: string[] = [];
  const plugins: string[] = [];
  const seen = new Set(folders);
  for (const folder of seen) {
    if (seen.size > MAX_BESIDE) break;
    const texts = files.flatMap((name) => {
      const text = textAt(`${folder}${name}`);
      return text === undefined ? [] : [saidIn(name, text)];
    });
    for (const said of texts) {
      for (const it of said.roots) roots.push(`${folder}${it}`);
      roots.push(...membersOf(folder, said));
      plugins.push(...said.plugins);
      for (const it of besideOf(folder, said, new Set())) seen.add(it);
    }
    if (texts.length > 0) for (const it of USUAL) roots.push(`${folder}${it}`);
  }
  return { roots, plugins };
}

/** Where imports begin in a project that none of those around is known to be installed with: by the files that say it in most. */
export function packagedIn(folder: string, textAt: (path: string) => string | undefined): readonly string[] {
  return broughtBy([folder], textAt, ['pyproject.toml', 'setup.cfg']).roots;
}

/** `../quays/`, as seen from `fleet/harbour/`: `fleet/quays/`; nothing for what lies outside of all. */
function within(folder: string, written: string): string | undefined {
  const parts = folder.split('/').slice(0, -1);
  for (const it of written.split('/')) {
    if (it === '..' && parts.pop() === undefined) return undefined;
    if (it !== '..' && it !== '.' && it !== '') parts.push(it);
  }
  return written.startsWith('/') ? undefined : parts.map((it) => `${it}/`).join('');
}

/** Lists of what is installed for the tests, by the names that most have. */
const REQUIREMENTS: readonly string[] = [
  'requirements.txt',
  ...['-', '_'].flatMap((it) =>
    [`requirements${it}dev`, `requirements${it}test`, `dev${it}requirements`, `test${it}requirements`].map((each) => `${each}.txt`),
  ),
  ...['dev', 'test', 'tests', 'testing'].flatMap((it) => [`requirements/${it}.txt`, `requirements/${it}.in`]),
];

/** Names of packages are the same in any case, with `-` or `_` (packaging.python.org, name normalization). */
function normal(text: string): string {
  return text.toLowerCase().replaceAll('_', '-');
}

/** What runs tests, and may give them an environment; workflows by the names that most have. */
const RUNNERS: readonly string[] = [
  ...['ci', 'test', 'tests', 'main', 'build', 'python-package'].map((it) => `.github/workflows/${it}.yml`),
  '.gitlab-ci.yml',
  '.travis.yml',
  'Makefile',
  'docker-compose.yml',
  'compose.yaml',
  ...['.env.test', '.env.testing', '.env.ci', 'tests/.env', 'tests/.env.test'],
];

/** What people are told to set. */
const INSTRUCTIONS: readonly string[] = ['CONTRIBUTING.md', 'CONTRIBUTING.rst', 'README.md', 'README.rst', 'tests/README.md'];

/** `NAME: value`, `NAME=value`, right behind the name; the secret of a repository, and what somebody else gives, is no value. */
const GIVEN = /^['"]?[ ]{0,9}[:=][ ]{0,9}['"]?[^\s$'"]/;
/** `export NAME=value`; what stands for a value that everybody has of their own is none: `<your token>`. */
const EXPORTED = /^=['"]?[^\s$<'"]/;

function isGivenIn(text: string, name: string, as = GIVEN): boolean {
  for (let at = text.indexOf(name); at >= 0; at = text.indexOf(name, at + 1)) {
    if (/\w/.test(text[at - 1] ?? '')) continue;
    if (as.test(text.slice(at + name.length, at + name.length + 40))) return true;
  }
  return false;
}

/** Folders of copies of other projects, by names that GitHub knows (linguist's `vendor.yml`); those among tests hold what is tested. */
const VENDORED = /^(?:(?!tests?\/)[^/]+\/)*(?:_?vendor(?:s|ed)?|extern|(?:third|3rd)[-_]?party)\//i;

function isWithin(path: string, { folder, deep }: Vendored): boolean {
  return path.startsWith(folder) && (deep || !path.includes('/', folder.length));
}

/** As setuptools does: the package of the file by its dotted name, and no one that it is in. */
function isAmong({ where, include, exclude }: Packages, path: string): boolean {
  if (!path.startsWith(where)) return false;
  const name = path.slice(where.length, Math.max(where.length, path.lastIndexOf('/'))).replaceAll('/', '.');
  return include.some((it) => isLike(name, it) !== false) && !exclude.some((it) => isLike(name, it) === true);
}
