import { ancestors, type Call, type FunctionSubject, type Node, type Statement, statementOf, type TestFile, walk } from '../model.ts';
import { isInMemory, shown } from '../python/leaks.ts';
import { isMockName } from '../python/mock.ts';
import { defineRule, type Finding, insertAfter, py, replace } from '../rule.ts';

const CLOSED_BY: Readonly<Record<string, string>> = {
  file: 'close',
  socket: 'close',
  database: 'close',
  server: 'server_close',
  process: 'kill',
  executor: 'shutdown',
  'event loop': 'close',
};

const REMOVES: ReadonlySet<string> = new Set(['shutil.rmtree', 'os.remove', 'os.unlink', 'os.rmdir']);

export const rule = defineRule({
  id: 'fixture-returns-live-resource',
  code: 'RES018',
  category: 'resources',
  title: 'pytest fixture returns a live resource without teardown',
  kind: 'review',
  kinds: ['review', 'informational'],
  confidence: 'high',
  cwe: [772],
  peers: { sonar: ['S9080'], ruff: ['PT021', 'PT022'] },
  why: 'No test that asks for the fixture knows that it has to give the resource back.',
  instead: 'Change `return` to `yield` and release it behind the `yield`.',
  limits:
    'What another fixture of the file that asks for it removes behind its own `yield` is left to that one. A resource that a fixture makes through a helper function is not followed. A decorator of the workspace that makes a generator of the fixture is taken to give it back. A client that the tests may enter with `async with`, a database in memory, and an executor that the file gives nothing to do, which has started no thread, are notes.',
  links: ['https://docs.pytest.org/en/stable/how-to/fixtures.html#yield-fixtures-recommended'],
  once: 'file',
  alike: true,
  on: ['resource', 'call'],
  calls: (callee) => REMOVES.has(callee),
  *check(subject, file) {
    if (subject.type === 'call') {
      yield* removedFor(subject, file);
      return;
    }
    const { call, fate, holder, owner, sort } = subject;
    if (owner?.fixture === undefined || sort === 'patcher' || sort === 'stub' || sort === 'temporary object') return;
    if ((fate !== 'handed on' && fate !== 'leaks') || isMadeAnother(owner, file)) return;
    const close = CLOSED_BY[sort];
    const idle = sort === 'async client' || (sort === 'database' && isInMemory(call)) || (sort === 'executor' && isNeverAsked(owner, file));
    const kind = idle ? { kind: 'informational' as const } : {};
    if (owner.generator) {
      const last = lastYield(owner);
      if (close === undefined || last === undefined || (last.given !== call && last.given.text !== holder)) return;
      yield {
        at: call.place,
        ...kind,
        message: `fixture \`${owner.fixture.name}\` yields what \`${shown(call)}\` acquires and never gives it back`,
        ...(holder === undefined || owner.async
          ? {}
          : { fix: { title: `\`${close}\` it behind the \`yield\``, safety: 'safe', edits: [insertAfter(last.statement, `${holder}.${close}()`)] } }),
      };
      return;
    }
    const returned = [...walk(owner.node)].find((it) => it.type === 'return' && it.operands.some((each) => each === call || each.text === holder));
    // A function within that makes it for whoever calls is not the fixture.
    if (returned?.type !== 'return' || [...ancestors(returned)].find((it) => it.type === 'function') !== owner.node) return;
    yield {
      at: call.place,
      ...kind,
      claim: claimOn(owner.fixture.name),
      message: `fixture \`${owner.fixture.name}\` returns what \`${shown(call)}\` acquires and never gives it back`,
      ...(close === undefined || holder === undefined || owner.async || returned.operands[0]?.text !== holder
        ? {}
        : {
            fix: {
              title: `Yield it, then \`${close}\` it`,
              safety: 'safe',
              edits: [replace(returned, `yield ${holder}`), insertAfter(returned, `${holder}.${close}()`)],
            },
          }),
    };
  },
  examples: [
    {
      name: 'a connection for every test',
      bad: py`
        import sqlite3
        import pytest

        @pytest.fixture
        def database(tmp_path):
            it = sqlite3.connect(tmp_path / 'harbour.db')
            #    ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ never gives it back
            return it
      `,
      fixed: py`
        import sqlite3
        import pytest

        @pytest.fixture
        def database(tmp_path):
            it = sqlite3.connect(tmp_path / 'harbour.db')
            yield it
            it.close()
      `,
    },
    {
      name: 'nothing behind the yield',
      bad: py`
        import pytest

        @pytest.fixture
        def report(tmp_path):
            it = open(tmp_path / 'report.txt')
            #    ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ never gives it back
            yield it
      `,
      fixed: py`
        import pytest

        @pytest.fixture
        def report(tmp_path):
            it = open(tmp_path / 'report.txt')
            yield it
            it.close()
      `,
    },
    {
      name: 'something else behind the yield, a with around it, a finalizer before it',
      good: py`
        import contextlib
        import pytest

        @pytest.fixture
        def first(tmp_path, registry):
            it = open(tmp_path / 'report.txt')
            yield it
            registry.tidy()

        @pytest.fixture
        def second(tmp_path):
            with open(tmp_path / 'report.txt') as it:
                yield it

        @pytest.fixture
        def third(tmp_path):
            it = open(tmp_path / 'report.txt')
            with contextlib.closing(it):
                yield it

        @pytest.fixture
        def fourth(tmp_path, request):
            it = open(tmp_path / 'report.txt')
            request.addfinalizer(lambda: it.close())
            yield it
      `,
    },
    {
      name: 'an executor that only stands on a mock is a note, one that is given to the code under test is not',
      bad: {
        'tests/test_idle.py': py`
          import concurrent.futures
          import pytest
          from unittest import mock

          @pytest.fixture
          def pool():
              return concurrent.futures.ThreadPoolExecutor(max_workers=1)  #! never gives it back

          @pytest.fixture
          def harbour(pool):
              harbour = mock.Mock(name="harbour")
              harbour.pool = pool
              return harbour

          def test_harbour(harbour):
              assert harbour.name
        `,
        'tests/test_busy.py': py`
          import concurrent.futures
          import pytest

          @pytest.fixture
          def pool():
              return concurrent.futures.ThreadPoolExecutor(max_workers=1)  #! never gives it back

          def test_load(pool, harbour):
              assert harbour.load(pool) == 7
        `,
        'tests/test_class.py': py`
          import concurrent.futures
          import pytest
          from harbour import Harbour

          @pytest.fixture
          def pool():
              return concurrent.futures.ThreadPoolExecutor(max_workers=1)  #! never gives it back

          class TestHarbour:
              @pytest.fixture
              def harbour(self, pool):
                  return Harbour(pool)

              def test_load(self, harbour):
                  assert harbour.load() == 7
        `,
        'tests/test_late.py': py`
          import concurrent.futures
          import pytest

          @pytest.fixture
          def pool():
              return concurrent.futures.ThreadPoolExecutor(max_workers=1)  #! never gives it back

          def test_load(request, harbour):
              assert harbour.load(request.getfixturevalue("pool")) == 7
        `,
      },
    },
    {
      name: 'removed by who asks for it',
      good: py`
        import os
        import pytest
        import shutil
        import tempfile

        @pytest.fixture
        def folder():
            return tempfile.mkdtemp()

        @pytest.fixture
        def store(folder, harbour):
            yield harbour.open(folder)
            if os.path.exists(folder):
                shutil.rmtree(folder)
      `,
    },
    {
      name: 'a finalizer, a yield, a with, a function for whoever calls it',
      good: py`
        import sqlite3
        import pytest

        @pytest.fixture
        def first(request, tmp_path):
            it = sqlite3.connect(tmp_path / 'harbour.db')
            request.addfinalizer(it.close)
            return it

        @pytest.fixture
        def second(tmp_path):
            it = sqlite3.connect(tmp_path / 'harbour.db')
            yield it
            it.close()

        @pytest.fixture
        def connects(tmp_path):
            def connect():
                return sqlite3.connect(tmp_path / 'harbour.db')

            return connect
      `,
    },
    {
      name: 'a decorator that gives it back',
      good: py`
        import functools
        import pytest

        def closing(make):
            @functools.wraps(make)
            def wrapper(*args):
                made = make(*args)
                try:
                    yield made
                finally:
                    made.close()
            return wrapper

        @pytest.fixture
        @closing
        def chart():
            return open("chart.txt")
      `,
    },
  ],
});

