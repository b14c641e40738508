/**
 * Calls that reach a network, and where each says whom it speaks to. Sources: `rules.md` B.0.6; requests
 * 2.32, httpx 0.28, aiohttp 3.12, urllib3 2.5, websockets 15, paramiko 3.5; docs.python.org 3.13.
 */

export type Protocol = 'HTTP' | 'TCP' | 'WebSocket' | 'mail' | 'FTP' | 'Telnet' | 'SSH' | 'XML-RPC' | 'DNS' | 'news';

/** Where a call names whom it speaks to. */
export interface NetworkSink {
  readonly protocol: Protocol;
  /** `url`: a whole address; `host`: a name alone; `pair`: `(host, port)`. */
  readonly takes: 'url' | 'host' | 'pair';
  readonly keyword: string | undefined;
  readonly index: number;
  /** The destination was given when the object was made: `HTTPSConnection(host).request(…)`. */
  readonly ofReceiver?: true;
  /** Keyword and position of its timeout; undefined where the call takes none. */
  readonly timeout?: { readonly keyword: string; readonly index?: number };
}

const VERBS = ['get', 'post', 'put', 'patch', 'delete', 'head', 'options'];

/** What makes a client that keeps connections, and so the name that its methods go by. */
const SYNC_CLIENTS = ['requests.Session()', 'requests.session()', 'requests.sessions.Session()', 'httpx.Client()'];
const ASYNC_CLIENTS = ['httpx.AsyncClient()', 'aiohttp.ClientSession()'];
const MODULES = ['requests', 'requests.api', 'httpx'];

function http(index: number, withTimeout: boolean): NetworkSink {
  return { protocol: 'HTTP', takes: 'url', keyword: 'url', index, ...(withTimeout ? { timeout: { keyword: 'timeout' } } : {}) };
}

/** httpx waits five seconds and aiohttp five minutes when not told otherwise; requests waits for ever. */
function clientCalls(name: string): [string, NetworkSink][] {
  const waits = name.startsWith('requests');
  return [
    ...VERBS.map((it): [string, NetworkSink] => [`${name}.${it}`, http(0, waits)]),
    [`${name}.request`, http(1, waits)],
    ...(name.startsWith('httpx') ? [[`${name}.stream`, http(1, false)] satisfies [string, NetworkSink]] : []),
    ...(name.startsWith('aiohttp') ? [[`${name}.ws_connect`, http(0, false)] satisfies [string, NetworkSink]] : []),
  ];
}

const HOST_FIRST = { takes: 'host', keyword: 'host', index: 0 } as const;

