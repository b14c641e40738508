import type { Call, ClassFacts, Expression, FunctionDefinition, FunctionSubject, Node, Statement, TestFile } from '../model.ts';
import { walk } from '../model.ts';
import { PROTOCOL_OF_BASES, TEST_CASE_BASES } from '../python/unittest.ts';
import { defineRule, insertAfter, insertBefore, py } from '../rule.ts';

const PROTOCOL: ReadonlySet<string> = new Set(['setUp', 'tearDown', 'setUpClass', 'tearDownClass', 'asyncSetUp', 'asyncTearDown', 'cleanUp']);

const TEARS = /tearDown|TearDown|cleanUp/;
const COUNTERPARTS: Readonly<Record<string, string>> = { tearDown: 'setUp', tearDownClass: 'setUpClass', asyncTearDown: 'asyncSetUp' };

export const rule = defineRule({
  id: 'set-up-without-upcall',
  code: 'RES011',
  category: 'resources',
  title: 'setUp/tearDown does not call super()',
  kind: 'fail',
  kinds: ['fail', 'review', 'informational'],
  confidence: 'high',
  cwe: [459],
  why: 'What the base class acquires, guards or releases in this method silently no longer happens; testtools raises ValueError.',
  instead: 'Call `super().setUp()` first, `super().tearDown()` last.',
  limits:
    'An upcall through another method of the class is not followed. It is a failure where the tear-down that is hidden releases what the set-up, which runs, has given the object or names by the same text, and with bases that insist on it. A set-up that is hidden and installs a stub or fixture is a point to decide; any other is a note, since a test that needs what it gives fails by itself; so are mixins, classes that no runner knows, and what a base does only where a flag of the class asks for it, and the `cleanUp` of a fixture that registers nothing. Of a base that was not found nothing is said here. A tear-down that releases the same itself is a point to decide, one with all statements of the base no finding. Where the class is skipped, or the base releases only an attribute that no method gives which something in the file or in those of its bases names, it is a note. A class that replaces both halves is left alone, or a point to decide where a test library does something in `setUpClass`.',
  links: ['https://testtools.readthedocs.io/en/latest/for-test-authors.html#writing-tests'],
  on: 'function',
  wants: ({ name }) => PROTOCOL.has(name),
  *check(subject, file) {
    const owner = subject.class;
    if (owner === undefined || !PROTOCOL.has(subject.name) || subject.upcalls.includes(subject.name) || onlyRefuses(subject)) return;
    const inherits = owner.inherits(subject.name);
    if (inherits !== 'yes' || callsOn(subject)) return;
    // What the base's set-up never acquired, its tear-down need not release.
    const counterpart = owner.methods.get(COUNTERPARTS[subject.name] ?? '');
    if (counterpart !== undefined && !counterpart.upcalls.includes(counterpart.name)) return;
    const hidden = hiddenBy(subject, file);
    if (!isOfRunner(owner, subject.name) || (isTurnedOff(owner, subject.name) && owner.ancestors.some((it) => LOOPS.test(it)))) {
      if (isTurnedOff(owner, subject.name) || isKeptUnderAnotherName(subject, file)) return;
      if (hidden !== undefined && (doesNothing(hidden, subject, file) || replacesAll(subject, hidden, file) || repeats(subject, hidden, file))) return;
    }
    const tears = TEARS.test(subject.name);
    yield {
      at: subject.namePlace,
      kind: kindOf(subject, hidden, file),
      message: `\`${subject.name}\` hides the one of its base class: what that ${tears ? 'releases stays' : 'sets up is missing'}`,
      fix: { title: `Call \`super().${subject.name}()\``, safety: 'suggest', edits: [tears ? insertAfter(lastOf(subject), upcall(subject)) : first(subject)] },
    };
  },
  examples: [
    {
      name: 'a class that turns both halves off',
      good: py`
        import unittest

        class TestStore(unittest.TestCase):
            def setUp(self):
                self.store = open_store()

            def tearDown(self):
                self.store.close()

        class TestNoStore(TestStore):
            def setUp(self):
                pass

            def tearDown(self):
                pass
      `,
    },
    {
      name: 'the base is asked for something else',
      good: py`
        import unittest

        class TestStore(unittest.TestCase):
            def open(self, name):
                self.store = open_store(name)

            def setUp(self):
                self.open("north")

        class TestSouth(TestStore):
            def setUp(self):
                super().open("south")
      `,
    },
    {
      name: 'every value of the base is given again',
      good: py`
        import unittest

        class TestStore(unittest.TestCase):
            def setUp(self):
                self.path = self.id()
                self.store, self.lock = Store.opened(self.path)

        class TestShelf(TestStore):
            def setUp(self):
                self.path = self.id()
                try:
                    self.store = shelf = Shelf(self.path)
                    self.lock = shelf.lock
                    self.store.clear()
                except OSError:
                    self.fail("no shelf")
      `,
    },
    {
      name: 'the method of the base is kept for the tests to call',
      good: py`
        import unittest

        class QuayTest(unittest.TestCase):
            def setUp(self):
                self.quay = open_quay()
                self.addCleanup(self.quay.close)

        class TestQuay(QuayTest):
            _setUp = QuayTest.setUp

            def setUp(self):
                self.called = []

            def test_open(self):
                self._setUp()
                self.assertTrue(self.quay)
      `,
    },
    {
      name: 'hooks of the base that are empty, and both halves replaced',
      good: py`
        import unittest

        class LoopCase(unittest.IsolatedAsyncioTestCase):
            async def prepare(self):
                pass

            async def asyncSetUp(self):
                await self.prepare()

        class TestAgent(LoopCase):
            async def asyncSetUp(self):
                self.agent = await connect()

        class FolderCase(unittest.TestCase):
            def setUp(self):
                self.folder = make_folder()

            def tearDown(self):
                self.folder.remove()

        class TestChart(FolderCase):
            def setUp(self):
                self.chart = open_chart()

            def tearDown(self):
                self.chart.close()
      `,
    },
    {
      name: 'the base calls a hook that the class does not have',
      good: py`
        import unittest

        class LoopCase(unittest.TestCase):
            def setUp(self):
                try:
                    self.loop.run_until_complete(self.prepare())
                except AttributeError:
                    pass

        class TestAgent(LoopCase):
            def setUp(self):
                if not self.agent:
                    self.skipTest('no agent')
      `,
    },
    {
      name: 'testtools insists on the upcall',
      bad: py`
        import testtools

        class TestSpool(testtools.TestCase):
            def setUp(self):
            #   ^^^^^ hides the one of its base class
                self.spool = []
      `,
      fixed: py`
        import testtools

        class TestSpool(testtools.TestCase):
            def setUp(self):
                super().setUp()
                self.spool = []
      `,
    },
    {
      name: 'a base class of the workspace closes what it opened',
      bad: {
        'tests/unit/test_spool.py': py`
          from tests import base

          class TestSpool(base.PlainCase):
              def tearDown(self):
              #   ^^^^^^^^ releases stays
                  self.spool = None
        `,
        'tests/base.py': py`
          import unittest

          class PlainCase(unittest.TestCase):
              def setUp(self):
                  self.session = connect()

              def tearDown(self):
                  self.session.close()
        `,
      },
    },
    {
      name: 'the base removes what it made; the class removes it with all that is in it',
      bad: py`
        import os
        import shutil
        import tempfile
        import unittest

        class ChartCase(unittest.TestCase):
            def setUp(self):
                self.folder = tempfile.mkdtemp()

            def tearDown(self):
                os.rmdir(self.folder)
                self.forget()

        class TestChart(ChartCase):
            def tearDown(self):  #! releases stays
                shutil.rmtree(self.folder)
      `,
    },
    {
      name: 'it does all that the base does; it removes the folder that the file of its own is in',
      good: py`
        import os
        import shutil
        import unittest

        class ShelfCase(unittest.TestCase):
            def setUp(self):
                self.path = new_path()
                self.shelf = open_shelf(self.path)

            def tearDown(self):
                """Close it."""
                self.shelf.close()
                os.unlink(self.path)

        class TestShelf(ShelfCase):
            def tearDown(self):
                self.shelf.close()
                os.unlink(self.path)

        class TestShelves(ShelfCase):
            def setUp(self):
                self.home = new_folder()
                super().setUp()
                self.path = os.path.join(self.home, "shelf")

            def tearDown(self):
                self.shelf.close()
                shutil.rmtree(self.home)
      `,
    },
    {
      name: 'it removes a folder, but not the file of the base',
      bad: py`
        import os
        import shutil
        import unittest

        class ShelfCase(unittest.TestCase):
            def setUp(self):
                self.path = new_path()
                self.shelf = open_shelf(self.path)

            def tearDown(self):
                self.shelf.close()
                os.unlink(self.path)

        class TestShelves(ShelfCase):
            def tearDown(self):  #! releases stays
                self.shelf.close()
                shutil.rmtree(self.home)
      `,
    },
    {
      name: 'a fixture that registers cleanups; of one that registers none it is a note',
      bad: py`
        import fixtures

        class Spool(fixtures.Fixture):
            def setUp(self):
                super().setUp()
                self.path = self.useFixture(fixtures.TempDir()).path

            def cleanUp(self):  #! releases stays
                harbour.spools.pop(self.path)

        class Methods(fixtures.Fixture):
            def setUp(self):
                super().setUp()
                harbour.methods.append("sail")

            def cleanUp(self):  #! releases stays
                harbour.methods.pop()
      `,
    },
    {
      name: 'what the base releases is given by a method that a test calls',
      bad: py`
        import unittest

        class WriterCase(unittest.TestCase):
            def swap(self):
                self._writer = harbour.writer
                harbour.writer = Writer()

            def setUp(self):
                self.parser = Parser()

            def tearDown(self):
                if hasattr(self, "_writer"):
                    harbour.writer = self._writer

        class TestSheet(WriterCase):
            def tearDown(self):  #! releases stays
                self.parser.reset()

            def test_sheet(self):
                self.swap()
      `,
    },
    {
      name: 'a note: nothing in the file gives what the base releases, or the class is skipped',
      bad: py`
        import unittest
        import testtools

        class WriterCase(unittest.TestCase):
            def swap(self):
                self._writer = harbour.writer
                harbour.writer = Writer()

            def setUp(self):
                self.parser = Parser()

            def tearDown(self):
                if hasattr(self, "_writer"):
                    harbour.writer = self._writer

        class TestRule(WriterCase):
            def tearDown(self):  #! releases stays
                self.parser.reset()

            def test_rule(self):
                self.assertTrue(self.parser.rule())

        @testtools.skip("until the harbour is mended")
        class TestBooking(testtools.TestCase):
            def tearDown(self):  #! releases stays
                self.booking.cancel()
      `,
    },
    {
      name: 'the base only gives values; and it registers a cleanup',
      bad: py`
        import os
        import unittest

        class SignerTest(unittest.TestCase):
            def setUp(self):
                self.key = Key("harbour")
                self.signer = Signer(self.key)

        class TestToken(SignerTest):
            def setUp(self):  #! sets up is missing
                self.client = Client()

        class QuayTest(unittest.TestCase):
            def setUp(self):
                self.quay = Quay()
                self.addCleanup(self.quay.close)

        class TestShip(QuayTest):
            def setUp(self):  #! sets up is missing
                self.ship = Ship()

        class StubbedTest(unittest.TestCase):
            def setUp(self):
                self.enterContext(mock.patch("harbour.send"))

        class TestPlain(StubbedTest):
            def setUp(self):  #! sets up is missing
                return

        class ChartTest(unittest.TestCase):
            @classmethod
            def setUpClass(cls):
                cls.folder = os.environ.get("CHARTS")

        class TestChart(ChartTest):
            @classmethod
            def setUpClass(cls):  #! sets up is missing
                cls.scale = 4
      `,
    },
    {
      name: 'what Django does for the class, with neither half of it',
      bad: py`
        from django.test import TestCase

        class TestFleet(TestCase):
            @classmethod
            def setUpClass(cls):  #! sets up is missing
                cls.fleet = Fleet("north")

            @classmethod
            def tearDownClass(cls):
                cls.fleet = None
      `,
    },
    {
      name: 'a mixin, and an object that is no test case',
      bad: py`
        import unittest

        class Case(unittest.TestCase):
            def tearDown(self):
                self.session.close()

        class OldSchemaMixin(Case):
            def tearDown(self):  #! releases stays
                Broker.create = self.create

        class Env:
            @classmethod
            def setUp(cls):
                cls.account = connect()

        class LinkEnv(Env):
            @classmethod
            def setUp(cls):  #! sets up is missing
                cls.target = make()
      `,
    },
    {
      name: 'a base that cannot be found',
      good: py`
        from elsewhere import base

        class TestSpool(base.PlainCase):
            def tearDown(self):
                self.spool = None
      `,
    },
    {
      name: 'plain unittest does nothing there, and nor do bases that define something else',
      good: {
        'tests/unit/test_spool.py': py`
          import unittest
          from tests import base

          class TestPlain(unittest.TestCase):
              def setUp(self):
                  self.spool = []

          class TestSpool(base.PlainCase):
              def setUp(self):
                  self.spool = []

              def tearDown(self):
                  super(TestSpool, self).tearDown()
        `,
        'tests/base.py': py`
          import unittest

          class PlainCase(unittest.TestCase):
              def tearDown(self):
                  self.session.close()
        `,
      },
    },
    {
      name: 'Django does its own set-up elsewhere',
      good: py`
        from django.test import SimpleTestCase

        class TestSpool(SimpleTestCase):
            def setUp(self):
                self.spool = []
      `,
    },
  ],
});

