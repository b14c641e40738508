import { type Patch, walk } from '../model.ts';
import { code } from '../python/patchers.ts';
import { defineRule, py } from '../rule.ts';

const WIDE: ReadonlySet<string> = new Set(['builtins.__import__', 'threading.Event']);
const PRIMITIVES: ReadonlySet<string> = new Set([
  ...WIDE,
  'builtins.isinstance',
  'builtins.open',
  'time.time',
  'time.sleep',
  'time.monotonic',
  'os.path.exists',
  'os.path.isfile',
  'socket.socket',
  'subprocess.Popen',
  'threading.Thread',
  'threading.Lock',
]);

export const rule = defineRule({
  id: 'primitive-patched',
  code: 'MCK020',
  category: 'mocking',
  title: 'Builtin or runtime primitive patched for the whole process',
  kind: 'informational',
  kinds: ['review', 'informational'],
  confidence: 'medium',
  cwe: [1164],
  peers: { hacking: ['N375'] },
  why: 'Every library of the process gets the stub too: the test framework, threads that still run, and the code under test in places that nobody meant.',
  instead: 'Patch the name in the module that uses it: `patch("module_under_test.time")`.',
  limits: 'None known.',
  links: ['https://docs.python.org/3/library/unittest.mock.html#where-to-patch'],
  once: 'file',
  on: 'patch',
  patches: (target) => PRIMITIVES.has(target),
  *check(patch) {
    const { target } = patch;
    if (target === undefined || !PRIMITIVES.has(target) || patch.applied === 'unused' || patch.form === 'patch.dict') return;
    if (target === 'builtins.open' && (patch.applied === 'with' || patch.applied === 'decorator')) return;
    if (target === 'builtins.__import__' && passesOn(patch))
      yield { at: patch.place, kind: 'informational', message: `${code(target)} is patched for the whole process; the stub passes on what it does not refuse` };
    else if (target === 'builtins.__import__' && patch.applied === 'with')
      yield { at: patch.place, kind: 'informational', message: `${code(target)} is patched for every library while the block runs` };
    else if (WIDE.has(target))
      yield { at: patch.place, kind: 'review', message: `${code(target)} is patched for every library of the process, the test framework included` };
    else yield { at: patch.place, message: `${code(target)} is patched for the whole process, not where it is used` };
  },
  examples: [
    {
      name: 'a module that is hidden',
      bad: py`
        import builtins

        def test_without_tides(monkeypatch):
            real = builtins.__import__

            def refuse(name, *args):
                if name == "tides":
                    raise ImportError
                return real(name, *args)

            monkeypatch.setattr(builtins, "__import__", refuse)  #! passes on what it does not refuse
      `,
    },
    {
      name: 'while a block runs',
      bad: py`
        from unittest import mock

        def test_without_tides():
            with mock.patch("builtins.__import__", side_effect=ImportError):  #! while the block runs
                load()
      `,
    },
    {
      name: 'for everybody',
      bad: py`
        from unittest import mock

        @mock.patch("builtins.__import__", autospec=True)  #! for every library
        def test_import(imported):
            load()

        @mock.patch("time.sleep", autospec=True)  #! not where it is used
        def test_wait(sleep):
            load()
      `,
    },
    {
      name: 'where it is used',
      good: py`
        from unittest import mock

        @mock.patch("bank.client.time.sleep", autospec=True)
        def test_wait(sleep):
            with mock.patch("builtins.open", mock.mock_open(read_data="x")):
                load()
      `,
    },
  ],
});

/** Does a function beside the patch, the stub or what it does, call the real thing too: `builtins.__import__`, or what is called after it? */
function passesOn({ owner, target }: Patch): boolean {
  if (owner === undefined) return false;
  return walk(owner.node).some(
    (it) =>
      it.type === 'function' && it !== owner.node && walk(it).some((each) => each.type === 'call' && (each.callee === target || /import/i.test(each.method))),
  );
}
