import { defineRule, py } from '../rule.ts';

export const rule = defineRule({
  id: 'poisoned',
  code: 'MCK-S08',
  category: 'mocking',
  title: 'Reaching what is not mocked fails the test',
  kind: 'pass',
  confidence: 'high',
  cwe: [],
  why: 'A base class or fixture that poisons live functions turns a forgotten stub into a failing test instead of a call to the outside.',
  limits: 'Which functions are poisoned is not listed.',
  links: ['https://docs.openstack.org/nova/latest/contributor/testing.html'],
  once: 'file',
  on: 'class',
  *check(subject) {
    const by = subject.isTest ? subject.guarantor('poison') : undefined;
    if (by === undefined) return;
    yield { at: subject.namePlace, message: `\`${by.split('.').slice(-2).join('.')}\` poisons live functions: a test that reaches one fails` };
  },
  examples: [
    {
      name: 'a base that poisons',
      bad: {
        'tests/unit/test_boot.py': py`
          from tests import base

          class TestBoot(base.Case):  #! poisons live functions
              def test_boot(self):
                  boot()
        `,
        'tests/base.py': py`
          import testtools
          from tests import fixtures

          class Case(testtools.TestCase):
              def setUp(self):
                  super().setUp()
                  self.useFixture(fixtures.PoisonFunctions())
        `,
      },
    },
    {
      name: 'a base that does not',
      good: py`
        import unittest

        class TestBoot(unittest.TestCase):
            def test_boot(self):
                boot()
      `,
    },
  ],
});
