import { ancestors, argument, type Call, constantText, type Expression } from '../model.ts';
import { isWrittenHere, outsideOrigin, trailOf } from '../python/outside.ts';
import { IMPORT_CALLS } from '../python/sinks.ts';
import { defineRule, py } from '../rule.ts';

/** A module that the test writes itself, or a package of its own. */
const OWN = /tmp|temp|TESTFN|mkd?stemp|__name__|__package__|__file__|pytester|testdir|makepyfile/i;

function named(call: Call): Expression | undefined {
  const how = IMPORT_CALLS.get(call.callee ?? '');
  return how === undefined ? undefined : argument(call, how.keyword, how.index);
}

/** `f"harbour.plugins.{name}"`: below a package that the source names. */
function belowNamedPackage(it: Expression): boolean {
  const { value } = it;
  const [first] = value.kind === 'joined' ? value.parts : [];
  return first !== undefined && /^\.*[A-Za-z_][\w.]*\.$|^\.+$/.test(constantText(first) ?? '');
}

export const rule = defineRule({
  id: 'computed-import',
  code: 'INP002',
  category: 'input',
  title: 'Code loaded from a computed name or path',
  kind: 'informational',
  kinds: ['review', 'informational'],
  confidence: 'medium',
  cwe: [94, 829],
  peers: { semgrep: ['non-literal-import'], codeql: ['py/code-injection'] },
  why: 'Importing a module runs it: whoever decides on the name or the path decides what runs.',
  instead: 'Import by a name that is in the source, or one below a package of your own: `f"harbour.plugins.{name}"`.',
  limits:
    'A name that a helper is given by its callers is not judged, and one from a file is a note, as is a variable of the environment that `tox.ini`, a Makefile, a workflow or a container sets. Modules that the test writes itself are told by the name of the folder they are in.',
  links: ['https://docs.python.org/3/library/importlib.html#importlib.import_module', 'https://docs.python.org/3/library/runpy.html'],
  yieldsTo: ['evaluated-text'],
  once: 'file',
  on: 'call',
  calls: (callee) => IMPORT_CALLS.has(callee),
  *check(call, file) {
    const { callee } = call;
    const at = named(call);
    if (callee === undefined || at === undefined || at.type === 'string' || file.stubbed(callee, call) !== undefined) return;
    if (handsOn(call)) return;
    const owner = file.ownerOf(call);
    if (file.rejected(call) || OWN.test(at.text) || owner?.parameters.some((it) => /^(?:tmp_path|tmpdir|pytester|testdir)$/.test(it)) === true) return;
    if (belowNamedPackage(at)) return;
    const outside = outsideOrigin(at, file);
    if (outside !== undefined) {
      const { variable } = outside.origin;
      const isGiven = variable !== undefined && file.project.gives(variable);
      yield {
        at: call.place,
        ...(isGiven ? {} : { kind: 'review' as const }),
        message: `\`${call.method}\` runs code that ${outside.from} names${isGiven ? ', which the project gives the tests' : ''}`,
        trail: trailOf(outside.origin, outside.from),
      };
      return;
    }
    if (isWrittenHere(at, file) || file.origins(at).some((it) => OWN.test(it.name))) return;
    if (!file.origins(at).some((it) => it.sort === 'file')) return;
    yield { at: call.place, message: `\`${call.method}\` runs code whose name is computed: it must come from this test` };
  },
  examples: [
    {
      name: 'a module named by the environment',
      bad: py`
        import importlib
        import os

        def test_plugin():
            plugin = importlib.import_module(os.environ["HARBOUR_PLUGIN"])  #! runs code that the environment names
            assert plugin.NAME
      `,
    },
    {
      name: 'a variable that the Makefile sets: a note',
      bad: {
        'tests/test_plugin.py': py`
          import importlib
          import os

          VARIABLE = "HARBOUR_PLUGIN"

          def test_plugin():
              plugin = importlib.import_module(os.environ[VARIABLE])  #! which the project gives the tests
              assert plugin.NAME
        `,
        Makefile: 'test:\n\tHARBOUR_PLUGIN=harbour.plugins.tides pytest\n',
      },
    },
    {
      name: 'a helper, whose callers name the module',
      good: py`
        import importlib.util
        import unittest

        class TestScripts(unittest.TestCase):
            def load(self, path):
                return importlib.util.spec_from_file_location("script", path)

            def is_there(self, name):
                return importlib.import_module(name) is not None
      `,
    },
    {
      name: 'names in the source, a package of one’s own, a module that the test wrote',
      good: py`
        import importlib
        import os
        import runpy

        NAMES = ["harbour.tides", "harbour.berths"]

        def test_modules(name):
            for it in NAMES:
                importlib.import_module(it)
            importlib.import_module("harbour.tides")
            importlib.import_module(f"harbour.plugins.{name}")
            importlib.import_module(f"harbour.{os.environ['HARBOUR']}.registry")

        def program():
            import sys
            importlib.import_module(sys.argv[1])

        def test_script(tmp_path):
            runpy.run_path(tmp_path / "script.py")
      `,
    },
    {
      name: 'a stand-in for the import itself',
      good: py`
        import builtins

        REAL = builtins.__import__

        def counted(name, *args, **kwargs):
            return builtins.__import__(name, *args, **kwargs)

        def test_without_tides():
            real = builtins.__import__

            def refusing(name, *args):
                if name == "tides":
                    raise ImportError(name)
                return real(name, *args)

            assert start(refusing) == 0
      `,
    },
  ],
});

/** A stand-in for `__import__` hands on what Python gives it: `return real_import(name, *args, **kwargs)`. */
function handsOn(call: Call): boolean {
  if (call.callee !== 'builtins.__import__' || call.arguments.length < 2) return false;
  const around = [...ancestors(call)].find((it) => it.type === 'function');
  return around !== undefined && call.arguments.every((it) => around.parameters.some((each) => each.name === it.value.text));
}
