import type { Raises } from '../model.ts';
import { walk } from '../model.ts';
import { raisesItself } from '../python/failures.ts';
import { isMadeByPython } from '../python/specimens.ts';
import { defineRule, py } from '../rule.ts';

/** Exceptions and statuses that say "this input is wrong". */
const REFUSALS =
  /(?:^|\.)(?:ValidationError|\w*ValidationError|Invalid\w*|\w*Invalid|\w*InvalidError|Malformed\w*|BadRequest|HTTPBadRequest|\w*ParseError|ParseError|SchemaError|JSONDecodeError|UnicodeDecodeError)$/;

/** `InvalidStateError`, `InvalidDriverState`: what is wrong is no input. */
const STATE = /State(?![a-z])/;

export const rule = defineRule({
  id: 'invalid-input-refused',
  code: 'INP-S01',
  category: 'input',
  title: 'Invalid input is tested to be refused',
  kind: 'pass',
  confidence: 'high',
  cwe: [],
  why: 'Only a test with wrong input shows that wrong input is refused.',
  limits:
    'A refusal is told by the name of the expected exception. Blocks that call only Python itself, with literals, or in which the test raises by itself, are left out.',
  links: ['https://cwe.mitre.org/data/definitions/20.html'],
  once: 'file',
  on: 'raises',
  *check(raises) {
    // What Python does with a text of the test shows nothing of the code under test.
    if (raises.what !== 'raises' || isMadeByPython(raises.body) || raisesByHand(raises)) return;
    for (const it of raises.exceptions) {
      const name = it.refersTo ?? it.text;
      if (!REFUSALS.test(name) || STATE.test(name)) continue;
      yield { at: raises.place, message: `a refusal is expected: \`${it.text}\`` };
      return;
    }
  },
  examples: [
    {
      name: 'two refusals',
      bad: py`
        import pytest
        from harbour import schema

        def test_negative_length(book):
            with pytest.raises(schema.ValidationError, match="length"):  #! a refusal is expected: ${'`schema.ValidationError`'}
                book({"length": -1})
      `,
    },
    {
      name: 'a text of the test that the code under test is given',
      bad: py`
        import json
        import pytest
        from harbour import read

        def test_broken():
            broken = "{mast"
            with pytest.raises(json.JSONDecodeError):  #! a refusal is expected
                read(broken)
      `,
    },
    {
      name: 'Python itself refuses a text of the test',
      good: py`
        import json
        import pytest

        def test_broken():
            broken = b"{mast"
            with pytest.raises(json.JSONDecodeError):
                json.loads(broken)
            with pytest.raises(UnicodeDecodeError):
                b"\xff".decode("ascii")
      `,
    },
    {
      name: 'the test raises by itself; a state is no input',
      good: py`
        import unittest
        from harbour import InvalidBerth, InvalidFerryState, ferry

        class TestFerry(unittest.TestCase):
            def test_passes_on(self):
                def sink():
                    with ferry.reset_on_error():
                        raise KeyError("sunk")

                self.assertRaisesRegex(InvalidBerth, "sunk", sink)
                with self.assertRaises(InvalidBerth):
                    with ferry.reset_on_error():
                        raise KeyError("sunk")

            def test_sails_once(self):
                self.assertRaises(InvalidFerryState, ferry.sail, 1)
      `,
    },
    {
      name: 'another failure, and a comment',
      good: py`
        import pytest

        def test_missing(book):
            # raises ValidationError
            with pytest.raises(FileNotFoundError, match="x"):
                book("x")
      `,
    },
  ],
});

/** The block, or the function of the test that it calls, raises: what comes of that shows nothing of an input. */
function raisesByHand({ body, call, form, match, owner }: Raises): boolean {
  if (form === 'with' || owner === undefined) return raisesItself(body);
  const tried = call.arguments.find(({ value, keyword }, index) => keyword === undefined && index > 0 && value !== match)?.value;
  return walk(owner.node).some((it) => it.type === 'function' && it !== owner.node && it.name === tried?.text && raisesItself(it.body));
}
