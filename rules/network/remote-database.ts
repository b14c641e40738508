import type { Call, Expression, TestFile } from '../model.ts';
import { statementOf, walk } from '../model.ts';
import { connectsLater, databaseHost, isDatabaseClient } from '../python/databases.ts';
import { hostKind } from '../python/host-names.ts';
import { defineRule, type Fix, py, replace } from '../rule.ts';

export const rule = defineRule({
  id: 'remote-database',
  code: 'NET005',
  category: 'network',
  title: 'Database or broker on another machine',
  kind: 'review',
  kinds: ['fail', 'review', 'informational'],
  confidence: 'high',
  cwe: [923],
  why: 'What the test writes and deletes is written and deleted there, for all who use it.',
  instead: 'Use a database of the test: SQLite in memory, a container, `127.0.0.1`.',
  limits: 'A host that exists only at run time is not judged. Names without a dot are taken for a container beside the test.',
  links: ['https://docs.sqlalchemy.org/en/20/core/engines.html', 'https://cwe.mitre.org/data/definitions/923.html'],
  on: 'call',
  calls: (callee) => isDatabaseClient(callee),
  *check(call, file) {
    const found = databaseHost(call);
    if (found === undefined || file.expected(call) || file.rejected(call) || isAnswered(call, file)) return;
    const kind = hostKind(found.host);
    if (kind !== 'public' && kind !== 'private' && kind !== 'made up') return;
    const { host, at } = found;
    const more = { at: at.place, ...fixOf(at, host) };
    if (connectsLater(call) && !isConnected(call, file))
      yield { ...more, kind: 'informational', message: `\`${call.method}\` is set up for \`${host}\`, and not connected here` };
    else if (file.asksForNetwork(call))
      yield { ...more, kind: 'informational', message: `\`${call.method}\` connects to \`${host}\`, which is another machine, as the test says` };
    else if (kind === 'public' && file.tier === 'unit' && !file.guarded(call))
      yield { ...more, kind: 'fail', message: `\`${call.method}\` connects to \`${host}\`, a database or broker of somebody else` };
    else yield { ...more, message: `\`${call.method}\` connects to \`${host}\`, which is another machine` };
  },
  examples: [
    {
      name: 'a public host, a private one',
      bad: py`
        import psycopg2
        import redis

        def test_ships():
            connection = psycopg2.connect(host="db.harbour-shipping.com", dbname="ships")
            #                                  ^^^^^^^^^^^^^^^^^^^^^^^^^ a database or broker of somebody else
            connection.close()

        def test_queue():
            queue = redis.Redis("10.20.0.4")  #! which is another machine
            queue.close()
      `,
      fixed: py`
        import psycopg2
        import redis

        def test_ships():
            connection = psycopg2.connect(host="127.0.0.1", dbname="ships")
            connection.close()

        def test_queue():
            queue = redis.Redis("127.0.0.1")
            queue.close()
      `,
    },
    {
      name: 'an engine, connected and not',
      bad: py`
        from sqlalchemy import create_engine

        def test_ships():
            engine = create_engine("postgresql://ships@10.20.0.4/ships")  #! which is another machine
            with engine.connect() as connection:
                assert connection
            engine.dispose()

        def test_dialect():
            engine = create_engine("postgresql://ships@10.20.0.4/ships")  #! and not connected here
            assert engine.dialect.name == "postgresql"
            engine.dispose()
      `,
      alsoFinds: ['RES014'],
    },
    {
      name: 'this machine, a container, memory, a stub, a text that is parsed',
      good: py`
        import psycopg2
        import redis
        from sqlalchemy import create_engine
        from unittest import mock

        def test_here():
            for each in (psycopg2.connect(host="localhost"), redis.Redis("queue"), redis.Redis(host="127.0.0.1")):
                each.close()

        def test_memory():
            engine = create_engine("sqlite://")
            engine.dispose()

        @mock.patch("psycopg2.connect")
        def test_stubbed(connect):
            psycopg2.connect(host="db.harbour-shipping.com")

        def test_parse(parse):
            assert parse("postgresql://ships@db.harbour-shipping.com/ships")
      `,
    },
  ],
});

function fixOf(at: Expression, host: string): { fix?: Fix } {
  if (at.type !== 'string') return {};
  return { fix: { title: 'Use a database of this machine', safety: 'suggest', edits: [replace(at, at.text.replace(host, '127.0.0.1'))] } };
}

/** Replaced, or in a container: the address is not the one that is written. */
function isAnswered(call: Call, file: TestFile): boolean {
  const callee = call.callee ?? '';
  return (
    file.stubbed(callee, call) !== undefined ||
    file.stubbed('socket', call) !== undefined ||
    ['testcontainers', 'fakeredis', 'mongomock', 'fakeldap', 'mockldap', 'pytest_postgresql'].some((it) => file.imports(it))
  );
}

/** Is what the call makes used for a connection: `engine.connect()`, `Session(engine)`, `BlockingConnection(parameters)`? */
function isConnected(call: Call, file: TestFile): boolean {
  const statement = statementOf(call);
  const holder = statement?.type === 'assignment' && statement.value === call ? statement.targets[0]?.text : undefined;
  if (holder === undefined) return call.parent?.type !== 'expression';
  if (holder.startsWith('self.')) return true; // used in other methods
  const around = file.ownerOf(call)?.node;
  if (around === undefined) return true;
  for (const it of walk(around)) {
    if (it.type === 'call' && it !== call && it.arguments.some((each) => each.value.text === holder) && !/^(?:assert|isinstance|repr|str)/.test(it.method))
      return true;
    if (it.type === 'attribute' && it.object.text === holder && /^(?:connect|begin|execute|raw_connection|run_callable|scalar)$/.test(it.name)) return true;
    if (it.type === 'return' && it.operands.some((each) => each.text === holder)) return true;
  }
  return false;
}
