import type { Attribute, Comparison, Expression, FunctionDefinition, Node, Statement, TestFile } from '../model.ts';
import { ancestors, walk } from '../model.ts';
import { following, innermostFunction } from '../python/failures.ts';
import { short } from '../python/inspection.ts';
import { remarksOn } from '../python/remarks.ts';
import { defineRule, py } from '../rule.ts';

export const rule = defineRule({
  id: 'comparison-without-effect',
  code: 'ERR016',
  category: 'errors',
  title: 'a comparison or an assertion that is never made',
  kind: 'fail',
  kinds: ['fail', 'review', 'informational'],
  confidence: 'high',
  cwe: [1164],
  peers: { ruff: ['B015', 'B018'], bugbear: ['B015', 'B018'], pylint: ['W0104'], semgrep: ['test-is-missing-assert'] },
  why: 'The line reads as if it checked or did something, and it does nothing.',
  instead: 'Write `assert` before the comparison, or call the method.',
  limits:
    'A comparison of bare names is reported only as the last line of a test: elsewhere it may be what is tested. A comparison inside a `try`, or in a block that expects something, may be there for the exception it raises. Where no side is a literal, and it is not `is` that compares, it is a point to decide; where a comment says that it stands there for its own sake, a note. A method that is no assertion is one only where the workspace has it.',
  links: ['https://docs.astral.sh/ruff/rules/useless-comparison/'],
  yieldsTo: ['assertion-not-called'],
  on: 'statement',
  statements: ['expression'],
  wants: (it) => it.type === 'expression' && it.expression.type !== 'call' && it.expression.type !== 'await' && it.expression.type !== 'string',
  *check(statement, file) {
    if (statement.type !== 'expression') return;
    const owner = file.ownerOf(statement);
    if (owner === undefined || innermostFunction(statement) !== owner.node) return;
    const { expression } = statement;
    if (expression.type === 'attribute' && isMethodOfWorkspace(expression, file) && !isStimulus(statement) && !asksWhatThereIs(owner.node)) {
      yield {
        at: expression.place,
        message: `\`${expression.text}\` is named but not called: nothing is done`,
        fix: { title: 'Call it', safety: 'suggest', edits: [{ do: 'replace', at: expression.place, with: `${expression.text}()` }] },
      };
    } else if (owner.role !== 'test') return;
    else if (expression.type === 'comparison') {
      // Of two literals nothing is under test: the line is timed, or shows something.
      if (expression.operands.every(isLiteral)) return;
      const plain = isPlainCheck(expression);
      if (isStimulus(statement) || comparesOwnClass(expression, file) || !(plain || owner.node.body.at(-1) === statement)) return;
      if (isMeantToSet(statement, expression)) {
        const [target, given] = expression.operands;
        yield {
          at: expression.place,
          message: `\`${short(expression.text)}\` is compared, not set`,
          fix: { title: 'Set it', safety: 'suggest', edits: [{ do: 'replace', at: expression.place, with: `${target?.text} = ${given?.text}` }] },
        };
        return;
      }
      if ([...remarksOn(statement, owner)].some((it) => FOR_ITSELF.test(it))) {
        yield { at: expression.place, kind: 'informational', message: `\`${short(expression.text)}\` is compared for its own sake, as a comment says` };
        return;
      }
      yield {
        at: expression.place,
        // Reading an item may do something of its own for what follows: fill a cache.
        ...(plain && !mayBeItsOwn(expression) && (endsTest(statement) || !expression.operands.some((it) => it.type === 'subscript'))
          ? {}
          : { kind: 'review' as const }),
        message: `\`${short(expression.text)}\` is compared and thrown away: nothing is asserted`,
        fix: { title: 'Write `assert` before it', safety: 'suggest', edits: [{ do: 'replace', at: expression.place, with: `assert ${expression.text}` }] },
      };
    } else if (expression.type === 'attribute' && isAssertionName(expression.name)) {
      yield { at: expression.place, message: `\`${expression.text}\` is named but not called: nothing is asserted` };
    }
  },
  examples: [
    {
      name: 'a forgotten assert',
      bad: py`
        def test_price(shop):
            shop.price() == 3  #! thrown away
      `,
      fixed: py`
        def test_price(shop):
            assert shop.price() == 3
      `,
    },
    {
      name: 'a line among those that set up the same object',
      bad: py`
        def test_close(harbour):
            harbour.berths = {"Ada": 1}
            harbour.master == "Grace"  #! is compared, not set
            harbour.close()
            assert harbour.berths == {}
      `,
      fixed: py`
        def test_close(harbour):
            harbour.berths = {"Ada": 1}
            harbour.master = "Grace"
            harbour.close()
            assert harbour.berths == {}
      `,
    },
    {
      name: 'beside an assignment, but what stands before has done something',
      bad: py`
        def test_close(harbour):
            harbour.close()
            harbour.master == "Grace"  #! thrown away
            harbour.berths = {}
            harbour.open()
      `,
    },
    {
      name: 'items, at the end of a test, and one that is read for what follows',
      bad: py`
        def test_headers(helper):
            headers = helper.headers("key")
            headers["Prefer"] == "wait"  #! thrown away
            headers["accept"] == "*"  #! thrown away
            headers["authorization"] == "Bearer key"  #! thrown away

        def test_cache(cache):
            cache["berth"] == "12"  #! thrown away
            assert cache.size == 1
      `,
      fixed: py`
        def test_headers(helper):
            headers = helper.headers("key")
            assert headers["Prefer"] == "wait"
            assert headers["accept"] == "*"
            assert headers["authorization"] == "Bearer key"

        def test_cache(cache):
            assert cache["berth"] == "12"
            assert cache.size == 1
      `,
    },
    {
      name: 'a method that is not called',
      bad: py`
        import unittest

        class TestShop(unittest.TestCase):
            def test_sold(self):
                self.assertTrue  #! named but not called
      `,
    },
    {
      name: 'identity with a name, which no class has a say in',
      bad: py`
        import pytest

        @pytest.mark.parametrize("text, valid", [("{}", True), ("{", False)])
        def test_well_formed(text, valid, extractor):
            extractor.extract(text)
            extractor.well_formed is valid  #! compared and thrown away
            extractor.close()
      `,
    },
    {
      name: 'what the test keeps, and what is waited for',
      bad: py`
        class TestShop:
            async def test_sold(self, expected):
                await self.shop.sell()
                self.ledger.request.call_count == 2  #! compared and thrown away
                await self.shop.sold() == 1  #! compared and thrown away
                self.shop.ships == set()  #! compared and thrown away
                self.shop.title == expected  #! compared and thrown away
                self.shop.close()
      `,
    },
    {
      name: 'a method that is not called, beside a property',
      bad: {
        'test_shop.py': py`
          from shop import Shop

          def test_sold():
              shop = Shop()
              shop.stock
              shop.ledger
              assert shop.sold == 3
              shop.close  #! is named but not called: nothing is done
        `,
        'shop.py': py`
          def opened():
              return []

          class Shop:
              @property
              def ledger(self):
                  return opened()

              def close(self):
                  self.open = False

              @property
              def stock(self):
                  raise LookupError
        `,
      },
    },
    {
      name: 'the comparison is the stimulus',
      good: py`
        import pytest
        import unittest

        class TestVersion(unittest.TestCase):
            def test_order(self):
                with self.assertRaises(TypeError):
                    self.version < "1"
                try:
                    self.version < "1"
                except TypeError:
                    pass
                self.assertTrue(self.version)

            def test_calls(self):
                self.version < self.other
                self.other.compared.assert_called_once_with()
      `,
    },
    {
      name: 'for its own sake, as a comment says',
      bad: py`
        def test_item(frame):
            # access the column once (item cache)
            frame.column("tide") == "high"  #! as a comment says
            frame.set("tide", "low")
            # The frame should be closed now
            frame.open == False  #! nothing is asserted
      `,
    },
    {
      name: 'two literals, which are timed',
      good: py`
        def test_numbers():
            for _ in range(1000):
                2 == 4
      `,
    },
    {
      name: 'named to see that it is there',
      good: {
        'test_shop.py': py`
          def test_names():
              """What others import."""
              import shop
              shop.buy
              shop.sell
        `,
        'shop.py': 'def buy(): ...\ndef sell(): ...\n',
      },
    },
  ],
});

