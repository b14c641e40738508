import type { Change, TestFile } from '../model.ts';
import { ancestors, constantText } from '../model.ts';
import { BUILTINS, STANDARD_LIBRARY } from '../python/names.ts';
import { code } from '../python/patchers.ts';
import { SECURITY_MODULES } from '../python/security-words.ts';
import { isForAll, isForSession, isWide } from '../python/session.ts';
import { defineRule, type Fix, py, replace } from '../rule.ts';

export const rule = defineRule({
  id: 'modules-changed',
  code: 'MCK007',
  category: 'mocking',
  title: '`sys.modules`, `sys.path` or builtins changed by hand',
  kind: 'review',
  kinds: ['fail', 'review', 'informational'],
  confidence: 'high',
  cwe: [459],
  peers: { sonar: ['S8997'] },
  why: 'Imports of every later test find the stand-in; with `sys.path` also code that nobody meant to import.',
  instead: 'Use `mock.patch.dict(sys.modules, …)`, `monkeypatch.syspath_prepend`, `monkeypatch.setitem` or `fixtures.PythonPathEntry`.',
  limits:
    'A restore that another module does is not seen, but for that of a fixture for every test; what helpers change is not judged, nor what is always skipped. What a `conftest.py` sets at import is a note, and so is the current folder on `sys.path`, and a folder of the project that is only added where it is not there; so is a module that is made under a name of the one test, which nothing else of the file nor a requirement of the project has, and what stands in where an import fails.',
  links: [
    'https://docs.python.org/3/library/unittest.mock.html#patch-dict',
    'https://docs.pytest.org/en/stable/reference/reference.html#pytest.MonkeyPatch.syspath_prepend',
  ],
  yieldsTo: ['patched-at-import'],
  once: 'class',
  alike: true,
  on: 'change',
  *check(change, file) {
    if (change.sort !== 'sys.modules' && change.sort !== 'sys.path' && change.sort !== 'builtins') return;
    if (change.releases.some((it) => it.how !== 'inline')) return;
    const { owner, node } = change;
    if (file.ownProcess || file.skipped(node) || (owner === undefined && change.releases.length > 0)) return;
    // What is only taken out is imported anew.
    if (node.type === 'delete' || (node.type === 'call' && /^(?:pop|remove|clear)$/.test(node.method))) return;
    if ([...ancestors(node)].some((it) => it.type === 'lambda' || (it.type === 'if' && /__name__/.test(it.test.text)))) return;
    if (isLoaded(change)) return;
    if (owner === undefined) {
      if (change.sort === 'sys.path')
        yield { at: change.place, kind: 'informational', message: '`sys.path` is changed at import, for every test of the process' };
      else if ((file.kind === 'conftest' || file.kind === 'test') && isFallback(node))
        yield { at: change.place, kind: 'informational', message: `${code(change.key ?? change.target)} is set at import where another fails` };
      else if (file.kind === 'conftest' || file.kind === 'test')
        yield {
          at: change.place,
          // A `conftest.py` says what holds for all of its tests.
          ...(file.kind === 'conftest' ? { kind: 'informational' } : {}),
          message: `${code(change.key ?? change.target)} is changed at import, for every test of the process`,
        };
      return;
    }
    if (change.releases.length > 0) return; // put back in line
    if (owner.role === 'helper' || isForSession(owner, file) || isForAll(owner, file) || isWide(owner, file)) return; // its callers may put it back, or want it
    if (change.sort === 'sys.modules' && /(?:^|[._])(?:fake|dummy|mock|stub|test)/i.test(change.key ?? '')) return; // hides nothing
    if (isFallback(node)) {
      yield {
        at: change.place,
        kind: 'informational',
        message: `${code(change.key ?? change.target)} is set where an import fails, and stays for later tests`,
      };
      return;
    }
    if (isNewName(change, file)) {
      yield { at: change.place, kind: 'informational', message: `\`${change.key ?? ''}\`, a module that only this test names, stays in \`sys.modules\`` };
      return;
    }
    const top = change.key?.split('.')[0];
    if (change.sort === 'sys.modules' && node.type === 'assignment' && top !== undefined && SECURITY_MODULES.has(top)) {
      yield {
        at: change.place,
        kind: 'fail',
        ...fixOf(change),
        message: `\`${change.key ?? ''}\` is replaced in \`sys.modules\` and never put back: later tests run without it`,
      };
      return;
    }
    const what = change.sort === 'sys.modules' ? `${change.key === undefined ? '' : `\`${change.key}\` in `}\`sys.modules\`` : code(change.target);
    if (isWorkingDirectory(node)) {
      yield { at: change.place, kind: 'informational', message: '`sys.path` is given the folder that the tests are run in, for every test after it' };
      return;
    }
    if (isOwnFolder(node, file)) {
      yield {
        at: change.place,
        kind: 'informational',
        message: '`sys.path` is given a folder of the project where it does not have it, for every test after it',
      };
      return;
    }
    if (change.sort === 'builtins' && !BUILTINS.has(change.target.slice('builtins.'.length))) {
      yield { at: change.place, kind: 'informational', message: `${what} is added and stays` };
      return;
    }
    yield { at: change.place, message: `${what} is changed and never put back: later tests import through it`, ...fixOf(change) };
  },
  examples: [
    {
      name: 'a fixture for every test keeps the path, also that of a set-up; not one for the whole module',
      bad: {
        'tests/cranes/test_crane.py': py`
          import sys
          import unittest

          class TestCrane(unittest.TestCase):
              def setUp(self):
                  super().setUp()
                  sys.path.insert(0, "cranes")
                  sys.modules["wire"] = object()  #! changed and never put back

              def test_lift(self):
                  assert lift()
        `,
        'tests/conftest.py': py`
          import sys
          import pytest

          @pytest.fixture(autouse=True)
          def reset_sys_path():
              sys_path = list(sys.path)
              yield
              sys.path[:] = sys_path

          @pytest.fixture(autouse=True, scope="module")
          def reset_modules():
              modules = dict(sys.modules)
              yield
              sys.modules = modules
        `,
      },
    },
    {
      name: 'a module replaced, a path added',
      bad: py`
        import sys
        from unittest import mock

        def test_hardware():
            sys.modules["hardware"] = mock.MagicMock()
        #   ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ never put back

        def test_tls():
            sys.modules["ssl"] = None  #! later tests run without it
      `,
    },
    {
      name: 'the search path',
      bad: py`
        import sys

        def test_plugins():
            sys.path.insert(0, "plugins")  #! later tests import through it
      `,
    },
    {
      name: 'a name that Python does not have is a note',
      bad: py`
        import builtins

        def test_evaluates_nothing(reader):
            builtins.reached = False  #! is added and stays
            reader.read("__import__('builtins').__dict__.update(reached=True)")
            assert not builtins.reached

        def test_prints(reader, shown):
            builtins.print = shown.append  #! never put back
            assert reader.show()
      `,
    },
    {
      name: 'the folder that the tests are run in is a note',
      bad: py`
        import sys

        def test_script():
            sys.path.append("./")  #! is given the folder
            assert load()
      `,
    },
    {
      name: 'a folder of the project, where it is not there yet, is a note; one of somebody else is not',
      bad: py`
        import os
        import sys
        from pathlib import Path

        ROOT = Path(__file__).resolve().parent.parent

        def test_cranes():
            source = str(ROOT / "src")
            if source not in sys.path:
                sys.path.insert(0, source)  #! is given a folder of the project
            assert load()

        def test_plugins():
            plugins = os.environ["PLUGINS"]
            if plugins not in sys.path:
                sys.path.insert(0, plugins)  #! later tests import through it
            assert load()
      `,
    },
    {
      name: 'with monkeypatch at hand',
      bad: py`
        import sys

        def test_plugins(monkeypatch):
            sys.path.insert(0, "plugins")  #! later tests import through it
            assert load()

        def test_hardware(monkeypatch, fake):
            sys.modules["hardware"] = fake  #! never put back
            assert load()
      `,
      fixed: py`
        import sys

        def test_plugins(monkeypatch):
            monkeypatch.syspath_prepend("plugins")
            assert load()

        def test_hardware(monkeypatch, fake):
            monkeypatch.setitem(sys.modules, "hardware", fake)
            assert load()
      `,
    },
    {
      name: 'a module under a name that only the one test has is a note; one that another test, a helper or a requirement names is not',
      bad: {
        'tests/test_plugins.py': py`
          import sys
          import types

          def test_rogue(run):
              rogue = types.ModuleType("rogue_quay")
              sys.modules["rogue_quay"] = rogue  #! a module that only this test names
              assert run("rogue_quay:Quay") == 2

          def test_shared(run):
              sys.modules["shared_quay"] = types.ModuleType("shared_quay")  #! later tests import through it; 1 more of its kind: line 20
              assert run("shared_quay:Quay") == 2

          def test_shared_again(run):
              assert run("shared_quay:Crane") == 2

          def loaded():
              return importlib.import_module("helped_quay")

          def test_helped():
              sys.modules["helped_quay"] = types.ModuleType("helped_quay")
              assert loaded()
        `,
        'tests/test_tides.py': py`
          import sys
          import types

          def test_required(run):
              sys.modules["tides"] = types.ModuleType("tides")  #! later tests import through it
              assert run("other:Quay") == 2
        `,
        'requirements.txt': 'tides>=1.0\n',
      },
    },
    {
      name: 'a stand-in for what cannot be imported is a note, not where anything may have been raised',
      bad: py`
        import sys
        from types import ModuleType

        try:
            import tides
        except ImportError:
            tides = ModuleType("tides")
            sys.modules["tides"] = tides  #! is set at import where another fails

        class TestShips:
            def test_ships(self, load):
                try:
                    import ships
                except Exception:
                    sys.modules["ships"] = ModuleType("ships")  #! later tests import through it
                assert load()

        def test_winds(load):
            try:
                import winds
            except (ImportError, ModuleNotFoundError):
                sys.modules["winds"] = ModuleType("winds")  #! where an import fails
            assert load()
      `,
    },
    {
      name: 'at import, and put back at import',
      good: py`
        import sys
        import hardware as original
        from tests import fake_hardware

        sys.modules["hardware"] = fake_hardware
        from harbour import crane
        sys.modules["hardware"] = original
      `,
    },
    {
      name: 'kept by a fixture, or for the whole session; a name that hides nothing',
      good: {
        'tests/conftest.py': py`
          import sys
          import pytest

          @pytest.fixture
          def hardware(mocker):
              mocker.patch.dict("sys.modules")
              sys.modules["hardware"] = mocker.Mock()

          @pytest.fixture(autouse=True, scope="session")
          def tools():
              sys.path.insert(0, "tools")

          @pytest.fixture
          def plugin():
              sys.modules["__fake_plugin__"] = object()
        `,
      },
    },
    {
      name: 'a script that is imported by its path',
      good: py`
        import importlib.util
        import sys

        spec = importlib.util.spec_from_file_location("crane", "bin/crane")
        crane = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(crane)
        sys.modules["crane"] = crane

        def test_barge():
            spec = importlib.util.spec_from_file_location("barge", "bin/barge")
            barge = importlib.util.module_from_spec(spec)
            sys.modules[spec.name] = barge
            spec.loader.exec_module(barge)
            assert barge.load()
      `,
    },
    {
      name: 'put back by what it is written in',
      good: py`
        import sys
        import unittest
        from unittest import mock

        class TestHardware(unittest.TestCase):
            def setUp(self):
                self.saved = sys.modules["hardware"]
                sys.modules["hardware"] = mock.Mock()

            def tearDown(self):
                sys.modules["hardware"] = self.saved

            def test_other(self):
                with mock.patch.dict(sys.modules, {"other": mock.Mock()}):
                    load()

        def test_path(monkeypatch):
            monkeypatch.syspath_prepend("plugins")

        @unittest.skip("of no use")
        def test_skipped():
            sys.path.insert(0, "plugins")
      `,
    },
  ],
});