/** Does no test ask for what the fixture gives, and no fixture do more with it than to put it on a mock? An executor starts its threads when it is given work. */
function isNeverAsked(owner: FunctionSubject, file: TestFile): boolean {
  const name = owner.fixture?.name;
  if (name === undefined || file.kind !== 'test') return false;
  // What the fixture itself holds it by is given away with `return` or `yield` alone.
  if (walk(owner.node).some((it) => it.type === 'attribute' && /^(?:submit|map|run_in_executor)$/.test(it.name))) return false;
  return file
    .askersOf(owner)
    .every(
      ({ node, role, fixtures }) =>
        fixtures.has(owner.node) &&
        (role === 'test' ? node.parameters.every((it) => it.name !== name) : walk(node).every((it) => it.type !== 'name' || it.id !== name || isPutOnMock(it))),
    );
}

/** `agent.pool = pool` of a mock. */
function isPutOnMock({ parent, text }: Node): boolean {
  if (parent?.type !== 'assignment' || parent.value?.text !== text) return false;
  return parent.targets.every((it) => it.type === 'attribute' && isMockName(it.object.refersTo));
}

/** What a fixture that asks for another removes behind its `yield`: the other one's result. */
function* removedFor(call: Call, file: TestFile): Iterable<Finding> {
  const owner = file.ownerOf(call);
  if (!REMOVES.has(call.callee ?? '') || owner?.fixture === undefined || !owner.generator) return;
  const all = walk(owner.node);
  if (all.findIndex((it) => it.type === 'yield') > all.indexOf(call)) return;
  for (const { value } of call.arguments)
    if (owner.parameters.includes(value.text)) yield { at: call.place, claim: claimOn(value.text), disproves: true, message: '' };
}

function claimOn(fixture: string): string {
  return `fixture ${fixture}`;
}

/** The only `yield` of the fixture, where it is the last line and nothing is around it that could release what it gives. */
function lastYield({ node }: FunctionSubject): { readonly statement: Statement; readonly given: Node } | undefined {
  const [only, ...others] = [...walk(node)].filter((it) => it.type === 'yield' || it.type === 'yield from');
  if (only?.type !== 'yield' || only.operand === undefined || others.length > 0) return undefined;
  const statement = statementOf(only);
  return statement?.type === 'expression' && statement === node.body.at(-1) ? { statement, given: only.operand } : undefined;
}

/** Does a decorator below the one that makes the fixture make a generator of it, which may give back what the function returns? */
function isMadeAnother({ node }: FunctionSubject, file: TestFile): boolean {
  return node.decorators.some((it) => {
    const name = it.type === 'call' ? it.callee : it.refersTo;
    const decorator = name === undefined || name.startsWith('pytest.') ? undefined : file.definition(name)?.node;
    return decorator !== undefined && walk(decorator).some((each) => each.type === 'yield');
  });
}
