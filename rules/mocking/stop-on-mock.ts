import { code, registerStop, stoppedMock } from '../python/patchers.ts';
import { CLEANUP_METHODS } from '../python/resources.ts';
import { defineRule, py } from '../rule.ts';

export const rule = defineRule({
  id: 'stop-on-mock',
  code: 'MCK002',
  category: 'mocking',
  title: 'Stop registered on the mock instead of the patcher',
  kind: 'fail',
  kinds: ['fail', 'review'],
  confidence: 'high',
  cwe: [459],
  why: '`start()` gives the mock, not the patcher. A mock answers to any method, so `mock.stop()` does nothing, silently, and the patch stays in force for all later tests.',
  instead: 'Keep the patcher in a name of its own and register `patcher.stop`.',
  limits: 'Mocks that travel through a container or another function are not followed.',
  links: ['https://docs.python.org/3/library/unittest.mock.html#patch-methods-start-and-stop'],
  on: 'call',
  calls: (_, method) => method === 'stop' || CLEANUP_METHODS.has(method),
  *check(call, file) {
    const found = stoppedMock(call);
    if (found === undefined) return;
    const owner = file.ownerOf(call);
    // A test may well ask its mock to stop; only set-up and tear-down mean the patch.
    if (call.method === 'stop' && owner?.role === 'test' && found.patcher.type === 'call') return;
    const stopall = owner?.class?.guarantees('stopall') ?? 'no';
    const fix = call.method === 'stop' ? undefined : registerStop(found, owner, file, found.stop);
    const trail = [{ at: found.start.place, note: `${code(found.mock, 30)} is the mock that \`start()\` gives` }];
    const rest = fix === undefined ? {} : { fix };
    const what = `${code(found.stop, 44)} is a call on the mock, not the patcher`;
    if (stopall === 'no') yield { at: found.stop.place, message: `${what}: it does nothing and the patch stays`, trail, ...rest };
    else if (stopall === 'yes') yield { at: found.stop.place, kind: 'review', message: `${what}; only \`stopall\` of a base undoes the patch`, trail, ...rest };
    else yield { at: found.stop.place, kind: 'review', message: `${what}: it does nothing`, trail, ...rest };
  },
  examples: [
    {
      name: 'stop of the mock',
      bad: py`
        import unittest
        from unittest import mock

        class TestClock(unittest.TestCase):
            def setUp(self):
                clock = mock.patch("bank.clock.now")
                self.clock = clock.start()
                self.addCleanup(self.clock.stop)
                #               ^^^^^^^^^^^^^^^ not the patcher: it does nothing and the patch stays
      `,
      fixed: py`
        import unittest
        from unittest import mock

        class TestClock(unittest.TestCase):
            def setUp(self):
                clock = mock.patch("bank.clock.now")
                self.clock = clock.start()
                self.addCleanup(clock.stop)
      `,
    },
    {
      name: 'made and started in one expression',
      bad: py`
        import unittest
        from unittest import mock

        class TestClock(unittest.TestCase):
            def setUp(self):
                self.clock = mock.patch("bank.clock.now").start()
                self.addCleanup(self.clock.stop)  #! on the mock
      `,
      fixed: py`
        import unittest
        from unittest import mock

        class TestClock(unittest.TestCase):
            def setUp(self):
                patcher = mock.patch("bank.clock.now")
                self.clock = patcher.start()
                self.addCleanup(patcher.stop)
      `,
    },
    {
      name: 'a base class stops all patches',
      bad: py`
        from unittest import mock
        from oslotest import base

        class TestClock(base.BaseTestCase):
            def setUp(self):
                super().setUp()
                p = mock.patch("bank.clock.now")
                self.clock = p.start()
                self.addCleanup(self.clock.stop)  #! of a base undoes the patch
      `,
    },
    {
      name: 'stop of the patcher, under whatever name',
      good: py`
        import unittest
        from unittest import mock

        class TestClock(unittest.TestCase):
            def setUp(self):
                self.mock_clock = mock.patch("bank.clock.now")
                self.mock_clock.start()
                self.addCleanup(self.mock_clock.stop)
      `,
    },
    {
      name: 'an object with a stop of its own',
      good: py`
        import unittest
        from unittest import mock
        from fakes import FakeServer

        class TestServer(unittest.TestCase):
            def setUp(self):
                patcher = mock.patch("bank.server", new=FakeServer())
                server = patcher.start()
                self.addCleanup(patcher.stop)
                self.addCleanup(server.stop)
      `,
    },
  ],
});
