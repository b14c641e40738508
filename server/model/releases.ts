/** What gives back the thing that a name holds, and on which paths: calls, `with`, registered cleanups. */
import type { Attribute, Call, Expression, ForStatement, FunctionDefinition, Node, Release } from '../../rules/model.ts';
import { constantText, walk } from '../../rules/model.ts';
import { type Acquisition, CLEANUP_METHODS, ENTER_METHODS } from '../../rules/python/resources.ts';
import { remembered } from '../../rules/remembered.ts';
import { fixtureOf } from './frameworks.ts';
import { relationsOf, spotOf } from './tree.ts';

/** Nodes of a body from which on it is worth to know which of them speak of what. */
const LARGE = 2_000;

export function isLong(body: Node): boolean {
  const { order, after } = relationsOf(body);
  return order >= 0 && after - order >= LARGE;
}

/** In order of writing: what may hold or release, by the last words of the names that stand in it. */
const byWord = remembered((body: Node): ReadonlyMap<string, readonly Node[]> => {
  const words = new Map<string, Node[]>();
  for (const it of walk(body)) {
    const word = it.type === 'name' ? it.id : it.type === 'attribute' ? it.name : undefined;
    if (word === undefined) continue;
    const known = words.get(word);
    const spoken = known ?? [];
    if (known === undefined) words.set(word, spoken);
    const around: Node[] = [it];
    for (let node = it === body ? undefined : it.parent; node !== undefined; node = node === body ? undefined : node.parent)
      if (HOLDING.has(node.type) && node !== spoken.at(-1)) around.push(node);
    // What was there for an earlier name stands before all that came after it.
    const last = spoken.at(-1);
    const from = last === undefined ? Number.NEGATIVE_INFINITY : spotOf(last.place).start;
    spoken.push(...around.reverse().filter((each) => each === it || spotOf(each.place).start > from));
  }
  return words;
});

const HOLDING: ReadonlySet<Node['type']> = new Set(['with', 'for', 'function', 'call', 'attribute', 'assignment']);

/** The nodes of a body that may speak of what a name holds: of a long one, only those that do. */
export function speakingOf(holder: string, body: Node): readonly Node[] {
  const word = isLong(body) ? holder.split(/\W/).at(-1) : undefined;
  return word === undefined || word === '' ? walk(body) : (byWord(body).get(word) ?? []);
}

/** Every release of `holder` in `body`. `from` is the acquisition, or undefined when it lies in another method. */
export function* releasesIn(body: Node, holder: string, acquisition: Acquisition, role: string, from: Node | undefined): Iterable<Release> {
  for (const it of speakingOf(holder, body)) {
    if (it.type === 'with') {
      if (acquisition.entering !== false)
        for (const item of it.items) if (item.context.text === holder) yield { how: 'with', place: item.context.place, by: `with ${holder}` };
    } else if (it.type === 'for' && it !== body) {
      // `for path in (self.input, self.output): rmtree(path)`
      const { attribute } = acquisition;
      const object = attribute === undefined ? undefined : holder.slice(0, -attribute.length - 1);
      if (it.target.type === 'name' && isListed(holder, it.iterable)) yield* releasesIn(it, it.target.id, acquisition, role, from);
      // `for file in (cls.input, cls.output): os.remove(file.name)`
      else if (it.target.type === 'name' && object !== undefined && isListed(object, it.iterable))
        yield* releasesIn(it, `${it.target.id}.${attribute}`, acquisition, role, from);
      else if (it.target.type === 'name') for (const each of namedInLoop(holder, it.target.id, it)) yield* releasesIn(it, each, acquisition, role, from);
    } else if (it.type === 'function') {
      // `@self.addCleanup` over `def remove(path=folder):`
      const parameter = it === body ? undefined : it.parameters.find((each) => each.default?.text === holder);
      if (parameter !== undefined && it.decorators.some((each) => each.type === 'attribute' && CLEANUP_METHODS.has(each.name)))
        yield* releasesIn(it, parameter.name, acquisition, role, from);
    } else if (it.type === 'call' && it !== from) {
      const found = releaseAt(it, holder, acquisition, role, from);
      if (found !== undefined) yield found;
    } else if (
      it.type === 'attribute' &&
      it.object.text === holder &&
      acquisition.methods.includes(it.name) &&
      !(it.parent?.type === 'call' && it.parent.function === it)
    ) {
      // `stop = p.stop`, `return p.close`: somebody else will call it
      yield { how: 'cleanup', place: it.place, by: it.text };
    }
  }
}

