import { type Call, type FunctionDefinition, type Statement, type TestFile, walk } from '../model.ts';
import { calledBy, callRunning, isAssertion, isFailure } from '../python/failures.ts';
import { waitingEnds } from '../python/waiting.ts';
import { remembered } from '../remembered.ts';
import { defineRule, py } from '../rule.ts';

export const rule = defineRule({
  id: 'outcome-asserted-after-waiting',
  code: 'ERR-S08',
  category: 'errors',
  title: 'the outcome is asserted once the wait is over',
  kind: 'pass',
  confidence: 'high',
  cwe: [],
  why: 'A test that waits for an operation proves something only when it then compares what came of it.',
  limits:
    'Only waits that were read, in this file or in the workspace, and that end in a failure; only assertions on the same level, up to the next call that is not there to read something, and not `assert it` where `it` is only used next. Of several waits the last with such an assertion behind it.',
  links: [],
  on: 'function',
  wants: ({ role }) => role === 'test',
  *check(subject, file) {
    if (subject.role !== 'test') return;
    const { body } = subject.node;
    // Of what stands behind, the assertions before something else is done; the last one first.
    let outcomes: Statement[] = [];
    for (let at = body.length - 1; at >= 0; at--) {
      const it = body[at];
      if (it === undefined) return;
      const wait = outcomes.length === 0 ? undefined : waitIn(it, file);
      if (wait !== undefined) {
        for (const each of outcomes.reverse()) {
          const how = each.type === 'assert' ? 'assert' : (calledBy(each)?.method ?? '');
          yield {
            at: each.place,
            message: `\`${how}\` checks the outcome after \`${wait.method}\` has waited for it`,
            trail: [{ at: wait.place, note: 'waits, and fails the test when it was in vain' }],
          };
        }
        return;
      }
      if (isAction(it)) outcomes = [];
      else if (isAssertion(it) && !isFailure(it) && !isStep(it, body[at + 1])) outcomes.push(it);
    }
  },
  examples: [
    {
      name: 'wait, then compare; a wait inside of an assertion, and one that nothing comes after',
      bad: py`
        import unittest

        class TestMove(unittest.TestCase):
            def _wait(self, wanted):
                for attempt in range(10):
                    seen = self.api.status()
                    if seen == wanted:
                        return seen
                self.fail('still %s' % seen)

            def test_move(self):
                self.api.move()
                moved = self._wait('done')
                self.assertEqual('host2', moved.host)  #! checks the outcome after ${'`_wait`'} has waited

            def test_idle(self):
                self.assertEqual('done', self._wait('done'))
                self.assertEqual('host2', self.api.host())  #! checks the outcome after ${'`_wait`'} has waited
                self._wait('idle')
      `,
    },
    {
      name: 'a helper that gives up in silence proves nothing',
      good: py`
        import unittest

        class TestMove(unittest.TestCase):
            def _wait(self, wanted):
                for attempt in range(10):
                    seen = self.api.status()
                    if seen == wanted:
                        return seen

            def test_move(self):
                self.api.move()
                moved = self._wait('done')
                self.assertEqual('host2', moved.host)

            def test_no_wait(self):
                self.assertEqual('host1', self.api.host())

        class TestBack(unittest.TestCase):
            def _wait(self, wanted):
                for attempt in range(10):
                    if self.api.status() == wanted:
                        return
                self.fail('never %s' % wanted)

            def test_back(self):
                self._wait('done')
                self.api.move_back()
                self.assertEqual('host1', self.api.host())

            def test_close(self):
                self._wait('done')
                server = self.server
                assert server
                server.close()

            def test_each_back(self):
                self._wait('done')
                for host in self.hosts:
                    host.move_back()
                self.assertEqual('host1', self.api.host())
      `,
    },
    {
      name: 'what stands before the wait is no outcome',
      good: py`
        import unittest

        class TestMove(unittest.TestCase):
            def _wait(self, wanted):
                for attempt in range(10):
                    if self.api.status() == wanted:
                        return
                self.fail('never %s' % wanted)

            def test_move(self):
                self.assertEqual('host1', self.api.host())
                self.api.move()
                self._wait('done')
      `,
    },
  ],
});

/** `assert server` before `server.close()`: there must be one to go on. */
function isStep(it: Statement, next: Statement | undefined): boolean {
  const asserted = it.type === 'assert' ? it.operands[0] : undefined;
  return asserted?.type === 'name' && next !== undefined && isAction(next) && next.text.startsWith(`${asserted.id}.`);
}

/** A call whose outcome was not waited for. */
function isAction(it: Statement): boolean {
  if (it.type === 'if' || it.type === 'for' || it.type === 'while' || it.type === 'with' || it.type === 'try')
    return walk(it).some((each) => (each.type === 'expression' || each.type === 'assignment') && isAction(each));
  const call = it.type === 'expression' || it.type === 'assignment' ? (it.type === 'expression' ? it.expression : it.value) : undefined;
  return call?.type === 'call' && !isAssertion(it) && !READING.test(call.method);
}

const READING = /^_?(?:get|list|show|find|read|fetch|load|describe|query|filter|first|all|len|sorted|set|dict|list|str|int|info|debug|copy|json|loads)/i;

/** The call in the statement to a function whose waiting loop ends in a failure. */
function waitIn(statement: Statement, file: TestFile): Call | undefined {
  if (statement.type !== 'assignment' && statement.type !== 'expression') return undefined;
  return callRunning(statement, (it) => {
    // A wait is a helper of the test: a method of its own, or a function called by its bare name.
    const { function: called } = it;
    if (called.type !== 'name' && !(called.type === 'attribute' && called.object.type === 'name' && called.object.id === 'self')) return false;
    const node = it.callee === undefined ? undefined : file.definition(it.callee)?.node;
    return node !== undefined && endsInFailure(node);
  });
}

/** Helpers are called again and again. */
const endsInFailure = remembered((node: FunctionDefinition) => waitingEnds(node).length > 0);
