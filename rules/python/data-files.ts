/** Files that a test reads by a path whose end is in the source, and what they hold. Source: docs.python.org 3.13 (open, pathlib, ssl). */
import {
  ancestors,
  argument,
  type Call,
  constantText,
  type DataFile,
  type Expression,
  type FunctionDefinition,
  type FunctionSubject,
  type Node,
  type TestFile,
  type Value,
  walk,
} from '../model.ts';
import { remembered } from '../remembered.ts';
import { PROCESS_CALLS, SHELL_CALLS } from './sinks.ts';
import { type FoundToken, liveToken } from './tokens.ts';
import { setUpsOf } from './unittest.ts';

export interface ReadFile {
  /** The path as far as it is known, with `*` for what is not. */
  readonly path: string;
  readonly at: Expression;
}

const PATH_READERS = /^pathlib\.Path\(\)(?:\.\w+\(\))*\.(?:read_text|read_bytes|open)$/;
const PATH_WRITERS = /^pathlib\.Path\(\)(?:\.\w+\(\))*\.write_(?:text|bytes)$/;
/** Keyword and position of the file that holds the secret. */
const KEY_READERS: ReadonlyMap<string, readonly [string, number]> = new Map([
  ['ssl.SSLContext().load_cert_chain', ['keyfile', 1]],
  ['ssl.create_default_context().load_cert_chain', ['keyfile', 1]],
  ['paramiko.RSAKey.from_private_key_file', ['filename', 0]],
  ['paramiko.RSAKey', ['filename', 1]],
  ['paramiko.ECDSAKey.from_private_key_file', ['filename', 0]],
  ['paramiko.Ed25519Key.from_private_key_file', ['filename', 0]],
  ['google.oauth2.service_account.Credentials.from_service_account_file', ['filename', 0]],
]);
const TEMPORARY = /tmp|temp|TESTFN|mkd?stemp|scratch|sandbox|work_?dir|getfixture|isolated/i;

/** Known parts of a path, `*` for the others. */
function shown(value: Value): string {
  if (value.kind === 'constant') return typeof value.value === 'string' ? value.value : '*';
  return value.kind === 'joined' ? value.parts.map(shown).join('') : '*';
}

/** Can a call of this name read a file? */
export function readsFile(callee: string): boolean {
  return callee === 'builtins.open' || PATH_READERS.test(callee) || KEY_READERS.has(callee);
}

/** The file of the repository that the call reads; undefined when it writes, or reads a temporary one. */
export function readFile(call: Call, file: TestFile): ReadFile | undefined {
  const { callee } = call;
  if (callee === undefined) return undefined;
  let at: Expression | undefined;
  if (callee === 'builtins.open') {
    const mode = argument(call, 'mode', 1);
    if (mode !== undefined && !/^[rbtU]*$/.test(constantText(mode.value) ?? 'w')) return undefined;
    at = argument(call, 'file', 0);
  } else if (PATH_READERS.test(callee) && call.function.type === 'attribute') {
    if (call.method === 'open' && writingMode(call, 0) !== undefined) return undefined;
    at = call.function.object;
  } else {
    const reads = KEY_READERS.get(callee);
    if (reads !== undefined) at = argument(call, reads[0], reads[1]);
  }
  if (at === undefined) return undefined;
  const path = shown(at.value);
  if (!/[^*/\\]\w$/.test(path) || path.length > 400 || TEMPORARY.test(at.text) || /^(?:\/dev\/|\/proc\/|\/etc\/|~)/.test(path)) return undefined;
  if (file.origins(at).some((it) => TEMPORARY.test(it.name) || (it.sort === 'parameter' && /path|dir|fs/.test(it.name)))) return undefined;
  return { path, at };
}

/** Does the same function write a file of that name, so that its content is in the source? */
export function writtenBefore(read: ReadFile, call: Call, file: TestFile): boolean {
  const name = read.path.split(/[/\\*]/).at(-1) ?? '';
  if (name === '') return false;
  return callsBefore(call, file).some((it) => {
    const writes = opensToWrite(it) || /^(?:write\w*|dump|touch|copy\w*|savefig|makepyfile|makefile|generate\w*|create\w*)$/.test(it.method);
    return writes && (it.text.includes(name) || isGiven(it, read.at.text));
  });
}

/** Of the same function, in the order in which they are written. */
function callsBefore(call: Call, file: TestFile): readonly Call[] {
  const owner = file.ownerOf(call);
  const nodes = owner === undefined ? [] : walk(owner.node);
  return nodes.slice(0, Math.max(0, nodes.indexOf(call))).filter((it) => it.type === 'call');
}

/** `path.write_text(…)`, `json.dump(it, path)` */
function isGiven(it: Call, path: string): boolean {
  return (it.function.type === 'attribute' && it.function.object.text === path) || it.arguments.some((each) => each.value.text === path);
}

