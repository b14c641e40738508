/** Clients of databases, brokers and directories, and where each says whom it speaks to. Sources: SQLAlchemy 2, psycopg 3, PyMySQL 1.1, PyMongo 4, redis-py 5, pika 1.3, kafka-python 2, python-ldap 3.4, ldap3 2.9. */
import { argument, type Call, constantText, type Expression } from '../model.ts';

interface Client {
  readonly takes: 'url' | 'host' | 'hosts' | 'dsn';
  readonly keyword: string;
  readonly index?: number;
}

const URL: Client = { takes: 'url', keyword: 'url', index: 0 };
const HOST: Client = { takes: 'host', keyword: 'host' };
const HOST_FIRST: Client = { takes: 'host', keyword: 'host', index: 0 };

const CLIENTS: ReadonlyMap<string, Client> = new Map<string, Client>([
  ...['sqlalchemy.create_engine', 'sqlalchemy.ext.asyncio.create_async_engine', 'redis.from_url', 'redis.Redis.from_url'].map((it): [string, Client] => [
    it,
    URL,
  ]),
  ...['psycopg2.connect', 'psycopg.connect', 'asyncpg.connect', 'asyncpg.create_pool'].map((it): [string, Client] => [
    it,
    { takes: 'dsn', keyword: 'dsn', index: 0 },
  ]),
  ...['pymysql.connect', 'MySQLdb.connect', 'mysql.connector.connect', 'aiomysql.connect', 'cx_Oracle.connect', 'pymssql.connect'].map(
    (it): [string, Client] => [it, HOST],
  ),
  ...['redis.Redis', 'redis.StrictRedis', 'redis.asyncio.Redis', 'pika.ConnectionParameters', 'memcache.Client', 'ldap3.Server'].map((it): [string, Client] => [
    it,
    HOST_FIRST,
  ]),
  ['pymongo.MongoClient', { takes: 'url', keyword: 'host', index: 0 }],
  ['motor.motor_asyncio.AsyncIOMotorClient', { takes: 'url', keyword: 'host', index: 0 }],
  ['pika.URLParameters', URL],
  ['kombu.Connection', { takes: 'url', keyword: 'hostname', index: 0 }],
  ['ldap.initialize', { takes: 'url', keyword: 'uri', index: 0 }],
  ...['kafka.KafkaProducer', 'kafka.KafkaConsumer', 'kafka.KafkaAdminClient'].map((it): [string, Client] => [
    it,
    { takes: 'hosts', keyword: 'bootstrap_servers' },
  ]),
]);

/** Makes an object that connects only when it is used. */
export function connectsLater(call: Call): boolean {
  return /create_(?:async_)?engine|ConnectionParameters|URLParameters|^ldap3\.Server$/.test(call.callee ?? '');
}

/** Does a call of this name make a client? */
export function isDatabaseClient(callee: string): boolean {
  return CLIENTS.has(callee);
}

/** The host that a call of a database's or broker's client names. */
export function databaseHost(call: Call): { readonly host: string; readonly at: Expression } | undefined {
  const client = CLIENTS.get(call.callee ?? '');
  if (client === undefined) return undefined;
  const at = argument(call, client.keyword, client.index) ?? argument(call, 'host');
  if (at === undefined) return undefined;
  const first = at.type === 'list' || at.type === 'tuple' ? at.items[0] : at;
  const text = constantText(first?.value)?.trim();
  const host = text === undefined ? undefined : hostIn(text);
  return host === undefined ? undefined : { host, at };
}

function hostIn(text: string): string | undefined {
  const url = /^[a-z][a-z0-9+.-]*:\/\/(?:[^/?#]*@)?(\[[0-9a-f:]*\]|[^/?#:,]*)/i.exec(text);
  if (url !== null) return url[1] === '' ? undefined : url[1];
  const dsn = /(?:^|\s)host=([^\s,]+)/.exec(text);
  if (dsn !== null) return dsn[1]?.startsWith('/') === true ? undefined : dsn[1];
  return /^[a-z0-9.-]+(?::\d+)?$/i.test(text) && !text.includes('=') ? text.replace(/:\d+$/, '') : undefined;
}
