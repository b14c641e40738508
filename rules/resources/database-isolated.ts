import type { Call, Expression, FunctionSubject } from '../model.ts';
import { ancestors, argument, constantText, isConstant } from '../model.ts';
import { TEST_CASE_BASES } from '../python/unittest.ts';
import { defineRule, py } from '../rule.ts';

export const rule = defineRule({
  id: 'database-isolated',
  code: 'RES-S10',
  category: 'resources',
  title: 'Database of the test goes with the test',
  kind: 'pass',
  confidence: 'high',
  cwe: [],
  why: 'Rows that a test leaves do not reach the next one, and nothing is written to a database that others use.',
  limits:
    'Says how the test is set up, not that the code under test uses that database. Of an `async def` test `django_db` counts only with `transaction=True`: what it writes goes over a connection of another thread.',
  links: ['https://docs.djangoproject.com/en/5.1/topics/testing/tools/#django.test.TestCase', 'https://pytest-django.readthedocs.io/en/latest/database.html'],
  once: 'file',
  on: ['function', 'call', 'class'],
  calls: (callee) => callee === 'sqlite3.connect' || callee.startsWith('sqlalchemy.') || FIXTURES.test(callee),
  wants: (it) => it.type !== 'function subject' || it.node.decorators.length > 0 || it.node.parameters.some((each) => DATABASES.has(each.name)),
  *check(subject, file) {
    if (subject.type === 'class facts') {
      const by = subject.guarantees('rollback') === 'yes' ? subject.guarantor('rollback') : undefined;
      if (by !== undefined) yield { at: subject.namePlace, message: `\`${last(by)}\` rolls the database back after each test` };
      return;
    }
    if (subject.type === 'function subject') {
      for (const it of subject.node.decorators)
        if (isMark(it) && !staysOutside(it, subject)) yield { at: it.place, message: '`django_db` rolls the database back after the test' };
      const given =
        (subject.role === 'test' && isGivenFixtures(subject)) || subject.role === 'fixture'
          ? subject.node.parameters.find((it) => DATABASES.has(it.name) && !(it.name === 'db' && subject.role === 'test' && subject.async))
          : undefined;
      if (given !== undefined && file.fixtureFrom(given.name) === 'library')
        yield { at: given.place, message: `\`${given.name}\` gives the test a database that is set back after it` };
      return;
    }
    const fixture = fixtureOf(subject);
    if (fixture !== undefined) yield { at: subject.place, message: `\`${fixture}\` gives the test a database of its own` };
    else if (isMemory(subject)) yield { at: subject.place, message: `\`${subject.method}\` makes a database in memory, which goes with the test` };
  },
  examples: [
    {
      name: 'a rollback by the base class',
      bad: py`
        from django.test import TestCase

        class TestShips(TestCase):  #! rolls the database back after each test
            def test_list(self):
                self.assertEqual(200, self.client.get("/ships").status_code)
      `,
    },
    {
      name: 'a mark of pytest-django',
      bad: py`
        import pytest

        @pytest.mark.django_db  #! rolls the database back
        def test_list(client):
            assert client.get("/ships").status_code == 200
      `,
    },
    {
      name: 'a coroutine whose tables are emptied behind it',
      bad: py`
        import pytest

        @pytest.mark.django_db(transaction=True)  #! rolls the database back
        async def test_list(async_client):
            assert (await async_client.get("/ships")).status_code == 200
      `,
    },
    {
      name: 'a coroutine, whose transaction is another one',
      good: py`
        import pytest
        from asgiref.sync import sync_to_async
        from harbour.models import Ship

        @pytest.mark.django_db
        @pytest.mark.asyncio
        async def test_list():
            assert await sync_to_async(Ship.objects.create)(name="Ada")

        @pytest.mark.asyncio
        async def test_count(db):
            assert await Ship.objects.acount() == 0
      `,
    },
    {
      name: 'a fixture of Nova',
      bad: py`
        from nova import test
        from nova.tests import fixtures as nova_fixtures

        class TestShips(test.NoDBTestCase):
            def setUp(self):
                super().setUp()
                self.useFixture(nova_fixtures.Database())  #! a database of its own
      `,
    },
    {
      name: 'a database in memory',
      bad: py`
        import contextlib
        import sqlite3

        def test_list():
            with contextlib.closing(sqlite3.connect(":memory:")) as database:  #! makes a database in memory
                assert database
      `,
    },
    {
      name: 'a file, a test case without a database, a comment',
      good: py`
        import contextlib
        import sqlite3
        from django.test import SimpleTestCase

        class TestShips(SimpleTestCase):
            def test_list(self):
                # @pytest.mark.django_db
                with contextlib.closing(sqlite3.connect("ships.db")) as database:
                    self.assertTrue(database)

            @with_database
            def test_count(self, db):
                self.assertTrue(db)
      `,
    },
  ],
});

/** Fixtures of pytest plug-ins that give a database and set it back. */
const DATABASES: ReadonlySet<string> = new Set(['db', 'transactional_db', 'postgresql', 'redisdb']);
const FIXTURES = /(?:^|\.)(?:Database|CellDatabases|DatabaseFixture|SimpleDbFixture|OpportunisticDbFixture|StaticSqlFixture|SqlFixture|DbMigrationFixture)$/;

function isMark(it: Expression): boolean {
  return /^pytest\.mark\.django_db(?:\(\))?$/.test(it.refersTo ?? (it.type === 'call' ? `${it.callee ?? ''}()` : ''));
}

/** What an `async def` test writes goes over the connection of another thread: its transaction is not the one that is rolled back. */
function staysOutside(mark: Expression, { async, role }: FunctionSubject): boolean {
  const given = mark.type === 'call' ? argument(mark, 'transaction') : undefined;
  return async && role === 'test' && (given === undefined || !isConstant(given.value, true));
}

function fixtureOf(call: Call): string | undefined {
  if (!FIXTURES.test(call.callee ?? '') || !/(?:^|\.)(?:fixtures?|test_base|test_fixtures|database|db)\b/i.test(call.callee ?? '')) return undefined;
  for (const it of ancestors(call)) if (it.type === 'call') return it.method === 'useFixture' ? last(call.callee ?? '') : undefined;
  return undefined;
}

function isMemory(call: Call): boolean {
  const text = constantText(call.arguments[0]?.value.value);
  if (call.callee === 'sqlite3.connect') return text === ':memory:';
  return (
    /^sqlalchemy\.(?:ext\.asyncio\.)?create_(?:async_)?engine$/.test(call.callee ?? '') &&
    text !== undefined &&
    /^sqlite(?:\+\w+)?:\/\/(?:\/:memory:.*|\/?)$/.test(text)
  );
}

/** Only pytest gives what parameters name; in a unittest class a decorator does. */
function isGivenFixtures({ class: around }: FunctionSubject): boolean {
  return around === undefined || (around.unresolved.length === 0 && !around.ancestors.some((it) => TEST_CASE_BASES.has(it)));
}

function last(name: string): string {
  return name.slice(name.lastIndexOf('.') + 1);
}