/** `sys.modules['crane'] = importlib.util.module_from_spec(spec)`: a script that is imported by its path gets a name. */
function isLoaded({ newValue }: Change): boolean {
  return newValue !== undefined && /^importlib\..*(?:module_from_spec|load_module)\(\)$/.test(newValue.refersTo ?? '');
}

const IMPORT_FAILS = /^(?:ImportError|ModuleNotFoundError|\((?:ImportError|ModuleNotFoundError), ?(?:ImportError|ModuleNotFoundError),?\))$/;

/** Is it done in `except ImportError`: where there is nothing that it could hide? */
function isFallback(node: Change['node']): boolean {
  const handler = [...ancestors(node)].find((it) => it.type === 'handler');
  return handler?.type === 'handler' && IMPORT_FAILS.test(handler.exception?.text ?? '');
}

/** `sys.modules['rogue'] = types.ModuleType('rogue')`: a module that is in no file, of a name that only the one test has. */
function isNewName({ key, newValue, owner, sort }: Change, file: TestFile): boolean {
  if (sort !== 'sys.modules' || key === undefined || newValue?.refersTo !== 'types.ModuleType()') return false;
  const top = key.split('.')[0] ?? key;
  if (STANDARD_LIBRARY.has(top) || file.imports(top) || file.project.requires(top) || file.exists(top) === 'yes') return false;
  const around = owner?.node.text ?? '';
  if (around.includes(`import ${top}`) || around.includes(`from ${top}`)) return false;
  return !file.namedElsewhere(top) && !file.importsName(top) && !file.importsKnow(key);
}

