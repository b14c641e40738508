import { type Expression, type FunctionDefinition, type FunctionSubject, type TestFile, walk } from '../model.ts';
import { isMockName, makesMock } from '../python/mock.ts';
import { isMockAssertion, meantAssertion } from '../python/mock-assertions.ts';
import { code } from '../python/patchers.ts';
import { defineRule, type Finding, py } from '../rule.ts';

/** Attributes of a mock that are facts, not mocks. */
const FACTS: ReadonlySet<string> = new Set([
  'called',
  'call_count',
  'call_args',
  'call_args_list',
  'mock_calls',
  'method_calls',
  'awaited',
  'await_count',
  'await_args',
  'await_args_list',
  'return_value',
  'side_effect',
]);

export const rule = defineRule({
  id: 'mock-always-true',
  code: 'MCK015',
  category: 'mocking',
  title: 'Mock used as a condition of an assertion',
  kind: 'fail',
  kinds: ['fail', 'informational'],
  confidence: 'medium',
  cwe: [571],
  why: 'A mock is always true, and so is what its methods give: the assertion passes whatever happened.',
  instead: 'Ask the mock: `m.called`, `m.assert_called_once_with(…)`, or give it a `return_value`.',
  limits:
    'An attribute of a mock that the code under test is given, and may set, is a note. Mocks that are configured by another function may be reported; those with a spec or `return_value` are not.',
  links: ['https://docs.python.org/3/library/unittest.mock.html#unittest.mock.MagicMock'],
  yieldsTo: ['misspelt-attribute'],
  on: 'statement',
  statements: ['assert', 'expression'],
  wants: (it) => it.type === 'assert' || (it.type === 'expression' && it.expression.type === 'call' && it.expression.method === 'assertTrue'),
  *check(statement, file) {
    if (statement.type === 'assert') yield* judged(statement.operands[0], file.ownerOf(statement), file);
    else if (statement.type === 'expression' && statement.expression.type === 'call' && statement.expression.callee === 'unittest.TestCase().assertTrue') {
      yield* judged(statement.expression.arguments[0]?.value, file.ownerOf(statement), file);
    }
  },
  examples: [
    {
      name: 'what a method of a mock gives',
      bad: py`
        import unittest
        from unittest import mock

        class TestLogin(unittest.TestCase):
            @mock.patch("bank.auth.check")
            def test_login(self, check):
                login("alice")
                self.assertTrue(check())
        #                       ^^^^^^^ is always true
                assert check.verify  #! is always true
                with mock.patch("bank.tls.create_context") as create:
                    connect()
                    context = create()
                    assert context.verified  #! unless the code under test sets it
      `,
    },
    {
      name: 'what the code under test put into a container of the mock',
      good: py`
        import pytest
        from unittest import mock

        @pytest.fixture
        def reactor():
            reactor = mock.Mock()
            reactor.peers = {}
            return reactor

        def test_peer():
            reactor = mock.Mock()
            connect(reactor)
            peer = reactor.peers["north"]
            neighbour = peer.neighbour
            assert neighbour.rib.enabled

        def test_neighbour(reactor):
            connect(reactor)
            neighbour = reactor.peers["north"].neighbour
            assert neighbour.rib.enabled
      `,
    },
    {
      name: 'a method of the test that answers as its mock is told',
      good: py`
        import unittest
        from unittest import mock

        class TestRetry(unittest.TestCase):
            def setUp(self):
                self.body = mock.MagicMock()

            def tried(self, given):
                return self.body(given)

            def test_later(self):
                self.body.side_effect = [False, True]
                self.assertTrue(self.tried(1))
      `,
    },
    {
      name: 'facts about the mock, and answers that the test configured',
      good: py`
        import unittest
        from unittest import mock

        class TestLogin(unittest.TestCase):
            @mock.patch("bank.auth.check")
            def test_login(self, check):
                check.return_value = login("alice")
                self.assertTrue(check.called)
                self.assertTrue(check())
                assert check.call_count
                assert check._mock_call_args[0][0].startswith("al")
                client = mock.Mock(**{"ok.return_value": True})
                assert client.ok()
                other = mock.Mock(is_admin=False)
                assert other.is_admin
      `,
    },
    {
      name: 'made by a helper that is told what it answers',
      good: py`
        import unittest
        from unittest import mock

        class TestNode(unittest.TestCase):
            def make(self, **attributes):
                node = mock.Mock()
                node.configure_mock(**attributes)
                return node

            def setUp(self):
                self.node = self.make(maintenance=True)

            def test_recovers(self):
                self.assertTrue(self.node.maintenance)
      `,
    },
    {
      name: 'a fixture of the class gives it its value',
      good: py`
        import pytest
        from unittest import mock

        class TestFrames:
            @pytest.fixture(autouse=True)
            def connect(self):
                self.connection = mock.Mock(name="connection")
                self.connection.received = 0

            def test_header(self):
                handle(self.connection, b"header")
                assert self.connection.received
      `,
    },
    {
      name: 'the set-up gives the mock the method of the product, and a class that it is like',
      good: py`
        from unittest import mock
        from bank import Books, Ledger

        class TestPolicy:
            def setup_method(self):
                self.books = mock.MagicMock(spec=Books)
                self.ledger = mock.MagicMock()
                self.ledger.policy = Ledger.policy.__get__(self.ledger)

            def test_policy(self):
                statements = self.ledger.policy("north")
                resource = statements[0]["resource"]
                assert resource.startswith("quay:")

            def test_rates(self):
                first = self.books.rates()[0]
                assert first.is_open()
      `,
    },
    {
      name: 'what the code under test may have put in its place',
      good: py`
        from unittest import mock

        def test_limit():
            consumer = mock.Mock()
            limit(consumer)
            may_consume = consumer.channel.may_consume
            assert may_consume()
      `,
    },
  ],
});

