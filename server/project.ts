/** What a Python project looks like from outside. */

const SKIPPED: ReadonlySet<string> = new Set(['node_modules', 'venv', '__pycache__', 'site-packages']);

/** Is a folder of that name not entered below the start? What tools and installers put there is not the project's code; pytest passes over hidden ones too. */
export function isPassedOver(name: string): boolean {
  return name.startsWith('.') || SKIPPED.has(name);
}

/** A folder with one of these is where imports begin. */
export const MARKERS: readonly string[] = ['attest.toml', 'pyproject.toml', 'setup.cfg', 'setup.py', 'tox.ini', '.git'];
