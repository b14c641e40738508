/** What a Python project looks like from outside. */

/** Folders that are not entered below the start: what tools and installers put there is not the project's code. */
export const SKIPPED: ReadonlySet<string> = new Set([
  '.git',
  '.hg',
  '.svn',
  'node_modules',
  '.venv',
  'venv',
  '__pycache__',
  '.tox',
  '.nox',
  '.eggs',
  'site-packages',
]);

/** A folder with one of these is where imports begin. */
export const MARKERS: readonly string[] = ['attest.toml', 'pyproject.toml', 'setup.cfg', 'setup.py', 'tox.ini', '.git'];
