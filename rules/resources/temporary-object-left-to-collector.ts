import { argument } from '../model.ts';
import { registration } from '../python/cleanups.ts';
import { expectedToFail, plainStatement, shown } from '../python/leaks.ts';
import { defineRule, insertAfter, py } from '../rule.ts';

export const rule = defineRule({
  id: 'temporary-object-left-to-collector',
  code: 'RES004',
  category: 'resources',
  title: 'Temporary object relies on garbage collection',
  kind: 'informational',
  confidence: 'high',
  cwe: [404],
  peers: { ruff: ['SIM115'], pylint: ['R1732'] },
  why: 'Python removes it when the object is collected: later than the test, with a ResourceWarning, and not at all on other interpreters.',
  instead: 'Enter it with `with` or `enterContext`, or register `cleanup` or `close`.',
  limits: 'Local variables are left alone: they are collected when the test returns.',
  links: ['https://docs.python.org/3/library/tempfile.html#tempfile.TemporaryDirectory'],
  on: 'resource',
  *check({ sort, fate, holder, call, owner, releases }, file) {
    if (sort !== 'temporary object' || holder === undefined || !holder.includes('.') || expectedToFail(call)) return;
    if (fate !== 'leaks' && !(releases.length > 0 && releases.every((it) => it.how === 'guarantee'))) return;
    if (argument(call, 'delete')?.text === 'False') return; // stays, whoever collects it
    const method = call.method === 'TemporaryDirectory' ? 'cleanup' : 'close';
    const statement = plainStatement(call);
    const line = registration(call, owner, `${holder}.${method}`, file);
    yield {
      at: call.place,
      message: `\`${shown(call)}\` kept in \`${holder}\` is left to the garbage collector`,
      ...(statement === undefined || line === undefined
        ? {}
        : { fix: { title: `Register \`${holder}.${method}\` as a cleanup`, safety: 'safe', edits: [insertAfter(statement, line)] } }),
    };
  },
  examples: [
    {
      name: 'kept on self',
      bad: py`
        import tempfile
        import unittest

        class TestSpool(unittest.TestCase):
            def setUp(self):
                self.spool = tempfile.TemporaryDirectory()
                #            ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ left to the garbage collector
      `,
      fixed: py`
        import tempfile
        import unittest

        class TestSpool(unittest.TestCase):
            def setUp(self):
                self.spool = tempfile.TemporaryDirectory()
                self.addCleanup(self.spool.cleanup)
      `,
    },
    {
      name: 'a local variable, and one that is cleaned up',
      good: py`
        import tempfile
        import unittest

        class TestSpool(unittest.TestCase):
            def setUp(self):
                self.spool = tempfile.TemporaryDirectory()
                self.addCleanup(self.spool.cleanup)

            def test_local(self):
                spool = tempfile.NamedTemporaryFile()
                self.assertTrue(spool.name)
      `,
    },
  ],
});
