import { constantText, type Expression, type FunctionSubject, type TestFile, type Value } from '../model.ts';
import { innermostFunction } from '../python/failures.ts';
import { isColumn } from '../python/parametrize.ts';
import { code } from '../python/patchers.ts';
import { defineRule, py } from '../rule.ts';

export const rule = defineRule({
  id: 'target-computed',
  code: 'MCK-U04',
  category: 'mocking',
  title: 'What is stubbed is computed',
  kind: 'open',
  confidence: 'high',
  cwe: [],
  why: 'Which function the stub replaces, and so which live one is kept out, is known only when the test runs.',
  instead: 'Write the target as a string.',
  limits:
    'Targets that a helper, a function inside, or the set-up of a base is given are left to its callers, and tests that never run to nobody; one of which the beginning and the end are written, what a function of one expression, with names for its parts, gives for what is written or imported, `__name__` and `__module__`, or a column of the table that the test has, a reader sees.',
  links: ['https://docs.python.org/3/library/unittest.mock.html#unittest.mock.patch'],
  once: 'file',
  on: 'patch',
  patches: (target) => target === '',
  *check(patch, file) {
    if (patch.targets.length > 0 || patch.owner === undefined || patch.owner.role === 'helper') return;
    if (patch.form !== 'stub_out' && patch.form !== 'monkeypatch' && patch.form !== 'patch' && patch.form !== 'MonkeyPatch') return;
    // What a function inside is given, its callers write.
    const inner = innermostFunction(patch.call);
    if (inner?.type === 'function' && inner !== patch.owner.node) return;
    const given = patch.call.arguments[0];
    if (given === undefined || given.unpack !== undefined || !/^(?:fstring|operation|call)$/.test(given.value.type)) return;
    if (given.value.type === 'call' && patch.form === 'monkeypatch') return; // an object
    if (isToBeRead(given.value, patch.owner, file) || isLeftToOthers(given.value, patch.owner, file) || file.skipped(patch.call)) return;
    yield { at: given.place, message: `what is stubbed: ${code(given.value, 60)} is computed` };
  },
  examples: [
    {
      name: 'a target made up of parts',
      bad: py`
        from unittest import mock

        def test_transfer(name):
            with mock.patch(f"bank.client.{name}"):  #! is computed
                transfer(10)
      `,
    },
    {
      name: 'a target whose end is put in',
      bad: py`
        from unittest import mock

        def test_transfer(name):
            with mock.patch("bank.client.%s" % name):  #! is computed
                transfer(10)
      `,
    },
    {
      name: 'a target that is known, a test that never runs',
      good: py`
        import unittest
        from unittest import mock

        @unittest.skip("until it is mended")
        def test_later(name):
            with mock.patch(f"bank.client.{name}"):
                transfer(10)

        def test_device(name):
            with mock.patch(f"bank.{name}.send"), mock.patch("bank.%s.receive" % name):
                transfer(10)

        MODULE = "bank.client"

        def test_transfer():
            with mock.patch(MODULE + ".send"):
                transfer(10)

        class TestTransfer:
            audit = "bank.audit"

            @mock.patch("%s.record" % (audit))
            def test_audit(self, record):
                transfer(10)
      `,
    },
    {
      name: 'what a set-up is given by those who derive from its class',
      good: py`
        import unittest
        from unittest import mock

        class TestMeter(unittest.TestCase):
            def setUp(self, plugin=None, scheduler=None):
                if not plugin:
                    plugin = ("bank.plugins."
                              "Plain")
                if not scheduler:
                    scheduler = plugin
                patcher = mock.patch(scheduler +
                                     ".hosts")
                patcher.start()
                self.addCleanup(patcher.stop)

            def test_meter(self):
                self.assertTrue(meter())

        class TestMeterLate(TestMeter):
            def setUp(self):
                late = "bank.plugins.Late"
                super().setUp(scheduler=late)
      `,
    },
    {
      name: 'one target for each value of a loop',
      good: py`
        from unittest import mock

        def test_transfer():
            for name in ("client", "server"):
                with mock.patch(f"bank.{name}.send"):
                    transfer(10)

        def test_each(self):
            payloads = {"send": {}, "receive": {"amount": 10}}
            for name, payload in payloads.items():
                with mock.patch(f"bank.client.{name}"):
                    transfer(payload)

        class TestSummary:
            def summary():
                return "bank.client.summary"

            @mock.patch(summary())
            def test_summary(self, summary):
                transfer(10)
      `,
    },
    {
      name: 'the module of a method',
      good: {
        'tests/test_plugin.py': py`
          import unittest
          from unittest import mock
          from bank import plugins

          class TestPlugin(unittest.TestCase):
              def setUp(self):
                  self.plugin = plugins.Deltas()

              def test_nothing(self):
                  with mock.patch("%s.LOG" % self.plugin.values.__module__):
                      self.assertIsNone(self.plugin.values([]))
        `,
        'bank/plugins.py': 'LOG = None\n\nclass Deltas:\n    def values(self, given):\n        return None\n',
      },
    },
    {
      name: 'a method that joins the names of a class, a column of a table by another name',
      good: py`
        import ddt
        import unittest
        from unittest import mock

        class BaseMixin:
            ledger_class = None

            def ledger_part(self, name, page=None):
                ledger = page.ledger.__class__ if page else self.ledger_class
                return ".".join([ledger.__module__, ledger.__name__, name])

        @ddt.ddt
        class TestLedger(BaseMixin, unittest.TestCase):
            def test_part(self):
                with mock.patch(self.ledger_part("pages")):
                    transfer(10)

            @ddt.data({"command": "send", "amount": 1}, {"command": "receive", "amount": 2})
            @ddt.unpack
            def test_command(self, command, amount):
                name = "bank_" + command
                with mock.patch("bank.client." + name) as called:
                    transfer(amount)
      `,
    },
    {
      name: 'the name of a module, a function of one line, a column of a table',
      good: py`
        import subprocess
        import pytest
        import bank.client
        from unittest import mock

        def absolute(name):
            return f"bank.client.{name}"

        def named(function):
            """Its full name."""
            return str.join(".", [function.__module__, function.__qualname__])

        @pytest.fixture
        def replace(monkeypatch):
            def replace_in(module, name):
                monkeypatch.setattr(f"{module}.{name}", None)
            return replace_in

        def test_command():
            with mock.patch(named(subprocess.run)):
                transfer(10)

        @pytest.mark.parametrize("command", ["send", "receive"])
        def test_help(command):
            with mock.patch(f"bank.client.{command}"):
                transfer(10)

        def test_transfer():
            with mock.patch(f"{bank.client.__name__}.send"), mock.patch(absolute("receive")):
                transfer(10)
      `,
    },
  ],
});

