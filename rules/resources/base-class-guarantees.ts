import type { Guarantee } from '../model.ts';
import { defineRule, py } from '../rule.ts';

/** What a guarantee means for resources. `autospec` and `poison` belong to other questions. */
const WORDS: readonly (readonly [Guarantee, string])[] = [
  ['stopall', 'stops patches'],
  ['nested-temp', 'removes temporary files'],
  ['home', 'gives a home directory of its own'],
  ['config-reset', 'resets the configuration'],
  ['rollback', 'rolls the database back'],
  ['environment', 'restores the environment'],
];

/** A class that is never run takes nothing. */
const SKIP = /^(?:unittest|testtools|pytest\.mark)\.skip$/;

export const rule = defineRule({
  id: 'base-class-guarantees',
  code: 'RES-S08',
  category: 'resources',
  title: 'Base class gives back what tests take',
  kind: 'pass',
  confidence: 'high',
  cwe: [],
  why: 'What a base class undoes cannot be forgotten by a test.',
  instead: 'Keep `super().setUp()` first in every `setUp`.',
  limits: 'Known bases are listed with what their source says; other bases are read for the same calls.',
  links: ['https://docs.openstack.org/oslotest/latest/user/features.html'],
  on: 'class',
  *check(subject) {
    if (!subject.isTest || subject.decorators.some((it) => SKIP.test((it.type === 'call' ? it.callee : it.refersTo) ?? ''))) return;
    const byBase = new Map<string, string[]>();
    for (const [guarantee, words] of WORDS) {
      const by = subject.guarantor(guarantee);
      // What the class does itself is cited where it stands.
      if (by === undefined || by === subject.qualified) continue;
      byBase.set(by, [...(byBase.get(by) ?? []), words]);
    }
    for (const [base, words] of byBase) {
      const list = words.length === 1 ? (words[0] ?? '') : `${words.slice(0, -1).join(', ')} and ${words.at(-1) ?? ''}`;
      const said = `\`${base}\` ${list}`;
      yield { at: subject.namePlace, message: said.length > 108 ? said : `${said} for every test` };
    }
  },
  examples: [
    {
      name: 'oslotest',
      bad: py`
        from oslotest import base

        class TestSpool(base.BaseTestCase):
            # ^^^^^^^^^ \`oslotest.base.BaseTestCase\` stops patches, removes temporary files and
            def test_save(self):
                self.assertTrue(True)
      `.replaceAll('\\`', '`'),
    },
    {
      name: 'a base of the workspace that nests temporary files',
      bad: {
        'tests/unit/test_spool.py': py`
          from tests import base

          class TestSpool(base.SpoolCase):  #! removes temporary files
              def test_save(self):
                  self.assertTrue(True)
        `,
        'tests/base.py': py`
          import fixtures
          import testtools

          class SpoolCase(testtools.TestCase):
              def setUp(self):
                  super().setUp()
                  self.useFixture(fixtures.NestedTempfile())
        `,
      },
    },
    {
      name: 'plain unittest promises nothing, a class that is skipped takes nothing',
      good: py`
        import unittest

        from oslotest import base

        class TestSpool(unittest.TestCase):
            def test_save(self):
                self.assertTrue(True)

        @unittest.skip("the spool is rebuilt")
        class TestPrint(base.BaseTestCase):
            def test_print(self):
                self.assertTrue(True)
      `,
    },
  ],
});
