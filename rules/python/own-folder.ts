/** A folder that only this test has, in the way of its framework: `tmp_path`, `fixtures.TempDir`, or one that is removed at the end. */
import { type Call, type Expression, type FunctionSubject, type Node, statementOf, type TestFile, walk } from '../model.ts';
import type { Edit, Fix } from '../rule.ts';
import { insertBefore, replace } from '../rule.ts';
import { asksFor, cleanupMethod, enterMethod, mentions } from './cleanups.ts';

/** Bases whose tests have `useFixture`. */
export const HAS_USE_FIXTURE = /^(?:testtools|fixtures|oslotest|nova|neutron|cinder|keystone|tempest)\./;

/** `name` in such a folder in place of `path`, as text where it must be; undefined where the test has no way of its own. */
export function inOwnFolder(path: Expression, name: string, owner: FunctionSubject | undefined, file: TestFile, text: boolean): Fix | undefined {
  const edits = editsFor(path, name, owner, file, text);
  return edits === undefined ? undefined : { title: 'Use a folder of the test', safety: 'suggest', edits };
}

/** The same file in such a folder, where its path is written in the call and nowhere else in the function. */
export function movedToOwnFolder(path: Expression | undefined, call: Call, file: TestFile, text: boolean): Fix | undefined {
  const owner = file.ownerOf(call);
  if (path?.type !== 'string' || !saidOnce(path, owner)) return undefined;
  return inOwnFolder(path, lastPart(path.content), owner, file, text);
}

function editsFor(path: Expression, name: string, owner: FunctionSubject | undefined, file: TestFile, text: boolean): readonly Edit[] | undefined {
  if (owner === undefined || !/^[\w.-]+$/.test(name)) return undefined;
  const asked = asksFor('tmp_path', owner);
  if (asked !== undefined) {
    const whole = `tmp_path / "${name}"`;
    return [...asked, replace(path, text ? `str(${whole})` : whole)];
  }
  const cleanup = cleanupMethod(path, owner, file);
  const statement = statementOf(path);
  if (cleanup === undefined || owner.class === undefined || statement === undefined) return undefined;
  if (cleanup === 'self.addCleanup' && owner.class.ancestors.some((it) => HAS_USE_FIXTURE.test(it)))
    return [{ do: 'import', module: 'fixtures' }, replace(path, `self.useFixture(fixtures.TempDir()).join("${name}")`)];
  const imports: readonly Edit[] = ['os', 'tempfile'].map((module): Edit => ({ do: 'import', module }));
  const enter = enterMethod(path, owner, file);
  if (enter !== undefined) return [...imports, replace(path, `os.path.join(${enter}(tempfile.TemporaryDirectory()), "${name}")`)];
  if (!isPlain(statement) || mentions(owner, 'folder')) return undefined;
  return [
    ...imports,
    { do: 'import', module: 'shutil' },
    insertBefore(statement, 'folder = tempfile.mkdtemp()', `${cleanup}(shutil.rmtree, folder)`),
    replace(path, `os.path.join(folder, "${name}")`),
  ];
}

/** One line that another can be put before. */
function isPlain(statement: Node): boolean {
  return statement.type === 'expression' || statement.type === 'assignment' || statement.type === 'with';
}

/** Does the function say this text once only? A path that stands twice must change in both places. */
function saidOnce(path: Expression, owner: FunctionSubject | undefined): boolean {
  let count = 0;
  if (owner !== undefined && path.type === 'string')
    for (const it of walk(owner.node))
      if (it.type === 'string' && it.content !== '' && (it.content.startsWith(path.content) || path.content.startsWith(`${it.content}/`))) count += 1;
  return count === 1;
}

/** `/tmp/harbour/a.txt` → `a.txt`. */
function lastPart(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1);
}
