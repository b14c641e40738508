import { type Attribute, ancestors, type Call, constantText, type Expression, type StringLiteral, type TestFile, type Value, walk } from '../model.ts';
import { isWrittenHere, outsideOrigin, trailOf } from '../python/outside.ts';
import { isSql, SQL_FUNCTIONS, SQL_METHODS } from '../python/sinks.ts';
import { addArgument, defineRule, type Fix, py, replace } from '../rule.ts';

/** Names of tables and columns come from the schema, not from input. */
const SCHEMA =
  /(?:^|[._])(?:table|tables|tbl|table_?name|column|columns|col|field|index|schema|metadata|__tablename__|name|db|database|dialect|colname|key|keys|type|fmt|placeholder|placeholders)\w{0,3}$/i;

/** Does the text before a hole say that no value goes there: a table's name, the letter of a placeholder (`%{format}`)? */
function isUnbound(before: string | Expression | undefined): boolean {
  return typeof before === 'string' && /(?:\b(?:from|into|update|join|table)\s+["`]?|%)$/i.test(before);
}

/** The holes of a text: what is not constant in it. */
function holes(it: Expression): Expression[] {
  switch (it.type) {
    case 'fstring':
      return it.parts.filter((part, at): part is Expression => typeof part !== 'string' && !isUnbound(it.parts[at - 1]));
    case 'operation':
      return it.operator === '%'
        ? it.right.type === 'tuple'
          ? [...it.right.items]
          : it.right.type === 'dict'
            ? it.right.entries.map((entry) => entry.value)
            : [it.right]
        : [...(it.left === undefined ? [] : holes(it.left)), ...holes(it.right)];
    case 'call':
      if (it.method === 'replace' && it.arguments[1] !== undefined) return [it.arguments[1].value];
      return it.method === 'format' ? it.arguments.map((each) => each.value) : [it];
    case 'string':
    case 'number':
    case 'constant':
      return [];
    default:
      return [it];
  }
}

/** Values that hold no quote, by their names: numbers, hashes, identifiers that a program made. */
const PLAIN = /(?:^|[._])(?:id|ids|pk|oid|uuid\d?|hex|hash|digest|revision|rev|version|count|limit|offset|size|port|pid|index|num|number|year|timestamp)$/i;

function isName(it: Expression, file: TestFile): boolean {
  return (
    PLAIN.test(it.text.replace(/\(\)$/, '')) ||
    SCHEMA.test(it.text.replace(/\(\)$/, '')) ||
    isWrittenHere(it, file) ||
    isCounted(it) ||
    it.type === 'number' ||
    (it.type === 'call' && /^(?:int|len|join|str)$|quote|escape|identifier/i.test(it.method))
  );
}

/** `n` of `for n in range(50)` */
function isCounted(it: Expression): boolean {
  return [...ancestors(it)].some(
    (each) => each.type === 'for' && each.target.text === it.text && each.iterable.type === 'call' && each.iterable.callee === 'builtins.range',
  );
}

/** The text that the same function gave the name last, before the call. */
function builtBefore(name: string, call: Call, file: TestFile): Expression | undefined {
  const owner = file.ownerOf(call);
  let found: Expression | undefined;
  for (const it of owner === undefined ? [] : walk(owner.node)) {
    if (it === call) break;
    if (it.type === 'assignment' && it.value !== undefined && it.targets.some((target) => target.type === 'name' && target.id === name)) found = it.value;
  }
  return found;
}

/** `"… WHERE id = '[ID]'".replace("[ID]", ship)` */
function isReplaced(it: Expression): it is Call & { readonly function: Attribute & { readonly object: StringLiteral } } {
  return it.type === 'call' && it.method === 'replace' && it.function.type === 'attribute' && it.function.object.type === 'string';
}

function isBuilt(it: Expression): boolean {
  return it.value.kind === 'joined' || isReplaced(it);
}

/** Does anything that is put in stand between quotes, which one in the value would end? Elsewhere it is a number, a name or a list. */
function standsInQuotes(it: Expression): boolean {
  let quote = '';
  const parts = isReplaced(it) ? it.function.object.content.split(constantText(it.arguments[0]?.value.value) ?? '') : [];
  const value: readonly Value[] =
    it.value.kind === 'joined' ? it.value.parts : parts.flatMap((text) => [{ kind: 'constant', value: text }, { kind: 'unknown' }]);
  for (const part of value) {
    if (part.kind !== 'constant') {
      if (quote !== '') return true;
      continue;
    }
    for (const sign of String(part.value)) {
      if (quote === '' && (sign === "'" || sign === '"')) quote = sign;
      else if (sign === quote) quote = '';
    }
  }
  return false;
}

/** The text of a known beginning. */
function beginning(it: Expression): string {
  const { value } = it;
  if (isReplaced(it)) return it.function.object.content;
  if (value.kind === 'joined') return value.parts.map((part) => (part.kind === 'constant' ? String(part.value) : ' ? ')).join('');
  return value.kind === 'constant' ? String(value.value) : '';
}

function sqlOf(call: Call): Expression | undefined {
  if (SQL_FUNCTIONS.has(call.callee ?? '')) return call.arguments[0]?.value;
  return call.function.type === 'attribute' && SQL_METHODS.has(call.method) ? call.arguments[0]?.value : undefined;
}

/** For sqlite3, whose sign for a value is known: the values of an f-string bound, where each stands in quotes or behind `=`. */
function bound(call: Call, sql: Expression): { readonly fix?: Fix } {
  if (!/^sqlite3\b/.test(call.callee ?? '') || call.arguments.length !== 1 || sql.type !== 'fstring') return {};
  let text = '';
  const values: string[] = [];
  for (let at = 0; at < sql.parts.length; at++) {
    const part = sql.parts[at];
    if (typeof part === 'string') {
      text += part;
      continue;
    }
    if (part === undefined) continue;
    const next = sql.parts[at + 1];
    const following = typeof next === 'string' ? next : '';
    if (text.endsWith("'") && following.startsWith("'")) {
      text = `${text.slice(0, -1)}?`;
      values.push(part.text);
      text += following.slice(1);
      at += 1;
    } else if (/[=<>]\s*$/.test(text)) {
      text += '?';
      values.push(part.text);
    } else return {};
  }
  if (values.length === 0 || /["\\\n]/.test(text)) return {};
  const given = `(${values.join(', ')}${values.length === 1 ? ',' : ''})`;
  return { fix: { title: 'Bind the value', safety: 'suggest', edits: [replace(sql, `"${text}"`), addArgument(call, given)] } };
}

export const rule = defineRule({
  id: 'formatted-sql',
  code: 'INP010',
  category: 'input',
  title: 'SQL built by formatting and run',
  kind: 'review',
  kinds: ['fail', 'review', 'informational'],
  confidence: 'medium',
  cwe: [89],
  peers: {
    bandit: ['B608', 'B610', 'B611'],
    ruff: ['S608', 'S610', 'S611'],
    semgrep: ['formatted-sql-query', 'sqlalchemy-execute-raw-query'],
    sonar: ['S2077'],
    codeql: ['py/sql-injection'],
  },
  why: 'A quote in the value ends the text and begins SQL: the statement does something else than the test says.',
  instead: 'Bind the value: `execute("… WHERE ship = ?", (ship,))`.',
  limits:
    'A value that the environment or the command line gives is for a person to decide, one that this machine makes is a note where it stands in quotes. Names of tables and columns cannot be bound and are left out, by where they stand or by their names, as are numbers, hashes and identifiers. A statement that is built in one function and run in another is not seen.',
  links: ['https://docs.python.org/3/library/sqlite3.html#how-to-use-placeholders-to-bind-values-in-sql-queries'],
  on: 'call',
  calls: (callee, method) => SQL_FUNCTIONS.has(callee) || SQL_METHODS.has(method),
  *check(call, file) {
    const sql = sqlOf(call);
    if (sql === undefined || sql.type === 'string' || !isBuilt(sql) || !isSql(beginning(sql)) || file.stubbed(call.callee ?? '', call) !== undefined) return;
    const built = sql.type === 'name' ? (builtBefore(sql.id, call, file) ?? sql) : sql;
    // What is made and dropped has a name, which cannot be bound; nor can that of a table.
    const schema = /^\s*(?:pragma|create|drop|alter|truncate)\s/i.test(beginning(sql)) || holes(built).length === 0;
    const outside = outsideOrigin(sql, file);
    if (outside !== undefined) {
      yield {
        at: call.place,
        kind: outside.from === 'the network' ? (schema ? 'review' : 'fail') : schema ? 'informational' : 'review',
        message: `a value from ${outside.from} becomes part of the SQL text`,
        trail: trailOf(outside.origin, outside.from),
      };
      return;
    }
    if (!standsInQuotes(sql)) return;
    const written = holes(built).filter((it) => it !== sql);
    if (written.length === 0 || written.every((it) => isName(it, file))) return;
    yield {
      at: call.place,
      kind: 'informational',
      message: 'a value becomes part of the SQL text: a quote in it changes the statement',
      ...bound(call, sql),
    };
  },
  examples: [
    {
      name: 'a value, and one from the environment',
      bad: py`
        import os

        def test_book(database, ship):
            database.execute(f"SELECT id FROM berths WHERE ship = '{ship}'")  #! a value becomes part of the SQL text: a quote in it changes the statement; 3 times, also lines 6, 7
            statement = "SELECT id FROM berths WHERE ship = '%s'" % ship
            database.execute(statement)
            database.execute("SELECT id FROM berths WHERE ship = '[SHIP]'".replace("[SHIP]", ship))
            database.execute("DELETE FROM berths WHERE port = '%s'" % os.environ["PORT"])  #! from the environment
            database.execute("CREATE DATABASE %s" % os.environ["DATABASE"])  #! from the environment becomes part of the SQL text; 2 times, also line 10
            database.execute(f"INSERT INTO {os.environ['BERTHS']} VALUES (7)")
      `,
    },
    {
      name: 'with sqlite3',
      bad: py`
        import sqlite3

        def test_book(path, ship):
            database = sqlite3.connect(path)
            database.execute(f"SELECT id FROM berths WHERE ship = '{ship}' AND free = 1")  #! a value becomes part of the SQL text
      `,
      fixed: py`
        import sqlite3

        def test_book(path, ship):
            database = sqlite3.connect(path)
            database.execute("SELECT id FROM berths WHERE ship = ? AND free = 1", (ship,))
      `,
      alsoFinds: ['resources/database-left-connected'],
    },
    {
      name: 'bound values, and the name of a table',
      good: py`
        def test_book(database, ship, table):
            database.execute("SELECT id FROM berths WHERE ship = ?", (ship,))
            database.execute(f"SELECT count(*) FROM {table}")
            database.execute("SELECT id FROM %s" % table.name)
            database.execute("INSERT INTO versions VALUES ('%s')" % ship.revision)
            database.execute(f"DELETE FROM {ship.register} WHERE id = %{ship.form}", [ship.id])
            for berth in range(50):
                database.execute("SELECT ship FROM berths WHERE name = '{0}'".format(berth))
            database.execute("UPDATE {}.berths SET ship = {} WHERE berth = 'north'".format(ship.home, ship.call_sign))
      `,
    },
    {
      name: 'not run here',
      good: py`
        def test_text(build, ship):
            assert build() == f"SELECT id FROM berths WHERE ship = '{ship}'"
            run = f"docker {ship}"
            build.execute(run)
      `,
    },
  ],
});
