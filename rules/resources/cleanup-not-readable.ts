import type { Expression } from '../model.ts';
import { constantText } from '../model.ts';
import { CLEANUP_REGISTRARS } from '../python/resources.ts';
import { defineRule, py } from '../rule.ts';

export const rule = defineRule({
  id: 'cleanup-not-readable',
  code: 'RES-U04',
  category: 'resources',
  title: 'What a cleanup does is decided while the test runs',
  kind: 'open',
  confidence: 'high',
  cwe: [459],
  why: 'A cleanup that is looked up by a name may undo the right thing, another one, or fail.',
  instead: 'Register the function itself: `addCleanup(server.stop)`.',
  limits: 'A function that is kept in a variable or an attribute is taken as known.',
  links: ['https://docs.python.org/3/library/unittest.html#unittest.TestCase.addCleanup'],
  once: 'class',
  on: 'call',
  calls: (_, method) => CLEANUP_REGISTRARS.has(method),
  *check(call) {
    if (!CLEANUP_REGISTRARS.has(call.method)) return;
    const first = call.arguments[0]?.value;
    if (first !== undefined && isLookedUp(first)) yield { at: call.place, message: `what \`${short(first.text)}\` undoes is decided while the test runs` };
  },
  examples: [
    {
      name: 'a method by a name that is not known, one of a table',
      bad: py`
        import unittest

        class TestServers(unittest.TestCase):
            def start(self, server, stop):
                server.start()
                self.addCleanup(getattr(server, stop))  #! is decided while the test runs
      `,
    },
    {
      name: 'one of a table',
      bad: py`
        import unittest

        UNDO = {"start": print}

        class TestServers(unittest.TestCase):
            def start(self, server, action):
                self.addCleanup(UNDO[action], server)  #! is decided while the test runs
      `,
    },
    {
      name: 'a function, a method by a constant name, a lambda',
      good: py`
        import unittest

        class TestServers(unittest.TestCase):
            def start(self, server):
                server.start()
                self.addCleanup(server.stop)
                self.addCleanup(getattr(server, "stop"))
                self.addCleanup(lambda: server.stop())
      `,
    },
  ],
});

function isLookedUp(it: Expression): boolean {
  if (it.type === 'call' && it.callee === 'builtins.getattr') {
    const name = it.arguments[1]?.value;
    return name === undefined || constantText(name.value) === undefined;
  }
  return it.type === 'subscript' && it.index.every((each) => each.value.kind !== 'constant');
}

function short(text: string): string {
  const line = text.replace(/\s+/g, ' ');
  return line.length > 50 ? `${line.slice(0, 49)}…` : line;
}
