import { argument, type Call, constantText, type Expression, type TestFile, walk } from '../model.ts';
import { behind } from '../python/behind.ts';
import { writingMode } from '../python/data-files.ts';
import { movedToOwnFolder } from '../python/own-folder.ts';
import { defineRule, type Fix, py } from '../rule.ts';

export const rule = defineRule({
  id: 'machine-configuration-used',
  code: 'API013',
  category: 'api',
  title: 'configuration of the deployed system is used or written',
  kind: 'review',
  kinds: ['review', 'informational'],
  confidence: 'high',
  cwe: [668],
  why: 'On a machine where the service runs the test changes it, or takes its passwords and policy; on any other it fails.',
  instead: 'Write the file in a folder of the test: `tmp_path`, `fixtures.TempDir`.',
  limits:
    'Paths that are put together while the test runs are not seen. Functional and integration tests, which run on a machine of their own, tests behind a guard, modules without tests, and paths that hang on what a fixture gives are notes. Reading of files that every system has is left alone.',
  links: ['https://cwe.mitre.org/data/definitions/668.html', 'https://refspecs.linuxfoundation.org/FHS_3.0/fhs/ch03s07.html'],
  on: 'call',
  calls: (callee, method) => callee === 'builtins.open' || callee === 'io.open' || WRITERS.has(callee) || PATH_WRITERS.test(method) || CONFIGURES.test(method),
  *check(call, file) {
    if (file.expected(call) || file.rejected(call) || file.imports('pyfakefs')) return;
    // A module that does so when it is imported is a program for a machine: no test could import it.
    if (file.kind === 'helper' && file.ownerOf(call) === undefined) return;
    const kind: { readonly kind?: 'informational' } = file.tier !== 'unit' || file.kind === 'helper' || file.guarded(call) ? { kind: 'informational' } : {};
    const written = writtenPath(call);
    if (written !== undefined) {
      if (
        file.stubbed(call.callee ?? '', call) === undefined &&
        !isReplaced(written.at, call, file) &&
        !isRedirected(call, file.ownerOf(call)?.node.text ?? '')
      )
        yield {
          at: call.place,
          ...(isOfFixture(written.at, call, file) ? { kind: 'informational' } : kind),
          ...fixOf(written.at, call, file),
          message: `\`${call.method}\` writes \`${written.path}\`, which belongs to the machine`,
        };
      return;
    }
    const used = configurationPath(call);
    if (
      used === undefined ||
      /not_?found|missing|nonexist|no_such|does_?nt?_?exist/i.test(file.ownerOf(call)?.name ?? '') ||
      isRedirected(call, file.ownerOf(call)?.node.text ?? '')
    )
      return;
    yield { at: used.at.place, ...kind, ...fixOf(used.at, call, file), message: `the deployed configuration \`${used.path}\` is put in force` };
  },
  examples: [
    {
      name: 'a file of the machine is written',
      bad: py`
        import os
        import shutil

        def test_hosts():
            with open("/etc/hosts", "a") as hosts:  #! which belongs to the machine
                hosts.write("127.0.0.1 harbour")

        def test_policy(source):
            shutil.copy(source, "/etc/harbour/policy.yaml")  #! which belongs to the machine
            os.unlink("/var/lib/harbour/lock")  #! which belongs to the machine
      `,
    },
    {
      name: 'the policy of the machine',
      bad: py`
        import testtools

        class TestBerths(testtools.TestCase):
            def test_list(self):
                self.flags(policy_file="/etc/harbour/policy.yaml", group="oslo_policy")
                #                      ^^^^^^^^^^^^^^^^^^^^^^^^^^ is put in force
      `,
      fixed: py`
        import fixtures
        import testtools

        class TestBerths(testtools.TestCase):
            def test_list(self):
                self.flags(policy_file=self.useFixture(fixtures.TempDir()).join("policy.yaml"), group="oslo_policy")
      `,
    },
    {
      name: 'in a module without tests, which may run elsewhere: a note',
      bad: {
        'tests/layers/hooks.py': py`
          def install():
              with open("/etc/harbour/policy.yaml", "w") as policy:  #! which belongs to the machine
                  policy.write("")
        `,
      },
    },
    {
      name: 'a file that pytest has a folder for',
      bad: py`
        def test_policy(harbour):
            with open("/etc/harbour/policy.yaml", "w") as policy:  #! which belongs to the machine
                policy.write("")
      `,
      fixed: py`
        def test_policy(harbour, tmp_path):
            with open(tmp_path / "policy.yaml", "w") as policy:
                policy.write("")
      `,
    },
    {
      name: 'a path that hangs on what a fixture gives: a note',
      bad: {
        'tests/test_settings.py': py`
          import os
          import pytest
          from harbour import config

          @pytest.fixture
          def settings(shelf):
              config.__dict__.update({"FOLDER": shelf})
              return config

          def test_default(settings):
              stored = os.path.join(settings.FOLDER, "harbour.conf")
              os.remove(stored)  #! which belongs to the machine
              assert settings.load() == {}
        `,
        'harbour/config.py': py`
          FOLDER = "/etc/harbour"

          def load():
              return {}
        `,
      },
    },
    {
      name: 'a path of the code under test, which the set-up or the test changes',
      good: {
        'tests/test_cache.py': py`
          import os
          import tempfile
          import unittest
          from harbour import cache

          class TestCache(unittest.TestCase):
              def setUp(self):
                  self.actual = cache.Cache.FILE
                  self.stored = tempfile.NamedTemporaryFile()
                  self.addCleanup(self.stored.close)
                  self.addCleanup(setattr, cache.Cache, "FILE", self.actual)
                  cache.Cache.FILE = self.stored.name

              def test_gone(self):
                  os.remove(cache.Cache.FILE)
                  self.assertFalse(cache.Cache().exists())

          def test_written(tmp_path):
              actual = cache.Cache.FILE
              try:
                  cache.Cache.FILE = str(tmp_path / "cache.json")
                  with open(cache.Cache.FILE, "w") as stored:
                      stored.write("[]")
                  assert cache.Cache().exists()
              finally:
                  cache.Cache.FILE = actual
        `,
        'harbour/cache.py': py`
          class Cache:
              FILE = "/var/lib/harbour/cache.json"

              def exists(self):
                  return False
        `,
      },
    },
    {
      name: 'a fixture of the class puts another file system in force, or what a table of its module lists',
      good: {
        'tests/conftest.py': py`
          import builtins
          import os
          import pytest

          REDIRECTED = {os: [("mkdir", 1), ("rename", 2)], builtins: [("open", 1)]}

          @pytest.fixture
          def redirected(mocker, tmp_path):
              for module, functions in REDIRECTED.items():
                  for name, count in functions:
                      mocker.patch.object(module, name, below(tmp_path, count, getattr(module, name)))

          @pytest.fixture
          def in_memory(fs):
              yield fs
        `,
        'tests/test_mounts.py': py`
          import os
          import pytest

          class TestMounts:
              @pytest.fixture(autouse=True)
              def prepared(self, in_memory):
                  in_memory.create_dir("/etc")

              def test_mount(self):
                  with open("/etc/fstab", "w") as table:
                      table.write("")

          @pytest.mark.usefixtures("redirected")
          class TestNames:
              def _write(self):
                  os.mkdir("/etc/harbour")
                  with open("/etc/harbour/names", "w") as names:
                      names.write("")

              def test_written(self):
                  self._write()

          @pytest.mark.usefixtures("fs")
          def test_alone():
              os.remove("/etc/harbour/names")
        `,
      },
    },
    {
      name: 'what the table does not list is of the machine',
      bad: {
        'tests/test_links.py': py`
          import builtins
          import os
          import pytest

          REDIRECTED = {os: [("mkdir", 1)], builtins: [("open", 1)]}

          @pytest.fixture
          def redirected(mocker, tmp_path):
              for module, functions in REDIRECTED.items():
                  for name, count in functions:
                      mocker.patch.object(module, name, below(tmp_path, count, getattr(module, name)))

          def test_link(redirected):
              os.symlink("names", "/etc/harbour/names")  #! which belongs to the machine
        `,
      },
    },
    {
      name: 'a folder of the test, a stub, an expectation, plain reading',
      good: py`
        from unittest import mock

        def test_policy(tmp_path):
            (tmp_path / "etc").mkdir()
            with open(tmp_path / "etc" / "policy.yaml", "w") as policy:
                policy.write("")
            with open("/etc/hosts") as hosts:
                assert hosts.read()

        @mock.patch("builtins.open")
        def test_stubbed(opened):
            with open("/etc/harbour/harbour.conf", "w") as conf:
                conf.write("")
            opened.assert_called_once_with("/etc/harbour/harbour.conf", "w")

        def test_default(conf):
            assert conf.policy_file == "/etc/harbour/policy.yaml"
      `,
    },
  ],
});

