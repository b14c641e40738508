/** How a test gives back what it takes, in the way of its own framework. Sources: docs.python.org/3/library/unittest.html (3.13), docs.pytest.org 8. */
import { ancestors, type FunctionSubject, type Node, type TestFile, walk } from '../model.ts';
import type { Edit } from '../rule.ts';

/** How a cleanup is registered at this place of `owner`; undefined where the object is not known to have such a method. */
export function cleanupMethod(at: Node, owner: FunctionSubject | undefined, file: TestFile): string | undefined {
  if (owner?.class?.isTest !== true || owner.fixture !== undefined || /^__\w+__$/.test(owner.name)) return undefined;
  const [first = ''] = owner.parameters;
  const method = owner.role === 'class-setup' ? 'addClassCleanup' : 'addCleanup';
  if (first !== (method === 'addCleanup' ? 'self' : 'cls') || (method === 'addClassCleanup' && !runsOn(file, 8))) return undefined;
  if (isOfAnother(at, owner, first)) return undefined;
  const call = `${first}.${method}`;
  // A class that is collected by its name, or has a base whose name ends in `TestCase`, need not have it.
  return owner.class.registers(method) || owner.node.text.includes(`${call}(`) ? call : undefined;
}

/** In a class or function inside of `owner` that has a `self` of its own. */
function isOfAnother(at: Node, owner: FunctionSubject, first: string): boolean {
  for (const it of ancestors(at)) {
    if (it === owner.node) return false;
    if (it.type === 'class' || ((it.type === 'function' || it.type === 'lambda') && it.parameters.some(({ name }) => name === first))) return true;
  }
  return false;
}

/** The call that registers a cleanup at this place: `self.addCleanup(…)`. */
export function registration(at: Node, owner: FunctionSubject | undefined, what: string | undefined, file: TestFile): string | undefined {
  const method = cleanupMethod(at, owner, file);
  return method === undefined || what === undefined ? undefined : `${method}(${what})`;
}

/** How a test enters a context for as long as it runs; undefined where the project's lowest Python has no such method (before 3.11), or is not known. */
export function enterMethod(at: Node, owner: FunctionSubject | undefined, file: TestFile): string | undefined {
  if (file.project.python === undefined || !runsOn(file, 11)) return undefined;
  const cleanup = cleanupMethod(at, owner, file);
  return cleanup === undefined ? undefined : cleanup === 'self.addCleanup' ? 'self.enterContext' : 'cls.enterClassContext';
}

/** What removes a file at the end of a test, also where the test or its `tearDown` has removed it by then; undefined before Python 3.8, which has no such thing. */
export function removal(path: string, file: TestFile): string | undefined {
  return runsOn(file, 8) ? `pathlib.Path(${path}).unlink, missing_ok=True` : undefined;
}

/** Is Python 3.`minor` the lowest that the project runs on, or below it? Where nobody says which that is, it is one that is still maintained. */
function runsOn({ project }: TestFile, minor: number): boolean {
  const [major, lowest] = project.python ?? [3, 9];
  return major > 3 || (major === 3 && lowest >= minor);
}

/** What a pytest function must ask for to have the fixture; nothing where it has it, undefined where it is no such function, or has the name for something else. */
export function asksFor(fixture: string, owner: FunctionSubject): readonly Edit[] | undefined {
  if (owner.role !== 'test' && owner.fixture?.scope !== 'function') return undefined;
  if (owner.class?.ancestors.some((it) => /TestCase$/.test(it)) === true || (owner.class?.unresolved.length ?? 0) > 0) return undefined;
  if (owner.parameters.includes(fixture)) return [];
  const { parameters, namePlace } = owner.node;
  if (mentions(owner, fixture) || parameters.some((it) => it.star !== '' || it.default !== undefined)) return undefined;
  return [{ do: 'add parameter', name: namePlace, after: parameters.at(-1)?.place, text: fixture }];
}

/** Does the function use the name for anything? */
export function mentions(owner: FunctionSubject, name: string): boolean {
  for (const it of walk(owner.node)) if (it.type === 'name' && it.id === name) return true;
  return owner.parameters.includes(name);
}
