import {
  ancestors,
  argumentText,
  type Change,
  constantText,
  type Expression,
  type FunctionDefinition,
  type FunctionSubject,
  type Node,
  statementOf,
  type TestFile,
  walk,
} from '../model.ts';
import { registration } from '../python/cleanups.ts';
import { asserts } from '../python/failures.ts';
import { homeOf } from '../python/home.ts';
import { lastTried } from '../python/leaks.ts';
import { isMockName } from '../python/mock.ts';
import { insideRaises, isMockAssertion } from '../python/mock-assertions.ts';
import { lastTwo } from '../python/names.ts';
import { code } from '../python/patchers.ts';
import { securityCheck } from '../python/security-words.ts';
import { isForAll, isForSession, isOfBase, isWide } from '../python/session.ts';
import type { Fix } from '../rule.ts';
import { defineRule, insertAfter, py, replace } from '../rule.ts';

const SETTINGS = 'encoding = None\nmode = "live"\n\nclass Account:\n    open = True\n';

export const rule = defineRule({
  id: 'attribute-replaced',
  code: 'MCK005',
  category: 'mocking',
  title: 'Attribute of a module or class replaced by hand and not restored',
  kind: 'review',
  kinds: ['fail', 'review', 'informational'],
  confidence: 'medium',
  cwe: [459],
  peers: { sonar: ['S8997'] },
  why: 'The module is shared by the whole process: what a test puts there stays for all later tests, and a check that was replaced by a stub is gone for them.',
  instead: 'Use `monkeypatch.setattr`, `mock.patch.object` or `fixtures.MonkeyPatch`, which put the old value back.',
  limits:
    'A restore that another module does is not seen, but for what an autouse fixture or `pytest_runtest_setup` of a `conftest.py` does before each test. Attributes of instances, and values that helpers set, are not judged. Certain only where a stub hides what a module or class of the workspace, or Python itself, has; values are notes, but for those that a test gives a module or class of the workspace; a note is what is changed where each test has a process of its own (`--forked`, unit tests of an Ansible collection). So is the class that an attribute names to make objects of, where each set-up, or each test that names the owner, gives it anew, and an empty place that a library fills which may not be there, or the product itself. Given back by a test further down, or given anew by a set-up for each test of the file, it is a point to decide, and so is such an empty place of a module in a test. What the last line of a test gives as the module of the test gave it at import is put back. Who reads the attribute is not followed.',
  links: ['https://docs.pytest.org/en/stable/how-to/monkeypatch.html', 'https://docs.python.org/3/library/unittest.mock.html#patch-object'],
  yieldsTo: ['settings-mutated-in-place', 'patched-at-import'],
  once: 'class',
  alike: true,
  on: 'change',
  *check(change, file) {
    if (change.sort !== 'module attribute' && change.sort !== 'class attribute') return;
    const { owner, node } = change;
    if (change.target.startsWith('django.conf.settings.')) return; // resources/settings-mutated-in-place
    if (owner === undefined || file.ownProcess || file.skipped(node)) return; // at import time: another rule's
    if (node.type === 'assignment' && node.operator !== undefined) return; // what `+=` does is up to the object: an event takes one more listener
    if (file.stubbed(change.target, node) !== undefined || isMockName(change.target) || change.target.startsWith('unittest.mock.sentinel.')) return;
    const last = lastOf(change.target);
    if (MOCK_SETTINGS.has(last) || isMockAssertion(last) || PROTOTYPE.has(last) || (OWN_STATE.test(last) && !isStub(change, owner.node)) || isDefault(change))
      return;
    if (owner.role === 'helper' && (change.newValue?.value.kind === 'parameter' || !isStub(change, owner.node))) return;
    if (
      [...ancestors(node)].some(
        (it) => it.type === 'lambda' || (it.type === 'function' && it !== owner.node && !it.decorators.length && it.parent !== owner.node),
      )
    )
      return;
    if (isRefused(node) || isAddedWhereAbsent(change) || isTakenByCode(change, owner.node, file) || (owner.role === 'helper' && givesBack(change, owner.node)))
      return;
    if (owner.generator && owner.decorators.some((it) => it?.endsWith('contextmanager') === true)) return;
    const grave = securityCheck(change.target) !== undefined;
    // Emptying a cache leaves later tests as they were.
    if (!grave && (insideRaises(node) || isEmpty(change))) return;
    if (OF_TESTS.test(objectOf(change))) return; // a double's own state
    if (isOfMock(change, file) || isAsMade(change, file) || (!isStub(change, owner.node) && becomesAsMade(change, owner.node, file))) return;
    const forSession = isForSession(owner, file);
    if (forSession && !grave) return;
    const what = code(lastTwo(change.target), 50);
    const kept = change.releases.filter((it) => it.how !== 'inline');
    const stub = isStub(change, owner.node);
    if (kept.length > 0) {
      const [first] = kept;
      if (!stub || first === undefined) return;
      yield {
        at: change.place,
        kind: 'informational',
        message: `${what} is replaced by hand; ${code(first.by, 40)} puts it back`,
        ...(first.place === undefined ? {} : { trail: [{ at: first.place, note: 'puts it back' }] }),
      };
      return;
    }
    const [inline] = change.releases;
    if (inline !== undefined) {
      if (stub)
        yield {
          at: change.place,
          message: `${what} is put back only when nothing fails in between`,
          ...(inline.place === undefined ? {} : { trail: [{ at: inline.place, note: 'puts it back' }] }),
        };
      return;
    }
    if (!grave && isNote(change, owner, file)) {
      yield { at: change.place, kind: 'informational', message: `${what} is ${isAdded(change, file) ? 'added' : 'replaced'} and stays` };
      return;
    }
    if (file.project.forked) {
      yield { at: change.place, kind: 'informational', message: `${what} is replaced and never put back: it ends with the process that each test has` };
      return;
    }
    const unresolved = owner.class !== undefined && owner.class.unresolved.length > 0;
    // Whoever calls a function may set it back.
    // What stays hidden must be something that others have: of the workspace, or of Python.
    const certain =
      (grave || (stub && !file.isSlot(change.target) && /^(?:workspace|python)$/.test(homeOf(change.target, file)))) &&
      !forSession &&
      !unresolved &&
      file.kind !== 'helper' &&
      (owner.role !== 'helper' || owner.class !== undefined) &&
      // What is no test may be a pair of methods, as `open` and `close`, that a test calls both.
      owner.class?.isTest !== false &&
      !isForAll(owner, file) &&
      // A base gives it anew before each test of those who derive from it; an object may be asked through what it is set by.
      !isOfBase(owner) &&
      !file.isMade(objectOf(change));
    const fix = fixOf(change, file);
    if (certain && !grave && isSetBelow(change, file)) {
      yield { at: change.place, message: `${what} is replaced, and only a test further down gives it what it was`, ...(fix === undefined ? {} : { fix }) };
      return;
    }
    if (certain && !grave && owner.role === 'setup' && isAnewForAll(change, file)) {
      const message = `${what} is replaced and never put back: the tests here give it anew, those of other files get the stub`;
      yield { at: change.place, message, ...(fix === undefined ? {} : { fix }) };
      return;
    }
    yield {
      at: change.place,
      kind: certain ? 'fail' : 'review',
      ...(certain ? { level: 'warning' as const } : {}),
      message: `${what} is replaced and never put back: later tests get ${stub ? 'the stub' : 'the new value'}`,
      ...(fix === undefined ? {} : { fix }),
    };
  },
  examples: [
    {
      name: 'a check replaced by a mock',
      bad: py`
        from unittest import mock
        from bank import signatures

        def test_transfer():
            signatures.Validator.verify = mock.MagicMock(return_value=True)
        #   ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ never put back: later tests get the stub
            assert transfer(10)
      `,
    },
    {
      name: 'of a module that the test itself imports',
      bad: py`
        def test_transfer():
            import bank.signatures
            bank.signatures.verify = lambda *_: True  #! never put back
            assert transfer(10)
      `,
    },
    {
      name: 'given back by a test further down, which is a point to decide; not by one above, nor by another stub',
      bad: {
        'tests/test_crane.py': py`
          from unittest import mock
          from harbour import settings

          def test_above():
              settings.Account.close = None
              assert lift()

          def test_open():
              settings.Account.owner = mock.Mock()  #! only a test further down gives it what it was
              assert lift()

          def test_close():
              settings.Account.close = mock.Mock()  #! later tests get the stub; 1 more of its kind: line 14
              settings.Account.rate = mock.Mock()
              assert lift()

          def test_nobody():
              settings.Account.owner = None
              settings.Account.rate = 2  #! never put back
              assert not lift()
        `,
        'harbour/settings.py': 'class Account:\n    owner = None\n    close = None\n    rate = 1\n',
      },
    },
    {
      name: 'the class does not have it, nor its base; its objects are given it each for itself',
      bad: {
        'tests/test_crane.py': py`
          import unittest
          from unittest import mock
          from harbour.crane import Crane, Winch

          class TestCrane(unittest.TestCase):
              def test_lift(self):
                  Crane.heave = lambda self: 1  #! is added and stays; 1 more of its kind: line 11
                  Crane().lift()

              def test_lower(self):
                  Winch.motor = mock.Mock()
                  Winch().lower()

              def test_stop(self):
                  Crane.stop = mock.Mock()  #! later tests get the stub
                  Crane().lift()
        `,
        'harbour/crane.py': py`
          import abc
          from bank import Service

          class Machine(metaclass=abc.ABCMeta):
              def stop(self):
                  return 0

          class Crane(Machine):
              def lift(self):
                  return self.winch.heave(2)

          class Winch(Service):
              def __init__(self):
                  self.motor = object()
        `,
      },
    },
    {
      name: 'the class that objects are made of, which each set-up or each test says anew; one test alone; an attribute that the class of another module has not',
      bad: {
        'tests/test_crane.py': py`
          import unittest
          from harbour.crane import Crane
          from harbour.sites import Dock, Pier, Quay, Winch

          class Strong_Mock_Wire:
              pass

          class TestCrane(unittest.TestCase):
              def setUp(self):
                  Dock.crane_class.wire_class = Strong_Mock_Wire  #! is replaced and stays; 2 more of its kind: lines 13, 17

              def test_lift(self):
                  Quay.wire_class = Strong_Mock_Wire
                  self.assertTrue(Quay().lift())

              def test_lower(self):
                  Quay.wire_class = Strong_Mock_Wire
                  self.assertTrue(Quay().lower())

              def test_turn(self):
                  Pier.wire_class = Strong_Mock_Wire  #! later tests get the stub
                  Winch.motor = Strong_Mock_Wire  #! is added and stays
                  self.assertTrue(Pier().turn())
        `,
        'harbour/crane.py': py`
          class Wire:
              pass

          class Winch:
              pass

          class Crane:
              wire_class = Wire

              def lift(self):
                  return self.wire_class()
        `,
        'harbour/sites.py': py`
          from harbour.crane import Crane, Winch

          class Dock:
              crane_class = Crane

          class Quay(Crane):
              pass

          class Pier(Crane):
              pass
        `,
      },
    },
    {
      name: 'a context manager and a decorator of the workspace put it back',
      bad: {
        'tests/test_harbour.py': py`
          from unittest import mock
          from bank import harbour
          from tests.helpers import conserve_pilots, saved_globals

          def test_pilot():
              with saved_globals():
                  harbour.pilot = mock.Mock()  #! puts it back
                  assert harbour.enter()

          @conserve_pilots
          def test_two():
              harbour.pilot = mock.Mock()
              assert harbour.enter()
        `,
        'tests/helpers.py': py`
          import contextlib
          import functools
          from bank import harbour

          @contextlib.contextmanager
          def saved_globals():
              pilot = harbour.pilot
              try:
                  yield
              finally:
                  harbour.pilot = pilot

          def conserve_pilots(function):
              @functools.wraps(function)
              def wrapper(*args):
                  pilot = harbour.pilot
                  try:
                      return function(*args)
                  finally:
                      harbour.pilot = pilot
              return wrapper
        `,
      },
    },
    {
      name: 'a decorator that gives it before the test, or behind it only where nothing fails',
      bad: {
        'tests/test_pilot.py': py`
          from unittest import mock
          from bank import harbour

          def given(func):
              def run():
                  harbour.pilot = mock.Mock()
                  return func()
              return run

          def kept(func):
              def run():
                  crane = harbour.crane
                  func()
                  harbour.crane = crane
              return run

          @given
          def test_pilot():
              harbour.pilot = mock.Mock()  #! never put back
              assert harbour.enter()

          @kept
          def test_crane():
              harbour.crane = mock.Mock()  #! put back only when nothing fails
              assert harbour.enter()
        `,
      },
    },
    {
      name: 'behind every test a function of the workspace puts it back',
      bad: {
        'tests/test_crane.py': py`
          from unittest import mock
          import harbour

          def test_lift():
              harbour.crane = mock.Mock()  #! puts it back
              harbour.pilot = mock.Mock()  #! never put back
              assert harbour.enter()
        `,
        'tests/conftest.py': py`
          import pytest

          @pytest.fixture(scope="function", autouse=True)
          def unset():
              from harbour.lib import unset_globals

              yield
              unset_globals()
        `,
        'harbour/lib.py': 'import harbour\n\ndef unset_globals():\n    harbour.crane = None\n',
        'harbour/__init__.py': 'crane = None\npilot = None\n',
      },
    },
    {
      name: 'an empty place that the product fills itself, or that a library fills which may not be there; what is made once for all is none',
      bad: {
        'tests/test_crane.py': py`
          import unittest
          from unittest import mock
          from harbour import crane, radio

          class TestCrane(unittest.TestCase):
              fake_conf = radio.CONF

              def setUp(self):
                  crane.Handler._conf = self.fake_conf  #! is replaced and stays; 2 more of its kind: lines 10, 11
                  crane.Handler.yard = mock.Mock()
                  crane.rados = mock.Mock()
                  crane.Yard.only = mock.Mock()  #! later tests get the stub; 2 more of its kind: lines 13, 14
                  crane.Gate.key = mock.Mock()
                  crane.Lamp.light = mock.Mock()

              def test_lift(self):
                  crane.Yard.radio = self.fake_conf  #! later tests get the new value
                  crane.sonar = mock.Mock()  #! later tests get the stub
                  self.assertTrue(crane.lift())
        `,
        'harbour/crane.py': py`
          try:
              import rados
          except ImportError:
              rados = None
          try:
              import sonar
          except ImportError:
              sonar = None

          class Handler:
              _conf = None
              yard = None

          class Yard:
              only = None
              radio = {"channel": 1}

          class Gate:
              key = None

          class Lamp:
              light = None

              @classmethod
              def get(cls):
                  if cls.light is None:
                      cls.light = Lamp()
                  return cls.light

          def reset(light=None):
              Lamp.light = light

          class Server:
              def run(self):
                  Handler._conf = self.conf
                  Handler.yard = self.yard
                  FarGate.key = self.key
                  if not Handler.yards:
                      return
                  if Yard.only is None:
                      Yard.only = Yard()
        `,
        'harbour/radio.py': 'CONF = {}\n',
      },
    },
    {
      name: 'all tests of the file that name the module begin with a stand-in of their own',
      bad: {
        'tests/test_crane.py': py`
          import unittest
          from unittest import mock
          from harbour import crane

          class TestCrane(unittest.TestCase):
              def setUp(self):
                  crane.wire = mock.Mock()  #! the tests here give it anew, those of other files get the stub

              def test_lift(self):
                  crane.lift()
                  crane.wire.assert_called_once_with(1)

              def test_lower(self):
                  crane.lower()
                  crane.wire.assert_called_once_with(-1)
        `,
        'harbour/crane.py': 'wire = open("/dev/wire")\n',
      },
    },
    {
      name: 'a set-up that another takes the place of gives the tests nothing',
      bad: {
        'tests/test_crane.py': py`
          import unittest
          from unittest import mock
          from harbour import crane

          class TestCrane(unittest.TestCase):
              def setUp(self):
                  crane.wire = mock.Mock()  #! later tests get the stub

              def test_lift(self):
                  crane.lift()
                  crane.wire.assert_called_once_with(1)

          class TestOther(TestCrane):
              def setUp(self):
                  self.crane = crane

              def test_lower(self):
                  crane.lower()
        `,
        'harbour/crane.py': 'wire = open("/dev/wire")\n',
      },
    },
    {
      name: 'a test of the file that comes to the stand-in of others by a function, a stand-in of the tests, a value that the code under test changes further',
      bad: {
        'tests/test_crane.py': py`
          import unittest
          from unittest import mock
          from harbour import crane
          from harbour.crane import lift
          from tests.doubles import Rope as FakeRope

          class TestCrane(unittest.TestCase):
              def setUp(self):
                  crane.wire = mock.Mock()  #! replaced and never put back: later tests get the stub

              def test_lift(self):
                  crane.lift()

              def test_lower(self):
                  crane.lower()

          class TestReal(unittest.TestCase):
              def test_lift(self):
                  self.assertEqual(lift(), 1)

          def test_rope():
              crane.Rope = FakeRope  #! later tests get the stub
              assert crane.lift()

          def test_stop():
              crane.Crane.mode = "up"  #! later tests get the new value
              crane.stop()
              assert crane.Crane.mode == "stopped"
        `,
        'tests/doubles.py': 'class Rope:\n    pass\n',
        'harbour/crane.py': 'wire = open("/dev/wire")\n\nclass Rope:\n    pass\n\nclass Crane:\n    mode = "idle"\n',
      },
    },
    {
      name: 'a value that `conftest.py` gives, or that the code under test takes away again',
      good: {
        'tests/test_crane.py': py`
          import pytest
          from harbour import Crane

          def test_name_taken():
              Crane.careful = False
              with pytest.raises(ValueError):
                  Crane("one")
              Crane.careful = True
              Crane("one")

          def test_name_long():
              Crane.loud = True
              Crane("one").lift()
              assert Crane.loud is False
        `,
        'tests/conftest.py': 'from harbour import Crane\n\nCrane.careful = True\n',
        'harbour/__init__.py': 'class Crane:\n    careful = False\n    loud = None\n',
      },
    },
    {
      name: 'a context manager of the workspace takes the module away that was changed',
      good: {
        'tests/test_gate.py': py`
          from tests.helpers import gate_client

          def test_gate():
              with gate_client() as client:
                  from harbour import gate

                  gate.limit = 10
                  assert client.get("/")
        `,
        'tests/helpers.py': py`
          import sys
          from contextlib import contextmanager

          @contextmanager
          def gate_client():
              try:
                  from harbour import gate

                  yield gate.app.test_client()
              finally:
                  del sys.modules["harbour.gate"]
        `,
        'harbour/gate.py': 'limit = 1\n',
      },
    },
    {
      name: 'put back by `run`, which is around every test',
      bad: py`
        import time
        import unittest

        class TestWorker(unittest.TestCase):
            def run(self, result=None):
                self.time = time.time
                super().run(result)
                if time.time != self.time:
                    time.time = self.time

            def set_time(self, now):
                time.time = lambda: now  #! puts it back

            def test_late(self):
                self.set_time(100)
                assert late()
      `,
    },
    {
      name: 'added where the library has none; set anew for every test of the folder',
      bad: {
        'tests/conftest.py': py`
          import pytest
          from bank import client

          @pytest.fixture(autouse=True)
          def wires():
              if not hasattr(client, "close"):
                  client.close = lambda: None
              client.wire = lambda: None  #! never put back
        `,
      },
    },
    {
      name: 'a value that is not there yet; a stand-in for a whole module',
      alsoFinds: ['MCK007'],
      bad: {
        'tests/test_crane.py': py`
          import sys
          from unittest import mock
          from harbour import settings

          def test_lift():
              if not settings.encoding:
                  settings.encoding = "utf-8"
              settings.mode = "test"  #! never put back
              assert lift()

          def test_arm():
              sys.modules["crane"] = mock.MagicMock()
              import crane
              crane.lift = mock.Mock()
              assert lift()
        `,
        'harbour/settings.py': SETTINGS,
      },
    },
    {
      name: 'an attribute of what the set-up has put in the place of the module; added to a package',
      bad: {
        'tests/test_crane.py': py`
          import unittest
          import harbour
          from harbour import cranes

          class TestCrane(unittest.TestCase):
              def setUp(self):
                  self.motor = cranes.motor
                  cranes.motor = Motor()

              def tearDown(self):
                  cranes.motor = self.motor

              def test_lift(self):
                  cranes.motor.Drive = lambda: None
                  harbour.pilot = Pilot("Ada")  #! is added and stays
                  harbour.berths = [1]  #! never put back
                  self.assertTrue(cranes.lift())
        `,
        'harbour/__init__.py': 'berths = []\n',
        'harbour/cranes.py': 'from harbour import motor\n',
        'harbour/motor.py': 'class Drive:\n    pass\n',
      },
    },
    {
      name: 'loaded again, emptied, given what it begins with, and put back by a decorator',
      good: {
        'tests/test_crane.py': py`
          import importlib
          from harbour import settings
          from testlib import monkeypatch

          def test_reloaded():
              settings.mode = "test"
              assert lift()
              importlib.reload(settings)

          def test_reset():
              settings.mode = ""
              assert lift()

          def test_live():
              settings.mode = "live"
              settings.Account.open = True
              assert lift()

          @monkeypatch.MonkeyPatch(settings, "mode", "")
          def test_mode():
              settings.mode = "test"
              assert lift()
        `,
        'harbour/settings.py': SETTINGS,
      },
    },
    {
      name: 'one object by two names, and a cache made as the module makes it',
      good: {
        'tests/test_crane.py': py`
          from harbour import codec, crane

          def test_codec():
              assert crane.Crane.codec == codec
              crane.use("plain")
              assert crane.Crane.codec == "plain"
              crane.Crane.codec = codec

          def test_lift():
              crane.known = crane.Cache(1024, ttl=60)
              assert crane.lift()
        `,
        'harbour/crane.py': py`
          from harbour import codec as _codec

          class Cache:
              def __init__(self, size, ttl):
                  self.size = size

          known = Cache(1024, ttl=60)

          class Crane:
              codec = _codec
        `,
        'harbour/codec.py': 'def encode(it):\n    return it\n',
      },
    },
    {
      name: 'the last line of a test gives what the file of the tests gives at import; a function is called with the name',
      good: {
        'tests/test_crane.py': py`
          from harbour import crane

          LOADS = {"wheat": 2}
          crane.loads = LOADS.copy()

          def put_back(name, old):
              setattr(crane, name, old)

          def test_lift():
              crane.lift("barley")
              assert crane.loads["barley"]
              crane.loads = LOADS.copy()

          def test_speed():
              before = crane.speed
              crane.speed = 9
              try:
                  assert crane.lift("wheat")
              finally:
                  put_back("speed", before)
        `,
        'harbour/crane.py': 'loads = {}\nspeed = 3\n\ndef lift(what):\n    loads[what] = speed\n    return True\n',
      },
    },
    {
      name: 'what two modules have from a third',
      good: {
        'tests/test_crane.py': py`
          import harbour.crane as crane
          from harbour.log import logger

          def test_lift():
              crane.logger = logger
              assert crane.lift()
        `,
        'harbour/crane.py': 'from harbour.log import logger\n\ndef lift():\n    logger.info("lift")\n    return True\n',
        'harbour/log.py': 'import logging\n\nlogger = logging.getLogger("harbour")\n',
      },
    },
    {
      name: 'a cache of another size',
      bad: {
        'tests/test_crane.py': py`
          from harbour import crane

          def test_lift():
              crane.known = crane.Cache(1, ttl=60)  #! never put back
              assert crane.lift()
        `,
        'harbour/crane.py': 'class Cache:\n    def __init__(self, size, ttl):\n        self.size = size\n\nknown = Cache(1024, ttl=60)\n',
      },
    },
    {
      name: 'never run',
      good: py`
        import unittest
        from bank import client

        @unittest.skip("only to look at it by hand")
        def test_transfer():
            client.wire = lambda amount: amount
            assert client.transfer(10)
      `,
    },
    {
      name: 'put back by a patch around it, also one that the tests have of their own module',
      good: py`
        from harbour import crane
        from harbour.testing import mock

        def test_lift():
            with mock.patch.object(crane, "lift"):
                crane.lift = mock.Mock(side_effect=[OSError, 1])
                assert crane.work()
      `,
    },
    {
      name: 'a stand-in that is given more',
      bad: py`
        from unittest import mock
        from bank import client

        class Fake:
            Error = OSError

        def test_transfer():
            client.wire = mock.Mock()  #! never put back
            client.wire.Error = Fake.Error
            client.wire.return_value.send = Fake.send
            assert client.transfer(10)
      `,
    },
    {
      name: 'old values in a collection, put back in a loop',
      bad: py`
        from unittest import mock
        from bank import harbour

        class TestHarbour:
            def setup_method(self):
                self.saved = []
                self.saved.append(("pilot", harbour.pilot))
                harbour.pilot = mock.Mock()  #! puts it back

            def teardown_method(self):
                for name, old in reversed(self.saved):
                    setattr(harbour, name, old)
      `,
    },
    {
      name: 'a method of the base registers the way back of what it is told; the stand-in gives the original back when it is called',
      bad: {
        'tests/test_screen.py': py`
          from bank import screen, store
          from tests.base import BankCase

          class TestScreen(BankCase):
              def test_factory(self):
                  screen.factory = lambda: None  #! puts it back; 1 more of its kind: line 17
                  screen.other = lambda: None  #! never put back
                  assert screen.show()

              def test_broken(self):
                  connect = store.connect

                  def broken(*args):
                      store.connect = connect
                      raise OSError

                  store.connect = broken
                  assert screen.show()
        `,
        'tests/base.py': py`
          import unittest
          from bank import screen

          class BankCase(unittest.TestCase):
              def setUp(self):
                  super().setUp()
                  self._silence()

              def _silence(self):
                  self.override(screen, "factory", screen.Silent())

              def override(self, object, name, new):
                  value = getattr(object, name)
                  self.addCleanup(setattr, object, name, value)
                  setattr(object, name, new)
        `,
        'bank/store.py': 'def connect():\n    return 1\n',
      },
    },
    {
      name: 'a base class, and an object that a module of the workspace made',
      bad: {
        'tests/base.py': py`
          import unittest
          from unittest import mock
          from bank import client

          class BankCase(unittest.TestCase):
              def setUp(self):
                  client.ask = mock.Mock()  #! never put back
        `,
        'tests/test_client.py': py`
          from unittest import mock
          from bank import client

          def test_flags():
              client.FLAGS.size = 5  #! is replaced and stays
              client.FLAGS.account = mock.Mock()  #! never put back
              assert client.transfer(10)
        `,
        'bank/client.py': 'from flags import Flags\n\nFLAGS = Flags()\n\ndef ask():\n    return 1\n',
      },
    },
    {
      name: 'emptied again',
      good: {
        'tests/test_lists.py': py`
          from bank import lists

          def test_blocked():
              lists.blocked = ["alice"]
              assert not lists.allows("alice")
              lists.blocked = []
        `,
        'bank/lists.py': 'blocked = []\n',
      },
    },
    {
      name: 'a change of what the attribute has is no way back',
      bad: {
        'tests/test_client.py': py`
          from unittest import mock
          from bank import client

          def test_transfer():
              client.account = mock.Mock()  #! never put back: later tests get the stub
              for state in ("open", "closed"):
                  client.account.params.update({"state": state})
                  assert client.transfer(10)
        `,
        'bank/client.py': 'account = None\n\ndef transfer(amount):\n    return amount\n',
      },
    },
    {
      name: 'each test has a process of its own',
      bad: {
        'tests/test_client.py': py`
          from unittest import mock
          from bank import client

          def test_transfer():
              client.ask = mock.Mock()  #! ends with the process
              assert client.transfer(10)
        `,
        'bank/client.py': 'def ask():\n    return 1\n',
        'pytest.ini': '[pytest]\naddopts = --forked\n',
      },
    },
    {
      name: 'several of one class',
      bad: py`
        import unittest
        from unittest import mock
        from bank import client

        class TestTransfer(unittest.TestCase):
            def setUp(self):
                client.send = mock.Mock()  #! never put back: later tests get the stub; 1 more of its kind: line 8
                client.receive = mock.Mock()
      `,
    },
    {
      name: 'put back at the end, by the name of the copy',
      bad: py`
        from bank import client

        def send(amount):
            return True

        def fake_send(amount):
            return False

        def test_transfer():
            client.send = fake_send  #! only when nothing fails in between
            answer = client.transfer(10)
            client.send = send
            assert not answer
      `,
    },
    {
      name: 'a method and its reverse, and two functions that hand on what was there',
      bad: {
        'tests/fixtures.py': py`
          from unittest import mock
          from bank import client

          class Offline:
              def start_fixture(self):
                  self.send = client.send
                  client.send = mock.Mock()  #! puts it back

              def stop_fixture(self):
                  client.send = self.send

          def stub_client():
              old_send, old_wait = client.send, client.wait
              old_ask = client.ask
              client.ask = lambda: None
              return old_send, old_wait, old_ask
        `,
      },
    },
    {
      name: 'wrapped, added, or set by a base for each test',
      bad: {
        'tests/base.py': py`
          import unittest
          from bank import client

          class Case(unittest.TestCase):
              def setUp(self):
                  client.store = open_store()  #! is replaced and stays; 1 more of its kind: line 9
                  client.Pilot = Pilot  #! is added and stays
                  send = client.send
                  client.send = quietly(send)

          class Pilot:
              pass
        `,
        'bank/client.py': py`
          store = None

          def send(amount):
              return amount
        `,
      },
    },
    {
      name: 'a module that gives some names by a function: another one is added, one of them or of a table is not',
      bad: {
        'tests/test_open.py': py`
          import harbour
          from harbour import ships

          def test_open(server):
              harbour.g = server  #! and stays
              assert harbour.open()

          def test_version():
              harbour.version = "2"  #! the new value; 1 more of its kind: line 13
              assert harbour.open()

          def test_ship(server):
              ships.calypso = server
              assert harbour.open()
        `,
        'harbour/__init__.py': py`
          from harbour.core import open

          def __getattr__(name):
              if name == "version":
                  return found()
              raise AttributeError(f"harbour has no {name!r}")
        `,
        'harbour/ships.py': py`
          FLEET = {"calypso": 1}

          def __getattr__(name):
              return FLEET[name]
        `,
        'harbour/core.py': 'def open():\n    return True\n',
      },
    },
    {
      name: 'by a call, in a text that is being written',
      bad: {
        'tests/test_driver.py':
          'from harbour import Driver, Fake\n\ndef test_driver():\n    setattr(Driver, "connection_class", Fake)  #! never put back\n    assert Driver().use() == 1\n\nimport os',
        'harbour/__init__.py': 'class Live:\n    pass\n\nclass Fake:\n    pass\n\nclass Driver:\n    connection_class = Live\n',
      },
    },
    {
      name: 'internal state, given a value or kept by an object of the workspace',
      bad: {
        'tests/test_counter.py': py`
          from unittest import mock
          from bank import counter
          from bank.counter import pool

          def test_second():
              counter._next = 999  #! is replaced and stays; 1 more of its kind: line 10
              assert counter.number() == 1000

          def test_pool():
              pool._runner = mock.Mock()
              assert pool.run()
        `,
        'bank/counter.py': py`
          _next = 1
          pool = Pool()

          def number():
              return _next + 1
        `,
      },
    },
    {
      name: 'a module that is another one outside of the block; streams of the process; what a base holds zero',
      good: py`
        import sys
        import pytest
        from bank import client

        def test_version(modules):
            with modules.reset_modules("bank.client"):
                from bank import client as renewed
                renewed.VERSION = (1, 0)
                assert renewed.is_old()

        @pytest.mark.patched_module("bank.client")
        def test_old():
            from bank import client as renewed
            renewed.VERSION = (1, 0)

        def test_output(buffer):
            sys.stdout = buffer
            main()
            sys.stdout = sys.__stdout__
            assert buffer.getvalue()

        def test_first():
            client.COUNT = 0
      `,
    },
    {
      name: 'a function for others to call',
      bad: py`
        import bank.harbour

        def fake_pilots():
            bank.harbour.pilot = lambda: None  #! is replaced and stays

        def test_enter():
            fake_pilots()
            assert bank.harbour.enter()
      `,
    },
    {
      name: 'with monkeypatch at hand',
      bad: py`
        from bank import client

        def test_transfer(monkeypatch):
            client.send = lambda amount: True  #! never put back
      `,
      fixed: py`
        from bank import client

        def test_transfer(monkeypatch):
            monkeypatch.setattr(client, "send", lambda amount: True)
      `,
    },
    {
      name: 'in a test case of unittest',
      bad: py`
        import unittest
        from unittest import mock
        from bank import client

        class TestTransfer(unittest.TestCase):
            def test_transfer(self):
                client.send = mock.Mock()  #! never put back
                self.assertTrue(client.transfer(10))
      `,
      fixed: py`
        import unittest
        from unittest import mock
        from bank import client

        class TestTransfer(unittest.TestCase):
            def test_transfer(self):
                patcher = mock.patch.object(client, "send", mock.Mock())
                patcher.start()
                self.addCleanup(patcher.stop)
                self.assertTrue(client.transfer(10))
      `,
    },
    {
      name: 'a function puts it back; what a mock has is its own',
      bad: py`
        import unittest
        from unittest import mock
        from bank import client

        def forget_bus():
            client.bus = None

        class TestTransfer(unittest.TestCase):
            def test_registered(self):
                client.bus = mock.MagicMock()  #! is replaced by hand
                client.bus.read = lambda: None
                self.addCleanup(forget_bus)
      `,
    },
    {
      name: 'the last line gives the original by its name',
      bad: py`
        from bank import client

        def test_sent():
            class Narrow(client.Spec):
                pass

            class Wide(client.Spec):
                pass

            client.Form.spec = Narrow  #! only when nothing fails in between; 2 times
            assert client.transfer(10)
            client.Form.spec = Wide
            assert client.transfer(10)
            client.Form.spec = client.FormSpec
      `,
    },
    {
      name: 'a value, not a stub',
      bad: {
        'tests/test_client.py': py`
          from bank import client
          from harbour import quay

          def test_timeout():
              client.TIMEOUT = 5  #! later tests get the new value

          def test_level():
              quay.LEVEL = 5  #! is replaced and stays
        `,
        'bank/client.py': 'TIMEOUT = 10\n',
      },
    },
    {
      name: 'a hook imports the module once more before each test: a note',
      bad: {
        'tests/test_transfer.py': py`
          from unittest import mock
          from bank import client

          def test_transfer():
              client.send = mock.Mock()  #! puts it back
              assert client.transfer(10)
        `,
        'tests/conftest.py': py`
          import importlib
          import sys

          def pytest_runtest_setup(item):
              importlib.reload(sys.modules["bank.client"])
        `,
        'bank/client.py': py`
          def send(amount):
              return amount

          def transfer(amount):
              return send(amount)
        `,
      },
    },
    {
      name: 'a fixture that every test has gives it anew, also by a function; an object that is only a mark',
      bad: py`
        import pytest
        from unittest import mock
        from bank import client

        def reset_all():
            client.TIMEOUT = client.DEFAULT_TIMEOUT

        @pytest.fixture(autouse=True)
        def fresh():
            client.KEY = "test"  #! is replaced and stays
            reset_all()

        def test_timeout():
            client.TIMEOUT = 5
            client.KEY = "other"
            mock.sentinel.node.id = mock.Mock()
            assert client.ask()
      `,
    },
    {
      name: 'a stub hides what the workspace has',
      bad: {
        'tests/test_client.py': py`
          from unittest import mock
          from bank import client

          def test_ask():
              client.ask = mock.Mock()  #! never put back: later tests get the stub
              assert client.transfer(10)
        `,
        'bank/client.py': 'def ask():\n    return 1\n',
      },
    },
    {
      name: 'a fixture for something else does not put it back',
      bad: py`
        import fixtures
        import testtools
        from unittest import mock
        from bank import client

        class TestTransfer(testtools.TestCase):
            def setUp(self):
                super().setUp()
                self.useFixture(fixtures.MonkeyPatch("bank.audit.record", None))
                client.send = mock.Mock()  #! never put back
      `,
    },
    {
      name: 'for the whole session, by a fixture of it',
      good: {
        'tests/conftest.py': py`
          import pytest
          from bank import client

          @pytest.fixture(scope="session")
          def offline():
              client.send = lambda amount: True

          @pytest.fixture(scope="session", autouse=True)
          def quick():
              client.wait = lambda: None
        `,
      },
    },
    {
      name: 'a check replaced for the whole session',
      bad: {
        'tests/conftest.py': py`
          import pytest
          from bank import signatures

          @pytest.fixture(scope="session")
          def lenient():
              signatures.Validator.verify_signature = lambda *_: True  #! never put back
        `,
      },
    },
    {
      name: 'a pytest fixture that runs for every test sets it back',
      bad: py`
        import pytest
        from harbour import tide

        @pytest.fixture(autouse=True)
        def original():
            kept = tide.level
            yield
            tide.level = kept

        def test_low(original):
            tide.level = lambda: 0  #! is replaced by hand; ${'`tide.level = kept`'} puts it back
            assert tide.describe() == "low"
      `,
    },
    {
      name: 'a fixture with the name of a set-up puts it back behind its `yield`',
      bad: py`
        import pytest
        import unittest
        from harbour import tide

        class TestTide(unittest.TestCase):
            @pytest.fixture(autouse=True)
            def setup(self, station):
                self.kept = tide.level
                tide.level = lambda: 0  #! is replaced by hand; ${'`tide.level = self.kept`'} puts it back
                station.open()
                yield
                tide.level = self.kept

            def test_low(self):
                assert tide.describe() == "low"
      `,
    },
    {
      name: 'the prototype of a foreign function',
      good: py`
        import ctypes

        def test_pointer(capsule):
            ctypes.pythonapi.PyCapsule_GetPointer.restype = ctypes.c_void_p
            ctypes.pythonapi.PyCapsule_GetPointer.argtypes = [ctypes.py_object, ctypes.c_char_p]
            assert ctypes.pythonapi.PyCapsule_GetPointer(capsule, b"name")
      `,
    },
    {
      name: 'what stands for the context that is current',
      good: py`
        import flask

        def test_g(app):
            with app.app_context():
                flask.g.user = "alice"
                assert flask.g.user == "alice"
      `,
    },
    {
      name: 'taken away again, and a script that runs as a process of its own',
      good: {
        'tests/client-script.py': py`
          import sys
          from bank import client

          def test_hook():
              client.send = lambda amount: True

          def test_spam():
              client.spam = None
              delattr(client, "spam")

          if __name__ == "__main__":
              test_hook()
        `,
      },
    },
    {
      name: 'put back, patched, or no module at all',
      good: py`
        import importlib
        import unittest
        import warnings
        from unittest import mock
        from bank import client, limits

        class TestTransfer(unittest.TestCase):
            def setUp(self):
                self.old = client.TIMEOUT
                client.TIMEOUT = 5
                self.addCleanup(setattr, client, "TIMEOUT", self.old)
                self.amount = 10

            @mock.patch("bank.client.send")
            def test_transfer(self, send):
                client.send.return_value = True
                with mock.patch.object(limits, "check"):
                    limits.check.side_effect = ValueError
                name = client.NAME
                client.NAME = "test"
                client.NAME = name
                account = client.Account()
                account.owner = "alice"
                before = list(client.BANKS)
                client.BANKS = []
                client.BANKS = before
                client.LIMIT, limit = 5, client.LIMIT
                client.LIMIT = limit

        def wire(wrapper):
            real = client.Connection
            client.Connection = lambda host: wrapper(real(host))
            return real

        def test_read_only():
            try:
                limits.ceiling = 5
            except AttributeError:
                pass
            else:
                raise AssertionError("it must not be set")

        def test_two():
            limit, bank = client.LIMIT, client.BANK
            try:
                client.LIMIT = 5
                assert client.ask(bank)
            finally:
                client.LIMIT, client.BANK = limit, bank

        def test_stops():
            client.active = lambda: None
            client.stop()
            assert not client.active

        class TestLatest(unittest.TestCase):
            def test_fixture(self):
                client.latest = 123
                self.useFixture(Latest())
                self.assertIsNone(client.latest)

        def test_back_to_none():
            client.precision = 5
            assert client.shown() == "1.00000"
            client.precision = None

        def setup_function(function):
            importlib.reload(warnings)

        def test_warning():
            warnings.showwarning = client.show

        class TestHooks:
            def setup_method(self):
                client.conf.use_memmap = True

            def teardown_method(self):
                client.conf.reset("use_memmap")
                importlib.reload(limits)

            def test_warning(self):
                limits.CEILING = 5
      `,
    },
    {
      name: 'of a module that the test puts in place of the live one; taken away; given what it began with; by a name that no source can write',
      bad: {
        'tests/test_load.py': py`
          import pytest
          from unittest import mock
          from bank import store
          from bank.limits import Limits

          @pytest.fixture
          def sensor():
              with mock.patch.dict("sys.modules", {"pysensor": mock.Mock(), "pysensor.api": mock.Mock()}):
                  from pysensor.api import client

                  client.open = mock.Mock(return_value=7)
                  yield client

          def test_sets():
              store.keep("load", 7)
              assert getattr(store, "kept_load") == 7
              delattr(store, "kept_load")

          def test_gets():
              setattr(store, "kept_load", 7)
              assert store.give("load") == 7
              delattr(store, "kept_load")

          def test_forgets():
              setattr(store, "kept-load", 7)  #! is added and stays
              store.forget("load")
              assert not getattr(store, "kept-load", None)

          def test_none_allowed():
              Limits.most = -1
              assert not Limits().allows(1)
              Limits.most = 100
              assert Limits().allows(1)
        `,
        'bank/limits.py': py`
          class Limits:
              most = 100

              def allows(self, count):
                  return count <= self.most
        `,
        'bank/store.py': py`
          import sys

          def keep(name, value):
              setattr(sys.modules[__name__], "kept_" + name, value)

          def give(name):
              return getattr(sys.modules[__name__], "kept_" + name)
        `,
      },
    },
    {
      name: 'a listener is added to an event',
      good: {
        'tests/test_load.py': py`
          from bank import events

          def listener(name):
              pass

          def test_load():
              events.on_load += listener
              assert events.fire("a") == 1
        `,
      },
    },
  ],
});