const OF_THE_MACHINE = /^\/(?:etc|var\/lib|usr\/(?:share|lib)|lib\/systemd|boot)\/\S/;
/** The position of the path that they write or remove. */
const WRITERS: ReadonlyMap<string, number> = new Map([
  ['os.remove', 0],
  ['os.unlink', 0],
  ['os.rename', 1],
  ['os.replace', 1],
  ['os.makedirs', 0],
  ['os.mkdir', 0],
  ['os.symlink', 1],
  ['os.truncate', 0],
  ['shutil.rmtree', 0],
  ['shutil.copy', 1],
  ['shutil.copy2', 1],
  ['shutil.copyfile', 1],
  ['shutil.copytree', 1],
  ['shutil.move', 1],
]);

interface OfTheMachine {
  readonly at: Expression;
  readonly path: string;
}

function pathOf(it: Expression | undefined): OfTheMachine | undefined {
  const path = constantText(it?.value);
  return it !== undefined && path !== undefined && OF_THE_MACHINE.test(path) ? { at: it, path } : undefined;
}

function fixOf(at: Expression, call: Call, file: TestFile): { readonly fix?: Fix } {
  // What removes a file of the machine would have nothing to remove.
  if (/^(?:remove|unlink|rmtree|truncate)$/.test(call.method)) return {};
  const fix = movedToOwnFolder(at, call, file, CONFIGURES.test(call.method));
  return fix === undefined ? {} : { fix };
}

