import { type Call, constantText, type Expression, type TestFile, type Value, walk } from '../model.ts';
import { commandOf, startsCommand } from '../python/commands.ts';
import { isOwnFile } from '../python/outside.ts';
import { DESTRUCTIVE_CALLS, PROCESS_CALLS, SHELL_CALLS } from '../python/sinks.ts';
import { setUpsOf } from '../python/unittest.ts';
import { defineRule, py } from '../rule.ts';

const TEMPORARY = /tmp|temp|TESTFN|mkd?stemp|scratch|sandbox|work_?dir|fixture/i;

/** `rm -rf` of the root, the home or the working folder. */
const WIPES = /(?:^|[;&|]\s*|\bsudo\s+)rm\s+(?=(?:-[^\s;&|]+\s+)*-\w*[rR])(?:-[^\s;&|]+\s+)+(\/\*?|~\/?\*?|\$HOME\/?\*?|\.{1,2}\/?|\*)(?:\s|$)/;

interface Danger {
  readonly what: string;
  readonly from: From;
  readonly whole: boolean;
  readonly variable?: string;
}

/** What the path begins with, when that is the home folder, the working folder, the root or the environment. */
function danger(path: Expression, file: TestFile): Danger | undefined {
  const text = constantText(path.value);
  if (text !== undefined)
    return /^(?:\/|~\/?|\.|\.\.|\*)$/.test(text) ? { what: `\`${text}\``, from: text.startsWith('.') ? 'here' : 'root', whole: true } : undefined;
  const from = startOf(path.value);
  if (from === undefined) {
    const origins = file.origins(path);
    const environment = origins.find((it) => it.sort === 'environment');
    const [first] = origins;
    if (environment === undefined || TEMPORARY.test(path.text) || (first !== undefined && first !== environment && isOwnFile(first))) return undefined;
    const { variable } = environment;
    return { what: 'a path from the environment', from: 'environment', whole: path.value.kind !== 'joined', ...(variable === undefined ? {} : { variable }) };
  }
  return { what: from === 'here' ? 'the working folder' : 'the home folder', from, whole: path.value.kind !== 'joined' && !isBelowHome(path.value) };
}

/** `os.path.expanduser('~/harbour')` */
function isBelowHome(value: Value): boolean {
  const written = value.kind === 'result' && value.name === 'os.path.expanduser' ? value.call.arguments[0]?.value : undefined;
  return written !== undefined && !/^~\/?$/.test(constantText(written.value) ?? '');
}

type From = 'root' | 'here' | 'home' | 'environment';

