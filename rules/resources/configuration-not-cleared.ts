import type { Change } from '../model.ts';
import { defineRule, py } from '../rule.ts';

export const rule = defineRule({
  id: 'configuration-not-cleared',
  code: 'RES022',
  category: 'resources',
  title: 'oslo.config option overridden without cleanup',
  kind: 'review',
  kinds: ['review', 'fail'],
  confidence: 'high',
  cwe: [459],
  peers: { hacking: ['N320'] },
  why: 'Every later test in the process runs with the changed configuration: a policy, a transport, a host that nobody asked for.',
  instead: 'Use `self.flags(…)` or the `Config` fixture, or register `CONF.clear_override` as a cleanup.',
  limits: 'A base class that resets the configuration is known only when it is found in the workspace or listed.',
  links: ['https://docs.openstack.org/oslo.config/latest/reference/fixture.html'],
  on: 'change',
  *check(change) {
    if (change.sort !== 'configuration' || change.owner === undefined) return;
    if (change.node.type === 'call') {
      if (change.releases.length > 0 || change.owner.class?.guarantees('config-reset') === 'unknown') return;
      yield { at: change.node.place, message: `\`${change.node.method}\` of ${option(change)} stays in force for all tests after it` };
    } else if (change.releases.every((it) => it.how === 'guarantee')) {
      // A reset of the configuration drops the object that carries the assignment, if it comes.
      const by = change.releases[0]?.by;
      yield by === undefined
        ? { at: change.node.place, kind: 'fail', message: `${option(change)} is assigned on the global configuration and never set back` }
        : { at: change.node.place, message: `${option(change)} is assigned on the global configuration: it lasts until \`${by}\` resets it, or any override` };
    }
  },
  examples: [
    {
      name: 'overridden for good',
      bad: py`
        import unittest
        from oslo_config import cfg

        CONF = cfg.CONF

        class TestHost(unittest.TestCase):
            def test_host(self):
                CONF.set_override('host', 'host1')  #! stays in force
                self.assertEqual('host1', CONF.host)
      `,
    },
    {
      name: 'assigned by hand',
      bad: py`
        import unittest
        from oslo_config import cfg

        CONF = cfg.CONF

        class TestHost(unittest.TestCase):
            def test_host(self):
                CONF.libvirt.virt_type = 'lxc'  #! never set back
                self.assertTrue(CONF.libvirt)
      `,
    },
    {
      name: 'cleared in a cleanup, or by a base class',
      good: py`
        import unittest
        from nova import test
        from oslo_config import cfg

        CONF = cfg.CONF

        class TestHost(unittest.TestCase):
            def test_host(self):
                CONF.set_override('host', 'host1')
                self.addCleanup(CONF.clear_override, 'host')

        class TestReset(test.NoDBTestCase):
            def test_host(self):
                CONF.set_override('host', 'host1')
      `,
    },
  ],
});

function option(change: Change): string {
  return change.key === undefined ? 'an option' : `\`${change.key}\``;
}
