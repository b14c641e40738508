/** How far what pytest calls reaches: one test, or more. Source: docs.pytest.org 8, "Hooks" and "Fixtures". */

import type { FunctionDefinition, FunctionSubject, TestFile } from '../model.ts';

const SCOPES: readonly string[] = ['function', 'class', 'module', 'package', 'session'];

/** Does a fixture, or a hook that is called for each test, end no later than the test or fixture around which it runs? */
export function isNoWider(fixture: FunctionDefinition, owner: FunctionSubject | undefined, file: TestFile): boolean {
  const widthOf = (it: FunctionSubject | undefined) => SCOPES.indexOf(it?.fixture?.scope ?? 'function');
  return widthOf(file.ownerOf(fixture)) <= widthOf(owner);
}

/** A hook of the session, or a fixture of it that every test has or can ask for: what it sets is meant for the whole session. */
export function isForSession(owner: FunctionSubject | undefined, file: TestFile): boolean {
  if (owner === undefined) return false;
  const { fixture } = owner;
  return (owner.class === undefined && SESSION_HOOKS.has(owner.name)) || (fixture?.scope === 'session' && (fixture.autouse || file.kind === 'conftest'));
}

/** A fixture that every test of the folder has, itself or by another one that asks for it: none of them sees what another has left. */
export function isForAll(owner: FunctionSubject, file: TestFile): boolean {
  if (file.kind !== 'conftest' || owner.fixture === undefined) return false;
  return owner.fixture.autouse || file.askersOf(owner).some((it) => it.fixtures.has(owner.node) && file.ownerOf(it.node)?.fixture?.autouse === true);
}

/** A fixture of a folder that holds for more than a test: those who ask for it want what it sets, each of them. */
export function isWide({ fixture }: FunctionSubject, file: TestFile): boolean {
  return file.kind === 'conftest' && fixture !== undefined && fixture.scope !== 'function';
}

/** Of a class that others derive from: each of their tests begins with what it sets. */
export function isOfBase({ class: around }: FunctionSubject): boolean {
  return around !== undefined && !around.hasTests;
}

/** Hooks of pytest that hold for a session. */
const SESSION_HOOKS: ReadonlySet<string> = new Set([
  'pytest_addoption',
  'pytest_cmdline_main',
  'pytest_cmdline_parse',
  'pytest_configure',
  'pytest_load_initial_conftests',
  'pytest_plugin_registered',
  'pytest_sessionfinish',
  'pytest_sessionstart',
  'pytest_unconfigure',
]);
