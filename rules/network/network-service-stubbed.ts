import type { Call, Replacement, TestFile } from '../model.ts';
import { lastTwo } from '../python/names.ts';
import { SERVICE_FIXTURES, serviceOf } from '../python/service-stubs.ts';
import { defineRule, py } from '../rule.ts';

/** Fixtures that keep requests to other services from leaving; other fixtures replace what is no service. Source: nova/tests/fixtures. */
const NETWORK_FIXTURES: ReadonlyMap<string, string> = new Map([
  ['OpenStackSDKFixture', 'the OpenStack SDK'],
  ['RPCFixture', 'the message bus'],
  ['IndirectionAPIFixture', 'the conductor'],
]);

/** Functions that stub the network for the test they are given. Source: nova/tests/unit/fake_network.py, nova/tests/unit/api/openstack/fakes.py. */
const NETWORK_STUBS = /^nova\.tests\.(?:unit\.)?(?:fake_network\.set_stub_network_methods|api\.openstack\.fakes\.stub_out_nw_api)$/;
const RESET = /^nova\.tests\.(?:unit\.)?fake_network\.unset_stub_network_methods$/;

export const rule = defineRule({
  id: 'network-service-stubbed',
  code: 'NET-S03',
  category: 'network',
  title: 'Services of the network are replaced for the length of the test',
  kind: 'pass',
  confidence: 'high',
  cwe: [],
  why: 'With a stand-in behind it, what the code under test asks of another service never leaves the process.',
  limits: 'Knows the fixtures of OpenStack by name; says nothing of requests that go another way.',
  links: ['https://docs.openstack.org/nova/latest/contributor/testing.html'],
  on: 'call',
  calls: (callee, method) => method === 'useFixture' || method === 'addCleanup' || NETWORK_STUBS.test(callee),
  *check(call, file) {
    if (call.method === 'useFixture') yield* fixture(call, file);
    else if (call.callee !== undefined && NETWORK_STUBS.test(call.callee) && call.arguments[0]?.value.type === 'name') {
      const trail = trailOf(file.replacements(call.callee));
      yield { at: call.place, message: `\`${lastTwo(call.callee)}\` stubs the network for this test`, ...(trail.length === 0 ? {} : { trail }) };
    } else if (RESET.test(call.arguments[0]?.value.refersTo ?? '') && call.method === 'addCleanup') {
      yield { at: call.place, message: '`unset_stub_network_methods` takes the network stubs back' };
    }
  },
  examples: [
    {
      name: 'a function and a fixture that are known',
      bad: py`
        from nova import test
        from nova.tests import fixtures as nova_fixtures
        from nova.tests.unit import fake_network

        class TestBoot(test.TestCase):
            def setUp(self):
                super().setUp()
                self.useFixture(nova_fixtures.NeutronFixture(self))
        #       ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ ${'`NeutronFixture` replaces the network service'}
                fake_network.set_stub_network_methods(self)  #! stubs the network for this test
      `,
    },
    {
      name: 'an older module, and its stubs taken back',
      bad: py`
        import nova.tests.unit.fake_network
        from nova import test

        class TestBoot(test.TestCase):
            def setUp(self):
                super().setUp()
                nova.tests.unit.fake_network.set_stub_network_methods(self)  #! stubs the network
                self.addCleanup(nova.tests.unit.fake_network.unset_stub_network_methods, self)  #! takes the network stubs back
      `,
    },
    {
      name: 'a message bus that is fake',
      bad: py`
        import testtools
        from oslo_config import cfg
        from oslo_messaging import conffixture

        class TestBus(testtools.TestCase):
            def setUp(self):
                super().setUp()
                self.bus = conffixture.ConfFixture(cfg.CONF)
                self.bus.transport_url = "fake:/"
                self.useFixture(self.bus)  #! replaces the message bus

        class TestOther(testtools.TestCase):
            def setUp(self):
                super().setUp()
                self.useFixture(conffixture.ConfFixture(cfg.CONF, transport_url="fake:/"))  #! replaces the message bus
      `,
    },
    {
      name: 'a fixture of the message bus that only takes its settings back',
      good: py`
        import testtools
        from oslo_config import cfg
        from oslo_messaging import conffixture

        class TestBus(testtools.TestCase):
            def setUp(self):
                super().setUp()
                self.useFixture(conffixture.ConfFixture(cfg.CONF))
      `,
    },
    {
      name: 'commented out, or nothing of the network',
      good: py`
        import fixtures
        from nova import test
        from nova.tests.unit import fake_network

        class TestBoot(test.TestCase):
            def setUp(self):
                super().setUp()
                # fake_network.set_stub_network_methods(self)
                self.useFixture(fixtures.TempDir())
                self.network = fake_network.fake_get_instance_nw_info(self)
      `,
    },
  ],
});

function* fixture(call: Call, file: TestFile) {
  const name = call.arguments[0]?.value.refersTo;
  if (name?.endsWith('()') !== true) return;
  const plain = name.slice(0, -2);
  const short = plain.slice(plain.lastIndexOf('.') + 1);
  const service = serviceOf(plain, call, file) ?? (plain.startsWith('nova.tests.') ? (NETWORK_FIXTURES.get(short) ?? knownService(short)) : undefined);
  if (service === undefined) return;
  const trail = trailOf(file.replacements(plain));
  yield { at: call.place, message: `\`${short}\` replaces ${service} until the test ends`, ...(trail.length === 0 ? {} : { trail }) };
}

/** By its own name, wherever in the fixtures package it is defined. */
function knownService(short: string): string | undefined {
  for (const [name, service] of SERVICE_FIXTURES) if (name.startsWith('nova.tests.') && name.endsWith(`.${short}`)) return service;
  return undefined;
}

function trailOf(replaced: readonly Replacement[]) {
  return replaced.slice(0, 3).map((it) => ({ at: it.place, note: `replaces \`${it.target}\`` }));
}
