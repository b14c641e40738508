import { ancestors, type Call, constantText, type FunctionDefinition, type Release, walk } from '../model.ts';
import { code, startCall } from '../python/patchers.ts';
import { defineRule, py } from '../rule.ts';

export const rule = defineRule({
  id: 'patch-stop-registered',
  code: 'MCK-S03',
  category: 'mocking',
  title: 'Started patch is stopped on every path',
  kind: 'pass',
  confidence: 'high',
  cwe: [],
  why: 'A stop that is registered as a cleanup, or stands in a tear-down or `finally`, runs also when the test fails.',
  limits:
    'Patchers kept in containers are not followed. A patch that a `finally` begins again, and a stop in a function that nobody registers, are no evidence.',
  links: ['https://docs.python.org/3/library/unittest.mock.html#patch-methods-start-and-stop'],
  once: 'file',
  on: 'resource',
  *check(resource, file) {
    const started = resource.sort === 'patcher' ? startCall(resource.call) : undefined;
    if (started === undefined || isInFinally(resource.call)) return;
    const target = started.patch?.callee === 'unittest.mock.patch' ? constantText(started.patch.arguments[0]?.value.value) : undefined;
    // What is not there cannot be patched, nor be brought back.
    if (target !== undefined && file.exists(target) === 'no') return;
    const release =
      resource.releases.find((it) => (it.how === 'cleanup' && !isLeftToOthers(it, resource.call)) || it.how === 'with' || it.how === 'fixture') ??
      resource.releases.find((it) => it.how === 'finally' || it.how === 'teardown');
    if (release === undefined) return;
    const where = release.how === 'teardown' ? ' in the tear-down' : release.how === 'finally' ? ' in `finally`' : '';
    yield {
      at: resource.place,
      message: `${code(release.by, 60)}${where} stops the patch of ${code(resource.call, 34)}`,
      ...(release.place === undefined ? {} : { trail: [{ at: release.place, note: 'stops it' }] }),
    };
  },
  examples: [
    {
      name: 'of what is not there',
      good: {
        'tests/test_bank.py': py`
          import unittest
          from unittest import mock

          class TestBank(unittest.TestCase):
              def setUp(self):
                  patcher = mock.patch("bank.client.sent")
                  patcher.start()
                  self.addCleanup(patcher.stop)
        `,
        'bank/client.py': 'def send(amount):\n    return amount\n',
      },
    },
    {
      name: 'registered right after the start',
      bad: py`
        import unittest
        from unittest import mock

        class TestTransfer(unittest.TestCase):
            def setUp(self):
                patcher = mock.patch("bank.client.send")
                self.send = patcher.start()  #! stops the patch
                self.addCleanup(patcher.stop)
      `,
    },
    {
      name: 'stopped in the tear-down',
      bad: py`
        import unittest
        from unittest import mock

        class TestTransfer(unittest.TestCase):
            def setUp(self):
                self.patcher = mock.patch("bank.client.send")
                self.patcher.start()  #! in the tear-down stops the patch

            def tearDown(self):
                self.patcher.stop()
      `,
    },
    {
      name: 'a stop at the end of the test does not run when the test fails',
      good: py`
        from unittest import mock

        def test_transfer():
            patcher = mock.patch("bank.client.send")
            patcher.start()
            transfer(10)
            patcher.stop()
      `,
      alsoFinds: ['MCK001'],
    },
    {
      name: 'what a function stops for a while',
      good: py`
        from contextlib import contextmanager
        from unittest.mock import patch

        @contextmanager
        def quiet_open(contents):
            def read(path):
                patcher.stop()
                try:
                    return open(path)
                finally:
                    patcher.start()
            patcher = patch('builtins.open', read)
            patcher.start()
            yield
            patcher.stop()
      `,
    },
    {
      name: 'a function of its own that is registered',
      bad: py`
        from unittest import mock

        def test_transfer(request):
            patcher = mock.patch("bank.client.send")
            patcher.start()  #! stops the patch

            def undo():
                patcher.stop()

            request.addfinalizer(undo)
      `,
    },
  ],
});

/** `finally: patcher.start()` brings back what was in force before. */
function isInFinally(start: Call): boolean {
  for (const it of ancestors(start)) {
    if (it.type === 'function') return false;
    if (it.type === 'try' && it.final.some((each) => walk(each).includes(start))) return true;
  }
  return false;
}

/** A stop in a function inside the one that starts, which is neither registered nor given back: who calls it, and when? */
function isLeftToOthers({ by }: Release, start: Call): boolean {
  if (!/^[\w.]+\(\)$/.test(by)) return false;
  for (const it of ancestors(start)) {
    if (it.type !== 'function') continue;
    const inner = walk(it).filter((each): each is FunctionDefinition => each.type === 'function' && each !== it && each.text.includes(by));
    return inner.length > 0 && inner.every(({ name, decorators }) => decorators.length === 0 && !isGivenOn(name, it));
  }
  return false;
}

function isGivenOn(name: string, around: FunctionDefinition): boolean {
  return walk(around).some(
    ({ parent, text }) =>
      text === name && (parent?.type === 'return' || (parent?.type === 'call' && /cleanup|finalizer|callback|push|register/i.test(parent.method))),
  );
}