/** A text of constants, of a column of the test's table, of `module.__name__`, or what a function of the workspace gives at once for such a text, or for what the file imports. */
function isToBeRead(it: Expression, owner: FunctionSubject, file: TestFile): boolean {
  if (isFramed(it)) return true;
  const isWritten = (each: Expression) => isNameOf(each) || isOfTable(each.value, owner);
  if (it.type === 'fstring') return it.parts.every((part) => typeof part === 'string' || isWritten(part));
  if (it.type === 'operation') return it.operator === '+' && it.left !== undefined && [it.left, it.right].every((each) => isToBeRead(each, owner, file));
  if (it.type !== 'call') return isWritten(it);
  // A decorator sees the functions of the class around it.
  const name = it.callee ?? (owner.class === undefined ? undefined : `${owner.class.qualified}.${it.function.text}`);
  const made = name === undefined ? undefined : file.definition(name);
  const only = made?.kind === 'function' ? made.node?.body.filter((each) => each.type !== 'expression' && each.type !== 'assignment').at(0) : undefined;
  return (
    only?.type === 'return' && it.arguments.every(({ value }) => value.value.kind === 'constant' || file.imports((value.refersTo ?? '').split('.', 1)[0] ?? ''))
  );
}

/** Made of what is written and of what a set-up is given: by those who derive from its class, in `super().setUp(kind='bank')`. */
function isLeftToOthers(it: Expression, { role, fixture, class: around }: FunctionSubject, file: TestFile): boolean {
  if (role !== 'setup' || fixture !== undefined || around === undefined) return false;
  return file.origins(it).every(({ sort }) => sort === 'constant' || sort === 'parameter');
}

/** `torch.{device}.set_device`, `'torch.%s.set_device' % device`: which function, and of what, is written. */
function isFramed({ value }: Expression): boolean {
  if (value.kind !== 'joined') return false;
  const [first = '', last = ''] = [value.parts[0], value.parts.at(-1)].map((it) => (it === undefined ? '' : (constantText(it) ?? '')));
  return /^[a-z_]\w*\./i.test(first) && /\.[a-z_]\w*$/i.test(last);
}

/** A text of constants, one for each row of a table, or of columns of the table that the test has; also by another name. */
function isOfTable(it: Value, owner: FunctionSubject): boolean {
  if (it.kind === 'joined') return it.parts.every((part) => isOfTable(part, owner));
  if (it.kind === 'oneOf') return it.choices.every((each) => isOfTable(each, owner));
  return it.kind === 'constant' || (it.kind === 'parameter' && isColumn(it.name, owner.node.decorators));
}

function isNameOf(it: Expression): boolean {
  return it.type === 'attribute' && (it.name === '__name__' || it.name === '__module__');
}