function isListed(holder: string, list: Expression): boolean {
  return (list.type === 'list' || list.type === 'tuple' || list.type === 'set') && list.items.some((it) => it.text === holder);
}

/** `for name in 'output input'.split(): getattr(self, name).close()`: what it is called there, where it is one of these. */
function* namedInLoop(holder: string, variable: string, loop: ForStatement): Iterable<string> {
  const [object, attribute] = [holder.slice(0, holder.lastIndexOf('.')), holder.slice(holder.lastIndexOf('.') + 1)];
  if (object === '' || object === holder || !textsOf(loop.iterable).includes(attribute)) return;
  for (const it of walk(loop)) {
    const [of, name] = it.type === 'call' && it.callee === 'builtins.getattr' ? it.arguments : [];
    if (of?.value.text !== object || name?.value.text !== variable) continue;
    yield it.text;
    if (it.parent?.type === 'assignment' && it.parent.targets[0] !== undefined) yield it.parent.targets[0].text;
  }
}

function textsOf(list: Expression): readonly string[] {
  if (list.type === 'call' && list.method === 'split' && list.function.type === 'attribute' && list.arguments.length === 0)
    return constantText(list.function.object.value)?.split(/\s+/) ?? [];
  return list.value.kind === 'list' ? list.value.items.flatMap((it) => constantText(it) ?? []) : [];
}

/** The release that a call is or registers, for what `holder` holds. */
function releaseAt(it: Call, holder: string, acquisition: Acquisition, role: string, from: Node | undefined): Release | undefined {
  if (CLEANUP_METHODS.has(it.method) && it.arguments.length > 0) {
    return registers(it, holder, acquisition) ? { how: 'cleanup', place: it.place, by: short(it.text) } : undefined;
  }
  if (ENTER_METHODS.has(it.method) && acquisition.entering !== false && it.arguments.some((each) => each.value.text === holder))
    return { how: 'with', place: it.place, by: short(it.text) };
  const released =
    (it.function.type === 'attribute' && it.function.object.text === holder && acquisition.methods.includes(it.function.name)) ||
    (isReleaseFunction(it, acquisition) && (takenFrom(it).some((each) => mentions(each.value, holder)) || isObjectOf(it.function, holder)));
  return released ? { how: pathOf(it, role, from), place: it.place, by: short(it.text) } : undefined;
}

/** What is moved is gone, what it is moved to is not. */
function takenFrom({ method, arguments: given }: Call): Call['arguments'] {
  return /^(?:move|rename|replace)$/.test(method) ? given.slice(0, 1) : given;
}

const RELEASING_NAME =
  /close|remove|rm|unlink|delete|clean|stop|kill|terminate|shutdown|shut_down|join|reset|restore|release|destroy|dispose|tear|undo|free|cancel|wait|drop|rename|move/i;

function registers(it: Call, holder: string, acquisition: Acquisition): boolean {
  const [first, ...rest] = it.arguments.map((each) => each.value);
  if (first === undefined) return false;
  if (first.type === 'attribute' && first.object.text === holder && acquisition.methods.includes(first.name)) return true;
  if (acquisition.plain === true && isPathOf(first, holder) && RELEASING_NAME.test(first.name)) return true;
  const name = first.type === 'attribute' ? first.name : first.type === 'name' ? first.id : '';
  if (rest.some((each) => mentions(each, holder)) && RELEASING_NAME.test(name)) return true;
  if (first.type === 'lambda')
    return [...walk(first.body)].some((each) => each.type === 'call' && releaseAt(each, holder, acquisition, 'helper', undefined) !== undefined);
  // `addCleanup(functools.partial(shutil.rmtree, d))`
  return first.type === 'call' && first.method === 'partial' && first.arguments.some((each) => mentions(each.value, holder));
}

