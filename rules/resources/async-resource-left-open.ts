import { expectedToFail, leakOf, shown } from '../python/leaks.ts';
import { defineRule, py } from '../rule.ts';

export const rule = defineRule({
  id: 'async-resource-left-open',
  code: 'RES009',
  category: 'resources',
  title: 'Async resource not closed or task not awaited',
  kind: 'review',
  confidence: 'medium',
  cwe: [772],
  peers: { ruff: ['RUF006'], sonar: ['S7515', 'S7502'] },
  why: 'An open session keeps its connections, an unclosed loop its descriptors, and a task that nobody holds may vanish in the middle of its work with its error unseen.',
  instead: 'Use `async with`, `addAsyncCleanup(session.close)`, and keep and await every task.',
  limits: 'A task that is kept in a name counts as awaited.',
  links: ['https://docs.python.org/3/library/asyncio-task.html#asyncio.create_task'],
  yieldsTo: ['class-set-up-never-undone', 'fixture-returns-live-resource'],
  on: ['resource', 'call'],
  calls: (callee) => callee === 'asyncio.create_task' || callee === 'asyncio.ensure_future',
  *check(subject, file) {
    if (subject.type === 'resource') {
      const { sort, call, owner } = subject;
      if ((sort !== 'async client' && sort !== 'event loop') || owner === undefined || leakOf(subject) !== 'review') return;
      yield {
        at: call.place,
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
    yield { at: subject.place, message: `the task of \`${shown(subject)}\` is dropped: nobody awaits it or sees its error` };
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
  ],
});
