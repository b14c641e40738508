import type { FileSubject } from '../model.ts';
import { remembered } from '../remembered.ts';
import { defineRule, py } from '../rule.ts';

/** Functions whose purpose is to tell good input from bad. */
const VALIDATOR = /^(?:_?validate|_?is_valid|validate_\w+|is_valid_\w+|check_valid\w*|validator|full_clean)$/;
/** Not validation: a method of the test itself, a check of its own, a library's schema check. */
const OWN = /^(?:self\.\w+$|_?(?:assert|check_result))/;
/** A refusal is expected somewhere in the test. */
const REFUSES =
  /raises|assertRaises|fail\(|[Ii]nvalid|[Ee]rror|assertFalse|\bFalse\b|is None|assertIsNone|\bnot\s+\w|\b4\d\d\b|reject|refus|[Bb]ad_?[Rr]equest|wrong|exception/;

/** The last names of those that a test calls. Asked with every key, of every test. */
const validatorsIn = remembered(({ text }: FileSubject['tests'][number]): readonly string[] => {
  if (!/valid\w{0,80}\(|full_clean\(/.test(text)) return NONE;
  const called = new Set([...text.replace(/#[^\n]*/g, '').matchAll(/(?<![\w.])([A-Za-z_][\w.]*)\(/g)].map((match) => match[1] ?? ''));
  return [...called].flatMap((it) => {
    const last = it.slice(it.lastIndexOf('.') + 1);
    return !OWN.test(it) && VALIDATOR.test(last) ? [last] : [];
  });
});
const NONE: readonly string[] = [];

/** Any other test only looks whether what it has made is valid. */
function isAboutValidation({ name, owner }: FileSubject['tests'][number]): boolean {
  return /valid|clean/i.test(`${owner ?? ''}.${name}`);
}

/** `self.assertRaises(ValueError, blob.validate, data)`: handed to what expects a refusal, and not called. */
function isRefused(name: string, { tests }: FileSubject): boolean {
  const handedOn = new RegExp(`[aA]ssertRaises\\w{0,5}\\([^()]{1,80}\\b${name}\\b(?!\\()`);
  return tests.some(({ text }) => text.includes(name) && handedOn.test(text));
}

export const rule = defineRule({
  id: 'validator-never-refuses',
  code: 'INP020',
  category: 'input',
  title: 'Validation is tested with accepted values only',
  kind: 'informational',
  confidence: 'low',
  cwe: [20],
  why: 'A validator that accepts everything passes these tests.',
  instead: 'Add a test with values that must be refused, such as a parametrized one with `pytest.raises`.',
  limits:
    'What sanitizes refuses nothing, and is left out; so is a test that is not named after validation: it only looks whether what it made is valid. Told by the name of the function that three or more tests call, and by words that speak of a refusal, or a test that hands it to `assertRaises`; tests of the same function in other files are not seen.',
  links: ['https://cwe.mitre.org/data/definitions/20.html', 'https://docs.pytest.org/en/stable/how-to/parametrize.html'],
  on: 'file',
  *check(subject, file) {
    if (file.imports('hypothesis')) return;
    const tested = new Map<string, (typeof subject.tests)[number][]>();
    for (const test of subject.tests) {
      for (const last of validatorsIn(test)) {
        const tests = tested.get(last);
        if (tests === undefined) tested.set(last, [test]);
        else tests.push(test);
      }
    }
    for (const [name, tests] of tested) {
      const [first] = tests;
      if (first === undefined || tests.filter(isAboutValidation).length < 3 || tests.some((it) => REFUSES.test(it.text)) || isRefused(name, subject)) continue;
      yield { at: first.place, message: `${tests.length} tests call \`${name}\`, and none expects it to refuse anything` };
    }
  },
  examples: [
    {
      name: 'three good values',
      bad: py`
        from harbour import berths

        def test_valid_short():  #! 3 tests call ${'`validate_name`'}, and none expects it to refuse anything
            assert berths.validate_name("a") == "a"

        def test_valid_long():
            assert berths.validate_name("north") == "north"

        def test_valid_number():
            assert berths.validate_name("north-1") == "north-1"
      `,
    },
    {
      name: 'in a class',
      bad: py`
        import unittest
        from harbour import berths

        class TestValidation(unittest.TestCase):
            def test_short(self):  #! none expects it to refuse anything
                self.assertTrue(berths.is_valid("a"))

            def test_long(self):
                self.assertTrue(berths.is_valid("north"))

            def test_number(self):
                self.assertTrue(berths.is_valid("north-1"))
      `,
    },
    {
      name: 'one that is refused, and fewer than three',
      good: py`
        import pytest
        from harbour import berths

        def test_valid_short():
            assert berths.validate_name("a") == "a"

        def test_valid_long():
            assert berths.validate_name("north") == "north"

        def test_valid_empty():
            with pytest.raises(ValueError, match="empty"):
                berths.validate_name("")

        def test_length():
            assert berths.validate_length(3) == 3

        class TestChart:
            def test_north(self):
                validate_chart(chart.north())

            def test_south(self):
                validate_chart(chart.south())

            def test_east(self):
                validate_chart(chart.east())

        class TestValidBerths:
            def validate_berth(self, name):
                assert berths.find(name)

            def test_north(self):
                self.validate_berth("north")

            def test_south(self):
                self.validate_berth("south")

            def test_east(self):
                self.validate_berth("east")
      `,
    },
    {
      name: 'handed to what expects the refusal',
      good: py`
        import unittest
        from harbour import berths

        class TestValidation(unittest.TestCase):
            def test_short(self):
                self.assertEqual(berths.validate_name("a"), "a")

            def test_long(self):
                self.assertEqual(berths.validate_name("north"), "north")

            def test_number(self):
                self.assertEqual(berths.validate_name("north-1"), "north-1")

            def test_empty(self):
                self.assertRaises(ValueError, berths.validate_name, "")
      `,
    },
    {
      name: 'refused in a test of another name',
      good: py`
        import pytest
        from harbour import berths

        def test_valid_short():
            assert berths.validate_name("a") == "a"

        def test_valid_long():
            assert berths.validate_name("north") == "north"

        def test_valid_number():
            assert berths.validate_name("north-1") == "north-1"

        def test_empty():
            with pytest.raises(ValueError, match="empty"):
                berths.validate_name("")
      `,
    },
  ],
});
