import type { Release, Resource, Statement, TestFile } from '../model.ts';
import { argumentText, statementOf } from '../model.ts';
import { blocksOf } from '../python/blocks.ts';
import { registration } from '../python/cleanups.ts';
import { canFail, nodeAt, plainStatement, shown } from '../python/leaks.ts';
import { defineRule, deleteStatement, type Fix, insertAfter, py, replace } from '../rule.ts';

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
  *check(resource, file) {
    const { call, owner, releases, sort } = resource;
    if (owner?.role !== 'setup' || owner.class?.isTest !== true || sort === 'patcher' || sort === 'stub') return;
    const teardown = releases.find((it) => it.how === 'teardown');
    if (teardown === undefined || !releases.every((it) => it.how === 'teardown' || it.how === 'inline' || it.how === 'guarantee')) return;
    const statement = statementOf(call);
    if (statement === undefined || !behind(statement).some((it) => canFail(it))) return;
    const fix = fixOf(resource, teardown, file);
    yield {
      at: call.place,
      ...(fix === undefined ? {} : { fix }),
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

            def tearDown(self):
                pass
      `,
    },
    {
      name: 'a method that closes',
      bad: py`
        import sqlite3
        import unittest
        from harbour import manifest

        class TestBooks(unittest.TestCase):
            def setUp(self):
                super().setUp()
                self.books = sqlite3.connect(':memory:')  #! only \`tearDown\` releases it
                manifest.create(self.books)

            def tearDown(self):
                self.books.close()
                super().tearDown()
      `.replaceAll('\\`', '`'),
      fixed: py`
        import sqlite3
        import unittest
        from harbour import manifest

        class TestBooks(unittest.TestCase):
            def setUp(self):
                super().setUp()
                self.books = sqlite3.connect(':memory:')
                self.addCleanup(self.books.close)
                manifest.create(self.books)

            def tearDown(self):
                super().tearDown()
      `,
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

/** The one statement of `tearDown` that releases it becomes a cleanup behind the acquisition. */
function fixOf({ call, owner, releases }: Resource, release: Release, file: TestFile): Fix | undefined {
  const acquired = plainStatement(call);
  const home = owner?.class === undefined ? undefined : file.definition(`${owner.class.qualified}().tearDown`);
  if (acquired === undefined || home?.node === undefined || home.path !== file.path || releases.filter((it) => it.how === 'teardown').length > 1)
    return undefined;
  const releasing = nodeAt(release.place, home.node);
  const statement = releasing?.parent;
  if (releasing?.type !== 'call' || statement?.type !== 'expression' || !home.node.body.includes(statement)) return undefined;
  const line = registration(call, owner, [releasing.function.text, ...releasing.arguments.map(argumentText)].join(', '), file);
  if (line === undefined || line.includes('\n')) return undefined;
  return {
    title: 'Move it to a cleanup behind the acquisition',
    safety: 'suggest',
    edits: [insertAfter(acquired, line), home.node.body.length > 1 ? deleteStatement(statement) : replace(statement, 'pass')],
  };
}
