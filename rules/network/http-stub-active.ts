import type { Call, Expression, FunctionSubject, Place, Statement } from '../model.ts';
import { activated, STUBBED_TRANSPORT, stubFixture } from '../python/http-stubs.ts';
import { defineRule, type Finding, py } from '../rule.ts';

export const rule = defineRule({
  id: 'http-stub-active',
  code: 'NET-S01',
  category: 'network',
  title: 'HTTP is answered by a stub',
  kind: 'pass',
  confidence: 'high',
  cwe: [],
  why: 'What the code under test asks of the network is answered in the test itself: the same answer every time, and no service is needed.',
  instead: 'Keep it so; a request that was not foreseen then fails the test.',
  limits: 'Says that the stub is in force here, not that every client of the code under test goes through the library that it takes over.',
  links: ['https://github.com/getsentry/responses', 'https://requests-mock.readthedocs.io/'],
  on: ['function', 'statement', 'call'],
  *check(subject) {
    if (subject.type === 'function subject') yield* ofFunction(subject);
    else if (subject.type === 'call') yield* ofFixture(subject);
    else yield* ofBlock(subject);
  },
  examples: [
    {
      name: 'a decorator, a fixture of pytest and a block',
      bad: py`
        import aioresponses
        import requests
        import responses

        @responses.activate  #! answers what ${'`requests`'} asks
        def test_price():
            responses.get("https://shop.example/price", json={"price": 3})
            assert price() == 3

        def test_stock(httpx_mock):  #! answers what ${'`httpx`'} asks
            assert stock() == 1

        async def test_order():
            with aioresponses.aioresponses() as answers:  #! answers what ${'`aiohttp`'} asks
                await order()
      `,
    },
    {
      name: 'a fixture of the fixtures library',
      bad: py`
        import testtools
        from requests_mock.contrib import fixture

        class TestPrice(testtools.TestCase):
            def setUp(self):
                super().setUp()
                self.requests = self.useFixture(fixture.Fixture())  #! answers what ${'`requests`'} asks
      `,
    },
    {
      name: 'imported, named in a comment, not in force',
      good: py`
        import responses

        # @responses.activate
        def test_price():
            assert price() == 3
      `,
    },
  ],
});

function found(at: Place, by: string, library: string): Finding {
  return { at, message: `\`${by}\` answers what \`${STUBBED_TRANSPORT.get(library) ?? library}\` asks of the network here` };
}

function* ofFunction(subject: FunctionSubject): Iterable<Finding> {
  for (const it of subject.node.decorators) {
    const library = activated(it);
    if (library !== undefined) yield found(it.place, named(it), library);
  }
  if (subject.role !== 'test' && subject.role !== 'fixture') return;
  for (const it of subject.node.parameters) {
    const library = stubFixture(it.name);
    if (library !== undefined) yield found(it.place, it.name, library);
  }
}

function* ofBlock(statement: Statement): Iterable<Finding> {
  if (statement.type !== 'with') return;
  for (const { context } of statement.items) {
    const library = activated(context);
    if (library !== undefined) yield found(context.place, named(context), library);
  }
}

function* ofFixture(call: Call): Iterable<Finding> {
  const given = call.method === 'useFixture' ? call.arguments[0]?.value : undefined;
  const library = given === undefined ? undefined : activated(given);
  if (given !== undefined && library !== undefined) yield found(call.place, named(given), library);
}

function named(it: Expression): string {
  return (it.type === 'call' ? it.function : it).text;
}
