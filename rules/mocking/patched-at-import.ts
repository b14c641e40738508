import { ancestors, type Call, type Change, type Expression, type Node, type Statement, statementOf, type TestFile } from '../model.ts';
import { homeOf } from '../python/home.ts';
import { isMockName } from '../python/mock.ts';
import { STANDARD_LIBRARY } from '../python/names.ts';
import { code, type Started, startCall } from '../python/patchers.ts';
import { SECURITY_MODULES, securityCheck } from '../python/security-words.ts';
import { defineRule, type Edit, type Fix, py, replace } from '../rule.ts';

export const rule = defineRule({
  id: 'patched-at-import',
  code: 'MCK021',
  category: 'mocking',
  title: 'Patch applied when the file is imported',
  kind: 'fail',
  kinds: ['fail', 'review', 'informational'],
  confidence: 'high',
  cwe: [459],
  why: 'The patch is in force from the collection of the tests on, for every test of the process, also those of other files.',
  instead: 'Patch in a fixture or in `setUp`; in pytest an autouse fixture.',
  limits:
    'Patches that a function does, which is called at import, are not followed. A stand-in for a module that is neither of the workspace nor of Python is a note: most stand for what is not installed; so is a method that Python itself calls, such as `__repr__`, and the logger of a module or class. What is not of the workspace, or says in its docstring that tests may replace it, is at most a point to decide; what a `conftest.py` does, which means all of its tests, is a note, and so is a patch that is started, but one of a check.',
  links: ['https://docs.pytest.org/en/stable/how-to/monkeypatch.html'],
  on: ['resource', 'change'],
  *check(subject, file) {
    if (subject.owner !== undefined || file.kind === 'helper' || file.kind === 'fixtures') return;
    if (subject.type === 'resource') {
      const started = subject.sort === 'patcher' ? startCall(subject.call) : undefined;
      if (started === undefined || insideFunction(subject.call)) return;
      if (subject.releases.length > 0) return;
      const fix = withinFixture(started, file);
      const target = replacedIn(started);
      yield {
        at: subject.place,
        ...(target !== undefined && securityCheck(target) !== undefined ? {} : { kind: 'informational' }),
        ...(fix === undefined ? {} : { fix }),
        message: `${code(started.patch ?? started.patcher, 50)} is started at import: it is in force for every test of the process`,
      };
      return;
    }
    const { node } = subject;
    if (insideFunction(node)) return;
    if (subject.sort === 'sys.modules') {
      if (node.type !== 'assignment' || !isStandIn(subject.newValue) || subject.releases.some((it) => it.how !== 'inline')) return;
      const what = subject.key === undefined ? 'a module' : `\`${subject.key}\``;
      const isBranch = isWhereAbsent(node);
      if (isBranch || !isThere(subject.key, file))
        yield {
          at: subject.place,
          kind: 'informational',
          message: `${isBranch ? 'in this branch ' : ''}${what} has a stand-in in \`sys.modules\` from import on, for every test of the process`,
        };
      else yield { at: subject.place, message: `${what} is replaced in \`sys.modules\` at import: every test of the process gets the stand-in` };
    } else if (subject.sort === 'module attribute' || subject.sort === 'class attribute') {
      const { newValue } = subject;
      if (newValue === undefined || !(newValue.type === 'lambda' || isMockName(newValue.refersTo)) || subject.releases.some((it) => it.how !== 'inline'))
        return;
      // What the module has no name for, nothing in it uses.
      if (subject.sort === 'module attribute' && file.exists(subject.target) === 'no') return;
      const fix = setByFixture(subject, newValue, file);
      const kind = weightOf(subject.target, file);
      yield {
        at: subject.place,
        ...(kind === undefined ? {} : { kind }),
        ...(fix === undefined ? {} : { fix }),
        message: `${code(subject.target.split('.').slice(-2).join('.'), 50)} is replaced at import: every test of the process gets the stub`,
      };
    }
  },
  examples: [
    {
      name: 'started, and replaced, at module level',
      bad: py`
        import sys
        from unittest import mock
        from bank import client

        mock.patch("bank.audit.record").start()  #! is started at import
        sys.modules["sqlite3"] = mock.MagicMock()  #! is replaced in
        sys.modules["hardware"] = mock.MagicMock()  #! has a stand-in
        client.Client.send = mock.Mock()  #! every test of the process gets the stub

        def test_transfer():
            assert client.transfer(10)
      `,
    },
    {
      name: 'code of the workspace, and how an object is shown',
      bad: {
        'tests/conftest.py': py`
          from unittest import mock
          from bank import client

          mock.patch("bank.client.ask").start()  #! is started at import
          client.Client.send = mock.Mock()  #! every test of the process gets the stub
          client.Client.__repr__ = lambda self: "client"  #! every test of the process gets the stub
          client.log = mock.Mock()  #! every test of the process gets the stub
          client.Client.logger = mock.Mock()  #! every test of the process gets the stub
        `,
        'bank/client.py': py`
          import logging

          log = logging.getLogger(__name__)

          class Client:
              logger = None

              def send(self, amount):
                  return amount

          def ask():
              return 1
        `,
      },
    },
    {
      name: 'a function that is there for tests to replace, as it says',
      bad: {
        'tests/test_zone.py': py`
          from bank.zone import Zone

          class TestZone:
              Zone.now = lambda self: 7  #! every test of the process gets the stub
              Zone.then = lambda self: 7  #! every test of the process gets the stub

              def test_zone(self):
                  assert Zone().now() == 7
        `,
        'bank/zone.py': py`
          import time

          class Zone:
              def now(self):
                  """
                  The time.

                  Can be overridden in unittests.
                  """
                  return time.time()

              def then(self):
                  """The time before."""
                  return time.time() - 1
        `,
      },
    },
    {
      name: 'what a fixture does instead',
      bad: {
        'tests/conftest.py': py`
          from unittest import mock
          import pytest
          from bank import client

          mock.patch("bank.audit.record").start()  #! is started at import
          client.Client.send = mock.Mock()  #! every test of the process gets the stub
        `,
      },
      fixed: py`
        from unittest import mock
        import pytest
        from bank import client


        @pytest.fixture(autouse=True)
        def stubbed_record():
            with mock.patch("bank.audit.record"):
                yield


        @pytest.fixture(autouse=True)
        def stubbed_send(monkeypatch):
            monkeypatch.setattr(client.Client, "send", mock.Mock())

      `,
    },
    {
      name: 'an optional module that is absent',
      bad: py`
        import sys
        from unittest import mock

        try:
            import libvirt
        except ImportError:
            sys.modules["libvirt"] = mock.MagicMock()  #! has a stand-in
      `,
    },
    {
      name: 'a module that wraps itself',
      good: py`
        import sys

        class Wrapper:
            pass

        sys.modules[__name__] = Wrapper()

        def test_transfer(bank):
            assert bank.transfer(10)
      `,
    },
    {
      name: 'in force for one import only',
      good: py`
        from unittest import mock
        from bank import audit

        recording = mock.patch.object(audit, "recorded", lambda it: it)
        recording.start()
        from bank import client
        recording.stop()

        def test_transfer():
            assert client.transfer(10)
      `,
    },
    {
      name: 'a name that the module has not: nothing is replaced',
      good: {
        'tests/test_broker.py': py`
          from unittest import mock
          from bank import broker

          broker.requests = mock.MagicMock()

          def test_queue():
              assert broker.queue() == []
        `,
        'bank/broker.py': py`
          def queue():
              return []
        `,
        'bank/__init__.py': '',
      },
    },
    {
      name: 'in a fixture',
      good: py`
        import sys
        import pytest
        from unittest import mock

        @pytest.fixture(autouse=True)
        def audit():
            with mock.patch("bank.audit.record") as record:
                yield record

        def test_transfer(monkeypatch):
            monkeypatch.setitem(sys.modules, "hardware", mock.MagicMock())
      `,
    },
  ],
});

