import type { Call, FunctionSubject, Name, Node, Resource, TestFile } from '../model.ts';
import { argument, statementOf, walk } from '../model.ts';
import { registration } from '../python/cleanups.ts';
import { isInMemory, leakOf, plainStatement, shown } from '../python/leaks.ts';
import { isMockName } from '../python/mock.ts';
import { defineRule, insertAfter, py } from '../rule.ts';

/** What an engine asks for a connection: where it is replaced, none is opened. */
const CONNECTS: readonly string[] = ['sqlalchemy.engine.base.Engine.connect', 'sqlalchemy.engine.Engine.connect', 'sqlalchemy.Engine.connect'];

/** What makes an engine connect by what the test gives it. */
const GIVEN: readonly string[] = ['module', 'creator', 'pool', '_initialize'];

export const rule = defineRule({
  id: 'database-left-connected',
  code: 'RES010',
  category: 'resources',
  title: 'Database connection/engine/session not closed',
  kind: 'review',
  kinds: ['review', 'informational'],
  confidence: 'medium',
  cwe: [772],
  why: 'Open connections keep locks and transactions, and with a shared server use up what other tests and people need.',
  instead: 'Register `close` or `dispose` as a cleanup, or use `contextlib.closing`.',
  limits:
    "An engine that a project's own factory makes is not judged, nor one that is only asked what it is (`engine.url`). An engine without a pool is left alone; one of a local name whose connections are all closed is a note: only idle ones stay until it is collected; so is a connection that a local name holds, that nobody else is given, and that the function commits, or sets to `autocommit`; and so is one of which only a local cursor is kept. A connection without a name is closed with its statement. A driver of which the test or its set-up replaces a part connects to nothing.",
  links: ['https://docs.python.org/3/library/sqlite3.html#sqlite3.Connection.close'],
  yieldsTo: ['class-set-up-never-undone', 'fixture-returns-live-resource'],
  once: 'file',
  alike: true,
  on: 'resource',
  *check(resource, file) {
    const { sort, call, holder, owner } = resource;
    if (sort !== 'database' || leakOf(resource) !== 'review' || owner === undefined) return;
    if (file.ownProcess || CONNECTS.some((it) => file.stubbed(it, call) !== undefined)) return;
    if (isOfReplacedDriver(call, owner, file) || isGivenStandIn(call, file)) return;
    // An engine that is given its driver, or that nobody keeps, has opened nothing.
    const isEngine = call.method === 'create_engine';
    if (isEngine && (statementOf(call)?.type === 'expression' || GIVEN.some((it) => argument(call, it) !== undefined) || hasNoPool(call))) return;
    // A connection that nobody names is closed with its statement.
    if ((call.method === 'connect' && call.parent?.type === 'expression') || (!isEngine && isFetchedFrom(call))) return;
    const inMemory = isInMemory(call);
    const method = isEngine ? 'dispose' : 'close';
    const line = holder === undefined ? undefined : registration(call, owner, `${holder}.${method}`, file);
    const statement = plainStatement(call);
    yield {
      at: call.place,
      ...(inMemory || isCommitted(resource) || isOfCursor(call) || (isEngine && (holder === undefined ? isEntered(call) : givesBackConnections(owner, holder)))
        ? { kind: 'informational' }
        : {}),
      message: inMemory
        ? `nothing closes the in-memory database of \`${shown(call)}\``
        : isEngine
          ? `nothing disposes of the connection pool of the engine that \`${shown(call)}\` makes`
          : `nothing closes the connection that \`${shown(call)}\` opens`,
      ...(statement === undefined || line === undefined
        ? {}
        : { fix: { title: `Register \`${holder ?? ''}.${method}\` as a cleanup`, safety: 'safe', edits: [insertAfter(statement, line)] } }),
    };
  },
  examples: [
    {
      name: 'each statement of a connection commits itself, and the connection goes with its name: a note; one that is left in a transaction is not',
      bad: py`
        import psycopg2

        def test_table():
            store = psycopg2.connect("dbname=harbour host=localhost")  #! nothing closes the connection
            store.autocommit = True
            cursor = store.cursor()
            cursor.execute("DROP TABLE ship")

        def test_ship():
            store = psycopg2.connect("dbname=harbour host=localhost")  #! nothing closes the connection
            cursor = store.cursor()
            cursor.execute("SELECT name FROM ship")
      `,
    },
    {
      name: 'a file stays locked; memory, and what is committed and goes with its name, are notes',
      bad: py`
        import sqlite3
        import unittest

        class TestStore(unittest.TestCase):
            def setUp(self):
                self.store = sqlite3.connect('harbour.db')
                #            ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ nothing closes the connection

            def test_memory(self):
                store = sqlite3.connect(':memory:')  #! in-memory
                self.assertTrue(store)

            def test_opens(self):
                store = sqlite3.connect('other.db')  #! 2 times, also line 19
                store.execute('CREATE TABLE ship (name TEXT)')
                store.commit()
                self.assertTrue(open_store('other.db'))

            def test_asks(self):
                cursor = sqlite3.connect('other.db').cursor()
                cursor.execute('CREATE TABLE ship (name TEXT)')
      `,
    },
    {
      name: 'an engine keeps connections in its pool; a note where all of them were given back',
      bad: py`
        import pytest
        import sqlalchemy
        from sqlalchemy.pool import NullPool

        def test_insert(url, harbour):
            engine = sqlalchemy.create_engine(url)  #! 3 times, also lines 14, 22
            connection = engine.connect()
            connection.execute(harbour.insert())
            connection.close()
            with engine.begin() as other, engine.connect():
                other.execute(harbour.insert())

        def test_refused(url, harbour):
            engine = sqlalchemy.create_engine(url)
            with pytest.raises(ValueError) as refused:
                engine.execute(harbour.select())
            assert refused.value.args

        def test_select(url, harbour):
            engine = sqlalchemy.create_engine(url)  #! the connection pool of the engine
            assert engine.connect().execute(harbour.select())
            with sqlalchemy.create_engine(url).connect() as connection:
                connection.execute(harbour.insert())
            unpooled = sqlalchemy.create_engine(url, poolclass=NullPool)
            with unpooled.begin() as connection:
                connection.execute(harbour.insert())
      `,
    },
    {
      name: 'closed by a cleanup or by closing, or never connected',
      good: py`
        import contextlib
        import pymongo
        import pymysql
        import pytest
        import sqlite3
        import sqlalchemy
        import unittest
        from unittest import mock

        class Client:
            def ask(self, query):
                return [(1,)]

        def test_options(harbour, url):
            assert pymysql.connect(ssl_verify_cert="foo", defer_connect=True).ssl
            assert pymongo.MongoClient(connect=False).options
            assert sqlalchemy.create_engine(url, module=mock.Mock()).name
            assert sqlalchemy.create_engine(url, connect_args={"client": Client}).execute("SELECT 1").fetchone()
            assert sqlalchemy.create_engine(url).url.database == 'harbour'
            assert connection_to(url).execute("SELECT 1").fetchone() == (1,)
            unasked = sqlalchemy.create_engine(url)
            assert harbour.is_known(unasked.url, unasked.dialect.name)
            engine = sqlalchemy.create_engine(url)
            with pytest.raises(NotImplementedError):
                harbour.create(engine)
            pytest.raises(NotImplementedError, harbour.create, engine)

        def connection_to(path):
            return sqlite3.connect(path)

        def engine_of(url, **options):
            return sqlalchemy.create_engine(url, **options)

        def test_made(url):
            engine = engine_of(url)
            with engine.begin() as connection:
                assert connection

        @mock.patch.object(sqlalchemy.engine.base.Engine, "connect")
        def test_engine(connect, url):
            engine = sqlalchemy.create_engine(url)
            assert engine.connect() is connect.return_value

        def is_there(url):
            try:
                pymysql.connect(url)
            except pymysql.OperationalError:
                return False
            return True

        class TestArguments(unittest.TestCase):
            def setUp(self):
                self.connect = pymysql._connect
                pymysql._connect = lambda *given: setattr(self, 'given', given)

            def tearDown(self):
                pymysql._connect = self.connect

            def test_port(self):
                pymysql.connect(port=3307)
                self.assertEqual(self.given, (3307,))

        class TestStore(unittest.TestCase):
            def setUp(self):
                self.store = sqlite3.connect('harbour.db')
                self.addCleanup(self.store.close)

            def test_other(self):
                with contextlib.closing(sqlite3.connect('other.db')) as store:
                    self.assertTrue(store)
      `,
    },
    {
      name: 'a decorator of the workspace by which a test is never run: a note; one that asks first is none',
      bad: {
        'tests/test_quay.py': py`
          import functools
          import unittest
          from typing import TYPE_CHECKING, cast
          import pymongo
          from tests import marks

          def only_checked(test):
              def inner(*args, **kwargs):
                  if not TYPE_CHECKING:
                      raise unittest.SkipTest("for type checkers")
                  test(*args, **kwargs)

              return cast(object, inner)

          def with_server(test):
              @functools.wraps(test)
              def inner(*args, **kwargs):
                  if not has_server():
                      raise unittest.SkipTest("no server")
                  test(*args, **kwargs)

              return inner

          class TestQuay(unittest.TestCase):
              @only_checked
              def test_typed(self):
                  client = pymongo.MongoClient()  #! (the test is skipped); 2 times, also line 32
                  client.quays.find_one()

              @marks.broken
              def test_broken(self):
                  client = pymongo.MongoClient()
                  client.quays.find_one()

              @with_server
              def test_served(self):
                  client = pymongo.MongoClient()  #! nothing closes
                  client.quays.find_one()
        `,
        'tests/marks.py': py`
          import unittest

          def broken(test):
              Waits for the quay.
              return unittest.skip("waits for the quay")(test)
        `,
      },
    },
    {
      name: 'the set-up of a class that is always skipped does not run: a note',
      bad: py`
        import sqlite3
        import unittest

        @unittest.skip("the harbour is not built yet")
        class TestStore(unittest.TestCase):
            def setUp(self):
                self.store = sqlite3.connect("harbour.db")  #! (the class is skipped)

            def test_ships(self):
                self.assertTrue(self.store)
      `,
    },
  ],
});

