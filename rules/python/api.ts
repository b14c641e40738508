/**
 * Web APIs under test: test clients, fixtures that run an API, and who asks.
 * Sources: Flask 3, Werkzeug 3, Django 5, Django REST framework 3, Starlette 0.40, FastAPI 0.115, WebTest 3, Falcon 4, HTTPX 0.27,
 * wsgi-intercept 1.13, Pyramid 2 and aiohttp 3 documentation; nova/tests/fixtures (2017 to 2024).
 */
import type { Call, Expression, FunctionDefinition, Node, QualifiedName, TestFile, Value } from '../model.ts';
import { ancestors, constantText, walk } from '../model.ts';
import { boundIn } from './bindings.ts';

/** Makes a client that calls the application in the same process, without a socket. */
const TEST_CLIENTS: ReadonlySet<string> = new Set([
  'fastapi.testclient.TestClient',
  'starlette.testclient.TestClient',
  'litestar.testing.TestClient',
  'litestar.testing.AsyncTestClient',
  'falcon.testing.TestClient',
  'falcon.testing.client.TestClient',
  'falcon.testing.create_client',
  'django.test.Client',
  'django.test.client.Client',
  'django.test.AsyncClient',
  'django.test.RequestFactory',
  'django.test.client.RequestFactory',
  'rest_framework.test.APIClient',
  'rest_framework.test.APIRequestFactory',
  'rest_framework.test.RequestsClient',
  'webtest.TestApp',
  'webtest.app.TestApp',
  'werkzeug.test.Client',
  'flask.testing.FlaskClient',
  'httpx.ASGITransport',
  'httpx.WSGITransport',
  'flask.Flask().test_client',
  'quart.Quart().test_client',
  'django_webtest.DjangoTestApp',
  'pecan.testing.load_test_app',
  'connexion.FlaskApp().test_client',
]);

/** By the name of its class. */
export function isTestClient(name: QualifiedName): boolean {
  return TEST_CLIENTS.has(name);
}

/** Answers requests of HTTP libraries from an application in the same process. */
const INTERCEPTORS = /^wsgi_intercept\.(?:interceptor\.\w*Interceptor|add_wsgi_intercept|install_opener)$/;

/** Base classes whose `self.client` is such a client. */
export const CLIENT_BASES: ReadonlySet<string> = new Set([
  'django.test.TestCase',
  'django.test.SimpleTestCase',
  'django.test.TransactionTestCase',
  'django.test.testcases.TestCase',
  'rest_framework.test.APITestCase',
  'rest_framework.test.APISimpleTestCase',
  'rest_framework.test.APITransactionTestCase',
  'flask_testing.TestCase',
]);

/** Fixtures that run an API in the process of the test, known without reading them. */
const API_FIXTURES: ReadonlyMap<QualifiedName, string> = new Map([
  ['nova.tests.fixtures.OSAPIFixture', 'the compute API'],
  ['nova.tests.fixtures.nova.OSAPIFixture', 'the compute API'],
  ['nova.tests.fixtures.OSMetadataServer', 'the metadata API'],
  ['nova.tests.fixtures.nova.OSMetadataServer', 'the metadata API'],
]);

/** What the call makes: a client or an interceptor that stays in the process; its name as written. */
export function inProcess(call: Call): string | undefined {
  const { callee } = call;
  if (callee !== undefined && (TEST_CLIENTS.has(callee) || INTERCEPTORS.test(callee))) return call.function.text;
  if (call.method !== 'test_client' || call.function.type !== 'attribute' || callee?.startsWith('unittest.mock.') === true) return undefined;
  return call.function.text;
}

/** Can a call of this name be what `inProcess` looks for? */
export function makesInProcess(callee: string, method: string): boolean {
  return method === 'test_client' || TEST_CLIENTS.has(callee) || INTERCEPTORS.test(callee);
}

/** Is the call a fixture's or an application's test client, or a request through one? For the tally. */
export function isApiCall(call: Call): boolean {
  return inProcess(call) !== undefined || apiFixture(call.callee) || isRequest(call);
}

/** Can a call of this name be one? */
export function canBeApiCall(callee: string, method: string): boolean {
  return makesInProcess(callee, method) || API_FIXTURES.has(callee) || VERB.test(method) || API_METHOD.test(method);
}

function apiFixture(name: QualifiedName | undefined): boolean {
  return name !== undefined && API_FIXTURES.has(name);
}

// -------------------------------------------------------------------------------------------- requests

const VERB =
  /^(?:get|post|put|patch|delete|head|options|open|request|generic|simulate_(?:get|post|put|patch|delete|head|options|request)|api_(?:get|post|put|delete|patch|request)|(?:get|post|put|patch|delete|head)_json)$/;