/** What puts something of the test's own where the path begins. */
const OWN: Readonly<Record<From, RegExp>> = {
  root: /chroot|pyfakefs/,
  here: /chdir|temp_cwd|temp_dir|isolated_filesystem|runpath|in_tmp/i,
  home: /setenv\(\s*["'](?:HOME|USERPROFILE)|environ\[["']HOME|TempHomeDir|EnvironmentVariable\(\s*["']HOME|expanduser["']|Path\.home["']|"home"|patch\.dict/,
  environment: /setenv|environ\[[^[\]]*\]\s*=|EnvironmentVariable\(|patch\.dict|environ\.update/,
};

/** One file below a folder that a variable names, or below the home: the folder stays, and nothing but what was meant goes. */
function named(from: From): { readonly kind?: 'informational' } {
  return from === 'environment' || from === 'home' ? { kind: 'informational' } : {};
}

/** Does a function of the file set a variable of the environment, as one that makes up for what is missing does? */
function isSetInFile(file: TestFile): boolean {
  const folders = file.path.replace(/\.py$/, '').split('/');
  // As it is known from the root, or where its folder is no package.
  return [folders.join('.'), folders.at(-1) ?? ''].some((module) =>
    file.membersOf(module).some((it) => OWN.environment.test(file.definition(`${module}.${it}`)?.node?.text ?? '')),
  );
}

/** Made by the test: its beginning is redirected, or the function makes this very folder, or looks whether it was there. */
function isOfTheTest(path: Expression, from: From, call: Call, file: TestFile): boolean {
  const owner = file.ownerOf(call);
  if (owner === undefined) return false;
  if (owner.parameters.includes('fs') || (from === 'home' && owner.class?.guarantees('home') === 'yes')) return true;
  if (OWN[from].test(owner.node.text) || [...file.fixturesFor(owner)].some((it) => OWN[from].test(it.text)) || (from === 'environment' && isSetInFile(file)))
    return true;
  for (const it of walk(owner.node)) {
    if (
      it.type !== 'call' ||
      it === call ||
      !/^(?:mkdir|makedirs|mkdtemp|TemporaryDirectory|copytree|touch|write_text|open|exists|is_file|is_dir|isfile|isdir)$/.test(it.method)
    )
      continue;
    if (it.arguments.some((each) => each.value.text === path.text) || (it.function.type === 'attribute' && it.function.object.text === path.text)) return true;
  }
  return false;
}

/** A tear-down removes what a set-up of the class has removed before the test: whose it was is asked there. */
function isClearedBefore(path: Expression, call: Call, file: TestFile): boolean {
  const owner = file.ownerOf(call);
  // A local name is another thing in each of them.
  if (owner?.role !== 'teardown' || (path.type === 'name' && file.constantHere(path.id, 'file') === undefined)) return false;
  return setUpsOf(owner, file).some((it) =>
    walk(it).some((each) => each.type === 'call' && each.callee === call.callee && removedBy(each)?.text === path.text),
  );
}

function removedBy(call: Call): Expression | undefined {
  return call.callee?.startsWith('pathlib.') === true && call.function.type === 'attribute' ? call.function.object : call.arguments[0]?.value;
}

function startOf(value: Value): From | undefined {
  if (value.kind === 'joined') return value.parts[0] === undefined ? undefined : startOf(value.parts[0]);
  if (value.kind === 'result') {
    if (value.name === 'os.getcwd' || value.name === 'pathlib.Path.cwd') return 'here';
    if (value.name === 'pathlib.Path.home') return 'home';
    if (value.name === 'os.path.expanduser' && value.call.arguments[0] !== undefined)
      return /^~/.test(constantText(value.call.arguments[0].value.value) ?? '') ? 'home' : undefined;
  }
  return undefined;
}

export const rule = defineRule({
  id: 'destructive-path',
  code: 'INP006',
  category: 'input',
  title: 'Files removed outside a temporary folder',
  kind: 'review',
  kinds: ['fail', 'review', 'informational'],
  confidence: 'medium',
  cwe: [73],
  why: 'A wrong or empty value deletes what belongs to the person who runs the tests.',
  instead: 'Work in a folder that the test made: `tmp_path`, `tempfile.TemporaryDirectory`.',
  limits: 'A path whose beginning is not known is not judged. A variable that a module of the workspace sets, which the test imports, is a point to decide.',
  links: ['https://docs.python.org/3/library/shutil.html#shutil.rmtree'],
  on: 'call',
  calls: (callee) => DESTRUCTIVE_CALLS.has(callee) || startsCommand(callee),
  *check(call, file) {
    const { callee } = call;
    if (callee !== undefined && (PROCESS_CALLS.has(callee) || SHELL_CALLS.has(callee)) && file.stubbed(callee, call) === undefined && !file.rejected(call)) {
      const target = WIPES.exec(commandOf(call) ?? '')?.[1];
      const isHere = target !== undefined && /^[.*]/.test(target);
      if (target !== undefined && !(isHere && OWN.here.test(file.ownerOf(call)?.node.text ?? '')))
        yield { at: call.place, kind: 'fail', message: `\`rm\` removes \`${target}\` with all that is in it` };
      return;
    }
    if (callee === undefined || !DESTRUCTIVE_CALLS.has(callee) || file.stubbed(callee, call) !== undefined || file.imports('pyfakefs')) return;
    const recursive = callee === 'shutil.rmtree' || callee === 'os.removedirs';
    const path = removedBy(call);
    if (path === undefined) return;
    const found = danger(path, file);
    if (found === undefined || (!recursive && found.from === 'here')) return;
    if (isOfTheTest(path, found.from, call, file) || isClearedBefore(path, call, file)) return;
    const isSet = found.variable !== undefined && file.importsSet(found.variable);
    if (recursive && found.whole && isSet)
      yield { at: call.place, message: `\`${call.method}\` removes ${found.what} with all that is in it, unless the code under test has set it` };
    else if (recursive && found.whole) yield { at: call.place, kind: 'fail', message: `\`${call.method}\` removes ${found.what} with all that is in it` };
    else
      yield {
        at: call.place,
        ...(recursive ? {} : named(found.from)),
        message: `\`${call.method}\` removes something below ${found.what}: did the test make it?`,
      };
  },
  examples: [
    {
      name: 'the working folder, the home folder, the environment',
      bad: py`
        import os
        import shutil
        from pathlib import Path

        def test_clean():
            shutil.rmtree(os.getcwd())  #! removes the working folder with all that is in it
            shutil.rmtree(Path.home() / ".harbour")  #! removes something below the home folder
            shutil.rmtree(os.path.expanduser("~/" + "harbour"))  #! removes something below the home folder
            shutil.rmtree(os.path.expanduser("~"))  #! removes the home folder with all that is in it
            shutil.rmtree(os.environ["BUILD"])  #! removes a path from the environment
            os.unlink(os.environ["BUILD"] + "/harbour.db")  #! removes something below a path from the environment
      `,
    },
    {
      name: 'a temporary folder at hand says nothing of another path',
      bad: py`
        import os
        import shutil

        def test_clean(tmp_path):
            (tmp_path / "x").mkdir()
            shutil.rmtree(os.getcwd())  #! removes the working folder with all that is in it
      `,
    },
    {
      name: 'a variable that the code under test sets, and a folder of the process below the temporary one',
      bad: {
        'tests/test_spool.py': py`
          import os
          import shutil
          import tempfile
          from harbour import spool

          SPARE = tempfile.gettempdir() + "/" + os.environ.get("WORKER", "0")

          def test_spool():
              spool.fill()
              shutil.rmtree(os.environ[spool.SPOOL])  #! unless the code under test has set it
              shutil.rmtree(SPARE)
        `,
        'harbour/spool.py': py`
          import os
          import tempfile

          SPOOL = "HARBOUR_SPOOL"

          if SPOOL not in os.environ:
              os.environ[SPOOL] = tempfile.mkdtemp()

          def fill():
              pass
        `,
      },
    },
    {
      name: 'a tear-down that clears what the set-up has cleared: told once',
      bad: py`
        import os
        import shutil
        import unittest

        class TestPlan(unittest.TestCase):
            def setUp(self):
                shutil.rmtree(os.path.join(os.getcwd(), ".plan"), ignore_errors=True)  #! removes something below the working folder

            def tearDown(self):
                shutil.rmtree(os.path.join(os.getcwd(), ".plan"), ignore_errors=True)
                shutil.rmtree(os.path.join(os.getcwd(), ".draft"))  #! removes something below the working folder
      `,
    },
    {
      name: 'a command',
      bad: py`
        import subprocess

        def test_clean():
            subprocess.check_call(["rm", "-rf", "/"])  #! ${'`rm` removes `/` with all that is in it'}
            subprocess.check_call(["rm", "-rf", "build"])
      `,
    },
    {
      name: 'a fixture puts another home in the place of the real one',
      good: py`
        import os
        import pytest

        @pytest.fixture(autouse=True)
        def home(monkeypatch, tmp_path):
            monkeypatch.setenv("HOME", str(tmp_path))

        def test_clean():
            os.remove(os.path.expanduser("~/.harbour"))
      `,
    },
    {
      name: 'a fixture that the test asks for moves it to another folder',
      good: {
        'tests/test_clean.py': py`
          import os
          import shutil

          def test_clean(quay):
              shutil.rmtree(os.getcwd())
        `,
        'tests/conftest.py': py`
          import pytest

          @pytest.fixture
          def moved(monkeypatch, tmp_path):
              monkeypatch.chdir(tmp_path)

          @pytest.fixture
          def quay(moved):
              return "quay"
        `,
      },
    },
    {
      name: 'a folder that another function makes up for, and one that was not there before',
      good: py`
        import atexit
        import os
        import shutil
        import tempfile

        def prepare():
            if "SPOOL" not in os.environ:
                os.environ["SPOOL"] = tempfile.mkdtemp()
                atexit.register(clean)

        def clean():
            shutil.rmtree(os.environ["SPOOL"])

        def test_run(run):
            settings = os.path.expanduser("~/.harbour")
            is_new = not os.path.exists(settings)
            run()
            if is_new:
                os.unlink(settings)
      `,
    },
    {
      name: 'a folder that the test made, a stub, a known name',
      good: py`
        import os
        import shutil
        import tempfile
        from unittest import mock

        def test_clean(tmp_path):
            shutil.rmtree(tmp_path / "x")
            os.chdir(tmp_path)
            os.system("rm -rf *")
            folder = tempfile.mkdtemp()
            shutil.rmtree(folder)
            shutil.rmtree("build")

        def test_moved(tmp_path, monkeypatch):
            monkeypatch.chdir(tmp_path)
            shutil.rmtree(os.getcwd())

        def test_made():
            os.makedirs(os.path.join(os.getcwd(), "spool"))
            shutil.rmtree(os.path.join(os.getcwd(), "spool"))

        @mock.patch("shutil.rmtree")
        def test_stubbed(rmtree):
            shutil.rmtree("/")
      `,
    },
  ],
});