function* judged(condition: Expression | undefined, owner: FunctionSubject | undefined, file: TestFile): Iterable<Finding> {
  if (condition === undefined || owner === undefined || owner.role !== 'test') return;
  const { name, root } = chain(condition);
  if (root === undefined || !isMockName(condition.refersTo)) return;
  if (root.startsWith('self.') && file.class?.methods.has(root.slice('self.'.length)) === true) return; // a function that answers as its mock is told
  if (name !== undefined && (FACTS.has(name) || isMockAssertion(name) || meantAssertion(name) !== undefined || name.startsWith('assert'))) return;
  if (`${condition.text}.${condition.refersTo ?? ''}`.split(/[.()[\]]+/).some((it) => FACTS.has(it.replace(/^_mock_/, '')))) return;
  const origin = originOf(root, owner.node);
  const bodies = [owner.node, ...(origin.startsWith('self.') ? preparationsOf(file) : [])];
  if (bodies.some((it) => configured(root, it) || configured(origin, it))) return;
  if (condition.type === 'attribute' && condition.text !== root && !(condition.object.text === root && isPatched(root, owner))) {
    if (condition.refersTo?.includes('[]') === true) return; // what is taken from a container somebody has put there
    yield {
      at: condition.place,
      kind: 'informational',
      message: `${code(condition, 50)} is a mock unless the code under test sets it, and a mock is always true as a condition`,
    };
    return;
  }
  yield { at: condition.place, message: `${code(condition, 50)} is a mock, and as a condition it is always true` };
}

/** The mock that a decorator hands to the test: of a module, class or function, whose attributes are what it has and not what it is given. */
function isPatched(name: string, { parameters, decorators }: FunctionSubject): boolean {
  return parameters.includes(name) && decorators.some((it) => it?.startsWith('unittest.mock.patch') === true);
}

/** What runs before each test of the class. */
function preparationsOf(file: TestFile): readonly FunctionDefinition[] {
  const around = file.class;
  if (around === undefined) return [];
  return [...around.methods.values()].flatMap(({ name, role }) => {
    const node = role === 'setup' || role === 'fixture' ? file.definition(`${around.qualified}().${name}`)?.node : undefined;
    return node ?? [];
  });
}

/** The mock that an expression starts from, and its last name. */
function chain(it: Expression): { name: string | undefined; root: string | undefined } {
  let node = it;
  let name: string | undefined;
  for (;;) {
    if (node.type === 'call') node = node.function;
    else if (node.type === 'subscript') node = node.object;
    else if (node.type === 'attribute' && !(node.object.type === 'name' && node.object.id === 'self')) {
      name ??= node.name;
      node = node.object;
    } else break;
  }
  return { name, root: node.type === 'name' || node.type === 'attribute' ? node.text : undefined };
}

/** The mock that a name was taken from, in steps too: `client` for `send = client.api.send`, and for `first = answer[0]` where `answer = client.ask()`. */
function originOf(root: string, body: FunctionDefinition): string {
  const met = new Set<string>();
  for (let name = root; ; ) {
    if (met.has(name)) return name;
    met.add(name);
    const given = walk(body).find((it) => it.type === 'assignment' && it.targets.some((each) => each.text === name));
    const value = given?.type === 'assignment' ? given.value : undefined;
    const next =
      value === undefined || !isMockName(value.refersTo) || makesMock(value.type === 'call' ? value.callee : undefined) ? undefined : chain(value).root;
    if (next === undefined) return name;
    name = next;
  }
}

/** Does the test (or what made the mock) tell it what to answer? */
function configured(root: string, body: FunctionDefinition): boolean {
  for (const it of walk(body)) {
    if (it.type === 'assignment') {
      for (const target of it.targets) {
        if (target.text.startsWith(`${root}.`)) return true;
        if (target.text === root && it.value?.type === 'call' && it.value.arguments.length > 0) return true;
      }
    } else if (it.type === 'call') {
      if (it.function.text === `${root}.configure_mock` || (it.method === 'setattr' && it.arguments[0]?.value.text === root)) return true;
      if (it.method !== '' && it.arguments.some((each) => each.value.text === root) && !/^assert/.test(it.method)) return true;
    } else if (it.type === 'with') {
      if (
        it.items.some(
          (item) =>
            item.target?.text === root &&
            item.context.type === 'call' &&
            (item.context.arguments.some((each) => each.keyword !== undefined && each.keyword !== 'autospec') ||
              item.context.arguments.some((each) => each.unpack !== undefined)),
        )
      )
        return true;
    }
  }
  // A decorator that configures what it passes.
  return body.decorators.some(
    (it) => it.type === 'call' && it.arguments.some((each) => each.unpack !== undefined || (each.keyword !== undefined && each.keyword !== 'autospec')),
  );
}
