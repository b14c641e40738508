import type { Call, Statement } from '../model.ts';
import { statementOf, walk } from '../model.ts';
import { between, canFail } from '../python/leaks.ts';
import { defineRule, deleteStatement, insertAfter, py } from '../rule.ts';

export const rule = defineRule({
  id: 'cleanup-registered-late',
  code: 'RES013',
  category: 'resources',
  title: 'Cleanup registered too late',
  kind: 'informational',
  confidence: 'medium',
  cwe: [459],
  why: 'When a line between the acquisition and its cleanup fails, the cleanup is never registered.',
  instead: 'Register the cleanup directly after the acquisition.',
  limits: 'Only an acquisition and a cleanup in one block are compared.',
  links: ['https://docs.python.org/3/library/unittest.html#unittest.TestCase.addCleanup'],
  on: 'cleanup',
  *check({ form, call, undoes }) {
    if (form !== 'function' || undoes === undefined) return;
    const from = statementOf(undoes.node);
    const to = statementOf(call);
    if (from === undefined || to?.type !== 'expression') return;
    const inside = between(from, to)?.filter((it) => !isRegistration(it)) ?? [];
    if (!inside.some((it) => canFail(it))) return;
    const movable = !call.text.includes('\n');
    yield {
      at: call.place,
      message: `\`${undoes.name}\` is not undone when a line before this one fails`,
      trail: [{ at: undoes.node.place, note: 'to be undone from here on' }],
      ...(movable
        ? {
            fix: {
              title: 'Move it up',
              safety: isIndependent(call, between(from, to) ?? []) ? 'safe' : 'suggest',
              edits: [insertAfter(from, call.text), deleteStatement(to)],
            },
          }
        : {}),
    };
  },
  examples: [
    {
      name: 'a call stands between',
      bad: py`
        import shutil
        import tempfile
        import unittest
        from harbour import manifest

        class TestSpool(unittest.TestCase):
            def setUp(self):
                self.spool = tempfile.mkdtemp()
                manifest.save({}, self.spool)
                self.addCleanup(shutil.rmtree, self.spool)  #! is not undone when
      `,
      fixed: py`
        import shutil
        import tempfile
        import unittest
        from harbour import manifest

        class TestSpool(unittest.TestCase):
            def setUp(self):
                self.spool = tempfile.mkdtemp()
                self.addCleanup(shutil.rmtree, self.spool)
                manifest.save({}, self.spool)
      `,
    },
    {
      name: 'the cleanup is behind one about another attribute of the module',
      bad: py`
        import unittest
        from harbour import pilot

        class TestPilot(unittest.TestCase):
            def restore(self):
                pilot.prepare = self.prepare

            def setUp(self):
                self.prepare = pilot.prepare
                pilot.prepare = lambda: None
                self.check_clean()
                self.addCleanup(setattr, pilot, "routes", pilot.routes)
                self.addCleanup(self.restore)  #! ${'`pilot.prepare` is not undone when a line before'}
      `,
    },
    {
      name: 'directly behind, other cleanups and plain assignments between',
      good: py`
        import shutil
        import tempfile
        import unittest
        from datetime import datetime

        class TestSpool(unittest.TestCase):
            def setUp(self):
                one = tempfile.mkdtemp()
                two = tempfile.mkdtemp()
                self.addCleanup(shutil.rmtree, two)
                name = 'calypso', datetime.utcnow()
                self.addCleanup(shutil.rmtree, one)
                self.assertTrue(name)
      `,
      alsoFinds: [],
    },
  ],
});

/** Does the registration mean the same before these statements: they set none of its names, and register nothing themselves? */
function isIndependent(call: Call, inside: readonly Statement[]): boolean {
  const names = new Set<string>();
  for (const it of call.arguments) for (const each of walk(it.value)) if (each.type === 'name' || each.type === 'attribute') names.add(each.text);
  for (const statement of inside) {
    if (isRegistration(statement) || (statement.type !== 'expression' && statement.type !== 'assignment')) return false;
    for (const it of walk(statement)) if (it.type === 'assignment' && it.targets.some((each) => names.has(each.text))) return false;
  }
  return true;
}

/** Other acquisitions and registrations in a row are one step. */
function isRegistration(it: ReturnType<typeof statementOf>): boolean {
  const inner = it?.type === 'expression' ? it.expression : it?.type === 'assignment' ? it.value : undefined;
  return inner?.type === 'call' && (/cleanup|finalizer|useFixture|enterContext|^start$/i.test(inner.method) || isAcquisition(inner));
}

function isAcquisition(call: Call): boolean {
  return /^(?:tempfile|socket|subprocess|unittest\.mock)\.|^builtins\.open$/.test(call.callee ?? '');
}