/** `except ImportError: sys.modules['hardware'] = Mock()`. */
function isWhereAbsent(node: Node): boolean {
  return [...ancestors(node)].some((it) => it.type === 'try' || it.type === 'handler' || it.type === 'if');
}

/** Does the stand-in hide a module that other tests have: one of the workspace, of Python, or one that checks depend on? */
function isThere(module: string | undefined, file: TestFile): boolean {
  const top = module?.split('.')[0];
  if (module === undefined || top === undefined) return false;
  return STANDARD_LIBRARY.has(top) || SECURITY_MODULES.has(top) || file.exists(module) === 'yes';
}

/** A mock, an object made on the spot, or nothing: not a module that was imported in some way. */
function isStandIn(it: Expression | undefined): boolean {
  if (it === undefined) return false;
  const name = it.refersTo ?? '';
  return isMockName(name) || it.text === 'None' || (name.endsWith('()') && !/import|load/.test(name));
}

/** The name of what a patch replaces: `patch('a.b')`, `patch.object(a, 'b')`. */
function replacedIn({ patch }: Started): string | undefined {
  const [first, second] = patch?.arguments ?? [];
  if (patch?.method !== 'object') return first?.value.type === 'string' ? first.value.content : undefined;
  return second?.value.type === 'string' && first?.value.refersTo !== undefined ? `${first.value.refersTo}.${second.value.content}` : undefined;
}