/** What the module itself has there: `client.PROGRAM = "send"`, which is written in it. */
function isDefault({ node, newValue }: Change): boolean {
  const old = node.type === 'assignment' ? node.targets[0]?.value : undefined;
  return old?.kind === 'constant' && newValue?.value.kind === 'constant' && old.value === newValue.value.value;
}

/** Returns what it found, alone or among others, for the caller to put back. */
function givesBack(change: Change, body: Node): boolean {
  const kept = new Set(namesOfOld(change, body));
  return walk(body).some((it) => {
    const given = it.type === 'return' ? it.operands[0] : undefined;
    return given?.type === 'tuple' ? given.items.some((each) => kept.has(each.text)) : kept.has(given?.text ?? '');
  });
}

/** What a function calls the value that it found. */
function namesOfOld({ target }: Change, body: Node): string[] {
  return walk(body).flatMap((it) => (it.type === 'assignment' && it.value?.refersTo === target ? it.targets.map((each) => each.text) : []));
}

/** Internal state that is given a value, no stub; or that of an object which a module of the workspace made. */
function isInternal(change: Change, owner: FunctionSubject, file: TestFile): boolean {
  const at = change.target.lastIndexOf('.');
  return change.target[at + 1] === '_' && (!isStub(change, owner.node) || file.isMade(objectOf(change)));
}

