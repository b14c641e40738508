import { type Call, constantText, type TestFile, walk } from '../model.ts';
import { PATCH_CALLEES } from '../python/mock.ts';
import { defineRule, py } from '../rule.ts';

export const rule = defineRule({
  id: 'back-end-faked',
  code: 'NET-S10',
  category: 'network',
  title: 'Database or broker is a stand-in of the test',
  kind: 'pass',
  confidence: 'high',
  cwe: [],
  why: 'What the test writes stays in this process, or in a container that goes with the test.',
  limits: 'Says what the stand-in is, not that the code under test uses it.',
  links: ['https://fakeredis.readthedocs.io/', 'https://testcontainers-python.readthedocs.io/'],
  once: 'file',
  on: 'call',
  calls: (callee) => callee === 'sqlite3.connect' || callee.startsWith('sqlalchemy.') || STAND_INS.some(([pattern]) => pattern.test(callee)),
  *check(call, file) {
    const callee = call.callee ?? '';
    // In the stand-in's own project it is what is tested, in the head of the report nobody's; and where it is patched, it is not made.
    if (file.expected(call) || file.ownerOf(call)?.name === 'pytest_report_header' || file.definition(callee) !== undefined || isPatched(call, file)) return;
    const stand = STAND_INS.find(([pattern]) => pattern.test(callee));
    if (stand !== undefined) yield { at: call.place, message: `\`${call.method}\` is ${stand[1]}` };
    else if (isMemory(call)) yield { at: call.place, message: `\`${call.method}\` keeps the database in memory` };
  },
  examples: [
    {
      name: 'a stand-in for Redis',
      bad: py`
        import fakeredis

        def test_queue():
            queue = fakeredis.FakeRedis()  #! a stand-in for Redis in this process
            assert queue.ping()
      `,
    },
    {
      name: 'a database in memory',
      bad: py`
        from sqlalchemy import create_engine

        def test_ships(prepare):
            prepare(create_engine("sqlite:///:memory:"))  #! keeps the database in memory
      `,
    },
    {
      name: 'a container',
      bad: py`
        from testcontainers.postgres import PostgresContainer

        def test_ships():
            with PostgresContainer("postgres:17") as database:  #! a container that goes with the test
                assert database
      `,
    },
    {
      name: 'a file, a server, a comment',
      good: py`
        import sqlite3
        from sqlalchemy import create_engine
        from unittest import mock

        def test_ships(prepare):
            # fakeredis.FakeRedis()
            prepare(create_engine("sqlite:///ships.db"), create_engine("postgresql://localhost/ships"))
            prepare(sqlite3.connect("ships.db"))

        def pytest_report_header():
            return sqlite3.connect(":memory:").execute("select sqlite_version()").fetchone()[0]

        def test_refused(prepare):
            connect = prepare(lambda: sqlite3.connect(":memory:"))
            with mock.patch.object(sqlite3, "connect", side_effect=OSError):
                assert not connect()
      `,
    },
  ],
});

const STAND_INS: readonly (readonly [RegExp, string])[] = [
  [/^fakeredis\.(?:aioredis\.)?Fake(?=\w*Redis)\w*$/, 'a stand-in for Redis in this process'],
  [/^(?:mongomock|pymongo_inmemory)\.MongoClient$/, 'a stand-in for MongoDB in this process'],
  [/^fakeldap\.\w+$|^mockldap\.MockLdap$/, 'a stand-in for LDAP in this process'],
  [/^testcontainers\.\w+(?:\.\w+)*\.\w+Container$/, 'a container that goes with the test'],
  [/^testing\.(?:postgresql|mysqld|redis)\.\w+$/, 'a server of the test'],
];

function isMemory(call: Call): boolean {
  const callee = call.callee ?? '';
  const first = call.arguments[0]?.value;
  const text = constantText(first?.value);
  if (/^sqlalchemy\.(?:ext\.asyncio\.)?create_(?:async_)?engine$/.test(callee))
    return text !== undefined && /^sqlite(?:\+\w+)?:\/\/(?:\/:memory:.*|\/?)$/.test(text);
  return callee === 'sqlite3.connect' && text === ':memory:';
}

/** `lambda: sqlite3.connect(":memory:")`, where the same function replaces `sqlite3.connect`: by the time it is called. */
function isPatched(call: Call, file: TestFile): boolean {
  const owner = call.parent?.type === 'lambda' ? file.ownerOf(call) : undefined;
  if (owner === undefined || call.callee === undefined) return false;
  const name = call.callee.slice(call.callee.lastIndexOf('.') + 1);
  return walk(owner.node).some(
    (it) => it.type === 'call' && PATCH_CALLEES.has(it.callee ?? '') && it.arguments.some((each) => lastWord(constantText(each.value.value)) === name),
  );
}

function lastWord(text: string | undefined): string | undefined {
  return text?.slice(text.lastIndexOf('.') + 1);
}