/** A function or method that can be read, not what a property gives: naming it does nothing. */
function isMethodOfWorkspace({ name, refersTo }: Attribute, file: TestFile): boolean {
  const named = refersTo?.endsWith(`.${name}`) ? file.definition(refersTo) : undefined;
  return named?.kind === 'function' && named.decorators.length === 0;
}

/** It only imports and names: that the names are there is what it tests. */
function asksWhatThereIs({ body }: FunctionDefinition): boolean {
  return body.every((it) => it.type === 'import' || (it.type === 'expression' && it.expression.type !== 'call' && it.expression.type !== 'await'));
}

/** A comment that speaks of the comparison or of what it reads, and not of what should come out. */
const FOR_ITSELF = /\b(?:access\w*|compar\w*|evaluat\w*|trigger\w*|touch\w*|rais(?:es?|ing)|warn\w*|cach\w*)\b/i;

/** Under a `with` or a `try`: the comparison may be what raises, warns or is measured. */
function isStimulus(statement: Statement): boolean {
  let inner: Node = statement;
  for (const it of ancestors(statement)) {
    if (it.type === 'function') return false;
    if (it.type === 'try' && it.body.includes(inner as Statement)) return true;
    if (
      it.type === 'with' &&
      it.items.some((each) => each.context.type !== 'call' || /raise|warn|suppress|expect|check|catch|count|queries|assert|error/i.test(each.context.method))
    )
      return true;
    inner = it;
  }
  return false;
}

