import { argument, type Call, type Node, type Resource, type TestFile, walk } from '../model.ts';
import { blockAround } from '../python/blocks.ts';
import { registration } from '../python/cleanups.ts';
import { expectedToFail, leakOf, plainStatement, shown } from '../python/leaks.ts';
import { defineRule, deleteStatement, type Fix, insertAfter, py } from '../rule.ts';

export const rule = defineRule({
  id: 'async-resource-left-open',
  code: 'RES009',
  category: 'resources',
  title: 'Async resource not closed or task not awaited',
  kind: 'review',
  kinds: ['review', 'informational'],
  confidence: 'medium',
  cwe: [772],
  peers: { ruff: ['RUF006'], sonar: ['S7515', 'S7502'] },
  why: 'An open session keeps its connections, an unclosed loop its descriptors, and a task that nobody holds may vanish in the middle of its work with its error unseen.',
  instead: 'Use `async with`, `addAsyncCleanup(session.close)`, and keep and await every task.',
  limits:
    'A task that is kept in a name counts as awaited; one that is not is a note, since mostly the test waits for what it does. A client of httpx that is given the application itself opens no connection: a note, as is a session of aiohttp under a patch of the `request` by which it asks, or where pytest ignores its warning.',
  links: ['https://docs.python.org/3/library/asyncio-task.html#asyncio.create_task'],
  yieldsTo: ['class-set-up-never-undone', 'fixture-returns-live-resource'],
  once: 'file',
  alike: true,
  on: ['resource', 'call'],
  calls: (callee) => callee === 'asyncio.create_task' || callee === 'asyncio.ensure_future',
  *check(subject, file) {
    if (subject.type === 'resource') {
      const { sort, call, holder, owner } = subject;
      if ((sort !== 'async client' && sort !== 'event loop') || owner === undefined || file.ownProcess || leakOf(subject) !== 'review') return;
      // Where nothing can be awaited, no request is made: such a client has opened nothing.
      if (sort === 'async client' && owner.role === 'test' && !owner.async) return;
      if (call.callee === 'httpx.AsyncClient' && holder !== undefined && owner.role === 'test' && !isAsked(holder, owner.node)) return;
      // A loop that a function makes for others, or for a process that it is the body of.
      if (sort === 'event loop' && owner.role === 'helper' && owner.class === undefined) return;
      const fix = fixOf(subject, file);
      yield {
        at: call.place,
        ...(fix === undefined ? {} : { fix }),
        ...(sort === 'async client' && (isInProcess(call, file) || opensNothing(call, owner.node, file)) ? { kind: 'informational' } : {}),
        message: sort === 'event loop' ? `nothing closes the event loop of \`${shown(call)}\`` : `nothing closes what \`${shown(call)}\` opens`,
      };
      return;
    }
    if (subject.callee !== 'asyncio.create_task' && subject.callee !== 'asyncio.ensure_future') return;
    if (
      subject.parent?.type !== 'expression' ||
      expectedToFail(subject) ||
      file.ownerOf(subject)?.class?.ancestors.includes('unittest.IsolatedAsyncioTestCase') === true
    )
      return;
    yield {
      at: subject.place,
      kind: 'informational',
      message: `the task of \`${shown(subject)}\` is dropped: nobody awaits it or sees its error`,
    };
  },
  examples: [
    {
      name: 'a session, a loop, a task',
      bad: py`
        import asyncio
        import aiohttp

        async def test_get():
            session = aiohttp.ClientSession()
            #         ^^^^^^^^^^^^^^^^^^^^^^^ nothing closes
            asyncio.create_task(print())  #! is dropped
            assert session.connector

        def test_loop():
            loop = asyncio.new_event_loop()  #! event loop
            loop.run_until_complete(print())
      `,
    },
    {
      name: 'a client that calls the application in this process',
      bad: {
        'tests/test_berths.py': py`
          import httpx
          from httpx import ASGITransport
          from tests.clients import make_client

          async def test_list(app):
              client = make_client(app)  #! 1 more of its kind: line 11
              assert (await client.get('/')).status_code == 200

          async def test_get(app):
              transport = ASGITransport(app=app)
              client = httpx.AsyncClient(transport=transport)
              assert (await client.get('/')).status_code == 200

          async def test_real():
              client = httpx.AsyncClient()  #! nothing closes
              assert (await client.get('http://harbour.test')).status_code == 200
        `,
        'tests/clients.py': py`
          import httpx

          def make_client(app):
              return httpx.AsyncClient(transport=httpx.ASGITransport(app=app))
        `,
      },
    },
    {
      name: 'a stub that the test asks for answers in the place of the transport; one of another client does not',
      bad: py`
        import httpx2

        async def test_get(httpx2_mock):
            reply = await httpx2.AsyncClient().get("http://harbour.example/")
            assert reply.status_code == 200

        async def test_post(requests_mock):
            reply = await httpx2.AsyncClient().post("http://harbour.example/")  #! nothing closes
            assert reply.status_code == 200
      `,
      alsoFinds: ['NET020'],
    },
    {
      name: 'the rest of the test in `async with`',
      bad: py`
        import httpx

        async def test_get(app):
            client = httpx.AsyncClient(app=app)  #! nothing closes
            reply = await client.get('/')

            assert reply.status_code == 200
      `,
      fixed: py`
        import httpx

        async def test_get(app):
            async with httpx.AsyncClient(app=app) as client:
                reply = await client.get('/')

                assert reply.status_code == 200
      `,
    },
    {
      name: 'in a test case a cleanup',
      bad: py`
        import asyncio
        import unittest
        import aiohttp

        class TestLoop(unittest.TestCase):
            def test_loop(self):
                loop = asyncio.new_event_loop()  #! event loop
                loop.run_until_complete(asyncio.sleep(0))

        class TestSession(unittest.IsolatedAsyncioTestCase):
            async def test_session(self):
                session = aiohttp.ClientSession()  #! nothing closes
                self.assertTrue(session.connector)
      `,
      fixed: py`
        import asyncio
        import unittest
        import aiohttp

        class TestLoop(unittest.TestCase):
            def test_loop(self):
                loop = asyncio.new_event_loop()
                self.addCleanup(loop.close)
                loop.run_until_complete(asyncio.sleep(0))

        class TestSession(unittest.IsolatedAsyncioTestCase):
            async def test_session(self):
                session = aiohttp.ClientSession()
                self.addAsyncCleanup(session.close)
                self.assertTrue(session.connector)
      `,
    },
    {
      name: 'closed, awaited',
      good: py`
        import asyncio
        import aiohttp

        async def test_get():
            async with aiohttp.ClientSession() as session:
                task = asyncio.create_task(session.get('/'))
                await task

        def test_loop():
            loop = asyncio.new_event_loop()
            try:
                loop.run_until_complete(print())
            finally:
                loop.close()
      `,
    },
    {
      name: 'a client of which only the settings are looked at',
      good: py`
        import httpx

        def test_base_url():
            client = httpx.AsyncClient(base_url='https://harbour.test')
            assert client.base_url.host == 'harbour.test'

        async def test_headers():
            client = httpx.AsyncClient(headers={"ship": "Calypso"})
            assert client.headers["ship"] == "Calypso"
      `,
    },
    {
      name: 'a session of aiohttp that cannot connect: a note',
      bad: py`
        import aiohttp
        from unittest import mock

        async def test_connect(reply):
            with mock.patch("aiohttp.client.ClientSession.request", return_value=reply):
                session = aiohttp.ClientSession()  #! nothing closes
                await session.ws_connect("http://harbour.test")

        async def test_get(reply):
            with mock.patch("aiohttp.client.ClientSession.request", return_value=reply):
                session = aiohttp.ClientSession()  #! nothing closes
                await session.get("http://harbour.test")
      `,
    },
    {
      name: 'a session that the project does not mind to be left: a note',
      bad: {
        'tests/test_berths.py': py`
          import aiohttp

          async def test_real():
              session = aiohttp.ClientSession()  #! nothing closes
              await session.ws_connect("http://harbour.test")
        `,
        'pytest.ini': '[pytest]\nfilterwarnings =\n    ignore:Unclosed client session <aiohttp:ResourceWarning\n',
      },
    },
  ],
});

