import type { Call, Change, FunctionSubject, Node, TestFile } from '../model.ts';
import { ancestors, walk } from '../model.ts';
import { asksFor, registration } from '../python/cleanups.ts';
import { expectedToFail, lastTried, plainStatement } from '../python/leaks.ts';
import { isForAll, isNoWider, isOfBase } from '../python/session.ts';
import { defineRule, type Fix, insertAfter, insertBefore, py, replace } from '../rule.ts';

const SORTS: ReadonlySet<string> = new Set(['working directory', 'process state', 'module state']);

/** Keeps something in its module, and has a way back. */
const FAKE = py`
  _NODES = []

  def set_nodes(nodes):
      global _NODES
      _NODES = nodes

  def restore_nodes():
      global _NODES
      _NODES = []

  def nodes():
      return _NODES
`;

export const rule = defineRule({
  id: 'process-state-not-restored',
  code: 'RES021',
  category: 'resources',
  title: 'Process-wide state changed and not restored',
  kind: 'review',
  kinds: ['review', 'informational'],
  confidence: 'high',
  cwe: [459],
  peers: { sonar: ['S8997'] },
  why: 'Every test that runs later in the same process sees the change: what it proves depends on the order of tests.',
  instead: 'Register the reverse as a cleanup before or directly after the change, or use `monkeypatch`, `contextlib.chdir`, a fixture.',
  limits:
    'A restore in a function that is not of the class or file is not seen, but for a fixture of the test that sets what the function keeps in its module. What a fixture sets for every test of a folder or of the run is a note, and so is a change in a mixin or in a class that others get their tests from, or where a base class or a fixture is not here; so is a handler of an alarm that the function turns off in `finally`. What is always skipped, or given to a child process, is not judged (a note where a runner may collect it too), nor what a lambda does that is only kept somewhere.',
  links: ['https://docs.pytest.org/en/stable/how-to/monkeypatch.html'],
  once: 'file',
  on: 'change',
  *check(change, file) {
    const { node, owner, sort } = change;
    if (file.ownProcess || file.skipped(node)) return;
    if (!SORTS.has(sort) || node.type !== 'call' || change.releases.length > 0 || owner === undefined) return;
    if (owner.role === 'helper') return; // who calls it may set it back
    // Without parameters a runner may collect it as well.
    const isForChild = owner.class === undefined && file.runsInChild(owner.name);
    if (
      expectedToFail(node) ||
      lastTried(node) ||
      inChild(node, owner.node) ||
      (isForChild && owner.node.parameters.length > 0) ||
      isOnlyKept(node, owner.node) ||
      isPatched(change, file) ||
      isSetBack(change, owner, file)
    )
      return;
    yield {
      at: node.place,
      ...(isForChild || isForTheRun(owner, file) || mayBeCaredFor(owner, file) || isDisarmed(node, owner.node) ? { kind: 'informational' } : {}),
      message: messageOf(change),
      ...fixOf(change, file),
    };
  },
  examples: [
    {
      name: 'what is made once for all who ask is left; a value of the test is not',
      bad: {
        'tests/test_store.py': py`
          import unittest
          from tests import fake

          class TestStore(unittest.TestCase):
              def setUp(self):
                  fake.init_db()
                  fake.init_nodes(3)  #! cleanup_nodes

              def test_nodes(self):
                  self.assertEqual(3, fake.NODES)
        `,
        'tests/fake.py': py`
          DONE = None
          NODES = 0

          def init_db():
              global DONE
              if not DONE:
                  connect()
                  DONE = True

          def cleanup_db():
              global DONE
              if DONE:
                  disconnect()
                  DONE = False

          def init_nodes(count):
              global DONE
              if not DONE:
                  DONE = True
              global NODES
              NODES = count

          def cleanup_nodes():
              global NODES
              NODES = 0
        `,
      },
    },
    {
      name: 'a working directory for all tests to come',
      bad: py`
        import os
        import unittest

        class TestSpool(unittest.TestCase):
            def test_save(self):
                os.chdir('/srv/spool')  #! nothing sets it back
                self.assertTrue(os.listdir('.'))
      `,
      fixed: py`
        import os
        import unittest

        class TestSpool(unittest.TestCase):
            def test_save(self):
                self.addCleanup(os.chdir, os.getcwd())
                os.chdir('/srv/spool')
                self.assertTrue(os.listdir('.'))
      `,
    },
    {
      name: 'a module of the workspace that keeps what it was told',
      bad: {
        'tests/unit/test_nodes.py': py`
          import unittest
          from tests import fake

          class TestNodes(unittest.TestCase):
              def test_two(self):
                  fake.set_nodes(['host1', 'host2'])  #! \`restore_nodes\` is never called
                  self.assertEqual(2, len(fake.nodes()))
        `.replaceAll('\\`', '`'),
        'tests/fake.py': FAKE,
      },
      fixed: py`
        import unittest
        from tests import fake

        class TestNodes(unittest.TestCase):
            def test_two(self):
                fake.set_nodes(['host1', 'host2'])
                self.addCleanup(fake.restore_nodes)
                self.assertEqual(2, len(fake.nodes()))
      `,
    },
    {
      name: 'a class that a block of the module makes, `pytester`, and a context manager that restores',
      good: py`
        import os
        import sys
        import unittest

        if os.name == "posix":
            class TestLinks(unittest.TestCase):
                def tearDown(self):
                    os.chdir(HOME)

                def test_links(self):
                    os.chdir("links")
                    self.assertTrue(os.listdir("."))

        def test_below(pytester):
            os.chdir(pytester.mkdir("below"))
            assert pytester.runpytest().ret == 0

        def test_apart(runner):
            with runner.isolated_filesystem():
                os.chdir("below")
                assert runner.invoke(main).exit_code == 0

        def test_deep(kept_recursion_limit):
            with restored_limit():
                sys.setrecursionlimit(100)
                assert dive()
      `,
    },
    {
      name: 'a fixture that runs for every test sets what the module keeps',
      good: {
        'tests/unit/test_nodes.py': py`
          import pytest
          from tests import fake

          @pytest.fixture(autouse=True)
          def no_nodes():
              fake._NODES = []
              yield
              fake._NODES = []

          def test_two():
              fake.set_nodes(['host1', 'host2'])
              assert len(fake.nodes()) == 2
        `,
        'tests/fake.py': FAKE,
      },
    },
    {
      name: 'a fixture that sets it before the tests alone, sets another name, or ends with the module',
      bad: {
        'tests/unit/test_nodes.py': py`
          import pytest
          from tests import fake

          @pytest.fixture(autouse=True)
          def no_nodes():
              fake._NODES = []
              yield
              fake._HOSTS = []

          def test_two():
              fake.set_nodes(['host1', 'host2'])  #! nodes\` is never called
              assert len(fake.nodes()) == 2
        `.replaceAll('\\`', '`'),
        'tests/unit/test_hosts.py': py`
          import pytest
          from tests import fake

          @pytest.fixture(autouse=True, scope="module")
          def no_nodes():
              yield
              fake._NODES = []

          def test_two():
              fake.set_nodes(['host1', 'host2'])  #! never called
              assert len(fake.nodes()) == 2
        `,
        'tests/fake.py': FAKE,
      },
    },
    {
      name: 'a context manager of the workspace whose base goes back at its end',
      good: {
        'tests/test_links.py': py`
          import os
          from tests.folders import RepositoryFolder

          def test_links():
              with RepositoryFolder() as folder:
                  os.chdir(folder.name)
                  assert os.listdir(".")
        `,
        'tests/folders.py': py`
          import os

          class Folder:
              def __enter__(self):
                  self.before = os.getcwd()
                  return self

              def __exit__(self, *raised):
                  os.chdir(self.before)

          class RepositoryFolder(Folder):
              def __exit__(self, *raised):
                  del self.repository
                  super().__exit__(*raised)
        `,
      },
    },
    {
      name: 'a base class and a fixture that move every test, and back',
      good: {
        'tests/test_links.py': py`
          import contextlib
          import os
          import pytest
          from tests import base

          class TestLinks(base.FolderCase):
              def test_links(self):
                  os.chdir("links")
                  assert os.listdir(".")

          @pytest.fixture
          def package(folder):
              return os.listdir(folder)

          @pytest.fixture
          def folder(tmp_path):
              before = os.getcwd()
              yield tmp_path
              os.chdir(before)

          def test_below(package):
              os.chdir("below")
              assert os.listdir(".")
        `,
        'tests/base.py': py`
          import contextlib
          import pytest
          from tests.folders import change_dir

          class FolderCase:
              @pytest.fixture(autouse=True)
              def _folder(self, tmp_path):
                  with change_dir(tmp_path):
                      yield
        `,
      },
    },
    {
      name: 'a handler whose alarm is turned off is a note',
      bad: {
        'tests/unit/test_plugins.py': py`
          import signal

          def test_in_time(harbour, stop):
              signal.signal(signal.SIGALRM, stop)  #! nothing sets it back
              signal.alarm(5)
              try:
                  harbour.close()
              finally:
                  signal.alarm(0)
        `,
        'tests/unit/conftest.py': py`
          import pytest

          @pytest.fixture
          def harbour():
              return object()

          @pytest.fixture
          def stop():
              return print
        `,
      },
    },
    {
      name: 'in a mixin, and with a fixture that is not here, it is a note',
      bad: {
        'tests/test_push.py': py`
          import os
          import pytest

          class PushTests:
              def test_push(self):
                  os.chdir("branch")  #! nothing sets it back
                  self.run_push()

          def test_list(project):
              os.chdir(project.root)  #! nothing sets it back
              assert project.list()

          @pytest.mark.parametrize("folder", ["east", "west"])
          def test_folders(folder):
              os.chdir(folder)
              assert os.listdir(".")
        `,
      },
    },
    {
      name: 'in a lambda that is only kept somewhere nothing moves; in one that is called, or given away, it does',
      bad: py`
        import os
        import pytest

        @pytest.fixture
        def shell():
            return harbour.Shell()

        def test_alias(shell):
            shell.aliases["cd"] = lambda args: os.chdir(args[0])
            assert shell.knows("cd")

        def test_named(shell):
            move = lambda args: os.chdir(args[0])
            shell.aliases["go"] = move
            assert shell.knows("go")

        def test_called(shell):
            move = lambda path: os.chdir(path)  #! moves the whole test run
            shell.aliases["cd"] = move
            move("/srv")
            assert shell.knows("cd")

        def test_given(shell):
            shell.call(lambda: os.umask(0))  #! changes the process
            assert shell.knows("cd")
      `,
    },
    {
      name: 'marks of a base in another module; a fixture with a finalizer; a runner of click around every test of the folder',
      good: {
        'tests/test_links.py': py`
          import os
          from tests.base import FolderCase

          class TestLinks(FolderCase):
              def test_links(self):
                  os.chdir("links")
                  assert os.listdir(".")
        `,
        'tests/base.py': py`
          import pytest

          @pytest.mark.usefixtures("folder")
          class FolderCase:
              def links(self):
                  return []
        `,
        'tests/conftest.py': py`
          import os
          import pytest

          @pytest.fixture
          def folder(request):
              start = os.getcwd()

              def back():
                  os.chdir(start)

              request.addfinalizer(back)
        `,
        'tests/apart/test_apart.py': py`
          import os

          def test_apart():
              os.chdir("below")
              assert os.listdir(".")
        `,
        'tests/apart/conftest.py': py`
          import pytest
          from click.testing import CliRunner

          @pytest.fixture(autouse=True)
          def apart(tmp_path):
              with CliRunner().isolated_filesystem(temp_dir=tmp_path):
                  yield
        `,
      },
    },
    {
      name: 'for every test of the folder, or of who derives from the class, it is a note',
      bad: {
        'tests/base.py': py`
          import socket
          import unittest

          class BrowserCase(unittest.TestCase):
              def setUp(self):
                  socket.setdefaulttimeout(60)  #! nothing sets it back
        `,
        'tests/browser/conftest.py': py`
          import socket
          import pytest

          @pytest.fixture(autouse=True)
          def shown(driver):
              yield
              driver.show()

          @pytest.fixture(scope="session")
          def driver():
              socket.setdefaulttimeout(60)  #! nothing sets it back
              return start_driver()
        `,
        'tests/conftest.py': py`
          import logging
          import pytest

          @pytest.fixture(autouse=True)
          def quiet():
              logging.disable(logging.CRITICAL)  #! nothing sets it back
        `,
      },
    },
    {
      name: 'the zone of the environment read again, and a patch of what the module keeps',
      good: {
        'tests/unit/test_nodes.py': py`
          import os
          import time
          import pytest
          from unittest import mock
          from tests import fake

          @pytest.mark.skip
          def test_skipped():
              os.chdir("links")
              assert os.listdir(".")

          def test_zone(zone):
              zone.choose("Europe/Berlin")
              time.tzset()
              assert time.tzname
              zone.forget()
              if zone.is_set:
                  time.tzset()

          @mock.patch("tests.fake._NODES", None)
          def test_two():
              fake.set_nodes(["host1", "host2"])
              assert len(fake.nodes()) == 2
        `,
        'tests/fake.py': FAKE,
      },
    },
    {
      name: 'every test begins with a module that is reset',
      good: {
        'tests/unit/test_engine.py': py`
          import unittest
          from tests import engine

          class TestHook(unittest.TestCase):
              def setUp(self):
                  engine._reset_engine()

              def test_kept(self):
                  engine.init_engine('steam')
                  self.assertEqual('steam', engine.kind())

          class TestSteam(unittest.TestCase):
              def setUp(self):
                  engine._reset_engine()
                  engine.init_engine('steam')
        `,
        'tests/engine.py': py`
          _KIND = None

          def init_engine(kind):
              global _KIND
              _KIND = kind

          def _reset_engine():
              global _KIND
              _KIND = None

          def kind():
              return _KIND
        `,
      },
    },
    {
      name: 'set back by a cleanup, in finally, in tearDown, by a context manager',
      good: {
        'tests/unit/test_nodes.py': py`
          import logging
          import os
          import signal
          import unittest
          from tests import fake

          class TestNodes(unittest.TestCase):
              def setUp(self):
                  logging.disable(logging.CRITICAL)

              def tearDown(self):
                  logging.disable(logging.NOTSET)

              def test_two(self):
                  fake.set_nodes(['host1', 'host2'])
                  self.addCleanup(fake.restore_nodes)
                  self.addCleanup(os.chdir, os.getcwd())
                  os.chdir('/srv/spool')

              def test_two_names(self):
                  which = signal.SIGUSR1
                  handler = signal.signal(which, signal.SIG_IGN)
                  self.addCleanup(signal.signal, signal.SIGUSR1, handler)

              def test_alarm(self):
                  before = signal.signal(signal.SIGALRM, print)
                  try:
                      self.assertTrue(before)
                  finally:
                      signal.signal(signal.SIGALRM, before)

          @keeps_cwd_unchanged(strict=True)
          def test_decorated(tmp_path):
              os.chdir(tmp_path)

          def test_folder(monkeypatch):
              monkeypatch.chdir('/srv/spool')
        `,
        'tests/fake.py': FAKE,
      },
    },
    {
      name: 'in a process of its own, as what makes it says',
      bad: py`
        import multiprocessing
        import signal
        from multiprocessing import Pool, Process

        def test_worker_init():
            signal.signal(signal.SIGINT, signal.SIG_IGN)  #! nothing sets it back

        def test_quietly(pipe):
            signal.signal(signal.SIGINT, signal.SIG_IGN)

        def test_loudly():
            signal.signal(signal.SIGINT, signal.SIG_IGN)  #! nothing sets it back; 3 times, also lines 15, 18

        def test_here_too():
            signal.signal(signal.SIGINT, signal.SIG_IGN)

        def test_named_behind():
            signal.signal(signal.SIGINT, signal.SIG_IGN)

        def run_here(pipe):
            test_here_too()
            with Pool(2, test_here_too) as pool:
                pool.map(print, pipe)

        def count(pipe):
            made = Pool(4)
            return call(made, test_named_behind)

        def run(pipe):
            child = Process(target=test_quietly, args=(pipe,))
            child.start()
            child.join()
            return multiprocessing.Pool(multiprocessing.cpu_count(), test_worker_init), Pool(2, initargs=test_loudly())
      `,
    },
  ],
});

