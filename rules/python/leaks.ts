/** What the rules about leaked resources share: when a leak is one, where a cleanup can be registered, how things are named. */
import type { Call, Expression, FunctionSubject, Node, Project, Resource, Statement, TestFile } from '../model.ts';
import { ancestors, argument, constantText, statementOf, walk } from '../model.ts';
import type { Finding } from '../rule.ts';
import { blocksOf } from './blocks.ts';
import { isBroadHandler } from './failures.ts';
import { BORROWERS } from './resources.ts';

/** `review` where nothing releases it, `informational` where only a base class does; undefined where it is in order or not known. */
export function leakOf(resource: Resource): 'review' | 'informational' | undefined {
  const { call, holder, owner } = resource;
  if (expectedToFail(call) || inOwnedFolder(resource)) return undefined;
  if (neverUsed(call, holder, owner)) return undefined;
  if (resource.fate === 'leaks') return isGone(resource) ? undefined : 'review';
  const only = resource.releases.every((it) => it.how === 'guarantee' || it.how === 'inline') && resource.releases.some((it) => it.how === 'guarantee');
  return resource.fate === 'released' && only ? 'informational' : undefined;
}

/** Of a resource that is released by a guarantee alone: the class that gives it; nothing where its set-up stands in the class itself. */
export function leftTo({ releases }: Resource, file: TestFile): string | undefined {
  const by = releases.find((it) => it.how === 'guarantee')?.by;
  return by === file.class?.qualified ? undefined : by;
}

/** Does the test assert that the path is no longer there: the code under test has removed it? */
function isGone({ sort, holder, owner }: Resource): boolean {
  if (holder === undefined || owner === undefined || (sort !== 'temporary file' && sort !== 'temporary directory')) return false;
  const names = [holder];
  for (const it of walk(owner.node)) if (it.type === 'assignment' && it.value?.text === holder) names.push(...it.targets.map((each) => each.text));
  return walk(owner.node).some(
    (it) =>
      (it.type === 'call' && it.method === 'assertFalse' && isExists(it.arguments[0]?.value, names)) ||
      (it.type === 'assert' && it.operands[0]?.type === 'operation' && it.operands[0].left === undefined && isExists(it.operands[0].right, names)),
  );
}

/** `os.path.exists(path)`, `path.exists()` */
function isExists(it: Expression | undefined, names: readonly string[]): boolean {
  return it?.type === 'call' && /^(?:exists|isdir|isfile|is_dir|is_file)$/.test(it.method) && names.some((each) => it.text.includes(each));
}

/** Made below a directory that somebody else removes. */
export function inOwnedFolder({ sort, call, owner }: Resource): boolean {
  if (sort !== 'temporary directory' && sort !== 'temporary file') return false;
  const dir = argument(call, 'dir', call.method === 'NamedTemporaryFile' ? 6 : 2);
  if (dir !== undefined && !/^[/~]/.test(constantText(dir.value) ?? '')) return true;
  if (isPathBelow(argument(call, 'prefix'), owner)) return true;
  for (const it of ancestors(call)) {
    if (it.type === 'with' && it.items.some((item) => /temp_?(?:dir|cwd)|tmp_?dir|isolated_filesystem/i.test(item.context.text))) return true;
  }
  return false;
}

/** `prefix = folder + '/' + name`, which leads into a folder that somebody has: written in the call, or by a name of the function. */
function isPathBelow(prefix: Expression | undefined, owner: FunctionSubject | undefined): boolean {
  if (prefix === undefined || constantText(prefix.value) !== undefined) return false;
  const isBelow = (it: Expression | undefined) =>
    it !== undefined &&
    it.type !== 'string' &&
    walk(it).some((each) => (each.type === 'call' ? each.callee === 'os.path.join' : /string/.test(each.type) && each.text.includes('/')));
  return (
    isBelow(prefix) ||
    (owner !== undefined && walk(owner.node).some((it) => it.type === 'assignment' && it.targets[0]?.text === prefix.text && isBelow(it.value)))
  );
}

/** What Python closes itself when the last name of it goes. */
export const COLLECTED: ReadonlySet<string> = new Set(['file', 'temporary object', 'socket', 'event loop', 'async client', 'database']);

/** Does only a name of the function hold it, with which Python closes it? */
export function isCollected({ sort, holder, owner }: Resource): boolean {
  return COLLECTED.has(sort) && owner !== undefined && holder?.includes('.') !== true;
}

/** Is a ResourceWarning, by which Python tells of what it has to close itself, an error for pytest? The last filter that speaks of it counts. */
export function isErrorToLeave({ warnings }: Project): boolean {
  const about = warnings.filter((it) => /^\w+(?:::(?:Resource)?Warning)?$/.test(it));
  return about.at(-1)?.startsWith('error') === true;
}

/** `sqlite3.connect(':memory:')`, `create_engine('sqlite://')` */
export function isInMemory(call: Call): boolean {
  const target = argument(call, 'database', 0) ?? argument(call, 'url', 0);
  const text = constantText(target?.value);
  return text !== undefined && /^(?::memory:|sqlite:\/\/(?:\/:memory:)?$)|mode=memory/.test(text);
}