/** `AsyncClient(transport=ASGITransport(app=app))`, `AsyncClient(app=app)`, also made by a function of the workspace: it calls the application in this process. */
function isInProcess(call: Call, file: TestFile): boolean {
  const clients = walk(file.definition(call.callee ?? '')?.node ?? call).filter((it): it is Call => it.type === 'call' && it.callee === 'httpx.AsyncClient');
  return clients.length > 0 && clients.every((it) => argument(it, 'app') !== undefined || argument(it, 'transport')?.refersTo === 'httpx.ASGITransport()');
}

/** Does a stub stand where a session of aiohttp would connect, or does the project not mind sessions that are left? */
function opensNothing(call: Call, body: Node, file: TestFile): boolean {
  // What goes by `request`; `get` and its like do not.
  const asked = walk(body).flatMap((it) =>
    it.type === 'call' && it.function.type === 'attribute' && it.function.object.value.kind === 'result' && it.function.object.value.call === call
      ? it.method
      : [],
  );
  const ways = asked.every((it) => /^(?:request|ws_connect)$/.test(it)) ? ['request', '_request'] : ['_request'];
  return (
    call.callee === 'aiohttp.ClientSession' &&
    (ways.some((it) => file.stubbed(`aiohttp.client.ClientSession.${it}`, call) ?? file.stubbed(`aiohttp.ClientSession.${it}`, call)) ||
      file.project.warnings.some((it) => /^ignore:Unclosed client session/i.test(it)))
  );
}

