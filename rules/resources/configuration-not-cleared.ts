import type { Call, Change, Expression, FunctionSubject, TestFile } from '../model.ts';
import { argument, constantText, walk } from '../model.ts';
import { registration } from '../python/cleanups.ts';
import { plainStatement } from '../python/leaks.ts';
import { isOfBase } from '../python/session.ts';
import { defineRule, type Fix, insertAfter, py, replace } from '../rule.ts';

export const rule = defineRule({
  id: 'configuration-not-cleared',
  code: 'RES022',
  category: 'resources',
  title: 'oslo.config option overridden without cleanup',
  kind: 'review',
  kinds: ['review', 'informational'],
  confidence: 'high',
  cwe: [459],
  peers: { hacking: ['N320'] },
  why: 'Every later test in the process runs with the changed configuration: a policy, a transport, a host that nobody asked for.',
  instead: 'Use `self.flags(…)` or the `Config` fixture, or register `CONF.clear_override` as a cleanup.',
  limits:
    'A base class that resets the configuration is known only when it is found in the workspace or listed, and most suites have one: an override is a note. So is what a helper, a fixture, a mixin or a base assigns for others, what a base class resets, and an option that the set-up of the class assigns too, or the same function more than once; the default that the module of the configuration registers is a reset. Whether another test reads the option without setting it is not seen.',
  links: ['https://docs.openstack.org/oslo.config/latest/reference/fixture.html'],
  once: 'test',
  on: 'change',
  *check(change, file) {
    if (change.sort !== 'configuration' || change.owner === undefined) return;
    if (change.node.type === 'call') {
      if (change.releases.length > 0 || change.owner.class?.guarantees('config-reset') === 'unknown') return;
      // Mostly a base class or a fixture that is not seen here resets all of it.
      yield {
        at: change.node.place,
        ...fixOf(change, file),
        kind: 'informational',
        message: `nothing here clears \`${change.node.method}\` of ${option(change)}`,
      };
      return;
    }
    // What is assigned once more in line may be anything.
    const kept = change.releases.filter((it) => it.how !== 'inline');
    if (kept.every((it) => it.how === 'guarantee') && !isReset(change, file)) {
      // A reset of the configuration drops the object that carries the assignment, if it comes; a set-up gives it anew.
      const by = kept.find((it) => it.place === undefined)?.by;
      const isNote = kept.length > 0 || isForOthers(change.owner) || isAssignedAgain(change, change.owner);
      const how = by !== undefined ? `: it lasts until \`${by}\` resets it, or any override` : isNote ? ' here' : ' and never set back';
      yield {
        at: change.node.place,
        ...(isNote ? { kind: 'informational' } : {}),
        message: `${option(change)} is assigned on the global configuration${how}`,
      };
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
                CONF.set_override('host', 'host1')  #! nothing here clears
                self.assertEqual('host1', CONF.host)
      `,
      fixed: py`
        import unittest
        from oslo_config import cfg

        CONF = cfg.CONF

        class TestHost(unittest.TestCase):
            def test_host(self):
                CONF.set_override('host', 'host1')
                self.addCleanup(CONF.clear_override, 'host')
                self.assertEqual('host1', CONF.host)
      `,
    },
    {
      name: 'in a class with a method of its own for it',
      bad: py`
        import unittest
        from oslo_config import cfg
        from oslo_config import fixture

        CONF = cfg.CONF

        class HarbourCase(unittest.TestCase):
            def flags(self, group=None, **options):
                self.useFixture(fixture.Config(CONF)).config(group=group, **options)

        class TestHost(HarbourCase):
            def test_host(self):
                CONF.set_override('virt_type', 'lxc', group='libvirt')  #! nothing here clears
      `,
      fixed: py`
        import unittest
        from oslo_config import cfg
        from oslo_config import fixture

        CONF = cfg.CONF

        class HarbourCase(unittest.TestCase):
            def flags(self, group=None, **options):
                self.useFixture(fixture.Config(CONF)).config(group=group, **options)

        class TestHost(HarbourCase):
            def test_host(self):
                self.flags(virt_type='lxc', group='libvirt')
      `,
    },
    {
      name: 'several in one function are told once',
      bad: py`
        import unittest
        from oslo_config import cfg

        CONF = cfg.CONF

        class TestHost(unittest.TestCase):
            def setUp(self):
                CONF.set_override('host', 'host1')  #! 1 more of its kind
                CONF.set_override('virt_type', 'lxc', group='libvirt')
      `,
    },
    {
      name: 'in a class that uses a Config fixture of the workspace',
      good: {
        'tests/test_host.py': py`
          import unittest
          from oslo_config import cfg
          from tests import fake

          CONF = cfg.CONF

          class Helpers:
              def prepare(self):
                  self.useFixture(fake.ConfigFixture())

          class TestHost(Helpers, unittest.TestCase):
              def setUp(self):
                  self.prepare()

              def test_host(self):
                  CONF.set_override('host', 'host1')
        `,
        'tests/fake.py': py`
          from oslo_config import cfg
          from oslo_config import fixture

          class ConfigFixture(fixture.Config):
              def __init__(self):
                  super().__init__(cfg.CONF)
        `,
      },
    },
    {
      name: 'assigned by a helper for others, and assigned again',
      bad: py`
        import unittest
        from oslo_config import cfg

        CONF = cfg.CONF

        def use_lxc():
            CONF.libvirt.virt_type = 'lxc'  #! is assigned on the global configuration here

        class TestHost(unittest.TestCase):
            def test_host(self):
                CONF.host = 'host1'  #!; 2 times
                self.assertEqual('host1', CONF.host)
                CONF.host = None
      `,
    },
    {
      name: 'a base that assigns it for the tests of its classes, and a test that begins with what it assigns',
      bad: py`
        import unittest
        from oslo_config import cfg

        CONF = cfg.CONF

        class HarbourCase(unittest.TestCase):
            def setUp(self):
                CONF.harbour.url = 'http://192.0.2.1'  #! is assigned on the global configuration here

        class TestHost(HarbourCase):
            def test_no_url(self):
                CONF.harbour.url = None  #! is assigned on the global configuration here

            def test_host(self):
                CONF.harbour.host = 'host1'  #! never set back
      `,
    },
    {
      name: 'set back by the tear-down, itself or by a function of the workspace',
      good: {
        'tests/test_host.py': py`
          import unittest
          from oslo_config import cfg
          from tests.commons import set_defaults

          CONF = cfg.CONF

          class TestHost(unittest.TestCase):
              def tearDown(self):
                  set_defaults()
                  CONF.harbour.port = 80

              def test_engine(self):
                  CONF.harbour.engines = ['sail']
                  CONF.harbour.port = 8080
                  self.assertTrue(CONF.harbour)
        `,
        'tests/commons.py': py`
          from oslo_config import cfg

          CONF = cfg.CONF

          def set_defaults():
              CONF.harbour.engines = []
        `,
      },
    },
    {
      name: 'in a fixture: who uses it may reset the configuration',
      bad: py`
        import fixtures
        from oslo_config import cfg

        CONF = cfg.CONF

        class HostFixture(fixtures.Fixture):
            def setUp(self):
                super().setUp()
                CONF.set_override('host', 'host1')  #! nothing here clears
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
      name: 'given its default again, which a test may have changed',
      bad: {
        'tests/test_store.py': py`
          import unittest
          from harbour import store

          class TestStore(unittest.TestCase):
              def setUp(self):
                  conf = store.CONF
                  conf.store.keyfile = None
                  conf.store.legacy = False
                  conf.store.host = "north"  #! never set back

              def test_host(self):
                  self.assertEqual("north", store.host())
        `,
        'harbour/store.py': py`
          from oslo_config import cfg

          CONF = cfg.ConfigOpts()
          options = [cfg.StrOpt("keyfile", help="Where the key is"), cfg.BoolOpt("legacy", default=False), cfg.StrOpt("host")]
          CONF.register_opts(options, group="store")
        `,
      },
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

/** Is it given the default that the module of the configuration registers the option with: `StrOpt('host')` has none? */
function isReset({ target, key, newValue }: Change, file: TestFile): boolean {
  const module = /^(.+?)\.CONF\b/.exec(target)?.[1];
  if (module === undefined || key === undefined || newValue === undefined) return false;
  const options = file.membersOf(module).flatMap((it) => optionsIn(file.initially(`${module}.${it}`), key));
  return options.length > 0 && options.every((it) => isSame(argument(it, 'default'), newValue));
}

/** `cfg.StrOpt('host')`, alone or in a list. */
function optionsIn(it: Expression | undefined, key: string): readonly Call[] {
  const listed = it?.type === 'list' || it?.type === 'tuple' ? it.items : it === undefined ? [] : [it];
  return listed.flatMap((each) => (each.type === 'call' && each.method.endsWith('Opt') && constantText(each.arguments[0]?.value.value) === key ? each : []));
}

function isSame(one: Expression | undefined, { value, text }: Expression): boolean {
  if (one === undefined) return text === 'None';
  return one.value.kind === 'constant' && value.kind === 'constant' ? one.value.value === value.value : one.text === text;
}

function option(change: Change): string {
  return change.key === undefined ? 'an option' : `\`${change.key}\``;
}

/** The same option is given something else in the function, before or further on: the last may be what stood before. */
function isAssignedAgain({ node }: Change, { node: body }: FunctionSubject): boolean {
  if (node.type !== 'assignment') return false;
  const [target] = node.targets;
  return walk(body).some((it) => it !== node && it.type === 'assignment' && it.targets.some((each) => each.text === target?.text));
}

/** In a fixture, a mixin, a helper or a base: whoever uses it may have another base that resets the configuration, and begins with it. */
function isForOthers(owner: FunctionSubject): boolean {
  return owner.class === undefined ? owner.role === 'helper' : !owner.class.isTest || isOfBase(owner);
}

/** `self.flags(…)` where the class has it; else the clearing as a cleanup. */
function fixOf({ node, owner }: Change, file: TestFile): { fix?: Fix } {
  if (node.type !== 'call' || node.function.type !== 'attribute') return {};
  const statement = plainStatement(node);
  const [name, value] = node.arguments.map((it) => it.value);
  const option = constantText(name?.value);
  const given = node.arguments.find((it) => it.keyword === 'group')?.value ?? (node.arguments[2]?.keyword === undefined ? node.arguments[2]?.value : undefined);
  if (statement?.type !== 'expression' || name === undefined || value === undefined || option === undefined) return {};
  if (node.method === 'set_override' && owner?.class?.inherits('flags') === 'yes' && owner.parameters[0] === 'self' && /^[a-z_]\w*$/.test(option)) {
    const flags = `self.flags(${option}=${value.text}${given === undefined ? '' : `, group=${given.text}`})`;
    return { fix: { title: 'Use `self.flags`', safety: 'safe', edits: [replace(node, flags)] } };
  }
  const clear = node.method === 'set_override' ? 'clear_override' : 'clear_default';
  const line = registration(node, owner, `${node.function.object.text}.${clear}, ${name.text}${given === undefined ? '' : `, group=${given.text}`}`, file);
  if (line === undefined) return {};
  return { fix: { title: `Register \`${clear}\` as a cleanup`, safety: 'safe', edits: [insertAfter(statement, line)] } };
}