/** What a set-up keeps on the object, as a claim that nobody gives it back: a test of the class may disprove it. */
export function claimOf({ holder, owner }: Resource): { readonly claim?: string } {
  const name = /^(?:self|cls)\.(\w+)$/.exec(holder ?? '')?.[1];
  return name === undefined || owner?.class === undefined || owner.role === 'test' ? {} : { claim: `${owner.class.qualified}.${name}` };
}

/** What a test gives back by a call: `shutil.rmtree(self.folder)` of what the set-up has made. */
export function* givenBack(call: Call, file: TestFile): Iterable<Finding> {
  const owner = file.ownerOf(call);
  if (owner?.role !== 'test' || owner.class === undefined) return;
  for (const { value } of call.arguments) {
    const name = /^(?:self|cls)\.(\w+)$/.exec(value.text)?.[1];
    if (name !== undefined)
      for (const it of [owner.class.qualified, ...owner.class.ancestors]) yield { at: call.place, claim: `${it}.${name}`, disproves: true, message: '' };
  }
}

/** The last statement that is tried before a handler. */
export function lastTried(node: Node): boolean {
  const statement = statementOf(node);
  const block = statement?.parent;
  return statement !== undefined && block?.type === 'try' && block.handlers.length > 0 && block.body.at(-1) === statement;
}

/** The last thing tried before a handler, and not used after: the test expects the attempt to fail. */
function neverUsed(call: Call, holder: string | undefined, owner: FunctionSubject | undefined): boolean {
  if (!lastTried(call)) return false;
  if (holder === undefined) return statementOf(call)?.type === 'expression';
  let uses = 0;
  if (owner !== undefined) for (const it of walk(owner.node)) if ((it.type === 'name' || it.type === 'attribute') && it.text === holder) uses += 1;
  return uses < 2;
}

/** Inside a block or call that expects an exception: nothing is acquired. */
export function expectedToFail(node: Node): boolean {
  for (const it of ancestors(node)) {
    if (it.type === 'with' && it.items.some((item) => item.context.type === 'call' && /raises/i.test(item.context.method))) return true;
    if (it.type === 'call' && /raises/i.test(it.method)) return true;
    if (it.type === 'function') return false;
  }
  return false;
}

/** Is what the function holds by this name given to a call that may close it? */
export function isGiven(holder: string, owner: FunctionSubject | undefined): boolean {
  if (owner === undefined) return false;
  for (const it of walk(owner.node))
    if (it.type === 'call' && it.arguments.some((each) => each.value.text === holder) && !BORROWERS.some((each) => (it.callee ?? '').startsWith(each)))
      return true;
  return false;
}

/** The plain statement that a call makes up or gives its result in; a line can be put behind it. */
export function plainStatement(call: Call): Statement | undefined {
  const statement = statementOf(call);
  return statement?.type === 'assignment' || statement?.type === 'expression' ? statement : undefined;
}

/** What is called, for a message. */
export function shown(call: Call): string {
  const text = call.function.text.replace(/\s+/g, ' ');
  return text.length > 40 ? call.method : text;
}

/** The node at a place inside `root`: a release knows its place only. */
export function nodeAt(place: Resource['releases'][number]['place'], root: Node): Node | undefined {
  if (place === undefined) return undefined;
  for (const it of walk(root)) if (it.place === place) return it;
  return undefined;
}

/** Statements between two of one block, in order; undefined when they do not stand in one block. */
export function between(first: Statement, second: Statement): readonly Statement[] | undefined {
  for (const block of blocksOf(first.parent)) {
    const from = block.indexOf(first);
    const to = block.indexOf(second);
    if (from >= 0 && to >= 0) return block.slice(from + 1, to);
  }
  return undefined;
}

/** The statement around `node` that stands in the same block as `beside`, or `beside` itself. */
export function siblingOf(node: Node, beside: Statement): Statement | undefined {
  const blocks = blocksOf(beside.parent);
  for (const it of [node, ...ancestors(node)]) {
    const found = blocks.flat().find((each) => each === it);
    if (found !== undefined) return found;
  }
  return undefined;
}

/** What of a statement can end the function: not what is tried where a handler takes every exception, but for those that are pytest's own, nor what leaves it otherwise. */
function ending(it: Statement): readonly Node[] {
  if (it.type !== 'try' || !it.handlers.some(isBroadHandler)) return walk(it);
  const leaves = (each: Node) =>
    /^(?:return|break|continue)$/.test(each.type) ||
    (each.type === 'call' && (/^(?:sys|os)\._?exit$/.test(each.callee ?? '') || each.callee?.startsWith('pytest.') === true));
  if (it.body.some((each) => walk(each).some(leaves))) return walk(it);
  return [...it.handlers, ...it.otherwise, ...it.final].flatMap((each) => walk(each));
}

/** Could the statement fail: does it call or assert anything? Logging and plain conversions do not count. */
export function canFail(statement: Statement, harmless: (call: Call) => boolean = () => false): boolean {
  for (const it of ending(statement)) {
    if (it.type === 'assert' || it.type === 'raise') return true;
    if (
      it.type === 'call' &&
      !harmless(it) &&
      !/^(?:logging\.|builtins\.(?:print|str|len|dict|list|set|tuple|super|repr|int)$|os\.close$|os\.path\.|datetime\.datetime\.(?:utc)?now$|unittest\.mock\.)/.test(
        it.callee ?? '',
      ) &&
      !/^(?:append|extend|setdefault|encode)$/.test(it.method)
    )
      return true;
  }
  return false;
}