/** Another class for one that an attribute names: which to make objects of is for whoever needs some to say, and each set-up says it anew. */
function isChosen({ target, newValue }: Change, file: TestFile): boolean {
  const isClass = (it: Expression | undefined) => it?.refersTo !== undefined && file.definition(it.refersTo)?.kind === 'class';
  return isClass(newValue) && isClass(file.initially(target));
}

function writtenOf({ node }: Change): string {
  return (node.type === 'assignment' && node.targets[0]?.text) || '';
}

function objectOf({ target }: Change): string {
  return target.slice(0, target.lastIndexOf('.'));
}

/** A name that its module or class does not have, that its objects are given each for itself, that no source can write, or that no product would have. */
function isAdded(change: Change, file: TestFile): boolean {
  const { target } = change;
  if (/\W|^(?:Fake|Mock|Stub|Dummy)\w/.test(lastOf(target)) || file.exists(target) === 'no' || file.isOfInstances(target)) return true;
  // A package may have modules that are not seen here; but nobody replaces one by hand.
  const object = objectOf(change);
  const names = file.definition(object) === undefined ? file.membersOf(object) : [];
  return (
    names.length > 0 &&
    file.exists(target) === 'unknown' &&
    !names.includes(lastOf(target)) &&
    !mayAnswer(file.definition(`${object}.__getattr__`)?.node, names, lastOf(target))
  );
}

