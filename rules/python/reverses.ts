/** Names that undo one another: `set_nodes` and `restore_nodes`, `stub_out_service` and `FakeService_reset`. Read in nova's history, unittest, fixtures. */

const DOES: ReadonlySet<string> = new Set([
  'set',
  'setup',
  'stub',
  'out',
  'install',
  'start',
  'enable',
  'add',
  'create',
  'register',
  'patch',
  'mock',
  'fake',
  'make',
  'init',
  'push',
  'activate',
  'acquire',
  'mount',
  'override',
  'replace',
  'insert',
  'begin',
  'open',
  'attach',
  'connect',
  'load',
  'use',
  'up',
]);

const UNDOES: ReadonlySet<string> = new Set([
  'restore',
  'reset',
  'unset',
  'clear',
  'stop',
  'uninstall',
  'disable',
  'remove',
  'delete',
  'unregister',
  'unpatch',
  'unstub',
  'teardown',
  'tear',
  'down',
  'cleanup',
  'clean',
  'undo',
  'deactivate',
  'release',
  'unmount',
  'pop',
  'end',
  'close',
  'detach',
  'disconnect',
  'unload',
  'destroy',
  'drop',
  'revert',
  'up',
]);

/** Pairs that may stand for themselves, without a word for what they act on. */
const BARE: Readonly<Record<string, readonly string[]>> = {
  start: ['stop', 'shutdown', 'kill', 'terminate', 'cancel', 'join', 'close', 'wait'],
  enable: ['disable'],
  install: ['uninstall', 'remove'],
  activate: ['deactivate'],
  push: ['pop'],
  connect: ['disconnect', 'close'],
  mount: ['unmount'],
  setUp: ['tearDown', 'cleanUp', 'doCleanups'],
  setup: ['teardown', 'cleanup'],
  open: ['close'],
  acquire: ['release'],
  register: ['unregister'],
  patch: ['unpatch', 'restore'],
  load: ['unload'],
  set: ['unset', 'reset', 'clear', 'restore'],
  __enter__: ['__exit__'],
};

function wordsOf(name: string): string[] {
  return name
    .replace(/([a-z0-9])([A-Z])/g, '$1_$2')
    .toLowerCase()
    .split('_')
    .filter((it) => it !== '');
}

/** Can something be called the reverse of it? */
export function reversible(name: string): boolean {
  const words = wordsOf(name.slice(name.lastIndexOf('.') + 1));
  return words.some((it) => DOES.has(it)) && !words.some((it) => UNDOES.has(it) && it !== 'up');
}

/** Do the two names stand for themselves, as methods of one object: `start` and `stop`? */
export function reversesBare(undo: string, done: string): boolean {
  return Object.hasOwn(BARE, done) && BARE[done]?.includes(undo) === true;
}

/** Is `undo` the name of what undoes `done`? */
export function reverses(undo: string, done: string): boolean {
  if (!reversible(done)) return false;
  const words = wordsOf(undo);
  if (!words.some((it) => UNDOES.has(it) && it !== 'up')) return false;
  const about = (all: readonly string[]) =>
    all
      .filter((it) => !DOES.has(it) && !UNDOES.has(it))
      .sort()
      .join('_');
  const subject = about(wordsOf(done));
  return subject !== '' && subject === about(words);
}
