import { leakOf, plainStatement, registration, shown } from '../python/leaks.ts';
import { defineRule, insertAfter, py } from '../rule.ts';

const RELEASE: Readonly<Record<string, string>> = {
  file: 'close',
  socket: 'close',
  server: 'server_close',
  process: 'kill',
  executor: 'shutdown',
  'event loop': 'close',
  database: 'close',
};

export const rule = defineRule({
  id: 'class-set-up-never-undone',
  code: 'RES020',
  category: 'resources',
  title: 'Class or module level set-up without tear-down',
  kind: 'review',
  confidence: 'medium',
  cwe: [459],
  why: 'What is acquired once for a class or module outlives all its tests and is shared with everything that runs later.',
  instead: 'Register `cls.addClassCleanup(…)`, enter it with `enterClassContext`, or write the tear-down.',
  limits: 'What a module-level set-up keeps in a global is followed into functions whose names say that they clean up.',
  links: ['https://docs.python.org/3/library/unittest.html#unittest.TestCase.addClassCleanup'],
  on: 'resource',
  *check(resource) {
    const { call, holder, owner, sort } = resource;
    if (owner === undefined || sort === 'patcher' || sort === 'stub' || sort === 'temporary object') return;
    const wide = owner.role === 'class-setup' || owner.role === 'module-setup' || (owner.fixture !== undefined && owner.fixture.scope !== 'function');
    if (!wide || owner.name === 'setUpTestData' || leakOf(resource) !== 'review') return;
    const method = RELEASE[sort];
    const line =
      holder === undefined
        ? undefined
        : sort === 'temporary directory'
          ? registration(owner, `shutil.rmtree, ${holder}`)
          : method === undefined
            ? undefined
            : registration(owner, `${holder}.${method}`);
    const statement = plainStatement(call);
    yield {
      at: call.place,
      message: `\`${owner.name}\` acquires \`${shown(call)}\` for many tests, and nothing gives it back`,
      ...(statement === undefined || line === undefined
        ? {}
        : {
            fix: {
              title: `Register \`${line}\``,
              safety: 'suggest',
              edits: sort === 'temporary directory' ? [insertAfter(statement, line), { do: 'import', module: 'shutil' }] : [insertAfter(statement, line)],
            },
          }),
    };
  },
  examples: [
    {
      name: 'a directory for the class',
      bad: py`
        import tempfile
        import unittest

        class TestSpool(unittest.TestCase):
            @classmethod
            def setUpClass(cls):
                cls.spool = tempfile.mkdtemp()
                #           ^^^^^^^^^^^^^^^^^^ acquires
      `,
      fixed: py`
        import shutil
        import tempfile
        import unittest

        class TestSpool(unittest.TestCase):
            @classmethod
            def setUpClass(cls):
                cls.spool = tempfile.mkdtemp()
                cls.addClassCleanup(shutil.rmtree, cls.spool)
      `,
    },
    {
      name: 'torn down with the class or the module',
      good: py`
        import shutil
        import socket
        import tempfile
        import unittest

        def setUpModule():
            global listener
            listener = socket.socket()

        def tearDownModule():
            listener.close()

        class TestSpool(unittest.TestCase):
            @classmethod
            def setUpClass(cls):
                cls.spool = tempfile.mkdtemp()

            @classmethod
            def tearDownClass(cls):
                shutil.rmtree(cls.spool)
      `,
    },
  ],
});