/** `def __getattr__(name)` of a module: only one that compares the name with others alone is known not to answer to this one. */
function mayAnswer(getter: FunctionDefinition | undefined, names: readonly string[], name: string): boolean {
  const asked = getter?.parameters[0]?.name;
  if (getter === undefined || asked === undefined) return names.includes('__getattr__');
  return walk(getter).some((it) => {
    if (it.type !== 'name' || it.id !== asked) return false;
    const { parent } = it;
    if ([...ancestors(it)].some((each) => each.type === 'raise')) return false;
    return parent?.type !== 'comparison' || !parent.operands.every((each) => each === it || isOtherThan(each, name));
  });
}

/** A text, or some of them, none of which is the name. */
function isOtherThan(it: Expression, name: string): boolean {
  if (it.type === 'list' || it.type === 'tuple' || it.type === 'set') return it.items.every((each) => isOtherThan(each, name));
  return it.type === 'string' && it.content !== name;
}

/**
 * Leaves later tests with what they would have, or with what they want: a name that the module did not have; the old value in a wrapper;
 * a fixture of a folder for all its modules; a value that a set-up or fixture gives anew before every test.
 */
function isNote(change: Change, owner: FunctionSubject, file: TestFile): boolean {
  if (isWide(owner, file) || isAdded(change, file) || isInternal(change, owner, file)) return true;
  // With the library there, later tests get the mock of one test for it.
  if (file.isSlot(change.target) && (owner.role !== 'test' || file.definition(objectOf(change))?.kind === 'class')) return true;
  if (owner.role === 'helper' && owner.class?.isTest !== true) return true; // whoever calls it decides, and may call what undoes it
  if (isChosen(change, file) && (owner.role === 'setup' || file.setsAnew(writtenOf(change)))) return true;
  // A value is what the test wants of it; others of the workspace may ask for the same one.
  if (!isStub(change, owner.node) && (owner.role !== 'test' || homeOf(change.target, file) !== 'workspace' || file.isMade(objectOf(change)))) return true;
  const { newValue } = change;
  if (newValue?.type !== 'call') return false;
  const old = new Set([change.target, ...namesOfOld(change, owner.node)]);
  return newValue.arguments.some(({ value }) => old.has(value.text) || old.has(value.refersTo ?? ''));
}

