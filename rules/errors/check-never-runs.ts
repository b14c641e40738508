import type { ClassFacts, FunctionDefinition, FunctionSubject, Node, Raises, TestFile } from '../model.ts';
import { walk } from '../model.ts';
import { calledBy, isAssertionCall, running } from '../python/failures.ts';
import { isDropped } from '../python/unittest.ts';
import { defineRule, type Finding, type Fix, py, replace } from '../rule.ts';

export const rule = defineRule({
  id: 'check-never-runs',
  code: 'ERR018',
  category: 'errors',
  title: 'a test or its assertions never run',
  kind: 'fail',
  confidence: 'high',
  cwe: [561],
  peers: { sonar: ['S5899'], hacking: ['N349'] },
  why: 'A function that nobody calls, and a coroutine that nobody awaits, pass by not running.',
  instead: 'Call the function; use `IsolatedAsyncioTestCase`; `await` the coroutine.',
  limits:
    'Decorated functions are trusted, with all that is in them, and so are classes with a base that was not found, that runs coroutines, or with a `run` of their own. Silent where a test, its class or its file is skipped, or has `__test__ = False`, and for a file that the settings of pytest leave out, where they name no other runner.',
  links: ['https://docs.python.org/3/library/unittest.html#unittest.IsolatedAsyncioTestCase'],
  on: ['function', 'raises'],
  wants: (it) => it.type === 'raises' || (it.role === 'test' && (it.async || it.generator || mayHoldFunctions(it.node))),
  *check(subject, file) {
    const node = subject.type === 'raises' ? subject.call : subject.node;
    // What is skipped or left out does not run on purpose.
    for (const it of subject.type === 'raises' ? neverAwaited(subject, file) : neverReached(subject, file))
      if (!file.uncollected && !file.skipped(node)) yield it;
  },
  examples: [
    {
      name: 'a closure that nobody calls',
      bad: py`
        def test_price(shop):
            def check(price):  #! nobody calls
                assert price == 3
            shop.update()
      `,
    },
    {
      name: 'an async test in a plain TestCase',
      bad: py`
        import unittest

        class TestShop(unittest.TestCase):
            async def test_price(self):  #! never awaits
                self.assertEqual(3, await self.shop.price())
      `,
      fixed: py`
        import unittest

        class TestShop(unittest.IsolatedAsyncioTestCase):
            async def test_price(self):
                self.assertEqual(3, await self.shop.price())
      `,
    },
    {
      name: 'a coroutine in a raises block',
      bad: {
        'tests/test_shop.py': py`
          import pytest
          from shop import buy

          async def test_refuses():
              with pytest.raises(ValueError):
                  buy(-1)  #! is not awaited
        `,
        'shop.py': 'async def buy(amount):\n    raise ValueError(amount)\n',
      },
      fixed: py`
        import pytest
        from shop import buy

        async def test_refuses():
            with pytest.raises(ValueError):
                await buy(-1)
      `,
    },
    {
      name: 'called, handed on, decorated, named in an annotation; an async test case',
      good: py`
        import unittest
        from typing import Annotated
        from shop import After, Model, as_module

        def test_price(shop):
            def check(price):
                assert price == 3
            shop.on_change(check)

            @shop.listener
            def listen(price):
                assert price == 3
            shop.update()

        def test_model():
            def is_three(price):
                assert price == 3

            class Order(Model):
                price: Annotated[int, After(is_three)]

            @as_module
            def module():
                def nested():
                    assert Order(price=3)

            module.nested()

        def test_shelf():
            @as_module
            def shelf():
                def count():
                    assert Order(price=3)

        class TestShop(unittest.IsolatedAsyncioTestCase):
            async def test_price(self):
                self.assertEqual(3, await self.shop.price())
      `,
    },
    {
      name: 'a base of the workspace that runs coroutines',
      good: {
        'tests/test_shop.py': py`
          from shop.testing import Case

          class TestShop(Case):
              async def test_price(self):
                  self.assertEqual(3, await self.shop.price())
        `,
        'shop/testing.py': py`
          import asyncio
          import inspect
          import unittest

          class Case(unittest.TestCase):
              def start(self):
                  method = getattr(self, self.name)
                  if inspect.iscoroutinefunction(method):
                      asyncio.get_event_loop().run_until_complete(method())
        `,
      },
    },
    {
      name: 'classes that are skipped as a whole, and one under a condition',
      bad: py`
        import unittest
        import pytest

        class Switched(unittest.TestCase):
            __test__ = False

            async def test_price(self):
                self.assertEqual(3, await self.shop.price())

        class TestBelow(Switched):
            async def test_name(self):
                self.assertEqual("quay", await self.shop.name())

        @unittest.SkipTest
        class TestShop(unittest.TestCase):
            def test_price(self):
                self.assertEqual(3, (yield self.shop.price()))

        @unittest.skip("the till is rebuilt")
        class TestTill(unittest.TestCase):
            async def test_price(self):
                self.assertEqual(3, await self.shop.price())

        @pytest.mark.skip
        class TestQuay(unittest.TestCase):
            async def test_price(self):
                self.assertEqual(3, await self.shop.price())

        @unittest.skipUnless(SHIPS, "no ships")
        class TestShips(unittest.TestCase):
            async def test_price(self):  #! never awaits
                self.assertEqual(3, await self.shop.price())
      `,
    },
    {
      name: 'files that are skipped as a whole',
      good: {
        'tests/test_shop.py': py`
          import unittest
          import pytest

          pytestmark = pytest.mark.skip(reason="the shop is rebuilt")

          class TestShop(unittest.TestCase):
              async def test_price(self):
                  self.assertEqual(3, await self.shop.price())
        `,
      },
    },
    {
      name: 'a file that says at its top that it is skipped',
      good: py`
        import unittest

        raise unittest.SkipTest("the till is rebuilt")

        class TestTill(unittest.TestCase):
            async def test_price(self):
                self.assertEqual(3, await self.till.price())
      `,
    },
    {
      name: 'a file that its folder leaves out',
      good: {
        'tests/test_shop.py': py`
          import unittest

          class TestShop(unittest.TestCase):
              async def test_price(self):
                  self.assertEqual(3, await self.shop.price())
        `,
        'tests/conftest.py': 'collect_ignore = ["test_shop.py"]\n',
      },
    },
  ],
});

