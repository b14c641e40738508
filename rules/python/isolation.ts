/** What keeps a network call inside the machine, and how sure a report of it can be. */
import { ancestors, type Call, type FunctionSubject, type TestFile, walk } from '../model.ts';
import { destinationOf, makerOf, staysInProcess } from './hosts.ts';
import { httpStubOf } from './stub-libraries.ts';

/** What a library's requests go through: replacing any of it keeps them here. */
const LAYERS: Readonly<Record<string, readonly string[]>> = {
  requests: ['requests.Session.send', 'requests.adapters.HTTPAdapter.send', 'urllib3', 'http.client', 'socket.socket', 'socket.create_connection'],
  httpx: ['httpcore', 'socket.socket'],
  urllib: ['http.client', 'socket.socket', 'socket.create_connection'],
  urllib3: ['http.client', 'socket.socket', 'socket.create_connection'],
  http: ['socket.socket', 'socket.create_connection'],
};
const SOCKETS: readonly string[] = ['socket.socket', 'socket.create_connection'];

/** A parameter whose name says that it stands in for the network; what it does is in another place. */
const STAND_IN = /mock|stub|fake|respon|vcr|cassette|betamax|intercept|no_network|disable_socket/i;

/** Something here answers instead of the network: a stub, an in-process transport, an expectation. */
export function isIsolated(call: Call, file: TestFile): boolean {
  const callee = call.callee ?? '';
  if (file.expected(call) || staysInProcess(call) || isBlocked(call, file)) return true;
  const library = callee.slice(0, Math.max(0, callee.indexOf('.')));
  if ([callee, ...(LAYERS[library] ?? SOCKETS)].some((it) => file.stubbed(it, call) !== undefined)) return true;
  const owner = file.ownerOf(call);
  if (owner?.parameters.some((it) => STAND_IN.test(it)) === true || isAnsweredByMoto(call)) return true;
  const maker = makerOf(call);
  return swapped(owner) || (maker !== undefined && swapped(file.ownerOf(maker)));
}

export function isOfAws(host: string): boolean {
  return /(?:^|\.)amazonaws\.com$/.test(host);
}

/** `@mock_aws`, `with mock_aws():` answer for the hosts of AWS, whoever asks. */
function isAnsweredByMoto(call: Call): boolean {
  for (const it of ancestors(call)) {
    const inForce = it.type === 'with' ? it.items.map((item) => item.context) : it.type === 'function' ? it.decorators : [];
    if (inForce.some((each) => httpStubOf(each)?.answers === 'AWS')) return isOfAws(destinationOf(call)?.host ?? '');
  }
  return false;
}

/** pytest-socket refuses every connection of the project, and this test does not ask for one. */
function isBlocked(call: Call, file: TestFile): boolean {
  if (!file.project.options.some((it) => it.text === '--disable-socket')) return false;
  const owner = file.ownerOf(call);
  const asks = (owner?.node.decorators ?? []).some((it) => /enable_socket|allow_hosts/.test(it.text));
  return !asks && owner?.parameters.includes('socket_enabled') !== true;
}

/** Whose attributes a test sets to put something else where a connection would be. */
const CONNECTION =
  /^(?:_create_connection|_connection_class|sock|_sock|_conn|HTTPS?Connection|request|urlopen|create_connection|getaddrinfo|socket|transport|adapters|opener|_opener)$/;
const MAKES_STAND_IN = /^(?:install_opener|mount)$|(?:^|_)(?:fake|mock|stub|intercept)/i;

/** By hand: `connection.sock = FakeSocket()`, `http.client.HTTPConnection = Fake`, `self.fakehttp(…)`. */
function swapped(owner: FunctionSubject | undefined): boolean {
  if (owner === undefined) return false;
  for (const it of walk(owner.node)) {
    if (it.type === 'call' && MAKES_STAND_IN.test(it.method)) return true;
    if (it.type === 'assignment' && it.targets.some((each) => each.type === 'attribute' && CONNECTION.test(each.name) && each.object.text !== 'self'))
      return true;
  }
  return false;
}

/** A person should look, since the test is meant to leave the machine, or may never get there. */
export function isMeantToLeave(call: Call, file: TestFile): boolean {
  return file.tier !== 'unit' || file.guarded(call) || (file.kind !== 'test' && file.kind !== 'conftest') || file.ownerOf(call)?.role === 'helper';
}
