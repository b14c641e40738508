/**
 * Libraries that answer in the place of a network, by the transport that they take over. Sources: responses 0.25,
 * requests-mock 1.12, respx 0.22, pytest-httpx 0.35, aioresponses 0.7, moto 5, botocore Stubber, vcrpy 7, pook 2, httmock 1.4.
 */
import type { Call, Expression, FunctionSubject, Node, Place, TestFile } from '../model.ts';
import { ancestors } from '../model.ts';

/** Stub library → the client library whose calls it answers. */
export const STUBBED_TRANSPORT: ReadonlyMap<string, string> = new Map([
  ['responses', 'requests'],
  ['requests_mock', 'requests'],
  ['respx', 'httpx'],
  ['pytest_httpx', 'httpx'],
  ['aioresponses', 'aiohttp'],
]);

/** With any of these in a file, a client may be answered by a stub, a recording or a server of the test. */
const STAND_INS: readonly string[] = [
  ...STUBBED_TRANSPORT.keys(),
  'moto',
  'botocore.stub',
  'placebo',
  'localstack',
  'testcontainers',
  'vcr',
  'pytest_recording',
  'betamax',
  'httmock',
  'httpretty',
  'pook',
  'wsgi_intercept',
  'mocket',
  'pytest_socket',
  'pytest_httpserver',
  'fakeredis',
  'mongomock',
];

export function mayBeAnsweredHere(file: TestFile): boolean {
  return STAND_INS.some((it) => file.imports(it));
}

export interface ActiveStub {
  readonly library: string;
  readonly place: Place;
  readonly by: string;
}

/** Parameters of a test that pytest fills with an active stub. */
const FIXTURES: Readonly<Record<string, string>> = {
  responses: 'responses',
  mocked_responses: 'responses',
  requests_mock: 'requests_mock',
  httpx_mock: 'pytest_httpx',
  httpx2_mock: 'pytest_httpx',
  respx_mock: 'respx',
  aioresponses: 'aioresponses',
};

/** The stub library behind a fixture of pytest. */
export function stubFixture(parameter: string): string | undefined {
  return Object.hasOwn(FIXTURES, parameter) ? FIXTURES[parameter] : undefined;
}

const ACTIVATORS: readonly (readonly [RegExp, string])[] = [
  [/^responses\.(?:activate|RequestsMock\(\))$/, 'responses'],
  [/^requests_mock\.(?:mock|Mocker)(?:\(\))?$/, 'requests_mock'],
  [/^respx\.mock(?:\(\))?$/, 'respx'],
  [/^aioresponses\.aioresponses\(\)$/, 'aioresponses'],
  [/^requests_mock\.contrib\.fixture\.Fixture\(\)$/, 'requests_mock'],
];

/** The stub library that a decorator or context manager puts in force. */
export function activated(it: Expression): string | undefined {
  const name = it.refersTo;
  return name === undefined ? undefined : ACTIVATORS.find(([pattern]) => pattern.test(name))?.[1];
}

/** The stubs that are in force where a call runs, as far as the function around it says. */
export function activeStubs(call: Call, owner: FunctionSubject): ActiveStub[] {
  const found: ActiveStub[] = [];
  const add = (it: Expression) => {
    const library = activated(it);
    if (library !== undefined) found.push({ library, place: it.place, by: it.text });
  };
  for (const it of owner.node.decorators) add(it);
  for (const it of owner.node.parameters) {
    const library = stubFixture(it.name);
    if (library !== undefined) found.push({ library, place: it.place, by: it.name });
  }
  let inner: Node = call;
  for (const it of ancestors(call)) {
    if (it.type === 'with' && it.body.includes(inner as never)) for (const item of it.items) add(item.context);
    inner = it;
  }
  return found;
}