/** Methods of `self.api`. */
const API_METHOD = /^(?:get|post|put|patch|delete|api)_/;
const CLIENT_NAME =
  /^(?:(?:\w+_)?(?:api|test)?_?client|client\d|testapp|test_app|(?:\w+_)?api_client|(?:admin_|user_|reader_|other_|member_|anonymous_|alternative_)api)$/;

/** A request through a client of an API, told by the client's type, or by its name and a verb. */
export function isRequest(call: Call): boolean {
  if (call.function.type !== 'attribute') return false;
  const receiver = call.function.object;
  const type = receiver.refersTo;
  if (type?.endsWith('()')) {
    if (type.endsWith('.test_client()') || TEST_CLIENTS.has(type.slice(0, -2))) return VERB.test(call.method);
    if (type.startsWith('unittest.mock.')) return false;
  }
  if (/^(?:self|cls)\.api$/.test(receiver.text)) return API_METHOD.test(call.method);
  return VERB.test(call.method) && CLIENT_NAME.test(lastName(receiver)) && startsWithPath(call);
}

/** The request names a path of the API first: `'/bookings'`, `url_for(…)`, `reverse(…)`, or text that begins with `/`. */
function startsWithPath(call: Call): boolean {
  const first = call.arguments[0]?.value;
  if (first === undefined) return false;
  if (first.type === 'string') return /^(?:\/|https?:|GET|POST|PUT|PATCH|DELETE)/.test(first.content);
  if (first.type === 'fstring') return typeof first.parts[0] === 'string' && /^(?:\/|http)/.test(first.parts[0]);
  return first.type === 'call' ? /^(?:url_for|reverse|reverse_lazy)$/.test(first.method) : /(?:^|[._])(?:url|path|uri|endpoint)$/i.test(first.text);
}

/** The last name of a dotted expression; `''` when it has none. */
export function lastName(it: Expression): string {
  return it.type === 'attribute' ? it.name : it.type === 'name' ? it.id : '';
}

// -------------------------------------------------------------------------------------------- fixtures

export interface RunsInProcess {
  /** The short name of the fixture class. */
  readonly fixture: string;
  /** What it runs, where that is known: `the compute API`. */
  readonly what: string | undefined;
  /** What proves it, in the code of the fixture; undefined when the fixture is only known by name. */
  readonly proof: Call | undefined;
}

/** Does the fixture class run an API in this process? Read where it can be read, else known by name. */
export function runsInProcess(instance: QualifiedName, file: TestFile): RunsInProcess | undefined {
  if (!instance.endsWith('()')) return undefined;
  const name = instance.slice(0, -2);
  const short = name.slice(name.lastIndexOf('.') + 1);
  const what = API_FIXTURES.get(name);
  const found = file.definition(name);
  if (found === undefined) return what === undefined ? undefined : { fixture: short, what, proof: undefined };
  if (found.kind !== 'class') return undefined;
  const proof = proofIn(instance, file, 2);
  return proof === undefined ? undefined : { fixture: short, what, proof };
}

function proofIn(instance: QualifiedName, file: TestFile, depth: number): Call | undefined {
  for (const method of ['setUp', '_setUp', '__init__', '__enter__']) {
    const node = file.definition(`${instance}.${method}`)?.node;
    if (node === undefined) continue;
    for (const it of callsIn(node)) {
      if (inProcess(it) !== undefined) return it;
      const made = it.refersTo;
      // A client class of its own, made here: `InProcessClient(app)`.
      if (depth > 1 && made !== undefined && made !== instance && made === `${it.callee}()` && /\.[A-Z]\w*\(\)$/.test(made)) {
        const inner = proofIn(made, file, depth - 1);
        if (inner !== undefined) return inner;
      }
    }
  }
  return undefined;
}

function* callsIn(node: FunctionDefinition): Iterable<Call> {
  for (const it of walk(node)) if (it.type === 'call') yield it;
}

// ---------------------------------------------------------------------------------------- surroundings

/** Is it put in force for more than one test: at module or class level, in a set-up, a fixture or a helper? */
export function isShared(node: Node, file: TestFile): boolean {
  return file.ownerOf(node)?.role !== 'test';
}