/** How an object is shown or compared is nothing that is tested with it; what is added hides nothing. `undefined`: code of the workspace is hidden. */
function weightOf(target: string, file: TestFile): 'review' | 'informational' | undefined {
  if (file.kind === 'conftest' || /\.__\w+__$/.test(target) || isLogger(target, file)) return 'informational';
  const home = homeOf(target, file);
  if (home === 'workspace') return isForTests(target, file) ? 'review' : undefined;
  return home === 'nowhere' || !isThere(target, file) ? 'informational' : 'review';
}

/** `"""The time now; can be overridden in unittests."""`: its author has it so. */
function isForTests(target: string, file: TestFile): boolean {
  const [said] = file.definition(target)?.node?.body ?? [];
  return said?.type === 'expression' && /\b(?:overr|replac|patch|mock|stub)\w* (?:\w+ ){0,3}(?:unit)?_?tests?\b/i.test(said.text.replace(/\s+/g, ' '));
}

/** What a module or class of the workspace keeps to write its log with: no test depends on it. */
function isLogger(target: string, file: TestFile): boolean {
  return /\._?log(?:ger)?$/i.test(target) && (file.isMade(target) || file.initially(target) !== undefined);
}

function insideFunction(node: Node): boolean {
  return [...ancestors(node)].some((it) => it.type === 'function' || it.type === 'lambda');
}

/** A patcher that nobody names is entered by a fixture that every test has. */
function withinFixture({ start, patcher, patch }: Started, file: TestFile): Fix | undefined {
  const statement = statementOf(start);
  if (patch === undefined || patcher !== patch || statement?.type !== 'expression' || statement.expression !== start || statement.parent !== undefined)
    return undefined;
  return asFixture(statement, replacedBy(patch).toLowerCase(), '', [`with ${patch.text}:`, '    yield'], file);
}

/** The last name of what a patch replaces, as it is written. */
function replacedBy({ method, arguments: given }: Call): string {
  const named = given[method === 'object' ? 1 : 0]?.value;
  return named?.type === 'string' ? named.content.slice(named.content.lastIndexOf('.') + 1) : 'patch';
}

function setByFixture({ node }: Change, value: Expression, file: TestFile): Fix | undefined {
  const target = node.type === 'assignment' && node.targets.length === 1 && node.parent === undefined ? node.targets[0] : undefined;
  if (node.type !== 'assignment' || target?.type !== 'attribute') return undefined;
  return asFixture(node, target.name, 'monkeypatch', [`monkeypatch.setattr(${target.object.text}, "${target.name}", ${value.text})`], file);
}

function asFixture(statement: Statement, what: string, parameter: string, body: readonly string[], file: TestFile): Fix | undefined {
  if (statement.text.includes('\n') || !(file.imports('pytest') || file.kind === 'conftest' || file.project.pytest !== undefined)) return undefined;
  const lines = ['@pytest.fixture(autouse=True)', `def stubbed_${what}(${parameter}):`, ...body.map((it) => `    ${it}`)];
  // With the empty lines that are there, two part it from its neighbours.
  const edits: readonly Edit[] = [{ do: 'import', module: 'pytest' }, replace(statement, ['', ...lines, ''].join('\n'))];
  return { title: 'Use a fixture that every test has', safety: 'suggest', edits };
}
