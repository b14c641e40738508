/**
 * What one file of a project says: `pyproject.toml`, `setup.cfg`, `setup.py`, `tox.ini`, `pytest.ini` and
 * `.gitattributes` are read as facts; nothing in them is run, and what cannot be read says nothing.
 *
 * Sources: packaging.python.org (pyproject.toml), setuptools 80, Poetry 2, Hatch 1, PDM 2, docs.pytest.org 8, tox 4, pytest-env 1,
 * github.com/github-linguist/linguist (overrides), git-scm.com/docs/gitattributes.
 */
import { getStaticTOMLValue, parseTOML } from 'toml-eslint-parser';
import type { Project } from '../../rules/model.ts';

/** What is read in each folder between a file and the root. */
export const FILES = ['pytest.ini', 'pyproject.toml', 'tox.ini', 'setup.cfg', 'setup.py'] as const;

export interface Packages {
  readonly where: string;
  readonly include: readonly string[];
  readonly exclude: readonly string[];
}

/** What one file says. */
export interface Said {
  readonly roots: readonly string[];
  readonly plugins: readonly string[];
  /** Folders of other projects that it is installed with from where they stand, as seen from its own: `../quays`. */
  readonly beside: readonly string[];
  /** Names of such projects that the workspace around it has, and patterns of the folders that its own workspace has them in. */
  readonly workspace: { readonly uses: readonly string[]; readonly members: readonly string[] };
  /** Which packages are installed, by patterns of their dotted names as seen from `where`; undefined where that is not said. */
  readonly packages: Packages | undefined;
  /** Can it be built: a `setup.py`, or a file that names the project or what builds it? */
  readonly isPackage: boolean;
  readonly python: Project['python'];
  readonly otherRunner: boolean;
  /** What every call of pytest in it is told to ignore. */
  readonly ignored: readonly string[];
  /** Variables of the environment that it gives the tests, with their values. */
  readonly environment: readonly (readonly [name: string, value: string])[];
  /** Undefined when the file does not configure pytest. */
  readonly pytest:
    | {
        readonly options: readonly string[];
        readonly markers: Project['markers'];
        readonly warnings: readonly string[];
        readonly passedOver: readonly string[];
        /** `python_files` and `testpaths`. */
        readonly files: readonly string[];
        readonly testPaths: readonly string[];
      }
    | undefined;
}

const NOTHING: Omit<Said, 'otherRunner'> = {
  roots: [],
  plugins: [],
  beside: [],
  workspace: { uses: [], members: [] },
  ignored: [],
  environment: [],
  packages: undefined,
  isPackage: false,
  python: undefined,
  pytest: undefined,
};

/** Runners, and calls of them, that do not ask for pytest's settings. */
const OTHER_RUNNER = /\b(?:unittest|stestr|testr|nose2?|nosetests|trial|zope-?testrunner|setup\.py,? test|(?:django-admin|manage(?:\.py)?) test|runtests)\b/;

/** Is one of these named in a text that may call it? What is written for people speaks of much. */
export function namesOtherRunner([name, text]: readonly [name: string, text: string]): boolean {
  return !/(?:^|\/)setup\.py$|\.md$/.test(name) && OTHER_RUNNER.test(text);
}

/** By text: every file of a project asks for the same few. */
const read = new Map<string, Said>();
const MAX_READ = 512;

export function saidIn(name: (typeof FILES)[number], text: string): Said {
  const key = `${name}\0${text}`;
  const known = read.get(key);
  if (known !== undefined) return known;
  const said = { ...saidAs(name, text), otherRunner: namesOtherRunner([name, text]) };
  if (read.size >= MAX_READ) read.clear();
  read.set(key, said);
  return said;
}

function saidAs(name: (typeof FILES)[number], text: string): Omit<Said, 'otherRunner'> {
  if (name === 'pyproject.toml') return fromToml(text);
  return name === 'setup.py'
    ? { ...NOTHING, isPackage: true, roots: rootsInSetup(text), plugins: pluginsInSetup(text), packages: packagesInSetup(text) }
    : fromIni(name, sectionsOf(text));
}

