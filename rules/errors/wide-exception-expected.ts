import { type Call, type Expression, type Raises, type TestFile, walk } from '../model.ts';
import { calledBy, isNamedAfterRefusal, isWideClass, running } from '../python/failures.ts';
import { isInspected } from '../python/inspection.ts';
import { watchesNothing } from '../python/raises.ts';
import { defineRule, py } from '../rule.ts';

export const rule = defineRule({
  id: 'wide-exception-expected',
  code: 'ERR002',
  category: 'errors',
  title: 'a wide built-in exception is expected without its message',
  kind: 'informational',
  kinds: ['informational', 'review'],
  confidence: 'medium',
  cwe: [396],
  peers: { ruff: ['PT011'] },
  why: 'Many mistakes raise `ValueError`, `TypeError` or `OSError`: a test of a refusal passes for the wrong reason.',
  instead: 'Compare the message with `match=` or `assertRaisesRegex`, or let the code raise a class of its own.',
  limits:
    'To be decided on is only a test named after a guard whose one call is of a function of the workspace that raises the class in several places of its own body: which of them it was, only the message tells. All else is a note.',
  links: ['https://docs.astral.sh/ruff/rules/pytest-raises-too-broad/'],
  once: 'file',
  on: 'raises',
  *check(raises, file) {
    if (raises.what !== 'raises' || raises.match !== undefined || raises.exceptions.length !== 1) return;
    if (watchesNothing(raises) || isExact(raises)) return;
    const [expected] = raises.exceptions;
    if (expected === undefined || !isWideClass(expected) || isInspected(raises) || isRaisedInside(raises, expected)) return;
    const guards = raises.owner !== undefined && raises.owner.role === 'test' && isNamedAfterRefusal(raises.owner.name);
    const times = guards ? raisedTimes(raises, expected, file) : 0;
    yield {
      at: expected.place,
      ...(times > 1 ? { kind: 'review' as const } : {}),
      message:
        times > 1
          ? `what this test calls raises \`${expected.text}\` in ${times} places: which of them refuses is not compared`
          : `any error of a wide class passes, \`${expected.text}\`: its message is not compared`,
    };
  },
  examples: [
    {
      name: 'any error of the class passes',
      bad: py`
        import pytest

        def test_price(shop):
            with pytest.raises(ValueError):  #! its message is not compared
                shop.price(-1)
      `,
    },
    {
      name: 'a guard that refuses in several places',
      bad: {
        'tests/test_shop.py': py`
          import pytest
          import unittest
          from shop import Till, login

          def test_login_denied():
              with pytest.raises(ValueError):  #! in 2 places
                  login("guest", "")

          class TestTill(unittest.TestCase):
              def test_invalid_token(self):
                  self.assertRaises(TypeError, Till, "guest", token="")  #! in 2 places

              def test_price(self):
                  self.assertRaises(ValueError, Till, None)  #! any error of a wide class passes
        `,
        'shop.py': py`
          def login(name, token):
              if not name:
                  raise ValueError("no name")
              if not token:
                  raise ValueError("no token")

          class Till:
              def __init__(self, name, token=None):
                  if not name:
                      raise TypeError("no name")
                  if not token:
                      raise TypeError("no token")
        `,
      },
    },
    {
      name: 'tests of other things that sound alike',
      bad: py`
        import pytest

        def test_invalid_login_timeout(shop):
            with pytest.raises(ValueError):  #! any error of a wide class passes
                shop.connect(login_timeout=-1)

        def test_dotted_traversal(settings):
            with pytest.raises(KeyError):
                settings.find("a.b")
      `,
    },
    {
      name: 'a narrow class, or the message compared',
      good: py`
        import pytest

        def test_login_denied(shop):
            with pytest.raises(PermissionError):
                shop.login("guest")
            with pytest.raises(ValueError, match="guest"):
                shop.login("guest")
            with pytest.raises(ValueError) as caught:
                shop.login("guest")
            assert "guest" in str(caught.value)
      `,
    },
    {
      name: 'nothing is called that raises it for another reason',
      good: py`
        import pytest

        def test_frozen(ship):
            with pytest.raises(AttributeError):
                ship.name = "north"
            with pytest.raises(KeyError):
                del ship.cargo["gold"]

        def test_left(ship):
            with pytest.raises(ValueError):
                with ship.voyage():
                    raise ValueError("storm")
            assert ship.moored
      `,
    },
    {
      name: 'nothing is watched, so nothing passes either',
      good: py`
        import unittest

        class TestShop(unittest.TestCase):
            def test_price(self):
                self.assertRaises(KeyError)
                self.shop.price("x")
      `,
      alsoFinds: ['ERR006'],
    },
    {
      name: 'two classes named together are a choice',
      good: py`
        import pytest

        def test_refuses(shop):
            with pytest.raises((ValueError, TypeError)):
                shop.buy("x")
      `,
    },
  ],
});

/** `del ship["north"]`, `ship.name = "north"`: nothing is called that raises it for another reason. */
function isExact({ form, body, exceptions: [expected] }: Raises): boolean {
  const [only] = body;
  if (form !== 'with' || only === undefined || body.length > 1 || !/^builtins\.(?:Attribute|Key|Index)Error$/.test(expected?.refersTo ?? '')) return false;
  return !walk(only).some((it) => it.type === 'call' || it.type === 'await' || it.type === 'for' || it.type === 'with');
}

/** `with self.assertRaises(ValueError), transaction(): raise ValueError`: the test knows what it raises. */
function isRaisedInside({ body }: Raises, expected: Expression): boolean {
  return running(body).some((it) => it.type === 'raise' && classOf(it.operands[0]) === expected.refersTo);
}

function classOf(raised: Expression | undefined): string | undefined {
  return raised?.type === 'call' ? raised.callee : raised?.refersTo;
}

/** In how many places the function that the block calls alone raises the class by its own body. */
function raisedTimes(raises: Raises, expected: Expression, file: TestFile): number {
  const name = calledIn(raises);
  if (name === undefined) return 0;
  const body = (file.definition(name)?.node ?? file.definition(`${name}().__init__`)?.node)?.body ?? [];
  return running(body).filter((it) => it.type === 'raise' && classOf(it.operands[0]) === expected.refersTo).length;
}

function calledIn({ form, body, call }: Raises): string | undefined {
  if (form === 'call') return call.arguments[1]?.value.refersTo;
  const [only] = body;
  if (only === undefined || body.length > 1) return undefined;
  return (only.type === 'assignment' ? callOf(only.value) : calledBy(only))?.callee;
}

function callOf(it: Expression | undefined): Call | undefined {
  return it?.type === 'call' ? it : undefined;
}
