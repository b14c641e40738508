/**
 * Where the check of a certificate is switched off, and how bad that is there. Sources: docs.python.org 3.13
 * (ssl), requests 2.32, httpx 0.28, aiohttp 3.12, urllib3 2.5, keystoneauth1 5, python-novaclient 18.
 */
import { type Assignment, argument, type Call, constantText, type Expression, isConstant, type Node, type TestFile, walk } from '../model.ts';
import { commandWords, startsCommand } from './commands.ts';
import { hostKind } from './host-names.ts';
import { type Destination, destinationArgument, destinationOf, destinationOfUrl, isLoopback } from './hosts.ts';
import { isIsolated } from './isolation.ts';
import { CLIENT_MAKERS, NETWORK_SINKS } from './network.ts';

/** Clients of other services that take `verify` or `insecure`. */
const SERVICE_CLIENT =
  /^(?:keystoneauth1\.session\.Session|openstack\.(?:connect|connection\.Connection)|(?:nova|cinder|glance|neutron|keystone|heat|swift|ironic)client\b.*\.(?:Client|Connection)|boto3\.(?:client|resource)|boto3\.Session\(\)\.(?:client|resource)|elasticsearch\.Elasticsearch|opensearchpy\.OpenSearch|hvac\.Client|consul\.Consul|kubernetes\.client\.Configuration|minio\.Minio|redis\.Redis|docker\.tls\.TLSConfig|ldap3\.Tls|pymongo\.MongoClient)$/;
/** Of these, who is told the address by another call. */
const WITHOUT_ADDRESS = /^(?:keystoneauth1|kubernetes|docker|ldap3)\./;
const CONTEXT = /^ssl\.(?:SSLContext|create_default_context|_create_unverified_context|_create_stdlib_context)\(\)$/;
const SESSION = /^(?:requests\.(?:sessions\.)?[Ss]ession|keystoneauth1\.session\.Session)\(\)$/;

export interface Off {
  /** What to point at. */
  readonly at: Node | Call['arguments'][number];
  /** How it is written: `verify=False`. */
  readonly written: string;
  /** What accepts any certificate, for the message. */
  readonly who: string;
  readonly destination: Destination | undefined;
  /** Set when taking the argument away restores the check. */
  readonly removable: boolean;
}

function isNone(value: Expression): boolean {
  return /^ssl\.(?:VerifyMode\.)?CERT_NONE$/.test(value.refersTo ?? '') || constantText(value.value) === 'CERT_NONE';
}

const DESTINATIONS = ['base_url', 'auth_url', 'endpoint_url', 'endpoint', 'url', 'host', 'hosts'];

function destinationOfClient(call: Call): Destination | undefined {
  const direct = destinationOf(call);
  if (direct !== undefined) return direct;
  for (const it of call.arguments) {
    const found = it.keyword !== undefined && !DESTINATIONS.includes(it.keyword) ? undefined : destinationOfUrl(it.value);
    if (found !== undefined) return found;
  }
  return undefined;
}

/** Can a call of this name switch the check off? */
export function checksCertificates(callee: string): boolean {
  return callee.startsWith('ssl.') || startsCommand(callee) || NETWORK_SINKS.has(callee) || CLIENT_MAKERS.has(callee) || SERVICE_CLIENT.test(callee);
}