/** Does the function write a file of that name, by whatever folder? */
export function writesFile(node: FunctionDefinition, name: string): boolean {
  return walk(node).some((it) => {
    const isMethod = it.type === 'call' && it.function.type === 'attribute' && PATH_WRITERS.test(it.callee ?? '');
    if (it.type !== 'call' || !(isMethod || opensToWrite(it))) return false;
    const at = it.callee !== 'builtins.open' && it.function.type === 'attribute' ? it.function.object : argument(it, 'file', 0);
    return at !== undefined && endsIn(at, name);
  });
}

/** Is its last part, as far as it is written, that name? */
function endsIn(path: Expression, name: string): boolean {
  const known = shown(path.value);
  return known.endsWith(name) && /[/\\*]/.test(known.at(-name.length - 1) ?? '/');
}

function opensToWrite(it: Call): boolean {
  const at = it.callee === 'builtins.open' ? 1 : it.callee === 'pathlib.Path().open' ? 0 : undefined;
  return at !== undefined && writingMode(it, at) !== undefined;
}

/** Does the same function, or block of a script, open it to write, or delete it, too? That is no file of the repository, but a copy in a folder of the moment. */
export function isRewritten({ at }: ReadFile, call: Call, file: TestFile): boolean {
  const owner = file.ownerOf(call)?.node ?? [...ancestors(call)].at(-1);
  const writes = (it: Node) =>
    it.type === 'call' && isGiven(it, at.text) && (/^(?:unlink|remove)$/.test(it.method) || (it.callee === 'builtins.open' && opensToWrite(it)));
  return owner !== undefined && walk(owner).some(writes);
}

/** The mode that a call which opens a file is given at that place or by name, where it lets the file be written. */
export function writingMode(call: Call, at: number): string | undefined {
  const mode = constantText(argument(call, 'mode', at)?.value);
  return mode !== undefined && /[wax+]/.test(mode) ? mode : undefined;
}

/** Is a function, other than one that reads, given the same path earlier in the same function? It may write the file. */
function givenBefore({ at }: ReadFile, call: Call, file: TestFile): boolean {
  if (at.type !== 'name' && at.type !== 'attribute' && at.type !== 'string') return false;
  const others = callsBefore(call, file).filter((it) => !readsFile(it.callee ?? '') && !/^(?:os\.path|pathlib|builtins)\./.test(it.callee ?? ''));
  return others.some((it) => it.arguments.some((each) => each.value.text === at.text));
}

/** Does the same function start a program before? What it writes, nobody sees here. */
export function programBefore(call: Call, file: TestFile): boolean {
  return callsBefore(call, file).some(({ callee = '' }) => PROCESS_CALLS.has(callee) || SHELL_CALLS.has(callee));
}

const ASKS = /^(?:exists|is_?file)$/;

/**
 * Does the function before it reads, a fixture that runs for it, or the condition of a mark that skips it ask whether the file is
 * there? That is to be seen of one that the code under test has written, or that may be missing.
 */
function askedFor({ at, path }: ReadFile, call: Call, file: TestFile): boolean {
  if (callsBefore(call, file).some((it) => ASKS.test(it.method) && isGiven(it, at.text))) return true;
  const owner = file.ownerOf(call);
  if (owner === undefined) return false;
  const name = path.slice(Math.max(...['/', '\\', '*'].map((it) => path.lastIndexOf(it))) + 1);
  if (name === '') return false;
  const folders = new Set(walk(at).map((it) => it.text)); // by names of the module
  const asks = (it: Node) => {
    if (it.type !== 'call' || !ASKS.test(it.method)) return false;
    const of = it.arguments[0]?.value ?? (it.function.type === 'attribute' ? it.function.object : undefined);
    return of !== undefined && (endsIn(of, name) || (folders.has(of.text) && file.constantHere(of.text, 'file') !== undefined));
  };
  return [...conditionsOf(owner, file), ...file.fixturesFor(owner)].some((it) => walk(it).some(asks));
}

/** What a mark of the test, of its class or of the file asks before it skips, be it by names and functions of the file: `@needs_tides`. */
function conditionsOf(owner: FunctionSubject, file: TestFile): ReadonlySet<Node> {
  const marks = [...owner.node.decorators, ...(owner.class?.decorators ?? []), file.constantHere('pytestmark', 'file') ?? []];
  const result = new Set<Node>(
    marks
      .flat()
      .map((it) => (it.type === 'name' ? (file.constantHere(it.id, 'file') ?? it) : it))
      .filter(({ text }) => /skip/i.test(text)),
  );
  for (const it of result) {
    for (const each of walk(it)) {
      const meant = each.type === 'name' ? (file.constantHere(each.id, 'file') ?? file.definition(each.refersTo ?? '')?.node) : undefined;
      if (meant !== undefined && result.size < MAX_CONDITIONS) result.add(meant);
    }
  }
  return result;
}