/** Told from its text. */
function mayHoldFunctions({ text }: FunctionDefinition): boolean {
  return text.indexOf('def', text.indexOf('def') + 1) > 0;
}

function* neverReached(subject: FunctionSubject, file: TestFile): Iterable<Finding> {
  if (subject.node.parent?.type === 'function') return;
  yield* neverCalled(subject);
  yield* neverDriven(subject, file);
}

/** Functions defined in a test that hold assertions and that nothing names. */
function* neverCalled(subject: FunctionSubject): Iterable<Finding> {
  if (subject.role !== 'test') return;
  for (const it of walk(subject.node)) {
    if (it.type !== 'function' || it === subject.node || !isPlain(it, subject.node) || !checks(it.body)) continue;
    if (isNamed(subject.node, it.name)) continue;
    yield { at: it.namePlace, message: `nobody calls \`${it.name}\`: its assertions never run` };
  }
}

/** A real assertion; a `raise` alone may be the way a stand-in behaves. */
function checks(body: readonly Node[]): boolean {
  for (const it of running(body)) if (it.type === 'assert' || (it.type === 'call' && isAssertionCall(it))) return true;
  return false;
}

/** Of the test, or of a function in it, none of them decorated: who decorates one has it and all that is in it. */
function isPlain(it: FunctionDefinition, test: FunctionDefinition): boolean {
  if (it.decorators.length > 0) return false;
  let parent = it.parent;
  while (parent !== undefined && parent.type !== 'class' && parent.type !== 'function') parent = parent.parent;
  return parent === test || (parent?.type === 'function' && isPlain(parent, test));
}

/** Also in an annotation, or as a part of what the function around it is made into. */
function isNamed(around: Node, name: string): boolean {
  if (around.text.split('\n').some((it) => annotationIn(it).split(/\W+/).includes(name))) return true;
  for (const it of walk(around)) {
    if (it.type === 'name' && (it.id === name || it.id === 'locals' || it.id === 'exec' || it.id === 'eval')) return true;
    if (it.type === 'attribute' && it.name === name) return true;
    if ((it.type === 'global' || it.type === 'nonlocal') && it.operands.some((each) => each.text === name)) return true;
  }
  return false;
}

/** `Annotated[int, After(check)]` of `price: Annotated[int, After(check)] = 3`; of other lines what stands behind a colon. */
function annotationIn(line: string): string {
  const at = line.indexOf(':');
  return at < 0 ? '' : (line.slice(at).split(/[=#]/)[0] ?? '');
}

/** Coroutines and generators that a plain `TestCase` calls and drops. */
function* neverDriven(subject: FunctionSubject, file: TestFile): Iterable<Finding> {
  if (subject.class === undefined || !isDropped(subject, file)) return;
  const fix = subject.async ? asyncCase(subject.class) : undefined;
  const what = subject.async ? 'a plain `TestCase` never awaits it' : 'a plain `TestCase` never draws from a generator';
  yield { at: subject.namePlace, ...(fix === undefined ? {} : { fix }), message: `\`${subject.name}\` never runs: ${what}` };
}

/** A coroutine of the workspace called in a raises block and dropped. */
function* neverAwaited(raises: Raises, file: TestFile): Iterable<Finding> {
  for (const it of raises.body) {
    const call = calledBy(it);
    if (it.type !== 'expression' || it.expression !== call || call?.callee === undefined) continue;
    const node = file.definition(call.callee)?.node;
    if (node === undefined || !node.async || node.decorators.length > 0 || yields(node)) continue;
    if (file.stubbed(call.callee, call) !== undefined) continue;
    const isAwaited = raises.owner?.async === true;
    yield {
      at: call.place,
      fix: isAwaited
        ? { title: 'Await it', safety: 'suggest', edits: [replace(call, `await ${call.text}`)] }
        : { title: 'Run it', safety: 'suggest', edits: [{ do: 'import', module: 'asyncio' }, replace(call, `asyncio.run(${call.text})`)] },
      message: `\`${node.name}\` is a coroutine and is not awaited: nothing in it runs`,
    };
  }
}

function yields(node: Node): boolean {
  for (const it of walk(node)) if (it.type === 'yield') return true;
  return false;
}

/** The class's own base `unittest.TestCase` becomes the one that awaits its tests. */
function asyncCase(around: ClassFacts): Fix | undefined {
  const base = around.bases.find((it) => it.refersTo === 'unittest.TestCase');
  if (base?.type !== 'attribute') return undefined;
  return { title: 'Use `IsolatedAsyncioTestCase`', safety: 'suggest', edits: [replace(base, `${base.object.text}.IsolatedAsyncioTestCase`)] };
}
