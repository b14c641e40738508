import { walk } from '../model.ts';
import { registration } from '../python/cleanups.ts';
import { leakOf, plainStatement, shown } from '../python/leaks.ts';
import { defineRule, insertAfter, py } from '../rule.ts';

export const rule = defineRule({
  id: 'child-process-not-reaped',
  code: 'RES007',
  category: 'resources',
  title: 'Child process not reaped',
  kind: 'review',
  confidence: 'high',
  cwe: [404],
  peers: { pylint: ['R1732'] },
  why: 'The child goes on after the test, with its files, ports and rights, or stays behind as a zombie.',
  instead: 'Use `subprocess.run` or `with Popen(…)`, or register `kill` and `wait` before using it.',
  limits:
    'Scripts that other code runs, and tests that are never run, are not judged. A process given to another function is taken to be its business, and one whose number is kept for others theirs. Silent where the function sends a signal with `os.kill`.',
  links: ['https://docs.python.org/3/library/subprocess.html#subprocess.Popen'],
  yieldsTo: ['class-set-up-never-undone', 'fixture-returns-live-resource'],
  once: 'file',
  alike: true,
  on: 'resource',
  *check(resource, file) {
    const { sort, call, holder, owner } = resource;
    if (sort !== 'process' || leakOf(resource) !== 'review' || file.ownProcess || file.skipped(call)) return;
    // Nothing is started where what starts it is replaced.
    if (file.stubbed(`${call.callee ?? ''}._execute_child`, call) !== undefined) return;
    // `os.kill(pid, signal.SIGTERM)`: its number may have come another way.
    if (owner !== undefined && walk(owner.node).some((it) => it.type === 'call' && /^os\.kill(?:pg)?$/.test(it.callee ?? ''))) return;
    const statement = plainStatement(call);
    const line =
      holder === undefined || call.callee === undefined || call.callee.startsWith('asyncio.') ? undefined : registration(call, owner, `${holder}.kill`, file);
    yield {
      at: call.place,
      message:
        call.method === 'start'
          ? `nothing joins or stops the process that \`${shown(call)}\` starts`
          : `nothing waits for or stops the process that \`${shown(call)}\` starts`,
      ...(statement === undefined || line === undefined
        ? {}
        : { fix: { title: `Register \`${holder ?? ''}.kill\` as a cleanup`, safety: 'safe', edits: [insertAfter(statement, line)] } }),
    };
  },
  examples: [
    {
      name: 'nothing is started',
      good: py`
        import subprocess
        from unittest import mock

        import pytest

        @pytest.mark.xfail(reason='hangs', run=False)
        def test_server():
            subprocess.Popen(['harbour', 'serve'])

        def test_name():
            with mock.patch.object(subprocess.Popen, '_execute_child'):
                shown = subprocess.Popen(['ls'])
                assert 'ls' in repr(shown)
      `,
    },
    {
      name: 'a script that a test starts, and ends with all that it started',
      good: {
        'tests/data/serve.py': py`
          import subprocess

          if __name__ == '__main__':
              subprocess.Popen(['harbour', 'serve'])
        `,
      },
    },
    {
      name: 'started and forgotten',
      bad: py`
        import subprocess
        import unittest

        class TestServer(unittest.TestCase):
            def setUp(self):
                self.server = subprocess.Popen(['harbour', 'serve'])
                #             ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ nothing waits for
      `,
      fixed: py`
        import subprocess
        import unittest

        class TestServer(unittest.TestCase):
            def setUp(self):
                self.server = subprocess.Popen(['harbour', 'serve'])
                self.addCleanup(self.server.kill)
      `,
    },
    {
      name: 'a process of multiprocessing',
      bad: py`
        import multiprocessing

        def test_server():
            server = multiprocessing.Process(target=print)
            server.start()  #! nothing joins
            assert server.pid
      `,
    },
    {
      name: 'a function beside it that ends one of its own, and a loop that waits for something else',
      bad: py`
        import subprocess

        def test_server():
            def listed():
                server = subprocess.Popen(['harbour', 'list'])
                server.wait()

            listed()
            server = subprocess.Popen(['harbour', 'serve'])  #! nothing waits for
            while not harbour.is_open():
                if server.poll() is not None:
                    raise RuntimeError('it ended')
      `,
    },
    {
      name: 'waited for, entered, stopped, told to others, or not real',
      good: py`
        import subprocess
        import unittest
        from unittest import mock

        def read_all(child):
            while True:
                line = child.stdout.readline()
                if not line and child.poll() is not None:
                    return True

        class TestServer(unittest.TestCase):
            def test_once(self):
                server = subprocess.Popen(['harbour', 'list'], stdout=subprocess.PIPE)
                out, _ = server.communicate(timeout=10)
                self.assertTrue(out)

            def test_with(self):
                with subprocess.Popen(['harbour', 'serve']) as server:
                    server.terminate()

            def test_terminal(self):
                import pexpect
                child = pexpect.spawn('harbour', ['console'])
                child.expect('>')
                child.close()

            async def stream(self):
                import asyncio
                child = await asyncio.create_subprocess_exec('cat', stdin=asyncio.subprocess.PIPE)
                child.stdin.write_eof()
                other = await asyncio.create_subprocess_exec('cat', stdout=asyncio.subprocess.PIPE)
                self.assertTrue(await other.stdout.read())

            def test_polled(self):
                server = subprocess.Popen(['harbour', 'list'])
                while server.poll() is None:
                    harbour.sleep()
                other = subprocess.Popen(['harbour', 'list'])
                while harbour.waits():
                    code = other.poll()
                    if code is not None:
                        return self.assertEqual(0, code)
                self.fail('still there')

            def test_read(self):
                read_all(subprocess.Popen(['harbour', 'list']))
                lister = subprocess.Popen(['harbour', 'list'], stdout=subprocess.PIPE)
                self.assertTrue(read_all(lister))

            def test_watched(self):
                import multiprocessing

                def watch(started):
                    if worker.is_alive() and harbour.now() > started + 9:
                        worker.terminate()

                def is_done():
                    return not other.is_alive()

                worker = multiprocessing.Process(target=print)
                worker.start()
                watch(harbour.now())
                other = multiprocessing.Process(target=print)
                other.start()
                self.assertTrue(harbour.waits_for(is_done))

            def test_killed(self):
                import multiprocessing
                import os
                import signal
                pids = multiprocessing.Queue()
                worker = multiprocessing.Process(target=harbour.work, args=(pids,))
                worker.start()
                os.kill(pids.get(), signal.SIGTERM)

            def start_for(self, pids):
                server = subprocess.Popen(['harbour', 'serve'])
                pids['server'] = server.pid

            @mock.patch('subprocess.Popen')
            def test_stubbed(self, popen):
                server = subprocess.Popen(['harbour', 'serve'])
                self.assertTrue(server)
      `,
    },
  ],
});
