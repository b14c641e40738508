import { ancestors, argument, type Call, constantText, isConstant, type Node, type TestFile, walk } from '../model.ts';
import { expectedToFail } from '../python/leaks.ts';
import { inOwnFolder } from '../python/own-folder.ts';
import { defineRule, type Fix, py } from '../rule.ts';

export const rule = defineRule({
  id: 'guessable-temporary-name',
  code: 'RES026',
  category: 'resources',
  title: 'tempfile.mktemp',
  kind: 'review',
  kinds: ['review', 'informational'],
  confidence: 'high',
  cwe: [377],
  peers: { bandit: ['B306'], ruff: ['S306'], sonar: ['S5445'], semgrep: ['tempfile-insecure'], codeql: ['py/insecure-temporary-file'], dlint: ['DUO121'] },
  why: '`mktemp` only names a file: somebody else can make it first.',
  instead: 'Use `tempfile.NamedTemporaryFile`, `mkstemp`, or `tmp_path`.',
  limits:
    'A name that is only used where an error is expected is left alone. In a folder that the call names it is a note where the test removes the file in a `finally`; and so is one that is first given to what fails where something is already there, as `mkdir`, or the `bind` of a socket.',
  links: ['https://docs.python.org/3/library/tempfile.html#tempfile.mktemp'],
  once: 'file',
  on: 'call',
  calls: (callee) => callee === 'tempfile.mktemp',
  *check(call, file) {
    if (call.callee !== 'tempfile.mktemp' || file.stubbed('tempfile.mktemp', call) !== undefined || file.expected(call) || isNeverMade(call, file)) return;
    const dir = argument(call, 'dir', 2);
    const nested = file.ownerOf(call)?.class?.guarantor('nested-temp');
    // In a directory of the test's own nobody else can make it.
    const own = dir === undefined ? nested !== undefined : dir.value.kind !== 'constant';
    // Who names the directory wants it there, and takes the file away.
    const wanted = dir !== undefined && isRemovedAtEnd(call, file);
    const fix = fixOf(call, file);
    yield {
      at: call.place,
      ...(fix === undefined ? {} : { fix }),
      ...(own || wanted || isMadeAnew(call, file) ? { kind: 'informational' } : {}),
      message: `\`tempfile.mktemp\` names a file that ${own ? 'another part of the test' : 'somebody else'} can make first`,
    };
  },
  examples: [
    {
      name: 'by any name',
      bad: py`
        from tempfile import mktemp

        def test_save():
            path = mktemp('.yaml')
            #      ^^^^^^^^^^^^^^^ somebody else
            assert path
      `,
      fixed: py`
        from tempfile import mktemp

        def test_save(tmp_path):
            path = str(tmp_path / "file.yaml")
            assert path
      `,
    },
    {
      name: 'where Python has `enterContext`',
      bad: {
        'tests/test_save.py': py`
          import os
          import tempfile
          import unittest

          class TestSave(unittest.TestCase):
              def test_save(self):
                  path = tempfile.mktemp(prefix='spool-')  #! somebody else
        `,
        'pyproject.toml': '[project]\nrequires-python = ">=3.11"\n',
      },
      fixed: py`
        import os
        import tempfile
        import unittest

        class TestSave(unittest.TestCase):
            def test_save(self):
                path = os.path.join(self.enterContext(tempfile.TemporaryDirectory()), "spool-file")
      `,
    },
    {
      name: 'in a directory of its own it is a note',
      bad: py`
        import tempfile

        def test_save(tmp_path):
            path = tempfile.mktemp(dir=tmp_path)  #! another part of the test
            assert path
      `,
    },
    {
      name: 'in a folder that the test names, and removed whatever happens: a note too',
      bad: py`
        import os
        import tempfile

        def test_copy(harbour):
            target = tempfile.mktemp("-ship", dir="/tmp")  #! somebody else
            try:
                harbour.copy("ship", target)
            finally:
                os.remove(target)
      `,
    },
    {
      name: 'given first to what fails where somebody has made it: a note',
      bad: py`
        import os
        import pathlib
        import tempfile

        def test_folder(tmp_path):
            name = tempfile.mktemp()  #! can make first; 4 times, also lines 11, 14, 18
            (tmp_path / name).mkdir()
            assert harbour.save(tmp_path / name)

        def test_file():
            name = tempfile.mktemp()
            with open(name, "x") as file:
                file.write("ship")
            handle = os.open(tempfile.mktemp(), os.O_CREAT | os.O_EXCL)
            assert harbour.load(name, handle)

        def test_socket(server):
            name = tempfile.mktemp()
            server.bind(name)
            assert harbour.connect(name)

        def test_kept():
            name = tempfile.mktemp()  #! can make first
            pathlib.Path(name).mkdir(exist_ok=True)
            assert harbour.save(name)
      `,
    },
    {
      name: 'stubbed, or made at once',
      good: py`
        import pytest
        import tempfile
        from unittest import mock

        @mock.patch('tempfile.mktemp')
        def test_stubbed(mktemp):
            assert tempfile.mktemp() is mktemp.return_value

        def test_save():
            with tempfile.NamedTemporaryFile() as spool:
                assert spool.name

        def test_missing(harbour):
            name = tempfile.mktemp()
            with pytest.raises(FileNotFoundError):
                harbour.load(name)

        def test_is_none(harbour):
            name = tempfile.mktemp()
            assert not harbour.is_archive(name)
      `,
    },
  ],
});