/** In a process of its own: behind `if os.fork() == 0`, or a function that is the target of one. */
function inChild(node: Node, owner: Node): boolean {
  if (/\bfork\(|posix_spawn|multiprocessing/.test(owner.text)) return true;
  for (const it of ancestors(node)) if (it.type === 'if' && /\bpid\b|is_main|__name__/.test(it.test.text)) return true;
  return false;
}

/** In a lambda that is put somewhere, and that nobody here is seen to call: `aliases['cd'] = lambda args: os.chdir(args[0])`. */
function isOnlyKept(node: Node, owner: Node): boolean {
  const kept = [...ancestors(node)].find((it) => it.type === 'lambda')?.parent;
  return kept?.type === 'assignment' && kept.targets.every((it) => isPutAway(it.text, owner));
}

/** Is all that is done with it to put it elsewhere? */
function isPutAway(name: string, owner: Node): boolean {
  const uses = walk(owner).filter((it) => (it.type === 'name' || it.type === 'attribute' || it.type === 'subscript') && it.text === name);
  return uses.every(({ parent }) => parent?.type === 'assignment' && parent.targets.every((each) => each.type !== 'name' || each.text === name));
}

/** Is what the function keeps in its module patched where it is called: `@mock.patch('tests.fake._NODES', None)`? */
function isPatched({ target, node }: Change, file: TestFile): boolean {
  const body = file.definition(target)?.node;
  if (body === undefined) return false;
  const module = target.slice(0, target.lastIndexOf('.'));
  return walk(body).some((it) => it.type === 'global' && it.operands.some((each) => file.stubbed(`${module}.${each.text}`, node) !== undefined));
}

/** Does a fixture that runs for the test set, behind its `yield`, all that the function keeps in its module: `factory._tracker = None`? */
function isSetBack({ target, sort }: Change, owner: FunctionSubject, file: TestFile): boolean {
  const body = sort === 'module state' ? file.definition(target)?.node : undefined;
  if (body === undefined) return false;
  const module = target.slice(0, target.lastIndexOf('.'));
  const kept = walk(body).flatMap((it) => (it.type === 'global' ? it.operands.map((each) => `${module}.${each.text}`) : []));
  if (kept.length === 0) return false;
  const set = new Set([...file.fixturesFor(owner)].flatMap((it) => (isNoWider(it, owner, file) ? setBehindYield(it) : [])));
  return kept.every((it) => set.has(it));
}

function setBehindYield(fixture: Node): string[] {
  const all = walk(fixture);
  const from = all.findIndex((it) => it.type === 'yield');
  if (from < 0) return [];
  return all.slice(from).flatMap((it) => (it.type === 'assignment' ? it.targets.flatMap((each) => ('refersTo' in each ? (each.refersTo ?? []) : [])) : []));
}

/** No test below sees any other state: a fixture that all of them are given. */
function isForTheRun(owner: FunctionSubject, file: TestFile): boolean {
  return isForAll(owner, file) || (owner.fixture?.autouse === true && owner.fixture.scope === 'session');
}

/** `signal.alarm(0)` in a `finally` turns off the alarm that the handler is for. */
function isDisarmed(node: Call, owner: Node): boolean {
  return (
    node.arguments[0]?.value.refersTo === 'signal.SIGALRM' &&
    walk(owner).some(
      (it) =>
        it.type === 'try' &&
        it.final.some((last) => walk(last).some((each) => each.type === 'call' && each.callee === 'signal.alarm' && isZero(each.arguments[0]?.value))),
    )
  );
}

function isZero(it: Node | undefined): boolean {
  return it?.type === 'number' && it.number === 0;
}

/** In a mixin or a base class, or with a fixture that is not here: who tears down is somewhere else, or every test begins with it. */
function mayBeCaredFor(subject: FunctionSubject, file: TestFile): boolean {
  const { class: owner, role, parameters, node } = subject;
  if (owner !== undefined && (!owner.isTest || owner.unresolved.length > 0 || isOfBase(subject))) return true;
  if (role !== 'test' || node.decorators.some((it) => /\bpatch\b/.test(it.text))) return false;
  return parameters.some((it) => it !== 'self' && file.fixtureFrom(it) === 'not found' && !node.decorators.some((each) => each.text.includes(it)));
}

function written(change: Change): string {
  return change.node.type === 'call' ? change.node.function.text.replace(/\s+/g, '') : change.target;
}

function messageOf(change: Change): string {
  if (change.sort === 'module state') return `\`${written(change)}\` changes its module for all tests after it; \`${change.key ?? ''}\` is never called`;
  return change.sort === 'working directory'
    ? `\`${written(change)}\` moves the whole test run to another directory; nothing sets it back`
    : `\`${written(change)}\` changes the process for all tests after it; nothing sets it back`;
}

function fixOf(change: Change, file: TestFile): { fix?: Fix } {
  const { node, owner } = change;
  if (node.type !== 'call' || node.function.type !== 'attribute') return {};
  const statement = plainStatement(node);
  if (statement === undefined) return {};
  if (change.target === 'os.chdir') {
    const line = registration(node, owner, `${written(change)}, ${node.function.object.text}.getcwd()`, file);
    if (line !== undefined) return { fix: { title: 'Go back in a cleanup', safety: 'safe', edits: [insertBefore(statement, line)] } };
    const asked = owner === undefined ? undefined : asksFor('monkeypatch', owner);
    if (asked === undefined) return {};
    // Who calls the test by hand does not give it what it asks for anew.
    const safety = asked.length === 0 ? 'safe' : 'suggest';
    return { fix: { title: 'Use `monkeypatch.chdir`', safety, edits: [...asked, replace(node.function, 'monkeypatch.chdir')] } };
  }
  if (change.sort !== 'module state') return {};
  const line = registration(node, owner, `${node.function.object.text}.${change.key ?? ''}`, file);
  return line === undefined
    ? {}
    : { fix: { title: `Register \`${change.key ?? ''}\` as a cleanup`, safety: 'suggest', edits: [insertAfter(statement, line)] } };
}