/** Given the very value that its module or class begins with, it is put back. */
function isAsMade({ target, newValue }: Pick<Change, 'target' | 'newValue'>, file: TestFile): boolean {
  const first = newValue === undefined ? undefined : file.initially(target);
  if (first === undefined || newValue === undefined) return false;
  // Two modules that have one thing by its name.
  return isAlike(first, newValue) || (newValue.refersTo !== undefined && file.initially(newValue.refersTo) === first);
}

/** Does a later line of the function give it that value again? */
function becomesAsMade({ node, target }: Change, body: Node, file: TestFile): boolean {
  const written = node.type === 'assignment' ? node.targets[0]?.text : undefined;
  const all = walk(body);
  return all
    .slice(all.indexOf(node) + 1)
    .some((it) => it.type === 'assignment' && it.targets[0]?.text === written && isAsMade({ target, newValue: it.value }, file));
}

/** One constant, one name, or what one function or class makes of such. */
function isAlike(first: Expression, other: Expression): boolean {
  if (other.value.kind === 'constant') return first.text === other.text;
  if (first.type !== 'call' || other.type !== 'call') return first.refersTo !== undefined && first.refersTo === other.refersTo;
  return (
    first.callee !== undefined &&
    first.callee === other.callee &&
    first.arguments.length === other.arguments.length &&
    first.arguments.every((it, index) => {
      const given = other.arguments[index];
      return given !== undefined && argumentText(it) === argumentText(given) && isAlike(it.value, given.value);
    })
  );
}