/** `sys.path.append('./')`: where pytest is called from the root of the project, as it mostly is, it finds what it found before. */
function isWorkingDirectory(node: Change['node']): boolean {
  return node.type === 'call' && /^(?:append|insert)$/.test(node.method) && /^\.?\/?$/.test(constantText(node.arguments.at(-1)?.value.value) ?? '?');
}

/** `if ROOT not in sys.path: sys.path.insert(0, ROOT)` of a path that begins at `__file__`: what the project is mostly installed from. */
function isOwnFolder(node: Change['node'], file: TestFile): boolean {
  const path = node.type === 'call' && /^sys\.path\.(?:append|insert)$/.test(node.callee ?? '') ? node.arguments.at(-1)?.value : undefined;
  if (path === undefined || ![...ancestors(node)].some((it) => it.type === 'if' && it.test.text === `${path.text} not in sys.path`)) return false;
  const origins = file.origins(path);
  return origins.some((it) => it.name === '__file__') && origins.every((it) => it.name === '__file__' || it.sort === 'constant');
}

/** The same change through `monkeypatch`, which takes it back. */
function fixOf({ node, owner, sort }: Change): { fix?: Fix } {
  if (owner === undefined || !owner.parameters.includes('monkeypatch')) return {};
  if (sort === 'sys.modules' && node.type === 'assignment' && node.operator === undefined && node.targets.length === 1) {
    const [target] = node.targets;
    const key = target?.type === 'subscript' ? target.index[0] : undefined;
    if (target?.type !== 'subscript' || key === undefined || node.value === undefined) return {};
    const given = `${target.object.text}, ${key.text}, ${node.value.text}`;
    return { fix: { title: 'Use `monkeypatch.setitem`', safety: 'suggest', edits: [replace(node, `monkeypatch.setitem(${given})`)] } };
  }
  const path = node.type === 'call' && node.callee === 'sys.path.insert' && node.arguments[0]?.value.text === '0' ? node.arguments[1]?.value : undefined;
  if (path === undefined) return {};
  return { fix: { title: 'Use `monkeypatch.syspath_prepend`', safety: 'suggest', edits: [replace(node, `monkeypatch.syspath_prepend(${path.text})`)] } };
}
