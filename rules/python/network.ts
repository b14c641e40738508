/** Calls that reach a network. Source: `rules.md` B.0.6 and each library's documentation (2026). */

const HTTP_VERBS = ['get', 'post', 'put', 'patch', 'delete', 'head', 'options', 'request'];

export const NETWORK_CALLS: ReadonlySet<string> = new Set([
  ...HTTP_VERBS.flatMap((it) => [`requests.${it}`, `httpx.${it}`, `requests.Session().${it}`, `requests.session().${it}`, `httpx.Client().${it}`, `httpx.AsyncClient().${it}`, `aiohttp.ClientSession().${it}`, `requests.api.${it}`]),
  'urllib.request.urlopen', 'urllib.request.urlretrieve', 'urllib2.urlopen', 'urllib3.PoolManager().request', 'urllib3.request',
  'http.client.HTTPConnection().request', 'http.client.HTTPSConnection().request', 'socket.create_connection', 'socket.socket().connect',
  'smtplib.SMTP', 'smtplib.SMTP_SSL', 'poplib.POP3', 'imaplib.IMAP4', 'ftplib.FTP', 'ftplib.FTP_TLS', 'telnetlib.Telnet',
  'paramiko.SSHClient().connect', 'websockets.connect', 'websocket.create_connection', 'xmlrpc.client.ServerProxy', 'dns.resolver.resolve',
]);
