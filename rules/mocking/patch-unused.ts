import type { Call, Patch, TestFile } from '../model.ts';
import { constantText, statementOf, walk } from '../model.ts';
import { registration } from '../python/cleanups.ts';
import { isMockName } from '../python/mock.ts';
import { insideRaises, mockLike } from '../python/mock-assertions.ts';
import { lastTwo } from '../python/names.ts';
import { calledFunctions, code } from '../python/patchers.ts';
import { defineRule, type Fix, insertAfter, py, replace } from '../rule.ts';

/** Calls that only give a context manager or decorator. */
const INERT: ReadonlySet<string> = new Set([
  'django.test.override_settings',
  'django.test.utils.override_settings',
  'django.test.modify_settings',
  'freezegun.freeze_time',
  'time_machine.travel',
]);

export const rule = defineRule({
  id: 'patch-unused',
  code: 'MCK004',
  category: 'mocking',
  title: 'Patch created but never applied',
  kind: 'fail',
  kinds: ['fail', 'informational'],
  confidence: 'high',
  cwe: [1164],
  why: 'The call only makes a patcher. Until that is entered or started the live function runs, whatever the test means to have stubbed.',
  instead: 'Use it in `with`, as a decorator, through `enterContext`/`useFixture`, or start it and register its stop.',
  limits:
    'Patchers that are stored in containers or passed on are taken as applied. What a helper makes, which nobody may call, is a note, and so is what hides nothing. Silent in the suite of the library that makes the context manager.',
  links: ['https://docs.python.org/3/library/unittest.mock.html#the-patchers'],
  on: ['patch', 'call'],
  calls: (callee) => INERT.has(callee),
  wants: (it) => it.type === 'call' || it.applied === 'unused',
  *check(subject, file) {
    if (subject.type === 'call') {
      if (subject.callee === undefined || !INERT.has(subject.callee) || subject.parent?.type !== 'expression') return;
      // That it can be made may be what is tested.
      if (statementOf(subject)?.parent?.type === 'try' || insideRaises(subject) || file.exists(subject.callee) === 'yes') return;
      yield { at: subject.place, message: `${code(subject, 50)} is never entered: nothing is changed` };
      return;
    }
    if (subject.applied !== 'unused' || insideRaises(subject.call)) return;
    if (isOfMock(subject)) {
      yield { at: subject.place, kind: 'informational', message: `${code(subject.call, 50)} is never started: the mock stays as it is` };
      return;
    }
    const other = samePatch(subject);
    if (other !== undefined) {
      yield {
        at: subject.place,
        kind: 'informational',
        message: `${code(subject.call, 50)} is never started: only the other patch of the same is in force`,
        trail: [{ at: other.place, note: 'is in force' }],
      };
      return;
    }
    yield {
      at: subject.place,
      // Nobody may call a helper.
      ...(subject.owner?.role === 'helper' ? { kind: 'informational' } : {}),
      message: `${code(subject.call, 50)} is never started: ${withoutIt(subject, file)}`,
      ...fixOf(subject, file),
    };
  },
  examples: [
    {
      name: 'a patch that nobody starts',
      bad: py`
        from unittest import mock

        def test_transfer():
            mock.patch("bank.client.send", return_value=True)
        #   ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ is never started
            assert transfer(10)
      `,
    },
    {
      name: 'in a test case of unittest',
      bad: py`
        import unittest
        from unittest import mock

        class TestTransfer(unittest.TestCase):
            def test_transfer(self):
                mock.patch("bank.client.send", return_value=True)  #! is never started
                self.assertTrue(transfer(10))
      `,
      fixed: py`
        import unittest
        from unittest import mock

        class TestTransfer(unittest.TestCase):
            def test_transfer(self):
                patcher = mock.patch("bank.client.send", return_value=True)
                patcher.start()
                self.addCleanup(patcher.stop)
                self.assertTrue(transfer(10))
      `,
    },
    {
      name: 'of something to read, of what is not there, of what is seen to run and what is not',
      bad: {
        'tests/test_transfer.py': py`
          import os
          from unittest import mock
          from bank import client
          from bank.till import pay
          from harbour import build

          def test_transfer():
              mock.patch.dict(os.environ, clear=True)  #! stays as it is
              mock.patch.object(client, "LIMIT", 10)  #! stays as it is
              mock.patch.object(client, "FEE", 10)  #! there is no
              mock.patch.object(client, "send")  #! runs
              assert client.send(10)

          def test_pay():
              mock.patch("bank.client.send")  #! runs
              mock.patch.object(build().wire, "send")  #! it has no effect
              mock.patch("bank.client.refund")  #! it has no effect
              assert pay(10)
        `,
        'bank/till.py': 'from bank import client\n\ndef pay(amount):\n    return client.send(amount)\n',
        'bank/client.py': 'LIMIT = 100\n\ndef send(amount):\n    return amount\n\ndef refund(amount):\n    return amount\n',
      },
    },
    {
      name: 'of an attribute of a mock',
      bad: py`
        from unittest import mock

        @mock.patch("bank.client.make")
        def test_transfer(make):
            mock.patch.object(make.return_value, "rates")  #! the mock stays
            assert transfer(10)
      `,
    },
    {
      name: 'beside another patch of the same',
      bad: py`
        from unittest import mock
        from bank import client

        def test_transfer():
            mock.patch.object(client, "send")  #! only the other patch of the same is in force; 2 times
            with mock.patch.object(client, "send") as send:
                assert transfer(10)

        @mock.patch.object(client, "send")
        def test_refund(send):
            mock.patch.object(client, "send")
            assert refund(10)
      `,
    },
    {
      name: 'kept in a name that is not used',
      bad: py`
        from unittest import mock

        def test_transfer():
            sending = mock.patch.object(client, "send")  #! is never started
            assert transfer(10)
      `,
    },
    {
      name: 'that it can be made is what is tested: in the suite of the library, or where making it is refused',
      good: {
        'tests/test_freeze.py': py`
          from freezegun import freeze_time
          import time_machine

          def test_configured():
              freeze_time("2020-10-06")

          def test_refused():
              try:
                  time_machine.travel("2020-13-06")
              except ValueError:
                  pass
        `,
        'freezegun/__init__.py': 'from freezegun.api import freeze_time\n',
        'freezegun/api.py': 'def freeze_time(moment):\n    return moment\n',
      },
    },
    {
      name: 'applied, returned or kept for later',
      good: py`
        import unittest
        from unittest import mock

        class TestTransfer(unittest.TestCase):
            def stub(self):
                return mock.patch("bank.client.send")

            def test_transfer(self):
                patches = [mock.patch("bank.client.send"), mock.patch("bank.clock")]
                for it in patches:
                    it.start()
                    self.addCleanup(it.stop)
                one = mock.patch("bank.audit")
                with one:
                    transfer(10)
      `,
    },
  ],
});

