import { argument, type Call, constantText, type Expression, isConstant, type Origin, type TestFile } from '../model.ts';
import { isMockName } from '../python/mock.ts';
import { STANDARD_LIBRARY } from '../python/names.ts';
import { outsideOrigin } from '../python/outside.ts';
import { CODE_CALLS, DESERIALISERS, deserialises, SHELL_CALLS, unsafeYamlLoader, usesShell, YAML_LOADS, YAML_UNSAFE } from '../python/sinks.ts';
import { defineRule, py } from '../rule.ts';

/** What the call would run, remove or load. */
function sinkOf(call: Call): { readonly at: Expression; readonly what: string } | undefined {
  const callee = call.callee ?? '';
  const first = argument(call, undefined, 0) ?? argument(call, 'args');
  if (first === undefined) return undefined;
  if (CODE_CALLS.has(callee)) return { at: first, what: 'what is run as Python' };
  if (SHELL_CALLS.has(callee) || (usesShell(call) && /^subprocess\./.test(callee))) return { at: first, what: 'what is run in a shell' };
  if (callee === 'shutil.rmtree') return { at: first, what: 'what is removed with all that is in it' };
  if (unsafeYamlLoader(call) !== undefined || deserialises(call) !== undefined) return { at: first, what: 'what is loaded as objects' };
  return undefined;
}

/** What these have are names of the standard library. */
const OF_PYTHON: ReadonlySet<string> = new Set(['six', 'importlib_resources', 'importlib_metadata']);

/** A function that is imported, and whose module is not there; a fixture that was not found. */
function notFound(origin: Origin, file: TestFile): string | undefined {
  if (origin.sort === 'call') {
    const name = origin.name;
    if (!name.includes('.') || /[()[\]]|<locals>/.test(name) || isMockName(name)) return undefined;
    const root = name.slice(0, name.indexOf('.'));
    // Text for its own loader: `dill.loads(dill.dumps(it))`.
    if (name.endsWith('.dumps')) return undefined;
    if (
      STANDARD_LIBRARY.has(root) ||
      root === 'builtins' ||
      OF_PYTHON.has(root) ||
      file.project.requires(root) ||
      !file.imports(root) ||
      file.definition(name) !== undefined
    )
      return undefined;
    const module = name.slice(0, name.lastIndexOf('.'));
    return file.exists(name) === 'unknown' && file.exists(module) !== 'yes' ? `\`${name.slice(name.lastIndexOf('.') + 1)}\`` : undefined;
  }
  return undefined;
}

export const rule = defineRule({
  id: 'sink-argument-unknown',
  code: 'INP-U01',
  category: 'input',
  title: 'What a dangerous call is given comes from a function that was not found',
  kind: 'open',
  confidence: 'high',
  cwe: [20],
  why: 'Whether the text is made by the test or comes from outside is written in the function.',
  instead: 'Open the folder that holds the function, or give it with `--root`.',
  limits: 'Only functions that the file imports, and not those of packages that the project requires; fixtures are judged by the rules of the call.',
  links: ['https://cwe.mitre.org/data/definitions/20.html'],
  once: 'file',
  on: 'call',
  calls: (callee) =>
    callee === 'shutil.rmtree' ||
    callee.startsWith('subprocess.') ||
    [CODE_CALLS, SHELL_CALLS, YAML_LOADS, YAML_UNSAFE, DESERIALISERS].some((it) => it.has(callee)),
  *check(call, file) {
    const sink = sinkOf(call);
    if (sink === undefined || constantText(sink.at.value) !== undefined || file.stubbed(call.callee ?? '', call) !== undefined) return;
    const ignores = argument(call, 'ignore_errors');
    if (outsideOrigin(sink.at, file) !== undefined || (ignores !== undefined && isConstant(ignores.value, false))) return;
    for (const origin of file.origins(sink.at)) {
      const name = notFound(origin, file);
      if (name === undefined) continue;
      yield { at: call.place, message: `${name} gives ${sink.what}, and where it is defined was not found` };
      return;
    }
  },
  examples: [
    {
      name: 'a helper of another package',
      bad: py`
        from elsewhere import samples

        def test_limits():
            assert eval(samples.expression()) == 7  #! ${'`expression` gives what is run as Python'}
      `,
    },
    {
      name: 'a list of a class that a package holds',
      good: {
        'tests/__init__.py': py`
          import shutil
          import unittest
          from tests.folders import Folder

          class FolderCase(unittest.TestCase):
              folders = []

              @classmethod
              def tearDownClass(cls):
                  while cls.folders:
                      shutil.rmtree(cls.folders.pop())
                  super().tearDownClass()
        `,
      },
    },
    {
      name: 'a helper of the workspace, the standard library, a text of the test',
      good: {
        'tests/test_limits.py': py`
          import os
          import shutil
          import textwrap
          import dill
          import six
          import pytest
          from docopt import docopt
          from django.utils.encoding import force_bytes
          from elsewhere import Repository
          from importlib_resources import files
          from tests import samples

          @pytest.fixture
          def repository(tmp_path):
              path = tmp_path / "repository"
              return path, Repository.init(path)

          def test_removed(repository):
              path, made = repository
              shutil.rmtree(path)
              assert not made.exists()

          def test_limits():
              assert eval(samples.expression()) == 7
              assert eval(textwrap.dedent("1 + 6")) == 7
              assert eval(six.text_type("1 + 6")) == 7
              assert eval(force_bytes("1 + 6")) == 7

          def test_command():
              os.system(docopt(__doc__)["<command>"])

          def test_emptied():
              shutil.rmtree(samples.test_folder())
              shutil.rmtree(files("harbour"))

          def test_round_trip():
              kept = dill.dumps(samples.expression)
              assert dill.loads(kept)() == "1 + 6"
        `,
        'requirements.txt': 'django>=5.0\n',
        'requirements_test.txt': 'docopt\n',
        'tests/samples.py': py`
          def expression():
              return "1 + 6"

          def test_folder():
              return "/tmp/samples"
        `,
      },
    },
  ],
});