/** `cursor = connect().cursor()`: the cursor has the only name, and the connection goes with it. */
function isOfCursor({ method, parent }: Call): boolean {
  const asked = parent?.type === 'attribute' && method === 'connect' ? parent.parent : undefined;
  return asked?.type === 'call' && asked.parent?.type === 'assignment' && asked.parent.targets.every((it) => it.type === 'name');
}

/** `connect().execute(query).fetchall()`: only what it gives is kept. */
function isFetchedFrom({ parent }: Call): boolean {
  if (parent?.type !== 'attribute' || parent.parent?.type !== 'call' || parent.parent.function !== parent) return false;
  return parent.name.startsWith('fetch') || isFetchedFrom(parent.parent);
}

/** A connection that only a name of the function holds, and that has no transaction left: Python closes it with the name. */
function isCommitted({ call, holder, owner }: Resource): boolean {
  if (call.method !== 'connect' || holder === undefined || holder.includes('.') || owner === undefined) return false;
  const uses = walk(owner.node).filter((it) => it.type === 'name' && it.id === holder && it.parent?.type !== 'assignment');
  return (
    uses.every(
      ({ parent }) => isSetToCommit(parent) || (parent?.type === 'attribute' && parent.parent?.type === 'call' && parent.parent.function === parent),
    ) && uses.some(({ parent }) => isSetToCommit(parent) || (parent?.type === 'attribute' && parent.name === 'commit'))
  );
}

