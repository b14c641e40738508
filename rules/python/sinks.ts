/**
 * Calls that are dangerous with the wrong input. Sources: docs.python.org 3.13 (each module's warning
 * boxes), Bandit 1.9 (B102, B202, B301-B323, B506, B602-B615), PyYAML 6, PyTorch 2.6, pandas 2.2.
 */
import { argument, type Call, constantText, type Expression, isConstant } from '../model.ts';

/** Runs its first argument as Python. */
export const CODE_CALLS: ReadonlySet<string> = new Set(['builtins.eval', 'builtins.exec', 'builtins.execfile', 'pandas.eval', 'numexpr.evaluate']);

/** Give their first argument, a text, to a shell. */
export const SHELL_CALLS: ReadonlySet<string> = new Set([
  'os.system',
  'os.popen',
  'os.popen2',
  'os.popen3',
  'os.popen4',
  'subprocess.getoutput',
  'subprocess.getstatusoutput',
  'commands.getoutput',
  'commands.getstatusoutput',
  'asyncio.create_subprocess_shell',
  'asyncio.subprocess.create_subprocess_shell',
  'pty.spawn',
  'popen2.popen2',
  'popen2.popen3',
  'popen2.popen4',
  'popen2.Popen3',
  'popen2.Popen4',
]);

/** Load and run a module: keyword and position of its name or path. */
export const IMPORT_CALLS: ReadonlyMap<string, { readonly keyword: string; readonly index: number }> = new Map([
  ['importlib.import_module', { keyword: 'name', index: 0 }],
  ['builtins.__import__', { keyword: 'name', index: 0 }],
  ['importlib.__import__', { keyword: 'name', index: 0 }],
  ['importlib.util.spec_from_file_location', { keyword: 'location', index: 1 }],
  ['importlib.machinery.SourceFileLoader', { keyword: 'path', index: 1 }],
  ['runpy.run_path', { keyword: 'path_name', index: 0 }],
  ['runpy.run_module', { keyword: 'mod_name', index: 0 }],
  ['imp.load_source', { keyword: 'pathname', index: 1 }],
]);

/** Read XML and expand the entities in it. */
export const XML_CALLS: ReadonlySet<string> = new Set([
  ...['ElementTree', 'cElementTree'].flatMap((it) => ['parse', 'fromstring', 'iterparse', 'XML', 'fromstringlist'].map((name) => `xml.etree.${it}.${name}`)),
  ...['minidom', 'pulldom', 'expatbuilder'].flatMap((it) => ['parse', 'parseString'].map((name) => `xml.dom.${it}.${name}`)),
  'xml.sax.parse',
  'xml.sax.parseString',
  'xml.sax.make_parser().parse',
  'xml.sax.expatreader.create_parser().parse',
  'lxml.etree.parse',
  'lxml.etree.fromstring',
  'lxml.etree.XML',
  'lxml.etree.iterparse',
]);

/** Put a program in the place of this one, or beside it, without a shell: position of its name. */
export const EXEC_CALLS: ReadonlyMap<string, number> = new Map([
  ...['execl', 'execle', 'execlp', 'execlpe', 'execv', 'execve', 'execvp', 'execvpe'].map((it): [string, number] => [`os.${it}`, 0]),
  ...['spawnl', 'spawnle', 'spawnlp', 'spawnlpe', 'spawnv', 'spawnve', 'spawnvp', 'spawnvpe', 'posix_spawnp'].map((it): [string, number] => [
    `os.${it}`,
    it.startsWith('posix') ? 0 : 1,
  ]),
  ['os.startfile', 0],
]);

/** Start a program; a shell only with `shell=True`. */
export const PROCESS_CALLS: ReadonlySet<string> = new Set([
  'subprocess.run',
  'subprocess.call',
  'subprocess.Popen',
  'subprocess.check_call',
  'subprocess.check_output',
  'os.execl',
  'os.execlp',
  'os.execv',
  'os.execvp',
  'os.spawnl',
  'os.spawnv',
  'asyncio.create_subprocess_exec',
  'oslo_concurrency.processutils.execute',
  'invoke.run',
  'pexpect.spawn',
  'pexpect.run',
]);

/** Build objects from bytes, and can be made to run code by them. */
export const DESERIALISERS: ReadonlyMap<string, string> = new Map([
  ...['pickle', 'dill', 'cloudpickle', 'marshal', 'joblib', '_pickle'].flatMap((it): [string, string][] => [
    [`${it}.load`, it],
    [`${it}.loads`, it],
  ]),
  ['pickle.Unpickler().load', 'pickle'],
  ['pickle.Unpickler', 'pickle'],
  ['dill.Unpickler', 'dill'],
  ['shelve.open', 'shelve'],
  ['jsonpickle.decode', 'jsonpickle'],
  ['pandas.read_pickle', 'pickle'],
  ['numpy.load', 'numpy'],
  ['torch.load', 'torch'],
  ['ruamel.yaml.YAML().load', 'yaml'],
  ['ruamel.yaml.YAML().load_all', 'yaml'],
]);