function destinationOfText({ word, at }: ReturnType<typeof commandWords>[number]): Destination | undefined {
  const found = /^(\w+):\/\/(?:[^/@]*@)?([^/:?#]+)/.exec(word);
  return found?.[1] === undefined || found[2] === undefined ? undefined : { scheme: found[1], host: found[2], kind: hostKind(found[2]), at };
}

/** The argument of a call that switches the check off. */
export function switchedOffByCall(call: Call): Off | undefined {
  const callee = call.callee ?? '';
  if (callee === 'ssl._create_unverified_context' || callee === 'ssl._create_unverified_context()') {
    return { at: call, written: call.text.replace(/\s+/g, ' '), who: '_create_unverified_context', destination: undefined, removable: false };
  }
  const words = commandWords(call);
  if (words.some((it) => /^(?:\S*\/)?curl$/.test(it.word))) {
    const off = words.find((it) => /^(?:-[a-jl-zA-Z]*k[a-zA-Z]*|--insecure)$/.test(it.word));
    const url = words.find((it) => /^\w+:\/\//.test(it.word));
    if (off !== undefined)
      return { at: off.at, written: off.word, who: 'curl', destination: url === undefined ? undefined : destinationOfText(url), removable: false };
  }
  const client = NETWORK_SINKS.has(callee) || CLIENT_MAKERS.has(callee) || SERVICE_CLIENT.test(callee);
  if (!client && callee !== 'ssl.wrap_socket') return undefined;
  for (const it of call.arguments) {
    const { keyword, value } = it;
    if (keyword === undefined) continue;
    const off =
      (/^(?:verify|verify_ssl|verify_certs|assert_hostname|ssl_verify|tlsVerify)$/.test(keyword) && isConstant(value.value, false)) ||
      (keyword === 'ssl' && callee.startsWith('aiohttp.') && isConstant(value.value, false)) ||
      (keyword === 'insecure' && SERVICE_CLIENT.test(callee) && isConstant(value.value, true)) ||
      (/^(?:cert_reqs|ssl_cert_reqs|validate)$/.test(keyword) && isNone(value)) ||
      (/^tlsAllowInvalid(?:Certificates|Hostnames)$/.test(keyword) && isConstant(value.value, true));
    if (off)
      return {
        at: it,
        written: `${keyword}=${value.text}`,
        who: call.method,
        destination: destinationOfClient(call),
        removable: keyword !== 'cert_reqs' || callee !== 'ssl.wrap_socket',
      };
  }
  return undefined;
}

/** Attributes that switch it on and off. */
export const SWITCHES: ReadonlySet<string> = new Set(['verify', 'check_hostname', 'verify_mode']);

/** `session.verify = False`, `context.check_hostname = False`, `context.verify_mode = ssl.CERT_NONE`. */
export function switchedOffByAssignment(it: Assignment): Off | undefined {
  const [target] = it.targets;
  const { value } = it;
  if (it.targets.length !== 1 || target?.type !== 'attribute' || value === undefined || it.operator !== undefined) return undefined;
  const holder = target.object.refersTo ?? '';
  const off =
    (target.name === 'verify' && SESSION.test(holder) && isConstant(value.value, false)) ||
    (target.name === 'check_hostname' && CONTEXT.test(holder) && isConstant(value.value, false)) ||
    (target.name === 'verify_mode' && CONTEXT.test(holder) && isNone(value));
  return off ? { at: it, written: it.text, who: target.object.text, destination: undefined, removable: false } : undefined;
}

/** What the function around speaks to: the worst of it. */
export function destinationAround(node: Node, file: TestFile): Destination | 'loopback' | undefined {
  const body = file.ownerOf(node)?.node;
  if (body === undefined) return undefined;
  // What has an address of its own is not asked for through another call.
  const callee = (node.type === 'call' ? node.callee : undefined) ?? '';
  const isApart = NETWORK_SINKS.has(callee) || (SERVICE_CLIENT.test(callee) && !WITHOUT_ADDRESS.test(callee));
  let found: Destination | 'loopback' | undefined;
  for (const it of walk(isApart && node.type === 'call' ? (destinationArgument(node) ?? node) : body)) {
    if (it.type === 'call') {
      const destination = destinationOf(it);
      if (destination !== undefined && (found === undefined || found === 'loopback' || destination.kind === 'public')) found = destination;
      else if (found === undefined && /server/i.test(it.method) && it.callee !== 'ldap3.Server') found = 'loopback';
    } else if (found === undefined && (it.type === 'name' || it.type === 'attribute' || it.type === 'string')) {
      const text = constantText(it.value);
      if (text !== undefined && isLoopback(text)) found = 'loopback';
      else if (it.type === 'attribute' && /server|port/i.test(it.name) && !/^(?:ssl|ldap3)\./.test(it.refersTo ?? '')) found = 'loopback';
    }
  }
  return found;
}

/** A server's context, which checks no names and seldom clients; or a line that another line of the same context says more of. */
export function isServerOrRepeated(it: Assignment, file: TestFile): boolean {
  const [target] = it.targets;
  if (target?.type !== 'attribute') return false;
  const maker = target.object.value;
  if (maker.kind === 'result' && /SERVER|CLIENT_AUTH/.test(`${maker.call.text} ${argument(maker.call, 'protocol', 0)?.refersTo ?? ''}`)) return true;
  const body = file.ownerOf(it)?.node;
  if (body === undefined) return false;
  for (const node of walk(body)) {
    if (
      node.type === 'call' &&
      node.method === 'wrap_socket' &&
      node.function.type === 'attribute' &&
      node.function.object.text === target.object.text &&
      /server_side\s*=\s*True/.test(node.text)
    )
      return true;
    if (target.name !== 'check_hostname' || node.type !== 'assignment') continue;
    const [other] = node.targets;
    if (
      other?.type === 'attribute' &&
      other.name === 'verify_mode' &&
      other.object.text === target.object.text &&
      node.value !== undefined &&
      isNone(node.value)
    )
      return true;
  }
  return false;
}

/** Is the object that the assignment changes made, and then used for a connection, or only looked at? */
export function isOnlyLookedAt(it: Assignment, file: TestFile): boolean {
  const [target] = it.targets;
  if (target?.type !== 'attribute' || target.object.type !== 'name') return false;
  const { id } = target.object;
  const isSession = SESSION.test(target.object.refersTo ?? '');
  const owner = file.ownerOf(it);
  if (owner === undefined || owner.role !== 'test') return false;
  for (const node of walk(owner.node)) {
    if (node.type === 'return' && node.operands.some((each) => each.type === 'name' && each.id === id)) return false;
    if (node.type !== 'call') continue;
    if (node.method === 'wrap_socket' || node.method === 'wrap_bio') return false;
    if (isSession && isAskedBy(node, id) && !isIsolated(node, file)) return false;
    if (/^(?:assert|isinstance|repr|str|getattr|setattr)/.test(node.method)) continue;
    if (node.arguments.some((each) => each.value.type === 'name' && each.value.id === id)) return false;
    if (argument(node, 'context')?.text === id) return false;
  }
  return true;
}

/** `session.get(…)`: a method of a session speaks to somebody, but for those that set it up and close it. */
function isAskedBy(call: Call, session: string): boolean {
  const { function: called } = call;
  return called.type === 'attribute' && called.object.type === 'name' && called.object.id === session && !/^(?:close|mount|get_adapter)$/.test(called.name);
}
