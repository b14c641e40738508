import type { Call, FunctionDefinition, FunctionSubject, Resource, Statement, TestFile } from '../model.ts';
import { constantText, statementOf, walk } from '../model.ts';
import { between, canFail, nodeAt, siblingOf } from '../python/leaks.ts';
import { lastTwo } from '../python/names.ts';
import { code, registerStop, type Started, startCall, stoppedMock } from '../python/patchers.ts';
import { isForSession } from '../python/session.ts';
import { defineRule, deleteStatement, type Fix, py } from '../rule.ts';

export const rule = defineRule({
  id: 'patch-never-stopped',
  code: 'MCK001',
  category: 'mocking',
  title: 'Patcher started and never stopped',
  kind: 'fail',
  kinds: ['fail', 'review', 'informational'],
  confidence: 'high',
  cwe: [459],
  why: 'A patch that stays in force changes every later test of the process: they run against the stub, and a security check that was stubbed away stays away.',
  instead: 'Register `patcher.stop` with `addCleanup` right after `start()`, or use `with`, a decorator or a fixture.',
  limits:
    'A patch of an attribute of an object, which may end with the test, is a note, and so are one that a helper starts, one where each test has a process of its own (`--forked`, unit tests of an Ansible collection), one below a base class that was not found, and one of a class without tests. Patchers that are handed to another function, or kept in a list that is not only looped over, are not followed.',
  links: ['https://docs.python.org/3/library/unittest.mock.html#patch-methods-start-and-stop'],
  on: 'resource',
  *check(resource, file) {
    if (resource.sort !== 'patcher' || file.ownProcess) return;
    const { owner } = resource;
    if (owner === undefined) return; // at import time: another rule's
    const started = startCall(resource.call);
    if (started === undefined || owner.parameters.includes(started.patcher.text)) return; // whoever gives a patcher stops it
    const guarantee = resource.releases.find((it) => it.how === 'guarantee');
    const what = code(started.patch ?? started.patcher, 40);
    // A stop that was meant for this patcher and misses it is the finding of another rule.
    for (const it of walk(owner.node)) {
      if (it.type === 'attribute' && it.refersTo === 'unittest.mock.patch.stopall') return;
      if (it.type === 'call' && stoppedMock(it)?.start.text === resource.call.text) return;
    }
    if (guarantee !== undefined && resource.releases.every((it) => it.how === 'guarantee')) {
      if (guarantee.by === owner.class?.qualified) return;
      yield { at: resource.place, kind: 'informational', message: `${what} is stopped only by the \`stopall\` of \`${lastTwo(guarantee.by)}\`` };
      return;
    }
    if (resource.fate === 'released' && resource.releases.every((it) => it.how === 'inline')) {
      const late = stoppedTooLate(resource);
      if (late === undefined) return;
      yield {
        at: resource.place,
        kind: 'review',
        message: `${what} is stopped in line only: it stays in force when a line before \`${late.text.replace(/\s+/g, ' ')}\` fails`,
        trail: [{ at: late.place, note: 'is skipped then' }],
        ...fixOf(started, owner, file, late),
      };
      return;
    }
    if (resource.fate !== 'leaks' && resource.fate !== 'unknown') return;
    const fix = registerStop(started, owner, file);
    const around = owner.class;
    const object = patchedObject(started);
    if (object !== undefined) {
      yield {
        at: resource.place,
        kind: 'informational',
        message: `${what} is never stopped: \`${object}\` keeps it as long as it lives`,
        ...(fix === undefined ? {} : { fix }),
      };
      return;
    }
    const unsure = around !== undefined && (around.guarantees('stopall') === 'unknown' || !around.isTest);
    if (unsure || resource.fate === 'unknown') {
      const [base] = around?.unresolved ?? [];
      yield {
        at: resource.place,
        kind: 'informational',
        message: `${what} is never stopped here${base === undefined ? '' : `, unless \`${lastTwo(base)}\` does it`}`,
        ...(fix === undefined ? {} : { fix }),
      };
      return;
    }
    if (isForSession(owner, file)) {
      yield { at: resource.place, kind: 'informational', message: `${what} is started for the whole session` };
      return;
    }
    // Nobody may call a helper, and whoever does may stop it.
    if (owner.role === 'helper') {
      yield { at: resource.place, kind: 'informational', message: `${what} is started by a helper and never stopped: it outlives the test that calls it` };
      return;
    }
    if (file.project.forked) {
      yield { at: resource.place, kind: 'informational', message: `${what} is started and never stopped: it ends with the process that each test has` };
      return;
    }
    const restoring = restoredAround(started, owner, file);
    if (restoring !== undefined) {
      yield {
        at: resource.place,
        kind: 'informational',
        message: `${what} is never stopped: the fixture \`${restoring.name}\` puts the original back after each test`,
      };
      return;
    }
    yield { at: resource.place, message: `${what} is started and never stopped: it stays in force for all later tests`, ...(fix === undefined ? {} : { fix }) };
  },
  examples: [
    {
      name: 'the set-up of a class that has no tests, while others of the file have some',
      bad: py`
        import unittest
        from unittest import mock

        class TestListen(unittest.TestCase):
            def setUp(self):
                mock.patch("bank.socket").start()  #! stays in force for all later tests

            def test_port(self):
                listen()

        class TestListenNative(unittest.TestCase):
            def setUp(self):
                mock.patch("bank.native_socket").start()  #! has no tests here

        class TestListenLate(unittest.TestCase):
            def setUp(self):
                mock.patch("bank.late_socket").start()  #! stays in force for all later tests

        class TestListenLater(TestListenLate):
            def test_port(self):
                listen_later()

        class OfRows(type):
            def __new__(cls, name, bases, members):
                return type.__new__(cls, name, bases, {**members, "test_row": lambda self: None})

        class TestRows(unittest.TestCase, metaclass=OfRows):
            def setUp(self):
                mock.patch("bank.rows").start()  #! stays in force for all later tests

        class Derived(unittest.TestCase):
            def __init_subclass__(cls):
                cls.test_row = lambda self: None

        class TestDerived(Derived):
            def setUp(self):
                mock.patch("bank.derived").start()  #! stays in force for all later tests
      `,
    },
    {
      name: 'a fixture that patches the same around each test puts the original back; one around all tests of a module does not',
      bad: {
        'tests/test_main.py': py`
          import unittest
          from unittest import mock

          class TestMain(unittest.TestCase):
              def setUp(self):
                  self.sleep = mock.patch("time.sleep").start()  #! puts the original back after each test
                  self.now = mock.patch("bank.clock.now").start()  #! stays in force for all later tests
        `,
        'tests/conftest.py': py`
          import pytest
          from unittest import mock

          @pytest.fixture(autouse=True)
          def no_sleep():
              with mock.patch('time.sleep') as mocked:
                  yield mocked

          @pytest.fixture(autouse=True, scope='module')
          def no_clock():
              with mock.patch('bank.clock.now') as mocked:
                  yield mocked
        `,
      },
    },
    {
      name: 'a stop that was registered for the patcher that the name held before',
      bad: py`
        import unittest
        from unittest import mock

        class TestTransfer(unittest.TestCase):
            def setUp(self):
                patcher = mock.patch("bank.client.send")
                self.send = patcher.start()
                self.addCleanup(patcher.stop)
                patcher = mock.patch("bank.client.receive")
                self.receive = patcher.start()  #! started and never stopped
                patcher = mock.patch("bank.client.log")
                self.addCleanup(patcher.stop)
                self.log = patcher.start()
      `,
    },
    {
      name: 'the later of two classes of one name has a tear-down, and the earlier one never runs',
      good: py`
        import unittest
        from unittest import mock

        class TestListen(unittest.TestCase):
            def setUp(self):
                self.patcher = mock.patch("socket.socket")
                self.socket = self.patcher.start()

        class TestListen(unittest.TestCase):
            def setUp(self):
                self.patcher = mock.patch("socket.socket")
                self.socket = self.patcher.start()

            def tearDown(self):
                self.patcher.stop()
      `,
    },
    {
      name: 'a fixture gives the patcher, and stops it',
      good: py`
        import pytest
        from unittest import mock

        @pytest.fixture(autouse=True)
        def walls():
            patcher = mock.patch("harbour.walls.apply")
            patcher.start()
            yield patcher
            patcher.stop()

        @pytest.fixture
        def no_walls(walls):
            walls.stop()
            yield
            walls.start()

        def test_enter(no_walls):
            assert enter()
      `,
    },
    {
      name: 'of an object that the test makes',
      bad: py`
        import unittest
        from unittest import mock

        class TestCache(unittest.TestCase):
            def make(self, size):
                return Cache(size)

            def test_space(self):
                cache = self.make(10)
                delete = mock.patch.object(cache, "delete").start()  #! keeps it as long as it lives
                cache.ensure_space(11)
                delete.assert_called_once_with()
      `,
    },
    {
      name: 'a patcher without a stop',
      bad: py`
        import unittest
        from unittest import mock

        class TestTransfer(unittest.TestCase):
            def setUp(self):
                patcher = mock.patch("bank.client.send")
                self.send = patcher.start()
                #           ^^^^^^^^^^^^^^^ started and never stopped

            def test_transfer(self):
                self.send.assert_not_called()
      `,
      fixed: py`
        import unittest
        from unittest import mock

        class TestTransfer(unittest.TestCase):
            def setUp(self):
                patcher = mock.patch("bank.client.send")
                self.send = patcher.start()
                self.addCleanup(patcher.stop)

            def test_transfer(self):
                self.send.assert_not_called()
      `,
    },
    {
      name: 'each test has a process of its own',
      bad: {
        'tests/unit/test_transfer.py': py`
          import pytest
          from unittest import mock

          @pytest.fixture
          def send():
              patcher = mock.patch("bank.client.send")
              return patcher.start()  #! ends with the process
        `,
        'galaxy.yml': 'namespace: bank\n',
      },
    },
    {
      name: 'started where it is made',
      bad: py`
        import unittest
        from unittest import mock

        class TestTransfer(unittest.TestCase):
            def setUp(self):
                self.send = mock.patch("bank.client.send").start()  #! never stopped
      `,
      fixed: py`
        import unittest
        from unittest import mock

        class TestTransfer(unittest.TestCase):
            def setUp(self):
                patcher = mock.patch("bank.client.send")
                self.send = patcher.start()
                self.addCleanup(patcher.stop)
      `,
    },
    {
      name: 'where Python has `enterContext`',
      bad: {
        'tests/test_url.py': py`
          import unittest
          from unittest import mock

          class TestTransfer(unittest.TestCase):
              def setUp(self):
                  self.send = mock.patch("bank.client.send").start()  #! never stopped
        `,
        'pyproject.toml': '[project]\nrequires-python = ">=3.11"\n',
      },
      fixed: py`
        import unittest
        from unittest import mock

        class TestTransfer(unittest.TestCase):
            def setUp(self):
                self.send = self.enterContext(mock.patch("bank.client.send"))
      `,
    },
    {
      name: 'patchers in a list',
      bad: py`
        import unittest
        from unittest import mock

        class TestTransfer(unittest.TestCase):
            def setUp(self):
                patchers = [mock.patch("bank.client.send"), mock.patch("bank.client.receive")]
                for patcher in patchers:
                    patcher.start()  #! never stopped
      `,
      fixed: py`
        import unittest
        from unittest import mock

        class TestTransfer(unittest.TestCase):
            def setUp(self):
                patchers = [mock.patch("bank.client.send"), mock.patch("bank.client.receive")]
                for patcher in patchers:
                    patcher.start()
                    self.addCleanup(patcher.stop)
      `,
    },
    {
      name: 'made by the module, and stopped in its tear-down',
      good: {
        'tests/test_send.py': py`
          from unittest import mock

          _client = mock.patch.dict("sys.modules", {"client": mock.Mock()})

          def setUpModule():
              _client.start()

          def tearDownModule():
              _client.stop()
        `,
        'tests/test_receive.py': py`
          import unittest
          from unittest import mock

          _send = mock.patch("bank.client.send")

          class TestReceive(unittest.TestCase):
              @classmethod
              def setUpClass(cls):
                  _send.start()

              @classmethod
              def tearDownClass(cls):
                  _send.stop()
        `,
      },
    },
    {
      name: 'made by the module, and a tear-down that stops another of that name',
      bad: py`
        from unittest import mock

        patcher = mock.patch("bank.client.send")

        def setup_module():
            patcher.start()  #! started and never stopped

        def teardown_module():
            patcher = mock.patch("bank.client.receive")
            patcher.stop()
      `,
    },
    {
      name: 'patchers in a list, stopped in the tear-down',
      good: py`
        import unittest
        from unittest import mock

        class TestTransfer(unittest.TestCase):
            def setUp(self):
                self.patchers = [mock.patch(f"bank.client.{it}") for it in ("send", "receive")]
                self.mocks = [it.start() for it in self.patchers]

            def tearDown(self):
                for patcher in self.patchers:
                    patcher.stop()

        class TestClient(unittest.TestCase):
            def setUp(self):
                self.patchers = patchers = [mock.patch("bank.client.send"), mock.patch("bank.client.receive")]
                for patcher in patchers:
                    patcher.start()

            def tearDown(self):
                for patcher in self.patchers:
                    patcher.stop()
      `,
    },
    {
      name: 'stopped in the last line, which a failure skips',
      bad: py`
        import unittest
        from unittest import mock

        class TestTransfer(unittest.TestCase):
            def test_transfer(self):
                patcher = mock.patch("bank.client.send")
                send = patcher.start()  #! is stopped in line only
                self.assertTrue(self.bank.transfer(10))
                patcher.stop()
      `,
      fixed: py`
        import unittest
        from unittest import mock

        class TestTransfer(unittest.TestCase):
            def test_transfer(self):
                patcher = mock.patch("bank.client.send")
                send = patcher.start()
                self.addCleanup(patcher.stop)
                self.assertTrue(self.bank.transfer(10))
      `,
    },
    {
      name: 'a base class stops all patches',
      bad: py`
        from unittest import mock
        from oslotest import base

        class TestTransfer(base.BaseTestCase):
            def setUp(self):
                super().setUp()
                mock.patch("bank.client.send").start()  #! stopped only by
      `,
    },
    {
      name: 'stopped in every way that works',
      good: py`
        import unittest
        from unittest import mock

        class TestTransfer(unittest.TestCase):
            def setUp(self):
                patcher = mock.patch("bank.client.send")
                self.send = patcher.start()
                self.addCleanup(patcher.stop)
                self.clock_patcher = mock.patch("bank.clock")
                self.clock_patcher.start()

            def tearDown(self):
                self.clock_patcher.stop()

        def test_plain():
            patcher = mock.patch("bank.client.send")
            patcher.start()
            try:
                transfer(10)
            finally:
                patcher.stop()
            patcher.start()
            patcher.stop()

        class TestAll(unittest.TestCase):
            def setUp(self):
                self.addCleanup(mock.patch.stopall)
                mock.patch("bank.client.send").start()
      `,
    },
    {
      name: 'pytest-mock stops its patches by itself',
      good: py`
        def test_transfer(mocker):
            send = mocker.patch("bank.client.send")
            send.assert_not_called()
      `,
    },
    {
      name: 'set-up of a module that is skipped as a whole',
      bad: py`
        import unittest
        from unittest import mock

        raise unittest.SkipTest("the till is rebuilt")

        class TestTill(unittest.TestCase):
            def setUp(self):
                mock.patch("till.open").start()  #! (the file is skipped)

            def test_till(self):
                self.till.sell()
      `,
    },
  ],
});

