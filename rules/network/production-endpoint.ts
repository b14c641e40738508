import type { Literal, TestFile } from '../model.ts';
import { ancestors, constantText } from '../model.ts';
import { mayBeAnsweredHere } from '../python/http-stubs.ts';
import { isMockName } from '../python/mock.ts';
import { productionHost } from '../python/project-hosts.ts';
import { isCredentialName } from '../python/secrets.ts';
import { defineRule, type Fix, py, replace } from '../rule.ts';

export const rule = defineRule({
  id: 'production-endpoint',
  code: 'NET003',
  category: 'network',
  title: 'Endpoint of a system in use is configured',
  kind: 'review',
  kinds: ['review', 'informational'],
  confidence: 'medium',
  cwe: [923],
  why: 'One call that no stub answers, now or after a change, works on the system that others use.',
  instead: 'Configure a name that nobody can own: `https://api.example.test`.',
  limits:
    'Speaks of addresses given to a setting or to what makes a client, in functions where nothing is stubbed. The address of a public service is a note: whether it is asked is for other rules; not with a key beside it that stands in the source, which opens nothing there. A list of the project’s own hosts is not read. Silent where the name beside it is one of a set of parts (`POS_BASE_URL`, `STOCK_BASE_URL`, `PRODUCTION_BASE_URL`): it is no stage.',
  links: ['https://www.rfc-editor.org/rfc/rfc2606', 'https://cwe.mitre.org/data/definitions/923.html'],
  yieldsTo: ['public-host-contacted', 'message-really-sent', 'remote-database'],
  once: 'file',
  on: 'literal',
  literals: (boundTo) => ENDPOINT.test(boundTo),
  *check(literal, file) {
    const host = HOST.exec(literal.content)?.[1];
    if (host === undefined || literal.boundTo === undefined || !ENDPOINT.test(literal.boundTo)) return;
    const what = productionHost(host);
    if (what === 'production' && isOneOfSet(literal)) return;
    if (what === undefined || isData(literal, what, file) || (what !== 'production' && isMadeUp(literal))) return;
    // Every test of a client names its service; a name with `prod` in it is of somebody's own.
    const quiet = what !== 'production' || mayBeAnsweredHere(file) || isStubbedAround(literal, file) || file.tier !== 'unit' || file.guarded(literal.node);
    yield {
      at: literal.place,
      kind: quiet ? 'informational' : 'review',
      ...fixOf(literal, host),
      message: `\`${literal.boundTo}\` is set to \`${host}\`, ${what === 'production' ? 'which its name calls production' : what}`,
    };
  },
  examples: [
    {
      name: 'a client, a setting',
      bad: py`
        import harbour

        def test_tides():
            client = harbour.Client(base_url="https://api.stripe.com/v1")
            #                                ^^^^^^^^^^^^^^^^^^^^^^^^^^^ a service in use
            assert client.name == "harbour"

        def test_settings(app):
            app.config["DATABASE_URL"] = "postgresql://db.prod.harbour-shipping.com/ships"  #! calls production
      `,
      fixed: py`
        import harbour

        def test_tides():
            client = harbour.Client(base_url="https://api.example.test/v1")
            assert client.name == "harbour"

        def test_settings(app):
            app.config["DATABASE_URL"] = "postgresql://api.example.test/ships"
      `,
    },
    {
      name: 'production as one part of several, and as a stage',
      bad: py`
        import harbour

        def test_parts():
            harbour.configure(
                QUAYS_BASE_URL="https://quays.harbour-shipping.com",
                CRANES_BASE_URL="https://cranes.harbour-shipping.com",
                PRODUCTION_BASE_URL="https://prod.harbour-shipping.com",
            )

        def test_stages():
            harbour.configure(
                DEV_BASE_URL="https://dev.harbour-shipping.com",
                STAGING_BASE_URL="https://staging.harbour-shipping.com",
                PRODUCTION_BASE_URL="https://prod.harbour-shipping.com",  #! calls production
            )
      `,
    },
    {
      name: 'answered by a stub, and a name for it that nobody owns',
      bad: py`
        import harbour
        import responses

        @responses.activate
        def test_tides():
            client = harbour.Client(base_url="https://api.stripe.com/v1")  #! a service in use
            responses.add(responses.GET, "https://api.stripe.com/v1/ships", json={})
            assert client.ships() == {}
      `,
    },
    {
      name: 'a reserved name, a stub registration, an expectation, another name',
      good: py`
        import harbour
        from unittest import mock

        def test_tides(conf):
            client = harbour.Client(base_url="https://prod.example.com")
            assert client.base_url == "https://api.stripe.com/v1"
            namespace = "https://api.stripe.com/v1"
            stub = mock.Mock(base_url="https://api.stripe.com/v1")
            harbour.Client(base_url="https://api.stripe.com/v1", api_key="made-up")
            stub.connection.api_base_url = "https://api.stripe.com/v1"
            assert harbour.parse(namespace, stub)

        API_URL = "https://api.stripe.com/v1"
      `,
    },
  ],
});