export const NETWORK_SINKS: ReadonlyMap<string, NetworkSink> = new Map<string, NetworkSink>([
  ...[...MODULES, ...SYNC_CLIENTS, ...ASYNC_CLIENTS].flatMap(clientCalls),
  ['urllib.request.urlopen', { protocol: 'HTTP', takes: 'url', keyword: 'url', index: 0, timeout: { keyword: 'timeout', index: 2 } }],
  ['urllib2.urlopen', { protocol: 'HTTP', takes: 'url', keyword: 'url', index: 0, timeout: { keyword: 'timeout', index: 2 } }],
  ['urllib.urlopen', { protocol: 'HTTP', takes: 'url', keyword: 'url', index: 0 }],
  ['urllib.request.urlretrieve', { protocol: 'HTTP', takes: 'url', keyword: 'url', index: 0 }],
  ['urllib.request.build_opener().open', { protocol: 'HTTP', takes: 'url', keyword: 'fullurl', index: 0, timeout: { keyword: 'timeout', index: 2 } }],
  ['urllib3.request', { protocol: 'HTTP', takes: 'url', keyword: 'url', index: 1 }],
  ['urllib3.PoolManager().request', { protocol: 'HTTP', takes: 'url', keyword: 'url', index: 1 }],
  ['urllib3.PoolManager().urlopen', { protocol: 'HTTP', takes: 'url', keyword: 'url', index: 1 }],
  ...['http.client.HTTPConnection()', 'http.client.HTTPSConnection()'].flatMap((it) =>
    ['request', 'connect'].map((method): [string, NetworkSink] => [`${it}.${method}`, { protocol: 'HTTP', ...HOST_FIRST, ofReceiver: true }]),
  ),
  ['socket.create_connection', { protocol: 'TCP', takes: 'pair', keyword: 'address', index: 0, timeout: { keyword: 'timeout', index: 1 } }],
  ...['connect', 'connect_ex'].map((it): [string, NetworkSink] => [`socket.socket().${it}`, { protocol: 'TCP', takes: 'pair', keyword: undefined, index: 0 }]),
  ...['ssl.SSLContext()', 'ssl.create_default_context()', 'ssl._create_unverified_context()'].map((it): [string, NetworkSink] => [
    `${it}.wrap_socket().connect`,
    { protocol: 'TCP', takes: 'pair', keyword: undefined, index: 0 },
  ]),
  ['asyncio.open_connection', { protocol: 'TCP', ...HOST_FIRST }],
  ['asyncio.get_event_loop().create_connection', { protocol: 'TCP', takes: 'host', keyword: 'host', index: 1 }],
  ['ssl.get_server_certificate', { protocol: 'TCP', takes: 'pair', keyword: 'addr', index: 0, timeout: { keyword: 'timeout' } }],
  ['smtplib.SMTP', { protocol: 'mail', ...HOST_FIRST, timeout: { keyword: 'timeout', index: 3 } }],
  ['smtplib.SMTP_SSL', { protocol: 'mail', ...HOST_FIRST, timeout: { keyword: 'timeout' } }],
  ['smtplib.SMTP().connect', { protocol: 'mail', ...HOST_FIRST }],
  ['poplib.POP3', { protocol: 'mail', ...HOST_FIRST, timeout: { keyword: 'timeout', index: 2 } }],
  ['poplib.POP3_SSL', { protocol: 'mail', ...HOST_FIRST, timeout: { keyword: 'timeout' } }],
  ['imaplib.IMAP4', { protocol: 'mail', ...HOST_FIRST, timeout: { keyword: 'timeout', index: 2 } }],
  ['imaplib.IMAP4_SSL', { protocol: 'mail', ...HOST_FIRST, timeout: { keyword: 'timeout' } }],
  ['nntplib.NNTP', { protocol: 'news', ...HOST_FIRST }],
  ['nntplib.NNTP_SSL', { protocol: 'news', ...HOST_FIRST }],
  ['ftplib.FTP', { protocol: 'FTP', ...HOST_FIRST, timeout: { keyword: 'timeout', index: 4 } }],
  ['ftplib.FTP_TLS', { protocol: 'FTP', ...HOST_FIRST, timeout: { keyword: 'timeout' } }],
  ['ftplib.FTP().connect', { protocol: 'FTP', ...HOST_FIRST }],
  ['telnetlib.Telnet', { protocol: 'Telnet', ...HOST_FIRST, timeout: { keyword: 'timeout', index: 2 } }],
  ['telnetlib.Telnet().open', { protocol: 'Telnet', ...HOST_FIRST }],
  ['paramiko.SSHClient().connect', { protocol: 'SSH', takes: 'host', keyword: 'hostname', index: 0, timeout: { keyword: 'timeout' } }],
  ['paramiko.client.SSHClient().connect', { protocol: 'SSH', takes: 'host', keyword: 'hostname', index: 0, timeout: { keyword: 'timeout' } }],
  ['asyncssh.connect', { protocol: 'SSH', ...HOST_FIRST }],
  ['websockets.connect', { protocol: 'WebSocket', takes: 'url', keyword: 'uri', index: 0 }],
  ['websocket.create_connection', { protocol: 'WebSocket', takes: 'url', keyword: 'url', index: 0 }],
  ['xmlrpc.client.ServerProxy', { protocol: 'XML-RPC', takes: 'url', keyword: 'uri', index: 0 }],
  ['dns.resolver.resolve', { protocol: 'DNS', takes: 'host', keyword: 'qname', index: 0 }],
]);

/** The same, for those who ask only whether a call reaches a network. */
export const NETWORK_CALLS: ReadonlySet<string> = new Set(NETWORK_SINKS.keys());

/** Make a client, and by its arguments decide how all its calls go. */
export const CLIENT_MAKERS: ReadonlySet<string> = new Set([
  ...SYNC_CLIENTS.map((it) => it.slice(0, -2)),
  ...ASYNC_CLIENTS.map((it) => it.slice(0, -2)),
  'urllib3.PoolManager',
  'urllib3.HTTPSConnectionPool',
  'urllib3.ProxyManager',
  'aiohttp.TCPConnector',
  'http.client.HTTPConnection',
  'http.client.HTTPSConnection',
]);

/** Arguments of a client that put something in-process where the network would be: `httpx.Client(transport=…)`. */
export const IN_PROCESS_ARGUMENTS: ReadonlySet<string> = new Set(['transport', 'app', 'mounts']);

/** TLS contexts and the calls that wrap a connection in them. */
const TLS_CALLS: ReadonlySet<string> = new Set([
  'ssl.create_default_context',
  'ssl._create_unverified_context',
  'ssl.SSLContext',
  'ssl.wrap_socket',
  'ssl.get_server_certificate',
]);

/** Is a call of this name one that the category looks at? */
export function isNetworkName(callee: string): boolean {
  return NETWORK_SINKS.has(callee) || CLIENT_MAKERS.has(callee) || TLS_CALLS.has(callee);
}
