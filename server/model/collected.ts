/**
 * Which files a project's own runner never collects, by what its settings leave out and what its calls of pytest name. Where
 * anything else may run a file, it is collected: a project inside of the project, a folder that is named for a kind of tests,
 * words that only the running command knows.
 *
 * Sources: docs.pytest.org 8 (reference: configuration options, command-line flags; "good practices"), `_pytest/main.py` 8.3:
 * what is named on the command line is collected whatever the settings leave out.
 */
import { ignoredBy, type Said } from './project-files.ts';

/** Why a file is left out. */
export interface LeftOut {
  /** `testpaths` of `pytest.ini` */
  readonly by: string;
  /** Whoever names this folder or file, or one in it, has the file collected all the same. */
  readonly from: string;
}

export interface PytestSettings {
  readonly path: string;
  readonly said: NonNullable<Said['pytest']>;
}

/** A path, and the folders around it, outermost first, below a folder. */
function stepsOf(path: string, home: string): readonly string[] {
  const steps: string[] = [];
  for (let end = path.indexOf('/', home.length); end >= 0; end = path.indexOf('/', end + 1)) steps.push(path.slice(0, end));
  return [...steps, path];
}

/** As pytest does, for each folder that it comes through from its own. `.*` and the like, its default, say nothing of tests. */
export function passedOverIn(path: string, home: string, patterns: readonly string[]): string | undefined {
  const words = patterns.filter((it) => /[^*./]/.test(it));
  if (words.length === 0 || !path.startsWith(home)) return undefined;
  return stepsOf(path, home)
    .slice(0, -1)
    .find((folder) => words.some((it) => fits(folder, it) === true));
}

/** The folder or file that one of these paths and patterns, as seen from a folder, keeps from being collected. */
export function ignoredIn(path: string, home: string, paths: readonly string[], globs: readonly string[]): string | undefined {
  if (!path.startsWith(home) || (paths.length === 0 && globs.length === 0)) return undefined;
  return stepsOf(path, home).find((step) => {
    const here = step.slice(home.length);
    return paths.some((it) => here === plain(it)) || globs.some((it) => isLike(here, it) === true);
  });
}

/** Of paths that every call of pytest in the project is told to ignore. */
export function leftOutByCalls(path: string, ignored: readonly string[]): LeftOut | undefined {
  const from = ignoredIn(path, '', ignored, []);
  return from === undefined ? undefined : { by: '`--ignore` in every call of pytest', from };
}