/** What is there where the patch is not: nothing of this name, something to read, or what is seen to run. */
function withoutIt({ call, target, form, owner }: Patch, file: TestFile): string {
  if (target === undefined) return 'it has no effect';
  const [object, name] = call.arguments.map((it) => it.value);
  const attribute = constantText(name?.value);
  // As the test writes it: an object has the name of what made it.
  const what = code(lastTwo(call.method === 'object' && object !== undefined && attribute !== undefined ? `${object.text}.${attribute}` : target), 40);
  if (file.exists(target) === 'no') return `there is no ${what} either`;
  if (form === 'patch.dict' || file.isMade(target)) return `${what} stays as it is`;
  const bodies = owner === undefined ? [] : [owner.node, ...calledFunctions(owner, file)];
  return bodies.some((body) => walk(body).some((it) => it.type === 'call' && it.callee === target)) ? `${what} runs` : 'it has no effect';
}

/** Of an attribute of a mock, which is none of the real thing either way. */
function isOfMock({ call }: Patch): boolean {
  const object = call.method === 'object' ? call.arguments[0]?.value : undefined;
  return object !== undefined && (isMockName(object.refersTo) || mockLike(object) !== 'no');
}

/** Another patch of the same attribute, which the function enters or is decorated with. */
function samePatch({ call, owner }: Patch): Call | undefined {
  if (owner === undefined) return undefined;
  const replaced = replacedBy(call);
  for (const it of walk(owner.node)) {
    if (it.type !== 'call' || it === call || it.callee !== call.callee || replacedBy(it) !== replaced) continue;
    if (it.parent?.type === 'with' || it.parent?.type === 'function') return it;
  }
  return undefined;
}

/** What names the attribute: one text, or an object and a text. */
function replacedBy({ method, arguments: given }: Call): string {
  return given
    .slice(0, method === 'object' ? 2 : 1)
    .map((it) => it.value.text)
    .join(' ');
}

/** Starts the patcher and registers its stop, where a test case has a method for that. */
function fixOf({ call, owner }: Patch, file: TestFile): { fix?: Fix } {
  const statement = statementOf(call);
  const [target] = statement?.type === 'assignment' ? statement.targets : [];
  const name = target?.type === 'name' ? target.id : 'patcher';
  const line = registration(call, owner, `${name}.stop`, file);
  if (statement === undefined || line === undefined || (target === undefined && owner?.node.text.includes('patcher') === true)) return {};
  const made = target === undefined ? [replace(call, `patcher = ${call.text}`)] : [];
  return { fix: { title: 'Start it, and register its stop', safety: 'suggest', edits: [...made, insertAfter(statement, `${name}.start()`, line)] } };
}
