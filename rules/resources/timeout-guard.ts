import { argument } from '../model.ts';
import { defineRule, py } from '../rule.ts';

const GUARDS: Readonly<Record<string, string>> = {
  'fixtures.Timeout': 'ends the test when it hangs',
  'asyncio.wait_for': 'ends the waiting when nothing comes',
  'asyncio.timeout': 'ends the waiting when nothing comes',
  'pytest.mark.timeout': 'ends the test when it hangs',
};

export const rule = defineRule({
  id: 'timeout-guard',
  code: 'RES-S07',
  category: 'resources',
  title: 'Guarded by a timeout',
  kind: 'pass',
  confidence: 'high',
  cwe: [],
  why: 'A test that hangs holds what it acquired, and the runner with it.',
  instead: 'Keep a timeout where a test waits for something.',
  limits: 'Timeouts set in a configuration file are not read here; a block that does nothing needs no guard.',
  links: ['https://pypi.org/project/pytest-timeout/'],
  once: 'class',
  on: 'call',
  calls: (callee) => Object.hasOwn(GUARDS, callee),
  *check(call, file) {
    const { callee } = call;
    if (callee === undefined || !Object.hasOwn(GUARDS, callee)) return;
    const { parent } = call;
    if (callee === 'fixtures.Timeout' && !(parent?.type === 'call' && parent.method === 'useFixture') && parent?.type !== 'with') return;
    if (parent?.type === 'with' && parent.body.every((it) => it.type === 'pass')) return;
    if (callee === 'asyncio.wait_for' && call.arguments.some((it) => it.keyword === 'timeout' && it.value.text === 'None')) return;
    // Whoever calls a helper may give none.
    if (callee === 'asyncio.wait_for' && argument(call, 'timeout', 1)?.value.kind === 'parameter' && file.ownerOf(call)?.role === 'helper') return;
    yield { at: call.place, message: `\`${call.method}\` ${GUARDS[callee] ?? ''}` };
  },
  examples: [
    {
      name: 'a fixture and a mark',
      bad: py`
        import fixtures
        import pytest
        import testtools

        class TestSlow(testtools.TestCase):
            def setUp(self):
                super().setUp()
                self.useFixture(fixtures.Timeout(60, gentle=True))  #! when it hangs

        @pytest.mark.timeout(5)  #! when it hangs
        def test_slow():
            assert True
      `,
    },
    {
      name: 'made but not in force, or around nothing',
      good: py`
        import fixtures
        import testtools

        class TestSlow(testtools.TestCase):
            def test_slow(self):
                with fixtures.Timeout(60, gentle=True):
                    pass
                # self.useFixture(fixtures.Timeout(60))
                self.assertTrue(self.client.get(timeout=60))
      `,
    },
    {
      name: 'the time is for a caller to give, or not',
      good: py`
        import asyncio

        async def wait_for(reply, timeout=None):
            return await asyncio.wait_for(reply, timeout)

        async def test_reply(harbour):
            assert await wait_for(harbour.ask()) == "yes"
      `,
    },
  ],
});
