import { registration } from '../python/cleanups.ts';
import { isCollected, leakOf, plainStatement, shown } from '../python/leaks.ts';
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

/** What is made, where the call makes more than one thing, and what would end it. */
const ACQUIRES: Readonly<Record<string, readonly [does: string, ends: string]>> = {
  'temporary file': ['makes a file with', 'deletes it'],
  'temporary descriptor': ['opens a descriptor with', 'closes it'],
};

/** What other rules speak of wherever it is started: a thread that ends with the run is left to them. */
const OF_OTHERS: ReadonlySet<string> = new Set(['patcher', 'stub', 'temporary object', 'thread', 'timer']);

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
  limits:
    'What a module-level set-up keeps in a global is followed into functions whose names say that they clean up. Threads are left to the rule about them.',
  links: ['https://docs.python.org/3/library/unittest.html#unittest.TestCase.addClassCleanup'],
  on: 'resource',
  *check(resource, file) {
    const { call, holder, owner, sort } = resource;
    if (owner === undefined || OF_OTHERS.has(sort)) return;
    // What only a name of the function holds is not for the tests: the rule about such things speaks of it.
    if (isCollected(resource)) return;
    const wide = owner.role === 'class-setup' || owner.role === 'module-setup' || (owner.fixture !== undefined && owner.fixture.scope !== 'function');
    if (!wide || owner.name === 'setUpTestData' || leakOf(resource) !== 'review') return;
    const method = RELEASE[sort];
    const line =
      holder === undefined
        ? undefined
        : sort === 'temporary directory'
          ? registration(call, owner, `shutil.rmtree, ${holder}`, file)
          : method === undefined
            ? undefined
            : registration(call, owner, `${holder}.${method}`, file);
    const statement = plainStatement(call);
    yield {
      at: call.place,
      message: `\`${owner.name}\` ${ACQUIRES[sort]?.[0] ?? 'acquires'} \`${shown(call)}\` for many tests, and nothing ${ACQUIRES[sort]?.[1] ?? 'gives it back'}`,
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
      name: 'a file that is closed and stays',
      bad: py`
        import pathlib
        import pytest
        import tempfile

        @pytest.fixture(scope='class')
        def rendezvous():
            meeting = tempfile.NamedTemporaryFile(delete=False)
            #         ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ for many tests, and nothing deletes it
            address = f'file://{meeting.name}'
            yield address
            meeting.close()

        @pytest.fixture(scope='class')
        def socket_path():
            path = str(tempfile.mkstemp()[1])
            #          ^^^^^^^^^^^^^^^^^^ for many tests, and nothing closes it
            pathlib.Path(path).unlink()
            return path
      `,
    },
    {
      name: 'torn down with the class or the module',
      good: py`
        import json
        import os
        import pytest
        import shutil
        import socket
        import tempfile
        import unittest

        @pytest.fixture(scope='module')
        def crew():
            return json.load(open('crew.json'))

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

        class TestFiles(unittest.TestCase):
            @classmethod
            def setUpClass(cls):
                with tempfile.NamedTemporaryFile(delete=False) as cls.crew:
                    cls.crew.write(b'ada')
                with tempfile.NamedTemporaryFile(delete=False) as cls.cargo:
                    cls.cargo.write(b'tea')

            @classmethod
            def tearDownClass(cls):
                for it in (cls.crew, cls.cargo):
                    os.remove(it.name)
      `,
    },
  ],
});
