import type { Resource } from '../model.ts';
import { ancestors, isConstant, walk } from '../model.ts';
import { leakOf, plainStatement, registration, shown } from '../python/leaks.ts';
import { defineRule, insertAfter, py } from '../rule.ts';

export const rule = defineRule({
  id: 'thread-left-running',
  code: 'RES008',
  category: 'resources',
  title: 'Thread or executor left running',
  kind: 'review',
  kinds: ['review', 'informational'],
  confidence: 'medium',
  cwe: [404],
  peers: { pylint: ['R1732'] },
  why: 'It goes on while other tests run, and what it does then, or how it fails, is counted against them.',
  instead: 'Register `join`, `cancel` or `shutdown` as a cleanup, or enter the executor with `with`.',
  limits: 'Threads started in a loop over a list are not followed.',
  links: ['https://docs.python.org/3/library/threading.html#threading.Thread.join'],
  yieldsTo: ['class-set-up-never-undone', 'fixture-returns-live-resource'],
  on: 'resource',
  *check(resource) {
    const { sort, call, holder, owner } = resource;
    if ((sort !== 'thread' && sort !== 'timer' && sort !== 'executor') || leakOf(resource) !== 'review' || owner === undefined) return;
    if ([...ancestors(call)].some((it) => it.type === 'with' && it.items.some((item) => /threads?_exit|wait_threads|join/i.test(item.context.text)))) return;
    const daemon = sort === 'thread' && isDaemon(resource);
    const line =
      holder === undefined
        ? undefined
        : registration(owner, sort === 'thread' ? `${holder}.join, timeout=5` : `${holder}.${sort === 'timer' ? 'cancel' : 'shutdown'}`);
    const statement = plainStatement(call);
    yield {
      at: call.place,
      ...(daemon ? { kind: 'informational' } : {}),
      message:
        sort === 'executor'
          ? `nothing shuts down what \`${shown(call)}\` starts`
          : sort === 'timer'
            ? `nothing cancels the timer that \`${shown(call)}\` starts`
            : `nothing joins the ${daemon ? 'daemon ' : ''}thread that \`${shown(call)}\` starts`,
      ...(statement === undefined || line === undefined || daemon
        ? {}
        : { fix: { title: `Register \`${line}\``, safety: sort === 'thread' ? 'suggest' : 'safe', edits: [insertAfter(statement, line)] } }),
    };
  },
  examples: [
    {
      name: 'started and never joined; a daemon is a note',
      bad: py`
        import threading
        import unittest

        class TestServer(unittest.TestCase):
            def test_serve(self):
                worker = threading.Thread(target=print)
                worker.start()  #! nothing joins the thread
                other = threading.Thread(target=print, daemon=True)
                other.start()  #! nothing joins the daemon thread
                self.assertTrue(worker.is_alive())
      `,
    },
    {
      name: 'an executor',
      bad: py`
        from concurrent import futures
        import unittest

        class TestServer(unittest.TestCase):
            def setUp(self):
                self.pool = futures.ThreadPoolExecutor()
                #           ^^^^^^^^^^^^^^^^^^^^^^^^^^^^ nothing shuts down
      `,
      fixed: py`
        from concurrent import futures
        import unittest

        class TestServer(unittest.TestCase):
            def setUp(self):
                self.pool = futures.ThreadPoolExecutor()
                self.addCleanup(self.pool.shutdown)
      `,
    },
    {
      name: 'joined, entered, cancelled',
      good: py`
        from concurrent import futures
        import threading

        def test_serve():
            worker = threading.Thread(target=print)
            worker.start()
            worker.join()
            with futures.ThreadPoolExecutor() as pool:
                assert pool

        def test_later():
            later = threading.Timer(5, print)
            later.start()
            try:
                assert later
            finally:
                later.cancel()
      `,
    },
  ],
});

/** Made with `daemon=True`, or told so before the start. */
function isDaemon({ call, owner, holder }: Resource): boolean {
  if (call.function.type !== 'attribute') return false;
  const made =
    call.function.object.type === 'call' ? call.function.object : call.function.object.value.kind === 'result' ? call.function.object.value.call : undefined;
  if (made?.arguments.some((it) => it.keyword === 'daemon' && isConstant(it.value.value, true)) === true) return true;
  if (owner === undefined || holder === undefined) return false;
  for (const it of walk(owner.node)) {
    if (it.type === 'assignment' && it.targets.some((each) => each.text === `${holder}.daemon`) && it.value?.text === 'True') return true;
    if (it.type === 'call' && it.function.text === `${holder}.setDaemon`) return true;
  }
  return false;
}