/** `connection.autocommit = True` */
function isSetToCommit(it: Node | undefined): boolean {
  return it?.type === 'attribute' && it.name === 'autocommit' && it.parent?.type === 'assignment' && it.parent.value?.text === 'True';
}

/** `poolclass=NullPool`: what it connects is closed when it is given back. */
function hasNoPool(call: Call): boolean {
  return argument(call, 'poolclass')?.refersTo?.endsWith('.NullPool') === true;
}

/** `with create_engine(url).connect():` */
function isEntered({ parent }: Call): boolean {
  const connects = parent?.type === 'attribute' ? parent.parent : undefined;
  return connects?.type === 'call' && connects.parent?.type === 'with';
}

/** Is each connection that the function takes from its engine closed or entered, and nothing else done with the engine? */
function givesBackConnections({ node }: FunctionSubject, engine: string): boolean {
  const inside = walk(node);
  const isClosed = (name: string) =>
    inside.some(
      (it) => (it.type === 'call' && it.function.text === `${name}.close`) || (it.type === 'with' && it.items.some(({ context }) => context.text === name)),
    );
  const isGivenBack = (it: Name): boolean => {
    const call = it.parent?.parent;
    if (it.parent?.type !== 'attribute' || call?.type !== 'call' || call.function !== it.parent) return false;
    const user = call.parent;
    // What it connects for a statement goes back when nobody takes the result.
    if (call.method === 'execute') return user?.type === 'expression';
    if (!/^(?:connect|begin|raw_connection)$/.test(call.method)) return false;
    if (user?.type === 'with') return user.items.some(({ context }) => context === call);
    const target = user?.type === 'assignment' && user.value === call ? user.targets[0] : undefined;
    return target?.type === 'name' && isClosed(target.id);
  };
  const uses = inside.filter(
    (it): it is Name => it.type === 'name' && it.id === engine && !(it.parent?.type === 'assignment' && it.parent.targets.includes(it)),
  );
  return uses.length > 0 && uses.every(isGivenBack);
}

/** `connect_args={"client": FakeClient}`: a class of the test, or a mock, speaks for the driver. */
function isGivenStandIn(call: Call, file: TestFile): boolean {
  const given = argument(call, 'connect_args');
  if (given?.type !== 'dict') return false;
  return given.entries.some(({ value: { refersTo } }) => {
    const made = refersTo === undefined ? undefined : file.definition(refersTo.replace(/\(\)$/, ''));
    return isMockName(refersTo) || (made?.kind === 'class' && made.path === file.path);
  });
}

/** `psycopg2._connect = stub`, here or in the set-up of the class: who replaces a part of the driver wants no connection. */
function isOfReplacedDriver({ callee }: Call, { node, class: owner }: FunctionSubject, file: TestFile): boolean {
  const driver = callee?.split('.')[0];
  return [node, file.definition(`${owner?.qualified ?? ''}().setUp`)?.node].some(
    (body) =>
      body !== undefined &&
      walk(body).some((it) => it.type === 'assignment' && it.targets.some((each) => each.type === 'attribute' && each.object.refersTo === driver)),
  );
}