/** `assert not Server.active`, `self.assertIsNone(Server.active)`, `assert Server.mode == 'other'` behind it, which it begins with: the code under test is to take it away. */
function isTakenByCode({ node, target: name }: Change, body: Node, file: TestFile): boolean {
  const target = node.type === 'assignment' ? node.targets[0]?.text : undefined;
  if (target === undefined) return false;
  const isFirst = (asked: readonly Expression[]) => {
    const first = file.initially(name)?.value;
    const isSame = ({ text, value }: Expression) =>
      text !== target && value.kind === 'constant' && first?.kind === 'constant' && (value.value || false) === (first.value || false);
    return asked.some((it) => it.text === target) && asked.some(isSame);
  };
  const all = walk(body);
  return all.slice(all.indexOf(node)).some((it) => {
    if (it.type === 'call') {
      const given = it.arguments.map(({ value }) => value);
      return /^assert(?:IsNone|False)$/.test(it.method) ? given[0]?.text === target : /^assert(?:Equals?|Is)$/.test(it.method) && isFirst(given);
    }
    const [asked] = it.type === 'assert' ? it.operands : [];
    if (asked?.text === `not ${target}` || asked?.text === `${target} is None`) return true;
    return asked?.type === 'comparison' && /^(?:is|==)$/.test(asked.operators.join()) && isFirst(asked.operands);
  });
}

