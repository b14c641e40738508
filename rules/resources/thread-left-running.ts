import type { Call, Expression, FunctionDefinition, Node, Resource, TestFile } from '../model.ts';
import { ancestors, argument, isConstant, walk } from '../model.ts';
import { registration } from '../python/cleanups.ts';
import { calledBy, running } from '../python/failures.ts';
import { leakOf, plainStatement, shown } from '../python/leaks.ts';
import { STANDARD_LIBRARY } from '../python/names.ts';
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
  limits:
    'Threads started in a loop over a list are not followed; one whose event, or whom it waits for, comes from the tear-down, ends. A thread is a point to decide where what it runs is seen to go round in `while` or to wait for somebody, but for a loop that an exception of the code under test ends; any other ends by itself and is a note, and so is a timer that only sets an event of the function which it hands on, or that ends what the function then goes through or waits for, and an executor of `concurrent.futures` that only a local name holds.',
  links: ['https://docs.python.org/3/library/threading.html#threading.Thread.join'],
  yieldsTo: ['class-set-up-never-undone', 'fixture-returns-live-resource'],
  once: 'file',
  alike: true,
  on: 'resource',
  *check(resource, file) {
    const { sort, call, holder, owner } = resource;
    if ((sort !== 'thread' && sort !== 'timer' && sort !== 'executor') || leakOf(resource) !== 'review' || owner === undefined || file.ownProcess) return;
    if ([...ancestors(call)].some((it) => it.type === 'with' && it.items.some((item) => /threads?_exit|wait_threads|join/i.test(item.context.text)))) return;
    if (sort === 'thread' && (isAwaited(resource) || isIdle(resource) || isToldToEnd(resource, file))) return;
    if (sort === 'executor' && holder !== undefined && !holder.includes('.') && isUnused(holder, owner.node)) return;
    // A timer of a moment, and a thread that comes to the end of its work, end by themselves.
    const daemon = sort === 'thread' && isDaemon(resource);
    const brief =
      (sort === 'timer' && (isBrief(resource, file) || setsGivenEvent(resource) || isWaitedFor(resource))) || (sort === 'thread' && !goesOn(resource, file));
    // The threads of `concurrent.futures` end with the last name of their executor.
    const isDropped = sort === 'executor' && call.callee?.startsWith('concurrent.futures.') === true && holder?.includes('.') !== true;
    const line =
      holder === undefined
        ? undefined
        : registration(call, owner, sort === 'thread' ? `${holder}.join, timeout=5` : `${holder}.${sort === 'timer' ? 'cancel' : 'shutdown'}`, file);
    const statement = plainStatement(call);
    yield {
      at: call.place,
      ...(daemon || brief || isDropped ? { kind: 'informational' } : {}),
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
      name: 'a moment by a constant of the module is a note; a server that a method of its object stops',
      bad: py`
        import threading
        import unittest
        from http.server import BaseHTTPRequestHandler, HTTPServer

        MOMENT = 0.1
        HOUR = 3600

        def change_soon(path, delay=MOMENT):
            timer = threading.Timer(delay, change, args=(path,))
            timer.start()  #! nothing cancels

        def change_late(path, delay=HOUR):
            timer = threading.Timer(delay, change, args=(path,))
            timer.start()  #! nothing cancels

        class Harbour:
            def __init__(self):
                self.server = HTTPServer(("127.0.0.1", 0), BaseHTTPRequestHandler)

            def open(self):
                self.server.serve_forever()

            def close_harbour(self):
                self.server.shutdown()
                self.server.server_close()

            def describe(self):
                return "harbour"

        class TestClosed(unittest.TestCase):
            @classmethod
            def setUpClass(cls):
                cls.harbour = Harbour()
                cls.thread = threading.Thread(target=cls.harbour.open)
                cls.thread.start()

            @classmethod
            def tearDownClass(cls):
                cls.harbour.close_harbour()

        class TestOpen(unittest.TestCase):
            def setUp(self):
                self.harbour = Harbour()
                self.thread = threading.Thread(target=self.harbour.open)
                self.thread.start()  #! nothing joins

            def tearDown(self):
                self.harbour.describe()
      `,
    },
    {
      name: 'one that never ends by itself; one that does, and a daemon, are notes',
      bad: py`
        import threading
        import unittest

        class TestServer(unittest.TestCase):
            def test_answers(self):
                def answer():
                    while self.harbour.is_open:
                        self.harbour.answer()

                threading.Thread(target=answer).start()  #! nothing joins the thread
                self.assertTrue(self.harbour.ask())

            def test_serve(self):
                worker = threading.Thread(target=print)
                worker.start()  #! nothing joins the thread
                other = threading.Thread(target=print, daemon=True)
                other.start()  #! nothing joins the daemon thread
                self.assertTrue(worker.is_alive())

        def test_press(shown):
            threading.Timer(60, shown.press).start()  #! nothing cancels the timer
            threading.Timer(.1, shown.press).start()  #! nothing cancels the timer
            assert shown.waits_for_press()
      `,
    },
    {
      name: 'a loop that the code under test ends by an exception of its own is a note; one of Python may be another',
      bad: py`
        import threading
        from harbour import Closed, Quay

        def test_stress():
            def stress(quay):
                try:
                    while True:
                        quay.moor()
                except Closed:
                    pass

            thread = threading.Thread(target=stress, args=(Quay(),))
            thread.start()  #! nothing joins
            assert thread.is_alive()

        def test_stress_on():
            def stress(quay):
                try:
                    while True:
                        quay.moor()
                except KeyError:
                    pass

            thread = threading.Thread(target=stress, args=(Quay(),))
            thread.start()  #! nothing joins
            assert thread.is_alive()
      `,
    },
    {
      name: 'a moment, by the default: a note',
      bad: py`
        import threading

        class Later:
            def __init__(self, press, delay=0.5):
                self.press = press
                self.delay = delay

            def start(self):
                threading.Timer(self.delay, self.press).start()  #! nothing cancels the timer
      `,
    },
    {
      name: 'sets an event: one that is handed on is set for what ends with it',
      bad: py`
        import threading

        def test_watch(harbour):
            leave = threading.Event()
            threading.Timer(3, leave.set).start()  #! nothing cancels the timer
            harbour.watch(leave)

        def test_lights(harbour):
            dark = threading.Event()
            threading.Timer(3, dark.set).start()  #! nothing cancels the timer
            assert harbour.lights(until=dark.is_set)
      `,
    },
    {
      name: 'what the function goes through, or waits for, ends by the timer: a note; a loop that may end before it does is none',
      bad: py`
        import threading

        def test_events(client):
            events = client.events()
            timer = threading.Timer(2, events.close)
            timer.start()  #! 1 more of its kind: line 12
            for _ in events:
                pass

        def test_wait():
            done = threading.Event()
            threading.Timer(2, done.set).start()
            assert done.wait(5)

        def test_first(client):
            events = client.events()
            timer = threading.Timer(30, events.close)
            timer.start()  #! 2 times, also line 25
            for event in events:
                if event == "moored":
                    break

        def test_child(child):
            timer = threading.Timer(30, child.kill)
            timer.start()
            assert child.wait() == 0
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
      name: 'joined, entered, cancelled, waited for, or kept for somebody who cancels',
      good: py`
        from concurrent import futures
        import pytest
        import queue
        import threading

        GUARDS = {}

        def guard(name):
            GUARDS[name] = timer = threading.Timer(30, print)
            timer.start()

        def test_serves(server):
            worker = threading.Thread(target=server.serve_forever)
            worker.start()
            try:
                assert server.port
            finally:
                server.shutdown()

        def set_up_http(test, server):
            def serve(it):
                it.serve_forever()

            threading.Thread(target=serve, args=(server,)).start()
            test.http_server = server
            test.addCleanup(test.http_server.shutdown)

        def daemon(run):
            worker = threading.Thread(target=run)
            worker.daemon = True
            return worker

        def test_conductor(harbour):
            worker = daemon(harbour.conductor.run)
            worker.start()
            other = daemon(lambda: harbour.pilot.run(5))
            other.start()
            try:
                assert harbour.posts("ship")
            finally:
                harbour.conductor.stop()
                harbour.pilot.stop()

        def test_default():
            pool = futures.ThreadPoolExecutor()
            assert pool._max_workers > 1

        def test_started_twice():
            worker = threading.Thread()
            worker.start()
            assert not worker.is_alive()

        def test_waits():
            answers = queue.Queue()
            def ask():
                answers.put(threading.get_ident())
            worker = threading.Thread(target=ask)
            worker.start()
            assert answers.get(timeout=10)

        def test_flag():
            done = False
            def answer():
                while not done:
                    harbour.answer()
            try:
                threading.Thread(target=answer).start()
                assert harbour.ask()
            finally:
                done = True

        @pytest.fixture
        def going():
            value = [True]
            yield value
            value.pop()

        def test_goes(going):
            def answer():
                while going:
                    harbour.answer()
            threading.Thread(target=answer).start()
            assert harbour.ask()

        def test_meets():
            barrier = threading.Barrier(2)
            def answer():
                while harbour.is_open():
                    harbour.answer()
                barrier.wait()
            worker = threading.Thread(target=answer)
            worker.start()
            assert harbour.ask()
            barrier.wait()

        def test_serve():
            worker = threading.Thread(target=print)
            worker.start()
            worker.join()
            with futures.ThreadPoolExecutor() as pool:
                assert pool
            assert futures.ThreadPoolExecutor().submit(print).result() is None

        def test_later():
            later = threading.Timer(5, print)
            later.start()
            try:
                assert later
            finally:
                later.cancel()
      `,
    },
    {
      name: 'a tear-down that meets what waits, or sets the event that it was given',
      bad: py`
        import socket
        import threading
        import unittest

        class TestQuay(unittest.TestCase):
            def setUp(self):
                self.listener = socket.socket()
                self.other = socket.socket()
                self.done = threading.Event()

            def tearDown(self):
                self.done.set()
                last = socket.socket()
                last.connect(self.listener.getsockname())
                last.close()
                self.listener.close()

            def _serve(self):
                self.ship, _ = self.listener.accept()

            def _wait(self):
                self.other.accept()

            def _turn(self, done, again):
                while not done.is_set():
                    again.wait()

            def test_met(self):
                threading.Thread(target=self._serve).start()
                threading.Thread(target=self._turn, kwargs={"done": self.done, "again": None}).start()

            def test_not_met(self):
                threading.Thread(target=self._wait).start()  #! nothing joins the thread that ${'`start` starts'}; 2 times, also line 35
                again = threading.Event()
                threading.Thread(target=self._turn, args=(self.other, again)).start()
                again.set()
      `,
      alsoFinds: ['RES006', 'RES012'],
    },
    {
      name: 'a tear-down that sets no event, and one that meets another listener',
      bad: py`
        import socket
        import threading
        import unittest
        from harbour import Config

        class TestQuay(unittest.TestCase):
            def setUp(self):
                self.listener = socket.socket()
                self.config = Config()

            def tearDown(self):
                self.config.set("mode", "off")
                socket.create_connection(("localhost", 9999), 1).close()
                self.listener.close()

            def _serve(self):
                self.listener.accept()

            def _turn(self, config):
                while True:
                    config.poll()

            def test_met(self):
                threading.Thread(target=self._serve).start()  #! ${'nothing joins the thread that `start` starts'}; 2 times, also line 27

            def test_set(self):
                threading.Thread(target=self._turn, args=(self.config,)).start()
      `,
      alsoFinds: ['RES006', 'RES012'],
    },
  ],
});

/** The call that made the thread which this one starts. */
function madeBy({ call }: Resource): Call | undefined {
  if (call.function.type !== 'attribute') return undefined;
  const { object } = call.function;
  return object.type === 'call' ? object : object.value.kind === 'result' ? object.value.call : undefined;
}

const TELLS = /^(?:put|put_nowait|set|set_result|release|notify|notify_all)$/;
const WAITS = /^(?:get|wait|result|acquire|join)$/;

/** Does the thread end with telling something that the test waits for: `queue.put(…)` there, `queue.get()` here; or with meeting it at a barrier? */
function isAwaited(resource: Resource): boolean {
  const { owner } = resource;
  const made = madeBy(resource);
  const target = made === undefined ? undefined : argument(made, 'target', 1);
  if (owner === undefined || target === undefined) return false;
  let told = target.type === 'attribute' && TELLS.test(target.name) ? target.object.text : undefined;
  for (const it of target.type === 'name' ? walk(owner.node) : []) {
    const last = it.type === 'function' && it.name === target.text ? it.body.at(-1) : undefined;
    const call = last === undefined ? undefined : calledBy(last);
    if (call?.function.type === 'attribute' && (TELLS.test(call.method) || call.callee === 'threading.Barrier().wait')) told = call.function.object.text;
  }
  return (
    told !== undefined &&
    running(owner.node.body).some((it) => it.type === 'call' && it.function.type === 'attribute' && it.function.object.text === told && WAITS.test(it.method))
  );
}

/** `while not done:` in the thread, `done = True` or `done.set()` in what starts it, however that ends, or in the tear-down of the fixture that gives it. */
function isToldToEnd(resource: Resource, file: TestFile): boolean {
  const made = madeBy(resource);
  const target = made === undefined ? undefined : argument(made, 'target', 1);
  const inside = resource.owner === undefined ? [] : walk(resource.owner.node);
  const body = inside.find((it) => it.type === 'function' && it !== resource.owner?.node && it.name === target?.text);
  const loop = body === undefined ? undefined : walk(body).find((it) => it.type === 'while');
  if (loop?.type !== 'while') return false;
  const flags = walk(loop.test).flatMap((it) => (it.type === 'name' ? [it.id] : []));
  if (flags.some((it) => resource.owner?.parameters.includes(it) === true && isChangedBehindYield(file.fixture(it)))) return true;
  return inside.some(
    (it) =>
      it.type === 'try' &&
      it.final.some((last) =>
        walk(last).some((each) =>
          each.type === 'assignment'
            ? each.targets.some((one) => flags.includes(one.text))
            : each.type === 'call' && flags.some((flag) => each.function.text === `${flag}.set` || each.function.text === `${flag}.clear`),
        ),
      ),
  );
}

/** `yield flag` of a fixture, and `flag.clear()` behind it. */
function isChangedBehindYield(fixture: FunctionDefinition | undefined): boolean {
  const body = fixture?.body ?? [];
  const at = body.findIndex((it) => it.type === 'expression' && it.expression.type === 'yield');
  const step = body[at];
  const given = step?.type === 'expression' && step.expression.type === 'yield' ? step.expression.operand?.text : undefined;
  return given !== undefined && body.slice(at + 1).some((it) => calledBy(it)?.function.text.startsWith(`${given}.`) === true);
}

/** An executor starts its threads with the first task. */
function isUnused(holder: string, body: Node): boolean {
  return walk(body).every(
    (it) =>
      (it.type !== 'name' && it.type !== 'attribute') ||
      it.text !== holder ||
      it.parent?.type === 'assignment' ||
      (it.parent?.type === 'attribute' && it.parent.name.startsWith('_')),
  );
}

/** Does what the thread runs go round, or wait for what somebody else must do: may it never end by itself? */
function goesOn(resource: Resource, file: TestFile): boolean {
  const made = madeBy(resource);
  const target = made === undefined ? undefined : argument(made, 'target', 1);
  const body = target === undefined ? undefined : bodyOf(target, resource, file);
  if (body === undefined) return false;
  return walk(body).some(
    (it) =>
      (it.type === 'while' && !isEndedByCode(it, body)) ||
      (it.type === 'call' && (BLOCKS.test(it.method) || (WAITS.test(it.method) && it.arguments.length === 0))),
  );
}

/** `try: while True: token.run(…)` and `except Finished: pass`: goes round until the code under test refuses, by an exception of its own. */
function isEndedByCode(loop: Node, body: Node): boolean {
  for (const it of ancestors(loop)) {
    if (it === body || it.type === 'while' || it.type === 'for' || it.type === 'function') return false;
    if (it.type !== 'try' || !it.body.some((each) => walk(each).includes(loop))) continue;
    const isLast = body.type === 'function' && body.body.at(-1) === it;
    return it.handlers.some(({ exception, body: then }) => {
      const name = exception?.refersTo;
      const isOfCode = name !== undefined && !name.startsWith('builtins.') && !STANDARD_LIBRARY.has(name.split('.')[0] ?? '');
      return isOfCode && (then.at(-1)?.type === 'return' || (isLast && !then.some((each) => walk(each).some((one) => one.type === 'while'))));
    });
  }
  return false;
}

/** Calls that come back only when there is somebody at the other end, or never. */
const BLOCKS = /^(?:accept|recv\w*|serve_forever|run_forever)$/;

function bodyOf(target: Expression, { owner }: Resource, file: TestFile): Node | undefined {
  if (target.type === 'lambda') return target.body;
  const inside = owner === undefined ? [] : walk(owner.node);
  return inside.find((it) => it.type === 'function' && it !== owner?.node && it.name === target.text) ?? file.definition(target.refersTo ?? '')?.node;
}

/** `Thread()` runs nothing, and has ended when it is asked. */
function isIdle(resource: Resource): boolean {
  const made = madeBy(resource);
  return made?.callee === 'threading.Thread' && made.arguments.length === 0;
}

/** A moment, written with the timer or the default of its function or of what the class is made with: `def __init__(self, delay=0.5): self.delay = delay`. */
function isBrief(resource: Resource, file: TestFile): boolean {
  const made = madeBy(resource);
  const interval = made === undefined ? undefined : argument(made, 'interval', 0);
  const given = interval?.type === 'name' ? resource.owner?.node.parameters.find((it) => it.name === interval.id)?.default : undefined;
  const delay = interval?.type === 'attribute' && interval.object.text === 'self' ? defaultOf(interval.text, resource, file) : (given ?? interval);
  return delay?.value.kind === 'constant' && typeof delay.value.value === 'number' && delay.value.value <= 1;
}

/** `Timer(3, stop.set)` of an event that the function makes and gives to what is tested, which it ends. */
function setsGivenEvent(resource: Resource): boolean {
  const made = madeBy(resource);
  const target = made === undefined ? undefined : argument(made, 'function', 1);
  if (target?.type !== 'attribute' || target.name !== 'set' || target.object.type !== 'name' || resource.owner === undefined) return false;
  const event = target.object;
  if (!/^(?:threading|multiprocessing)\.Event\(\)$/.test(event.refersTo ?? '')) return false;
  return walk(resource.owner.node).some((it) => it.type === 'call' && it.arguments.some((each) => each.value.text === event.id));
}

/** Does it wait without end, or longer than the timer takes? */
function isLongEnough(wait: Call, timer: Call | undefined): boolean {
  const [limit, interval] = [wait.arguments[0]?.value, timer === undefined ? undefined : argument(timer, 'interval', 0)].map(secondsOf);
  return wait.arguments.length === 0 || (limit !== undefined && interval !== undefined && limit > interval);
}

function secondsOf(it: Expression | undefined): number | undefined {
  return it?.value.kind === 'constant' && typeof it.value.value === 'number' ? it.value.value : undefined;
}

/** `Timer(2, events.close)` and `for event in events:`, `Timer(2, done.set)` and `done.wait()`: what the function waits for ends by the timer. */
function isWaitedFor(resource: Resource): boolean {
  const made = madeBy(resource);
  const target = made === undefined ? undefined : argument(made, 'function', 1);
  if (target?.type !== 'attribute' || resource.owner === undefined) return false;
  const told = target.object.text;
  const all = running(resource.owner.node.body);
  return all
    .slice(all.indexOf(resource.call) + 1)
    .some((it) =>
      it.type === 'for'
        ? it.iterable.text === told && !running(it.body).some((each) => each.type === 'break' || each.type === 'return')
        : it.type === 'call' &&
          TELLS.test(target.name) &&
          WAITS.test(it.method) &&
          isLongEnough(it, made) &&
          it.function.type === 'attribute' &&
          it.function.object.text === told,
    );
}

function defaultOf(attribute: string, { owner }: Resource, file: TestFile): Expression | undefined {
  const maker = owner?.class === undefined ? undefined : file.definition(`${owner.class.qualified}().__init__`)?.node;
  const given = (maker === undefined ? [] : walk(maker)).find((it) => it.type === 'assignment' && it.targets.some((each) => each.text === attribute));
  const parameter = given?.type === 'assignment' ? given.value?.text : undefined;
  return maker?.parameters.find((it) => it.name === parameter)?.default;
}

/** Made with `daemon=True`, or told so before the start. */
function isDaemon(resource: Resource): boolean {
  const { owner, holder } = resource;
  if (madeBy(resource)?.arguments.some((it) => it.keyword === 'daemon' && isConstant(it.value.value, true)) === true) return true;
  if (owner === undefined || holder === undefined) return false;
  for (const it of walk(owner.node)) {
    if (it.type === 'assignment' && it.targets.some((each) => each.text === `${holder}.daemon`) && it.value?.text === 'True') return true;
    if (it.type === 'call' && it.function.text === `${holder}.setDaemon`) return true;
  }
  return false;
}