/** Does the object come from product code, shared by all that import it: `app` of `from harbour.main import app`? */
export function isImportedObject(it: Expression, file: TestFile): boolean {
  let root = it;
  while (root.type === 'attribute' || root.type === 'subscript') root = root.object;
  if (root.type !== 'name' || root.id === 'self' || root.id === 'cls') return false;
  const owner = file.ownerOf(it)?.node;
  if (owner !== undefined && boundIn(owner, root.id)) return false;
  const name = root.refersTo;
  if (name === undefined || name.includes('(') || name === 'flask.current_app' || /(?:^|\.)_?(?:tests?|testing|conftest|fixtures?)(?:\.|$)/.test(name))
    return false;
  return file.imports(name) || file.imports(name.slice(0, Math.max(0, name.lastIndexOf('.'))));
}

// --------------------------------------------------------------------------------------------- refusals

/** Exceptions that say "you may not", by their last name. */
const REFUSAL =
  /^(?:PolicyNotAuthorized|Unauthori[sz]ed\w*|Forbidden\w*|HTTPForbidden|HTTPUnauthorized|NotAuthorized|NotAuthenticated|PermissionDenied|AuthenticationFailed|AdminRequired|AccessDenied\w*|InvalidScope|NotAllowed|PermissionsDenied)$/;

export function isRefusalClass(it: Expression): boolean {
  return it.refersTo?.startsWith('builtins.') !== true && isRefusal(lastName(it));
}

/** Of the last name of an exception, or the code that a service answers with. */
export function isRefusal(name: string): boolean {
  return REFUSAL.test(name);
}

const STATUS = /(?:^|[._])(?:status(?:_code|_int|Code)?|code|http_status|status_expected)$/;
const REFUSING = /(?:^|[._])(?:HTTP_)?(?:401|403)(?:_[A-Za-z_]+)?$|(?:^|[._])(?:FORBIDDEN|UNAUTHORIZED|forbidden|unauthorized)(?:\.value)?$/;

/** Is one the status of a response and the other a refusal: 401 or 403? */
export function comparesRefusal(left: Expression, right: Expression, of = refuses): boolean {
  return (STATUS.test(left.text) && of(right)) || (STATUS.test(right.text) && of(left));
}

export function refuses(it: Expression): boolean {
  if (it.type === 'list' || it.type === 'tuple' || it.type === 'set') return it.items.length > 0 && it.items.every(refuses);
  return REFUSING.test(it.text) || (it.value.kind === 'constant' && (it.value.value === 401 || it.value.value === 403));
}

/** The same, or one of several of which none is a success: `[401, 403, 500]`. */
export function refusesOrFails(it: Expression): boolean {
  if (it.type !== 'list' && it.type !== 'tuple' && it.type !== 'set') return refuses(it);
  return it.items.some(refuses) && it.items.every((each) => refuses(each) || fails(each));
}

function fails({ value, text }: Expression): boolean {
  return value.kind === 'constant' && typeof value.value === 'number' ? value.value >= 300 : /(?:^|[._])HTTP_[345]\d\d_/.test(text);
}

const STATUS_ASSERTION = /^assert(?:Equals?|In|StatusCode|_status|_equal)?$/;

/** Can a call of this name be what `refusalDemanded` looks for? */
export function demandsStatus(method: string): boolean {
  return STATUS_ASSERTION.test(method);
}

/** Does the node demand that access is refused, as `of` tells a refusal? The expression that says so. */
export function refusalDemanded(node: Node, of = refuses): Expression | undefined {
  if (node.type === 'assert') {
    const [test] = node.operands;
    if (test?.type !== 'comparison' || (test.operators[0] !== '==' && test.operators[0] !== 'in')) return undefined;
    const [left, right] = test.operands;
    return left !== undefined && right !== undefined && comparesRefusal(left, right, of) ? (of(right) ? right : left) : undefined;
  }
  if (node.type !== 'call' || !demandsStatus(node.method)) return undefined;
  const [first, second] = node.arguments.map((it) => it.value);
  if (first === undefined || second === undefined) return undefined;
  return comparesRefusal(first, second, of) ? (of(first) ? first : second) : undefined;
}

/** `self.client.post('/x', …)`: a test client of the application by all that is written, as Django, Flask and Starlette name it. */
function isTestClientByName(call: Call): boolean {
  if (call.function.type !== 'attribute' || !VERB.test(call.method)) return false;
  return /(?:^|_)client$/i.test(lastName(call.function.object)) && !textIn(call.arguments[0]?.value.value).includes('://');
}

function textIn(value: Value | undefined): string {
  if (value?.kind === 'joined') return value.parts.map(textIn).join('');
  return value === undefined ? '' : (constantText(value) ?? '');
}

/** Can who reads the workspace see what is asked: by a test client, by what a fixture of the workspace gives, or by what the caller brings? */
export function asksInSight(call: Call, file: TestFile): boolean {
  return isTestClientByName(call) || (call.function.type === 'attribute' && isGivenInSight(call.function.object, file));
}