const HOST = /^[a-z][a-z0-9+.-]*:\/\/(?:[^/?#@\s]*@)?([a-z0-9.-]+)/i;
const ENDPOINT =
  /^(?:\w*_)?(?:auth_url|base_url|api_url|api_base|endpoint(?:_url|_override|s)?|server_url|service_url|database_url|db_url|broker_url|webhook_url|host_url|root_url|api_root|api_host)$/i;

function fixOf({ node }: Literal, host: string): { fix?: Fix } {
  const better = node.text.replace(host, 'api.example.test');
  return better === node.text ? {} : { fix: { title: 'Use a name that nobody can own', safety: 'suggest', edits: [replace(node, better)] } };
}

/** The client is given a key that stands in the source: whoever asks the service with it is refused. */
function isMadeUp({ node }: Literal): boolean {
  const call = [...ancestors(node)].find((it) => it.type === 'call');
  return call?.arguments.some((it) => it.keyword !== undefined && isCredentialName(it.keyword) && constantText(it.value.value) !== undefined) === true;
}

const STAGE = /(?:^|_)(?:dev(?:el\w*)?|test(?:ing)?|stag(?:e|ing)|qa|uat|sandbox|local|preview|live|pre_?prod(?:uction)?)(?:_|$)/i;

/** `PRODUCTION_BASE_URL` beside `POS_BASE_URL` and `STOCK_BASE_URL`: what the part of a firm is called that makes things. */
function isOneOfSet({ node, boundTo = '' }: Literal): boolean {
  const at = boundTo.search(/PROD(?:UCTION)?_\w/i);
  const start = boundTo.slice(0, Math.max(0, at));
  const end = boundTo.slice(boundTo.indexOf('_', at));
  if (at < 0 || node.parent?.type !== 'call') return false;
  const beside = node.parent.arguments.flatMap(({ keyword }) =>
    keyword !== undefined && keyword !== boundTo && keyword.startsWith(start) && keyword.endsWith(end) ? keyword.slice(start.length, -end.length) : [],
  );
  return beside.length > 1 && !beside.some((it) => STAGE.test(it));
}

/** Text that is compared, listed, parsed or handed to a mock: it goes nowhere. */
function isData(literal: Literal, what: string, file: TestFile): boolean {
  if (file.expected(literal.node) || file.parametrized(literal.node) || file.rejected(literal.node)) return true;
  for (const it of ancestors(literal.node)) {
    if (it.type === 'call')
      return (
        isMockName(it.callee === undefined ? undefined : `${it.callee}()`) ||
        /^(?:assert\w*|parse\w*|from_\w+|get|post|put|patch|delete|head|request|register_uri|add|respond\w*|loads|dumps|urlparse|match|dict|encode|join|format|Mock|MagicMock|call|SimpleNamespace|namedtuple)$/.test(
          it.method,
        )
      );
    if (it.type === 'dict' || it.type === 'list' || it.type === 'comparison' || it.type === 'assert' || it.type === 'return') return true;
    if (it.type === 'assignment') {
      const [target] = it.targets;
      // A plain name is data until something takes it, as is an attribute of a mock; a setting or another attribute is in force.
      if (target?.type === 'attribute') return isMockName(target.object.refersTo);
      return target?.type === 'name' && (it.parent !== undefined || (file.kind === 'test' && what !== 'production'));
    }
    if (it.type === 'function' || it.type === 'lambda') return true; // a default
  }
  return true;
}

/** Is anything stubbed where the literal stands? */
function isStubbedAround(literal: Literal, file: TestFile): boolean {
  const around = literal.owner?.node.text ?? '';
  return (
    /\b(?:patch|mock|stub|fake|Mock|Fake)/.test(around) ||
    ['requests', 'httpx', 'aiohttp', 'urllib.request.urlopen', 'socket.socket'].some((it) => file.stubbed(it, literal.node) !== undefined)
  );
}