/** `Path(holder).unlink` */
function isPathOf(it: Expression, holder: string): it is Attribute {
  return isObjectOf(it, holder) && it.object.type === 'call' && it.object.callee === 'pathlib.Path';
}

/** A method of an object that is made of the path alone: `Store(holder).delete` */
function isObjectOf(it: Expression, holder: string): it is Attribute {
  return it.type === 'attribute' && it.object.type === 'call' && it.object.arguments.length === 1 && it.object.arguments[0]?.value.text === holder;
}

/** By its full name, or for a path by what functions that remove paths are called. */
function isReleaseFunction(it: Call, acquisition: Acquisition): boolean {
  if (it.callee !== undefined && acquisition.functions?.includes(it.callee) === true) return true;
  if (acquisition.plain !== true) return acquisition.methods.some((each) => each.length > 3 && new RegExp(`(?:^|_)${each}(?:_|$)`).test(it.method));
  return (
    acquisition.sort !== 'temporary descriptor' &&
    (isRemovingCommand(it) ||
      /^(?:_?rm_?tree|rm_?dir|rm_?temp|rm|unlink|remove|removedirs|_?clean_?up\w*|delete|delete_path|delete_if_exists|safe_rmpath|force_rmtree|move|rename|replace)$/.test(
        it.method,
      ))
  );
}

/** `os.system('rm -rf ' + folder)`, `subprocess.call(['rm', '-r', folder])`, `add_cleanup_command('rmdir {}'.format(folder))` */
function isRemovingCommand({ arguments: given }: Call): boolean {
  return given.some(({ value }) => /['"](?:sudo )?rm(?:dir)?['"\s]/.test(value.text));
}

/** Does an expression contain what the holder names? */
export function mentions(it: Expression, holder: string): boolean {
  if (it.text === holder) return true;
  for (const each of walk(it)) if ((each.type === 'name' || each.type === 'attribute') && each.text === holder) return true;
  return false;
}

/** On which paths a releasing node runs, by where it stands; `from` is what it releases, when in the same function. */
export function pathOf(it: Node, role: string, from?: Node): Release['how'] {
  const home = from === undefined ? undefined : functionAround(from);
  let inner: Node = it;
  let nested = false;
  let functions = 0;
  for (let node = it.parent; node !== undefined; inner = node, node = node.parent) {
    if (node.type === 'try' && node.final.includes(inner as never)) return 'finally';
    if (node.type === 'function') {
      functions += 1;
      // A fixture may have the name of a set-up.
      if ((role === 'fixture' || fixtureOf(node) !== undefined) && yieldsBefore(node, it)) return 'fixture';
      if (node === home) break;
      if (home !== undefined) nested = true;
    }
    if (node.type === 'lambda') return 'cleanup';
  }
  // Inside a function of its own: called by whoever registered it.
  if (home === undefined ? functions > 1 : nested) return 'cleanup';
  if (role === 'teardown' || role === 'class-teardown' || role === 'module-teardown') return 'teardown';
  return 'inline';
}

/** The nearest function around a node. */
export function functionAround(it: Node): FunctionDefinition | undefined {
  for (let node = it.parent; node !== undefined; node = node.parent) if (node.type === 'function') return node;
  return undefined;
}

function yieldsBefore(owner: FunctionDefinition, at: Node): boolean {
  for (const it of walk(owner)) if ((it.type === 'yield' || it.type === 'yield from') && spotOf(it.place).start < spotOf(at.place).start) return true;
  return false;
}

/** Source text on one line, for a message. */
export function short(text: string): string {
  const line = text.replace(/\s+/g, ' ');
  return line.length > 60 ? `${line.slice(0, 57)}...` : line;
}