/** What `patch.object` is given, where that is an object and no module or class: `cache = self.make_cache()`. */
function patchedObject({ patch }: Started): string | undefined {
  const object = patch?.method === 'object' ? patch.arguments[0]?.value : undefined;
  if (object?.type !== 'name' && object?.type !== 'attribute') return undefined;
  return object.value.kind === 'result' || object.refersTo?.includes('()') === true ? object.text.replace(/\s+/g, '') : undefined;
}

/** The statement that stops the patcher, when something that can fail stands between the start and it. */
function stoppedTooLate({ call, releases, owner }: Resource): Statement | undefined {
  const start = statementOf(call);
  if (start === undefined || owner === undefined) return undefined;
  for (const it of releases) {
    const node = nodeAt(it.place, owner.node);
    const stop = node === undefined ? undefined : siblingOf(node, start);
    if (node === undefined || stop === undefined || statementOf(node) !== stop) return undefined; // in a branch: not followed
    const inside = between(start, stop);
    if (inside?.some((each) => canFail(each)) === true) return stop;
  }
  return undefined;
}

/** Registers the stop, and takes the one in line away where nothing comes after it. */
function fixOf(started: Started, owner: FunctionSubject, file: TestFile, stop: Statement): { fix?: Fix } {
  const registered = registerStop(started, owner, file);
  if (registered === undefined || owner.node.body.at(-1) !== stop || started.patcher.type === 'call') return {};
  return { fix: { ...registered, edits: [...registered.edits, deleteStatement(stop)] } };
}

/** The fixture that runs for each test and has the same target patched while it does: it sets back what it found. */
function restoredAround({ patch }: Started, owner: FunctionSubject, file: TestFile): FunctionDefinition | undefined {
  const target = patch === undefined ? undefined : firstText(patch);
  if (target === undefined || owner.role !== 'setup') return undefined;
  return [...file.fixturesFor(owner)].find(
    (it) =>
      !it.decorators.some(({ text }) => /\bscope\b/.test(text)) &&
      walk(it).some(
        (each) =>
          each.type === 'with' &&
          each.items.some(({ context }) => context.type === 'call' && context.callee === patch?.callee && firstText(context) === target),
      ),
  );
}

function firstText(call: Call): string | undefined {
  return constantText(call.arguments[0]?.value.value);
}