/** Gives a value of its own to everything that the base's method does nothing but give values to. */
function replacesAll(subject: FunctionSubject, base: FunctionDefinition, file: TestFile): boolean {
  if (TEARS.test(subject.name)) return false;
  if (/super\(|[cC]leanup|useFixture|enter_?[cC]ontext|patch|\.start\(|environ/.test(base.text)) return false;
  const given = attributesOf(subject.node);
  const wanted = attributesOf(base);
  return wanted.size > 0 ? [...wanted].every((it) => given.has(it)) : onlyHooks(base, subject, file);
}

/** Does the base's method, as this class finds the methods it calls, do nothing: `await self.prepare()`, which is `pass`? */
function doesNothing(base: FunctionDefinition, subject: FunctionSubject, file: TestFile): boolean {
  if (isBlank(base)) return true;
  if (!base.body.every((it) => it.type === 'pass' || it.type === 'expression')) return false;
  return attributesOf(base).size === 0 && onlyHooks(base, subject, file);
}

/** Does the base's method nothing but call methods of the object that no class of it has, or that do nothing? */
function onlyHooks(base: FunctionDefinition, { class: owner }: FunctionSubject, file: TestFile): boolean {
  const calls = walk(base).filter((it) => it.type === 'call');
  const hooks = calls.filter((it) => it.function.type === 'attribute' && it.function.object.text === 'self');
  if (owner === undefined || hooks.length === 0 || calls.some((it) => !hooks.some((hook) => it === hook || walk(it).includes(hook)))) return false;
  return hooks.every((it) => {
    if (!owner.methods.has(it.method) && owner.inherits(it.method) !== 'yes') return true;
    const hook = file.definition(`${owner.qualified}().${it.method}`)?.node;
    return hook !== undefined && isBlank(hook);
  });
}

/** Is the base's method kept for the tests to call: `_setUp = Base.setUp`? */
function isKeptUnderAnotherName({ class: owner, name }: FunctionSubject, file: TestFile): boolean {
  return owner !== undefined && owner.inherits(`_${name}`) === 'no' && file.exists(`${owner.qualified}._${name}`) === 'yes';
}

/** Does it all that the base's method does, but for a file that it removes with the folder around it, where it gives the object another? */
function repeats({ node, class: owner }: FunctionSubject, base: FunctionDefinition, file: TestFile): boolean {
  const own = new Set(workOf(node).map((it) => it.text));
  return workOf(base).every((it) => own.has(it.text) || (/\brmtree\(/.test(node.text) && isRemovalOfOwn(it, owner, file)));
}

/** `os.remove(self.path)`, where the class gives `self.path` itself. */
function isRemovalOfOwn(it: Statement, owner: ClassFacts | undefined, file: TestFile): boolean {
  if (owner === undefined || it.type !== 'expression' || it.expression.type !== 'call' || !/^(?:unlink|remove)$/.test(it.expression.method)) return false;
  const [path] = it.expression.arguments;
  return (
    path !== undefined &&
    [...owner.methods.keys()].some((name) => {
      const method = file.definition(`${owner.qualified}().${name}`)?.node;
      return method !== undefined && attributesOf(method).has(path.value.text);
    })
  );
}

/** What a method does: nothing of it is said in a docstring. */
function workOf({ body }: FunctionDefinition): readonly Statement[] {
  return body.filter((it) => it.type !== 'expression' || it.expression.type !== 'string');
}

/** What a set-up gives the object: `self.client`. */
function attributesOf(body: FunctionDefinition): ReadonlySet<string> {
  return new Set(
    walk(body).flatMap((it) =>
      it.type === 'assignment'
        ? it.targets
            .flatMap(partsOf)
            .filter((each) => each.type === 'attribute')
            .map((each) => each.text)
        : [],
    ),
  );
}

/** `a` and `b` of `a, b = …` */
function partsOf(target: Expression): readonly Expression[] {
  return target.type === 'tuple' || target.type === 'list' ? target.items : [target];
}

/** The method of a base that the class hides. */
function hiddenBy({ class: owner, name }: FunctionSubject, file: TestFile): FunctionDefinition | undefined {
  return owner === undefined ? undefined : ofBases(owner, name, file);
}

function ofBases({ bases }: ClassFacts, name: string, file: TestFile): FunctionDefinition | undefined {
  return bases.map((it) => file.definition(`${it.refersTo ?? ''}().${name}`)?.node).find((it) => it !== undefined);
}

/** What the hidden method does for certain that nothing else does here. */
function kindOf(subject: FunctionSubject, hidden: FunctionDefinition | undefined, file: TestFile): 'fail' | 'review' | 'informational' {
  const { class: owner, name } = subject;
  if (owner === undefined || !isRun(owner) || file.skipped(subject.node.body[0] ?? subject.node)) return 'informational';
  if (name === 'cleanUp' && hidden === undefined && !hasCleanups(owner, file)) return 'informational';
  if (isOfRunner(owner, name)) return isBlank(subject.node) || replacesClassHalves(subject) ? 'review' : 'fail';
  if (hidden === undefined || isOnDemand(hidden) || isForNothing(hidden, owner, file)) return 'informational';
  if (TEARS.test(name)) {
    const acquired = ofBases(owner, COUNTERPARTS[name] ?? '', file);
    if (acquired === undefined) return owner.inherits('tearDownClass') === 'yes' ? 'informational' : 'review';
    const given = [...attributesOf(acquired)];
    const named = new Set(walk(acquired).flatMap((it) => (it.type === 'call' ? it.arguments.map(({ value }) => value.text) : [])));
    const released = releasedBy(hidden, given, named);
    const own = new Set(releasedBy(subject.node, given, named));
    return released.some((it) => !own.has(it)) && !isBlank(subject.node) ? 'fail' : 'review';
  }
  return INSTALLS.test(hidden.text) && !isBlank(subject.node) && !replacesClassHalves(subject) ? 'review' : 'informational';
}

/** May there be a cleanup that the `cleanUp` of the library would run: does the class, or one between the two, register any? */
function hasCleanups({ qualified, ancestors, methods, unresolved }: ClassFacts, file: TestFile): boolean {
  const names = new Set(['__init__', 'setUp', '_setUp', ...methods.keys()]);
  const bodies = [qualified, ...ancestors].flatMap((it) => [...names].flatMap((name) => file.definition(`${it}().${name}`)?.node ?? []));
  return unresolved.length > 0 || bodies.some((it) => it.name === '_setUp' || /\b(?:addCleanup|useFixture)\b/.test(it.text));
}

/** Of what the set-up has given the object, or names, that which a tear-down releases. */
function releasedBy(body: FunctionDefinition, given: readonly string[], named: ReadonlySet<string>): readonly string[] {
  return walk(body).flatMap((it) => {
    if (it.type === 'call') return given.filter((each) => it.function.text.startsWith(`${each}.`) || isGiven(it, each));
    return it.type === 'string' && named.has(it.text) ? [it.text] : [];
  });
}

/** `shutil.rmtree(self.folder)` */
function isGiven(call: Call, what: string): boolean {
  return call.arguments.some((it) => it.value.text === what);
}

/** Is all that the base does behind a flag of the class: `if self.auto_login:`, and not `if self.session: self.session.close()`? */
function isOnDemand(base: FunctionDefinition): boolean {
  const work = base.body.filter((it) => !(it.type === 'expression' && (it.expression.type === 'string' || /^super\(/.test(it.expression.text))));
  return work.length > 0 && work.every((it) => it.type === 'if' && walk(it.test).some((each) => isFlag(each, it.body)));
}

/** Is all that the base releases something that nobody who can be seen gives the object: `if hasattr(self, "_saved"):`? */
function isForNothing(base: FunctionDefinition, owner: ClassFacts, file: TestFile): boolean {
  const asked = workOf(base).map((it) => (it.type === 'if' && it.otherwise.length === 0 ? attributeAsked(it.test) : undefined));
  return asked.length > 0 && asked.every((it) => it !== undefined && !file.mayGive(owner, it));
}

/** `_saved` of `hasattr(self, "_saved")` */
function attributeAsked(test: Expression): string | undefined {
  if (test.type === 'attribute') return test.object.text === 'self' ? test.name : undefined;
  const [object, name] = test.type === 'call' && test.callee === 'builtins.hasattr' ? test.arguments : [];
  return object?.value.text === 'self' && name?.value.type === 'string' ? name.value.content : undefined;
}

/** An attribute of the class that what is done has nothing to do with. */
function isFlag(it: Node, body: readonly Statement[]): boolean {
  if (it.type !== 'attribute' || (it.object.text !== 'self' && it.object.text !== 'cls')) return false;
  return !body.some((each) => walk(each).some((used) => used.type === 'attribute' && used.text === it.text));
}

function upcall(subject: FunctionSubject): string {
  return `${subject.async ? 'await ' : ''}super().${subject.name}()`;
}

function first(subject: FunctionSubject): ReturnType<typeof insertBefore> {
  const it = lastOf(subject, 0);
  const isDocstring = it.type === 'expression' && it.expression.type === 'string';
  return isDocstring ? insertAfter(it, upcall(subject)) : insertBefore(it, upcall(subject));
}

function lastOf(subject: FunctionSubject, index = -1): Statement {
  return subject.node.body.at(index) ?? subject.node;
}

/** Both ends of the class are its own. */
function replacesClassHalves({ name, class: owner }: FunctionSubject): boolean {
  return owner !== undefined && name === 'setUpClass' && isTurnedOff(owner, name);
}

/** Does a base of a test library do something in the method itself? */
function isOfRunner({ ancestors }: ClassFacts, name: string): boolean {
  return ancestors.some((it) => PROTOCOL_OF_BASES[it]?.includes(name));
}

/** `tearDown` for `setUp`. */
function otherHalf(name: string): string | undefined {
  return Object.keys(COUNTERPARTS).find((it) => COUNTERPARTS[it] === name);
}

/** What a set-up puts around every test without a test's asking for it. */
const INSTALLS = /useFixture|[eE]nter\w{0,20}[cC]ontext|\bpatch|environ(?!\.get\()|isolat|guard/;

/** Bases that only give a test its event loop, which a class may do without. */
const LOOPS = /^(?:tornado|aiohttp)\./;

/** A class that a runner sets up as it is: no mixin, whose users may call the base themselves, and no object with methods of such names. */
function isRun({ name, ancestors, unresolved }: ClassFacts): boolean {
  return !/Mixin/i.test(name) && (unresolved.length > 0 || ancestors.some((it) => Object.hasOwn(PROTOCOL_OF_BASES, it) || TEST_CASE_BASES.has(it)));
}

/** Switched off on purpose, it seems. */
function isBlank({ body }: FunctionDefinition): boolean {
  return body.every(
    (it) => it.type === 'pass' || (it.type === 'return' && it.operands.length === 0) || (it.type === 'expression' && it.expression.type !== 'call'),
  );
}

/** Does the class hide the other half of the pair as well: it wants nothing of what the base prepares? */
function isTurnedOff(owner: ClassFacts, name: string): boolean {
  const half = owner.methods.get(otherHalf(name) ?? '');
  return half !== undefined && !half.upcalls.includes(half.name);
}

/** Skips or refuses, whatever the base does. */
function onlyRefuses(subject: FunctionSubject): boolean {
  const [it] = subject.node.body.filter((each) => !(each.type === 'expression' && each.expression.type === 'string'));
  return it?.type === 'raise' || (it?.type === 'expression' && it.expression.type === 'call' && /^(?:skipTest|skip|fail)$/.test(it.expression.method));
}

/** The base's method called by another spelling: `BaseTest.setUp(self)` is an upcall, `self.base_setUp()` may be one. */
function callsOn(subject: FunctionSubject): boolean {
  for (const it of walk(subject.node)) {
    if (it.type === 'attribute' && it.name === subject.name && it.object.text !== 'self') return true;
    // `super().set_up(stack=True)`: the class knows its base, and asks it for something else.
    if (it.type === 'call' && it.function.type === 'attribute' && /^super\(/.test(it.function.object.text)) return true;
    if (
      it.type === 'call' &&
      it.function.type === 'attribute' &&
      it.function.object.text === 'self' &&
      new RegExp(`${subject.name}$`, 'i').test(it.method) &&
      it.method !== subject.name
    )
      return true;
  }
  return false;
}
