import { calledBy } from '../python/failures.ts';
import { mayWait, waitingEnds } from '../python/waiting.ts';
import { defineRule, py } from '../rule.ts';

export const rule = defineRule({
  id: 'wait-ends-in-failure',
  code: 'ERR-S07',
  category: 'errors',
  title: 'a waiting loop ends in a failure, not in silence',
  kind: 'pass',
  confidence: 'high',
  cwe: [],
  why: 'A wait that gives up without a word lets the test go on with what never came.',
  limits: 'Loops over `range` and `while` loops are seen; a loop that is left by `break` needs its `else`.',
  links: [],
  on: 'function',
  wants: ({ node }) => mayWait(node),
  *check(subject) {
    for (const { failure, loop, state } of waitingEnds(subject.node)) {
      const called = failure.type === 'assert' ? `assert ${failure.operands[0]?.text ?? 'False'}` : calledBy(failure)?.function.text;
      const how = called === undefined ? '`raise`' : `\`${called}\``;
      const seen = state === undefined ? '' : `, with the state last seen (\`${state}\`)`;
      yield {
        at: failure.place,
        message: `waiting in \`${subject.name}\` ends in ${how}${seen}, not in silence`,
        trail: [{ at: loop.type === 'for' ? loop.iterable.place : loop.test.place, note: 'the loop that waits' }],
      };
    }
  },
  examples: [
    {
      name: 'a poll with a last word',
      bad: py`
        import time
        import unittest

        class TestMove(unittest.TestCase):
            def _wait(self, wanted):
                for attempt in range(10):
                    seen = self.api.status()
                    if seen == wanted:
                        return seen
                    time.sleep(0.5)
                self.fail('still %s' % seen)  #! ends in ${'`self.fail`'}, with the state last seen (${'`seen`'})
      `,
    },
    {
      name: 'the same without its last line, and a loop that is no wait',
      good: py`
        import time
        import unittest

        class TestMove(unittest.TestCase):
            def _wait(self, wanted):
                for attempt in range(10):
                    seen = self.api.status()
                    if seen == wanted:
                        return seen
                    time.sleep(0.5)

            def _wait_for_block(self):
                for attempt in range(10):
                    while True:
                        if self.api.mined():
                            return
                        time.sleep(1)
                self.fail('never mined')

            def _find(self, name):
                for server in self.api.servers():
                    if server.name == name:
                        break
                raise KeyError(name)
      `,
    },
    {
      name: 'a text that is put together is no state that was seen, one of an answer is',
      bad: py`
        import time

        def wait_for(shop, timeout):
            start = time.time()
            while shop.state() == "moving":
                if time.time() - start > timeout:
                    message = "not done in {} seconds".format(timeout)
                    raise TimeoutError(message)  #! ends in ${'`raise`, not in silence'}
                time.sleep(1)

        def wait_until(shop, timeout):
            start = time.time()
            while True:
                state = shop.state()
                if state == "done":
                    return
                if time.time() - start > timeout:
                    message = "still {}".format(state)
                    raise TimeoutError(message)  #! ends in ${'`raise`, with the state last seen (`message`)'}
                time.sleep(1)
      `,
    },
    {
      name: 'a deadline inside the loop',
      bad: py`
        import time

        def test_ready(shop):
            deadline = time.monotonic() + 5
            while not shop.ready():
                if time.monotonic() > deadline:
                    raise TimeoutError("not ready")  #! ends in ${'`raise`'}, not in silence
                time.sleep(0.1)
      `,
    },
    {
      name: 'what stands behind a loop without end',
      good: py`
        import itertools
        import time
        import unittest

        class TestMove(unittest.TestCase):
            def _wait(self, wanted):
                for attempt in itertools.count(1):
                    if self.api.status() == wanted:
                        return
                    time.sleep(0.5)
                self.fail("not reached")

            def _wait_on(self, wanted):
                while True:
                    if self.api.status() == wanted:
                        return
                    time.sleep(0.5)
                self.fail("not reached")
      `,
    },
  ],
});