/** `join(settings.folder, name)` of a fixture `settings`, which may put the folder elsewhere. */
function isOfFixture(at: Expression, call: Call, file: TestFile): boolean {
  const owner = file.ownerOf(call);
  if (owner === undefined || (owner.fixture === undefined && owner.role !== 'test')) return false;
  const given = new Set(owner.parameters.filter((it) => it !== 'self' && it !== 'cls'));
  return given.size > 0 && behind(at, owner.node).some((it) => it.type === 'attribute' && it.object.type === 'name' && given.has(it.object.id));
}

/** A name of another module that the function, or the set-up of the class, has given another path. */
function isReplaced({ refersTo, text }: Expression, call: Call, file: TestFile): boolean {
  if (refersTo !== undefined && file.stubbed(refersTo, call) !== undefined) return true;
  const owner = file.ownerOf(call);
  const setUp = owner?.class === undefined ? undefined : file.definition(`${owner.class.qualified}().setUp`)?.node;
  const here = owner === undefined ? [] : walk(owner.node);
  const before = [...(setUp === undefined ? [] : walk(setUp)), ...here.slice(0, here.indexOf(call))];
  return before.some((it) => it.type === 'assignment' && it.targets.some((each) => each.type === 'attribute' && each.text === text));
}

/** The path below \`/etc\` or \`/var/lib\` that the call writes. */
function writtenPath(call: Call): OfTheMachine | undefined {
  if (call.callee === 'builtins.open' || call.callee === 'io.open') return writingMode(call, 1) === undefined ? undefined : pathOf(argument(call, 'file', 0));
  const at = WRITERS.get(call.callee ?? '');
  if (at !== undefined) return pathOf(argument(call, undefined, at));
  const maker = call.function.type === 'attribute' && PATH_WRITERS.test(call.method) ? call.function.object.value : undefined;
  return maker?.kind === 'result' && maker.name === 'pathlib.Path' ? pathOf(maker.call.arguments[0]?.value) : undefined;
}

const PATH_WRITERS = /^(?:write_text|write_bytes|unlink|touch|mkdir)$/;
const CONFIGURES = /^(?:flags|config|set_override|set_default|override|override_config|ConfigOpts|CONF|conf|parse_args|loadapp|appconfig|load_app)$/;
const OPTION = /^(?:policy_file|policy_dirs?|config_files?|config_dirs?|default_config_files|api_paste_config|paste_config|config_path)$/;

/** A file of the machine that is put in force as configuration. */
function configurationPath(call: Call): OfTheMachine | undefined {
  if (!CONFIGURES.test(call.method)) return undefined;
  const named = call.arguments[0]?.value;
  const byName = named !== undefined && OPTION.test(constantText(named.value) ?? '') ? call.arguments[1]?.value : undefined;
  for (const it of [byName, ...call.arguments.filter((each) => OPTION.test(each.keyword ?? '')).map((each) => each.value)]) {
    if (it === undefined) continue;
    for (const each of it.type === 'list' || it.type === 'tuple' ? it.items : [it]) {
      const found = pathOf(each);
      if (found !== undefined) return found;
    }
  }
  return undefined;
}

/** In another root: a chroot or mount namespace, or what opens files is replaced. */
function isRedirected(call: Call, around: string): boolean {
  return (
    /chroot|unshare|patch_open|mock_open|fake_open|fakefs|patch\.object\(\w+, ["'](?:open|_?write\w*|load|read\w*|exists|isfile)["']/.test(around) ||
    call.text.includes('{')
  );
}
