import type { Statement } from '../model.ts';
import { statementOf } from '../model.ts';
import { blocksOf, canFail, shown } from '../python/leaks.ts';
import { defineRule, py } from '../rule.ts';

export const rule = defineRule({
  id: 'release-only-in-tear-down',
  code: 'RES012',
  category: 'resources',
  title: 'Release in tearDown after fallible setUp',
  kind: 'informational',
  confidence: 'high',
  cwe: [459],
  why: 'unittest does not run `tearDown` when `setUp` fails, so what was acquired before the failure stays.',
  instead: 'Register the release with `addCleanup` directly after the acquisition.',
  limits: 'Whether the later calls of `setUp` really can fail is not known.',
  links: ['https://docs.python.org/3/library/unittest.html#unittest.TestCase.tearDown'],
  once: 'class',
  on: 'resource',
  *check({ call, owner, releases, sort }) {
    if (owner?.role !== 'setup' || owner.class?.isTest !== true || sort === 'patcher' || sort === 'stub') return;
    const teardown = releases.find((it) => it.how === 'teardown');
    if (teardown === undefined || !releases.every((it) => it.how === 'teardown' || it.how === 'inline' || it.how === 'guarantee')) return;
    const statement = statementOf(call);
    if (statement === undefined || !behind(statement).some((it) => canFail(it))) return;
    yield {
      at: call.place,
      message: `what \`${shown(call)}\` acquires stays when a later line of \`${owner.name}\` fails: only \`tearDown\` releases it`,
      ...(teardown.place === undefined ? {} : { trail: [{ at: teardown.place, note: 'released here' }] }),
    };
  },
  examples: [
    {
      name: 'a call that can fail stands between',
      bad: py`
        import shutil
        import tempfile
        import unittest
        from harbour import manifest

        class TestSpool(unittest.TestCase):
            def setUp(self):
                self.spool = tempfile.mkdtemp()
                #            ^^^^^^^^^^^^^^^^^^ only \`tearDown\` releases it
                manifest.save({}, self.spool)

            def tearDown(self):
                shutil.rmtree(self.spool)
      `.replaceAll('\\`', '`'),
    },
    {
      name: 'acquired last, or released by a cleanup',
      good: py`
        import shutil
        import tempfile
        import unittest
        from harbour import manifest

        class TestSpool(unittest.TestCase):
            def setUp(self):
                manifest.load()
                self.spool = tempfile.mkdtemp()
                self.name = 'calypso'

            def tearDown(self):
                shutil.rmtree(self.spool)

        class TestOther(unittest.TestCase):
            def setUp(self):
                self.spool = tempfile.mkdtemp()
                self.addCleanup(shutil.rmtree, self.spool)
                manifest.load()
      `,
    },
  ],
});

function behind(statement: Statement): readonly Statement[] {
  for (const block of blocksOf(statement.parent)) {
    const index = block.indexOf(statement);
    if (index >= 0) return block.slice(index + 1);
  }
  return [];
}