/** `if not hasattr(module, 'name'): module.name = …`, `if not module.name: module.name = …`: nothing is replaced. */
function isAddedWhereAbsent({ node, target }: Change): boolean {
  const last = lastOf(target);
  const written = node.type === 'assignment' ? node.targets[0]?.text : undefined;
  return [...ancestors(node)].some(
    (it) =>
      it.type === 'if' &&
      ((it.test.text.startsWith('not hasattr(') && it.test.text.includes(last)) || it.test.text === `not ${written}` || it.test.text === `${written} is None`),
  );
}

/** Tried, with a failure where it goes through: nothing is replaced. */
function isRefused(node: Node): boolean {
  const block = lastTried(node) ? statementOf(node)?.parent : undefined;
  return block?.type === 'try' && asserts(block.otherwise);
}

/** Is the object itself a mock that the set-up of the class put there: `rbd_utils.rbd = mock.Mock()`? */
function isOfMock({ node, owner, target: name }: Change, file: TestFile): boolean {
  const target = node.type === 'assignment' ? node.targets[0] : undefined;
  const around = file.class;
  if (target?.type !== 'attribute') return false;
  const isMade = (it: Node) => it.type === 'assignment' && isMockName(it.value?.refersTo) && it.targets.some((each) => each.text === target.object.text);
  if (owner !== undefined && walk(owner.node).some((it) => isMade(it) || modulesSet(it).some((each) => name.startsWith(`${each}.`)))) return true;
  const setUp = around === undefined ? undefined : file.definition(`${around.qualified}().setUp`)?.node;
  return setUp !== undefined && walk(setUp).some(isMade);
}