/** What the settings say of a file. */
export function leftOutBy(path: string, { path: file, said }: PytestSettings): LeftOut | undefined {
  const home = file.slice(0, file.lastIndexOf('/') + 1);
  if (!path.startsWith(home)) return undefined;
  const by = (setting: string) => `\`${setting}\` of \`${file}\``;
  const passed = passedOverIn(path, home, said.passedOver);
  if (passed !== undefined) return { by: by('norecursedirs'), from: passed };
  const { paths, globs } = ignoredBy(said.options);
  const ignored = ignoredIn(path, home, paths, globs);
  if (ignored !== undefined) return { by: by('addopts'), from: ignored };
  const { testPaths } = said;
  const isFar = testPaths.length > 0 && !testPaths.some((it) => /[*?[$\\]|\.\./.test(it) || isUnder(path.slice(home.length), it));
  return isFar ? { by: by('testpaths'), from: home } : undefined;
}

/** Does the name of the file keep it from being collected? */
export function isNamedOtherwise(path: string, { path: file, said: { files } }: PytestSettings): boolean {
  return path.startsWith(file.slice(0, file.lastIndexOf('/') + 1)) && files.length > 0 && !files.some((it) => fits(path, it) !== false);
}

// ------------------------------------------------------------------------------------------------ calls

/** What may call pytest, beside the settings themselves: in the project's folder, and in those around it. */
export const CALLERS: readonly string[] = [
  ...['Makefile', 'noxfile.py', 'justfile', 'Justfile', 'Taskfile.yml', 'tasks.py', 'dodo.py', 'package.json', 'Dockerfile', 'Jenkinsfile'],
  ...['docker-compose.yml', 'docker-compose.test.yml', 'compose.yaml', '.pre-commit-config.yaml', 'CONTRIBUTING.md', 'README.md'],
  ...['run_tests', 'runtests', 'run-tests', 'test', 'scripts/test', 'scripts/tests', 'scripts/run-tests', 'scripts/run_tests'].map((it) => `${it}.sh`),
];
/** Those of a repository's root; workflows by the names that most have. */
export const CALLERS_AT_ROOT: readonly string[] = [
  ...['.gitlab-ci.yml', '.travis.yml', '.circleci/config.yml', 'azure-pipelines.yml', 'cloudbuild.yaml', 'appveyor.yml', '.appveyor.yml', '.cirrus.yml'],
  ...[
    ...['ci', 'cicd', 'ci-cd', 'ci_cd', 'cd', 'CI', 'main', 'build', 'check', 'checks', 'pr', 'pull_request', 'pull-request', 'push', 'workflow', 'release'],
    ...['test', 'tests', 'testing', 'unittest', 'unittests', 'unit', 'unit-tests', 'unit_tests', 'run-tests', 'run_tests', 'test-coverage', 'test-lint'],
    ...['pytest', 'python', 'python-app', 'python-test', 'python-tests', 'python-package', 'tox', 'nox', 'coverage', 'codecov', 'lint', 'quality'],
    ...['integration', 'integration-test', 'integration-tests', 'e2e', 'nightly', 'backend', 'backend-ci', 'deploy', 'publish', 'docker', 'smoke', 'slow'],
  ].flatMap((it) => [`.github/workflows/${it}.yml`, `.github/workflows/${it}.yaml`]),
];
/** Of these only the lines that call a runner; the others may put together elsewhere what they name. */
const ONLY_CALLS = /(?:\.md|\.toml|\.cfg|\.ini|package\.json)$/;
/** Samples of a plug-in are collected by the pytest that its tests start; `[pytest]` is where settings begin. */
const CALL = /(?<!^\[)\bpy\.?test\b(?!-|\.ini)|\bpytester_example_dir\b|\bhatch\s(?:run\s|-e\s)?\S{0,40}test/;
/** What is installed is not called. */
const INSTALLED = /(?<![/-])\binstall[\s(][^&|;\n]*/g;
/** By other settings, of a package, or with a variable that may stand for paths: `pytest $(TESTS)`. */
const ANYWHERE = [
  /\s(?:-c|--config-file|--pyargs)\b/,
  /\s(?:-o|--override-ini)[\s=]?['"]?(?:addopts|testpaths|norecursedirs)\b/,
  /(?<!\s(?:--[\w-]{1,40}|-[kmnoprW]))\s['"]?\$(?![({]{0,2}\s?\w{0,40}(?:arg|opt|flag|ARG|OPT|FLAG))[\w({]/,
];

/** Tests of a kind have a call of their own, be it one that is not seen. */
const KIND =
  /integ|e2e|end.?to.?end|functional|accept|system|contract|smoke|live|remote|bench|perf|stress|load|browser|playwright|selenium|scenario|tempest|hardware|gpu/i;

/**
 * May somebody have the file collected all the same: does one of the texts name what leaves it out, or something in it; or is it
 * of a kind that is called by itself? A call that names the whole project, or only what is not known here, may be for any file.
 */
export function mayBeNamed(path: string, { from }: LeftOut, texts: readonly (readonly [name: string, text: string])[]): boolean {
  const isHome = from === '' || from.endsWith('/');
  const start = isHome ? from.length : from.lastIndexOf('/') + 1;
  const [first = '', ...deeper] = path.slice(start).split('/');
  // A part of the project that has tests of its own may have settings of its own, given by name: `pytest -c pytest.spark.ini`.
  if (KIND.test(first) || deeper.some((it) => /^tests?$/.test(it))) return true;
  const inside = stepsOf(path, from);
  // As seen from any folder around: a call from further inside has to name where it goes first.
  const names = new Set([...path.slice(0, start).matchAll(/(?<=\/)|^/g)].flatMap(({ index }) => inside.map((it) => it.slice(index))));
  let calls = 0;
  for (const [name, text] of texts) {
    for (const line of text.replaceAll('\\\n', ' ').replace(INSTALLED, '').split('\n')) {
      const call = CALL.exec(line);
      if (call !== null && !/\.(?:md|toml|cfg)$/.test(name)) calls += 1;
      if (call === null && ONLY_CALLS.test(name)) continue;
      if (wordsIn(line).some((it) => names.has(it) || inside.some((each) => it.endsWith(`/${each.slice(start)}`)))) return true;
      const given = call === null ? '' : line.slice(call.index);
      if (ANYWHERE.some((it) => it.test(given)) || (isHome && wordsIn(given).some((it) => isWhole(it, from)))) return true;
    }
  }
  // What is far from the tests is so only where somebody is seen to call them.
  return isHome && calls === 0;
}

/** Paths in a line, without options, ids of tests, and what leads to the folder that they are seen from. */
function wordsIn(line: string): readonly string[] {
  return line
    .replace(/(?<!\S)['"]?--?[\w-]{1,40}=\S{0,300}/g, ' ')
    .split(/[\s'"`,;:()[\]{}<>=|&]+/)
    .flatMap((it) => (it === '' || it.startsWith('-') ? [] : [plain(it.replace(/^(?:\$\w*|\.\.?)\/+/, ''))]));
}

/** `.`, the folder itself, or a pattern that may be anything. */
function isWhole(word: string, home: string): boolean {
  const folder = plain(home);
  return word === '.' || word === '..' || /^[*?]|\*\*/.test(word) || (folder !== '' && (word === folder || folder.endsWith(`/${word}`)));
}

// --------------------------------------------------------------------------------------------- patterns

/** As pytest does: a pattern without `/` is one of names, another one the end of a path, before which some folder always stands. */
function fits(path: string, pattern: string): boolean | undefined {
  if (!pattern.includes('/')) return isLike(path.slice(path.lastIndexOf('/') + 1), pattern);
  return isLike(`/${path}`, `*/${pattern.replace(/^(?:\*+\/)+/, '')}`);
}

function plain(path: string): string {
  return path === './' ? '.' : path.replace(/^\.\/|\/$/g, '');
}

function isUnder(path: string, folder: string): boolean {
  const it = plain(folder);
  return it === '.' || it === '' || path === it || path.startsWith(`${it}/`);
}

/** `*` is anything, as in Python's `fnmatch`; undefined for a pattern that has more in it. */
export function isLike(name: string, pattern: string): boolean | undefined {
  if (/[?[]/.test(pattern)) return undefined;
  const [first = '', ...others] = pattern.split('*');
  const last = others.pop();
  if (last === undefined) return name === pattern;
  let at = first.length;
  for (const it of others) {
    const found = name.indexOf(it, at);
    if (found < 0) return false;
    at = found + it.length;
  }
  return name.startsWith(first) && name.length - last.length >= at && name.endsWith(last);
}

/** Does this text of a `.gitignore` leave the file out, as seen from its folder? The last line that fits says. Source: git-scm.com/docs/gitignore */
export function isIgnoredBy(text: string, path: string): boolean {
  const parts = path.split('/');
  let isIgnored = false;
  for (const line of text.split('\n')) {
    const written = line.trim();
    const pattern = written.replace(/^!?\/?(?:\*\*\/)?|\/$/g, '');
    if (pattern === '' || pattern.startsWith('#')) continue;
    const isAnywhere = /^!?\/?\*\*\//.test(written);
    const isPlaced = !isAnywhere && (/^!?\//.test(written) || pattern.includes('/'));
    const depth = isPlaced ? undefined : pattern.split('/').length;
    // With a `/` at its end it is of folders alone.
    const until = written.endsWith('/') ? parts.length - 1 : parts.length;
    const fits = (end: number) => isLike(parts.slice(depth === undefined ? 0 : Math.max(0, end - depth), end).join('/'), pattern) === true;
    if (parts.some((_, index) => index < until && fits(index + 1))) isIgnored = !written.startsWith('!');
  }
  return isIgnored;
}
