/** Libraries that answer requests instead of the network. Sources: responses 0.25, requests-mock 1.12, httpretty 1.1, respx 0.22, aioresponses 0.7, moto 5, vcrpy 7, pook 2.1, pytest-socket 0.7. */
import { argument, type Call, constantText, type Expression, isConstant, type QualifiedName } from '../model.ts';

/** What stands at a decorator, in a `with`, in `useFixture(…)` → whose requests it answers. */
const STUBS: ReadonlyMap<string, string> = new Map([
  ['responses.activate', 'requests'],
  ['responses.RequestsMock', 'requests'],
  ['requests_mock.Mocker', 'requests'],
  ['requests_mock.mock', 'requests'],
  ['requests_mock.mocker.Mocker', 'requests'],
  ['requests_mock.contrib.fixture.Fixture', 'requests'],
  ['requests_mock.fixture.Fixture', 'requests'],
  ['httpretty.activate', 'sockets'],
  ['httpretty.enabled', 'sockets'],
  ['httpretty.httprettified', 'sockets'],
  ['mocket.plugins.httpretty.httprettified', 'sockets'],
  ['respx.mock', 'httpx'],
  ['respx.MockRouter', 'httpx'],
  ['aioresponses.aioresponses', 'aiohttp'],
  ['pook.use', 'requests'],
  ['pook.on', 'requests'],
]);

/** Fixtures of pytest plug-ins, by the name of the parameter. */
export const STUB_FIXTURES: ReadonlyMap<string, string> = new Map([
  ['requests_mock', 'requests'],
  ['httpx_mock', 'httpx'],
  ['httpx2_mock', 'httpx'],
  ['respx_mock', 'httpx'],
  ['aioresponses', 'aiohttp'],
  ['responses', 'requests'],
]);

/** Calls that switch a stub on until another call. */
export const STARTERS: ReadonlyMap<string, string> = new Map([
  ['responses.start', 'requests'],
  ['httpretty.enable', 'sockets'],
  ['responses.mock.start', 'requests'],
  ['respx.start', 'httpx'],
  ['pook.on', 'requests'],
]);

export interface HttpStub {
  readonly name: string;
  /** Whose requests are answered: `requests`, `AWS`. */
  readonly answers: string;
}

/** The stub that an expression puts in force where it stands; undefined for none, and for one that lets requests through. */
export function httpStubOf(it: Expression): HttpStub | undefined {
  const name = it.type === 'call' ? it.callee : it.refersTo;
  const stub = name === undefined ? undefined : stubNamed(name, it);
  return stub !== undefined && it.type === 'call' && passage(it) !== undefined ? undefined : stub;
}

function stubNamed(name: QualifiedName, it: Expression): HttpStub | undefined {
  if (/^moto\.mock_\w+$/.test(name)) return { name, answers: 'AWS' };
  if (/^vcr\.(?:VCR\(\)\.)?use_cassette$/.test(name)) {
    const mode = it.type === 'call' ? argument(it, 'record_mode') : undefined;
    return mode !== undefined && constantText(mode.value) === 'none' ? { name, answers: 'HTTP' } : undefined;
  }
  const answers = STUBS.get(name) ?? STUBS.get(name.replace(/\(\)$/, ''));
  return answers === undefined ? undefined : { name, answers };
}

/** The argument of a stub that lets requests through to the network. */
export function passage(call: Call): Call['arguments'][number] | undefined {
  const callee = call.callee ?? '';
  if (!/^(?:requests_mock|aioresponses|httpretty|vcr)\./.test(callee)) return undefined;
  return call.arguments.find((it) => {
    if (/^requests_mock\./.test(callee)) return it.keyword === 'real_http' && isConstant(it.value.value, true);
    if (/^aioresponses\.aioresponses$/.test(callee)) return it.keyword === 'passthrough' && leavesMachine(it.value);
    if (/^httpretty\.(?:enable|enabled|activate|httprettified)$/.test(callee)) return it.keyword === 'allow_net_connect' && isConstant(it.value.value, true);
    if (/^vcr\.(?:VCR|VCR\(\)\.use_cassette|use_cassette)$/.test(callee))
      return it.keyword === 'record_mode' && /^(?:all|new_episodes|rewrite)$/.test(constantText(it.value.value) ?? '');
    return false;
  });
}

/** Does a list of addresses hold one that is not of this machine? */
function leavesMachine(it: Expression): boolean {
  const items = it.type === 'list' || it.type === 'tuple' ? it.items : [it];
  return items.some((each) => !/^\w+:\/\/(?:localhost|127\.|\[::1\])/.test(constantText(each.value) ?? ''));
}