/** `sys.modules["hardware"] = …`, `patch.dict("sys.modules", {"hardware": …})`: what the test imports then is its own. */
function modulesSet(it: Node): readonly string[] {
  const [target] = it.type === 'assignment' ? it.targets : [];
  const [mapping, given] = it.type === 'call' && it.callee?.endsWith('.patch.dict') === true ? it.arguments.map(({ value }) => value) : [];
  const keys =
    target?.type === 'subscript' && target.object.refersTo === 'sys.modules'
      ? target.index.slice(0, 1)
      : given?.type === 'dict' && isModules(mapping)
        ? given.entries.flatMap(({ key }) => key ?? [])
        : [];
  return keys.flatMap((each) => constantText(each.value) ?? []);
}

/** `sys.modules`, also as a text. */
function isModules(it: Expression | undefined): boolean {
  return it?.refersTo === 'sys.modules' || (it !== undefined && constantText(it.value) === 'sys.modules');
}

/** Attributes that configure a mock, wherever it stands. */
const MOCK_SETTINGS: ReadonlySet<string> = new Set(['return_value', 'side_effect', 'called', 'call_count', 'call_args', 'wraps', 'mock_calls']);
/** What `ctypes` is told of a foreign function: how it is called, not what it does. */
const PROTOTYPE: ReadonlySet<string> = new Set(['restype', 'argtypes', 'errcheck']);
/** Names that a class or module keeps for its own bookkeeping. */
const OWN_STATE = /^__\w+__$/;

/** Nothing, an empty text or collection, a flag taken down, or an object that enters itself; `delattr(module, 'name')` gives no value. */
function isEmpty({ node, newValue }: Change): boolean {
  if (newValue === undefined || newValue.text === 'self' || (node.type === 'call' && node.callee === 'builtins.delattr')) return true;
  if (newValue.type === 'constant') return newValue.constant === 'None' || newValue.constant === 'False';
  if (newValue.type === 'number') return Number(newValue.text) === 0;
  if (newValue.type === 'string') return newValue.content === '';
  if (newValue.type === 'dict') return newValue.entries.length === 0;
  if (newValue.type === 'list' || newValue.type === 'tuple') return newValue.items.length === 0;
  return newValue.type === 'call' && newValue.arguments.length === 0 && /^(?:set|dict|list|OrderedDict)$/.test(newValue.method);
}

function isStub(change: Change, owner: { readonly text: string }): boolean {
  const { newValue } = change;
  if (newValue === undefined) return false;
  if (newValue.type === 'lambda' || isMockName(newValue.refersTo)) return true;
  const name = newValue.refersTo ?? '';
  if (name.includes('.<locals>.')) return true;
  // What was there before is no stub for being called one: `fake_conf = cfg.CONF`.
  return (
    (newValue.type === 'name' || newValue.type === 'attribute') &&
    DOUBLE.test(newValue.text) &&
    (name === '' || name.includes('(') || DOUBLE.test(name) || OF_TESTS.test(name)) &&
    owner.text.includes(newValue.text)
  );
}

const OF_TESTS = /(?:^|[._])(?:tests?|testing|fakes?)(?:[._]|$)/;
const DOUBLE = /(?:^|[._])(?:fake|mock|stub|dummy)/i;

/** Does every test of the file begin with a value of its own: each names the owner, or all are of the class with the set-up? */
function isAnewForAll(change: Change, file: TestFile): boolean {
  const written = writtenOf(change);
  const [owner = ''] = written.split('.');
  const all = file.testsNaming('def', 'file');
  return file.setsAnew(written) && (file.testsNaming(owner, 'file') === all || file.testsNaming('def', 'class') === all);
}

/** `Account.open = None` in the next test, which it was in the first place. */
function isSetBelow({ node, target }: Change, file: TestFile): boolean {
  const first = file.initially(target);
  const [written] = node.type === 'assignment' ? node.targets : [];
  return first !== undefined && written?.type === 'attribute' && file.setBelow(written.text, first.text);
}

function fixOf(change: Change, file: TestFile): Fix | undefined {
  const { node, owner } = change;
  if (node.type !== 'assignment' || node.operator !== undefined || node.targets.length !== 1 || node.value === undefined) return undefined;
  const [target] = node.targets;
  if (target?.type !== 'attribute' || owner === undefined) return undefined;
  const given = `${target.object.text}, "${target.name}", ${node.value.text}`;
  if (owner.parameters.includes('monkeypatch'))
    return { title: 'Use `monkeypatch.setattr`', safety: 'suggest', edits: [replace(node, `monkeypatch.setattr(${given})`)] };
  if (owner.class?.ancestors.some((it) => it.startsWith('testtools.')) === true && owner.parameters[0] === 'self')
    return { title: 'Use `self.patch`', safety: 'suggest', edits: [replace(node, `self.patch(${given})`)] };
  const line = registration(node, owner, 'patcher.stop', file);
  if (line === undefined || owner.node.text.includes('patcher') || node.text.includes('\n')) return undefined;
  const edits: Fix['edits'] = [
    replace(node, `patcher = mock.patch.object(${given})`),
    insertAfter(node, 'patcher.start()', line),
    { do: 'import', module: 'unittest', name: 'mock' },
  ];
  return { title: 'Use `mock.patch.object`', safety: 'suggest', edits };
}

function lastOf(name: string): string {
  return name.slice(name.lastIndexOf('.') + 1);
}