/** Is what is asked made by something of the workspace, by a package that the project installs and that is known by its documentation, or by one's module for tests (`chalice.test.Client`)? */
export function isMadeInSight(callee: QualifiedName, file: TestFile): boolean {
  const root = callee.slice(0, callee.indexOf('.'));
  if ((root !== '' && file.project.requires(root)) || /\.test(?:ing)?\.\w+\(\)/.test(callee)) return true;
  for (let at = callee.indexOf('()'); at >= 0; at = callee.indexOf('()', at + 1)) if (file.definition(callee.slice(0, at)) !== undefined) return true;
  return isOfPlugin(callee, file);
}

/** A client that the plug-in of tempest which the tests belong to tells tempest of, with its module: `os_admin.share_v2.SharesV2Client()`. */
function isOfPlugin(callee: QualifiedName, file: TestFile): boolean {
  const client = /\.(\w+)\(\)\.\w+$/.exec(callee)?.[1];
  if (client === undefined) return false;
  const plugin = `${file.path.slice(0, file.path.indexOf('/'))}.plugin`;
  return file.membersOf(plugin).some((it) => {
    const tells = file.definition(`${plugin}.${it}().get_service_clients`)?.node;
    return (
      tells !== undefined &&
      (names(client, tells) || walk(tells).some((each) => each.type === 'attribute' && each.name === '__all__' && gives(client, each, file)))
    );
  });
}

function names(client: string, { text }: Node): boolean {
  return text.includes(`'${client}'`) || text.includes(`"${client}"`);
}

/** `'client_names': services.__all__` */
function gives(client: string, { refersTo }: Expression, file: TestFile): boolean {
  const all = refersTo === undefined ? undefined : file.initially(refersTo);
  return all !== undefined && names(client, all);
}

/** Does it begin with a fixture of the workspace, with what a helper is given, or with a function of the workspace? */
export function isGivenInSight(it: Expression, file: TestFile, hops = 3): boolean {
  if (it.type === 'fstring') return it.parts.some((each) => typeof each !== 'string' && isGivenInSight(each, file, hops));
  if (it.type === 'call' && it.function.type === 'attribute' && it.function.object.type === 'string')
    return it.arguments.some((each) => isGivenInSight(each.value, file, hops));
  if (it.type === 'operation') return [it.left, it.right].some((each) => each !== undefined && isGivenInSight(each, file, hops));
  const owner = file.ownerOf(it);
  const [root, called] = rootOf(it);
  if (called !== undefined && file.definition(called) !== undefined) return true;
  if (root.type !== 'name' || owner === undefined) return false;
  for (const each of ancestors(it))
    if (each.type === 'function' && each !== owner.node && each.parameters.some((parameter) => parameter.name === root.id)) return true;
  const at = owner.node.parameters.findIndex((each) => each.name === root.id);
  if (at >= 0) return (at > 0 || owner.class === undefined) && (owner.role === 'helper' || file.fixtureFrom(root.id) !== 'not found');
  const sources = hops === 0 ? [] : walk(owner.node).flatMap((each) => givenTo(root.id, each));
  return sources.length > 0 && sources.every((each) => each !== it && isGivenInSight(each, file, hops - 1));
}

/** `a` in `a.b(c).d[0]`, and the first that is called there. */
function rootOf(it: Expression): readonly [Expression, QualifiedName | undefined] {
  let root = it;
  let called: QualifiedName | undefined;
  for (;;) {
    if (root.type === 'call') {
      called = root.callee;
      root = root.function;
    } else if (root.type === 'attribute' || root.type === 'subscript') root = root.object;
    else if ((root.type === 'await' || root.type === 'yield') && root.operand !== undefined) root = root.operand;
    else return [root, called];
  }
}

/** `host, port = server.host, server.port` */
function partGiven(name: string, target: Expression, value: Expression): readonly Expression[] {
  if (target.type !== 'tuple' && target.type !== 'list') return [];
  const at = target.items.findIndex((it) => it.text === name);
  if (at < 0) return [];
  return value.type === 'tuple' || value.type === 'list' ? value.items.slice(at, at + 1) : [value];
}

function givenTo(name: string, it: Node): readonly Expression[] {
  if (it.type === 'assignment') {
    const { value } = it;
    return value === undefined ? [] : it.targets.flatMap((each) => (each.text === name ? [value] : partGiven(name, each, value)));
  }
  return it.type === 'with' ? it.items.flatMap((item) => (item.target?.text === name ? [item.context] : [])) : [];
}