/** The call reads objects in a way that runs code from them. */
export function deserialises(call: Call): string | undefined {
  const what = DESERIALISERS.get(call.callee ?? '');
  if (what === 'numpy') {
    const pickled = argument(call, 'allow_pickle', 2);
    return pickled !== undefined && isConstant(pickled.value, true) ? 'numpy' : undefined;
  }
  if (what === 'torch') {
    const weights = argument(call, 'weights_only');
    return weights !== undefined && !isConstant(weights.value, false) ? undefined : 'torch';
  }
  if (what === 'yaml') {
    const maker = call.function.type === 'attribute' && call.function.object.value.kind === 'result' ? call.function.object.value.call : undefined;
    const sort = maker === undefined ? undefined : argument(maker, 'typ', 0);
    return sort !== undefined && isConstant(sort.value, 'unsafe') ? 'yaml' : undefined;
  }
  if (call.callee === 'pickle.Unpickler' && call.parent?.type === 'attribute') return undefined; // `Unpickler(f).load()` speaks for itself
  return what;
}

export const YAML_LOADS: ReadonlySet<string> = new Set(['yaml.load', 'yaml.load_all']);
export const YAML_UNSAFE: ReadonlySet<string> = new Set(['yaml.unsafe_load', 'yaml.unsafe_load_all', 'yaml.full_load', 'yaml.full_load_all']);
const YAML_SAFE_LOADERS = /(?:^|\.)(?:C?SafeLoader|C?BaseLoader)$/;

/** The loader that a YAML call names, `''` for none; undefined when the call is safe or no YAML call. */
export function unsafeYamlLoader(call: Call): string | undefined {
  const callee = call.callee ?? '';
  if (YAML_UNSAFE.has(callee)) return callee.slice('yaml.'.length);
  if (!YAML_LOADS.has(callee)) return undefined;
  const loader = argument(call, 'Loader', 1);
  if (loader === undefined) return '';
  const name = loader.refersTo;
  if (name === undefined || YAML_SAFE_LOADERS.test(name)) return undefined;
  return /^yaml\.(?:C?Loader|C?UnsafeLoader|C?FullLoader|loader\.\w+)$/.test(name) ? name.slice('yaml.'.length) : undefined;
}

/** Unpack archives; the first segment of the value names the module. */
export const ARCHIVE_CALLS: ReadonlySet<string> = new Set([
  'tarfile.open().extractall',
  'tarfile.open().extract',
  'tarfile.TarFile().extractall',
  'tarfile.TarFile().extract',
  'tarfile.TarFile.open().extractall',
  'shutil.unpack_archive',
]);

/** Remove or move files. */
export const DESTRUCTIVE_CALLS: ReadonlySet<string> = new Set([
  'shutil.rmtree',
  'os.removedirs',
  'pathlib.Path().unlink',
  'pathlib.Path().rmdir',
  'os.remove',
  'os.unlink',
  'os.rmdir',
  'shutil.move',
]);

/** Methods that run SQL text. */
export const SQL_METHODS: ReadonlySet<string> = new Set(['execute', 'executemany', 'executescript', 'exec_driver_sql', 'raw']);
export const SQL_FUNCTIONS: ReadonlySet<string> = new Set([
  'sqlalchemy.text',
  'sqlalchemy.sql.text',
  'sqlalchemy.sql.expression.text',
  'django.db.models.expressions.RawSQL',
  'django.db.models.RawSQL',
]);

/** Does the text begin as SQL does? */
export function isSql(text: string): boolean {
  return /^\s{0,40}(?:select\s.{0,400}\sfrom\s|insert\s+into\s|update\s.{0,200}\sset\s|delete\s+from\s|drop\s+(?:table|database|index|view)\s|create\s+(?:table|database|index|view|temp)\s?|alter\s+table\s|truncate\s|pragma\s|with\s.{1,80}\sas\s)/is.test(
    text,
  );
}

/** A shell is asked for: by the function or with `shell=True`. */
export function usesShell(call: Call): boolean {
  if (SHELL_CALLS.has(call.callee ?? '')) return true;
  const shell = argument(call, 'shell');
  return shell !== undefined && isTruthy(shell);
}