/**
 * `shop.owner == "Ada"` right below a line that sets another attribute of the same object, before the test has done anything that
 * could have an outcome: `=` was meant.
 */
function isMeantToSet(statement: Statement, { operands: [target, given], operators }: Comparison): boolean {
  const around = statement.parent;
  if (around?.type !== 'function' || operators[0] !== '==' || target?.type !== 'attribute' || given === undefined || !isLiteral(given)) return false;
  const at = around.body.indexOf(statement);
  const setsSame = (it: Statement | undefined) =>
    it?.type === 'assignment' &&
    it.operator === undefined &&
    it.targets.some((each) => each.type === 'attribute' && each.object.text === target.object.text && each.name !== target.name);
  return (
    setsSame(around.body[at - 1]) &&
    around.body.slice(0, at).every((it) => it.type === 'assignment' || (it === around.body[0] && it.type === 'expression' && it.expression.type === 'string'))
  );
}

/** Does nothing but such lines come behind it? */
function endsTest(statement: Statement): boolean {
  return [...following(statement)].every((it) => it.type === 'expression' && it.expression.type === 'comparison');
}

/** A class of this file takes part: the test may be about its own comparison. */
function comparesOwnClass(comparison: Comparison, file: TestFile): boolean {
  for (const it of walk(comparison)) {
    // What the test keeps, and the object of an attribute, are none: `self.calls == 3`.
    if ((it.type !== 'name' && it.type !== 'call') || it.parent?.type === 'attribute' || /^(?:self|cls)\./.test(it.text)) continue;
    const name = it.refersTo?.split('()', 1)[0];
    if (name === undefined) continue;
    if (name.includes('<locals>')) return true;
    const found = file.definition(name);
    if (found?.kind === 'class' && found.path === file.path) return true;
  }
  return false;
}

/** A literal or a name on one side, what is asked for on the other: `reply.status == 200`. */
function isPlainCheck({ operands, operators }: Comparison): boolean {
  if (operators.length !== 1 || !/^(?:==|is|is not|in|not in)$/.test(operators[0] ?? '')) return false;
  return (
    operands.some((it) => isLiteral(it) || it.type === 'name') && operands.some((it) => /^(?:attribute|call|subscript|await)$/.test(it.type) && !isLiteral(it))
  );
}

/** May a class of the code under test have a say: `ship.title == title`? None has in `is`. */
function mayBeItsOwn({ operands, operators }: Comparison): boolean {
  return operators[0] === '==' && !operands.some(isLiteral);
}

/** `set()` is one too. */
function isLiteral(it: Expression): boolean {
  return (
    /^(?:string|fstring|number|constant|list|dict|tuple)$/.test(it.type) || (it.type === 'call' && EMPTY.test(it.callee ?? '') && it.arguments.length === 0)
  );
}

const EMPTY = /^builtins\.(?:set|dict|list|tuple|frozenset)$/;

function isAssertionName(name: string): boolean {
  // Those of mocks (`assert_called_once`) are the matter of the mocking rules.
  return /^assert[A-Z]\w*$/.test(name);
}
