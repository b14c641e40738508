import { ancestors, type Call, type TestFile } from '../model.ts';
import { destinationArgument, destinationOf, isNoNetworkAddress, makerOf } from '../python/hosts.ts';
import { isIsolated } from '../python/isolation.ts';
import { NETWORK_SINKS } from '../python/network.ts';
import { outsideOrigin } from '../python/outside.ts';
import { defineRule, py } from '../rule.ts';

export const rule = defineRule({
  id: 'destination-not-known',
  code: 'NET002',
  category: 'network',
  title: 'Network call whose destination is not known',
  kind: 'informational',
  kinds: ['informational', 'open'],
  confidence: 'medium',
  cwe: [923],
  why: 'A call that no stub answers goes where its address says, and what that is stands somewhere else.',
  instead: 'Stub the call, or write the address of a server of the test into it.',
  limits:
    'Silent where a server, a port or a helper of the test is near, and in a loop over a table of the source. An address from a fixture that cannot be read is not judged, nor a function `test_…` that the file itself calls with it.',
  links: ['https://cwe.mitre.org/data/definitions/923.html'],
  once: 'class',
  on: 'call',
  calls: (callee) => NETWORK_SINKS.has(callee),
  *check(call, file) {
    const at = destinationArgument(call);
    const owner = file.ownerOf(call);
    if (at === undefined || owner === undefined || destinationOf(call) !== undefined || isNoNetworkAddress(call) || isIsolated(call, file)) return;
    if (outsideOrigin(at, file) !== undefined || file.rejected(call) || file.guarded(call)) return;
    // Who calls a helper knows where it goes.
    if (owner.role === 'helper' || file.isOfScript(owner) || isNearServer(call, file)) return;
    const origins = file.origins(at);
    // `getattr(urls, name)`: what it chooses among stands in the source.
    if (origins.some((it) => it.name === 'builtins.getattr') || isOfTable(call)) return;
    const given = origins.find((it) => it.sort === 'parameter' && owner.parameters.includes(it.name));
    if (given === undefined) {
      if (origins.length === 0 || !origins.every((it) => it.sort === 'call' || it.sort === 'attribute' || it.sort === 'unknown')) return;
      yield { at: call.place, message: `where \`${call.method}\` goes is not known here, and no stub answers it` };
    } else if (file.fixtureFrom(given.name) === 'not found' && !isParametrized(given.name, owner.node.decorators.map((it) => it.text).join('\n')))
      yield { at: call.place, kind: 'open', message: `where \`${call.method}\` goes is decided by \`${given.name}\`, a fixture that was not found` };
  },
  examples: [
    {
      name: 'an address from somewhere',
      bad: py`
        import requests
        from harbour import settings

        def test_tides():
            assert requests.get(settings.tides(), timeout=5).ok  #! is not known here
      `,
    },
    {
      name: 'an address of a fixture that is not there',
      bad: py`
        import requests

        def test_tides(tides_address):
            assert requests.get(tides_address, timeout=5).ok
        #          ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ a fixture that was not found
      `,
    },
    {
      name: 'a server of the test, a stub, a helper, a table, a known address',
      good: py`
        import pytest
        import requests
        from harbour import settings

        def test_own(live_server):
            assert requests.get(live_server.url, timeout=5).ok

        def test_stubbed(requests_mock):
            assert requests.get(settings.tides(), timeout=5).ok

        def test_pages():
            for name in dir(settings):
                assert requests.get(getattr(settings, name), timeout=5).ok

        def test_each():
            addresses = {"tides": "https://tides.example.com/", "quays": "https://quays.example.com/"}
            for name, address in addresses.items():
                assert requests.get(address, timeout=5).ok

        def fetch(url):
            return requests.get(url, timeout=5)

        @pytest.mark.parametrize("tides", ["http://localhost:1/"])
        def test_table(tides):
            assert requests.get(tides, timeout=5).ok

        def test_known():
            assert requests.get("http://localhost:8080", timeout=5).ok
      `,
    },
    {
      name: 'a function of a script, which the file itself calls',
      good: py`
        import requests

        def test_tides(address):
            return requests.get(address, timeout=5).ok

        def main():
            for it in ("http://localhost:8080/tides", "http://localhost:8080/quays"):
                print(test_tides(it))
      `,
    },
  ],
});

const SERVER =
  /server|\bport\b|_port\b|[pP]ort\(|localhost|127\.0\.0\.1|getsockname|\bbind\b|listen|HOST\b|\bhost\b|_addr\b|\baddr\b|address_family|container|docker|httpbin|daemon|proxy/;

/** Is a server or an address of the test's own making in sight: in the function, in the class, in what made the client? */
function isNearServer(call: Call, file: TestFile): boolean {
  const owner = file.ownerOf(call);
  const around = file.class;
  const maker = makerOf(call);
  if (SERVER.test(owner?.node.text ?? '') || (maker !== undefined && SERVER.test(maker.text))) return true;
  if (around === undefined) return false;
  if (around.unresolved.length > 0 || around.ancestors.some((it) => /Live|Server|Http|HTTP/.test(it))) return true;
  for (const name of around.methods.keys()) if (SERVER.test(file.definition(`${around.qualified}().${name}`)?.node?.text ?? '')) return true;
  return false;
}

/** `for name, url in addresses.items():`, where they stand in the source. */
function isOfTable(call: Call): boolean {
  return [...ancestors(call)].some((it) => {
    if (it.type !== 'for' || it.iterable.type !== 'call' || it.iterable.function.type !== 'attribute') return false;
    return it.iterable.function.object.value.kind === 'dict';
  });
}

function isParametrized(name: string, decorators: string): boolean {
  return new RegExp(`parametrize\\([^)]{0,200}["'\\s,]${name}["'\\s,]|(?:given|data|patch)\\b`, 's').test(decorators);
}