/** Is the value true in a condition, for certain? `1`, `'False'`, `[0]`, a lambda. */
function isTruthy(it: Expression): boolean {
  switch (it.type) {
    case 'list':
    case 'tuple':
    case 'set':
      return it.items.some((item) => item.type !== 'star');
    case 'dict':
      return it.entries.some((entry) => entry.key !== undefined);
    case 'lambda':
      return true;
    case 'comprehension':
      return it.form === 'generator';
    case 'fstring':
      return it.parts.some((part) => (typeof part === 'string' ? part !== '' : part.type === 'string' && part.bytes));
    default:
      return it.value.kind === 'constant' && Boolean(it.value.value);
  }
}

/** Safer forms of the calls above, and what they keep out. */
export const SAFE_CALLS: ReadonlyMap<string, string> = new Map([
  ['yaml.safe_load', 'builds plain data only'],
  ['yaml.safe_load_all', 'builds plain data only'],
  ['ast.literal_eval', 'reads literals and runs nothing'],
  ['shlex.quote', 'keeps the text one word of the shell'],
  ['shlex.join', 'keeps each text one word of the shell'],
  ...[
    'defusedxml.ElementTree.parse',
    'defusedxml.ElementTree.fromstring',
    'defusedxml.minidom.parseString',
    'defusedxml.minidom.parse',
    'defusedxml.lxml.fromstring',
    'defusedxml.sax.parse',
  ].map((it): [string, string] => [it, 'refuses entity expansion']),
]);

/** Is the call one whose input the category looks at? */
export function isInputSink(call: Call): boolean {
  return isSinkName(call.callee ?? '') || usesShell(call) || payloadOf(call) !== undefined;
}

/** Can a call of this name be one, when it is given no `shell`? */
export function canBeInputSink(callee: string, method: string): boolean {
  return isSinkName(callee) || SENDS.test(method);
}

function isSinkName(callee: string): boolean {
  return (
    CODE_CALLS.has(callee) ||
    IMPORT_CALLS.has(callee) ||
    EXEC_CALLS.has(callee) ||
    XML_CALLS.has(callee) ||
    PROCESS_CALLS.has(callee) ||
    DESERIALISERS.has(callee) ||
    YAML_LOADS.has(callee) ||
    YAML_UNSAFE.has(callee) ||
    ARCHIVE_CALLS.has(callee) ||
    DESTRUCTIVE_CALLS.has(callee) ||
    SAFE_CALLS.has(callee) ||
    SHELL_CALLS.has(callee)
  );
}

// ------------------------------------------------------------------------------------------- payloads

const SENDS = /^(?:post|put|patch|create|update|send|submit|upload|publish)(?:_\w+)?$|^(?:post|put|patch|create|update|send|submit)[A-Z]\w*$/;
/** Who is asked: a client of an API by its name. */
const CLIENT = /(?:(?<!db_?)api|client|http|(?:^|[._])session)$/i;

/** Can a call of this name send a payload? */
export function sendsPayload(method: string): boolean {
  return SENDS.test(method);
}

/** The payload of a request through a client object: a mapping, or a list of them. */
export function payloadOf(call: Call): Call['arguments'][number] | undefined {
  if (call.function.type !== 'attribute' || !SENDS.test(call.method)) return undefined;
  const receiver = call.function.object;
  const name = receiver.type === 'attribute' ? receiver.name : receiver.type === 'name' ? receiver.id : '';
  // Of a session, requests are only the verbs of HTTP: `session.update({…})` may be one of Django's.
  if (!CLIENT.test(name) || (/session$/i.test(name) && !/^(?:post|put|patch)$/.test(call.method))) return undefined;
  if (receiver.refersTo?.includes('()') === false) return undefined;
  return call.arguments.find(
    (it) => it.unpack === undefined && (it.value.type === 'dict' || it.value.value.kind === 'dict' || /^(?:json|data|body|payload)$/.test(it.keyword ?? '')),
  );
}

/** Text of a known path or command, for a message; undefined when it is not known whole. */
export function commandText(call: Call): string | undefined {
  const first = argument(call, 'args', 0) ?? argument(call, 'cmd') ?? argument(call, 'command');
  return constantText(first?.value);
}

/** The argument of a call that is dangerous when somebody outside chooses it, and what becomes of it. */
export function dangerousArgument(call: Call): { readonly at: Expression; readonly what: string } | undefined {
  const callee = call.callee ?? '';
  const found = (at: Expression | undefined, what: string) => (at === undefined ? undefined : { at, what });
  if (usesShell(call)) return found(argument(call, 'args', 0) ?? argument(call, 'cmd') ?? argument(call, 'command'), 'becomes part of a shell command');
  if (CODE_CALLS.has(callee)) return found(argument(call, undefined, 0), 'is run as Python');
  if (deserialises(call) !== undefined) return found(argument(call, undefined, 0), 'is deserialised');
  if (callee === 'shutil.rmtree') return found(argument(call, 'path', 0), 'is removed with all that is in it');
  return undefined;
}