/** `package_dir={'': 'src'}` */
function rootsInSetup(text: string): readonly string[] {
  const folder = /\bpackage_dir\s{0,5}=\s{0,5}\{\s{0,20}(?:''|"")\s{0,5}:\s{0,5}['"]([\w./-]{1,200})['"]/.exec(text)?.[1];
  return folder === undefined ? [] : folderOf(folder);
}

/** `entry_points={'pytest11': ['name = module']}` */
function pluginsInSetup(text: string): readonly string[] {
  const listed = /['"]pytest11['"]\s{0,20}:\s{0,20}(?:\[([^\]]{0,2000})\]|(['"][^'"]{0,200}['"]))/.exec(text);
  return [...(listed?.[1] ?? listed?.[2] ?? '').matchAll(/['"][^'"=]{1,100}=([^'"]{1,200})['"]/g)].flatMap((it) => moduleIn(it[1] ?? ''));
}

/** `find_packages(exclude=['tests', 'tests.*'])`, `packages=['harbour', 'harbour.quays']` */
function packagesInSetup(text: string): Packages | undefined {
  const named = /\bpackages\s{0,5}=\s{0,5}\[((?:\s{0,40}['"][\w.]{1,100}['"],?){1,100})\s{0,40}\]/.exec(text)?.[1];
  if (named !== undefined)
    return { where: rootsInSetup(text)[0] ?? '', include: [...named.matchAll(/['"]([\w.]{1,100})['"]/g)].map((it) => it[1] ?? ''), exclude: [] };
  const given = /\bfind_packages\(([^()]{0,500}(?:\([^()]{0,300}\)[^()]{0,100})?)\)/.exec(text)?.[1];
  if (given === undefined || /\w\(/.test(given)) return undefined;
  const where = /(?:^\s{0,20}|\bwhere\s{0,5}=\s{0,5})['"]([\w./-]{1,200})['"]/.exec(given)?.[1];
  if (where === undefined && /\bwhere\b|^\s{0,20}\w+\s{0,5}(?:,|$)/.test(given)) return undefined;
  const listed = (key: RegExp) => [...(key.exec(given)?.[1] ?? '').matchAll(/['"]([^'"]{1,100})['"]/g)].map((it) => it[1] ?? '');
  const include = listed(/\binclude\s{0,5}=\s{0,5}[[(]([^\])]{0,400})/);
  return found(where === undefined ? [] : [where], include, listed(/\bexclude\s{0,5}=\s{0,5}[[(]([^\])]{0,400})/));
}

/** `package.module:object` */
function moduleIn(entry: unknown): string[] {
  const module = typeof entry === 'string' ? entry.split(/[:[]/)[0]?.trim() : undefined;
  return module === undefined || module === '' ? [] : [module];
}

// ------------------------------------------------------------------------------------------------ TOML

type Table = Readonly<Record<string, unknown>>;

function fromToml(text: string): Omit<Said, 'otherRunner'> {
  let root: Table;
  try {
    root = getStaticTOMLValue(parseTOML(text, { tomlVersion: '1.0' }));
  } catch {
    return NOTHING; // half-written, as any file is at times
  }
  const at = (...keys: string[]): unknown => keys.reduce<unknown>((it, key) => tableOf(it)?.[key], root);
  const pytest = tableOf(at('tool', 'pytest', 'ini_options')) ?? tableOf(at('tool', 'pytest'));
  const members = wordsOf(at('tool', 'uv', 'workspace', 'members'));
  const sources = Object.entries(tableOf(at('tool', 'uv', 'sources')) ?? {}).flatMap(([name, it]) =>
    [it, ...listOf(it)].map((each) => ({ name, ...tableOf(each) })),
  );
  const roots = [
    ...wordsOf(pytest?.['pythonpath']),
    ...wordsOf(at('tool', 'setuptools', 'packages', 'find', 'where')),
    ...Object.entries(tableOf(at('tool', 'setuptools', 'package-dir')) ?? {}).flatMap(([name, it]) => (name === '' ? wordsOf(it) : [])),
    ...wordsOf(at('tool', 'pdm', 'build', 'package-dir')),
    ...listOf(at('tool', 'poetry', 'packages')).flatMap((it) => wordsOf(tableOf(it)?.['from'])),
    ...wordsOf(at('tool', 'hatch', 'build', 'targets', 'wheel', 'packages')).flatMap((it) => (it.includes('/') ? [it.slice(0, it.lastIndexOf('/'))] : [])),
  ];
  const find = tableOf(at('tool', 'setuptools', 'packages', 'find'));
  const plugins = [at('project', 'entry-points', 'pytest11'), at('tool', 'poetry', 'plugins', 'pytest11')];
  return {
    ignored: [],
    environment: variablesIn(wordsOf(pytest?.['env'])),
    roots: roots.flatMap(folderOf),
    beside: [...sources, ...poetryDependencies(at)].flatMap((it) => wordsOf(tableOf(it)?.['path'])),
    workspace: { uses: sources.flatMap((it: Table) => (it['workspace'] === true ? wordsOf(it['name']) : [])), members },
    isPackage: [at('project'), at('build-system'), at('tool', 'poetry')].some((it) => it !== undefined),
    packages: find === undefined ? packagesNamed(at) : found(wordsOf(find['where']), wordsOf(find['include']), wordsOf(find['exclude'])),
    plugins: [...plugins.flatMap((it) => Object.values(tableOf(it) ?? {}).flatMap(moduleIn)), ...pluginsOf(wordsOf(pytest?.['addopts']))],
    python: lowest(at('project', 'requires-python') ?? at('tool', 'poetry', 'dependencies', 'python')),
    pytest:
      pytest === undefined
        ? undefined
        : {
            options: wordsOf(pytest['addopts']),
            markers: linesOf(pytest['markers']).map(markerOf),
            warnings: linesOf(pytest['filterwarnings']),
            passedOver: wordsOf(pytest['norecursedirs']),
            files: wordsOf(pytest['python_files']),
            testPaths: wordsOf(pytest['testpaths']),
          },
  };
}

/** What each dependency says beside its name: `{ path = "../quays", develop = true }` (python-poetry.org/docs/dependency-specification). */
function poetryDependencies(at: (...keys: string[]) => unknown): readonly unknown[] {
  const poetry = tableOf(at('tool', 'poetry'));
  const groups = Object.values(tableOf(poetry?.['group']) ?? {}).map((it) => tableOf(it)?.['dependencies']);
  return [poetry?.['dependencies'], poetry?.['dev-dependencies'], ...groups].flatMap((it) => Object.values(tableOf(it) ?? {}));
}

/**
 * Packages that are named one by one, each with all that is in it; where a builder goes by the project's name, that is one. Some projects are not to be installed.
 * Sources: python-poetry.org/docs/pyproject, hatch.pypa.io (build, wheel builder), flit.pypa.io (pyproject_toml), docs.astral.sh/uv (settings).
 */
function packagesNamed(at: (...keys: string[]) => unknown): Packages | undefined {
  if (at('tool', 'uv', 'package') === false || at('tool', 'poetry', 'package-mode') === false) return named([]);
  const builder = wordsOf(at('build-system', 'build-backend'))[0] ?? '';
  const hatch = [tableOf(at('tool', 'hatch', 'build', 'targets', 'wheel')), tableOf(at('tool', 'hatch', 'build'))];
  const listed = hatch.flatMap((it) => wordsOf(it?.['packages']));
  if (listed.length > 0) return named(listed);
  const poetry = tableOf(at('tool', 'poetry'));
  const included = listOf(poetry?.['packages'])
    .map(tableOf)
    .filter((it) => it?.['format'] !== 'sdist');
  if (included.length > 0) return named(included.map((it) => [...wordsOf(it?.['from']), ...wordsOf(it?.['include'])].join('/')));
  if (builder.startsWith('uv_build')) return packagesOfUv(at);
  const goesByName =
    builder.startsWith('flit') ||
    builder.startsWith('poetry') ||
    (builder.startsWith('hatchling') && hatch.every((it) => !HATCH_SELECTS.some((key) => it?.[key])));
  if (!goesByName) return undefined;
  const [name] = [at('tool', 'flit', 'module', 'name'), at('project', 'name'), poetry?.['name']].flatMap(wordsOf);
  if (name === undefined) return undefined;
  const folder = name.replaceAll('-', '_').replaceAll('.', '/');
  return named([folder, `src/${folder}`]);
}

/** `src/harbour` for a project called so, or what `tool.uv.build-backend` says: `module-root`, and one or several of `module-name`. */
function packagesOfUv(at: (...keys: string[]) => unknown): Packages | undefined {
  const own = tableOf(at('tool', 'uv', 'build-backend'));
  const modules = wordsOf(own?.['module-name']);
  const names = modules.length > 0 ? modules : wordsOf(at('project', 'name')).map((it) => it.toLowerCase().replaceAll(/[-.]/g, '_'));
  const root = typeof own?.['module-root'] === 'string' ? own['module-root'] : 'src';
  return names.length === 0 ? undefined : named(names.map((it) => `${root}/${it.replaceAll('.', '/')}`.replace(/^\//, '')));
}

/** What chooses files in another way. */
const HATCH_SELECTS = ['include', 'only-include', 'sources', 'force-include', 'exclude', 'artifacts'];

function named(folders: readonly string[]): Packages | undefined {
  if (folders.some((it) => /[*?[]|\.\./.test(it))) return undefined;
  const names = folders.flatMap(folderOf).map((it) => it.slice(0, -1).replaceAll('/', '.'));
  return { where: '', include: names.flatMap((it) => [it, `${it}.*`]), exclude: [] };
}

function found([where = '', ...others]: readonly string[], include: readonly string[], exclude: readonly string[]): Packages | undefined {
  const [folder] = folderOf(where);
  return folder === undefined || others.length > 0 ? undefined : { where: folder, include: include.length === 0 ? ['*'] : include, exclude };
}

function tableOf(it: unknown): Table | undefined {
  return typeof it === 'object' && it !== null && !Array.isArray(it) ? (it as Table) : undefined;
}

function listOf(it: unknown): readonly unknown[] {
  return Array.isArray(it) ? it : [];
}

function linesOf(it: unknown): string[] {
  const lines = typeof it === 'string' ? it.split('\n') : listOf(it).filter((each) => typeof each === 'string');
  return lines.map((line) => line.trim()).filter((line) => line !== '');
}

/** A list, or words that may each stand in quotes, be it behind the name of an option. */
function wordsOf(it: unknown): string[] {
  if (typeof it !== 'string') return listOf(it).filter((each) => typeof each === 'string');
  return it.split(/[\s,]+/).flatMap((word) => (word === '' ? [] : [word.replace(/^(--[\w-]+=)?(['"])(.+)\2$/, '$1$3')]));
}

// ------------------------------------------------------------------------------------------------- INI

type Sections = ReadonlyMap<string, ReadonlyMap<string, string>>;

/** Sections and keys as Python's configparser reads them: a deeper line goes on with the value above. */
function sectionsOf(text: string): Sections {
  const sections = new Map<string, Map<string, string>>();
  let section: Map<string, string> | undefined;
  let key: string | undefined;
  let depth = 0;
  for (const line of text.split(/\r\n|\r|\n/)) {
    const content = line.replace(/(?:^|\s)[#;].*/, '').trimEnd();
    if (content === '') continue;
    const indent = line.length - line.trimStart().length;
    const header = indent === 0 ? /^\[([^\]]+)\]/.exec(content)?.[1] : undefined;
    if (header !== undefined) {
      section = sections.get(header) ?? new Map();
      sections.set(header, section);
      key = undefined;
      continue;
    }
    if (section === undefined) continue;
    if (key !== undefined && indent > depth) {
      section.set(key, `${section.get(key) ?? ''}\n${content.trim()}`);
      continue;
    }
    const entry = /^([^=:]+)[=:](.*)/.exec(content.trimStart());
    key = entry?.[1]?.trimEnd().toLowerCase();
    depth = indent;
    if (key !== undefined) section.set(key, entry?.[2]?.trimStart() ?? '');
  }
  return sections;
}

function fromIni(name: string, sections: Sections): Omit<Said, 'otherRunner'> {
  const pytest = sections.get(name === 'setup.cfg' ? 'tool:pytest' : 'pytest');
  const packages = linesOf(sections.get('options')?.get('package_dir')).flatMap((it) => {
    const [package_, folder] = it.split('=').map((part) => part.trim());
    return package_ === '' && folder !== undefined ? [folder] : [];
  });
  const roots = [...wordsOf(pytest?.get('pythonpath')), ...packages, ...wordsOf(sections.get('options.packages.find')?.get('where'))];
  const find = sections.get('options.packages.find');
  const finds = /^find(?:_namespace)?:$/.test(sections.get('options')?.get('packages')?.trim() ?? '');
  const plugins = linesOf(sections.get('options.entry_points')?.get('pytest11'));
  const inEachTestenv = (read: (section: ReadonlyMap<string, string>) => readonly string[]) =>
    [...sections].flatMap(([section, it]) => (section.startsWith('testenv') ? read(it) : []));
  const commands = inEachTestenv((it) => linesOf(it.get('commands')?.replace(/\\\n/g, ' ')));
  const dependencies = inEachTestenv((it) => linesOf(it.get('deps')));
  const given = inEachTestenv((it) => linesOf(it.get('setenv') ?? it.get('set_env')));
  const letIn = inEachTestenv((it) => wordsOf(it.get('passenv') ?? it.get('pass_env')));
  return {
    beside: dependencies.flatMap((it) => /^(?:-e\s*|--editable[ =])?(\.\.?\/[^\s#;[]+)/.exec(it)?.[1] ?? []),
    workspace: NOTHING.workspace,
    ignored: ignoredByCommands(commands),
    environment: [
      ...variablesIn([...given, ...linesOf(pytest?.get('env'))]),
      ...commands.flatMap(startedBy).filter(([it]) => !letIn.some((each) => isLetIn(it, each))),
    ],
    roots: roots.flatMap(folderOf),
    isPackage: sections.get('metadata')?.get('name') !== undefined,
    packages: finds ? found(wordsOf(find?.get('where')), wordsOf(find?.get('include')), wordsOf(find?.get('exclude'))) : packagesOfPbr(sections.get('files')),
    plugins: [...plugins.flatMap((it) => moduleIn(it.slice(it.indexOf('=') + 1))), ...pluginsOf(wordsOf(pytest?.get('addopts')))],
    python: lowest(
      sections.get('options')?.get('python_requires') ?? sections.get('metadata')?.get('python-requires') ?? sections.get('metadata')?.get('requires-python'),
    ),
    pytest:
      pytest === undefined
        ? undefined
        : {
            options: wordsOf(pytest.get('addopts')),
            markers: linesOf(pytest.get('markers')).map(markerOf),
            warnings: linesOf(pytest.get('filterwarnings')),
            passedOver: wordsOf(pytest.get('norecursedirs')),
            files: wordsOf(pytest.get('python_files')),
            testPaths: wordsOf(pytest.get('testpaths')),
          },
  };
}

/** `[files] packages = harbour` of pbr, each with all that is below it (docs.openstack.org/pbr/latest/user/features.html). */
function packagesOfPbr(files: ReadonlyMap<string, string> | undefined): Packages | undefined {
  const listed = wordsOf(files?.get('packages'));
  return listed.length === 0 ? undefined : named(listed.map((it) => [...wordsOf(files?.get('packages_root')), it.replaceAll('.', '/')].join('/')));
}

// ---------------------------------------------------------------------------------------------- values

/** `./src` → `src/`; what leads out of the project is none. */
export function folderOf(written: string): string[] {
  const parts = written.split('/').filter((it) => it !== '' && it !== '.');
  return written.startsWith('/') || parts.includes('..') ? [] : [parts.map((it) => `${it}/`).join('')];
}

/** Of `NAME = value`, be it for some factors only, as `py313: NAME = value` of tox and `D:NAME=value` of pytest-env. */
function variablesIn(lines: readonly string[]): (readonly [name: string, value: string])[] {
  return lines.flatMap((it) => {
    const [, name, value] = /^(?:[^=]*:)?\s*(\w+)\s*=(.*)/.exec(it) ?? [];
    return name === undefined || value === undefined ? [] : [[name, value.trim()]];
  });
}

/**
 * `pifpaf -e STORE run vault -- pytest`: the service that it starts on this machine is at `STORE_URL` (pifpaf 3, README). An environment of
 * tox without it has no such variable, but for one that `passenv` lets in from outside.
 */
function startedBy(command: string): readonly (readonly [name: string, value: string])[] {
  const options = /\bpifpaf[ \t]+([^|;&]{0,200}?)\brun[ \t]/.exec(command)?.[1];
  return options === undefined ? [] : [[`${/(?:-e|--env-prefix)[ =]+(\w+)/.exec(options)?.[1] ?? 'PIFPAF'}_URL`, 'http://localhost']];
}

/** `STORE_*` */
function isLetIn(name: string, pattern: string): boolean {
  return pattern.endsWith('*') ? name.startsWith(pattern.slice(0, -1)) : name === pattern;
}

/** `slow: takes long` and `rest(kind): …` → the name, and what is said of it. */
function markerOf(line: string): Project['markers'][number] {
  const name = /^\w+/.exec(line)?.[0] ?? line;
  return { name, about: line.slice(name.length) };
}

/** The lowest version that `>=3.9,<4`, `^3.9`, `~=3.9` or `3.9` lets in. */
function lowest(specification: unknown): Project['python'] {
  if (typeof specification !== 'string') return undefined;
  const match = /(?:>=?|\^|~=?|==|^)\s*(\d+)\.(\d+)/.exec(specification);
  return match === null ? undefined : [Number(match[1]), Number(match[2])];
}

// -------------------------------------------------------------------------------------------- options

/** `--ignore=data --ignore-glob '*_old.py' --deselect tests/test_quay.py`; single tests that are deselected are none of these. */
export function ignoredBy(options: readonly string[]): Readonly<Record<'paths' | 'globs', readonly string[]>> {
  const paths: string[] = [];
  const globs: string[] = [];
  for (const [index, it] of options.entries()) {
    const [option, value = options[index + 1]] = it.split('=');
    if (value !== undefined && (option === '--ignore' || (option === '--deselect' && !value.includes('::')))) paths.push(value);
    else if (value !== undefined && option === '--ignore-glob') globs.push(value);
  }
  return { paths, globs };
}

/** `-p package.module`, `-ppackage.module`; `-p no:name` takes one away. */
function pluginsOf(options: readonly string[]): readonly string[] {
  return options.flatMap((it, index) => {
    const name = it === '-p' ? options[index + 1] : /^-p ?(.+)/.exec(it)?.[1];
    return name === undefined || name.startsWith('no:') ? [] : [name];
  });
}

/** Of the commands of tox that call pytest: what all of them ignore, since what one passes over another may run. */
function ignoredByCommands(commands: readonly string[]): readonly string[] {
  const calls = commands.filter((it) => /(?:^|[\s/])py\.?test(?:\s|$)/.test(it) && !/\sinstall\s/.test(it));
  const [first = [], ...others] = calls.map((it) => ignoredBy(wordsOf(it.replace(/\{(?:toxinidir|tox_root)\}\//g, ''))).paths);
  return first.filter((it) => others.every((each) => each.includes(it)));
}

// -------------------------------------------------------------------------------------- .gitattributes

/** A line of `.gitattributes` about all that is in a folder, or only what lies in it. */
export interface Vendored {
  readonly folder: string;
  readonly deep: boolean;
  readonly is: boolean;
}

/** `ext/** linguist-vendored`, `ext/own/* -linguist-vendored`; patterns of other forms say nothing of folders. */
export function vendoredIn(home: string, text: string | undefined): readonly Vendored[] {
  if (text?.includes('linguist-vendored') !== true) return [];
  return text.split('\n').flatMap((line) => {
    const [pattern = '', ...attributes] = line.split(/\s+/);
    const said = attributes.find((it) => it.includes('linguist-vendored'));
    const [, folder, stars] = /^\/?([^*?[\]!"#]+\/)(\*\*?)$/.exec(pattern) ?? [];
    if (folder === undefined || said === undefined) return [];
    return [{ folder: `${home}${folder}`, deep: stars === '**', is: /^linguist-vendored(?:=true)?$/.test(said) }];
  });
}