/** Is the name only given to what must refuse it: a file that is wanted not to be there? */
function isNeverMade(call: Call, file: TestFile): boolean {
  const target = call.parent?.type === 'assignment' ? call.parent.targets[0] : undefined;
  const owner = file.ownerOf(call);
  if (target?.type !== 'name' || owner === undefined) return false;
  const uses = walk(owner.node).filter((it) => it.type === 'name' && it.id === target.id && it !== target);
  return uses.length > 0 && uses.every((it) => expectedToFail(it) || isDenied(it));
}

/** Is the name first of all one for what must not be there yet: `Path(name).mkdir()`, `open(name, 'x')`, `server.bind(name)`? */
function isMadeAnew(call: Call, file: TestFile): boolean {
  const target = call.parent?.type === 'assignment' ? call.parent.targets[0] : undefined;
  const use = target?.type === 'name' ? walk(file.ownerOf(call)?.node ?? call).find((it) => it.type === 'name' && it.id === target.id && it !== target) : call;
  for (const it of use === undefined ? [] : ancestors(use)) {
    // Only its last part is new for sure.
    if (it.type === 'call' && it.method === 'join' && use !== undefined && !walk(it.arguments.at(-1)?.value ?? it).includes(use)) return false;
    if (it.type === 'call' && !/^(?:Path|join|str|fspath)$/.test(it.method)) return isExclusive(it);
    if (it.type !== 'call' && it.type !== 'operation' && it.type !== 'attribute') return false;
  }
  return false;
}

function isExclusive(call: Call): boolean {
  const isOver = argument(call, 'exist_ok', call.method === 'makedirs' ? 2 : undefined);
  if (/^(?:mkdir|makedirs)$/.test(call.method)) return isOver === undefined || isConstant(isOver.value, false);
  // An address that is a path is that of a Unix socket; others are pairs.
  if (call.method === 'bind') return true;
  if (call.callee === 'os.open') return /\bO_EXCL\b/.test(argument(call, 'flags', 1)?.text ?? '');
  const mode = argument(call, 'mode', call.callee === 'pathlib.Path().open' ? 0 : 1);
  return call.method === 'open' && mode !== undefined && constantText(mode.value)?.includes('x') === true;
}

/** `finally: os.remove(name)` */
function isRemovedAtEnd(call: Call, file: TestFile): boolean {
  const target = call.parent?.type === 'assignment' ? call.parent.targets[0] : undefined;
  const inside = target === undefined ? [] : walk(file.ownerOf(call)?.node ?? call);
  return inside.some(
    (it) =>
      it.type === 'try' &&
      it.final.some((last) =>
        walk(last).some(
          (each) => each.type === 'call' && /^(?:remove|unlink|rmtree)$/.test(each.method) && each.arguments.some(({ value }) => value.text === target?.text),
        ),
      ),
  );
}

/** `assert not is_archive(name)` */
function isDenied(node: Node): boolean {
  for (const it of ancestors(node)) {
    if (it.type === 'assert') return it.operands[0]?.text.startsWith('not ') === true;
    if (it.type === 'call' && it.method === 'assertFalse') return true;
  }
  return false;
}

function fixOf(call: Call, file: TestFile): Fix | undefined {
  const [suffix, prefix] = [argument(call, 'suffix', 0), argument(call, 'prefix', 1)].map((it) => (it === undefined ? '' : constantText(it.value)));
  if (suffix === undefined || prefix === undefined || argument(call, 'dir', 2) !== undefined) return undefined;
  return inOwnFolder(call, `${prefix}file${suffix}`, file.ownerOf(call), file, true);
}