/** Does anything await, enter or go through what the client gives? */
function isAsked(holder: string, body: Node): boolean {
  return walk(body).some(
    (it) =>
      (it.type === 'await' || ((it.type === 'with' || it.type === 'for') && it.async)) &&
      walk(it).some((each) => (each.type === 'name' || each.type === 'attribute') && each.text === holder),
  );
}

/** A cleanup in a test case, `async with` around the rest of any other coroutine. */
function fixOf({ call, holder, owner, sort }: Resource, file: TestFile): Fix | undefined {
  const statement = plainStatement(call);
  if (statement?.type !== 'assignment' || holder === undefined || owner === undefined) return undefined;
  if (sort === 'event loop') {
    const line = registration(call, owner, `${holder}.close`, file);
    return line === undefined ? undefined : { title: `Register \`${holder}.close\` as a cleanup`, safety: 'suggest', edits: [insertAfter(statement, line)] };
  }
  if (owner.class?.isTest === true && owner.parameters[0] === 'self' && owner.class.ancestors.some((it) => /TestCase$/.test(it))) {
    if (!owner.class.ancestors.some((it) => it.endsWith('.IsolatedAsyncioTestCase'))) return undefined;
    const method = call.callee === 'httpx.AsyncClient' ? 'aclose' : 'close';
    return {
      title: `Register \`${holder}.${method}\` as a cleanup`,
      safety: 'suggest',
      edits: [insertAfter(statement, `self.addAsyncCleanup(${holder}.${method})`)],
    };
  }
  const block = blockAround(statement);
  const [next, last] = [block[block.indexOf(statement) + 1], block.at(-1)];
  // `asyncpg.connect` is awaited and no context manager.
  if (!owner.async || next === undefined || last === undefined || statement.value !== call || call.text.includes('\n')) return undefined;
  return {
    title: 'Use `async with`',
    safety: 'suggest',
    edits: [deleteStatement(statement), { do: 'enclose', at: next.place, until: last.place, head: `async with ${call.text} as ${holder}:` }],
  };
}
