/** Calls that listen, and where each says on which address. Sources: docs.python.org 3.13, Werkzeug 3.1, uvicorn 0.35, aiohttp 3.12, grpcio 1.74. */
import { ancestors, argument, type Call, constantText, type Expression, type Node, walk } from '../model.ts';

interface Listener {
  /** `pair`: `(host, port)` in one argument; `apart`: host and port; `text`: `host:port`. */
  readonly takes: 'pair' | 'apart' | 'text';
  readonly keyword?: string;
  readonly index?: number;
  readonly portIndex?: number;
}

const PAIR: Listener = { takes: 'pair', keyword: 'server_address', index: 0 };

export const LISTENERS: ReadonlyMap<string, Listener> = new Map<string, Listener>([
  ['socket.socket().bind', { takes: 'pair', index: 0 }],
  ['socket.create_server', { takes: 'pair', keyword: 'address', index: 0 }],
  ...[
    'http.server.HTTPServer',
    'http.server.ThreadingHTTPServer',
    'socketserver.TCPServer',
    'socketserver.UDPServer',
    'socketserver.ThreadingTCPServer',
    'socketserver.ThreadingUDPServer',
  ].map((it): [string, Listener] => [it, PAIR]),
  ...['xmlrpc.server.SimpleXMLRPCServer', 'xmlrpc.server.DocXMLRPCServer'].map((it): [string, Listener] => [it, { takes: 'pair', keyword: 'addr', index: 0 }]),
  ['wsgiref.simple_server.make_server', { takes: 'apart', keyword: 'host', index: 0, portIndex: 1 }],
  ['werkzeug.serving.make_server', { takes: 'apart', keyword: 'host', index: 0, portIndex: 1 }],
  ['werkzeug.serving.run_simple', { takes: 'apart', keyword: 'hostname', index: 0, portIndex: 1 }],
  ['flask.Flask().run', { takes: 'apart', keyword: 'host', index: 0, portIndex: 1 }],
  ['uvicorn.run', { takes: 'apart', keyword: 'host' }],
  ['uvicorn.Config', { takes: 'apart', keyword: 'host' }],
  ['aiohttp.web.run_app', { takes: 'apart', keyword: 'host' }],
  ['aiohttp.web.TCPSite', { takes: 'apart', keyword: 'host', index: 1, portIndex: 2 }],
  ['asyncio.start_server', { takes: 'apart', keyword: 'host', index: 1, portIndex: 2 }],
  ['asyncio.get_event_loop().create_server', { takes: 'apart', keyword: 'host', index: 1, portIndex: 2 }],
  ['asyncio.get_running_loop().create_server', { takes: 'apart', keyword: 'host', index: 1, portIndex: 2 }],
  ['grpc.server().add_insecure_port', { takes: 'text', keyword: 'address', index: 0 }],
]);

export interface Address {
  readonly host: string;
  /** Undefined when it is not a number in the source. */
  readonly port: number | undefined;
  /** The literal of the host, when it stands in the call. */
  readonly written: Expression | undefined;
}

/** On which address a call listens; undefined when it does not, or when the host is not known. */
export function addressOf(call: Call): Address | undefined {
  const listener = LISTENERS.get(call.callee ?? '');
  // A site of aiohttp listens when it is started.
  if (isNeverStarted(call)) return undefined;
  // A server class that the test passes may listen or not.
  if (listener === undefined || argument(call, 'server_class', call.method === 'make_server' ? 3 : undefined) !== undefined) return undefined;
  const given = argument(call, listener.keyword, listener.index);
  if (given === undefined) return undefined;
  if (listener.takes === 'pair') {
    // Two items, or four for IPv6; other families have other addresses.
    if (given.value.kind !== 'list' || (given.value.items.length !== 2 && given.value.items.length !== 4)) return undefined;
    const [host, port] = given.value.items;
    const text = constantText(host);
    if (text === undefined) return undefined;
    const written = given.type === 'tuple' ? given.items[0] : undefined;
    return {
      host: text,
      port: port?.kind === 'constant' && typeof port.value === 'number' ? port.value : undefined,
      written: written?.type === 'string' ? written : undefined,
    };
  }
  const text = constantText(given.value);
  if (text === undefined) return undefined;
  if (listener.takes === 'text') {
    const colon = text.lastIndexOf(':');
    return colon < 0 ? undefined : { host: text.slice(0, colon), port: Number(text.slice(colon + 1)), written: undefined };
  }
  const port = argument(call, 'port', listener.portIndex)?.value;
  return {
    host: text,
    port: port?.kind === 'constant' && typeof port.value === 'number' ? port.value : undefined,
    written: given.type === 'string' ? given : undefined,
  };
}

export function isEveryInterface(host: string): boolean {
  return host === '' || host === '0.0.0.0' || host === '::' || host === '[::]' || host === '*';
}

/** A site that is made to be looked at: nothing in the function starts what holds it (`await site.start()`). */
export function isNeverStarted(call: Call): boolean {
  const holder = call.parent?.type === 'assignment' ? call.parent.targets[0]?.text : undefined;
  if (call.callee !== 'aiohttp.web.TCPSite' || holder === undefined) return false;
  let around: Node = call;
  for (const it of ancestors(call)) around = it;
  for (const it of walk(around)) if (it.type === 'attribute' && it.name === 'start' && it.object.text === holder) return false;
  return true;
}

/** Servers that answer nobody before they are told to serve. Sources: docs.python.org 3.13 (socketserver), werkzeug 3. */
const IDLE = /^(?:http\.server\.\w+|socketserver\.\w+|xmlrpc\.server\.\w+|(?:wsgiref\.simple_server|werkzeug\.serving)\.make_server)$/;
const TELLS = /^(?:server_(?:address|close|name|port)|socket|fileno|host|port|shutdown)$/;

/** Only takes its port: nothing is asked of it by the one name that holds it but where it listens, and to end. */
export function isNeverServing(call: Call): boolean {
  if (!IDLE.test(call.callee ?? '')) return false;
  const { parent } = call;
  const holder =
    parent?.type === 'with'
      ? parent.items.find((it) => it.context === call)?.target
      : parent?.type === 'assignment' && parent.targets.length === 1
        ? parent.targets[0]
        : undefined;
  const around = [...ancestors(call)].find((it) => it.type === 'function');
  if (holder?.type !== 'name' || around === undefined) return false;
  return walk(around).every(
    (it) => it === holder || it.type !== 'name' || it.id !== holder.id || (it.parent?.type === 'attribute' && TELLS.test(it.parent.name)),
  );
}