const MAX_CONDITIONS = 20;

/** Does the function run a command before, with the folder of the file among its words: `--write-to-dir test/data`? It may write there. */
function writtenByCommand({ path }: ReadFile, call: Call, file: TestFile): boolean {
  const folder = path.slice(0, path.lastIndexOf('/'));
  if (folder === '' || path.includes('*')) return false;
  return callsBefore(call, file).some((it) => {
    const words = /^subprocess\./.test(it.callee ?? '') ? it.arguments[0]?.value : undefined;
    return words?.type === 'list' && words.items.some((each) => constantText(each.value) === folder);
  });
}

/**
 * In a folder of the moment: inside a `with runner.isolated_filesystem():`, as click's runner makes one, or where a fixture that
 * runs for the test, or its class, has changed into another folder, as pytest's `pytester` does; or below one that
 * such a fixture copies a tree to.
 */
function isElsewhere({ path }: ReadFile, call: Call, file: TestFile): boolean {
  const moves = (it: Node) => it.type === 'call' && (/^(?:isolated_filesystem|chdir)$/.test(it.method) || isCopiedBy(it, path));
  for (const it of ancestors(call)) if (it.type === 'with' && it.items.some(({ context }) => moves(context))) return true;
  const owner = file.ownerOf(call);
  if (owner === undefined) return false;
  const fixtures = [...file.fixturesFor(owner)];
  const isMoved = ({ parameters }: FunctionDefinition) => parameters.some(({ name }) => name === 'pytester' || name === 'testdir');
  const before = path.startsWith('*') ? fixtures : [...setUpsOf(owner, file), ...fixtures];
  return (before !== fixtures && [owner.node, ...fixtures].some(isMoved)) || before.some((it) => walk(it).some(moves));
}

/** `shutil.copytree("tests/data", folder)`, of a path below `folder`. */
function isCopiedBy(it: Call, path: string): boolean {
  const to = it.callee === 'shutil.copytree' ? argument(it, 'dst', 1) : undefined;
  return to !== undefined && path.startsWith(`${shown(to.value)}/`);
}

/** May a file that is not there be one of the moment, by what runs before it is read? */
export function mayBeMade(read: ReadFile, call: Call, file: TestFile): boolean {
  return isElsewhere(read, call, file) || givenBefore(read, call, file) || askedFor(read, call, file) || writtenByCommand(read, call, file);
}

/** By its name a file that may hold secrets: recorded replies, settings, keys. */
export function isData(path: string): boolean {
  return /\.(?:json|ya?ml|pem|key|p12|pfx|env|ini|cfg|toml|har|cassette|csv|xml|sql)$/i.test(path);
}

/** By its name a revocation list, a certificate or a public key: what is given to everybody. */
export function isPublic(path: string): boolean {
  return /(?:^|[^a-z])(?:crls?|certs?|certificates?|pub(?:lic)?(?:[-_]?(?:keys?|certs?))?)\.\w+$/i.test(path);
}

/** Loaders of cryptography and pyOpenSSL that take what is public only. */
const PUBLIC_LOADERS = /(?:^|\.)(?:load_(?:pem|der|ssh)_(?:public_key|x509_\w+)|load_certificate|load_publickey)$/;

/** Is what the call reads loaded as a public key or a certificate: at once, or from the names that a function gives it? */
export function readsPublicKey(call: Call, file: TestFile): boolean {
  const owner = file.ownerOf(call);
  if (owner === undefined || !/load_/.test(owner.node.text)) return false;
  const names = new Set<string>();
  for (const it of walk(owner.node)) {
    if (it.type === 'with') for (const { context, target } of it.items) if (context === call && target !== undefined) names.add(target.text);
    if (it.type === 'assignment' && it.value !== undefined && holds(it.value, call, names)) for (const each of it.targets) names.add(each.text);
    if (it.type === 'call' && PUBLIC_LOADERS.test(it.callee ?? '') && it.arguments.some(({ value }) => holds(value, call, names))) return true;
  }
  return false;
}

/** `content`, `stored.read()`, `open(path).read()` */
function holds(it: Expression, call: Call, names: ReadonlySet<string>): boolean {
  if (it === call || names.has(it.text)) return true;
  return it.type === 'call' && it.function.type === 'attribute' && holds(it.function.object, call, names);
}

export interface HeldToken {
  readonly found: FoundToken;
  /** From 1. */
  readonly line: number;
}

/** The tokens in a data file that a service may have issued, each once. */
export const tokensIn = remembered(({ text }: DataFile): readonly HeldToken[] => {
  const held = new Map<string, HeldToken>();
  if (liveToken(text) === undefined) return [];
  for (const [index, line] of text.split('\n').entries()) {
    const found = liveToken(line);
    if (found !== undefined && found.checksum !== 'wrong' && !held.has(found.token)) held.set(found.token, { found, line: index + 1 });
  }
  return [...held.values()];
});
