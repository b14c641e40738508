/** Whom a network call speaks to, read from its arguments. Sources: RFC 3986 (addresses), `rules.md` B.0.3. */
import { argument, type Call, constantText, type Expression, isConstant, type Origin, type TestFile, type Value, walk } from '../model.ts';
import { type HostKind, hostKind } from './host-names.ts';
import { CLIENT_MAKERS, IN_PROCESS_ARGUMENTS, NETWORK_SINKS, type NetworkSink } from './network.ts';

export interface Destination {
  readonly host: string;
  readonly kind: HostKind;
  /** `http`, `https`, `ftp`, …; `''` where the call is given a bare host. */
  readonly scheme: string;
  /** The expression that says so, for the finding to point at. */
  readonly at: Expression;
  /** Set where it is one of several: another branch goes elsewhere. */
  readonly oneOf?: true;
}

const URL_HOST = /^([a-z][a-z0-9+.-]*):\/\/(?:[^/?#@]*@)?(\[[0-9a-f:.]*\]|[^/?#:@\\]*)/i;

/** Text that is known from its beginning: all of it, or as far as it goes. */
function knownStart(value: Value): { readonly text: string; readonly whole: boolean } {
  if (value.kind === 'constant') return { text: typeof value.value === 'string' ? value.value : '', whole: true };
  if (value.kind !== 'joined') return { text: '', whole: false };
  let text = '';
  for (const part of value.parts) {
    const start = knownStart(part);
    text += start.text;
    if (!start.whole) return { text, whole: false };
  }
  return { text, whole: true };
}

/** Scheme and host of an address whose host is known whole. */
function hostOfUrl(value: Value): { readonly scheme: string; readonly host: string } | undefined {
  const { text, whole } = knownStart(value);
  const match = URL_HOST.exec(text);
  if (match?.[1] === undefined || match[2] === undefined) return undefined;
  if (!whole && match[0].length === text.length) return undefined; // the host may go on in what is not known
  // A port that is known only when the test runs is that of a server which the test has started, whatever the name.
  if (!whole && match[0].length + 1 === text.length && text.endsWith(':') && hostKind(match[2]) === 'public') return undefined;
  return { scheme: match[1].toLowerCase(), host: match[2] };
}

/** A host name or an address given as such. */
function hostOfText(value: Value): string | undefined {
  const text = constantText(value)?.trim();
  if (text === undefined || text.includes('/')) return undefined;
  const colon = text.indexOf(':');
  return colon > 0 && colon === text.lastIndexOf(':') ? text.slice(0, colon) : text;
}

function oneValue(value: Value): Value {
  if (value.kind !== 'oneOf') return value;
  // Of several, one that is public speaks for all: the call may go there.
  const hosts = value.choices.map((it) => hostOfUrl(it)?.host ?? '');
  return (
    value.choices[
      Math.max(
        0,
        hosts.findIndex((it) => hostKind(it) === 'public'),
      )
    ] ?? value
  );
}

function destination(scheme: string, host: string, at: Expression): Destination {
  return { scheme, host, kind: hostKind(host), at };
}

/** The host of an address that is not the argument of a known call: `base_url=…`. */
export function destinationOfUrl(at: Expression): Destination | undefined {
  const { value } = addressed(at);
  const found = hostOfUrl(oneValue(value));
  if (found === undefined) return undefined;
  const result = destination(found.scheme, found.host, at);
  const isOne = value.kind === 'oneOf' && value.choices.some((it) => hostKind(hostOfUrl(it)?.host ?? '') !== result.kind);
  return isOne ? { ...result, oneOf: true } : result;
}

/** `urllib.request.Request(url)` speaks of its url. */
function addressed(at: Expression): Expression {
  const { value } = at;
  if (value.kind !== 'result' || !/(?:^|\.)Request$/.test(value.name)) return at;
  return argument(value.call, 'url', 0) ?? at;
}

function hostArgument(at: Expression, takes: NetworkSink['takes']): Destination | undefined {
  if (takes === 'url') return destinationOfUrl(at);
  if (takes === 'host') {
    const host = hostOfText(at.value);
    return host === undefined ? undefined : destination('', host, at);
  }
  const { value } = at;
  if (value.kind !== 'list') return undefined;
  const [first] = value.items;
  const host = first === undefined ? undefined : hostOfText(first);
  return host === undefined ? undefined : destination('', host, at);
}

/** The call that made the object whose method is called: `httpx.Client(…)` of `client.get(…)`. */
export function makerOf(call: Call): Call | undefined {
  if (call.function.type !== 'attribute') return undefined;
  const { value } = call.function.object;
  return value.kind === 'result' ? value.call : undefined;
}

/** The argument that names whom the call speaks to. */
export function destinationArgument(call: Call): Expression | undefined {
  const sink = NETWORK_SINKS.get(call.callee ?? '');
  if (sink === undefined) return undefined;
  const holder = sink.ofReceiver === true ? makerOf(call) : call;
  return holder === undefined ? undefined : argument(holder, sink.keyword, sink.index);
}

/** Whom a call of the network vocabulary speaks to; undefined when it is no such call or cannot be told. */
export function destinationOf(call: Call): Destination | undefined {
  const sink = NETWORK_SINKS.get(call.callee ?? '');
  const at = destinationArgument(call);
  if (sink === undefined || at === undefined) return undefined;
  const direct = hostArgument(at, sink.takes);
  if (direct !== undefined || sink.takes !== 'url') return direct;
  // A path alone is taken to where the client was told to go.
  const maker = makerOf(call);
  const base = maker === undefined || !CLIENT_MAKERS.has(maker.callee ?? '') ? undefined : argument(maker, 'base_url');
  return base === undefined || hostOfUrl(at.value) !== undefined || constantText(at.value)?.startsWith('/') !== true ? undefined : destinationOfUrl(base);
}

/** The client that makes the call was given something in-process to speak to. */
export function staysInProcess(call: Call): boolean {
  const maker = makerOf(call) ?? call;
  return maker.arguments.some((it) => it.keyword !== undefined && IN_PROCESS_ARGUMENTS.has(it.keyword));
}

/** The address names a file or carries its own content: `file:`, `data:`. */
export function isNoNetworkAddress(call: Call): boolean {
  const at = destinationArgument(call);
  return at !== undefined && /^(?:file|data|jar|mock|unix):/i.test(knownStart(oneValue(addressed(at).value)).text);
}

/** Is it this machine where nobody sets the variable: `os.getenv('TIDES_URL', 'http://localhost:8080')`? */
function staysHere({ otherwise }: Origin): boolean {
  return otherwise !== undefined && isLoopback(hostOfUrl({ kind: 'constant', value: otherwise })?.host ?? otherwise);
}

/** Is the call, or its `config=`, told whom to ask in the place of the host? `here`: a program of this machine, which may pass it on. */
export function proxyOf(call: Call, scheme: string, file: TestFile): 'here' | 'somewhere' | undefined {
  const config = argument(call, 'config')?.value;
  const given = argument(call, 'proxies') ?? argument(call, 'proxy') ?? (config?.kind === 'result' ? argument(config.call, 'proxies') : undefined);
  let told = given?.value;
  if (told?.kind === 'dict') {
    const by = new Map(told.entries.map(([key, it]) => [constantText(key)?.replace(/:\/\/$/, ''), it]));
    const fits = by.get(scheme) ?? by.get('all');
    // Named for a host, or by what is not known.
    if (fits === undefined && [...by.keys()].some((it) => it === undefined || it.includes(':'))) return 'somewhere';
    told = fits;
  }
  if (told === undefined || isConstant(told, null)) return undefined;
  return isHere(told, file) ? 'here' : 'somewhere';
}

/** An address of this machine: as it is written, or as a function of the workspace gives it where no variable says otherwise. What speaks SOCKS is there to pass it on. */
function isHere(value: Value, file: TestFile, depth = 0): boolean {
  if (value.kind !== 'result') {
    const url = hostOfUrl(value);
    return url?.scheme.startsWith('socks') !== true && isLoopback(url?.host ?? hostOfText(value) ?? '');
  }
  if (/^os\.(?:environ\.get|getenv)$/.test(value.name)) {
    const otherwise = argument(value.call, 'default', 1);
    return otherwise !== undefined && isHere(otherwise.value, file, depth);
  }
  const given = depth > 2 ? undefined : file.definition(value.name)?.node;
  const returned = given === undefined ? [] : walk(given).flatMap((it) => (it.type === 'return' ? [it.operands[0]] : []));
  return returned.length > 0 && returned.every((it) => it !== undefined && isHere(it.value, file, depth + 1));
}

/** Can be told where it leads: to this machine where nobody says otherwise, where the project says, or where whoever gives the option for this one run means to. */
export function isMeant(origin: Origin, file: TestFile): boolean {
  return origin.sort === 'command line' || staysHere(origin) || (origin.variable !== undefined && file.project.tells(origin.variable));
}

/** Nobody else's machine: loopback and the like. */
export function isLoopback(host: string): boolean {
  return /^(?:localhost|.*\.localhost|127(?:\.\d+){3}|\[?::1\]?|0\.0\.0\.0|testserver)$/i.test(host);
}
