import {
  type Assignment,
  ancestors,
  type Change,
  constantText,
  type ExpressionStatement,
  isStatement,
  type Node,
  type Place,
  type Statement,
  statementOf,
  type TestFile,
  walk,
} from '../model.ts';
import { blockAround, excludes } from '../python/blocks.ts';
import { asksFor, cleanupMethod, enterMethod } from '../python/cleanups.ts';
import { between, nodeAt, siblingOf } from '../python/leaks.ts';
import { insideRaises } from '../python/mock-assertions.ts';
import { code } from '../python/patchers.ts';
import { isForAll, isForSession, isOfBase, isWide } from '../python/session.ts';
import { isDropped } from '../python/unittest.ts';
import type { Fix } from '../rule.ts';
import { defineRule, insertBefore, py, replace } from '../rule.ts';

/** Reads what the environment says. */
const SETTINGS = py`
  import os

  def url():
      return os.environ.get("API_URL", "https://api.example.com")
`;

export const rule = defineRule({
  id: 'environment-changed',
  code: 'MCK006',
  category: 'mocking',
  title: 'Environment changed by hand and not restored',
  kind: 'fail',
  kinds: ['fail', 'review', 'informational'],
  confidence: 'high',
  cwe: [459],
  peers: { sonar: ['S8997'], ruff: ['B003'], bugbear: ['B003'] },
  why: 'A variable that stays set steers every later test and every process that they start: proxies, credentials and switches of one test reach the others.',
  instead: 'Use `monkeypatch.setenv`, `mock.patch.dict(os.environ, …)` or `fixtures.EnvironmentVariable`.',
  limits:
    'A restore that another module does is not seen, but for what an autouse fixture or `pytest_runtest_setup` of a `conftest.py` does before each test. What is set at import is a note, and so are defaults (also under `if name not in os.environ`), what is taken away, what a function sets for its callers, a written value that a fixture or the set-up of a class or module gives, what is changed where each test has a process of its own (`--forked`, unit tests of an Ansible collection), and what a fixture of a whole module or for every test of a folder sets, or a base class for those who derive from it. Under a condition it is a point to decide, and so for a variable that none but modules in reach go by (the tests that reach them may all set it first), and where the class gives a list to a set-up of its base that goes through it. A variable that neither every program goes by nor the modules in reach name is a note (a point to decide where its value is worked out, or where it is set back at the end and clients of networks or clouds go by it), and nothing where the test itself asks for it. It is a note, too, where those modules go by the same value, or only the file itself reads it, run as a script, and each test that names it sets it. What `os.putenv` has set counts as set back by a cleanup with `os.unsetenv`, though a value from before is lost. What `pytest-env` or `tox.ini` gives the variable sets it back.',
  links: ['https://docs.python.org/3/library/unittest.mock.html#patch-dict', 'https://docs.pytest.org/en/stable/how-to/monkeypatch.html'],
  once: 'class',
  alike: true,
  on: 'change',
  *check(change, file) {
    if (change.sort !== 'environment' || change.releases.some((it) => it.how !== 'inline')) return;
    if (file.ownProcess || isForSession(change.owner, file) || isProgram(change.owner) || isWayBack(change) || isSame(change)) return;
    if (isNeverRun(change, file) || isSetBefore(change, file) || isAsGiven(change.key, change.newValue, file)) return;
    // Run as a script, expected to be refused, or run in a child process.
    if (insideRaises(change.node) || [...ancestors(change.node)].some((it) => it.type === 'lambda' || (it.type === 'if' && /__name__/.test(it.test.text))))
      return;
    const what = change.key === undefined ? '`os.environ`' : `\`${change.key}\` of the environment`;
    // Taking it away once more brings nothing back.
    const inline = change.releases.find((it) => !isTakenAway(change) || !/^del |\.pop\(|\bunsetenv\(/.test(it.by)) ?? givenBack(change, file);
    if (inline !== undefined) {
      if (isTakenBackAtOnce(change, inline.place) || isTakenBackBehindYield(change)) return;
      const trail = inline.place === undefined ? {} : { trail: [{ at: inline.place, note: `${code(inline.by)} sets it back` }] };
      const kind = isDefaultOfReaders(change, file) || isOfNobody(change, file) ? 'informational' : 'review';
      yield { at: change.place, kind, message: `${what} is set back only when nothing fails in between`, ...trail };
      return;
    }
    if (change.owner === undefined) {
      // Said where it can be seen, of all tests alike.
      yield { at: change.place, kind: 'informational', message: `${what} is changed at import, for every test of the process` };
      return;
    }
    // Whoever calls a helper may set it back; and what is taken away may be what the code under test has left.
    const helps = change.owner.role === 'helper';
    if (change.node.type === 'delete' && isLookedAtBefore(change.node, change.owner.node)) return;
    if (isTakenAwayByCode(change, change.owner.node)) return;
    if (helps || isTakenAway(change) || isDefault(change) || isWide(change.owner, file)) {
      yield { at: change.place, kind: 'informational', message: `${what} is changed, and nothing here sets it back` };
      return;
    }
    if (isForAll(change.owner, file) || isOfBase(change.owner)) {
      yield { at: change.place, kind: 'informational', message: `${what} is set for every test that begins with this, and left set for the others` };
      return;
    }
    const fix = fixOf(change, file);
    if (file.project.forked) {
      yield { at: change.place, kind: 'informational', message: `${what} is changed and never set back: it ends with the process that each test has` };
      return;
    }
    // Each test that asks for the fixture, or stands in the class or module, is given the same, and wants it.
    const given = change.owner.fixture !== undefined || /^(?:class|module)-setup$/.test(change.owner.role);
    const asDefault = isDefaultOfReaders(change, file);
    const known = change.key === undefined ? isEmptied(change) : OF_ALL.test(change.key) || (!asDefault && file.importsKnow(change.key));
    if (!known && isReadAfter(change)) return;
    // What nobody here knows may be anybody's; where its value is one of this test only, somebody may still go by it.
    const byScript = !known && change.key !== undefined && file.readsAsScript(change.key);
    const noted = byScript || (isWritten(change.newValue) && (given || (!known && change.key !== undefined)));
    const helpers = known ? helpersOf(change, file) : undefined;
    const steersAll = change.key === undefined || OF_ALL.test(change.key);
    const certain = known && steersAll && helpers === undefined && !isUnderCondition(change);
    const kind = noted ? 'informational' : certain ? 'fail' : 'review';
    const unless = helpers === undefined ? '' : `, unless one of ${code(helpers)} sets it back`;
    const unseen = byScript
      ? 'this file reads it, run as a script'
      : asDefault
        ? 'those in reach that name it go by the same value'
        : 'whether anything later reads it is not seen';
    const seen = known ? `later tests see it${unless}` : unseen;
    yield { at: change.place, kind, message: `${what} is changed and never set back: ${seen}`, ...(fix === undefined ? {} : { fix }) };
  },
  examples: [
    {
      name: 'set and left',
      bad: {
        'tests/test_url.py': py`
          import os
          import unittest
          from unittest import mock
          from harbour import settings

          class TestUrl(unittest.TestCase):
              def test_url(self):
                  os.environ["API_URL"] = "https://api.example.test"
          #       ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ never set back: later tests see it
                  assert settings.url() == "https://api.example.test"
        `,
        'harbour/settings.py': SETTINGS,
      },
      fixed: py`
        import os
        import unittest
        from unittest import mock
        from harbour import settings

        class TestUrl(unittest.TestCase):
            def test_url(self):
                environment = mock.patch.dict(os.environ)
                environment.start()
                self.addCleanup(environment.stop)
                os.environ["API_URL"] = "https://api.example.test"
                assert settings.url() == "https://api.example.test"
      `,
    },
    {
      name: 'a module that the code under test imports reads it, or every program does; nobody is seen to; nobody but the test',
      bad: {
        'tests/test_client.py': py`
          import os
          from unittest import mock
          from harbour import client

          def test_url():
              os.environ["API_URL"] = "https://api.example.test"  #! never set back: later tests see it; 1 more of its kind: line 18
              assert client.open() == "https://api.example.test"

          def test_proxy():
              os.environ["HTTP_PROXY"] = "http://proxy.example.test"  #! whether anything later reads it is not seen; 1 more of its kind: line 22
              assert client.open() == "https://api.example.com"

          def test_region():
              os.environ["API_REGION"] = "north"  #! go by the same value
              assert client.region() == "north"

          def test_mode():
              os.environ["API_MODE"] = "north"
              assert client.mode() == "north"

          def test_zone(zone):
              os.environ["HARBOUR_ZONE"] = zone.name
              os.environ["TZ"] = zone.name  #! never set back: later tests see it
              assert client.open() == "https://api.example.com"

          def test_nothing():
              os.environ.clear()  #! ${'`os.environ`'} is changed and never set back: later tests see it
              assert client.open() == "https://api.example.com"

          def test_any():
              os.environ["ANY"] = "7"
              assert client.get("ANY") == "7"

          def test_expanded(monkeypatch):
              os.environ["ANY"] = "7"
              assert client.expand("$ANY") == "7"

          def test_expanded_path():
              path = client.path("\${ANY}/ships")
              os.environ["ANY"] = "7"
              assert client.expand(path) == "7/ships"

          @mock.patch.dict("harbour.settings.os.environ")
          def test_other_view():
              os.environ["API_URL"] = "https://api.example.test"
              assert client.open() == "https://api.example.test"
        `,
        'harbour/client.py': py`
          import os
          from harbour import settings

          def open():
              return settings.url()

          def get(name):
              return os.environ[name]

          def region():
              return os.getenv("API_REGION", "north")

          def mode():
              return os.getenv("API_MODE", "north") or os.environ.get("API_MODE", "south")
        `,
        'harbour/settings.py': SETTINGS,
      },
    },
    {
      name: 'a test that nobody awaits, and what an inherited set-up gives anew',
      alsoFinds: ['ERR018'],
      bad: py`
        import os
        import unittest

        class Base(unittest.TestCase):
            def setUp(self):
                os.environ["HARBOUR_MODE"] = "test"  #! every test that begins with this

        class TestShip(Base):
            def test_live(self):
                os.environ["HARBOUR_MODE"] = "live"
                assert load()

        class TestLater(unittest.TestCase):
            async def test_live(self):
                os.environ["HARBOUR_HOST"] = "north"
                await load()
      `,
    },
    {
      name: 'set back behind nothing but what reads it back; not behind the code under test',
      bad: py`
        import os
        from harbour import load

        def test_pollution():
            before = os.environ.get("HARBOUR_MODE")
            os.environ["HARBOUR_MODE"] = "live"
            os.environ["HARBOUR_PORT"] = "80"
            assert os.environ["HARBOUR_MODE"] == "live"
            if before is not None:
                os.environ["HARBOUR_MODE"] = before
            elif "HARBOUR_MODE" in os.environ:
                del os.environ["HARBOUR_MODE"]
            if "HARBOUR_PORT" in os.environ:
                del os.environ["HARBOUR_PORT"]

        def test_load():
            os.environ["HARBOUR_MODE"] = "live"  #! 2 times, also line 22
            assert load()
            del os.environ["HARBOUR_MODE"]

        def test_other():
            os.environ["HARBOUR_MODE"] = "live"
            assert os.environ["HARBOUR_HOST"] == "live"
            del os.environ["HARBOUR_MODE"]
      `,
    },
    {
      name: 'told to the system alone, and left in the mapping',
      bad: py`
        import os
        import unittest

        class TestZone(unittest.TestCase):
            def test_zone(self):
                self.addCleanup(os.unsetenv, "TZ")
                os.environ["TZ"] = "Europe/Paris"  #! never set back
                assert load()
      `,
    },
    {
      name: 'where Python has `enterContext`',
      bad: {
        'tests/test_url.py': py`
          import os
          import unittest
          from unittest import mock

          class TestUrl(unittest.TestCase):
              def test_url(self):
                  os.environ["API_URL"] = "https://api.example.test"  #! never set back
        `,
        'pyproject.toml': '[project]\nrequires-python = ">=3.12"\n',
      },
      fixed: py`
        import os
        import unittest
        from unittest import mock

        class TestUrl(unittest.TestCase):
            def test_url(self):
                self.enterContext(mock.patch.dict(os.environ))
                os.environ["API_URL"] = "https://api.example.test"
      `,
    },
    {
      name: 'for a class, and under a condition',
      bad: py`
        import os
        import sys
        import unittest

        class TestUrl(unittest.TestCase):
            @classmethod
            def setUpClass(cls):
                os.environ["API_QUIET"] = "1"  #! never set back

            def test_quiet(self):
                assert load()

        def test_url():
            if sys.platform == "linux":
                os.environ["API_URL"] = "https://api.example.test"  #! never set back
      `,
    },
    {
      name: 'each test has a process of its own',
      bad: {
        'tests/test_url.py': py`
          import os

          def test_url():
              os.environ["API_URL"] = "https://api.example.test"  #! ends with the process
        `,
        'pytest.ini': '[pytest]\naddopts = -n 2 --forked\n',
      },
    },
    {
      name: 'helpers of the class may bring it back: a point to decide',
      bad: {
        'tests/test_url.py': py`
          import os
          from harbour import settings
          from tests.base import EnvironmentSaver, HelperCase

          class TestUrl(HelperCase):
              helpers = [EnvironmentSaver]

              def test_url(self):
                  os.environ["API_URL"] = "https://api.example.test"  #! unless one of ${'`helpers`'} sets it back
                  assert settings.url() == "https://api.example.test"
        `,
        'tests/base.py': py`
          import os
          import unittest

          class EnvironmentSaver:
              def __init__(self):
                  self.kept = os.environ.copy()

              def stop(self):
                  os.environ.update(self.kept)

          class HelperCase(unittest.TestCase):
              helpers = []

              def setUp(self):
                  self.started = []
                  for helper in self.helpers:
                      self.started.append(helper())

              def tearDown(self):
                  for helper in self.started:
                      helper.stop()
        `,
        'harbour/settings.py': SETTINGS,
      },
    },
    {
      name: 'a method that pytest does not call, and what the set-up gives already',
      bad: py`
        import os
        import unittest

        class TestUrl:
            @classmethod
            def setUpClass(cls):
                os.environ["API_URL"] = "https://api.example.test"

        class TestQuiet(unittest.TestCase):
            def setUp(self):
                os.environ["API_QUIET"] = "1"  #! never set back

            def test_quiet(self):
                os.environ["API_QUIET"] = "1"
                assert load()
      `,
    },
    {
      name: 'with monkeypatch at hand',
      bad: py`
        import os

        def test_url(monkeypatch):
            os.environ["API_URL"] = "https://api.example.test"  #! never set back
      `,
      fixed: py`
        import os

        def test_url(monkeypatch):
            monkeypatch.setenv("API_URL", "https://api.example.test")
      `,
    },
    {
      name: 'a context manager: the way back is no change',
      bad: py`
        import contextlib
        import os

        @contextlib.contextmanager
        def environment(values):
            kept = dict(os.environ)
            os.environ.update(values)  #! only when nothing fails
            yield
            os.environ.clear()
            os.environ.update(kept)
      `,
      alsoFinds: ['RES017'],
    },
    {
      name: 'taken away in the other branch of the condition, which never runs after it',
      bad: py`
        import os
        import pytest
        from harbour import paint

        @pytest.mark.parametrize("colour", [None, "1"])
        def test_colour(colour):
            if colour is not None:
                os.environ["NO_COLOR"] = colour  #! never set back
            elif "NO_COLOR" in os.environ:
                os.environ.pop("NO_COLOR")
            assert paint() is None

        def test_colours(colours):
            for colour in colours:
                if colour is not None:
                    os.environ["COLOR"] = colour  #! only when nothing fails
                else:
                    os.environ.pop("COLOR")
                assert paint()
      `,
    },
    {
      name: 'a branch that gives a value of its own is no restore, whatever the other one gives back',
      bad: py`
        import os

        def test_home(harbour):
            old = os.environ.get("HOME")
            if old is None:
                os.environ["HOME"] = "/quay"  #! never set back
            else:
                os.environ["HOME"] = old
            assert harbour.open()
      `,
    },
    {
      name: 'another variable is taken away',
      bad: py`
        import os

        class TestUrl:
            def set_all(self):
                os.environ["API_URL"] = "https://api.example.test"  #! nothing here sets it back; 1 more of its kind: line 6
                os.environ.pop("API_KEY", None)
      `,
    },
    {
      name: 'a copy that is put in again',
      bad: py`
        import os

        def test_region(load):
            kept = os.environ.copy()
            os.environ["REGION"] = "north"  #! only when nothing fails
            assert load()
            os.environ.clear()
            os.environ.update(kept)
      `,
    },
    {
      name: 'for the whole suite',
      bad: { 'tests/conftest.py': "import os\n\nos.environ['HARBOUR_MODE'] = 'test'  #! changed at import\n" },
    },
    {
      name: 'taken away',
      bad: py`
        import os

        def test_without_proxy():
            os.environ.pop("HTTPS_PROXY", None)  #! ${'`HTTPS_PROXY`'} of the environment is changed, and nothing here
      `,
    },
    {
      name: 'a helper, and what the code under test left',
      bad: py`
        import os

        def set_zone(name):
            os.environ["TZ"] = name  #! nothing here sets it back; 2 more of its kind: lines 12, 13

        class Backend:
            def __call__(self):
                os.environ.update(self.variables)  #! nothing here sets it back

        def test_opens(harbour):
            harbour.open()
            del os.environ["HARBOUR"]
            os.unsetenv("HARBOUR_MODE")
      `,
    },
    {
      name: 'given what it has',
      good: py`
        import os

        def test_trace(names):
            environment = os.environ
            for name in names:
                environment[name] = os.environ[name]
      `,
    },
    {
      name: 'taken away in two branches, which brings nothing back',
      bad: {
        'tests/conftest.py': py`
          import os

          KEPT = {}

          def isolate():
              for name in list(os.environ):
                  if name.startswith("HARBOUR_"):
                      KEPT[name] = os.environ.pop(name)  #! nothing here sets it back; 2 times, also line 10
                  if name == "EDITOR":
                      KEPT[name] = os.environ.pop(name)
        `,
      },
    },
    {
      name: 'a base class gives it anew before each test; its fixture brings it back',
      bad: {
        'tests/base.py': py`
          import os
          import unittest
          import fixtures
          import testtools

          class HarbourCase(unittest.TestCase):
              def setUp(self):
                  os.environ["HARBOUR_MODE"] = "test"  #! every test that begins with this

          class Cache(fixtures.Fixture):
              def setUp(self):
                  super().setUp()
                  self.path = self.useFixture(fixtures.TempDir()).path
                  self.useFixture(fixtures.EnvironmentVariable("HARBOUR_CACHE", self.path))

          class CacheCase(testtools.TestCase):
              def setUp(self):
                  super().setUp()
                  self.useFixture(Cache())
        `,
        'tests/test_cache.py': py`
          import os
          from tests.base import CacheCase

          class TestCache(CacheCase):
              def test_path(self):
                  os.environ["HARBOUR_CACHE"] = "some/path"
                  os.environ["HARBOUR_HOME"] = "some/path"  #! never set back
        `,
      },
    },
    {
      name: 'the variable has a computed name',
      bad: py`
        import os

        def test_all(settings):
            for name, value in settings:
                os.environ[name] = value  #! ${'`os.environ`'} is changed and never set back
      `,
    },
    {
      name: 'taken away before the end, of those in reach named by nobody: a note',
      bad: {
        'tests/test_config.py': py`
          import os
          import pytest
          from harbour import config

          def test_expanded():
              os.environ["HARBOUR_PORT"] = "5001"  #! is set back only when nothing fails in between
              assert config.load("tests/harbour.yml")["port"] == 5001
              os.environ.pop("HARBOUR_PORT")
              with pytest.raises(EnvironmentError):
                  config.load("tests/harbour.yml")

          @pytest.mark.parametrize("at", [1, 2])
          def test_proxy(at):
              os.environ["HTTPS_PROXY"] = "http://localhost:1"  #! is set back only when nothing fails in between
              config.load("tests/harbour.yml")
              del os.environ["HTTPS_PROXY"]
        `,
        'harbour/config.py': 'import os\n\ndef load(path):\n    return os.path.expandvars(open(path).read())\n',
      },
    },
    {
      name: 'set back at the end of the test',
      bad: py`
        import os

        def test_no_proxy():
            os.environ["no_proxy"] = "*"  #! only when nothing fails
            assert fetch() == "direct"
            del os.environ["no_proxy"]
            os.unsetenv("no_proxy")
      `,
    },
    {
      name: 'many set back at the end: the lines that do it change nothing',
      bad: py`
        import os

        def test_all(names):
            old = [os.getenv("HARBOUR_" + it) for it in names]
            for name in names:
                os.environ["HARBOUR_" + name] = "1"  #! only when nothing fails
            assert load()
            for name, value in zip(names, old):
                if value is not None:
                    os.environ["HARBOUR_" + name] = value
      `,
    },
    {
      name: 'the value of another variable',
      bad: py`
        import os

        def test_token():
            token = os.getenv("CI_TOKEN")
            os.environ["API_TOKEN"] = token  #! never set back
            assert load()
      `,
    },
    {
      name: 'kept in a mapping, and set back by the tear-down',
      good: py`
        import os
        import unittest

        class TestUrl(unittest.TestCase):
            def setUp(self):
                self.kept = {}
                for name in ("API_URL", "API_KEY"):
                    self.kept[name] = os.environ.get(name)
                    os.environ[name] = "x"

            def tearDown(self):
                for name, value in self.kept.items():
                    os.environ[name] = value
      `,
    },
    {
      name: 'a copy of the environment, for a process',
      good: py`
        import copy
        import os
        import subprocess

        def test_process():
            env = copy.deepcopy(os.environ)
            env["API_URL"] = "https://api.example.test"
            env.update(API_KEY="x")
            assert subprocess.run(["load"], env=env).returncode == 0
      `,
    },
    {
      name: 'a fixture of every test brings the whole environment back by a context manager around its `yield`',
      alsoFinds: ['RES017'],
      good: {
        'tests/helpers.py': py`
          import contextlib
          import os

          @contextlib.contextmanager
          def isolated(values):
              kept = dict(os.environ)
              os.environ.update(values)
              yield
              os.environ.clear()
              os.environ.update(kept)
        `,
        'tests/conftest.py': py`
          import pytest
          from tests.helpers import isolated

          @pytest.fixture(autouse=True)
          def isolate():
              with isolated({}):
                  yield
        `,
      },
    },
    {
      name: 'told to the system, and taken back there',
      good: py`
        import os
        import unittest

        class TestZone(unittest.TestCase):
            def test_zone(self):
                def forget():
                    os.unsetenv("TZ")

                self.addCleanup(forget)
                os.putenv("TZ", "Europe/Paris")
                assert load()

            def test_other_zone(self):
                self.addCleanup(os.unsetenv, "TZ")
                os.putenv("TZ", "Europe/Oslo")
                assert load()
      `,
    },
    {
      name: 'restored',
      good: py`
        import os
        import unittest
        from unittest import mock

        class TestUrl(unittest.TestCase):
            def setUp(self):
                self.old = os.environ.get("API_URL")
                os.environ["API_URL"] = "https://api.example.test"
                self.addCleanup(self.restore)

            def restore(self):
                os.environ.pop("API_URL")

            @mock.patch.dict(os.environ, {"A": "1"})
            def test_a(self):
                os.environ["B"] = "2"

            def test_b(self):
                with mock.patch.dict(os.environ):
                    del os.environ["PATH"]

            def test_c(self):
                self.enterContext(mock.patch.dict(os.environ))
                os.environ.clear()

        class Certificates:
            def enable(self, path):
                self.old = os.environ.get("SSL_CERT_FILE")
                os.environ["SSL_CERT_FILE"] = path

            def disable(self):
                if self.old is None:
                    os.environ.pop("SSL_CERT_FILE")
                else:
                    os.environ["SSL_CERT_FILE"] = self.old

        class CertificatesPatcher:
            def __init__(self, path):
                self.old = os.environ.get("SSL_CERT_FILE")
                os.environ["SSL_CERT_FILE"] = path

            def leave(self):
                if self.old is None:
                    del os.environ["SSL_CERT_FILE"]
                else:
                    os.environ["SSL_CERT_FILE"] = self.old

        def test_d(monkeypatch):
            monkeypatch.setenv("API_URL", "https://api.example.test")
      `,
    },
    {
      name: 'a function that the test starts as a program',
      good: py`
        import os
        import sys

        def program():
            os.environ["HARBOUR_MODE"] = sys.argv[1]
      `,
    },
    {
      name: 'a script cannot do without its arguments; a module that looks whether there are some can',
      bad: {
        'tests/serve.py': py`
          import os
          import sys

          port = lambda: sys.argv[1]
          PORT = sys.argv[1] if len(sys.argv) > 1 else "80"
          sys.argv[1] = "80"

          def prepare():
              os.environ["HARBOUR_PORT"] = PORT  #! of the environment is changed
        `,
        'tests/serve_once.py': py`
          import os
          import sys

          PORT = sys.argv[1]

          def prepare():
              os.environ["HARBOUR_PORT"] = PORT
        `,
      },
    },
    {
      name: 'set for the whole session, by a hook or a fixture of the session',
      good: {
        'tests/conftest.py': py`
          import os
          import pytest

          def pytest_configure(config):
              os.environ["HARBOUR_MODE"] = "test"

          def pytest_sessionstart(session):
              os.environ["HARBOUR_MEMORY"] = session.config.getoption("memory")

          @pytest.fixture(scope="session", autouse=True)
          def harbour(tmp_path_factory):
              os.environ["HARBOUR_HOME"] = str(tmp_path_factory.mktemp("harbour"))

          @pytest.fixture(scope="session")
          def ship():
              os.environ["HARBOUR_SHIP"] = "Vasa"
        `,
      },
    },
    {
      name: 'a helper of the base class keeps it',
      good: {
        'tests/test_harbour.py': py`
          import os
          from tests.base import Case

          class TestHarbour(Case):
              def test_editor(self):
                  os.environ["EDITOR"] = "harbour"
                  assert edit() == "harbour"
        `,
        'tests/base.py': py`
          import unittest
          from unittest.mock import patch

          class Case(unittest.TestCase):
              def setUp(self):
                  self.set_up_harbour()

              def tearDown(self):
                  self.tear_down_harbour()

              def set_up_harbour(self):
                  self.environment = patch.dict("os.environ", {"HOME": "/quay"})
                  self.environment.start()

              def tear_down_harbour(self):
                  self.environment.stop()
        `,
      },
    },
    {
      name: 'a fixture takes it away before every test',
      good: {
        'tests/test_harbour.py': py`
          import os

          def test_pilot(harbour):
              os.environ["HARBOUR_PILOT"] = "north"
              assert harbour.pilot() == "north"
        `,
        'tests/conftest.py': py`
          import os
          import pytest

          @pytest.fixture(autouse=True)
          def clean(monkeypatch):
              for name in [it for it in os.environ if it.startswith("HARBOUR_")]:
                  monkeypatch.delenv(name)
        `,
      },
    },
    {
      name: 'a fixture takes it away before every test, among others',
      good: {
        'tests/test_harbour.py': py`
          import os

          def test_pilot(harbour):
              os.environ["HARBOUR_PILOT"] = "north"
              assert harbour.pilot() == "north"
        `,
        'tests/conftest.py': py`
          import pytest

          @pytest.fixture(autouse=True)
          def clean(monkeypatch):
              for name in ("HARBOUR_PILOT", "HARBOUR_BERTH"):
                  monkeypatch.delenv(name, raising=False)
        `,
      },
    },
    {
      name: 'a fixture takes only others away',
      bad: {
        'tests/test_harbour.py': py`
          import os

          def test_pilot(harbour):
              os.environ["HARBOUR_PILOT"] = "north"  #! never set back
              assert harbour.pilot() == "north"
        `,
        'tests/conftest.py': py`
          import pytest

          @pytest.fixture(autouse=True)
          def clean(monkeypatch):
              for name in ("HARBOUR_QUAY", "HARBOUR_BERTH"):
                  monkeypatch.delenv(name, raising=False)
        `,
      },
    },
    {
      name: 'set anew for every test of the folder',
      bad: {
        'tests/conftest.py': py`
          import os
          import pytest

          @pytest.fixture(autouse=True)
          def harbour(container):
              os.environ["HARBOUR_PORT"] = str(container.port)  #! is set for every test that begins with this
        `,
      },
    },
    {
      name: 'a pytest fixture that runs for the test sets it back',
      good: {
        'tests/conftest.py': py`
          import os
          import pytest

          @pytest.fixture
          def environment():
              saved = os.environ.copy()
              yield
              os.environ.clear()
              os.environ.update(saved)

          @pytest.fixture
          def harbour(environment):
              return "north"
        `,
        'tests/test_harbour.py': py`
          import os

          def test_harbour(harbour):
              os.environ["HARBOUR"] = harbour
              assert os.environ["HARBOUR"] == harbour
        `,
      },
    },
    {
      name: 'restored in finally, or by the class',
      good: py`
        import os
        import unittest
        from unittest import mock

        def test_a():
            saved = os.environ.get("API_URL")
            os.environ["API_URL"] = "https://api.example.test"
            try:
                load()
            finally:
                os.environ["API_URL"] = saved

        @mock.patch.dict(os.environ)
        class TestUrl(unittest.TestCase):
            def test_url(self):
                os.environ["API_URL"] = "https://api.example.test"
      `,
    },
    {
      name: 'several variables, in several tests',
      bad: py`
        import os

        def test_host():
            os.environ["HARBOUR_HOST"] = "north"  #! whether anything later reads it is not seen; 2 more of its kind: lines 5, 9
            os.environ["HARBOUR_PORT"] = "7"
            assert load()

        def test_pilot():
            os.environ["HARBOUR_PILOT"] = "Vasa"
            assert load()
      `,
    },
    {
      name: 'for a module, by a fixture of the folder; a default',
      bad: {
        'tests/conftest.py': py`
          import os
          import pytest

          @pytest.fixture(scope="module")
          def harbour():
              os.environ["HARBOUR_HOST"] = "north"  #! nothing here sets it back
              return "north"
        `,
      },
    },
    {
      name: 'the same for every test that asks for it; credentials of nobody',
      bad: {
        'tests/conftest.py': py`
          import os
          import pytest

          @pytest.fixture
          def harbour(tmp_path):
              os.environ["HARBOUR_MODE"] = "test"  #! never set back: whether anything later reads it is not seen; 2 more of its kind: lines 12, 13
              os.environ["HARBOUR_HOME"] = str(tmp_path)  #! never set back
              yield tmp_path

          @pytest.fixture
          def account():
              os.environ["CLOUD_ACCESS_KEY"] = "testing"
              os.environ["CLOUD_REGION"] = "north"

          @pytest.fixture
          def port(container):
              os.environ["HARBOUR_PORT"] = "7"
              os.environ["HARBOUR_HOST"] = "north"
              yield container
              del os.environ["HARBOUR_HOST"]
              del os.environ["HARBOUR_PORT"]
        `,
      },
    },
    {
      name: 'a default that stays, and a variable that is not wanted',
      bad: py`
        import os

        os.environ.pop("HARBOUR_MODE", None)  #! changed at import

        def test_root():
            os.environ.setdefault("SYSTEMROOT", "C")  #! nothing here sets it back
            assert load()
      `,
    },
    {
      name: 'the last line gives what was there before',
      bad: py`
        import os

        def test_no_agent(agent):
            del os.environ["HARBOUR_AGENT"]  #! only when nothing fails
            assert agent.refuses()
            os.environ["HARBOUR_AGENT"] = "agent"
      `,
    },
    {
      name: 'kept by monkeypatch, taken away by the code under test, or gone before anything can fail',
      good: py`
        import os
        import unittest

        def test_port(monkeypatch):
            with monkeypatch.context() as patch:
                patch.setenv("HARBOUR_PORT", "7")
                os.environ["HARBOUR_PORT"] = "8"
                assert load()

        def test_updated(monkeypatch):
            monkeypatch.setenv(PORT, "")
            os.environ.update({PORT: "8"})
            assert load()

        class TestNotify(unittest.TestCase):
            def test_once(self):
                os.environ["NOTIFY_SOCKET"] = "@quay"
                notify_once()
                self.assertRaises(KeyError, os.environ.__getitem__, "NOTIFY_SOCKET")

        def test_gone():
            os.environ["HARBOUR_PILOT"] = "Vasa"
            del os.environ["HARBOUR_PILOT"]
            assert load()
      `,
    },
    {
      name: 'a command that runs the tests',
      good: py`
        import os
        import subprocess
        import click

        @click.command()
        @click.argument("words", nargs=-1)
        def test(words):
            os.environ["PYTHONPATH"] = "."
            return subprocess.call(["python3", "-m", "pytest", *words])
      `,
    },
    {
      name: 'every test begins without it',
      good: {
        'tests/test_url.py': py`
          import os
          from harbour import settings

          def test_url():
              os.environ["API_URL"] = "https://api.example.test"
              assert settings.url() == "https://api.example.test"
        `,
        'tests/conftest.py': py`
          import os
          import pytest

          @pytest.fixture(autouse=True)
          def clear():
              if "API_URL" in os.environ:
                  del os.environ["API_URL"]
        `,
        'harbour/settings.py': SETTINGS,
      },
    },
    {
      name: 'a hook begins every test without it',
      good: {
        'tests/test_url.py': py`
          import os
          from harbour import settings

          def test_url():
              os.environ["API_URL"] = "https://api.example.test"
              assert settings.url() == "https://api.example.test"

          def test_mode():
              os.environ["API_MODE"] = "quiet"
              assert settings.url("API_MODE")
        `,
        'tests/conftest.py': py`
          import os

          def pytest_runtest_setup(item):
              begin_anew()

          def begin_anew():
              os.environ.pop("API_URL", None)
              os.environ["API_MODE"] = ""
        `,
        'harbour/settings.py': SETTINGS,
      },
    },
    {
      name: 'only one test in all begins without it; set where nobody has chosen; never run',
      bad: {
        'tests/test_url.py': py`
          import os
          import unittest
          from harbour import settings

          def test_url():
              os.environ["API_URL"] = "https://api.example.test"  #! never set back: later tests see it; 2 times, also line 13
              assert settings.url() == "https://api.example.test"

          def test_chosen():
              if "API_URL" not in os.environ:
                  os.environ["API_URL"] = "https://api.example.test"  #! nothing here sets it back
              else:
                  os.environ["API_URL"] += "/v1"
              assert settings.url()

          @unittest.skip("of no use")
          def test_skipped():
              os.environ["API_URL"] = "https://api.example.test"
              assert settings.url()
        `,
        'tests/conftest.py': py`
          import os
          import pytest

          @pytest.fixture(autouse=True, scope="session")
          def clear():
              os.environ.pop("API_URL", None)  #! x
        `,
        'harbour/settings.py': SETTINGS,
      },
    },
    {
      name: 'emptied and filled at once; what is put in a copy brings nothing back',
      bad: py`
        import os

        BASE = {"HARBOUR_MODE": "test"}

        def begin():
            os.environ.clear()
            os.environ.update(BASE)  #! nothing here sets it back

        def prepare(more):
            os.environ["HARBOUR_MODE"] = "test"  #! nothing here sets it back
            environment = os.environ.copy()
            environment.update(more)
            return environment
      `,
    },
    {
      name: 'given back what the settings of pytest give every test',
      bad: {
        'tests/test_mode.py': py`
          import os
          from harbour import settings

          def test_mode():
              os.environ.pop("HARBOUR_MODE")  #! is set back only when nothing fails
              assert settings.mode() == "production"
              os.environ["HARBOUR_MODE"] = "development"

          def test_other():
              os.environ["HARBOUR_MODE"] = "test"  #! later tests see it
              assert settings.mode() == "test"
        `,
        'harbour/settings.py': 'import os\n\ndef mode():\n    return os.environ.get("HARBOUR_MODE", "production")\n',
        'pytest.ini': '[pytest]\nenv =\n    HARBOUR_MODE=development\n',
      },
    },
    {
      name: 'only the file as a script reads it, and each test that names it sets it; or another test reads it',
      bad: py`
        import os
        import subprocess
        import sys

        def test_one(stage):
            os.environ["STAGE"] = str(stage)  #! this file reads it, run as a script
            subprocess.run([sys.executable, __file__])

        def test_two(stage):
            os.environ["DEPTH"] = str(stage)  #! whether anything later reads it
            subprocess.run([sys.executable, __file__])

        def test_depth(stage):
            assert os.environ["DEPTH"]

        if __name__ == "__main__":
            print(os.environ["STAGE"], os.environ["DEPTH"])
      `,
    },
    {
      name: 'what the code under test has set is looked at, and taken away again',
      good: py`
        import os
        from harbour import settings

        def test_export():
            settings.export(port=7)
            assert os.environ["HARBOUR_PORT"] == "7"
            del os.environ["HARBOUR_PORT"]
      `,
    },
  ],
});

/** A test that is skipped whatever there is; a coroutine that nobody awaits; `setUpClass` of a class that is no test case, of which pytest knows nothing. */
function isNeverRun({ node, owner }: Change, file: TestFile): boolean {
  if (file.skipped(node) || (owner !== undefined && isDropped(owner, file))) return true;
  if (owner?.name !== 'setUpClass' || owner.class === undefined || owner.class.unresolved.length > 0) return false;
  return owner.class.ancestors.every((it) => it === 'builtins.object' || file.exists(it) === 'yes');
}

/** The set-up of its class has given it the same; one that it inherits gives it to every test anew, whatever it is. */
function isSetBefore({ node, key, owner }: Change, file: TestFile): boolean {
  if (owner?.role !== 'test' || owner.class === undefined || node.type !== 'assignment') return false;
  const inherited = !owner.class.methods.has('setUp') && key !== undefined;
  const setUp = file.definition(`${owner.class.qualified}().setUp`)?.node;
  return setUp?.body.some((it) => it.type === 'assignment' && (inherited ? keySet(it) === key : it.text === node.text)) === true;
}

/** `A` of `os.environ['A'] = value` */
function keySet({ targets }: Assignment): string | undefined {
  const [target] = targets;
  return target?.type === 'subscript' && target.object.refersTo === 'os.environ' && target.index[0] !== undefined
    ? constantText(target.index[0].value)
    : undefined;
}

/** Is it what those modules in reach that name it give it, or take where it is not set: `os.getenv('A', 'b')`? */
function isDefaultOfReaders({ key, newValue }: Change, file: TestFile): boolean {
  const given = constantText(newValue?.value);
  return key !== undefined && given !== undefined && !OF_ALL.test(key) && file.importsKnow(key) && !file.importsKnow(key, given);
}

/** A written value of a variable whose name none of the modules in reach has, of which there are some. */
function isOfNobody({ key, newValue }: Change, file: TestFile): boolean {
  return key !== undefined && isWritten(newValue) && !OF_ALL.test(key) && !OF_CLIENTS.test(key) && file.importsWorkspace && !file.importsKnow(key);
}

/** Whoever runs anything goes by these. Sources: IEEE Std 1003.1-2024, chapter 8 (8.3), docs.python.org/3/using/cmdline.html. */
const OF_ALL = /^(?:HOME|PATH|PWD|SHELL|TMPDIR|TZ|LANG|LC_[A-Z]+|LOGNAME|PYTHON[A-Z]+)$/;

/** What clients of networks and clouds go by. Sources: the documentation of requests, OpenSSL, boto3 and python-openstackclient. */
const OF_CLIENTS = /_(?:PROXY|proxy)$|^(?:AWS|OS)_|^(?:SSL_CERT_FILE|REQUESTS_CA_BUNDLE)$/;

/** A list of the class that the set-up of a base goes through, `for it in self.helpers:`: what is in it may bring the environment back. */
function helpersOf({ owner }: Change, file: TestFile): string | undefined {
  const around = owner?.class;
  const setUps = around?.ancestors.flatMap((it) => file.definition(`${it}().setUp`)?.node ?? []) ?? [];
  for (const it of setUps.flatMap((each) => walk(each))) {
    if (it.type !== 'for' || it.iterable.type !== 'attribute' || it.iterable.object.text !== 'self') continue;
    const given = file.initially(`${around?.qualified}.${it.iterable.name}`);
    if (given?.type === 'list' && given.items.length > 0) return it.iterable.name;
  }
  return undefined;
}

/** `os.environ.clear()` */
function isEmptied({ node }: Pick<Change, 'node'>): boolean {
  return node.type === 'call' && node.method === 'clear';
}

/** Does it stand in the text more often than once? Asked first, since a long function may set thousands. */
function isNamedAgain(key: string, { text }: Node): boolean {
  return text.includes(key, text.indexOf(key) + 1);
}

/** Does the test ask for it itself: by its name, or in a text that is expanded? */
function isReadAfter({ node, key, owner }: Change): boolean {
  if (owner?.role !== 'test' || key === undefined || !isNamedAgain(key, owner.node)) return false;
  const all = walk(owner.node);
  const end = all.indexOf(node) + walk(node).length;
  return all.some(
    (it, index) => it.type === 'string' && (it.content === key ? index >= end && !isTarget(it) && !excludes(it, node) : expands(it.content, key)),
  );
}

/** `$A/config`, `${A}/config`: before it is set, too. */
function expands(text: string, key: string): boolean {
  return [...text.matchAll(/\$\{?(\w+)/g)].some(([, name]) => name === key);
}

/** `os.environ['A'] = value`, `monkeypatch.setenv('A', value)` set it once more. */
function isTarget({ parent }: Node): boolean {
  if (parent?.type === 'call') return parent.method === 'setenv';
  return parent?.parent?.type === 'assignment' && parent.parent.targets.some((it) => it === parent);
}

function isUnderCondition({ node }: Change): boolean {
  return [...ancestors(node)].some((it) => it.type === 'if');
}

/** `del os.environ['A']`, `os.environ.pop('A', None)`, `os.unsetenv('A')`. */
function isTakenAway({ node }: Change): boolean {
  return node.type === 'delete' || (node.type === 'call' && /^(?:pop|unsetenv)$/.test(node.method));
}

/** `os.environ.setdefault('A', 'b')`, or what is written under `if 'A' not in os.environ:`, leaves what whoever runs the tests has chosen. */
function isDefault({ node, key }: Change): boolean {
  if (node.type === 'call' && node.method === 'setdefault') return true;
  const asked = new Set([`'${key}' not in os.environ`, `"${key}" not in os.environ`]);
  return [...ancestors(node)].some((it) => it.type === 'if' && asked.has(it.test.text) && it.body.some((each) => each === statementOf(node)));
}

/** `os.environ[key] = os.environ[key]` */
function isSame({ node, newValue }: Change): boolean {
  const [target] = node.type === 'assignment' ? node.targets : [];
  return (
    newValue?.type === 'subscript' &&
    newValue.object.refersTo === 'os.environ' &&
    target?.type === 'subscript' &&
    newValue.index[0]?.text === target.index[0]?.text
  );
}

/** What the settings of pytest or tox give every test. */
function isAsGiven(key: string | undefined, value: Change['newValue'], file: TestFile): boolean {
  const given = key === undefined ? undefined : file.project.given(key);
  return given !== undefined && value !== undefined && constantText(value.value) === given;
}

/** Further down the function gives the variable what the settings give it. */
function givenBack({ key, node, owner }: Change, file: TestFile): { readonly by: string; readonly place: Place } | undefined {
  if (owner === undefined || key === undefined || file.project.given(key) === undefined) return undefined;
  const all = walk(owner.node);
  const back = all.slice(all.indexOf(node)).find((it) => it.type === 'assignment' && keySet(it) === key && isAsGiven(key, it.value, file));
  return back === undefined ? undefined : { by: back.text, place: back.place };
}

/** Fills what was emptied with the next statement, or sets it back with nothing in between that can fail. */
function isTakenBackAtOnce({ node, owner }: Change, place: Place | undefined): boolean {
  const next = nextTo(node);
  if (isEmptied({ node })) return next?.type === 'expression' && next.expression.type === 'call' && next.expression.callee === 'os.environ.update';
  const back = owner === undefined ? undefined : nodeAt(place, owner.node);
  const last = node.type !== 'assignment' || back === undefined ? undefined : siblingOf(back, node);
  return node.type === 'assignment' && last !== undefined && between(node, last)?.every(cannotFail) === true;
}

/** Writes to the environment, under a condition too, or asserts what was written just before. */
function cannotFail(it: Statement): boolean {
  if (it.type === 'if') return !hasCall(it.test) && [...it.body, ...it.otherwise].every(cannotFail);
  if (it.type === 'delete') return it.operands.every((each) => each.type === 'subscript' && each.object.refersTo === 'os.environ');
  if (it.type !== 'assert') return isWrittenToEnvironment(it) || (it.type === 'assignment' && it.value?.type === 'name' && keySet(it) !== undefined);
  const [asked] = it.operands;
  const [read, value] = asked?.type === 'comparison' && asked.operators.join() === '==' ? asked.operands : [];
  const block = blockAround(it);
  for (let at = block.indexOf(it) - 1; ; at -= 1) {
    const step = block[at];
    if (step?.type === 'assert' ? hasCall(step) : !isWrittenToEnvironment(step)) return false;
    if (step?.type === 'assignment' && step.targets[0]?.text === read?.text) return step.value?.type === 'string' && step.value.text === value?.text;
  }
}

function hasCall(it: Node): boolean {
  return walk(it).some((each) => each.type === 'call');
}

/** The tear-down of a fixture takes it away again, and nothing that can fail stands between the change and its `yield`. */
function isTakenBackBehindYield({ node }: Change): boolean {
  if (node.type !== 'assignment') return false;
  const block = blockAround(node);
  let at = block.indexOf(node) + 1;
  while (isWrittenToEnvironment(block[at])) at += 1;
  const step = block[at];
  if (step?.type !== 'expression' || step.expression.type !== 'yield') return false;
  for (at += 1; block[at]?.type === 'delete'; at += 1) {
    const gone = block[at];
    if (gone?.type === 'delete' && node.targets.some((it) => gone.operands[0]?.text === it.text)) return true;
  }
  return false;
}

/** `os.environ['A'] = 'b'` */
function isWrittenToEnvironment(it: Statement | undefined): boolean {
  const [target] = it?.type === 'assignment' ? it.targets : [];
  return it?.type === 'assignment' && isWritten(it.value) && target?.type === 'subscript' && target.object.refersTo === 'os.environ';
}

function isWritten(it: Change['newValue']): boolean {
  return it !== undefined && (it.type === 'string' || it.value.kind === 'constant' || it.type === 'attribute');
}

/** Does the test assert, after it has set the variable, that the code under test has taken it away? */
function isTakenAwayByCode({ node, key }: Change, owner: Node): boolean {
  if (key === undefined || !isNamedAgain(key, owner)) return false;
  const all = walk(owner);
  return all
    .slice(all.indexOf(node) + 1)
    .some(
      (it) =>
        it.text.includes(key) &&
        /environ|getenv/.test(it.text) &&
        (it.type === 'call'
          ? /^assert(?:NotIn|IsNone)$/.test(it.method) || (it.method === 'assertRaises' && it.text.includes('KeyError'))
          : it.type === 'assert' && /\bnot in\b|\bis None\b/.test(it.text)),
    );
}

/** Is the environment what the test asserts something of, before it takes away what the code under test has set? */
function isLookedAtBefore(node: Node, owner: Node): boolean {
  const statement = statementOf(node);
  if (statement?.parent !== owner) return false;
  const block = blockAround(statement);
  return block.slice(0, block.indexOf(statement)).some((it) => it.text.includes('environ') && (it.type === 'assert' || /^(?:self\.)?assert/.test(it.text)));
}

/** Reads arguments that only a process of its own is given, itself or by `@click.command()`. */
function isProgram(owner: Change['owner']): boolean {
  if (owner?.decorators.some((it) => it?.endsWith('.command') === true) === true) return true;
  return owner?.node.text.includes('argv') === true && walk(owner.node).some((it) => it.type === 'attribute' && it.refersTo === 'sys.argv');
}

/** The statement after the one that the node is in. */
function nextTo(node: Node): Statement | undefined {
  const statement = statementOf(node);
  const block = statement === undefined ? [] : blockAround(statement);
  return statement === undefined ? undefined : block[block.indexOf(statement) + 1];
}

/** Is what is put in a copy that the function made of the environment: `kept = os.environ.copy()`? */
function keptBefore(update: ExpressionStatement, owner: Change['owner']): boolean {
  const kept = update.expression.type === 'call' ? update.expression.arguments[0]?.value.text : undefined;
  return (
    owner !== undefined &&
    walk(owner.node).some(
      (it) => it.type === 'assignment' && it.targets.some((each) => each.text === kept) && /os\.environ|\benviron\b/.test(it.value?.text ?? ''),
    )
  );
}

/** `os.environ.clear()` before what was kept is put in again; behind the last `yield` of a context manager: what it was before, by any name. */
function isWayBack({ owner, node }: Change): boolean {
  if (node.type === 'call' && node.method === 'clear') {
    const next = nextTo(node);
    if (next?.type === 'expression' && next.expression.type === 'call' && next.expression.callee === 'os.environ.update') return keptBefore(next, owner);
  }
  if (owner?.role !== 'helper' || !owner.generator) return false;
  const steps = walk(owner.node).filter((it) => it === node || it.type === 'yield');
  return steps.length > 1 && steps.at(-1) === node;
}

/** Keeps the environment and brings it back, in the way of the test's framework. */
function fixOf(change: Change, file: TestFile): Fix | undefined {
  const { node, owner } = change;
  if (owner === undefined) return undefined;
  const asked = asksFor('monkeypatch', owner);
  if (asked !== undefined && node.type === 'assignment' && node.operator === undefined) {
    const [target] = node.targets;
    if (target?.type !== 'subscript' || node.value === undefined || node.targets.length > 1) return undefined;
    const [key] = target.index;
    if (key === undefined) return undefined;
    // Who calls the test by hand does not give it what it asks for anew.
    const safety = asked.length === 0 ? 'safe' : 'suggest';
    return { title: 'Use `monkeypatch.setenv`', safety, edits: [...asked, replace(node, `monkeypatch.setenv(${key.text}, ${node.value.text})`)] };
  }
  const method = cleanupMethod(node, owner, file);
  const statement = isStatement(node) ? node : node.parent;
  const environ = walk(node).find((it) => (it.type === 'name' || it.type === 'attribute') && it.refersTo === 'os.environ')?.text;
  if (method === undefined || environ === undefined || statement === undefined || !isStatement(statement)) return undefined;
  if (owner.node.text.includes('environment')) return undefined;
  const enter = enterMethod(node, owner, file);
  const kept = `mock.patch.dict(${environ})`;
  const lines = enter === undefined ? [`environment = ${kept}`, 'environment.start()', `${method}(environment.stop)`] : [`${enter}(${kept})`];
  return {
    title: `Restore the environment with ${code('mock.patch.dict')}`,
    safety: 'safe',
    edits: [{ do: 'import', module: 'unittest', name: 'mock' }, insertBefore(statement, ...lines)],
  };
}
